//! A line on standard error that shows that something happens, when it takes long.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};

/// Nobody wants to read about what is over in a moment.
const SILENT: Duration = Duration::from_secs(1);

/// Counts tests, and shows the count.
pub(crate) struct Progress {
    start: Instant,
    count: u64,
    allowed: bool,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(crate) fn new(allowed: bool) -> Progress {
        Progress { start: Instant::now(), count: 0, allowed, bar: None }
    }

    /// One more test is done.
    pub(crate) fn step(&mut self) {
        self.count += 1;
        if self.allowed && self.bar.is_none() && self.start.elapsed() > SILENT {
            let bar = ProgressBar::new_spinner().with_elapsed(self.start.elapsed());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} tests, {per_sec}, {elapsed}") {
                bar.set_style(style);
            }
            self.bar = Some(bar);
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.count);
        }
    }

    /// Does something with standard error free of the line.
    pub(crate) fn suspend<T>(&self, work: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(work),
            None => work(),
        }
    }

    pub(crate) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
