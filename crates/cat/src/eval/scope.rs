//! Scopes: maps from names to values that may still have to be computed.
//!
//! Versions of a scope share what they have in common, so that closures and branches of `with` keep the scope they
//! saw at no cost.

use super::error::EvalError;
use super::tree::Tree;
use super::value::Value;
use crate::ast::Expr;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::rc::Rc;
use syntax::Span;

/// A version of a scope.
#[derive(Clone, Default)]
pub(crate) struct Scope<'m>(Tree<Entry<'m>>);

#[derive(Clone)]
struct Entry<'m> {
    name: &'m str,
    value: Rc<Thunk<'m>>,
}

impl PartialEq for Entry<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Entry<'_> {}

impl PartialOrd for Entry<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.cmp(other.name)
    }
}

/// A value, or how to compute it.
pub(crate) struct Thunk<'m>(pub(crate) RefCell<State<'m>>);

/// See [`Thunk`].
pub(crate) enum State<'m> {
    /// To be computed when first needed.
    Delayed(&'m Expr, Scope<'m>),
    /// A part of a tuple: which, of how many, and where the pattern stands.
    Part(Rc<Thunk<'m>>, usize, usize, Span),
    /// Being computed.
    Running,
    /// Computed.
    Done(Value<'m>),
    /// Computed, with an error.
    Failed(Box<EvalError>),
}

impl<'m> Thunk<'m> {
    pub(crate) fn new(state: State<'m>) -> Rc<Thunk<'m>> {
        Rc::new(Thunk(RefCell::new(state)))
    }

    /// Forgets what it holds, to break long chains of thunks before they are dropped recursively.
    pub(crate) fn clear(&self) {
        let old = self.0.replace(State::Running);
        drop(old);
    }
}

impl<'m> Scope<'m> {
    /// What the name is bound to.
    pub(crate) fn get(&self, name: &str) -> Option<&Rc<Thunk<'m>>> {
        self.0.find(|entry| name.cmp(entry.name)).map(|entry| &entry.value)
    }

    /// The scope with one more binding, which shadows an older one of that name.
    #[must_use]
    pub(crate) fn with(&self, name: &'m str, value: Rc<Thunk<'m>>) -> Scope<'m> {
        Scope(self.0.with(Entry { name, value }))
    }

    /// The scope with a name bound to a value that is known.
    #[must_use]
    pub(crate) fn with_value(&self, name: &'m str, value: Value<'m>) -> Scope<'m> {
        self.with(name, Thunk::new(State::Done(value)))
    }
}
