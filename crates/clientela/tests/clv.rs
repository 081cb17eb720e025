//! `clientela clv` as a person meets it: from an export to a forecast, and what is said where something is wrong.

mod program;

use std::fs;
use std::path::Path;

use program::{Folder, run, text};
use serde_json::Value;

/// An export of `n_customers` with one to five orders each in 2024, and of `more` lines.
fn export(folder: &Folder, name: &str, n_customers: u32, more: &str) -> String {
    let mut lines = "cliente;fecha;factura;importe\n".to_owned();
    for customer in 0..n_customers {
        for order in 0..=customer % 5 {
            let (day, month) = (
                1 + (customer * 5 + order) % 28,
                1 + (customer + 3 * order) % 12,
            );
            let invoice = 10 * customer + order;
            lines += &format!(
                "C{customer};{day:02}/{month:02}/2024;{invoice};{},50\n",
                10 + order
            );
        }
    }
    let file = folder.file(name);
    fs::write(&file, lines + more).expect("a file");
    file
}

/// The answer in JSON and what was told.
fn forecast(arguments: &[&str]) -> (Value, String) {
    let output = run(&[&["clv"], arguments].concat());
    let told = text(&output.stderr);
    assert!(output.status.success(), "{told}");
    let answer = serde_json::from_slice(&output.stdout).expect("JSON");
    (answer, told)
}

/// What is told where it fails, with exit code 2 and nothing on standard output.
fn refused(arguments: &[&str]) -> String {
    let output = run(&[&["clv"], arguments].concat());
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    text(&output.stderr)
}

fn codes(answer: &Value) -> Vec<&str> {
    let warnings = answer["warnings"].as_array().expect("warnings");
    warnings
        .iter()
        .filter_map(|warning| warning["code"].as_str())
        .collect()
}

#[test]
fn exports_become_a_forecast_in_one_step() {
    let folder = Folder::new("clv");
    let file = export(&folder, "ventas.csv", 60, "");
    let arguments = [&file, "--today", "2024-12-31", "--lang", "es"];
    let (answer, told) = forecast(
        &[
            &arguments[..],
            &["--horizon-months", "6", "--confidence-level", "0.8"],
        ]
        .concat(),
    );
    assert!(told.contains("60 customers, 180 orders"), "{told}");
    assert_eq!(answer["customers"].as_array().expect("customers").len(), 60);
    assert_eq!(answer["horizon_months"], 6);
    assert_eq!(answer["confidence_level"], 0.8);
    let words = answer["customers"][0]["interpretation"].as_str();
    assert!(words.expect("words").contains("compra"));
}

#[test]
fn a_table_and_a_drawing_are_written_and_say_where_their_warnings_are() {
    let folder = Folder::new("clv-forms");
    let file = export(&folder, "ventas.csv", 60, "");
    for (format, start) in [("csv", "customer_id,predicted_clv,"), ("svg", "<svg")] {
        let written = folder.file("answer");
        let arguments = ["clv", &file, "--today", "2024-12-31", "--format", format];
        let output = run(&[&arguments[..], &["-o", &written]].concat());
        let told = text(&output.stderr);
        assert!(output.status.success(), "{told}");
        assert!(output.stdout.is_empty());
        let answer = fs::read_to_string(&written).expect("an answer");
        assert!(answer.starts_with(start), "{answer}");
        let said = told.lines().last().expect("a line");
        assert!(
            said.contains("belong to this answer") && said.ends_with("--format json shows them."),
            "{said}"
        );
    }
}

/// Whoever reads the page of the route finds its fields here by the same names.
#[test]
fn every_field_of_the_request_has_an_option() {
    let openapi = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi.json");
    let openapi = fs::read(openapi).expect("the generated file");
    let openapi: Value = serde_json::from_slice(&openapi).expect("JSON");
    let request = &openapi["components"]["schemas"]["CustomerClvForecastRequest"];
    let help = text(&run(&["clv", "--help"]).stdout);
    let fields = request["properties"].as_object().expect("properties");
    assert!(fields.contains_key("models"), "{fields:?}");
    for field in fields.keys() {
        let found = match field.as_str() {
            // The files; what is in them says the last two, for lines after --today leave and refunds have order numbers.
            "customers" | "ignore_later_transactions" | "allow_refunds" => continue,
            name => help.contains(&format!(" --{} ", name.replace('_', "-"))),
        };
        assert!(found, "{field} in {help}");
    }
    assert!(help.contains("--set <FIELD=VALUE>"), "{help}");
}

#[test]
fn options_reach_the_request_under_its_names() {
    let folder = Folder::new("clv-options");
    let file = export(&folder, "ventas.csv", 120, "");
    let arguments = [&file, "--today", "2024-12-31", "--currency", "eur"];
    let with = |more: &[&str]| forecast(&[&arguments[..], more].concat()).0;
    for (given, name) in [
        ("bg-nbd-gamma-gamma", "BG/NBD + Gamma-Gamma"),
        ("BG/NBD + Gamma-Gamma", "BG/NBD + Gamma-Gamma"),
        ("gradient-boosting", "GradientBoosting"),
        ("GradientBoosting", "GradientBoosting"),
    ] {
        let answer = with(&["--models", given, "--horizon-months", "2"]);
        assert_eq!(answer["best_algorithm"], name, "{given}");
        assert_eq!(answer["validation"]["selection"]["rule"], "asked");
    }
    let families = "gradient-boosting,bg-nbd-gamma-gamma";
    let both = with(&["--models", families, "--horizon-months", "2"]);
    assert_ne!(both["validation"]["selection"]["rule"], "asked");
    assert_eq!(both["evaluation_mae"].as_object().expect("two").len(), 2);
    let words = both["customers"][0]["interpretation"].as_str();
    assert!(words.expect("words").contains('€'));
    let forced = with(&["--count-model", "bg_nbd", "--set", "random_seed=7"]);
    assert_eq!(forced["model_parameters"]["model"], "bg_nbd");
    assert_eq!(forced["run"]["random_seed"], 7);
}

#[test]
fn a_refund_is_known_from_its_own_day_on() {
    let folder = Folder::new("clv-refunds");
    // All after the last split: in the second half of December.
    let refunds = "C3;20/12/2024;C30;11,50\nC7;21/12/2024;C70;-8,00\nNEW;22/12/2024;C99;-5,00\n";
    let (plain, refunded) = (
        export(&folder, "plain.csv", 150, ""),
        export(&folder, "refunded.csv", 150, refunds),
    );
    let of = |file: &str| {
        forecast(&[
            file,
            "--today",
            "2024-12-31",
            "--refunds",
            "net",
            "--horizon-months",
            "2",
            "--models",
            "bg-nbd-gamma-gamma",
        ])
    };
    let ((before, _), (after, told)) = (of(&plain), of(&refunded));
    assert!(
        told.contains("refunds, each counted from its own day on: 3 lines, -24.50 in all."),
        "{told}"
    );
    assert!(
        told.contains("customers with refunds and no purchase: 1."),
        "{told}"
    );
    let origins = |answer: &Value, field: &str| -> Vec<f64> {
        let origins = answer["validation"]["origins"].as_array().expect("origins");
        origins
            .iter()
            .map(|origin| origin[field].as_f64().expect("a number"))
            .collect()
    };
    assert_eq!(origins(&before, "expected_value").len(), 3);
    for field in ["expected_value", "expected_purchases"] {
        assert_eq!(
            origins(&before, field),
            origins(&after, field),
            "nobody knew on the split dates"
        );
    }
    // The customers of the last split brought 11.50 and 8.00 less after it.
    let came = |answer| origins(answer, "actual_value")[0];
    assert!((came(&before) - came(&after) - 19.5).abs() < 0.005);
    let customers = after["customers"].as_array().expect("customers");
    let only_refunds = customers.iter().find(|one| one["customer_id"] == "NEW");
    assert_eq!(only_refunds.expect("a customer")["predicted_clv"], 0.0);
    assert!(codes(&after).contains(&"no_purchases_left"));
}

/// Nothing of what came later is in a hold-out: it is what the program would have said on that day. From the 15th of July
/// and of August it is 31 days for one month.
#[test]
fn a_hold_out_is_the_forecast_of_its_day() {
    let folder = Folder::new("clv-hold-out");
    let refunds = "C3;20/07/2024;C31;11,50\nC4;01/08/2024;C40;10,50\nC9;01/08/2024;90;-8,00\nOLD;02/03/2024;C99;-5,00\n";
    let file = export(&folder, "ventas.csv", 150, refunds);
    let on = |today: &str| {
        let arguments = [&file, "--refunds", "net", "--horizon-months", "1"];
        forecast(
            &[
                &arguments[..],
                &["--today", today, "--models", "bg-nbd-gamma-gamma"],
            ]
            .concat(),
        )
        .0
    };
    let (now, then) = (on("2024-08-15"), on("2024-07-15"));
    let hold_out = &now["validation"]["origins"][0];
    assert_eq!(hold_out["split_date"], "2024-07-15");
    assert_eq!(hold_out["expected_value"], then["totals"]["predicted_clv"]);
    assert_ne!(then["totals"]["predicted_clv"], 0.0);
    let expected = |value: &Value| value["expected_purchases"].as_f64();
    assert_eq!(expected(hold_out), expected(&then["totals"]));
}

#[test]
fn a_file_of_refunds_alone_is_answered_with_nothing_to_expect() {
    let folder = Folder::new("clv-only-refunds");
    let file = folder.file("returns.csv");
    let lines = "customer,date,amount,order\na,2025-01-05,-5,o1\nb,2025-02-05,-7,o2\n";
    fs::write(&file, lines).expect("a file");
    let undeclared = refused(&[&file, "--today", "2025-03-01"]);
    assert!(
        undeclared.contains(
            "--refunds net lowers what a customer brought from the day of each refund on"
        ),
        "{undeclared}"
    );
    let (answer, _) = forecast(&[&file, "--refunds", "net", "--today", "2025-03-01"]);
    assert_eq!(answer["totals"]["predicted_clv"], 0.0);
    assert!(codes(&answer).contains(&"no_purchases_left"));
    let nothing = refused(&[&file, "--refunds", "drop", "--today", "2025-03-01"]);
    assert!(nothing.contains("No line could be kept."), "{nothing}");
}

#[test]
fn what_is_wrong_with_the_options_is_told_before_any_file_is_read() {
    let folder = Folder::new("clv-early");
    let told = refused(&["no/such.csv", "--horizon-months", "61", "--lang", "es"]);
    assert!(
        told.contains("horizon_months: debe estar entre 1 y 60"),
        "{told}"
    );
    let told = refused(&["no/such.csv", "--set", "allow_refunds=maybe"]);
    assert!(told.contains("allow_refunds: "), "{told}");
    for place in [folder.file("no/such/folder.json"), folder.file("")] {
        let told = refused(&["no/such.csv", "-o", &place]);
        assert!(
            told.contains(&format!("{place} can't be written: ")),
            "{told}"
        );
    }
    for (option, word) in [
        ("--models", "arima"),
        ("--count-model", "poisson"),
        ("--refunds", "keep"),
        ("--currency", "euro"),
        ("--today", "31/12/2024"),
    ] {
        let told = refused(&["no/such.csv", option, word]);
        assert!(told.contains(option) && told.contains(word), "{told}");
    }
}

#[test]
fn what_fails_leaves_no_file_and_what_was_there_stays() {
    let folder = Folder::new("clv-trace");
    let (new, old) = (folder.file("new.json"), folder.file("old.json"));
    fs::write(&old, "kept").expect("a file");
    for output in [&new, &old] {
        let told = refused(&["no/such.csv", "-o", output]);
        assert!(told.contains("such.csv can't be read"), "{told}");
    }
    assert!(!Path::new(&new).exists());
    assert_eq!(fs::read_to_string(&old).expect("a file"), "kept");
}

#[test]
fn dates_that_do_not_fit_the_clock_are_told_with_the_remedy() {
    let folder = Folder::new("clv-clock");
    let file = folder.file("sales.csv");
    let header = "customer,date,amount,order\n";
    fs::write(
        &file,
        format!("{header}a,1998-06-30,5,o1\na,2199-01-05,5,o2\n"),
    )
    .expect("a file");
    let told = refused(&[&file]);
    assert!(
        told.contains("dated 2199-01-05, which is after today"),
        "{told}"
    );
    let (answer, told) = forecast(&[&file, "--today", "1998-07-01"]);
    assert!(
        told.contains("1 dated after today (first: sales.csv line 3)"),
        "{told}"
    );
    assert_eq!(answer["run"]["today"], "1998-07-01");

    fs::write(&file, format!("{header}a,1998-06-30,5,o1\n")).expect("a file");
    let (_, told) = forecast(&[&file]);
    assert!(told.contains("give --today 1998-06-30."), "{told}");
    let (_, told) = forecast(&[&file, "--set", "today=1998-06-30"]);
    assert!(!told.contains("--today"), "{told}");
}

/// Enough customers for several seconds of work, the sign coming after one: other figures where the compiler optimizes.
const MANY: u32 = if cfg!(debug_assertions) {
    12_000
} else {
    60_000
};

#[test]
fn long_work_shows_a_sign_on_a_terminal() {
    let folder = Folder::new("clv-terminal");
    let file = export(&folder, "ventas.csv", MANY, "");
    let (shown, status) = program::on_a_terminal(&[
        "clv",
        &file,
        "--today",
        "2024-12-31",
        "-o",
        &folder.file("answer.json"),
    ]);
    assert!(status.success(), "{shown}");
    let customers = if MANY < 60_000 { "12,000" } else { "60,000" };
    let sign = format!("forecasting what {customers} customers will bring");
    assert!(shown.contains(&sign), "{shown:?}");
    // The last thing is to take it away.
    let after = shown.rsplit(&sign).next().expect("the end");
    assert!(after.contains("\x1b[2K"), "{after:?}");
}

#[test]
fn long_work_is_silent_where_nobody_watches() {
    let folder = Folder::new("clv-silent");
    let file = export(&folder, "ventas.csv", MANY, "");
    let (_, told) = forecast(&[&file, "--today", "2024-12-31"]);
    assert!(!told.contains(['\r', '\x1b']), "{told:?}");
    let last = told.lines().last().expect("a line");
    assert!(last.contains("customers, "), "{told}");
}
