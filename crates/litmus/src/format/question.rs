//! What follows the program: `locations`, `filter`, the condition.

use std::fmt::Write;
use std::ops::Range;

use super::{Out, WIDTH, comments};
use crate::ast::{Condition, Prop, Test};
use crate::display::{Form, Inside, Style, opening};
use crate::scan::{self, Comments, Strings};

/// Writes the rest of the file.
pub(super) fn write(out: &mut Out, test: &Test, style: Comments) {
    let source = out.source;
    let parts = Parts::find(source, out.done, style);
    out.comments(parts.tokens.start, style);
    if !parts.tokens.is_empty() {
        out.may_be_blank = true;
        // Comments between the tokens have no other place.
        if parts.has_comments {
            out.line(parts.tokens.clone(), &verbatim(&source[parts.tokens.clone()]));
        } else {
            out.line(parts.tokens.clone(), &question(test, &source[parts.tokens.clone()]));
        }
    }
    out.comments(parts.tail.unwrap_or(source.len()), style);
    if let (Some(at), Some(tail)) = (parts.tail, &test.tail) {
        out.line(at..source.len(), format!("<< {tail}").trim_end());
    }
}

/// Where the parts of the question stand.
struct Parts {
    /// From the first to the last token.
    tokens: Range<usize>,
    /// Whether comments stand between them.
    has_comments: bool,
    /// The `<<`.
    tail: Option<usize>,
}

impl Parts {
    fn find(source: &str, start: usize, style: Comments) -> Parts {
        let bytes = source.as_bytes();
        let mut strings = Strings::default();
        let mut tokens: Option<Range<usize>> = None;
        let mut at = start;
        let mut tail = None;
        while at < bytes.len() {
            if let Some(Ok(end)) = scan::comment_at(bytes, at, style) {
                at = end;
                continue;
            }
            if bytes[at..].starts_with(b"<<") {
                tail = Some(at);
                break;
            }
            let end = match bytes[at] {
                b'"' | b'`' => strings.skip(bytes, at),
                _ => at + 1,
            };
            if !bytes[at].is_ascii_whitespace() {
                let first = tokens.map_or(at, |range| range.start);
                tokens = Some(first..end);
            }
            at = end;
        }
        let tokens = tokens.unwrap_or(start..start);
        let has_comments = !comments(source, tokens.clone(), style).is_empty();
        Parts { tokens, has_comments, tail }
    }
}

/// The text without blanks at the ends of lines.
fn verbatim(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}

fn question(test: &Test, source: &str) -> String {
    let mut out = String::new();
    // A string takes everything.
    let _ = write_question(test, source, &mut out);
    out.truncate(out.trim_end().len());
    out
}

fn write_question(test: &Test, source: &str, out: &mut String) -> std::fmt::Result {
    let style = style(test, source);
    if !test.locations.is_empty() {
        let items: Vec<String> = test.locations.iter().map(|item| format!("{item};")).collect();
        let line = format!("locations [{}]", items.join(" "));
        let line = if line.chars().count() > WIDTH {
            format!("locations [{}]", items.join("\n           "))
        } else {
            line
        };
        writeln!(out, "{line}")?;
    }
    if let Some(filter) = &test.filter {
        write!(out, "filter {}", opening(filter))?;
        prop(filter, style, out);
        out.push_str(")\n");
    }
    if !has_condition(test, source) {
        return Ok(());
    }
    let Condition { quantifier, prop: asked, kinds, .. } = &test.condition;
    write!(out, "{quantifier} {}", opening(asked))?;
    prop(asked, style, out);
    out.push_str(")\n");
    if !kinds.is_empty() {
        out.push_str("with");
        for (name, quantifier) in kinds {
            write!(out, " {name}: {quantifier};")?;
        }
    }
    Ok(())
}

/// Memory stays in brackets, or without.
fn style<'a>(test: &Test, source: &str) -> Style<'a> {
    let lists = if test.locations.is_empty() { 0 } else { source.find(']').unwrap_or(0) };
    let form = if source[lists..].contains('[') { Form::File } else { Form::Bare };
    Style { form, ..Style::AS_WRITTEN }
}

/// Whether the file asks something, or leaves it at `forall (true)`.
fn has_condition(test: &Test, source: &str) -> bool {
    let only_lists =
        test.condition.span.start == test.condition.span.end && test.condition.prop == Prop::True;
    !(only_lists || source.is_empty())
}

/// Writes a proposition behind its parenthesis: on one line if it fits, else one part a line.
fn prop(prop: &Prop, style: Style, out: &mut String) {
    let start = out.len();
    let column = out.rsplit('\n').next().unwrap_or("").chars().count();
    // A string takes everything.
    let _ = style.prop(prop, Inside::Parentheses, out);
    let fits = column + out[start..].chars().count() < WIDTH;
    let (parts, inside, separator) = match prop {
        Prop::And(parts) if !fits => (parts, Inside::And, " /\\\n"),
        Prop::Or(parts) if !fits => (parts, Inside::Or, " \\/\n"),
        _ => return,
    };
    out.truncate(start);
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            out.push_str(separator);
            out.extend(std::iter::repeat_n(' ', column));
        }
        let _ = style.prop(part, inside, out);
    }
}
