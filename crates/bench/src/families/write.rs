//! Shapes written down in each language.

use super::{Language, Op, Shape, Term};
use std::fmt::Write;

pub(super) fn test(name: &str, shape: &Shape, language: Language) -> String {
    match language {
        Language::C11 | Language::Kernel => in_c(name, shape, language == Language::Kernel),
        Language::AArch64 | Language::RiscV | Language::X86 => in_assembly(name, shape, language),
    }
}

/// The locations of a thread, in the order in which they come.
fn locations(ops: &[Op]) -> Vec<usize> {
    let mut known = Vec::new();
    for op in ops {
        if let Op::Write { location, .. }
        | Op::Read { location, .. }
        | Op::Increment { location }
        | Op::WriteNext { location, .. } = op
            && !known.contains(location)
        {
            known.push(*location);
        }
    }
    known
}

fn condition(shape: &Shape, register: impl Fn(usize) -> String) -> String {
    let terms = shape.condition.iter().map(|term| match *term {
        Term::Register { thread, register: number, value } => {
            format!("{thread}:{}={value}", register(number))
        }
        Term::Location { location, value } => format!("[x{location}]={value}"),
    });
    format!("exists ({})\n", terms.collect::<Vec<_>>().join(" /\\ "))
}

// ---- C -----------------------------------------------------------------------------------------------------------

fn in_c(name: &str, shape: &Shape, kernel: bool) -> String {
    let mut text = format!("C {name}\n\n{{}}\n");
    for (number, ops) in shape.threads.iter().enumerate() {
        let is_atomic = ops.iter().any(|op| matches!(op, Op::Increment { .. }));
        let type_name = match (kernel, is_atomic) {
            (false, _) => "atomic_int",
            (true, true) => "atomic_t",
            (true, false) => "int",
        };
        let mut parameters: Vec<String> =
            locations(ops).into_iter().map(|location| format!("{type_name} *x{location}")).collect();
        if ops.contains(&Op::Lock) {
            parameters.push("spinlock_t *lock".to_owned());
        }
        // Writing to memory does not fail.
        let _ = writeln!(text, "\nP{number}({})\n{{", parameters.join(", "));
        for op in ops {
            let _ = writeln!(text, "\t{};", if kernel { kernel_statement(*op) } else { c11_statement(*op) });
        }
        text += "}\n";
    }
    text + "\n" + &condition(shape, |register| format!("r{register}"))
}

fn kernel_statement(op: Op) -> String {
    match op {
        Op::Write { location, value, release: false } => format!("WRITE_ONCE(*x{location}, {value})"),
        Op::Write { location, value, release: true } => format!("smp_store_release(x{location}, {value})"),
        Op::Read { location, register, acquire: false } => {
            format!("int r{register} = READ_ONCE(*x{location})")
        }
        Op::Read { location, register, acquire: true } => {
            format!("int r{register} = smp_load_acquire(x{location})")
        }
        Op::Fence => "smp_mb()".to_owned(),
        Op::Increment { location } => format!("int r0 = atomic_inc_return(x{location})"),
        Op::WriteNext { location, register } => format!("WRITE_ONCE(*x{location}, r{register} + 1)"),
        Op::Lock => "spin_lock(lock)".to_owned(),
        Op::Unlock => "spin_unlock(lock)".to_owned(),
        Op::ReadLock => "rcu_read_lock()".to_owned(),
        Op::ReadUnlock => "rcu_read_unlock()".to_owned(),
        Op::GracePeriod => "synchronize_rcu()".to_owned(),
    }
}

fn c11_statement(op: Op) -> String {
    let order = |strong: bool, name: &'static str| if strong { name } else { "relaxed" };
    match op {
        Op::Write { location, value, release } => {
            let order = order(release, "release");
            format!("atomic_store_explicit(x{location}, {value}, memory_order_{order})")
        }
        Op::Read { location, register, acquire } => {
            let order = order(acquire, "acquire");
            format!("int r{register} = atomic_load_explicit(x{location}, memory_order_{order})")
        }
        Op::Increment { location } => {
            format!("int r0 = atomic_fetch_add_explicit(x{location}, 1, memory_order_relaxed)")
        }
        Op::WriteNext { location, register } => {
            format!("atomic_store_explicit(x{location}, r{register} + 1, memory_order_relaxed)")
        }
        Op::Fence => "atomic_thread_fence(memory_order_seq_cst)".to_owned(),
        // `families::test` does not ask for these.
        Op::Lock | Op::Unlock | Op::ReadLock | Op::ReadUnlock | Op::GracePeriod => String::new(),
    }
}

// ---- assembly ----------------------------------------------------------------------------------------------------

fn in_assembly(name: &str, shape: &Shape, language: Language) -> String {
    let mut start = String::new();
    let columns: Vec<Vec<String>> = shape
        .threads
        .iter()
        .enumerate()
        .map(|(number, ops)| {
            let locations = locations(ops);
            if let Some(letter) = address_letter(language) {
                for (at, location) in locations.iter().enumerate() {
                    let _ = write!(start, "{number}:{letter}{}=x{location}; ", ADDRESSES + at);
                }
                start += "\n";
            }
            column(ops, &locations, language)
        })
        .collect();
    let mut text = format!("{language} {name}\n{{\n{start}}}\n");
    let heads = (0..columns.len()).map(|number| format!("P{number}"));
    let widths: Vec<usize> = columns
        .iter()
        .zip(heads.clone())
        .map(|(cells, head)| cells.iter().map(String::len).chain([head.len()]).max().unwrap_or(0))
        .collect();
    let mut line = |cells: &mut dyn Iterator<Item = String>| {
        let padded: Vec<String> = cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let _ = writeln!(text, " {} ;", padded.join(" | "));
    };
    line(&mut heads.into_iter());
    let height = columns.iter().map(Vec::len).max().unwrap_or(0);
    for row in 0..height {
        line(&mut columns.iter().map(|cells| cells.get(row).cloned().unwrap_or_default()));
    }
    text + &condition(shape, |register| match language {
        Language::AArch64 => format!("X{register}"),
        Language::RiscV => format!("x{}", RISCV_RESULTS + register),
        _ => X86_RESULTS[register.min(1)].0.to_owned(),
    })
}

/// The first register that holds an address.
const ADDRESSES: usize = 10;
const RISCV_RESULTS: usize = 5;
const X86_RESULTS: [(&str, &str); 2] = [("rax", "%eax"), ("rbx", "%ebx")];

/// How registers with addresses begin, if there are such.
fn address_letter(language: Language) -> Option<&'static str> {
    match language {
        Language::AArch64 => Some("X"),
        Language::RiscV => Some("x"),
        _ => None,
    }
}

fn column(ops: &[Op], locations: &[usize], language: Language) -> Vec<String> {
    let mut lines = Vec::new();
    // Each value gets a register of its own, behind those with addresses.
    for (op, value) in ops.iter().zip(ADDRESSES + locations.len()..) {
        let own = |location: usize| {
            ADDRESSES + locations.iter().position(|known| *known == location).unwrap_or_default()
        };
        match language {
            Language::AArch64 => aarch64(*op, own, value, &mut lines),
            Language::RiscV => riscv(*op, own, value, &mut lines),
            _ => lines.push(x86(*op)),
        }
    }
    lines
}

fn aarch64(op: Op, own: impl Fn(usize) -> usize, value: usize, lines: &mut Vec<String>) {
    match op {
        Op::Write { location, value: constant, release } => {
            let store = if release { "STLR" } else { "STR" };
            lines.push(format!("MOV W{value},#{constant}"));
            lines.push(format!("{store} W{value},[X{}]", own(location)));
        }
        Op::Read { location, register, acquire } => {
            let load = if acquire { "LDAR" } else { "LDR" };
            lines.push(format!("{load} W{register},[X{}]", own(location)));
        }
        Op::Fence => lines.push("DMB SY".to_owned()),
        Op::Increment { location } => {
            lines.push(format!("MOV W{value},#1"));
            lines.push(format!("LDADD W{value},W0,[X{}]", own(location)));
        }
        _ => {}
    }
}

fn riscv(op: Op, own: impl Fn(usize) -> usize, value: usize, lines: &mut Vec<String>) {
    match op {
        Op::Write { location, value: constant, release } => {
            lines.push(format!("li x{value},{constant}"));
            lines.extend(release.then(|| "fence rw,w".to_owned()));
            lines.push(format!("sw x{value},0(x{})", own(location)));
        }
        Op::Read { location, register, acquire } => {
            lines.push(format!("lw x{},0(x{})", RISCV_RESULTS + register, own(location)));
            lines.extend(acquire.then(|| "fence r,rw".to_owned()));
        }
        Op::Fence => lines.push("fence rw,rw".to_owned()),
        Op::Increment { location } => {
            lines.push(format!("li x{value},1"));
            lines.push(format!("amoadd.w x{RISCV_RESULTS},x{value},(x{})", own(location)));
        }
        _ => {}
    }
}

fn x86(op: Op) -> String {
    match op {
        Op::Write { location, value, .. } => format!("movl ${value},(x{location})"),
        Op::Read { location, register, .. } => {
            format!("movl (x{location}),{}", X86_RESULTS[register.min(1)].1)
        }
        Op::Fence => "mfence".to_owned(),
        Op::Increment { location } => format!("lock incl (x{location})"),
        _ => String::new(),
    }
}
