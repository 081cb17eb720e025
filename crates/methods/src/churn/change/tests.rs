//! The limits of the work.

use clientela_numerics::RandomStream;
use clientela_tables::{Cell, CustomerTraits, CustomerTraitsBuilder, Ids};

use super::*;
use crate::churn::{RiskOptions, risk};

/// Customers whose risk is what columns do in twos, which trees learn.
fn customers() -> CustomerTraits {
    let mut stream = RandomStream::new(3, "work of changes", 0);
    let mut builder = CustomerTraitsBuilder::new();
    let columns = ["a", "b", "c", "d", "e"].map(|name| builder.column(name));
    for _ in 0..500 {
        let values = columns.map(|_| stream.normal());
        for (&column, value) in columns.iter().zip(values) {
            builder.set(column, Cell::Number(value));
        }
        let sign = |holds: bool| if holds { 1.0 } else { -1.0 };
        let log_odds =
            0.4 + 1.6 * sign(values[0] * values[1] > 0.0) + 1.2 * sign(values[2] * values[3] > 0.0);
        let churned = stream.uniform() < 1.0 / (1.0 + libm::exp(-log_odds));
        builder.finish_row(None, Some(churned), None);
    }
    let ids: Ids = (0..500).map(|row| row.to_string()).collect();
    builder.finish(ids)
}

#[test]
fn without_work_for_pairs_the_answers_are_step_by_step_and_not_called_exact() {
    let (table, stop) = (customers(), StopToken::new());
    let report = risk(&table, &RiskOptions::default(), &stop).expect("not stopped");
    let values = ColumnValues::of(&table, &report, &stop).expect("not stopped");
    let actions = ["a", "b", "c", "d"].map(|column| Actionable {
        column: column.to_owned(),
        direction: ActionDirection::Either,
    });
    let within = |work: u64| {
        let found = changes_within(&values, &report, &actions, ChangeGoal::Low, |_| work, &stop);
        found.expect("not stopped")
    };
    let (all, some, none) = (within(u64::MAX), within(12_000), within(0));
    let cost = |reached: &Reached<'_>| reached.steps.iter().map(|step| step.cost).sum::<f64>();
    let (mut n_pairs, mut n_cut) = (0, 0);
    for row in 0..report.customers.len() {
        let Change::Found(exact) = all.of_row(row) else {
            continue;
        };
        match exact.steps.len() {
            1 => assert!(
                [&some, &none].map(|less| less.of_row(row)) == [(); 2].map(|()| all.of_row(row))
            ),
            2 => {
                assert!(exact.is_exact);
                n_pairs += 1;
                for less in [&some, &none] {
                    let (Change::Found(reached) | Change::NotPossible(reached)) = less.of_row(row)
                    else {
                        panic!("a row at risk");
                    };
                    let is_same = reached.steps.len() == 2 && cost(&reached) == cost(&exact);
                    assert!(is_same || !reached.is_exact, "{reached:?} {exact:?}");
                    n_cut += usize::from(!reached.is_exact);
                }
                let Change::Found(reached) = none.of_row(row) else {
                    continue;
                };
                assert!(!reached.is_exact);
                assert!(reached.steps.len() > 2 || cost(&reached) >= cost(&exact));
            }
            _ => assert!(!exact.is_exact),
        }
    }
    assert!(n_pairs > 20, "{n_pairs}");
    assert!(n_cut > n_pairs, "{n_cut} of {n_pairs}");
}

#[test]
fn many_rows_have_a_fixed_share_of_work_each_and_few_have_more() {
    assert_eq!(work_of_each(1_000_000), WORK_OF_ROW);
    assert_eq!(work_of_each(10), WORK_MAX / 10);
    assert_eq!(work_of_each(0), WORK_MAX);
}
