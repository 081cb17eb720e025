//! How far an import has come.

/// How far an import has come. Every file is read twice: `n_bytes` counts both readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Lines understood so far; 0 during the first reading.
    pub n_lines: u64,
    /// Stored bytes read so far.
    pub n_bytes: u64,
    /// Stored bytes to be read in all; 0 where that is not known.
    pub n_bytes_total: u64,
}

/// Calls back every few thousand lines.
pub(crate) struct Meter<'a> {
    report: &'a mut dyn FnMut(Progress),
    now: Progress,
    n_bytes_of_files_done: u64,
    n_steps: u64,
    is_second_reading: bool,
}

const LINES_BETWEEN_REPORTS: u64 = 4_096;

impl<'a> Meter<'a> {
    pub(crate) fn new(n_bytes_total: u64, report: &'a mut dyn FnMut(Progress)) -> Self {
        let now = Progress {
            n_lines: 0,
            n_bytes: 0,
            n_bytes_total,
        };
        Self {
            report,
            now,
            n_bytes_of_files_done: 0,
            n_steps: 0,
            is_second_reading: false,
        }
    }

    pub(crate) fn second_reading(&mut self) {
        self.is_second_reading = true;
    }

    /// One line further, `n_bytes` into the current file.
    pub(crate) fn step(&mut self, n_bytes: u64) {
        self.n_steps += 1;
        self.now.n_lines += u64::from(self.is_second_reading);
        if self.n_steps.is_multiple_of(LINES_BETWEEN_REPORTS) {
            self.now.n_bytes = self.n_bytes_of_files_done + n_bytes;
            (self.report)(self.now);
        }
    }

    /// The current file, of `n_bytes`, is read to its end.
    pub(crate) fn file_done(&mut self, n_bytes: u64) {
        self.n_bytes_of_files_done += n_bytes;
        self.now.n_bytes = self.n_bytes_of_files_done;
        (self.report)(self.now);
    }
}
