//! 32-bit Arm.

use super::{Assembly, Column, Step, Symbol};
use crate::vocabulary::Update;

pub(super) struct Arm;

fn zero(column: &mut Column, from: u8) -> u8 {
    let register = column.fresh();
    column.push(format_args!("EOR R{register},R{from},R{from}"));
    register
}

fn symbol(column: &mut Column, step: &Step) -> Symbol {
    Symbol(column.address(step.event.location), column.thread)
}

/// A register with the sum of an address and what it depends on.
fn sum(column: &mut Column, zero: u8, base: Symbol) -> u8 {
    let sum = column.fresh();
    column.push(format_args!("ADD R{sum},R{zero},{base}"));
    sum
}

fn value(column: &mut Column, step: &Step) -> u8 {
    let value = step.event.value;
    match step.data {
        Some(from) => {
            let register = zero(column, from);
            column.push(format_args!("ADD R{register},R{register},#{value}"));
            register
        }
        None => {
            let register = column.fresh();
            column.push(format_args!("MOV R{register},#{value}"));
            register
        }
    }
}

/// An access with an address that may depend on a register.
fn access(column: &mut Column, step: &Step, ordered: &str, plain: &str, register: u8, zero: Option<u8>) {
    let base = symbol(column, step);
    let special = step.order != "P";
    let mnemonic = if special { ordered } else { plain };
    match zero {
        Some(zero) if special => {
            let sum = sum(column, zero, base);
            column.push(format_args!("{mnemonic} R{register},[R{sum}]"));
        }
        Some(zero) => column.push(format_args!("{mnemonic} R{register},[R{zero},{base}]")),
        None => column.push(format_args!("{mnemonic} R{register},[{base}]")),
    }
}

impl Assembly for Arm {
    fn registers(&self) -> u8 {
        13
    }

    fn name(&self, register: u8, out: &mut String) {
        out.push('R');
        crate::write::push_number(u64::from(register), out);
    }

    fn symbols(&self) -> bool {
        true
    }

    fn load(&self, column: &mut Column, step: Step) -> u8 {
        let zero = step.address.map(|from| zero(column, from));
        let register = column.fresh();
        access(column, &step, "LDA", "LDR", register, zero);
        register
    }

    fn store(&self, column: &mut Column, step: Step) {
        let zero = step.address.map(|from| zero(column, from));
        let register = value(column, &step);
        access(column, &step, "STL", "STR", register, zero);
    }

    fn update(&self, column: &mut Column, read: Step, write: Step, _: &Update) -> Option<u8> {
        let zero = read.address.map(|from| zero(column, from));
        let new = value(column, &write);
        let load = if read.order == "A" { "LDAEX" } else { "LDREX" };
        let store = if write.order == "L" { "STLEX" } else { "STREX" };
        let base = symbol(column, &read);
        let (old, failed);
        match zero {
            Some(zero) => {
                let sum = sum(column, zero, base);
                (old, failed) = (column.fresh(), column.fresh());
                column.push(format_args!("{load} R{old},[R{sum}]"));
                column.push(format_args!("{store} R{failed},R{new},[R{sum}]"));
            }
            None => {
                (old, failed) = (column.fresh(), column.fresh());
                column.push(format_args!("{load} R{old},[{base}]"));
                column.push(format_args!("{store} R{failed},R{new},[{base}]"));
            }
        }
        column.check(failed, 0, 32);
        Some(old)
    }

    fn branch(&self, column: &mut Column, register: u8, _: u64, fence: Option<&'static str>) {
        let label = column.label();
        column.push(format_args!("CMP R{register},R{register}"));
        column.push(format_args!("BNE LC{label:02}"));
        column.push(format_args!("LC{label:02}:"));
        fence.into_iter().for_each(|fence| column.push_str(fence));
    }
}
