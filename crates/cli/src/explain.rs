//! `turnsole explain`: what does a code of a diagnostic mean?
//!
//! The text is `docs/diagnostics.md`: a `## code` heading for each, and a few lines behind it.

use crate::status::Status;
use crate::terminal::Terminal;
use clap::Args;
use std::io::{self, Write};

const PAGE: &str = include_str!("../../../docs/diagnostics.md");

/// Options of `turnsole explain`.
#[derive(Args)]
pub(crate) struct ExplainArgs {
    /// The code, such as `litmus::unexpected-token`. Without it, all are listed.
    code: Option<String>,
}

pub(crate) fn explain(args: &ExplainArgs, terminal: &mut Terminal) -> io::Result<Status> {
    let Some(wanted) = &args.code else {
        for (code, _) in entries() {
            writeln!(terminal.out, "{code}")?;
        }
        return Ok(Status::Ok);
    };
    match entries().find(|(code, _)| code == wanted) {
        Some((code, text)) => {
            writeln!(terminal.out, "{code}\n\n{text}")?;
            Ok(Status::Ok)
        }
        None => {
            let hint = syntax::did_you_mean(wanted, entries().map(|(code, _)| code));
            let hint = hint.map(|code| format!("; did you mean `{code}`?")).unwrap_or_default();
            terminal.complain(&format!("there is no diagnostic `{wanted}`{hint}"));
            Ok(Status::UserError)
        }
    }
}

/// All codes with what they mean.
fn entries() -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGE.split("\n## ").skip(1).map(|entry| {
        let (code, text) = entry.split_once('\n').unwrap_or((entry, ""));
        (code.trim().trim_matches('`'), text.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    /// The Rust sources of the workspace.
    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }

    /// The literals of the form `"room::kind-of-problem"` before the tests of a source.
    fn codes(text: &str, found: &mut BTreeSet<String>) {
        let code = text.split("#[cfg(test)]").next().unwrap_or("");
        for literal in code.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(literals) {
            let parts: Vec<&str> = literal.split("::").collect();
            let word = |part: &&str| {
                let mut chars = part.chars();
                chars.next().is_some_and(|c| c.is_ascii_lowercase())
                    && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            };
            if parts.len() == 2 && parts.iter().all(word) {
                found.insert(literal.to_owned());
            }
        }
    }

    fn literals(line: &str) -> impl Iterator<Item = &str> {
        line.split('"').skip(1).step_by(2)
    }

    #[test]
    fn every_code_is_explained() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut found = BTreeSet::new();
        for room in std::fs::read_dir(root).unwrap() {
            let folder = room.unwrap().path().join("src");
            if folder.is_dir() {
                let mut files = Vec::new();
                sources(&folder, &mut files);
                files.iter().for_each(|file| codes(&std::fs::read_to_string(file).unwrap(), &mut found));
            }
        }
        let explained: BTreeSet<String> = entries().map(|(code, _)| code.to_owned()).collect();
        let missing: Vec<&String> = found.difference(&explained).collect();
        assert!(missing.is_empty(), "docs/diagnostics.md does not explain {missing:#?}");
        let stale: Vec<&String> = explained.difference(&found).collect();
        assert!(stale.is_empty(), "docs/diagnostics.md explains what there is not: {stale:#?}");
    }
}
