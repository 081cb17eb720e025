//! Bases for the tests of this folder, written as text.

use clientela_numerics::RandomStream;
use clientela_tables::{Date, PurchaseHistories, PurchaseHistoriesBuilder, PurchaseLine};

use super::Base;

pub fn day(text: &str) -> i32 {
    date(text).days_since_epoch()
}

pub fn date(text: &str) -> Date {
    Date::parse(text).expect("a date")
}

pub fn base(table: &PurchaseHistories) -> Base<'_> {
    Base::new(table)
}

/// Customers with lines of the form `date amount [order] [cost]`; `-` stands for no order.
pub fn histories(today: &str, customers: &[(&str, &[&str])]) -> PurchaseHistories {
    let mut builder = PurchaseHistoriesBuilder::new();
    for (_, lines) in customers {
        let lines: Vec<PurchaseLine<&str>> = lines.iter().map(|line| parse(line)).collect();
        builder.push(&lines);
    }
    builder.finish(date(today), customers.iter().map(|(id, _)| id).collect())
}

/// Customers who come in the first five months of a year and buy as BG/NBD has it, as of its end.
pub fn simulated_shop(n: u32) -> PurchaseHistories {
    let start = date("2024-06-30").days_since_epoch();
    let lines: Vec<Vec<String>> = (0..n)
        .map(|customer| {
            let mut stream = RandomStream::new(3, "simulated shop", u64::from(customer));
            let (rate, leaves) = (stream.gamma(0.8) / 42.0, stream.beta(0.8, 2.5));
            let mut day = 150.0 * stream.uniform();
            let mut lines = Vec::new();
            while day < 365.0 {
                let date = Date::from_days(start + day as i32).unwrap();
                lines.push(format!("{date} {}", 5 + customer % 11));
                let stays = lines.len() == 1 || stream.uniform() >= leaves;
                let gap = stream.exponential() / rate.max(1e-6);
                day += if stays { gap } else { f64::INFINITY };
            }
            lines
        })
        .collect();
    let borrowed: Vec<Vec<&str>> = lines
        .iter()
        .map(|lines| lines.iter().map(String::as_str).collect())
        .collect();
    let customers: Vec<(&str, &[&str])> = borrowed.iter().map(|l| ("c", &l[..])).collect();
    histories("2025-06-30", &customers)
}

fn parse(line: &str) -> PurchaseLine<&str> {
    let words: Vec<&str> = line.split(' ').collect();
    PurchaseLine {
        transaction_id: words.get(2).copied().filter(|&id| id != "-"),
        date: date(words[0]),
        amount: words[1].parse().expect("an amount"),
        cost: words.get(3).map(|cost| cost.parse().expect("a cost")),
    }
}
