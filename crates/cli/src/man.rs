//! `turnsole man`: manual pages.

use crate::status::Status;
use crate::terminal::Terminal;
use clap::Args;
use std::io;
use std::path::PathBuf;

/// Options of `turnsole man`.
#[derive(Args)]
pub(crate) struct ManArgs {
    /// Write the pages of all subcommands to this folder. Without it, the main page is printed.
    dir: Option<PathBuf>,
}

pub(crate) fn man(args: &ManArgs, terminal: &mut Terminal) -> io::Result<Status> {
    let Some(dir) = &args.dir else {
        clap_mangen::Man::new(crate::command()).render(&mut terminal.out)?;
        return Ok(Status::Ok);
    };
    let written = std::fs::create_dir_all(dir).and_then(|()| clap_mangen::generate_to(crate::command(), dir));
    match written {
        Ok(()) => Ok(Status::Ok),
        Err(error) => {
            terminal.complain(&format!("can't write to `{}`: {error}", dir.display()));
            Ok(Status::UserError)
        }
    }
}
