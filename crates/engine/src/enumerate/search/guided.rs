//! The search that bounds guide.
//!
//! It makes all choices one by one: pairs; final writes where `co` does not say which they are; orders of events that no
//! read hangs on, such as those of locks; `rf`; the rest of `co`. After a choice, requirements are asked about the
//! bounds of all that may still be chosen. One that fails takes the choice back; one that holds is not asked again,
//! and when none is left, all that may still be chosen is an execution.
//!
//! Bounds cost about as much as a candidate. They are asked for where enough candidates hang on the answer, and less
//! and less often where the answer was of no use.

use super::super::Compiled;
use super::super::machine::{Locality, Open};
use super::choices::Other;
use super::free::Parts;
use super::nogoods::Nogoods;
use super::outcome::Observer;
use super::{Bounds, Search};
use crate::EngineError;
use execution::EventId;
use relation::{Relation, kernel as k};
use smallvec::SmallVec;

/// A set of events of the small universe.
type Words = SmallVec<[u64; 4]>;

/// How many candidates are worth making bounds: with a small model more than with a large one, of which bounds leave
/// little to do.
const WORTH_BOUNDS: [f64; 2] = [600.0, 48.0];

/// How many operations that choices decide make a model large.
const LARGE: usize = 100;

/// How many choices may follow each other: each is a function call.
const MAX_DECISIONS: usize = 2000;

/// What is chosen in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// The pair of an event: which choice of the plan, and which of its events.
    Pick(usize, usize),
    /// The order of a class of events.
    Class(usize),
    /// The write of a read.
    Read(usize),
    /// The final write to an observed location.
    Last(usize),
}

/// Events that are put in order.
#[derive(Debug)]
pub(super) struct Class {
    /// Which choice of the plan; `None` for `co`.
    pub(super) choice: Option<usize>,
    pub(super) events: Vec<u64>,
    /// Whether the outcome hangs on the order.
    pub(super) observed: bool,
    /// The place of all of them, if they have one.
    pub(super) place: Option<u32>,
}

/// What the guided search knows.
#[derive(Debug, Default)]
pub(super) struct Guide {
    pub(super) decisions: Vec<Decision>,
    /// How many candidates hang on each decision and those behind it.
    pub(super) below: Vec<f64>,
    pub(super) classes: Vec<Class>,
    /// The final writes that are chosen for themselves, by observer.
    pub(super) last: Vec<Option<EventId>>,
    /// What is picked for each event, by choice of the plan.
    pub(super) picked: Vec<Vec<Option<EventId>>>,
    /// By decision: how often it was asked there whether a requirement fails, and how often one did.
    pub(super) failed: Vec<(u32, u32)>,
    /// The same for whether all of them hold.
    pub(super) settled: Vec<(u32, u32)>,
    /// By decision: how often bounds could have been asked for.
    pub(super) visits: Vec<u32>,
    /// By event of the small universe: a number for its location, or for itself if it has none.
    location: Vec<usize>,
    /// What was still open when the last candidate was complete.
    pub(super) open_at_leaf: Open,
    /// Which choices have to do with each other.
    pub(super) parts: Parts,
    /// The chosen part of `rf`, over the small universe.
    pub(super) rf: Vec<u64>,
    /// What is picked, by choice of the plan.
    pub(super) pairs: Vec<Vec<u64>>,
    pub(super) nogoods: Nogoods,
    pub(super) scratch: [Vec<u64>; 2],
}

/// Whether there are so many candidates that bounds are worth making.
pub(super) fn is_worth_it(compiled: &Compiled, bounds: &Bounds<'_, '_>) -> bool {
    if !compiled.has_bounds || !bounds.s.known_addresses() {
        return false;
    }
    let mut candidates: f64 = bounds.reads.iter().map(|read| read.writers.len() as f64).product();
    // Of two events, one order is counted.
    if bounds.choices.co.events.len() >= 3 {
        for size in bounds.choices.co.class_sizes(&bounds.location, bounds.s.len()) {
            candidates *= factorial(size.saturating_sub(1));
        }
    }
    candidates >= WORTH_BOUNDS[usize::from(compiled.dynamic_nodes >= LARGE)]
}

impl Search<'_, '_> {
    /// Starts the search; `location` is `loc`.
    pub(super) fn start_guided(&mut self, location: &Relation) -> Result<(), EngineError> {
        let plan = &self.compiled.plan;
        let mut orders: Vec<cat::plan::NodeId> = plan.co.iter().map(|co| co.order).collect();
        orders.extend(plan.choices.iter().filter_map(|choice| match choice {
            cat::plan::Choice::Orders(orders) => Some(orders.order),
            cat::plan::Choice::Pairs { .. } => None,
        }));
        let communication = &self.compiled.recognised.communication;
        self.machine.prepare_bounds(plan, &self.compiled.schedule, communication, &orders);
        let mut guide = Guide { classes: self.classes(location), ..Guide::default() };
        guide.location = self.location_numbers();
        guide.last = vec![None; self.observers.len()];
        let levels: usize = guide.classes.iter().map(|class| k::elements(&class.events).count()).sum();
        let levels = levels + self.reads.len() + self.observers.len() + 2;
        self.workspace.orders.reset(self.shape, levels);
        self.workspace.others.clear();
        for _ in &self.choices.others {
            let mut orders = super::Orders::default();
            orders.reset(self.shape, levels);
            self.workspace.others.push(orders);
        }
        self.level = 0;
        if !self.start_orders(location) || !self.start_other_orders(location) {
            return Ok(());
        }
        guide.decide(self);
        self.division.start(guide.below[0]);
        guide.failed = vec![(0, 0); guide.decisions.len() + 1];
        guide.settled = guide.failed.clone();
        guide.visits = vec![0; guide.decisions.len() + 1];
        guide.rf = vec![0; self.shape.matrix()];
        guide.pairs = self.choices.others.iter().map(|_| vec![0; self.shape.matrix()]).collect();
        guide.picked = self.choices.others.iter().map(|other| vec![None; other.picks()]).collect();
        if guide.decisions.len() > MAX_DECISIONS {
            return Err(EngineError::Limit(format!("more than {MAX_DECISIONS} choices in one execution")));
        }
        let places: Vec<Option<u32>> = guide.classes.iter().map(|class| class.place).collect();
        guide.parts = Parts::new(self, &guide.decisions, &places);
        self.division.start(guide.below[0]);
        self.guided = Some(guide);
        if self.reads.is_empty() && !self.all_reads_decided() {
            return Ok(());
        }
        let open = self.machine.all_open();
        let Some(open) = self.look(0, open) else { return Ok(()) };
        if open == 0 && self.forget_exchanges() {
            // Orders are only counted: there is nothing to gain by an order of threads.
            self.guided = None;
            return self.start_guided(location);
        }
        self.machine.keep_root();
        self.explore(0, open)
    }

    /// The classes of events that are put in order.
    fn classes(&self, location: &Relation) -> Vec<Class> {
        let n = self.s.len();
        let small = |events: &[EventId]| {
            let mut class = vec![0; self.shape.words];
            events.iter().for_each(|event| k::put(&mut class, self.small(*event)));
            class
        };
        let mut result = Vec::new();
        let co_says_last = self.compiled.co_says_last();
        for class in self.choices.co.classes(location, n) {
            let observed = co_says_last
                && self.observers.iter().any(|observer| match observer {
                    Observer::Memory { writes: Some(writes), .. } => {
                        writes.iter().any(|write| class.contains(&write.event))
                    }
                    Observer::Memory { writes: None, .. } => true,
                    Observer::Known(_) | Observer::Register(..) => false,
                });
            let place = class.first().and_then(|event| self.s.place(*event));
            result.push(Class { choice: None, events: small(&class), observed, place });
        }
        for (at, other) in self.choices.others.iter().enumerate() {
            if let Other::Orders(ordered) = other {
                for class in ordered.classes(location, n) {
                    let place = class.first().and_then(|event| self.s.place(*event));
                    let place = place.filter(|_| ordered.by_location);
                    result.push(Class { choice: Some(at), events: small(&class), observed: false, place });
                }
            }
        }
        result
    }

    /// Puts into the first order of the other choices what holds whatever is chosen.
    fn start_other_orders(&mut self, location: &Relation) -> bool {
        for (at, other) in self.choices.others.iter().enumerate() {
            let Other::Orders(ordered) = other else { continue };
            for a in &ordered.events {
                // Even an event that is alone can't come before itself.
                if ordered.is_known(self.s, *a, *a) {
                    return false;
                }
            }
            for class in ordered.classes(location, self.s.len()) {
                let is_coherent = self.coherent == Some(at);
                for a in &class {
                    for b in &class {
                        let is_known = ordered.is_known(self.s, *a, *b);
                        let (a, b) = (self.small(*a), self.small(*b));
                        if !(is_known || is_coherent && self.po_loc_has(a, b)) {
                            continue;
                        }
                        if !self.workspace.others[at].add(self.shape, 0, a, b) {
                            return false;
                        }
                    }
                }
            }
        }
        (0..self.choices.others.len()).all(|at| self.order_threads_alike(Some(at)))
    }

    pub(super) fn guide(&mut self) -> &mut Guide {
        self.guided.get_or_insert_default()
    }

    pub(super) fn decision(&self, at: usize) -> Option<Decision> {
        self.guided.as_ref()?.decisions.get(at).copied()
    }

    /// A new level of all orders.
    pub(super) fn push_level(&mut self) {
        self.workspace.orders.push(self.shape, self.level);
        self.workspace.others.iter_mut().for_each(|orders| orders.push(self.shape, self.level));
        self.level += 1;
    }

    /// Makes the choices from a position on.
    pub(super) fn explore_on(&mut self, at: usize, open: Open) -> Result<(), EngineError> {
        self.pause()?;
        let Some(decision) = self.decision(at) else { return self.guided_leaf(open) };
        if self.is_product(at, open) && self.explore_parts(at)? {
            return Ok(());
        }
        match decision {
            Decision::Read(read) => self.explore_read(at, read, open),
            Decision::Class(class) => {
                let events = Words::from_slice(&self.guide().classes[class].events);
                if self.one_is_enough || !self.outcome_is_decided_from(at, open) {
                    return self.explore_order(at, class, &events, open);
                }
                if self.is_known_outcome() {
                    return Ok(());
                }
                (self.one_is_enough, self.found) = (true, false);
                let result = self.explore_order(at, class, &events, open);
                self.one_is_enough = false;
                result
            }
            Decision::Pick(choice, pick) => {
                let Other::Pairs(picks) = &self.choices.others[choice] else { return Ok(()) };
                let (shape, event) = (self.shape, self.small(picks[pick].event));
                for from in picks[pick].from.clone() {
                    let small = self.small(from);
                    let guide = self.guide();
                    guide.picked[choice][pick] = Some(from);
                    k::put_pair(shape, &mut guide.pairs[choice], small, event);
                    if !self.is_nogood()
                        && let Some(open) = self.look(at + 1, open)
                    {
                        self.explore(at + 1, open)?;
                    }
                    k::take(k::row_mut(shape, &mut self.guide().pairs[choice], small), event);
                }
                self.guide().picked[choice][pick] = None;
                Ok(())
            }
            Decision::Last(last) => self.explore_last(at, last, open),
        }
    }

    /// Whether what is chosen from a position on can be chosen part by part.
    pub(super) fn is_product(&self, at: usize, open: Open) -> bool {
        open == 0
            && !self.one_is_enough
            && self.guided.as_ref().is_some_and(|guide| guide.parts.fall_apart(at, guide.below[at]))
    }

    fn explore_read(&mut self, at: usize, read: usize, open: Open) -> Result<(), EngineError> {
        let level = self.level;
        let is_last_read = read + 1 == self.reads.len();
        let is_forced = open != 0 && self.nogoods_known() > 0 && self.has_one_writer_left(read);
        let known = self.nogoods_known();
        for next in 0..self.reads[read].writers.len() {
            let writer = self.reads[read].writers[next];
            let mark = self.trail.len();
            self.rf.push(writer);
            self.registers_known = false;
            self.push_level();
            self.set_rf(read, writer, true);
            let possible = self.order_after(read, writer)
                && !self.is_nogood()
                && (self.plain || self.propagate())
                && self.is_wanted()
                && (!is_last_read || self.all_reads_decided());
            if possible && let Some(open) = self.look_unless(is_forced, at + 1, open) {
                self.explore(at + 1, open)?;
            }
            self.rf.pop();
            self.set_rf(read, writer, false);
            self.undo(mark);
            self.level = level;
            if self.was_refuted(known) {
                break;
            }
        }
        Ok(())
    }

    /// Whether all writes but one are known not to be what a read reads, given what was chosen before.
    fn has_one_writer_left(&mut self, read: usize) -> bool {
        let mut left = 0;
        for next in 0..self.reads[read].writers.len() {
            if left > 1 {
                return false;
            }
            let writer = self.reads[read].writers[next];
            let level = self.level;
            self.rf.push(writer);
            self.push_level();
            self.set_rf(read, writer, true);
            left += usize::from(self.order_after(read, writer) && !self.is_nogood());
            self.set_rf(read, writer, false);
            self.rf.pop();
            self.level = level;
        }
        left <= 1
    }

    fn set_rf(&mut self, read: usize, writer: EventId, is_chosen: bool) {
        let (shape, from, to) = (self.shape, self.small(writer), self.small(self.reads[read].event));
        let row = k::row_mut(shape, &mut self.guide().rf, from);
        if is_chosen { k::put(row, to) } else { k::take(row, to) }
    }

    /// All reads have their write: whether all values are known, and what the model then says of orders can be.
    fn all_reads_decided(&mut self) -> bool {
        self.registers_known = false;
        if self.plain {
            self.fill_values_of_plain_reads();
        } else if self.values.iter().flatten().any(Option::is_none) && !self.name_circles() {
            return false;
        }
        if !self.asks_for_orders() {
            return true;
        }
        self.set_bounds(self.guided.as_ref().map_or(0, |guide| guide.decisions.len()));
        let plan = &self.compiled.plan;
        let co = plan.co.iter().map(|co| (None, co.order));
        let others = plan.choices.iter().enumerate().filter_map(|(at, choice)| match choice {
            cat::plan::Choice::Orders(orders) => Some((Some(at), orders.order)),
            cat::plan::Choice::Pairs { .. } => None,
        });
        for (choice, node) in co.chain(others) {
            let Some(pairs) = self.machine.lower_bound(plan, node).map(Words::from_slice) else { continue };
            let classes = self.guided.iter().flat_map(|guide| &guide.classes);
            for class in classes.filter(|class| class.choice == choice) {
                for a in k::elements(&class.events) {
                    let later = k::row(self.shape, &pairs, a);
                    for b in k::elements(later).filter(|b| k::has(&class.events, *b)) {
                        let orders = match choice {
                            None => &mut self.workspace.orders,
                            Some(at) => &mut self.workspace.others[at],
                        };
                        if !orders.add(self.shape, self.level, a, b) {
                            return false;
                        }
                    }
                }
            }
        }
        true
    }

    /// Whether the model says something of orders that depends on `rf`.
    pub(super) fn asks_for_orders(&self) -> bool {
        let plan = &self.compiled.plan;
        plan.choice_nodes().any(|node| self.machine.is_dynamic(node))
    }

    /// Puts one of the first of the remaining events next, in all ways.
    pub(super) fn explore_order_on(
        &mut self,
        at: usize,
        class: usize,
        remaining: &[u64],
        open: Open,
    ) -> Result<(), EngineError> {
        self.pause()?;
        let choice = self.guide().classes[class].choice;
        if open == 0 {
            // Nothing but the outcome hangs on the order any more: it is enough to count.
            let ways = match self.guide().classes[class].observed {
                false => {
                    self.count_orders(choice, remaining).map(|ways| SmallVec::from_elem((None, ways), 1))
                }
                true => self.count_by_last(remaining),
            };
            if let Some(ways) = ways {
                return self.explore_counted(at, &ways);
            }
        }
        let (level, known) = (self.level, self.nogoods_known());
        let mut events = k::elements(remaining);
        if let (Some(_), None) | (None, _) = (events.next(), events.next()) {
            return self.explore(at + 1, open);
        }
        let is_forced = open != 0 && self.nogoods_known() > 0 && self.has_one_event_left(choice, remaining);
        for event in k::elements(remaining) {
            if !self.may_come_first(choice, remaining, event) {
                continue;
            }
            let order = self.order(choice);
            let mut later = Words::from_slice(remaining);
            k::take(&mut later, event);
            if k::is_subset(&later, k::row(self.shape, order, event)) {
                self.explore_order(at, class, &later, open)?;
                break;
            }
            self.push_level();
            let possible = self.put_first(choice, event, &later)
                && (choice.is_some() || self.atomic.is_empty() || self.order_by_atomicity(self.level))
                && !self.is_nogood();
            if possible {
                let is_complete = k::elements(&later).count() == 1;
                if let Some(open) = self.look_unless(is_forced, at + usize::from(is_complete), open) {
                    self.explore_order(at, class, &later, open)?;
                }
            }
            self.level = level;
            if self.one_is_enough && self.found || self.was_refuted(known) {
                break;
            }
        }
        Ok(())
    }

    /// Whether the order has none of the others before an event.
    fn may_come_first(&self, choice: Option<usize>, remaining: &[u64], event: usize) -> bool {
        let order = self.order(choice);
        !k::elements(remaining).any(|other| k::has_pair(self.shape, order, other, event))
    }

    /// Puts an event before others.
    fn put_first(&mut self, choice: Option<usize>, event: usize, others: &[u64]) -> bool {
        let (shape, level) = (self.shape, self.level);
        let orders = match choice {
            None => &mut self.workspace.orders,
            Some(at) => &mut self.workspace.others[at],
        };
        k::elements(others).all(|other| orders.add(shape, level, event, other))
    }

    /// Whether all events but one are known not to come next.
    fn has_one_event_left(&mut self, choice: Option<usize>, remaining: &[u64]) -> bool {
        let level = self.level;
        let mut left = 0;
        for event in k::elements(remaining) {
            if left > 1 {
                return false;
            }
            if self.may_come_first(choice, remaining, event) {
                let mut later = Words::from_slice(remaining);
                k::take(&mut later, event);
                self.push_level();
                left += usize::from(self.put_first(choice, event, &later) && !self.is_nogood());
                self.level = level;
            }
        }
        left <= 1
    }

    fn explore_last(&mut self, at: usize, last: usize, open: Open) -> Result<(), EngineError> {
        let all = self.writes_observed(last);
        let own: SmallVec<[EventId; 4]> =
            all.iter().copied().filter(|write| self.s.thread(*write).is_some()).collect();
        let candidates = if own.is_empty() { all.clone() } else { own };
        if candidates.is_empty() {
            return self.explore(at + 1, open);
        }
        let level = self.level;
        for write in candidates {
            self.guide().last[last] = Some(write);
            self.push_level();
            if self.order_before_last(&all, write)
                && let Some(open) = self.look(at + 1, open)
            {
                self.explore(at + 1, open)?;
            }
            self.level = level;
        }
        self.guide().last[last] = None;
        Ok(())
    }

    /// Puts the final write behind all others to its location, in the orders that want it so.
    fn order_before_last(&mut self, all: &[EventId], last: EventId) -> bool {
        let (plan, shape, level) = (&self.compiled.plan, self.shape, self.level);
        let small = |event: EventId| self.ids[event.index()] as usize;
        let before = |events: &[EventId]| -> SmallVec<[usize; 8]> {
            if !events.contains(&last) {
                return SmallVec::new();
            }
            let others = all.iter().filter(|other| **other != last && events.contains(other));
            others.map(|other| small(*other)).collect()
        };
        let last = small(last);
        if plan.co.is_some_and(|co| co.final_last) {
            for other in before(&self.choices.co.events) {
                if !self.workspace.orders.add(shape, level, other, last) {
                    return false;
                }
            }
        }
        for (at, choice) in plan.choices.iter().enumerate() {
            let cat::plan::Choice::Orders(orders) = choice else { continue };
            let Other::Orders(ordered) = &self.choices.others[at] else { continue };
            for other in if orders.final_last { before(&ordered.events) } else { SmallVec::new() } {
                if !self.workspace.others[at].add(shape, level, other, last) {
                    return false;
                }
            }
        }
        true
    }

    /// The writes to an observed location.
    pub(super) fn writes_observed(&self, last: usize) -> SmallVec<[EventId; 4]> {
        match &self.observers[last] {
            Observer::Memory { writes: Some(writes), .. } => writes.iter().map(|write| write.event).collect(),
            _ => SmallVec::new(),
        }
    }

    /// Whether the order of a class is known.
    fn is_in_order(&self, class: &Class) -> bool {
        let order = self.order(class.choice);
        k::elements(&class.events).all(|a| {
            let is_known = |b: usize| {
                a == b || k::has_pair(self.shape, order, a, b) || k::has_pair(self.shape, order, b, a)
            };
            k::elements(&class.events).all(is_known)
        })
    }

    /// The order that a choice has come to.
    pub(super) fn order(&self, choice: Option<usize>) -> &[u64] {
        match choice {
            None => self.workspace.orders.level(self.shape, self.level),
            Some(at) => self.workspace.others[at].level(self.shape, self.level),
        }
    }

    /// Whether outcomes alone are asked for, and all that is still open makes no difference to them.
    pub(super) fn outcome_is_decided_from(&self, at: usize, open: Open) -> bool {
        let is_open = |all: &Self| all.rf.len() < all.reads.len() || all.machine.bounds_may_flag(open);
        if !self.sink.outcomes_only() || is_open(self) {
            return false;
        }
        let Some(guide) = &self.guided else { return false };
        guide.decisions[at..].iter().all(|decision| match decision {
            Decision::Class(class) => !guide.classes[*class].observed,
            Decision::Pick(..) => true,
            Decision::Read(_) | Decision::Last(_) => false,
        })
    }

    /// A candidate is complete.
    fn guided_leaf(&mut self, open: Open) -> Result<(), EngineError> {
        self.count_candidate();
        if self.stats.candidates.is_multiple_of(256) && self.sink.stop() {
            return Err(EngineError::Stopped);
        }
        if open != 0 {
            self.set_bounds(self.guided.as_ref().map_or(0, |guide| guide.decisions.len()));
            if self.machine.narrow(open, false, false).is_none() {
                self.learn();
                return Ok(());
            }
        }
        self.guide().open_at_leaf = open;
        self.accepted()
    }

    /// The same, if the choice was one among others.
    fn look_unless(&mut self, is_forced: bool, at: usize, open: Open) -> Option<Open> {
        if is_forced { Some(open) } else { self.look(at, open) }
    }

    /// What is still open after a choice, if that is worth asking; `None` if some requirement fails already.
    fn look(&mut self, at: usize, open: Open) -> Option<Open> {
        if open == 0 {
            return Some(0);
        }
        let guide = self.guide();
        let below = guide.below[at];
        if below < 2.0 {
            return Some(open);
        }
        guide.visits[at] += 1;
        let is_now_and_then = guide.visits[at].is_power_of_two();
        if !is_now_and_then && !is_worth(guide.failed[at], below) && !is_worth(guide.settled[at], below) {
            return Some(open);
        }
        let settle = is_now_and_then || is_worth(guide.settled[at], below);
        self.count_candidate();
        self.set_bounds(at);
        let mut left = self.machine.narrow(open, settle, at == 0);
        if settle {
            left = left.map(|left| self.settle_by_locality(left));
        }
        if left.is_none() {
            self.learn();
        }
        let is_settled = left.is_some_and(|left| self.machine.requires_nothing(left));
        let guide = self.guide();
        let failed = &mut guide.failed[at];
        *failed = (failed.0 + 1, failed.1 + u32::from(left.is_none()));
        if settle {
            let settled = &mut guide.settled[at];
            *settled = (settled.0 + 1, settled.1 + u32::from(is_settled));
        }
        left
    }

    /// What is still open once coherence is taken for granted.
    fn settle_by_locality(&self, open: Open) -> Open {
        let (Some(guide), Some(po_loc), None) = (&self.guided, &self.po_loc, self.coherent) else {
            return open;
        };
        let coherence: SmallVec<[usize; 2]> =
            self.compiled.recognised.coherence.iter().map(|found| found.check).collect();
        let locality = Locality { location: &guide.location, po_loc, coherence: &coherence };
        self.machine.settle_by_locality(open, &locality)
    }

    /// A number for each location, and for each event of the small universe that has none.
    fn location_numbers(&self) -> Vec<usize> {
        let n = self.s.len();
        let mut numbers: Vec<usize> = (n..n + self.shape.n).collect();
        for event in self.s.events().filter(|event| self.ids[event.index()] != u32::MAX) {
            if let Some(place) = self.s.place(event) {
                numbers[self.ids[event.index()] as usize] = place as usize;
            }
        }
        let mut known = numbers.clone();
        known.sort_unstable();
        known.dedup();
        numbers.iter().map(|number| known.binary_search(number).unwrap_or(0)).collect()
    }
}

impl Guide {
    /// The final write that an observer sees, if it is chosen for itself.
    pub(super) fn last(&self, observer: usize) -> Option<EventId> {
        self.last.get(observer).copied().flatten()
    }

    /// Which choices are made, in which order, and how much hangs on them.
    fn decide(&mut self, search: &Search<'_, '_>) {
        let mut decisions = Vec::new();
        for (at, other) in search.choices.others.iter().enumerate() {
            decisions.extend((0..other.picks()).map(|pick| Decision::Pick(at, pick)));
        }
        // Before orders: those that put the final write last must not be counted without it.
        if !search.compiled.co_says_last() {
            let is_memory = |at: &usize| matches!(search.observers[*at], Observer::Memory { .. });
            decisions.extend((0..search.observers.len()).filter(is_memory).map(Decision::Last));
        }
        let is_written = |class: &Class| {
            let own = search.writes.iter().filter(|write| search.s.thread(**write).is_some());
            let is_coherent = class.choice.is_none() || class.choice == search.coherent;
            is_coherent && own.into_iter().any(|write| k::has(&class.events, search.small(*write)))
        };
        let open = (0..self.classes.len()).filter(|class| !search.is_in_order(&self.classes[*class]));
        let (late, early): (Vec<usize>, Vec<usize>) =
            open.partition(|class| is_written(&self.classes[*class]));
        decisions.extend(early.into_iter().map(Decision::Class));
        decisions.extend((0..search.reads.len()).map(Decision::Read));
        decisions.extend(late.into_iter().map(Decision::Class));
        let ways = |decision: &Decision| match decision {
            Decision::Pick(choice, pick) => search.choices.others[*choice].ways(*pick) as f64,
            Decision::Class(class) => {
                let size = k::elements(&self.classes[*class].events).count();
                factorial(size.saturating_sub(1))
            }
            Decision::Read(read) => search.reads[*read].writers.len() as f64,
            Decision::Last(last) => search.writes_observed(*last).len().max(1) as f64,
        };
        let mut below = vec![1.0; decisions.len() + 1];
        for at in (0..decisions.len()).rev() {
            below[at] = below[at + 1] * ways(&decisions[at]);
        }
        (self.decisions, self.below) = (decisions, below);
    }
}

impl Other {
    fn picks(&self) -> usize {
        match self {
            Other::Orders(_) | Other::Unknown(_) => 0,
            Other::Pairs(picks) => picks.len(),
        }
    }

    fn ways(&self, pick: usize) -> usize {
        match self {
            Other::Orders(_) | Other::Unknown(_) => 1,
            Other::Pairs(picks) => picks[pick].from.len(),
        }
    }
}

/// Whether a question is worth asking that was asked so often, and so often got an answer of use, where so many
/// candidates hang on it. Those that are wrong for the same reason are left out together, so that they count for less.
fn is_worth((asked, of_use): (u32, u32), candidates: f64) -> bool {
    f64::from(of_use + 1) / f64::from(asked + 1) * (1.0 + candidates).ln() >= 1.5
}

pub(super) fn factorial(n: usize) -> f64 {
    (2..=n).map(|i| i as f64).product()
}
