//! Drawn data for the tests, and short names for what all of them do.

use clientela_learn::logistic::{Column, Design, ElasticNet, ElasticNetParams, Samples};
use clientela_learn::{Checked, FitError};
use clientela_numerics::{RandomStream, StopToken};

/// Rows by column, with everything a fit may take.
#[derive(Clone, Debug, Default)]
pub struct Data {
    pub numeric: Vec<Vec<f64>>,
    /// Codes and number of levels.
    pub categories: Vec<(Vec<u32>, usize)>,
    pub outcomes: Vec<bool>,
    pub weights: Vec<f64>,
}

impl Data {
    /// Three numeric columns, one of them nearly the sum of the others, and two categories; weights 1, 2 or 3.
    pub fn drawn(n_rows: usize, seed: u64) -> Self {
        let mut stream = RandomStream::new(seed, "binary test data", 0);
        let mut data = Self {
            numeric: vec![Vec::new(); 3],
            categories: vec![(Vec::new(), 3), (Vec::new(), 4)],
            ..Self::default()
        };
        for _ in 0..n_rows {
            let (first, second) = (stream.normal(), stream.exponential());
            let third = first + second + 0.05 * stream.normal();
            let codes = [stream.below(3) as u32, stream.below(3) as u32];
            let level = first - 0.7 * second + 0.5 * f64::from(codes[0]) - 0.4;
            let p = 1.0 / (1.0 + libm::exp(-level));
            data.outcomes.push(stream.uniform() < p);
            data.weights.push(1.0 + stream.below(3) as f64);
            for (column, value) in data.numeric.iter_mut().zip([first, second, third]) {
                column.push(value);
            }
            for ((column, _), code) in data.categories.iter_mut().zip(codes) {
                column.push(code);
            }
        }
        data
    }

    /// As [`Data::drawn`] with at least one row of each outcome.
    pub fn of_both_classes(n_rows: usize, seed: u64) -> Self {
        let mut data = Self::drawn(n_rows, seed);
        data.outcomes[0] = true;
        data.outcomes[n_rows - 1] = false;
        data
    }

    pub fn design(&self) -> Design<'_> {
        let numeric = self.numeric.iter().map(|values| Column::Numeric(values));
        let categories = self
            .categories
            .iter()
            .map(|(codes, n_levels)| Column::Categorical {
                codes,
                n_levels: *n_levels,
            });
        Design::new(numeric.chain(categories).collect(), self.outcomes.len())
    }

    /// The rows at the given places, in that order.
    pub fn at(&self, rows: &[usize]) -> Self {
        Self {
            numeric: self.numeric.iter().map(|column| at(column, rows)).collect(),
            categories: self
                .categories
                .iter()
                .map(|(codes, n_levels)| (at(codes, rows), *n_levels))
                .collect(),
            outcomes: at(&self.outcomes, rows),
            weights: at(&self.weights, rows),
        }
    }

    pub fn fit(
        &self,
        lambda: f64,
        params: &Checked<ElasticNetParams>,
    ) -> Result<ElasticNet, FitError> {
        let design = self.design();
        let samples = Samples::new(&design, &self.outcomes).with_weights(&self.weights);
        ElasticNet::fit(&samples, lambda, params, &StopToken::new())
    }

    pub fn choose(&self) -> Result<f64, FitError> {
        let design = self.design();
        let samples = Samples::new(&design, &self.outcomes).with_weights(&self.weights);
        let choice = ElasticNet::choose_lambda(&samples, &params(0.5), 42, &StopToken::new())?;
        Ok(choice.lambda)
    }

    pub fn log_odds(&self, model: &ElasticNet) -> Vec<f64> {
        model
            .log_odds(&self.design(), &StopToken::new())
            .expect("not stopped")
    }
}

pub fn params(l1_ratio: f64) -> Checked<ElasticNetParams> {
    let params = ElasticNetParams {
        l1_ratio,
        ..ElasticNetParams::default()
    };
    params.check().expect("in range")
}

pub fn at<T: Clone>(values: &[T], places: &[usize]) -> Vec<T> {
    places.iter().map(|&place| values[place].clone()).collect()
}

/// Places in a random order.
pub fn shuffled(n: usize, seed: u64) -> Vec<usize> {
    let mut places: Vec<usize> = (0..n).collect();
    RandomStream::new(seed, "binary test order", 0).shuffle(&mut places);
    places
}

pub fn assert_close(given: f64, expected: f64, tolerance: f64, what: &str) {
    assert!(
        (given - expected).abs() <= tolerance * expected.abs().max(1.0),
        "{what}: {given}, not {expected}"
    );
}
