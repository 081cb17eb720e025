//! Rows on which a penalty is chosen, dealt out to folds: groups whole, both outcomes in all of them.

use clientela_numerics::RandomStream;

use super::design::Samples;
use super::params::ElasticNetParams;
use crate::error::FitError;

/// Name of the random streams.
const ALGORITHM: &str = "elastic net choice";

/// Rows on which the choice is made, with weights.
pub(super) struct Chosen {
    pub rows: Vec<u32>,
    pub weights: Vec<f64>,
    folds: Vec<usize>,
    pub n_folds: usize,
}

/// Groups with a positive row, or those without, in random order.
struct Class {
    groups: Vec<Vec<u32>>,
    /// What its rows weigh, as a multiple of their own weights.
    factor: f64,
}

impl Class {
    /// The groups with a positive row, and those without.
    fn both(samples: &Samples<'_>, seed: u64) -> [Self; 2] {
        let has_positive = |rows: &Vec<u32>| rows.iter().any(|&row| samples.outcomes[row as usize]);
        let groups = samples.counted_groups().into_iter();
        let (positives, negatives): (Vec<_>, Vec<_>) = groups.partition(has_positive);
        let class = |number: u64, mut groups: Vec<Vec<u32>>| {
            RandomStream::new(seed, ALGORITHM, number).shuffle(&mut groups);
            let factor = 1.0;
            Self { groups, factor }
        };
        [class(0, positives), class(1, negatives)]
    }

    fn n_rows(&self) -> usize {
        self.groups.iter().map(Vec::len).sum()
    }

    fn weight(&self, samples: &Samples<'_>) -> f64 {
        let rows = self.groups.iter().flatten();
        rows.map(|&row| samples.weight(row)).sum()
    }

    /// Keeps the first groups, until they have so many rows.
    fn keep(&mut self, samples: &Samples<'_>, n_rows: usize) {
        let all = self.weight(samples);
        let mut n = 0;
        let is_short = |group: &Vec<u32>| {
            let is_short = n < n_rows;
            n += group.len();
            is_short
        };
        let kept: Vec<_> = std::mem::take(&mut self.groups)
            .into_iter()
            .take_while(is_short)
            .collect();
        self.groups = kept;
        if !self.groups.is_empty() {
            self.factor = all / self.weight(samples);
        }
    }
}

/// Groups with a row of the outcome that fewer of them have.
fn rarer(samples: &Samples<'_>, [positives, negatives]: &[Class; 2]) -> usize {
    let mixed = positives
        .groups
        .iter()
        .filter(|rows| is_mixed(samples, rows));
    positives
        .groups
        .len()
        .min(negatives.groups.len() + mixed.count())
}

/// Whether a group with a positive row has a negative one.
fn is_mixed(samples: &Samples<'_>, rows: &[u32]) -> bool {
    rows.iter().any(|&row| !samples.outcomes[row as usize])
}

/// Rows with their weights and folds, groups whole.
fn deal(
    samples: &Samples<'_>,
    [positives, negatives]: &[Class; 2],
    n_folds: usize,
) -> Vec<(u32, f64, usize)> {
    // Those with rows of both classes one after another, so that each fold has its share of them.
    let mut of_positives: Vec<&Vec<u32>> = positives.groups.iter().collect();
    of_positives.sort_by_key(|rows| is_mixed(samples, rows));
    let mut places = Vec::new();
    let mut add = |rows: &[u32], factor: f64, fold: usize| {
        places.extend(
            rows.iter()
                .map(|&row| (row, samples.weight(row) * factor, fold)),
        );
    };
    // Dealt out in opposite directions, so that the folds differ by one group at most.
    for (i, rows) in of_positives.into_iter().enumerate() {
        add(rows, positives.factor, i % n_folds);
    }
    for (i, rows) in negatives.groups.iter().enumerate() {
        add(rows, negatives.factor, n_folds - 1 - i % n_folds);
    }
    places
}

/// Whether the rows of all folds but any one have both outcomes.
fn are_both_learned(samples: &Samples<'_>, places: &[(u32, f64, usize)], n_folds: usize) -> bool {
    let is_in_others = |fold: usize, class: bool| {
        let mut others = places.iter().filter(|place| place.2 != fold);
        others.any(|place| samples.outcomes[place.0 as usize] == class)
    };
    (0..n_folds).all(|fold| is_in_others(fold, true) && is_in_others(fold, false))
}

impl Chosen {
    /// All rows, or a seeded sample: at least half of it of the rarer class as far as there are so many, so that a rare yes is
    /// not left to luck; the rows of a class then weigh as much as all of it. Groups are sampled and dealt out whole: a group with a
    /// yes counts among those, and the last one sampled of a class may be more than was asked for.
    pub(super) fn of(
        samples: &Samples<'_>,
        params: &ElasticNetParams,
        seed: u64,
    ) -> Result<Self, FitError> {
        samples.check_classes()?;
        let mut classes = Class::both(samples, seed);
        let [positives, negatives] = classes.each_ref().map(Class::n_rows);
        let most = params.n_rows_choice_max;
        let kept = if positives + negatives <= most {
            [positives, negatives]
        } else if positives <= negatives {
            let kept = positives.min(most / 2);
            [kept, negatives.min(most - kept)]
        } else {
            let kept = negatives.min(most / 2);
            [positives.min(most - kept), kept]
        };
        for (class, kept) in classes.iter_mut().zip(kept) {
            class.keep(samples, kept);
        }
        if rarer(samples, &classes) == 0 {
            // A negative row that only groups with a positive one have was missed: then all rows are taken.
            classes = Class::both(samples, seed);
        }
        let mut n_folds = params.n_folds.min(rarer(samples, &classes));
        let mut places = deal(samples, &classes, n_folds);
        if !are_both_learned(samples, &places, n_folds) {
            n_folds = 1;
            places.iter_mut().for_each(|place| place.2 = 0);
        }
        places.sort_unstable_by_key(|place| place.0);
        let total: f64 = places.iter().map(|place| place.1).sum();
        Ok(Self {
            rows: places.iter().map(|place| place.0).collect(),
            weights: places.iter().map(|place| place.1 / total).collect(),
            folds: places.iter().map(|place| place.2).collect(),
            n_folds,
        })
    }

    /// Rows of all folds but one, with weights that add up to 1.
    pub(super) fn learned(&self, fold: usize) -> (Vec<u32>, Vec<f64>) {
        let (rows, mut weights) = self.part(|of_row| of_row != fold);
        let total: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= total);
        (rows, weights)
    }

    /// Rows and weights of the folds asked for.
    pub(super) fn part(&self, wanted: impl Fn(usize) -> bool) -> (Vec<u32>, Vec<f64>) {
        let rows = self.rows.iter().zip(&self.weights).zip(&self.folds);
        rows.filter(|(_, fold)| wanted(**fold))
            .map(|((&row, &weight), _)| (row, weight))
            .unzip()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logistic::Design;

    fn chosen(n_positives: usize, n_negatives: usize) -> Chosen {
        let outcomes: Vec<bool> = (0..n_positives + n_negatives)
            .map(|i| i < n_positives)
            .collect();
        let design = Design::new(Vec::new(), outcomes.len());
        let params = ElasticNetParams {
            n_rows_choice_max: 100,
            ..ElasticNetParams::default()
        };
        Chosen::of(&Samples::new(&design, &outcomes), &params, 42).expect("both classes")
    }

    #[test]
    fn a_rare_class_is_kept_and_weighs_what_it_did() {
        let chosen = chosen(20, 980);
        assert_eq!(chosen.rows.len(), 100);
        let of_rare = chosen
            .rows
            .iter()
            .zip(&chosen.weights)
            .filter(|row| *row.0 < 20);
        let (n, weight) = of_rare.fold((0, 0.0), |(n, sum), row| (n + 1, sum + row.1));
        assert_eq!(n, 20);
        assert!((weight - 0.02).abs() < 1e-15);
    }

    #[test]
    fn folds_hold_their_share_of_both_classes() {
        let chosen = chosen(11, 31);
        for fold in 0..3 {
            let (rows, _) = chosen.part(|of_row| of_row == fold);
            let positives = rows.iter().filter(|&&row| row < 11).count();
            assert!(rows.len() == 14 && (3..=4).contains(&positives));
        }
        let total: f64 = chosen.weights.iter().sum();
        assert!((total - 1.0).abs() < 1e-12);
    }

    #[test]
    fn two_rows_of_a_class_make_two_folds() {
        assert_eq!(chosen(2, 9).n_folds, 2);
        assert_eq!(chosen(9, 1).n_folds, 1);
    }

    #[test]
    fn groups_are_sampled_and_held_out_whole() {
        // 60 groups of five rows; a third of them has a positive row among the others, some have no other.
        let groups: Vec<u32> = (0..300).map(|row| 1000 - row / 5).collect();
        let outcomes: Vec<bool> = (0..300)
            .map(|row| match row / 5 % 6 {
                0 => row % 5 == 4,
                1 => true,
                _ => false,
            })
            .collect();
        let design = Design::new(Vec::new(), 300);
        let samples = Samples::new(&design, &outcomes).with_groups(&groups);
        for (most, n_rows) in [(300, 300), (100, 100), (102, 110)] {
            let params = ElasticNetParams {
                n_rows_choice_max: most,
                ..ElasticNetParams::default()
            };
            let chosen = Chosen::of(&samples, &params, 42).expect("both classes");
            assert_eq!((chosen.rows.len(), chosen.n_folds), (n_rows, 3));
            let places = chosen.rows.chunks(5).zip(chosen.folds.chunks(5));
            for (rows, folds) in places {
                let group = |row: &u32| groups[*row as usize];
                assert!(rows.iter().all(|row| group(row) == group(&rows[0])));
                assert!(folds.iter().all(|fold| *fold == folds[0]));
            }
            for fold in 0..3 {
                let (rows, _) = chosen.part(|of_row| of_row == fold);
                let always = rows.iter().filter(|&&row| row / 5 % 6 == 1).count();
                assert!(always > 0 && rows.len() - always > 0);
            }
        }
    }

    #[test]
    fn groups_that_all_have_both_outcomes_are_held_out_too() {
        let outcomes: Vec<bool> = (0..40).map(|row| row % 4 == 3).collect();
        let groups: Vec<u32> = (0..40).map(|row| row / 4).collect();
        let design = Design::new(Vec::new(), 40);
        let params = ElasticNetParams::default();
        let n_folds = |groups: &[u32]| {
            let samples = Samples::new(&design, &outcomes).with_groups(groups);
            Chosen::of(&samples, &params, 42).map(|chosen| chosen.n_folds)
        };
        assert_eq!(n_folds(&groups), Ok(3));
        // Of one customer nothing can be held out.
        assert_eq!(n_folds(&[5; 40]), Ok(1));
    }

    #[test]
    fn an_outcome_that_a_sample_of_groups_would_miss_is_not_lost() {
        // The only negative row stands in one of many groups with a positive one.
        let outcomes: Vec<bool> = (0..500).map(|row| row != 77).collect();
        let groups: Vec<u32> = (0..500).map(|row| row / 2).collect();
        let design = Design::new(Vec::new(), 500);
        let params = ElasticNetParams {
            n_rows_choice_max: 20,
            ..ElasticNetParams::default()
        };
        for seed in 0..20 {
            let samples = Samples::new(&design, &outcomes).with_groups(&groups);
            let chosen = Chosen::of(&samples, &params, seed).expect("both classes");
            assert!(chosen.rows.contains(&77) && chosen.n_folds == 1);
        }
    }
}
