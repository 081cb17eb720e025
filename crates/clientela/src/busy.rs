//! A sign of life on standard error for work that takes longer than a second; silent when that is no terminal.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// How long work may take without a sign.
pub const PATIENCE: Duration = Duration::from_secs(1);

/// A spinner that appears once patience has run out.
pub struct Busy {
    done: Sender<()>,
    thread: JoinHandle<()>,
}

impl Busy {
    /// Begins to wait.
    pub fn start(what: &str) -> Self {
        let (done, ended) = mpsc::channel::<()>();
        let what = what.to_owned();
        let thread = std::thread::spawn(move || {
            if ended.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}")
                .expect("a valid template");
            let spinner = ProgressBar::new_spinner()
                .with_style(style)
                .with_message(what)
                .with_elapsed(PATIENCE);
            spinner.enable_steady_tick(Duration::from_millis(100));
            // Ends when the other side sends or is dropped.
            let _ = ended.recv();
            spinner.finish_and_clear();
        });
        Self { done, thread }
    }

    /// Takes the sign away.
    pub fn end(self) {
        drop(self.done);
        let _ = self.thread.join();
    }
}
