//! Which configuration wins: highest silhouette, then lowest Davies–Bouldin, then fewer clusters asked for, then the order
//! of the families.

use super::sweep::{Configuration, Scores};

/// Scores that differ by no more are equal.
const SCORE_TOLERANCE: f64 = 1e-12;

/// Indices of the configurations, the winner first, those without scores last.
///
/// The rule is applied to all, then to the ones left, and so on: with a tolerance "better" is no order that a sort could
/// use. Configurations without scores follow by family, then k.
#[must_use]
pub fn ranking(configurations: &[Configuration]) -> Vec<usize> {
    let (mut scored, mut unscored): (Vec<usize>, Vec<usize>) =
        (0..configurations.len()).partition(|&i| configurations[i].scores.is_some());
    let mut order = Vec::with_capacity(configurations.len());
    while let Some(place) = winner_among(configurations, &scored) {
        order.push(scored.remove(place));
    }
    unscored.sort_by_key(|&i| (configurations[i].family, configurations[i].k));
    order.extend(unscored);
    order
}

/// The configuration that wins; `None` where none has scores.
#[must_use]
pub fn winner(configurations: &[Configuration]) -> Option<usize> {
    let scored: Vec<usize> = (0..configurations.len())
        .filter(|&i| configurations[i].scores.is_some())
        .collect();
    winner_among(configurations, &scored).map(|place| scored[place])
}

/// What a winner owes its place to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecidedBy {
    /// A higher silhouette.
    Silhouette,
    /// A lower Davies–Bouldin, silhouettes being equal.
    DaviesBouldin,
    /// Fewer clusters asked for, scores being equal.
    NClusters,
    /// The order of the families, all else being equal.
    Family,
}

/// What sets a winner apart from the configuration that comes after it; `None` where either has no scores.
#[must_use]
pub fn decided_by(winner: &Configuration, runner_up: &Configuration) -> Option<DecidedBy> {
    let (best, other) = (winner.scores?, runner_up.scores?);
    Some(if best.silhouette > other.silhouette + SCORE_TOLERANCE {
        DecidedBy::Silhouette
    } else if best.davies_bouldin < other.davies_bouldin - SCORE_TOLERANCE {
        DecidedBy::DaviesBouldin
    } else if winner.k < runner_up.k {
        DecidedBy::NClusters
    } else {
        DecidedBy::Family
    })
}

/// The place in `among` of the configuration that wins there.
fn winner_among(configurations: &[Configuration], among: &[usize]) -> Option<usize> {
    let scores = |place: usize| -> Scores {
        configurations[among[place]]
            .scores
            .expect("only configurations with scores compete")
    };
    let mut places: Vec<usize> = (0..among.len()).collect();
    keep_highest(&mut places, |place| scores(place).silhouette);
    keep_highest(&mut places, |place| -scores(place).davies_bouldin);
    places.into_iter().min_by_key(|&place| {
        let configuration = &configurations[among[place]];
        (configuration.k, configuration.family)
    })
}

/// Keeps the places whose value is the highest but for the tolerance.
fn keep_highest(places: &mut Vec<usize>, value: impl Fn(usize) -> f64) {
    let highest = places
        .iter()
        .map(|&place| value(place))
        .fold(f64::NEG_INFINITY, f64::max);
    places.retain(|&place| value(place) >= highest - SCORE_TOLERANCE);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segmentation::Family;

    fn configuration(family: Family, k: usize, scores: Option<(f64, f64)>) -> Configuration {
        let scores = scores.map(|(silhouette, davies_bouldin)| Scores {
            silhouette,
            davies_bouldin,
            calinski_harabasz: 1.0,
        });
        Configuration {
            family,
            k,
            n_clusters: k,
            scores,
            bic: None,
        }
    }

    #[track_caller]
    fn check(configurations: &[Configuration], expected: &[usize]) {
        assert_eq!(ranking(configurations), expected);
        let scored = configurations
            .iter()
            .any(|configuration| configuration.scores.is_some());
        assert_eq!(winner(configurations), scored.then(|| expected[0]));
    }

    #[test]
    fn the_highest_silhouette_wins() {
        check(
            &[
                configuration(Family::KMeans, 3, Some((0.4, 0.1))),
                configuration(Family::Dbscan, 9, Some((0.6, 2.0))),
                configuration(Family::GaussianMixture, 4, Some((0.5, 0.3))),
            ],
            &[1, 2, 0],
        );
    }

    #[test]
    fn equal_silhouettes_are_settled_by_davies_bouldin_then_k_then_family() {
        check(
            &[
                configuration(Family::Dbscan, 3, Some((0.5, 0.3))),
                configuration(Family::KMeans, 3, Some((0.5 - 1e-13, 0.3 + 1e-13))),
                configuration(Family::Agglomerative, 4, Some((0.5 + 1e-13, 0.3))),
                configuration(Family::GaussianMixture, 5, Some((0.5, 0.2))),
                configuration(Family::Agglomerative, 3, Some((0.5, 0.3))),
            ],
            &[3, 4, 1, 0, 2],
        );
    }

    #[test]
    fn what_decided_is_the_first_rule_that_tells_them_apart() {
        let of = |k, silhouette, davies_bouldin| {
            configuration(Family::KMeans, k, Some((silhouette, davies_bouldin)))
        };
        let best = of(3, 0.5, 0.3);
        for (other, expected) in [
            (of(2, 0.4, 0.1), Some(DecidedBy::Silhouette)),
            (of(2, 0.5 - 1e-13, 0.4), Some(DecidedBy::DaviesBouldin)),
            (of(4, 0.5, 0.3 + 1e-13), Some(DecidedBy::NClusters)),
            (of(3, 0.5, 0.3), Some(DecidedBy::Family)),
            (configuration(Family::Dbscan, 1, None), None),
        ] {
            assert_eq!(decided_by(&best, &other), expected);
        }
    }

    #[test]
    fn configurations_without_scores_are_last_and_never_win() {
        check(
            &[
                configuration(Family::Dbscan, 0, None),
                configuration(Family::GaussianMixture, 3, None),
                configuration(Family::KMeans, 3, Some((-0.9, 9.0))),
            ],
            &[2, 1, 0],
        );
        check(&[configuration(Family::Dbscan, 1, None)], &[0]);
        check(&[], &[]);
    }
}
