//! The way of an analysis to a core: a bounded line, a bounded number of running ones, a deadline.
//!
//! ```text
//! enter ──▶ place ──(body is read)──▶ run: wait for a core ──▶ blocking thread ──▶ outcome
//! ```
//!
//! A place is taken before the body is read, so that the memory held by bodies is bounded too and a client that must
//! come back later need not send its body first.

use std::sync::Arc;
use std::time::{Duration, Instant};

use clientela_analyses::StopToken;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout_at;

use crate::guard::guarded;
use crate::problem::Problem;

/// Places and cores.
#[derive(Debug)]
pub struct Queue {
    places: Arc<Semaphore>,
    cores: Arc<Semaphore>,
    n_places: usize,
    n_cores: usize,
    deadline: Duration,
}

/// A place in the line, held until the analysis has left its core.
#[derive(Debug)]
pub struct Place {
    _permit: OwnedSemaphorePermit,
}

/// What came of an analysis that was not cut off.
#[derive(Debug)]
pub struct Outcome<T> {
    pub value: T,
    /// Time spent waiting for a core.
    pub waited: Duration,
}

/// Asks the analysis to stop when its request goes away: at the deadline, or when the client has left.
struct StopWhenDropped(StopToken);

impl Drop for StopWhenDropped {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl Queue {
    pub fn new(cores: usize, waiting_max: usize, deadline: Duration) -> Self {
        let n_cores = cores.clamp(1, Semaphore::MAX_PERMITS / 2);
        let n_places = n_cores + waiting_max.min(Semaphore::MAX_PERMITS / 2);
        Self {
            places: Arc::new(Semaphore::new(n_places)),
            cores: Arc::new(Semaphore::new(n_cores)),
            n_places,
            n_cores,
            deadline,
        }
    }

    /// Takes a place.
    ///
    /// # Errors
    /// Where the line is full.
    pub fn enter(&self) -> Result<Place, Problem> {
        let permit = Arc::clone(&self.places).try_acquire_owned();
        permit
            .map(|permit| Place { _permit: permit })
            .map_err(|_| Problem::overloaded())
    }

    /// Runs `work` on a thread of its own as soon as a core is free. `stop` is set at the deadline, and when the
    /// returned future is dropped; the core is free again when `work` has seen it.
    ///
    /// # Errors
    /// At the deadline, and where `work` panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        place: Place,
        stop: StopToken,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Outcome<T>, Problem> {
        let arrived = Instant::now();
        let deadline = tokio::time::Instant::from_std(arrived) + self.deadline;
        let _stop = StopWhenDropped(stop);
        let out_of_time = |_| Problem::out_of_time(self.deadline);
        let core = timeout_at(deadline, Arc::clone(&self.cores).acquire_owned())
            .await
            .map_err(out_of_time)?
            .expect("the semaphore of the cores is never closed");
        let waited = arrived.elapsed();
        let running = tokio::task::spawn_blocking(move || {
            let _held = (place, core);
            guarded(work)
        });
        match timeout_at(deadline, running).await.map_err(out_of_time)? {
            Ok(Ok(value)) => Ok(Outcome { value, waited }),
            Ok(Err(cause)) => Err(Problem::internal(cause)),
            Err(error) => Err(Problem::internal(error.to_string())),
        }
    }

    /// Cores there are for analyses.
    pub fn n_cores(&self) -> usize {
        self.n_cores
    }

    /// Analyses on a core.
    pub fn n_running(&self) -> usize {
        self.n_cores - self.cores.available_permits()
    }

    /// Requests that hold a place and no core.
    pub fn n_waiting(&self) -> usize {
        let taken = self.n_places - self.places.available_permits();
        taken.saturating_sub(self.n_running())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Far longer than any test waits, so that a token that is never set fails a test and doesn't hang it.
    const SPIN_MAX: Duration = Duration::from_secs(6);

    fn spin_until(stop: &StopToken) {
        let began = Instant::now();
        while !stop.is_stopped() && began.elapsed() < SPIN_MAX {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    async fn settle(mut condition: impl FnMut() -> bool) -> Duration {
        let started = Instant::now();
        while !condition() {
            assert!(started.elapsed() < Duration::from_secs(5), "never settled");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        started.elapsed()
    }

    #[tokio::test]
    async fn a_deadline_frees_the_core_within_200_ms() {
        let queue = Queue::new(1, 0, Duration::from_millis(50));
        let stop = StopToken::new();
        let token = stop.clone();
        let place = queue.enter().unwrap();
        let outcome = queue.run(place, stop, move || spin_until(&token)).await;
        assert!(outcome.is_err());
        assert!(settle(|| queue.n_running() == 0).await < Duration::from_millis(200));
        assert!(queue.enter().is_ok());
    }

    #[tokio::test]
    async fn a_dropped_request_frees_the_core() {
        let queue = Arc::new(Queue::new(1, 0, Duration::from_secs(60)));
        let stop = StopToken::new();
        let token = stop.clone();
        let place = queue.enter().unwrap();
        let request = tokio::spawn({
            let queue = Arc::clone(&queue);
            async move {
                queue
                    .run(place, stop, move || spin_until(&token))
                    .await
                    .is_ok()
            }
        });
        settle(|| queue.n_running() == 1).await;
        request.abort();
        settle(|| queue.n_running() == 0).await;
    }

    #[tokio::test]
    async fn the_deadline_counts_the_time_in_the_line() {
        let queue = Arc::new(Queue::new(1, 1, Duration::from_millis(50)));
        let [first, second] = [queue.enter().unwrap(), queue.enter().unwrap()];
        assert!(queue.enter().is_err());
        let stop = StopToken::new();
        let token = stop.clone();
        let busy = queue.run(first, stop.clone(), move || spin_until(&token));
        let waiting = queue.run(second, StopToken::new(), || ());
        let (busy, waiting) = tokio::join!(busy, waiting);
        assert!(busy.is_err() && waiting.is_err());
        settle(|| queue.n_running() == 0 && queue.n_waiting() == 0).await;
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_and_frees_the_core() {
        let queue = Queue::new(1, 0, Duration::from_secs(60));
        let place = queue.enter().unwrap();
        let outcome = queue
            .run(place, StopToken::new(), || panic!("on purpose"))
            .await;
        assert!(outcome.is_err());
        settle(|| queue.n_running() == 0).await;
        let place = queue.enter().unwrap();
        let outcome = queue.run(place, StopToken::new(), || 5).await.unwrap();
        assert_eq!(outcome.value, 5);
    }
}
