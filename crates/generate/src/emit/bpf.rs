//! BPF. `r10` is left alone; `r3` is for values, `r4` and `r5` are for fences.

use super::{Assembly, Column, Initial, Step};
use crate::vocabulary::Update;

pub(super) struct Bpf;

/// Registers that results are read into.
const RESULTS: [u8; 4] = [6, 7, 8, 9];
/// Registers with addresses.
const ADDRESSES: [u8; 3] = [1, 2, 0];

/// The next register for a result.
fn result(column: &mut Column) -> u8 {
    let used = column.next;
    column.next += 1;
    match RESULTS.get(usize::from(used)) {
        Some(register) => *register,
        None => {
            column.short = true;
            RESULTS[0]
        }
    }
}

fn address(column: &mut Column, step: &Step) -> u8 {
    let location = step.event.location;
    let known = column.addresses.iter().find(|(known, _)| *known == location).map(|(_, register)| *register);
    let register = known.unwrap_or_else(|| {
        let register = ADDRESSES.get(column.addresses.len()).copied();
        column.short |= register.is_none();
        let register = register.unwrap_or(ADDRESSES[0]);
        column.addresses.push((location, register));
        column.initial.push((register, Initial::Address(location)));
        register
    });
    if let Some(from) = step.address {
        zero(column, from);
        column.push(format_args!("r{register} += r3"));
    }
    register
}

fn zero(column: &mut Column, from: u8) {
    column.push(format_args!("r3 = r{from}"));
    column.push(format_args!("r3 ^= r{from}"));
}

impl Assembly for Bpf {
    fn registers(&self) -> u8 {
        RESULTS.len() as u8
    }

    fn name(&self, register: u8, out: &mut String) {
        out.push('r');
        crate::write::push_number(u64::from(register), out);
    }

    fn load(&self, column: &mut Column, step: Step) -> u8 {
        let register = result(column);
        let base = address(column, &step);
        match step.order {
            "Acq" => column.push(format_args!("r{register} = load_acquire((u32 *)(r{base} + 0))")),
            _ => column.push(format_args!("r{register} = *(u32 *)(r{base} + 0)")),
        }
        register
    }

    fn store(&self, column: &mut Column, step: Step) {
        let base = address(column, &step);
        // `lock` adds: what was there is known.
        let added = step.event.value.wrapping_sub(step.event.old);
        let value = if step.order == "Lock" { added } else { step.event.value };
        let register = if let Some(from) = step.data {
            zero(column, from);
            column.push(format_args!("r3 += {value}"));
            true
        } else if matches!(step.order, "Rel" | "Ex" | "Lock") {
            column.push(format_args!("r3 = {value}"));
            true
        } else {
            false
        };
        match (step.order, register) {
            ("Rel", _) => column.push(format_args!("store_release((u32 *)(r{base} + 0), r3)")),
            ("Ex", _) => column.push(format_args!("r3 = xchg32_32(r{base} + 0, r3)")),
            ("Lock", _) => column.push(format_args!("lock *(u32 *)(r{base} + 0) += r3")),
            (_, true) => column.push(format_args!("*(u32 *)(r{base} + 0) = r3")),
            (_, false) => column.push(format_args!("*(u32 *)(r{base} + 0) = {value}")),
        }
    }

    fn update(&self, column: &mut Column, read: Step, write: Step, update: &Update) -> Option<u8> {
        let operand = write.event.operand;
        if !update.used {
            let base = address(column, &read);
            column.push(format_args!("r3 = {operand}"));
            column.push(format_args!("lock *(u64*)(r{base} + 0) += r3"));
            return None;
        }
        let register = result(column);
        let base = address(column, &read);
        column.push(format_args!("r{register} = {operand}"));
        column.push(format_args!("r{register} = {}((u64*)(r{base} + 0), r{register})", update.text));
        Some(register)
    }

    fn branch(&self, column: &mut Column, register: u8, value: u64, _: Option<&'static str>) {
        let label = column.label();
        column.push(format_args!("if r{register} != {value} goto LC{label:02}"));
        column.pending.push(label);
    }

    fn fence(&self, column: &mut Column, text: &'static str) {
        if !column.initial.iter().any(|(_, initial)| *initial == Initial::Private) {
            column.initial.push((5, Initial::Private));
        }
        column.push_str(text);
    }
}
