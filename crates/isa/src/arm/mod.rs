//! The 32-bit Arm instruction set, A32 and T32 in the notation that both share: Armv7-A, with the acquires and
//! releases of Armv8.
//!
//! Arm Architecture Reference Manual, Armv7-A edition (DDI 0406), chapters A8 and A9, and DDI 0487, part F. Deviations:
//! 1. `IT` does nothing: the instructions behind it say their conditions themselves, as the notation requires.
//! 2. Registers hold 32 bits; the two accesses of `LDRD`, `LDREXD` and their kin are of 32 bits each. In tests that
//!    declare something of 64 bits they are one access of 64 bits.
//! 3. The low half of an address is the whole address, the high half adds nothing, and so does adding the program
//!    counter to an address relative to it. Entries of the global offset table are memory that nobody writes. `MOV LR,PC`
//!    gives a code address; other reads of the program counter are not simulated: a run that needs them says so.
//! 4. A store-exclusive fails without reading its operands, and may always fail.
//! 5. `PUSH` and `POP` do nothing while the stack pointer is zero.
//! 6. A return ends the thread where the link register was never written.
//! 7. Immediates may be any number of 32 bits, whether the instruction can encode it or not.
//! 8. Saturation (the Q flag) and exceptions are not simulated: a run that takes an exception says so.

mod address;
mod arithmetic;
mod instruction;
mod memory;
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

/// The 32-bit Arm instruction set.
#[derive(Clone, Copy, Debug)]
pub struct Arm {
    /// Whether pairs of registers are accessed as one location of 64 bits.
    wide: bool,
}

/// Pairs of registers are accessed as two locations.
pub static ARM: Arm = Arm { wide: false };

/// Pairs of registers are accessed as one location of 64 bits.
static ARM_WIDE: Arm = Arm { wide: true };

impl Isa for Arm {
    fn name(&self) -> &'static str {
        "ARM"
    }

    fn registers(&self) -> &'static [&'static str] {
        register::NAMES
    }

    fn register(&self, name: &str) -> Option<Reg> {
        register::find(name).map(|number| Reg(number.into()))
    }

    fn stack_pointer(&self) -> Option<Reg> {
        Some(Reg(13))
    }

    fn tags(&self) -> &'static [&'static str] {
        tag::NAMES
    }

    fn register_width(&self, _name: &str) -> u8 {
        32
    }

    fn general_registers(&self) -> Box<dyn Iterator<Item = Reg> + '_> {
        Box::new((0..13).map(Reg))
    }

    fn wide(&self) -> Option<(u8, &'static dyn Isa)> {
        Some((32, &ARM_WIDE))
    }

    fn has_literals(&self) -> bool {
        true
    }

    fn digested(&self, text: &str) -> Option<String> {
        print::digested(text)
    }

    fn instruction(&self, text: &str, span: Span, cx: &mut Context<'_>) -> Result<Instruction, Diagnostic> {
        let instruction = parse::parse(text, span, cx.symbolic_registers)?;
        let micro = micro::lower(&instruction, self.wide, cx);
        Ok(Instruction { micro: micro.into(), span, text: instruction.to_string().into() })
    }
}
