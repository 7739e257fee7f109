//! Merging logs into one: counts of runs add up, and what any log has seen has been seen.

use litmus::{Kind, Log, LoggedState, LoggedTest, Observation, Outcome, Validation};
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

use crate::NamedLog;
use crate::state::canonical;

/// One log out of all, and the names of the tests that could not be merged, since they are not the same test.
pub fn sum<'a>(logs: &'a [NamedLog<'a>]) -> (Log<'a>, Vec<String>) {
    let mut tests: Vec<LoggedTest<'a>> = Vec::new();
    let mut known: HashMap<&'a str, usize> = HashMap::new();
    let mut refused = Vec::new();
    for test in logs.iter().flat_map(|named| &named.log.tests) {
        match known.get(&*test.name) {
            None => {
                known.insert(&test.name, tests.len());
                tests.push(test.clone());
            }
            Some(&at) if differs(tests[at].hash.as_ref(), test.hash.as_ref()) => {
                refused.push(test.name.to_string());
            }
            Some(&at) => add(&mut tests[at], test),
        }
    }
    (Log { tests, cut: None }, refused)
}

fn differs<T: PartialEq>(first: Option<T>, other: Option<T>) -> bool {
    first.zip(other).is_some_and(|(first, other)| first != other)
}

/// Whether two answers are one answer, found twice.
pub(crate) fn same_answer(first: &LoggedTest, other: &LoggedTest) -> bool {
    let form = |test: &LoggedTest| -> BTreeSet<String> {
        test.states.iter().map(|state| canonical(&mut state.bindings(), None)).collect()
    };
    first.validation == other.validation
        && first.bounded == other.bounded
        && first.observation == other.observation
        && first.flags == other.flags
        && form(first) == form(other)
}

/// Adds what was found for a test to what was found before.
pub(crate) fn add<'a>(into: &mut LoggedTest<'a>, other: &LoggedTest<'a>) {
    if other.gap.is_some() {
        return;
    }
    if into.gap.is_some() {
        *into = other.clone();
        return;
    }
    if !into.histogram && !other.histogram && same_answer(into, other) {
        return;
    }
    add_states(&mut into.states, &other.states);
    into.histogram |= other.histogram;
    into.bounded |= other.bounded;
    into.witnesses = both(into.witnesses, other.witnesses, |(p, n), (q, m)| (p + q, n + m));
    into.observation = both(into.observation, other.observation, add_observations);
    into.validation =
        both(into.validation, other.validation, |left, right| validation(into.kind, left, right));
    for flag in &other.flags {
        if !into.flags.contains(flag) {
            into.flags.push(flag.clone());
        }
    }
    let seconds = |text: &str| text.parse::<f64>().ok();
    let times = into.time.as_deref().and_then(seconds).zip(other.time.as_deref().and_then(seconds));
    into.time = times.map(|(left, right)| format!("{:.2}", left + right).into());
    into.hash = into.hash.take().or_else(|| other.hash.clone());
    into.condition = into.condition.take().or_else(|| other.condition.clone());
}

fn both<T>(first: Option<T>, other: Option<T>, add: impl FnOnce(T, T) -> T) -> Option<T> {
    match (first, other) {
        (Some(first), Some(other)) => Some(add(first, other)),
        (first, other) => first.or(other),
    }
}

fn add_states<'a>(into: &mut Vec<LoggedState<'a>>, other: &[LoggedState<'a>]) {
    let form = |state: &LoggedState| canonical(&mut state.bindings(), None);
    let mut known: HashMap<String, usize> = into.iter().enumerate().map(|(at, it)| (form(it), at)).collect();
    for state in other {
        match known.get(&form(state)) {
            Some(&at) => {
                let count = both(into[at].count, state.count, u64::saturating_add);
                into[at].count = count;
                into[at].marked |= state.marked;
            }
            None => {
                known.insert(form(state), into.len());
                into.push(state.clone());
            }
        }
    }
}

fn add_observations(first: Observation, other: Observation) -> Observation {
    let positive = first.positive.saturating_add(other.positive);
    let negative = first.negative.saturating_add(other.negative);
    let outcome = match (positive, negative) {
        (0, _) => Outcome::Never,
        (_, 0) => Outcome::Always,
        _ => Outcome::Sometimes,
    };
    Observation { outcome, positive, negative }
}

/// What is allowed if any log has seen it, and what holds if it holds in all.
fn validation(kind: Option<Kind>, first: Validation, other: Validation) -> Validation {
    let any = |wanted| first == wanted || other == wanted;
    match kind {
        _ if any(Validation::Undef) => Validation::Undef,
        Some(Kind::Forbidden | Kind::Required) if any(Validation::No) => Validation::No,
        _ if any(Validation::Ok) => Validation::Ok,
        _ => Validation::No,
    }
}

/// Writes a log as text: as litmus7 does where there are counts, and as herd7 does elsewhere. Tests without an answer
/// are left out.
pub fn write_log(log: &Log) -> String {
    let mut out = String::new();
    for test in log.tests.iter().filter(|test| test.gap.is_none()) {
        // A string takes everything.
        let _ = write_test(test, &mut out);
    }
    out
}

fn write_test(test: &LoggedTest, out: &mut String) -> std::fmt::Result {
    let name = &test.name;
    writeln!(out, "Test {name} {}", test.kind.unwrap_or(Kind::Allowed))?;
    write_states(test, out)?;
    let validation = test.validation.map_or("??", Validation::word);
    writeln!(out, "{}{validation}", if test.bounded { "Loop " } else { "" })?;
    let (gap, comma) = if test.histogram { ("\n", ",") } else { ("", "") };
    if let Some((positive, negative)) = test.witnesses {
        writeln!(out, "{gap}Witnesses\nPositive: {positive}{comma} Negative: {negative}")?;
    }
    test.flags.iter().try_for_each(|flag| writeln!(out, "Flag {flag}"))?;
    if let Some(condition) = &test.condition {
        let validated = match (test.histogram, test.validation) {
            (true, Some(Validation::Ok)) => " is validated",
            (true, Some(Validation::No)) => " is NOT validated",
            _ => "",
        };
        writeln!(out, "Condition {condition}{validated}")?;
    }
    if let Some(Observation { outcome, positive, negative }) = test.observation {
        writeln!(out, "Observation {name} {} {positive} {negative}", outcome.word())?;
    }
    if let Some(time) = &test.time {
        writeln!(out, "Time {name} {time}")?;
    }
    if let Some(hash) = &test.hash {
        writeln!(out, "Hash={hash}")?;
    }
    writeln!(out)
}

fn write_states(test: &LoggedTest, out: &mut String) -> std::fmt::Result {
    if !test.histogram {
        writeln!(out, "States {}", test.states.len())?;
        return test.states.iter().try_for_each(|state| writeln!(out, "{}", state.text));
    }
    writeln!(out, "Histogram ({} states)", test.states.len())?;
    for state in &test.states {
        let mark = if state.marked { '*' } else { ':' };
        writeln!(out, "{:<8}{mark}>{}", state.count.unwrap_or(0), state.text)?;
    }
    Ok(())
}
