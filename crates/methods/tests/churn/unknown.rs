//! Words and gaps that a model learned nothing of.

use clientela_methods::churn::{
    ActionDirection, Actionable, Attributions, Basis, Change, ChangeGoal, ColumnValues,
    FactorValue, Family, Remark, RiskReport, SavedModel, attributions, changes, factors, score,
};
use clientela_numerics::{RandomStream, StopToken};

use crate::attributions::{KEEP, explained};
use crate::bases::{Row, Value, risk_with, table, text};

const N: usize = 600;

/// Customers who mostly leave with plan b and stay with plan a; then one with a plan of which nobody knows, and one without any.
fn with_strangers(seed: u64) -> Vec<Row> {
    let mut stream = RandomStream::new(seed, "plans", 0);
    let mut rows: Vec<Row> = (0..N).map(|number| customer(number, &mut stream)).collect();
    let stranger = Row {
        churned: None,
        ..rows[0].clone().but("nps", Value::Number(0.0))
    };
    let stranger = stranger.but("z", Value::Number(0.0));
    rows.extend([text("new"), Value::Missing].map(|plan| stranger.clone().but("plan", plan)));
    for (number, row) in rows.iter_mut().enumerate() {
        row.id = format!("c{number}");
    }
    rows
}

fn customer(number: usize, stream: &mut RandomStream) -> Row {
    let is_a = stream.uniform() < 0.5;
    let nps = (200.0 * stream.uniform() - 100.0).round();
    // A step that only trees see.
    let step = if is_a && nps < 0.0 { 1.5 } else { 0.0 };
    let z = if is_a { -1.2 } else { 0.9 } - 0.01 * nps - step;
    Row {
        id: format!("c{number}"),
        date: None,
        churned: Some(stream.uniform() < 1.0 / (1.0 + (-z).exp())),
        cells: vec![
            ("plan", text(if is_a { "a" } else { "b" })),
            ("nps", Value::Number(nps)),
            ("z", Value::Number(stream.normal())),
        ],
    }
}

/// The rows without labels, as [`with_strangers`] ends, and the same with the plans that are known.
fn to_score(rows: &[Row]) -> Vec<Row> {
    let strangers = &rows[N..];
    let known = ["a", "b"].map(|plan| strangers[0].clone().but("plan", text(plan)));
    strangers.iter().cloned().chain(known).collect()
}

fn saved(rows: &[Row], report: &RiskReport) -> SavedModel {
    let model = report.saved_model(&table(rows), &KEEP);
    model.expect("a model to keep")
}

fn scored(rows: &[Row], model: &SavedModel) -> RiskReport {
    score(&table(rows), model, &StopToken::new()).expect("not stopped")
}

/// Bases of which the family won, with their reports.
fn won_by(family: Family) -> Vec<(Vec<Row>, RiskReport)> {
    let learned = (0..24).map(|seed| {
        let rows = with_strangers(seed);
        let report = risk_with(&rows, &KEEP);
        (rows, report)
    });
    let is_won = |(_, report): &(Vec<Row>, RiskReport)| report.basis == Basis::Learned(family);
    learned.filter(is_won).take(4).collect()
}

#[test]
fn a_word_or_a_gap_that_nobody_had_is_averaged_over_and_is_no_reason() {
    let mut n_tested = 0;
    for family in Family::ALL {
        for (rows, report) in won_by(family) {
            n_tested += usize::from(family != Family::LogisticRegression);
            let plan = |attributions: &Attributions| {
                let features = attributions.features().iter();
                features
                    .clone()
                    .position(|name| name == "plan")
                    .expect("a column")
            };
            let of_report = explained(&rows, &report);
            let model = saved(&rows, &report);
            let asked = to_score(&rows);
            let by_model = scored(&asked, &model);
            let of_model = explained(&asked, &by_model);
            let p: Vec<f64> = by_model.customers.iter().map(|c| c.probability).collect();
            let [new, missing, a, b] = p[..] else {
                panic!("four rows")
            };
            assert_eq!(new, missing, "nothing is known of either");
            assert!(a + 0.1 < new && new < b - 0.1, "{a} {new} {b} {family:?}");
            assert!(
                (new - 0.5 * (a + b)).abs() < 0.1,
                "{a} {new} {b} {family:?}"
            );
            for stranger in 0..2 {
                assert_eq!(of_model.of_row(stranger)[plan(&of_model)], 0.0);
                assert_eq!(of_report.of_row(N + stranger)[plan(&of_report)], 0.0);
                let of_all = &report.customers[N + stranger];
                assert_eq!(of_all.log_odds, by_model.customers[stranger].log_odds);
                let alone = scored(&asked[stranger..=stranger], &model);
                assert_eq!(alone.customers[0].log_odds, of_all.log_odds);
            }
            assert!(of_model.of_row(2)[plan(&of_model)] < -0.3);
            let remark = Remark::UnseenWords {
                column: "plan".to_owned(),
                n_rows: 1,
            };
            assert!(report.remarks.contains(&remark) && by_model.remarks.contains(&remark));
        }
    }
    assert!(n_tested >= 4, "trees won {n_tested} times");
}

#[test]
fn nothing_is_told_of_what_nobody_learned_and_no_change_of_it_is_proposed() {
    let rows = with_strangers(2);
    let report = risk_with(&rows, &KEEP);
    let model = saved(&rows, &report);
    let asked: Vec<Row> = (0..40)
        .map(|number| {
            let row = to_score(&rows).swap_remove(number % 4);
            Row {
                id: format!("c{number}"),
                ..row.but("nps", Value::Number(-100.0))
            }
        })
        .collect();
    let by_model = scored(&asked, &model);
    let (stop, table) = (StopToken::new(), table(&asked));
    let attributions = attributions(&table, &by_model, &stop).expect("not stopped");
    let values = ColumnValues::of_saved(&table, &by_model, &model, &stop).expect("not stopped");
    let factors = factors(&values, &by_model, &attributions, 5);
    let actions = ["plan", "nps"].map(|column| Actionable {
        column: column.to_owned(),
        direction: ActionDirection::Either,
    });
    let changes = changes(&values, &by_model, &actions, ChangeGoal::NextBand, &stop);
    let changes = changes.expect("not stopped");
    for (row, customer) in asked.iter().enumerate() {
        let is_stranger = row % 4 < 2;
        let is_told = factors.of_row(row).any(|factor| factor.feature == "plan");
        assert_eq!(is_told, !is_stranger);
        let reached = match changes.of_row(row) {
            Change::NotNeeded => continue,
            Change::Found(reached) | Change::NotPossible(reached) => reached,
        };
        let is_proposed = reached.steps.iter().any(|step| step.feature == "plan");
        assert!(!(is_stranger && is_proposed));
        assert!(
            !is_stranger || !reached.steps.is_empty(),
            "the answer may change"
        );
        // What is promised is what the model says of the changed row.
        let mut changed = customer.clone();
        for step in &reached.steps {
            let to = match step.to {
                FactorValue::Number(number) => Value::Number(number),
                FactorValue::Text(word) => text(word),
                FactorValue::Boolean(_) | FactorValue::Missing => unreachable!("{step:?}"),
            };
            changed = changed.but(step.feature, to);
        }
        let told = scored(&[changed], &model).customers[0].probability;
        assert!(
            (told - reached.probability).abs() < 1e-9,
            "{told} {reached:?}"
        );
    }
}

#[test]
fn columns_that_are_gone_are_averaged_over_and_attributions_still_add_up() {
    let rows = with_strangers(5);
    let model = saved(&rows, &risk_with(&rows, &KEEP));
    for gone in [&["plan"][..], &["nps"], &["plan", "nps", "z"]] {
        let mut asked = rows[..200].to_vec();
        for row in &mut asked {
            row.cells.retain(|cell| !gone.contains(&cell.0));
            row.cells.push(("else", Value::Number(1.0)));
        }
        let by_model = scored(&asked, &model);
        let explained = explained(&asked, &by_model);
        for (feature, name) in explained.features().iter().enumerate() {
            let told = (0..asked.len()).any(|row| explained.of_row(row)[feature] != 0.0);
            assert_eq!(told, !gone.contains(&name.as_str()), "{name}");
        }
    }
}
