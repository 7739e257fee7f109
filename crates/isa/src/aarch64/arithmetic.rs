//! Arithmetic, logic, bit fields and conditional selection.

use super::instruction::{
    Alu, AluOp, BitField, Condition, FieldNumbers, MoveWide, Multiply, Product, Rest, SelectOp, Unary,
};
use super::lower::Lower;
use super::operand::Operand;
use super::register::{C, N, Register, V, Width, Z};
use execution::micro::{EdgeKind, Ev, Micro, Port, Temp};
use execution::{BinaryOp, UnaryOp, Value};

impl Lower<'_, '_> {
    pub(super) fn alu(&mut self, alu: Alu, target: Register<'_>, left: Register<'_>, right: &Operand<'_>) {
        let width = target.width.bits();
        let a = self.read(left, Port::Plain);
        let b = self.operand(right, width);
        let result = self.alu_result(alu.op, width, a, b);
        self.write(target, result);
        if alu.flags {
            let flags = self.flags(alu.op, width, a, b, result);
            self.write_flags(flags);
        }
    }

    fn alu_result(&mut self, op: AluOp, width: u8, a: Temp, b: Temp) -> Temp {
        match op {
            AluOp::Add => self.bin(BinaryOp::Add, width, a, b),
            AluOp::Sub => self.bin(BinaryOp::Sub, width, a, b),
            AluOp::And => self.bin(BinaryOp::And, width, a, b),
            AluOp::AndNot => self.bin(BinaryOp::AndNot, width, a, b),
            AluOp::Or => self.bin(BinaryOp::Or, width, a, b),
            AluOp::Xor => self.bin(BinaryOp::Xor, width, a, b),
            AluOp::OrNot => {
                let not = self.un(UnaryOp::Not, width, b);
                self.bin(BinaryOp::Or, width, a, not)
            }
            AluOp::XorNot => {
                let not = self.un(UnaryOp::Not, width, b);
                self.bin(BinaryOp::Xor, width, a, not)
            }
            AluOp::AddCarry => {
                let (carry, _) = self.read_reg(C, Port::Plain);
                let sum = self.bin(BinaryOp::Add, width, a, b);
                self.bin(BinaryOp::Add, width, sum, carry)
            }
            AluOp::SubCarry => {
                let (carry, _) = self.read_reg(C, Port::Plain);
                let not = self.un(UnaryOp::Not, width, b);
                let sum = self.bin(BinaryOp::Add, width, a, not);
                self.bin(BinaryOp::Add, width, sum, carry)
            }
        }
    }

    /// N, Z, C, V after an operation.
    fn flags(&mut self, op: AluOp, width: u8, a: Temp, b: Temp, result: Temp) -> [Temp; 4] {
        let negative = self.sign(width, result);
        match op {
            AluOp::Sub => {
                // Equality is defined on addresses too, a difference of addresses is not always.
                let zero = self.bin(BinaryOp::Eq, width, a, b);
                let no_borrow = self.bin(BinaryOp::LeUnsigned, width, b, a);
                let less = self.bin(BinaryOp::LtSigned, width, a, b);
                let overflow = self.bin(BinaryOp::Xor, 1, negative, less);
                [negative, zero, no_borrow, overflow]
            }
            AluOp::Add => {
                let zero = self.un(UnaryOp::IsZero, width, result);
                let carry = self.bin(BinaryOp::LtUnsigned, width, result, a);
                let overflow = self.sum_overflow(width, a, b, result);
                [negative, zero, carry, overflow]
            }
            AluOp::AddCarry => self.carry_flags(width, a, b, result, negative),
            AluOp::SubCarry => {
                let not = self.un(UnaryOp::Not, width, b);
                self.carry_flags(width, a, not, result, negative)
            }
            _ => {
                let zero = self.un(UnaryOp::IsZero, width, result);
                let (carry, overflow) = (self.number(0), self.number(0));
                [negative, zero, carry, overflow]
            }
        }
    }

    /// The flags of a sum with carry: a carry comes out if one comes out of `a + b`, or the carry that comes in makes one.
    fn carry_flags(&mut self, width: u8, a: Temp, b: Temp, result: Temp, negative: Temp) -> [Temp; 4] {
        let zero = self.un(UnaryOp::IsZero, width, result);
        let sum = self.bin(BinaryOp::Add, width, a, b);
        let first = self.bin(BinaryOp::LtUnsigned, width, sum, a);
        let second = self.bin(BinaryOp::LtUnsigned, width, result, sum);
        let carry = self.bin(BinaryOp::Or, 1, first, second);
        let overflow = self.sum_overflow(width, a, b, result);
        [negative, zero, carry, overflow]
    }

    /// Whether the sign of a sum differs from the signs of both operands.
    fn sum_overflow(&mut self, width: u8, a: Temp, b: Temp, result: Temp) -> Temp {
        let from_a = self.bin(BinaryOp::Xor, width, a, result);
        let from_b = self.bin(BinaryOp::Xor, width, b, result);
        let both = self.bin(BinaryOp::And, width, from_a, from_b);
        self.sign(width, both)
    }

    fn sign(&mut self, width: u8, value: Temp) -> Temp {
        let distance = self.number(i64::from(width) - 1);
        self.bin(BinaryOp::ShrLogical, width, value, distance)
    }

    fn write_flags(&mut self, flags: [Temp; 4]) -> [Ev; 4] {
        let [n, z, c, v] = flags;
        [(N, n), (Z, z), (C, c), (V, v)].map(|(flag, value)| self.write_reg(flag, value))
    }

    pub(super) fn move_to(&mut self, target: Register<'_>, source: &Operand<'_>) {
        let value = self.operand(source, target.width.bits());
        match source {
            Operand::Register(_) => self.write_cut(target, value),
            _ => self.write(target, value),
        };
    }

    pub(super) fn move_wide(&mut self, kind: MoveWide, target: Register<'_>, immediate: i64, shift: u8) {
        let width = target.width.bits();
        let at = |bits: i64| bits.checked_shl(u32::from(shift)).unwrap_or(0);
        let value = match kind {
            MoveWide::Zero => self.constant(Value::int(at(immediate)).masked(width)),
            MoveWide::Not => self.constant(Value::int(!at(immediate)).masked(width)),
            MoveWide::Keep => {
                let old = self.read(target, Port::Plain);
                let hole = self.number(at(0xffff));
                let rest = self.bin(BinaryOp::AndNot, width, old, hole);
                let new = self.number(at(immediate & 0xffff));
                self.bin(BinaryOp::Or, width, rest, new)
            }
        };
        self.write(target, value);
    }

    pub(super) fn binary(
        &mut self,
        op: BinaryOp,
        target: Register<'_>,
        left: Register<'_>,
        right: &Operand<'_>,
    ) {
        let width = target.width.bits();
        let a = self.read(left, Port::Plain);
        let mut b = self.operand(right, width);
        let shifts = matches!(op, BinaryOp::Shl | BinaryOp::ShrLogical | BinaryOp::ShrArithmetic);
        if shifts && matches!(right, Operand::Register(_)) {
            // The distance counts modulo the width.
            b = self.un(UnaryOp::Mask, if width == 64 { 6 } else { 5 }, b);
        }
        let result = self.bin(op, width, a, b);
        self.write(target, result);
    }

    pub(super) fn unary(&mut self, op: Unary, target: Register<'_>, source: Register<'_>) {
        let width = target.width.bits();
        let value = self.read(source, Port::Plain);
        let result = match op {
            Unary::Simple(op) => self.un(op, width, value),
            Unary::ZeroExtend(from) => self.un(UnaryOp::Mask, from, value),
            Unary::SignExtend(from) => self.sign_extend(value, from, width),
            Unary::Absolute => {
                let zero = self.number(0);
                let cond = self.bin(BinaryOp::LtSigned, width, value, zero);
                let negated = self.un(UnaryOp::Neg, width, value);
                let same = self.un(UnaryOp::Mask, width, value);
                let dst = self.temp();
                self.push(Micro::IfThenElse { dst, cond, then: negated, otherwise: same });
                dst
            }
            Unary::LeadingSigns => {
                let one = self.number(1);
                let shifted = self.bin(BinaryOp::ShrArithmetic, width, value, one);
                let changes = self.bin(BinaryOp::Xor, width, value, shifted);
                let count = self.un(UnaryOp::CountLeadingZeros, width, changes);
                self.bin(BinaryOp::Sub, width, count, one)
            }
            Unary::TrailingZeros => {
                let reversed = self.un(UnaryOp::ReverseBits, width, value);
                self.un(UnaryOp::CountLeadingZeros, width, reversed)
            }
            Unary::ReverseIn(16) => self.reverse_in_halfwords(width, value),
            Unary::ReverseIn(_) => {
                // Bytes of each word: those of the whole, with the words swapped back.
                let reversed = self.un(UnaryOp::ReverseBytes, width, value);
                let half = self.number(32);
                if width == 64 { self.bin(BinaryOp::RotateRight, 64, reversed, half) } else { reversed }
            }
        };
        self.write(target, result);
    }

    fn reverse_in_halfwords(&mut self, width: u8, value: Temp) -> Temp {
        let low_bytes = self.number(0x00ff_00ff_00ff_00ff);
        let eight = self.number(8);
        let low = self.bin(BinaryOp::And, width, value, low_bytes);
        let low_up = self.bin(BinaryOp::Shl, width, low, eight);
        let high_down = self.bin(BinaryOp::ShrLogical, width, value, eight);
        let high = self.bin(BinaryOp::And, width, high_down, low_bytes);
        self.bin(BinaryOp::Or, width, low_up, high)
    }

    /// A field of `len` bits goes from bit `from` of the source to bit `to` of the target.
    pub(super) fn bit_field(
        &mut self,
        kind: BitField,
        target: Register<'_>,
        source: Register<'_>,
        first: u8,
        second: u8,
    ) {
        let width = target.width.bits();
        let (from, to, len) = match kind.numbers {
            FieldNumbers::Extract => (first, 0, second),
            FieldNumbers::Insert => (0, first, second),
            FieldNumbers::Raw if second >= first => (first, 0, second - first + 1),
            FieldNumbers::Raw => (0, width - first, second + 1),
        };
        let value = self.read(source, Port::Plain);
        let old = (kind.rest == Rest::Keep).then(|| self.read(target, Port::Plain));
        let from = self.number(from.into());
        let low = self.bin(BinaryOp::ShrLogical, width, value, from);
        let field = match kind.rest {
            Rest::Sign => self.sign_extend(low, len, width),
            Rest::Zero | Rest::Keep => self.un(UnaryOp::Mask, len, low),
        };
        let distance = self.number(to.into());
        let mut result = self.bin(BinaryOp::Shl, width, field, distance);
        if let Some(old) = old {
            let ones = if len >= 64 { -1 } else { (1i64 << len) - 1 };
            let hole = self.number(ones.checked_shl(to.into()).unwrap_or(0));
            let kept = self.bin(BinaryOp::AndNot, width, old, hole);
            result = self.bin(BinaryOp::Or, width, kept, result);
        }
        self.write(target, result);
    }

    pub(super) fn extract(&mut self, target: Register<'_>, high: Register<'_>, low: Register<'_>, lsb: u8) {
        let width = target.width.bits();
        let (h, l) = (self.read(high, Port::Plain), self.read(low, Port::Plain));
        let (right, left) = (self.number(lsb.into()), self.number((width - lsb).into()));
        let low_part = self.bin(BinaryOp::ShrLogical, width, l, right);
        let high_part = self.bin(BinaryOp::Shl, width, h, left);
        let result = self.bin(BinaryOp::Or, width, high_part, low_part);
        self.write(target, result);
    }

    pub(super) fn multiply(
        &mut self,
        kind: Multiply,
        target: Register<'_>,
        left: Register<'_>,
        right: Register<'_>,
        accumulator: Option<Register<'_>>,
    ) {
        let width = target.width.bits();
        let (mut a, mut b) = (self.read(left, Port::Plain), self.read(right, Port::Plain));
        let op = match kind.product {
            Product::HighSigned => BinaryOp::MulHighSigned,
            Product::HighUnsigned => BinaryOp::MulHighUnsigned,
            _ => BinaryOp::Mul,
        };
        if kind.product == Product::LongSigned {
            (a, b) = (self.sign_extend(a, 32, 64), self.sign_extend(b, 32, 64));
        } else if kind.product == Product::LongUnsigned {
            (a, b) = (self.un(UnaryOp::Mask, 32, a), self.un(UnaryOp::Mask, 32, b));
        }
        let product = self.bin(op, width, a, b);
        let result = match accumulator {
            Some(accumulator) => {
                let sum = self.read(accumulator, Port::Plain);
                let op = if kind.negative { BinaryOp::Sub } else { BinaryOp::Add };
                self.bin(op, width, sum, product)
            }
            None if kind.negative => self.un(UnaryOp::Neg, width, product),
            None => product,
        };
        self.write(target, result);
    }

    /// Reads the chosen register only. The choice controls that read, or the result if there is nothing to read.
    pub(super) fn select(
        &mut self,
        op: SelectOp,
        target: Register<'_>,
        then: Register<'_>,
        otherwise: Register<'_>,
        condition: Condition,
    ) {
        let cond = self.condition(condition);
        let pick = self.event();
        self.push(Micro::Pick { cond, ev: pick });
        let ways = [(true, then, SelectOp::Copy), (false, otherwise, op)].map(|(is, source, op)| {
            self.apart(|lower| {
                lower.push(Micro::Assume { cond, is });
                lower.chosen(op, target, source, pick);
            })
        });
        self.push(Micro::Alt(ways.into()));
    }

    fn chosen(&mut self, op: SelectOp, target: Register<'_>, source: Register<'_>, pick: Ev) {
        let width = target.width.bits();
        let (value, read) = self.read_event(source.gpr, Port::Plain);
        if let Some(read) = read {
            self.edge(EdgeKind::Ctrl, pick, read);
        }
        let result = match op {
            SelectOp::Copy if target.width == Width::W => self.un(UnaryOp::Mask, 32, value),
            SelectOp::Copy => value,
            SelectOp::Increment => {
                let one = self.number(1);
                self.bin(BinaryOp::Add, width, value, one)
            }
            SelectOp::Invert => self.un(UnaryOp::Not, width, value),
            SelectOp::Negate => self.un(UnaryOp::Neg, width, value),
        };
        let write = self.write(target, result);
        if let (None, Some(write)) = (read, write) {
            self.edge(EdgeKind::Ctrl, pick, write);
        }
    }

    /// `CCMP`, `CCMN`: compares if the condition holds, else sets the flags to a number.
    pub(super) fn conditional_compare(
        &mut self,
        negative: bool,
        left: Register<'_>,
        right: &Operand<'_>,
        flags: u8,
        condition: Condition,
    ) {
        let cond = self.condition(condition);
        let pick = self.event();
        self.push(Micro::Pick { cond, ev: pick });
        let compare = self.apart(|lower| {
            lower.push(Micro::Assume { cond, is: true });
            let op = if negative { AluOp::Add } else { AluOp::Sub };
            let writes = lower.compare(op, left, right);
            writes.into_iter().for_each(|write| lower.edge(EdgeKind::Ctrl, pick, write));
        });
        let otherwise = self.apart(|lower| {
            lower.push(Micro::Assume { cond, is: false });
            let bits = [3, 2, 1, 0].map(|bit| lower.number(i64::from(flags >> bit & 1)));
            let writes = lower.write_flags(bits);
            writes.into_iter().for_each(|write| lower.edge(EdgeKind::Ctrl, pick, write));
        });
        self.push(Micro::Alt(vec![compare, otherwise]));
    }

    fn compare(&mut self, op: AluOp, left: Register<'_>, right: &Operand<'_>) -> [Ev; 4] {
        let width = left.width.bits();
        let a = self.read(left, Port::Plain);
        let b = self.operand(right, width);
        let result = self.alu_result(op, width, a, b);
        let flags = self.flags(op, width, a, b, result);
        self.write_flags(flags)
    }
}
