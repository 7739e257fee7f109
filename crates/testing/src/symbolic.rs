//! The symbolic engine against the one that goes through executions.

use crate::judge;
use litmus::Test;
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

/// Compares the outcomes, the flags and the verdict that both engines find. They may ask `patience` times whether to stop.
pub fn compare(test: &Test, model: &Model, options: &Options, patience: u64) -> Compared {
    let run = |engine: EngineChoice, verdict_only: bool| {
        let options = Options { outcomes_only: true, verdict_only, ..options.clone() };
        turnsole::simulate(test, model, &judge::with_engine(&options, engine, patience))
    };
    let direct = run(EngineChoice::Enumerate, false);
    if matches!(
        direct.status,
        Status::Timeout | Status::OutOfMemory { .. } | Status::LimitExceeded { .. } | Status::Error
    ) {
        return Compared::Nothing;
    }
    let symbolic = run(EngineChoice::Symbolic, false);
    if let Some(compared) = without_answer(&symbolic) {
        return compared;
    }
    let (expected, found) = (outcomes(&direct), outcomes(&symbolic));
    if expected != found {
        return Compared::Differ(format!("enumerate:\n{expected}symbolic:\n{found}"));
    }
    let decided = run(EngineChoice::Symbolic, true);
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

fn outcomes(report: &Report) -> String {
    let mut text = String::new();
    for state in &report.states {
        for (column, value) in report.columns.iter().zip(&state.values) {
            text += &format!("{column}={value}; ");
        }
        text += if state.satisfies { "+\n" } else { "-\n" };
    }
    text + &verdict(report)
}

fn verdict(report: &Report) -> String {
    let words = (report.verdict().map(|v| v.word()), report.observation().map(|o| o.word()));
    format!("{words:?} flags {:?} undefined {}\n", report.flags, report.undefined)
}
