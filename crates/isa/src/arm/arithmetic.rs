//! Arithmetic and the flags.

use super::instruction::{
    AluOp, BitFieldOp, CompareOp, Distance, Extend, LongOp, MultiplyOp, Operand, Parallel, ShiftOp, Unary,
};
use super::micro::{Lower, WORD};
use super::register::{C, GE, N, Register, V, Z};
use execution::micro::{Port, Temp};
use execution::{BinaryOp, UnaryOp};

/// The last operand: its value, and the carry that its shift leaves, if it has one.
struct Shifted {
    value: Temp,
    carry: Option<Temp>,
}

/// What an operation leaves in the flags beside N and Z. `None`: nothing.
struct CarryOverflow {
    carry: Option<Temp>,
    overflow: Option<Temp>,
}

/// The register that is added to the program counter. An address relative to it is the whole address already.
fn relative<'a>(op: AluOp, left: Register<'a>, right: Operand<'a>) -> Option<Register<'a>> {
    match right {
        Operand::Register(right) if op == AluOp::Add && left.is_program_counter() => Some(right),
        Operand::Register(right) if op == AluOp::Add && right.is_program_counter() => Some(left),
        _ => None,
    }
}

impl Lower<'_, '_> {
    pub(super) fn alu(
        &mut self,
        op: AluOp,
        flags: bool,
        target: Register<'_>,
        left: Register<'_>,
        right: Operand<'_>,
    ) {
        if let Some(relative) = relative(op, left, right) {
            let address = self.read(relative);
            return self.write(target, address);
        }
        let a = self.read(left);
        let b = self.operand(right, flags);
        let (result, rest) = self.alu_result(op, flags, a, b);
        if flags {
            self.write_flags(result, None, rest);
        }
        self.write(target, result);
    }

    /// The result, and the other flags if they are wanted.
    fn alu_result(&mut self, op: AluOp, flags: bool, a: Temp, b: Shifted) -> (Temp, CarryOverflow) {
        let logical = match op {
            AluOp::And => Some(BinaryOp::And),
            AluOp::Bic => Some(BinaryOp::AndNot),
            AluOp::Orr => Some(BinaryOp::Or),
            AluOp::Eor => Some(BinaryOp::Xor),
            _ => None,
        };
        if let Some(op) = logical {
            let result = self.emit.binary(op, WORD, a, b.value);
            return (result, CarryOverflow { carry: b.carry, overflow: None });
        }
        if op == AluOp::Orn {
            let not = self.emit.unary(UnaryOp::Not, WORD, b.value);
            let result = self.emit.binary(BinaryOp::Or, WORD, a, not);
            return (result, CarryOverflow { carry: b.carry, overflow: None });
        }
        match op {
            AluOp::Add => self.sum(flags, a, b.value),
            AluOp::Sub => self.difference(flags, a, b.value),
            AluOp::Rsb => self.difference(flags, b.value, a),
            AluOp::Adc => self.sum_with_carry(flags, a, b.value),
            AluOp::Sbc => {
                let not = self.emit.unary(UnaryOp::Not, WORD, b.value);
                self.sum_with_carry(flags, a, not)
            }
            _ => {
                let not = self.emit.unary(UnaryOp::Not, WORD, a);
                self.sum_with_carry(flags, b.value, not)
            }
        }
    }

    fn sum(&mut self, flags: bool, a: Temp, b: Temp) -> (Temp, CarryOverflow) {
        let result = self.emit.binary(BinaryOp::Add, WORD, a, b);
        let carry = flags.then(|| self.emit.binary(BinaryOp::LtUnsigned, WORD, result, a));
        let overflow = flags.then(|| self.sum_overflow(a, b, result));
        (result, CarryOverflow { carry, overflow })
    }

    /// Compares instead of subtracting where it can: addresses can be compared, too.
    fn difference(&mut self, flags: bool, a: Temp, b: Temp) -> (Temp, CarryOverflow) {
        let result = self.emit.binary(BinaryOp::Sub, WORD, a, b);
        if !flags {
            return (result, CarryOverflow { carry: None, overflow: None });
        }
        let carry = self.emit.binary(BinaryOp::LeUnsigned, WORD, b, a);
        let less = self.emit.binary(BinaryOp::LtSigned, WORD, a, b);
        let negative = self.sign(result);
        let overflow = self.emit.binary(BinaryOp::Xor, 1, negative, less);
        (result, CarryOverflow { carry: Some(carry), overflow: Some(overflow) })
    }

    fn sum_with_carry(&mut self, flags: bool, a: Temp, b: Temp) -> (Temp, CarryOverflow) {
        let carry = self.flag(C);
        let sum = self.emit.binary(BinaryOp::Add, WORD, a, b);
        let result = self.emit.binary(BinaryOp::Add, WORD, sum, carry);
        if !flags {
            return (result, CarryOverflow { carry: None, overflow: None });
        }
        // A carry comes out if one comes out of `a + b`, or if the one that comes in makes one.
        let first = self.emit.binary(BinaryOp::LtUnsigned, WORD, sum, a);
        let second = self.emit.binary(BinaryOp::LtUnsigned, WORD, result, sum);
        let carry = self.emit.binary(BinaryOp::Or, 1, first, second);
        let overflow = self.sum_overflow(a, b, result);
        (result, CarryOverflow { carry: Some(carry), overflow: Some(overflow) })
    }

    /// Whether the sign of a sum differs from the signs of both operands.
    fn sum_overflow(&mut self, a: Temp, b: Temp, result: Temp) -> Temp {
        let from_a = self.emit.binary(BinaryOp::Xor, WORD, a, result);
        let from_b = self.emit.binary(BinaryOp::Xor, WORD, b, result);
        let both = self.emit.binary(BinaryOp::And, WORD, from_a, from_b);
        self.sign(both)
    }

    fn sign(&mut self, value: Temp) -> Temp {
        self.emit.binary_number(BinaryOp::ShrLogical, WORD, value, 31)
    }

    /// Writes N and Z after `result`, and what else there is. `zero` is Z, where it is known otherwise.
    fn write_flags(&mut self, result: Temp, zero: Option<Temp>, rest: CarryOverflow) {
        let negative = self.sign(result);
        let zero = zero.unwrap_or_else(|| self.emit.unary(UnaryOp::IsZero, WORD, result));
        self.emit.write(N, negative);
        self.emit.write(Z, zero);
        if let Some(carry) = rest.carry {
            self.emit.write(C, carry);
        }
        if let Some(overflow) = rest.overflow {
            self.emit.write(V, overflow);
        }
    }

    pub(super) fn compare(&mut self, op: CompareOp, left: Register<'_>, right: Operand<'_>) {
        let a = self.read(left);
        let b = self.operand(right, true);
        let value = b.value;
        let alu = match op {
            CompareOp::Cmp => AluOp::Sub,
            CompareOp::Cmn => AluOp::Add,
            CompareOp::Tst => AluOp::And,
            CompareOp::Teq => AluOp::Eor,
        };
        let (result, rest) = self.alu_result(alu, true, a, b);
        // Equality is defined on addresses too, a difference of addresses is not always.
        let equality = matches!(op, CompareOp::Cmp | CompareOp::Teq);
        let zero = equality.then(|| self.emit.binary(BinaryOp::Eq, WORD, a, value));
        self.write_flags(result, zero, rest);
    }

    pub(super) fn move_to(&mut self, not: bool, flags: bool, target: Register<'_>, source: Operand<'_>) {
        let source = self.operand(source, flags);
        let result = if not { self.emit.unary(UnaryOp::Not, WORD, source.value) } else { source.value };
        if flags {
            self.write_flags(result, None, CarryOverflow { carry: source.carry, overflow: None });
        }
        self.write(target, result);
    }

    /// The last operand of arithmetic; `carry`: whether the carry of its shift is wanted.
    fn operand(&mut self, operand: Operand<'_>, carry: bool) -> Shifted {
        match operand {
            Operand::Immediate(number) => Shifted { value: self.number(number), carry: None },
            Operand::Register(register) => Shifted { value: self.read(register), carry: None },
            Operand::Shifted { register, op, distance: Distance::Immediate(distance) } => {
                let source = self.read(register);
                let by = self.emit.number(distance.into());
                let shifts = distance != 0 || op == ShiftOp::Rrx;
                let carry = (carry && shifts).then(|| self.shift_carry(op, source, by));
                Shifted { value: self.shifted(op, source, distance.into()), carry }
            }
            Operand::Shifted { register, op, distance: Distance::Register(distance) } => {
                let source = self.read(register);
                let whole = self.read(distance);
                let by = self.emit.zero_extend(8, whole);
                let value = self.shifted_by(op, source, by);
                let carry = carry.then(|| {
                    let none = self.emit.unary(UnaryOp::IsZero, 8, by);
                    let old = self.flag(C);
                    let new = self.shift_carry(op, source, by);
                    self.emit.if_then_else(none, old, new)
                });
                Shifted { value, carry }
            }
        }
    }

    /// A value shifted by a known distance.
    pub(super) fn shifted(&mut self, op: ShiftOp, value: Temp, distance: i64) -> Temp {
        if distance == 0 && op != ShiftOp::Rrx {
            return value;
        }
        let by = self.emit.number(distance);
        self.shifted_by(op, value, by)
    }

    fn shifted_by(&mut self, op: ShiftOp, value: Temp, by: Temp) -> Temp {
        let op = match op {
            ShiftOp::Lsl => BinaryOp::Shl,
            ShiftOp::Lsr => BinaryOp::ShrLogical,
            ShiftOp::Asr => BinaryOp::ShrArithmetic,
            ShiftOp::Ror => BinaryOp::RotateRight,
            ShiftOp::Rrx => {
                let carry = self.flag(C);
                let top = self.emit.binary_number(BinaryOp::Shl, WORD, carry, 31);
                let rest = self.emit.binary_number(BinaryOp::ShrLogical, WORD, value, 1);
                return self.emit.binary(BinaryOp::Or, WORD, top, rest);
            }
        };
        self.emit.binary(op, WORD, value, by)
    }

    /// The last bit that a shift by at least one moves out.
    fn shift_carry(&mut self, op: ShiftOp, value: Temp, by: Temp) -> Temp {
        let wide = 2 * WORD;
        let bit = match op {
            ShiftOp::Lsl => {
                let moved = self.emit.binary(BinaryOp::Shl, wide, value, by);
                self.emit.binary_number(BinaryOp::ShrLogical, wide, moved, WORD.into())
            }
            ShiftOp::Lsr | ShiftOp::Asr => {
                let arithmetic = op == ShiftOp::Asr;
                let value = if arithmetic { self.emit.sign_extend(WORD, value) } else { value };
                let op = if arithmetic { BinaryOp::ShrArithmetic } else { BinaryOp::ShrLogical };
                let twice = self.emit.binary_number(BinaryOp::Shl, wide, value, 1);
                self.emit.binary(op, wide, twice, by)
            }
            ShiftOp::Ror => {
                let rotated = self.emit.binary(BinaryOp::RotateRight, WORD, value, by);
                self.sign(rotated)
            }
            ShiftOp::Rrx => value,
        };
        self.emit.zero_extend(1, bit)
    }

    pub(super) fn multiply(
        &mut self,
        op: MultiplyOp,
        flags: bool,
        target: Register<'_>,
        factors: [Register<'_>; 2],
        sum: Option<Register<'_>>,
    ) {
        let [a, b] = factors.map(|register| self.read(register));
        let product = if op == MultiplyOp::Smmul { BinaryOp::MulHighSigned } else { BinaryOp::Mul };
        let product = self.emit.binary(product, WORD, a, b);
        let result = match sum {
            None => product,
            Some(sum) => {
                let sum = self.read(sum);
                let op = if op == MultiplyOp::Mls { BinaryOp::Sub } else { BinaryOp::Add };
                self.emit.binary(op, WORD, sum, product)
            }
        };
        if flags {
            self.write_flags(result, None, CarryOverflow { carry: None, overflow: None });
        }
        self.write(target, result);
    }

    pub(super) fn multiply_long(
        &mut self,
        op: LongOp,
        flags: bool,
        [low, high]: [Register<'_>; 2],
        factors: [Register<'_>; 2],
    ) {
        let wide = 2 * WORD;
        let [a, b] = factors.map(|register| {
            let value = self.read(register);
            if op.signed { self.emit.sign_extend(WORD, value) } else { value }
        });
        let mut product = self.emit.binary(BinaryOp::Mul, wide, a, b);
        if op.accumulate {
            let (l, h) = (self.read(low), self.read(high));
            let moved = self.emit.binary_number(BinaryOp::Shl, wide, h, WORD.into());
            let sum = self.emit.binary(BinaryOp::Or, wide, moved, l);
            product = self.emit.binary(BinaryOp::Add, wide, sum, product);
        }
        let upper = self.emit.binary_number(BinaryOp::ShrLogical, wide, product, WORD.into());
        let lower = self.emit.zero_extend(WORD, product);
        if flags {
            let zero = self.emit.unary(UnaryOp::IsZero, wide, product);
            self.write_flags(upper, Some(zero), CarryOverflow { carry: None, overflow: None });
        }
        self.write(low, lower);
        self.write(high, upper);
    }

    pub(super) fn unary(&mut self, op: Unary, target: Register<'_>, source: Register<'_>) {
        let value = self.read(source);
        let result = match op {
            Unary::Simple(op) => self.emit.unary(op, WORD, value),
            Unary::ReverseInHalves => {
                let reversed = self.emit.unary(UnaryOp::ReverseBytes, WORD, value);
                self.emit.binary_number(BinaryOp::RotateRight, WORD, reversed, 16)
            }
            Unary::ReverseSignedHalf => {
                let reversed = self.emit.unary(UnaryOp::ReverseBytes, WORD, value);
                self.emit.binary_number(BinaryOp::ShrArithmetic, WORD, reversed, 16)
            }
        };
        self.write(target, result);
    }

    /// The low bits of a word, with their sign or zeros.
    fn extended(&mut self, extend: Extend, value: Temp) -> Temp {
        if extend.signed {
            let wide = self.emit.sign_extend(extend.bits, value);
            self.emit.zero_extend(WORD, wide)
        } else {
            self.emit.zero_extend(extend.bits, value)
        }
    }

    pub(super) fn extend(
        &mut self,
        extend: Extend,
        target: Register<'_>,
        sum: Option<Register<'_>>,
        source: Register<'_>,
        rotate: u8,
    ) {
        let sum = sum.map(|sum| self.read(sum));
        let value = self.read(source);
        let rotated = self.shifted(ShiftOp::Ror, value, rotate.into());
        let extended = self.extended(extend, rotated);
        let result = match sum {
            Some(sum) => self.emit.binary(BinaryOp::Add, WORD, sum, extended),
            None => extended,
        };
        self.write(target, result);
    }

    pub(super) fn bit_field(
        &mut self,
        op: BitFieldOp,
        target: Register<'_>,
        source: Option<Register<'_>>,
        lsb: u8,
        width: u8,
    ) {
        let mask = (1i64 << width) - 1;
        let source = source.map(|source| self.read(source));
        let result = match op {
            BitFieldOp::Ubfx | BitFieldOp::Sbfx => {
                let source = source.unwrap_or(Temp(0));
                let low = self.shifted(ShiftOp::Lsr, source, lsb.into());
                self.extended(Extend { signed: op == BitFieldOp::Sbfx, bits: width }, low)
            }
            BitFieldOp::Bfi | BitFieldOp::Bfc => {
                let old = self.read(target);
                let kept = self.emit.binary_number(BinaryOp::AndNot, WORD, old, mask << lsb);
                match source {
                    None => kept,
                    Some(source) => {
                        let field = self.emit.binary_number(BinaryOp::And, WORD, source, mask);
                        let moved = self.shifted(ShiftOp::Lsl, field, lsb.into());
                        self.emit.binary(BinaryOp::Or, WORD, kept, moved)
                    }
                }
            }
        };
        self.write(target, result);
    }

    /// Sums or differences of parts, and for each byte whether its part's result is no borrow, or not negative.
    pub(super) fn parallel(
        &mut self,
        op: Parallel,
        target: Register<'_>,
        left: Register<'_>,
        right: Register<'_>,
    ) {
        let wide = 2 * WORD;
        let (a, b) = (self.read(left), self.read(right));
        let (mut result, mut greater) = (self.emit.number(0), self.emit.number(0));
        for lane in 0..WORD / op.bits {
            let from = i64::from(lane * op.bits);
            let [x, y] = [a, b].map(|value| {
                let low = self.shifted(ShiftOp::Lsr, value, from);
                if op.signed {
                    self.emit.sign_extend(op.bits, low)
                } else {
                    self.emit.zero_extend(op.bits, low)
                }
            });
            let operation = if op.subtract { BinaryOp::Sub } else { BinaryOp::Add };
            let value = self.emit.binary(operation, wide, x, y);
            let zero = self.emit.number(0);
            let reached = if op.signed || op.subtract {
                self.emit.binary(BinaryOp::LeSigned, wide, zero, value)
            } else {
                self.emit.binary_number(BinaryOp::ShrLogical, wide, value, op.bits.into())
            };
            let part = self.emit.zero_extend(op.bits, value);
            let moved = self.shifted(ShiftOp::Lsl, part, from);
            result = self.emit.binary(BinaryOp::Or, WORD, result, moved);
            let bytes = op.bits / 8;
            let ones = self.emit.binary_number(BinaryOp::Mul, WORD, reached, (1i64 << bytes) - 1);
            let bits = self.shifted(ShiftOp::Lsl, ones, i64::from(lane * bytes));
            greater = self.emit.binary(BinaryOp::Or, WORD, greater, bits);
        }
        self.emit.write(GE, greater);
        self.write(target, result);
    }

    /// Each byte from the first if its flag is set, else from the second.
    pub(super) fn select(&mut self, target: Register<'_>, left: Register<'_>, right: Register<'_>) {
        let (a, b) = (self.read(left), self.read(right));
        let flags = self.emit.read(GE, Port::Plain);
        // The four bits are brought to the lowest bit of each byte, and from there to all bits of the byte.
        let spread = self.emit.binary_number(BinaryOp::Mul, WORD, flags, 0x0020_4081);
        let lowest = self.emit.binary_number(BinaryOp::And, WORD, spread, 0x0101_0101);
        let mask = self.emit.binary_number(BinaryOp::Mul, WORD, lowest, 0xff);
        let first = self.emit.binary(BinaryOp::And, WORD, a, mask);
        let second = self.emit.binary(BinaryOp::AndNot, WORD, b, mask);
        let result = self.emit.binary(BinaryOp::Or, WORD, first, second);
        self.write(target, result);
    }
}
