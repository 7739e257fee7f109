//! Random RISC-V.

use super::risc::{self, Assembly, exclusive, load, store};
use super::{Builder, Group, silent};
use crate::random::Random;

pub(super) fn group(b: &mut Builder<'_>) -> (Group, usize) {
    match b.random.below(11) {
        0..=3 => (load::<RiscV>(b), 1),
        4..=6 => (store::<RiscV>(b), 1),
        7 => (update(b), 2),
        8 => (exclusive::<RiscV>(b), 2),
        9 => (silent(branch(b)), 0),
        _ => (silent(fence(b)), 0),
    }
}

struct RiscV;

impl Assembly for RiscV {
    const BASE: usize = 20;

    fn nth(n: usize) -> usize {
        risc::around_bases(5, n)
    }

    fn name(register: usize) -> String {
        format!("x{register}")
    }

    fn zero(to: usize, from: usize) -> String {
        format!("xor x{to},x{from},x{from}")
    }

    fn add(to: usize, value: usize) -> String {
        format!("ori x{to},x{to},{value}")
    }

    fn set(to: usize, value: usize) -> String {
        format!("li x{to},{value}")
    }

    fn load(_: &mut Random, to: usize, base: usize) -> String {
        format!("lw x{to},0(x{base})")
    }

    fn load_indexed(to: usize, base: usize, zero: usize) -> Vec<String> {
        vec![format!("add x{zero},x{base},x{zero}"), format!("lw x{to},0(x{zero})")]
    }

    fn store(_: &mut Random, from: usize, base: usize) -> String {
        format!("sw x{from},0(x{base})")
    }

    fn exclusive(random: &mut Random, to: usize, status: usize, from: usize, base: usize) -> Vec<String> {
        let (load, store) = (*random.pick(&["lr.w", "lr.w.aq"]), *random.pick(&["sc.w", "sc.w.rl"]));
        vec![format!("{load} x{to},(x{base})"), format!("{store} x{status},x{from},(x{base})")]
    }
}

fn update(b: &mut Builder<'_>) -> Group {
    let mut lines = Vec::new();
    let from = risc::written::<RiscV>(b, &mut lines);
    let to = risc::fresh::<RiscV>(b);
    let name = *b.random.pick(&["amoadd.w", "amoswap.w", "amoor.w"]);
    let order = *b.random.pick(&["", ".aq", ".rl", ".aqrl"]);
    let base = risc::base::<RiscV>(b);
    lines.push(format!("{name}{order} x{to},x{from},(x{base})"));
    risc::loaded::<RiscV>(b, lines, to)
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
