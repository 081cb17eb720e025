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
        Remark::NotBetterThanBaseline {
            baseline,
            baseline_rmse,
            rmse,
        } => evidence::not_better_than_baseline(baseline, baseline_rmse, rmse, currency),
        Remark::TotalOff { bias } => evidence::total_off(bias),
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
