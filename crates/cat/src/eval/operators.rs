//! The operators, on values.

use super::error::{EvalError, Result};
use super::tree::Tree;
use super::value::{ClassRelation, Collection, Type, Value};
use crate::ast::{Binary, Unary};
use relation::{Relation, Set};
use std::rc::Rc;
use syntax::Span;

/// What values are made of: how many events the candidate has, and which of them a model sees.
pub(crate) struct Ground {
    pub(crate) n: usize,
    /// What `_` stands for, and complements are taken in.
    pub(crate) events: Set,
}

impl Ground {
    /// All pairs that a model sees.
    pub(crate) fn full(&self) -> Relation {
        Relation::product(&self.events, &self.events)
    }

    /// Identity on the events that a model sees.
    pub(crate) fn identity(&self) -> Relation {
        Relation::identity_on(&self.events)
    }

    /// The value as a set of events.
    pub(crate) fn set(&self, value: &Value<'_>, span: Span) -> Result<Rc<Set>> {
        match value {
            Value::Empty => Ok(Rc::new(Set::empty(self.n))),
            Value::Universe => Ok(Rc::new(self.events.clone())),
            Value::Event(i) => Ok(Rc::new(Set::of(self.n, |j| j == *i))),
            Value::Set(set) => Ok(set.clone()),
            _ => Err(unexpected(value, "a set of events", span)),
        }
    }

    /// The value as a relation.
    pub(crate) fn relation(&self, value: &Value<'_>, span: Span) -> Result<Rc<Relation>> {
        match value {
            Value::Empty => Ok(Rc::new(Relation::empty(self.n))),
            Value::Universe => Ok(Rc::new(self.full())),
            Value::Pair(i, j) => Ok(Rc::new(Relation::from_pairs(self.n, [(*i, *j)]))),
            Value::Relation(relation) => Ok(relation.clone()),
            _ => Err(unexpected(value, "a relation", span)),
        }
    }

    /// The value as a set of values.
    pub(crate) fn collection<'m>(&self, value: &Value<'m>, span: Span) -> Result<Rc<Collection<'m>>> {
        match value {
            Value::Empty => Ok(Rc::new(Collection { of: Type::Unknown, elements: Tree::default() })),
            Value::Tag(tag) => {
                let elements = Tree::default().with(value.clone());
                Ok(Rc::new(Collection { of: Type::Tag(tag.of.clone()), elements }))
            }
            Value::Collection(c) => Ok(c.clone()),
            _ => Err(unexpected(value, "a set of values", span)),
        }
    }

    /// The value as a class relation.
    pub(crate) fn classes(&self, value: &Value<'_>, span: Span) -> Result<Rc<ClassRelation>> {
        match value {
            Value::Empty => Ok(Rc::default()),
            Value::Classes(c) => Ok(c.clone()),
            _ => Err(unexpected(value, "a class relation", span)),
        }
    }

    /// `op e`
    pub(crate) fn unary<'m>(&self, op: Unary, value: &Value<'m>, span: Span) -> Result<Value<'m>> {
        match op {
            Unary::Complement => self.complement(value, span),
            Unary::Plus => self.plus(value, span),
            Unary::Star => match self.plus(value, span)? {
                Value::Universe => Ok(Value::Universe),
                plus => Ok(Value::relation(self.relation(&plus, span)?.union(&self.identity()))),
            },
            Unary::Optional => match value {
                Value::Universe => Ok(Value::Universe),
                _ => Ok(Value::relation(self.relation(value, span)?.union(&self.identity()))),
            },
            Unary::Inverse => match value {
                Value::Empty | Value::Universe => Ok(value.clone()),
                Value::Pair(i, j) => Ok(Value::Pair(*j, *i)),
                Value::Classes(c) => {
                    let inverse = c.iter().map(|(a, b)| (b.clone(), a.clone())).collect();
                    Ok(Value::Classes(Rc::new(inverse)))
                }
                _ => Ok(Value::relation(self.relation(value, span)?.converse())),
            },
        }
    }

    fn complement<'m>(&self, value: &Value<'m>, span: Span) -> Result<Value<'m>> {
        match value {
            Value::Empty => Ok(Value::Universe),
            Value::Universe => Ok(Value::Empty),
            Value::Event(_) | Value::Set(_) => {
                Ok(Value::set(self.events.difference(&*self.set(value, span)?)))
            }
            Value::Pair(..) | Value::Relation(_) => {
                Ok(Value::relation(self.full().difference(&*self.relation(value, span)?)))
            }
            Value::Tag(_) | Value::Collection(_) => {
                let c = self.collection(value, span)?;
                let Type::Tag(of) = &c.of else {
                    return Err(unexpected(value, "a set of events, a relation or a set of tags", span));
                };
                let all = super::interp::all_tags(of).into_iter();
                Ok(Value::collection(c.of.clone(), all.filter(|t| !c.elements.contains(t)).collect()))
            }
            _ => Err(unexpected(value, "a set or a relation", span)),
        }
    }

    fn plus<'m>(&self, value: &Value<'m>, span: Span) -> Result<Value<'m>> {
        match value {
            Value::Empty | Value::Universe => Ok(value.clone()),
            Value::Classes(c) => Ok(Value::Classes(Rc::new(close_classes(c)))),
            _ => Ok(Value::relation(self.relation(value, span)?.transitive_closure())),
        }
    }

    /// `a op b`
    pub(crate) fn binary<'m>(
        &self,
        op: Binary,
        a: &Value<'m>,
        b: &Value<'m>,
        span: Span,
    ) -> Result<Value<'m>> {
        match op {
            Binary::Union => match (a, b) {
                (Value::Empty, x) | (x, Value::Empty) => Ok(x.clone()),
                (Value::Universe, _) | (_, Value::Universe) => Ok(Value::Universe),
                _ => self.boolean(op, a, b, span),
            },
            Binary::Intersection => match (a, b) {
                (Value::Empty, _) | (_, Value::Empty) => Ok(Value::Empty),
                (Value::Universe, x) | (x, Value::Universe) => Ok(x.clone()),
                _ => self.boolean(op, a, b, span),
            },
            Binary::Difference => match (a, b) {
                (Value::Empty, _) | (_, Value::Universe) => Ok(Value::Empty),
                (x, Value::Empty) => Ok(x.clone()),
                (Value::Universe, x) => self.complement(x, span),
                _ => self.boolean(op, a, b, span),
            },
            Binary::Sequence => self.sequence(a, b, span),
            Binary::Product => {
                Ok(Value::relation(Relation::product(&*self.set(a, span)?, &*self.set(b, span)?)))
            }
            Binary::Add => self.add(a, b, span),
        }
    }

    fn sequence<'m>(&self, a: &Value<'m>, b: &Value<'m>, span: Span) -> Result<Value<'m>> {
        match (a, b) {
            (Value::Empty, _) | (_, Value::Empty) => Ok(Value::Empty),
            (Value::Classes(a), Value::Classes(b)) => Ok(Value::Classes(Rc::new(sequence_classes(a, b)))),
            _ => Ok(Value::relation(self.relation(a, span)?.sequence(&*self.relation(b, span)?))),
        }
    }

    /// Union, intersection and difference of two values of one type.
    fn boolean<'m>(&self, op: Binary, a: &Value<'m>, b: &Value<'m>, span: Span) -> Result<Value<'m>> {
        match (a, b) {
            (Value::Event(_) | Value::Set(_), Value::Event(_) | Value::Set(_)) => {
                let (a, b) = (self.set(a, span)?, self.set(b, span)?);
                Ok(Value::set(match op {
                    Binary::Union => a.union(&b),
                    Binary::Intersection => a.intersection(&b),
                    _ => a.difference(&b),
                }))
            }
            (Value::Pair(..) | Value::Relation(_), Value::Pair(..) | Value::Relation(_)) => {
                let (a, b) = (self.relation(a, span)?, self.relation(b, span)?);
                Ok(Value::relation(match op {
                    Binary::Union => a.union(&b),
                    Binary::Intersection => a.intersection(&b),
                    _ => a.difference(&b),
                }))
            }
            (Value::Classes(a), Value::Classes(b)) => Ok(Value::Classes(Rc::new(boolean_classes(op, a, b)))),
            (Value::Tag(_) | Value::Collection(_), Value::Tag(_) | Value::Collection(_)) => {
                let (a, b) = (self.collection(a, span)?, self.collection(b, span)?);
                let Some(of) = a.of.unify(&b.of) else { return Err(mismatch(op, &a.of, &b.of, span)) };
                let (a, b) = (self.refined(a, &of), self.refined(b, &of));
                let (a, b) = (&a.elements, &b.elements);
                Ok(Value::collection(of, boolean_trees(op, a, b)))
            }
            _ => Err(mismatch(op, &a.type_of(), &b.type_of(), span)),
        }
    }

    /// `a ++ b`
    fn add<'m>(&self, a: &Value<'m>, b: &Value<'m>, span: Span) -> Result<Value<'m>> {
        match (a, b) {
            (Value::Event(i), Value::Empty | Value::Set(_)) => {
                let mut set = (*self.set(b, span)?).clone();
                set.insert(*i);
                Ok(Value::set(set))
            }
            (Value::Pair(i, j), Value::Empty | Value::Relation(_)) => {
                let mut relation = (*self.relation(b, span)?).clone();
                relation.insert(*i, *j);
                Ok(Value::relation(relation))
            }
            (_, Value::Empty) => {
                Ok(Value::Collection(Rc::new(Collection::of(vec![a.clone()], self.n, span)?)))
            }
            (_, Value::Collection(c)) if a.is_data() => self.add_to(a, c.clone(), span),
            _ => Err(mismatch(Binary::Add, &a.type_of(), &b.type_of(), span)),
        }
    }

    fn add_to<'m>(&self, a: &Value<'m>, c: Rc<Collection<'m>>, span: Span) -> Result<Value<'m>> {
        let Some(of) = a.type_of().unify(&c.of) else {
            return Err(mismatch(Binary::Add, &a.type_of(), &c.of, span));
        };
        let elements = self.refined(c, &of).elements.with(a.clone().coerced(&of, self.n));
        Ok(Value::collection(of, elements))
    }

    /// The collection with elements of a type that is at least as precise; as it is, where that changes nothing.
    fn refined<'m>(&self, c: Rc<Collection<'m>>, of: &Type) -> Rc<Collection<'m>> {
        if of.is_flat() && !matches!(c.of, Type::Unknown) { c } else { Rc::new(c.coerced(of, self.n)) }
    }

    /// `{a, b, …}`
    pub(crate) fn explicit<'m>(&self, values: Vec<Value<'m>>, span: Span) -> Result<Value<'m>> {
        let typed = |test: fn(&Value<'m>) -> bool| {
            values.iter().any(test) && values.iter().all(|v| test(v) || matches!(v, Value::Empty))
        };
        if typed(|v| matches!(v, Value::Event(_))) {
            let mut set = Set::empty(self.n);
            values.iter().for_each(|v| {
                if let Value::Event(i) = v {
                    set.insert(*i)
                }
            });
            return Ok(Value::set(set));
        }
        if typed(|v| matches!(v, Value::Pair(..))) {
            let pairs =
                values.iter().filter_map(|v| if let Value::Pair(i, j) = v { Some((*i, *j)) } else { None });
            return Ok(Value::relation(Relation::from_pairs(self.n, pairs)));
        }
        Ok(Value::Collection(Rc::new(Collection::of(values, self.n, span)?)))
    }

    /// Whether two values are the same.
    pub(crate) fn equal<'m>(&self, a: &Value<'m>, b: &Value<'m>, span: Span) -> Result<bool> {
        Ok(match (a, b) {
            (Value::Empty, Value::Empty) => true,
            (Value::Event(i), Value::Event(j)) => i == j,
            (Value::Tag(_), Value::Tag(_)) | (Value::Tuple(_), Value::Tuple(_)) if self.comparable(a, b) => {
                a == b
            }
            (Value::Empty | Value::Event(_) | Value::Set(_), Value::Set(_) | Value::Event(_))
            | (Value::Set(_) | Value::Event(_), Value::Empty) => self.set(a, span)? == self.set(b, span)?,
            (Value::Empty | Value::Pair(..) | Value::Relation(_), Value::Relation(_) | Value::Pair(..))
            | (Value::Relation(_) | Value::Pair(..), Value::Empty) => {
                self.relation(a, span)? == self.relation(b, span)?
            }
            (Value::Empty | Value::Classes(_), Value::Classes(_)) | (Value::Classes(_), Value::Empty) => {
                self.classes(a, span)? == self.classes(b, span)?
            }
            (Value::Empty | Value::Collection(_) | Value::Tag(_), Value::Collection(_) | Value::Tag(_))
            | (Value::Collection(_) | Value::Tag(_), Value::Empty)
                if self.comparable(a, b) =>
            {
                let (a, b) = (self.collection(a, span)?, self.collection(b, span)?);
                let of = a.of.unify(&b.of).unwrap_or(Type::Unknown);
                let (a, b) = (self.refined(a, &of), self.refined(b, &of));
                a.elements.iter().eq(b.elements.iter())
            }
            _ => return Err(incomparable(a, b, span)),
        })
    }

    /// Whether two values have types that may be compared.
    fn comparable(&self, a: &Value<'_>, b: &Value<'_>) -> bool {
        let element = |v: &Value<'_>| match v.type_of() {
            Type::Collection(of) => *of,
            of => of,
        };
        a.is_data() && b.is_data() && element(a).unify(&element(b)).is_some()
    }

    /// Whether `a` is a subset of `b`.
    pub(crate) fn subset<'m>(&self, a: &Value<'m>, b: &Value<'m>, span: Span) -> Result<bool> {
        match (a, b) {
            (Value::Universe, _) | (_, Value::Universe) => Err(incomparable(a, b, span)),
            (Value::Empty, _) => Ok(true),
            _ => {
                let union = self.binary(Binary::Union, a, b, span)?;
                self.equal(&union, b, span)
            }
        }
    }

    /// Whether `a` is an element of `b`.
    pub(crate) fn member<'m>(&self, a: &Value<'m>, b: &Value<'m>, span: Span) -> Result<bool> {
        match (a, b) {
            (_, Value::Empty) => Ok(false),
            (Value::Event(i), Value::Set(set)) => Ok(set.contains(*i)),
            (Value::Pair(i, j), Value::Relation(relation)) => Ok(relation.contains(*i, *j)),
            (_, Value::Collection(c)) if a.is_data() => match a.type_of().unify(&c.of) {
                Some(of) => {
                    let a = a.clone().coerced(&of, self.n);
                    Ok(self.refined(c.clone(), &of).elements.contains(&a))
                }
                None => Err(incomparable(a, b, span)),
            },
            _ => Err(incomparable(a, b, span)),
        }
    }

    /// Whether there is nothing in it.
    pub(crate) fn is_empty(&self, value: &Value<'_>, span: Span) -> Result<bool> {
        match value {
            Value::Empty => Ok(true),
            Value::Universe => Ok(self.events.is_empty()),
            Value::Event(_) | Value::Pair(..) | Value::Tag(_) => Ok(false),
            Value::Set(set) => Ok(set.is_empty()),
            Value::Relation(relation) => Ok(relation.is_empty()),
            Value::Classes(c) => Ok(c.is_empty()),
            Value::Collection(c) => Ok(c.elements.is_empty()),
            _ => Err(unexpected(value, "a set or a relation", span)),
        }
    }

    /// Whether nothing is related to itself.
    pub(crate) fn is_irreflexive(&self, value: &Value<'_>, span: Span) -> Result<bool> {
        match value {
            Value::Classes(c) => Ok(c.iter().all(|(a, b)| a != b)),
            _ => Ok(self.relation(value, span)?.is_irreflexive()),
        }
    }

    /// Whether there is no cycle.
    pub(crate) fn is_acyclic(&self, value: &Value<'_>, span: Span) -> Result<bool> {
        match value {
            Value::Classes(c) => Ok(close_classes(c).iter().all(|(a, b)| a != b)),
            _ => Ok(self.relation(value, span)?.is_acyclic()),
        }
    }
}

fn boolean_trees<'m>(op: Binary, a: &Tree<Value<'m>>, b: &Tree<Value<'m>>) -> Tree<Value<'m>> {
    match op {
        Binary::Union => a.union(b),
        Binary::Intersection => a.filter(|x| b.contains(x)),
        _ => a.filter(|x| !b.contains(x)),
    }
}

fn boolean_classes(op: Binary, a: &ClassRelation, b: &ClassRelation) -> ClassRelation {
    match op {
        Binary::Union => a | b,
        Binary::Intersection => a & b,
        _ => a - b,
    }
}

fn sequence_classes(a: &ClassRelation, b: &ClassRelation) -> ClassRelation {
    let steps = a.iter().flat_map(|(x, y)| b.iter().filter(move |(z, _)| y == z).map(move |(_, w)| (x, w)));
    steps.map(|(x, w)| (x.clone(), w.clone())).collect()
}

fn close_classes(c: &ClassRelation) -> ClassRelation {
    let mut closed = c.clone();
    loop {
        let before = closed.len();
        let longer = sequence_classes(&closed, c);
        closed.extend(longer);
        if closed.len() == before {
            return closed;
        }
    }
}

/// The error that a value is not what is needed.
pub(crate) fn unexpected(value: &Value<'_>, wanted: &str, span: Span) -> Box<EvalError> {
    EvalError::of_type(span, format!("expected {wanted}, found {}", value.type_of()))
}

fn mismatch(op: Binary, a: &Type, b: &Type, span: Span) -> Box<EvalError> {
    let sign = match op {
        Binary::Union => "|",
        Binary::Intersection => "&",
        Binary::Difference => "\\",
        Binary::Sequence => ";",
        Binary::Product => "*",
        Binary::Add => "++",
    };
    EvalError::of_type(span, format!("`{sign}` can't combine {a} and {b}"))
}

fn incomparable(a: &Value<'_>, b: &Value<'_>, span: Span) -> Box<EvalError> {
    EvalError::of_type(span, format!("can't compare {} and {}", a.type_of(), b.type_of()))
}
