//! The command line: subcommands, and the options that some of them share.

use crate::status;
use batch::{Library, Settings, kernel, variants};
use clap::{Args, Parser, Subcommand, ValueEnum};
use herd::config::Config;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;
use turnsole::{EngineChoice, Options};

/// What may this concurrent code do? Turnsole answers for litmus tests, under memory models.
#[derive(Parser)]
#[command(name = "turnsole", version, max_term_width = 110, after_help = status::HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Whether to use colours.
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true, value_name = "WHEN")]
    pub(crate) color: Color,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run litmus tests under a model and print what can happen.
    Run(crate::run::RunArgs),
    /// Run litmus tests that say what they expect, and compare.
    Check(crate::check::CheckArgs),
    /// Compare logs of simulators and of runs on hardware.
    Compare(crate::compare::CompareArgs),
    /// Format litmus tests and models.
    Fmt(crate::fmt::FmtArgs),
    /// Write litmus tests as tables in HTML, LaTeX or Markdown.
    Convert(crate::convert::ConvertArgs),
    /// Look at BPF programs: objects, raw bytes and hex dumps.
    Bpf(crate::bpf::BpfArgs),
    /// Make litmus tests from cycles of relaxations.
    Generate(crate::generate::GenerateArgs),
    /// Check that a translation of instructions to a machine keeps what the source promises.
    VerifyMapping(crate::verify_mapping::VerifyMappingArgs),
    /// Measure how fast tests are judged: families that grow, beside the figures of other tools; folders of tests.
    Bench(crate::bench::BenchArgs),
    /// Find out which outcomes tell the variants of a model apart.
    Variants(crate::variants::VariantsArgs),
    /// Print what can happen in the same program in several languages: a row for each program.
    Languages(crate::languages::LanguagesArgs),
    /// List the models that are built in, or print one.
    Models(crate::models::ModelsArgs),
    /// Say what a code of an error or warning means.
    Explain(crate::explain::ExplainArgs),
    /// Print completions for a shell.
    Completions(crate::completions::CompletionsArgs),
    /// Print the manual page, or write all of them to a folder.
    Man(crate::man::ManArgs),
    /// Understand the command line of herd7 and print what herd7 prints. The program does this too when it is called
    /// by the name `herd7`.
    #[command(disable_help_flag = true)]
    Herd7 {
        /// Arguments of herd7; `-help` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

/// Whether to use colours.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Color {
    /// On terminals, unless NO_COLOR or TERM say otherwise.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Which engine answers.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Engine {
    /// The one that is likely to be the fastest for what is asked.
    Auto,
    /// Goes through executions one by one, fast.
    Enumerate,
    /// Solves clauses for all executions at once. Does not count: implies --outcomes, unless there is --verdict.
    Symbolic,
    /// Goes through executions one by one, slow and obvious.
    Reference,
}

impl Engine {
    /// The engine, as the simulator knows it.
    pub(crate) fn choice(self) -> EngineChoice {
        match self {
            Engine::Auto => EngineChoice::Auto,
            Engine::Enumerate => EngineChoice::Enumerate,
            Engine::Symbolic => EngineChoice::Symbolic,
            Engine::Reference => EngineChoice::Reference,
        }
    }
}

/// Which tests are run, and how.
#[derive(Args)]
pub(crate) struct Simulation {
    /// Litmus tests: files, folders (all `.litmus` files in them), `@file` (a list of names), `-` (standard input).
    #[arg(required_unless_present = "kernel_tree", value_name = "TEST")]
    pub(crate) tests: Vec<PathBuf>,

    /// The model: the name of a built-in one, or a cat file. By default the one of each test's architecture; for C that
    /// calls functions of the Linux kernel, such as READ_ONCE, linux-kernel.cat.
    #[arg(short, long, value_name = "NAME|FILE")]
    pub(crate) model: Option<String>,

    /// Look for models and their includes in this folder, too. Can be repeated.
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    pub(crate) include: Vec<PathBuf>,

    /// Read a configuration file of herd7, which names a model and what goes with it.
    #[arg(long, value_name = "FILE")]
    pub(crate) conf: Option<String>,

    /// Use the Linux-kernel model in this kernel tree, or in this folder. Without tests, those that come with it.
    #[arg(long, value_name = "DIR")]
    pub(crate) kernel_tree: Option<PathBuf>,

    /// Switch variants of the architecture or the model on.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) variant: Vec<String>,

    /// The bell file that goes with the model [default: the one beside the model].
    #[arg(long, value_name = "FILE")]
    pub(crate) bell: Option<String>,

    /// The file of C macros that goes with the model [default: the one beside the model].
    #[arg(long, value_name = "FILE")]
    pub(crate) macros: Option<String>,

    /// Leave out checks of the model, by name.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) skip_check: Vec<String>,

    /// How many threads work, on several tests or together on a large one; 0 for as many as there are cores.
    #[arg(short, long, value_name = "N", default_value_t = 0)]
    pub(crate) jobs: usize,

    /// How often loops are unrolled [default: 2].
    #[arg(long, value_name = "N")]
    pub(crate) unroll: Option<u32>,

    /// Count and cut loops that only wait as all others, as herd7 does. Otherwise `run` leaves out the rounds of spin
    /// loops and retries that change nothing: outcomes are the same, executions are fewer.
    #[arg(long)]
    pub(crate) no_await: bool,

    /// Give a test up after so many seconds.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,

    /// Give a test up that would take more memory than that, such as 200M or 2G. What is counted is what grows: ways through
    /// threads, relations between events, states, clauses. The answer is the same on every machine.
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    pub(crate) memory: Option<u64>,

    /// Find which outcomes there are, and don't count executions; can be faster.
    #[arg(long)]
    pub(crate) outcomes: bool,

    /// Find only whether the condition holds, and not which outcomes there are; can be very much faster on large
    /// tests. One state that satisfies the condition is shown, and one that does not, where there are such.
    #[arg(long)]
    pub(crate) verdict: bool,

    /// Which engine answers. Formats other than herd's say which one it was, and why.
    #[arg(long, value_enum, default_value_t = Engine::Auto)]
    pub(crate) engine: Engine,

    /// Print numbers in hexadecimal.
    #[arg(long)]
    pub(crate) hexa: bool,

    /// Use models that are for other architectures, too.
    #[arg(long)]
    pub(crate) any_arch: bool,
}

impl Simulation {
    /// What holds for all tests. `waits` is whether loops that only wait are recognised unless the user says otherwise.
    pub(crate) fn settings(&self, waits: bool) -> Result<Settings, String> {
        let mut library = Library::new().with_environment();
        self.include.iter().for_each(|folder| library.include(folder));
        let kernel = self.kernel_tree.as_deref().map(kernel::memory_model).transpose()?;
        if let Some(folder) = &kernel {
            library.prefer(folder);
        }
        let conf = match (&self.conf, &kernel) {
            (Some(name), _) => Config::from_file(library, name)?,
            (None, Some(_)) => Config::from_file(library, kernel::CONF)?,
            (None, None) => Config { library, ..Config::default() },
        };
        let mut options = Options {
            skip_checks: [&conf.skip_checks[..], &self.skip_check].concat(),
            check_filter: conf.check_filter,
            bad_flag: conf.bad_flag,
            variants: conf.variants,
            outcomes_only: self.outcomes,
            verdict_only: self.verdict,
            await_loops: waits && !self.no_await,
            engine: self.engine.choice(),
            hexadecimal: self.hexa || conf.hexa,
            bell: self.bell.clone().or(conf.bell),
            macros: self.macros.clone().or(conf.macros),
            memory: self.memory,
            // A configuration file says everything that goes with the model.
            companions: self.conf.is_none() && kernel.is_none(),
            ..Options::default()
        };
        self.variant.iter().for_each(|name| variants::add(&mut options.variants, name));
        Ok(Settings {
            model: self.model.clone().or(conf.model),
            options,
            unroll: self.unroll.or(conf.unroll),
            timeout: self.timeout.or(conf.timeout),
            library: conf.library,
            any_arch: self.any_arch || !conf.arch_check,
            jobs: self.threads(),
            // A configuration file says all that is to be known.
            kernel_dialect: self.conf.is_none() && kernel.is_none(),
        })
    }

    /// The tests that were asked for: those of the kernel, if none were.
    pub(crate) fn tests(&self) -> Vec<PathBuf> {
        match &self.kernel_tree {
            Some(tree) if self.tests.is_empty() => {
                let folder = kernel::memory_model(tree).unwrap_or_else(|_| tree.clone());
                vec![folder.join(kernel::TESTS)]
            }
            _ => self.tests.clone(),
        }
    }

    /// How many threads work.
    pub(crate) fn threads(&self) -> usize {
        match self.jobs {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            jobs => jobs,
        }
    }

    /// What is wrong with the names of variants, to be said as a warning.
    pub(crate) fn unknown_variants(&self) -> Vec<String> {
        let unknown = self.variant.iter().filter(|name| !variants::is_known(&variants::canonical(name)));
        unknown
            .map(|name| {
                let hint = variants::suggestion(&variants::canonical(name));
                let hint = hint.map(|known| format!("; did you mean `{known}`?")).unwrap_or_default();
                format!("unknown variant `{name}`{hint}")
            })
            .collect()
    }
}

/// A number of bytes: `4096`, `200M`, `1.5G`, with or without `B` or `iB`. Units are powers of 1024.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    let upper = text.trim().to_ascii_uppercase();
    let unit = upper.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(upper.len());
    let (number, unit) = upper.split_at(unit);
    let power = match unit.trim() {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 1,
        "M" | "MB" | "MIB" => 2,
        "G" | "GB" | "GIB" => 3,
        "T" | "TB" | "TIB" => 4,
        _ => return Err("not a size, such as 200M or 2G".to_owned()),
    };
    let number: f64 = number.parse().map_err(|_| "not a size, such as 200M or 2G".to_owned())?;
    let bytes = number * (1u64 << (10 * power)) as f64;
    if bytes < 1.0 { Err("a test needs some memory".to_owned()) } else { Ok(bytes as u64) }
}

/// A number of seconds.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "not a number of seconds".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        assert_eq!(bytes("4096"), Ok(4096));
        assert_eq!(bytes("200M"), Ok(200 << 20));
        assert_eq!(bytes("1.5GiB"), Ok(3 << 29));
        assert_eq!(bytes("2 kb"), Ok(2048));
        for wrong in ["", "M", "0", "-1", "1X", "many"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }
}
