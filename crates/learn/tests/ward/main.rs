//! Ward linkage against a slow oracle, against SciPy, and against its own promises.

mod data;
mod oracle;
mod properties;
mod stream;
