//! BPF: RFC 9669 (“BPF Instruction Set Architecture”, 2024) and what the Linux kernel has added to it since.
//!
//! [`Instruction`] serves programs in bytes, where jumps have distances, and programs in text, where they have labels.
//! Text is read in any of five syntaxes ([`parse`]) and written in any of them ([`Text`]).
//!
//! Deviations:
//! 1. FETCH operations, exchanges and operations without FETCH are one event that reads and writes; a compare-exchange
//!    is two, of which a failed one has the first only.
//! 2. Hosts are little endian.
//! 3. `r10` is a register like others if a test gives it a value; else it points to the end of a stack that no other
//!    thread knows. A called function gets a frame 512 bytes below its caller's. Nothing checks that accesses stay inside.
//! 4. Calls leave zero in `r1` to `r5`. What functions of the kernel do to memory is declared in [`callee`]; results
//!    that no test can know are not known, and a run that needs one says so.
//! 5. Packets, for the historical loads, are what `r6` points to, and are long enough.
//! 6. Maps are locations: `map5` is the map of file descriptor 5. An address space does not change an address.
//! 7. `may_goto` may go there at any time. `nospec` orders nothing: it is for speculation only.
//! 8. Tests may give the result of an atomic operation to another register than the one that has the operand, as herd7
//!    lets them; no instruction does.
//! 9. The verifier is not there: programs that it would refuse are run.

mod alu;
pub mod bytes;
pub mod callee;
mod digest;
mod gas;
mod instruction;
mod micro;
mod mnemonic;
mod opcode;
mod operands;
mod parse;
mod print;
mod register;
mod syntax;
mod tag;

#[cfg(test)]
mod tests;

pub use instruction::{
    AluOp, AtomicOp, Callee, Instruction, Modify, Register, Size, Source, Swap, Target, Test, Wide, Width,
};
pub use parse::parse;
pub use print::Text;
pub use syntax::Syntax;

use crate::{Context, Isa};
use ::syntax::{Diagnostic, Span};
use execution::micro::{self as micro_operations, Reg};

/// The BPF instruction set.
#[derive(Clone, Copy, Debug)]
pub struct Bpf;

impl Isa for Bpf {
    fn name(&self) -> &'static str {
        "BPF"
    }

    fn registers(&self) -> &'static [&'static str] {
        register::NAMES
    }

    fn register(&self, name: &str) -> Option<Reg> {
        register::find(name).map(|(number, _)| Reg(number.into()))
    }

    fn register_width(&self, name: &str) -> u8 {
        register::find(name).map_or(64, |(_, width)| width)
    }

    fn default_register_type(&self, _reg: Reg) -> (u8, bool) {
        (64, true)
    }

    fn general_registers(&self) -> Box<dyn Iterator<Item = Reg> + '_> {
        Box::new((1..10).map(Reg).chain([Reg(0)]))
    }

    fn stack_pointer(&self) -> Option<Reg> {
        Some(Register::FRAME.reg())
    }

    fn is_context_free(&self) -> bool {
        true
    }

    fn slots(&self, instruction: &micro_operations::Instruction) -> u32 {
        // Nothing else ends so.
        if instruction.text.ends_with(" ll") { 2 } else { 1 }
    }

    fn digested(&self, text: &str) -> Option<String> {
        digest::digested(text)
    }

    fn tags(&self) -> &'static [&'static str] {
        tag::NAMES
    }

    fn instruction(
        &self,
        text: &str,
        span: Span,
        cx: &mut Context<'_>,
    ) -> Result<micro_operations::Instruction, Diagnostic> {
        let line = parse::line(text, span, cx.symbolic_registers)?;
        let micro = micro::lower(&line, span, cx);
        Ok(micro_operations::Instruction { micro: micro.into(), span, text: line.to_string().into() })
    }
}
