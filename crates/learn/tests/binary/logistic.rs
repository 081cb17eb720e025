use clientela_learn::logistic::{Column, Design, ElasticNet, Samples, Term};
use clientela_numerics::StopToken;
use serde_json::Value;

use crate::data::{Data, assert_close, params};
use crate::fixture::{Entry, entries, numbers};

fn stored(entry: &Entry) -> Data {
    let lists = |key: &str| entry.0[key].as_array().expect("lists").clone();
    let levels = entry.numbers("levels");
    let codes = |value: &Value| numbers(value).iter().map(|&code| code as u32).collect();
    Data {
        numeric: lists("numeric").iter().map(numbers).collect(),
        categories: lists("codes")
            .iter()
            .map(codes)
            .zip(levels.iter().map(|&n| n as usize))
            .collect(),
        outcomes: entry.outcomes(),
        weights: entry.numbers("weights"),
    }
}

/// Coefficients of all numeric columns and levels, in the order of the columns.
fn coefficients(model: &ElasticNet) -> Vec<f64> {
    let of_term = |term: &Term| match term {
        Term::Numeric { coefficient, .. } => vec![*coefficient],
        Term::Categorical { coefficients, .. } => coefficients.clone(),
    };
    model.terms.iter().flat_map(of_term).collect()
}

#[test]
fn coefficients_match_scikit_learn_saga() {
    for entry in entries("logistic") {
        let data = stored(&entry);
        for expected in entry.list("models") {
            let params = params(expected.number("l1_ratio"));
            let model = data
                .fit(expected.number("lambda"), &params)
                .expect("a model");
            assert_close(model.base, expected.number("base"), 1e-6, "base");
            let units = expected.numbers("standard_deviations");
            let wanted = expected.numbers("coefficients");
            let given = coefficients(&model);
            assert_eq!(given.len(), wanted.len());
            for ((given, wanted), unit) in given.iter().zip(&wanted).zip(units) {
                assert_close(given * unit, wanted * unit, 1e-6, "coefficient");
                assert_eq!(*given == 0.0, *wanted == 0.0);
            }
        }
    }
}

/// How far a model is from the conditions of a minimum, by sums over columns of zeros and ones that are really built.
pub fn distance_from_minimum(data: &Data, model: &ElasticNet, l1_ratio: f64) -> f64 {
    let total: f64 = data.weights.iter().sum();
    let residuals: Vec<f64> = data
        .log_odds(model)
        .iter()
        .zip(&data.outcomes)
        .zip(&data.weights)
        .map(|((s, &y), w)| w / total * (f64::from(u8::from(y)) - 1.0 / (1.0 + libm::exp(-s))))
        .collect();
    let levels = data.categories.iter().flat_map(|(codes, n_levels)| {
        (0..*n_levels as u32).map(|level| {
            codes
                .iter()
                .map(|&c| f64::from(u8::from(c == level)))
                .collect()
        })
    });
    let columns: Vec<Vec<f64>> = data.numeric.iter().cloned().chain(levels).collect();
    let mut farthest = residuals.iter().sum::<f64>().abs();
    for (column, b) in columns.iter().zip(coefficients(model)) {
        let mean: f64 = column
            .iter()
            .zip(&data.weights)
            .map(|(x, w)| w / total * x)
            .sum();
        let square = |(x, w): (&f64, &f64)| w / total * (x - mean) * (x - mean);
        let deviation = column
            .iter()
            .zip(&data.weights)
            .map(square)
            .sum::<f64>()
            .sqrt();
        let products = column.iter().zip(&residuals).map(|(x, r)| (x - mean) * r);
        let b = b * deviation;
        let slope =
            products.sum::<f64>() / deviation.max(1e-300) - model.lambda * (1.0 - l1_ratio) * b;
        let bound = model.lambda * l1_ratio;
        let distance = if b == 0.0 {
            (slope.abs() - bound).max(0.0)
        } else {
            (slope - bound.copysign(b)).abs()
        };
        farthest = farthest.max(distance);
    }
    farthest
}

#[test]
fn fits_satisfy_the_conditions_of_a_minimum() {
    for (n_rows, seed) in [(5, 1), (60, 2), (3000, 3), (20_000, 4)] {
        let data = Data::of_both_classes(n_rows, seed);
        for (lambda, l1_ratio) in [
            (0.1, 0.5),
            (1e-3, 0.9),
            (1e-5, 0.5),
            (1e-6, 0.1),
            (0.01, 0.0),
        ] {
            let model = data.fit(lambda, &params(l1_ratio)).expect("a model");
            let distance = distance_from_minimum(&data, &model, l1_ratio);
            assert!(distance < 1e-10, "{n_rows} {lambda} {l1_ratio}: {distance}");
        }
    }
}

#[test]
fn many_columns_and_levels_satisfy_them_too() {
    // Enough columns that second derivatives are kept from step to step.
    let mut data = Data::drawn(6000, 5);
    for seed in 6..12 {
        let more = Data::drawn(6000, seed);
        data.numeric.extend(more.numeric);
        data.categories.extend(more.categories);
    }
    for lambda in [0.02, 1e-3, 1e-5] {
        let model = data.fit(lambda, &params(0.5)).expect("a model");
        let distance = distance_from_minimum(&data, &model, 0.5);
        assert!(distance < 1e-10, "{lambda}: {distance}");
    }
}

#[test]
fn contributions_add_up_to_the_log_odds_and_are_centered() {
    let data = Data::drawn(2500, 13);
    let model = data.fit(1e-3, &params(0.5)).expect("a model");
    let contributions = model.contributions(&data.design(), &StopToken::new());
    let contributions = contributions.expect("not stopped");
    let mut means = [0.0; 5];
    for ((row, s), w) in contributions
        .chunks(5)
        .zip(data.log_odds(&model))
        .zip(&data.weights)
    {
        assert_close(model.base + row.iter().sum::<f64>(), s, 1e-13, "log-odds");
        for (mean, term) in means.iter_mut().zip(row) {
            *mean += w * term;
        }
    }
    let total: f64 = data.weights.iter().sum();
    assert!(
        means.iter().all(|mean| (mean / total).abs() < 1e-13),
        "{means:?}"
    );
}

#[test]
fn the_intercept_is_the_log_odds_of_zeros() {
    let data = Data::drawn(300, 14);
    let model = data.fit(1e-3, &params(0.5)).expect("a model");
    let zeros = [0.0];
    let first = [0_u32];
    let columns = vec![
        Column::Numeric(&zeros),
        Column::Numeric(&zeros),
        Column::Numeric(&zeros),
        Column::Categorical {
            codes: &first,
            n_levels: 3,
        },
        Column::Categorical {
            codes: &first,
            n_levels: 4,
        },
    ];
    let s = model
        .log_odds(&Design::new(columns, 1), &StopToken::new())
        .expect("not stopped");
    let coefficients = coefficients(&model);
    let expected = model.intercept() + coefficients[3] + coefficients[6];
    assert_close(s[0], expected, 1e-12, "log-odds");
}

#[test]
fn the_chosen_penalty_forecasts_fresh_rows_best() {
    let (data, fresh) = (Data::drawn(400, 15), Data::drawn(20_000, 16));
    let design = data.design();
    let samples = Samples::new(&design, &data.outcomes);
    let choice = ElasticNet::choose_lambda(&samples, &params(0.5), 42, &StopToken::new());
    let choice = choice.expect("a choice");
    assert_eq!(choice.n_rows, 400);
    assert!((11..30).contains(&choice.candidates.len()));
    let loss_of = |lambda: f64| {
        let model =
            ElasticNet::fit(&samples, lambda, &params(0.5), &StopToken::new()).expect("a model");
        let losses = fresh.log_odds(&model);
        let losses = losses.iter().zip(&fresh.outcomes);
        losses
            .map(|(&s, &y)| clientela_learn::calibration::log_loss(s, y))
            .sum::<f64>()
            / 20_000.0
    };
    let best = choice
        .candidates
        .iter()
        .map(|c| loss_of(c.lambda))
        .fold(f64::INFINITY, f64::min);
    assert!(
        loss_of(choice.lambda) < best + 0.005,
        "{} {best}",
        loss_of(choice.lambda)
    );
    // The largest leaves nothing but the base rate.
    let null = ElasticNet::fit(
        &samples,
        choice.candidates[0].lambda * 1.0001,
        &params(0.5),
        &StopToken::new(),
    );
    let null = null.expect("a model");
    assert!(coefficients(&null).iter().all(|b| *b == 0.0));
    assert!(choice.candidates[0].log_loss > choice.candidates[10].log_loss);
}
