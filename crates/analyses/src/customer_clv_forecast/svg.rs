//! The drawn evidence: expected against actual purchases over time, and forecast against outcome by decile.

use clientela_charts::{Axis, Captions, Course, Lines, Milestone, Panel, Scale, Series, lines};
use clientela_narrative::terms::Noun;
use clientela_narrative::{Language, number, sentence, signed_percent};

use super::response::{CustomerClvForecastResponse, Week};
use crate::wire::Currency;

/// Pixels: as wide as a page of documentation.
const WIDTH: f64 = 900.0;

/// Largest over smallest mean of a decile from which equal steps would hide the lower ones.
const SKEWED: f64 = 20.0;

/// An SVG document with its captions in a language.
pub fn draw(response: &CustomerClvForecastResponse, language: Language) -> String {
    let words = Legend::in_language(response, language);
    let weeks = response.tracking.as_ref();
    let weeks = weeks.map_or(&[][..], |tracking| &tracking.weeks);
    let tracked = Tracked::of(weeks);
    let calibrated = Calibrated::of(response);
    let tracking = [
        series(&words.actual, &tracked.actual, false),
        series(&words.expected, &tracked.expected, true),
    ];
    let calibration = [
        series(&words.outcome, &calibrated.actual, false),
        series(&words.forecast, &calibrated.forecast, true),
    ];
    let split = split_week(response);
    let panels = [
        (!tracked.actual.is_empty()).then(|| Panel {
            heading: &words.tracking,
            x: Course::Measure(axis(&words.week, Scale::Linear)),
            y: axis(&words.purchases, Scale::Linear),
            series: &tracking,
            milestone: split.map(|x| Milestone {
                x,
                label: &words.split,
            }),
        }),
        (!calibrated.actual.is_empty()).then(|| Panel {
            heading: &words.calibration,
            x: Course::Ranks {
                name: &words.decile,
                n_ranks: calibrated.actual.len(),
            },
            y: axis(words.value(calibrated.scale), calibrated.scale),
            series: &calibration,
            milestone: None,
        }),
    ];
    let panels: Vec<Panel<'_>> = panels.into_iter().flatten().collect();
    lines(&Lines {
        captions: Captions {
            title: &words.title,
            subtitle: &words.subtitle,
            description: &words.description,
            language: language.code(),
            number: &|value, decimals| number(value, decimals, language),
        },
        panels: &panels,
        width: WIDTH,
    })
}

fn series<'a>(name: &'a str, points: &'a [(f64, f64)], is_dashed: bool) -> Series<'a> {
    Series {
        name,
        points,
        is_dashed,
    }
}

fn axis(name: &str, scale: Scale) -> Axis<'_> {
    Axis { name, scale }
}

/// Cumulative repeat purchases by week.
struct Tracked {
    actual: Vec<(f64, f64)>,
    expected: Vec<(f64, f64)>,
}

impl Tracked {
    fn of(weeks: &[Week]) -> Self {
        let points = |value: fn(&Week) -> f64| {
            let weeks = weeks.iter().map(|week| (f64::from(week.week), value(week)));
            // A line that begins at nothing.
            let origin = weeks.len().min(1);
            [(0.0, 0.0)][..origin]
                .iter()
                .copied()
                .chain(weeks)
                .collect()
        };
        Self {
            actual: points(|week| week.actual_cumulative as f64),
            expected: points(|week| week.expected_cumulative.get()),
        }
    }
}

/// Mean value by tenth of the forecast.
struct Calibrated {
    actual: Vec<(f64, f64)>,
    forecast: Vec<(f64, f64)>,
    scale: Scale,
}

impl Calibrated {
    fn of(response: &CustomerClvForecastResponse) -> Self {
        let deciles = &response.validation.calibration;
        let at = |decile: u32| f64::from(decile);
        let actual: Vec<(f64, f64)> = deciles
            .iter()
            .map(|found| (at(found.decile), found.mean_actual.get()))
            .collect();
        let forecast: Vec<(f64, f64)> = deciles
            .iter()
            .map(|found| (at(found.decile), found.mean_forecast.get()))
            .collect();
        let values = || actual.iter().chain(&forecast).map(|point| point.1);
        let (smallest, largest) = (
            values().fold(f64::INFINITY, f64::min),
            values().fold(0.0, f64::max),
        );
        let is_skewed = smallest >= 0.0 && largest > SKEWED * smallest;
        let scale = if is_skewed {
            Scale::SquareRoot
        } else {
            Scale::Linear
        };
        Self {
            actual,
            forecast,
            scale,
        }
    }
}

/// The week at whose end the latest forecast was made; dates as text sort as dates do.
fn split_week(response: &CustomerClvForecastResponse) -> Option<f64> {
    let tracking = response.tracking.as_ref()?;
    let split = tracking.split_date.as_ref()?;
    let weeks = tracking.weeks.iter();
    let known = weeks.take_while(|week| week.week_end <= *split).count();
    Some(known as f64)
}

/// All words of the drawing.
struct Legend {
    title: String,
    subtitle: String,
    description: String,
    tracking: String,
    actual: String,
    expected: String,
    week: String,
    purchases: String,
    split: String,
    calibration: String,
    outcome: String,
    forecast: String,
    decile: String,
    value: String,
    value_by_square_root: String,
}

impl Legend {
    fn in_language(response: &CustomerClvForecastResponse, language: Language) -> Self {
        let validation = &response.validation;
        let tracking = response.tracking.as_ref();
        let split = tracking.and_then(|tracking| tracking.split_date.as_deref());
        let split = split.unwrap_or_default();
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
            description: description(response, language),
            tracking: if split.is_empty() {
                sentence!(
                    language,
                    "Repeat purchases of all customers, week by week",
                    "Recompras de todos los clientes, semana a semana",
                    "Recompras de todos os clientes, semana a semana"
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
                "Weeks since the first purchase of all",
                "Semanas desde la primera compra de todas",
                "Semanas desde a primeira compra de todas"
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

    fn value(&self, scale: Scale) -> &str {
        match scale {
            Scale::SquareRoot => &self.value_by_square_root,
            Scale::Linear | Scale::Logarithmic => &self.value,
        }
    }
}

/// Repeat purchases until the end of a week: how many came, and how many were expected.
fn so_far(week: &Week) -> (f64, f64) {
    (
        week.actual_cumulative as f64,
        week.expected_cumulative.get(),
    )
}

/// What a reader who can't see the drawing should know.
fn description(response: &CustomerClvForecastResponse, language: Language) -> String {
    let verdict = &response.validation.verdict;
    let tracking = response.tracking.as_ref();
    let Some(last) = tracking.and_then(|tracking| tracking.weeks.last()) else {
        return sentence!(
            language,
            "No count model was fitted, so there is nothing to track. {verdict}",
            "No se ajustó ningún modelo de conteo, así que no hay nada que seguir. {verdict}",
            "Nenhum modelo de contagem foi ajustado, então não há o que acompanhar. {verdict}"
        );
    };
    // The model was fitted to the weeks before the split: only what came later tells how good it is.
    let n_known = split_week(response).unwrap_or(0.0) as usize;
    let weeks = tracking.map_or(&[][..], |tracking| &tracking.weeks);
    let known = n_known.checked_sub(1).and_then(|at| weeks.get(at));
    let known = known.map_or((0.0, 0.0), so_far);
    let at_end = so_far(last);
    let (actual, expected) = (at_end.0 - known.0, at_end.1 - known.1);
    let weeks = Noun::Week.counted(weeks.len() - n_known, language);
    let [actual_text, expected_text] = [actual, expected].map(|n| number(n, 0, language));
    let gap = if actual > 0.0 {
        let share = signed_percent(expected / actual - 1.0, 1, language);
        format!(" ({share})")
    } else {
        String::new()
    };
    sentence!(
        language,
        "In the last {weeks}, {actual_text} repeat purchases came and {expected_text} were expected{gap}. {verdict}",
        "En las últimas {weeks} hubo {actual_text} recompras y se esperaban {expected_text}{gap}. {verdict}",
        "Nas últimas {weeks} houve {actual_text} recompras e eram esperadas {expected_text}{gap}. {verdict}"
    )
}
