//! `turnsole fmt`: one layout for litmus tests and models.

use crate::render::Render;
use crate::status::Status;
use crate::terminal::Terminal;
use batch::input::{Accept, Inputs, Source};
use batch::{Session, Settings, read};
use clap::{Args, ValueEnum};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use syntax::{Diagnostic, FileId};

const HELP: &str = "\
Comments stay where they are, and tests keep their hashes: the bodies of C functions are not touched.

Exit status:
  0   everything is formatted
  1   with --check: some files are not
  2   an option or a file is wrong; files that have errors are left as they are";

/// Options of `turnsole fmt`.
#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct FmtArgs {
    /// Litmus tests (`.litmus`), models (`.cat`, `.bell`), folders of both, `@file` (a list of names). `-` formats the
    /// standard input to the standard output.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Change nothing; list the files that are not formatted.
    #[arg(long)]
    check: bool,

    /// Write to the standard output instead of the files.
    #[arg(long, conflicts_with = "check")]
    stdout: bool,

    /// What the files are in [default: by their names; the standard input by how it starts].
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    language: Option<Language>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Language {
    /// Litmus tests.
    Litmus,
    /// Models.
    Cat,
}

/// What became of a file.
enum Outcome {
    Same,
    Changed(String),
    Wrong(Vec<Diagnostic>),
}

pub(crate) fn fmt(args: &FmtArgs, terminal: &mut Terminal) -> io::Result<Status> {
    let mut status = Status::Ok;
    let mut text = String::new();
    for input in Inputs::new(expand(&args.files), Accept { folders: true, dash: true }) {
        let name = input.name.clone();
        let fetched = match &input.source {
            Source::File(path) => read::read_file(path, &name, &mut text),
            Source::Stdin => read::read_stream(&mut io::stdin(), &name, &mut text),
            Source::Text(given) => {
                text.clone_from(given);
                Ok(())
            }
            Source::Missing(error) => Err(error.clone()),
        };
        let outcome = match fetched {
            Ok(()) => format(args.language.unwrap_or_else(|| language(&input.source, &text)), &text),
            Err(error) => Outcome::Wrong(vec![error]),
        };
        status = status.worst(finish(args, &input.source, &name, &text, outcome, terminal)?);
    }
    Ok(status)
}

/// Names the tests and models in folders. A folder that has none stays, so that it is reported.
fn expand(files: &[PathBuf]) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for file in files {
        let before = all.len();
        if file.is_dir() {
            collect(file, 0, &mut all);
        }
        if all.len() == before {
            all.push(file.clone());
        }
    }
    all
}

/// Adds the tests and models in a folder and below it, by name. Links to folders are not followed.
fn collect(folder: &Path, depth: usize, all: &mut Vec<PathBuf>) {
    const MAX_DEPTH: usize = 64;
    let mut entries: Vec<_> = std::fs::read_dir(folder).into_iter().flatten().flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && depth < MAX_DEPTH {
            collect(&path, depth + 1, all);
        } else if path.extension().is_some_and(|it| it == "litmus" || it == "cat" || it == "bell") {
            all.push(path);
        }
    }
}

/// The language of a file, by its name; of the standard input, by its first word.
fn language(source: &Source, text: &str) -> Language {
    if let Source::File(path) = source {
        let is_model = path.extension().is_some_and(|extension| extension == "cat" || extension == "bell");
        return if is_model { Language::Cat } else { Language::Litmus };
    }
    // Only a test has braces behind an architecture, with nothing of a model before.
    let (test, errors) = litmus::parse(FileId(0), text);
    if test.is_some() && !syntax::has_errors(&errors) { Language::Litmus } else { guess(text) }
}

/// The language of a text that is no test without errors.
fn guess(text: &str) -> Language {
    let words =
        ["let", "include", "acyclic", "irreflexive", "empty", "show", "flag", "procedure", "enum", "catdep"];
    let starts = |line: &str| line.split_whitespace().next().is_some_and(|word| words.contains(&word));
    if text.lines().any(starts) { Language::Cat } else { Language::Litmus }
}

fn format(language: Language, text: &str) -> Outcome {
    let formatted = match language {
        Language::Litmus => litmus::format(FileId(0), text),
        Language::Cat => cat::format(FileId(0), text),
    };
    match formatted {
        Ok(formatted) if formatted == text => Outcome::Same,
        Ok(formatted) => Outcome::Changed(formatted),
        Err(errors) => Outcome::Wrong(errors),
    }
}

/// Does with the outcome what was asked for.
fn finish(
    args: &FmtArgs,
    source: &Source,
    name: &str,
    text: &str,
    outcome: Outcome,
    terminal: &mut Terminal,
) -> io::Result<Status> {
    let is_stream = !matches!(source, Source::File(_));
    let formatted = match &outcome {
        Outcome::Wrong(errors) => {
            let session = Session::new(Settings::default());
            let message = Render::new(terminal.err_color).all(errors, &session.sources(name, text));
            terminal.message(&message)?;
            return Ok(Status::UserError);
        }
        Outcome::Same => text,
        Outcome::Changed(formatted) => formatted,
    };
    let changed = matches!(outcome, Outcome::Changed(_));
    if args.check {
        if changed {
            writeln!(terminal.out, "{name}")?;
        }
        return Ok(if changed { Status::Failed } else { Status::Ok });
    }
    if args.stdout || is_stream {
        terminal.out.write_all(formatted.as_bytes())?;
        return Ok(Status::Ok);
    }
    match source {
        Source::File(path) if changed => Ok(write(path, formatted, terminal)),
        _ => Ok(Status::Ok),
    }
}

fn write(path: &Path, text: &str, terminal: &mut Terminal) -> Status {
    match std::fs::write(path, text) {
        Ok(()) => Status::Ok,
        Err(error) => {
            terminal.complain(&format!("can't write `{}`: {error}", path.display()));
            Status::UserError
        }
    }
}
