//! Feature vectors of customers: six measures each, as `customer_features` returns them.

use crate::Ids;

/// Number of measures in a vector.
pub const N_FEATURES: usize = 6;

/// One customer's measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FeatureVector {
    /// Money spent in all, ≥ 0.
    pub purchase_total: f64,
    /// Number of orders; a whole number ≥ 0.
    pub visit_frequency: f64,
    /// Money spent per order, ≥ 0.
    pub avg_ticket: f64,
    /// Number of distinct products; a whole number ≥ 0.
    pub product_diversity: f64,
    /// The client's own loyalty score, 0–1; 0 where there is none.
    pub loyalty_score: f64,
    /// Days since the last order; a whole number ≥ 0.
    pub recency_days: f64,
}

impl FeatureVector {
    /// The measures in the order of the fields, which is also their order on the wire.
    #[must_use]
    pub fn to_array(self) -> [f64; N_FEATURES] {
        [
            self.purchase_total,
            self.visit_frequency,
            self.avg_ticket,
            self.product_diversity,
            self.loyalty_score,
            self.recency_days,
        ]
    }
}

/// A base of feature vectors, by column.
///
/// Holds: at least one customer, no two with the same id, every measure within the range that [`FeatureVector`] names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureVectors {
    ids: Ids,
    columns: [Vec<f64>; N_FEATURES],
}

impl FeatureVectors {
    /// A table of the given rows, in their order; `ids` are theirs.
    #[must_use]
    pub fn new(ids: Ids, rows: Vec<FeatureVector>) -> Self {
        debug_assert_eq!(ids.len(), rows.len(), "an id for each row");
        let mut table = Self {
            ids,
            columns: std::array::from_fn(|_| Vec::with_capacity(rows.len())),
        };
        for vector in rows {
            for (column, value) in table.columns.iter_mut().zip(vector.to_array()) {
                column.push(value);
            }
        }
        table
    }

    /// Number of customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none; never true of a validated table.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Ids in the order of the payload.
    #[must_use]
    pub fn ids(&self) -> &Ids {
        &self.ids
    }

    /// The six measures in the order of [`FeatureVector::to_array`], one value per customer.
    #[must_use]
    pub fn columns(&self) -> &[Vec<f64>; N_FEATURES] {
        &self.columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_keep_the_order_of_rows_and_fields() {
        let vector = |first: f64| FeatureVector {
            purchase_total: first,
            visit_frequency: first + 1.0,
            avg_ticket: first + 2.0,
            product_diversity: first + 3.0,
            loyalty_score: 0.5,
            recency_days: first + 5.0,
        };
        let ids: Ids = ["b", "a"].iter().collect();
        let table = FeatureVectors::new(ids.clone(), vec![vector(10.0), vector(0.0)]);
        assert_eq!((table.len(), table.is_empty()), (2, false));
        assert_eq!(table.ids(), &ids);
        assert_eq!(table.columns()[0], [10.0, 0.0]);
        assert_eq!(table.columns()[4], [0.5, 0.5]);
        assert_eq!(table.columns()[5], [15.0, 5.0]);
    }
}
