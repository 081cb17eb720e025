use std::collections::{BTreeMap, BTreeSet};

use clientela_numerics::RandomStream;
use clientela_tables::{SaleLine, TraitValues};

use super::*;

fn date(text: &str) -> Date {
    Date::parse(text).expect("a date")
}

fn day(days_before_today: i32) -> Date {
    Date::from_days(date("2025-06-30").days_since_epoch() - days_before_today).expect("a date")
}

const TODAY: &str = "2025-06-30";

fn options(window_days: u32, n_snapshots: usize) -> SnapshotOptions {
    SnapshotOptions {
        today: date(TODAY),
        window_days,
        n_snapshots,
    }
}

fn line(days_before_today: i32, amount: f64) -> SaleLine {
    SaleLine {
        date: day(days_before_today),
        amount,
        product: None,
        category: None,
    }
}

/// Lines of `n` customers over more than a year, refunds, several lines a day and lines after today among them.
fn random_lines(n: usize, seed: u64) -> Vec<Vec<SaleLine>> {
    let mut stream = RandomStream::new(seed, "sales", 0);
    let mut whole = |below: u64| stream.below(below);
    let mut customers = Vec::new();
    for _ in 0..n {
        let n_lines = 1 + whole(12);
        let mut lines = Vec::new();
        for _ in 0..n_lines {
            let cents = whole(5_000) as f64 / 100.0;
            lines.push(SaleLine {
                amount: if whole(6) == 0 { -cents } else { cents },
                product: (whole(5) > 0).then(|| whole(4) as u32),
                category: (whole(5) > 0).then(|| whole(3) as u32),
                ..line(whole(420) as i32 - 20, 0.0)
            });
        }
        customers.push(lines);
    }
    customers
}

fn sales_of(customers: &[Vec<SaleLine>]) -> Sales {
    let ids: Vec<String> = (0..customers.len()).map(|i| format!("c{i}")).collect();
    let names = ["tea", "cheese", "wine"].map(str::to_owned);
    Sales::new(ids.iter().collect(), customers.to_vec(), &names)
}

/// Everything about one customer and day from the lines up to it, each figure by a look at all of them.
fn slow_activity(sales: &Sales, customer: usize, at: Date, window: i32) -> Activity {
    let known: Vec<&SaleLine> = sales
        .lines_of(customer)
        .iter()
        .filter(|line| line.date <= at)
        .collect();
    let purchases: Vec<&&SaleLine> = known.iter().filter(|line| line.amount >= 0.0).collect();
    let days: BTreeSet<Date> = purchases.iter().map(|line| line.date).collect();
    let within = |from: i32, to: i32| {
        let is_within = |day: &&Date| (from..to).contains(&at.days_since(**day));
        days.iter().filter(is_within).count()
    };
    let cents = |lines: &mut dyn Iterator<Item = &&SaleLine>| -> f64 {
        let cents: f64 = lines.map(|line| (line.amount * 100.0).round()).sum();
        cents / 100.0
    };
    let (first, last) = (days.first().expect("one"), days.last().expect("one"));
    let gap =
        (days.len() > 1).then(|| f64::from(last.days_since(*first)) / (days.len() as f64 - 1.0));
    let spend = cents(&mut known.iter());
    let bought = cents(&mut known.iter().filter(|line| line.amount >= 0.0));
    let refunded = cents(&mut known.iter().filter(|line| line.amount < 0.0));
    let mut lines_of_category: BTreeMap<u32, usize> = BTreeMap::new();
    for line in &purchases {
        if let Some(category) = line.category {
            *lines_of_category.entry(category).or_default() += 1;
        }
    }
    let most = lines_of_category.values().max();
    let distinct = |of: fn(&SaleLine) -> Option<u32>| {
        let things: BTreeSet<u32> = purchases.iter().filter_map(|line| of(line)).collect();
        things.len()
    };
    Activity {
        tenure_days: at.days_since(*first).unsigned_abs(),
        recency_days: at.days_since(*last).unsigned_abs(),
        n_purchases: days.len(),
        n_purchases_in_window: within(0, window),
        n_purchases_in_window_before: within(window, 2 * window),
        spend,
        spend_in_window: cents(
            &mut known
                .iter()
                .filter(|line| at.days_since(line.date) < window),
        ),
        spend_per_purchase: spend / days.len() as f64,
        days_between_purchases: gap,
        recency_in_gaps: gap.map(|gap| f64::from(at.days_since(*last)) / gap),
        refund_share: if bought > 0.0 {
            -refunded / bought + 0.0
        } else {
            0.0
        },
        n_products: distinct(|line| line.product),
        n_categories: distinct(|line| line.category),
        main_category: lines_of_category
            .iter()
            .find(|(_, n)| Some(*n) == most)
            .map(|(category, _)| *category),
    }
}

/// The rows by the definition, day by day and customer by customer.
fn slow_rows(sales: &Sales, options: &SnapshotOptions, dates: &[Date]) -> Vec<SnapshotRow> {
    let window = options.window_days as i32;
    let mut rows = Vec::new();
    for &at in dates {
        for customer in 0..sales.len() {
            let bought_within = |from: i32, to: i32| {
                sales.lines_of(customer).iter().any(|line| {
                    line.amount >= 0.0 && (from..to).contains(&at.days_since(line.date))
                })
            };
            if bought_within(0, window) {
                let is_known = options.today.days_since(at) >= window;
                rows.push(SnapshotRow {
                    customer,
                    date: at,
                    churned: is_known.then(|| !bought_within(-window, 0)),
                    activity: slow_activity(sales, customer, at, window),
                });
            }
        }
    }
    rows
}

#[test]
fn rows_equal_those_computed_anew_from_the_lines_up_to_their_date() {
    let mut n_rows = 0;
    for (seed, window) in [(1, 30), (2, 60), (3, 90), (4, 7)] {
        let sales = sales_of(&random_lines(60, seed));
        let options = options(window, 3);
        let found = ChurnSnapshots::of(&sales, &options);
        let dates = [3, 2, 1, 0].map(|k| day(k * window as i32));
        assert_eq!(found.rows, slow_rows(&sales, &options, &dates), "{window}");
        assert_eq!(found.n_days_out_of_reach, 0);
        n_rows += found.rows.len();
        for counted in &found.days {
            let of_day = || found.rows.iter().filter(|row| row.date == counted.date);
            let n_churned = of_day().filter(|row| row.churned == Some(true)).count();
            assert_eq!(counted.n_active, of_day().count());
            assert_eq!(
                counted.n_churned,
                (counted.date < options.today).then_some(n_churned)
            );
        }
    }
    assert!(n_rows > 200, "{n_rows}");
}

#[test]
fn nothing_that_happens_later_changes_what_was_known() {
    let before = random_lines(80, 5);
    let options = options(60, 3);
    let found = ChurnSnapshots::of(&sales_of(&before), &options);
    for day in &found.days {
        let mut altered = before.clone();
        for lines in &mut altered {
            for line in lines.iter_mut().filter(|line| line.date > day.date) {
                line.amount = -line.amount * 3.0 + 1.0;
                line.product = Some(9);
                line.category = Some(1);
            }
            lines.push(line(-5, 777.0));
        }
        let after = ChurnSnapshots::of(&sales_of(&altered), &options);
        let of_day = |snapshots: &ChurnSnapshots| -> Vec<(usize, Activity)> {
            let rows = snapshots.rows.iter().filter(|row| row.date == day.date);
            rows.map(|row| (row.customer, row.activity)).collect()
        };
        assert_eq!(of_day(&after), of_day(&found), "{}", day.date);
        assert!(day.n_active > 10, "{day:?}");
    }
}

#[test]
fn the_order_of_lines_does_not_matter() {
    let mut customers = random_lines(30, 6);
    let one = ChurnSnapshots::of(&sales_of(&customers), &options(60, 2));
    customers.iter_mut().for_each(|lines| lines.reverse());
    assert_eq!(
        ChurnSnapshots::of(&sales_of(&customers), &options(60, 2)),
        one
    );
}

#[test]
fn borders_of_the_windows_are_those_of_the_label() {
    // Who bought 90 days before a day is silent on it; one day less, and the customer takes part.
    let customers = [
        vec![line(270, 1.0), line(180, 1.0), line(90, 1.0)],
        vec![line(179, 1.0), line(89, 1.0)],
        vec![line(179, 1.0), line(90, 1.0)],
        vec![line(0, 1.0)],
        vec![line(10, -5.0)],
    ];
    let found = ChurnSnapshots::of(&sales_of(&customers), &options(90, 1));
    let counted: Vec<_> = found
        .days
        .iter()
        .map(|day| (day.date, day.n_active, day.n_gone, day.n_churned))
        .collect();
    let [then, today] = [day(90), day(0)];
    assert_eq!(counted, [(then, 3, 0, Some(2)), (today, 2, 2, None)]);
    let rows: Vec<_> = found
        .rows
        .iter()
        .map(|row| (row.date, row.customer, row.churned))
        .collect();
    let expected = [
        (then, 0, Some(true)),
        (then, 1, Some(false)),
        (then, 2, Some(true)),
        (today, 1, None),
        (today, 3, None),
    ];
    assert_eq!(rows, expected);
}

#[test]
fn days_whose_window_the_sales_do_not_cover_are_left_out_and_counted() {
    for (first, n_days, n_out) in [
        (269, 3, 1),
        (268, 2, 2),
        (359, 4, 0),
        (1_000, 4, 0),
        (5, 1, 3),
    ] {
        let sales = sales_of(&[vec![line(first, 1.0), line(1, 1.0)]]);
        let found = ChurnSnapshots::of(&sales, &options(90, 3));
        assert_eq!(
            (found.days.len(), found.n_days_out_of_reach),
            (n_days, n_out),
            "first line {first} days ago"
        );
        assert_eq!(found.days.last().expect("today").date, date(TODAY));
    }
}

#[test]
fn only_customers_of_today_have_money_at_risk() {
    let customers = [
        vec![line(179, 9.0), line(20, 7.5)],
        vec![line(30, 4.0), line(2, -9.0)],
    ];
    let sales = sales_of(&customers);
    let found = ChurnSnapshots::of(&sales, &options(90, 1));
    let traits = found.traits(&sales);
    assert_eq!(traits.worth(), [None, Some(7.5), Some(0.0)]);
    assert_eq!(traits.churned(), [Some(false), None, None]);
    let names: Vec<&str> = traits
        .columns()
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names, found.columns());
    assert_eq!(names[3], "purchases_last_90_days");
    let column = traits.column("main_category").expect("a column");
    let TraitValues::Numeric(values) = &column.values else {
        panic!("nothing at all")
    };
    assert!(values.iter().all(|value| value.is_nan()));
}
