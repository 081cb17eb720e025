//! The shop: what it sells, and the five types of shopper that come to it.

/// What the shop sells. Product ids are a category and a number: `wine-03`.
pub const CATEGORIES: [&str; 15] = [
    "coffee",
    "tea",
    "wine",
    "cheese",
    "bakery",
    "chocolate",
    "books",
    "stationery",
    "toys",
    "garden",
    "kitchen",
    "candles",
    "linen",
    "bath",
    "pets",
];

/// Products of each category; the k-th sells in proportion to 1/k.
pub(crate) const PRODUCTS_PER_CATEGORY: usize = 20;

/// A preferred category is chosen this many times as often as another.
pub(crate) const PREFERENCE: f64 = 8.0;

/// A latent type of shopper: the parameters from which its customers are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShopperType {
    /// Its name, which occurs in the truth only.
    pub name: &'static str,
    /// Share of the base, in [0, 1]; the shares add up to 1.
    pub share: f64,
    /// Shape of the purchase rate.
    pub r: f64,
    /// Rate (inverse scale) of the purchase rate, in weeks: the mean rate is r/α a week.
    pub alpha: f64,
    /// First shape of the dropout probability.
    pub a: f64,
    /// Second shape of the dropout probability, whose mean is a/(a + b).
    pub b: f64,
    /// Shape of an order's value.
    pub p: f64,
    /// Shape of the customers' rates of value.
    pub q: f64,
    /// Rate (inverse scale) of the customers' rates of value: the mean order is p·γ/(q − 1).
    pub gamma: f64,
    /// Mean number of lines of an order beyond the first.
    pub extra_lines: f64,
    /// What it likes to buy: indices into [`CATEGORIES`].
    pub preferred: &'static [usize],
    /// Mean of its answers to "would you recommend us?" before rounding and clipping to 0–10, while active.
    pub opinion: f64,
}

/// The five types.
pub const SHOPPER_TYPES: [ShopperType; 5] = [
    ShopperType {
        name: "occasional",
        share: 0.36,
        r: 0.243,
        alpha: 4.414,
        a: 0.793,
        b: 2.426,
        p: 6.25,
        q: 3.74,
        gamma: 15.44,
        extra_lines: 0.3,
        preferred: &[6, 7, 11],
        opinion: 7.6,
    },
    ShopperType {
        name: "household",
        share: 0.24,
        r: 3.0,
        alpha: 6.0,
        a: 0.3,
        b: 9.0,
        p: 8.0,
        q: 6.0,
        gamma: 20.0,
        extra_lines: 2.0,
        preferred: &[0, 1, 4, 13, 14],
        opinion: 8.8,
    },
    ShopperType {
        name: "connoisseur",
        share: 0.14,
        r: 2.0,
        alpha: 14.0,
        a: 0.5,
        b: 7.0,
        p: 5.0,
        q: 5.0,
        gamma: 112.0,
        extra_lines: 1.0,
        preferred: &[2, 3, 5],
        opinion: 9.4,
    },
    ShopperType {
        name: "gift giver",
        share: 0.18,
        r: 1.2,
        alpha: 24.0,
        a: 0.6,
        b: 4.0,
        p: 4.0,
        q: 5.0,
        gamma: 65.0,
        extra_lines: 0.6,
        preferred: &[5, 6, 8, 11],
        opinion: 7.0,
    },
    ShopperType {
        name: "home maker",
        share: 0.08,
        r: 2.4,
        alpha: 16.0,
        a: 0.4,
        b: 6.0,
        p: 4.0,
        q: 6.0,
        gamma: 375.0,
        extra_lines: 1.5,
        preferred: &[9, 10, 12],
        opinion: 6.2,
    },
];

impl ShopperType {
    /// The weight with which each category is chosen.
    pub(crate) fn category_weights(&self) -> [f64; CATEGORIES.len()] {
        let mut weights = [1.0; CATEGORIES.len()];
        for &category in self.preferred {
            weights[category] = PREFERENCE;
        }
        weights
    }
}
