//! Documents and code say the same.

use std::collections::BTreeSet;
use tidy::{File, code, files, none, rust_files};

/// Rooms that give codes to diagnostics, and the first words of the codes.
const FAMILIES: &[&str] = &[
    "litmus", "cat", "isa", "lang", "c", "bell", "turnsole", "model", "input", "internal", "check", "herd",
    "batch", "log", "fmt", "mapping", "bpf", "generate",
];

/// The codes in string literals of our code. A test may make one up.
fn codes(in_tests: bool) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let ours = |file: &&File| {
        file.path.contains("/src/")
            && (in_tests || !file.path.contains("test"))
            && !matches!(file.room(), Some("tidy" | "testing" | "bench"))
    };
    for file in rust_files().iter().filter(ours) {
        for literal in code(file).split('"') {
            let Some((family, rest)) = literal.split_once("::") else { continue };
            let name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if FAMILIES.contains(&family) && !rest.is_empty() && rest.chars().all(name) {
                found.insert(literal.to_owned());
            }
        }
    }
    found
}

fn document(path: &str) -> String {
    files().into_iter().find(|file| file.path == path).map(|file| file.text).unwrap_or_default()
}

#[test]
fn every_code_of_a_diagnostic_is_documented() {
    let page = document("docs/diagnostics.md");
    let wrong: Vec<String> =
        codes(false).into_iter().filter(|code| !page.contains(&format!("`{code}`"))).collect();
    none("these codes are not in docs/diagnostics.md", &wrong);
}

#[test]
fn every_documented_code_exists() {
    let codes = codes(true);
    let page = document("docs/diagnostics.md");
    let headings = page.lines().filter(|line| line.starts_with('#'));
    let documented = headings.flat_map(|line| line.split('`')).filter(|word| word.contains("::"));
    let wrong: Vec<String> = documented.filter(|code| !codes.contains(*code)).map(str::to_owned).collect();
    none("these codes are in docs/diagnostics.md, but nothing reports them", &wrong);
}

#[test]
fn links_between_documents_lead_somewhere() {
    let all = files();
    let mut wrong = Vec::new();
    for file in all.iter().filter(|file| file.ends_with(".md")) {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (at, _) in file.text.match_indices("](") {
            let target = file.text[at + 2..].split(')').next().unwrap_or("");
            let path = target.split('#').next().unwrap_or("");
            if !path.is_empty() && !target.contains("://") && !tidy::root().join(folder).join(path).exists() {
                wrong.push(format!("{}: {target}", file.path));
            }
        }
    }
    none("broken links", &wrong);
}

#[test]
fn the_readme_gives_the_test_command_that_ci_runs() {
    let command = "tests/run";
    for path in ["README.md", "CONTRIBUTING.md", ".ci/run"] {
        assert!(document(path).contains(command), "{path} does not mention {command}");
    }
}

#[test]
fn every_room_is_in_the_map() {
    let map = document("ARCHITECTURE.md");
    let rooms: BTreeSet<String> =
        rust_files().iter().filter_map(|file| file.room().map(str::to_owned)).collect();
    let wrong: Vec<String> = rooms.into_iter().filter(|room| !map.contains(&format!("`{room}`"))).collect();
    none("these rooms are not in ARCHITECTURE.md", &wrong);
}
