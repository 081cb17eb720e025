//! Seeded sample data with known truth: a customer base for the demo, for tests and for benches.
//!
//! A base is a shop observed over some weeks. Its customers are of five latent types ([`ShopperType`]), each with the
//! parameters of a BG/NBD purchase process (how often, until when), of a Gamma-Gamma spend process (how much), with
//! preferred product categories, and with an opinion of the shop. What was drawn for a customer stays beside the data
//! ([`Truth`]), so that a test can hold a model's answer against it. Type names occur in the truth only.
//!
//! ```text
//! λ ~ Gamma(r, rate α)      purchases a week while active, one type's customers differ in it
//! p ~ Beta(a, b)            chance of leaving for good, tossed after each repeat purchase
//! ν ~ Gamma(q, rate γ)      order value ~ Gamma(p, rate ν): mean p·γ / (q − 1)
//! ```
//!
//! Sources: Fader, Hardie, Lee (2005), "Counting Your Customers the Easy Way", Marketing Science 24(2), 275–284; Fader,
//! Hardie (2013), "The Gamma-Gamma Model of Monetary Value". The occasional shoppers have the parameters that the first
//! paper estimates on the CDNOW data (r 0.243, α 4.414, a 0.793, b 2.426, time in weeks) and the spend parameters
//! published for the same data (p 6.25, q 3.74, γ 15.44); those of the other types are scaled so that together they
//! look like a shop with regulars.
//!
//! The same parameters give the same bits on every machine: ChaCha8 streams by seed and customer, `libm` for every
//! transcendental function. Customer `i` does not depend on how many others there are, so that a smaller base is the
//! beginning of a larger one.
#![deny(missing_docs)]

mod base;
mod benchmark;
mod calendar;
mod process;
mod requests;
mod shop;

pub use base::{Answer, Base, Customer, SampleParams, Transaction, Truth};
pub use benchmark::benchmark_shoppers;
pub use requests::{Shopper, segmentation_request};
pub use shop::{CATEGORIES, SHOPPER_TYPES, ShopperType};
