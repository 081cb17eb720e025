//! Mathematics that knows no customers: exact sums, rounding, quantiles, moments, distribution functions, small matrices,
//! seeded random streams, the stop token.
#![deny(missing_docs)]

pub mod exponential;
pub mod gamma;
pub mod logarithm;
pub mod matrix;
pub mod newton;
pub mod quadrature;
pub mod quantile;
pub mod rng;
pub mod round;
pub mod special;
pub mod stats;
pub mod stop;
pub mod sum;

pub use rng::RandomStream;
pub use round::round_decimal;
pub use stop::{StopToken, Stopped};
pub use sum::ExactSum;
