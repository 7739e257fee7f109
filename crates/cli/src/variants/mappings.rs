//! Which mappings would break if a variant of the source's model were the rule?

use crate::terminal::Terminal;
use crate::verify_mapping::{chosen, complain, mappings};
use compile::mapping::{Language, Mapping};
use compile::session::{Candidate, Session, Tally};
use litmus::Test;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};
use syntax::SourceMap;
use turnsole::{Model, Options};

/// Mappings from the language of a model.
pub(super) struct Mappings {
    mappings: Vec<Mapping>,
    /// The models of their targets.
    models: Vec<Model>,
    language: Language,
    /// The name of the source's model, and the variants that are on everywhere.
    model: String,
    variants: Vec<String>,
}

/// What a variant means for mappings: only tests were asked that tell it from the model.
#[derive(Default, Serialize)]
pub(super) struct Breaks {
    /// The mappings that keep the model on these tests, and not the variant.
    breaks: Vec<Broken>,
    /// Those that keep the variant, too.
    keeps: Vec<String>,
    /// Those that do not keep the model either.
    broken_already: Vec<String>,
    /// Those that have a test that could not be judged.
    unknown: Vec<String>,
    /// Those that can't translate any of the tests.
    silent: Vec<String>,
}

/// A mapping that a variant breaks.
#[derive(Serialize)]
struct Broken {
    mapping: String,
    /// In how many tests.
    tests: usize,
    /// The smallest of them.
    smallest: String,
}

impl Mappings {
    /// Reads the mappings of these names and files, and loads the models of their targets. `None` after an error that was
    /// shown.
    pub(super) fn load(
        names: &[String],
        model: Option<&str>,
        variants: &[String],
        terminal: &mut Terminal,
    ) -> io::Result<Option<Mappings>> {
        let mut files = SourceMap::new();
        let (found, wrong) = mappings(&chosen(names), &mut files);
        if complain(&wrong, &files, terminal)? != crate::status::Status::Ok {
            return Ok(None);
        }
        let Some(language) = found.first().map(|mapping| mapping.source) else {
            terminal.complain("there are no such mappings; `turnsole verify-mapping --list` lists them");
            return Ok(None);
        };
        let model = model.unwrap_or(language.model()).to_owned();
        let found: Vec<Mapping> = found.into_iter().filter(|mapping| mapping.source == language).collect();
        let mut models = Vec::new();
        for mapping in &found {
            let loaded = turnsole::default_model(mapping.target.word()).map(|name| load(name, &[]));
            match loaded.unwrap_or_else(|| Err(format!("{} has no model of its own", mapping.target))) {
                Ok(model) => models.push(model),
                Err(message) => {
                    terminal.complain(&message);
                    return Ok(None);
                }
            }
        }
        Ok(Some(Mappings { mappings: found, models, language, model, variants: variants.to_vec() }))
    }

    /// Which of them break if `variant` is on. The tests are those that it forbids something in.
    ///
    /// # Errors
    /// Why the model can't be loaded.
    pub(super) fn breaks(&self, variant: &str, tests: &[&Test]) -> Result<Breaks, String> {
        let without = self.tallies(&[], tests)?;
        let with = self.tallies(&[variant.to_owned()], tests)?;
        let mut found = Breaks::default();
        for (mapping, (before, after)) in self.mappings.iter().zip(without.iter().zip(&with)) {
            let name = mapping.name.clone();
            let smallest = after.smallest.as_ref().and_then(|smallest| tests.get(smallest.number));
            match smallest {
                _ if before.broken > 0 => found.broken_already.push(name),
                Some(test) => {
                    let smallest = test.name.clone();
                    found.breaks.push(Broken { mapping: name, tests: after.broken, smallest });
                }
                None if after.unknown.is_empty() && after.kept == 0 => found.silent.push(name),
                None if after.unknown.is_empty() => found.keeps.push(name),
                None => found.unknown.push(name),
            }
        }
        Ok(found)
    }

    fn tallies(&self, more: &[String], tests: &[&Test]) -> Result<Vec<Tally>, String> {
        let model = load(&self.model, &[&self.variants[..], more].concat())?;
        let mut session = Session::new(&Options::default(), BTreeMap::from([(self.language, model)]));
        let mut candidates: Vec<Candidate> = (self.mappings.iter().zip(&self.models))
            .map(|(mapping, model)| Candidate {
                mapping: mapping.clone(),
                model: model.clone(),
                tally: Tally::default(),
            })
            .collect();
        for (number, test) in tests.iter().enumerate() {
            if let Ok(judged) = session.judge(test, self.language) {
                candidates.iter_mut().for_each(|candidate| session.enter(candidate, &judged, number));
            }
        }
        Ok(candidates.into_iter().map(|candidate| candidate.tally).collect())
    }
}

fn load(name: &str, variants: &[String]) -> Result<Model, String> {
    let options = Options { variants: variants.to_vec(), ..Options::default() };
    let (model, diagnostics) =
        turnsole::load_model(&batch::Library::new(), name, &options, &mut SourceMap::new());
    let why = || diagnostics.first().map(|first| first.message.clone()).unwrap_or_default();
    model.ok_or_else(|| format!("the model `{name}`: {}", why()))
}

impl Breaks {
    /// The answer for people.
    pub(super) fn print(&self, terminal: &mut Terminal) -> io::Result<()> {
        if self.breaks.is_empty() {
            writeln!(terminal.out, "  breaks no mapping")?;
        }
        for Broken { mapping, tests, smallest } in &self.breaks {
            let unit = if *tests == 1 { "test" } else { "tests" };
            writeln!(terminal.out, "  breaks {mapping}: {tests} {unit}, the smallest {smallest}")?;
        }
        // Where there is nothing to break, that is all.
        let asked = [&self.keeps, &self.broken_already, &self.unknown];
        if self.breaks.is_empty() && asked.iter().all(|names| names.is_empty()) {
            return Ok(());
        }
        let rest = [
            ("keep it", &self.keeps),
            ("broken without it", &self.broken_already),
            ("not known", &self.unknown),
            ("translate none of the tests", &self.silent),
        ];
        for (what, names) in rest.iter().filter(|(_, names)| !names.is_empty()) {
            writeln!(terminal.out, "  {what}: {}", names.join(", "))?;
        }
        Ok(())
    }
}
