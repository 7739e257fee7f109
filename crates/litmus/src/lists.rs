//! The small files that steer a batch: lists of tests, names, renamings, kinds and conditions.
//!
//! All of them are lines; `#` starts a comment, and blank lines don't count.

use std::ops::Range;

use syntax::{Diagnostic, FileId, Span};

use crate::ast::{Condition, Section};
use crate::condition;
use crate::parser::Parser;
use crate::scan::Comments;

/// The kind of a test: what is expected of its condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `Allow`, `Allowed`
    Allowed,
    /// `Forbid`, `Forbidden`
    Forbidden,
    /// `Require`, `Required`
    Required,
    /// `Undefined`
    Undefined,
}

impl Kind {
    /// The kind that this word names.
    pub fn from_word(word: &str) -> Option<Kind> {
        Some(match word {
            "Allow" | "Allowed" => Kind::Allowed,
            "Forbid" | "Forbidden" => Kind::Forbidden,
            "Require" | "Required" => Kind::Required,
            "Undefined" => Kind::Undefined,
            _ => return None,
        })
    }

    /// The word that names it in logs.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Allowed => "Allowed",
            Kind::Forbidden => "Forbidden",
            Kind::Required => "Required",
            Kind::Undefined => "Undefined",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// A line's words with their spans; comments are cut off.
struct Line<'a> {
    text: &'a str,
    start: usize,
}

impl<'a> Line<'a> {
    fn span(&self, file: FileId) -> Span {
        Span::new(file, self.start, self.start + self.text.len())
    }

    fn first_word(&self) -> (&'a str, &'a str) {
        match self.text.split_once(char::is_whitespace) {
            Some((word, rest)) => (word, rest.trim_start()),
            None => (self.text, ""),
        }
    }
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut offset = 0;
    text.split('\n').filter_map(move |line| {
        let start = offset;
        offset += line.len() + 1;
        let code = line.split('#').next().unwrap_or("");
        let trimmed = code.trim();
        let start = start + (code.len() - code.trim_start().len());
        (!trimmed.is_empty()).then_some(Line { text: trimmed, start })
    })
}

/// The entries of a list of tests, an `@all` file: one path a line.
pub fn read_list(text: &str) -> Vec<&str> {
    lines(text).map(|line| line.text).collect()
}

/// The names of a `-names` or `-nonames` file: one a line.
pub fn read_names(text: &str) -> Vec<&str> {
    lines(text).map(|line| line.first_word().0).collect()
}

/// The pairs of a `-rename` file: `OLD NEW`.
pub fn read_renames(file: FileId, text: &str) -> (Vec<(String, String)>, Vec<Diagnostic>) {
    pairs(file, text, "a line renames one test: `OLD NEW`", |word| Some(word.to_owned()))
}

/// The kinds of a `-kinds` file: `NAME Kind`.
pub fn read_kinds(file: FileId, text: &str) -> (Vec<(String, Kind)>, Vec<Diagnostic>) {
    pairs(
        file,
        text,
        "a line gives the kind of one test: `NAME Allowed`, `NAME Forbidden` or `NAME Required`",
        Kind::from_word,
    )
}

fn pairs<T>(
    file: FileId,
    text: &str,
    help: &str,
    read: impl Fn(&str) -> Option<T>,
) -> (Vec<(String, T)>, Vec<Diagnostic>) {
    let mut pairs = Vec::new();
    let mut errors = Vec::new();
    for line in lines(text) {
        let (name, rest) = line.first_word();
        match read(rest) {
            Some(value) if !rest.is_empty() && !rest.contains(char::is_whitespace) => {
                pairs.push((name.to_owned(), value));
            }
            _ => errors.push(
                Diagnostic::error("litmus::bad-list", line.span(file), "this line can't be read")
                    .with_help(help),
            ),
        }
    }
    (pairs, errors)
}

/// The conditions of a `-conds` file: `NAME exists (…)`, or `NAME "exists (…)"`. A condition may go on over lines that start with a blank.
pub fn read_conditions(file: FileId, text: &str) -> (Vec<(String, Condition)>, Vec<Diagnostic>) {
    let mut conditions = Vec::new();
    let mut errors = Vec::new();
    let mut starts: Vec<usize> = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let blank = line.starts_with(|c: char| c.is_whitespace() || c == '#');
        if !blank {
            starts.push(offset);
        }
        offset += line.len();
    }
    starts.push(text.len());
    for pair in starts.windows(2) {
        let entry = &text[pair[0]..pair[1]];
        let name_len = entry.find(|c: char| c.is_whitespace() || c == ':').unwrap_or(entry.len());
        let behind = &entry[name_len..];
        let gap = behind.len() - behind.trim_start_matches([' ', '\t', ':']).len();
        let range = pair[0] + name_len + gap..pair[1];
        let end = text[range.clone()].find('#').map_or(range.end, |len| range.start + len);
        let range = without_quotes(text, range.start..end);
        let mut parser = Parser::new(file, text, range, Section::Condition, Comments::Ml);
        let question = condition::read(&mut parser);
        let (_, found) = parser.finish();
        if found.is_empty() {
            conditions.push((entry[..name_len].to_owned(), question.condition));
        }
        errors.extend(found);
    }
    (conditions, errors)
}

/// What stands between quotes, if the whole range does.
fn without_quotes(text: &str, range: Range<usize>) -> Range<usize> {
    let trimmed = text[range.clone()].trim_end();
    match trimmed.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => range.start + 1..range.start + 1 + inner.len(),
        None => range,
    }
}
