//! Values over all events: exact for what is static, bounds from above for the rest.

use super::{Facts, Machine, Schedule, Stage};
use cat::ast::Test;
use cat::plan::{Base, FixId, Node, NodeId, Plan, Sort};
use relation::{Shape, kernel as k};

/// Where the empty value lies.
const EMPTY: usize = 0;

impl Machine {
    pub(super) fn classify(&mut self, plan: &Plan, schedule: &Schedule, facts: &dyn Facts) {
        let count = plan.nodes.len();
        self.wide_at.clear();
        self.wide_at.resize(count, usize::MAX);
        self.empty.clear();
        self.empty.resize(count, false);
        // The empty value, large enough for both sorts.
        self.wide.clear();
        let full = Shape::new(facts.universe());
        self.wide.resize(full.matrix().max(full.words), 0);
        self.fix_done.clear();
        self.fix_done.resize(plan.fixes.len(), false);
        self.set_stages(schedule, facts.addresses_known());
        self.was_static.clear();
        self.was_static.extend(self.stage.iter().map(|stage| *stage == Stage::Static));
    }

    /// When each operation can be done, as far as the plan tells.
    pub(super) fn set_stages(&mut self, schedule: &Schedule, addresses_known: bool) {
        self.stage.clear();
        self.stage.extend_from_slice(schedule.stages(addresses_known));
    }

    /// Once bounds are known: an operation whose operands that depend on `co` are empty does not depend on `co`, and
    /// what depends on nothing any more has its bound as its value.
    pub(super) fn refine_stages(&mut self, plan: &Plan, schedule: &Schedule) {
        for node in &schedule.order {
            let refined = self.refined_stage(plan, schedule, *node);
            self.stage[node.index()] = refined;
        }
    }

    fn refined_stage(&mut self, plan: &Plan, schedule: &Schedule, node: NodeId) -> Stage {
        let nominal = self.stage[node.index()];
        if nominal == Stage::Static || self.empty[node.index()] {
            return Stage::Static;
        }
        match plan.node(node) {
            Node::Base(_) => nominal,
            Node::Fix(fix, _) => {
                let mut latest = Stage::Static;
                for inner in schedule.inner[fix.0 as usize].iter().flatten() {
                    latest = latest.max(self.stage_of_operation(plan, *inner, true));
                    if let Node::Fix(nested, _) = plan.node(*inner) {
                        for node in schedule.inner[nested.0 as usize].iter().flatten() {
                            latest = latest.max(self.stage_of_operation(plan, *node, true));
                        }
                    }
                }
                latest
            }
            _ => self.stage_of_operation(plan, node, false),
        }
    }

    /// The latest stage of the operands that are not empty; inside a fixpoint, of those that come from outside.
    fn stage_of_operation(&self, plan: &Plan, node: NodeId, inside: bool) -> Stage {
        if self.empty[node.index()] {
            return Stage::Static;
        }
        let operands = plan.node(node).operands().filter(|operand| {
            !self.empty[operand.index()] && (!inside || plan.inside[operand.index()].is_empty())
        });
        let latest = operands.map(|operand| self.stage[operand.index()]).max().unwrap_or(Stage::Static);
        // The bound of a difference takes nothing away that is not known for certain: it is not the value.
        let inexact = match plan.node(node) {
            Node::Difference(_, b) => !self.empty[b.index()] && !self.was_static[b.index()],
            Node::Complement(a) => !self.was_static[a.index()],
            _ => false,
        };
        if inexact { latest.max(Stage::Rf) } else { latest }
    }

    pub(super) fn wide_size(sort: Sort, shape: Shape) -> usize {
        match sort {
            Sort::Set => shape.words,
            Sort::Relation => shape.matrix(),
        }
    }

    pub(super) fn wide_value(&self, plan: &Plan, node: NodeId, shape: Shape) -> &[u64] {
        let at = self.wide_at[node.index()];
        &self.wide[at..at + Self::wide_size(plan.sorts[node.index()], shape)]
    }

    /// Where the value of a node lies already, because some of its operands are empty. Most models ask for much that
    /// most tests don't have.
    fn same_as(&self, plan: &Plan, id: NodeId) -> Option<usize> {
        let empty = |node: NodeId| self.empty[node.index()];
        let at = |node: NodeId| Some(self.wide_at[node.index()]);
        match plan.node(id) {
            Node::Empty(_) => Some(EMPTY),
            Node::Union(a, b) if empty(a) => at(b),
            Node::Union(a, b) | Node::Difference(a, b) if empty(b) => at(a),
            Node::Difference(a, _) if empty(a) => Some(EMPTY),
            Node::Intersection(a, b)
            | Node::Sequence(a, b)
            | Node::Product(a, b)
            | Node::RestrictDomain(a, b)
            | Node::RestrictRange(a, b)
                if empty(a) || empty(b) =>
            {
                Some(EMPTY)
            }
            Node::IdentityOn(a) | Node::Plus(a) | Node::Inverse(a) | Node::Domain(a) | Node::Range(a)
                if empty(a) =>
            {
                Some(EMPTY)
            }
            _ => None,
        }
    }

    pub(super) fn wide_node(
        &mut self,
        plan: &Plan,
        schedule: &Schedule,
        facts: &dyn Facts,
        full: Shape,
        id: NodeId,
    ) {
        let sort = plan.sorts[id.index()];
        let size = Self::wide_size(sort, full);
        if plan.inside[id.index()].is_empty()
            && let Some(at) = self.same_as(plan, id)
        {
            self.wide_at[id.index()] = at;
            self.empty[id.index()] = at == EMPTY;
            return;
        }
        if self.wide_at[id.index()] == usize::MAX {
            self.wide_at[id.index()] = self.wide.len();
            self.wide.resize(self.wide.len() + size, 0);
        }
        if let Node::Fix(fix, index) = plan.node(id) {
            let outermost = plan.inside[id.index()].is_empty();
            if !outermost || !std::mem::replace(&mut self.fix_done[fix.0 as usize], true) {
                self.wide_fix(plan, schedule, facts, full, fix);
            }
            let var = plan.fixes[fix.0 as usize].vars[index as usize];
            let from = self.wide_at[var.index()];
            let to = self.wide_at[id.index()];
            self.wide.copy_within(from..from + size, to);
        } else {
            // A value lies behind those that it is made from.
            let (before, rest) = self.wide.split_at_mut(self.wide_at[id.index()]);
            let known =
                Known { plan, full, wide: before, at: &self.wide_at, stage: &self.stage, empty: &self.empty };
            known.operation(facts, id, &mut rest[..size]);
        }
        let at = self.wide_at[id.index()];
        self.empty[id.index()] = k::is_empty(&self.wide[at..at + size]);
    }

    /// Iterates a fixpoint over all events. Static ones get their value, others a bound from above.
    fn wide_fix(&mut self, plan: &Plan, schedule: &Schedule, facts: &dyn Facts, full: Shape, fix: FixId) {
        let inner = &schedule.inner[fix.0 as usize];
        let Some(description) = plan.fixes.get(fix.0 as usize) else { return };
        for var in &description.vars {
            let size = Self::wide_size(plan.sorts[var.index()], full);
            if self.wide_at[var.index()] == usize::MAX {
                self.wide_at[var.index()] = self.wide.len();
                self.wide.resize(self.wide.len() + size, 0);
            }
            let at = self.wide_at[var.index()];
            self.wide[at..at + size].fill(0);
            self.empty[var.index()] = true;
        }
        loop {
            let mut grew = false;
            for (binding, (var, body)) in description.vars.iter().zip(&description.bodies).enumerate() {
                for node in &inner[binding] {
                    self.wide_node(plan, schedule, facts, full, *node);
                }
                let size = Self::wide_size(plan.sorts[var.index()], full);
                let (from, to) = (self.wide_at[body.index()], self.wide_at[var.index()]);
                grew |= !k::is_subset(&self.wide[from..from + size], &self.wide[to..to + size]);
                self.wide.copy_within(from..from + size, to);
                self.empty[var.index()] = k::is_empty(&self.wide[to..to + size]);
            }
            if !grew {
                return;
            }
        }
    }

    pub(super) fn wide_test(&mut self, plan: &Plan, test: Test, node: NodeId, full: Shape) -> bool {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        scratch.resize(full.words, 0);
        let value = self.wide_value(plan, node, full);
        let holds = match test {
            Test::Empty => k::is_empty(value),
            Test::Irreflexive => k::is_irreflexive(full, value),
            Test::Acyclic => k::is_acyclic(full, value, &mut scratch),
        };
        self.scratch = scratch;
        holds
    }
}

/// What is known while a structure is prepared.
struct Known<'a> {
    plan: &'a Plan,
    full: Shape,
    wide: &'a [u64],
    at: &'a [usize],
    stage: &'a [Stage],
    empty: &'a [bool],
}

impl Known<'_> {
    fn value(&self, node: NodeId) -> &[u64] {
        let at = self.at[node.index()];
        &self.wide[at..at + Machine::wide_size(self.plan.sorts[node.index()], self.full)]
    }

    /// Computes an operation; `out` holds anything.
    fn operation(&self, facts: &dyn Facts, id: NodeId, out: &mut [u64]) {
        let (plan, full) = (self.plan, self.full);
        let value = |node: NodeId| self.value(node);
        let is_static = |node: NodeId| self.stage[node.index()] == Stage::Static;
        match plan.node(id) {
            Node::Base(base) => match base {
                Base::Rf => facts.may_rf(out),
                Base::Co => facts.may_co(out),
                Base::Loc => facts.same_location(out),
                Base::Choice(number) => facts.may_choose(number, out),
                Base::FinalWrites => facts.may_be_final(out),
                Base::DifferentValues => facts.may_differ(out),
                Base::Element(_) => out.fill(0),
                Base::Static(name) => facts.named(name, out),
            },
            Node::Empty(_) => out.fill(0),
            Node::Full(Sort::Set) => k::fill_set(full, out),
            Node::Full(Sort::Relation) => {
                (0..full.n).for_each(|i| k::fill_set(full, k::row_mut(full, out, i)));
            }
            Node::Identity => k::identity(full, out),
            Node::IdentityOn(a) => k::identity_on(full, out, value(a)),
            Node::Product(a, b) => {
                k::product(full, out, value(a), value(b));
                // What one side takes away is the other: the bound of `(W \ FW) * FW` has no event with itself.
                let are_disjoint = |a, b| matches!(plan.node(a), Node::Difference(_, taken) if taken == b);
                if are_disjoint(a, b) || are_disjoint(b, a) {
                    (0..full.n).for_each(|i| k::take(k::row_mut(full, out, i), i));
                }
            }
            Node::Union(a, b) => k::union(out, value(a), value(b)),
            Node::Intersection(a, b) => k::intersection(out, value(a), value(b)),
            // What is taken away is not known in full: nothing may be taken from a bound from above.
            Node::Difference(a, b) if is_static(b) => k::difference(out, value(a), value(b)),
            Node::Difference(a, _) => out.copy_from_slice(value(a)),
            Node::Complement(a) => match (plan.sorts[id.index()], is_static(a)) {
                (Sort::Set, true) => k::complement_set(full, out, value(a)),
                (Sort::Set, false) => k::fill_set(full, out),
                (Sort::Relation, true) => k::complement(full, out, value(a)),
                (Sort::Relation, false) => {
                    (0..full.n).for_each(|i| k::fill_set(full, k::row_mut(full, out, i)));
                }
            },
            Node::Sequence(a, b) => {
                if self.empty[a.index()] || self.empty[b.index()] {
                    out.fill(0);
                } else {
                    k::sequence(full, out, value(a), value(b));
                }
            }
            Node::RestrictDomain(a, b) => k::restrict_domain(full, out, value(a), value(b)),
            Node::RestrictRange(a, b) => k::restrict_range(full, out, value(a), value(b)),
            Node::Plus(a) => {
                out.copy_from_slice(value(a));
                if !self.empty[a.index()] {
                    k::close(full, out);
                }
            }
            Node::Inverse(a) => k::converse(full, out, value(a)),
            Node::Domain(a) => k::domain(full, out, value(a)),
            Node::Range(a) => k::range(full, out, value(a)),
            Node::Var(..) | Node::Fix(..) => {}
        }
    }
}
