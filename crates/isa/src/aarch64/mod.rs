//! The AArch64 instruction set: the general-purpose part, with LSE, LRCPC and exclusives.
//!
//! Arm Architecture Reference Manual (DDI 0487), chapters B2.3 and C6. Deviations:
//! 1. A store-exclusive fails without reading its operands; that a failure writes the status register is all that
//!    anybody can see of it.
//! 2. `ADRP` gives the address of its symbol, not of its page, and `:lo12:` adds the symbol's offset only.
//!    `:got_lo12:` reads no memory: the entry is known.
//! 3. Cache maintenance is an event without location; prefetches and hints do nothing.
//! 4. `RET` ends the thread where the link register was never written.
//! 5. Exceptions are not simulated: a run that takes one says so.

mod arithmetic;
mod branch;
mod exclusive;
mod instruction;
mod intrinsic;
mod lexer;
mod lower;
mod memory;
mod mnemonic;
mod operand;
mod parse;
mod print;
mod register;
mod tag;

#[cfg(test)]
mod tests;

use crate::{Context, Isa};
use execution::micro::{self, Reg};
use std::fmt::Write;
use syntax::{Diagnostic, Span};

/// The AArch64 instruction set.
#[derive(Clone, Copy, Debug)]
pub struct AArch64;

impl Isa for AArch64 {
    fn name(&self) -> &'static str {
        "AArch64"
    }

    fn registers(&self) -> &'static [&'static str] {
        register::NAMES
    }

    fn register(&self, name: &str) -> Option<Reg> {
        register::find(name).map(|(reg, _)| reg)
    }

    fn is_context_free(&self) -> bool {
        true
    }

    fn stack_pointer(&self) -> Option<Reg> {
        Some(Reg(32))
    }

    fn tags(&self) -> &'static [&'static str] {
        tag::NAMES
    }

    fn register_width(&self, name: &str) -> u8 {
        register::find(name).map_or(64, |(_, width)| width)
    }

    fn instruction(
        &self,
        text: &str,
        span: Span,
        cx: &mut Context<'_>,
    ) -> Result<micro::Instruction, Diagnostic> {
        let instruction = parse::parse(text, span, cx.symbolic_registers)?;
        let micro = lower::lower(&instruction, cx);
        let mut canonical = String::with_capacity(24);
        let printed = write!(canonical, "{instruction}");
        debug_assert!(printed.is_ok());
        Ok(micro::Instruction { micro, span, text: canonical })
    }
}
