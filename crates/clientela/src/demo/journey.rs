//! The way of the sample base through the analyses: features, RFM, loyalty, NPS, segments, profiles, a drawing.

use std::fs;
use std::path::Path;

use clientela_analyses::{Context, Format, Language, Models, StopToken, by_route};
use clientela_samples::{Base, SampleParams};
use serde_json::{Value, json};

use crate::Trouble;

/// What was found out about the sample base.
pub struct Journey {
    pub base: Base,
    pub rfm: Value,
    pub loyalty: Value,
    pub nps: Value,
    pub segmentation: Value,
    pub profiles: Value,
}

/// Runs every step and leaves request and answer of each in `folder`.
pub fn travel(
    n_customers: usize,
    seed: u64,
    language: Language,
    folder: &Path,
) -> Result<Journey, Trouble> {
    fs::create_dir_all(folder)
        .map_err(|error| Trouble::failed(format!("{}: {error}", folder.display())))?;
    let base = Base::generate(&SampleParams {
        n_customers,
        seed,
        ..SampleParams::default()
    });
    let guide = Guide {
        folder,
        language,
        today: base.params.today,
    };

    let features = guide.step("1-features", "customer_features", &base.features_request())?;
    let rfm = guide.step("2-rfm", "customer_rfm", &base.rfm_request())?;
    let loyalty = json!({ "customers": features["customers"] });
    let loyalty = guide.step("3-loyalty", "customer_loyalty", &to_bytes(&loyalty))?;
    let nps = guide.step("4-nps", "nps", &base.nps_request())?;
    let mut shoppers = parse(&base.segmentation_request());
    shoppers["scaling"] = "log_zscore".into();
    let segmentation = guide.step(
        "5-segmentation",
        "purchasing_segmentation",
        &to_bytes(&shoppers),
    )?;
    let profiles = json!({ "customers": shoppers["customers"], "labels": segmentation["labels"] });
    let profiles = guide.step(
        "6-profiles",
        "segment_cluster_profiles",
        &to_bytes(&profiles),
    )?;
    let tree = json!({ "dendrogram": segmentation["dendrogram"] });
    guide.draw("7-dendrogram", "segment_hierarchy_chart", &to_bytes(&tree))?;
    Ok(Journey {
        base,
        rfm,
        loyalty,
        nps,
        segmentation,
        profiles,
    })
}

struct Guide<'a> {
    folder: &'a Path,
    language: Language,
    today: clientela_tables::Date,
}

impl Guide<'_> {
    /// Answers one request as JSON and, where there is one row per customer, as CSV.
    fn step(&self, name: &str, route: &str, request: &[u8]) -> Result<Value, Trouble> {
        self.keep(&format!("{name}.request.json"), request)?;
        let answer = self.answer(route, request, Format::Json)?;
        self.keep(&format!("{name}.json"), &answer)?;
        if by_route(route).is_some_and(|analysis| analysis.formats().contains(&Format::Csv)) {
            self.keep(
                &format!("{name}.csv"),
                &self.answer(route, request, Format::Csv)?,
            )?;
        }
        Ok(parse(&answer))
    }

    fn draw(&self, name: &str, route: &str, request: &[u8]) -> Result<(), Trouble> {
        self.keep(
            &format!("{name}.svg"),
            &self.answer(route, request, Format::Svg)?,
        )
    }

    fn answer(&self, route: &str, request: &[u8], format: Format) -> Result<Vec<u8>, Trouble> {
        let context = Context {
            language: Some(self.language),
            today: self.today,
            format,
            models: Models::none(),
            stop: StopToken::new(),
        };
        let analysis = by_route(route).expect("a listed route");
        let outcome = analysis.run(request, &context);
        outcome
            .map(|document| document.body)
            .map_err(|failure| Trouble::failed(format!("{route}: {failure}")))
    }

    fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), Trouble> {
        let file = self.folder.join(name);
        fs::write(&file, bytes)
            .map_err(|error| Trouble::failed(format!("{}: {error}", file.display())))
    }
}

fn parse(json: &[u8]) -> Value {
    serde_json::from_slice(json).expect("requests and answers are JSON")
}

fn to_bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).expect("a JSON value")
}
