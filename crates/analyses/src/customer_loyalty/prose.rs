//! A customer's place and the cohort in sentences, and what the scores cannot tell.

use clientela_methods::loyalty::{Change, LoyaltyReport, LoyaltyScore, LoyaltyTier};
use clientela_narrative::terms::{Measure, Noun, capitalized};
use clientela_narrative::{Language, Say, integer, list, number};
use clientela_numerics::round::round_decimal;
use clientela_tables::LoyaltyMetric;

use super::Table;
use crate::Warning;
use crate::wire::messages::words;

/// A customer's place in the cohort, to be said.
pub struct Reading<'a> {
    pub scored: &'a LoyaltyScore,
    pub is_ranked: bool,
}

/// What there is to say of a customer.
enum Place<'a> {
    Unranked,
    Highest,
    OneStep(LoyaltyTier, f64, &'a Change),
    SeveralSteps(LoyaltyTier),
}

impl Reading<'_> {
    fn place(&self) -> Place<'_> {
        if !self.is_ranked {
            return Place::Unranked;
        }
        let Some(above) = (self.scored.tier as usize).checked_sub(1) else {
            return Place::Highest;
        };
        match &self.scored.next_tier {
            Some(next) => Place::OneStep(next.tier, next.gap, &next.changes[0]),
            None => Place::SeveralSteps(LoyaltyTier::ALL[above]),
        }
    }

    /// `0.6123, Silver`.
    fn score(&self, language: Language) -> String {
        let score = number(self.scored.rounded, 4, language);
        format!("{score}, {}", self.scored.tier.name())
    }
}

fn measure(metric: LoyaltyMetric) -> Measure {
    match metric {
        LoyaltyMetric::PurchaseTotal => Measure::PurchaseTotal,
        LoyaltyMetric::VisitFrequency => Measure::VisitFrequency,
        LoyaltyMetric::AvgTicket => Measure::AvgTicket,
        LoyaltyMetric::ProductDiversity => Measure::ProductDiversity,
        LoyaltyMetric::RecencyDays => Measure::RecencyDays,
    }
}

/// Metric, from where and to where, as a language writes them.
fn step(change: &Change, language: Language) -> (String, String, String) {
    /// Decimals of values that are finer than those of the metric.
    const FINE: u32 = 4;
    let coarse = change.metric.decimals();
    let is_coarse = [change.from, change.to]
        .iter()
        .all(|&value| round_decimal(value, coarse) == value);
    let decimals = if is_coarse { coarse } else { FINE } as usize;
    (
        measure(change.metric).the(language),
        number(change.from, decimals, language),
        number(change.to, decimals, language),
    )
}

impl Say for Reading<'_> {
    fn en(&self) -> String {
        let language = Language::En;
        let score = self.score(language);
        match self.place() {
            Place::Unranked => {
                format!(
                    "{score}: the cohort does not differ in any metric, so nothing ranks this customer."
                )
            }
            Place::Highest => format!("{score}: the highest tier. Keep what brings them back."),
            Place::OneStep(tier, gap, change) => {
                let (metric, from, to) = step(change, language);
                let verb = if change.metric.is_inverted() {
                    "lowering"
                } else {
                    "raising"
                };
                let (gap, tier) = (number(gap, 4, language), tier.name());
                format!(
                    "{score}: {gap} below {tier}. On its own, {verb} {metric} from {from} to {to} would be enough."
                )
            }
            Place::SeveralSteps(tier) => {
                let tier = tier.name();
                format!(
                    "{score}: no single metric reaches {tier}; several have to improve together."
                )
            }
        }
    }

    fn es(&self) -> String {
        let language = Language::Es;
        let score = self.score(language);
        match self.place() {
            Place::Unranked => {
                format!(
                    "{score}: la cohorte no difiere en ninguna métrica, así que nada permite ordenar a este cliente."
                )
            }
            Place::Highest => format!("{score}: el nivel más alto. Cuide lo que lo hace volver."),
            Place::OneStep(tier, gap, change) => {
                let (metric, from, to) = step(change, language);
                let verb = if change.metric.is_inverted() {
                    "reducir"
                } else {
                    "subir"
                };
                let (gap, tier) = (number(gap, 4, language), tier.name());
                format!(
                    "{score}: a {gap} de {tier}. Bastaría con {verb} {metric} de {from} a {to}."
                )
            }
            Place::SeveralSteps(tier) => {
                let tier = tier.name();
                format!(
                    "{score}: ninguna métrica por sí sola alcanza {tier}; tienen que mejorar varias a la vez."
                )
            }
        }
    }

    fn pt(&self) -> String {
        let language = Language::Pt;
        let score = self.score(language);
        match self.place() {
            Place::Unranked => {
                format!(
                    "{score}: a coorte não difere em nenhuma métrica, então nada permite ordenar este cliente."
                )
            }
            Place::Highest => format!("{score}: o nível mais alto. Cuide do que o faz voltar."),
            Place::OneStep(tier, gap, change) => {
                let (metric, from, to) = step(change, language);
                let verb = if change.metric.is_inverted() {
                    "reduzir"
                } else {
                    "aumentar"
                };
                let (gap, tier) = (number(gap, 4, language), tier.name());
                format!(
                    "{score}: faltam {gap} para {tier}. Bastaria {verb} {metric} de {from} para {to}."
                )
            }
            Place::SeveralSteps(tier) => {
                let tier = tier.name();
                format!(
                    "{score}: nenhuma métrica sozinha alcança {tier}; várias precisam melhorar juntas."
                )
            }
        }
    }
}

/// The cohort at a glance, to be said.
pub struct Overview<'a> {
    pub report: &'a LoyaltyReport,
    /// Customers in each tier, best first.
    pub counts: [u64; 5],
}

impl Overview<'_> {
    fn customers(&self, language: Language) -> String {
        Noun::Customer.counted(self.report.customers.len(), language)
    }

    /// `3 Platinum, 8 Gold, and 4 Bronze`.
    fn tiers(&self, language: Language) -> String {
        let parts: Vec<String> = LoyaltyTier::ALL
            .into_iter()
            .zip(self.counts)
            .filter(|(_, n)| *n > 0)
            .map(|(tier, n)| format!("{} {}", integer(n as i64, language), tier.name()))
            .collect();
        list(
            &parts.iter().map(String::as_str).collect::<Vec<_>>(),
            language,
        )
    }

    fn scores(&self, language: Language) -> (String, String) {
        let say = |score| number(score, 4, language);
        (say(self.report.mean), say(self.report.top_decile_threshold))
    }
}

impl Say for Overview<'_> {
    fn en(&self) -> String {
        let (customers, tiers) = (self.customers(Language::En), self.tiers(Language::En));
        let (mean, top) = self.scores(Language::En);
        format!("{customers}: {tiers}. The mean score is {mean}; the top tenth begins at {top}.")
    }

    fn es(&self) -> String {
        let (customers, tiers) = (self.customers(Language::Es), self.tiers(Language::Es));
        let (mean, top) = self.scores(Language::Es);
        format!(
            "{customers}: {tiers}. La puntuación media es {mean}; el 10\u{a0}% superior empieza en {top}."
        )
    }

    fn pt(&self) -> String {
        let (customers, tiers) = (self.customers(Language::Pt), self.tiers(Language::Pt));
        let (mean, top) = self.scores(Language::Pt);
        format!(
            "{customers}: {tiers}. A pontuação média é {mean}; os 10% superiores começam em {top}."
        )
    }
}

/// What the scores cannot tell.
pub fn warnings(table: &Table, report: &LoyaltyReport) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if report.is_ranked() {
        let left_out = report.without_spread.iter().map(|&metric| {
            match table.params.ranges[metric as usize] {
                Some(range) => without_width(metric, range.min),
                None => without_spread(metric),
            }
        });
        warnings.extend(left_out);
    } else {
        warnings.push(cohort_of_equals(report));
    }
    let outside = LoyaltyMetric::ALL.into_iter().zip(report.n_outside);
    warnings.extend(
        outside
            .filter(|(_, n)| *n > 0)
            .map(|(metric, n)| outside_range(metric, n)),
    );
    warnings
}

fn without_width(metric: LoyaltyMetric, value: f64) -> Warning {
    let key = metric.key();
    let words = words!(
        "The given range of {key} begins and ends at {value}, so the metric was left out; the other weights were scaled up.",
        "El rango dado de {key} empieza y termina en {value}, así que la métrica no se tuvo en cuenta; los demás pesos se aumentaron en proporción.",
        "O intervalo dado de {key} começa e termina em {value}, então a métrica ficou de fora; os demais pesos foram aumentados na mesma proporção.",
    );
    Warning::new("range_without_width", words).at(format!("ranges.{key}"))
}

fn without_spread(metric: LoyaltyMetric) -> Warning {
    let name = |language| capitalized(&measure(metric).the(language));
    let (en, es, pt) = (name(Language::En), name(Language::Es), name(Language::Pt));
    let is_plural = measure(metric).is_plural();
    let choose = |one, many| if is_plural { many } else { one };
    let (does, varia_es) = (choose("does", "do"), choose("varía", "varían"));
    let varia_pt = choose("varia", "variam");
    let words = words!(
        "{en} {does} not vary between customers and was left out; the other weights were scaled up.",
        "{es} no {varia_es} entre los clientes y no se tuvo en cuenta; los demás pesos se aumentaron en proporción.",
        "{pt} não {varia_pt} entre os clientes, e a métrica ficou de fora; os demais pesos foram aumentados na mesma proporção.",
    );
    Warning::new("metric_without_spread", words).at(format!("ranges.{}", metric.key()))
}

fn cohort_of_equals(report: &LoyaltyReport) -> Warning {
    let n_customers = report.customers.len();
    let words = if n_customers == 1 {
        words!(
            "A single customer can't be ranked, so the score is 1.0. Send the whole cohort, or the \"ranges\" of an earlier answer.",
            "Un solo cliente no se puede ordenar, así que su puntuación es 1.0. Envíe la cohorte completa o los \"ranges\" de una respuesta anterior.",
            "Um único cliente não pode ser ordenado, então a pontuação é 1.0. Envie a coorte completa ou os \"ranges\" de uma resposta anterior.",
        )
    } else {
        words!(
            "A cohort of equals can't be ranked: no weighted metric differs, so all customers score 1.0.",
            "Una cohorte de iguales no se puede ordenar: ninguna métrica con peso difiere, así que todos los clientes tienen 1.0.",
            "Uma coorte de iguais não pode ser ordenada: nenhuma métrica com peso difere, então todos os clientes têm 1.0.",
        )
    };
    Warning::new("cohort_without_spread", words).figure("n_customers", n_customers)
}

fn outside_range(metric: LoyaltyMetric, n_outside: usize) -> Warning {
    let key = metric.key();
    let say = |language| Noun::Customer.counted(n_outside, language);
    let (en, es, pt) = (say(Language::En), say(Language::Es), say(Language::Pt));
    let is_one = n_outside == 1;
    let choose = |one, many| if is_one { one } else { many };
    let (lies, counts) = (choose("lies", "lie"), choose("counts", "count"));
    let (queda, cuenta) = (choose("queda", "quedan"), choose("cuenta", "cuentan"));
    let (fica, conta) = (choose("fica", "ficam"), choose("conta", "contam"));
    let words = words!(
        "{en} {lies} outside the given range of {key} and {counts} as its nearer end.",
        "{es} {queda} fuera del rango dado de {key} y {cuenta} como su extremo más cercano.",
        "{pt} {fica} fora do intervalo dado de {key} e {conta} como o extremo mais próximo.",
    );
    Warning::new("outside_range", words)
        .at(format!("ranges.{key}"))
        .figure("n_customers", n_outside)
}
