//! What is left to choose once no requirement is open: a product.
//!
//! Then only coherence has a say in what may still be chosen, location by location. Locations between which no value
//! passes that matters have nothing to do with each other: what may be chosen at each of them is gone through once, by what it
//! leaves to be observed, and the ways to end there are multiplied.

use super::guided::Decision;
use super::outcome::Observer;
use super::{ILLEGAL, Read, Search};
use crate::EngineError;
use execution::{Structure, Term, TermId, Terms, Value, VarId};
use smallvec::SmallVec;

/// From how many candidates on a product is tried.
const WORTH_A_PRODUCT: f64 = 4.0;

/// After so many times without success it is tried no more.
const PATIENCE: u32 = 16;

/// Items are put together once there are twice as many as there were different ones, and so many more.
const LOOSE_ITEMS: usize = 64;

/// Which choices have to do with each other.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// By place: the number of its part.
    part: Vec<usize>,
    /// By observed value: the part that it hangs on, if it is not known.
    observed: Vec<Option<usize>>,
    /// By decision: how many parts are decided from there on; 0 if some decision there belongs to no part.
    from: Vec<usize>,
    pub(super) failures: u32,
}

/// A part with choices that are still to be made.
struct Part {
    number: usize,
    /// Its reads, with their positions among all.
    reads: Vec<(usize, Read)>,
    classes: SmallVec<[usize; 4]>,
    /// What it decides of what is observed.
    slots: SmallVec<[usize; 8]>,
    /// The ways to choose in it, by what is observed then.
    items: Vec<Item>,
    /// How many items there were when they were put together last.
    distinct: usize,
}

/// The values of a part's slots, and in how many ways they come about.
type Item = (SmallVec<[Value; 4]>, u64);

/// There are values that can't be told here, or too many orders to be counted.
struct Unknown;

impl Parts {
    /// The parts of a structure all of whose addresses are known.
    pub(super) fn new(search: &Search<'_, '_>, decisions: &[Decision], classes: &[Option<u32>]) -> Parts {
        let s = search.s;
        let unusable = search.sink.filters()
            || s.has_parts()
            || search.machine.bounds_may_flag(0)
            || s.paths().iter().any(|path| path.failure.is_some())
            || search.asks_for_orders();
        if unusable {
            return Parts { failures: PATIENCE, ..Parts::default() };
        }
        let count = s.events().filter_map(|event| s.place(event)).max().map_or(0, |last| last as usize + 1);
        let mut union = Union((0..count).collect());
        for (thread, path) in s.paths().iter().enumerate() {
            let questions = path.constraints.iter().map(|(term, _)| *term).chain(path.either.iter().copied());
            let ends = search.observers.iter().filter_map(|observer| match observer {
                Observer::Register(of, term) if *of == thread => Some(*term),
                _ => None,
            });
            for term in questions.chain(ends) {
                union.join(&places_in(s, thread, term));
            }
        }
        for write in s.writes() {
            if let (Some((thread, term)), Some(place)) = (s.stored_term(write), s.place(write)) {
                let mut places = places_in(s, thread, term);
                places.push(place as usize);
                union.join(&places);
            }
        }
        let part: Vec<usize> = (0..count).map(|place| union.find(place)).collect();
        let observed = search.observers.iter().map(|observer| match observer {
            Observer::Known(_) => None,
            Observer::Register(thread, term) => {
                places_in(s, *thread, *term).first().map(|place| part[*place])
            }
            Observer::Memory { writes, .. } => {
                let first = writes.as_ref().and_then(|writes| writes.first());
                first.and_then(|write| s.place(write.event)).map(|place| part[place as usize])
            }
        });
        let observed = observed.collect();
        let mut from = vec![0; decisions.len() + 1];
        let mut seen: SmallVec<[usize; 16]> = SmallVec::new();
        for (at, decision) in decisions.iter().enumerate().rev() {
            let place = match decision {
                Decision::Read(read) => s.place(search.reads[*read].event),
                Decision::Class(class) => classes[*class],
                Decision::Pick(..) | Decision::Last(_) => None,
            };
            let Some(place) = place else { break };
            if !seen.contains(&part[place as usize]) {
                seen.push(part[place as usize]);
            }
            from[at] = seen.len();
        }
        Parts { part, observed, from, failures: 0 }
    }

    /// Whether the decisions from a position on fall apart.
    pub(super) fn fall_apart(&self, at: usize, candidates: f64) -> bool {
        self.failures < PATIENCE
            && candidates >= WORTH_A_PRODUCT
            && self.from.get(at).is_some_and(|parts| *parts > 1)
    }
}

impl Search<'_, '_> {
    /// Goes through all that may still be chosen, from a position on, with no requirement open. False if that can't be
    /// done part by part.
    pub(super) fn explore_parts(&mut self, at: usize) -> Result<bool, EngineError> {
        let first = self.rf.len();
        let mut parts = self.take_parts(at, first);
        let mut outcome = self.outcome_without(&parts);
        for part in &mut parts {
            if outcome.is_err() {
                break;
            }
            let positions: SmallVec<[usize; 8]> = part.reads.iter().map(|(position, _)| *position).collect();
            self.reads.extend(part.reads.drain(..).map(|(_, read)| read));
            let found = self.explore_part(part, first, 0, 1);
            part.reads.extend(positions.into_iter().zip(self.reads.drain(first..)));
            part.put_together();
            match found {
                Ok(Ok(())) => {}
                Ok(Err(unknown)) => outcome = Err(unknown),
                Err(error) => return Err(error),
            }
        }
        let mut reads: Vec<(usize, Read)> = parts.iter_mut().flat_map(|part| part.reads.drain(..)).collect();
        reads.sort_unstable_by_key(|(position, _)| *position);
        self.reads.extend(reads.into_iter().map(|(_, read)| read));
        self.registers_known = false;
        let Ok(mut outcome) = outcome else {
            if let Some(guide) = &mut self.guided {
                guide.parts.failures += 1;
            }
            return Ok(false);
        };
        if parts.iter().all(|part| !part.items.is_empty()) {
            self.multiply(&parts, &mut outcome, self.weight)?;
        }
        Ok(true)
    }

    /// The parts of the decisions from a position on; the reads that have no write yet are now theirs.
    fn take_parts(&mut self, at: usize, first: usize) -> SmallVec<[Part; 16]> {
        let mut parts: SmallVec<[Part; 16]> = SmallVec::new();
        let Some(guide) = &self.guided else { return parts };
        let number = |place: Option<u32>| place.map_or(usize::MAX, |place| guide.parts.part[place as usize]);
        for (position, read) in (first..).zip(self.reads.drain(first..)) {
            let of = number(self.s.place(read.event));
            part_of(&mut parts, of).reads.push((position, read));
        }
        for decision in &guide.decisions[at..] {
            if let Decision::Class(class) = decision {
                let of = number(guide.classes[*class].place);
                part_of(&mut parts, of).classes.push(*class);
            }
        }
        for (slot, of) in guide.parts.observed.iter().enumerate() {
            if let Some(part) = parts.iter_mut().find(|part| Some(part.number) == *of) {
                part.slots.push(slot);
            }
        }
        parts
    }

    /// The values that are observed, with anything where they hang on these parts.
    fn outcome_without(&mut self, parts: &[Part]) -> Result<Vec<Value>, Unknown> {
        self.fill_values_of_plain_reads();
        let part_of_slot = |guide: &super::guided::Guide, slot: usize| guide.parts.observed[slot];
        let mut outcome = Vec::with_capacity(self.observers.len());
        for slot in 0..self.observers.len() {
            let of = self.guided.as_ref().and_then(|guide| part_of_slot(guide, slot));
            let is_open = parts.iter().any(|part| Some(part.number) == of);
            let value = if is_open { Some(Value::ZERO) } else { self.observed_value(slot) };
            outcome.push(value.ok_or(Unknown)?);
        }
        let open = |place: u32| {
            let number = self.guided.as_ref().map(|guide| guide.parts.part[place as usize]);
            parts.iter().any(|part| Some(part.number) == number)
        };
        let is_known = |read: &Read| {
            self.values[read.thread][read.var.0 as usize].is_some()
                || self.s.place(read.event).is_some_and(open)
        };
        if self.reads.iter().all(is_known) { Ok(outcome) } else { Err(Unknown) }
    }

    /// An observed value, if it is known by now and there is one.
    fn observed_value(&self, slot: usize) -> Option<Value> {
        let value = match &self.observers[slot] {
            Observer::Known(value) => *value,
            Observer::Register(thread, term) => self.eval(*thread, *term)?,
            Observer::Memory { address, .. } => {
                let value = self.final_value(slot, *address);
                // Where the value of the last write is not known, there is none.
                return (value != ILLEGAL).then_some(value);
            }
        };
        (value != ILLEGAL).then_some(value)
    }

    /// Goes through all choices of a part, whose reads are the last ones: first their writes, then orders.
    fn explore_part(
        &mut self,
        part: &mut Part,
        first: usize,
        class: usize,
        ways: u64,
    ) -> Result<Result<(), Unknown>, EngineError> {
        self.pause()?;
        let depth = self.rf.len();
        if depth < self.reads.len() {
            let level = self.level;
            for next in 0..self.reads[depth].writers.len() {
                let writer = self.reads[depth].writers[next];
                let mark = self.trail.len();
                self.rf.push(writer);
                self.push_level();
                let possible = self.order_after(depth, writer) && (self.plain || self.propagate());
                let found = if possible { self.explore_part(part, first, class, ways)? } else { Ok(()) };
                self.rf.pop();
                self.undo(mark);
                self.level = level;
                if found.is_err() {
                    return Ok(found);
                }
            }
            return Ok(Ok(()));
        }
        let Some(number) = part.classes.get(class).copied() else {
            return Ok(self.part_is_chosen(part, first, ways));
        };
        let (choice, events, observed) = {
            let class = &self.guide().classes[number];
            (class.choice, SmallVec::<[u64; 4]>::from_slice(&class.events), class.observed)
        };
        let counts = match observed {
            false => self.count_orders(choice, &events).map(|ways| SmallVec::from_elem((None, ways), 1)),
            true => self.count_by_last(&events),
        };
        let Some(counts) = counts else { return Ok(Err(Unknown)) };
        for (last, count) in counts {
            let before = last.map(|last| self.set_last(last));
            let found = self.explore_part(part, first, class + 1, ways.saturating_mul(count))?;
            if let Some(before) = before {
                self.guide().last = before;
            }
            if found.is_err() {
                return Ok(found);
            }
        }
        Ok(Ok(()))
    }

    /// Takes note of what is observed of a part, all of which is chosen.
    fn part_is_chosen(&mut self, part: &mut Part, first: usize, ways: u64) -> Result<(), Unknown> {
        self.fill_values_of_plain_reads();
        let number = Some(part.number);
        let is_of_part = |search: &Self, at: usize| {
            let place = search.s.place(search.reads[at].event);
            let guide = search.guided.as_ref();
            at >= first
                || place.and_then(|place| guide.map(|guide| guide.parts.part[place as usize])) == number
        };
        for at in 0..self.reads.len() {
            let Read { thread, var, .. } = self.reads[at];
            if self.values[thread][var.0 as usize].is_none() && is_of_part(self, at) {
                return Err(Unknown);
            }
        }
        let mut values = SmallVec::with_capacity(part.slots.len());
        for slot in &part.slots {
            values.push(self.observed_value(*slot).ok_or(Unknown)?);
        }
        part.items.push((values, ways));
        if part.items.len() >= 2 * part.distinct + LOOSE_ITEMS {
            part.put_together();
        }
        Ok(())
    }

    /// Tells of every combination of one item for each part.
    fn multiply(&mut self, parts: &[Part], outcome: &mut [Value], ways: u64) -> Result<(), EngineError> {
        let Some((part, rest)) = parts.split_first() else {
            self.pause()?;
            self.count_candidate();
            self.found = true;
            self.tell(outcome, &[], false, ways);
            return Ok(());
        };
        for (values, count) in &part.items {
            for (slot, value) in part.slots.iter().zip(values) {
                outcome[*slot] = *value;
            }
            self.multiply(rest, outcome, ways.saturating_mul(*count))?;
        }
        Ok(())
    }
}

impl Part {
    /// Makes one item of those with the same values.
    fn put_together(&mut self) {
        self.items.sort_unstable();
        self.items.dedup_by(|item, kept| {
            let same = item.0 == kept.0;
            if same {
                kept.1 = kept.1.saturating_add(item.1);
            }
            same
        });
        self.distinct = self.items.len();
    }
}

/// The part of that number; a new one, if there is none yet.
fn part_of(parts: &mut SmallVec<[Part; 16]>, number: usize) -> &mut Part {
    let at = parts.iter().position(|part| part.number == number).unwrap_or(parts.len());
    if at == parts.len() {
        parts.push(Part {
            number,
            reads: Vec::new(),
            classes: SmallVec::new(),
            slots: SmallVec::new(),
            items: Vec::new(),
            distinct: 0,
        });
    }
    &mut parts[at]
}

/// The places of the reads whose values are in a term.
fn places_in(s: &Structure<'_>, thread: usize, term: TermId) -> SmallVec<[usize; 4]> {
    let mut places = SmallVec::new();
    for var in reads_in(&s.paths()[thread].terms, term) {
        places.extend(s.place(s.read(thread, var)).map(|place| place as usize));
    }
    places
}

/// The reads whose values are in a term. Terms can be deep, and can share parts: no recursion, nothing twice.
pub(super) fn reads_in(terms: &Terms, term: TermId) -> SmallVec<[VarId; 4]> {
    let mut reads = SmallVec::new();
    let (mut todo, mut seen): (SmallVec<[TermId; 16]>, SmallVec<[TermId; 16]>) = Default::default();
    todo.push(term);
    while let Some(term) = todo.pop() {
        let inner = match terms.get(term) {
            Term::Const(_) | Term::Illegal => continue,
            Term::Var { var, .. } => {
                reads.push(var);
                continue;
            }
            Term::Unary(_, _, a) => [Some(a), None, None],
            Term::Binary(_, _, a, b) => [Some(a), Some(b), None],
            Term::IfThenElse(a, b, c) => [Some(a), Some(b), Some(c)],
        };
        for inner in inner.into_iter().flatten() {
            if !seen.contains(&inner) {
                seen.push(inner);
                todo.push(inner);
            }
        }
    }
    reads
}

/// Sets that are joined.
struct Union(Vec<usize>);

impl Union {
    fn find(&self, mut at: usize) -> usize {
        while self.0[at] != at {
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, places: &[usize]) {
        let Some((first, rest)) = places.split_first() else { return };
        let first = self.find(*first);
        for place in rest {
            let other = self.find(*place);
            self.0[other] = first;
        }
    }
}
