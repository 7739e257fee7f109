//! x86: the test languages `X86` (32 bits, Intel's notation) and `X86_64` (AT&T's notation).
//!
//! Both share one implementation. They differ in the names and the width of registers, and in the order of operands:
//! `X86` has the destination first. What compilers print in the other notation is read where it shows: registers
//! without `%` and addresses in brackets in `X86_64`, registers with `%` in `X86`. Parts of registers, such as `al` and
//! `eax`, are views of the whole.

mod emit;
mod flags;
mod instruction;
mod micro;
mod mnemonic;
mod operand;
mod parse;
mod print;
mod register;
#[cfg(test)]
mod tests;

use crate::{Context, Isa};
use execution::micro::{Instruction, Reg};
use register::Dialect;
use syntax::{Diagnostic, Span};

/// The 32-bit instruction set, in Intel's notation.
#[derive(Clone, Copy, Debug)]
pub struct X86;

/// The 64-bit instruction set, in AT&T's notation.
#[derive(Clone, Copy, Debug)]
pub struct X86_64;

impl Isa for X86 {
    fn name(&self) -> &'static str {
        "X86"
    }

    fn registers(&self) -> &'static [&'static str] {
        register::X86.registers
    }

    fn register(&self, name: &str) -> Option<Reg> {
        find(&register::X86, name)
    }

    fn is_context_free(&self) -> bool {
        true
    }

    fn stack_pointer(&self) -> Option<Reg> {
        self.register("esp")
    }

    fn tags(&self) -> &'static [&'static str] {
        micro::TAGS
    }

    fn register_width(&self, name: &str) -> u8 {
        width(&register::X86, name)
    }

    fn general_registers(&self) -> Box<dyn Iterator<Item = Reg> + '_> {
        Box::new(register::X86.free_registers())
    }

    fn instruction(&self, text: &str, span: Span, cx: &mut Context<'_>) -> Result<Instruction, Diagnostic> {
        instruction(&register::X86, text, span, cx)
    }
}

impl Isa for X86_64 {
    fn default_register_type(&self, _reg: Reg) -> (u8, bool) {
        (64, false)
    }

    fn name(&self) -> &'static str {
        "X86_64"
    }

    fn registers(&self) -> &'static [&'static str] {
        register::X86_64.registers
    }

    fn register(&self, name: &str) -> Option<Reg> {
        find(&register::X86_64, name)
    }

    fn is_context_free(&self) -> bool {
        true
    }

    fn stack_pointer(&self) -> Option<Reg> {
        self.register("rsp")
    }

    fn tags(&self) -> &'static [&'static str] {
        micro::TAGS
    }

    fn register_width(&self, name: &str) -> u8 {
        width(&register::X86_64, name)
    }

    fn general_registers(&self) -> Box<dyn Iterator<Item = Reg> + '_> {
        Box::new(register::X86_64.free_registers())
    }

    fn instruction(&self, text: &str, span: Span, cx: &mut Context<'_>) -> Result<Instruction, Diagnostic> {
        instruction(&register::X86_64, text, span, cx)
    }
}

fn find(dialect: &Dialect, name: &str) -> Option<Reg> {
    dialect.register(name.strip_prefix('%').unwrap_or(name)).map(|register| register.reg)
}

fn width(dialect: &Dialect, name: &str) -> u8 {
    let register = dialect.register(name.strip_prefix('%').unwrap_or(name));
    register.map_or(dialect.word, |register| register.part.width())
}

fn instruction(
    dialect: &'static Dialect,
    text: &str,
    span: Span,
    cx: &mut Context<'_>,
) -> Result<Instruction, Diagnostic> {
    let parsed = parse::parse(dialect, text, span, cx)?;
    Ok(Instruction {
        micro: micro::micro(&parsed, dialect).into(),
        span,
        text: print::text(&parsed, dialect).into(),
    })
}
