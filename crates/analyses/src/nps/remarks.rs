//! What the scores cannot tell.

use clientela_methods::nps::{NpsReport, Tally};
use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, integer, number, words};

use super::{Grouping, Table};
use crate::Warning;
use crate::wire::messages::shortened;

/// Answers below which a score is rough: the interval is then wider than the width of a band.
const FEW_ANSWERS: u64 = 30;

pub fn warnings(table: &Table, report: &NpsReport) -> Vec<Warning> {
    let names: &[String] = match &table.grouping {
        Grouping::None => &[],
        Grouping::Field(name) => std::slice::from_ref(name),
        Grouping::Fields(names) => names,
    };
    let mut warnings: Vec<Warning> = names
        .iter()
        .enumerate()
        .filter(|(index, _)| {
            table
                .answers
                .groups()
                .iter()
                .all(|group| group[*index].is_none())
        })
        .map(|(_, name)| no_such_field(name))
        .collect();
    warnings.extend(few_answers(report));
    if !names.is_empty() {
        warnings.extend(small_groups(report));
    }
    warnings.extend(undated(report));
    warnings
}

fn no_such_field(name: &str) -> Warning {
    let name = shortened(name);
    let words = words!(
        "No row has a value in \"{name}\", so it separates no groups.",
        "Ninguna fila tiene un valor en \"{name}\", así que no separa grupos.",
        "Nenhuma linha tem valor em \"{name}\", então o campo não separa grupos.",
    );
    Warning::new("group_field_without_values", words)
        .at("group_by")
        .figure("field", name)
}

fn few_answers(report: &NpsReport) -> Option<Warning> {
    let n = report.overall.responses();
    if n >= FEW_ANSWERS {
        return None;
    }
    let interval = report.overall.interval();
    let say = |language| {
        let answers = Noun::Answer.counted(n as usize, language);
        let [low, high] = [interval.low, interval.high].map(|end| number(end, 0, language));
        (answers, low, high)
    };
    let ((en, en_low, en_high), (es, es_low, es_high), (pt, pt_low, pt_high)) =
        (say(Language::En), say(Language::Es), say(Language::Pt));
    let words = words!(
        "With only {en}, the true score may lie anywhere between {en_low} and {en_high}.",
        "Con solo {es}, la puntuación real puede estar en cualquier punto entre {es_low} y {es_high}.",
        "Com apenas {pt}, a pontuação real pode estar em qualquer ponto entre {pt_low} e {pt_high}.",
    );
    Some(
        Warning::new("few_answers", words)
            .at("overall")
            .figure("responses", n),
    )
}

fn small_groups(report: &NpsReport) -> Option<Warning> {
    let is_small = |tally: &&Tally| tally.responses() < FEW_ANSWERS;
    let n_small = report.groups.iter().filter(is_small).count();
    if n_small == 0 {
        return None;
    }
    let n_groups = report.groups.len();
    let say = |language| {
        (
            integer(n_small as i64, language),
            integer(n_groups as i64, language),
        )
    };
    let ((en, en_all), (es, es_all), (pt, pt_all)) =
        (say(Language::En), say(Language::Es), say(Language::Pt));
    let words = words!(
        "Fewer than {FEW_ANSWERS} answers in {en} of {en_all} groups: read such scores with their intervals.",
        "Menos de {FEW_ANSWERS} respuestas en {es} de {es_all} grupos: lea esas puntuaciones junto con sus intervalos.",
        "Menos de {FEW_ANSWERS} respostas em {pt} de {pt_all} grupos: leia essas pontuações junto com os intervalos.",
    );
    Some(
        Warning::new("few_answers_in_groups", words)
            .at("by_group")
            .figure("n_groups", n_small),
    )
}

fn undated(report: &NpsReport) -> Option<Warning> {
    if report.n_undated == 0 || report.months.is_empty() {
        return None;
    }
    let say = |language| Noun::Answer.counted(report.n_undated as usize, language);
    let (en, es, pt) = (say(Language::En), say(Language::Es), say(Language::Pt));
    let words = words!(
        "{en} without a date: not part of the trend.",
        "{es} sin fecha: fuera de la tendencia.",
        "{pt} sem data: fora da tendência.",
    );
    Some(
        Warning::new("answers_without_date", words)
            .at("trend")
            .figure("n_answers", report.n_undated),
    )
}
