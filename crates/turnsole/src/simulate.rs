//! Judging one test under one model.

use crate::condition::{Question, question};
use crate::engines::{self, Failed};
use crate::mixed::{self, Sizes};
use crate::outcomes::Found;
use crate::program::{Language, Prepared, arch_name, prepare};
use crate::report::{Kind, Report, Status};
use crate::unfolding::{Budget, Unfolded};
use crate::{Model, Options, feature, stack};
use engine::{EngineError, Observable, Problem};
use execution::micro::{Micro, Tags};
use execution::{Limits, Path, UnfoldError, Waiting};
use litmus::{CodeLine, Quantifier, Test};
use std::borrow::Cow;
use std::sync::Arc;
use syntax::{Diagnostic, Span, has_errors};

/// How many instructions a path may execute, and how many paths a thread may have.
const MAX_STEPS: usize = 20_000;
const MAX_PATHS: usize = 1 << 20;

/// Memory that is used for one test after the other.
#[derive(Debug, Default)]
pub struct Workspace {
    pub(crate) engine: engine::enumerate::Workspace,
    instructions: isa::Cache,
    unfolded: Unfolded,
}

/// Judges a parsed test under a model.
pub fn simulate(test: &Test, model: &Model, options: &Options) -> Report {
    simulate_in(&mut Workspace::default(), test, model, options)
}

/// Judges a parsed test under a model, in memory that earlier tests used. The answer does not depend on them.
pub fn simulate_in(workspace: &mut Workspace, test: &Test, model: &Model, options: &Options) -> Report {
    let mut simulation = Simulation::new(test, model, options);
    while simulation.advance(workspace) {}
    simulation.into_report()
}

/// The judging of a parsed test under a model, stage by stage.
///
/// A processor's caches hold the code of a stage, but not that of all: to take some tests through one stage before any
/// goes on to the next takes about a sixth less time than to judge one after the other.
pub struct Simulation<'a> {
    test: &'a Test,
    model: &'a Model,
    options: &'a Options,
    /// The variants that the test turns on itself.
    variants: Vec<String>,
    report: Report,
    stage: Stage,
}

/// What was done, and what came of it.
enum Stage {
    Begun,
    Prepared(Box<Prepared>),
    Asked(Box<Asked>),
    Hashed(Box<Asked>),
    Printed(Box<Asked>),
    Unfolded(Box<Asked>, Unfolding),
    Judged(Box<Asked>, Box<Found>),
    Done,
}

/// A program, and what is asked about its outcomes.
struct Asked {
    prepared: Box<Prepared>,
    question: Question,
}

/// The paths of each thread, and the bytes that they take.
struct Unfolding {
    paths: Ways,
    bytes: u64,
}

impl<'a> Simulation<'a> {
    /// Nothing is done yet.
    pub fn new(test: &'a Test, model: &'a Model, options: &'a Options) -> Simulation<'a> {
        let mut report = empty_report(test, model);
        report.asked = options.asked();
        Simulation { test, model, options, variants: test_variants(test), report, stage: Stage::Begun }
    }

    /// Does the next stage. False when there is no more to do.
    pub fn advance(&mut self, workspace: &mut Workspace) -> bool {
        let next = match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Begun => self.prepare(workspace),
            Stage::Prepared(prepared) => self.ask(prepared),
            Stage::Asked(asked) => {
                self.report.hash = hash(self.test, &asked.prepared);
                Ok(Stage::Hashed(asked))
            }
            Stage::Hashed(asked) => {
                self.report.condition = condition_text(self.test, &asked.prepared, self.options);
                Ok(Stage::Printed(asked))
            }
            Stage::Printed(asked) => self.unfold(workspace, asked),
            Stage::Unfolded(asked, unfolding) => self.judge(workspace, asked, &unfolding),
            Stage::Judged(asked, found) => {
                found.finish(&asked.question, &asked.prepared, self.options, &mut self.report);
                Ok(Stage::Done)
            }
            Stage::Done => Ok(Stage::Done),
        };
        match next {
            Ok(stage) => self.stage = stage,
            Err(failure) => {
                self.report.status = failure.status;
                self.report.diagnostics.extend(failure.diagnostic.map(|diagnostic| *diagnostic));
            }
        }
        !matches!(self.stage, Stage::Done)
    }

    /// What the stages found; all that there is to say after the last one.
    pub fn into_report(self) -> Report {
        debug_assert!(self.report.status != Status::Error || has_errors(&self.report.diagnostics));
        self.report
    }

    fn prepare(&mut self, workspace: &mut Workspace) -> Result<Stage, Failure> {
        let (prepared, diagnostics) =
            prepare(self.test, self.model, &self.variants, &mut workspace.instructions);
        self.report.diagnostics = diagnostics;
        prepared.map(|prepared| Stage::Prepared(Box::new(prepared))).ok_or_else(Failure::said)
    }

    fn ask(&mut self, mut prepared: Box<Prepared>) -> Result<Stage, Failure> {
        let (question, diagnostics) = question(self.test, &mut prepared);
        self.report.diagnostics.extend(diagnostics);
        match question {
            Some(question) => Ok(Stage::Asked(Box::new(Asked { prepared, question }))),
            None => {
                self.report.hash = hash(self.test, &prepared);
                self.report.condition = condition_text(self.test, &prepared, self.options);
                Err(Failure::said())
            }
        }
    }

    fn unfold(&mut self, workspace: &mut Workspace, asked: Box<Asked>) -> Result<Stage, Failure> {
        let (test, model, options) = (self.test, self.model, self.options);
        let variants = || model.variants().iter().chain(&self.variants);
        if let Some(refusal) = feature::refused_variant(test, variants()) {
            return Err(Failure::user(refusal));
        }
        let unroll =
            test.metadata("unroll").and_then(|text| text.trim().parse().ok()).unwrap_or(options.unroll);
        let awaits = options.await_loops || variants().any(|name| name.eq_ignore_ascii_case("await"));
        let waited = awaits.then_some(&asked.question);
        let allowed = options.memory.unwrap_or(u64::MAX);
        let mut budget = Budget { memory: allowed, held: 0, stop: options.stop.as_deref() };
        let register_events = model.wants_register_events();
        let (paths, cut) =
            unfold(&mut workspace.unfolded, &mut budget, &asked.prepared, unroll, register_events, waited)?;
        if !cut.is_empty() {
            self.report.status = Status::Bounded { unroll, at: cut };
        }
        Ok(Stage::Unfolded(asked, Unfolding { paths, bytes: budget.held }))
    }

    fn judge(
        &mut self,
        workspace: &mut Workspace,
        asked: Box<Asked>,
        unfolding: &Unfolding,
    ) -> Result<Stage, Failure> {
        let found = self.find(workspace, &asked, unfolding)?;
        Ok(Stage::Judged(asked, Box::new(found)))
    }

    fn find(
        &mut self,
        workspace: &mut Workspace,
        asked: &Asked,
        unfolding: &Unfolding,
    ) -> Result<Found, Failure> {
        let (test, model, options) = (self.test, self.model, self.options);
        let (Asked { prepared, question }, Unfolding { paths, bytes }) = (asked, unfolding);
        let allowed = options.memory.unwrap_or(u64::MAX);
        let used = || {
            paths
                .iter()
                .flat_map(|paths| paths.iter())
                .flat_map(|path| &path.events)
                .fold(Tags::NONE, |all, event| all.with(event.tags))
        };
        let with_stacks = stack::memory(prepared, paths);
        let memory = with_stacks.as_ref().unwrap_or(&prepared.memory);
        let mut test_variants = self.variants.clone();
        let variants: Vec<&String> = model.variants().iter().chain(&test_variants).collect();
        let sizes =
            mixed::cut(prepared, paths, memory, question, options, &variants).map_err(Failure::user)?;
        if matches!(sizes, Sizes::Cut(_)) && !test_variants.iter().any(|name| name == mixed::VARIANT) {
            test_variants.push(mixed::VARIANT.to_owned());
        }
        let compiled = model
            .compiled(prepared.language.name(), &prepared.program.tags, test_variants, used)
            .map_err(|message| Failure::error("cat::evaluation", test.name_span, message))?;
        let mut problem = Problem {
            program: &prepared.program,
            paths,
            memory,
            registers: &prepared.registers,
            symbols: &prepared.symbols,
            observed: &question.observed,
        };
        let cut = match &sizes {
            Sizes::Cut(mixed) => Some(&**mixed),
            Sizes::Whole | Sizes::Refused(_) => None,
        };
        if let Some(mixed) = cut {
            mixed.replace(&mut problem);
        }
        // What the paths take is gone.
        let left = options.memory.map(|memory| memory - (*bytes).min(memory));
        let narrowed = left.map(|left| Options { memory: Some(left), ..options.clone() });
        let options = narrowed.as_ref().unwrap_or(options);
        let answered =
            engines::answer(workspace, &problem, &compiled, options, question, cut).map_err(|failed| {
                match failed {
                    Failed::Unsupported(reason) => unsupported_by_engine(test, &reason),
                    Failed::Engine(error) => engine_failure(error, test, prepared, allowed),
                    Failed::OutOfPatience => engine_failure(EngineError::Stopped, test, prepared, allowed),
                }
            })?;
        if let Sizes::Refused(diagnostic) = sizes
            && !answered.outcomes.is_empty()
        {
            return Err(Failure::user(diagnostic));
        }
        (self.report.engine, self.report.engine_reason) = (answered.engine, answered.reason);
        self.report.candidates = answered.stats.candidates;
        Ok(answered.outcomes.into_found())
    }
}

/// The variants that a test turns on itself.
fn test_variants(test: &Test) -> Vec<String> {
    let list = test.metadata("variant").unwrap_or_default();
    list.split([' ', ',']).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Why there is no answer.
pub(crate) struct Failure {
    status: Status,
    diagnostic: Option<Box<Diagnostic>>,
}

impl Failure {
    /// The report says why.
    fn said() -> Failure {
        Failure { status: Status::Error, diagnostic: None }
    }

    fn error(code: &'static str, span: Span, message: impl Into<String>) -> Failure {
        Failure { status: Status::Error, diagnostic: Some(Box::new(Diagnostic::error(code, span, message))) }
    }

    fn user(diagnostic: Box<Diagnostic>) -> Failure {
        Failure { status: Status::Error, diagnostic: Some(diagnostic) }
    }

    fn out_of_memory(limit: u64) -> Failure {
        Failure { status: Status::OutOfMemory { limit }, diagnostic: None }
    }

    fn limit(what: impl Into<String>) -> Failure {
        Failure { status: Status::LimitExceeded { what: what.into() }, diagnostic: None }
    }
}

fn empty_report(test: &Test, model: &Model) -> Report {
    Report {
        name: test.name.clone(),
        arch: arch_name(test).to_owned(),
        model: model.title.clone(),
        engine: "enumerate",
        engine_reason: Cow::Borrowed(""),
        asked: crate::Asked::Counts,
        hash: String::new(),
        kind: match test.condition.quantifier {
            Quantifier::Exists | Quantifier::Final => Kind::Allowed,
            Quantifier::NotExists => Kind::Forbidden,
            Quantifier::Forall => Kind::Required,
        },
        condition: String::new(),
        status: Status::Complete,
        columns: Vec::new(),
        states: Vec::new(),
        positive: 0,
        negative: 0,
        flags: Vec::new(),
        undefined: false,
        candidates: 0,
        diagnostics: Vec::new(),
    }
}

/// The engine that was asked for has no answer.
fn unsupported_by_engine(test: &Test, reason: &str) -> Failure {
    let message = format!("the symbolic engine can't answer: {reason}");
    let diagnostic = Diagnostic::error("turnsole::unsupported-engine", test.name_span, message)
        .with_help("let the engine be chosen (`--engine auto`), or choose another one");
    Failure { status: Status::Error, diagnostic: Some(Box::new(diagnostic)) }
}

fn engine_failure(error: EngineError, test: &Test, prepared: &Prepared, memory: u64) -> Failure {
    match error {
        EngineError::Stopped => Failure { status: Status::Timeout, diagnostic: None },
        EngineError::OutOfMemory => Failure::out_of_memory(memory),
        EngineError::Limit(what) => Failure::limit(what),
        EngineError::Execution(message) => {
            let diagnostic = wrong_execution(message, test, prepared);
            Failure { status: Status::Error, diagnostic: Some(Box::new(diagnostic)) }
        }
        EngineError::Model { message, .. } => Failure::error("cat::evaluation", test.name_span, message),
    }
}

/// An execution that the model accepts and that is wrong: what is wrong, and where that may be.
fn wrong_execution(message: String, test: &Test, prepared: &Prepared) -> Diagnostic {
    fn fails(micro: &[Micro], wanted: &str) -> bool {
        micro.iter().any(|micro| match micro {
            Micro::Fail { message } => message == wanted,
            Micro::Alt(ways) => ways.iter().any(|way| fails(way, wanted)),
            _ => false,
        })
    }
    let code = prepared.program.threads.iter().flat_map(|thread| &thread.code);
    let mut places: Vec<Span> = code
        .filter(|instruction| fails(&instruction.micro, &message))
        .map(|instruction| instruction.span)
        .collect();
    places.dedup();
    let (first, others) = places.split_first().unwrap_or((&test.name_span, &[]));
    let diagnostic = Diagnostic::error("turnsole::execution", *first, message);
    others.iter().fold(diagnostic, |diagnostic, place| diagnostic.with_label(*place, "or here"))
}

/// The paths of each thread that end, and the places where others were cut. Rounds of loops that only wait are left
/// out if it is given what is asked.
pub(crate) fn unfold(
    unfolded: &mut Unfolded,
    budget: &mut Budget<'_>,
    prepared: &Prepared,
    unroll: u32,
    register_events: bool,
    waited: Option<&Question>,
) -> Result<(Ways, Vec<String>), Failure> {
    let private = prepared.stacks.clone();
    let (steps, paths) = (MAX_STEPS, MAX_PATHS);
    let constants = crate::stack::table_entries(prepared);
    let mut limits = Limits { unroll, steps, paths, register_events, waiting: None, private, constants };
    let mut all = Vec::new();
    let mut cut = Vec::new();
    let threads = &prepared.program.threads;
    for number in 0..threads.len() {
        limits.waiting = waited.map(|question| waiting(prepared, question, number as u16));
        let mut paths = unfolded
            .paths(&prepared.program, number, &prepared.registers[number], &limits, budget)
            .map_err(|error| unfold_failure(&error, prepared, number, budget.memory))?;
        for path in paths.iter() {
            if let Some(at) = path.cut {
                let place = place_of_cut(prepared, number, at);
                if !cut.contains(&place) {
                    cut.push(place);
                }
            }
        }
        if paths.iter().any(|path| path.cut.is_some()) {
            paths = Arc::new(paths.iter().filter(|path| path.cut.is_none()).cloned().collect());
        }
        all.push(paths);
    }
    Ok((all, cut))
}

/// The paths of each thread.
type Ways = Vec<Arc<Vec<Path>>>;

/// What tells loops that only wait, in thread `number`.
fn waiting(prepared: &Prepared, question: &Question, number: u16) -> Waiting {
    let tag = |name: &str| {
        prepared.program.tags.iter().position(|known| known == name).map_or(Tags::NONE, Tags::one)
    };
    let observed = question.observed.iter().filter_map(|observable| match observable {
        Observable::Register(thread, reg) if *thread == number => Some(*reg),
        _ => None,
    });
    // Looking whether a lock is held, or failing to take it, changes nothing.
    let passive = tag("LF").with(tag("RL")).with(tag("RU"));
    Waiting { observed: observed.collect(), exclusive: tag("X"), passive }
}

/// The label that the instruction at `at` jumps to, or its text.
fn place_of_cut(prepared: &Prepared, thread: usize, at: u32) -> String {
    let thread = &prepared.program.threads[thread];
    let Some(instruction) = thread.code.get(at as usize) else { return String::new() };
    let label = instruction.micro.iter().find_map(|micro| match micro {
        Micro::Branch { target, .. } | Micro::Guard { target, .. } | Micro::Jump { target } => {
            thread.labels.get(target.0 as usize)
        }
        _ => None,
    });
    let numbered = |name: &str| Some(name.strip_prefix('.')?.split_once('@')?.0.to_owned());
    label.map_or_else(
        || instruction.text.to_string(),
        |(name, _)| numbered(name).unwrap_or_else(|| name.clone()),
    )
}

fn unfold_failure(error: &UnfoldError, prepared: &Prepared, thread: usize, memory: u64) -> Failure {
    let span = |at: u32| {
        let code = &prepared.program.threads[thread].code;
        code.get(at as usize).map_or(Span::default(), |instruction| instruction.span)
    };
    match error {
        UnfoldError::TooLong { .. } => {
            Failure::limit(format!("thread {thread} executes more than {MAX_STEPS} instructions"))
        }
        UnfoldError::TooManyPaths => {
            Failure::limit(format!("thread {thread} has more than {MAX_PATHS} paths"))
        }
        UnfoldError::OutOfMemory => Failure::out_of_memory(memory),
        UnfoldError::Stopped => Failure { status: Status::Timeout, diagnostic: None },
        UnfoldError::BadJump { instruction } => Failure::error(
            "turnsole::bad-jump",
            span(*instruction),
            "this jumps to an address that is not known to be code of its thread",
        ),
    }
}

fn hash(test: &Test, prepared: &Prepared) -> String {
    let Language::Assembly(isa) = prepared.language else { return litmus::hash_source(test) };
    let code: Vec<Vec<CodeLine<'_>>> = prepared
        .program
        .threads
        .iter()
        .map(|thread| {
            let instruction = |at: usize| {
                let text = &thread.code.get(at)?.text;
                Some(CodeLine::Instr(isa.digested(text).map_or(Cow::Borrowed(&**text), Cow::Owned)))
            };
            if thread.labels.is_empty() {
                return (0..thread.code.len()).filter_map(instruction).collect();
            }
            let mut lines = Vec::new();
            for at in 0..=thread.code.len() {
                // Places that relative branches name have no label in the text.
                let written = |name: &str| !name.starts_with(".@");
                let here = |(name, index): &&(String, u32)| *index as usize == at && written(name);
                let labels = thread.labels.iter().filter(here);
                let first = lines.len();
                lines.extend(labels.map(|(name, _)| CodeLine::Label(name)));
                if lines.len() - first > 1 {
                    // Labels of one place are digested in the order in which they stand there.
                    lines[first..].sort_by_key(|line| written_at(test, line));
                }
                lines.extend(instruction(at));
            }
            lines
        })
        .collect();
    litmus::hash(test, &code, &|thread, name| prepared.register(thread, name).is_some())
}

/// Which cell of the program defines a label, and which of its labels it is.
fn written_at(test: &Test, line: &CodeLine<'_>) -> Option<(usize, usize)> {
    let (CodeLine::Label(label), litmus::Program::Asm(columns)) = (line, &test.program) else { return None };
    let cells = columns.iter().flat_map(|column| &column.cells).enumerate();
    cells.filter(|(_, cell)| cell.text.contains(':')).find_map(|(at, cell)| {
        let position = cell.split_labels().0.iter().position(|known| known == label)?;
        Some((at, position))
    })
}

fn register_name<'p>(prepared: &'p Prepared, thread: u32, name: &str) -> Option<&'p str> {
    let reg = prepared.register(thread, name)?;
    prepared.program.registers.get(reg.0.into())
}

fn condition_text(test: &Test, prepared: &Prepared, options: &Options) -> String {
    let bits = if matches!(test.arch, litmus::Arch::Arm | litmus::Arch::X86) { 32 } else { 64 };
    let numbers = if options.hexadecimal {
        litmus::Numbers::Hexadecimal { bits }
    } else {
        litmus::Numbers::Decimal { bits }
    };
    let register = |thread: u32, name: &str| register_name(prepared, thread, name);
    let style = litmus::Style { register: &register, numbers, form: litmus::Form::Log };
    test.condition.styled(style).text()
}
