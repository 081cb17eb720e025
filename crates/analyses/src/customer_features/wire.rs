//! The shapes of request and response.

use clientela_tables::{
    CustomerPurchases, Date, FeatureVector, Order, OrderLine, Purchases, UniqueIds,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::limits;
use crate::spine::Scope;
use crate::wire::transactions::{self, Dated};
use crate::wire::{Calendar, Check, Field, Full, Id, Maybe, Money, Number, Row};

/// A customer base to measure.
#[derive(Deserialize, JsonSchema)]
pub struct CustomerFeaturesRequest<'a> {
    /// The date from which recency counts; by default the server's UTC date.
    #[serde(default)]
    today: Maybe<Calendar>,
    /// The base, one entry for each customer.
    #[schemars(extend("minItems" = 1))]
    #[serde(borrow)]
    customers: Field<Vec<Field<Row<CustomerRow<'a>>>>>,
}

/// One customer and all transactions.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "FeaturesCustomerRow")]
struct CustomerRow<'a> {
    /// The customer's id; each only once.
    #[serde(borrow)]
    customer_id: Field<Id<'a>>,
    /// A loyalty score of your own; returned as it is.
    #[serde(default)]
    #[schemars(extend("minimum" = 0, "maximum" = 1))]
    loyalty_score: Maybe<Number>,
    /// At least one.
    #[schemars(extend("minItems" = 1))]
    #[serde(borrow)]
    transactions: Field<Vec<Field<Row<ProductLineRow<'a>>>>>,
}

/// One product of an order.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ProductLine")]
struct ProductLineRow<'a> {
    /// Lines of one customer with the same id are one order.
    #[serde(borrow)]
    transaction_id: Field<Id<'a>>,
    /// When.
    date: Field<Calendar>,
    /// How much; not negative.
    #[schemars(extend("minimum" = 0))]
    amount: Field<Number>,
    /// What was bought.
    #[serde(borrow)]
    product_id: Field<Id<'a>>,
}

impl Dated for ProductLineRow<'_> {
    fn date(&self) -> Option<Date> {
        self.date.date()
    }
}

pub fn validate(
    request: CustomerFeaturesRequest<'_>,
    scope: &Scope,
    check: &mut Check,
) -> Option<Purchases> {
    let given = check.optional_date("today", request.today);
    let newest = transactions::newest(&request.customers, |row| &row.transactions);
    let today = scope.today(given, newest, check);
    let mut seen = UniqueIds::with_capacity(request.customers.n_elements());
    let customers = check.rows("customers", request.customers, |check, row| {
        let id = check.unique_id("customer_id", row.customer_id, &mut seen);
        let loyalty_score = check.optional_number("loyalty_score", row.loyalty_score, 0.0..=1.0);
        let lines = check.rows("transactions", row.transactions, |check, line| {
            product_line(line, today, check)
        });
        let (lines, mut products): (Vec<_>, Vec<_>) = lines?.into_iter().unzip();
        products.sort_unstable();
        products.dedup();
        Some(CustomerPurchases {
            id: id?.into_owned(),
            loyalty_score: loyalty_score?,
            orders: Order::from_lines(&lines),
            n_products: products.len() as u32,
        })
    });
    let customers = customers?;
    given?;
    Some(Purchases { today, customers })
}

/// A line of an order and its product.
type ProductLine<'a> = (
    OrderLine<std::borrow::Cow<'a, str>>,
    std::borrow::Cow<'a, str>,
);

fn product_line<'a>(
    row: ProductLineRow<'a>,
    today: Date,
    check: &mut Check,
) -> Option<ProductLine<'a>> {
    let transaction_id = check.id("transaction_id", row.transaction_id);
    let date = check.date_until("date", row.date, today);
    let amount = check.number("amount", row.amount, 0.0..=limits::AMOUNT_MAX);
    let product_id = check.id("product_id", row.product_id);
    let line = OrderLine {
        transaction_id: Some(transaction_id?),
        date: date?,
        amount: amount?,
    };
    Some((line, product_id?))
}

/// Feature vectors of the base.
#[derive(Serialize, JsonSchema)]
pub struct CustomerFeaturesResponse {
    /// In the order of the request.
    customers: Vec<CustomerVector>,
}

/// One customer's feature vector.
#[derive(Serialize, JsonSchema)]
struct CustomerVector {
    /// As sent.
    customer_id: String,
    /// The six figures.
    features: Features,
}

/// Six figures of a customer, not scaled.
#[derive(Serialize, JsonSchema)]
struct Features {
    /// Money spent in all.
    purchase_total: Money,
    /// Number of orders.
    visit_frequency: Full,
    /// Money spent per order.
    avg_ticket: Money,
    /// Number of distinct products.
    product_diversity: Full,
    /// As passed, else 0.0.
    loyalty_score: Full,
    /// Days since the last order.
    recency_days: Full,
}

pub fn respond(table: &Purchases, vectors: &[FeatureVector]) -> CustomerFeaturesResponse {
    let customers = table.customers.iter().zip(vectors);
    let customers = customers.map(|(customer, vector)| CustomerVector {
        customer_id: customer.id.clone(),
        features: Features {
            purchase_total: Money::new(vector.purchase_total),
            visit_frequency: Full::new(vector.visit_frequency),
            avg_ticket: Money::new(vector.avg_ticket),
            product_diversity: Full::new(vector.product_diversity),
            loyalty_score: Full::new(vector.loyalty_score),
            recency_days: Full::new(vector.recency_days),
        },
    });
    CustomerFeaturesResponse {
        customers: customers.collect(),
    }
}
