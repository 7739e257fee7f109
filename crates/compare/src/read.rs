//! Reading a log of any kind, with one clear message for whatever is wrong with it.

use litmus::{Gap, Log, LoggedTest};
use std::borrow::Cow;
use std::collections::HashMap;
use syntax::{Diagnostic, FileId, Span};

use crate::{json, sum};

/// Reads a log: herd7's, litmus7's or ours, as text or JSON. Afterwards each test is in it once. The log can be used
/// if no diagnostic is an error.
pub fn read(file: FileId, text: &str) -> (Log<'_>, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let is_json = text.trim_start().starts_with(['{', '[']);
    let log = if is_json { json::read(file, text, &mut problems) } else { Log::read(text) };
    if syntax::has_errors(&problems) {
        return (Log::default(), problems);
    }
    if !(is_json || log.is_log()) {
        return (Log::default(), vec![no_log(file, text)]);
    }
    let lines = Lines { file, text };
    report_gaps(&log, &lines, &mut problems);
    let log = each_test_once(log, &lines, &mut problems);
    (log, problems)
}

fn no_log(file: FileId, text: &str) -> Diagnostic {
    let message =
        if text.trim().is_empty() { "the log is empty" } else { "this is no log: there are no tests in it" };
    Diagnostic::error("log::no-log", Span::new(file, 0, 0), message)
        .with_help("logs of herd7, litmus7 and `turnsole run` have a line `Test NAME Allowed` for each test")
}

/// Finds lines by their numbers.
struct Lines<'a> {
    file: FileId,
    text: &'a str,
}

impl Lines<'_> {
    /// The line of this number, which is from 1.
    fn span(&self, number: usize) -> Span {
        let mut start = 0;
        for line in self.text.split_inclusive('\n').take(number.saturating_sub(1)) {
            start += line.len();
        }
        let line = self.text[start..].lines().next().unwrap_or("");
        Span::new(self.file, start, start + line.trim_end().len())
    }

    /// The end of the line of this number: lines of JSON are long.
    fn end(&self, number: usize) -> Span {
        const LONGEST: usize = 60;
        let line = self.span(number);
        let mut start = (line.end as usize).saturating_sub(LONGEST).max(line.start as usize);
        while !self.text.is_char_boundary(start) {
            start += 1;
        }
        Span::new(self.file, start, line.end as usize)
    }
}

/// How many problems are reported one by one.
const MAX_PROBLEMS: usize = 20;

fn report_gaps(log: &Log, lines: &Lines, problems: &mut Vec<Diagnostic>) {
    let last = log.tests.len().saturating_sub(1);
    let incomplete = log
        .tests
        .iter()
        .enumerate()
        .filter(|(at, test)| test.gap == Some(Gap::Cut) && (*at < last || log.cut.is_none()));
    for (_, test) in incomplete.take(MAX_PROBLEMS) {
        let message = format!("what the log says about `{}` is not complete", test.name);
        problems.push(Diagnostic::warning("log::incomplete", lines.span(test.line), message));
    }
    if let Some(line) = log.cut {
        let count = |number: usize| match number {
            1 => "1 test".to_owned(),
            number => format!("{number} tests"),
        };
        let message = match log.tests.last() {
            Some(test) if test.gap.is_some() => {
                format!("the log is cut in `{}`; it is read up to there: {}", test.name, count(last))
            }
            _ => format!("the log is cut; it is read up to there: {}", count(log.tests.len())),
        };
        problems.push(Diagnostic::warning("log::cut", lines.end(line), message));
    }
}

/// Merges what is said about one test in several places. Runs add up; of the answers of simulators only one can be
/// meant.
fn each_test_once<'a>(mut log: Log<'a>, lines: &Lines, problems: &mut Vec<Diagnostic>) -> Log<'a> {
    let mut known: HashMap<Cow<'a, str>, usize> = HashMap::with_capacity(log.tests.len());
    let mut tests: Vec<LoggedTest<'a>> = Vec::with_capacity(log.tests.len());
    for test in log.tests {
        let Some(&at) = known.get(&*test.name) else {
            known.insert(test.name.clone(), tests.len());
            tests.push(test);
            continue;
        };
        let first = &mut tests[at];
        let both_run = first.histogram && test.histogram;
        if first.gap.is_some() || both_run {
            sum::add(first, &test);
        } else if test.gap.is_none() && problems.len() < 2 * MAX_PROBLEMS && !sum::same_answer(first, &test) {
            let message = format!("`{}` is in the log twice, with different answers", test.name);
            let warning = Diagnostic::warning("log::duplicate", lines.span(test.line), message)
                .with_label(lines.span(first.line), "this one counts");
            problems.push(warning);
        }
    }
    log.tests = tests;
    log
}
