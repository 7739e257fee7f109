//! Bounds of values while choices are open.
//!
//! Given what was chosen so far and what may still be chosen, each relation has a bound from below, which holds
//! whatever comes, and one from above. They are made by the same operations; only where something is taken away, the
//! bound from below needs the one from above and the other way round. A requirement that fails on the bounds fails
//! for all that may be chosen, and one that holds on them need not be asked again.
//!
//! Once all is chosen, both bounds are the value.

use super::{Change, Machine, Op, Place, Schedule, SmallBinding, SmallFix, SmallTest, Stage, Step};
use cat::ast::{Role, Test};
use cat::plan::{Base, FixId, Node, NodeId, Plan, Sort};
use relation::{Shape, kernel as k};
use smallvec::SmallVec;

/// Which bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::enumerate) enum Side {
    /// What holds whatever is chosen.
    Lower,
    /// What may hold.
    Upper,
}

use Side::{Lower, Upper};

impl Side {
    fn other(self) -> Side {
        match self {
            Lower => Upper,
            Upper => Lower,
        }
    }

    fn of<T: Copy>(self, both: [T; 2]) -> T {
        both[self as usize]
    }
}

/// Requirements and flags that are still open, as a set of positions in [`BoundSteps::checks`].
pub(in crate::enumerate) type Open = u64;

/// What is chosen, as an input of the bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::enumerate) enum Input {
    Rf,
    Co,
    Choice(u32),
    FinalWrites,
    DifferentValues,
}

/// A value that bounds are made from or yield, and when it last changed.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    place: Place,
    changed: u64,
}

#[derive(Clone, Debug)]
struct BoundStep {
    step: Step,
    to: usize,
    /// The slots that it is made from.
    from: Vec<usize>,
    /// For a fixpoint: the slots of its bindings.
    vars: Vec<usize>,
    /// When it was last done; 0 for never.
    done: u64,
}

/// How to decide a check, or a value.
#[derive(Clone, Debug)]
struct Part {
    /// What has to be done before, in order.
    steps: Vec<usize>,
    test: SmallTest,
}

#[derive(Clone, Debug)]
struct BoundCheck {
    role: Role,
    negated: bool,
    /// The number in the plan.
    index: usize,
    /// What the test looks at: of a union whose cycles are looked for, the parts that choices decide.
    nodes: Vec<NodeId>,
    /// On each side.
    sides: [Option<Part>; 2],
    /// Of an acyclicity check, from above: the parts that may hold more than `rf`, `co` and `fr`.
    beyond: Option<Vec<Place>>,
}

/// The operations that make bounds. All values lie beside those of the machine.
#[derive(Clone, Debug, Default)]
pub(super) struct BoundSteps {
    ready: bool,
    /// The first is empty, and stands for all that never changes.
    slots: Vec<Slot>,
    /// By node: the slots of both sides; `usize::MAX` where there is none yet.
    of_node: Vec<[usize; 2]>,
    steps: Vec<BoundStep>,
    /// By slot: the step that makes it.
    maker: Vec<Option<usize>>,
    inputs: Vec<(Input, [usize; 2])>,
    checks: Vec<BoundCheck>,
    /// The number in the machine's list of the fixpoints' bounds, by fixpoint and side.
    fixes: Vec<[Option<usize>; 2]>,
    clock: u64,
    /// The requirement that failed last.
    failed: Option<usize>,
    /// The values that there were before anything was chosen, and by slot, whether they were made.
    root: Vec<u64>,
    has_root: Vec<bool>,
}

/// Whether bounds can be made of every fixpoint that depends on choices: they must grow with their variables.
pub(in crate::enumerate) fn has_bounds(plan: &Plan, schedule: &Schedule) -> bool {
    (0..plan.fixes.len()).map(|i| FixId(i as u32)).all(|fix| {
        let bodies = &plan.fixes[fix.0 as usize].bodies;
        let is_static = |body: &NodeId| {
            schedule.deps[body.index()].without(cat::plan::Deps::ADDRESSES) == cat::plan::Deps::NONE
        };
        bodies.iter().all(is_static) || grows_with_variables(plan, fix)
    })
}

fn grows_with_variables(plan: &Plan, fix: FixId) -> bool {
    let mut seen = vec![[false; 2]; plan.nodes.len()];
    let mut todo: Vec<(NodeId, Side)> =
        plan.fixes[fix.0 as usize].bodies.iter().map(|body| (*body, Lower)).collect();
    while let Some((node, side)) = todo.pop() {
        let depends = plan.inside[node.index()].contains(&fix);
        if !depends || std::mem::replace(&mut seen[node.index()][side as usize], true) {
            continue;
        }
        match plan.node(node) {
            Node::Var(..) if side == Upper => return false,
            Node::Difference(a, b) => todo.extend([(a, side), (b, side.other())]),
            Node::Complement(a) => todo.push((a, side.other())),
            Node::Fix(inner, _) => {
                todo.extend(plan.fixes[inner.0 as usize].bodies.iter().map(|body| (*body, side)));
            }
            other => todo.extend(other.operands().map(|operand| (operand, side))),
        }
    }
    true
}

impl Machine {
    /// Makes the steps, if that was not done for this structure. `orders` are nodes whose values are asked for.
    pub(in crate::enumerate) fn prepare_bounds(
        &mut self,
        plan: &Plan,
        schedule: &Schedule,
        communication: &[bool],
        orders: &[NodeId],
    ) {
        if self.bounds.ready {
            return;
        }
        let mut lowering = Lowering {
            plan,
            schedule,
            full: self.full,
            needed: vec![[false; 2]; plan.nodes.len()],
            made: BoundSteps::default(),
            communication,
            machine: self,
        };
        lowering.all(orders);
        let mut made = lowering.made;
        made.ready = true;
        self.changed.resize(self.small.len() + 1, Change::No);
        self.bounds = made;
    }

    /// Announces that inputs are about to change.
    pub(in crate::enumerate) fn next_bounds(&mut self) {
        self.bounds.clock += 1;
    }

    /// Sets a bound of what is chosen.
    pub(in crate::enumerate) fn set_bound(&mut self, input: Input, side: Side, value: &[u64]) {
        let Some((_, slots)) = self.bounds.inputs.iter().find(|(known, _)| *known == input) else { return };
        let slot = &mut self.bounds.slots[side.of(*slots)];
        let known = &mut self.small[slot.place..slot.place + value.len()];
        if *known != *value {
            known.copy_from_slice(value);
            slot.changed = self.bounds.clock;
        }
    }

    /// Whether that input matters.
    pub(in crate::enumerate) fn needs_bound(&self, input: Input) -> bool {
        self.bounds.inputs.iter().any(|(known, _)| *known == input)
    }

    /// All requirements and flags.
    pub(in crate::enumerate) fn all_open(&self) -> Open {
        (0..self.bounds.checks.len()).fold(0, |open, at| open | 1 << at)
    }

    /// All flags.
    fn flags_among(&self, open: Open) -> Open {
        let is_flag = |at: &usize| self.bounds.checks[*at].role != Role::Require;
        k::elements(&[open]).filter(is_flag).fold(0, |flags, at| flags | 1 << at)
    }

    /// Whether no requirement is among these.
    pub(in crate::enumerate) fn requires_nothing(&self, open: Open) -> bool {
        self.flags_among(open) == open
    }

    /// Whether some execution raises a flag, or may, as long as these are open.
    pub(in crate::enumerate) fn bounds_may_flag(&self, open: Open) -> bool {
        !self.static_flags.is_empty() || self.flags_among(open) != 0
    }

    /// Of a check that asks for no cycle: its number in the plan, and where the parts lie that may hold more than
    /// `rf`, `co` and `fr`.
    pub(super) fn beyond_communication(&self, at: usize) -> Option<(usize, &[Place])> {
        let check = &self.bounds.checks[at];
        Some((check.index, check.beyond.as_deref()?))
    }

    /// Which requirements and flags are still open, of those that were; none if a requirement fails whatever is
    /// chosen. Whether flags are out of the question is asked where `settle` wants it, once no requirement is open
    /// or `at_first`.
    pub(in crate::enumerate) fn narrow(&mut self, open: Open, settle: bool, at_first: bool) -> Option<Open> {
        let flags = self.flags_among(open);
        let left = self.narrow_requirements(open & !flags, settle)?;
        if flags == 0 || !settle || (left != 0 && !at_first) {
            return Some(left | flags);
        }
        let mut bounds = std::mem::take(&mut self.bounds);
        let mut raised = 0;
        for at in k::elements(&[flags]) {
            // A flag is raised where its test holds, other checks where theirs does not.
            let raised_if_test = (bounds.checks[at].role == Role::Flag) != bounds.checks[at].negated;
            let side = if raised_if_test { Lower } else { Upper };
            if self.bound_test(&mut bounds, at, side) == raised_if_test {
                raised |= 1 << at;
            }
        }
        self.bounds = bounds;
        Some(left | raised)
    }

    fn narrow_requirements(&mut self, open: Open, settle: bool) -> Option<Open> {
        let mut bounds = std::mem::take(&mut self.bounds);
        let mut left = Some(open);
        // What failed last is the likeliest to fail now.
        let last = bounds.failed.map_or(0, |failed| 1 << failed) & open;
        for at in k::elements(&[last]).chain(k::elements(&[open & !last])) {
            let negated = bounds.checks[at].negated;
            let fails_on = if negated { Upper } else { Lower };
            if self.bound_test(&mut bounds, at, fails_on) == negated {
                bounds.failed = Some(at);
                left = None;
                break;
            }
        }
        if let (Some(left), true) = (&mut left, settle) {
            for at in k::elements(&[open]) {
                let negated = bounds.checks[at].negated;
                let holds_on = if negated { Lower } else { Upper };
                if self.bound_test(&mut bounds, at, holds_on) != negated {
                    *left &= !(1 << at);
                }
            }
        }
        self.bounds = bounds;
        left
    }

    /// The requirement that failed last.
    pub(in crate::enumerate) fn failed(&self) -> Option<usize> {
        self.bounds.failed
    }

    /// Takes back which requirement failed last.
    pub(in crate::enumerate) fn set_failed(&mut self, failed: Option<usize>) {
        self.bounds.failed = failed;
    }

    /// What the requirement that failed last looks at, and how; none if it asks for the contrary.
    pub(super) fn failed_check(&self) -> Option<(&[NodeId], &SmallTest)> {
        let check = &self.bounds.checks[self.bounds.failed?];
        let part = check.sides[Lower as usize].as_ref()?;
        (!check.negated).then_some((&check.nodes, &part.test))
    }

    /// Where a bound of a node lies, if choices decide it and it is asked for.
    pub(super) fn place_of_bound(&self, node: NodeId, side: Side) -> Option<Place> {
        match side.of(*self.bounds.of_node.get(node.index())?) {
            usize::MAX => None,
            slot => Some(self.bounds.slots[slot].place),
        }
    }

    /// Remembers the bounds from before anything is chosen: what is certain then needs no reason later.
    pub(in crate::enumerate) fn keep_root(&mut self) {
        let BoundSteps { slots, steps, maker, inputs, root, has_root, .. } = &mut self.bounds;
        root.clone_from(&self.small);
        has_root.clear();
        has_root.extend(maker.iter().map(|maker| maker.is_some_and(|step| steps[step].done != 0)));
        has_root.resize(slots.len(), false);
        inputs.iter().flat_map(|(_, slots)| slots).for_each(|slot| has_root[*slot] = true);
    }

    /// The bound of a node that choices decide, from before anything was chosen.
    pub(super) fn root_bound(&self, node: NodeId, side: Side, size: usize) -> Option<&[u64]> {
        let slot = side.of(*self.bounds.of_node.get(node.index())?);
        if !*self.bounds.has_root.get(slot)? {
            return None;
        }
        let place = self.bounds.slots[slot].place;
        self.bounds.root.get(place..place + size)
    }

    /// Static flags, then those of the open ones that the bounds raise once all is chosen, as indices of checks.
    pub(in crate::enumerate) fn bounds_flags(&mut self, open: Open, raised: &mut Vec<usize>) {
        raised.clear();
        raised.extend(&self.static_flags);
        let mut bounds = std::mem::take(&mut self.bounds);
        for at in k::elements(&[open]) {
            let (role, negated) = (bounds.checks[at].role, bounds.checks[at].negated);
            if role != Role::Require {
                let holds = self.bound_test(&mut bounds, at, Lower) != negated;
                if holds == (role == Role::Flag) {
                    raised.push(bounds.checks[at].index);
                }
            }
        }
        self.bounds = bounds;
        raised.sort_unstable();
    }

    /// The bound of a node from below; `None` if it is empty, or was not asked for.
    pub(in crate::enumerate) fn lower_bound(&mut self, plan: &Plan, node: NodeId) -> Option<&[u64]> {
        let slot = *self.bounds.of_node.get(node.index())?.first()?;
        let mut bounds = std::mem::take(&mut self.bounds);
        if slot == usize::MAX {
            self.bounds = bounds;
            return None;
        }
        let steps = bounds.steps_for(&[slot]);
        self.do_bound_steps(&mut bounds, &steps);
        let place = bounds.slots[slot].place;
        self.bounds = bounds;
        let size = Self::wide_size(plan.sorts[node.index()], self.shape);
        Some(&self.small[place..place + size])
    }

    fn bound_test(&mut self, bounds: &mut BoundSteps, check: usize, side: Side) -> bool {
        let Some(part) = bounds.checks[check].sides[side as usize].take() else { return false };
        self.do_bound_steps(bounds, &part.steps);
        let holds = self.holds(&part.test);
        bounds.checks[check].sides[side as usize] = Some(part);
        holds
    }

    /// Does those of the steps again that are made from something that changed.
    fn do_bound_steps(&mut self, bounds: &mut BoundSteps, steps: &[usize]) {
        for at in steps {
            let BoundSteps { slots, steps, clock, .. } = bounds;
            let step = &mut steps[*at];
            let stale = step.done == 0 || step.from.iter().any(|slot| slots[*slot].changed > step.done);
            if !stale {
                continue;
            }
            step.done = *clock;
            if let Op::Fix(number) = step.step.op {
                let number = number as usize;
                self.do_fix(number, Stage::Static);
                for (binding, slot) in self.fixes[number].bindings.iter().zip(&step.vars) {
                    if self.changed[binding.var] == Change::Now {
                        slots[*slot].changed = *clock;
                    }
                }
            } else if self.do_step(&step.step) {
                slots[step.to].changed = *clock;
            }
        }
    }
}

impl BoundSteps {
    /// The steps that a slot's value hangs on, in order.
    fn steps_for(&self, slots: &[usize]) -> Vec<usize> {
        let mut needed = vec![false; self.steps.len()];
        let mut todo: Vec<usize> = slots.iter().filter_map(|slot| self.maker[*slot]).collect();
        while let Some(step) = todo.pop() {
            if !std::mem::replace(&mut needed[step], true) {
                todo.extend(self.steps[step].from.iter().filter_map(|slot| self.maker[*slot]));
            }
        }
        (0..needed.len()).filter(|step| needed[*step]).collect()
    }

    fn slot(&mut self, place: Place, maker: Option<usize>) -> usize {
        self.slots.push(Slot { place, changed: 0 });
        self.maker.push(maker);
        self.slots.len() - 1
    }
}

/// Making the steps.
struct Lowering<'a> {
    plan: &'a Plan,
    schedule: &'a Schedule,
    full: Shape,
    /// Which bounds of each node are asked for.
    needed: Vec<[bool; 2]>,
    made: BoundSteps,
    /// For each node, whether its pairs are all in `rf`, `co` or `fr`.
    communication: &'a [bool],
    machine: &'a mut Machine,
}

impl Lowering<'_> {
    fn all(&mut self, orders: &[NodeId]) {
        let plan = self.plan;
        self.made.slot(0, None);
        self.made.of_node = vec![[usize::MAX; 2]; plan.nodes.len()];
        self.made.fixes = vec![[None; 2]; plan.fixes.len()];
        let known: Vec<(usize, Role)> =
            self.machine.checks.iter().map(|check| (check.index, check.role)).collect();
        for (index, _) in &known {
            for node in self.operands_of_check(*index) {
                self.need(node, Lower);
                self.need(node, Upper);
            }
        }
        orders.iter().for_each(|order| self.need(*order, Lower));
        for i in 0..plan.nodes.len() {
            let node = NodeId(i as u32);
            for side in [Lower, Upper] {
                if self.needed[i][side as usize] && plan.inside[i].is_empty() {
                    self.node(node, side, &mut None);
                }
            }
        }
        for (index, role) in known {
            self.check(index, role);
        }
    }

    fn is_dynamic(&self, node: NodeId) -> bool {
        let machine = &self.machine;
        machine.stage[node.index()] != Stage::Static && !machine.empty[node.index()]
            || !self.plan.inside[node.index()].is_empty() && !machine.empty[node.index()]
    }

    /// Marks a bound as needed, and those that it is made from.
    fn need(&mut self, node: NodeId, side: Side) {
        let mut todo = vec![(node, side)];
        while let Some((node, side)) = todo.pop() {
            if !self.is_dynamic(node)
                || std::mem::replace(&mut self.needed[node.index()][side as usize], true)
            {
                continue;
            }
            match self.plan.node(node) {
                Node::Difference(a, b) => todo.extend([(a, side), (b, side.other())]),
                Node::Complement(a) => todo.push((a, side.other())),
                Node::Fix(fix, _) => {
                    let bodies = &self.plan.fixes[fix.0 as usize].bodies;
                    todo.extend(bodies.iter().map(|body| (*body, side)));
                }
                other => todo.extend(other.operands().map(|operand| (operand, side))),
            }
        }
    }

    /// What a check looks at.
    fn operands_of_check(&self, index: usize) -> Vec<NodeId> {
        let check = &self.plan.checks[index];
        if let Some(parts) = &self.schedule.cycles[index] {
            return parts.clone();
        }
        match (check.test, self.plan.node(check.node)) {
            (Test::Irreflexive, Node::Sequence(a, b)) => vec![a, b],
            _ => vec![check.node],
        }
    }

    fn check(&mut self, index: usize, role: Role) {
        let plan = self.plan;
        let check = &plan.checks[index];
        let sides = [Lower, Upper].map(|side| {
            let operands = self.operands_of_check(index);
            let slots: Vec<usize> = operands
                .iter()
                .map(|node| self.made.of_node[node.index()][side as usize])
                .filter(|slot| *slot != usize::MAX)
                .collect();
            let steps = self.made.steps_for(&slots);
            let places: Vec<Place> = operands.iter().map(|node| self.operand(*node, side).0).collect();
            let test = match (check.test, &places[..], plan.node(check.node)) {
                _ if self.schedule.cycles[index].is_some() => self.acyclic(&operands, side),
                (Test::Irreflexive, [a, b], Node::Sequence(..)) => SmallTest::IrreflexiveSequence(*a, *b),
                (Test::Irreflexive, [a, ..], _) => SmallTest::Irreflexive(*a),
                (_, places, _) => {
                    SmallTest::Empty(places.first().copied().unwrap_or(0), plan.sorts[check.node.index()])
                }
            };
            Some(Part { steps, test })
        });
        let mut nodes = self.operands_of_check(index);
        let is_cycle = role == Role::Require && !check.negated && self.schedule.cycles[index].is_some();
        if self.schedule.cycles[index].is_some() {
            nodes.retain(|node| self.is_dynamic(*node));
        }
        let beyond = is_cycle.then(|| self.beyond_communication(index));
        self.made.checks.push(BoundCheck { role, negated: check.negated, index, nodes, sides, beyond });
    }

    fn beyond_communication(&mut self, index: usize) -> Vec<Place> {
        let mut parts = self.operands_of_check(index);
        parts.retain(|part| !self.communication[part.index()]);
        match self.acyclic(&parts, Upper) {
            SmallTest::Acyclic(places) => places.to_vec(),
            _ => Vec::new(),
        }
    }

    /// The static part of a union whose cycles are looked for was closed already.
    fn acyclic(&mut self, parts: &[NodeId], side: Side) -> SmallTest {
        let mut places: SmallVec<[Place; 6]> =
            self.machine.closed_part(parts, self.full).into_iter().collect();
        for part in parts {
            if self.is_dynamic(*part) {
                places.push(self.operand(*part, side).0);
            }
        }
        SmallTest::Acyclic(places)
    }

    /// Where the bound of a node lies, and its slot.
    fn operand(&mut self, node: NodeId, side: Side) -> (Place, usize) {
        if self.machine.empty[node.index()] {
            return (0, 0);
        }
        match self.made.of_node[node.index()][side as usize] {
            usize::MAX => (self.machine.place_of(self.plan, node, self.full), 0),
            slot => (self.made.slots[slot].place, slot),
        }
    }

    /// Makes the step for a node. Inside a fixpoint, steps go to the list given, and have no slots of their own.
    fn node(&mut self, id: NodeId, side: Side, inner: &mut Option<Vec<Step>>) {
        if self.made.of_node[id.index()][side as usize] != usize::MAX && inner.is_none() {
            return;
        }
        let sort = self.plan.sorts[id.index()];
        let node = self.plan.node(id);
        let mut operands = node.operands();
        let (first, second) = (operands.next(), operands.next());
        let (op, sides) = match node {
            Node::Base(base) => return self.base(id, base, sort),
            Node::Fix(fix, index) => return self.fix(id, fix, index, side, inner),
            Node::Empty(_) | Node::Full(_) | Node::Identity | Node::Var(..) => return,
            Node::Union(..) => (Op::Union, [side; 2]),
            Node::Intersection(..) => (Op::Intersection, [side; 2]),
            Node::Difference(..) => (Op::Difference, [side, side.other()]),
            Node::Sequence(..) => (Op::Sequence, [side; 2]),
            Node::RestrictDomain(..) => (Op::RestrictDomain, [side; 2]),
            Node::RestrictRange(..) => (Op::RestrictRange, [side; 2]),
            Node::Product(..) => (Op::Product, [side; 2]),
            Node::Complement(_) if sort == Sort::Set => (Op::ComplementSet, [side.other(); 2]),
            Node::Complement(_) => (Op::Complement, [side.other(); 2]),
            Node::Plus(_) => (Op::Plus, [side; 2]),
            Node::Inverse(_) => (Op::Inverse, [side; 2]),
            Node::Domain(_) => (Op::Domain, [side; 2]),
            Node::Range(_) => (Op::Range, [side; 2]),
            Node::IdentityOn(_) => (Op::IdentityOn, [side; 2]),
        };
        let (a, from_a) = first.map_or((0, 0), |a| self.operand(a, sides[0]));
        let (b, from_b) = second.map_or((0, 0), |b| self.operand(b, sides[1]));
        let from = vec![from_a, from_b];
        let known = self.made.of_node[id.index()][side as usize];
        let slot = match known {
            usize::MAX => {
                let place = self.machine.allocate(sort);
                self.made.slot(place, None)
            }
            slot => slot,
        };
        self.made.of_node[id.index()][side as usize] = slot;
        let step = Step::new(op, a, b, self.made.slots[slot].place, sort);
        match inner {
            Some(steps) => steps.push(step),
            None => {
                self.made.maker[slot] = Some(self.made.steps.len());
                self.made.steps.push(BoundStep { step, to: slot, from, vars: Vec::new(), done: 0 });
            }
        }
    }

    fn base(&mut self, id: NodeId, base: Base, sort: Sort) {
        let input = match base {
            Base::Rf => Input::Rf,
            Base::Co => Input::Co,
            Base::Choice(number) => Input::Choice(number),
            Base::FinalWrites => Input::FinalWrites,
            Base::DifferentValues => Input::DifferentValues,
            Base::Loc | Base::Static(_) | Base::Element(_) => return,
        };
        if self.made.of_node[id.index()] != [usize::MAX; 2] {
            return;
        }
        let slots = [Lower, Upper].map(|_| {
            let place = self.machine.allocate(sort);
            self.made.slot(place, None)
        });
        self.made.of_node[id.index()] = slots;
        self.made.inputs.push((input, slots));
    }

    /// The result of a fixpoint. Its bounds grow with their variables, so that they are fixpoints too.
    fn fix(&mut self, id: NodeId, fix: FixId, index: u32, side: Side, inner: &mut Option<Vec<Step>>) {
        let number = fix.0 as usize;
        let var = self.plan.fixes[number].vars[index as usize];
        let known = self.made.fixes[number][side as usize];
        let lowered = match known {
            Some(lowered) => lowered,
            None => self.lower_fix(fix, side),
        };
        self.made.of_node[id.index()][side as usize] = self.made.of_node[var.index()][side as usize];
        let step = Step::new(Op::Fix(lowered as u32), 0, 0, 0, Sort::Relation);
        match inner {
            Some(steps) => steps.push(step),
            None if known.is_none() => {
                let vars: Vec<usize> = self.plan.fixes[number]
                    .vars
                    .iter()
                    .map(|var| self.made.of_node[var.index()][side as usize])
                    .collect();
                let from = self.slots_into(fix, side);
                for slot in &vars {
                    self.made.maker[*slot] = Some(self.made.steps.len());
                }
                self.made.steps.push(BoundStep { step, to: 0, from, vars, done: 0 });
            }
            None => {}
        }
    }

    fn lower_fix(&mut self, fix: FixId, side: Side) -> usize {
        let number = fix.0 as usize;
        let description = &self.plan.fixes[number];
        for var in &description.vars {
            let place = self.machine.allocate(self.plan.sorts[var.index()]);
            let slot = self.made.slot(place, None);
            self.made.of_node[var.index()][side as usize] = slot;
        }
        let mut bindings = Vec::new();
        for (binding, (var, body)) in description.vars.iter().zip(&description.bodies).enumerate() {
            let mut steps = Some(Vec::new());
            for node in &self.schedule.inner[number][binding] {
                if !self.machine.empty[node.index()] {
                    self.node(*node, side, &mut steps);
                }
            }
            let body = self.operand(*body, side).0;
            let slot = self.made.of_node[var.index()][side as usize];
            let (var, sort) = (self.made.slots[slot].place, self.plan.sorts[var.index()]);
            bindings.push(SmallBinding {
                steps: steps.unwrap_or_default(),
                body,
                var,
                sort,
                before: Vec::new(),
            });
        }
        self.machine.fixes.push(SmallFix { bindings, inputs: Vec::new() });
        let lowered = self.machine.fixes.len() - 1;
        self.made.fixes[number][side as usize] = Some(lowered);
        lowered
    }

    /// The slots of what a fixpoint uses from outside.
    fn slots_into(&self, fix: FixId, side: Side) -> Vec<usize> {
        let mut result = Vec::new();
        let mut seen = vec![[false; 2]; self.plan.nodes.len()];
        let mut todo: Vec<(NodeId, Side)> =
            self.plan.fixes[fix.0 as usize].bodies.iter().map(|body| (*body, side)).collect();
        while let Some((node, side)) = todo.pop() {
            if std::mem::replace(&mut seen[node.index()][side as usize], true) {
                continue;
            }
            if self.plan.inside[node.index()].is_empty() {
                match self.made.of_node[node.index()][side as usize] {
                    usize::MAX => {}
                    slot => result.push(slot),
                }
                continue;
            }
            match self.plan.node(node) {
                Node::Difference(a, b) => todo.extend([(a, side), (b, side.other())]),
                Node::Complement(a) => todo.push((a, side.other())),
                Node::Fix(inner, _) => {
                    todo.extend(self.plan.fixes[inner.0 as usize].bodies.iter().map(|body| (*body, side)));
                }
                other => todo.extend(other.operands().map(|operand| (operand, side))),
            }
        }
        result.sort_unstable();
        result.dedup();
        result
    }
}
