//! Memory that is a thread's own: what was stored there is read back. And memory that nobody writes.
//!
//! Code without optimisation keeps everything on the stack, addresses and places to return to included. That a load
//! from there returns the last store follows from coherence, but is needed before: a jump to an unknown place goes
//! everywhere.

use super::{Run, State};
use crate::path::Event;
use crate::term::TermId;
use crate::value::{BinaryOp, SymbolId, Value};

impl Run<'_, '_> {
    /// The value of a read that was just made an event, if it is of private memory: that of the last store. Otherwise
    /// `term`, what the read returns.
    pub(super) fn remembered(&mut self, state: &mut State<'_>, read: u32, term: TermId) -> TermId {
        if self.limits.private.is_empty() && self.limits.constants.is_empty() {
            return term;
        }
        let stored = self.last_store(state, read).or_else(|| self.constant(state, read));
        let Some(stored) = stored else { return term };
        let same = self.terms.binary(BinaryOp::Eq, 128, term, stored);
        // A contradiction is impossible: nothing is known of the read yet.
        self.assume(state, same, true);
        stored
    }

    /// What the last store wrote to the place of a read, if nobody else can write there.
    fn last_store(&self, state: &State<'_>, read: u32) -> Option<TermId> {
        let read = &state.events[read as usize];
        let (symbol, offset) = self.place(read).filter(|(symbol, _)| self.is_private(*symbol))?;
        let earlier = &state.events[..state.events.len() - 1];
        if earlier.iter().any(|event| self.publishes(event)) {
            return None;
        }
        let bytes = |event: &Event| i64::from(event.width / 8);
        for event in earlier.iter().rev().filter(|event| event.kind.writes()) {
            let (other, at) = self.place(event)?;
            if other != symbol || at + bytes(event) <= offset || offset + bytes(read) <= at {
                continue;
            }
            let whole = at == offset && event.width == read.width && !event.kind.reads();
            return event.value.filter(|_| whole);
        }
        None
    }

    /// What a place holds that nobody writes.
    fn constant(&mut self, state: &State<'_>, read: u32) -> Option<TermId> {
        let (symbol, offset) = self.place(&state.events[read as usize])?;
        let (_, value) = *self.limits.constants.iter().find(|(known, _)| *known == symbol && offset == 0)?;
        Some(self.terms.constant(value))
    }

    fn place(&self, event: &Event) -> Option<(SymbolId, i64)> {
        match self.terms.known(event.addr?)? {
            Value::Addr { symbol, offset } => Some((symbol, offset)),
            _ => None,
        }
    }

    fn is_private(&self, symbol: SymbolId) -> bool {
        self.limits.private.contains(&symbol)
    }

    /// Whether it stores the address of private memory elsewhere.
    fn publishes(&self, event: &Event) -> bool {
        let value = event.written.or(event.value).filter(|_| event.kind.writes());
        let address = value.and_then(|value| self.terms.known(value));
        let published = matches!(address, Some(Value::Addr { symbol, .. }) if self.is_private(symbol));
        published && self.place(event).is_none_or(|(symbol, _)| !self.is_private(symbol))
    }
}
