//! What can be typed. The analyses come from their one list.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Args, Command, Parser, Subcommand, ValueHint};
use clap_complete::Shell;
use clientela_analyses::{ALL, AnyAnalysis, Format};

use crate::churn::ChurnOptions;
use crate::clv::ClvOptions;
use crate::demo::DemoOptions;
use crate::import::Import;

/// Segments, scores and explains a customer base: a server, a command line and a demo in one binary.
#[derive(Parser)]
#[command(
    name = "clientela",
    version,
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    _task: Task,
}

/// Everything but the analyses.
#[derive(Subcommand)]
pub enum Task {
    /// Segment, score and explain a sample shop, then serve it.
    Demo(DemoOptions),
    /// Serve the HTTP API.
    Serve(ServeOptions),
    /// Create, list, rotate and disable tenants.
    Tenant {
        /// Folder of the embedded database.
        #[arg(long, env = "CLIENTELA_DATA_DIR", default_value = DATA_DIR, global = true, value_hint = ValueHint::DirPath)]
        data_dir: PathBuf,
        #[command(subcommand)]
        action: TenantAction,
    },
    /// Check a request without computing anything; exit code 1 with the list where it is not valid.
    Check {
        /// File with the request, or - for standard input.
        #[arg(value_hint = ValueHint::FilePath)]
        request: PathBuf,
        /// The route that the request is for, such as customer_rfm.
        #[arg(long, value_parser = PossibleValuesParser::new(route_names()))]
        route: String,
        /// Language of the messages: en, es or pt.
        #[arg(long, value_parser = ["en", "es", "pt"])]
        lang: Option<String>,
        /// Folder of saved models, where the request names one.
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        models: Option<PathBuf>,
    },
    /// Make a request from exports of a shop.
    #[command(subcommand)]
    Import(Box<Import>),
    /// Forecast from exports of a shop what each customer will bring.
    Clv(Box<ClvOptions>),
    /// Forecast from exports of a shop which customers will stay away.
    Churn(Box<ChurnOptions>),
    /// Print the completions of a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
}

const DATA_DIR: &str = "clientela-data";

/// How to serve.
#[derive(Args)]
pub struct ServeOptions {
    /// Address and port; port 0 takes a free one.
    #[arg(long, env = "CLIENTELA_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Folder of the embedded database.
    #[arg(long, env = "CLIENTELA_DATA_DIR", default_value = DATA_DIR, value_hint = ValueHint::DirPath)]
    pub data_dir: PathBuf,
    /// Address of an outside database; not supported yet, so that a start with one ends with an error.
    #[arg(long, env = "CLIENTELA_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Serve without credentials, for trying things out; on a loopback address only.
    #[arg(long)]
    pub open: bool,
    /// Serve requests without credentials as this tenant; for use behind a trusted gateway.
    #[arg(long, value_name = "ID", conflicts_with = "open")]
    pub anonymous_tenant: Option<String>,
    /// Largest body in bytes, after decompression.
    #[arg(long, default_value_t = 20 * 1024 * 1024)]
    pub body_bytes_max: usize,
    /// Seconds after which a request is answered with 504.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub deadline_seconds: u64,
    /// Requests that may wait for a core; further ones are answered with 503.
    #[arg(long, default_value_t = 64)]
    pub waiting_max: usize,
    /// Hours that a rotated secret stays valid.
    #[arg(long, default_value_t = 72)]
    pub keep_secret_hours: u64,
    /// Origins that browsers may call from; may be repeated.
    #[arg(long)]
    pub cors_origin: Vec<String>,
    /// Log lines as JSON.
    #[arg(long)]
    pub log_json: bool,
}

/// What to do with tenants.
#[derive(Subcommand)]
pub enum TenantAction {
    /// Make a tenant and show its secret, once.
    Create {
        /// A name for people.
        #[arg(long)]
        name: Option<String>,
        /// Its id, a UUID; by default a new one.
        #[arg(long)]
        id: Option<String>,
        /// A route that it may call; may be repeated. All by default.
        #[arg(long = "route")]
        routes: Vec<String>,
    },
    /// List the tenants as a table.
    List {
        /// Disabled ones too.
        #[arg(long)]
        all: bool,
    },
    /// Make a new secret; the one before stays valid for a while.
    Rotate {
        /// The tenant's id.
        id: String,
        /// Hours that the old secret stays valid.
        #[arg(long, default_value_t = 72)]
        keep_hours: u64,
    },
    /// Disable a tenant; its data stay.
    Disable {
        /// The tenant's id.
        id: String,
    },
}

fn route_names() -> Vec<&'static str> {
    ALL.iter()
        .flat_map(|analysis| analysis.routes())
        .copied()
        .collect()
}

/// The whole command line.
pub fn command() -> Command {
    let analyses = ALL.iter().map(|analysis| analysis_command(*analysis));
    <Cli as clap::CommandFactory>::command().subcommands(analyses)
}

/// `customer-rfm` for the route `customer_rfm`; its second names work too.
pub fn analysis_command(analysis: &dyn AnyAnalysis) -> Command {
    let dashed = |route: &&str| route.replace('_', "-");
    let [name, others @ ..] = analysis.routes() else {
        unreachable!("an analysis has a name")
    };
    let underscored = analysis.routes().iter().copied();
    let underscored: Vec<&str> = underscored.filter(|route| route.contains('_')).collect();
    let formats: Vec<&str> = analysis.formats().into_iter().map(Format::name).collect();
    Command::new(dashed(name))
        .visible_aliases(others.iter().map(dashed).collect::<Vec<_>>())
        .aliases(underscored)
        .about(analysis.summary())
        .arg(
            Arg::new("request")
                .value_name("REQUEST")
                .help("File with the request as JSON, or - for standard input")
                .value_hint(ValueHint::FilePath)
                .value_parser(clap::value_parser!(PathBuf))
                .required(true),
        )
        .arg(
            Arg::new("lang")
                .long("lang")
                .value_name("LANG")
                .value_parser(["en", "es", "pt"])
                .help("Language of all texts; by default the request's, else English"),
        )
        .arg(
            Arg::new("format")
                .long("format")
                .value_name("FORMAT")
                .value_parser(PossibleValuesParser::new(formats))
                .default_value("json")
                .help("Form of the answer"),
        )
        .arg(
            Arg::new("set")
                .long("set")
                .value_name("FIELD=VALUE")
                .action(ArgAction::Append)
                .help(
                    "Add a top-level field that the request does not have: JSON, or else a string; may be repeated",
                ),
        )
        .arg(
            Arg::new("labels")
                .long("labels")
                .value_name("FILE")
                .value_hint(ValueHint::FilePath)
                .value_parser(clap::value_parser!(PathBuf))
                .help("Add the labels of a segmentation's answer to the request"),
        )
        .arg(
            Arg::new("pretty")
                .long("pretty")
                .action(ArgAction::SetTrue)
                .help("Indent JSON"),
        )
        .arg(
            Arg::new("output")
                .long("output")
                .value_name("OUTPUT")
                .short('o')
                .value_hint(ValueHint::FilePath)
                .value_parser(clap::value_parser!(PathBuf))
                .help("File to write to instead of standard output"),
        )
        .args(analysis.has_models().then(models_argument))
}

fn models_argument() -> Arg {
    Arg::new("models")
        .long("models")
        .value_name("DIR")
        .value_hint(ValueHint::DirPath)
        .value_parser(clap::value_parser!(PathBuf))
        .help("Folder of saved models: where save_model puts them and model_id finds them")
}
