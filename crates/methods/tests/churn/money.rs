//! Revenue at risk and what contacts would bring, against sums that are taken the slow way.

use clientela_learn::metrics::binary::ReliabilityBin;
use clientela_methods::churn::{
    Money, RiskBand, RiskOptions, RiskReport, WhatIf, WhatIfRow, WhatIfTable, risk,
};
use clientela_numerics::{RandomStream, StopToken};
use clientela_tables::{Cell, CustomerTraits, CustomerTraitsBuilder, Date};

/// A customer at a date with a value, whose service tickets make the risk.
#[derive(Clone, Copy)]
struct Customer {
    id: &'static str,
    date: Option<Date>,
    churned: Option<bool>,
    worth: Option<f64>,
    tickets: f64,
}

const ANYBODY: Customer = Customer {
    id: "",
    date: None,
    churned: None,
    worth: None,
    tickets: 0.0,
};

fn table(rows: &[Customer]) -> CustomerTraits {
    let mut builder = CustomerTraitsBuilder::new();
    let tickets = builder.column("service_tickets");
    for row in rows {
        builder.set(tickets, Cell::Number(row.tickets));
        builder.finish_row(row.date, row.churned, row.worth);
    }
    builder.finish(rows.iter().map(|row| row.id).collect())
}

fn money(rows: &[Customer]) -> Option<(Money, RiskReport)> {
    let table = table(rows);
    let report = risk(&table, &RiskOptions::default(), &StopToken::new()).expect("not stopped");
    Some((Money::of(&table, &report)?, report))
}

fn customer(id: &'static str, worth: f64, tickets: f64) -> Customer {
    Customer {
        id,
        worth: Some(worth),
        tickets,
        ..ANYBODY
    }
}

/// Many customers of all kinds of value: negative, none at all, equal ones.
fn drawn(n: usize, seed: u64) -> Vec<Customer> {
    let mut stream = RandomStream::new(seed, "money", 0);
    let mut one = |number: usize| Customer {
        id: Box::leak(format!("c{number}").into_boxed_str()),
        worth: match stream.below(10) {
            0 => None,
            1 => Some(-20.0),
            2 => Some(0.0),
            3 => Some(50.0),
            _ => Some((100.0 * stream.gamma(1.3)).round() / 4.0),
        },
        tickets: stream.below(9) as f64,
        ..ANYBODY
    };
    (0..n).map(&mut one).collect()
}

fn near(given: f64, expected: f64) {
    let scale = expected.abs().max(1.0);
    assert!(
        (given - expected).abs() < 1e-9 * scale,
        "{given}, not {expected}"
    );
}

#[test]
fn revenue_at_risk_is_probability_times_value() {
    let lost = Customer {
        churned: Some(true),
        ..customer("d", 1000.0, 3.0)
    };
    let rows = [
        customer("a", 200.0, 6.0),
        customer("b", -50.0, 6.0),
        customer("c", 100.0, 0.0),
        lost,
        Customer { id: "e", ..ANYBODY },
    ];
    let (money, report) = money(&rows).expect("values");
    let p: Vec<f64> = report.customers.iter().map(|c| c.probability).collect();
    let expected = [
        Some(p[0] * 200.0),
        Some(0.0),
        Some(p[2] * 100.0),
        Some(p[3] * 1000.0),
        None,
    ];
    assert_eq!(money.revenue_at_risk, expected);
    let counts = [
        money.n_customers,
        money.n_lost,
        money.n_without_value,
        money.n_negative,
    ];
    assert_eq!(counts, [3, 1, 1, 1]);
    assert_eq!(money.value, 300.0);
    near(money.at_risk, p[0] * 200.0 + p[2] * 100.0);
    near(money.share_at_risk.expect("a share"), money.at_risk / 300.0);
    assert_eq!(
        (money.top_tenth.n_customers, money.top_tenth.at_risk),
        (1, p[0] * 200.0)
    );
    let sum: f64 = money.by_band.iter().map(|band| band.at_risk).sum();
    near(sum, money.at_risk);
    assert_eq!(money.by_band[0].band, RiskBand::High);
    // z = −2 + 0.5 · 6 − 0.25 − 0.365: 0.595
    assert_eq!(money.by_band.map(|band| band.n_customers), [0, 2, 1]);
}

#[test]
fn without_any_value_there_is_no_money() {
    assert!(money(&[Customer { id: "a", ..ANYBODY }]).is_none());
}

#[test]
fn a_customer_of_several_dates_counts_by_the_latest() {
    let at = |id, date, worth, churned| Customer {
        id,
        date: Date::parse(date),
        worth,
        churned,
        ..ANYBODY
    };
    let rows = [
        at("a", "2025-03-01", Some(10.0), None),
        at("a", "2025-01-01", Some(70.0), Some(false)),
        at("b", "2025-01-01", Some(30.0), Some(false)),
        at("b", "2025-03-01", Some(40.0), Some(true)),
        at("c", "2025-01-01", Some(5.0), None),
        at("c", "2025-03-01", None, None),
    ];
    let (money, _) = money(&rows).expect("values");
    assert_eq!(money.value, 10.0);
    let counts = [money.n_customers, money.n_lost, money.n_without_value];
    assert_eq!(counts, [1, 1, 1]);
    assert_eq!(money.revenue_at_risk.iter().flatten().count(), 5);
}

/// All that a row of the table says, by adding up customers one by one.
fn by_hand(rows: &[Customer], report: &RiskReport, what_if: &WhatIf, n: usize) -> [f64; 6] {
    let mut customers: Vec<(f64, f64, &str)> = rows
        .iter()
        .zip(&report.customers)
        .filter_map(|(row, risk)| Some((risk.probability, row.worth?.max(0.0), row.id)))
        .collect();
    customers.sort_by(|a, b| {
        let at_risk = |c: &(f64, f64, &str)| c.0 * c.1;
        at_risk(b)
            .total_cmp(&at_risk(a))
            .then(b.1.total_cmp(&a.1))
            .then(a.2.cmp(b.2))
    });
    let mut sums = [0.0; 3];
    for (p, value, _) in &customers[..n] {
        let kept = what_if.save_rate * p;
        sums[0] += p;
        sums[1] += kept * value;
        sums[2] += kept * (1.0 - kept) * value * value;
    }
    let cost = n as f64 * what_if.cost_per_contact;
    let net = sums[1] - cost;
    let half = 1.959_963_984_540_054 * sums[2].sqrt();
    let worth: f64 = customers[..n].iter().map(|c| c.1).sum();
    let ends = [(net - half).max(-cost), (net + half).min(worth - cost)];
    [sums[0], sums[1], cost, net, ends[0], ends[1]]
}

fn figures(row: &WhatIfRow) -> [f64; 6] {
    [
        row.expected_churners,
        row.saved_value,
        row.cost,
        row.net,
        row.net_lower,
        row.net_upper,
    ]
}

#[test]
fn the_table_is_that_of_the_slow_way_and_no_other_number_is_better() {
    for (n, seed) in [(1, 1), (7, 2), (40, 3), (333, 4)] {
        let rows = drawn(n, seed);
        let Some((money, report)) = money(&rows) else {
            panic!("some values")
        };
        for (cost_per_contact, save_rate) in
            [(1.0, 0.3), (0.0, 0.2), (8.0, 1.0), (3.0, 0.0), (1e6, 0.5)]
        {
            let what_if = WhatIf {
                cost_per_contact,
                save_rate,
            };
            let Some(table) = money.what_if(&what_if, &[]) else {
                assert_eq!(money.n_customers, 0);
                continue;
            };
            for row in &table.rows {
                let expected = by_hand(&rows, &report, &what_if, row.n_contacts);
                for (given, expected) in figures(row).into_iter().zip(expected) {
                    near(given, expected);
                }
                assert_eq!(row.is_best, row.n_contacts == table.n_best);
                assert_eq!(row.sensitivity.probabilities_low, None);
            }
            let net = |n: usize| by_hand(&rows, &report, &what_if, n)[3];
            let best = (0..=money.n_customers)
                .map(net)
                .fold(f64::NEG_INFINITY, f64::max);
            near(net(table.n_best), best);
            check_shape(&table, &money);
        }
    }
}

fn check_shape(table: &WhatIfTable, money: &Money) {
    let numbers: Vec<usize> = table.rows.iter().map(|row| row.n_contacts).collect();
    assert!(
        numbers.windows(2).all(|pair| pair[0] < pair[1]),
        "{numbers:?}"
    );
    assert!(numbers[0] >= 1);
    assert_eq!(numbers.last(), Some(&money.n_customers));
    assert_eq!(table.n_best > 0, table.rows.iter().any(|row| row.is_best));
}

fn only_row(rows: &[Customer], what_if: WhatIf, reliability: &[ReliabilityBin]) -> WhatIfRow {
    let (money, _) = money(rows).expect("values");
    let table = money.what_if(&what_if, reliability).expect("customers");
    assert_eq!(table.rows.len(), 1);
    table.rows[0]
}

#[test]
fn other_assumptions_move_the_net_as_they_should() {
    let rows = [customer("a", 1000.0, 2.0)];
    let (_, report) = money(&rows).expect("values");
    let p = report.customers[0].probability;
    let what_if = WhatIf {
        cost_per_contact: 10.0,
        save_rate: 0.4,
    };
    let bin = |mean_forecast, lower, upper| ReliabilityBin {
        n: 100.0,
        mean_forecast,
        rate: 0.5 * (lower + upper),
        lower,
        upper,
    };
    // The first bin's mean is nearer.
    let bins = [bin(p - 0.02, p - 0.05, p + 0.01), bin(p + 0.3, 0.0, 1.0)];
    let row = only_row(&rows, what_if, &bins);
    let sensitivity = row.sensitivity;
    let net = |save_rate: f64, p: f64, cost: f64| save_rate * p * 1000.0 - cost;
    near(row.net, net(0.4, p, 10.0));
    near(sensitivity.save_rate_halved, net(0.2, p, 10.0));
    near(sensitivity.save_rate_half_more, net(0.6, p, 10.0));
    near(sensitivity.cost_halved, net(0.4, p, 5.0));
    near(sensitivity.cost_half_more, net(0.4, p, 15.0));
    near(
        sensitivity.probabilities_low.expect("bins"),
        net(0.4, p - 0.03, 10.0),
    );
    near(
        sensitivity.probabilities_high.expect("bins"),
        net(0.4, p + 0.03, 10.0),
    );
    near(
        row.break_even_save_rate.expect("something at risk"),
        10.0 / (p * 1000.0),
    );
    let nearly_all = WhatIf {
        save_rate: 0.9,
        ..what_if
    };
    let row = only_row(&rows, nearly_all, &[]);
    near(row.sensitivity.save_rate_half_more, net(1.0, p, 10.0));
}

#[test]
fn the_interval_by_chance_holds_what_is_drawn() {
    let rows = drawn(300, 9);
    let (money, report) = money(&rows).expect("values");
    let what_if = WhatIf {
        cost_per_contact: 2.0,
        save_rate: 0.5,
    };
    let table = money.what_if(&what_if, &[]).expect("customers");
    let all = table.rows.last().expect("a row");
    let mut stream = RandomStream::new(7, "who churns", 0);
    let mut is_inside = || {
        let mut net = -all.cost;
        for (row, risk) in rows.iter().zip(&report.customers) {
            let Some(worth) = row.worth else { continue };
            let is_kept = stream.uniform() < risk.probability && stream.uniform() < 0.5;
            net += if is_kept { worth.max(0.0) } else { 0.0 };
        }
        (all.net_lower..=all.net_upper).contains(&net)
    };
    let n_inside = (0..2000).filter(|_| is_inside()).count();
    // 95 % of 2,000, four standard errors either way.
    assert!((1861..=1939).contains(&n_inside), "{n_inside}");
}

#[test]
fn nothing_at_risk_has_a_table_without_a_best_number() {
    let rows = [customer("a", 0.0, 1.0), customer("b", -5.0, 9.0)];
    let (money, _) = money(&rows).expect("values");
    assert_eq!(
        (money.value, money.at_risk, money.share_at_risk),
        (0.0, 0.0, None)
    );
    assert_eq!(money.top_tenth.share, None);
    let what_if = WhatIf {
        cost_per_contact: 0.0,
        save_rate: 1.0,
    };
    let table = money.what_if(&what_if, &[]).expect("customers");
    assert_eq!((table.n_best, table.pays_from_save_rate), (0, None));
    assert!(
        table
            .rows
            .iter()
            .all(|row| row.net == 0.0 && row.break_even_save_rate.is_none())
    );
}

#[test]
fn when_everybody_is_lost_there_is_nobody_to_contact() {
    let lost = Customer {
        churned: Some(true),
        ..customer("a", 10.0, 1.0)
    };
    let (money, _) = money(&[lost]).expect("values");
    assert_eq!(
        (
            money.n_customers,
            money.at_risk,
            money.top_tenth.n_customers
        ),
        (0, 0.0, 0)
    );
    let what_if = WhatIf {
        cost_per_contact: 1.0,
        save_rate: 0.5,
    };
    assert!(money.what_if(&what_if, &[]).is_none());
}

#[test]
fn the_largest_doubles_have_finite_figures() {
    let rows = [
        customer("a", f64::MAX, 6.0),
        customer("b", f64::MAX, 6.0),
        customer("c", 1e-300, 0.0),
        customer("d", -f64::MAX, 6.0),
    ];
    let (money, _) = money(&rows).expect("values");
    assert!(money.value.is_finite() && money.at_risk.is_finite());
    for cost_per_contact in [0.0, 1.0, f64::MAX] {
        let what_if = WhatIf {
            cost_per_contact,
            save_rate: 1.0,
        };
        let table = money.what_if(&what_if, &[]).expect("customers");
        for row in &table.rows {
            assert!(figures(row).iter().all(|x| x.is_finite()), "{row:?}");
            let sensitivity = row.sensitivity;
            assert!(
                sensitivity.cost_half_more.is_finite() && sensitivity.save_rate_halved.is_finite()
            );
        }
    }
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let mut rows = drawn(200, 12);
    let what_if = WhatIf {
        cost_per_contact: 5.0,
        save_rate: 0.3,
    };
    let (there, _) = money(&rows).expect("values");
    rows.reverse();
    let (mut back, _) = money(&rows).expect("values");
    back.revenue_at_risk.reverse();
    assert_eq!(there, back);
    assert_eq!(there.what_if(&what_if, &[]), back.what_if(&what_if, &[]));
}
