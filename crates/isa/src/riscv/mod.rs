//! The RISCV instruction set.

use crate::{Context, Isa};
use execution::micro::{Instruction, Reg};
use syntax::{Diagnostic, Span};

/// The RISCV instruction set.
#[derive(Clone, Copy, Debug)]
pub struct RiscV;

impl Isa for RiscV {
    fn name(&self) -> &'static str {
        "RISCV"
    }

    fn registers(&self) -> &'static [&'static str] {
        &[]
    }

    fn register(&self, _name: &str) -> Option<Reg> {
        None
    }

    fn tags(&self) -> &'static [&'static str] {
        &[]
    }

    fn register_width(&self, _name: &str) -> u8 {
        64
    }

    fn instruction(&self, text: &str, span: Span, _cx: &mut Context<'_>) -> Result<Instruction, Diagnostic> {
        Err(Diagnostic::error("isa::unknown-instruction", span, format!("unknown instruction `{text}`")))
    }
}
