//! Loads and stores of vector registers.

use super::instruction::{Lanes, List};
use super::register::{Scalar, Size};
use crate::aarch64::lower::Lower;
use crate::aarch64::operand::Address;
use execution::BinaryOp;
use execution::micro::{Port, Tags, Temp};

/// The address `bytes` behind another.
fn moved(lower: &mut Lower<'_, '_>, address: Temp, bytes: i64) -> Temp {
    if bytes == 0 {
        return address;
    }
    let bytes = lower.number(bytes);
    lower.bin(BinaryOp::Add, 64, address, bytes)
}

/// Where each element of a structure access is: the position of its register, its lane, its distance in bytes.
fn elements(list: &List) -> Vec<(u8, u8, i64)> {
    let (lanes, size) = match list.lanes {
        Lanes::All(lanes) => (lanes.count, lanes.size),
        Lanes::One(size, _) => (1, size),
        Lanes::Replicated(lanes) => (1, lanes.size),
    };
    let at = |position: u8| i64::from(position) * size.bytes();
    let all = (0..list.count).flat_map(|register| (0..lanes).map(move |lane| (register, lane)));
    all.map(|(register, lane)| match list.structure {
        1 => (register, lane, at(register * lanes + lane)),
        registers => (register, lane, at(lane * registers + register)),
    })
    .collect()
}

impl Lower<'_, '_> {
    /// One access, or two of 64 bits.
    fn load_scalar(&mut self, tags: Tags, address: Temp, size: Size) -> Temp {
        if size < Size::Q || self.is_wide() {
            return self.read_memory(address, size.bits(), tags).0;
        }
        let second = moved(self, address, 8);
        let low = self.read_memory(address, 64, tags).0;
        let high = self.read_memory(second, 64, tags).0;
        self.join(&[low, high], 64)
    }

    fn store_scalar(&mut self, tags: Tags, address: Temp, size: Size, value: Temp) {
        if size < Size::Q || self.is_wide() {
            self.write_memory(address, value, size.bits(), tags);
            return;
        }
        let second = moved(self, address, 8);
        let (low, high) = (self.lane(value, 0, 64), self.lane(value, 1, 64));
        self.write_memory(address, low, 64, tags);
        self.write_memory(second, high, 64, tags);
    }

    /// One register or two.
    pub(super) fn load_scalars(&mut self, tags: Tags, targets: &[Scalar], address: &Address<'_>) {
        let place = self.place(address);
        let mut values = Vec::with_capacity(2);
        let mut at = place.address;
        for (i, target) in targets.iter().enumerate() {
            if i > 0 {
                at = moved(self, at, target.size.bytes());
            }
            values.push(self.load_scalar(tags, at, target.size));
        }
        for (target, value) in targets.iter().zip(values) {
            self.write_reg(target.vreg.reg(), value);
        }
        self.write_back(address, &place);
    }

    /// One register or two.
    pub(super) fn store_scalars(&mut self, tags: Tags, sources: &[Scalar], address: &Address<'_>) {
        let place = self.place(address);
        let values: Vec<Temp> =
            sources.iter().map(|source| self.read_reg(source.vreg.reg(), Port::Data).0).collect();
        let mut at = place.address;
        for (i, (source, value)) in sources.iter().zip(values).enumerate() {
            if i > 0 {
                at = moved(self, at, source.size.bytes());
            }
            self.store_scalar(tags, at, source.size, value);
        }
        self.write_back(address, &place);
    }

    pub(super) fn load_structures(&mut self, tags: Tags, list: &List, address: &Address<'_>) {
        let place = self.place(address);
        let bits = list.lane_bits();
        let mut loaded: Vec<Vec<Temp>> = vec![Vec::new(); usize::from(list.count)];
        for (register, _, bytes) in elements(list) {
            let at = moved(self, place.address, bytes);
            let value = self.read_memory(at, bits, tags).0;
            loaded[usize::from(register)].push(value);
        }
        let mut vreg = list.first;
        for values in loaded {
            let whole = match list.lanes {
                Lanes::All(_) => self.join(&values, bits),
                Lanes::Replicated(lanes) => {
                    let copies = vec![values[0]; usize::from(lanes.count)];
                    self.join(&copies, bits)
                }
                Lanes::One(_, index) => {
                    let old = self.read_reg(vreg.reg(), Port::Plain).0;
                    self.with_lane(old, index, bits, values[0])
                }
            };
            self.write_reg(vreg.reg(), whole);
            vreg = vreg.next();
        }
        self.write_back(address, &place);
    }

    pub(super) fn store_structures(&mut self, tags: Tags, list: &List, address: &Address<'_>) {
        let place = self.place(address);
        let bits = list.lane_bits();
        let mut vreg = list.first;
        let mut values = Vec::with_capacity(usize::from(list.count));
        for _ in 0..list.count {
            values.push(self.read_reg(vreg.reg(), Port::Data).0);
            vreg = vreg.next();
        }
        for (register, lane, bytes) in elements(list) {
            let lane = if let Lanes::One(_, index) = list.lanes { index } else { lane };
            let at = moved(self, place.address, bytes);
            let value = self.lane(values[usize::from(register)], lane, bits);
            self.write_memory(at, value, bits, tags);
        }
        self.write_back(address, &place);
    }
}

impl List {
    fn lane_bits(&self) -> u8 {
        match self.lanes {
            Lanes::All(lanes) | Lanes::Replicated(lanes) => lanes.size.bits(),
            Lanes::One(size, _) => size.bits(),
        }
    }
}
