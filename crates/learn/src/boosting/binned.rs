//! Rows whose values have been replaced by their bins.

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::binning::{Cuts, MISSING};

/// Rows binned between two looks at the stop token.
const BLOCK: usize = 8192;

/// The bins of all rows, by feature: who parts rows reads one feature of many rows.
#[derive(Clone, Debug)]
pub(crate) struct BinnedColumns {
    columns: Vec<Vec<u8>>,
    n_rows: usize,
}

impl BinnedColumns {
    /// Looks up the bin of each value.
    pub(crate) fn new(
        columns: &[Vec<f64>],
        cuts: &[Cuts],
        n_rows: usize,
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let binned = columns.par_iter().zip(cuts).map(|(column, cuts)| {
            let mut bins = vec![MISSING; n_rows];
            let blocks = bins.par_chunks_mut(BLOCK).zip(column.par_chunks(BLOCK));
            blocks.try_for_each(|(bins, values)| {
                stop.poll()?;
                for (bin, &value) in bins.iter_mut().zip(values) {
                    *bin = cuts.bin_of(value);
                }
                Ok(())
            })?;
            Ok(bins)
        });
        Ok(Self {
            columns: binned.collect::<Result<_, Stopped>>()?,
            n_rows,
        })
    }

    pub(super) fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// The bins of one feature, row by row.
    #[inline]
    pub(crate) fn column(&self, feature: usize) -> &[u8] {
        &self.columns[feature]
    }
}
