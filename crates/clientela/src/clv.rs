//! `clientela clv`: from exports of a shop to what its customers will bring, in one step.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use clientela_analyses::{AnyAnalysis, Date, Format, by_route};
use clientela_intake::{ImportSummary, Target};
use clientela_narrative::{Language, terms::Noun};
use serde_json::{Value, json};

use crate::answer::{self, Form};
use crate::import::{self, Exports};
use crate::models::ModelFolder;
use crate::{Outcome, Trouble, say};

/// What is to be forecast, and how it is written.
#[derive(Args)]
pub struct ClvOptions {
    #[command(flatten)]
    exports: Exports,
    #[command(flatten)]
    forecast: Forecast,
    /// Language of the answer's texts: en, es or pt.
    #[arg(long, value_parser = ["en", "es", "pt"], help_heading = "Output")]
    lang: Option<String>,
    /// Form of the answer: json, csv (one row per customer) or svg (the back-test as a drawing).
    #[arg(long, default_value = "json", value_parser = ["json", "csv", "svg"], help_heading = "Output")]
    format: String,
    /// Indent JSON.
    #[arg(long, help_heading = "Output")]
    pretty: bool,
    /// File to write to instead of standard output.
    #[arg(long, short, value_hint = ValueHint::FilePath, help_heading = "Output")]
    output: Option<PathBuf>,
}

/// Options of the request; what is not given is left to the analysis.
#[derive(Args)]
#[command(next_help_heading = "Forecast")]
struct Forecast {
    /// Months to look ahead, 1 to 60; 12 by default.
    #[arg(long, value_name = "MONTHS")]
    horizon_months: Option<u32>,
    /// Families that may serve, parted by a comma; by default the one that forecasts the past best.
    #[arg(long, value_name = "FAMILIES", value_enum, value_delimiter = ',')]
    models: Vec<Family>,
    /// Model of the number of purchases; auto by default.
    #[arg(long, value_name = "MODEL", value_parser = ["auto", "bg_nbd", "mbg_nbd", "pareto_nbd"])]
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
    /// Any other field of the request: JSON, or else a string; may be repeated.
    #[arg(long, value_name = "FIELD=VALUE")]
    set: Vec<String>,
}

/// The families of the request, by words that need no quotes; its own words are understood too.
#[derive(Clone, Copy, ValueEnum)]
enum Family {
    #[value(alias = "BG/NBD + Gamma-Gamma")]
    BgNbdGammaGamma,
    #[value(alias = "GradientBoosting")]
    GradientBoosting,
}

impl Family {
    fn name(self) -> &'static str {
        match self {
            Self::BgNbdGammaGamma => "BG/NBD + Gamma-Gamma",
            Self::GradientBoosting => "GradientBoosting",
        }
    }
}

impl Forecast {
    fn fields(self) -> Result<Vec<(String, Value)>, Trouble> {
        let models: Vec<&str> = self.models.into_iter().map(Family::name).collect();
        let given = [
            ("horizon_months", self.horizon_months.map(Value::from)),
            ("models", (!models.is_empty()).then(|| json!(models))),
            ("count_model", self.count_model.map(Value::from)),
            (
                "discount_rate_annual",
                self.discount_rate_annual.map(Value::from),
            ),
            ("confidence_level", self.confidence_level.map(Value::from)),
            ("random_seed", self.random_seed.map(Value::from)),
        ];
        let given = given
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let set = self
            .set
            .iter()
            .map(|assignment| answer::assigned(assignment));
        given.map(Ok).chain(set).collect()
    }
}

/// Imports and forecasts; tells on standard error what became of every line of the exports.
pub fn run(options: ClvOptions) -> Outcome {
    let analysis = by_route("customer_clv_forecast").expect("an analysis");
    let lang = options.lang.as_deref();
    let form = Form {
        format: Format::from_name(&options.format).expect("a listed format"),
        pretty: options.pretty,
        output: options.output.as_deref(),
        models: ModelFolder::new(None),
    };
    let fields = options.forecast.fields()?;
    check_before(analysis, &fields, lang, &form)?;
    let is_today_given =
        options.exports.today.is_some() || fields.iter().any(|(name, _)| name == "today");
    let (request, summary) = import::transactions(options.exports, Target::CustomerClvForecast)?;
    say(summary.to_string().trim_end());
    if !is_today_given {
        compare_with_clock(&summary, Date::today_utc())?;
    }
    let mut body = Vec::new();
    request
        .write_json(&mut body)
        .map_err(|error| Trouble::failed(format!("writing the request: {error}")))?;
    let body = answer::with_fields(body, &fields);
    let customers = Noun::Customer.counted(summary.n_customers as usize, Language::En);
    let task = format!("forecasting what {customers} will bring, and testing it on the past");
    answer::answer(analysis, &body, lang, &form, &task)
}

/// Fails before any file is read where an option is wrong or the answer would have no place: the files may be large.
fn check_before(
    analysis: &dyn AnyAnalysis,
    fields: &[(String, Value)],
    lang: Option<&str>,
    form: &Form<'_>,
) -> Outcome {
    // The earliest date there is lies before any "today".
    let purchase = json!({ "date": "1900-01-01", "amount": 1 });
    let smallest =
        json!({ "customers": [{ "customer_id": "1", "transactions": [purchase] }] }).to_string();
    answer::check_valid(
        analysis,
        &answer::with_fields(smallest.into_bytes(), fields),
        lang,
    )?;
    form.output.map_or(Ok(()), answer::check_writable)
}

/// Days after which the newest line makes a forecast from the clock's day doubtful; those of the route.
const STALE_DAYS: i32 = 60;

/// Tells where a forecast that starts on the clock's day is hardly what was meant.
fn compare_with_clock(summary: &ImportSummary, clock: Date) -> Outcome {
    let newest = summary.last_date.expect("a request has a line");
    let days = clock.days_since(newest);
    // One day ahead it may be in the time zones ahead of UTC.
    if days < -1 {
        return Err(Trouble::failed(format!(
            "The newest line is dated {newest}, which is after today ({clock}, UTC).\n\
             Give the last day that counts as known: --today {clock} leaves later lines out, and says which."
        )));
    }
    if days > STALE_DAYS {
        let days = Noun::Day.counted(days.unsigned_abs() as usize, Language::En);
        say(&format!(
            "Note: the newest line is dated {newest}, and without --today the forecast starts on {clock}, as if nobody \
             had bought in the {days} between. Where the export ends there, give --today {newest}."
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_line_is_compared_with_the_clock() {
        let clock = Date::parse("2025-04-24").expect("a date");
        let outcome = |newest: &str| {
            let last_date = Date::parse(newest);
            let summary = ImportSummary {
                last_date,
                ..ImportSummary::default()
            };
            compare_with_clock(&summary, clock)
        };
        for fine in ["1998-06-30", "2025-04-24", "2025-04-25"] {
            assert!(outcome(fine).is_ok(), "{fine}");
        }
        let Err(Trouble::Failed(why)) = outcome("2025-04-26") else {
            panic!("a purchase of the future")
        };
        assert!(why.contains("2025-04-26") && why.contains("--today 2025-04-24"));
    }
}
