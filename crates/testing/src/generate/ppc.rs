//! Random Power.

use super::{Builder, Group, silent};

/// The first register that is used for values.
const FIRST: usize = 3;

pub(super) fn group(b: &mut Builder<'_>) -> (Group, usize) {
    match b.random.below(10) {
        0..=3 => (load(b), 1),
        4..=6 => (silent(store(b)), 1),
        7 => (exclusive(b), 2),
        8 => (silent(branch(b)), 0),
        _ => (silent(fence(b)), 0),
    }
}

fn fresh(b: &mut Builder<'_>) -> usize {
    let number = FIRST + b.fresh();
    // 20 to 22 hold addresses.
    if number < 20 { number } else { number + 3 }
}

fn loaded(b: &mut Builder<'_>, mut lines: Vec<String>, register: usize, last: String) -> Group {
    lines.push(last);
    b.loaded.push(register);
    Group { lines, observed: Some(format!("r{register}")) }
}

fn load(b: &mut Builder<'_>) -> Group {
    let (location, source) = (20 + b.location(), b.source());
    let to = fresh(b);
    match source {
        Some(source) => {
            let zero = fresh(b);
            let lines = vec![format!("xor r{zero},r{source},r{source}")];
            loaded(b, lines, to, format!("lwzx r{to},r{zero},r{location}"))
        }
        None => loaded(b, vec![], to, format!("lwz r{to},0(r{location})")),
    }
}

fn written(b: &mut Builder<'_>, lines: &mut Vec<String>) -> usize {
    let (value, source) = (b.value(), b.source());
    let to = fresh(b);
    match source {
        Some(source) if b.random.one_in(2) => return source,
        Some(source) => {
            lines.push(format!("xor r{to},r{source},r{source}"));
            lines.push(format!("addi r{to},r{to},{value}"));
        }
        None => lines.push(format!("li r{to},{value}")),
    }
    to
}

fn store(b: &mut Builder<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    lines.push(format!("stw r{from},0(r{})", 20 + b.location()));
    lines
}

fn exclusive(b: &mut Builder<'_>) -> Group {
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    let to = fresh(b);
    let location = 20 + b.location();
    lines.push(format!("lwarx r{to},r0,r{location}"));
    loaded(b, lines, to, format!("stwcx. r{from},r0,r{location}"))
}

fn branch(b: &mut Builder<'_>) -> Vec<String> {
    let Some(source) = b.source() else { return fence(b) };
    let label = b.label();
    let mut lines = vec![format!("cmpwi r{source},1"), format!("beq {label}"), format!("{label}:")];
    if b.random.one_in(2) {
        lines.push("isync".to_owned());
    }
    lines
}

fn fence(b: &mut Builder<'_>) -> Vec<String> {
    vec![(*b.random.pick(&["sync", "lwsync", "eieio", "isync"])).to_owned()]
}
