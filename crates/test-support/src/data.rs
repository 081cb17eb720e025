//! Data sets that are not part of the repository.

use std::path::PathBuf;

/// A file of `../shared/data` or of the folder that `CLIENTELA_DATA` names. Without it a line says which test was
/// passed over, and what it needs.
#[must_use]
pub fn shared(test: &str, relative: &str) -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("CLIENTELA_DATA").map_or(root, PathBuf::from);
    let file = folder.join(relative);
    if file.exists() {
        return Some(file);
    }
    #[expect(clippy::print_stderr, reason = "a skipped test must be visible")]
    {
        eprintln!("{test} ... ignored, needs {relative} in ../shared/data or CLIENTELA_DATA");
    }
    None
}
