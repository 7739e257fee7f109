//! A plan, made ready for one structure and run on its candidates.
//!
//! Operations that depend on nothing but the structure are done once, over all events. What is left works on the few
//! events that it can touch, one word a row as long as they are at most 64, and in two stages: what `rf` decides, and
//! what needs `co` too. Bounds of `rf` and `co` from above tell which operations yield nothing and which checks
//! can't fail: they are dropped.

mod bounds;
mod direct;
mod form;
mod locality;
mod lower;
mod reasons;
mod run;
mod schedule;
mod short;
mod wide;

pub(super) use bounds::{Input, Open, Side, has_bounds};
pub(super) use locality::Locality;
pub(super) use reasons::Literal;
pub(super) use schedule::Schedule;

use cat::ast::Role;
use cat::plan::{NodeId, Plan, Sort};
use execution::Predefined;
use relation::Shape;
use smallvec::SmallVec;
use std::sync::Arc;

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

/// An operation on the values at places `a` and `b` of a [`Step`].
#[derive(Clone, Copy, Debug)]
enum Op {
    Union,
    Intersection,
    Difference,
    ComplementSet,
    Complement,
    Sequence,
    RestrictDomain,
    RestrictRange,
    Plus,
    Inverse,
    Domain,
    Range,
    IdentityOn,
    Product,
    /// Iterates the fixpoint; its results are then in place.
    Fix(u32),
    /// A variable of a fixpoint starts empty; done by `Fix`.
    Nothing,
}

/// An operation and where its operands and its result are; operands that it does not have are at 0. Results lie
/// behind what they are made from. Many are kept, so that it is small: an arena has far less than 2^32 words.
#[derive(Clone, Copy, Debug)]
struct Step {
    op: Op,
    a: u32,
    b: u32,
    to: u32,
    sort: Sort,
}

impl Step {
    fn new(op: Op, a: Place, b: Place, to: Place, sort: Sort) -> Step {
        Step { op, a: a as u32, b: b as u32, to: to as u32, sort }
    }

    fn a(&self) -> Place {
        self.a as Place
    }

    fn b(&self) -> Place {
        self.b as Place
    }

    fn to(&self) -> Place {
        self.to as Place
    }

    /// What it is made from, apart from what a fixpoint itself makes.
    fn operands<'a>(&self, fixes: &'a [SmallFix]) -> impl Iterator<Item = Place> + use<'a> {
        let more: &'a [Place] = match self.op {
            Op::Fix(number) => &fixes[number as usize].inputs,
            _ => &[],
        };
        [self.a(), self.b()].into_iter().filter(|place| *place != 0).chain(more.iter().copied())
    }
}

/// A fixpoint over the small universe.
#[derive(Clone, Debug, Default)]
struct SmallFix {
    bindings: Vec<SmallBinding>,
    /// The values from outside that its bodies use.
    inputs: Vec<Place>,
}

/// A binding of a fixpoint.
#[derive(Clone, Debug)]
struct SmallBinding {
    steps: Vec<Step>,
    body: Place,
    var: Place,
    sort: Sort,
    /// The variable's value before the fixpoint was last iterated.
    before: Vec<u64>,
}

/// Whether a value is another than before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    /// It is the same.
    #[default]
    No,
    /// It changed some time before, and operations that need `co` were not done since.
    Before,
    /// It changed when it was last computed.
    Now,
}

#[derive(Clone, Debug)]
enum SmallTest {
    /// The union of these has no cycle.
    Acyclic(SmallVec<[Place; 6]>),
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
    /// Writes a predefined set or relation; what `out` held is gone.
    fn predefined(&self, what: Predefined, out: &mut [u64]);
    /// Writes the predefined set or relation that the plan knows by that number.
    fn named(&self, name: u32, out: &mut [u64]);
    /// Writes `loc`, or all pairs that may come to be in it.
    fn same_location(&self, out: &mut [u64]);
    /// Whether `loc` is known.
    fn addresses_known(&self) -> bool;
    /// Writes all pairs that may come to be in `rf`.
    fn may_rf(&self, out: &mut [u64]);
    /// Writes all pairs that may come to be in `co`.
    fn may_co(&self, out: &mut [u64]);
    /// Writes all pairs that may come to be in another choice of the plan.
    fn may_choose(&self, number: u32, out: &mut [u64]);
    /// Writes all events that may come to be the final writes.
    fn may_be_final(&self, out: &mut [u64]);
    /// Writes all pairs of memory accesses that may come to have different values.
    fn may_differ(&self, out: &mut [u64]);
    /// Whether to give up; asked where there are many events.
    fn stop(&self) -> bool;
}

/// A plan on one structure. Its memory is used again for the next structure.
#[derive(Clone, Debug, Default)]
pub(super) struct Machine {
    full: Shape,
    /// Values over all events: what static nodes yield, and bounds from above for all others.
    wide: Vec<u64>,
    wide_at: Vec<usize>,
    stage: Vec<Stage>,
    /// Which nodes were static before bounds were known.
    was_static: Vec<bool>,
    empty: Vec<bool>,
    fix_done: Vec<bool>,
    /// The events that dynamic operations can touch.
    active: Vec<u32>,
    small_id: Vec<u32>,
    /// Whether the small universe is that of all events, and `small` holds what was `wide`.
    direct: bool,
    shape: Shape,
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
    /// By place.
    changed: Vec<Change>,
    /// By place: when a value inside a fixpoint last changed, by a clock that never goes back.
    grown: Vec<u64>,
    clock: u64,
    /// Whether the stages after the static one were run.
    ran: [bool; 2],
    /// Whether what `rf` decides was done since operations that need `co` were.
    has_new_rf: bool,
    result: Vec<u64>,
    bounds: bounds::BoundSteps,
    forms: form::Forms,
}

#[derive(Clone, Copy, Debug, Default)]
struct Inputs {
    rf: Place,
    co: Place,
    loc: Place,
    last: Place,
    /// The pairs of accesses with different values; the place of `rf` if nobody asks.
    differ: Place,
}

/// What a structure's static checks say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prepared {
    /// There may be executions.
    Ready,
    /// A static check rejects every execution.
    Rejected,
    /// [`Facts::stop`] said so.
    Stopped,
}

/// Of structures with so many events, each operation takes a while.
const MANY_EVENTS: usize = 256;

impl Machine {
    /// Does the static part. `facts` need not know bounds of `rf` and `co` yet.
    pub(super) fn prepare(&mut self, plan: &Arc<Plan>, schedule: &Schedule, facts: &dyn Facts) -> Prepared {
        let full = Shape::new(facts.universe());
        self.full = full;
        if full.words == 1 {
            return self.prepare_form(plan, schedule, facts);
        }
        self.classify(plan, schedule, facts);
        for node in &schedule.order {
            if self.stage[node.index()] == Stage::Static {
                if full.n >= MANY_EVENTS && facts.stop() {
                    return Prepared::Stopped;
                }
                self.wide_node(plan, schedule, facts, full, *node);
            }
        }
        self.static_flags.clear();
        for (index, check) in plan.checks.iter().enumerate() {
            if self.stage[check.node.index()] == Stage::Static {
                let holds = self.wide_test(plan, check.test, check.node, full);
                if self.decide(plan, index, holds) == Prepared::Rejected {
                    return Prepared::Rejected;
                }
            }
        }
        Prepared::Ready
    }

    /// Takes note of what the test of a check says that no choice decides.
    fn decide(&mut self, plan: &Plan, index: usize, passes: bool) -> Prepared {
        let check = &plan.checks[index];
        let holds = passes != check.negated;
        match check.role {
            Role::Flag if holds => self.static_flags.push(index),
            Role::UndefinedUnless | Role::Assert if !holds => self.static_flags.push(index),
            Role::Require if !holds => return Prepared::Rejected,
            _ => {}
        }
        Prepared::Ready
    }

    /// Prepares the rest, given bounds of `rf` and `co` from above. About so many candidates are to be judged.
    pub(super) fn prepare_choices(
        &mut self,
        plan: &Plan,
        schedule: &Schedule,
        facts: &dyn Facts,
        candidates: usize,
    ) -> Prepared {
        let full = Shape::new(facts.universe());
        if direct::is_worth_it(full, candidates) {
            return self.prepare_rest(plan, schedule);
        }
        self.direct = false;
        if full.words == 1 {
            self.find_empty_values(plan);
        }
        for node in &schedule.order {
            if self.stage[node.index()] != Stage::Static {
                if full.n >= MANY_EVENTS && facts.stop() {
                    return Prepared::Stopped;
                }
                self.wide_node(plan, schedule, facts, full, *node);
            }
        }
        self.refine_stages(plan, schedule);
        self.choose_active(plan, schedule, facts, full);
        self.lower(plan, schedule, full)
    }

    /// What a static relation is, if the node is one.
    pub(super) fn static_relation(&self, plan: &Plan, node: NodeId) -> Option<&[u64]> {
        let full = self.full;
        let is_static =
            self.stage[node.index()] == Stage::Static && plan.sorts[node.index()] == Sort::Relation;
        (is_static && self.wide_at[node.index()] != usize::MAX).then(|| self.wide_value(plan, node, full))
    }

    /// What a static set is.
    pub(super) fn static_set(&self, plan: &Plan, node: NodeId) -> &[u64] {
        self.wide_value(plan, node, self.full)
    }

    /// Whether the value of a node hangs on choices.
    pub(super) fn is_dynamic(&self, node: NodeId) -> bool {
        self.stage[node.index()] != Stage::Static && !self.empty[node.index()]
    }

    /// Whether a node yields nothing whatever is chosen.
    pub(super) fn is_empty(&self, node: NodeId) -> bool {
        self.empty[node.index()]
    }

    /// Whether the value of a node was known before bounds of what may be chosen were.
    pub(super) fn was_static(&self, node: NodeId) -> bool {
        self.was_static[node.index()]
    }

    /// The value of a relation that choices decide, over the small universe, when it was computed last.
    pub(super) fn relation(&self, node: NodeId) -> Option<&[u64]> {
        let place = self.place[node.index()];
        let is_known = self.stage[node.index()] != Stage::Static && !self.empty[node.index()];
        (is_known && place != usize::MAX).then(|| &self.small[place..place + self.shape.matrix()])
    }

    /// What a relation may hold at most, if bounds were made.
    pub(super) fn upper_bound(&self, plan: &Plan, node: NodeId) -> Option<&[u64]> {
        let is_known = !self.direct && self.wide_at[node.index()] != usize::MAX;
        is_known.then(|| self.wide_value(plan, node, self.full))
    }

    /// Leaves a check of the plan out: the caller knows that it holds.
    pub(super) fn drop_check(&mut self, index: usize) {
        self.checks.retain(|check| check.index != index);
    }

    /// The shape of the small universe.
    pub(super) fn shape(&self) -> Shape {
        self.shape
    }

    /// The number in the small universe of each event; `u32::MAX` for events that no choice can touch. Memory events
    /// always have one.
    pub(super) fn small_ids(&self) -> &[u32] {
        &self.small_id
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
}
