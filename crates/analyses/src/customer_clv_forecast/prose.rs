//! What one customer's forecast means, and what to do.

use clientela_methods::clv::{CustomerForecast, ForecastOptions, Reason};
use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, Say, money, percent, sentence};

use super::advice;
use super::standing::Standing;
use crate::wire::Currency;

/// A customer's forecast, to be said.
pub struct Reading<'a> {
    pub forecast: &'a CustomerForecast,
    pub standing: Standing,
    pub options: &'a ForecastOptions,
    pub currency: Option<Currency>,
}

/// A chance of no purchase that is worth a word.
const ZERO_WORTH_SAYING: f64 = 0.1;

impl Reading<'_> {
    pub fn money(&self, value: f64, language: Language) -> String {
        money(value, self.currency.as_ref().map(Currency::code), language)
    }

    /// With two decimals where one would hide that anything is expected; `None` where two would as well.
    fn purchases(&self, language: Language) -> Option<String> {
        let value = self.forecast.purchases;
        let decimals = if value < 0.95 { 2 } else { 1 };
        (value >= 0.005).then(|| Noun::Purchase.measured(value, decimals, language))
    }

    /// `over the next 12 months`.
    fn horizon(&self, language: Language) -> String {
        let n = self.options.horizon_months as usize;
        if n == 1 {
            return sentence!(
                language,
                "over the next month",
                "en el próximo mes",
                "no próximo mês"
            );
        }
        let months = Noun::Month.counted(n, language);
        sentence!(
            language,
            "over the next {months}",
            "en los próximos {months}",
            "nos próximos {months}"
        )
    }

    /// The amount, and what it is made of.
    fn expected(&self, language: Language) -> String {
        let value = self.money(self.forecast.value, language);
        let horizon = self.horizon(language);
        let Some(purchases) = self.purchases(language) else {
            return sentence!(
                language,
                "{value} expected {horizon}: hardly a purchase is to be expected.",
                "{value} previstos {horizon}: prácticamente no se esperan compras.",
                "{value} previstos {horizon}: praticamente nenhuma compra é esperada."
            );
        };
        let each = self.money(self.forecast.value_per_purchase, language);
        if self.options.discount_rate_annual != 0.0 {
            let rate = percent(self.options.discount_rate_annual, 0, language);
            return sentence!(
                language,
                "{value} expected {horizon}, discounted at {rate} a year: {purchases} of {each} on average.",
                "{value} previstos {horizon}, descontados al {rate} anual: {purchases} de {each} en promedio.",
                "{value} previstos {horizon}, descontados a {rate} ao ano: {purchases} de {each} em média."
            );
        }
        sentence!(
            language,
            "{value} expected {horizon}: {purchases} of {each} on average.",
            "{value} previstos {horizon}: {purchases} de {each} en promedio.",
            "{value} previstos {horizon}: {purchases} de {each} em média."
        )
    }

    /// How far the amount may lie from it; `None` without a model.
    fn range(&self, language: Language) -> Option<String> {
        let interval = self.forecast.prediction?;
        let zero = self.forecast.probability_zero.unwrap_or_default();
        let zero_text = probability(zero, language);
        if interval.lower == 0.0 && interval.upper == 0.0 {
            return Some(sentence!(
                language,
                "The probability of no purchase at all is {zero_text}.",
                "La probabilidad de que no compre nada es {zero_text}.",
                "A probabilidade de não comprar nada é {zero_text}."
            ));
        }
        let level = percent(self.options.confidence_level, 0, language);
        let [lower, upper] = [interval.lower, interval.upper].map(|end| self.money(end, language));
        let range = sentence!(
            language,
            "With {level} probability it will be between {lower} and {upper}",
            "Con una probabilidad del {level} quedará entre {lower} y {upper}",
            "Com probabilidade de {level} ficará entre {lower} e {upper}"
        );
        if zero < ZERO_WORTH_SAYING {
            return Some(range + ".");
        }
        Some(sentence!(
            language,
            "{range}; the probability of no purchase at all is {zero_text}.",
            "{range}; la probabilidad de que no compre nada es {zero_text}.",
            "{range}; a probabilidade de não comprar nada é {zero_text}."
        ))
    }

    fn in_language(&self, language: Language) -> String {
        let value = self.money(self.forecast.value, language);
        match self.forecast.explanation.reason {
            Some(Reason::NoPurchases) => {
                return sentence!(
                    language,
                    "{value} expected: refunds left no purchase to forecast from. Find out what went wrong before offering anything.",
                    "{value} previstos: las devoluciones no dejaron ninguna compra en la que basar un pronóstico. Averigüe qué falló antes de ofrecer nada.",
                    "{value} previstos: as devoluções não deixaram nenhuma compra em que basear uma previsão. Descubra o que deu errado antes de oferecer algo."
                );
            }
            Some(Reason::NoTimeObserved) => {
                return sentence!(
                    language,
                    "{value} expected, because nobody's first purchase lies in the past: there is no rate yet. Ask again in some weeks.",
                    "{value} previstos, porque ninguna primera compra es anterior a hoy: todavía no hay ritmo que medir. Vuelva a consultar en unas semanas.",
                    "{value} previstos, porque nenhuma primeira compra é anterior a hoje: ainda não há ritmo para medir. Consulte de novo em algumas semanas."
                );
            }
            Some(Reason::NobodyRepeats) => {
                return sentence!(
                    language,
                    "{value} expected, because nobody in the base has bought twice: there is no repeat rate yet. Work on second purchases, and ask again then.",
                    "{value} previstos, porque en la base nadie ha comprado dos veces: todavía no hay tasa de recompra. Trabaje en las segundas compras y vuelva a consultar.",
                    "{value} previstos, porque na base ninguém comprou duas vezes: ainda não há taxa de recompra. Trabalhe nas segundas compras e consulte de novo."
                );
            }
            Some(Reason::OwnValueNotPositive) | None => {}
        }
        let sentences = [
            Some(self.expected(language)),
            self.range(language),
            Some(advice::sentence(self.forecast, self.standing, language)),
        ];
        sentences
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// A probability as a percentage, never as 0 or 100 %: `35%`, `under 1%`, `más del 99 %`.
pub fn share(share: f64, language: Language) -> String {
    let (least, most) = (percent(0.01, 0, language), percent(0.99, 0, language));
    if share < 0.01 {
        sentence!(
            language,
            "under {least}",
            "menos del {least}",
            "menos de {least}"
        )
    } else if share > 0.99 {
        sentence!(language, "over {most}", "más del {most}", "mais de {most}")
    } else {
        percent(share, 0, language)
    }
}

/// The same with the preposition that a sentence needs before it: `35%`, `del 35 %`, `de más del 99 %`, `de 35%`.
pub fn probability(value: f64, language: Language) -> String {
    let share = share(value, language);
    match language {
        Language::En => share,
        Language::Es if share.starts_with(char::is_numeric) => format!("del {share}"),
        Language::Es | Language::Pt => format!("de {share}"),
    }
}

impl Say for Reading<'_> {
    fn en(&self) -> String {
        self.in_language(Language::En)
    }
    fn es(&self) -> String {
        self.in_language(Language::Es)
    }
    fn pt(&self) -> String {
        self.in_language(Language::Pt)
    }
}
