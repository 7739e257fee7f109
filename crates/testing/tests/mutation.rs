//! No parser panics on damaged inputs, and what parsers print reads back as the same. A short run of what `fuzz/` does,
//! that needs no other program.
//!
//! `TURNSOLE_MUTATIONS` is the number of inputs for each parser, `TURNSOLE_SEED` the first seed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use testing::entry;
use testing::mutate::mutated;
use testing::random::Random;

/// The stack of the threads that `turnsole` judges tests on.
const STACK_BYTES: usize = 16 << 20;

fn run(parser: &'static str) {
    let seeds = seeds(parser);
    assert!(!seeds.is_empty(), "no inputs to damage for {parser}");
    let (_, entry) = entry::ALL.iter().find(|(name, _)| *name == parser).expect("a known parser");
    let body = move || {
        let first = testing::setting("TURNSOLE_SEED", 1);
        for seed in first..first + testing::setting("TURNSOLE_MUTATIONS", 3_000) {
            let input = mutated(&seeds, &mut Random::new(seed));
            if catch_unwind(AssertUnwindSafe(|| entry(&input))).is_err() {
                panic!("{parser}, seed {seed}, on this input:\n{}", String::from_utf8_lossy(&input));
            }
        }
    };
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(body).expect("a thread");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

/// Cycles and a configuration file.
const CYCLES: &[&str] = &[
    "PodWW Rfe PodRR Fre",
    "DMB.SYdWWPL RfeLA DpAddrdRAP Fre",
    "PodWW L Rfe A PodRR Fre",
    "Amo.SwpAL PodWR Fre Rmw PodWR Fre",
    "Fence.rw.rwdWW Rfe DpCtrlFenceIdR Fre",
    "LwSyncdWW Rfe DetourR DpAddrdR Fre",
    "PodWWw0q0 Rfeq0L.w4 [Rfi,PodRR] FrLeave RfBack PodRW Coe",
    "FenceSync-rcudWW Rfe RscsdRR Fre",
    "FenceMbdWWOnceRelease RfeReleaseAcquire LockdRR Fre",
    "PodRWRlxRel Rfe Fetch.AddAcqRel PodWW Rfe",
    "-arch AArch64\n-safe Pod** Rfe Fre,Coe [Rfi,PodRR]\n-relax DMB.SYd**\n-size 4\n-nprocs 3 # threads\n-mode critical",
    "-arch C\n-safe \"PodRW Rfe\"\n-varatom Rlx Acq Rel Sc\n-mix true\n-exact false\n-name B\n-cond observe\n-obs avoid",
];

/// Good inputs: our own tests and models.
fn seeds(parser: &str) -> Vec<Vec<u8>> {
    if parser == "bpf" {
        return programs();
    }
    if parser == "cycle" {
        return CYCLES.iter().map(|text| text.as_bytes().to_vec()).collect();
    }
    let (folder, extension) = match parser {
        "cat" | "model" => ("models", "cat"),
        "def" => ("models", "def"),
        "mapping" => ("mappings", "map"),
        _ => ("tests/litmus", "litmus"),
    };
    let files = testing::files(&testing::root().join(folder), extension);
    let texts = files.iter().map(|path| std::fs::read(path).expect("a file of the checkout"));
    match parser {
        "instruction" => texts.map(|text| cells(&text)).collect(),
        "c" => texts.flat_map(|text| functions(&text)).collect(),
        _ => texts.collect(),
    }
}

/// The bodies of a test's threads in C, and what stands beside them.
fn functions(text: &[u8]) -> Vec<Vec<u8>> {
    let (test, _) = litmus::parse(syntax::FileId(0), &String::from_utf8_lossy(text));
    let Some(litmus::Program::C(program)) = test.map(|test| test.program) else { return Vec::new() };
    let bodies = program.functions.into_iter().map(|function| function.body);
    bodies.chain(program.declarations).map(|text| text.text.into_bytes()).collect()
}

/// The cells of a test's program, one a line.
fn cells(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(text);
    let rows = text.lines().filter(|line| line.trim_end().ends_with(';'));
    let cells = rows.flat_map(|row| row.trim_end().trim_end_matches(';').split('|'));
    cells.map(str::trim).collect::<Vec<_>>().join("\n").into_bytes()
}

/// Programs in BPF, with the byte in front that says what they are.
fn programs() -> Vec<Vec<u8>> {
    let folder = testing::root().join("crates/bpf-object/tests/data");
    let files = |extension, kind: u8| {
        let files = testing::files(&folder, extension);
        files
            .into_iter()
            .map(move |path| [vec![kind], std::fs::read(path).expect("a file of the checkout")].concat())
    };
    files("o", 3).chain(files("hex", 2)).chain(files("s", 4)).chain(files("o", 0)).collect()
}

#[test]
fn bpf() {
    run("bpf");
}

#[test]
fn litmus() {
    run("litmus");
}

#[test]
fn simulate() {
    run("simulate");
}

#[test]
fn cat() {
    run("cat");
}

#[test]
fn model() {
    run("model");
}

#[test]
fn instruction() {
    run("instruction");
}

#[test]
fn c() {
    run("c");
}

#[test]
fn def() {
    run("def");
}

#[test]
fn log() {
    run("log");
}

#[test]
fn lists() {
    run("lists");
}

#[test]
fn cycle() {
    run("cycle");
}

#[test]
fn mapping() {
    run("mapping");
}
