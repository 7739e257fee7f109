//! AArch64.

use super::{Assembly, Column, Step};
use crate::vocabulary::{Op, Update};

pub(super) struct AArch64;

/// `W` or `X`, by the width of what is accessed.
fn letter(bits: u32) -> char {
    if bits == 64 { 'X' } else { 'W' }
}

fn suffix(bits: u32) -> &'static str {
    match bits {
        8 => "B",
        16 => "H",
        _ => "",
    }
}

/// A register with a number.
fn value(column: &mut Column, step: &Step, value: u64) -> u8 {
    if value > 0xffff {
        return column.fixed(value);
    }
    let register = column.fresh();
    column.push(format_args!("MOV {}{register},#{value}", letter(step.bits)));
    register
}

/// A register that holds 0 and depends on another.
fn zero(column: &mut Column, from: u8) -> u8 {
    let register = column.fresh();
    column.push(format_args!("EOR W{register},W{from},W{from}"));
    register
}

/// A register with the value of a write, which may depend on another.
fn operand(column: &mut Column, step: &Step) -> u8 {
    let Some(from) = step.data else { return value(column, step, step.event.value) };
    let letter = letter(step.bits);
    let register = column.fresh();
    column.push(format_args!("EOR {letter}{register},{letter}{from},{letter}{from}"));
    if step.event.value > 0xfff {
        let number = column.fixed(step.event.value);
        column.push(format_args!("ADD {letter}{register},{letter}{register},{letter}{number}"));
    } else {
        column.push(format_args!("ADD {letter}{register},{letter}{register},#{}", step.event.value));
    }
    register
}

/// The register that holds the whole address, for instructions that add nothing to it.
fn whole_address(column: &mut Column, step: &Step, zero: Option<u8>) -> u8 {
    let base = column.address(step.event.location);
    match zero {
        Some(zero) => {
            let sum = column.fresh();
            column.push(format_args!("ADD X{sum},X{base},W{zero},SXTW"));
            sum
        }
        None if step.offset > 0 => {
            let sum = column.fresh();
            column.push(format_args!("ADD X{sum},X{base},#{}", step.offset));
            sum
        }
        None => base,
    }
}

/// A register on which the address depends, with the offset in it.
fn index(column: &mut Column, step: &Step) -> Option<u8> {
    let zero = zero(column, step.address?);
    if step.offset > 0 {
        column.push(format_args!("ADD W{zero},W{zero},#{}", step.offset));
    }
    Some(zero)
}

fn plain(column: &mut Column, step: &Step, mnemonic: &str, register: u8, index: Option<u8>) {
    let (letter, suffix) = (letter(step.bits), suffix(step.bits));
    let base = column.address(step.event.location);
    match index {
        Some(index) => {
            column.push(format_args!("{mnemonic}{suffix} {letter}{register},[X{base},W{index},SXTW]"));
        }
        None if step.offset > 0 => {
            column.push(format_args!("{mnemonic}{suffix} {letter}{register},[X{base},#{}]", step.offset));
        }
        None => column.push(format_args!("{mnemonic}{suffix} {letter}{register},[X{base}]")),
    }
}

/// A load and a conditional store; returns the register with what was there.
fn pair(column: &mut Column, read: &Step, write: &Step, stored: Option<u8>, address: u8) -> u8 {
    let load = if matches!(read.order, "XA" | "A") { "LDAXR" } else { "LDXR" };
    let store = if matches!(write.order, "XL" | "L") { "STLXR" } else { "STXR" };
    let (letter, suffix) = (letter(read.bits), suffix(read.bits));
    let old = column.fresh();
    column.push(format_args!("{load}{suffix} {letter}{old},[X{address}]"));
    let stored = stored.unwrap_or(old);
    let failed = column.fresh();
    column.push(format_args!("{store}{suffix} W{failed},{letter}{stored},[X{address}]"));
    column.check(failed, 0, 32);
    old
}

impl Assembly for AArch64 {
    fn registers(&self) -> u8 {
        30
    }

    fn name(&self, register: u8, out: &mut String) {
        out.push('X');
        crate::write::push_number(u64::from(register), out);
    }

    fn load(&self, column: &mut Column, step: Step) -> u8 {
        match step.order {
            "X" | "XA" => {
                let index = index(column, &step);
                let address = whole_address(column, &step, index);
                pair(column, &step, &Step { order: "X", ..step }, None, address)
            }
            "A" | "Q" => {
                let index = index(column, &step);
                let register = column.fresh();
                let address = whole_address(column, &step, index);
                let mnemonic = if step.order == "A" { "LDAR" } else { "LDAPR" };
                let (letter, suffix) = (letter(step.bits), suffix(step.bits));
                column.push(format_args!("{mnemonic}{suffix} {letter}{register},[X{address}]"));
                register
            }
            _ => {
                let index = index(column, &step);
                let register = column.fresh();
                plain(column, &step, "LDR", register, index);
                register
            }
        }
    }

    fn store(&self, column: &mut Column, step: Step) {
        match step.order {
            "X" | "XL" => {
                let index = index(column, &step);
                let address = whole_address(column, &step, index);
                let register = operand(column, &step);
                let old = pair(column, &step, &step, Some(register), address);
                column.check(old, step.event.old, step.bits);
            }
            "Ex" | "ExA" | "ExL" | "ExAL" | "Ux" | "UxL" => {
                let index = index(column, &step);
                let register = operand(column, &step);
                let used = step.order.starts_with("Ex");
                let old = if used { Some(column.fresh()) } else { None };
                let address = whole_address(column, &step, index);
                let (letter, suffix, order) = (letter(step.bits), suffix(step.bits), &step.order[2..]);
                match old {
                    Some(old) => {
                        column.push(format_args!(
                            "SWP{order}{suffix} {letter}{register},{letter}{old},[X{address}]"
                        ));
                        column.check(old, step.event.old, step.bits);
                    }
                    None => column
                        .push(format_args!("SWP{order}{suffix} {letter}{register},{letter}ZR,[X{address}]")),
                }
            }
            "L" => {
                let index = index(column, &step);
                let register = operand(column, &step);
                let address = whole_address(column, &step, index);
                let (letter, suffix) = (letter(step.bits), suffix(step.bits));
                column.push(format_args!("STLR{suffix} {letter}{register},[X{address}]"));
            }
            _ => {
                let index = index(column, &step);
                let register = operand(column, &step);
                plain(column, &step, "STR", register, index);
            }
        }
    }

    fn update(&self, column: &mut Column, read: Step, write: Step, update: &Update) -> Option<u8> {
        let index = index(column, &read);
        let address = whole_address(column, &read, index);
        if update.op == Op::Pair {
            let register = value(column, &write, write.event.value);
            return Some(pair(column, &read, &write, Some(register), address));
        }
        let acquire = if matches!(read.order, "A" | "XA") { "A" } else { "" };
        let release = if matches!(write.order, "L" | "XL") { "L" } else { "" };
        let (letter, suffix, mnemonic) = (letter(read.bits), suffix(read.bits), update.text);
        if update.op == Op::Cas {
            let old = value(column, &read, read.event.value);
            let new = value(column, &write, write.event.value);
            column.push(format_args!(
                "{mnemonic}{acquire}{release}{suffix} {letter}{old},{letter}{new},[X{address}]"
            ));
            return Some(old);
        }
        let operand = value(column, &write, write.event.operand);
        if mnemonic.starts_with("ST") {
            column.push(format_args!("{mnemonic}{release}{suffix} {letter}{operand},[X{address}]"));
            return None;
        }
        if !update.used {
            column.push(format_args!(
                "{mnemonic}{acquire}{release}{suffix} {letter}{operand},{letter}ZR,[X{address}]"
            ));
            return None;
        }
        let old = column.fresh();
        column.push(format_args!(
            "{mnemonic}{acquire}{release}{suffix} {letter}{operand},{letter}{old},[X{address}]"
        ));
        Some(old)
    }

    fn branch(&self, column: &mut Column, register: u8, _: u64, fence: Option<&'static str>) {
        let label = column.label();
        column.push(format_args!("CBNZ W{register},LC{label:02}"));
        column.push(format_args!("LC{label:02}:"));
        fence.into_iter().for_each(|fence| column.push_str(fence));
    }
}
