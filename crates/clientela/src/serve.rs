//! `clientela serve`: store, first credentials, logging, signals.

use std::fs::OpenOptions;
use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clientela_server::{AdminSecret, ServerConfig};
use clientela_store::{NewTenant, Secret, Store, Tenant};
use jiff::Timestamp;
use tracing_subscriber::EnvFilter;

use crate::command::ServeOptions;
use crate::{Outcome, Trouble, say};

/// Serves until a signal ends it.
pub fn run(options: &ServeOptions) -> Outcome {
    if options.database_url.is_some() {
        return Err(Trouble::failed(
            "an outside database is not supported yet; leave out --database-url and CLIENTELA_DATABASE_URL to use the \
             embedded one in --data-dir",
        ));
    }
    log_to_stderr(options.log_json);
    let config = config(options)?;
    let runtime = tokio::runtime::Runtime::new().map_err(Trouble::failed)?;
    runtime.block_on(async {
        let store = Store::open(&options.data_dir)
            .await
            .map_err(Trouble::failed)?;
        let first = if options.open {
            None
        } else {
            first_tenant(&store).await?
        };
        if let Some((tenant, secret)) = &first {
            introduce(&options.data_dir, options.listen, tenant, secret);
        }
        let announce = |address: SocketAddr| {
            say(&format!(
                "Clientela listens on http://{address} (documentation: http://{address}/docs)"
            ));
        };
        let outcome = clientela_server::serve(config, store.clone(), announce, signal()).await;
        store.close().await;
        outcome.map_err(Trouble::failed)
    })
}

/// Serves `store` without credentials until a signal ends it; for the demo.
pub fn open(listen: SocketAddr, ready: impl FnOnce(SocketAddr)) -> Outcome {
    let config = ServerConfig {
        listen,
        open: true,
        ..ServerConfig::default()
    };
    let runtime = tokio::runtime::Runtime::new().map_err(Trouble::failed)?;
    runtime.block_on(async {
        let store = Store::in_memory().await.map_err(Trouble::failed)?;
        clientela_server::serve(config, store, ready, signal())
            .await
            .map_err(Trouble::failed)
    })
}

fn config(options: &ServeOptions) -> Result<ServerConfig, Trouble> {
    let admin_secret = match std::env::var("CLIENTELA_ADMIN_SECRET") {
        Ok(secret) if !secret.trim().is_empty() => {
            let hint = |error| Trouble::failed(format!("CLIENTELA_ADMIN_SECRET: {error}"));
            Some(AdminSecret::new(&secret).map_err(hint)?)
        }
        _ => None,
    };
    Ok(ServerConfig {
        listen: options.listen,
        open: options.open,
        anonymous_tenant: options.anonymous_tenant.clone(),
        admin_secret,
        body_bytes_max: options.body_bytes_max,
        deadline: Duration::from_secs(options.deadline_seconds),
        waiting_max: options.waiting_max,
        keep_old_secret_for: Duration::from_secs(options.keep_secret_hours.saturating_mul(3600)),
        cors_origins: options.cors_origin.clone(),
        ..ServerConfig::default()
    })
}

fn log_to_stderr(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let logger = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if json {
        logger.json().init();
    } else {
        logger.with_ansi(std::io::stderr().is_terminal()).init();
    }
}

/// A tenant for whoever starts on an empty store.
async fn first_tenant(store: &Store) -> Result<Option<(Tenant, Secret)>, Trouble> {
    if !store.is_empty().await.map_err(Trouble::failed)? {
        return Ok(None);
    }
    let new = NewTenant {
        name: Some("first tenant".to_owned()),
        ..NewTenant::default()
    };
    store
        .create(new, Timestamp::now())
        .await
        .map(Some)
        .map_err(Trouble::failed)
}

/// Shows the first credentials at a terminal; elsewhere they go to a file that only its owner can read.
fn introduce(data_dir: &Path, address: SocketAddr, tenant: &Tenant, secret: &Secret) {
    let headers = format!(
        "-H 'X-Customer-Api-Id: {}' -H 'X-Secret: {}'",
        tenant.customer_api_id,
        secret.expose()
    );
    let line = format!(
        "curl -s http://{address}/api/v1/ai/nps {headers} -H 'Content-Type: application/json' \
         -d '{{\"data\": [{{\"customer_id\": 1, \"answer\": 9}}]}}'"
    );
    if std::io::stderr().is_terminal() {
        say(&format!(
            "A first tenant was made. Its secret is shown only now:\n\n{line}\n"
        ));
        return;
    }
    match keep(data_dir, &line) {
        Ok(file) => say(&format!(
            "A first tenant was made; its credentials are in {}",
            file.display()
        )),
        Err(error) => say(&format!(
            "The credentials of the first tenant could not be written: {error}"
        )),
    }
}

fn keep(data_dir: &Path, line: &str) -> std::io::Result<PathBuf> {
    let file = data_dir.join("first-tenant.txt");
    let mut writer = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&file)?;
    writeln!(writer, "{line}")?;
    Ok(file)
}

/// Ends with the first signal to stop.
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = signal(SignalKind::terminate());
    let interrupted = tokio::signal::ctrl_c();
    match terminate {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => (),
                _ = interrupted => (),
            }
        }
        Err(_) => drop(interrupted.await),
    }
}
