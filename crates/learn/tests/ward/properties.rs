//! Fast against slow, and what holds for any data.

use clientela_learn::Points;
use clientela_learn::ward::{self, Tree};
use clientela_numerics::StopToken;
use proptest::prelude::*;

use crate::data::{SHAPES, any_data};
use crate::oracle::greedy;
use crate::stream::standardized;

fn linkage(points: &Points) -> Tree {
    ward::linkage(points, &StopToken::new()).expect("a tree")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_tree_equals_the_greedy_one_bit_for_bit((shape, n, d, seed) in any_data(90), scaled in any::<bool>()) {
        let columns = shape.columns(n, d, seed);
        let points = if scaled { standardized(&columns) } else { Points::from_columns(&columns) };
        let tree = linkage(&points);
        prop_assert_eq!(tree.merges(), greedy(&points));
    }
}

#[test]
fn larger_trees_of_every_shape_equal_the_greedy_one_bit_for_bit() {
    for shape in SHAPES {
        for (n, d) in [(420, 1), (350, 2), (350, 3), (300, 6), (250, 14)] {
            let points = standardized(&shape.columns(n, d, 42));
            assert_eq!(
                linkage(&points).merges(),
                greedy(&points),
                "{shape:?} {n} × {d}"
            );
        }
    }
}
