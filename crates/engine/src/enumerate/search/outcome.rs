//! What accepted executions end with.

use super::{ILLEGAL, Open, Search};
use crate::{EngineError, Observable, Problem};
use cat::ast::Role;
use execution::{EventId, Structure, Term, TermId, Value, VarId};
use relation::kernel as k;
use smallvec::SmallVec;

impl Search<'_, '_> {
    pub(super) fn accepted(&mut self) -> Result<(), EngineError> {
        if self.fails
            && let Some(failure) = self.s.paths().iter().find_map(|path| path.failure.as_ref())
        {
            return Err(EngineError::Execution(failure.clone()));
        }
        self.found = true;
        let outcome = self.outcome();
        let illegal = outcome.contains(&ILLEGAL);
        let open = self.guided.as_ref().map(|guide| guide.open_at_leaf);
        let may_flag = match open {
            Some(open) => self.machine.bounds_may_flag(open),
            None => self.machine.may_flag(),
        };
        if !illegal && !may_flag {
            self.tell(&outcome, &[], false, self.weight);
            self.workspace.outcome = outcome;
            return Ok(());
        }
        let mut flags = std::mem::take(&mut self.workspace.flags);
        match open {
            Some(open) => self.machine.bounds_flags(open, &mut flags),
            None => self.machine.flags(&mut flags),
        }
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
            self.tell(&outcome, &names, undefined, self.weight);
        }
        self.workspace.flags = flags;
        self.workspace.outcome = outcome;
        if illegal {
            return Err(EngineError::Execution(execution::NO_RESULT.to_owned()));
        }
        Ok(())
    }

    /// The values that are observed, given `rf` and `co`. To be given back to the workspace.
    fn outcome(&mut self) -> Vec<Value> {
        let mut outcome = std::mem::take(&mut self.workspace.outcome);
        if !self.registers_known {
            outcome.clear();
            self.fill_values_of_plain_reads();
            let mut memos = std::mem::take(&mut self.memos);
            if memos.is_empty() {
                memos.extend(self.observers.iter().map(|observer| self.memo(observer)));
            }
            for (observer, memo) in self.observers.iter().zip(&mut memos) {
                outcome.push(match observer {
                    Observer::Known(value) => *value,
                    Observer::Register(thread, term) => self.final_register(*thread, *term, memo),
                    Observer::Memory { .. } => Value::ZERO,
                });
            }
            self.memos = memos;
            self.registers_known = true;
        }
        for (at, value) in outcome.iter_mut().enumerate() {
            if let Observer::Memory { address, .. } = self.observers[at] {
                *value = self.final_value(at, address);
            }
        }
        outcome
    }

    fn memo(&self, observer: &Observer) -> Memo {
        let read = match observer {
            Observer::Register(thread, term) => self.s.paths()[*thread].terms.only_read(*term),
            Observer::Known(_) | Observer::Memory { .. } => None,
        };
        Memo { read, values: SmallVec::new() }
    }

    /// What a register ends with.
    fn final_register(&self, thread: usize, term: TermId, memo: &mut Memo) -> Value {
        let read = memo.read.and_then(|var| self.values[thread][usize::from(var.0)]);
        if let Some(read) = read
            && let Some((_, value)) = memo.values.iter().find(|(known, _)| *known == read)
        {
            return *value;
        }
        let value = self.eval(thread, term).unwrap_or(Value::ZERO);
        if let Some(read) = read
            && memo.values.len() < MOST_REMEMBERED
        {
            memo.values.push((read, value));
        }
        value
    }

    /// Whether the outcome is the same for all orders of the undecided locations, and so are the flags.
    pub(super) fn outcome_is_decided(&self, undecided: &[Open]) -> bool {
        let is_undecided = |write: &FinalWrite| {
            undecided.iter().any(|open| k::has(&self.locations[open.location], write.small as usize))
        };
        !self.machine.may_flag()
            && self.observers.iter().all(|observer| match observer {
                Observer::Memory { writes: Some(writes), .. } => !writes.iter().any(is_undecided),
                Observer::Memory { writes: None, .. } => undecided.is_empty(),
                Observer::Known(_) | Observer::Register(..) => true,
            })
    }

    /// Whether the sink has seen the outcome of the current `rf` before.
    pub(super) fn is_known_outcome(&mut self) -> bool {
        let outcome = self.outcome();
        let is_known = match self.exchanges.is_empty() {
            true => self.sink.knows(&outcome),
            // The sink is told of others too.
            false => self.knows_orbit(&outcome),
        };
        self.workspace.outcome = outcome;
        is_known
    }

    /// Where no value mattered for the search, reads get theirs only now.
    pub(super) fn fill_values_of_plain_reads(&mut self) {
        if self.plain {
            for (read, writer) in self.reads.iter().zip(&self.rf) {
                let value = self.stored[writer.index()].map(|value| value.masked(read.width));
                self.values[read.thread][read.var.0 as usize] = value;
            }
        }
    }

    pub(super) fn final_value(&self, at: usize, address: Value) -> Value {
        match self.last_write(at) {
            Some((_, Some(stored))) => stored,
            Some((write, None)) => self.stored(write).unwrap_or(ILLEGAL),
            None => self.problem.memory.value(address),
        }
    }

    /// The last write to an observed location, with what it stores if that is known before any read is.
    pub(super) fn last_write(&self, at: usize) -> Option<(EventId, Option<Value>)> {
        let Observer::Memory { address, writes } = &self.observers[at] else { return None };
        let co = match &self.guided {
            Some(guide) => match guide.last(at) {
                Some(write) => return Some((write, None)),
                None => self.workspace.orders.level(self.shape, self.level),
            },
            None => self.machine.co(),
        };
        let is_last = |small: u32| {
            let later = k::row(self.shape, co, small as usize);
            match &self.written {
                Some(written) => k::is_disjoint(later, written),
                None => k::is_empty(later),
            }
        };
        match writes {
            Some(writes) => {
                let last = writes.iter().find(|write| is_last(write.small))?;
                Some((last.event, last.stored))
            }
            None => {
                let mut writes = self.writes.iter().copied();
                let last = writes
                    .find(|write| is_last(self.ids[write.index()]) && self.address(*write) == Some(*address));
                last.map(|write| (write, None))
            }
        }
    }
}

/// Where an observed value comes from.
#[derive(Debug)]
pub(super) enum Observer {
    /// It is the same in every execution of the structure.
    Known(Value),
    /// A term of a thread.
    Register(usize, TermId),
    /// The last write to an address, among these if its writes are known.
    Memory { address: Value, writes: Option<Vec<FinalWrite>> },
}

/// A write that may be the last one to its location.
#[derive(Clone, Copy, Debug)]
pub(super) struct FinalWrite {
    pub(super) event: EventId,
    /// Its number in the small universe.
    pub(super) small: u32,
    /// What it stores, if that is known before any read is.
    stored: Option<Value>,
}

/// What is remembered of a register whose last value hangs on one read.
#[derive(Debug)]
pub(super) struct Memo {
    read: Option<VarId>,
    /// The register's value for values of that read.
    values: SmallVec<[(Value, Value); 2]>,
}

/// Of so many values of a read it is remembered what a register ends with.
const MOST_REMEMBERED: usize = 8;

/// For each observed value, where it comes from.
pub(super) fn observers(
    problem: &Problem<'_>,
    (s, writes): (&Structure<'_>, &[EventId]),
    small_ids: &[u32],
) -> Vec<Observer> {
    let observer = |observable: &Observable| match *observable {
        Observable::Register(thread, reg) => {
            let Some(path) = s.paths().get(usize::from(thread)) else { return Observer::Known(Value::ZERO) };
            match crate::final_register(problem, path, thread, reg) {
                Ok(term) => match path.terms.get(term) {
                    Term::Const(value) => Observer::Known(value),
                    _ => Observer::Register(thread.into(), term),
                },
                Err(value) => Observer::Known(value),
            }
        }
        Observable::Memory(address) => {
            let there = |event: &EventId| s.known_address(*event) == Some(address);
            let write = |event: EventId| FinalWrite {
                event,
                small: small_ids[event.index()],
                stored: s.known_stored(event),
            };
            let writes = || writes.iter().copied().filter(there).map(write).collect();
            let writes = s.known_addresses().then(writes);
            Observer::Memory { address, writes }
        }
    };
    problem.observed.iter().map(observer).collect()
}
