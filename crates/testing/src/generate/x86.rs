//! Random x86, in both notations.

use super::{Builder, Group, LOCATIONS, silent};

/// A notation.
pub(super) struct Notation {
    /// Registers of 32 bits, as instructions name them and as states name them.
    registers: &'static [(&'static str, &'static str)],
    /// Whether AT&T's order and suffixes are used.
    att: bool,
}

pub(super) static ATT: Notation = Notation {
    registers: &[
        ("%eax", "rax"),
        ("%ebx", "rbx"),
        ("%ecx", "rcx"),
        ("%edx", "rdx"),
        ("%esi", "rsi"),
        ("%edi", "rdi"),
        ("%r8d", "r8"),
        ("%r9d", "r9"),
    ],
    att: true,
};

pub(super) static INTEL: Notation = Notation {
    registers: &[
        ("EAX", "EAX"),
        ("EBX", "EBX"),
        ("ECX", "ECX"),
        ("EDX", "EDX"),
        ("ESI", "ESI"),
        ("EDI", "EDI"),
    ],
    att: false,
};

pub(super) fn group(b: &mut Builder<'_>, notation: &Notation) -> (Group, usize) {
    match b.random.below(10) {
        0..=3 => (load(b, notation), 1),
        4..=6 => (silent(store(b, notation)), 1),
        7 => (update(b, notation), 2),
        8 => (silent(branch(b, notation)), 0),
        _ => (silent(fence(b, notation)), 0),
    }
}

impl Notation {
    fn name(&self, register: usize) -> &'static str {
        self.registers[register % self.registers.len()].0
    }

    fn two(&self, name: &str, from: &str, to: &str) -> String {
        if self.att { format!("{name}l {from},{to}") } else { format!("{} {to},{from}", name.to_uppercase()) }
    }

    fn memory(&self, location: usize) -> String {
        let name = LOCATIONS[location];
        if self.att { format!("({name})") } else { format!("[{name}]") }
    }
}

fn loaded(b: &mut Builder<'_>, notation: &Notation, lines: Vec<String>, register: usize) -> Group {
    b.loaded.push(register);
    let observed = notation.registers[register % notation.registers.len()].1;
    Group { lines, observed: Some(observed.to_owned()) }
}

fn load(b: &mut Builder<'_>, notation: &Notation) -> Group {
    let (location, to) = (b.location(), b.fresh());
    let lines = vec![notation.two("mov", &notation.memory(location), notation.name(to))];
    loaded(b, notation, lines, to)
}

fn store(b: &mut Builder<'_>, notation: &Notation) -> Vec<String> {
    let (location, source, value) = (b.location(), b.source(), b.value());
    let memory = notation.memory(location);
    match source {
        Some(source) => vec![notation.two("mov", notation.name(source), &memory)],
        None if notation.att && b.random.one_in(4) => {
            let from = notation.name(b.fresh());
            vec![notation.two("mov", &format!("${value}"), from), format!("movnti {from},{memory}")]
        }
        None => vec![notation.two("mov", &format!("${value}"), &memory)],
    }
}

fn update(b: &mut Builder<'_>, notation: &Notation) -> Group {
    let (location, value, to) = (b.location(), b.value(), b.fresh());
    let (memory, register) = (notation.memory(location), notation.name(to));
    let mut lines = vec![notation.two("mov", &format!("${value}"), register)];
    match (b.random.below(3), notation.att) {
        (0, true) => lines.push(format!("lock xaddl {register},{memory}")),
        (1, true) => lines.push(format!("lock addl {register},{memory}")),
        _ => lines.push(notation.two("xchg", register, &memory)),
    }
    loaded(b, notation, lines, to)
}

fn branch(b: &mut Builder<'_>, notation: &Notation) -> Vec<String> {
    let Some(source) = b.source() else { return fence(b, notation) };
    let (label, location) = (b.label(), b.location());
    let compare = notation.two("cmp", "$1", notation.name(source));
    let jump = if notation.att { format!("jne {label}") } else { format!("JNE {label}") };
    let store = notation.two("mov", "$2", &notation.memory(location));
    vec![compare, jump, store, format!("{label}:")]
}

fn fence(b: &mut Builder<'_>, notation: &Notation) -> Vec<String> {
    let name = *b.random.pick(&["mfence", "mfence", "sfence", "lfence"]);
    vec![if notation.att { name.to_owned() } else { name.to_uppercase() }]
}
