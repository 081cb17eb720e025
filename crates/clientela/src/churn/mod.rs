//! `clientela churn`: from exports of a shop to who will stay away, in one step.

mod request;

use std::path::PathBuf;

use clap::{Args, ValueHint};
use clientela_analyses::{AnyAnalysis, Date, Format, by_route};
use clientela_intake::ImportSummary;
use clientela_methods::churn::snapshots::{ChurnSnapshots, SnapshotDay, SnapshotOptions};
use clientela_narrative::{Language, integer, percent, terms::Noun};
use clientela_tables::Sales;
use serde_json::{Value, json};

use self::request::Request;
use crate::answer::{self, Form};
use crate::import::{self, Exports};
use crate::models::ModelFolder;
use crate::{Outcome, Trouble, say};

/// What is to be forecast, and how it is written.
#[derive(Args)]
pub struct ChurnOptions {
    #[command(flatten)]
    exports: Exports,
    #[command(flatten)]
    snapshots: Snapshots,
    #[command(flatten)]
    risk: Risk,
    /// Language of the answer's texts: en, es or pt.
    #[arg(long, value_parser = ["en", "es", "pt"], help_heading = "Output")]
    lang: Option<String>,
    /// Form of the answer: json, csv (one row per customer and snapshot) or svg (the evidence as a drawing).
    #[arg(long, default_value = "json", value_parser = ["json", "csv", "svg"], help_heading = "Output")]
    format: String,
    /// Indent JSON.
    #[arg(long, help_heading = "Output")]
    pretty: bool,
    /// File to write to instead of standard output.
    #[arg(long, short, value_hint = ValueHint::FilePath, help_heading = "Output")]
    output: Option<PathBuf>,
    /// File to write the snapshots to, as a request that churn-risk reads.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    request: Option<PathBuf>,
}

/// From which days the model learns.
#[derive(Args)]
#[command(next_help_heading = "Snapshots")]
struct Snapshots {
    /// Days without a purchase after which a customer counts as lost.
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=WINDOW_DAYS_MAX))]
    window_days: u32,
    /// Earlier days to learn from, each a window before the next; from 3 on the last is also forecast from those before.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(..=SNAPSHOTS_MAX))]
    snapshots: u16,
}

/// Longer than any calendar of sales: 2200 years of days would still be a date.
const WINDOW_DAYS_MAX: i64 = 110_000;
/// More than twenty years of months.
const SNAPSHOTS_MAX: i64 = 250;

/// Options of the request; what is not given is left to the analysis.
#[derive(Args)]
#[command(next_help_heading = "Risk")]
struct Risk {
    /// What it costs to contact a customer; with --save-rate it is shown what contacts would bring.
    #[arg(long, value_name = "AMOUNT", requires = "save_rate")]
    cost_per_contact: Option<f64>,
    /// Share of those who would leave that a contact keeps, such as 0.1.
    #[arg(long, value_name = "SHARE", requires = "cost_per_contact")]
    save_rate: Option<f64>,
    /// Columns that no model may see, parted by a comma.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    ignore_columns: Vec<String>,
    /// Columns that can be changed, and which way: NAME=decrease, increase or either, parted by a comma.
    #[arg(long, value_name = "NAME=DIRECTION", value_delimiter = ',')]
    actionable: Vec<String>,
    /// Reasons to name for each row.
    #[arg(long, value_name = "N")]
    max_factors: Option<u32>,
    /// Keep the model in the folder that --models names.
    #[arg(long)]
    save_model: bool,
    /// Score by a model that was kept, in place of learning.
    #[arg(long, value_name = "ID")]
    model_id: Option<String>,
    /// Folder of saved models: where --save-model puts them and --model-id finds them.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    models: Option<PathBuf>,
    /// Seed of all random draws; 42 by default.
    #[arg(long, value_name = "SEED")]
    random_seed: Option<u64>,
    /// Any other field of the request: JSON, or else a string; may be repeated.
    #[arg(long, value_name = "FIELD=VALUE")]
    set: Vec<String>,
}

impl Risk {
    fn fields(&self) -> Result<Vec<(String, Value)>, Trouble> {
        let campaign = self.cost_per_contact.zip(self.save_rate);
        let what_if =
            campaign.map(|(cost, rate)| json!({ "cost_per_contact": cost, "save_rate": rate }));
        let ignored = &self.ignore_columns;
        let given = [
            ("what_if", what_if),
            (
                "ignore_columns",
                (!ignored.is_empty()).then(|| json!(ignored)),
            ),
            ("actionable", self.actionable()?),
            ("max_factors", self.max_factors.map(Value::from)),
            ("save_model", self.save_model.then_some(Value::Bool(true))),
            ("model_id", self.model_id.clone().map(Value::from)),
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

    fn actionable(&self) -> Result<Option<Value>, Trouble> {
        let mut columns = serde_json::Map::new();
        for given in &self.actionable {
            let (name, direction) = given.split_once('=').ok_or_else(|| {
                Trouble::failed(format!("--actionable {given}: write it as NAME=DIRECTION"))
            })?;
            columns.insert(name.to_owned(), Value::from(direction));
        }
        Ok((!columns.is_empty()).then_some(Value::Object(columns)))
    }
}

/// Imports, makes the snapshots and forecasts; tells on standard error what became of every line and every customer.
pub fn run(options: ChurnOptions) -> Outcome {
    let analysis = by_route("churn_risk").expect("an analysis");
    let lang = options.lang.as_deref();
    let form = Form {
        format: Format::from_name(&options.format).expect("a listed format"),
        pretty: options.pretty,
        output: options.output.as_deref(),
        models: ModelFolder::new(options.risk.models.as_deref()),
    };
    let fields = options.risk.fields()?;
    let request = options.request.as_deref();
    check_before(analysis, &options, &fields, &form)?;
    let today = options.exports.today;
    let (sales, summary) = import::sales(options.exports)?;
    say(summary.to_string().trim_end());
    let today = today.map_or_else(|| newest_day(&summary), Ok)?;
    let is_learning = !fields.iter().any(|(name, _)| name == "model_id");
    let snapshots = snapshots(&sales, today, &options.snapshots, is_learning)?;
    let body = Request {
        sales: &sales,
        snapshots: &snapshots,
        currency: summary.currency_code(),
    };
    let body = answer::with_fields(body.json(), &fields);
    if let Some(file) = request {
        let written = std::fs::write(file, &body);
        written.map_err(|error| {
            Trouble::failed(format!("{} can't be written: {error}.", file.display()))
        })?;
    }
    let asked = snapshots.days.last().expect("today").n_active;
    let customers = Noun::Customer.counted(asked, Language::En);
    let task = format!("learning who stayed away, and forecasting it for {customers}");
    answer::answer(analysis, &body, lang, &form, &task)
}

/// Fails before any file is read where an option is wrong or the answer would have no place: the files may be large.
fn check_before(
    analysis: &dyn AnyAnalysis,
    options: &ChurnOptions,
    fields: &[(String, Value)],
    form: &Form<'_>,
) -> Outcome {
    let smallest = Request::smallest(options.snapshots.window_days);
    let body = answer::with_fields(smallest, fields);
    answer::check_valid_with(analysis, &body, options.lang.as_deref(), &form.models)?;
    let places = [form.output, options.request.as_deref()];
    places
        .into_iter()
        .flatten()
        .try_for_each(answer::check_writable)
}

/// The day of the newest line: an export ends with the day it was made, and on a later one everybody would seem silent.
fn newest_day(summary: &ImportSummary) -> Result<Date, Trouble> {
    let newest = summary.last_date.expect("an import has a line");
    let clock = Date::today_utc();
    // One day ahead it may be in the time zones ahead of UTC.
    if clock.days_since(newest) < -1 {
        return Err(Trouble::failed(format!(
            "The newest line is dated {newest}, which is after today ({clock}, UTC).\n\
             Give the last day that counts as known: --today {clock} leaves later lines out, and says which."
        )));
    }
    say(&format!(
        "Note: today counts as {newest}, the day of the newest line; --today says otherwise."
    ));
    Ok(newest)
}

/// Makes the snapshots and tells who takes part.
fn snapshots(
    sales: &Sales,
    today: Date,
    asked: &Snapshots,
    is_learning: bool,
) -> Result<ChurnSnapshots, Trouble> {
    let window_days = asked.window_days;
    let snapshots = ChurnSnapshots::of(
        sales,
        &SnapshotOptions {
            today,
            window_days,
            n_snapshots: usize::from(asked.snapshots),
        },
    );
    let days = Noun::Day.counted(window_days as usize, Language::En);
    say(&format!(
        "Snapshots of customers, active if they bought in the {days} before:"
    ));
    for day in &snapshots.days {
        say(&format!("  {}", told(day)));
    }
    if snapshots.days.last().expect("today").n_active == 0 {
        return Err(Trouble::failed(format!(
            "Nobody bought in the {days} up to {today}, so that there is nobody whose risk could be forecast.\n\
             Where the export ends earlier, leave --today out or give the day on which it ends."
        )));
    }
    let is_short = snapshots.n_days_out_of_reach > 0;
    if is_short && is_learning && snapshots.days.len() == 1 {
        return Err(Trouble::failed(format!(
            "No earlier day to learn from: it would need two windows of {days} of sales up to {today}.\n\
             Give a longer export or a shorter window: --window-days."
        )));
    }
    if is_short {
        let n = snapshots.n_days_out_of_reach;
        say(&format!(
            "Note: earlier snapshots that the sales do not reach back to: {n}."
        ));
    }
    Ok(snapshots)
}

/// Who takes part in a snapshot, and what came of them.
fn told(day: &SnapshotDay) -> String {
    let count = |n: usize| integer(n as i64, Language::En);
    let (date, active, gone) = (day.date, count(day.n_active), count(day.n_gone));
    let Some(n_churned) = day.n_churned else {
        return format!(
            "{date}: {active} active, whose risk is forecast; {gone} gone already and left out."
        );
    };
    let share = match day.n_active {
        0 => String::new(),
        n => format!(
            " ({})",
            percent(n_churned as f64 / n as f64, 1, Language::En)
        ),
    };
    let churned = count(n_churned);
    format!(
        "{date}: {active} active, of whom {churned}{share} then stayed away; {gone} gone already."
    )
}
