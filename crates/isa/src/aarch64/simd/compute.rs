//! Integer arithmetic on the lanes of vector registers.

use super::instruction::{Across, Compare, Permute, Shift, Slot, Three, Two};
use crate::aarch64::lower::Lower;
use execution::micro::{Micro, Temp};
use execution::{BinaryOp, UnaryOp, Value};

/// A byte in every byte.
fn bytes(byte: u8) -> Value {
    Value::Int(u128::from_ne_bytes([byte; 16]))
}

impl Lower<'_, '_> {
    pub(super) fn three(&mut self, op: Three, target: &Slot<'_>, left: &Slot<'_>, right: &Slot<'_>) {
        let (a, b) = (self.read_slot(left), self.read_slot(right));
        let width = target.bits();
        let result = match op {
            Three::Bitwise(op) => self.bin(op, width, a, b),
            Three::OrNot => {
                let b = self.un(UnaryOp::Not, width, b);
                self.bin(BinaryOp::Or, width, a, b)
            }
            Three::Select => {
                let mask = self.read_slot(target);
                self.choose(width, mask, a, b)
            }
            Three::InsertIfTrue => {
                let old = self.read_slot(target);
                self.choose(width, b, a, old)
            }
            Three::InsertIfFalse => {
                let old = self.read_slot(target);
                self.choose(width, b, old, a)
            }
            Three::Lanes(op) => self.each_pair(target, a, b, |lower, bits, a, b| lower.bin(op, bits, a, b)),
            Three::Accumulate(op) => {
                let old = self.read_slot(target);
                let products =
                    self.each_pair(target, a, b, |lower, bits, a, b| lower.bin(BinaryOp::Mul, bits, a, b));
                self.each_pair(target, old, products, |lower, bits, a, b| lower.bin(op, bits, a, b))
            }
            Three::Compare(op) => {
                self.each_pair(target, a, b, |lower, bits, a, b| lower.compare_lane(op, bits, a, b))
            }
            Three::Pairs(op) => {
                let mut lanes = self.lanes(a, target);
                lanes.extend(self.lanes(b, target));
                let bits = target.lanes().size.bits();
                let folded: Vec<Temp> =
                    lanes.chunks(2).map(|pair| self.bin(op, bits, pair[0], pair[pair.len() - 1])).collect();
                self.join(&folded, bits)
            }
            Three::Permute(order) => {
                let (a, b) = (self.lanes(a, target), self.lanes(b, target));
                self.join(&permuted(order, &a, &b), target.lanes().size.bits())
            }
        };
        self.write_slot(target, result);
    }

    /// Bits of `then` where the mask has ones, else of `otherwise`.
    fn choose(&mut self, width: u8, mask: Temp, then: Temp, otherwise: Temp) -> Temp {
        let kept = self.bin(BinaryOp::And, width, then, mask);
        let rest = self.bin(BinaryOp::AndNot, width, otherwise, mask);
        self.bin(BinaryOp::Or, width, kept, rest)
    }

    fn each_pair(
        &mut self,
        shape: &Slot<'_>,
        a: Temp,
        b: Temp,
        op: impl Fn(&mut Self, u8, Temp, Temp) -> Temp,
    ) -> Temp {
        let bits = shape.lanes().size.bits();
        let (a, b) = (self.lanes(a, shape), self.lanes(b, shape));
        let results: Vec<Temp> = a.into_iter().zip(b).map(|(a, b)| op(self, bits, a, b)).collect();
        self.join(&results, bits)
    }

    fn each(&mut self, shape: &Slot<'_>, value: Temp, op: impl Fn(&mut Self, u8, Temp) -> Temp) -> Temp {
        let bits = shape.lanes().size.bits();
        let lanes = self.lanes(value, shape);
        let results: Vec<Temp> = lanes.into_iter().map(|lane| op(self, bits, lane)).collect();
        self.join(&results, bits)
    }

    /// All ones where the comparison holds, else zeros.
    fn compare_lane(&mut self, op: Compare, bits: u8, a: Temp, b: Temp) -> Temp {
        let holds = match op {
            Compare::Equal => self.bin(BinaryOp::Eq, bits, a, b),
            Compare::GreaterSigned => self.bin(BinaryOp::LtSigned, bits, b, a),
            Compare::GreaterEqualSigned => self.bin(BinaryOp::LeSigned, bits, b, a),
            Compare::LessSigned => self.bin(BinaryOp::LtSigned, bits, a, b),
            Compare::LessEqualSigned => self.bin(BinaryOp::LeSigned, bits, a, b),
            Compare::GreaterUnsigned => self.bin(BinaryOp::LtUnsigned, bits, b, a),
            Compare::GreaterEqualUnsigned => self.bin(BinaryOp::LeUnsigned, bits, b, a),
            Compare::Test => {
                let common = self.bin(BinaryOp::And, bits, a, b);
                let zero = self.number(0);
                self.bin(BinaryOp::Ne, bits, common, zero)
            }
        };
        self.un(UnaryOp::Neg, bits, holds)
    }

    pub(super) fn compare_zero(&mut self, op: Compare, target: &Slot<'_>, source: &Slot<'_>) {
        let (value, zero) = (self.read_slot(source), self.number(0));
        let result = self.each(target, value, |lower, bits, lane| lower.compare_lane(op, bits, lane, zero));
        self.write_slot(target, result);
    }

    pub(super) fn two(&mut self, op: Two, target: &Slot<'_>, source: &Slot<'_>) {
        let value = self.read_slot(source);
        let result = match op {
            Two::Not => self.un(UnaryOp::Not, source.bits(), value),
            Two::Negate => self.each(source, value, |lower, bits, lane| lower.un(UnaryOp::Neg, bits, lane)),
            Two::Absolute => self.each(source, value, |lower, bits, lane| {
                let zero = lower.number(0);
                let cond = lower.bin(BinaryOp::LtSigned, bits, lane, zero);
                let then = lower.un(UnaryOp::Neg, bits, lane);
                let dst = lower.temp();
                lower.push(Micro::IfThenElse { dst, cond, then, otherwise: lane });
                dst
            }),
            Two::CountOnes => self.count_ones(source.bits(), value),
            Two::CountLeadingZeros => {
                self.each(source, value, |lower, bits, lane| lower.un(UnaryOp::CountLeadingZeros, bits, lane))
            }
            Two::ReverseBits => {
                self.each(source, value, |lower, bits, lane| lower.un(UnaryOp::ReverseBits, bits, lane))
            }
            Two::ReverseIn(unit) => {
                let lanes = self.lanes(value, source);
                let bits = source.lanes().size.bits();
                let in_unit = usize::from((unit / bits).max(1));
                let reversed: Vec<Temp> =
                    lanes.chunks(in_unit).flat_map(|unit| unit.iter().rev().copied()).collect();
                self.join(&reversed, bits)
            }
            Two::Narrow => self.narrowed(value, target, source, 0),
        };
        self.write_slot(target, result);
    }

    /// The number of ones in each byte.
    fn count_ones(&mut self, width: u8, value: Temp) -> Temp {
        let [odd, pairs, nibbles] = [0x55, 0x33, 0x0f].map(|byte| self.constant(bytes(byte)));
        let [one, two, four] = [1, 2, 4].map(|distance| self.number(distance));
        let high = self.bin(BinaryOp::ShrLogical, width, value, one);
        let high = self.bin(BinaryOp::And, width, high, odd);
        let by_two = self.bin(BinaryOp::Sub, width, value, high);
        let high = self.bin(BinaryOp::ShrLogical, width, by_two, two);
        let high = self.bin(BinaryOp::And, width, high, pairs);
        let low = self.bin(BinaryOp::And, width, by_two, pairs);
        let by_four = self.bin(BinaryOp::Add, width, low, high);
        let high = self.bin(BinaryOp::ShrLogical, width, by_four, four);
        let sum = self.bin(BinaryOp::Add, width, by_four, high);
        self.bin(BinaryOp::And, width, sum, nibbles)
    }

    /// The low half of each lane, after a shift to the right.
    fn narrowed(&mut self, value: Temp, target: &Slot<'_>, source: &Slot<'_>, distance: u8) -> Temp {
        let (wide, narrow) = (source.lanes().size.bits(), target.lanes().size.bits());
        let distance = self.number(distance.into());
        let mut lanes = self.lanes(value, source);
        for lane in &mut lanes {
            *lane = self.bin(BinaryOp::ShrLogical, wide, *lane, distance);
            *lane = self.un(UnaryOp::Mask, narrow, *lane);
        }
        self.join(&lanes, narrow)
    }

    pub(super) fn shift_lanes(&mut self, op: Shift, target: &Slot<'_>, source: &Slot<'_>, distance: u8) {
        let value = self.read_slot(source);
        let result = match op {
            Shift::Lanes(op) => {
                let distance = self.number(distance.into());
                self.each(source, value, |lower, bits, lane| lower.bin(op, bits, lane, distance))
            }
            Shift::Narrow => self.narrowed(value, target, source, distance),
            Shift::Widen { signed } => {
                let (narrow, wide) = (source.lanes().size.bits(), target.lanes().size.bits());
                let distance = self.number(distance.into());
                let mut lanes = self.lanes(value, source);
                for lane in &mut lanes {
                    if signed {
                        *lane = self.sign_extend(*lane, narrow, wide);
                    }
                    *lane = self.bin(BinaryOp::Shl, wide, *lane, distance);
                }
                self.join(&lanes, wide)
            }
        };
        self.write_slot(target, result);
    }

    pub(super) fn across(&mut self, op: Across, target: &Slot<'_>, source: &Slot<'_>) {
        let value = self.read_slot(source);
        let mut lanes = self.lanes(value, source);
        let (from, to) = (source.lanes().size.bits(), target.bits());
        if let Across::LongSum { signed: true } = op {
            lanes.iter_mut().for_each(|lane| *lane = self.sign_extend(*lane, from, to));
        }
        let (op, width) = match op {
            Across::Fold(op) => (op, from),
            Across::LongSum { .. } => (BinaryOp::Add, to),
        };
        let mut rest = lanes.into_iter();
        let Some(first) = rest.next() else { return };
        let result = rest.fold(first, |all, lane| self.bin(op, width, all, lane));
        self.write_slot(target, result);
    }

    /// `EXT`: bytes from a place in the left vector on, and then of the right.
    pub(super) fn extract_bytes(&mut self, target: &Slot<'_>, left: &Slot<'_>, right: &Slot<'_>, index: u8) {
        let (a, b) = (self.read_slot(left), self.read_slot(right));
        let width = target.bits();
        let (down, up) =
            (self.number(i64::from(index) * 8), self.number(i64::from(width) - i64::from(index) * 8));
        let low = self.bin(BinaryOp::ShrLogical, width, a, down);
        let high = self.bin(BinaryOp::Shl, width, b, up);
        let result = self.bin(BinaryOp::Or, width, low, high);
        self.write_slot(target, result);
    }
}

fn permuted(order: Permute, a: &[Temp], b: &[Temp]) -> Vec<Temp> {
    let half = a.len() / 2;
    let zip = |a: &[Temp], b: &[Temp]| a.iter().zip(b).flat_map(|(a, b)| [*a, *b]).collect();
    let every_second = |from: usize| a.iter().chain(b).skip(from).step_by(2).copied().collect();
    let transpose = |from: usize| {
        let pairs = a.iter().skip(from).step_by(2).zip(b.iter().skip(from).step_by(2));
        pairs.flat_map(|(a, b)| [*a, *b]).collect()
    };
    match order {
        Permute::ZipLow => zip(&a[..half], &b[..half]),
        Permute::ZipHigh => zip(&a[half..], &b[half..]),
        Permute::UnzipEven => every_second(0),
        Permute::UnzipOdd => every_second(1),
        Permute::TransposeEven => transpose(0),
        Permute::TransposeOdd => transpose(1),
    }
}
