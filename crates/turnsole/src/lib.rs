//! Turnsole's façade: litmus tests and models in, reports out. Plain data on both sides.
//!
//! ```text
//! litmus file ──litmus──▶ Test ──isa──▶ Program ──execution──▶ paths ┐
//!                                                                    ├─engine──▶ Report
//! model file  ──cat────▶ Model ──────────▶ Plan ────────────────────┘
//! ```

mod assembly;
mod c;
mod check;
mod companions;
mod condition;
pub mod conf;
mod dialect;
mod engines;
mod feature;
mod groups;
mod mixed;
mod model;
mod outcomes;
mod program;
mod report;
mod rows;
mod share;
mod shown;
mod simulate;
mod stack;
mod types;
mod unfolding;

pub use c::source as c_source;
pub use dialect::{KERNEL_MODEL, kernel_model};
pub use execution::ByteOrder;
pub use model::{Model, load_model};
pub use report::{Asked, Kind, Observation, Report, State, Status, Verdict};
pub use share::Helpers;
pub use shown::{Execution, ExecutionEvent, find_execution};
pub use simulate::{Simulation, Workspace, simulate, simulate_in};

use std::sync::Arc;
use syntax::{Diagnostic, FileId};

/// What decides an answer, beside the test and the model.
#[derive(Clone)]
pub struct Options {
    /// Variants that models can test with `if "name"`, and tests can add to.
    pub variants: Vec<String>,
    /// How often a path may go back in a loop whose exit is not known; herd7's default is 2.
    pub unroll: u32,
    /// Leave out rounds of loops that only wait, instead of counting them: the same outcomes, in fewer executions. The
    /// variant `await` switches it on, too.
    pub await_loops: bool,
    /// What is done with accesses of different sizes to one location. The variant `mixed` switches them on, too.
    pub mixed_sizes: MixedSizes,
    /// Which byte of a value stands first in memory; that of the architecture if there is nothing.
    pub byte_order: Option<ByteOrder>,
    /// Names of checks that are not performed.
    pub skip_checks: Vec<String>,
    /// Whether the `filter` of tests is honoured; yes by default.
    pub check_filter: bool,
    /// Only which outcomes there are, not how many executions lead to each.
    pub outcomes_only: bool,
    /// Only whether the condition holds, not which outcomes there are.
    pub verdict_only: bool,
    /// Which engine answers.
    pub engine: EngineChoice,
    /// Whether executions that the symbolic engine finds are built anew and judged a second time.
    pub certify: bool,
    /// Print numbers in hexadecimal.
    pub hexadecimal: bool,
    /// The flag that makes a test undefined, if any (herd7's `-badflag`).
    pub bad_flag: Option<String>,
    /// Asked now and then during long work; true gives the test up as timed out.
    pub stop: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
    /// Who may help with a test that takes long. The answer does not hang on it.
    pub helpers: Option<Arc<dyn Helpers>>,
    /// Divide the work on a test among helpers however small it is. For tests.
    pub small_portions: bool,
    /// How many bytes judging a test may take. What is counted is what can grow: ways through threads, states, relations
    /// between events, clauses. The same test is given up on all machines, whatever ran before.
    pub memory: Option<u64>,
    /// The bell file that goes with the model, if any (herd7's `-bell`). The loader finds it.
    pub bell: Option<String>,
    /// The file of C macros that goes with the model, if any (herd7's `-macros`). The loader finds it.
    pub macros: Option<String>,
    /// Take the bell file, the macros and the variants along that are there for a model of that name: those that
    /// the configuration file beside it names. Yes by default; herd7 does not.
    pub companions: bool,
}

impl Options {
    /// What is to be found out.
    pub fn asked(&self) -> Asked {
        match (self.verdict_only, self.outcomes_only || self.engine == EngineChoice::Symbolic) {
            (true, _) => Asked::Verdict,
            // This engine does not count.
            (false, true) => Asked::Outcomes,
            (false, false) => Asked::Counts,
        }
    }
}

/// Which engine answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EngineChoice {
    /// The one that is likely to be the fastest for what is asked.
    #[default]
    Auto,
    /// The one that goes through executions, fast.
    Enumerate,
    /// The one that solves equations of truth values, and does not count.
    Symbolic,
    /// The slow and obvious one.
    Reference,
}

/// What is done with tests in which accesses of different sizes meet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MixedSizes {
    /// Accesses are cut into pieces where that matters.
    #[default]
    Automatic,
    /// They are refused where herd7 refuses them, unless the variant `mixed` is on.
    OnRequest,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            variants: Vec::new(),
            unroll: 2,
            await_loops: false,
            mixed_sizes: MixedSizes::default(),
            byte_order: None,
            skip_checks: Vec::new(),
            check_filter: true,
            outcomes_only: false,
            verdict_only: false,
            engine: EngineChoice::default(),
            certify: cfg!(debug_assertions),
            hexadecimal: false,
            bad_flag: None,
            stop: None,
            helpers: None,
            small_portions: false,
            memory: None,
            bell: None,
            macros: None,
            companions: true,
        }
    }
}

/// Finds the text of model files. Embedded models and library files need no loader: they are found behind it.
pub trait Loader: Send + Sync {
    /// The display name and text of the file `name`, that the file `from` includes (`None` for the model itself).
    fn load(&self, name: &str, from: Option<&str>) -> Option<(String, String)>;
}

/// The name of the embedded model that is the default for tests of `arch`, if there is one. For tests in the kernel's C
/// see [`kernel_model`].
pub fn default_model(arch: &str) -> Option<&'static str> {
    match arch {
        "AArch64" => Some("aarch64.cat"),
        "X86" | "X86_64" => Some("x86tso.cat"),
        "PPC" => Some("ppc.cat"),
        "ARM" => Some("arm.cat"),
        "C" | "CPP" => Some("c11_partialSC.cat"),
        "BPF" => Some("bpf.cat"),
        "MIPS" => Some("mips.cat"),
        "RISCV" => Some("riscv.cat"),
        "LoongArch" => Some("loongarch.cat"),
        "S390X" => Some("s390x.cat"),
        _ => None,
    }
}

/// The embedded models, each with its file name, one line about it, and its text.
pub fn models() -> Vec<(&'static str, &'static str, &'static str)> {
    model::MODELS.to_vec()
}

/// The text of the embedded file of that name that goes with a model: a bell file, macros, a configuration file.
pub fn embedded_file(name: &str) -> Option<&'static str> {
    companions::embedded(name)
}

/// Parses a litmus file: [`litmus::parse`].
pub fn parse(file: FileId, text: &str) -> (Option<litmus::Test>, Vec<Diagnostic>) {
    litmus::parse(file, text)
}
