//! Conditions out of logs, one a line, in the form that files of conditions have: `NAME "exists (…)"`.

use litmus::{LoggedState, LoggedTest};

use crate::{Class, Comparison};

/// Which conditions are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The conditions that the logs have.
    Log,
    /// Exactly the outcomes that were found: `forall (a \/ b)`.
    Forall,
    /// One of the outcomes that were found: `exists (a \/ b)`.
    Exists,
    /// Something else than the outcomes that were found: `~exists (not (a \/ b))` is what `forall` says; this is
    /// `exists (not (a \/ b))`.
    Other,
    /// The outcomes that later logs have and the first one has not.
    Positive,
    /// The outcomes that the first log has and later ones have not.
    Negative,
}

/// The conditions of all tests for which there is one. `Positive` and `Negative` are about the differences of a
/// comparison; the others are about the first log that has the test.
pub fn conditions(comparison: &Comparison, wanted: Wanted) -> String {
    let mut out = String::new();
    for row in &comparison.rows {
        let condition = match wanted {
            Wanted::Positive | Wanted::Negative => difference(comparison, row, wanted),
            _ => {
                let mut tests = (0..comparison.logs.len()).filter_map(|log| comparison.test(row, log));
                tests.find(|test| test.gap.is_none()).and_then(|test| of_test(test, wanted))
            }
        };
        if let Some(condition) = condition {
            out.push_str(&format!("{} \"{condition}\"\n", row.name));
        }
    }
    out
}

fn of_test(test: &LoggedTest, wanted: Wanted) -> Option<String> {
    if wanted == Wanted::Log {
        return test.condition.as_deref().map(str::to_owned);
    }
    let any = disjunction(test.states.iter())?;
    Some(match wanted {
        Wanted::Forall => format!("forall ({any})"),
        Wanted::Other => format!("exists (not ({any}))"),
        _ => format!("exists ({any})"),
    })
}

fn difference(comparison: &Comparison, row: &crate::Row, wanted: Wanted) -> Option<String> {
    let class = if wanted == Wanted::Positive { Class::Positive } else { Class::Negative };
    let mut found: Vec<&LoggedState> = Vec::new();
    for (at, difference) in row.differences.iter().enumerate().filter(|(_, it)| it.classes.has(class)) {
        let (log, which) = match class {
            Class::Positive => (at + 1, &difference.positive),
            _ => (0, &difference.negative),
        };
        let Some(test) = comparison.test(row, log) else { continue };
        for state in which.iter().filter_map(|at| test.states.get(*at)) {
            if !found.iter().any(|known| known.text == state.text) {
                found.push(state);
            }
        }
    }
    disjunction(found.into_iter()).map(|any| format!("exists ({any})"))
}

fn disjunction<'a>(states: impl ExactSizeIterator<Item = &'a LoggedState<'a>>) -> Option<String> {
    let states: Vec<String> = states.map(conjunction).collect();
    (!states.is_empty()).then(|| states.join(" \\/ "))
}

/// A state as a proposition.
fn conjunction(state: &LoggedState) -> String {
    let atoms: Vec<String> = state
        .bindings()
        .map(|(place, value)| match (value.is_empty(), place.strip_prefix('~')) {
            (false, _) => format!("{place}={value}"),
            (true, None) => fault(place),
            (true, Some(fault_text)) => format!("not ({})", fault(fault_text)),
        })
        .collect();
    if atoms.is_empty() { "true".to_owned() } else { atoms.join(" /\\ ") }
}

fn fault(text: &str) -> String {
    text.replacen("Fault(", "fault(", 1)
}
