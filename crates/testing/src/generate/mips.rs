//! Random MIPS.

use super::risc::{self, Assembly, exclusive, load, store};
use super::{Builder, Group, silent};
use crate::random::Random;

pub(super) fn group(b: &mut Builder<'_>) -> (Group, usize) {
    match b.random.below(10) {
        0..=3 => (load::<Mips>(b), 1),
        4..=6 => (store::<Mips>(b), 1),
        7 => (exclusive::<Mips>(b), 2),
        8 => (silent(branch(b)), 1),
        _ => (silent(fence(b)), 0),
    }
}

struct Mips;

impl Assembly for Mips {
    const BASE: usize = 20;

    fn nth(n: usize) -> usize {
        risc::around_bases(2, n)
    }

    fn name(register: usize) -> String {
        format!("${register}")
    }

    fn zero(to: usize, from: usize) -> String {
        format!("xor ${to},${from},${from}")
    }

    fn add(to: usize, value: usize) -> String {
        format!("ori ${to},${to},{value}")
    }

    fn set(to: usize, value: usize) -> String {
        format!("li ${to},{value}")
    }

    fn load(_: &mut Random, to: usize, base: usize) -> String {
        format!("lw ${to},0(${base})")
    }

    fn load_indexed(to: usize, base: usize, zero: usize) -> Vec<String> {
        vec![format!("daddu ${zero},${base},${zero}"), format!("lw ${to},0(${zero})")]
    }

    fn store(_: &mut Random, from: usize, base: usize) -> String {
        format!("sw ${from},0(${base})")
    }

    fn exclusive(_: &mut Random, to: usize, status: usize, from: usize, base: usize) -> Vec<String> {
        vec![
            format!("ll ${to},0(${base})"),
            format!("move ${status},${from}"),
            format!("sc ${status},0(${base})"),
        ]
    }
}

/// A branch with a store in its delay slot, or without.
fn branch(b: &mut Builder<'_>) -> Vec<String> {
    let Some(source) = b.source() else { return fence(b) };
    let label = b.label();
    let mut lines = Vec::new();
    if b.random.one_in(2) {
        lines.extend([".set noreorder".to_owned(), format!("bnez ${source},{label}")]);
        lines.push(format!("sw ${source},0(${})", risc::base::<Mips>(b)));
        lines.push(".set reorder".to_owned());
    } else {
        lines.push(format!("bnez ${source},{label}"));
    }
    lines.extend(fence(b));
    lines.push(format!("{label}:"));
    lines
}

fn fence(b: &mut Builder<'_>) -> Vec<String> {
    vec![(*b.random.pick(&["sync", "sync_wmb", "sync_acquire", "sync_release"])).to_owned()]
}
