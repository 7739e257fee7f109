//! Logs of simulators and of runs on hardware, as data.
//!
//! A log is a sequence of tests, each from its `Test NAME Kind` line on. What is not understood is skipped: logs hold
//! warnings and other lines of many tools.

mod reader;

use crate::directives::Outcome;
use crate::lists::Kind;
pub use reader::{Gap, Log, LoggedState, LoggedTest};

/// What a log says about one test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name.
    pub name: String,
    /// The kind on the first line.
    pub kind: Option<Kind>,
    /// The final states in the log's order.
    pub states: Vec<State>,
    /// `Ok`, `No` or `Undef`.
    pub validation: Option<Validation>,
    /// Whether a loop was cut: `Loop Ok`.
    pub cut: bool,
    /// `Positive: p Negative: q`
    pub witnesses: Option<(u64, u64)>,
    /// The `Flag` lines.
    pub flags: Vec<String>,
    /// The `Condition` line without its first word.
    pub condition: Option<String>,
    /// `Observation NAME Never p q`
    pub observation: Option<Observation>,
    /// The `Hash=` line.
    pub hash: Option<String>,
}

/// A line of final values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct State {
    /// How often hardware saw it.
    pub count: Option<u64>,
    /// `0:X1=1`, `[x]=2`, `Fault(P0:L0,x)`, `~fault(P0,x)`: the place and the value, sorted by place; faults have an
    /// empty value.
    pub bindings: Vec<(String, String)>,
}

/// The answer to the question of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validation {
    /// The condition is validated.
    Ok,
    /// It isn't.
    No,
    /// The test has no defined behaviour.
    Undef,
}

/// The line for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The word.
    pub outcome: Outcome,
    /// How many executions satisfy the proposition.
    pub positive: u64,
    /// How many don't.
    pub negative: u64,
}

/// Reads a log.
pub fn read_log(text: &str) -> Vec<Entry> {
    Log::read(text).tests.into_iter().map(Entry::from).collect()
}

impl From<LoggedTest<'_>> for Entry {
    fn from(test: LoggedTest<'_>) -> Entry {
        Entry {
            name: test.name.into_owned(),
            kind: test.kind,
            states: test.states.iter().map(State::from).collect(),
            validation: test.validation,
            cut: test.bounded,
            witnesses: test.witnesses,
            flags: test.flags.into_iter().map(Into::into).collect(),
            condition: test.condition.map(Into::into),
            observation: test.observation,
            hash: test.hash.map(Into::into),
        }
    }
}

impl From<&LoggedState<'_>> for State {
    fn from(state: &LoggedState<'_>) -> State {
        let owned = |(place, value): (&str, &str)| (place.to_owned(), value.to_owned());
        let mut bindings: Vec<(String, String)> = state.bindings().map(owned).collect();
        bindings.sort();
        State { count: state.count, bindings }
    }
}

/// Splits at `;` outside strings.
fn split_bindings(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        c == ';' && !quoted
    })
    .map(str::trim_ascii)
    .filter(|item| !item.is_empty())
}

fn binding(item: &str) -> (&str, &str) {
    let may_be_fault = matches!(item.as_bytes().first(), Some(b'F' | b'f' | b'~'));
    if may_be_fault && item.contains("ault(") {
        return (item, "");
    }
    let equals = item.bytes().position(|byte| byte == b'=');
    equals.map_or((item, ""), |at| (item[..at].trim_ascii_end(), item[at + 1..].trim_ascii_start()))
}

impl Validation {
    /// As logs write it.
    pub fn word(self) -> &'static str {
        match self {
            Validation::Ok => "Ok",
            Validation::No => "No",
            Validation::Undef => "Undef",
        }
    }
}
