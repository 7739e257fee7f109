//! What accepted executions end with.

use super::{ILLEGAL, Open, Search};
use crate::{EngineError, Observable};
use cat::ast::Role;
use execution::{EventId, Term, Value};
use relation::kernel as k;
use smallvec::SmallVec;

impl Search<'_, '_> {
    pub(super) fn accepted(&mut self) -> Result<(), EngineError> {
        if let Some(failure) = self.s.paths().iter().find_map(|path| path.failure.as_ref()) {
            return Err(EngineError::Execution(failure.clone()));
        }
        self.found = true;
        let outcome = self.outcome();
        let illegal = outcome.contains(&ILLEGAL);
        if !illegal && !self.machine.may_flag() {
            self.sink.execution(&outcome, &[], false, 1);
            self.workspace.outcome = outcome;
            return Ok(());
        }
        let mut flags = std::mem::take(&mut self.workspace.flags);
        self.machine.flags(&mut flags);
        let (mut names, mut undefined): (Vec<&str>, bool) = (Vec::new(), false);
        for index in &flags {
            let check = &self.compiled.plan.checks[*index];
            match (check.role, &check.name) {
                (Role::UndefinedUnless, _) => undefined = true,
                (Role::Assert, name) => {
                    let name = name.as_deref().unwrap_or("_");
                    return Err(EngineError::Execution(format!(
                        "{name} assertion failed, check input test."
                    )));
                }
                (_, Some(name)) => names.push(name),
                (_, None) => {}
            }
        }
        if !illegal {
            self.sink.execution(&outcome, &names, undefined, 1);
        }
        self.workspace.flags = flags;
        self.workspace.outcome = outcome;
        if illegal {
            return Err(EngineError::Execution("an operation has no result on its operands".to_owned()));
        }
        Ok(())
    }

    /// The values that are observed, given `rf` and `co`. To be given back to the workspace.
    fn outcome(&mut self) -> Vec<Value> {
        let mut outcome = std::mem::take(&mut self.workspace.outcome);
        if !self.registers_known {
            outcome.clear();
            self.fill_values_of_plain_reads();
            for observable in self.problem.observed {
                outcome.push(self.register(*observable).unwrap_or(Value::ZERO));
            }
            self.registers_known = true;
        }
        for at in 0..self.finals.len() {
            outcome[self.finals[at].at] = self.final_value(at);
        }
        outcome
    }

    /// Whether the outcome is the same for all orders of the undecided locations, and so are the flags.
    pub(super) fn outcome_is_decided(&self, undecided: &[Open]) -> bool {
        let is_undecided = |write: &EventId| {
            let w = self.ids[write.index()] as usize;
            undecided.iter().any(|open| k::has(&self.locations[open.location], w))
        };
        !self.machine.may_flag()
            && self.finals.iter().all(|last| match &last.writes {
                Some(writes) => !writes.iter().any(is_undecided),
                None => undecided.is_empty(),
            })
    }

    /// Whether the sink has seen the outcome of the current `rf` before.
    pub(super) fn is_known_outcome(&mut self) -> bool {
        let outcome = self.outcome();
        let is_known = self.sink.knows(&outcome);
        self.workspace.outcome = outcome;
        is_known
    }

    /// Where no value mattered for the search, reads get theirs only now.
    fn fill_values_of_plain_reads(&mut self) {
        if self.plain {
            for (read, writer) in self.reads.iter().zip(&self.rf) {
                let value = self.s.known_stored(*writer).map(|value| value.masked(read.width));
                self.values[read.thread][read.var.0 as usize] = value;
            }
        }
    }

    fn register(&self, observable: Observable) -> Option<Value> {
        let Observable::Register(thread, reg) = observable else { return None };
        let path = self.s.paths().get(thread as usize)?;
        match crate::final_register(self.problem, path, thread, reg) {
            Ok(term) => match path.terms.get(term) {
                Term::Const(value) => Some(value),
                _ => self.eval(thread.into(), term),
            },
            Err(value) => Some(value),
        }
    }

    fn final_value(&mut self, at: usize) -> Value {
        let (shape, co) = (self.shape, self.machine.co_mut());
        let is_last = |write: &EventId| k::is_empty(k::row(shape, co, self.ids[write.index()] as usize));
        let last = match &self.finals[at].writes {
            Some(writes) => writes.iter().copied().find(is_last),
            None => {
                let address = self.finals[at].address;
                let last: SmallVec<[EventId; 8]> = self.writes.iter().copied().filter(is_last).collect();
                last.into_iter().find(|write| self.address(*write) == Some(address))
            }
        };
        match last {
            Some(write) => self.stored(write).unwrap_or(ILLEGAL),
            None => self.problem.memory.value(self.finals[at].address),
        }
    }
}
