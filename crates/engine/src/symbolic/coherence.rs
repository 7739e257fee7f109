//! What coherence and atomicity say, as clauses, where a model is seen to ask for them.
//!
//! Nothing hangs on it: what is not said here is found out when the model's checks are made. But these two say so much
//! about `rf` and `co` that it is better known before anything is chosen.

use super::algebra::Algebra;
use super::encoding::Encoding;
use super::positions;
use super::sat::{Lit, Sat};
use cat::ast::{Role, Test};
use cat::plan::{Base, Deps, Node, NodeId, Plan};
use execution::{EventId, Kind};
use relation::{Shape, kernel as k};
use rustc_hash::FxHashMap;

/// More clauses than that are not worth their while.
const MANY: usize = 200_000;

/// One of the relations that are chosen, or made of them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Core {
    Rf,
    Co,
    Fr,
}

/// Which pairs of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    All,
    External,
    Internal,
}

/// Adds the clauses.
pub(super) fn clauses(sat: &mut Sat<'_>, encoding: &mut Encoding<'_>, algebra: &mut Algebra<'_>) {
    let plan = algebra.plan;
    if encoding.co.is_none() {
        return;
    }
    let required = || plan.checks.iter().filter(|check| check.role == Role::Require && !check.negated);
    let orders: Vec<Vec<u64>> = required()
        .filter(|check| check.test == Test::Acyclic)
        .filter_map(|check| coherence(plan, check.node))
        .map(|parts| per_location(encoding, algebra, &parts))
        .collect();
    orders.iter().for_each(|order| add_coherence(sat, encoding, algebra.shape, order));
    for check in required() {
        match check.test {
            Test::Empty => {
                if let Some((rmw, external)) = atomicity(plan, check.node) {
                    let statics = algebra.statics(&encoding.s, [rmw]);
                    if let Some(pairs) = statics.get(&rmw) {
                        atomic(
                            sat,
                            encoding,
                            algebra.shape,
                            pairs,
                            external,
                            orders.first().map(|order| &order[..]),
                        );
                    }
                }
            }
            Test::Acyclic | Test::Irreflexive => {}
        }
    }
}

/// The other parts of a union that has all of `rf`, `co` and `fr` in it.
fn coherence(plan: &Plan, node: NodeId) -> Option<Vec<NodeId>> {
    let node = match plan.node(node) {
        Node::Plus(inner) => inner,
        _ => node,
    };
    let (mut parts, mut cores) = (Vec::new(), Vec::new());
    for part in plan.union_parts(node) {
        match core(plan, part) {
            Some(core) => cores.push(core),
            None => parts.push(part),
        }
    }
    let whole = |core: Core| {
        cores.contains(&(core, Scope::All))
            || (cores.contains(&(core, Scope::External)) && cores.contains(&(core, Scope::Internal)))
    };
    (whole(Core::Rf) && whole(Core::Co) && whole(Core::Fr)).then_some(parts)
}

fn atomicity(plan: &Plan, node: NodeId) -> Option<(NodeId, bool)> {
    let Node::Intersection(a, b) = plan.node(node) else { return None };
    [(a, b), (b, a)].into_iter().find_map(|(rmw, between)| {
        let Node::Sequence(first, second) = plan.node(between) else { return None };
        match (core(plan, first)?, core(plan, second)?) {
            ((Core::Fr, Scope::External), (Core::Co, Scope::External)) => Some((rmw, true)),
            ((Core::Fr, Scope::All), (Core::Co, Scope::All)) => Some((rmw, false)),
            _ => None,
        }
    })
}

/// Whether a node holds all of `rf`, `co` or `fr`, or the part of it between or inside threads.
fn core(plan: &Plan, node: NodeId) -> Option<(Core, Scope)> {
    match plan.node(node) {
        Node::Base(Base::Rf) => Some((Core::Rf, Scope::All)),
        Node::Base(Base::Co) => Some((Core::Co, Scope::All)),
        Node::Union(..) => {
            let parts = plan.union_parts(node);
            let mut bases =
                parts.iter().filter(|part| matches!(plan.node(**part), Node::Base(Base::Rf | Base::Co)));
            core(plan, *bases.next()?)
        }
        Node::Plus(inner) => core(plan, inner).filter(|(core, _)| *core == Core::Co),
        Node::Sequence(inverse, co) => {
            let Node::Inverse(rf) = plan.node(inverse) else { return None };
            match (core(plan, rf)?, core(plan, co)?) {
                ((Core::Rf, Scope::All), (Core::Co, Scope::All)) => Some((Core::Fr, Scope::All)),
                _ => None,
            }
        }
        Node::Difference(a, b) if plan.node(b) == Node::Identity => {
            core(plan, a).filter(|(core, _)| *core == Core::Fr)
        }
        Node::Intersection(a, b) => {
            let (scope, inner) = match (scope(plan, a), scope(plan, b)) {
                (Some(scope), None) => (scope, b),
                (None, Some(scope)) => (scope, a),
                _ => return None,
            };
            let (core, Scope::All) = core(plan, inner)? else { return None };
            Some((core, scope))
        }
        Node::Difference(a, b) => {
            let (whole, Scope::All) = core(plan, a)? else { return None };
            match scope(plan, b)? {
                Scope::Internal => Some((whole, Scope::External)),
                Scope::External => Some((whole, Scope::Internal)),
                Scope::All => None,
            }
        }
        _ => None,
    }
}

fn scope(plan: &Plan, node: NodeId) -> Option<Scope> {
    let Node::Base(Base::Static(name)) = plan.node(node) else { return None };
    match &*plan.names[name as usize] {
        "ext" => Some(Scope::External),
        "int" => Some(Scope::Internal),
        _ => None,
    }
}

/// The order of the accesses to each known location that the static parts make.
fn per_location(encoding: &Encoding<'_>, algebra: &mut Algebra<'_>, parts: &[NodeId]) -> Vec<u64> {
    let shape = algebra.shape;
    let is_static = |part: &&NodeId| algebra.plan.deps[part.index()].without(Deps::ADDRESSES) == Deps::NONE;
    let parts: Vec<NodeId> = parts.iter().filter(is_static).copied().collect();
    let mut order = vec![0; shape.matrix()];
    let statics = algebra.statics(&encoding.s, parts);
    let mut values: Vec<(&NodeId, &Vec<u64>)> = statics.iter().collect();
    values.sort_unstable_by_key(|(node, _)| **node);
    values.iter().for_each(|(_, value)| k::union_with(&mut order, value));
    k::close(shape, &mut order);
    order
}

/// The reads and writes of each location that is known.
fn by_place(encoding: &Encoding<'_>) -> Vec<(Vec<usize>, Vec<EventId>)> {
    let mut places: FxHashMap<u32, (Vec<usize>, Vec<EventId>)> = FxHashMap::default();
    for (at, read) in encoding.reads.iter().enumerate() {
        if let Some(place) = encoding.s.place(read.event) {
            places.entry(place).or_default().0.push(at);
        }
    }
    for write in encoding.s.writes() {
        if let Some(place) = encoding.s.place(write) {
            places.entry(place).or_default().1.push(write);
        }
    }
    let mut keys: Vec<u32> = places.keys().copied().collect();
    keys.sort_unstable();
    keys.into_iter().filter_map(|key| places.remove(&key)).collect()
}

fn add_coherence(sat: &mut Sat<'_>, encoding: &Encoding<'_>, shape: Shape, order: &[u64]) {
    let before = |a: EventId, b: EventId| k::has_pair(shape, order, a.index(), b.index());
    let yes = sat.yes();
    let absent = |event: EventId| !encoding.is_active(event);
    let co = |a: EventId, b: EventId| encoding.co.as_ref().and_then(|co| co.before(a, b));
    let mut add = |clause: &[Lit]| {
        if !clause.contains(&yes) {
            sat.clause(clause.iter().copied());
        }
    };
    let mut chains = Vec::new();
    for (reads, writes) in by_place(encoding) {
        for a in &writes {
            for b in writes.iter().filter(|b| before(*a, **b)) {
                if let Some(literal) = co(*a, *b) {
                    add(&[absent(*a), absent(*b), literal]);
                }
            }
        }
        for read in reads.iter().map(|at| &encoding.reads[*at]) {
            let is_update = encoding.s.kind(read.event) == Kind::Update;
            for (writer, rf) in &read.writers {
                if before(read.event, *writer) {
                    add(&[!*rf]);
                }
                for other in writes.iter().filter(|other| *other != writer) {
                    if before(*other, read.event)
                        && let Some(literal) = co(*other, *writer)
                    {
                        add(&[!*rf, absent(*other), literal]);
                    }
                    if before(read.event, *other)
                        && let Some(literal) = co(*writer, *other)
                    {
                        add(&[!*rf, absent(*other), literal]);
                    }
                    if is_update
                        && *other != read.event
                        && let (Some(after), Some(later)) = (co(*writer, *other), co(read.event, *other))
                    {
                        add(&[!*rf, absent(*other), !after, later]);
                    }
                }
                if is_update && let Some(literal) = co(*writer, read.event) {
                    add(&[!*rf, literal]);
                }
            }
        }
        let updates: Vec<(usize, EventId)> = reads
            .iter()
            .map(|at| (*at, encoding.reads[*at].event))
            .filter(|(_, event)| encoding.s.kind(*event) == Kind::Update)
            .collect();
        read_once(encoding, &updates, &mut add);
        chains.push((writes.clone(), updates));
        let pairs = reads.len() * reads.len();
        if pairs.saturating_mul(writes.len() * writes.len()) > MANY {
            continue;
        }
        for first in reads.iter().map(|at| &encoding.reads[*at]) {
            for second in reads.iter().map(|at| &encoding.reads[*at]).filter(|s| before(first.event, s.event))
            {
                for (writer, rf) in &first.writers {
                    for (other, other_rf) in second.writers.iter().filter(|(other, _)| other != writer) {
                        if let Some(literal) = co(*writer, *other) {
                            add(&[!*rf, !*other_rf, literal]);
                        }
                    }
                }
            }
        }
    }
    for (writes, updates) in chains {
        positions::add(sat, encoding, shape, order, &writes, &updates);
    }
}

/// No two atomic updates read the same write: one of them comes between it and the other.
fn read_once(encoding: &Encoding<'_>, updates: &[(usize, EventId)], add: &mut impl FnMut(&[Lit])) {
    for (at, (first, own)) in updates.iter().enumerate() {
        for (second, other) in updates[at + 1..].iter().filter(|(second, _)| second != first) {
            let [first, second] = [first, second].map(|at| &encoding.reads[*at]);
            let absent = [own, other].map(|write| !encoding.is_active(*write));
            for (writer, rf) in &first.writers {
                let same = second.writers.iter().find(|(other, _)| other == writer);
                if let Some((_, other_rf)) = same {
                    add(&[!*rf, !*other_rf, absent[0], absent[1]]);
                }
            }
        }
    }
}

/// Nothing comes between the write that a read of a pair reads and the write of the pair.
fn atomic(
    sat: &mut Sat<'_>,
    encoding: &Encoding<'_>,
    shape: Shape,
    pairs: &[u64],
    external: bool,
    order: Option<&[u64]>,
) {
    let co = |a: EventId, b: EventId| encoding.co.as_ref().and_then(|co| co.before(a, b));
    let owner = |event: EventId| encoding.s.thread(event).map(|way| encoding.owners[way]);
    for (reads, writes) in by_place(encoding) {
        let mut updates: Vec<(usize, EventId)> = Vec::new();
        for at in &reads {
            // The write must come behind what the read reads, which it need not if the two are not in program order.
            let from = encoding.reads[*at].event.index();
            let ordered = |to: usize| order.is_some_and(|order| k::has_pair(shape, order, from, to));
            let own = writes.iter().filter(|write| k::has_pair(shape, pairs, from, write.index()));
            updates.extend(own.filter(|write| ordered(write.index())).map(|write| (*at, *write)));
        }
        // Those of one thread exclude each other only where own writes may not come between either.
        let own_thread = |at: usize| owner(encoding.reads[at].event);
        let alone = |(at, _): &(usize, EventId)| {
            !external || updates.iter().all(|(other, _)| other == at || own_thread(*other) != own_thread(*at))
        };
        let apart: Vec<(usize, EventId)> = updates.iter().filter(|update| alone(update)).copied().collect();
        if let Some(order) = order {
            read_once(encoding, &apart, &mut |clause| sat.clause(clause.iter().copied()));
            positions::add(sat, encoding, shape, order, &writes, &apart);
        }
        for read in reads.iter().map(|at| &encoding.reads[*at]) {
            let row = k::row(shape, pairs, read.event.index());
            for own in writes.iter().filter(|write| k::has(row, write.index())) {
                for (writer, rf) in &read.writers {
                    for between in writes.iter().filter(|other| *other != own && *other != writer) {
                        if external && owner(*between) == owner(read.event) {
                            continue;
                        }
                        if let (Some(after), Some(before)) = (co(*writer, *between), co(*between, *own)) {
                            let absent = [!encoding.is_active(*between), !encoding.is_active(*own)];
                            sat.clause([!*rf, absent[0], absent[1], !after, !before]);
                        }
                    }
                }
            }
        }
    }
}
