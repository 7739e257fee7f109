//! Random RISC-V.

use super::{Builder, Group, silent};

/// The first register that is used for values.
const FIRST: usize = 5;

pub(super) fn group(b: &mut Builder<'_>) -> (Group, usize) {
    match b.random.below(11) {
        0..=3 => (load(b), 1),
        4..=6 => (silent(store(b)), 1),
        7 => (update(b), 2),
        8 => (exclusive(b), 2),
        9 => (silent(branch(b)), 0),
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
    Group { lines, observed: Some(format!("x{register}")) }
}

fn load(b: &mut Builder<'_>) -> Group {
    let (location, source) = (20 + b.location(), b.source());
    let to = fresh(b);
    match source {
        Some(source) => {
            let address = fresh(b);
            let lines = vec![
                format!("xor x{address},x{source},x{source}"),
                format!("add x{address},x{location},x{address}"),
            ];
            loaded(b, lines, to, format!("lw x{to},0(x{address})"))
        }
        None => loaded(b, vec![], to, format!("lw x{to},0(x{location})")),
    }
}

fn written(b: &mut Builder<'_>, lines: &mut Vec<String>) -> usize {
    let (value, source) = (b.value(), b.source());
    let to = fresh(b);
    match source {
        Some(source) if b.random.one_in(2) => return source,
        Some(source) => {
            lines.push(format!("xor x{to},x{source},x{source}"));
            lines.push(format!("ori x{to},x{to},{value}"));
        }
        None => lines.push(format!("li x{to},{value}")),
    }
    to
}

fn store(b: &mut Builder<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    lines.push(format!("sw x{from},0(x{})", 20 + b.location()));
    lines
}

fn update(b: &mut Builder<'_>) -> Group {
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    let to = fresh(b);
    let name = *b.random.pick(&["amoadd.w", "amoswap.w", "amoor.w"]);
    let order = *b.random.pick(&["", ".aq", ".rl", ".aqrl"]);
    let location = 20 + b.location();
    loaded(b, lines, to, format!("{name}{order} x{to},x{from},(x{location})"))
}

fn exclusive(b: &mut Builder<'_>) -> Group {
    let mut lines = Vec::new();
    let from = written(b, &mut lines);
    let (to, status) = (fresh(b), fresh(b));
    let location = 20 + b.location();
    let (load, store) = (*b.random.pick(&["lr.w", "lr.w.aq"]), *b.random.pick(&["sc.w", "sc.w.rl"]));
    lines.push(format!("{load} x{to},(x{location})"));
    loaded(b, lines, to, format!("{store} x{status},x{from},(x{location})"))
}

fn branch(b: &mut Builder<'_>) -> Vec<String> {
    let Some(source) = b.source() else { return fence(b) };
    let label = b.label();
    vec![format!("bne x{source},x0,{label}"), format!("{label}:")]
}

fn fence(b: &mut Builder<'_>) -> Vec<String> {
    let kinds =
        ["fence rw,rw", "fence r,r", "fence w,w", "fence r,rw", "fence rw,w", "fence w,r", "fence.tso"];
    vec![(*b.random.pick(&kinds)).to_owned()]
}
