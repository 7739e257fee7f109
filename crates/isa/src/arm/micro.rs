//! From instruction to micro-operations.
//!
//! Every register that is read or written makes an event; so does the choice whether a conditional instruction is
//! executed. What such an instruction does hangs on that choice by control. Dependencies follow from the flow of
//! values otherwise; nothing depends on whether a store-exclusive succeeds.

use super::instruction::{Condition, Half, Instruction, Kind, Operand};
use super::register::{C, N, Register, V, Z};
use super::tag;
use crate::Context;
use crate::emit::{Emit, label};
use crate::operand::{Operands, Symbol, Target};
use execution::micro::{EdgeKind, Ev, Micro, Port, Reg, Temp};
use execution::{BinaryOp, UnaryOp, Value};
use syntax::{FileId, Span};

/// Width of registers in bits.
pub(super) const WORD: u8 = 32;

/// The micro-operations of an instruction. `wide`: pairs of registers are accessed as one location of 64 bits.
pub(super) fn lower(instruction: &Instruction<'_>, wide: bool, cx: &mut Context<'_>) -> Vec<Micro> {
    let mut lower = Lower { emit: Emit::default(), wide, cx };
    lower.instruction(instruction);
    lower.emit.finish()
}

pub(super) struct Lower<'l, 'c> {
    pub(super) emit: Emit,
    pub(super) wide: bool,
    cx: &'l mut Context<'c>,
}

impl Lower<'_, '_> {
    fn instruction(&mut self, instruction: &Instruction<'_>) {
        match (instruction.condition, &instruction.kind) {
            (Condition::Al, kind) => self.kind(kind),
            (condition, Kind::Branch { link: false, target }) => {
                let cond = self.condition(condition);
                let target = label(*target, self.cx);
                self.emit.branch(cond, target);
            }
            (condition, kind) => self.conditional(condition, kind),
        }
    }

    /// An instruction that is executed on a condition. One that may jump is a branch.
    fn conditional(&mut self, condition: Condition, kind: &Kind<'_>) {
        let cond = self.condition(condition);
        let choice = self.emit.event();
        self.emit.push(if kind.may_jump() {
            Micro::Commit { target: cond, ev: choice }
        } else {
            Micro::Pick { cond, ev: choice }
        });
        let outside = self.emit.begin();
        let first = self.emit.event_count();
        self.emit.push(Micro::Assume { cond, is: true });
        self.kind(kind);
        for event in first..self.emit.event_count() {
            self.emit.edge(EdgeKind::Ctrl, choice, Ev(event));
        }
        let yes = self.emit.end(outside);
        self.emit.push(Micro::Alt(vec![yes, vec![Micro::Assume { cond, is: false }]]));
    }

    fn kind(&mut self, kind: &Kind<'_>) {
        use Kind::*;
        match *kind {
            Nop { .. } | Block { .. } | Preload { .. } => {}
            Alu { op, flags, target, left, right } => self.alu(op, flags, target, left, right),
            Compare { op, left, right } => self.compare(op, left, right),
            Move { not: false, flags: false, target, source: Operand::Register(source) }
                if source.is_program_counter() =>
            {
                // It is two instructions ahead.
                let next = self.emit.next_address();
                let ahead = self.emit.binary_number(BinaryOp::Add, WORD, next, 4);
                self.write(target, ahead);
            }
            Move { not, flags, target, source } => self.move_to(not, flags, target, source),
            Shift { op, flags, target, source, distance } => {
                self.move_to(false, flags, target, Operand::Shifted { register: source, op, distance });
            }
            MoveWide { top, target, value } => self.move_wide(top, target, value),
            Multiply { op, flags, target, left, right, sum } => {
                self.multiply(op, flags, target, [left, right], sum);
            }
            MultiplyLong { op, flags, low, high, left, right } => {
                self.multiply_long(op, flags, [low, high], [left, right]);
            }
            Divide { op, target, left, right, .. } => {
                let (a, b) = (self.read(left), self.read(right));
                let quotient = self.emit.binary(op, WORD, a, b);
                self.write(target, quotient);
            }
            Unary { op, target, source, .. } => self.unary(op, target, source),
            Extend { extend, target, sum, source, rotate, .. } => {
                self.extend(extend, target, sum, source, rotate);
            }
            BitField { op, target, source, lsb, width } => self.bit_field(op, target, source, lsb, width),
            Parallel { op, target, left, right } => self.parallel(op, target, left, right),
            Select { target, left, right } => self.select(target, left, right),
            Load { access, target, address } => self.load(access, target, &address),
            Store { access, source, address } => self.store(access, source, &address),
            Pair { load: true, registers, address } => self.load_pair(registers, &address),
            Pair { load: false, registers, address } => self.store_pair(registers, &address),
            Multiple { load, mode, base, write_back, registers } => {
                self.multiple(load, mode, base, write_back, registers);
            }
            Stack { load, registers } => self.stack(load, registers),
            StoreExclusive { access, status, source, address } => {
                self.store_exclusive(access, status, &[source], &address);
            }
            LoadExclusivePair { access, targets, address } => {
                self.load_exclusive_pair(access, targets, &address);
            }
            StoreExclusivePair { access, status, sources, address } => {
                self.store_exclusive(access, status, &sources, &address);
            }
            ClearExclusive => self.clear_reservation(),
            LoadSymbol { target, symbol } => {
                let address = self.emit.symbol(symbol, self.cx);
                self.write(target, address);
            }
            LoadNumber { target, value } => {
                let value = self.number(value);
                self.write(target, value);
            }
            LoadLiteral { target, label } => self.load_literal(target, label),
            Word { .. } => self.emit.fail("the code runs into data".to_owned()),
            LabelAddress { target, label: to } => {
                let label = label(to, self.cx);
                let dst = self.emit.temp();
                self.emit.push(Micro::LabelAddress { dst, label });
                self.write(target, dst);
            }
            Branch { link, target } => self.jump(link, target),
            BranchRegister { link, register } => {
                let target = self.read(register);
                if link {
                    self.write_link();
                    self.emit.jump_to(target);
                } else {
                    self.emit.jump_back(target);
                }
            }
            CompareBranch { nonzero, register, target } => {
                let value = self.read(register);
                let zero = self.emit.number(0);
                let test = if nonzero { BinaryOp::Ne } else { BinaryOp::Eq };
                let cond = self.emit.binary(test, WORD, value, zero);
                let target = label(target, self.cx);
                self.emit.branch(cond, target);
            }
            Barrier { synchronizes, option } => self.emit.fence(tag::barrier(synchronizes, option)),
            InstructionBarrier => self.emit.fence(tag::ISB),
            Exception { name, .. } => {
                self.emit.fail(format!("`{name}` takes an exception, and exceptions are not simulated"));
            }
        }
    }

    /// Reads a register. What the program counter holds is not known.
    pub(super) fn read_at(&mut self, register: Register<'_>, port: Port) -> Temp {
        if register.is_program_counter() {
            self.emit.fail("the program counter is read, and the addresses of code are not known".to_owned());
            self.emit.number(0)
        } else {
            self.emit.read(register.reg(), port)
        }
    }

    pub(super) fn read(&mut self, register: Register<'_>) -> Temp {
        self.read_at(register, Port::Plain)
    }

    /// Writes a value that fits the register. What is written to the program counter is jumped to.
    pub(super) fn write(&mut self, register: Register<'_>, value: Temp) {
        if register.is_program_counter() {
            self.emit.jump_back(value);
        } else {
            self.emit.write(register.reg(), value);
        }
    }

    /// A number in a register.
    pub(super) fn number(&mut self, value: i64) -> Temp {
        self.emit.number(i64::from(value as u32))
    }

    fn move_wide(&mut self, top: bool, target: Register<'_>, value: Half<'_>) {
        match value {
            Half::Number(number) if !top => {
                let value = self.number(number);
                self.write(target, value);
            }
            Half::Number(number) => {
                let old = self.read(target);
                let low = self.emit.binary_number(BinaryOp::And, WORD, old, 0xffff);
                let both = self.emit.binary_number(BinaryOp::Or, WORD, low, number << 16);
                self.write(target, both);
            }
            Half::Symbol { upper: false, symbol, .. } => {
                let address = self.emit.symbol(symbol, self.cx);
                self.write(target, address);
            }
            // The lower half was the whole address.
            Half::Symbol { upper: true, .. } => {
                let old = self.read(target);
                self.write(target, old);
            }
        }
    }

    /// A word among the code: a number, or an address; if it is relative to the program counter, the whole of it.
    fn load_literal(&mut self, target: Register<'_>, label: Symbol<'_>) {
        let Some(text) = self.cx.literals.get(label.name, label.offset) else {
            return self.emit.fail(format!("there is no word at `{label}`"));
        };
        // `x-(.LPC0+8)`, `x-.LPC0`
        let relative = text.find("-(").or_else(|| text.find("-."));
        let address = relative.map_or(text, |at| &text[..at]);
        let mut operand = Operands::new(address, Span::new(FileId(0), 0, 0));
        let entry = ["(GOT_PREL)", "(GOT)"].iter().find_map(|kind| address.strip_suffix(kind));
        let value = if operand.at_number() {
            operand.number().map(|number| self.number(number))
        } else if let Some(global) = entry {
            operand.rest();
            let symbol = self.cx.table_entry(global.trim());
            Ok(self.emit.constant(Value::addr(symbol)))
        } else if address == "_GLOBAL_OFFSET_TABLE_" {
            // Distances from the table are whole addresses.
            operand.rest();
            Ok(self.emit.number(0))
        } else {
            operand.symbol().map(|symbol| self.emit.symbol(symbol, self.cx))
        };
        match value {
            Ok(value) if operand.end().is_ok() => self.write(target, value),
            _ => self.emit.fail(format!("the word `{text}` at `{label}` is not supported")),
        }
    }

    fn jump(&mut self, link: bool, target: Target<'_>) {
        if link {
            self.write_link();
        }
        let target = label(target, self.cx);
        self.emit.push(Micro::Jump { target });
    }

    fn write_link(&mut self) {
        let next = self.emit.next_address();
        self.emit.write(Register::LINK.reg(), next);
    }

    /// The truth of a condition on the flags; reads those that it needs.
    fn condition(&mut self, condition: Condition) -> Temp {
        use Condition::*;
        match condition {
            Eq => self.flag(Z),
            Cs => self.flag(C),
            Mi => self.flag(N),
            Vs => self.flag(V),
            Ge => self.signs_equal(),
            Hi => {
                let (z, c) = (self.flag(Z), self.flag(C));
                let different = self.emit.unary(UnaryOp::IsZero, 1, z);
                self.emit.binary(BinaryOp::And, 1, c, different)
            }
            Gt => {
                let z = self.flag(Z);
                let at_least = self.signs_equal();
                let different = self.emit.unary(UnaryOp::IsZero, 1, z);
                self.emit.binary(BinaryOp::And, 1, at_least, different)
            }
            Al => self.emit.number(1),
            Ne | Cc | Pl | Vc | Lt | Ls | Le => {
                let opposite = self.condition(condition.inverted());
                self.emit.unary(UnaryOp::IsZero, 1, opposite)
            }
        }
    }

    fn signs_equal(&mut self) -> Temp {
        let (n, v) = (self.flag(N), self.flag(V));
        self.emit.binary(BinaryOp::Eq, 1, n, v)
    }

    pub(super) fn flag(&mut self, flag: Reg) -> Temp {
        self.emit.read(flag, Port::Plain)
    }
}

impl Kind<'_> {
    /// Whether it may go on elsewhere.
    fn may_jump(&self) -> bool {
        use Kind::*;
        match self {
            Branch { .. } | BranchRegister { .. } | CompareBranch { .. } | Exception { .. } => true,
            Alu { target, .. }
            | Move { target, .. }
            | Shift { target, .. }
            | Load { target, .. }
            | LoadLiteral { target, .. }
            | LoadSymbol { target, .. } => target.is_program_counter(),
            Multiple { load, registers, .. } | Stack { load, registers } => {
                *load && registers.has_program_counter()
            }
            _ => false,
        }
    }
}
