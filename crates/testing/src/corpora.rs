//! Litmus tests with the logs that another simulator printed for them.
//!
//! A corpus is a folder with `tests/@all` (a list of files), `expected.log` (a log in herd7's format) and `options` (the
//! options of herd7 it was made with). Corpora are not part of the project; where they are found, they are run.

use litmus::Entry;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// `tests/corpora.toml`: where we know that we differ, and why.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// By corpus.
    #[serde(default)]
    pub corpus: BTreeMap<String, Corpus>,
}

/// What is known about one corpus.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Corpus {
    /// Why it is not run at all, if it isn't.
    pub not_run: Option<String>,
    /// The tests for which our answer differs.
    #[serde(default)]
    pub differs: Vec<Differs>,
}

/// Tests that differ for one reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Differs {
    /// The reason.
    pub because: String,
    /// Names of tests, as logs print them.
    pub tests: Vec<String>,
}

impl Known {
    /// Reads the list of the checkout.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn read() -> Result<Known, String> {
        let path = crate::root().join("tests/corpora.toml");
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        basic_toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
    }
}

/// The folder of the corpora: what `TURNSOLE_CORPORA` names, or `shared/corpus` beside the checkout.
pub fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("TURNSOLE_CORPORA").map(PathBuf::from);
    named.or_else(|| Some(crate::root().join("../shared/corpus"))).filter(|path| path.is_dir())
}

/// The log that we print for a corpus.
///
/// # Errors
/// When a file of the corpus can't be read.
pub fn log(folder: &Path) -> Result<String, String> {
    let read = |path: PathBuf| {
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let options = read(folder.join("options")).unwrap_or_default();
    let mut arguments: Vec<OsString> = options.split_whitespace().map(OsString::from).collect();
    arguments.push(folder.join("tests/@all").into());
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let streams = herd::Streams { input: Box::new(std::io::empty()), out: &mut out, err: &mut err };
    let _status = herd::main(&arguments, streams);
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// The differences between what is expected of a corpus and a log: a line for each test that differs without our
/// knowing, or agrees against our knowing.
pub fn compare(expected: &str, log: &str, known: &[Differs]) -> Vec<String> {
    let found: BTreeMap<String, Entry> =
        litmus::read_log(log).into_iter().map(|entry| (entry.name.clone(), entry)).collect();
    let known: BTreeSet<&str> = known.iter().flat_map(|differs| &differs.tests).map(String::as_str).collect();
    let mut lines = Vec::new();
    let mut seen = BTreeSet::new();
    for expected in litmus::read_log(expected) {
        if !seen.insert(expected.name.clone()) {
            continue;
        }
        let difference = match found.get(&expected.name) {
            Some(found) => difference(&expected, found),
            None => Some("no answer".to_owned()),
        };
        match (difference, known.contains(expected.name.as_str())) {
            (Some(difference), false) => lines.push(format!("{}: {difference}", expected.name)),
            (None, true) => lines.push(format!("{}: agrees now; take it off the list", expected.name)),
            (Some(_), true) | (None, false) => {}
        }
    }
    let unknown = known.iter().filter(|name| !seen.contains(**name));
    lines.extend(unknown.map(|name| format!("{name}: is on the list, but not in the corpus")));
    lines
}

/// How two answers differ, hashes and the order of lines aside.
fn difference(expected: &Entry, found: &Entry) -> Option<String> {
    let word = |entry: &Entry| {
        let observation = entry.observation.map_or("nothing", |observation| observation.outcome.word());
        format!("{:?} {observation}", entry.validation)
    };
    let both = |what: &str, left: String, right: String| {
        (left != right).then(|| format!("{what}: expected {left}, found {right}"))
    };
    both("verdict", word(expected), word(found))
        .or_else(|| both("states", states(expected), states(found)))
        .or_else(|| both("executions", format!("{:?}", expected.witnesses), format!("{:?}", found.witnesses)))
        .or_else(|| both("flags", flags(expected), flags(found)))
}

fn states(entry: &Entry) -> String {
    let binding = |(place, value): &(String, String)| format!("{place}={value};").replace(' ', "");
    let line = |state: &litmus::State| state.bindings.iter().map(binding).collect::<String>();
    let all: BTreeSet<String> = entry.states.iter().map(line).collect();
    all.into_iter().collect::<Vec<_>>().join(" | ")
}

fn flags(entry: &Entry) -> String {
    let all: BTreeSet<&str> = entry.flags.iter().map(String::as_str).collect();
    all.into_iter().collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "Test SB Allowed\nStates 2\n0:EAX=0; 1:EAX=0;\n0:EAX=0; 1:EAX=1;\nOk\nWitnesses\n\
        Positive: 1 Negative: 1\nCondition exists (0:EAX=0 /\\ 1:EAX=0)\nObservation SB Sometimes 1 1\n";

    #[test]
    fn differences_are_found_and_known_ones_forgiven() {
        let known = [Differs { because: "of a reason".to_owned(), tests: vec!["SB".to_owned()] }];
        let other = LOG.replace("1:EAX=1", "1:EAX=2");
        assert_eq!(compare(LOG, LOG, &[]), Vec::<String>::new());
        assert_eq!(compare(LOG, &other, &[]).len(), 1);
        assert_eq!(compare(LOG, &other, &known), Vec::<String>::new());
        assert_eq!(compare(LOG, LOG, &known), ["SB: agrees now; take it off the list"]);
        assert_eq!(compare(LOG, "", &[]), ["SB: no answer"]);
    }

    #[test]
    fn the_list_can_be_read() {
        Known::read().unwrap();
    }
}
