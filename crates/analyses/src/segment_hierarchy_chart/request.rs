//! The shape of the request, and its rules.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{MapAccess, SeqAccess};
use serde_json::{Map, Value};

use super::Table;
use crate::limits;
use crate::wire::hierarchy::{self, HierarchyFields, LeafLabel, LinkageRow};
use crate::wire::{
    Check, Dictionary, Expected, Field, Json, Kind, Maybe, Number, Row, Text, Whole, Wire,
};

/// A tree to draw.
#[derive(Deserialize, JsonSchema)]
pub struct SegmentHierarchyChartRequest<'a> {
    /// As the segmentation routes return it.
    #[serde(borrow)]
    dendrogram: Field<Row<DendrogramRow<'a>>>,
}

/// A linkage matrix with the names of its leaves.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "DendrogramInput")]
struct DendrogramRow<'a> {
    /// Rows of child1, child2, distance, sample_count: leaves are 0 … n − 1, row i makes node n + i.
    linkage_matrix: Field<Vec<Field<LinkageRow>>>,
    /// One more than rows.
    #[schemars(extend("minItems" = 1))]
    #[serde(borrow)]
    leaf_labels: Field<Vec<Field<LeafLabel<'a>>>>,
    /// What is known of the clusters; handed back as it is.
    #[serde(borrow, default)]
    cluster_legend: Maybe<Vec<Field<LegendRow<'a>>>>,
    /// Customers at each leaf, where it is not one each.
    #[serde(default)]
    leaf_sizes: Maybe<Vec<Field<Whole>>>,
}

/// A legend entry with whatever fields it has; those that are known must be what they should.
struct LegendRow<'a>(Dictionary<'a, Json>);

impl<'de: 'a, 'a> Wire<'de> for LegendRow<'a> {
    const EXPECTED: Expected = Expected::Object;
    fn from_object<A: MapAccess<'de>>(object: A) -> Result<Result<Self, Kind>, A::Error> {
        Ok(Dictionary::from_object(object)?.map(Self))
    }
    fn from_array<A: SeqAccess<'de>>(array: A) -> Result<Result<Self, Kind>, A::Error> {
        Ok(Dictionary::from_array(array)?.map(Self))
    }
}

impl JsonSchema for LegendRow<'_> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "LegendInput".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "required": ["cluster_id"],
            "properties": {
                "cluster_id": { "type": "integer", "minimum": -1, "maximum": limits::CLUSTER_ID_MAX },
                "n_customers": { "type": ["integer", "null"], "minimum": 0, "maximum": limits::LEGEND_CUSTOMERS_MAX },
                "avg_spend": { "type": ["number", "null"] },
                "avg_frequency": { "type": ["number", "null"] },
                "top_categories": { "type": ["string", "null"] },
            },
            "additionalProperties": true,
        })
    }
}

/// A cluster as the legend has it.
pub struct LegendEntry {
    /// −1 for noise.
    pub cluster_id: i64,
    /// Customers in it, where that is said.
    pub n_customers: Option<u64>,
    /// Its top categories, where they are said.
    pub top_categories: Option<String>,
    /// All of it as it was sent.
    pub sent: Map<String, Value>,
}

pub fn validate(request: SegmentHierarchyChartRequest<'_>, check: &mut Check) -> Option<Table> {
    let Row(dendrogram) = check.required("dendrogram", request.dendrogram)?;
    check.within("dendrogram", |check| {
        let fields = HierarchyFields {
            linkage_matrix: dendrogram.linkage_matrix,
            leaf_labels: dendrogram.leaf_labels,
            leaf_sizes: dendrogram.leaf_sizes,
        };
        let hierarchy = hierarchy::hierarchy(fields, check);
        let legend = legend(dendrogram.cluster_legend, check);
        Some(Table {
            hierarchy: hierarchy?,
            legend: legend?,
        })
    })
}

fn legend(field: Maybe<Vec<Field<LegendRow<'_>>>>, check: &mut Check) -> Option<Vec<LegendEntry>> {
    let rows = check.optional("cluster_legend", field)?.unwrap_or_default();
    let n_rows = rows.len();
    let mut entries = Vec::with_capacity(n_rows);
    check.within("cluster_legend", |check| {
        for (index, row) in rows.into_iter().enumerate() {
            entries.extend(check.at(index, |check| {
                let LegendRow(Dictionary(fields)) = check.value_here(row)?;
                legend_entry(fields, check)
            }));
        }
    });
    (entries.len() == n_rows).then_some(entries)
}

fn legend_entry(
    fields: Vec<(Cow<'_, str>, Field<Json>)>,
    check: &mut Check,
) -> Option<LegendEntry> {
    let mut sent = Map::new();
    let mut readable = true;
    for (key, field) in fields {
        match check.optional(key.clone().into_owned(), Maybe(field)) {
            Some(value) => {
                let value = value.map_or(Value::Null, |Json(value)| value);
                sent.insert(key.into_owned(), value);
            }
            None => readable = false,
        }
    }
    if !readable {
        return None;
    }
    let cluster_id = check.whole(
        "cluster_id",
        of(&sent, "cluster_id"),
        -1..=limits::CLUSTER_ID_MAX,
    );
    let n_customers = check.optional_whole(
        "n_customers",
        Maybe(of(&sent, "n_customers")),
        0..=limits::LEGEND_CUSTOMERS_MAX,
    );
    let means = ["avg_spend", "avg_frequency"]
        .map(|key| check.optional::<Number>(key, Maybe(of(&sent, key))));
    let top = check.optional::<Text<'_>>("top_categories", Maybe(of(&sent, "top_categories")));
    let top = top.map(|top| top.map(|Text(top)| top.into_owned()));
    let (cluster_id, n_customers, top_categories) = (cluster_id?, n_customers?, top?);
    means.iter().all(Option::is_some).then_some(LegendEntry {
        cluster_id,
        n_customers: n_customers.map(i64::unsigned_abs),
        top_categories,
        sent,
    })
}

/// A field of an object that was read before, as its own type.
fn of<'a, T: Wire<'a>>(sent: &'a Map<String, Value>, key: &str) -> Field<T> {
    sent.get(key).map_or(Field::Absent, |value| {
        Field::deserialize(value).expect("any JSON value is a field")
    })
}
