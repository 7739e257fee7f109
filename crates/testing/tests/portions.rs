//! The work on a test that several share: whoever does which portions of it, the report is the same to the last number.
//! On our litmus tests and on random programs.
//!
//! `TURNSOLE_PORTIONS` is the number of random programs, `TURNSOLE_SEED` the first seed.

use litmus::Test;
use std::cell::Cell;
use std::sync::Arc;
use testing::generate::{ARCHITECTURES, MIXED_ARCHITECTURES, Program};
use testing::judge::{self, summary, with_engine};
use turnsole::{EngineChoice, Helpers, Model, Options, Report};

/// How often an engine may ask whether to stop.
const PATIENCE: u64 = 2_000;

/// Help that comes when it is asked for so often, and works at once until nothing is left but the portion that is begun.
struct Late(usize);

impl Helpers for Late {
    fn assist(&self, own: &mut dyn FnMut(&dyn Fn()), help: &(dyn Fn() + Sync)) {
        let calls = Cell::new(0);
        own(&|| {
            calls.set(calls.get() + 1);
            if calls.get() == self.0 {
                help();
            }
        });
    }
}

/// Help of so many threads, at once.
struct Threads(usize);

impl Helpers for Threads {
    fn assist(&self, own: &mut dyn FnMut(&dyn Fn()), help: &(dyn Fn() + Sync)) {
        std::thread::scope(|scope| {
            for _ in 0..self.0 {
                scope.spawn(help);
            }
            own(&|| {});
        });
    }
}

/// What is compared on one test: all that can be asked, now and then of the reference engine, too.
fn compare(test: &Test, model: &Model, options: &Options, seed: u64) -> Result<(), String> {
    for asked in 0..3 {
        let small = Options {
            engine: EngineChoice::Enumerate,
            outcomes_only: asked == 1,
            verdict_only: asked == 2,
            small_portions: true,
            ..options.clone()
        };
        let whole = Options { small_portions: false, ..small.clone() };
        let whole = run(test, model, &whole);
        let divided = run(test, model, &small);
        // A verdict shows the first outcome of each kind, as it is found.
        if asked < 2 && summary(&whole) != summary(&divided) || whole.verdict() != divided.verdict() {
            return Err(format!("divided:\n{divided:#?}\nwhole:\n{whole:#?}"));
        }
        same(test, model, &small, seed, &divided)?;
    }
    if !seed.is_multiple_of(8) {
        return Ok(());
    }
    let reference = Options { engine: EngineChoice::Reference, ..options.clone() };
    same(test, model, &reference, seed, &run(test, model, &reference))
}

fn same(test: &Test, model: &Model, options: &Options, seed: u64, alone: &Report) -> Result<(), String> {
    let is_stopped = |report: &Report| !report.has_answer() && report.status != turnsole::Status::Error;
    let helpers: [Arc<dyn Helpers>; 3] = [
        Arc::new(Late(1 + seed as usize % 3)),
        Arc::new(Late(4 + seed as usize % 60)),
        Arc::new(Threads(1 + seed as usize % 3)),
    ];
    // Threads cost more than what they do here.
    let count = if seed.is_multiple_of(16) { 3 } else { 2 };
    for helpers in &helpers[..count] {
        let together = run(test, model, &Options { helpers: Some(helpers.clone()), ..options.clone() });
        let differ = format!("{together:#?}") != format!("{alone:#?}");
        if differ && !is_stopped(alone) && !is_stopped(&together) {
            return Err(format!("together:\n{together:#?}\nalone:\n{alone:#?}"));
        }
    }
    Ok(())
}

fn run(test: &Test, model: &Model, options: &Options) -> Report {
    turnsole::simulate(test, model, &with_engine(options, options.engine, PATIENCE))
}

#[test]
fn our_tests() {
    let root = testing::root().join("tests/litmus");
    for (number, path) in testing::files(&root, "litmus").into_iter().enumerate() {
        let text = std::fs::read_to_string(&path).unwrap();
        let test = judge::parse(&text).unwrap();
        for said in litmus::expectations(&test).0 {
            let mut options = Options { variants: said.variants.clone(), ..Options::default() };
            options.unroll = said.unroll.unwrap_or(options.unroll);
            let default = turnsole::default_model(test.arch.word());
            let Some(model) = said.model.as_deref().or(default) else { continue };
            let model = judge::model(model, &options).unwrap();
            if let Err(how) = compare(&test, &model, &options, number as u64) {
                panic!("{}: {how}", path.display());
            }
        }
    }
}

#[test]
fn random_programs() {
    let count = testing::setting("TURNSOLE_PORTIONS", 500);
    let first = testing::setting("TURNSOLE_SEED", 1);
    let options = Options::default();
    let kinds = ARCHITECTURES.iter().map(|arch| (*arch, false));
    let kinds: Vec<_> = kinds.chain(MIXED_ARCHITECTURES.iter().map(|arch| (*arch, true))).collect();
    for (arch, mixed) in &kinds {
        let name = match *arch {
            "C11" => "rc11.cat",
            "LKMM" => "linux-kernel.cat",
            arch => turnsole::default_model(arch).unwrap_or("sc.cat"),
        };
        let model = judge::model(name, &options).unwrap();
        for seed in first..first + count.div_ceil(kinds.len() as u64) {
            let program = if *mixed { Program::mixed(arch, seed) } else { Program::new(arch, seed) };
            let text = program.text();
            let test = judge::parse(&text).unwrap();
            if let Err(how) = compare(&test, &model, &options, seed) {
                panic!("under {}\n{text}\n{how}", model.title);
            }
        }
    }
}
