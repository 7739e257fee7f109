//! LISA, the assembly language of bell files.

use super::{Assembly, Column, Step};
use crate::vocabulary::Update;
use crate::write::location;

pub(super) struct Lisa;

/// A location, with what is added to its address.
struct Place(u8, Option<u8>);

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let mut text = String::new();
        location(self.0, &mut text);
        f.write_str(&text)?;
        self.1.map_or(Ok(()), |zero| write!(f, "+r{zero}"))
    }
}

/// What stands between brackets.
fn annotation(order: &str) -> String {
    if order == "P" { String::new() } else { order.to_ascii_lowercase() }
}

fn zero(column: &mut Column, from: u8) -> u8 {
    let register = column.fresh();
    column.push(format_args!("mov r{register} (xor r{from} r{from})"));
    register
}

impl Assembly for Lisa {
    fn registers(&self) -> u8 {
        100
    }

    fn name(&self, register: u8, out: &mut String) {
        out.push('r');
        crate::write::push_number(u64::from(register), out);
    }

    fn load(&self, column: &mut Column, step: Step) -> u8 {
        let zero = step.address.map(|from| zero(column, from));
        let register = column.fresh();
        let place = Place(step.event.location, zero);
        column.push(format_args!("r[{}] r{register} {place}", annotation(step.order)));
        register
    }

    fn store(&self, column: &mut Column, step: Step) {
        let zero_address = step.address.map(|from| zero(column, from));
        let place = Place(step.event.location, zero_address);
        let (order, value) = (annotation(step.order), step.event.value);
        match step.data {
            Some(from) => {
                let register = zero(column, from);
                column.push(format_args!("mov r{register} (add r{register} {value})"));
                column.push(format_args!("w[{order}] {place} r{register}"));
            }
            None => column.push(format_args!("w[{order}] {place} {value}")),
        }
    }

    fn update(&self, column: &mut Column, read: Step, write: Step, _: &Update) -> Option<u8> {
        let zero = read.address.map(|from| zero(column, from));
        let register = column.fresh();
        let order = if read.order == "P" { write.order } else { read.order };
        let place = Place(read.event.location, zero);
        column.push(format_args!("rmw[{}] r{register} {} {place}", annotation(order), write.event.value));
        Some(register)
    }

    fn branch(&self, column: &mut Column, register: u8, value: u64, _: Option<&'static str>) {
        let (label, decided) = (column.label(), column.fresh());
        column.push(format_args!("mov r{decided} (eq r{register} {value})"));
        column.push(format_args!("b[] r{decided} LC{label:02}"));
        column.push(format_args!("LC{label:02}:"));
    }
}
