//! `turnsole languages`: what can happen in the same program in several languages?

use crate::args::Simulation;
use crate::expect::{Expectations, Outcome};
use crate::progress::Progress;
use crate::run::status_of_report;
use crate::runner::{Runner, status_of};
use crate::status::Status;
use crate::table;
use crate::terminal::Terminal;
use batch::judge::Ask;
use batch::{Input, Worker, pool};
use clap::Args;
use comfy_table::{Attribute, Cell};
use std::io::{self, Write};
use std::ops::ControlFlow;

/// Options of `turnsole languages`.
#[derive(Args)]
#[command(after_help = "Example: turnsole languages tests/litmus/bpf/lwn\n\n\
    Tests are the same program if their names are, up to the last dot: SB.BPF and SB.C. A test is run as its first \
    `run:` directive says, and under the model of its architecture if it has none.")]
pub(crate) struct LanguagesArgs {
    #[command(flatten)]
    simulation: Simulation,

    /// Print a table in Markdown.
    #[arg(long)]
    markdown: bool,
}

/// What one test has to say.
struct Done {
    /// Name of the program, language, observation.
    answer: Option<(String, String, String)>,
    err: String,
    status: Status,
}

pub(crate) fn languages(args: LanguagesArgs, terminal: &mut Terminal) -> io::Result<Status> {
    let runner = match Runner::new(&args.simulation, false, false, terminal)? {
        Ok(runner) => runner,
        Err(status) => return Ok(status),
    };
    let mut progress = Progress::new(terminal.can_show_progress());
    let mut status = Status::Ok;
    let mut answers = Vec::new();
    let mut result = Ok(());
    let work = |worker: &mut Worker, input: Input| one(&runner, worker, input);
    let inputs = Runner::inputs(&args.simulation);
    pool::run(inputs, runner.session.crew(), Worker::default, work, |done: Done| {
        progress.step();
        status = status.worst(done.status);
        answers.extend(done.answer);
        result = progress.suspend(|| terminal.message(&done.err));
        if result.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    progress.finish();
    result?;
    let (columns, rows) = grid(&answers);
    if args.markdown {
        markdown(&columns, &rows, terminal)?
    } else {
        print(&columns, &rows, terminal)?
    }
    Ok(status)
}

fn one(runner: &Runner, worker: &mut Worker, input: Input) -> Done {
    let read = runner.session.read(input);
    let mut diagnostics = read.diagnostics;
    let mut done = Done { answer: None, err: String::new(), status: Status::Ok };
    if let Some(test) = &read.test {
        let (cases, more) = Expectations::default().cases(test);
        diagnostics.extend(more);
        let case = cases.first();
        let judged = runner.session.judge(worker, test, case.map_or(Ask::default(), |case| case.ask()));
        diagnostics.extend(judged.failure.clone());
        let mut said = "error".to_owned();
        match &judged.report {
            Some(report) => {
                diagnostics.extend(report.diagnostics.iter().cloned());
                done.status = status_of_report(report);
                if let Some(observation) = report.observation() {
                    said = observation.word().to_owned();
                }
                if let Some(Outcome::Fail(_)) = case.map(|case| case.compare(report)) {
                    said += " (unexpected)";
                    done.status = done.status.worst(Status::Failed);
                }
            }
            None => done.status = Status::UserError,
        }
        let (program, language) = match test.name.rsplit_once('.') {
            Some((program, language)) => (program.to_owned(), language.to_owned()),
            None => (test.name.clone(), judged.report.map_or_else(|| "?".to_owned(), |report| report.arch)),
        };
        done.answer = Some((program, language, said));
    }
    done.status = done.status.worst(status_of(&diagnostics));
    done.err = runner.diagnostics(&diagnostics, &read.file, &read.text);
    done
}

type Rows = Vec<(String, Vec<String>)>;

/// A column for each language, in order of appearance, and a row for each program.
fn grid(answers: &[(String, String, String)]) -> (Vec<String>, Rows) {
    let mut columns: Vec<String> = Vec::new();
    let mut rows: Rows = Vec::new();
    for (_, language, _) in answers {
        if !columns.contains(language) {
            columns.push(language.clone());
        }
    }
    for (program, language, said) in answers {
        let column = columns.iter().position(|known| known == language).unwrap_or_default();
        let at = rows.iter().position(|(known, _)| known == program).unwrap_or_else(|| {
            rows.push((program.clone(), vec![String::new(); columns.len()]));
            rows.len() - 1
        });
        rows[at].1[column] = said.clone();
    }
    (columns, rows)
}

fn print(columns: &[String], rows: &Rows, terminal: &mut Terminal) -> io::Result<()> {
    let mut table = table::empty(terminal.out_color);
    let bold = |title: &str| Cell::new(title).add_attribute(Attribute::Bold);
    table.set_header(["Program"].into_iter().chain(columns.iter().map(String::as_str)).map(bold));
    for (program, said) in rows {
        table.add_row([program].into_iter().chain(said));
    }
    writeln!(terminal.out, "{table}")
}

fn markdown(columns: &[String], rows: &Rows, terminal: &mut Terminal) -> io::Result<()> {
    writeln!(terminal.out, "| program | {} |", columns.join(" | "))?;
    writeln!(terminal.out, "| --- |{}", " --- |".repeat(columns.len()))?;
    for (program, said) in rows {
        writeln!(terminal.out, "| {program} | {} |", said.join(" | "))?;
    }
    Ok(())
}
