//! Two checks that nearly every model has, and that say much about `rf` and `co` before they are chosen in full.
//!
//! *Coherence*: `acyclic s | rf | co | fr` where `s` holds program order per location. Then some writes can't be
//! read, and each choice of `rf` forces edges of `co`.
//! *Atomicity*: `empty rmw & (fr; co)`, between threads or not. Then nothing may come between the write that an
//! atomic update reads and the one that it makes.
//!
//! Both are found by their shape. A model that says the same in another way is judged just as well, only slower.

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
}

/// What was found in a plan.
#[derive(Clone, Debug, Default)]
pub(super) struct Recognised {
    /// The coherence checks.
    pub(super) coherence: Vec<CoherenceCheck>,
    /// For each atomicity check: the node of `rmw`, and whether only other threads' writes may not come between.
    pub(super) atomicity: Vec<(NodeId, bool)>,
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
                let parts = coherence(plan, check.node);
                found.coherence.extend(parts.map(|parts| CoherenceCheck { check: index, parts }));
            }
            Test::Empty => found.atomicity.extend(atomicity(plan, check.node)),
            Test::Irreflexive => {}
        }
    }
    found
}

fn coherence(plan: &Plan, node: NodeId) -> Option<Vec<NodeId>> {
    let node = match plan.node(node) {
        Node::Plus(inner) => inner,
        _ => node,
    };
    let mut rest = Vec::new();
    let mut cores = Vec::new();
    for part in plan.union_parts(node) {
        match core(plan, part) {
            Some(core) => cores.push(core),
            None => rest.push(part),
        }
    }
    let whole = |core: Core| {
        cores.contains(&(core, Scope::All))
            || (cores.contains(&(core, Scope::External)) && cores.contains(&(core, Scope::Internal)))
    };
    (whole(Core::Rf) && whole(Core::Co) && whole(Core::Fr)).then_some(rest)
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

/// Whether a node is `rf`, `co` or `fr`, or the part of it between or inside threads.
fn core(plan: &Plan, node: NodeId) -> Option<(Core, Scope)> {
    match plan.node(node) {
        Node::Base(Base::Rf) => Some((Core::Rf, Scope::All)),
        Node::Base(Base::Co) => Some((Core::Co, Scope::All)),
        Node::Sequence(inverse, co) => {
            let is_inverse =
                matches!(plan.node(inverse), Node::Inverse(rf) if plan.node(rf) == Node::Base(Base::Rf));
            (is_inverse && plan.node(co) == Node::Base(Base::Co)).then_some((Core::Fr, Scope::All))
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
            match scope(plan, b) {
                Some(Scope::Internal) => return Some((whole, Scope::External)),
                Some(Scope::External) => return Some((whole, Scope::Internal)),
                _ => {}
            }
            match core(plan, b)? {
                (part, Scope::Internal) if part == whole => Some((whole, Scope::External)),
                (part, Scope::External) if part == whole => Some((whole, Scope::Internal)),
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
