//! What is worth saying about a divided segment.

use clientela_methods::segmentation::nested::NestedClusters;
use clientela_methods::segmentation::winner::{DecidedBy, decided_by};
use clientela_methods::segmentation::{Configuration, Scores};

/// A number of groups and its scores.
#[derive(Clone, Copy)]
pub struct Scored {
    pub k: usize,
    pub scores: Scores,
}

/// How the number of groups was chosen.
pub enum Selection {
    /// None could be tried.
    Whole {
        n_customers: usize,
        n_distinct: usize,
        /// The smallest number of groups that was asked for.
        smallest_k: usize,
    },
    /// There was no other.
    OnlyOne(Scored),
    /// The winner, the runner-up, and what decided between them.
    Contest {
        best: Scored,
        runner_up: Scored,
        decided_by: DecidedBy,
    },
}

impl Selection {
    pub fn of(nested: &NestedClusters) -> Self {
        let benchmark = &nested.benchmark;
        let mut ranked = benchmark.ranked().filter_map(scored);
        match (ranked.next(), ranked.next()) {
            (None, _) => Self::Whole {
                n_customers: benchmark.n_customers,
                n_distinct: benchmark.n_distinct,
                smallest_k: benchmark.left_out.iter().copied().min().unwrap_or(2),
            },
            (Some((best, _)), None) => Self::OnlyOne(best),
            (Some((best, winner)), Some((runner_up, other))) => Self::Contest {
                best,
                runner_up,
                decided_by: decided_by(winner, other).expect("both have scores"),
            },
        }
    }

    /// The winner's scores; `None` where nothing could be tried.
    pub fn scores(&self) -> Option<Scores> {
        match self {
            Self::Whole { .. } => None,
            Self::OnlyOne(best) | Self::Contest { best, .. } => Some(best.scores),
        }
    }
}

fn scored(configuration: &Configuration) -> Option<(Scored, &Configuration)> {
    let scores = configuration.scores?;
    let k = configuration.k;
    Some((Scored { k, scores }, configuration))
}

/// How clear a division is.
///
/// Source: Kaufman, Rousseeuw (1990), "Finding Groups in Data", table 4 of chapter 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Structure {
    /// Silhouette above 0.70.
    Strong,
    /// Above 0.50.
    Reasonable,
    /// Above 0.25.
    Weak,
    /// Up to 0.25.
    None,
}

impl Structure {
    pub fn of(silhouette: f64) -> Self {
        if silhouette > 0.70 {
            Self::Strong
        } else if silhouette > 0.50 {
            Self::Reasonable
        } else if silhouette > 0.25 {
            Self::Weak
        } else {
            Self::None
        }
    }
}
