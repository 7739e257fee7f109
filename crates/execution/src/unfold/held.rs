//! How much memory unfolding takes: the runs that have ended, those that are put aside, and the terms of all.

use super::{Register, Run, State, UnfoldError};
use crate::micro::Reg;
use crate::path::{Edge, Event};
use crate::term::{Term, TermId};
use std::mem::size_of;

/// What is told how many bytes are held, now and then, and says whether to go on.
pub type Watch<'w> = dyn FnMut(usize) -> Result<(), UnfoldError> + 'w;

impl State<'_> {
    /// The bytes that it takes: twice what it holds, since vectors grow by doubling.
    fn bytes(&self) -> usize {
        let edges = self.iico_data.len()
            + self.iico_ctrl.len()
            + self.iico_order.len()
            + self.rf_reg.len()
            + self.addr.len()
            + self.data.len()
            + self.ctrl.len();
        let held = size_of::<Self>()
            + self.events.len() * size_of::<Event>()
            + edges * size_of::<Edge>()
            + self.registers.len() * size_of::<(Reg, Register)>()
            + self.reads.len() * size_of::<u32>()
            + self.constraints.len() * size_of::<(TermId, bool)>();
        2 * held
    }
}

impl<'a> Run<'a, '_> {
    /// Keeps a fork until its turn comes.
    pub(super) fn put_aside(&mut self, fork: State<'a>) {
        self.held += fork.bytes();
        self.todo.push(fork);
        if self.refused.is_none() {
            self.refused = self.report().err();
        }
    }

    /// The fork whose turn it is.
    pub(super) fn take_up(&mut self) -> Option<State<'a>> {
        let fork = self.todo.pop()?;
        self.held = self.held.saturating_sub(fork.bytes());
        Some(fork)
    }

    /// Keeps a run that has ended.
    pub(super) fn keep(&mut self, state: State<'a>) {
        self.held += state.bytes();
        self.done.push(state);
    }

    /// Tells the watch what is held.
    pub(super) fn report(&mut self) -> Result<(), UnfoldError> {
        (self.watch)(self.held + self.terms.len() * 2 * size_of::<Term>())
    }
}
