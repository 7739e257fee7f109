//! Instruction → slots.

use super::slot::size_bits;
use super::{Slot, alu, atomic, class, jump, mode};
use crate::bpf::{
    AluOp, AtomicOp, Callee, Instruction, Modify, Register, Size, Source, Swap, Target, Test, Wide, Width,
};

/// Why an instruction has no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unencodable {
    /// It has a label or the name of a location, a map or a function.
    Name,
    /// A jump with a distance of 16 bits goes further than that.
    TooFar,
    /// A signed load of 64 bits, a swap of one byte, a move that extends to no more than it moves, a packet load of
    /// 64 bits: the type can say them, but there are none.
    NoSuchInstruction,
}

impl std::fmt::Display for Unencodable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Unencodable::Name => "names have no bytes",
            Unencodable::TooFar => "the distance of the jump does not fit into 16 bits",
            Unencodable::NoSuchInstruction => "there is no such instruction",
        })
    }
}

type Encoded<T> = Result<T, Unencodable>;

/// The slots of an instruction; the second for `lddw` only.
///
/// # Errors
/// [`Unencodable`], where the instruction has names in it, or can't be expressed.
pub fn encode(instruction: &Instruction<'_>) -> Encoded<(Slot, Option<Slot>)> {
    if let Instruction::LoadWide { dst, value } = *instruction {
        return wide(dst, value).map(|(first, second)| (first, Some(second)));
    }
    one(instruction).map(|slot| (slot, None))
}

fn one(instruction: &Instruction<'_>) -> Encoded<Slot> {
    match *instruction {
        Instruction::Alu { width, op, dst, src } => {
            let (code, offset) = alu_code(op);
            Ok(Slot { offset, ..operation(code | alu_class(width), dst, src) })
        }
        Instruction::Negate { width, dst } => Ok(Slot { dst: dst.number, ..op(alu::NEG | alu_class(width)) }),
        Instruction::Move { width, dst, src } => Ok(operation(alu::MOV | alu_class(width), dst, src)),
        Instruction::MoveSigned { width, from, dst, src } if from.bits() < width.bits() => {
            let slot = operation(alu::MOV | alu_class(width), dst, Source::Register(src));
            Ok(Slot { offset: from.bits() as i16, ..slot })
        }
        Instruction::MoveSigned { .. } => Err(Unencodable::NoSuchInstruction),
        Instruction::CastAddress { dst, src, to, from } => {
            let slot = operation(alu::MOV | class::ALU64, dst, Source::Register(src));
            Ok(Slot { offset: 1, imm: (u32::from(to) << 16 | u32::from(from)) as i32, ..slot })
        }
        Instruction::SwapBytes { size: Size::Byte, .. } => Err(Unencodable::NoSuchInstruction),
        Instruction::SwapBytes { swap, size, dst } => {
            let class = match swap {
                Swap::ToLittle => class::ALU,
                Swap::ToBig => class::ALU | super::SOURCE_REGISTER,
                Swap::Always => class::ALU64,
            };
            Ok(Slot { dst: dst.number, imm: size.bits() as i32, ..op(alu::END | class) })
        }
        Instruction::Load { .. }
        | Instruction::LoadAcquire { .. }
        | Instruction::LoadPacket { .. }
        | Instruction::Store { .. }
        | Instruction::StoreRelease { .. }
        | Instruction::Atomic { .. } => memory(instruction),
        Instruction::NoSpeculation => Ok(op(super::NOSPEC)),
        // Handled by the caller.
        Instruction::LoadWide { .. } => Err(Unencodable::NoSuchInstruction),
        Instruction::Jump { .. }
        | Instruction::JumpIf { .. }
        | Instruction::MayGoto { .. }
        | Instruction::JumpRegister { .. }
        | Instruction::Call { .. }
        | Instruction::Exit => control(instruction),
    }
}

fn memory(instruction: &Instruction<'_>) -> Encoded<Slot> {
    match *instruction {
        Instruction::Load { size: Size::Double, signed: true, .. }
        | Instruction::LoadPacket { size: Size::Double, .. } => Err(Unencodable::NoSuchInstruction),
        Instruction::Load { size, signed, dst, base, offset } => {
            let mode = if signed { mode::MEMSX } else { mode::MEM };
            let slot = op(mode | size_bits(size) | class::LDX);
            Ok(Slot { dst: dst.number, src: base.number, offset, ..slot })
        }
        Instruction::LoadAcquire { size, dst, base, offset } => {
            let slot = op(mode::ATOMIC | size_bits(size) | class::STX);
            Ok(Slot { dst: dst.number, src: base.number, offset, imm: atomic::LOAD_ACQ, ..slot })
        }
        Instruction::LoadPacket { size, index, offset } => {
            let mode = if index.is_some() { mode::IND } else { mode::ABS };
            let src = index.map_or(0, |index| index.number);
            Ok(Slot { src, imm: offset, ..op(mode | size_bits(size) | class::LD) })
        }
        Instruction::Store { size, base, offset, src } => {
            let (class, src, imm) = match src {
                Source::Register(src) => (class::STX, src.number, 0),
                Source::Immediate(imm) => (class::ST, 0, imm),
            };
            Ok(Slot { dst: base.number, src, offset, imm, ..op(mode::MEM | size_bits(size) | class) })
        }
        Instruction::StoreRelease { size, base, offset, src } => {
            let slot = op(mode::ATOMIC | size_bits(size) | class::STX);
            Ok(Slot { dst: base.number, src: src.number, offset, imm: atomic::STORE_REL, ..slot })
        }
        Instruction::Atomic { width, modify, base, offset, src } => {
            let slot = op(mode::ATOMIC | size_bits(width.size()) | class::STX);
            Ok(Slot { dst: base.number, src: src.number, offset, imm: modify_code(modify), ..slot })
        }
        _ => Err(Unencodable::NoSuchInstruction),
    }
}

fn control(instruction: &Instruction<'_>) -> Encoded<Slot> {
    match *instruction {
        Instruction::Jump { long: true, target } => {
            Ok(Slot { imm: distance(target)?, ..op(jump::JA | class::JMP32) })
        }
        Instruction::Jump { long: false, target } => {
            Ok(Slot { offset: short(target)?, ..op(jump::JA | class::JMP) })
        }
        Instruction::JumpIf { width, test, dst, src, target } => {
            let class = match width {
                Width::W32 => class::JMP32,
                Width::W64 => class::JMP,
            };
            Ok(Slot { offset: short(target)?, ..operation(test_code(test) | class, dst, src) })
        }
        Instruction::MayGoto { target } => {
            Ok(Slot { offset: short(target)?, ..op(jump::JCOND | class::JMP) })
        }
        Instruction::JumpRegister { dst } => {
            Ok(Slot { dst: dst.number, ..op(jump::JA | super::SOURCE_REGISTER | class::JMP) })
        }
        Instruction::Call { callee } => call(callee),
        Instruction::Exit => Ok(op(jump::EXIT | class::JMP)),
        _ => Err(Unencodable::NoSuchInstruction),
    }
}

fn call(callee: Callee<'_>) -> Encoded<Slot> {
    let slot = op(jump::CALL | class::JMP);
    match callee {
        Callee::Helper(imm) => Ok(Slot { imm, ..slot }),
        Callee::Local(target) => Ok(Slot { src: 1, imm: distance(target)?, ..slot }),
        Callee::Kernel { btf, module } => Ok(Slot { src: 2, offset: module, imm: btf, ..slot }),
        Callee::Named(_) | Callee::Declared { .. } => Err(Unencodable::Name),
        Callee::Register(register) => {
            Ok(Slot { dst: register.number, ..op(jump::CALL | super::SOURCE_REGISTER | class::JMP) })
        }
    }
}

/// Both slots of `lddw`.
fn wide(dst: Register<'_>, value: Wide<'_>) -> Encoded<(Slot, Slot)> {
    let (src, imm, next) = match value {
        Wide::Number(number) => (0, number as i32, (number >> 32) as i32),
        Wide::Map { fd } => (1, fd, 0),
        Wide::MapValue { fd, offset } => (2, fd, offset),
        Wide::Variable { btf, module } => (3, btf, module),
        Wide::Function(target) => (4, distance(target)?, 0),
        Wide::MapIndex { index } => (5, index, 0),
        Wide::MapIndexValue { index, offset } => (6, index, offset),
        Wide::Symbol { .. } => return Err(Unencodable::Name),
    };
    let first = op(mode::IMM | size_bits(Size::Double) | class::LD);
    Ok((Slot { dst: dst.number, src, imm, ..first }, Slot { imm: next, ..Slot::default() }))
}

fn op(opcode: u8) -> Slot {
    Slot { opcode, ..Slot::default() }
}

/// An operation on `dst` and a second operand.
fn operation(opcode: u8, dst: Register<'_>, src: Source<'_>) -> Slot {
    let dst = dst.number;
    match src {
        Source::Register(src) => Slot { dst, src: src.number, ..op(opcode | super::SOURCE_REGISTER) },
        Source::Immediate(imm) => Slot { dst, imm, ..op(opcode) },
    }
}

fn distance(target: Target<'_>) -> Encoded<i32> {
    match target {
        Target::Offset(offset) => Ok(offset),
        Target::Label(..) => Err(Unencodable::Name),
    }
}

fn short(target: Target<'_>) -> Encoded<i16> {
    i16::try_from(distance(target)?).map_err(|_| Unencodable::TooFar)
}

fn alu_class(width: Width) -> u8 {
    match width {
        Width::W32 => class::ALU,
        Width::W64 => class::ALU64,
    }
}

/// The code of an operation, and the offset that makes division signed.
fn alu_code(op: AluOp) -> (u8, i16) {
    match op {
        AluOp::Add => (0x00, 0),
        AluOp::Sub => (0x10, 0),
        AluOp::Mul => (0x20, 0),
        AluOp::Div => (0x30, 0),
        AluOp::SignedDiv => (0x30, 1),
        AluOp::Or => (0x40, 0),
        AluOp::And => (0x50, 0),
        AluOp::ShiftLeft => (0x60, 0),
        AluOp::ShiftRight => (0x70, 0),
        AluOp::Mod => (0x90, 0),
        AluOp::SignedMod => (0x90, 1),
        AluOp::Xor => (0xa0, 0),
        AluOp::ShiftRightSigned => (0xc0, 0),
    }
}

fn test_code(test: Test) -> u8 {
    match test {
        Test::Equal => 0x10,
        Test::Greater => 0x20,
        Test::GreaterEqual => 0x30,
        Test::AnyBit => 0x40,
        Test::NotEqual => 0x50,
        Test::SignedGreater => 0x60,
        Test::SignedGreaterEqual => 0x70,
        Test::Less => 0xa0,
        Test::LessEqual => 0xb0,
        Test::SignedLess => 0xc0,
        Test::SignedLessEqual => 0xd0,
    }
}

fn modify_code(modify: Modify) -> i32 {
    let code = |op| match op {
        AtomicOp::Add => atomic::ADD,
        AtomicOp::Or => atomic::OR,
        AtomicOp::And => atomic::AND,
        AtomicOp::Xor => atomic::XOR,
    };
    match modify {
        Modify::Update(op) => code(op),
        Modify::Fetch(op) => code(op) | atomic::FETCH,
        Modify::Exchange => atomic::XCHG,
        Modify::CompareExchange => atomic::CMPXCHG,
    }
}
