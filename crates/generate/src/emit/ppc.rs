//! Power.

use super::{Assembly, Column, Step};
use crate::vocabulary::Update;

pub(super) struct Ppc;

/// `r0` means no register in addresses.
fn r(register: u8) -> u8 {
    register + 1
}

fn zero(column: &mut Column, from: u8) -> u8 {
    let register = column.fresh();
    column.push(format_args!("xor r{},r{},r{}", r(register), r(from), r(from)));
    register
}

fn value(column: &mut Column, value: u64) -> u8 {
    let register = column.fresh();
    column.push(format_args!("li r{},{value}", r(register)));
    register
}

impl Assembly for Ppc {
    fn registers(&self) -> u8 {
        31
    }

    fn name(&self, register: u8, out: &mut String) {
        out.push('r');
        crate::write::push_number(u64::from(r(register)), out);
    }

    fn load(&self, column: &mut Column, step: Step) -> u8 {
        let zero = step.address.map(|from| zero(column, from));
        let register = column.fresh();
        let base = column.address(step.event.location);
        match zero {
            Some(zero) => column.push(format_args!("lwzx r{},r{},r{}", r(register), r(zero), r(base))),
            None => column.push(format_args!("lwz r{},0(r{})", r(register), r(base))),
        }
        register
    }

    fn store(&self, column: &mut Column, step: Step) {
        let zero_address = step.address.map(|from| zero(column, from));
        let register = match step.data {
            Some(from) => {
                let register = zero(column, from);
                column.push(format_args!("addi r{},r{},{}", r(register), r(register), step.event.value));
                register
            }
            None => value(column, step.event.value),
        };
        let base = column.address(step.event.location);
        match zero_address {
            Some(zero) => column.push(format_args!("stwx r{},r{},r{}", r(register), r(zero), r(base))),
            None => column.push(format_args!("stw r{},0(r{})", r(register), r(base))),
        }
    }

    fn update(&self, column: &mut Column, read: Step, write: Step, _: &Update) -> Option<u8> {
        let zero = read.address.map(|from| zero(column, from));
        let new = value(column, write.event.value);
        let old = column.fresh();
        let base = column.address(read.event.location);
        let first = zero.map_or(0, r);
        column.push(format_args!("lwarx r{},r{first},r{}", r(old), r(base)));
        column.push(format_args!("stwcx. r{},r{first},r{}", r(new), r(base)));
        // The instruction says only in flags whether it stored.
        let (done, label) = (column.fresh(), column.label());
        column.push(format_args!("bne LC{label:02}"));
        column.push(format_args!("li r{},1", r(done)));
        column.push(format_args!("LC{label:02}:"));
        column.check(done, 1, 32);
        Some(old)
    }

    fn branch(&self, column: &mut Column, register: u8, _: u64, fence: Option<&'static str>) {
        let label = column.label();
        column.push(format_args!("cmpw r{},r{}", r(register), r(register)));
        column.push(format_args!("beq LC{label:02}"));
        column.push(format_args!("LC{label:02}:"));
        fence.into_iter().for_each(|fence| column.push_str(fence));
    }
}
