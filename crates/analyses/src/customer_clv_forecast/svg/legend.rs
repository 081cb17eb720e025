//! All words of the drawing.

use clientela_charts::Scale;
use clientela_narrative::{Language, date, number, sentence, signed_percent};
use clientela_tables::Date;

use super::tracked::Tracked;
use crate::customer_clv_forecast::response::CustomerClvForecastResponse;
use crate::wire::Currency;

/// Every word of the drawing in one language.
pub struct Legend {
    pub title: String,
    pub subtitle: String,
    pub description: String,
    pub tracking: String,
    pub actual: String,
    pub expected: String,
    pub week: String,
    pub purchases: String,
    pub split: String,
    pub calibration: String,
    pub outcome: String,
    pub forecast: String,
    pub decile: String,
    pub value: String,
    pub value_by_square_root: String,
}

impl Legend {
    pub fn in_language(
        response: &CustomerClvForecastResponse,
        tracked: Option<&Tracked>,
        language: Language,
    ) -> Self {
        let validation = &response.validation;
        let split = tracked.and_then(|tracked| tracked.split_date);
        let split = split.map_or_else(String::new, |date| in_full(date, language));
        let family = response.best_algorithm;
        let currency = response.currency.as_ref().map(Currency::code);
        let unit = currency.map_or_else(String::new, |code| format!(" ({code})"));
        Self {
            title: sentence!(
                language,
                "What was forecast, and what came",
                "Lo pronosticado y lo que ocurrió",
                "O que foi previsto e o que aconteceu"
            ),
            subtitle: validation.verdict.clone(),
            description: description(&validation.verdict, tracked, language),
            tracking: if split.is_empty() {
                sentence!(
                    language,
                    "Repeat purchases of all customers, week by week; the model knew them",
                    "Recompras de todos los clientes, semana a semana; el modelo las conocía",
                    "Recompras de todos os clientes, semana a semana; o modelo as conhecia"
                )
            } else {
                sentence!(
                    language,
                    "Repeat purchases of the customers known on {split}, week by week",
                    "Recompras de los clientes conocidos el {split}, semana a semana",
                    "Recompras dos clientes conhecidos em {split}, semana a semana"
                )
            },
            actual: sentence!(language, "Actual", "Reales", "Reais"),
            expected: sentence!(
                language,
                "Expected by the count model",
                "Esperadas según el modelo de conteo",
                "Esperadas segundo o modelo de contagem"
            ),
            week: sentence!(
                language,
                "Weeks since the very first purchase",
                "Semanas desde la primera compra registrada",
                "Semanas desde a primeira compra registrada"
            ),
            purchases: sentence!(
                language,
                "Repeat purchases so far",
                "Recompras acumuladas",
                "Recompras acumuladas"
            ),
            split: sentence!(
                language,
                "Unknown to the model after {split}",
                "El modelo no conoce lo posterior al {split}",
                "O modelo não conhece o que vem depois de {split}"
            ),
            calibration: sentence!(
                language,
                "Mean value per customer in the hold-outs, by tenth of the forecast ({family})",
                "Valor medio por cliente en los periodos de prueba, por decil del pronóstico ({family})",
                "Valor médio por cliente nos períodos de teste, por decil da previsão ({family})"
            ),
            outcome: sentence!(language, "Actual", "Real", "Real"),
            forecast: sentence!(language, "Forecast", "Pronóstico", "Previsão"),
            decile: sentence!(
                language,
                "Tenth of the customers, lowest forecasts first",
                "Decil de clientes, primero los pronósticos más bajos",
                "Decil de clientes, primeiro as previsões mais baixas"
            ),
            value: sentence!(
                language,
                "Value per customer{unit}",
                "Valor por cliente{unit}",
                "Valor por cliente{unit}"
            ),
            value_by_square_root: sentence!(
                language,
                "Value per customer{unit}, square root scale",
                "Valor por cliente{unit}, escala de raíz cuadrada",
                "Valor por cliente{unit}, escala de raiz quadrada"
            ),
        }
    }

    pub fn value(&self, scale: Scale) -> &str {
        match scale {
            Scale::SquareRoot => &self.value_by_square_root,
            Scale::Linear | Scale::Logarithmic => &self.value,
        }
    }
}

/// What a reader who can't see the drawing should know.
fn description(verdict: &str, tracked: Option<&Tracked>, language: Language) -> String {
    let Some(tracked) = tracked else {
        return sentence!(
            language,
            "No count model was fitted, so there is nothing to track. {verdict}",
            "No se ajustó ningún modelo de conteo, así que no hay nada que seguir. {verdict}",
            "Nenhum modelo de contagem foi ajustado, então não há o que acompanhar. {verdict}"
        );
    };
    let Some(tested) = &tracked.tested else {
        return verdict.to_owned();
    };
    let [first, last] = [tested.first, tested.last].map(|date| in_full(date, language));
    let [actual, expected] = [tested.actual, tested.expected].map(|n| number(n, 0, language));
    let gap = if tested.actual > 0.0 {
        let share = signed_percent(tested.expected / tested.actual - 1.0, 1, language);
        format!(" ({share})")
    } else {
        String::new()
    };
    if tracked.split.is_none() {
        return sentence!(
            language,
            "Until {last}, {actual} repeat purchases came, and the model, which knew them, expects {expected}{gap}. {verdict}",
            "Hasta el {last} hubo {actual} recompras, y el modelo, que las conocía, espera {expected}{gap}. {verdict}",
            "Até {last} houve {actual} recompras, e o modelo, que as conhecia, espera {expected}{gap}. {verdict}"
        );
    }
    sentence!(
        language,
        "From {first} to {last}, which the model did not know, {actual} repeat purchases came and {expected} were expected{gap}. {verdict}",
        "Del {first} al {last}, periodo que el modelo no conocía, hubo {actual} recompras y se esperaban {expected}{gap}. {verdict}",
        "De {first} a {last}, período que o modelo não conhecia, houve {actual} recompras e eram esperadas {expected}{gap}. {verdict}"
    )
}

fn in_full(day: Date, language: Language) -> String {
    let (year, month, day) = day.ymd();
    date(year as i16, month as i8, day as i8, language)
}
