//! Whether a translation keeps what the source promises.

use crate::translate::Translated;
use litmus::Test;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use turnsole::{ByteOrder, Model, Options, Report, Workspace};

/// A test's final states, in an order that does not depend on how its language calls things.
pub type States = BTreeSet<Vec<Arc<str>>>;

/// What a test of the source may do.
#[derive(Clone, Debug)]
pub enum Allowed {
    /// These outcomes.
    Outcomes {
        /// What the outcomes show, as the source calls it.
        columns: Vec<String>,
        /// Which there are.
        states: States,
    },
    /// All outcomes that don't satisfy the condition, an `exists`.
    ButTheCondition,
    /// Anything: some execution makes the program undefined.
    Anything,
    /// It is not known, for this reason.
    Unknown(String),
}

/// What became of one test under one mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every outcome of the target is one of the source.
    Kept {
        /// Whether the target has all outcomes of the source, too. If not, the translation is stronger than needed, or
        /// the machine is.
        all: bool,
    },
    /// These outcomes, in terms of the source, are forbidden by the source and allowed by the target.
    Broken(Vec<Vec<Arc<str>>>),
    /// Nothing can be said, for this reason.
    Unknown(String),
}

/// Options with which both sides are judged: outcomes only, loops that only wait are not cut, and one byte order. BPF has
/// that of the machine it runs on, so it must be the same on both sides.
#[must_use]
pub fn options(base: &Options) -> Options {
    let byte_order = Some(base.byte_order.unwrap_or(ByteOrder::Little));
    Options { outcomes_only: true, await_loops: true, byte_order, ..base.clone() }
}

/// What a test of the source may do under its model.
pub fn allowed(test: &Test, model: &Model, options: &Options, workspace: &mut Workspace) -> Allowed {
    let report = turnsole::simulate_in(workspace, test, model, options);
    if let Some(reason) = unknown(&report) {
        return Allowed::Unknown(reason);
    }
    if report.undefined || report.flags.iter().any(|flag| flag == "data-race") {
        return Allowed::Anything;
    }
    let mut columns: Vec<String> = report.columns.iter().map(|column| bare(column)).collect();
    let states = states(&report, &columns);
    columns.sort_unstable();
    Allowed::Outcomes { columns, states }
}

/// Whether a model forbids what the condition of a test, an `exists`, asks for; `None` if that can't be said.
pub fn forbids(test: &Test, model: &Model, options: &Options, workspace: &mut Workspace) -> Option<bool> {
    let options = Options { verdict_only: true, ..options.clone() };
    let report = turnsole::simulate_in(workspace, test, model, &options);
    (unknown(&report).is_none() && !report.undefined).then_some(report.positive == 0)
}

/// Compares what the translated test may do with what the source allows.
pub fn compare(
    allowed: &Allowed,
    translated: &Translated,
    model: &Model,
    options: &Options,
    workspace: &mut Workspace,
) -> Outcome {
    let states_of_source = match allowed {
        Allowed::Outcomes { states, .. } => states,
        Allowed::Anything => return Outcome::Kept { all: false },
        Allowed::Unknown(reason) => return Outcome::Unknown(reason.clone()),
        Allowed::ButTheCondition => {
            let options = Options { verdict_only: true, ..options.clone() };
            let report = turnsole::simulate_in(workspace, &translated.test, model, &options);
            return match unknown(&report) {
                Some(reason) => Outcome::Unknown(reason),
                None if report.positive == 0 => Outcome::Kept { all: true },
                None => Outcome::Broken(Vec::new()),
            };
        }
    };
    let report = turnsole::simulate_in(workspace, &translated.test, model, options);
    if let Some(reason) = unknown(&report) {
        return Outcome::Unknown(reason);
    }
    // The target's columns, as the source calls them.
    let back: BTreeMap<&str, &str> =
        translated.columns.iter().map(|(source, target)| (target.as_str(), source.as_str())).collect();
    let columns: Vec<String> = report
        .columns
        .iter()
        .map(|column| bare(column))
        .map(|column| back.get(column.as_str()).map_or(column.clone(), |source| (*source).to_owned()))
        .collect();
    let found = states(&report, &columns);
    let new: Vec<Vec<Arc<str>>> = found.difference(states_of_source).cloned().collect();
    match new.is_empty() {
        true => Outcome::Kept { all: found.len() == states_of_source.len() },
        false => Outcome::Broken(new),
    }
}

/// Why a report says nothing.
fn unknown(report: &Report) -> Option<String> {
    use turnsole::Status::{Bounded, Complete, Error, LimitExceeded, OutOfMemory, Timeout};
    match &report.status {
        Complete => None,
        Bounded { .. } => Some("a loop was cut".to_owned()),
        Timeout => Some("it took too long".to_owned()),
        OutOfMemory { .. } => Some("it took too much memory".to_owned()),
        LimitExceeded { what } => Some(what.clone()),
        Error => {
            let first = report.diagnostics.first().map(|diagnostic| diagnostic.message.clone());
            Some(first.unwrap_or_else(|| "it can't be judged".to_owned()))
        }
    }
}

/// `x` for `[x]`: C calls locations without brackets.
fn bare(column: &str) -> String {
    column.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(column).to_owned()
}

/// The states, with their values in the order of the names of the columns.
fn states(report: &Report, columns: &[String]) -> States {
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|at| &columns[*at]);
    report.states.iter().map(|state| order.iter().map(|at| state.values[*at].clone()).collect()).collect()
}
