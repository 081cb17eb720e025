//! The things that sentences speak of, by name: measures with their gender, and nouns that are counted.

use crate::Language;
use crate::plurals::{counted, measured, plural};

/// Grammatical gender; English words have none that shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gender {
    /// `el gasto`, `o gasto`.
    Masculine,
    /// `la frecuencia`, `a frequência`.
    Feminine,
}

/// A measure of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// What a customer has spent in all orders together.
    PurchaseTotal,
    /// How many orders a customer has placed.
    VisitFrequency,
    /// What a customer spends in one order on average.
    AvgTicket,
    /// How many different products a customer has bought.
    ProductDiversity,
    /// The loyalty score passed by the client, 0–1.
    LoyaltyScore,
    /// Days since the last purchase.
    RecencyDays,
    /// How often a shopper buys.
    Frequency,
    /// What a shopper has spent.
    AmountSpent,
    /// How many kinds of product a shopper buys.
    ProductTypes,
}

impl Measure {
    /// The six of a feature vector, in its order.
    pub const FEATURES: [Self; 6] = [
        Self::PurchaseTotal,
        Self::VisitFrequency,
        Self::AvgTicket,
        Self::ProductDiversity,
        Self::LoyaltyScore,
        Self::RecencyDays,
    ];

    /// The three of a shopper row, in the order of the centroids.
    pub const SHOPPER: [Self; 3] = [Self::Frequency, Self::AmountSpent, Self::ProductTypes];

    /// Its key on the wire, which is never translated.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::PurchaseTotal => "purchase_total",
            Self::VisitFrequency => "visit_frequency",
            Self::AvgTicket => "avg_ticket",
            Self::ProductDiversity => "product_diversity",
            Self::LoyaltyScore => "loyalty_score",
            Self::RecencyDays => "recency_days",
            Self::Frequency => "frequency",
            Self::AmountSpent => "amount_spent",
            Self::ProductTypes => "product_types",
        }
    }

    /// Its name without an article: `average ticket`, `ticket promedio`, `ticket médio`.
    #[must_use]
    pub fn name(self, language: Language) -> &'static str {
        match language {
            Language::En => self.english(),
            Language::Es => self.spanish().0,
            Language::Pt => self.portuguese().0,
        }
    }

    /// Its name with a capital, for headings and axes.
    #[must_use]
    pub fn title(self, language: Language) -> String {
        capitalized(self.name(language))
    }

    /// Its name with the definite article: `the average ticket`, `la puntuación de fidelidad`, `os tipos de produto`.
    #[must_use]
    pub fn the(self, language: Language) -> String {
        let article = match (language, self.gender(language), self.is_plural()) {
            (Language::En, ..) => "the",
            (Language::Es, Gender::Masculine, false) => "el",
            (Language::Es, Gender::Masculine, true) => "los",
            (Language::Es, Gender::Feminine, false) => "la",
            (Language::Es, Gender::Feminine, true) => "las",
            (Language::Pt, Gender::Masculine, false) => "o",
            (Language::Pt, Gender::Masculine, true) => "os",
            (Language::Pt, Gender::Feminine, false) => "a",
            (Language::Pt, Gender::Feminine, true) => "as",
        };
        format!("{article} {}", self.name(language))
    }

    /// Its name after "of": `of the average ticket`, `del ticket promedio`, `da pontuação de fidelidade`.
    #[must_use]
    pub fn of_the(self, language: Language) -> String {
        let the = self.the(language);
        match language {
            Language::En => format!("of {the}"),
            // `de el` is always drawn together, `de la` never.
            Language::Es => the
                .strip_prefix("el ")
                .map_or_else(|| format!("de {the}"), |name| format!("del {name}")),
            Language::Pt => format!("d{the}"),
        }
    }

    /// The gender of its name; masculine in English, where nothing asks for it.
    #[must_use]
    pub fn gender(self, language: Language) -> Gender {
        match language {
            Language::En => Gender::Masculine,
            Language::Es => self.spanish().1,
            Language::Pt => self.portuguese().1,
        }
    }

    /// Whether its name is a plural: `product types`, `días desde la última compra`.
    #[must_use]
    pub fn is_plural(self) -> bool {
        matches!(self, Self::RecencyDays | Self::ProductTypes)
    }

    /// An adjective in the form that goes with this measure, from its masculine singular: `alto` → `alta`, `altos`,
    /// `altas`; `menor` → `menores`. English adjectives don't change.
    #[must_use]
    pub fn agree(self, adjective: &str, language: Language) -> String {
        if language == Language::En {
            return adjective.to_owned();
        }
        let word = match (self.gender(language), adjective.strip_suffix('o')) {
            (Gender::Feminine, Some(stem)) => format!("{stem}a"),
            _ => adjective.to_owned(),
        };
        match (
            self.is_plural(),
            word.ends_with(['a', 'e', 'o', 'á', 'é', 'ó']),
        ) {
            (false, _) => word,
            (true, true) => word + "s",
            (true, false) => word + "es",
        }
    }

    fn english(self) -> &'static str {
        match self {
            Self::PurchaseTotal => "total spend",
            Self::VisitFrequency => "number of visits",
            Self::AvgTicket => "average ticket",
            Self::ProductDiversity => "product variety",
            Self::LoyaltyScore => "loyalty score",
            Self::RecencyDays => "days since the last purchase",
            Self::Frequency => "purchase frequency",
            Self::AmountSpent => "amount spent",
            Self::ProductTypes => "product types",
        }
    }

    fn spanish(self) -> (&'static str, Gender) {
        match self {
            Self::PurchaseTotal => ("gasto total", Gender::Masculine),
            Self::VisitFrequency => ("número de visitas", Gender::Masculine),
            Self::AvgTicket => ("ticket promedio", Gender::Masculine),
            Self::ProductDiversity => ("variedad de productos", Gender::Feminine),
            Self::LoyaltyScore => ("puntuación de fidelidad", Gender::Feminine),
            Self::RecencyDays => ("días desde la última compra", Gender::Masculine),
            Self::Frequency => ("frecuencia de compra", Gender::Feminine),
            Self::AmountSpent => ("importe gastado", Gender::Masculine),
            Self::ProductTypes => ("tipos de producto", Gender::Masculine),
        }
    }

    fn portuguese(self) -> (&'static str, Gender) {
        match self {
            Self::PurchaseTotal => ("gasto total", Gender::Masculine),
            Self::VisitFrequency => ("número de visitas", Gender::Masculine),
            Self::AvgTicket => ("ticket médio", Gender::Masculine),
            Self::ProductDiversity => ("variedade de produtos", Gender::Feminine),
            Self::LoyaltyScore => ("pontuação de fidelidade", Gender::Feminine),
            Self::RecencyDays => ("dias desde a última compra", Gender::Masculine),
            Self::Frequency => ("frequência de compra", Gender::Feminine),
            Self::AmountSpent => ("valor gasto", Gender::Masculine),
            Self::ProductTypes => ("tipos de produto", Gender::Masculine),
        }
    }
}

/// A thing that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Noun {
    /// A buyer.
    Customer,
    /// One act of buying.
    Purchase,
    /// One order, of one or more lines.
    Order,
    /// One visit to the shop.
    Visit,
    /// One line of the sales data.
    Transaction,
    /// A product.
    Product,
    /// A kind of product.
    Category,
    /// A group of customers found in the data.
    Segment,
    /// An answer to a survey.
    Answer,
    /// A row of a table.
    Row,
    /// A point of a score.
    Point,
    /// A day.
    Day,
    /// A week.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
}

impl Noun {
    /// All nouns.
    pub const ALL: [Self; 15] = [
        Self::Customer,
        Self::Purchase,
        Self::Order,
        Self::Visit,
        Self::Transaction,
        Self::Product,
        Self::Category,
        Self::Segment,
        Self::Answer,
        Self::Row,
        Self::Point,
        Self::Day,
        Self::Week,
        Self::Month,
        Self::Year,
    ];

    /// With a whole count: `1 customer`, `2.000.000 de clientes`.
    #[must_use]
    pub fn counted(self, n: usize, language: Language) -> String {
        let (one, many) = self.forms(language);
        counted(n as u64, one, many, language)
    }

    /// With a number of so many decimals: `8.8 purchases`.
    #[must_use]
    pub fn measured(self, value: f64, decimals: usize, language: Language) -> String {
        let (one, many) = self.forms(language);
        measured(value, decimals, one, many, language)
    }

    /// The form that goes with a count, without the number.
    #[must_use]
    pub fn form(self, n: usize, language: Language) -> &'static str {
        let (one, many) = self.forms(language);
        plural(n as u64, one, many, language)
    }

    /// Singular and plural.
    #[must_use]
    pub fn forms(self, language: Language) -> (&'static str, &'static str) {
        let (en, es, pt) = match self {
            Self::Customer => (
                ("customer", "customers"),
                ("cliente", "clientes"),
                ("cliente", "clientes"),
            ),
            Self::Purchase => (
                ("purchase", "purchases"),
                ("compra", "compras"),
                ("compra", "compras"),
            ),
            Self::Order => (
                ("order", "orders"),
                ("pedido", "pedidos"),
                ("pedido", "pedidos"),
            ),
            Self::Visit => (
                ("visit", "visits"),
                ("visita", "visitas"),
                ("visita", "visitas"),
            ),
            Self::Transaction => (
                ("transaction", "transactions"),
                ("transacción", "transacciones"),
                ("transação", "transações"),
            ),
            Self::Product => (
                ("product", "products"),
                ("producto", "productos"),
                ("produto", "produtos"),
            ),
            Self::Category => (
                ("category", "categories"),
                ("categoría", "categorías"),
                ("categoria", "categorias"),
            ),
            Self::Segment => (
                ("segment", "segments"),
                ("segmento", "segmentos"),
                ("segmento", "segmentos"),
            ),
            Self::Answer => (
                ("answer", "answers"),
                ("respuesta", "respuestas"),
                ("resposta", "respostas"),
            ),
            Self::Row => (("row", "rows"), ("fila", "filas"), ("linha", "linhas")),
            Self::Point => (
                ("point", "points"),
                ("punto", "puntos"),
                ("ponto", "pontos"),
            ),
            Self::Day => (("day", "days"), ("día", "días"), ("dia", "dias")),
            Self::Week => (
                ("week", "weeks"),
                ("semana", "semanas"),
                ("semana", "semanas"),
            ),
            Self::Month => (("month", "months"), ("mes", "meses"), ("mês", "meses")),
            Self::Year => (("year", "years"), ("año", "años"), ("ano", "anos")),
        };
        match language {
            Language::En => en,
            Language::Es => es,
            Language::Pt => pt,
        }
    }

    /// The gender of the word; masculine in English, where nothing asks for it.
    #[must_use]
    pub fn gender(self, language: Language) -> Gender {
        match (language, self) {
            (Language::En, _) => Gender::Masculine,
            (
                _,
                Self::Purchase
                | Self::Visit
                | Self::Transaction
                | Self::Category
                | Self::Answer
                | Self::Row
                | Self::Week,
            ) => Gender::Feminine,
            _ => Gender::Masculine,
        }
    }
}

/// The text with its first letter as a capital, to open a sentence.
#[must_use]
pub fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_follow_gender_and_number() {
        let cases = [
            (
                Measure::AvgTicket,
                ["the average ticket", "el ticket promedio", "o ticket médio"],
            ),
            (
                Measure::LoyaltyScore,
                [
                    "the loyalty score",
                    "la puntuación de fidelidad",
                    "a pontuação de fidelidade",
                ],
            ),
            (
                Measure::ProductTypes,
                [
                    "the product types",
                    "los tipos de producto",
                    "os tipos de produto",
                ],
            ),
            (
                Measure::RecencyDays,
                [
                    "the days since the last purchase",
                    "los días desde la última compra",
                    "os dias desde a última compra",
                ],
            ),
        ];
        for (measure, expected) in cases {
            assert_eq!(
                Language::ALL.map(|language| measure.the(language)),
                expected.map(str::to_owned)
            );
        }
    }

    #[test]
    fn of_contracts_with_the_article() {
        let cases = [
            (
                Measure::AmountSpent,
                [
                    "of the amount spent",
                    "del importe gastado",
                    "do valor gasto",
                ],
            ),
            (
                Measure::Frequency,
                [
                    "of the purchase frequency",
                    "de la frecuencia de compra",
                    "da frequência de compra",
                ],
            ),
            (
                Measure::ProductTypes,
                [
                    "of the product types",
                    "de los tipos de producto",
                    "dos tipos de produto",
                ],
            ),
        ];
        for (measure, expected) in cases {
            assert_eq!(
                Language::ALL.map(|language| measure.of_the(language)),
                expected.map(str::to_owned)
            );
        }
    }

    #[test]
    fn adjectives_agree_with_the_measure() {
        assert_eq!(Measure::AvgTicket.agree("alto", Language::Es), "alto");
        assert_eq!(Measure::Frequency.agree("alto", Language::Es), "alta");
        assert_eq!(Measure::RecencyDays.agree("bajo", Language::Es), "bajos");
        assert_eq!(
            Measure::ProductTypes.agree("menor", Language::Pt),
            "menores"
        );
        assert_eq!(
            Measure::ProductDiversity.agree("médio", Language::Pt),
            "média"
        );
        assert_eq!(Measure::Frequency.agree("high", Language::En), "high");
    }

    #[test]
    fn every_measure_has_its_own_key_and_name_in_every_language() {
        let all: Vec<Measure> = Measure::FEATURES
            .into_iter()
            .chain(Measure::SHOPPER)
            .collect();
        let distinct = |texts: Vec<String>| {
            texts
                .iter()
                .collect::<std::collections::BTreeSet<_>>()
                .len()
        };
        assert_eq!(
            distinct(all.iter().map(|measure| measure.key().to_owned()).collect()),
            all.len()
        );
        for language in Language::ALL {
            assert_eq!(
                distinct(all.iter().map(|measure| measure.title(language)).collect()),
                all.len()
            );
        }
        assert_eq!(
            Measure::VisitFrequency.title(Language::Es),
            "Número de visitas"
        );
    }

    #[test]
    fn nouns_are_counted() {
        assert_eq!(Noun::Customer.counted(1, Language::En), "1 customer");
        assert_eq!(
            Noun::Transaction.counted(21, Language::Es),
            "21 transacciones"
        );
        assert_eq!(Noun::Month.counted(1, Language::Pt), "1 mês");
        assert_eq!(
            Noun::Customer.counted(2_000_000, Language::Pt),
            "2.000.000 de clientes"
        );
        assert_eq!(
            Noun::Purchase.measured(8.81, 1, Language::Es),
            "8,8 compras"
        );
        assert_eq!(Noun::Day.form(1, Language::Es), "día");
    }

    #[test]
    fn spanish_and_portuguese_words_show_their_gender() {
        for language in [Language::Es, Language::Pt] {
            for noun in Noun::ALL {
                let feminine = matches!(noun.forms(language).0.chars().last(), Some('a' | 'n'))
                    || noun.forms(language).0.ends_with("ão");
                // `día` is the well-known exception.
                let expected = if feminine && noun != Noun::Day {
                    Gender::Feminine
                } else {
                    Gender::Masculine
                };
                assert_eq!(noun.gender(language), expected, "{noun:?}");
            }
        }
    }

    #[test]
    fn capitals_reach_letters_with_accents() {
        assert_eq!(capitalized("índice"), "Índice");
        assert_eq!(capitalized(""), "");
    }
}
