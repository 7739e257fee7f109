//! Arithmetic and comparisons. RFC 9669, sections 4.1 to 4.3.

use super::instruction::{AluOp, AtomicOp, Size, Swap, Test, Width};
use crate::emit::Emit;
use execution::micro::Temp;
use execution::{BinaryOp, UnaryOp};

/// `a op b`. The quotient by zero is zero, the remainder the dividend; the least number divided by −1 is itself.
pub(super) fn compute(emit: &mut Emit, op: AluOp, width: Width, a: Temp, b: Temp) -> Temp {
    let operation = match op {
        AluOp::Add => BinaryOp::Add,
        AluOp::Sub => BinaryOp::Sub,
        AluOp::Mul => BinaryOp::Mul,
        AluOp::Div => BinaryOp::DivUnsigned,
        AluOp::SignedDiv => BinaryOp::DivSigned,
        AluOp::Mod => BinaryOp::RemUnsigned,
        AluOp::SignedMod => BinaryOp::RemSigned,
        AluOp::Or => BinaryOp::Or,
        AluOp::And => BinaryOp::And,
        AluOp::Xor => BinaryOp::Xor,
        AluOp::ShiftLeft => BinaryOp::Shl,
        AluOp::ShiftRight => BinaryOp::ShrLogical,
        AluOp::ShiftRightSigned => BinaryOp::ShrArithmetic,
    };
    let bits = width.bits() as u8;
    let is_shift = matches!(op, AluOp::ShiftLeft | AluOp::ShiftRight | AluOp::ShiftRightSigned);
    let b = if is_shift { emit.binary_number(BinaryOp::And, bits, b, i64::from(bits) - 1) } else { b };
    let result = emit.binary(operation, bits, a, b);
    emit.zero_extend(bits, result)
}

/// The lower part of a value with its bytes in another order; the host is little endian.
pub(super) fn swap(emit: &mut Emit, swap: Swap, size: Size, value: Temp) -> Temp {
    let bits = size.bits() as u8;
    match swap {
        Swap::ToLittle => emit.zero_extend(bits, value),
        Swap::ToBig | Swap::Always => emit.unary(UnaryOp::ReverseBytes, bits, value),
    }
}

/// 1 if the comparison holds, else 0.
pub(super) fn test(emit: &mut Emit, test: Test, width: Width, a: Temp, b: Temp) -> Temp {
    let bits = width.bits() as u8;
    let mut compare = |op, a, b| emit.binary(op, bits, a, b);
    match test {
        Test::Equal => compare(BinaryOp::Eq, a, b),
        Test::NotEqual => compare(BinaryOp::Ne, a, b),
        Test::Greater => compare(BinaryOp::LtUnsigned, b, a),
        Test::GreaterEqual => compare(BinaryOp::LeUnsigned, b, a),
        Test::Less => compare(BinaryOp::LtUnsigned, a, b),
        Test::LessEqual => compare(BinaryOp::LeUnsigned, a, b),
        Test::SignedGreater => compare(BinaryOp::LtSigned, b, a),
        Test::SignedGreaterEqual => compare(BinaryOp::LeSigned, b, a),
        Test::SignedLess => compare(BinaryOp::LtSigned, a, b),
        Test::SignedLessEqual => compare(BinaryOp::LeSigned, a, b),
        Test::AnyBit => {
            let common = compare(BinaryOp::And, a, b);
            emit.binary_number(BinaryOp::Ne, bits, common, 0)
        }
    }
}

/// How an atomic operation computes what it stores.
pub(super) fn atomic_operation(op: AtomicOp) -> BinaryOp {
    match op {
        AtomicOp::Add => BinaryOp::Add,
        AtomicOp::Or => BinaryOp::Or,
        AtomicOp::And => BinaryOp::And,
        AtomicOp::Xor => BinaryOp::Xor,
    }
}
