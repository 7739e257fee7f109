//! From instruction to micro-operations.
//!
//! Every register that is read or written makes an event, the condition code too. Dependencies follow from the flow of
//! values.

use super::arithmetic;
use super::instruction::{Address, Comparison, Instruction, Op, Unary};
use super::register::{CONDITION, Register};
use super::tag;
use crate::Context;
use crate::emit::{Emit, label};
use crate::operand::Target;
use execution::micro::{EdgeKind, Ev, Micro, Port, Tags, Temp};
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

impl Lower<'_, '_> {
    fn instruction(&mut self, instruction: &Instruction<'_>) {
        use Instruction::*;
        match *instruction {
            Nop { .. } => {}
            LoadImmediate { width, r1, value, .. } => {
                let value = self.emit.number(if width == 32 { i64::from(value as u32) } else { value });
                self.write(r1, value);
            }
            LoadSymbol { r1, symbol } => {
                let value = self.emit.symbol(symbol, self.cx);
                self.write(r1, value);
            }
            LoadAddress { r1, address, .. } => {
                let value = self.address(address, Port::Plain);
                self.write(r1, value);
            }
            Unary { op, r1, r2, .. } => self.unary(op, r1, r2),
            Compute { op, r1, r2, .. } => {
                let (a, b) = (self.read(r1, Port::Plain), self.read(r2, Port::Plain));
                self.compute(op, r1, a, b);
            }
            ComputeThree { op, r1, r2, r3, .. } => {
                let (a, b) = (self.read(r2, Port::Plain), self.read(r3, Port::Plain));
                self.compute(op, r1, a, b);
            }
            ComputeImmediate { op, r1, value, .. } => {
                let (a, b) = (self.read(r1, Port::Plain), self.emit.number(value));
                self.compute(op, r1, a, b);
            }
            Shift { op, r1, r3, by, .. } => self.shift(op, r1, r3, by),
            ShiftWord { op, r1, by, .. } => self.shift(op, r1, r1, by),
            Load { width, signed, r1, address, .. } => {
                let addr = self.address(address, Port::Addr);
                let loaded = self.emit.load(addr, width, Tags::NONE);
                let value = if signed { self.emit.sign_extend(width, loaded) } else { loaded };
                self.write(r1, value);
            }
            Store { width, r1, address, .. } => {
                let addr = self.address(address, Port::Addr);
                let value = self.read(r1, Port::Data);
                self.emit.store(addr, value, width, Tags::NONE);
            }
            StoreImmediate { width, address, value, .. } => {
                let addr = self.address(address, Port::Addr);
                let value = self.emit.number(value);
                self.emit.store(addr, value, width, Tags::NONE);
            }
            Interlocked { op, r1, r3, address, .. } => {
                let addr = self.address(address, Port::Addr);
                let operand = self.read(r3, Port::Data);
                let old = self.interlocked(op, addr, operand);
                self.write(r1, old);
            }
            InterlockedImmediate { op, address, value, .. } => {
                let addr = self.address(address, Port::Addr);
                let operand = self.emit.number(value);
                self.interlocked(op, addr, operand);
            }
            CompareSwap { width, r1, r3, address, .. } => self.compare_swap(width, r1, r3, address),
            Compare { how, r1, r2, .. } => {
                let (a, b) = (self.read(r1, Port::Plain), self.read(r2, Port::Plain));
                arithmetic::compare(&mut self.emit, how, a, b);
            }
            CompareImmediate { how, r1, value, .. } => {
                let (a, b) = (self.read(r1, Port::Plain), self.emit.number(value));
                arithmetic::compare(&mut self.emit, how, a, b);
            }
            Branch { mask: 15, target } => {
                self.emit.push(Micro::Jump { target: label(target, self.cx) });
            }
            Branch { mask, target } => {
                let code = self.emit.read(CONDITION, Port::Plain);
                let cond = arithmetic::selects(&mut self.emit, mask, code);
                self.emit.branch(cond, label(target, self.cx));
            }
            CompareBranch { how, mask, r1, r2, target } => {
                let (a, b) = (self.read(r1, Port::Plain), self.read(r2, Port::Plain));
                self.compare_branch(how, mask, a, b, target);
            }
            CompareBranchImmediate { how, mask, r1, value, target } => {
                let (a, b) = (self.read(r1, Port::Plain), self.emit.number(value));
                self.compare_branch(how, mask, a, b, target);
            }
            Call { r1, target, .. } => {
                let next = self.emit.next_address();
                self.write(r1, next);
                self.emit.push(Micro::Jump { target: label(target, self.cx) });
            }
            BranchRegister { r2 } => {
                let target = self.read(r2, Port::Plain);
                self.emit.jump_back(target);
            }
            Serialise { .. } => self.emit.fence(tag::SERIAL),
        }
    }

    fn read(&mut self, register: Register<'_>, port: Port) -> Temp {
        self.emit.read(register.reg(), port)
    }

    fn write(&mut self, register: Register<'_>, value: Temp) {
        self.emit.write(register.reg(), value);
    }

    fn address(&mut self, address: Address<'_>, port: Port) -> Temp {
        let registers = [address.index, address.base].into_iter().flatten();
        let mut sum = None;
        for register in registers {
            let value = self.read(register, port);
            sum = Some(sum.map_or(value, |sum| self.emit.binary(BinaryOp::Add, 64, sum, value)));
        }
        match (sum, address.displacement) {
            (Some(sum), 0) => sum,
            (Some(sum), displacement) => self.emit.binary_number(BinaryOp::Add, 64, sum, displacement),
            (None, displacement) => self.emit.number(displacement),
        }
    }

    fn compute(&mut self, op: Op, r1: Register<'_>, a: Temp, b: Temp) {
        let result = arithmetic::compute(&mut self.emit, op, a, b);
        self.write(r1, result);
        arithmetic::set_code(&mut self.emit, op, result);
    }

    fn shift(&mut self, op: Op, r1: Register<'_>, r3: Register<'_>, by: Address<'_>) {
        let (a, by) = (self.read(r3, Port::Plain), self.address(by, Port::Plain));
        let result = arithmetic::shift(&mut self.emit, op, a, by);
        self.write(r1, result);
        arithmetic::set_code(&mut self.emit, op, result);
    }

    fn unary(&mut self, op: Unary, r1: Register<'_>, r2: Register<'_>) {
        let a = self.read(r2, Port::Plain);
        let (result, tested) = match op {
            Unary::ZeroExtend(width) => (self.emit.zero_extend(width, a), None),
            Unary::SignExtend(width) => (self.emit.sign_extend(width, a), None),
            Unary::Negate(width) => (self.emit.unary(UnaryOp::Neg, width, a), Some(width)),
            Unary::Test(width) => (self.emit.zero_extend(width, a), Some(width)),
        };
        self.write(r1, result);
        if let Some(width) = tested {
            let zero = self.emit.number(0);
            arithmetic::compare(&mut self.emit, Comparison { width, signed: true }, result, zero);
        }
    }

    fn compare_branch(&mut self, how: Comparison, mask: u8, a: Temp, b: Temp, target: Target<'_>) {
        let code = arithmetic::code(&mut self.emit, how, a, b);
        let cond = arithmetic::selects(&mut self.emit, mask, code);
        self.emit.branch(cond, label(target, self.cx));
    }

    /// A load and a store that nothing comes between; gives what was loaded.
    fn interlocked(&mut self, op: Op, addr: Temp, operand: Temp) -> Temp {
        let (old, _) = load(&mut self.emit, addr, op.width, tag::INTERLOCKED);
        let new = arithmetic::compute(&mut self.emit, op, old, operand);
        self.emit.store(addr, new, op.width, tag::INTERLOCKED);
        arithmetic::set_code(&mut self.emit, op, new);
        old
    }

    fn compare_swap(&mut self, width: u8, r1: Register<'_>, r3: Register<'_>, address: Address<'_>) {
        let addr = self.address(address, Port::Addr);
        let (whole, new) = (self.read(r1, Port::Data), self.read(r3, Port::Data));
        let expected = self.emit.zero_extend(width, whole);
        let success = self.emit.apart(|emit| {
            let (old, read) = load(emit, addr, width, tag::COMPARE_SWAP);
            let same = emit.binary(BinaryOp::Eq, width, old, expected);
            emit.push(Micro::Assume { cond: same, is: true });
            let write = emit.store(addr, new, width, tag::COMPARE_SWAP);
            emit.edge(EdgeKind::Ctrl, read, write);
            let code = emit.binary_number(BinaryOp::Xor, 8, same, 1);
            emit.write(CONDITION, code);
        });
        let failure = self.emit.apart(|emit| {
            let (old, _) = load(emit, addr, width, tag::COMPARE_SWAP);
            let same = emit.binary(BinaryOp::Eq, width, old, expected);
            emit.push(Micro::Assume { cond: same, is: false });
            let code = emit.binary_number(BinaryOp::Xor, 8, same, 1);
            emit.write(CONDITION, code);
            emit.write(r1.reg(), old);
        });
        self.emit.push(Micro::Alt(vec![success, failure]));
    }
}

fn load(emit: &mut Emit, addr: Temp, width: u8, tags: Tags) -> (Temp, Ev) {
    let ev = Ev(emit.event_count());
    (emit.load(addr, width, tags), ev)
}
