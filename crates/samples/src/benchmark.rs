//! Shoppers for comparing learners with other programs: five plain segments, easy to draw anywhere.

use clientela_numerics::RandomStream;

use crate::requests::Shopper;

struct Segment {
    share: f64,
    /// Mean of the Poisson count of orders after the first.
    mean_orders: f64,
    median_amount: f64,
    /// Standard deviation of the logarithm of the amount.
    spread: f64,
    /// Fewest and most product types.
    n_types: (u64, u64),
}

const SEGMENTS: [Segment; 5] = [
    // occasional
    Segment {
        share: 0.40,
        mean_orders: 2.0,
        median_amount: 40.0,
        spread: 0.60,
        n_types: (1, 2),
    },
    // regular
    Segment {
        share: 0.28,
        mean_orders: 8.0,
        median_amount: 250.0,
        spread: 0.50,
        n_types: (2, 4),
    },
    // loyal
    Segment {
        share: 0.17,
        mean_orders: 20.0,
        median_amount: 900.0,
        spread: 0.45,
        n_types: (3, 6),
    },
    // top
    Segment {
        share: 0.05,
        mean_orders: 35.0,
        median_amount: 4_000.0,
        spread: 0.50,
        n_types: (5, 8),
    },
    // rare, with large tickets
    Segment {
        share: 0.10,
        mean_orders: 3.0,
        median_amount: 2_500.0,
        spread: 0.50,
        n_types: (1, 3),
    },
];

/// Twelve product types for each segment, which it prefers.
#[rustfmt::skip]
const TYPES: [&str; 60] = [
    "basic-dairy", "basic-bakery", "basic-produce", "basic-meat", "basic-seafood", "basic-frozen", "basic-snacks",
    "basic-drinks", "basic-wine", "basic-household", "basic-beauty", "basic-pets",
    "premium-dairy", "premium-bakery", "premium-produce", "premium-meat", "premium-seafood", "premium-frozen",
    "premium-snacks", "premium-drinks", "premium-wine", "premium-household", "premium-beauty", "premium-pets",
    "organic-dairy", "organic-bakery", "organic-produce", "organic-meat", "organic-seafood", "organic-frozen",
    "organic-snacks", "organic-drinks", "organic-wine", "organic-household", "organic-beauty", "organic-pets",
    "family-dairy", "family-bakery", "family-produce", "family-meat", "family-seafood", "family-frozen",
    "family-snacks", "family-drinks", "family-wine", "family-household", "family-beauty", "family-pets",
    "seasonal-dairy", "seasonal-bakery", "seasonal-produce", "seasonal-meat", "seasonal-seafood", "seasonal-frozen",
    "seasonal-snacks", "seasonal-drinks", "seasonal-wine", "seasonal-household", "seasonal-beauty", "seasonal-pets",
];

const TYPES_PER_SEGMENT: usize = 12;
/// A preferred type is chosen this many times as often as another.
const PREFERENCE: f64 = 6.0;

/// `n_shoppers` shoppers of five segments with log-normal spend, Poisson frequency, and 1–8 of 60 product types.
///
/// ```text
/// frequency = 1 + Poisson(mean)      amount = median · exp(spread · N(0, 1)), to hundredths
/// ```
///
/// Shopper `i` does not depend on how many others there are. Peers written in other languages draw from the same
/// distributions, so that times and scores compare; their bits differ.
#[must_use]
pub fn benchmark_shoppers(n_shoppers: usize, seed: u64) -> Vec<Shopper> {
    (0..n_shoppers).map(|number| draw(number, seed)).collect()
}

fn draw(number: usize, seed: u64) -> Shopper {
    let mut stream = RandomStream::new(seed, "benchmark shopper", number as u64);
    let place = stream.weighted_index(&SEGMENTS.each_ref().map(|segment| segment.share));
    let segment = &SEGMENTS[place];
    let frequency = 1 + stream.poisson(segment.mean_orders);
    let amount = segment.median_amount * libm::exp(segment.spread * stream.normal());
    let (fewest, most) = segment.n_types;
    let n_types = fewest + stream.below(most - fewest + 1);
    let mut weights = [1.0; TYPES.len()];
    weights[TYPES_PER_SEGMENT * place..][..TYPES_PER_SEGMENT].fill(PREFERENCE);
    let product_types = (0..n_types).map(|_| {
        let chosen = stream.weighted_index(&weights);
        weights[chosen] = 0.0;
        TYPES[chosen]
    });
    let product_types = product_types.collect();
    let amount_spent = ((amount * 100.0 + 0.5) as u64) as f64 / 100.0;
    Shopper {
        id: format!("c{number:07}"),
        frequency,
        amount_spent,
        product_types,
    }
}
