//! Bases for the tests of this folder, written as text.

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

fn parse(line: &str) -> PurchaseLine<&str> {
    let words: Vec<&str> = line.split(' ').collect();
    PurchaseLine {
        transaction_id: words.get(2).copied().filter(|&id| id != "-"),
        date: date(words[0]),
        amount: words[1].parse().expect("an amount"),
        cost: words.get(3).map(|cost| cost.parse().expect("a cost")),
    }
}
