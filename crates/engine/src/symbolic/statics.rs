//! Which values that were worked out as if all ways through all threads were gone hold of those that are.
//!
//! What two events are to each other does not change if others don't happen, unless it is by way of such another: in a
//! sequence, a closure, a domain. There the event between must be known to happen if the two do, which it is if it is of
//! the same way as one of them.

use super::algebra::{Algebra, Bits, Values};
use cat::plan::{Node, NodeId, Sort};
use execution::{EventId, Structure};
use relation::{Shape, kernel as k};

/// By node, of those in `cone`, whether its value is about pairs of events, or events, that happen.
pub(super) fn right(
    algebra: &Algebra<'_>,
    s: &Structure<'_>,
    certain: &[bool],
    cone: &[NodeId],
    values: &Values,
) -> Vec<bool> {
    let mut right = vec![false; algebra.plan.nodes.len()];
    if certain.iter().all(|certain| *certain) {
        cone.iter().for_each(|node| right[node.index()] = true);
        return right;
    }
    let places = Places { algebra, s, certain, values };
    for node in cone {
        let of = |node: NodeId| right[node.index()];
        right[node.index()] = match algebra.plan.node(*node) {
            Node::Var(..) | Node::Fix(..) => false,
            Node::Sequence(a, b) => {
                of(a) && of(b) && (places.all_follow(a, End::Last) || places.all_follow(b, End::First))
            }
            Node::Plus(a) => of(a) && places.all_follow(a, End::Last),
            Node::Domain(a) => of(a) && places.all_follow(a, End::Last),
            Node::Range(a) => of(a) && places.all_follow(a, End::First),
            other => other.operands().all(of),
        };
    }
    right
}

/// The pairs the second of which happens if the first does; `None` if all events happen.
pub(super) fn follows(shape: Shape, s: &Structure<'_>, certain: &[bool]) -> Option<Vec<u64>> {
    if certain.iter().all(|certain| *certain) {
        return None;
    }
    let mut pairs = vec![0; shape.matrix()];
    for first in 0..shape.n {
        for second in (0..shape.n).filter(|second| follows_from(s, certain, *second, first)) {
            k::put_pair(shape, &mut pairs, first, second);
        }
    }
    Some(pairs)
}

/// Whether an event happens if another does.
fn follows_from(s: &Structure<'_>, certain: &[bool], event: usize, other: usize) -> bool {
    let way = |event: usize| s.thread(EventId(event as u32));
    way(event).is_none_or(|own| certain[own] || way(other) == Some(own))
}

/// An end of a pair.
#[derive(Clone, Copy)]
enum End {
    First,
    Last,
}

struct Places<'e, 'a> {
    algebra: &'e Algebra<'a>,
    s: &'e Structure<'e>,
    certain: &'e [bool],
    values: &'e Values,
}

impl Places<'_, '_> {
    /// Whether in each pair of a relation the event at this end happens if the other one does.
    fn all_follow(&self, node: NodeId, end: End) -> bool {
        let value: &Bits = match &self.values[node.index()] {
            Some(pair) if self.algebra.plan.sorts[node.index()] == Sort::Relation => &pair.lower,
            _ => return false,
        };
        let Some(value) = value else { return true };
        let shape = self.algebra.shape;
        (0..shape.n).all(|first| {
            k::elements(k::row(shape, value, first)).all(|last| match end {
                End::First => follows_from(self.s, self.certain, first, last),
                End::Last => follows_from(self.s, self.certain, last, first),
            })
        })
    }
}
