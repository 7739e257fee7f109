//! What the checker knows of values.

use crate::ast::{Expr, Item, Pattern};
use std::rc::Rc;

/// A kind of value. Where it is not certain, it is [`Type::Unknown`].
#[derive(Clone)]
pub(super) enum Type<'m> {
    /// Anything.
    Unknown,
    /// `{}`, which is a set or a relation as needed.
    Empty,
    /// `_`, which is a set or a relation as needed.
    Universe,
    /// One event.
    Event,
    /// A set of events.
    Set,
    /// Two events.
    Pair,
    /// A relation over events.
    Relation,
    /// A tag of an enum.
    Tag,
    /// A set of anything but events and pairs.
    Values,
    /// Several values.
    Tuple(Rc<[Type<'m>]>),
    /// A function of the model.
    Function(Rc<Function<'m>>),
    /// A built-in function.
    Primitive(Primitive),
    /// A procedure.
    Procedure(Rc<Procedure<'m>>),
}

/// `fun pattern -> body`
pub(super) struct Function<'m> {
    pub(super) pattern: &'m Pattern,
    pub(super) body: &'m Expr,
    pub(super) scope: Scope,
}

/// See [`crate::ast::ItemKind::Procedure`].
pub(super) struct Procedure<'m> {
    pub(super) params: &'m Pattern,
    pub(super) body: &'m [Item],
    pub(super) scope: Scope,
}

/// Which names are visible: those of functions and procedures being run, and the first so many of the top level.
#[derive(Clone, Copy)]
pub(super) struct Scope {
    /// The innermost local name, or `NO_LOCAL`.
    pub(super) local: u32,
    /// How many names of the top level there are.
    pub(super) version: u32,
    /// Whether new names belong to the top level.
    pub(super) is_global: bool,
}

/// The end of the list of local names.
pub(super) const NO_LOCAL: u32 = u32::MAX;

/// What operators see of a [`Type`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// It may fit anywhere.
    Any,
    /// An event or a set of events.
    Set,
    /// A pair or a relation.
    Relation,
    /// A tag or a set of other things than events and pairs.
    Values,
    /// A tuple that is no pair.
    Tuple,
    /// A function or procedure.
    Function,
}

impl Shape {
    /// In words.
    pub(super) fn describe(self) -> &'static str {
        match self {
            Shape::Any => "anything",
            Shape::Set => "a set of events",
            Shape::Relation => "a relation",
            Shape::Values => "a tag or a set of tags, sets or relations",
            Shape::Tuple => "a tuple",
            Shape::Function => "a function",
        }
    }
}

impl<'m> Type<'m> {
    pub(super) fn shape(&self) -> Shape {
        match self {
            Type::Unknown | Type::Empty | Type::Universe => Shape::Any,
            Type::Event | Type::Set => Shape::Set,
            Type::Pair | Type::Relation => Shape::Relation,
            Type::Tag | Type::Values => Shape::Values,
            // Two events are a pair.
            Type::Tuple(parts) if parts.len() == 2 => Shape::Any,
            Type::Tuple(_) => Shape::Tuple,
            Type::Function(_) | Type::Primitive(_) | Type::Procedure(_) => Shape::Function,
        }
    }

    /// What a value is that is this or that.
    pub(super) fn join(self, other: Type<'m>) -> Type<'m> {
        use Type::{Empty, Event, Pair, Relation, Set, Tag, Values};
        match (self, other) {
            (Empty, other) | (other, Empty) if matches!(other.shape(), Shape::Set | Shape::Relation) => other,
            (Empty, Empty) => Empty,
            (Empty, Values) | (Values, Empty) => Values,
            (Tag, Tag) => Tag,
            (Values, Values) => Values,
            (Event, Event) => Event,
            (Pair, Pair) => Pair,
            (Event | Set, Event | Set) => Set,
            (Pair | Relation, Pair | Relation) => Relation,
            (Type::Universe, Type::Universe) => Type::Universe,
            _ => Type::Unknown,
        }
    }

    /// The type of an element.
    pub(super) fn element(&self) -> Type<'m> {
        match self {
            Type::Set | Type::Event => Type::Event,
            Type::Relation | Type::Pair => Type::Pair,
            _ => Type::Unknown,
        }
    }
}

/// The built-in functions, as far as the checker tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Primitive {
    /// A relation gives a set.
    RelationToSet,
    /// A relation gives a relation.
    RelationToRelation,
    /// A relation gives a set of sets.
    RelationToValues,
    /// A set gives a set of sets.
    SetToValues,
    /// A set gives a relation.
    SetToRelation,
    /// Anything gives a set.
    ToSet,
    /// Anything gives a relation.
    ToRelation,
    /// A set and a relation give a set of relations.
    Linearisations,
    /// The result is not known.
    Other,
}

/// The built-in functions.
pub(super) const PRIMITIVES: &[(&str, Primitive)] = &[
    ("as_transitive", Primitive::RelationToRelation),
    ("at-least-one-writable", Primitive::ToSet),
    ("bisimulation", Primitive::ToRelation),
    ("classes", Primitive::RelationToValues),
    ("classes-loc", Primitive::SetToValues),
    ("delift", Primitive::ToRelation),
    ("deliftinter", Primitive::ToRelation),
    ("different-values", Primitive::RelationToRelation),
    ("domain", Primitive::RelationToSet),
    ("fail", Primitive::Other),
    ("fromto", Primitive::SetToRelation),
    ("lift", Primitive::Other),
    ("linearisations", Primitive::Linearisations),
    ("loc2events", Primitive::ToSet),
    ("oa-changes", Primitive::ToSet),
    ("partition", Primitive::SetToValues),
    ("range", Primitive::RelationToSet),
    ("same-oa", Primitive::RelationToRelation),
    ("tag2events", Primitive::ToSet),
    ("tag2fenced", Primitive::ToRelation),
    ("tag2instrs", Primitive::ToSet),
    ("tag2level", Primitive::ToRelation),
    ("tag2scope", Primitive::ToRelation),
];
