//! The fast engine.
//!
//! For each choice of paths: the static part of the model is evaluated once; then `rf` is chosen read by read, with
//! values, addresses and branch conditions propagated after each choice; then `co`, location by location. A choice that
//! coherence or atomicity forbids is not gone into, and before `co` is chosen the checks that only get worse with more
//! edges are run on the edges that are forced.
//!
//! Counts are exact: every accepted choice of paths, `rf` and `co` is one execution. Models that can't be compiled go to
//! the general evaluator, candidate by candidate.

mod alike;
mod machine;
mod order;
mod portions;
mod recognise;
mod search;
mod sequences;

use crate::{CompiledModel, EngineError, Observable, Problem, Sink, Stats};
use cat::plan::{Base, Deps, Node, Plan};
use execution::micro::Names;
use execution::{Path, Predefined, Structure, Value};
use machine::{Machine, Schedule};
use recognise::Recognised;
use relation::Shape;
use std::sync::Arc;

/// A plan with all that the engine works out about it once.
#[derive(Clone, Debug)]
pub struct Compiled {
    plan: Arc<Plan>,
    /// What the plan's names stand for.
    names: Vec<Predefined>,
    schedule: Schedule,
    recognised: Recognised,
    /// Coherence, if the model has it in sequences.
    sequences: Option<sequences::Sequences>,
    /// Whether all that choices decide has bounds while they are open.
    has_bounds: bool,
    /// How many operations choices decide.
    dynamic_nodes: usize,
    /// Whether some operation compares values.
    asks_for_values: bool,
}

impl Compiled {
    /// Prepares a plan for programs whose events carry these tags.
    pub fn new(plan: Plan, tags: &Names) -> Compiled {
        let find = |name: &std::sync::Arc<str>| Predefined::find(name, tags).unwrap_or(Predefined::Nothing);
        let names = plan.names.iter().map(find).collect();
        let schedule = Schedule::new(&plan);
        let recognised = recognise::recognise(&plan);
        let sequences = if recognised.coherence.is_empty() { sequences::recognise(&plan) } else { None };
        let has_bounds = plan.checks.len() <= MAX_CHECKS && machine::has_bounds(&plan, &schedule);
        let is_dynamic = |deps: &&Deps| deps.without(Deps::ADDRESSES) != Deps::NONE;
        let dynamic_nodes = plan.deps.iter().filter(is_dynamic).count();
        let asks_for_values = plan.nodes.contains(&Node::Base(Base::DifferentValues));
        let plan = Arc::new(plan);
        Compiled { asks_for_values, dynamic_nodes, plan, names, schedule, recognised, sequences, has_bounds }
    }

    /// Whether the last write to a location is the one that `co` has last.
    fn co_says_last(&self) -> bool {
        self.plan.co.is_some_and(|co| co.final_last && co.initial_first)
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
}

/// Memory of the engine, to be used for one test after the other.
#[derive(Debug, Default)]
pub struct Workspace {
    machine: Machine,
    search: search::Workspace,
}

/// Finds all executions that the model accepts.
///
/// # Errors
/// See [`EngineError`].
pub fn run(
    problem: &Problem<'_>,
    model: &CompiledModel,
    workspace: &mut Workspace,
    sink: &mut dyn Sink,
) -> Result<Stats, EngineError> {
    let Ok(compiled) = &model.plan else {
        return crate::general::run(problem, model, sink);
    };
    let mut stats = Stats::default();
    let (memory, mut visited) = (sink.memory(), 1u32);
    let Workspace { machine, search } = workspace;
    let mut portions = portions::Portions::new(problem.paths, sink.wants_small_portions());
    let alike = alike::Alike::new(problem, sink.filters());
    for_each_structure(problem.paths, &alike, &mut |paths, chosen| {
        let mut arranged = (!alike.is_empty()).then(|| alike.sink(&mut *sink, chosen));
        let sink: &mut dyn Sink = match &mut arranged {
            Some(arranged) => arranged,
            None => &mut *sink,
        };
        if visited.is_multiple_of(STRUCTURES_A_QUESTION) && sink.stop() {
            return Err(EngineError::Stopped);
        }
        visited = visited.wrapping_add(1);
        if !is_wanted(problem, &paths, sink) {
            return Ok(());
        }
        let may_be_large = portions.may_be_large(&paths, problem.memory.locations.len());
        let wanted = if may_be_large { portions.wants_large(sink) } else { Some(portions.wants_small(sink)) };
        if wanted == Some(false) {
            return Ok(());
        }
        let structure = Structure::new(paths, problem.memory);
        let is_divided = wanted.is_none() && portions.is_large(&structure);
        if wanted.is_none() && !is_divided && !portions.wants_small(sink) {
            return Ok(());
        }
        let division = is_divided.then(|| portions.divide());
        if structure.len() > MAX_EVENTS {
            return Err(EngineError::Limit(format!("more than {MAX_EVENTS} events in one execution")));
        }
        if memory < u64::MAX && most_bytes(compiled, &structure) > memory {
            return Err(EngineError::OutOfMemory);
        }
        let task = search::Task { problem, compiled, structure: &structure, division };
        let searched = search::search(task, machine, search, sink, &mut stats)?;
        if searched == search::Searched::Unsupported {
            let alone = structure.paths().iter().map(|path| Arc::new(vec![(*path).clone()]));
            let paths: Vec<Arc<Vec<Path>>> = alone.collect();
            let alone = Problem { paths: &paths, ..*problem };
            stats.candidates += crate::general::run_within(&alone, model, sink, !is_divided)?.candidates;
        }
        Ok(())
    })?;
    Ok(stats)
}

/// Whether there may be more than one portion of work (see [`Sink::wants_portion`]). Costs next to nothing.
pub fn may_be_divided(problem: &Problem<'_>) -> bool {
    portions::may_be_divided(problem.paths, problem.memory.locations.len())
}

/// Whether the sink wants executions that go these ways, as far as registers tell without any read.
fn is_wanted(problem: &Problem<'_>, paths: &[&Path], sink: &dyn Sink) -> bool {
    if !sink.filters() {
        return true;
    }
    let known = |observable: &Observable| match *observable {
        Observable::Register(thread, reg) => {
            let path = paths.get(usize::from(thread))?;
            match crate::final_register(problem, path, thread, reg) {
                Ok(term) => path.terms.known(term),
                Err(value) => Some(value),
            }
        }
        Observable::Memory(_) => None,
    };
    let known: Vec<Option<Value>> = problem.observed.iter().map(known).collect();
    sink.wants(&known)
}

/// With how many checks a model is searched with bounds: those that are open are a set of 64.
const MAX_CHECKS: usize = 64;

/// After so many choices of paths the sink is asked whether to stop.
const STRUCTURES_A_QUESTION: u32 = 64;

/// The bytes that the search through a structure takes at most: a relation for each operation of the plan, twice where
/// there are bounds, and an order of writes for each choice that is made.
fn most_bytes(compiled: &Compiled, structure: &Structure<'_>) -> u64 {
    let shape = Shape::new(structure.len());
    let choices = structure.reads().count() + 2 * structure.writes().count();
    let orders = 1 + compiled.plan.choices.len();
    let relations = 2 * compiled.plan.sorts.len() + orders * (choices + 2);
    (shape.matrix() as u64 * 8).saturating_mul(relations as u64)
}

/// How many events one execution may have: a relation over them takes 8 MB.
const MAX_EVENTS: usize = 8192;

/// Is given a path for each thread, and which of the thread's it is.
type Visit<'v, 'p> = dyn FnMut(Vec<&'p Path>, &[usize]) -> Result<(), EngineError> + 'v;

/// Goes through all choices of one path a thread, the first thread's changing slowest. Of threads that are alike, one order
/// of the choices stands for all.
fn for_each_structure<'p>(
    paths: &'p [Arc<Vec<Path>>],
    alike: &alike::Alike,
    visit: &mut Visit<'_, 'p>,
) -> Result<(), EngineError> {
    let mut chosen = vec![0; paths.len()];
    if paths.iter().any(|paths| paths.is_empty()) {
        return Ok(());
    }
    loop {
        visit(paths.iter().zip(&chosen).map(|(paths, at)| &paths[*at]).collect(), &chosen)?;
        let mut thread = paths.len();
        loop {
            if thread == 0 {
                return Ok(());
            }
            thread -= 1;
            chosen[thread] += 1;
            if chosen[thread] < paths[thread].len() {
                break;
            }
        }
        for later in thread + 1..paths.len() {
            chosen[later] = alike.first(later, &chosen);
        }
    }
}
