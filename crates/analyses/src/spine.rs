//! The one way from a body to a document.

use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clientela_narrative::{Language, Words, words};
use clientela_tables::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::csv::{self, CsvRows};
use crate::failure::Failure;
use crate::models;
use crate::scan::{Scan, scan};
use crate::warning::{self, WireWarning};
use crate::wire::{Check, Currency, Field, Maybe, Row, Text, Whole};
use crate::{Context, Document, Format, Models, SavedModel, Warning};

/// One endpoint: a pure function of body and context, in five steps.
pub trait Analysis: Sync + 'static {
    /// Its name and, after it, any second names.
    const ROUTES: &'static [&'static str];
    /// What it answers, in one line.
    const SUMMARY: &'static str;
    /// Its documentation page.
    const PAGE: &'static str;
    /// A request that shows what it does; the golden case `basic`.
    const EXAMPLE: &'static str;
    /// Where the rows of a table lie in the response, where it has one row per customer.
    const CSV: Option<CsvRows> = None;
    /// Formats besides JSON and CSV; see [`Analysis::render`].
    const DRAWINGS: &'static [Format] = &[];
    /// Whether the response is an array, with no place for `warnings` and `run`.
    const BARE: bool = false;
    /// The version in which it writes saved models, and the last one it can read; `None` where it has none.
    const MODEL_FORMAT: Option<u32> = None;

    /// The shape of the request.
    type Request<'a>: Deserialize<'a> + JsonSchema;
    /// The request as domain data.
    type Table;
    /// The figures.
    type Report;
    /// The shape of the response.
    type Response: Serialize + JsonSchema;

    /// Runs every rule; `None` when any was broken.
    fn validate(
        request: Self::Request<'_>,
        scope: &Scope,
        check: &mut Check,
    ) -> Option<Self::Table>;
    /// How much there is, and the date that was used.
    fn facts(table: &Self::Table) -> Facts;
    /// Computes the figures.
    ///
    /// # Errors
    /// [`Failure::OutOfTime`] when the stop token was set.
    fn analyze(table: &Self::Table, scope: &Scope) -> Result<Self::Report, Failure>;
    /// Remarks that follow from the figures.
    fn warnings(_table: &Self::Table, _report: &Self::Report) -> Vec<Warning> {
        Vec::new()
    }
    /// Models that the request asked to save, for the caller to store: of this route, in [`Analysis::MODEL_FORMAT`].
    fn artifacts(_table: &Self::Table, _report: &Self::Report) -> Vec<SavedModel> {
        Vec::new()
    }
    /// Figures and words in the shape of the response; the only place that rounds.
    fn respond(table: &Self::Table, report: &Self::Report, language: Language) -> Self::Response;
    /// The response in one of [`Analysis::DRAWINGS`].
    ///
    /// # Panics
    /// On a format that is not one of them.
    fn render(_response: &Self::Response, format: Format, _language: Language) -> Vec<u8> {
        unreachable!("{format} is not among the drawings of {}", Self::ROUTES[0])
    }
}

/// What the `run` manifest tells of a table.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Rows of the request.
    pub n_rows: usize,
    /// The date that counted as today, where the analysis has one.
    pub today: Option<Date>,
}

/// The context with what the body adds to it.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Language of all texts.
    pub language: Language,
    /// Seed of all random streams.
    pub seed: u64,
    /// The currency of all money, where the body names it; for texts only.
    pub currency: Option<Currency>,
    /// The form of the answer; decides no figure, only what is worth a remark.
    pub format: Format,
    /// The context's date.
    clock: Date,
    /// To be polled.
    pub stop: clientela_numerics::StopToken,
    models: Models,
    /// The analysis that asks, and the last format of a model that it can read.
    route: &'static str,
    model_format: Option<u32>,
}

/// Days after which a newest transaction is worth a remark where `today` was not given.
const STALE_DAYS: i32 = 60;

impl Scope {
    /// The date that counts as today: the one given, else the clock's, or the newest date if that is one day later.
    ///
    /// `given` is what [`Check::optional_date`] tells. Where it was wrong nobody knows today, and no date is after it.
    #[allow(
        clippy::option_option,
        reason = "absent and wrong are different answers"
    )]
    pub fn today(
        &self,
        given: Option<Option<Date>>,
        newest: Option<Date>,
        check: &mut Check,
    ) -> Date {
        match given {
            None => return Date::LAST,
            Some(Some(given)) => return given,
            Some(None) => {}
        }
        let today = self.last_day(newest);
        let days = newest.map_or(0, |newest| today.days_since(newest));
        if let Some(newest) = newest.filter(|_| days > STALE_DAYS) {
            check.warn(
                Warning::new(
                    "today_defaulted",
                    words!(
                        "No \"today\" was given, so {today} was used; the newest transaction is {days} days older. Send the date of your export as \"today\" if recency should count from there.",
                        "No se indicó \"today\" y se usó {today}; la transacción más reciente es de {days} días antes. Envíe la fecha de su exportación en \"today\" si la recencia debe contarse desde ella.",
                        "\"today\" não foi informado e foi usado {today}; a transação mais recente é de {days} dias antes. Envie a data da sua exportação em \"today\" se a recência deve ser contada a partir dela.",
                    ),
                )
                .at("today")
                .figure("newest_transaction", newest.to_string())
                .figure("days", days),
            );
        }
        today
    }

    /// The caller's saved model that the field `key` names, if this analysis can read it. A model of another tenant is as
    /// unknown as one that never was.
    pub fn saved_model(
        &self,
        key: &'static str,
        id: &str,
        check: &mut Check,
    ) -> Option<SavedModel> {
        let Ok(id) = id.parse() else {
            check.reject(key, models::not_an_id);
            return None;
        };
        let found = match self.models.source().find(id) {
            Ok(found) => found,
            Err(away) => {
                check.fail(away);
                return None;
            }
        };
        let Some(model) = found else {
            check.reject(key, models::unknown);
            return None;
        };
        if model.route() != self.route {
            check.reject(key, || models::of_other_route(model.route()));
            return None;
        }
        if Some(model.format()) > self.model_format {
            check.reject(key, models::newer_format);
            return None;
        }
        Some(model)
    }

    /// Finds out whether a model can be saved, before one is computed in vain.
    pub fn expect_to_save(&self, check: &mut Check) {
        if let Err(away) = self.models.source().check_writable() {
            check.fail(away);
        }
    }

    /// The last date that a row may carry where the analysis counts from no "today": the clock's, or the newest date if
    /// it is one day later, as it is in the time zones ahead of UTC.
    pub fn last_day(&self, newest: Option<Date>) -> Date {
        newest
            .filter(|newest| newest.days_since(self.clock) == 1)
            .unwrap_or(self.clock)
    }
}

/// The face that every [`Analysis`] shows to the list.
pub trait AnyAnalysis: Sync {
    /// Its name and, after it, any second names.
    fn routes(&self) -> &'static [&'static str];
    /// What it answers, in one line.
    fn summary(&self) -> &'static str;
    /// Its documentation page.
    fn page(&self) -> &'static str;
    /// A request that shows what it does.
    fn example(&self) -> &'static str;
    /// The formats of its answer.
    fn formats(&self) -> Vec<Format>;
    /// Whether it saves models and reads saved ones.
    fn has_models(&self) -> bool {
        false
    }
    /// Shape of the request.
    fn request_schema(&self, generator: &mut SchemaGenerator) -> Schema;
    /// Shape of the JSON response.
    fn response_schema(&self, generator: &mut SchemaGenerator) -> Schema;
    /// Answers `body`.
    ///
    /// # Errors
    /// A [`Failure`] when there is no answer.
    fn run(&self, body: &[u8], context: &Context) -> Result<Document, Failure>;
    /// Checks `body` without computing anything.
    ///
    /// # Errors
    /// The [`Failure`] that [`AnyAnalysis::run`] would give for an invalid body.
    fn check(&self, body: &[u8], context: &Context) -> Result<(), Failure>;

    /// Its name.
    fn name(&self) -> &'static str {
        self.routes()[0]
    }
}

/// The analysis with this name.
#[must_use]
pub fn by_route(route: &str) -> Option<&'static dyn AnyAnalysis> {
    crate::ALL
        .iter()
        .copied()
        .find(|analysis| analysis.routes().contains(&route))
}

impl<A: Analysis> AnyAnalysis for A {
    fn routes(&self) -> &'static [&'static str] {
        A::ROUTES
    }
    fn summary(&self) -> &'static str {
        A::SUMMARY
    }
    fn page(&self) -> &'static str {
        A::PAGE
    }
    fn example(&self) -> &'static str {
        A::EXAMPLE
    }
    fn formats(&self) -> Vec<Format> {
        let csv = A::CSV.map(|_| Format::Csv);
        [Format::Json]
            .into_iter()
            .chain(csv)
            .chain(A::DRAWINGS.iter().copied())
            .collect()
    }
    fn has_models(&self) -> bool {
        A::MODEL_FORMAT.is_some()
    }
    fn request_schema(&self, generator: &mut SchemaGenerator) -> Schema {
        with_common_options(A::Request::json_schema(generator))
    }
    fn response_schema(&self, generator: &mut SchemaGenerator) -> Schema {
        let schema = A::Response::json_schema(generator);
        if A::BARE {
            schema
        } else {
            with_envelope(schema, generator)
        }
    }
    fn run(&self, body: &[u8], context: &Context) -> Result<Document, Failure> {
        run::<A>(body, context, &self.formats())
    }
    fn check(&self, body: &[u8], context: &Context) -> Result<(), Failure> {
        read::<A>(body, context).map(|_| ())
    }
}

/// Body to document, in the order of the arrows.
fn run<A: Analysis>(
    body: &[u8],
    context: &Context,
    formats: &[Format],
) -> Result<Document, Failure> {
    if !formats.contains(&context.format) {
        return Err(Failure::NotAcceptable {
            available: formats.to_vec(),
        });
    }
    let started = Instant::now();
    let Read {
        table,
        scope,
        mut warnings,
    } = read::<A>(body, context)?;
    let read_at = Instant::now();
    let report = A::analyze(&table, &scope)?;
    warnings.extend(A::warnings(&table, &report));
    let artifacts = A::artifacts(&table, &report);
    models::check_size(&artifacts, A::ROUTES[0])?;
    let analyzed_at = Instant::now();
    let response = A::respond(&table, &report, scope.language);
    let facts = A::facts(&table);
    drop((table, report));

    let warnings = warning::to_wire(warnings, scope.language);
    let n_warnings = warnings.len();
    let manifest = Run {
        engine_version: env!("CARGO_PKG_VERSION"),
        random_seed: scope.seed,
        today: facts.today.map(|date| date.to_string()),
        n_rows: facts.n_rows,
        duration_ms: (started.elapsed().as_secs_f64() * 1e6).round() / 1e3,
        input_digest: digest(body),
    };
    let enveloped = context.format == Format::Json && !A::BARE;
    let (body, run) = if enveloped {
        (
            to_json(&Enveloped {
                response,
                warnings,
                run: manifest,
            }),
            None,
        )
    } else {
        let run = String::from_utf8(to_json(&manifest)).expect("JSON is UTF-8");
        (
            render::<A>(&response, context.format, scope.language),
            Some(run),
        )
    };
    let rendered_at = Instant::now();
    Ok(Document {
        media_type: context.format.media_type(),
        body,
        language: scope.language,
        run,
        n_warnings,
        artifacts,
        timings: vec![
            ("read", read_at - started),
            ("analyze", analyzed_at - read_at),
            ("render", rendered_at - analyzed_at),
        ],
    })
}

fn render<A: Analysis>(response: &A::Response, format: Format, language: Language) -> Vec<u8> {
    match (format, A::CSV) {
        (Format::Json, _) => to_json(response),
        (Format::Csv, Some(rows)) => csv::table(response, rows),
        _ => A::render(response, format, language),
    }
}

fn to_json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("responses have text keys and finite numbers")
}

fn digest(body: &[u8]) -> String {
    let bytes = Sha256::digest(body);
    bytes.iter().fold(String::from("sha256:"), |text, byte| {
        text + &format!("{byte:02x}")
    })
}

/// The manifest of a run as the header `X-Run` carries it.
#[must_use]
pub fn run_header(run: &str) -> String {
    URL_SAFE_NO_PAD.encode(run)
}

/// A body that was found valid.
struct Read<T> {
    table: T,
    scope: Scope,
    warnings: Vec<Warning>,
}

/// Parses and validates; all violations of a body come back together.
fn read<A: Analysis>(body: &[u8], context: &Context) -> Result<Read<A::Table>, Failure> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let found = scan(body);
    if found.too_deep {
        return Err(Failure::Malformed { detail: too_deep() });
    }
    let text = found.neutralize(body);
    // Checked once here, and not for each string by the parser; so ignored fields are UTF-8 as well.
    let text = std::str::from_utf8(&text).map_err(|_| not_utf8(body))?;
    let request = serde_json::from_str::<Field<Row<A::Request<'_>>>>(text)
        .map_err(|error| not_json(&error, body))?;
    let mut check = Check::new();
    check.reject_repeated_keys(&found.repeated, found.n_repeated);
    let scope = scope::<A>(body, &found, context, &mut check);
    let table = check
        .value_here(request)
        .and_then(|Row(request)| A::validate(request, &scope, &mut check));
    let (table, warnings) = check.finish(table)?;
    Ok(Read {
        table,
        scope,
        warnings,
    })
}

/// The context, completed by the options that every body may carry.
fn scope<A: Analysis>(body: &[u8], found: &Scan, context: &Context, check: &mut Check) -> Scope {
    let said = check.optional("lang", Maybe(found.top_level::<Text<'_>>(body, "lang")));
    let said = said
        .flatten()
        .and_then(|Text(tag)| Language::from_tag(&tag));
    let currency = Maybe(found.top_level::<Text<'_>>(body, "currency"));
    let currency = Currency::optional("currency", currency, check).flatten();
    let seed = Maybe(found.top_level::<Whole>(body, "random_seed"));
    let seed = check
        .optional_whole("random_seed", seed, 0..=crate::limits::SEED_MAX)
        .flatten();
    Scope {
        language: context.language.or(said).unwrap_or_default(),
        seed: seed.map_or(DEFAULT_SEED, i64::unsigned_abs),
        currency,
        format: context.format,
        clock: context.today,
        stop: context.stop.clone(),
        models: context.models.clone(),
        route: A::ROUTES[0],
        model_format: A::MODEL_FORMAT,
    }
}

const DEFAULT_SEED: u64 = 42;

fn too_deep() -> Words {
    let max = crate::limits::NESTING_MAX;
    words!(
        "The body is nested more than {max} levels deep.",
        "El cuerpo tiene más de {max} niveles de anidamiento.",
        "O corpo tem mais de {max} níveis de aninhamento.",
    )
}

/// Where the bytes stop being UTF-8.
fn not_utf8(body: &[u8]) -> Failure {
    let n_valid = std::str::from_utf8(body).map_or_else(|error| error.valid_up_to(), str::len);
    let before = &body[..n_valid];
    let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
    let column = 1 + before
        .iter()
        .rev()
        .take_while(|&&byte| byte != b'\n')
        .count();
    Failure::Malformed {
        detail: words!(
            "The body is not UTF-8: look at line {line}, column {column}.",
            "El cuerpo no está en UTF-8: revise la línea {line}, columna {column}.",
            "O corpo não está em UTF-8: veja a linha {line}, coluna {column}.",
        ),
    }
}

/// Where the text stops being JSON.
fn not_json(error: &serde_json::Error, body: &[u8]) -> Failure {
    let detail = if body.trim_ascii().is_empty() {
        words!(
            "The body is empty; send a JSON object.",
            "El cuerpo está vacío; envíe un objeto JSON.",
            "O corpo está vazio; envie um objeto JSON.",
        )
    } else {
        // The error is about the text with marks in it; the client's own has the place to look at.
        let plain = serde_json::from_slice::<IgnoredAny>(body).err();
        let error = plain.as_ref().unwrap_or(error);
        let (line, column) = (error.line(), error.column());
        words!(
            "The body is not valid JSON: look at line {line}, column {column}.",
            "El cuerpo no es JSON válido: revise la línea {line}, columna {column}.",
            "O corpo não é JSON válido: veja a linha {line}, coluna {column}.",
        )
    };
    Failure::Malformed { detail }
}

/// A response with what every JSON object carries.
#[derive(Serialize)]
struct Enveloped<R> {
    #[serde(flatten)]
    response: R,
    warnings: Vec<WireWarning>,
    run: Run,
}

/// How the answer came about.
#[derive(Serialize, JsonSchema)]
struct Run {
    /// Version of this program.
    engine_version: &'static str,
    /// Seed of all random streams.
    random_seed: u64,
    /// The date that counted as today.
    #[serde(skip_serializing_if = "Option::is_none")]
    today: Option<String>,
    /// Rows of the request.
    n_rows: usize,
    /// Time from body to figures.
    duration_ms: f64,
    /// SHA-256 of the decoded body.
    input_digest: String,
}

/// Adds the options that every body may carry.
fn with_common_options(mut schema: Schema) -> Schema {
    let options = serde_json::json!({
        "lang": { "type": ["string", "null"], "description": "Language of all texts: en, es or pt. The query and the header Accept-Language come first; a value that names none of the three is passed over." },
        "currency": { "type": ["string", "null"], "pattern": "^[A-Za-z]{3}$", "examples": ["EUR"], "description": "ISO 4217 code of all money. Texts name it; figures do not depend on it." },
        "random_seed": { "type": ["integer", "null"], "minimum": 0, "maximum": crate::limits::SEED_MAX, "default": DEFAULT_SEED, "description": "Seed of all random streams." },
    });
    extend_properties(&mut schema, options);
    schema
}

fn with_envelope(mut schema: Schema, generator: &mut SchemaGenerator) -> Schema {
    let envelope = serde_json::json!({
        "warnings": { "type": "array", "items": generator.subschema_for::<WireWarning>(), "description": "What is imperfect but answerable; empty when there is nothing to say." },
        "run": generator.subschema_for::<Run>(),
    });
    extend_properties(&mut schema, envelope);
    if let Some(required) = schema
        .ensure_object()
        .get_mut("required")
        .and_then(serde_json::Value::as_array_mut)
    {
        required.extend(["warnings".into(), "run".into()]);
    }
    schema
}

fn extend_properties(schema: &mut Schema, more: serde_json::Value) {
    let properties = schema
        .ensure_object()
        .entry("properties")
        .or_insert_with(|| serde_json::json!({}));
    if let (Some(properties), serde_json::Value::Object(more)) = (properties.as_object_mut(), more)
    {
        properties.extend(more);
    }
}
