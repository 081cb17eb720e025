//! Labelled rows to learn from.

use super::features::Features;
use super::folds::Deal;

/// Labelled rows, borrowed: places in the features, whether each churned, and the group it must not be parted from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lesson<'a> {
    pub(super) features: &'a Features,
    /// Rows of the features, ascending.
    pub(super) rows: &'a [u32],
    /// Whether the customer of each of `rows` churned.
    pub(super) outcomes: &'a [bool],
    /// The group of each of `rows`: a customer, or customers with the same content.
    pub(super) groups: &'a [u32],
    pub(super) seed: u64,
}

/// Labelled rows that own their lists.
#[derive(Clone, Debug, Default)]
pub(super) struct Pupils {
    pub(super) rows: Vec<u32>,
    pub(super) outcomes: Vec<bool>,
    pub(super) groups: Vec<u32>,
}

impl<'a> Lesson<'a> {
    pub(super) fn n_churned(&self) -> usize {
        self.outcomes.iter().filter(|&&churned| churned).count()
    }

    /// Customers with a row that churned, and with one that did not: some may count in both.
    pub(super) fn n_customers_of_classes(&self) -> [usize; 2] {
        [true, false].map(|class| {
            let of_class = self.groups.iter().zip(self.outcomes);
            let of_class = of_class.filter(|row| *row.1 == class);
            let mut customers: Vec<u32> = of_class.map(|row| *row.0).collect();
            customers.sort_unstable();
            customers.dedup();
            customers.len()
        })
    }

    /// 1 for each row that churned, 0 for the others.
    pub(super) fn target(&self) -> Vec<f64> {
        let yes = |&churned: &bool| f64::from(u8::from(churned));
        self.outcomes.iter().map(yes).collect()
    }

    /// How to deal its rows out.
    pub(super) fn deal(&self, purpose: &'static str) -> Deal<'a> {
        Deal {
            outcomes: self.outcomes,
            groups: self.groups,
            seed: self.seed,
            purpose,
        }
    }

    /// The rows (by their place in `rows`) that are wanted, and the others.
    pub(super) fn parted(&self, is_wanted: impl Fn(usize) -> bool) -> (Pupils, Pupils) {
        let (mut wanted, mut others) = (Pupils::default(), Pupils::default());
        for place in 0..self.rows.len() {
            let part = if is_wanted(place) {
                &mut wanted
            } else {
                &mut others
            };
            part.rows.push(self.rows[place]);
            part.outcomes.push(self.outcomes[place]);
            part.groups.push(self.groups[place]);
        }
        (wanted, others)
    }

    /// The same lesson on other rows.
    pub(super) fn on<'p>(&self, pupils: &'p Pupils) -> Lesson<'p>
    where
        'a: 'p,
    {
        Lesson {
            features: self.features,
            rows: &pupils.rows,
            outcomes: &pupils.outcomes,
            groups: &pupils.groups,
            seed: self.seed,
        }
    }
}
