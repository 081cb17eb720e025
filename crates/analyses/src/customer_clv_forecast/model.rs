//! The shape of the fitted models.

use std::collections::BTreeMap;

use clientela_methods::clv::{
    BoostingParameters, ClvReport, Correlation, CountParameters, NotIdentified, Parameter,
    ValueParameters,
};
use clientela_narrative::Language;
use schemars::JsonSchema;
use serde::Serialize;

use super::remarks::not_identified;
use crate::wire::{Count, Fixed, Full, Score};

/// A log-likelihood.
type LogLikelihood = Fixed<4>;

/// The models as fitted on everything. Parameters have the names of the literature; time is in weeks.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvModelParameters")]
pub struct ModelParameters {
    /// The count model that serves; `none` with too few repeat buyers.
    #[schemars(extend("enum" = ["bg_nbd", "mbg_nbd", "pareto_nbd", "none"]))]
    model: &'static str,
    /// The unit of time of all parameters.
    #[schemars(extend("enum" = ["week"]))]
    time_unit: &'static str,
    /// Whether the data alone determine the count model; `false` where priors had to help, or there is none.
    identified: bool,
    /// Why they do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_identified_reason: Option<String>,
    /// Shape of the purchase rates.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0))]
    r: Option<Full>,
    /// Their scale, in weeks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0))]
    alpha: Option<Full>,
    /// First shape of the probability to leave after a purchase, whose mean is a / (a + b) (BG/NBD, MBG/NBD).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0))]
    a: Option<Full>,
    /// Second shape of the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0))]
    b: Option<Full>,
    /// Shape of the rates of leaving (Pareto/NBD).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0))]
    s: Option<Full>,
    /// Their scale, in weeks (Pareto/NBD).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0))]
    beta: Option<Full>,
    /// Log-likelihood of the purchase counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    log_likelihood: Option<LogLikelihood>,
    /// Shape of the values of one customer (Gamma-Gamma).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0))]
    p: Option<Full>,
    /// Shape of the scales of values across customers (Gamma-Gamma).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0))]
    q: Option<Full>,
    /// Scale of the same (Gamma-Gamma).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0))]
    gamma: Option<Full>,
    /// More of the value model.
    #[serde(skip_serializing_if = "Option::is_none")]
    value_model: Option<ValueModel>,
    /// Rank correlation of number and mean value of repeat purchases, which the value model takes for independent.
    #[serde(skip_serializing_if = "Option::is_none")]
    value_independence: Option<Independence>,
    /// Standard errors of the parameters above.
    standard_errors: BTreeMap<&'static str, Full>,
    /// The count models that were fitted.
    tried: Vec<Tried>,
    /// Factors of the months, January first, that horizons other than whole years are multiplied by; left out without.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("minItems" = 12, "maxItems" = 12))]
    monthly_index: Option<Vec<Fixed<6>>>,
    /// The factor that they give this horizon; 1 without them.
    #[schemars(extend("exclusiveMinimum" = 0))]
    season_factor: Fixed<6>,
    /// Standard deviation of the logarithm by which totals are spread beyond the model's own noise.
    #[schemars(extend("minimum" = 0))]
    total_spread: Fixed<6>,
    /// How GradientBoosting was trained on everything; left out where it does not serve.
    #[serde(skip_serializing_if = "Option::is_none")]
    boosting: Option<Boosting>,
}

/// More of the value model.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvValueModel")]
struct ValueModel {
    /// Whether the data alone determine it.
    identified: bool,
    /// Why they do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_identified_reason: Option<String>,
    /// Log-likelihood of the mean repeat values.
    log_likelihood: LogLikelihood,
    /// Repeat buyers with a positive mean value, who were fitted.
    n_customers: Count,
}

/// How far number and value of purchases go together; from 0.3 on in size a warning says so.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvValueIndependence")]
struct Independence {
    /// Spearman's rank correlation.
    #[schemars(extend("minimum" = -1, "maximum" = 1))]
    spearman: Score,
    /// Lower end of its 95 % interval.
    #[schemars(extend("minimum" = -1, "maximum" = 1))]
    lower: Score,
    /// Its upper end.
    #[schemars(extend("minimum" = -1, "maximum" = 1))]
    upper: Score,
    /// Repeat buyers compared.
    n_customers: Count,
}

/// A count model that was fitted.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvTriedModel")]
struct Tried {
    /// Which.
    #[schemars(extend("enum" = ["bg_nbd", "mbg_nbd", "pareto_nbd"]))]
    model: &'static str,
    /// Its log-likelihood.
    log_likelihood: LogLikelihood,
    /// Whether the data alone determine its parameters.
    identified: bool,
}

/// How a booster was trained.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClvBoosting")]
struct Boosting {
    /// Days of the window it learned.
    window_days: u32,
    /// Rows it learned from.
    n_rows: Count,
    /// Rows there were; more where it learned from a sample.
    n_rows_available: Count,
    /// Trees it kept.
    n_trees: Count,
}

pub fn respond(report: &ClvReport, language: Language) -> ModelParameters {
    let model = &report.model;
    let count = model.count.as_ref();
    let value = model.value.as_ref();
    let of_count = count.map_or(&[][..], |count| &count.parameters);
    let of_value = value.map_or(&[][..], |value| &value.parameters);
    let all = || of_count.iter().chain(of_value);
    let estimate = |name: &str| {
        let found = all().find(|parameter| parameter.name == name);
        found.map(|parameter| Full::new(parameter.estimate))
    };
    let reason = |why: NotIdentified| not_identified(why, language);
    let tried = model.tried.iter().map(|tried| Tried {
        model: tried.model.name(),
        log_likelihood: LogLikelihood::new(tried.log_likelihood),
        identified: tried.identified,
    });
    let index = |index: [f64; 12]| index.into_iter().map(Fixed::new).collect();
    ModelParameters {
        model: count.map_or("none", |count| count.model.name()),
        time_unit: "week",
        identified: count.is_some_and(|count| count.not_identified.is_none()),
        not_identified_reason: count.and_then(|count| count.not_identified).map(reason),
        r: estimate("r"),
        alpha: estimate("alpha"),
        a: estimate("a"),
        b: estimate("b"),
        s: estimate("s"),
        beta: estimate("beta"),
        log_likelihood: count.map(log_likelihood),
        p: estimate("p"),
        q: estimate("q"),
        gamma: estimate("gamma"),
        value_model: value.map(|value| value_model(value, language)),
        value_independence: model.value_independence.map(independence),
        standard_errors: all().filter_map(standard_error).collect(),
        tried: tried.collect(),
        monthly_index: model.season.map(index),
        season_factor: Fixed::new(model.season_factor),
        total_spread: Fixed::new(model.total_spread),
        boosting: model.boosting.as_ref().map(boosting),
    }
}

fn log_likelihood(count: &CountParameters) -> LogLikelihood {
    LogLikelihood::new(count.log_likelihood)
}

fn standard_error(parameter: &Parameter) -> Option<(&'static str, Full)> {
    let error = parameter.standard_error?;
    Some((parameter.name, Full::new(error)))
}

fn value_model(value: &ValueParameters, language: Language) -> ValueModel {
    ValueModel {
        identified: value.not_identified.is_none(),
        not_identified_reason: value
            .not_identified
            .map(|why| not_identified(why, language)),
        log_likelihood: LogLikelihood::new(value.log_likelihood),
        n_customers: value.n_customers as Count,
    }
}

fn independence(found: Correlation) -> Independence {
    Independence {
        spearman: Score::new(found.estimate),
        lower: Score::new(found.lower),
        upper: Score::new(found.upper),
        n_customers: found.n_customers as Count,
    }
}

fn boosting(parameters: &BoostingParameters) -> Boosting {
    Boosting {
        window_days: parameters.window_days,
        n_rows: parameters.n_rows as Count,
        n_rows_available: parameters.n_rows_available as Count,
        n_trees: parameters.n_trees as Count,
    }
}
