//! Micro-operations in the making: what the lowering of instructions shares.

use crate::Context;
use crate::operand::{Symbol, Target};
use execution::micro::{EdgeKind, Ev, LabelId, Micro, Port, Reg, Tags, Temp};
use execution::{BinaryOp, UnaryOp, Value};

/// The micro-operations of one instruction so far.
#[derive(Debug, Default)]
pub(crate) struct Emit {
    out: Vec<Micro>,
    temps: u16,
    events: u16,
}

impl Emit {
    /// All of them.
    pub(crate) fn finish(self) -> Vec<Micro> {
        self.out
    }

    /// Adds one.
    pub(crate) fn push(&mut self, micro: Micro) {
        self.out.push(micro);
    }

    /// A fresh temp.
    pub(crate) fn temp(&mut self) -> Temp {
        self.temps += 1;
        Temp(self.temps - 1)
    }

    /// A fresh event.
    pub(crate) fn event(&mut self) -> Ev {
        self.events += 1;
        Ev(self.events - 1)
    }

    /// A known value.
    pub(crate) fn constant(&mut self, value: Value) -> Temp {
        let dst = self.temp();
        self.push(Micro::Const { dst, value });
        dst
    }

    /// A value that can't be known.
    pub(crate) fn unknown(&mut self) -> Temp {
        let dst = self.temp();
        self.push(Micro::Unknown { dst });
        dst
    }

    /// A known number, as a 64-bit pattern.
    pub(crate) fn number(&mut self, value: i64) -> Temp {
        self.constant(Value::int(value))
    }

    /// The address of a symbol.
    pub(crate) fn symbol(&mut self, symbol: Symbol<'_>, cx: &mut Context<'_>) -> Temp {
        let value = Value::Addr { symbol: cx.symbol(symbol.name), offset: symbol.offset };
        self.constant(value)
    }

    /// An operation on one value.
    pub(crate) fn unary(&mut self, op: UnaryOp, width: u8, a: Temp) -> Temp {
        let dst = self.temp();
        self.push(Micro::Unary { dst, op, width, a });
        dst
    }

    /// An operation on two values.
    pub(crate) fn binary(&mut self, op: BinaryOp, width: u8, a: Temp, b: Temp) -> Temp {
        let dst = self.temp();
        self.push(Micro::Binary { dst, op, width, a, b });
        dst
    }

    /// An operation on a value and a known number.
    pub(crate) fn binary_number(&mut self, op: BinaryOp, width: u8, a: Temp, b: i64) -> Temp {
        let b = self.number(b);
        self.binary(op, width, a, b)
    }

    /// One value or the other.
    pub(crate) fn if_then_else(&mut self, cond: Temp, then: Temp, otherwise: Temp) -> Temp {
        let dst = self.temp();
        self.push(Micro::IfThenElse { dst, cond, then, otherwise });
        dst
    }

    /// The low `width` bits with their sign, as a 64-bit pattern.
    pub(crate) fn sign_extend(&mut self, width: u8, a: Temp) -> Temp {
        if width >= 64 {
            return a;
        }
        let wide = self.unary(UnaryOp::SignExtend, width, a);
        self.unary(UnaryOp::Mask, 64, wide)
    }

    /// The low `width` bits.
    pub(crate) fn zero_extend(&mut self, width: u8, a: Temp) -> Temp {
        if width >= 64 { a } else { self.unary(UnaryOp::Mask, width, a) }
    }

    /// The value without its past.
    pub(crate) fn detach(&mut self, src: Temp) -> Temp {
        let dst = self.temp();
        self.push(Micro::Detach { dst, src });
        dst
    }

    /// Reads a register.
    pub(crate) fn read(&mut self, reg: Reg, port: Port) -> Temp {
        let (dst, ev) = (self.temp(), self.event());
        self.push(Micro::ReadReg { dst, reg, port, ev });
        dst
    }

    /// Writes a register.
    pub(crate) fn write(&mut self, reg: Reg, src: Temp) -> Ev {
        let ev = self.event();
        self.push(Micro::WriteReg { src, reg, ev });
        ev
    }

    /// Reads memory.
    pub(crate) fn load(&mut self, addr: Temp, width: u8, tags: Tags) -> Temp {
        let (dst, ev) = (self.temp(), self.event());
        self.push(Micro::Load { dst, addr, width, tags, ev });
        dst
    }

    /// Writes memory.
    pub(crate) fn store(&mut self, addr: Temp, value: Temp, width: u8, tags: Tags) -> Ev {
        let ev = self.event();
        self.push(Micro::Store { addr, value, width, tags, ev });
        ev
    }

    /// Reads and writes memory in one event; a `SetUpdate` must follow.
    pub(crate) fn update(&mut self, addr: Temp, width: u8, tags: Tags) -> (Temp, Ev) {
        let (dst, ev) = (self.temp(), self.event());
        self.push(Micro::Update { dst, addr, width, tags, ev });
        (dst, ev)
    }

    /// A fence.
    pub(crate) fn fence(&mut self, tags: Tags) {
        let ev = self.event();
        self.push(Micro::Fence { tags, ev });
    }

    /// An edge that values don't make.
    pub(crate) fn edge(&mut self, kind: EdgeKind, from: Ev, to: Ev) {
        self.push(Micro::Edge { kind, from, to });
    }

    /// How many events there are so far.
    pub(crate) fn event_count(&self) -> u16 {
        self.events
    }

    /// What `body` makes, apart.
    pub(crate) fn apart(&mut self, body: impl FnOnce(&mut Emit)) -> Vec<Micro> {
        let before = self.begin();
        body(self);
        self.end(before)
    }

    /// Begins a list apart; gives what [`Emit::end`] needs to go on with the present one.
    pub(crate) fn begin(&mut self) -> Vec<Micro> {
        std::mem::take(&mut self.out)
    }

    /// Ends a list apart, and gives it.
    pub(crate) fn end(&mut self, before: Vec<Micro>) -> Vec<Micro> {
        std::mem::replace(&mut self.out, before)
    }

    /// Two ways, depending on a value: what `yes` makes and what `no` makes.
    pub(crate) fn either(&mut self, cond: Temp, yes: impl FnOnce(&mut Emit), no: impl FnOnce(&mut Emit)) {
        let yes = self.apart(|emit| {
            emit.push(Micro::Assume { cond, is: true });
            yes(emit);
        });
        let no = self.apart(|emit| {
            emit.push(Micro::Assume { cond, is: false });
            no(emit);
        });
        self.push(Micro::Alt(vec![yes, no]));
    }

    /// A conditional branch.
    pub(crate) fn branch(&mut self, cond: Temp, target: LabelId) {
        let ev = self.event();
        self.push(Micro::Branch { cond, target, ev });
    }

    /// The code address of the next instruction.
    pub(crate) fn next_address(&mut self) -> Temp {
        let dst = self.temp();
        self.push(Micro::NextAddress { dst });
        dst
    }

    /// A jump to a code address.
    pub(crate) fn jump_to(&mut self, target: Temp) {
        let ev = self.event();
        self.push(Micro::Commit { target, ev });
        self.push(Micro::JumpTo { target });
    }

    /// A return: the caller of a thread is nobody, so there the link register holds zero.
    pub(crate) fn jump_back(&mut self, target: Temp) {
        let caller = self.binary_number(BinaryOp::Ne, 64, target, 0);
        self.either(caller, |emit| emit.jump_to(target), |emit| emit.push(Micro::Halt));
    }

    /// A run that gets here is not one that we can simulate.
    pub(crate) fn fail(&mut self, message: String) {
        self.push(Micro::Fail { message });
        self.push(Micro::Halt);
    }
}

/// The label that a branch names.
pub(crate) fn label(target: Target<'_>, cx: &mut Context<'_>) -> LabelId {
    match target {
        Target::Label(name, span) => cx.label(name, span),
        Target::Relative(bytes, span) => cx.relative(bytes / 4, span),
    }
}
