//! What few rows of a class, and chance, allow to say.

use clientela_methods::churn::{Remark, RiskReport};
use clientela_numerics::RandomStream;

use crate::bases::{Row, Value, customers_by_class, evidence_of, risk_of};

fn weight(report: &RiskReport) -> Option<f64> {
    report.remarks.iter().find_map(|remark| match remark {
        Remark::FewOfRarerClass {
            weight_of_heuristic,
            ..
        } => Some(*weight_of_heuristic),
        _ => None,
    })
}

#[test]
fn the_share_of_the_formula_falls_to_nothing_at_twenty() {
    assert_eq!(weight(&risk_of(&customers_by_class(5, 200, 1))), Some(0.75));
    assert_eq!(
        weight(&risk_of(&customers_by_class(200, 19, 1))),
        Some(1.0 - 0.95)
    );
    assert_eq!(weight(&risk_of(&customers_by_class(20, 200, 1))), None);
}

#[test]
fn served_probabilities_are_the_mixture_within_its_bounds() {
    let rows = customers_by_class(15, 285, 2);
    let report = risk_of(&rows);
    let models = report.models.as_ref().expect("models");
    let adjustment = models.of_folds[0].adjustment;
    assert_eq!(adjustment.weight_of_heuristic, 0.25);
    let p = |z: f64| 1.0 / (1.0 + (-z).exp());
    let mut mean = 0.0;
    for (place, &row) in models.order.iter().enumerate() {
        let customer = &report.customers[row as usize];
        let h = p(models.heuristic_log_odds[place]);
        mean += h / 300.0;
        let mixed = 0.25 * h + 0.75 * p(customer.calibrated_log_odds);
        let expected = mixed.clamp(1.0 / 287.0, 1.0 - 1.0 / 17.0);
        assert!((customer.probability - expected).abs() < 1e-12);
    }
    // The formula's mean is the smoothed rate of the rows.
    assert!((mean - 16.0 / 302.0).abs() < 1e-9, "{mean}");
}

#[test]
fn labels_by_chance_are_said_to_be_no_better() {
    let mut stream = RandomStream::new(3, "coin", 0);
    let mut rows = customers_by_class(150, 150, 3);
    stream.shuffle(&mut rows);
    for (number, row) in rows.iter_mut().enumerate() {
        row.churned = Some(number % 2 == 0);
    }
    let report = risk_of(&rows);
    let by_chance = |remark: &Remark| matches!(remark, Remark::NotBetterThanChance { .. });
    assert!(report.remarks.iter().any(by_chance), "{:?}", report.remarks);
    let spread = report.customers.iter().map(|c| (c.probability - 0.5).abs());
    assert!(spread.fold(0.0, f64::max) < 0.3, "nobody is called lost");
}

#[test]
fn more_columns_than_rows_are_no_evidence() {
    let mut stream = RandomStream::new(4, "noise", 0);
    let names: Vec<&'static str> = (0..60)
        .map(|k| &*Box::leak(format!("noise_{k:02}").into_boxed_str()))
        .collect();
    let rows: Vec<Row> = (0..40)
        .map(|number| Row {
            id: number.to_string(),
            churned: Some(number % 2 == 0),
            cells: names
                .iter()
                .map(|name| (*name, Value::Number(stream.normal())))
                .collect(),
            ..Row::default()
        })
        .collect();
    let report = risk_of(&rows);
    let metrics = evidence_of(&report).served.metrics;
    let expected = [
        Remark::NotBetterThanChance {
            roc_auc: metrics.roc_auc,
        },
        Remark::NotBetterThanRate {
            log_loss: metrics.log_loss,
            log_loss_of_rate: std::f64::consts::LN_2,
        },
    ];
    assert_eq!(report.remarks, expected);
    // At twenty of a class the formula has no share, but nobody is called lost by noise.
    assert!(
        report
            .customers
            .iter()
            .all(|c| (0.05..0.95).contains(&c.probability))
    );
}
