//! What tests are expected to answer, and whether they do.

use batch::judge::Ask;
use litmus::{Entry, Expectation, Origin, Validation};
use std::collections::BTreeMap;
use std::sync::Arc;
use syntax::Diagnostic;
use turnsole::{Observation, Report, Status, Verdict};

/// Where expectations come from, besides the tests' own comments.
#[derive(Default)]
pub(crate) struct Expectations {
    /// From a file of kinds.
    pub(crate) kinds: Option<BTreeMap<String, litmus::Kind>>,
    /// From a log.
    pub(crate) log: Option<BTreeMap<String, Entry>>,
    /// How closely logs are compared.
    pub(crate) level: Level,
    /// Only the first `Result:` line of each test counts, as for the kernel's scripts.
    pub(crate) kernel: bool,
}

/// How closely a log is compared; each level includes those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Level {
    /// The verdict and the observation.
    Verdict,
    /// The final states.
    States,
    /// How many executions there are, and the flags.
    #[default]
    Counts,
}

/// One thing to run and compare.
pub(crate) struct Case {
    /// What distinguishes it from other cases of the test.
    pub(crate) label: String,
    expect: Expect,
}

enum Expect {
    Said(Expectation),
    Kind(litmus::Kind),
    Log(Box<Entry>, Level),
}

/// How a case went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// As expected.
    Pass,
    /// Not as expected, but the test has the data race that it says it has, so nothing can be expected.
    Forgiven,
    /// Not as expected; these are the differences.
    Fail(Vec<String>),
    /// A limit was hit, and what was found so far does not decide.
    Unknown(String),
    /// It could not be run.
    Error,
}

impl Outcome {
    /// The word that names it.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Outcome::Pass => "pass",
            Outcome::Forgiven => "forgiven",
            Outcome::Fail(_) => "fail",
            Outcome::Unknown(_) => "unknown",
            Outcome::Error => "error",
        }
    }

    /// What is to be said about it.
    pub(crate) fn details(&self) -> Vec<String> {
        match self {
            Outcome::Fail(details) => details.clone(),
            Outcome::Unknown(why) => vec![why.clone()],
            Outcome::Forgiven => vec!["the test has a data race, as it says".to_owned()],
            Outcome::Pass | Outcome::Error => Vec::new(),
        }
    }
}

impl Expectations {
    /// What is expected of a test. Files that were named say it; without any, the comments of the test do.
    pub(crate) fn cases(&self, test: &litmus::Test) -> (Vec<Case>, Vec<Diagnostic>) {
        if self.kernel {
            return result(test);
        }
        if self.kinds.is_none() && self.log.is_none() {
            return said(test);
        }
        let mut cases = Vec::new();
        if let Some(kind) = self.kinds.as_ref().and_then(|kinds| kinds.get(&test.name)) {
            cases.push(Case { label: "kind".to_owned(), expect: Expect::Kind(*kind) });
        }
        if let Some(entry) = self.log.as_ref().and_then(|log| log.get(&test.name)) {
            let expect = Expect::Log(Box::new(entry.clone()), self.level);
            cases.push(Case { label: "log".to_owned(), expect });
        }
        (cases, Vec::new())
    }
}

fn said(test: &litmus::Test) -> (Vec<Case>, Vec<Diagnostic>) {
    let (said, diagnostics) = litmus::expectations(test);
    let known = |said: &Expectation| said.outcome != Some(litmus::Outcome::Maybe);
    let cases =
        said.into_iter().filter(known).map(|said| Case { label: label(&said), expect: Expect::Said(said) });
    (cases.collect(), diagnostics)
}

/// What the first `Result:` line says. `Maybe` wants the test to end, at least.
fn result(test: &litmus::Test) -> (Vec<Case>, Vec<Diagnostic>) {
    let (said, diagnostics) = litmus::expectations(test);
    let first = said.into_iter().find(|said| said.origin == Origin::ResultLine);
    let cases = first.map(|said| Case { label: label(&said), expect: Expect::Said(said) });
    (cases.into_iter().collect(), diagnostics)
}

fn label(said: &Expectation) -> String {
    let mut parts = Vec::new();
    parts.extend(said.model.clone());
    parts.extend(said.variants.iter().cloned());
    parts.extend(said.unroll.map(|unroll| format!("unroll {unroll}")));
    match (said.origin, parts.is_empty()) {
        (Origin::ResultLine, _) => "Result".to_owned(),
        (Origin::Directive, true) => "run".to_owned(),
        (Origin::Directive, false) => parts.join(", "),
    }
}

impl Case {
    /// How the test is to be run.
    pub(crate) fn ask(&self) -> Ask<'_> {
        match &self.expect {
            Expect::Said(said) => {
                Ask { model: said.model.as_deref(), variants: &said.variants, unroll: said.unroll }
            }
            Expect::Kind(_) | Expect::Log(..) => Ask::default(),
        }
    }

    /// Compares what came out with what is expected.
    pub(crate) fn compare(&self, report: &Report) -> Outcome {
        match &report.status {
            Status::Error => return Outcome::Error,
            Status::Timeout => return Outcome::Unknown("it took too long".to_owned()),
            Status::OutOfMemory { limit } => {
                return Outcome::Unknown(format!(
                    "it would take more memory than {}",
                    crate::run::size(*limit)
                ));
            }
            Status::LimitExceeded { what } => return Outcome::Unknown(what.clone()),
            Status::Complete | Status::Bounded { .. } => {}
        }
        let outcome = match &self.expect {
            Expect::Said(said) => compare_said(said, report),
            Expect::Kind(kind) => compare_kind(*kind, report),
            Expect::Log(entry, level) => compare_log(entry, *level, report),
        };
        match (&report.status, outcome) {
            (Status::Bounded { unroll, .. }, Outcome::Pass | Outcome::Fail(_)) if !self.decided(report) => {
                Outcome::Unknown(format!("loops were cut after {unroll} rounds"))
            }
            (_, outcome) => outcome,
        }
    }

    /// Whether more executions could not change the comparison, although loops were cut.
    fn decided(&self, report: &Report) -> bool {
        let (yes, no) = (report.positive > 0, report.negative > 0);
        match &self.expect {
            // Who asks for a bound wants to know what there is within it; a log was made with one.
            Expect::Said(Expectation { unroll: Some(_), .. }) | Expect::Log(..) => true,
            // What was found stays found.
            Expect::Said(said)
                if said.states.is_some() || said.positive.is_some() || said.negative.is_some() =>
            {
                false
            }
            Expect::Said(_) => yes && no,
            Expect::Kind(litmus::Kind::Required) => no,
            Expect::Kind(_) => yes,
        }
    }
}

fn compare_said(said: &Expectation, report: &Report) -> Outcome {
    let mut details = Vec::new();
    let race = |flags: &[String]| flags.iter().any(|flag| flag == "data-race");
    let races = race(&report.flags);
    if said.origin == Origin::ResultLine {
        match (said.flags.as_deref().is_some_and(race), races) {
            (true, false) => details.push("expected a data race, found none".to_owned()),
            (false, true) => details.push("found a data race".to_owned()),
            (true, true) | (false, false) => {}
        }
    } else if let Some(expected) = &said.flags {
        let mut expected = expected.clone();
        expected.sort();
        differ(&mut details, "flags", expected.join(","), report.flags.join(","));
    }
    let expect = |details: &mut Vec<String>, what: &str, expected: Option<u64>, found: u64| {
        if let Some(expected) = expected {
            differ(details, what, expected.to_string(), found.to_string());
        }
    };
    expect(&mut details, "states", said.states, report.states.len() as u64);
    expect(&mut details, "positive", said.positive, report.positive);
    expect(&mut details, "negative", said.negative, report.negative);
    if let Some(hash) = &said.hash {
        differ(&mut details, "hash", hash.clone(), report.hash.clone());
    }
    if let Some(outcome) = said.outcome
        && !outcome_holds(outcome, said.origin, report)
    {
        if said.origin == Origin::ResultLine && details.is_empty() && races {
            return Outcome::Forgiven;
        }
        details.insert(0, format!("expected {}, found {}", outcome.word(), found(report)));
    }
    verdict(details)
}

fn outcome_holds(outcome: litmus::Outcome, origin: Origin, report: &Report) -> bool {
    let observation = report.observation();
    let empty = report.positive == 0 && report.negative == 0;
    match outcome {
        litmus::Outcome::Deadlock => empty,
        // The kernel's scripts take no execution at all for a deadlock.
        _ if origin == Origin::ResultLine && empty => false,
        litmus::Outcome::Never => observation == Some(Observation::Never),
        litmus::Outcome::Sometimes => observation == Some(Observation::Sometimes),
        litmus::Outcome::Always => observation == Some(Observation::Always),
        litmus::Outcome::Maybe => true,
    }
}

/// herd7's rule for files of kinds: what can be observed is allowed.
fn compare_kind(kind: litmus::Kind, report: &Report) -> Outcome {
    let actual = match (report.kind, report.observation()) {
        _ if report.undefined => litmus::Kind::Undefined,
        (turnsole::Kind::Required, Some(Observation::Always)) => litmus::Kind::Required,
        (turnsole::Kind::Required, _) => litmus::Kind::Allowed,
        (_, Some(Observation::Never) | None) => litmus::Kind::Forbidden,
        (_, Some(Observation::Sometimes | Observation::Always)) => litmus::Kind::Allowed,
    };
    if actual == kind {
        return Outcome::Pass;
    }
    Outcome::Fail(vec![format!("expected {}, found {} ({})", kind.word(), actual.word(), found(report))])
}

fn compare_log(entry: &Entry, level: Level, report: &Report) -> Outcome {
    let mut details = Vec::new();
    if let Some(validation) = entry.validation {
        let actual = report.verdict().map(|verdict| match verdict {
            Verdict::Ok => Validation::Ok,
            Verdict::No => Validation::No,
            Verdict::Undefined => Validation::Undef,
        });
        if actual != Some(validation) {
            let actual = report.verdict().map_or("nothing", Verdict::word);
            details.push(format!("expected {validation:?}, found {actual}"));
        }
    }
    if let (Some(expected), Some(actual)) = (&entry.observation, report.observation()) {
        differ(&mut details, "observation", expected.outcome.word().to_owned(), actual.word().to_owned());
    }
    if level >= Level::States {
        compare_states(entry, report, &mut details);
    }
    if level >= Level::Counts {
        if let Some(expected) = &entry.observation {
            let counts = |positive, negative| format!("{positive} : {negative}");
            let actual = counts(report.positive, report.negative);
            differ(&mut details, "executions", counts(expected.positive, expected.negative), actual);
        }
        let mut expected: Vec<&str> =
            entry.flags.iter().map(String::as_str).filter(|flag| *flag != "*undef*").collect();
        expected.sort_unstable();
        let actual: Vec<&str> =
            report.flags.iter().map(String::as_str).filter(|flag| *flag != "*undef*").collect();
        differ(&mut details, "flags", expected.join(","), actual.join(","));
    }
    verdict(details)
}

fn compare_states(entry: &Entry, report: &Report, details: &mut Vec<String>) {
    let line = |bindings: Vec<(String, String)>| {
        let mut items: Vec<String> = bindings.iter().map(|(place, value)| squeeze(place, value)).collect();
        items.sort();
        items.join("; ")
    };
    let mut expected: Vec<String> = entry.states.iter().map(|state| line(state.bindings.clone())).collect();
    let bindings = |values: &[Arc<str>]| {
        report.columns.iter().cloned().zip(values.iter().map(|value| value.to_string())).collect()
    };
    let mut actual: Vec<String> = report.states.iter().map(|state| line(bindings(&state.values))).collect();
    expected.sort();
    actual.sort();
    let list = |name: &str, left: &[String], right: &[String]| {
        let only: Vec<&str> =
            left.iter().filter(|state| right.binary_search(state).is_err()).map(String::as_str).collect();
        (!only.is_empty()).then(|| format!("{name}: {}", only.join(" | ")))
    };
    details.extend(list("missing states", &expected, &actual));
    details.extend(list("unexpected states", &actual, &expected));
}

/// One binding without blanks, so that layout does not matter. Faults have no value.
fn squeeze(place: &str, value: &str) -> String {
    let text = if value.is_empty() { place.to_owned() } else { format!("{place}={value}") };
    text.split_whitespace().collect()
}

fn differ(details: &mut Vec<String>, what: &str, expected: String, actual: String) {
    if expected != actual {
        let or_none = |text: String| if text.is_empty() { "none".to_owned() } else { text };
        details.push(format!("{what}: expected {}, found {}", or_none(expected), or_none(actual)));
    }
}

fn found(report: &Report) -> String {
    let word = report.observation().map_or("nothing", Observation::word);
    format!("{word} {} : {}", report.positive, report.negative)
}

fn verdict(details: Vec<String>) -> Outcome {
    if details.is_empty() { Outcome::Pass } else { Outcome::Fail(details) }
}

#[cfg(test)]
mod tests;
