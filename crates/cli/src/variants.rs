//! `turnsole variants`: which outcomes tell the variants of a model apart?

mod mappings;

use self::mappings::{Breaks, Mappings};
use crate::args::Simulation;
use crate::json::{SCHEMA_VERSION, TOOL};
use crate::progress::Progress;
use crate::run::{limit_note, status_of_report};
use crate::runner::{Runner, status_of};
use crate::status::Status;
use crate::table;
use crate::terminal::Terminal;
use batch::judge::Ask;
use batch::{Input, Worker, pool};
use clap::{Args, ValueEnum};
use comfy_table::{Attribute, Cell, CellAlignment};
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::ops::ControlFlow;
use turnsole::Report;

/// Options of `turnsole variants`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  turnsole variants --model bpf tests/litmus/bpf
  turnsole variants --model bpf --mappings bpf tests/litmus/bpf")]
pub(crate) struct VariantsArgs {
    #[command(flatten)]
    simulation: Simulation,

    /// The variants to compare, each with the model without it [default: all that the model asks for]. Those of
    /// `--variant` are on everywhere.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    compare: Vec<String>,

    /// Compare them with each other, too.
    #[arg(long)]
    pairs: bool,

    /// Say which mappings each variant would break if it were the rule: names, groups (`bpf`, `current`, `all`) and
    /// files, as `turnsole verify-mapping` takes them. Only tests that the variant forbids something in are asked.
    #[arg(long, value_name = "MAPPING", value_delimiter = ',')]
    mappings: Vec<String>,

    /// How many tests the table shows, smallest first; 0 for all that tell something apart.
    #[arg(long, value_name = "N", default_value_t = 20)]
    rows: usize,

    /// How the answer is printed.
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How the answer is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table, and a paragraph for each variant.
    Text,
    /// One document in JSON.
    Json,
}

/// A test under the model (the first column) and under each variant.
#[derive(Serialize)]
struct Row {
    name: String,
    file: String,
    /// How many instructions or statements it has, roughly.
    size: usize,
    /// What is observed; `None` without an answer.
    observations: Vec<Option<&'static str>>,
    #[serde(skip)]
    outcomes: Vec<BTreeSet<String>>,
    /// The test itself, for mappings.
    #[serde(skip)]
    test: Option<litmus::Test>,
}

impl Row {
    /// Whether two columns have different outcomes.
    fn differs(&self, a: usize, b: usize) -> bool {
        let answered = self.observations[a].is_some() && self.observations[b].is_some();
        answered && self.outcomes[a] != self.outcomes[b]
    }

    fn tells_apart(&self) -> bool {
        (1..self.outcomes.len()).any(|column| self.differs(0, column))
    }

    /// The first outcome that one column has and the other has not.
    fn only_in(&self, a: usize, b: usize) -> Option<&str> {
        self.outcomes[a].difference(&self.outcomes[b]).next().map(String::as_str)
    }

    /// What a cell of the table says: with a star if other outcomes differ than the one that is asked about.
    fn cell(&self, column: usize) -> String {
        let Some(observation) = self.observations[column] else { return "?".to_owned() };
        let star = self.differs(0, column) && self.observations[0] == Some(observation);
        format!("{observation}{}", if star { "*" } else { "" })
    }
}

/// What tells two columns apart.
#[derive(Serialize)]
struct Difference<'r> {
    first: &'r str,
    second: &'r str,
    /// How many tests do.
    tests: usize,
    /// In how many the second forbids something.
    forbids: usize,
    /// In how many it allows something.
    allows: usize,
    /// The smallest test.
    #[serde(skip_serializing_if = "Option::is_none")]
    smallest: Option<Smallest<'r>>,
    /// Which mappings the second breaks, if somebody asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    mappings: Option<Breaks>,
}

/// The smallest test that tells two columns apart, with an outcome that only one has.
#[derive(Serialize)]
struct Smallest<'r> {
    name: &'r str,
    file: &'r str,
    size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    only_first: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    only_second: Option<&'r str>,
}

fn difference<'r>(rows: &'r [Row], columns: &'r [String], a: usize, b: usize) -> Difference<'r> {
    let apart: Vec<&Row> = rows.iter().filter(|row| row.differs(a, b)).collect();
    let count = |a, b| apart.iter().filter(|row| row.only_in(a, b).is_some()).count();
    let smallest = apart.first().map(|row| Smallest {
        name: &row.name,
        file: &row.file,
        size: row.size,
        only_first: row.only_in(a, b),
        only_second: row.only_in(b, a),
    });
    Difference {
        first: &columns[a],
        second: &columns[b],
        tests: apart.len(),
        forbids: count(a, b),
        allows: count(b, a),
        smallest,
        mappings: None,
    }
}

/// What one test has to say.
struct Done {
    row: Option<Row>,
    /// Whether it is for another architecture than the model.
    is_other: bool,
    err: String,
    status: Status,
}

pub(crate) fn variants(mut args: VariantsArgs, terminal: &mut Terminal) -> io::Result<Status> {
    args.simulation.outcomes = true;
    let runner = match Runner::new(&args.simulation, true, false, terminal)? {
        Ok(runner) => runner,
        Err(status) => return Ok(status),
    };
    let named = runner.session.load_model().map(|model| runner.session.named_variants(model));
    let mut compared = args.compare.clone();
    if compared.is_empty() {
        compared = named.unwrap_or_default();
        compared.retain(|name| !args.simulation.variant.contains(name));
    }
    if compared.is_empty() {
        terminal.complain(match args.simulation.model {
            Some(_) => "the model asks for no variants; name some with --compare",
            None => "say which model (--model bpf), or which variants (--compare NAME)",
        });
        return Ok(Status::UserError);
    }
    let mappings = match &args.mappings[..] {
        [] => None,
        names => {
            let (model, variants) = (args.simulation.model.as_deref(), &args.simulation.variant);
            match Mappings::load(names, model, variants, terminal)? {
                Some(mappings) => Some(mappings),
                None => return Ok(Status::UserError),
            }
        }
    };
    let mut columns = vec![base_name(&args.simulation)];
    columns.extend(compared.iter().cloned());
    let (rows, tests, status) = judge(&args, &runner, &compared, terminal)?;
    let mut differences: Vec<Difference<'_>> =
        (1..columns.len()).map(|column| difference(&rows, &columns, 0, column)).collect();
    if let Some(mappings) = mappings {
        for (column, difference) in differences.iter_mut().enumerate() {
            match mappings.breaks(&compared[column], &forbidding(&rows, column + 1)) {
                Ok(breaks) => difference.mappings = Some(breaks),
                Err(message) => {
                    terminal.complain(&message);
                    return Ok(Status::UserError);
                }
            }
        }
    }
    if args.pairs {
        let pairs = (1..columns.len()).flat_map(|a| (a + 1..columns.len()).map(move |b| (a, b)));
        differences.extend(pairs.map(|(a, b)| difference(&rows, &columns, a, b)));
    }
    match args.format {
        Format::Text => print(&args, &columns, &rows, tests, &differences, terminal)?,
        Format::Json => print_json(&columns, &rows, tests, &differences, terminal)?,
    }
    Ok(status)
}

/// The tests in which a variant forbids something.
fn forbidding(rows: &[Row], column: usize) -> Vec<&litmus::Test> {
    let forbids = |row: &&Row| row.differs(0, column) && row.only_in(0, column).is_some();
    rows.iter().filter(forbids).filter_map(|row| row.test.as_ref()).collect()
}

/// What the model is called without the variants that are compared.
fn base_name(simulation: &Simulation) -> String {
    let model = simulation.model.as_deref().unwrap_or("model");
    let name = model.strip_suffix(".cat").unwrap_or(model);
    let name = name.rsplit('/').next().unwrap_or(name);
    [&[name.to_owned()], &simulation.variant[..]].concat().join("+")
}

/// The tests that tell something apart, smallest first; how many tests there were for the model's architecture; the
/// status.
fn judge(
    args: &VariantsArgs,
    runner: &Runner,
    compared: &[String],
    terminal: &mut Terminal,
) -> io::Result<(Vec<Row>, usize, Status)> {
    let mut progress = Progress::new(terminal.can_show_progress());
    let (mut rows, mut tests, mut status) = (Vec::new(), 0, Status::Ok);
    let mut result = Ok(());
    let work =
        |worker: &mut Worker, input: Input| one(runner, compared, !args.mappings.is_empty(), worker, input);
    let inputs = Runner::inputs(&args.simulation);
    pool::run(inputs, runner.session.crew(), Worker::default, work, |done: Done| {
        progress.step();
        tests += usize::from(!done.is_other);
        status = status.worst(done.status);
        // Outcomes of tests that tell nothing apart are of no interest.
        rows.extend(done.row.filter(|row| row.tells_apart() || args.pairs));
        result = progress.suspend(|| terminal.message(&done.err));
        if result.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    progress.finish();
    result?;
    rows.sort_by(|a: &Row, b: &Row| (a.size, &a.name).cmp(&(b.size, &b.name)));
    Ok((rows, tests, status))
}

fn one(runner: &Runner, compared: &[String], keep: bool, worker: &mut Worker, input: Input) -> Done {
    let read = runner.session.read(input);
    let mut diagnostics = read.diagnostics;
    let mut done = Done { row: None, is_other: false, err: String::new(), status: Status::Ok };
    if let Some(test) = &read.test {
        let mut row = Row {
            name: test.name.clone(),
            file: read.file.clone(),
            size: size(test),
            observations: Vec::new(),
            outcomes: Vec::new(),
            test: None,
        };
        for column in 0..=compared.len() {
            let variants = column.checked_sub(1).map(|at| &compared[at..=at]).unwrap_or_default();
            let judged = runner.session.judge(worker, test, Ask { variants, ..Ask::default() });
            if judged.failure.as_ref().is_some_and(|failure| failure.code == "model::architecture") {
                return Done { is_other: true, ..done };
            }
            diagnostics.extend(judged.failure.clone());
            let Some(report) = &judged.report else {
                done.status = Status::UserError;
                break;
            };
            let more = report.diagnostics.iter().filter(|more| !diagnostics.contains(more)).cloned();
            diagnostics.extend(more.collect::<Vec<_>>());
            done.status = done.status.worst(status_of_report(report));
            if column == 0 {
                done.err += &limit_note(report, &read.file).unwrap_or_default();
            }
            let answer = Some(report).filter(|report| report.has_answer());
            row.observations.push(answer.and_then(Report::observation).map(|seen| seen.word()));
            row.outcomes.push(answer.map(outcomes).unwrap_or_default());
        }
        row.test = keep.then(|| test.clone());
        // Without a report for each column there is nothing to compare.
        done.row = Some(row).filter(|row| row.outcomes.len() > compared.len());
    }
    done.status = done.status.worst(status_of(&diagnostics));
    done.err.insert_str(0, &runner.diagnostics(&diagnostics, &read.file, &read.text));
    done
}

fn outcomes(report: &Report) -> BTreeSet<String> {
    let line = |state: &turnsole::State| {
        let parts =
            report.columns.iter().zip(&state.values).map(|(place, value)| format!("{place}={value};"));
        parts.collect::<Vec<_>>().join(" ")
    };
    report.states.iter().map(line).collect()
}

/// How many instructions a test has; statements, in C.
fn size(test: &litmus::Test) -> usize {
    match &test.program {
        litmus::Program::Asm(threads) => {
            let cells = threads.iter().flat_map(|thread| &thread.cells);
            cells.filter(|cell| !cell.text.trim().is_empty()).count()
        }
        litmus::Program::C(program) => {
            program.functions.iter().map(|function| function.body.text.matches(';').count()).sum()
        }
        litmus::Program::Raw(text) => text.text.lines().count(),
    }
}

fn print(
    args: &VariantsArgs,
    columns: &[String],
    rows: &[Row],
    tests: usize,
    differences: &[Difference<'_>],
    terminal: &mut Terminal,
) -> io::Result<()> {
    let apart: Vec<&Row> = rows.iter().filter(|row| row.tells_apart()).collect();
    let shown = if args.rows == 0 { apart.len() } else { args.rows.min(apart.len()) };
    if shown > 0 {
        let mut table = table::empty(terminal.out_color);
        let bold = |title: &str| Cell::new(title).add_attribute(Attribute::Bold);
        let mut header = vec![bold("Test"), bold("Size")];
        header.extend(columns.iter().map(|column| bold(column)));
        table.set_header(header);
        for row in &apart[..shown] {
            let size = Cell::new(row.size).set_alignment(CellAlignment::Right);
            let mut cells = vec![Cell::new(&row.name), size];
            cells.extend((0..columns.len()).map(|column| Cell::new(row.cell(column))));
            table.add_row(cells);
        }
        writeln!(terminal.out, "{table}")?;
    }
    writeln!(terminal.out, "tests that tell something apart: {} of {tests}", apart.len())?;
    if shown < apart.len() {
        writeln!(terminal.out, "shown: the smallest, {shown} (--rows 0 shows all)")?;
    }
    if apart.iter().any(|row| (0..columns.len()).any(|column| row.cell(column).ends_with('*'))) {
        writeln!(terminal.out, "* other outcomes differ than the one that the test asks about")?;
    }
    for difference in differences {
        let Difference { first, second, forbids, allows, .. } = difference;
        write!(terminal.out, "\n{second} against {first}: ")?;
        let Some(smallest) = &difference.smallest else {
            writeln!(terminal.out, "no difference")?;
            continue;
        };
        let unit = if *forbids == 1 { "test" } else { "tests" };
        writeln!(terminal.out, "forbids more in {forbids} {unit}, allows more in {allows}")?;
        writeln!(terminal.out, "  smallest: {} ({})", smallest.name, smallest.file)?;
        if let Some(outcome) = smallest.only_first {
            writeln!(terminal.out, "  only {first}: {outcome}")?;
        }
        if let Some(outcome) = smallest.only_second {
            writeln!(terminal.out, "  only {second}: {outcome}")?;
        }
        if let Some(mappings) = &difference.mappings {
            mappings.print(terminal)?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Document<'r> {
    schema_version: u32,
    tool: &'static str,
    columns: &'r [String],
    tests: usize,
    differences: &'r [Difference<'r>],
    /// The tests that tell something apart, smallest first.
    rows: Vec<&'r Row>,
}

fn print_json(
    columns: &[String],
    rows: &[Row],
    tests: usize,
    differences: &[Difference<'_>],
    terminal: &mut Terminal,
) -> io::Result<()> {
    let rows = rows.iter().filter(|row| row.tells_apart()).collect();
    let document = Document { schema_version: SCHEMA_VERSION, tool: TOOL, columns, tests, differences, rows };
    let text = serde_json::to_string_pretty(&document).map_err(io::Error::other)?;
    writeln!(terminal.out, "{text}")
}
