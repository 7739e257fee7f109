//! Random AArch64.

use super::{Builder, Group, silent};

pub(super) fn group(b: &mut Builder<'_>) -> (Group, usize) {
    match b.random.below(12) {
        0..=3 => (load(b), 1),
        4..=6 => (silent(store(b)), 1),
        7 => (update(b), 2),
        8 => (exclusive(b), 2),
        9 => (silent(branch(b)), 0),
        10 => (silent(select(b)), 1),
        _ => (silent(fence(b)), 0),
    }
}

fn loaded(b: &mut Builder<'_>, mut lines: Vec<String>, register: usize, last: String) -> Group {
    lines.push(last);
    b.loaded.push(register);
    Group { lines, observed: Some(format!("X{register}")) }
}

fn load(b: &mut Builder<'_>) -> Group {
    let (location, source) = (20 + b.location(), b.source());
    let to = b.fresh();
    match source {
        Some(source) => {
            let zero = b.fresh();
            let lines = vec![format!("EOR W{zero},W{source},W{source}")];
            loaded(b, lines, to, format!("LDR W{to},[X{location},W{zero},SXTW]"))
        }
        None => {
            let name = *b.random.pick(&["LDR", "LDR", "LDAR", "LDAPR"]);
            loaded(b, vec![], to, format!("{name} W{to},[X{location}]"))
        }
    }
}

/// A register that holds a value to write, which may depend on what was read.
fn written(b: &mut Builder<'_>, lines: &mut Vec<String>) -> usize {
    let (value, source) = (b.value(), b.source());
    match source {
        Some(source) if b.random.one_in(2) => source,
        Some(source) => {
            let to = b.fresh();
            lines.push(format!("EOR W{to},W{source},W{source}"));
            lines.push(format!("ADD W{to},W{to},#{value}"));
            to
        }
        None => {
            let to = b.fresh();
            lines.push(format!("MOV W{to},#{value}"));
            to
        }
    }
}

fn store(b: &mut Builder<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    let name = *b.random.pick(&["STR", "STR", "STR", "STLR"]);
    lines.push(format!("{name} W{from},[X{}]", 20 + b.location()));
    lines
}

fn update(b: &mut Builder<'_>) -> Group {
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    let to = b.fresh();
    let order = *b.random.pick(&["", "A", "L", "AL"]);
    let location = 20 + b.location();
    match b.random.below(4) {
        0 => {
            lines.push(format!("MOV W{to},#{}", b.random.below(2)));
            loaded(b, lines, to, format!("CAS{order} W{to},W{from},[X{location}]"))
        }
        1 => loaded(b, lines, to, format!("SWP{order} W{from},W{to},[X{location}]")),
        2 => loaded(b, lines, to, format!("LDADD{order} W{from},W{to},[X{location}]")),
        _ => {
            lines.push(format!("STADD W{from},[X{location}]"));
            silent(lines)
        }
    }
}

fn exclusive(b: &mut Builder<'_>) -> Group {
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    let (to, status) = (b.fresh(), b.fresh());
    let location = 20 + b.location();
    let (load, store) = (*b.random.pick(&["LDXR", "LDAXR"]), *b.random.pick(&["STXR", "STLXR"]));
    lines.push(format!("{load} W{to},[X{location}]"));
    loaded(b, lines, to, format!("{store} W{status},W{from},[X{location}]"))
}

fn branch(b: &mut Builder<'_>) -> Vec<String> {
    let Some(source) = b.source() else { return fence(b) };
    let label = b.label();
    if b.random.one_in(2) {
        vec![format!("CBNZ W{source},{label}"), format!("{label}:")]
    } else {
        vec![format!("CMP W{source},#1"), format!("B.EQ {label}"), "ISB".to_owned(), format!("{label}:")]
    }
}

/// A store of one of two values, picked by what was read.
fn select(b: &mut Builder<'_>) -> Vec<String> {
    let Some(source) = b.source() else { return store(b) };
    let (one, two, picked) = (b.fresh(), b.fresh(), b.fresh());
    vec![
        format!("MOV W{one},#1"),
        format!("MOV W{two},#2"),
        format!("CMP W{source},#1"),
        format!("CSEL W{picked},W{one},W{two},EQ"),
        format!("STR W{picked},[X{}]", 20 + b.location()),
    ]
}

fn fence(b: &mut Builder<'_>) -> Vec<String> {
    vec![(*b.random.pick(&["DMB SY", "DMB LD", "DMB ST", "DMB ISH", "DSB SY", "ISB"])).to_owned()]
}
