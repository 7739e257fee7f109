//! Random Power.

use super::risc::{self, Assembly, exclusive, load, store};
use super::{Builder, Group, silent};
use crate::random::Random;

pub(super) fn group(b: &mut Builder<'_>) -> (Group, usize) {
    match b.random.below(10) {
        0..=3 => (load::<Ppc>(b), 1),
        4..=6 => (store::<Ppc>(b), 1),
        7 => (exclusive::<Ppc>(b), 2),
        8 => (silent(branch(b)), 0),
        _ => (silent(fence(b)), 0),
    }
}

struct Ppc;

impl Assembly for Ppc {
    const BASE: usize = 20;

    fn nth(n: usize) -> usize {
        risc::around_bases(3, n)
    }

    fn name(register: usize) -> String {
        format!("r{register}")
    }

    fn zero(to: usize, from: usize) -> String {
        format!("xor r{to},r{from},r{from}")
    }

    fn add(to: usize, value: usize) -> String {
        format!("addi r{to},r{to},{value}")
    }

    fn set(to: usize, value: usize) -> String {
        format!("li r{to},{value}")
    }

    fn load(_: &mut Random, to: usize, base: usize) -> String {
        format!("lwz r{to},0(r{base})")
    }

    fn load_indexed(to: usize, base: usize, zero: usize) -> Vec<String> {
        vec![format!("lwzx r{to},r{zero},r{base}")]
    }

    fn store(_: &mut Random, from: usize, base: usize) -> String {
        format!("stw r{from},0(r{base})")
    }

    fn exclusive(_: &mut Random, to: usize, _: usize, from: usize, base: usize) -> Vec<String> {
        vec![format!("lwarx r{to},r0,r{base}"), format!("stwcx. r{from},r0,r{base}")]
    }
}

fn branch(b: &mut Builder<'_>) -> Vec<String> {
    let Some(source) = b.source() else { return fence(b) };
    let label = b.label();
    let mut lines = vec![format!("cmpwi r{source},1"), format!("beq {label}"), format!("{label}:")];
    if b.random.one_in(2) {
        lines.push("isync".to_owned());
    }
    lines
}

fn fence(b: &mut Builder<'_>) -> Vec<String> {
    vec![(*b.random.pick(&["sync", "lwsync", "eieio", "isync"])).to_owned()]
}
