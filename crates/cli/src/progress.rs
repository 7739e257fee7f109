//! A line on standard error that shows that something happens, when it takes long.

use crate::terminal::Terminal;
use std::io::Write;
use std::time::{Duration, Instant};

/// Nobody wants to read about what is over in a moment.
const SILENT: Duration = Duration::from_secs(1);

/// How long a line stands until it is written anew.
const STANDS: Duration = Duration::from_millis(100);

/// Counts tests, and shows the count.
pub(crate) struct Progress {
    start: Instant,
    count: u64,
    allowed: bool,
    /// When the line was last written, and how long it is.
    shown: Option<(Instant, usize)>,
}

impl Progress {
    pub(crate) fn new(allowed: bool) -> Progress {
        Progress { start: Instant::now(), count: 0, allowed, shown: None }
    }

    /// One more test is done.
    pub(crate) fn step(&mut self) {
        self.count += 1;
        if !self.allowed {
            return;
        }
        let now = Instant::now();
        let due = match self.shown {
            None => now.duration_since(self.start) > SILENT,
            Some((last, _)) => now.duration_since(last) >= STANDS,
        };
        if due {
            let line = line(self.count, now.duration_since(self.start));
            let before = self.shown.map_or(0, |(_, length)| length);
            write(&format!("\r{line:<before$}"));
            self.shown = Some((now, line.len()));
        }
    }

    /// Writes a message where the line stood; the line comes back with the next test.
    pub(crate) fn message(&mut self, terminal: &mut Terminal, text: &str) -> std::io::Result<()> {
        if !text.is_empty() {
            self.clear();
        }
        terminal.message(text)
    }

    pub(crate) fn finish(mut self) {
        self.clear();
    }

    fn clear(&mut self) {
        if let Some((_, length)) = self.shown.take() {
            write(&format!("\r{:length$}\r", ""));
        }
    }
}

/// What there is to say after so many tests.
fn line(count: u64, elapsed: Duration) -> String {
    let each_second = count as f64 / elapsed.as_secs_f64().max(1e-9);
    format!("{count} tests, {each_second:.0}/s, {} s", elapsed.as_secs())
}

fn write(text: &str) {
    let mut err = std::io::stderr().lock();
    // Nobody is left to tell when standard error can't be written.
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_many_and_how_fast() {
        assert_eq!(line(250, Duration::from_millis(2500)), "250 tests, 100/s, 2 s");
    }
}
