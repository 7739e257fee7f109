//! `turnsole bench`: how fast is it?

mod corpus;
mod families;

use crate::args::{self, Engine};
use crate::json::{SCHEMA_VERSION, TOOL};
use crate::status::Status;
use crate::terminal::Terminal;
use batch::{Library, Session, Settings};
use bench::families::{Family, Language};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;
use turnsole::Options;

/// Options of `turnsole bench`.
#[derive(Args)]
pub(crate) struct BenchArgs {
    /// Families of tests that grow with a number N: SB, SB+fences, MP, IRIW, 2+2W, W, W+RR, INC, LOCK, RCU [default: all].
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = family)]
    family: Vec<Family>,

    /// Languages of these tests: AArch64, RISCV, X86_64, C11, LKMM (C of the Linux kernel) [default: all].
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = language)]
    arch: Vec<Language>,

    /// The largest N.
    #[arg(long, value_name = "N", default_value_t = 12)]
    max: usize,

    /// How many seconds one test may take; a family ends with the first that takes longer.
    #[arg(long, value_name = "SECONDS", value_parser = args::seconds, default_value = "1")]
    limit: Duration,

    /// Give a test up that would take more memory than that, such as 200M or 2G.
    #[arg(long, value_name = "SIZE", value_parser = args::bytes)]
    memory: Option<u64>,

    /// What is to be found out about each test.
    #[arg(long, value_enum, default_value_t = Asked::Counts)]
    ask: Asked,

    /// Which engine answers.
    #[arg(long, value_enum, default_value_t = Engine::Auto)]
    engine: Engine,

    /// Measure the throughput of this folder of tests, one core, instead of families. Can be repeated.
    #[arg(long, value_name = "DIR")]
    corpus: Vec<PathBuf>,

    /// Print a line for every N, not only for those for which there are figures to compare with, and the largest.
    #[arg(long)]
    every: bool,

    /// How figures are printed.
    #[arg(short, long, value_enum, default_value_t = Format::Table)]
    format: Format,

    /// Write a plot of time over N for each family, as SVG, to this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "corpus")]
    plot: Option<PathBuf>,
}

/// What is to be found out about each test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Asked {
    /// All final states, and how many executions end in each.
    Counts,
    /// All final states.
    Outcomes,
    /// Whether the condition holds.
    Verdict,
}

/// How figures are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table for people.
    Table,
    /// One JSON document.
    Json,
}

/// Everything that was measured.
#[derive(Serialize)]
struct Document {
    schema_version: u32,
    tool: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    families: Vec<families::Measured>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    corpora: Vec<corpus::Measured>,
}

fn family(name: &str) -> Result<Family, String> {
    let known = Family::ALL.into_iter().find(|family| family.name().eq_ignore_ascii_case(name));
    known.ok_or_else(|| format!("there are the families {}", Family::ALL.map(Family::name).join(", ")))
}

fn language(name: &str) -> Result<Language, String> {
    let known = Language::ALL.into_iter().find(|language| language.name().eq_ignore_ascii_case(name));
    known.ok_or_else(|| format!("there are {}", Language::ALL.map(Language::name).join(", ")))
}

fn all_if_none<T: Clone>(given: &[T], all: &[T]) -> Vec<T> {
    if given.is_empty() { all.to_vec() } else { given.to_vec() }
}

pub(crate) fn bench(args: &BenchArgs, terminal: &mut Terminal) -> io::Result<Status> {
    let options = Options {
        engine: args.engine.choice(),
        outcomes_only: args.ask == Asked::Outcomes,
        verdict_only: args.ask == Asked::Verdict,
        await_loops: true,
        memory: args.memory,
        ..Options::default()
    };
    let library = Library::new().with_environment();
    let settings = Settings { options, timeout: Some(args.limit), library, ..Settings::default() };
    let session = Session::new(settings);
    let mut document =
        Document { schema_version: SCHEMA_VERSION, tool: TOOL, families: Vec::new(), corpora: Vec::new() };
    let mut status = Status::Ok;
    for folder in &args.corpus {
        match corpus::measure(&session, folder) {
            Some(measured) => document.corpora.push(measured),
            None => {
                terminal.complain(&format!("there are no tests in `{}`", folder.display()));
                status = Status::UserError;
            }
        }
    }
    if args.corpus.is_empty() {
        for family in all_if_none(&args.family, &Family::ALL) {
            for language in all_if_none(&args.arch, &Language::ALL) {
                document.families.extend(families::measure(&session, family, language, args.max));
            }
        }
    }
    if let Some(folder) = &args.plot
        && let Err(error) = families::plot(&document.families, folder)
    {
        terminal.complain(&format!("can't write to `{}`: {error}", folder.display()));
        status = Status::UserError;
    }
    match args.format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut terminal.out, &document)?;
            terminal.out.write_all(b"\n")?;
        }
        Format::Table => {
            let mut text = corpus::table(&document.corpora, terminal.out_color);
            text += &families::table(&document.families, args.every, terminal.out_color);
            terminal.out.write_all(text.as_bytes())?;
        }
    }
    Ok(status)
}

/// The processor time of this thread so far: Linux counts it in nanoseconds.
fn cpu_seconds() -> Option<f64> {
    let counts = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = counts.split(' ').next()?.parse().ok()?;
    Some(nanoseconds * 1e-9)
}

/// Seconds, for people: three digits and a unit.
fn time(seconds: f64) -> String {
    let (scale, unit) = match seconds {
        s if s < 999.5e-9 => (1e9, "ns"),
        s if s < 999.5e-6 => (1e6, "µs"),
        s if s < 999.5e-3 => (1e3, "ms"),
        _ => (1.0, "s"),
    };
    let number = seconds * scale;
    let digits = if number < 9.995 { 2 } else { usize::from(number < 99.95) };
    format!("{number:.digits$} {unit}")
}

/// How many times faster, for people.
fn ratio(theirs: f64, ours: f64) -> String {
    match theirs / ours {
        ratio if ratio >= 10.0 => format!("{ratio:.0}"),
        ratio => format!("{ratio:.1}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_printed_for_people() {
        assert_eq!(
            [2.5e-7, 3.25e-5, 0.0123, 0.9999, 120.0].map(time),
            ["250 ns", "32.5 µs", "12.3 ms", "1.00 s", "120 s"]
        );
        assert_eq!([ratio(1.0, 0.001), ratio(3.0, 2.0)], ["1000", "1.5"]);
    }
}
