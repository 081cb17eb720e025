//! How long it takes, and how much memory, to read and validate a body of 20 MB.
//!
//! The budget on one core: 150 ms, and 4 × the size of the body in memory, the body included: `max alloc` has to stay
//! below 3 × 21 MB. The allocator that counts costs a few nanoseconds for each allocation.

use std::fmt::Write as _;

use clientela_analyses::{Context, Format, Models, StopToken, by_route};
use divan::counter::BytesCount;
use divan::{AllocProfiler, Bencher};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const BODY_BYTES: usize = 20 * 1024 * 1024;

fn main() {
    divan::main();
}

/// Objects made by `row` for 0, 1, 2, …, until the body is full.
fn body(key: &str, mut row: impl FnMut(&mut String, usize)) -> String {
    let mut body = format!("{{\"{key}\":[");
    for index in 0.. {
        if body.len() >= BODY_BYTES {
            break;
        }
        if index > 0 {
            body.push(',');
        }
        row(&mut body, index);
    }
    body + "]}"
}

fn check(bencher: Bencher<'_, '_>, route: &str, body: &str) {
    let analysis = by_route(route).expect("a route");
    let context = Context {
        language: None,
        today: "2025-06-30".parse().expect("a date"),
        format: Format::Json,
        models: Models::none(),
        stop: StopToken::new(),
    };
    bencher.counter(BytesCount::of_str(body)).bench(|| {
        let outcome = analysis.check(body.as_bytes(), &context);
        outcome.expect("a valid body");
    });
}

/// As a shop exports it: about four orders for each customer, spaces, and a field that is ignored.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn customer_rfm_with_many_orders(bencher: Bencher<'_, '_>) {
    let mut order = 0;
    let body = body("customers", |body, customer| {
        write!(
            body,
            r#"{{"customer_id": "c{customer:07}", "transactions": ["#
        )
        .expect("text");
        for line in 0..1 + customer % 7 {
            let comma = if line == 0 { "" } else { ", " };
            let (month, day) = (1 + order % 6, 1 + order % 28);
            let (units, cents) = (order * 7919 % 300, order * 7919 % 100);
            let product = order % 1000;
            write!(
                body,
                r#"{comma}{{"transaction_id": "t{order}", "date": "2025-{month:02}-{day:02}", "amount": {units}.{cents:02}, "product_id": "p{product}"}}"#
            )
            .expect("text");
            order += 1;
        }
        body.push_str("]}");
    });
    check(bencher, "customer_rfm", &body);
}

/// The densest there is: one order for each customer, nothing that is not needed.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn customer_rfm_with_one_order_each(bencher: Bencher<'_, '_>) {
    let body = body("customers", |body, customer| {
        let (month, day, cents) = (1 + customer % 6, 1 + customer % 28, customer % 100);
        write!(
            body,
            r#"{{"customer_id":{customer},"transactions":[{{"date":"2025-{month:02}-{day:02}","amount":9.{cents:02}}}]}}"#
        )
        .expect("text");
    });
    check(bencher, "customer_rfm", &body);
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn customer_rfm_with_one_customer(bencher: Bencher<'_, '_>) {
    let mut lines = body("transactions", |body, line| {
        let (month, day, cents) = (1 + line % 6, 1 + line % 28, line % 100);
        write!(
            body,
            r#"{{"date":"2025-{month:02}-{day:02}","amount":9.{cents:02},"transaction_id":{line}}}"#
        )
        .expect("text");
    });
    lines.replace_range(..1, r#"{"customers":[{"customer_id":1,"#);
    lines.push_str("]}");
    check(bencher, "customer_rfm", &lines);
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn shoppers(bencher: Bencher<'_, '_>) {
    let body = body("customers", |body, shopper| {
        let (frequency, amount) = (1 + shopper % 9, shopper * 31 % 1000);
        let (first, second) = (shopper % 20, 20 + shopper % 13);
        write!(
            body,
            r#"{{"id":"s{shopper}","frequency":{frequency},"amount_spent":{amount}.5,"product_types":["kind {first}","kind {second}"]}}"#
        )
        .expect("text");
    });
    check(bencher, "purchasing_segmentation", &body);
}
