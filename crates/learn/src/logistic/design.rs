//! The rows of a regression: numbers and categories by column, and the outcomes to learn from.

use crate::error::FitError;

/// One column of a [`Design`].
#[derive(Clone, Copy, Debug)]
pub enum Column<'a> {
    /// A number for each row, finite.
    Numeric(&'a [f64]),
    /// A level for each row, below `n_levels`.
    Categorical {
        /// The number of each row's level.
        codes: &'a [u32],
        /// How many levels there are.
        n_levels: usize,
    },
}

impl Column<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Numeric(values) => values.len(),
            Self::Categorical { codes, .. } => codes.len(),
        }
    }
}

/// Rows by column, borrowed. A category stands for as many columns of zeros and ones as it has levels, which are never built.
#[derive(Clone, Debug)]
pub struct Design<'a> {
    pub(super) columns: Vec<Column<'a>>,
    pub(super) n_rows: usize,
}

impl<'a> Design<'a> {
    /// `n_rows` rows of the given columns, of which there may be none.
    ///
    /// # Panics
    /// On columns of another length, numbers that are not finite, codes that are no level, or more than `u32::MAX` rows or
    /// levels.
    #[must_use]
    pub fn new(columns: Vec<Column<'a>>, n_rows: usize) -> Self {
        assert!(u32::try_from(n_rows).is_ok(), "at most u32::MAX rows");
        let mut n_levels_sum = 0;
        for column in &columns {
            assert_eq!(column.len(), n_rows, "columns of one length");
            match *column {
                Column::Numeric(values) => {
                    assert!(values.iter().all(|x| x.is_finite()), "finite numbers");
                }
                Column::Categorical { codes, n_levels } => {
                    n_levels_sum += n_levels;
                    assert!(
                        codes.iter().all(|&code| (code as usize) < n_levels),
                        "codes below the number of levels"
                    );
                }
            }
        }
        assert!(
            u32::try_from(n_levels_sum).is_ok(),
            "at most u32::MAX levels"
        );
        Self { columns, n_rows }
    }

    /// Rows of the design.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Columns of the design, a category being one.
    #[must_use]
    pub fn n_columns(&self) -> usize {
        self.columns.len()
    }
}

/// Rows with their outcomes.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    pub(super) design: &'a Design<'a>,
    pub(super) outcomes: &'a [bool],
    pub(super) weights: Option<&'a [f64]>,
    pub(super) groups: Option<&'a [u32]>,
}

impl<'a> Samples<'a> {
    /// Rows that all weigh 1.
    ///
    /// # Panics
    /// On another number of outcomes than rows.
    #[must_use]
    pub fn new(design: &'a Design<'a>, outcomes: &'a [bool]) -> Self {
        assert_eq!(outcomes.len(), design.n_rows, "an outcome for each row");
        Self {
            design,
            outcomes,
            weights: None,
            groups: None,
        }
    }

    /// With a weight ≥ 0 for each row that counts as so many rows; a row of weight 0 counts for nothing.
    ///
    /// # Panics
    /// On another number of weights than rows, or weights that are negative or not finite.
    #[must_use]
    pub fn with_weights(self, weights: &'a [f64]) -> Self {
        assert_eq!(weights.len(), self.outcomes.len(), "a weight for each row");
        assert!(
            weights.iter().all(|w| w.is_finite() && *w >= 0.0),
            "finite weights of at least 0"
        );
        Self {
            weights: Some(weights),
            ..self
        }
    }

    /// With the group of each row: rows of one, such as those of a customer at several dates, are never parted where some rows are
    /// held out, because a model may know a group again. Without groups every row is one of its own.
    ///
    /// # Panics
    /// On another number of groups than rows.
    #[must_use]
    pub fn with_groups(self, groups: &'a [u32]) -> Self {
        assert_eq!(groups.len(), self.outcomes.len(), "a group for each row");
        Self {
            groups: Some(groups),
            ..self
        }
    }

    /// Rows of positive weight.
    pub(super) fn counted_rows(&self) -> Vec<u32> {
        let rows = 0..self.outcomes.len() as u32;
        rows.filter(|&row| self.weight(row) > 0.0).collect()
    }

    /// Whether rows of positive weight have both outcomes.
    pub(super) fn check_classes(&self) -> Result<(), FitError> {
        let has = |class: bool| {
            let mut rows = 0..self.outcomes.len() as u32;
            rows.any(|row| self.outcomes[row as usize] == class && self.weight(row) > 0.0)
        };
        match (has(true), has(false)) {
            (true, true) => Ok(()),
            (false, false) => Err(FitError::TooFewSamples {
                needed: 2,
                given: 0,
            }),
            _ => Err(FitError::Degenerate("all outcomes are of one class")),
        }
    }

    /// Rows of positive weight by group: groups in the order of their first rows, rows ascending.
    pub(super) fn counted_groups(&self) -> Vec<Vec<u32>> {
        let rows = self.counted_rows();
        let Some(groups) = self.groups else {
            return rows.into_iter().map(|row| vec![row]).collect();
        };
        let mut by_group = rows;
        by_group.sort_by_key(|&row| groups[row as usize]);
        let is_same = |a: &u32, b: &u32| groups[*a as usize] == groups[*b as usize];
        let mut members: Vec<Vec<u32>> = by_group.chunk_by(is_same).map(<[u32]>::to_vec).collect();
        members.sort_unstable_by_key(|rows| rows[0]);
        members
    }

    pub(super) fn weight(&self, row: u32) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row as usize])
    }
}
