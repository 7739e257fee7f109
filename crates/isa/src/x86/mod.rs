//! The x86 instruction set.

use crate::{Context, Isa};
use execution::micro::{Instruction, Reg};
use syntax::{Diagnostic, Span};

/// The x86 instruction set.
#[derive(Clone, Copy, Debug)]
pub struct X86;

impl Isa for X86 {
    fn name(&self) -> &'static str {
        "X86"
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

/// The x86-64 instruction set.
#[derive(Clone, Copy, Debug)]
pub struct X86_64;

impl Isa for X86_64 {
    fn name(&self) -> &'static str {
        "X86_64"
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
