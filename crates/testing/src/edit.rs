//! Models with something changed at random: a check left out, a part of a union, a relation made smaller.
//!
//! What models have in common, such as coherence, must not be taken for granted by an engine.

use crate::random::Random;
use std::path::Path;
use turnsole::{Loader, Model, Options};

/// What a word may become.
const WORDS: &[(&str, &str)] = &[
    ("rf", "rfe"),
    ("co", "coe"),
    ("fr", "fre"),
    ("rfe", "rf"),
    ("coe", "co"),
    ("fre", "fr"),
    ("fre", "fri"),
    ("po-loc", "po"),
    ("po", "po-loc"),
    ("acyclic", "irreflexive"),
    ("irreflexive", "acyclic"),
    ("hb", "po"),
    ("rmw", "emptyset"),
    ("ext", "int"),
    ("M", "W"),
    ("R", "M"),
];

/// The text with a change in it; now and then it is no model any more.
pub fn edit(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let is_check =
        |line: &String| ["acyclic ", "irreflexive ", "empty "].iter().any(|word| line.starts_with(word));
    let checks: Vec<usize> = (0..lines.len()).filter(|at| is_check(&lines[*at])).collect();
    let code: Vec<usize> = (0..lines.len()).filter(|at| !lines[*at].trim().is_empty()).collect();
    if checks.is_empty() || code.is_empty() {
        return text.to_owned();
    }
    match random.below(6) {
        0 | 1 => lines[*random.pick(&checks)].clear(),
        2 => {
            let at = *random.pick(&checks);
            lines[at] = without_part(&lines[at], random);
        }
        3 => {
            let at = *random.pick(&code);
            lines[at] = without_part(&lines[at], random);
        }
        4 => {
            let at = *random.pick(&checks);
            lines[at] = another_word(&lines[at], random);
        }
        _ => {
            let at = *random.pick(&code);
            lines[at] = another_word(&lines[at], random);
        }
    }
    lines.join("\n") + "\n"
}

/// A union without one of its parts.
fn without_part(line: &str, random: &mut Random) -> String {
    let mut parts: Vec<&str> = line.split(" | ").collect();
    if parts.len() < 2 {
        return String::new();
    }
    // What stands in front of the first part and behind the last one stays.
    let at = random.below(parts.len() - 1);
    if at == 0 {
        let first = parts.remove(0);
        let head = first.rfind([' ', '=', '(']).map_or("", |end| &first[..=end]);
        return format!("{head}{}", parts.join(" | "));
    }
    parts.remove(at);
    parts.join(" | ")
}

fn another_word(line: &str, random: &mut Random) -> String {
    let is_letter = |c: char| c.is_alphanumeric() || c == '-' || c == '_' || c == '.';
    let mut places = Vec::new();
    for (at, (from, _)) in WORDS.iter().enumerate() {
        for (start, _) in line.match_indices(from) {
            let before = line[..start].chars().next_back().is_some_and(is_letter);
            let after = line[start + from.len()..].chars().next().is_some_and(is_letter);
            if !before && !after {
                places.push((at, start));
            }
        }
    }
    if places.is_empty() {
        return line.to_owned();
    }
    let (at, start) = *random.pick(&places);
    let (from, to) = WORDS[at];
    format!("{}{to}{}", &line[..start], &line[start + from.len()..])
}

/// Loads a model of the checkout with so many changes, those of the seed; `None` if it is no model with them.
pub fn model(name: &str, seed: u64, options: &Options) -> Option<(Model, String)> {
    let folder = crate::root().join("models");
    let mut random = Random::new(seed);
    let mut text = read(&folder, name)?;
    for _ in 0..=random.below(3) {
        text = edit(&text, &mut random);
    }
    let loader = Edited { name: name.to_owned(), text: text.clone() };
    let mut sources = syntax::SourceMap::new();
    let (model, _) = turnsole::load_model(&loader, name, options, &mut sources);
    Some((model?, text))
}

fn read(folder: &Path, name: &str) -> Option<String> {
    std::fs::read_to_string(folder.join(name)).ok()
}

/// Finds the changed model, and what the checkout has beside it.
struct Edited {
    name: String,
    text: String,
}

impl Loader for Edited {
    fn load(&self, name: &str, _from: Option<&str>) -> Option<(String, String)> {
        if name == self.name {
            return Some((name.to_owned(), self.text.clone()));
        }
        let beside = name.ends_with(".bell") || name.ends_with(".def");
        beside
            .then(|| read(&crate::root().join("models"), name))
            .flatten()
            .map(|text| (name.to_owned(), text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_changes_something_now_and_then() {
        let text = "let hb = po | rf | co\nacyclic hb | fr as sc\n";
        let all: std::collections::BTreeSet<String> =
            (0..100).map(|seed| edit(text, &mut Random::new(seed))).collect();
        assert!(all.len() > 8, "{all:?}");
    }

    #[test]
    fn most_edited_models_are_models() {
        let options = Options::default();
        let good = (0..40).filter(|seed| model("sc.cat", *seed, &options).is_some()).count();
        assert!(good > 20, "{good}");
    }
}
