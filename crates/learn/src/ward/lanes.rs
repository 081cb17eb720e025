//! A transposed copy of the centroids, sixteen clusters side by side, by which a whole leaf is sifted at once.
//!
//! Sifting decides nothing: it drops clusters that surely cost too much, with slack for its own rounding, and those
//! that are left are looked at exactly. That is why it may use single precision where there are many features, and
//! any order of summation.

/// Clusters in a leaf.
pub(super) const LANES: usize = 16;

/// Features after which a leaf that is far away may be given up.
const FEATURES_PER_LOOK: usize = 8;

/// Share of a squared distance that a sum in double precision surely keeps.
const DOUBLE_SHARE: f64 = 1.0 - 1e-9;

/// Coordinates by leaf, then by feature, then by lane: in double precision where `D`, the number of coordinates, is
/// known at compile time, else (`D` is 0) in single precision.
pub(super) struct Lanes<const D: usize> {
    width: usize,
    few: Vec<[f64; LANES]>,
    many: Vec<[f32; LANES]>,
    slack: Slack,
}

/// The centroid from which a leaf is looked at.
pub(super) struct Viewpoint<const D: usize> {
    few: [f64; D],
    many: Vec<f32>,
}

/// What single precision may lose: a squared distance d² that comes out as S is at least `share · S − absolute`.
///
/// With R the largest norm of a centroid, rounding the coordinates and their differences moves the difference vector
/// by at most e = 2⁻²¹·R, and (√S − e)² ≥ (1 − 2⁻¹²)·S − 2¹²·e². The sum itself loses at most `width · 2⁻²⁴` of S.
#[derive(Clone, Copy, Debug)]
struct Slack {
    share: f64,
    absolute: f64,
}

impl Slack {
    fn new(width: usize, largest_squared_norm: f64) -> Self {
        let unit = 1.0 / f64::from(1 << 23);
        Self {
            share: 1.0 - 1.0 / 4096.0 - (width + 8) as f64 * unit,
            absolute: largest_squared_norm * unit / 128.0,
        }
    }
}

impl<const D: usize> Lanes<D> {
    /// No leaves yet, for centroids of at most this norm.
    pub fn new(width: usize, largest_squared_norm: f64) -> Self {
        Self {
            width,
            few: Vec::new(),
            many: Vec::new(),
            slack: Slack::new(width, largest_squared_norm),
        }
    }

    /// Adds a leaf with copies of `centroids` (row-major), the lanes that are left being vacant: NaN.
    pub fn push_leaf(&mut self, centroids: &[f64]) {
        let leaf = (self.few.len() + self.many.len()) / self.width;
        if D == 0 {
            self.many.resize((leaf + 1) * self.width, [f32::NAN; LANES]);
        } else {
            self.few.resize((leaf + 1) * D, [f64::NAN; LANES]);
        }
        for (lane, centroid) in centroids.chunks_exact(self.width).enumerate() {
            self.set((leaf * LANES + lane) as u32, centroid);
        }
    }

    /// Replaces the centroid of a slot.
    pub fn set(&mut self, slot: u32, centroid: &[f64]) {
        let (leaf, lane) = (slot as usize / LANES, slot as usize % LANES);
        for (j, &x) in centroid.iter().enumerate() {
            if D == 0 {
                self.many[leaf * self.width + j][lane] = x as f32;
            } else {
                self.few[leaf * D + j][lane] = x;
            }
        }
    }

    pub fn viewpoint(centroid: &[f64]) -> Viewpoint<D> {
        Viewpoint {
            few: std::array::from_fn(|j| centroid[j]),
            many: if D == 0 {
                centroid.iter().map(|&x| x as f32).collect()
            } else {
                Vec::new()
            },
        }
    }

    /// Lower bounds of the squared distances to the clusters of a leaf; none where all are above `limit`.
    #[inline(always)]
    pub fn squared_distances(
        &self,
        leaf: usize,
        from: &Viewpoint<D>,
        limit: f64,
    ) -> Option<[f64; LANES]> {
        if D == 0 {
            self.squared_of_many(leaf, from, limit)
        } else {
            Some(self.squared_of_few(leaf, from))
        }
    }

    #[inline(always)]
    fn squared_of_few(&self, leaf: usize, from: &Viewpoint<D>) -> [f64; LANES] {
        let coordinates: &[[f64; LANES]; D] =
            self.few[leaf * D..][..D].try_into().expect("D features");
        std::array::from_fn(|lane| {
            let mut sum = 0.0;
            for (lanes, x) in coordinates.iter().zip(&from.few) {
                let gap = x - lanes[lane];
                sum += gap * gap;
            }
            sum * DOUBLE_SHARE
        })
    }

    fn squared_of_many(
        &self,
        leaf: usize,
        from: &Viewpoint<D>,
        limit: f64,
    ) -> Option<[f64; LANES]> {
        let Slack { share, absolute } = self.slack;
        let limit = ((limit + absolute) / share * (1.0 + 1e-6)) as f32;
        let coordinates = &self.many[leaf * self.width..][..self.width];
        let mut sums = [0.0_f32; LANES];
        let looks = coordinates
            .chunks(FEATURES_PER_LOOK)
            .zip(from.many.chunks(FEATURES_PER_LOOK));
        for (coordinates, centroid) in looks {
            for (lanes, x) in coordinates.iter().zip(centroid) {
                for (sum, y) in sums.iter_mut().zip(lanes) {
                    let gap = x - y;
                    *sum += gap * gap;
                }
            }
            if !sums.iter().any(|&sum| sum <= limit) {
                return None;
            }
        }
        Some(sums.map(|sum| f64::from(sum) * share - absolute))
    }
}
