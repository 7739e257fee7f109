//! What differs between logs. The first log is the one that the others are compared with.

use litmus::{Gap, Log, LoggedTest};
use std::collections::HashMap;

use crate::NamedLog;
use crate::state::canonical;

/// How closely logs are compared; each level includes those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The kind, the verdict and the observation.
    Verdict,
    /// The final states, and the flags.
    #[default]
    States,
    /// How many executions there are, or how often states were seen.
    Counts,
}

/// A kind of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// An outcome that the first log does not have.
    Positive,
    /// An outcome of the first log that the other one does not have.
    Negative,
    /// The kind, the verdict, whether loops were cut, or the observation.
    Verdict,
    /// The flags.
    Flags,
    /// Numbers of executions.
    Counts,
    /// The hash: the tests have one name, but are not the same.
    Hash,
    /// Only one of the logs has an answer to the test.
    Missing,
    /// Both logs have the test, and none has an answer.
    Unknown,
}

impl Class {
    /// All of them, in the order in which they are written.
    pub const ALL: [Class; 8] = [
        Class::Positive,
        Class::Negative,
        Class::Verdict,
        Class::Flags,
        Class::Counts,
        Class::Hash,
        Class::Missing,
        Class::Unknown,
    ];

    /// The word that names it.
    pub fn word(self) -> &'static str {
        match self {
            Class::Positive => "positive",
            Class::Negative => "negative",
            Class::Verdict => "verdict",
            Class::Flags => "flags",
            Class::Counts => "counts",
            Class::Hash => "hash",
            Class::Missing => "missing",
            Class::Unknown => "unknown",
        }
    }
}

/// A set of classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Classes(u16);

impl Classes {
    /// All classes.
    pub const ALL: Classes = Classes(u16::MAX);

    /// Whether the class is in the set.
    pub fn has(self, class: Class) -> bool {
        self.0 & (1 << class as u16) != 0
    }

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The classes in the set.
    pub fn iter(self) -> impl Iterator<Item = Class> {
        Class::ALL.into_iter().filter(move |class| self.has(*class))
    }

    /// The set without a class.
    #[must_use]
    pub fn without(self, class: Class) -> Classes {
        Classes(self.0 & !(1 << class as u16))
    }

    fn add(&mut self, class: Class, holds: bool) {
        self.0 |= u16::from(holds) << class as u16;
    }

    fn common(self, other: Classes) -> Classes {
        Classes(self.0 & other.0)
    }
}

impl FromIterator<Class> for Classes {
    fn from_iter<I: IntoIterator<Item = Class>>(classes: I) -> Classes {
        let mut set = Classes::default();
        classes.into_iter().for_each(|class| set.add(class, true));
        set
    }
}

/// How logs are compared.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How closely.
    pub level: Level,
    /// Which differences count.
    pub only: Classes,
    /// Numbers are equal if they are equal modulo two to this power.
    pub bits: Option<u32>,
}

impl Default for Options {
    fn default() -> Options {
        Options { level: Level::default(), only: Classes::ALL, bits: None }
    }
}

/// What differs between the first log and another one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// In which way they differ.
    pub classes: Classes,
    /// The outcomes that only the other log has: where they are among its states.
    pub positive: Vec<usize>,
    /// The outcomes that only the first log has: where they are among its states.
    pub negative: Vec<usize>,
}

/// One test in all logs.
#[derive(Clone, Debug)]
pub struct Row {
    /// The test's name.
    pub name: String,
    /// Where each log has it.
    pub tests: Vec<Option<usize>>,
    /// What differs between the first log and each of the others.
    pub differences: Vec<Difference>,
}

impl Row {
    /// Whether anything differs.
    pub fn differs(&self) -> bool {
        self.differences.iter().any(|difference| !difference.classes.is_empty())
    }

    /// Whether there is a difference of this class.
    pub fn has(&self, class: Class) -> bool {
        self.differences.iter().any(|difference| difference.classes.has(class))
    }
}

/// How many tests of another log differ from the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Tests that one of the two logs has.
    pub tests: usize,
    /// Tests that don't differ.
    pub same: usize,
    /// Tests that only the first log has an answer to.
    pub only_first: usize,
    /// Tests that only the other log has an answer to.
    pub only_other: usize,
    /// Tests by class.
    pub by_class: [usize; Class::ALL.len()],
}

impl Summary {
    /// How many tests differ.
    pub fn different(&self) -> usize {
        self.tests - self.same
    }
}

/// What differs between logs.
#[derive(Clone, Debug)]
pub struct Comparison<'l> {
    /// The logs.
    pub logs: &'l [NamedLog<'l>],
    /// The tests, in the order of the first log, then of the others.
    pub rows: Vec<Row>,
    /// One for each log but the first.
    pub summaries: Vec<Summary>,
}

/// Compares every log with the first. Each test is at most once in a log.
pub fn compare<'l>(logs: &'l [NamedLog<'l>], options: Options) -> Comparison<'l> {
    let mut rows = align(logs);
    let mut summaries = vec![Summary::default(); logs.len().saturating_sub(1)];
    for row in &mut rows {
        let answer = |log: usize| row.tests[log].map(|at| &logs[log].log.tests[at]);
        let first = answer(0);
        let mut cache = None;
        row.differences = (1..logs.len())
            .map(|log| {
                let other = answer(log);
                let mut difference = differ(first, other, options, &mut cache);
                difference.classes = difference.classes.common(options.only);
                difference
            })
            .collect();
        for (at, (difference, summary)) in row.differences.iter().zip(&mut summaries).enumerate() {
            count(summary, first, answer(at + 1), difference);
        }
    }
    Comparison { logs, rows, summaries }
}

/// The tests of all logs, with where they are.
fn align(logs: &[NamedLog]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for (log, named) in logs.iter().enumerate() {
        for (at, test) in named.log.tests.iter().enumerate() {
            let row = *known.entry(&test.name).or_insert_with(|| {
                let tests = vec![None; logs.len()];
                rows.push(Row { name: test.name.to_string(), tests, differences: Vec::new() });
                rows.len() - 1
            });
            rows[row].tests[log] = Some(at);
        }
    }
    rows
}

fn count(summary: &mut Summary, first: Option<&LoggedTest>, other: Option<&LoggedTest>, found: &Difference) {
    if first.is_none() && other.is_none() {
        return;
    }
    summary.tests += 1;
    summary.same += usize::from(found.classes.is_empty());
    for (class, number) in Class::ALL.into_iter().zip(&mut summary.by_class) {
        *number += usize::from(found.classes.has(class));
    }
    if found.classes.has(Class::Missing) {
        let in_first = first.is_some_and(|test| test.gap.is_none());
        summary.only_first += usize::from(in_first);
        summary.only_other += usize::from(!in_first);
    }
}

/// Canonical states, sorted, with where they are.
type States = Vec<(String, usize)>;

fn differ(
    first: Option<&LoggedTest>,
    other: Option<&LoggedTest>,
    options: Options,
    cache: &mut Option<States>,
) -> Difference {
    let mut difference = Difference::default();
    let answered = |test: Option<&LoggedTest>| test.is_some_and(|test| test.gap.is_none());
    let (Some(first), Some(other)) = (first, other) else {
        difference.classes.add(Class::Missing, answered(first) || answered(other));
        difference.classes.add(Class::Unknown, differ_in_gaps(first, other));
        return difference;
    };
    let classes = &mut difference.classes;
    classes.add(Class::Hash, both_differ(first.hash.as_ref(), other.hash.as_ref()));
    match (&first.gap, &other.gap) {
        (None, None) => {}
        (Some(_), Some(_)) => {
            classes.add(Class::Unknown, true);
            return difference;
        }
        (Some(_), None) | (None, Some(_)) => {
            classes.add(Class::Missing, true);
            return difference;
        }
    }
    classes.add(Class::Verdict, verdict_differs(first, other));
    if options.level >= Level::States {
        classes.add(Class::Flags, flags_differ(first, other));
        if !same_lines(first, other) {
            let known = cache.get_or_insert_with(|| states(first, options.bits));
            split(&mut difference, known, &states(other, options.bits));
        }
    }
    if options.level >= Level::Counts {
        difference.classes.add(Class::Counts, counts_differ(first, other));
    }
    difference
}

/// Whether the one log that has the test has no answer to it.
fn differ_in_gaps(first: Option<&LoggedTest>, other: Option<&LoggedTest>) -> bool {
    first.or(other).is_some_and(|test| test.gap.is_some())
}

fn both_differ<T: PartialEq>(first: Option<T>, other: Option<T>) -> bool {
    first.zip(other).is_some_and(|(first, other)| first != other)
}

fn verdict_differs(first: &LoggedTest, other: &LoggedTest) -> bool {
    let outcome = |test: &LoggedTest| test.observation.map(|observation| observation.outcome);
    both_differ(first.kind, other.kind)
        || both_differ(first.validation, other.validation)
        || first.bounded != other.bounded
        || both_differ(outcome(first), outcome(other))
}

fn flags_differ(first: &LoggedTest, other: &LoggedTest) -> bool {
    first.flags != other.flags && {
        let sorted = |test: &LoggedTest| {
            let mut flags: Vec<String> = test.flags.iter().map(|flag| flag.to_string()).collect();
            flags.sort_unstable();
            flags.dedup();
            flags
        };
        sorted(first) != sorted(other)
    }
}

fn counts_differ(first: &LoggedTest, other: &LoggedTest) -> bool {
    let counts = |test: &LoggedTest| {
        let observed = test.observation.map(|observation| (observation.positive, observation.negative));
        observed.or(test.witnesses)
    };
    both_differ(counts(first), counts(other))
}

/// Whether the states are written in the same way and order, as one program writes them.
fn same_lines(first: &LoggedTest, other: &LoggedTest) -> bool {
    first.states.len() == other.states.len()
        && first.states.iter().zip(&other.states).all(|(first, other)| first.text == other.text)
}

fn states(test: &LoggedTest, bits: Option<u32>) -> States {
    let texts =
        test.states.iter().enumerate().map(|(at, state)| (canonical(&mut state.bindings(), bits), at));
    let mut states: States = texts.collect();
    states.sort_unstable();
    states.dedup_by(|left, right| left.0 == right.0);
    states
}

/// Finds what only one of the lists has.
fn split(difference: &mut Difference, first: &States, other: &States) {
    let (mut left, mut right) = (first.iter().peekable(), other.iter().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (None, None) => break,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some((a, _)), Some((b, _))) => a.cmp(b),
        };
        match order {
            std::cmp::Ordering::Less => difference.negative.extend(left.next().map(|(_, at)| *at)),
            std::cmp::Ordering::Greater => difference.positive.extend(right.next().map(|(_, at)| *at)),
            std::cmp::Ordering::Equal => {
                left.next();
                right.next();
            }
        }
    }
    difference.negative.sort_unstable();
    difference.positive.sort_unstable();
    let Difference { classes, positive, negative } = difference;
    classes.add(Class::Positive, !positive.is_empty());
    classes.add(Class::Negative, !negative.is_empty());
}

impl<'l> Comparison<'l> {
    /// The test of a row in one of the logs.
    pub fn test(&self, row: &Row, log: usize) -> Option<&'l LoggedTest<'l>> {
        let logs: &'l [NamedLog<'l>] = self.logs;
        row.tests[log].map(|at| &logs[log].log.tests[at])
    }

    /// Whether anything differs for certain.
    pub fn differs(&self) -> bool {
        self.rows.iter().any(|row| {
            let certain = |difference: &Difference| !difference.classes.without(Class::Unknown).is_empty();
            row.differences.iter().any(certain)
        })
    }

    /// Whether some answers are not known.
    pub fn has_unknown(&self) -> bool {
        self.rows.iter().any(|row| row.has(Class::Unknown))
    }
}

/// Why a log has no answer to a test: in a word.
pub(crate) fn gap_word(gap: &Gap) -> &str {
    match gap {
        Gap::Cut => "cut",
        Gap::Said(why) => why,
    }
}

/// Whether a log is one of runs on hardware.
pub(crate) fn is_of_runs(log: &Log) -> bool {
    log.tests.iter().any(|test| test.histogram)
}
