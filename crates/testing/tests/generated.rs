//! The generator: its tests can be read, print back as the same, are forbidden under sequential consistency, and possible
//! where everything is. And against the tests of corpora that say which cycle they were made from (`Orig=`): made again
//! from that cycle, how many come out the same? See `docs/testing.md`.

use generate::{
    Arch, Condition, Config, Cross, Cycle, Cycles, IntType, Observe, Observers, Piece, Style, relaxations,
};
use libtest_mimic::{Arguments, Failed, Trial};
use litmus::{Program, Test};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use syntax::{FileId, SourceMap};
use testing::{corpora, judge};
use turnsole::{Loader, Model, Options};

fn main() {
    let arguments = Arguments::from_args();
    let sample = |arch: Arch| Trial::test(format!("sample {}", arch.name()), move || sample(arch));
    let mut trials: Vec<Trial> = Arch::ALL.into_iter().map(sample).collect();
    if let Some(folder) = corpora::folder()
        && let Ok(entries) = std::fs::read_dir(folder)
    {
        let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        folders.sort();
        for folder in folders {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            trials.push(Trial::test(name.clone(), move || corpus(&name, &folder)));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// A model that forbids nothing.
struct Anything;

impl Loader for Anything {
    fn load(&self, name: &str, _: Option<&str>) -> Option<(String, String)> {
        let text = "\"Anything goes\"\ninclude \"cos.cat\"\n";
        (name == "anything.cat").then(|| (name.to_owned(), text.to_owned()))
    }
}

fn model(name: &str) -> Result<Model, String> {
    let options = Options { companions: true, ..Options::default() };
    let mut sources = SourceMap::new();
    let (model, diagnostics) = turnsole::load_model(&Anything, name, &options, &mut sources);
    model.ok_or_else(|| judge::words(&diagnostics))
}

/// Cycles with each edge and each access of the architecture.
fn cycles(arch: Arch) -> Result<Vec<Cycle>, String> {
    let vocabulary = arch.vocabulary();
    let piece = |text: &str| Piece::whole(FileId(0), text);
    let all = vocabulary.edge_names();
    let inside = |name: &&String| !name.ends_with('e') && !name.ends_with("Leave") && !name.ends_with("Back");
    let edges: Vec<&str> = all.iter().filter(inside).map(String::as_str).collect();
    let lists = [&edges.join(" "), "Pod** Pos**", "Rfe Fre Coe", "Pod**", "Rfe Fre Coe"];
    let lists: Result<Vec<_>, _> = lists.iter().map(|list| relaxations(arch, &piece(list))).collect();
    let mut cycles: Vec<Cycle> = Cross::new(arch, lists.map_err(|error| error.message)?).collect();
    let config = Config {
        arch: Some(arch),
        safe: vec![piece("Pod** Rfe Fre Coe")],
        accesses: vec![piece(
            &vocabulary.orders.iter().map(|order| order.name).collect::<Vec<_>>().join(" "),
        )],
        size: Some(4),
        threads: Some(2),
        ..Config::default()
    };
    cycles.extend(Cycles::new(config.wanted().map_err(|error| error.message)?).step_by(7));
    Ok(cycles)
}

fn sample(arch: Arch) -> Result<(), Failed> {
    let kernel = arch == Arch::Kernel;
    let strict = model(if kernel { "linux-kernel.cat" } else { "sc.cat" })?;
    let loose = model("anything.cat")?;
    let options = Options { companions: true, ..Options::default() };
    let mut made = 0;
    for cycle in cycles(arch)? {
        let Ok(text) = generate::test(&cycle, Style::default()) else { continue };
        made += 1;
        let test = judge::parse(&text).map_err(|problem| format!("{problem}\n{text}"))?;
        let printed = judge::parse(&test.to_string())?;
        if printed.to_string() != test.to_string()
            || litmus::hash_source(&printed) != litmus::hash_source(&test)
        {
            return Err(format!("prints as another test:\n{text}").into());
        }
        let observation = |model: &Model| -> Result<String, String> {
            let report = turnsole::simulate(&test, model, &options);
            if syntax::has_errors(&report.diagnostics) {
                return Err(format!("{}\n{text}", judge::words(&report.diagnostics)));
            }
            Ok(report.observation().map_or_else(String::new, |observation| format!("{observation:?}")))
        };
        let (found, possible) =
            (observation(&strict)?, if kernel { String::new() } else { observation(&loose)? });
        if !kernel && found != "Never" {
            return Err(format!("{found} under sequential consistency:\n{text}").into());
        }
        if !kernel && possible == "Never" {
            return Err(format!("not even possible:\n{text}").into());
        }
    }
    if made < 100 { Err(format!("only {made} tests").into()) } else { Ok(()) }
}

/// How many programs and names must come out the same, in percent, where a corpus is mostly of today's form.
const FLOORS: &[(&str, f64, f64)] = &[
    ("aarch64-catalogue", 94.0, 94.0),
    ("aarch64-dat3m", 98.0, 99.0),
    ("aarch64-from-riscv", 100.0, 0.0),
    ("aarch64-mixed", 30.0, 99.0),
    ("lkmm-luc", 88.0, 98.0),
    ("mips-instructions", 100.0, 0.0),
    ("ppc-dat3m", 83.0, 0.0),
    ("riscv", 95.0, 96.0),
    ("x86-catalogue", 100.0, 100.0),
    ("x86-dat3m", 99.0, 97.0),
    ("x86_64-catalogue", 100.0, 100.0),
];

/// What became of the tests of a corpus.
#[derive(Default)]
struct Count {
    cycles: usize,
    made: usize,
    programs: usize,
    conditions: usize,
    names: usize,
    wrong: BTreeMap<String, Vec<String>>,
}

fn corpus(name: &str, folder: &Path) -> Result<(), Failed> {
    let mut count = Count::default();
    for path in testing::files(folder, "litmus") {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let Some(orig) = text.lines().find_map(|line| line.strip_prefix("Orig=")) else { continue };
        one(&text, orig.trim(), &mut count);
    }
    if count.cycles > 0 {
        say(&format!(
            "{name}: {} cycles, {} made; programs {:.1} %, with conditions {:.1} %, names {:.1} %",
            count.cycles,
            count.made,
            percent(count.programs, count.cycles),
            percent(count.conditions, count.cycles),
            percent(count.names, count.cycles),
        ));
        for (why, tests) in &count.wrong {
            say(&format!("  {why}: {}, such as {}", tests.len(), tests[tests.len() / 2]));
        }
    }
    let floor = FLOORS.iter().find(|(known, ..)| *known == name);
    let (programs, names) = floor.map_or((0.0, 0.0), |(_, programs, names)| (*programs, *names));
    let low = percent(count.programs, count.cycles) < programs || percent(count.names, count.cycles) < names;
    if low { Err("fewer than there were".into()) } else { Ok(()) }
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole as f64
}

#[expect(clippy::print_stderr, reason = "a test says what it found")]
fn say(text: &str) {
    eprintln!("{text}");
}

fn one(text: &str, orig: &str, count: &mut Count) {
    let (Some(expected), _) = litmus::parse(FileId(0), text) else { return };
    let arch = match expected.arch.to_string().as_str() {
        "C" => Arch::Kernel,
        name => match Arch::named(name) {
            Some(arch) => arch,
            None => return,
        },
    };
    count.cycles += 1;
    let mut wrong = |why: &str, what: String| count.wrong.entry(why.to_owned()).or_default().push(what);
    let cycle = match Cycle::parse(arch, FileId(0), orig) {
        Ok(cycle) => cycle,
        Err(error) => return wrong(error.code, format!("{}: {orig}: {}", expected.name, error.message)),
    };
    let name = cycle.name();
    if plain_name(&name) == plain_name(&expected.name) {
        count.names += 1;
    } else {
        wrong("name", format!("{} and not {}: {orig}", name, expected.name));
    }
    let mut made = false;
    let mut program = false;
    let mut last = String::new();
    for observe in [Observe::Needed, Observe::All] {
        for observers in [Observers::None, Observers::Thread, Observers::Local] {
            let ty = if text.contains("uint64_t x") { IntType::named("uint64_t") } else { None };
            let style = Style { observe, observers, ty, condition: Condition::Cycle, metadata: true };
            let Ok(text) = generate::test(&cycle, style) else { continue };
            made = true;
            let (Some(found), _) = litmus::parse(FileId(0), &text) else { continue };
            if code(&found) != code(&expected) {
                last = text;
                continue;
            }
            program = true;
            if atoms(&found) == atoms(&expected) {
                count.made += 1;
                count.programs += 1;
                count.conditions += 1;
                return;
            }
            last = text;
        }
    }
    count.made += usize::from(made);
    count.programs += usize::from(program);
    let why = if program { "condition" } else { "program" };
    wrong(why, format!("{}:\n{last}\n{text}", expected.name));
}

/// What the test is called today: `co` was `ws`, and numbers depended on the order of generation.
fn plain_name(name: &str) -> String {
    let digits = name.bytes().rev().take_while(u8::is_ascii_digit).count();
    let name = if digits >= 3 { &name[..name.len() - 3] } else { name };
    name.strip_prefix("C-").or_else(|| name.strip_prefix("RV+")).unwrap_or(name).replace("ws", "co")
}

/// The initial state and the program, in lines.
fn code(test: &Test) -> Vec<String> {
    let mut lines: Vec<String> = test.init.iter().map(|item| item.to_string().replace(' ', "")).collect();
    // Types of registers say only how wide they are.
    lines.retain(|line| !(line.starts_with("uint") && line.contains(':')));
    lines.sort();
    match &test.program {
        Program::Asm(threads) => {
            for thread in threads {
                lines.push(thread.head());
                lines.extend(
                    thread.cells.iter().map(|cell| words(&cell.text)).filter(|text| !text.is_empty()),
                );
            }
        }
        Program::C(program) => {
            for function in &program.functions {
                lines.push(format!("P{}", function.id));
                let body = function.body.text.replace("int r", "r");
                lines.extend(body.lines().map(words).filter(|text| !text.is_empty()));
            }
        }
        Program::Raw(text) => lines.push(text.text.clone()),
    }
    lines
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase()
}

/// The condition's atoms, in order of the alphabet.
fn atoms(test: &Test) -> Vec<String> {
    let text = test.condition.to_string();
    let text = text.trim_start_matches("exists").trim().trim_start_matches('(').trim_end_matches(')');
    let mut atoms: Vec<String> = text.split("/\\").map(|atom| atom.trim().replace(['[', ']'], "")).collect();
    atoms.sort();
    atoms
}
