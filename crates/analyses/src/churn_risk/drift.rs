//! How far the rows are from those that a saved model learned from.

use clientela_methods::churn::{BinValues, Drift as Found, DriftLevel, Shift, ShiftBin};
use schemars::JsonSchema;
use serde::Serialize;

use crate::wire::{Count, Full, Score};

/// Rows that were scored against those that the model learned from.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnDrift")]
pub struct Drift {
    /// Rows that the model learned from.
    n_training: Count,
    /// Rows that it scored.
    n_scored: Count,
    /// The probabilities, against those that the model gives the rows that it learned from.
    probabilities: Shifted,
    /// Each field that the model sees.
    columns: Vec<ColumnShift>,
}

/// A field of the model.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnColumnDrift")]
struct ColumnShift {
    /// Its name.
    column: String,
    /// How far it has moved.
    #[serde(flatten)]
    shift: Shifted,
}

/// How far one distribution is from another.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnShift")]
struct Shifted {
    /// Population stability index: 0 where nothing has moved.
    #[schemars(extend("minimum" = 0))]
    psi: Score,
    /// What chance alone stays below, with 95 % confidence for all fields together.
    psi_by_chance: Score,
    /// `moderate` from 0.1 on, `large` from 0.25 on; `stable` wherever chance may give as much.
    #[schemars(extend("enum" = ["stable", "moderate", "large"]))]
    level: &'static str,
    /// The shares that it compares.
    bins: Vec<Bin>,
}

/// Values on both sides.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChurnDriftBin")]
struct Bin {
    /// Numbers above this; left out where there is no end, and for words.
    #[serde(skip_serializing_if = "Option::is_none")]
    above: Option<Full>,
    /// And up to this.
    #[serde(skip_serializing_if = "Option::is_none")]
    up_to: Option<Full>,
    /// The word; left out for numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// `missing` for rows without a value, `other` for words that the model does not tell apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["missing", "other", serde_json::Value::Null]))]
    kind: Option<&'static str>,
    /// Share of the rows that the model learned from.
    training_share: Score,
    /// Share of the rows that it scored.
    scored_share: Score,
}

pub fn respond(found: &Found) -> Drift {
    let columns = found.columns.iter().map(|column| ColumnShift {
        column: column.column.clone(),
        shift: shifted(&column.shift),
    });
    Drift {
        n_training: found.n_training as Count,
        n_scored: found.n_scored as Count,
        probabilities: shifted(&found.probabilities),
        columns: columns.collect(),
    }
}

fn shifted(shift: &Shift) -> Shifted {
    Shifted {
        psi: Score::new(shift.psi),
        psi_by_chance: Score::new(shift.by_chance_upper),
        level: match shift.level {
            DriftLevel::Stable => "stable",
            DriftLevel::Moderate => "moderate",
            DriftLevel::Large => "large",
        },
        bins: shift.bins.iter().map(bin).collect(),
    }
}

fn bin(found: &ShiftBin) -> Bin {
    let mut bin = Bin {
        above: None,
        up_to: None,
        value: None,
        kind: None,
        training_share: Score::new(found.training_share),
        scored_share: Score::new(found.scored_share),
    };
    match &found.values {
        BinValues::Range { above, up_to } => {
            bin.above = above.map(Full::new);
            bin.up_to = up_to.map(Full::new);
        }
        BinValues::Level(word) => bin.value = Some(word.clone()),
        BinValues::Other => bin.kind = Some("other"),
        BinValues::Missing => bin.kind = Some("missing"),
    }
    bin
}
