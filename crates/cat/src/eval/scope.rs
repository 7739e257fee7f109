//! Scopes: persistent maps from names to values that may still have to be computed.
//!
//! A scope is a balanced search tree (AVL) whose versions share nodes, so that closures and branches of `with`
//! keep the scope they saw at no cost.

use super::error::EvalError;
use super::value::Value;
use crate::ast::Expr;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::rc::Rc;
use syntax::Span;

/// A version of a scope.
#[derive(Clone, Default)]
pub(crate) struct Scope<'m>(Option<Rc<Node<'m>>>);

struct Node<'m> {
    name: &'m str,
    value: Rc<Thunk<'m>>,
    left: Scope<'m>,
    right: Scope<'m>,
    height: u8,
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
        let mut at = self;
        while let Some(node) = &at.0 {
            at = match name.cmp(node.name) {
                Ordering::Equal => return Some(&node.value),
                Ordering::Less => &node.left,
                Ordering::Greater => &node.right,
            };
        }
        None
    }

    /// The scope with one more binding, which shadows an older one of that name.
    #[must_use]
    pub(crate) fn with(&self, name: &'m str, value: Rc<Thunk<'m>>) -> Scope<'m> {
        let Some(node) = &self.0 else {
            return join(name, value, Scope(None), Scope(None));
        };
        match name.cmp(node.name) {
            Ordering::Equal => join(name, value, node.left.clone(), node.right.clone()),
            Ordering::Less => {
                balance(node.name, node.value.clone(), node.left.with(name, value), node.right.clone())
            }
            Ordering::Greater => {
                balance(node.name, node.value.clone(), node.left.clone(), node.right.with(name, value))
            }
        }
    }

    /// The scope with a name bound to a value that is known.
    #[must_use]
    pub(crate) fn with_value(&self, name: &'m str, value: Value<'m>) -> Scope<'m> {
        self.with(name, Thunk::new(State::Done(value)))
    }

    fn height(&self) -> u8 {
        self.0.as_ref().map_or(0, |node| node.height)
    }
}

fn join<'m>(name: &'m str, value: Rc<Thunk<'m>>, left: Scope<'m>, right: Scope<'m>) -> Scope<'m> {
    let height = 1 + left.height().max(right.height());
    Scope(Some(Rc::new(Node { name, value, left, right, height })))
}

/// Joins two trees whose heights differ by at most two, and rotates where needed.
fn balance<'m>(name: &'m str, value: Rc<Thunk<'m>>, left: Scope<'m>, right: Scope<'m>) -> Scope<'m> {
    if left.height() > right.height() + 1
        && let Some(l) = &left.0
    {
        if let (true, Some(lr)) = (l.right.height() > l.left.height(), &l.right.0) {
            let outer = join(l.name, l.value.clone(), l.left.clone(), lr.left.clone());
            return join(lr.name, lr.value.clone(), outer, join(name, value, lr.right.clone(), right));
        }
        let inner = join(name, value, l.right.clone(), right);
        return join(l.name, l.value.clone(), l.left.clone(), inner);
    }
    if right.height() > left.height() + 1
        && let Some(r) = &right.0
    {
        if let (true, Some(rl)) = (r.left.height() > r.right.height(), &r.left.0) {
            let outer = join(r.name, r.value.clone(), rl.right.clone(), r.right.clone());
            return join(rl.name, rl.value.clone(), join(name, value, left, rl.left.clone()), outer);
        }
        let inner = join(name, value, left, r.left.clone());
        return join(r.name, r.value.clone(), inner, r.right.clone());
    }
    join(name, value, left, right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_stay_balanced_and_keep_their_versions() {
        let names: Vec<String> = (0..1000).map(|i| format!("n{i:04}")).collect();
        let mut scope = Scope::default();
        let mut half = Scope::default();
        for (i, name) in names.iter().enumerate() {
            scope = scope.with_value(name, Value::Event(i));
            if i == 499 {
                half = scope.clone();
            }
        }
        assert!(scope.height() <= 14);
        assert!(half.get("n0500").is_none());
        for (i, name) in names.iter().enumerate() {
            let thunk = scope.get(name).expect("bound");
            assert!(matches!(&*thunk.0.borrow(), State::Done(Value::Event(j)) if *j == i));
        }
    }
}
