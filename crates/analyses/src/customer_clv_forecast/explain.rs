//! What a forecast rests on: one sentence for each part, and the figures behind it.

use clientela_methods::clv::{CustomerForecast, GapMover, OrdersMover, Reason, ValueMover};
use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, days_ago, number, percent, sentence, signed_percent};
use schemars::JsonSchema;
use serde::Serialize;

use super::prose::Reading;
use crate::wire::{Fixed, Money, Score};

/// One sentence for each part of a forecast.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvForecastExplanations")]
pub struct Explanations {
    /// About the purchases so far.
    orders: String,
    /// About the time since the last; left out without a purchase.
    #[serde(skip_serializing_if = "Option::is_none")]
    gap: Option<String>,
    /// About what a purchase brings.
    value: String,
    /// About what GradientBoosting corrects; left out where it does not serve.
    #[serde(skip_serializing_if = "Option::is_none")]
    learned: Option<String>,
    /// Why the forecast is 0 or not the model's; left out where it is the model's.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// The figures behind the sentences. A factor is a ratio: 1 leaves the forecast where it is, 2 doubles it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvDrivers")]
pub struct Drivers {
    /// The purchases so far.
    orders: Orders,
    /// The time since the last; left out without a purchase.
    #[serde(skip_serializing_if = "Option::is_none")]
    gap: Option<Gap>,
    /// What a purchase brings.
    value: Value,
    /// What GradientBoosting corrects; left out where it does not serve.
    #[serde(skip_serializing_if = "Option::is_none")]
    learned: Option<Learned>,
    /// Why the forecast is 0 or not the model's; left out where it is the model's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["no_purchases", "no_time_observed", "nobody_repeats", "own_value_not_positive", serde_json::Value::Null]))]
    reason: Option<&'static str>,
}

/// The purchases so far.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvOrdersDriver")]
struct Orders {
    /// Days with a purchase, the first included.
    n_purchases: u32,
    /// The mean of the base.
    base_mean: Fixed<2>,
    /// Expected purchases with this history, had the last one been today, over those of the mean customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    factor: Option<Score>,
}

/// The time since the last purchase.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvGapDriver")]
struct Gap {
    /// Days since the last purchase.
    days_since_last: u32,
    /// Median days between the customer's purchases.
    #[serde(skip_serializing_if = "Option::is_none")]
    usual_gap_days: Option<Fixed<1>>,
    /// Expected purchases over those expected had the last one been today.
    #[serde(skip_serializing_if = "Option::is_none")]
    factor: Option<Score>,
}

/// What GradientBoosting corrects.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvLearnedDriver")]
struct Learned {
    /// The forecast over that of the count and value models.
    factor: Score,
}

/// What a purchase brings.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvValueDriver")]
struct Value {
    /// Mean value of the repeat purchases so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    mean_repeat_value: Option<Money>,
    /// Mean value of a purchase of the base.
    base_mean: Money,
    /// Expected value of a purchase over the mean of the base.
    #[serde(skip_serializing_if = "Option::is_none")]
    factor: Option<Score>,
}

pub fn drivers(forecast: &CustomerForecast) -> Drivers {
    let explanation = &forecast.explanation;
    let OrdersMover {
        n_purchases,
        base_mean,
        factor,
    } = explanation.orders;
    let gap = |gap: GapMover| Gap {
        days_since_last: gap.days_since_last,
        usual_gap_days: gap.usual_gap_days.map(Fixed::new),
        factor: gap.factor.map(Score::new),
    };
    Drivers {
        orders: Orders {
            n_purchases,
            base_mean: Fixed::new(base_mean),
            factor: factor.map(Score::new),
        },
        gap: explanation.gap.map(gap),
        value: Value {
            mean_repeat_value: explanation.value.mean_repeat_value.map(Money::new),
            base_mean: Money::new(explanation.value.base_mean),
            factor: explanation.value.factor.map(Score::new),
        },
        learned: explanation.learned.map(|factor| Learned {
            factor: Score::new(factor),
        }),
        reason: explanation.reason.map(reason_code),
    }
}

fn reason_code(reason: Reason) -> &'static str {
    match reason {
        Reason::NoPurchases => "no_purchases",
        Reason::NoTimeObserved => "no_time_observed",
        Reason::NobodyRepeats => "nobody_repeats",
        Reason::OwnValueNotPositive => "own_value_not_positive",
    }
}

pub fn sentences(reading: &Reading<'_>, language: Language) -> Explanations {
    let explanation = &reading.forecast.explanation;
    Explanations {
        orders: orders(explanation.orders, language),
        gap: explanation.gap.map(|found| gap(found, language)),
        value: value(reading, explanation.value, language),
        learned: explanation.learned.map(|factor| learned(factor, language)),
        reason: explanation.reason.map(|why| reason(why, language)),
    }
}

fn learned(factor: f64, language: Language) -> String {
    let change = signed_percent(factor - 1.0, 0, language);
    sentence!(
        language,
        "GradientBoosting, which has learned from past windows of the base, changes the forecast of the purchase models by {change}.",
        "GradientBoosting, que ha aprendido de periodos anteriores de la base, cambia el pronóstico de los modelos de compra en un {change}.",
        "O GradientBoosting, que aprendeu com períodos anteriores da base, muda a previsão dos modelos de compra em {change}."
    )
}

/// A factor as prose has it: `2.4`, and two decimals where it is small.
fn times(factor: f64, language: Language) -> String {
    number(factor, if factor < 0.95 { 2 } else { 1 }, language)
}

fn orders(orders: OrdersMover, language: Language) -> String {
    if orders.n_purchases == 0 {
        return sentence!(
            language,
            "No purchase is left once refunds are taken off.",
            "Descontadas las devoluciones, no queda ninguna compra.",
            "Descontadas as devoluções, não resta nenhuma compra."
        );
    }
    let purchases = Noun::Purchase.counted(orders.n_purchases as usize, language);
    let mean = number(orders.base_mean, 1, language);
    let Some(factor) = orders.factor else {
        return sentence!(
            language,
            "{purchases} so far; the average of the base is {mean}.",
            "{purchases} hasta ahora; el promedio de la base es {mean}.",
            "{purchases} até agora; a média da base é {mean}."
        );
    };
    let times = times(factor, language);
    sentence!(
        language,
        "{purchases} so far; the average of the base is {mean}. Had the last one been today, {times} times the purchases of an average customer would be expected.",
        "{purchases} hasta ahora; el promedio de la base es {mean}. Si la última hubiera sido hoy, se esperarían {times} veces las compras de un cliente promedio.",
        "{purchases} até agora; a média da base é {mean}. Se a última tivesse sido hoje, seriam esperadas {times} vezes as compras de um cliente médio."
    )
}

/// A share that would be written as 100 %.
const NOTHING_LOST: f64 = 0.995;

fn gap(gap: GapMover, language: Language) -> String {
    let when = days_ago(gap.days_since_last as usize, language);
    let last = match gap.usual_gap_days {
        Some(days) => {
            let decimals = usize::from(days < 10.0 && days.fract() != 0.0);
            let usual = Noun::Day.measured(days, decimals, language);
            sentence!(
                language,
                "Last purchase {when}, with a usual gap of {usual}",
                "Última compra {when}, con un intervalo habitual de {usual}",
                "Última compra {when}, com intervalo habitual de {usual}"
            )
        }
        None => sentence!(
            language,
            "Last purchase {when}",
            "Última compra {when}",
            "Última compra {when}"
        ),
    };
    let Some(factor) = gap.factor.filter(|_| gap.days_since_last > 0) else {
        return last + ".";
    };
    if factor > NOTHING_LOST {
        return sentence!(
            language,
            "{last}: by the model this silence takes nothing off the forecast.",
            "{last}: para el modelo, este silencio no resta nada al pronóstico.",
            "{last}: para o modelo, este silêncio não tira nada da previsão."
        );
    }
    let share = percent(factor.max(0.01), 0, language);
    let share = if factor < 0.01 {
        sentence!(
            language,
            "under {share}",
            "menos del {share}",
            "menos de {share}"
        )
    } else {
        sentence!(language, "{share}", "el {share}", "{share}")
    };
    sentence!(
        language,
        "{last}: {share} of the purchases that would be expected had it been today.",
        "{last}: {share} de las compras que se esperarían si hubiera sido hoy.",
        "{last}: {share} das compras que seriam esperadas se tivesse sido hoje."
    )
}

fn value(reading: &Reading<'_>, value: ValueMover, language: Language) -> String {
    let base = reading.money(value.base_mean, language);
    let each = reading.money(reading.forecast.value_per_purchase, language);
    if reading.forecast.explanation.reason == Some(Reason::NoPurchases) {
        return sentence!(
            language,
            "There is no purchase to value; one of the base brings {base}.",
            "No hay ninguna compra que valorar; una de la base deja {base}.",
            "Não há nenhuma compra para avaliar; uma da base rende {base}."
        );
    }
    match value.mean_repeat_value {
        Some(mean) => {
            let mean = reading.money(mean, language);
            sentence!(
                language,
                "Repeat purchases brought {mean} on average, against {base} for a purchase of the base; the forecast counts {each} per purchase.",
                "Sus recompras dejaron {mean} en promedio, frente a {base} de una compra de la base; el pronóstico cuenta con {each} por compra.",
                "Suas recompras renderam {mean} em média, ante {base} de uma compra da base; a previsão conta com {each} por compra."
            )
        }
        None => sentence!(
            language,
            "No repeat purchase yet to tell the value from; a purchase of the base brings {base}, and the forecast counts {each} per purchase.",
            "Aún no hay recompras de las que deducir el valor; una compra de la base deja {base} y el pronóstico cuenta con {each} por compra.",
            "Ainda não há recompras de que deduzir o valor; uma compra da base rende {base} e a previsão conta com {each} por compra."
        ),
    }
}

fn reason(reason: Reason, language: Language) -> String {
    match reason {
        Reason::NoPurchases => sentence!(
            language,
            "Refunds left no purchase, so the forecast is 0.",
            "Las devoluciones no dejaron ninguna compra, así que el pronóstico es 0.",
            "As devoluções não deixaram nenhuma compra, então a previsão é 0."
        ),
        Reason::NoTimeObserved => sentence!(
            language,
            "No time has passed since anyone's first purchase, so there is no rate and the forecast is 0.",
            "Todavía no ha pasado tiempo desde la primera compra de ningún cliente, así que no hay ritmo que medir y el pronóstico es 0.",
            "Ainda não se passou tempo desde a primeira compra de nenhum cliente, então não há ritmo para medir e a previsão é 0."
        ),
        Reason::NobodyRepeats => sentence!(
            language,
            "Nobody has bought twice, so there is no repeat rate and the forecast is 0.",
            "Nadie ha comprado dos veces, así que no hay tasa de recompra y el pronóstico es 0.",
            "Ninguém comprou duas vezes, então não há taxa de recompra e a previsão é 0."
        ),
        Reason::OwnValueNotPositive => sentence!(
            language,
            "Refunds took more than the repeat purchases brought, so a purchase is valued by the customer's own mean, drawn toward that of the base.",
            "Las devoluciones se llevaron más de lo que dejaron las recompras, así que cada compra se valora con el promedio propio del cliente, acercado al de la base.",
            "As devoluções levaram mais do que as recompras deixaram, então cada compra é avaliada pela média do próprio cliente, aproximada à da base."
        ),
    }
}
