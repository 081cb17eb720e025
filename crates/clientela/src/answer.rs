//! Every analysis as a subcommand, and `check`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use clientela_analyses::{
    AnyAnalysis, Context, Date, Failure, Format, Language, Say as _, StopToken, by_route,
};

use serde_json::Value;

use crate::busy::Busy;
use crate::models::ModelFolder;
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
    let body = extended(read(request)?, arguments)?;
    let models = if analysis.has_models() {
        arguments.get_one::<PathBuf>("models")
    } else {
        None
    };
    let form = Form {
        format: Format::from_name(format).expect("a listed format"),
        pretty: arguments.get_flag("pretty"),
        output: arguments.get_one::<PathBuf>("output").map(PathBuf::as_path),
        models: ModelFolder::new(models.map(PathBuf::as_path)),
    };
    form.output.map_or(Ok(()), check_writable)?;
    answer(analysis, &body, lang, &form, analysis.name())
}

/// How an answer is written, where to, and where the models lie that it saves or needs.
pub struct Form<'a> {
    pub format: Format,
    pub pretty: bool,
    pub output: Option<&'a Path>,
    pub models: ModelFolder,
}

/// Answers the request in `body`; `task` says what takes so long where it does.
pub fn answer(
    analysis: &dyn AnyAnalysis,
    body: &[u8],
    lang: Option<&str>,
    form: &Form<'_>,
    task: &str,
) -> Outcome {
    let context = Context {
        format: form.format,
        ..context(lang, &form.models)
    };
    let busy = Busy::start(task);
    let outcome = analysis.run(body, &context);
    busy.end();
    let document =
        outcome.map_err(|failure| Trouble::failed(explain(&failure, context.language)))?;
    form.models.save(&document.artifacts)?;
    let n_warnings = document.n_warnings;
    let answer = if form.pretty && document.media_type == Format::Json.media_type() {
        indented(&document.body)
    } else {
        document.body
    };
    match form.output {
        Some(file) => std::fs::write(file, &answer).map_err(|error| unwritable(file, &error))?,
        None if context.format == Format::Json || context.format == Format::Sunburst => {
            put(&answer).and_then(|()| put(b"\n"))?;
        }
        None => put(&answer)?,
    }
    if form.format != Format::Json && n_warnings > 0 {
        say(&untold(n_warnings, form.format));
    }
    Ok(())
}

/// A table or a drawing has no place for warnings, which may be reasons not to use it.
fn untold(n_warnings: usize, format: Format) -> String {
    match n_warnings {
        1 => format!(
            "1 warning belongs to this answer; {format} has no place for it, --format json shows it."
        ),
        n => format!(
            "{n} warnings belong to this answer; {format} has no place for them, --format json shows them."
        ),
    }
}

fn unwritable(file: &Path, error: &std::io::Error) -> Trouble {
    Trouble::failed(format!("{} can't be written: {error}.", file.display()))
}

/// Fails where `file` can't be written to, so that nobody waits for an answer that then has no place. Leaves no trace.
pub fn check_writable(file: &Path) -> Outcome {
    let found = std::fs::metadata(file);
    // To open a pipe and close it again would end it for whoever reads from it.
    if found
        .as_ref()
        .is_ok_and(|found| !found.is_file() && !found.is_dir())
    {
        return Ok(());
    }
    let opened = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(file);
    opened.map_err(|error| unwritable(file, &error))?;
    if found.is_err() {
        std::fs::remove_file(file).map_err(|error| unwritable(file, &error))?;
    }
    Ok(())
}

/// Fails where `body` is no valid request.
pub fn check_valid(analysis: &dyn AnyAnalysis, body: &[u8], lang: Option<&str>) -> Outcome {
    check_valid_with(analysis, body, lang, &ModelFolder::new(None))
}

/// Fails where `body` is no valid request beside these models.
pub fn check_valid_with(
    analysis: &dyn AnyAnalysis,
    body: &[u8],
    lang: Option<&str>,
    models: &ModelFolder,
) -> Outcome {
    let context = context(lang, models);
    analysis
        .check(body, &context)
        .map_err(|failure| Trouble::failed(explain(&failure, context.language)))
}

/// Says whether the request in a file is valid.
pub fn check(request: &Path, route: &str, lang: Option<&str>, models: &ModelFolder) -> Outcome {
    let analysis = by_route(route).expect("a listed route");
    let body = read(request)?;
    let context = context(lang, models);
    match analysis.check(&body, &context) {
        Ok(()) => {
            say("The request is valid.");
            Ok(())
        }
        Err(failure) => Err(Trouble::No(explain(&failure, context.language))),
    }
}

fn context(lang: Option<&str>, models: &ModelFolder) -> Context {
    Context {
        language: lang.and_then(Language::from_tag),
        today: Date::today_utc(),
        format: Format::Json,
        models: models.models(),
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

/// The request with the fields that the options add.
fn extended(body: Vec<u8>, arguments: &ArgMatches) -> Result<Vec<u8>, Trouble> {
    let assignments = arguments.get_many::<String>("set").into_iter().flatten();
    let mut fields = assignments
        .map(|assignment| assigned(assignment))
        .collect::<Result<Vec<_>, _>>()?;
    if let Some(file) = arguments.get_one::<PathBuf>("labels") {
        let answer: Value = serde_json::from_slice(&read(file)?)
            .map_err(|error| Trouble::failed(format!("{}: {error}", file.display())))?;
        let labels = answer
            .get("labels")
            .cloned()
            .ok_or_else(|| Trouble::failed(format!("{}: has no \"labels\"", file.display())))?;
        fields.push(("labels".to_owned(), labels));
    }
    Ok(with_fields(body, &fields))
}

/// The field that `--set FIELD=VALUE` adds.
pub fn assigned(assignment: &str) -> Result<(String, Value), Trouble> {
    let (name, value) = assignment
        .split_once('=')
        .ok_or_else(|| Trouble::failed(format!("--set {assignment}: write it as FIELD=VALUE")))?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    Ok((name.to_owned(), value))
}

/// The request with further fields. One that it has already is then found twice.
pub fn with_fields(body: Vec<u8>, fields: &[(String, Value)]) -> Vec<u8> {
    let start = body.iter().position(|byte| !byte.is_ascii_whitespace());
    let Some(start) = start.filter(|&start| !fields.is_empty() && body[start] == b'{') else {
        return body;
    };
    let rest = &body[start + 1..];
    let is_empty = rest.trim_ascii_start().starts_with(b"}");
    let mut text = vec![b'{'];
    for (index, (name, value)) in fields.iter().enumerate() {
        let comma = if is_empty && index + 1 == fields.len() {
            ""
        } else {
            ","
        };
        text.extend_from_slice(format!("{}:{value}{comma}", Value::from(name.as_str())).as_bytes());
    }
    text.extend_from_slice(rest);
    text
}

/// The same JSON with a line for each value. Works on the text, since a tree may be deeper than a parser allows.
fn indented(json: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(json.len() * 2);
    let mut depth = 0;
    let (mut in_string, mut escaped) = (false, false);
    let new_line = |text: &mut Vec<u8>, depth: usize| {
        text.push(b'\n');
        text.resize(text.len() + 2 * depth, b' ');
    };
    for (index, &byte) in json.iter().enumerate() {
        if in_string {
            text.push(byte);
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        let is_empty = json
            .get(index + 1)
            .is_some_and(|next| matches!(next, b'}' | b']'));
        match byte {
            b'{' | b'[' => {
                text.push(byte);
                depth += 1;
                if !is_empty {
                    new_line(&mut text, depth);
                }
            }
            b'}' | b']' => {
                depth -= 1;
                if !matches!(json[index - 1], b'{' | b'[') {
                    new_line(&mut text, depth);
                }
                text.push(byte);
            }
            b',' => {
                text.push(byte);
                new_line(&mut text, depth);
            }
            b':' => text.extend_from_slice(b": "),
            _ => {
                in_string = byte == b'"';
                text.push(byte);
            }
        }
    }
    text
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
        Failure::ModelsAway { cause } => cause.clone(),
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

#[cfg(test)]
mod tests {
    use super::indented;

    #[test]
    fn indented_json_is_what_a_serializer_would_write() {
        let value = serde_json::json!({ "a": [1, { "b": "x, {\"y\\\\\"}:" }, []], "c": {}, "d": null, "e": [[]] });
        let expected = serde_json::to_vec_pretty(&value).expect("JSON");
        assert_eq!(indented(value.to_string().as_bytes()), expected);
    }

    #[test]
    fn any_depth_is_indented() {
        let deep = "[".repeat(5_000) + &"]".repeat(5_000);
        assert_eq!(
            indented(deep.as_bytes())
                .iter()
                .filter(|byte| **byte == b'\n')
                .count(),
            9_998
        );
    }
}
