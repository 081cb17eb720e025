//! Collects what a reader has to know, from everything that was found out.

use super::calendar::DAYS_OF_YEAR;
use super::diagnostics::{self, Cohorts, Regularity};
use super::remark::Remark;
use super::report::{Family, ModelParameters};
use super::served::Served;
use super::snapshot::Snapshot;
use super::validation::{Evidence, TenthsOff, Validation};

/// A horizon longer than so many windows is beyond the evidence.
const WINDOWS_OF_EVIDENCE: f64 = 1.5;
/// A forecast total over what came before that is worth a remark.
const ABOVE_HISTORY: f64 = 1.1;
/// A tested total that is off by more is remarked upon.
const TOTAL_OFF: f64 = 0.2;

/// Where remarks come from.
#[derive(Debug)]
pub struct Findings<'f, 's, 'a> {
    /// The base today.
    pub snapshot: &'f Snapshot<'a>,
    /// The family that serves.
    pub best: Family,
    /// Days of the horizon.
    pub horizon_days: u32,
    /// What serves.
    pub served: &'f Served<'s, 'a>,
    /// The evidence.
    pub validation: &'f Validation,
    /// The models.
    pub model: &'f ModelParameters,
    /// How regular the gaps are.
    pub regularity: Option<Regularity>,
    /// How early and late customers were forecast.
    pub cohorts: Option<Cohorts>,
    /// Tenths of customers whose forecasts were off on the hold-outs.
    pub tenths_off: Option<TenthsOff>,
    /// The forecast total.
    pub total: f64,
    /// What the customers brought in as many days before; `None` where the history is shorter.
    pub before: Option<f64>,
}

/// All remarks: on the data, the models, the evidence, the horizon.
pub fn collect(findings: &Findings<'_, '_, '_>) -> Vec<Remark> {
    let mut remarks = Vec::new();
    remarks.extend(on_data(findings));
    remarks.extend(on_models(findings));
    remarks.extend(on_evidence(findings));
    remarks.extend(on_horizon(findings));
    remarks
}

fn on_data(findings: &Findings<'_, '_, '_>) -> Vec<Remark> {
    let snapshot = findings.snapshot;
    let histories = snapshot.base().histories();
    let mut remarks = Vec::new();
    let with = (0..histories.len()).filter(|&customer| histories.has_costs(customer));
    let (n_with, n) = (with.count(), histories.len());
    if n_with > 0 && n_with < n {
        remarks.push(Remark::MixedCosts {
            n_with,
            n_without: n - n_with,
        });
    }
    let n_customers = n - snapshot.n_customers();
    if n_customers > 0 {
        remarks.push(Remark::WithoutPurchases { n_customers });
    }
    if let Some(month) = diagnostics::first_month(snapshot).filter(|m| m.is_left_truncated()) {
        remarks.push(Remark::LeftTruncated {
            n_first_month: month.n_first_month,
            monthly_mean: month.monthly_mean,
        });
    }
    if let Some(regularity) = findings.regularity.filter(|r| r.is_regular()) {
        remarks.push(Remark::RegularBuyers {
            median_variation: regularity.median_variation,
            n_customers: regularity.n_customers,
        });
    }
    let independence = findings.model.value_independence;
    if let Some(correlation) = independence.filter(super::report::Correlation::is_strong) {
        remarks.push(Remark::ValueNotIndependent(correlation));
    }
    remarks
}

fn on_models(findings: &Findings<'_, '_, '_>) -> Vec<Remark> {
    let snapshot = findings.snapshot;
    let mut remarks = Vec::new();
    let Some(model) = &findings.served.model else {
        remarks.push(Remark::HistoricalMean {
            n_repeat: snapshot.n_repeat(),
        });
        let buyers = || snapshot.states().iter().filter(|s| s.n_purchases > 0);
        if !buyers().any(|state| state.first_day < snapshot.day()) {
            remarks.push(Remark::NoTimeObserved);
        } else if snapshot.n_repeat() == 0 {
            remarks.push(Remark::NobodyRepeats);
        }
        return remarks;
    };
    if let Some(why) = model.count.not_identified {
        remarks.push(Remark::CountModelNotIdentified(why));
    }
    if !model.count.has_dropout() {
        remarks.push(Remark::NoDropout);
    }
    if model.value.fit.is_none() {
        remarks.push(Remark::NoValueModel);
    } else if let Some(why) = model.value.not_identified() {
        remarks.push(Remark::ValueModelNotIdentified(why));
    }
    if model.value.n_left_out > 0 {
        remarks.push(Remark::ValueNotPositive {
            n_customers: model.value.n_left_out,
        });
    }
    if let Some(boosting) = findings.served.boosting {
        if findings.horizon_days > boosting.window_days {
            remarks.push(Remark::BoosterBeyondWindow {
                horizon_days: findings.horizon_days,
                window_days: boosting.window_days,
            });
        }
        if boosting.n_rows < boosting.n_rows_available {
            remarks.push(Remark::BoosterSampled {
                n_rows: boosting.n_rows,
                n_rows_available: boosting.n_rows_available,
            });
        }
    }
    let by_models = |days: u32| days < findings.horizon_days;
    let is_applied = findings
        .served
        .boosting
        .is_none_or(|b| by_models(b.window_days));
    if is_applied && findings.model.season_factor != 1.0 {
        remarks.push(Remark::SeasonApplied {
            factor: findings.model.season_factor,
        });
    }
    remarks
}

fn on_evidence(findings: &Findings<'_, '_, '_>) -> Vec<Remark> {
    let validation = findings.validation;
    let mut remarks = Vec::new();
    match validation.evidence {
        Evidence::Sound => {}
        Evidence::Weak(shortfall) => remarks.push(Remark::WeakEvidence(shortfall)),
        Evidence::Absent(shortfall) => remarks.push(Remark::NoHoldOut(shortfall)),
    }
    let mut families = validation.families.iter();
    let served = families.find(|score| score.family == findings.best);
    if let Some(scores) = served.map(|score| score.scores) {
        if let Some(bias) = scores.bias.filter(|bias| bias.abs() > TOTAL_OFF) {
            remarks.push(Remark::TotalOff { bias });
        }
        for baseline in &validation.baselines {
            if baseline.scores.rmse < scores.rmse {
                remarks.push(Remark::NotBetterThanBaseline {
                    baseline: baseline.baseline.name(),
                    baseline_rmse: baseline.scores.rmse,
                    rmse: scores.rmse,
                });
            }
        }
    }
    remarks.extend(findings.tenths_off.map(Remark::CalibrationOff));
    if let Some(cohorts) = findings.cohorts.filter(|cohorts| cohorts.differ()) {
        remarks.push(Remark::CohortsDiffer {
            early_ratio: cohorts.early_ratio,
            late_ratio: cohorts.late_ratio,
        });
    }
    remarks
}

fn on_horizon(findings: &Findings<'_, '_, '_>) -> Vec<Remark> {
    let base = findings.snapshot.base();
    let (horizon_days, window_days) = (findings.horizon_days, findings.validation.window_days);
    let history_days = (base.today() - base.first_day()).unsigned_abs();
    let mut remarks = Vec::new();
    // Without a hold-out no day was tested, and every horizon is beyond that.
    let validated_days = window_days.unwrap_or(0);
    if f64::from(horizon_days) > WINDOWS_OF_EVIDENCE * f64::from(validated_days) {
        remarks.push(Remark::HorizonBeyondEvidence {
            horizon_days,
            validated_days,
        });
    }
    if history_days < DAYS_OF_YEAR || window_days.is_some_and(|days| days < DAYS_OF_YEAR) {
        remarks.push(Remark::SeasonNotCovered {
            window_days,
            history_days,
        });
    }
    // Some customers leave, and those still to come are not forecast: without growth or a season there is less to come.
    if let Some(before) = findings.before.filter(|&before| before > 0.0)
        && findings.total > ABOVE_HISTORY * before
    {
        remarks.push(Remark::AboveHistory {
            forecast: findings.total,
            before,
            horizon_days,
        });
    }
    remarks
}
