//! z/Architecture (s390x): the general instructions that compilers and JITs use for litmus tests, and the interlocked
//! accesses.
//!
//! z/Architecture Principles of Operation, SA22-7832. Deviations:
//! 1. Operations on 32 bits clear the upper half of the register, which the machine keeps.
//! 2. The condition code of additions and subtractions is that of the result's sign; overflow and carries are not told
//!    apart.
//! 3. The interlocked-access instructions (`laa` and its family, `asi`) are a load and a store that nothing can come
//!    between; they order no other accesses, beyond what every access does. `cs` and `csg` serialise, also when the
//!    comparison fails. A failed one does not write.
//! 4. `bcr 14,0` and `bcr 15,0` serialise alike.
//! 5. `br` ends the thread if the register holds zero.
//! 6. Decimal, floating-point, vector, privileged and storage-to-storage instructions, transactions, pairs (`cds`,
//!    `lpq`) are missing.

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

/// The instruction set of z/Architecture.
#[derive(Clone, Copy, Debug)]
pub struct S390x;

impl Isa for S390x {
    fn name(&self) -> &'static str {
        "S390X"
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
        Some(Reg(15))
    }

    fn tags(&self) -> &'static [&'static str] {
        tag::NAMES
    }

    fn register_width(&self, _name: &str) -> u8 {
        64
    }

    fn general_registers(&self) -> Box<dyn Iterator<Item = Reg> + '_> {
        Box::new((1..14).map(Reg))
    }

    fn instruction(&self, text: &str, span: Span, cx: &mut Context<'_>) -> Result<Instruction, Diagnostic> {
        let instruction = parse::parse(text, span, cx.symbolic_registers)?;
        let micro = micro::lower(&instruction, cx);
        Ok(Instruction { micro: micro.into(), span, text: instruction.to_string().into() })
    }
}
