//! The LoongArch instruction set, 64 bits: integers, atomic accesses and barriers.
//!
//! LoongArch Reference Manual, volume 1: Basic Architecture, version 1.10. Deviations:
//! 1. An `am*` instruction is one event that reads and writes; a failed `amcas` is a load and writes nothing, and the
//!    failed `amcas_db` orders nothing.
//! 2. A store-conditional succeeds only at the address of the last load-linked, and may always fail. Nothing depends on
//!    its success.
//! 3. `la` and its relatives give the whole address of a symbol at once.
//! 4. Hints of `dbar` beyond five bits are the full barrier, except 0x700, which keeps loads of one address in order.
//!    Completion (bit 4 clear) is not told apart from ordering. `ibar` orders nothing.
//! 5. `jr` and `ret` end the thread if the register holds zero.
//! 6. Division by zero gives zero. Exceptions are not simulated: a run that needs them says so.
//! 7. Floating point, vectors, privileged instructions and checked (bound) accesses are missing.

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

/// The LoongArch instruction set.
#[derive(Clone, Copy, Debug)]
pub struct LoongArch;

impl Isa for LoongArch {
    fn name(&self) -> &'static str {
        "LoongArch"
    }

    fn registers(&self) -> &'static [&'static str] {
        register::NAMES
    }

    fn register(&self, name: &str) -> Option<Reg> {
        register::find(name).map(|number| Reg(number.into()))
    }

    fn is_context_free(&self) -> bool {
        true
    }

    fn stack_pointer(&self) -> Option<Reg> {
        Some(Reg(3))
    }

    fn tags(&self) -> &'static [&'static str] {
        tag::NAMES
    }

    fn register_width(&self, _name: &str) -> u8 {
        64
    }

    fn general_registers(&self) -> Box<dyn Iterator<Item = Reg> + '_> {
        Box::new((4..21).chain(23..32).map(Reg))
    }

    fn instruction(&self, text: &str, span: Span, cx: &mut Context<'_>) -> Result<Instruction, Diagnostic> {
        let instruction = parse::parse(text, span, cx.symbolic_registers)?;
        let micro = micro::lower(&instruction, cx);
        Ok(Instruction { micro: micro.into(), span, text: instruction.to_string().into() })
    }
}
