//! The slow, obvious Ward: look at all pairs, merge the first one, start again. O(n³).

use clientela_learn::Points;
use clientela_learn::ward::Merge;

struct Cluster {
    node: u32,
    representative: u32,
    size: f64,
    centroid: Vec<f64>,
    height: f64,
}

/// All merges of the sequential greedy algorithm, with the heights and the ties of the documented rule.
pub fn greedy(points: &Points) -> Vec<Merge> {
    let n_points = points.n_points();
    let mut merges = Vec::new();
    let mut live: Vec<Cluster> = Vec::new();
    for point in 0..n_points {
        let centroid: Vec<f64> = points
            .columns()
            .iter()
            .map(|column| column[point])
            .collect();
        let size = points.weights()[point];
        let here = live.iter_mut().find(|cluster| cluster.centroid == centroid);
        if let Some(cluster) = here {
            cluster.size += size;
            let node = (n_points + merges.len()) as u32;
            merges.push(Merge {
                left: cluster.node,
                right: point as u32,
                height: 0.0,
                n_samples: cluster.size as u32,
            });
            cluster.node = node;
        } else {
            let point = point as u32;
            live.push(Cluster {
                node: point,
                representative: point,
                size,
                centroid,
                height: 0.0,
            });
        }
    }
    while live.len() > 1 {
        let pairs = (1..live.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
        let (a, b) = pairs
            .min_by_key(|&(a, b)| key(&live[a], &live[b]))
            .expect("two clusters");
        let (a, b) = if live[a].representative < live[b].representative {
            (a, b)
        } else {
            (b, a)
        };
        let union = union(&live[a], &live[b], (n_points + merges.len()) as u32);
        merges.push(Merge {
            left: live[a].node,
            right: live[b].node,
            height: union.height,
            n_samples: union.size as u32,
        });
        live.swap_remove(a.max(b));
        live[a.min(b)] = union;
    }
    merges
}

fn union(a: &Cluster, b: &Cluster, node: u32) -> Cluster {
    let size = a.size + b.size;
    let mean = |(x, y): (&f64, &f64)| (a.size * x + b.size * y) / size;
    Cluster {
        node,
        representative: a.representative,
        size,
        centroid: a.centroid.iter().zip(&b.centroid).map(mean).collect(),
        height: (2.0 * cost(a, b)).sqrt().max(a.height).max(b.height),
    }
}

fn key(a: &Cluster, b: &Cluster) -> (u64, u64, u64) {
    (
        rounded_to_24_bits(cost(a, b)),
        (a.size + b.size) as u64,
        mixed(a.representative, b.representative),
    )
}

fn cost(a: &Cluster, b: &Cluster) -> f64 {
    let mut lanes = [0.0; 4];
    for (j, (x, y)) in a.centroid.iter().zip(&b.centroid).enumerate() {
        lanes[j % 4] += (x - y) * (x - y);
    }
    a.size * b.size / (a.size + b.size) * ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3]))
}

/// The bits of the cost in units of the last of 24 mantissa bits, halves up.
fn rounded_to_24_bits(cost: f64) -> u64 {
    (cost.to_bits() >> 29) + ((cost.to_bits() >> 28) & 1)
}

fn mixed(a: u32, b: u32) -> u64 {
    let mut z = u64::from(a.min(b)) * (1 << 32) + u64::from(a.max(b));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
