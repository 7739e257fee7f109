//! From instruction to micro-operations.
//!
//! Every register that is read or written makes an event, except `$0`. Dependencies follow from the flow of values;
//! nothing depends through the reservation, nor on the success of a store-conditional.
//!
//! Where instructions are not reordered, a branch decides, and the instruction behind it, in the delay slot, jumps: the
//! branch leaves in hidden registers whether it is taken and where to.

use super::arithmetic;
use super::instruction::{Access, Address, Branch, HighLow, Immediate, Instruction, PartKind, Slot};
use super::register::{HIGH, LOW, RESERVATION, Register, TAKEN, TARGET};
use super::tag;
use crate::Context;
use crate::assemble::DelaySlot;
use crate::emit::{Emit, label};
use crate::operand::{Symbol, Target};
use execution::micro::{LabelId, Micro, Port, Tags, Temp};
use execution::{BinaryOp, Value};
use syntax::{Diagnostic, Span};

const WORD: u8 = 32;
const DOUBLE: u8 = 64;

/// The micro-operations of an instruction, which stands at `span`.
pub(super) fn lower(
    instruction: &Instruction<'_>,
    span: Span,
    cx: &mut Context<'_>,
) -> Result<Vec<Micro>, Diagnostic> {
    if let Instruction::Set { what } = instruction {
        match *what {
            "noreorder" => cx.delay.noreorder = true,
            "reorder" => cx.delay.noreorder = false,
            _ => {}
        }
        return Ok(Vec::new());
    }
    let slot = cx.delay.slot.take();
    if slot.is_some() && instruction.may_jump() {
        let message = "a branch in the delay slot of another";
        let help = "this is a delay slot because of `.set noreorder`";
        return Err(Diagnostic::error("isa::bad-delay-slot", span, message).with_help(help));
    }
    let mut lower = Lower { emit: Emit::default(), span, cx };
    lower.instruction(instruction);
    if let Some(slot) = slot {
        lower.leave_slot(slot);
    }
    Ok(lower.emit.finish())
}

struct Lower<'l, 'c> {
    emit: Emit,
    span: Span,
    cx: &'l mut Context<'c>,
}

impl Lower<'_, '_> {
    fn instruction(&mut self, instruction: &Instruction<'_>) {
        use Instruction::*;
        match *instruction {
            Nop { .. } | Set { .. } | Cache { .. } => {}
            LoadImmediate { rd, value, .. } => {
                let value = self.emit.number(value);
                self.write(rd, value);
            }
            LoadAddress { rd, symbol, .. } => {
                let value = self.emit.symbol(symbol, self.cx);
                self.write(rd, value);
            }
            Upper { rd, value } => {
                let value = match value {
                    Immediate::Number(number) => self.emit.number(i64::from((number << 16) as i32)),
                    Immediate::Part { part, symbol } if part.kind == PartKind::High => {
                        self.emit.symbol(Symbol { offset: 0, ..symbol }, self.cx)
                    }
                    _ => self.emit.number(0),
                };
                self.write(rd, value);
            }
            Compute { op, rd, rs, rt, .. } => {
                let (a, b) = (self.read(rs, Port::Plain), self.read(rt, Port::Plain));
                let result = arithmetic::compute(&mut self.emit, op, a, b);
                self.write(rd, result);
            }
            ComputeImmediate { op, rd, rs, value, .. } => {
                let a = self.read(rs, Port::Plain);
                let result = match value {
                    Immediate::Number(number) => {
                        let b = self.emit.number(number);
                        arithmetic::compute(&mut self.emit, op, a, b)
                    }
                    part => self.add_part(a, part),
                };
                self.write(rd, result);
            }
            Unary { op, rd, rs, .. } => {
                let a = self.read(rs, Port::Plain);
                let result = arithmetic::unary(&mut self.emit, op, a);
                self.write(rd, result);
            }
            MoveIf { zero, rd, rs, rt, .. } => {
                let (value, decides) = (self.read(rs, Port::Plain), self.read(rt, Port::Plain));
                let old = self.read(rd, Port::Plain);
                let test = if zero { BinaryOp::Eq } else { BinaryOp::Ne };
                let cond = self.emit.binary_number(test, DOUBLE, decides, 0);
                let result = self.emit.if_then_else(cond, value, old);
                self.write(rd, result);
            }
            BitField { field, rd, rs, position, size, .. } => {
                let source = self.read(rs, Port::Plain);
                let old = field.insert.then(|| self.read(rd, Port::Plain));
                let result = arithmetic::bit_field(&mut self.emit, field, source, old, position, size);
                self.write(rd, result);
            }
            HighLow { op, rs, rt, .. } => self.high_low(op, rs, rt),
            MoveFrom { high, rd, .. } => {
                let value = self.emit.read(if high { HIGH } else { LOW }, Port::Plain);
                self.write(rd, value);
            }
            MoveTo { high, rs, .. } => {
                let value = self.read(rs, Port::Plain);
                self.emit.write(if high { HIGH } else { LOW }, value);
            }
            Load { access, rt, address } => self.load(access, rt, address),
            Store { access, rt, address } => {
                let addr = self.address(address);
                let value = self.read(rt, Port::Data);
                self.emit.store(addr, value, access.bits, Tags::NONE);
            }
            LoadLinked { access, rt, address } => {
                let addr = self.address(address);
                let loaded = self.emit.load(addr, access.bits, tag::EXCLUSIVE);
                let value = self.emit.sign_extend(access.bits, loaded);
                self.write(rt, value);
                let reserved = self.emit.detach(addr);
                self.emit.write(RESERVATION, reserved);
            }
            StoreConditional { access, rt, address } => self.store_conditional(access, rt, address),
            Branch { branch, rs, rt, target, .. } => {
                let (a, b) = (self.read(rs, Port::Plain), self.read(rt, Port::Plain));
                self.branch(branch, a, b, target);
            }
            BranchZero { branch, rs, target, .. } => {
                let (a, zero) = (self.read(rs, Port::Plain), self.emit.number(0));
                self.branch(branch, a, zero, target);
            }
            Jump { link, slot, target, .. } => self.jump(link, slot, target),
            JumpRegister { slot, rs, .. } => self.jump_register(rs, slot, Register::ZERO),
            JumpLinkRegister { rd, rs } => self.jump_register(rs, true, rd),
            Sync { kind } => self.emit.fence(Tags::one(tag::SYNCS[kind].2)),
            Trap { name, test, rs, rt, .. } => {
                let (a, b) = (self.read(rs, Port::Plain), self.read(rt, Port::Plain));
                let cond = arithmetic::test(&mut self.emit, test, a, b);
                self.emit.either(cond, |emit| emit.fail(exception(name)), |_| {});
            }
            Exception { name, .. } => self.emit.fail(exception(name)),
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

    /// A value with a part of an address added. A low part is the whole address if the value is zero: then the higher
    /// parts came in pieces.
    fn add_part(&mut self, base: Temp, part: Immediate<'_>) -> Temp {
        match part {
            Immediate::Number(0) => base,
            Immediate::Number(number) => self.emit.binary_number(BinaryOp::Add, DOUBLE, base, number),
            Immediate::GlobalPointer { .. } => base,
            Immediate::Part { part, symbol } => match part.kind {
                PartKind::High | PartKind::Top => base,
                PartKind::Table => self.emit.symbol(symbol, self.cx),
                PartKind::Low => {
                    let whole = self.emit.symbol(symbol, self.cx);
                    let moved = self.emit.binary_number(BinaryOp::Add, DOUBLE, base, symbol.offset);
                    self.emit.if_then_else(base, moved, whole)
                }
            },
        }
    }

    fn address(&mut self, address: Address<'_>) -> Temp {
        match address {
            Address::Symbol(symbol) => self.emit.symbol(symbol, self.cx),
            Address::Based { base, offset } => {
                let base = self.read(base, Port::Addr);
                self.add_part(base, offset)
            }
        }
    }

    fn load(&mut self, access: Access, rt: Register<'_>, address: Address<'_>) {
        // An entry of the table of addresses is known.
        if let Address::Based { offset: Immediate::Part { part, symbol }, .. } = address
            && part.kind == PartKind::Table
        {
            let offset = if part.name == "got_disp" { symbol.offset } else { 0 };
            let entry = self.emit.symbol(Symbol { offset, ..symbol }, self.cx);
            return self.write(rt, entry);
        }
        let addr = self.address(address);
        let loaded = self.emit.load(addr, access.bits, Tags::NONE);
        let value = if access.signed { self.emit.sign_extend(access.bits, loaded) } else { loaded };
        self.write(rt, value);
    }

    fn store_conditional(&mut self, access: Access, rt: Register<'_>, address: Address<'_>) {
        let reserved = self.emit.read(RESERVATION, Port::Plain);
        let none = self.emit.number(0);
        let outside = self.emit.begin();
        let addr = self.address(address);
        let value = self.read(rt, Port::Data);
        let same = self.emit.binary(BinaryOp::Eq, DOUBLE, reserved, addr);
        self.emit.push(Micro::Assume { cond: same, is: true });
        self.emit.store(addr, value, access.bits, tag::EXCLUSIVE);
        self.emit.write(RESERVATION, none);
        let one = self.emit.constant(Value::ONE);
        self.write(rt, one);
        let success = self.emit.end(outside);
        let outside = self.emit.begin();
        self.emit.write(RESERVATION, none);
        self.write(rt, none);
        let failure = self.emit.end(outside);
        self.emit.push(Micro::Alt(vec![success, failure]));
    }

    fn high_low(&mut self, op: HighLow, rs: Register<'_>, rt: Register<'_>) {
        let (a, b) = (self.read(rs, Port::Plain), self.read(rt, Port::Plain));
        let (high, low) = match op {
            HighLow::Multiply { signed, bits: WORD } => {
                let [a, b] = [a, b].map(|value| {
                    if signed {
                        self.emit.sign_extend(WORD, value)
                    } else {
                        self.emit.zero_extend(WORD, value)
                    }
                });
                let product = self.emit.binary(BinaryOp::Mul, DOUBLE, a, b);
                let high = self.emit.binary_number(BinaryOp::ShrArithmetic, DOUBLE, product, WORD.into());
                (high, self.emit.sign_extend(WORD, product))
            }
            HighLow::Multiply { signed, .. } => {
                let op = if signed { BinaryOp::MulHighSigned } else { BinaryOp::MulHighUnsigned };
                let high = self.emit.binary(op, DOUBLE, a, b);
                (high, self.emit.binary(BinaryOp::Mul, DOUBLE, a, b))
            }
            HighLow::Divide { signed, bits } => {
                let [quotient, remainder] = if signed {
                    [BinaryOp::DivSigned, BinaryOp::RemSigned]
                } else {
                    [BinaryOp::DivUnsigned, BinaryOp::RemUnsigned]
                }
                .map(|op| {
                    let result = self.emit.binary(op, bits, a, b);
                    self.emit.sign_extend(bits, result)
                });
                (remainder, quotient)
            }
        };
        self.emit.write(HIGH, high);
        self.emit.write(LOW, low);
    }

    /// Where the next instruction but the delay slot is.
    fn return_address(&mut self, slot: bool) -> Temp {
        let next = self.emit.next_address();
        if slot { self.emit.binary_number(BinaryOp::Add, DOUBLE, next, 4) } else { next }
    }

    fn branch(&mut self, branch: Branch, a: Temp, b: Temp, target: Target<'_>) {
        let cond = arithmetic::test(&mut self.emit, branch.test, a, b);
        let delayed = self.cx.delay.noreorder && branch.slot != Slot::None;
        if branch.link {
            let address = self.return_address(delayed);
            self.emit.write(Register::LINK.reg(), address);
        }
        let target = label(target, self.cx);
        if !delayed {
            return self.emit.branch(cond, target);
        }
        if branch.slot == Slot::Likely {
            let not = self.emit.unary(execution::UnaryOp::IsZero, DOUBLE, cond);
            let behind = self.cx.relative(2, self.span);
            self.emit.branch(not, behind);
        }
        self.enter_slot(cond, Some(target));
    }

    fn jump(&mut self, link: bool, slot: bool, target: Target<'_>) {
        let delayed = slot && self.cx.delay.noreorder;
        if link {
            let address = self.return_address(delayed);
            self.emit.write(Register::LINK.reg(), address);
        }
        let target = label(target, self.cx);
        if delayed {
            let taken = self.emit.number(1);
            self.enter_slot(taken, Some(target));
        } else {
            self.emit.push(Micro::Jump { target });
        }
    }

    fn jump_register(&mut self, rs: Register<'_>, slot: bool, link: Register<'_>) {
        let delayed = slot && self.cx.delay.noreorder;
        let target = self.read(rs, Port::Plain);
        if !link.is_zero() {
            let address = self.return_address(delayed);
            self.write(link, address);
        }
        if delayed {
            self.emit.write(TARGET, target);
            let taken = self.emit.number(1);
            self.enter_slot(taken, None);
        } else if link.is_zero() {
            self.emit.jump_back(target);
        } else {
            self.emit.jump_to(target);
        }
    }

    /// Leaves for the delay slot whether the branch is taken; `target`: a label, or what is in the hidden register.
    fn enter_slot(&mut self, taken: Temp, target: Option<LabelId>) {
        self.emit.write(TAKEN, taken);
        self.cx.delay.slot = Some(DelaySlot { target, branch: self.span });
    }

    /// Jumps behind the instruction of a delay slot.
    fn leave_slot(&mut self, slot: DelaySlot) {
        let taken = self.emit.read(TAKEN, Port::Plain);
        let none = self.emit.number(0);
        self.emit.write(TAKEN, none);
        match slot.target {
            Some(target) => self.emit.branch(taken, target),
            None => {
                let target = self.emit.read(TARGET, Port::Plain);
                self.emit.either(taken, |emit| emit.jump_back(target), |_| {});
            }
        }
    }
}

fn exception(name: &str) -> String {
    format!("`{name}` takes an exception, and exceptions are not simulated")
}

impl Instruction<'_> {
    /// Whether it may go on elsewhere.
    fn may_jump(&self) -> bool {
        use Instruction::*;
        matches!(
            self,
            Branch { .. } | BranchZero { .. } | Jump { .. } | JumpRegister { .. } | JumpLinkRegister { .. }
        )
    }
}
