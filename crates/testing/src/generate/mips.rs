//! Random MIPS.

use super::{Builder, Group, silent};

/// The first register that is used for values.
const FIRST: usize = 2;

pub(super) fn group(b: &mut Builder<'_>) -> (Group, usize) {
    match b.random.below(10) {
        0..=3 => (load(b), 1),
        4..=6 => (silent(store(b)), 1),
        7 => (exclusive(b), 2),
        8 => (silent(branch(b)), 1),
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
    Group { lines, observed: Some(format!("${register}")) }
}

fn load(b: &mut Builder<'_>) -> Group {
    let (location, source) = (20 + b.location(), b.source());
    let to = fresh(b);
    match source {
        Some(source) => {
            let address = fresh(b);
            let lines = vec![
                format!("xor ${address},${source},${source}"),
                format!("daddu ${address},${location},${address}"),
            ];
            loaded(b, lines, to, format!("lw ${to},0(${address})"))
        }
        None => loaded(b, vec![], to, format!("lw ${to},0(${location})")),
    }
}

fn written(b: &mut Builder<'_>, lines: &mut Vec<String>) -> usize {
    let (value, source) = (b.value(), b.source());
    let to = fresh(b);
    match source {
        Some(source) if b.random.one_in(2) => return source,
        Some(source) => {
            lines.push(format!("xor ${to},${source},${source}"));
            lines.push(format!("ori ${to},${to},{value}"));
        }
        None => lines.push(format!("li ${to},{value}")),
    }
    to
}

fn store(b: &mut Builder<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    lines.push(format!("sw ${from},0(${})", 20 + b.location()));
    lines
}

fn exclusive(b: &mut Builder<'_>) -> Group {
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    let (to, status) = (fresh(b), fresh(b));
    let location = 20 + b.location();
    lines.push(format!("ll ${to},0(${location})"));
    lines.push(format!("move ${status},${from}"));
    loaded(b, lines, to, format!("sc ${status},0(${location})"))
}

/// A branch with a store in its delay slot, or without.
fn branch(b: &mut Builder<'_>) -> Vec<String> {
    let Some(source) = b.source() else { return fence(b) };
    let label = b.label();
    let mut lines = Vec::new();
    if b.random.one_in(2) {
        lines.extend([".set noreorder".to_owned(), format!("bnez ${source},{label}")]);
        lines.push(format!("sw ${source},0(${})", 20 + b.location()));
        lines.push(".set reorder".to_owned());
    } else {
        lines.push(format!("bnez ${source},{label}"));
    }
    lines.extend(fence(b));
    lines.push(format!("{label}:"));
    lines
}

fn fence(b: &mut Builder<'_>) -> Vec<String> {
    vec![(*b.random.pick(&["sync", "sync_wmb", "sync_acquire", "sync_release"])).to_owned()]
}
