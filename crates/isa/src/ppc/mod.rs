//! The PowerPC instruction set: the part of the 64-bit architecture that compilers use for concurrent code.
//!
//! Power ISA, Book I (branches, fixed-point) and Book II (storage model, atomics). Deviations:
//! 1. There are no carries and overflows: `addic`, `subfic` and their kin give their result only, and summary
//!    overflow is never set.
//! 2. A store-conditional succeeds only at the address of the last load-and-reserve, and may always fail. Nothing
//!    depends on its success: the bit in `cr0` comes from nowhere.
//! 3. The high part of an address is the whole address of the symbol, the low part its offset only; the table of
//!    contents is at 0.
//! 4. Cache management does nothing.
//! 5. `blr` and `bctr` end the thread if their register holds zero.
//! 6. Exceptions are not simulated: a run that takes one says so.

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

/// The PowerPC instruction set.
#[derive(Clone, Copy, Debug)]
pub struct Ppc;

impl Isa for Ppc {
    fn name(&self) -> &'static str {
        "PPC"
    }

    fn registers(&self) -> &'static [&'static str] {
        register::NAMES
    }

    fn register(&self, name: &str) -> Option<Reg> {
        register::find(name)
    }

    fn is_context_free(&self) -> bool {
        true
    }

    fn stack_pointer(&self) -> Option<Reg> {
        Some(Reg(1))
    }

    fn tags(&self) -> &'static [&'static str] {
        tag::NAMES
    }

    fn register_width(&self, _name: &str) -> u8 {
        64
    }

    fn instruction(&self, text: &str, span: Span, cx: &mut Context<'_>) -> Result<Instruction, Diagnostic> {
        let instruction = parse::parse(text, span, cx.symbolic_registers)?;
        let micro = micro::lower(&instruction, cx);
        Ok(Instruction { micro: micro.into(), span, text: instruction.to_string().into() })
    }
}
