//! How much an encoding may take, of memory and of patience.

use super::Refusal;
use std::cell::Cell;

/// About what a variable and a clause cost the solver, beside the clause's literals.
const VARIABLE_BYTES: u64 = 96;
const CLAUSE_BYTES: u64 = 48;
const LITERAL_BYTES: u64 = 4;

/// After so many clauses the sink is asked whether to stop.
const CLAUSES_A_QUESTION: u64 = 4096;

/// Judging an execution is so many times as much work as a guess.
const GUESSES_A_PROPOSAL: usize = 32;

/// Counts what was told to the solver. What the solver concludes is not counted: it forgets it when it gets much.
pub(super) struct Gauge<'s> {
    /// Asked now and then whether to give up.
    patience: &'s dyn Fn() -> bool,
    memory: u64,
    held: Cell<u64>,
    clauses: Cell<u64>,
    stopped: Cell<bool>,
    full: Cell<bool>,
}

impl<'s> Gauge<'s> {
    /// Up to `memory` bytes, until `patience` says so.
    pub(super) fn new(patience: &'s dyn Fn() -> bool, memory: u64) -> Gauge<'s> {
        let (held, clauses) = (Cell::new(0), Cell::new(0));
        Gauge { patience, memory, held, clauses, stopped: Cell::new(false), full: Cell::new(false) }
    }

    /// A new encoding takes the place of the one before.
    pub(super) fn restart(&self) {
        self.held.set(0);
    }

    /// Counts a variable.
    pub(super) fn variable(&self) {
        self.hold(VARIABLE_BYTES);
    }

    /// Counts a clause.
    pub(super) fn clause(&self, literals: usize) {
        self.hold(CLAUSE_BYTES + LITERAL_BYTES * literals as u64);
        self.clauses.set(self.clauses.get() + 1);
        if self.clauses.get().is_multiple_of(CLAUSES_A_QUESTION) {
            self.stop();
        }
    }

    /// Counts an execution that the solver proposed: judging it is as much work as some guesses of the solver.
    pub(super) fn proposed(&self) {
        for _ in 0..GUESSES_A_PROPOSAL {
            self.stop();
        }
    }

    fn hold(&self, bytes: u64) {
        self.held.set(self.held.get().saturating_add(bytes));
        if self.held.get() > self.memory {
            self.full.set(true);
        }
    }

    /// Whether to give up.
    pub(super) fn stop(&self) -> bool {
        if !self.is_over() && (self.patience)() {
            self.stopped.set(true);
        }
        self.is_over()
    }

    /// Whether it was decided to give up. Clauses are not kept from then on, so nothing can be concluded.
    pub(super) fn is_over(&self) -> bool {
        self.stopped.get() || self.full.get()
    }

    /// Why to give up, if that was decided.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        match (self.full.get(), self.stopped.get()) {
            (true, _) => Err(Refusal::OutOfMemory),
            (_, true) => Err(Refusal::Stopped),
            _ => Ok(()),
        }
    }
}
