//! Labels of points: one whole number per point, −1 for noise.

/// The label of points that belong to no cluster.
pub const NOISE: i32 = -1;

/// Renumbers the clusters 0, 1, 2 … in the order of their first points, and returns how many there are.
///
/// Negative labels count as noise and become [`NOISE`]. Two labelings that differ in numbering only become equal, so that
/// nothing computed from them can depend on the numbering.
pub fn number_by_first_point(labels: &mut [i32]) -> usize {
    let highest = labels.iter().copied().max().unwrap_or(NOISE);
    // Labels of estimators are dense; those of callers may be anything, and then need a sorted table.
    if (highest as i64) < 4 * labels.len() as i64 {
        let mut renamed = vec![NOISE; (highest + 1).max(0) as usize];
        return renumber(labels, |label| label as usize, &mut renamed);
    }
    let mut known: Vec<i32> = labels.iter().copied().filter(|&label| label >= 0).collect();
    known.sort_unstable();
    known.dedup();
    let mut renamed = vec![NOISE; known.len()];
    renumber(
        labels,
        |label| known.binary_search(&label).expect("a known label"),
        &mut renamed,
    )
}

fn renumber(labels: &mut [i32], slot: impl Fn(i32) -> usize, renamed: &mut [i32]) -> usize {
    let mut n_clusters = 0;
    for label in labels {
        if *label < 0 {
            *label = NOISE;
            continue;
        }
        let new = &mut renamed[slot(*label)];
        if *new == NOISE {
            *new = n_clusters;
            n_clusters += 1;
        }
        *label = *new;
    }
    n_clusters as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_are_numbered_in_the_order_of_their_first_points() {
        for labels in [
            [7, -1, 3, 7, 0, 3],
            [2_000_000_000, -9, 5, 2_000_000_000, 40, 5],
        ] {
            let mut labels = labels;
            assert_eq!(number_by_first_point(&mut labels), 3);
            assert_eq!(labels, [0, NOISE, 1, 0, 2, 1]);
        }
    }

    #[test]
    fn noise_alone_is_no_cluster() {
        assert_eq!(number_by_first_point(&mut [NOISE, NOISE]), 0);
        assert_eq!(number_by_first_point(&mut []), 0);
    }
}
