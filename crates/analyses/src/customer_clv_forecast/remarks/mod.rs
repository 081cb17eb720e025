//! What a reader of a forecast has to know besides its figures: one warning for each remark of the report.

mod data;
mod evidence;
mod models;

use clientela_methods::clv::{ClvReport, Remark};
use clientela_narrative::{Language, Words};

pub use models::not_identified;

use super::Table;
use crate::Warning;
use crate::wire::Currency;

pub fn warnings(table: &Table, report: &ClvReport) -> Vec<Warning> {
    let remarks = report.remarks.iter();
    let mut warnings: Vec<Warning> = remarks
        .map(|remark| warning(*remark, table.currency))
        .collect();
    let is_told = |remark: &Remark| matches!(remark, Remark::MixedCosts { .. });
    // Where no customer has all costs, the report takes the base for one without any.
    if table.buyers.has_costs_in_part && !report.remarks.iter().any(is_told) {
        warnings.push(data::mixed_costs(0, table.buyers.histories.len()));
    }
    warnings
}

fn warning(remark: Remark, currency: Option<Currency>) -> Warning {
    match remark {
        Remark::MixedCosts { n_with, n_without } => data::mixed_costs(n_with, n_without),
        Remark::WithoutPurchases { n_customers } => data::without_purchases(n_customers),
        Remark::ValueNotPositive { n_customers } => data::value_not_positive(n_customers),
        Remark::LeftTruncated {
            n_first_month,
            monthly_mean,
        } => data::left_truncated(n_first_month, monthly_mean),
        Remark::ValueNotIndependent(correlation) => data::value_not_independent(correlation),
        Remark::RegularBuyers {
            median_variation,
            n_customers,
        } => data::regular_buyers(median_variation, n_customers),
        Remark::HistoricalMean { n_repeat } => models::historical_mean(n_repeat),
        Remark::NobodyRepeats => models::nobody_repeats(),
        Remark::NoTimeObserved => models::no_time_observed(),
        Remark::CountModelNotIdentified(why) => models::count_not_identified(why),
        Remark::ValueModelNotIdentified(why) => models::value_not_identified(why),
        Remark::NoValueModel => models::no_value_model(),
        Remark::NoDropout => models::no_dropout(),
        Remark::BoosterBeyondWindow {
            horizon_days,
            window_days,
        } => models::booster_beyond_window(horizon_days, window_days),
        Remark::BoosterSampled {
            n_rows,
            n_rows_available,
        } => models::booster_sampled(n_rows, n_rows_available),
        Remark::SeasonApplied { factor } => models::season_applied(factor),
        Remark::NoHoldOut(shortfall) => evidence::no_hold_out(shortfall),
        Remark::WeakEvidence(shortfall) => evidence::weak_evidence(shortfall),
        Remark::HorizonBeyondEvidence {
            horizon_days,
            validated_days,
        } => evidence::horizon_beyond_evidence(horizon_days, validated_days),
        Remark::SeasonNotCovered {
            window_days,
            history_days,
        } => evidence::season_not_covered(window_days, history_days),
        Remark::AboveHistory {
            forecast,
            before,
            horizon_days,
        } => evidence::above_history([forecast, before], horizon_days, currency),
        Remark::NotBetterThanBaseline {
            baseline,
            baseline_rmse,
            rmse,
        } => evidence::not_better_than_baseline(baseline, baseline_rmse, rmse, currency),
        Remark::TotalOff { bias } => evidence::total_off(bias),
        Remark::CalibrationOff(tenths) => evidence::calibration_off(tenths, currency),
        Remark::CohortsDiffer {
            early_ratio,
            late_ratio,
        } => evidence::cohorts_differ(early_ratio, late_ratio),
    }
}

/// The text that `say` has in each language.
fn in_all(say: impl Fn(Language) -> String) -> Words {
    Words {
        en: say(Language::En),
        es: say(Language::Es),
        pt: say(Language::Pt),
    }
}

#[cfg(test)]
mod tests {
    use clientela_methods::clv::{Baseline, Correlation, NotIdentified, Shortfall, TenthsOff};

    use super::*;

    /// One of each kind.
    fn remarks() -> Vec<Remark> {
        vec![
            Remark::MixedCosts {
                n_with: 3,
                n_without: 1,
            },
            Remark::WithoutPurchases { n_customers: 1 },
            Remark::ValueNotPositive { n_customers: 2 },
            Remark::LeftTruncated {
                n_first_month: 400,
                monthly_mean: 80.25,
            },
            Remark::ValueNotIndependent(Correlation {
                estimate: 0.4,
                lower: 0.3,
                upper: 0.5,
                n_customers: 90,
            }),
            Remark::RegularBuyers {
                median_variation: 0.31,
                n_customers: 40,
            },
            Remark::HistoricalMean { n_repeat: 0 },
            Remark::NobodyRepeats,
            Remark::NoTimeObserved,
            Remark::CountModelNotIdentified(NotIdentified::AtBound),
            Remark::ValueModelNotIdentified(NotIdentified::NotPositiveDefinite),
            Remark::NoValueModel,
            Remark::NoDropout,
            Remark::BoosterBeyondWindow {
                horizon_days: 365,
                window_days: 120,
            },
            Remark::BoosterSampled {
                n_rows: 60_000,
                n_rows_available: 276_938,
            },
            Remark::SeasonApplied { factor: 1.12 },
            Remark::NoHoldOut(Shortfall::ShortWindow { days: 12 }),
            Remark::WeakEvidence(Shortfall::FewPurchases { n_purchases: 7 }),
            Remark::HorizonBeyondEvidence {
                horizon_days: 365,
                validated_days: 90,
            },
            Remark::SeasonNotCovered {
                window_days: None,
                history_days: 200,
            },
            Remark::NotBetterThanBaseline {
                baseline: Baseline::Zero.name(),
                baseline_rmse: 10.0,
                rmse: 11.5,
            },
            Remark::AboveHistory {
                forecast: 1_300.0,
                before: 1_000.0,
                horizon_days: 91,
            },
            Remark::TotalOff { bias: -0.37 },
            Remark::CalibrationOff(TenthsOff {
                is_off: [true; 10],
                worst: 2,
                mean_forecast: 4.0,
                mean_actual: 8.0,
            }),
            Remark::CohortsDiffer {
                early_ratio: 0.7,
                late_ratio: 1.3,
            },
        ]
    }

    #[test]
    fn every_remark_has_a_code_that_the_page_explains_and_whole_sentences_in_every_language() {
        let warnings: Vec<Warning> = remarks().into_iter().map(|r| warning(r, None)).collect();
        let codes: std::collections::BTreeSet<&str> = warnings.iter().map(|w| w.code).collect();
        assert_eq!(codes.len(), warnings.len());
        let page = include_str!("../page.md");
        for code in codes {
            assert!(
                page.contains(&format!("`{code}`")),
                "the page explains {code}"
            );
        }
        for Warning { code, words, .. } in &warnings {
            for text in [&words.en, &words.es, &words.pt] {
                assert!(
                    text.ends_with('.') && !text.contains("  "),
                    "{code}: {text}"
                );
            }
            assert!(words.en != words.es && words.es != words.pt, "{code}");
        }
    }
}
