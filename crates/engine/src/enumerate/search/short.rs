//! The search over at most 64 events, where a set of events is one word.

use super::{Open, Search};
use crate::EngineError;
use execution::{EventId, Kind};
use relation::{Relation, kernel as k};
use smallvec::SmallVec;

impl Search<'_, '_> {
    /// Turns program order per location round, for [`Search::order_after_short`].
    pub(super) fn prepare_short(&mut self) {
        let Some(po_loc) = &self.po_loc else { return };
        if self.shape.words == 1 && self.coherent.is_none() && self.ordered.is_none() {
            self.earlier.resize(po_loc.len(), 0);
            k::converse(self.shape, &mut self.earlier, po_loc);
            self.written_bits = self.writes.iter().fold(0, |all, write| all | 1 << self.small(*write));
        }
    }

    /// Adds to the order of writes what coherence concludes from the choice at `depth`: read `r` reads from write `w`.
    pub(super) fn order_after_short(&mut self, depth: usize, (r, w): (usize, usize)) -> bool {
        let Some(po_loc) = &self.po_loc else { return true };
        let (shape, level) = (self.shape, self.level);
        let is_update = self.s.kind(self.reads[depth].event) == Kind::Update;
        let others = self.written_bits & !(1 << w | 1 << r);
        let (mut before, mut behind) = (others & self.earlier[r], others & po_loc[r]);
        let small = |event: EventId| self.ids[event.index()] as usize;
        for (read, writer) in self.reads[..depth].iter().zip(&self.rf) {
            let (other_read, other) = (small(read.event), small(*writer));
            if other != w {
                before |= (self.earlier[r] >> other_read & 1) << other;
                behind |= (po_loc[r] >> other_read & 1) << other;
            }
        }
        let orders = &mut self.workspace.orders;
        (!is_update || orders.add(shape, level, w, r))
            && k::elements(&[before]).all(|other| orders.add(shape, level, other, w))
            && k::elements(&[behind]).all(|other| orders.add(shape, level, w, other))
    }

    /// As [`Search::start_orders`], where nothing is known of `co` but what its kind and coherence say.
    pub(super) fn start_short_orders(&mut self, same_location: &Relation) -> bool {
        let co = &self.choices.co;
        let mut left = co.events.iter().fold(0u64, |all, event| all | 1 << event.index());
        let own_order = if self.coherent.is_none() { self.po_loc.as_deref() } else { None };
        let order = self.workspace.orders.first_mut(self.shape);
        while left != 0 {
            let first = left.trailing_zeros() as usize;
            let events = left & (1 << first | same_location.bits()[first]);
            left &= !events;
            if events.count_ones() < 2 {
                continue;
            }
            let (mut class, mut initial, mut others) = (0u64, 0u64, 0u64);
            for event in k::elements(&[events]) {
                let own = 1 << self.ids[event];
                let event = EventId(event as u32);
                class |= own;
                match self.s.thread(event) {
                    None => initial |= own,
                    Some(_) if self.s.kind(event).writes() => others |= own,
                    Some(_) => {}
                }
            }
            self.locations.push(SmallVec::from_elem(class, 1));
            for a in k::elements(&[class]) {
                let is_first = co.has_initial_first() && initial >> a & 1 != 0;
                order[a] = if is_first { others } else { 0 };
                order[a] |= own_order.map_or(0, |order| order[a] & class & !(1 << a));
            }
            if k::elements(&[class]).any(|a| k::image(order, order[a]) & !order[a] != 0) {
                k::close(self.shape, order);
            }
            if k::elements(&[class]).any(|a| order[a] >> a & 1 != 0) {
                return false;
            }
        }
        true
    }

    /// Puts one of the first of the remaining writes next, in all ways. No portion begins here.
    pub(super) fn extend_short_order(
        &mut self,
        level: usize,
        remaining: u64,
        rest: &[Open],
    ) -> Result<(), EngineError> {
        if remaining & remaining.wrapping_sub(1) == 0 {
            k::elements(&[remaining]).for_each(|write| self.machine.co_mut()[write] = 0);
            return if self.may_continue(rest) { self.choose_co(level, rest) } else { Ok(()) };
        }
        let order = self.workspace.orders.level(self.shape, level);
        let behind_others = k::elements(&[remaining]).fold(0, |all, write| all | order[write]);
        for write in k::elements(&[remaining & !behind_others]) {
            let later = remaining & !(1 << write);
            self.machine.co_mut()[write] = later;
            self.extend_short_order(level, later, rest)?;
            if self.one_is_enough && self.found {
                break;
            }
        }
        Ok(())
    }
}
