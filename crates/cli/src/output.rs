//! The formats in which answers are printed.

use crate::json;
use crate::run::Answer;
use crate::status::Status;
use crate::table::{Row, table};
use crate::terminal::Terminal;
use batch::Session;
use clap::ValueEnum;
use herd::text::{Extras, write_report};
use std::io::{self, Write};
use syntax::Diagnostic;

/// How answers are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The text that herd7 prints, without times.
    Herd,
    /// One JSON document.
    Json,
    /// One JSON object a line, for each test.
    Ndjson,
    /// A table for people.
    Table,
}

/// How answers are printed, with all options.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    pub(crate) format: Format,
    /// Print how long each test took.
    pub(crate) time: bool,
}

impl Output {
    /// What stands before the first answer.
    pub(crate) fn begin(self, out: &mut impl Write) -> io::Result<()> {
        match self.format {
            Format::Json => out.write_all(json::document_start().as_bytes()),
            Format::Herd | Format::Ndjson | Format::Table => Ok(()),
        }
    }

    /// Prints one answer.
    pub(crate) fn write(
        self,
        answer: &Answer,
        diagnostics: &[Diagnostic],
        status: Status,
        session: &Session,
        text: &str,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        match self.format {
            Format::Herd => match (answer.report(), answer.judged) {
                (Some(report), Some(judged)) => {
                    let time = self.time.then_some(judged.elapsed);
                    write_report(out, report, Extras { time, ..Extras::default() })
                }
                _ => Ok(()),
            },
            Format::Json | Format::Ndjson => {
                let sources = session.sources(answer.file, text);
                let record =
                    json::record(answer, diagnostics, status, session.settings(), &sources, self.time);
                serde_json::to_writer(&mut *out, &record)?;
                if self.format == Format::Ndjson { out.write_all(b"\n") } else { Ok(()) }
            }
            Format::Table => Ok(()),
        }
    }

    /// Writes what [`Output::write`] made, with what stands between two answers.
    pub(crate) fn separate(self, first: &mut bool, text: &[u8], out: &mut impl Write) -> io::Result<()> {
        if self.format == Format::Json {
            out.write_all(if *first { b"\n" } else { b",\n" })?;
            *first = false;
        }
        out.write_all(text)
    }

    /// What stands behind the last answer.
    pub(crate) fn end(self, rows: &[Row], terminal: &mut Terminal) -> io::Result<()> {
        match self.format {
            Format::Json => terminal.out.write_all(b"\n]}\n"),
            Format::Table => {
                let text = table(rows, terminal.out_color);
                terminal.out.write_all(text.as_bytes())
            }
            Format::Herd | Format::Ndjson => Ok(()),
        }
    }
}
