//! Remarks about the hold-outs and what they cannot tell.

use clientela_methods::clv::{Baseline, Shortfall};
use clientela_narrative::terms::Noun;
use clientela_narrative::{money, number, sentence, signed_percent};

use super::super::verdict;
use super::in_all;
use crate::Warning;
use crate::wire::Currency;

pub fn no_hold_out(shortfall: Shortfall) -> Warning {
    let words = in_all(|language| {
        let reason = verdict::shortfall(shortfall, language);
        sentence!(
            language,
            "This forecast could not be tested on the past. {reason}",
            "Este pronóstico no pudo ponerse a prueba con el pasado. {reason}",
            "Esta previsão não pôde ser testada com o passado. {reason}"
        )
    });
    Warning::new("no_hold_out", words).at("validation")
}

pub fn weak_evidence(shortfall: Shortfall) -> Warning {
    let words = in_all(|language| {
        let reason = verdict::shortfall(shortfall, language);
        sentence!(
            language,
            "The hold-outs are too small to choose a family by; their figures are shown all the same. {reason}",
            "Los periodos de prueba son demasiado pequeños para elegir una familia; aun así se muestran sus cifras. {reason}",
            "Os períodos de teste são pequenos demais para escolher uma família; mesmo assim seus números são mostrados. {reason}"
        )
    });
    Warning::new("weak_evidence", words).at("validation")
}

pub fn horizon_beyond_evidence(horizon_days: u32, validated_days: u32) -> Warning {
    let words = in_all(|language| {
        let [horizon, validated] =
            [horizon_days, validated_days].map(|days| Noun::Day.counted(days as usize, language));
        sentence!(
            language,
            "The horizon of {horizon} is over 1.5 times the {validated} that were tested: beyond them nothing speaks for the forecast but the model.",
            "El horizonte de {horizon} supera 1,5 veces los {validated} que se comprobaron: más allá, el pronóstico solo se apoya en el modelo.",
            "O horizonte de {horizon} passa de 1,5 vez os {validated} que foram verificados: além deles, a previsão só se apoia no modelo."
        )
    });
    Warning::new("horizon_beyond_evidence", words)
        .at("horizon_months")
        .figure("horizon_days", horizon_days)
        .figure("validated_days", validated_days)
}

pub fn season_not_covered(window_days: Option<u32>, history_days: u32) -> Warning {
    let words = in_all(|language| {
        let history = Noun::Day.counted(history_days as usize, language);
        match window_days {
            Some(days) => {
                let window = Noun::Day.counted(days as usize, language);
                sentence!(
                    language,
                    "The history has {history} and the hold-out {window}; with less than a year, a season is not told from growth or decline.",
                    "El historial abarca {history} y el periodo de prueba {window}; con menos de un año, una temporada no se distingue de un alza o una baja.",
                    "O histórico abrange {history} e o período de teste {window}; com menos de um ano, uma temporada não se distingue de alta ou queda."
                )
            }
            None => sentence!(
                language,
                "The history has {history}; with less than a year, a season is not told from growth or decline.",
                "El historial abarca {history}; con menos de un año, una temporada no se distingue de un alza o una baja.",
                "O histórico abrange {history}; com menos de um ano, uma temporada não se distingue de alta ou queda."
            ),
        }
    });
    let warning = Warning::new("season_not_covered", words)
        .at("validation")
        .figure("history_days", history_days);
    match window_days {
        Some(days) => warning.figure("window_days", days),
        None => warning,
    }
}

pub fn above_history(
    [forecast, before]: [f64; 2],
    horizon_days: u32,
    currency: Option<Currency>,
) -> Warning {
    let words = in_all(|language| {
        let days = Noun::Day.counted(horizon_days as usize, language);
        let share = signed_percent(forecast / before - 1.0, 0, language);
        let before = money(before, currency.as_ref().map(Currency::code), language);
        sentence!(
            language,
            "The total is {share} against what the same customers brought in the {days} before today ({before}). Without growth or a season less would come: do not plan with it before you know which of the two it is.",
            "El total es {share} respecto de lo que aportaron los mismos clientes en los {days} anteriores a hoy ({before}). Sin crecimiento ni temporada vendría menos: no planifique con él antes de saber cuál de los dos es.",
            "O total é {share} em relação ao que os mesmos clientes trouxeram nos {days} anteriores a hoje ({before}). Sem crescimento nem temporada viria menos: não planeje com ele antes de saber qual dos dois é."
        )
    });
    Warning::new("forecast_above_history", words)
        .at("totals")
        .figure("forecast", forecast)
        .figure("before", before)
        .figure("horizon_days", horizon_days)
}

pub fn not_better_than_baseline(
    baseline: &'static str,
    baseline_rmse: f64,
    rmse: f64,
    currency: Option<Currency>,
) -> Warning {
    let known = Baseline::ALL
        .into_iter()
        .find(|known| known.name() == baseline);
    let known = known.expect("a baseline has its name");
    let words = in_all(|language| {
        let code = currency.as_ref().map(Currency::code);
        let [own, other] = [rmse, baseline_rmse].map(|value| money(value, code, language));
        let name = verdict::baseline(known, language);
        sentence!(
            language,
            "By RMSE the forecast ({own}) is not better than the baseline {name} ({other}).",
            "Por RMSE, el pronóstico ({own}) no es mejor que la referencia {name} ({other}).",
            "Pelo RMSE, a previsão ({own}) não é melhor que a referência {name} ({other})."
        )
    });
    Warning::new("not_better_than_baseline", words)
        .at("validation")
        .figure("baseline", baseline)
        .figure("baseline_rmse", baseline_rmse)
        .figure("rmse", rmse)
}

pub fn total_off(bias: f64) -> Warning {
    let words = in_all(|language| {
        let bias = signed_percent(bias, 0, language);
        sentence!(
            language,
            "On the hold-outs the total was off by {bias}: plan with the interval of totals, not with their middle.",
            "En los periodos de prueba el total falló por {bias}: planifique con el intervalo de totals, no con su centro.",
            "Nos períodos de teste o total errou por {bias}: planeje com o intervalo de totals, não com o seu centro."
        )
    });
    Warning::new("total_off", words)
        .at("validation")
        .figure("bias", bias)
}

pub fn cohorts_differ(early_ratio: f64, late_ratio: f64) -> Warning {
    let words = in_all(|language| {
        let [early, late] = [early_ratio, late_ratio].map(|ratio| number(ratio, 2, language));
        sentence!(
            language,
            "Early and late customers are forecast differently well (forecast over actual {early} and {late}): one model for both hides a change in the base.",
            "A los clientes antiguos y a los recientes se los pronostica con distinto acierto (pronóstico entre real {early} y {late}): un solo modelo oculta un cambio en la base.",
            "Clientes antigos e recentes são previstos com acerto diferente (previsto sobre real {early} e {late}): um só modelo esconde uma mudança na base."
        )
    });
    Warning::new("cohorts_differ", words)
        .at("customers")
        .figure("early_ratio", early_ratio)
        .figure("late_ratio", late_ratio)
}
