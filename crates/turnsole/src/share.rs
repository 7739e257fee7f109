//! One test judged by several at once.
//!
//! The engine's work is a row of portions, the same for everyone (see [`engine::Sink::wants_portion`]). Everyone goes
//! through the whole row, takes the next portion that nobody has taken, and passes by the others. What was found is put
//! together at the end. Nothing here hangs on who took what, nor on how many there were.

use crate::outcomes::Found;
use engine::{EngineError, Stats};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Who may help with a test that takes long. What can start threads implements it.
pub trait Helpers: Send + Sync {
    /// Runs `own`, and returns when all is done. It may call what it is given, as often as it likes, to ask for help:
    /// then `help` may be run, beside it and several times at once.
    fn assist(&self, own: &mut dyn FnMut(&dyn Fn()), help: &(dyn Fn() + Sync));
}

/// What those share who judge a test together.
#[derive(Debug)]
pub(crate) struct Share {
    /// The first portion that nobody has taken.
    next: AtomicU64,
    /// The first place in the row where something failed; what lies behind is not needed.
    end: AtomicU64,
    /// The first portion with an outcome that violates the condition, and with one that satisfies it.
    kinds: [AtomicU64; 2],
    results: Mutex<Results>,
}

/// What the helpers found.
#[derive(Debug)]
struct Results {
    found: Found,
    stats: Stats,
    failure: Option<(u64, EngineError)>,
}

impl Share {
    /// Nothing is found yet. Outcomes have rows of so many values.
    pub(crate) fn new(width: usize) -> Share {
        let none = || AtomicU64::new(u64::MAX);
        let results = Results { found: Found::new(width), stats: Stats::default(), failure: None };
        Share { next: AtomicU64::new(0), end: none(), kinds: [none(), none()], results: Mutex::new(results) }
    }

    /// Adds what somebody found who has come to `turn`.
    pub(crate) fn add(&self, found: Found, turn: &Turn<'_>, result: Result<Stats, EngineError>) {
        let mut results = self.lock();
        results.found.merge(found);
        match result {
            Ok(stats) => results.stats.candidates += stats.candidates,
            Err(error) => {
                let place = turn.place();
                self.end.fetch_min(place, Ordering::Relaxed);
                if results.failure.as_ref().is_none_or(|(first, _)| place < *first) {
                    results.failure = Some((place, error));
                }
            }
        }
    }

    /// Takes over what somebody has found so far. Whether there are more bytes now than there may be.
    pub(crate) fn store(&self, found: Found, memory: u64) -> bool {
        let mut results = self.lock();
        results.found.merge(found);
        results.found.bytes() > memory
    }

    /// All that was found, and the failure that comes first.
    pub(crate) fn finish(self) -> (Found, Result<Stats, EngineError>) {
        let Results { found, stats, failure } =
            self.results.into_inner().unwrap_or_else(PoisonError::into_inner);
        (found, failure.map_or(Ok(stats), |(_, error)| Err(error)))
    }

    /// A panic elsewhere leaves nothing half-done here.
    fn lock(&self) -> MutexGuard<'_, Results> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where somebody is in the row of portions.
#[derive(Debug)]
pub(crate) struct Turn<'s> {
    /// Nothing for who is alone.
    share: Option<&'s Share>,
    /// How many portions have begun.
    begun: u64,
    /// Whether the last of them is taken.
    inside: bool,
    /// The next one to take.
    ticket: Option<u64>,
    is_helper: bool,
    kinds: [bool; 2],
}

impl<'s> Turn<'s> {
    /// For who is alone.
    pub(crate) fn alone() -> Turn<'s> {
        Turn { share: None, begun: 0, inside: false, ticket: None, is_helper: false, kinds: [false; 2] }
    }

    /// For who shares the work.
    pub(crate) fn of(share: &'s Share, is_helper: bool) -> Turn<'s> {
        Turn { share: Some(share), is_helper, ..Turn::alone() }
    }

    /// What is done for every portion, and by everybody, is counted once.
    pub(crate) fn is_helper(&self) -> bool {
        self.is_helper
    }

    /// The next portion begins: whether to take it.
    pub(crate) fn next(&mut self) -> bool {
        let number = self.begun;
        self.begun += 1;
        let Some(share) = self.share else { return true };
        let ticket = *self.ticket.get_or_insert_with(|| share.next.fetch_add(1, Ordering::Relaxed));
        self.inside = ticket == number;
        if self.inside {
            self.ticket = None;
        }
        self.inside && !self.is_over()
    }

    /// The first outcome here that satisfies the condition, or the first one that violates it.
    pub(crate) fn sees(&mut self, satisfies: bool) {
        let kind = usize::from(satisfies);
        self.kinds[kind] = true;
        if let Some(share) = self.share {
            share.kinds[kind].fetch_min(self.begun, Ordering::Relaxed);
        }
    }

    /// Whether portions up to this one have outcomes of both kinds.
    pub(crate) fn has_both_kinds(&self) -> bool {
        let is_known = |kind: &AtomicU64| kind.load(Ordering::Relaxed) <= self.begun;
        match self.share {
            Some(share) => share.kinds.iter().all(is_known),
            None => self.kinds == [true; 2],
        }
    }

    /// Whether something failed before this place.
    pub(crate) fn is_over(&self) -> bool {
        self.share.is_some_and(|share| share.end.load(Ordering::Relaxed) < self.place())
    }

    /// A number that orders places: in a portion, behind it.
    fn place(&self) -> u64 {
        2 * self.begun + u64::from(!self.inside)
    }

    pub(crate) fn share(&self) -> Option<&'s Share> {
        self.share
    }

    /// The number of the portion, from 1.
    pub(crate) fn portion(&self) -> u64 {
        self.begun
    }
}
