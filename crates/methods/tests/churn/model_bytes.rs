//! Saved models as bytes: read back to the last bit, and bytes that are no model are refused whatever they are.

use clientela_learn::boosting::{Node, Tree};
use clientela_learn::calibration::Calibrator;
use clientela_methods::churn::{
    ColumnKind, Distribution, Family, FittedModel, LinearColumn, ModelBytesError, RiskReport,
    SavedModel, attributions, score,
};
use clientela_numerics::{RandomStream, StopToken};
use clientela_tables::Date;

use crate::attributions::{KEEP, mixed};
use crate::bases::{Row, Value, customers, customers_by_class, risk_with, table, text};
use crate::models::{calibrators, served_by};

/// A column by the number of the row.
type Values = (&'static str, fn(usize) -> f64);

/// A model that a family and a calibrator of choice make of some rows.
fn saved_by(rows: &[Row], family: Family, calibrator: &Calibrator) -> SavedModel {
    let report = served_by(risk_with(rows, &KEEP), rows, family, calibrator);
    saved(rows, &report)
}

fn saved(rows: &[Row], report: &RiskReport) -> SavedModel {
    let model = report.saved_model(&table(rows), &KEEP);
    model.expect("a model to keep")
}

/// The model that its bytes give.
#[track_caller]
pub fn read_back(model: &SavedModel) -> SavedModel {
    let bytes = model.to_bytes();
    let read = SavedModel::from_bytes(&bytes).expect("bytes of a model");
    assert_eq!(&read, model);
    assert_eq!(read.to_bytes(), bytes);
    read
}

/// All figures of scored rows, to the last bit.
fn figures(rows: &[Row], model: &SavedModel) -> Vec<[u64; 5]> {
    let scored = score(&table(rows), model, &StopToken::new()).expect("not stopped");
    let customers = scored.customers.iter();
    let bits = customers.map(|c| {
        [
            c.score,
            c.calibrated_log_odds,
            c.log_odds,
            c.probability,
            c.percentile,
        ]
        .map(f64::to_bits)
    });
    bits.collect()
}

/// Rows as they come later: with new words, other types, and without some columns.
fn later(n: usize, seed: u64) -> Vec<Row> {
    let mut rows = mixed(n, seed);
    for (number, row) in rows.iter_mut().enumerate() {
        row.churned = None;
        row.cells.retain(|cell| cell.0 != "nps");
        if number % 5 == 0 {
            *row = row.clone().but("plan", text("never seen"));
        }
        row.cells.push(("of no use", Value::Number(number as f64)));
    }
    rows
}

#[test]
fn models_of_every_family_and_calibrator_score_as_before_they_were_written() {
    for (n, seed) in [(300, 1), (700, 2)] {
        let rows = mixed(n, seed);
        for family in Family::ALL {
            for calibrator in calibrators() {
                let model = saved_by(&rows, family, &calibrator);
                assert_eq!(model.served.model.family(), family);
                let read = read_back(&model);
                for new in [mixed(60, seed + 50), later(60, seed + 60)] {
                    assert_eq!(figures(&new, &read), figures(&new, &model), "{family:?}");
                }
            }
        }
    }
}

#[test]
fn whatever_is_learned_can_be_written_and_read() {
    for seed in 0..12 {
        let rows = mixed(20 + 40 * seed as usize, 70 + seed);
        let report = risk_with(&rows, &KEEP);
        let model = saved(&rows, &report);
        let new = later(9, seed);
        assert_eq!(figures(&new, &read_back(&model)), figures(&new, &model));
    }
    let few = customers_by_class(2, 2, 5);
    read_back(&saved(&few, &risk_with(&few, &KEEP)));
}

#[test]
fn columns_at_the_ends_of_the_range_of_doubles_can_be_written_and_read() {
    let columns: [Values; 4] = [
        ("huge", |k| if k % 3 == 0 { f64::MAX } else { -f64::MAX }),
        ("large", |k| 1e300 * (k % 11) as f64),
        ("tiny", |k| 1e-300 * (k % 7) as f64),
        ("smallest", |k| f64::from_bits(1 + (k % 4) as u64)),
    ];
    let rows: Vec<Row> = customers(400, 8)
        .into_iter()
        .enumerate()
        .map(|(k, row)| {
            let add = |row: Row, (name, value): &Values| row.with(name, Value::Number(value(k)));
            columns.iter().fold(row, add)
        })
        .collect();
    read_back(&saved(&rows, &risk_with(&rows, &KEEP)));
    for family in Family::ALL {
        let model = saved_by(&rows, family, &Calibrator::None);
        assert_eq!(model.features.len(), 9);
        assert_eq!(figures(&rows, &read_back(&model)), figures(&rows, &model));
    }
}

#[test]
fn a_regression_says_no_more_of_a_number_than_of_the_nearest_it_has_learned_from() {
    let mut stream = RandomStream::new(5, "range", 0);
    let mut learned = |number: usize| {
        let usage = (10.0 * stream.uniform()).round();
        Row {
            id: format!("c{number}"),
            churned: Some(stream.uniform() < 0.9 - 0.08 * usage),
            cells: vec![("usage", Value::Number(usage))],
            ..Row::default()
        }
    };
    let rows: Vec<Row> = (0..400).map(&mut learned).collect();
    let model = saved_by(&rows, Family::LogisticRegression, &Calibrator::None);
    let asked = [10.0, 1e5, f64::MAX, 0.0, -1e5, 9.0].map(|usage| Row {
        id: usage.to_string(),
        churned: None,
        cells: vec![("usage", Value::Number(usage))],
        ..Row::default()
    });
    let new = table(&asked);
    let stop = StopToken::new();
    let scored = score(&new, &model, &stop).expect("not stopped");
    let reasons = attributions(&new, &scored, &stop).expect("not stopped");
    let figures = |row: usize| (scored.customers[row].log_odds, reasons.of_row(row)[0]);
    assert_eq!([1, 2].map(figures), [figures(0); 2]);
    assert_eq!(figures(4), figures(3));
    assert!(figures(0).0 < figures(5).0 && figures(5).0 < figures(3).0);
    assert!(figures(1).1.abs() < 5.0);
}

#[test]
fn no_columns_of_use_still_make_a_model() {
    let rows: Vec<Row> = customers(60, 4)
        .into_iter()
        .map(|row| Row {
            cells: vec![("same", text("x"))],
            ..row
        })
        .collect();
    let model = saved(&rows, &risk_with(&rows, &KEEP));
    assert!(model.features.is_empty());
    let read = read_back(&model);
    assert_eq!(figures(&rows, &read).len(), 60);
}

#[test]
fn a_model_carries_what_later_answers_need() {
    let mut rows = mixed(400, 21);
    for (number, row) in rows.iter_mut().enumerate() {
        let date = if number % 2 == 0 {
            "2025-01-01"
        } else {
            "2025-03-01"
        };
        row.date = Date::parse(if row.churned.is_some() {
            date
        } else {
            "2025-06-01"
        });
    }
    let report = risk_with(&rows, &KEEP);
    let model = read_back(&saved(&rows, &report));
    let n_labelled = rows.iter().filter(|row| row.churned.is_some()).count();
    assert_eq!(model.n_churned + model.n_others, n_labelled);
    assert_eq!(model.last_snapshot, Date::parse("2025-03-01"));
    assert_eq!((model.seed, model.label_window_days), (42, None));
    let evidence = report.evidence.as_ref().expect("evidence");
    assert_eq!(model.evidence.served, evidence.served.metrics);
    assert_eq!(model.evidence.reliability, evidence.served.reliability);
    let feature = |name: &str| {
        let feature = model.features.iter().find(|feature| feature.name == name);
        feature.expect("a column of this name")
    };
    assert_eq!(feature("on_contract").kind, ColumnKind::Boolean);
    let plan = feature("plan");
    let Distribution::Text {
        levels, missing, ..
    } = &plan.distribution
    else {
        panic!("words")
    };
    let of_word = |word: Option<&str>, churned: Option<bool>| {
        let has_word = |row: &&Row| {
            let cell = row.cells.iter().find(|cell| cell.0 == "plan");
            match &cell.expect("a plan").1 {
                Value::Text(given) => Some(&**given) == word,
                _ => word.is_none(),
            }
        };
        let is_meant =
            |row: &&Row| row.churned.is_some() && churned.is_none_or(|c| row.churned == Some(c));
        rows.iter().filter(has_word).filter(is_meant).count()
    };
    for (word, counts) in plan.levels.iter().zip(levels) {
        assert_eq!(counts.n_rows, of_word(Some(word), None));
        assert_eq!(counts.n_churned, of_word(Some(word), Some(true)));
    }
    assert_eq!(missing.n_rows, of_word(None, None));
}

/// A small model of each family.
fn small_models() -> Vec<SavedModel> {
    let rows = mixed(80, 3);
    let calibrators = calibrators();
    let families = Family::ALL.into_iter().zip(&calibrators[1..]);
    families
        .map(|(family, calibrator)| {
            let mut model = saved_by(&rows, family, calibrator);
            match &mut model.served.model {
                FittedModel::Boosting { booster, .. } => booster.trees.truncate(2),
                FittedModel::Forest { forest, .. } => forest.trees.truncate(2),
                FittedModel::Linear { .. } => {}
            }
            model
        })
        .collect()
}

/// Whatever is read can be used: every figure is finite.
fn check_use(model: &SavedModel, new: &[Row]) {
    let new = table(new);
    let scored = score(&new, model, &StopToken::new()).expect("not stopped");
    for customer in &scored.customers {
        let figures = [customer.score, customer.log_odds, customer.probability];
        assert!(figures.iter().all(|x| x.is_finite()), "{customer:?}");
    }
    let reasons = attributions(&new, &scored, &StopToken::new()).expect("not stopped");
    for row in 0..new.len() {
        assert!(reasons.of_row(row).iter().all(|x| x.is_finite()), "{row}");
    }
}

#[test]
fn bytes_that_were_tampered_with_are_refused_or_can_be_used() {
    let new = later(4, 9);
    for model in small_models() {
        let bytes = model.to_bytes();
        let mut n_used = 0;
        for at in 0..bytes.len() {
            for mask in [0x01, 0x40, 0x80, 0xff] {
                let mut tampered = bytes.clone();
                tampered[at] ^= mask;
                if let Ok(model) = SavedModel::from_bytes(&tampered) {
                    n_used += 1;
                    check_use(&model, &new);
                }
            }
        }
        assert!(
            n_used > bytes.len() / 2,
            "other digits of a double are another model"
        );
    }
}

#[test]
fn bytes_that_end_early_or_late_are_refused() {
    for model in small_models() {
        let bytes = model.to_bytes();
        for end in 0..bytes.len() {
            let cut = SavedModel::from_bytes(&bytes[..end]);
            assert_eq!(cut, Err(ModelBytesError::Malformed), "{end}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(
            SavedModel::from_bytes(&longer),
            Err(ModelBytesError::Malformed)
        );
    }
}

#[test]
fn bytes_of_anything_are_refused() {
    let mut stream = RandomStream::new(1, "bytes", 0);
    for n in 0..3000 {
        let mut bytes = vec![SavedModel::FORMAT as u8];
        // Mostly small numbers, which are lengths and choices that there are.
        bytes.extend((0..n % 300).map(|_| match stream.below(3) {
            0 => stream.below(256) as u8,
            _ => stream.below(3) as u8,
        }));
        assert!(SavedModel::from_bytes(&bytes).is_err());
    }
    // A list of 2⁶³ columns, and a name of as many bytes.
    let long = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    for prefix in [&[1][..], &[1, 1]] {
        let bytes = [prefix, &long[..], &[0; 64]].concat();
        assert_eq!(
            SavedModel::from_bytes(&bytes),
            Err(ModelBytesError::Malformed)
        );
    }
}

#[test]
fn other_formats_are_named() {
    let mut bytes = small_models()[0].to_bytes();
    bytes[0] = 2;
    let expected = ModelBytesError::OtherFormat { given: 2 };
    assert_eq!(SavedModel::from_bytes(&bytes), Err(expected));
    assert_eq!(expected.to_string(), "a model of format 2, not 1");
}

#[test]
fn models_that_contradict_themselves_are_refused() {
    let [linear, forest, boosting] = small_models().try_into().expect("three families");
    let refused = |model: &SavedModel, change: &dyn Fn(&mut SavedModel)| {
        let mut changed = model.clone();
        change(&mut changed);
        assert_ne!(&changed, model);
        let read = SavedModel::from_bytes(&changed.to_bytes()).map(drop);
        assert!(matches!(read, Err(ModelBytesError::Unsound(_))), "{read:?}");
    };
    fn trees(model: &mut SavedModel) -> &mut Vec<Tree> {
        match &mut model.served.model {
            FittedModel::Forest { forest, .. } => &mut forest.trees,
            FittedModel::Boosting { booster, .. } => &mut booster.trees,
            FittedModel::Linear { .. } => panic!("trees"),
        }
    }
    refused(&linear, &|model| model.n_churned = 0);
    refused(&linear, &|model| model.n_others = usize::MAX);
    refused(&linear, &|model| model.features.swap(0, 6));
    refused(&linear, &|model| model.features.truncate(3));
    refused(&linear, &|model| {
        model.features[1].name = "tenure".to_owned();
    });
    refused(&linear, &|model| model.served.adjustment.lowest = 0.9999);
    refused(&linear, &|model| {
        model.served.adjustment.weight_of_heuristic = 1.5;
    });
    refused(&linear, &|model| {
        model.served.adjustment.heuristic.intercept = f64::NAN;
    });
    refused(&linear, &|model| {
        model.evidence.served.log_loss = f64::INFINITY;
    });
    refused(&linear, &|model| {
        let plan = model
            .features
            .iter_mut()
            .find(|feature| feature.name == "plan");
        plan.expect("a plan").levels.reverse();
    });
    refused(&linear, &|model| {
        let FittedModel::Linear { net, .. } = &mut model.served.model else {
            panic!()
        };
        net.terms.pop();
    });
    for [first, last] in [[f64::INFINITY, f64::INFINITY], [1.0, 0.0], [f64::NAN, 1e9]] {
        refused(&linear, &|model| {
            let FittedModel::Linear { encoding, .. } = &mut model.served.model else {
                panic!()
            };
            let LinearColumn::Numeric {
                lowest, highest, ..
            } = &mut encoding.columns[0]
            else {
                panic!("numbers")
            };
            (*lowest, *highest) = (first, last);
        });
    }
    for model in [&forest, &boosting] {
        refused(model, &|model| {
            let Node::Split { feature, .. } = &mut trees(model)[0].nodes[0] else {
                panic!()
            };
            *feature = 99;
        });
        refused(model, &|model| {
            let Node::Split { left, .. } = &mut trees(model)[0].nodes[0] else {
                panic!()
            };
            *left = 0;
        });
        refused(model, &|model| trees(model)[1].nodes.clear());
        refused(model, &|model| {
            let Distribution::Numeric { cuts, .. } = &mut model.features[0].distribution else {
                panic!("numbers")
            };
            cuts.swap(0, 1);
        });
    }
    refused(&forest, &|model| trees(model).clear());
    refused(&boosting, &|model| {
        let FittedModel::Boosting { booster, .. } = &mut model.served.model else {
            panic!()
        };
        booster.n_features = 1;
    });
}

/// A tree of so many leaves.
pub fn balanced(n_leaves: usize) -> Tree {
    let node = |at: usize| {
        if at < n_leaves - 1 {
            Node::Split {
                feature: at as u32 % 5,
                threshold: 0.1 * at as f64,
                missing_left: at.is_multiple_of(2),
                gain: 3.5,
                cover: 200.5,
                left: 2 * at as u32 + 1,
                right: 2 * at as u32 + 2,
            }
        } else {
            Node::Leaf {
                value: 0.01 * at as f64,
                cover: 20.5,
            }
        }
    };
    Tree {
        nodes: (0..2 * n_leaves - 1).map(node).collect(),
    }
}

#[test]
fn the_largest_models_that_are_learned_stay_below_a_mebibyte() {
    for mut model in small_models() {
        match &mut model.served.model {
            FittedModel::Forest { forest, .. } => forest.trees = vec![balanced(128); 100],
            FittedModel::Boosting { booster, .. } => booster.trees = vec![balanced(8); 1000],
            FittedModel::Linear { .. } => {}
        }
        let n_bytes = model.to_bytes().len();
        assert!(n_bytes < 1 << 20, "{n_bytes}");
        read_back(&model);
    }
}
