//! What was worked out for structures of the same form, kept for the next.
//!
//! Structures of at most 64 events have the same form if they have as many events and the same of the predefined sets
//! and relations are empty. Then the same operations are left of the plan, on values that lie at the same places, so
//! that a structure costs no more than doing them. The second half, of what choices decide, hangs on which of the
//! values that are made first are empty.

use super::{
    Change, Facts, Inputs, Machine, Op, Place, Prepared, Schedule, SmallCheck, SmallFix, SmallTest, Stage,
    Step,
};
use cat::ast::Test;
use cat::plan::{Base, Deps, Node, NodeId, Plan, PlanCheck, Sort};
use relation::{Shape, kernel as k};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::sync::Arc;

/// How many forms are kept; then all are forgotten. A form takes some five kilobytes.
const MAX_FORMS: usize = 4096;

/// A number of events, and which values are not empty, as bits.
type Key = SmallVec<[u64; 4]>;

/// The forms of the structures of a plan.
#[derive(Clone, Debug, Default)]
pub(super) struct Forms {
    /// Which plan.
    plan: Option<Arc<Plan>>,
    numbers: FxHashMap<Key, usize>,
    forms: Vec<Form>,
    /// The form of the structure at hand.
    current: usize,
    /// How many second halves are kept.
    count: usize,
}

/// What is left of the static part of a plan.
#[derive(Clone, Debug, Default)]
struct Form {
    place: Places,
    stage: Vec<Stage>,
    empty: Vec<bool>,
    steps: Vec<Step>,
    fixes: Vec<SmallFix>,
    /// The checks, as indices, with what they ask.
    tests: Vec<(usize, SmallTest)>,
    /// The static nodes that others are made from.
    used: Vec<NodeId>,
    len: usize,
    rests: FxHashMap<Key, Arc<Rest>>,
}

/// Where the values of all nodes lie, in half the memory.
#[derive(Clone, Debug, Default)]
struct Places(Box<[u32]>);

impl Places {
    fn pack(places: &[Place]) -> Places {
        Places(places.iter().map(|place| u32::try_from(*place).unwrap_or(u32::MAX)).collect())
    }

    fn unpack(&self, out: &mut Vec<Place>) {
        out.clear();
        out.extend(self.0.iter().map(|place| if *place == u32::MAX { Place::MAX } else { *place as Place }));
    }
}

impl Form {
    fn has_fixes(&self) -> bool {
        self.fixes.iter().any(|fix| !fix.bindings.is_empty())
    }
}

/// What is left of the part of a plan that choices decide.
#[derive(Clone, Debug, Default)]
struct Rest {
    place: Places,
    stage: Vec<Stage>,
    empty: Vec<bool>,
    /// Done once a structure: what turned out to depend on no choice.
    steps: Vec<Step>,
    rf_steps: Vec<Step>,
    co_steps: Vec<Step>,
    fixes: Vec<SmallFix>,
    checks: Vec<SmallCheck>,
    /// The checks that turned out to depend on no choice; without a test where they look at nothing.
    tests: Vec<(usize, Option<SmallTest>)>,
    inputs: Inputs,
    len: usize,
}

impl Machine {
    /// Does the static part for a structure of at most 64 events.
    pub(super) fn prepare_form(
        &mut self,
        plan: &Arc<Plan>,
        schedule: &Schedule,
        facts: &dyn Facts,
    ) -> Prepared {
        let full = self.full;
        self.shape = full;
        let known = facts.addresses_known();
        let mut key = Key::from_slice(&[(full.n as u64) << 1 | u64::from(known)]);
        let leaves = schedule.leaves(known);
        let mut at = Self::empty_room(full);
        self.make_room(at + leaves.len() * at);
        self.small[..at].fill(0);
        let mut bits = 0;
        for (number, leaf) in leaves.iter().enumerate() {
            let size = Self::wide_size(plan.sorts[leaf.index()], full);
            let out = &mut self.small[at..at + size];
            write_leaf(plan, facts, full, *leaf, out);
            bits |= u64::from(!k::is_empty(out)) << (number % 64);
            at += Self::room(plan.sorts[leaf.index()], full);
            if number % 64 == 63 {
                key.push(std::mem::take(&mut bits));
            }
        }
        key.push(bits);
        let forms = &mut self.forms;
        let is_same_plan = forms.plan.as_ref().is_some_and(|known| Arc::ptr_eq(known, plan));
        if !is_same_plan || forms.count + forms.forms.len() > MAX_FORMS {
            *forms = Forms { plan: Some(plan.clone()), ..Forms::default() };
        }
        let known_number = forms.numbers.get(&key).copied();
        let number = known_number.unwrap_or(forms.forms.len());
        forms.current = number;
        if known_number.is_none() {
            let form = self.new_form(plan, schedule, leaves, known);
            self.forms.numbers.insert(key, number);
            self.forms.forms.push(form);
        }
        self.use_form(plan)
    }

    /// Makes room for so many words. What lies there from before is overwritten by the first step that is done.
    fn make_room(&mut self, words: usize) {
        if self.small.len() < words {
            self.small.resize(words, 0);
        }
    }

    /// Works the static part out; the predefined values are in place.
    fn new_form(&mut self, plan: &Plan, schedule: &Schedule, leaves: &[NodeId], known: bool) -> Form {
        let full = self.full;
        self.direct = true;
        self.set_stages(schedule, known);
        self.place.clear();
        self.place.resize(plan.nodes.len(), usize::MAX);
        self.empty.clear();
        self.empty.resize(plan.nodes.len(), false);
        self.fixes.clear();
        self.fixes.resize(plan.fixes.len(), SmallFix::default());
        let mut at = Self::empty_room(full);
        for leaf in leaves {
            let size = Self::wide_size(plan.sorts[leaf.index()], full);
            let is_empty = k::is_empty(&self.small[at..at + size]);
            self.empty[leaf.index()] = is_empty;
            self.place[leaf.index()] = if is_empty { 0 } else { at };
            at += Self::room(plan.sorts[leaf.index()], full);
        }
        self.small.truncate(at);
        let mut steps = Vec::new();
        for node in &schedule.order {
            let i = node.index();
            if self.stage[i] != Stage::Static || self.place[i] != usize::MAX {
                continue;
            }
            self.empty[i] = self.is_surely_empty(plan, schedule, *node);
            if self.empty[i] {
                self.place[i] = 0;
            } else if let Some(step) = self.step(plan, schedule, full, *node, false) {
                steps.push(step);
            }
        }
        let checks = plan.checks.iter().enumerate();
        let checks = checks.filter(|(_, check)| self.stage[check.node.index()] == Stage::Static);
        let checks: Vec<(usize, &PlanCheck)> = checks.collect();
        let tests =
            checks.into_iter().map(|(index, check)| (index, self.test_of(plan, check, full))).collect();
        steps.shrink_to_fit();
        Form {
            place: Places::pack(&self.place),
            stage: self.stage.clone(),
            empty: self.empty.clone(),
            steps,
            fixes: self.fixes.clone(),
            tests,
            used: schedule.used(known).to_vec(),
            len: self.small.len(),
            rests: FxHashMap::default(),
        }
    }

    /// What a static check asks.
    fn test_of(&mut self, plan: &Plan, check: &PlanCheck, full: Shape) -> SmallTest {
        let place = self.place_of(plan, check.node, full);
        match check.test {
            Test::Empty => SmallTest::Empty(place, plan.sorts[check.node.index()]),
            Test::Irreflexive => SmallTest::Irreflexive(place),
            Test::Acyclic => SmallTest::Acyclic(SmallVec::from_slice(&[place])),
        }
    }

    /// Does the operations of the current form.
    fn use_form(&mut self, plan: &Plan) -> Prepared {
        let forms = std::mem::take(&mut self.forms);
        let form = &forms.forms[forms.current];
        form.place.unpack(&mut self.wide_at);
        self.stage.clone_from(&form.stage);
        self.empty.clone_from(&form.empty);
        self.was_static.clear();
        self.was_static.extend(form.stage.iter().map(|stage| *stage == Stage::Static));
        self.make_room(form.len);
        if form.has_fixes() {
            self.fixes.clone_from(&form.fixes);
            self.changed.resize(self.changed.len().max(form.len + 1), Change::No);
        }
        self.run_once(&form.steps, &form.fixes);
        self.static_flags.clear();
        let mut prepared = Prepared::Ready;
        for (index, test) in &form.tests {
            let holds = self.holds(test);
            if self.decide(plan, *index, holds) == Prepared::Rejected {
                prepared = Prepared::Rejected;
            }
        }
        std::mem::swap(&mut self.wide, &mut self.small);
        self.forms = forms;
        prepared
    }

    /// Does steps that no choice decides.
    fn run_once(&mut self, steps: &[Step], fixes: &[SmallFix]) {
        for step in steps {
            match step.op {
                Op::Fix(number) => {
                    let fix = &fixes[number as usize];
                    for binding in &fix.bindings {
                        let size = Self::wide_size(binding.sort, self.shape);
                        self.small[binding.var..binding.var + size].fill(0);
                    }
                    self.iterate(fix);
                }
                _ => {
                    self.do_step(step);
                }
            }
        }
    }

    /// Finds which static values are empty, for what works on bounds.
    pub(super) fn find_empty_values(&mut self, plan: &Plan) {
        for i in 0..plan.nodes.len() {
            let at = self.wide_at[i];
            if self.stage[i] == Stage::Static && at != usize::MAX && plan.inside[i].is_empty() {
                let size = Self::wide_size(plan.sorts[i], self.full);
                self.empty[i] = k::is_empty(&self.wide[at..at + size]);
            }
        }
        self.fix_done.clear();
        self.fix_done.resize(plan.fixes.len(), false);
    }

    /// Prepares what choices decide, without bounds.
    pub(super) fn prepare_rest(&mut self, plan: &Plan, schedule: &Schedule) -> Prepared {
        let full = self.full;
        std::mem::swap(&mut self.wide, &mut self.small);
        self.shape = full;
        self.direct = true;
        self.small_id.clear();
        self.small_id.extend(0..full.n as u32);
        let mut forms = std::mem::take(&mut self.forms);
        let form = &mut forms.forms[forms.current];
        let mut key = Key::new();
        let mut bits = 0;
        for (number, node) in form.used.iter().enumerate() {
            let at = self.wide_at[node.index()];
            let size = Self::wide_size(plan.sorts[node.index()], full);
            let is_empty = at == 0 || k::is_empty(&self.small[at..at + size]);
            self.empty[node.index()] = is_empty;
            bits |= u64::from(!is_empty) << (number % 64);
            if number % 64 == 63 {
                key.push(std::mem::take(&mut bits));
            }
        }
        key.push(bits);
        let rest = match form.rests.get(&key) {
            Some(rest) => rest.clone(),
            None => {
                self.small.truncate(form.len);
                let rest = Arc::new(self.new_rest(plan, schedule, form));
                form.rests.insert(key, rest.clone());
                forms.count += 1;
                rest
            }
        };
        self.forms = forms;
        self.use_rest(plan, &rest)
    }

    fn new_rest(&mut self, plan: &Plan, schedule: &Schedule, form: &Form) -> Rest {
        let full = self.full;
        self.start_lowering(plan);
        form.place.unpack(&mut self.place);
        for node in &form.used {
            if self.empty[node.index()] {
                self.place[node.index()] = 0;
            }
        }
        let mut rest = Rest::default();
        for node in &schedule.order {
            if self.stage[node.index()] != Stage::Static {
                self.lower_directly(plan, schedule, full, *node, &mut rest.steps);
            }
        }
        for (index, check) in plan.checks.iter().enumerate() {
            let i = check.node.index();
            if self.was_static[i] {
                continue;
            }
            if self.empty[i] {
                rest.tests.push((index, None));
            } else if self.stage[i] == Stage::Static {
                let test = self.test_of(plan, check, full);
                rest.tests.push((index, Some(test)));
            } else {
                let test = match &schedule.cycles[index] {
                    Some(parts) => Some(self.acyclic_directly(plan, parts, full, &mut rest.steps)),
                    None => None,
                };
                let check = self.check_to_run(plan, index, test, full);
                rest.checks.push(check);
            }
        }
        rest.steps.shrink_to_fit();
        rest.tests.shrink_to_fit();
        rest.checks.shrink_to_fit();
        rest.place = Places::pack(&self.place);
        rest.stage.clone_from(&self.stage);
        rest.empty.clone_from(&self.empty);
        rest.rf_steps.clone_from(&self.rf_steps);
        rest.co_steps.clone_from(&self.co_steps);
        rest.fixes.clone_from(&self.fixes);
        (rest.inputs, rest.len) = (self.inputs, self.small.len());
        rest
    }

    fn use_rest(&mut self, plan: &Plan, rest: &Rest) -> Prepared {
        rest.place.unpack(&mut self.place);
        self.stage.clone_from(&rest.stage);
        self.empty.clone_from(&rest.empty);
        self.rf_steps.clone_from(&rest.rf_steps);
        self.co_steps.clone_from(&rest.co_steps);
        self.checks.clone_from(&rest.checks);
        self.inputs = rest.inputs;
        self.bounds = super::bounds::BoundSteps::default();
        self.fixes.clear();
        if rest.fixes.iter().any(|fix| !fix.bindings.is_empty()) {
            self.fixes.extend_from_slice(&rest.fixes);
        }
        self.make_room(rest.len);
        let end = self.inputs.last + Self::wide_size(Sort::Set, self.shape);
        self.small[self.inputs.rf..end].fill(0);
        self.run_once(&rest.steps, &[]);
        for (index, test) in &rest.tests {
            let holds = test.as_ref().is_none_or(|test| self.holds(test));
            if self.decide(plan, *index, holds) == Prepared::Rejected {
                return Prepared::Rejected;
            }
        }
        self.changed.clear();
        self.changed.resize(rest.len + 1, Change::No);
        self.ran = [false; 2];
        Prepared::Ready
    }
}

impl Schedule {
    /// The values that are there before any operation.
    fn leaves(&self, addresses_known: bool) -> &[NodeId] {
        if addresses_known { &self.leaves } else { &self.leaves_but_loc }
    }
}

/// Whether a node's value is there before any operation, whatever is chosen; `loc` only if addresses are known.
pub(super) fn is_leaf(plan: &Plan, node: NodeId, deps: Deps) -> bool {
    let is_static = deps.without(Deps::ADDRESSES) == Deps::NONE;
    is_static
        && matches!(
            plan.node(node),
            Node::Base(Base::Static(_) | Base::Loc) | Node::Full(_) | Node::Identity | Node::Empty(_)
        )
}

fn write_leaf(plan: &Plan, facts: &dyn Facts, full: Shape, leaf: NodeId, out: &mut [u64]) {
    match plan.node(leaf) {
        Node::Base(Base::Static(name)) => facts.named(name, out),
        Node::Base(Base::Loc) => facts.same_location(out),
        Node::Full(Sort::Set) => k::fill_set(full, out),
        Node::Full(Sort::Relation) => (0..full.n).for_each(|i| k::fill_set(full, k::row_mut(full, out, i))),
        Node::Identity => k::identity(full, out),
        _ => out.fill(0),
    }
}
