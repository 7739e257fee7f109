//! The three engines on one test: what each says, and whether they say the same.

use crate::judge;
use crate::symbolic::{outcomes, verdict};
use batch::input::Accept;
use batch::judge::Ask;
use herd::config::Config;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use turnsole::{EngineChoice, Options, Report, Status};

/// What is asked of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// All executions, counted.
    Enumerate,
    /// The same, by the definition.
    Reference,
    /// All outcomes.
    EnumerateOutcomes,
    /// Whether the condition holds.
    EnumerateVerdict,
    /// All outcomes, by the solver.
    Symbolic,
    /// Whether the condition holds, by the solver.
    SymbolicVerdict,
}

impl Run {
    const ALL: [Run; 6] = [
        Run::Enumerate,
        Run::Reference,
        Run::EnumerateOutcomes,
        Run::EnumerateVerdict,
        Run::Symbolic,
        Run::SymbolicVerdict,
    ];

    /// The options that ask for it.
    pub fn options(self, options: &Options) -> Options {
        let engine = match self {
            Run::Enumerate | Run::EnumerateOutcomes | Run::EnumerateVerdict => EngineChoice::Enumerate,
            Run::Reference => EngineChoice::Reference,
            Run::Symbolic | Run::SymbolicVerdict => EngineChoice::Symbolic,
        };
        let verdict_only = matches!(self, Run::EnumerateVerdict | Run::SymbolicVerdict);
        let outcomes_only = !matches!(self, Run::Enumerate | Run::Reference);
        Options { engine, outcomes_only, verdict_only, ..options.clone() }
    }
}

/// How an engine compares with `enumerate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// It says the same.
    Agree,
    /// It says that it can't answer.
    Refused(String),
    /// It took too long.
    TooLong,
    /// It says something else: what both say.
    Differ(String),
}

/// Both comparisons for a test; `None` if there is nothing to compare with: the test is wrong, or `enumerate` took too long.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// Whether the test could be judged at all.
    pub is_test: bool,
    /// `reference` against `enumerate`.
    pub reference: Option<Compared>,
    /// `symbolic` against `enumerate`.
    pub symbolic: Option<Compared>,
}

/// Compares what the engines say. `run` judges; `None` if there was nothing to judge.
pub fn compare(mut run: impl FnMut(Run) -> Option<Report>) -> Answers {
    let Some(direct) = run(Run::Enumerate) else { return Answers::default() };
    let Some(expected) = judge::summary(&direct) else {
        return Answers { is_test: true, ..Answers::default() };
    };
    let mut answers = Answers { is_test: true, reference: Some(Compared::TooLong), symbolic: None };
    if let Some(found) = run(Run::Reference).as_ref().and_then(judge::summary) {
        answers.reference = Some(same("reference", &expected, &found));
    }
    if direct.status == Status::Error {
        // There is no answer to compare with.
        answers.is_test = answers.reference != Some(Compared::Agree);
        return answers;
    }
    let runs = [Run::EnumerateOutcomes, Run::EnumerateVerdict, Run::Symbolic, Run::SymbolicVerdict];
    answers.symbolic = Some(Compared::Agree);
    for kind in runs {
        let Some(report) = run(kind) else { continue };
        let compared = against(kind, &direct, &report);
        if compared != Compared::Agree {
            answers.symbolic = Some(compared);
            break;
        }
    }
    answers
}

fn same(name: &str, expected: &str, found: &str) -> Compared {
    if expected == found {
        Compared::Agree
    } else {
        Compared::Differ(format!("enumerate:\n{expected}{name}:\n{found}"))
    }
}

fn against(run: Run, direct: &Report, report: &Report) -> Compared {
    match report.status {
        Status::Complete | Status::Bounded { .. } => {}
        Status::Timeout | Status::OutOfMemory { .. } | Status::LimitExceeded { .. } => {
            return Compared::TooLong;
        }
        Status::Error => {
            let refused = report.diagnostics.iter().find(|d| d.code == "turnsole::unsupported-engine");
            return match refused {
                Some(refusal) => Compared::Refused(refusal.message.clone()),
                None => Compared::Differ(format!("{run:?}: {}", judge::words(&report.diagnostics))),
            };
        }
    }
    let name = format!("{run:?}");
    match run {
        Run::EnumerateVerdict | Run::SymbolicVerdict => same(&name, &verdict(direct), &verdict(report)),
        _ => same(&name, &outcomes(direct), &outcomes(report)),
    }
}

/// One engine's column of a table.
#[derive(Clone, Debug, Default)]
pub struct Column {
    /// So many say the same.
    pub agree: usize,
    /// By reason, those to which there is no answer.
    pub refused: BTreeMap<String, usize>,
    /// Those that took too long.
    pub too_long: usize,
    /// Those that differ, and how.
    pub differ: Vec<String>,
}

impl Column {
    fn add(&mut self, name: &str, compared: Option<Compared>) {
        match compared {
            Some(Compared::Agree) => self.agree += 1,
            Some(Compared::Refused(why)) => *self.refused.entry(why).or_default() += 1,
            Some(Compared::TooLong) => self.too_long += 1,
            Some(Compared::Differ(how)) => self.differ.push(format!("{name}\n{how}")),
            None => {}
        }
    }

    fn cells(&self) -> String {
        let refused: usize = self.refused.values().sum();
        format!("{} | {} | {refused} | {}", self.agree, self.differ.len(), self.too_long)
    }
}

/// A line of a table: a corpus, or a kind of random tests.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// How many tests there are.
    pub tests: usize,
    /// Those for which `enumerate` took too long, so that nothing is known.
    pub too_long: usize,
    /// `reference` against `enumerate`.
    pub reference: Column,
    /// `symbolic` against `enumerate`.
    pub symbolic: Column,
}

impl Row {
    /// Enters a test.
    pub fn add(&mut self, name: &str, answers: Answers) {
        self.tests += usize::from(answers.is_test);
        self.too_long += usize::from(answers.is_test && answers.reference.is_none());
        self.reference.add(name, answers.reference.filter(|_| answers.is_test));
        self.symbolic.add(name, answers.symbolic);
    }

    /// All tests that differ.
    pub fn differ(&self) -> impl Iterator<Item = &String> {
        self.reference.differ.iter().chain(&self.symbolic.differ)
    }

    /// What heads the lines.
    pub const HEAD: &'static str = "\
| tests | | too long for `enumerate` | reference: agree | differ | refused | too long | symbolic: agree | differ | refused | too long |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |";

    /// The line of a table in Markdown.
    pub fn line(&self, name: &str) -> String {
        let cells = [self.reference.cells(), self.symbolic.cells()].join(" | ");
        format!("| {name} | {} | {} | {cells} |", self.tests, self.too_long)
    }

    /// Reasons and differences, in words.
    pub fn details(&self) -> String {
        let mut text = String::new();
        for (why, count) in &self.symbolic.refused {
            // Writing to memory does not fail.
            let _ = writeln!(text, "  {count} refused: {why}");
        }
        for how in self.differ().take(20) {
            let _ = writeln!(text, "  DIFFER {how}");
        }
        text
    }
}

/// Does `jobs` jobs on so many threads, and enters what they find.
pub fn in_parallel(threads: usize, jobs: usize, job: impl Fn(usize, &mut Row) + Sync) -> Row {
    let next = AtomicUsize::new(0);
    let rows: Mutex<Vec<Row>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                let mut row = Row::default();
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= jobs {
                        break;
                    }
                    job(at, &mut row);
                }
                rows.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(row);
            });
        }
    });
    let mut all = Row::default();
    for row in rows.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        all.tests += row.tests;
        all.too_long += row.too_long;
        for (sum, column) in [(&mut all.reference, row.reference), (&mut all.symbolic, row.symbolic)] {
            sum.agree += column.agree;
            sum.too_long += column.too_long;
            sum.differ.extend(column.differ);
            column.refused.into_iter().for_each(|(why, count)| *sum.refused.entry(why).or_default() += count);
        }
    }
    all.reference.differ.sort();
    all.symbolic.differ.sort();
    all
}

/// Compares the engines on the tests of a corpus; none may take longer than `timeout`.
///
/// # Errors
/// When the corpus can't be read.
pub fn corpus(folder: &Path, timeout: Duration, threads: usize) -> Result<Row, String> {
    let options = std::fs::read_to_string(folder.join("options")).unwrap_or_default();
    let mut arguments: Vec<OsString> = options.split_whitespace().map(OsString::from).collect();
    arguments.push(folder.join("tests/@all").into());
    let config = Config::from_arguments(batch::Library::new().with_environment(), &arguments)?;
    let settings = herd::run::settings(&config);
    let inputs: Vec<_> = batch::Inputs::new(config.arguments.clone(), Accept::default()).collect();
    let inputs: Vec<Mutex<Option<_>>> = inputs.into_iter().map(|input| Mutex::new(Some(input))).collect();
    let session = |run: Run| {
        let options = run.options(&settings.options);
        batch::Session::new(batch::Settings { options, timeout: Some(timeout), ..settings.clone() })
    };
    let sessions = Run::ALL.map(session);
    Ok(in_parallel(threads, inputs.len(), |at, row| {
        let input = inputs[at].lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        let Some(input) = input else { return };
        let Some(test) = sessions[0].read(input).test else { return };
        let answers = compare(|run| {
            let mut worker = batch::Worker::default();
            sessions[run as usize].judge(&mut worker, &test, Ask::default()).report
        });
        row.add(&test.name, answers);
    }))
}
