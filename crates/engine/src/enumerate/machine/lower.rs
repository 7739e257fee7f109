//! From a plan and what is known of a structure to steps over the small universe.

use super::{
    Change, Facts, Inputs, Machine, Op, Place, Prepared, Schedule, SmallBinding, SmallCheck, SmallFix,
    SmallTest, Stage, Step,
};
use cat::ast::{Role, Test};
use cat::plan::{Base, Choice, FixId, Monotonicity, Node, NodeId, Plan, Sort};
use execution::{Predefined, SetName};
use relation::{Shape, kernel as k};
use smallvec::SmallVec;

impl Machine {
    /// Collects the events that dynamic values can hold.
    pub(super) fn choose_active(&mut self, plan: &Plan, schedule: &Schedule, facts: &dyn Facts, full: Shape) {
        let mut active = vec![0; full.words];
        facts.predefined(Predefined::Set(SetName::Memory), &mut active);
        for choice in plan.co.iter().copied().map(Choice::Orders).chain(plan.choices.iter().copied()) {
            if let Choice::Orders(orders) = choice {
                k::union_with(&mut active, self.static_set(plan, orders.set));
            }
        }
        for node in schedule.all() {
            let i = node.index();
            let is_static = self.stage[i] == Stage::Static;
            if is_static || self.empty[i] || schedule.taken_apart[i] || self.wide_at[i] == usize::MAX {
                continue;
            }
            let value = self.wide_value(plan, node, full);
            if plan.sorts[i] == Sort::Set {
                k::union_with(&mut active, value);
                continue;
            }
            for j in 0..full.n {
                let row = k::row(full, value, j);
                let only_itself = schedule.reflexive[i] && k::elements(row).eq([j]);
                if !k::is_empty(row) && !only_itself {
                    k::put(&mut active, j);
                    k::union_with(&mut active, row);
                }
            }
        }
        self.active.clear();
        self.active.extend(k::elements(&active).map(|event| event as u32));
        self.small_id.clear();
        self.small_id.resize(full.n, u32::MAX);
        for (small, event) in self.active.iter().enumerate() {
            self.small_id[*event as usize] = small as u32;
        }
        self.shape = Shape::new(self.active.len());
    }

    pub(super) fn allocate(&mut self, sort: Sort) -> Place {
        let place = self.small.len();
        self.small.resize(place + Self::room(sort, self.shape()), 0);
        place
    }

    /// Turns what is left of the plan into steps over the small universe.
    /// A check that no choice can change any more may reject the structure.
    pub(super) fn lower(&mut self, plan: &Plan, schedule: &Schedule, full: Shape) -> Prepared {
        let shape = self.shape();
        self.small.clear();
        // The empty value, large enough for both sorts.
        self.small.resize(Self::empty_room(shape), 0);
        self.start_lowering(plan);
        for node in &schedule.order {
            let stage = self.stage[node.index()];
            if stage == Stage::Static || self.empty[node.index()] || schedule.taken_apart[node.index()] {
                continue;
            }
            if let Some(step) = self.step(plan, schedule, full, *node, false) {
                match stage {
                    Stage::Co => self.co_steps.push(step),
                    _ => self.rf_steps.push(step),
                }
            }
        }
        self.finish_lowering(plan, schedule, full)
    }

    pub(super) fn start_lowering(&mut self, plan: &Plan) {
        self.place.clear();
        self.place.resize(plan.nodes.len(), usize::MAX);
        self.rf_steps.clear();
        self.co_steps.clear();
        self.checks.clear();
        self.fixes.clear();
        self.fixes.resize(plan.fixes.len(), SmallFix::default());
        self.inputs = Inputs {
            rf: self.allocate(Sort::Relation),
            co: self.allocate(Sort::Relation),
            loc: self.allocate(Sort::Relation),
            last: self.allocate(Sort::Set),
            differ: 0,
        };
        self.inputs.differ = self.inputs.rf;
        self.bounds = super::bounds::BoundSteps::default();
    }

    /// Lowers the checks.
    pub(super) fn finish_lowering(&mut self, plan: &Plan, schedule: &Schedule, full: Shape) -> Prepared {
        for (index, check) in plan.checks.iter().enumerate() {
            if !self.was_static[check.node.index()]
                && self.lower_check(plan, schedule, index, full) == Prepared::Rejected
            {
                return Prepared::Rejected;
            }
        }
        self.changed.clear();
        self.changed.resize(self.small.len() + 1, Change::No);
        self.ran = [false; 2];
        Prepared::Ready
    }

    /// Where the small value of a node is; static ones are copied there on first use.
    pub(super) fn place_of(&mut self, plan: &Plan, node: NodeId, full: Shape) -> Place {
        let i = node.index();
        if self.empty[i] {
            return 0;
        }
        if self.place[i] != usize::MAX {
            return self.place[i];
        }
        let sort = plan.sorts[i];
        let place = self.allocate(sort);
        self.place[i] = place;
        if self.stage[i] == Stage::Static && !self.direct {
            let at = self.wide_at[i];
            match sort {
                Sort::Set => self.shrink(at, place, full),
                Sort::Relation => {
                    for small in 0..self.active.len() {
                        let from = at + self.active[small] as usize * full.words;
                        self.shrink(from, place + small * self.shape().words, full);
                    }
                }
            }
        }
        place
    }

    /// Copies a set over all events into the small universe.
    fn shrink(&mut self, from: usize, to: Place, full: Shape) {
        let words = self.shape().words;
        let mut out = [0u64; 4];
        let mut long = Vec::new();
        let target: &mut [u64] = if words <= 4 {
            &mut out[..words]
        } else {
            long.resize(words, 0);
            &mut long
        };
        for event in k::elements(&self.wide[from..from + full.words]) {
            let small = self.small_id[event];
            if small != u32::MAX {
                k::put(target, small as usize);
            }
        }
        self.small[to..to + words].copy_from_slice(target);
    }

    /// The step that computes a dynamic node; none where it is an input or the same as another value.
    /// A fixpoint with several results is done for the first one only, except `inside` of another.
    pub(super) fn step(
        &mut self,
        plan: &Plan,
        schedule: &Schedule,
        full: Shape,
        id: NodeId,
        inside: bool,
    ) -> Option<Step> {
        let inputs = self.inputs;
        let sort = plan.sorts[id.index()];
        let at = |machine: &mut Machine, node: NodeId| machine.place_of(plan, node, full);
        let (op, a, b) = match plan.node(id) {
            Node::Base(base) => {
                if base == Base::DifferentValues {
                    self.inputs.differ = self.allocate(sort);
                }
                self.place[id.index()] = match base {
                    Base::Rf => inputs.rf,
                    Base::Co => inputs.co,
                    Base::Loc => inputs.loc,
                    Base::FinalWrites => inputs.last,
                    Base::DifferentValues => self.inputs.differ,
                    // What has such choices is searched with bounds.
                    Base::Choice(_) | Base::Static(_) | Base::Element(_) => 0,
                };
                return None;
            }
            Node::Union(a, b) => match (at(self, a), at(self, b)) {
                (0, other) | (other, 0) => {
                    self.place[id.index()] = other;
                    return None;
                }
                (a, b) => (Op::Union, a, b),
            },
            Node::Difference(a, b) => match (at(self, a), at(self, b)) {
                (a, 0) => {
                    self.place[id.index()] = a;
                    return None;
                }
                (a, b) => (Op::Difference, a, b),
            },
            Node::Intersection(a, b) => (Op::Intersection, at(self, a), at(self, b)),
            Node::Complement(a) if sort == Sort::Set => (Op::ComplementSet, at(self, a), 0),
            Node::Complement(a) => (Op::Complement, at(self, a), 0),
            Node::Sequence(a, b) => (Op::Sequence, at(self, a), at(self, b)),
            Node::RestrictDomain(a, b) => (Op::RestrictDomain, at(self, a), at(self, b)),
            Node::RestrictRange(a, b) => (Op::RestrictRange, at(self, a), at(self, b)),
            Node::Plus(a) => (Op::Plus, at(self, a), 0),
            Node::Inverse(a) => (Op::Inverse, at(self, a), 0),
            Node::Domain(a) => (Op::Domain, at(self, a), 0),
            Node::Range(a) => (Op::Range, at(self, a), 0),
            Node::IdentityOn(a) => (Op::IdentityOn, at(self, a), 0),
            Node::Product(a, b) => (Op::Product, at(self, a), at(self, b)),
            Node::Fix(fix, index) => {
                let first = self.lower_fix(plan, schedule, full, fix);
                let var = plan.fixes[fix.0 as usize].vars[index as usize];
                self.place[id.index()] = self.place[var.index()];
                if !first && !inside {
                    return None;
                }
                (Op::Fix(fix.0), 0, 0)
            }
            Node::Empty(_) | Node::Full(_) | Node::Identity | Node::Var(..) => (Op::Nothing, 0, 0),
        };
        let to = match op {
            Op::Fix(_) => 0,
            _ => at(self, id),
        };
        Some(Step::new(op, a, b, to, sort))
    }

    /// Lowers a fixpoint; false if that was done already.
    fn lower_fix(&mut self, plan: &Plan, schedule: &Schedule, full: Shape, fix: FixId) -> bool {
        let number = fix.0 as usize;
        if !self.fixes[number].bindings.is_empty() {
            return false;
        }
        let description = &plan.fixes[number];
        for var in &description.vars {
            let place = self.allocate(plan.sorts[var.index()]);
            self.place[var.index()] = place;
        }
        let mut bindings = Vec::new();
        for (binding, (var, body)) in description.vars.iter().zip(&description.bodies).enumerate() {
            let mut steps = Vec::new();
            for node in &schedule.inner[number][binding] {
                // The same node may serve several bindings, and is done anew for each.
                if !self.empty[node.index()] {
                    steps.extend(self.step(plan, schedule, full, *node, true));
                }
            }
            let body = self.place_of(plan, *body, full);
            let (var, sort) = (self.place[var.index()], plan.sorts[var.index()]);
            bindings.push(SmallBinding { steps, body, var, sort, before: Vec::new() });
        }
        let inputs = self.inputs_of(&bindings);
        self.fixes[number] = SmallFix { bindings, inputs };
        true
    }

    /// What the steps of a fixpoint use and do not make.
    fn inputs_of(&self, bindings: &[SmallBinding]) -> Vec<Place> {
        let steps = || bindings.iter().flat_map(|binding| &binding.steps);
        let made: Vec<Place> =
            bindings.iter().map(|binding| binding.var).chain(steps().map(Step::to)).collect();
        let used = steps().flat_map(|step| step.operands(&self.fixes)).chain(bindings.iter().map(|b| b.body));
        let mut inputs: Vec<Place> = used.filter(|place| !made.contains(place)).collect();
        inputs.sort_unstable();
        inputs.dedup();
        inputs
    }

    fn lower_check(&mut self, plan: &Plan, schedule: &Schedule, index: usize, full: Shape) -> Prepared {
        let check = &plan.checks[index];
        // A bound from above that passes settles the check, and so does a bound that is the value.
        let passes = self.wide_test(plan, check.test, check.node, full);
        if passes || self.stage[check.node.index()] == Stage::Static {
            return self.decide(plan, index, passes);
        }
        let test = schedule.cycles[index].as_ref().map(|parts| self.lower_acyclic(plan, parts, full));
        let check = self.check_to_run(plan, index, test, full);
        self.checks.push(check);
        Prepared::Ready
    }

    /// A check that choices decide; `test` is what it asks, if that is not one value.
    pub(super) fn check_to_run(
        &mut self,
        plan: &Plan,
        index: usize,
        test: Option<SmallTest>,
        full: Shape,
    ) -> SmallCheck {
        let check = &plan.checks[index];
        let test = test.unwrap_or_else(|| match (check.test, plan.node(check.node)) {
            (Test::Irreflexive, Node::Sequence(a, b)) => {
                SmallTest::IrreflexiveSequence(self.place_of(plan, a, full), self.place_of(plan, b, full))
            }
            (Test::Irreflexive, _) => SmallTest::Irreflexive(self.place_of(plan, check.node, full)),
            _ => SmallTest::Empty(self.place_of(plan, check.node, full), plan.sorts[check.node.index()]),
        });
        let grows = check.monotonicity == Monotonicity::Growing;
        let stage = self.stage[check.node.index()];
        let prunes = grows && !check.negated && check.role == Role::Require;
        SmallCheck { test, negated: check.negated, stage, prunes, role: check.role, index }
    }

    fn lower_acyclic(&mut self, plan: &Plan, parts: &[NodeId], full: Shape) -> SmallTest {
        let mut places: SmallVec<[Place; 6]> = self.closed_part(parts, full).into_iter().collect();
        for part in parts.iter().copied() {
            if !self.empty[part.index()] && self.stage[part.index()] != Stage::Static {
                places.push(self.place_of(plan, part, full));
            }
        }
        SmallTest::Acyclic(places)
    }

    /// Closes the static part of a union over all events, so that the small universe need not hold them.
    pub(super) fn closed_part(&mut self, parts: &[NodeId], full: Shape) -> Option<Place> {
        let mut closed = vec![0; full.matrix()];
        for part in parts {
            if !self.empty[part.index()] && self.stage[part.index()] == Stage::Static {
                let at = self.wide_at[part.index()];
                k::union_with(&mut closed, &self.wide[at..at + full.matrix()]);
            }
        }
        if k::is_empty(&closed) {
            return None;
        }
        k::close(full, &mut closed);
        let place = self.allocate(Sort::Relation);
        let words = self.shape().words;
        for small in 0..self.active.len() {
            let row = k::row(full, &closed, self.active[small] as usize);
            for event in k::elements(row) {
                let other = self.small_id[event];
                if other != u32::MAX {
                    k::put(&mut self.small[place + small * words..], other as usize);
                }
            }
        }
        Some(place)
    }
}
