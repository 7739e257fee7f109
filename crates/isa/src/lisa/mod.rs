//! LISA, the assembly language of bell files: reads, writes, read-modify-writes, fences and branches with annotations
//! that a bell file declares and a model gives a meaning.
//!
//! Alglave, Cousot, “Syntax and analytic semantics of LISA”, 2016; and what herd7 accepts. Deviations:
//! 1. Locations hold words of 32 bits with a sign; registers hold 64 bits.
//! 2. Branches carry no annotation as events, though their annotations are checked.
//! 3. Fences between labels are read, but a run that gets to one says that they are not simulated.
//! 4. `call[f]` is the fence `f[f]`.
//! 5. There are 128 registers.

mod instruction;
mod micro;
mod parse;
mod register;
mod tag;

#[cfg(test)]
mod tests;

use crate::{Context, Isa};
use execution::micro::{Instruction, Reg};
use syntax::{Diagnostic, Span};

/// The assembly language of bell files.
#[derive(Clone, Copy, Debug)]
pub struct Lisa;

impl Isa for Lisa {
    fn name(&self) -> &'static str {
        "LISA"
    }

    fn registers(&self) -> &'static [&'static str] {
        register::NAMES
    }

    fn register(&self, name: &str) -> Option<Reg> {
        register::find(name).map(|number| Reg(number.into()))
    }

    fn tags(&self) -> &'static [&'static str] {
        tag::NAMES
    }

    fn register_width(&self, _name: &str) -> u8 {
        64
    }

    fn general_registers(&self) -> Box<dyn Iterator<Item = Reg> + '_> {
        Box::new((0..register::NAMES.len()).map(|number| Reg(number as u16)))
    }

    fn instruction(&self, text: &str, span: Span, cx: &mut Context<'_>) -> Result<Instruction, Diagnostic> {
        let instruction = parse::parse(text, span, cx.symbolic_registers)?;
        let micro = micro::lower(&instruction, span, cx);
        Ok(Instruction { micro: micro.into(), span, text: instruction.to_string().into() })
    }
}
