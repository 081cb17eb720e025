//! scikit-learn's forest on the same rows.

use std::io::Read;

use clientela_learn::forest::RandomForestParams;
use flate2::read::GzDecoder;
use serde_json::Value;

use crate::data::{Data, fit};

const N_TRAINING: usize = 4000;

/// The rows that are learned from, and those to be tested on.
fn churn() -> [Data; 2] {
    let packed = include_bytes!("../boosting/churn.csv.gz");
    let mut text = String::new();
    let mut reader = GzDecoder::new(&packed[..]);
    reader.read_to_string(&mut text).expect("text");
    let mut parts = [Data::default(), Data::default()];
    for (i, line) in text.lines().enumerate() {
        let fields = line
            .split(',')
            .map(|field| field.parse().unwrap_or(f64::NAN));
        let mut row: Vec<f64> = fields.collect();
        let part = &mut parts[usize::from(i >= N_TRAINING)];
        part.target.push(row.pop().expect("a target"));
        part.columns.resize(row.len(), Vec::new());
        for (column, value) in part.columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    parts
}

#[test]
fn fresh_rows_are_ranked_and_forecast_no_worse_than_by_scikit_learn() {
    let fixture: Value = serde_json::from_str(include_str!("scikit_learn.json")).expect("JSON");
    let peer = |name: &str| fixture[name].as_f64().expect("a number");
    let [training, fresh] = churn();
    let forest = fit(&training.samples(), RandomForestParams::default());
    let scores = fresh.log_odds(&forest);
    let area = fresh.area(&scores);
    // Its own forests of other seeds have a standard deviation of 0.0009.
    assert!(area > peer("roc_auc") - 0.001, "{area}");
    let losses = scores.iter().zip(&fresh.target).map(|(&score, &y)| {
        let against = if y == 1.0 { -score } else { score };
        libm::log1p(libm::exp(against))
    });
    let loss = losses.sum::<f64>() / fresh.n_rows() as f64;
    assert!(loss < peer("log_loss") + 0.003, "{loss}");
}
