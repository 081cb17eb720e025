//! Random Forest: the mean log-odds of trees that each see their own rows and, at each split, their own columns.

use clientela_learn::FitError;
use clientela_learn::boosting::Samples;
use clientela_learn::forest::{RandomForest, RandomForestParams};
use clientela_numerics::StopToken;

use super::FittedModel;
use crate::churn::encoding::TreeEncoding;
use crate::churn::lesson::Lesson;

/// Trees with leaves of at least 20 rows: on bases of customers deeper ones learn single rows by heart.
pub(super) fn fit(lesson: &Lesson<'_>, stop: &StopToken) -> Result<FittedModel, FitError> {
    let params = RandomForestParams::default();
    let params = params.check().expect("valid defaults");
    let encoding = TreeEncoding::fit(lesson.features, lesson.rows, lesson.outcomes);
    let columns = encoding.encode(lesson.features, lesson.rows);
    let target = lesson.target();
    let samples = Samples::new(&columns, &target);
    let forest = RandomForest::fit(&samples, &params, lesson.seed, stop)?;
    Ok(FittedModel::Forest { encoding, forest })
}
