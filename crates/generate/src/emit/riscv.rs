//! RISC-V.

use super::{Assembly, Column, Step};
use crate::vocabulary::{Op, Update};

pub(super) struct RiscV;

/// `x5` is the first that the calling convention leaves to a thread.
const FIRST: u8 = 5;

fn x(register: u8) -> u8 {
    register + FIRST
}

fn letter(bits: u32) -> &'static str {
    match bits {
        8 => "b",
        16 => "h",
        64 => "d",
        _ => "w",
    }
}

/// A register that holds 0 and depends on another.
fn zero(column: &mut Column, from: u8) -> u8 {
    let register = column.fresh();
    column.push(format_args!("xor x{},x{},x{}", x(register), x(from), x(from)));
    register
}

/// The register with the address.
fn address(column: &mut Column, step: &Step, zero: Option<u8>) -> u8 {
    let base = column.address(step.event.location);
    let Some(zero) = zero else { return base };
    let sum = column.fresh();
    column.push(format_args!("add x{},x{},x{}", x(sum), x(base), x(zero)));
    sum
}

/// The same with the offset, for instructions that have none.
fn whole_address(column: &mut Column, step: &Step, zero: Option<u8>) -> u8 {
    let base = address(column, step, zero);
    if step.offset == 0 {
        return base;
    }
    let sum = column.fresh();
    column.push(format_args!("addi x{},x{},{}", x(sum), x(base), step.offset));
    sum
}

/// The register with the value of a write.
fn operand(column: &mut Column, step: &Step) -> u8 {
    let Some(from) = step.data else { return column.constant(step.event.value) };
    let register = zero(column, from);
    if step.event.value > 0x7ff {
        let number = column.constant(step.event.value);
        column.push(format_args!("or x{},x{},x{}", x(register), x(register), x(number)));
    } else {
        column.push(format_args!("ori x{},x{},{}", x(register), x(register), step.event.value));
    }
    register
}

fn pair(column: &mut Column, read: &Step, write: &Step, stored: Option<u8>, address: u8) -> u8 {
    let acquire = if read.order.ends_with("Aq") { ".aq" } else { "" };
    let release = if write.order.ends_with("Rl") { ".rl" } else { "" };
    // Bytes and halfwords have atomic instructions, but not these.
    column.missing |= read.bits < 32;
    let letter = letter(read.bits);
    let old = column.fresh();
    column.push(format_args!("lr.{letter}{acquire} x{},0(x{})", x(old), x(address)));
    let stored = stored.unwrap_or(old);
    let failed = column.fresh();
    column.push(format_args!("sc.{letter}{release} x{},x{},0(x{})", x(failed), x(stored), x(address)));
    column.check(failed, 0, 32);
    old
}

impl Assembly for RiscV {
    fn registers(&self) -> u8 {
        32 - FIRST
    }

    fn name(&self, register: u8, out: &mut String) {
        out.push('x');
        crate::write::push_number(u64::from(x(register)), out);
    }

    fn load(&self, column: &mut Column, step: Step) -> u8 {
        let zero = step.address.map(|from| zero(column, from));
        let letter = letter(step.bits);
        if step.order.starts_with('X') {
            let address = whole_address(column, &step, zero);
            return pair(column, &step, &Step { order: "X", ..step }, None, address);
        }
        let register = column.fresh();
        if step.order == "AR" {
            let address = whole_address(column, &step, zero);
            column.push(format_args!("amoor.{letter}.aq.rl x{},x0,(x{})", x(register), x(address)));
            return register;
        }
        let address = address(column, &step, zero);
        let unsigned = if column.typed && !column.signed && step.bits < 64 { "u" } else { "" };
        let acquire = if step.order == "Aq" { ".aq" } else { "" };
        let (offset, unsigned) = (step.offset, if acquire.is_empty() { unsigned } else { "" });
        column.push(format_args!("l{letter}{unsigned}{acquire} x{},{offset}(x{})", x(register), x(address)));
        register
    }

    fn store(&self, column: &mut Column, step: Step) {
        let zero = step.address.map(|from| zero(column, from));
        let letter = letter(step.bits);
        if step.order.starts_with('X') {
            let address = whole_address(column, &step, zero);
            let register = operand(column, &step);
            let old = pair(column, &step, &step, Some(register), address);
            column.check(old, step.event.old, step.bits);
            return;
        }
        let register = operand(column, &step);
        if let Some(order) = step.order.strip_prefix("Ex") {
            let old = column.fresh();
            let address = whole_address(column, &step, zero);
            let order = match order {
                "Rl" => ".rl",
                "AR" => ".aq.rl",
                _ => "",
            };
            column.push(format_args!(
                "amoswap.{letter}{order} x{},x{},(x{})",
                x(old),
                x(register),
                x(address)
            ));
            column.check(old, step.event.old, step.bits);
            return;
        }
        if step.order == "AR" {
            let address = whole_address(column, &step, zero);
            column.push(format_args!("amoswap.{letter}.aq.rl x0,x{},(x{})", x(register), x(address)));
            return;
        }
        let address = address(column, &step, zero);
        let release = if step.order == "Rl" { ".rl" } else { "" };
        column.push(format_args!("s{letter}{release} x{},{}(x{})", x(register), step.offset, x(address)));
    }

    fn update(&self, column: &mut Column, read: Step, write: Step, update: &Update) -> Option<u8> {
        let zero = read.address.map(|from| zero(column, from));
        let address = whole_address(column, &read, zero);
        if update.op == Op::Pair {
            let register = operand(column, &write);
            return Some(pair(column, &read, &write, Some(register), address));
        }
        let old = update.used.then(|| column.fresh());
        let register = column.constant(write.event.operand);
        let acquire = if matches!(read.order, "Aq" | "AR" | "XAq") { ".aq" } else { "" };
        let release = if matches!(write.order, "Rl" | "AR" | "XRl") { ".rl" } else { "" };
        column.push(format_args!(
            "{}.{}{acquire}{release} x{},x{},(x{})",
            update.text,
            letter(read.bits),
            old.map_or(0, x),
            x(register),
            x(address)
        ));
        old
    }

    fn branch(&self, column: &mut Column, register: u8, _: u64, fence: Option<&'static str>) {
        let label = column.label();
        column.push(format_args!("bne x{},x0,LC{label:02}", x(register)));
        column.push(format_args!("LC{label:02}:"));
        fence.into_iter().for_each(|fence| column.push_str(fence));
    }
}
