//! The fast engine against the reference engine, on programs that fall apart: what is chosen at one location often says
//! nothing about another. Updates, branches that hang on one read, and locks are there to tie some of them together.
//!
//! `TURNSOLE_PRODUCTS` is the number of programs, `TURNSOLE_SEED` the first seed.

use testing::judge::{self, summary, with_engine};
use testing::random::Random;
use turnsole::{EngineChoice, Options};

/// How many choices the reference engine may look at.
const PATIENCE: u64 = 20_000;

/// How a language writes what programs do; `X` stands for the location, `V` for a value, `N` for a register's number.
struct Language {
    model: &'static str,
    parameter: &'static str,
    writes: &'static [&'static str],
    reads: &'static [&'static str],
    updates: &'static [&'static str],
    fence: &'static str,
    ends: [&'static str; 2],
}

const ATOMIC: Language = Language {
    model: "c11_partialSC.cat",
    parameter: "atomic_int",
    writes: &[
        "atomic_store_explicit(X, V, memory_order_relaxed);",
        "atomic_store_explicit(X, V, memory_order_release);",
    ],
    reads: &[
        "int rN = atomic_load_explicit(X, memory_order_relaxed);",
        "int rN = atomic_load_explicit(X, memory_order_acquire);",
    ],
    updates: &[
        "int rN = atomic_exchange_explicit(X, V, memory_order_acquire);",
        "int rN = atomic_fetch_add_explicit(X, V, memory_order_acq_rel);",
    ],
    fence: "atomic_thread_fence(memory_order_seq_cst);",
    ends: ["", ""],
};

const LANGUAGES: [Language; 3] = [
    ATOMIC,
    Language { model: "rc11.cat", ..ATOMIC },
    Language {
        model: "linux-kernel.cat",
        parameter: "int",
        writes: &["WRITE_ONCE(*X, V);", "smp_store_release(X, V);"],
        reads: &["int rN = READ_ONCE(*X);", "int rN = smp_load_acquire(X);"],
        updates: &["int rN = xchg_acquire(X, V);", "int rN = cmpxchg_acquire(X, 0, V);"],
        fence: "smp_mb();",
        ends: ["spin_lock(l);", "spin_unlock(l);"],
    },
];

const LOCATIONS: [&str; 4] = ["x", "y", "z", "u"];

fn program(language: &Language, seed: u64) -> String {
    let mut random = Random::new(seed);
    let mut text = format!("C products-{seed}\n{{}}\n");
    let threads = 2 + random.below(3);
    let locked = !language.ends[0].is_empty() && random.one_in(6);
    let mut registers = Vec::new();
    for thread in 0..threads {
        let mut body = String::new();
        let (mut count, mut branches) = (0, 0);
        for _ in 0..1 + random.below(5 - threads.min(3)) {
            let value = (1 + random.below(2)).to_string();
            let sentence = match random.below(8) {
                0..=2 => *random.pick(language.writes),
                3..=5 => *random.pick(language.reads),
                6 => *random.pick(language.updates),
                _ if random.one_in(2) => language.fence,
                _ => *random.pick(language.reads),
            };
            let (location, number) = (*random.pick(&LOCATIONS), count.to_string());
            if sentence.contains("rN") {
                registers.push(format!("{thread}:r{count}"));
                count += 1;
            }
            let value = match count {
                1.. if !sentence.contains("rN") && random.one_in(6) => format!("r{} + 1", count - 1),
                _ => value,
            };
            body += &format!(
                "  {}\n",
                sentence.replace("rN", &format!("r{number}")).replace('X', location).replace('V', &value)
            );
            if count > 0 && branches == 0 && random.one_in(6) {
                body += &format!("  if (r{} == 1) {{\n", count - 1);
                branches += 1;
            } else if branches == 1 && !body.ends_with("{\n") && !sentence.contains("rN") {
                body += "  }\n";
                branches += 1;
            }
        }
        if branches == 1 {
            body += &format!("  {}\n  }}\n", language.writes[0].replace('X', "x").replace('V', "3"));
        }
        if locked && thread < 2 {
            body = format!("  {}\n{body}  {}\n", language.ends[0], language.ends[1]);
        }
        let parameters = LOCATIONS.map(|location| format!("{} *{location}", language.parameter)).join(", ");
        let lock = if locked { ", spinlock_t *l" } else { "" };
        text += &format!("P{thread}({parameters}{lock})\n{{\n{body}}}\n");
    }
    let mut observed: Vec<String> = registers.into_iter().filter(|_| random.below(3) > 0).collect();
    observed.extend(LOCATIONS.iter().filter(|_| random.one_in(2)).map(|location| (*location).to_owned()));
    let filtered = observed.iter().find(|name| name.contains(':')).filter(|_| random.one_in(5));
    if let Some(name) = filtered {
        text += &format!("filter ({name}=0 \\/ {name}=2)\n");
    }
    let shown: Vec<String> = observed.iter().map(|name| format!("{name};")).collect();
    text += &format!("locations [{}]\nexists (x=1)\n", shown.join(" "));
    text
}

#[test]
fn engines_agree_on_programs_that_fall_apart() {
    let count = testing::setting("TURNSOLE_PRODUCTS", 600);
    let first = testing::setting("TURNSOLE_SEED", 1);
    let options = Options::default();
    let mut compared = 0;
    for language in &LANGUAGES {
        let model = judge::model(language.model, &options).unwrap();
        for seed in first..first + count.div_ceil(LANGUAGES.len() as u64) {
            let text = program(language, seed);
            let test = judge::parse(&text).unwrap_or_else(|message| panic!("{message}\n{text}"));
            let fast = turnsole::simulate(&test, &model, &options);
            let patient = with_engine(&options, EngineChoice::Reference, PATIENCE);
            let slow = turnsole::simulate(&test, &model, &patient);
            if let (Some(fast), Some(slow)) = (summary(&fast), summary(&slow)) {
                assert_eq!(fast, slow, "under {}\n{text}", language.model);
                compared += 1;
            }
        }
    }
    assert!(compared * 2 >= count, "only {compared} of {count} programs could be compared");
}
