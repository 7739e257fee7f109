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

    /// Gives reads that pass a value on in a circle one that nothing determines: circles are numbered by their first
    /// events. False if some value is not known even then, or contradicts the choices made. All reads have their write.
    pub(super) fn name_circles(&mut self) -> bool {
        for number in 0.. {
            let unknown = (0..self.reads.len()).filter(|at| self.is_unknown(*at));
            let first = unknown.filter(|at| self.is_in_circle(*at)).min_by_key(|at| self.reads[*at].event);
            let Some(first) = first else { break };
            let Read { thread, var, .. } = self.reads[first];
            self.values[thread][var.0 as usize] = Some(Value::Free(number));
            self.trail.push((thread, var));
            if !self.propagate() {
                return false;
            }
        }
        !(0..self.reads.len()).any(|at| self.is_unknown(at)) && self.computes_with_numbers()
    }

    /// Whether everything that the threads compute has a result. Nothing can be computed with a value that is not
    /// determined: such an execution has no solution.
    fn computes_with_numbers(&self) -> bool {
        let has_result = |thread: usize, term: TermId| self.eval(thread, term) != Some(ILLEGAL);
        self.s.paths().iter().enumerate().all(|(thread, path)| {
            path.registers.iter().all(|(_, term)| has_result(thread, *term))
                && path.events.iter().all(|event| {
                    event.stored().is_none_or(|term| has_result(thread, term))
                        && event.addr.is_none_or(|term| has_result(thread, term))
                })
        })
    }

    /// Whether a read gets its own value.
    fn is_in_circle(&self, start: usize) -> bool {
        let mut at = Some(start);
        // A circle comes back within as many steps as there are reads.
        (0..self.reads.len()).any(|_| {
            at = at.and_then(|at| self.copied_by(at));
            at == Some(start)
        })
    }

    fn is_unknown(&self, at: usize) -> bool {
        let Read { thread, var, .. } = self.reads[at];
        self.values[thread][var.0 as usize].is_none()
    }

    /// The read whose value the write stores that a read reads, if that is one unchanged.
    fn copied_by(&self, at: usize) -> Option<usize> {
        let (thread, term) = self.s.stored_term(self.rf[at])?;
        let var = self.s.paths()[thread].terms.copied(term)?;
        self.reads.iter().position(|read| (read.thread, read.var) == (thread, var))
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
            }) && path.either.iter().all(|term| self.eval(thread, *term) != Some(ILLEGAL))
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
