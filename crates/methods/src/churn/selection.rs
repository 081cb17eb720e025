//! Which family serves: the best ROC-AUC in three decimals, then F1, then accuracy; of equal ones the simplest.

use clientela_numerics::round_decimal;

use super::evidence::{FamilyEvidence, Metrics};
use super::families::Family;

/// Decimals in which areas are compared: further ones are chance.
const DECIMALS: u32 = 3;

/// What decided between the families.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criterion {
    /// There was but one.
    OnlyFamily,
    /// The area under the ROC curve.
    RocAuc,
    /// Areas were equal; F1 at 0.5.
    F1,
    /// So were F1; accuracy at 0.5.
    Accuracy,
    /// All equal; the simplest.
    Simplicity,
}

/// The place of the family that serves, and what decided against the runner-up; `families` from the simplest on, at least one.
pub(super) fn choose(families: &[FamilyEvidence]) -> (Family, Criterion) {
    let key = |family: &FamilyEvidence| criteria(&family.metrics);
    let beats = |a: &FamilyEvidence, b: &FamilyEvidence| key(a) > key(b);
    let mut best = &families[0];
    for family in &families[1..] {
        if beats(family, best) {
            best = family;
        }
    }
    let rivals = families.iter().filter(|rival| rival.family != best.family);
    let closest = rivals
        .map(key)
        .max_by(|a, b| a.partial_cmp(b).expect("finite figures"));
    let criterion = match closest {
        None => Criterion::OnlyFamily,
        Some(closest) => {
            let own = key(best);
            match (0..own.len()).find(|&k| own[k] != closest[k]) {
                Some(0) => Criterion::RocAuc,
                Some(1) => Criterion::F1,
                Some(_) => Criterion::Accuracy,
                None => Criterion::Simplicity,
            }
        }
    };
    (best.family, criterion)
}

fn criteria(metrics: &Metrics) -> [f64; 3] {
    let area = round_decimal(metrics.roc_auc.area, DECIMALS);
    [area, metrics.f1, metrics.accuracy]
}

#[cfg(test)]
mod tests {
    use clientela_learn::calibration::CalibrationKind;
    use clientela_learn::metrics::binary::AreaInterval;

    use super::*;

    fn evidence(family: Family, area: f64, f1: f64, accuracy: f64) -> FamilyEvidence {
        let roc_auc = AreaInterval {
            area,
            standard_error: None,
            lower: 0.0,
            upper: 1.0,
        };
        FamilyEvidence {
            family,
            calibration: CalibrationKind::None,
            metrics: Metrics {
                roc_auc,
                average_precision: 0.5,
                average_precision_interval: None,
                f1,
                f1_interval: None,
                accuracy,
                accuracy_interval: None,
                brier_score: 0.1,
                log_loss: 0.3,
                ece: 0.0,
                ece_expected: 0.0,
            },
        }
    }

    #[track_caller]
    fn check(figures: [[f64; 3]; 2], expected: (Family, Criterion)) {
        let families = [0, 1].map(|k| {
            let [area, f1, accuracy] = figures[k];
            evidence(Family::ALL[k], area, f1, accuracy)
        });
        assert_eq!(choose(&families), expected);
    }

    #[test]
    fn each_criterion_decides_where_those_before_are_equal() {
        let [simple, other, _] = Family::ALL;
        check(
            [[0.84, 0.9, 0.9], [0.85, 0.1, 0.1]],
            (other, Criterion::RocAuc),
        );
        check(
            [[0.8504, 0.5, 0.9], [0.8496, 0.6, 0.1]],
            (other, Criterion::F1),
        );
        check(
            [[0.85, 0.6, 0.9], [0.85, 0.6, 0.8]],
            (simple, Criterion::Accuracy),
        );
        check(
            [[0.85, 0.6, 0.8], [0.85, 0.6, 0.8]],
            (simple, Criterion::Simplicity),
        );
        let all = Family::ALL.map(|family| evidence(family, 0.8, 0.5, 0.9));
        assert_eq!(choose(&all), (simple, Criterion::Simplicity));
        let only = [evidence(simple, 0.7, 0.0, 0.5)];
        assert_eq!(choose(&only), (simple, Criterion::OnlyFamily));
    }
}
