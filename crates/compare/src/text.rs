//! A comparison as text: a line for each test that differs, columns aligned, and the outcomes that differ below it.

use crate::columns::{cells, outcomes};
use crate::diff::{Class, Difference, Summary};
use crate::{Comparison, Layout, Row};

const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const BOLD: &str = "\x1b[1m";
const PLAIN: &str = "\x1b[0m";

/// Wider cells don't widen their column.
const MAX_WIDTH: usize = 60;

impl Comparison<'_> {
    /// The comparison as text for people, and for `grep`.
    pub fn text(&self, layout: &Layout) -> String {
        let table: Vec<(&Row, Vec<String>)> =
            self.shown(layout).map(|row| (row, self.line(row, layout))).collect();
        let columns = self.columns(layout);
        let mut widths = widths(columns.iter().chain(table.iter().map(|(_, line)| line)));
        let groups = self.groups(layout, &mut widths);
        let mut out = String::new();
        if !table.is_empty() {
            let titles = self.titles();
            paint(layout, BOLD, &mut out, |out| push_line(&titles, &groups, out));
            out.push('\n');
        }
        for columns in columns.iter().filter(|_| !table.is_empty()) {
            paint(layout, BOLD, &mut out, |out| push_line(columns, &widths, out));
            out.push('\n');
        }
        for (row, line) in &table {
            push_line(line, &widths, &mut out);
            out.push('\n');
            if !layout.brief {
                self.push_outcomes(row, layout, &mut out);
            }
        }
        if !table.is_empty() {
            out.push('\n');
        }
        self.push_summaries(&mut out);
        out
    }

    /// What stands above all: one title for the columns of each log.
    fn titles(&self) -> Vec<String> {
        let logs = self.logs.iter().map(|named| named.title.clone());
        ["Test".to_owned()].into_iter().chain(logs).chain(["difference".to_owned()]).collect()
    }

    /// The names of the columns, if there are several for each log.
    fn columns(&self, layout: &Layout) -> Option<Vec<String>> {
        let of_log = || layout.columns.iter().map(|column| column.title().to_owned());
        let of_logs = self.logs.iter().flat_map(|_| of_log());
        (layout.columns.len() > 1).then(|| [String::new()].into_iter().chain(of_logs).collect())
    }

    /// The widths of the titles. Columns become wider where a title needs it.
    fn groups(&self, layout: &Layout, widths: &mut Vec<usize>) -> Vec<usize> {
        let per_log = layout.columns.len();
        widths.resize(widths.len().max(2 + per_log * self.logs.len()), 0);
        let mut groups = Vec::new();
        widths[0] = widths[0].max("Test".len());
        groups.push(widths[0]);
        for (named, columns) in self.logs.iter().zip(widths[1..].chunks_mut(per_log.max(1))) {
            let width = columns.iter().sum::<usize>() + 2 * (columns.len() - 1);
            let title = named.title.chars().count();
            if let Some(last) = columns.last_mut() {
                *last += title.saturating_sub(width);
            }
            groups.push(width.max(title));
        }
        groups.push(0);
        groups
    }

    fn line(&self, row: &Row, layout: &Layout) -> Vec<String> {
        let mut line = vec![row.name.clone()];
        for log in 0..self.logs.len() {
            line.extend(cells(self, row, log, layout));
        }
        line.push(self.note(row));
        line
    }

    /// `+1 -2 verdict`, with the log's name if there are several.
    fn note(&self, row: &Row) -> String {
        let notes = row.differences.iter().zip(&self.logs[1..]).filter(|(it, _)| !it.classes.is_empty());
        let notes: Vec<String> = notes
            .map(|(difference, named)| {
                let words = words(difference);
                if self.logs.len() > 2 { format!("{}: {words}", named.title) } else { words }
            })
            .collect();
        notes.join(", ")
    }

    fn push_outcomes(&self, row: &Row, layout: &Layout, out: &mut String) {
        for (at, difference) in row.differences.iter().enumerate() {
            let of =
                if self.logs.len() > 2 { format!("{}: ", self.logs[at + 1].title) } else { String::new() };
            let lists = [
                (Class::Negative, outcomes(self, row, 0, &difference.negative), RED, '-'),
                (Class::Positive, outcomes(self, row, at + 1, &difference.positive), GREEN, '+'),
            ];
            for (class, states, color, sign) in lists {
                if !difference.classes.has(class) {
                    continue;
                }
                for state in states {
                    out.push_str("    ");
                    paint(layout, color, out, |out| {
                        out.push(sign);
                        out.push(' ');
                        out.push_str(&of);
                        out.push_str(state);
                    });
                    out.push('\n');
                }
            }
        }
    }

    fn push_summaries(&self, out: &mut String) {
        for (summary, named) in self.summaries.iter().zip(&self.logs[1..]) {
            push_summary(summary, &self.logs[0].title, &named.title, out);
        }
    }
}

/// `+1 -2 verdict`
pub(crate) fn words(difference: &Difference) -> String {
    let words: Vec<String> = difference
        .classes
        .iter()
        .map(|class| match class {
            Class::Positive => format!("+{}", difference.positive.len()),
            Class::Negative => format!("-{}", difference.negative.len()),
            other => other.word().to_owned(),
        })
        .collect();
    words.join(" ")
}

/// The lines of a summary: what, and in how many tests. Lines about nothing are left out.
pub(crate) fn summary_lines(summary: &Summary, first: &str, other: &str) -> Vec<(String, usize)> {
    let count = |class: Class| summary.by_class[class as usize];
    let lines = [
        (format!("outcomes only in {other} (positive)"), count(Class::Positive)),
        (format!("outcomes only in {first} (negative)"), count(Class::Negative)),
        ("other verdict".to_owned(), count(Class::Verdict)),
        ("other flags".to_owned(), count(Class::Flags)),
        ("other counts".to_owned(), count(Class::Counts)),
        ("other hash: not the same test".to_owned(), count(Class::Hash)),
        (format!("answered only in {first}"), summary.only_first),
        (format!("answered only in {other}"), summary.only_other),
        ("no answer in both".to_owned(), count(Class::Unknown)),
    ];
    lines.into_iter().filter(|(_, number)| *number > 0).collect()
}

fn push_summary(summary: &Summary, first: &str, other: &str, out: &mut String) {
    let tests = if summary.tests == 1 { "test" } else { "tests" };
    let (all, same, different) = (summary.tests, summary.same, summary.different());
    out.push_str(&format!("{first} and {other}: {all} {tests}, {same} same, {different} different\n"));
    let lines = summary_lines(summary, first, other);
    let width = lines.iter().map(|(what, _)| what.chars().count()).max().unwrap_or(0);
    for (what, number) in lines {
        out.push_str(&format!("  {what:width$}  {number}\n"));
    }
}

fn widths<'a>(lines: impl Iterator<Item = &'a Vec<String>>) -> Vec<usize> {
    let mut widths: Vec<usize> = Vec::new();
    for line in lines {
        widths.resize(widths.len().max(line.len()), 0);
        for (cell, width) in line.iter().zip(&mut widths) {
            *width = (*width).max(cell.chars().count().min(MAX_WIDTH));
        }
    }
    widths
}

/// Writes a line without blanks at its end.
fn push_line(cells: &[String], widths: &[usize], out: &mut String) {
    let start = out.len();
    for (cell, width) in cells.iter().zip(widths) {
        out.push_str(cell);
        let missing = width.saturating_sub(cell.chars().count()) + 2;
        out.extend(std::iter::repeat_n(' ', missing));
    }
    let len = out[start..].trim_end().len();
    out.truncate(start + len);
}

fn paint(layout: &Layout, color: &str, out: &mut String, write: impl FnOnce(&mut String)) {
    if layout.color {
        out.push_str(color);
    }
    write(out);
    if layout.color {
        out.push_str(PLAIN);
    }
}
