//! A customer's place and the cohort in sentences.

use clientela_methods::loyalty::{Change, LoyaltyReport, LoyaltyScore, LoyaltyTier};
use clientela_narrative::terms::{Measure, Noun};
use clientela_narrative::{Language, Say, integer, list, number};
use clientela_numerics::round::round_decimal;
use clientela_tables::LoyaltyMetric;

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

/// The name that sentences use for a metric.
pub fn measure(metric: LoyaltyMetric) -> Measure {
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
