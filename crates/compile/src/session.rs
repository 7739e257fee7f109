//! Many tests under many mappings: what each mapping loses, with the smallest test that shows it.

use crate::mapping::{Language, Mapping};
use crate::places;
use crate::translate::{Source, read};
use crate::verify::{self, Allowed, Outcome};
use crate::weaken::{self, Weakening};
use lang::c::Macros;
use litmus::Test;
use std::collections::BTreeMap;
use std::sync::Arc;
use turnsole::{Execution, Model, Options, Workspace};

/// A mapping that is looked at.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The mapping.
    pub mapping: Mapping,
    /// The target's model.
    pub model: Model,
    /// What was found so far.
    pub tally: Tally,
}

/// What was found about a mapping.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Tests whose translation allows nothing new.
    pub kept: usize,
    /// Of these, tests whose translation does not allow all that the source allows.
    pub stronger: usize,
    /// Tests whose translation allows something new.
    pub broken: usize,
    /// Tests that were not translated, by reason.
    pub untranslated: BTreeMap<String, usize>,
    /// Tests that could not be judged, by reason.
    pub unknown: BTreeMap<String, usize>,
    /// The smallest broken test.
    pub smallest: Option<Break>,
}

/// A test that a mapping breaks.
#[derive(Clone, Debug)]
pub struct Break {
    /// Its number among the tests.
    pub number: usize,
    /// How large it is: threads, instructions.
    pub size: (usize, usize),
    /// The test in the target's language.
    pub target: Test,
    /// What outcomes show, as the source calls it.
    pub columns: Vec<String>,
    /// What the source calls a register, and what the target calls it.
    pub names: BTreeMap<String, String>,
    /// Outcomes that the source forbids and the target allows.
    pub outcomes: Vec<Vec<Arc<str>>>,
}

/// What is the same for all tests.
pub struct Session {
    /// How tests are judged.
    options: Options,
    /// The kernel's macros.
    macros: Macros,
    /// The models of the sources.
    models: BTreeMap<Language, Model>,
    workspace: Workspace,
}

/// What became of a test under a mapping.
#[derive(Clone, Debug)]
pub enum Entry {
    /// Nothing is new.
    Kept {
        /// Whether all that the source allows is still allowed.
        all: bool,
    },
    /// Something is new.
    Broken(Box<Break>),
    /// The mapping has no way to say the test, for this reason.
    Untranslated(String),
    /// It could not be judged, for this reason.
    Unknown(String),
}

impl Tally {
    /// Counts what became of the test of that number.
    pub fn enter(&mut self, entry: Entry, number: usize) {
        match entry {
            Entry::Kept { all } => {
                self.kept += 1;
                self.stronger += usize::from(!all);
            }
            Entry::Untranslated(reason) => *self.untranslated.entry(reason).or_default() += 1,
            Entry::Unknown(reason) => *self.unknown.entry(reason).or_default() += 1,
            Entry::Broken(broken) => {
                self.broken += 1;
                let size = (broken.size, number);
                if self.smallest.as_ref().is_none_or(|known| size < (known.size, known.number)) {
                    self.smallest = Some(Break { number, ..*broken });
                }
            }
        }
    }
}

/// A test with what its model allows, by the language in which it was read.
#[derive(Debug)]
pub struct Judged<'t> {
    source: Source<'t>,
    allowed: Allowed,
}

impl Session {
    /// A session with the models of the languages that tests are written in.
    #[must_use]
    pub fn new(options: &Options, models: BTreeMap<Language, Model>) -> Session {
        let options = verify::options(options);
        let macros = crate::kernel_macros();
        Session { options, macros, models, workspace: Workspace::default() }
    }

    /// Reads a test as one of a language, and judges it.
    ///
    /// # Errors
    /// Why it is not a test that can be translated from the language.
    pub fn judge<'t>(&mut self, test: &'t Test, language: Language) -> Result<Judged<'t>, String> {
        let source = read(test, language, &self.macros).map_err(|untranslated| untranslated.reason)?;
        let model = self.models.get(&language).ok_or("there is no model for it")?;
        let allowed = verify::allowed(test, model, &self.options, &mut self.workspace);
        Ok(Judged { source, allowed })
    }

    /// Whether a test's condition, an `exists`, is forbidden by the source; `None` if that can't be said.
    pub fn forbids(&mut self, test: &Test, language: Language) -> Option<bool> {
        let model = self.models.get(&language)?;
        verify::forbids(test, model, &self.options, &mut self.workspace)
    }

    /// Reads a test whose condition is known to be forbidden. All other outcomes count as allowed.
    ///
    /// # Errors
    /// Why it is not a test that can be translated from the language.
    pub fn forbidden<'t>(&self, test: &'t Test, language: Language) -> Result<Judged<'t>, String> {
        let source = read(test, language, &self.macros).map_err(|untranslated| untranslated.reason)?;
        Ok(Judged { source, allowed: Allowed::ButTheCondition })
    }

    /// Translates a test and says what became of it.
    pub fn look(&mut self, candidate: &Candidate, judged: &Judged<'_>) -> Entry {
        let Candidate { mapping, model, .. } = candidate;
        let translated = match judged.source.translate(mapping) {
            Ok(translated) => translated,
            Err(untranslated) => return Entry::Untranslated(untranslated.reason),
        };
        let outcome =
            verify::compare(&judged.allowed, &translated, model, &self.options, &mut self.workspace);
        match outcome {
            Outcome::Kept { all } => Entry::Kept { all },
            Outcome::Unknown(reason) => Entry::Unknown(reason),
            Outcome::Broken(outcomes) => {
                let columns = match &judged.allowed {
                    Allowed::Outcomes { columns, .. } => columns.clone(),
                    _ => Vec::new(),
                };
                let (target, names) = (translated.test, translated.columns);
                let size = judged.source.size();
                Entry::Broken(Box::new(Break { number: 0, size, target, columns, names, outcomes }))
            }
        }
    }

    /// Translates a test and enters what became of it.
    pub fn enter(&mut self, candidate: &mut Candidate, judged: &Judged<'_>, number: usize) {
        let entry = self.look(candidate, judged);
        candidate.tally.enter(entry, number);
    }

    /// Weakens each barrier of a mapping, one after the other, and looks for the smallest test that shows it.
    pub fn barriers(&mut self, candidate: &Candidate, tests: &[Judged<'_>]) -> Vec<Needed> {
        let whole = weaken::split(&candidate.mapping);
        let mut order: Vec<usize> = (0..tests.len()).collect();
        order.sort_by_key(|at| tests[*at].source.size());
        let fits: Vec<(usize, Vec<String>)> = order
            .into_iter()
            .filter_map(|at| {
                let translated = tests[at].source.translate(&whole).ok()?;
                Some((at, translated.used))
            })
            .collect();
        let all = weaken::weakenings(&whole);
        all.into_iter().map(|weakening| self.needed(candidate, &whole, weakening, tests, &fits)).collect()
    }

    fn needed(
        &mut self,
        candidate: &Candidate,
        whole: &Mapping,
        weakening: Weakening,
        tests: &[Judged<'_>],
        fits: &[(usize, Vec<String>)],
    ) -> Needed {
        let weaker = weakening.apply(whole);
        let mut asked = 0;
        for (at, used) in fits.iter().filter(|(_, used)| weakening.concerns(whole, used)) {
            let _ = used;
            let Ok(translated) = tests[*at].source.translate(&weaker) else { continue };
            asked += 1;
            let allowed = &tests[*at].allowed;
            let outcome =
                verify::compare(allowed, &translated, &candidate.model, &self.options, &mut self.workspace);
            if let Outcome::Broken(_) = outcome {
                return Needed { weakening, shown_by: Some(*at), asked };
            }
        }
        Needed { weakening, shown_by: None, asked }
    }
}

impl Session {
    /// One execution of a broken test in each language: one that the source forbids, with the check that forbids it,
    /// and one that the target allows. Both end with the first new outcome.
    #[must_use]
    pub fn executions(&self, candidate: &Candidate, source: &Test) -> Option<Executions> {
        let broken = candidate.tally.smallest.as_ref()?;
        let outcome = broken.outcomes.first()?;
        let ending = |test: &Test, rename: bool| {
            let name = |column: &String| match broken.names.get(column).filter(|_| rename) {
                Some(target) => target.clone(),
                None => column.clone(),
            };
            let pairs = broken.columns.iter().map(name).zip(outcome.iter().map(|value| value.to_string()));
            places::ending(test, pairs)
        };
        let model = self.models.get(&candidate.mapping.source)?;
        let forbidden = ending(source, false);
        let allowed = ending(&broken.target, true);
        let checks = model.check_names();
        let alone = checks.iter().find_map(|check| {
            let model = model.without_checks(std::slice::from_ref(check));
            Some((Some(check.clone()), turnsole::find_execution(&forbidden, &model, &self.options)?))
        });
        let any = || {
            let model = model.without_checks(&checks);
            Some((None, turnsole::find_execution(&forbidden, &model, &self.options)?))
        };
        let (check, source) = alone.or_else(any).map_or((None, None), |(check, found)| (check, Some(found)));
        let target = turnsole::find_execution(&allowed, &candidate.model, &self.options);
        Some(Executions { check, source, target })
    }
}

/// One execution in each language.
#[derive(Clone, Debug)]
pub struct Executions {
    /// The only check of the source's model that the first one fails; `None` if it fails more.
    pub check: Option<String>,
    /// What the source forbids.
    pub source: Option<Execution>,
    /// What the target allows.
    pub target: Option<Execution>,
}

/// What weakening a barrier does.
#[derive(Clone, Debug)]
pub struct Needed {
    /// What was weakened.
    pub weakening: Weakening,
    /// The position of the smallest test that it breaks; `None` if there is none.
    pub shown_by: Option<usize>,
    /// How many tests were asked.
    pub asked: usize,
}

impl Judged<'_> {
    /// How large it is: threads, instructions.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        self.source.size()
    }
}
