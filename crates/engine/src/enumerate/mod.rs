//! The fast engine.
//!
//! For each choice of paths: the static part of the model is evaluated once; then `rf` is chosen read by read, with
//! values, addresses and branch conditions propagated after each choice; then `co`, location by location. A choice that
//! coherence or atomicity forbids is not gone into, and before `co` is chosen the checks that only get worse with more
//! edges are run on the edges that are forced.
//!
//! Counts are exact: every accepted choice of paths, `rf` and `co` is one execution. Models that can't be compiled go to
//! the general evaluator, candidate by candidate.

mod machine;
mod order;
mod recognise;
mod search;

use crate::{CompiledModel, EngineError, Problem, Sink, Stats};
use cat::plan::Plan;
use execution::micro::Names;
use execution::{Path, Predefined, Structure};
use machine::{Machine, Schedule};
use recognise::Recognised;

/// A plan with all that the engine works out about it once.
#[derive(Clone, Debug)]
pub struct Compiled {
    plan: Plan,
    /// What the plan's names stand for.
    names: Vec<Predefined>,
    schedule: Schedule,
    recognised: Recognised,
}

impl Compiled {
    /// Prepares a plan for programs whose events carry these tags.
    pub fn new(plan: Plan, tags: &Names) -> Compiled {
        let find = |name: &std::sync::Arc<str>| Predefined::find(name, tags).unwrap_or(Predefined::Nothing);
        let names = plan.names.iter().map(find).collect();
        let schedule = Schedule::new(&plan);
        let recognised = recognise::recognise(&plan);
        Compiled { plan, names, schedule, recognised }
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
    let Workspace { machine, search } = workspace;
    for_each_structure(problem.paths, &mut |paths| {
        let structure = Structure::new(paths, problem.memory);
        if structure.len() > MAX_EVENTS {
            return Err(EngineError::Limit(format!("more than {MAX_EVENTS} events in one execution")));
        }
        search::search(problem, compiled, &structure, machine, search, sink, &mut stats)
    })?;
    Ok(stats)
}

/// How many events one execution may have: a relation over them takes 8 MB.
const MAX_EVENTS: usize = 8192;

/// Goes through all choices of one path a thread, the first thread's changing slowest.
fn for_each_structure<'p>(
    paths: &'p [Vec<Path>],
    visit: &mut dyn FnMut(Vec<&'p Path>) -> Result<(), EngineError>,
) -> Result<(), EngineError> {
    let mut chosen = vec![0; paths.len()];
    if paths.iter().any(Vec::is_empty) {
        return Ok(());
    }
    loop {
        visit(paths.iter().zip(&chosen).map(|(paths, at)| &paths[*at]).collect())?;
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
            chosen[thread] = 0;
        }
    }
}
