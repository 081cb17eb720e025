//! Rows that belong together: several rows of one customer say less than as many rows of different ones.

use super::ranked::{RankedOutcomes, ScoreGroup};

/// A row of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ClusterRow {
    pub(super) cluster: u32,
    /// Its place among the groups of equal scores.
    pub(super) group: u32,
    pub(super) is_positive: bool,
}

/// The rows of clusters, of which at least one has several.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Clusters {
    /// By cluster, score and outcome, so that sums over them do not depend on the order of the rows.
    rows: Vec<ClusterRow>,
}

/// Rows of one part of the data, which are compared with its own mean.
#[derive(Clone, Copy, Debug, Default)]
struct Stratum {
    n: f64,
    sum: f64,
    n_clusters: f64,
    /// Σ of the squared sums of deviations by cluster.
    between: f64,
    /// Σ of the squared deviations.
    squares: f64,
}

impl RankedOutcomes {
    /// As [`RankedOutcomes::new`] for rows that come in clusters (several rows of a customer), which are independent of each
    /// other while the rows of one are not. All figures are those of the rows; intervals, and what chance alone would give,
    /// are as wide as so many clusters allow. Where every cluster has one row, nothing differs from `new`, not a bit.
    ///
    /// # Panics
    /// On slices of different lengths or scores that are not finite.
    #[must_use]
    pub fn clustered(scores: &[f64], outcomes: &[bool], clusters: &[u32]) -> Self {
        assert_eq!(scores.len(), clusters.len(), "a cluster for each score");
        let mut ranked = Self::new(scores, outcomes);
        if !are_distinct(clusters) {
            let group = |score: f64| {
                let below = |group: &ScoreGroup| group.score < score;
                ranked.groups.partition_point(below) as u32
            };
            let row = |row: usize| ClusterRow {
                cluster: clusters[row],
                group: group(scores[row]),
                is_positive: outcomes[row],
            };
            let mut rows: Vec<ClusterRow> = (0..scores.len()).map(row).collect();
            rows.sort_unstable();
            ranked.clusters = Some(Clusters { rows });
        }
        ranked
    }

    /// By how much the variance of the mean of a value exceeds that of as many independent rows; 1 without clusters.
    pub(super) fn design_effect(&self, value: impl Fn(&ClusterRow) -> Option<f64>) -> f64 {
        self.design_effect_within(1, |row| value(row).map(|value| (0, value)))
    }

    /// The design effect of the outcomes against their forecasts within bins of equal count, all bins pooled; 1 without clusters.
    pub(super) fn design_effect_within_bins(&self, n_bins: usize) -> f64 {
        let mut below = 0.0;
        let bin_of = |group: &ScoreGroup| {
            let middle = (below + 0.5 * group.weight()) / self.n();
            below += group.weight();
            ((middle * n_bins as f64) as usize).min(n_bins - 1)
        };
        let bins: Vec<usize> = self.groups.iter().map(bin_of).collect();
        self.design_effect_within(n_bins, |row| {
            let outcome = f64::from(u8::from(row.is_positive));
            let group = row.group as usize;
            Some((bins[group], outcome - self.groups[group].score))
        })
    }

    /// Variance of the mean that counts each cluster once, over that of independent rows:
    ///
    /// ```text
    /// D = Σ_b C_b / (C_b − 1) Σ_c (Σ_{i ∈ b, c} e_i)²  /  Σ_b n_b / (n_b − 1) Σ_{i ∈ b} e_i²      e_i = x_i − mean_b
    /// ```
    ///
    /// At least 1. Where that says nothing (all values equal, one cluster) the rows of a cluster count as one, Σ m² / Σ m.
    /// A share then has the interval of n / D trials.
    ///
    /// Sources: Kish (1965), "Survey Sampling", section 8.2; Rao, Scott (1992), "A Simple Method for the Analysis of Clustered
    /// Binary Data", Biometrics 48(2), 577–585.
    fn design_effect_within(
        &self,
        n_strata: usize,
        value: impl Fn(&ClusterRow) -> Option<(usize, f64)>,
    ) -> f64 {
        let Some(clusters) = &self.clusters else {
            return 1.0;
        };
        let value_of = |row: &ClusterRow| value(row).map(|(at, value)| (row.cluster, at, value));
        let rows: Vec<(u32, usize, f64)> = clusters.rows.iter().filter_map(value_of).collect();
        let mut strata = vec![Stratum::default(); n_strata];
        for &(_, at, value) in &rows {
            strata[at].n += 1.0;
            strata[at].sum += value;
        }
        let mut squared_sizes = 0.0;
        // Rows of a cluster ascend by score, and so by stratum.
        for run in rows.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let stratum = &mut strata[run[0].1];
            let mean = stratum.sum / stratum.n;
            let deviations = || run.iter().map(|row| row.2 - mean);
            let total: f64 = deviations().sum();
            stratum.n_clusters += 1.0;
            stratum.between += total * total;
            stratum.squares += deviations().map(|e| e * e).sum::<f64>();
            squared_sizes += (run.len() * run.len()) as f64;
        }
        let (mut of_clusters, mut of_rows) = (0.0, 0.0);
        for Stratum {
            n,
            n_clusters,
            between,
            squares,
            ..
        } in strata
        {
            if n_clusters > 1.0 {
                of_clusters += n_clusters / (n_clusters - 1.0) * between;
                of_rows += n / (n - 1.0) * squares;
            }
        }
        let effect = if of_clusters > 0.0 && of_rows > 0.0 {
            of_clusters / of_rows
        } else {
            squared_sizes / rows.len().max(1) as f64
        };
        effect.max(1.0)
    }

    /// Independent rows of each class: positives and negatives, or the clusters that have any.
    pub(super) fn n_independent(&self) -> [f64; 2] {
        let Some(clusters) = &self.clusters else {
            return [self.positives, self.negatives];
        };
        [true, false].map(|class| {
            let with_any = |rows: &&[ClusterRow]| rows.iter().any(|row| row.is_positive == class);
            clusters.each().filter(with_any).count() as f64
        })
    }
}

impl Clusters {
    /// The rows of each cluster.
    fn each(&self) -> impl Iterator<Item = &[ClusterRow]> {
        self.rows.chunk_by(|a, b| a.cluster == b.cluster)
    }

    /// Variance of the area under the ROC curve; `None` where a class belongs to one cluster.
    ///
    /// ```text
    /// I₁/(I₁−1) Σ d_c² / n₁² + I₀/(I₀−1) Σ g_c² / n₀² + 2 I/(I−1) Σ d_c g_c / (n₁ n₀)
    /// d_c = Σ_{positives of c} (V10 − A)      g_c = Σ_{negatives of c} (V01 − A)
    /// ```
    ///
    /// I clusters, of which I₁ have positives and I₀ negatives; the last term is what the two classes of a cluster have in
    /// common. With one row in each it is DeLong's variance.
    ///
    /// Source: Obuchowski (1997), "Nonparametric Analysis of Clustered ROC Curve Data", Biometrics 53(2), 567–578.
    pub(super) fn variance_of_area(&self, ranked: &RankedOutcomes, area: f64) -> Option<f64> {
        let (n1, n0) = (ranked.positives, ranked.negatives);
        let [of_positive, of_negative] = wins(ranked);
        let (mut clusters, mut with_positives, mut with_negatives) = (0.0, 0.0, 0.0);
        let (mut positives, mut negatives, mut both) = (0.0, 0.0, 0.0);
        for rows in self.each() {
            // Wins are halves of whole numbers: their sums are exact.
            let (mut d, mut g, mut n) = (0.0, 0.0, [0.0; 2]);
            for row in rows {
                if row.is_positive {
                    d += of_positive[row.group as usize];
                    n[0] += 1.0;
                } else {
                    g += of_negative[row.group as usize];
                    n[1] += 1.0;
                }
            }
            let (d, g) = (d / n0 - n[0] * area, g / n1 - n[1] * area);
            clusters += 1.0;
            with_positives += f64::from(u8::from(n[0] > 0.0));
            with_negatives += f64::from(u8::from(n[1] > 0.0));
            positives += d * d;
            negatives += g * g;
            both += d * g;
        }
        if with_positives <= 1.0 || with_negatives <= 1.0 {
            return None;
        }
        let unbiased = |count: f64| count / (count - 1.0);
        let variance = unbiased(with_positives) * positives / (n1 * n1)
            + unbiased(with_negatives) * negatives / (n0 * n0)
            + 2.0 * unbiased(clusters) * both / (n1 * n0);
        // The covariance may outweigh both by rounding, where the classes of a cluster cancel each other.
        Some(variance.max(0.0))
    }
}

/// For each group of equal scores: negatives that a positive beats, positives that beat a negative; equal ones by half.
fn wins(ranked: &RankedOutcomes) -> [Vec<f64>; 2] {
    let (mut below, mut above) = (0.0, ranked.positives);
    let mut wins = [Vec::new(), Vec::new()];
    for group in &ranked.groups {
        above -= group.positives;
        wins[0].push(below + 0.5 * group.negatives);
        wins[1].push(above + 0.5 * group.positives);
        below += group.negatives;
    }
    wins
}

fn are_distinct(clusters: &[u32]) -> bool {
    let mut sorted = clusters.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).all(|pair| pair[0] < pair[1])
}
