//! The `turnsole` command.
//!
//! One file for each subcommand; `args` has what they share. Standard output carries results only, standard error
//! everything else. Called by the name `herd7` or `mselect7`, the program reads that command line.

mod args;
mod bench;
mod bpf;
mod check;
mod compare;
mod completions;
mod convert;
mod expect;
mod explain;
mod fmt;
mod generate;
mod json;
mod junit;
mod kernel;
mod languages;
mod man;
mod models;
mod output;
mod progress;
mod render;
mod run;
mod runner;
mod status;
mod table;
mod terminal;
mod variants;
mod verify_mapping;

use crate::status::Status;
use crate::terminal::Terminal;
use clap::{CommandFactory, Parser};
use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::Path;
use std::process::ExitCode;

/// Tests are many and small: a quarter of the time goes to the system's allocator otherwise.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    batch::panics::install_hook();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let code = match herd_arguments(&arguments) {
        Some(rest) => herd7(rest),
        None if is_called(&arguments, "mselect7") => with_streams(herd::mselect::main, &arguments[1..]),
        None => turnsole(arguments),
    };
    ExitCode::from(code)
}

/// The arguments of herd7's command line, if this is one: `herd7 …` or `turnsole herd7 …`.
fn herd_arguments(arguments: &[OsString]) -> Option<&[OsString]> {
    if is_called(arguments, "herd7") {
        return Some(&arguments[1..]);
    }
    arguments.get(1).filter(|first| *first == "herd7").map(|_| &arguments[2..])
}

/// Whether the program was called by that name.
fn is_called(arguments: &[OsString], name: &str) -> bool {
    let program = arguments.first().and_then(|program| Path::new(program).file_stem());
    program.is_some_and(|program| program == name)
}

fn herd7(arguments: &[OsString]) -> u8 {
    with_streams(herd::main, arguments)
}

/// The standard input; nothing is set up for it until it is read.
struct Input;

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        std::io::stdin().read(buffer)
    }
}

fn with_streams(main: fn(&[OsString], herd::Streams) -> u8, arguments: &[OsString]) -> u8 {
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    main(arguments, herd::Streams { input: Box::new(Input), out: &mut out, err: &mut err })
}

fn turnsole(arguments: Vec<OsString>) -> u8 {
    let cli = match args::Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let mut terminal = Terminal::new(cli.color);
    let result = dispatch(cli.command, &mut terminal).and_then(|status| terminal.flush().map(|()| status));
    let status = match result {
        Ok(status) => status,
        // Whoever reads has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Status::Ok,
        Err(error) => {
            terminal.complain(&format!("can't write: {error}"));
            Status::UserError
        }
    };
    status.code()
}

fn dispatch(command: args::Command, terminal: &mut Terminal) -> std::io::Result<Status> {
    match command {
        args::Command::Run(args) => run::run(args, terminal),
        args::Command::Check(args) => check::check(args, terminal),
        args::Command::Compare(args) => compare::compare(&args, terminal),
        args::Command::Fmt(args) => fmt::fmt(&args, terminal),
        args::Command::Convert(args) => convert::convert(&args, terminal),
        args::Command::Bpf(args) => bpf::bpf(&args, terminal),
        args::Command::Generate(args) => generate::generate(&args, terminal),
        args::Command::VerifyMapping(args) => verify_mapping::verify_mapping(&args, terminal),
        args::Command::Bench(args) => bench::bench(&args, terminal),
        args::Command::Languages(args) => languages::languages(args, terminal),
        args::Command::Variants(args) => variants::variants(args, terminal),
        args::Command::Models(args) => models::models(&args, terminal),
        args::Command::Explain(args) => explain::explain(&args, terminal),
        args::Command::Completions(args) => completions::completions(&args, terminal),
        args::Command::Man(args) => man::man(&args, terminal),
        args::Command::Herd7 { arguments } => Ok(Status::Herd(herd7(&arguments))),
    }
}

/// Prints help, the version, or what is wrong with the command line.
fn usage(error: &clap::Error) -> u8 {
    // Nobody is left to tell when this can't be printed.
    let _ = error.print();
    let _ = std::io::stdout().flush();
    if error.use_stderr() { Status::UserError.code() } else { Status::Ok.code() }
}

/// The command line, for completions and manual pages.
fn command() -> clap::Command {
    args::Cli::command()
}
