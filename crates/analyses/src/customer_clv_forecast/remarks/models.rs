//! Remarks about the models.

use clientela_methods::clv::NotIdentified;
use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, integer, number, sentence, words};

use super::super::verdict::repeat_buyers;
use super::in_all;
use crate::Warning;

pub fn historical_mean(n_repeat: usize) -> Warning {
    let words = in_all(|language| {
        let buyers = repeat_buyers(n_repeat, language);
        sentence!(
            language,
            "{buyers}, and a model needs at least 10: the forecast is a mean of the past, without intervals.",
            "{buyers}, y un modelo necesita al menos 10: el pronóstico es un promedio del pasado, sin intervalos.",
            "{buyers}, e um modelo precisa de pelo menos 10: a previsão é uma média do passado, sem intervalos."
        )
    });
    Warning::new("too_few_repeat_buyers", words)
        .at("best_algorithm")
        .figure("n_repeat_buyers", n_repeat)
}

pub fn no_time_observed() -> Warning {
    let words = words!(
        "No time has passed since anyone's first purchase, so there is no rate and all forecasts are 0.",
        "Todavía no ha pasado tiempo desde la primera compra de ningún cliente, así que no hay ritmo que medir y todos los pronósticos son 0.",
        "Ainda não se passou tempo desde a primeira compra de nenhum cliente, então não há ritmo para medir e todas as previsões são 0.",
    );
    Warning::new("no_time_observed", words).at("customers")
}

pub fn nobody_repeats() -> Warning {
    let words = words!(
        "Nobody has bought twice, so there is no repeat rate and all forecasts are 0.",
        "Nadie ha comprado dos veces, así que no hay tasa de recompra y todos los pronósticos son 0.",
        "Ninguém comprou duas vezes, então não há taxa de recompra e todas as previsões são 0.",
    );
    Warning::new("nobody_repeats", words).at("customers")
}

/// Why priors had to help.
pub fn not_identified(why: NotIdentified, language: Language) -> String {
    match why {
        NotIdentified::FewRepeatBuyers => sentence!(
            language,
            "There are fewer than 20 repeat buyers.",
            "Hay menos de 20 clientes con recompras.",
            "Há menos de 20 clientes com recompras."
        ),
        NotIdentified::NoHoldOut => sentence!(
            language,
            "There is no hold-out to test on.",
            "No hay periodo de prueba.",
            "Não há período de teste."
        ),
        NotIdentified::AtBound => sentence!(
            language,
            "The likelihood rises toward the edge of a parameter's range.",
            "La verosimilitud crece hacia el límite de un parámetro.",
            "A verossimilhança cresce em direção ao limite de um parâmetro."
        ),
        NotIdentified::NotPositiveDefinite => sentence!(
            language,
            "The likelihood is flat at its maximum.",
            "La verosimilitud es plana en su máximo.",
            "A verossimilhança é plana no seu máximo."
        ),
        NotIdentified::DropoutOpen => sentence!(
            language,
            "The data hardly tell how likely customers are to leave.",
            "Los datos apenas indican con qué probabilidad los clientes dejan de comprar.",
            "Os dados mal indicam com que probabilidade os clientes deixam de comprar."
        ),
    }
}

fn code(why: NotIdentified) -> &'static str {
    match why {
        NotIdentified::FewRepeatBuyers => "few_repeat_buyers",
        NotIdentified::NoHoldOut => "no_hold_out",
        NotIdentified::AtBound => "at_bound",
        NotIdentified::NotPositiveDefinite => "not_positive_definite",
        NotIdentified::DropoutOpen => "dropout_open",
    }
}

pub fn count_not_identified(why: NotIdentified) -> Warning {
    let words = in_all(|language| {
        let reason = not_identified(why, language);
        sentence!(
            language,
            "The data alone do not determine the count model, so it was fitted with weak priors. {reason}",
            "Los datos por sí solos no determinan el modelo de conteo, así que se ajustó con distribuciones a priori poco informativas. {reason}",
            "Os dados sozinhos não determinam o modelo de contagem, então ele foi ajustado com distribuições a priori pouco informativas. {reason}"
        )
    });
    Warning::new("count_model_not_identified", words)
        .at("model_parameters")
        .figure("reason", code(why))
}

pub fn value_not_identified(why: NotIdentified) -> Warning {
    let words = in_all(|language| {
        let reason = not_identified(why, language);
        sentence!(
            language,
            "The data alone do not determine the value model, so it was fitted with weak priors. {reason}",
            "Los datos por sí solos no determinan el modelo de valor, así que se ajustó con distribuciones a priori poco informativas. {reason}",
            "Os dados sozinhos não determinam o modelo de valor, então ele foi ajustado com distribuições a priori pouco informativas. {reason}"
        )
    });
    Warning::new("value_model_not_identified", words)
        .at("model_parameters")
        .figure("reason", code(why))
}

pub fn no_value_model() -> Warning {
    let words = words!(
        "Nobody's repeat purchases brought anything, so there is no value model; purchases are valued by a mean.",
        "Las recompras de ningún cliente dejaron valor, así que no hay modelo de valor; las compras se valoran con un promedio.",
        "As recompras de nenhum cliente deixaram valor, então não há modelo de valor; as compras são avaliadas por uma média.",
    );
    Warning::new("no_value_model", words).at("model_parameters")
}

pub fn no_dropout() -> Warning {
    let words = words!(
        "By the count model nobody ever leaves, which the data cannot tell from leaving unnoticed: probability_alive is left out.",
        "Según el modelo de conteo nadie se va nunca, algo que los datos no distinguen de irse sin que se note: probability_alive se omite.",
        "Segundo o modelo de contagem ninguém nunca sai, o que os dados não distinguem de sair sem que se note: probability_alive foi omitido.",
    );
    Warning::new("no_dropout", words).at("probability_alive")
}

pub fn booster_beyond_window(horizon_days: u32, window_days: u32) -> Warning {
    let words = in_all(|language| {
        let [horizon, window] =
            [horizon_days, window_days].map(|days| Noun::Day.counted(days as usize, language));
        sentence!(
            language,
            "GradientBoosting learned from windows of {window}; for the {horizon} asked, its forecast is stretched by what the count model expects of each customer.",
            "GradientBoosting aprendió de ventanas de {window}; para los {horizon} pedidos, su pronóstico se extiende con lo que el modelo de conteo espera de cada cliente.",
            "O GradientBoosting aprendeu com janelas de {window}; para os {horizon} pedidos, sua previsão é estendida pelo que o modelo de contagem espera de cada cliente."
        )
    });
    Warning::new("booster_beyond_window", words)
        .at("horizon_months")
        .figure("horizon_days", horizon_days)
        .figure("window_days", window_days)
}

pub fn booster_sampled(n_rows: usize, n_rows_available: usize) -> Warning {
    let words = in_all(|language| {
        let rows = integer(n_rows as i64, language);
        let all = Noun::Row.counted(n_rows_available, language);
        sentence!(
            language,
            "GradientBoosting learned from a seeded sample of {rows} out of {all}.",
            "GradientBoosting aprendió de una muestra de {rows} de las {all}.",
            "O GradientBoosting aprendeu com uma amostra de {rows} das {all}."
        )
    });
    Warning::new("booster_sampled", words)
        .at("model_parameters")
        .figure("n_rows", n_rows)
        .figure("n_rows_available", n_rows_available)
}

pub fn season_applied(factor: f64) -> Warning {
    let words = in_all(|language| {
        let factor = number(factor, 2, language);
        sentence!(
            language,
            "The horizon is not whole years, so forecasts are multiplied by {factor}, the season of its months in this history.",
            "El horizonte no abarca años enteros, así que los pronósticos se multiplican por {factor}, la estacionalidad de sus meses en este historial.",
            "O horizonte não abrange anos inteiros, então as previsões são multiplicadas por {factor}, a sazonalidade dos seus meses neste histórico."
        )
    });
    Warning::new("season_applied", words)
        .at("horizon_months")
        .figure("factor", factor)
}
