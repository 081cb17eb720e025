//! Chores of the repository: `cargo xtask check|generate|golden|bench|build-budget`.

mod budget;
mod generate;

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["check"] => check(),
        ["generate"] => generate::write(),
        ["generate", "--check"] => generate::check(),
        ["golden"] => golden(false),
        ["golden", "--update"] => golden(true),
        ["bench"] => run("cargo", &["bench", "--workspace"]),
        ["build-budget"] => budget::measure(),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            say(&text);
            ExitCode::FAILURE
        }
    }
}

const USAGE: &str = "\
cargo xtask check               everything that CI runs without an outside server
cargo xtask generate [--check]  openapi.json, docs/errors.md, docs/analyses/, the README's table
cargo xtask golden [--update]   the golden cases of all analyses
cargo xtask bench               all benches
cargo xtask build-budget        a cold release build, timed";

fn check() -> Result<(), String> {
    run("cargo", &["fmt", "--all", "--check"])?;
    run(
        "cargo",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ],
    )?;
    run("cargo", &["test", "--workspace"])?;
    generate::check()?;
    run("cargo", &["deny", "--log-level", "error", "check"])
}

fn golden(update: bool) -> Result<(), String> {
    let mut command = Command::new("cargo");
    command.args(["test", "-p", "clientela-analyses", "--test", "golden"]);
    if update {
        command.env("CLIENTELA_GOLDEN", "update");
    }
    finish(&mut command)
}

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    say(&format!("$ {program} {}", arguments.join(" ")));
    finish(Command::new(program).args(arguments))
}

fn finish(command: &mut Command) -> Result<(), String> {
    let status = command
        .status()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{command:?} ended with {status}"))
    }
}

/// Tells the person at the terminal.
fn say(text: &str) {
    #[expect(clippy::print_stderr, reason = "the one place that speaks")]
    {
        eprintln!("{text}");
    }
}
