//! How the value of a node grows when `co` does, `rf` being given.

use super::{Deps, Fix, FixId, Node, NodeId};

/// How a value grows with `co`, once `rf` is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Monotonicity {
    /// Does not depend on it.
    Constant,
    /// More edges in, more out: what is wrong with a part is wrong with the whole.
    Growing,
    /// More edges in, less out.
    Shrinking,
    /// Neither.
    Unknown,
}

use Monotonicity::{Constant, Growing, Shrinking, Unknown};

impl Monotonicity {
    fn and(self, other: Monotonicity) -> Monotonicity {
        match (self, other) {
            (Constant, m) | (m, Constant) => m,
            (a, b) if a == b => a,
            _ => Unknown,
        }
    }

    fn reversed(self) -> Monotonicity {
        match self {
            Growing => Shrinking,
            Shrinking => Growing,
            other => other,
        }
    }
}

/// The monotonicity of every node. Variables of fixpoints count as growing; a fixpoint whose bodies don't grow with
/// them is unknown.
pub(super) fn monotonicity(
    nodes: &[Node],
    deps: &[Deps],
    inside: &[Vec<FixId>],
    fixes: &[Fix],
) -> Vec<Monotonicity> {
    let mut result = vec![Unknown; nodes.len()];
    for (i, node) in nodes.iter().enumerate() {
        let of = |id: &NodeId| result[id.index()];
        result[i] = match node {
            _ if inside[i].is_empty() && !deps[i].has(Deps::CO) => Constant,
            // Which writes are final is settled by the whole of co only.
            Node::Base(super::Base::FinalWrites) => Unknown,
            Node::Base(super::Base::Co | super::Base::Choice(_)) | Node::Var(..) => Growing,
            Node::Base(_) => Constant,
            Node::Empty(_) | Node::Full(_) | Node::Identity => Constant,
            Node::Difference(a, b) => of(a).and(of(b).reversed()),
            Node::Complement(a) => of(a).reversed(),
            Node::Fix(fix, _) => {
                let fix = &fixes[fix.0 as usize];
                match fix.bodies.iter().map(of).fold(Constant, Monotonicity::and) {
                    Constant => Constant,
                    Growing => Growing,
                    _ => Unknown,
                }
            }
            other => other.operands().map(|id| result[id.index()]).fold(Constant, Monotonicity::and),
        };
    }
    result
}
