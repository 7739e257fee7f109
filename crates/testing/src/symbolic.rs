//! The symbolic engine against the one that goes through executions.

use crate::judge;
use batch::input::Accept;
use batch::judge::Ask;
use herd::config::Config;
use litmus::Test;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;
use turnsole::{EngineChoice, Model, Options, Report, Status};

/// How a comparison came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// The same outcomes and flags, and the same verdict.
    Agree,
    /// The symbolic engine can't answer: why.
    Refused(String),
    /// There is nothing to compare with: an engine was told to stop, or the test is wrong.
    Nothing,
    /// They differ: how.
    Differ(String),
}

/// What is asked of a test.
#[derive(Clone, Copy, Debug)]
enum Run {
    Enumerate,
    Symbolic,
    SymbolicVerdict,
}

impl Run {
    fn options(self, options: &Options) -> Options {
        let engine = match self {
            Run::Enumerate => EngineChoice::Enumerate,
            Run::Symbolic | Run::SymbolicVerdict => EngineChoice::Symbolic,
        };
        let verdict_only = matches!(self, Run::SymbolicVerdict);
        Options { engine, outcomes_only: true, verdict_only, certify: true, ..options.clone() }
    }
}

/// Compares the outcomes, the flags and the verdict that both engines find. They may ask `patience` times whether to stop.
pub fn compare(test: &Test, model: &Model, options: &Options, patience: u64) -> Compared {
    compare_reports(|run| {
        let options = run.options(options);
        Some(turnsole::simulate(test, model, &judge::with_engine(&options, options.engine, patience)))
    })
}

/// Compares both engines on the tests of a corpus; none may take longer than `timeout`.
///
/// # Errors
/// When the corpus can't be read.
pub fn corpus(folder: &Path, timeout: Duration, visit: &mut dyn FnMut(&str, Compared)) -> Result<(), String> {
    let options = std::fs::read_to_string(folder.join("options")).unwrap_or_default();
    let mut arguments: Vec<OsString> = options.split_whitespace().map(OsString::from).collect();
    arguments.push(folder.join("tests/@all").into());
    let config = Config::from_arguments(batch::Library::new().with_environment(), &arguments)?;
    let settings = herd::run::settings(&config);
    let session = |run: Run| {
        let options = run.options(&settings.options);
        batch::Session::new(batch::Settings { options, timeout: Some(timeout), ..settings.clone() })
    };
    let sessions = [Run::Enumerate, Run::Symbolic, Run::SymbolicVerdict].map(session);
    let mut workers = [(); 3].map(|()| batch::Worker::default());
    for input in batch::Inputs::new(config.arguments.clone(), Accept::default()) {
        let read = sessions[0].read(input);
        let Some(test) = read.test else { continue };
        let compared = compare_reports(|run| {
            sessions[run as usize].judge(&mut workers[run as usize], &test, Ask::default()).report
        });
        visit(&test.name, compared);
    }
    Ok(())
}

fn compare_reports(mut run: impl FnMut(Run) -> Option<Report>) -> Compared {
    let Some(direct) = run(Run::Enumerate) else { return Compared::Nothing };
    if matches!(
        direct.status,
        Status::Timeout | Status::OutOfMemory { .. } | Status::LimitExceeded { .. } | Status::Error
    ) {
        return Compared::Nothing;
    }
    let Some(symbolic) = run(Run::Symbolic) else { return Compared::Nothing };
    if let Some(compared) = without_answer(&symbolic) {
        return compared;
    }
    let (expected, found) = (outcomes(&direct), outcomes(&symbolic));
    if expected != found {
        return Compared::Differ(format!("enumerate:\n{expected}symbolic:\n{found}"));
    }
    let Some(decided) = run(Run::SymbolicVerdict) else { return Compared::Nothing };
    if let Some(compared) = without_answer(&decided) {
        return compared;
    }
    let (expected, found) = (verdict(&direct), verdict(&decided));
    if expected != found {
        return Compared::Differ(format!("enumerate: {expected}\nsymbolic, verdict only: {found}"));
    }
    Compared::Agree
}

fn without_answer(report: &Report) -> Option<Compared> {
    match report.status {
        Status::Complete | Status::Bounded { .. } => None,
        Status::Timeout | Status::OutOfMemory { .. } | Status::LimitExceeded { .. } => {
            Some(Compared::Nothing)
        }
        Status::Error => {
            let refused = report.diagnostics.iter().find(|d| d.code == "turnsole::unsupported-engine");
            Some(match refused {
                Some(refusal) => Compared::Refused(refusal.message.clone()),
                None => Compared::Differ(judge::words(&report.diagnostics)),
            })
        }
    }
}

/// The states of a report, and its verdict.
pub(crate) fn outcomes(report: &Report) -> String {
    let mut text = String::new();
    for state in &report.states {
        for (column, value) in report.columns.iter().zip(&state.values) {
            text += &format!("{column}={value}; ");
        }
        text += if state.satisfies { "+\n" } else { "-\n" };
    }
    text + &verdict(report)
}

/// What a report answers.
pub(crate) fn verdict(report: &Report) -> String {
    let words = (report.verdict().map(|v| v.word()), report.observation().map(|o| o.word()));
    format!("{words:?} flags {:?} undefined {}\n", report.flags, report.undefined)
}
