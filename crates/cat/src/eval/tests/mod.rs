//! A candidate made by hand, and tests on it: the language in [`language`], the models in [`models`].

mod language;
mod models;
mod robustness;

use super::{Candidate, Environment, ErrorKind, EvalError, Summary, run};
use crate::ast::{Item, ItemKind, Model};
use relation::{Relation, Set};
use std::collections::BTreeMap;
use std::sync::Arc;
use syntax::FileId;

/// A candidate execution, written down.
///
/// Each thread is a list of events: `W x 1`, `R x 0` or anything else, followed by the names of sets it is in.
/// A `+` in front says that the event belongs to the instruction of the one before. Each location has an initial
/// write of 0, and a read takes its value from the one write that has it.
#[derive(Debug, Default)]
pub(super) struct Toy {
    n: usize,
    sets: BTreeMap<String, Vec<usize>>,
    pairs: BTreeMap<String, Vec<(usize, usize)>>,
    location: Vec<Option<String>>,
    value: Vec<Option<String>>,
}

impl Toy {
    pub(super) fn new(threads: &[&[&str]]) -> Toy {
        let mut toy = Toy::default();
        let mut thread_of = Vec::new();
        let mut instruction = Vec::new();
        for (thread, events) in threads.iter().enumerate() {
            for event in *events {
                let (same, text) = event.strip_prefix('+').map_or((false, *event), |rest| (true, rest));
                let last = instruction.last().copied().unwrap_or(0);
                instruction.push(if same { last } else { last + 1 });
                thread_of.push(Some(thread));
                toy.event(text);
            }
        }
        let mut locations: Vec<String> = toy.location.iter().flatten().cloned().collect();
        locations.sort();
        locations.dedup();
        for location in locations {
            instruction.push(instruction.last().copied().unwrap_or(0) + 1);
            thread_of.push(None);
            toy.event(&format!("W {location} 0 IW"));
        }
        toy.relate(&thread_of, &instruction);
        toy
    }

    fn event(&mut self, text: &str) {
        let mut words = text.split(' ').filter(|word| !word.is_empty());
        let kind = words.next().unwrap_or("");
        let memory = kind == "R" || kind == "W" || kind == "RW";
        let (location, value) = if memory { (words.next(), words.next()) } else { (None, None) };
        let kinds: &[&str] = match kind {
            "R" => &["M", "Exp", "R"],
            "W" => &["M", "Exp", "W"],
            "RW" => &["M", "Exp", "R", "W"],
            other => &[other],
        };
        for set in kinds.iter().copied().chain(words) {
            self.sets.entry(set.to_owned()).or_default().push(self.n);
        }
        self.location.push(location.map(str::to_owned));
        self.value.push(value.map(str::to_owned));
        self.n += 1;
    }

    fn relate(&mut self, thread_of: &[Option<usize>], instruction: &[usize]) {
        for i in 0..self.n {
            for j in 0..self.n {
                let same_thread = thread_of[i] == thread_of[j] && thread_of[i].is_some();
                let both_initial = thread_of[i].is_none() && thread_of[j].is_none();
                let mut add = |name: &str| self.pairs.entry(name.to_owned()).or_default().push((i, j));
                if same_thread {
                    add("int");
                } else if !both_initial {
                    add("ext");
                }
                if same_thread && i < j && instruction[i] != instruction[j] {
                    add("po");
                }
                if instruction[i] == instruction[j] {
                    add("same-instance");
                }
                if self.location[i].is_some() && self.location[i] == self.location[j] {
                    add("loc");
                    if i == j {
                        add("si");
                    }
                    // `RW x 0/1` reads 0 and writes 1.
                    let written = |k: usize| self.value[k].as_deref().map(|v| v.rsplit('/').next());
                    let read = |k: usize| self.value[k].as_deref().map(|v| v.split('/').next());
                    let is = |set: &str, k: usize| self.sets.get(set).is_some_and(|s| s.contains(&k));
                    if is("W", i) && is("R", j) && i != j && written(i) == read(j) {
                        add("rf");
                    }
                }
            }
        }
    }

    /// Adds an edge between the events of those numbers.
    pub(super) fn edge(mut self, name: &str, from: usize, to: usize) -> Toy {
        self.pairs.entry(name.to_owned()).or_default().push((from, to));
        self
    }

    /// Makes a chosen write the last one.
    pub(super) fn last(mut self, write: usize) -> Toy {
        self.sets.entry("FW".to_owned()).or_default().push(write);
        self
    }
}

/// Names that this candidate has even where nothing is in them, as those of the architecture it is made for.
fn is_known(name: &str, kind: crate::predefined::Kind) -> bool {
    let known = |arch| crate::predefined::predefined(arch).kind(name) == Some(kind);
    known("AArch64") || known("RISCV") || known("PPC") || known("X86_64")
}

impl Candidate for Toy {
    fn universe(&self) -> usize {
        self.n
    }

    fn set(&self, name: &str) -> Option<Set> {
        match self.sets.get(name) {
            Some(events) => Some(Set::of(self.n, |i| events.contains(&i))),
            None => is_known(name, crate::predefined::Kind::Set).then(|| Set::empty(self.n)),
        }
    }

    fn relation(&self, name: &str) -> Option<Relation> {
        match self.pairs.get(name) {
            Some(pairs) => Some(Relation::from_pairs(self.n, pairs.iter().copied())),
            None if name == "id" => Some(Relation::identity(self.n)),
            None => is_known(name, crate::predefined::Kind::Relation).then(|| Relation::empty(self.n)),
        }
    }

    fn location_classes(&self) -> Vec<Set> {
        let mut classes: BTreeMap<&str, Set> = BTreeMap::new();
        for (i, location) in self.location.iter().enumerate() {
            if let Some(location) = location {
                classes.entry(location).or_insert_with(|| Set::empty(self.n)).insert(i);
            }
        }
        classes.into_values().collect()
    }

    fn different_values(&self, i: usize, j: usize) -> bool {
        self.value[i] != self.value[j]
    }

    fn events_on(&self, global: &str) -> Option<Set> {
        let on = |i: usize| self.location[i].as_deref() == Some(global);
        (0..self.n).any(on).then(|| Set::of(self.n, on))
    }
}

/// Reads a model, and gives it the built-in files it includes.
pub(super) fn model(text: &str) -> Model {
    let (mut model, diagnostics) = crate::parse(FileId(0), text);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}\n{text}");
    let mut items: Vec<Item> = model.items.to_vec();
    include(&mut items);
    model.items = items;
    model
}

fn include(items: &mut [Item]) {
    for item in items {
        match &mut item.kind {
            ItemKind::Include { path, model: slot } => {
                *slot = crate::library::library_file(path).map(|text| Arc::new(model(text)));
            }
            ItemKind::If(_, yes, no) => {
                for part in [yes, no] {
                    let mut copy = part.to_vec();
                    include(&mut copy);
                    *part = copy.into();
                }
            }
            _ => {}
        }
    }
}

/// Runs the standard library and a model.
pub(super) fn judge(toy: &Toy, text: &str, variants: &[&str]) -> Result<Summary, EvalError> {
    let environment = Environment { variants: &|v| variants.contains(&v), ..Environment::default() };
    let stdlib = model(crate::library::library_file("stdlib.cat").expect("built in"));
    run(&[&stdlib, &model(text)], toy, &environment, &mut |_| {})
}

/// The value that a model text gives to `result`, or its error.
pub(super) fn result_of(toy: &Toy, text: &str) -> String {
    let stdlib = model(crate::library::library_file("stdlib.cat").expect("built in"));
    let mut results = Vec::new();
    let model = model(text);
    let outcome = run(&[&stdlib, &model], toy, &Environment::default(), &mut |completion| {
        results.push(match completion.value("result") {
            Ok(value) => format!("{value:?}"),
            Err(error) => format!("error: {error}"),
        });
    });
    match outcome {
        Ok(_) => results.join("\n"),
        Err(error) => format!("stopped: {error}"),
    }
}
