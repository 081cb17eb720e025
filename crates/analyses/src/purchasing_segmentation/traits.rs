//! The words for a cluster that is high or low in a measure.

use clientela_narrative::Language;
use clientela_narrative::terms::Measure;

/// On which side of the mean of the base a cluster lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    High,
    Low,
}

/// The same words in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phrase {
    en: &'static str,
    es: &'static str,
    pt: &'static str,
}

impl Phrase {
    pub fn say(self, language: Language) -> &'static str {
        match language {
            Language::En => self.en,
            Language::Es => self.es,
            Language::Pt => self.pt,
        }
    }
}

const fn phrase(en: &'static str, es: &'static str, pt: &'static str) -> Phrase {
    Phrase { en, es, pt }
}

/// What the customers are called by the measure that sets them apart most.
pub fn head(measure: Measure, side: Side) -> Phrase {
    use Measure as M;
    use Side::{High, Low};
    match (measure, side) {
        (M::PurchaseTotal | M::AmountSpent, High) => {
            phrase("Big spenders", "Grandes compradores", "Grandes compradores")
        }
        (M::PurchaseTotal | M::AmountSpent, Low) => phrase(
            "Light spenders",
            "Clientes de poco gasto",
            "Clientes de baixo gasto",
        ),
        (M::VisitFrequency, High) => phrase(
            "Regular visitors",
            "Visitantes asiduos",
            "Visitantes assíduos",
        ),
        (M::VisitFrequency, Low) => phrase(
            "Occasional visitors",
            "Visitantes ocasionales",
            "Visitantes ocasionais",
        ),
        (M::Frequency, High) => phrase(
            "Frequent buyers",
            "Compradores frecuentes",
            "Compradores frequentes",
        ),
        (M::Frequency, Low) => phrase(
            "Occasional buyers",
            "Compradores ocasionales",
            "Compradores ocasionais",
        ),
        (M::AvgTicket, High) => phrase(
            "Large-ticket buyers",
            "Compradores de ticket alto",
            "Compradores de ticket alto",
        ),
        (M::AvgTicket, Low) => phrase(
            "Small-ticket buyers",
            "Compradores de ticket bajo",
            "Compradores de ticket baixo",
        ),
        (M::ProductDiversity, High) => phrase(
            "Buyers of many products",
            "Compradores de muchos productos",
            "Compradores de muitos produtos",
        ),
        (M::ProductDiversity, Low) => phrase(
            "Buyers of few products",
            "Compradores de pocos productos",
            "Compradores de poucos produtos",
        ),
        (M::ProductTypes, High) => phrase(
            "Buyers across categories",
            "Compradores de muchas categorías",
            "Compradores de muitas categorias",
        ),
        (M::ProductTypes, Low) => phrase(
            "Buyers of few categories",
            "Compradores de pocas categorías",
            "Compradores de poucas categorias",
        ),
        (M::LoyaltyScore, High) => phrase("Loyal customers", "Clientes fieles", "Clientes fiéis"),
        (M::LoyaltyScore, Low) => phrase(
            "Loosely tied customers",
            "Clientes poco fieles",
            "Clientes pouco fiéis",
        ),
        (M::RecencyDays, High) => phrase(
            "Dormant customers",
            "Clientes inactivos",
            "Clientes inativos",
        ),
        (M::RecencyDays, Low) => phrase(
            "Recently active customers",
            "Clientes recientes",
            "Clientes recentes",
        ),
    }
}

/// What is added about them by the next measure.
pub fn trait_of(measure: Measure, side: Side) -> Phrase {
    use Measure as M;
    use Side::{High, Low};
    match (measure, side) {
        (M::PurchaseTotal | M::AmountSpent, High) => {
            phrase("with high spend", "con gasto alto", "com gasto alto")
        }
        (M::PurchaseTotal | M::AmountSpent, Low) => {
            phrase("with low spend", "con gasto bajo", "com gasto baixo")
        }
        (M::VisitFrequency, High) => phrase(
            "who visit often",
            "que vienen a menudo",
            "que vêm com frequência",
        ),
        (M::VisitFrequency, Low) => phrase(
            "who visit less often",
            "que vienen con menos frecuencia",
            "que vêm com menos frequência",
        ),
        (M::Frequency, High) => phrase(
            "who buy often",
            "que compran a menudo",
            "que compram com frequência",
        ),
        (M::Frequency, Low) => phrase(
            "who buy less often",
            "que compran con menos frecuencia",
            "que compram com menos frequência",
        ),
        (M::AvgTicket, High) => phrase("with large tickets", "con ticket alto", "com ticket alto"),
        (M::AvgTicket, Low) => phrase("with small tickets", "con ticket bajo", "com ticket baixo"),
        (M::ProductDiversity, High) => phrase(
            "who buy many products",
            "que compran muchos productos",
            "que compram muitos produtos",
        ),
        (M::ProductDiversity, Low) => phrase(
            "who buy few products",
            "que compran pocos productos",
            "que compram poucos produtos",
        ),
        (M::ProductTypes, High) => phrase(
            "in many categories",
            "en muchas categorías",
            "em muitas categorias",
        ),
        (M::ProductTypes, Low) => phrase(
            "in few categories",
            "en pocas categorías",
            "em poucas categorias",
        ),
        (M::LoyaltyScore, High) => phrase(
            "with high loyalty",
            "con mucha fidelidad",
            "com muita fidelidade",
        ),
        (M::LoyaltyScore, Low) => phrase(
            "with low loyalty",
            "con poca fidelidad",
            "com pouca fidelidade",
        ),
        (M::RecencyDays, High) => phrase(
            "not seen for long",
            "que llevan tiempo sin comprar",
            "que não compram há tempo",
        ),
        (M::RecencyDays, Low) => phrase(
            "who bought recently",
            "que compraron hace poco",
            "que compraram há pouco",
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_pairs_of_measures_make_the_same_name() {
        for measures in [&Measure::FEATURES[..], &Measure::SHOPPER[..]] {
            for language in Language::ALL {
                let sides = |measure: &Measure| [(*measure, Side::High), (*measure, Side::Low)];
                let ends: Vec<(Measure, Side)> = measures.iter().flat_map(sides).collect();
                let mut names = HashSet::new();
                for &(first, a) in &ends {
                    for &(second, b) in ends.iter().filter(|(second, _)| *second != first) {
                        let (head, more) = (head(first, a), trait_of(second, b));
                        let name = format!("{} {}", head.say(language), more.say(language));
                        assert!(names.insert(name.clone()), "{name} stands for two pairs");
                    }
                }
            }
        }
    }
}
