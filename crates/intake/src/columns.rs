//! Which column is which: by the names of the header in English, Spanish and Portuguese, or as declared.

use crate::error::IntakeError;
use crate::roles::{Role, names_of};

/// Columns declared by the name in their header; what is `None` is recognized.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnNames {
    /// `--customer-column`
    pub customer: Option<String>,
    /// `--date-column`
    pub date: Option<String>,
    /// `--amount-column`
    pub amount: Option<String>,
    /// `--quantity-column`
    pub quantity: Option<String>,
    /// `--unit-price-column`
    pub unit_price: Option<String>,
    /// `--transaction-column`
    pub transaction: Option<String>,
    /// `--product-column`
    pub product: Option<String>,
    /// `--description-column`
    pub description: Option<String>,
    /// `--category-column`
    pub category: Option<String>,
    /// `--cost-column`
    pub cost: Option<String>,
    /// `--unit-cost-column`
    pub unit_cost: Option<String>,
}

impl ColumnNames {
    /// The declared name of the column of `role`.
    #[must_use]
    pub fn of(&self, role: Role) -> Option<&str> {
        match role {
            Role::Customer => &self.customer,
            Role::Date => &self.date,
            Role::Amount => &self.amount,
            Role::Quantity => &self.quantity,
            Role::UnitPrice => &self.unit_price,
            Role::Transaction => &self.transaction,
            Role::Product => &self.product,
            Role::Description => &self.description,
            Role::Category => &self.category,
            Role::Cost => &self.cost,
            Role::UnitCost => &self.unit_cost,
        }
        .as_deref()
    }
}

/// Where the amount of a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AmountSource {
    Column(usize),
    QuantityTimesPrice { quantity: usize, unit_price: usize },
}

/// Where the cost of a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CostSource {
    Column(usize),
    QuantityTimesCost { quantity: usize, unit_cost: usize },
}

impl AmountSource {
    fn choose(found: &impl Fn(Role) -> Option<usize>, names: &ColumnNames) -> Option<Self> {
        // Columns that were named win over one that was only recognized.
        let is_product_declared =
            names.quantity.is_some() && names.unit_price.is_some() && names.amount.is_none();
        match (
            found(Role::Amount),
            found(Role::Quantity),
            found(Role::UnitPrice),
        ) {
            (Some(amount), ..) if !is_product_declared => Some(Self::Column(amount)),
            (_, Some(quantity), Some(unit_price)) => Some(Self::QuantityTimesPrice {
                quantity,
                unit_price,
            }),
            _ => None,
        }
    }
}

impl CostSource {
    fn choose(found: &impl Fn(Role) -> Option<usize>) -> Option<Self> {
        match (
            found(Role::Cost),
            found(Role::Quantity),
            found(Role::UnitCost),
        ) {
            (Some(cost), ..) => Some(Self::Column(cost)),
            (None, Some(quantity), Some(unit_cost)) => Some(Self::QuantityTimesCost {
                quantity,
                unit_cost,
            }),
            _ => None,
        }
    }
}

/// The columns of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ColumnMap {
    pub customer: usize,
    pub date: usize,
    pub amount: AmountSource,
    /// Also where the amount has a column of its own: a negative quantity marks a return.
    pub quantity: Option<usize>,
    pub transaction: Option<usize>,
    pub product: Option<usize>,
    pub description: Option<usize>,
    pub category: Option<usize>,
    pub cost: Option<CostSource>,
    /// Fields of a full line.
    pub n_fields: usize,
    /// What a summary shows: role and header name of every column in use.
    pub used: Vec<(Role, String)>,
}

impl ColumnMap {
    /// The columns of a file with this header.
    pub(crate) fn resolve(
        file: &str,
        header: &[String],
        names: &ColumnNames,
    ) -> Result<Self, IntakeError> {
        let mut at = [None; Role::ALL.len()];
        for role in Role::ALL {
            at[role as usize] = find(file, header, names, role)?;
        }
        let found = |role: Role| at[role as usize];
        let missing = |role| IntakeError::ColumnMissing {
            file: file.into(),
            role,
            header: header.to_vec(),
        };
        let needed = |role| found(role).ok_or_else(|| missing(role));
        let amount = AmountSource::choose(&found, names).ok_or_else(|| missing(Role::Amount))?;
        let cost = CostSource::choose(&found);
        let is_used = |role: &Role| match role {
            Role::Amount => matches!(amount, AmountSource::Column(_)),
            Role::UnitPrice => matches!(amount, AmountSource::QuantityTimesPrice { .. }),
            Role::UnitCost => matches!(cost, Some(CostSource::QuantityTimesCost { .. })),
            _ => true,
        };
        let used = Role::ALL.into_iter().filter(is_used);
        let used = used.filter_map(|role| Some((role, header[found(role)?].trim().to_owned())));
        Ok(Self {
            customer: needed(Role::Customer)?,
            date: needed(Role::Date)?,
            amount,
            quantity: found(Role::Quantity),
            transaction: found(Role::Transaction),
            product: found(Role::Product),
            description: found(Role::Description),
            category: found(Role::Category),
            cost,
            n_fields: header.len(),
            used: used.collect(),
        })
    }

    /// Columns that hold numbers.
    pub(crate) fn numeric(&self) -> impl Iterator<Item = usize> {
        let amount = match self.amount {
            AmountSource::Column(amount) => [Some(amount), None],
            AmountSource::QuantityTimesPrice { unit_price, .. } => [Some(unit_price), None],
        };
        let cost = self.cost.map(|cost| match cost {
            CostSource::Column(at) | CostSource::QuantityTimesCost { unit_cost: at, .. } => at,
        });
        amount.into_iter().chain([self.quantity, cost]).flatten()
    }
}

/// How many roles a header of these names would fill; tells a right delimiter from a wrong one.
pub(crate) fn n_recognized(header: &[String]) -> usize {
    let names: Vec<String> = header.iter().map(|name| normalized(name)).collect();
    Role::ALL
        .into_iter()
        .filter(|role| {
            names
                .iter()
                .any(|name| names_of(*role).contains(&name.as_str()))
        })
        .count()
}

pub(crate) fn find(
    file: &str,
    header: &[String],
    names: &ColumnNames,
    role: Role,
) -> Result<Option<usize>, IntakeError> {
    let matches: Vec<usize> = match names.of(role) {
        Some(declared) => {
            let found = declared_columns(header, declared);
            if found.is_empty() {
                let (file, name, header) = (file.into(), declared.into(), header.to_vec());
                return Err(IntakeError::ColumnUnknown {
                    file,
                    role,
                    name,
                    header,
                });
            }
            found
        }
        None => recognized_columns(header, role),
    };
    match matches.as_slice() {
        [] => Ok(None),
        [at] => Ok(Some(*at)),
        [at, ..] => Err(IntakeError::ColumnTwice {
            file: file.into(),
            role,
            name: header[*at].trim().into(),
        }),
    }
}

fn declared_columns(header: &[String], declared: &str) -> Vec<usize> {
    let with = |same: &dyn Fn(&str) -> bool| -> Vec<usize> {
        (0..header.len()).filter(|&at| same(&header[at])).collect()
    };
    let exact = with(&|name| name.trim() == declared.trim());
    if exact.is_empty() {
        with(&|name| normalized(name) == normalized(declared))
    } else {
        exact
    }
}

fn recognized_columns(header: &[String], role: Role) -> Vec<usize> {
    let names: Vec<String> = header.iter().map(|name| normalized(name)).collect();
    let columns_named = |wanted: &str| -> Vec<usize> {
        (0..names.len()).filter(|&at| names[at] == wanted).collect()
    };
    names_of(role)
        .iter()
        .map(|wanted| columns_named(wanted))
        .find(|columns| !columns.is_empty())
        .unwrap_or_default()
}

/// Little words between the telling ones: "código **do** cliente".
const LITTLE_WORDS: [&str; 14] = [
    "de", "del", "do", "da", "dos", "das", "el", "la", "los", "las", "the", "of", "o", "a",
];

/// `CustomerID`, `customer_id`, ` Customer  Id ` → `customer id`; `Código do Cliente` → `codigo cliente`.
pub(crate) fn normalized(header: &str) -> String {
    let mut words = String::with_capacity(header.len());
    let mut before = ' ';
    // Files from some systems write accents as characters of their own after the letter.
    for character in header
        .chars()
        .filter(|character| !('\u{300}'..='\u{36f}').contains(character))
    {
        if before.is_lowercase() && character.is_uppercase() {
            words.push(' ');
        }
        before = character;
        for folded in character.to_lowercase().map(without_accent) {
            words.push(if folded.is_ascii_alphanumeric() {
                folded
            } else {
                ' '
            });
        }
    }
    let telling = words
        .split_ascii_whitespace()
        .filter(|word| !LITTLE_WORDS.contains(word));
    telling.collect::<Vec<_>>().join(" ")
}

fn without_accent(character: char) -> char {
    match character {
        'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn used(names: &[&str]) -> Vec<(Role, String)> {
        ColumnMap::resolve("sales.csv", &header(names), &ColumnNames::default())
            .expect("a readable header")
            .used
    }

    #[test]
    fn every_recognized_name_is_written_as_headers_are_normalized_and_belongs_to_one_role() {
        let mut seen = std::collections::BTreeMap::new();
        for role in Role::ALL {
            for name in names_of(role) {
                // "fecha y hora" keeps its little word, which is not in the list of those dropped.
                assert_eq!(normalized(name), *name);
                assert_eq!(seen.insert(*name, role), None, "{name} is listed twice");
            }
        }
    }

    #[test]
    fn headers_are_recognized_in_three_languages() {
        for names in [
            [
                "customer_id",
                "date",
                "amount",
                "invoice",
                "product",
                "category",
                "cost",
            ],
            [
                "CustomerID",
                "InvoiceDate",
                "Line Total",
                "InvoiceNo",
                "StockCode",
                "Category",
                "Cost",
            ],
            [
                "id_cliente",
                "fecha",
                "importe",
                "factura",
                "producto",
                "categoría",
                "costo",
            ],
            [
                "Código de Cliente",
                "Fecha de compra",
                "Monto",
                "Nº Pedido",
                "SKU",
                "Rubro",
                "Coste total",
            ],
            [
                "Código do Cliente",
                "Data da Compra",
                "Valor Total",
                "Nota Fiscal",
                "Código do Produto",
                "Categoria",
                "Custo",
            ],
            [
                "CLIENTE",
                "DATA",
                "VALOR",
                "PEDIDO",
                "PRODUTO",
                "SEÇÃO",
                "CUSTO TOTAL",
            ],
        ] {
            let roles: Vec<Role> = used(&names).into_iter().map(|(role, _)| role).collect();
            let expected = [
                Role::Customer,
                Role::Date,
                Role::Amount,
                Role::Transaction,
                Role::Product,
                Role::Category,
                Role::Cost,
            ];
            assert_eq!(roles, expected, "{names:?}");
        }
    }

    #[test]
    fn quantity_times_price_is_used_where_no_column_holds_the_amount() {
        for names in [
            ["customer", "date", "quantity", "unit_price"],
            ["cliente", "fecha", "cantidad", "precio"],
            ["cliente", "data", "quantidade", "preço unitário"],
        ] {
            let map =
                ColumnMap::resolve("sales.csv", &header(&names), &ColumnNames::default()).unwrap();
            assert_eq!(
                map.amount,
                AmountSource::QuantityTimesPrice {
                    quantity: 2,
                    unit_price: 3
                }
            );
        }
        let all = header(&["customer", "date", "qty", "price", "amount"]);
        let map = ColumnMap::resolve("sales.csv", &all, &ColumnNames::default()).unwrap();
        assert_eq!(map.amount, AmountSource::Column(4));
        let named = ColumnNames {
            quantity: Some("qty".into()),
            unit_price: Some("PRICE".into()),
            ..ColumnNames::default()
        };
        let map = ColumnMap::resolve("sales.csv", &all, &named).unwrap();
        assert_eq!(
            map.amount,
            AmountSource::QuantityTimesPrice {
                quantity: 2,
                unit_price: 3
            }
        );
    }

    #[test]
    fn the_more_telling_name_wins_and_a_declared_one_wins_over_both() {
        let names = header(&[
            "cliente",
            "id cliente",
            "fecha",
            "fecha de compra",
            "total",
            "importe",
        ]);
        let map = ColumnMap::resolve("ventas.csv", &names, &ColumnNames::default()).unwrap();
        assert_eq!(
            (map.customer, map.date, map.amount),
            (1, 3, AmountSource::Column(5))
        );
        let declared = ColumnNames {
            customer: Some("Cliente".into()),
            ..ColumnNames::default()
        };
        assert_eq!(
            ColumnMap::resolve("ventas.csv", &names, &declared)
                .unwrap()
                .customer,
            0
        );
    }

    #[test]
    fn a_header_that_does_not_say_enough_is_an_error_with_the_remedy() {
        let resolve = |names: &[&str], declared: &ColumnNames| {
            ColumnMap::resolve("sales.csv", &header(names), declared)
                .unwrap_err()
                .to_string()
        };
        let none = ColumnNames::default();
        let missing = resolve(&["who", "date", "amount"], &none);
        assert!(
            missing.contains("customer ids") && missing.contains("--customer-column"),
            "{missing}"
        );
        let without_amount = resolve(&["customer", "date", "price"], &none);
        assert!(
            without_amount.contains("--amount-column"),
            "{without_amount}"
        );
        let twice = resolve(&["customer", "date", "Date", "amount"], &none);
        assert!(twice.contains("--date-column"), "{twice}");
        let wrong = ColumnNames {
            date: Some("when".into()),
            ..ColumnNames::default()
        };
        let unknown = resolve(&["customer", "date", "amount"], &wrong);
        assert!(
            unknown.contains("\"when\"") && unknown.contains("--date-column"),
            "{unknown}"
        );
    }
}
