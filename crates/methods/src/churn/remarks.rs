//! Collects what a reader has to know, from everything that was found out.

use clientela_tables::{CustomerTraits, TraitValues};

use super::columns::{ColumnReport, ColumnUsage, Documented, Ignored};
use super::evidence::{Evidence, Metrics};
use super::families::{Family, FittedModel};
use super::features::Features;
use super::few_rows::Adjustment;
use super::leaks::is_too_good;
use super::remark::Remark;

/// Values of answers to the question behind an NPS.
const ANSWERS: std::ops::RangeInclusive<f64> = 0.0..=10.0;

/// Remarks on the columns of a table.
pub(super) fn on_columns(traits: &CustomerTraits, columns: &[ColumnReport]) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = columns.iter().flat_map(on_column).collect();
    if let Some(TraitValues::Numeric(values)) = traits
        .column(Documented::Nps.name())
        .map(|column| &column.values)
    {
        let mut present = values.iter().filter(|value| !value.is_nan()).peekable();
        if present.peek().is_some() && present.all(|value| ANSWERS.contains(value)) {
            remarks.push(Remark::NpsLooksLikeAnswers);
        }
    }
    remarks
}

fn on_column(report: &ColumnReport) -> Vec<Remark> {
    let column = || report.name.clone();
    let mut remarks = Vec::new();
    match &report.usage {
        ColumnUsage::Used { .. } => {
            if report.looks_numeric {
                remarks.push(Remark::NumbersAsText { column: column() });
            }
        }
        ColumnUsage::Ignored(why) => {
            remarks.extend(on_ignored(column(), why, report.looks_numeric));
        }
    }
    if report.is_mixed {
        remarks.push(Remark::MixedColumn { column: column() });
    }
    // Where no row has a value the column is reported as empty.
    let is_empty = report.usage == ColumnUsage::Ignored(Ignored::Empty);
    if report.documented.is_some() && report.n_missing > 0 && !is_empty {
        remarks.push(Remark::Imputed {
            column: column(),
            n_rows: report.n_missing,
        });
    }
    remarks
}

fn on_ignored(column: String, why: &Ignored, looks_numeric: bool) -> Option<Remark> {
    match why {
        Ignored::Empty => Some(Remark::EmptyColumn { column }),
        Ignored::Constant => Some(Remark::ConstantColumn { column }),
        Ignored::LikeAnId => Some(Remark::IdColumn { column }),
        Ignored::TooManyLevels {
            n_levels,
            n_levels_max,
        } => Some(Remark::TooManyLevels {
            column,
            n_levels: *n_levels,
            n_levels_max: *n_levels_max,
            looks_numeric,
        }),
        Ignored::SameAs(same_as) => Some(Remark::SameColumn {
            column,
            same_as: same_as.clone(),
        }),
        // Which columns a model sees was said when it was learned.
        Ignored::NotInModel => None,
    }
}

/// Words in some rows of the features that the model of these rows learned nothing of.
pub(super) fn on_unseen_words(
    model: &FittedModel,
    features: &Features,
    rows: &[u32],
) -> Vec<Remark> {
    let unknown = model.unknown(features, rows);
    let remark = |feature: usize| {
        let column = &features.columns[feature];
        let is_unseen = |(place, row): &(usize, &u32)| {
            unknown.is(feature, *place) && !column.is_missing(**row as usize)
        };
        let n_rows = rows.iter().enumerate().filter(is_unseen).count();
        (n_rows > 0).then(|| Remark::UnseenWords {
            column: column.name.clone(),
            n_rows,
        })
    };
    unknown.features().filter_map(remark).collect()
}

/// Whether the probabilities are worth anything: they should rank and forecast better than one number for everyone.
fn on_worth(served: &Metrics, log_loss_of_rate: f64) -> Vec<Remark> {
    let (roc_auc, log_loss) = (served.roc_auc, served.log_loss);
    let mut remarks = Vec::new();
    if roc_auc.lower <= 0.5 {
        remarks.push(Remark::NotBetterThanChance { roc_auc });
    }
    if log_loss >= log_loss_of_rate {
        remarks.push(Remark::NotBetterThanRate {
            log_loss,
            log_loss_of_rate,
        });
    }
    remarks
}

/// Remarks on a model and what its held-out rows showed.
pub(super) fn on_evidence(
    evidence: &Evidence,
    adjustment: &Adjustment,
    n_features: usize,
) -> Vec<Remark> {
    let mut remarks = Vec::new();
    if let Some(n_customers) = adjustment.few_customers() {
        remarks.push(Remark::FewOfRarerClass {
            n_customers,
            weight_of_heuristic: adjustment.weight_of_heuristic,
        });
    }
    let is_fitted = |family| {
        evidence
            .families
            .iter()
            .any(|tested| tested.family == family)
    };
    let missed = Family::ALL.into_iter().filter(|&family| !is_fitted(family));
    remarks.extend(missed.map(Remark::FamilyNotFitted));
    if n_features == 0 {
        remarks.push(Remark::NoUsableColumns);
    } else {
        remarks.extend(on_worth(
            &evidence.served.metrics,
            evidence.log_loss_of_rate,
        ));
    }
    remarks.extend(evidence.leaks.iter().map(|leak| Remark::Leak {
        column: leak.column.clone(),
        roc_auc: leak.roc_auc,
    }));
    let roc_auc = evidence.served.metrics.roc_auc;
    let is_enough = adjustment.few_customers().is_none();
    if evidence.leaks.is_empty() && is_enough && is_too_good(&roc_auc) {
        remarks.push(Remark::TooGood { roc_auc });
    }
    if evidence.duplicates.are_many() {
        remarks.push(Remark::Duplicates {
            n_rows: evidence.duplicates.n_rows,
            share: evidence.duplicates.share,
        });
    }
    remarks
}
