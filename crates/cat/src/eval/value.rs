//! The values of cat, their types and their order.
//!
//! The order matters in two places only: which element `x ++ xs` takes (the least), and in which order `with` and
//! `forall` go through a set. Sets of events compare as their elements written in rising order, like words in a
//! dictionary; relations likewise as their pairs; tags by their text; sets of values like sets of events.

use super::error::{EvalError, Result};
use super::primitives::Primitive;
use super::scope::Scope;
use super::tree::Tree;
use crate::ast::{Expr, Item, Pattern};
use relation::{Relation, Set};
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use syntax::Span;

/// A value.
#[derive(Clone)]
pub enum Value<'m> {
    /// `{}`: the empty set or relation, whichever fits.
    Empty,
    /// `_`: the full set or relation, whichever fits.
    Universe,
    /// An event.
    Event(usize),
    /// A set of events.
    Set(Rc<Set>),
    /// A pair of events; also the tuple of two events.
    Pair(usize, usize),
    /// A relation over events.
    Relation(Rc<Relation>),
    /// A relation over sets of events.
    Classes(Rc<ClassRelation>),
    /// A tag of an enumeration.
    Tag(Tag),
    /// A set of values of one type, neither events nor pairs.
    Collection(Rc<Collection<'m>>),
    /// A tuple, other than of two events.
    Tuple(Rc<[Value<'m>]>),
    /// A function of the model.
    Function(Rc<Closure<'m>>),
    /// A function of the language.
    Primitive(Primitive),
    /// A procedure.
    Procedure(Rc<Procedure<'m>>),
}

/// A relation over sets of events.
pub type ClassRelation = BTreeSet<(Set, Set)>;

/// An enumeration.
#[derive(Debug, PartialEq, Eq)]
pub struct Enumeration {
    /// Its name.
    pub name: Arc<str>,
    /// Its tags.
    pub tags: Vec<Arc<str>>,
}

/// A tag: the enumeration, and the text without the quote.
#[derive(Clone, Debug)]
pub struct Tag {
    /// The enumeration that declares it.
    pub of: Rc<Enumeration>,
    /// Its text.
    pub text: Arc<str>,
}

/// A set of values of one type.
#[derive(Clone)]
pub struct Collection<'m> {
    /// The type of the elements.
    pub of: Type,
    /// The elements, least first.
    pub elements: Tree<Value<'m>>,
}

/// A function with the scope it was made in.
pub struct Closure<'m> {
    pub(crate) params: &'m Pattern,
    pub(crate) body: &'m Expr,
    /// For members of a recursive group: the functions that call each other. They are bound when one is called,
    /// not in `scope`, so that no scope holds itself.
    pub(crate) group: Option<Rc<[Member<'m>]>>,
    pub(crate) scope: Scope<'m>,
}

/// A function of a recursive group.
pub(crate) struct Member<'m> {
    pub(crate) name: &'m str,
    pub(crate) params: &'m Pattern,
    pub(crate) body: &'m Expr,
}

/// A procedure with the scope it was made in.
pub struct Procedure<'m> {
    pub(crate) name: &'m str,
    pub(crate) params: &'m Pattern,
    pub(crate) body: &'m [Item],
    pub(crate) recursive: bool,
    pub(crate) scope: Scope<'m>,
}

/// The type of a value.
#[derive(Clone, Debug)]
pub enum Type {
    /// That of `{}` and `_`.
    Unknown,
    /// An event.
    Event,
    /// A set of events.
    Set,
    /// A pair.
    Pair,
    /// A relation.
    Relation,
    /// A relation over sets of events.
    Classes,
    /// A tag.
    Tag(Rc<Enumeration>),
    /// A set of values.
    Collection(Box<Type>),
    /// A tuple.
    Tuple(Vec<Type>),
    /// A function.
    Function,
    /// A procedure.
    Procedure,
}

impl Type {
    /// Whether all values of the type are as precise as it, `{}` apart.
    pub(crate) fn is_flat(&self) -> bool {
        matches!(self, Type::Set | Type::Relation | Type::Classes | Type::Tag(_))
    }

    /// The more precise of two types, if they agree.
    pub(crate) fn unify(&self, other: &Type) -> Option<Type> {
        match (self, other) {
            (Type::Unknown, t) | (t, Type::Unknown) => Some(t.clone()),
            (Type::Event, Type::Event)
            | (Type::Set, Type::Set)
            | (Type::Pair, Type::Pair)
            | (Type::Relation, Type::Relation)
            | (Type::Classes, Type::Classes) => Some(self.clone()),
            (Type::Tag(a), Type::Tag(b)) => (a.name == b.name).then(|| self.clone()),
            (Type::Collection(a), Type::Collection(b)) => Some(Type::Collection(Box::new(a.unify(b)?))),
            (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => {
                a.iter().zip(b).map(|(a, b)| a.unify(b)).collect::<Option<Vec<_>>>().map(Type::Tuple)
            }
            _ => None,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Unknown => f.write_str("something empty or universal"),
            Type::Event => f.write_str("an event"),
            Type::Set => f.write_str("a set of events"),
            Type::Pair => f.write_str("a pair of events"),
            Type::Relation => f.write_str("a relation"),
            Type::Classes => f.write_str("a class relation"),
            Type::Tag(e) => write!(f, "a tag of `{}`", e.name),
            Type::Collection(of) => write!(f, "a set whose elements are each {of}"),
            Type::Tuple(parts) if parts.is_empty() => f.write_str("the empty tuple"),
            Type::Tuple(parts) => write!(f, "a tuple of {}", parts.len()),
            Type::Function => f.write_str("a function"),
            Type::Procedure => f.write_str("a procedure"),
        }
    }
}

impl<'m> Value<'m> {
    /// A set of events.
    pub(crate) fn set(set: Set) -> Value<'m> {
        Value::Set(Rc::new(set))
    }

    /// A relation.
    pub(crate) fn relation(relation: Relation) -> Value<'m> {
        Value::Relation(Rc::new(relation))
    }

    /// A set of values that have that type already.
    pub(crate) fn collection(of: Type, elements: Tree<Value<'m>>) -> Value<'m> {
        Value::Collection(Rc::new(Collection { of, elements }))
    }

    /// A tuple; that of two events is a pair.
    pub(crate) fn tuple(parts: Vec<Value<'m>>) -> Value<'m> {
        match parts[..] {
            [Value::Event(i), Value::Event(j)] => Value::Pair(i, j),
            _ => Value::Tuple(parts.into()),
        }
    }

    /// The type.
    pub fn type_of(&self) -> Type {
        match self {
            Value::Empty | Value::Universe => Type::Unknown,
            Value::Event(_) => Type::Event,
            Value::Set(_) => Type::Set,
            Value::Pair(..) => Type::Pair,
            Value::Relation(_) => Type::Relation,
            Value::Classes(_) => Type::Classes,
            Value::Tag(tag) => Type::Tag(tag.of.clone()),
            Value::Collection(c) => Type::Collection(Box::new(c.of.clone())),
            Value::Tuple(parts) => Type::Tuple(parts.iter().map(Value::type_of).collect()),
            Value::Function(_) | Value::Primitive(_) => Type::Function,
            Value::Procedure(_) => Type::Procedure,
        }
    }

    /// Whether it can be an element of a set.
    pub(crate) fn is_data(&self) -> bool {
        match self {
            Value::Universe | Value::Function(_) | Value::Primitive(_) | Value::Procedure(_) => false,
            Value::Tuple(parts) => parts.iter().all(Value::is_data),
            _ => true,
        }
    }

    /// The value as one of type `of`, which only changes `{}`.
    pub(crate) fn coerced(self, of: &Type, n: usize) -> Value<'m> {
        match (self, of) {
            (Value::Empty, Type::Set) => Value::set(Set::empty(n)),
            (Value::Empty, Type::Relation) => Value::relation(Relation::empty(n)),
            (Value::Empty, Type::Classes) => Value::Classes(Rc::default()),
            (Value::Empty, Type::Collection(of)) => Value::collection((**of).clone(), Tree::default()),
            (Value::Collection(c), Type::Collection(of)) => Value::Collection(Rc::new(c.coerced(of, n))),
            (Value::Tuple(parts), Type::Tuple(types)) => {
                Value::Tuple(parts.iter().zip(types).map(|(p, t)| p.clone().coerced(t, n)).collect())
            }
            (value, _) => value,
        }
    }
}

impl<'m> Collection<'m> {
    /// The collection with elements of a more precise type.
    pub(crate) fn coerced(&self, of: &Type, n: usize) -> Collection<'m> {
        let elements = self.elements.iter().map(|e| e.clone().coerced(of, n)).collect();
        Collection { of: of.clone(), elements }
    }

    /// The values as a set of values; they must have one type.
    pub(crate) fn of(values: Vec<Value<'m>>, n: usize, span: Span) -> Result<Collection<'m>> {
        let mut of = Type::Unknown;
        for value in &values {
            if !value.is_data() {
                return Err(EvalError::of_type(span, "a set can't hold functions, procedures or `_`"));
            }
            let other = value.type_of();
            of = of
                .unify(&other)
                .ok_or_else(|| EvalError::of_type(span, format!("a set can't hold both {of} and {other}")))?;
        }
        let elements = values.into_iter().map(|v| v.coerced(&of, n)).collect();
        Ok(Collection { of, elements })
    }
}

impl PartialEq for Value<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value<'_> {}

impl PartialOrd for Value<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Value<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Value::Event(a), Value::Event(b)) => a.cmp(b),
            (Value::Set(a), Value::Set(b)) => compare_bits(a.bits(), b.bits()),
            (Value::Pair(a, b), Value::Pair(c, d)) => (a, b).cmp(&(c, d)),
            (Value::Relation(a), Value::Relation(b)) => compare_bits(a.bits(), b.bits()),
            (Value::Classes(a), Value::Classes(b)) => compare_classes(a, b),
            (Value::Tag(a), Value::Tag(b)) => a.text.cmp(&b.text),
            (Value::Collection(a), Value::Collection(b)) => a.elements.iter().cmp(b.elements.iter()),
            (Value::Tuple(a), Value::Tuple(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl Value<'_> {
    /// Order between values of different types. Functions are all equal: they are never elements.
    fn rank(&self) -> u8 {
        match self {
            Value::Empty => 0,
            Value::Event(_) => 1,
            Value::Set(_) => 2,
            Value::Pair(..) => 3,
            Value::Relation(_) => 4,
            Value::Classes(_) => 5,
            Value::Tag(_) => 6,
            Value::Collection(_) => 7,
            Value::Tuple(_) => 8,
            Value::Universe => 9,
            Value::Function(_) | Value::Primitive(_) | Value::Procedure(_) => 10,
        }
    }
}

/// Compares sets like words whose letters are their elements in rising order.
fn compare_bits(a: &[u64], b: &[u64]) -> Ordering {
    let Some(at) = a.iter().zip(b).position(|(a, b)| a != b) else { return Ordering::Equal };
    let first = (a[at] ^ b[at]).trailing_zeros();
    let goes_on = |words: &[u64]| words[at] >> first >> 1 != 0 || words[at + 1..].iter().any(|w| *w != 0);
    // The one with the first element that differs is less, unless the other is the beginning of it.
    if a[at] >> first & 1 != 0 {
        if goes_on(b) { Ordering::Less } else { Ordering::Greater }
    } else if goes_on(a) {
        Ordering::Greater
    } else {
        Ordering::Less
    }
}

fn compare_classes(a: &ClassRelation, b: &ClassRelation) -> Ordering {
    let key = |(x, y): &(Set, Set)| (x.iter().collect::<Vec<_>>(), y.iter().collect::<Vec<_>>());
    a.iter().map(key).cmp(b.iter().map(key))
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Empty => f.write_str("{}"),
            Value::Universe => f.write_str("_"),
            Value::Event(i) => write!(f, "{i}"),
            Value::Set(s) => f.debug_set().entries(s.iter()).finish(),
            Value::Pair(i, j) => write!(f, "({i}, {j})"),
            Value::Relation(r) => f.debug_set().entries(r.iter()).finish(),
            Value::Classes(c) => {
                let parts = |s: &Set| s.iter().collect::<Vec<_>>();
                f.debug_set().entries(c.iter().map(|(a, b)| (parts(a), parts(b)))).finish()
            }
            Value::Tag(t) => write!(f, "'{}", t.text),
            Value::Collection(c) => f.debug_set().entries(c.elements.iter()).finish(),
            Value::Tuple(parts) => f.debug_list().entries(parts.iter()).finish(),
            Value::Function(_) | Value::Primitive(_) => f.write_str("<function>"),
            Value::Procedure(p) => write!(f, "<procedure {}>", p.name),
        }
    }
}
