//! What would change a risk, against every value of every column and every pair.

use clientela_learn::calibration::{Calibrator, log_odds, probability};
use clientela_methods::churn::{
    ActionDirection, Actionable, Change, ChangeGoal, Changes, ColumnValues, Documented,
    FactorValue, Family, FeatureValues, Features, FittedModel, LinearColumn, Reached, RiskBand,
    RiskReport, changes,
};
use clientela_numerics::{RandomStream, StopToken};

use crate::attributions::{KEEP, mixed};
use crate::bases::{Row, Value, customers, customers_by_class, risk_of, risk_with, table, text};
use crate::models::{calibrators, rescored, served_by};

fn action(column: &str, direction: ActionDirection) -> Actionable {
    Actionable {
        column: column.to_owned(),
        direction,
    }
}

fn changes_of(
    rows: &[Row],
    report: &RiskReport,
    actions: &[Actionable],
    goal: ChangeGoal,
) -> Changes {
    let stop = StopToken::new();
    let values = ColumnValues::of(&table(rows), report, &stop).expect("not stopped");
    changes(&values, report, actions, goal, &stop).expect("not stopped")
}

/// Something that may be done to a row: what it costs, and what it comes to.
struct Tried {
    cost: f64,
    probability: f64,
}

/// Tries all values that compared rows have.
struct Oracle<'a> {
    report: &'a RiskReport,
    features: &'a Features,
    compared: Vec<u32>,
    actions: Vec<(usize, ActionDirection)>,
}

fn number(features: &Features, feature: usize, place: usize) -> f64 {
    match &features.columns[feature].values {
        FeatureValues::Numeric(values) => values[place],
        FeatureValues::Text { codes, .. } => match codes[place] {
            u32::MAX => f64::NAN,
            code => f64::from(code),
        },
    }
}

impl<'a> Oracle<'a> {
    fn of(rows: &[Row], report: &'a RiskReport, actions: &[Actionable]) -> Self {
        let models = report.models.as_ref().expect("models");
        let features = &models.features;
        let is_labelled = |&place: &u32| {
            let row = models.order[place as usize] as usize;
            rows[row].churned.is_some()
        };
        let find = |name: &str| {
            features
                .columns
                .iter()
                .position(|column| column.name == name)
        };
        let actions = actions.iter();
        Self {
            report,
            features,
            compared: (0..rows.len() as u32).filter(is_labelled).collect(),
            actions: actions
                .map(|action| {
                    (
                        find(&action.column).expect("a feature"),
                        action.direction.clone(),
                    )
                })
                .collect(),
        }
    }

    fn percentile(&self, feature: usize, value: f64) -> f64 {
        let values = || {
            let all = self.compared.iter();
            all.map(|&place| number(self.features, feature, place as usize))
                .filter(|value| !value.is_nan())
        };
        let below = values().filter(|&other| other < value).count() as f64;
        let equal = values().filter(|&other| other == value).count() as f64;
        (below + 0.5 * equal) / values().count() as f64
    }

    /// Other values of a feature of a row, and what they cost.
    fn values(&self, place: usize, action: &(usize, ActionDirection)) -> Vec<(f64, f64)> {
        let (feature, direction) = (action.0, &action.1);
        let own = number(self.features, feature, place);
        if own.is_nan() {
            return Vec::new();
        }
        let all = self.compared.iter();
        let mut all: Vec<f64> = all
            .map(|&place| number(self.features, feature, place as usize))
            .filter(|value| !value.is_nan() && *value != own)
            .collect();
        all.sort_by(f64::total_cmp);
        all.dedup();
        let words = match &self.features.columns[feature].values {
            FeatureValues::Numeric(_) => None,
            FeatureValues::Text { is_kept, .. } => Some(is_kept),
        };
        let is_allowed = |value: f64| match (words, direction) {
            (Some(is_kept), _) => is_kept[value as usize],
            (None, ActionDirection::Decrease) => value < own,
            (None, ActionDirection::Increase) => value > own,
            (None, ActionDirection::Either) => true,
            (None, ActionDirection::To(_)) => false,
        };
        let cost = |value: f64| match words {
            Some(_) => 0.5,
            None => (self.percentile(feature, value) - self.percentile(feature, own)).abs(),
        };
        let all = all.into_iter().filter(|&value| is_allowed(value));
        all.map(|value| (value, cost(value))).collect()
    }

    /// All changes of one column, or of two.
    fn tried(&self, place: usize, n_columns: usize) -> Vec<Tried> {
        let of_columns: Vec<Vec<(f64, f64)>> = self
            .actions
            .iter()
            .map(|action| self.values(place, action))
            .collect();
        let feature = |column: usize| self.actions[column].0;
        let mut plans: Vec<(Vec<(usize, f64)>, f64)> = Vec::new();
        for (first, values) in of_columns.iter().enumerate() {
            for &(value, cost) in values {
                let step = (feature(first), value);
                if n_columns == 1 {
                    plans.push((vec![step], cost));
                    continue;
                }
                for (second, others) in of_columns.iter().enumerate().skip(first + 1) {
                    for &(other, other_cost) in others {
                        let plan = vec![step, (feature(second), other)];
                        plans.push((plan, cost + other_cost));
                    }
                }
            }
        }
        plans.retain(|plan| self.is_feasible(place, &plan.0));
        let probabilities = self.probabilities(place, &plans);
        let both = plans.iter().zip(probabilities);
        both.map(|(plan, probability)| Tried {
            cost: plan.1,
            probability,
        })
        .collect()
    }

    /// Whether five compared rows have each changed word with each other one that the row would have.
    fn is_feasible(&self, place: usize, plan: &[(usize, f64)]) -> bool {
        let after = |feature: usize| {
            let step = plan.iter().find(|step| step.0 == feature);
            self.level(
                feature,
                step.map_or_else(|| number(self.features, feature, place), |step| step.1),
            )
        };
        let n_together = |a: (usize, u32), b: (usize, u32)| {
            let has = |place: u32, (feature, level): (usize, u32)| {
                let value = number(self.features, feature, place as usize);
                self.level(feature, value) == Some(level)
            };
            let both = self
                .compared
                .iter()
                .filter(|&&place| has(place, a) && has(place, b));
            both.count()
        };
        let others =
            |feature: usize| (0..self.features.columns.len()).filter(move |&k| k != feature);
        plan.iter().all(|&(feature, _)| {
            let Some(level) = after(feature) else {
                return true;
            };
            others(feature).all(|other| {
                after(other).is_none_or(|beside| n_together((feature, level), (other, beside)) >= 5)
            })
        })
    }

    /// Words and yes or no as levels, rare words being one.
    fn level(&self, feature: usize, value: f64) -> Option<u32> {
        let column = &self.features.columns[feature];
        match &column.values {
            _ if value.is_nan() => None,
            FeatureValues::Text { is_kept, .. } if is_kept[value as usize] => Some(value as u32),
            FeatureValues::Text { .. } => Some(u32::MAX),
            FeatureValues::Numeric(_) => (column.name == "on_contract").then_some(value as u32),
        }
    }

    /// What the service would say of the row under each plan.
    fn probabilities(&self, place: usize, plans: &[(Vec<(usize, f64)>, f64)]) -> Vec<f64> {
        let models = self.report.models.as_ref().expect("models");
        let row = models.order[place] as usize;
        let served = models.of(self.report.customers[row].source);
        let mut changed = self.features.clone();
        changed.n_rows = plans.len();
        for (feature, column) in changed.columns.iter_mut().enumerate() {
            let own = number(self.features, feature, place);
            let value = |plan: &(Vec<(usize, f64)>, f64)| {
                let step = plan.0.iter().find(|step| step.0 == feature);
                step.map_or(own, |step| step.1)
            };
            match &mut column.values {
                FeatureValues::Numeric(values) => *values = plans.iter().map(value).collect(),
                FeatureValues::Text { codes, .. } => {
                    let code = |value: f64| {
                        if value.is_nan() {
                            u32::MAX
                        } else {
                            value as u32
                        }
                    };
                    *codes = plans.iter().map(|plan| code(value(plan))).collect();
                }
            }
        }
        let all: Vec<u32> = (0..plans.len() as u32).collect();
        let scores = served.model.log_odds(&changed, &all, &StopToken::new());
        let z = |plan: &Vec<(usize, f64)>| {
            let terms = plan.iter().map(|&(feature, value)| {
                let column = self.features.columns[feature].documented;
                let term = |value| column.map_or(0.0, |column| formula(column, value));
                term(value) - term(number(self.features, feature, place))
            });
            models.heuristic_log_odds[place] + terms.sum::<f64>()
        };
        let scored = scores.expect("not stopped").into_iter().zip(plans);
        scored
            .map(|(score, plan)| {
                let calibrated = served.calibrator.log_odds(score);
                probability(served.adjustment.log_odds(calibrated, z(&plan.0)))
            })
            .collect()
    }
}

/// The formula of the contract.
fn formula(column: Documented, value: f64) -> f64 {
    match column {
        Documented::Tenure => -0.001 * value.min(1000.0),
        Documented::UsageFrequency => -0.25 * value.min(7.0),
        Documented::ServiceTickets => 0.5 * value.min(6.0),
        Documented::Nps => -0.02 * value,
        Documented::PaymentEvents => 0.5 * value.min(4.0),
    }
}

/// Which of the tried plans is enough and costs least.
fn cheapest(tried: &[Tried], band: RiskBand) -> Option<f64> {
    let enough = tried
        .iter()
        .filter(|tried| RiskBand::of(tried.probability) < band);
    enough.map(|tried| tried.cost).min_by(f64::total_cmp)
}

fn cost_of(reached: &Reached<'_>) -> f64 {
    reached.steps.iter().map(|step| step.cost).sum()
}

/// What the steps come to by the public path.
fn probability_of(oracle: &Oracle<'_>, place: usize, reached: &Reached<'_>) -> f64 {
    let step = |step: &clientela_methods::churn::Step<'_>| {
        let mut columns = oracle.features.columns.iter();
        let feature = columns.position(|column| column.name == step.feature);
        let feature = feature.expect("a feature");
        let value = match (step.to, &oracle.features.columns[feature].values) {
            (FactorValue::Number(number), _) => number,
            (FactorValue::Boolean(yes), _) => f64::from(u8::from(yes)),
            (FactorValue::Text(word), FeatureValues::Text { levels, .. }) => levels
                .iter()
                .position(|level| level == word)
                .expect("a word")
                as f64,
            other => panic!("{other:?}"),
        };
        (feature, value)
    };
    let plan = (reached.steps.iter().map(step).collect(), 0.0);
    oracle.probabilities(place, &[plan])[0]
}

/// Rows by what became of them: alone, in pairs, with more, not possible.
type Counts = [usize; 4];

/// Holds every so-many-th row against all values and all pairs.
fn check(
    rows: &[Row],
    report: &RiskReport,
    actions: &[Actionable],
    goal: ChangeGoal,
    step: usize,
) -> Counts {
    let found = changes_of(rows, report, actions, goal);
    let oracle = Oracle::of(rows, report, actions);
    let models = report.models.as_ref().expect("models");
    let mut counts = [0; 4];
    for (place, &row) in models.order.iter().enumerate().step_by(step) {
        let customer = &report.customers[row as usize];
        let change = found.of_row(row as usize);
        if customer.band == RiskBand::Low {
            assert_eq!(change, Change::NotNeeded);
            continue;
        }
        let band = match goal {
            ChangeGoal::NextBand => customer.band,
            ChangeGoal::Low => RiskBand::Medium,
        };
        let reached = match &change {
            Change::Found(reached) | Change::NotPossible(reached) => reached,
            Change::NotNeeded => panic!("a row of band {:?}", customer.band),
        };
        let served = probability_of(&oracle, place, reached);
        assert!(
            (served - reached.probability).abs() < 1e-9,
            "{served} {reached:?}"
        );
        assert_eq!(reached.band, RiskBand::of(reached.probability));
        assert_eq!(matches!(change, Change::Found(_)), reached.band < band);
        let singles = oracle.tried(place, 1);
        let pairs = match cheapest(&singles, band) {
            Some(_) => Vec::new(),
            None => oracle.tried(place, 2),
        };
        let lowest = |all: &[Tried]| all.iter().map(|t| t.probability).fold(1.0, f64::min);
        match (cheapest(&singles, band), cheapest(&pairs, band)) {
            (Some(cost), _) => {
                counts[0] += 1;
                assert_eq!(reached.steps.len(), 1);
                assert!(reached.is_exact);
                assert!(
                    (cost_of(reached) - cost).abs() < 1e-12,
                    "{cost} {reached:?}"
                );
            }
            (None, Some(cost)) => {
                counts[1] += 1;
                assert_eq!(reached.steps.len(), 2, "{reached:?}");
                assert!(reached.is_exact);
                assert!(
                    (cost_of(reached) - cost).abs() < 1e-12,
                    "{cost} {reached:?}"
                );
            }
            (None, None) if reached.band < band => {
                counts[2] += 1;
                assert!((3..=4).contains(&reached.steps.len()) && !reached.is_exact);
            }
            (None, None) => {
                counts[3] += 1;
                assert!(reached.probability <= lowest(&singles) + 1e-9 || singles.is_empty());
                if reached.is_exact && actions.len() <= 2 {
                    assert!(lowest(&pairs) >= band.threshold());
                }
                assert!(reached.is_exact || actions.len() > 2);
            }
        }
    }
    counts
}

/// Numbers of few values, so that all pairs can be tried.
fn coarse(rows: Vec<Row>) -> Vec<Row> {
    let round = |value: &mut Value, unit: f64| {
        if let Value::Number(number) = value {
            *number = unit * (*number / unit).round();
        }
    };
    rows.into_iter()
        .map(|mut row| {
            for (name, value) in &mut row.cells {
                match *name {
                    "tenure" => round(value, 200.0),
                    "usage_frequency" => round(value, 1.5),
                    "nps" => round(value, 15.0),
                    _ => {}
                }
            }
            row
        })
        .collect()
}

/// With a line, without which there is neither a contract nor more than the basic plan.
fn woven(rows: Vec<Row>) -> Vec<Row> {
    let rows = rows.into_iter().enumerate();
    rows.map(|(number, row)| {
        let line = ["none", "copper", "glass"][number % 3];
        let row = row.with("line", text(line));
        if line == "none" {
            row.but("plan", text("basic"))
                .but("on_contract", Value::Boolean(false))
        } else {
            row
        }
    })
    .collect()
}

fn many_actions() -> Vec<Actionable> {
    use ActionDirection::{Decrease, Either, Increase};
    vec![
        action("usage_frequency", Increase),
        action("service_tickets", Decrease),
        action("nps", Either),
        action("plan", Either),
        action("on_contract", Either),
        action("line", Either),
    ]
}

#[test]
fn changes_are_the_cheapest_of_all_values_and_all_pairs() {
    let rows = woven(coarse(mixed(180, 21)));
    let learned = risk_with(&rows, &KEEP);
    let mut counts = [0; 4];
    for family in Family::ALL {
        for calibrator in calibrators() {
            let report = served_by(learned.clone(), &rows, family, &calibrator);
            for goal in [ChangeGoal::NextBand, ChangeGoal::Low] {
                for actions in [
                    many_actions(),
                    many_actions()[1..3].to_vec(),
                    many_actions()[3..].to_vec(),
                ] {
                    let found = check(&rows, &report, &actions, goal, 3);
                    counts.iter_mut().zip(found).for_each(|(sum, n)| *sum += n);
                }
            }
        }
    }
    assert!(counts.iter().all(|&n| n > 2), "{counts:?}");
}

#[test]
fn changes_are_the_cheapest_where_the_formula_has_a_share_too() {
    let rows = coarse(customers_by_class(12, 60, 22));
    let learned = risk_with(&rows, &KEEP);
    let mut counts = [0; 4];
    for family in Family::ALL {
        let mut report = served_by(learned.clone(), &rows, family, &Calibrator::None);
        // Few are at risk at this rate: all are moved up.
        let models = report.models.as_mut().expect("models");
        for served in &mut models.of_folds {
            assert!(served.adjustment.weight_of_heuristic > 0.0);
            served.calibrator = Calibrator::Platt {
                slope: 0.8,
                intercept: 2.0,
            };
        }
        rescored(&mut report);
        let actions = &many_actions()[..3];
        let found = check(&rows, &report, actions, ChangeGoal::NextBand, 1);
        counts.iter_mut().zip(found).for_each(|(sum, n)| *sum += n);
    }
    assert!(counts[0] > 20 && counts[1] > 5, "{counts:?}");
}

#[test]
fn of_a_line_over_many_numbers_the_nearest_that_is_enough_is_found() {
    use ActionDirection::{Decrease, Either, Increase};
    let usual = customers(420, 23);
    // The same where more is worse, so that numbers have to fall.
    let turned = usual.iter().map(|row| {
        let Some((_, Value::Number(usage))) = row.cells.iter().find(|c| c.0 == "usage_frequency")
        else {
            panic!("{}", row.id)
        };
        row.clone().but("usage_frequency", Value::Number(-usage))
    });
    let turned: Vec<Row> = turned.collect();
    for (rows, directions) in [(usual, [Either, Increase]), (turned, [Either, Decrease])] {
        let learned = risk_with(&rows, &KEEP);
        let family = Family::LogisticRegression;
        let report = served_by(learned, &rows, family, &Calibrator::None);
        for direction in directions {
            let actions = [action("usage_frequency", direction)];
            let counts = check(&rows, &report, &actions, ChangeGoal::NextBand, 3);
            assert!(counts[0] > 10, "{counts:?}");
        }
    }
}

#[test]
fn where_a_line_ends_the_nearest_number_that_is_enough_is_found() {
    let mut stream = RandomStream::new(27, "change test", 0);
    let mut row = |number: usize| {
        let x = 10.0 * stream.uniform();
        Row {
            id: number.to_string(),
            churned: Some(stream.uniform() < 0.8 - 0.06 * x),
            cells: vec![("x", Value::Number(x))],
            ..Row::default()
        }
    };
    let rows: Vec<Row> = (0..1500).map(&mut row).collect();
    let family = Family::LogisticRegression;
    let report = served_by(risk_with(&rows, &KEEP), &rows, family, &Calibrator::None);
    let features = &report.models.as_ref().expect("models").features;
    let mut numbers: Vec<f64> = (0..1500).map(|place| number(features, 0, place)).collect();
    numbers.sort_unstable_by(f64::total_cmp);
    let mut asked = features.clone();
    asked.n_rows = 1;
    let actions = [action("x", ActionDirection::Increase)];
    for end in 740..748 {
        // Of the numbers up to the end the last two are enough, in every model.
        asked.columns[0].values =
            FeatureValues::Numeric(vec![0.5 * (numbers[end - 2] + numbers[end - 1])]);
        let mut ended = with_range(&report, "x", [-1.0, numbers[end]]);
        let models = ended.models.as_mut().expect("models");
        for served in models.of_folds.iter_mut().chain(&mut models.of_all) {
            let score = served.model.log_odds(&asked, &[0], &StopToken::new());
            served.calibrator = Calibrator::Platt {
                slope: 1.0,
                intercept: log_odds(RiskBand::High.threshold()) - score.expect("not stopped")[0],
            };
        }
        rescored(&mut ended);
        let counts = check(&rows, &ended, &actions, ChangeGoal::NextBand, 40);
        assert!(counts[0] > 10, "{counts:?}");
    }
}

/// The report of models that learned from a range of a column.
fn with_range(report: &RiskReport, column: &str, [low, high]: [f64; 2]) -> RiskReport {
    let mut report = report.clone();
    let models = report.models.as_mut().expect("models");
    let mut features = models.features.columns.iter();
    let feature = features.position(|feature| feature.name == column);
    let feature = feature.expect("a feature");
    for served in models.of_folds.iter_mut().chain(&mut models.of_all) {
        let FittedModel::Linear { encoding, .. } = &mut served.model else {
            panic!("a regression")
        };
        let LinearColumn::Numeric {
            lowest, highest, ..
        } = &mut encoding.columns[feature]
        else {
            panic!("numbers")
        };
        (*lowest, *highest) = (low, high);
    }
    rescored(&mut report);
    report
}

#[test]
fn the_formula_says_what_would_change_it_where_nothing_was_learned() {
    let rows: Vec<Row> = customers(400, 24)
        .into_iter()
        .map(|row| Row {
            churned: None,
            ..row
        })
        .collect();
    let report = risk_of(&rows);
    let actions = [action("service_tickets", ActionDirection::Decrease)];
    let found = changes_of(&rows, &report, &actions, ChangeGoal::NextBand);
    let mut n_found = 0;
    for (row, customer) in report.customers.iter().enumerate() {
        let (Change::Found(reached) | Change::NotPossible(reached)) = found.of_row(row) else {
            continue;
        };
        let gain: f64 = reached
            .steps
            .iter()
            .map(|step| match (step.from, step.to) {
                (FactorValue::Number(from), FactorValue::Number(to)) => {
                    assert!(to < from && to.fract() == 0.0);
                    0.5 * (to.min(6.0) - from.min(6.0))
                }
                other => panic!("{other:?}"),
            })
            .sum();
        let expected = probability(customer.log_odds + gain);
        assert!((reached.probability - expected).abs() < 1e-12);
        if reached.band < customer.band {
            n_found += 1;
            // One ticket more is not enough.
            let one_more = RiskBand::of(probability(customer.log_odds + gain + 0.5));
            assert!(one_more >= customer.band || gain == -0.5);
        }
    }
    assert!(n_found > 5, "{n_found}");
}

#[test]
fn columns_that_no_model_sees_are_named_and_missing_values_stay_missing() {
    let mut rows = customers(300, 25);
    for row in &mut rows {
        *row = row.clone().but("nps", Value::Missing);
    }
    rows[0] = rows[0].clone().but("nps", Value::Number(3.0));
    let report = risk_of(&rows);
    let actions = [
        action("nps", ActionDirection::Increase),
        action("unheard_of", ActionDirection::Either),
    ];
    let found = changes_of(&rows, &report, &actions, ChangeGoal::NextBand);
    assert_eq!(found.unused(), ["unheard_of"]);
    for (row, customer) in report.customers.iter().enumerate().skip(1) {
        match found.of_row(row) {
            Change::NotNeeded => assert_eq!(customer.band, RiskBand::Low),
            Change::NotPossible(reached) => {
                assert!(reached.steps.is_empty() && reached.is_exact);
                assert!((reached.probability - customer.probability).abs() < 1e-12);
            }
            Change::Found(reached) => panic!("{reached:?}"),
        }
    }
}

#[test]
fn the_order_of_rows_changes_no_change() {
    let rows = woven(mixed(300, 26));
    let forward = risk_with(&rows, &KEEP);
    let mut order: Vec<usize> = (0..rows.len()).collect();
    RandomStream::new(27, "order", 0).shuffle(&mut order);
    let permuted: Vec<Row> = order.iter().map(|&row| rows[row].clone()).collect();
    let backward = risk_with(&permuted, &KEEP);
    let first = changes_of(&rows, &forward, &many_actions(), ChangeGoal::Low);
    let second = changes_of(&permuted, &backward, &many_actions(), ChangeGoal::Low);
    for (place, &row) in order.iter().enumerate() {
        assert_eq!(first.of_row(row), second.of_row(place));
    }
}

#[test]
fn a_set_stop_token_is_obeyed() {
    let rows = woven(mixed(300, 28));
    let report = risk_of(&rows);
    let values = ColumnValues::of(&table(&rows), &report, &StopToken::new()).expect("not stopped");
    let stop = StopToken::new();
    stop.stop();
    assert!(changes(&values, &report, &many_actions(), ChangeGoal::Low, &stop).is_err());
}

#[test]
fn words_that_nobody_has_together_are_not_proposed_and_named_words_are_the_only_ones() {
    let rows = woven(mixed(700, 29));
    let report = risk_with(&rows, &KEEP);
    let word = |row: &Row, column: &str| {
        let cell = row.cells.iter().find(|cell| cell.0 == column);
        match &cell.expect("a cell").1 {
            Value::Text(word) => Some(word.clone()),
            _ => None,
        }
    };
    let to_pro = ActionDirection::To(vec!["pro".to_owned(), "unheard of".to_owned()]);
    let mut n_steps = [0; 2];
    for (k, direction) in [ActionDirection::Either, to_pro].into_iter().enumerate() {
        let actions = [Actionable {
            column: "plan".to_owned(),
            direction,
        }];
        let found = changes_of(&rows, &report, &actions, ChangeGoal::NextBand);
        for (number, row) in rows.iter().enumerate() {
            let (Change::Found(reached) | Change::NotPossible(reached)) = found.of_row(number)
            else {
                continue;
            };
            for step in &reached.steps {
                assert_ne!(word(row, "line").as_deref(), Some("none"));
                assert!(k == 0 || step.to == FactorValue::Text("pro"), "{step:?}");
                n_steps[k] += 1;
            }
        }
    }
    assert!(n_steps.iter().all(|&n| n > 5), "{n_steps:?}");
    // Numbers have no words.
    let actions = [Actionable {
        column: "service_tickets".to_owned(),
        direction: ActionDirection::To(vec!["0".to_owned()]),
    }];
    let found = changes_of(&rows, &report, &actions, ChangeGoal::NextBand);
    let none = |change| !matches!(change, Change::Found(_));
    assert!((0..rows.len()).all(|row| none(found.of_row(row))));
}
