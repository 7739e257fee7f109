//! Arithmetic and condition codes.

use super::instruction::{Code, Comparison, Op};
use super::register::CONDITION;
use crate::emit::Emit;
use execution::micro::Temp;
use execution::{BinaryOp, UnaryOp};

/// The result of an operation on two values.
pub(super) fn compute(emit: &mut Emit, op: Op, a: Temp, b: Temp) -> Temp {
    emit.binary(op.op, op.width, a, b)
}

/// A shift; the distance is taken modulo 64, whatever the width is.
pub(super) fn shift(emit: &mut Emit, op: Op, a: Temp, by: Temp) -> Temp {
    let distance = emit.binary_number(BinaryOp::And, 64, by, 63);
    emit.binary(op.op, op.width, a, distance)
}

/// Sets the condition code by a result.
pub(super) fn set_code(emit: &mut Emit, op: Op, result: Temp) {
    match op.code {
        Code::None => {}
        Code::Sign => {
            let zero = emit.number(0);
            compare(emit, Comparison { width: op.width, signed: true }, result, zero);
        }
        Code::Zero => {
            let zero = emit.unary(UnaryOp::IsZero, op.width, result);
            let code = emit.binary_number(BinaryOp::Xor, 8, zero, 1);
            emit.write(CONDITION, code);
        }
    }
}

/// Sets the condition code by a comparison: 0 for equal, 1 for less, 2 for greater.
pub(super) fn compare(emit: &mut Emit, how: Comparison, a: Temp, b: Temp) {
    let code = code(emit, how, a, b);
    emit.write(CONDITION, code);
}

/// The condition code of a comparison.
pub(super) fn code(emit: &mut Emit, how: Comparison, a: Temp, b: Temp) -> Temp {
    let less = if how.signed { BinaryOp::LtSigned } else { BinaryOp::LtUnsigned };
    let (equal, less) = (emit.binary(BinaryOp::Eq, how.width, a, b), emit.binary(less, how.width, a, b));
    let (zero, one, two) = (emit.number(0), emit.number(1), emit.number(2));
    let unequal = emit.if_then_else(less, one, two);
    emit.if_then_else(equal, zero, unequal)
}

/// Whether a mask selects a condition code. Masks have a bit for each code, that for 0 on the left.
pub(super) fn selects(emit: &mut Emit, mask: u8, code: Temp) -> Temp {
    let mask = emit.number(mask.into());
    let moved = emit.binary(BinaryOp::Shl, 8, mask, code);
    emit.binary_number(BinaryOp::And, 8, moved, 8)
}
