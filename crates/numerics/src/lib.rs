//! Mathematics that knows no customers: stop token, sums, rounding, quantiles, seeded random streams.
#![deny(missing_docs)]

pub mod quantile;
pub mod rng;
pub mod round;
pub mod stop;
pub mod sum;

pub use rng::RandomStream;
pub use round::round_decimal;
pub use stop::{StopToken, Stopped};
pub use sum::ExactSum;
