//! From instruction to micro-operations.
//!
//! Every register that is read or written makes an event. Dependencies follow from the flow of values; nothing
//! depends through the reservation, nor on the success of a store-conditional.

use super::arithmetic;
use super::instruction::{Access, Address, Compare, Condition, Immediate, ImmediateOp, Instruction, Special};
use super::register::{COUNT, EQ, Field, LINK, RESERVATION, Register};
use super::tag;
use crate::Context;
use crate::emit::{Emit, label};
use crate::operand::{Symbol, Target};
use execution::micro::{LabelId, Micro, Port, Reg, Temp};
use execution::{BinaryOp, UnaryOp};

/// The micro-operations of an instruction.
pub(super) fn lower(instruction: &Instruction<'_>, cx: &mut Context<'_>) -> Vec<Micro> {
    let mut lower = Lower { emit: Emit::default(), cx };
    lower.instruction(instruction);
    lower.emit.finish()
}

struct Lower<'l, 'c> {
    emit: Emit,
    cx: &'l mut Context<'c>,
}

/// How a result is compared with zero into `cr0`.
const RECORD: Compare = Compare { width: 64, signed: true };

impl Lower<'_, '_> {
    fn instruction(&mut self, instruction: &Instruction<'_>) {
        use Instruction::*;
        match *instruction {
            Nop | Cache { .. } => {}
            LoadImmediate { shift, rd, value, .. } => {
                let value = self.immediate(value, shift);
                self.emit.write(rd.reg(), value);
            }
            Compute { op, record, rd, ra, rb, .. } => {
                let (a, b) = (self.read(ra), self.read(rb));
                let result = arithmetic::compute(&mut self.emit, op, a, b);
                self.result(rd, result, record);
            }
            ComputeImmediate { op, record, rd, ra, value, .. } => {
                let (a, shift) = match op {
                    ImmediateOp::Add { shift } => (self.read_or_zero(ra, Port::Plain), shift),
                    ImmediateOp::Subtract { .. } => (self.read_or_zero(ra, Port::Plain), 0),
                    _ => (self.read(ra), 0),
                };
                let number = self.immediate(value, shift);
                let result = arithmetic::compute_immediate(&mut self.emit, op, a, number);
                self.result(rd, result, record);
            }
            Unary { op, record, rd, ra, .. } => {
                let a = self.read(ra);
                let result = arithmetic::unary(&mut self.emit, op, a);
                self.result(rd, result, record);
            }
            Rotate { rotate, record, rd, ra, numbers, .. } => {
                let a = self.read(ra);
                let old = if arithmetic::inserts(rotate) { Some(self.read(rd)) } else { None };
                let result = arithmetic::rotate(&mut self.emit, rotate, numbers, a, old);
                self.result(rd, result, record);
            }
            Compare { compare, field, ra, rb, .. } => {
                let (a, b) = (self.read(ra), self.read(rb));
                self.compare(compare, field, a, b);
            }
            CompareImmediate { compare, field, ra, value, .. } => {
                let (a, b) = (self.read(ra), self.emit.number(value));
                self.compare(compare, field, a, b);
            }
            Load { access, rd, address, .. } => self.load(access, rd, address),
            Store { access, rs, address, .. } => {
                let (base, addr) = self.address(address);
                let value = data(&mut self.emit, rs, access.width);
                self.emit.store(addr, value, access.width, execution::micro::Tags::NONE);
                self.update(access, base, addr);
            }
            Multiple { store, first, address, .. } => self.multiple(store, first, address),
            LoadReserve { width, rd, ra, rb, .. } => {
                let (_, addr) = self.address(Address::Indexed { ra, rb });
                let value = self.emit.load(addr, width, tag::EXCLUSIVE);
                self.loaded(rd, value, width);
                let reserved = self.emit.detach(addr);
                self.emit.write(RESERVATION, reserved);
            }
            StoreConditional { width, rs, ra, rb, .. } => self.store_conditional(width, rs, ra, rb),
            Branch { condition, field, target } => {
                let cond = self.condition(condition, field);
                let target = self.label(target);
                self.emit.branch(cond, target);
            }
            ReturnIf { condition, field } => self.return_if(condition, field),
            BranchCount { zero, target, .. } => self.branch_count(zero, target),
            Jump { link, target, .. } => {
                if link {
                    self.write_link();
                }
                let target = self.label(target);
                self.emit.push(Micro::Jump { target });
            }
            JumpSpecial { special, link, .. } => {
                let target = self.emit.read(special.reg(), Port::Plain);
                if link {
                    self.write_link();
                    self.emit.jump_to(target);
                } else {
                    self.emit.jump_back(target);
                }
            }
            MoveTo { special, rs, .. } => {
                let value = self.read(rs);
                self.emit.write(special.reg(), value);
            }
            MoveFrom { special, rd, .. } => {
                let value = self.emit.read(special.reg(), Port::Plain);
                self.emit.write(rd.reg(), value);
            }
            SetBit { reversed, negative, rd, field, bit, .. } => {
                let flags = self.emit.read(field.reg(), Port::Plain);
                let bit = self.emit.binary_number(BinaryOp::And, 4, flags, bit.into());
                let test = if reversed { BinaryOp::Eq } else { BinaryOp::Ne };
                let holds = self.emit.binary_number(test, 4, bit, 0);
                let result = if negative { self.emit.unary(UnaryOp::Neg, 64, holds) } else { holds };
                self.emit.write(rd.reg(), result);
            }
            MoveField { to, from } => {
                let flags = self.emit.read(from.reg(), Port::Plain);
                self.emit.write(to.reg(), flags);
            }
            ReadCondition { rd } => self.read_condition(rd),
            WriteCondition { fields, rs } => self.write_condition(fields, rs),
            Select { field, bit, rd, ra, rb, .. } => {
                let flags = self.emit.read(field.reg(), Port::Plain);
                let (then, otherwise) = (self.read_or_zero(ra, Port::Plain), self.read(rb));
                let cond = self.emit.binary_number(BinaryOp::And, 4, flags, bit.into());
                let result = self.emit.if_then_else(cond, then, otherwise);
                self.emit.write(rd.reg(), result);
            }
            Fence { tags, .. } => self.emit.fence(tags),
            Exception { name } => {
                self.emit.fail(format!("`{name}` takes an exception, and exceptions are not simulated"));
            }
        }
    }

    fn read(&mut self, register: Register<'_>) -> Temp {
        self.emit.read(register.reg(), Port::Plain)
    }

    /// Reads a base: there `r0` stands for zero.
    fn read_or_zero(&mut self, register: Register<'_>, port: Port) -> Temp {
        if register.number == 0 { self.emit.number(0) } else { self.emit.read(register.reg(), port) }
    }

    fn result(&mut self, rd: Register<'_>, result: Temp, record: bool) {
        self.emit.write(rd.reg(), result);
        if record {
            let zero = self.emit.number(0);
            self.compare(RECORD, Field(0), result, zero);
        }
    }

    fn compare(&mut self, compare: Compare, field: Field, a: Temp, b: Temp) {
        let flags = arithmetic::compare(&mut self.emit, compare, a, b);
        self.emit.write(field.reg(), flags);
    }

    /// A number, shifted to the left, or a part of an address.
    fn immediate(&mut self, value: Immediate<'_>, shift: u8) -> Temp {
        match value {
            Immediate::Number(number) if shift == 0 => self.emit.number(number),
            Immediate::Number(number) => self.emit.number(i64::from((number << shift) as i32)),
            Immediate::High { symbol, .. } => self.emit.symbol(Symbol { offset: 0, ..symbol }, self.cx),
            Immediate::Low { symbol, .. } => self.emit.number(symbol.offset),
            Immediate::Toc { .. } => self.emit.number(0),
            Immediate::Relative { symbol, entry: false } => self.emit.symbol(symbol, self.cx),
            Immediate::Relative { symbol, entry: true } => {
                let entry = self.cx.table_entry(symbol.name);
                self.emit.constant(execution::Value::addr(entry))
            }
        }
    }

    /// The base register's part of the address, and the address.
    fn address(&mut self, address: Address<'_>) -> (Register<'static>, Temp) {
        let (ra, base, offset) = match address {
            Address::Based { ra, offset } => {
                let base = self.read_or_zero(ra, Port::Addr);
                if offset == Immediate::Number(0) {
                    return (Register { number: ra.number, symbolic: None }, base);
                }
                (ra, base, self.immediate(offset, 0))
            }
            Address::Indexed { ra, rb } => {
                let base = self.read_or_zero(ra, Port::Addr);
                (ra, base, self.emit.read(rb.reg(), Port::Addr))
            }
        };
        let addr = self.emit.binary(BinaryOp::Add, 64, base, offset);
        (Register { number: ra.number, symbolic: None }, addr)
    }

    fn update(&mut self, access: Access, base: Register<'_>, addr: Temp) {
        if access.update {
            self.emit.write(base.reg(), addr);
        }
    }

    fn load(&mut self, access: Access, rd: Register<'_>, address: Address<'_>) {
        let (base, addr) = self.address(address);
        let loaded = self.emit.load(addr, access.width, execution::micro::Tags::NONE);
        let value = if access.signed { self.emit.sign_extend(access.width, loaded) } else { loaded };
        self.loaded(rd, value, access.width);
        self.update(access, base, addr);
    }

    /// Writes what was loaded; of 128 bits, the high half goes to the first register.
    fn loaded(&mut self, rd: Register<'_>, value: Temp, width: u8) {
        if width < 128 {
            self.emit.write(rd.reg(), value);
            return;
        }
        let high = self.emit.binary_number(BinaryOp::ShrLogical, 128, value, 64);
        let low = self.emit.unary(UnaryOp::Mask, 64, value);
        self.emit.write(rd.reg(), high);
        self.emit.write(Reg(rd.reg().0 + 1), low);
    }

    fn multiple(&mut self, store: bool, first: Register<'_>, address: Address<'_>) {
        let (_, start) = self.address(address);
        for number in first.number..32 {
            let distance = 4 * i64::from(number - first.number);
            let addr = match distance {
                0 => start,
                _ => self.emit.binary_number(BinaryOp::Add, 64, start, distance),
            };
            let reg = Reg(number.into());
            if store {
                let value = self.emit.read(reg, Port::Data);
                self.emit.store(addr, value, 32, execution::micro::Tags::NONE);
            } else {
                let value = self.emit.load(addr, 32, execution::micro::Tags::NONE);
                self.emit.write(reg, value);
            }
        }
    }

    fn store_conditional(&mut self, width: u8, rs: Register<'_>, ra: Register<'_>, rb: Register<'_>) {
        let reserved = self.emit.read(RESERVATION, Port::Plain);
        let none = self.emit.number(0);
        let (_, addr) = self.address(Address::Indexed { ra, rb });
        let success = self.emit.apart(|emit| {
            let same = emit.binary(BinaryOp::Eq, 64, reserved, addr);
            emit.push(Micro::Assume { cond: same, is: true });
            let value = data(emit, rs, width);
            emit.store(addr, value, width, tag::EXCLUSIVE);
            emit.write(RESERVATION, none);
            let equal = emit.number(EQ.into());
            emit.write(Field(0).reg(), equal);
        });
        let failure = self.emit.apart(|emit| {
            emit.write(RESERVATION, none);
            emit.write(Field(0).reg(), none);
        });
        self.emit.push(Micro::Alt(vec![success, failure]));
    }

    /// Whether a condition holds.
    fn condition(&mut self, condition: Condition, field: Field) -> Temp {
        let flags = self.emit.read(field.reg(), Port::Plain);
        let bit = self.emit.binary_number(BinaryOp::And, 4, flags, condition.bit.into());
        if condition.set { bit } else { self.emit.unary(UnaryOp::IsZero, 4, bit) }
    }

    fn label(&mut self, target: Target<'_>) -> LabelId {
        label(target, self.cx)
    }

    fn write_link(&mut self) {
        let next = self.emit.next_address();
        self.emit.write(LINK, next);
    }

    fn return_if(&mut self, condition: Condition, field: Field) {
        let cond = self.condition(condition, field);
        let target = self.emit.read(LINK, Port::Plain);
        let ev = self.emit.event();
        self.emit.push(Micro::Commit { target: cond, ev });
        self.emit.either(cond, |emit| emit.jump_back(target), |_| {});
    }

    fn branch_count(&mut self, zero: bool, target: Target<'_>) {
        let count = self.emit.read(COUNT, Port::Plain);
        let less = self.emit.binary_number(BinaryOp::Sub, 64, count, 1);
        self.emit.write(COUNT, less);
        let test = if zero { BinaryOp::Eq } else { BinaryOp::Ne };
        let cond = self.emit.binary_number(test, 64, less, 0);
        let target = self.label(target);
        self.emit.branch(cond, target);
    }

    fn read_condition(&mut self, rd: Register<'_>) {
        let mut all = self.emit.number(0);
        for number in 0..8 {
            let flags = self.emit.read(Field(number).reg(), Port::Plain);
            let moved = self.emit.binary_number(BinaryOp::Shl, 64, flags, 28 - 4 * i64::from(number));
            all = self.emit.binary(BinaryOp::Or, 64, all, moved);
        }
        self.emit.write(rd.reg(), all);
    }

    fn write_condition(&mut self, fields: u8, rs: Register<'_>) {
        let all = self.read(rs);
        for number in (0..8).filter(|number| fields & (0x80 >> number) != 0) {
            let moved = self.emit.binary_number(BinaryOp::ShrLogical, 64, all, 28 - 4 * i64::from(number));
            let flags = self.emit.zero_extend(4, moved);
            self.emit.write(Field(number).reg(), flags);
        }
    }
}

/// What is to be stored: of 128 bits, the first register is the high half.
fn data(emit: &mut Emit, rs: Register<'_>, width: u8) -> Temp {
    let first = emit.read(rs.reg(), Port::Data);
    if width < 128 {
        return first;
    }
    let second = emit.read(Reg(rs.reg().0 + 1), Port::Data);
    let high = emit.binary_number(BinaryOp::Shl, 128, first, 64);
    emit.binary(BinaryOp::Or, 128, high, second)
}

impl Special {
    fn reg(self) -> Reg {
        match self {
            Special::Link => LINK,
            Special::Count => COUNT,
        }
    }
}
