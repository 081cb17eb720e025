//! DBSCAN: clusters as regions in which points are dense, noise as the rest.
//!
//! Source: Ester, Kriegel, Sander, Xu (1996), "A Density-Based Algorithm for Discovering Clusters in Large Spatial Databases
//! with Noise", KDD. Components of core points by cells whose points are all neighbors, as in Gunawan (2013) and Gan, Tao
//! (2015), "DBSCAN Revisited", SIGMOD.
//! Differs from the sources: a border point joins the cluster of its nearest core point instead of the first that reaches it, so
//! that the result does not depend on the order of the points; cells are boxes of a k-d tree instead of a grid, so that any
//! number of columns will do; points carry weights.
//! Cost: near O(n_points · log n_points) in a few columns, also where thousands of points are neighbors of each other. Memory
//! O(n_points). Deterministic.
//! Tested against: the definition computed pair by pair, scikit-learn's core points and noise.

mod components;
mod kd_tree;

use clientela_numerics::{StopToken, Stopped};

use crate::blocks::map_blocks;
use crate::error::{Checked, FitError, ParamError};
use crate::labels::{NOISE, number_by_first_point};
use crate::points::Points;
use components::components;
use kd_tree::KdTree;

/// Parameters of DBSCAN.
#[derive(Clone, Debug, PartialEq)]
pub struct DbscanParams {
    /// Radius of a neighborhood, its edge included; finite and above 0, in the units of the columns.
    pub eps: f64,
    /// Samples in the neighborhood of a core point, itself included; at least 1.
    pub min_samples: usize,
}

impl Default for DbscanParams {
    fn default() -> Self {
        Self {
            eps: 0.5,
            min_samples: 5,
        }
    }
}

impl DbscanParams {
    /// Vouches for parameters within their ranges.
    ///
    /// # Errors
    /// Names the first parameter that is not.
    pub fn check(self) -> Result<Checked<Self>, ParamError> {
        if !self.eps.is_finite() || self.eps <= 0.0 {
            return Err(ParamError {
                name: "eps",
                requirement: "must be finite and above 0",
                given: self.eps,
            });
        }
        if self.min_samples < 1 {
            return Err(ParamError {
                name: "min_samples",
                requirement: "must be at least 1",
                given: self.min_samples as f64,
            });
        }
        Ok(Checked::vouch(self))
    }
}

/// A fitted DBSCAN model.
#[derive(Clone, Debug, PartialEq)]
pub struct Dbscan {
    /// Cluster of each point, numbered in the order of their first points; −1 for noise.
    pub labels: Vec<i32>,
    /// Whether each point is a core point.
    pub is_core: Vec<bool>,
    /// Number of clusters.
    pub n_clusters: usize,
}

impl Dbscan {
    /// Finds core points, joins those within `eps` of each other, and gives every other point within `eps` of a core point
    /// to the cluster of the nearest one (the lowest point of equally near ones).
    ///
    /// Two points are neighbors where the sum of their squared differences, added in the order of the columns, is at most
    /// `eps²`. Samples at one point are neighbors of each other.
    ///
    /// # Errors
    /// [`FitError::Stopped`].
    pub fn fit(
        points: &Points,
        params: &Checked<DbscanParams>,
        stop: &StopToken,
    ) -> Result<Self, FitError> {
        let rows = points.to_row_major(stop)?;
        let all: Vec<u32> = (0..points.n_points() as u32).collect();
        let tree = KdTree::build(&rows, points.n_features(), all, points.weights(), stop)?;
        let square = params.eps * params.eps;
        let is_core = core_points(
            &tree,
            points.n_points(),
            square,
            params.min_samples as f64,
            stop,
        )?;

        let cores: Vec<u32> = (0..points.n_points() as u32)
            .filter(|&i| is_core[i as usize])
            .collect();
        let core_tree = KdTree::build(&rows, points.n_features(), cores, points.weights(), stop)?;
        let mut labels = vec![NOISE; points.n_points()];
        for (position, component) in components(&core_tree, square, stop)?
            .into_iter()
            .enumerate()
        {
            labels[core_tree.point(position)] = component as i32;
        }
        join_border_points(&core_tree, &rows, square, &is_core, &mut labels, stop)?;
        let n_clusters = number_by_first_point(&mut labels);
        Ok(Self {
            labels,
            is_core,
            n_clusters,
        })
    }
}

/// Which points have at least `min_samples` samples within reach.
fn core_points(
    tree: &KdTree,
    n_points: usize,
    square: f64,
    min_samples: f64,
    stop: &StopToken,
) -> Result<Vec<bool>, Stopped> {
    let mut is_core = vec![false; n_points];
    let mut undecided = Vec::new();
    // All points of a box whose diagonal is within eps are neighbors of each other, and often that alone decides.
    tree.visit_cells(square, |positions, weight| {
        if weight >= min_samples {
            for position in positions {
                is_core[tree.point(position)] = true;
            }
        } else {
            undecided.extend(positions);
        }
        stop.poll()
    })?;
    let decided = map_blocks(undecided.len(), |range| {
        let decide = |index: usize| {
            stop.poll()?;
            Ok(tree.has_samples_within(tree.row(undecided[index]), square, min_samples))
        };
        range.map(decide).collect::<Result<Vec<bool>, Stopped>>()
    });
    let decided = decided.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
    for (position, decision) in undecided.into_iter().zip(decided) {
        is_core[tree.point(position)] = decision;
    }
    Ok(is_core)
}

/// Gives the points that are not core the label of the nearest core point within reach.
fn join_border_points(
    core_tree: &KdTree,
    rows: &[f64],
    square: f64,
    is_core: &[bool],
    labels: &mut [i32],
    stop: &StopToken,
) -> Result<(), Stopped> {
    let n_features = core_tree.n_features();
    let others: Vec<usize> = (0..labels.len()).filter(|&i| !is_core[i]).collect();
    let nearest = map_blocks(others.len(), |range| {
        let search = |index: usize| {
            stop.poll()?;
            let point = others[index];
            Ok(core_tree
                .nearest_within(&rows[point * n_features..(point + 1) * n_features], square))
        };
        range
            .map(search)
            .collect::<Result<Vec<Option<usize>>, Stopped>>()
    });
    let nearest = nearest.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
    for (point, core) in others.into_iter().zip(nearest) {
        if let Some(core) = core {
            labels[point] = labels[core];
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(column: Vec<f64>, eps: f64, min_samples: usize) -> Dbscan {
        let params = DbscanParams { eps, min_samples }.check().expect("in range");
        Dbscan::fit(&Points::from_columns(&[column]), &params, &StopToken::new())
            .expect("not stopped")
    }

    #[test]
    fn the_edge_of_the_neighborhood_belongs_to_it_and_so_does_the_point_itself() {
        let model = fit(vec![0.0, 1.0, 2.0, 3.5], 1.0, 3);
        assert_eq!(model.labels, [0, 0, 0, NOISE]);
        assert_eq!(model.is_core, [false, true, false, false]);
        assert_eq!(model.n_clusters, 1);
    }

    #[test]
    fn samples_at_one_point_count_each() {
        assert_eq!(fit(vec![5.0, 5.0, 5.0, 9.0], 0.1, 3).labels, [0, NOISE]);
        assert_eq!(fit(vec![5.0, 5.0, 5.0, 9.0], 0.1, 4).labels, [NOISE, NOISE]);
    }

    #[test]
    fn a_border_point_joins_its_nearest_core_point() {
        // The point between reaches one core point on either side and is none itself.
        let sides = |between: f64| {
            vec![
                -0.5, -0.5, -0.5, -0.5, 0.5, between, 2.5, 3.5, 3.5, 3.5, 3.5,
            ]
        };
        assert_eq!(fit(sides(1.6), 1.2, 5).labels, [0, 0, 1, 1, 1]);
        assert_eq!(fit(sides(1.5), 1.2, 5).labels, [0, 0, 0, 1, 1]);
        assert_eq!(
            fit(sides(1.5), 1.2, 5).is_core,
            [true, true, false, true, true]
        );
    }

    #[test]
    fn no_samples_are_no_clusters() {
        assert_eq!(fit(vec![], 1.0, 1).n_clusters, 0);
    }

    #[test]
    fn without_columns_all_samples_are_at_one_place() {
        let points = Points::from_columns(&[vec![1.0, 2.0]]).with_columns(Vec::new());
        let params = DbscanParams {
            eps: 0.1,
            min_samples: 2,
        }
        .check()
        .expect("in range");
        assert_eq!(
            Dbscan::fit(&points, &params, &StopToken::new())
                .expect("not stopped")
                .labels,
            [0, 0]
        );
    }

    #[test]
    fn a_stopped_fit_says_so() {
        let stop = StopToken::new();
        stop.stop();
        let params = DbscanParams::default().check().expect("in range");
        let points = Points::from_columns(&[vec![1.0, 2.0]]);
        assert_eq!(Dbscan::fit(&points, &params, &stop), Err(FitError::Stopped));
    }

    #[test]
    fn parameters_out_of_range_are_refused() {
        for (eps, min_samples, name) in [
            (0.0, 5, "eps"),
            (f64::INFINITY, 5, "eps"),
            (1.0, 0, "min_samples"),
        ] {
            assert_eq!(
                DbscanParams { eps, min_samples }
                    .check()
                    .expect_err("out of range")
                    .name,
                name
            );
        }
    }
}
