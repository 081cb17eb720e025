//! Golden cases: a folder with `request.json`, an optional `context.json`, and the answers.
//!
//! `context.json` may set `today`, `format`, `languages` (default `["en"]`) and `models`: other cases of the route, whose
//! answers are made first, so that the models they save can be read. The answer in English lies in
//! `response.json` (or `response.csv` and so on), those in other languages in `response.es.json`.
//! With `CLIENTELA_GOLDEN=update` in the environment the answers are written instead of compared.

use std::fs;
use std::path::{Path, PathBuf};

use clientela_analyses::{
    ALL, AnyAnalysis, Context, Failure, Format, Language, Models, StopToken, by_route,
};
use serde_json::{Value, json};

use crate::compare;

/// Runs every case below `root/<route>/<case>`; returns how many answers were compared.
///
/// # Errors
/// One paragraph for each answer that differs, and for each analysis without a case `basic`.
pub fn run_all(root: &Path) -> Result<usize, String> {
    let mut problems = Vec::new();
    let mut n_answers = 0;
    for analysis in ALL {
        if !root.join(analysis.name()).join("basic").is_dir() {
            problems.push(format!("{} has no golden case \"basic\"", analysis.name()));
        }
    }
    for case in folders(root).iter().flat_map(|route| folders(route)) {
        match run_case(&case) {
            Ok(n) => n_answers += n,
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(n_answers)
    } else {
        Err(problems.join("\n"))
    }
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of).unwrap_or_else(|error| panic!("{}: {error}", of.display()));
    let mut found: Vec<PathBuf> = entries
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

/// What `context.json` says.
struct Case {
    today: String,
    format: Format,
    languages: Vec<Language>,
    models: Vec<String>,
}

fn context_of(case: &Path) -> Case {
    let text = fs::read(case.join("context.json")).unwrap_or_else(|_| b"{}".to_vec());
    let said: Value = serde_json::from_slice(&text).expect("context.json is JSON");
    let format = said["format"].as_str().unwrap_or("json");
    let languages = said["languages"]
        .as_array()
        .cloned()
        .unwrap_or_else(|| vec!["en".into()]);
    let language =
        |tag: &Value| Language::from_tag(tag.as_str().unwrap_or_default()).expect("a language");
    let models = said["models"].as_array().into_iter().flatten();
    let models = models.map(|name| name.as_str().expect("a case").to_owned());
    Case {
        models: models.collect(),
        today: said["today"].as_str().unwrap_or("2025-04-24").to_owned(),
        format: Format::from_name(format).expect("a format"),
        languages: languages.iter().map(language).collect(),
    }
}

fn run_case(folder: &Path) -> Result<usize, String> {
    let name = format!(
        "{}/{}",
        file_name(folder.parent().expect("a route")),
        file_name(folder)
    );
    let request = fs::read(folder.join("request.json"))
        .map_err(|error| format!("{name}: request.json: {error}"))?;
    let analysis = by_route(&file_name(folder.parent().expect("a route")))
        .ok_or(format!("{name}: no such route"))?;
    let case = context_of(folder);
    let models = saved_by(&case, folder, analysis).map_err(|why| format!("{name}: {why}"))?;
    for &language in &case.languages {
        let context = Context {
            language: Some(language),
            today: case.today.parse().expect("a date"),
            format: case.format,
            models: models.clone(),
            stop: StopToken::new(),
        };
        let (answer, extension) = match analysis.run(&request, &context) {
            Ok(document) => (
                document.body,
                if case.format == Format::Sunburst {
                    "json"
                } else {
                    case.format.name()
                },
            ),
            Err(failure) => (
                serde_json::to_vec(&describe(&failure, language)).expect("JSON"),
                "json",
            ),
        };
        let middle = if language == Language::En {
            String::new()
        } else {
            format!("{}.", language.code())
        };
        settle(
            &name,
            &folder.join(format!("response.{middle}{extension}")),
            &answer,
        )?;
    }
    Ok(case.languages.len())
}

/// The models that the answers of other cases have saved.
fn saved_by(case: &Case, folder: &Path, analysis: &dyn AnyAnalysis) -> Result<Models, String> {
    let mut saved = Vec::new();
    for other in &case.models {
        let other = folder.with_file_name(other);
        let request = fs::read(other.join("request.json"))
            .map_err(|error| format!("{}: {error}", other.display()))?;
        let context = Context {
            language: None,
            today: case.today.parse().expect("a date"),
            format: Format::Json,
            models: Models::none(),
            stop: StopToken::new(),
        };
        let document = analysis
            .run(&request, &context)
            .map_err(|failure| format!("{}: {failure}", other.display()))?;
        saved.extend(document.artifacts);
    }
    Ok(Models::of(saved))
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Compares an answer with its file, or writes the file.
fn settle(name: &str, file: &Path, answer: &[u8]) -> Result<(), String> {
    let is_json = file
        .extension()
        .is_some_and(|extension| extension == "json");
    let mut found: Value = if is_json {
        serde_json::from_slice(answer).expect("answers are JSON")
    } else {
        Value::Null
    };
    compare::without_clock(&mut found);
    if std::env::var("CLIENTELA_GOLDEN").is_ok_and(|mode| mode == "update") {
        let text = if is_json {
            serde_json::to_string_pretty(&found).expect("JSON") + "\n"
        } else {
            String::from_utf8(answer.to_vec()).expect("text")
        };
        return fs::write(file, text).map_err(|error| format!("{name}: {error}"));
    }
    let expected =
        fs::read(file).map_err(|error| format!("{name}: {}: {error}", file_name(file)))?;
    if is_json {
        let expected: Value =
            serde_json::from_slice(&expected).map_err(|error| format!("{name}: {error}"))?;
        return compare::equal(&expected, &found)
            .map_err(|difference| format!("{name}: {difference}"));
    }
    (expected == answer)
        .then_some(())
        .ok_or_else(|| format!("{name}: {} differs", file_name(file)))
}

/// A failure as the golden files keep it: no status codes, those are the server's.
fn describe(failure: &Failure, language: Language) -> Value {
    use clientela_analyses::Say as _;
    match failure {
        Failure::Malformed { detail } => {
            json!({ "failure": "malformed", "detail": detail.say(language) })
        }
        Failure::Invalid {
            class,
            violations,
            total,
        } => {
            let errors: serde_json::Map<String, Value> = violations
                .iter()
                .map(|violation| {
                    let messages: Vec<String> = violation
                        .messages
                        .iter()
                        .map(|words| words.say(language))
                        .collect();
                    (violation.path.clone(), messages.into())
                })
                .collect();
            json!({ "failure": "invalid", "class": format!("{class:?}"), "errors_total": total, "errors": errors })
        }
        Failure::NotAcceptable { available } => {
            let names: Vec<&str> = available.iter().map(|format| format.name()).collect();
            json!({ "failure": "not_acceptable", "available": names })
        }
        Failure::ModelsAway { cause } => json!({ "failure": "models_away", "cause": cause }),
        Failure::OutOfTime => json!({ "failure": "out_of_time" }),
        Failure::Internal { cause } => json!({ "failure": "internal", "cause": cause }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recall::Recall;

    #[test]
    fn a_case_reads_the_models_that_other_cases_save() {
        let root = std::env::temp_dir().join(format!("clientela-golden-{}", std::process::id()));
        let [saving, scoring] = ["saving", "scoring"].map(|name| root.join(name));
        fs::create_dir_all(&saving).expect("a folder");
        let request = r#"{"values": [1, 2, 6], "save_model": true}"#;
        fs::write(saving.join("request.json"), request).expect("a file");
        fs::create_dir_all(&scoring).expect("a folder");
        let context = r#"{"models": ["saving"]}"#;
        fs::write(scoring.join("context.json"), context).expect("a file");

        let models = saved_by(&context_of(&scoring), &scoring, &Recall).expect("models");
        let context = Context {
            language: None,
            today: "2025-04-24".parse().expect("a date"),
            format: Format::Json,
            models,
            stop: StopToken::new(),
        };
        let id = clientela_analyses::ModelId::of(&3.0_f64.to_le_bytes());
        let body = json!({ "values": [10], "model_id": id.to_string() }).to_string();
        let document = Recall.run(body.as_bytes(), &context).expect("an answer");
        let answer: Value = serde_json::from_slice(&document.body).expect("JSON");
        assert_eq!(answer["deviations"], json!([7.0]));
        fs::remove_dir_all(root).expect("our folder");
    }
}
