//! Features of few bins that share a byte, so that a histogram adds a row once for all of them.
//!
//! A bundle of a feature with 11 bins and one with 5 has 55 codes. The sums of each feature's bins are sums over the codes: of
//! integers, so that they are the same as if each feature had been summed up alone.
//! Source: Ke et al. (2017), "LightGBM: A Highly Efficient Gradient Boosting Decision Tree", NeurIPS, section 4, bundles features
//! that are never nonzero together; here all combinations have a code, and nothing is lost.

use clientela_numerics::{StopToken, Stopped};
use rayon::prelude::*;

use super::binned::BinnedColumns;
use super::binning::{Cuts, MISSING};

/// Codes of a bundle: one for each value of a byte.
pub(crate) const CODES_MAX: usize = 256;
/// Rows coded between two looks at the stop token.
const BLOCK: usize = 8192;

/// A feature's part in the codes of its bundle: the code's digit of some weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digit {
    /// The bundle, by its place in a line.
    pub(crate) bundle: usize,
    /// What the code grows by from one bin to the next.
    pub(crate) weight: usize,
    /// Bins that occur, missing values among them where there are any.
    pub(crate) n_bins: usize,
    /// The bin whose digit is 0: the first of values where none is missing.
    pub(crate) first_bin: usize,
}

/// The codes of all rows, row by row: a histogram reads one line for all its features.
#[derive(Clone, Debug)]
pub(crate) struct BundledRows {
    codes: Vec<u8>,
    /// By feature.
    digits: Vec<Digit>,
    /// The number of codes of each bundle.
    n_codes: Vec<usize>,
}

impl BundledRows {
    pub(crate) fn new(
        bins: &BinnedColumns,
        cuts: &[Cuts],
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let has_missing = |feature| bins.column(feature).contains(&MISSING);
        let n_bins: Vec<(usize, usize)> = cuts
            .iter()
            .enumerate()
            .map(|(feature, cuts)| {
                let first = usize::from(!has_missing(feature));
                (first, cuts.n_bins() + 1 - first)
            })
            .collect();
        let (digits, n_codes) = bundled(&n_bins);
        let width = n_codes.len();
        let mut codes = vec![0; bins.n_rows() * width];
        let blocks = codes.par_chunks_mut(BLOCK * width.max(1)).enumerate();
        blocks.try_for_each(|(block, lines)| {
            stop.poll()?;
            for (feature, digit) in digits.iter().enumerate() {
                let places = lines.iter_mut().skip(digit.bundle).step_by(width);
                for (code, bin) in places.zip(&bins.column(feature)[block * BLOCK..]) {
                    *code += (bin - digit.first_bin as u8) * digit.weight as u8;
                }
            }
            Ok(())
        })?;
        Ok(Self {
            codes,
            digits,
            n_codes,
        })
    }

    /// Bytes of a line, one for each bundle.
    pub(crate) fn width(&self) -> usize {
        self.n_codes.len()
    }

    /// Line after line.
    pub(crate) fn codes(&self) -> &[u8] {
        &self.codes
    }

    pub(crate) fn digit(&self, feature: u32) -> Digit {
        self.digits[feature as usize]
    }

    pub(crate) fn n_codes(&self, bundle: usize) -> usize {
        self.n_codes[bundle]
    }
}

/// The digit of each feature and the number of codes of each bundle: the largest feature first, each into the first bundle
/// that has room.
fn bundled(n_bins: &[(usize, usize)]) -> (Vec<Digit>, Vec<usize>) {
    let mut order: Vec<usize> = (0..n_bins.len()).collect();
    order.sort_by_key(|&feature| (std::cmp::Reverse(n_bins[feature].1), feature));
    let mut n_codes: Vec<usize> = Vec::new();
    let mut digits = vec![None; n_bins.len()];
    for feature in order {
        let (first_bin, n_bins) = n_bins[feature];
        let room = n_codes.iter().position(|codes| codes * n_bins <= CODES_MAX);
        let bundle = room.unwrap_or_else(|| {
            n_codes.push(1);
            n_codes.len() - 1
        });
        digits[feature] = Some(Digit {
            bundle,
            weight: n_codes[bundle],
            n_bins,
            first_bin,
        });
        n_codes[bundle] *= n_bins;
    }
    (digits.into_iter().flatten().collect(), n_codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_a_bundle_tell_the_bins_of_all_its_features() {
        let n_bins = [(1, 255), (1, 11), (0, 11), (1, 5), (1, 1), (1, 2), (0, 256)];
        let (digits, n_codes) = bundled(&n_bins);
        assert_eq!(n_codes, [256, 255, 242, 5]);
        for (digit, (first_bin, n_bins)) in digits.iter().zip(n_bins) {
            assert_eq!((digit.first_bin, digit.n_bins), (first_bin, n_bins));
        }
        let mut seen = vec![false; 242];
        let (a, b, c) = (digits[1], digits[2], digits[5]);
        assert_eq!([a, b, c].map(|digit| digit.bundle), [2; 3]);
        for (i, j, k) in (0..11 * 11 * 2).map(|i| (i % 11, i / 11 % 11, i / 121)) {
            let code = i * a.weight + j * b.weight + k * c.weight;
            assert!(!std::mem::replace(&mut seen[code], true), "{code} twice");
        }
    }

    #[test]
    fn without_features_there_is_no_bundle() {
        assert_eq!(bundled(&[]), (vec![], vec![]));
        // Of one bin each: they all say nothing, in one code.
        assert_eq!(bundled(&[(1, 1); 9]).1, [1]);
    }
}
