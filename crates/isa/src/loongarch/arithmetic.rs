//! Arithmetic.

use super::instruction::{Bits, Op, Test, Unary};
use crate::emit::Emit;
use execution::micro::Temp;
use execution::{BinaryOp, UnaryOp};

/// The result of an operation on two 64-bit values.
pub(super) fn compute(emit: &mut Emit, op: Op, a: Temp, b: Temp) -> Temp {
    match op {
        Op::Simple(op, width) => {
            let result = emit.binary(op, width, a, b);
            emit.sign_extend(width, result)
        }
        Op::Shift(op, width) => {
            let distance = emit.binary_number(BinaryOp::And, 64, b, i64::from(width - 1));
            let result = emit.binary(op, width, a, distance);
            emit.sign_extend(width, result)
        }
        Op::Nor => {
            let or = emit.binary(BinaryOp::Or, 64, a, b);
            emit.unary(UnaryOp::Not, 64, or)
        }
        Op::Orn => {
            let not = emit.unary(UnaryOp::Not, 64, b);
            emit.binary(BinaryOp::Or, 64, a, not)
        }
        Op::ZeroIf { zero } => {
            let cond = emit.binary_number(if zero { BinaryOp::Eq } else { BinaryOp::Ne }, 64, b, 0);
            let none = emit.number(0);
            emit.if_then_else(cond, none, a)
        }
    }
}

/// The first shifted to be added to the second.
pub(super) fn shift_add(emit: &mut Emit, width: u8, a: Temp, b: Temp, by: i64) -> Temp {
    let shifted = emit.binary_number(BinaryOp::Shl, 64, a, by);
    let sum = emit.binary(BinaryOp::Add, width, shifted, b);
    emit.sign_extend(width, sum)
}

/// A field of bits taken out of `source`, or put into `old`.
pub(super) fn bits(
    emit: &mut Emit,
    field: Bits,
    source: Temp,
    old: Option<Temp>,
    high: i64,
    low: i64,
) -> Temp {
    let length = high - low + 1;
    let mask = if length >= 64 { -1 } else { (1 << length) - 1 };
    let result = match old {
        None => {
            let moved = emit.binary_number(BinaryOp::ShrLogical, 64, source, low);
            emit.binary_number(BinaryOp::And, 64, moved, mask)
        }
        Some(old) => {
            let kept = emit.binary_number(BinaryOp::AndNot, 64, old, mask << low);
            let cut = emit.binary_number(BinaryOp::And, 64, source, mask);
            let moved = emit.binary_number(BinaryOp::Shl, 64, cut, low);
            emit.binary(BinaryOp::Or, 64, kept, moved)
        }
    };
    emit.sign_extend(field.width, result)
}

/// The result of an operation on one value.
pub(super) fn unary(emit: &mut Emit, op: Unary, a: Temp) -> Temp {
    match op {
        Unary::Move => a,
        Unary::SignExtend(width) => emit.sign_extend(width, a),
        Unary::CountLeadingZeros(width) => emit.unary(UnaryOp::CountLeadingZeros, width, a),
        Unary::ReverseBytes(width) => emit.unary(UnaryOp::ReverseBytes, width, a),
    }
}

/// Whether the first compares so with the second: 1 or 0.
pub(super) fn test(emit: &mut Emit, test: Test, a: Temp, b: Temp) -> Temp {
    let (op, a, b) = match test {
        Test::Eq => (BinaryOp::Eq, a, b),
        Test::Ne => (BinaryOp::Ne, a, b),
        Test::Lt => (BinaryOp::LtSigned, a, b),
        Test::Le => (BinaryOp::LeSigned, a, b),
        Test::Gt => (BinaryOp::LtSigned, b, a),
        Test::Ge => (BinaryOp::LeSigned, b, a),
        Test::LtUnsigned => (BinaryOp::LtUnsigned, a, b),
        Test::LeUnsigned => (BinaryOp::LeUnsigned, a, b),
        Test::GtUnsigned => (BinaryOp::LtUnsigned, b, a),
        Test::GeUnsigned => (BinaryOp::LeUnsigned, b, a),
    };
    emit.binary(op, 64, a, b)
}
