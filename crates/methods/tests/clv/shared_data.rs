//! Real purchase logs, which are not part of the repository, as purchase histories.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

use clientela_tables::{Date, PurchaseHistories, PurchaseHistoriesBuilder, PurchaseLine};
use flate2::read::GzDecoder;

/// One line of a purchase log.
pub struct Line {
    pub customer: String,
    pub order: Option<String>,
    pub date: Date,
    pub amount: f64,
}

/// The 1/10 sample of the CDNOW cohort, from 1997-01-01 to 1998-06-30.
pub fn cdnow() -> Option<Vec<Line>> {
    lines("cdnow/cdnow_sample.csv.gz", |record| {
        Some(Line {
            customer: record[1].to_owned(),
            order: None,
            date: date(&record[2]),
            amount: number(&record[4]),
        })
    })
}

/// A UK giftware shop, from 2010-12-01 to 2011-12-09, with cancellations; lines without a customer are left out.
pub fn online_retail() -> Option<Vec<Line>> {
    lines("online_retail/online_retail_2010_2011.csv.gz", |record| {
        let amount = number(&record[3]) * number(&record[5]);
        (!record[6].is_empty()).then(|| Line {
            customer: record[6].to_owned(),
            order: Some(record[0].to_owned()),
            date: date(&record[4]),
            amount,
        })
    })
}

/// The lines up to the end of a day as a table, customers in the order of their ids.
pub fn table(lines: &[Line], until: &str) -> PurchaseHistories {
    let today = date(until);
    let mut customers: BTreeMap<&str, Vec<PurchaseLine<&str>>> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.date <= today) {
        let lines = customers.entry(&line.customer).or_default();
        lines.push(PurchaseLine {
            transaction_id: line.order.as_deref(),
            date: line.date,
            amount: line.amount,
            cost: None,
        });
    }
    let mut builder = PurchaseHistoriesBuilder::new();
    for lines in customers.values() {
        builder.push(lines);
    }
    builder.finish(today, customers.keys().collect())
}

/// `None`, with a line that says so, where the file is absent.
#[expect(clippy::print_stdout, reason = "a test without its data says so")]
fn lines(path: &str, line: impl Fn(&csv::StringRecord) -> Option<Line>) -> Option<Vec<Line>> {
    let beside_the_repository = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let folder = std::env::var_os("CLIENTELA_DATA").unwrap_or_else(|| beside_the_repository.into());
    let Ok(file) = File::open(PathBuf::from(folder).join(path)) else {
        println!("{path}: ignored, needs ../shared/data or CLIENTELA_DATA");
        return None;
    };
    let mut reader = csv::Reader::from_reader(GzDecoder::new(file));
    let records = reader.records().map(|record| record.expect("CSV"));
    Some(records.filter_map(|record| line(&record)).collect())
}

fn date(text: &str) -> Date {
    Date::parse(text).expect("a date")
}

fn number(text: &str) -> f64 {
    text.parse().expect("a number")
}
