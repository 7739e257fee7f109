//! Random AArch64.

use super::risc::{self, Assembly, exclusive, load, store};
use super::{Builder, Group, silent};
use crate::random::Random;

pub(super) fn group(b: &mut Builder<'_>) -> (Group, usize) {
    match b.random.below(12) {
        0..=3 => (load::<AArch64>(b), 1),
        4..=6 => (store::<AArch64>(b), 1),
        7 => (update(b), 2),
        8 => (exclusive::<AArch64>(b), 2),
        9 => (silent(branch(b)), 0),
        10 => (select(b), 1),
        _ => (silent(fence(b)), 0),
    }
}

struct AArch64;

impl Assembly for AArch64 {
    const BASE: usize = 20;

    fn nth(n: usize) -> usize {
        n
    }

    fn name(register: usize) -> String {
        format!("X{register}")
    }

    fn zero(to: usize, from: usize) -> String {
        format!("EOR W{to},W{from},W{from}")
    }

    fn add(to: usize, value: usize) -> String {
        format!("ADD W{to},W{to},#{value}")
    }

    fn set(to: usize, value: usize) -> String {
        format!("MOV W{to},#{value}")
    }

    fn load(random: &mut Random, to: usize, base: usize) -> String {
        format!("{} W{to},[X{base}]", random.pick(&["LDR", "LDR", "LDAR", "LDAPR"]))
    }

    fn load_indexed(to: usize, base: usize, zero: usize) -> Vec<String> {
        vec![format!("LDR W{to},[X{base},W{zero},SXTW]")]
    }

    fn store(random: &mut Random, from: usize, base: usize) -> String {
        format!("{} W{from},[X{base}]", random.pick(&["STR", "STR", "STR", "STLR"]))
    }

    fn exclusive(random: &mut Random, to: usize, status: usize, from: usize, base: usize) -> Vec<String> {
        let (load, store) = (*random.pick(&["LDXR", "LDAXR"]), *random.pick(&["STXR", "STLXR"]));
        vec![format!("{load} W{to},[X{base}]"), format!("{store} W{status},W{from},[X{base}]")]
    }
}

fn update(b: &mut Builder<'_>) -> Group {
    let mut lines = Vec::new();
    let from = risc::written::<AArch64>(b, &mut lines);
    let to = b.fresh();
    let order = *b.random.pick(&["", "A", "L", "AL"]);
    let base = risc::base::<AArch64>(b);
    match b.random.below(4) {
        0 => {
            lines.push(format!("MOV W{to},#{}", b.random.below(2)));
            lines.push(format!("CAS{order} W{to},W{from},[X{base}]"));
        }
        1 => lines.push(format!("SWP{order} W{from},W{to},[X{base}]")),
        2 => lines.push(format!("LDADD{order} W{from},W{to},[X{base}]")),
        _ => {
            lines.push(format!("STADD W{from},[X{base}]"));
            return silent(lines);
        }
    }
    risc::loaded::<AArch64>(b, lines, to)
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
fn select(b: &mut Builder<'_>) -> Group {
    let Some(source) = b.source() else { return store::<AArch64>(b) };
    let (one, two, picked) = (b.fresh(), b.fresh(), b.fresh());
    silent(vec![
        format!("MOV W{one},#1"),
        format!("MOV W{two},#2"),
        format!("CMP W{source},#1"),
        format!("CSEL W{picked},W{one},W{two},EQ"),
        format!("STR W{picked},[X{}]", risc::base::<AArch64>(b)),
    ])
}

fn fence(b: &mut Builder<'_>) -> Vec<String> {
    vec![(*b.random.pick(&["DMB SY", "DMB LD", "DMB ST", "DMB ISH", "DSB SY", "ISB"])).to_owned()]
}
