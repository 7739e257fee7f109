//! A search that is divided into portions: the places in the tree of choices with few enough candidates below them.
//!
//! Who does not want a portion goes by. What leads to the portions is done by everyone, in the same way: so what the
//! search learns inside of a portion is forgotten behind it.

use super::super::machine::Open;
use super::super::portions;
use super::Search;
use super::guided::{Decision, Guide};
use crate::EngineError;
use relation::kernel as k;

/// Where the search is, as far as portions go.
#[derive(Debug)]
pub(super) struct Division {
    /// Whether a portion has begun. Always true where the search is not divided.
    inside: bool,
    /// A portion has at most so many candidates.
    size: f64,
    /// There are about so many portions.
    portions: f64,
    /// How many candidates hang on the write of each read and on all that comes behind; with as many for none.
    below: Vec<f64>,
    /// How many reads had their write where the portion began.
    depth: usize,
    /// What was known before it began.
    lessons: Lessons,
}

/// What to do with the choices below a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// They belong to a portion that has begun, or to several that have not.
    On,
    /// They are a portion, which begins.
    Begin,
    /// They are a portion that is not wanted.
    Skip,
}

impl Division {
    /// `how` the search is divided, if it is.
    pub(super) fn new(how: Option<portions::Division>) -> Division {
        Division {
            inside: how.is_none(),
            size: how.map_or(0.0, |how| how.least),
            portions: how.map_or(1.0, |how| how.portions),
            below: Vec::new(),
            depth: 0,
            lessons: Lessons::default(),
        }
    }

    /// Says how many candidates there are at most.
    pub(super) fn start(&mut self, candidates: f64) {
        self.size = self.size.max(candidates / self.portions);
    }

    pub(super) fn is_inside(&self) -> bool {
        self.inside
    }
}

impl Search<'_, '_> {
    /// Comes to a place with so many candidates below it. After [`Entry::Begin`], [`Search::leave`] ends the portion.
    pub(super) fn enter(&mut self, candidates: f64) -> Entry {
        if self.division.inside || candidates > self.division.size {
            return Entry::On;
        }
        if !self.sink.wants_portion() {
            return Entry::Skip;
        }
        self.division.inside = true;
        if let Some(guide) = &self.guided {
            self.division.lessons.keep(guide, self.machine.failed());
        }
        Entry::Begin
    }

    pub(super) fn leave(&mut self) {
        self.tell_all();
        self.division.inside = false;
        if let Some(guide) = &mut self.guided {
            self.division.lessons.give_back(guide);
            self.machine.set_failed(self.division.lessons.requirement);
        }
    }

    /// Makes a portion of what `go_on` searches, if it has few enough candidates.
    pub(super) fn in_portion(
        &mut self,
        candidates: f64,
        go_on: impl FnOnce(&mut Self) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        match self.enter(candidates) {
            Entry::On => go_on(self),
            Entry::Skip => Ok(()),
            Entry::Begin => {
                let result = go_on(self);
                self.leave();
                result
            }
        }
    }

    /// A candidate, or what stands for several, was judged.
    pub(super) fn count_candidate(&mut self) {
        if self.division.inside || self.sink.counts_common_work() {
            self.stats.candidates += 1;
        }
    }

    /// Before `rf` is chosen without bounds: how much hangs on the write of each read.
    pub(super) fn divide_choices(&mut self) {
        if self.division.inside {
            return;
        }
        let orders: f64 = self.locations.iter().map(|location| orders(location)).product();
        let mut below = vec![orders; self.reads.len() + 1];
        for at in (0..self.reads.len()).rev() {
            below[at] = below[at + 1] * self.reads[at].writers.len() as f64;
        }
        self.division.start(below[0]);
        self.division.below = below;
    }

    /// Comes to a read that has no write yet, or behind the last one. False if what hangs on it is not wanted.
    pub(super) fn enters_depth(&mut self, depth: usize) -> bool {
        if self.division.inside {
            return true;
        }
        let candidates = self.division.below.get(depth).copied().unwrap_or_default();
        let entry = self.enter(candidates);
        if entry == Entry::Begin {
            self.division.depth = depth;
        }
        entry != Entry::Skip
    }

    /// Comes back to a read that has its write taken back.
    pub(super) fn leave_depth(&mut self, depth: usize) {
        if !self.division.below.is_empty() && self.division.inside && depth < self.division.depth {
            self.leave();
        }
    }
}

// ---- the search with bounds ----------------------------------------------------------------------------------------

impl Search<'_, '_> {
    /// Makes the choices from a position on.
    pub(super) fn explore(&mut self, at: usize, open: Open) -> Result<(), EngineError> {
        if self.division.inside {
            return self.explore_on(at, open);
        }
        let candidates = match (self.decision(at), &self.guided) {
            // Whether an outcome was found is known inside of a portion only.
            (Some(Decision::Class(_)), _) if self.outcome_is_decided_from(at, open) => 0.0,
            // A product is not divided.
            _ if self.is_product(at, open) => 0.0,
            (Some(_), Some(guide)) => guide.below[at],
            (None, _) | (_, None) => 0.0,
        };
        self.in_portion(candidates, |search| search.explore_on(at, open))
    }

    /// Puts one of the first of the remaining events of a class next, in all ways.
    pub(super) fn explore_order(
        &mut self,
        at: usize,
        class: usize,
        remaining: &[u64],
        open: Open,
    ) -> Result<(), EngineError> {
        if self.division.inside {
            return self.explore_order_on(at, class, remaining, open);
        }
        let below = self.guided.as_ref().map_or(0.0, |guide| guide.below[at + 1]);
        // What is only counted is not divided.
        let candidates = if open == 0 { 0.0 } else { below * orders(remaining) };
        self.in_portion(candidates, |search| search.explore_order_on(at, class, remaining, open))
    }
}

/// What the search has learned of the use of bounds.
#[derive(Debug, Default)]
struct Lessons {
    failed: Vec<(u32, u32)>,
    settled: Vec<(u32, u32)>,
    visits: Vec<u32>,
    failures: u32,
    nogoods: usize,
    /// The requirement that failed last.
    requirement: Option<usize>,
}

impl Lessons {
    fn keep(&mut self, guide: &Guide, requirement: Option<usize>) {
        self.requirement = requirement;
        self.failed.clone_from(&guide.failed);
        self.settled.clone_from(&guide.settled);
        self.visits.clone_from(&guide.visits);
        self.failures = guide.parts.failures;
        self.nogoods = guide.nogoods.len();
    }

    fn give_back(&self, guide: &mut Guide) {
        guide.failed.clone_from(&self.failed);
        guide.settled.clone_from(&self.settled);
        guide.visits.clone_from(&self.visits);
        guide.parts.failures = self.failures;
        guide.nogoods.truncate(self.nogoods);
    }
}

/// How many orders some writes to a location have, the first one being the initial one.
pub(super) fn orders(writes: &[u64]) -> f64 {
    super::guided::factorial(k::elements(writes).count().saturating_sub(1))
}
