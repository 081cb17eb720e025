//! What the answers of both shapes have in common.

use clientela_methods::segmentation::Configuration;
use clientela_narrative::{Language, Say as _};
use schemars::JsonSchema;
use serde::Serialize;

use super::playbook::{Action, Play, Why};
use crate::wire::{Currency, Score};

/// What stands for the silhouette of a partition that can't win.
const NO_SILHOUETTE: f64 = -1.0;

/// The silhouette of a configuration on the wire.
pub fn silhouette(configuration: &Configuration) -> Score {
    Score::new(
        configuration
            .scores
            .map_or(NO_SILHOUETTE, |scores| scores.silhouette),
    )
}

/// One thing to do.
#[derive(Serialize, JsonSchema)]
pub struct PlaybookEntry {
    /// What to do.
    action: String,
    /// The figure that says so.
    why: String,
}

impl PlaybookEntry {
    /// The entries of a playbook; amounts are written in `currency`.
    pub fn all(plays: &[Play<'_>], currency: Option<Currency>, language: Language) -> Vec<Self> {
        let entry = |play| Self {
            action: Action(play).say(language),
            why: Why { play, currency }.say(language),
        };
        plays.iter().map(entry).collect()
    }
}
