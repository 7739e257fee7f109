//! The command line: subcommands, and the options that some of them share.

use crate::status;
use batch::{Library, Settings, variants};
use clap::{Args, Parser, Subcommand, ValueEnum};
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
    /// The fast one.
    Enumerate,
    /// The slow and obvious one.
    Reference,
}

/// Which tests are run, and how.
#[derive(Args)]
pub(crate) struct Simulation {
    /// Litmus tests: files, folders (all `.litmus` files in them), `@file` (a list of names), `-` (standard input).
    #[arg(required = true, value_name = "TEST")]
    pub(crate) tests: Vec<PathBuf>,

    /// The model: the name of a built-in one, or a cat file. By default the one of each test's architecture.
    #[arg(short, long, value_name = "NAME|FILE")]
    pub(crate) model: Option<String>,

    /// Look for models and their includes in this folder, too. Can be repeated.
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    pub(crate) include: Vec<PathBuf>,

    /// Switch variants of the architecture or the model on.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) variant: Vec<String>,

    /// The bell file that goes with the model.
    #[arg(long, value_name = "FILE")]
    pub(crate) bell: Option<String>,

    /// The file of C macros that goes with the model.
    #[arg(long, value_name = "FILE")]
    pub(crate) macros: Option<String>,

    /// Leave out checks of the model, by name.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) skip_check: Vec<String>,

    /// How many tests run at once; 0 for as many as there are cores.
    #[arg(short, long, value_name = "N", default_value_t = 0)]
    pub(crate) jobs: usize,

    /// How often loops are unrolled [default: 2].
    #[arg(long, value_name = "N")]
    pub(crate) unroll: Option<u32>,

    /// Give a test up after so many seconds.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,

    /// Find which outcomes there are, and don't count executions; can be faster.
    #[arg(long)]
    pub(crate) outcomes: bool,

    /// Which engine answers.
    #[arg(long, value_enum, default_value_t = Engine::Enumerate)]
    pub(crate) engine: Engine,

    /// Print numbers in hexadecimal.
    #[arg(long)]
    pub(crate) hexa: bool,

    /// Use models that are for other architectures, too.
    #[arg(long)]
    pub(crate) any_arch: bool,
}

impl Simulation {
    /// What holds for all tests.
    pub(crate) fn settings(&self) -> Settings {
        let mut library = Library::new().with_environment();
        self.include.iter().for_each(|folder| library.include(folder));
        let mut options = Options {
            skip_checks: self.skip_check.clone(),
            outcomes_only: self.outcomes,
            engine: match self.engine {
                Engine::Enumerate => EngineChoice::Enumerate,
                Engine::Reference => EngineChoice::Reference,
            },
            hexadecimal: self.hexa,
            ..Options::default()
        };
        options.bell.clone_from(&self.bell);
        options.macros.clone_from(&self.macros);
        self.variant.iter().for_each(|name| variants::add(&mut options.variants, name));
        Settings {
            model: self.model.clone(),
            options,
            unroll: self.unroll,
            timeout: self.timeout,
            library,
            any_arch: self.any_arch,
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

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "not a number of seconds".to_owned())
}
