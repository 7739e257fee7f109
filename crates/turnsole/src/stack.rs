//! Stacks of threads.
//!
//! Compilers keep values on the stack, and gcc's full fence for x86 is an atomic update of it. A thread that uses its
//! stack pointer, which the test does not set, gets a stack of its own: memory that starts as zero, and that no other
//! thread knows the address of. Code that does not depend on its position finds globals through a table that the
//! linker makes: each entry is memory that holds an address.

use crate::program::{Language, Prepared};
use execution::micro::{Micro, Reg};
use execution::{InitialMemory, Path, SymbolId, Value};
use std::sync::Arc;

/// Gives stacks to the threads that need one.
pub(crate) fn give(prepared: &mut Prepared) {
    let Language::Assembly(isa) = prepared.language else { return };
    let Some(pointer) = isa.stack_pointer() else { return };
    for number in 0..prepared.program.threads.len() {
        let is_set = prepared.registers[number].iter().any(|(reg, _)| *reg == pointer);
        let code = &prepared.program.threads[number].code;
        if !is_set && code.iter().any(|instruction| reads(&instruction.micro, pointer)) {
            let symbol = prepared.symbols.intern(&format!("the stack of P{number}"));
            prepared.stacks.push(symbol);
            prepared.registers[number].push((pointer, Value::addr(symbol)));
        }
    }
}

/// The entries of the linker's table, with the addresses that they hold.
pub(crate) fn table_entries(prepared: &Prepared) -> Vec<(SymbolId, Value)> {
    let names = prepared.symbols.names().iter().enumerate();
    let entry = |(number, name): (usize, &String)| {
        let of = prepared.symbols.find(isa::table_entry_of(name)?)?;
        Some((SymbolId(number as u32), Value::addr(of)))
    };
    names.filter_map(entry).collect()
}

fn reads(micros: &[Micro], pointer: Reg) -> bool {
    // Two loops are faster than one: nearly always there is no choice inside an instruction.
    micros.iter().any(|micro| matches!(micro, Micro::ReadReg { reg, .. } if *reg == pointer))
        || micros
            .iter()
            .any(|micro| matches!(micro, Micro::Alt(ways) if ways.iter().any(|way| reads(way, pointer))))
}

/// The memory with the parts of stacks that the paths access; `None` if there are none.
pub(crate) fn memory(prepared: &Prepared, paths: &[Arc<Vec<Path>>]) -> Option<InitialMemory> {
    if prepared.stacks.is_empty() {
        return None;
    }
    let mut memory = prepared.memory.clone();
    for path in paths.iter().flat_map(|paths| paths.iter()) {
        let addresses = path.events.iter().filter_map(|event| path.terms.known(event.addr?));
        let on_stack = |address: &Value| matches!(address, Value::Addr { symbol, .. } if prepared.stacks.contains(symbol));
        memory.locations.extend(addresses.filter(on_stack).map(|address| (address, Value::ZERO)));
    }
    // Of several entries for an address the first wins, and what the test names comes first.
    memory.locations.sort_by_key(|(address, _)| *address);
    memory.locations.dedup_by_key(|(address, _)| *address);
    Some(memory)
}
