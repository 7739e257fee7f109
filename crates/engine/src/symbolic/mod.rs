//! The symbolic engine: executions as models of clauses, found by a SAT solver.
//!
//! All executions of a program at once: a literal for each way through a thread, each write that a read may read, each
//! value, each pair of events that is put in order. The memory model joins in by lemmas: see [`search`].
//!
//! It answers two questions without going through executions one by one: whether there is an accepted execution that
//! ends in some way ([`decide`]), and which outcomes there are ([`outcomes`]). It does not count. Where it can't answer,
//! it says why, and another engine has to.
//!
//! References. The overall shape, relations with bounds and lemmas from violated axioms: T. Haas, R. Meyer, H. Ponce de
//! León, *CAAT: consistency as a theory*, OOPSLA 2022; H. Ponce de León et al., *BMC for weak memory models: relation
//! analysis for compact SMT encodings*, CAV 2019. The solver: N. Eén, N. Sörensson, *An extensible SAT-solver*, SAT 2003.
//!
//! Deviations from them:
//! 1. Lemmas are found on full assignments only, several of them for each.
//! 2. A reason for a pair that is absent is the absence of what it would be made of; for recursive definitions, of
//!    everything that they would be made of.
//! 3. Coherence and atomicity are clauses from the start, where a check of the model forbids circles of one or two steps
//!    along `rf`, an order of writes, and what is static: see [`words`].

mod algebra;
mod certificate;
mod coherence;
mod encoding;
mod explain;
mod flow;
mod gauge;
mod order;
mod positions;
mod sat;
mod search;
mod statics;
mod values;
mod words;

use crate::{CompiledModel, EngineError, Problem, Proposition, Sink, Stats};
use cat::ast::Role;
use cat::plan::Plan;
use gauge::Gauge;
use sat::Sat;
use search::{End, Search};
use std::cell::RefCell;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The engine can't answer this: why.
    Unsupported(String),
    /// [`Sink::stop`] said so.
    Stopped,
    /// More than [`Sink::memory`] would be held.
    OutOfMemory,
    /// An execution that the model accepts does something that has no meaning.
    Execution(String),
    /// What was found is no execution: an error in this engine. Only where certificates are asked for.
    Wrong(String),
}

impl From<Refusal> for EngineError {
    fn from(refusal: Refusal) -> EngineError {
        match refusal {
            Refusal::Unsupported(reason) => EngineError::Limit(reason),
            Refusal::Stopped => EngineError::Stopped,
            Refusal::OutOfMemory => EngineError::OutOfMemory,
            Refusal::Execution(message) => EngineError::Execution(message),
            Refusal::Wrong(message) => EngineError::Execution(format!("a certificate is wrong: {message}")),
        }
    }
}

/// What is asked, beside the program and the model.
#[derive(Clone, Copy)]
pub struct Query<'a> {
    /// Restricts which executions count.
    pub filter: Option<&'a Proposition>,
    /// Whether each execution that is found is built anew and judged a second time, as the reference engine does it.
    pub certify: bool,
}

/// How much work it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Executions that the solver proposed.
    pub proposed: u64,
    /// Clauses that the model added.
    pub lemmas: u64,
}

/// Finds whether some accepted execution satisfies the condition, and whether some violates it. The sink gets one
/// execution of each kind that there is, and the flags that some execution raises.
///
/// # Errors
/// See [`Refusal`].
pub fn decide(
    problem: &Problem<'_>,
    model: &CompiledModel,
    query: Query<'_>,
    condition: &Proposition,
    sink: &mut dyn Sink,
) -> Result<Stats, Refusal> {
    let plan = plan(model)?;
    let violated = Proposition::Not(Box::new(condition.clone()));
    let mut stats = Stats::default();
    let mut flags = Flags::default();
    let memory = sink.memory();
    let sink = RefCell::new(sink);
    let stop = || sink.borrow_mut().stop();
    let gauge = Gauge::new(&stop, memory);
    for wanted in [condition, &violated] {
        let filters: Vec<&Proposition> = query.filter.into_iter().chain([wanted]).collect();
        let encoded = Search::new(Sat::new(&gauge), problem, model, &filters);
        gauge.check()?;
        let mut search = match encoded {
            Ok(search) => search,
            Err(End::Nothing) => continue,
            Err(End::Refused(refusal)) => return Err(refusal),
        };
        search.certify = query.certify;
        let found = search.find(&[]);
        gauge.check()?;
        let found = found?;
        if let Some(values) = found {
            let asked = flags.ask(&mut search);
            gauge.check()?;
            asked?;
            let (names, undefined) = flags.names(plan)?;
            sink.borrow_mut().execution(&values, &names, undefined, 1);
        }
        stats.candidates += search.tally.proposed;
    }
    Ok(stats)
}

/// Finds all outcomes. The sink gets one execution for each.
///
/// # Errors
/// See [`Refusal`].
pub fn outcomes(
    problem: &Problem<'_>,
    model: &CompiledModel,
    query: Query<'_>,
    sink: &mut dyn Sink,
) -> Result<Stats, Refusal> {
    let plan = plan(model)?;
    let filters: Vec<&Proposition> = query.filter.into_iter().collect();
    let mut flags = Flags::default();
    let memory = sink.memory();
    let sink = RefCell::new(sink);
    let stop = || sink.borrow_mut().stop();
    let gauge = Gauge::new(&stop, memory);
    let encoded = Search::new(Sat::new(&gauge), problem, model, &filters);
    gauge.check()?;
    let mut search = match encoded {
        Ok(search) => search,
        Err(End::Nothing) => return Ok(Stats::default()),
        Err(End::Refused(refusal)) => return Err(refusal),
    };
    search.certify = query.certify;
    let found = search.find(&[]);
    gauge.check()?;
    let Some(mut values) = found? else {
        return Ok(Stats { candidates: search.tally.proposed });
    };
    let asked = flags.ask(&mut search);
    gauge.check()?;
    asked?;
    let (names, undefined) = flags.names(plan)?;
    sink.borrow_mut().execution(&values, &names, undefined, 1);
    loop {
        search.block(&values);
        gauge.stop();
        let found = search.find(&[]);
        gauge.check()?;
        match found? {
            Some(next) => values = next,
            None => return Ok(Stats { candidates: search.tally.proposed }),
        }
        sink.borrow_mut().execution(&values, &[], false, 1);
    }
}

fn plan(model: &CompiledModel) -> Result<&Plan, Refusal> {
    match &model.plan {
        Ok(compiled) => Ok(compiled.plan()),
        Err(reason) => Err(Refusal::Unsupported(format!("the model has no plan: {reason}"))),
    }
}

/// The checks that some execution fails, or flags.
#[derive(Default)]
struct Flags(Vec<usize>);

impl Flags {
    /// Asks for those that are not known. There is some execution; none may be an error.
    fn ask(&mut self, search: &mut Search<'_, '_, '_>) -> Result<(), Refusal> {
        search.refuse_errors()?;
        for at in 0..search.remarks.len() {
            let search::Remark { check, guard } = search.remarks[at];
            if self.0.contains(&check) {
                continue;
            }
            let raised = match guard {
                None => true,
                Some(guard) => search.accepts(&[guard])?,
            };
            if raised {
                self.0.push(check);
            }
        }
        Ok(())
    }

    fn names<'p>(&self, plan: &'p Plan) -> Result<(Vec<&'p str>, bool), Refusal> {
        let (mut names, mut undefined) = (Vec::new(), false);
        for check in self.0.iter().map(|check| &plan.checks[*check]) {
            match (check.role, &check.name) {
                (Role::UndefinedUnless, _) => undefined = true,
                (Role::Assert, name) => {
                    let name = name.as_deref().unwrap_or("_");
                    return Err(Refusal::Execution(format!("{name} assertion failed, check input test.")));
                }
                (_, Some(name)) => names.push(&**name),
                (_, None) => {}
            }
        }
        Ok((names, undefined))
    }
}
