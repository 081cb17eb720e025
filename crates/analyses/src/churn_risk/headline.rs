//! How many are at which risk, and how many are expected to leave: of those whose outcome is open, where there are any.

use clientela_methods::churn::{
    CustomerRisk,
    RiskBand::{High, Low, Medium},
    RiskReport,
};
use clientela_narrative::{Language, integer, number, sentence};
use clientela_numerics::ExactSum;

use super::table::Table;

pub fn sentence(table: &Table, report: &RiskReport, language: Language) -> String {
    let rows = report.customers.iter().zip(table.read.traits.churned());
    let open: Vec<&CustomerRisk> = rows
        .filter(|(_, churned)| churned.is_none())
        .map(|(row, _)| row)
        .collect();
    if open.is_empty() {
        let all: Vec<&CustomerRisk> = report.customers.iter().collect();
        return of_known(table, &all, report.n_churned, language);
    }
    of_open(table, &open, language)
}

/// Figures of a group, written.
struct Counts {
    rows: String,
    high: String,
    medium: String,
    low: String,
    expected: String,
}

impl Counts {
    fn of(table: &Table, group: &[&CustomerRisk], language: Language) -> Self {
        let count = |band| {
            let in_band = group.iter().filter(|row| row.band == band);
            integer(in_band.count() as i64, language)
        };
        let probabilities = group.iter().map(|row| row.probability);
        let sum = probabilities.collect::<ExactSum>().value();
        Self {
            rows: table.noun().counted(group.len(), language),
            high: count(High),
            medium: count(Medium),
            low: count(Low),
            expected: number(sum, usize::from(sum < 9.95), language),
        }
    }
}

fn of_open(table: &Table, open: &[&CustomerRisk], language: Language) -> String {
    let Counts {
        rows,
        high,
        medium,
        low,
        expected,
    } = Counts::of(table, open, language);
    sentence!(
        language,
        "{rows} with an open outcome: {high} at high risk of leaving, {medium} at medium and {low} at low risk; {expected} expected to leave.",
        "{rows} con desenlace abierto: {high} con riesgo alto de abandono, {medium} con riesgo medio y {low} con riesgo bajo; número esperado de abandonos: {expected}.",
        "{rows} com desfecho em aberto: {high} com risco alto de saída, {medium} com risco médio e {low} com risco baixo; número esperado de saídas: {expected}."
    )
}

fn of_known(table: &Table, all: &[&CustomerRisk], n_churned: usize, language: Language) -> String {
    let Counts {
        rows,
        high,
        medium,
        low,
        expected,
    } = Counts::of(table, all, language);
    let left = integer(n_churned as i64, language);
    sentence!(
        language,
        "{rows} with a known outcome: {high} at high risk of leaving, {medium} at medium and {low} at low risk; {expected} expected to leave, and {left} did.",
        "{rows} con desenlace conocido: {high} con riesgo alto de abandono, {medium} con riesgo medio y {low} con riesgo bajo; número esperado de abandonos: {expected}; reales: {left}.",
        "{rows} com desfecho conhecido: {high} com risco alto de saída, {medium} com risco médio e {low} com risco baixo; número esperado de saídas: {expected}; reais: {left}."
    )
}
