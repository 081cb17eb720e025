//! The rules of the house that a machine can check.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use clientela_analyses::ALL;
use serde_json::Value;

/// Which of our crates a crate may use; the table of ARCHITECTURE.md.
const LAYERS: [(&str, &[&str]); 14] = [
    ("numerics", &[]),
    ("narrative", &[]),
    ("store", &[]),
    ("learn", &["numerics"]),
    ("tables", &["numerics"]),
    ("charts", &["numerics"]),
    ("methods", &["tables", "learn", "numerics"]),
    ("samples", &["tables", "numerics"]),
    ("intake", &["tables", "numerics"]),
    (
        "analyses",
        &[
            "tables",
            "methods",
            "learn",
            "narrative",
            "charts",
            "numerics",
        ],
    ),
    ("server", &["analyses", "store"]),
    (
        "clientela",
        &[
            "analyses",
            "server",
            "store",
            "intake",
            "samples",
            "tables",
            "methods",
            "learn",
            "narrative",
            "charts",
            "numerics",
        ],
    ),
    ("test-support", &["analyses"]),
    ("xtask", &["analyses", "server"]),
];

/// Dependencies of our crates on each other, without those of tests.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo metadata runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let short = |name: &Value| {
        name.as_str()
            .map(|name| name.trim_start_matches("clientela-").to_owned())
    };
    let packages = metadata["packages"].as_array().expect("packages");
    let ours: Vec<String> = packages
        .iter()
        .filter_map(|package| short(&package["name"]))
        .collect();
    let uses = |package: &Value| {
        let all = package["dependencies"].as_array().expect("dependencies");
        let used = all.iter().filter(|dependency| dependency["kind"].is_null());
        used.filter_map(|dependency| short(&dependency["name"]))
            .filter(|name| ours.contains(name))
            .collect()
    };
    packages
        .iter()
        .map(|package| (short(&package["name"]).expect("a name"), uses(package)))
        .collect()
}

#[test]
fn every_crate_uses_only_the_layers_below_it() {
    let found = dependencies();
    assert_eq!(
        found.len(),
        LAYERS.len(),
        "every crate stands in the table: {:?}",
        found.keys()
    );
    for (name, allowed) in LAYERS {
        for used in &found[name] {
            assert!(
                allowed.contains(&used.as_str()),
                "{name} must not use {used}"
            );
        }
    }
}

#[test]
fn every_page_has_the_headings_of_a_page() {
    for analysis in ALL {
        let headings: Vec<&str> = analysis
            .page()
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .collect();
        assert_eq!(
            headings,
            [
                "Question",
                "Input",
                "Method",
                "Output",
                "Limits",
                "References"
            ],
            "the page of {}",
            analysis.name()
        );
    }
}

#[test]
fn analyses_do_not_use_each_other() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/analyses/src");
    for analysis in ALL {
        let own = folder.join(analysis.name());
        for file in sources(&own) {
            let text = std::fs::read_to_string(&file).expect("a readable file");
            for other in ALL.iter().filter(|other| other.name() != analysis.name()) {
                let path = format!("crate::{}::", other.name());
                assert!(!text.contains(&path), "{} uses {path}", file.display());
            }
        }
    }
}

fn sources(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries =
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .flat_map(|path| {
            if path.is_dir() {
                sources(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}
