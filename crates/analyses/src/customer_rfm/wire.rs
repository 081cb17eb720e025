//! The shapes of request and response.

use clientela_methods::rfm::{RfmReport, ScoredCustomer, Tier};
use clientela_narrative::{Language, Say};
use clientela_numerics::sum::ExactSum;
use clientela_tables::{CustomerOrders, Order, OrderLine, Orders, UniqueIds};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Table;
use super::prose::Reading;
use crate::limits;
use crate::spine::Scope;
use crate::wire::transactions::{self, TransactionRow};
use crate::wire::{
    Calendar, Check, Count, Field, Id, Maybe, Money, Percent, Row, Threshold, Whole,
};

/// A customer base to score.
#[derive(Deserialize, JsonSchema)]
pub struct CustomerRfmRequest<'a> {
    /// Number of score levels.
    #[serde(default)]
    #[schemars(extend("minimum" = 2, "maximum" = 10, "default" = 5))]
    bins: Maybe<Whole>,
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
#[schemars(rename = "RfmCustomerRow")]
struct CustomerRow<'a> {
    /// The customer's id; each only once.
    #[serde(borrow)]
    customer_id: Field<Id<'a>>,
    /// At least one.
    #[schemars(extend("minItems" = 1))]
    #[serde(borrow)]
    transactions: Field<Vec<Field<Row<TransactionRow<'a>>>>>,
}

const DEFAULT_BINS: i64 = 5;

pub fn validate(
    request: CustomerRfmRequest<'_>,
    scope: &Scope,
    check: &mut Check,
) -> Option<Table> {
    let bins = check.optional_whole("bins", request.bins, limits::RFM_BINS);
    let given = check.optional_date("today", request.today);
    let newest = transactions::newest(&request.customers, |row| &row.transactions);
    let today = scope.today(given, newest, check);
    let mut seen = UniqueIds::with_capacity(request.customers.n_elements());
    let customers = check.rows("customers", request.customers, |check, row| {
        let id = check.unique_id("customer_id", row.customer_id, &mut seen);
        let lines = check.rows("transactions", row.transactions, |check, line| {
            let transaction_id = check.optional_id("transaction_id", line.transaction_id);
            let date = check.date_until("date", line.date, today);
            let amount = check.number("amount", line.amount, 0.0..=limits::AMOUNT_MAX);
            Some(OrderLine {
                transaction_id: transaction_id?,
                date: date?,
                amount: amount?,
            })
        });
        Some(CustomerOrders {
            id: id?.into_owned(),
            orders: Order::from_lines(&lines?),
        })
    });
    let orders = Orders {
        today,
        customers: customers?,
    };
    given?;
    Some(Table {
        orders,
        bins: bins?.unwrap_or(DEFAULT_BINS) as u32,
        currency: scope.currency,
    })
}

/// Scores and tiers of the base.
#[derive(Serialize, JsonSchema)]
pub struct CustomerRfmResponse {
    /// In the order of the request.
    customers: Vec<RfmCustomer>,
    /// Between which values the scores change.
    thresholds: Thresholds,
    /// The base at a glance.
    summary: Summary,
}

/// One customer's place in the base.
#[derive(Serialize, JsonSchema)]
struct RfmCustomer {
    /// As sent.
    customer_id: String,
    /// Days since the last order.
    recency_days: u32,
    /// Number of orders.
    frequency: u32,
    /// Sum of all orders.
    monetary_total: Money,
    /// 1 (long ago) to bins (recent).
    recency_score: u32,
    /// 1 (few orders) to bins (many).
    frequency_score: u32,
    /// 1 (little) to bins (much).
    monetary_score: u32,
    /// The three scores side by side.
    rfm_class: String,
    /// The sum of the three scores.
    rfm_total: u32,
    /// Champion, Loyal, Potential, Promising or At-Risk.
    rfm_tier: &'static str,
    /// What that means, and what to do.
    interpretation: String,
}

/// The quantiles that separate the scores.
#[derive(Serialize, JsonSchema)]
struct Thresholds {
    /// Days, descending.
    recency: Vec<Threshold>,
    /// Orders, ascending.
    frequency: Vec<Threshold>,
    /// Money, ascending.
    monetary: Vec<Threshold>,
}

/// The base at a glance.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RfmSummary")]
struct Summary {
    /// Every tier, best first.
    tiers: Vec<TierSummary>,
    /// Customers by recency score (rows, 1 to bins) and frequency score (columns, 1 to bins).
    recency_frequency_counts: Vec<Vec<Count>>,
}

/// One tier of the base.
#[derive(Serialize, JsonSchema)]
struct TierSummary {
    /// The tier.
    tier: &'static str,
    /// Customers in it.
    n_customers: Count,
    /// What they spent.
    revenue: Money,
    /// Their share of all revenue; `null` where there is none.
    share_of_revenue_pct: Option<Percent>,
}

pub fn respond(table: &Table, report: &RfmReport, language: Language) -> CustomerRfmResponse {
    let rounded = |values: &[f64]| values.iter().map(|&value| Threshold::new(value)).collect();
    let [recency, frequency, monetary] = &report.thresholds;
    let descending: Vec<f64> = recency.iter().rev().copied().collect();
    let customers = table.orders.customers.iter().zip(&report.customers);
    CustomerRfmResponse {
        customers: customers
            .map(|(orders, scored)| {
                let reading = Reading {
                    scored,
                    bins: report.bins,
                    currency: table.currency,
                };
                customer(&orders.id, &reading, language)
            })
            .collect(),
        thresholds: Thresholds {
            recency: rounded(&descending),
            frequency: rounded(frequency),
            monetary: rounded(monetary),
        },
        summary: summary(report),
    }
}

fn customer(id: &str, reading: &Reading<'_>, language: Language) -> RfmCustomer {
    let ScoredCustomer {
        measures,
        scores,
        tier,
    } = *reading.scored;
    // A score of 10 has two digits.
    let separator = if reading.bins == 10 { "-" } else { "" };
    RfmCustomer {
        customer_id: id.to_owned(),
        recency_days: measures.recency_days,
        frequency: measures.frequency,
        monetary_total: Money::new(measures.monetary_total),
        recency_score: scores.recency,
        frequency_score: scores.frequency,
        monetary_score: scores.monetary,
        rfm_class: format!(
            "{}{separator}{}{separator}{}",
            scores.recency, scores.frequency, scores.monetary
        ),
        rfm_total: scores.total(),
        rfm_tier: tier.name(),
        interpretation: reading.say(language),
    }
}

fn summary(report: &RfmReport) -> Summary {
    let mut total = ExactSum::new();
    let mut tiers = Tier::ALL.map(|tier| (tier, 0, ExactSum::new()));
    let bins = report.bins as usize;
    let mut counts = vec![vec![0; bins]; bins];
    for scored in &report.customers {
        total.add(scored.measures.monetary_total);
        let (_, n_customers, revenue) = &mut tiers[scored.tier as usize];
        *n_customers += 1;
        revenue.add(scored.measures.monetary_total);
        counts[scored.scores.recency as usize - 1][scored.scores.frequency as usize - 1] += 1;
    }
    let total = total.value();
    let tiers = tiers
        .into_iter()
        .map(|(tier, n_customers, revenue)| TierSummary {
            tier: tier.name(),
            n_customers,
            revenue: Money::new(revenue.value()),
            share_of_revenue_pct: (total > 0.0)
                .then(|| Percent::new(100.0 * revenue.value() / total)),
        });
    Summary {
        tiers: tiers.collect(),
        recency_frequency_counts: counts,
    }
}
