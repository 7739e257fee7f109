//! Checks a mapping as a whole.

use super::vocabulary::{self, Kind};
use super::{Line, Mapping};
use crate::target::{Expander, Filled, Filling, Problem, ProblemKind, part};
use execution::Symbols;
use isa::{Cell, Isa};
use std::collections::{BTreeMap, BTreeSet};
use syntax::{Diagnostic, Span};

/// All that is wrong with a mapping whose rules are well-formed each for itself. One diagnostic a place.
pub(super) fn check(mapping: &Mapping) -> Vec<Diagnostic> {
    let Some(isa) = isa::by_name(mapping.target.word()) else { return Vec::new() };
    let mut all = registers(mapping, isa);
    if !all.is_empty() {
        return all;
    }
    all.extend(missing(mapping));
    let mut places = BTreeSet::new();
    for name in mapping.rules.keys() {
        let wrong = rule(mapping, isa, name);
        all.extend(wrong.filter(|diagnostic| places.insert(diagnostic.span)));
    }
    all
}

/// Registers that the target does not have, or that have two uses.
fn registers(mapping: &Mapping, isa: &dyn Isa) -> Vec<Diagnostic> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for name in mapping.registers.iter().chain(&mapping.scratch) {
        let message = match isa.register(name) {
            None => format!("{} has no register `{name}`", isa.name()),
            Some(reg) if !seen.insert(reg) => format!("the register `{name}` has two uses"),
            Some(_) => continue,
        };
        all.push(Diagnostic::error("mapping::bad-register", mapping.span, message));
        break;
    }
    if mapping.registers.len() < 4 && all.is_empty() {
        let message = "a mapping names at least four `registers` of the target";
        all.push(Diagnostic::error("mapping::bad-register", mapping.span, message));
    }
    all
}

/// Instructions of the source without a rule.
fn missing(mapping: &Mapping) -> Option<Diagnostic> {
    let names = vocabulary::instructions(mapping.source).map(|(name, _)| name);
    let missing: Vec<String> = names.filter(|name| mapping.rule(name).is_none()).collect();
    let (first, others) = missing.split_first()?;
    let message = match others.len() {
        0 => format!("there is no rule for `{first}`"),
        1 => format!("there are no rules for `{first}` and `{}`", others[0]),
        more => format!("there are no rules for `{first}`, `{}` and {} more", others[0], more - 1),
    };
    let help = "what can't be translated is said with `reject NAME: \"reason\"`";
    Some(Diagnostic::error("mapping::missing-instruction", mapping.span, message).with_help(help))
}

/// What is wrong with the rule for an instruction: it is filled in and given to the target's assembler.
fn rule(mapping: &Mapping, isa: &dyn Isa, name: &str) -> Option<Diagnostic> {
    let (family, _) = mapping.rule(name)?;
    if family.rejected.is_some() {
        return None;
    }
    let mut registers = mapping.registers.iter();
    let filling = |operand: &String| match vocabulary::kind(operand) {
        Kind::Register => Filling::Register(registers.next().cloned().unwrap_or_default()),
        Kind::Number => Filling::Number(0),
        Kind::Label => Filling::Label(END.to_owned()),
    };
    let operands: Vec<Filling> = family.operands.iter().map(filling).collect();
    let mut lines = Vec::new();
    match Expander::new(mapping).expand(name, &operands, &mut lines) {
        Err(problem) => Some(describe(mapping, &problem)),
        Ok(()) => assembler(isa, &lines),
    }
}

/// A label behind the lines of a rule.
const END: &str = "end";

/// Each line is given to the assembler as if it stood so far behind the one before.
const STRIDE: u32 = 1 << 12;

/// What the target's assembler says to some lines.
fn assembler(isa: &dyn Isa, lines: &[Filled]) -> Option<Diagnostic> {
    let end = format!("{END}:");
    let texts = lines.iter().map(|line| line.text.as_str()).chain([end.as_str()]);
    let cells = texts.zip(0..).map(|(text, number)| {
        let start = number * STRIDE;
        Cell { text, span: Span { start, end: start + text.len() as u32, ..Span::default() } }
    });
    let (_, diagnostics) = isa::assemble(isa, cells, &mut Symbols::new(), &BTreeMap::new());
    let wrong = diagnostics.into_iter().next()?;
    let line = lines.get((wrong.span.start / STRIDE) as usize)?;
    let message = format!("in `{}`: {}", line.text, wrong.message);
    // What it is about stands in the mapping's line as it is, unless a hole was filled in there.
    let (start, end) = (wrong.span.start % STRIDE, wrong.span.end % STRIDE);
    let about = line.text.get(start as usize..end as usize).unwrap_or_default();
    let whole = Line { text: line.written.clone(), span: line.span };
    let mut places = line.written.match_indices(about).map(|(at, _)| at);
    let place = places.next().filter(|_| !about.is_empty() && places.next().is_none());
    let span = place.map_or(line.span, |at| part(&whole, at, about.len()));
    let mut diagnostic = Diagnostic::error("mapping::bad-instruction", span, message);
    diagnostic.help = wrong.help;
    Some(diagnostic)
}

/// A problem as a diagnostic.
fn describe(mapping: &Mapping, problem: &Problem) -> Diagnostic {
    use ProblemKind::{Brace, Choice, Circle, Hole, Missing, Operands, Rejected, Use, View};
    let scratch = mapping.scratch.len();
    let (code, message, help) = match &problem.kind {
        Hole(name) => (
            "mapping::undefined-hole",
            format!("nothing fills the hole `{{{name}}}`"),
            Some(format!(
                "holes are the operands of the rule, {{t1}} to {{t{scratch}}} for scratch registers, and {{.name}} for labels"
            )),
        ),
        Choice(choice) => (
            "mapping::undefined-hole",
            format!("the name of the rule has no choice like `{choice}`"),
            Some("a choice in a line has the letter of one in the name, and as many words".to_owned()),
        ),
        View(view) => (
            "mapping::undefined-hole",
            format!("registers of {} have no view `{view}`", mapping.target),
            Some("AArch64 has `w` and `x`, X86_64 has `b`, `w`, `d` and `q`, others have none".to_owned()),
        ),
        Brace => ("mapping::syntax", "a hole ends with `}`".to_owned(), None),
        Use(name) => ("mapping::unknown-instruction", format!("there is no rule `{name}` to be used"), None),
        Operands(known) => ("mapping::syntax", format!("this rule has the operands `{known}`"), None),
        Circle => ("mapping::syntax", "rules use each other in a circle".to_owned(), None),
        Rejected(reason) => {
            ("mapping::syntax", format!("this rule uses one that is rejected: {reason}"), None)
        }
        Missing(name) => ("mapping::missing-instruction", format!("there is no rule for `{name}`"), None),
    };
    let mut diagnostic = Diagnostic::error(code, problem.span, message);
    diagnostic.help = help;
    diagnostic
}
