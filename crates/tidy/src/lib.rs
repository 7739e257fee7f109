//! The rules of the house, as tests: see `tests/`. This file has what they share.

use std::path::{Path, PathBuf};

/// The root of the checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file of the checkout.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path from the root, with `/`.
    pub path: String,
    /// Its text; what is not text is left out.
    pub text: String,
}

impl File {
    /// Whether its name ends so.
    pub fn ends_with(&self, end: &str) -> bool {
        self.path.ends_with(end)
    }

    /// The room a file is in: `cat` for `crates/cat/src/lib.rs`.
    pub fn room(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }
}

/// What is built, found by fuzzing, or of another tool.
const NOT_OURS: &[&str] =
    &["target", ".git", ".jj", ".idea", ".vscode", "fuzz/target", "fuzz/corpus", "fuzz/artifacts"];

/// All text files of the checkout, sorted by path.
///
/// # Panics
/// When a folder can't be read.
pub fn files() -> Vec<File> {
    let mut found = Vec::new();
    collect(&root(), "", &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<File>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries.flatten() {
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let Ok(kind) = entry.file_type() else { continue };
        if NOT_OURS.contains(&path.as_str()) || kind.is_symlink() {
            continue;
        }
        if kind.is_dir() {
            collect(&entry.path(), &format!("{path}/"), found);
        } else if let Ok(text) = std::fs::read_to_string(entry.path()) {
            found.push(File { path, text });
        }
    }
}

/// The Rust files of the checkout.
pub fn rust_files() -> Vec<File> {
    files().into_iter().filter(|file| file.ends_with(".rs")).collect()
}

/// The text of a Rust file without comments and without what is compiled for tests only.
pub fn code(file: &File) -> String {
    let mut kept = Vec::new();
    for line in file.text.lines() {
        // By our custom tests stand at the end of a file, or in a file of their own.
        if line.trim() == "#[cfg(test)]" {
            break;
        }
        let end = line.find("//").unwrap_or(line.len());
        kept.push(&line[..end]);
    }
    kept.join("\n")
}

/// Fails with all the lines, if there are any.
///
/// # Panics
/// When there are lines.
#[track_caller]
pub fn none(rule: &str, lines: &[String]) {
    assert!(lines.is_empty(), "{rule}:\n{}", lines.join("\n"));
}
