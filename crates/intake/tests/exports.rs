//! Golden tests: small exports in three languages, the request that each becomes, and the account of its lines.
//!
//! Each folder of `tests/exports` holds one or two files as a shop's system would write them (all data are invented),
//! `request.json` and `summary.txt`. `CLIENTELA_GOLDEN=update` writes the last two anew; read the difference before
//! committing it.

use std::path::PathBuf;

use clientela_intake::{
    ColumnNames, DateOrder, Decimal, DuplicateRule, FileFormat, ImportSummary, ImportedRequest,
    RefundRule, ShoppersOptions, Source, Target, TransactionsOptions, ZeroRule, import_shoppers,
    import_transactions,
};
use clientela_tables::Date;

enum Import {
    Transactions(TransactionsOptions),
    Shoppers(ShoppersOptions),
}

fn folder(case: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/exports")
        .join(case)
}

fn import(case: &str, files: &[&str], import: &Import) -> (ImportedRequest, ImportSummary) {
    let files: Vec<Source> = files
        .iter()
        .map(|file| Source::file(&folder(case).join(file)))
        .collect();
    let result = match import {
        Import::Transactions(options) => import_transactions(&files, options, &mut |_| ()),
        Import::Shoppers(options) => import_shoppers(&files, options, &mut |_| ()),
    };
    result.unwrap_or_else(|error| panic!("{case}: {error}"))
}

/// Compares with the golden files, or writes them.
fn check(case: &str, files: &[&str], how: &Import) {
    let (request, summary) = import(case, files, how);
    let mut body = Vec::new();
    request.write_json(&mut body).expect("writing to memory");
    let _: serde_json::Value =
        serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{case}: {error}"));
    assert_eq!(
        summary.n_read,
        summary.n_kept + summary.n_dropped(),
        "{case}"
    );
    let dropped: Decimal = summary.dropped.iter().map(|dropped| dropped.amount).sum();
    assert_eq!(
        summary.amount_read,
        summary.amount_kept + summary.amount_reduced + dropped,
        "{case}"
    );
    for (name, found) in [
        ("request.json", String::from_utf8(body).unwrap()),
        ("summary.txt", summary.to_string()),
    ] {
        let path = folder(case).join(name);
        if std::env::var("CLIENTELA_GOLDEN").is_ok_and(|mode| mode == "update") {
            std::fs::write(&path, &found).expect("a folder that can be written to");
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(found, golden, "{case}/{name} has changed");
    }
}

fn date(text: &str) -> Option<Date> {
    Some(Date::parse(text).expect("a date"))
}

fn to(target: Target) -> TransactionsOptions {
    TransactionsOptions {
        target,
        ..TransactionsOptions::default()
    }
}

#[test]
fn english_lines_with_quoted_fields_become_features() {
    check(
        "en_gift_shop",
        &["sales.csv"],
        &Import::Transactions(to(Target::CustomerFeatures)),
    );
}

#[test]
fn english_orders_with_the_month_first_lose_what_is_broken_and_copied() {
    let options = TransactionsOptions {
        duplicates: DuplicateRule::Drop,
        // One line has its day first: that the others are right has to be said.
        format: FileFormat {
            date_order: Some(DateOrder::MonthFirst),
            ..FileFormat::default()
        },
        ..to(Target::CustomerRfm)
    };
    check(
        "en_month_first",
        &["orders.csv"],
        &Import::Transactions(options),
    );
}

#[test]
fn english_cancelled_invoices_are_dropped_and_amounts_are_quantity_times_price() {
    let options = TransactionsOptions {
        refunds: RefundRule::Drop,
        today: date("2011-03-31"),
        ..to(Target::CustomerFeatures)
    };
    check(
        "en_cancelled_invoices",
        &["invoices.csv"],
        &Import::Transactions(options),
    );
}

#[test]
fn english_refunds_are_taken_off_earlier_purchases_where_a_request_holds_none() {
    let options = TransactionsOptions {
        refunds: RefundRule::Net,
        today: date("2024-06-30"),
        ..to(Target::CustomerFeatures)
    };
    check(
        "en_refunds_netted",
        &["ledger.csv"],
        &Import::Transactions(options),
    );
}

#[test]
fn english_refunds_keep_their_own_days_for_lifetime_value() {
    let options = TransactionsOptions {
        refunds: RefundRule::Net,
        today: date("2024-06-30"),
        zero_amounts: ZeroRule::Keep,
        currency: Some("GBP".into()),
        ..to(Target::CustomerClvForecast)
    };
    check(
        "en_refunds_dated",
        &["ledger.csv"],
        &Import::Transactions(options),
    );
}

#[test]
fn english_columns_named_by_flags_become_shoppers_with_at_most_fifty_types() {
    let name = |name: &str| Some(name.to_owned());
    let columns = ColumnNames {
        customer: name("who"),
        date: name("when"),
        category: name("bought"),
        amount: name("paid"),
        transaction: name("ticket"),
        ..ColumnNames::default()
    };
    let options = ShoppersOptions {
        columns,
        refunds: RefundRule::Net,
        ..ShoppersOptions::default()
    };
    check(
        "en_shoppers_by_flags",
        &["stamps.csv"],
        &Import::Shoppers(options),
    );
}

#[test]
fn spanish_windows_1252_with_decimal_commas_becomes_features() {
    check(
        "es_tienda_windows1252",
        &["ventas.csv"],
        &Import::Transactions(to(Target::CustomerFeatures)),
    );
}

#[test]
fn spanish_till_rolls_without_order_numbers_count_days_as_orders() {
    let options = TransactionsOptions {
        format: FileFormat {
            date_order: Some(DateOrder::DayFirst),
            ..FileFormat::default()
        },
        today: date("2024-12-31"),
        ..to(Target::CustomerRfm)
    };
    check(
        "es_sin_facturas",
        &["caja.csv"],
        &Import::Transactions(options),
    );
}

#[test]
fn spanish_unicode_text_of_a_spreadsheet_becomes_lifetime_value_with_costs() {
    check(
        "es_excel_utf16",
        &["pedidos.txt"],
        &Import::Transactions(to(Target::CustomerClvFeatures)),
    );
}

#[test]
fn spanish_gzipped_pipes_with_declared_dates_net_refunds_by_product() {
    let options = TransactionsOptions {
        format: FileFormat {
            date_order: Some(DateOrder::DayFirst),
            ..FileFormat::default()
        },
        refunds: RefundRule::Net,
        ..to(Target::CustomerFeatures)
    };
    check(
        "es_tuberias_gz",
        &["movimientos.csv.gz"],
        &Import::Transactions(options),
    );
}

#[test]
fn portuguese_lines_with_a_byte_order_mark_and_reais_become_features() {
    check(
        "pt_loja_bom",
        &["vendas.csv"],
        &Import::Transactions(to(Target::CustomerFeatures)),
    );
}

#[test]
fn portuguese_months_in_two_files_of_different_make_become_one_request() {
    let options = TransactionsOptions {
        today: date("2024-02-29"),
        ..to(Target::CustomerRfm)
    };
    check(
        "pt_dois_arquivos",
        &["janeiro.csv.gz", "fevereiro.csv"],
        &Import::Transactions(options),
    );
}

#[test]
fn portuguese_purchases_become_shoppers_by_section() {
    let options = ShoppersOptions {
        refunds: RefundRule::Drop,
        ..ShoppersOptions::default()
    };
    check(
        "pt_compradores",
        &["compras.csv"],
        &Import::Shoppers(options),
    );
}
