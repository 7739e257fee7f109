//! Random 32-bit Arm.

use super::{Builder, Group, silent};

/// The first register that holds an address; those below hold values.
const BASES: usize = 10;

pub(super) fn group(b: &mut Builder<'_>) -> (Group, usize) {
    match b.random.below(11) {
        0..=3 => (load(b), 1),
        4..=6 => (silent(store(b)), 1),
        7 => (exclusive(b), 2),
        8 => (silent(branch(b)), 0),
        9 => (silent(conditional(b)), 1),
        _ => (silent(fence(b)), 0),
    }
}

/// A register for values. There are few, so they come again.
fn fresh(b: &mut Builder<'_>) -> usize {
    b.fresh() % BASES
}

fn loaded(b: &mut Builder<'_>, mut lines: Vec<String>, register: usize, last: String) -> Group {
    lines.push(last);
    b.loaded.push(register);
    Group { lines, observed: Some(format!("R{register}")) }
}

fn load(b: &mut Builder<'_>) -> Group {
    let (location, source) = (BASES + b.location(), b.source());
    let to = fresh(b);
    match source {
        Some(source) => {
            let zero = fresh(b);
            let lines = vec![format!("EOR R{zero},R{source},R{source}")];
            loaded(b, lines, to, format!("LDR R{to},[R{location},R{zero}]"))
        }
        None => {
            let name = *b.random.pick(&["LDR", "LDR", "LDA"]);
            loaded(b, vec![], to, format!("{name} R{to},[R{location}]"))
        }
    }
}

fn written(b: &mut Builder<'_>, lines: &mut Vec<String>) -> usize {
    let (value, source) = (b.value(), b.source());
    let to = fresh(b);
    match source {
        Some(source) if b.random.one_in(2) => return source,
        Some(source) => {
            lines.push(format!("EOR R{to},R{source},R{source}"));
            lines.push(format!("ADD R{to},R{to},#{value}"));
        }
        None => lines.push(format!("MOV R{to},#{value}")),
    }
    to
}

fn store(b: &mut Builder<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    let name = *b.random.pick(&["STR", "STR", "STR", "STL"]);
    lines.push(format!("{name} R{from},[R{}]", BASES + b.location()));
    lines
}

fn exclusive(b: &mut Builder<'_>) -> Group {
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    let (to, status) = (fresh(b), fresh(b));
    let location = BASES + b.location();
    let (load, store) = (*b.random.pick(&["LDREX", "LDAEX"]), *b.random.pick(&["STREX", "STLEX"]));
    lines.push(format!("{load} R{to},[R{location}]"));
    loaded(b, lines, to, format!("{store} R{status},R{from},[R{location}]"))
}

fn branch(b: &mut Builder<'_>) -> Vec<String> {
    let Some(source) = b.source() else { return fence(b) };
    let label = b.label();
    if b.random.one_in(2) {
        vec![format!("CBNZ R{source},{label}"), format!("{label}:")]
    } else {
        vec![format!("CMP R{source},#1"), format!("BEQ {label}"), "ISB".to_owned(), format!("{label}:")]
    }
}

/// A store that happens, or whose value is chosen, on a condition.
fn conditional(b: &mut Builder<'_>) -> Vec<String> {
    let Some(source) = b.source() else { return store(b) };
    let (value, to) = (b.value(), fresh(b));
    let location = BASES + b.location();
    let mut lines = vec![format!("MOV R{to},#{value}"), format!("CMP R{source},#1")];
    if b.random.one_in(2) {
        lines.push(format!("STREQ R{to},[R{location}]"));
    } else {
        lines.push(format!("MOVNE R{to},#{}", 3 - value));
        lines.push(format!("STR R{to},[R{location}]"));
    }
    lines
}

fn fence(b: &mut Builder<'_>) -> Vec<String> {
    vec![(*b.random.pick(&["DMB", "DMB ST", "DMB ISH", "DSB", "ISB"])).to_owned()]
}
