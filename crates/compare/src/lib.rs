//! Comparing logs of simulators and of runs on hardware: reading them, what differs, and how that is written.
//!
//! ```text
//! text ──read──▶ litmus::Log ──┬──compare──▶ Comparison ──▶ text, html, csv, report (JSON)
//!                              ├──sum──────▶ one log
//!                              └──conditions
//! ```
//!
//! Knows no file: texts go in, and texts come out.

mod columns;
mod conditions;
mod csv;
mod diff;
mod html;
mod json;
mod read;
mod report;
mod state;
mod sum;
mod text;

pub use columns::Column;
pub use conditions::{Wanted, conditions};
pub use diff::{Class, Classes, Comparison, Difference, Level, Options, Row, Summary, compare};
pub use read::read;
pub use sum::{sum, write_log};

use litmus::Log;

/// A log and what tables call it.
#[derive(Clone, Debug)]
pub struct NamedLog<'a> {
    /// Usually the name of its file.
    pub title: String,
    /// What it says.
    pub log: Log<'a>,
}

/// How a comparison is written.
#[derive(Clone, Debug)]
pub struct Layout {
    /// What is shown of each log.
    pub columns: Vec<Column>,
    /// Show the tests that don't differ, too.
    pub all: bool,
    /// Don't list the outcomes that differ.
    pub brief: bool,
    /// Write the summary only.
    pub summary_only: bool,
    /// Use the colours of terminals.
    pub color: bool,
}

impl Layout {
    /// The columns that are shown unless others are chosen.
    pub const COLUMNS: [Column; 3] = [Column::Verdict, Column::Observation, Column::Witnesses];
}

impl Default for Layout {
    fn default() -> Layout {
        Layout {
            columns: Layout::COLUMNS.to_vec(),
            all: false,
            brief: false,
            summary_only: false,
            color: false,
        }
    }
}

impl Comparison<'_> {
    /// The rows that a layout shows.
    fn shown(&self, layout: &Layout) -> impl Iterator<Item = &Row> {
        let none = layout.summary_only;
        let all = layout.all;
        self.rows.iter().filter(move |row| !none && (all || row.differs()))
    }
}
