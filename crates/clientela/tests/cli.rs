//! The command line as a person or a script meets it: output, messages, exit codes.

mod program;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

use program::{Folder, clientela, run, text};

fn run_with_input(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = clientela(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    // A program that fails before it reads closes the pipe; its exit code tells.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    child.wait_with_output().expect("the program ends")
}

fn golden(route: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../analyses/tests/golden");
    folder
        .join(route)
        .join("basic/request.json")
        .display()
        .to_string()
}

#[test]
fn every_analysis_is_a_subcommand_that_answers_its_example() {
    for analysis in clientela_analyses::ALL {
        for route in analysis.routes() {
            let output = run(&[&route.replace('_', "-"), &golden(analysis.name())]);
            assert!(output.status.success(), "{route}: {}", text(&output.stderr));
            let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
            assert!(answer.is_object() || answer.is_array(), "{route}");
            assert_eq!(
                text(&output.stderr),
                "",
                "{route} is silent where nothing is wrong"
            );
        }
    }
}

#[test]
fn a_request_comes_from_standard_input_and_the_answer_goes_to_a_file() {
    let folder = Folder::new("output");
    let file = folder.file("answer.csv");
    let request = fs::read(golden("customer_rfm")).expect("a golden case");
    let output = run_with_input(
        &[
            "customer-rfm",
            "-",
            "--format",
            "csv",
            "--lang",
            "es",
            "-o",
            &file,
        ],
        &request,
    );
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(output.stdout.is_empty());
    let table = fs::read_to_string(file).expect("the answer");
    assert!(
        table.starts_with("customer_id,recency_days,frequency,"),
        "{table}"
    );
    assert!(table.contains("hace 3 días"), "{table}");
}

#[test]
fn pretty_json_is_the_same_json() {
    let request = golden("customer_rfm");
    let parse = |output: Output| -> serde_json::Value {
        let mut value: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        clientela_test_support::compare::without_clock(&mut value);
        value
    };
    let pretty = run(&["customer-rfm", &request, "--pretty"]);
    assert!(text(&pretty.stdout).contains("\n  \"customers\": [\n"));
    assert_eq!(parse(pretty), parse(run(&["customer-rfm", &request])));
}

#[test]
fn what_is_wrong_is_listed_and_the_exit_code_is_2_but_1_for_check() {
    let body = br#"{"bins": 99, "customers": [{"customer_id": "a", "transactions": []}]}"#;
    let expected = "2 fields are not valid:\n  bins: must be from 2 to 10, got 99\n  \
                    customers[0].transactions: must have at least one element\n";
    let output = run_with_input(&["customer-rfm", "-"], body);
    assert_eq!(
        (output.status.code(), text(&output.stderr)),
        (Some(2), format!("error: {expected}"))
    );
    assert!(output.stdout.is_empty());
    let output = run_with_input(&["check", "-", "--route", "customer_rfm"], body);
    assert_eq!(
        (output.status.code(), text(&output.stderr)),
        (Some(1), expected.to_owned())
    );
    let output = run_with_input(
        &["check", "-", "--route", "customer_rfm", "--lang", "pt"],
        body,
    );
    assert!(
        text(&output.stderr).starts_with("2 campos não são válidos:\n"),
        "{}",
        text(&output.stderr)
    );
    let output = run(&["check", &golden("customer_rfm"), "--route", "customer_rfm"]);
    assert_eq!(
        (output.status.code(), text(&output.stderr)),
        (Some(0), "The request is valid.\n".to_owned())
    );
}

#[test]
fn files_and_words_that_do_not_exist_are_named() {
    let output = run(&["customer-rfm", "no/such/file.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("no/such/file.json"));
    for wrong in [
        &["customer-rmf", "x"][..],
        &["check", "x", "--route", "no_such"],
        &["nps", "x", "--format", "pdf"],
    ] {
        assert_eq!(run(wrong).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn an_export_becomes_a_request_that_is_answered() {
    let folder = Folder::new("import");
    let export = folder.file("ventas.csv");
    fs::write(&export, "cliente;fecha;factura;producto;importe\nA1;31/12/2024;F1;pan;1.234,50\nA1;15/01/2025;F2;vino;8,00\nB2;20/01/2025;F3;pan;3,10\n")
        .expect("a file");
    let request = folder.file("request.json");
    let output = run(&[
        "import",
        "transactions",
        &export,
        "--for",
        "customer-rfm",
        "--today",
        "2025-01-31",
        "-o",
        &request,
    ]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let output = run(&["customer-rfm", &request, "--format", "csv"]);
    let table = text(&output.stdout);
    assert!(table.contains("\r\nA1,16,2,1242.5,"), "{table}");
    assert!(table.contains("\r\nB2,11,1,3.1,"), "{table}");
}

#[test]
fn answers_feed_the_next_request_without_an_editor() {
    let folder = Folder::new("chain");
    let shoppers = golden("purchasing_segmentation");
    let segments = folder.file("segments.json");
    let output = run(&[
        "purchasing-segmentation",
        &shoppers,
        "--set",
        "random_seed=7",
        "--set",
        "currency=EUR",
        "-o",
        &segments,
    ]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let answer = fs::read_to_string(&segments).expect("the answer");
    assert!(answer.contains("\"random_seed\":7"));
    let output = run(&["segment-cluster-profiles", &shoppers, "--labels", &segments]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("\"n_customers\":31"));
    let output = run(&["segment-hierarchy-chart", &segments, "--format", "newick"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let output = run(&["purchasing-segmentation", &shoppers, "--set", "scaling"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("FIELD=VALUE"));
    let output = run_with_input(&["nps", "-", "--set", "lang=es"], b" {} ");
    assert!(
        text(&output.stderr).contains("data: "),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn the_demo_leaves_requests_answers_and_a_drawing() {
    let folder = Folder::new("demo");
    for (lang, heading) in [("en", "Segments"), ("es", "Segmentos"), ("pt", "Segmentos")] {
        let output = run(&[
            "demo",
            "--no-serve",
            "--customers",
            "120",
            "--lang",
            lang,
            "--output",
            &folder.file("out"),
        ]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(text(&output.stdout).contains(heading));
    }
    let mut names: Vec<String> = fs::read_dir(folder.file("out"))
        .expect("the folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    for expected in [
        "1-features.csv",
        "2-rfm.json",
        "3-loyalty.csv",
        "4-nps.json",
        "5-segmentation.csv",
        "6-profiles.json",
        "7-dendrogram.svg",
    ] {
        assert!(
            names.iter().any(|name| name == expected),
            "{expected} in {names:?}"
        );
    }
}

#[test]
fn tenants_are_made_listed_rotated_and_disabled() {
    let folder = Folder::new("tenant");
    let data = folder.file("data");
    let tenant = |arguments: &[&str]| {
        let output = run(&[&["tenant", "--data-dir", &data], arguments].concat());
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
        text(&output.stdout)
    };
    let mistyped = folder.file("no-store-here");
    let output = run(&["tenant", "--data-dir", &mistyped, "list"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("there is no store in"));
    assert!(!Path::new(&mistyped).exists(), "looking makes no store");

    let created = tenant(&["create", "--name", "shop", "--route", "nps"]);
    let id = created
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("X-Customer-Api-Id: "))
        .expect("an id")
        .to_owned();
    assert_eq!(
        created
            .lines()
            .nth(1)
            .and_then(|line| line.strip_prefix("X-Secret: "))
            .map(str::len),
        Some(64)
    );
    assert!(tenant(&["list"]).contains(&id));
    assert!(tenant(&["rotate", &id]).starts_with("X-Secret: "));
    tenant(&["disable", &id]);
    assert!(!tenant(&["list"]).contains(&id));
    assert!(tenant(&["list", "--all"]).contains(&id));
    let output = run(&["tenant", "--data-dir", &data, "rotate", "nobody"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_server_that_may_not_start_says_why() {
    let folder = Folder::new("refused");
    let data = folder.file("data");
    for (arguments, reason) in [
        (&["--open", "--listen", "0.0.0.0:0"][..], "loopback"),
        (
            &["--database-url", "postgres://localhost/x"],
            "not supported yet",
        ),
        (
            &["--anonymous-tenant", "7e3f", "--listen", "127.0.0.1:0"],
            "7e3f",
        ),
    ] {
        let output = run(&[&["serve", "--data-dir", &data], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            text(&output.stderr).contains(reason),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
    }
    let output = clientela(&["serve", "--data-dir", &data])
        .env("CLIENTELA_ADMIN_SECRET", "short")
        .output()
        .expect("runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(!text(&output.stderr).contains("short\n"));
}
