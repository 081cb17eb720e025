//! The server on a socket: accepts connections until it is told to stop, then lets running requests end.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use clientela_store::Store;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};

use crate::app::App;
use crate::config::{ServeError, ServerConfig};
use crate::router;

/// A client that sends its headers slower than this is not sending a request.
const HEADERS_WITHIN: Duration = Duration::from_secs(30);
const HEADER_BYTES_MAX: usize = 64 << 10;
const STREAMS_MAX: u32 = 64;
/// After the last request has ended, connections have so long to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);
/// Beyond the deadline of the last request, in case a client does not read its answer.
const DRAIN_MARGIN: Duration = Duration::from_secs(5);

/// A server that has its address and does not answer yet: connections wait until [`Bound::serve`].
pub struct Bound {
    app: App,
    acceptor: Acceptor,
    address: SocketAddr,
    drain_within: Duration,
}

/// Takes the address of `config`, so that whoever starts the server can tell it before the first request.
///
/// # Errors
/// Where the configuration contradicts itself or the address can't be listened on.
pub async fn bind(config: ServerConfig, store: Store) -> Result<Bound, ServeError> {
    let listen = config.listen;
    // A body may take as long as the analysis after it.
    let drain_within = config.deadline.saturating_mul(2) + DRAIN_MARGIN;
    let app = App::new(config, store).await?;
    let failed = |source| ServeError::Listen { listen, source };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let acceptor = Acceptor {
        listener,
        connections: connections(),
        router: router(app.clone()),
        graceful: GracefulShutdown::new(),
    };
    Ok(Bound {
        app,
        acceptor,
        address,
        drain_within,
    })
}

impl Bound {
    /// The address that is listened on; its port is never 0.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is ready, then turns new requests away with 503 until the running ones have ended.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) {
        let Self {
            app,
            acceptor,
            address,
            drain_within,
        } = self;
        tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");
        until(&acceptor, shutdown).await;
        tracing::info!("shutting down: running requests end, new ones are turned away");
        app.start_draining();
        until(&acceptor, async {
            let idle = tokio::time::timeout(drain_within, app.idle());
            if idle.await.is_err() {
                tracing::warn!("some requests had not ended in time");
            }
        })
        .await;
        acceptor.close().await;
        tracing::info!("stopped");
    }
}

/// Accepts connections until `end` is ready.
async fn until(acceptor: &Acceptor, end: impl Future<Output = ()>) {
    let mut end = pin!(end);
    loop {
        tokio::select! {
            biased;
            () = &mut end => return,
            () = acceptor.accept() => {}
        }
    }
}

fn connections() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(HEADER_BYTES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEADER_BYTES_MAX as u32);
    builder
}

struct Acceptor {
    listener: TcpListener,
    connections: auto::Builder<TokioExecutor>,
    router: Router,
    graceful: GracefulShutdown,
}

impl Acceptor {
    async fn accept(&self) {
        match self.listener.accept().await {
            Ok((stream, _)) => self.attend(stream),
            Err(error) => rest(&error).await,
        }
    }

    /// Gives a connection a task of its own.
    fn attend(&self, stream: TcpStream) {
        // Answers are written whole: waiting for more to send would only delay the last piece.
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(self.router.clone());
        let connection = self
            .connections
            .serve_connection(TokioIo::new(stream), service)
            .into_owned();
        let watched = self.graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = watched.await {
                tracing::debug!(%error, "connection ended");
            }
        });
    }

    /// Stops listening and closes the connections, which carry no request any more.
    async fn close(self) {
        drop(self.listener);
        // A connection that does not end in time is cut when the process ends.
        let _ = tokio::time::timeout(GOODBYE, self.graceful.shutdown()).await;
    }
}

/// A connection that failed before it was accepted is the client's affair; anything else is ours, such as no file
/// descriptor being left, and passes only with time.
async fn rest(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    ) {
        return;
    }
    tracing::error!(%error, "can't accept a connection");
    tokio::time::sleep(Duration::from_secs(1)).await;
}
