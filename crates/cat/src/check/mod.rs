//! Finds mistakes in a model before it runs.
//!
//! The checker runs the model once with kinds of values instead of values. Like a real run it evaluates what the
//! checks need: a `let` that nothing needs may mention unbound names, and so may the first part of a `try`. What a
//! run certainly stumbles over is an error. What it may stumble over, in a branch or in a definition that is not
//! used, is a warning, given for the model's own file only.

mod infer;
mod lint;
mod operators;
mod run;
mod types;
mod walk;

use crate::ast::{Condition, ExprKind, ItemKind, Model};
use crate::predefined::Kind;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use syntax::{Diagnostic, FileId, Severity, Span};
use types::Scope;

/// What a model finds when it runs.
pub struct CheckOptions<'a> {
    /// What a name stands for that no model binds.
    pub predefined: &'a dyn Fn(&str) -> Option<Kind>,
    /// Names to suggest where one is misspelt.
    pub predefined_names: &'a [&'a str],
    /// Whether a variant is on.
    pub variants: &'a dyn Fn(&str) -> bool,
    /// The variants that exist; if there are none, all are taken to exist.
    pub known_variants: &'a [&'a str],
    /// The models that run before, such as the standard library and a bell file.
    pub prelude: &'a [Arc<Model>],
}

/// Looks for unbound names, operators on the wrong kind of values, procedures, tags and variants that do not exist,
/// and definitions without use. No message is an error unless a run that reaches the end of the model certainly
/// meets it.
pub fn check(model: &Model, options: &CheckOptions<'_>) -> Vec<Diagnostic> {
    let file = model_file(model);
    let survey = lint::Survey::of(model, options.prelude);
    let mut checker = Checker::new(options, &survey, file);
    let mut scope = Scope { local: types::NO_LOCAL, version: 0, is_global: true };
    for prelude in options.prelude {
        checker.run_items(&mut scope, &prelude.items);
    }
    checker.run_items(&mut scope, &model.items);
    let mut diagnostics = checker.finish();
    lint::lint(model, options, &survey, file, &mut diagnostics);
    diagnostics.sort_by_key(|d| (d.span.file != file, d.span.file, d.span.start, d.span.end, d.code));
    diagnostics
}

/// Whether one stands inside the other.
fn overlap(a: Span, b: Span) -> bool {
    a.file == b.file && a.start < b.end && b.start < a.end
}

/// The file of the model itself.
fn model_file(model: &Model) -> FileId {
    model.items.first().map_or(FileId::default(), |item| item.span.file)
}

/// Which problems were found, by index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Found {
    /// What evaluation certainly meets.
    certain: u128,
    /// What it meets if it takes some branch.
    possible: u128,
}

impl Found {
    fn add(&mut self, other: Found) {
        self.certain |= other.certain;
        self.possible |= other.possible;
    }

    /// The same, found in something that may never be evaluated.
    fn doubtful(self) -> Found {
        Found { certain: 0, possible: self.certain | self.possible }
    }
}

/// A bound name.
struct Slot<'m> {
    name: &'m str,
    value: types::Type<'m>,
    /// What computing the value meets.
    found: Found,
    /// The local name bound before.
    next: u32,
}

/// How much work the checker does, in looking up names, in functions and procedures, and in instructions, before it
/// stops looking.
const MAX_STEPS: u64 = 10_000_000;

/// What a step in a function or procedure counts: their number may grow exponentially.
const CALL_STEP: u64 = 50;

/// How deep evaluation may nest.
const MAX_DEPTH: u32 = 500;

struct Checker<'m, 'o> {
    options: &'o CheckOptions<'o>,
    survey: &'o lint::Survey<'m>,
    file: FileId,
    slots: Vec<Slot<'m>>,
    /// The slots of each name of the top level, with the version that first has them.
    globals: FxHashMap<&'m str, Vec<(u32, u32)>>,
    problems: Vec<Diagnostic>,
    known_problems: FxHashMap<(Span, &'static str), usize>,
    /// What the current evaluation has met.
    current: Found,
    /// What any binding may meet.
    anywhere: Found,
    /// Where the functions and procedures were called that are being run, and what runs.
    calls: Vec<(Span, *const ())>,
    steps: u64,
    depth: u32,
}

impl<'m, 'o> Checker<'m, 'o> {
    fn new(options: &'o CheckOptions<'o>, survey: &'o lint::Survey<'m>, file: FileId) -> Checker<'m, 'o> {
        Checker {
            options,
            survey,
            file,
            slots: Vec::new(),
            globals: FxHashMap::default(),
            problems: Vec::new(),
            known_problems: FxHashMap::default(),
            current: Found::default(),
            anywhere: Found::default(),
            calls: Vec::new(),
            steps: 0,
            depth: 0,
        }
    }

    /// The errors, and the warnings about the model's own file.
    fn finish(self) -> Vec<Diagnostic> {
        let possible = self.anywhere.certain | self.anywhere.possible | self.current.possible;
        let mut result = Vec::new();
        for (index, mut problem) in self.problems.into_iter().enumerate() {
            if self.current.certain >> index & 1 == 1 {
                result.push(problem);
            } else if possible >> index & 1 == 1 && problem.span.file == self.file {
                problem.severity = Severity::Warning;
                result.push(problem);
            }
        }
        result
    }

    /// Notes a problem that the current evaluation meets. `make` is not called for one that is known.
    ///
    /// A problem in a function of another file is a problem of the call of it in the model's own file.
    fn problem(&mut self, code: &'static str, span: Span, make: impl FnOnce(&Self) -> Diagnostic) {
        let call = self.calls.first().map(|(call, _)| *call).filter(|call| !overlap(*call, span));
        let blamed = call.filter(|call| call.file == self.file && span.file != self.file);
        let key = (blamed.unwrap_or(span), code);
        let index = match self.known_problems.get(&key) {
            Some(index) => *index,
            None if self.problems.len() >= 128 => return,
            None => {
                let mut problem = make(self);
                if let Some(blamed) = blamed {
                    problem.span = blamed;
                    problem.labels.clear();
                    problem = problem.with_label(span, "here, in what is called");
                } else if let Some(call) = call {
                    problem = problem.with_label(call, "in what is called here");
                }
                self.problems.push(problem);
                self.known_problems.insert(key, self.problems.len() - 1);
                self.problems.len() - 1
            }
        };
        self.current.certain |= 1 << index;
    }

    /// What `work` meets, kept apart.
    fn apart<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> (T, Found) {
        let outer = std::mem::take(&mut self.current);
        let result = work(self);
        (result, std::mem::replace(&mut self.current, outer))
    }

    /// Does `work` that a run may skip.
    fn perhaps<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let (result, found) = self.apart(work);
        self.current.add(found.doubtful());
        result
    }

    /// Does `work` one level deeper, if there is time and space left.
    fn deeper<T>(&mut self, otherwise: T, work: impl FnOnce(&mut Self) -> T) -> T {
        self.steps += if self.calls.is_empty() { 1 } else { CALL_STEP };
        if self.depth >= MAX_DEPTH || self.steps >= MAX_STEPS {
            return otherwise;
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        result
    }

    fn slot(&self, scope: &Scope, name: &str) -> (Option<u32>, u64) {
        let mut hops = 0;
        let mut at = scope.local;
        while let Some(slot) = self.slots.get(at as usize) {
            hops += 1;
            if slot.name == name {
                return (Some(at), hops);
            }
            at = slot.next;
        }
        let Some(versions) = self.globals.get(name) else { return (None, hops) };
        let visible = versions.partition_point(|(version, _)| *version <= scope.version);
        (visible.checked_sub(1).map(|last| versions[last].1), hops)
    }

    fn bind(&mut self, scope: &mut Scope, name: &'m str, value: types::Type<'m>, found: Found) -> u32 {
        self.anywhere.add(found);
        let index = self.slots.len() as u32;
        self.slots.push(Slot { name, value, found, next: scope.local });
        if scope.is_global {
            scope.version += 1;
            self.globals.entry(name).or_default().push((scope.version, index));
        } else {
            scope.local = index;
        }
        index
    }
}

/// The variants that a model asks for, in the order in which it first does. Files that it includes are not looked at.
#[must_use]
pub fn named_variants(model: &Model) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let own = model.items.first().map(|item| item.span.file);
    let mut see = |condition: &Condition| {
        walk::variants(condition, &mut |name, span| {
            if own == Some(span.file) && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        });
    };
    walk::each_item(model, &mut |item| {
        if let ItemKind::If(condition, ..) = &item.kind {
            see(condition);
        }
        walk::each_expr(item, &mut |expr| {
            if let ExprKind::If(condition, ..) = &expr.kind {
                see(condition);
            }
        });
    });
    names
}
