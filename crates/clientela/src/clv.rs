//! `clientela clv`: from exports of a shop to what its customers will bring, in one step.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use clientela_analyses::{Format, by_route};
use clientela_intake::Target;
use serde_json::{Value, json};

use crate::answer::{self, Form};
use crate::import::{self, Exports};
use crate::{Outcome, Trouble, say};

/// What is to be forecast, and how it is written.
#[derive(Args)]
pub struct ClvOptions {
    #[command(flatten)]
    exports: Exports,
    #[command(flatten)]
    forecast: Forecast,
    /// Language of all texts: en, es or pt.
    #[arg(long, value_parser = ["en", "es", "pt"])]
    lang: Option<String>,
    /// Form of the answer: json, csv (one row per customer) or svg (the back-test as a drawing).
    #[arg(long, default_value = "json", value_parser = ["json", "csv", "svg"])]
    format: String,
    /// Indent JSON.
    #[arg(long)]
    pretty: bool,
    /// File to write to instead of standard output.
    #[arg(long, short, value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
}

/// Options of the request; what is not given is left to the analysis.
#[derive(Args)]
#[command(next_help_heading = "Forecast")]
struct Forecast {
    /// Months to look ahead, 1 to 60; 12 by default.
    #[arg(long, value_name = "MONTHS")]
    horizon_months: Option<u32>,
    /// Model of the number of purchases: auto, bg_nbd, mbg_nbd or pareto_nbd.
    #[arg(long)]
    count_model: Option<String>,
    /// Yearly rate at which later money counts less, such as 0.1.
    #[arg(long, value_name = "RATE")]
    discount_rate_annual: Option<f64>,
    /// Probability that an interval is to hold, such as 0.9.
    #[arg(long, value_name = "LEVEL")]
    confidence_level: Option<f64>,
    /// Seed of all random draws; 42 by default.
    #[arg(long, value_name = "SEED")]
    random_seed: Option<u64>,
}

impl Forecast {
    fn fields(self) -> Vec<(String, Value)> {
        let given = [
            (
                "horizon_months",
                self.horizon_months.map(|months| json!(months)),
            ),
            ("count_model", self.count_model.map(|name| json!(name))),
            (
                "discount_rate_annual",
                self.discount_rate_annual.map(|rate| json!(rate)),
            ),
            (
                "confidence_level",
                self.confidence_level.map(|level| json!(level)),
            ),
            ("random_seed", self.random_seed.map(|seed| json!(seed))),
        ];
        given
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect()
    }
}

/// Imports and forecasts; tells on standard error what became of every line of the exports.
pub fn run(options: ClvOptions) -> Outcome {
    let (request, summary) = import::transactions(options.exports, Target::CustomerClvForecast)?;
    say(summary.to_string().trim_end());
    let mut body = Vec::new();
    request
        .write_json(&mut body)
        .map_err(|error| Trouble::failed(format!("writing the request: {error}")))?;
    let body = answer::with_fields(body, &options.forecast.fields());
    let analysis = by_route("customer_clv_forecast").expect("an analysis");
    let form = Form {
        format: Format::from_name(&options.format).expect("a listed format"),
        pretty: options.pretty,
        output: options.output.as_deref(),
    };
    answer::answer(analysis, &body, options.lang.as_deref(), &form)
}
