//! Which executions of a program a model accepts.
//!
//! | engine | how |
//! | --- | --- |
//! | [`enumerate`] | fast: a compiled model, choices made one by one, partial candidates pruned |
//! | [`symbolic`] | all executions at once, as clauses: says whether there is one, and with which outcomes, but not how many |
//! | [`reference`] | slow and obvious: every candidate built in full and handed to the general evaluator |
//!
//! Engines do not see each other. All answer the same [`Problem`] into the same [`Sink`], and are held against each
//! other by the tests.

pub mod enumerate;
mod general;
pub mod planner;
mod proposition;
pub mod reference;
mod shown;
pub mod symbolic;

pub use proposition::Proposition;
pub use shown::{Shown, ShownEvent};

use execution::micro::{Program, Reg};
use execution::{InitialMemory, Path, Symbols, Value};
use std::sync::Arc;
use syntax::Span;

/// A model, ready for the engines.
#[derive(Debug)]
pub struct CompiledModel {
    /// What is run, in order: the standard library and the model.
    pub models: Vec<Arc<cat::ast::Model>>,
    /// The plan, if the model can be said as one; else why not.
    pub plan: Result<enumerate::Compiled, String>,
    /// Whether the model wants register events.
    pub register_events: bool,
    /// The names that the tests' architecture has in cat.
    pub predefined: cat::predefined::Predefined,
    /// The variants that are on.
    pub variants: Vec<String>,
    /// Names of checks that are left out.
    pub skip_checks: Vec<String>,
}

impl CompiledModel {
    /// Whether a variant is on.
    pub fn variant(&self, name: &str) -> bool {
        self.variants.iter().any(|known| known == name)
    }
}

/// What a sink wants to know of the end of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Observable {
    /// The last value of a thread's register.
    Register(u16, Reg),
    /// The last value at an address.
    Memory(Value),
}

impl Observable {
    /// Whether it is a location.
    pub fn is_memory(&self) -> bool {
        matches!(self, Observable::Memory(_))
    }
}

/// A program with everything that an engine needs to run it.
#[derive(Clone, Copy)]
pub struct Problem<'a> {
    /// The program.
    pub program: &'a Program,
    /// The ways through each thread, without those that were cut.
    pub paths: &'a [Arc<Vec<Path>>],
    /// What memory holds at the start.
    pub memory: &'a InitialMemory,
    /// What registers hold at the start, where that is not zero.
    pub registers: &'a [Vec<(Reg, Value)>],
    /// The global names.
    pub symbols: &'a Symbols,
    /// What is observed.
    pub observed: &'a [Observable],
}

/// Takes executions that the model accepts.
pub trait Sink {
    /// An execution ends with these values of [`Problem::observed`], having raised these flags.
    /// `weight` executions of that kind are meant.
    fn execution(&mut self, values: &[Value], flags: &[&str], undefined: bool, weight: u64);

    /// The execution that [`Sink::execution`] was just told of, for who wants to look at it. Only the reference engine
    /// shows them.
    fn look(&mut self, _values: &[Value], _execution: &mut dyn FnMut() -> Shown) {}

    /// Whether only the different outcomes matter, and not how many executions end with each.
    fn outcomes_only(&self) -> bool {
        false
    }

    /// Whether an outcome was seen before. Asked only if outcomes alone matter.
    fn knows(&self, _values: &[Value]) -> bool {
        false
    }

    /// Whether some executions are not wanted, because of how they end.
    fn filters(&self) -> bool {
        false
    }

    /// Whether executions are wanted that end with these values of [`Problem::observed`], as far as they are known.
    /// Asked only if there is a filter; [`Sink::execution`] may be told of others all the same.
    fn wants(&self, _known: &[Option<Value>]) -> bool {
        true
    }

    /// Asked now and then: whether the engine should give up.
    fn stop(&mut self) -> bool {
        false
    }

    /// A portion of the work begins, and the one before it ends: whether this sink wants it. The same problem has the
    /// same portions in the same order each time, so sinks of which each wants other ones find together what one finds
    /// that wants them all. There are no executions before the first portion.
    fn wants_portion(&mut self) -> bool {
        true
    }

    /// Whether portions are as small as they can be. For tests: it makes many out of small programs.
    fn wants_small_portions(&self) -> bool {
        false
    }

    /// Whether work that belongs to no portion, and that is done for every sink, is counted.
    fn counts_common_work(&self) -> bool {
        true
    }

    /// How many bytes the engine may hold. Engines estimate what they hold from what they are asked, so that the same
    /// test is given up on all machines.
    fn memory(&self) -> u64 {
        u64::MAX
    }
}

/// What an engine did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Candidates with all choices made on which the model was run.
    pub candidates: u64,
}

/// Why an engine has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EngineError {
    /// [`Sink::stop`] said so.
    Stopped,
    /// More than [`Sink::memory`] would be held.
    OutOfMemory,
    /// An execution that the model accepts does something that has no meaning.
    Execution(String),
    /// The model can't be run on some execution.
    Model {
        /// Why, as herd7 words it.
        message: String,
        /// Where in the model.
        span: Span,
    },
    /// There is too much of something.
    Limit(String),
}

/// The last value of a register on a path, as a term, or its initial value.
fn final_register(
    problem: &Problem<'_>,
    path: &Path,
    thread: u16,
    reg: Reg,
) -> Result<execution::TermId, Value> {
    if let Ok(at) = path.registers.binary_search_by_key(&reg, |(known, _)| *known) {
        return Ok(path.registers[at].1);
    }
    let initial = problem.registers.get(thread as usize).into_iter().flatten();
    let value = initial.filter(|(known, _)| *known == reg).map(|(_, value)| *value).next();
    Err(value.unwrap_or(Value::ZERO))
}
