//! Saved models, from the answer that makes one to the request that reads it.

use clientela_analyses::{
    AnyAnalysis as _, Context, Date, Document, Failure, Format, Language, ModelId, ModelSource,
    Models, ModelsAway, SavedModel, StopToken, Violation, limits,
};
use clientela_test_support::recall::{FORMAT, Recall};
use serde_json::{Map, Value, json};

fn run(body: &Value, models: Models) -> Result<Document, Failure> {
    let context = Context {
        language: None,
        today: Date::from_ymd(2025, 4, 24).expect("a date"),
        format: Format::Json,
        models,
        stop: StopToken::new(),
    };
    Recall.run(body.to_string().as_bytes(), &context)
}

fn saved(body: &Value) -> SavedModel {
    let document = run(body, Models::none()).expect("an answer");
    let [model] = document.artifacts.try_into().expect("one model");
    model
}

#[track_caller]
fn violations(outcome: Result<Document, Failure>) -> Vec<Violation> {
    match outcome {
        Err(Failure::Invalid { violations, .. }) => violations,
        other => panic!("{other:?}"),
    }
}

/// The one sentence that is said of `model_id`, which every language says in its own words.
#[track_caller]
fn said_of_id(id: &str, models: Models) -> String {
    let body = json!({ "values": [1], "model_id": id });
    let [violation] = violations(run(&body, models))
        .try_into()
        .expect("one field");
    assert_eq!(violation.path, "model_id");
    let [words] = violation.messages.try_into().expect("one sentence");
    assert!(words.en != words.es && words.es != words.pt && words.en != words.pt);
    words.en
}

/// A place that can't be reached.
struct Away;

impl ModelSource for Away {
    fn find(&self, _: ModelId) -> Result<Option<SavedModel>, ModelsAway> {
        self.check_writable().map(|()| None)
    }
    fn check_writable(&self) -> Result<(), ModelsAway> {
        Err(ModelsAway {
            cause: "the cable was cut".to_owned(),
        })
    }
}

#[test]
fn an_answer_hands_over_the_model_that_it_names() {
    let body = json!({ "values": [1, 2, 6], "save_model": true });
    let document = run(&body, Models::none()).expect("an answer");
    let answer: Value = serde_json::from_slice(&document.body).expect("JSON");
    let [model] = document.artifacts.try_into().expect("one model");
    assert_eq!(answer["model_id"], model.id().to_string());
    assert_eq!(model.id(), ModelId::of(model.bytes()));
    assert_eq!(
        (model.route(), model.format(), model.n_rows()),
        ("recall", FORMAT, 3)
    );
    assert_eq!(model.summary()["mean"], 3.0);
    assert_eq!(model, saved(&body), "the same request makes the same model");

    let unasked = run(&json!({ "values": [1, 2, 6] }), Models::none()).expect("an answer");
    assert!(unasked.artifacts.is_empty());
}

#[test]
fn a_request_reads_the_model_that_it_names() {
    let model = saved(&json!({ "values": [1, 2, 6], "save_model": true }));
    let body = json!({ "values": [10], "model_id": model.id().to_string() });
    let document = run(&body, Models::of(vec![model])).expect("an answer");
    let answer: Value = serde_json::from_slice(&document.body).expect("JSON");
    assert_eq!(answer["deviations"], json!([7.0]));
}

#[test]
fn an_id_that_cannot_be_read_says_why() {
    let known = saved(&json!({ "values": [1], "save_model": true }));
    let of_nps = SavedModel::new("nps", FORMAT, 1, Map::new(), *b"nps");
    let newer = SavedModel::new("recall", FORMAT + 1, 1, Map::new(), *b"newer");
    let models = Models::of(vec![known, of_nps.clone(), newer.clone()]);
    let absent = ModelId::of(b"absent").to_string();
    for (id, expected) in [
        ("", "must be the model_id of an earlier answer"),
        ("the first one", "must be the model_id of an earlier answer"),
        (&absent, "names no saved model of yours"),
        (&of_nps.id().to_string(), "names a model of nps"),
        (&newer.id().to_string(), "a newer version of Clientela"),
    ] {
        let said = said_of_id(id, models.clone());
        assert!(said.contains(expected), "{id}: {said}");
    }
}

#[test]
fn a_model_of_an_earlier_format_is_handed_to_its_analysis() {
    let older = SavedModel::new("recall", FORMAT - 1, 1, Map::new(), 4.0_f64.to_le_bytes());
    let body = json!({ "values": [10], "model_id": older.id().to_string() });
    let document = run(&body, Models::of(vec![older])).expect("an answer");
    let answer: Value = serde_json::from_slice(&document.body).expect("JSON");
    assert_eq!(answer["deviations"], json!([6.0]));
}

#[test]
fn an_unknown_model_is_told_together_with_all_other_errors() {
    let body =
        json!({ "values": 3, "save_model": "perhaps", "model_id": ModelId::of(b"x").to_string() });
    let paths: Vec<String> = violations(run(&body, Models::none()))
        .into_iter()
        .map(|violation| violation.path)
        .collect();
    assert_eq!(paths, ["values", "save_model", "model_id"]);
}

#[test]
fn models_that_are_away_are_a_failure_unless_the_request_is_wrong_anyway() {
    let id = ModelId::of(b"x").to_string();
    for body in [
        json!({ "values": [1], "model_id": id }),
        json!({ "values": [1], "save_model": true }),
    ] {
        let failure = run(&body, Models::of(Away)).expect_err("no models");
        assert!(
            matches!(&failure, Failure::ModelsAway { cause } if cause == "the cable was cut"),
            "{failure:?}"
        );
    }
    let body = json!({ "values": "none", "model_id": id });
    let wrong = violations(run(&body, Models::of(Away)));
    assert_eq!(wrong.len(), 1);
    assert_eq!(wrong[0].path, "values");
    let unconcerned = json!({ "values": [1] });
    run(&unconcerned, Models::of(Away)).expect("an answer without models");
}

#[test]
fn a_model_that_nobody_could_keep_is_refused() {
    let sized = |size_bytes: usize| {
        let body = json!({ "values": [1], "save_model": true, "size_bytes": size_bytes });
        run(&body, Models::none())
    };
    let largest = sized(limits::MODEL_BYTES_MAX).expect("an answer");
    assert_eq!(largest.artifacts[0].bytes().len(), limits::MODEL_BYTES_MAX);
    let wrong = violations(sized(limits::MODEL_BYTES_MAX + 1));
    assert_eq!(wrong[0].path, "save_model");
    let said = &wrong[0].messages[0];
    assert!(
        said.en.contains("65 MiB") && said.en.contains("64"),
        "{said:?}"
    );
}

#[test]
fn the_language_of_the_answer_decides_nothing_of_the_model() {
    let body = json!({ "values": [1, 2], "save_model": true });
    let in_spanish = json!({ "values": [1, 2], "save_model": true, "lang": "es" });
    assert_eq!(saved(&body), saved(&in_spanish));
    let document = run(&in_spanish, Models::none()).expect("an answer");
    assert_eq!(document.language, Language::Es);
}
