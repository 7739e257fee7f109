//! `turnsole verify-mapping`: does a compiler's or a JIT's choice of instructions keep what the source promises?

mod cycles;
mod json;
mod judge;
mod text;

use crate::render::Render;
use crate::status::Status;
use crate::terminal::Terminal;
use batch::input::{Accept, Inputs, Source};
use batch::{Library, Settings, read};
use clap::{Args, ValueEnum};
use compile::mapping::{self, Language, Mapping, SHIPPED};
use compile::session::{Candidate, Executions, Needed, Session, Tally};
use judge::Tests;
use litmus::Test;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use syntax::{Diagnostic, FileId, SourceMap, Span, has_errors};
use turnsole::{Model, Options};

const HELP: &str = "\
A mapping says, for each instruction of a source language, which instructions of a machine stand for it. The tests are \
translated, and both are judged under the models of their languages. An outcome that the source forbids and the machine \
allows breaks the mapping. Without tests, those of all cycles of two threads are taken. `--list` lists the mappings that are built in; docs/mappings.md says how to write one.

Examples:
  turnsole verify-mapping bpf-arm64-lse
  turnsole verify-mapping bpf-arm64-lse tests/
  turnsole verify-mapping current @tests.txt
  turnsole verify-mapping bpf --cycles 3
  turnsole verify-mapping --barriers my-jit.map tests/

Exit status:
  0   no mapping allows anything that the source forbids
  1   some mapping does
  2   an option, a file, a test or a mapping is wrong
  3   some tests could not be judged";

/// Options of `turnsole verify-mapping`.
#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct VerifyMappingArgs {
    /// Mappings (names of those that are built in, `.map` files; `current`, `wrong` and `all` for those that are in
    /// use, those that were found wrong, and both; `bpf`, `linux` and `c11` for those of one source), then tests:
    /// files, folders, `@file` (a list of names).
    #[arg(value_name = "MAPPING_OR_TEST", required_unless_present_any = ["list", "print"])]
    arguments: Vec<PathBuf>,

    /// List the mappings that are built in.
    #[arg(long)]
    list: bool,

    /// Print the text of a mapping that is built in, or of a part (`lib/arm64`) that others include.
    #[arg(long, value_name = "NAME")]
    print: Option<String>,

    /// Add the tests of all critical cycles of at most so many threads (2 to 4) that the source forbids, and forbids no
    /// longer if anything in them is made weaker: fences, dependencies, acquire and release, updates on the cycle and
    /// beside it.
    #[arg(long, value_name = "THREADS", value_parser = clap::value_parser!(u8).range(2..=4))]
    cycles: Option<u8>,

    /// Weaken each barrier, one after the other, and say which of them some test needs.
    #[arg(long)]
    barriers: bool,

    /// The model of the source [default: bpf, cpp20 or linux-kernel].
    #[arg(long, value_name = "MODEL")]
    source_model: Option<String>,

    /// Switch variants of the source's model on: which mappings would break if it promised that?
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    source_variant: Vec<String>,

    /// The model of the target [default: that of its architecture].
    #[arg(long, value_name = "MODEL")]
    target_model: Option<String>,

    /// How many tests are judged at once; 0 for as many as there are cores.
    #[arg(short, long, value_name = "N", default_value_t = 0)]
    jobs: usize,

    /// How results are written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The models of the languages that tests are written in.
type Models = BTreeMap<Language, Model>;

/// A test and where it is from.
struct Named {
    file: String,
    test: Test,
}

/// What was found about a mapping.
struct Finding<'f> {
    mapping: &'f Mapping,
    model: &'f Model,
    tally: &'f Tally,
    barriers: Option<Vec<Needed>>,
    executions: Option<Executions>,
    /// The positions of the tests that the barriers speak of.
    asked: Vec<usize>,
}

pub(crate) fn verify_mapping(args: &VerifyMappingArgs, terminal: &mut Terminal) -> io::Result<Status> {
    if args.list {
        return text::list(terminal).map(|()| Status::Ok);
    }
    if let Some(name) = &args.print {
        return print(name, terminal);
    }
    let (names, tests) = split(&args.arguments);
    if names.is_empty() {
        terminal.complain("there is no mapping among the arguments; `--help` has examples, `--list` names");
        return Ok(Status::UserError);
    }
    // Without tests there are those of the smallest cycles.
    let cycles = args.cycles.or(tests.is_empty().then_some(2));
    let mut files = SourceMap::new();
    let (mappings, wrong) = mappings(&names, &mut files);
    let status = complain(&wrong, &files, terminal)?;
    if status != Status::Ok {
        return Ok(status);
    }
    let (given, status) = read_tests(tests, terminal)?;
    match prepare(args, mappings) {
        Ok((models, candidates)) => {
            let found = run(args, cycles, &models, candidates, Tests::new(given), terminal)?;
            Ok(status.worst(found))
        }
        Err(message) => {
            terminal.complain(&message);
            Ok(Status::UserError)
        }
    }
}

fn print(name: &str, terminal: &mut Terminal) -> io::Result<Status> {
    match mapping::shipped(name) {
        Some(one) => terminal.out.write_all(one.text.as_bytes()).map(|()| Status::Ok),
        None => {
            let hint = syntax::did_you_mean(name, SHIPPED.iter().map(|one| one.name));
            let hint = hint.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
            terminal.complain(&format!("there is no built-in mapping `{name}`{hint}"));
            Ok(Status::UserError)
        }
    }
}

/// The mappings that a word stands for, if it is one for mappings.
fn group(word: &str) -> Option<Vec<&'static str>> {
    let those = |wanted: &dyn Fn(&mapping::Shipped) -> bool| {
        SHIPPED.iter().filter(|one| wanted(one)).map(|one| one.name).collect()
    };
    Some(match word {
        "all" => those(&|_| true),
        "current" => those(&|one| !one.wrong),
        "wrong" => those(&|one| one.wrong),
        "bpf" | "linux" | "c11" => those(&|one| !one.wrong && one.name.split('-').next() == Some(word)),
        _ => vec![mapping::shipped(word).filter(|one| !one.name.contains('/'))?.name],
    })
}

/// Which arguments are mappings, and which tests.
fn split(arguments: &[PathBuf]) -> (Vec<String>, Vec<PathBuf>) {
    let (mut names, mut tests) = (Vec::new(), Vec::new());
    for argument in arguments {
        let word = argument.to_string_lossy();
        let is_file = argument.extension().is_some_and(|extension| extension == "map");
        match group(&word) {
            Some(group) => names.extend(group.into_iter().map(str::to_owned)),
            None if is_file => names.push(word.into_owned()),
            None => tests.push(argument.clone()),
        }
    }
    (names, tests)
}

/// The mappings that words stand for: names, groups, files.
pub(crate) fn chosen(words: &[String]) -> Vec<String> {
    let of = |word: &String| match group(word) {
        Some(names) => names.into_iter().map(str::to_owned).collect(),
        None => vec![word.clone()],
    };
    words.iter().flat_map(of).collect()
}

/// Reads mappings. What they include is looked for beside them, then among those that are built in.
pub(crate) fn mappings(names: &[String], files: &mut SourceMap) -> (Vec<Mapping>, Vec<Diagnostic>) {
    let (mut all, mut wrong) = (Vec::new(), Vec::new());
    for name in names {
        let mut text = String::new();
        let folder = match mapping::shipped(name) {
            Some(one) => {
                one.text.clone_into(&mut text);
                None
            }
            None => {
                if let Err(diagnostic) = read::read_file(Path::new(name), name, &mut text) {
                    let span = Span { file: files.add(name, ""), ..Span::default() };
                    wrong.push(Diagnostic { span, ..diagnostic });
                    continue;
                }
                Path::new(name).parent()
            }
        };
        let file = files.add(name, text.clone());
        let mut include = |wanted: &str| {
            let beside = folder.map(|folder| folder.join(format!("{wanted}.map")));
            let mut found = String::new();
            let read = beside.is_some_and(|path| read::read_file(&path, wanted, &mut found).is_ok());
            if !read {
                found = mapping::shipped(wanted)?.text.to_owned();
            }
            Some((files.add(format!("{wanted}.map"), found.clone()), found))
        };
        let (mapping, diagnostics) = mapping::parse(file, &text, &mut include);
        all.extend(mapping);
        wrong.extend(diagnostics);
    }
    (all, wrong)
}

/// Shows what is wrong with mappings.
pub(crate) fn complain(
    wrong: &[Diagnostic],
    files: &SourceMap,
    terminal: &mut Terminal,
) -> io::Result<Status> {
    let render = Render::new(terminal.err_color);
    let session = batch::Session::new(Settings::default());
    for diagnostic in wrong {
        let file = files.file(diagnostic.span.file);
        // Each is shown as if its file were the only one; labels are in the same one.
        let mut diagnostic = diagnostic.clone();
        diagnostic.span.file = FileId(0);
        diagnostic.labels.iter_mut().for_each(|(span, _)| span.file = FileId(0));
        terminal.message(&render.all(&[diagnostic], &session.sources(&file.name, &file.text)))?;
    }
    Ok(if has_errors(wrong) { Status::UserError } else { Status::Ok })
}

fn read_tests(arguments: Vec<PathBuf>, terminal: &mut Terminal) -> io::Result<(Vec<Named>, Status)> {
    let (mut tests, mut status) = (Vec::new(), Status::Ok);
    let session = batch::Session::new(Settings::default());
    let render = Render::new(terminal.err_color);
    let mut text = String::new();
    for input in Inputs::new(arguments, Accept { folders: true, dash: true }) {
        let file = input.name.clone();
        let fetched = match input.source {
            Source::File(path) => read::read_file(&path, &file, &mut text),
            Source::Stdin => read::read_stream(&mut io::stdin(), &file, &mut text),
            Source::Text(given) => {
                text = given;
                Ok(())
            }
            Source::Missing(error) => Err(error),
        };
        let (test, diagnostics) = match fetched {
            Ok(()) => turnsole::parse(FileId(0), &text),
            Err(diagnostic) => (None, vec![diagnostic]),
        };
        match test.filter(|_| !has_errors(&diagnostics)) {
            Some(test) => tests.push(Named { file, test }),
            None => {
                status = Status::UserError;
                terminal.message(&render.all(&diagnostics, &session.sources(&file, &text)))?;
            }
        }
    }
    Ok((tests, status))
}

/// Loads the models.
fn prepare(args: &VerifyMappingArgs, mappings: Vec<Mapping>) -> Result<(Models, Vec<Candidate>), String> {
    let library = Library::new();
    let options = Options::default();
    let mut sources = SourceMap::new();
    let of_source = Options { variants: args.source_variant.clone(), ..Options::default() };
    let mut load = |name: &str, options: &Options| {
        let (model, diagnostics) = turnsole::load_model(&library, name, options, &mut sources);
        let why = || diagnostics.first().map(|first| first.message.clone()).unwrap_or_default();
        model.ok_or_else(|| format!("the model `{name}`: {}", why()))
    };
    let mut models = Models::new();
    let mut targets: BTreeMap<String, Model> = BTreeMap::new();
    let mut candidates = Vec::new();
    for mapping in mappings {
        if let Entry::Vacant(place) = models.entry(mapping.source) {
            let name = args.source_model.as_deref().unwrap_or(mapping.source.model());
            place.insert(load(name, &of_source)?);
        }
        let name = args.target_model.as_deref().or_else(|| turnsole::default_model(mapping.target.word()));
        let name =
            name.ok_or_else(|| format!("{} has no model of its own; give `--target-model`", mapping.target))?;
        let model = match targets.get(name) {
            Some(model) => model.clone(),
            None => targets.entry(name.to_owned()).or_insert(load(name, &options)?).clone(),
        };
        candidates.push(Candidate { mapping, model, tally: Tally::default() });
    }
    Ok((models, candidates))
}

fn run(
    args: &VerifyMappingArgs,
    cycles: Option<u8>,
    models: &Models,
    mut candidates: Vec<Candidate>,
    mut tests: Tests,
    terminal: &mut Terminal,
) -> io::Result<Status> {
    let session = || Session::new(&Options::default(), models.clone());
    let jobs = match args.jobs {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        jobs => jobs,
    };
    let mut summary = Vec::new();
    if let Some(threads) = cycles {
        for language in judge::languages(&candidates) {
            match cycles::find(language, threads.into(), jobs, &session) {
                Ok(found) => {
                    match args.format {
                        Format::Text => text::cycles(language, threads, &found, terminal)?,
                        Format::Json => summary.push(json::cycles(language, threads, &found)),
                    }
                    tests.cycles.extend(found.cycles.into_iter().map(|one| (language, one)));
                }
                Err(message) => {
                    terminal.complain(&message);
                    return Ok(Status::Internal);
                }
            }
        }
    }
    judge::all(&mut candidates, &mut tests, jobs, &session);
    let findings = judge::findings(&candidates, &mut tests, args.barriers, jobs, &session);
    match args.format {
        Format::Text => text::findings(&findings, &tests, terminal)?,
        Format::Json => json::findings(&findings, &tests, summary, terminal)?,
    }
    Ok(findings.iter().map(status).fold(Status::Ok, Status::worst))
}

fn status(finding: &Finding<'_>) -> Status {
    match finding.tally {
        tally if tally.broken > 0 => Status::Failed,
        tally if !tally.unknown.is_empty() => Status::Limit,
        _ => Status::Ok,
    }
}
