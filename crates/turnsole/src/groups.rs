//! What a bell file says about programs in assembly: the annotations that instructions may carry, and the groups of
//! threads that a test makes, its scopes and levels.
//!
//! A group is a tag of all accesses and fences of its threads, called after its scope with a number behind: the
//! relation of the scope holds between events that share such a tag.

use cat::bell::{Bell, Kind};
use execution::micro::{Micro, Tags, Thread};
use isa::{Annotated, AnnotatedKind, Annotations};
use litmus::{Test, Text};
use std::sync::Arc;
use syntax::{Diagnostic, Span};

/// How many tags a program may have.
const MAX_TAGS: usize = 128;

/// The annotations that instructions carry where the test says nothing.
pub(crate) fn defaults(bell: Option<&Bell>) -> Annotations {
    let of = |kind: AnnotatedKind| {
        let tags = bell?.default_annotations(bell_kind(kind))?;
        Some((kind, tags.iter().map(|tag| tag.to_string()).collect()))
    };
    Annotations {
        defaults: AnnotatedKind::ALL.into_iter().filter_map(of).collect(),
        ..Annotations::default()
    }
}

fn bell_kind(kind: AnnotatedKind) -> Kind {
    match kind {
        AnnotatedKind::Read => Kind::Read,
        AnnotatedKind::Write => Kind::Write,
        AnnotatedKind::Rmw => Kind::Rmw,
        AnnotatedKind::Fence => Kind::Fence,
        AnnotatedKind::Branch => Kind::Branch,
    }
}

/// What the bell file does not allow.
pub(crate) fn check(
    annotations: &Annotations,
    bell: &Bell,
    text: &dyn Fn(Span) -> String,
) -> Vec<Diagnostic> {
    let wrong = |one: &&Annotated| !bell.allows(bell_kind(one.kind), &one.annotations);
    let diagnostic = |one: &Annotated| {
        let kind = bell_kind(one.kind);
        Diagnostic::error("turnsole::unknown-annotation", one.span, bell.mismatch(&text(one.span), kind))
            .with_help(format!("the bell file allows {}", bell.describe(kind)))
    };
    annotations.instructions.iter().filter(wrong).map(diagnostic).collect()
}

/// Threads that belong together.
struct Group {
    name: String,
    threads: Vec<usize>,
}

/// Marks the events of each thread with the groups that it is in; gives the names of the tags behind the first `base`.
pub(crate) fn mark(
    test: &Test,
    bell: Option<&Bell>,
    threads: &mut [Thread],
    base: usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for section in &test.sections {
        let mut groups = match read(section, bell, threads.len()) {
            Ok(groups) => groups,
            Err(diagnostic) => {
                diagnostics.push(diagnostic);
                continue;
            }
        };
        if base + names.len() + groups.len() > MAX_TAGS {
            let message = "there are too many groups of threads";
            diagnostics.push(Diagnostic::error("turnsole::too-large", section.span, message));
            return names;
        }
        // Tags of one scope stand side by side.
        groups.sort_by(|a, b| a.name.cmp(&b.name));
        for group in groups {
            let tag = Tags::one(base + names.len());
            let number = names.iter().filter(|name| scope_of(name) == group.name).count();
            names.push(format!("{}@{number}", group.name));
            for thread in group.threads {
                for instruction in &mut threads[thread].code {
                    let micro: &mut Vec<Micro> = Arc::make_mut(&mut instruction.micro);
                    add_tag(micro, tag);
                }
            }
        }
    }
    names
}

fn scope_of(tag: &str) -> &str {
    tag.split_once('@').map_or(tag, |(scope, _)| scope)
}

fn add_tag(micros: &mut [Micro], tag: Tags) {
    for micro in micros {
        match micro {
            Micro::Load { tags, .. }
            | Micro::Store { tags, .. }
            | Micro::Update { tags, .. }
            | Micro::Located { tags, .. }
            | Micro::Fence { tags, .. } => *tags = tags.with(tag),
            Micro::Alt(ways) => ways.iter_mut().for_each(|way| add_tag(way, tag)),
            _ => {}
        }
    }
}

/// Reads `scopes: (system (work-group P0 P1) (work-group P2))`.
fn read(section: &Text, bell: Option<&Bell>, threads: usize) -> Result<Vec<Group>, Diagnostic> {
    let wrong = |message: String| Diagnostic::error("turnsole::bad-groups", section.span, message);
    let (what, tree) = section.text.split_once(':').unwrap_or((&section.text, ""));
    let what = what.trim();
    let declared = match what {
        "scopes" => bell.map(|bell| bell.scopes.as_ref()),
        "levels" => bell.map(|bell| bell.levels.as_ref()),
        _ => {
            let message = format!("`{what}` of memory are not supported yet");
            return Err(Diagnostic::error("turnsole::unsupported-section", section.span, message));
        }
    };
    let known = |name: &str| match declared {
        None => true,
        Some(hierarchy) => hierarchy.is_some_and(|hierarchy| hierarchy.tags.iter().any(|tag| **tag == *name)),
    };
    let mut groups: Vec<Group> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let spaced = tree.replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "(" => {
                let name = words.next().unwrap_or_default();
                if !known(name) {
                    return Err(wrong(format!("the bell file declares no `{name}` among its {what}")));
                }
                if groups.len() >= MAX_TAGS {
                    return Err(wrong("there are too many groups of threads".to_owned()));
                }
                open.push(groups.len());
                groups.push(Group { name: name.to_owned(), threads: Vec::new() });
            }
            ")" => {
                if open.pop().is_none() {
                    return Err(wrong("there is a `)` too many".to_owned()));
                }
            }
            word => {
                let number = word.strip_prefix('P').unwrap_or(word).parse::<usize>();
                let Ok(thread) = number else {
                    return Err(wrong(format!("`{word}` is no thread, such as `P0`")));
                };
                if thread >= threads || open.is_empty() {
                    return Err(wrong(format!(
                        "`{word}` is no thread of the test, or stands outside of all groups"
                    )));
                }
                open.iter().for_each(|group| groups[*group].threads.push(thread));
            }
        }
    }
    if open.is_empty() { Ok(groups) } else { Err(wrong("a `)` is missing".to_owned())) }
}
