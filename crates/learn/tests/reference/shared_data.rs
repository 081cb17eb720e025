//! Real data sets that are not part of the repository.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;

use csv::StringRecord;
use flate2::read::GzDecoder;

/// Columns of a set built from shared data; `None`, with a line that says so, where the file is absent.
#[expect(clippy::print_stdout, reason = "a test without its data says so")]
pub fn columns(name: &str) -> Option<Vec<Vec<f64>>> {
    let build = match name {
        "cdnow" => cdnow,
        "online_retail" => online_retail,
        other => unreachable!("{other} is no shared data set"),
    };
    let columns = build();
    if columns.is_none() {
        println!("{name}: ignored, needs ../shared/data or CLIENTELA_DATA");
    }
    columns
}

fn records(path: &str) -> Option<Vec<StringRecord>> {
    let beside_the_repository = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let folder = std::env::var_os("CLIENTELA_DATA").unwrap_or_else(|| beside_the_repository.into());
    let file = File::open(PathBuf::from(folder).join(path)).ok()?;
    Some(
        csv::Reader::from_reader(GzDecoder::new(file))
            .records()
            .map(|record| record.expect("CSV"))
            .collect(),
    )
}

/// Repeat purchases, weeks to the last one, mean value of a repeat purchase of the 1/10 sample.
fn cdnow() -> Option<Vec<Vec<f64>>> {
    let records = records("cdnow/cdnow_calibration_summary.csv.gz")?;
    let column = |index: usize| {
        records
            .iter()
            .map(|record| record[index].parse().expect("a number"))
            .collect()
    };
    Some(vec![column(1), column(2), column(4)])
}

/// Invoices, whole days from the last one to 2011-12-10, spend in whole pounds, of each customer's paid lines.
fn online_retail() -> Option<Vec<Vec<f64>>> {
    let mut customers: BTreeMap<String, (BTreeSet<String>, i64, i64)> = BTreeMap::new();
    for record in records("online_retail/online_retail_2010_2011.csv.gz")? {
        let (invoice, customer) = (&record[0], &record[6]);
        let quantity: i64 = record[3].parse().expect("a whole number");
        let price: f64 = record[5].parse().expect("a number");
        if customer.is_empty() || invoice.starts_with('C') || quantity <= 0 || price <= 0.0 {
            continue;
        }
        let (invoices, last_day, thousandths) =
            customers
                .entry(customer.to_owned())
                .or_insert((BTreeSet::new(), i64::MIN, 0));
        invoices.insert(invoice.to_owned());
        *last_day = (*last_day).max(day_number(&record[4]));
        *thousandths += quantity * (price * 1000.0).round() as i64;
    }
    let end = day_number("2011-12-10");
    Some(vec![
        customers
            .values()
            .map(|(invoices, _, _)| invoices.len() as f64)
            .collect(),
        customers
            .values()
            .map(|(_, last_day, _)| (end - last_day) as f64)
            .collect(),
        customers
            .values()
            .map(|(_, _, thousandths)| (thousandths / 1000) as f64)
            .collect(),
    ])
}

/// Days since the start of 2010 of a date in 2010 or 2011.
fn day_number(date: &str) -> i64 {
    const DAYS_BEFORE_MONTH: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let part = |range: std::ops::Range<usize>| date[range].parse::<i64>().expect("a date");
    (part(0..4) - 2010) * 365 + DAYS_BEFORE_MONTH[part(5..7) as usize - 1] + part(8..10)
}
