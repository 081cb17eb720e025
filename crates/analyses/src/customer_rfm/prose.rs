//! Findings about one customer, and the sentences for them.

use clientela_methods::rfm::{Measure, RfmReport, ScoredCustomer, Tier};
use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, Say, money, percent, words};

use crate::Warning;
use crate::wire::Currency;

/// A customer's place in the base, to be said.
pub struct Reading<'a> {
    pub scored: &'a ScoredCustomer,
    pub bins: u32,
    pub currency: Option<Currency>,
}

impl Reading<'_> {
    /// The measure with the lowest score: what the action should work on.
    fn weakest(&self) -> Measure {
        let score = |measure: &Measure| self.scored.scores.of(*measure);
        Measure::ALL
            .into_iter()
            .min_by_key(score)
            .expect("three measures")
    }

    fn orders(&self, language: Language) -> String {
        Noun::Order.counted(self.scored.measures.frequency as usize, language)
    }

    fn money(&self, language: Language) -> String {
        let currency = self.currency.as_ref().map(Currency::code);
        money(self.scored.measures.monetary_total, currency, language)
    }

    fn days(&self, language: Language) -> String {
        Noun::Day.counted(self.scored.measures.recency_days as usize, language)
    }

    /// Initials of the measures with their scores; the initials are the same in all three languages.
    fn scores(&self) -> String {
        let scores = self.scored.scores;
        format!(
            "R {}, F {}, M {}",
            scores.recency, scores.frequency, scores.monetary
        )
    }
}

impl Say for Reading<'_> {
    fn en(&self) -> String {
        let (orders, money) = (self.orders(Language::En), self.money(Language::En));
        let when = match self.scored.measures.recency_days {
            0 => "today".to_owned(),
            _ => format!("{} ago", self.days(Language::En)),
        };
        let history = match self.scored.measures.frequency {
            1 => format!("{orders} for {money}, {when}"),
            _ => format!("{orders} for {money} in all, the last one {when}"),
        };
        let place = match self.scored.tier {
            Tier::Champion => "among the highest of the base",
            Tier::Loyal => "in the upper part of the base",
            Tier::Potential => "above the middle of the base",
            Tier::Promising => "around the middle of the base",
            Tier::AtRisk => "among the lowest of the base",
        };
        let action = match (self.scored.tier, self.weakest()) {
            (Tier::Champion, _) => "thank them, and offer new things to them first",
            (Tier::AtRisk, Measure::Recency) => {
                "win them back with a personal offer before contact is lost"
            }
            (_, Measure::Recency) => "invite them back before the gap grows",
            (_, Measure::Frequency) => "give them a reason for the next order",
            (_, Measure::Monetary) => "suggest products that go with what they already buy",
        };
        let (scores, bins) = (self.scores(), self.bins);
        format!("{history}. Total score {place} ({scores} of {bins}): {action}.")
    }

    fn es(&self) -> String {
        let (orders, money) = (self.orders(Language::Es), self.money(Language::Es));
        let when = match self.scored.measures.recency_days {
            0 => "hoy".to_owned(),
            _ => format!("hace {}", self.days(Language::Es)),
        };
        let history = match self.scored.measures.frequency {
            1 => format!("{orders} de {money}, {when}"),
            _ => format!("{orders} por un total de {money}; el último, {when}"),
        };
        let place = match self.scored.tier {
            Tier::Champion => "entre las más altas de la base",
            Tier::Loyal => "en la parte alta de la base",
            Tier::Potential => "por encima de la mitad de la base",
            Tier::Promising => "hacia la mitad de la base",
            Tier::AtRisk => "entre las más bajas de la base",
        };
        let action = match (self.scored.tier, self.weakest()) {
            (Tier::Champion, _) => {
                "agradézcale su fidelidad y ofrézcale las novedades antes que a nadie"
            }
            (Tier::AtRisk, Measure::Recency) => {
                "recupérelo con una oferta personalizada antes de perder el contacto"
            }
            (_, Measure::Recency) => "invítelo a volver antes de que pase más tiempo",
            (_, Measure::Frequency) => "dele un motivo para hacer otro pedido",
            (_, Measure::Monetary) => "sugiérale productos que complementen lo que ya compra",
        };
        let (scores, bins) = (self.scores(), self.bins);
        format!("{history}. Puntuación total {place} ({scores} de {bins}): {action}.")
    }

    fn pt(&self) -> String {
        let (orders, money) = (self.orders(Language::Pt), self.money(Language::Pt));
        let when = match self.scored.measures.recency_days {
            0 => "hoje".to_owned(),
            _ => format!("há {}", self.days(Language::Pt)),
        };
        let history = match self.scored.measures.frequency {
            1 => format!("{orders} no valor de {money}, {when}"),
            _ => format!("{orders} no valor total de {money}; o último, {when}"),
        };
        let place = match self.scored.tier {
            Tier::Champion => "entre as mais altas da base",
            Tier::Loyal => "na parte alta da base",
            Tier::Potential => "acima do meio da base",
            Tier::Promising => "por volta do meio da base",
            Tier::AtRisk => "entre as mais baixas da base",
        };
        let action = match (self.scored.tier, self.weakest()) {
            (Tier::Champion, _) => "agradeça a fidelidade e ofereça as novidades em primeira mão",
            (Tier::AtRisk, Measure::Recency) => {
                "reconquiste-o com uma oferta personalizada antes de perder o contato"
            }
            (_, Measure::Recency) => "convide-o a voltar antes que passe mais tempo",
            (_, Measure::Frequency) => "dê um motivo para o próximo pedido",
            (_, Measure::Monetary) => "sugira produtos que combinem com o que ele já compra",
        };
        let (scores, bins) = (self.scores(), self.bins);
        format!("{history}. Pontuação total {place} ({scores} de {bins}): {action}.")
    }
}

/// What the scores cannot tell.
pub fn warnings(report: &RfmReport) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = report
        .without_spread
        .iter()
        .map(|&measure| without_spread(measure))
        .collect();
    if report.undivided {
        warnings.push(Warning::new(
            "tiers_undivided",
            words!(
                "All customers that are not Champion have the same total score, so they are all Promising: the data do not rank them.",
                "Todos los clientes que no son Champion tienen la misma puntuación total, así que todos son Promising: los datos no permiten ordenarlos.",
                "Todos os clientes que não são Champion têm a mesma pontuação total, então todos são Promising: os dados não permitem ordená-los.",
            ),
        ));
    }
    warnings.extend(dominant_tier(report));
    warnings
}

fn without_spread(measure: Measure) -> Warning {
    let (path, words) = match measure {
        Measure::Recency => (
            "recency_score",
            words!(
                "All customers ordered last on the same day, so recency ranks nobody.",
                "Todos los clientes hicieron su último pedido el mismo día, así que la recencia no ordena a nadie.",
                "Todos os clientes fizeram o último pedido no mesmo dia, então a recência não ordena ninguém.",
            ),
        ),
        Measure::Frequency => (
            "frequency_score",
            words!(
                "All customers have the same number of orders, so frequency ranks nobody.",
                "Todos los clientes tienen el mismo número de pedidos, así que la frecuencia no ordena a nadie.",
                "Todos os clientes têm o mesmo número de pedidos, então a frequência não ordena ninguém.",
            ),
        ),
        Measure::Monetary => (
            "monetary_score",
            words!(
                "All customers spent the same in total, so monetary value ranks nobody.",
                "Todos los clientes gastaron lo mismo en total, así que el valor monetario no ordena a nadie.",
                "Todos os clientes gastaram o mesmo valor no total, então o valor monetário não ordena ninguém.",
            ),
        ),
    };
    Warning::new("metric_without_spread", words).at(path)
}

/// A tier with more than half of the base says little about its members.
fn dominant_tier(report: &RfmReport) -> Option<Warning> {
    let n_customers = report.customers.len();
    let count = |tier| {
        report
            .customers
            .iter()
            .filter(|scored| scored.tier == tier)
            .count()
    };
    let (tier, n_members) = Tier::ALL
        .into_iter()
        .map(|tier| (tier, count(tier)))
        .find(|(_, n)| 2 * n > n_customers)?;
    let tier = tier.name();
    let share = n_members as f64 / n_customers as f64;
    let say = |language| percent(share, 0, language);
    let (en, es, pt) = (say(Language::En), say(Language::Es), say(Language::Pt));
    let words = words!(
        "{tier} holds {en} of the base, so the tiers tell these customers apart only in part; look at their scores.",
        "{tier} reúne el {es} de la base, así que los niveles distinguen a estos clientes solo en parte; consulte sus puntuaciones.",
        "{tier} reúne {pt} da base, então os níveis só distinguem esses clientes em parte; consulte as pontuações.",
    );
    Some(
        Warning::new("dominant_tier", words)
            .figure("tier", tier)
            .figure("n_customers", n_members),
    )
}
