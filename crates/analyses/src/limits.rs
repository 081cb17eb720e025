//! Everything has a limit; each is named here with its reason.

/// Fields named in one answer about an invalid payload; the total is still counted.
pub const ERRORS_MAX: usize = 100;

/// Levels of arrays and objects in a body. The deepest documented payload has 5.
pub const NESTING_MAX: usize = 64;

/// Bytes of an id: long enough for any key in use, short enough to repeat in a message.
pub const ID_BYTES_MAX: usize = 256;

/// An amount of money. Up to here a double still tells hundredths apart.
pub const AMOUNT_MAX: f64 = 1e13;

/// A random seed: whole numbers that every JSON reader keeps exact.
pub const SEED_MAX: i64 = 9_007_199_254_740_991;

/// Bins of an RFM scoring: with more, a class is no longer read at a glance.
pub const RFM_BINS: std::ops::RangeInclusive<i64> = 2..=10;

/// Purchases of one customer: beyond this it is no person's count.
pub const FREQUENCY_MAX: i64 = 1_000_000_000;

/// A cluster id that a client sends; ours are at most the number of customers.
pub const CLUSTER_ID_MAX: i64 = 1_000_000_000;

/// Days without a purchase after which a customer counts as lost: at most the days between two dates that are accepted.
pub const WINDOW_DAYS: std::ops::RangeInclusive<i64> = 1..=110_000;

/// An account balance, in either direction; see [`AMOUNT_MAX`].
pub const BALANCE: std::ops::RangeInclusive<f64> = -AMOUNT_MAX..=AMOUNT_MAX;

/// Numbers of clusters of shoppers: beyond this no team acts on each of them.
pub const SHOPPER_CLUSTERS: std::ops::RangeInclusive<i64> = 2..=30;

/// Highest number of clusters of feature vectors.
pub const VECTOR_CLUSTERS: std::ops::RangeInclusive<i64> = 2..=50;

/// Radius of a neighborhood in standard deviations, above 0: at 1 it holds most of a base.
pub const DBSCAN_EPS_MAX: f64 = 1.0;

/// Customers that make a neighborhood dense; fewer than 3 would make any pair a cluster.
pub const DBSCAN_MIN_SAMPLES: std::ops::RangeInclusive<i64> = 3..=1_000_000_000;

/// Leaves of a dendrogram that a request may ask for: at 40 bytes each, what a client can still read.
pub const DENDROGRAM_LEAVES: std::ops::RangeInclusive<i64> = 1..=10_000_000;

/// Leaves up to which a dendrogram is whole where the request does not say.
pub const DENDROGRAM_LEAVES_DEFAULT: usize = 100_000;

/// Months over which purchases were counted, above 0: far beyond the three centuries that dates allow.
pub const WINDOW_MONTHS_MAX: f64 = 1e6;

/// Days since a purchase: the years 1900 to 2200.
pub const RECENCY_DAYS_MAX: i64 = 110_000;

/// Fields that answers are grouped by together: with more, a group is no longer read at a glance.
pub const GROUP_FIELDS_MAX: usize = 8;

/// Product types named for a cluster: with more, none of them tells it apart.
pub const TOP_CATEGORIES: std::ops::RangeInclusive<i64> = 1..=50;

/// A weight of a metric; only proportions count.
pub const WEIGHT_MAX: f64 = 1e9;

/// Characters of the name of a leaf: an id, and how many others a condensed leaf stands for.
pub const LEAF_LABEL_CHARACTERS_MAX: usize = 512;

/// Customers at one leaf of a tree; the sum over as many leaves as memory holds is still exact in a double.
pub const LEAF_SIZE: std::ops::RangeInclusive<i64> = 1..=100_000_000;

/// Customers of a cluster in a legend that a client sends: whole numbers that every JSON reader keeps exact.
pub const LEGEND_CUSTOMERS_MAX: i64 = 9_007_199_254_740_991;

/// Levels of a sunburst: each nests two levels of JSON, and many readers stop at a few thousand.
pub const SUNBURST_LEVELS_MAX: usize = 1_000;

/// Months to forecast: beyond five years nothing that was tested speaks for a forecast.
pub const HORIZON_MONTHS: std::ops::RangeInclusive<i64> = 1..=60;

/// A yearly discount rate: ten is a currency that loses nine tenths of its value in a year.
pub const DISCOUNT_RATES: std::ops::RangeInclusive<f64> = 0.0..=10.0;

/// Probabilities that an interval may be asked to hold: below a half it says where an outcome hardly lies, beyond 0.99
/// its ends would be the extremes of some two hundred draws.
pub const CONFIDENCE_LEVELS: std::ops::RangeInclusive<f64> = 0.5..=0.99;

/// Bytes of one saved model. A forest of a hundred trees fitted on 250,000 rows has some two million nodes of a dozen bytes
/// each; twice that is still read in a fraction of a second.
pub const MODEL_BYTES_MAX: usize = 64 << 20;

/// Saved models of one tenant: one a week for two years, more than anyone tells apart in a list.
pub const MODELS_MAX: usize = 100;

/// Bytes of all saved models of one tenant: sixteen of the largest, or a hundred of the usual ones of a few megabytes. So
/// much of a disk no tenant takes from the others.
pub const MODELS_BYTES_MAX: usize = 1 << 30;

/// Fields of the rows of a request that are traits: with more, nobody has looked at what they are.
pub const TRAIT_COLUMNS_MAX: usize = 1_000;

/// Bytes of the name of a trait: answers repeat it for each customer.
pub const TRAIT_NAME_BYTES_MAX: usize = 100;

/// Places of a table of traits, rows times columns, that may stay mostly empty: one field in one row is a column of all. A
/// larger table has to have a value in every fourth place.
pub const EMPTY_PLACES_MAX: usize = 2_000_000;

/// A number that is a trait, in either direction: its square, and the sum of as many of them as memory holds, is still a double.
pub const TRAIT_MAX: f64 = 1e100;

/// Days since a customer came: the years 1900 to 2200.
pub const TENURE_DAYS_MAX: f64 = 110_000.0;

/// Sessions in a week: one in every second of it.
pub const USAGE_FREQUENCY_MAX: f64 = 604_800.0;

/// Reasons to name for a churn risk: beyond the strongest few nobody reads on, and answers grow by a sentence per customer.
pub const FACTORS: std::ops::RangeInclusive<i64> = 0..=20;
