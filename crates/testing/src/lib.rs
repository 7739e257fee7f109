//! What the test runners share. See `docs/testing.md`.
//!
//! | module | what for |
//! | --- | --- |
//! | [`judge`] | a litmus text judged by an engine, summed up for comparisons |
//! | [`expect`] | what a filetest says about itself, held against a report; blessing |
//! | [`generate`] | random small programs, as litmus text |
//! | [`mutate`] | damaged inputs, from good ones |
//! | [`entry`] | one function a parser, that takes any bytes; the fuzz targets call the same |
//! | [`agreement`] | the three engines on one test, and a table of how they compare |
//! | [`edit`] | models with something changed at random |
//! | [`corpora`] | litmus tests with logs, where somebody has put them beside the checkout |

pub mod agreement;
pub mod corpora;
pub mod edit;
pub mod entry;
pub mod expect;
pub mod generate;
pub mod judge;
pub mod mutate;
pub mod random;
pub mod symbolic;

use std::path::{Path, PathBuf};

/// The root of the checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All files below `folder` whose names end in `.extension`, sorted.
///
/// # Panics
/// When a folder can't be read: then no test can be trusted.
pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries =
            std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A number from the environment, so that a long run needs no other program.
///
/// # Panics
/// When the variable holds something else.
pub fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.trim().parse().unwrap_or_else(|_| panic!("{name}={text} is not a number")),
        Err(_) => default,
    }
}
