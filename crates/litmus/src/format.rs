//! Formatting a test as people write it: one layout, with every comment where it was.
//!
//! The test stays the same, and so does its hash: the bodies of C functions, programs of other languages and sections
//! behind the threads are kept as they are. What a reader of tests does not see (blank lines, several blanks in a row,
//! parentheses that are not needed) may change.

mod question;
mod table;

use std::ops::Range;

use syntax::{Diagnostic, FileId, Severity, Span};

use crate::ast::{Binding, Comment, Place, Program, Test, Text};
use crate::parse::{Layout, parse_with_layout};
use crate::scan::{self, Comments};

/// Longer lines are broken where that is possible.
const WIDTH: usize = 100;

/// Formats a test. The error is what is wrong with it.
pub fn format(file: FileId, text: &str) -> Result<String, Vec<Diagnostic>> {
    let (parsed, mut errors) = parse_with_layout(file, text);
    // What a comment without an end hides would be lost.
    let is_serious = |error: &Diagnostic| {
        error.severity == Severity::Error || error.code == "litmus::unterminated-comment"
    };
    let Some((test, layout)) = parsed.filter(|_| !errors.iter().any(is_serious)) else {
        errors.retain(is_serious);
        errors.iter_mut().for_each(|error| error.severity = Severity::Error);
        return Err(errors);
    };
    let formatted = Formatter { text, test: &test, layout: &layout, out: Out::new(text) }.run();
    let again = parse_with_layout(file, &formatted).0;
    if again.is_some_and(|(again, _)| same(test, again)) {
        return Ok(formatted);
    }
    let message = "the formatted test would not be the same; it is left as it is";
    Err(vec![Diagnostic::error("litmus::format", Span::new(file, 0, 0), message)])
}

/// Whether two tests are the same but for the layout of cells and the places of comments.
fn same(mut left: Test, mut right: Test) -> bool {
    for test in [&mut left, &mut right] {
        test.clear_spans();
        test.comments.sort_by(|a, b| a.text.cmp(&b.text));
        if let Program::Asm(threads) = &mut test.program {
            for thread in threads {
                let cells = thread.cells.iter_mut().map(|cell| &mut cell.text);
                cells.chain(&mut thread.annotations).for_each(|text| *text = table::squeeze(text));
            }
        }
    }
    left == right
}

/// The text that was written so far, and how far the source is done.
struct Out<'a> {
    source: &'a str,
    /// Without the last line end.
    text: String,
    /// Everything in the source before this offset is done.
    done: usize,
    /// Whether the next line may have a blank line before it.
    may_be_blank: bool,
}

impl<'a> Out<'a> {
    fn new(source: &'a str) -> Out<'a> {
        Out { source, text: String::new(), done: 0, may_be_blank: false }
    }

    /// How many line ends stand before `at`.
    fn line_ends(&self, at: usize) -> usize {
        let gap = self.source.get(self.done..at).unwrap_or("");
        gap.bytes().filter(|byte| *byte == b'\n').count()
    }

    /// Writes a line for a part of the source. One blank line before it is kept.
    fn line(&mut self, at: Range<usize>, line: &str) {
        let is_blank = self.may_be_blank && self.line_ends(at.start) > 1;
        self.new_line(line);
        if is_blank {
            let start = self.text.len() - line.len();
            self.text.insert(start, '\n');
        }
        self.done = at.end;
    }

    /// Writes a line for a part of the source, without a blank line before or behind it.
    fn brace(&mut self, at: Range<usize>, line: &str) {
        self.new_line(line);
        self.may_be_blank = false;
        self.done = at.end;
    }

    fn new_line(&mut self, line: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(line);
        self.may_be_blank = true;
    }

    /// Goes on in the last line.
    fn append(&mut self, at: Range<usize>, text: &str) {
        self.text.push(' ');
        self.text.push_str(text);
        self.done = at.end;
    }

    /// How long the last line is, in characters.
    fn column(&self) -> usize {
        self.text.rsplit('\n').next().unwrap_or("").chars().count()
    }

    /// Writes the comments between what is done and `end`; nothing else of interest stands there. Returns whether the
    /// last line ends with one.
    fn comments(&mut self, end: usize, style: Comments) -> bool {
        let mut after_comment = false;
        for comment in comments(self.source, self.done..end, style) {
            self.comment(comment);
            after_comment = true;
        }
        after_comment
    }

    /// Writes a comment: behind what stands on its line, or on a line of its own.
    fn comment(&mut self, at: Range<usize>) {
        let text = self.source[at.clone()].trim_end();
        if !self.text.is_empty() && self.line_ends(at.start) == 0 {
            self.append(at, text);
        } else {
            self.line(at, text);
        }
    }

    fn finish(mut self) -> String {
        self.text.push('\n');
        self.text
    }
}

/// The comments in a part of the source that holds nothing else but blanks and separators.
fn comments(source: &str, range: Range<usize>, style: Comments) -> Vec<Range<usize>> {
    let bytes = &source.as_bytes()[..range.end];
    let mut found = Vec::new();
    let mut at = range.start;
    while at + 1 < range.end {
        match scan::comment_at(bytes, at, style) {
            Some(Ok(end)) => {
                found.push(at..end);
                at = end;
            }
            _ => at += 1,
        }
    }
    found
}

/// Where a span stands.
fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

struct Formatter<'a> {
    text: &'a str,
    test: &'a Test,
    layout: &'a Layout,
    out: Out<'a>,
}

impl Formatter<'_> {
    fn run(mut self) -> String {
        self.header();
        self.init();
        match &self.test.program {
            Program::Asm(_) => table::write(&mut self.out, &self.test.sections, self.layout.question),
            Program::C(_) => self.functions(),
            Program::Raw(raw) => self.verbatim(raw),
        }
        let style = self.style();
        question::write(&mut self.out, self.test, style);
        self.out.finish()
    }

    /// What counts as a comment behind the header.
    fn style(&self) -> Comments {
        if self.test.arch.is_c() { Comments::Both } else { Comments::Ml }
    }

    fn header(&mut self) {
        let test = self.test;
        // The first comments may stand before the first line.
        self.out.done = if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let name = range(test.name_span);
        self.out.comments(name.start, Comments::Ml);
        let mut line = format!("{} {}", test.arch, test.name);
        let mut end = name.end;
        if let Some(texname) = &test.texname {
            line.push_str(&format!(" ({texname})"));
            end = self.text[end..].find(')').map_or(end, |len| end + len + 1);
        }
        let arch_start = self.text[..name.start].trim_ascii_end().len() - test.arch.word().len();
        self.out.line(arch_start..end, &line);
        for (at, line) in self.header_lines(end) {
            self.out.comments(at.start, Comments::Ml);
            self.out.line(at, &line);
        }
        self.out.comments(self.layout.init.start, Comments::Ml);
    }

    /// The documentation, the metadata and the remarks, in the file's order.
    fn header_lines(&self, start: usize) -> Vec<(Range<usize>, String)> {
        let test = self.test;
        let mut lines: Vec<(Range<usize>, String)> = Vec::new();
        lines.extend(test.metadata.iter().map(|it| (range(it.span), format!("{}={}", it.key, it.value))));
        lines.extend(test.remarks.iter().map(|it| (range(it.span), it.text.clone())));
        if let Some(doc) = &test.doc {
            let quoted = format!("\"{doc}\"");
            let is_comment = |comment: &&Comment| comment.span.end as usize <= self.layout.init.start;
            let comments = test.comments.iter().filter(is_comment).map(|comment| range(comment.span));
            let taken: Vec<Range<usize>> = lines.iter().map(|(at, _)| at.clone()).chain(comments).collect();
            let header = &self.text[start..self.layout.init.start];
            let mut places = header.match_indices(&quoted).map(|(at, _)| start + at);
            if let Some(at) = places.find(|at| !taken.iter().any(|range| range.contains(at))) {
                lines.push((at..at + quoted.len(), quoted));
            }
        }
        lines.sort_by_key(|(at, _)| at.start);
        lines
    }

    fn init(&mut self) {
        let Range { start, end } = self.layout.init.clone();
        let style = self.style();
        let is_empty = self.test.init.is_empty() && comments(self.text, start + 1..end - 1, style).is_empty();
        if is_empty {
            self.out.line(start..end, "{}");
            return;
        }
        self.out.line(start..start + 1, "{");
        self.out.may_be_blank = false;
        let mut before: Option<&Binding> = None;
        for binding in &self.test.init {
            let at = range(binding.span);
            let ends_line = self.out.comments(at.start, style) || self.out.line_ends(at.start) > 1;
            let item = self.binding(binding, at.clone(), style);
            let joins = before.is_some_and(|before| group(before) == group(binding)) && !ends_line;
            if joins && self.out.column() + 1 + item.chars().count() <= WIDTH {
                self.out.append(at, &item);
            } else {
                self.out.line(at, &item);
            }
            before = Some(binding);
        }
        self.out.comments(end - 1, style);
        self.out.brace(end - 1..end, "}");
    }

    fn binding(&self, binding: &Binding, at: Range<usize>, style: Comments) -> String {
        if comments(self.text, at.clone(), style).is_empty() {
            format!("{binding};")
        } else {
            format!("{};", &self.text[at])
        }
    }

    /// The functions of a C test and what stands between them. Bodies are part of the hash, and stay as they are.
    fn functions(&mut self) {
        let Program::C(program) = &self.test.program else { return };
        let end = self.layout.question;
        let mut items: Vec<(Range<usize>, String)> = Vec::new();
        for function in &program.functions {
            let body = range(function.body.span);
            items.push((body.start..body.end + 1, self.text[body.start..body.end + 1].to_owned()));
        }
        for text in program.declarations.iter().chain(&self.test.sections) {
            items.push((range(text.span), text.text.clone()));
        }
        items.sort_by_key(|(at, _)| at.start);
        for (at, text) in items {
            let start = self.skip_comments(at.start, end);
            let is_function = start < at.start;
            self.out.may_be_blank = true;
            if is_function {
                let head = head(&self.text[start..at.start]);
                self.out.line(start..at.end, &format!("{head}{text}"));
            } else {
                self.out.line(at, &text);
            }
        }
        self.out.comments(end, Comments::Both);
    }

    /// Writes the comments up to the next item, and returns where that starts.
    fn skip_comments(&mut self, item: usize, end: usize) -> usize {
        loop {
            let gap = &self.text[self.out.done..item];
            let start = self.out.done + (gap.len() - gap.trim_ascii_start().len());
            let bytes = &self.text.as_bytes()[..end];
            match bytes.get(start).and_then(|_| scan::comment_at(bytes, start, Comments::Both)) {
                Some(Ok(comment_end)) if start < item => self.out.comment(start..comment_end),
                // A `;` behind the initial state.
                _ if start < item && bytes[start] == b';' => self.out.done = start + 1,
                _ => return start,
            }
        }
    }

    fn verbatim(&mut self, raw: &Text) {
        if !raw.text.is_empty() {
            let at = range(raw.span);
            self.out.line(at.clone(), &raw.text);
            self.out.done = at.end;
        }
    }
}

/// The head of a function up to its brace, with single blanks. The brace stays on its line.
fn head(text: &str) -> String {
    let head = text.trim_end_matches('{');
    let brace = if head.trim_end_matches([' ', '\t', '\r']).ends_with('\n') { "\n{" } else { " {" };
    if !comments(head, 0..head.len(), Comments::Both).is_empty() {
        return format!("{}{brace}", head.trim_end());
    }
    let words: Vec<&str> = head.split_whitespace().collect();
    format!("{}{brace}", words.join(" "))
}

/// Bindings of one thread share a line, and so do those of memory.
fn group(binding: &Binding) -> Option<u32> {
    match &binding.place {
        Place::Reg { thread, .. } => Some(*thread),
        _ => None,
    }
}
