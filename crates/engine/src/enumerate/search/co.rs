//! The choice of `co`, location by location.

use super::super::machine::Stage;
use super::{ILLEGAL, Open, Search, portion};
use crate::EngineError;
use execution::{EventId, Kind, Value};
use relation::kernel as k;
use smallvec::SmallVec;

/// A set of writes.
type Words = SmallVec<[u64; 4]>;

impl Search<'_, '_> {
    /// All reads have their write: runs what depends on `rf`, then chooses `co`.
    pub(super) fn rf_chosen(&mut self) -> Result<(), EngineError> {
        if !self.plain && self.values.iter().flatten().any(Option::is_none) && !self.name_circles() {
            return Ok(());
        }
        let level = self.reads.len();
        if !self.s.known_addresses() && !self.locate(level) {
            return Ok(());
        }
        let shape = self.shape;
        let rf = self.machine.rf_mut();
        rf.fill(0);
        for (read, writer) in self.reads.iter().zip(&self.rf) {
            let small = |event: EventId| self.ids[event.index()] as usize;
            k::put_pair(shape, rf, small(*writer), small(read.event));
        }
        self.write_different_values();
        self.machine.run(Stage::Rf);
        if !self.order_by_model(level) {
            return Ok(());
        }
        if !self.machine.accepts(Stage::Rf, false) {
            self.count_candidate();
            return Ok(());
        }
        self.registers_known = false;
        self.machine.co_mut().copy_from_slice(self.workspace.orders.level(shape, level));
        let mut undecided: SmallVec<[Open; 8]> = SmallVec::new();
        for location in 0..self.locations.len() {
            let pairs = self.open_pairs(level, location);
            if pairs > 0 {
                undecided.push(Open { location, pairs });
            }
        }
        self.found = false;
        self.one_is_enough = self.sink.outcomes_only() && self.outcome_is_decided(&undecided);
        if self.one_is_enough {
            // Whether it was found is known inside of a portion only.
            return self.in_portion(0.0, |search| match search.is_known_outcome() {
                true => Ok(()),
                false => search.begin_co(level, &undecided),
            });
        }
        self.begin_co(level, &undecided)
    }

    fn begin_co(&mut self, level: usize, undecided: &[Open]) -> Result<(), EngineError> {
        if self.may_continue(undecided) { self.choose_co(level, undecided) } else { Ok(()) }
    }

    /// Once `rf` says where unknown accesses go: `loc`, and the order of writes from scratch.
    fn locate(&mut self, level: usize) -> bool {
        let addresses: Vec<Option<Value>> = self.s.events().map(|event| self.address(event)).collect();
        let known = self.s.events().all(|event| {
            !self.s.kind(event).has_location()
                || addresses[event.index()].is_some_and(|address| address != ILLEGAL)
        });
        if !known {
            return false;
        }
        let same = self.s.same_location(|event| addresses[event.index()]);
        let shape = self.shape;
        let loc = self.machine.loc_mut();
        loc.fill(0);
        for (i, j) in same.iter() {
            k::put_pair(shape, loc, self.ids[i] as usize, self.ids[j] as usize);
        }
        self.workspace.orders.reset(shape, level + 1);
        if !self.start_orders(&same) {
            return false;
        }
        (0..level).for_each(|at| self.workspace.orders.push(shape, at));
        true
    }

    /// How many pairs of writes to a location have no order yet.
    fn open_pairs(&self, level: usize, location: usize) -> usize {
        let order = self.workspace.orders.level(self.shape, level);
        let writes = &self.locations[location];
        if let [writes] = writes[..] {
            let others = writes & writes.wrapping_sub(1);
            if others & others.wrapping_sub(1) == 0 {
                // Of two writes, one order is open or none.
                let (a, b) = (writes.trailing_zeros() as usize, others.trailing_zeros() as usize);
                return usize::from(b < 64 && order[a] >> b & 1 == 0 && order[b] >> a & 1 == 0);
            }
            let (mut known, count) = (0, writes.count_ones() as usize);
            for write in k::elements(&[writes]) {
                known += order[write].count_ones() as usize;
            }
            return count * (count - 1) / 2 - known;
        }
        let count = k::elements(writes).count();
        let known: usize =
            k::elements(writes).map(|w| k::elements(k::row(self.shape, order, w)).count()).sum();
        count * (count - 1) / 2 - known
    }

    /// Whether the order so far passes the checks that tell something about parts of it. Asked only where there are
    /// enough ways to go on: the question costs as much as one of them.
    pub(super) fn may_continue(&mut self, undecided: &[Open]) -> bool {
        let pairs: usize = undecided.iter().map(|open| open.pairs).sum();
        if pairs < 2 || !self.machine.has_checks(Stage::Co) {
            return true;
        }
        self.machine.run(Stage::Co);
        let passes = self.machine.accepts(Stage::Co, true);
        if !passes {
            self.count_candidate();
        }
        passes
    }

    /// Goes through the total orders of the undecided locations.
    pub(super) fn choose_co(&mut self, level: usize, undecided: &[Open]) -> Result<(), EngineError> {
        let Some((open, rest)) = undecided.split_first() else {
            return if self.division.is_inside() {
                self.co_chosen()
            } else {
                self.in_portion(0.0, Self::co_chosen)
            };
        };
        if self.shape.words == 1 && self.division.is_inside() {
            let writes = self.locations[open.location][0];
            self.extend_short_order(level, writes, rest)?;
            let order = self.workspace.orders.level(self.shape, level);
            let co = self.machine.co_mut();
            k::elements(&[writes]).for_each(|write| co[write] = order[write]);
            return Ok(());
        }
        let writes = Words::from_slice(&self.locations[open.location]);
        self.extend_order(level, &writes, rest)?;
        // Checks of parts of the next candidate must find there what is forced, and no more.
        let order = self.workspace.orders.level(self.shape, level);
        for write in k::elements(&writes) {
            let forced = k::row(self.shape, order, write);
            k::row_mut(self.shape, self.machine.co_mut(), write).copy_from_slice(forced);
        }
        Ok(())
    }

    /// Puts one of the first of the remaining writes next, in all ways.
    fn extend_order(&mut self, level: usize, remaining: &[u64], rest: &[Open]) -> Result<(), EngineError> {
        if self.division.is_inside() {
            return self.extend_order_on(level, remaining, rest);
        }
        let others: f64 = rest.iter().map(|open| portion::orders(&self.locations[open.location])).product();
        let candidates = portion::orders(remaining) * others;
        self.in_portion(candidates, |search| search.extend_order_on(level, remaining, rest))
    }

    fn extend_order_on(&mut self, level: usize, remaining: &[u64], rest: &[Open]) -> Result<(), EngineError> {
        if k::is_empty(remaining) {
            if !self.may_continue(rest) {
                return Ok(());
            }
            return self.choose_co(level, rest);
        }
        let shape = self.shape;
        for write in k::elements(remaining) {
            let order = self.workspace.orders.level(shape, level);
            if k::elements(remaining).any(|other| k::has_pair(shape, order, other, write)) {
                continue;
            }
            let mut later = Words::from_slice(remaining);
            k::take(&mut later, write);
            k::row_mut(shape, self.machine.co_mut(), write).copy_from_slice(&later);
            self.extend_order(level, &later, rest)?;
            if self.one_is_enough && self.found {
                break;
            }
        }
        Ok(())
    }

    /// A candidate is complete.
    fn co_chosen(&mut self) -> Result<(), EngineError> {
        self.stats.candidates += 1;
        if self.stats.candidates.is_multiple_of(256) && self.sink.stop() {
            return Err(EngineError::Stopped);
        }
        if self.compiled.schedule.uses_final_writes {
            self.set_last_writes();
        }
        self.machine.run(Stage::Co);
        if !self.machine.accepts(Stage::Co, false) {
            return Ok(());
        }
        self.accepted()
    }

    /// Adds to `co` what the model says that it contains, as far as that depends on `rf`.
    fn order_by_model(&mut self, level: usize) -> bool {
        let Some(co) = &self.compiled.plan.co else { return true };
        let shape = self.shape;
        let Some(pairs) = self.machine.relation(co.order) else { return true };
        for class in &self.locations {
            for a in k::elements(class) {
                for b in k::elements(k::row(shape, pairs, a)).filter(|b| k::has(class, *b)) {
                    if !self.workspace.orders.add(shape, level, a, b) {
                        return false;
                    }
                }
            }
        }
        true
    }

    /// Tells the machine which accesses have different values, if it asks.
    fn write_different_values(&mut self) {
        if self.machine.differ_mut().is_some() {
            let differ = self.different_values();
            if let Some(out) = self.machine.differ_mut() {
                out.copy_from_slice(&differ);
            }
        }
    }

    /// The pairs of accesses with different values, all reads having their write.
    pub(super) fn different_values(&mut self) -> Vec<u64> {
        self.fill_values_of_plain_reads();
        let shape = self.shape;
        let value = |event: EventId| match self.s.kind(event) {
            Kind::Read | Kind::Update => {
                let read = self.reads.iter().find(|read| read.event == event)?;
                self.values[read.thread][read.var.0 as usize]
            }
            _ => self.stored(event),
        };
        let events = self.s.events().filter(|event| self.s.kind(*event).is_memory());
        let values: Vec<(usize, Option<Value>)> =
            events.map(|event| (self.ids[event.index()] as usize, value(event))).collect();
        let mut differ = vec![0; shape.matrix()];
        for (a, of_a) in &values {
            for (b, _) in values.iter().filter(|(_, of_b)| of_a != of_b) {
                k::put_pair(shape, &mut differ, *a, *b);
            }
        }
        differ
    }

    fn set_last_writes(&mut self) {
        let shape = self.shape;
        let last = &mut self.workspace.last;
        last.clear();
        last.resize(shape.words, 0);
        for at in 0..self.observers.len() {
            if let Some((write, _)) = self.last_write(at) {
                k::put(&mut self.workspace.last, self.ids[write.index()] as usize);
            }
        }
        let last = &self.workspace.last;
        self.machine.last_mut().copy_from_slice(last);
    }
}
