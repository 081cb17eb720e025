//! Real purchase logs, which are not part of the repository, as histories and spendings.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

use clientela_learn::lifetime::{History, Spending};
use flate2::read::GzDecoder;

/// A purchase log up to the end of the calibration and what came after it.
pub struct Base {
    pub customers: Vec<Customer>,
}

/// One customer of a purchase log; same-day purchases are one.
pub struct Customer {
    pub id: String,
    pub history: History,
    /// Mean value of the repeat purchases up to the end of the calibration; 0 where there are none.
    pub mean: f64,
    /// Purchases after the calibration.
    pub later: u32,
}

impl Base {
    pub fn histories(&self) -> Vec<History> {
        self.customers
            .iter()
            .map(|customer| customer.history)
            .collect()
    }

    pub fn spendings(&self) -> Vec<Spending> {
        let spending = |customer: &Customer| Spending {
            x: customer.history.x,
            mean: customer.mean,
        };
        let repeated = |row: &Spending| row.x > 0 && row.mean > 0.0;
        self.customers
            .iter()
            .map(spending)
            .filter(repeated)
            .collect()
    }
}

/// The 1/10 sample of the CDNOW cohort, calibrated to 1997-09-30.
pub fn cdnow() -> Option<Base> {
    base(
        "cdnow/cdnow_sample.csv.gz",
        [1, 2, 4],
        "1997-09-30",
        "1998-06-30",
    )
}

/// The apparel file of 250 customers, calibrated to 2005-10-10.
pub fn apparel() -> Option<Base> {
    base(
        "apparel/apparel_250_transactions.csv.gz",
        [0, 1, 2],
        "2005-10-10",
        "2006-07-16",
    )
}

/// A log with the given columns for customer, date and value; `None`, with a line that says so, where the file is absent.
#[expect(clippy::print_stdout, reason = "a test without its data says so")]
fn base(path: &str, columns: [usize; 3], calibrated_to: &str, until: &str) -> Option<Base> {
    let beside_the_repository = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let folder = std::env::var_os("CLIENTELA_DATA").unwrap_or_else(|| beside_the_repository.into());
    let Ok(file) = File::open(PathBuf::from(folder).join(path)) else {
        println!("{path}: ignored, needs ../shared/data or CLIENTELA_DATA");
        return None;
    };
    let mut days: BTreeMap<String, BTreeMap<i64, f64>> = BTreeMap::new();
    for record in csv::Reader::from_reader(GzDecoder::new(file)).records() {
        let record = record.expect("CSV");
        let [id, date, value] = columns.map(|column| &record[column]);
        let values = days.entry(id.to_owned()).or_default();
        *values.entry(day_number(date)).or_default() += value.parse::<f64>().expect("a number");
    }
    let (cut, end) = (day_number(calibrated_to), day_number(until));
    let customers = days
        .into_iter()
        .filter_map(|(id, days)| customer(id, &days, cut, end))
        .collect();
    Some(Base { customers })
}

/// `None` for a customer whose first purchase is after the calibration.
fn customer(id: String, days: &BTreeMap<i64, f64>, cut: i64, end: i64) -> Option<Customer> {
    let (&first, _) = days.first_key_value()?;
    let repeats: Vec<(i64, f64)> = days
        .range(first + 1..=cut)
        .map(|(&day, &value)| (day, value))
        .collect();
    let n = repeats.len() as f64;
    let spent: f64 = repeats.iter().map(|(_, value)| value).sum();
    let weeks = |days: i64| days as f64 / 7.0;
    (first <= cut).then(|| Customer {
        id,
        history: History {
            x: repeats.len() as u32,
            t_x: repeats.last().map_or(0.0, |(day, _)| weeks(day - first)),
            t: weeks(cut - first),
        },
        mean: if repeats.is_empty() { 0.0 } else { spent / n },
        later: days.range(cut + 1..=end).count() as u32,
    })
}

/// Days since 1970-01-01.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
fn day_number(date: &str) -> i64 {
    let part = |range: std::ops::Range<usize>| date[range].parse::<i64>().expect("a date");
    let (year, month, day) = (part(0..4), part(5..7), part(8..10));
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}
