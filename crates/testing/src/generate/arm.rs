//! Random 32-bit Arm.

use super::risc::{self, Assembly, exclusive, load, store};
use super::{Builder, Group, silent};
use crate::random::Random;

pub(super) fn group(b: &mut Builder<'_>) -> (Group, usize) {
    match b.random.below(11) {
        0..=3 => (load::<Arm>(b), 1),
        4..=6 => (store::<Arm>(b), 1),
        7 => (exclusive::<Arm>(b), 2),
        8 => (silent(branch(b)), 0),
        9 => (conditional(b), 1),
        _ => (silent(fence(b)), 0),
    }
}

struct Arm;

impl Assembly for Arm {
    const BASE: usize = 10;

    /// There are few registers for values, so they come again.
    fn nth(n: usize) -> usize {
        n % Arm::BASE
    }

    fn name(register: usize) -> String {
        format!("R{register}")
    }

    fn zero(to: usize, from: usize) -> String {
        format!("EOR R{to},R{from},R{from}")
    }

    fn add(to: usize, value: usize) -> String {
        format!("ADD R{to},R{to},#{value}")
    }

    fn set(to: usize, value: usize) -> String {
        format!("MOV R{to},#{value}")
    }

    fn load(random: &mut Random, to: usize, base: usize) -> String {
        format!("{} R{to},[R{base}]", random.pick(&["LDR", "LDR", "LDA"]))
    }

    fn load_indexed(to: usize, base: usize, zero: usize) -> Vec<String> {
        vec![format!("LDR R{to},[R{base},R{zero}]")]
    }

    fn store(random: &mut Random, from: usize, base: usize) -> String {
        format!("{} R{from},[R{base}]", random.pick(&["STR", "STR", "STR", "STL"]))
    }

    fn exclusive(random: &mut Random, to: usize, status: usize, from: usize, base: usize) -> Vec<String> {
        let (load, store) = (*random.pick(&["LDREX", "LDAEX"]), *random.pick(&["STREX", "STLEX"]));
        vec![format!("{load} R{to},[R{base}]"), format!("{store} R{status},R{from},[R{base}]")]
    }
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
fn conditional(b: &mut Builder<'_>) -> Group {
    let Some(source) = b.source() else { return store::<Arm>(b) };
    let (value, to) = (b.value(), risc::fresh::<Arm>(b));
    let base = risc::base::<Arm>(b);
    let mut lines = vec![format!("MOV R{to},#{value}"), format!("CMP R{source},#1")];
    if b.random.one_in(2) {
        lines.push(format!("STREQ R{to},[R{base}]"));
    } else {
        lines.push(format!("MOVNE R{to},#{}", 3 - value));
        lines.push(format!("STR R{to},[R{base}]"));
    }
    silent(lines)
}

fn fence(b: &mut Builder<'_>) -> Vec<String> {
    vec![(*b.random.pick(&["DMB", "DMB ST", "DMB ISH", "DSB", "ISB"])).to_owned()]
}
