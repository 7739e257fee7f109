//! Lanes of vector registers, and copies between them and other registers.

use super::instruction::{Simd, Slot};
use crate::aarch64::lower::Lower;
use execution::micro::{Port, Temp};
use execution::{BinaryOp, UnaryOp, Value};

/// The low `bits` bits set.
pub(super) fn ones(bits: u8) -> u128 {
    u128::MAX >> (128 - u32::from(bits))
}

impl Lower<'_, '_> {
    /// The micro-operations of an instruction on vector registers.
    pub(in crate::aarch64) fn simd(&mut self, instruction: &Simd<'_>) {
        match instruction {
            Simd::Load { tags, target, address, .. } => self.load_scalars(*tags, &[*target], address),
            Simd::Store { tags, source, address, .. } => self.store_scalars(*tags, &[*source], address),
            Simd::LoadPair { tags, targets, address, .. } => self.load_scalars(*tags, targets, address),
            Simd::StorePair { tags, sources, address, .. } => self.store_scalars(*tags, sources, address),
            Simd::LoadStructures { tags, list, address, .. } => self.load_structures(*tags, list, address),
            Simd::StoreStructures { tags, list, address, .. } => self.store_structures(*tags, list, address),
            Simd::Copy { signed, target, source, .. } => self.copy(*signed, target, source),
            Simd::Immediate { target, bits, .. } => {
                let value = self.constant(Value::Int(*bits));
                self.write_slot(target, value);
            }
            Simd::Three { op, target, left, right, .. } => self.three(*op, target, left, right),
            Simd::Extract { target, left, right, index } => {
                self.extract_bytes(
                    &Slot::Vector(*target),
                    &Slot::Vector(*left),
                    &Slot::Vector(*right),
                    *index,
                );
            }
            Simd::Two { op, target, source, .. } => self.two(*op, target, source),
            Simd::CompareZero { op, target, source, .. } => self.compare_zero(*op, target, source),
            Simd::Shift { op, target, source, distance, .. } => {
                self.shift_lanes(*op, target, source, *distance);
            }
            Simd::Across { op, target, source, .. } => {
                self.across(*op, &Slot::Scalar(*target), &Slot::Vector(*source));
            }
        }
    }

    /// A lane of a register's value.
    pub(super) fn lane(&mut self, value: Temp, index: u8, bits: u8) -> Temp {
        if bits >= 128 {
            return value;
        }
        let distance = i64::from(index) * i64::from(bits);
        let low = match distance {
            0 => value,
            _ => {
                let distance = self.number(distance);
                self.bin(BinaryOp::ShrLogical, 128, value, distance)
            }
        };
        self.un(UnaryOp::Mask, bits, low)
    }

    /// All lanes of a value.
    pub(super) fn lanes(&mut self, value: Temp, slot: &Slot<'_>) -> Vec<Temp> {
        let lanes = slot.lanes();
        (0..lanes.count).map(|index| self.lane(value, index, lanes.size.bits())).collect()
    }

    /// A value of these lanes; none has bits that do not fit.
    pub(super) fn join(&mut self, lanes: &[Temp], bits: u8) -> Temp {
        let mut all = None;
        for (index, lane) in lanes.iter().enumerate() {
            let moved = match index {
                0 => *lane,
                _ => {
                    let distance = self.number(index as i64 * i64::from(bits));
                    self.bin(BinaryOp::Shl, 128, *lane, distance)
                }
            };
            all = Some(match all {
                None => moved,
                Some(others) => self.bin(BinaryOp::Or, 128, others, moved),
            });
        }
        all.unwrap_or_else(|| self.constant(Value::ZERO))
    }

    /// A value with one of its lanes replaced.
    pub(super) fn with_lane(&mut self, old: Temp, index: u8, bits: u8, lane: Temp) -> Temp {
        let distance = u32::from(index) * u32::from(bits);
        let hole = self.constant(Value::Int(ones(bits) << distance));
        let rest = self.bin(BinaryOp::AndNot, 128, old, hole);
        let distance = self.number(i64::from(distance));
        let moved = self.bin(BinaryOp::Shl, 128, lane, distance);
        self.bin(BinaryOp::Or, 128, rest, moved)
    }

    /// What a slot holds, without what it does not show.
    pub(super) fn read_slot(&mut self, slot: &Slot<'_>) -> Temp {
        match slot {
            Slot::General(register) => {
                let value = self.read(*register, Port::Plain);
                if slot.bits() < 64 { self.un(UnaryOp::Mask, slot.bits(), value) } else { value }
            }
            Slot::Scalar(scalar) => {
                let value = self.read_reg(scalar.vreg.reg(), Port::Plain).0;
                self.lane(value, 0, slot.bits())
            }
            Slot::Element(element) => {
                let value = self.read_reg(element.vreg.reg(), Port::Plain).0;
                self.lane(value, element.index, slot.bits())
            }
            Slot::Vector(vector) => {
                let value = self.read_reg(vector.vreg.reg(), Port::Plain).0;
                self.lane(value, 0, slot.bits())
            }
        }
    }

    /// Writes a value that fits; the rest of a vector register becomes zero, but for that of a lane's.
    pub(super) fn write_slot(&mut self, slot: &Slot<'_>, value: Temp) {
        match slot {
            Slot::General(register) => {
                self.write(*register, value);
            }
            Slot::Scalar(scalar) => {
                self.write_reg(scalar.vreg.reg(), value);
            }
            Slot::Vector(vector) => {
                self.write_reg(vector.vreg.reg(), value);
            }
            Slot::Element(element) => {
                let old = self.read_reg(element.vreg.reg(), Port::Plain).0;
                let new = self.with_lane(old, element.index, element.size.bits(), value);
                self.write_reg(element.vreg.reg(), new);
            }
        }
    }

    fn copy(&mut self, signed: bool, target: &Slot<'_>, source: &Slot<'_>) {
        let value = self.read_slot(source);
        let result = match (target, source) {
            (Slot::General(register), _) if signed => {
                self.sign_extend(value, source.bits(), register.width.bits())
            }
            (Slot::Vector(vector), Slot::General(_) | Slot::Element(_)) => {
                let bits = vector.lanes.size.bits();
                let lane = if bits < source.bits() { self.un(UnaryOp::Mask, bits, value) } else { value };
                self.join(&vec![lane; usize::from(vector.lanes.count)], bits)
            }
            (Slot::Element(element), Slot::General(_)) if element.size.bits() < source.bits() => {
                self.un(UnaryOp::Mask, element.size.bits(), value)
            }
            _ => value,
        };
        self.write_slot(target, result);
    }
}
