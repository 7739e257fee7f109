//! The generator against the tests of corpora that say which cycle they were made from (`Orig=`): made again from that
//! cycle, how many come out the same? See `docs/testing.md`.

use generate::{Arch, Condition, Cycle, Observe, Observers, Style};
use libtest_mimic::{Arguments, Failed, Trial};
use litmus::{Program, Test};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use syntax::FileId;
use testing::corpora;

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
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
    Ok(())
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
            let style = Style { observe, observers, condition: Condition::Cycle, metadata: true };
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
    let mut atoms: Vec<String> =
        text.split("/\\").map(|atom| atom.trim().replace(['[', ']'], "")).collect();
    atoms.sort();
    atoms
}
