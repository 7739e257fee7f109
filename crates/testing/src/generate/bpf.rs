//! Random BPF. There are few registers: `r7` to `r9` hold the addresses of locations, `r0` what a compare-exchange
//! compares with, and the others are used again when they run out.

use super::{Builder, Group, silent};

/// The first register that holds an address.
const BASE: usize = 7;

pub(super) fn group(b: &mut Builder<'_>) -> (Group, usize) {
    match b.random.below(12) {
        0..=3 => (load(b), 1),
        4..=6 => (silent(store(b)), 1),
        7 => (fetch(b), 2),
        8 => (silent(update(b)), 2),
        9 => (compare_exchange(b), 2),
        10 => (silent(branch(b)), 0),
        _ => (call(b), 1),
    }
}

fn fresh(b: &mut Builder<'_>) -> usize {
    1 + b.fresh() % (BASE - 1)
}

fn base(b: &mut Builder<'_>) -> usize {
    BASE + b.location()
}

fn loaded(b: &mut Builder<'_>, mut lines: Vec<String>, register: usize, last: String) -> Group {
    lines.push(last);
    b.loaded.push(register);
    Group { lines, observed: Some(format!("r{register}")) }
}

/// Lines that leave zero in a register that depends on another, and then add to it.
fn dependent(lines: &mut Vec<String>, to: usize, source: usize, add: &str) {
    if to != source {
        lines.push(format!("r{to} = r{source}"));
    }
    lines.push(format!("r{to} ^= r{to}"));
    lines.push(format!("r{to} += {add}"));
}

fn load(b: &mut Builder<'_>) -> Group {
    let (location, source) = (base(b), b.source());
    let to = fresh(b);
    let acquire = b.random.one_in(4);
    let mut lines = Vec::new();
    let mut address = location;
    if let Some(source) = source {
        address = fresh(b);
        dependent(&mut lines, address, source, &format!("r{location}"));
    }
    let line = match acquire {
        true => format!("r{to} = load_acquire((u32 *)(r{address} + 0))"),
        false => format!("r{to} = *(u32 *)(r{address} + 0)"),
    };
    loaded(b, lines, to, line)
}

fn written(b: &mut Builder<'_>, lines: &mut Vec<String>) -> usize {
    let (value, source) = (b.value(), b.source());
    match source {
        Some(source) if b.random.one_in(2) => source,
        Some(source) => {
            let to = fresh(b);
            dependent(lines, to, source, &value.to_string());
            to
        }
        None => {
            let to = fresh(b);
            lines.push(format!("r{to} = {value}"));
            to
        }
    }
}

fn store(b: &mut Builder<'_>) -> Vec<String> {
    let (location, value) = (base(b), b.value());
    if b.random.one_in(4) {
        return vec![format!("*(u32 *)(r{location} + 0) = {value}")];
    }
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    lines.push(match b.random.one_in(3) {
        true => format!("store_release((u32 *)(r{location} + 0), r{from})"),
        false => format!("*(u32 *)(r{location} + 0) = r{from}"),
    });
    lines
}

fn fetch(b: &mut Builder<'_>) -> Group {
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    let location = base(b);
    let line = match b.random.below(3) {
        0 => format!("r{from} = xchg32_32(r{location} + 0, r{from})"),
        1 => format!("r{from} = atomic_fetch_or((u32 *)(r{location} + 0), r{from})"),
        _ => format!("r{from} = atomic_fetch_add((u32 *)(r{location} + 0), r{from})"),
    };
    loaded(b, lines, from, line)
}

fn update(b: &mut Builder<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    let operator = *b.random.pick(&["+=", "|=", "^="]);
    lines.push(format!("lock *(u32 *)(r{} + 0) {operator} r{from}", base(b)));
    lines
}

fn compare_exchange(b: &mut Builder<'_>) -> Group {
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    lines.push(match b.source() {
        Some(source) if b.random.one_in(2) => format!("r0 = r{source}"),
        _ => format!("r0 = {}", b.value() - 1),
    });
    let line = format!("r0 = cmpxchg32_32(r{} + 0, r0, r{from})", base(b));
    loaded(b, lines, 0, line)
}

fn branch(b: &mut Builder<'_>) -> Vec<String> {
    let label = b.label();
    let condition = match b.source() {
        Some(source) => format!("if w{source} s> 0 goto {label}"),
        None => format!("may_goto {label}"),
    };
    vec![condition, format!("{label}:")]
}

/// A call destroys registers that hold what was read.
fn call(b: &mut Builder<'_>) -> Group {
    b.loaded.retain(|register| *register == 6);
    let name = *b.random.pick(&["smp_mb", "bpf_rcu_read_lock", "bpf_rcu_read_unlock", "synchronize_rcu"]);
    silent(vec![format!("call {name}")])
}
