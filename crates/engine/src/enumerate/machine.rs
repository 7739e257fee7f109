//! A plan, made ready for one structure and run on its candidates.
//!
//! Operations that depend on nothing but the structure are done once, over all events. What is left works on the few
//! events that it can touch, one word a row as long as they are at most 64, and in two stages: what `rf` decides, and
//! what needs `co` too. Bounds of `rf` and `co` from above tell which operations yield nothing and which checks
//! can't fail: they are dropped.

use cat::ast::{Role, Test};
use cat::plan::{Base, Deps, FixId, Monotonicity, Node, NodeId, Plan, PlanCheck, Sort};
use relation::kernel as k;
use relation::{Relation, Set, Shape};

/// When an operation can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Once a structure.
    Static,
    /// Once `rf` is chosen.
    Rf,
    /// Once `co` is chosen.
    Co,
}

/// Where a value lies in the arena of the small universe. 0 is the empty value.
type Place = usize;

#[derive(Clone, Copy, Debug)]
enum Op {
    Union(Place, Place),
    Intersection(Place, Place),
    Difference(Place, Place),
    ComplementSet(Place),
    Complement(Place),
    Sequence(Place, Place),
    RestrictDomain(Place, Place),
    RestrictRange(Place, Place),
    Plus(Place),
    Inverse(Place),
    Domain(Place),
    Range(Place),
    IdentityOn(Place),
    Product(Place, Place),
    /// Iterates the fixpoint; its results are then in place.
    Fix(usize),
    /// A variable of a fixpoint starts empty; done by `Fix`.
    Nothing,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    op: Op,
    to: Place,
    sort: Sort,
}

/// A fixpoint over the small universe.
#[derive(Clone, Debug, Default)]
struct SmallFix {
    /// For each binding: the steps of its body, the place of the body, the place of the variable, and its sort.
    bindings: Vec<(Vec<Step>, Place, Place, Sort)>,
}

#[derive(Clone, Debug)]
enum SmallTest {
    /// The union of these has no cycle.
    Acyclic(Vec<Place>),
    Irreflexive(Place),
    /// `a; b` is irreflexive.
    IrreflexiveSequence(Place, Place),
    Empty(Place, Sort),
}

/// A check that depends on choices.
#[derive(Clone, Debug)]
struct SmallCheck {
    test: SmallTest,
    negated: bool,
    stage: Stage,
    /// Whether failing on a part of a candidate means failing on the whole.
    prunes: bool,
    role: Role,
    index: usize,
}

/// What the machine needs to know of a structure.
pub(super) trait Facts {
    /// The number of events.
    fn universe(&self) -> usize;
    /// A predefined set.
    fn set(&self, name: &str) -> Set;
    /// A predefined relation.
    fn relation(&self, name: &str) -> Relation;
    /// `loc`, or all pairs that may come to be in it.
    fn same_location(&self) -> Relation;
    /// Whether `loc` is known.
    fn addresses_known(&self) -> bool;
    /// All pairs that may come to be in `rf`.
    fn may_rf(&self) -> Relation;
    /// All pairs that may come to be in `co`.
    fn may_co(&self) -> Relation;
    /// All memory events.
    fn memory(&self) -> Set;
    /// All writes.
    fn writes(&self) -> Set;
}

/// The order in which a plan's operations are done; made once a plan.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    /// Nodes that some check needs and that are outside of all fixpoints, operands first.
    order: Vec<NodeId>,
    /// For each fixpoint and binding: the nodes inside of it that the body needs, operands first.
    inner: Vec<Vec<Vec<NodeId>>>,
    /// What each node depends on, with what the fixpoints that it is inside of depend on.
    deps: Vec<Deps>,
    /// Unions and closures that only acyclicity checks look at: those take them apart.
    taken_apart: Vec<bool>,
    /// Nodes that hold the identity because of how they are made, and are used only where pairs of an event with
    /// itself do not matter unless another operand has that event.
    reflexive: Vec<bool>,
}

impl Schedule {
    pub(super) fn new(plan: &Plan) -> Schedule {
        let mut needed = vec![false; plan.nodes.len()];
        let mut todo: Vec<NodeId> = plan.checks.iter().map(|check| check.node).collect();
        for check in &plan.checks {
            todo.extend(plan.union_parts(check.node));
        }
        while let Some(node) = todo.pop() {
            if std::mem::replace(&mut needed[node.index()], true) {
                continue;
            }
            todo.extend(plan.node(node).operands());
            if let Node::Fix(fix, _) = plan.node(node) {
                todo.extend(plan.fixes[fix.0 as usize].bodies.iter().copied());
            }
        }
        let all = (0..plan.nodes.len() as u32).map(NodeId);
        let order =
            all.filter(|node| needed[node.index()] && plan.inside[node.index()].is_empty()).collect();
        let inner = (0..plan.fixes.len()).map(|i| inner_order(plan, FixId(i as u32))).collect();
        let mut schedule = Schedule {
            order,
            inner,
            deps: effective_deps(plan),
            taken_apart: Vec::new(),
            reflexive: Vec::new(),
        };
        schedule.taken_apart = taken_apart(plan, &schedule);
        schedule.reflexive = reflexive(plan, &schedule);
        schedule
    }

    fn all(&self) -> impl Iterator<Item = NodeId> + '_ {
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
    for node in fix_bodies.chain(checked) {
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
            Node::Union(..) | Node::Sequence(..) | Node::Plus(_) | Node::Inverse(_) | Node::Intersection(..)
            | Node::RestrictDomain(..) | Node::RestrictRange(..) => {}
            Node::Difference(_, b) => result[b.index()] = false,
            other => other.operands().for_each(|operand| result[operand.index()] = false),
        }
    }
    let bodies = plan.fixes.iter().flat_map(|fix| fix.bodies.iter().copied());
    for node in bodies.chain(plan.checks.iter().map(|check| check.node)) {
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

/// A plan on one structure. Its memory is used again for the next structure.
#[derive(Clone, Debug, Default)]
pub(super) struct Machine {
    full: Option<Shape>,
    /// Values over all events: what static nodes yield, and bounds from above for all others.
    wide: Vec<u64>,
    wide_at: Vec<usize>,
    stage: Vec<Option<Stage>>,
    empty: Vec<bool>,
    fix_done: Vec<bool>,
    /// The events that dynamic operations can touch.
    active: Vec<u32>,
    small_id: Vec<u32>,
    shape: Option<Shape>,
    small: Vec<u64>,
    place: Vec<Place>,
    rf_steps: Vec<Step>,
    co_steps: Vec<Step>,
    fixes: Vec<SmallFix>,
    checks: Vec<SmallCheck>,
    /// Flags that every execution of this structure raises, as indices of checks.
    static_flags: Vec<usize>,
    inputs: Inputs,
    scratch: Vec<u64>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Inputs {
    rf: Place,
    co: Place,
    loc: Place,
    last: Place,
}

/// What a structure's static checks say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prepared {
    /// There may be executions.
    Ready,
    /// A static check rejects every execution.
    Rejected,
}

impl Machine {
    /// Does the static part. `facts` need not know bounds of `rf` and `co` yet.
    pub(super) fn prepare(&mut self, plan: &Plan, schedule: &Schedule, facts: &dyn Facts) -> Prepared {
        let full = Shape::new(facts.universe());
        self.full = Some(full);
        self.classify(plan, schedule, facts);
        for node in &schedule.order {
            if self.stage[node.index()] == Some(Stage::Static) {
                self.wide_node(plan, schedule, facts, full, *node);
            }
        }
        self.static_flags.clear();
        for (index, check) in plan.checks.iter().enumerate() {
            if self.stage[check.node.index()] == Some(Stage::Static) {
                let holds = self.wide_test(plan, check.test, check.node, full) != check.negated;
                match check.role {
                    Role::Flag if holds => self.static_flags.push(index),
                    Role::UndefinedUnless | Role::Assert if !holds => self.static_flags.push(index),
                    Role::Require if !holds => return Prepared::Rejected,
                    _ => {}
                }
            }
        }
        Prepared::Ready
    }

    /// Prepares the rest, given bounds of `rf` and `co` from above.
    pub(super) fn prepare_choices(&mut self, plan: &Plan, schedule: &Schedule, facts: &dyn Facts) {
        let full = Shape::new(facts.universe());
        for node in &schedule.order {
            if self.stage[node.index()] != Some(Stage::Static) {
                self.wide_node(plan, schedule, facts, full, *node);
            }
        }
        self.choose_active(plan, schedule, facts, full);
        self.lower(plan, schedule, full);
    }

    /// What a static relation is, if the node is one.
    pub(super) fn static_relation(&self, plan: &Plan, node: NodeId) -> Option<&[u64]> {
        let full = self.full?;
        let is_static = self.stage[node.index()] == Some(Stage::Static) && plan.sorts[node.index()] == Sort::Relation;
        (is_static && self.wide_at[node.index()] != usize::MAX).then(|| self.wide_value(plan, node, full))
    }

    /// The shape of the small universe.
    pub(super) fn shape(&self) -> Shape {
        self.shape.unwrap_or(Shape::new(0))
    }

    /// The number of an event in the small universe; memory events always have one.
    pub(super) fn small(&self, event: usize) -> usize {
        self.small_id[event] as usize
    }

    /// Static flags, then those whose checks say so on the current candidate, as indices of checks.
    pub(super) fn flags(&mut self, raised: &mut Vec<usize>) {
        raised.clear();
        raised.extend(&self.static_flags);
        for i in 0..self.checks.len() {
            let role = self.checks[i].role;
            if role != Role::Require {
                let holds = self.small_test(i);
                if holds == (role == Role::Flag) {
                    raised.push(self.checks[i].index);
                }
            }
        }
        raised.sort_unstable();
    }

    // ---- all events ----------------------------------------------------------------------------------------------

    fn classify(&mut self, plan: &Plan, schedule: &Schedule, facts: &dyn Facts) {
        let count = plan.nodes.len();
        self.wide_at.clear();
        self.wide_at.resize(count, usize::MAX);
        self.stage.clear();
        self.stage.resize(count, None);
        self.empty.clear();
        self.empty.resize(count, false);
        self.wide.clear();
        self.fix_done.clear();
        self.fix_done.resize(plan.fixes.len(), false);
        let addresses_known = facts.addresses_known();
        for i in 0..count {
            let mut deps = schedule.deps[i];
            if addresses_known {
                deps = deps.without(Deps::ADDRESSES);
            }
            self.stage[i] = Some(if deps.has(Deps::CO) {
                Stage::Co
            } else if deps == Deps::NONE {
                Stage::Static
            } else {
                Stage::Rf
            });
        }
    }

    fn wide_size(sort: Sort, shape: Shape) -> usize {
        match sort {
            Sort::Set => shape.words,
            Sort::Relation => shape.matrix(),
        }
    }

    fn wide_value(&self, plan: &Plan, node: NodeId, shape: Shape) -> &[u64] {
        let at = self.wide_at[node.index()];
        &self.wide[at..at + Self::wide_size(plan.sorts[node.index()], shape)]
    }

    fn wide_node(&mut self, plan: &Plan, schedule: &Schedule, facts: &dyn Facts, full: Shape, id: NodeId) {
        let sort = plan.sorts[id.index()];
        let size = Self::wide_size(sort, full);
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
            // Operands lie elsewhere in the same arena; the result is moved out while it is computed.
            let at = self.wide_at[id.index()];
            let mut out = std::mem::take(&mut self.scratch);
            out.clear();
            out.resize(size, 0);
            self.wide_operation(plan, facts, full, id, &mut out);
            self.wide[at..at + size].copy_from_slice(&out);
            self.scratch = out;
        }
        let at = self.wide_at[id.index()];
        self.empty[id.index()] = k::is_empty(&self.wide[at..at + size]);
    }

    fn wide_operation(&self, plan: &Plan, facts: &dyn Facts, full: Shape, id: NodeId, out: &mut [u64]) {
        let value = |node: NodeId| self.wide_value(plan, node, full);
        let is_static = |node: NodeId| self.stage[node.index()] == Some(Stage::Static);
        match plan.node(id) {
            Node::Base(base) => match base {
                Base::Rf => out.copy_from_slice(facts.may_rf().bits()),
                Base::Co => out.copy_from_slice(facts.may_co().bits()),
                Base::Loc => out.copy_from_slice(facts.same_location().bits()),
                Base::FinalWrites => out.copy_from_slice(facts.writes().bits()),
                Base::Static(name) => {
                    let name = &plan.names[name as usize];
                    match plan.sorts[id.index()] {
                        Sort::Set => out.copy_from_slice(facts.set(name).bits()),
                        Sort::Relation => out.copy_from_slice(facts.relation(name).bits()),
                    }
                }
            },
            Node::Empty(_) => {}
            Node::Full(Sort::Set) => k::fill_set(full, out),
            Node::Full(Sort::Relation) => {
                (0..full.n).for_each(|i| k::fill_set(full, k::row_mut(full, out, i)));
            }
            Node::Identity => k::identity(full, out),
            Node::IdentityOn(a) => k::identity_on(full, out, value(a)),
            Node::Product(a, b) => k::product(full, out, value(a), value(b)),
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
                if !self.empty[a.index()] && !self.empty[b.index()] {
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

    fn wide_test(&mut self, plan: &Plan, test: Test, node: NodeId, full: Shape) -> bool {
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

    // ---- the small universe --------------------------------------------------------------------------------------

    /// Collects the events that dynamic values can hold.
    fn choose_active(&mut self, plan: &Plan, schedule: &Schedule, facts: &dyn Facts, full: Shape) {
        let mut active = facts.memory().bits().to_vec();
        for node in schedule.all() {
            let i = node.index();
            let is_static = self.stage[i] == Some(Stage::Static);
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
        self.shape = Some(Shape::new(self.active.len()));
    }

    fn allocate(&mut self, sort: Sort) -> Place {
        let place = self.small.len();
        let size = Self::wide_size(sort, self.shape());
        self.small.resize(place + size, 0);
        place
    }

    /// Turns what is left of the plan into steps over the small universe.
    fn lower(&mut self, plan: &Plan, schedule: &Schedule, full: Shape) {
        let shape = self.shape();
        self.small.clear();
        // The empty value, large enough for both sorts.
        self.small.resize(shape.matrix().max(shape.words), 0);
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
        };
        for node in &schedule.order {
            let Some(stage) = self.stage[node.index()] else { continue };
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
        for (index, check) in plan.checks.iter().enumerate() {
            if self.stage[check.node.index()] != Some(Stage::Static) {
                self.lower_check(plan, index, check, full);
            }
        }
    }

    /// Where the small value of a node is; static ones are copied there on first use.
    fn place_of(&mut self, plan: &Plan, node: NodeId, full: Shape) -> Place {
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
        if self.stage[i] == Some(Stage::Static) {
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
    fn step(
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
        let op = match plan.node(id) {
            Node::Base(base) => {
                self.place[id.index()] = match base {
                    Base::Rf => inputs.rf,
                    Base::Co => inputs.co,
                    Base::Loc => inputs.loc,
                    Base::FinalWrites => inputs.last,
                    Base::Static(_) => 0,
                };
                return None;
            }
            Node::Union(a, b) => match (at(self, a), at(self, b)) {
                (0, other) | (other, 0) => {
                    self.place[id.index()] = other;
                    return None;
                }
                (a, b) => Op::Union(a, b),
            },
            Node::Difference(a, b) => match (at(self, a), at(self, b)) {
                (a, 0) => {
                    self.place[id.index()] = a;
                    return None;
                }
                (a, b) => Op::Difference(a, b),
            },
            Node::Intersection(a, b) => Op::Intersection(at(self, a), at(self, b)),
            Node::Complement(a) if sort == Sort::Set => Op::ComplementSet(at(self, a)),
            Node::Complement(a) => Op::Complement(at(self, a)),
            Node::Sequence(a, b) => Op::Sequence(at(self, a), at(self, b)),
            Node::RestrictDomain(a, b) => Op::RestrictDomain(at(self, a), at(self, b)),
            Node::RestrictRange(a, b) => Op::RestrictRange(at(self, a), at(self, b)),
            Node::Plus(a) => Op::Plus(at(self, a)),
            Node::Inverse(a) => Op::Inverse(at(self, a)),
            Node::Domain(a) => Op::Domain(at(self, a)),
            Node::Range(a) => Op::Range(at(self, a)),
            Node::IdentityOn(a) => Op::IdentityOn(at(self, a)),
            Node::Product(a, b) => Op::Product(at(self, a), at(self, b)),
            Node::Fix(fix, index) => {
                let first = self.lower_fix(plan, schedule, full, fix);
                let var = plan.fixes[fix.0 as usize].vars[index as usize];
                self.place[id.index()] = self.place[var.index()];
                if !first && !inside {
                    return None;
                }
                Op::Fix(fix.0 as usize)
            }
            Node::Empty(_) | Node::Full(_) | Node::Identity | Node::Var(..) => Op::Nothing,
        };
        let to = match op {
            Op::Fix(_) => 0,
            _ => at(self, id),
        };
        Some(Step { op, to, sort })
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
            bindings.push((steps, body, self.place[var.index()], plan.sorts[var.index()]));
        }
        self.fixes[number] = SmallFix { bindings };
        true
    }

    fn lower_check(&mut self, plan: &Plan, index: usize, check: &PlanCheck, full: Shape) {
        // A bound from above that passes settles the check.
        if self.wide_test(plan, check.test, check.node, full) {
            let holds = !check.negated;
            let raised = match check.role {
                Role::Flag => holds,
                Role::Require => false,
                Role::UndefinedUnless | Role::Assert => !holds,
            };
            if raised {
                self.static_flags.push(index);
            }
            if check.role != Role::Require || holds {
                return;
            }
        }
        let test = match acyclic_operand(plan, check) {
            Some(operand) => self.lower_acyclic(plan, operand, full),
            None => match (check.test, plan.node(check.node)) {
                (Test::Irreflexive, Node::Sequence(a, b)) => {
                    SmallTest::IrreflexiveSequence(self.place_of(plan, a, full), self.place_of(plan, b, full))
                }
                (Test::Irreflexive, _) => SmallTest::Irreflexive(self.place_of(plan, check.node, full)),
                _ => SmallTest::Empty(self.place_of(plan, check.node, full), plan.sorts[check.node.index()]),
            },
        };
        let grows = check.monotonicity == Monotonicity::Growing;
        let stage = self.stage[check.node.index()].unwrap_or(Stage::Co);
        let prunes = grows && !check.negated && check.role == Role::Require;
        self.checks.push(SmallCheck { test, negated: check.negated, stage, prunes, role: check.role, index });
    }

    /// Closes the static part of the union over all events, so that the small universe need not hold them.
    fn lower_acyclic(&mut self, plan: &Plan, operand: NodeId, full: Shape) -> SmallTest {
        let mut closed = vec![0; full.matrix()];
        let mut places = Vec::new();
        for part in plan.union_parts(operand) {
            if self.empty[part.index()] {
                continue;
            }
            if self.stage[part.index()] == Some(Stage::Static) {
                let at = self.wide_at[part.index()];
                k::union_with(&mut closed, &self.wide[at..at + full.matrix()]);
            } else {
                places.push(self.place_of(plan, part, full));
            }
        }
        if !k::is_empty(&closed) {
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
            places.insert(0, place);
        }
        SmallTest::Acyclic(places)
    }

    // ---- running -------------------------------------------------------------------------------------------------

    /// The `rf` of the candidate, to be written: over the small universe.
    pub(super) fn rf_mut(&mut self) -> &mut [u64] {
        let size = self.shape().matrix();
        &mut self.small[self.inputs.rf..self.inputs.rf + size]
    }

    /// The `co` of the candidate, to be written.
    pub(super) fn co_mut(&mut self) -> &mut [u64] {
        let size = self.shape().matrix();
        &mut self.small[self.inputs.co..self.inputs.co + size]
    }

    /// The `loc` of the candidate, to be written where it was not known before.
    pub(super) fn loc_mut(&mut self) -> &mut [u64] {
        let size = self.shape().matrix();
        &mut self.small[self.inputs.loc..self.inputs.loc + size]
    }

    /// The final writes of the candidate, to be written.
    pub(super) fn last_mut(&mut self) -> &mut [u64] {
        let size = self.shape().words;
        &mut self.small[self.inputs.last..self.inputs.last + size]
    }

    /// Does the operations of a stage.
    pub(super) fn run(&mut self, stage: Stage) {
        let steps = match stage {
            Stage::Static => return,
            Stage::Rf => std::mem::take(&mut self.rf_steps),
            Stage::Co => std::mem::take(&mut self.co_steps),
        };
        for step in &steps {
            self.do_step(step);
        }
        match stage {
            Stage::Static => {}
            Stage::Rf => self.rf_steps = steps,
            Stage::Co => self.co_steps = steps,
        }
    }

    /// Whether the requirements of that stage hold; with `partial`, those only that tell something about a part.
    pub(super) fn accepts(&mut self, stage: Stage, partial: bool) -> bool {
        (0..self.checks.len()).all(|i| {
            let check = &self.checks[i];
            check.role != Role::Require
                || check.stage != stage
                || (partial && !check.prunes)
                || self.small_test(i)
        })
    }

    /// Whether there is something to check at that stage.
    pub(super) fn has_checks(&self, stage: Stage) -> bool {
        self.checks.iter().any(|check| check.stage == stage)
    }

    fn size(&self, sort: Sort) -> usize {
        Self::wide_size(sort, self.shape())
    }

    fn do_step(&mut self, step: &Step) {
        let shape = self.shape();
        if let Op::Fix(number) = step.op {
            return self.do_fix(number);
        }
        let size = self.size(step.sort);
        let words = shape.words;
        let matrix = shape.matrix();
        // Results lie behind their operands or before them, never across: the arena is cut around the result.
        let (before, rest) = self.small.split_at_mut(step.to);
        let (out, after) = rest.split_at_mut(size);
        let end = step.to + size;
        let value = |place: Place, size: usize| -> &[u64] {
            if place < step.to { &before[place..place + size] } else { &after[place - end..place - end + size] }
        };
        match step.op {
            Op::Union(a, b) => k::union(out, value(a, size), value(b, size)),
            Op::Intersection(a, b) => k::intersection(out, value(a, size), value(b, size)),
            Op::Difference(a, b) => k::difference(out, value(a, size), value(b, size)),
            Op::ComplementSet(a) => k::complement_set(shape, out, value(a, words)),
            Op::Complement(a) => k::complement(shape, out, value(a, matrix)),
            Op::Sequence(a, b) => k::sequence(shape, out, value(a, matrix), value(b, matrix)),
            Op::RestrictDomain(a, b) => k::restrict_domain(shape, out, value(a, words), value(b, matrix)),
            Op::RestrictRange(a, b) => k::restrict_range(shape, out, value(a, matrix), value(b, words)),
            Op::Plus(a) => {
                out.copy_from_slice(value(a, matrix));
                k::close(shape, out);
            }
            Op::Inverse(a) => k::converse(shape, out, value(a, matrix)),
            Op::Domain(a) => k::domain(shape, out, value(a, matrix)),
            Op::Range(a) => k::range(shape, out, value(a, matrix)),
            Op::IdentityOn(a) => k::identity_on(shape, out, value(a, words)),
            Op::Product(a, b) => k::product(shape, out, value(a, words), value(b, words)),
            Op::Fix(_) | Op::Nothing => {}
        }
    }

    fn do_fix(&mut self, number: usize) {
        let fix = std::mem::take(&mut self.fixes[number]);
        for (_, _, var, sort) in &fix.bindings {
            let size = self.size(*sort);
            self.small[*var..*var + size].fill(0);
        }
        loop {
            let mut grew = false;
            for (steps, body, var, sort) in &fix.bindings {
                for step in steps {
                    self.do_step(step);
                }
                let size = self.size(*sort);
                grew |= !k::is_subset(&self.small[*body..*body + size], &self.small[*var..*var + size]);
                self.small.copy_within(*body..*body + size, *var);
            }
            if !grew {
                break;
            }
        }
        self.fixes[number] = fix;
    }

    fn small_test(&mut self, index: usize) -> bool {
        let shape = self.shape();
        let matrix = shape.matrix();
        let check = &self.checks[index];
        let value = |place: Place| &self.small[place..place + matrix];
        let holds = match &check.test {
            SmallTest::Empty(place, sort) => k::is_empty(&self.small[*place..*place + Self::wide_size(*sort, shape)]),
            SmallTest::Irreflexive(place) => k::is_irreflexive(shape, value(*place)),
            SmallTest::IrreflexiveSequence(a, b) => {
                let (a, b) = (value(*a), value(*b));
                (0..shape.n).all(|i| k::elements(k::row(shape, a, i)).all(|j| !k::has_pair(shape, b, j, i)))
            }
            SmallTest::Acyclic(places) => {
                self.scratch.clear();
                self.scratch.resize(matrix + shape.words, 0);
                let (sum, alive) = self.scratch.split_at_mut(matrix);
                for place in places {
                    k::union_with(sum, &self.small[*place..*place + matrix]);
                }
                k::is_acyclic(shape, sum, alive)
            }
        };
        holds != check.negated
    }
}

/// The relation whose acyclicity a check asks for, looking through closures.
fn acyclic_operand(plan: &Plan, check: &PlanCheck) -> Option<NodeId> {
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
