//! Rows dealt out to folds: stratified, seeded, all rows of a customer in one.

use clientela_numerics::RandomStream;

/// Folds at most.
const FOLDS_MAX: usize = 5;

/// Which fold each row is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Folds {
    /// Of each row, from 0.
    pub(super) of_row: Vec<u8>,
    pub(super) n_folds: usize,
}

/// Rows to deal out: those of a group stay together. Groups are counted from 0, any of them may be empty.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deal<'a> {
    pub(super) outcomes: &'a [bool],
    pub(super) groups: &'a [u32],
    pub(super) seed: u64,
    /// Name of the random stream.
    pub(super) purpose: &'static str,
}

impl Deal<'_> {
    /// Folds to test models by: min(5, groups of the rarer class); `None` where some model would see one class only.
    ///
    /// A group's class is whether any of its rows churned. Where all groups have rows of both classes (or all but one of a kind),
    /// the groups with a row of each class count instead.
    pub(super) fn for_tests(&self) -> Option<Folds> {
        let strata = self.strata();
        let [never, both, always] = strata.each_ref().map(Vec::len);
        let rarer = never.min(both + always);
        let n_folds = if rarer >= 2 {
            rarer
        } else {
            (both + always).min(never + both)
        };
        let n_folds = n_folds.min(FOLDS_MAX);
        (n_folds >= 2).then(|| self.dealt(strata, n_folds))
    }

    /// One part in `n_parts`, to watch a model that learns from the others; `None` where a class has fewer than `n_parts` groups.
    pub(super) fn one_in(&self, n_parts: usize) -> Option<Folds> {
        let strata = self.strata();
        let [never, both, always] = strata.each_ref().map(Vec::len);
        let rarer = (never + both).min(both + always);
        (rarer >= n_parts).then(|| self.dealt(strata, n_parts))
    }

    /// Groups that never churned, those with rows of both classes, those that always did; each ascending.
    fn strata(&self) -> [Vec<u32>; 3] {
        let n_groups = self
            .groups
            .iter()
            .max()
            .map_or(0, |&last| last as usize + 1);
        let mut seen = vec![[false; 2]; n_groups];
        for (&group, &churned) in self.groups.iter().zip(self.outcomes) {
            seen[group as usize][usize::from(churned)] = true;
        }
        let of = |stays: bool, churns: bool| {
            let groups = (0..n_groups as u32).filter(|&g| seen[g as usize] == [stays, churns]);
            groups.collect()
        };
        [of(true, false), of(true, true), of(false, true)]
    }

    fn dealt(&self, strata: [Vec<u32>; 3], n_folds: usize) -> Folds {
        let n_groups = self
            .groups
            .iter()
            .max()
            .map_or(0, |&last| last as usize + 1);
        let mut of_group = vec![0; n_groups];
        // Each stratum goes on where the one before ended, so that folds differ by one group at most.
        let mut next = 0;
        for (number, mut groups) in strata.into_iter().enumerate() {
            RandomStream::new(self.seed, self.purpose, number as u64).shuffle(&mut groups);
            for group in groups {
                of_group[group as usize] = (next % n_folds) as u8;
                next += 1;
            }
        }
        let of_row = self.groups.iter().map(|&group| of_group[group as usize]);
        Folds {
            of_row: of_row.collect(),
            n_folds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deal<'a>(outcomes: &'a [bool], groups: &'a [u32]) -> Deal<'a> {
        Deal {
            outcomes,
            groups,
            seed: 42,
            purpose: "test",
        }
    }

    fn singles(n: usize) -> Vec<u32> {
        (0..n as u32).collect()
    }

    #[test]
    fn folds_hold_their_share_of_both_classes() {
        let outcomes: Vec<bool> = (0..103).map(|row| row % 8 == 0).collect();
        let folds = deal(&outcomes, &singles(103)).for_tests().expect("folds");
        assert_eq!(folds.n_folds, 5);
        for fold in 0..5 {
            let rows = || (0..103).filter(|&row| folds.of_row[row] == fold);
            assert!((20..=21).contains(&rows().count()));
            assert!((2..=3).contains(&rows().filter(|&row| outcomes[row]).count()));
        }
    }

    #[test]
    fn there_are_no_more_folds_than_rows_of_the_rarer_class() {
        let n_folds = |n_churned: usize| {
            let outcomes: Vec<bool> = (0..40).map(|row| row < n_churned).collect();
            deal(&outcomes, &singles(40))
                .for_tests()
                .map(|folds| folds.n_folds)
        };
        assert_eq!(
            [0, 1, 2, 3, 20, 38, 39].map(n_folds),
            [None, None, Some(2), Some(3), Some(5), Some(2), None]
        );
    }

    #[test]
    fn rows_of_a_customer_stay_together_and_every_model_sees_both_classes() {
        // Each of 12 customers stays twice and churns at last; one churned from the start.
        let groups: Vec<u32> = (0..37).map(|row| row / 3).collect();
        let outcomes: Vec<bool> = (0..37).map(|row| row % 3 == 2 || row == 36).collect();
        let folds = deal(&outcomes, &groups).for_tests().expect("folds");
        assert_eq!(folds.n_folds, 5);
        for rows in (0..36).collect::<Vec<_>>().chunks(3) {
            assert!(
                rows.iter()
                    .all(|&row| folds.of_row[row] == folds.of_row[rows[0]])
            );
        }
        for fold in 0..5 {
            for class in [false, true] {
                assert!((0..37).any(|row| folds.of_row[row] != fold && outcomes[row] == class));
            }
        }
    }

    #[test]
    fn one_customer_who_churned_twice_is_nothing_to_test_by() {
        let groups = [0, 0, 1, 2, 3, 4];
        let outcomes = [true, true, false, false, false, false];
        assert_eq!(deal(&outcomes, &groups).for_tests(), None);
    }

    #[test]
    fn seeds_deal_differently() {
        let outcomes: Vec<bool> = (0..40).map(|row| row % 2 == 0).collect();
        let groups = singles(40);
        let first = deal(&outcomes, &groups);
        let other = Deal { seed: 7, ..first };
        assert_eq!(first.for_tests(), first.for_tests());
        assert_ne!(first.for_tests(), other.for_tests());
    }
}
