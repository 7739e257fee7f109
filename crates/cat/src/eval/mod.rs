//! The general evaluator: runs any model on one candidate execution.
//!
//! It is slow and complete: every construct of the language, as herd7 gives it meaning. It is what the fast engines
//! are held against, and what runs the models that they do not cover.
//!
//! Lets are lazy and remembered, functions are called by value and see the scope of their definition, `let rec` of
//! relations and sets goes round from `{}` until nothing grows, and `with x from S` runs the rest of the model once
//! for each element of `S`, least first (see [`value`] for the order).

mod error;
pub(crate) mod interp;
mod items;
mod operators;
mod orders;
mod primitives;
pub(crate) mod scope;
#[cfg(test)]
mod tests;
mod tree;
pub mod value;

pub use error::{ErrorKind, EvalError};
pub use primitives::Primitive;
pub use tree::{Iter, Tree};
pub use value::Value;

use crate::ast::Model;
use relation::{Relation, Set};
use scope::Scope;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What one candidate execution offers to a model.
///
/// Events are numbered from 0 in the order in which herd7 would list them.
pub trait Candidate {
    /// The number of events.
    fn universe(&self) -> usize;

    /// The events that the model sees: what `_` stands for and complements are taken in.
    fn events(&self) -> Set {
        Set::full(self.universe())
    }

    /// The predefined set of that name.
    fn set(&self, name: &str) -> Option<Set>;

    /// The predefined relation of that name.
    fn relation(&self, name: &str) -> Option<Relation>;

    /// The events with a location, one set for each location.
    fn location_classes(&self) -> Vec<Set>;

    /// Whether two events read or write different values.
    fn different_values(&self, i: usize, j: usize) -> bool;

    /// The events on a global location, if there is one of that name.
    fn events_on(&self, global: &str) -> Option<Set>;

    /// The events that a labelled fence orders: those it puts before, and those after. `None` for a fence without
    /// labels, which orders all that stand before and after it.
    fn fence_sides(&self, _fence: usize) -> Option<(Set, Set)> {
        None
    }

    /// Whether two page table entries have the same output address.
    fn same_output_address(&self, _i: usize, _j: usize) -> bool {
        false
    }

    /// Whether the event holds a page table entry that allows writing.
    fn is_writable(&self, _i: usize) -> bool {
        false
    }
}

/// What a run depends on besides the model and the candidate.
pub struct Environment<'a> {
    /// Whether a variant is on.
    pub variants: &'a dyn Fn(&str) -> bool,
    /// Names of checks and calls that are not to be run.
    pub skip_checks: &'a [String],
    /// When to give up.
    pub limits: Limits,
    /// Asked now and then whether to go on, and told how many bytes the set of values takes that is being built.
    pub watch: &'a dyn Fn(u64) -> std::result::Result<(), Interruption>,
}

/// Why [`Environment::watch`] ends a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// Nobody waits for the answer any more.
    Stopped,
    /// It would take more memory than there may be.
    OutOfMemory,
}

impl Default for Environment<'_> {
    fn default() -> Self {
        Environment { variants: &|_| false, skip_checks: &[], limits: Limits::default(), watch: &|_| Ok(()) }
    }
}

/// When to give up on a model: a hostile one gives an error, not a hang or a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of stack that the run may use. Raise it together with the stack of the thread.
    pub stack: usize,
    /// How many expressions and instructions may be evaluated.
    pub steps: u64,
    /// How many elements a set of values may have.
    pub elements: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { stack: 1 << 20, steps: 100_000_000, elements: 500_000 }
    }
}

/// How many ways through the model there were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Ways that were accepted: how often `visit` was called.
    pub accepted: u64,
    /// Ways that were rejected, by the name of the check that did it.
    pub rejected: BTreeMap<Option<Arc<str>>, u64>,
}

/// One way through the model on which the candidate is accepted.
pub struct Completion<'r, 'm> {
    interp: &'r interp::Interp<'m, 'r>,
    scope: &'r Scope<'m>,
    flags: Vec<Arc<str>>,
    undefined: bool,
    shows: Vec<items::Show<'m>>,
}

impl<'r, 'm> Completion<'r, 'm> {
    /// The names of the flags that were raised, sorted.
    pub fn flags(&self) -> &[Arc<str>] {
        &self.flags
    }

    /// Whether an `undefined_unless` failed.
    pub fn undefined(&self) -> bool {
        self.undefined
    }

    /// What the name is bound to at the end of the model.
    pub fn value(&self, name: &str) -> Result<Value<'m>, EvalError> {
        self.interp.lookup(self.scope, name, syntax::Span::default()).map_err(|e| *e)
    }

    /// The relation that the name is bound to at the end of the model, if it is one.
    pub fn relation(&self, name: &str) -> Option<Relation> {
        let value = self.value(name).ok()?;
        self.interp.ground.relation(&value, syntax::Span::default()).ok().map(|r| (*r).clone())
    }

    /// The set of events that the name is bound to at the end of the model, if it is one.
    pub fn set(&self, name: &str) -> Option<Set> {
        let value = self.value(name).ok()?;
        self.interp.ground.set(&value, syntax::Span::default()).ok().map(|s| (*s).clone())
    }

    /// What the model wants to show, by name, in order. What can't be evaluated is left out.
    pub fn shown(&self) -> Vec<(Arc<str>, Relation)> {
        items::shown(self.interp, &self.shows)
    }
}

/// Runs the models, in order and as one, on a candidate. Calls `visit` for each way through them that accepts it.
pub fn run(
    models: &[&Model],
    candidate: &dyn Candidate,
    environment: &Environment<'_>,
    visit: &mut dyn FnMut(&Completion<'_, '_>),
) -> Result<Summary, EvalError> {
    let interp = interp::Interp::new(candidate, environment);
    items::run(&interp, models, visit).map_err(|e| *e)
}
