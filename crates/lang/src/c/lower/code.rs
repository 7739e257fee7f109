//! The instructions of one thread in the making.

use super::joins;
use execution::micro::{EdgeKind, Ev, Instruction, LabelId, Micro, Port, Reg, Tags, Temp, Thread};
use execution::{BinaryOp, UnaryOp, Value};
use syntax::Span;

/// How many micro-operations one thread may have. What macros and helper functions expand to counts.
const MAX_MICROS: usize = 60_000;

/// The instructions of a thread so far, the last of them unfinished.
#[derive(Debug, Default)]
pub(super) struct Code {
    done: Vec<Instruction>,
    labels: Vec<(String, Option<u32>)>,
    micro: Vec<Micro>,
    temps: u16,
    events: u16,
    total: usize,
    /// Where the current instruction stands.
    span: Span,
}

impl Code {
    /// Whether the thread became too large. Then nothing is added any more.
    pub(super) fn is_full(&self) -> bool {
        self.total >= MAX_MICROS || self.labels.len() > usize::from(u16::MAX / 2)
    }

    /// The thread; its guards get their joins.
    pub(super) fn finish(mut self) -> Thread {
        self.end_instruction();
        let end = self.done.len() as u32;
        let labels = self.labels.into_iter().map(|(name, at)| (name, at.unwrap_or(end))).collect();
        let mut thread = Thread { code: self.done, labels, structured: true };
        joins::set(&mut thread);
        thread
    }

    /// Adds a micro-operation to the current instruction.
    pub(super) fn push(&mut self, micro: Micro) {
        if !self.is_full() {
            self.total += 1;
            self.micro.push(micro);
        }
    }

    /// What follows is another instruction.
    pub(super) fn end_instruction(&mut self) {
        (self.temps, self.events) = (0, 0);
        if !self.micro.is_empty() {
            let micro = std::mem::take(&mut self.micro);
            self.done.push(Instruction { micro: micro.into(), span: self.span, ..Instruction::default() });
        }
    }

    /// What follows stands at `span`.
    pub(super) fn at(&mut self, span: Span) {
        self.span = span;
    }

    /// A label that stands nowhere yet.
    pub(super) fn new_label(&mut self, name: &str) -> LabelId {
        if !self.is_full() {
            self.labels.push((name.to_owned(), None));
        }
        LabelId(self.labels.len().saturating_sub(1) as u16)
    }

    /// The label stands here.
    pub(super) fn place_label(&mut self, label: LabelId) {
        self.end_instruction();
        self.labels[usize::from(label.0)].1 = Some(self.done.len() as u32);
    }

    /// Continues at the label.
    pub(super) fn jump(&mut self, target: LabelId) {
        self.end_instruction();
        self.push(Micro::Jump { target });
        self.end_instruction();
    }

    /// Continues at the label if `cond` is true.
    pub(super) fn guard(&mut self, cond: Temp, target: LabelId) {
        let ev = self.event();
        self.push(Micro::Guard { cond, target, join: target, ev });
        self.end_instruction();
    }

    /// A fresh temp.
    pub(super) fn temp(&mut self) -> Temp {
        self.temps = self.temps.saturating_add(1);
        Temp(self.temps - 1)
    }

    /// A fresh event.
    pub(super) fn event(&mut self) -> Ev {
        self.events = self.events.saturating_add(1);
        Ev(self.events - 1)
    }

    /// A known value.
    pub(super) fn constant(&mut self, value: Value) -> Temp {
        let dst = self.temp();
        self.push(Micro::Const { dst, value });
        dst
    }

    /// An operation on one value.
    pub(super) fn unary(&mut self, op: UnaryOp, width: u8, a: Temp) -> Temp {
        let dst = self.temp();
        self.push(Micro::Unary { dst, op, width, a });
        dst
    }

    /// An operation on two values.
    pub(super) fn binary(&mut self, op: BinaryOp, width: u8, a: Temp, b: Temp) -> Temp {
        let dst = self.temp();
        self.push(Micro::Binary { dst, op, width, a, b });
        dst
    }

    /// One value or the other.
    pub(super) fn if_then_else(&mut self, cond: Temp, then: Temp, otherwise: Temp) -> Temp {
        let dst = self.temp();
        self.push(Micro::IfThenElse { dst, cond, then, otherwise });
        dst
    }

    /// The value without its past.
    pub(super) fn detach(&mut self, src: Temp) -> Temp {
        let dst = self.temp();
        self.push(Micro::Detach { dst, src });
        dst
    }

    /// Reads a register.
    pub(super) fn read_register(&mut self, reg: Reg, port: Port) -> Temp {
        let (dst, ev) = (self.temp(), self.event());
        self.push(Micro::ReadReg { dst, reg, port, ev });
        dst
    }

    /// Writes a register.
    pub(super) fn write_register(&mut self, reg: Reg, src: Temp) {
        let ev = self.event();
        self.push(Micro::WriteReg { src, reg, ev });
    }

    /// Reads memory.
    pub(super) fn load(&mut self, addr: Temp, width: u8, tags: Tags) -> (Temp, Ev) {
        let (dst, ev) = (self.temp(), self.event());
        self.push(Micro::Load { dst, addr, width, tags, ev });
        (dst, ev)
    }

    /// Reads memory into a temp that is there already.
    pub(super) fn load_to(&mut self, dst: Temp, addr: Temp, width: u8, tags: Tags) -> Ev {
        let ev = self.event();
        self.push(Micro::Load { dst, addr, width, tags, ev });
        ev
    }

    /// Reads and writes memory in one event, into a temp that is there already; a `SetUpdate` must follow.
    pub(super) fn update_to(&mut self, dst: Temp, addr: Temp, width: u8, tags: Tags) -> Ev {
        let ev = self.event();
        self.push(Micro::Update { dst, addr, width, tags, ev });
        ev
    }

    /// A known number into a temp that is there already, that comes from where `source` comes from.
    pub(super) fn constant_from(&mut self, dst: Temp, value: Value, source: Temp) {
        let zero = self.binary(BinaryOp::Xor, 64, source, source);
        let value = self.constant(value);
        self.push(Micro::Binary { dst, op: BinaryOp::Or, width: 64, a: zero, b: value });
    }

    /// Writes memory.
    pub(super) fn store(&mut self, addr: Temp, value: Temp, width: u8, tags: Tags) -> Ev {
        let ev = self.event();
        self.push(Micro::Store { addr, value, width, tags, ev });
        ev
    }

    /// An event with a location that neither reads nor writes.
    pub(super) fn located(&mut self, addr: Temp, tags: Tags) -> Ev {
        let ev = self.event();
        self.push(Micro::Located { addr, tags, ev });
        ev
    }

    /// A fence.
    pub(super) fn fence(&mut self, tags: Tags) -> Ev {
        let ev = self.event();
        self.push(Micro::Fence { tags, ev });
        ev
    }

    /// One event comes before another.
    pub(super) fn order(&mut self, from: Ev, to: Ev) {
        self.push(Micro::Edge { kind: EdgeKind::Order, from, to });
    }

    /// This way is taken only if `cond` is true, or false.
    pub(super) fn assume(&mut self, cond: Temp, is: bool) {
        self.push(Micro::Assume { cond, is });
    }

    /// A run that gets here is wrong.
    pub(super) fn fail(&mut self, message: String) {
        self.push(Micro::Fail { message });
    }

    /// Takes what was added to the current instruction so far, so that what follows is apart.
    pub(super) fn take(&mut self) -> Vec<Micro> {
        std::mem::take(&mut self.micro)
    }

    /// Puts it back; returns what was added since.
    pub(super) fn put_back(&mut self, before: Vec<Micro>) -> Vec<Micro> {
        std::mem::replace(&mut self.micro, before)
    }
}
