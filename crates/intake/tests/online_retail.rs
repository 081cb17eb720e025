//! UCI Online Retail, 541,909 real invoice lines: the counts of the import equal the published facts.
//!
//! Reads `online_retail/online_retail_2010_2011.csv.gz` below `CLIENTELA_DATA`, or below `../shared/data` beside the
//! repository.

use std::collections::HashMap;
use std::path::PathBuf;

use clientela_intake::{
    Decimal, DuplicateRule, ImportSummary, IntakeError, Reason, RefundRule, ShoppersOptions,
    Source, Target, TransactionsOptions, import_shoppers, import_transactions,
};

fn online_retail() -> Option<Source> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let data = std::env::var_os("CLIENTELA_DATA").map_or(beside, PathBuf::from);
    let path = data.join("online_retail/online_retail_2010_2011.csv.gz");
    if !path.exists() {
        #[expect(clippy::print_stderr, reason = "a skipped test must be visible")]
        {
            eprintln!(
                "ignored, needs online_retail/online_retail_2010_2011.csv.gz in ../shared/data or CLIENTELA_DATA"
            );
        }
        return None;
    }
    Some(Source::file(&path))
}

fn options(target: Target, refunds: RefundRule) -> TransactionsOptions {
    TransactionsOptions {
        target,
        refunds,
        ..TransactionsOptions::default()
    }
}

fn imported(options: &TransactionsOptions) -> Option<(serde_json::Value, ImportSummary)> {
    let (request, summary) =
        import_transactions(&[online_retail()?], options, &mut |_| ()).expect("an import");
    let mut body = Vec::new();
    request.write_json(&mut body).expect("writing to memory");
    assert_balanced(&summary);
    Some((serde_json::from_slice(&body).expect("JSON"), summary))
}

fn assert_balanced(summary: &ImportSummary) {
    assert_eq!(summary.n_read, summary.n_kept + summary.n_dropped());
    let dropped: Decimal = summary.dropped.iter().map(|dropped| dropped.amount).sum();
    assert_eq!(
        summary.amount_read,
        summary.amount_kept + summary.amount_reduced + dropped
    );
}

fn counts(summary: &ImportSummary) -> HashMap<Reason, u64> {
    summary
        .dropped
        .iter()
        .map(|dropped| (dropped.reason, dropped.n_lines))
        .collect()
}

/// The published facts: 397,884 lines, 4,338 customers, 18,532 invoices, 8,911,407.90 after dropping lines without
/// customer, of C-invoices, and without a positive quantity and price.
#[test]
fn dropping_refunds_leaves_the_lines_customers_invoices_and_revenue_that_are_published() {
    let Some((body, summary)) = imported(&options(Target::CustomerFeatures, RefundRule::Drop))
    else {
        return;
    };
    assert_eq!((summary.n_read, summary.n_kept), (541_909, 397_884));
    assert_eq!((summary.n_customers, summary.n_orders), (4_338, 18_532));
    assert_eq!(summary.amount_kept.to_string(), "8911407.904");
    assert_eq!(summary.n_duplicates_kept, 5_225);
    assert_eq!(summary.amount_read.to_string(), "9747747.934");
    let expected = [
        (Reason::MissingCustomer, 135_080),
        (Reason::ZeroAmount, 40),
        (Reason::CancelledInvoice, 8_905),
    ];
    assert_eq!(counts(&summary), HashMap::from(expected));

    let customers = body["customers"].as_array().expect("a list");
    let lines: usize = customers
        .iter()
        .map(|customer| customer["transactions"].as_array().unwrap().len())
        .sum();
    assert_eq!((customers.len(), lines), (4_338, 397_884));
    assert_eq!(customers[0]["customer_id"], "17850");
    let first = &customers[0]["transactions"][0];
    assert_eq!(
        first.to_string(),
        r#"{"transaction_id":"536365","date":"2010-12-01","amount":15.3,"product_id":"85123A"}"#
    );
}

#[test]
fn orders_are_invoices_and_add_up_to_the_same_revenue() {
    let Some((body, _)) = imported(&options(Target::CustomerRfm, RefundRule::Drop)) else {
        return;
    };
    let orders = || {
        body["customers"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|one| one["transactions"].as_array().unwrap())
    };
    assert_eq!(orders().count(), 18_532);
    // Every order is exact in thousandths, so that rounding each to thousandths and adding integers checks the sum.
    let thousandths: i64 = orders()
        .map(|order| (order["amount"].as_f64().unwrap() * 1000.0).round() as i64)
        .sum();
    assert_eq!(thousandths, 8_911_407_904);
}

#[test]
fn netting_refunds_accounts_for_every_one_of_them() {
    let Some((_, summary)) = imported(&options(Target::CustomerFeatures, RefundRule::Net)) else {
        return;
    };
    let counts = counts(&summary);
    let n_of = |reason| counts.get(&reason).copied().unwrap_or(0);
    let refunds = [
        Reason::RefundNetted,
        Reason::RefundPartlyNetted,
        Reason::RefundUnmatched,
    ]
    .map(n_of);
    assert_eq!(refunds.iter().sum::<u64>(), 8_905);
    assert_eq!(
        summary.n_kept,
        541_909 - 135_080 - 40 - 8_905 - n_of(Reason::FullyRefunded)
    );
    let cancelled = Decimal::from_digits(b"611342", b"090").unwrap();
    let all = Decimal::from_digits(b"8911407", b"904").unwrap();
    assert_eq!(
        summary.amount_kept,
        all - cancelled + summary.amount_unmatched
    );
}

/// Every customer line but the 40 that came to nothing is in the request, so that what it adds up to is what the published
/// lines and the cancellations of known customers add up to.
#[test]
fn lifetime_value_holds_every_refund_on_its_own_day() {
    let options = options(Target::CustomerClvForecast, RefundRule::Net);
    let Some((body, summary)) = imported(&options) else {
        return;
    };
    assert_eq!(summary.n_kept, 541_909 - 135_080 - 40);
    assert_eq!((summary.n_refunds, summary.n_orders), (8_905, 18_532));
    assert_eq!(summary.amount_refunds.to_string(), "-611342.09");
    assert_eq!(summary.amount_kept.to_string(), "8300065.814");
    // 4,372 customers are known; the one of them without any line here came to nothing.
    assert_eq!((summary.n_customers, summary.n_only_refunds), (4_371, 33));
    // Customer 12346 bought 74,215 pieces at 10:01 and cancelled them at 10:17: one day, two rows.
    let of_customer = |id: &str| {
        let customers = body["customers"].as_array().unwrap();
        let one = customers.iter().find(|one| one["customer_id"] == id);
        one.unwrap()["transactions"].to_string()
    };
    assert_eq!(
        of_customer("12346"),
        r#"[{"transaction_id":"541431","date":"2011-01-18","amount":77183.6},{"transaction_id":"C541433","date":"2011-01-18","amount":-77183.6}]"#
    );
}

#[test]
fn without_a_rule_the_import_names_the_first_refunds() {
    let Some(source) = online_retail() else {
        return;
    };
    let error =
        import_transactions(&[source], &TransactionsOptions::default(), &mut |_| ()).unwrap_err();
    let IntakeError::Refunds { first, n_lines, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!((first[0].line, *n_lines), (143, 8_905));
}

#[test]
fn exact_copies_leave_when_asked() {
    let drop = TransactionsOptions {
        duplicates: DuplicateRule::Drop,
        ..options(Target::CustomerFeatures, RefundRule::Drop)
    };
    let Some((_, summary)) = imported(&drop) else {
        return;
    };
    // 392,692 lines without copies is the figure in the literature on this set.
    assert_eq!(summary.n_kept, 392_692);
    assert_eq!(summary.n_duplicates_kept, 0);
}

#[test]
fn shoppers_hold_at_most_fifty_product_types_and_the_cut_is_counted() {
    let Some(source) = online_retail() else {
        return;
    };
    let options = ShoppersOptions {
        refunds: RefundRule::Drop,
        ..ShoppersOptions::default()
    };
    let (request, summary) = import_shoppers(&[source], &options, &mut |_| ()).expect("an import");
    assert_balanced(&summary);
    let mut body = Vec::new();
    request.write_json(&mut body).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let customers = body["customers"].as_array().unwrap();
    assert_eq!(customers.len(), 4_338);
    let n_types = |one: &serde_json::Value| one["product_types"].as_array().unwrap().len();
    assert_eq!(customers.iter().map(n_types).max(), Some(50));
    let full = customers.iter().filter(|one| n_types(one) == 50).count() as u64;
    assert!(summary.types_cut.n_customers > 0 && summary.types_cut.n_customers <= full);
    assert_eq!(
        customers
            .iter()
            .map(|one| one["frequency"].as_u64().unwrap())
            .sum::<u64>(),
        18_532
    );
}
