//! Below the edges nothing touches the outside world, which is also what lets everything there run in a browser.

use tidy::{code, none, rust_files};

/// Rooms that may read files, look at the clock, start threads, and print.
const EDGES: &[&str] = &["batch", "herd", "cli", "python", "lsp", "testing", "tidy", "bench"];

/// What they may not mention. `wasm32-unknown-unknown` compiles most of it, but fails when it is used.
const OUTSIDE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::time",
    "std::thread",
    "std::process",
    "std::net",
    "std::path",
    "std::os",
    "std::io",
    "println!",
    "eprintln!",
    "print!",
    "eprint!",
    "dbg!",
    "rayon",
    "Instant::",
    "SystemTime",
];

#[test]
fn nothing_below_the_edges_touches_the_outside() {
    let mut wrong = Vec::new();
    for file in rust_files() {
        let Some(room) = file.room() else { continue };
        if EDGES.contains(&room) || !file.path.contains("/src/") || file.path.contains("tests") {
            continue;
        }
        for (number, line) in code(&file).lines().enumerate() {
            for outside in OUTSIDE.iter().filter(|outside| mentions(line, outside)) {
                wrong.push(format!("{}:{}: {outside}", file.path, number + 1));
            }
        }
    }
    none("only the edges may touch the outside world", &wrong);
}

/// Whether the line has the word, not as the end of a longer one.
fn mentions(line: &str, word: &str) -> bool {
    let starts = line.match_indices(word).map(|(at, _)| at);
    starts.into_iter().any(|at| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

#[test]
fn nothing_is_unsafe() {
    let word = "unsafe ";
    let mentions = |file: &tidy::File| code(file).lines().any(|line| mentions(line, word));
    let wrong: Vec<String> = rust_files()
        .iter()
        .filter(|file| file.room() != Some("tidy") && mentions(file))
        .map(|f| f.path.clone())
        .collect();
    none("there is no unsafe code", &wrong);
}
