//! Loads and stores.

use super::instruction::{Access, Address, Indexing, Mode, Offset, Registers, ShiftOp};
use super::micro::{Lower, WORD};
use super::register::{RESERVATION, Register};
use super::tag;
use execution::micro::{EdgeKind, Micro, Port, Tags, Temp};
use execution::{BinaryOp, UnaryOp};

/// Where an access goes.
struct Place {
    /// The address of the (first) access.
    address: Temp,
    /// What the base register becomes.
    write_back: Option<Temp>,
}

impl Access {
    fn tags(self, ordered: Tags) -> Tags {
        let exclusive = if self.exclusive { tag::EXCLUSIVE } else { Tags::NONE };
        if self.ordered { exclusive.with(ordered) } else { exclusive }
    }
}

impl Lower<'_, '_> {
    /// Reads the registers of a memory operand.
    fn place(&mut self, address: &Address<'_>) -> Place {
        if let (true, Offset::Register { negative: false, register, shift: None }) =
            (address.base.is_program_counter(), address.offset)
        {
            // An address relative to the program counter is the whole address already.
            return Place { address: self.read_at(register, Port::Addr), write_back: None };
        }
        let base = self.read_at(address.base, Port::Addr);
        let moved = match address.offset {
            Offset::Immediate(0) => base,
            Offset::Immediate(bytes) => self.emit.binary_number(BinaryOp::Add, WORD, base, bytes),
            Offset::Symbol(symbol) if symbol.offset == 0 => base,
            Offset::Symbol(symbol) => self.emit.binary_number(BinaryOp::Add, WORD, base, symbol.offset),
            Offset::Register { negative, register, shift } => {
                let index = self.read_at(register, Port::Addr);
                let index = match shift {
                    Some((op, distance)) => self.shift_index(op, index, distance),
                    None => index,
                };
                let op = if negative { BinaryOp::Sub } else { BinaryOp::Add };
                self.emit.binary(op, WORD, base, index)
            }
        };
        match address.indexing {
            Indexing::Offset => Place { address: moved, write_back: None },
            Indexing::Pre => Place { address: moved, write_back: Some(moved) },
            Indexing::Post => Place { address: base, write_back: Some(moved) },
        }
    }

    fn shift_index(&mut self, op: ShiftOp, index: Temp, distance: u8) -> Temp {
        self.shifted(op, index, i64::from(distance))
    }

    fn write_back(&mut self, address: &Address<'_>, place: &Place) {
        if let Some(value) = place.write_back {
            self.emit.write(address.base.reg(), value);
        }
    }

    fn behind(&mut self, address: Temp, bytes: i64) -> Temp {
        if bytes == 0 { address } else { self.emit.binary_number(BinaryOp::Add, WORD, address, bytes) }
    }

    pub(super) fn load(&mut self, access: Access, target: Register<'_>, address: &Address<'_>) {
        let place = self.place(address);
        let loaded = self.emit.load(place.address, access.bits, access.tags(tag::ACQUIRE));
        let value = if access.signed {
            let wide = self.emit.sign_extend(access.bits, loaded);
            self.emit.zero_extend(WORD, wide)
        } else {
            loaded
        };
        if access.exclusive {
            self.reserve(place.address);
        }
        self.write_back(address, &place);
        self.write(target, value);
    }

    pub(super) fn store(&mut self, access: Access, source: Register<'_>, address: &Address<'_>) {
        let place = self.place(address);
        let value = self.read_at(source, Port::Data);
        self.emit.store(place.address, value, access.bits, access.tags(tag::RELEASE));
        self.write_back(address, &place);
    }

    /// Two accesses with no order between them; or one, of a location of 64 bits.
    fn load_words(&mut self, address: Temp, tags: Tags) -> [Temp; 2] {
        if self.wide {
            let both = self.emit.load(address, 2 * WORD, tags);
            let low = self.emit.unary(UnaryOp::Mask, WORD, both);
            return [low, self.emit.binary_number(BinaryOp::ShrLogical, 2 * WORD, both, WORD.into())];
        }
        let second = self.behind(address, 4);
        [address, second].map(|address| self.emit.load(address, WORD, tags))
    }

    pub(super) fn load_pair(&mut self, targets: [Register<'_>; 2], address: &Address<'_>) {
        let place = self.place(address);
        let values = self.load_words(place.address, Tags::NONE);
        self.write_back(address, &place);
        for (target, value) in targets.into_iter().zip(values) {
            self.write(target, value);
        }
    }

    pub(super) fn store_pair(&mut self, sources: [Register<'_>; 2], address: &Address<'_>) {
        let place = self.place(address);
        let values = sources.map(|source| self.read_at(source, Port::Data));
        self.store_words(place.address, &values, WORD, Tags::NONE);
        self.write_back(address, &place);
    }

    /// Stores one or two values; gives the events.
    fn store_words(
        &mut self,
        address: Temp,
        values: &[Temp],
        bits: u8,
        tags: Tags,
    ) -> Vec<execution::micro::Ev> {
        if let ([low, high], true) = (values, self.wide) {
            let moved = self.emit.binary_number(BinaryOp::Shl, 2 * WORD, *high, WORD.into());
            let both = self.emit.binary(BinaryOp::Or, 2 * WORD, *low, moved);
            return vec![self.emit.store(address, both, 2 * WORD, tags)];
        }
        let mut events = Vec::with_capacity(values.len());
        for (number, value) in values.iter().enumerate() {
            let at = self.behind(address, 4 * number as i64);
            events.push(self.emit.store(at, *value, bits, tags));
        }
        events
    }

    pub(super) fn multiple(
        &mut self,
        load: bool,
        mode: Mode,
        base: Register<'_>,
        write_back: bool,
        registers: Registers,
    ) {
        let start = self.read_at(base, Port::Addr);
        self.multiple_at(start, load, mode, write_back.then_some(base), registers);
    }

    fn multiple_at(
        &mut self,
        start: Temp,
        load: bool,
        mode: Mode,
        write_back: Option<Register<'_>>,
        registers: Registers,
    ) {
        let bytes = 4 * i64::from(registers.len());
        let (first, end) = match mode {
            Mode::IncrementAfter => (0, bytes),
            Mode::IncrementBefore => (4, bytes),
            Mode::DecrementAfter => (4 - bytes, -bytes),
            Mode::DecrementBefore => (-bytes, -bytes),
        };
        let places = registers.numbers().zip((first..).step_by(4));
        let mut loaded = Vec::new();
        for (number, offset) in places {
            let (register, at) = (Register::numbered(number), self.behind(start, offset));
            if load {
                loaded.push((register, self.emit.load(at, WORD, Tags::NONE)));
            } else {
                let value = self.read_at(register, Port::Data);
                self.emit.store(at, value, WORD, Tags::NONE);
            }
        }
        if let Some(base) = write_back {
            let moved = self.behind(start, end);
            self.emit.write(base.reg(), moved);
        }
        for (register, value) in loaded {
            self.write(register, value);
        }
    }

    /// Where there is no stack, pushing and popping do nothing, and popping the program counter is the end.
    pub(super) fn stack(&mut self, load: bool, registers: Registers) {
        let start = self.emit.read(Register::STACK.reg(), Port::Addr);
        let exists = self.emit.binary_number(BinaryOp::Ne, WORD, start, 0);
        let mode = if load { Mode::IncrementAfter } else { Mode::DecrementBefore };
        let outside = self.emit.begin();
        self.emit.push(Micro::Assume { cond: exists, is: true });
        self.multiple_at(start, load, mode, Some(Register::STACK), registers);
        let yes = self.emit.end(outside);
        let mut no = vec![Micro::Assume { cond: exists, is: false }];
        if load && registers.has_program_counter() {
            no.push(Micro::Halt);
        }
        self.emit.push(Micro::Alt(vec![yes, no]));
    }

    /// A load-exclusive makes a reservation for its address.
    fn reserve(&mut self, address: Temp) {
        self.emit.write(RESERVATION, address);
    }

    pub(super) fn clear_reservation(&mut self) {
        let none = self.emit.number(0);
        self.emit.write(RESERVATION, none);
    }

    pub(super) fn load_exclusive_pair(
        &mut self,
        access: Access,
        targets: [Register<'_>; 2],
        address: &Address<'_>,
    ) {
        let place = self.place(address);
        let values = self.load_words(place.address, access.tags(tag::ACQUIRE));
        self.reserve(place.address);
        for (target, value) in targets.into_iter().zip(values) {
            self.write(target, value);
        }
    }

    /// Succeeds only at the reserved address, and may always fail.
    pub(super) fn store_exclusive(
        &mut self,
        access: Access,
        status: Register<'_>,
        sources: &[Register<'_>],
        address: &Address<'_>,
    ) {
        let outside = self.emit.begin();
        let place = self.place(address);
        let values: Vec<Temp> = sources.iter().map(|source| self.read_at(*source, Port::Data)).collect();
        let reservation = self.emit.event();
        let reserved = self.emit.temp();
        let port = Port::Plain;
        self.emit.push(Micro::ReadReg { dst: reserved, reg: RESERVATION, port, ev: reservation });
        let same = self.emit.binary(BinaryOp::Eq, WORD, reserved, place.address);
        self.emit.push(Micro::Assume { cond: same, is: true });
        for write in self.store_words(place.address, &values, access.bits, access.tags(tag::RELEASE)) {
            self.emit.edge(EdgeKind::Ctrl, reservation, write);
        }
        self.finish_exclusive(status, 0);
        let success = self.emit.end(outside);
        let outside = self.emit.begin();
        self.finish_exclusive(status, 1);
        let failure = self.emit.end(outside);
        self.emit.push(Micro::Alt(vec![success, failure]));
    }

    fn finish_exclusive(&mut self, status: Register<'_>, value: i64) {
        let value = self.number(value);
        self.write(status, value);
        self.clear_reservation();
    }
}
