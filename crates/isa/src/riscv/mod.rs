//! The RISC-V instruction set: RV64 I, M and A with Zacas and Zabha, the annotated loads and stores of Zalasr, parts
//! of Zba, Zbb and Zicond, and the pseudo-instructions that compilers print.
//!
//! The RISC-V Instruction Set Manual, Volume I: Unprivileged Architecture. Deviations:
//! 1. An AMO is one event that reads and writes; a failed `amocas` is a load and writes nothing. `amocas.q` is one
//!    access of 128 bits.
//! 2. A store-conditional succeeds only at the address of the last load-reserved, and may always fail.
//! 3. `lui`/`auipc` with a high part give the whole address of the symbol, low parts add its offset only.
//! 4. Input and output of fences order nothing; `fence.i` is an event that orders nothing by itself.
//! 5. Compressed instructions are the ones that they stand for. `ret` and `jr` end the thread if the register holds zero.
//! 6. Control and status registers and exceptions are not simulated: a run that needs them says so.

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

/// The RISC-V instruction set.
#[derive(Clone, Copy, Debug)]
pub struct RiscV;

impl Isa for RiscV {
    fn name(&self) -> &'static str {
        "RISCV"
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
        Some(Reg(2))
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
