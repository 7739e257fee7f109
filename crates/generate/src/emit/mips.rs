//! MIPS.

use super::{Assembly, Column, Step, Symbol};
use crate::vocabulary::Update;

pub(super) struct Mips;

/// `$0` is zero, `$1` belongs to assemblers.
fn n(register: u8) -> u8 {
    register + 2
}

fn zero(column: &mut Column, from: u8) -> u8 {
    let register = column.fresh();
    column.push(format_args!("xor ${},${},${}", n(register), n(from), n(from)));
    register
}

fn value(column: &mut Column, step: &Step) -> u8 {
    let value = step.event.value;
    match step.data {
        Some(from) => {
            let register = zero(column, from);
            column.push(format_args!("addiu ${},${},{value}", n(register), n(register)));
            register
        }
        None => {
            let register = column.fresh();
            column.push(format_args!("ori ${},$0,{value}", n(register)));
            register
        }
    }
}

/// Two accesses at most, with an address that may depend on a register.
fn access(column: &mut Column, step: &Step, zero: Option<u8>, lines: &[(&str, u8)]) {
    let base = Symbol(column.address(step.event.location), column.thread);
    match zero {
        Some(zero) => {
            let sum = column.fresh();
            column.push(format_args!("daddu ${},{base},${}", n(sum), n(zero)));
            for (mnemonic, register) in lines {
                column.push(format_args!("{mnemonic} ${},0(${})", n(*register), n(sum)));
            }
        }
        None => {
            for (mnemonic, register) in lines {
                column.push(format_args!("{mnemonic} ${},0({base})", n(*register)));
            }
        }
    }
}

impl Assembly for Mips {
    fn registers(&self) -> u8 {
        24
    }

    fn name(&self, register: u8, out: &mut String) {
        out.push('$');
        crate::write::push_number(u64::from(n(register)), out);
    }

    fn symbols(&self) -> bool {
        true
    }

    fn load(&self, column: &mut Column, step: Step) -> u8 {
        let zero = step.address.map(|from| zero(column, from));
        let register = column.fresh();
        access(column, &step, zero, &[("lw", register)]);
        register
    }

    fn store(&self, column: &mut Column, step: Step) {
        let zero = step.address.map(|from| zero(column, from));
        let register = value(column, &step);
        access(column, &step, zero, &[("sw", register)]);
    }

    fn update(&self, column: &mut Column, read: Step, write: Step, _: &Update) -> Option<u8> {
        let zero = read.address.map(|from| zero(column, from));
        // The conditional store replaces the value by whether it stored.
        let new = value(column, &write);
        let old = column.fresh();
        access(column, &read, zero, &[("ll", old), ("sc", new)]);
        column.check(new, 1, 32);
        Some(old)
    }

    fn branch(&self, column: &mut Column, register: u8, _: u64, _: Option<&'static str>) {
        let label = column.label();
        column.push(format_args!("bne ${},$0,LC{label:02}", n(register)));
        column.push(format_args!("LC{label:02}:"));
    }
}
