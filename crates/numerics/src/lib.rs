//! Mathematics that knows no customers: stop token, sums, rounding, quantiles, seeded random streams.
#![deny(missing_docs)]

pub mod stop;

pub use stop::{StopToken, Stopped};
