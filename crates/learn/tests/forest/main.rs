//! The random forest against a slow obvious version, scikit-learn, and what must hold of it on any data.

mod data;
mod hard_data;
mod oracle;
mod properties;
mod scikit_learn;
mod shared_data;
