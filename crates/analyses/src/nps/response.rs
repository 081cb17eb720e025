//! The shape of the response; the only place that rounds.

use std::collections::BTreeMap;

use clientela_methods::nps::{Band, Comparison, NpsReport, Tally};
use clientela_narrative::{Language, Say};
use clientela_tables::answers::Group;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::prose::{Reading, band_code, band_words};
use super::{Grouping, Table};
use crate::wire::{Count, Percent, Score};

/// Scores of the survey.
#[derive(Serialize, JsonSchema)]
pub struct NpsResponse {
    /// All answers.
    overall: Overall,
    /// One entry for each group by first appearance, incomplete ones last; empty without `group_by`.
    by_group: Vec<GroupScore>,
    /// One entry for each calendar month with answers, in order of time.
    trend: Vec<MonthScore>,
}

/// A score with its interval.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NpsFigures")]
struct Figures {
    /// 100 · (promoters − detractors) / responses.
    nps: Percent,
    /// Share of answers 9 and 10.
    promoters_pct: Percent,
    /// Share of answers 7 and 8.
    passives_pct: Percent,
    /// Share of answers 0 to 6.
    detractors_pct: Percent,
    /// Number of answers.
    responses: Count,
    /// Half the width of the interval before its ends are cut at ±100.
    margin_of_error: Percent,
    /// Lower end of the interval (95 %).
    confidence_low: Percent,
    /// Upper end of the interval (95 %).
    confidence_high: Percent,
}

/// All answers.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NpsOverall")]
struct Overall {
    #[serde(flatten)]
    figures: Figures,
    /// The band of the score.
    interpretation: String,
    /// Stable code of the band: `world_class`, `excellent`, `good`, `fair` or `critical`.
    band_code: &'static str,
    /// The figures in a sentence, how sure they are, and what to do.
    explanation: String,
    /// What was asked, where all rows share it.
    #[serde(skip_serializing_if = "Option::is_none")]
    question: Option<String>,
}

/// The answers of one group.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NpsGroup")]
struct GroupScore {
    /// The value of the field; with a list of fields an object from field to value. `null` where a row has none.
    group: GroupName,
    #[serde(flatten)]
    figures: Figures,
    /// The band of the score.
    interpretation: String,
    /// Stable code of the band.
    band_code: &'static str,
    /// The figures in a sentence, how sure they are, and how the group differs.
    explanation: String,
    /// The group held against all other answers; `null` where there are none.
    versus_rest: Option<VersusRest>,
}

/// What a group is called.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum GroupName {
    /// The value of one field.
    Value(Option<String>),
    /// The values of several fields.
    Values(#[schemars(with = "BTreeMap<String, Option<String>>")] Map<String, Value>),
}

/// A group held against all other answers.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NpsVersusRest")]
struct VersusRest {
    /// Score of the group minus score of the rest, in points.
    difference: Percent,
    /// Two-sided p-value.
    p_value: Score,
    /// The same after Holm's correction for the number of groups.
    p_value_adjusted: Score,
    /// Whether that is below 0.05.
    significant: bool,
}

/// The answers of one calendar month.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NpsMonth")]
struct MonthScore {
    /// YYYY-MM.
    month: String,
    #[serde(flatten)]
    figures: Figures,
}

pub fn respond(table: &Table, report: &NpsReport, language: Language) -> NpsResponse {
    let figures = figures(&report.overall);
    let band = Band::of(figures.nps.get());
    let overall = Overall {
        interpretation: band_words(band).say(language),
        band_code: band_code(band),
        explanation: Reading::overall(&report.overall, band).say(language),
        question: table.question.clone(),
        figures,
    };
    let months = report.months.iter().map(|(month, tally)| MonthScore {
        month: format!("{:04}-{:02}", month.year, month.month),
        figures: self::figures(tally),
    });
    NpsResponse {
        overall,
        by_group: by_group(table, report, language),
        trend: months.collect(),
    }
}

fn figures(tally: &Tally) -> Figures {
    let [promoters, passives, detractors] = tally.percentages().map(Percent::new);
    let interval = tally.interval();
    Figures {
        nps: Percent::new(tally.score()),
        promoters_pct: promoters,
        passives_pct: passives,
        detractors_pct: detractors,
        responses: tally.responses(),
        margin_of_error: Percent::new(interval.margin_of_error),
        confidence_low: Percent::new(interval.low),
        confidence_high: Percent::new(interval.high),
    }
}

fn by_group(table: &Table, report: &NpsReport, language: Language) -> Vec<GroupScore> {
    if matches!(table.grouping, Grouping::None) {
        return Vec::new();
    }
    let groups = table.answers.groups().iter();
    let scores = report.groups.iter().zip(&report.comparisons);
    groups
        .zip(scores)
        .map(|(group, (tally, comparison))| {
            let figures = figures(tally);
            let band = Band::of(figures.nps.get());
            GroupScore {
                group: group_name(group, &table.grouping),
                interpretation: band_words(band).say(language),
                band_code: band_code(band),
                explanation: Reading::group(tally, comparison.as_ref()).say(language),
                versus_rest: comparison.as_ref().map(versus_rest),
                figures,
            }
        })
        .collect()
}

fn group_name(group: &Group, grouping: &Grouping) -> GroupName {
    match grouping {
        Grouping::Fields(names) => {
            let values = group.iter().map(|value| Value::from(value.clone()));
            GroupName::Values(names.iter().cloned().zip(values).collect())
        }
        Grouping::Field(_) | Grouping::None => GroupName::Value(group.first().cloned().flatten()),
    }
}

fn versus_rest(comparison: &Comparison) -> VersusRest {
    VersusRest {
        difference: Percent::new(comparison.difference),
        p_value: Score::new(comparison.p_value),
        p_value_adjusted: Score::new(comparison.p_value_adjusted),
        significant: comparison.is_significant(),
    }
}
