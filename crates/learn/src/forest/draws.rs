//! The rows that a tree sees.
//!
//! Each row with the same probability, without replacement; with weights, each as often as a Poisson number says whose mean is
//! proportional to its weight.

use clientela_numerics::{RandomStream, StopToken, Stopped};

/// Rows drawn between two looks at the stop token.
const BLOCK: usize = 65_536;
/// Random numbers of 16 bits that one of 64 bits gives.
const LANES: usize = 4;
/// The number of their values.
const LANE_VALUES: f64 = 65_536.0;

/// A row that was drawn at least once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Drawn {
    pub(super) row: u32,
    /// Twice the number of draws, and 1 where the outcome is yes.
    mark: u32,
}

impl Drawn {
    fn new(row: u32, count: u32, outcome: bool) -> Self {
        Self {
            row,
            mark: count << 1 | u32::from(outcome),
        }
    }

    /// The draws, and above 32 bits those with the outcome yes.
    #[inline]
    pub(super) fn counts(self) -> u64 {
        let count = u64::from(self.mark >> 1);
        count | (count * u64::from(self.mark & 1)) << 32
    }
}

/// The rows that can be drawn.
pub(super) struct Population {
    rows: Vec<u32>,
    outcomes: Vec<bool>,
    /// How often each is drawn on average; `None` where all weigh the same.
    means: Option<Vec<f64>>,
    /// The mean over all rows.
    share: f64,
    /// The weighted share of those with the outcome yes.
    rate: f64,
}

impl Population {
    /// The rows of positive weight, of which there is at least one; a share of them is drawn, at most `rows_max` on average. The
    /// heaviest weighs 1.
    pub(super) fn of(target: &[f64], weights: Option<&[f64]>, share: f64, rows_max: usize) -> Self {
        let weight = |row: u32| weights.map_or(1.0, |weights| weights[row as usize]);
        let rows: Vec<u32> = (0..target.len() as u32)
            .filter(|&row| weight(row) > 0.0)
            .collect();
        let outcomes: Vec<bool> = rows
            .iter()
            .map(|&row| target[row as usize] == 1.0)
            .collect();
        let weights: Vec<f64> = rows.iter().map(|&row| weight(row)).collect();
        let total: f64 = weights.iter().sum();
        let both = weights.iter().zip(&outcomes);
        let of_yes: f64 = both
            .filter(|(_, yes)| **yes)
            .map(|(weight, _)| weight)
            .sum();
        let share = share.min(rows_max as f64 / rows.len() as f64);
        let scale = share * rows.len() as f64 / total;
        let are_equal = weights.iter().all(|&weight| weight == 1.0);
        let means = || weights.iter().map(|weight| weight * scale).collect();
        Self {
            share,
            means: (!are_equal).then(means),
            rate: of_yes / total,
            rows,
            outcomes,
        }
    }

    /// So many rows of the rarer outcome, and as many of the other as come with them: yes, then no.
    pub(super) fn mixed(&self, n_rarer: f64) -> [f64; 2] {
        let rarer = self.rate.min(1.0 - self.rate);
        // Weights may be so far apart that this leaves the range of doubles.
        let n_other = (n_rarer * ((1.0 - rarer) / rarer)).min(f64::MAX);
        if self.rate <= 0.5 {
            [n_rarer, n_other]
        } else {
            [n_other, n_rarer]
        }
    }

    /// Writes the rows that one tree sees, in their order.
    pub(super) fn draw(
        &self,
        drawn: &mut Vec<Drawn>,
        seed: u64,
        tree: usize,
        stop: &StopToken,
    ) -> Result<(), Stopped> {
        drawn.clear();
        drawn.reserve(self.rows.len());
        let mut stream = RandomStream::new(seed, "forest rows", tree as u64);
        for first in (0..self.rows.len()).step_by(BLOCK) {
            stop.poll()?;
            let places = first..(first + BLOCK).min(self.rows.len());
            let (rows, outcomes) = (&self.rows[places.clone()], &self.outcomes[places.clone()]);
            match &self.means {
                None => draw_equal(rows, outcomes, self.share, &mut stream, drawn),
                Some(means) => {
                    let both = rows.iter().zip(outcomes);
                    for ((&row, &outcome), &mean) in both.zip(&means[places]) {
                        let count = stream.poisson(mean) as u32;
                        if count > 0 {
                            drawn.push(Drawn::new(row, count, outcome));
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// A lane of the stream for each row; probabilities are rounded to multiples of 2⁻¹⁶, never to 0.
fn draw_equal(
    rows: &[u32],
    outcomes: &[bool],
    share: f64,
    stream: &mut RandomStream,
    drawn: &mut Vec<Drawn>,
) {
    let n_values = (share * LANE_VALUES).round().max(1.0) as u64;
    let start = drawn.len();
    drawn.resize(start + rows.len(), Drawn::default());
    let places = &mut drawn[start..];
    let mut n_drawn = 0;
    for (rows, outcomes) in rows.chunks(LANES).zip(outcomes.chunks(LANES)) {
        let mut bits = stream.bits();
        for (&row, &outcome) in rows.iter().zip(outcomes) {
            // Written in any case, kept where it was drawn: no branch that depends on chance.
            places[n_drawn] = Drawn::new(row, 1, outcome);
            n_drawn += usize::from(bits & 0xffff < n_values);
            bits >>= 16;
        }
    }
    drawn.truncate(start + n_drawn);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(population: &Population, tree: usize) -> Vec<Drawn> {
        let mut drawn = vec![Drawn::default(); 3];
        let done = population.draw(&mut drawn, 42, tree, &StopToken::new());
        done.expect("nobody asks to stop");
        drawn
    }

    #[test]
    fn a_share_of_the_rows_is_drawn_in_their_order_with_their_outcomes() {
        let target: Vec<f64> = (0..100_003)
            .map(|i| f64::from(u8::from(i % 3 == 0)))
            .collect();
        for (share, rows_max, expected) in [
            (0.5, 1 << 20, 50_001.5),
            (0.5, 10_000, 10_000.0),
            (1.0, 1 << 20, 100_003.0),
            (1e-9, 1 << 20, 1.5),
        ] {
            let population = Population::of(&target, None, share, rows_max);
            let drawn = drawn(&population, 0);
            assert!(drawn.is_sorted_by_key(|drawn| drawn.row));
            let spread = 5.0 * f64::sqrt(expected * (1.0 - expected / 100_003.0));
            let n_drawn = drawn.len() as f64;
            assert!(
                (n_drawn - expected).abs() <= spread,
                "{n_drawn} of {expected}"
            );
            for one in drawn {
                let expected = if one.row % 3 == 0 { 1 | 1 << 32 } else { 1 };
                assert_eq!(one.counts(), expected);
            }
        }
    }

    #[test]
    fn heavy_rows_are_drawn_in_proportion_and_rows_without_weight_never() {
        let target = vec![1.0; 60_000];
        let weights: Vec<f64> = (0..60_000).map(|i| f64::from(i % 3) / 2.0).collect();
        let population = Population::of(&target, Some(&weights), 0.6, 1 << 20);
        let mut counts = [0; 3];
        for one in drawn(&population, 5) {
            counts[one.row as usize % 3] += one.counts() >> 32;
        }
        assert_eq!(counts[0], 0);
        // Means of 0.4 and 0.8.
        assert!((7_700..8_300).contains(&counts[1]), "{counts:?}");
        assert!((15_600..16_400).contains(&counts[2]), "{counts:?}");
    }

    #[test]
    fn rows_without_weight_and_equal_weights_change_no_draw() {
        let target: Vec<f64> = (0..1000).map(|i| f64::from(i % 2)).collect();
        let weights: Vec<f64> = (0..1000).map(|i| if i < 900 { 1.0 } else { 0.0 }).collect();
        let some = Population::of(&target, Some(&weights), 0.5, 100);
        let all = Population::of(&target[..900], None, 0.5, 100);
        assert_eq!((drawn(&some, 1), some.rate), (drawn(&all, 1), all.rate));
        assert_ne!(drawn(&all, 1), drawn(&all, 2));
    }

    #[test]
    fn rows_are_mixed_by_the_rate_of_all() {
        let target = [1.0, 0.0, 0.0, 0.0, 1.0];
        let of = |weights: [f64; 5]| Population::of(&target, Some(&weights), 1.0, 9).mixed(2.0);
        assert_eq!(of([0.5, 0.5, 1.0, 0.0, 0.0]), [2.0, 6.0]);
        assert_eq!(of([1.0, 0.5, 0.0, 0.0, 0.5]), [6.0, 2.0]);
        let [yes, no] = of([f64::MIN_POSITIVE, 1.0, 1.0, 1.0, 0.0]);
        assert!(yes == 2.0 && no.is_finite());
    }
}
