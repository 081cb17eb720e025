//! The space in which clusters are found and scored.

use clientela_learn::Points;
use clientela_learn::scale::z_scores;
use clientela_numerics::stats::Moments;
use clientela_numerics::{StopToken, Stopped};
use clientela_tables::{FeatureVectors, Shoppers};

use crate::categories::CategoryCounts;

/// Most bought product types that become columns of their own: with more, rare types drown the numbers.
pub const N_CATEGORY_COLUMNS: usize = 50;

/// How columns are brought to comparable units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scaling {
    /// Not at all: original units.
    #[default]
    None,
    /// `(x − mean) / σ`
    ZScore,
    /// z-scores of `ln(1 + x)`, for columns with a long right tail.
    LogZScore,
}

/// Which columns of a shopper count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShopperColumns {
    /// Frequency, amount spent, number of distinct product types.
    #[default]
    Numeric,
    /// These and one column for each of the [`N_CATEGORY_COLUMNS`] most bought product types.
    NumericAndCategories,
}

/// A column of the space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// A number of the table, by its place.
    Number(usize),
    /// Whether a product type was bought, by its index.
    Category(u32),
}

/// The columns of a base in original units, as distinct rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns {
    names: Vec<Column>,
    n_numbers: usize,
    rows: Points,
}

impl Columns {
    /// Frequency, amount spent and number of product types, then the columns of the product types: most bought first,
    /// equally bought ones by name, so that no order of the payload decides.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn of_shoppers(
        shoppers: &Shoppers,
        columns: ShopperColumns,
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let categories = match columns {
            ShopperColumns::Numeric => Vec::new(),
            ShopperColumns::NumericAndCategories => {
                CategoryCounts::of(shoppers).most_bought(shoppers, N_CATEGORY_COLUMNS)
            }
        };
        let mut values = vec![
            shoppers.frequency().to_vec(),
            shoppers.amount_spent().to_vec(),
            shoppers.n_types(),
        ];
        let n_numbers = values.len();
        values.extend(bought(shoppers, &categories));
        let numbers = (0..n_numbers).map(Column::Number);
        let names = numbers
            .chain(categories.into_iter().map(Column::Category))
            .collect();
        Ok(Self {
            names,
            n_numbers,
            rows: Points::from_columns_until(&values, stop)?,
        })
    }

    /// Frequency, amount spent and number of product types of some of the shoppers, given by index.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn of_group(
        shoppers: &Shoppers,
        members: &[u32],
        stop: &StopToken,
    ) -> Result<Self, Stopped> {
        let gathered = |value: &dyn Fn(usize) -> f64| -> Vec<f64> {
            members
                .iter()
                .map(|&member| value(member as usize))
                .collect()
        };
        let values = [
            gathered(&|member| shoppers.frequency()[member]),
            gathered(&|member| shoppers.amount_spent()[member]),
            gathered(&|member| shoppers.types_of(member).len() as f64),
        ];
        Ok(Self {
            names: (0..values.len()).map(Column::Number).collect(),
            n_numbers: values.len(),
            rows: Points::from_columns_until(&values, stop)?,
        })
    }

    /// The six measures.
    ///
    /// # Errors
    /// [`Stopped`] when the stop token is set.
    pub fn of_vectors(vectors: &FeatureVectors, stop: &StopToken) -> Result<Self, Stopped> {
        let n_numbers = vectors.columns().len();
        let names = (0..n_numbers).map(Column::Number).collect();
        Ok(Self {
            names,
            n_numbers,
            rows: Points::from_columns_until(vectors.columns(), stop)?,
        })
    }

    /// The distinct rows in original units, one column for each name.
    #[must_use]
    pub fn rows(&self) -> &Points {
        &self.rows
    }

    /// The space of these columns under a scaling. Category columns are z-scored under every one.
    #[must_use]
    pub fn space(&self, scaling: Scaling) -> Space {
        let z_scored = match scaling {
            Scaling::None | Scaling::ZScore => z_scores(&self.rows),
            Scaling::LogZScore => z_scores(&self.with_log_numbers()),
        };
        let has_spread = |j: &usize| !z_scored.left_out.contains(j);
        let kept: Vec<usize> = (0..self.names.len()).filter(has_spread).collect();
        let variance = |j: usize| -> f64 {
            match scaling {
                Scaling::None if j < self.n_numbers => z_scored.moments[j].variance,
                _ => f64::from(u8::from(kept.contains(&j))),
            }
        };
        let variances: Vec<f64> = (0..self.names.len()).map(variance).collect();
        let total: f64 = variances.iter().sum();
        let share = |(&column, variance): (&Column, f64)| VarianceShare {
            column,
            share: (total > 0.0).then(|| variance / total),
        };
        let variance_shares = self.names.iter().zip(variances).map(share).collect();
        let (points, neighborhoods) = match scaling {
            Scaling::None => {
                let categories = kept.iter().zip(z_scored.points.columns());
                let categories = categories.filter(|(j, _)| **j >= self.n_numbers);
                let numbers = self.rows.columns()[..self.n_numbers].iter();
                let columns = numbers
                    .chain(categories.map(|(_, column)| column))
                    .cloned()
                    .collect();
                (self.rows.with_columns(columns), Some(z_scored.points))
            }
            Scaling::ZScore | Scaling::LogZScore => (z_scored.points, None),
        };
        Space {
            points,
            neighborhoods,
            variance_shares,
            has_spread: total > 0.0,
        }
    }

    fn with_log_numbers(&self) -> Points {
        let columns = self.rows.columns().iter().enumerate().map(|(j, column)| {
            if j < self.n_numbers {
                column.iter().map(|&value| libm::log1p(value)).collect()
            } else {
                column.clone()
            }
        });
        self.rows.with_columns(columns.collect())
    }

    /// Mean and variance of a column over all customers, in original units. No order of the payload shows in them.
    #[must_use]
    pub fn moments(&self, column: usize) -> Moments {
        Moments::of_weighted(&self.rows.columns()[column], self.rows.weights())
            .expect("a table has rows")
    }
}

/// One column of zeros and ones for each category.
fn bought(shoppers: &Shoppers, categories: &[u32]) -> Vec<Vec<f64>> {
    let mut column_of = vec![None; shoppers.type_names().len()];
    for (column, &category) in categories.iter().enumerate() {
        column_of[category as usize] = Some(column);
    }
    let mut columns = vec![vec![0.0; shoppers.len()]; categories.len()];
    let types = (0..shoppers.len()).map(|shopper| shoppers.types_of(shopper));
    for (shopper, types) in types.enumerate() {
        for &category in types {
            if let Some(column) = column_of[category as usize] {
                columns[column][shopper] = 1.0;
            }
        }
    }
    columns
}

/// How much of the squared distances a column decides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VarianceShare {
    /// The column.
    pub column: Column,
    /// Its variance over the sum of all, 0–1; `None` where no column has spread.
    pub share: Option<f64>,
}

/// Distinct rows in the units in which distances count.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    points: Points,
    /// Where it differs from `points`.
    neighborhoods: Option<Points>,
    variance_shares: Vec<VarianceShare>,
    has_spread: bool,
}

impl Space {
    /// The rows that are clustered and scored.
    #[must_use]
    pub fn points(&self) -> &Points {
        &self.points
    }

    /// The same rows in z-scores, in which DBSCAN looks for neighbors.
    #[must_use]
    pub fn neighborhoods(&self) -> &Points {
        self.neighborhoods.as_ref().unwrap_or(&self.points)
    }

    /// The share of every column, left out of distances or not.
    #[must_use]
    pub fn variance_shares(&self) -> &[VarianceShare] {
        &self.variance_shares
    }

    /// Number of rows that distances tell apart: 1 where no column has any spread.
    #[must_use]
    pub fn n_distinct(&self) -> usize {
        if self.has_spread {
            self.points.n_points()
        } else {
            1
        }
    }
}

#[cfg(test)]
mod tests {
    use clientela_tables::ShoppersBuilder;

    use super::*;

    fn base(rows: &[(f64, f64, &[&str])]) -> Shoppers {
        let mut builder = ShoppersBuilder::new();
        for (frequency, amount, types) in rows {
            let types: Vec<u32> = types.iter().map(|name| builder.type_index(name)).collect();
            builder.push(*frequency, *amount, &types);
        }
        builder.finish((0..rows.len()).map(|index| index.to_string()).collect())
    }

    fn columns(shoppers: &Shoppers, columns: ShopperColumns) -> Columns {
        Columns::of_shoppers(shoppers, columns, &StopToken::new()).expect("time")
    }

    fn shares(space: &Space) -> Vec<f64> {
        space
            .variance_shares()
            .iter()
            .map(|share| share.share.expect("spread"))
            .collect()
    }

    #[track_caller]
    fn assert_close(found: &[f64], expected: [f64; 2]) {
        assert_eq!(found.len(), 2);
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15, "{found} for {expected}");
        }
    }

    const ROWS: [(f64, f64, &[&str]); 3] = [
        (1.0, 100.0, &["tea"]),
        (3.0, 300.0, &["tea", "wine"]),
        (1.0, 100.0, &["tea"]),
    ];

    #[test]
    fn original_units_let_the_widest_column_decide() {
        let space = columns(&base(&ROWS), ShopperColumns::Numeric).space(Scaling::None);
        assert_eq!(
            space.points().columns(),
            [[1.0, 3.0], [100.0, 300.0], [1.0, 2.0]]
        );
        assert_eq!(space.points().weights(), [2.0, 1.0]);
        assert_close(
            &space.neighborhoods().columns()[1],
            [-0.5_f64.sqrt(), 2_f64.sqrt()],
        );
        let shares = shares(&space);
        assert!(shares[1] > 0.9998 && (shares.iter().sum::<f64>() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn a_group_has_the_columns_of_its_members() {
        let shoppers = base(&ROWS);
        let group = Columns::of_group(&shoppers, &[1, 2], &StopToken::new()).expect("time");
        assert_eq!(
            group.rows().columns(),
            [[1.0, 3.0], [100.0, 300.0], [1.0, 2.0]]
        );
        let everybody = Columns::of_group(&shoppers, &[0, 1, 2], &StopToken::new()).expect("time");
        assert_eq!(everybody, columns(&shoppers, ShopperColumns::Numeric));
    }

    #[test]
    fn z_scores_give_every_column_with_spread_the_same_share() {
        let rows: [(f64, f64, &[&str]); 2] = [(1.0, 5.0, &["a"]), (9.0, 5.0, &["b", "a"])];
        for scaling in [Scaling::ZScore, Scaling::LogZScore] {
            let space = columns(&base(&rows), ShopperColumns::Numeric).space(scaling);
            assert_eq!(shares(&space), [0.5, 0.0, 0.5]);
            assert_eq!(space.points().n_features(), 2);
            assert_eq!(space.neighborhoods(), space.points());
            assert_close(&space.points().columns()[0], [-1.0, 1.0]);
        }
    }

    #[test]
    fn category_columns_are_z_scored_under_every_scaling() {
        for scaling in [Scaling::None, Scaling::ZScore, Scaling::LogZScore] {
            let columns = columns(&base(&ROWS), ShopperColumns::NumericAndCategories);
            let space = columns.space(scaling);
            // Everybody buys tea, so only wine has spread: one in three, σ = √2 / 3.
            assert_eq!(space.points().n_features(), 4);
            assert_close(
                &space.points().columns()[3],
                [-0.5_f64.sqrt(), 2_f64.sqrt()],
            );
            let names: Vec<Column> = space
                .variance_shares()
                .iter()
                .map(|share| share.column)
                .collect();
            assert_eq!(
                names[2..],
                [Column::Number(2), Column::Category(0), Column::Category(1)]
            );
        }
    }

    #[test]
    fn equal_rows_are_one_and_have_no_shares() {
        let rows: [(f64, f64, &[&str]); 2] = [(1.0, 5.0, &["a"]), (1.0, 5.0, &["b"])];
        let space = columns(&base(&rows), ShopperColumns::Numeric).space(Scaling::None);
        assert_eq!(space.n_distinct(), 1);
        assert!(
            space
                .variance_shares()
                .iter()
                .all(|share| share.share.is_none())
        );
    }

    #[test]
    fn spread_too_small_for_a_double_is_none() {
        let rows: [(f64, f64, &[&str]); 2] = [(1.0, 1e-200, &["a"]), (1.0, 2e-200, &["a"])];
        let space = columns(&base(&rows), ShopperColumns::Numeric).space(Scaling::None);
        assert_eq!((space.points().n_points(), space.n_distinct()), (2, 1));
    }
}
