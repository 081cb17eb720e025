//! How good forecasts of a yes or no are: ranking, probabilities, decisions at a threshold, with intervals.
//!
//! All figures are functions of [`RankedOutcomes`], the outcomes in the order of their scores, so that one sort serves them
//! all and none depends on the order of the rows. A weight counts as so many equal rows everywhere. Rows may come in clusters, several of one customer:
//! [`RankedOutcomes::clustered`] has the same figures, with the intervals that so many clusters allow.
//!
//! Sources stand at the functions. Cost: O(n log n) for the sort, then O(distinct scores) a figure. Deterministic.
//! Tested against: scikit-learn, the slow O(n²) form of DeLong's variance, the data of DeLong et al. (1988);
//! for clusters the slow form of Obuchowski's variance, and coverage over seeds.

mod area;
mod bins;
mod clusters;
mod curves;
mod decisions;
mod proportion;
mod ranked;

pub use area::AreaInterval;
pub use bins::{LiftBin, ReliabilityBin};
pub use curves::{PrecisionRecallPoint, RocPoint};
pub use decisions::Decisions;
pub use proportion::{Interval, clopper_pearson_interval, wilson_interval};
pub use ranked::RankedOutcomes;
