//! The command line of herd7: its options, its configuration files, its output.
//!
//! What is accepted and ignored, what is missing, and what differs on purpose is listed in `docs/herd7.md`.

pub mod config;
pub mod message;
pub mod mselect;
pub mod options;
pub mod run;
pub mod select;
pub mod speed;
pub mod text;

use crate::config::Config;
use crate::options::{OPTIONS, Setting, Takes, Where};
pub use crate::run::Streams;
use batch::Library;
use std::ffi::OsString;
use std::io::Write;

/// The version of herd7 whose options and output these are.
pub const COMPATIBLE_WITH: &str = "7.58";

/// Runs the command line `arguments` (without the program's name), and returns the exit status: 0 when every test was
/// run, 2 when something that the user gave is wrong, 3 when a test was given up, 70 for a mistake of ours.
pub fn main(arguments: &[OsString], streams: Streams) -> u8 {
    let config = match Config::from_arguments(Library::new().with_environment(), arguments) {
        Ok(config) => config,
        Err(message) => {
            let status = run::fail(&message, streams.err);
            let _ = writeln!(streams.err, "Usage: herd7 [options] [test]*; herd7 -help lists the options");
            return status;
        }
    };
    if !config.quiet {
        for warning in &config.warnings {
            // Nobody is left to tell when standard error can't be written.
            let _ = writeln!(streams.err, "Warning: {warning}");
        }
    }
    match config.instead {
        Some(what) => print_instead(what, &config, streams.out),
        None => run::run(config, streams),
    }
}

fn print_instead(what: Setting, config: &Config, out: &mut dyn Write) -> u8 {
    let text = match what {
        Setting::Version => {
            format!("{COMPATIBLE_WITH}, Rev: turnsole-{}\n", env!("CARGO_PKG_VERSION"))
        }
        Setting::LibDir => match config.library.installed() {
            Some(folder) => format!("{}\n", folder.display()),
            None => "(models are built in)\n".to_owned(),
        },
        _ => help(),
    };
    // A reader that has gone away has seen enough.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    run::OK
}

/// The list of options.
fn help() -> String {
    let mut text = String::from("Usage: herd7 [options] [test]*\n");
    text +=
        "A test is a file, or @list, a file of names; without tests, names are read from standard input.\n";
    for (subject, options) in OPTIONS {
        text += &format!("\n{subject}:\n");
        for opt in options.iter().filter(|opt| opt.place != Where::File) {
            let left = format!("-{}{}", opt.name, argument(opt.takes));
            let line = format!("  {left:<34} {}", opt.help);
            text += line.trim_end();
            text += "\n";
        }
    }
    text
}

fn argument(takes: Takes) -> String {
    match takes {
        Takes::Nothing => String::new(),
        Takes::Bool => " true|false".to_owned(),
        Takes::Int => " N".to_owned(),
        Takes::OptionalInt => " N|none".to_owned(),
        Takes::Float => " X".to_owned(),
        Takes::OptionalFloat => " X|none".to_owned(),
        Takes::Position => " X,Y".to_owned(),
        Takes::Text => " TEXT".to_owned(),
        Takes::Word(words) => format!(" {}", words.join("|")),
    }
}
