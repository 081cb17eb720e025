//! Ward linkage: clusters are merged, two at a time, where the sum of squares grows least.
//!
//! Exact, in memory that grows linearly with the points and, in few dimensions, in nearly linear time.
//!
//! Source: Ward (1963), "Hierarchical Grouping to Optimize an Objective Function", Journal of the American
//! Statistical Association 58(301), 236–244. Merging reciprocal nearest neighbors: Murtagh (1983), "A Survey of
//! Recent Advances in Hierarchical Clustering Algorithms", The Computer Journal 26(4), 354–359; in parallel rounds:
//! Yu, Wang, Gu, Dhulipala, Shun (2022), "ParChain", PVLDB 15(2), 285–298.
//! Differs from the source: neighbors are found in a k-d tree of centroids and remembered until they merge, and
//! ties have a rule.
//! Cost: O(n) memory; about three searches per point. Deterministic on any number of threads.
//! Tested against: a sequential greedy search over all pairs (bit for bit), SciPy's `linkage(method="ward")`.
//!
//! # The tie rule, and why no schedule can change the tree
//!
//! Customer data are full of ties, and a tree that settles them by chance is another tree after any permutation of
//! the payload. Here each pair of clusters has a key, and the sequential greedy algorithm, which always merges the
//! pair with the smallest key, defines the tree:
//!
//! ```text
//! key(A, B) = (v₂₄, s + t, mix(rep A, rep B))        v = s·t/(s+t) · |c_A − c_B|²
//! ```
//!
//! with s and t the samples of A and B, c their centroids, v₂₄ the value of v rounded to 24 mantissa bits (so that
//! ties survive a change of units or any other last-digit noise), rep the smallest rank of a member among the
//! lexicographically ordered points, and mix a bijective 64-bit mix of the two ranks. The mix rather than the ranks
//! themselves, because on equally spaced points "smallest rank first" has everyone wait for the one before.
//!
//! Keys of different pairs differ, and **a union is never preferred to both of its parts** (reducibility): let
//! (A, B) have a smaller key than (X, A) and (X, B). Then v(X, A∪B) ≥ min(v(X, A), v(X, B)) by the
//! Lance–Williams formula; rounding is monotone, so the same holds for v₂₄; and where v₂₄(X, A∪B) equals the smaller
//! of the two, the second entry decides, for A∪B is strictly larger than each of its parts. Hence
//! key(X, A∪B) > min(key(X, A), key(X, B)). (A tie broken by the representatives alone would not do: rounding can
//! make v₂₄(X, A∪B) = v₂₄(X, B) < v₂₄(X, A) while rep A∪B = rep A, and the mix with A may come first.)
//!
//! Two things follow. Let A and B be reciprocal nearest neighbors by key. Whatever else merges first, no union comes
//! between them, so the greedy algorithm merges them too, and any order of merging reciprocal pairs gives its tree.
//! And a cluster's nearest neighbor stays its nearest neighbor until that neighbor itself merges, so it is searched
//! for only then. Centroids are computed with the smaller representative first and costs are symmetric to the last
//! bit, so the numbers are the same in every schedule as well. [`Tree`] lists the merges in greedy order.
//!
//! The argument is about exact v. Computed values carry errors of about 1e-16, against steps of 6e-8 in v₂₄: only
//! where such an error straddles a step may a union come before its parts. The rounds stay well defined there (see
//! `Rounds::note`), and every merge costs at most 1.2e-7 more than the cheapest, relative.

mod arrangement;
mod available;
mod clusters;
mod followers;
mod kd_tree;
mod key;
mod lanes;
mod linkage_matrix;
mod neighbors;
mod record;
mod rounds;
mod start;
mod tree;

use clientela_numerics::StopToken;

pub use linkage_matrix::{Condensed, CondensedLeaf, LinkageRow};
pub use tree::{Merge, Tree};

use crate::{FitError, Points};
use start::Start;

/// Choices that decide the speed and nothing else.
#[derive(Clone, Debug)]
struct Schedule {
    /// Share of the slots below which vacant ones are left behind.
    live_share_min: f64,
    /// Whether cheap merges are finished before the neighbors of dear ones are searched for.
    layers: bool,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            live_share_min: 0.75,
            layers: true,
        }
    }
}

/// The Ward tree of weighted points.
///
/// Shape: `n_points × n_features`; any units, but columns with a common offset far larger than their spread lose
/// digits in their means. Points that lie at the same place (after a transformation) are merged first, at height 0,
/// in the order of their ranks. One point: a tree without merges.
///
/// # Errors
/// [`FitError::TooFewSamples`] without points, [`FitError::Stopped`] when asked to stop.
///
/// # Panics
/// On 2³¹ samples or more.
///
/// # Examples
/// ```
/// use clientela_learn::{Points, ward};
/// use clientela_numerics::StopToken;
///
/// let points = Points::from_columns(&[vec![10.0, 0.0, 1.0, 12.0]]);
/// let tree = ward::linkage(&points, &StopToken::new())?;
/// assert_eq!(points.to_samples(&tree.cut(2)), [1, 0, 0, 1]);
/// assert_eq!(tree.merges()[0].height, 1.0);
/// # Ok::<(), clientela_learn::FitError>(())
/// ```
pub fn linkage(points: &Points, stop: &StopToken) -> Result<Tree, FitError> {
    scheduled(points, &Schedule::default(), stop)
}

fn scheduled(points: &Points, schedule: &Schedule, stop: &StopToken) -> Result<Tree, FitError> {
    let n_points = points.n_points();
    if n_points == 0 {
        return Err(FitError::TooFewSamples {
            needed: 1,
            given: 0,
        });
    }
    assert!(points.n_samples() < 1 << 31, "fewer than 2³¹ samples");
    let start = Start::new(points, padded_width(points.n_features()), stop)?;
    let unit = start.unit;
    let records = match start.width {
        2 => rounds::merge_all::<2>(start, n_points, schedule, stop),
        3 => rounds::merge_all::<3>(start, n_points, schedule, stop),
        4 => rounds::merge_all::<4>(start, n_points, schedule, stop),
        6 => rounds::merge_all::<6>(start, n_points, schedule, stop),
        _ => rounds::merge_all::<0>(start, n_points, schedule, stop),
    }?;
    let records = record::in_greedy_order(&records, n_points, stop)?;
    Ok(Tree::new(&records, points, unit, stop)?)
}

/// Coordinates per row: the widths for which there is code of its own, else a multiple of four.
fn padded_width(n_features: usize) -> usize {
    match n_features {
        0..=2 => 2,
        3 | 4 => n_features,
        5 | 6 => 6,
        _ => n_features.next_multiple_of(4),
    }
}

#[cfg(test)]
mod tests;
