//! Findings about one customer, and the sentences for them.

use clientela_methods::rfm::{Measure, RfmReport, ScoredCustomer, Tier};
use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, Say, number, percent};

use crate::Warning;
use crate::wire::messages::words;

/// A customer's place in the base, to be said.
pub struct Reading<'a> {
    pub scored: &'a ScoredCustomer,
    pub bins: u32,
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
        number(self.scored.measures.monetary_total, 2, language)
    }

    fn days(&self, language: Language) -> String {
        Noun::Day.counted(self.scored.measures.recency_days as usize, language)
    }

    fn scores(&self, recency: &str, frequency: &str, monetary: &str) -> String {
        let scores = self.scored.scores;
        format!(
            "{recency} {}, {frequency} {}, {monetary} {}",
            scores.recency, scores.frequency, scores.monetary
        )
    }
}

impl Say for Reading<'_> {
    fn en(&self) -> String {
        let language = Language::En;
        let bought = format!("{} for {}", self.orders(language), self.money(language));
        let when = match self.scored.measures.recency_days {
            0 => "today".to_owned(),
            _ => format!("{} ago", self.days(language)),
        };
        let history = match self.scored.measures.frequency {
            1 => format!("{bought}, {when}"),
            _ => format!("{bought} in all, the last one {when}"),
        };
        let place = match self.scored.tier {
            Tier::Champion => "Among the highest totals of the base",
            Tier::Loyal => "In the upper part of the totals of the base",
            Tier::Potential => "Above the middle of the base",
            Tier::Promising => "Around the middle of the base",
            Tier::AtRisk => "Among the lowest totals of the base",
        };
        let action = match (self.scored.tier, self.weakest()) {
            (Tier::Champion, _) => "thank them, and offer new things to them first",
            (Tier::AtRisk, Measure::Recency) => {
                "win them back with a personal offer before contact is lost"
            }
            (_, Measure::Recency) => "invite them back before the gap grows",
            (_, Measure::Frequency) => "give a reason for the next order",
            (_, Measure::Monetary) => "suggest products that go with what they already buy",
        };
        format!(
            "{history}. {place} ({} of {}): {action}.",
            self.scores("R", "F", "M"),
            self.bins,
        )
    }

    fn es(&self) -> String {
        let language = Language::Es;
        let bought = format!("{} por {}", self.orders(language), self.money(language));
        let when = match self.scored.measures.recency_days {
            0 => "hoy".to_owned(),
            _ => format!("hace {}", self.days(language)),
        };
        let history = match self.scored.measures.frequency {
            1 => format!("{bought}, {when}"),
            _ => format!("{bought} en total; el último, {when}"),
        };
        let place = match self.scored.tier {
            Tier::Champion => "Entre los totales más altos de la base",
            Tier::Loyal => "En la parte alta de los totales de la base",
            Tier::Potential => "Por encima de la mitad de la base",
            Tier::Promising => "Hacia la mitad de la base",
            Tier::AtRisk => "Entre los totales más bajos de la base",
        };
        let action = match (self.scored.tier, self.weakest()) {
            (Tier::Champion, _) => {
                "agradézcale su fidelidad y ofrézcale las novedades antes que a nadie"
            }
            (Tier::AtRisk, Measure::Recency) => {
                "recupere el contacto con una oferta personal antes de perderlo"
            }
            (_, Measure::Recency) => "invítelo a volver antes de que pase más tiempo",
            (_, Measure::Frequency) => "dele un motivo para el próximo pedido",
            (_, Measure::Monetary) => "sugiera productos que acompañen lo que ya compra",
        };
        format!(
            "{history}. {place} ({} de {}): {action}.",
            self.scores("R", "F", "M"),
            self.bins,
        )
    }

    fn pt(&self) -> String {
        let language = Language::Pt;
        let bought = format!("{} por {}", self.orders(language), self.money(language));
        let when = match self.scored.measures.recency_days {
            0 => "hoje".to_owned(),
            _ => format!("há {}", self.days(language)),
        };
        let history = match self.scored.measures.frequency {
            1 => format!("{bought}, {when}"),
            _ => format!("{bought} no total; o último, {when}"),
        };
        let place = match self.scored.tier {
            Tier::Champion => "Entre os totais mais altos da base",
            Tier::Loyal => "Na parte alta dos totais da base",
            Tier::Potential => "Acima do meio da base",
            Tier::Promising => "Por volta do meio da base",
            Tier::AtRisk => "Entre os totais mais baixos da base",
        };
        let action = match (self.scored.tier, self.weakest()) {
            (Tier::Champion, _) => "agradeça a fidelidade e ofereça as novidades em primeira mão",
            (Tier::AtRisk, Measure::Recency) => {
                "retome o contato com uma oferta pessoal antes de perdê-lo"
            }
            (_, Measure::Recency) => "convide para voltar antes que passe mais tempo",
            (_, Measure::Frequency) => "dê um motivo para o próximo pedido",
            (_, Measure::Monetary) => "sugira produtos que combinem com o que já compra",
        };
        format!(
            "{history}. {place} ({} de {}): {action}.",
            self.scores("R", "F", "M"),
            self.bins,
        )
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
                "All customers that are not Champion have the same total, so they are all Promising: the data do not rank them.",
                "Todos los clientes que no son Champion tienen el mismo total, así que todos son Promising: los datos no permiten ordenarlos.",
                "Todos os clientes que não são Champion têm o mesmo total, então todos são Promising: os dados não permitem ordená-los.",
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
                "All customers bought last on the same day, so recency ranks nobody.",
                "Todos los clientes compraron por última vez el mismo día, así que la recencia no ordena a nadie.",
                "Todos os clientes compraram pela última vez no mesmo dia, então a recência não ordena ninguém.",
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
                "Todos os clientes gastaram o mesmo no total, então o valor monetário não ordena ninguém.",
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
        "{tier} holds {en} of the base: many totals are equal, so the tiers tell these customers apart only in part.",
        "{tier} reúne el {es} de la base: muchos totales coinciden, así que los niveles distinguen a estos clientes solo en parte.",
        "{tier} reúne {pt} da base: muitos totais coincidem, então os níveis só distinguem esses clientes em parte.",
    );
    Some(
        Warning::new("dominant_tier", words)
            .figure("tier", tier)
            .figure("n_customers", n_members),
    )
}
