//! Data sets for the tests, and short names for what all of them do.

use clientela_learn::boosting::Samples;
use clientela_learn::forest::{RandomForest, RandomForestParams};
use clientela_learn::metrics::binary::RankedOutcomes;
use clientela_numerics::{RandomStream, StopToken};

/// Rows by column, and who said yes.
#[derive(Clone, Debug, Default)]
pub struct Data {
    pub columns: Vec<Vec<f64>>,
    pub target: Vec<f64>,
}

impl Data {
    /// Columns of few and of many values, one of them with missing values.
    pub fn drawn(n_rows: usize, seed: u64) -> Self {
        let mut stream = RandomStream::new(seed, "forest test data", 0);
        let mut data = Self {
            columns: vec![Vec::new(); 5],
            target: Vec::new(),
        };
        for _ in 0..n_rows {
            let row = [
                stream.below(5) as f64,
                stream.below(30) as f64,
                (stream.normal() * 8.0).round() / 8.0,
                stream.below(3) as f64,
                stream.uniform(),
            ];
            let odds = row[0] * 0.5 + (row[1] / 10.0 - 1.5) * row[3] - row[2] - 1.5;
            let is_yes = stream.uniform() < 1.0 / (1.0 + libm::exp(-odds));
            data.target.push(f64::from(u8::from(is_yes)));
            let is_missing = stream.uniform() < 0.2 + 0.1 * row[3];
            for (column, value) in data.columns.iter_mut().zip(row) {
                column.push(value);
            }
            if is_missing {
                *data.columns[2].last_mut().expect("a row") = f64::NAN;
            }
        }
        data
    }

    pub fn n_rows(&self) -> usize {
        self.target.len()
    }

    pub fn samples(&self) -> Samples<'_> {
        Samples::new(&self.columns, &self.target)
    }

    /// Some of the rows.
    pub fn at(&self, rows: &[usize]) -> Self {
        let pick = |values: &Vec<f64>| rows.iter().map(|&row| values[row]).collect();
        Self {
            columns: self.columns.iter().map(pick).collect(),
            target: pick(&self.target),
        }
    }

    pub fn log_odds(&self, forest: &RandomForest) -> Vec<f64> {
        let scores = forest.log_odds(&self.columns, self.n_rows(), &StopToken::new());
        scores.expect("nobody asks to stop")
    }

    /// The area under the ROC curve of scores of these rows.
    pub fn area(&self, scores: &[f64]) -> f64 {
        let outcomes: Vec<bool> = self.target.iter().map(|&y| y == 1.0).collect();
        let area = RankedOutcomes::new(scores, &outcomes).roc_auc();
        area.expect("both classes")
    }
}

pub fn fit(samples: &Samples<'_>, params: RandomForestParams) -> RandomForest {
    let params = params.check().expect("in range");
    RandomForest::fit(samples, &params, 42, &StopToken::new()).expect("a forest")
}
