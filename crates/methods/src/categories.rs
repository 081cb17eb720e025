//! Which kinds of product a group of customers stands out by.
//!
//! Source: Salton, Buckley (1988), "Term-weighting approaches in automatic text retrieval", Information Processing &
//! Management 24(5), 513–523, with customers as documents and product types as terms.
//! Differs from the source: the document frequency is smoothed as in scikit-learn, so that a type that everybody buys still
//! counts.
//! Cost: O(total number of types bought), and a sort of the types of each cluster. Deterministic.

use clientela_tables::Shoppers;

/// A product type within a cluster.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CategoryScore {
    /// Index into [`Shoppers::type_names`].
    pub category: u32,
    /// Customers of the cluster that bought it; at least 1.
    pub n_customers: usize,
    /// TF-IDF, > 0; comparable within one cluster only.
    pub score: f64,
}

/// How many customers of a base bought each product type.
#[derive(Clone, Debug, PartialEq)]
pub struct CategoryCounts {
    n_customers: Vec<usize>,
}

impl CategoryCounts {
    /// Counts the customers of each type.
    #[must_use]
    pub fn of(shoppers: &Shoppers) -> Self {
        let mut n_customers = vec![0; shoppers.type_names().len()];
        for shopper in 0..shoppers.len() {
            for &category in shoppers.types_of(shopper) {
                n_customers[category as usize] += 1;
            }
        }
        Self { n_customers }
    }

    /// Customers of the base that bought a type.
    #[must_use]
    pub fn n_customers(&self, category: u32) -> usize {
        self.n_customers[category as usize]
    }

    /// The `n` most bought types, most first; equally bought ones by name (in byte order), so that the order of the
    /// payload decides nothing.
    #[must_use]
    pub fn most_bought(&self, shoppers: &Shoppers, n: usize) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.n_customers.len() as u32).collect();
        let names = shoppers.type_names();
        order.sort_unstable_by(|&a, &b| {
            let by_count = self.n_customers(b).cmp(&self.n_customers(a));
            by_count.then_with(|| names[a as usize].cmp(&names[b as usize]))
        });
        order.truncate(n);
        order
    }

    /// The `n_top` product types of each cluster with the highest TF-IDF, best first.
    ///
    /// ```text
    /// score = tf · (ln((1 + N) / (1 + df)) + 1)      tf: customers of the cluster that bought it
    ///                                                df: customers of the base that bought it, of N
    /// ```
    ///
    /// `labels` has one label per customer, the clusters being `0..n_clusters`; a negative label is in none of them.
    /// Equal scores go to the type whose last occurrence within the cluster comes earlier in the payload. A cluster
    /// whose customers bought fewer types has fewer.
    ///
    /// # Panics
    /// When there is not one label per customer, or on a label that is no cluster.
    #[must_use]
    pub fn top(
        &self,
        shoppers: &Shoppers,
        labels: &[i32],
        n_clusters: usize,
        n_top: usize,
    ) -> Vec<Vec<CategoryScore>> {
        let mut tally = Tally::new(self.n_customers.len());
        members(labels, n_clusters)
            .iter()
            .map(|members| {
                for &shopper in members {
                    tally.count(shoppers.types_of(shopper as usize));
                }
                self.best(tally.take(), shoppers.len(), n_top)
            })
            .collect()
    }

    fn best(&self, counted: Vec<Counted>, n_base: usize, n_top: usize) -> Vec<CategoryScore> {
        let score = |counted: &Counted| {
            let df = self.n_customers(counted.category) as f64;
            counted.n_customers as f64 * (libm::log((1.0 + n_base as f64) / (1.0 + df)) + 1.0)
        };
        let mut scored: Vec<(f64, Counted)> = counted
            .into_iter()
            .map(|counted| (score(&counted), counted))
            .collect();
        let order = |a: &(f64, Counted), b: &(f64, Counted)| {
            b.0.total_cmp(&a.0).then(a.1.last_seen.cmp(&b.1.last_seen))
        };
        if n_top < scored.len() && n_top > 0 {
            scored.select_nth_unstable_by(n_top - 1, order);
        }
        scored.truncate(n_top);
        scored.sort_unstable_by(order);
        let row = |(score, counted): (f64, Counted)| CategoryScore {
            category: counted.category,
            n_customers: counted.n_customers,
            score,
        };
        scored.into_iter().map(row).collect()
    }
}

/// The customers of each cluster, in payload order.
fn members(labels: &[i32], n_clusters: usize) -> Vec<Vec<u32>> {
    let mut members = vec![Vec::new(); n_clusters];
    for (shopper, &label) in labels.iter().enumerate() {
        if label >= 0 {
            members[label as usize].push(shopper as u32);
        }
    }
    members
}

/// A type while a cluster is counted.
#[derive(Clone, Copy, Debug)]
struct Counted {
    category: u32,
    n_customers: usize,
    /// Number of purchases of the cluster seen before its last one.
    last_seen: usize,
}

/// Counts by type that are cleared at the cost of the types seen, not of all there are.
struct Tally {
    /// Place in `seen`, by type.
    place: Vec<u32>,
    seen: Vec<Counted>,
    n_purchases: usize,
}

const UNSEEN: u32 = u32::MAX;

impl Tally {
    fn new(n_categories: usize) -> Self {
        Self {
            place: vec![UNSEEN; n_categories],
            seen: Vec::new(),
            n_purchases: 0,
        }
    }

    fn count(&mut self, categories: &[u32]) {
        for &category in categories {
            let place = &mut self.place[category as usize];
            if *place == UNSEEN {
                *place = self.seen.len() as u32;
                self.seen.push(Counted {
                    category,
                    n_customers: 0,
                    last_seen: 0,
                });
            }
            let counted = &mut self.seen[*place as usize];
            counted.n_customers += 1;
            counted.last_seen = self.n_purchases;
            self.n_purchases += 1;
        }
    }

    fn take(&mut self) -> Vec<Counted> {
        for counted in &self.seen {
            self.place[counted.category as usize] = UNSEEN;
        }
        self.n_purchases = 0;
        std::mem::take(&mut self.seen)
    }
}

#[cfg(test)]
mod tests {
    use clientela_tables::ShoppersBuilder;

    use super::*;

    fn base(rows: &[&[&str]]) -> Shoppers {
        let mut builder = ShoppersBuilder::new();
        for types in rows {
            let types: Vec<u32> = types.iter().map(|name| builder.type_index(name)).collect();
            builder.push(1.0, 1.0, &types);
        }
        builder.finish((0..rows.len()).map(|index| index.to_string()).collect())
    }

    #[track_caller]
    fn check(rows: &[&[&str]], labels: &[i32], n_clusters: usize, expected: &[&[&str]]) {
        let shoppers = base(rows);
        let top = CategoryCounts::of(&shoppers).top(&shoppers, labels, n_clusters, 3);
        let name = |score: &CategoryScore| shoppers.type_names()[score.category as usize].as_str();
        let names: Vec<Vec<&str>> = top
            .iter()
            .map(|cluster| cluster.iter().map(name).collect())
            .collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn a_type_bought_by_everybody_counts_less_than_one_of_the_cluster_alone() {
        // milk: 2 · 1; wine: 2 · (ln(6/3) + 1).
        let rows: [&[&str]; 5] = [
            &["milk", "wine"],
            &["milk", "wine"],
            &["milk"],
            &["milk"],
            &["milk"],
        ];
        check(&rows, &[0, 0, 1, 1, 1], 2, &[&["wine", "milk"], &["milk"]]);
    }

    #[test]
    fn equal_scores_go_to_the_type_last_seen_earlier_in_the_cluster() {
        let rows: [&[&str]; 4] = [&["a", "b", "c", "d"], &["c", "a"], &["b", "d"], &["d"]];
        // Twice each but d: last seen c, a, b. Customer 3 is in no cluster.
        check(&rows, &[0, 0, 0, -1], 1, &[&["c", "a", "b"]]);
    }

    #[test]
    fn clusters_do_not_see_each_other_and_may_have_few_types() {
        let rows: [&[&str]; 3] = [&["a"], &["b", "a"], &["c"]];
        check(&rows, &[1, 0, 1], 3, &[&["b", "a"], &["c", "a"], &[]]);
        let shoppers = base(&rows);
        let counts = CategoryCounts::of(&shoppers);
        assert!(counts.top(&shoppers, &[0, 0, 0], 1, 0)[0].is_empty());
    }

    #[test]
    fn scores_are_those_of_the_formula() {
        let shoppers = base(&[&["a", "b"], &["a"], &["a"]]);
        let top = &CategoryCounts::of(&shoppers).top(&shoppers, &[0, 0, 0], 1, 2)[0];
        assert_eq!((top[0].n_customers, top[0].score), (3, 3.0));
        let expected = 1.0 + std::f64::consts::LN_2;
        assert!(top[1].n_customers == 1 && (top[1].score - expected).abs() < 1e-15);
    }

    #[test]
    fn the_most_bought_types_do_not_depend_on_the_payload_order() {
        let rows: [&[&str]; 3] = [&["z", "b"], &["b", "m"], &["a"]];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let shoppers = base(&order.map(|row: usize| rows[row]));
            let most = CategoryCounts::of(&shoppers).most_bought(&shoppers, 3);
            let names = most
                .iter()
                .map(|&index| shoppers.type_names()[index as usize].as_str());
            assert_eq!(names.collect::<Vec<_>>(), ["b", "a", "m"]);
        }
    }
}
