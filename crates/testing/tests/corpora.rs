//! Our answers against the logs of corpora, where there are any: a trial for each corpus. See `docs/testing.md`.

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};
use testing::corpora::{self, Corpus, Known};

/// How many differences are shown.
const SHOWN: usize = 20;

fn main() {
    let arguments = Arguments::from_args();
    let trials = match (corpora::folder(), Known::read()) {
        (Some(folder), Ok(known)) => trials(&folder, known),
        (None, Ok(_)) => {
            notice(
                "there are no corpora beside the checkout, and TURNSOLE_CORPORA names none: nothing to compare",
            );
            Vec::new()
        }
        (_, Err(message)) => vec![Trial::test("corpora.toml", || Err(Failed::from(message)))],
    };
    libtest_mimic::run(&arguments, trials).exit();
}

#[expect(clippy::print_stderr, reason = "a test says why it does nothing")]
fn notice(text: &str) {
    eprintln!("{text}");
}

fn trials(folder: &Path, mut known: Known) -> Vec<Trial> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    folders.retain(|path| path.join("expected.log").is_file());
    folders.sort();
    folders
        .into_iter()
        .map(|folder| {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let corpus = known.corpus.remove(&name).unwrap_or_default();
            let ignored = corpus.not_run.is_some();
            Trial::test(name, move || run(&folder, &corpus).map_err(Failed::from)).with_ignored_flag(ignored)
        })
        .collect()
}

fn run(folder: &Path, corpus: &Corpus) -> Result<(), String> {
    let path = folder.join("expected.log");
    let expected = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let log = corpora::log(folder)?;
    let lines = corpora::compare(&String::from_utf8_lossy(&expected), &log, &corpus.differs);
    if lines.is_empty() {
        return Ok(());
    }
    let shown = lines[..lines.len().min(SHOWN)].join("\n");
    Err(format!("{} tests differ:\n{shown}", lines.len()))
}
