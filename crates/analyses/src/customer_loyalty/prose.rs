//! A customer's place and the cohort in sentences.

use clientela_methods::loyalty::{Change, LoyaltyReport, LoyaltyScore, LoyaltyTier};
use clientela_narrative::terms::{Measure, Noun};
use clientela_narrative::{Language, integer, list, number, sentence};
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

    /// The score, and what would lift it.
    pub fn say(&self, language: Language) -> String {
        let score = number(self.scored.rounded, 4, language);
        let score = format!("{score} ({})", self.scored.tier.name());
        match self.place() {
            Place::Unranked => sentence!(
                language,
                "{score}: the cohort does not differ in any metric, so nothing ranks this customer.",
                "{score}: la cohorte no difiere en ninguna métrica, así que nada permite ordenar a este cliente.",
                "{score}: a coorte não difere em nenhuma métrica, então nada permite ordenar este cliente.",
            ),
            Place::Highest => sentence!(
                language,
                "{score}: the highest tier. Keep what brings them back.",
                "{score}: el nivel más alto. Cuide lo que lo hace volver.",
                "{score}: o nível mais alto. Cuide do que o faz voltar.",
            ),
            Place::OneStep(tier, gap, change) => {
                let (gap, tier) = (number(gap, 4, language), tier.name());
                let step = step(change, language);
                sentence!(
                    language,
                    "{score}: {gap} below {tier}. On its own, {step} would be enough.",
                    "{score}: a {gap} de {tier}. Bastaría con {step}.",
                    "{score}: faltam {gap} para {tier}. Bastaria {step}.",
                )
            }
            Place::SeveralSteps(tier) => {
                let tier = tier.name();
                sentence!(
                    language,
                    "{score}: no single metric reaches {tier}; several have to improve together.",
                    "{score}: ninguna métrica por sí sola alcanza {tier}; tienen que mejorar varias a la vez.",
                    "{score}: nenhuma métrica sozinha alcança {tier}; várias precisam melhorar juntas.",
                )
            }
        }
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

/// The change of one metric: `raising the total spend from 195.90 to 1,080.80`.
fn step(change: &Change, language: Language) -> String {
    /// Decimals of values that are finer than those of the metric.
    const FINE: u32 = 4;
    let coarse = change.metric.decimals();
    let is_coarse = [change.from, change.to]
        .iter()
        .all(|&value| round_decimal(value, coarse) == value);
    let decimals = if is_coarse { coarse } else { FINE } as usize;
    let metric = measure(change.metric).the(language);
    let [from, to] = [change.from, change.to].map(|value| number(value, decimals, language));
    if change.metric.is_inverted() {
        sentence!(
            language,
            "lowering {metric} from {from} to {to}",
            "reducir {metric} de {from} a {to}",
            "reduzir {metric} de {from} para {to}",
        )
    } else {
        sentence!(
            language,
            "raising {metric} from {from} to {to}",
            "subir {metric} de {from} a {to}",
            "aumentar {metric} de {from} para {to}",
        )
    }
}

/// The cohort at a glance, to be said.
pub struct Overview<'a> {
    pub report: &'a LoyaltyReport,
    /// Customers in each tier, best first.
    pub counts: [u64; 5],
}

impl Overview<'_> {
    /// How many there are, in which tiers, and where their scores lie.
    pub fn say(&self, language: Language) -> String {
        let customers = Noun::Customer.counted(self.report.customers.len(), language);
        let tiers = self.tiers(language);
        let mean = number(self.report.mean, 4, language);
        let top = number(self.report.top_decile_threshold, 4, language);
        sentence!(
            language,
            "{customers}: {tiers}. The mean score is {mean}; the top tenth begins at {top}.",
            "{customers}: {tiers}. La puntuación media es {mean}; el 10\u{a0}% superior empieza en {top}.",
            "{customers}: {tiers}. A pontuação média é {mean}; os 10% superiores começam em {top}.",
        )
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
}
