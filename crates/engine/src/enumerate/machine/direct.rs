//! The short way from a plan to steps, for structures with few candidates.
//!
//! Bounds from above and a smaller universe pay only where many candidates are judged. With few of them the values
//! over all events serve as they are, and of each operation only one thing is asked: whether it can be other than
//! empty. Most models ask for much that most tests don't have.

use super::{Machine, Place, Prepared, Schedule, SmallTest, Stage};
use cat::ast::Test;
use cat::plan::{Base, FixId, Node, NodeId, Plan, PlanCheck, Sort};
use relation::{Shape, kernel as k};

impl Machine {
    /// As `prepare_choices`, without bounds.
    pub(super) fn prepare_directly(&mut self, plan: &Plan, schedule: &Schedule, full: Shape) -> Prepared {
        std::mem::swap(&mut self.wide, &mut self.small);
        self.shape = full;
        self.direct = true;
        self.small_id.clear();
        self.small_id.extend(0..full.n as u32);
        self.start_lowering(plan);
        for node in &schedule.order {
            let i = node.index();
            if self.stage[i] == Stage::Static {
                self.place[i] = self.wide_at[i];
                continue;
            }
            self.lower_directly(plan, schedule, full, *node);
        }
        self.finish_lowering(plan, schedule, full)
    }

    fn lower_directly(&mut self, plan: &Plan, schedule: &Schedule, full: Shape, node: NodeId) {
        let i = node.index();
        self.empty[i] = self.is_surely_empty(plan, schedule, node);
        if self.empty[i] {
            self.place[i] = 0;
            return;
        }
        if schedule.taken_apart[i] {
            return;
        }
        let step = self.step(plan, schedule, full, node, false);
        let stage = match self.direct_stage(plan, node) {
            // What is left of its operands is fixed, but this is not computed yet.
            Stage::Static if step.is_some() => Stage::Rf,
            stage => stage,
        };
        self.stage[i] = stage;
        match (step, stage) {
            (None, _) => {}
            (Some(step), Stage::Co) => self.co_steps.push(step),
            (Some(step), _) => self.rf_steps.push(step),
        }
    }

    /// The latest stage of the operands that are not empty.
    fn direct_stage(&self, plan: &Plan, node: NodeId) -> Stage {
        match plan.node(node) {
            Node::Base(_) | Node::Complement(_) | Node::Fix(..) => self.stage[node.index()],
            operation => {
                let operands = operation.operands().filter(|operand| !self.empty[operand.index()]);
                operands.map(|operand| self.stage[operand.index()]).max().unwrap_or(Stage::Static)
            }
        }
    }

    fn is_surely_empty(&mut self, plan: &Plan, schedule: &Schedule, node: NodeId) -> bool {
        if let Node::Fix(fix, index) = plan.node(node) {
            self.find_empty_inside(plan, schedule, fix);
            return self.empty[plan.fixes[fix.0 as usize].vars[index as usize].index()];
        }
        let empty = |node: NodeId| self.empty[node.index()];
        match plan.node(node) {
            // What has such choices is searched with bounds.
            Node::Base(base) => matches!(base, Base::Choice(_) | Base::Element(_)),
            Node::Full(_) | Node::Identity | Node::Complement(_) => false,
            Node::Empty(_) => true,
            Node::Union(a, b) => empty(a) && empty(b),
            Node::Difference(a, _)
            | Node::IdentityOn(a)
            | Node::Plus(a)
            | Node::Inverse(a)
            | Node::Domain(a)
            | Node::Range(a) => empty(a),
            Node::Intersection(a, b)
            | Node::Sequence(a, b)
            | Node::Product(a, b)
            | Node::RestrictDomain(a, b)
            | Node::RestrictRange(a, b) => empty(a) || empty(b),
            Node::Var(..) | Node::Fix(..) => empty(node),
        }
    }

    /// Finds the bindings of a fixpoint that stay empty.
    fn find_empty_inside(&mut self, plan: &Plan, schedule: &Schedule, fix: FixId) {
        let description = &plan.fixes[fix.0 as usize];
        description.vars.iter().for_each(|var| self.empty[var.index()] = true);
        loop {
            let mut changed = false;
            for (binding, (var, body)) in description.vars.iter().zip(&description.bodies).enumerate() {
                for node in &schedule.inner[fix.0 as usize][binding] {
                    self.empty[node.index()] = self.is_surely_empty(plan, schedule, *node);
                }
                if self.empty[var.index()] && !self.empty[body.index()] {
                    self.empty[var.index()] = false;
                    changed = true;
                }
            }
            if !changed {
                return;
            }
        }
    }

    /// The parts of an acyclicity check, the static ones united.
    pub(super) fn acyclic_directly(&mut self, plan: &Plan, parts: &[NodeId], full: Shape) -> SmallTest {
        let is_fixed = |machine: &Machine, part: NodeId| machine.stage[part.index()] == Stage::Static;
        let mut places: Vec<Place> = Vec::new();
        let mut fixed: Option<Place> = None;
        let mut fixed_is_own = false;
        for part in parts.iter().copied().filter(|part| !self.empty[part.index()]).collect::<Vec<_>>() {
            let place = self.place_of(plan, part, full);
            match fixed {
                _ if !is_fixed(self, part) => places.push(place),
                None => fixed = Some(place),
                Some(sum) => {
                    let sum = if fixed_is_own { sum } else { self.copy_of(sum) };
                    for at in 0..full.matrix() {
                        self.small[sum + at] |= self.small[place + at];
                    }
                    (fixed, fixed_is_own) = (Some(sum), true);
                }
            }
        }
        places.splice(0..0, fixed);
        SmallTest::Acyclic(places)
    }

    /// Whether a check holds for all candidates, as far as that is known.
    pub(super) fn holds_already(&mut self, plan: &Plan, check: &PlanCheck, full: Shape) -> bool {
        let i = check.node.index();
        if self.empty[i] {
            return true;
        }
        if self.stage[i] != Stage::Static || plan.sorts[i] == Sort::Set {
            return false;
        }
        let place = self.place_of(plan, check.node, full);
        let value = &self.small[place..place + full.matrix()];
        match check.test {
            Test::Empty => false,
            Test::Irreflexive => k::is_irreflexive(full, value),
            Test::Acyclic => k::is_acyclic(full, value, &mut vec![0; full.words]),
        }
    }

    fn copy_of(&mut self, place: Place) -> Place {
        let size = Self::wide_size(Sort::Relation, self.shape);
        let copy = self.allocate(Sort::Relation);
        self.small.copy_within(place..place + size, copy);
        copy
    }
}

/// Whether it is likely to be quicker to judge all candidates as they are than to find bounds first.
pub(super) fn is_worth_it(full: Shape, candidates: usize) -> bool {
    full.words == 1 && candidates <= 64
}
