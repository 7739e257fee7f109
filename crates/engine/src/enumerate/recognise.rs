//! Two checks that nearly every model has, and that say much about `rf` and `co` before they are chosen in full.
//!
//! *Coherence*: `acyclic s | rf | co | fr` where `s` holds program order per location. Then some writes can't be
//! read, and each choice of `rf` forces edges of `co`.
//! *Atomicity*: `empty rmw & (fr; co)`, between threads or not. Then nothing may come between the write that an
//! atomic update reads and the one that it makes.
//!
//! `rf`, `co` and `fr` may have more in them, such as what locks add. That does not change what follows from the checks,
//! only whether that is all that they say.
//!
//! Both are found by their shape. A model that says the same in another way is judged just as well, only slower.

use super::machine::Machine;
use cat::ast::{Role, Test};
use cat::plan::{Base, Node, NodeId, Plan};

/// One of the relations that change from candidate to candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Core {
    Rf,
    Co,
    Fr,
}

/// Which pairs of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    All,
    External,
    Internal,
}

/// A check that a union of `rf`, `co`, `fr` and other things has no cycle.
#[derive(Clone, Debug)]
pub(super) struct CoherenceCheck {
    /// Its position among the plan's checks.
    pub(super) check: usize,
    /// The other things, which may hold `po ∩ loc`.
    pub(super) parts: Vec<NodeId>,
    /// What `rf`, `co` and `fr` have in them besides.
    extras: Vec<NodeId>,
}

/// A check that nothing comes between what an atomic update reads and what it writes.
#[derive(Clone, Debug)]
pub(super) struct AtomicityCheck {
    /// Its position among the plan's checks.
    pub(super) check: usize,
    /// The pairs of reads and writes.
    pub(super) rmw: NodeId,
    /// Whether only other threads' writes may not come between.
    pub(super) external: bool,
    /// What `rf`, `co` and `fr` have in them besides.
    pub(super) extras: Vec<NodeId>,
}

impl Recognised {
    /// Whether a coherence check says no more of a structure than what follows from the order of its static parts.
    pub(super) fn is_exact(&self, check: usize, machine: &Machine) -> bool {
        self.coherence.iter().filter(|found| found.check == check).all(|found| {
            found.parts.iter().all(|part| machine.was_static(*part) || machine.is_empty(*part))
                && found.extras.iter().all(|extra| machine.is_empty(*extra))
        })
    }
}

/// What was found in a plan.
#[derive(Clone, Debug, Default)]
pub(super) struct Recognised {
    /// The coherence checks.
    pub(super) coherence: Vec<CoherenceCheck>,
    /// The atomicity checks.
    pub(super) atomicity: Vec<AtomicityCheck>,
    /// For each node, whether its pairs are all in `rf`, `co` or `fr`.
    pub(super) communication: Vec<bool>,
}

/// Looks through the checks of a plan.
pub(super) fn recognise(plan: &Plan) -> Recognised {
    let mut found = Recognised::default();
    for (index, check) in plan.checks.iter().enumerate() {
        if check.role != Role::Require || check.negated {
            continue;
        }
        match check.test {
            Test::Acyclic => {
                found.coherence.extend(coherence(plan, check.node, index));
            }
            Test::Empty => found.atomicity.extend(atomicity(plan, check.node, index)),
            Test::Irreflexive => {}
        }
    }
    found.communication = communication(plan);
    found
}

/// Which nodes hold no pairs but those of `rf`, `co` and `fr`.
fn communication(plan: &Plan) -> Vec<bool> {
    // In this order; a node is in none, one, or, if it is made of several, only in their union.
    let (mut in_rf, mut in_co) = (vec![false; plan.nodes.len()], vec![false; plan.nodes.len()]);
    let mut in_any = vec![false; plan.nodes.len()];
    for i in 0..plan.nodes.len() {
        let part_of = |set: &[bool]| match plan.nodes[i] {
            Node::Union(a, b) => set[a.index()] && set[b.index()],
            Node::Intersection(a, b) => set[a.index()] || set[b.index()],
            Node::Difference(a, _) | Node::RestrictRange(a, _) => set[a.index()],
            Node::RestrictDomain(_, b) => set[b.index()],
            _ => false,
        };
        let is_from_read = match plan.nodes[i] {
            Node::Sequence(inverse, co) => match plan.node(inverse) {
                Node::Inverse(rf) => in_rf[rf.index()] && in_co[co.index()],
                _ => false,
            },
            _ => false,
        };
        let rf = plan.nodes[i] == Node::Base(Base::Rf) || part_of(&in_rf);
        let co = match plan.nodes[i] {
            Node::Base(Base::Co) => true,
            // It is transitive.
            Node::Plus(inner) => in_co[inner.index()],
            _ => part_of(&in_co),
        };
        let any = rf || co || is_from_read || part_of(&in_any);
        (in_rf[i], in_co[i], in_any[i]) = (rf, co, any);
    }
    in_any
}

fn coherence(plan: &Plan, node: NodeId, check: usize) -> Option<CoherenceCheck> {
    let node = match plan.node(node) {
        Node::Plus(inner) => inner,
        _ => node,
    };
    let (mut parts, mut extras) = (Vec::new(), Vec::new());
    let mut cores = Vec::new();
    for part in plan.union_parts(node) {
        match core(plan, part, &mut extras) {
            Some(core) => cores.push(core),
            None => parts.push(part),
        }
    }
    let whole = |core: Core| {
        cores.contains(&(core, Scope::All))
            || (cores.contains(&(core, Scope::External)) && cores.contains(&(core, Scope::Internal)))
    };
    let all = whole(Core::Rf) && whole(Core::Co) && whole(Core::Fr);
    all.then_some(CoherenceCheck { check, parts, extras })
}

fn atomicity(plan: &Plan, node: NodeId, check: usize) -> Option<AtomicityCheck> {
    let Node::Intersection(a, b) = plan.node(node) else { return None };
    [(a, b), (b, a)].into_iter().find_map(|(rmw, between)| {
        let Node::Sequence(first, second) = plan.node(between) else { return None };
        let mut extras = Vec::new();
        let external = match (core(plan, first, &mut extras)?, core(plan, second, &mut extras)?) {
            ((Core::Fr, Scope::External), (Core::Co, Scope::External)) => true,
            ((Core::Fr, Scope::All), (Core::Co, Scope::All)) => false,
            _ => return None,
        };
        Some(AtomicityCheck { check, rmw, external, extras })
    })
}

/// Whether a node holds `rf`, `co` or `fr`, or the part of it between or inside threads. What else it may hold is
/// added to `extras`.
fn core(plan: &Plan, node: NodeId, extras: &mut Vec<NodeId>) -> Option<(Core, Scope)> {
    match plan.node(node) {
        Node::Base(Base::Rf) => Some((Core::Rf, Scope::All)),
        Node::Base(Base::Co) => Some((Core::Co, Scope::All)),
        Node::Union(..) => {
            let mut parts = plan.union_parts(node);
            let is_base = |part: &NodeId| matches!(plan.node(*part), Node::Base(Base::Rf | Base::Co));
            let base = parts.remove(parts.iter().position(is_base)?);
            extras.extend(parts);
            core(plan, base, extras)
        }
        // `co` is transitive.
        Node::Plus(inner) => core(plan, inner, extras).filter(|(core, _)| *core == Core::Co),
        Node::Sequence(inverse, co) => {
            let Node::Inverse(rf) = plan.node(inverse) else { return None };
            match (core(plan, rf, extras)?, core(plan, co, extras)?) {
                ((Core::Rf, Scope::All), (Core::Co, Scope::All)) => Some((Core::Fr, Scope::All)),
                _ => None,
            }
        }
        Node::Difference(a, b) if plan.node(b) == Node::Identity => {
            core(plan, a, extras).filter(|(core, _)| *core == Core::Fr)
        }
        Node::Intersection(a, b) => {
            let (scope, inner) = match (scope(plan, a), scope(plan, b)) {
                (Some(scope), None) => (scope, b),
                (None, Some(scope)) => (scope, a),
                _ => return None,
            };
            let (core, Scope::All) = core(plan, inner, extras)? else { return None };
            Some((core, scope))
        }
        Node::Difference(a, b) => {
            let (whole, Scope::All) = core(plan, a, extras)? else { return None };
            match scope(plan, b) {
                Some(Scope::Internal) => return Some((whole, Scope::External)),
                Some(Scope::External) => return Some((whole, Scope::Internal)),
                _ => {}
            }
            // What is taken away must be no more than that part.
            let mut more = Vec::new();
            match core(plan, b, &mut more)? {
                (part, Scope::Internal) if part == whole && more.is_empty() => Some((whole, Scope::External)),
                (part, Scope::External) if part == whole && more.is_empty() => Some((whole, Scope::Internal)),
                _ => None,
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
