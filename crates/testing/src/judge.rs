//! A litmus text judged by an engine, and what can be compared of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use syntax::{Diagnostic, FileId, SourceMap};
use turnsole::{EngineChoice, Loader, Model, Options, Report, Status};

/// Finds no file: only the embedded models are there.
#[derive(Clone, Copy, Debug)]
pub struct NoFiles;

impl Loader for NoFiles {
    fn load(&self, _name: &str, _from: Option<&str>) -> Option<(String, String)> {
        None
    }
}

/// Loads an embedded model.
///
/// # Errors
/// What is wrong with it, in words.
pub fn model(name: &str, options: &Options) -> Result<Model, String> {
    let mut sources = SourceMap::new();
    let (model, diagnostics) = turnsole::load_model(&NoFiles, name, options, &mut sources);
    model.ok_or_else(|| format!("model {name}: {}", words(&diagnostics)))
}

/// Reads a test.
///
/// # Errors
/// What is wrong with it, in words.
pub fn parse(text: &str) -> Result<litmus::Test, String> {
    let (test, diagnostics) = turnsole::parse(FileId(0), text);
    match test {
        Some(test) if !syntax::has_errors(&diagnostics) => Ok(test),
        _ => Err(words(&diagnostics)),
    }
}

/// The diagnostics, one a line.
pub fn words(diagnostics: &[Diagnostic]) -> String {
    let line = |d: &Diagnostic| format!("{} at byte {}: {}", d.code, d.span.start, d.message);
    diagnostics.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// These options with another engine, which may look at `patience` choices before it is told to stop.
pub fn with_engine(options: &Options, engine: EngineChoice, patience: u64) -> Options {
    let asked = AtomicU64::new(0);
    let stop = move || asked.fetch_add(1, Ordering::Relaxed) >= patience;
    Options { engine, stop: Some(Arc::new(stop)), ..options.clone() }
}

/// Everything of a report that all engines must agree about, as text; `None` if an engine was told to stop.
pub fn summary(report: &Report) -> Option<String> {
    let mut text = match &report.status {
        Status::Timeout | Status::OutOfMemory { .. } | Status::LimitExceeded { .. } => return None,
        Status::Complete => "complete\n".to_owned(),
        Status::Bounded { at, .. } => format!("bounded at {at:?}\n"),
        Status::Error => {
            // What is wrong is found at different moments, so that only its kind is the same.
            return Some(report.diagnostics.iter().map(|d| format!("error {}\n", d.code)).collect());
        }
    };
    for state in &report.states {
        for (column, value) in report.columns.iter().zip(&state.values) {
            text += &format!("{column}={value}; ");
        }
        text += &format!("{} {}\n", state.witnesses, if state.satisfies { "+" } else { "-" });
    }
    text += &format!("{} : {}", report.positive, report.negative);
    text += &format!(" flags {:?} undefined {}\n", report.flags, report.undefined);
    Some(text)
}
