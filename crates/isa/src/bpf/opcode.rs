//! The first byte of an instruction, which the kernel prints in front of its text.
//!
//! RFC 9669, sections 3 to 5: a class in the lower three bits, and what the class makes of the rest.

use super::instruction::{AluOp, Callee, Instruction, Size, Source, Swap, Test, Width};

/// The first byte.
pub(super) fn opcode(instruction: &Instruction<'_>) -> u8 {
    const REGISTER: u8 = 8;
    let from = |src: Source<'_>| if matches!(src, Source::Register(_)) { REGISTER } else { 0 };
    let alu = |width| if width == Width::W64 { 7 } else { 4 };
    let jump = |width| if width == Width::W64 { 5 } else { 6 };
    match *instruction {
        Instruction::Alu { width, op, src, .. } => alu_code(op) << 4 | from(src) | alu(width),
        Instruction::Negate { width, .. } => 0x80 | alu(width),
        Instruction::Move { width, src, .. } => 0xb0 | from(src) | alu(width),
        Instruction::MoveSigned { width, .. } => 0xb0 | REGISTER | alu(width),
        Instruction::CastAddress { .. } => 0xb0 | REGISTER | 7,
        Instruction::SwapBytes { swap: Swap::ToLittle, .. } => 0xd4,
        Instruction::SwapBytes { swap: Swap::ToBig, .. } => 0xdc,
        Instruction::SwapBytes { swap: Swap::Always, .. } => 0xd7,
        Instruction::LoadWide { .. } => 0x18,
        Instruction::Load { size, signed, .. } => {
            (if signed { 0x80 } else { 0x60 }) | size_code(size) << 3 | 1
        }
        Instruction::LoadPacket { size, index, .. } => {
            (if index.is_some() { 0x40 } else { 0x20 }) | size_code(size) << 3
        }
        Instruction::Store { size, src, .. } => {
            0x60 | size_code(size) << 3 | (if from(src) == 0 { 2 } else { 3 })
        }
        Instruction::LoadAcquire { size, .. } | Instruction::StoreRelease { size, .. } => {
            0xc0 | size_code(size) << 3 | 3
        }
        Instruction::Atomic { width, .. } => 0xc0 | size_code(width.size()) << 3 | 3,
        Instruction::Jump { long: true, .. } => 6,
        Instruction::Jump { long: false, .. } => 5,
        Instruction::JumpIf { width, test, src, .. } => test_code(test) << 4 | from(src) | jump(width),
        Instruction::MayGoto { .. } => 0xe5,
        Instruction::JumpRegister { .. } => 0x0d,
        Instruction::Call { callee: Callee::Register(_) } => 0x8d,
        Instruction::Call { .. } => 0x85,
        Instruction::Exit => 0x95,
        Instruction::NoSpeculation => 0xc2,
    }
}

fn alu_code(op: AluOp) -> u8 {
    match op {
        AluOp::Add => 0,
        AluOp::Sub => 1,
        AluOp::Mul => 2,
        AluOp::Div | AluOp::SignedDiv => 3,
        AluOp::Or => 4,
        AluOp::And => 5,
        AluOp::ShiftLeft => 6,
        AluOp::ShiftRight => 7,
        AluOp::Mod | AluOp::SignedMod => 9,
        AluOp::Xor => 10,
        AluOp::ShiftRightSigned => 12,
    }
}

fn test_code(test: Test) -> u8 {
    match test {
        Test::Equal => 1,
        Test::Greater => 2,
        Test::GreaterEqual => 3,
        Test::AnyBit => 4,
        Test::NotEqual => 5,
        Test::SignedGreater => 6,
        Test::SignedGreaterEqual => 7,
        Test::Less => 10,
        Test::LessEqual => 11,
        Test::SignedLess => 12,
        Test::SignedLessEqual => 13,
    }
}

fn size_code(size: Size) -> u8 {
    match size {
        Size::Word => 0,
        Size::Half => 1,
        Size::Byte => 2,
        Size::Double => 3,
    }
}
