//! What speaks against an answer.

use clientela_methods::churn::{Basis, DriftLevel, NoModel, Remark, RiskReport, TemporalEvidence};
use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, integer, number, percent, sentence};
use clientela_numerics::ExactSum;

use super::Tested;
use crate::churn_risk::Report;
use crate::churn_risk::remarks::no_model;
use crate::churn_risk::table::Table;
use crate::churn_risk::terms::{column_names, share};

/// The codes of all doubts, for the schema.
pub const CODES: [&str; 13] = [
    "leak",
    "not_better_than_chance",
    "no_usable_columns",
    "formula_off",
    "heuristic",
    "too_good",
    "few_of_rarer_class",
    "not_better_than_rate",
    "calibration_off",
    "blunt_test",
    "duplicate_rows",
    "later_rate_off",
    "drift",
];

/// A calibration error that is worth a word: this, and this many times what chance gives.
const ERROR_WORTH_SAYING: f64 = 0.02;
const TIMES_BY_CHANCE: f64 = 2.0;

/// Where chance alone gives a calibration error above this, the test of the probabilities says little.
const BLUNT: f64 = 0.05;

/// Standard deviations that a count is off by chance, in 95 of 100 cases at most.
const DEVIATIONS: f64 = 1.96;

/// Fields that a sentence names at most.
const NAMES_MAX: usize = 3;

/// How grave a doubt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    /// Use with care.
    Care,
    /// Do not use.
    No,
}

/// One reason not to trust an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Doubt<'a> {
    /// Fields that knew the answer.
    Leak(Vec<&'a str>),
    /// The order may be chance.
    NoOrder,
    /// No field is of any use.
    NoUsableColumns,
    /// The formula expected another number of those known to leave than left.
    FormulaOff {
        expected: f64,
        n_churned: usize,
        n_labelled: usize,
    },
    /// Nothing was learned.
    Heuristic(NoModel),
    /// The order is too good to be true, though no field alone knows the answer.
    TooGood,
    /// Few customers of the rarer outcome.
    Few(usize),
    /// The rate of the base is closer to what happened.
    WorseThanRate,
    /// Probabilities are off.
    CalibrationOff,
    /// Probabilities may be off by this, and nobody could tell.
    BluntTest(f64),
    /// This share of the rows repeats others.
    Duplicates(f64),
    /// The last date came otherwise than earlier ones let expect.
    LaterRateOff(&'a TemporalEvidence),
    /// Fields have moved far since the model was learned.
    Drift(Vec<&'a str>),
}

/// Whether a code says that the order of customers tells nothing.
pub fn of_no_order(code: &str) -> bool {
    [Doubt::NoOrder, Doubt::NoUsableColumns]
        .iter()
        .any(|doubt| doubt.code() == code)
}

/// All doubts, the gravest first.
pub fn doubts<'a>(
    table: &'a Table,
    report: &'a Report,
    tested: Option<&Tested<'a>>,
) -> Vec<Doubt<'a>> {
    let mut found = on_basis(table, &report.risk);
    if let Some(tested) = tested {
        found.extend(on_test(tested, &report.risk));
    }
    let evidence = report.risk.evidence.as_ref();
    if let Some(later) = evidence.and_then(|evidence| evidence.temporal.as_ref()) {
        let is_off = |ends: clientela_learn::metrics::binary::Interval| {
            !(ends.lower..=ends.upper).contains(&later.mean_forecast)
        };
        if later.rate_interval.is_some_and(is_off) {
            found.push(Doubt::LaterRateOff(later));
        }
    }
    let columns = report.drift.iter().flat_map(|drift| &drift.columns);
    let far = columns.filter(|column| column.shift.level == DriftLevel::Large);
    let far: Vec<&str> = far.map(|column| &*column.column).collect();
    if !far.is_empty() {
        found.push(Doubt::Drift(far));
    }
    found.sort_by_key(|doubt| std::cmp::Reverse(doubt.gravity()));
    found
}

/// Doubts about what the answer rests on.
fn on_basis<'a>(table: &Table, risk: &RiskReport) -> Vec<Doubt<'a>> {
    let mut found = Vec::new();
    if let Basis::Heuristic(why) = risk.basis {
        found.extend(formula_off(table, risk));
        found.push(Doubt::Heuristic(why));
    }
    let has_columns = !risk.remarks.contains(&Remark::NoUsableColumns);
    if !has_columns {
        found.push(Doubt::NoUsableColumns);
    }
    for remark in &risk.remarks {
        match remark {
            Remark::Duplicates { share, .. } => found.push(Doubt::Duplicates(*share)),
            Remark::TooGood { .. } => found.push(Doubt::TooGood),
            _ => {}
        }
    }
    found
}

/// Where so many or few of the labelled customers left as the formula, were it right, would hardly ever see. Rows of one customer
/// are not independent, so that of snapshots nothing is said.
fn formula_off<'a>(table: &Table, risk: &RiskReport) -> Option<Doubt<'a>> {
    if table.noun() == Noun::Row {
        return None;
    }
    let (mut expected, mut variance) = (ExactSum::new(), ExactSum::new());
    let labels = table.read.traits.churned().iter();
    let labelled = risk.customers.iter().zip(labels);
    for (customer, _) in labelled.filter(|(_, churned)| churned.is_some()) {
        let p = customer.probability;
        expected.add(p);
        variance.add(p * (1.0 - p));
    }
    let (expected, deviation) = (expected.value(), variance.value().sqrt());
    let is_off = (risk.n_churned as f64 - expected).abs() > DEVIATIONS * deviation;
    is_off.then_some(Doubt::FormulaOff {
        expected,
        n_churned: risk.n_churned,
        n_labelled: risk.n_churned + risk.n_others,
    })
}

/// Doubts about what was tested. Where no field is of use there was nothing to test.
fn on_test<'a>(tested: &Tested<'a>, risk: &RiskReport) -> Vec<Doubt<'a>> {
    let metrics = tested.metrics;
    let mut found = Vec::new();
    found.extend(tested.few_customers.map(Doubt::Few));
    if risk.remarks.contains(&Remark::NoUsableColumns) {
        return found;
    }
    if !tested.leaks.is_empty() {
        found.push(Doubt::Leak(tested.leaks.clone()));
    }
    if metrics.roc_auc.lower <= 0.5 {
        found.push(Doubt::NoOrder);
    }
    if metrics.log_loss >= tested.log_loss_of_rate {
        found.push(Doubt::WorseThanRate);
    }
    if metrics.ece > ERROR_WORTH_SAYING.max(TIMES_BY_CHANCE * metrics.ece_expected) {
        found.push(Doubt::CalibrationOff);
    } else if metrics.ece_expected > BLUNT {
        found.push(Doubt::BluntTest(metrics.ece_expected));
    }
    found
}

impl Doubt<'_> {
    pub fn gravity(&self) -> Gravity {
        match self {
            Self::Leak(_) | Self::NoOrder | Self::NoUsableColumns | Self::FormulaOff { .. } => {
                Gravity::No
            }
            _ => Gravity::Care,
        }
    }

    /// Stable code, one of [`CODES`].
    pub fn code(&self) -> &'static str {
        match self {
            Self::Leak(_) => "leak",
            Self::NoOrder => "not_better_than_chance",
            Self::NoUsableColumns => "no_usable_columns",
            Self::FormulaOff { .. } => "formula_off",
            Self::Heuristic(_) => "heuristic",
            Self::TooGood => "too_good",
            Self::Few(_) => "few_of_rarer_class",
            Self::WorseThanRate => "not_better_than_rate",
            Self::CalibrationOff => "calibration_off",
            Self::BluntTest(_) => "blunt_test",
            Self::Duplicates(_) => "duplicate_rows",
            Self::LaterRateOff(_) => "later_rate_off",
            Self::Drift(_) => "drift",
        }
    }

    /// One or two sentences.
    pub fn text(&self, language: Language) -> String {
        match self {
            Self::Leak(names) => leak(names, language),
            Self::NoOrder => no_order(language),
            Self::NoUsableColumns => no_usable_columns(language),
            Self::FormulaOff {
                expected,
                n_churned,
                n_labelled,
            } => formula_is_off(*expected, [*n_churned, *n_labelled], language),
            Self::Heuristic(why) => heuristic(*why, language),
            Self::TooGood => too_good(language),
            Self::Few(n_customers) => few(*n_customers, language),
            Self::WorseThanRate => worse_than_rate(language),
            Self::CalibrationOff => calibration_off(language),
            Self::BluntTest(by_chance) => blunt_test(*by_chance, language),
            Self::Duplicates(of_all) => duplicates(*of_all, language),
            Self::LaterRateOff(later) => later_rate_off(later, language),
            Self::Drift(names) => drift(names, language),
        }
    }
}

fn heuristic(why: NoModel, language: Language) -> String {
    let why = no_model(why, language);
    sentence!(
        language,
        "{why} What serves is a heuristic: nothing has tested it on your customers.",
        "{why} Lo que se usa es una heurística: nada la ha comprobado con sus clientes.",
        "{why} O que se usa é uma heurística: nada a testou com os seus clientes."
    )
}

fn formula_is_off(expected: f64, [left, labelled]: [usize; 2], language: Language) -> String {
    let expected = number(expected, usize::from(expected < 9.95), language);
    let left = integer(left as i64, language);
    let rows = Noun::Row.counted(labelled, language);
    sentence!(
        language,
        "The formula does not fit your customers: over {rows} with an outcome it expects {expected} to leave, and the number was {left}. Its order may help at most.",
        "La fórmula no encaja con sus clientes: en {rows} con desenlace conocido espera {expected} abandonos, y hubo {left}. Como mucho sirve su orden.",
        "A fórmula não combina com os seus clientes: em {rows} com desfecho conhecido espera {expected} saídas, e houve {left}. No máximo a ordem serve."
    )
}

fn leak(names: &[&str], language: Language) -> String {
    let names = column_names(names, NAMES_MAX, language);
    sentence!(
        language,
        "A field alone tells who left ({names}), as only something written afterwards does: the figures are too good to be true, and new customers will not have it.",
        "Un campo por sí solo dice quién se fue ({names}), como solo lo hace algo registrado después: las cifras son demasiado buenas para ser ciertas, y los clientes nuevos no lo tendrán.",
        "Um campo sozinho diz quem saiu ({names}), como só faz algo registrado depois: os números são bons demais para ser verdade, e os clientes novos não o terão."
    )
}

fn calibration_off(language: Language) -> String {
    sentence!(
        language,
        "The probabilities are off by more than chance explains: see the reliability table, and use their order rather than their size.",
        "Las probabilidades se desvían más de lo que explica el azar: consulte la tabla de fiabilidad y use su orden más que su tamaño.",
        "As probabilidades erram mais do que o acaso explica: consulte a tabela de confiabilidade e use a ordem mais que o tamanho."
    )
}

fn blunt_test(by_chance: f64, language: Language) -> String {
    let points = number(100.0 * by_chance, 0, language);
    sentence!(
        language,
        "With so few outcomes chance alone moves probabilities by some {points} percentage points: nobody can tell whether they are closer than that.",
        "Con tan pocos desenlaces, el azar por sí solo mueve las probabilidades unos {points} puntos porcentuales: nadie puede saber si son más exactas.",
        "Com tão poucos desfechos, o acaso sozinho move as probabilidades em uns {points} pontos percentuais: ninguém pode saber se são mais exatas."
    )
}

fn later_rate_off(later: &TemporalEvidence, language: Language) -> String {
    let [forecast, rate] =
        [later.mean_forecast, later.rate].map(|share| percent(share, 1, language));
    let date = later.date;
    sentence!(
        language,
        "On {date}, the last date with outcomes, models of earlier dates expected {forecast} to leave and {rate} did: the base is changing.",
        "El {date}, la última fecha con desenlace, los modelos de fechas anteriores esperaban que se fuera el {forecast} y se fue el {rate}: la base está cambiando.",
        "Em {date}, a última data com desfecho, os modelos de datas anteriores esperavam a saída de {forecast} e saíram {rate}: a base está mudando."
    )
}

fn no_order(language: Language) -> String {
    sentence!(
        language,
        "The order of the customers may be chance.",
        "El orden de los clientes puede ser azar.",
        "A ordem dos clientes pode ser acaso."
    )
}

fn worse_than_rate(language: Language) -> String {
    sentence!(
        language,
        "The rate of the base, given to everyone, comes closer to what happened.",
        "La tasa de la base, dada a todos, se acerca más a lo ocurrido.",
        "A taxa da base, dada a todos, chega mais perto do que aconteceu."
    )
}

fn no_usable_columns(language: Language) -> String {
    sentence!(
        language,
        "No field tells customers apart, so everyone gets about the same.",
        "Ningún campo distingue a los clientes, así que todos reciben casi lo mismo.",
        "Nenhum campo distingue os clientes, então todos recebem quase o mesmo."
    )
}

fn too_good(language: Language) -> String {
    sentence!(
        language,
        "The risks tell almost without a mistake who left, which is too good to be true unless a field is written only after a customer leaves.",
        "Los riesgos distinguen casi sin error quién se fue, algo demasiado bueno para ser cierto, salvo que algún campo se registre solo después de que el cliente se va.",
        "Os riscos distinguem quase sem erro quem saiu, o que é bom demais para ser verdade, a não ser que algum campo só seja registrado depois que o cliente sai."
    )
}

fn few(n_customers: usize, language: Language) -> String {
    let customers = Noun::Customer.counted(n_customers, language);
    sentence!(
        language,
        "The rarer outcome has only {customers}, so the published formula has a share in every probability.",
        "El desenlace menos frecuente tiene solo {customers}, así que la fórmula publicada interviene en cada probabilidad.",
        "O desfecho menos frequente tem só {customers}, então a fórmula publicada participa de cada probabilidade."
    )
}

fn duplicates(of_all: f64, language: Language) -> String {
    let of_all = share(of_all, language);
    sentence!(
        language,
        "Many rows repeat others ({of_all}), which flatters the figures.",
        "Muchas filas repiten otras ({of_all}), lo que embellece las cifras.",
        "Muitas linhas repetem outras ({of_all}), o que embeleza os números."
    )
}

fn drift(names: &[&str], language: Language) -> String {
    let names = column_names(names, NAMES_MAX, language);
    sentence!(
        language,
        "The rows are far from those that the model learned from ({names}).",
        "Las filas están lejos de aquellas con las que aprendió el modelo ({names}).",
        "As linhas estão longe daquelas com que o modelo aprendeu ({names})."
    )
}
