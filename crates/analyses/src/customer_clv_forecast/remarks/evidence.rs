//! Remarks about the hold-outs and what they cannot tell.

use clientela_methods::clv::{Baseline, Shortfall, TenthsOff};
use clientela_narrative::terms::Noun;
use clientela_narrative::{list, money, number, percent, sentence, signed_percent};

use super::super::verdict;
use super::in_all;
use crate::Warning;
use crate::wire::Currency;

/// A history with fewer has not seen every season.
const DAYS_OF_YEAR: u32 = 365;

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

/// `validated_days` is 0 without a hold-out.
pub fn horizon_beyond_evidence(horizon_days: u32, validated_days: u32) -> Warning {
    let words = in_all(|language| {
        let [horizon, validated] =
            [horizon_days, validated_days].map(|days| Noun::Day.counted(days as usize, language));
        if validated_days == 0 {
            return sentence!(
                language,
                "No hold-out tests the horizon of {horizon}: nothing speaks for the forecast but the way it is made.",
                "Ningún periodo de prueba respalda el horizonte de {horizon}: el pronóstico solo se apoya en su método.",
                "Nenhum período de teste respalda o horizonte de {horizon}: a previsão só se apoia no seu método."
            );
        }
        sentence!(
            language,
            "The horizon of {horizon} is over 1.5 times the {validated} that were tested: beyond them nothing speaks for the forecast but the model.",
            "El horizonte de {horizon} es más de 1,5 veces los {validated} que se comprobaron: más allá, el pronóstico solo se apoya en el modelo.",
            "O horizonte de {horizon} é mais de 1,5 vez os {validated} que foram verificados: além deles, a previsão só se apoia no modelo."
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
        let Some(window) = window_days.filter(|_| history_days >= DAYS_OF_YEAR) else {
            return sentence!(
                language,
                "The history has {history}: with less than a year, a season is not told from growth or decline.",
                "El historial abarca {history}: con menos de un año, una temporada no se distingue de un alza o una baja.",
                "O histórico abrange {history}: com menos de um ano, uma temporada não se distingue de alta ou queda."
            );
        };
        let window = Noun::Day.counted(window as usize, language);
        sentence!(
            language,
            "The history has {history}, but a hold-out only {window}: the forecast was not tested through all seasons of a year.",
            "El historial abarca {history}, pero el periodo de prueba solo {window}: el pronóstico no se comprobó con todas las temporadas de un año.",
            "O histórico abrange {history}, mas o período de teste só {window}: a previsão não foi verificada com todas as temporadas de um ano."
        )
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
        let share = percent(forecast / before - 1.0, 0, language);
        let before = money(before, currency.as_ref().map(Currency::code), language);
        sentence!(
            language,
            "The total is {share} above what the same customers brought in the {days} before today ({before}). Without growth or a season less would come: do not plan with it before you know which of the two it is.",
            "El total supera en un {share} lo que aportaron los mismos clientes en los {days} anteriores a hoy ({before}). Sin crecimiento ni una temporada alta sería menor: antes de planificar con él, averigüe cuál de los dos lo explica.",
            "O total supera em {share} o que os mesmos clientes trouxeram nos {days} anteriores a hoje ({before}). Sem crescimento nem uma temporada alta seria menor: antes de planejar com ele, descubra qual dos dois o explica."
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
            "En los periodos de prueba el total se desvió un {bias}: planifique con el intervalo de totals, no con su centro.",
            "Nos períodos de teste o total teve desvio de {bias}: planeje com o intervalo de totals, não com o seu centro."
        )
    });
    Warning::new("total_off", words)
        .at("validation")
        .figure("bias", bias)
}

/// Numbers of the deciles count from 1, the lowest forecasts.
pub fn calibration_off(found: TenthsOff, currency: Option<Currency>) -> Warning {
    let off = (1..).zip(found.is_off).filter(|(_, is_off)| *is_off);
    let deciles: Vec<u32> = off.map(|(decile, _)| decile).collect();
    let worst = found.worst + 1;
    let words = in_all(|language| {
        let code = currency.as_ref().map(Currency::code);
        let figures = [found.mean_forecast, found.mean_actual];
        let [forecast, actual] = figures.map(|value| money(value, code, language));
        if deciles.len() == 1 {
            return sentence!(
                language,
                "On the hold-outs, decile {worst} of customers by forecast (1 is the lowest) was off by half or more, beyond what chance explains: {forecast} forecast per customer, {actual} brought. See validation.calibration before you rely on amounts there.",
                "En los periodos de prueba, el decil {worst} de clientes por pronóstico (1 es el más bajo) se desvió en la mitad o más, por encima de lo que explica el azar: {forecast} pronosticados por cliente, {actual} aportados. Consulte validation.calibration antes de confiar en esos importes.",
                "Nos períodos de teste, o decil {worst} de clientes por previsão (1 é o mais baixo) teve desvio de metade ou mais, acima do que o acaso explica: {forecast} previstos por cliente, {actual} trazidos. Consulte validation.calibration antes de confiar nesses valores."
            );
        }
        let numbers: Vec<String> = deciles.iter().map(u32::to_string).collect();
        let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        let all = list(&numbers, language);
        sentence!(
            language,
            "On the hold-outs, deciles {all} of customers by forecast (1 is the lowest) were off by half or more, beyond what chance explains; decile {worst} most: {forecast} forecast per customer, {actual} brought. See validation.calibration before you rely on amounts there.",
            "En los periodos de prueba, los deciles {all} de clientes por pronóstico (1 es el más bajo) se desviaron en la mitad o más, por encima de lo que explica el azar; el que más, el {worst}: {forecast} pronosticados por cliente, {actual} aportados. Consulte validation.calibration antes de confiar en esos importes.",
            "Nos períodos de teste, os decis {all} de clientes por previsão (1 é o mais baixo) tiveram desvio de metade ou mais, acima do que o acaso explica; o maior, o {worst}: {forecast} previstos por cliente, {actual} trazidos. Consulte validation.calibration antes de confiar nesses valores."
        )
    });
    Warning::new("calibration_off", words)
        .at("validation")
        .figure("n_deciles", deciles.len())
        .figure("decile", worst)
        .figure("mean_forecast", found.mean_forecast)
        .figure("mean_actual", found.mean_actual)
}

pub fn cohorts_differ(early_ratio: f64, late_ratio: f64) -> Warning {
    let words = in_all(|language| {
        let [early, late] = [early_ratio, late_ratio].map(|ratio| number(ratio, 2, language));
        sentence!(
            language,
            "Early and late customers are not forecast equally well (forecast over actual: {early} and {late}): one model for both hides a change in the base.",
            "El pronóstico acierta de distinta forma con los clientes antiguos y con los recientes (pronosticado entre real: {early} y {late}): un solo modelo para ambos oculta un cambio en la base.",
            "A previsão acerta de forma diferente com clientes antigos e recentes (previsto sobre real: {early} e {late}): um só modelo para ambos esconde uma mudança na base."
        )
    });
    Warning::new("cohorts_differ", words)
        .at("customers")
        .figure("early_ratio", early_ratio)
        .figure("late_ratio", late_ratio)
}
