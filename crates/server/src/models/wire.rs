//! The shapes of saved models on the wire.

use clientela_store::ModelCard;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// A saved model. What it holds is for its route alone; this is what can be told of it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SavedModel")]
pub struct Model {
    /// Its name: requests send it as `model_id`. It follows from the model's content, so that the same request, sent twice,
    /// makes one model.
    #[schemars(regex(pattern = "^[0-9a-f]{32}$"))]
    model_id: String,
    /// The route that made it and can read it.
    route: String,
    /// When it was saved first, RFC 3339 in UTC.
    #[schemars(extend("format" = "date-time"))]
    created: String,
    /// Rows it was fitted on.
    n_rows: usize,
    /// Bytes it takes.
    size_bytes: usize,
    /// The version in which it is written.
    format_version: u32,
    /// What its route says of it, in figures and codes; the page of the route names the fields.
    summary: Map<String, Value>,
}

/// Saved models, newest first.
#[derive(Serialize, JsonSchema)]
pub struct ModelList {
    /// The models.
    pub models: Vec<Model>,
}

impl From<ModelCard> for Model {
    fn from(card: ModelCard) -> Self {
        Self {
            model_id: card.model_id,
            route: card.route,
            created: card.ts_create.to_string(),
            n_rows: card.n_rows,
            size_bytes: card.size_bytes,
            format_version: card.format,
            summary: card.summary,
        }
    }
}
