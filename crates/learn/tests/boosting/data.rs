//! Data sets for the tests, and short names for what all of them do.

use clientela_learn::boosting::{GradientBoosting, GradientBoostingParams, Loss, Samples};
use clientela_numerics::{RandomStream, StopToken};

/// Rows by column, with everything a fit may take.
#[derive(Clone, Debug, Default)]
pub struct Data {
    pub columns: Vec<Vec<f64>>,
    pub target: Vec<f64>,
    pub weights: Vec<f64>,
    pub offsets: Vec<f64>,
}

impl Data {
    /// Columns of few and of many values, one of them with missing values; targets ≥ 0, a third of them 0.
    pub fn drawn(n_rows: usize, seed: u64) -> Self {
        let mut stream = RandomStream::new(seed, "boosting test data", 0);
        let mut data = Self {
            columns: vec![Vec::new(); 4],
            ..Self::default()
        };
        for _ in 0..n_rows {
            let row = [
                stream.below(5) as f64,
                stream.below(30) as f64,
                (stream.normal() * 8.0).round() / 8.0,
                stream.below(3) as f64,
            ];
            let level = row[0] * 0.4 + (row[1] / 10.0) * row[3] - row[2];
            let is_zero = stream.uniform() < 1.0 / 3.0;
            let noise = stream.gamma(2.0);
            data.target
                .push(if is_zero { 0.0 } else { level.abs() * noise });
            data.weights.push(1.0 + stream.below(3) as f64);
            data.offsets.push(0.3 * stream.normal());
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

    /// The same with targets of 1 where there was more than that, 0 elsewhere.
    pub fn with_outcomes(mut self) -> Self {
        for target in &mut self.target {
            *target = f64::from(u8::from(*target > 1.0));
        }
        self
    }

    /// Rows that the loss can be fitted to.
    pub fn drawn_for(loss: Loss, n_rows: usize, seed: u64) -> Self {
        let data = Self::drawn(n_rows, seed);
        if loss == Loss::Logistic {
            data.with_outcomes()
        } else {
            data
        }
    }

    pub fn samples(&self) -> Samples<'_> {
        let samples = Samples::new(&self.columns, &self.target);
        samples
            .with_weights(&self.weights)
            .with_offsets(&self.offsets)
    }

    pub fn predict(&self, model: &GradientBoosting) -> Vec<f64> {
        let forecasts = model.predict(&self.columns, Some(&self.offsets), &StopToken::new());
        forecasts.expect("nobody asks to stop")
    }

    /// The rows in another order.
    pub fn reordered(&self, order: &[usize]) -> Self {
        let pick = |values: &Vec<f64>| order.iter().map(|&row| values[row]).collect();
        Self {
            columns: self.columns.iter().map(pick).collect(),
            target: pick(&self.target),
            weights: pick(&self.weights),
            offsets: pick(&self.offsets),
        }
    }
}

/// A model without validation rows.
pub fn fit(samples: &Samples<'_>, params: GradientBoostingParams) -> GradientBoosting {
    let params = params.check().expect("in range");
    GradientBoosting::fit(samples, None, &params, 42, &StopToken::new()).expect("a model")
}
