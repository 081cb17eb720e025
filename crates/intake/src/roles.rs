//! What columns hold, and what people call them in English, Spanish and Portuguese.

use serde::Serialize;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Who bought.
    Customer,
    /// When.
    Date,
    /// What the line came to.
    Amount,
    /// How many units.
    Quantity,
    /// What one unit cost the customer.
    UnitPrice,
    /// The order, invoice or receipt that the line belongs to.
    Transaction,
    /// The code of the product.
    Product,
    /// The name of the product.
    Description,
    /// The kind of product.
    Category,
    /// What the line cost the shop.
    Cost,
    /// What one unit cost the shop.
    UnitCost,
}

impl Role {
    /// Every role, in the order in which a summary lists them.
    pub const ALL: [Self; 11] = [
        Self::Customer,
        Self::Date,
        Self::Amount,
        Self::Quantity,
        Self::UnitPrice,
        Self::Transaction,
        Self::Product,
        Self::Description,
        Self::Category,
        Self::Cost,
        Self::UnitCost,
    ];

    /// The flag that names the column: `--customer-column`.
    #[must_use]
    pub fn flag(self) -> &'static str {
        match self {
            Self::Customer => "--customer-column",
            Self::Date => "--date-column",
            Self::Amount => "--amount-column",
            Self::Quantity => "--quantity-column",
            Self::UnitPrice => "--unit-price-column",
            Self::Transaction => "--transaction-column",
            Self::Product => "--product-column",
            Self::Description => "--description-column",
            Self::Category => "--category-column",
            Self::Cost => "--cost-column",
            Self::UnitCost => "--unit-cost-column",
        }
    }

    /// The role in words: "customer ids".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Customer => "customer ids",
            Self::Date => "dates",
            Self::Amount => "amounts",
            Self::Quantity => "quantities",
            Self::UnitPrice => "unit prices",
            Self::Transaction => "order or invoice numbers",
            Self::Product => "product codes",
            Self::Description => "product names",
            Self::Category => "product categories",
            Self::Cost => "costs",
            Self::UnitCost => "unit costs",
        }
    }
}

/// Header names as [`crate::columns::normalized`] writes them, the most telling first: where a file has several columns
/// of one role, the earliest name here wins.
#[rustfmt::skip] // one name a line would take ten screens
pub(crate) fn names_of(role: Role) -> &'static [&'static str] {
    match role {
        Role::Customer => &[
            "customer id", "id customer", "customerid", "client id", "id client", "clientid",
            "id cliente", "cliente id", "idcliente", "codigo cliente", "cliente codigo",
            "codigocliente", "cod cliente", "codcliente", "numero cliente", "nro cliente",
            "num cliente", "n cliente", "customer number", "customer no", "customer code",
            "customer key", "client number", "client code", "account id", "account number",
            "member id", "member number", "shopper id", "buyer id", "user id", "userid",
            "usuario id", "id usuario", "id socio", "cpf", "cpf cliente", "cnpj", "dni", "nif",
            "rut", "customer email", "client email", "email cliente", "correo cliente", "email",
            "e mail", "correo", "correo electronico", "customer", "cliente", "client",
            "shopper", "buyer", "comprador", "member", "socio", "account", "usuario",
        ],
        Role::Date => &[
            "invoice date", "invoicedate", "order date", "orderdate", "purchase date",
            "transaction date", "sale date", "date purchase", "date order", "fecha factura",
            "fecha pedido", "fecha compra", "fecha venta", "fecha transaccion", "fecha emision",
            "fecha operacion", "data pedido", "data compra", "data venda", "data emissao",
            "data nota", "data nota fiscal", "data transacao", "data faturamento", "date",
            "fecha", "data", "datetime", "date time", "fecha hora", "fecha y hora", "data hora",
            "data e hora", "order datetime", "timestamp", "created at", "dia", "day",
        ],
        Role::Amount => &[
            "amount", "line amount", "line total", "net amount", "importe", "importe linea",
            "importe neto", "monto", "monto linea", "valor item", "valor linha", "total linea",
            "total item", "total linha", "total line", "valor", "valor liquido", "valor venda",
            "valor compra", "valor pago", "amount paid", "total amount", "sales amount",
            "importe total", "monto total", "valor total", "total venda", "total venta",
            "total compra", "total price", "montante", "total", "subtotal", "sales", "revenue",
            "ingresos", "ingreso", "receita", "spend", "gasto", "value",
        ],
        Role::Quantity => &[
            "quantity", "qty", "units", "quantity ordered", "cantidad", "cant", "unidades",
            "quantidade", "qtd", "qtde", "quant", "qtd itens", "pieces", "piezas", "pecas",
        ],
        Role::UnitPrice => &[
            "unit price", "unitprice", "price unit", "price each", "item price",
            "precio unitario", "precio unidad", "precio unit", "preco unitario", "preco unit",
            "valor unitario", "vlr unitario", "p unitario", "price", "precio", "preco",
            "precio venta", "preco venda",
        ],
        Role::Transaction => &[
            "invoice no", "invoice number", "invoice id", "invoiceno", "invoice", "order id",
            "orderid", "order number", "order no", "transaction id", "transactionid",
            "transaction number", "receipt id", "receipt number", "receipt no", "ticket id",
            "ticket number", "sale id", "purchase id", "numero factura", "nro factura",
            "num factura", "n factura", "no factura", "id factura", "factura", "id pedido",
            "numero pedido", "nro pedido", "num pedido", "n pedido", "no pedido", "cod pedido",
            "codigo pedido", "pedido", "id transaccion", "transaccion", "numero nota fiscal",
            "nota fiscal", "numero nota", "nf", "nf e", "nfe", "cupom fiscal", "cupom",
            "id transacao", "transacao", "id compra", "id venda", "id venta", "order",
            "transaction", "receipt", "ticket", "albaran", "comprobante", "boleta", "recibo",
            "compra", "venda", "venta",
        ],
        Role::Product => &[
            "stock code", "stockcode", "sku", "product id", "productid", "product code",
            "product sku", "item id", "item code", "item no", "item number", "article number",
            "article", "codigo producto", "cod producto", "id producto", "producto id",
            "codigo articulo", "cod articulo", "id articulo", "referencia", "ref",
            "codigo produto", "cod produto", "id produto", "produto id", "codigo item", "ean",
            "barcode", "codigo barras", "product", "producto", "produto", "articulo", "artigo",
            "item",
        ],
        Role::Description => &[
            "description", "product description", "item description", "product name",
            "productname", "item name", "product title", "descripcion", "descripcion producto",
            "descripcion articulo", "nombre producto", "nombre articulo", "descricao",
            "descricao produto", "nome produto", "title",
        ],
        Role::Category => &[
            "product category", "category", "category name", "product type", "product group",
            "categoria", "categoria producto", "categoria produto", "tipo producto",
            "tipo produto", "familia", "familia producto", "rubro", "seccion", "secao",
            "departamento", "department", "grupo", "grupo produto", "family",
        ],
        Role::Cost => &[
            "cost", "line cost", "total cost", "cost total", "cogs", "costo", "coste",
            "costo total", "coste total", "costo linea", "coste linea", "custo", "custo total",
            "custo item",
        ],
        Role::UnitCost => &[
            "unit cost", "unitcost", "cost unit", "cost price", "costo unitario",
            "coste unitario", "custo unitario", "precio costo", "precio coste", "preco custo",
        ],
    }
}
