//! All tests under all mappings, on several cores.

use super::cycles::{self, One};
use super::{Finding, Named};
use batch::{Crew, pool};
use compile::mapping::Language;
use compile::session::{Break, Candidate, Entry, Judged, Session, Tally};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// What mappings are tried on: tests from files, then cycles.
pub(super) struct Tests {
    pub(super) given: Vec<Named>,
    pub(super) cycles: Vec<(Language, One)>,
    /// The tests of those cycles that are spoken of.
    made: BTreeMap<usize, Named>,
}

impl Tests {
    pub(super) fn new(given: Vec<Named>) -> Tests {
        Tests { given, cycles: Vec::new(), made: BTreeMap::new() }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.given.len() + self.cycles.len()
    }

    /// The test of that number, unless it is one of a cycle that was not made.
    pub(super) fn get(&self, number: usize) -> Option<&Named> {
        self.given.get(number).or_else(|| self.made.get(&number))
    }

    /// The language of a cycle.
    fn language(&self, number: usize) -> Option<Language> {
        self.cycles.get(number.checked_sub(self.given.len())?).map(|(language, _)| *language)
    }

    fn make(&mut self, number: usize) {
        let cycle = number.checked_sub(self.given.len()).and_then(|at| self.cycles.get(at));
        if let Some(named) = cycle.and_then(|(_, one)| cycles::test(one)) {
            self.made.insert(number, named);
        }
    }
}

/// Tries all mappings on all tests.
pub(super) fn all(
    candidates: &mut [Candidate],
    tests: &mut Tests,
    jobs: usize,
    session: &(dyn Fn() -> Session + Sync),
) {
    let mut tallies: Vec<Tally> = candidates.iter().map(|_| Tally::default()).collect();
    let mut number = 0;
    pool::run(
        0..tests.len(),
        &Crew::new(jobs),
        session,
        |session, number| look(session, candidates, tests, number),
        |entries| {
            for (at, entry) in entries {
                tallies[at].enter(entry, number);
            }
            number += 1;
            ControlFlow::Continue(())
        },
    );
    for (candidate, tally) in candidates.iter_mut().zip(tallies) {
        candidate.tally = tally;
    }
    let mut session = session();
    for candidate in candidates {
        if let Some(number) = candidate.tally.smallest.as_ref().map(|smallest| smallest.number) {
            tests.make(number);
            if let Some(whole) = outcomes(&mut session, candidate, tests, number) {
                candidate.tally.smallest = Some(Break { number, ..whole });
            }
        }
    }
}

/// Of cycles it is known that they are broken, and not which outcomes are new.
fn outcomes(session: &mut Session, candidate: &Candidate, tests: &Tests, number: usize) -> Option<Break> {
    let known = candidate.tally.smallest.as_ref()?;
    if !known.outcomes.is_empty() {
        return None;
    }
    let judged = session.judge(&tests.get(number)?.test, candidate.mapping.source).ok()?;
    match session.look(candidate, &judged) {
        Entry::Broken(whole) => Some(*whole),
        _ => None,
    }
}

/// What becomes of one test.
fn look(
    session: &mut Session,
    candidates: &[Candidate],
    tests: &Tests,
    number: usize,
) -> Vec<(usize, Entry)> {
    let mut entries = Vec::new();
    let mut enter = |session: &mut Session, language: Language, judged: Result<Judged<'_>, String>| {
        for (at, candidate) in candidates.iter().enumerate() {
            if candidate.mapping.source != language {
                continue;
            }
            let entry = match &judged {
                Ok(judged) => session.look(candidate, judged),
                Err(reason) => Entry::Untranslated(reason.clone()),
            };
            entries.push((at, entry));
        }
    };
    if let Some(named) = tests.given.get(number) {
        for language in languages(candidates) {
            let judged = session.judge(&named.test, language);
            enter(session, language, judged);
        }
    } else if let Some((language, one)) = tests.cycles.get(number - tests.given.len())
        && let Some(named) = cycles::test(one)
        // Those with other updates were not asked about.
        && (one.other == 0 || session.forbids(&named.test, *language) == Some(true))
    {
        let judged = session.forbidden(&named.test, *language);
        enter(session, *language, judged);
    }
    entries
}

/// The languages that mappings translate from, each once.
pub(super) fn languages(candidates: &[Candidate]) -> Vec<Language> {
    let mut languages: Vec<Language> = candidates.iter().map(|candidate| candidate.mapping.source).collect();
    languages.sort_unstable();
    languages.dedup();
    languages
}

/// What there is to say of each mapping; with barriers, if wanted.
pub(super) fn findings<'f>(
    candidates: &'f [Candidate],
    tests: &mut Tests,
    barriers: bool,
    jobs: usize,
    session: &(dyn Fn() -> Session + Sync),
) -> Vec<Finding<'f>> {
    if barriers {
        (tests.given.len()..tests.len()).for_each(|number| tests.make(number));
    }
    let tests = &*tests;
    let mut findings = Vec::new();
    pool::run(
        candidates.iter(),
        &Crew::new(jobs),
        session,
        |session, candidate| {
            let Candidate { mapping, model, tally } = candidate;
            let broken = tally.smallest.as_ref().and_then(|smallest| tests.get(smallest.number));
            let executions = broken.and_then(|named| session.executions(candidate, &named.test));
            let (mut asked, mut judged) = (Vec::new(), Vec::new());
            if barriers {
                for number in 0..tests.len() {
                    judged.extend(
                        promise(session, tests, number, mapping.source).inspect(|_| asked.push(number)),
                    );
                }
            }
            let barriers = barriers.then(|| session.barriers(candidate, &judged));
            Finding { mapping, model, tally, barriers, executions, asked }
        },
        |finding| {
            findings.push(finding);
            ControlFlow::Continue(())
        },
    );
    findings
}

/// What a source promises of a test.
fn promise<'t>(
    session: &mut Session,
    tests: &'t Tests,
    number: usize,
    language: Language,
) -> Option<Judged<'t>> {
    let test = &tests.get(number)?.test;
    match tests.language(number) {
        None => session.judge(test, language).ok(),
        Some(own) => (own == language).then(|| session.forbidden(test, language).ok())?,
    }
}
