//! Arithmetic.

use super::instruction::{Compare, ImmediateOp, Numbers, Op, Rotate, Unary};
use super::register::{EQ, GT, LT};
use crate::emit::Emit;
use execution::micro::Temp;
use execution::{BinaryOp, UnaryOp};

/// The result of an operation on two 64-bit values.
pub(super) fn compute(emit: &mut Emit, op: Op, a: Temp, b: Temp) -> Temp {
    match op {
        Op::Simple { op, width, signed } => {
            let result = emit.binary(op, width, a, b);
            if signed { emit.sign_extend(width, result) } else { result }
        }
        Op::MultiplyWords => {
            let (a, b) = (emit.sign_extend(32, a), emit.sign_extend(32, b));
            emit.binary(BinaryOp::Mul, 64, a, b)
        }
        Op::Shift { op, width } => {
            let distance = emit.binary_number(BinaryOp::And, 64, b, 2 * i64::from(width) - 1);
            let result = emit.binary(op, width, a, distance);
            if op == BinaryOp::ShrArithmetic { emit.sign_extend(width, result) } else { result }
        }
        Op::Swapped(op) => emit.binary(op, 64, b, a),
        Op::Inverted(op) => {
            let result = emit.binary(op, 64, a, b);
            emit.unary(UnaryOp::Not, 64, result)
        }
        Op::OrNot => {
            let not = emit.unary(UnaryOp::Not, 64, b);
            emit.binary(BinaryOp::Or, 64, a, not)
        }
    }
}

/// The result of an operation on a 64-bit value and a number.
pub(super) fn compute_immediate(emit: &mut Emit, op: ImmediateOp, a: Temp, number: Temp) -> Temp {
    let shifted = |emit: &mut Emit, shift: u8| {
        if shift == 0 {
            return number;
        }
        // Addresses have no halves: the high part is the whole.
        let distance = emit.number(shift.into());
        emit.binary(BinaryOp::Shl, 64, number, distance)
    };
    match op {
        ImmediateOp::Add { .. } | ImmediateOp::AddCarrying => emit.binary(BinaryOp::Add, 64, a, number),
        ImmediateOp::Subtract { shift } => {
            let number = shifted(emit, shift);
            emit.binary(BinaryOp::Sub, 64, a, number)
        }
        ImmediateOp::SubtractFrom => emit.binary(BinaryOp::Sub, 64, number, a),
        ImmediateOp::Logical { op, shift } => {
            let number = shifted(emit, shift);
            emit.binary(op, 64, a, number)
        }
        ImmediateOp::Multiply => emit.binary(BinaryOp::Mul, 64, a, number),
        ImmediateOp::ShiftArithmetic { width } => {
            let result = emit.binary(BinaryOp::ShrArithmetic, width, a, number);
            emit.sign_extend(width, result)
        }
    }
}

/// The result of an operation on one value.
pub(super) fn unary(emit: &mut Emit, op: Unary, a: Temp) -> Temp {
    match op {
        Unary::Move => a,
        Unary::Not => emit.unary(UnaryOp::Not, 64, a),
        Unary::Negate => {
            let zero = emit.number(0);
            emit.binary(BinaryOp::Sub, 64, zero, a)
        }
        Unary::SignExtend(width) => emit.sign_extend(width, a),
        Unary::CountLeadingZeros(width) => emit.unary(UnaryOp::CountLeadingZeros, width, a),
        Unary::CountTrailingZeros(width) => {
            let reversed = emit.unary(UnaryOp::ReverseBits, width, a);
            emit.unary(UnaryOp::CountLeadingZeros, width, reversed)
        }
    }
}

/// The result of a comparison: what the field of the condition register gets.
pub(super) fn compare(emit: &mut Emit, Compare { width, signed }: Compare, a: Temp, b: Temp) -> Temp {
    let less = if signed { BinaryOp::LtSigned } else { BinaryOp::LtUnsigned };
    let (same, less) = (emit.binary(BinaryOp::Eq, width, a, b), emit.binary(less, width, a, b));
    let [lt, gt, eq] = [LT, GT, EQ].map(|bit| emit.number(bit.into()));
    let different = emit.if_then_else(less, lt, gt);
    emit.if_then_else(same, eq, different)
}

/// A rotation to the left and a mask.
struct RotateMask {
    word: bool,
    distance: u8,
    mask: u64,
    insert: bool,
}

/// The bits from `first` to `last`, counted from the left, around the end if need be.
fn mask(first: u8, last: u8) -> u64 {
    let (from, to) = (u64::MAX >> first.min(63), u64::MAX << (63 - last.min(63)));
    if first <= last { from & to } else { from | to }
}

fn rotate_mask(rotate: Rotate, numbers: Numbers) -> RotateMask {
    let [n, first, last] = numbers.values;
    let of_word = |distance: u8, first: u8, last: u8, insert: bool| RotateMask {
        word: true,
        distance: distance % 32,
        mask: mask(first + 32, last + 32),
        insert,
    };
    let of_double = |distance: u8, first: u8, last: u8, insert: bool| RotateMask {
        word: false,
        distance: distance % 64,
        mask: mask(first, last),
        insert,
    };
    match rotate {
        Rotate::Word { insert } => of_word(n, first, last, insert),
        Rotate::ClearLeftWord => of_word(0, n, 31, false),
        Rotate::ClearRightWord => of_word(0, 0, 31 - n, false),
        Rotate::ShiftLeftWord => of_word(n, 0, 31 - n, false),
        Rotate::ShiftRightWord => of_word(32 - n, n, 31, false),
        Rotate::LeftWord => of_word(n, 0, 31, false),
        Rotate::DoubleLeft => of_double(n, first, 63, false),
        Rotate::DoubleRight => of_double(n, 0, first, false),
        Rotate::Double { insert } => of_double(n, first, 63 - n, insert),
        Rotate::ClearLeft => of_double(0, n, 63, false),
        Rotate::ClearRight => of_double(0, 0, 63 - n, false),
        Rotate::ShiftLeft => of_double(n, 0, 63 - n, false),
        Rotate::ShiftRight => of_double(64 - n, n, 63, false),
        Rotate::Left => of_double(n, 0, 63, false),
    }
}

/// Whether a rotation keeps bits of the destination.
pub(super) fn inserts(rotate: Rotate) -> bool {
    matches!(rotate, Rotate::Word { insert: true } | Rotate::Double { insert: true })
}

/// The result of a rotation with a mask; `old` is what the destination held, for those that insert.
pub(super) fn rotate(emit: &mut Emit, rotate: Rotate, numbers: Numbers, a: Temp, old: Option<Temp>) -> Temp {
    let RotateMask { word, distance, mask, insert } = rotate_mask(rotate, numbers);
    let width = if word { 32 } else { 64 };
    let rotated = match distance {
        0 => a,
        _ => emit.binary_number(BinaryOp::RotateRight, width, a, i64::from(width - distance)),
    };
    // A word is rotated in both halves at once; the mask says whether the upper one is seen.
    let both = if word && mask >> 32 != 0 {
        let low = emit.zero_extend(32, rotated);
        let high = emit.binary_number(BinaryOp::Shl, 64, low, 32);
        emit.binary(BinaryOp::Or, 64, low, high)
    } else {
        rotated
    };
    let kept = if (mask & mask.wrapping_add(1)) == 0 {
        emit.zero_extend(mask.count_ones() as u8, both)
    } else {
        emit.binary_number(BinaryOp::And, 64, both, mask as i64)
    };
    match old {
        Some(old) if insert => {
            let rest = emit.binary_number(BinaryOp::And, 64, old, !mask as i64);
            emit.binary(BinaryOp::Or, 64, rest, kept)
        }
        _ => kept,
    }
}
