//! Whether the answer has earned any trust, and why not.

mod doubts;

use clientela_learn::metrics::binary::AreaInterval;
use clientela_methods::churn::Metrics;
use clientela_narrative::{Language, number, percent, sentence};
use schemars::JsonSchema;
use serde::Serialize;

pub use self::doubts::Doubt;
use self::doubts::Gravity;
use super::Report;
use super::table::Table;

/// Whether to use the answer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnVerdict")]
pub struct Verdict {
    /// `use`, `use_with_care`, or `do_not_use`: the gravest of the reasons decides.
    #[schemars(extend("enum" = ["use", "use_with_care", "do_not_use"]))]
    code: &'static str,
    /// The same in words, with its figures.
    text: String,
    /// What speaks against it, the gravest first; empty where nothing does.
    reasons: Vec<Reason>,
}

/// What speaks against an answer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnVerdictReason")]
struct Reason {
    /// Stable code.
    #[schemars(extend("enum" = doubts::CODES))]
    code: &'static str,
    /// The same in words.
    text: String,
}

/// What rows that the model had not seen showed: here, or when a saved model was learned.
struct Tested<'a> {
    metrics: &'a Metrics,
    log_loss_of_rate: f64,
    /// Fields that knew the answer.
    leaks: Vec<&'a str>,
    /// Customers of the rarer outcome, where they are few.
    few_customers: Option<usize>,
    /// Whether that was when a saved model was learned.
    is_past: bool,
}

impl<'a> Tested<'a> {
    fn of(table: &'a Table, report: &'a Report) -> Option<Self> {
        if let Some(known) = &table.known {
            let model = &known.model;
            let leaks = model.evidence.leaks.iter().map(String::as_str);
            return Some(Self {
                metrics: &model.evidence.served,
                log_loss_of_rate: model.evidence.log_loss_of_rate,
                leaks: leaks.collect(),
                few_customers: model.served.adjustment.few_customers(),
                is_past: true,
            });
        }
        let evidence = report.risk.evidence.as_ref()?;
        Some(Self {
            metrics: &evidence.served.metrics,
            log_loss_of_rate: evidence.log_loss_of_rate,
            leaks: evidence.leaks.iter().map(|leak| &*leak.column).collect(),
            few_customers: evidence.few_customers,
            is_past: false,
        })
    }
}

pub fn respond(table: &Table, report: &Report, language: Language) -> Verdict {
    let tested = Tested::of(table, report);
    let doubts = doubts::doubts(table, report, tested.as_ref());
    let gravest = doubts.first().map(Doubt::gravity);
    let reasons = doubts.iter().map(|doubt| Reason {
        code: doubt.code(),
        text: doubt.text(language),
    });
    let reasons: Vec<Reason> = reasons.collect();
    let mut sentences = vec![opening(gravest, language)];
    sentences.extend(tested.map(|tested| standing(&tested, language)));
    sentences.extend(reasons.iter().map(|reason| reason.text.clone()));
    Verdict {
        code: match gravest {
            None => "use",
            Some(Gravity::Care) => "use_with_care",
            Some(Gravity::No) => "do_not_use",
        },
        text: sentences.join(" "),
        reasons,
    }
}

impl Verdict {
    /// In words.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether what drives the risks is more than noise, as far as anybody knows.
    pub fn has_order(&self) -> bool {
        let is_noise = |reason: &Reason| doubts::of_no_order(reason.code);
        !self.reasons.iter().any(is_noise)
    }
}

/// Whether to use it, in a sentence.
pub fn opening(gravest: Option<Gravity>, language: Language) -> String {
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

/// How well it ranks and how honest the probabilities are.
fn standing(tested: &Tested<'_>, language: Language) -> String {
    let Metrics {
        roc_auc: AreaInterval {
            area, lower, upper, ..
        },
        ece,
        ece_expected,
        ..
    } = *tested.metrics;
    let pairs = percent(area, 0, language);
    let [area, lower, upper] = [area, lower, upper].map(|end| number(end, 3, language));
    let [ece, expected] = [ece, ece_expected].map(|error| points(error, language));
    if tested.is_past {
        return sentence!(
            language,
            "When the model was learned, of a customer who left and one who stayed it ranked the right one higher in {pairs} of cases (ROC-AUC {area}, {lower} to {upper}); its probabilities were off by {ece} percentage points on average, where chance alone gives {expected}.",
            "Cuando se entrenó el modelo, entre un cliente que se fue y uno que se quedó acertaba quién corría más riesgo en el {pairs} de los casos (ROC-AUC {area}, de {lower} a {upper}); sus probabilidades se desviaban {ece} puntos porcentuales en promedio, y el azar por sí solo da {expected}.",
            "Quando o modelo foi treinado, entre um cliente que saiu e um que ficou ele acertava quem corria mais risco em {pairs} dos casos (ROC-AUC {area}, de {lower} a {upper}); as probabilidades erravam {ece} pontos percentuais em média, e o acaso sozinho dá {expected}."
        );
    }
    sentence!(
        language,
        "Of a customer who left and one who stayed, it ranks the right one higher in {pairs} of cases (ROC-AUC {area}, {lower} to {upper}); its probabilities are off by {ece} percentage points on average, where chance alone gives {expected}.",
        "Entre un cliente que se fue y uno que se quedó, acierta quién corría más riesgo en el {pairs} de los casos (ROC-AUC {area}, de {lower} a {upper}); sus probabilidades se desvían {ece} puntos porcentuales en promedio, y el azar por sí solo da {expected}.",
        "Entre um cliente que saiu e um que ficou, acerta quem corria mais risco em {pairs} dos casos (ROC-AUC {area}, de {lower} a {upper}); as probabilidades erram {ece} pontos percentuais em média, e o acaso sozinho dá {expected}."
    )
}

/// A difference of shares in percentage points.
fn points(share: f64, language: Language) -> String {
    number(100.0 * share, 1, language)
}
