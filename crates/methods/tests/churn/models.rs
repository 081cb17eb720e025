//! Reports served by a family and a calibrator of choice, whichever would have won.

use clientela_learn::boosting::{GradientBoosting, GradientBoostingParams, Loss};
use clientela_learn::calibration::{Calibrator, Isotonic, Knot, probability};
use clientela_learn::forest::{RandomForest, RandomForestParams};
use clientela_learn::logistic::{ElasticNet, ElasticNetParams};
use clientela_learn::{boosting, logistic};
use clientela_methods::churn::{
    Family, FeatureValues, Features, FittedModel, Flag, LinearColumn, LinearEncoding, RiskBand,
    RiskReport, ServedModel, Source, TreeColumn, TreeEncoding,
};
use clientela_numerics::StopToken;

use crate::bases::Row;

/// A calibrator of each kind.
pub fn calibrators() -> [Calibrator; 4] {
    let knots = [
        (-3.0, -2.5),
        (-1.0, -2.0),
        (-0.5, 0.1),
        (0.5, 0.4),
        (2.0, 3.0),
    ];
    let knot = |(score, log_odds)| Knot { score, log_odds };
    [
        Calibrator::None,
        Calibrator::Platt {
            slope: 0.7,
            intercept: -0.4,
        },
        Calibrator::Beta {
            a: 0.4,
            b: 1.7,
            c: 0.2,
        },
        Calibrator::Isotonic(Isotonic {
            knots: knots.map(knot).to_vec(),
        }),
    ]
}

/// How each feature is given to trees, words by made-up numbers.
pub fn tree_encoding(features: &Features) -> TreeEncoding {
    let column = |values: &FeatureValues| match values {
        FeatureValues::Numeric(_) => TreeColumn::Numeric {
            knows_missing: true,
        },
        FeatureValues::Text { levels, .. } => TreeColumn::Text {
            rates: (0..levels.len())
                .map(|k| 0.1 * (k * 7 % 5) as f64)
                .collect(),
            levels: levels.clone(),
            is_known: vec![true; levels.len()],
            other: 0.25,
            knows_other: true,
            knows_missing: true,
        },
    };
    let columns = features.columns.iter();
    TreeEncoding {
        columns: columns.map(|feature| column(&feature.values)).collect(),
    }
}

fn linear_encoding(features: &Features, rows: &[u32]) -> LinearEncoding {
    let columns = features
        .columns
        .iter()
        .map(|feature| match &feature.values {
            FeatureValues::Numeric(values) => {
                let of_rows = rows.iter().map(|&row| values[row as usize]);
                let present: Vec<f64> = of_rows.filter(|value| !value.is_nan()).collect();
                let numbers = || present.iter().copied();
                LinearColumn::Numeric {
                    median: numbers().next().unwrap_or(0.0),
                    lowest: numbers().reduce(f64::min).unwrap_or(0.0),
                    highest: numbers().reduce(f64::max).unwrap_or(0.0),
                    has_indicator: values.iter().any(|value| value.is_nan()),
                    flag: feature.documented.and_then(Flag::of),
                }
            }
            FeatureValues::Text { levels, .. } => LinearColumn::Text {
                levels: levels.clone(),
            },
        });
    LinearEncoding {
        columns: columns.collect(),
    }
}

/// A model of a family fitted to some rows of the features.
pub fn fitted(family: Family, features: &Features, rows: &[u32], churned: &[bool]) -> FittedModel {
    let stop = StopToken::new();
    if family == Family::LogisticRegression {
        let encoding = linear_encoding(features, rows);
        let encoded = encoding.encode(features, rows);
        let design = encoded.design();
        let samples = logistic::Samples::new(&design, churned);
        let params = ElasticNetParams::default().check().expect("in range");
        let net = ElasticNet::fit(&samples, 0.003, &params, &stop).expect("two classes");
        return FittedModel::Linear { encoding, net };
    }
    let encoding = tree_encoding(features);
    let columns = encoding.encode(features, rows);
    let target: Vec<f64> = churned
        .iter()
        .map(|&yes| f64::from(u8::from(yes)))
        .collect();
    let samples = boosting::Samples::new(&columns, &target);
    if family == Family::RandomForest {
        let params = RandomForestParams {
            n_trees: 12,
            min_rows_leaf: 5,
            ..RandomForestParams::default()
        };
        let params = params.check().expect("in range");
        let forest = RandomForest::fit(&samples, &params, 42, &stop).expect("two classes");
        return FittedModel::Forest { encoding, forest };
    }
    let params = GradientBoostingParams {
        loss: Loss::Logistic,
        n_trees: 12,
        learning_rate: 0.3,
        min_rows_leaf: 5,
        ..GradientBoostingParams::default()
    };
    let params = params.check().expect("in range");
    let booster = GradientBoosting::fit(&samples, None, &params, 42, &stop).expect("two classes");
    FittedModel::Boosting { encoding, booster }
}

/// The report with other models in place of those that won: one for each fold, and one for rows without.
pub fn served_by(
    mut report: RiskReport,
    rows: &[Row],
    family: Family,
    calibrator: &Calibrator,
) -> RiskReport {
    let models = report.models.as_mut().expect("models");
    let labelled = |place: &u32| rows[models.order[*place as usize] as usize].churned;
    let learn = |without: Option<u8>| {
        let is_learned = |place: &u32| {
            let row = models.order[*place as usize] as usize;
            let source = report.customers[row].source;
            labelled(place).is_some() && Some(source) != without.map(Source::Fold)
        };
        let places: Vec<u32> = (0..rows.len() as u32).filter(is_learned).collect();
        let churned: Vec<bool> = places.iter().filter_map(labelled).collect();
        fitted(family, &models.features, &places, &churned)
    };
    let of_folds: Vec<FittedModel> = (0..models.of_folds.len() as u8)
        .map(|fold| learn(Some(fold)))
        .collect();
    let of_all = learn(None);
    for (served, model) in models.of_folds.iter_mut().zip(of_folds) {
        served.model = model;
        served.calibrator = calibrator.clone();
    }
    if let Some(served) = &mut models.of_all {
        served.model = of_all;
        served.calibrator = calibrator.clone();
    }
    rescored(&mut report);
    report
}

/// What the models of a report say now.
pub fn rescored(report: &mut RiskReport) {
    let models = report.models.as_ref().expect("models");
    for (place, &row) in models.order.iter().enumerate() {
        let customer = &mut report.customers[row as usize];
        let served = models.of(customer.source);
        let score = score_of(served, &models.features, place as u32);
        let z = models.heuristic_log_odds[place];
        customer.score = score;
        customer.calibrated_log_odds = served.calibrator.log_odds(score);
        customer.log_odds = served.adjustment.log_odds(customer.calibrated_log_odds, z);
        customer.probability = probability(customer.log_odds);
        customer.band = RiskBand::of(customer.probability);
    }
}

fn score_of(served: &ServedModel, features: &Features, place: u32) -> f64 {
    let scores = served.model.log_odds(features, &[place], &StopToken::new());
    scores.expect("not stopped")[0]
}
