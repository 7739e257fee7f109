//! The fast engine against the reference engine, on random programs.
//!
//! `TURNSOLE_DIFFERENTIAL` is the number of programs, `TURNSOLE_SEED` the first seed.

use testing::generate::{ARCHITECTURES, MIXED_ARCHITECTURES, Program};
use testing::judge::{self, summary, with_engine};
use turnsole::{EngineChoice, Model, Options};

/// How many choices the reference engine may look at.
const PATIENCE: u64 = 3_000;

/// Models for all architectures, asked now and then.
const GENERAL: [&str; 2] = ["sc.cat", "tso.cat"];

#[test]
fn engines_agree_on_random_programs() {
    let count = testing::setting("TURNSOLE_DIFFERENTIAL", 5_000);
    let first = testing::setting("TURNSOLE_SEED", 1);
    let options = Options::default();
    let mut compared = 0;
    for arch in ARCHITECTURES {
        let own = turnsole::default_model(arch);
        let own = || own.expect("every architecture of the generator has a model");
        let names = match *arch {
            "C11" => ["c11_partialSC.cat", "rc11.cat", GENERAL[0], GENERAL[1]],
            // Other models don't know the kernel's macros.
            "LKMM" => ["linux-kernel.cat"; 4],
            "LISA" => [GENERAL[0], GENERAL[1], GENERAL[0], GENERAL[1]],
            // The same instruction set under the model of its later version.
            "ARM" => [own(), "aarch32.cat", GENERAL[0], GENERAL[1]],
            _ => [own(), own(), GENERAL[0], GENERAL[1]],
        };
        let models: Vec<Model> = names.iter().map(|name| judge::model(name, &options).unwrap()).collect();
        for seed in first..first + count.div_ceil(ARCHITECTURES.len() as u64) {
            let model = &models[match seed % 10 {
                0 => 2,
                1 => 3,
                2..=5 => 1,
                _ => 0,
            }];
            let program = Program::new(arch, seed);
            match compare(&program, model, &options) {
                Comparison::Agree => compared += 1,
                Comparison::TooLong => {}
                Comparison::Differ(_) => fail(&program, model, &options),
            }
        }
    }
    assert!(compared * 10 >= count * 8, "only {compared} of {count} programs could be compared");
}

/// The same for programs that mix sizes. Those for which the variant is given are the same as those for which it is not.
#[test]
fn engines_agree_on_mixed_sizes() {
    let count = testing::setting("TURNSOLE_DIFFERENTIAL", 5_000) / 4;
    let first = testing::setting("TURNSOLE_SEED", 1);
    let options = Options::default();
    let asked = Options { variants: vec!["mixed".to_owned()], ..Options::default() };
    let mut compared = 0;
    for arch in MIXED_ARCHITECTURES {
        let own = turnsole::default_model(arch).expect("every architecture of the generator has a model");
        let load = |name, options| judge::model(name, options).unwrap();
        let models = [load(own, &options), load(GENERAL[0], &options)];
        let model_with_variant = load(own, &asked);
        for seed in first..first + count.div_ceil(MIXED_ARCHITECTURES.len() as u64) {
            let model = &models[usize::from(seed % 5 == 0)];
            let program = Program::mixed(arch, seed);
            match compare(&program, model, &options) {
                Comparison::Agree => compared += 1,
                Comparison::TooLong => {}
                Comparison::Differ(_) => fail(&program, model, &options),
            }
            if seed % 5 != 0 {
                let test = judge::parse(&program.text()).unwrap();
                let automatic = summary(&turnsole::simulate(&test, model, &options));
                let with_variant = summary(&turnsole::simulate(&test, &model_with_variant, &asked));
                assert_eq!(automatic, with_variant, "{}", program.text());
            }
        }
    }
    assert!(compared * 10 >= count * 5, "only {compared} of {count} programs could be compared");
}

enum Comparison {
    Agree,
    TooLong,
    Differ(String),
}

fn compare(program: &Program, model: &Model, options: &Options) -> Comparison {
    let text = program.text();
    let test = match judge::parse(&text) {
        Ok(test) => test,
        Err(message) => return Comparison::Differ(message),
    };
    let fast = turnsole::simulate(&test, model, options);
    if fast.status == turnsole::Status::Error {
        return Comparison::Differ(judge::words(&fast.diagnostics));
    }
    let slow = turnsole::simulate(&test, model, &with_engine(options, EngineChoice::Reference, PATIENCE));
    match (summary(&fast), summary(&slow)) {
        (Some(fast), Some(slow)) if fast == slow => Comparison::Agree,
        (Some(fast), Some(slow)) => Comparison::Differ(format!("enumerate:\n{fast}reference:\n{slow}")),
        _ => Comparison::TooLong,
    }
}

/// Makes the program as small as it goes, and shows it.
fn fail(program: &Program, model: &Model, options: &Options) {
    let mut program = program.clone();
    let differs = |program: &Program| matches!(compare(program, model, options), Comparison::Differ(_));
    loop {
        let smaller = program.smaller().find(|smaller| differs(smaller));
        let Some(smaller) = smaller else { break };
        program = smaller;
    }
    if let Comparison::Differ(how) = compare(&program, model, options) {
        panic!("under {}\n{}\n{how}", model.title, program.text());
    }
}
