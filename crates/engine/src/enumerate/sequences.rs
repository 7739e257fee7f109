//! Coherence, said in sequences.
//!
//! Models of C don't ask for no cycle in program order per location, `rf`, `co` and `fr`. They forbid its shapes one by
//! one, for happens-before in place of program order: `irreflexive hb ; eco?`, or `irreflexive (rf^-1)? ; mo ; rf? ; hb`. With a
//! total order of writes that says the same about each location. The five shapes, in the names of Alglave, Maranget, Tautschnig, "Herding
//! cats", TOPLAS 2014, with `s` for what happens before:
//!
//! | shape | irreflexive |
//! | --- | --- |
//! | coWW | `s ; co` |
//! | coWR | `s ; rf^-1 ; co` |
//! | coRW1 | `s ; rf` |
//! | coRW2 | `s ; co ; rf` |
//! | coRR | `s ; rf^-1 ; co ; rf` |
//!
//! They are found by taking the operands of checks apart into sequences, whatever way they are written. The order may be
//! `co`, or another that the model chooses location by location.

use super::machine::Machine;
use cat::ast::{Role, Test};
use cat::plan::{Base, Choice, Node, NodeId, Plan, Sort};
use execution::Structure;
use relation::{Relation, Shape, kernel as k};
use smallvec::{SmallVec, smallvec};

/// What sequences are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Atom {
    Rf,
    /// From a read to the write that it reads.
    Seen,
    /// The order of writes.
    Order,
    Other(NodeId),
}

use Atom::{Order, Other, Rf, Seen};

type Word = SmallVec<[Atom; 6]>;

/// More words are not looked at.
const MAX_WORDS: usize = 64;

/// Nor longer ones.
const MAX_LENGTH: usize = 6;

const SHAPES: [&[Atom]; 5] = [&[Order], &[Seen, Order], &[Rf], &[Order, Rf], &[Seen, Order, Rf]];

/// What a check that says nothing but such shapes says.
#[derive(Clone, Debug)]
struct Exact {
    check: usize,
    /// What must be in `s`, as far as it is between events of one location.
    within: Vec<NodeId>,
    /// What must be irreflexive.
    irreflexive: Vec<NodeId>,
}

/// Coherence of an order of writes.
#[derive(Clone, Debug)]
pub(super) struct Sequences {
    /// Which choice of the plan the order is; `None` for `co`.
    pub(super) order: Option<usize>,
    /// What is `s` in all five shapes.
    before: Vec<NodeId>,
    /// Whether an event that both reads and writes comes right behind the write that it reads.
    pub(super) has_updates: bool,
    exact: Vec<Exact>,
}

/// Looks for an order of writes whose coherence a plan asks for in sequences.
pub(super) fn recognise(plan: &Plan) -> Option<Sequences> {
    let co = plan.co.iter().map(|co| (None, *co));
    let others = plan.choices.iter().enumerate().filter_map(|(at, choice)| match choice {
        Choice::Orders(orders) => Some((Some(at), *orders)),
        Choice::Pairs { .. } => None,
    });
    let usable = co.chain(others).filter(|(_, orders)| orders.by_location && orders.initial_first);
    usable.into_iter().find_map(|(order, _)| recognise_order(plan, order))
}

fn recognise_order(plan: &Plan, order: Option<usize>) -> Option<Sequences> {
    let mut shapes: Vec<(NodeId, u8)> = Vec::new();
    let (mut updates, mut exact) = (0, Vec::new());
    let languages = languages(plan, order);
    for (check, asked) in plan.checks.iter().enumerate() {
        if asked.role != Role::Require || asked.negated || asked.test == Test::Empty {
            continue;
        }
        let words = &languages[asked.node.index()];
        for word in words {
            let Some((other, rest)) = split(word) else {
                updates |= update_shape(word);
                continue;
            };
            let Some(other) = other else { continue };
            if is_update(plan, other) {
                updates |= update_shape(&rest);
            }
            let shape = SHAPES.iter().position(|shape| *shape == &rest[..]).map_or(0, |shape| 1 << shape);
            match shapes.iter_mut().find(|(node, _)| *node == other) {
                Some((_, known)) => *known |= shape,
                None => shapes.push((other, shape)),
            }
        }
        if asked.test == Test::Irreflexive {
            exact.extend(exactly(check, words));
        }
    }
    let all = (1 << SHAPES.len()) - 1;
    let before: Vec<NodeId> =
        shapes.iter().filter(|(_, found)| *found == all).map(|(node, _)| *node).collect();
    (!before.is_empty()).then_some(Sequences { order, before, has_updates: updates == 3, exact })
}

/// What a check of these words says, if that is nothing but the shapes where no event both reads and writes.
fn exactly(check: usize, words: &[Word]) -> Option<Exact> {
    let mut exact = Exact { check, within: Vec::new(), irreflexive: Vec::new() };
    for word in words {
        let Some((other, mut rest)) = split(word) else {
            // An event that can't be.
            if update_shape(word) == 0 {
                return None;
            }
            continue;
        };
        // The order is transitive.
        rest.dedup_by(|a, b| *a == Order && *b == Order);
        match other {
            Some(other) if rest.is_empty() => exact.irreflexive.push(other),
            Some(other) if SHAPES.contains(&&rest[..]) => exact.within.push(other),
            _ => return None,
        }
    }
    Some(exact)
}

/// The shapes that say that an event which reads and writes comes right behind what it reads: not before it, as a set
/// of the two; 3 for both.
fn update_shape(word: &[Atom]) -> u8 {
    let is = |shape: &[Atom]| {
        word.len() == shape.len()
            && (0..shape.len()).any(|by| {
                let mut turned: Word = SmallVec::from_slice(shape);
                turned.rotate_left(by);
                turned[..] == *word
            })
    };
    u8::from(is(&[Order, Rf])) | u8::from(is(&[Seen, Order, Order])) << 1
}

/// The only atom of a word that is none of the others, and what follows it round the circle. Nothing if there are none or
/// several.
fn split(word: &Word) -> Option<(Option<NodeId>, Word)> {
    let mut others = word.iter().enumerate().filter_map(|(at, atom)| match atom {
        Other(node) => Some((at, *node)),
        _ => None,
    });
    let (at, node) = others.next()?;
    if others.next().is_some() {
        return Some((None, word.clone()));
    }
    let mut rest = word.clone();
    rest.rotate_left(at);
    rest.remove(0);
    Some((Some(node), rest))
}

/// Whether a node is the identity of events that read and write.
fn is_update(plan: &Plan, node: NodeId) -> bool {
    let Node::IdentityOn(set) = plan.node(node) else { return false };
    let Node::Intersection(a, b) = plan.node(set) else { return false };
    let name = |node: NodeId| match plan.node(node) {
        Node::Base(Base::Static(name)) => &*plan.names[name as usize],
        _ => "",
    };
    matches!((name(a), name(b)), ("R", "W") | ("W", "R"))
}

/// For each relation of a plan, the sequences whose union it is. Where no event both reads and writes, a closure of all
/// communication is that of finitely many; otherwise it holds more.
fn languages(plan: &Plan, order: Option<usize>) -> Vec<Vec<Word>> {
    let mut known: Vec<Vec<Word>> = Vec::with_capacity(plan.nodes.len());
    for (at, node) in plan.nodes.iter().enumerate() {
        let words = match plan.sorts[at] {
            Sort::Relation => words(plan, order, *node, &known),
            Sort::Set => Some(Vec::new()),
        };
        known.push(words.unwrap_or_else(|| vec![smallvec![Other(NodeId(at as u32))]]));
    }
    known
}

fn words(plan: &Plan, order: Option<usize>, node: Node, known: &[Vec<Word>]) -> Option<Vec<Word>> {
    let of = |node: NodeId| known.get(node.index());
    let all = match node {
        Node::Identity => vec![Word::new()],
        Node::Base(Base::Rf) => vec![smallvec![Rf]],
        Node::Base(Base::Co) if order.is_none() => vec![smallvec![Order]],
        Node::Base(Base::Choice(number)) if order == Some(number as usize) => vec![smallvec![Order]],
        Node::Inverse(inner) if plan.node(inner) == Node::Base(Base::Rf) => vec![smallvec![Seen]],
        Node::Union(a, b) => of(a)?.iter().chain(of(b)?).cloned().collect(),
        Node::Sequence(a, b) => {
            let (starts, ends) = (of(a)?, of(b)?);
            if starts.len().saturating_mul(ends.len()) > MAX_WORDS {
                return None;
            }
            let joined = |start: &Word, end: &Word| start.iter().chain(end).copied().collect();
            starts.iter().flat_map(|start| ends.iter().map(move |end| joined(start, end))).collect()
        }
        // Only pairs of an event with itself are missing, in which no shape is about two events.
        Node::Difference(a, b) if plan.node(b) == Node::Identity => {
            let inner = of(a)?;
            inner.iter().all(|word| word[..] == [Seen, Order]).then(|| inner.clone())?
        }
        Node::Plus(inner) => closure(of(inner)?)?,
        _ => return None,
    };
    (all.len() <= MAX_WORDS && all.iter().all(|word| word.len() <= MAX_LENGTH)).then_some(all)
}

/// The words of a closure, if it is that of all communication or of the order alone.
fn closure(inner: &[Word]) -> Option<Vec<Word>> {
    if inner.iter().all(|word| word[..] == [Order]) {
        return Some(inner.to_vec());
    }
    let has = |shape: &[Atom]| inner.iter().any(|word| word[..] == *shape);
    let is_communication = inner.iter().all(|word| SHAPES.contains(&&word[..]));
    let whole = is_communication && has(&[Rf]) && has(&[Order]) && has(&[Seen, Order]);
    let mut all: Vec<Word> = SHAPES.iter().map(|shape| SmallVec::from_slice(shape)).collect();
    all.push(smallvec![Seen, Order, Order]);
    whole.then_some(all)
}

impl Sequences {
    /// What comes before what at each location, as far as no choice decides that. None if it is not an order.
    pub(super) fn order(&self, plan: &Plan, machine: &Machine, location: &Relation) -> Option<Relation> {
        let mut result = Relation::empty(location.shape().n);
        for node in &self.before {
            let (inner, is_closed) = match plan.node(*node) {
                Node::Plus(inner) => (inner, true),
                _ => (*node, false),
            };
            let mut sum = Relation::empty(location.shape().n);
            for part in plan.union_parts(inner) {
                if let Some(pairs) = machine.static_relation(plan, part) {
                    k::union_with(sum.bits_mut(), pairs);
                }
            }
            if is_closed {
                k::close(sum.shape(), sum.bits_mut());
            }
            k::union_with(result.bits_mut(), sum.intersection(location).bits());
        }
        // An event with itself: that makes no shape where it does not both read and write.
        k::irreflexive_part(result.shape(), result.bits_mut());
        let mut closed = result.clone();
        k::close(closed.shape(), closed.bits_mut());
        (closed == result).then_some(result)
    }

    /// The checks that say no more than that the shapes are absent, for `order`. No event both reads and writes.
    pub(super) fn implied(
        &self,
        plan: &Plan,
        machine: &Machine,
        s: &Structure<'_>,
        (order, location): (&Relation, &Relation),
    ) -> Vec<usize> {
        let is_within = |node: &NodeId| {
            machine.upper_bound(plan, *node).is_some_and(|pairs| is_within(s, pairs, order, location))
        };
        let is_irreflexive = |node: &NodeId| {
            let pairs = machine.upper_bound(plan, *node);
            pairs.is_some_and(|pairs| k::is_irreflexive(location.shape(), pairs))
        };
        let holds = |exact: &&Exact| {
            exact.within.iter().all(is_within) && exact.irreflexive.iter().all(is_irreflexive)
        };
        self.exact.iter().filter(holds).map(|exact| exact.check).collect()
    }
}

/// Whether pairs of two events that are about one location are in the order. Initial writes come first: no shape begins
/// with one.
fn is_within(s: &Structure<'_>, pairs: &[u64], order: &Relation, location: &Relation) -> bool {
    let shape: Shape = order.shape();
    s.events().filter(|event| s.thread(*event).is_some()).map(|event| event.index()).all(|i| {
        let later = k::elements(k::row(shape, pairs, i));
        later.filter(|j| *j != i && location.contains(i, *j)).all(|j| order.contains(i, j))
    })
}
