//! The flags: what sets them, and the conditions on them.

use super::emit::Emit;
use super::instruction::Condition;
use super::register::Flag;
use execution::micro::Temp;
use execution::{BinaryOp, UnaryOp};

impl Emit {
    /// The flags that only look at the result: ZF, SF and PF.
    pub(super) fn flags_of_result(&mut self, width: u8, result: Temp) {
        let zero = self.unary(UnaryOp::IsZero, width, result);
        self.write_flag(Flag::Zero, zero);
        self.sign_and_parity(width, result);
    }

    /// Sets SF and PF, and returns SF.
    fn sign_and_parity(&mut self, width: u8, result: Temp) -> Temp {
        let sign = self.top_bit(width, result);
        self.write_flag(Flag::Sign, sign);
        self.write_flag(Flag::Parity, result);
        sign
    }

    /// All flags of an operation that has no carry.
    pub(super) fn flags_of_logic(&mut self, width: u8, result: Temp) {
        self.flags_of_result(width, result);
        let clear = self.number(0, 1);
        self.write_flag(Flag::Carry, clear);
        self.write_flag(Flag::Overflow, clear);
    }

    /// All flags of `result = a + b`, perhaps with a carry.
    pub(super) fn flags_of_sum(&mut self, width: u8, a: Temp, b: Temp, result: Temp, carry: Temp) {
        self.flags_of_result(width, result);
        self.write_flag(Flag::Carry, carry);
        let left = self.binary(BinaryOp::Xor, width, a, result);
        let right = self.binary(BinaryOp::Xor, width, b, result);
        self.write_overflow(width, left, right);
    }

    /// All flags of `result = a - b`, perhaps with a borrow.
    pub(super) fn flags_of_borrowing(&mut self, width: u8, a: Temp, b: Temp, result: Temp, carry: Temp) {
        self.flags_of_result(width, result);
        self.write_flag(Flag::Carry, carry);
        let left = self.binary(BinaryOp::Xor, width, a, b);
        let right = self.binary(BinaryOp::Xor, width, a, result);
        self.write_overflow(width, left, right);
    }

    fn write_overflow(&mut self, width: u8, left: Temp, right: Temp) {
        let both = self.binary(BinaryOp::And, width, left, right);
        let overflow = self.top_bit(width, both);
        self.write_flag(Flag::Overflow, overflow);
    }

    /// All flags of `a - b`, which is `result`. Written with comparisons, which addresses have too. Returns ZF.
    pub(super) fn flags_of_difference(&mut self, width: u8, a: Temp, b: Temp, result: Temp) -> Temp {
        let equal = self.binary(BinaryOp::Eq, width, a, b);
        self.write_flag(Flag::Zero, equal);
        let sign = self.sign_and_parity(width, result);
        let below = self.binary(BinaryOp::LtUnsigned, width, a, b);
        self.write_flag(Flag::Carry, below);
        let less = self.binary(BinaryOp::LtSigned, width, a, b);
        let overflow = self.binary(BinaryOp::Xor, 1, less, sign);
        self.write_flag(Flag::Overflow, overflow);
        equal
    }

    /// The highest bit of a value of `width` bits.
    pub(super) fn top_bit(&mut self, width: u8, value: Temp) -> Temp {
        self.with_number(BinaryOp::ShrLogical, width, value, i64::from(width) - 1)
    }

    /// 1 where the condition holds, 0 where not.
    pub(super) fn condition(&mut self, condition: Condition) -> Temp {
        use Condition::*;
        let holds = match condition {
            Equal | NotEqual => self.read_flag(Flag::Zero),
            Below | AboveOrEqual => self.read_flag(Flag::Carry),
            BelowOrEqual | Above => {
                let (carry, zero) = (self.read_flag(Flag::Carry), self.read_flag(Flag::Zero));
                self.binary(BinaryOp::Or, 1, carry, zero)
            }
            Less | GreaterOrEqual => self.less(),
            LessOrEqual | Greater => {
                let zero = self.read_flag(Flag::Zero);
                let less = self.less();
                self.binary(BinaryOp::Or, 1, zero, less)
            }
            Sign | NotSign => self.read_flag(Flag::Sign),
            Overflow | NotOverflow => self.read_flag(Flag::Overflow),
            Parity | NotParity => self.parity(),
        };
        if condition.is_negation() { self.unary(UnaryOp::IsZero, 1, holds) } else { holds }
    }

    fn less(&mut self) -> Temp {
        let (sign, overflow) = (self.read_flag(Flag::Sign), self.read_flag(Flag::Overflow));
        self.binary(BinaryOp::Xor, 1, sign, overflow)
    }

    /// Whether the low byte of the last result has an even number of ones.
    fn parity(&mut self) -> Temp {
        let mut folded = self.read_flag(Flag::Parity);
        for distance in [4, 2, 1] {
            let high = self.with_number(BinaryOp::ShrLogical, 8, folded, distance);
            folded = self.binary(BinaryOp::Xor, 8, folded, high);
        }
        let odd = self.with_number(BinaryOp::And, 1, folded, 1);
        self.unary(UnaryOp::IsZero, 1, odd)
    }
}
