//! Shoppers in the smallest form: how often, how much, and which kinds of product.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::Ids;

/// A base of shoppers, by column.
///
/// Holds: at least one shopper, no two with the same id, frequency ≥ 1, amount ≥ 0, at least one product type each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shoppers {
    ids: Ids,
    frequency: Vec<f64>,
    amount_spent: Vec<f64>,
    type_names: Vec<String>,
    /// Product types of shopper `i` are `types[starts[i]..starts[i + 1]]`.
    starts: Vec<usize>,
    types: Vec<u32>,
}

impl Shoppers {
    /// Number of shoppers.
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

    /// Purchases of each shopper; whole numbers ≥ 1.
    #[must_use]
    pub fn frequency(&self) -> &[f64] {
        &self.frequency
    }

    /// Money spent by each shopper, ≥ 0.
    #[must_use]
    pub fn amount_spent(&self) -> &[f64] {
        &self.amount_spent
    }

    /// Names of all product types, by first appearance in the payload.
    #[must_use]
    pub fn type_names(&self) -> &[String] {
        &self.type_names
    }

    /// Distinct product types of a shopper in the order of the payload, as indices into [`Shoppers::type_names`].
    #[must_use]
    pub fn types_of(&self, shopper: usize) -> &[u32] {
        &self.types[self.starts[shopper]..self.starts[shopper + 1]]
    }

    /// Number of distinct product types of each shopper.
    #[must_use]
    pub fn n_types(&self) -> Vec<f64> {
        self.starts
            .windows(2)
            .map(|pair| (pair[1] - pair[0]) as f64)
            .collect()
    }
}

/// Builds a [`Shoppers`] table row by row, naming each product type once.
#[derive(Clone, Debug, Default)]
pub struct ShoppersBuilder {
    table: Shoppers,
    index_of: HashMap<String, u32, RandomState>,
}

impl ShoppersBuilder {
    /// A table without rows.
    #[must_use]
    pub fn new() -> Self {
        let table = Shoppers {
            starts: vec![0],
            ..Shoppers::default()
        };
        Self {
            table,
            index_of: HashMap::default(),
        }
    }

    /// The number that stands for a product type.
    pub fn type_index(&mut self, name: &str) -> u32 {
        if let Some(&index) = self.index_of.get(name) {
            return index;
        }
        let index = self.table.type_names.len() as u32;
        self.table.type_names.push(name.to_owned());
        self.index_of.insert(name.to_owned(), index);
        index
    }

    /// Adds a shopper; repeated types count once.
    pub fn push(&mut self, frequency: f64, amount_spent: f64, types: &[u32]) {
        self.table.frequency.push(frequency);
        self.table.amount_spent.push(amount_spent);
        let start = self.table.types.len();
        for &product_type in types {
            if !self.table.types[start..].contains(&product_type) {
                self.table.types.push(product_type);
            }
        }
        self.table.starts.push(self.table.types.len());
    }

    /// The finished table; `ids` are those of the shoppers that were added, in their order.
    #[must_use]
    pub fn finish(self, ids: Ids) -> Shoppers {
        debug_assert_eq!(ids.len(), self.table.frequency.len(), "an id for each row");
        Shoppers { ids, ..self.table }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_types_count_once_and_names_are_shared() {
        let mut builder = ShoppersBuilder::new();
        let [tea, wine] = ["tea", "wine"].map(|name| builder.type_index(name));
        builder.push(1.0, 5.0, &[tea, wine, tea]);
        let again = builder.type_index("wine");
        builder.push(2.0, 6.0, &[again]);
        let table = builder.finish(["a", "b"].iter().collect());
        assert_eq!(table.type_names(), ["tea", "wine"]);
        assert_eq!(
            (table.types_of(0), table.types_of(1)),
            (&[0, 1][..], &[1][..])
        );
        assert_eq!(table.n_types(), [2.0, 1.0]);
    }
}
