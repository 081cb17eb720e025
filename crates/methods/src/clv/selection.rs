//! Which family serves, and the rule that decided.

use super::metrics::MeanOfCustomers;
use super::report::Family;
use super::validation::{Scores, Selection};

/// A family whose total is off by more is out where the other's is not.
const TOTAL_OFF: f64 = 0.3;
/// By how much a family's root mean squared error may be higher.
const RMSE_RATIO_MAX: f64 = 1.02;

/// What hold-outs showed of both families.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contest {
    /// Of the count and value model.
    pub probabilistic: Scores,
    /// Of the booster.
    pub boosting: Scores,
    /// By how much the booster's absolute error is lower, with its standard error.
    pub advantage: MeanOfCustomers,
    /// Whether customers buy at regular gaps.
    pub is_regular: bool,
}

/// Decides between the families.
///
/// Both forecast the mean. A mean absolute error alone rewards forecasting too little, so that totals are looked at
/// first, and root mean squared errors stand beside it.
pub fn choose(contest: &Contest) -> (Family, Selection) {
    let Contest {
        probabilistic,
        boosting,
        advantage,
        is_regular,
    } = contest;
    if is_out(boosting, probabilistic) {
        return (Family::Probabilistic, total_off(boosting, probabilistic));
    }
    if is_out(probabilistic, boosting) {
        return (Family::GradientBoosting, total_off(probabilistic, boosting));
    }
    if *is_regular {
        return (Family::GradientBoosting, Selection::RegularBuyers);
    }
    let (difference, standard_error) = (advantage.mean, advantage.standard_error);
    if difference <= standard_error {
        let rule = Selection::NotClearlyLower {
            difference,
            standard_error,
        };
        return (Family::Probabilistic, rule);
    }
    if boosting.rmse > RMSE_RATIO_MAX * probabilistic.rmse {
        let rmse_ratio = boosting.rmse / probabilistic.rmse;
        return (
            Family::Probabilistic,
            Selection::LargerErrors { rmse_ratio },
        );
    }
    let rule = Selection::LowerError {
        difference,
        standard_error,
    };
    (Family::GradientBoosting, rule)
}

/// Whether a family's total is off by more than 30 %, where the other's is not, at a root mean squared error that is at
/// most 2 % higher.
fn is_out(family: &Scores, other: &Scores) -> bool {
    let off = |scores: &Scores| scores.bias.is_some_and(|bias| bias.abs() > TOTAL_OFF);
    off(family) && !off(other) && other.rmse <= RMSE_RATIO_MAX * family.rmse
}

fn total_off(out: &Scores, serves: &Scores) -> Selection {
    Selection::TotalOff {
        other_bias: out.bias.unwrap_or(0.0),
        bias: serves.bias.unwrap_or(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(bias: f64, rmse: f64) -> Scores {
        Scores {
            n: 100,
            mae: 1.0,
            rmse,
            forecast_total: 100.0 * (1.0 + bias),
            actual_total: 100.0,
            bias: Some(bias),
            spearman: None,
        }
    }

    fn contest(biases: [f64; 2], rmses: [f64; 2], advantage: f64) -> Contest {
        Contest {
            probabilistic: scores(biases[0], rmses[0]),
            boosting: scores(biases[1], rmses[1]),
            advantage: MeanOfCustomers {
                mean: advantage,
                standard_error: 1.0,
            },
            is_regular: false,
        }
    }

    #[test]
    fn each_rule_decides_where_it_applies() {
        use Family::{GradientBoosting, Probabilistic};
        let winner = |contest: &Contest| choose(contest).0;
        let clear = contest([0.1, 0.1], [5.0, 5.05], 1.1);
        assert!(matches!(
            choose(&clear),
            (GradientBoosting, Selection::LowerError { .. })
        ));
        let close = contest([0.1, 0.1], [5.0, 4.0], 1.0);
        assert!(matches!(
            choose(&close),
            (Probabilistic, Selection::NotClearlyLower { .. })
        ));
        let wild = contest([0.1, 0.1], [5.0, 5.2], 3.0);
        assert!(matches!(
            choose(&wild),
            (Probabilistic, Selection::LargerErrors { .. })
        ));
        let low = contest([0.1, -0.6], [5.0, 5.0], 3.0);
        assert!(matches!(
            choose(&low),
            (Probabilistic, Selection::TotalOff { .. })
        ));
        let high = contest([0.6, 0.1], [5.0, 5.05], -3.0);
        assert!(matches!(
            choose(&high),
            (GradientBoosting, Selection::TotalOff { .. })
        ));
        // Off alike, or the other's errors too large: the total decides nothing.
        assert_eq!(
            winner(&contest([0.6, 0.6], [5.0, 5.0], 3.0)),
            GradientBoosting
        );
        assert_eq!(
            winner(&contest([0.6, 0.1], [5.0, 5.2], -3.0)),
            Probabilistic
        );
    }

    #[test]
    fn regular_buyers_are_left_to_the_booster() {
        let regular = Contest {
            is_regular: true,
            ..contest([0.1, 0.1], [5.0, 6.0], -3.0)
        };
        let expected = (Family::GradientBoosting, Selection::RegularBuyers);
        assert_eq!(choose(&regular), expected);
    }
}
