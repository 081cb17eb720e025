//! The rows and columns that one tree sees.

use clientela_numerics::{RandomStream, StopToken, Stopped};
use rayon::prelude::*;

/// Rows drawn from one stream: each block has its own, so that blocks may be drawn on any thread.
const BLOCK: usize = 16_384;

/// Writes the rows (ascending) that a tree sees: those of positive weight, each with probability `share`.
pub(super) fn sample_rows(
    sampled: &mut Vec<u32>,
    n_rows: usize,
    weights: Option<&[f64]>,
    share: f64,
    seed: u64,
    tree: usize,
    stop: &StopToken,
) -> Result<(), Stopped> {
    sampled.clear();
    if share >= 1.0 && weights.is_none() {
        sampled.extend(0..n_rows as u32);
        return Ok(());
    }
    let counts = |row: u32| weights.is_none_or(|weights| weights[row as usize] > 0.0);
    let blocks = (0..n_rows.div_ceil(BLOCK)).into_par_iter().map(|block| {
        stop.poll()?;
        let rows = (block * BLOCK) as u32..((block + 1) * BLOCK).min(n_rows) as u32;
        let name = (tree as u64) << 32 | block as u64;
        let mut stream = RandomStream::new(seed, "boosting rows", name);
        let mut drawn = vec![0; rows.len()];
        let mut n_drawn = 0;
        for row in rows {
            let is_drawn = share >= 1.0 || stream.uniform() < share;
            // Written in any case, kept where it was drawn: no branch that depends on chance.
            drawn[n_drawn] = row;
            n_drawn += usize::from(is_drawn & counts(row));
        }
        drawn.truncate(n_drawn);
        Ok(drawn)
    });
    for block in blocks.collect::<Result<Vec<_>, Stopped>>()? {
        sampled.extend(block);
    }
    Ok(())
}

/// A share of the features (ascending), rounded up: at least one where there is any.
pub(super) fn sampled_features(n_features: usize, share: f64, seed: u64, tree: usize) -> Vec<u32> {
    let mut features: Vec<u32> = (0..n_features as u32).collect();
    let n_taken = (libm::ceil(share * n_features as f64) as usize).clamp(1, n_features.max(1));
    if n_taken < n_features {
        RandomStream::new(seed, "boosting features", tree as u64).shuffle(&mut features);
        features.truncate(n_taken);
        features.sort_unstable();
    }
    features
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_rows_is_taken_and_never_one_without_weight() {
        let weights: Vec<f64> = (0..100_000).map(|i| f64::from(i % 2)).collect();
        let mut rows = vec![7];
        sample_rows(
            &mut rows,
            100_000,
            Some(&weights),
            0.3,
            1,
            0,
            &StopToken::new(),
        )
        .expect("nobody asks to stop");
        assert!(rows.is_sorted() && rows.iter().all(|row| row % 2 == 1));
        assert!((14_500..15_500).contains(&rows.len()), "{}", rows.len());
    }

    #[test]
    fn trees_see_different_columns() {
        let of = |tree| sampled_features(9, 0.5, 7, tree);
        assert!((0..20).all(|tree| of(tree).len() == 5 && of(tree).is_sorted()));
        assert!((1..20).any(|tree| of(tree) != of(0)));
        assert_eq!(sampled_features(3, 1.0, 7, 0), [0, 1, 2]);
        assert_eq!(sampled_features(3, 1e-9, 7, 0).len(), 1);
        assert!(sampled_features(0, 1.0, 7, 0).is_empty());
    }
}
