//! The shape of the request, and its rules.

use clientela_methods::segmentation::nested::NestedOptions;
use clientela_narrative::{Words, words};
use clientela_tables::Labeling;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::Table;
use crate::limits::CLUSTER_ID_MAX;
use crate::spine::Scope;
use crate::wire::labels::{self, Label};
use crate::wire::shoppers::ShopperRow;
use crate::wire::{Check, Dictionary, Field, Maybe, Row, Text, Whole, messages, segmentation};

/// A segmented base.
#[derive(Deserialize, JsonSchema)]
pub struct SegmentSubsegmentExploreRequest<'a> {
    /// The base, one entry for each customer.
    #[schemars(extend("minItems" = 1))]
    #[serde(borrow)]
    customers: Field<Vec<Field<Row<ShopperRow<'a>>>>>,
    /// The cluster of every customer, by id; −1 is noise.
    #[serde(borrow)]
    labels: Field<Dictionary<'a, Label>>,
    /// The cluster to divide; by default all.
    #[serde(default)]
    target_cluster: Maybe<Label>,
    /// Numbers of groups tried in each cluster.
    #[serde(default)]
    #[schemars(extend("minItems" = 1, "items" = { "type": "integer", "minimum": 2, "maximum": 30 }, "default" = [2, 3]))]
    k_range: Maybe<Vec<Field<Whole>>>,
    /// Units in which distances are taken; by default those of the data. z-scores are taken within the cluster.
    #[serde(borrow, default)]
    #[schemars(extend("enum" = ["none", "zscore", "log_zscore", Value::Null], "default" = "none"))]
    scaling: Maybe<Text<'a>>,
}

const DEFAULT_K_RANGE: [usize; 2] = [2, 3];
/// Labels that a message repeats.
const LABELS_NAMED_MAX: usize = 10;

pub fn validate(
    request: SegmentSubsegmentExploreRequest<'_>,
    scope: &Scope,
    check: &mut Check,
) -> Option<Table> {
    let ks = segmentation::cluster_counts(request.k_range, check);
    let scaling = segmentation::scaling(request.scaling, check);
    let target = target(request.target_cluster, check);
    let (shoppers, labels) = labels::labeled(request.customers, request.labels, check)?;
    let labeling = Labeling::new(&labels);
    let chosen = chosen(target?, &labeling, check);
    let (parents, n_noise_skipped) = chosen?;
    Some(Table {
        shoppers,
        labeling,
        parents,
        n_noise_skipped,
        options: NestedOptions {
            ks: ks?.unwrap_or_else(|| DEFAULT_K_RANGE.to_vec()),
            scaling: scaling?,
            seed: scope.seed,
        },
    })
}

#[allow(
    clippy::option_option,
    reason = "absent and wrong are different answers"
)]
fn target(field: Maybe<Label>, check: &mut Check) -> Option<Option<i32>> {
    let Some(Label(label)) = check.optional("target_cluster", field)? else {
        return Some(None);
    };
    if (-1..=CLUSTER_ID_MAX).contains(&label) {
        return Some(Some(label as i32));
    }
    let message = messages::out_of_whole_range(label, -1, CLUSTER_ID_MAX);
    check.reject("target_cluster", || message);
    None
}

/// The places of the clusters to divide, and the customers passed over as noise.
fn chosen(
    target: Option<i32>,
    labeling: &Labeling,
    check: &mut Check,
) -> Option<(Vec<usize>, usize)> {
    let n_noise = labeling.n_noise();
    match target {
        None => Some(((0..labeling.n_clusters()).collect(), n_noise)),
        Some(-1) if n_noise > 0 => Some((Vec::new(), n_noise)),
        Some(target) => {
            let place = labeling.cluster_ids().binary_search(&target);
            if place.is_err() {
                check.reject("target_cluster", || unknown(target, labeling.cluster_ids()));
            }
            Some((vec![place.ok()?], 0))
        }
    }
}

fn unknown(target: i32, ids: &[i32]) -> Words {
    let mut known: Vec<String> = ids
        .iter()
        .take(LABELS_NAMED_MAX)
        .map(ToString::to_string)
        .collect();
    if ids.len() > LABELS_NAMED_MAX {
        known.push("…".to_owned());
    }
    let known = known.join(", ");
    words!(
        "must be a label of this request ({known}); got {target}",
        "debe ser una etiqueta de esta solicitud ({known}); se recibió {target}",
        "deve ser um rótulo desta solicitação ({known}); foi recebido {target}",
    )
}
