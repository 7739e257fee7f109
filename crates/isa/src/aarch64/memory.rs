//! Loads, stores and the atomics of LSE.

use super::instruction::{Access, Atomic, FetchOp};
use super::lower::Lower;
use super::operand::{Address, Indexing, Offset};
use super::register::{RESERVATION, Register, Width};
use super::tag;
use execution::micro::{EdgeKind, Ev, Micro, Port, Tags, Temp};
use execution::{BinaryOp, Value};

/// Where an access goes.
pub(super) struct Place {
    /// The address of the (first) access.
    pub(super) address: Temp,
    /// What the base register becomes.
    write_back: Option<Temp>,
}

impl Access {
    /// Width of the access in bits.
    pub(super) fn width(self, register: Register<'_>) -> u8 {
        if self.bits == 0 { register.width.bits() } else { self.bits }
    }
}

impl Atomic {
    pub(super) fn width(self, register: Register<'_>) -> u8 {
        if self.bits == 0 { register.width.bits() } else { self.bits }
    }

    /// Tags of the read; `returns`: whether a register gets what it read.
    pub(super) fn read_tags(self, returns: bool) -> Tags {
        match (returns, self.acquire) {
            (false, _) => tag::X.with(tag::NO_RET),
            (true, true) => tag::X.with(tag::A),
            (true, false) => tag::X,
        }
    }

    /// Tags of the write.
    pub(super) fn write_tags(self) -> Tags {
        if self.release { tag::X.with(tag::L) } else { tag::X }
    }
}

impl Lower<'_, '_> {
    /// Reads the registers of a memory operand.
    pub(super) fn place(&mut self, address: &Address<'_>) -> Place {
        let base = self.read(address.base, Port::Addr);
        let offset = match &address.offset {
            Offset::Immediate(0) => None,
            Offset::Immediate(bytes) => Some(self.number(*bytes)),
            Offset::Register(modified) => Some(self.modified(modified, 64, Port::Addr)),
            Offset::Symbol(symbol) if symbol.relocation == ":got_lo12:" => None,
            Offset::Symbol(symbol) => (symbol.offset != 0).then(|| self.number(symbol.offset)),
        };
        let moved = match offset {
            Some(offset) => self.bin(BinaryOp::Add, 64, base, offset),
            None => base,
        };
        match address.indexing {
            Indexing::Offset => Place { address: moved, write_back: None },
            Indexing::Pre => Place { address: moved, write_back: Some(moved) },
            Indexing::Post => Place { address: base, write_back: Some(moved) },
        }
    }

    pub(super) fn write_back(&mut self, address: &Address<'_>, place: &Place) {
        if let Some(value) = place.write_back {
            self.write(address.base, value);
        }
    }

    pub(super) fn read_memory(&mut self, addr: Temp, width: u8, tags: Tags) -> (Temp, Ev) {
        let (dst, ev) = (self.temp(), self.event());
        self.push(Micro::Load { dst, addr, width, tags, ev });
        (dst, ev)
    }

    pub(super) fn write_memory(&mut self, addr: Temp, value: Temp, width: u8, tags: Tags) -> Ev {
        let ev = self.event();
        self.push(Micro::Store { addr, value, width, tags, ev });
        ev
    }

    /// The address of the second half of a pair.
    pub(super) fn behind(&mut self, address: Temp, width: u8) -> Temp {
        let bytes = self.number(i64::from(width / 8));
        self.bin(BinaryOp::Add, 64, address, bytes)
    }

    /// A load into one register: the value as the register gets it, and the event.
    fn load_value(&mut self, access: Access, target: Register<'_>, address: Temp) -> (Temp, Ev) {
        let width = access.width(target);
        let (value, ev) = self.read_memory(address, width, access.tags);
        let extended =
            if access.signed { self.sign_extend(value, width, target.width.bits()) } else { value };
        (extended, ev)
    }

    /// A load-exclusive makes a reservation for its address.
    fn reserve(&mut self, access: Access, place: &Place) {
        if access.tags.0 & tag::EX.0 != 0 {
            self.write_reg(RESERVATION, place.address);
        }
    }

    pub(super) fn clear_reservation(&mut self) {
        let none = self.constant(Value::ZERO);
        self.write_reg(RESERVATION, none);
    }

    pub(super) fn load(&mut self, access: Access, target: Register<'_>, address: &Address<'_>) {
        if let Offset::Symbol(symbol) = &address.offset
            && symbol.relocation == ":got_lo12:"
        {
            // An entry of the global offset table holds the address of its symbol, which the base holds already.
            let base = self.read(address.base, Port::Plain);
            self.write(target, base);
            return;
        }
        let place = self.place(address);
        let (value, _) = self.load_value(access, target, place.address);
        self.write(target, value);
        self.reserve(access, &place);
        self.write_back(address, &place);
    }

    pub(super) fn store(&mut self, access: Access, source: Register<'_>, address: &Address<'_>) {
        let place = self.place(address);
        let value = self.read(source, Port::Data);
        self.write_memory(place.address, value, access.width(source), access.tags);
        self.write_back(address, &place);
    }

    /// Two accesses with no order between them, but for `LDIAPP`.
    pub(super) fn load_pair(&mut self, access: Access, targets: [Register<'_>; 2], address: &Address<'_>) {
        let place = self.place(address);
        let second_address = self.behind(place.address, access.width(targets[0]));
        let (first, first_event) = self.load_value(access, targets[0], place.address);
        let (second, second_event) = self.load_value(access, targets[1], second_address);
        if access.ordered {
            self.edge(EdgeKind::Order, first_event, second_event);
        }
        self.write(targets[0], first);
        self.write(targets[1], second);
        self.reserve(access, &place);
        self.write_back(address, &place);
    }

    /// Two accesses with no order between them, but for `STILP`: it stores the first register first, or last where it
    /// pushes to a stack.
    pub(super) fn store_pair(&mut self, access: Access, sources: [Register<'_>; 2], address: &Address<'_>) {
        let place = self.place(address);
        let width = access.width(sources[0]);
        let second_address = self.behind(place.address, width);
        let values = sources.map(|source| self.read(source, Port::Data));
        let first = self.write_memory(place.address, values[0], width, access.tags);
        let second = self.write_memory(second_address, values[1], width, access.tags);
        if access.ordered {
            let (earlier, later) =
                if address.indexing == Indexing::Offset { (first, second) } else { (second, first) };
            self.edge(EdgeKind::Order, earlier, later);
        }
        self.write_back(address, &place);
    }

    /// `SWP`: the write does not depend on the read, but comes after it.
    pub(super) fn swap(
        &mut self,
        atomic: Atomic,
        source: Register<'_>,
        target: Register<'_>,
        address: &Address<'_>,
    ) {
        let place = self.place(address);
        let new = self.read(source, Port::Data);
        let width = atomic.width(source);
        let (old, read) = self.read_memory(place.address, width, atomic.read_tags(!target.is_zero()));
        let write = self.write_memory(place.address, new, width, atomic.write_tags());
        self.edge(EdgeKind::Order, read, write);
        self.write(target, old);
    }

    /// `LDADD`, `STADD` and their kin.
    pub(super) fn fetch(
        &mut self,
        op: FetchOp,
        atomic: Atomic,
        source: Register<'_>,
        target: Option<Register<'_>>,
        address: &Address<'_>,
    ) {
        let target = target.unwrap_or(Register::zero(Width::X));
        let place = self.place(address);
        let operand = self.read(source, Port::Data);
        let width = atomic.width(source);
        let (old, _) = self.read_memory(place.address, width, atomic.read_tags(!target.is_zero()));
        let new = self.bin(op.op, width, old, operand);
        self.write_memory(place.address, new, width, atomic.write_tags());
        self.write(target, old);
    }
}
