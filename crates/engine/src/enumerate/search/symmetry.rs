//! Threads that do the same.
//!
//! Where threads do the same, exchanging them makes an execution out of an execution. If each of them writes to the
//! same location, `co`, or the order that a model chooses in its place, tells them apart, so that no exchange leaves an
//! execution as it was: it is enough to find those in which it has the threads' writes in the order of the threads, and to count each of them once for every
//! way to exchange threads. Where that changes what is observed, see [`super::exchange`].

use super::Search;
use super::choices::Other;
use super::exchange::Profile;
use execution::{EventId, Path};
use smallvec::SmallVec;

/// Threads, by number.
type Threads = SmallVec<[usize; 16]>;

impl Search<'_, '_> {
    /// Looks for threads that do the same, and takes note of the writes to put in order.
    pub(super) fn find_threads_alike(&mut self) {
        if !self.s.known_addresses() || self.s.paths().len() < 2 {
            return;
        }
        let mut seen: SmallVec<[bool; 16]> = SmallVec::from_elem(false, self.s.paths().len());
        for constants in [false, true] {
            if constants && !self.values_make_no_difference() {
                continue;
            }
            let are_alike = |all: &Self, first: usize, other: usize| match constants {
                false => all.are_equal(first, other),
                true => all.differ_in_constants(first, other),
            };
            for first in 0..seen.len() {
                if seen[first] {
                    continue;
                }
                let others = first + 1..seen.len();
                let mut threads = Threads::from_elem(first, 1);
                threads.extend(others.filter(|other| !seen[*other] && are_alike(self, first, *other)));
                if threads.len() > 1 && self.put_in_order(&threads, constants) {
                    threads.iter().for_each(|thread| seen[*thread] = true);
                }
            }
        }
    }

    /// Whether two threads do exactly the same, and the same of them is observed.
    fn are_equal(&self, a: usize, b: usize) -> bool {
        let paths = self.s.paths();
        paths[a].does_the_same(paths[b]) && have_same(&self.profile(a), &self.profile(b))
    }

    /// Whether two threads do the same but for the constants that they store, and the same of them is observed.
    fn differ_in_constants(&self, a: usize, b: usize) -> bool {
        let paths = self.s.paths();
        stores_other_constants(paths[a], paths[b])
            && match (self.profile_of_reads(a), self.profile_of_reads(b)) {
                (Some(a), Some(b)) => have_same(&a, &b),
                _ => false,
            }
    }

    /// Whether it makes no difference to the search which values are stored.
    fn values_make_no_difference(&self) -> bool {
        self.plain && !self.compiled.asks_for_values && !self.s.has_parts()
    }

    /// Takes note of threads that do the same, if their writes are put in order.
    fn put_in_order(&mut self, threads: &[usize], constants: bool) -> bool {
        let writes: SmallVec<[EventId; 16]> =
            threads.iter().filter_map(|thread| self.first_write(*thread)).collect();
        if writes.len() < threads.len() {
            return false;
        }
        let Some(choice) = self.choice_that_orders(&writes) else { return false };
        let are_observed = threads.iter().any(|thread| !self.profile(*thread).is_empty());
        if are_observed && !self.can_exchange_observed() {
            return false;
        }
        if constants {
            if !self.exchange_constants(threads) {
                return false;
            }
        } else if are_observed {
            self.exchange(threads);
        } else {
            (2..=threads.len() as u64).for_each(|n| self.weight = self.weight.saturating_mul(n));
        }
        if constants || are_observed {
            self.exchanged.extend(&writes);
        }
        self.alike.extend(writes.windows(2).map(|pair| (choice, pair[0], pair[1])));
        true
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

/// Whether the same is observed of two threads.
fn have_same(a: &Profile, b: &Profile) -> bool {
    a.iter().map(|(held, _)| held).eq(b.iter().map(|(held, _)| held))
}

/// Whether two paths are equal but for constants that are stored. No values are asked for on them.
fn stores_other_constants(a: &Path, b: &Path) -> bool {
    a.events.len() == b.events.len() && a.does_the_same_but_for_stores(b)
}
