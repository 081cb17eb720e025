//! Whatever a file holds: no panic, every line accounted for, and the same request however the same table is written.

use clientela_intake::{
    Decimal, DuplicateRule, ImportSummary, RefundRule, ShoppersOptions, Source, Target,
    TransactionsOptions, ZeroRule, import_shoppers, import_transactions,
};
use proptest::prelude::*;

fn body_of(source: Source, options: &TransactionsOptions) -> (serde_json::Value, ImportSummary) {
    let (request, summary) =
        import_transactions(&[source], options, &mut |_| ()).expect("an import");
    let mut body = Vec::new();
    request.write_json(&mut body).expect("writing to memory");
    (serde_json::from_slice(&body).expect("JSON"), summary)
}

fn is_balanced(summary: &ImportSummary) -> bool {
    let dropped: Decimal = summary.dropped.iter().map(|dropped| dropped.amount).sum();
    summary.n_read == summary.n_kept + summary.n_dropped()
        && summary.amount_read == summary.amount_kept + summary.amount_reduced + dropped
}

/// The amounts of a body as they are written, which no double has touched.
fn amounts(body: &str) -> impl Iterator<Item = Decimal> {
    body.split("\"amount\":").skip(1).map(|rest| {
        let number = rest.split([',', '}']).next().unwrap_or_default();
        let size = number.trim_start_matches('-');
        let (whole, fraction) = size.split_once('.').unwrap_or((size, ""));
        let size = Decimal::from_digits(whole.as_bytes(), fraction.as_bytes()).expect("a decimal");
        if number.starts_with('-') { -size } else { size }
    })
}

/// A field as systems write it, often broken.
fn field(good: &'static str) -> impl Strategy<Value = String> {
    prop_oneof![
        8 => proptest::string::string_regex(good).expect("a pattern"),
        1 => Just(String::new()),
        1 => proptest::string::string_regex("[a-z0-9.,/€ -]{0,6}").expect("a pattern"),
    ]
}

fn row() -> impl Strategy<Value = [String; 6]> {
    (
        field("[1-5]"),
        field("2024-0[1-3]-1[0-9]"),
        field("-?[0-9]{1,2}"),
        field("[0-9]{1,2}\\.[0-9]{2}"),
        field("C?[1-9]"),
        field("[a-c]"),
    )
        .prop_map(|(customer, date, quantity, price, invoice, product)| {
            [customer, date, quantity, price, invoice, product]
        })
}

const HEADER: [&str; 6] = [
    "customer",
    "date",
    "quantity",
    "unit price",
    "invoice",
    "product",
];

fn written(rows: &[[String; 6]], delimiter: char) -> String {
    let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
    let lines = rows.iter().map(|row| {
        row.iter()
            .map(quoted)
            .collect::<Vec<_>>()
            .join(&delimiter.to_string())
    });
    let header = HEADER.join(&delimiter.to_string());
    std::iter::once(header)
        .chain(lines)
        .map(|line| line + "\n")
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_at_all_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let source = [Source::memory("noise", &bytes)];
        let transactions = import_transactions(&source, &TransactionsOptions::default(), &mut |_| ());
        prop_assert!(transactions.map_or(true, |(_, summary)| is_balanced(&summary)));
        let below_a_header = [b"customer;date;amount;category\n".as_slice(), &bytes].concat();
        let shoppers = import_shoppers(
            &[Source::memory("noise", &below_a_header)],
            &ShoppersOptions { refunds: RefundRule::Net, ..ShoppersOptions::default() },
            &mut |_| (),
        );
        prop_assert!(shoppers.map_or(true, |(_, summary)| is_balanced(&summary)));
    }

    #[test]
    fn every_line_and_every_amount_is_accounted_for(
        rows in prop::collection::vec(row(), 1..60),
        refunds in prop_oneof![Just(RefundRule::Net), Just(RefundRule::Drop)],
        duplicates in prop_oneof![Just(DuplicateRule::Keep), Just(DuplicateRule::Drop)],
        zero_amounts in prop_oneof![Just(ZeroRule::Keep), Just(ZeroRule::Drop)],
        target in prop_oneof![Just(Target::CustomerFeatures), Just(Target::CustomerClvForecast)],
    ) {
        let options = TransactionsOptions { refunds, duplicates, zero_amounts, target, ..TransactionsOptions::default() };
        let source = [Source::memory("sales.csv", written(&rows, ',').as_bytes())];
        let Ok((request, summary)) = import_transactions(&source, &options, &mut |_| ()) else { return Ok(()) };
        prop_assert!(is_balanced(&summary), "{summary}");
        prop_assert_eq!(summary.n_read, rows.len() as u64);
        prop_assert_eq!(summary.n_customers, request.n_customers() as u64);

        let mut text = Vec::new();
        request.write_json(&mut text).unwrap();
        let body: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let rows_of = |one: &serde_json::Value| one["transactions"].as_array().unwrap().clone();
        let written: Vec<serde_json::Value> = body["customers"].as_array().unwrap().iter().flat_map(rows_of).collect();
        let is_refund = |row: &&serde_json::Value| row["amount"].as_f64().unwrap() < 0.0;
        let n_refunds = written.iter().filter(is_refund).count();
        if target == Target::CustomerFeatures {
            prop_assert_eq!(written.len() as u64, summary.n_kept);
            prop_assert_eq!((n_refunds, summary.n_refunds), (0, 0));
        } else {
            // An order has a row for each of its days, and so have its refunds.
            prop_assert!((written.len() - n_refunds) as u64 >= summary.n_orders);
            prop_assert!(n_refunds as u64 <= summary.n_refunds && (n_refunds == 0) == (summary.n_refunds == 0));
            prop_assert_eq!(summary.n_reduced, 0);
        }
        let text = String::from_utf8(text).unwrap();
        prop_assert_eq!(amounts(&text).sum::<Decimal>(), summary.amount_kept);
    }

    /// What is known of a customer on a day does not depend on what was refunded after it.
    #[test]
    fn a_request_for_lifetime_value_of_an_earlier_day_is_what_the_later_one_holds_of_it(
        rows in prop::collection::vec(row(), 1..60),
    ) {
        let text = written(&rows, ',');
        let known_by = |today: Option<&str>| {
            let options = TransactionsOptions {
                refunds: RefundRule::Net,
                target: Target::CustomerClvForecast,
                today: today.map(|day| clientela_tables::Date::parse(day).unwrap()),
                ..TransactionsOptions::default()
            };
            let sources = [Source::memory("sales.csv", text.as_bytes())];
            let (request, _) = import_transactions(&sources, &options, &mut |_| ()).ok()?;
            let mut body = Vec::new();
            request.write_json(&mut body).unwrap();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            let of = |one: &serde_json::Value| -> Vec<String> {
                let rows = one["transactions"].as_array().unwrap().iter();
                let known = rows.filter(|row| today.is_none() || row["date"].as_str().unwrap() <= today.unwrap_or_default());
                known.map(|row| format!("{} {row}", one["customer_id"])).collect()
            };
            let mut known: Vec<String> = body["customers"].as_array().unwrap().iter().flat_map(of).collect();
            known.sort();
            Some(known)
        };
        let Some(all) = known_by(None) else { return Ok(()) };
        let then = known_by(Some("2024-02-15")).unwrap_or_default();
        let of_then: Vec<String> = all
            .into_iter()
            .filter(|row| row.split("\"date\":\"").nth(1).unwrap()[..10] <= *"2024-02-15")
            .collect();
        prop_assert_eq!(then, of_then);
    }

    #[test]
    fn netting_never_takes_more_than_was_paid_nor_less_than_it_can(rows in prop::collection::vec(row(), 1..60)) {
        let text = written(&rows, ',');
        let import = |refunds| {
            let options = TransactionsOptions { refunds, ..TransactionsOptions::default() };
            import_transactions(&[Source::memory("sales.csv", text.as_bytes())], &options, &mut |_| ())
        };
        let (Ok((_, net)), Ok((_, gross))) = (import(RefundRule::Net), import(RefundRule::Drop)) else { return Ok(()) };
        // What refunds took from purchases is what they come to but for the rest that found none.
        let refunded: Decimal = gross
            .dropped
            .iter()
            .filter(|dropped| dropped.reason >= clientela_intake::Reason::CancelledInvoice)
            .map(|dropped| -dropped.amount)
            .sum();
        prop_assert_eq!(net.amount_kept, gross.amount_kept - refunded + net.amount_unmatched);
        prop_assert!(!net.amount_unmatched.is_negative() && net.amount_unmatched <= refunded);
    }

    #[test]
    fn the_same_table_in_any_dress_is_the_same_request(
        rows in prop::collection::vec((1_u8..9, 1_u8..29, 1_u32..99_999, 1_u8..9), 1..40),
    ) {
        // The amount 1234567 hundredths, and a day after the 12th to settle the order of dates.
        let table = |delimiter: &str, date: &dyn Fn(u8) -> String, amount: &dyn Fn(u32) -> String| -> String {
            let line = |&(who, day, hundredths, order): &(u8, u8, u32, u8)| {
                [format!("Núñez {who}"), date(day), amount(hundredths), format!("o{order}"), "p".into()].join(delimiter) + "\n"
            };
            let header = ["cliente", "fecha", "importe", "pedido", "producto"].join(delimiter) + "\n";
            let last = line(&(9, 28, 123_456_789, 9));
            header + &rows.iter().map(line).collect::<String>() + &last
        };
        let iso = |day: u8| format!("2024-03-{day:02}");
        let day_first = |day: u8| format!("{day}/3/2024 9:30");
        let point = |hundredths: u32| format!("{}.{:02}", hundredths / 100, hundredths % 100);
        let comma = |hundredths: u32| point(hundredths).replace('.', ",");
        let grouped = |hundredths: u32| {
            let whole = hundredths / 100;
            let whole = if whole >= 1000 { format!("{}.{:03}", whole / 1000, whole % 1000) } else { whole.to_string() };
            format!("{},{:02} €", whole, hundredths % 100)
        };
        let options = TransactionsOptions { duplicates: DuplicateRule::Keep, ..TransactionsOptions::default() };
        let customers = |bytes: &[u8]| body_of(Source::memory("ventas", bytes), &options).0["customers"].clone();

        let plain = customers(table(",", &iso, &point).as_bytes());
        prop_assert_eq!(&customers(table(";", &day_first, &comma).as_bytes()), &plain);
        let spanish = table("\t", &day_first, &|hundredths| if hundredths < 100_000_000 { grouped(hundredths) } else { comma(hundredths) });
        prop_assert_eq!(&customers(spanish.as_bytes()), &plain);
        prop_assert_eq!(&customers(&[b"\xef\xbb\xbf", spanish.as_bytes()].concat()), &plain);
        let windows: Vec<u8> = spanish.chars().map(|c| if c == '€' { 0x80 } else { c as u8 }).collect();
        prop_assert_eq!(&customers(&windows), &plain);
        let utf16: Vec<u8> = std::iter::once('\u{feff}').chain(spanish.chars()).collect::<String>().encode_utf16().flat_map(u16::to_le_bytes).collect();
        prop_assert_eq!(&customers(&utf16), &plain);
    }
}

#[test]
fn progress_ends_at_the_size_of_both_readings() {
    let text = format!(
        "customer,date,amount,invoice,product\n{}",
        "1,2024-01-01,5,a,p\n".repeat(20_000)
    );
    let source = Source::memory("sales.csv", text.as_bytes());
    let mut reports = Vec::new();
    import_transactions(
        &[source],
        &TransactionsOptions::default(),
        &mut |progress| reports.push(progress),
    )
    .unwrap();
    assert!(
        reports.len() > 4
            && reports.is_sorted_by_key(|progress| (progress.n_bytes, progress.n_lines))
    );
    let last = reports.last().unwrap();
    assert_eq!(
        (last.n_bytes, last.n_bytes_total, last.n_lines),
        (2 * text.len() as u64, 2 * text.len() as u64, 20_000)
    );
}
