//! Answers as a table for people.

use crate::run::Answer;
use crate::status::Status;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table};
use turnsole::{Report, Verdict};

/// The width of tables that don't go to a terminal.
const WIDTH: u16 = 120;

/// One line of the table.
pub(crate) struct Row {
    name: String,
    model: String,
    /// `Ok`, `No`, or why there is no answer.
    verdict: String,
    observation: &'static str,
    counts: String,
    notes: String,
    color: Color,
}

impl Row {
    pub(crate) fn new(answer: &Answer, status: Status) -> Row {
        let mut row = Row {
            name: answer.name.unwrap_or(answer.file).to_owned(),
            model: String::new(),
            verdict: if status == Status::Internal { "internal error" } else { "error" }.to_owned(),
            observation: "",
            counts: String::new(),
            notes: String::new(),
            color: Color::Red,
        };
        if let Some(name) = answer.judged.and_then(|judged| judged.model_name.as_deref()) {
            row.model = name.to_owned();
        }
        if let Some(report) = answer.report() {
            row.fill(report);
        }
        row
    }

    fn fill(&mut self, report: &Report) {
        let mut notes = report.flags.clone();
        match &report.status {
            turnsole::Status::Bounded { unroll, .. } => notes.push(format!("loops cut after {unroll}")),
            turnsole::Status::Timeout => self.verdict = "timeout".to_owned(),
            turnsole::Status::OutOfMemory { .. } => self.verdict = "out of memory".to_owned(),
            turnsole::Status::LimitExceeded { .. } => self.verdict = "limit".to_owned(),
            turnsole::Status::Complete | turnsole::Status::Error => {}
        }
        // Where executions are counted, there is nothing to choose.
        if report.asked != turnsole::Asked::Counts && report.has_answer() {
            notes.push(format!("{}: {}", report.engine, report.engine_reason));
        }
        self.notes = notes.join(", ");
        let (Some(verdict), Some(observation)) = (report.verdict(), report.observation()) else { return };
        self.verdict = format!("{} {}", report.kind.word(), verdict.word());
        self.observation = observation.word();
        self.counts = format!("{} : {}", report.positive, report.negative);
        self.color = match verdict {
            Verdict::Ok => Color::Green,
            Verdict::No => Color::Yellow,
            Verdict::Undefined => Color::Magenta,
        };
    }
}

/// An empty table in our style. Its width depends on the terminal only when it goes to one.
pub(crate) fn empty(color: bool) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    if color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    if !table.is_tty() {
        table.set_width(WIDTH);
    }
    table
}

/// Prints the rows.
pub(crate) fn table(rows: &[Row], color: bool) -> String {
    let mut table = empty(color);
    let header = ["Test", "Model", "Verdict", "Observation", "Yes : No", "Notes"];
    table.set_header(header.map(|title| Cell::new(title).add_attribute(Attribute::Bold)));
    for row in rows {
        table.add_row([
            Cell::new(&row.name),
            Cell::new(&row.model),
            Cell::new(&row.verdict).fg(row.color),
            Cell::new(row.observation),
            Cell::new(&row.counts).set_alignment(CellAlignment::Right),
            Cell::new(&row.notes),
        ]);
    }
    format!("{table}\n")
}
