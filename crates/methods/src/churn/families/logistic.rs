//! Logistic Regression: the elastic net, its penalty chosen within the training rows.

use clientela_learn::FitError;
use clientela_learn::logistic::{ElasticNet, ElasticNetParams, Samples};
use clientela_numerics::StopToken;

use super::FittedModel;
use crate::churn::encoding::LinearEncoding;
use crate::churn::lesson::Lesson;

pub(super) fn fit(lesson: &Lesson<'_>, stop: &StopToken) -> Result<FittedModel, FitError> {
    let params = ElasticNetParams::default().check().expect("valid defaults");
    let encoding = LinearEncoding::fit(lesson.features, lesson.rows);
    let rows = encoding.encode(lesson.features, lesson.rows);
    let design = rows.design();
    let samples = Samples::new(&design, lesson.outcomes);
    let choice = ElasticNet::choose_lambda(&samples, &params, lesson.seed, stop)?;
    let net = ElasticNet::fit(&samples, choice.lambda, &params, stop)?;
    Ok(FittedModel::Linear { encoding, net })
}
