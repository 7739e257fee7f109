//! A model as a graph of relational operations.
//!
//! [`build`] runs a model once, with the predefined sets and relations as unknowns. Functions are inlined, `let`s
//! disappear, equal operations are shared, and what is left is a list of checks over a graph of [`Node`]s: the
//! [`Plan`]. Each node knows what it depends on: nothing but the test's static structure, addresses, `rf`, `co`.
//!
//! The language can say things that no such graph can: sets of relations that depend on the execution, matching on
//! event sets, enumeration of anything but `co`. Then [`build`] says so, and the general evaluator ([`crate::eval`])
//! does the work, slower.
//!
//! `with co from generate_cos(p)` is understood as: `co` is any union of one total order of the writes to each
//! location, initial write first, that contains what `p` says about writes to one location.

mod analysis;
mod build;
mod compact;
mod graph;
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
    /// `co`
    Co,
    /// `loc`
    Loc,
    /// `FW`
    FinalWrites,
    /// Any other: the position of its name in [`Plan::names`].
    Static(u32),
}

impl Base {
    fn deps(self) -> Deps {
        match self {
            Base::Rf => Deps::RF,
            Base::Co | Base::FinalWrites => Deps::CO,
            Base::Loc => Deps::ADDRESSES,
            Base::Static(_) => Deps::NONE,
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
}
