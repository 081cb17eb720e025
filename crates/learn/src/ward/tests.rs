//! What only the inside can show: no choice of speed changes the tree, and the searches miss nothing.

use clientela_numerics::StopToken;

use super::clusters::Clusters;
use super::kd_tree::KdTree;
use super::key::Key;
use super::lanes::{LANES, Lanes};
use super::start::Start;
use super::{Schedule, padded_width, scheduled};
use crate::Points;

/// Uniform in [0, 1): a stream of numbers for data.
struct Stream(u64);

impl Stream {
    fn unit(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn points(
        &mut self,
        n_samples: usize,
        n_features: usize,
        value: impl Fn(f64) -> f64,
    ) -> Points {
        let mut column = |_| (0..n_samples).map(|_| value(self.unit())).collect();
        Points::from_columns(&(0..n_features).map(&mut column).collect::<Vec<Vec<f64>>>())
    }
}

fn data_sets() -> Vec<Points> {
    let mut stream = Stream(3);
    let mut sets = Vec::new();
    for n_features in [1, 3, 6, 17] {
        sets.push(stream.points(700, n_features, |u| u));
        sets.push(stream.points(900, n_features, |u| (5.0 * u).floor() / 3.0));
        sets.push(stream.points(700, n_features, |u| (u * u * u * 40.0).floor()));
    }
    let gaps = (0..800).map(|i| 1.03_f64.powi(i)).collect();
    sets.push(Points::from_columns(&[gaps]));
    sets
}

#[test]
fn no_schedule_changes_the_tree() {
    for points in data_sets() {
        let on = |layers: bool, live_share_min: f64| {
            let schedule = Schedule {
                layers,
                live_share_min,
            };
            scheduled(&points, &schedule, &StopToken::new()).expect("a tree")
        };
        let tree = on(true, 0.75);
        for (layers, live_share_min) in [
            (false, 0.75),
            (true, 0.0),
            (false, 0.0),
            (true, 1.0),
            (false, 1.0),
        ] {
            assert_eq!(
                on(layers, live_share_min),
                tree,
                "layers {layers}, rebuilt below {live_share_min}"
            );
        }
    }
}

/// Compares every search with a look at all pairs, before and after half of the clusters were merged.
fn check_searches<const D: usize>(points: &Points, width: usize) {
    let stop = StopToken::new();
    let mut clusters: Clusters<D> = Start::new(points, width, &stop)
        .and_then(|start| Clusters::new(start, &stop))
        .expect("nobody stops it");
    let mut tree = KdTree::new(&clusters, &stop).expect("nobody stops it");
    for stage in 0..2 {
        let live: Vec<u32> = (0..clusters.n_slots() as u32)
            .filter(|&slot| !clusters.is_vacant(slot))
            .collect();
        for &of in live.iter().step_by(7) {
            let keys = live
                .iter()
                .filter(|&&slot| slot != of)
                .map(|&slot| clusters.key(of, slot));
            let first = keys.min_by_key(Key::sortable).expect("others");
            for cutoff in [f64::INFINITY, first.cost, first.cost * 0.5] {
                let found = tree.nearest(&clusters, of, live.first().copied(), cutoff, &stop);
                let expected = if cutoff < first.cost {
                    Key::last_within(cutoff)
                } else {
                    first
                };
                assert_eq!(
                    found.key, expected,
                    "stage {stage}, slot {of}, cutoff {cutoff}"
                );
                assert_eq!(
                    found.slot.map(|slot| clusters.key(of, slot)),
                    found.slot.map(|_| first)
                );
            }
        }
        // Far ones, so that the boxes of other leaves have to grow.
        let (left, right) = live.split_at(live.len() / 2);
        for (&kept, &gone) in left.iter().zip(right.iter().rev()) {
            clusters.merge(kept, gone, 0);
            tree.widen(&clusters, kept);
        }
    }
}

#[test]
fn a_search_finds_the_smallest_key_within_its_cutoff() {
    for points in data_sets() {
        match padded_width(points.n_features()) {
            2 => check_searches::<2>(&points, 2),
            3 => check_searches::<3>(&points, 3),
            6 => check_searches::<6>(&points, 6),
            width => check_searches::<0>(&points, width),
        }
    }
}

#[test]
fn sifting_never_overstates_a_distance() {
    let width = 24;
    let mut stream = Stream(8);
    for magnitude in [1.0, 1e-3, 1e-6, 1e-9] {
        let mut value = |j: usize| 1.0 / (1.0 + (j % width) as f64) + magnitude * stream.unit();
        let rows: Vec<f64> = (0..(LANES + 40) * width).map(&mut value).collect();
        let (leaf, others) = rows.split_at(LANES * width);
        let squared_norm = |row: &[f64]| row.iter().map(|x| x * x).sum::<f64>();
        let largest = rows
            .chunks_exact(width)
            .map(squared_norm)
            .fold(0.0, f64::max);
        let mut lanes: Lanes<0> = Lanes::new(width, largest);
        lanes.push_leaf(leaf);
        for from in others
            .chunks_exact(width)
            .map(Lanes::viewpoint)
            .zip(others.chunks_exact(width))
        {
            let squared = |row: &[f64]| {
                row.iter()
                    .zip(from.1)
                    .map(|(x, y)| (x - y) * (x - y))
                    .sum::<f64>()
            };
            let squared: Vec<f64> = leaf.chunks_exact(width).map(squared).collect();
            let nearest = squared.iter().copied().fold(f64::INFINITY, f64::min);
            let bounds = lanes
                .squared_distances(0, &from.0, nearest)
                .expect("one is within the limit");
            for (&squared, bound) in squared.iter().zip(bounds) {
                assert!(
                    bound <= squared && bound >= 0.999 * squared - 1e-9 * largest,
                    "{bound} {squared}"
                );
            }
            let far = lanes.squared_distances(0, &from.0, 0.99 * nearest - 2e-9 * largest);
            assert!(far.is_none(), "all are beyond the limit");
        }
    }
}
