//! Branches.

use super::instruction::Condition;
use super::lower::Lower;
use super::operand::BranchTarget;
use super::register::Register;
use execution::micro::{Micro, Port, Temp};
use execution::{BinaryOp, UnaryOp, Value};

impl Lower<'_, '_> {
    fn branch(&mut self, cond: Temp, target: &BranchTarget<'_>) {
        let (target, ev) = (self.label(target), self.event());
        self.push(Micro::Branch { cond, target, ev });
    }

    pub(super) fn branch_if(&mut self, condition: Condition, target: &BranchTarget<'_>) {
        let cond = self.condition(condition);
        self.branch(cond, target);
    }

    pub(super) fn compare_branch(
        &mut self,
        nonzero: bool,
        register: Register<'_>,
        target: &BranchTarget<'_>,
    ) {
        let (width, value) = (register.width.bits(), self.read(register, Port::Plain));
        self.branch_on(nonzero, width, value, target);
    }

    pub(super) fn test_branch(
        &mut self,
        nonzero: bool,
        register: Register<'_>,
        bit: u8,
        target: &BranchTarget<'_>,
    ) {
        let (width, value) = (register.width.bits(), self.read(register, Port::Plain));
        let distance = self.number(i64::from(bit));
        let shifted = self.bin(BinaryOp::ShrLogical, width, value, distance);
        self.branch_on(nonzero, 1, shifted, target);
    }

    /// Branches on whether the low bits of a value are zero.
    fn branch_on(&mut self, nonzero: bool, width: u8, value: Temp, target: &BranchTarget<'_>) {
        let cond = if nonzero {
            let zero = self.constant(Value::ZERO);
            self.bin(BinaryOp::Ne, width, value, zero)
        } else {
            self.un(UnaryOp::IsZero, width, value)
        };
        self.branch(cond, target);
    }

    fn write_link(&mut self) {
        let dst = self.temp();
        self.push(Micro::NextAddress { dst });
        self.write(Self::link(), dst);
    }

    pub(super) fn jump(&mut self, target: &BranchTarget<'_>, link: bool) {
        if link {
            self.write_link();
        }
        let target = self.label(target);
        self.push(Micro::Jump { target });
    }

    pub(super) fn jump_register(&mut self, register: Register<'_>, link: bool) {
        let target = self.read(register, Port::Plain);
        if link {
            self.write_link();
        }
        self.commit(target);
    }

    fn commit(&mut self, target: Temp) {
        let ev = self.event();
        self.push(Micro::Commit { target, ev });
        self.push(Micro::JumpTo { target });
    }

    /// `RET`. The caller of a thread is nobody: there the link register holds zero.
    pub(super) fn jump_back(&mut self, register: Option<Register<'_>>) {
        let target = self.read(register.unwrap_or(Self::link()), Port::Plain);
        let zero = self.constant(Value::ZERO);
        let cond = self.bin(BinaryOp::Eq, 64, target, zero);
        let end = vec![Micro::Assume { cond, is: true }, Micro::Halt];
        let back = self.apart(|lower| {
            lower.push(Micro::Assume { cond, is: false });
            lower.commit(target);
        });
        self.push(Micro::Alt(vec![end, back]));
    }
}
