//! Judging one test under one model.

use crate::condition::{Question, question};
use crate::engines::{self, Failed};
use crate::mixed::{self, Sizes};
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
    let mut report = empty_report(test, model);
    report.asked = options.asked();
    let variants = test_variants(test);
    let (prepared, diagnostics) = prepare(test, model, &variants, &mut workspace.instructions);
    report.diagnostics = diagnostics;
    let Some(mut prepared) = prepared else {
        report.status = Status::Error;
        return report;
    };
    let (question, diagnostics) = question(test, &mut prepared);
    report.diagnostics.extend(diagnostics);
    report.hash = hash(test, &prepared);
    report.condition = condition_text(test, &prepared, options);
    let Some(question) = question else {
        report.status = Status::Error;
        return report;
    };
    if let Err(failure) = answer(workspace, test, model, options, &prepared, &question, &mut report) {
        report.status = failure.status;
        report.diagnostics.extend(failure.diagnostic.map(|diagnostic| *diagnostic));
    }
    debug_assert!(report.status != Status::Error || has_errors(&report.diagnostics));
    report
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

fn answer(
    workspace: &mut Workspace,
    test: &Test,
    model: &Model,
    options: &Options,
    prepared: &Prepared,
    question: &Question,
    report: &mut Report,
) -> Result<(), Failure> {
    let arch = prepared.language.name();
    let mut test_variants = test_variants(test);
    if let Some(refusal) = feature::refused_variant(test, model.variants().iter().chain(&test_variants)) {
        return Err(Failure::user(refusal));
    }
    let unroll = test.metadata("unroll").and_then(|text| text.trim().parse().ok()).unwrap_or(options.unroll);
    let is_await = |name: &String| name.eq_ignore_ascii_case("await");
    let awaits = options.await_loops || model.variants().iter().chain(&test_variants).any(is_await);
    let waited = awaits.then_some(question);
    let allowed = options.memory.unwrap_or(u64::MAX);
    let mut budget = Budget { memory: allowed, held: 0, stop: options.stop.as_deref() };
    let register_events = model.wants_register_events();
    let (paths, cut) =
        unfold(&mut workspace.unfolded, &mut budget, prepared, unroll, register_events, waited)?;
    if !cut.is_empty() {
        report.status = Status::Bounded { unroll, at: cut };
    }
    let used = || {
        paths
            .iter()
            .flat_map(|paths| paths.iter())
            .flat_map(|path| &path.events)
            .fold(Tags::NONE, |all, event| all.with(event.tags))
    };
    let with_stacks = stack::memory(prepared, &paths);
    let memory = with_stacks.as_ref().unwrap_or(&prepared.memory);
    let variants: Vec<&String> = model.variants().iter().chain(&test_variants).collect();
    let sizes = mixed::cut(prepared, &paths, memory, question, options, &variants).map_err(Failure::user)?;
    if matches!(sizes, Sizes::Cut(_)) && !test_variants.iter().any(|name| name == mixed::VARIANT) {
        test_variants.push(mixed::VARIANT.to_owned());
    }
    let compiled = model
        .compiled(arch, &prepared.program.tags, test_variants, used)
        .map_err(|message| Failure::error("cat::evaluation", test.name_span, message))?;
    let mut problem = Problem {
        program: &prepared.program,
        paths: &paths,
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
    let left = options.memory.map(|memory| memory - budget.held.min(memory));
    let narrowed = left.map(|left| Options { memory: Some(left), ..options.clone() });
    let options = narrowed.as_ref().unwrap_or(options);
    let answered = engines::answer(workspace, &problem, &compiled, options, question, cut).map_err(
        |failed| match failed {
            Failed::Unsupported(reason) => unsupported_by_engine(test, &reason),
            Failed::Engine(error) => engine_failure(error, test, prepared, allowed),
            Failed::OutOfPatience => engine_failure(EngineError::Stopped, test, prepared, allowed),
        },
    )?;
    if let Sizes::Refused(diagnostic) = sizes
        && !answered.outcomes.is_empty()
    {
        return Err(Failure::user(diagnostic));
    }
    (report.engine, report.engine_reason) = (answered.engine, answered.reason);
    report.candidates = answered.stats.candidates;
    answered.outcomes.finish(prepared, options, report);
    Ok(())
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
    label.map_or_else(|| instruction.text.clone(), |(name, _)| numbered(name).unwrap_or_else(|| name.clone()))
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
                if let Some(instruction) = thread.code.get(at) {
                    let text = isa.digested(&instruction.text).map(Cow::Owned);
                    lines.push(CodeLine::Instr(text.unwrap_or(Cow::Borrowed(&instruction.text))));
                }
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
