//! Arithmetic on values of C's types. A value of a type of `n` bits is held as its low `n` bits; addresses are whole.

use super::Lower;
use crate::c::ast::{BinaryOp, UnaryOp};
use crate::c::types::{Scalar, TypeId, TypeKind};
use execution::micro::{Micro, Temp};
use execution::{BinaryOp as Op, UnaryOp as One, Value};

/// The operation of values of that type; the operands change places if the flag says so.
fn operation(op: BinaryOp, signed: bool) -> (Op, bool) {
    let pick = |yes, no| if signed { yes } else { no };
    match op {
        BinaryOp::Add => (Op::Add, false),
        BinaryOp::Sub => (Op::Sub, false),
        BinaryOp::Mul => (Op::Mul, false),
        BinaryOp::Div => (pick(Op::DivSigned, Op::DivUnsigned), false),
        BinaryOp::Rem => (pick(Op::RemSigned, Op::RemUnsigned), false),
        BinaryOp::And => (Op::And, false),
        BinaryOp::Or => (Op::Or, false),
        BinaryOp::Xor => (Op::Xor, false),
        BinaryOp::AndNot => (Op::AndNot, false),
        BinaryOp::Shl => (Op::Shl, false),
        BinaryOp::Shr => (pick(Op::ShrArithmetic, Op::ShrLogical), false),
        BinaryOp::Eq => (Op::Eq, false),
        BinaryOp::Ne => (Op::Ne, false),
        BinaryOp::Lt => (pick(Op::LtSigned, Op::LtUnsigned), false),
        BinaryOp::Le => (pick(Op::LeSigned, Op::LeUnsigned), false),
        BinaryOp::Gt => (pick(Op::LtSigned, Op::LtUnsigned), true),
        BinaryOp::Ge => (pick(Op::LeSigned, Op::LeUnsigned), true),
    }
}

/// The right operand of an operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Right {
    pub(super) value: Temp,
    /// Its width: the distance of a shift has a type of its own.
    pub(super) bits: u8,
    /// Its value, if it is a constant.
    pub(super) known: Option<i128>,
}

impl Right {
    /// An operand of which nothing else matters.
    pub(super) fn plain(value: Temp, bits: u8) -> Right {
        Right { value, bits, known: None }
    }
}

impl Lower<'_> {
    /// A number of that many bits.
    pub(super) fn number(&mut self, number: i128, bits: u8) -> Temp {
        self.code.constant(Value::Int(number as u128).masked(bits))
    }

    /// `left op right`, both of a type.
    pub(super) fn arithmetic(&mut self, op: BinaryOp, ty: Scalar, left: Temp, right: Right) -> Temp {
        match op {
            BinaryOp::Div | BinaryOp::Rem => {
                let known = right.known.map(|divisor| divisor != 0);
                self.defined_if(known, |_| right.value, "division by zero");
            }
            BinaryOp::Shl | BinaryOp::Shr => {
                let limit = i128::from(ty.bits);
                let known = right.known.map(|distance| (0..limit).contains(&distance));
                let inside = |lower: &mut Self| {
                    let limit = lower.number(limit, right.bits);
                    lower.code.binary(Op::LtUnsigned, right.bits, right.value, limit)
                };
                self.defined_if(known, inside, "shift by a negative distance, or by the width or more");
            }
            _ => {}
        }
        let (op, swapped) = operation(op, ty.signed);
        let (left, right) = if swapped { (right.value, left) } else { (left, right.value) };
        self.code.binary(op, ty.bits, left, right)
    }

    /// Executions that get here although they must not are wrong.
    fn defined_if(&mut self, known: Option<bool>, cond: impl FnOnce(&mut Self) -> Temp, otherwise: &str) {
        let message = format!("undefined behaviour: {otherwise}");
        match known {
            Some(true) => {}
            Some(false) => self.code.fail(message),
            None => {
                let cond = cond(self);
                let before = self.code.take();
                self.code.assume(cond, true);
                let right = self.code.put_back(Vec::new());
                self.code.assume(cond, false);
                self.code.fail(message);
                let wrong = self.code.put_back(before);
                self.code.push(Micro::Alt(vec![right, wrong]));
            }
        }
    }

    /// `op a`, of a value of that type.
    pub(super) fn unary(&mut self, op: UnaryOp, ty: Scalar, a: Temp) -> Temp {
        let op = match op {
            UnaryOp::Neg => One::Neg,
            UnaryOp::Not => One::Not,
            UnaryOp::LogicalNot => One::IsZero,
        };
        self.code.unary(op, ty.bits, a)
    }

    /// 1 if the value is not zero, else 0.
    pub(super) fn truth(&mut self, bits: u8, a: Temp) -> Temp {
        let zero = self.code.constant(Value::ZERO);
        self.code.binary(Op::Ne, bits, a, zero)
    }

    /// Converts a value.
    pub(super) fn convert(&mut self, from: TypeId, to: TypeId, a: Temp) -> Temp {
        let (Some(from), Some(scalar)) = (self.unit.types.scalar(from), self.unit.types.scalar(to)) else {
            return a;
        };
        if self.unit.types.kind(to) == TypeKind::Bool {
            return self.truth(from.bits, a);
        }
        if scalar.bits > from.bits && from.signed {
            let wide = self.code.unary(One::SignExtend, from.bits, a);
            return self.code.unary(One::Mask, scalar.bits, wide);
        }
        if scalar.bits < from.bits { self.code.unary(One::Mask, scalar.bits, a) } else { a }
    }
}
