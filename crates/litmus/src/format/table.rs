//! The columns of assembly, aligned.

use std::ops::Range;

use super::Out;
use crate::ast::Text;
use crate::program::section_at;
use crate::scan::{self, Comments, Strings};

/// A part of the program.
enum Item {
    Row {
        cells: Vec<String>,
        at: Range<usize>,
    },
    Comment(Range<usize>),
    /// The sections start here.
    Sections,
}

/// Writes the program, which ends at `end`.
pub(super) fn write(out: &mut Out, sections: &[Text], end: usize) {
    let items = Reader { source: out.source, at: out.done, end, items: Vec::new() }.run();
    let widths = widths(&items);
    for item in items {
        match item {
            Item::Row { cells, at } => {
                let line = row(&cells, &widths);
                out.line(at, &line);
            }
            Item::Comment(at) => out.comment(at),
            Item::Sections => {
                for section in sections {
                    let at = super::range(section.span);
                    out.line(at, &section.text);
                }
            }
        }
    }
}

fn widths(items: &[Item]) -> Vec<usize> {
    let mut widths = Vec::new();
    for item in items {
        let Item::Row { cells, .. } = item else { continue };
        widths.resize(widths.len().max(cells.len()), 0);
        for (cell, width) in cells.iter().zip(&mut widths) {
            *width = (*width).max(cell.chars().count());
        }
    }
    widths
}

fn row(cells: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
        line.push_str(if at > 0 { "| " } else { " " });
        line.push_str(cell);
        line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count()) + 1));
    }
    line.push(';');
    line
}

/// Single blanks, but for what stands in strings and comments.
pub(super) fn squeeze(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut strings = Strings::default();
    let mut squeezed = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'"' => strings.skip(bytes, at),
            b'(' => match scan::comment_at(bytes, at, Comments::Ml) {
                Some(Ok(end)) => end,
                _ => at + 1,
            },
            byte if byte.is_ascii_whitespace() => {
                if !squeezed.is_empty() && !squeezed.ends_with(' ') {
                    squeezed.push(' ');
                }
                at += 1;
                continue;
            }
            _ => at + text[at..].chars().next().map_or(1, char::len_utf8),
        };
        squeezed.push_str(&text[at..end]);
        at = end;
    }
    squeezed.truncate(squeezed.trim_ascii_end().len());
    squeezed
}

struct Reader<'a> {
    source: &'a str,
    at: usize,
    end: usize,
    items: Vec<Item>,
}

impl Reader<'_> {
    fn run(mut self) -> Vec<Item> {
        while self.at < self.end {
            let byte = self.source.as_bytes()[self.at];
            if byte.is_ascii_whitespace() || (byte == b';' && self.items.is_empty()) {
                // The `;` is one behind the initial state.
                self.at += 1;
            } else if let Some(end) = self.comment() {
                self.items.push(Item::Comment(self.at..end));
                self.at = end;
            } else if section_at(self.source, self.at) {
                self.items.push(Item::Sections);
                self.at = self.end;
            } else {
                self.row();
            }
        }
        self.items
    }

    fn comment(&self) -> Option<usize> {
        scan::comment_at(&self.source.as_bytes()[..self.end], self.at, Comments::Ml)?.ok()
    }

    /// Reads a row up to its `;`. Comments of several lines don't fit into a row, and go before it.
    fn row(&mut self) {
        let bytes = &self.source.as_bytes()[..self.end];
        let mut strings = Strings::default();
        let mut cells = Vec::new();
        let mut cell = String::new();
        let start = self.at;
        while self.at < self.end {
            let from = self.at;
            match bytes[from] {
                b';' | b'|' if scan::parts_columns(bytes, from) => {
                    self.at += 1;
                    cells.push(squeeze(&cell));
                    cell.clear();
                    if bytes[from] == b';' {
                        break;
                    }
                    continue;
                }
                b'"' => self.at = strings.skip(bytes, from),
                b'(' => match self.comment() {
                    Some(end) => {
                        self.at = end;
                        if self.source[from..end].contains('\n') {
                            self.items.push(Item::Comment(from..end));
                            continue;
                        }
                        // A comment parts words.
                        cell.push(' ');
                        cell.push_str(&self.source[from..end]);
                        cell.push(' ');
                        continue;
                    }
                    None => self.at += 1,
                },
                _ => self.at += self.source[from..].chars().next().map_or(1, char::len_utf8),
            }
            cell.push_str(&self.source[from..self.at]);
        }
        self.items.push(Item::Row { cells, at: start..self.at });
    }
}
