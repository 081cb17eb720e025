//! What is answered is what the schema says: every golden answer, in every language, fits the schema of its response.

use std::fs;
use std::path::{Path, PathBuf};

use clientela_analyses::ALL;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

#[test]
fn every_golden_answer_fits_the_schema_of_its_response() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut n_answers = 0;
    for analysis in ALL {
        let mut generator = SchemaSettings::draft2020_12()
            .for_serialize()
            .into_generator();
        let mut schema = analysis.response_schema(&mut generator).to_value();
        schema["$defs"] = Value::Object(generator.take_definitions(true));
        let validator = jsonschema::validator_for(&schema).expect("a valid schema");
        for path in answers(&root.join(analysis.name())) {
            let text = fs::read_to_string(&path).expect("a text file");
            let mut answer: Value = serde_json::from_str(&text).expect("JSON");
            if answer.get("failure").is_some() || !is_response(&path) {
                continue;
            }
            // Golden answers do not keep how long they took.
            if let Some(run) = answer.get_mut("run") {
                run["duration_ms"] = json!(1.0);
            }
            let errors: Vec<String> = validator
                .iter_errors(&answer)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
            n_answers += 1;
        }
    }
    assert!(n_answers > 100, "only {n_answers} answers");
}

fn answers(route: &Path) -> Vec<PathBuf> {
    let folders = |of: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(of).expect("a folder");
        entries
            .map(|entry| entry.expect("an entry").path())
            .collect()
    };
    let cases = folders(route).into_iter();
    let files = cases.flat_map(|case| folders(&case));
    files
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("response.") && name.ends_with(".json")
        })
        .collect()
}

/// Whether the answer has the shape of the response: another format has another.
fn is_response(path: &Path) -> bool {
    let context = path.with_file_name("context.json");
    let context = fs::read_to_string(context).unwrap_or_default();
    !context.contains("\"format\"")
}
