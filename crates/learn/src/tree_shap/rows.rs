//! Values as codes: how many of the trees' thresholds lie below them.

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use crate::boosting::{Node, Tree};

/// The code of a missing value; others ascend with the values.
pub(super) const MISSING: u32 = 0;
/// Values coded between two looks at the stop token.
const BLOCK: usize = 16_384;

/// The distinct thresholds of each feature, ascending.
#[derive(Clone, Debug)]
pub(super) struct Thresholds(Vec<Vec<f64>>);

impl Thresholds {
    pub(super) fn of(trees: &[Tree], n_features: usize) -> Self {
        let mut of_features = vec![Vec::new(); n_features];
        for node in trees.iter().flat_map(|tree| &tree.nodes) {
            if let Node::Split {
                feature, threshold, ..
            } = *node
            {
                of_features[feature as usize].push(threshold);
            }
        }
        for thresholds in &mut of_features {
            thresholds.sort_by(f64::total_cmp);
            thresholds.dedup();
        }
        Self(of_features)
    }

    /// The number of codes of a feature, that of missing values among them.
    pub(super) fn n_codes(&self, feature: u32) -> usize {
        self.0[feature as usize].len() + 2
    }

    /// [`MISSING`] for NaN, else 1 and the number of thresholds below the value: who is at most a threshold has at most its code.
    pub(super) fn code_of(&self, feature: u32, value: f64) -> u32 {
        code_among(&self.0[feature as usize], value)
    }

    /// The codes of all values, by column; none where no tree asks for them.
    pub(super) fn code(
        &self,
        columns: &[Vec<f64>],
        stop: &StopToken,
    ) -> Result<Vec<Vec<u32>>, Stopped> {
        let coded = columns.par_iter().zip(&self.0).map(|(column, thresholds)| {
            if thresholds.is_empty() {
                return Ok(Vec::new());
            }
            let mut codes = vec![MISSING; column.len()];
            let blocks = codes.par_chunks_mut(BLOCK).zip(column.par_chunks(BLOCK));
            blocks.try_for_each(|(codes, values)| {
                stop.poll()?;
                for (code, &value) in codes.iter_mut().zip(values) {
                    *code = code_among(thresholds, value);
                }
                Ok(())
            })?;
            Ok(codes)
        });
        coded.collect()
    }
}

fn code_among(thresholds: &[f64], value: f64) -> u32 {
    if value.is_nan() {
        MISSING
    } else {
        thresholds.partition_point(|&threshold| threshold < value) as u32 + 1
    }
}
