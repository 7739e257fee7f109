//! Runs every litmus file below `tests/litmus` as its `run:` directives say, with the fast engine and, where it has
//! not too much to do, with the reference engine. `BLESS=1` writes what was found into the files.

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::Path;
use testing::expect::{bless, differences};
use testing::judge::{self, summary, with_engine};
use turnsole::{EngineChoice, Options};

/// How many choices the reference engine may look at in one test, and how many accesses to memory there may be: it goes
/// through all orders of the writes to a location, which grow as the factorial.
const PATIENCE: u64 = 2_000;
const MAX_ACCESSES: usize = 7;

fn main() {
    let arguments = Arguments::from_args();
    let root = testing::root().join("tests/litmus");
    let trials = testing::files(&root, "litmus").into_iter().map(|path| {
        let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        Trial::test(name, move || run(&path).map_err(Failed::from))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn run(path: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let test = judge::parse(&text)?;
    let (said, diagnostics) = litmus::expectations(&test);
    if !diagnostics.is_empty() {
        return Err(judge::words(&diagnostics));
    }
    if said.is_empty() {
        return Err("there is no `(* run: … *)` in the file".to_owned());
    }
    let mut wrong = Vec::new();
    let mut blessed = text.clone();
    // From the last to the first, so that blessing one leaves the places of the others.
    for said in said.iter().rev() {
        let (found, disagreement) = one(&test, said)?;
        blessed = bless(&blessed, said, &found);
        wrong.extend(found.iter().map(ToString::to_string));
        wrong.extend(disagreement);
    }
    if std::env::var_os("BLESS").is_some() && blessed != text {
        return std::fs::write(path, blessed).map_err(|error| error.to_string());
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// What does not hold, and how the engines disagree if they do.
fn one(
    test: &litmus::Test,
    said: &litmus::Expectation,
) -> Result<(Vec<testing::expect::Difference>, Option<String>), String> {
    let mut options = Options { variants: said.variants.clone(), ..Options::default() };
    options.unroll = said.unroll.unwrap_or(options.unroll);
    let arch = test.arch.word();
    let name = said.model.as_deref().or_else(|| turnsole::default_model(arch));
    let name = name.ok_or_else(|| format!("there is no default model for {arch}"))?;
    let model = judge::model(name, &options)?;
    let report = turnsole::simulate(test, &model, &options);
    if !report.has_answer() {
        return Err(format!("{name}: {:?}\n{}", report.status, judge::words(&report.diagnostics)));
    }
    if accesses(test) > MAX_ACCESSES {
        return Ok((differences(said, &report), None));
    }
    let slow = with_engine(&options, EngineChoice::Reference, PATIENCE);
    let reference = summary(&turnsole::simulate(test, &model, &slow));
    let fast = summary(&report);
    let disagreement = match (fast, reference) {
        (Some(fast), Some(reference)) if fast != reference => {
            Some(format!("{name}: the engines disagree\nenumerate:\n{fast}reference:\n{reference}"))
        }
        _ => None,
    };
    Ok((differences(said, &report), disagreement))
}

/// About how many accesses to memory there are, from the look of the instructions.
fn accesses(test: &litmus::Test) -> usize {
    let litmus::Program::Asm(threads) = &test.program else { return usize::MAX };
    let cells = threads.iter().flat_map(|thread| &thread.cells);
    let accesses = |text: &str| {
        let mnemonic = text.rsplit(':').next().unwrap_or(text).trim_start().to_lowercase();
        let names_memory = text.contains('[') || text.contains('(');
        let updates = ["lock", "xchg", "swp", "cas", "ldadd", "ldset", "ldclr", "ldeor", "amo", "stadd"];
        let is_access =
            ["lw", "ld", "lb", "lh", "st", "sw", "sc", "lr"].iter().any(|start| mnemonic.starts_with(start));
        let is_update = updates.iter().any(|start| mnemonic.starts_with(start));
        usize::from(names_memory || is_access) + usize::from(is_update)
    };
    cells.map(|cell| accesses(&cell.text)).sum()
}
