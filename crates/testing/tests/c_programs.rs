//! The fast engine against the reference engine, on random C programs: locks, RCU and atomic updates of the kernel,
//! and the atomics of C11.

use std::fmt::Write as _;
use testing::judge::{self, summary, with_engine};
use testing::random::Random;
use turnsole::{EngineChoice, Model, Options};

/// How many choices the reference engine may look at.
const PATIENCE: u64 = 400;

/// What a thread of the kernel does: statements over locations `A` and `B`, a lock, a pointer to either location, and
/// a fresh register `R`; and how many accesses that counts as.
const KERNEL: &[(&str, usize)] = &[
    ("WRITE_ONCE(*A, V);", 1),
    ("int R = READ_ONCE(*A);", 1),
    ("*A = V;", 1),
    ("int R = *A;", 1),
    ("smp_store_release(A, V);", 1),
    ("int R = smp_load_acquire(A);", 1),
    ("smp_mb();", 0),
    ("smp_wmb();", 0),
    ("smp_rmb();", 0),
    ("synchronize_rcu();", 0),
    ("rcu_read_lock(); int R = READ_ONCE(*A); rcu_read_unlock();", 1),
    ("rcu_read_lock(); WRITE_ONCE(*A, V); int R = READ_ONCE(*B); rcu_read_unlock();", 2),
    ("spin_lock(lock); WRITE_ONCE(*A, V); spin_unlock(lock);", 3),
    ("spin_lock(lock); int R = *A; *A = R + 1; spin_unlock(lock);", 4),
    ("spin_lock(lock); spin_unlock(lock); smp_mb__after_unlock_lock();", 2),
    ("int R = spin_trylock(lock); if (R) { *A = V; spin_unlock(lock); }", 3),
    ("int R = spin_is_locked(lock);", 1),
    ("int R = xchg(A, V);", 2),
    ("int R = atomic_fetch_add(1, A);", 2),
    ("atomic_inc(A);", 2),
    ("int R = cmpxchg(A, 0, V);", 2),
    ("int *R = READ_ONCE(*p); WRITE_ONCE(*R, V);", 2),
    ("smp_store_release(p, B);", 1),
    ("int R = READ_ONCE(*A); WRITE_ONCE(*B, R);", 2),
    ("int R = READ_ONCE(*A); if (R == 1) WRITE_ONCE(*B, V);", 2),
];

/// What a thread of C11 does.
const C11: &[(&str, usize)] = &[
    ("atomic_store_explicit(A, V, memory_order_relaxed);", 1),
    ("atomic_store_explicit(A, V, memory_order_release);", 1),
    ("atomic_store(A, V);", 1),
    ("int R = atomic_load_explicit(A, memory_order_relaxed);", 1),
    ("int R = atomic_load_explicit(A, memory_order_acquire);", 1),
    ("int R = atomic_load(A);", 1),
    ("atomic_thread_fence(memory_order_seq_cst);", 0),
    ("atomic_thread_fence(memory_order_release);", 0),
    ("atomic_thread_fence(memory_order_acquire);", 0),
    ("int R = atomic_fetch_add_explicit(A, 1, memory_order_acq_rel);", 2),
    ("int R = atomic_exchange_explicit(A, V, memory_order_relaxed);", 2),
    ("*plain = V;", 1),
    ("int R = *plain;", 1),
    ("int R = atomic_load_explicit(A, memory_order_relaxed); if (R) *plain = V;", 2),
];

/// A random program: which statements, and its text.
fn program(kernel: bool, seed: u64) -> String {
    let mut random = Random::new(seed);
    let count = if random.one_in(3) { 3 } else { 2 };
    let mut text = format!("C random-{seed}\n{{ {} }}\n", if kernel { "p=x;" } else { "" });
    let mut observed = vec!["x".to_owned(), "y".to_owned()];
    for thread in 0..count {
        let parameters = match kernel {
            true => "int *x, int *y, int **p, spinlock_t *lock",
            false => "atomic_int *x, atomic_int *y, int *plain",
        };
        let _ = write!(text, "P{thread}({parameters})\n{{\n");
        let mut left = 1 + random.below(7 / count);
        let mut registers = 0;
        while left > 0 {
            let (statement, cost) = random.pick(if kernel { KERNEL } else { C11 });
            let (a, b) = *random.pick(&[("x", "y"), ("y", "x")]);
            let value = (1 + random.below(2)).to_string();
            let register = format!("r{registers}");
            if statement.contains('R') && statement.contains("int R") {
                observed.push(format!("{thread}:{register}"));
            }
            registers += 1;
            let names = [("A", a), ("B", b), ("V", &*value), ("R", &*register)];
            let _ = writeln!(text, "  {}", with_names(statement, &names));
            left = left.saturating_sub((*cost).max(1));
        }
        text += "}\n";
    }
    let _ = writeln!(text, "locations [{};]", observed.join("; "));
    if random.one_in(4) {
        let _ = writeln!(text, "filter ({}=1)", random.pick(&observed));
    }
    let _ = writeln!(text, "exists ({}=1 /\\ x=1)", random.pick(&observed));
    text
}

/// The statement with other words for some.
fn with_names(statement: &str, names: &[(&str, &str)]) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut result = String::new();
    let mut rest = statement;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| is_word(c) != is_word(first)).unwrap_or(rest.len());
        let word = &rest[..end];
        result += names.iter().find(|(name, _)| *name == word).map_or(word, |(_, other)| other);
        rest = &rest[end..];
    }
    result
}

#[test]
fn engines_agree_on_random_c_programs() {
    let count = testing::setting("TURNSOLE_DIFFERENTIAL", 2_000) / 4;
    let first = testing::setting("TURNSOLE_SEED", 1);
    let options = Options::default();
    for (name, kernel) in [
        ("linux-kernel.cat", true),
        ("c11_partialSC.cat", false),
        ("rc11.cat", false),
        ("c11_orig.cat", false),
    ] {
        let model: Model = judge::model(name, &options).unwrap();
        let mut compared = 0;
        for seed in first..first + count {
            let text = program(kernel, seed);
            let test = judge::parse(&text).unwrap_or_else(|message| panic!("{message}\n{text}"));
            let fast = turnsole::simulate(&test, &model, &options);
            let slow =
                turnsole::simulate(&test, &model, &with_engine(&options, EngineChoice::Reference, PATIENCE));
            if let (Some(fast), Some(slow)) = (summary(&fast), summary(&slow)) {
                compared += 1;
                assert_eq!(fast, slow, "under {name}\n{text}");
            }
        }
        assert!(compared * 3 > count, "only {compared} of {count} programs could be compared under {name}");
    }
}
