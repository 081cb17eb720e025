//! Logistic Regression: the elastic net, its penalty chosen within the training rows on customers that are held out whole.

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
    let samples = Samples::new(&design, lesson.outcomes).with_groups(lesson.groups);
    let choice = ElasticNet::choose_lambda(&samples, &params, lesson.seed, stop)?;
    let net = ElasticNet::fit(&samples, choice.lambda, &params, stop)?;
    Ok(FittedModel::Linear { encoding, net })
}

#[cfg(test)]
mod tests {
    use clientela_numerics::RandomStream;

    use super::*;
    use crate::churn::features::{Feature, FeatureValues, Features};

    const N_DATES: usize = 12;
    const N_COLUMNS: usize = 30;

    /// Customers on some dates with columns that never change and a rate of leaving of their own, of which one column knows a little.
    fn persistent(n_customers: usize, seed: u64) -> (Features, Vec<bool>) {
        let mut stream = RandomStream::new(seed, "persistent customers", 0);
        let mut columns = vec![Vec::new(); N_COLUMNS];
        let mut outcomes = Vec::new();
        for _ in 0..n_customers {
            let traits: Vec<f64> = (0..N_COLUMNS).map(|_| stream.normal()).collect();
            let z = -0.5 + 0.5 * traits[0] + 2.0 * stream.normal();
            let rate = 1.0 / (1.0 + libm::exp(-z));
            for _ in 0..N_DATES {
                outcomes.push(stream.uniform() < rate);
                for (column, value) in columns.iter_mut().zip(&traits) {
                    column.push(*value);
                }
            }
        }
        let columns = columns.into_iter().enumerate();
        let feature = |(number, values)| Feature {
            name: format!("x{number}"),
            documented: None,
            values: FeatureValues::Numeric(values),
        };
        let features = Features {
            n_rows: outcomes.len(),
            columns: columns.map(feature).collect(),
        };
        (features, outcomes)
    }

    /// Mean log loss on other customers of a model that is told which rows belong together.
    fn loss_with(groups: &[u32]) -> f64 {
        let stop = StopToken::new();
        let (features, outcomes) = persistent(80, 1);
        let rows: Vec<u32> = (0..features.n_rows as u32).collect();
        let lesson = Lesson {
            features: &features,
            rows: &rows,
            outcomes: &outcomes,
            groups,
            seed: 42,
        };
        let model = fit(&lesson, &stop).expect("both classes");
        let (others, outcomes) = persistent(800, 2);
        let rows: Vec<u32> = (0..others.n_rows as u32).collect();
        let scores = model.log_odds(&others, &rows, &stop).expect("not stopped");
        let loss = |(score, churned): (&f64, &bool)| {
            let margin = if *churned { *score } else { -score };
            (1.0 + (-margin).exp()).ln()
        };
        scores.iter().zip(&outcomes).map(loss).sum::<f64>() / rows.len() as f64
    }

    #[test]
    fn the_penalty_is_one_for_customers_who_are_not_known() {
        let n_rows = 80 * N_DATES as u32;
        let customers: Vec<u32> = (0..n_rows).map(|row| row / N_DATES as u32).collect();
        let rows: Vec<u32> = (0..n_rows).collect();
        let [of_customers, of_rows] = [&customers, &rows].map(|groups| loss_with(groups));
        assert!(of_customers < 0.69, "{of_customers}");
        assert!(of_rows > of_customers + 0.05, "{of_rows} {of_customers}");
    }
}
