//! x86, as Intel writes it, and x86-64, as AT&T does.

use super::{Assembly, Column, Initial, Step};
use crate::vocabulary::{Op, Update};
use crate::write::location;

pub(super) struct X86 {
    pub(super) wide: bool,
}

const NAMES: [&str; 6] = ["ax", "bx", "cx", "dx", "si", "di"];
const SHORT: [&str; 6] = ["al", "bl", "cl", "dl", "sil", "dil"];

/// A location, to be printed.
struct Name(u8);

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let mut text = String::new();
        location(self.0, &mut text);
        f.write_str(&text)
    }
}

/// A register of some width.
struct Register(u8, u32);

impl std::fmt::Display for Register {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let number = self.0 + 2;
        match (NAMES.get(usize::from(self.0)), self.1) {
            (Some(_), 8) => f.write_str(SHORT[usize::from(self.0)]),
            (Some(name), 16) => f.write_str(name),
            (Some(name), 64) => write!(f, "r{name}"),
            (Some(name), _) => write!(f, "e{name}"),
            (None, 8) => write!(f, "r{number}b"),
            (None, 16) => write!(f, "r{number}w"),
            (None, 64) => write!(f, "r{number}"),
            (None, _) => write!(f, "r{number}d"),
        }
    }
}

fn letter(bits: u32) -> char {
    match bits {
        8 => 'b',
        16 => 'w',
        64 => 'q',
        _ => 'l',
    }
}

impl X86 {
    /// The operand in memory.
    fn memory(&self, column: &mut Column, step: &Step) -> String {
        if !self.wide {
            return format!("[{}]", Name(step.event.location));
        }
        if step.offset == 0 {
            return format!("({})", Name(step.event.location));
        }
        let base = column.address(step.event.location);
        format!("{}(%{})", step.offset, Register(base, 64))
    }

    /// A register with a number.
    fn value(&self, column: &mut Column, value: u64, bits: u32) -> u8 {
        if value > 0x7fff_ffff {
            let register = column.fresh();
            column.initial.push((register, Initial::Value(value)));
            return register;
        }
        let register = column.fresh();
        if self.wide {
            column.push(format_args!("mov{} ${value},%{}", letter(bits), Register(register, bits)));
        } else {
            column.push(format_args!("MOV {},${value}", upper(register)));
        }
        register
    }

    fn exchange(&self, column: &mut Column, step: &Step, value: u64) -> u8 {
        let register = self.value(column, value, step.bits);
        let memory = self.memory(column, step);
        if self.wide {
            column.push(format_args!(
                "xchg{} %{},{memory}",
                letter(step.bits),
                Register(register, step.bits)
            ));
        } else {
            column.push(format_args!("XCHG {memory},{}", upper(register)));
        }
        register
    }
}

fn upper(register: u8) -> String {
    Register(register, 32).to_string().to_ascii_uppercase()
}

impl Assembly for X86 {
    fn registers(&self) -> u8 {
        if self.wide { 14 } else { 6 }
    }

    fn name(&self, register: u8, out: &mut String) {
        let name = Register(register, if self.wide { 64 } else { 32 }).to_string();
        out.push_str(&if self.wide { name } else { name.to_ascii_uppercase() });
    }

    fn load(&self, column: &mut Column, step: Step) -> u8 {
        let register = column.fresh();
        let memory = self.memory(column, &step);
        if self.wide && step.bits < 32 {
            let extend = if column.signed { 's' } else { 'z' };
            column.push(format_args!(
                "mov{extend}{}l {memory},%{}",
                letter(step.bits),
                Register(register, 32)
            ));
        } else if self.wide {
            column.push(format_args!("mov{} {memory},%{}", letter(step.bits), Register(register, step.bits)));
        } else {
            column.push(format_args!("MOV {},{memory}", upper(register)));
        }
        register
    }

    fn store(&self, column: &mut Column, step: Step) {
        let value = step.event.value;
        if step.order == "A" || step.order == "Ex" {
            let old = self.exchange(column, &step, value);
            if step.order == "Ex" {
                column.check(old, step.event.old, step.bits);
            }
            return;
        }
        if step.order == "NT" {
            let register = self.value(column, value, step.bits);
            let memory = self.memory(column, &step);
            column.push(format_args!("movnti %{},{memory}", Register(register, step.bits.max(32))));
            return;
        }
        if value > 0x7fff_ffff {
            let register = self.value(column, value, step.bits);
            let memory = self.memory(column, &step);
            column.push(format_args!("mov{} %{},{memory}", letter(step.bits), Register(register, step.bits)));
            return;
        }
        let memory = self.memory(column, &step);
        if self.wide {
            column.push(format_args!("mov{} ${value},{memory}", letter(step.bits)));
        } else {
            column.push(format_args!("MOV {memory},${value}"));
        }
    }

    fn update(&self, column: &mut Column, read: Step, write: Step, update: &Update) -> Option<u8> {
        if update.op == Op::Swap {
            return Some(self.exchange(column, &read, write.event.value));
        }
        let (letter, operand) = (letter(read.bits), write.event.operand);
        if update.used {
            let register = self.value(column, operand, read.bits);
            let memory = self.memory(column, &read);
            let name = Register(register, read.bits);
            column.push(format_args!("lock {}{letter} %{name},{memory}", update.text));
            return Some(register);
        }
        if operand > 0x7fff_ffff {
            let register = self.value(column, operand, read.bits);
            let memory = self.memory(column, &read);
            let name = Register(register, read.bits);
            column.push(format_args!("lock {}{letter} %{name},{memory}", update.text));
            return None;
        }
        let memory = self.memory(column, &read);
        column.push(format_args!("lock {}{letter} ${operand},{memory}", update.text));
        None
    }

    fn branch(&self, _: &mut Column, _: u8, _: u64, _: Option<&'static str>) {}
}
