//! The AArch64 instruction set: the general-purpose part, with LSE, LRCPC and exclusives, and the part of Advanced SIMD
//! that moves and computes with integers (`simd`).
//!
//! Arm Architecture Reference Manual (DDI 0487), chapters B2.3 and C6. Deviations:
//! 1. A store-exclusive fails without reading its operands; that a failure writes the status register is all that
//!    anybody can see of it.
//! 2. `ADRP` gives the address of its symbol, not of its page, and `:lo12:` adds the symbol's offset only.
//!    `:got_lo12:` reads no memory: the entry is known.
//! 3. Cache maintenance is an event without location; prefetches and hints do nothing, signing the link register is one
//!    of them.
//! 4. `RET` ends the thread where the link register was never written.
//! 5. Pairs of registers are accessed one by one, whatever memory declares; a vector register of 128 bits is accessed at once in
//!    tests that declare something of 128 bits in memory.
//! 6. Exceptions are not simulated: a run that takes one says so.

mod arithmetic;
mod branch;
mod exclusive;
mod instruction;
mod intrinsic;
mod lexer;
mod lower;
mod memory;
mod missing;
mod mnemonic;
mod operand;
mod parse;
mod print;
mod register;
mod simd;
mod tag;

#[cfg(test)]
mod tests;

use crate::{Context, Isa};
use execution::micro::{self, Reg};
use std::fmt::Write;
use syntax::{Diagnostic, Span};

/// The AArch64 instruction set.
#[derive(Clone, Copy, Debug)]
pub struct AArch64 {
    /// Whether 128 bits are accessed as one location.
    wide: bool,
}

/// Pairs of registers are accessed as two locations, and registers of 128 bits too.
pub static AARCH64: AArch64 = AArch64 { wide: false };

/// 128 bits are accessed as one location.
static AARCH64_WIDE: AArch64 = AArch64 { wide: true };

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

    fn register_lanes(&self, name: &str) -> Option<(u8, u8)> {
        simd::lanes(name)
    }

    fn default_register_type(&self, reg: Reg) -> (u8, bool) {
        if register::is_vector(reg) { (128, false) } else { (32, true) }
    }

    fn general_registers(&self) -> Box<dyn Iterator<Item = Reg> + '_> {
        Box::new((2..=28).map(Reg))
    }

    fn wide(&self) -> Option<(u8, &'static dyn Isa)> {
        Some((64, &AARCH64_WIDE))
    }

    fn is_context_free(&self) -> bool {
        !self.wide
    }

    fn stack_pointer(&self) -> Option<Reg> {
        Some(Reg(32))
    }

    fn digested(&self, text: &str) -> Option<String> {
        print::digested(text)
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
        let instruction = parse::parse(text, span, cx.symbolic_registers)
            .map_err(|error| missing::explain(text, span, error))?;
        let micro = lower::lower(&instruction, self.wide, cx);
        let mut canonical = String::with_capacity(24);
        let printed = write!(canonical, "{instruction}");
        debug_assert!(printed.is_ok());
        Ok(micro::Instruction { micro: micro.into(), span, text: canonical.into() })
    }
}
