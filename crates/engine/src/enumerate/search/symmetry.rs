//! Threads that do the same.
//!
//! Where threads do the same, exchanging them makes an execution out of an execution. If each of them writes to the
//! same location, `co`, or the order that a model chooses in its place, tells them apart, so that no exchange leaves an
//! execution as it was: it is enough to find those in which it has the threads' writes in the order of the threads, and to count each of them once for every
//! way to exchange threads. What ends in a register that is observed makes a thread unlike all others.

use super::Search;
use super::choices::Other;
use crate::Observable;
use execution::EventId;
use smallvec::SmallVec;

impl Search<'_, '_> {
    /// Looks for threads that do the same, and takes note of the writes to put in order.
    pub(super) fn find_threads_alike(&mut self) {
        if !self.s.known_addresses() {
            return;
        }
        let paths = self.s.paths();
        let mut seen: SmallVec<[bool; 16]> = SmallVec::from_elem(false, paths.len());
        for first in 0..paths.len() {
            if seen[first] || self.is_observed(first) {
                continue;
            }
            let is_alike = |other: &usize| {
                *other == first || (!self.is_observed(*other) && paths[*other].does_the_same(paths[first]))
            };
            let threads: SmallVec<[usize; 16]> = (first..paths.len()).filter(is_alike).collect();
            if threads.len() < 2 {
                continue;
            }
            threads.iter().for_each(|thread| seen[*thread] = true);
            let writes: SmallVec<[EventId; 16]> =
                threads.iter().filter_map(|thread| self.first_write(*thread)).collect();
            let Some(choice) = self.choice_that_orders(&writes) else { continue };
            if writes.len() < threads.len() {
                continue;
            }
            self.alike.extend(writes.windows(2).map(|pair| (choice, pair[0], pair[1])));
            (2..=threads.len() as u64).for_each(|n| self.weight = self.weight.saturating_mul(n));
        }
    }

    fn is_observed(&self, thread: usize) -> bool {
        let is_register = |observed: &Observable| match observed {
            Observable::Register(of, _) => usize::from(*of) == thread,
            Observable::Memory(_) => false,
        };
        self.problem.observed.iter().any(is_register)
    }

    fn first_write(&self, thread: usize) -> Option<EventId> {
        self.writes.iter().copied().find(|write| self.s.thread(*write) == Some(thread))
    }

    /// Which choice puts these writes, all to one location, in a total order: `co`, or another.
    fn choice_that_orders(&self, writes: &[EventId]) -> Option<Option<usize>> {
        let has_all = |events: &[EventId]| writes.iter().all(|write| events.contains(write));
        if has_all(&self.choices.co.events) {
            return Some(None);
        }
        let orders_all = |other: &Other| matches!(other, Other::Orders(ordered) if has_all(&ordered.events));
        self.choices.others.iter().position(orders_all).map(Some)
    }

    /// Puts the writes of threads that do the same in the order of the threads, where a choice decides on that.
    pub(super) fn order_threads_alike(&mut self, choice: Option<usize>) -> bool {
        let small = |event: EventId| self.ids[event.index()] as usize;
        let orders = match choice {
            None => &mut self.workspace.orders,
            Some(at) => &mut self.workspace.others[at],
        };
        let pairs = self.alike.iter().filter(|(of, ..)| *of == choice);
        pairs.into_iter().all(|(_, a, b)| orders.add(self.shape, 0, small(*a), small(*b)))
    }
}
