//! The standard streams, and whether they are coloured.

use crate::args::Color;
use std::io::{self, BufWriter, IsTerminal, Stderr, Stdout, Write};

/// Where results and messages go.
pub(crate) struct Terminal {
    /// Results.
    pub(crate) out: BufWriter<Stdout>,
    /// Everything else.
    pub(crate) err: Stderr,
    /// Whether results may be coloured.
    pub(crate) out_color: bool,
    /// Whether messages may be coloured.
    pub(crate) err_color: bool,
}

impl Terminal {
    pub(crate) fn new(color: Color) -> Terminal {
        let (out, err) = (io::stdout(), io::stderr());
        let choose = |automatic: anstream::ColorChoice| match color {
            Color::Auto => automatic != anstream::ColorChoice::Never,
            Color::Always => true,
            Color::Never => false,
        };
        let out_color = choose(anstream::AutoStream::choice(&out));
        let err_color = choose(anstream::AutoStream::choice(&err));
        Terminal { out: BufWriter::with_capacity(1 << 16, out), err, out_color, err_color }
    }

    /// Writes to standard error, behind what was written to standard output before.
    pub(crate) fn message(&mut self, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        self.out.flush()?;
        self.err.write_all(text.as_bytes())
    }

    /// Says what is wrong with what the user gave, where no file has a part in it.
    pub(crate) fn complain(&mut self, message: &str) {
        let error = if self.err_color { "\x1b[1;31merror\x1b[0m" } else { "error" };
        // Nobody is left to tell when standard error can't be written.
        let _ = self.message(&format!("{error}: {message}\n"));
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Whether a progress bar can be shown: nobody wants it in a file, or between results.
    pub(crate) fn can_show_progress(&self) -> bool {
        self.err.is_terminal() && !self.out.get_ref().is_terminal()
    }
}
