//! Whatever lifetime value and churn risk can say has been read by somebody: each sentence of its sources stands, in each language, in
//! a golden answer or, filled in, in a unit test.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

const LANGUAGES: [&str; 3] = ["English", "Spanish", "Portuguese"];

/// A sentence as its source has it, in three languages, with names in braces for what is filled in.
struct Sentence {
    place: String,
    templates: [String; 3],
}

/// A part of the program whose sentences are looked for.
struct Part {
    /// What the path of its sources has in it.
    sources: &'static [&'static str],
    /// What the path of its golden answers has in it.
    answers: &'static str,
    /// Fewer sentences than these are a mistake of this test.
    n_least: usize,
}

#[test]
fn every_sentence_of_lifetime_value_is_said_in_a_golden_answer_or_a_unit_test() {
    check(&Part {
        sources: &["customer_clv_", "purchases.rs"],
        answers: "customer_clv_",
        n_least: 100,
    });
}

#[test]
fn every_sentence_of_churn_risk_is_said_in_a_golden_answer_or_a_unit_test() {
    check(&Part {
        sources: &["/churn_risk/"],
        answers: "/churn_risk/",
        n_least: 100,
    });
}

fn check(part: &Part) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = files(&root.join("src"), &|path| {
        let path = path.to_string_lossy();
        path.ends_with(".rs") && part.sources.iter().any(|name| path.contains(name))
    });
    let (tests, prose): (Vec<_>, Vec<_>) =
        sources.iter().partition(|path| path.ends_with("tests.rs"));
    let sentences: Vec<Sentence> = prose.iter().flat_map(|path| sentences(path)).collect();
    let n_found = sentences.len();
    assert!(n_found > part.n_least, "only {n_found} found");
    let in_tests: Vec<String> = tests
        .iter()
        .flat_map(|path| literals(&read(path)))
        .collect();
    let mut unsaid = Vec::new();
    for (position, language) in LANGUAGES.iter().enumerate() {
        let said = answers(root, part.answers, ["", ".es", ".pt"][position]);
        for Sentence { place, templates } in &sentences {
            let template = &templates[position];
            let is_said = |texts: &[String]| texts.iter().any(|text| matches(template, text));
            if has_words(template) && !is_said(&said) && !is_said(&in_tests) {
                unsaid.push(format!("{place}, {language}: {template}"));
            }
        }
    }
    assert!(
        unsaid.is_empty(),
        "{} sentences that nobody has read:\n{}",
        unsaid.len(),
        unsaid.join("\n")
    );
}

/// All texts of the golden answers of a part in one language.
fn answers(root: &Path, part: &str, language: &str) -> Vec<String> {
    let is_answer = |path: &Path| {
        let path = path.to_string_lossy();
        let names = ["json", "svg"].map(|format| format!("/response{language}.{format}"));
        path.contains(part) && names.iter().any(|name| path.ends_with(name))
    };
    let mut texts = Vec::new();
    for path in files(&root.join("tests/golden"), &is_answer) {
        if path.extension().is_some_and(|extension| extension == "svg") {
            texts.push(read(&path));
        } else {
            let answer = serde_json::from_str(&read(&path)).expect("answers are JSON");
            collect(answer, &mut texts);
        }
    }
    texts.sort();
    texts.dedup();
    texts
}

fn collect(value: Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(values) => values.into_iter().for_each(|value| collect(value, texts)),
        Value::Object(fields) => fields
            .into_iter()
            .for_each(|(_, value)| collect(value, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn files(folder: &Path, wanted: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, wanted));
        } else if wanted(&path) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a text file")
}

/// The three texts of each `sentence!` and `words!`.
fn sentences(path: &Path) -> Vec<Sentence> {
    let source = read(path);
    let calls = ["sentence!(", "words!("].map(|call| source.match_indices(call));
    let calls = calls.into_iter().flatten();
    calls
        .filter_map(|(at, _)| {
            let texts = literals(&source[at..]).into_iter().take(3);
            let templates = texts.collect::<Vec<_>>().try_into().ok()?;
            let line = source[..at].matches('\n').count() + 1;
            let name = path.iter().rev().take(2).collect::<Vec<_>>();
            let [file, folder] = [0, 1].map(|at| name[at].to_string_lossy());
            let place = format!("{folder}/{file}:{line}");
            Some(Sentence { place, templates })
        })
        .collect()
}

/// The contents of the quotes of a source.
fn literals(source: &str) -> Vec<String> {
    let (mut found, mut open) = (Vec::new(), None::<String>);
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        match (c, &mut open) {
            ('"', Some(_)) => found.extend(open.take()),
            ('"', None) => open = Some(String::new()),
            ('\\', Some(text)) => text.extend(chars.next()),
            (c, Some(text)) => text.push(c),
            (_, None) => {}
        }
    }
    found
}

/// What stands outside of braces, in order.
fn fixed_parts(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').enumerate().map(|(index, part)| {
        if index == 0 {
            part
        } else {
            part.split_once('}').map_or(part, |(_, after)| after)
        }
    })
}

fn has_words(template: &str) -> bool {
    fixed_parts(template).any(|part| part.contains(char::is_alphabetic))
}

/// Whether a text holds all fixed parts of a template in their order.
fn matches(template: &str, text: &str) -> bool {
    let mut rest = text;
    fixed_parts(template).all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

#[test]
fn a_template_is_found_in_a_text_that_fills_it_in() {
    assert!(matches("{n} of {m} came.", "3 of 4 came."));
    assert!(!matches("{n} of {m} came.", "3 came of 4."));
    assert!(has_words("{n} of {m}") && !has_words("{n} ({m})"));
    let source = r#"a("b \"c\" {d}", 'e', "f")"#;
    assert_eq!(literals(source), ["b \"c\" {d}", "f"]);
}
