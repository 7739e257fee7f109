//! Random LISA.

use super::{Builder, Group, LOCATIONS, silent};

pub(super) fn group(b: &mut Builder<'_>) -> (Group, usize) {
    match b.random.below(10) {
        0..=3 => (load(b), 1),
        4..=6 => (silent(store(b)), 1),
        7 => (update(b), 2),
        8 => (silent(branch(b)), 0),
        _ => (silent(vec!["f[mb]".to_owned()]), 0),
    }
}

fn loaded(b: &mut Builder<'_>, mut lines: Vec<String>, register: usize, last: String) -> Group {
    lines.push(last);
    b.loaded.push(register);
    Group { lines, observed: Some(format!("r{register}")) }
}

fn load(b: &mut Builder<'_>) -> Group {
    let (location, source) = (LOCATIONS[b.location()], b.source());
    let to = b.fresh();
    match source {
        Some(source) => {
            let zero = b.fresh();
            let lines = vec![format!("mov r{zero} (xor r{source} r{source})")];
            loaded(b, lines, to, format!("r[once] r{to} {location}+r{zero}"))
        }
        None => loaded(b, vec![], to, format!("r[] r{to} {location}")),
    }
}

fn store(b: &mut Builder<'_>) -> Vec<String> {
    let (location, value) = (LOCATIONS[b.location()], b.value());
    match b.source() {
        Some(source) if b.random.one_in(2) => vec![format!("w[once] {location} r{source}")],
        Some(source) => {
            let to = b.fresh();
            vec![format!("mov r{to} (neq r{source} {value})"), format!("w[] {location} r{to}")]
        }
        None => vec![format!("w[release] {location} {value}")],
    }
}

fn update(b: &mut Builder<'_>) -> Group {
    let (location, value) = (LOCATIONS[b.location()], b.value());
    let to = b.fresh();
    let line = match b.random.below(2) {
        0 => format!("rmw[] r{to} {value} {location}"),
        _ => format!("rmw[acquire] r{to} (add r{to} {value}) {location}"),
    };
    loaded(b, vec![], to, line)
}

fn branch(b: &mut Builder<'_>) -> Vec<String> {
    let Some(source) = b.source() else { return vec!["nop".to_owned()] };
    let label = b.label();
    vec![format!("b[] r{source} {label}"), "f[mb]".to_owned(), format!("{label}:")]
}
