use std::os::unix::fs::PermissionsExt as _;

use clientela_analyses::AnyAnalysis;
use clientela_test_support::recall::Recall;
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::{answer, command};

/// What `clientela recall` answers to `request`, or the reason why it doesn't.
fn recall(request: &Value, folder: Option<&Path>) -> Result<Value, String> {
    let files = TempDir::new().expect("a folder");
    let [sent, out] = ["request.json", "answer.json"].map(|name| files.path().join(name));
    fs::write(&sent, request.to_string()).expect("a file");
    let mut line = vec![Path::new("recall"), &sent, Path::new("-o"), &out];
    if let Some(folder) = folder {
        line.extend([Path::new("--models"), folder]);
    }
    let arguments = command::analysis_command(&Recall)
        .try_get_matches_from(line)
        .map_err(|error| error.to_string())?;
    match answer::run(&Recall, &arguments) {
        Ok(()) => {
            let answer = fs::read(&out).expect("the answer");
            Ok(serde_json::from_slice(&answer).expect("JSON"))
        }
        Err(Trouble::Failed(text) | Trouble::No(text)) => {
            assert!(!out.exists(), "an answer beside an error");
            Err(text)
        }
    }
}

fn saving() -> Value {
    json!({ "values": [1, 2, 6], "save_model": true })
}

fn reading(id: &str) -> Value {
    json!({ "values": [10], "model_id": id })
}

/// A folder below `parent` with one saved model, and the model's id.
fn with_one(parent: &TempDir) -> (PathBuf, String) {
    let folder = parent.path().join("new/models");
    let answer = recall(&saving(), Some(&folder)).expect("an answer");
    (
        folder,
        answer["model_id"].as_str().expect("an id").to_owned(),
    )
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let name = |entry: fs::DirEntry| entry.file_name().into_string().expect("UTF-8");
    entries
        .map(|entry| name(entry.expect("an entry")))
        .collect()
}

#[test]
fn a_model_is_one_file_for_its_owner_alone() {
    let parent = TempDir::new().expect("a folder");
    let (folder, id) = with_one(&parent);
    assert_eq!(names(&folder), [format!("{id}.model")]);
    let file = folder.join(format!("{id}.model"));
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
    let content = fs::read(&file).expect("the model");
    let head = b"Clientela model 1\n{\"route\":\"recall\",\"format\":2,\"n_rows\":3,\"summary\":{\"mean\":3.0}}\n";
    assert_eq!(content.strip_prefix(head), Some(&3.0_f64.to_le_bytes()[..]));

    fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).expect("ours");
    recall(&saving(), Some(&folder)).expect("an answer");
    assert_eq!(
        mode(&file),
        0o400,
        "what is there already is not written again"
    );
    assert_eq!(names(&folder).len(), 1);
}

#[test]
fn a_saved_model_scores_a_later_request() {
    let parent = TempDir::new().expect("a folder");
    let (folder, id) = with_one(&parent);
    let answer = recall(&reading(&id), Some(&folder)).expect("an answer");
    assert_eq!(answer["deviations"], json!([7.0]));
    let request = parent.path().join("request.json");
    fs::write(&request, reading(&id).to_string()).expect("a file");
    let body = fs::read(&request).expect("the request");
    let context = clientela_analyses::Context {
        language: None,
        today: clientela_analyses::Date::today_utc(),
        format: clientela_analyses::Format::Json,
        models: ModelFolder::new(Some(&folder)).models(),
        stop: clientela_analyses::StopToken::new(),
    };
    Recall.check(&body, &context).expect("a valid request");
}

#[test]
fn without_a_folder_the_option_is_named() {
    for request in [saving(), reading("ba7816bf8f01cfea414140de5dae2223")] {
        let why = recall(&request, None).expect_err("no folder");
        assert!(why.contains("--models DIR"), "{why}");
    }
    let plain = json!({ "values": [1] });
    recall(&plain, None).expect("an answer");
}

#[test]
fn a_model_that_is_not_there_is_wrong_in_the_request_and_a_folder_in_the_option() {
    let parent = TempDir::new().expect("a folder");
    let (folder, _) = with_one(&parent);
    let nobodys = reading("ba7816bf8f01cfea414140de5dae2223");
    let why = recall(&nobodys, Some(&folder)).expect_err("no such model");
    assert!(why.contains("\n  model_id: names no saved model"), "{why}");
    let nowhere = parent.path().join("nowhere");
    let why = recall(&nobodys, Some(&nowhere)).expect_err("no such folder");
    assert!(
        why.contains("nowhere/") && why.contains("can't be read"),
        "{why}"
    );
    assert!(!nowhere.exists(), "looking makes no folder");
}

#[test]
fn a_file_that_is_no_model_says_what_it_is() {
    let parent = TempDir::new().expect("a folder");
    let (folder, id) = with_one(&parent);
    let file = folder.join(format!("{id}.model"));
    let sound = fs::read(&file).expect("the model");
    let mut damaged = sound.clone();
    *damaged.last_mut().expect("bytes") ^= 1;
    for (content, expected) in [
        (
            &b"customer_id,churned\n1,0\n"[..],
            "is no model that Clientela saved",
        ),
        (b"", "is no model that Clientela saved"),
        (b"Clientela model 2\n{}\nx", "was saved by a newer version"),
        (b"Clientela model 1\n{}\nx", "is damaged"),
        (&sound[..40], "is damaged"),
        (&damaged, "is damaged, or has another model's name"),
    ] {
        fs::write(&file, content).expect("ours");
        let why = recall(&reading(&id), Some(&folder)).expect_err(expected);
        assert!(why.contains(expected) && why.contains(&id), "{why}");
    }
    // Saving mends it.
    recall(&saving(), Some(&folder)).expect("an answer");
    assert_eq!(fs::read(&file).expect("the model"), sound);
}

#[test]
fn a_folder_that_cannot_be_written_is_named_before_anything_is_computed() {
    let parent = TempDir::new().expect("a folder");
    let file = parent.path().join("a-file");
    fs::write(&file, "").expect("ours");
    for folder in [file.clone(), file.join("below")] {
        let why = recall(&saving(), Some(&folder)).expect_err("no folder");
        assert!(why.contains("Models can't be saved in"), "{why}");
    }
}

#[test]
fn only_analyses_with_models_have_the_option() {
    let has_option = |analysis: &dyn AnyAnalysis| {
        let command = command::analysis_command(analysis);
        command
            .get_arguments()
            .any(|argument| argument.get_id() == "models")
    };
    assert!(has_option(&Recall));
    for analysis in clientela_analyses::ALL {
        assert_eq!(
            has_option(*analysis),
            analysis.has_models(),
            "{}",
            analysis.name()
        );
    }
}
