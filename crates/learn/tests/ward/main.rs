//! Ward linkage against a slow oracle, against SciPy, and against its own promises.

mod data;
mod oracle;
mod properties;
mod scipy;
mod stream;

use clientela_learn::Points;
use clientela_learn::ward::{self, Tree};
use clientela_numerics::StopToken;

fn linkage(points: &Points) -> Tree {
    ward::linkage(points, &StopToken::new()).expect("a tree")
}
