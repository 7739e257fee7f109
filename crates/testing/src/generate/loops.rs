//! Loops: waiting for a value, retries of atomic updates, and rounds that are counted.

use super::{Builder, Group, LOCATIONS};

/// A loop, where there are some for the architecture, and what it costs.
pub(super) fn group(b: &mut Builder<'_>, arch: &str) -> Option<(Group, usize)> {
    let location = b.location();
    let label = b.label();
    let lines = match arch {
        "AArch64" => return Some(aarch64(b, location, &label)),
        "RISCV" => return Some(riscv(b, location, &label)),
        "X86_64" => return Some(x86(b, location, &label)),
        "PPC" => return Some(ppc(b, location, &label)),
        "C11" => c11(b, LOCATIONS[location % 2]),
        "LKMM" => kernel(b, LOCATIONS[location]),
        _ => return None,
    };
    let number = b.fresh();
    b.loaded.push(number);
    let name = format!("r{number}");
    let lines = lines.into_iter().map(|line| line.replace('$', &name)).collect();
    Some((Group { lines, observed: Some(name) }, 2))
}

fn observed(b: &mut Builder<'_>, register: usize, name: String, lines: Vec<String>) -> (Group, usize) {
    b.loaded.push(register);
    (Group { lines, observed: Some(name) }, 2)
}

fn aarch64(b: &mut Builder<'_>, location: usize, label: &str) -> (Group, usize) {
    let (to, other, base, value) = (b.fresh(), b.fresh(), 20 + location, b.value());
    let lines = match b.random.below(3) {
        0 => vec![format!("{label}: LDAR W{to},[X{base}]"), format!("CBZ W{to},{label}")],
        1 => vec![
            format!("{label}: LDXR W{to},[X{base}]"),
            format!("ADD W{other},W{to},#{value}"),
            format!("STXR W{other},W{other},[X{base}]"),
            format!("CBNZ W{other},{label}"),
        ],
        _ => vec![
            format!("{label}: ADD W{other},W{other},#1"),
            format!("STR W{other},[X{base}]"),
            format!("LDR W{to},[X{base}]"),
            format!("CMP W{to},#{value}"),
            format!("B.NE {label}"),
        ],
    };
    observed(b, to, format!("X{to}"), lines)
}

fn riscv(b: &mut Builder<'_>, location: usize, label: &str) -> (Group, usize) {
    // Registers of RISC-V begin with 5, and 20 to 22 hold addresses.
    let register = |number: usize| if number < 15 { number + 5 } else { number + 8 };
    let (to, other) = (register(b.fresh()), register(b.fresh()));
    let (base, value) = (20 + location, b.value());
    let lines = match b.random.below(2) {
        0 => vec![format!("{label}: lw x{to},0(x{base})"), format!("beq x{to},x0,{label}")],
        _ => vec![
            format!("{label}: lr.w x{to},(x{base})"),
            format!("addi x{other},x{to},{value}"),
            format!("sc.w x{other},x{other},(x{base})"),
            format!("bne x{other},x0,{label}"),
        ],
    };
    observed(b, to, format!("x{to}"), lines)
}

fn ppc(b: &mut Builder<'_>, location: usize, label: &str) -> (Group, usize) {
    let register = |number: usize| if number < 17 { number + 3 } else { number + 6 };
    let (to, other) = (register(b.fresh()), register(b.fresh()));
    let (base, value) = (20 + location, b.value());
    let lines = match b.random.below(2) {
        0 => vec![format!("{label}: lwz r{to},0(r{base})"), format!("cmpwi r{to},0"), format!("beq {label}")],
        _ => vec![
            format!("{label}: lwarx r{to},r0,r{base}"),
            format!("addi r{other},r{to},{value}"),
            format!("stwcx. r{other},r0,r{base}"),
            format!("bne {label}"),
        ],
    };
    observed(b, to, format!("r{to}"), lines)
}

fn x86(b: &mut Builder<'_>, location: usize, label: &str) -> (Group, usize) {
    let to = b.fresh() % 2;
    let (register, name) = [("%eax", "rax"), ("%ebx", "rbx")][to];
    let place = LOCATIONS[location];
    let lines = vec![
        format!("{label}: movl ({place}),{register}"),
        format!("cmpl $0,{register}"),
        format!("je {label}"),
    ];
    observed(b, to, name.to_owned(), lines)
}

fn kernel(b: &mut Builder<'_>, place: &str) -> Vec<String> {
    let value = b.value();
    match b.random.below(4) {
        0 => vec![
            format!("int $ = READ_ONCE(*{place});"),
            "while ($ == 0)".to_owned(),
            format!("  $ = smp_load_acquire({place});"),
        ],
        1 => vec![
            format!("int $ = cmpxchg({place}, 0, {value});"),
            "while ($ != 0)".to_owned(),
            format!("  $ = cmpxchg_acquire({place}, 0, {value});"),
        ],
        2 => vec![
            "int $ = 0;".to_owned(),
            "do {".to_owned(),
            format!("  WRITE_ONCE(*{place}, $);"),
            "  $ = $ + 1;".to_owned(),
            format!("}} while ($ < {value});"),
        ],
        _ => vec![format!("int $ = xchg_acquire({place}, {value});"), "while ($ == 1) {".to_owned()]
            .into_iter()
            .chain([format!("  $ = xchg_acquire({place}, {value});"), "}".to_owned()])
            .collect(),
    }
}

fn c11(b: &mut Builder<'_>, place: &str) -> Vec<String> {
    let value = b.value();
    match b.random.below(3) {
        0 => vec![
            "int $ = 0;".to_owned(),
            "while ($ == 0)".to_owned(),
            format!("  $ = atomic_load_explicit({place}, memory_order_acquire);"),
        ],
        1 => vec![
            "int $ = 0;".to_owned(),
            format!("while ($ < {value}) {{"),
            "  $ = $ + 1;".to_owned(),
            format!("  atomic_store_explicit({place}, $, memory_order_relaxed);"),
            "}".to_owned(),
        ],
        _ => vec![
            "int $ = 0;".to_owned(),
            "do {".to_owned(),
            format!("  $ = atomic_exchange_explicit({place}, {value}, memory_order_acq_rel);"),
            format!("}} while ($ == {value});"),
        ],
    }
}
