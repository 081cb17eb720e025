//! The sentence about a cluster of shoppers.

use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, Say, number};

/// One cluster, to be said in one line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClusterSentence<'a> {
    /// Customers in it.
    pub n_customers: usize,
    /// What they spent on average.
    pub spend: f64,
    /// How often they bought on average, in all or in a month.
    pub purchases: f64,
    /// Whether that is in a month.
    pub per_month: bool,
    /// What sets them apart, best first.
    pub categories: &'a [&'a str],
}

impl ClusterSentence<'_> {
    fn spend(&self, language: Language) -> String {
        number(self.spend, 0, language)
    }

    fn categories(&self) -> String {
        self.categories.join(", ")
    }
}

impl Say for ClusterSentence<'_> {
    /// In the published form, which clients read: counts plain, thousands of the spend parted by a space.
    fn en(&self) -> String {
        let language = Language::En;
        format!(
            "{} {}, avg spend {}, {}{}. Top categories: {}.",
            self.n_customers,
            Noun::Customer.form(self.n_customers, language),
            self.spend(language).replace(',', " "),
            Noun::Purchase
                .measured(self.purchases, 1, language)
                .replace(',', ""),
            if self.per_month { "/mo" } else { "" },
            self.categories(),
        )
    }

    fn es(&self) -> String {
        let language = Language::Es;
        format!(
            "{}, gasto promedio {}, {}{}. Categorías principales: {}.",
            Noun::Customer.counted(self.n_customers, language),
            self.spend(language),
            Noun::Purchase.measured(self.purchases, 1, language),
            if self.per_month { " al mes" } else { "" },
            self.categories(),
        )
    }

    fn pt(&self) -> String {
        let language = Language::Pt;
        format!(
            "{}, gasto médio {}, {}{}. Principais categorias: {}.",
            Noun::Customer.counted(self.n_customers, language),
            self.spend(language),
            Noun::Purchase.measured(self.purchases, 1, language),
            if self.per_month { " por mês" } else { "" },
            self.categories(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(n_customers: usize, spend: f64, purchases: f64, per_month: bool, expected: [&str; 3]) {
        let sentence = ClusterSentence {
            n_customers,
            spend,
            purchases,
            per_month,
            categories: &["wine", "cheese", "tea"],
        };
        assert_eq!(
            Language::ALL.map(|language| sentence.say(language)),
            expected.map(str::to_owned)
        );
    }

    #[test]
    fn the_sentence_has_the_published_form() {
        check(
            31,
            591.1,
            8.8065,
            false,
            [
                "31 customers, avg spend 591, 8.8 purchases. Top categories: wine, cheese, tea.",
                "31 clientes, gasto promedio 591, 8,8 compras. Categorías principales: wine, cheese, tea.",
                "31 clientes, gasto médio 591, 8,8 compras. Principais categorias: wine, cheese, tea.",
            ],
        );
    }

    #[test]
    fn thousands_are_parted_and_months_named() {
        check(
            12_000,
            1_002_577.37,
            1.04,
            true,
            [
                "12000 customers, avg spend 1 002 577, 1.0 purchases/mo. Top categories: wine, cheese, tea.",
                "12.000 clientes, gasto promedio 1.002.577, 1,0 compra al mes. Categorías principales: wine, cheese, tea.",
                "12.000 clientes, gasto médio 1.002.577, 1,0 compra por mês. Principais categorias: wine, cheese, tea.",
            ],
        );
    }
}
