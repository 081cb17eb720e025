//! A base as request bodies.

use serde::Serialize;

use crate::base::{Base, Customer};

/// A customer in the smallest form: the `customers` shape of `purchasing_segmentation`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shopper {
    /// The customer's id.
    pub id: String,
    /// Orders, at least 1.
    pub frequency: u64,
    /// Money spent, of two decimals.
    pub amount_spent: f64,
    /// Distinct product types by first appearance, at least one.
    pub product_types: Vec<&'static str>,
}

#[derive(Serialize)]
struct Request<T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    today: Option<String>,
    customers: Vec<T>,
}

#[derive(Serialize)]
struct Buyer<'a> {
    customer_id: &'a str,
    transactions: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    transaction_id: &'a str,
    date: String,
    amount: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Survey<'a> {
    group_by: &'static str,
    data: Vec<AnswerRow<'a>>,
}

#[derive(Serialize)]
struct AnswerRow<'a> {
    customer_id: &'a str,
    answer: u8,
    question: &'static str,
    channel: &'static str,
    date: String,
}

const QUESTION: &str = "How likely is it that you would recommend us to a friend?";

impl Base {
    /// The body of `customer_features`: every invoice line.
    #[must_use]
    pub fn features_request(&self) -> Vec<u8> {
        self.transactions_request(|customer| {
            let rows = customer.transactions.iter().map(|line| Row {
                transaction_id: &line.transaction_id,
                date: line.date.to_string(),
                amount: line.amount(),
                product_id: Some(&line.product_id),
            });
            rows.collect()
        })
    }

    /// The body of `customer_rfm`: one row per order.
    #[must_use]
    pub fn rfm_request(&self) -> Vec<u8> {
        self.transactions_request(|customer| {
            customer
                .orders()
                .map(|order| Row {
                    transaction_id: order.id,
                    date: order.date.to_string(),
                    amount: order.hundredths as f64 / 100.0,
                    product_id: None,
                })
                .collect()
        })
    }

    /// The body of `purchasing_segmentation` in the shape `customers`, with categories as product types.
    #[must_use]
    pub fn segmentation_request(&self) -> Vec<u8> {
        segmentation_request(self.customers.iter().map(Customer::shopper).collect())
    }

    /// The body of `nps`: the answers, by channel.
    #[must_use]
    pub fn nps_request(&self) -> Vec<u8> {
        let answers = self
            .customers
            .iter()
            .filter_map(|customer| Some((customer, customer.answer?)));
        let data = answers.map(|(customer, answer)| AnswerRow {
            customer_id: &customer.id,
            answer: answer.score,
            question: QUESTION,
            channel: answer.channel,
            date: answer.date.to_string(),
        });
        json(&Survey {
            group_by: "channel",
            data: data.collect(),
        })
    }

    fn transactions_request<'a>(&'a self, rows: impl Fn(&'a Customer) -> Vec<Row<'a>>) -> Vec<u8> {
        let customers = self.customers.iter();
        let customers = customers.map(|customer| Buyer {
            customer_id: &customer.id,
            transactions: rows(customer),
        });
        json(&Request {
            today: Some(self.params.today.to_string()),
            customers: customers.collect(),
        })
    }
}

/// The body of `purchasing_segmentation` in the shape `customers`.
#[must_use]
pub fn segmentation_request(shoppers: Vec<Shopper>) -> Vec<u8> {
    json(&Request {
        today: None,
        customers: shoppers,
    })
}

fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("finite numbers and text are JSON")
}

struct Order<'a> {
    id: &'a str,
    date: clientela_tables::Date,
    hundredths: u64,
}

impl Customer {
    /// The lines added up by order; lines of one order stand together.
    fn orders(&self) -> impl Iterator<Item = Order<'_>> {
        self.transactions
            .chunk_by(|one, next| one.transaction_id == next.transaction_id)
            .map(|lines| Order {
                id: &lines[0].transaction_id,
                date: lines[0].date,
                hundredths: lines.iter().map(|line| line.amount_hundredths).sum(),
            })
    }

    /// The customer in the smallest form.
    #[must_use]
    pub fn shopper(&self) -> Shopper {
        let mut product_types = Vec::new();
        for line in &self.transactions {
            if !product_types.contains(&line.category) {
                product_types.push(line.category);
            }
        }
        let hundredths: u64 = self
            .transactions
            .iter()
            .map(|line| line.amount_hundredths)
            .sum();
        Shopper {
            id: self.id.clone(),
            frequency: self.orders().count() as u64,
            amount_spent: hundredths as f64 / 100.0,
            product_types,
        }
    }
}
