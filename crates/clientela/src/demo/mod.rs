//! `clientela demo`: a sample shop, answered by the same analyses that the API serves.

mod journey;
mod summary;
mod titles;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;

use clap::{Args, ValueHint};
use clientela_analyses::Language;

use crate::busy::Busy;
use crate::{Outcome, put, say, serve};

/// How to show what this does.
#[derive(Args)]
pub struct DemoOptions {
    /// Customers of the sample shop.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(20..=200_000))]
    customers: u64,
    /// Seed of the sample; the same seed gives the same shop on every machine.
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// Language of all texts.
    #[arg(long, default_value = "en", value_parser = ["en", "es", "pt"])]
    lang: String,
    /// Folder for requests, answers and the drawing.
    #[arg(long, default_value = "clientela-demo", value_hint = ValueHint::DirPath)]
    output: PathBuf,
    /// End after the summary instead of serving.
    #[arg(long)]
    no_serve: bool,
}

/// Generates, analyzes, tells, serves.
pub fn run(options: &DemoOptions) -> Outcome {
    let language = Language::from_tag(&options.lang).expect("a listed language");
    let busy = Busy::start("demo");
    let journey = journey::travel(
        options.customers as usize,
        options.seed,
        language,
        &options.output,
    );
    busy.end();
    let text = summary::write(&journey?, language, &options.output);
    put(text.as_bytes())?;
    if options.no_serve {
        return Ok(());
    }
    let folder = options.output.display().to_string();
    serve::open(free_address(), move |address| {
        say(&titles::of(language).invitation(address, &folder));
    })
}

/// The usual port, or any free one where that is taken.
fn free_address() -> SocketAddr {
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));
    let is_free = TcpListener::bind(usual).is_ok();
    if is_free {
        usual
    } else {
        SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
    }
}
