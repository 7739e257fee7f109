//! Judging one test under one model.

use crate::condition::{Column, Question, question};
use crate::program::{Prepared, arch_name, prepare};
use crate::report::{Kind, Report, State, Status};
use crate::types::Shape;
use crate::{EngineChoice, Model, Options};
use engine::{CompiledModel, EngineError, Problem, Sink, Stats};
use execution::micro::Tags;
use execution::{Limits, Path, UnfoldError, Value};
use litmus::{CodeLine, Quantifier, Test};
use rustc_hash::FxHashMap;
use std::cmp::Ordering;
use syntax::{Diagnostic, Span, has_errors};

/// How many instructions a path may execute, and how many paths a thread may have.
const MAX_STEPS: usize = 20_000;
const MAX_PATHS: usize = 1 << 20;

/// Memory that is used for one test after the other.
#[derive(Debug, Default)]
pub struct Workspace(engine::enumerate::Workspace);

/// Judges a parsed test under a model.
pub fn simulate(test: &Test, model: &Model, options: &Options) -> Report {
    simulate_in(&mut Workspace::default(), test, model, options)
}

/// Judges a parsed test under a model, in memory that earlier tests used. The answer does not depend on them.
pub fn simulate_in(workspace: &mut Workspace, test: &Test, model: &Model, options: &Options) -> Report {
    let mut report = empty_report(test, model);
    let (prepared, diagnostics) = prepare(test);
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

/// Why there is no answer.
struct Failure {
    status: Status,
    diagnostic: Option<Box<Diagnostic>>,
}

impl Failure {
    fn error(code: &'static str, span: Span, message: impl Into<String>) -> Failure {
        Failure { status: Status::Error, diagnostic: Some(Box::new(Diagnostic::error(code, span, message))) }
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
    let arch = prepared.isa.name();
    let test_variants: Vec<String> = test
        .metadata("variant")
        .map(|list| list.split([' ', ',']).filter(|name| !name.is_empty()).map(str::to_owned).collect())
        .unwrap_or_default();
    let asked = options.variants.iter().chain(&test_variants);
    if let Some(variant) = asked.map(String::as_str).find(|variant| is_unsupported(variant)) {
        return Err(unsupported_variant(test, variant));
    }
    let unroll = test.metadata("unroll").and_then(|text| text.trim().parse().ok()).unwrap_or(options.unroll);
    let (paths, cut) = unfold(prepared, unroll, model.wants_register_events())?;
    if !cut.is_empty() {
        report.status = Status::Bounded { unroll, at: cut };
    }
    let used = || {
        paths
            .iter()
            .flatten()
            .flat_map(|path| &path.events)
            .fold(Tags::NONE, |all, event| all.with(event.tags))
    };
    let compiled = model
        .compiled(arch, prepared.isa.tags(), test_variants, used)
        .map_err(|message| Failure::error("cat::evaluation", test.name_span, message))?;
    let problem = Problem {
        program: &prepared.program,
        paths: &paths,
        memory: &prepared.memory,
        registers: &prepared.registers,
        symbols: &prepared.symbols,
        observed: &question.observed,
    };
    let mut outcomes = Outcomes::new(question, options);
    let stats = run(workspace, &problem, &compiled, options, &mut outcomes)
        .map_err(|error| engine_failure(error, test))?;
    report.engine = match (options.engine, &compiled.plan) {
        (EngineChoice::Reference, _) => "reference",
        (EngineChoice::Enumerate, Ok(_)) => "enumerate",
        (EngineChoice::Enumerate, Err(_)) => "enumerate (general evaluator)",
    };
    report.candidates = stats.candidates;
    outcomes.finish(question, prepared, options, report);
    Ok(())
}

/// Variants that change what programs do in ways that are not simulated yet. An answer without them would be wrong.
const UNSUPPORTED_VARIANTS: &[&str] = &[
    "mixed",
    "memtag",
    "mte",
    "morello",
    "vmsa",
    "kvm",
    "pte2",
    "d128",
    "ifetch",
    "self",
    "nv2",
    "shadowstack",
    "pauth1",
    "pauth2",
    "sve",
    "sme",
    "asl",
    "asl+aarch64",
    "asl+aarch64+udf",
];

fn is_unsupported(variant: &str) -> bool {
    let name = variant.split(':').next().unwrap_or(variant);
    UNSUPPORTED_VARIANTS.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn unsupported_variant(test: &Test, variant: &str) -> Failure {
    let metadata = test.metadata.iter().find(|line| line.key.eq_ignore_ascii_case("variant"));
    let span = metadata.map_or(test.name_span, |line| line.span);
    let message = format!("the variant `{variant}` is not supported yet");
    let help = "without it the answer could be wrong, so there is none";
    let diagnostic = Diagnostic::error("turnsole::unsupported-variant", span, message).with_help(help);
    Failure { status: Status::Error, diagnostic: Some(Box::new(diagnostic)) }
}

fn run(
    workspace: &mut Workspace,
    problem: &Problem<'_>,
    model: &CompiledModel,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<Stats, EngineError> {
    match options.engine {
        EngineChoice::Enumerate => engine::enumerate::run(problem, model, &mut workspace.0, sink),
        EngineChoice::Reference => engine::reference::run(problem, model, sink),
    }
}

fn engine_failure(error: EngineError, test: &Test) -> Failure {
    match error {
        EngineError::Stopped => Failure { status: Status::Timeout, diagnostic: None },
        EngineError::Limit(what) => Failure::limit(what),
        EngineError::Execution(message) => Failure::error("turnsole::execution", test.name_span, message),
        EngineError::Model { message, .. } => Failure::error("cat::evaluation", test.name_span, message),
    }
}

/// The paths of each thread that end, and the places where others were cut.
fn unfold(
    prepared: &Prepared,
    unroll: u32,
    register_events: bool,
) -> Result<(Vec<Vec<Path>>, Vec<String>), Failure> {
    let limits = Limits { unroll, steps: MAX_STEPS, paths: MAX_PATHS, register_events };
    let mut all = Vec::new();
    let mut cut = Vec::new();
    let threads = &prepared.program.threads;
    for number in 0..threads.len() {
        let paths = execution::unfold(threads, number as u16, &prepared.registers[number], &limits)
            .map_err(|error| unfold_failure(&error, prepared, number))?;
        for path in &paths {
            if let Some(at) = path.cut {
                let place = place_of_cut(prepared, number, at);
                if !cut.contains(&place) {
                    cut.push(place);
                }
            }
        }
        all.push(paths.into_iter().filter(|path| path.cut.is_none()).collect());
    }
    Ok((all, cut))
}

/// The label that the instruction at `at` jumps to, or its text.
fn place_of_cut(prepared: &Prepared, thread: usize, at: u32) -> String {
    use execution::micro::Micro;
    let thread = &prepared.program.threads[thread];
    let Some(instruction) = thread.code.get(at as usize) else { return String::new() };
    let label = instruction.micro.iter().find_map(|micro| match micro {
        Micro::Branch { target, .. } | Micro::Guard { target, .. } | Micro::Jump { target } => thread.labels.get(target.0 as usize),
        _ => None,
    });
    label.map_or_else(|| instruction.text.clone(), |(name, _)| name.clone())
}

fn unfold_failure(error: &UnfoldError, prepared: &Prepared, thread: usize) -> Failure {
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
        UnfoldError::BadJump { instruction } => Failure::error(
            "turnsole::bad-jump",
            span(*instruction),
            "this jumps to an address that is not known to be code of its thread",
        ),
    }
}

fn hash(test: &Test, prepared: &Prepared) -> String {
    let code: Vec<Vec<CodeLine>> = prepared
        .program
        .threads
        .iter()
        .map(|thread| {
            let mut lines = Vec::new();
            for at in 0..=thread.code.len() {
                let labels = thread.labels.iter().filter(|(_, index)| *index as usize == at);
                lines.extend(labels.map(|(name, _)| CodeLine::Label(name.clone())));
                if let Some(instruction) = thread.code.get(at) {
                    lines.push(CodeLine::Instr(instruction.text.clone()));
                }
            }
            lines
        })
        .collect();
    litmus::hash(test, &code, &|thread, name| prepared.register(thread, name).is_some())
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

/// The flag that stands for a failed `undefined_unless` in logs.
const UNDEFINED_FLAG: &str = "*undef*";

/// Collects outcomes.
struct Outcomes<'a> {
    question: &'a Question,
    check_filter: bool,
    outcomes_only: bool,
    bad_flag: Option<&'a str>,
    stop: Option<&'a (dyn Fn() -> bool + Send + Sync)>,
    counts: FxHashMap<Vec<Value>, u64>,
    flags: Vec<String>,
    undefined: bool,
}

impl<'a> Outcomes<'a> {
    fn new(question: &'a Question, options: &'a Options) -> Outcomes<'a> {
        Outcomes {
            question,
            check_filter: options.check_filter,
            outcomes_only: options.outcomes_only,
            bad_flag: options.bad_flag.as_deref(),
            stop: options.stop.as_deref(),
            counts: FxHashMap::default(),
            flags: Vec::new(),
            undefined: false,
        }
    }

    fn finish(self, question: &Question, prepared: &Prepared, options: &Options, report: &mut Report) {
        let shapes: Vec<Shape> =
            question.columns.iter().map(|(column, _)| column_shape(prepared, column)).collect();
        // What only the filter looks at is not shown: rows that differ there alone are one state.
        let mut rows: Vec<(Vec<Value>, u64, u64)> = self
            .counts
            .into_iter()
            .map(|(values, count)| {
                let satisfies = question.condition.holds(&values);
                let shown =
                    question.columns.iter().flat_map(|(_, at)| at.iter().map(|at| values[*at])).collect();
                if satisfies { (shown, count, 0) } else { (shown, 0, count) }
            })
            .collect();
        let widths: Vec<(u8, bool)> = question
            .columns
            .iter()
            .zip(&shapes)
            .flat_map(|((_, at), shape)| at.iter().map(|_| (shape.width, shape.signed)))
            .collect();
        rows.sort_unstable_by(|a, b| compare_rows(&a.0, &b.0, prepared, &widths));
        for (values, positive, negative) in rows {
            report.positive += positive;
            report.negative += negative;
            let printed = print_row(&values, question, prepared, &shapes, options);
            match report.states.last_mut() {
                Some(last) if last.values == printed => last.witnesses += positive + negative,
                _ => report.states.push(State {
                    values: printed,
                    witnesses: positive + negative,
                    satisfies: positive > 0,
                }),
            }
        }
        report.columns = question.columns.iter().map(|(column, _)| column_name(prepared, column)).collect();
        report.flags = self.flags;
        report.flags.sort_unstable();
        report.undefined = self.undefined;
    }
}

impl Sink for Outcomes<'_> {
    fn execution(&mut self, values: &[Value], flags: &[&str], undefined: bool, weight: u64) {
        if self.check_filter && self.question.filter.as_ref().is_some_and(|filter| !filter.holds(values)) {
            return;
        }
        match self.counts.get_mut(values) {
            Some(count) => *count += weight,
            None => {
                self.counts.insert(values.to_vec(), weight);
            }
        }
        for flag in flags {
            if !self.flags.iter().any(|known| known == flag) {
                self.flags.push((*flag).to_owned());
            }
            self.undefined |= self.bad_flag == Some(flag);
        }
        if undefined {
            self.undefined = true;
            if !self.flags.iter().any(|known| known == UNDEFINED_FLAG) {
                self.flags.push(UNDEFINED_FLAG.to_owned());
            }
        }
    }

    fn outcomes_only(&self) -> bool {
        self.outcomes_only
    }

    fn knows(&self, values: &[Value]) -> bool {
        self.counts.contains_key(values)
    }

    fn stop(&mut self) -> bool {
        self.stop.is_some_and(|stop| stop())
    }
}

fn column_shape(prepared: &Prepared, column: &Column) -> Shape {
    match column {
        Column::Register(thread, reg) => prepared.register_shape(*thread, *reg),
        Column::Global(name, _) | Column::Cell(name, ..) => {
            prepared.symbols.find(name).map_or(Shape::INT, |symbol| prepared.shape(symbol))
        }
        Column::Fault(_) => Shape::INT,
    }
}

fn column_name(prepared: &Prepared, column: &Column) -> String {
    match column {
        Column::Register(thread, reg) => {
            format!("{thread}:{}", prepared.program.registers.get(reg.0.into()).unwrap_or("?"))
        }
        Column::Global(name, _) => {
            let is_array =
                prepared.symbols.find(name).is_some_and(|symbol| prepared.shape(symbol).cells.is_some());
            if is_array { name.clone() } else { format!("[{name}]") }
        }
        Column::Cell(name, index, _) => format!("{name}[{index}]"),
        Column::Fault(text) => format!("~{text}"),
    }
}

/// herd7's order: numbers by their signed value, then addresses by name and offset, then code.
fn compare_rows(a: &[Value], b: &[Value], prepared: &Prepared, widths: &[(u8, bool)]) -> Ordering {
    let number = |bits: u128, (width, signed): (u8, bool)| {
        if signed { sign_extended(bits, width) } else { bits as i128 }
    };
    for ((a, b), width) in a.iter().zip(b).zip(widths) {
        let order = match (a, b) {
            (Value::Int(a), Value::Int(b)) => number(*a, *width).cmp(&number(*b, *width)),
            (Value::Addr { symbol: s, offset: x }, Value::Addr { symbol: t, offset: y }) => {
                prepared.symbols.name(*s).cmp(prepared.symbols.name(*t)).then(x.cmp(y))
            }
            _ => a.cmp(b),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

fn sign_extended(bits: u128, width: u8) -> i128 {
    let shift = 128 - u32::from(width.clamp(1, 128));
    ((bits << shift) as i128) >> shift
}

/// Numbers of 64 bits print much faster than those of 128.
fn decimal(number: i128) -> String {
    i64::try_from(number).map_or_else(|_| number.to_string(), |small| small.to_string())
}

fn print_row(
    values: &[Value],
    question: &Question,
    prepared: &Prepared,
    shapes: &[Shape],
    options: &Options,
) -> Vec<String> {
    let mut rest = values;
    let mut printed = Vec::new();
    for ((column, positions), shape) in question.columns.iter().zip(shapes) {
        let (own, behind) = rest.split_at(positions.len());
        rest = behind;
        let cells: Vec<String> =
            own.iter().map(|value| print_value(*value, *shape, prepared, options)).collect();
        let is_array = matches!(column, Column::Global(..)) && shape.cells.is_some();
        printed.push(if is_array { format!("{{{}}}", cells.join(",")) } else { cells.concat() });
    }
    printed
}

fn print_value(value: Value, shape: Shape, prepared: &Prepared, options: &Options) -> String {
    match value {
        Value::Int(bits) if options.hexadecimal => {
            format!("{:#x}", Value::Int(bits).masked_bits(shape.width))
        }
        Value::Int(bits) if shape.signed => decimal(sign_extended(bits, shape.width)),
        Value::Int(bits) => Value::Int(bits).masked_bits(shape.width).to_string(),
        Value::Addr { symbol, offset } => {
            let name = prepared.symbols.name(symbol);
            let cell = prepared.shape(symbol);
            match (offset, cell.cells) {
                (0, _) => name.to_owned(),
                (_, Some(_)) if offset % cell.bytes() == 0 => format!("{name}[{}]", offset / cell.bytes()),
                _ => format!("{name}{offset:+}"),
            }
        }
        Value::Code { thread, index } => {
            let code = prepared.program.threads.get(thread as usize);
            let label = code.and_then(|thread| thread.labels.iter().find(|(_, at)| *at == index));
            match label {
                Some((name, _)) => format!("label:\"P{thread}:{name}\""),
                None => format!("label:\"P{thread}:{index}\""),
            }
        }
        Value::Instruction(id) => format!("instr:\"{}\"", prepared.symbols.instruction(id)),
    }
}
