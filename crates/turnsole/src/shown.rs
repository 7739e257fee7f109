//! One execution of a test, to be looked at.

use crate::condition::{Question, question};
use crate::program::{Prepared, prepare};
use crate::simulate::unfold;
use crate::unfolding::{Budget, Unfolded};
use crate::{Model, Options, stack};
use engine::{Problem, Shown, ShownEvent, Sink};
use execution::micro::Tags;
use execution::{Kind, Value};
use litmus::Test;

/// How many candidates are looked at before the search is given up.
const MAX_CANDIDATES: usize = 400_000;

/// How many bytes paths may take meanwhile.
const MAX_MEMORY: u64 = 1 << 28;

/// An event of an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutionEvent {
    /// The position of its thread; `None` for initial writes.
    pub thread: Option<usize>,
    /// What it does: `W x=1`, `R y=0`, `F`.
    pub text: String,
    /// The instruction that it belongs to.
    pub instruction: String,
}

/// An execution: its accesses and fences, and how they hang together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// The events, initial writes first, then thread by thread in program order.
    pub events: Vec<ExecutionEvent>,
    /// Pairs of positions: a write and a read that reads it.
    pub rf: Vec<(usize, usize)>,
    /// Pairs of positions: writes of one location, one behind the other, with none between.
    pub co: Vec<(usize, usize)>,
}

/// An execution that the model accepts and whose final state satisfies the proposition of the test's condition. `None` if
/// there is none, or too much to be looked at: this is the slow way.
pub fn find_execution(test: &Test, model: &Model, options: &Options) -> Option<Execution> {
    let (prepared, _) = prepare(test, model, &[], &mut isa::Cache::default());
    let mut prepared = prepared?;
    let (question, _) = question(test, &mut prepared);
    let question = question?;
    let waited = options.await_loops.then_some(&question);
    let register_events = model.wants_register_events();
    let mut budget = Budget { memory: MAX_MEMORY, held: 0, stop: options.stop.as_deref() };
    let (paths, _) =
        unfold(&mut Unfolded::default(), &mut budget, &prepared, options.unroll, register_events, waited)
            .ok()?;
    let used = || {
        let events = paths.iter().flat_map(|paths| paths.iter()).flat_map(|path| &path.events);
        events.fold(Tags::NONE, |all, event| all.with(event.tags))
    };
    let compiled = model.compiled(prepared.language.name(), &prepared.program.tags, Vec::new(), used).ok()?;
    let with_stacks = stack::memory(&prepared, &paths);
    let problem = Problem {
        program: &prepared.program,
        paths: &paths,
        memory: with_stacks.as_ref().unwrap_or(&prepared.memory),
        registers: &prepared.registers,
        symbols: &prepared.symbols,
        observed: &question.observed,
    };
    let mut first = First { question: &question, found: None, asked: 0 };
    // It stops at the first one, which is no error here.
    let _ = engine::reference::run(&problem, &compiled, &mut first);
    first.found.map(|shown| execution(&shown, &prepared))
}

/// Takes the first execution that is asked for.
struct First<'q> {
    question: &'q Question,
    found: Option<Shown>,
    asked: usize,
}

impl Sink for First<'_> {
    fn execution(&mut self, _: &[Value], _: &[&str], _: bool, _: u64) {}

    fn look(&mut self, values: &[Value], execution: &mut dyn FnMut() -> Shown) {
        if self.found.is_none() && self.question.condition.holds(values) {
            self.found = Some(execution());
        }
    }

    fn stop(&mut self) -> bool {
        self.asked += 1;
        self.found.is_some() || self.asked > MAX_CANDIDATES
    }
}

/// The part of it that is worth showing.
fn execution(shown: &Shown, prepared: &Prepared) -> Execution {
    let accessed =
        |address| shown.events.iter().any(|other| other.thread.is_some() && other.address == address);
    let is_shown = |event: &ShownEvent| match event.kind {
        Kind::Fence | Kind::Located => true,
        kind if kind.is_memory() => event.thread.is_some() || accessed(event.address),
        _ => false,
    };
    let kept: Vec<usize> = (0..shown.events.len()).filter(|at| is_shown(&shown.events[*at])).collect();
    let place = |event: usize| kept.iter().position(|at| *at == event);
    let pairs = |relation: &relation::Relation| -> Vec<(usize, usize)> {
        relation.iter().filter_map(|(from, to)| Some((place(from)?, place(to)?))).collect()
    };
    let between = |from: usize, to: usize| {
        (0..shown.events.len()).any(|middle| shown.co.contains(from, middle) && shown.co.contains(middle, to))
    };
    let steps = shown.co.iter().filter(|(from, to)| !between(*from, *to));
    let co = steps.filter_map(|(from, to)| Some((place(from)?, place(to)?))).collect();
    let events = kept.iter().map(|at| event(&shown.events[*at], prepared)).collect();
    Execution { events, rf: pairs(&shown.rf), co }
}

fn event(event: &ShownEvent, prepared: &Prepared) -> ExecutionEvent {
    let name = |value: Option<Value>| value.map_or_else(|| "?".to_owned(), |value| text(value, prepared));
    let code = event.thread.and_then(|thread| prepared.program.threads.get(thread as usize));
    let instruction = code.and_then(|thread| thread.code.get(event.instruction as usize));
    let text = match event.kind {
        Kind::Read => format!("R {}={}", name(event.address), name(event.value)),
        Kind::Write => format!("W {}={}", name(event.address), name(event.stored)),
        Kind::Update => format!("U {}={}→{}", name(event.address), name(event.value), name(event.stored)),
        Kind::Located => format!("L {}", name(event.address)),
        _ => "F".to_owned(),
    };
    ExecutionEvent {
        thread: event.thread.map(usize::from),
        text,
        instruction: instruction.map(|instruction| instruction.text.to_string()).unwrap_or_default(),
    }
}

fn text(value: Value, prepared: &Prepared) -> String {
    match value {
        Value::Int(bits) => (bits as u64 as i64).to_string(),
        Value::Addr { symbol, offset: 0 } => prepared.symbols.name(symbol).to_owned(),
        Value::Addr { symbol, offset } => format!("{}{offset:+}", prepared.symbols.name(symbol)),
        _ => "?".to_owned(),
    }
}
