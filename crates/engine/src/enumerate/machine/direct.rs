//! The short way from a plan to steps, for structures with few candidates.
//!
//! Bounds from above and a smaller universe pay only where many candidates are judged. With few of them the values
//! over all events serve as they are, and of each operation only one thing is asked: whether it can be other than
//! empty. Most models ask for much that most tests don't have.

use super::{Machine, Op, Place, Schedule, SmallTest, Stage, Step};
use cat::plan::{Base, FixId, Node, NodeId, Plan, Sort};
use relation::Shape;
use smallvec::SmallVec;

impl Machine {
    /// Lowers a node that choices may decide; `once` are the steps that they turn out not to.
    pub(super) fn lower_directly(
        &mut self,
        plan: &Plan,
        schedule: &Schedule,
        full: Shape,
        node: NodeId,
        once: &mut Vec<Step>,
    ) {
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
            // Fixpoints have memory of their own.
            Stage::Static if matches!(step, Some(Step { op: Op::Fix(_), .. })) => Stage::Rf,
            stage => stage,
        };
        self.stage[i] = stage;
        match (step, stage) {
            (None, _) => {}
            (Some(step), Stage::Co) => self.co_steps.push(step),
            (Some(step), Stage::Rf) => self.rf_steps.push(step),
            (Some(step), Stage::Static) => once.push(step),
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

    pub(super) fn is_surely_empty(&mut self, plan: &Plan, schedule: &Schedule, node: NodeId) -> bool {
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

    /// The parts of an acyclicity check, the static ones united by steps that are done once.
    pub(super) fn acyclic_directly(
        &mut self,
        plan: &Plan,
        parts: &[NodeId],
        full: Shape,
        once: &mut Vec<Step>,
    ) -> SmallTest {
        let mut places: SmallVec<[Place; 6]> = SmallVec::new();
        let mut fixed: Option<Place> = None;
        for part in parts.iter().copied().filter(|part| !self.empty[part.index()]).collect::<Vec<_>>() {
            let place = self.place_of(plan, part, full);
            match fixed {
                _ if self.stage[part.index()] != Stage::Static => places.push(place),
                None => fixed = Some(place),
                Some(sum) => {
                    let to = self.allocate(Sort::Relation);
                    once.push(Step::new(Op::Union, sum, place, to, Sort::Relation));
                    fixed = Some(to);
                }
            }
        }
        places.insert_many(0, fixed);
        SmallTest::Acyclic(places)
    }
}

/// Whether it is likely to be quicker to judge all candidates as they are than to find bounds first.
pub(super) fn is_worth_it(full: Shape, candidates: usize) -> bool {
    full.words == 1 && candidates <= 64
}
