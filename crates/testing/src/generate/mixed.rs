//! Random programs that mix sizes: accesses of one to eight bytes to two double words.

use super::{Builder, Group, silent};

/// What programs that mix sizes can be written in.
pub const MIXED_ARCHITECTURES: &[&str] = &["AArch64", "RISCV", "X86_64", "PPC"];

/// Registers of x86 that hold no addresses, in all sizes: 8, 16, 32 and 64 bits.
const X86_REGISTERS: [[&str; 4]; 6] = [
    ["%cl", "%cx", "%ecx", "%rcx"],
    ["%dl", "%dx", "%edx", "%rdx"],
    ["%sil", "%si", "%esi", "%rsi"],
    ["%dil", "%di", "%edi", "%rdi"],
    ["%r8b", "%r8w", "%r8d", "%r8"],
    ["%r9b", "%r9w", "%r9d", "%r9"],
];

/// Registers that hold the addresses of the locations on x86.
pub(super) const X86_BASES: [&str; 3] = ["rax", "rbx", "r10"];

pub(super) fn group(b: &mut Builder<'_>, arch: &str) -> (Group, usize) {
    match b.random.below(9) {
        0..=3 => (load(b, arch), 1),
        4..=6 => (silent(store(b, arch)), 1),
        7 if arch != "PPC" => (update(b, arch), 2),
        _ => (silent(vec![fence(b, arch)]), 0),
    }
}

/// The logarithm of a size, and an offset that is a multiple of the size. Most are of two sizes, so that they meet.
fn place(b: &mut Builder<'_>) -> (usize, usize) {
    let size = *b.random.pick(&[0, 1, 2, 2, 3, 3]);
    (size, b.random.below(8 >> size).min(1) << size)
}

/// The number of a register for values.
fn register(b: &mut Builder<'_>, arch: &str) -> usize {
    match arch {
        "RISCV" => 5 + b.fresh() % 15,
        "X86_64" => b.fresh() % X86_REGISTERS.len(),
        "PPC" => 2 + b.fresh() % 18,
        _ => b.fresh() % 20,
    }
}

/// A number to store: each byte is different, or only the lowest is set.
fn value(b: &mut Builder<'_>) -> u64 {
    if b.random.one_in(2) {
        1 + b.random.below(2) as u64
    } else {
        0x0101_0101_0101_0101 * (1 + b.random.below(2) as u64)
    }
}

fn base(arch: &str, location: usize) -> String {
    match arch {
        "X86_64" => format!("%{}", X86_BASES[location]),
        _ => super::base(arch, location).unwrap_or_default(),
    }
}

fn load(b: &mut Builder<'_>, arch: &str) -> Group {
    let (size, offset) = place(b);
    let (location, to) = (b.location(), register(b, arch));
    let base = base(arch, location);
    let (line, observed) = match arch {
        "RISCV" => {
            let name = ["lbu", "lhu", "lwu", "ld"][size];
            (format!("{name} x{to},{offset}({base})"), format!("x{to}"))
        }
        "PPC" => {
            let name = ["lbz", "lhz", "lwz", "ld"][size];
            (format!("{name} r{to},{offset}({base})"), format!("r{to}"))
        }
        "X86_64" => {
            let suffix = ["b", "w", "l", "q"][size];
            let register = X86_REGISTERS[to];
            (format!("mov{suffix} {offset}({base}),{}", register[size]), register[3][1..].to_owned())
        }
        _ => {
            let acquire = offset == 0 && b.random.one_in(3);
            let name =
                if acquire { ["LDARB", "LDARH", "LDAR", "LDAR"] } else { ["LDRB", "LDRH", "LDR", "LDR"] }
                    [size];
            let width = if size == 3 { "X" } else { "W" };
            let address = if acquire { format!("[{base}]") } else { format!("[{base},#{offset}]") };
            (format!("{name} {width}{to},{address}"), format!("X{to}"))
        }
    };
    b.loaded.push(to);
    Group { lines: vec![line], observed: Some(observed) }
}

/// A register with something to store, and the instructions that put it there.
fn stored(b: &mut Builder<'_>, arch: &str) -> (usize, Vec<String>) {
    if let Some(source) = b.source().filter(|_| arch != "X86_64") {
        return (source, Vec::new());
    }
    let (to, value) = (register(b, arch), value(b));
    let lines = match arch {
        "RISCV" => vec![format!("li x{to},{value}")],
        "PPC" => vec![format!("li r{to},{}", value & 0x7f)],
        "X86_64" => vec![format!("movabsq ${value},{}", X86_REGISTERS[to][3])],
        _ => vec![format!("MOV X{to},#{value}")],
    };
    (to, lines)
}

fn store(b: &mut Builder<'_>, arch: &str) -> Vec<String> {
    let (size, offset) = place(b);
    let (from, mut lines) = stored(b, arch);
    let base = base(arch, b.location());
    lines.push(match arch {
        "RISCV" => format!("{} x{from},{offset}({base})", ["sb", "sh", "sw", "sd"][size]),
        "PPC" => format!("{} r{from},{offset}({base})", ["stb", "sth", "stw", "std"][size]),
        "X86_64" => {
            format!("mov{} {},{offset}({base})", ["b", "w", "l", "q"][size], X86_REGISTERS[from][size])
        }
        _ => {
            let release = offset == 0 && b.random.one_in(3);
            let name =
                if release { ["STLRB", "STLRH", "STLR", "STLR"] } else { ["STRB", "STRH", "STR", "STR"] }
                    [size];
            let width = if size == 3 { "X" } else { "W" };
            let address = if release { format!("[{base}]") } else { format!("[{base},#{offset}]") };
            format!("{name} {width}{from},{address}")
        }
    });
    lines
}

/// An atomic update at the beginning of a location.
fn update(b: &mut Builder<'_>, arch: &str) -> Group {
    let size = b.random.below(4);
    let (from, mut lines) = stored(b, arch);
    let (base, to) = (base(arch, b.location()), register(b, arch));
    let observed = match arch {
        "RISCV" => {
            let order = *b.random.pick(&["", ".aq", ".rl", ".aqrl"]);
            let name = *b.random.pick(&["amoadd", "amoswap"]);
            lines.push(format!("{name}.{}{order} x{to},x{from},({base})", ["b", "h", "w", "d"][size]));
            format!("x{to}")
        }
        "X86_64" => {
            let register = X86_REGISTERS[from];
            lines.push(format!("xchg{} {},({base})", ["b", "w", "l", "q"][size], register[size]));
            register[3][1..].to_owned()
        }
        _ => {
            let order = *b.random.pick(&["", "A", "L", "AL"]);
            let (suffix, width) = ([("B", "W"), ("H", "W"), ("", "W"), ("", "X")])[size];
            let name = *b.random.pick(&["SWP", "LDADD"]);
            lines.push(format!("{name}{order}{suffix} {width}{from},{width}{to},[{base}]"));
            format!("X{to}")
        }
    };
    Group { lines, observed: Some(observed) }
}

fn fence(b: &mut Builder<'_>, arch: &str) -> String {
    let names: &[&str] = match arch {
        "RISCV" => &["fence rw,rw", "fence r,r", "fence w,w", "fence r,rw"],
        "PPC" => &["sync", "lwsync"],
        "X86_64" => &["mfence"],
        _ => &["DMB SY", "DMB LD", "DMB ST"],
    };
    (*b.random.pick(names)).to_owned()
}
