//! `turnsole compare`: what differs between logs?

use crate::render::Render;
use crate::status::Status;
use crate::terminal::Terminal;
use batch::{Session, Settings};
use clap::{Args, ValueEnum};
use compare::{Class, Classes, Column, Comparison, Layout, Level, NamedLog, Options, Row, Wanted};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use syntax::{Diagnostic, FileId, Span};

/// Larger logs are refused.
const MAX_BYTES: usize = 1 << 30;

/// Exit statuses, which differ from those of other commands only in words.
const HELP: &str = "\
Exit status:
  0   nothing differs
  1   something differs, of what --only asks for
  2   an option or a log is wrong
  3   nothing differs, but some tests have no answer in both logs
";

/// Options of `turnsole compare`.
#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct CompareArgs {
    /// Logs of herd7, litmus7 and `turnsole run`, as text or JSON; `-` for the standard input. All are compared with the
    /// first.
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<PathBuf>,

    /// How closely logs are compared.
    #[arg(long, value_enum, default_value_t = LevelArg::States)]
    level: LevelArg,

    /// Look for these differences only. The exit status is about them, too.
    #[arg(long, value_enum, value_name = "DIFFERENCE", value_delimiter = ',')]
    only: Vec<ClassArg>,

    /// Look only at tests that all logs have.
    #[arg(long)]
    common: bool,

    /// Don't look at hashes.
    #[arg(long)]
    no_hash: bool,

    /// Take numbers as signed ones of so many bits: with 32, `-1` is `0xffffffff`.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=128))]
    bits: Option<u32>,

    /// Look only at the tests that this file names, one a line.
    #[arg(long, value_name = "FILE")]
    names: Option<PathBuf>,

    /// Rename tests first, as this file says: `OLD NEW` on each line.
    #[arg(long, value_name = "FILE")]
    rename: Option<PathBuf>,

    /// How the comparison is written.
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// What is shown of each log [default: verdict,observation,witnesses].
    #[arg(short, long, value_enum, value_name = "COLUMN", value_delimiter = ',')]
    columns: Vec<ColumnArg>,

    /// What the logs are called [default: their files' names].
    #[arg(long, value_name = "TITLE", value_delimiter = ',')]
    titles: Vec<String>,

    /// Show the tests that don't differ, too.
    #[arg(short, long)]
    all: bool,

    /// Don't list the outcomes that differ.
    #[arg(short, long)]
    brief: bool,

    /// Write the summary only.
    #[arg(short, long, conflicts_with_all = ["all", "list"])]
    summary: bool,

    /// Write the names of the tests that differ, and nothing else.
    #[arg(short, long, conflicts_with = "all")]
    list: bool,

    /// Write nothing; the exit status says it all.
    #[arg(short, long)]
    quiet: bool,

    /// Write the names of the tests with outcomes that the first log does not have to this file.
    #[arg(long, value_name = "FILE")]
    pos: Option<PathBuf>,

    /// Write the names of the tests without some outcome that the first log has to this file.
    #[arg(long, value_name = "FILE")]
    neg: Option<PathBuf>,

    /// Write the names of the tests that don't differ to this file.
    #[arg(long, value_name = "FILE")]
    eq: Option<PathBuf>,

    /// Don't compare: merge the logs into one, and write it. Counts of runs add up.
    #[arg(long, conflicts_with = "cond")]
    sum: bool,

    /// Don't compare: write a condition for each test, as files of conditions have them.
    #[arg(long, value_enum, value_name = "WHICH", num_args = 0..=1, default_missing_value = "log")]
    cond: Option<Condition>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LevelArg {
    /// The kind, the verdict and the observation.
    Verdict,
    /// The final states and the flags, too.
    States,
    /// The numbers of executions, too.
    Counts,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ClassArg {
    /// Outcomes that the first log does not have.
    Positive,
    /// Outcomes that only the first log has.
    Negative,
    /// Verdicts.
    Verdict,
    /// Flags.
    Flags,
    /// Numbers of executions, with `--level counts`.
    Counts,
    /// Hashes.
    Hash,
    /// Tests that only one log has an answer to.
    Missing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each test, and the outcomes that differ below it.
    Text,
    /// A page of HTML.
    Html,
    /// Comma-separated values.
    Csv,
    /// One JSON document.
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ColumnArg {
    /// `Allowed`, `Forbidden` or `Required`.
    Kind,
    /// `Ok`, `No` or `Undef`.
    Verdict,
    /// `Never`, `Sometimes` or `Always`.
    Observation,
    /// How many executions satisfy the proposition, and how many don't.
    Witnesses,
    /// How many final states there are.
    States,
    /// All final states.
    Outcomes,
    /// The flags.
    Flags,
    /// The condition.
    Condition,
    /// The time in seconds.
    Time,
    /// The hash.
    Hash,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Condition {
    /// The one in the log.
    Log,
    /// `forall` of all outcomes in the log.
    Forall,
    /// `exists` of all outcomes in the log.
    Exists,
    /// `exists` of none of the outcomes in the log.
    Other,
    /// `exists` of the outcomes that the first log does not have.
    Positive,
    /// `exists` of the outcomes that only the first log has.
    Negative,
}

/// What a log was read from.
struct Source {
    title: String,
    text: String,
}

pub(crate) fn compare(args: &CompareArgs, terminal: &mut Terminal) -> io::Result<Status> {
    let compares = !args.sum
        && !matches!(
            args.cond,
            Some(Condition::Log | Condition::Forall | Condition::Exists | Condition::Other)
        );
    if compares && args.logs.len() < 2 {
        terminal.complain("one log can't be compared; name another one");
        return Ok(Status::UserError);
    }
    if !args.titles.is_empty() && args.titles.len() != args.logs.len() {
        terminal.complain(&format!("there are {} logs, but {} titles", args.logs.len(), args.titles.len()));
        return Ok(Status::UserError);
    }
    let selection = match Selection::new(args) {
        Ok(selection) => selection,
        Err(message) => {
            terminal.complain(&message);
            return Ok(Status::UserError);
        }
    };
    let Some(sources) = read_all(args, terminal)? else { return Ok(Status::UserError) };
    let Some(logs) = parse_all(&sources, &selection, args, terminal)? else { return Ok(Status::UserError) };
    if args.sum {
        return sum(&logs, terminal);
    }
    let comparison = compare::compare(&logs, options(args));
    if let Some(wanted) = args.cond {
        let text = compare::conditions(&comparison, wanted.into());
        terminal.out.write_all(text.as_bytes())?;
        return Ok(Status::Ok);
    }
    if let Err(message) = write_lists(args, &comparison) {
        terminal.complain(&message);
        return Ok(Status::UserError);
    }
    write(args, &comparison, terminal)?;
    Ok(status(&comparison))
}

fn status(comparison: &Comparison) -> Status {
    match (comparison.differs(), comparison.has_unknown()) {
        (true, _) => Status::Failed,
        (false, true) => Status::Limit,
        (false, false) => Status::Ok,
    }
}

fn options(args: &CompareArgs) -> Options {
    let mut only = if args.only.is_empty() {
        Classes::ALL
    } else {
        // What is not known is said, whatever is asked for.
        args.only.iter().map(|class| Class::from(*class)).chain([Class::Unknown]).collect()
    };
    if args.no_hash {
        only = only.without(Class::Hash);
    }
    if args.common {
        only = only.without(Class::Missing);
    }
    Options { level: args.level.into(), only, bits: args.bits }
}

/// Which tests are looked at, under which names.
struct Selection {
    names: Option<HashSet<String>>,
    renames: HashMap<String, String>,
}

impl Selection {
    fn new(args: &CompareArgs) -> Result<Selection, String> {
        let read = |path: &PathBuf| {
            std::fs::read_to_string(path).map_err(|error| format!("can't read `{}`: {error}", path.display()))
        };
        let mut selection = Selection { names: None, renames: HashMap::new() };
        if let Some(path) = &args.names {
            let text = read(path)?;
            selection.names = Some(litmus::read_names(&text).into_iter().map(str::to_owned).collect());
        }
        if let Some(path) = &args.rename {
            let text = read(path)?;
            let (renames, errors) = litmus::read_renames(FileId(0), &text);
            if let Some(error) = errors.first() {
                let line =
                    text[..error.span.start as usize].bytes().filter(|byte| *byte == b'\n').count() + 1;
                return Err(format!("{}:{line}: {}", path.display(), error.message));
            }
            selection.renames = renames.into_iter().collect();
        }
        Ok(selection)
    }

    fn apply(&self, log: &mut litmus::Log) {
        if !self.renames.is_empty() {
            for test in &mut log.tests {
                if let Some(new) = self.renames.get(&*test.name) {
                    test.name = Cow::Owned(new.clone());
                }
            }
        }
        if let Some(names) = &self.names {
            log.tests.retain(|test| names.contains(&*test.name));
        }
    }
}

/// Reads all files. `None` if some can't be read, which was said.
fn read_all(args: &CompareArgs, terminal: &mut Terminal) -> io::Result<Option<Vec<Source>>> {
    let mut sources = Vec::new();
    let mut stdin_taken = false;
    for (at, path) in args.logs.iter().enumerate() {
        let name =
            if path == Path::new("-") { "<stdin>".into() } else { path.to_string_lossy().into_owned() };
        if path == Path::new("-") && std::mem::replace(&mut stdin_taken, true) {
            terminal.complain("the standard input can be read only once");
            return Ok(None);
        }
        match read(path, &name) {
            Ok(text) => {
                let title = args.titles.get(at).cloned().unwrap_or(name);
                sources.push(Source { title, text });
            }
            Err(error) => show(&[error], &name, "", terminal)?,
        }
    }
    Ok((sources.len() == args.logs.len()).then_some(sources))
}

fn read(path: &Path, name: &str) -> Result<String, Diagnostic> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map_err(|error| {
            let message = format!("can't read {name}: {error}");
            Diagnostic::error("input::unreadable", Span::default(), message)
        })?;
        bytes
    } else {
        batch::read::read_bytes(path, name, MAX_BYTES)?
    };
    if bytes[..bytes.len().min(1 << 16)].contains(&0) {
        let message = format!("`{name}` is a binary file");
        return Err(
            Diagnostic::error("input::binary", Span::default(), message).with_help("logs are text files")
        );
    }
    // Comments of tests, which hardware's logs quote, come in all encodings.
    Ok(String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// Parses all logs. `None` if some are no logs, which was said.
fn parse_all<'a>(
    sources: &'a [Source],
    selection: &Selection,
    args: &CompareArgs,
    terminal: &mut Terminal,
) -> io::Result<Option<Vec<NamedLog<'a>>>> {
    let mut logs: Vec<NamedLog<'a>> = Vec::new();
    let mut broken = false;
    for source in sources {
        let (mut log, problems) = compare::read(FileId(0), &source.text);
        show(&problems, &source.title, &source.text, terminal)?;
        broken |= syntax::has_errors(&problems);
        selection.apply(&mut log);
        logs.push(NamedLog { title: source.title.clone(), log });
    }
    if broken {
        return Ok(None);
    }
    if args.common {
        keep_common(&mut logs);
    }
    Ok(Some(logs))
}

/// Keeps the tests that all logs have.
fn keep_common(logs: &mut [NamedLog]) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for test in logs.iter().flat_map(|named| &named.log.tests) {
        *counts.entry(test.name.to_string()).or_default() += 1;
    }
    let all = logs.len();
    for named in logs {
        named.log.tests.retain(|test| counts.get(&*test.name) == Some(&all));
    }
}

fn show(problems: &[Diagnostic], name: &str, text: &str, terminal: &mut Terminal) -> io::Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    let session = Session::new(Settings::default());
    let message = Render::new(terminal.err_color).all(problems, &session.sources(name, text));
    terminal.message(&message)
}

fn sum(logs: &[NamedLog], terminal: &mut Terminal) -> io::Result<Status> {
    let (sum, refused) = compare::sum(logs);
    terminal.out.write_all(compare::write_log(&sum).as_bytes())?;
    for name in &refused {
        terminal.complain(&format!(
            "`{name}` is not the same test in all logs: the hashes differ; the first one counts"
        ));
    }
    Ok(if refused.is_empty() { Status::Ok } else { Status::UserError })
}

/// Writes the lists of names that were asked for.
fn write_lists(args: &CompareArgs, comparison: &Comparison) -> Result<(), String> {
    write_list(args.pos.as_deref(), comparison, &|row| row.has(Class::Positive))?;
    write_list(args.neg.as_deref(), comparison, &|row| row.has(Class::Negative))?;
    write_list(args.eq.as_deref(), comparison, &|row| !row.differs())
}

fn write_list(
    path: Option<&Path>,
    comparison: &Comparison,
    wanted: &dyn Fn(&Row) -> bool,
) -> Result<(), String> {
    let Some(path) = path else { return Ok(()) };
    let text = names(comparison, wanted);
    std::fs::write(path, text).map_err(|error| format!("can't write `{}`: {error}", path.display()))
}

fn names(comparison: &Comparison, wanted: &dyn Fn(&Row) -> bool) -> String {
    let rows = comparison.rows.iter().filter(|row| wanted(row));
    rows.map(|row| format!("{}\n", row.name)).collect()
}

fn write(args: &CompareArgs, comparison: &Comparison, terminal: &mut Terminal) -> io::Result<()> {
    if args.quiet {
        return Ok(());
    }
    if args.list {
        return terminal.out.write_all(names(comparison, &Row::differs).as_bytes());
    }
    let mut layout = Layout {
        all: args.all,
        brief: args.brief,
        summary_only: args.summary,
        color: terminal.out_color,
        ..Layout::default()
    };
    if !args.columns.is_empty() {
        layout.columns = args.columns.iter().map(|column| (*column).into()).collect();
    }
    let text = match args.format {
        Format::Text => comparison.text(&layout),
        Format::Html => comparison.html(&layout),
        Format::Csv => comparison.csv(&layout),
        Format::Json => comparison.json(&layout, crate::json::TOOL)?,
    };
    terminal.out.write_all(text.as_bytes())
}

impl From<LevelArg> for Level {
    fn from(level: LevelArg) -> Level {
        match level {
            LevelArg::Verdict => Level::Verdict,
            LevelArg::States => Level::States,
            LevelArg::Counts => Level::Counts,
        }
    }
}

impl From<ClassArg> for Class {
    fn from(class: ClassArg) -> Class {
        match class {
            ClassArg::Positive => Class::Positive,
            ClassArg::Negative => Class::Negative,
            ClassArg::Verdict => Class::Verdict,
            ClassArg::Flags => Class::Flags,
            ClassArg::Counts => Class::Counts,
            ClassArg::Hash => Class::Hash,
            ClassArg::Missing => Class::Missing,
        }
    }
}

impl From<ColumnArg> for Column {
    fn from(column: ColumnArg) -> Column {
        match column {
            ColumnArg::Kind => Column::Kind,
            ColumnArg::Verdict => Column::Verdict,
            ColumnArg::Observation => Column::Observation,
            ColumnArg::Witnesses => Column::Witnesses,
            ColumnArg::States => Column::States,
            ColumnArg::Outcomes => Column::Outcomes,
            ColumnArg::Flags => Column::Flags,
            ColumnArg::Condition => Column::Condition,
            ColumnArg::Time => Column::Time,
            ColumnArg::Hash => Column::Hash,
        }
    }
}

impl From<Condition> for Wanted {
    fn from(condition: Condition) -> Wanted {
        match condition {
            Condition::Log => Wanted::Log,
            Condition::Forall => Wanted::Forall,
            Condition::Exists => Wanted::Exists,
            Condition::Other => Wanted::Other,
            Condition::Positive => Wanted::Positive,
            Condition::Negative => Wanted::Negative,
        }
    }
}
