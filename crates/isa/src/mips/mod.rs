//! The MIPS64 instruction set, with what compilers for older and newer releases of it print.
//!
//! MIPS Architecture for Programmers, volume II-A: the MIPS64 instruction set. Deviations:
//! 1. Branches have delay slots between `.set noreorder` and `.set reorder` only. Elsewhere the assembler fills them,
//!    and a program is what it reads like; so it is for herd7.
//! 2. A store-conditional succeeds only at the address of the last load-linked, and may always fail. Nothing depends on
//!    its success.
//! 3. `%hi` in `lui` gives the whole address, the parts added to it nothing but the symbol's offset. Entries of the
//!    global offset table are known; the distance of the global pointer is zero.
//! 4. `a4` to `a7` are registers of their own, as in herd7, not other names of `$8` to `$11`.
//! 5. `jr` ends the thread if the register holds zero.
//! 6. Overflow does not trap; a run that takes an exception says so. Division by zero gives zero.
//! 7. Caches, prefetches and hints do nothing. Coprocessors and unaligned accesses are missing.

mod arithmetic;
mod instruction;
mod micro;
mod mnemonic;
mod parse;
mod print;
mod register;
mod tag;

#[cfg(test)]
mod tests;

use crate::{Context, Isa};
use execution::micro::{Instruction, Reg};
use syntax::{Diagnostic, Span};

/// The MIPS64 instruction set.
#[derive(Clone, Copy, Debug)]
pub struct Mips;

impl Isa for Mips {
    fn name(&self) -> &'static str {
        "MIPS"
    }

    fn registers(&self) -> &'static [&'static str] {
        register::NAMES
    }

    fn register(&self, name: &str) -> Option<Reg> {
        register::find(name).map(|number| Reg(number.into()))
    }

    fn stack_pointer(&self) -> Option<Reg> {
        Some(Reg(29))
    }

    fn tags(&self) -> &'static [&'static str] {
        tag::NAMES
    }

    fn register_width(&self, _name: &str) -> u8 {
        64
    }

    fn general_registers(&self) -> Box<dyn Iterator<Item = Reg> + '_> {
        Box::new((2..26).map(Reg))
    }

    fn instruction(&self, text: &str, span: Span, cx: &mut Context<'_>) -> Result<Instruction, Diagnostic> {
        let instruction = parse::parse(text, span, cx.symbolic_registers)?;
        let micro = micro::lower(&instruction, span, cx)?;
        Ok(Instruction { micro: micro.into(), span, text: instruction.to_string().into() })
    }
}
