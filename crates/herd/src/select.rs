//! Which tests run, and what they ask: `-names`, `-oknames`, `-excl`, `-nonames`, `-rename`, `-kinds`, `-conds`.

use crate::config::Config;
use litmus::{Condition, Quantifier, Test};
use std::collections::{BTreeMap, BTreeSet};
use syntax::FileId;

/// What files and options say about tests.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    only: Option<BTreeSet<String>>,
    without: BTreeSet<String>,
    rename: BTreeMap<String, String>,
    kinds: BTreeMap<String, Quantifier>,
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
        // Of two lines about one test the first one holds.
        for file in &config.rename {
            read_pairs(file, |name, value| {
                selection.rename.entry(name.to_owned()).or_insert_with(|| value.to_owned());
                Ok(())
            })?;
        }
        for file in &config.kinds {
            read_pairs(file, |name, value| {
                let kind = quantifier(value).ok_or_else(|| format!("'{value}' is not a kind"))?;
                selection.kinds.entry(name.to_owned()).or_insert(kind);
                Ok(())
            })?;
        }
        for file in &config.conds {
            read_pairs(file, |name, value| {
                let condition = condition(value)?;
                selection.conditions.entry(name.to_owned()).or_insert(condition);
                Ok(())
            })?;
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
        if let Some(kind) = self.kinds.get(&test.name) {
            test.condition.quantifier = *kind;
        }
        true
    }
}

fn read_names(files: &[String], names: &mut BTreeSet<String>) -> Result<(), String> {
    for file in files {
        let text = read(file)?;
        names.extend(text.lines().map(without_comment).filter(|line| !line.is_empty()).map(str::to_owned));
    }
    Ok(())
}

/// Reads lines of a name and a value: one word, or a text in quotes.
fn read_pairs(file: &str, mut add: impl FnMut(&str, &str) -> Result<(), String>) -> Result<(), String> {
    let text = read(file)?;
    for (number, line) in text.lines().enumerate() {
        let line = without_comment(line);
        if line.is_empty() {
            continue;
        }
        let (name, value) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let value = value.trim();
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        add(name, value).map_err(|message| format!("File \"{file}\", line {}: {message}", number + 1))?;
    }
    Ok(())
}

fn read(file: &str) -> Result<String, String> {
    let bytes = std::fs::read(file).map_err(|error| format!("can't read '{file}': {error}"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A line without its comment, outside of quotes.
fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    let end = line.find(|c| {
        quoted ^= c == '"';
        !quoted && (c == '#' || c == '%')
    });
    line[..end.unwrap_or(line.len())].trim()
}

/// Reads `Allowed`, `Forbidden`, `Required` and their short forms.
fn quantifier(word: &str) -> Option<Quantifier> {
    match word {
        "Allow" | "Allowed" => Some(Quantifier::Exists),
        "Forbid" | "Forbidden" => Some(Quantifier::NotExists),
        "Require" | "Required" => Some(Quantifier::Forall),
        _ => None,
    }
}

/// Parses a condition as part of a test without instructions.
fn condition(text: &str) -> Result<Condition, String> {
    let (test, diagnostics) = litmus::parse(FileId(0), &format!("AArch64 condition\n{{}}\n P0 ;\n NOP ;\n{text}\n"));
    match (test, diagnostics.first()) {
        (Some(test), None) => Ok(test.condition),
        (_, Some(diagnostic)) => Err(diagnostic.message.clone()),
        (None, None) => Err(format!("'{text}' is not a condition")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_end_lines() {
        assert_eq!(without_comment(" MP \"exists (0:r%a=1)\" # x"), "MP \"exists (0:r%a=1)\"");
        assert_eq!(without_comment("% all"), "");
    }

    #[test]
    fn kinds_have_short_forms() {
        assert_eq!(quantifier("Forbid"), Some(Quantifier::NotExists));
        assert_eq!(quantifier("Sometimes"), None);
    }
}
