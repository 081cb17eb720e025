//! The band of a score, and what its figures say.

use clientela_methods::nps::{Band, CONFIDENCE, Comparison, Tally};
use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, Say, Words, number, percent, words};

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

/// Where a group stands next to the rest.
enum Standing {
    Level,
    Above,
    Below,
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

    fn figures(&self, language: Language) -> Said {
        let interval = self.tally.interval();
        let [promoters, _, detractors] = self.tally.percentages();
        Said {
            score: Noun::Point.measured(self.tally.score(), 1, language),
            answers: Noun::Answer.counted(self.tally.responses() as usize, language),
            promoters: percent(promoters / 100.0, 1, language),
            detractors: percent(detractors / 100.0, 1, language),
            low: number(interval.low, 1, language),
            high: number(interval.high, 1, language),
            confidence: percent(CONFIDENCE, 0, language),
        }
    }
}

/// The figures of a score as a language writes them.
struct Said {
    score: String,
    answers: String,
    promoters: String,
    detractors: String,
    low: String,
    high: String,
    confidence: String,
}

fn standing(comparison: &Comparison) -> Standing {
    if comparison.difference.abs() < 0.05 {
        Standing::Level
    } else if comparison.difference > 0.0 {
        Standing::Above
    } else {
        Standing::Below
    }
}

fn points(comparison: &Comparison, language: Language) -> String {
    Noun::Point.measured(comparison.difference.abs(), 1, language)
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

impl Say for Reading<'_> {
    fn en(&self) -> String {
        let Said {
            score,
            answers,
            promoters,
            detractors,
            low,
            high,
            confidence,
        } = self.figures(Language::En);
        let figures = format!(
            "{score} from {answers}: {promoters} promoters, {detractors} detractors. With {confidence} confidence the true score lies between {low} and {high}."
        );
        match self.follow_up {
            FollowUp::Advice(band) => format!("{figures} {}", advice(band).en),
            FollowUp::Versus(comparison) => format!("{figures} {}", versus_en(comparison)),
            FollowUp::Nothing => figures,
        }
    }

    fn es(&self) -> String {
        let Said {
            score,
            answers,
            promoters,
            detractors,
            low,
            high,
            confidence,
        } = self.figures(Language::Es);
        let figures = format!(
            "{score} con {answers}: {promoters} de promotores y {detractors} de detractores. Con una confianza del {confidence}, la puntuación real está entre {low} y {high}."
        );
        match self.follow_up {
            FollowUp::Advice(band) => format!("{figures} {}", advice(band).es),
            FollowUp::Versus(comparison) => format!("{figures} {}", versus_es(comparison)),
            FollowUp::Nothing => figures,
        }
    }

    fn pt(&self) -> String {
        let Said {
            score,
            answers,
            promoters,
            detractors,
            low,
            high,
            confidence,
        } = self.figures(Language::Pt);
        let figures = format!(
            "{score} em {answers}: {promoters} de promotores e {detractors} de detratores. Com {confidence} de confiança, a pontuação real está entre {low} e {high}."
        );
        match self.follow_up {
            FollowUp::Advice(band) => format!("{figures} {}", advice(band).pt),
            FollowUp::Versus(comparison) => format!("{figures} {}", versus_pt(comparison)),
            FollowUp::Nothing => figures,
        }
    }
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

fn versus_en(comparison: &Comparison) -> String {
    let (points, p) = (
        points(comparison, Language::En),
        p_value(comparison, Language::En),
    );
    let place = match standing(comparison) {
        Standing::Level => return "That is level with the rest.".to_owned(),
        Standing::Above => "above",
        Standing::Below => "below",
    };
    if comparison.is_significant() {
        format!("That is {points} {place} the rest, more than chance explains ({p}).")
    } else {
        format!("That is {points} {place} the rest, which chance alone may explain ({p}).")
    }
}

fn versus_es(comparison: &Comparison) -> String {
    let (points, p) = (
        points(comparison, Language::Es),
        p_value(comparison, Language::Es),
    );
    let place = match standing(comparison) {
        Standing::Level => return "Está al nivel del resto.".to_owned(),
        Standing::Above => "por encima del resto",
        Standing::Below => "por debajo del resto",
    };
    if comparison.is_significant() {
        format!("Está {points} {place}, más de lo que explica el azar ({p}).")
    } else {
        format!("Está {points} {place}, algo que el azar por sí solo puede explicar ({p}).")
    }
}

fn versus_pt(comparison: &Comparison) -> String {
    let (points, p) = (
        points(comparison, Language::Pt),
        p_value(comparison, Language::Pt),
    );
    let place = match standing(comparison) {
        Standing::Level => return "Está no nível dos demais.".to_owned(),
        Standing::Above => "acima dos demais",
        Standing::Below => "abaixo dos demais",
    };
    if comparison.is_significant() {
        format!("Está {points} {place}, mais do que o acaso explica ({p}).")
    } else {
        format!("Está {points} {place}, o que o acaso sozinho pode explicar ({p}).")
    }
}
