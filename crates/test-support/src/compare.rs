//! JSON documents that are equal but for the last digits and what a clock decides.

use serde_json::Value;

/// Relative difference up to which two numbers count as equal.
const TOLERANCE: f64 = 1e-9;

/// Compares two documents; the error names the first path where they differ.
///
/// # Errors
/// A sentence with path, expectation and finding.
pub fn equal(expected: &Value, found: &Value) -> Result<(), String> {
    differ("$", expected, found).map_or(Ok(()), Err)
}

fn differ(path: &str, expected: &Value, found: &Value) -> Option<String> {
    match (expected, found) {
        (Value::Object(a), Value::Object(b)) => {
            let keys = |object: &serde_json::Map<String, Value>| {
                object.keys().cloned().collect::<Vec<_>>()
            };
            if keys(a) != keys(b) {
                return Some(format!(
                    "{path}: expected the keys {:?}, found {:?}",
                    keys(a),
                    keys(b)
                ));
            }
            a.iter()
                .find_map(|(key, value)| differ(&format!("{path}.{key}"), value, &b[key]))
        }
        (Value::Array(a), Value::Array(b)) => {
            if a.len() != b.len() {
                return Some(format!(
                    "{path}: expected {} elements, found {}",
                    a.len(),
                    b.len()
                ));
            }
            a.iter()
                .zip(b)
                .enumerate()
                .find_map(|(i, (a, b))| differ(&format!("{path}[{i}]"), a, b))
        }
        (Value::Number(a), Value::Number(b)) if a.is_f64() && b.is_f64() => {
            let (a, b) = (a.as_f64()?, b.as_f64()?);
            let close = (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(1.0);
            (!close).then(|| format!("{path}: expected {a}, found {b}"))
        }
        _ => (expected != found).then(|| format!("{path}: expected {expected}, found {found}")),
    }
}

/// Takes out what may differ between two runs of the same request: how long it took.
pub fn without_clock(document: &mut Value) {
    if let Some(run) = document.get_mut("run").and_then(Value::as_object_mut) {
        run.remove("duration_ms");
    }
}
