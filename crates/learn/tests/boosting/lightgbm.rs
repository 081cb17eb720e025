//! Validation loss against that of LightGBM with the same parameters; where the figures come from stands in SOURCE.md.

use std::ops::Range;

use clientela_learn::boosting::{GradientBoostingParams, Loss, Samples};
use clientela_numerics::StopToken;
use flate2::read::GzDecoder;
use serde_json::Value;

use crate::data::fit;

/// The mean deviance may be higher than LightGBM's by so much.
const TOLERANCE: f64 = 0.01;

/// The columns of a stored file: features, target and, where there is one, offset.
fn columns(name: &str) -> Vec<Vec<f64>> {
    let packed: &[u8] = match name {
        "shop" => include_bytes!("shop.csv.gz"),
        "visits" => include_bytes!("visits.csv.gz"),
        "churn" => include_bytes!("churn.csv.gz"),
        _ => include_bytes!("surface.csv.gz"),
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(GzDecoder::new(packed));
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for record in reader.records() {
        let record = record.expect("a row");
        columns.resize(record.len(), Vec::new());
        for (column, field) in columns.iter_mut().zip(&record) {
            column.push(if field.is_empty() {
                f64::NAN
            } else {
                field.parse().expect("a number")
            });
        }
    }
    columns
}

/// Mean unit deviance.
fn deviance(loss: Loss, target: &[f64], means: &[f64]) -> f64 {
    let unit = |(&y, &mean): (&f64, &f64)| match loss {
        Loss::Squared => (y - mean) * (y - mean),
        Loss::Poisson => {
            let log = if y > 0.0 { y * (y / mean).ln() } else { 0.0 };
            2.0 * (log - (y - mean))
        }
        Loss::Logistic => -2.0 * if y > 0.0 { mean.ln() } else { (-mean).ln_1p() },
        Loss::Tweedie { power: p } => {
            let own = y.powf(2.0 - p) / ((1.0 - p) * (2.0 - p));
            2.0 * (own - y * mean.powf(1.0 - p) / (1.0 - p) + mean.powf(2.0 - p) / (2.0 - p))
        }
    };
    target.iter().zip(means).map(unit).sum::<f64>() / target.len() as f64
}

/// A stored data set, and what LightGBM made of it.
struct Set {
    loss: Loss,
    has_offset: bool,
    figures: Value,
}

impl Set {
    fn number(&self, key: &str) -> f64 {
        self.figures[key].as_f64().expect("a number")
    }

    fn numbers(&self, key: &str) -> Vec<f64> {
        let numbers = self.figures[key].as_array().expect("a list");
        numbers
            .iter()
            .map(|number| number.as_f64().expect("a number"))
            .collect()
    }

    fn name(&self) -> &str {
        self.figures["name"].as_str().expect("a name")
    }

    /// Features, target and offsets of some of its rows.
    fn rows(&self, rows: Range<usize>) -> (Vec<Vec<f64>>, Vec<f64>, Vec<f64>) {
        let columns = columns(self.name());
        let mut part: Vec<Vec<f64>> = columns
            .iter()
            .map(|column| column[rows.clone()].to_vec())
            .collect();
        let offsets = if self.has_offset {
            part.pop().expect("offsets")
        } else {
            vec![0.0; rows.len()]
        };
        let target = part.pop().expect("a target");
        (part, target, offsets)
    }

    fn our_deviance(&self, max_bins: usize) -> f64 {
        let n_training = self.number("n_training") as usize;
        let (features, target, offsets) = self.rows(0..n_training);
        let params = GradientBoostingParams {
            loss: self.loss,
            n_trees: self.number("n_trees") as usize,
            max_bins,
            ..GradientBoostingParams::default()
        };
        let samples = Samples::new(&features, &target).with_offsets(&offsets);
        let model = fit(&samples, params);
        let (features, target, offsets) = self.rows(n_training..columns(self.name())[0].len());
        let means = model.predict(&features, Some(&offsets), &StopToken::new());
        deviance(self.loss, &target, &means.expect("nobody asks to stop"))
    }
}

#[test]
fn validation_loss_is_that_of_lightgbm() {
    for line in include_str!("lightgbm.json").lines() {
        let figures: Value = serde_json::from_str(line).expect("JSON");
        let set = Set {
            loss: match figures["loss"].as_str().expect("a loss") {
                "squared" => Loss::Squared,
                "poisson" => Loss::Poisson,
                "logistic" => Loss::Logistic,
                _ => Loss::TWEEDIE,
            },
            has_offset: figures["has_offset"].as_bool().expect("a truth value"),
            figures,
        };
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
        let max_bins = set.numbers("max_bins");
        let ours = mean(
            max_bins
                .iter()
                .map(|&bins| set.our_deviance(bins as usize))
                .collect(),
        );
        let theirs = mean(set.numbers("deviances"));
        assert!(
            ours <= theirs * (1.0 + TOLERANCE),
            "{}: {ours} against {theirs}",
            set.name()
        );
        assert!(
            ours < set.number("deviance_of_mean"),
            "{}: no better than the mean",
            set.name()
        );
    }
}
