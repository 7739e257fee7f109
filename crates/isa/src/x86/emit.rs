//! Builds micro-operations: registers with their views, memory, and values that remember their width.

use super::instruction::{Memory, Operand};
use super::register::{Dialect, Flag, Part, Register};
use execution::micro::{EdgeKind, Ev, Micro, Port, Reg, Tags, Temp};
use execution::{BinaryOp, UnaryOp, Value};

/// A value: the low `bits` count, and all bits from `known` on are zero.
#[derive(Clone, Copy, Debug)]
pub(super) struct Val {
    pub(super) temp: Temp,
    bits: u8,
    known: u8,
}

impl Val {
    /// The result of an operation of that width.
    pub(super) fn of(temp: Temp, bits: u8) -> Val {
        Val { temp, bits, known: bits }
    }
}

/// Something that can be read and written, its address computed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'a> {
    Register(Register<'a>),
    Memory(Temp),
}

/// Collects micro-operations of one instruction.
pub(super) struct Emit {
    pub(super) dialect: &'static Dialect,
    code: Vec<Micro>,
    temps: u16,
    events: u16,
}

impl Emit {
    pub(super) fn new(dialect: &'static Dialect) -> Emit {
        Emit { dialect, code: Vec::with_capacity(4), temps: 0, events: 0 }
    }

    pub(super) fn finish(self) -> Vec<Micro> {
        self.code
    }

    pub(super) fn push(&mut self, micro: Micro) {
        self.code.push(micro);
    }

    /// Collects what `ways` emit into the alternatives of one `Alt`.
    pub(super) fn alternatives(&mut self, ways: [&dyn Fn(&mut Emit); 2]) {
        let code = std::mem::take(&mut self.code);
        let ways = ways.map(|way| {
            way(self);
            std::mem::take(&mut self.code)
        });
        self.code = code;
        self.push(Micro::Alt(ways.into()));
    }

    pub(super) fn temp(&mut self) -> Temp {
        self.temps += 1;
        Temp(self.temps - 1)
    }

    pub(super) fn event(&mut self) -> Ev {
        self.events += 1;
        Ev(self.events - 1)
    }

    pub(super) fn constant(&mut self, value: Value) -> Temp {
        let dst = self.temp();
        self.push(Micro::Const { dst, value });
        dst
    }

    /// A number of `bits` bits.
    pub(super) fn number(&mut self, value: i64, bits: u8) -> Temp {
        self.constant(Value::int(value).masked(bits))
    }

    pub(super) fn unary(&mut self, op: UnaryOp, width: u8, a: Temp) -> Temp {
        let dst = self.temp();
        self.push(Micro::Unary { dst, op, width, a });
        dst
    }

    pub(super) fn binary(&mut self, op: BinaryOp, width: u8, a: Temp, b: Temp) -> Temp {
        let dst = self.temp();
        self.push(Micro::Binary { dst, op, width, a, b });
        dst
    }

    /// An operation with a number.
    pub(super) fn with_number(&mut self, op: BinaryOp, width: u8, a: Temp, b: i64) -> Temp {
        let b = self.number(b, width);
        self.binary(op, width, a, b)
    }

    pub(super) fn choose(&mut self, cond: Temp, then: Temp, otherwise: Temp) -> Temp {
        let dst = self.temp();
        self.push(Micro::IfThenElse { dst, cond, then, otherwise });
        dst
    }

    /// The value as an operand of an operation of `width` bits, which looks at no others.
    pub(super) fn at(&mut self, value: Val, width: u8) -> Temp {
        if value.bits < width { self.fit(value, width) } else { value.temp }
    }

    /// The value with all bits from `width` on cleared.
    pub(super) fn fit(&mut self, value: Val, width: u8) -> Temp {
        let wanted = value.bits.min(width);
        if value.known <= wanted { value.temp } else { self.unary(UnaryOp::Mask, wanted, value.temp) }
    }

    /// Reads a whole register.
    pub(super) fn read_whole(&mut self, reg: Reg, port: Port) -> Temp {
        let (dst, ev) = (self.temp(), self.event());
        self.push(Micro::ReadReg { dst, reg, port, ev });
        dst
    }

    /// Writes a whole register.
    pub(super) fn write_whole(&mut self, reg: Reg, src: Temp) {
        let ev = self.event();
        self.push(Micro::WriteReg { src, reg, ev });
    }

    /// Reads the part of a register that an operand shows.
    pub(super) fn read(&mut self, register: Register<'_>, port: Port) -> Val {
        let word = self.dialect.word;
        let whole = self.read_whole(register.reg, port);
        match register.part {
            Part::High8 => {
                let shifted = self.with_number(BinaryOp::ShrLogical, word, whole, 8);
                Val { temp: shifted, bits: 8, known: word - 8 }
            }
            part => Val { temp: whole, bits: part.width().min(word), known: word },
        }
    }

    /// Writes the part of a register that an operand shows. 32 bits clear the rest, fewer leave it.
    pub(super) fn write(&mut self, register: Register<'_>, value: Val) {
        let word = self.dialect.word;
        let width = register.part.width();
        let low = self.fit(value, width);
        if width >= 32 {
            return self.write_whole(register.reg, low);
        }
        let shift = if register.part == Part::High8 { 8 } else { 0 };
        let old = self.read_whole(register.reg, Port::Plain);
        let rest = self.with_number(BinaryOp::And, word, old, !(((1 << width) - 1) << shift));
        let low = if shift == 0 { low } else { self.with_number(BinaryOp::Shl, word, low, shift) };
        let new = self.binary(BinaryOp::Or, word, rest, low);
        self.write_whole(register.reg, new);
    }

    /// The register that an instruction uses without naming it, `bits` wide.
    pub(super) fn implied(&self, gpr: super::register::Gpr, bits: u8) -> Register<'static> {
        Register { reg: self.dialect.gpr(gpr), part: Part::low(bits), name: "", symbolic: false }
    }

    pub(super) fn read_flag(&mut self, flag: Flag) -> Temp {
        self.read_whole(self.dialect.flag(flag), Port::Plain)
    }

    pub(super) fn write_flag(&mut self, flag: Flag, value: Temp) {
        self.write_whole(self.dialect.flag(flag), value);
    }

    /// The address of a memory operand.
    pub(super) fn address(&mut self, memory: &Memory<'_>) -> Temp {
        let word = self.dialect.word;
        let mut fixed = match memory.symbol {
            Some((symbol, _)) => Some(Value::Addr { symbol, offset: memory.displacement }),
            None if memory.displacement != 0 => Some(Value::int(memory.displacement)),
            None => None,
        };
        let mut sum = None;
        if let Some(base) = memory.base {
            let base = self.read(base, Port::Addr);
            sum = Some(self.at(base, word));
        }
        if let Some(index) = memory.index {
            let index = self.read(index, Port::Addr);
            let index = self.at(index, word);
            let scaled = match memory.scale {
                1 => index,
                scale => self.with_number(BinaryOp::Mul, word, index, scale.into()),
            };
            sum = Some(self.sum(sum, scaled));
        }
        if sum.is_none() && fixed.is_none() {
            fixed = Some(Value::ZERO);
        }
        if let Some(fixed) = fixed {
            let fixed = self.constant(fixed);
            return self.sum(sum, fixed);
        }
        sum.unwrap_or(Temp(0))
    }

    fn sum(&mut self, left: Option<Temp>, right: Temp) -> Temp {
        match left {
            Some(left) => self.binary(BinaryOp::Add, self.dialect.word, left, right),
            None => right,
        }
    }

    pub(super) fn load(&mut self, addr: Temp, width: u8, tags: Tags) -> (Val, Ev) {
        let (dst, ev) = (self.temp(), self.event());
        self.push(Micro::Load { dst, addr, width, tags, ev });
        (Val::of(dst, width), ev)
    }

    pub(super) fn store(&mut self, addr: Temp, width: u8, value: Val, tags: Tags) -> Ev {
        let value = self.at(value, width);
        let ev = self.event();
        self.push(Micro::Store { addr, value, width, tags, ev });
        ev
    }

    pub(super) fn edge(&mut self, kind: EdgeKind, from: Ev, to: Ev) {
        self.push(Micro::Edge { kind, from, to });
    }

    /// Computes where the operand is. Numbers are nowhere; the parser lets none of them through.
    pub(super) fn place<'a>(&mut self, operand: &Operand<'a>) -> Place<'a> {
        match operand {
            Operand::Register(register) => Place::Register(*register),
            Operand::Memory(memory) => Place::Memory(self.address(memory)),
            Operand::Immediate(value) => Place::Memory(self.number(*value, 64)),
            Operand::Address(symbol, _, offset) => {
                Place::Memory(self.constant(Value::Addr { symbol: *symbol, offset: *offset }))
            }
        }
    }

    pub(super) fn read_place(&mut self, place: Place<'_>, width: u8, tags: Tags) -> Val {
        match place {
            Place::Register(register) => self.read(register, Port::Plain),
            Place::Memory(addr) => self.load(addr, width, tags).0,
        }
    }

    pub(super) fn write_place(&mut self, place: Place<'_>, width: u8, value: Val, tags: Tags) {
        match place {
            Place::Register(register) => self.write(register, value),
            Place::Memory(addr) => {
                self.store(addr, width, value, tags);
            }
        }
    }

    /// The value of a source operand; `port` is what a register is read for.
    pub(super) fn value(&mut self, operand: &Operand<'_>, width: u8, port: Port) -> Val {
        match operand {
            Operand::Register(register) => self.read(*register, port),
            Operand::Memory(memory) if memory.table_entry => {
                let whole = Memory { displacement: 0, ..*memory };
                Val::of(self.address(&whole), self.dialect.word)
            }
            Operand::Memory(memory) => {
                let addr = self.address(memory);
                self.load(addr, width, Tags::NONE).0
            }
            Operand::Immediate(value) => Val::of(self.number(*value, width), width),
            Operand::Address(symbol, _, offset) => {
                let value = Value::Addr { symbol: *symbol, offset: *offset };
                Val::of(self.constant(value), self.dialect.word)
            }
        }
    }
}
