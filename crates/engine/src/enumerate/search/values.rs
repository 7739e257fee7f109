//! Values, as far as the choices made so far say what they are.

use super::{ILLEGAL, Read, Search};
use execution::{EventId, TermId, Value, VarId};

impl Search<'_, '_> {
    /// Works out what became known. False if something contradicts the choices made.
    pub(super) fn propagate(&mut self) -> bool {
        loop {
            let mut changed = false;
            for at in 0..self.rf.len() {
                let Read { thread, var, width, .. } = self.reads[at];
                if self.values[thread][var.0 as usize].is_some() {
                    continue;
                }
                if let Some(value) = self.stored(self.rf[at]) {
                    self.values[thread][var.0 as usize] = Some(value.masked(width));
                    self.trail.push((thread, var));
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        self.constraints_hold() && (self.s.known_addresses() || self.addresses_fit())
    }

    pub(super) fn eval(&self, thread: usize, term: TermId) -> Option<Value> {
        let values = &self.values[thread];
        let result = self.s.paths()[thread].terms.eval(term, &|var: VarId| values[var.0 as usize]);
        result.unwrap_or(Some(ILLEGAL))
    }

    /// The value that a write stores, if it is known by now.
    pub(super) fn stored(&self, write: EventId) -> Option<Value> {
        match self.s.stored_term(write) {
            None => self.s.known_stored(write),
            Some((thread, term)) => self.eval(thread, term),
        }
    }

    pub(super) fn address(&self, event: EventId) -> Option<Value> {
        match self.s.address_term(event) {
            None => self.s.known_address(event),
            Some((thread, term)) => self.eval(thread, term),
        }
    }

    fn constraints_hold(&self) -> bool {
        self.s.paths().iter().enumerate().all(|(thread, path)| {
            path.constraints.iter().all(|(term, is)| match self.eval(thread, *term) {
                None => true,
                Some(value) => value != ILLEGAL && value.is_true() == *is,
            })
        })
    }

    fn addresses_fit(&self) -> bool {
        self.reads.iter().zip(&self.rf).all(|(read, writer)| {
            match (self.address(read.event), self.address(*writer)) {
                (Some(a), Some(b)) => a == b && a != ILLEGAL,
                _ => true,
            }
        })
    }
}
