//! Arithmetic.

use super::instruction::{BitField, Op, Test, Unary};
use crate::emit::Emit;
use execution::micro::Temp;
use execution::{BinaryOp, UnaryOp};

const DOUBLE: u8 = 64;

/// The result of an operation on two 64-bit values.
pub(super) fn compute(emit: &mut Emit, op: Op, a: Temp, b: Temp) -> Temp {
    match op {
        Op::Simple(op, bits) => {
            let result = emit.binary(op, bits, a, b);
            emit.sign_extend(bits, result)
        }
        Op::Shift(op, bits) => {
            let distance = emit.binary_number(BinaryOp::And, DOUBLE, b, i64::from(bits - 1));
            let result = emit.binary(op, bits, a, distance);
            emit.sign_extend(bits, result)
        }
        Op::ShiftFar(op) => {
            let distance = emit.binary_number(BinaryOp::Add, DOUBLE, b, 32);
            emit.binary(op, DOUBLE, a, distance)
        }
        Op::Nor => {
            let or = emit.binary(BinaryOp::Or, DOUBLE, a, b);
            emit.unary(UnaryOp::Not, DOUBLE, or)
        }
        Op::ZeroIf { zero } => {
            let test = if zero { BinaryOp::Eq } else { BinaryOp::Ne };
            let cond = emit.binary_number(test, DOUBLE, b, 0);
            let none = emit.number(0);
            emit.if_then_else(cond, none, a)
        }
    }
}

/// The result of an operation on one value.
pub(super) fn unary(emit: &mut Emit, op: Unary, a: Temp) -> Temp {
    match op {
        Unary::Move => a,
        Unary::Not => emit.unary(UnaryOp::Not, DOUBLE, a),
        Unary::Negate(bits) => {
            let zero = emit.number(0);
            let result = emit.binary(BinaryOp::Sub, bits, zero, a);
            emit.sign_extend(bits, result)
        }
        Unary::SignExtend(bits) => emit.sign_extend(bits, a),
        Unary::CountLeadingZeros(bits) => emit.unary(UnaryOp::CountLeadingZeros, bits, a),
        Unary::CountLeadingOnes(bits) => {
            let not = emit.unary(UnaryOp::Not, bits, a);
            emit.unary(UnaryOp::CountLeadingZeros, bits, not)
        }
        Unary::ReverseInHalves => {
            let reversed = emit.unary(UnaryOp::ReverseBytes, 32, a);
            let halves = emit.binary_number(BinaryOp::RotateRight, 32, reversed, 16);
            emit.sign_extend(32, halves)
        }
    }
}

/// Takes a field out of `source`, or inserts it into `old`.
pub(super) fn bit_field(
    emit: &mut Emit,
    field: BitField,
    source: Temp,
    old: Option<Temp>,
    position: u8,
    size: u8,
) -> Temp {
    let mask = if size >= DOUBLE { -1 } else { (1i64 << size) - 1 };
    let result = match old {
        None => {
            let low = emit.binary_number(BinaryOp::ShrLogical, field.bits, source, position.into());
            emit.binary_number(BinaryOp::And, field.bits, low, mask)
        }
        Some(old) => {
            let kept = emit.binary_number(BinaryOp::AndNot, field.bits, old, mask << position);
            let low = emit.binary_number(BinaryOp::And, field.bits, source, mask);
            let moved = emit.binary_number(BinaryOp::Shl, field.bits, low, position.into());
            emit.binary(BinaryOp::Or, field.bits, kept, moved)
        }
    };
    emit.sign_extend(field.bits, result)
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
    emit.binary(op, DOUBLE, a, b)
}
