//! `turnsole run`: what can happen?

use crate::args::Simulation;
use crate::output::{Format, Output};
use crate::progress::Progress;
use crate::runner::{Runner, status_of};
use crate::status::Status;
use crate::table::Row;
use crate::terminal::Terminal;
use batch::group::{self, Command};
use batch::judge::{Ask, Judged, ModelId, Test};
use clap::Args;
use smallvec::SmallVec;
use std::io;
use std::ops::ControlFlow;
use turnsole::Report;

/// Options of `turnsole run`.
#[derive(Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    simulation: Simulation,

    /// How answers are printed.
    #[arg(short, long, value_enum, default_value_t = Format::Herd)]
    format: Format,

    /// Print how long each test took. The output is then different each time.
    #[arg(long)]
    time: bool,

    /// Don't print warnings.
    #[arg(short, long)]
    quiet: bool,
}

/// What one test has to say.
pub(crate) struct Done {
    /// For standard output.
    pub(crate) out: Vec<u8>,
    /// For standard error.
    pub(crate) err: String,
    pub(crate) status: Status,
    pub(crate) model: Option<ModelId>,
    /// Whether the model was chosen because the test is in the kernel's C.
    pub(crate) by_dialect: bool,
    /// For the table.
    pub(crate) row: Option<Row>,
}

pub(crate) fn run(args: RunArgs, terminal: &mut Terminal) -> io::Result<Status> {
    let runner = match Runner::new(&args.simulation, true, args.quiet, terminal)? {
        Ok(runner) => runner,
        Err(status) => return Ok(status),
    };
    let inputs = Runner::inputs(&args.simulation);
    let output = Output { format: args.format, time: args.time };
    let mut progress = Progress::new(terminal.can_show_progress());
    let mut status = Status::Ok;
    let mut said = Vec::new();
    let mut rows = Vec::new();
    let mut result = output.begin(&mut terminal.out);
    let (mut first, mut dialect_is_said) = (true, args.quiet);
    let command = Run { runner: &runner, output };
    group::run(&runner.session, inputs, &command, |mut done: Done| {
        status = status.worst(done.status);
        if done.by_dialect && !std::mem::replace(&mut dialect_is_said, true) {
            done.err.insert_str(0, &dialect_note());
        }
        if let Some(model) = done.model {
            done.err.insert_str(0, &runner.introduce(model, &mut said));
        }
        rows.extend(done.row);
        progress.step();
        let written = output.separate(&mut first, &done.out, &mut terminal.out);
        result = written.and_then(|()| progress.suspend(|| terminal.message(&done.err)));
        if result.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    progress.finish();
    result?;
    output.end(&rows, terminal)?;
    Ok(status)
}

/// What is done with each test.
struct Run<'a> {
    runner: &'a Runner,
    output: Output,
}

impl Command for Run<'_> {
    type Plan = ();
    type Done = Done;

    fn plan(&self, _: &mut Test) {}

    fn asks<'p>(&self, (): &'p ()) -> SmallVec<[Ask<'p>; 1]> {
        SmallVec::from_iter([Ask::default()])
    }

    fn done(&self, read: Test, (): (), judged: Vec<Judged>) -> Done {
        let Test { file, text, test, mut diagnostics } = read;
        let judged = judged.first();
        if let Some(judged) = judged {
            diagnostics.extend(judged.failure.clone());
            diagnostics.extend(judged.report.iter().flat_map(|report| &report.diagnostics).cloned());
        }
        let name = test.as_ref().map(|test| &*test.name);
        done(self.runner, self.output, &text, &Answer { file: &file, name, judged }, &diagnostics)
    }
}

/// What is known about one test.
pub(crate) struct Answer<'a> {
    pub(crate) file: &'a str,
    /// Its name, if it could be read.
    pub(crate) name: Option<&'a str>,
    pub(crate) judged: Option<&'a Judged>,
}

impl Answer<'_> {
    pub(crate) fn report(&self) -> Option<&Report> {
        self.judged.and_then(|judged| judged.report.as_ref())
    }
}

fn done(
    runner: &Runner,
    output: Output,
    text: &str,
    answer: &Answer,
    diagnostics: &[syntax::Diagnostic],
) -> Done {
    let own = match answer.report() {
        Some(report) => status_of_report(report),
        None => Status::UserError,
    };
    let status = own.worst(status_of(diagnostics));
    let mut out = Vec::new();
    // Writing to memory does not fail.
    let _ = output.write(answer, diagnostics, status, &runner.session, text, &mut out);
    let mut err = runner.diagnostics(diagnostics, answer.file, text);
    if let Some(note) = answer.report().and_then(|report| limit_note(report, answer.file)) {
        err += &note;
    }
    let row = (output.format == Format::Table).then(|| Row::new(answer, status));
    let model = answer.judged.and_then(|judged| judged.model);
    let by_dialect = answer.judged.is_some_and(|judged| judged.by_dialect);
    Done { out, err, status, model, by_dialect, row }
}

/// Said once a run.
fn dialect_note() -> String {
    let model = turnsole::KERNEL_MODEL;
    format!("note: tests that call functions of the Linux kernel are judged under {model} (see --model)\n")
}

/// What a report makes of the exit status.
pub(crate) fn status_of_report(report: &Report) -> Status {
    match report.status {
        turnsole::Status::Complete => Status::Ok,
        turnsole::Status::Error => Status::UserError,
        turnsole::Status::Bounded { .. }
        | turnsole::Status::Timeout
        | turnsole::Status::OutOfMemory { .. }
        | turnsole::Status::LimitExceeded { .. } => Status::Limit,
    }
}

/// Which limit was hit, on one line.
pub(crate) fn limit_note(report: &Report, file: &str) -> Option<String> {
    let name = &report.name;
    match &report.status {
        turnsole::Status::Complete | turnsole::Status::Error => None,
        turnsole::Status::Bounded { unroll, at } => {
            let at = if at.is_empty() { String::new() } else { format!(" at {}", at.join(", ")) };
            Some(format!(
                "warning: {file}: {name}: loops were cut{at} after {unroll} rounds; legal outcomes may be missing (see --unroll)\n"
            ))
        }
        turnsole::Status::Timeout => Some(format!("warning: {file}: {name}: given up, it took too long\n")),
        turnsole::Status::OutOfMemory { limit } => {
            let size = size(*limit);
            Some(format!("warning: {file}: {name}: given up, it would take more memory than {size}\n"))
        }
        turnsole::Status::LimitExceeded { what } => {
            Some(format!("warning: {file}: {name}: given up: {what}\n"))
        }
    }
}

/// A number of bytes, for people.
pub(crate) fn size(bytes: u64) -> String {
    let units = [("G", 30), ("M", 20), ("K", 10)];
    let fits = units.into_iter().find(|(_, shift)| bytes >> shift > 0);
    match fits {
        Some((unit, shift)) if bytes.is_multiple_of(1 << shift) => format!("{}{unit}", bytes >> shift),
        Some((unit, shift)) => format!("{:.1}{unit}", bytes as f64 / (1u64 << shift) as f64),
        None => format!("{bytes} bytes"),
    }
}
