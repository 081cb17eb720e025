//! The drawn evidence: whether the probabilities hold, and how much better than chance the order of the customers is.

mod drawn;
mod legend;
mod notes;

use clientela_charts::{
    Axis, Captions, Column, Course, Estimate, Mark, Multiples, Plot, Scale, Strip, multiples,
};
use clientela_narrative::{Language, number};

pub use self::drawn::Drawn;
use self::drawn::{Histogram, Tested};
use self::legend::{Heading, PlotWords, TestedWords};

/// Pixels: as wide as a page of documentation.
const WIDTH: f64 = 900.0;
/// Axes are in percent.
const PERCENT: f64 = 100.0;
/// Half of the width of a column, on places that are 1 apart.
const HALF_COLUMN: f64 = 0.4;

/// An SVG document with its captions in a language.
pub fn draw(drawn: &Drawn, language: Language) -> String {
    let labels = notes::steps(&drawn.histogram, language);
    let histogram = steps(&drawn.histogram, &labels);
    if let Ok(tested) = &drawn.evidence {
        return draw_tested(drawn, tested, &histogram, language);
    }
    let words = legend::distribution(language);
    let columns = [Mark::Columns {
        name: "",
        columns: &histogram,
    }];
    let plot = plot(&words, measure(&words.x), &columns);
    document(&[plot], drawn, language)
}

fn draw_tested(
    drawn: &Drawn,
    tested: &Tested,
    histogram: &[Column<'_>],
    language: Language,
) -> String {
    let words = TestedWords::of(tested, language);
    let bins = notes::bins(tested, language);
    let ranks = notes::tenths(tested, language);
    let figures = Figures::of(tested, &bins, &ranks);
    let reliability = figures.reliability(&words, reach(tested, drawn.histogram.end()));
    let lift = figures.lift(&words);
    let roc = figures.roc(&words);
    let precision_recall = figures.precision_recall(&words, tested.base_rate());
    let over = |words, marks| plot(words, measure(&words.x), marks);
    let tenths = Course::Ranks {
        name: &words.lift.x,
        n_ranks: tested.lift.len(),
    };
    let strip = Strip {
        name: &words.strip,
        columns: histogram,
    };
    let plots = [
        Plot {
            strip: Some(strip),
            ..over(&words.reliability, &reliability)
        },
        plot(&words.lift, tenths, &lift),
        over(&words.roc, &roc),
        over(&words.precision_recall, &precision_recall),
    ];
    document(&plots, drawn, language)
}

/// What the marks show, in the units of the axes.
struct Figures<'a> {
    estimates: Vec<Estimate<'a>>,
    tenths: Vec<Column<'a>>,
    roc: Vec<(f64, f64)>,
    precision_recall: Vec<(f64, f64)>,
}

impl<'a> Figures<'a> {
    fn of(tested: &Tested, bins: &'a [String], ranks: &'a [String]) -> Self {
        let roc = tested.roc_curve.iter();
        let roc = roc.map(|at| (at.false_positive_rate, at.true_positive_rate));
        let precision_recall = tested.precision_recall_curve.iter();
        let precision_recall = precision_recall.map(|at| (at.recall, at.precision));
        Self {
            estimates: estimates(tested, bins),
            tenths: tenths(tested, ranks),
            roc: percents(roc),
            precision_recall: percents(precision_recall),
        }
    }

    fn reliability<'b>(&'b self, words: &'b TestedWords, end: f64) -> [Mark<'b>; 2] {
        let estimates = Mark::Estimates {
            name: &words.tenths,
            estimates: &self.estimates,
        };
        let honest = reference(&words.honest, (0.0, 0.0), (end, end));
        [honest, estimates]
    }

    fn lift<'b>(&'b self, words: &'b TestedWords) -> [Mark<'b>; 2] {
        let columns = Mark::Columns {
            name: "",
            columns: &self.tenths,
        };
        let end = self.tenths.len() as f64 + 0.5;
        [columns, reference(&words.average, (0.5, 1.0), (end, 1.0))]
    }

    fn roc<'b>(&'b self, words: &'b TestedWords) -> [Mark<'b>; 2] {
        let chance = reference(&words.chance, (0.0, 0.0), (PERCENT, PERCENT));
        [chance, curve(&words.family, &self.roc)]
    }

    fn precision_recall<'b>(&'b self, words: &'b TestedWords, rate: f64) -> [Mark<'b>; 2] {
        let rate = rate * PERCENT;
        let chance = reference(&words.base_rate, (0.0, rate), (PERCENT, rate));
        [chance, curve(&words.family, &self.precision_recall)]
    }
}

fn document(plots: &[Plot<'_>], drawn: &Drawn, language: Language) -> String {
    let words = Heading::of(drawn, language);
    multiples(&Multiples {
        captions: Captions {
            title: &words.title,
            subtitle: &words.subtitle,
            description: &words.description,
            language: language.code(),
            number: &|value, decimals| number(value, decimals, language),
        },
        plots,
        width: WIDTH,
    })
}

fn plot<'a>(words: &'a PlotWords, x: Course<'a>, marks: &'a [Mark<'a>]) -> Plot<'a> {
    Plot {
        heading: &words.heading,
        note: &words.note,
        x,
        y: axis(&words.y),
        marks,
        strip: None,
    }
}

fn axis(name: &str) -> Axis<'_> {
    Axis {
        name,
        scale: Scale::Linear,
    }
}

fn measure(name: &str) -> Course<'_> {
    Course::Measure(axis(name))
}

fn reference(name: &str, from: (f64, f64), to: (f64, f64)) -> Mark<'_> {
    Mark::Reference { name, from, to }
}

fn curve<'a>(name: &'a str, points: &'a [(f64, f64)]) -> Mark<'a> {
    Mark::Curve { name, points }
}

fn percents(points: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    points.map(|(x, y)| (x * PERCENT, y * PERCENT)).collect()
}

/// Where the diagonal of the reliability plot ends: a round value that both axes reach.
fn reach(tested: &Tested, highest: f64) -> f64 {
    const STEPS: [f64; 5] = [1.0, 2.0, 5.0, 10.0, 20.0];
    let bins = tested.reliability.iter();
    let highest = bins.map(|bin| bin.upper).fold(highest, f64::max) * PERCENT;
    let enough = |step: &&f64| 6.0 * **step >= highest;
    let step = STEPS.iter().find(enough).unwrap_or(&PERCENT);
    (highest / step - 1e-9).ceil() * step
}

fn steps<'a>(histogram: &Histogram, labels: &'a [String]) -> Vec<Column<'a>> {
    let steps = histogram.bins().zip(labels);
    let column = |((from, to, n), label): ((f64, f64, usize), &'a String)| Column {
        from: from * PERCENT,
        to: to * PERCENT,
        height: n as f64,
        label,
    };
    steps.map(column).collect()
}

fn estimates<'a>(tested: &Tested, labels: &'a [String]) -> Vec<Estimate<'a>> {
    let bins = tested.reliability.iter().zip(labels);
    bins.map(|(bin, label)| Estimate {
        x: bin.mean_forecast * PERCENT,
        y: bin.rate * PERCENT,
        lower: bin.lower * PERCENT,
        upper: bin.upper * PERCENT,
        label,
    })
    .collect()
}

fn tenths<'a>(tested: &Tested, labels: &'a [String]) -> Vec<Column<'a>> {
    let ranked = (1..).map(f64::from).zip(&tested.lift).zip(labels);
    ranked
        .map(|((rank, tenth), label)| Column {
            from: rank - HALF_COLUMN,
            to: rank + HALF_COLUMN,
            height: tenth.lift,
            label,
        })
        .collect()
}

#[cfg(test)]
mod tests;
