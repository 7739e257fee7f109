//! Logs of simulators and of runs on hardware, as data.
//!
//! A log is a sequence of tests, each from its `Test NAME Kind` line on. What is not understood is skipped: logs hold
//! warnings and other lines of many tools.

use crate::directives::Outcome;
use crate::lists::Kind;

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
    let mut entries: Vec<Entry> = Vec::new();
    let mut states_left = 0u64;
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("Test ") {
            entries.push(first_line(rest));
            states_left = 0;
            continue;
        }
        let Some(entry) = entries.last_mut() else { continue };
        if states_left > 0 {
            states_left -= 1;
            entry.states.push(state(line));
        } else if let Some(count) = line.strip_prefix("States ").or_else(|| histogram(line)) {
            states_left = count.trim().parse().unwrap_or(0);
        } else {
            other_line(entry, line);
        }
    }
    entries
}

fn first_line(rest: &str) -> Entry {
    let rest = rest.trim_end();
    let (name, kind) = match rest.rsplit_once(' ') {
        Some((name, word)) if Kind::from_word(word).is_some() => (name, Kind::from_word(word)),
        _ => (rest, None),
    };
    Entry {
        name: name.trim().to_owned(),
        kind,
        states: Vec::new(),
        validation: None,
        cut: false,
        witnesses: None,
        flags: Vec::new(),
        condition: None,
        observation: None,
        hash: None,
    }
}

/// `Histogram (3 states)`
fn histogram(line: &str) -> Option<&str> {
    line.strip_prefix("Histogram (")?.strip_suffix("states)")
}

/// `1000  *>0:X1=1; [x]=2;`: a count, if there is one, and bindings.
fn state(line: &str) -> State {
    let mut rest = line.trim_start();
    let mut count = None;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let mark = rest[digits..].trim_start();
    if let Some(behind) = mark.strip_prefix(":>").or_else(|| mark.strip_prefix("*>")) {
        count = rest[..digits].parse().ok();
        rest = behind;
    }
    let mut bindings: Vec<(String, String)> = split_bindings(rest).map(binding).collect();
    bindings.sort();
    State { count, bindings }
}

/// Splits at `;` outside strings.
fn split_bindings(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        c == ';' && !quoted
    })
    .map(str::trim)
    .filter(|item| !item.is_empty())
}

fn binding(item: &str) -> (String, String) {
    match item.split_once('=') {
        Some((place, value)) if !item.contains("ault(") => (place.trim().to_owned(), value.trim().to_owned()),
        _ => (item.to_owned(), String::new()),
    }
}

fn other_line(entry: &mut Entry, line: &str) {
    let word_end = line.find([' ', '=']).unwrap_or(line.len());
    let (word, rest) = line.split_at(word_end);
    let rest = rest.trim_start_matches([' ', '=']);
    match word {
        "Ok" | "No" | "Undef" => entry.validation = validation(word),
        "Loop" => {
            entry.cut = true;
            entry.validation = validation(rest.trim());
        }
        "Positive:" => entry.witnesses = witnesses(rest),
        "Flag" => entry.flags.push(rest.trim().to_owned()),
        "Condition" => {
            // Runs on hardware say “is validated” behind it.
            let condition =
                rest.trim().trim_end_matches(" is validated").trim_end_matches(" is NOT validated");
            entry.condition = Some(condition.to_owned());
        }
        "Observation" => entry.observation = observation(rest),
        "Hash" => entry.hash = Some(rest.trim().to_owned()),
        _ => {}
    }
}

fn validation(word: &str) -> Option<Validation> {
    match word {
        "Ok" => Some(Validation::Ok),
        "No" => Some(Validation::No),
        "Undef" => Some(Validation::Undef),
        _ => None,
    }
}

/// `1 Negative: 2`, or `1, Negative: 2`.
fn witnesses(rest: &str) -> Option<(u64, u64)> {
    let (positive, negative) = rest.split_once("Negative:")?;
    Some((positive.trim().trim_end_matches(',').parse().ok()?, negative.trim().parse().ok()?))
}

/// `NAME Never 0 3`; names may hold blanks.
fn observation(rest: &str) -> Option<Observation> {
    let mut words = rest.split_whitespace().rev();
    let negative = words.next()?.parse().ok()?;
    let positive = words.next()?.parse().ok()?;
    let outcome = Outcome::from_word(words.next()?)?;
    Some(Observation { outcome, positive, negative })
}
