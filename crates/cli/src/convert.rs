//! `turnsole convert`: litmus tests as tables for pages and papers.

mod html;
mod latex;
mod markdown;

use crate::render::Render;
use crate::status::Status;
use crate::terminal::Terminal;
use batch::input::{Accept, Inputs};
use batch::{Session, Settings};
use clap::{Args, ValueEnum};
use litmus::{Program, Test};
use std::io::{self, Write};
use std::path::PathBuf;

const HELP: &str = "\
Exit status:
  0   all tests were written
  2   an option, a file or a test is wrong; the other tests were written";

/// Options of `turnsole convert`.
#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct ConvertArgs {
    /// Litmus tests: files, folders (all `.litmus` files in them), `@file` (a list of names), `-` (standard input).
    #[arg(required = true, value_name = "TEST")]
    tests: Vec<PathBuf>,

    /// What the tables are written in.
    #[arg(long, value_enum)]
    to: Target,

    /// Write a whole document, and not only what stands in its body.
    #[arg(long)]
    standalone: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Target {
    /// HTML.
    Html,
    /// LaTeX, without any package.
    Latex,
    /// Markdown with tables, as GitHub and many others show it.
    Markdown,
}

/// A test, cut into the pieces that a table shows.
struct Pieces {
    /// `AArch64 MP`
    title: String,
    doc: Option<String>,
    /// The initial state, item by item.
    init: Vec<String>,
    /// The heads of the columns.
    heads: Vec<String>,
    /// The rows of a program in assembly.
    rows: Vec<Vec<String>>,
    /// The columns of a program in C; in another language, one of the whole program.
    sources: Vec<String>,
    /// What stands behind the threads.
    question: Vec<String>,
}

impl Pieces {
    fn new(test: &Test) -> Pieces {
        let mut pieces = Pieces {
            title: format!("{} {}", test.arch, test.name),
            doc: test.doc.clone(),
            init: test.init.iter().map(ToString::to_string).collect(),
            heads: Vec::new(),
            rows: Vec::new(),
            sources: Vec::new(),
            question: question(test),
        };
        match &test.program {
            Program::Asm(threads) => {
                pieces.heads = threads.iter().map(litmus::Thread::head).collect();
                let rows = threads.iter().map(|thread| thread.cells.len()).max().unwrap_or(0);
                let cell = |thread: &litmus::Thread, row: usize| {
                    thread.cells.get(row).map_or_else(String::new, |cell| words(&cell.text))
                };
                pieces.rows =
                    (0..rows).map(|row| threads.iter().map(|thread| cell(thread, row)).collect()).collect();
            }
            Program::C(program) => {
                pieces.heads = program.functions.iter().map(|function| format!("P{}", function.id)).collect();
                pieces.sources = program.functions.iter().map(function).collect();
            }
            Program::Raw(text) => {
                pieces.heads = vec!["Program".to_owned()];
                pieces.sources = vec![text.text.clone()];
            }
        }
        pieces
    }
}

fn words(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

/// The function with its head, indented as little as its lines allow.
fn function(function: &litmus::Function) -> String {
    let params: Vec<String> =
        function.params.iter().map(|param| format!("{} {}", param.ty, param.name)).collect();
    let mut lines = vec![format!("P{}({}) {{", function.id, params.join(", "))];
    let body: Vec<String> =
        function.body.text.lines().map(|line| line.trim_end().replace('\t', "    ")).collect();
    let indent = |line: &&String| line.len() - line.trim_start().len();
    let least =
        body.iter().filter(|line| !line.is_empty()).min_by_key(indent).map_or(0, |line| indent(&line));
    let kept = body.iter().skip_while(|line| line.is_empty());
    lines.extend(kept.map(|line| match line.get(least..) {
        Some(rest) if !rest.is_empty() => format!("  {rest}"),
        _ => String::new(),
    }));
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.push("}".to_owned());
    lines.join("\n")
}

fn question(test: &Test) -> Vec<String> {
    let mut lines = Vec::new();
    if !test.locations.is_empty() {
        let items: Vec<String> = test.locations.iter().map(|item| format!("{item};")).collect();
        lines.push(format!("locations [{}]", items.join(" ")));
    }
    lines.extend(test.filter.as_ref().map(|filter| format!("filter ({filter})")));
    lines.push(test.condition.to_string());
    lines
}

pub(crate) fn convert(args: &ConvertArgs, terminal: &mut Terminal) -> io::Result<Status> {
    let session = Session::new(Settings::default());
    let render = Render::new(terminal.err_color);
    let mut status = Status::Ok;
    let (begin, end) = match args.to {
        Target::Html => (html::BEGIN, html::END),
        Target::Latex => (latex::BEGIN, latex::END),
        Target::Markdown => ("", ""),
    };
    if args.standalone {
        terminal.out.write_all(begin.as_bytes())?;
    }
    let mut first = true;
    for input in Inputs::new(args.tests.clone(), Accept { folders: true, dash: true }) {
        let read = session.read(input);
        let message = render.all(&read.diagnostics, &session.sources(&read.file, &read.text));
        terminal.message(&message)?;
        let Some(test) = read.test.filter(|_| !syntax::has_errors(&read.diagnostics)) else {
            status = Status::UserError;
            continue;
        };
        let pieces = Pieces::new(&test);
        let text = match args.to {
            Target::Html => html::table(&pieces),
            Target::Latex => latex::table(&pieces),
            Target::Markdown => markdown::table(&pieces),
        };
        if !std::mem::take(&mut first) {
            terminal.out.write_all(b"\n")?;
        }
        terminal.out.write_all(text.as_bytes())?;
    }
    if args.standalone {
        terminal.out.write_all(end.as_bytes())?;
    }
    Ok(status)
}
