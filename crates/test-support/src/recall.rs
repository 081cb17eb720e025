//! An analysis that learns a mean, saves it and scores with a saved one: what the plumbing of saved models is tested with.

use clientela_analyses::wire::{Check, Field, Flag, Maybe, Number, Text, Whole};
use clientela_analyses::{Analysis, AnyAnalysis, Facts, Failure, Language, SavedModel, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The analysis as a list of its own.
pub static RECALL: &[&dyn AnyAnalysis] = &[&Recall];

/// Learns the mean of `values`, or scores them with the model that `model_id` names.
pub struct Recall;

/// The version of its models.
pub const FORMAT: u32 = 2;

/// Numbers, and what to do with them.
#[derive(Deserialize, JsonSchema)]
pub struct RecallRequest<'a> {
    /// The numbers.
    values: Field<Vec<Field<Number>>>,
    /// Whether to save the mean.
    #[serde(default)]
    save_model: Maybe<Flag>,
    /// A saved mean to use instead.
    #[serde(borrow, default)]
    model_id: Maybe<Text<'a>>,
    /// Bytes to make the model as large as.
    #[serde(default)]
    size_bytes: Maybe<Whole>,
}

/// The request as it was found valid.
pub struct Table {
    values: Vec<f64>,
    is_saved: bool,
    known: Option<SavedModel>,
    size_bytes: usize,
}

/// What was learned.
pub struct Report {
    mean: f64,
    model: Option<SavedModel>,
}

/// The deviations from the mean, and the model if one was saved.
#[derive(Serialize, JsonSchema)]
pub struct RecallResponse {
    deviations: Vec<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_id: Option<String>,
}

impl Analysis for Recall {
    const ROUTES: &'static [&'static str] = &["recall"];
    const SUMMARY: &'static str = "Deviations from a mean that may have been saved";
    const PAGE: &'static str = "# recall";
    const EXAMPLE: &'static str = r#"{"values": [1, 2, 6], "save_model": true}"#;
    const MODEL_FORMAT: Option<u32> = Some(FORMAT);

    type Request<'a> = RecallRequest<'a>;
    type Table = Table;
    type Report = Report;
    type Response = RecallResponse;

    fn validate(
        request: Self::Request<'_>,
        scope: &Scope,
        check: &mut Check,
    ) -> Option<Self::Table> {
        let values = check.required("values", request.values);
        let values = values.map(|values| {
            values
                .into_iter()
                .filter_map(|value| match value {
                    Field::Value(Number(value)) => Some(value),
                    _ => None,
                })
                .collect()
        });
        let saved = check.optional("save_model", request.save_model);
        let is_saved = saved.map(|saved| saved.is_some_and(|Flag(saved)| saved));
        if is_saved == Some(true) {
            scope.expect_to_save(check);
        }
        let known = match check.optional("model_id", request.model_id)? {
            Some(Text(id)) => Some(scope.saved_model("model_id", &id, check)?),
            None => None,
        };
        let size = check.optional_whole("size_bytes", request.size_bytes, 0..=1 << 30);
        Some(Table {
            values: values?,
            is_saved: is_saved?,
            known,
            size_bytes: size?.unwrap_or(0) as usize,
        })
    }

    fn facts(table: &Self::Table) -> Facts {
        Facts {
            n_rows: table.values.len(),
            today: None,
        }
    }

    fn analyze(table: &Self::Table, _: &Scope) -> Result<Self::Report, Failure> {
        let mean = match &table.known {
            Some(model) => {
                let (mean, _) = model.bytes().split_at(size_of::<f64>());
                f64::from_le_bytes(mean.try_into().expect("eight bytes"))
            }
            None => table.values.iter().sum::<f64>() / table.values.len() as f64,
        };
        let model = table.is_saved.then(|| {
            let mut bytes = mean.to_le_bytes().to_vec();
            bytes.resize(table.size_bytes.max(bytes.len()), 0);
            let summary = Map::from_iter([("mean".to_owned(), Value::from(mean))]);
            SavedModel::new(Self::ROUTES[0], FORMAT, table.values.len(), summary, bytes)
        });
        Ok(Report { mean, model })
    }

    fn artifacts(_: &Self::Table, report: &Self::Report) -> Vec<SavedModel> {
        report.model.iter().cloned().collect()
    }

    fn respond(table: &Self::Table, report: &Self::Report, _: Language) -> Self::Response {
        let values = table.values.iter();
        RecallResponse {
            deviations: values.map(|value| value - report.mean).collect(),
            model_id: report.model.as_ref().map(|model| model.id().to_string()),
        }
    }
}
