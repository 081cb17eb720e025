//! What all requests share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use clientela_analyses::AnyAnalysis;
use clientela_store::{Store, StoreError, TenantId};
use tokio::sync::Notify;

use crate::config::{ServeError, ServerConfig};
use crate::metrics::Metrics;
use crate::queue::Queue;

/// The list of analyses that a server offers.
pub type Analyses = &'static [&'static dyn AnyAnalysis];

/// A server without its socket: what all requests share. Cloning gives another handle on the same.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    config: ServerConfig,
    anonymous_tenant: Option<TenantId>,
    store: Store,
    analyses: Analyses,
    queue: Queue,
    metrics: Metrics,
    draining: AtomicBool,
    n_in_flight: AtomicUsize,
    all_done: Notify,
}

impl App {
    /// A server for every analysis there is.
    ///
    /// # Errors
    /// Where the configuration contradicts itself, or names an anonymous tenant that does not exist.
    pub async fn new(config: ServerConfig, store: Store) -> Result<Self, ServeError> {
        Self::with_analyses(config, store, clientela_analyses::ALL).await
    }

    /// The same for another list.
    ///
    /// # Errors
    /// As [`App::new`].
    pub async fn with_analyses(
        config: ServerConfig,
        store: Store,
        analyses: Analyses,
    ) -> Result<Self, ServeError> {
        let anonymous_tenant = config.check()?;
        if let Some(id) = anonymous_tenant {
            store.get(id).await.map_err(|error| match error {
                StoreError::Unknown { id } => ServeError::NoSuchTenant { id: id.to_string() },
                outage => outage.into(),
            })?;
        }
        crate::guard::note_places_of_panics();
        Ok(Self(Arc::new(Shared {
            queue: Queue::new(config.cores, config.waiting_max, config.deadline),
            metrics: Metrics::new(analyses),
            config,
            anonymous_tenant,
            store,
            analyses,
            draining: AtomicBool::new(false),
            n_in_flight: AtomicUsize::new(0),
            all_done: Notify::new(),
        })))
    }

    pub(crate) fn config(&self) -> &ServerConfig {
        &self.0.config
    }
    pub(crate) fn anonymous_tenant(&self) -> Option<TenantId> {
        self.0.anonymous_tenant
    }
    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }
    pub(crate) fn analyses(&self) -> Analyses {
        self.0.analyses
    }
    pub(crate) fn queue(&self) -> &Queue {
        &self.0.queue
    }
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// From now on new requests are turned away, so that the running ones can end.
    pub fn start_draining(&self) {
        self.0.draining.store(true, Ordering::SeqCst);
    }

    /// Whether [`App::start_draining`] was called.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.draining.load(Ordering::SeqCst)
    }

    /// Counts a request as running until the returned value is dropped.
    pub(crate) fn in_flight(&self) -> InFlight {
        self.0.n_in_flight.fetch_add(1, Ordering::SeqCst);
        InFlight(self.clone())
    }

    /// Returns when no request is running.
    pub(crate) async fn idle(&self) {
        loop {
            let done = self.0.all_done.notified();
            tokio::pin!(done);
            done.as_mut().enable();
            if self.0.n_in_flight.load(Ordering::SeqCst) == 0 {
                return;
            }
            done.await;
        }
    }
}

/// A running request.
pub(crate) struct InFlight(App);

impl Drop for InFlight {
    fn drop(&mut self) {
        let shared = &self.0.0;
        if shared.n_in_flight.fetch_sub(1, Ordering::SeqCst) == 1 {
            shared.all_done.notify_waiters();
        }
    }
}
