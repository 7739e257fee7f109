//! How the work is divided into portions, of which several sinks may want some each.
//!
//! A portion is a number of structures, one after the other; but a large structure is divided itself, by its first
//! choices. What is large is known from the paths alone, so that portions are the same whoever works on them.

use super::Sink;
use execution::{Path, Structure};
use libm::log2;
use smallvec::SmallVec;
use std::sync::Arc;

/// A structure with so many candidates is large; as a binary logarithm.
const LARGE: f64 = 15.0;

/// Large structures are divided if there are fewer than that. Each divided one costs everybody some time, and many can be
/// shared without.
const MANY: usize = 128;

/// Into about so many portions all structures are divided, but a large one into so many at least, if there were
/// candidates for all choices.
const PORTIONS: usize = 512;
const PORTIONS_OF_ONE: usize = 16;

/// So many candidates a portion of a large structure has at least.
const CANDIDATES: f64 = 64.0;

/// So many structures that are not large a portion has at least.
const STRUCTURES: usize = 32;

/// Which structures belong to which portion.
pub(super) struct Portions {
    /// How many structures a portion has, if none of them is large.
    size: usize,
    /// How many the current one has; none if a new one is to begin.
    filled: usize,
    wanted: bool,
    /// As how many a large structure counts. Nothing if it is divided.
    large_is: Option<usize>,
    /// See [`LARGE`].
    large: f64,
    division: Division,
}

/// How a structure is divided.
#[derive(Clone, Copy, Debug)]
pub(super) struct Division {
    /// Into about so many portions.
    pub(super) portions: f64,
    /// So many candidates each has at least.
    pub(super) least: f64,
}

impl Portions {
    /// `small` makes portions as small as they can be.
    pub(super) fn new(paths: &[Arc<Vec<Path>>], small: bool) -> Portions {
        let structures = paths.iter().fold(1usize, |all, paths| all.saturating_mul(paths.len()));
        let portions = (PORTIONS / structures.max(1)).clamp(PORTIONS_OF_ONE, PORTIONS) as f64;
        let all = Portions {
            size: (structures / PORTIONS).max(STRUCTURES),
            filled: 0,
            wanted: true,
            large_is: (structures >= MANY).then_some(STRUCTURES),
            large: LARGE,
            division: Division { portions, least: CANDIDATES },
        };
        let division = Division { least: 1.0, ..all.division };
        if small { Portions { size: 1, large: 1.0, division, ..all } } else { all }
    }

    /// Goes on to a structure that is not large. Whether it is wanted.
    pub(super) fn wants_small(&mut self, sink: &mut dyn Sink) -> bool {
        self.wants(1, sink)
    }

    /// Goes on to a structure that may be large. Whether it is wanted; `None` if it is divided if it is large.
    pub(super) fn wants_large(&mut self, sink: &mut dyn Sink) -> Option<bool> {
        let weight = self.large_is?;
        Some(self.wants(weight, sink))
    }

    fn wants(&mut self, weight: usize, sink: &mut dyn Sink) -> bool {
        if self.filled == 0 {
            self.wanted = sink.wants_portion();
        }
        self.filled += weight;
        if self.filled >= self.size {
            self.filled = 0;
        }
        self.wanted
    }

    /// Goes on to a structure that is divided: it begins its own portions.
    pub(super) fn divide(&mut self) -> Division {
        self.filled = 0;
        self.division
    }

    /// Whether a structure of these paths may be large; says so of too many.
    pub(super) fn may_be_large(&self, paths: &[&Path], locations: usize) -> bool {
        most_candidates(paths.iter().copied(), locations) >= self.large
    }

    /// Whether a structure has so many candidates that it is large.
    pub(super) fn is_large(&self, s: &Structure<'_>) -> bool {
        has_candidates(s, self.large)
    }
}

/// Whether there may be several portions; says so of too many.
pub(super) fn may_be_divided(paths: &[Arc<Vec<Path>>], locations: usize) -> bool {
    let structures = paths.iter().fold(1usize, |all, paths| all.saturating_mul(paths.len()));
    let longest = paths.iter().filter_map(|paths| paths.iter().max_by_key(|path| path.events.len()));
    structures > STRUCTURES || most_candidates(longest, locations) >= LARGE
}

/// At least as many candidates as a structure of these paths can have, as a binary logarithm.
fn most_candidates<'p>(paths: impl Iterator<Item = &'p Path>, locations: usize) -> f64 {
    let count = |(events, reads), path: &Path| (events + path.events.len(), reads + path.reads.len());
    let (events, reads): (usize, usize) = paths.fold((0, 0), count);
    // Each read has one of all writes; of the writes, some order. An event may be both.
    let orders = (events - reads.min(events)).max(1) as f64;
    reads as f64 * log2((events + locations) as f64) + orders * log2(orders)
}

/// Whether a structure has at least `2^bits` candidates, if all writes to a place can be read there.
fn has_candidates(s: &Structure<'_>, bits: f64) -> bool {
    // A place for each write; the last one for those that are not known.
    let places: SmallVec<[u32; 32]> = s.writes().map(|write| s.place(write).unwrap_or(u32::MAX)).collect();
    let (most, mut candidates) = (libm::exp2(bits), 1.0);
    for (read, ..) in s.reads() {
        let own = s.place(read).unwrap_or(u32::MAX);
        let fits = |place: &&u32| **place == own || **place == u32::MAX || own == u32::MAX;
        candidates *= places.iter().filter(fits).count().max(1) as f64;
        if candidates >= most {
            return true;
        }
    }
    for (at, place) in places.iter().enumerate() {
        // The writes before it, of which the first is the initial one.
        candidates *= places[..at].iter().filter(|other| *other == place).count().max(1) as f64;
    }
    candidates >= most
}
