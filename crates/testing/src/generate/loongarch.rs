//! Random LoongArch.

use super::{Builder, Group, silent};

/// The first register that is used for values; `$r4` to `$r6` hold addresses.
const FIRST: usize = 7;

pub(super) fn group(b: &mut Builder<'_>) -> (Group, usize) {
    match b.random.below(11) {
        0..=3 => (load(b), 1),
        4..=6 => (silent(store(b)), 1),
        7 => (update(b), 2),
        8 => (exclusive(b), 2),
        9 => (silent(branch(b)), 0),
        _ => (silent(barrier(b)), 0),
    }
}

fn fresh(b: &mut Builder<'_>) -> usize {
    FIRST + b.fresh()
}

fn loaded(b: &mut Builder<'_>, mut lines: Vec<String>, register: usize, last: String) -> Group {
    lines.push(last);
    b.loaded.push(register);
    Group { lines, observed: Some(format!("$r{register}")) }
}

fn load(b: &mut Builder<'_>) -> Group {
    let (location, source) = (4 + b.location(), b.source());
    let to = fresh(b);
    match source {
        Some(source) => {
            let zero = fresh(b);
            let lines = vec![format!("xor $r{zero},$r{source},$r{source}")];
            loaded(b, lines, to, format!("ldx.w $r{to},$r{location},$r{zero}"))
        }
        None => loaded(b, vec![], to, format!("ld.w $r{to},$r{location},0")),
    }
}

fn written(b: &mut Builder<'_>, lines: &mut Vec<String>) -> usize {
    let (value, source) = (b.value(), b.source());
    let to = fresh(b);
    match source {
        Some(source) if b.random.one_in(2) => return source,
        Some(source) => {
            lines.push(format!("xor $r{to},$r{source},$r{source}"));
            lines.push(format!("ori $r{to},$r{to},{value}"));
        }
        None => lines.push(format!("li.w $r{to},{value}")),
    }
    to
}

fn store(b: &mut Builder<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    lines.push(format!("st.w $r{from},$r{},0", 4 + b.location()));
    lines
}

fn update(b: &mut Builder<'_>) -> Group {
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    let to = fresh(b);
    let name = *b.random.pick(&["amadd", "amswap", "amor"]);
    let barrier = *b.random.pick(&["", "_db"]);
    let location = 4 + b.location();
    loaded(b, lines, to, format!("{name}{barrier}.w $r{to},$r{from},$r{location}"))
}

fn exclusive(b: &mut Builder<'_>) -> Group {
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    let (to, status) = (fresh(b), fresh(b));
    let location = 4 + b.location();
    lines.push(format!("ll.w $r{to},$r{location},0"));
    lines.push(format!("move $r{status},$r{from}"));
    loaded(b, lines, to, format!("sc.w $r{status},$r{location},0"))
}

fn branch(b: &mut Builder<'_>) -> Vec<String> {
    let Some(source) = b.source() else { return barrier(b) };
    let label = b.label();
    vec![format!("bnez $r{source},{label}"), format!("{label}:")]
}

fn barrier(b: &mut Builder<'_>) -> Vec<String> {
    vec![format!("dbar {}", b.random.pick(&["0", "16", "18", "20", "21", "26", "0x700"]))]
}
