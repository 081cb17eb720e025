//! How long a cold release build takes, and how much of it the dependencies.

use std::fs;
use std::process::Command;
use std::time::Instant;

use serde_json::Value;

/// Seconds that a cold build may take on two cores, in all and for the dependencies.
const BUDGET: (f64, f64) = (480.0, 300.0);

/// Builds in an empty target folder and reads cargo's own timings.
pub fn measure() -> Result<(), String> {
    let folder =
        std::env::temp_dir().join(format!("clientela-build-budget-{}", std::process::id()));
    let started = Instant::now();
    let status = Command::new("cargo")
        .args(["build", "--release", "--timings", "--package", "clientela"])
        .env("CARGO_TARGET_DIR", &folder)
        .status()
        .map_err(|error| error.to_string())?;
    let total = started.elapsed().as_secs_f64();
    let timings = fs::read_to_string(folder.join("cargo-timings/cargo-timing.html"));
    let _ = fs::remove_dir_all(&folder);
    if !status.success() {
        return Err("the build failed".to_owned());
    }
    let dependencies = dependencies_end(&timings.map_err(|error| error.to_string())?)?;
    crate::say(&format!(
        "cold release build: {total:.0} s (budget {:.0}); dependencies done after {dependencies:.0} s (budget {:.0})",
        BUDGET.0, BUDGET.1
    ));
    if total <= BUDGET.0 && dependencies <= BUDGET.1 {
        Ok(())
    } else {
        Err("over budget".to_owned())
    }
}

/// Seconds after which the last unit that is not ours was built.
fn dependencies_end(html: &str) -> Result<f64, String> {
    let (_, rest) = html
        .split_once("const UNIT_DATA = ")
        .ok_or("cargo's timings have no unit data")?;
    let mut units = serde_json::Deserializer::from_str(rest).into_iter::<Vec<Value>>();
    let units = units
        .next()
        .ok_or("no units")?
        .map_err(|error| error.to_string())?;
    let is_ours = |unit: &Value| {
        unit["name"]
            .as_str()
            .is_some_and(|name| name.starts_with("clientela"))
    };
    let end = |unit: &Value| {
        unit["start"].as_f64().unwrap_or(0.0) + unit["duration"].as_f64().unwrap_or(0.0)
    };
    Ok(units
        .iter()
        .filter(|unit| !is_ours(unit))
        .map(end)
        .fold(0.0, f64::max))
}
