//! Atomic updates: nothing comes between the write that one reads and the write that it makes.

use super::super::Compiled;
use super::super::machine::Machine;
use super::super::recognise::AtomicityCheck;
use super::{Read, Search};
use execution::{EventId, Kind, Structure};
use relation::{Relation, Shape, kernel as k};
use smallvec::SmallVec;

/// The read and the write of an atomic update.
#[derive(Debug)]
pub(super) struct Pair {
    read: EventId,
    write: EventId,
    /// Whether writes of the same thread may come between them.
    external: bool,
    /// The writes to the location, over the small universe, and those among them that must not come between.
    location: SmallVec<[u64; 1]>,
    rivals: SmallVec<[u64; 1]>,
}

/// The atomic updates of a structure.
pub(super) fn pairs(
    compiled: &Compiled,
    (s, writes, has_updates): (&Structure<'_>, &[EventId], bool),
    machine: &Machine,
) -> Vec<Pair> {
    let pair = |read, write, external| {
        let (location, rivals) = (SmallVec::new(), SmallVec::new());
        Pair { read, write, external, location, rivals }
    };
    let mut pairs = Vec::new();
    for found in &compiled.recognised.atomicity {
        let updates = updates(compiled, found, s, machine).unwrap_or_default();
        pairs.extend(updates.into_iter().map(|(read, write)| pair(read, write, found.external)));
    }
    // One event that reads and writes is atomic because of coherence alone.
    if has_updates {
        let updates = s.events().filter(|event| s.kind(*event) == Kind::Update);
        pairs.extend(updates.map(|event| pair(event, event, false)));
    }
    // Where there is nothing that could come between, there is nothing to conclude.
    pairs.retain(|pair| {
        let may_meet = |write: &EventId| match (s.place(*write), s.place(pair.write)) {
            (Some(a), Some(b)) => a == b,
            _ => true,
        };
        writes.iter().filter(|write| **write != pair.write && may_meet(write)).nth(1).is_some()
    });
    pairs
}

/// The events of a check's atomic updates, if no choice decides which they are.
fn updates(
    compiled: &Compiled,
    found: &AtomicityCheck,
    s: &Structure<'_>,
    machine: &Machine,
) -> Option<Vec<(EventId, EventId)>> {
    let (bits, full) = (machine.static_relation(&compiled.plan, found.rmw)?, Shape::new(s.len()));
    if k::is_empty(bits) {
        return Some(Vec::new());
    }
    let of =
        |i: usize| k::elements(k::row(full, bits, i)).map(move |j| (EventId(i as u32), EventId(j as u32)));
    Some((0..full.n).flat_map(of).collect())
}

/// The checks of atomicity that say no more than what the search sees to, where `order` is program order per location.
///
/// That is so if program order has the read before the write, so that coherence has what is read before what is
/// written. Then writes of the same thread never come between either, unless program order has them there; a check that
/// doesn't mind those says less than the search sees to.
pub(super) fn implied(
    compiled: &Compiled,
    s: &Structure<'_>,
    machine: &Machine,
    order: &Relation,
) -> Vec<usize> {
    let has_own_between = |read: EventId, write: EventId| {
        s.writes().any(|own| {
            own != write
                && order.contains(read.index(), own.index())
                && order.contains(own.index(), write.index())
        })
    };
    let is_implied = |found: &&AtomicityCheck| {
        let is_open = |(read, write): &(EventId, EventId)| {
            s.place(*read) == s.place(*write)
                && (!order.contains(read.index(), write.index())
                    || (found.external && has_own_between(*read, *write)))
        };
        found.extras.iter().all(|extra| machine.is_empty(*extra))
            && updates(compiled, found, s, machine).is_some_and(|updates| !updates.iter().any(is_open))
    };
    compiled.recognised.atomicity.iter().filter(is_implied).map(|found| found.check).collect()
}

/// Has the reads of atomic updates choose first: what they read says most about the order of writes, and where threads
/// synchronise by them, about what all others may read. Otherwise the order stays.
pub(super) fn put_updates_first(reads: &mut [Read], atomic: &[Pair], s: &Structure<'_>) {
    if !atomic.is_empty() && !s.has_parts() {
        reads.sort_by_key(|read| !atomic.iter().any(|pair| pair.read == read.event));
    }
}

impl Search<'_, '_> {
    /// Finds out which writes must not come between those of each update, once locations are known.
    pub(super) fn find_rivals(&mut self) {
        let small = |event: EventId| self.ids[event.index()] as usize;
        for pair in &mut self.atomic {
            let Some(location) = self.locations.iter().find(|location| k::has(location, small(pair.write)))
            else {
                continue;
            };
            pair.location = SmallVec::from_slice(location);
            pair.rivals = SmallVec::from_elem(0, location.len());
            let thread = self.s.thread(pair.read);
            for write in &self.writes {
                let is_own = pair.external && self.s.thread(*write) == thread;
                if k::has(location, small(*write)) && *write != pair.write && !is_own {
                    k::put(&mut pair.rivals, small(*write));
                }
            }
        }
    }

    /// The write that each update reads, the one that it makes, and those that may come between, as far as that is chosen,
    /// over the small universe.
    pub(super) fn chosen_updates(&self) -> impl Iterator<Item = (usize, usize, SmallVec<[usize; 4]>)> + '_ {
        self.atomic.iter().filter_map(|pair| {
            let at = self.reads[..self.rf.len()].iter().position(|known| known.event == pair.read)?;
            let (w, u) = (self.small(self.rf[at]), self.small(pair.write));
            let is_other = |o: &usize| *o != w && *o != u && !k::has(&pair.rivals, *o);
            let between = k::elements(&pair.location).filter(is_other).collect();
            (!pair.location.is_empty() && k::has(&pair.location, w)).then_some((w, u, between))
        })
    }

    /// Adds to the order what follows from what was read so far. False if that contradicts it.
    pub(super) fn order_by_atomicity(&mut self, level: usize) -> bool {
        let shape = self.shape;
        let mut missing: SmallVec<[(usize, usize); 8]> = SmallVec::new();
        loop {
            let mut changed = false;
            for pair in &self.atomic {
                let chosen = self.reads[..self.rf.len()].iter().position(|known| known.event == pair.read);
                let Some(writer) = chosen.map(|at| self.rf[at]) else { continue };
                let small = |event: EventId| self.ids[event.index()] as usize;
                let (w, u) = (small(writer), small(pair.write));
                if pair.location.is_empty() || !k::has(&pair.location, w) {
                    continue;
                }
                let order = self.workspace.orders.level(shape, level);
                let known = |a: usize, b: usize| k::has_pair(shape, order, a, b);
                for o in k::elements(&pair.rivals).filter(|o| *o != w) {
                    if known(w, o) && !known(u, o) {
                        missing.push((u, o));
                    }
                    if known(o, u) && !known(o, w) {
                        missing.push((o, w));
                    }
                }
                changed = changed || !missing.is_empty();
                for (a, b) in missing.drain(..) {
                    if !self.workspace.orders.add(shape, level, a, b) {
                        return false;
                    }
                }
            }
            if !changed {
                return true;
            }
        }
    }
}
