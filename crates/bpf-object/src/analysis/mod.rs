//! What the functions of a program do to memory, as far as it can be seen without running them.

mod access;
mod value;

pub(crate) use access::{Access, Kind, Order, accesses};
pub(crate) use value::{Object, Place, State, States, Value};

use crate::program::Function;
use isa::bpf::{Instruction, Register, Source, Target};

/// Where control goes behind the instruction at position `at`, as positions.
pub(crate) fn successors(function: &Function, at: usize) -> Vec<usize> {
    let next = (at + 1 < function.lines.len()).then_some(at + 1);
    let jump = |target| match target {
        Target::Offset(offset) => function.jump(at, offset),
        Target::Label(..) => None,
    };
    match function.lines[at].instruction() {
        Some(Instruction::Jump { target, .. }) => jump(*target).into_iter().collect(),
        Some(Instruction::JumpIf { target, .. } | Instruction::MayGoto { target }) => {
            next.into_iter().chain(jump(*target)).collect()
        }
        // Where an indirect jump goes is not known.
        Some(Instruction::Exit | Instruction::JumpRegister { .. }) | None => Vec::new(),
        Some(_) => next.into_iter().collect(),
    }
}

/// A set of registers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Registers(u16);

impl Registers {
    /// The registers that calls destroy, besides the result.
    pub(crate) const ARGUMENTS: Registers = Registers(0b11_1110);

    pub(crate) fn one(register: Register<'_>) -> Registers {
        Registers(1 << register.number)
    }

    pub(crate) fn has(self, register: Register<'_>) -> bool {
        self.0 >> register.number & 1 != 0
    }

    pub(crate) fn and(self, other: Registers) -> Registers {
        Registers(self.0 | other.0)
    }

    pub(crate) fn without(self, other: Registers) -> Registers {
        Registers(self.0 & !other.0)
    }

    pub(crate) fn meets(self, other: Registers) -> bool {
        self.0 & other.0 != 0
    }
}

fn of_source(source: Source<'_>) -> Registers {
    match source {
        Source::Register(register) => Registers::one(register),
        Source::Immediate(_) => Registers::default(),
    }
}

/// The registers that an instruction computes its results from; addresses and values for memory are not among them.
pub(crate) fn operands(instruction: &Instruction<'_>) -> Registers {
    match *instruction {
        Instruction::Alu { dst, src, .. } | Instruction::JumpIf { dst, src, .. } => {
            Registers::one(dst).and(of_source(src))
        }
        Instruction::Negate { dst, .. }
        | Instruction::SwapBytes { dst, .. }
        | Instruction::JumpRegister { dst } => Registers::one(dst),
        Instruction::Move { src, .. } => of_source(src),
        Instruction::MoveSigned { src, .. } | Instruction::CastAddress { src, .. } => Registers::one(src),
        _ => Registers::default(),
    }
}

/// The registers that an instruction writes.
pub(crate) fn results(instruction: &Instruction<'_>) -> Registers {
    use isa::bpf::Modify;
    match *instruction {
        Instruction::Alu { dst, .. }
        | Instruction::Negate { dst, .. }
        | Instruction::Move { dst, .. }
        | Instruction::MoveSigned { dst, .. }
        | Instruction::CastAddress { dst, .. }
        | Instruction::SwapBytes { dst, .. }
        | Instruction::LoadWide { dst, .. }
        | Instruction::Load { dst, .. }
        | Instruction::LoadAcquire { dst, .. } => Registers::one(dst),
        Instruction::Atomic { modify: Modify::Fetch(_) | Modify::Exchange, src, .. } => Registers::one(src),
        Instruction::Atomic { modify: Modify::CompareExchange, .. } => Registers::one(Register::RESULT),
        Instruction::Call { .. } | Instruction::LoadPacket { .. } => {
            Registers::one(Register::RESULT).and(Registers::ARGUMENTS)
        }
        _ => Registers::default(),
    }
}
