//! Programs in assembly: one column for each thread.

mod aarch64;
mod arm;
mod bpf;
mod lisa;
mod mips;
mod ppc;
mod riscv;
mod x86;

use crate::cycle::Cycle;
use crate::edge::{Dep, Dir, Edge, Kind};
use crate::plan::{Event, Impossible, Plan};
use crate::vocabulary::{Arch, Update, Vocabulary};
use crate::write::{Buffers, location, push_number};
use std::fmt::Write;

/// What a register holds when the test begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Initial {
    /// The address of a location.
    Address(u8),
    /// A number.
    Value(u64),
    /// The address of a location that only this thread has.
    Private,
}

/// A register's value that the condition asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Check {
    pub(crate) thread: u8,
    pub(crate) register: u8,
    pub(crate) value: u64,
    /// Whether it is wider than 32 bits.
    pub(crate) wide: bool,
}

/// The code of one thread.
#[derive(Clone, Debug, Default)]
pub(crate) struct Column {
    pub(crate) thread: u8,
    text: String,
    ends: Vec<usize>,
    pub(crate) initial: Vec<(u8, Initial)>,
    pub(crate) checks: Vec<Check>,
    next: u8,
    addresses: Vec<(u8, u8)>,
    constants: Vec<(u64, u8)>,
    /// Labels that stand at the end of the thread.
    pending: Vec<usize>,
    /// How many labels the test has, with those of the threads before.
    labels: usize,
    /// Whether a register was wanted that does not exist.
    short: bool,
    /// Whether an instruction was wanted that does not exist.
    missing: bool,
    /// Whether locations have types.
    typed: bool,
    /// Whether narrow loads fill registers with the sign.
    signed: bool,
    /// Whether names of registers are symbols: `%x0`.
    symbols: bool,
}

impl Column {
    fn clear(&mut self, thread: u8, labels: usize, plan: &Plan) {
        self.thread = thread;
        self.text.clear();
        self.ends.clear();
        self.initial.clear();
        self.checks.clear();
        self.next = 0;
        self.addresses.clear();
        self.constants.clear();
        self.pending.clear();
        self.labels = labels;
        self.short = false;
        self.missing = false;
        self.typed = plan.width > 0 || plan.ty.is_some();
        self.signed = plan.ty.is_some_and(|ty| ty.signed);
    }

    /// The lines of code.
    pub(crate) fn line(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(start..end)
    }

    pub(crate) fn lines(&self) -> usize {
        self.ends.len()
    }

    /// Ends a line.
    fn end(&mut self) {
        self.ends.push(self.text.len());
    }

    /// Writes a line: `{}` is a register.
    fn push(&mut self, arguments: std::fmt::Arguments) {
        // Writing to a string can't fail.
        let _ = self.text.write_fmt(arguments);
        self.end();
    }

    fn push_str(&mut self, line: &str) {
        self.text.push_str(line);
        self.end();
    }

    /// A register that is not used yet.
    fn fresh(&mut self) -> u8 {
        self.next += 1;
        self.next - 1
    }

    /// The register with the address of a location.
    fn address(&mut self, location: u8) -> u8 {
        if let Some((_, register)) = self.addresses.iter().find(|(known, _)| *known == location) {
            return *register;
        }
        // Symbols have a register each, behind those that are counted.
        let register = if self.symbols { location } else { self.fresh() };
        self.addresses.push((location, register));
        self.initial.push((register, Initial::Address(location)));
        register
    }

    /// A register that holds a number from the beginning, the same for the same number.
    fn constant(&mut self, value: u64) -> u8 {
        if let Some((_, register)) = self.constants.iter().find(|(known, _)| *known == value) {
            return *register;
        }
        let register = self.fixed(value);
        self.constants.push((value, register));
        register
    }

    /// A register of its own that holds a number from the beginning.
    fn fixed(&mut self, value: u64) -> u8 {
        let register = self.fresh();
        self.initial.push((register, Initial::Value(value)));
        register
    }

    fn check(&mut self, register: u8, value: u64, bits: u32) {
        let wide = bits == 64 && self.typed;
        self.checks.push(Check { thread: self.thread, register, value, wide });
    }

    /// A new label, `LC00`.
    fn label(&mut self) -> usize {
        self.labels += 1;
        self.labels - 1
    }
}

/// The bits of an access in assembly: 32 where tests have neither sizes nor types.
fn bits(plan: &Plan, event: &Event) -> (u32, u32) {
    match plan.ty {
        Some(ty) => (u32::from(ty.bits), 0),
        None if plan.width == 0 => (32, 0),
        None => plan.part(event.access),
    }
}

/// One access, and what it depends on.
#[derive(Clone, Copy)]
struct Step<'a> {
    event: &'a Event,
    /// What orders it, by name.
    order: &'static str,
    bits: u32,
    /// Where it starts in its location, in bytes.
    offset: u32,
    /// The register on which its address depends.
    address: Option<u8>,
    /// The register on which its value depends.
    data: Option<u8>,
}

/// How an instruction set writes what tests do.
trait Assembly {
    /// How many registers there are for a thread.
    fn registers(&self) -> u8;
    /// Writes the name of a register as conditions have it.
    fn name(&self, register: u8, out: &mut String);
    /// Whether registers with addresses have symbols for names.
    fn symbols(&self) -> bool {
        false
    }
    /// Whether locations are named in instructions, so that no register holds their addresses.
    fn load(&self, column: &mut Column, step: Step) -> u8;
    /// A write.
    fn store(&self, column: &mut Column, step: Step);
    /// An atomic update; returns the register with the old value, unless the program does not see it.
    fn update(&self, column: &mut Column, read: Step, write: Step, update: &Update) -> Option<u8>;
    /// A branch on what was read, with a fence behind it.
    fn branch(&self, column: &mut Column, register: u8, value: u64, fence: Option<&'static str>);
    /// A fence.
    fn fence(&self, column: &mut Column, text: &'static str) {
        column.push_str(text);
    }
}

fn assembly(arch: Arch) -> Option<&'static dyn Assembly> {
    Some(match arch {
        Arch::AArch64 => &aarch64::AArch64,
        Arch::Arm => &arm::Arm,
        Arch::X86 => &x86::X86 { wide: false },
        Arch::X86_64 => &x86::X86 { wide: true },
        Arch::Ppc => &ppc::Ppc,
        Arch::RiscV => &riscv::RiscV,
        Arch::Mips => &mips::Mips,
        Arch::Bpf => &bpf::Bpf,
        Arch::Lisa => &lisa::Lisa,
        Arch::C11 | Arch::Kernel => return None,
    })
}

/// Whether the architecture has columns of instructions.
pub(crate) fn is_assembly(arch: Arch) -> bool {
    assembly(arch).is_some()
}

/// Writes the name of a register.
pub(crate) fn write_register(arch: Arch, register: u8, out: &mut String) {
    if let Some(assembly) = assembly(arch) {
        assembly.name(register, out);
    }
}

/// Fills the columns.
pub(crate) fn fill(cycle: &Cycle, plan: &Plan, buffers: &mut Buffers) -> Result<(), Impossible> {
    let Some(assembly) = assembly(cycle.arch) else { return Ok(()) };
    buffers.columns.resize_with(buffers.columns.len().max(plan.threads), Column::default);
    let mut labels = 0;
    for thread in 0..plan.threads {
        let column = &mut buffers.columns[thread];
        column.clear(thread as u8, labels, plan);
        column.symbols = assembly.symbols();
        fill_column(cycle, plan, assembly, column)?;
        labels = column.labels;
        if column.short || column.next > assembly.registers() {
            return Err(Impossible::Registers);
        }
    }
    Ok(())
}

fn fill_column(
    cycle: &Cycle,
    plan: &Plan,
    assembly: &'static dyn Assembly,
    column: &mut Column,
) -> Result<(), Impossible> {
    let vocabulary = cycle.vocabulary();
    let edges = &cycle.edges;
    // What the event before read: its register and its value.
    let mut read: Option<(u8, u64)> = None;
    let mut updated = false;
    for (index, event) in plan.events.iter().enumerate() {
        if event.thread != column.thread {
            continue;
        }
        let before = &edges[(index + edges.len() - 1) % edges.len()];
        if std::mem::take(&mut updated) {
            // The write of an update was written with its read.
            read = None;
            continue;
        }
        let (mut address, mut data) = (None, None);
        if before.is_internal() {
            connect(vocabulary, assembly, column, before, read, &mut address, &mut data);
        }
        if let Some(fence) = usize::from(edges[index].insert).checked_sub(1) {
            assembly.fence(column, vocabulary.fences[fence].text);
        }
        let (bits, offset) = bits(plan, event);
        let order = vocabulary.order_of(event.access);
        let step = Step { event, order, bits, offset: offset / 8, address, data };
        read = None;
        if let Kind::Update(update) = edges[index].kind {
            let write = &plan.events[(index + 1) % edges.len()];
            let order = vocabulary.order_of(write.access);
            let update = &vocabulary.updates[usize::from(update)];
            let result = assembly.update(column, step, Step { event: write, order, ..step }, update);
            if let Some(register) = result
                && event.observed
            {
                column.check(register, event.value, bits);
            }
            updated = true;
        } else if event.dir == Dir::R {
            let register = assembly.load(column, step);
            if event.observed {
                column.check(register, event.value, bits);
            }
            read = Some((register, event.value));
        } else {
            assembly.store(column, step);
        }
        if column.missing {
            return Err(Impossible::Instruction(index));
        }
    }
    observers(cycle, plan, assembly, column);
    for label in std::mem::take(&mut column.pending) {
        column.push(format_args!("LC{label:02}:"));
    }
    Ok(())
}

/// What stands between two events of a thread.
fn connect(
    vocabulary: &Vocabulary,
    assembly: &'static dyn Assembly,
    column: &mut Column,
    edge: &Edge,
    read: Option<(u8, u64)>,
    address: &mut Option<u8>,
    data: &mut Option<u8>,
) {
    match (edge.kind, read) {
        (Kind::Fence(fence), _) => assembly.fence(column, vocabulary.fences[usize::from(fence)].text),
        (Kind::Dep(Dep::Addr), Some((register, _))) => *address = Some(register),
        (Kind::Dep(Dep::Data), Some((register, _))) => *data = Some(register),
        (Kind::Dep(dep), Some((register, value))) => {
            let fence = (dep == Dep::CtrlFence).then(|| control_fence(vocabulary.arch));
            assembly.branch(column, register, value, fence);
        }
        _ => {}
    }
}

/// The fence that waits for branches.
fn control_fence(arch: Arch) -> &'static str {
    match arch {
        Arch::Ppc => "isync",
        Arch::RiscV => "fence.i",
        _ => "ISB",
    }
}

/// Reads for the condition only.
fn observers(cycle: &Cycle, plan: &Plan, assembly: &'static dyn Assembly, column: &mut Column) {
    let vocabulary = cycle.vocabulary();
    let mut first = !plan.events.iter().any(|event| event.thread == column.thread);
    let thread = column.thread;
    for observer in plan.observers.iter().filter(|observer| observer.thread == thread) {
        if !std::mem::take(&mut first)
            && let Some(fence) = vocabulary.fences.get(vocabulary.strongest)
        {
            assembly.fence(column, fence.text);
        }
        let event = Event {
            dir: Dir::R,
            access: crate::edge::Access::UNSAID,
            location: observer.location,
            thread: observer.thread,
            value: observer.value,
            old: 0,
            operand: 0,
            observed: true,
        };
        let (bits, offset) = bits(plan, &event);
        let order = vocabulary.order_of(event.access);
        let step = Step { event: &event, order, bits, offset: offset / 8, address: None, data: None };
        let register = assembly.load(column, step);
        column.check(register, observer.value, bits);
    }
}

/// Writes what registers hold at the beginning, one line for each thread.
pub(crate) fn write_initial(arch: Arch, column: &mut Column, out: &mut String) {
    if column.initial.is_empty() {
        return;
    }
    let symbols = column.symbols;
    if !symbols {
        column.initial.sort_by_key(|(register, _)| *register);
    }
    for (index, (register, initial)) in column.initial.iter().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        if symbols && matches!(initial, Initial::Address(_)) {
            write_symbol(*register, column.thread, out);
        } else {
            push_number(u64::from(column.thread), out);
            out.push(':');
            write_register(arch, *register, out);
        }
        out.push('=');
        match initial {
            Initial::Address(name) => location(*name, out),
            Initial::Value(value) if *value > 0xffff => {
                let _ = write!(out, "{value:#x}");
            }
            Initial::Value(value) => push_number(*value, out),
            Initial::Private => {
                out.push('t');
                push_number(u64::from(column.thread), out);
            }
        }
        out.push(';');
    }
    out.push('\n');
}

/// `%x0`: the address of `x` in thread 0.
fn write_symbol(name: u8, thread: u8, out: &mut String) {
    out.push('%');
    location(name, out);
    push_number(u64::from(thread), out);
}

/// A symbol, to be printed.
struct Symbol(u8, u8);

impl std::fmt::Display for Symbol {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let mut text = String::new();
        write_symbol(self.0, self.1, &mut text);
        f.write_str(&text)
    }
}
