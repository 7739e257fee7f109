//! Random z/Architecture.

use super::{Builder, Group, silent};

/// The first register that is used for values; `r1` to `r3` hold addresses.
const FIRST: usize = 4;

pub(super) fn group(b: &mut Builder<'_>) -> (Group, usize) {
    match b.random.below(11) {
        0..=3 => (load(b), 1),
        4..=6 => (silent(store(b)), 1),
        7 => (update(b), 2),
        8 => (compare_swap(b), 2),
        9 => (silent(branch(b)), 0),
        _ => (silent(serialisation(b)), 0),
    }
}

fn fresh(b: &mut Builder<'_>) -> usize {
    (FIRST + b.fresh()).min(15)
}

fn loaded(b: &mut Builder<'_>, mut lines: Vec<String>, register: usize, last: String) -> Group {
    lines.push(last);
    b.loaded.push(register);
    Group { lines, observed: Some(format!("r{register}")) }
}

fn load(b: &mut Builder<'_>) -> Group {
    let (location, source) = (1 + b.location(), b.source());
    let to = fresh(b);
    match source {
        Some(source) => {
            let lines = vec![format!("lgr r{to},r{source}"), format!("xgr r{to},r{to}")];
            loaded(b, lines, to, format!("llgf r{to},0(r{to},r{location})"))
        }
        None => loaded(b, vec![], to, format!("l r{to},0(r{location})")),
    }
}

fn written(b: &mut Builder<'_>, lines: &mut Vec<String>) -> usize {
    let (value, source) = (b.value(), b.source());
    match source {
        Some(source) => source,
        None => {
            let to = fresh(b);
            lines.push(format!("lghi r{to},{value}"));
            to
        }
    }
}

fn store(b: &mut Builder<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    lines.push(format!("st r{from},0(r{})", 1 + b.location()));
    lines
}

fn update(b: &mut Builder<'_>) -> Group {
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    let to = fresh(b);
    let name = *b.random.pick(&["laa", "lao", "lax"]);
    let location = 1 + b.location();
    loaded(b, lines, to, format!("{name} r{to},r{from},0(r{location})"))
}

fn compare_swap(b: &mut Builder<'_>) -> Group {
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    let to = fresh(b);
    let location = 1 + b.location();
    lines.push(format!("lghi r{to},{}", b.random.below(2)));
    loaded(b, lines, to, format!("cs r{to},r{from},0(r{location})"))
}

fn branch(b: &mut Builder<'_>) -> Vec<String> {
    let Some(source) = b.source() else { return serialisation(b) };
    let label = b.label();
    vec![format!("cijne r{source},0,{label}"), format!("{label}:")]
}

fn serialisation(b: &mut Builder<'_>) -> Vec<String> {
    vec![(*b.random.pick(&["bcr 14,0", "bcr 15,0"])).to_owned()]
}
