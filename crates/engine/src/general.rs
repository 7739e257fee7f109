//! Every candidate in full, each handed to the general evaluator.
//!
//! The definition, written down: all choices of one path a thread; all choices of a write for each read whose
//! equations have a solution; all choices of the final write for each observed location; and then the model, which
//! itself goes through all coherence orders. No choice is cut short.

use crate::{CompiledModel, EngineError, Observable, Problem, Shown, ShownEvent, Sink, Stats};
use cat::eval::{Candidate, Environment, ErrorKind, EvalError, Interruption};
use cat::predefined::{Kind, Predefined};
use execution::{EventId, Solution, Structure, Unsolved, Value, solve};
use relation::{Relation, Set, Shape};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Finds all executions that the model accepts.
pub(crate) fn run(
    problem: &Problem<'_>,
    model: &CompiledModel,
    sink: &mut dyn Sink,
) -> Result<Stats, EngineError> {
    run_within(problem, model, sink, false)
}

/// The same. With `in_portion`, all of it belongs to a portion of the work that has begun already.
pub(crate) fn run_within(
    problem: &Problem<'_>,
    model: &CompiledModel,
    sink: &mut dyn Sink,
    in_portion: bool,
) -> Result<Stats, EngineError> {
    let mut general = General { problem, model, sink, in_portion, stats: Stats::default() };
    let mut chosen = Vec::new();
    general.choose_paths(&mut chosen)?;
    Ok(general.stats)
}

/// About so many relations are held at a time.
const RELATIONS: u64 = 256;

/// After so many candidates the sink is asked whether to stop.
const CANDIDATES_A_QUESTION: u64 = 16;

struct General<'a> {
    problem: &'a Problem<'a>,
    model: &'a CompiledModel,
    sink: &'a mut dyn Sink,
    in_portion: bool,
    stats: Stats,
}

/// Into about so many portions the work on one structure is divided.
const PORTIONS: usize = 256;

impl<'a> General<'a> {
    fn choose_paths(&mut self, chosen: &mut Vec<&'a execution::Path>) -> Result<(), EngineError> {
        let Some(paths) = self.problem.paths.get(chosen.len()) else {
            return self.structure(&Structure::new(chosen.clone(), self.problem.memory));
        };
        for path in paths.iter() {
            chosen.push(path);
            self.choose_paths(chosen)?;
            chosen.pop();
        }
        Ok(())
    }

    fn structure(&mut self, s: &Structure<'_>) -> Result<(), EngineError> {
        let relation = Shape::new(s.len()).matrix() as u64 * 8;
        if relation.saturating_mul(RELATIONS) > self.sink.memory() {
            return Err(EngineError::OutOfMemory);
        }
        let writers: Vec<Vec<EventId>> = s.reads().map(|(read, ..)| possible_writers(s, read)).collect();
        if writers.iter().any(Vec::is_empty) {
            return Ok(());
        }
        let choices = writers.iter().fold(1usize, |all, writers| all.saturating_mul(writers.len()));
        let (portion, mut number, mut wanted) = (choices.div_ceil(PORTIONS), 0usize, true);
        let mut choice = vec![0; writers.len()];
        loop {
            if !self.in_portion && number.is_multiple_of(portion) {
                wanted = self.sink.wants_portion();
            }
            number = number.wrapping_add(1);
            if wanted {
                self.choose_rf(s, &writers, &choice)?;
            }
            if self.sink.stop() {
                return Err(EngineError::Stopped);
            }
            if !advance(&mut choice, |i| writers[i].len()) {
                return Ok(());
            }
        }
    }

    /// A write for each read.
    fn choose_rf(
        &mut self,
        s: &Structure<'_>,
        writers: &[Vec<EventId>],
        choice: &[usize],
    ) -> Result<(), EngineError> {
        let rf: Vec<EventId> = writers.iter().zip(choice).map(|(writers, at)| writers[*at]).collect();
        if is_torn(s, &rf) {
            return Ok(());
        }
        match solve(s, &rf) {
            Ok(solution) => self.choose_finals(s, &rf, &solution),
            Err(Unsolved::Inconsistent | Unsolved::Illegal) => Ok(()),
        }
    }

    /// The final write of each observed location.
    fn choose_finals(&mut self, s: &Structure<'_>, rf: &[EventId], v: &Solution) -> Result<(), EngineError> {
        let mut observed: Vec<Value> = Vec::new();
        for observable in self.problem.observed {
            if let Observable::Memory(address) = observable
                && !observed.contains(address)
            {
                observed.push(*address);
            }
        }
        let candidates: Vec<Vec<EventId>> = observed
            .iter()
            .map(|address| {
                let at = |event: &EventId| v.addresses[event.index()] == Some(*address);
                let all: Vec<EventId> = s.writes().filter(at).collect();
                let own: Vec<EventId> =
                    all.iter().copied().filter(|write| s.thread(*write).is_some()).collect();
                if own.is_empty() { all } else { own }
            })
            .collect();
        let (observed, candidates): (Vec<Value>, Vec<Vec<EventId>>) =
            observed.into_iter().zip(candidates).filter(|(_, writes)| !writes.is_empty()).unzip();
        let mut choice = vec![0; candidates.len()];
        loop {
            let finals: Vec<(Value, EventId)> = observed
                .iter()
                .zip(&candidates)
                .zip(&choice)
                .map(|((a, writes), at)| (*a, writes[*at]))
                .collect();
            self.candidate(s, rf, v, &finals)?;
            if !advance(&mut choice, |i| candidates[i].len()) {
                return Ok(());
            }
        }
    }

    fn candidate(
        &mut self,
        s: &Structure<'_>,
        rf: &[EventId],
        v: &Solution,
        finals: &[(Value, EventId)],
    ) -> Result<(), EngineError> {
        self.stats.candidates += 1;
        if self.stats.candidates.is_multiple_of(CANDIDATES_A_QUESTION) && self.sink.stop() {
            return Err(EngineError::Stopped);
        }
        let candidate =
            FullCandidate { problem: self.problem, predefined: &self.model.predefined, s, rf, v, finals };
        let variant = |name: &str| self.model.variant(name);
        let sink = RefCell::new(&mut *self.sink);
        let watch = |bytes: u64| {
            // Nobody asks while the sink looks at an execution.
            let Ok(mut sink) = sink.try_borrow_mut() else { return Ok(()) };
            match () {
                () if bytes > sink.memory() => Err(Interruption::OutOfMemory),
                () if sink.stop() => Err(Interruption::Stopped),
                () => Ok(()),
            }
        };
        let environment = Environment {
            variants: &variant,
            skip_checks: &self.model.skip_checks,
            watch: &watch,
            ..Environment::default()
        };
        let models: Vec<&cat::ast::Model> = self.model.models.iter().map(|model| &**model).collect();
        let mut outcome: Option<Result<Vec<Value>, ()>> = None;
        let result = cat::eval::run(&models, &candidate, &environment, &mut |completion| {
            let values = outcome.get_or_insert_with(|| candidate.outcome());
            if let Ok(values) = values {
                let flags: Vec<&str> = completion.flags().iter().map(|flag| &**flag).collect();
                let mut sink = sink.borrow_mut();
                sink.execution(values, &flags, completion.undefined(), 1);
                let co = || completion.relation("co");
                sink.look(values, &mut || candidate.shown(co().unwrap_or_else(|| Relation::empty(s.len()))));
            }
        });
        if outcome == Some(Err(())) {
            return Err(EngineError::Execution(execution::NO_RESULT.to_owned()));
        }
        if let Some(failure) = s.paths().iter().find_map(|path| path.failure.as_ref())
            && outcome.is_some()
        {
            return Err(EngineError::Execution(failure.clone()));
        }
        result.map(|_| ()).map_err(model_error)
    }
}

/// Whether the model accepts a candidate with a `co` that holds these pairs; with any, if nothing has that name.
pub(crate) fn accepts(
    problem: &Problem<'_>,
    model: &CompiledModel,
    (s, rf, v): (&Structure<'_>, &[EventId], &Solution),
    finals: &[(Value, EventId)],
    co: &Relation,
) -> Result<bool, EngineError> {
    let candidate = FullCandidate { problem, predefined: &model.predefined, s, rf, v, finals };
    let variant = |name: &str| model.variant(name);
    let environment =
        Environment { variants: &variant, skip_checks: &model.skip_checks, ..Environment::default() };
    let models: Vec<&cat::ast::Model> = model.models.iter().map(|model| &**model).collect();
    let mut accepted = false;
    cat::eval::run(&models, &candidate, &environment, &mut |completion| {
        accepted |= completion.relation("co").is_none_or(|chosen| co.is_subset(&chosen));
    })
    .map_err(model_error)?;
    Ok(accepted)
}

fn model_error(error: EvalError) -> EngineError {
    match error.kind {
        ErrorKind::Assertion(_) => EngineError::Execution(error.message),
        ErrorKind::Limit => EngineError::Limit(error.message),
        ErrorKind::Interrupted(Interruption::Stopped) => EngineError::Stopped,
        ErrorKind::Interrupted(Interruption::OutOfMemory) => EngineError::OutOfMemory,
        _ => EngineError::Model { message: error.message, span: error.span },
    }
}

/// Whether some read that was cut into parts sees a part of a write and not another; `rf` is in order of the reads.
fn is_torn(s: &Structure<'_>, rf: &[EventId]) -> bool {
    let reads: Vec<(EventId, EventId)> = s.reads().map(|(read, ..)| read).zip(rf.iter().copied()).collect();
    s.has_parts() && reads.iter().any(|a| reads.iter().any(|b| s.tears(*a, *b)))
}

/// Moves a choice on, the last part changing fastest. False at the end.
fn advance(choice: &mut [usize], size: impl Fn(usize) -> usize) -> bool {
    for i in (0..choice.len()).rev() {
        choice[i] += 1;
        if choice[i] < size(i) {
            return true;
        }
        choice[i] = 0;
    }
    false
}

/// The writes that a read could read, as far as addresses are known: all but those of its own instruction.
fn possible_writers(s: &Structure<'_>, read: EventId) -> Vec<EventId> {
    let instance = |event: EventId| Some((s.thread(event)?, s.event(event)?.instance));
    s.writes()
        .filter(|write| instance(*write).is_none() || instance(*write) != instance(read))
        .filter(|write| match (s.known_address(*write), s.known_address(read)) {
            (Some(a), Some(b)) => a == b,
            _ => true,
        })
        .collect()
}

/// A candidate as models see it.
struct FullCandidate<'a, 'p> {
    problem: &'a Problem<'a>,
    predefined: &'a Predefined,
    s: &'a Structure<'p>,
    rf: &'a [EventId],
    v: &'a Solution,
    finals: &'a [(Value, EventId)],
}

impl FullCandidate<'_, '_> {
    /// The values of what is observed.
    fn outcome(&self) -> Result<Vec<Value>, ()> {
        let value = |observable: &Observable| match observable {
            Observable::Register(thread, reg) => {
                let path = self.s.paths()[*thread as usize];
                match crate::final_register(self.problem, path, *thread, *reg) {
                    Ok(term) => self.v.eval(self.s, (*thread).into(), term).map_err(|_| ()),
                    Err(value) => Ok(value),
                }
            }
            Observable::Memory(address) => {
                let last = self.finals.iter().find(|(known, _)| known == address);
                match last {
                    Some((_, write)) => self.v.stored[write.index()].ok_or(()),
                    None => Ok(self.problem.memory.value(*address)),
                }
            }
        };
        self.problem.observed.iter().map(value).collect()
    }
}

impl FullCandidate<'_, '_> {
    /// The candidate with a coherence order.
    fn shown(&self, co: Relation) -> Shown {
        let event = |id: EventId| {
            let event = self.s.event(id);
            ShownEvent {
                thread: self.s.thread(id).map(|thread| thread as u16),
                instruction: event.map_or(0, |event| event.instruction),
                kind: self.s.kind(id),
                address: self.v.addresses[id.index()],
                value: self.v.value(self.s, id),
                stored: self.v.stored[id.index()],
            }
        };
        let rf = self.relation("rf").unwrap_or_else(|| Relation::empty(self.s.len()));
        Shown { events: self.s.events().map(event).collect(), rf, co }
    }
}

impl FullCandidate<'_, '_> {
    /// What of `co` the candidate shows: initial writes first, final writes last, and what coherence makes of `rf`.
    fn known_coherence(&self) -> Relation {
        let set = |name: &str| self.set(name).unwrap_or_else(|| Set::empty(self.s.len()));
        let relation = |name: &str| self.relation(name).unwrap_or_else(|| Relation::empty(self.s.len()));
        let [reads, writes, initial, last] = ["R", "W", "IW", "FW"].map(set);
        let [po, loc, rf, identity] = ["po", "loc", "rf", "id"].map(relation);
        let local = po.intersection(&loc);
        let shown = |from: &Set, to: &Set| local.restrict_domain(from).restrict_range(to);
        let first = Relation::product(&initial, &writes.difference(&initial));
        let end = Relation::product(&writes.difference(&last), &last);
        let back = rf.converse();
        first
            .union(&end)
            .intersection(&loc)
            .union(&shown(&writes, &writes))
            .union(&rf.sequence(&shown(&reads, &writes)))
            .union(&shown(&writes, &reads).sequence(&back).difference(&identity))
            .union(&rf.sequence(&shown(&reads, &reads)).sequence(&back).difference(&identity))
    }
}

impl Candidate for FullCandidate<'_, '_> {
    fn universe(&self) -> usize {
        self.s.len()
    }

    fn set(&self, name: &str) -> Option<Set> {
        if name == "FW" {
            let finals = self.finals;
            return Some(Set::of(self.s.len(), |i| finals.iter().any(|(_, write)| write.index() == i)));
        }
        self.s
            .set(name, &self.problem.program.tags)
            .or_else(|| (self.predefined.kind(name) == Some(Kind::Set)).then(|| Set::empty(self.s.len())))
    }

    fn relation(&self, name: &str) -> Option<Relation> {
        match name {
            "rf" => {
                let reads = self.s.reads().map(|(read, ..)| read.index());
                let pairs = reads.zip(self.rf).map(|(read, write)| (write.index(), read));
                Some(Relation::from_pairs(self.s.len(), pairs))
            }
            "pco" => Some(self.known_coherence()),
            "loc" => Some(self.s.same_location(|event| self.v.addresses[event.index()])),
            _ => self.s.relation(name, &self.problem.program.tags).or_else(|| {
                (self.predefined.kind(name) == Some(Kind::Relation)).then(|| Relation::empty(self.s.len()))
            }),
        }
    }

    fn location_classes(&self) -> Vec<Set> {
        let mut classes: BTreeMap<Value, Set> = BTreeMap::new();
        for event in self.s.events() {
            if let Some(address) = self.v.addresses[event.index()] {
                classes.entry(address).or_insert_with(|| Set::empty(self.s.len())).insert(event.index());
            }
        }
        classes.into_values().collect()
    }

    fn different_values(&self, i: usize, j: usize) -> bool {
        let value = |i: usize| self.v.value(self.s, EventId(i as u32));
        let is_memory = |i: usize| self.s.kind(EventId(i as u32)).is_memory();
        is_memory(i) && is_memory(j) && value(i) != value(j)
    }

    fn events_on(&self, global: &str) -> Option<Set> {
        let symbol = self.problem.symbols.find(global)?;
        Some(Set::of(self.s.len(), |i| self.v.addresses[i] == Some(Value::addr(symbol))))
    }
}
