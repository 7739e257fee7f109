//! `turnsole completions`: for shells.

use crate::status::Status;
use crate::terminal::Terminal;
use clap::Args;
use clap_complete::Shell;
use std::io::{self, Write};

/// Options of `turnsole completions`.
#[derive(Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn completions(args: &CompletionsArgs, terminal: &mut Terminal) -> io::Result<Status> {
    // The generator can't say that writing failed, so it writes to memory.
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut crate::command(), "turnsole", &mut text);
    terminal.out.write_all(&text)?;
    Ok(Status::Ok)
}
