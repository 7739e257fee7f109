//! What every file keeps to.

use tidy::{files, none, rust_files};

/// Longer files can't be read in one go.
const MAX_LINES: usize = 800;

/// Files that are longer, and how long they may be at most. They may only shrink.
const LONG: &[(&str, usize)] = &[];

#[test]
fn files_are_short() {
    let mut wrong = Vec::new();
    for file in rust_files() {
        let lines = file.text.lines().count();
        let most = LONG.iter().find(|(path, _)| *path == file.path).map_or(MAX_LINES, |(_, most)| *most);
        if lines > most {
            wrong.push(format!("{} has {lines} lines; at most {most} are allowed", file.path));
        }
    }
    none("split these files", &wrong);
}

/// Words that have no place in the project: paths of some machine, and who or what typed it. In two halves each, so
/// that this file does not have them.
const FORBIDDEN: &[(&str, &str)] = &[
    ("/wo", "rk/"),
    ("/ro", "ot/"),
    ("/ho", "me/"),
    ("/tm", "p/"),
    ("/Us", "ers/"),
    ("C:", "\\Users"),
    ("clau", "de"),
    ("anthro", "pic"),
    ("chat", "gpt"),
    ("open", "ai"),
    ("copi", "lot"),
    ("language ", "model"),
    ("arti", "factory"),
];

#[test]
fn no_file_speaks_of_the_machine_it_was_written_on() {
    let mut wrong = Vec::new();
    for file in files() {
        for (number, line) in file.text.lines().enumerate() {
            let lower = line.to_lowercase();
            for (left, right) in FORBIDDEN {
                let word = format!("{left}{right}").to_lowercase();
                if lower.contains(&word) {
                    wrong.push(format!("{}:{}: {word}", file.path, number + 1));
                }
            }
        }
    }
    none("these words have no place here", &wrong);
}

#[test]
fn text_files_end_with_a_newline_and_have_no_trailing_blanks() {
    let ours = |path: &str| [".rs", ".toml", ".md", ".cat"].iter().any(|end| path.ends_with(end));
    let mut wrong = Vec::new();
    for file in files().iter().filter(|file| ours(&file.path)) {
        if !file.text.is_empty() && !file.text.ends_with('\n') {
            wrong.push(format!("{}: no newline at the end", file.path));
        }
        let blanks = file.text.lines().position(|line| line.ends_with([' ', '\t']));
        wrong.extend(blanks.map(|line| format!("{}:{}: blanks at the end", file.path, line + 1)));
    }
    none("layout", &wrong);
}

#[test]
fn every_crate_opens_with_what_it_is() {
    let is_root = |path: &str| path.ends_with("src/lib.rs") || path.ends_with("src/main.rs");
    let wrong: Vec<String> = rust_files()
        .iter()
        .filter(|file| {
            file.path.starts_with("crates/") && is_root(&file.path) && !file.text.starts_with("//! ")
        })
        .map(|file| file.path.clone())
        .collect();
    none("the first line of a crate says what it is", &wrong);
}

#[test]
fn crates_come_from_the_public_registry_only() {
    let lock =
        files().into_iter().find(|file| file.path == "Cargo.lock").map(|file| file.text).unwrap_or_default();
    let host = "registry+https://github.com/rust-lang/crates.io-index";
    let sources = lock.lines().filter_map(|line| line.strip_prefix("source = "));
    let wrong: Vec<String> =
        sources.filter(|source| source.trim_matches('"') != host).map(str::to_owned).collect();
    none("other sources of crates", &wrong);
}
