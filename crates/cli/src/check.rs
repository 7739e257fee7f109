//! `turnsole check`: do tests answer what they say they do?

use crate::args::Simulation;
use crate::expect::{Case, Expectations, Level, Outcome};
use crate::json::{self, ExpectationRecord};
use crate::junit::junit;
use crate::kernel;
use crate::progress::Progress;
use crate::run::{Answer, limit_note};
use crate::runner::{Runner, status_of};
use crate::status::Status;
use crate::table;
use crate::terminal::Terminal;
use batch::group::{self, Command};
use batch::judge::{Ask, Judged, ModelId, Test};
use clap::{Args, ValueEnum};
use comfy_table::{Cell, CellAlignment, Color};
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;
use syntax::{Diagnostic, FileId, SourceMap};

/// Options of `turnsole check`.
#[derive(Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    simulation: Simulation,

    /// A file of kinds: lines `NAME Allowed`, `NAME Forbidden` or `NAME Required`. What tests say themselves is then
    /// not looked at.
    #[arg(long, value_name = "FILE")]
    kinds: Option<PathBuf>,

    /// A log of herd7 or Turnsole to compare with. What tests say themselves is then not looked at.
    #[arg(long, value_name = "FILE")]
    expect_log: Option<PathBuf>,

    /// How closely logs are compared.
    #[arg(long, value_enum, default_value_t = Level::Counts)]
    level: Level,

    /// Check tests of the Linux kernel, as its scripts do: under the Linux-kernel model (that of the current folder or of
    /// `--kernel-tree` if there is one there, else the built-in one), what the first `Result:` line of each test in C says.
    /// A test is given up after a minute unless `--timeout` says otherwise.
    #[arg(long, conflicts_with_all = ["kinds", "expect_log"])]
    kernel: bool,

    /// Leave out tests with more threads than that.
    #[arg(long, value_name = "N")]
    procs: Option<usize>,

    /// Write the results to a JUnit file, too.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,

    /// How results are printed.
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Print what passes, too.
    #[arg(short, long)]
    verbose: bool,

    /// Don't print warnings, and no summary.
    #[arg(short, long)]
    quiet: bool,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A few lines for each failure, and a summary.
    Text,
    /// A table of all cases, and a summary.
    Table,
    /// One JSON object a line, for each case.
    Ndjson,
}

/// How one case of one test went.
pub(crate) struct CaseResult {
    pub(crate) file: String,
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) outcome: Outcome,
    pub(crate) elapsed: Duration,
}

/// What one test has to say.
#[derive(Default)]
struct Done {
    results: Vec<CaseResult>,
    /// Whether nothing is expected of it.
    silent: bool,
    /// Whether it was left out.
    skipped: bool,
    out: Vec<u8>,
    err: String,
    status: Status,
    models: Vec<ModelId>,
}

pub(crate) fn check(mut args: CheckArgs, terminal: &mut Terminal) -> io::Result<Status> {
    if args.kernel {
        kernel::settle(&mut args.simulation);
    }
    let expectations = match expectations(&args) {
        Ok(expectations) => expectations,
        Err(message) => {
            terminal.complain(&message);
            return Ok(Status::UserError);
        }
    };
    let runner = match Runner::new(&args.simulation, args.kernel, args.quiet, terminal)? {
        Ok(runner) => runner,
        Err(status) => return Ok(status),
    };
    let checker = Checker { runner: &runner, expectations: &expectations, args: &args };
    let mut progress = Progress::new(terminal.can_show_progress());
    let mut summary = Summary::default();
    let mut said = Vec::new();
    let mut result = Ok(());
    let inputs = Runner::inputs(&args.simulation);
    group::run(&runner.session, inputs, &checker, |mut done: Done| {
        progress.step();
        let about_models: String =
            done.models.iter().map(|model| runner.introduce(*model, &mut said)).collect();
        done.err.insert_str(0, &about_models);
        result =
            terminal.out.write_all(&done.out).and_then(|()| progress.suspend(|| terminal.message(&done.err)));
        summary.add(done, args.junit.is_some() || args.format == Format::Table);
        if result.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    progress.finish();
    result?;
    summary.finish(&args, terminal)
}

/// Reads the files that say what is expected.
fn expectations(args: &CheckArgs) -> Result<Expectations, String> {
    let read = |path: &PathBuf| {
        let bytes =
            std::fs::read(path).map_err(|error| format!("can't read `{}`: {error}", path.display()))?;
        Ok::<String, String>(String::from_utf8_lossy(&bytes).into_owned())
    };
    let mut expectations = Expectations { level: args.level, kernel: args.kernel, ..Expectations::default() };
    if let Some(path) = &args.kinds {
        let text = read(path)?;
        let (kinds, errors) = litmus::read_kinds(FileId(0), &text);
        if let Some(error) = errors.first() {
            let mut sources = SourceMap::new();
            sources.add("", text);
            let line = sources.position(error.span).line;
            return Err(format!("{}:{line}: {}", path.display(), error.message));
        }
        expectations.kinds = Some(kinds.into_iter().collect());
    }
    if let Some(path) = &args.expect_log {
        let entries = litmus::read_log(&read(path)?);
        let entries: BTreeMap<_, _> = entries.into_iter().map(|entry| (entry.name.clone(), entry)).collect();
        if entries.is_empty() {
            return Err(format!("there are no tests in the log `{}`", path.display()));
        }
        expectations.log = Some(entries);
    }
    Ok(expectations)
}

struct Checker<'a> {
    runner: &'a Runner,
    expectations: &'a Expectations,
    args: &'a CheckArgs,
}

/// What a test states.
enum Plan {
    /// Nothing that can be told: it could not be read.
    Unread,
    /// The test is left out.
    Skipped,
    /// What is expected, and what is wrong about how that is said.
    Cases(Vec<Case>, Vec<Diagnostic>),
}

impl Command for Checker<'_> {
    type Plan = Plan;
    type Done = Done;

    fn plan(&self, read: &mut Test) -> Plan {
        let Some(test) = &read.test else { return Plan::Unread };
        let not_in_c = self.args.kernel && test.arch != litmus::Arch::C;
        if not_in_c || self.args.procs.is_some_and(|most| test.thread_count() > most) {
            return Plan::Skipped;
        }
        let (cases, diagnostics) = self.expectations.cases(test);
        Plan::Cases(cases, diagnostics)
    }

    fn asks<'p>(&self, plan: &'p Plan) -> SmallVec<[Ask<'p>; 1]> {
        match plan {
            Plan::Cases(cases, _) => cases.iter().map(Case::ask).collect(),
            Plan::Unread | Plan::Skipped => SmallVec::new(),
        }
    }

    fn done(&self, read: Test, plan: Plan, judged: Vec<Judged>) -> Done {
        let Test { file, text, test, diagnostics } = read;
        let mut done = Done::default();
        match (plan, test) {
            (Plan::Cases(cases, more), Some(test)) => {
                let all: Vec<Diagnostic> = diagnostics.into_iter().chain(more).collect();
                done.status = status_of(&all);
                done.err = self.runner.diagnostics(&all, &file, &text);
                done.silent = cases.is_empty();
                for (case, judged) in cases.iter().zip(&judged) {
                    let answer = Answer { file: &file, name: Some(&test.name), judged: Some(judged) };
                    self.case(&mut done, &text, &answer, judged, case);
                }
            }
            (Plan::Skipped, _) => done.skipped = true,
            (Plan::Unread | Plan::Cases(..), _) => {
                let answer = Answer { file: &file, name: None, judged: None };
                self.finish(&mut done, &text, &answer, "run", Outcome::Error, &diagnostics);
            }
        }
        done
    }
}

impl Checker<'_> {
    fn case(&self, done: &mut Done, text: &str, answer: &Answer, judged: &Judged, case: &Case) {
        done.models.extend(judged.model);
        let mut diagnostics: Vec<Diagnostic> = judged.failure.iter().cloned().collect();
        let outcome = match &judged.report {
            Some(report) => {
                diagnostics.extend(report.diagnostics.iter().cloned());
                case.compare(report)
            }
            None => Outcome::Error,
        };
        self.finish(done, text, answer, &case.label, outcome, &diagnostics);
    }

    fn finish(
        &self,
        done: &mut Done,
        text: &str,
        answer: &Answer,
        label: &str,
        outcome: Outcome,
        diagnostics: &[Diagnostic],
    ) {
        let status = match &outcome {
            Outcome::Pass | Outcome::Forgiven => Status::Ok,
            Outcome::Fail(_) => Status::Failed,
            Outcome::Unknown(_) => Status::Limit,
            Outcome::Error => Status::UserError,
        };
        done.status = done.status.worst(status).worst(status_of(diagnostics));
        done.err += &self.runner.diagnostics(diagnostics, answer.file, text);
        if let (Outcome::Unknown(_), Some(report)) = (&outcome, answer.report()) {
            done.err += &limit_note(report, answer.file).unwrap_or_default();
        }
        let result = CaseResult {
            file: answer.file.to_owned(),
            name: answer.name.unwrap_or(answer.file).to_owned(),
            label: label.to_owned(),
            outcome,
            elapsed: answer.judged.map(|judged| judged.elapsed).unwrap_or_default(),
        };
        match self.args.format {
            Format::Text => self.text(done, &result),
            Format::Table => {}
            Format::Ndjson => {
                let sources = self.runner.session.sources(answer.file, text);
                let settings = self.runner.session.settings();
                let mut record = json::record(answer, diagnostics, status, settings, &sources, false);
                record.expectations.push(ExpectationRecord {
                    case: result.label.clone(),
                    result: result.outcome.word(),
                    details: result.outcome.details(),
                });
                // Writing to memory does not fail.
                let _ = serde_json::to_writer(&mut done.out, &record);
                done.out.push(b'\n');
            }
        }
        done.results.push(result);
    }

    fn text(&self, done: &mut Done, result: &CaseResult) {
        let quiet = matches!(result.outcome, Outcome::Pass | Outcome::Forgiven) && !self.args.verbose;
        if quiet {
            return;
        }
        let CaseResult { file, name, label, outcome, .. } = result;
        // Writing to memory does not fail.
        let what = if name == file { String::new() } else { format!(": {name} ({label})") };
        let _ = writeln!(done.out, "{:<8} {file}{what}", outcome.word());
        for detail in outcome.details() {
            let _ = writeln!(done.out, "         {detail}");
        }
    }
}

/// What all tests together have to say.
#[derive(Default)]
struct Summary {
    counts: BTreeMap<&'static str, u64>,
    silent: u64,
    skipped: u64,
    status: Status,
    results: Vec<CaseResult>,
}

impl Summary {
    fn add(&mut self, done: Done, keep: bool) {
        self.status = self.status.worst(done.status);
        self.silent += u64::from(done.silent);
        self.skipped += u64::from(done.skipped);
        for result in &done.results {
            *self.counts.entry(result.outcome.word()).or_default() += 1;
        }
        if keep {
            self.results.extend(done.results);
        }
    }

    fn finish(self, args: &CheckArgs, terminal: &mut Terminal) -> io::Result<Status> {
        if args.format == Format::Table {
            let text = self.cases(terminal.out_color);
            terminal.out.write_all(text.as_bytes())?;
        }
        if args.format != Format::Ndjson && !args.quiet {
            let text = self.table(terminal.out_color);
            terminal.out.write_all(text.as_bytes())?;
        }
        if let Some(path) = &args.junit
            && let Err(error) = std::fs::write(path, junit(&self.results))
        {
            terminal.complain(&format!("can't write `{}`: {error}", path.display()));
            return Ok(self.status.worst(Status::UserError));
        }
        if self.counts.is_empty() {
            terminal.complain("nothing was checked: no test says what it expects");
            return Ok(self.status.worst(Status::UserError));
        }
        Ok(self.status)
    }

    /// All cases.
    fn cases(&self, color: bool) -> String {
        let mut table = table::empty(color);
        table.set_header(["File", "Test", "Case", "Result", "Details"]);
        for CaseResult { file, name, label, outcome, .. } in &self.results {
            let color = match outcome {
                Outcome::Pass | Outcome::Forgiven => Color::Green,
                Outcome::Unknown(_) => Color::Yellow,
                Outcome::Fail(_) | Outcome::Error => Color::Red,
            };
            let result = Cell::new(outcome.word()).fg(color);
            let [file, name, label] = [file, name, label].map(Cell::new);
            table.add_row([file, name, label, result, Cell::new(outcome.details().join("; "))]);
        }
        format!("{table}\n")
    }

    fn table(&self, color: bool) -> String {
        let mut table = table::empty(color);
        let rows = [
            ("passed", "pass", Color::Green),
            ("forgiven", "forgiven", Color::Green),
            ("failed", "fail", Color::Red),
            ("unknown", "unknown", Color::Yellow),
            ("errors", "error", Color::Red),
        ];
        let mut add = |name: &str, count: u64, color: Option<Color>| {
            let cell = Cell::new(count).set_alignment(CellAlignment::Right);
            table.add_row([Cell::new(name), color.map_or(cell.clone(), |color| cell.fg(color))]);
        };
        for (name, word, color) in rows {
            let count = self.counts.get(word).copied().unwrap_or(0);
            if count > 0 || word == "pass" || word == "fail" {
                add(name, count, (count > 0).then_some(color));
            }
        }
        if self.silent > 0 {
            add("without expectation", self.silent, None);
        }
        if self.skipped > 0 {
            add("left out", self.skipped, None);
        }
        format!("{table}\n")
    }
}
