//! Published figures, from data that is not part of the repository.

use std::fs::File;
use std::io::Read;

use clientela_analyses::{Context, Format, Language, Models, StopToken, by_route};
use clientela_test_support::data::shared;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

fn answer(route: &str, body: &str) -> Value {
    let context = Context {
        language: Some(Language::En),
        today: "2025-04-24".parse().expect("a date"),
        format: Format::Json,
        models: Models::none(),
        stop: StopToken::new(),
    };
    let analysis = by_route(route).expect("a route");
    let document = analysis.run(body.as_bytes(), &context).expect("an answer");
    serde_json::from_slice(&document.body).expect("JSON")
}

#[test]
fn the_reference_features_are_reproduced_exactly() {
    let name = "the_reference_features_are_reproduced_exactly";
    let Some(file) = shared(name, "../reference/features.json") else {
        return;
    };
    let reference: Value =
        serde_json::from_reader(File::open(file).expect("a file")).expect("JSON");
    let answer = answer("customer_features", &reference["request"].to_string());
    assert_eq!(answer["customers"], reference["response"]["customers"]);
    let again = json!({ "customers": answer["customers"] }).to_string();
    assert_eq!(
        self::answer("customer_loyalty", &again)["customers"][0]["customer_id"],
        "C-1001"
    );
}

/// The answers 0–10 of the SFO guest survey of 2017, with the place where each was asked.
fn survey(text: &str) -> Vec<Value> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let column = |name| {
        header
            .iter()
            .position(|found| *found == name)
            .expect("a column")
    };
    let (id, answer, place) = (column("RESPNUM"), column("NETPRO"), column("STRATA"));
    lines
        .filter_map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let answer: u8 = cells[answer].parse().ok().filter(|&answer| answer <= 10)?;
            Some(json!({ "customer_id": cells[id], "answer": answer, "strata": cells[place] }))
        })
        .collect()
}

#[test]
fn the_sfo_survey_of_2017_has_the_published_score() {
    let name = "the_sfo_survey_of_2017_has_the_published_score";
    let Some(file) = shared(name, "nps_sfo_2017/sfo_survey_2017.csv.gz") else {
        return;
    };
    let mut text = String::new();
    let file = File::open(file).expect("a file");
    GzDecoder::new(file)
        .read_to_string(&mut text)
        .expect("text");
    let rows = survey(&text);
    assert_eq!(rows.len(), 2_746);
    let body = json!({ "group_by": "strata", "data": rows }).to_string();
    let answer = answer("nps", &body);
    let overall = &answer["overall"];
    assert_eq!(overall["nps"], 39.84);
    assert_eq!(overall["responses"], 2_746);
    assert_eq!(overall["promoters_pct"], 52.29); // 1,436 of 2,746
    assert_eq!(overall["detractors_pct"], 12.45); // 342 of 2,746
    assert_eq!(overall["band_code"], "good");
    let groups = answer["by_group"].as_array().expect("groups");
    let total: u64 = groups
        .iter()
        .filter_map(|group| group["responses"].as_u64())
        .sum();
    assert_eq!(total, 2_746);
}
