//! Arithmetic: the base instructions, M, and the parts of Zba, Zbb and Zicond that compilers use.

use super::instruction::{Op, Test, Unary, Width};
use crate::emit::Emit;
use execution::micro::Temp;
use execution::{BinaryOp, UnaryOp};

/// The result of an operation on two 64-bit values.
pub(super) fn compute(emit: &mut Emit, op: Op, a: Temp, b: Temp) -> Temp {
    match op {
        Op::Simple(op, width) => {
            let result = emit.binary(op, width.bits(), a, b);
            emit.sign_extend(width.bits(), result)
        }
        Op::Shift(op, width) => {
            let distance = emit.binary_number(BinaryOp::And, 64, b, i64::from(width.bits() - 1));
            let result = emit.binary(op, width.bits(), a, distance);
            emit.sign_extend(width.bits(), result)
        }
        Op::RotateLeft(width) => {
            let distance = emit.unary(UnaryOp::Neg, width.bits(), b);
            let result = emit.binary(BinaryOp::RotateRight, width.bits(), a, distance);
            emit.sign_extend(width.bits(), result)
        }
        Op::MulHighSignedUnsigned => {
            // As if unsigned, less what the sign bit of the first stands for.
            let unsigned = emit.binary(BinaryOp::MulHighUnsigned, 64, a, b);
            let sign = emit.binary_number(BinaryOp::ShrArithmetic, 64, a, 63);
            let excess = emit.binary(BinaryOp::And, 64, sign, b);
            emit.binary(BinaryOp::Sub, 64, unsigned, excess)
        }
        Op::Divide(op, width) => {
            let quotient = emit.binary(op, width.bits(), a, b);
            let by_zero = emit.unary(UnaryOp::IsZero, width.bits(), b);
            let all = emit.number(-1);
            let result = emit.if_then_else(by_zero, all, quotient);
            emit.sign_extend(width.bits(), result)
        }
        Op::ShiftAdd { shift, word } => {
            let index = if word { emit.zero_extend(32, a) } else { a };
            let shifted = emit.binary_number(BinaryOp::Shl, 64, index, i64::from(shift));
            emit.binary(BinaryOp::Add, 64, shifted, b)
        }
        Op::Xnor => {
            let xor = emit.binary(BinaryOp::Xor, 64, a, b);
            emit.unary(UnaryOp::Not, 64, xor)
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
        Op::ShiftLeftWord => {
            let low = emit.zero_extend(32, a);
            emit.binary(BinaryOp::Shl, 64, low, b)
        }
    }
}

/// The result of an operation on one value.
pub(super) fn unary(emit: &mut Emit, op: Unary, a: Temp) -> Temp {
    match op {
        Unary::Move => a,
        Unary::Not => emit.unary(UnaryOp::Not, 64, a),
        Unary::Negate(width) => {
            let zero = emit.number(0);
            let result = emit.binary(BinaryOp::Sub, width.bits(), zero, a);
            emit.sign_extend(width.bits(), result)
        }
        Unary::SignExtend(width) => emit.sign_extend(width.bits(), a),
        Unary::ZeroExtend(width) => emit.zero_extend(width.bits(), a),
        Unary::Test(against) => {
            let zero = emit.number(0);
            test(emit, against, a, zero)
        }
        Unary::CountLeadingZeros(width) => emit.unary(UnaryOp::CountLeadingZeros, width.bits(), a),
        Unary::CountTrailingZeros(width) => {
            let reversed = emit.unary(UnaryOp::ReverseBits, width.bits(), a);
            emit.unary(UnaryOp::CountLeadingZeros, width.bits(), reversed)
        }
        Unary::ReverseBytes => emit.unary(UnaryOp::ReverseBytes, Width::Double.bits(), a),
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
