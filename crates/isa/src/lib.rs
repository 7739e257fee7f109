//! Instruction sets: text → instruction → micro-operations, and back to canonical text.
//!
//! One module an instruction set. Each has a `Instruction` type with a parser, a `Display` that prints the canonical
//! text, and `micro`, which says what the instruction does with the dependencies that the manual gives it; the module
//! hands them out through [`Isa`]. How to add one: `docs/adding-an-isa.md`.
//!
//! This crate knows no memory model.

pub mod aarch64;
mod annotation;
pub mod arm;
mod assemble;
pub mod bpf;
mod cache;
mod emit;
pub mod lisa;
pub mod loongarch;
pub mod mips;
mod operand;
pub mod ppc;
pub mod riscv;
pub mod s390x;
#[cfg(test)]
mod testing;
pub mod x86;

pub use annotation::{Annotated, AnnotatedKind, Annotations};
pub use assemble::{Cell, Context, assemble, assemble_annotated, table_entry_of};
pub use cache::Cache;

use execution::micro::{Instruction, Reg};
use syntax::{Diagnostic, Span};

/// An instruction set.
pub trait Isa: Sync {
    /// The name in the first line of a litmus test, such as `AArch64`.
    fn name(&self) -> &'static str;

    /// Canonical names of the registers, in the order in which states print them; [`Reg`] is the position.
    /// Registers that programs can't name (flags, the reservation) come last.
    fn registers(&self) -> &'static [&'static str];

    /// The register that a test calls `name`; views of part of a register (`W0`, `eax`) name the whole.
    fn register(&self, name: &str) -> Option<Reg>;

    /// What events can be tagged with: names of cat sets. At most 128.
    fn tags(&self) -> &'static [&'static str];

    /// Whether two names of registers differ only as views (`X0` and `W0`): the bits that this name shows.
    fn register_width(&self, name: &str) -> u8;

    /// The lanes that a name shows of a vector register, such as `V0.4S`: how many, and their width in bits.
    fn register_lanes(&self, _name: &str) -> Option<(u8, u8)> {
        None
    }

    /// How a register without a declared type is read and printed: width in bits, and whether it has a sign.
    fn default_register_type(&self, _reg: Reg) -> (u8, bool) {
        (32, true)
    }

    /// The registers that symbolic ones (`%x`) may stand for, in order of preference.
    fn general_registers(&self) -> Box<dyn Iterator<Item = Reg> + '_> {
        let is_general = |name: &str| {
            let digits = name.trim_start_matches(|c: char| c.is_ascii_alphabetic());
            name.len() - digits.len() == 1 && digits.parse::<u8>().is_ok_and(|n| (1..28).contains(&n))
        };
        Box::new(
            (0..self.registers().len())
                .filter(move |i| is_general(self.registers()[*i]))
                .map(|i| Reg(i as u16)),
        )
    }

    /// The register that points to the stack.
    fn stack_pointer(&self) -> Option<Reg> {
        None
    }

    /// Distance in bytes between instructions in code addresses.
    fn code_step(&self) -> u32 {
        4
    }

    /// How many slots an instruction takes, where jumps count slots.
    fn slots(&self, _instruction: &Instruction) -> u32 {
        1
    }

    /// The instruction set as it is in tests that declare something in memory wider than that many bits, if that makes
    /// a difference.
    fn wide(&self) -> Option<(u8, &'static dyn Isa)> {
        None
    }

    /// Whether an instruction means the same wherever it stands, labels apart; then it is read once for many tests.
    fn is_context_free(&self) -> bool {
        false
    }

    /// Whether words stand among the code, to be loaded by label.
    fn has_literals(&self) -> bool {
        false
    }

    /// What the hash of a test digests in place of the canonical text, where herd7 prints an instruction otherwise.
    fn digested(&self, _text: &str) -> Option<String> {
        None
    }

    /// Reads one instruction. `text` has no label and no blanks around it; it stands at `span`.
    /// The result carries micro-operations and canonical text.
    ///
    /// # Errors
    /// A diagnostic with the code `isa::unknown-instruction`, `isa::bad-operand`, …, at the smallest span that shows it.
    fn instruction(&self, text: &str, span: Span, cx: &mut Context<'_>) -> Result<Instruction, Diagnostic>;
}

/// The instruction set of that name in the first line of a litmus test, if we have it.
pub fn by_name(name: &str) -> Option<&'static dyn Isa> {
    ALL.iter().copied().find(|isa| isa.name() == name)
}

/// All instruction sets.
pub static ALL: &[&dyn Isa] = &[
    &aarch64::AARCH64,
    &arm::ARM,
    &bpf::Bpf,
    &lisa::Lisa,
    &loongarch::LoongArch,
    &mips::Mips,
    &ppc::Ppc,
    &riscv::RiscV,
    &s390x::S390x,
    &x86::X86,
    &x86::X86_64,
];
