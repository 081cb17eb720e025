//! Models of this route on their way to where they are kept, and back.

use clientela_methods::churn::{RiskReport, SavedModel};
use serde_json::{Map, Value};

use super::response::name_of;
use crate::{Failure, SavedModel as Artifact};

/// The version in which models are written.
pub const FORMAT: u32 = SavedModel::FORMAT;

/// What the bytes of this route's models begin with, and no other's.
const HEAD: &[u8] = b"clientela churn_risk\n";

/// A model to be kept.
pub fn write(model: &SavedModel, report: &RiskReport, route: &str) -> Artifact {
    let mut bytes = HEAD.to_vec();
    bytes.extend(model.to_bytes());
    let served = &model.evidence.served;
    let columns = model.features.iter().map(|feature| feature.name.clone());
    let summary = [
        ("algorithm", Value::from(name_of(report.basis))),
        ("roc_auc", rounded(served.roc_auc.area)),
        ("log_loss", rounded(served.log_loss)),
        ("ece", rounded(served.ece)),
        ("n_churned", Value::from(model.n_churned)),
        ("columns", columns.collect()),
    ];
    let summary: Map<String, Value> = summary
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let n_rows = model.n_churned + model.n_others;
    Artifact::new(route, FORMAT, n_rows, summary, bytes)
}

fn rounded(figure: f64) -> Value {
    crate::wire::Score::new(figure).get().into()
}

/// A model that was kept.
///
/// # Errors
/// Where the bytes are not those that were written: no fault of the client.
pub fn read(artifact: &Artifact) -> Result<SavedModel, Failure> {
    let damaged = |why: &dyn std::fmt::Display| Failure::Internal {
        cause: format!("saved model {}: {why}", artifact.id()),
    };
    let bytes = artifact.bytes().strip_prefix(HEAD);
    let bytes = bytes.ok_or_else(|| damaged(&"not a model of churn_risk"))?;
    SavedModel::from_bytes(bytes).map_err(|error| damaged(&error))
}
