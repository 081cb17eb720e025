//! The drawn evidence: expected against actual purchases over time, and forecast against outcome by decile.

mod legend;
mod tracked;

use clientela_charts::{Axis, Captions, Course, Lines, Milestone, Panel, Scale, Series, lines};
use clientela_narrative::{Language, number};

use self::legend::Legend;
use self::tracked::Tracked;
use super::response::CustomerClvForecastResponse;

/// Pixels: as wide as a page of documentation.
const WIDTH: f64 = 900.0;

/// Largest over smallest mean of a decile from which equal steps would hide the lower ones.
const SKEWED: f64 = 20.0;

/// An SVG document with its captions in a language.
pub fn draw(response: &CustomerClvForecastResponse, language: Language) -> String {
    let tracked = response.tracking.as_ref().and_then(Tracked::of);
    let words = Legend::in_language(response, tracked.as_ref(), language);
    let calibrated = Calibrated::of(response);
    let tracking = tracked.as_ref().map(|tracked| {
        [
            series(&words.actual, &tracked.actual, false),
            series(&words.expected, &tracked.expected, true),
        ]
    });
    let calibration = [
        series(&words.outcome, &calibrated.actual, false),
        series(&words.forecast, &calibrated.forecast, true),
    ];
    let split = tracked.as_ref().and_then(|tracked| tracked.split);
    let panels = [
        tracking.as_ref().map(|tracking| Panel {
            heading: &words.tracking,
            x: Course::Measure(axis(&words.week, Scale::Linear)),
            y: axis(&words.purchases, Scale::Linear),
            series: tracking,
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
    let subtitle = if panels.is_empty() {
        &words.description
    } else {
        &words.subtitle
    };
    lines(&Lines {
        captions: Captions {
            title: &words.title,
            subtitle,
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
