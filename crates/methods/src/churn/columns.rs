//! What each column is and what is done with it.
//!
//! Nothing here looks at who churned, so that it may be decided before the folds.

use clientela_tables::{CustomerTraits, MISSING_TEXT, Trait, TraitValues};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::canonical::CanonicalRows;

/// Distinct words that a column may have, whatever the number of rows.
const LEVELS_MAX: usize = 50;
/// Rows for each distinct word, on average.
const ROWS_PER_LEVEL: usize = 10;
/// Share of the rows that an id has a value in, at least.
const SHARE_OF_IDS_MIN: f64 = 0.9;
/// Rows of a word that is told from the other rare ones.
const ROWS_OF_LEVEL_MIN: usize = 5;

/// A column whose meaning is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Documented {
    /// Days since the customer came.
    Tenure,
    /// Sessions in a week.
    UsageFrequency,
    /// Tickets the customer opened.
    ServiceTickets,
    /// Net promoter score of the customer, −100 to 100.
    Nps,
    /// Payments that failed or came late.
    PaymentEvents,
}

impl Documented {
    /// All of them, in the order of the contract.
    pub const ALL: [Self; 5] = [
        Self::Tenure,
        Self::UsageFrequency,
        Self::ServiceTickets,
        Self::Nps,
        Self::PaymentEvents,
    ];

    /// The name of the column.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tenure => "tenure",
            Self::UsageFrequency => "usage_frequency",
            Self::ServiceTickets => "service_tickets",
            Self::Nps => "nps",
            Self::PaymentEvents => "payment_events",
        }
    }

    /// The documented column of a name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }
}

/// The type of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ColumnKind {
    /// Numbers.
    Numeric,
    /// Yes or no.
    Boolean,
    /// Words.
    Text,
}

/// A column and what is done with it.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnReport {
    /// Its name.
    pub name: String,
    /// Its place in the table.
    pub index: usize,
    /// Which documented column it is, if any.
    pub documented: Option<Documented>,
    /// The type of its values.
    pub kind: ColumnKind,
    /// Whether values of different types came.
    pub is_mixed: bool,
    /// Whether all its words are numbers.
    pub looks_numeric: bool,
    /// Rows of the table without a value.
    pub n_missing: usize,
    /// What is done with it.
    pub usage: ColumnUsage,
}

/// What is done with a column.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnUsage {
    /// Models see it.
    Used {
        /// Words with at least five rows to learn from, ascending by bytes; empty for numbers.
        levels: Vec<String>,
        /// Words with fewer, which count as one "other".
        rare_levels: Vec<String>,
    },
    /// Models do not see it.
    Ignored(Ignored),
}

/// Why models do not see a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// No row to learn from has a value.
    Empty,
    /// All rows to learn from have the same value.
    Constant,
    /// Whole numbers, all distinct, that follow the order of the rows or lie densely, in nine of ten rows at least: an id.
    LikeAnId,
    /// Text of too many different words.
    TooManyLevels {
        /// How many there are.
        n_levels: usize,
        /// How many there may be: min(50, rows / 10).
        n_levels_max: usize,
    },
    /// Every value equals that of another column, which is used.
    SameAs(String),
    /// The saved model did not learn from it.
    NotInModel,
}

impl ColumnReport {
    /// Whether models see the column.
    #[must_use]
    pub fn is_used(&self) -> bool {
        matches!(self.usage, ColumnUsage::Used { .. })
    }
}

/// Places of the columns in the table, documented ones first, then by name: an order that no payload decides.
pub(super) fn canonical_columns(traits: &CustomerTraits) -> Vec<usize> {
    let columns = traits.columns();
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|&index| {
        let name = &columns[index].name;
        let rank = Documented::of(name).map_or(Documented::ALL.len(), |known| known as usize);
        (rank, name)
    });
    order
}

/// Describes all columns in canonical order; `learned` are the rows (of the table) that models will be fitted to.
pub(super) fn describe(
    traits: &CustomerTraits,
    rows: &CanonicalRows,
    learned: &[u32],
) -> Vec<ColumnReport> {
    let customers = FirstRows::of(rows);
    let mut reports: Vec<ColumnReport> = canonical_columns(traits)
        .into_par_iter()
        .map(|index| report(index, &traits.columns()[index], learned, &customers))
        .collect();
    set_copies_aside(traits, &mut reports);
    reports
}

fn report(index: usize, column: &Trait, learned: &[u32], customers: &FirstRows) -> ColumnReport {
    let documented = Documented::of(&column.name);
    let (kind, n_missing, usage) = match &column.values {
        TraitValues::Numeric(values) => {
            let n_missing = values.iter().filter(|value| value.is_nan()).count();
            let usage = usage_of_numbers(values, learned);
            let n_present = (values.len() - n_missing) as f64;
            let has_most = n_present >= SHARE_OF_IDS_MIN * values.len() as f64;
            let may_be_id = documented.is_none() && has_most;
            let usage = match usage {
                ColumnUsage::Used { .. } if may_be_id && customers.are_numbered_by(values) => {
                    ColumnUsage::Ignored(Ignored::LikeAnId)
                }
                usage => usage,
            };
            (ColumnKind::Numeric, n_missing, usage)
        }
        TraitValues::Boolean(values) => {
            let n_missing = values.iter().filter(|value| value.is_none()).count();
            let usage = usage_of_numbers(&booleans_as_numbers(values), learned);
            (ColumnKind::Boolean, n_missing, usage)
        }
        TraitValues::Text { levels, codes } => {
            let n_missing = codes.iter().filter(|code| **code == MISSING_TEXT).count();
            let usage = usage_of_words(levels, codes, learned);
            (ColumnKind::Text, n_missing, usage)
        }
    };
    ColumnReport {
        name: column.name.clone(),
        index,
        documented,
        kind,
        is_mixed: column.is_mixed,
        looks_numeric: looks_numeric(&column.values),
        n_missing,
        usage,
    }
}

/// 0 and 1, NaN where they are missing.
pub(super) fn booleans_as_numbers(values: &[Option<bool>]) -> Vec<f64> {
    let number = |value: &Option<bool>| value.map_or(f64::NAN, |yes| f64::from(u8::from(yes)));
    values.iter().map(number).collect()
}

fn looks_numeric(values: &TraitValues) -> bool {
    let is_number = |word: &String| {
        word.trim()
            .parse()
            .is_ok_and(|number: f64| number.is_finite())
    };
    matches!(values, TraitValues::Text { levels, .. } if levels.iter().all(is_number))
}

/// A column of one value is no help, unless the value is missing in some rows: that may tell.
fn usage_of_numbers(values: &[f64], learned: &[u32]) -> ColumnUsage {
    let learned = || learned.iter().map(|&row| values[row as usize]);
    let Some(first) = learned().find(|value| !value.is_nan()) else {
        return ColumnUsage::Ignored(Ignored::Empty);
    };
    if learned().all(|value| value == first) {
        ColumnUsage::Ignored(Ignored::Constant)
    } else {
        ColumnUsage::Used {
            levels: Vec::new(),
            rare_levels: Vec::new(),
        }
    }
}

fn usage_of_words(levels: &[String], codes: &[u32], learned: &[u32]) -> ColumnUsage {
    let mut n_rows = vec![0_usize; levels.len()];
    let mut n_missing = 0;
    for &row in learned {
        match codes[row as usize] {
            MISSING_TEXT => n_missing += 1,
            code => n_rows[code as usize] += 1,
        }
    }
    let n_levels = n_rows.iter().filter(|&&n| n > 0).count();
    let n_levels_max = LEVELS_MAX.min(learned.len() / ROWS_PER_LEVEL);
    if n_levels == 0 {
        return ColumnUsage::Ignored(Ignored::Empty);
    }
    if n_levels == 1 && n_missing == 0 {
        return ColumnUsage::Ignored(Ignored::Constant);
    }
    if n_levels > n_levels_max {
        return ColumnUsage::Ignored(Ignored::TooManyLevels {
            n_levels,
            n_levels_max,
        });
    }
    let with_rows = (0..levels.len()).filter(|&level| n_rows[level] > 0);
    let (kept, rare): (Vec<usize>, Vec<usize>) =
        with_rows.partition(|&level| n_rows[level] >= ROWS_OF_LEVEL_MIN);
    let n_told_apart = kept.len() + usize::from(!rare.is_empty());
    if n_told_apart == 1 && n_missing == 0 {
        return ColumnUsage::Ignored(Ignored::Constant);
    }
    let words = |places: Vec<usize>| places.iter().map(|&level| levels[level].clone()).collect();
    ColumnUsage::Used {
        levels: words(kept),
        rare_levels: words(rare),
    }
}

/// The rows of the table by customer, customers by first appearance.
struct FirstRows {
    by_customer: Vec<Vec<u32>>,
}

impl FirstRows {
    fn of(rows: &CanonicalRows) -> Self {
        let mut by_customer = vec![Vec::new(); rows.n_customers];
        for (&row, &customer) in rows.order.iter().zip(&rows.customers) {
            by_customer[customer as usize].push(row);
        }
        for rows in &mut by_customer {
            rows.sort_unstable();
        }
        by_customer.sort_unstable_by_key(|rows| rows[0]);
        Self { by_customer }
    }

    /// Whether these are ids: whole numbers, each customer's own, that rise or fall from row to row or lie densely. Missing ones
    /// say nothing.
    fn are_numbered_by(&self, values: &[f64]) -> bool {
        let mut numbers = Vec::with_capacity(self.by_customer.len());
        for rows in &self.by_customer {
            let of_rows = rows.iter().map(|&row| values[row as usize]);
            let mut present = of_rows.filter(|value| !value.is_nan());
            let Some(number) = present.next() else {
                continue;
            };
            if number.fract() != 0.0 || present.any(|other| other != number) {
                return false;
            }
            numbers.push(number);
        }
        let follow = |rise: bool| {
            let mut pairs = numbers.windows(2);
            pairs.all(|pair| pair[0] != pair[1] && (pair[0] < pair[1]) == rise)
        };
        if numbers.len() < 2 {
            return false;
        }
        if follow(true) || follow(false) {
            return true;
        }
        numbers.sort_unstable_by(f64::total_cmp);
        let range = numbers[numbers.len() - 1] - numbers[0];
        let are_distinct = || numbers.windows(2).all(|pair| pair[0] < pair[1]);
        range < 2.0 * numbers.len() as f64 && are_distinct()
    }
}

/// Of columns with equal values only the first is used: a reason would else be told twice, each time by half.
fn set_copies_aside(traits: &CustomerTraits, reports: &mut [ColumnReport]) {
    let values = |report: &ColumnReport| &traits.columns()[report.index].values;
    let prints: Vec<u64> = reports
        .par_iter()
        .map(|report| fingerprint(values(report)))
        .collect();
    for at in 1..reports.len() {
        let (earlier, rest) = reports.split_at_mut(at);
        let report = &mut rest[0];
        if !report.is_used() {
            continue;
        }
        let is_same = |(index, other): &(usize, &ColumnReport)| {
            other.is_used()
                && prints[*index] == prints[at]
                && are_equal(values(other), values(report))
        };
        if let Some((_, same)) = earlier.iter().enumerate().find(is_same) {
            report.usage = ColumnUsage::Ignored(Ignored::SameAs(same.name.clone()));
        }
    }
}

/// A number that equal columns share.
fn fingerprint(values: &TraitValues) -> u64 {
    let mix = |print: u64, value: u64| {
        (print ^ value)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(29)
    };
    match values {
        TraitValues::Numeric(numbers) => numbers.iter().map(|x| x.to_bits()).fold(1, mix),
        TraitValues::Boolean(values) => booleans_as_numbers(values)
            .iter()
            .map(|x| x.to_bits())
            .fold(1, mix),
        TraitValues::Text { codes, .. } => codes.iter().map(|&code| u64::from(code)).fold(2, mix),
    }
}

fn are_equal(a: &TraitValues, b: &TraitValues) -> bool {
    let same = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits());
    match (a, b) {
        (TraitValues::Numeric(a), TraitValues::Numeric(b)) => same(a, b),
        (TraitValues::Boolean(a), TraitValues::Boolean(b)) => a == b,
        (TraitValues::Numeric(numbers), TraitValues::Boolean(values))
        | (TraitValues::Boolean(values), TraitValues::Numeric(numbers)) => {
            same(numbers, &booleans_as_numbers(values))
        }
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use clientela_numerics::StopToken;
    use clientela_tables::{Cell, CustomerTraitsBuilder};

    use super::*;

    /// What is done with a column of these values of these customers.
    fn usage_of(name: &str, rows: &[(&str, f64)]) -> ColumnUsage {
        let mut builder = CustomerTraitsBuilder::new();
        let column = builder.column(name);
        for (_, value) in rows {
            let is_missing = value.is_nan();
            let cell = if is_missing {
                Cell::Missing
            } else {
                Cell::Number(*value)
            };
            builder.set(column, cell);
            builder.finish_row(None, None, None);
        }
        let table = builder.finish(rows.iter().map(|row| row.0).collect());
        let canonical = CanonicalRows::of(&table, &StopToken::new()).expect("not stopped");
        let learned: Vec<u32> = (0..rows.len() as u32).collect();
        describe(&table, &canonical, &learned)[0].usage.clone()
    }

    #[track_caller]
    fn check(rows: &[(&str, f64)], is_id: bool) {
        let usage = usage_of("number", rows);
        assert_eq!(
            usage == ColumnUsage::Ignored(Ignored::LikeAnId),
            is_id,
            "{usage:?}"
        );
        let documented = usage_of("tenure", rows);
        assert!(
            matches!(documented, ColumnUsage::Used { .. }),
            "its meaning is known"
        );
    }

    #[test]
    fn whole_numbers_that_count_customers_are_ids() {
        check(&[("a", 1000.0), ("b", 1700.0), ("c", 9000.0)], true); // follow the rows
        check(&[("a", 3.0), ("b", 1.0), ("c", 2.0), ("d", 5.0)], true); // dense
        check(&[("a", 30.0), ("b", 10.0), ("c", 20.0), ("d", 50.0)], false);
        check(&[("a", 3.0), ("b", 1.0), ("c", 3.0), ("d", 5.0)], false); // not distinct
        check(&[("a", 0.5), ("b", 1.5), ("c", 2.5)], false); // not whole
    }

    #[test]
    fn a_missing_number_or_two_do_not_hide_an_id() {
        let names: Vec<String> = (0..20).map(|k| format!("customer {k:02}")).collect();
        let with_missing = |n_missing: usize| -> Vec<(&str, f64)> {
            let number = |k: usize| {
                if k < n_missing {
                    f64::NAN
                } else {
                    100.0 + k as f64
                }
            };
            let rows = names.iter().enumerate();
            rows.map(|(k, name)| (&**name, number(k))).collect()
        };
        check(&with_missing(1), true);
        check(&with_missing(2), true);
        check(&with_missing(3), false);
    }

    #[test]
    fn a_number_of_its_own_on_all_dates_of_a_customer_is_an_id() {
        check(&[("b", 7.0), ("a", 5.0), ("b", 7.0), ("a", 5.0)], true);
        check(&[("b", 7.0), ("a", 5.0), ("b", 8.0), ("a", 5.0)], false);
    }
}
