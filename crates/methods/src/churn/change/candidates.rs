//! The values that a column may be changed to: only those that compared rows have, so that none is out of range, a fraction of
//! a ticket, or a word that a model does not tell apart.

use crate::churn::features::FeatureValues;
use crate::churn::values::{ColumnValues, Numbers, SpreadValues};

/// Values of a column up to which all of them are tried.
const VALUES_MAX: usize = 256;
/// What it costs to change a yes or no, and a word: half of the rows lie between no and yes if one side is as good as another.
const COST_OF_WORD: f64 = 0.5;

/// Values of one column.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidates {
    /// Ascending; yes and no as 1 and 0, words as their place among the words of the column.
    pub(super) values: Vec<f64>,
    /// The percentile of each; of no use for words.
    percentiles: Vec<f64>,
    /// The place of each among the distinct numbers.
    pub(super) places: Vec<u32>,
    are_words: bool,
    /// Whether there are values between them that were left out.
    pub(super) is_coarse: bool,
}

/// Which numbers a model can tell apart.
pub(super) enum Pieces<'a> {
    /// What lies between two thresholds is the same.
    Cells(&'a dyn Fn(f64) -> u32),
    /// Every number counts; between two of these bends what it counts is a line.
    Lines(&'a [f64]),
    /// Every number counts, and there are thresholds.
    Both(&'a dyn Fn(f64) -> u32, &'a [f64]),
}

impl Candidates {
    pub(super) fn of(values: &ColumnValues<'_>, feature: usize, pieces: &Pieces<'_>) -> Self {
        match (
            &values.spreads[feature].values,
            &values.features.columns[feature].values,
        ) {
            (SpreadValues::Numbers(numbers), _) => Self::of_numbers(numbers, pieces),
            (SpreadValues::Booleans(groups), _) => {
                let answers = [0_u32, 1].into_iter();
                let present = answers.filter(|&answer| groups[answer as usize].n > 0);
                let places: Vec<u32> = present.collect();
                let own: Vec<f64> = places.iter().map(|&answer| f64::from(answer)).collect();
                let percentile = |&value| values.spreads[feature].percentile(value).unwrap_or(0.0);
                Self {
                    percentiles: own.iter().map(percentile).collect(),
                    values: own,
                    places,
                    ..Self::default()
                }
            }
            (SpreadValues::Words { group_of, groups }, FeatureValues::Text { is_kept, .. }) => {
                let is_candidate =
                    |&word: &usize| is_kept[word] && groups[group_of[word] as usize].n > 0;
                let words = (0..is_kept.len()).filter(is_candidate);
                let words: Vec<u32> = words.map(|word| word as u32).collect();
                Self {
                    values: words.iter().map(|&word| f64::from(word)).collect(),
                    percentiles: vec![0.0; words.len()],
                    places: words,
                    are_words: true,
                    is_coarse: false,
                }
            }
            (SpreadValues::Words { .. }, FeatureValues::Numeric(_)) => Self::default(),
        }
    }

    fn of_numbers(numbers: &Numbers, pieces: &Pieces<'_>) -> Self {
        let n = numbers.distinct.len();
        let cells = |cell_of: &dyn Fn(f64) -> u32| -> Vec<u32> {
            numbers
                .distinct
                .iter()
                .map(|&number| cell_of(number))
                .collect()
        };
        let sides = |bends: &[f64]| {
            cells(&|number| bends.iter().filter(|&&bend| bend <= number).count() as u32)
        };
        let (cells, sides) = match *pieces {
            Pieces::Cells(cell_of) => (cells(cell_of), Vec::new()),
            Pieces::Lines(bends) => (Vec::new(), sides(bends)),
            Pieces::Both(cell_of, bends) => (cells(cell_of), sides(bends)),
        };
        let are_steps_kept = !matches!(pieces, Pieces::Cells(_));
        let is_kept = |place: usize| {
            are_steps_kept && is_step(numbers, place)
                || is_border(&cells, place)
                || is_border(&sides, place)
        };
        let places: Vec<u32> = (0..n)
            .filter(|&place| is_kept(place))
            .map(|place| place as u32)
            .collect();
        let middle = |&place: &u32| numbers.percentile_at(place as usize);
        Self {
            values: places
                .iter()
                .map(|&place| numbers.distinct[place as usize])
                .collect(),
            percentiles: places.iter().map(middle).collect(),
            is_coarse: !matches!(pieces, Pieces::Cells(_)) && places.len() < n,
            places,
            are_words: false,
        }
    }

    /// What it costs to change a value of this percentile to a candidate: the share of the compared rows that lie between.
    pub(super) fn cost(&self, own_percentile: f64, candidate: usize) -> f64 {
        if self.are_words {
            COST_OF_WORD
        } else {
            (self.percentiles[candidate] - own_percentile).abs()
        }
    }

    pub(super) fn are_words(&self) -> bool {
        self.are_words
    }
}

/// Whether a number is the lowest or the highest of its cell; of no cells none is.
fn is_border(cells: &[u32], place: usize) -> bool {
    let Some(own) = cells.get(place) else {
        return false;
    };
    let differs = |other: Option<&u32>| other != Some(own);
    differs(place.checked_sub(1).map(|before| &cells[before])) || differs(cells.get(place + 1))
}

/// Whether a number is one of those that part the rows into parts of like size, or the last.
fn is_step(numbers: &Numbers, place: usize) -> bool {
    let n = numbers.distinct.len();
    let part = |below: u32| u64::from(below) * VALUES_MAX as u64 / u64::from(numbers.len().max(1));
    n <= VALUES_MAX
        || place == 0
        || place == n - 1
        || part(numbers.below[place]) != part(numbers.below[place + 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(numbers: &[f64], pieces: &Pieces<'_>) -> Vec<f64> {
        Candidates::of_numbers(&Numbers::of(numbers.to_vec()), pieces).values
    }

    #[test]
    fn of_each_cell_the_lowest_and_the_highest_number_are_tried() {
        let cell_of = |value: f64| u32::from(value > 3.5) + u32::from(value > 10.0);
        let numbers = [1.0, 2.0, 3.0, 4.0, 20.0, 30.0, 40.0];
        let found = values(&numbers, &Pieces::Cells(&cell_of));
        assert_eq!(found, [1.0, 3.0, 4.0, 20.0, 40.0]);
    }

    #[test]
    fn of_many_numbers_those_at_equal_steps_are_tried_and_those_beside_a_bend() {
        let numbers: Vec<f64> = (0..10_000).map(f64::from).collect();
        let pieces = Pieces::Lines(&[4001.5]);
        let candidates = Candidates::of_numbers(&Numbers::of(numbers.clone()), &pieces);
        assert!(candidates.is_coarse && candidates.values.len() <= VALUES_MAX + 4);
        for expected in [0.0, 4001.0, 4002.0, 9999.0] {
            assert!(candidates.values.contains(&expected), "{expected}");
        }
        let widest = candidates
            .percentiles
            .windows(2)
            .map(|pair| pair[1] - pair[0]);
        assert!(widest.fold(0.0, f64::max) < 2.0 / VALUES_MAX as f64);
        let few = values(&numbers[..200], &pieces);
        assert_eq!(few, numbers[..200]);
    }

    #[test]
    fn a_change_costs_the_share_of_rows_between() {
        let numbers = Numbers::of(vec![1.0, 1.0, 2.0, 5.0]);
        let candidates = Candidates::of_numbers(&numbers, &Pieces::Lines(&[]));
        let own = numbers.percentile(5.0).expect("numbers");
        assert_eq!(
            [0, 1, 2].map(|to| candidates.cost(own, to)),
            [0.625, 0.25, 0.0]
        );
    }
}
