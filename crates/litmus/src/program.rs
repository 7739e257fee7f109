//! The columns of assembly.

use syntax::{Diagnostic, FileId, Span};

use crate::ast::{Cell, Comment, Section, Text, Thread};
use crate::lexer::{comment, unterminated_comment};
use crate::scan;

/// How many broken rows are reported one by one.
const MAX_ERRORS: usize = 20;

/// Most threads have no more rows.
const TYPICAL_ROWS: usize = 8;

/// The words that end the program. They are part of the format, whatever the program's language is.
const QUESTION_WORDS: [&str; 8] =
    ["exists", "forall", "final", "locations", "filter", "observed", "Observed", "cases"];

/// The words that start a section behind the threads.
const SECTION_WORDS: [&str; 3] = ["scopes", "levels", "regions"];

/// What was read, and where the question starts.
pub(crate) struct Columns {
    pub(crate) threads: Vec<Thread>,
    pub(crate) sections: Vec<Text>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) errors: Vec<Diagnostic>,
    pub(crate) end: usize,
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    at: usize,
    /// Where the text of the present cell starts.
    cell_start: usize,
    /// The text of the present cell up to the last comment in it, if it has one.
    before_comment: Option<String>,
    /// Whether the present row holds anything but blanks and comments.
    row_started: bool,
    /// The cells of the present row.
    row: Vec<Cell>,
    columns: Columns,
}

/// Reads from `at` to the question or the end.
pub(crate) fn read(file: FileId, text: &str, at: usize) -> Columns {
    let columns = Columns {
        threads: Vec::new(),
        sections: Vec::new(),
        comments: Vec::new(),
        errors: Vec::new(),
        end: text.len(),
    };
    let mut reader = Reader {
        file,
        text,
        at,
        cell_start: at,
        before_comment: None,
        row_started: false,
        row: Vec::new(),
        columns,
    };
    reader.rows();
    reader.columns
}

/// Whether the word at `at`, which starts there, ends the program. `~exists` and `not exists` count.
pub(crate) fn question_at(text: &str, at: usize) -> bool {
    let rest = &text[at..];
    let rest = match rest.strip_prefix('~') {
        Some(behind) => return word_of(behind.trim_start()) == "exists",
        None => rest,
    };
    let word = word_of(rest);
    match word {
        "not" => word_of(rest[3..].trim_start()) == "exists",
        _ => QUESTION_WORDS.contains(&word),
    }
}

/// The offset of the question from `start` on, outside comments and strings; the end if there is none.
pub(crate) fn find_question(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut strings = scan::Strings::default();
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'(' | b'/' => {
                at = match scan::comment_at(bytes, at, scan::Comments::Both) {
                    Some(Ok(end)) => end,
                    Some(Err(_)) => return bytes.len(),
                    None => at + 1,
                };
            }
            b'"' => at = strings.skip(bytes, at),
            _ if scan::starts_name(byte) || byte == b'~' => {
                if question_at(text, at) {
                    return at;
                }
                at += 1;
                while bytes.get(at).is_some_and(|byte| scan::continues_name(*byte)) {
                    at += 1;
                }
            }
            _ => at += 1,
        }
    }
    at
}

/// Whether a section such as `scopes:` starts at `at`.
pub(crate) fn section_at(text: &str, at: usize) -> bool {
    let word = word_of(&text[at..]);
    SECTION_WORDS.contains(&word) && text[at + word.len()..].trim_start().starts_with(':')
}

fn word_of(text: &str) -> &str {
    let bytes = text.as_bytes();
    let len = bytes.iter().position(|byte| !scan::continues_name(*byte)).unwrap_or(bytes.len());
    &text[..len]
}

/// Where the blanks from `at` on end.
#[inline]
fn blanks_end(bytes: &[u8], at: usize) -> usize {
    let mut at = at;
    while bytes.get(at).is_some_and(|byte| scan::is_blank(*byte)) {
        at += 1;
    }
    at
}

/// Whether a word of the format may start with this byte.
fn may_start_question(byte: u8) -> bool {
    matches!(byte, b'e' | b'f' | b'l' | b'o' | b'O' | b'c' | b'n' | b'~' | b's' | b'r')
}

impl Reader<'_> {
    fn rows(&mut self) {
        let bytes = self.text.as_bytes();
        let mut strings = scan::Strings::default();
        while let Some(&byte) = bytes.get(self.at) {
            match byte {
                _ if scan::is_blank(byte) => self.at = blanks_end(bytes, self.at),
                b'|' if scan::parts_columns(bytes, self.at) => {
                    self.row_started = true;
                    self.cell();
                    self.start_cell(self.at + 1);
                }
                b';' => {
                    self.cell();
                    self.end_row();
                    self.row_started = false;
                    self.start_cell(self.at + 1);
                }
                b'(' if bytes.get(self.at + 1) == Some(&b'*') => {
                    if !self.comment() {
                        return;
                    }
                }
                b'"' => {
                    self.row_started = true;
                    self.at = strings.skip(bytes, self.at);
                }
                _ if scan::starts_name(byte) || byte == b'~' => {
                    if may_start_question(byte) && question_at(self.text, self.at) {
                        break;
                    }
                    if !self.row_started && section_at(self.text, self.at) {
                        self.section();
                    } else {
                        self.row_started = true;
                        self.skip_word();
                    }
                }
                _ => {
                    self.row_started = true;
                    self.skip_word();
                }
            }
        }
        self.finish();
    }

    /// Skips what a word of the format can't start in the middle of.
    fn skip_word(&mut self) {
        let bytes = self.text.as_bytes();
        let mut at = self.at + 1;
        while bytes.get(at).is_some_and(|byte| scan::continues_word(*byte)) {
            at += 1;
        }
        self.at = at;
    }

    fn start_cell(&mut self, at: usize) {
        self.at = at;
        self.cell_start = at;
        self.before_comment = None;
    }

    /// Skips a comment and cuts it out of the cell.
    fn comment(&mut self) -> bool {
        let start = self.at;
        let Some(end) = scan::comment_end(self.text.as_bytes(), start) else {
            let span = Span::new(self.file, start, start + 2);
            self.columns.errors.push(unterminated_comment(span));
            return false;
        };
        self.columns.comments.push(comment(self.file, self.text, start, end, Section::Program));
        let piece = &self.text[self.cell_start..start];
        if self.before_comment.is_none() && piece.trim_ascii().is_empty() {
            // A comment in front of a cell, or between rows.
            self.start_cell(end);
            return true;
        }
        let before = self.before_comment.get_or_insert_default();
        before.push_str(piece);
        before.push(' ');
        self.cell_start = end;
        self.at = end;
        true
    }

    fn cell(&mut self) {
        let bytes = self.text.as_bytes();
        let start = blanks_end(bytes, self.cell_start).min(self.at);
        let mut end = self.at;
        while end > start && scan::is_blank(bytes[end - 1]) {
            end -= 1;
        }
        let cell = match self.before_comment.take() {
            None if start == end => {
                Cell { text: String::new(), span: Span::new(self.file, self.at, self.at) }
            }
            None => Cell { text: self.text[start..end].to_owned(), span: Span::new(self.file, start, end) },
            Some(mut text) => {
                let piece = &self.text[self.cell_start..self.at];
                text.push_str(piece);
                let text = text.trim_ascii().to_owned();
                // Only the end is known well: the comment hides the start.
                let end = self.cell_start + piece.trim_ascii_end().len();
                let mut start = end.saturating_sub(text.len());
                while !self.text.is_char_boundary(start) {
                    start -= 1;
                }
                Cell { span: Span::new(self.file, start, end), text }
            }
        };
        self.row.push(cell);
    }

    fn end_row(&mut self) {
        let mut row = std::mem::take(&mut self.row);
        if self.columns.threads.is_empty() {
            self.header(&row);
            return;
        }
        let expected = self.columns.threads.len();
        if row.len() != expected {
            let last = row.len() - 1;
            let mut span = row[0].span.to(row[last].span);
            span.end = span.end.max(span.start);
            let columns = if expected == 1 { "column" } else { "columns" };
            let cells = if row.len() == 1 { "cell" } else { "cells" };
            let message =
                format!("this row has {} {cells}, but the program has {expected} {columns}", row.len());
            self.error(
                Diagnostic::error("litmus::row-length", span, message)
                    .with_help("separate cells with `|`; a thread that has ended needs an empty cell"),
            );
            row.resize(expected, Cell { text: String::new(), span });
        }
        for (thread, cell) in self.columns.threads.iter_mut().zip(row.drain(..)) {
            thread.cells.push(cell);
        }
        self.row = row;
    }

    fn header(&mut self, row: &[Cell]) {
        let mut next = 0;
        for cell in row {
            let Some(mut thread) = thread_head(cell) else {
                let message = format!("`{}` is not the name of a thread", cell.text.escape_debug());
                self.error(
                    Diagnostic::error("litmus::bad-thread-name", cell.span, message)
                        .with_help("the first row of a program names its threads: `P0 | P1 ;`"),
                );
                self.columns.threads.push(Thread {
                    id: next,
                    handler: false,
                    annotations: Vec::new(),
                    span: cell.span,
                    cells: Vec::new(),
                });
                next += 1;
                continue;
            };
            if thread.handler {
                if thread.id >= next {
                    let message = format!("there is no thread P{} for this fault handler", thread.id);
                    self.error(Diagnostic::error("litmus::bad-thread-name", cell.span, message));
                }
            } else {
                if thread.id != next {
                    let message = format!("expected P{next} here, not P{}", thread.id);
                    self.error(
                        Diagnostic::error("litmus::thread-order", cell.span, message)
                            .with_help("threads are numbered from P0 without gaps"),
                    );
                    thread.id = next;
                }
                next += 1;
            }
            self.columns.threads.push(thread);
        }
    }

    /// `scopes: …` up to the next section or the question.
    fn section(&mut self) {
        let start = self.at;
        let bytes = self.text.as_bytes();
        self.skip_word();
        while let Some(&byte) = bytes.get(self.at) {
            if !scan::starts_name(byte) && byte != b'~' {
                self.at += 1;
            } else if question_at(self.text, self.at) || section_at(self.text, self.at) {
                break;
            } else {
                self.skip_word();
            }
        }
        let text = self.text[start..self.at].trim_end();
        let span = Span::new(self.file, start, start + text.len());
        self.columns.sections.push(Text { text: text.to_owned(), span });
        self.start_cell(self.at);
    }

    fn finish(&mut self) {
        self.columns.end = self.at;
        let here = Span::new(self.file, self.at, self.at);
        if self.row_started {
            self.cell();
            let span = self.row[0].span.to(self.row[self.row.len() - 1].span);
            self.end_row();
            self.error(
                Diagnostic::error("litmus::unfinished-row", span, "this row of the program does not end")
                    .with_help("end it with `;`"),
            );
        } else if self.columns.threads.is_empty() {
            self.error(
                Diagnostic::error("litmus::missing-program", here, "the test has no program")
                    .with_help("the program starts with a row of threads: `P0 | P1 ;`"),
            );
        }
    }

    fn error(&mut self, error: Diagnostic) {
        if self.columns.errors.len() < MAX_ERRORS {
            self.columns.errors.push(error);
        }
    }
}

/// Reads `P0`, `P0.F`, `P0:a,b`.
fn thread_head(cell: &Cell) -> Option<Thread> {
    let (name, annotations) = match cell.text.split_once(':') {
        Some((name, behind)) => (name.trim(), behind),
        None => (cell.text.as_str(), ""),
    };
    let (name, handler) = match name.strip_suffix(".F") {
        Some(name) => (name, true),
        None => (name, false),
    };
    let digits = name.strip_prefix('P')?;
    let id = if digits.len() <= 9 && digits.bytes().all(|b| b.is_ascii_digit()) {
        digits.parse().ok()?
    } else {
        return None;
    };
    let annotations =
        annotations.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    Some(Thread { id, handler, annotations, span: cell.span, cells: Vec::with_capacity(TYPICAL_ROWS) })
}
