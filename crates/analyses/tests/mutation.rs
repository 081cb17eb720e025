//! Every route answers any JSON, and most of what is not JSON: seeded mutations of the golden payloads.
//!
//! Runs a few seconds; `CLIENTELA_MUTATION_SECONDS` sets how long, `CLIENTELA_MUTATION_SEED` where it begins. A failure
//! prints route, seed and body.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use clientela_analyses::{
    ALL, AnyAnalysis, Context, Document, Failure, Format, Language, Models, StopToken,
};
use clientela_numerics::RandomStream;
use serde_json::{Map, Number, Value, json};

const DEFAULT_SECONDS: u64 = 4;

/// Bodies larger than this are not mutated: many small ones find more.
const BODY_BYTES_MAX: usize = 40_000;

fn setting(name: &str, default: u64) -> u64 {
    let value = std::env::var(name).ok();
    value.and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn every_route_answers_mutated_payloads() {
    let seed = setting("CLIENTELA_MUTATION_SEED", 1);
    let seconds = setting("CLIENTELA_MUTATION_SECONDS", DEFAULT_SECONDS);
    let payloads: Vec<(&dyn AnyAnalysis, Vec<Vec<u8>>)> = ALL
        .iter()
        .map(|&analysis| (analysis, payloads(analysis.name())))
        .collect();
    // Each route has its own share of the time, so that a slow one leaves the others theirs.
    let share = Duration::from_secs(seconds) / payloads.len() as u32;
    let problems: Vec<String> = payloads
        .iter()
        .filter_map(|(analysis, bodies)| try_route(*analysis, bodies, seed, share).err())
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

/// Sends mutations to a route until its time is over, or something is wrong.
fn try_route(
    analysis: &dyn AnyAnalysis,
    bodies: &[Vec<u8>],
    seed: u64,
    share: Duration,
) -> Result<(), String> {
    let started = Instant::now();
    let mut round = 0;
    let mut n_answered = 0;
    while round < 20 || started.elapsed() < share {
        let mut stream = RandomStream::new(seed, analysis.name(), round);
        let body = &bodies[stream.below(bodies.len() as u64) as usize];
        let body = mutated(body, &mut stream);
        n_answered += usize::from(check(analysis, &body, round)?);
        round += 1;
    }
    let name = analysis.name();
    (n_answered > 0)
        .then_some(())
        .ok_or_else(|| format!("{name}: none of {round} mutations was answered"))
}

/// The golden payloads of a route: valid ones, and those that are only nearly so.
fn payloads(route: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(route);
    let mut cases: Vec<_> = fs::read_dir(root)
        .expect("golden cases")
        .map(|entry| entry.expect("a folder").path().join("request.json"))
        .collect();
    cases.sort();
    let bodies = cases.iter().map(|case| fs::read(case).expect("a request"));
    bodies.filter(|body| body.len() <= BODY_BYTES_MAX).collect()
}

fn context(format: Format, round: u64) -> Context {
    Context {
        language: Some(Language::ALL[round as usize % 3]),
        today: "2025-04-24".parse().expect("a date"),
        format,
        models: Models::none(),
        stop: StopToken::new(),
    }
}

/// Runs a body twice; whether it had an answer, or what was wrong with it.
fn check(analysis: &dyn AnyAnalysis, body: &[u8], round: u64) -> Result<bool, String> {
    let formats = analysis.formats();
    let format = formats[round as usize % formats.len()];
    let run = || {
        let context = context(format, round);
        catch_unwind(AssertUnwindSafe(|| analysis.run(body, &context)))
            .map_err(|_| told(analysis, round, body, "it panicked"))
    };
    let (first, second) = (run()?, run()?);
    let problem = match (&first, &second) {
        (Ok(first), Ok(second)) => problem_of(body, first, second),
        (Err(first), Err(second)) => problem_of_failure(first, second),
        _ => Some("it was answered once and failed once".to_owned()),
    };
    match problem {
        Some(problem) => Err(told(analysis, round, body, &problem)),
        None => Ok(first.is_ok()),
    }
}

fn told(analysis: &dyn AnyAnalysis, round: u64, body: &[u8], problem: &str) -> String {
    let body = String::from_utf8_lossy(body);
    format!("{}, round {round}: {problem}\n{body}", analysis.name())
}

fn problem_of(body: &[u8], first: &Document, second: &Document) -> Option<String> {
    if first.body.is_empty() {
        return Some("the answer is empty".to_owned());
    }
    if first.media_type != "application/json" {
        return (first.body != second.body)
            .then(|| "the answer differs the second time".to_owned());
    }
    let parse = |document: &Document| serde_json::from_slice::<Value>(&document.body);
    let (Ok(mut first), Ok(mut second)) = (parse(first), parse(second)) else {
        return Some("the answer is no JSON".to_owned());
    };
    for answer in [&mut first, &mut second] {
        if let Some(run) = answer.get_mut("run").and_then(Value::as_object_mut) {
            run.remove("duration_ms");
        }
    }
    if first != second {
        return Some("the answer differs the second time".to_owned());
    }
    let says_it_itself = unspeakable(&Value::from(String::from_utf8_lossy(body))).is_some();
    let found = unspeakable(&first).filter(|_| !says_it_itself);
    found.map(|text| format!("a sentence says {text:?}"))
}

fn problem_of_failure(first: &Failure, second: &Failure) -> Option<String> {
    match first {
        Failure::Internal { cause } => Some(format!("an internal fault: {cause}")),
        Failure::ModelsAway { cause } => Some(format!("models are away: {cause}")),
        Failure::OutOfTime => Some("out of time without a deadline".to_owned()),
        Failure::Invalid {
            violations, total, ..
        } if violations.is_empty() || *total == 0 => Some("nothing is said to be wrong".to_owned()),
        _ => (format!("{first:?}") != format!("{second:?}"))
            .then(|| "it fails differently the second time".to_owned()),
    }
}

/// A text of an answer in which a number that is not finite was written out; not of a body that says so itself. (A
/// number could not be: JSON has no way to write it, and the response types refuse it.)
fn unspeakable(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => {
            let words = text.split(|c: char| !c.is_ascii_alphabetic());
            let says_it = words.into_iter().any(|word| matches!(word, "NaN" | "inf"));
            says_it.then_some(text.as_str())
        }
        Value::Array(items) => items.iter().find_map(unspeakable),
        Value::Object(fields) => fields.values().find_map(unspeakable),
        _ => None,
    }
}

/// A payload with one to four things wrong, or odd.
fn mutated(body: &[u8], stream: &mut RandomStream) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else {
        return damaged(body.to_vec(), stream);
    };
    for _ in 0..=stream.below(4) {
        let n_places = count(&value);
        let mut place = stream.below(n_places as u64) as usize;
        mutate_at(&mut value, &mut place, stream);
    }
    let text = serde_json::to_vec(&value).expect("JSON");
    match stream.below(10) {
        0 => damaged(text, stream),
        1 => spelled_oddly(&text, stream),
        _ => text,
    }
}

/// The number of values in a tree.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

/// Changes the value that is `place` steps away in the order of the text.
fn mutate_at(value: &mut Value, place: &mut usize, stream: &mut RandomStream) -> bool {
    if *place == 0 {
        change(value, stream);
        return true;
    }
    *place -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| mutate_at(item, place, stream)),
        Value::Object(fields) => fields
            .values_mut()
            .any(|field| mutate_at(field, place, stream)),
        _ => false,
    }
}

fn change(value: &mut Value, stream: &mut RandomStream) {
    match value {
        Value::Array(items) if stream.below(3) > 0 => change_array(items, stream),
        Value::Object(fields) if stream.below(3) > 0 => change_object(fields, stream),
        Value::Number(number) if stream.below(2) == 0 => {
            let given = number.as_f64().unwrap_or_default();
            let scale = [-1.0, 0.0, 0.5, 1e3, 1e9, 1e-9, 1.0 + f64::EPSILON];
            *value = float(given * scale[stream.below(scale.len() as u64) as usize]);
        }
        _ => *value = odd_value(stream),
    }
}

fn change_array(items: &mut Vec<Value>, stream: &mut RandomStream) {
    let at = |stream: &mut RandomStream, n: usize| stream.below(n.max(1) as u64) as usize;
    let index = at(stream, items.len());
    match stream.below(5) {
        0 if !items.is_empty() => drop(items.remove(index)),
        1 if !items.is_empty() => items.push(items[index].clone()),
        2 => items.truncate(index),
        3 => stream.shuffle(items),
        _ => items.insert(index, odd_value(stream)),
    }
}

fn change_object(fields: &mut Map<String, Value>, stream: &mut RandomStream) {
    let keys: Vec<String> = fields.keys().cloned().collect();
    let Some(key) = keys.get(stream.below(keys.len().max(1) as u64) as usize) else {
        fields.insert("x".to_owned(), odd_value(stream));
        return;
    };
    match stream.below(4) {
        0 => drop(fields.remove(key)),
        1 => drop(fields.insert(key.clone(), odd_value(stream))),
        2 => drop(fields.insert(format!("{key} "), odd_value(stream))),
        _ => {
            // A neighbor's value in this place.
            let other = &keys[stream.below(keys.len() as u64) as usize];
            let moved = fields[other].clone();
            fields.insert(key.clone(), moved);
        }
    }
}

fn float(value: f64) -> Value {
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn odd_value(stream: &mut RandomStream) -> Value {
    let odd = [
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(-0.0),
        json!(1),
        json!(-1),
        json!(11),
        json!(0.5),
        json!(9.5),
        json!(3.0),
        json!(1e-320),
        json!(1e13),
        json!(1e18),
        json!(-1e300),
        json!(f64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(""),
        json!(" "),
        json!("1"),
        json!("NaN"),
        json!("a,\"b\"\r\n"),
        json!("\u{0}\u{fffd}\u{1f600}ñ\u{202e}"),
        json!("x".repeat(300)),
        json!("2025-02-30"),
        json!("2025-04-24"),
        json!("1900-01-01"),
        json!("2200-12-31T23:59:59-14:00"),
        json!([]),
        json!({}),
        json!([[], {}, null, 1]),
        json!({ "customer_id": "C-1001" }),
        json!({ "purchase_total": 1, "": null }),
    ];
    let index = stream.below(odd.len() as u64 + 1) as usize;
    odd.get(index).cloned().unwrap_or_else(|| {
        let depth = stream.below(80);
        (0..depth).fold(json!(1), |inner, level| {
            if level % 2 == 0 {
                json!([inner])
            } else {
                json!({ "x": inner })
            }
        })
    })
}

/// The same text with something that the tree can't hold: numbers beyond a double, a key that stands twice.
fn spelled_oddly(text: &[u8], stream: &mut RandomStream) -> Vec<u8> {
    let text = String::from_utf8_lossy(text).into_owned();
    let replaced = match stream.below(6) {
        0 => text.replacen(":0", ":1e400", 1),
        1 => text.replacen(":1", ":-1e999", 2),
        2 => text.replacen('{', "{\"customers\":[],\"data\":1,", 1),
        3 => text.replacen("\"customer_id\"", "\"customer\\u005fid\"", 1),
        4 => text.replace(',', " ,\n\t"),
        _ => format!("\u{feff}{text}"),
    };
    replaced.into_bytes()
}

/// Bytes cut, doubled, or overwritten.
fn damaged(mut body: Vec<u8>, stream: &mut RandomStream) -> Vec<u8> {
    if body.is_empty() {
        return b"\"".to_vec();
    }
    let at = stream.below(body.len() as u64) as usize;
    match stream.below(4) {
        0 => body.truncate(at),
        1 => body[at] = stream.below(256) as u8,
        2 => {
            let tail = body[at..].to_vec();
            body.extend(tail);
        }
        _ => {
            body.remove(at);
        }
    }
    body
}
