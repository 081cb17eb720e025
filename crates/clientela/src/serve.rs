//! `clientela serve`: store, address, logging, signals.

use std::io::IsTerminal as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use clientela_server::{AdminSecret, ServerConfig};
use clientela_store::Store;
use tracing_subscriber::EnvFilter;

use crate::command::ServeOptions;
use crate::{Outcome, Trouble, first_tenant, say};

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
        let outcome = on(config, &store, options).await;
        store.close().await;
        outcome
    })
}

/// Serves from `store`. The first tenant comes after the address, which stands in its curl line: a start that fails
/// makes no tenant whose secret nobody saw.
async fn on(config: ServerConfig, store: &Store, options: &ServeOptions) -> Outcome {
    let server = clientela_server::bind(config, store.clone())
        .await
        .map_err(Trouble::failed)?;
    let address = reachable(server.address());
    if !options.open {
        first_tenant::welcome(store, &options.data_dir, address).await?;
    }
    say(&format!(
        "Clientela listens on http://{} (documentation: http://{address}/docs)",
        server.address()
    ));
    server.serve(signal()).await;
    Ok(())
}

/// Serves an empty store without credentials until a signal ends it; for the demo.
pub fn open(listen: SocketAddr, ready: impl FnOnce(SocketAddr)) -> Outcome {
    let config = ServerConfig {
        listen,
        open: true,
        ..ServerConfig::default()
    };
    let runtime = tokio::runtime::Runtime::new().map_err(Trouble::failed)?;
    runtime.block_on(async {
        let store = Store::in_memory().await.map_err(Trouble::failed)?;
        let server = clientela_server::bind(config, store)
            .await
            .map_err(Trouble::failed)?;
        ready(server.address());
        server.serve(signal()).await;
        Ok(())
    })
}

/// An address to type where `address` may mean all of this machine's.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
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
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        logger
            .with_ansi(std::io::stderr().is_terminal() && !no_color)
            .init();
    }
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
