//! Which tests run, and what they ask: `-names`, `-oknames`, `-excl`, `-nonames`, `-rename`, `-kinds`, `-conds`.

use crate::config::Config;
use litmus::{Condition, Kind, Quantifier, Test};
use std::collections::{BTreeMap, BTreeSet};
use syntax::{Diagnostic, FileId, SourceMap};

/// What files and options say about tests.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    only: Option<BTreeSet<String>>,
    without: BTreeSet<String>,
    rename: BTreeMap<String, String>,
    kinds: BTreeMap<String, Option<Quantifier>>,
    conditions: BTreeMap<String, Condition>,
}

impl Selection {
    /// Reads the files that the options name.
    pub fn new(config: &Config) -> Result<Selection, String> {
        let mut selection = Selection::default();
        if !config.names.is_empty() || !config.ok_names.is_empty() {
            let mut only: BTreeSet<String> = config.ok_names.iter().cloned().collect();
            read_names(&config.names, &mut only)?;
            selection.only = Some(only);
        }
        selection.without.extend(config.no_names.iter().cloned());
        read_names(&config.excl, &mut selection.without)?;
        for file in &config.rename {
            add(&mut selection.rename, file, litmus::read_renames, |name| name)?;
        }
        for file in &config.kinds {
            add(&mut selection.kinds, file, litmus::read_kinds, quantifier)?;
        }
        for file in &config.conds {
            add(&mut selection.conditions, file, read_conditions, |condition| condition)?;
        }
        Ok(selection)
    }

    /// Renames the test and changes its question as asked; false if it is not to run.
    pub fn apply(&self, test: &mut Test) -> bool {
        if let Some(name) = self.rename.get(&test.name) {
            test.name.clone_from(name);
        }
        let wanted = self.only.as_ref().is_none_or(|only| only.contains(&test.name));
        if !wanted || self.without.contains(&test.name) {
            return false;
        }
        if let Some(condition) = self.conditions.get(&test.name) {
            test.condition.clone_from(condition);
        }
        if let Some(Some(kind)) = self.kinds.get(&test.name) {
            test.condition.quantifier = *kind;
        }
        true
    }
}

fn read_names(files: &[String], names: &mut BTreeSet<String>) -> Result<(), String> {
    for file in files {
        names.extend(litmus::read_names(&read(file)?).into_iter().map(str::to_owned));
    }
    Ok(())
}

/// Reads a file of pairs into a map. Of two lines about one test the first one holds.
fn add<V, T>(
    map: &mut BTreeMap<String, T>,
    file: &str,
    parse: impl Fn(FileId, &str) -> (Vec<(String, V)>, Vec<Diagnostic>),
    convert: impl Fn(V) -> T,
) -> Result<(), String> {
    let text = read(file)?;
    let (pairs, errors) = parse(FileId(0), &text);
    if let Some(error) = errors.first() {
        let mut sources = SourceMap::new();
        sources.add(file, text);
        let line = sources.position(error.span).line;
        return Err(format!("File \"{file}\", line {line}: {}", error.message));
    }
    for (name, value) in pairs {
        map.entry(name).or_insert_with(|| convert(value));
    }
    Ok(())
}

/// herd7's own tools write conditions in quotes.
fn read_conditions(file: FileId, text: &str) -> (Vec<(String, Condition)>, Vec<Diagnostic>) {
    litmus::read_conditions(file, &text.replace('"', " "))
}

fn read(file: &str) -> Result<String, String> {
    let bytes = std::fs::read(file).map_err(|error| format!("can't read '{file}': {error}"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn quantifier(kind: Kind) -> Option<Quantifier> {
    match kind {
        Kind::Allowed => Some(Quantifier::Exists),
        Kind::Forbidden => Some(Quantifier::NotExists),
        Kind::Required => Some(Quantifier::Forall),
        Kind::Undefined => None,
    }
}
