//! From instruction to micro-operations.
//!
//! Every register that is read or written makes an event, except `x0`. Dependencies follow from the flow of values;
//! the two places where they don't are the success register of a store-conditional, which depends on the store's own
//! event, and the reservation, through which nothing depends.

use super::arithmetic;
use super::instruction::{Address, AmoOp, Immediate, Instruction, Order, Width};
use super::register::{RESERVATION, Register};
use super::tag;
use crate::Context;
use crate::emit::{Emit, label};
use execution::micro::{EdgeKind, Micro, Port, Temp};
use execution::{BinaryOp, UnaryOp, Value};

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

impl Lower<'_, '_> {
    fn instruction(&mut self, instruction: &Instruction<'_>) {
        use Instruction::*;
        match *instruction {
            Nop { .. } => {}
            LoadImmediate { rd, value } => {
                let value = self.emit.number(value);
                self.write(rd, value);
            }
            LoadAddress { rd, symbol, .. } => {
                let value = self.emit.symbol(symbol, self.cx);
                self.write(rd, value);
            }
            Upper { name, rd, value } => self.upper(name, rd, value),
            Compute { op, rd, rs1, rs2, .. } => {
                let (a, b) = (self.read(rs1, Port::Plain), self.read(rs2, Port::Plain));
                let result = arithmetic::compute(&mut self.emit, op, a, b);
                self.write(rd, result);
            }
            ComputeImmediate { op, rd, rs1, value, .. } => {
                let (a, b) = (self.read(rs1, Port::Plain), self.immediate(value));
                let result = arithmetic::compute(&mut self.emit, op, a, b);
                self.write(rd, result);
            }
            Unary { op, rd, rs, .. } => {
                let a = self.read(rs, Port::Plain);
                let result = arithmetic::unary(&mut self.emit, op, a);
                self.write(rd, result);
            }
            Load { access, order, rd, address } => {
                let addr = self.address(address);
                let width = access.width.bits();
                let loaded = self.emit.load(addr, width, tag::order(order));
                let value = if access.unsigned { loaded } else { self.emit.sign_extend(width, loaded) };
                self.write(rd, value);
            }
            Store { width, order, rs2, address, scratch } => {
                let addr = self.address(address);
                let value = self.read(rs2, Port::Data);
                self.emit.store(addr, value, width.bits(), tag::order(order));
                if let Some(scratch) = scratch {
                    self.write(scratch, addr);
                }
            }
            LoadReserved { width, order, rd, rs1 } => self.load_reserved(width, order, rd, rs1),
            StoreConditional { width, order, rd, rs2, rs1 } => {
                self.store_conditional(width, order, rd, rs2, rs1);
            }
            Amo { op: AmoOp::CompareSwap, width, order, rd, rs2, rs1 } => {
                self.compare_swap(width, order, rd, rs2, rs1);
            }
            Amo { op, width, order, rd, rs2, rs1 } => self.amo(op, width, order, rd, rs2, rs1),
            Branch { test, rs1, rs2, target, .. } => {
                let (a, b) = (self.read(rs1, Port::Plain), self.read(rs2, Port::Plain));
                let cond = arithmetic::test(&mut self.emit, test, a, b);
                self.emit.branch(cond, label(target, self.cx));
            }
            BranchZero { test, rs, target, .. } => {
                let (a, zero) = (self.read(rs, Port::Plain), self.emit.number(0));
                let cond = arithmetic::test(&mut self.emit, test, a, zero);
                self.emit.branch(cond, label(target, self.cx));
            }
            Jump { link, target, .. } => {
                if link {
                    self.write_link(Register::LINK);
                }
                self.emit.push(Micro::Jump { target: label(target, self.cx) });
            }
            JumpLink { rd, target } => {
                self.write_link(rd);
                self.emit.push(Micro::Jump { target: label(target, self.cx) });
            }
            JumpRegister { rs1 } => self.jump_register(rs1, 0, Register::ZERO),
            JumpLinkRegister { rd, rs1, offset } => self.jump_register(rs1, offset, rd),
            Return => self.jump_register(Register::LINK, 0, Register::ZERO),
            Fence { before, after } => self.emit.fence(tag::fence(before, after)),
            FenceAll => {
                self.emit.fence(tag::fence(super::instruction::Access(15), super::instruction::Access(15)))
            }
            FenceTso => self.emit.fence(tag::FENCE_TSO),
            FenceInstructions => self.emit.fence(tag::FENCE_I),
            ReadSystem { system, .. } => {
                self.emit.fail(format!("control and status register `{system}` is not simulated"));
            }
            Exception { name } => {
                self.emit.fail(format!("`{name}` takes an exception, and exceptions are not simulated"));
            }
        }
    }

    fn read(&mut self, register: Register<'_>, port: Port) -> Temp {
        if register.is_zero() { self.emit.number(0) } else { self.emit.read(register.reg(), port) }
    }

    fn write(&mut self, register: Register<'_>, value: Temp) {
        if !register.is_zero() {
            self.emit.write(register.reg(), value);
        }
    }

    fn immediate(&mut self, value: Immediate<'_>) -> Temp {
        match value {
            Immediate::Number(number) => self.emit.number(number),
            // The high part was the whole address of the symbol; with `%pcrel_hi` the offset, too.
            Immediate::Part { part, symbol } if !part.high => {
                self.emit.number(if part.by_label { 0 } else { symbol.offset })
            }
            Immediate::Part { part, symbol } if part.name == "got_pcrel_hi" => {
                let entry = self.cx.table_entry(symbol.name);
                self.emit.constant(Value::addr(entry))
            }
            Immediate::Part { part, symbol } => {
                let offset = if part.by_label { symbol.offset } else { 0 };
                self.emit.symbol(crate::operand::Symbol { offset, ..symbol }, self.cx)
            }
        }
    }

    fn upper(&mut self, name: &str, rd: Register<'_>, value: Immediate<'_>) {
        match value {
            Immediate::Number(number) if name == "lui" => {
                let value = self.emit.number(i64::from((number << 12) as i32));
                self.write(rd, value);
            }
            Immediate::Number(_) => {
                self.emit.fail("`auipc` with a number gives an address that no test can know".to_owned());
            }
            Immediate::Part { .. } => {
                let value = self.immediate(value);
                self.write(rd, value);
            }
        }
    }

    fn address(&mut self, address: Address<'_>) -> Temp {
        match address {
            Address::Symbol(symbol) => self.emit.symbol(symbol, self.cx),
            Address::Based { base, offset } => {
                let base = self.read(base, Port::Addr);
                if offset == Immediate::Number(0) {
                    return base;
                }
                let offset = self.immediate(offset);
                self.emit.binary(BinaryOp::Add, 64, base, offset)
            }
        }
    }

    fn load_reserved(&mut self, width: Width, order: Order, rd: Register<'_>, rs1: Register<'_>) {
        let addr = self.read(rs1, Port::Addr);
        let loaded = self.emit.load(addr, width.bits(), tag::EXCLUSIVE.with(tag::order(order)));
        let value = self.emit.sign_extend(width.bits(), loaded);
        self.write(rd, value);
        let reserved = self.emit.detach(addr);
        self.emit.write(RESERVATION, reserved);
    }

    fn store_conditional(
        &mut self,
        width: Width,
        order: Order,
        rd: Register<'_>,
        rs2: Register<'_>,
        rs1: Register<'_>,
    ) {
        let reserved = self.emit.read(RESERVATION, Port::Plain);
        let none = self.emit.number(0);
        let success = self.emit.apart(|emit| {
            let read = |emit: &mut Emit, register: Register<'_>, port| {
                if register.is_zero() { none } else { emit.read(register.reg(), port) }
            };
            let addr = read(emit, rs1, Port::Addr);
            let value = read(emit, rs2, Port::Data);
            let same = emit.binary(BinaryOp::Eq, 64, reserved, addr);
            emit.push(Micro::Assume { cond: same, is: true });
            let tags = tag::EXCLUSIVE.with(tag::order(order));
            let store = emit.store(addr, value, width.bits(), tags);
            emit.write(RESERVATION, none);
            if !rd.is_zero() {
                let status = emit.write(rd.reg(), none);
                emit.edge(EdgeKind::Data, store, status);
            }
        });
        let failure = self.emit.apart(|emit| {
            emit.write(RESERVATION, none);
            if !rd.is_zero() {
                let one = emit.constant(Value::ONE);
                emit.write(rd.reg(), one);
            }
        });
        self.emit.push(Micro::Alt(vec![success, failure]));
    }

    fn amo(
        &mut self,
        op: AmoOp,
        width: Width,
        order: Order,
        rd: Register<'_>,
        rs2: Register<'_>,
        rs1: Register<'_>,
    ) {
        let (addr, operand) = (self.read(rs1, Port::Addr), self.read(rs2, Port::Data));
        let bits = width.bits();
        let (old, ev) = self.emit.update(addr, bits, tag::AMO.with(tag::order(order)));
        let value = match op {
            AmoOp::Fetch(op) => self.emit.binary(op, bits, old, operand),
            AmoOp::Swap | AmoOp::CompareSwap => operand,
        };
        self.emit.push(Micro::SetUpdate { ev, value });
        let result = self.emit.sign_extend(bits, old);
        self.write(rd, result);
    }

    /// `amocas`: if memory has the expected value it is an AMO, else a load.
    fn compare_swap(
        &mut self,
        width: Width,
        order: Order,
        rd: Register<'_>,
        rs2: Register<'_>,
        rs1: Register<'_>,
    ) {
        let addr = self.read(rs1, Port::Addr);
        let bits = width.bits();
        let (new, whole) = (self.read_operand(rs2, width), self.read_operand(rd, width));
        let expected = self.emit.zero_extend(bits, whole);
        let tags = tag::AMO.with(tag::order(order));
        let result = |emit: &mut Emit, old| {
            if rd.is_zero() {
                return;
            }
            if width == Width::Quad {
                let low = emit.unary(UnaryOp::Mask, 64, old);
                let high = emit.binary_number(BinaryOp::ShrLogical, 128, old, 64);
                emit.write(rd.reg(), low);
                emit.write(rd.next().reg(), high);
            } else {
                let value = emit.sign_extend(bits, old);
                emit.write(rd.reg(), value);
            }
        };
        let success = self.emit.apart(|emit| {
            let (old, ev) = emit.update(addr, bits, tags);
            let same = emit.binary(BinaryOp::Eq, bits, old, expected);
            emit.push(Micro::Assume { cond: same, is: true });
            emit.push(Micro::SetUpdate { ev, value: new });
            result(emit, old);
        });
        let failure = self.emit.apart(|emit| {
            let old = emit.load(addr, bits, tags);
            let same = emit.binary(BinaryOp::Eq, bits, old, expected);
            emit.push(Micro::Assume { cond: same, is: false });
            result(emit, old);
        });
        self.emit.push(Micro::Alt(vec![success, failure]));
    }

    /// Reads an operand of an AMO: one register, or two for 128 bits.
    fn read_operand(&mut self, register: Register<'_>, width: Width) -> Temp {
        let low = self.read(register, Port::Data);
        if width != Width::Quad || register.is_zero() {
            return low;
        }
        let high = self.read(register.next(), Port::Data);
        let moved = self.emit.binary_number(BinaryOp::Shl, 128, high, 64);
        self.emit.binary(BinaryOp::Or, 128, low, moved)
    }

    fn write_link(&mut self, rd: Register<'_>) {
        if !rd.is_zero() {
            let next = self.emit.next_address();
            self.emit.write(rd.reg(), next);
        }
    }

    /// A jump to an address in a register. One that does not link is a return, as far as anybody can tell.
    fn jump_register(&mut self, rs1: Register<'_>, offset: i64, rd: Register<'_>) {
        let base = self.read(rs1, Port::Plain);
        self.write_link(rd);
        if rd.is_zero() && offset == 0 {
            return self.emit.jump_back(base);
        }
        let target = self.emit.binary_number(BinaryOp::Add, 64, base, offset);
        self.emit.jump_to(target);
    }
}
