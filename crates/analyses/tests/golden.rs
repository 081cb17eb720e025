//! Every analysis answers its golden cases. `cargo xtask golden --update` writes them anew.

use std::path::Path;

use clientela_test_support::golden;

#[test]
fn every_golden_case_is_answered_as_written() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    match golden::run_all(&root) {
        Ok(n_answers) => assert!(n_answers > 0, "there are golden cases"),
        Err(problems) => panic!("{problems}"),
    }
}
