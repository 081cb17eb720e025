//! What an action is about: of what can be acted upon, that which speaks most for leaving.

use clientela_methods::churn::{Attributions, Documented, FactorValue, NEGLIGIBLE_LOG_ODDS};
use clientela_tables::{CustomerTraits, MISSING_TEXT, TraitValues};

use super::table::Read;

/// What a customer's action is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Occasion<'a> {
    /// Tickets were opened.
    Tickets,
    /// Payments failed or came late.
    Payments,
    /// The product is used less than usual.
    Usage,
    /// The customer scores lower than usual, or below 0.
    Score,
    /// The customer came within the year, and at most half as long ago as usual.
    NewCustomer,
    /// A field that the request declares to be actionable.
    Field {
        /// Its name.
        name: &'a str,
        /// What the customer has in it.
        value: FactorValue<'a>,
    },
    /// Nothing in particular.
    General,
}

impl Occasion<'_> {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Tickets => "service_tickets",
            Self::Payments => "payment_events",
            Self::Usage => "usage_frequency",
            Self::Score => "nps",
            Self::NewCustomer => "new_customer",
            Self::Field { .. } => "actionable",
            Self::General => "general",
        }
    }
}

/// The columns that actions can be about.
pub struct Occasions<'a> {
    /// Those that can be acted upon.
    actionable: Vec<Known<'a>>,
    /// How long a customer has been there: nobody can change that, but it calls for other words.
    tenure: Option<Known<'a>>,
    /// Whether the request says what can be acted upon, which then comes before tenure.
    is_declared: bool,
}

/// A column that was attributed something.
struct Known<'a> {
    name: &'a str,
    /// Its place among the attributed features.
    feature: usize,
    values: &'a TraitValues,
    /// Which documented column it is, and its median.
    documented: Option<(Documented, f64)>,
}

impl<'a> Occasions<'a> {
    /// `medians` of documented columns, in their order.
    pub fn of(read: &'a Read, attributions: &Attributions, medians: [f64; 5]) -> Self {
        let known = |name: &'a str| Known::of(name, &read.traits, attributions, medians);
        let names = read.actionable.iter().map(|action| &*action.column);
        Self {
            actionable: names.filter_map(known).collect(),
            tenure: known(Documented::Tenure.name()),
            is_declared: read.is_declared,
        }
    }

    /// What speaks most for leaving; equal reasons in the order in which they are declared.
    pub fn of_row(&self, row: usize, attributions: &[f64]) -> Occasion<'a> {
        let tenure = self.tenure.as_slice();
        let (first, then) = if self.is_declared {
            (self.strongest(&[], row, attributions), tenure)
        } else {
            (self.strongest(tenure, row, attributions), &[][..])
        };
        let then = || strongest(then.iter(), row, attributions);
        first.or_else(then).unwrap_or(Occasion::General)
    }

    fn strongest(
        &self,
        others: &[Known<'a>],
        row: usize,
        attributions: &[f64],
    ) -> Option<Occasion<'a>> {
        strongest(self.actionable.iter().chain(others), row, attributions)
    }
}

fn strongest<'a: 'k, 'k>(
    columns: impl Iterator<Item = &'k Known<'a>>,
    row: usize,
    attributions: &[f64],
) -> Option<Occasion<'a>> {
    let mut found = None;
    let mut most = NEGLIGIBLE_LOG_ODDS;
    for column in columns {
        let attribution = attributions[column.feature];
        if attribution > most
            && let Some(occasion) = column.occasion(row)
        {
            (most, found) = (attribution, Some(occasion));
        }
    }
    found
}

/// From then on nobody is new.
const DAYS_OF_YEAR: f64 = 365.0;

impl<'a> Known<'a> {
    fn of(
        name: &'a str,
        traits: &'a CustomerTraits,
        attributions: &Attributions,
        medians: [f64; 5],
    ) -> Option<Self> {
        let mut features = attributions.features().iter();
        let documented = Documented::of(name);
        Some(Self {
            name,
            feature: features.position(|known| known == name)?,
            values: &traits.column(name)?.values,
            documented: documented.map(|column| (column, medians[column as usize])),
        })
    }

    /// What the value of a row gives occasion to; `None` where it is missing, or no worse than usual.
    fn occasion(&self, row: usize) -> Option<Occasion<'a>> {
        let value = value_of(self.values, row)?;
        let (Some((column, median)), FactorValue::Number(number)) = (self.documented, value) else {
            let name = self.name;
            return Some(Occasion::Field { name, value });
        };
        let (occasion, is_one) = match column {
            Documented::ServiceTickets => (Occasion::Tickets, number > 0.0),
            Documented::PaymentEvents => (Occasion::Payments, number > 0.0),
            Documented::UsageFrequency => (Occasion::Usage, number < median),
            Documented::Nps => (Occasion::Score, number < median || number < 0.0),
            Documented::Tenure => (
                Occasion::NewCustomer,
                number < DAYS_OF_YEAR && number < 0.5 * median,
            ),
        };
        is_one.then_some(occasion)
    }
}

fn value_of(values: &TraitValues, row: usize) -> Option<FactorValue<'_>> {
    match values {
        TraitValues::Numeric(numbers) => {
            let number = numbers[row];
            (!number.is_nan()).then_some(FactorValue::Number(number))
        }
        TraitValues::Boolean(answers) => answers[row].map(FactorValue::Boolean),
        TraitValues::Text { levels, codes } => {
            let code = codes[row];
            (code != MISSING_TEXT).then(|| FactorValue::Text(&levels[code as usize]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(column: Documented, median: f64, values: &TraitValues) -> Known<'_> {
        Known {
            name: column.name(),
            feature: 0,
            values,
            documented: Some((column, median)),
        }
    }

    #[track_caller]
    fn check(column: Documented, median: f64, cases: &[(f64, Option<Occasion<'_>>)]) {
        for &(value, expected) in cases {
            let values = TraitValues::Numeric(vec![value]);
            let found = known(column, median, &values).occasion(0);
            assert_eq!(found, expected, "{column:?} {value}");
        }
    }

    #[test]
    fn a_value_that_is_no_worse_than_usual_is_no_occasion() {
        use Occasion::{NewCustomer, Payments, Score, Tickets, Usage};
        check(
            Documented::ServiceTickets,
            2.0,
            &[(0.0, None), (1.0, Some(Tickets)), (f64::NAN, None)],
        );
        check(
            Documented::PaymentEvents,
            0.0,
            &[(0.0, None), (1.0, Some(Payments))],
        );
        check(
            Documented::UsageFrequency,
            3.0,
            &[(3.0, None), (2.0, Some(Usage))],
        );
        check(
            Documented::Nps,
            -20.0,
            &[(10.0, None), (-10.0, Some(Score)), (-30.0, Some(Score))],
        );
        check(
            Documented::Tenure,
            600.0,
            &[(299.0, Some(NewCustomer)), (301.0, None)],
        );
        check(
            Documented::Tenure,
            6000.0,
            &[(364.0, Some(NewCustomer)), (365.0, None)],
        );
    }

    #[test]
    fn declared_fields_come_before_tenure_and_others_beside_it() {
        let days = TraitValues::Numeric(vec![10.0]);
        let plans = TraitValues::Text {
            levels: vec!["monthly".to_owned()],
            codes: vec![0],
        };
        let plan = || Known {
            name: "plan",
            feature: 1,
            values: &plans,
            documented: None,
        };
        let of = |is_declared, attributions: &[f64]| {
            let occasions = Occasions {
                actionable: vec![plan()],
                tenure: Some(known(Documented::Tenure, 600.0, &days)),
                is_declared,
            };
            occasions.of_row(0, attributions).code()
        };
        assert_eq!(of(true, &[2.0, 0.5]), "actionable");
        assert_eq!(of(true, &[2.0, -0.5]), "new_customer");
        assert_eq!(of(false, &[2.0, 0.5]), "new_customer");
        assert_eq!(of(false, &[0.0, 0.0]), "general");
    }
}
