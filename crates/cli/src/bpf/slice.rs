//! `turnsole bpf slice`: functions of a program as the threads of a litmus test.

use super::Input;
use crate::render::Render;
use crate::status::Status;
use crate::terminal::Terminal;
use batch::{Session, Settings};
use bpf_object::slice::Options;
use clap::Args;
use isa::bpf::callee::Effect;
use std::io::{self, Write};
use std::path::PathBuf;
use syntax::FileId;

const HELP: &str = "\
  turnsole bpf slice prog.o --threads send,receive | turnsole run -
  turnsole bpf slice prog.o --threads f,f --condition 'exists (0:r0=0 /\\ 1:r0=0)'

The test has the instructions that access shared memory, and what they and branches depend on. Values of maps and global
variables become locations; every part that is accessed by itself becomes one of its own. Lookups in maps find something.
What is assumed besides is said on standard error.

Exit status:
  0   a test was written
  2   an option or the file is wrong, or something in it is no instruction";

/// Options of `turnsole bpf slice`.
#[derive(Args)]
#[command(after_help = HELP)]
pub(super) struct SliceArgs {
    #[command(flatten)]
    input: Input,

    /// The functions that are the threads, in this order. One may be there several times.
    #[arg(short, long, required = true, value_name = "NAME", value_delimiter = ',')]
    threads: Vec<String>,

    /// The name of the test [default: the names of the threads].
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// What r1, r2, … hold when a thread starts: addresses of these locations. By default, r1 points to memory of the
    /// thread's own, the context.
    #[arg(long, value_name = "LOCATION", value_delimiter = ',')]
    args: Vec<String>,

    /// What a function of the kernel returns, such as `bpf_ktime_get_ns=5`.
    #[arg(long, value_name = "NAME=NUMBER", value_delimiter = ',', value_parser = result)]
    assume: Vec<(String, i32)>,

    /// What a function of the kernel does to memory, such as `bpf_my_kfunc=full-barrier`: none, full-barrier, lock,
    /// try-lock, unlock, rcu-lock, rcu-unlock or rcu-sync.
    #[arg(long, value_name = "NAME=EFFECT", value_delimiter = ',', value_parser = effect)]
    effect: Vec<(String, Effect)>,

    /// The condition of the test, such as `exists (0:r1=1)`. Without one, it holds for any outcome.
    #[arg(long, value_name = "CONDITION")]
    condition: Option<String>,

    /// Write the test to this file instead of the standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn result(text: &str) -> Result<(String, i32), String> {
    let (name, number) = text.split_once('=').ok_or_else(|| "expected NAME=NUMBER".to_owned())?;
    let number = number.parse().map_err(|_| format!("`{number}` is not a number of 32 bits"))?;
    Ok((name.to_owned(), number))
}

fn effect(text: &str) -> Result<(String, Effect), String> {
    let (name, effect) = text.split_once('=').ok_or_else(|| "expected NAME=EFFECT".to_owned())?;
    let effect = Effect::named(effect).ok_or_else(|| {
        let known = Effect::ALL.map(|(name, _)| name).join(", ");
        format!("`{effect}` is no effect; known are {known}")
    })?;
    Ok((name.to_owned(), effect))
}

pub(super) fn slice(args: &SliceArgs, terminal: &mut Terminal) -> io::Result<Status> {
    let loaded = args.input.load();
    let status = loaded.complain(&loaded.diagnostics, terminal)?;
    let Some(program) = &loaded.program else { return Ok(status) };
    let options = Options {
        name: args.name.clone().unwrap_or_else(|| args.threads.join("+")),
        threads: args.threads.clone(),
        arguments: args.args.clone(),
        results: args.assume.clone(),
        effects: args.effect.clone(),
        condition: args.condition.clone(),
    };
    let (test, diagnostics) = bpf_object::slice::slice(program, &options);
    let status = status.worst(loaded.complain(&diagnostics, terminal)?);
    let Some(test) = test else { return Ok(status) };
    // The name, the condition and the names of locations come from the user.
    let (_, mut errors) = litmus::parse(FileId(0), &test);
    errors.retain(|error| error.severity == syntax::Severity::Error);
    if !errors.is_empty() {
        let session = Session::new(Settings::default());
        let sources = session.sources(&options.name, &test);
        terminal.message(&Render::new(terminal.err_color).all(&errors, &sources))?;
        return Ok(Status::UserError);
    }
    match &args.output {
        Some(path) => {
            if let Err(error) = std::fs::write(path, test) {
                terminal.complain(&format!("can't write `{}`: {error}", path.display()));
                return Ok(Status::UserError);
            }
        }
        None => terminal.out.write_all(test.as_bytes())?,
    }
    Ok(status)
}
