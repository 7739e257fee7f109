//! `turnsole models`: which models are built in?

use crate::status::Status;
use crate::terminal::Terminal;
use clap::Args;
use std::io::{self, Write};

/// Options of `turnsole models`.
#[derive(Args)]
pub(crate) struct ModelsArgs {
    /// Say something about this model only.
    name: Option<String>,

    /// Print the text of the model.
    #[arg(long, requires = "name")]
    print: bool,
}

pub(crate) fn models(args: &ModelsArgs, terminal: &mut Terminal) -> io::Result<Status> {
    let models = turnsole::models();
    let width = models.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
    let Some(wanted) = &args.name else {
        for (name, about, _) in &models {
            writeln!(terminal.out, "{name:<width$}  {about}")?;
        }
        return Ok(Status::Ok);
    };
    let found = models.iter().find(|(name, ..)| name == wanted || name.strip_suffix(".cat") == Some(wanted));
    match found {
        Some((_, _, text)) if args.print => terminal.out.write_all(text.as_bytes())?,
        Some((name, about, _)) => writeln!(terminal.out, "{name}  {about}")?,
        None if let Some(text) = turnsole::embedded_file(wanted) => match args.print {
            true => terminal.out.write_all(text.as_bytes())?,
            false => writeln!(terminal.out, "{wanted}  goes with a model")?,
        },
        None => {
            let hint = syntax::did_you_mean(wanted, models.iter().map(|(name, ..)| *name));
            let hint = hint.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
            terminal.complain(&format!("there is no built-in model `{wanted}`{hint}"));
            return Ok(Status::UserError);
        }
    }
    Ok(Status::Ok)
}
