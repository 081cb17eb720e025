//! What stops an import, as the sentence that a person reads: file, line, what is wrong, how to mend it.

use clientela_intake::{
    ColumnNames, FileFormat, IntakeError, RefundRule, ShoppersOptions, Source, Target,
    TransactionsOptions, import_shoppers, import_transactions,
};

const HEADER: &str = "customer,date,amount,invoice,product\n";

fn error_of(files: &[(&str, String)], options: &TransactionsOptions) -> String {
    let files: Vec<Source> = files
        .iter()
        .map(|(name, text)| Source::memory(name, text.as_bytes()))
        .collect();
    match import_transactions(&files, options, &mut |_| ()) {
        Ok((_, summary)) => panic!("imported: {summary}"),
        Err(error) => error.to_string(),
    }
}

/// The error for one file of these lines under [`HEADER`].
fn error_below_header(lines: &str) -> String {
    error_of(
        &[("sales.csv", format!("{HEADER}{lines}"))],
        &TransactionsOptions::default(),
    )
}

#[test]
fn dates_that_can_be_read_both_ways_ask_for_a_declaration() {
    assert_eq!(
        error_below_header("1,03/04/2024,5,a,p\n2,05/05/2024,6,b,p\n"),
        "Every date like \"03/04/2024\" (sales.csv line 2) can be read with the day or with the month first. Say which: \
         --date-order day-first or --date-order month-first."
    );
}

#[test]
fn dates_of_both_orders_are_shown_side_by_side() {
    assert_eq!(
        error_below_header("1,03/04/2024,5,a,p\n2,13/04/2024,6,b,p\n3,04/14/2024,6,b,p\n"),
        "\"13/04/2024\" (sales.csv line 3) has the day first, \"04/14/2024\" (sales.csv line 4) the month. Say which is right: \
         --date-order day-first or --date-order month-first; lines with the other are then left out and counted."
    );
}

#[test]
fn two_digit_years_ask_for_a_declaration() {
    let error = error_below_header("1,13/04/24,5,a,p\n");
    assert!(
        error.starts_with("The year of \"13/04/24\" (sales.csv line 2) has two digits"),
        "{error}"
    );
    assert!(error.contains("--date-order day-first"), "{error}");
}

#[test]
fn numbers_that_can_be_read_both_ways_ask_for_a_declaration() {
    assert_eq!(
        error_below_header("1,2024-01-01,1.250,a,p\n2,2024-01-01,12,b,p\n"),
        "Every number like \"1.250\" (sales.csv line 2) can be read with decimals or with thousands. Say which mark parts the \
         decimals: --decimal-mark point or --decimal-mark comma."
    );
    let mixed = error_below_header("1,2024-01-01,1.25,a,p\n2,2024-01-01,\"1,25\",b,p\n");
    assert!(mixed.starts_with("\"1.25\" (sales.csv line 2) has a decimal point, \"1,25\" (sales.csv line 3) a decimal comma."));
    assert!(mixed.contains("--decimal-mark comma"), "{mixed}");
}

#[test]
fn currencies_are_not_added_up() {
    assert_eq!(
        error_below_header("1,2024-01-01,€ 5,a,p\n2,2024-01-01,$ 5,b,p\n"),
        "\"€ 5\" (sales.csv line 2) and \"$ 5\" (sales.csv line 3) are in different currencies, which can't be added up. Import \
         one currency at a time."
    );
    let two = |currency: &str| format!("{HEADER}1,2024-01-01,{currency} 5,a,p\n");
    let error = error_of(
        &[("a.csv", two("EUR")), ("b.csv", two("£"))],
        &TransactionsOptions::default(),
    );
    assert!(
        error.contains("(a.csv line 2)") && error.contains("(b.csv line 2)"),
        "{error}"
    );
}

#[test]
fn refunds_without_a_rule_are_named() {
    assert_eq!(
        error_below_header("1,2024-01-01,5,a,p\n1,2024-01-02,-5,b,p\n"),
        "1 line is a refund or cancellation, the first at sales.csv line 3. Say how they count: --refunds net lowers the \
         purchases they belong to, --refunds drop leaves them out."
    );
    let many = error_below_header(&"1,2024-01-02,-5,b,p\n".repeat(1_007));
    assert!(
        many.starts_with(
            "1,007 lines are refunds or cancellations, the first at sales.csv line 2, sales.csv line 3"
        ),
        "{many}"
    );
}

#[test]
fn refunds_without_a_rule_are_told_what_net_does_to_a_lifetime_value() {
    for target in [Target::CustomerClvFeatures, Target::CustomerClvForecast] {
        let options = TransactionsOptions {
            target,
            ..TransactionsOptions::default()
        };
        let text = format!("{HEADER}1,2024-01-01,5,a,p\n1,2024-01-02,-5,b,p\n");
        assert_eq!(
            error_of(&[("sales.csv", text)], &options),
            "1 line is a refund or cancellation, the first at sales.csv line 3. Say how they count: --refunds net lowers what a \
             customer brought from the day of each refund on, --refunds drop leaves them out."
        );
    }
}

#[test]
fn columns_that_are_missing_say_which_flag_names_them() {
    let of = |text: &str, target| {
        error_of(
            &[("v.csv", text.to_owned())],
            &TransactionsOptions {
                target,
                ..TransactionsOptions::default()
            },
        )
    };
    assert_eq!(
        of("quien,fecha,importe\n1,2024-01-01,5\n", Target::CustomerRfm),
        "No column of v.csv was recognized as customer ids. Name it with --customer-column. The file has: quien, fecha, importe."
    );
    assert_eq!(
        of(
            "cliente,fecha,precio\n1,2024-01-01,5\n",
            Target::CustomerRfm
        ),
        "No column of v.csv was recognized as amounts, or as quantities and unit prices. Name it with --amount-column, or both \
         with --quantity-column and --unit-price-column. The file has: cliente, fecha, precio."
    );
    assert_eq!(
        of(
            "cliente,fecha,importe\n1,2024-01-01,5\n",
            Target::CustomerFeatures
        ),
        "No column of v.csv was recognized as product codes. Name it with --product-column. The file has: cliente, fecha, importe."
    );
    let shoppers = import_shoppers(
        &[Source::memory(
            "v.csv",
            b"cliente,fecha,importe\n1,2024-01-01,5\n",
        )],
        &ShoppersOptions::default(),
        &mut |_| (),
    );
    let error = shoppers.unwrap_err().to_string();
    assert!(
        error.contains("product categories") && error.contains("--category-column"),
        "{error}"
    );
}

#[test]
fn a_column_that_was_named_wrongly_is_told_with_those_there_are() {
    let columns = ColumnNames {
        date: Some("when".into()),
        ..ColumnNames::default()
    };
    let options = TransactionsOptions {
        columns,
        ..TransactionsOptions::default()
    };
    assert_eq!(
        error_of(
            &[("sales.csv", format!("{HEADER}1,2024-01-01,5,a,p\n"))],
            &options
        ),
        "sales.csv has no column \"when\", which --date-column names. It has: customer, date, amount, invoice, product."
    );
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let lines = "\nann,2024-01-01,5,a,\"two\nlines\"\n\n\nbob,never,5,b,p\ncleo,2024-01-02,six,c,p";
    for end in ["\n", "\r\n"] {
        for above in ["", "sep=,\n", "\n"] {
            let text = format!("{above}{HEADER}{lines}").replace('\n', end);
            let files = [Source::memory("sales.csv", text.as_bytes())];
            let options = TransactionsOptions::default();
            let (_, summary) =
                import_transactions(&files, &options, &mut |_| ()).expect("a request");
            let n_above = above.matches('\n').count();
            for (reason, line) in [("a date", 7), ("an amount", 8)] {
                let expected = format!(
                    "with {reason} that can't be read (first: sales.csv line {})",
                    line + n_above
                );
                let summary = summary.to_string();
                assert!(summary.contains(&expected), "{end:?} {above:?}: {summary}");
            }
        }
    }
}

#[test]
fn a_quote_that_is_never_closed_is_found() {
    let lines = format!(
        "1,2024-01-01,5,a,\"p\n{}",
        "2,2024-01-01,5,b,q\n".repeat(2_000)
    );
    assert_eq!(
        error_below_header(&lines),
        "The record that begins at sales.csv line 2 runs over more than a thousand lines: a quote is opened there and not \
         closed. Close it, or take it out."
    );
}

#[test]
fn files_that_are_no_tables_are_told_apart() {
    let options = TransactionsOptions::default();
    let of = |name: &str, text: &str| error_of(&[(name, text.to_owned())], &options);
    assert!(of("a.xlsx", "PK\u{3}\u{4}rest").contains("Save it as CSV"));
    assert!(of("empty.csv", "").contains("holds no lines below a header"));
    assert!(of("header.csv", HEADER).contains("holds no lines below a header"));
    let prose = of("letter.txt", "Dear customer\nwe write\n");
    assert!(
        prose.starts_with("The first line of letter.txt is \"Dear customer\""),
        "{prose}"
    );
}

#[test]
fn where_nothing_is_kept_the_reasons_are_listed() {
    let error = error_below_header(",2024-01-01,5,a,p\n1,2024-02-30,5,a,p\n");
    assert!(
        error.starts_with("No line could be kept. 2 lines read, 0 kept, 2 dropped."),
        "{error}"
    );
    assert!(
        error.contains("1 without a customer id (first: sales.csv line 2)"),
        "{error}"
    );
    assert!(
        error.contains("1 with a date that can't be read (first: sales.csv line 3)"),
        "{error}"
    );
}

#[test]
fn files_that_are_missing_or_named_twice_are_told() {
    let options = TransactionsOptions {
        refunds: RefundRule::Drop,
        ..TransactionsOptions::default()
    };
    let none = import_transactions(&[], &options, &mut |_| ()).unwrap_err();
    assert!(matches!(none, IntakeError::NoFiles), "{none}");
    let absent = Source::file("no/such/file.csv".as_ref());
    let error =
        import_transactions(std::slice::from_ref(&absent), &options, &mut |_| ()).unwrap_err();
    assert!(
        error.to_string().starts_with("file.csv can't be read: "),
        "{error}"
    );
    let twice = import_transactions(&[absent.clone(), absent], &options, &mut |_| ()).unwrap_err();
    assert!(twice.to_string().contains("named twice"), "{twice}");
}

#[test]
fn a_gzip_file_that_was_cut_short_is_unreadable_rather_than_short() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let text = format!("{HEADER}{}", "1,2024-01-01,5,a,p\n".repeat(500));
    std::io::Write::write_all(&mut encoder, text.as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    let source = Source::memory("sales.csv.gz", &packed[..packed.len() / 2]);
    let error =
        import_transactions(&[source], &TransactionsOptions::default(), &mut |_| ()).unwrap_err();
    assert!(matches!(error, IntakeError::Unreadable { .. }), "{error}");
}

#[test]
fn what_was_declared_settles_every_doubt() {
    let format = FileFormat {
        date_order: Some("month-first".parse().unwrap()),
        decimal_mark: Some("comma".parse().unwrap()),
        ..FileFormat::default()
    };
    let options = TransactionsOptions {
        format,
        ..TransactionsOptions::default()
    };
    let text = format!("{HEADER}1,03/04/24,1.250,a,p\n");
    let (request, _) = import_transactions(
        &[Source::memory("sales.csv", text.as_bytes())],
        &options,
        &mut |_| (),
    )
    .expect("an import");
    let mut body = Vec::new();
    request.write_json(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    assert!(
        body.contains("\"date\":\"2024-03-04\",\"amount\":1250,"),
        "{body}"
    );
}
