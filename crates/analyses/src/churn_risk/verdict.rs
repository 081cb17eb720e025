//! Whether the answer has earned any trust, and why not.

use clientela_methods::churn::{
    Basis, Criterion, DriftLevel, Evidence, NoModel, Remark, RiskReport,
};
use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, number, percent, sentence};
use schemars::JsonSchema;
use serde::Serialize;

use super::Report;
use super::remarks::no_model;
use super::terms::{column_names, share};

/// Whether to use the answer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnVerdict")]
pub struct Verdict {
    /// `use`, `use_with_care`, or `do_not_use`: the gravest of the reasons decides.
    #[schemars(extend("enum" = ["use", "use_with_care", "do_not_use"]))]
    code: &'static str,
    /// The same in words, with its figures.
    pub text: String,
    /// What speaks against it, the gravest first; empty where nothing does.
    reasons: Vec<Reason>,
}

/// What speaks against an answer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnVerdictReason")]
struct Reason {
    /// Stable code.
    #[schemars(extend("enum" = [
        "heuristic", "leak", "not_better_than_chance", "not_better_than_rate", "no_usable_columns", "few_of_rarer_class",
        "calibration_off", "blunt_test", "duplicate_rows", "later_rate_off", "drift"
    ]))]
    code: &'static str,
    /// The same in words.
    pub text: String,
}

/// How grave a reason is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Gravity {
    Care,
    No,
}

/// A calibration error that is worth a word: this, and this many times what chance gives.
const ERROR_WORTH_SAYING: f64 = 0.02;
const TIMES_BY_CHANCE: f64 = 2.0;

/// Where chance alone gives a calibration error above this, the test of the probabilities says little.
const BLUNT: f64 = 0.05;

/// Fields that a sentence names at most.
const NAMES_MAX: usize = 3;

pub fn respond(report: &Report, language: Language) -> Verdict {
    let mut found = reasons(report, language);
    found.sort_by_key(|(gravity, _)| std::cmp::Reverse(*gravity));
    let gravest = found.first().map(|(gravity, _)| *gravity);
    let code = match gravest {
        None => "use",
        Some(Gravity::Care) => "use_with_care",
        Some(Gravity::No) => "do_not_use",
    };
    let mut sentences = vec![opening(gravest, language)];
    sentences.extend(standing(&report.risk, language));
    sentences.extend(found.iter().map(|(_, reason)| reason.text.clone()));
    Verdict {
        code,
        text: sentences.join(" "),
        reasons: found.into_iter().map(|(_, reason)| reason).collect(),
    }
}

fn opening(gravest: Option<Gravity>, language: Language) -> String {
    match gravest {
        None => sentence!(
            language,
            "Use these risks: they were tested on rows that the model had not seen.",
            "Use estos riesgos: se comprobaron con filas que el modelo no había visto.",
            "Use estes riscos: foram testados com linhas que o modelo não tinha visto."
        ),
        Some(Gravity::Care) => sentence!(
            language,
            "Use these risks with care.",
            "Use estos riesgos con cautela.",
            "Use estes riscos com cautela."
        ),
        Some(Gravity::No) => sentence!(
            language,
            "Do not use these risks yet.",
            "No use todavía estos riesgos.",
            "Não use ainda estes riscos."
        ),
    }
}

/// How well it ranks and how honest the probabilities are; nothing where nothing was tested.
fn standing(report: &RiskReport, language: Language) -> Option<String> {
    let evidence = report.evidence.as_ref()?;
    let served = &evidence.served.metrics;
    let pairs = percent(served.roc_auc.area, 0, language);
    let [area, lower, upper] = [
        served.roc_auc.area,
        served.roc_auc.lower,
        served.roc_auc.upper,
    ]
    .map(|end| number(end, 3, language));
    let [ece, expected] =
        [served.ece, served.ece_expected].map(|error| percent(error, 1, language));
    Some(sentence!(
        language,
        "Of a customer who left and one who stayed, it ranks the right one higher in {pairs} of cases (ROC-AUC {area}, {lower} to {upper}); its probabilities are off by {ece} percentage points on average, where chance alone gives {expected}.",
        "Entre un cliente que se fue y uno que se quedó, acierta quién corría más riesgo en el {pairs} de los casos (ROC-AUC {area}, de {lower} a {upper}); sus probabilidades se desvían {ece} puntos porcentuales en promedio, y el azar por sí solo da {expected}.",
        "Entre um cliente que saiu e um que ficou, acerta quem corria mais risco em {pairs} dos casos (ROC-AUC {area}, de {lower} a {upper}); as probabilidades erram {ece} pontos percentuais em média, e o acaso sozinho dá {expected}."
    ))
}

fn reasons(report: &Report, language: Language) -> Vec<(Gravity, Reason)> {
    let risk = &report.risk;
    let mut found = Vec::new();
    let mut add = |gravity, code, text| found.push((gravity, Reason { code, text }));
    if let Basis::Heuristic(why) = risk.basis {
        add(Gravity::Care, "heuristic", of_heuristic(why, language));
    }
    if let Some(evidence) = &risk.evidence {
        if !evidence.leaks.is_empty() {
            add(Gravity::No, "leak", of_leaks(evidence, language));
        }
        let by_chance = evidence.served.metrics.ece_expected;
        if is_off(evidence) {
            add(Gravity::Care, "calibration_off", of_calibration(language));
        } else if by_chance > BLUNT {
            add(
                Gravity::Care,
                "blunt_test",
                of_blunt_test(by_chance, language),
            );
        }
        if let Some(text) = of_later_rate(evidence, language) {
            add(Gravity::Care, "later_rate_off", text);
        }
    }
    for remark in &risk.remarks {
        match remark {
            Remark::NotBetterThanChance { .. } => {
                add(Gravity::No, "not_better_than_chance", of_chance(language));
            }
            Remark::NotBetterThanRate { .. } => {
                add(Gravity::Care, "not_better_than_rate", of_rate(language));
            }
            Remark::NoUsableColumns => {
                add(Gravity::No, "no_usable_columns", of_no_columns(language));
            }
            Remark::FewOfRarerClass { n_rows, .. } => {
                add(
                    Gravity::Care,
                    "few_of_rarer_class",
                    of_few(*n_rows, language),
                );
            }
            Remark::Duplicates { share, .. } => {
                add(
                    Gravity::Care,
                    "duplicate_rows",
                    of_duplicates(*share, language),
                );
            }
            _ => {}
        }
    }
    let is_large = |level: DriftLevel| level == DriftLevel::Large;
    if let Some(drift) = &report.drift {
        let columns = drift
            .columns
            .iter()
            .filter(|column| is_large(column.shift.level));
        let names: Vec<&str> = columns.map(|column| &*column.column).collect();
        if !names.is_empty() {
            add(Gravity::Care, "drift", of_drift(&names, language));
        }
    }
    found
}

fn is_off(evidence: &Evidence) -> bool {
    let served = &evidence.served.metrics;
    served.ece > ERROR_WORTH_SAYING.max(TIMES_BY_CHANCE * served.ece_expected)
}

fn of_heuristic(why: NoModel, language: Language) -> String {
    let why = no_model(why, language);
    sentence!(
        language,
        "{why} What serves is a heuristic: nothing has tested it on your customers.",
        "{why} Lo que se usa es una heurística: nada la ha comprobado con sus clientes.",
        "{why} O que se usa é uma heurística: nada a testou com os seus clientes."
    )
}

fn of_leaks(evidence: &Evidence, language: Language) -> String {
    let names: Vec<&str> = evidence.leaks.iter().map(|leak| &*leak.column).collect();
    let names = column_names(&names, NAMES_MAX, language);
    sentence!(
        language,
        "A field alone tells who left ({names}), as only something written afterwards does: the figures are too good to be true, and new customers will not have it.",
        "Un campo por sí solo dice quién se fue ({names}), como solo lo hace algo registrado después: las cifras son demasiado buenas para ser ciertas, y los clientes nuevos no lo tendrán.",
        "Um campo sozinho diz quem saiu ({names}), como só faz algo registrado depois: os números são bons demais para ser verdade, e os clientes novos não o terão."
    )
}

fn of_calibration(language: Language) -> String {
    sentence!(
        language,
        "The probabilities are off by more than chance explains: see evidence.served.reliability, and use their order rather than their size.",
        "Las probabilidades se desvían más de lo que explica el azar: consulte evidence.served.reliability y use su orden más que su tamaño.",
        "As probabilidades erram mais do que o acaso explica: consulte evidence.served.reliability e use a ordem mais que o tamanho."
    )
}

fn of_blunt_test(by_chance: f64, language: Language) -> String {
    let points = number(100.0 * by_chance, 0, language);
    sentence!(
        language,
        "With so few outcomes chance alone moves probabilities by some {points} percentage points: nobody can tell whether they are closer than that.",
        "Con tan pocos desenlaces, el azar por sí solo mueve las probabilidades unos {points} puntos porcentuales: nadie puede saber si son más exactas.",
        "Com tão poucos desfechos, o acaso sozinho move as probabilidades em uns {points} pontos percentuais: ninguém pode saber se são mais exatas."
    )
}

/// Where the mean forecast of the last date lies outside of what its rate leaves open.
fn of_later_rate(evidence: &Evidence, language: Language) -> Option<String> {
    let temporal = evidence.temporal.as_ref()?;
    let ends = temporal.rate_interval?;
    if (ends.lower..=ends.upper).contains(&temporal.mean_forecast) {
        return None;
    }
    let [forecast, rate] =
        [temporal.mean_forecast, temporal.rate].map(|share| percent(share, 1, language));
    let date = temporal.date;
    Some(sentence!(
        language,
        "On {date}, the last date with outcomes, models of earlier dates expected {forecast} to leave and {rate} did: the base is changing.",
        "El {date}, la última fecha con desenlace, los modelos de fechas anteriores esperaban que se fuera el {forecast} y se fue el {rate}: la base está cambiando.",
        "Em {date}, a última data com desfecho, os modelos de datas anteriores esperavam a saída de {forecast} e saíram {rate}: a base está mudando."
    ))
}

fn of_chance(language: Language) -> String {
    sentence!(
        language,
        "Their order may be chance.",
        "Su orden puede ser azar.",
        "A ordem pode ser acaso."
    )
}

fn of_rate(language: Language) -> String {
    sentence!(
        language,
        "The rate of the base, given to everyone, comes closer to what happened.",
        "La tasa de la base, dada a todos, se acerca más a lo ocurrido.",
        "A taxa da base, dada a todos, chega mais perto do que aconteceu."
    )
}

fn of_no_columns(language: Language) -> String {
    sentence!(
        language,
        "No field tells customers apart, so everyone gets about the same.",
        "Ningún campo distingue a los clientes, así que todos reciben casi lo mismo.",
        "Nenhum campo distingue os clientes, então todos recebem quase o mesmo."
    )
}

fn of_few(n_rows: usize, language: Language) -> String {
    let rows = Noun::Row.counted(n_rows, language);
    sentence!(
        language,
        "The rarer outcome has only {rows}, so the published formula has a share in every probability.",
        "El desenlace menos frecuente tiene solo {rows}, así que la fórmula publicada interviene en cada probabilidad.",
        "O desfecho menos frequente tem só {rows}, então a fórmula publicada participa de cada probabilidade."
    )
}

fn of_duplicates(of_all: f64, language: Language) -> String {
    let of_all = share(of_all, language);
    sentence!(
        language,
        "Many rows repeat others ({of_all}), which flatters the figures.",
        "Muchas filas repiten otras ({of_all}), lo que embellece las cifras.",
        "Muitas linhas repetem outras ({of_all}), o que embeleza os números."
    )
}

fn of_drift(names: &[&str], language: Language) -> String {
    let names = column_names(names, NAMES_MAX, language);
    sentence!(
        language,
        "The rows are far from those that the model learned from ({names}).",
        "Las filas están lejos de aquellas con las que aprendió el modelo ({names}).",
        "As linhas estão longe daquelas com que o modelo aprendeu ({names})."
    )
}

/// What decided which family serves.
pub fn selection(evidence: &Evidence, language: Language) -> String {
    let best = evidence.best.name();
    match evidence.criterion {
        Criterion::OnlyFamily => sentence!(
            language,
            "{best} is the only family that could be fitted.",
            "{best} es la única familia que pudo ajustarse.",
            "{best} é a única família que pôde ser ajustada."
        ),
        Criterion::RocAuc => {
            let area = best_area(evidence);
            let area = number(area, 3, language);
            sentence!(
                language,
                "{best} has the highest ROC-AUC on held-out rows ({area}).",
                "{best} tiene el ROC-AUC más alto en las filas apartadas ({area}).",
                "{best} tem o ROC-AUC mais alto nas linhas separadas ({area})."
            )
        }
        Criterion::F1 => sentence!(
            language,
            "ROC-AUC is equal in three decimals; {best} has the highest F1.",
            "El ROC-AUC es igual en tres decimales; {best} tiene el F1 más alto.",
            "O ROC-AUC é igual em três casas decimais; {best} tem o F1 mais alto."
        ),
        Criterion::Accuracy => sentence!(
            language,
            "ROC-AUC and F1 are equal; {best} has the highest accuracy.",
            "El ROC-AUC y el F1 son iguales; {best} tiene la exactitud más alta.",
            "O ROC-AUC e o F1 são iguais; {best} tem a acurácia mais alta."
        ),
        Criterion::Simplicity => sentence!(
            language,
            "All figures are equal; {best} is the simplest family.",
            "Todas las cifras son iguales; {best} es la familia más simple.",
            "Todos os números são iguais; {best} é a família mais simples."
        ),
    }
}

fn best_area(evidence: &Evidence) -> f64 {
    let mut families = evidence.families.iter();
    let best = families.find(|family| family.family == evidence.best);
    best.expect("the best is one of them").metrics.roc_auc.area
}
