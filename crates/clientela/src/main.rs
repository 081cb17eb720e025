//! The one executable: a server, a command line and a demo over the same list of analyses.
//!
//! Data goes to standard output, everything else to standard error. Exit codes: 0 done, 1 the answer is "no", 2 failed.

mod answer;
mod busy;
mod churn;
mod clv;
mod command;
mod demo;
mod first_tenant;
mod import;
mod models;
mod serve;
mod tenant;

use std::process::ExitCode;

use clap::FromArgMatches;

use crate::command::Task;
use crate::models::ModelFolder;

/// Why a command has nothing to show.
pub enum Trouble {
    /// The answer is "no"; the text says what was found.
    No(String),
    /// It could not be done; the text says why, and a hint may stand on a line of its own.
    Failed(String),
}

impl Trouble {
    /// A failure with a sentence.
    pub fn failed(sentence: impl std::fmt::Display) -> Self {
        Self::Failed(sentence.to_string())
    }
}

pub type Outcome = Result<(), Trouble>;

fn main() -> ExitCode {
    let matches = command::command().get_matches();
    let (name, arguments) = matches.subcommand().expect("a subcommand is required");
    let outcome = match answer::analysis(name) {
        Some(analysis) => answer::run(analysis, arguments),
        None => Task::from_arg_matches(&matches)
            .map_err(Trouble::failed)
            .and_then(run),
    };
    let (code, text) = match outcome {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Trouble::No(text)) => (1, text),
        Err(Trouble::Failed(text)) => (2, format!("error: {text}")),
    };
    say(&text);
    ExitCode::from(code)
}

fn run(task: Task) -> Outcome {
    match task {
        Task::Demo(options) => demo::run(&options),
        Task::Serve(options) => serve::run(&options),
        Task::Tenant { data_dir, action } => tenant::run(&data_dir, action),
        Task::Import(what) => import::run(*what),
        Task::Clv(options) => clv::run(*options),
        Task::Churn(options) => churn::run(*options),
        Task::Check {
            request,
            route,
            lang,
            models,
        } => answer::check(
            &request,
            &route,
            lang.as_deref(),
            &ModelFolder::new(models.as_deref()),
        ),
        Task::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command::command(), "clientela", &mut script);
            put(&script)
        }
    }
}

/// Tells the person something that is not data.
pub fn say(text: &str) {
    #[expect(
        clippy::print_stderr,
        reason = "the one place that speaks on standard error"
    )]
    {
        eprintln!("{text}");
    }
}

/// Hands over data.
pub fn put(bytes: &[u8]) -> Outcome {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        // A reader that has seen enough, such as `head`, is no failure.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Trouble::failed(
            format!("writing to standard output: {error}"),
        )),
        _ => Ok(()),
    }
}
