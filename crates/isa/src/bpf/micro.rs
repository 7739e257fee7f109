//! From instruction to micro-operations.
//!
//! Dependencies follow from the flow of values, with three exceptions. The value that a compare-exchange compares with
//! decides whether it stores: an edge of control. Where a called function returns to carries no dependency, and neither
//! does `may_goto`, whose counter programs can't see.

use super::alu;
use super::callee::{self, Effect, Function, Returns};
use super::instruction::{Callee, Instruction, Modify, Register, Size, Source, Target, Wide, Width};
use super::parse::Line;
use super::register::{MAX_CALLERS, return_address, saved};
use super::tag;
use crate::Context;
use crate::emit::Emit;
use crate::operand::Symbol;
use execution::micro::{EdgeKind, LabelId, Micro, Port, Reg, Tags, Temp};
use execution::{BinaryOp, UnaryOp};
use syntax::Span;

/// Bytes of stack that each function has.
const FRAME_SIZE: i64 = 512;

/// The micro-operations of an instruction that stands at `span`.
pub(super) fn lower(line: &Line<'_>, span: Span, cx: &mut Context<'_>) -> Vec<Micro> {
    let result = line.result.map(Register::reg);
    let mut lower = Lower { emit: Emit::default(), span, result, cx };
    lower.instruction(&line.instruction);
    lower.emit.finish()
}

struct Lower<'l, 'c> {
    emit: Emit,
    span: Span,
    /// [`Line::result`].
    result: Option<Reg>,
    cx: &'l mut Context<'c>,
}

impl Lower<'_, '_> {
    fn instruction(&mut self, instruction: &Instruction<'_>) {
        match *instruction {
            Instruction::Alu { width, op, dst, src } => {
                let (a, b) = (self.read(dst, Port::Plain), self.source(src, Port::Plain));
                let result = alu::compute(&mut self.emit, op, width, a, b);
                self.write(dst, result);
            }
            Instruction::Negate { width, dst } => {
                let a = self.read(dst, Port::Plain);
                let result = self.emit.unary(UnaryOp::Neg, width.bits() as u8, a);
                self.write(dst, result);
            }
            Instruction::Move { width, dst, src } => {
                let value = self.source(src, Port::Plain);
                let result = self.emit.zero_extend(width.bits() as u8, value);
                self.write(dst, result);
            }
            Instruction::MoveSigned { width, from, dst, src } => {
                let value = self.read(src, Port::Plain);
                let extended = self.emit.sign_extend(from.bits() as u8, value);
                let result = self.emit.zero_extend(width.bits() as u8, extended);
                self.write(dst, result);
            }
            Instruction::CastAddress { dst, src, .. } => {
                let value = self.read(src, Port::Plain);
                self.write(dst, value);
            }
            Instruction::SwapBytes { swap, size, dst } => {
                let value = self.read(dst, Port::Plain);
                let result = alu::swap(&mut self.emit, swap, size, value);
                self.write(dst, result);
            }
            Instruction::LoadWide { dst, value } => {
                let value = self.wide(value);
                self.write(dst, value);
            }
            Instruction::Load { size, signed, dst, base, offset } => {
                let addr = self.address(base, offset);
                let bits = size.bits() as u8;
                let loaded = self.emit.load(addr, bits, Tags::NONE);
                let value = if signed { self.emit.sign_extend(bits, loaded) } else { loaded };
                self.write(dst, value);
            }
            Instruction::LoadAcquire { size, dst, base, offset } => {
                let addr = self.address(base, offset);
                let loaded = self.emit.load(addr, size.bits() as u8, tag::ACQUIRE);
                self.write(dst, loaded);
            }
            Instruction::LoadPacket { size, index, offset } => self.packet(size, index, offset),
            Instruction::Store { size, base, offset, src } => {
                let addr = self.address(base, offset);
                let value = self.source(src, Port::Data);
                self.emit.store(addr, value, size.bits() as u8, Tags::NONE);
            }
            Instruction::StoreRelease { size, base, offset, src } => {
                let addr = self.address(base, offset);
                let value = self.read(src, Port::Data);
                self.emit.store(addr, value, size.bits() as u8, tag::RELEASE);
            }
            Instruction::Atomic { width, modify: Modify::CompareExchange, base, offset, src } => {
                self.compare_exchange(width, base, offset, src);
            }
            Instruction::Atomic { width, modify, base, offset, src } => {
                self.update(width, modify, base, offset, src);
            }
            Instruction::Jump { target, .. } => {
                let target = self.label(target);
                self.emit.push(Micro::Jump { target });
            }
            Instruction::JumpIf { width, test, dst, src, target } => {
                let (a, b) = (self.read(dst, Port::Plain), self.source(src, Port::Plain));
                let cond = alu::test(&mut self.emit, test, width, a, b);
                let target = self.label(target);
                self.emit.branch(cond, target);
            }
            Instruction::MayGoto { target } => {
                let target = self.label(target);
                self.emit.push(Micro::Alt(vec![vec![], vec![Micro::Jump { target }]]));
            }
            Instruction::JumpRegister { dst } => {
                let target = self.read(dst, Port::Plain);
                self.emit.jump_to(target);
            }
            Instruction::Call { callee } => self.call(callee),
            Instruction::Exit => self.exit(),
            Instruction::NoSpeculation => {}
        }
    }

    fn read(&mut self, register: Register<'_>, port: Port) -> Temp {
        self.emit.read(register.reg(), port)
    }

    fn write(&mut self, register: Register<'_>, value: Temp) {
        self.emit.write(register.reg(), value);
    }

    fn source(&mut self, source: Source<'_>, port: Port) -> Temp {
        match source {
            Source::Register(register) => self.read(register, port),
            Source::Immediate(value) => self.emit.number(value.into()),
        }
    }

    fn address(&mut self, base: Register<'_>, offset: i16) -> Temp {
        let base = self.read(base, Port::Addr);
        match offset {
            0 => base,
            _ => self.emit.binary_number(BinaryOp::Add, 64, base, offset.into()),
        }
    }

    fn label(&mut self, target: Target<'_>) -> LabelId {
        match target {
            Target::Label(name, span) => self.cx.label(name, span),
            Target::Offset(slots) => self.cx.slots_ahead(slots.into(), self.span),
        }
    }

    /// The value that `lddw` loads. A map is a location of the name `map` and its number.
    fn wide(&mut self, value: Wide<'_>) -> Temp {
        match value {
            Wide::Number(value) => self.emit.number(value as i64),
            Wide::Map { fd } => self.named_address(&format!("map{fd}"), 0),
            Wide::MapValue { fd, offset } => self.named_address(&format!("map{fd}"), offset.into()),
            Wide::MapIndex { index } => self.named_address(&format!("map.{index}"), 0),
            Wide::MapIndexValue { index, offset } => {
                self.named_address(&format!("map.{index}"), offset.into())
            }
            Wide::Variable { btf, module: 0 } => self.named_address(&format!("var{btf}"), 0),
            Wide::Variable { btf, module } => self.named_address(&format!("var{btf}.{module}"), 0),
            Wide::Symbol { name, offset } => self.named_address(name, offset),
            Wide::Function(target) => {
                let (dst, label) = (self.emit.temp(), self.label(target));
                self.emit.push(Micro::LabelAddress { dst, label });
                dst
            }
        }
    }

    fn named_address(&mut self, name: &str, offset: i64) -> Temp {
        self.emit.symbol(Symbol { name, offset }, self.cx)
    }

    /// The packet is what `r6` points to; the numbers in it have the order of networks.
    fn packet(&mut self, size: Size, index: Option<Register<'_>>, offset: i32) {
        let packet = self.emit.read(Reg(6), Port::Addr);
        let mut addr = self.emit.binary_number(BinaryOp::Add, 64, packet, offset.into());
        if let Some(index) = index {
            let index = self.read(index, Port::Addr);
            addr = self.emit.binary(BinaryOp::Add, 64, addr, index);
        }
        let bits = size.bits() as u8;
        let loaded = self.emit.load(addr, bits, Tags::NONE);
        let value = self.emit.unary(UnaryOp::ReverseBytes, bits, loaded);
        self.destroy_arguments();
        self.write(Register::RESULT, value);
    }

    fn update(&mut self, width: Width, modify: Modify, base: Register<'_>, offset: i16, src: Register<'_>) {
        let (addr, operand) = (self.address(base, offset), self.read(src, Port::Data));
        let bits = width.bits() as u8;
        let tags = if matches!(modify, Modify::Update(_)) { tag::UPDATE } else { tag::ORDERED };
        let (old, ev) = self.emit.update(addr, bits, tags);
        let value = match modify {
            Modify::Update(op) | Modify::Fetch(op) => {
                self.emit.binary(alu::atomic_operation(op), bits, old, operand)
            }
            Modify::Exchange | Modify::CompareExchange => operand,
        };
        self.emit.push(Micro::SetUpdate { ev, value });
        if !matches!(modify, Modify::Update(_)) {
            self.emit.write(self.result.unwrap_or(src.reg()), old);
        }
    }

    /// Reads and writes if memory has the expected value, else only reads.
    fn compare_exchange(&mut self, width: Width, base: Register<'_>, offset: i16, src: Register<'_>) {
        let bits = width.bits() as u8;
        let addr = self.address(base, offset);
        let compared = self.emit.event();
        let expected = self.emit.temp();
        self.emit.push(Micro::ReadReg { dst: expected, reg: Reg(0), port: Port::Data, ev: compared });
        let new = self.read(src, Port::Data);
        let result = Register::RESULT.reg();
        let same = |emit: &mut Emit, old: Temp| {
            let low = emit.zero_extend(bits, expected);
            emit.binary(BinaryOp::Eq, bits, old, low)
        };
        let success = self.emit.apart(|emit| {
            let old = emit.load(addr, bits, tag::ORDERED.with(tag::UPDATE));
            let cond = same(emit, old);
            emit.push(Micro::Assume { cond, is: true });
            let store = emit.store(addr, new, bits, tag::ORDERED.with(tag::UPDATE));
            emit.edge(EdgeKind::Ctrl, compared, store);
            emit.write(result, old);
        });
        let failure = self.emit.apart(|emit| {
            let old = emit.load(addr, bits, tag::FAILED);
            let cond = same(emit, old);
            emit.push(Micro::Assume { cond, is: false });
            emit.write(result, old);
        });
        self.emit.push(Micro::Alt(vec![success, failure]));
    }

    fn call(&mut self, callee: Callee<'_>) {
        match callee {
            Callee::Local(target) => {
                self.enter();
                let target = self.label(target);
                self.emit.push(Micro::Jump { target });
            }
            Callee::Register(register) => {
                let target = self.read(register, Port::Plain);
                self.enter();
                self.emit.jump_to(target);
            }
            Callee::Declared { effect, result, .. } => {
                let result = self.emit.number(result.into());
                self.kernel_function(effect, result);
            }
            Callee::Helper(number) => match callee::by_number(number) {
                Some(function) => self.known_function(function),
                None => self.unknown_function(&format!("helper {number}")),
            },
            Callee::Named(name) => match callee::by_name(name) {
                Some(function) => self.known_function(function),
                None => self.unknown_function(name),
            },
            Callee::Kernel { btf, .. } => self.unknown_function(&format!("the function with BTF type {btf}")),
        }
    }

    fn unknown_function(&mut self, name: &str) {
        self.emit.fail(format!("it is not known what {name} does to memory"));
    }

    /// Calls destroy the registers that hold their arguments: what is left there is nobody's business.
    fn destroy_arguments(&mut self) {
        let nothing = self.emit.number(0);
        for argument in 1..=5 {
            self.emit.write(Reg(argument), nothing);
        }
    }

    fn known_function(&mut self, function: &Function) {
        let result = match function.returns {
            Returns::Nothing | Returns::Zero => self.emit.number(0),
            Returns::Anything => self.emit.unknown(),
        };
        self.kernel_function(function.effect, result);
    }

    fn kernel_function(&mut self, effect: Effect, result: Temp) {
        match effect {
            Effect::None => {}
            Effect::FullBarrier => self.emit.fence(tag::BARRIER),
            Effect::RcuLock => self.emit.fence(tag::RCU_LOCK),
            Effect::RcuUnlock => self.emit.fence(tag::RCU_UNLOCK),
            Effect::RcuSync => self.emit.fence(tag::RCU_SYNC),
            Effect::Lock => {
                let addr = self.emit.read(Reg(1), Port::Addr);
                take_lock(&mut self.emit, addr);
            }
            Effect::TryLock => return self.try_lock(),
            Effect::Unlock => {
                let (addr, free) = (self.emit.read(Reg(1), Port::Addr), self.emit.number(0));
                self.emit.store(addr, free, 32, tag::RELEASE.with(tag::UNLOCK));
            }
        }
        self.destroy_arguments();
        self.emit.write(Reg(0), result);
    }

    /// A lock that may give up.
    fn try_lock(&mut self) {
        const TIMED_OUT: i64 = -110;
        let addr = self.emit.read(Reg(1), Port::Addr);
        self.destroy_arguments();
        let taken = self.emit.apart(|emit| {
            take_lock(emit, addr);
            let zero = emit.number(0);
            emit.write(Reg(0), zero);
        });
        let given_up = self.emit.apart(|emit| {
            let error = emit.number(TIMED_OUT);
            emit.write(Reg(0), error);
        });
        self.emit.push(Micro::Alt(vec![taken, given_up]));
    }

    /// Makes room for one more function: those that wait move up by one level.
    fn enter(&mut self) {
        let last = self.emit.read(return_address(MAX_CALLERS - 1), Port::Plain);
        let too_many = self.emit.binary_number(BinaryOp::Ne, 64, last, 0);
        let overflow = self.emit.apart(|emit| {
            emit.push(Micro::Assume { cond: too_many, is: true });
            emit.fail(format!("more than {} functions wait for others to return", MAX_CALLERS));
        });
        let go_on = self.emit.apart(|emit| emit.push(Micro::Assume { cond: too_many, is: false }));
        self.emit.push(Micro::Alt(vec![go_on, overflow]));
        for level in (1..MAX_CALLERS).rev() {
            self.copy(return_address(level - 1), return_address(level));
            (0..5).for_each(|index| self.copy(saved(level - 1, index), saved(level, index)));
        }
        let next = self.emit.next_address();
        self.emit.write(return_address(0), next);
        (0..5).for_each(|index| self.copy(Reg(6 + index), saved(0, index)));
        let frame = self.emit.read(Register::FRAME.reg(), Port::Plain);
        let own = self.emit.binary_number(BinaryOp::Sub, 64, frame, FRAME_SIZE);
        self.emit.write(Register::FRAME.reg(), own);
    }

    fn copy(&mut self, from: Reg, to: Reg) {
        let value = self.emit.read(from, Port::Plain);
        self.emit.write(to, value);
    }

    /// Ends the thread, or goes back to the function that waits.
    fn exit(&mut self) {
        let back = self.emit.read(return_address(0), Port::Plain);
        let waits = self.emit.binary_number(BinaryOp::Ne, 64, back, 0);
        let ends = self.emit.apart(|emit| {
            emit.push(Micro::Assume { cond: waits, is: false });
            emit.push(Micro::Halt);
        });
        let before = self.emit.begin();
        self.emit.push(Micro::Assume { cond: waits, is: true });
        (0..5).for_each(|index| self.copy(saved(0, index), Reg(6 + index)));
        for level in 1..MAX_CALLERS {
            self.copy(return_address(level), return_address(level - 1));
            (0..5).for_each(|index| self.copy(saved(level, index), saved(level - 1, index)));
        }
        let nobody = self.emit.number(0);
        self.emit.write(return_address(MAX_CALLERS - 1), nobody);
        self.emit.push(Micro::JumpTo { target: back });
        let returns = self.emit.end(before);
        self.emit.push(Micro::Alt(vec![ends, returns]));
    }
}

/// Takes a lock that nobody has. Executions in which somebody has it are none: the lock waits.
fn take_lock(emit: &mut Emit, addr: Temp) {
    let (old, ev) = emit.update(addr, 32, tag::ACQUIRE.with(tag::LOCK));
    let free = emit.unary(UnaryOp::IsZero, 32, old);
    emit.push(Micro::Assume { cond: free, is: true });
    let held = emit.number(1);
    emit.push(Micro::SetUpdate { ev, value: held });
}
