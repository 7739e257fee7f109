//! How the work is divided into portions, of which several sinks may want some each.
//!
//! A portion is a number of structures, one after the other; but a large structure is divided itself, by its first
//! choices. What is large is known from the paths alone, so that portions are the same whoever works on them.

use super::Sink;
use execution::{Path, Structure};

/// A structure with so many candidates is divided; as a binary logarithm.
const LARGE: f64 = 15.0;

/// Into about so many portions all structures are divided, and so many structures a portion has at least.
const PORTIONS: usize = 256;
const LEAST: usize = 32;

/// Which structures belong to which portion.
pub(super) struct Portions {
    /// How many structures a portion has, if it has no large one.
    size: usize,
    /// How many the current one has; none if a new one is to begin.
    filled: usize,
    wanted: bool,
}

impl Portions {
    pub(super) fn new(paths: &[std::sync::Arc<Vec<Path>>]) -> Portions {
        let structures = paths.iter().fold(1usize, |all, paths| all.saturating_mul(paths.len()));
        Portions { size: (structures / PORTIONS).max(LEAST), filled: 0, wanted: true }
    }

    /// Goes on to a structure that is not large. Whether it is wanted.
    pub(super) fn wants_small(&mut self, sink: &mut dyn Sink) -> bool {
        if self.filled == 0 {
            self.wanted = sink.wants_portion();
        }
        self.filled = (self.filled + 1) % self.size;
        self.wanted
    }

    /// Goes on to a large structure, which begins its own portions.
    pub(super) fn end(&mut self) {
        self.filled = 0;
    }
}

/// Whether there may be several portions; says so of too many.
pub(super) fn may_be_divided(paths: &[std::sync::Arc<Vec<Path>>], locations: usize) -> bool {
    let structures = paths.iter().fold(1usize, |all, paths| all.saturating_mul(paths.len()));
    let longest = paths.iter().filter_map(|paths| paths.iter().max_by_key(|path| path.events.len()));
    structures > LEAST || may_be_large(&longest.collect::<Vec<_>>(), locations)
}

/// Whether a structure of these paths may be large; says so of too many.
pub(super) fn may_be_large(paths: &[&Path], locations: usize) -> bool {
    let events: usize = paths.iter().map(|path| path.events.len()).sum();
    let reads: usize = paths.iter().map(|path| path.reads.len()).sum();
    let writes = (events + locations) as f64;
    // Each read has one of all writes; of the writes, some order. An event may be both.
    let orders = (events - reads.min(events)).max(1) as f64;
    reads as f64 * writes.log2() + orders * orders.log2() >= LARGE
}

/// Whether a structure has so many candidates that it is divided.
pub(super) fn is_large(s: &Structure<'_>) -> bool {
    let mut bits = 0.0;
    let writes: smallvec::SmallVec<[Option<u32>; 32]> = s.writes().map(|write| s.place(write)).collect();
    let there = |place: Option<u32>| {
        let fits = |other: &&Option<u32>| place.is_none() || other.is_none() || **other == place;
        writes.iter().filter(fits).count().max(1) as f64
    };
    for (read, ..) in s.reads() {
        bits += there(s.place(read)).log2();
    }
    for (at, write) in writes.iter().enumerate() {
        // The writes before it, of which the first is the initial one.
        let earlier = writes[..at].iter().filter(|other| *other == write).count().max(1);
        bits += (earlier as f64).log2();
    }
    bits >= LARGE
}
