//! Every analysis as a subcommand, and `check`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use clientela_analyses::{
    AnyAnalysis, Context, Date, Failure, Format, Language, Say as _, StopToken, by_route,
};

use crate::busy::Busy;
use crate::{Outcome, Trouble, put, say};

/// The analysis that a subcommand names.
pub fn analysis(subcommand: &str) -> Option<&'static dyn AnyAnalysis> {
    by_route(&subcommand.replace('-', "_"))
}

/// Answers the request in a file.
pub fn run(analysis: &dyn AnyAnalysis, arguments: &ArgMatches) -> Outcome {
    let request = arguments.get_one::<PathBuf>("request").expect("required");
    let format = arguments
        .get_one::<String>("format")
        .expect("has a default");
    let lang = arguments.get_one::<String>("lang").map(String::as_str);
    let body = read(request)?;
    let context = Context {
        format: Format::from_name(format).expect("a listed format"),
        ..context(lang)
    };
    let busy = Busy::start(analysis.name());
    let outcome = analysis.run(&body, &context);
    busy.end();
    let document =
        outcome.map_err(|failure| Trouble::failed(explain(&failure, context.language)))?;
    let answer = if arguments.get_flag("pretty") && document.media_type == Format::Json.media_type()
    {
        indented(&document.body)
    } else {
        document.body
    };
    match arguments.get_one::<PathBuf>("output") {
        Some(file) => std::fs::write(file, &answer)
            .map_err(|error| Trouble::failed(format!("{}: {error}", file.display()))),
        None if context.format == Format::Json || context.format == Format::Sunburst => {
            put(&answer).and_then(|()| put(b"\n"))
        }
        None => put(&answer),
    }
}

/// Says whether the request in a file is valid.
pub fn check(request: &Path, route: &str, lang: Option<&str>) -> Outcome {
    let analysis = by_route(route).expect("a listed route");
    let body = read(request)?;
    let context = context(lang);
    match analysis.check(&body, &context) {
        Ok(()) => {
            say("The request is valid.");
            Ok(())
        }
        Err(failure) => Err(Trouble::No(explain(&failure, context.language))),
    }
}

fn context(lang: Option<&str>) -> Context {
    Context {
        language: lang.and_then(Language::from_tag),
        today: Date::today_utc(),
        format: Format::Json,
        stop: StopToken::new(),
    }
}

/// The whole of a file, or of standard input for `-`.
fn read(path: &Path) -> Result<Vec<u8>, Trouble> {
    if path == Path::new("-") {
        let mut body = Vec::new();
        let outcome = std::io::stdin().lock().read_to_end(&mut body);
        return outcome
            .map(|_| body)
            .map_err(|error| Trouble::failed(format!("standard input: {error}")));
    }
    std::fs::read(path).map_err(|error| Trouble::failed(format!("{}: {error}", path.display())))
}

fn indented(json: &[u8]) -> Vec<u8> {
    let value: serde_json::Value = serde_json::from_slice(json).expect("answers are JSON");
    serde_json::to_vec_pretty(&value).expect("a JSON value")
}

/// A failure for a person at a terminal.
fn explain(failure: &Failure, language: Option<Language>) -> String {
    let language = language.unwrap_or_default();
    match failure {
        Failure::Malformed { detail } => detail.say(language),
        Failure::Invalid {
            violations, total, ..
        } => {
            let mut lines = vec![headline(*total, language)];
            for violation in violations {
                lines.extend(
                    violation
                        .messages
                        .iter()
                        .map(|words| format!("  {}: {}", violation.path, words.say(language))),
                );
            }
            if *total > violations.len() {
                lines.push("  …".to_owned());
            }
            lines.join("\n")
        }
        Failure::NotAcceptable { available } => {
            let names: Vec<&str> = available.iter().map(|format| format.name()).collect();
            format!("this answer can be had as {}", names.join(", "))
        }
        Failure::OutOfTime => "stopped".to_owned(),
        Failure::Internal { cause } => format!("a fault of this program: {cause}"),
    }
}

fn headline(total: usize, language: Language) -> String {
    match (language, total) {
        (Language::En, 1) => "1 field is not valid:".to_owned(),
        (Language::En, n) => format!("{n} fields are not valid:"),
        (Language::Es, 1) => "1 campo no es válido:".to_owned(),
        (Language::Es, n) => format!("{n} campos no son válidos:"),
        (Language::Pt, 1) => "1 campo não é válido:".to_owned(),
        (Language::Pt, n) => format!("{n} campos não são válidos:"),
    }
}
