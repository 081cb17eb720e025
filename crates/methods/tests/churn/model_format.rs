//! The format of saved models does not change unnoticed.

use clientela_learn::boosting::{GradientBoosting, Loss};
use clientela_learn::calibration::{CalibrationKind, Calibrator};
use clientela_learn::forest::RandomForest;
use clientela_learn::logistic::{ElasticNet, Term};
use clientela_learn::metrics::binary::{AreaInterval, Interval, ReliabilityBin};
use clientela_methods::churn::{
    Adjustment, ColumnKind, Distribution, FittedModel, Flag, Heuristic, LinearColumn,
    LinearEncoding, Metrics, RowCounts, SavedEvidence, SavedFeature, SavedModel, ServedModel,
    TreeColumn, TreeEncoding,
};
use clientela_tables::Date;

use crate::model_bytes::{balanced, read_back};
use crate::models::calibrators;

/// A model without chance: what stands in its bytes is what the format says and nothing else.
fn known(model: FittedModel, calibrator: Calibrator) -> SavedModel {
    let counts = |n_rows, n_churned| RowCounts { n_rows, n_churned };
    let metrics = Metrics {
        roc_auc: AreaInterval {
            area: 0.75,
            standard_error: Some(0.125),
            lower: 0.5,
            upper: 0.875,
        },
        average_precision: 0.5,
        average_precision_interval: None,
        f1: 0.25,
        f1_interval: Some(Interval {
            lower: 0.0,
            upper: 0.5,
        }),
        accuracy: 0.75,
        accuracy_interval: None,
        brier_score: 0.125,
        log_loss: 0.5,
        ece: 0.0625,
        ece_expected: 0.03125,
    };
    SavedModel {
        features: vec![
            SavedFeature {
                name: "tenure".to_owned(),
                kind: ColumnKind::Numeric,
                levels: Vec::new(),
                distribution: Distribution::Numeric {
                    cuts: vec![1.5],
                    bins: vec![counts(200, 30), counts(90, 1)],
                    missing: counts(10, 0),
                    median: Some(1.0),
                },
            },
            SavedFeature {
                name: "plan".to_owned(),
                kind: ColumnKind::Text,
                levels: vec!["a".to_owned()],
                distribution: Distribution::Text {
                    levels: vec![counts(100, 20)],
                    other: counts(200, 11),
                    missing: counts(0, 0),
                },
            },
        ],
        served: ServedModel {
            model,
            calibrator,
            adjustment: Adjustment {
                weight_of_heuristic: 0.0,
                heuristic: Heuristic {
                    intercept: -2.0,
                    stand_ins: [365.0, 1.0, 0.0, 0.0, 0.0],
                },
                lowest: 0.25,
                highest: 0.75,
            },
        },
        n_churned: 31,
        n_others: 269,
        evidence: SavedEvidence {
            n_folds: 5,
            family: metrics,
            calibration: CalibrationKind::Platt,
            served: metrics,
            reliability: vec![ReliabilityBin {
                n: 30.0,
                mean_forecast: 0.25,
                rate: 0.125,
                lower: 0.0,
                upper: 0.5,
            }],
            log_loss_of_rate: 0.625,
            leaks: vec!["plan".to_owned()],
        },
        probabilities: Distribution::Numeric {
            cuts: Vec::new(),
            bins: vec![counts(300, 31)],
            missing: counts(0, 0),
            median: Some(0.125),
        },
        seed: 42,
        label_window_days: Some(90),
        last_snapshot: Date::parse("2025-03-01"),
    }
}

fn known_models() -> [SavedModel; 3] {
    let flag = Some(Flag::Detractor);
    let linear = FittedModel::Linear {
        encoding: LinearEncoding {
            columns: vec![
                LinearColumn::Numeric {
                    median: 1.0,
                    lowest: 0.0,
                    highest: 4.0,
                    has_indicator: false,
                    flag,
                },
                LinearColumn::Text {
                    levels: vec!["a".to_owned()],
                },
            ],
        },
        net: ElasticNet {
            lambda: 0.5,
            base: -1.0,
            terms: vec![
                numeric_term(0.25),
                numeric_term(-0.5),
                Term::Categorical {
                    coefficients: vec![0.5, -0.5, 0.0],
                    shares: vec![0.25, 0.75, 0.0],
                },
            ],
        },
    };
    let encoding = TreeEncoding {
        columns: vec![
            TreeColumn::Numeric {
                knows_missing: true,
            },
            TreeColumn::Text {
                levels: vec!["a".to_owned()],
                rates: vec![0.25],
                is_known: vec![true],
                other: 0.125,
                knows_other: false,
                knows_missing: false,
            },
        ],
    };
    let trees = || vec![balanced(2)];
    let forest = FittedModel::Forest {
        encoding: encoding.clone(),
        forest: RandomForest {
            trees: trees(),
            n_features: 2,
        },
    };
    let boosting = FittedModel::Boosting {
        encoding,
        booster: GradientBoosting {
            loss: Loss::Logistic,
            base_score: -1.5,
            trees: trees(),
            validation_losses: vec![0.5, 0.25],
            n_features: 2,
        },
    };
    let [_, platt, beta, isotonic] = calibrators();
    [
        known(linear, platt),
        known(forest, beta),
        known(boosting, isotonic),
    ]
}

fn numeric_term(coefficient: f64) -> Term {
    Term::Numeric {
        coefficient,
        mean: 1.0,
        standard_deviation: 2.0,
    }
}

/// FNV-1a, which any change of the bytes changes.
fn fingerprint(bytes: &[u8]) -> u64 {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, mix)
}

#[test]
fn the_bytes_of_known_models_are_those_of_format_1() {
    // Where this fails the format has changed: models that tenants saved can't be read, unless it gets a number of its own.
    let found = known_models().map(|model| {
        let bytes = read_back(&model).to_bytes();
        (bytes.len(), fingerprint(&bytes))
    });
    assert_eq!(SavedModel::FORMAT, 1);
    assert_eq!(
        found,
        [
            (597, 0xbc367239acf64601),
            (548, 0xaf5af4959438b965),
            (631, 0x42f437ce4d25e929),
        ]
    );
}
