//! The order in which a plan's operations are done, and what is known of them without a structure.

use super::Stage;
use cat::ast::Test;
use cat::plan::{Base, Deps, FixId, Node, NodeId, Plan, PlanCheck};

/// The order in which a plan's operations are done; made once a plan.
#[derive(Clone, Debug)]
pub(in crate::enumerate) struct Schedule {
    /// Nodes outside of all fixpoints, operands first. A plan holds only what its checks need.
    pub(super) order: Vec<NodeId>,
    /// For each fixpoint and binding: the nodes inside of it that the body needs, operands first.
    pub(super) inner: Vec<Vec<Vec<NodeId>>>,
    /// What each node depends on, with what the fixpoints that it is inside of depend on.
    pub(super) deps: Vec<Deps>,
    /// Unions and closures that only acyclicity checks look at: those take them apart.
    pub(super) taken_apart: Vec<bool>,
    /// Nodes that hold the identity because of how they are made, and are used only where pairs of an event with
    /// itself do not matter unless another operand has that event.
    pub(super) reflexive: Vec<bool>,
    /// For each check that asks for acyclicity: the parts of the union that it is about.
    pub(super) cycles: Vec<Option<Vec<NodeId>>>,
    /// The values that are there before any operation, if addresses are known, and if not.
    pub(super) leaves: Vec<NodeId>,
    pub(super) leaves_but_loc: Vec<NodeId>,
    /// When each operation can be done, and the static nodes that others are made from or checks that choices decide look
    /// at: if addresses are known, and if not.
    pub(super) stages: [Vec<Stage>; 2],
    pub(super) used: [Vec<NodeId>; 2],
    /// Whether the model asks which writes are final.
    pub(in crate::enumerate) uses_final_writes: bool,
}

impl Schedule {
    pub(in crate::enumerate) fn new(plan: &Plan) -> Schedule {
        let all = (0..plan.nodes.len() as u32).map(NodeId);
        let order = all.filter(|node| plan.inside[node.index()].is_empty()).collect();
        let inner = (0..plan.fixes.len()).map(|i| inner_order(plan, FixId(i as u32))).collect();
        let mut schedule = Schedule {
            order,
            inner,
            deps: effective_deps(plan),
            taken_apart: Vec::new(),
            reflexive: Vec::new(),
            cycles: plan
                .checks
                .iter()
                .map(|check| acyclic_operand(plan, check).map(|operand| plan.union_parts(operand)))
                .collect(),
            leaves: Vec::new(),
            leaves_but_loc: Vec::new(),
            stages: [Vec::new(), Vec::new()],
            used: [Vec::new(), Vec::new()],
            uses_final_writes: false,
        };
        let leaf = |node: &NodeId| super::form::is_leaf(plan, *node, schedule.deps[node.index()]);
        schedule.leaves = schedule.order.iter().copied().filter(leaf).collect();
        let is_loc = |node: &NodeId| plan.node(*node) == Node::Base(Base::Loc);
        schedule.leaves_but_loc = schedule.leaves.iter().copied().filter(|leaf| !is_loc(leaf)).collect();
        let uses_final_writes = schedule.all().any(|node| plan.node(node) == Node::Base(Base::FinalWrites));
        schedule.uses_final_writes = uses_final_writes;
        schedule.taken_apart = taken_apart(plan, &schedule);
        schedule.reflexive = reflexive(plan, &schedule);
        schedule.stages = [true, false].map(|known| schedule.stages_if(known));
        schedule.used = [true, false].map(|known| schedule.used_by_others(plan, schedule.stages(known)));
        schedule
    }

    /// When each operation can be done, as far as the plan tells.
    pub(super) fn stages(&self, addresses_known: bool) -> &[Stage] {
        &self.stages[usize::from(!addresses_known)]
    }

    /// The static nodes that others are made from, or that checks which choices decide look at.
    pub(super) fn used(&self, addresses_known: bool) -> &[NodeId] {
        &self.used[usize::from(!addresses_known)]
    }

    fn stages_if(&self, addresses_known: bool) -> Vec<Stage> {
        let stage = |deps: &Deps| {
            let deps = if addresses_known { deps.without(Deps::ADDRESSES) } else { *deps };
            match deps {
                deps if deps.has(Deps::CO) => Stage::Co,
                Deps::NONE => Stage::Static,
                _ => Stage::Rf,
            }
        };
        self.deps.iter().map(stage).collect()
    }

    fn used_by_others(&self, plan: &Plan, stages: &[Stage]) -> Vec<NodeId> {
        let is_static = |node: NodeId| stages[node.index()] == Stage::Static;
        let mut used: Vec<NodeId> = self
            .all()
            .filter(|node| !is_static(*node))
            .flat_map(|node| plan.node(node).operands())
            .chain(self.cycles.iter().flatten().flatten().copied())
            .filter(|node| is_static(*node) && plan.inside[node.index()].is_empty())
            .collect();
        used.sort_unstable();
        used.dedup();
        used
    }

    pub(super) fn all(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.order.iter().chain(self.inner.iter().flatten().flatten()).copied()
    }
}

/// A variable of a fixpoint depends on all that the fixpoint's bodies do.
fn effective_deps(plan: &Plan) -> Vec<Deps> {
    let mut deps = plan.deps.clone();
    loop {
        let before = deps.clone();
        let of_fix: Vec<Deps> = plan
            .fixes
            .iter()
            .map(|fix| fix.bodies.iter().fold(Deps::NONE, |sum, body| sum.with(deps[body.index()])))
            .collect();
        for (i, node_deps) in deps.iter_mut().enumerate() {
            for fix in &plan.inside[i] {
                *node_deps = node_deps.with(of_fix[fix.0 as usize]);
            }
        }
        if deps == before {
            return deps;
        }
    }
}

fn taken_apart(plan: &Plan, schedule: &Schedule) -> Vec<bool> {
    let mut unions = vec![false; plan.nodes.len()];
    for check in &plan.checks {
        if let Some(operand) = acyclic_operand(plan, check) {
            unions[check.node.index()] = operand != check.node;
            mark_unions(plan, operand, &mut unions);
        }
    }
    // Operands come first, so that users are seen before what they use when going backwards.
    let fix_bodies = plan.fixes.iter().flat_map(|fix| &fix.bodies);
    let checked = plan.checks.iter().filter(|check| acyclic_operand(plan, check).is_none()).map(|c| &c.node);
    for node in fix_bodies.chain(checked).copied().chain(plan.choice_nodes()) {
        unions[node.index()] = false;
    }
    let mut nodes: Vec<NodeId> = schedule.all().collect();
    nodes.sort_unstable();
    nodes.dedup();
    for node in nodes.into_iter().rev() {
        if !unions[node.index()] {
            plan.node(node).operands().for_each(|operand| unions[operand.index()] = false);
        }
    }
    unions
}

fn reflexive(plan: &Plan, schedule: &Schedule) -> Vec<bool> {
    let mut result = vec![false; plan.nodes.len()];
    for (i, node) in plan.nodes.iter().enumerate() {
        let is = |id: NodeId| result[id.index()] || plan.node(id) == Node::Identity;
        result[i] = match *node {
            Node::Union(a, b) => is(a) || is(b),
            Node::Sequence(a, b) => is(a) && is(b),
            Node::Plus(a) | Node::Inverse(a) => is(a),
            _ => false,
        };
    }
    for node in schedule.all() {
        match plan.node(node) {
            Node::Union(..)
            | Node::Sequence(..)
            | Node::Plus(_)
            | Node::Inverse(_)
            | Node::Intersection(..)
            | Node::RestrictDomain(..)
            | Node::RestrictRange(..) => {}
            Node::Difference(_, b) => result[b.index()] = false,
            other => other.operands().for_each(|operand| result[operand.index()] = false),
        }
    }
    let bodies = plan.fixes.iter().flat_map(|fix| fix.bodies.iter().copied());
    for node in bodies.chain(plan.checks.iter().map(|check| check.node)).chain(plan.choice_nodes()) {
        result[node.index()] = false;
    }
    result
}

/// For each binding, the nodes that its body needs and that change while the fixpoint is iterated.
fn inner_order(plan: &Plan, fix: FixId) -> Vec<Vec<NodeId>> {
    let bodies = plan.fixes[fix.0 as usize].bodies.iter();
    bodies
        .map(|body| {
            let mut seen = vec![false; plan.nodes.len()];
            let mut todo = vec![*body];
            while let Some(node) = todo.pop() {
                if !plan.inside[node.index()].contains(&fix)
                    || std::mem::replace(&mut seen[node.index()], true)
                {
                    continue;
                }
                todo.extend(plan.node(node).operands());
                if let Node::Fix(inner, _) = plan.node(node) {
                    todo.extend(plan.fixes[inner.0 as usize].bodies.iter().copied());
                }
            }
            // Nodes of fixpoints inside this one are done by those.
            let direct = |node: &NodeId| {
                seen[node.index()]
                    && !matches!(plan.node(*node), Node::Var(..))
                    && plan.inside[node.index()].iter().all(|other| plan_encloses(plan, *other, fix))
            };
            (0..plan.nodes.len() as u32).map(NodeId).filter(direct).collect()
        })
        .collect()
}

/// Whether `outer` is `inner` or a fixpoint around it.
fn plan_encloses(plan: &Plan, outer: FixId, inner: FixId) -> bool {
    outer == inner
        || plan.nodes.iter().enumerate().any(|(i, node)| {
            matches!(node, Node::Fix(fix, _) if *fix == inner) && plan.inside[i].contains(&outer)
        })
}

/// The relation whose acyclicity a check asks for, looking through closures.
pub(super) fn acyclic_operand(plan: &Plan, check: &PlanCheck) -> Option<NodeId> {
    match (check.test, plan.node(check.node)) {
        (Test::Acyclic | Test::Irreflexive, Node::Plus(inner)) => Some(inner),
        (Test::Acyclic, _) => Some(check.node),
        _ => None,
    }
}

fn mark_unions(plan: &Plan, node: NodeId, unions: &mut [bool]) {
    let mut todo = vec![node];
    while let Some(node) = todo.pop() {
        if let Node::Union(a, b) = plan.node(node) {
            unions[node.index()] = true;
            todo.extend([a, b]);
        }
    }
}
