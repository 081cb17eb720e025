//! What a reader of churn risks has to know besides its figures: one warning for each remark of the report.

mod data;
mod model;

use clientela_methods::churn::{Basis, Changes, Documented, Drift, Remark, RiskReport};

#[cfg(test)]
pub use model::drifted;
pub use model::no_model;

use super::table::Table;
use super::{Report, actions};
use crate::Warning;

pub fn warnings(table: &Table, report: &Report) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = report.risk.remarks.iter().map(warning).collect();
    warnings.extend(stand_ins(table, &report.risk));
    warnings.extend(report.drift.as_ref().and_then(on_drift));
    if table.read.is_declared {
        let unused = report.changes.iter().flat_map(Changes::unused);
        warnings.extend(unused.map(|name| actions::unseen(name)));
    }
    if table.is_valued() && report.money.is_none() {
        warnings.push(data::no_values());
    }
    if table.options.keep_model && report.artifact.is_none() {
        warnings.push(model::nothing_to_save());
    }
    warnings
}

/// The remark in words.
pub fn warning(remark: &Remark) -> Warning {
    match remark {
        Remark::Heuristic(why) => model::heuristic(*why),
        Remark::FewOfRarerClass {
            n_customers,
            weight_of_heuristic,
        } => model::few_of_rarer_class(*n_customers, *weight_of_heuristic),
        Remark::FamilyNotFitted(family) => model::not_fitted(*family),
        Remark::NoUsableColumns => model::no_usable_columns(),
        Remark::NotBetterThanChance { roc_auc } => model::not_better_than_chance(*roc_auc),
        Remark::NotBetterThanRate {
            log_loss,
            log_loss_of_rate,
        } => model::not_better_than_rate(*log_loss, *log_loss_of_rate),
        Remark::Leak { column, roc_auc } => data::leak(column, *roc_auc),
        Remark::TooGood { roc_auc } => model::too_good(*roc_auc),
        Remark::Duplicates { n_rows, share } => data::duplicates(*n_rows, *share),
        Remark::Imputed { column, n_rows } => data::imputed(column, *n_rows),
        Remark::NpsLooksLikeAnswers => data::nps_answers(),
        Remark::EmptyColumn { column } => data::empty(column),
        Remark::ConstantColumn { column } => data::constant(column),
        Remark::IdColumn { column } => data::like_an_id(column),
        Remark::TooManyLevels {
            column,
            n_levels,
            n_levels_max,
            looks_numeric,
        } => data::too_many_levels(column, [*n_levels, *n_levels_max], *looks_numeric),
        Remark::SameColumn { column, same_as } => data::same(column, same_as),
        Remark::MixedColumn { column } => data::mixed(column),
        Remark::NumbersAsText { column } => data::numbers_as_text(column),
        Remark::UnseenWords { column, n_rows } => model::unseen_words(column, *n_rows),
        Remark::AbsentColumn { column } => model::absent(column),
        Remark::ColumnTypeChanged { column } => model::type_changed(column),
    }
}

/// The formula counts a fixed value for a column that nobody has.
fn stand_ins(table: &Table, report: &RiskReport) -> Option<Warning> {
    let is_absent = |column: &Documented| table.read.traits.column(column.name()).is_none();
    let absent: Vec<Documented> = Documented::ALL.into_iter().filter(is_absent).collect();
    let is_formula = matches!(report.basis, Basis::Heuristic(_));
    (is_formula && !absent.is_empty()).then(|| model::stand_ins(&absent, &report.heuristic))
}

fn on_drift(drift: &Drift) -> Option<Warning> {
    let drifted = drift.drifted();
    (!drifted.is_empty()).then(|| model::drifted(&drifted))
}

#[cfg(test)]
mod tests {
    use clientela_learn::metrics::binary::AreaInterval;
    use clientela_methods::churn::{Family, NoModel};

    use super::*;

    /// One of each kind.
    fn remarks() -> Vec<Remark> {
        let roc_auc = AreaInterval {
            area: 0.55,
            standard_error: None,
            lower: 0.45,
            upper: 0.65,
        };
        let column = || "plan".to_owned();
        vec![
            Remark::Heuristic(NoModel::NoLabels { n_rows: 3 }),
            Remark::FewOfRarerClass {
                n_customers: 7,
                weight_of_heuristic: 0.65,
            },
            Remark::FamilyNotFitted(Family::LogisticRegression),
            Remark::NoUsableColumns,
            Remark::NotBetterThanChance { roc_auc },
            Remark::NotBetterThanRate {
                log_loss: 0.7,
                log_loss_of_rate: 0.6,
            },
            Remark::TooGood { roc_auc },
            Remark::Leak {
                column: column(),
                roc_auc,
            },
            Remark::Duplicates {
                n_rows: 12,
                share: 0.12,
            },
            Remark::Imputed {
                column: "nps".to_owned(),
                n_rows: 1,
            },
            Remark::NpsLooksLikeAnswers,
            Remark::EmptyColumn { column: column() },
            Remark::ConstantColumn { column: column() },
            Remark::IdColumn { column: column() },
            Remark::TooManyLevels {
                column: column(),
                n_levels: 400,
                n_levels_max: 50,
                looks_numeric: false,
            },
            Remark::SameColumn {
                column: column(),
                same_as: "tariff".to_owned(),
            },
            Remark::MixedColumn { column: column() },
            Remark::NumbersAsText { column: column() },
            Remark::UnseenWords {
                column: column(),
                n_rows: 3,
            },
            Remark::AbsentColumn { column: column() },
            Remark::ColumnTypeChanged { column: column() },
        ]
    }

    #[test]
    fn every_remark_has_a_code_that_the_page_explains_and_whole_sentences_in_every_language() {
        let mut warnings: Vec<Warning> = remarks().iter().map(warning).collect();
        let heuristic = clientela_methods::churn::Heuristic {
            intercept: -2.0,
            stand_ins: [365.0, 1.0, 0.0, 0.0, 0.0],
        };
        warnings.push(model::stand_ins(&[Documented::Nps], &heuristic));
        warnings.push(actions::unseen("plan"));
        warnings.extend([data::no_values(), model::nothing_to_save()]);
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
