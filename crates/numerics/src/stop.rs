//! A token by which the owner of a computation asks it to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Shared flag that long computations poll at least every 10 ms of work.
///
/// Cloning gives another handle on the same flag. A token never decides a figure: a computation either runs
/// to its end or returns [`Stopped`].
#[derive(Clone, Debug, Default)]
pub struct StopToken(Arc<AtomicBool>);

/// The computation was asked to stop before it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

impl StopToken {
    /// A token that nobody has asked to stop.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks every computation that holds this token to stop.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether a stop was asked for.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// `Err(Stopped)` once a stop was asked for: `stop.poll()?` inside a loop.
    ///
    /// # Errors
    /// [`Stopped`] after [`StopToken::stop`].
    pub fn poll(&self) -> Result<(), Stopped> {
        if self.is_stopped() {
            Err(Stopped)
        } else {
            Ok(())
        }
    }
}
