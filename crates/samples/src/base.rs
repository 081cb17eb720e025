//! A sample base: customers, their transactions, their answers, and what they were drawn from.

use clientela_numerics::RandomStream;
use clientela_tables::Date;

use crate::calendar::days_until;
use crate::process::History;
use crate::shop::{CATEGORIES, PRODUCTS_PER_CATEGORY, SHOPPER_TYPES};

/// What a base is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleParams {
    /// Customers, each with at least one purchase.
    pub n_customers: usize,
    /// The same seed gives the same base.
    pub seed: u64,
    /// Weeks of observation, which end with `today`; at least 1.
    pub weeks: usize,
    /// The last day of observation.
    pub today: Date,
}

impl Default for SampleParams {
    /// 2,000 customers over two years.
    fn default() -> Self {
        let today = Date::from_ymd(2025, 6, 30).expect("a date");
        Self {
            n_customers: 2_000,
            seed: 42,
            weeks: 104,
            today,
        }
    }
}

/// A seeded sample base.
#[derive(Clone, Debug, PartialEq)]
pub struct Base {
    /// What it was made from.
    pub params: SampleParams,
    /// In the order of their numbers.
    pub customers: Vec<Customer>,
}

/// A customer of a sample base.
#[derive(Clone, Debug, PartialEq)]
pub struct Customer {
    /// `C000001` and so on.
    pub id: String,
    /// At least one, by date. Lines of one order share their transaction id.
    pub transactions: Vec<Transaction>,
    /// The answer to a survey, of those who answered it.
    pub answer: Option<Answer>,
    /// What the customer was drawn from.
    pub truth: Truth,
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// The order that the line belongs to: `C000001-003` is the third of its customer.
    pub transaction_id: String,
    /// Not after `today`.
    pub date: Date,
    /// At least one hundredth.
    pub amount_hundredths: u64,
    /// `wine-03`
    pub product_id: String,
    /// One of [`CATEGORIES`].
    pub category: &'static str,
}

/// An answer to "how likely is it that you recommend us?".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// 0 to 10.
    pub score: u8,
    /// When it was given: after the first purchase, not after `today`.
    pub date: Date,
    /// Where it was given: `store`, `web` or `app`.
    pub channel: &'static str,
}

/// What a customer was drawn from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truth {
    /// Index into [`SHOPPER_TYPES`].
    pub shopper_type: usize,
    /// Purchases a week while active.
    pub lambda: f64,
    /// Chance of leaving for good, after each repeat purchase.
    pub dropout: f64,
    /// Mean value of the customer's orders.
    pub mean_order: f64,
    /// Whether the customer has not left by the end of `today`.
    pub alive: bool,
}

/// Share of customers who answer the survey.
const ANSWER_SHARE: f64 = 0.4;
/// A customer who has left answers this much lower.
const OPINION_AFTER_LEAVING: f64 = -2.0;
/// Standard deviation of answers around the opinion of their type.
const OPINION_SPREAD: f64 = 1.6;
/// No order is smaller.
const ORDER_HUNDREDTHS_MIN: u64 = 50;
const LINES_MAX: u64 = 6;
const CHANNELS: [(&str, f64); 3] = [("store", 0.5), ("web", 0.3), ("app", 0.2)];

impl Transaction {
    /// The amount in money; the double nearest to its two decimals.
    #[must_use]
    pub fn amount(&self) -> f64 {
        self.amount_hundredths as f64 / 100.0
    }
}

impl Base {
    /// Draws a base.
    ///
    /// # Panics
    /// Where `weeks` is 0 or reaches back before 1900.
    #[must_use]
    pub fn generate(params: &SampleParams) -> Self {
        assert!(params.weeks > 0, "at least one week of observation");
        let days = days_until(params.today, 7 * params.weeks);
        let customers = (0..params.n_customers)
            .map(|number| Customer::draw(number, params, &days))
            .collect();
        Self {
            params: *params,
            customers,
        }
    }
}

impl Customer {
    fn draw(number: usize, params: &SampleParams, days: &[Date]) -> Self {
        let mut stream = RandomStream::new(params.seed, "sample customer", number as u64);
        let shopper_type = stream.weighted_index(&SHOPPER_TYPES.map(|one| one.share));
        let history = History::draw(
            &SHOPPER_TYPES[shopper_type],
            params.weeks as f64,
            &mut stream,
        );
        let id = format!("C{:06}", number + 1);
        let mut transactions = Vec::with_capacity(2 * history.times.len());
        for (at, (time, value)) in history.times.iter().zip(&history.values).enumerate() {
            // Times lie below `weeks`; the product can round up to it.
            let day = ((7.0 * time) as usize).min(days.len() - 1);
            let transaction_id = format!("{id}-{:03}", at + 1);
            transactions.extend(draw_order(
                &transaction_id,
                days[day],
                *value,
                shopper_type,
                &mut stream,
            ));
        }
        let first_day = ((7.0 * history.times[0]) as usize).min(days.len() - 1);
        let truth = Truth {
            shopper_type,
            lambda: history.lambda,
            dropout: history.dropout,
            mean_order: history.mean_order,
            alive: history.alive,
        };
        let answer = draw_answer(&truth, &days[first_day..], &mut stream);
        Self {
            id,
            transactions,
            answer,
            truth,
        }
    }
}

/// The lines of an order of about `value`; they add up to it in whole hundredths.
fn draw_order(
    transaction_id: &str,
    date: Date,
    value: f64,
    shopper_type: usize,
    stream: &mut RandomStream,
) -> Vec<Transaction> {
    let shopper_type = &SHOPPER_TYPES[shopper_type];
    let hundredths = ((value * 100.0 + 0.5) as u64).max(ORDER_HUNDREDTHS_MIN);
    let n_lines = (1 + stream.poisson(shopper_type.extra_lines)).min(LINES_MAX);
    let line = |amount_hundredths, stream: &mut RandomStream| {
        let category = CATEGORIES[stream.weighted_index(&shopper_type.category_weights())];
        let product = stream.weighted_index(&popularity());
        let product_id = format!("{category}-{:02}", product + 1);
        Transaction {
            transaction_id: transaction_id.to_owned(),
            date,
            amount_hundredths,
            product_id,
            category,
        }
    };
    split(hundredths, n_lines, stream)
        .into_iter()
        .map(|amount| line(amount, stream))
        .collect()
}

/// The k-th product of a category sells in proportion to 1/k.
fn popularity() -> [f64; PRODUCTS_PER_CATEGORY] {
    std::array::from_fn(|at| 1.0 / (at + 1) as f64)
}

/// Parts `hundredths` at random into `n_lines` amounts of at least one hundredth.
fn split(hundredths: u64, n_lines: u64, stream: &mut RandomStream) -> Vec<u64> {
    let weights: Vec<f64> = (0..n_lines).map(|_| 0.2 + stream.exponential()).collect();
    let total: f64 = weights.iter().sum();
    let to_share = (hundredths - n_lines) as f64;
    let mut amounts: Vec<u64> = weights
        .iter()
        .map(|weight| 1 + (to_share * (weight / total)) as u64)
        .collect();
    // Rounding down leaves a few hundredths, which go to the first line.
    let given: u64 = amounts[1..].iter().sum();
    amounts[0] = hundredths - given;
    amounts
}

fn draw_answer(truth: &Truth, days: &[Date], stream: &mut RandomStream) -> Option<Answer> {
    let answers = stream.uniform() < ANSWER_SHARE;
    let left = if truth.alive {
        0.0
    } else {
        OPINION_AFTER_LEAVING
    };
    let opinion =
        SHOPPER_TYPES[truth.shopper_type].opinion + left + OPINION_SPREAD * stream.normal();
    let date = days[stream.below(days.len() as u64) as usize];
    let channel = CHANNELS[stream.weighted_index(&CHANNELS.map(|(_, share)| share))].0;
    let score = (opinion + 0.5).clamp(0.0, 10.0) as u8;
    answers.then_some(Answer {
        score,
        date,
        channel,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_an_order_add_up_and_none_is_empty() {
        let mut stream = RandomStream::new(1, "split", 0);
        for hundredths in [50, 51, 99, 12_345, 9_999_999] {
            for n_lines in 1..=LINES_MAX {
                let amounts = split(hundredths, n_lines, &mut stream);
                assert_eq!(amounts.len() as u64, n_lines);
                assert_eq!(amounts.iter().sum::<u64>(), hundredths);
                assert!(amounts.iter().all(|&amount| amount >= 1), "{amounts:?}");
            }
        }
    }
}
