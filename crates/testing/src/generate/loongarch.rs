//! Random LoongArch.

use super::risc::{self, Assembly, exclusive, load, store};
use super::{Builder, Group, silent};
use crate::random::Random;

pub(super) fn group(b: &mut Builder<'_>) -> (Group, usize) {
    match b.random.below(11) {
        0..=3 => (load::<LoongArch>(b), 1),
        4..=6 => (store::<LoongArch>(b), 1),
        7 => (update(b), 2),
        8 => (exclusive::<LoongArch>(b), 2),
        9 => (silent(branch(b)), 0),
        _ => (silent(barrier(b)), 0),
    }
}

struct LoongArch;

impl Assembly for LoongArch {
    const BASE: usize = 4;

    fn nth(n: usize) -> usize {
        7 + n
    }

    fn name(register: usize) -> String {
        format!("$r{register}")
    }

    fn zero(to: usize, from: usize) -> String {
        format!("xor $r{to},$r{from},$r{from}")
    }

    fn add(to: usize, value: usize) -> String {
        format!("ori $r{to},$r{to},{value}")
    }

    fn set(to: usize, value: usize) -> String {
        format!("li.w $r{to},{value}")
    }

    fn load(_: &mut Random, to: usize, base: usize) -> String {
        format!("ld.w $r{to},$r{base},0")
    }

    fn load_indexed(to: usize, base: usize, zero: usize) -> Vec<String> {
        vec![format!("ldx.w $r{to},$r{base},$r{zero}")]
    }

    fn store(_: &mut Random, from: usize, base: usize) -> String {
        format!("st.w $r{from},$r{base},0")
    }

    fn exclusive(_: &mut Random, to: usize, status: usize, from: usize, base: usize) -> Vec<String> {
        vec![
            format!("ll.w $r{to},$r{base},0"),
            format!("move $r{status},$r{from}"),
            format!("sc.w $r{status},$r{base},0"),
        ]
    }
}

fn update(b: &mut Builder<'_>) -> Group {
    let mut lines = Vec::new();
    let from = risc::written::<LoongArch>(b, &mut lines);
    let to = risc::fresh::<LoongArch>(b);
    let name = *b.random.pick(&["amadd", "amswap", "amor"]);
    let barrier = *b.random.pick(&["", "_db"]);
    let base = risc::base::<LoongArch>(b);
    lines.push(format!("{name}{barrier}.w $r{to},$r{from},$r{base}"));
    risc::loaded::<LoongArch>(b, lines, to)
}

fn branch(b: &mut Builder<'_>) -> Vec<String> {
    let Some(source) = b.source() else { return barrier(b) };
    let label = b.label();
    vec![format!("bnez $r{source},{label}"), format!("{label}:")]
}

fn barrier(b: &mut Builder<'_>) -> Vec<String> {
    vec![format!("dbar {}", b.random.pick(&["0", "16", "18", "20", "21", "26", "0x700"]))]
}
