//! What held-out rows show, and what serves.

use clientela_learn::metrics::binary::RankedOutcomes;
use clientela_methods::churn::{Criterion, Family, FittedModel, RiskBand, Source};
use clientela_numerics::RandomStream;

use crate::bases::{Row, Value, customers, evidence_of, risk_of};

#[test]
fn figures_are_those_of_the_probabilities_that_are_served() {
    let rows = customers(1200, 51);
    let report = risk_of(&rows);
    let outcomes: Vec<bool> = rows.iter().map(|row| row.churned == Some(true)).collect();
    let served: Vec<f64> = report.customers.iter().map(|c| c.probability).collect();
    let ranked = RankedOutcomes::new(&served, &outcomes);
    let evidence = evidence_of(&report);
    let metrics = evidence.served.metrics;
    assert_eq!(Some(metrics.roc_auc.area), ranked.roc_auc());
    assert_eq!(Some(metrics.brier_score), ranked.brier_score());
    assert_eq!(Some(metrics.log_loss), ranked.log_loss());
    assert_eq!(evidence.served.reliability, ranked.reliability(10, 0.95));
    assert_eq!(evidence.served.lift, ranked.lift(10));
    let n: f64 = evidence.served.reliability.iter().map(|bin| bin.n).sum();
    assert_eq!(n, 1200.0);
    for customer in &report.customers {
        assert_eq!(customer.band, RiskBand::of(customer.probability));
        let rate = report.n_churned as f64 / 1200.0;
        assert_eq!(customer.lift, customer.probability / rate);
    }
}

#[test]
fn each_row_is_scored_by_the_model_of_its_fold_and_no_other() {
    let report = risk_of(&customers(600, 52));
    let models = report.models.as_ref().expect("models");
    assert_eq!(models.of_folds.len(), 5);
    assert!(models.of_all.is_none(), "no row needs it");
    let stop = clientela_numerics::StopToken::new();
    for (place, &row) in models.order.iter().enumerate() {
        let customer = report.customers[row as usize];
        assert!(matches!(customer.source, Source::Fold(_)));
        let model = models.of(customer.source);
        let score = model
            .model
            .log_odds(&models.features, &[place as u32], &stop);
        assert_eq!(score.expect("not stopped"), [customer.score]);
        let calibrated = model.calibrator.log_odds(customer.score);
        assert_eq!(calibrated, customer.calibrated_log_odds);
        let z = models.heuristic_log_odds[place];
        assert_eq!(model.adjustment.log_odds(calibrated, z), customer.log_odds);
    }
}

/// Customers whose risk is high where two numbers are both high or both low: nothing that a sum of terms can say.
fn crossed(n: usize) -> Vec<Row> {
    let mut stream = RandomStream::new(53, "test", 0);
    let mut row = |number: usize| {
        let (a, b) = (stream.normal(), stream.normal());
        let p = if (a > 0.0) == (b > 0.0) { 0.6 } else { 0.1 };
        Row {
            id: number.to_string(),
            churned: Some(stream.uniform() < p),
            cells: vec![("a", Value::Number(a)), ("b", Value::Number(b))],
            ..Row::default()
        }
    };
    (0..n).map(&mut row).collect()
}

#[test]
fn the_family_that_ranks_best_serves() {
    let report = risk_of(&crossed(1500));
    let evidence = evidence_of(&report);
    assert_ne!(evidence.best, Family::LogisticRegression);
    assert_eq!(evidence.criterion, Criterion::RocAuc);
    let of = |family| {
        let mut families = evidence.families.iter();
        let found = families.find(|tested| tested.family == family);
        found.expect("a tested family").metrics.roc_auc.area
    };
    assert!(of(evidence.best) > of(Family::LogisticRegression) + 0.1);
    let names = evidence.families.iter().map(|tested| tested.family);
    assert_eq!(names.collect::<Vec<_>>(), Family::ALL);
}

#[test]
fn risks_that_are_a_sum_of_terms_are_left_to_the_logistic_regression() {
    let mut stream = RandomStream::new(54, "test", 0);
    let mut row = |number: usize| {
        let values: [f64; 6] = std::array::from_fn(|_| stream.normal());
        let z: f64 = values.iter().sum::<f64>() - 1.0;
        let names = ["a", "b", "c", "d", "e", "f"];
        let cells = names.into_iter().zip(values);
        Row {
            id: number.to_string(),
            churned: Some(stream.uniform() < 1.0 / (1.0 + (-z).exp())),
            cells: cells.map(|(name, x)| (name, Value::Number(x))).collect(),
            ..Row::default()
        }
    };
    let rows: Vec<Row> = (0..800).map(&mut row).collect();
    let report = risk_of(&rows);
    assert_eq!(evidence_of(&report).best, Family::LogisticRegression);
    // The true slopes are 1; a penalty shrinks them.
    let models = report.models.expect("models");
    let FittedModel::Linear { net, .. } = &models.of_folds[0].model else {
        panic!("a logistic regression")
    };
    for term in &net.terms {
        let clientela_learn::logistic::Term::Numeric { coefficient, .. } = term else {
            panic!("a number")
        };
        assert!((0.6..1.4).contains(coefficient), "{coefficient}");
    }
}

#[test]
fn probabilities_of_fresh_customers_hold() {
    // Labelled customers, and unlabelled ones whose outcomes are known to the test alone.
    let labelled = customers(2500, 55);
    let fresh = customers(2500, 56);
    let mut rows = labelled;
    rows.extend(fresh.iter().map(|row| Row {
        id: format!("fresh {}", row.id),
        churned: None,
        ..row.clone()
    }));
    let report = risk_of(&rows);
    let served: Vec<f64> = report.customers[2500..]
        .iter()
        .map(|c| c.probability)
        .collect();
    let outcomes: Vec<bool> = fresh.iter().map(|row| row.churned == Some(true)).collect();
    let ranked = RankedOutcomes::new(&served, &outcomes);
    let promised = evidence_of(&report).served.metrics;
    let kept = ranked.roc_auc().expect("both classes");
    assert!((kept - promised.roc_auc.area).abs() < 0.03, "{kept}");
    let loss = ranked.log_loss().expect("rows");
    assert!((loss - promised.log_loss).abs() < 0.03, "{loss}");
    let ece = ranked.expected_calibration_error(10).expect("rows");
    assert!(ece < 0.035, "{ece}");
}
