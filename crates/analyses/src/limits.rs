//! Everything has a limit; each is named here with its reason.

/// Fields named in one answer about an invalid payload; the total is still counted.
pub const ERRORS_MAX: usize = 100;

/// Levels of arrays and objects in a body. The deepest documented payload has 5.
pub const NESTING_MAX: usize = 64;

/// Bytes of an id: long enough for any key in use, short enough to repeat in a message.
pub const ID_BYTES_MAX: usize = 256;

/// An amount of money. Up to here a double still tells hundredths apart.
pub const AMOUNT_MAX: f64 = 1e13;

/// Customers in one request: points are numbered with 32 bits, and far below that memory is the limit.
pub const CUSTOMERS_MAX: usize = 50_000_000;

/// A random seed: whole numbers that every JSON reader keeps exact.
pub const SEED_MAX: i64 = 9_007_199_254_740_991;

/// Bins of an RFM scoring: with more, a class is no longer read at a glance.
pub const RFM_BINS: std::ops::RangeInclusive<i64> = 2..=10;

/// Purchases of one customer: beyond this it is no person's count.
pub const FREQUENCY_MAX: i64 = 1_000_000_000;

/// A cluster id that a client sends; ours are at most the number of customers.
pub const CLUSTER_ID_MAX: i64 = 1_000_000_000;
