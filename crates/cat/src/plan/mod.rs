//! A model as a graph of relational operations.
//!
//! [`build`] runs a model once, with the predefined sets and relations as unknowns. Functions are inlined, `let`s
//! disappear, equal operations are shared, and what is left is a list of checks over a graph of [`Node`]s: the
//! [`Plan`]. Each node knows what it depends on: nothing but the test's static structure, addresses, `rf`, `co`.
//!
//! The language can say things that no such graph can: sets of relations that depend on the execution, matching on
//! event sets. Then [`build`] says so, and the general evaluator ([`crate::eval`]) does the work, slower.
//!
//! What `with … from` chooses is a [`Choice`] if it has one of two shapes: total orders of a set, as a whole or
//! location by location (`linearisations(s, p)`, `generate_orders(s, p)`, `generate_cos(p)`); or one pair for each
//! event of a set (`cross(map f s)`, where `f` gives each event its pairs). They are found by running the functions
//! on unknowns; of those only `map` and `cross` are known by name.

mod analysis;
mod build;
mod choice;
mod compact;
mod graph;
mod recursion;
mod value;

pub use analysis::Monotonicity;
pub use build::{Failure, Request, build};

use crate::ast::{Role, Test};
use std::sync::Arc;

/// An operation of a [`Plan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl NodeId {
    /// The number, to index with.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A `let rec` of a [`Plan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FixId(pub u32);

/// What a node yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sort {
    /// A set of events.
    Set,
    /// A relation over events.
    Relation,
}

/// What a value depends on besides the static structure of the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deps(u8);

impl Deps {
    /// Nothing.
    pub const NONE: Deps = Deps(0);
    /// The addresses of accesses.
    pub const ADDRESSES: Deps = Deps(1);
    /// `rf`.
    pub const RF: Deps = Deps(2);
    /// `co`, or the final writes.
    pub const CO: Deps = Deps(4);

    /// Both.
    #[must_use]
    pub const fn with(self, other: Deps) -> Deps {
        Deps(self.0 | other.0)
    }

    /// Whether all of `other` is in it.
    pub const fn has(self, other: Deps) -> bool {
        self.0 & other.0 == other.0 && other.0 != 0
    }

    /// Without those of `other`.
    #[must_use]
    pub const fn without(self, other: Deps) -> Deps {
        Deps(self.0 & !other.0)
    }
}

/// A predefined set or relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Base {
    /// `rf`
    Rf,
    /// [`Plan::co`]
    Co,
    /// One of [`Plan::choices`].
    Choice(u32),
    /// `loc`
    Loc,
    /// `FW`
    FinalWrites,
    /// All pairs of memory accesses that have different values.
    DifferentValues,
    /// While a model is compiled: the element that a function is applied to. Never part of a plan.
    Element(u32),
    /// Any other: the position of its name in [`Plan::names`].
    Static(u32),
}

impl Base {
    /// What it depends on; a choice of pairs depends on less.
    fn deps(self) -> Deps {
        match self {
            Base::Rf | Base::DifferentValues => Deps::RF,
            Base::Co | Base::Choice(_) | Base::FinalWrites => Deps::CO,
            Base::Loc => Deps::ADDRESSES,
            Base::Static(_) | Base::Element(_) => Deps::NONE,
        }
    }
}

/// An operation. Operands come before it in [`Plan::nodes`], except that variables of a fixpoint stand for themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Node {
    Base(Base),
    Empty(Sort),
    Full(Sort),
    Identity,
    IdentityOn(NodeId),
    Product(NodeId, NodeId),
    Union(NodeId, NodeId),
    Intersection(NodeId, NodeId),
    Difference(NodeId, NodeId),
    Complement(NodeId),
    Sequence(NodeId, NodeId),
    /// The pairs of the second that start in the first.
    RestrictDomain(NodeId, NodeId),
    /// The pairs of the first that end in the second.
    RestrictRange(NodeId, NodeId),
    /// Transitive closure.
    Plus(NodeId),
    Inverse(NodeId),
    Domain(NodeId),
    Range(NodeId),
    /// The value so far of the `_`-th binding, inside the bodies of a `let rec`.
    Var(FixId, u32),
    /// The final value of the `_`-th binding of a `let rec`.
    Fix(FixId, u32),
}

impl Node {
    /// What it is made from; for [`Node::Fix`] see [`Plan::fixes`].
    pub fn operands(&self) -> impl Iterator<Item = NodeId> + use<> {
        use Node::*;
        let (a, b) = match *self {
            Base(_) | Empty(_) | Full(_) | Identity | Var(..) | Fix(..) => (None, None),
            IdentityOn(a) | Complement(a) | Plus(a) | Inverse(a) | Domain(a) | Range(a) => (Some(a), None),
            Product(a, b)
            | Union(a, b)
            | Intersection(a, b)
            | Difference(a, b)
            | Sequence(a, b)
            | RestrictDomain(a, b)
            | RestrictRange(a, b) => (Some(a), Some(b)),
        };
        a.into_iter().chain(b)
    }
}

/// A `let rec`: simultaneous bindings, iterated in order from empty, each seeing what the ones before it just got,
/// until none of them changes any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The variables, one a binding.
    pub vars: Vec<NodeId>,
    /// What each binding gets in a step.
    pub bodies: Vec<NodeId>,
}

/// What a model chooses: one of several relations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Total orders of events.
    Orders(Orders),
    /// For each event of a set, one of the pairs that end in it.
    Pairs {
        /// The set.
        of: NodeId,
        /// The pairs.
        from: NodeId,
    },
}

/// A choice of total orders: one of all events of a set, or one for each location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orders {
    /// What is put in order. Does not depend on choices.
    pub set: NodeId,
    /// What the order contains, as far as it is about the set.
    pub order: NodeId,
    /// Whether only events of one location are put in order.
    pub by_location: bool,
    /// Whether initial writes come before all other writes.
    pub initial_first: bool,
    /// Whether final writes come behind all other writes.
    pub final_last: bool,
}

/// A check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanCheck {
    /// What its result means.
    pub role: Role,
    /// The test.
    pub test: Test,
    /// Whether it is turned round.
    pub negated: bool,
    /// Of what.
    pub node: NodeId,
    /// Its name in the model.
    pub name: Option<Arc<str>>,
    /// How its value grows with `co`, once `rf` is given.
    pub monotonicity: Monotonicity,
    /// Whether it asks for no cycle in what `co` is chosen to contain, which is known where all of that is about
    /// what `co` puts in order.
    pub about_co: bool,
}

/// A compiled model.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The operations; each after its operands.
    pub nodes: Vec<Node>,
    /// What each yields.
    pub sorts: Vec<Sort>,
    /// What each depends on.
    pub deps: Vec<Deps>,
    /// The fixpoints that each is inside of: whose variables it uses.
    pub inside: Vec<Vec<FixId>>,
    /// The fixpoints.
    pub fixes: Vec<Fix>,
    /// Names of predefined sets and relations, for [`Base::Static`].
    pub names: Vec<Arc<str>>,
    /// What is checked, in the model's order.
    pub checks: Vec<PlanCheck>,
    /// How `co` is chosen, if it is: as an order, location by location, of a set that holds all writes.
    pub co: Option<Orders>,
    /// What else is chosen.
    pub choices: Vec<Choice>,
}

impl Plan {
    /// The operation of that id.
    pub fn node(&self, id: NodeId) -> Node {
        self.nodes[id.index()]
    }

    /// The parts of the union that a node is.
    pub fn union_parts(&self, id: NodeId) -> Vec<NodeId> {
        match self.node(id) {
            Node::Union(a, b) => {
                let mut parts = self.union_parts(a);
                parts.extend(self.union_parts(b));
                parts
            }
            _ => vec![id],
        }
    }

    /// What choices are made from.
    pub fn choice_nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        let co = self.co.iter().copied().map(Choice::Orders);
        co.chain(self.choices.iter().copied()).flat_map(|choice| match choice {
            Choice::Orders(orders) => [orders.set, orders.order],
            Choice::Pairs { of, from } => [of, from],
        })
    }
}
