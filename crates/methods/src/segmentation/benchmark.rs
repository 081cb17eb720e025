//! What a sweep comes to: the ranking, and the partition of the winner.

use super::numbering::Numbered;
use super::space::Space;
use super::sweep::{Configuration, Sweep};
use super::winner;

/// All configurations of a base, and the partition that won.
#[derive(Clone, Debug, PartialEq)]
pub struct Benchmark {
    /// In the order of the sweep.
    pub configurations: Vec<Configuration>,
    /// Indices of the configurations, best first.
    pub ranking: Vec<usize>,
    /// The winner; `None` where nothing could win, and the base stays undivided.
    pub best: Option<Configuration>,
    /// The winner's clusters, or one with everybody.
    pub clusters: Numbered,
    /// Numbers of clusters that were left out.
    pub left_out: Vec<usize>,
    /// Customers.
    pub n_customers: usize,
    /// Rows that distances tell apart.
    pub n_distinct: usize,
}

impl Benchmark {
    /// Names the winner of a sweep over `space` and numbers its clusters.
    #[must_use]
    pub fn of(sweep: Sweep, space: &Space) -> Self {
        let ranking = winner::ranking(&sweep.configurations);
        let best = winner::winner(&sweep.configurations);
        let n_customers = space.points().n_samples();
        let clusters = match best {
            Some(best) => Numbered::by_size(&space.points().to_samples(&sweep.labelings[best])),
            None => Numbered::undivided(n_customers),
        };
        Self {
            best: best.map(|best| sweep.configurations[best]),
            configurations: sweep.configurations,
            ranking,
            clusters,
            left_out: sweep.left_out,
            n_customers,
            n_distinct: space.n_distinct(),
        }
    }

    /// The configurations, best first.
    pub fn ranked(&self) -> impl Iterator<Item = &Configuration> {
        self.ranking
            .iter()
            .map(|&index| &self.configurations[index])
    }

    /// The configurations that could not win.
    pub fn without_scores(&self) -> impl Iterator<Item = &Configuration> {
        self.configurations
            .iter()
            .filter(|configuration| configuration.scores.is_none())
    }
}
