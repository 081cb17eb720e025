//! The band of a score, and what its figures say.

use clientela_methods::nps::{Band, CONFIDENCE, Comparison, Tally};
use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, Say as _, Words, number, percent, sentence, words};

/// The code of a band; never translated.
pub fn band_code(band: Band) -> &'static str {
    match band {
        Band::WorldClass => "world_class",
        Band::Excellent => "excellent",
        Band::Good => "good",
        Band::Fair => "fair",
        Band::Critical => "critical",
    }
}

/// The name of a band. Clients compare the English one.
pub fn band_words(band: Band) -> Words {
    match band {
        Band::WorldClass => words!(
            "World-class loyalty",
            "Fidelidad de primer nivel mundial",
            "Lealdade de nível mundial"
        ),
        Band::Excellent => words!("Excellent", "Excelente", "Excelente"),
        Band::Good => words!("Good", "Bueno", "Bom"),
        Band::Fair => words!(
            "Fair – room for improvement",
            "Aceptable: hay margen de mejora",
            "Razoável: há espaço para melhorar"
        ),
        Band::Critical => words!("Critical warning", "Alerta crítica", "Alerta crítico"),
    }
}

/// A score to be said.
pub struct Reading<'a> {
    tally: &'a Tally,
    follow_up: FollowUp<'a>,
}

/// What follows the figures: advice for the whole, a comparison for a group.
enum FollowUp<'a> {
    Advice(Band),
    Versus(&'a Comparison),
    Nothing,
}

impl<'a> Reading<'a> {
    pub fn overall(tally: &'a Tally, band: Band) -> Self {
        Self {
            tally,
            follow_up: FollowUp::Advice(band),
        }
    }

    pub fn group(tally: &'a Tally, comparison: Option<&'a Comparison>) -> Self {
        Self {
            tally,
            follow_up: comparison.map_or(FollowUp::Nothing, FollowUp::Versus),
        }
    }

    /// The figures, and what follows from them.
    pub fn say(&self, language: Language) -> String {
        let figures = figures(self.tally, language);
        match self.follow_up {
            FollowUp::Advice(band) => format!("{figures} {}", advice(band).say(language)),
            FollowUp::Versus(comparison) => format!("{figures} {}", versus(comparison, language)),
            FollowUp::Nothing => figures,
        }
    }
}

fn figures(tally: &Tally, language: Language) -> String {
    let score = Noun::Point.measured(tally.score(), 1, language);
    let answers = Noun::Answer.counted(tally.responses() as usize, language);
    let [promoters, _, detractors] = tally
        .percentages()
        .map(|share| percent(share / 100.0, 1, language));
    let interval = tally.interval();
    let [low, high] = [interval.low, interval.high].map(|end| number(end, 1, language));
    let confidence = percent(CONFIDENCE, 0, language);
    sentence!(
        language,
        "{score} from {answers}: {promoters} promoters, {detractors} detractors. With {confidence} confidence the true score lies between {low} and {high}.",
        "{score} con {answers}: {promoters} de promotores y {detractors} de detractores. Con una confianza del {confidence}, la puntuación real está entre {low} y {high}.",
        "{score} em {answers}: {promoters} de promotores e {detractors} de detratores. Com {confidence} de confiança, a pontuação real está entre {low} e {high}.",
    )
}

fn advice(band: Band) -> Words {
    match band {
        Band::WorldClass => words!(
            "Make it easy for promoters to recommend you.",
            "Facilite que los promotores lo recomienden.",
            "Facilite a recomendação por parte dos promotores.",
        ),
        Band::Excellent => words!(
            "Keep what promoters praise, and ask the passives what they miss.",
            "Conserve lo que elogian los promotores y pregunte a los pasivos qué echan de menos.",
            "Mantenha o que os promotores elogiam e pergunte aos neutros do que sentem falta.",
        ),
        Band::Good => words!(
            "Ask the passives what would have made it a 9.",
            "Pregunte a los pasivos qué habría hecho falta para un 9.",
            "Pergunte aos neutros o que faltou para um 9.",
        ),
        Band::Fair => words!(
            "Look for the complaint that detractors share, and solve it first.",
            "Busque la queja que comparten los detractores y resuélvala primero.",
            "Procure a queixa que os detratores têm em comum e resolva-a primeiro.",
        ),
        Band::Critical => words!(
            "Call the detractors back before you spend on winning new customers.",
            "Llame a los detractores antes de invertir en captar clientes nuevos.",
            "Entre em contato com os detratores antes de investir em novos clientes.",
        ),
    }
}

/// Differences that round to zero.
const LEVEL: f64 = 0.05;

/// Where a group stands next to the rest, and whether that means anything.
fn versus(comparison: &Comparison, language: Language) -> String {
    let difference = comparison.difference;
    if difference.abs() < LEVEL {
        return sentence!(
            language,
            "That is level with the rest.",
            "Está al nivel del resto.",
            "Está no nível dos demais.",
        );
    }
    let points = Noun::Point.measured(difference.abs(), 1, language);
    let place = if difference > 0.0 {
        sentence!(
            language,
            "{points} above the rest",
            "{points} por encima del resto",
            "{points} acima dos demais",
        )
    } else {
        sentence!(
            language,
            "{points} below the rest",
            "{points} por debajo del resto",
            "{points} abaixo dos demais",
        )
    };
    let p = p_value(comparison, language);
    if comparison.is_significant() {
        sentence!(
            language,
            "That is {place}, more than chance explains ({p}).",
            "Está {place}, más de lo que explica el azar ({p}).",
            "Está {place}, mais do que o acaso explica ({p}).",
        )
    } else {
        sentence!(
            language,
            "That is {place}, which chance alone may explain ({p}).",
            "Está {place}, algo que el azar por sí solo puede explicar ({p}).",
            "Está {place}, o que o acaso sozinho pode explicar ({p}).",
        )
    }
}

/// `p = 0.012`, or `p < 0.001`.
fn p_value(comparison: &Comparison, language: Language) -> String {
    const SMALLEST: f64 = 0.001;
    let p = comparison.p_value_adjusted;
    if p < SMALLEST {
        format!("p < {}", number(SMALLEST, 3, language))
    } else {
        format!("p = {}", number(p, 3, language))
    }
}
