//! Saved models as bytes.
//!
//! The number of the format, then the model, in postcard's encoding: whole numbers of 7 bits a byte, doubles of 8 bytes as they
//! are, lists with their length before them. The same model gives the same bytes, and bytes give the very model that was written.
//! Source: the Postcard Wire Format Specification, version 1.
//! What is read is believed only after [`SavedModel::from_bytes`] has checked that it holds together. Memory: at most some thirty
//! times the bytes.

use std::fmt;

use clientela_learn::Unsound;
use clientela_learn::logistic::{ElasticNet, Term};
use clientela_learn::metrics::binary::{Interval, ReliabilityBin};

use super::columns::ColumnKind;
use super::distribution::{Distribution, RowCounts};
use super::encoding::{LinearColumn, LinearEncoding, TreeColumn, TreeEncoding};
use super::evidence::Metrics;
use super::families::FittedModel;
use super::few_rows::Adjustment;
use super::saved::{SavedEvidence, SavedFeature, SavedModel};

/// Why bytes are no model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelBytesError {
    /// They begin with the number of another format.
    OtherFormat {
        /// The number.
        given: u32,
    },
    /// They end too early or too late, or are no encoding at all.
    Malformed,
    /// The model contradicts itself; the text says where.
    Unsound(&'static str),
}

impl fmt::Display for ModelBytesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherFormat { given } => {
                write!(f, "a model of format {given}, not {}", SavedModel::FORMAT)
            }
            Self::Malformed => f.write_str("not the bytes of a model"),
            Self::Unsound(rule) => write!(f, "unsound model: {rule}"),
        }
    }
}

impl std::error::Error for ModelBytesError {}

impl From<Unsound> for ModelBytesError {
    fn from(Unsound(rule): Unsound) -> Self {
        Self::Unsound(rule)
    }
}

impl SavedModel {
    /// The number of the format that is written, and the only one that is read.
    pub const FORMAT: u32 = 1;

    /// The model as bytes: the same for equal models.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_stdvec(&(Self::FORMAT, self)).expect("memory is all that writing needs")
    }

    /// The model that was written.
    ///
    /// # Errors
    /// [`ModelBytesError`] for bytes that are no model, or one that could not be scored by.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelBytesError> {
        let malformed = |_| ModelBytesError::Malformed;
        let (format, rest) = postcard::take_from_bytes::<u32>(bytes).map_err(malformed)?;
        if format != Self::FORMAT {
            return Err(ModelBytesError::OtherFormat { given: format });
        }
        let (model, rest) = postcard::take_from_bytes::<Self>(rest).map_err(malformed)?;
        if !rest.is_empty() {
            return Err(ModelBytesError::Malformed);
        }
        model.check()?;
        Ok(model)
    }

    /// Whether the parts hold together.
    fn check(&self) -> Result<(), Unsound> {
        let rows = [self.n_churned, self.n_others];
        let are_rows = rows.iter().all(|n| (1..=u32::MAX as usize).contains(n));
        require(are_rows, "labelled rows of both classes")?;
        let n_rows = RowCounts {
            n_rows: self.n_churned + self.n_others,
            n_churned: self.n_churned,
        };
        for feature in &self.features {
            check_feature(feature, n_rows)?;
        }
        check_names(&self.features)?;
        let are_numbers = matches!(self.probabilities, Distribution::Numeric { .. });
        require(are_numbers, "probabilities are numbers")?;
        check_distribution(&self.probabilities, n_rows)?;
        check_model(&self.served.model, &self.features)?;
        self.served.calibrator.check()?;
        check_adjustment(&self.served.adjustment)?;
        check_evidence(&self.evidence)
    }
}

fn check_names(features: &[SavedFeature]) -> Result<(), Unsound> {
    let mut names: Vec<&str> = features.iter().map(|feature| &*feature.name).collect();
    names.sort_unstable();
    let are_distinct = names.windows(2).all(|pair| pair[0] < pair[1]);
    require(are_distinct, "columns have names of their own")
}

fn check_feature(feature: &SavedFeature, n_rows: RowCounts) -> Result<(), Unsound> {
    let is_text = feature.kind == ColumnKind::Text;
    require(ascend(&feature.levels), "words ascend")?;
    match &feature.distribution {
        Distribution::Numeric { .. } => {
            require(
                !is_text && feature.levels.is_empty(),
                "numbers have no words",
            )?;
        }
        Distribution::Text { levels, .. } => {
            let are_known = is_text && levels.len() == feature.levels.len();
            require(are_known, "each word has its rows")?;
        }
    }
    check_distribution(&feature.distribution, n_rows)
}

fn check_distribution(distribution: &Distribution, n_rows: RowCounts) -> Result<(), Unsound> {
    if let Distribution::Numeric {
        cuts, bins, median, ..
    } = distribution
    {
        let are_finite = cuts.iter().chain(median).all(|x| x.is_finite());
        require(are_finite, "values of columns are finite")?;
        require(ascend(cuts), "the cuts of a column ascend")?;
        require(bins.len() == cuts.len() + 1, "a bin on each side of a cut")?;
    }
    let mut sum = RowCounts::default();
    for counts in distribution.counts() {
        let is_part = counts.n_churned <= counts.n_rows && counts.n_rows <= n_rows.n_rows;
        require(is_part, "rows of a bin are among all rows")?;
        sum.n_rows = sum.n_rows.saturating_add(counts.n_rows);
        sum.n_churned = sum.n_churned.saturating_add(counts.n_churned);
    }
    require(sum == n_rows, "every labelled row is in one bin")
}

/// The model and its encoding go together, and with the columns.
fn check_model(model: &FittedModel, features: &[SavedFeature]) -> Result<(), Unsound> {
    let n_encoded = match model {
        FittedModel::Linear { encoding, net } => {
            net.check()?;
            check_linear(encoding, net, features)?;
            encoding.columns.len()
        }
        FittedModel::Forest { encoding, forest } => {
            forest.check()?;
            check_trees(encoding, features)?;
            forest.n_features
        }
        FittedModel::Boosting { encoding, booster } => {
            booster.check()?;
            check_trees(encoding, features)?;
            booster.n_features
        }
    };
    require(n_encoded == features.len(), "an encoding for each column")
}

fn check_linear(
    encoding: &LinearEncoding,
    net: &ElasticNet,
    features: &[SavedFeature],
) -> Result<(), Unsound> {
    const ENCODED: &str = "an encoding for each column";
    const TERMS: &str = "a term for each encoded column";
    require(encoding.columns.len() == features.len(), ENCODED)?;
    let mut terms = net.terms.iter();
    for (column, feature) in encoding.columns.iter().zip(features) {
        match column {
            LinearColumn::Numeric {
                median,
                lowest,
                highest,
                ..
            } => {
                let is_between = lowest <= median && median <= highest;
                let is_finite = lowest.is_finite() && highest.is_finite();
                require(is_finite && is_between, "medians between finite ends")?;
                require(feature.kind != ColumnKind::Text, ENCODED)?;
            }
            LinearColumn::Text { levels } => {
                require(is_text_of(feature, levels), ENCODED)?;
            }
        }
        for _ in 0..column.n_columns() {
            let fits = match (terms.next(), column) {
                (Some(Term::Numeric { .. }), LinearColumn::Numeric { .. }) => true,
                (Some(Term::Categorical { shares, .. }), LinearColumn::Text { levels }) => {
                    shares.len() == levels.len() + 2
                }
                _ => false,
            };
            require(fits, TERMS)?;
        }
    }
    require(terms.next().is_none(), TERMS)
}

fn check_trees(encoding: &TreeEncoding, features: &[SavedFeature]) -> Result<(), Unsound> {
    const ENCODED: &str = "an encoding for each column";
    require(encoding.columns.len() == features.len(), ENCODED)?;
    for (column, feature) in encoding.columns.iter().zip(features) {
        match column {
            TreeColumn::Numeric { .. } => require(feature.kind != ColumnKind::Text, ENCODED)?,
            TreeColumn::Text {
                levels,
                rates,
                is_known,
                other,
                ..
            } => {
                require(is_text_of(feature, levels), ENCODED)?;
                let are_rates = rates.iter().chain([other]).all(|&rate| is_share(rate));
                let has_all = rates.len() == levels.len() && is_known.len() == levels.len();
                require(are_rates && has_all, "a rate for each word")?;
            }
        }
    }
    Ok(())
}

fn is_text_of(feature: &SavedFeature, levels: &[String]) -> bool {
    feature.kind == ColumnKind::Text && feature.levels == levels
}

fn check_adjustment(adjustment: &Adjustment) -> Result<(), Unsound> {
    let (lowest, highest) = (adjustment.lowest, adjustment.highest);
    let are_bounds = 0.0 < lowest && lowest <= highest && highest < 1.0;
    require(are_bounds, "bounds of probabilities in (0, 1)")?;
    require(
        is_share(adjustment.weight_of_heuristic),
        "a share of the formula",
    )?;
    let heuristic = &adjustment.heuristic;
    let mut numbers = heuristic.stand_ins.iter().chain([&heuristic.intercept]);
    require(numbers.all(|x| x.is_finite()), "a finite formula")
}

fn check_evidence(evidence: &SavedEvidence) -> Result<(), Unsound> {
    let is_finite = |bin: &ReliabilityBin| {
        let figures = [bin.n, bin.mean_forecast, bin.rate, bin.lower, bin.upper];
        figures.into_iter().all(f64::is_finite)
    };
    let is_sound = evidence.log_loss_of_rate.is_finite()
        && are_finite(&evidence.family)
        && are_finite(&evidence.served)
        && evidence.reliability.iter().all(is_finite);
    require(is_sound, "finite evidence")
}

fn are_finite(metrics: &Metrics) -> bool {
    let area = metrics.roc_auc;
    let intervals = [
        metrics.average_precision_interval,
        metrics.f1_interval,
        metrics.accuracy_interval,
    ];
    let ends = intervals.iter().flatten();
    let ends = ends.flat_map(|&Interval { lower, upper }| [lower, upper]);
    let figures = [
        area.area,
        area.lower,
        area.upper,
        metrics.average_precision,
        metrics.f1,
        metrics.accuracy,
        metrics.brier_score,
        metrics.log_loss,
        metrics.ece,
        metrics.ece_expected,
    ];
    let figures = figures.into_iter().chain(ends).chain(area.standard_error);
    figures.into_iter().all(f64::is_finite)
}

fn require(holds: bool, rule: &'static str) -> Result<(), Unsound> {
    if holds { Ok(()) } else { Err(Unsound(rule)) }
}

fn ascend<T: PartialOrd>(values: &[T]) -> bool {
    values.windows(2).all(|pair| pair[0] < pair[1])
}

fn is_share(value: f64) -> bool {
    (0.0..=1.0).contains(&value)
}
