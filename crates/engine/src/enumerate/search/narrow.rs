//! Writes that a read can't read because of what they store.
//!
//! A branch that hangs on one read alone, and a filter that asks for its value, say for each write whether it can be read. To
//! know that early saves whole trees, and leaves bounds with less to hold.

use super::free::reads_in;
use super::{Bounds, Read};
use crate::{Observable, Problem, Sink};
use execution::{Path, TermId, Value, VarId};
use smallvec::SmallVec;

/// What is known of the value of one read alone.
struct Questions<'p> {
    path: &'p Path,
    var: VarId,
    constraints: SmallVec<[(TermId, bool); 4]>,
    /// Observed registers, by their position.
    registers: SmallVec<[(usize, TermId); 4]>,
}

/// Leaves out writes that can't be read. False if some read has none then.
pub(super) fn narrow_reads(bounds: &mut Bounds<'_, '_>, problem: &Problem<'_>) -> bool {
    let filters = bounds.sink.borrow().filters();
    let s = bounds.s;
    for read in &mut bounds.reads {
        let questions = Questions::new(problem, s.paths()[read.thread], read, filters);
        if questions.constraints.is_empty() && questions.registers.is_empty() {
            continue;
        }
        let sink = bounds.sink.borrow();
        read.writers.retain(|writer| {
            let value = s.known_stored(*writer).map(|value| value.masked(read.width));
            value.is_none_or(|value| questions.allow(value, problem, &**sink))
        });
        if read.writers.is_empty() {
            return false;
        }
    }
    true
}

impl<'p> Questions<'p> {
    fn new(problem: &Problem<'_>, path: &'p Path, read: &Read, filters: bool) -> Questions<'p> {
        let is_about = |term: TermId| {
            let reads = reads_in(&path.terms, term);
            !reads.is_empty() && reads.iter().all(|var| *var == read.var)
        };
        let constraints = path.constraints.iter().copied().filter(|(term, _)| is_about(*term)).collect();
        let register = |(at, observed): (usize, &Observable)| match *observed {
            Observable::Register(thread, reg) if usize::from(thread) == read.thread => {
                let term = crate::final_register(problem, path, thread, reg).ok()?;
                is_about(term).then_some((at, term))
            }
            _ => None,
        };
        let registers = match filters {
            true => problem.observed.iter().enumerate().filter_map(register).collect(),
            false => SmallVec::new(),
        };
        Questions { path, var: read.var, constraints, registers }
    }

    /// Whether the read may return that value.
    fn allow(&self, value: Value, problem: &Problem<'_>, sink: &dyn Sink) -> bool {
        let eval = |term: TermId| {
            let var = |var: VarId| (var == self.var).then_some(value);
            self.path.terms.eval(term, &var).ok().flatten()
        };
        let holds = |(term, is): &(TermId, bool)| eval(*term).is_some_and(|value| value.is_true() == *is);
        if !self.constraints.iter().all(holds) {
            return false;
        }
        if self.registers.is_empty() {
            return true;
        }
        let mut known = vec![None; problem.observed.len()];
        for (at, term) in &self.registers {
            known[*at] = eval(*term);
        }
        sink.wants(&known)
    }
}
