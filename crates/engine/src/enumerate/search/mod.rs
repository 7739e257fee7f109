//! The search through `rf` and `co` of one structure.

mod atomicity;
mod choices;
mod co;
mod coherence;
mod counting;
mod exchange;
mod free;
mod guided;
mod inputs;
mod narrow;
mod nogoods;
mod outcome;
mod parts;
mod portion;
mod reads;
mod short;
mod symmetry;
mod values;

use self::choices::Choices;
use self::coherence::{Coherence, Implied};
use self::outcome::Observer;
use self::portion::Division;
use super::Compiled;
use super::machine::{Facts, Machine, Prepared};
use super::order::Orders;
use super::portions;
use super::sequences::Sequences;
use crate::{EngineError, Observable, Problem, Sink, Stats};
use execution::{EventId, Kind, Predefined, Structure, Value, VarId};
use relation::{Relation, Set, Shape, kernel as k};
use smallvec::SmallVec;
use std::cell::RefCell;

/// Memory that is used again for the next structure.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    orders: Orders,
    /// Of choices of orders besides `co`.
    others: Vec<Orders>,
    flags: Vec<usize>,
    outcome: Vec<Value>,
    last: Vec<u64>,
}

/// A memory read, and what it may read.
#[derive(Debug)]
struct Read {
    event: EventId,
    thread: usize,
    var: VarId,
    width: u8,
    writers: SmallVec<[EventId; 8]>,
}

/// A structure with bounds of what may be chosen.
struct Bounds<'a, 'p> {
    names: &'a [Predefined],
    s: &'a Structure<'p>,
    location: Relation,
    reads: Vec<Read>,
    choices: Choices,
    observed: &'a [Observable],
    sink: RefCell<&'a mut dyn Sink>,
}

impl Facts for Bounds<'_, '_> {
    fn stop(&self) -> bool {
        self.sink.borrow_mut().stop()
    }

    fn universe(&self) -> usize {
        self.s.len()
    }

    fn predefined(&self, what: Predefined, out: &mut [u64]) {
        self.s.write(what, out);
    }

    fn named(&self, name: u32, out: &mut [u64]) {
        self.s.write(self.names[name as usize], out);
    }

    fn same_location(&self, out: &mut [u64]) {
        out.copy_from_slice(self.location.bits());
    }

    fn addresses_known(&self) -> bool {
        self.s.known_addresses()
    }

    fn may_rf(&self, out: &mut [u64]) {
        let shape = Shape::new(self.s.len());
        out.fill(0);
        for read in &self.reads {
            for writer in &read.writers {
                k::put_pair(shape, out, writer.index(), read.event.index());
            }
        }
    }

    fn may_co(&self, out: &mut [u64]) {
        out.copy_from_slice(self.choices.co.may(self.s, &self.location).bits());
    }

    fn may_choose(&self, number: u32, out: &mut [u64]) {
        out.copy_from_slice(self.choices.may(number, self.s, &self.location).bits());
    }

    fn may_be_final(&self, out: &mut [u64]) {
        out.fill(0);
        let observed = |address: Value| self.observed.contains(&Observable::Memory(address));
        for write in self.s.writes() {
            let address = self.s.known_address(write);
            if address.map_or_else(|| self.observed.iter().any(Observable::is_memory), observed) {
                k::put(out, write.index());
            }
        }
    }

    fn may_differ(&self, out: &mut [u64]) {
        let shape = Shape::new(self.s.len());
        let memory = |event: &EventId| self.s.kind(*event).is_memory();
        out.fill(0);
        for a in self.s.events().filter(memory) {
            for b in self.s.events().filter(memory).filter(|b| *b != a) {
                k::put_pair(shape, out, a.index(), b.index());
            }
        }
    }
}

/// What is to be searched.
#[derive(Clone, Copy)]
pub(super) struct Task<'a, 'p> {
    pub(super) problem: &'a Problem<'a>,
    pub(super) compiled: &'a Compiled,
    pub(super) structure: &'a Structure<'p>,
    /// How the search is divided into portions, if it is.
    pub(super) division: Option<portions::Division>,
}

/// All accepted executions of one structure.
pub(super) fn search(
    task: Task<'_, '_>,
    machine: &mut Machine,
    workspace: &mut Workspace,
    sink: &mut dyn Sink,
    stats: &mut Stats,
) -> Result<Searched, EngineError> {
    let Task { problem, compiled, structure: s, division } = task;
    let writes: Vec<EventId> = s.writes().collect();
    let has_updates = has_updates(s);
    let (location, choices) = (same_location(s), Choices::default());
    let observed = problem.observed;
    let (names, reads, sink) = (&compiled.names[..], Vec::new(), RefCell::new(sink));
    let mut bounds = Bounds { names, s, location, reads, choices, observed, sink };
    match machine.prepare(&compiled.plan, &compiled.schedule, &bounds) {
        Prepared::Ready => {}
        Prepared::Rejected => return Ok(Searched::Done),
        Prepared::Stopped => return Err(EngineError::Stopped),
    }
    bounds.choices = Choices::new(&compiled.plan, s, machine);
    if bounds.choices.has_none {
        return Ok(Searched::Done);
    }
    let (mut po_loc, implied) = match coherence::coherence(compiled, &bounds, machine) {
        Some(Coherence { order, implied }) => (Some(order), implied),
        None => (None, Implied::Nothing),
    };
    let mut coherent = match implied {
        Implied::Sequences(Sequences { order, .. }) => *order,
        _ => None,
    };
    if po_loc.as_ref().is_some_and(|order| !k::is_irreflexive(order.shape(), order.bits())) {
        return Ok(Searched::Done);
    }
    let ordered = coherent.map(|choice| bounds.choices.events(Some(choice)));
    bounds.reads = reads::candidate_reads(s, &writes, po_loc.as_ref(), ordered);
    if bounds.reads.iter().any(|read| read.writers.is_empty()) {
        return Ok(Searched::Done);
    }
    let needs_bounds = bounds.choices.need_bounds(&compiled.plan, s, problem.observed);
    if needs_bounds && !(s.known_addresses() && compiled.has_bounds) {
        return Ok(Searched::Unsupported);
    }
    if !needs_bounds && coherent.is_some() {
        // There is nothing to put in order.
        (po_loc, coherent) = (None, None);
    }
    let guided = needs_bounds || guided::is_worth_it(compiled, &bounds);
    if guided && !narrow::narrow_reads(&mut bounds, problem) {
        return Ok(Searched::Done);
    }
    let atomic = if po_loc.is_some() && coherent.is_none() {
        atomicity::pairs(compiled, (s, &writes, has_updates), machine)
    } else {
        Vec::new()
    };
    let candidates = if guided {
        usize::MAX
    } else {
        bounds.reads.iter().fold(1usize, |all, read| all.saturating_mul(read.writers.len()))
    };
    let prepared = machine.prepare_choices(&compiled.plan, &compiled.schedule, &bounds, candidates);
    match prepared {
        Prepared::Ready => {}
        Prepared::Rejected => return Ok(Searched::Done),
        Prepared::Stopped => return Err(EngineError::Stopped),
    }
    if bounds.choices.are_unknown(machine) {
        return Ok(Searched::Unsupported);
    }
    for (index, check) in compiled.plan.checks.iter().enumerate() {
        if check.about_co
            && bounds.choices.co.covers(machine.upper_bound(&compiled.plan, check.node), &bounds.location)
        {
            machine.drop_check(index);
        }
    }
    if let Some(order) = &po_loc
        && !has_updates
    {
        for check in coherence::implied(implied, compiled, machine, (s, order, &bounds.location)) {
            machine.drop_check(check);
        }
    }
    if let (Some(order), true, None) = (&po_loc, guided, coherent) {
        for check in atomicity::implied(compiled, s, machine, order) {
            machine.drop_check(check);
        }
    }
    parts::order_reads(&mut bounds.reads, s);
    if guided {
        atomicity::put_updates_first(&mut bounds.reads, &atomic, s);
    }
    let Bounds { reads, location, choices, sink, .. } = bounds;
    let sink = sink.into_inner();
    let shape = machine.shape();
    let stored = plain_values(s, &writes);
    let observers = outcome::observers(problem, (s, &writes), machine.small_ids());
    let ordered = coherent.map(|_| {
        let mut set = vec![0; shape.words];
        let events = choices.events(coherent).iter();
        events.for_each(|event| k::put(&mut set, machine.small_ids()[event.index()] as usize));
        set
    });
    let mut search = Search {
        problem,
        compiled,
        s,
        shape,
        writes,
        written: None,
        choices,
        rf: Vec::with_capacity(reads.len()),
        values: s.paths().iter().map(|path| vec![None; path.reads.len()]).collect(),
        trail: Vec::new(),
        plain: stored.is_some() && !sink.filters(),
        fails: s.paths().iter().any(|path| path.failure.is_some()),
        stored: stored.unwrap_or_default(),
        earlier: Vec::new(),
        written_bits: 0,
        po_loc: po_loc.map(|r| shrink(&r, s, machine, shape)),
        coherent,
        ordered,
        ids: machine.small_ids().to_vec(),
        observers,
        memos: Vec::new(),
        atomic,
        locations: Vec::new(),
        reads,
        machine,
        workspace,
        sink,
        stats,
        registers_known: false,
        one_is_enough: false,
        found: false,
        guided: None,
        level: 0,
        visits: 0,
        weight: 1,
        alike: Vec::new(),
        exchanges: Vec::new(),
        exchanged: Vec::new(),
        orbits: exchange::Orbits::default(),
        told: 0,
        stopped: false,
        division: Division::new(division),
    };
    // With few candidates it is not worth looking.
    if guided || !compiled.has_bounds {
        search.find_threads_alike();
    }
    search.start(&location, guided)?;
    search.tell_all();
    if search.stopped { Err(EngineError::Stopped) } else { Ok(Searched::Done) }
}

/// Whether some event reads and writes: that nothing comes between what it reads and what it writes follows from
/// coherence, but is no order between two events that could be added to `co`.
fn has_updates(s: &Structure<'_>) -> bool {
    s.events().any(|event| s.kind(event) == Kind::Update)
}

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Searched {
    /// Everything was found.
    Done,
    /// The structure is one for the general evaluator.
    Unsupported,
}

fn same_location(s: &Structure<'_>) -> Relation {
    if s.known_addresses() {
        return s.known_same_location();
    }
    let memory = Set::of(s.len(), |i| s.kind(EventId(i as u32)).has_location());
    Relation::product(&memory, &memory)
}

/// What each write stores, by event, if nothing depends on what reads return: all addresses and stored values are known
/// and no branch asks.
fn plain_values(s: &Structure<'_>, writes: &[EventId]) -> Option<Vec<Option<Value>>> {
    if !s.known_addresses() || s.paths().iter().any(|path| !path.constraints.is_empty()) {
        return None;
    }
    let always_computes = s.paths().iter().all(|path| path.either.is_empty());
    let mut values = vec![None; s.len()];
    for write in writes {
        let value = s.known_stored(*write)?;
        // With numbers everything can be computed.
        if !matches!(value, Value::Int(_)) && !always_computes {
            return None;
        }
        values[write.index()] = Some(value);
    }
    Some(values)
}

fn shrink(r: &Relation, s: &Structure<'_>, machine: &Machine, shape: Shape) -> Vec<u64> {
    let mut out = vec![0; shape.matrix()];
    let ids = machine.small_ids();
    if shape == r.shape() && shape.words == 1 {
        // The small universe is that of all events.
        let there = |event: &EventId| s.kind(*event).has_location();
        let all = s.events().filter(there).fold(0, |all, event| all | 1 << event.index());
        for i in k::elements(&[all]) {
            out[i] = r.bits()[i] & all;
        }
        return out;
    }
    let is_active = |i: usize| ids[i] != u32::MAX && s.kind(EventId(i as u32)).has_location();
    for (i, j) in r.iter().filter(|(i, j)| is_active(*i) && is_active(*j)) {
        k::put_pair(shape, &mut out, ids[i] as usize, ids[j] as usize);
    }
    out
}

/// After so many choices the sink is asked whether to stop.
const VISITS_A_QUESTION: u32 = 1024;

/// The same where a choice is much work, because there are so many events.
const SLOW_VISITS_A_QUESTION: u32 = 16;
const SLOW_EVENTS: usize = 64;

/// A location the order of whose writes is not total yet.
#[derive(Clone, Copy, Debug)]
struct Open {
    location: usize,
    pairs: usize,
}

struct Search<'a, 'p> {
    problem: &'a Problem<'a>,
    compiled: &'a Compiled,
    s: &'a Structure<'p>,
    shape: Shape,
    reads: Vec<Read>,
    writes: Vec<EventId>,
    /// The writes over the small universe, if `co` puts other events in order too.
    written: Option<Vec<u64>>,
    choices: Choices,
    /// The write of each of the first reads.
    rf: Vec<EventId>,
    values: Vec<Vec<Option<Value>>>,
    /// Reads whose value became known, in order.
    trail: Vec<(usize, VarId)>,
    plain: bool,
    /// Whether some thread goes a way that ends in an error.
    fails: bool,
    /// What each write stores, by event, where that is known before any read is and no value matters for the search.
    stored: Vec<Option<Value>>,
    /// Program order per location over the small universe, where the model asks for coherence.
    po_loc: Option<Vec<u64>>,
    /// That order turned round, and all writes, where a row is one word and it is about `co`.
    earlier: Vec<u64>,
    written_bits: u64,
    /// The choice that puts writes in the order that is coherent; `None` for `co`.
    coherent: Option<usize>,
    /// What that choice puts in order, if it is not `co`.
    ordered: Option<Vec<u64>>,
    atomic: Vec<atomicity::Pair>,
    /// The writes to each location, over the small universe, where there is more than one.
    locations: Vec<SmallVec<[u64; 1]>>,
    machine: &'a mut Machine,
    workspace: &'a mut Workspace,
    sink: &'a mut dyn Sink,
    stats: &'a mut Stats,
    /// Whether the registers' part of the outcome is that of the current `rf`.
    registers_known: bool,
    /// Whether one execution for the current `rf` is enough, and whether it was found.
    one_is_enough: bool,
    found: bool,
    /// The number of each event in the small universe.
    ids: Vec<u32>,
    observers: Vec<Observer>,
    /// As many as observers, once an execution was accepted.
    memos: Vec<outcome::Memo>,
    /// Where the search is guided by bounds: what it knows.
    guided: Option<guided::Guide>,
    /// The level of the orders that holds what is known now.
    level: usize,
    /// How many choices were made.
    visits: u32,
    /// How many executions one that is found stands for.
    weight: u64,
    /// Writes of threads that do the same, with the choice that orders them: one order of them stands for all.
    alike: Vec<(Option<usize>, EventId, EventId)>,
    /// Such threads that what is observed tells apart.
    exchanges: Vec<exchange::Exchange>,
    /// The writes that put them in order.
    exchanged: Vec<EventId>,
    /// What was found that the sink was not told of.
    orbits: exchange::Orbits,
    /// How often the sink was told of what exchanges make of it, and whether it said to stop.
    told: u32,
    stopped: bool,
    /// What of the search the sink wants.
    division: Division,
}

impl Search<'_, '_> {
    fn small(&self, event: EventId) -> usize {
        self.ids[event.index()] as usize
    }

    /// `location` is `loc`, if that is known.
    fn start(&mut self, location: &Relation, guided: bool) -> Result<(), EngineError> {
        if self.choices.co.events.len() != self.writes.len() {
            let mut written = vec![0; self.shape.words];
            self.writes.iter().for_each(|write| k::put(&mut written, self.small(*write)));
            self.written = Some(written);
        }
        self.prepare_short();
        if guided {
            return self.start_guided(location);
        }
        // One level for each read, and one for what atomicity adds at the end.
        self.workspace.orders.reset(self.shape, self.reads.len() + 1);
        if self.s.known_addresses() && !self.start_orders(location) {
            return Ok(());
        }
        self.choose_rf()
    }

    /// Groups the events that `co` puts in order by location, and puts into the first order what holds whatever is
    /// chosen.
    fn start_orders(&mut self, same_location: &Relation) -> bool {
        self.locations.clear();
        if self.shape.words == 1 && self.s.len() <= 64 && !self.choices.co.has_order() {
            if !self.start_short_orders(same_location) {
                return false;
            }
            self.find_rivals();
            return self.order_threads_alike(None);
        }
        for events in choices::classes(&self.choices.co.events, Some(same_location), self.s.len()) {
            let mut class = SmallVec::from_elem(0, self.shape.words);
            events.iter().for_each(|event| k::put(&mut class, self.small(*event)));
            self.locations.push(class);
            for (i, a) in events.iter().copied().enumerate() {
                for (j, b) in events.iter().copied().enumerate() {
                    let co = &self.choices.co;
                    let (small_a, small_b) = (self.small(a), self.small(b));
                    let known = co.is_known(self.s, a, b)
                        || (self.coherent.is_none() && self.po_loc_has(small_a, small_b));
                    let orders = &mut self.workspace.orders;
                    if known
                        && (i != j || co.is_known(self.s, a, b))
                        && !orders.add(self.shape, 0, small_a, small_b)
                    {
                        return false;
                    }
                }
            }
        }
        self.find_rivals();
        self.order_threads_alike(None)
    }

    fn po_loc_has(&self, a: usize, b: usize) -> bool {
        self.po_loc.as_ref().is_some_and(|po_loc| k::has_pair(self.shape, po_loc, a, b))
    }

    // ---- rf ------------------------------------------------------------------------------------------------------

    /// Goes through all choices of `rf`, depth first.
    fn choose_rf(&mut self) -> Result<(), EngineError> {
        let mut next: SmallVec<[usize; 16]> = SmallVec::from_elem(0, self.reads.len());
        let mut marks = next.clone();
        let (next, marks) = (&mut next[..], &mut marks[..]);
        self.divide_choices();
        loop {
            let depth = self.rf.len();
            self.pause()?;
            let is_new = next.get(depth).is_none_or(|next| *next == 0);
            if is_new && !self.enters_depth(depth) {
                if !self.take_back(next, marks) {
                    return Ok(());
                }
                continue;
            }
            if depth == self.reads.len() {
                self.rf_chosen()?;
                if !self.take_back(next, marks) {
                    return Ok(());
                }
                continue;
            }
            let Some(writer) = self.reads[depth].writers.get(next[depth]).copied() else {
                next[depth] = 0;
                if !self.take_back(next, marks) {
                    return Ok(());
                }
                continue;
            };
            marks[depth] = self.trail.len();
            self.rf.push(writer);
            self.workspace.orders.push(self.shape, depth);
            self.level = depth + 1;
            if !(self.order_after(depth, writer) && (self.plain || self.propagate()) && self.is_wanted()) {
                self.rf.pop();
                self.undo(marks[depth]);
                next[depth] += 1;
            }
        }
    }

    /// Asks now and then whether to stop, however few candidates there are.
    fn pause(&mut self) -> Result<(), EngineError> {
        self.visits = self.visits.wrapping_add(1);
        let enough = if self.shape.n < SLOW_EVENTS { VISITS_A_QUESTION } else { SLOW_VISITS_A_QUESTION };
        if self.stopped || self.visits.is_multiple_of(enough) && self.sink.stop() {
            return Err(EngineError::Stopped);
        }
        Ok(())
    }

    /// Takes the last choice back and moves on to the next one there. False if there is none left to take back.
    fn take_back(&mut self, next: &mut [usize], marks: &[usize]) -> bool {
        if self.rf.pop().is_none() {
            return false;
        }
        let depth = self.rf.len();
        self.leave_depth(depth);
        self.undo(marks[depth]);
        next[depth] += 1;
        true
    }

    fn undo(&mut self, mark: usize) {
        for (thread, var) in self.trail.drain(mark..) {
            self.values[thread][var.0 as usize] = None;
        }
    }

    /// Whether the sink wants executions that end with what is known of the outcome by now.
    fn is_wanted(&self) -> bool {
        if !self.sink.filters() {
            return true;
        }
        let known = |observer: &Observer| match observer {
            Observer::Known(value) => Some(*value),
            Observer::Register(thread, term) => self.eval(*thread, *term),
            Observer::Memory { .. } => None,
        };
        let known: SmallVec<[Option<Value>; 8]> = self.observers.iter().map(known).collect();
        self.sink.wants(&known)
    }

    /// Adds to the order of writes what coherence and atomicity conclude from the choice at `depth`.
    fn order_after(&mut self, depth: usize, writer: EventId) -> bool {
        if self.is_torn(depth, writer) {
            return false;
        }
        let Some(po_loc) = &self.po_loc else { return true };
        let (shape, level) = (self.shape, self.level);
        let orders = match self.coherent {
            None => &mut self.workspace.orders,
            Some(at) => &mut self.workspace.others[at],
        };
        let small = |event: EventId| self.ids[event.index()] as usize;
        let read = self.reads[depth].event;
        let (r, w) = (small(read), small(writer));
        if !self.earlier.is_empty() {
            return self.order_after_short(depth, (r, w))
                && (self.atomic.is_empty() || self.order_by_atomicity(level));
        }
        let is_ordered = |event: usize| self.ordered.as_ref().is_none_or(|set| k::has(set, event));
        if !is_ordered(w) {
            return true;
        }
        let before = |a: usize, b: usize| k::has_pair(shape, po_loc, a, b);
        if self.s.kind(read) == Kind::Update && is_ordered(r) && !orders.add(shape, level, w, r) {
            return false;
        }
        for other in &self.writes {
            let o = small(*other);
            if o == w || o == r || !is_ordered(o) {
                continue;
            }
            if before(o, r) && !orders.add(shape, level, o, w) {
                return false;
            }
            if before(r, o) && !orders.add(shape, level, w, o) {
                return false;
            }
        }
        for (earlier, read) in self.reads[..depth].iter().enumerate() {
            let (other_read, other) = (small(read.event), small(self.rf[earlier]));
            if other == w || !is_ordered(other) {
                continue;
            }
            if before(other_read, r) && !orders.add(shape, level, other, w) {
                return false;
            }
            if before(r, other_read) && !orders.add(shape, level, w, other) {
                return false;
            }
        }
        self.atomic.is_empty() || self.order_by_atomicity(level)
    }
}

/// Stands for the result of an operation that has none. No program makes this value: there is no such thread.
const ILLEGAL: Value = Value::Code { thread: u16::MAX, index: u32::MAX };
