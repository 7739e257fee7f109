//! Writes the GNU assembler's normal dialect.

use super::instruction::{Callee, Instruction, Modify, Register, Size, Source, Swap, Target, Width};
use super::mnemonic::{ALU, JUMPS, SIZES, name};
use super::parse::ATOMIC_NAMES;
use super::print::{Called, Loaded, Place};
use super::syntax::Syntax;
use std::fmt;

/// Writes an instruction.
pub(super) fn write(instruction: &Instruction<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match *instruction {
        Instruction::Alu { width, op, dst, src } => {
            write!(f, "{}{} {},{}", name(&ALU, op), suffix(width), Named(dst), Operand(src))
        }
        Instruction::Negate { width, dst } => write!(f, "neg{} {}", suffix(width), Named(dst)),
        Instruction::Move { width, dst, src } => {
            write!(f, "mov{} {},{}", suffix(width), Named(dst), Operand(src))
        }
        Instruction::MoveSigned { width, from, dst, src } => {
            write!(f, "movs{} {},{},{}", suffix(width), Named(dst), Named(src), from.bits())
        }
        Instruction::CastAddress { dst, src, to, from } => {
            write!(f, "addr_space_cast {},{},{to},{from}", Named(dst), Named(src))
        }
        Instruction::SwapBytes { swap, size, dst } => {
            let mnemonic = match swap {
                Swap::ToLittle => "endle",
                Swap::ToBig => "endbe",
                Swap::Always => "bswap",
            };
            write!(f, "{mnemonic} {},{}", Named(dst), size.bits())
        }
        Instruction::LoadWide { dst, value } => {
            write!(f, "lddw {},{}", Named(dst), Loaded { value, syntax: Syntax::Gas })
        }
        Instruction::Load { size, signed, dst, base, offset } => {
            let sign = if signed { "s" } else { "" };
            write!(f, "ldx{sign}{} {},{}", letter(size), Named(dst), Memory(base, offset))
        }
        Instruction::LoadAcquire { size, dst, base, offset } => {
            write!(f, "ldacq{} {},{}", letter(size), Named(dst), Memory(base, offset))
        }
        Instruction::LoadPacket { size, index: None, offset } => write!(f, "ldabs{} {offset}", letter(size)),
        Instruction::LoadPacket { size, index: Some(index), offset } => {
            write!(f, "ldind{} {},{offset}", letter(size), Named(index))
        }
        Instruction::Store { size, base, offset, src } => {
            let from = if matches!(src, Source::Register(_)) { "x" } else { "" };
            write!(f, "st{from}{} {},{}", letter(size), Memory(base, offset), Operand(src))
        }
        Instruction::StoreRelease { size, base, offset, src } => {
            write!(f, "strel{} {},{}", letter(size), Memory(base, offset), Named(src))
        }
        Instruction::Atomic { width, modify, base, offset, src } => {
            match modify {
                Modify::Update(op) => write!(f, "a{}", name(&ATOMIC_NAMES, op))?,
                Modify::Fetch(op) => write!(f, "af{}", name(&ATOMIC_NAMES, op))?,
                Modify::Exchange => f.write_str("axchg")?,
                Modify::CompareExchange => f.write_str("acmp")?,
            }
            write!(f, "{} {},{}", suffix(width), Memory(base, offset), Named(src))
        }
        Instruction::Jump { long, target } => {
            write!(f, "{} {}", if long { "jal" } else { "ja" }, place(target))
        }
        Instruction::JumpIf { width, test, dst, src, target } => {
            let mnemonic = name(&JUMPS, test);
            write!(f, "{mnemonic}{} {},{},{}", suffix(width), Named(dst), Operand(src), place(target))
        }
        Instruction::MayGoto { target } => write!(f, "may_goto {}", place(target)),
        Instruction::JumpRegister { dst } => write!(f, "gotox {}", Named(dst)),
        Instruction::Call { callee: Callee::Register(register) } => write!(f, "callx {}", Named(register)),
        Instruction::Call { callee } => write!(f, "call {}", Called { callee, syntax: Syntax::Gas }),
        Instruction::Exit => f.write_str("exit"),
        Instruction::NoSpeculation => f.write_str("nospec"),
    }
}

fn suffix(width: Width) -> &'static str {
    match width {
        Width::W32 => "32",
        Width::W64 => "",
    }
}

fn letter(size: Size) -> &'static str {
    name(&SIZES, size)
}

fn place(target: Target<'_>) -> Place<'_> {
    Place { target, before: "", hexadecimal: false }
}

struct Named<'a>(Register<'a>);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.symbolic {
            Some(_) => self.0.fmt(f),
            None => write!(f, "%{}", self.0),
        }
    }
}

struct Operand<'a>(Source<'a>);

impl fmt::Display for Operand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Source::Register(register) => Named(register).fmt(f),
            Source::Immediate(value) => value.fmt(f),
        }
    }
}

struct Memory<'a>(Register<'a>, i16);

impl fmt::Display for Memory<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}{:+}]", Named(self.0), self.1)
    }
}
