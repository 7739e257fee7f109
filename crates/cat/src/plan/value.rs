//! Values of the language as far as they are known without an execution, and the names that are bound to them.

use super::NodeId;
use super::build::{Res, unsupported};
use crate::ast::{Binary, Binding, Expr, ExprKind, Item, Pattern};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use syntax::Span;

/// A value of the language, as far as it is known without an execution.
#[derive(Clone)]
pub(super) enum Val {
    Empty,
    Universe,
    Node(NodeId),
    Tag(Arc<str>),
    /// A set of tags, or of other known values.
    Values(Vec<Val>),
    Tuple(Vec<Val>),
    Closure(Rc<Closure>),
    Primitive(&'static str),
    Procedure(Rc<Procedure>),
    /// Some event, as the set that holds it alone.
    Element(NodeId),
    /// Some pair of a relation.
    Pair(NodeId),
    /// The relation that holds some pair of a relation alone.
    SinglePair(NodeId),
    /// For each pair of a relation, the relation that holds it alone.
    Singles(NodeId),
    /// The parts of a set by location.
    Classes(NodeId),
    /// One of these parts.
    Class(NodeId),
    /// `map f`, for the library's `map`.
    Map(Rc<Val>),
    /// A set of relations.
    Relations(Options),
    /// A set of sets of relations; `cross` unites one of each.
    Families(Options),
}

/// A set of relations that there is something to choose from.
#[derive(Clone, Copy)]
pub(super) enum Options {
    /// Total orders on a set, or on its parts by location, that extend an order.
    Orders { set: NodeId, order: NodeId, by_location: bool },
    /// For each event of a set, one of the pairs that end in it.
    Pairs { of: NodeId, from: NodeId },
}

pub(super) struct Closure {
    pub(super) params: Pattern,
    pub(super) body: Arc<Expr>,
    pub(super) env: RefCell<Env>,
}

pub(super) struct Procedure {
    pub(super) params: Pattern,
    pub(super) body: Arc<[Item]>,
    pub(super) env: RefCell<Env>,
}

/// Names in scope, innermost first; shared tails.
#[derive(Clone, Default)]
pub(super) struct Env(Option<Rc<Scope>>);

pub(super) struct Scope {
    pub(super) name: Arc<str>,
    pub(super) value: Lazy,
    pub(super) next: Env,
}

pub(super) type Lazy = Rc<RefCell<Thunk>>;

pub(super) enum Thunk {
    Waiting(Arc<Expr>, Env),
    /// The `_`-th component of another.
    Part(Lazy, usize, usize, Span),
    Running,
    Done(Res<Val>),
}

pub(super) fn done(value: Val) -> Lazy {
    Rc::new(RefCell::new(Thunk::Done(Ok(value))))
}

impl Env {
    pub(super) fn bind(&mut self, name: &Arc<str>, value: Lazy) {
        let next = std::mem::take(self);
        self.0 = Some(Rc::new(Scope { name: Arc::clone(name), value, next }));
    }

    pub(super) fn find(&self, name: &str) -> Option<Lazy> {
        let mut scope = self.0.as_ref();
        while let Some(here) = scope {
            if &*here.name == name {
                return Some(Rc::clone(&here.value));
            }
            scope = here.next.0.as_ref();
        }
        None
    }
}

/// Long environments must not be dropped recursively.
impl Drop for Scope {
    fn drop(&mut self) {
        let mut next = self.next.0.take();
        while let Some(scope) = next {
            match Rc::try_unwrap(scope) {
                Ok(mut scope) => next = scope.next.0.take(),
                Err(_) => break,
            }
        }
    }
}

pub(super) fn contains(set: &[Val], tag: &Arc<str>) -> bool {
    set.iter().any(|value| matches!(value, Val::Tag(known) if known == tag))
}

pub(super) fn tag_sets(op: Binary, mut a: Vec<Val>, b: Vec<Val>, span: Span) -> Res<Val> {
    let all_tags = a.iter().chain(&b).all(|value| matches!(value, Val::Tag(_)));
    if !all_tags {
        return unsupported(span, "an operation on sets of values");
    }
    let is_in = |value: &Val, set: &[Val]| matches!(value, Val::Tag(tag) if contains(set, tag));
    match op {
        Binary::Union => {
            for value in b {
                if !is_in(&value, &a) {
                    a.push(value);
                }
            }
        }
        Binary::Intersection => a.retain(|value| is_in(value, &b)),
        _ => a.retain(|value| !is_in(value, &b)),
    }
    Ok(if a.is_empty() { Val::Empty } else { Val::Values(a) })
}

pub(super) fn bind_lazy(pattern: &Pattern, value: &Lazy, env: &mut Env, span: Span) {
    match pattern {
        Pattern::Name(None) => {}
        Pattern::Name(Some(name)) => env.bind(&name.text, Rc::clone(value)),
        Pattern::Tuple(names) => {
            for (at, name) in names.iter().enumerate() {
                if let Some(name) = name {
                    let part = Thunk::Part(Rc::clone(value), at, names.len(), span);
                    env.bind(&name.text, Rc::new(RefCell::new(part)));
                }
            }
        }
    }
}

/// Binds mutually recursive functions.
pub(super) fn bind_functions(functions: &[&Binding], env: &mut Env) {
    let mut closures = Vec::new();
    for binding in functions {
        if let (Pattern::Name(Some(name)), ExprKind::Fun(params, body)) =
            (&binding.pattern, &binding.expr.kind)
        {
            let closure = Rc::new(Closure {
                params: params.clone(),
                body: Arc::clone(body),
                env: RefCell::new(Env::default()),
            });
            env.bind(&name.text, done(Val::Closure(Rc::clone(&closure))));
            closures.push(closure);
        }
    }
    for closure in closures {
        *closure.env.borrow_mut() = env.clone();
    }
}
