//! From instruction to micro-operations.
//!
//! Every register that is read or written makes an event, except `$r0`. Dependencies follow from the flow of values;
//! nothing depends through the reservation, nor on the success of a store-conditional.

use super::arithmetic;
use super::instruction::{Am, AmOp, Instruction, Offset};
use super::register::{RESERVATION, Register};
use super::tag;
use crate::Context;
use crate::emit::{Emit, label};
use execution::BinaryOp;
use execution::micro::{Micro, Port, Tags, Temp};

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
            LoadImmediate { name, rd, value } => {
                let value = self.emit.number(if name == "li.w" { i64::from(value as i32) } else { value });
                self.write(rd, value);
            }
            Upper { rd, value, .. } => {
                let value = self.emit.number(i64::from((value << 12) as i32));
                self.write(rd, value);
            }
            LoadAddress { rd, symbol, .. } => {
                let value = self.emit.symbol(symbol, self.cx);
                self.write(rd, value);
            }
            Compute { op, rd, rj, rk, .. } => {
                let (a, b) = (self.read(rj, Port::Plain), self.read(rk, Port::Plain));
                let result = arithmetic::compute(&mut self.emit, op, a, b);
                self.write(rd, result);
            }
            ComputeImmediate { op, rd, rj, value, .. } => {
                let (a, b) = (self.read(rj, Port::Plain), self.emit.number(value));
                let result = arithmetic::compute(&mut self.emit, op, a, b);
                self.write(rd, result);
            }
            ShiftAdd { width, rd, rj, rk, by, .. } => {
                let (a, b) = (self.read(rj, Port::Plain), self.read(rk, Port::Plain));
                let result = arithmetic::shift_add(&mut self.emit, width, a, b, by);
                self.write(rd, result);
            }
            Bits { field, rd, rj, high, low, .. } => {
                let source = self.read(rj, Port::Plain);
                let old = field.insert.then(|| self.read(rd, Port::Plain));
                let result = arithmetic::bits(&mut self.emit, field, source, old, high, low);
                self.write(rd, result);
            }
            Unary { op, rd, rj, .. } => {
                let a = self.read(rj, Port::Plain);
                let result = arithmetic::unary(&mut self.emit, op, a);
                self.write(rd, result);
            }
            Load { width, signed, rd, rj, offset, .. } => {
                let addr = self.address(rj, offset);
                let loaded = self.emit.load(addr, width, Tags::NONE);
                let value = if signed { self.emit.sign_extend(width, loaded) } else { loaded };
                self.write(rd, value);
            }
            Store { width, rd, rj, offset, .. } => {
                let addr = self.address(rj, offset);
                let value = self.read(rd, Port::Data);
                self.emit.store(addr, value, width, Tags::NONE);
            }
            LoadLinked { width, acquire, rd, rj, offset, .. } => {
                let addr = self.address(rj, Offset::Number(offset));
                let order = if acquire { tag::ACQUIRE } else { Tags::NONE };
                let loaded = self.emit.load(addr, width, tag::EXCLUSIVE.with(order));
                let value = self.emit.sign_extend(width, loaded);
                self.write(rd, value);
                let reserved = self.emit.detach(addr);
                self.emit.write(RESERVATION, reserved);
            }
            StoreConditional { width, release, rd, rj, offset, .. } => {
                self.store_conditional(width, release, rd, rj, offset);
            }
            Am { am, rd, rk, rj } if am.op == AmOp::CompareSwap => self.compare_swap(am, rd, rk, rj),
            Am { am, rd, rk, rj } => self.update(am, rd, rk, rj),
            Barrier { name: "dbar", hint } => self.emit.fence(tag::dbar(hint)),
            Barrier { .. } => self.emit.fence(Tags::NONE),
            Branch { test, rj, rd, target, .. } => {
                let (a, b) = (self.read(rj, Port::Plain), self.read(rd, Port::Plain));
                let cond = arithmetic::test(&mut self.emit, test, a, b);
                self.emit.branch(cond, label(target, self.cx));
            }
            BranchZero { test, rj, target, .. } => {
                let (a, zero) = (self.read(rj, Port::Plain), self.emit.number(0));
                let cond = arithmetic::test(&mut self.emit, test, a, zero);
                self.emit.branch(cond, label(target, self.cx));
            }
            Jump { link, target, .. } => {
                if link {
                    self.write_link(Register::LINK);
                }
                self.emit.push(Micro::Jump { target: label(target, self.cx) });
            }
            JumpLink { rd, rj, offset } => self.jump_register(rj, offset, rd),
            JumpRegister { rj } => self.jump_register(rj, 0, Register::ZERO),
            Return => self.jump_register(Register::LINK, 0, Register::ZERO),
            Exception { name, .. } => {
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

    fn address(&mut self, base: Register<'_>, offset: Offset<'_>) -> Temp {
        let base = self.read(base, Port::Addr);
        let offset = match offset {
            Offset::Number(0) => return base,
            Offset::Number(number) => self.emit.number(number),
            Offset::Register(register) => self.read(register, Port::Addr),
        };
        self.emit.binary(BinaryOp::Add, 64, base, offset)
    }

    fn store_conditional(
        &mut self,
        width: u8,
        release: bool,
        rd: Register<'_>,
        rj: Register<'_>,
        offset: i64,
    ) {
        let reserved = self.emit.read(RESERVATION, Port::Plain);
        let none = self.emit.number(0);
        let addr = self.address(rj, Offset::Number(offset));
        let value = self.read(rd, Port::Data);
        let order = if release { tag::RELEASE } else { Tags::NONE };
        let status = |emit: &mut Emit, success: i64| {
            let cleared = emit.number(0);
            emit.write(RESERVATION, cleared);
            if !rd.is_zero() {
                let success = emit.number(success);
                emit.write(rd.reg(), success);
            }
        };
        let success = self.emit.apart(|emit| {
            let held = emit.binary(BinaryOp::Ne, 64, reserved, none);
            emit.push(Micro::Assume { cond: held, is: true });
            let same = emit.binary(BinaryOp::Eq, 64, reserved, addr);
            emit.push(Micro::Assume { cond: same, is: true });
            emit.store(addr, value, width, tag::EXCLUSIVE.with(order));
            status(emit, 1);
        });
        let failure = self.emit.apart(|emit| status(emit, 0));
        self.emit.push(Micro::Alt(vec![success, failure]));
    }

    fn update(&mut self, am: Am, rd: Register<'_>, rk: Register<'_>, rj: Register<'_>) {
        let (addr, operand) = (self.read(rj, Port::Addr), self.read(rk, Port::Data));
        let (old, ev) = self.emit.update(addr, am.width, tags(am));
        let value = match am.op {
            AmOp::Fetch(op) => self.emit.binary(op, am.width, old, operand),
            AmOp::Swap | AmOp::CompareSwap => operand,
        };
        self.emit.push(Micro::SetUpdate { ev, value });
        let result = self.emit.sign_extend(am.width, old);
        self.write(rd, result);
    }

    /// `amcas`: if memory has the expected value it is an update, else a load.
    fn compare_swap(&mut self, am: Am, rd: Register<'_>, rk: Register<'_>, rj: Register<'_>) {
        let addr = self.read(rj, Port::Addr);
        let (new, whole) = (self.read(rk, Port::Data), self.read(rd, Port::Data));
        let expected = self.emit.zero_extend(am.width, whole);
        let result = |emit: &mut Emit, old| {
            let value = emit.sign_extend(am.width, old);
            if !rd.is_zero() {
                emit.write(rd.reg(), value);
            }
        };
        let success = self.emit.apart(|emit| {
            let (old, ev) = emit.update(addr, am.width, tags(am));
            let same = emit.binary(BinaryOp::Eq, am.width, old, expected);
            emit.push(Micro::Assume { cond: same, is: true });
            emit.push(Micro::SetUpdate { ev, value: new });
            result(emit, old);
        });
        let failure = self.emit.apart(|emit| {
            let old = emit.load(addr, am.width, tag::AM);
            let same = emit.binary(BinaryOp::Eq, am.width, old, expected);
            emit.push(Micro::Assume { cond: same, is: false });
            result(emit, old);
        });
        self.emit.push(Micro::Alt(vec![success, failure]));
    }

    fn write_link(&mut self, rd: Register<'_>) {
        if !rd.is_zero() {
            let next = self.emit.next_address();
            self.emit.write(rd.reg(), next);
        }
    }

    /// A jump to an address in a register. One that does not link is a return, as far as anybody can tell.
    fn jump_register(&mut self, rj: Register<'_>, offset: i64, rd: Register<'_>) {
        let base = self.read(rj, Port::Plain);
        self.write_link(rd);
        if rd.is_zero() && offset == 0 {
            return self.emit.jump_back(base);
        }
        let target = self.emit.binary_number(BinaryOp::Add, 64, base, offset);
        self.emit.jump_to(target);
    }
}

fn tags(am: Am) -> Tags {
    if am.barrier { tag::AM.with(tag::BARRIER) } else { tag::AM }
}
