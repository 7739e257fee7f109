//! From instruction to micro-operations: what all kinds of instruction share.
//!
//! Data edges follow from temps. Edges of control and order, and the places where a value has no past, are said where
//! they arise; the table that they implement is in the manual's pseudocode as read by Alglave, Deacon, Grisenthwaite,
//! Hacquard and Maranget, “Armed Cats”, TOPLAS 2021.

use super::instruction::{Condition, Instruction, SystemRegister};
use super::operand::{BranchTarget, Modified, Modifier, Operand, SymbolRef};
use super::register::{C, Gpr, LINK, N, Register, V, Width, Z};
use crate::Context;
use execution::micro::{EdgeKind, Ev, LabelId, Micro, Port, Reg, Tags, Temp};
use execution::{BinaryOp, UnaryOp, Value};

/// The micro-operations of an instruction.
///
/// With `wide`, a register of 128 bits and a pair of registers of 64 bits are accessed as one location.
pub(super) fn lower(instruction: &Instruction<'_>, wide: bool, cx: &mut Context<'_>) -> Vec<Micro> {
    let mut lower = Lower { out: Vec::with_capacity(6), temps: 0, events: 0, wide, cx };
    lower.instruction(instruction);
    lower.out
}

/// Micro-operations in the making.
pub(super) struct Lower<'l, 'c> {
    out: Vec<Micro>,
    temps: u16,
    events: u16,
    wide: bool,
    cx: &'l mut Context<'c>,
}

impl Lower<'_, '_> {
    fn instruction(&mut self, instruction: &Instruction<'_>) {
        use Instruction::*;
        match instruction {
            Nop { .. } | Hint { .. } | Prefetch { .. } => {}
            Barrier { tags, .. } => {
                self.fence(*tags);
            }
            Cache { register, tags, .. } => self.cache(*register, *tags),
            ClearExclusive => self.clear_reservation(),
            Jump { target, link, .. } => match super::intrinsic::find(target) {
                Some(intrinsic) => self.intrinsic(intrinsic, *link),
                None => self.jump(target, *link),
            },
            JumpRegister { register, link, .. } => self.jump_register(*register, *link),
            Return { register } => self.jump_back(*register),
            BranchIf { condition, target } => self.branch_if(*condition, target),
            CompareBranch { nonzero, register, target, .. } => {
                self.compare_branch(*nonzero, *register, target);
            }
            TestBranch { nonzero, register, bit, target, .. } => {
                self.test_branch(*nonzero, *register, *bit, target);
            }
            Exception { name, .. } => {
                let message = format!("`{name}` takes an exception, and exceptions are not simulated");
                self.push(Micro::Fail { message });
                self.push(Micro::Halt);
            }
            Load { access, target, address, .. } => self.load(*access, *target, address),
            Store { access, source, address, .. } => self.store(*access, *source, address),
            LoadPair { access, targets, address, .. } => self.load_pair(*access, *targets, address),
            StorePair { access, sources, address, .. } => self.store_pair(*access, *sources, address),
            StoreExclusive { access, status, source, address, .. } => {
                self.store_exclusive(*access, *status, &[*source], address);
            }
            StoreExclusivePair { access, status, sources, address, .. } => {
                self.store_exclusive(*access, *status, sources, address);
            }
            CompareSwap { atomic, expected, new, address } => {
                self.compare_swap(*atomic, &[*expected], &[*new], address);
            }
            CompareSwapPair { atomic, expected, new, address } => {
                self.compare_swap(*atomic, expected, new, address);
            }
            Swap { atomic, source, target, address } => self.swap(*atomic, *source, *target, address),
            Fetch { op, atomic, source, target, address } => {
                self.fetch(*op, *atomic, *source, *target, address);
            }
            Alu { alu, target, left, right, .. } => self.alu(*alu, *target, *left, right),
            Move { target, source } => self.move_to(*target, source),
            MoveWide { kind, target, immediate, shift, .. } => {
                self.move_wide(*kind, *target, *immediate, shift.unwrap_or(0));
            }
            Binary { op, target, left, right, .. } => self.binary(*op, *target, *left, right),
            Unary { op, target, source, .. } => self.unary(*op, *target, *source),
            BitField { kind, target, source, first, second, .. } => {
                self.bit_field(*kind, *target, *source, *first, *second);
            }
            Extract { target, high, low, lsb } => self.extract(*target, *high, *low, *lsb),
            Multiply { kind, target, left, right, accumulator, .. } => {
                self.multiply(*kind, *target, *left, *right, *accumulator);
            }
            Select { op, target, then, otherwise, condition, .. } => {
                self.select(*op, *target, *then, *otherwise, *condition);
            }
            SelectAlias { op, target, source, condition, .. } => {
                // The alias names the condition on which the second register is changed.
                let source = source.unwrap_or(Register::zero(target.width));
                self.select(*op, *target, source, source, condition.inverted());
            }
            ConditionalCompare { negative, left, right, flags, condition, .. } => {
                self.conditional_compare(*negative, *left, right, *flags, *condition);
            }
            LabelAddress { target, label } => self.label_address(*target, label),
            SymbolAddress { name, target, symbol } => {
                // `ADRP` names the page, and `:lo12:` adds what is missing; `LDR target,=symbol` names all of it.
                let offset = if *name == "LDR" { symbol.offset } else { 0 };
                let address = self.symbol_address(symbol, offset);
                self.write(*target, address);
            }
            Simd(instruction) => self.simd(instruction),
            ReadSystem { target, system } => self.read_system(*target, *system),
            WriteSystem { system, source } => self.write_system(*system, *source),
        }
    }

    /// Whether 128 bits are accessed as one location.
    pub(super) fn is_wide(&self) -> bool {
        self.wide
    }

    pub(super) fn push(&mut self, micro: Micro) {
        self.out.push(micro);
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

    pub(super) fn number(&mut self, value: i64) -> Temp {
        self.constant(Value::int(value))
    }

    pub(super) fn un(&mut self, op: UnaryOp, width: u8, a: Temp) -> Temp {
        let dst = self.temp();
        self.push(Micro::Unary { dst, op, width, a });
        dst
    }

    pub(super) fn bin(&mut self, op: BinaryOp, width: u8, a: Temp, b: Temp) -> Temp {
        let dst = self.temp();
        self.push(Micro::Binary { dst, op, width, a, b });
        dst
    }

    pub(super) fn edge(&mut self, kind: EdgeKind, from: Ev, to: Ev) {
        self.push(Micro::Edge { kind, from, to });
    }

    pub(super) fn fence(&mut self, tags: Tags) -> Ev {
        let ev = self.event();
        self.push(Micro::Fence { tags, ev });
        ev
    }

    /// What `body` makes, apart.
    pub(super) fn apart(&mut self, body: impl FnOnce(&mut Self)) -> Vec<Micro> {
        let before = std::mem::take(&mut self.out);
        body(self);
        std::mem::replace(&mut self.out, before)
    }

    /// Reads a register; the zero register makes no event.
    pub(super) fn read_event(&mut self, gpr: Gpr, port: Port) -> (Temp, Option<Ev>) {
        match gpr.reg() {
            Some(reg) => {
                let (temp, ev) = self.read_reg(reg, port);
                (temp, Some(ev))
            }
            None => (self.constant(Value::ZERO), None),
        }
    }

    pub(super) fn read_reg(&mut self, reg: Reg, port: Port) -> (Temp, Ev) {
        let (dst, ev) = (self.temp(), self.event());
        self.push(Micro::ReadReg { dst, reg, port, ev });
        (dst, ev)
    }

    /// Reads all 64 bits of a register. Who uses fewer says so by the width of the operation.
    pub(super) fn read(&mut self, register: Register<'_>, port: Port) -> Temp {
        self.read_event(register.gpr, port).0
    }

    pub(super) fn write_reg(&mut self, reg: Reg, src: Temp) -> Ev {
        let ev = self.event();
        self.push(Micro::WriteReg { src, reg, ev });
        ev
    }

    /// Writes a value that fits the register already; the zero register makes no event.
    pub(super) fn write(&mut self, register: Register<'_>, value: Temp) -> Option<Ev> {
        register.gpr.reg().map(|reg| self.write_reg(reg, value))
    }

    /// Writes the part of a value that fits the register.
    pub(super) fn write_cut(&mut self, register: Register<'_>, value: Temp) -> Option<Ev> {
        let cut = match register.width {
            Width::W if !register.is_zero() => self.un(UnaryOp::Mask, 32, value),
            _ => value,
        };
        self.write(register, cut)
    }

    /// The value of a register with what is done to it, at `width` bits.
    pub(super) fn modified(&mut self, operand: &Modified<'_>, width: u8, port: Port) -> Temp {
        let value = self.read(operand.register, port);
        let Some((modifier, distance)) = operand.modifier else { return value };
        let (extended, shift) = match modifier {
            Modifier::Lsl | Modifier::Uxtx | Modifier::Sxtx => (value, BinaryOp::Shl),
            Modifier::Lsr => (value, BinaryOp::ShrLogical),
            Modifier::Asr => (value, BinaryOp::ShrArithmetic),
            Modifier::Ror => (value, BinaryOp::RotateRight),
            Modifier::Uxtb => (self.un(UnaryOp::Mask, 8, value), BinaryOp::Shl),
            Modifier::Uxth => (self.un(UnaryOp::Mask, 16, value), BinaryOp::Shl),
            Modifier::Uxtw => (self.un(UnaryOp::Mask, 32, value), BinaryOp::Shl),
            Modifier::Sxtb => (self.sign_extend(value, 8, width), BinaryOp::Shl),
            Modifier::Sxth => (self.sign_extend(value, 16, width), BinaryOp::Shl),
            Modifier::Sxtw => (self.sign_extend(value, 32, width), BinaryOp::Shl),
        };
        match distance {
            None | Some(0) => extended,
            Some(distance) => {
                let distance = self.number(i64::from(distance));
                self.bin(shift, width, extended, distance)
            }
        }
    }

    /// Sign-extends from `from` to `to` bits.
    pub(super) fn sign_extend(&mut self, value: Temp, from: u8, to: u8) -> Temp {
        let extended = self.un(UnaryOp::SignExtend, from, value);
        if to < 128 { self.un(UnaryOp::Mask, to, extended) } else { extended }
    }

    /// The last operand of arithmetic, at `width` bits.
    pub(super) fn operand(&mut self, operand: &Operand<'_>, width: u8) -> Temp {
        match operand {
            Operand::Immediate { value, shift } => {
                let shifted = value.checked_shl(u32::from(shift.unwrap_or(0))).unwrap_or(0);
                self.constant(Value::int(shifted).masked(width))
            }
            Operand::Register(modified) => self.modified(modified, width, Port::Plain),
            Operand::Symbol(symbol) => self.number(symbol.offset),
        }
    }

    /// The address of a global, `offset` bytes behind its start.
    pub(super) fn symbol_address(&mut self, symbol: &SymbolRef<'_>, offset: i64) -> Temp {
        let symbol = self.cx.symbol(symbol.name);
        self.constant(Value::Addr { symbol, offset })
    }

    /// The label that a branch names.
    pub(super) fn label(&mut self, target: &BranchTarget<'_>) -> LabelId {
        match target {
            BranchTarget::Label(name, span) => self.cx.label(name, *span),
            BranchTarget::Relative(bytes, span) => self.cx.relative(bytes / 4, *span),
        }
    }

    /// The truth of a condition on the flags; reads those that it needs.
    pub(super) fn condition(&mut self, condition: Condition) -> Temp {
        use Condition::*;
        match condition {
            Eq => self.flag(Z),
            Cs => self.flag(C),
            Mi => self.flag(N),
            Vs => self.flag(V),
            Ge => self.signs_equal(),
            Hi => {
                let (z, c) = (self.flag(Z), self.flag(C));
                let different = self.un(UnaryOp::IsZero, 1, z);
                self.bin(BinaryOp::And, 1, c, different)
            }
            Gt => {
                let z = self.flag(Z);
                let at_least = self.signs_equal();
                let different = self.un(UnaryOp::IsZero, 1, z);
                self.bin(BinaryOp::And, 1, at_least, different)
            }
            Al | Nv => self.number(1),
            Ne | Cc | Pl | Vc | Lt | Ls | Le => {
                let opposite = self.condition(condition.inverted());
                self.un(UnaryOp::IsZero, 1, opposite)
            }
        }
    }

    /// Whether N and V are equal.
    fn signs_equal(&mut self) -> Temp {
        let (n, v) = (self.flag(N), self.flag(V));
        self.bin(BinaryOp::Eq, 1, n, v)
    }

    fn flag(&mut self, flag: Reg) -> Temp {
        self.read_reg(flag, Port::Plain).0
    }

    fn cache(&mut self, register: Option<Register<'_>>, tags: Tags) {
        let read = register.and_then(|register| self.read_event(register.gpr, Port::Addr).1);
        let ev = self.fence(tags);
        if let Some(read) = read {
            self.edge(EdgeKind::Data, read, ev);
        }
    }

    fn label_address(&mut self, target: Register<'_>, label: &BranchTarget<'_>) {
        let label = self.label(label);
        let dst = self.temp();
        self.push(Micro::LabelAddress { dst, label });
        self.write(target, dst);
    }

    /// Positions of the flags in the value of NZCV.
    const FLAGS: [(Reg, i64); 4] = [(N, 31), (Z, 30), (C, 29), (V, 28)];

    fn read_system(&mut self, target: Register<'_>, system: SystemRegister) {
        let value = match system {
            SystemRegister::Other(reg, _) => self.read_reg(reg, Port::Plain).0,
            SystemRegister::Nzcv => {
                let mut all = self.number(0);
                for (flag, position) in Self::FLAGS {
                    let (bit, position) = (self.flag(flag), self.number(position));
                    let shifted = self.bin(BinaryOp::Shl, 64, bit, position);
                    all = self.bin(BinaryOp::Or, 64, all, shifted);
                }
                all
            }
        };
        self.write(target, value);
    }

    fn write_system(&mut self, system: SystemRegister, source: Register<'_>) {
        let value = self.read(source, Port::Plain);
        match system {
            SystemRegister::Other(reg, _) => {
                self.write_reg(reg, value);
            }
            SystemRegister::Nzcv => {
                for (flag, position) in Self::FLAGS {
                    let position = self.number(position);
                    let shifted = self.bin(BinaryOp::ShrLogical, 64, value, position);
                    let bit = self.un(UnaryOp::Mask, 1, shifted);
                    self.write_reg(flag, bit);
                }
            }
        }
    }

    /// The link register as an operand.
    pub(super) fn link() -> Register<'static> {
        Register { gpr: LINK, width: Width::X, symbolic: None }
    }
}
