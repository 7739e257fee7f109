//! Reading a log line by line, without copying.
//!
//! A test starts with `Test NAME Kind`. Then come `States N` or `Histogram (N states)` and that many states, the
//! verdict, and lines that start with a known word. Whatever else there is (programs, warnings, parameters of
//! machines) is skipped.

use std::borrow::Cow;

use super::{Observation, Validation};
use crate::directives::Outcome;
use crate::lists::Kind;

/// A log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log<'a> {
    /// The tests in the log's order.
    pub tests: Vec<LoggedTest<'a>>,
    /// The number of the line at which the log breaks off in the middle of a test, if it does.
    pub cut: Option<usize>,
}

/// What a log says about one test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoggedTest<'a> {
    /// The name.
    pub name: Cow<'a, str>,
    /// The number of the test's first line.
    pub line: usize,
    /// The kind on the first line.
    pub kind: Option<Kind>,
    /// Whether the states are a histogram of runs.
    pub histogram: bool,
    /// The final states in the log's order.
    pub states: Vec<LoggedState<'a>>,
    /// `Ok`, `No` or `Undef`.
    pub validation: Option<Validation>,
    /// Whether a loop was cut: `Loop Ok`.
    pub bounded: bool,
    /// `Positive: p Negative: q`
    pub witnesses: Option<(u64, u64)>,
    /// The `Flag` lines.
    pub flags: Vec<Cow<'a, str>>,
    /// The `Condition` line without its first word.
    pub condition: Option<Cow<'a, str>>,
    /// `Observation NAME Never p q`
    pub observation: Option<Observation>,
    /// The seconds of the `Time` line, as written.
    pub time: Option<Cow<'a, str>>,
    /// The `Hash=` line.
    pub hash: Option<Cow<'a, str>>,
    /// Why there is no whole answer, if there isn't.
    pub gap: Option<Gap>,
}

/// A line of final values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoggedState<'a> {
    /// How often it was seen.
    pub count: Option<u64>,
    /// Whether the log marks it as a witness: `*>`.
    pub marked: bool,
    /// `0:X1=1; [x]=2;`, trimmed.
    pub text: Cow<'a, str>,
}

/// Why there is no answer to a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// The log breaks off in the test, or goes on with another one.
    Cut,
    /// The log says why.
    Said(String),
}

impl<'a> Log<'a> {
    /// Reads a log. What is not understood is skipped; a text that is no log has no tests.
    pub fn read(text: &'a str) -> Log<'a> {
        let mut reader = Reader::default();
        let mut rest = text;
        while !rest.is_empty() {
            reader.number += 1;
            let (line, behind) = match rest.find('\n') {
                Some(end) => (&rest[..end], &rest[end + 1..]),
                None => (rest, ""),
            };
            reader.line(line.strip_suffix('\r').unwrap_or(line));
            rest = behind;
        }
        reader.finish(text.ends_with('\n'))
    }

    /// Whether there is anything in it that a log has.
    pub fn is_log(&self) -> bool {
        self.tests.iter().any(|test| test.kind.is_some() || !test.states.is_empty())
    }
}

impl LoggedState<'_> {
    /// The places and their values, in the order of the line. Faults have an empty value.
    pub fn bindings(&self) -> impl Iterator<Item = (&str, &str)> {
        super::split_bindings(&self.text).map(super::binding)
    }
}

/// The kinds of lines that a test can have.
mod seen {
    pub(super) const STATES: u8 = 1;
    pub(super) const VALIDATION: u8 = 2;
    pub(super) const WITNESSES: u8 = 4;
    pub(super) const CONDITION: u8 = 8;
    pub(super) const OBSERVATION: u8 = 16;
    pub(super) const TIME: u8 = 32;
    pub(super) const HASH: u8 = 64;
}

#[derive(Default)]
struct Reader<'a> {
    log: Log<'a>,
    /// The number of the present line.
    number: usize,
    /// How many states are still to come.
    states_left: u64,
    /// Which lines the present test has had.
    seen: u8,
    /// Which lines the test before it has had.
    seen_before: u8,
    /// What the last line was; 0 if nothing that matters.
    last: u8,
    /// Whether the last line is the beginning of one that matters.
    last_is_broken: bool,
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a str) {
        self.last = 0;
        self.last_is_broken = false;
        if let Some(test) = line.strip_prefix("Test ").and_then(first_line) {
            self.end_test(0);
            let line = self.number;
            self.log.tests.push(LoggedTest { line, ..test });
            return;
        }
        if self.log.tests.is_empty() {
            return;
        }
        if self.states_left > 0 && !ends_states(line) {
            self.state(line);
        } else if self.seen & seen::STATES == 0
            && let Some(count) = states_head(line)
        {
            self.states_left = count;
            self.present(seen::STATES).histogram = line.starts_with('H');
        } else {
            self.other(line);
        }
    }

    /// The present test, which has this kind of line.
    fn present(&mut self, line: u8) -> &mut LoggedTest<'a> {
        self.seen |= line;
        self.last = line;
        let at = self.log.tests.len() - 1;
        &mut self.log.tests[at]
    }

    fn state(&mut self, line: &'a str) {
        self.states_left -= 1;
        let state = state(line);
        self.present(seen::STATES).states.push(state);
    }

    fn other(&mut self, line: &'a str) {
        let word_end = line.bytes().position(|byte| matches!(byte, b' ' | b'=')).unwrap_or(line.len());
        let (word, rest) = line.split_at(word_end);
        let rest = rest.trim_start_matches([' ', '=']).trim_end();
        match word {
            "Ok" | "No" | "Undef" | "Succeeded" | "Failed" if rest.is_empty() => {
                self.present(seen::VALIDATION).validation = validation(word);
            }
            "??" | "Run" if rest.is_empty() => {
                self.present(seen::VALIDATION);
            }
            "Loop" => {
                let test = self.present(seen::VALIDATION);
                test.bounded = true;
                test.validation = validation(rest);
            }
            "Positive:" => {
                if let Some(counts) = witnesses(rest) {
                    self.present(seen::WITNESSES).witnesses = Some(counts);
                }
            }
            "Flag" => self.present(0).flags.push(rest.into()),
            "Condition" => self.present(seen::CONDITION).condition = Some(condition(rest).into()),
            "Observation" => {
                if let Some(observation) = observation(rest) {
                    self.present(seen::OBSERVATION).observation = Some(observation);
                }
            }
            "Time" => {
                let seconds = rest.rsplit(' ').next().unwrap_or("");
                self.present(seen::TIME).time = Some(seconds.into());
            }
            "Hash" => self.present(seen::HASH).hash = Some(rest.into()),
            _ => self.last_is_broken = starts_known_line(line),
        }
    }

    /// Ends the present test, if there is one. It is cut if it has less than every answer has, or than `wanted`.
    fn end_test(&mut self, wanted: u8) {
        let Some(test) = self.log.tests.last_mut() else { return };
        let verdict = seen::VALIDATION | seen::OBSERVATION;
        if self.states_left > 0
            || self.seen & seen::STATES == 0
            || self.seen & verdict == 0
            || self.seen & wanted != wanted
        {
            test.gap = Some(Gap::Cut);
        }
        self.seen_before = self.seen;
        self.seen = 0;
        self.states_left = 0;
    }

    /// Ends the log. The last test should have what the one before it has, and its last line should be whole.
    fn finish(mut self, ends_with_line: bool) -> Log<'a> {
        if self.log.tests.is_empty() {
            return self.log;
        }
        if !ends_with_line {
            self.distrust_last_line();
        }
        self.last_is_broken &= !ends_with_line;
        let wanted = match self.log.tests.len() {
            // All programs that say how many witnesses there are make an observation of it.
            1 if self.seen & seen::WITNESSES != 0 => seen::OBSERVATION,
            1 => 0,
            _ => self.seen_before & !(seen::HASH | seen::TIME),
        };
        self.end_test(wanted);
        let is_cut = self.log.tests.last().is_some_and(|test| test.gap.is_some());
        if is_cut || self.last_is_broken {
            self.log.cut = Some(self.number);
        }
        self.log
    }

    /// The last line has no end: what it says may be only half of it.
    fn distrust_last_line(&mut self) {
        let line = self.last;
        let Some(test) = self.log.tests.last_mut() else { return };
        match line {
            seen::OBSERVATION => {
                let counts = test.observation.map(|seen| (seen.positive, seen.negative));
                let swapped = counts.map(|(positive, negative)| (negative, positive));
                let agrees = |known| Some(known) == counts || Some(known) == swapped;
                if !test.witnesses.is_some_and(agrees) {
                    test.observation = None;
                    self.seen &= !seen::OBSERVATION;
                    // Even if no other line of the kind is wanted.
                    self.seen &= !seen::VALIDATION;
                }
            }
            seen::WITNESSES => {
                test.witnesses = None;
                self.seen &= !seen::VALIDATION;
            }
            seen::CONDITION => self.seen &= !seen::VALIDATION,
            seen::HASH if !test.hash.as_ref().is_some_and(|hash| is_hash(hash)) => {
                test.hash = None;
                self.last_is_broken = true;
            }
            _ => {}
        }
    }
}

/// Whether this is the beginning of a line that matters. Lines can be cut.
fn starts_known_line(text: &str) -> bool {
    let starts =
        ["Test ", "Witnesses", "Positive: ", "Flag ", "Condition ", "Observation ", "Time ", "Hash="];
    !text.is_empty() && starts.iter().any(|start| start.starts_with(text) && *start != text)
}

fn is_hash(text: &str) -> bool {
    text == "NOHASH" || (text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn first_line(rest: &str) -> Option<LoggedTest<'_>> {
    let rest = rest.trim();
    let (name, kind) = match rest.rsplit_once(' ') {
        Some((name, word)) if Kind::from_word(word).is_some() => (name, Kind::from_word(word)),
        _ => (rest, None),
    };
    let name = name.trim();
    (!name.is_empty()).then(|| LoggedTest { name: name.into(), kind, ..LoggedTest::default() })
}

/// `States 3`, `Histogram (3 states)`
fn states_head(line: &str) -> Option<u64> {
    let count = match line.strip_prefix("States ") {
        Some(count) => count,
        None => line.strip_prefix("Histogram (")?.trim_end().strip_suffix("states)")?,
    };
    count.trim().parse().ok()
}

/// Whether this line can't be a state, although more are to come: the log has lost some.
fn ends_states(line: &str) -> bool {
    matches!(line, "Ok" | "No" | "Undef" | "Witnesses" | "Loop Ok" | "Loop No")
        || line.starts_with("Observation ")
        || line.starts_with("Positive: ")
}

/// `1000  *>0:X1=1; [x]=2;`: a count, if there is one, and bindings.
fn state(line: &str) -> LoggedState<'_> {
    let line = line.trim();
    let digits = line.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(line.len());
    let mark = line[digits..].trim_start();
    let (marked, behind) = match (mark.strip_prefix(":>"), mark.strip_prefix("*>")) {
        (Some(behind), _) => (false, behind),
        (None, Some(behind)) => (true, behind),
        (None, None) => return LoggedState { count: None, marked: false, text: line.into() },
    };
    LoggedState { count: line[..digits].parse().ok(), marked, text: behind.trim_start().into() }
}

fn validation(word: &str) -> Option<Validation> {
    match word {
        "Ok" | "Succeeded" => Some(Validation::Ok),
        "No" | "Failed" => Some(Validation::No),
        "Undef" => Some(Validation::Undef),
        _ => None,
    }
}

/// `1 Negative: 2`, or `1, Negative: 2`.
fn witnesses(rest: &str) -> Option<(u64, u64)> {
    let (positive, negative) = rest.split_once("Negative:")?;
    Some((positive.trim().trim_end_matches(',').parse().ok()?, negative.trim().parse().ok()?))
}

/// Runs on hardware say “is validated” behind a condition.
fn condition(rest: &str) -> &str {
    rest.trim_end_matches(" is validated").trim_end_matches(" is NOT validated")
}

/// `NAME Never 0 3`; names may hold blanks.
fn observation(rest: &str) -> Option<Observation> {
    let mut words = rest.split_whitespace().rev();
    let negative = words.next()?.parse().ok()?;
    let positive = words.next()?.parse().ok()?;
    let outcome = Outcome::from_word(words.next()?)?;
    Some(Observation { outcome, positive, negative })
}
