//! What instructions do.
//!
//! Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, and volume 3A chapter 9 on locked
//! operations. Deviations:
//! 1. Flags that the manual leaves undefined get some value; AF does not exist.
//! 2. `call` keeps the return address in `rip`, not on the stack, so that calls don't nest; `ret` without a call
//!    before it ends the thread.
//! 3. Cache flushes are events without effect; prefetches do nothing at all.
//! 4. Vector registers have 64 bits.
//! 5. A division whose quotient is too large gives its low bits instead of a fault; only division by zero fails.
//! 6. The entry of the global offset table that holds an address is a constant, not a place in memory.

use super::emit::{Emit, Place, Val};
use super::instruction::{
    Arithmetic, Bit, Condition, Fence, Flush, Instruction, Memory, Operand, Shift, Single,
};
use super::parse::Parsed;
use super::register::{Dialect, Flag, Gpr, Part, Register};
use execution::micro::{EdgeKind, LabelId, Micro, Port, Reg, Tags, Temp};
use execution::{BinaryOp, UnaryOp, Value};

/// The cat sets of x86 events.
pub(super) static TAGS: &[&str] = &["MFENCE", "SFENCE", "LFENCE", "X", "NT", "CLFLUSH", "CLFLUSHOPT", "CLWB"];

const LOCKED: Tags = Tags::one(3);
const NON_TEMPORAL: Tags = Tags::one(4);

fn fence_tag(fence: Fence) -> Tags {
    Tags::one(fence as usize)
}

fn flush_tag(flush: Flush) -> Tags {
    Tags::one(5 + flush as usize)
}

/// The micro-operations of an instruction.
pub(super) fn micro(parsed: &Parsed<'_>, dialect: &'static Dialect) -> Vec<Micro> {
    let mut emit = Emit::new(dialect);
    let tags = if parsed.lock { LOCKED } else { Tags::NONE };
    emit.instruction(&parsed.instruction, tags);
    emit.finish()
}

impl Emit {
    /// `tags` is what the prefix gives to memory events.
    fn instruction(&mut self, instruction: &Instruction<'_>, tags: Tags) {
        match instruction {
            Instruction::Nop => {}
            Instruction::Fence(fence) => self.fence(fence_tag(*fence)),
            Instruction::Flush(flush, memory) => self.flush(*flush, memory),
            Instruction::Move { size, dst, src } => self.mov(size.bits, dst, src, Tags::NONE),
            Instruction::MoveNonTemporal { size, dst, src } => {
                self.mov(size.bits, &Operand::Memory(*dst), &Operand::Register(*src), NON_TEMPORAL);
            }
            Instruction::LoadNonTemporal { dst, src } => {
                self.mov(64, &Operand::Register(*dst), &Operand::Memory(*src), Tags::NONE);
            }
            Instruction::Extend { signed, from, to, dst, src } => {
                let value = self.value(src, from.bits, Port::Plain);
                let value = self.extended(*signed, from.bits, *to, value);
                self.write(*dst, value);
            }
            Instruction::ExtendAccumulator { from } => {
                let value = self.read(self.implied(Gpr::Ax, *from), Port::Plain);
                let value = self.extended(true, *from, *from * 2, value);
                self.write(self.implied(Gpr::Ax, *from * 2), value);
            }
            Instruction::SpreadSign { bits } => {
                let value = self.read(self.implied(Gpr::Ax, *bits), Port::Plain);
                let value = self.at(value, *bits);
                let sign = self.with_number(BinaryOp::ShrArithmetic, *bits, value, i64::from(*bits) - 1);
                self.write(self.implied(Gpr::Dx, *bits), Val::of(sign, *bits));
            }
            Instruction::LoadAddress { size, dst, src } => {
                let address = self.address(src);
                let word = self.dialect.word;
                let address = self.fit(Val::of(address, word), size.bits);
                self.write(*dst, Val::of(address, size.bits));
            }
            Instruction::Arithmetic { op, size, dst, src } => self.arithmetic(*op, size.bits, dst, src, tags),
            Instruction::Compare { size, left, right } => {
                let (a, b) = self.both(size.bits, left, right);
                let result = self.binary(BinaryOp::Sub, size.bits, a, b);
                self.flags_of_difference(size.bits, a, b, result);
            }
            Instruction::Test { size, left, right } => {
                let (a, b) = self.both(size.bits, left, right);
                let result = self.binary(BinaryOp::And, size.bits, a, b);
                self.flags_of_logic(size.bits, result);
            }
            Instruction::Single { op, size, dst } => self.single(*op, size.bits, dst, tags),
            Instruction::Shift { op, size, dst, count } => self.shift(*op, size.bits, dst, count),
            Instruction::Multiply { size, dst, src, factor } => self.multiply(size.bits, *dst, src, *factor),
            Instruction::MultiplyWide { signed, size, src } => self.multiply_wide(*signed, size.bits, src),
            Instruction::Divide { signed, size, src } => self.divide(*signed, size.bits, src),
            Instruction::Exchange { size, left, right, locked } => {
                self.exchange(size.bits, left, right, *locked)
            }
            Instruction::ExchangeAdd { size, dst, src } => self.exchange_add(size.bits, dst, *src, tags),
            Instruction::CompareExchange { size, dst, src } => {
                self.compare_exchange(size.bits, dst, *src, tags)
            }
            Instruction::CompareExchangePair { bits, dst } => self.compare_exchange_pair(*bits, dst, tags),
            Instruction::Bit { op, size, dst, bit } => self.bit(*op, size.bits, dst, bit, tags),
            Instruction::Set { condition, dst } => {
                let place = self.place(dst);
                let value = self.condition(*condition);
                self.write_place(place, 8, Val::of(value, 8), Tags::NONE);
            }
            Instruction::MoveIf { condition, size, dst, src } => {
                self.move_if(*condition, size.bits, *dst, src)
            }
            Instruction::Jump(target, _) => self.push(Micro::Jump { target: *target }),
            Instruction::JumpIf(condition, target, _) => {
                let cond = self.condition(*condition);
                let ev = self.event();
                self.push(Micro::Branch { cond, target: *target, ev });
            }
            Instruction::JumpTo(register) => {
                let target = self.read(*register, Port::Plain).temp;
                let ev = self.event();
                self.push(Micro::Commit { target, ev });
                self.push(Micro::JumpTo { target });
            }
            Instruction::Call(target, _) => self.call(*target),
            Instruction::Return => self.ret(),
            Instruction::Push(src) => self.push_value(src),
            Instruction::Pop(dst) => self.pop(dst),
            Instruction::Leave => {
                let frame = self.read_whole(self.frame_pointer(), Port::Plain);
                self.write_whole(self.dialect.gpr(Gpr::Sp), frame);
                let value = self.pop_value();
                self.write_whole(self.frame_pointer(), value.temp);
            }
        }
    }

    fn fence(&mut self, tags: Tags) {
        let ev = self.event();
        self.push(Micro::Fence { tags, ev });
    }

    fn flush(&mut self, flush: Flush, memory: &Memory<'_>) {
        self.address(memory);
        self.fence(flush_tag(flush));
    }

    fn mov(&mut self, width: u8, dst: &Operand<'_>, src: &Operand<'_>, tags: Tags) {
        let place = self.place(dst);
        let value = self.value(src, width, data_port(dst));
        // A value narrower than the register it comes from.
        let value = match place {
            Place::Register(_) => Val::of(self.fit(value, width), width),
            Place::Memory(_) => value,
        };
        self.write_place(place, width, value, tags);
    }

    fn extended(&mut self, signed: bool, from: u8, to: u8, value: Val) -> Val {
        if !signed {
            return Val::of(self.fit(value, from), from);
        }
        let value = self.at(value, from);
        let extended = self.unary(UnaryOp::SignExtend, from, value);
        Val::of(self.unary(UnaryOp::Mask, to, extended), to)
    }

    /// Both operands of an instruction that writes neither.
    fn both(&mut self, width: u8, left: &Operand<'_>, right: &Operand<'_>) -> (Temp, Temp) {
        let left = self.value(left, width, Port::Plain);
        let right = self.value(right, width, Port::Plain);
        (self.at(left, width), self.at(right, width))
    }

    fn arithmetic(&mut self, op: Arithmetic, width: u8, dst: &Operand<'_>, src: &Operand<'_>, tags: Tags) {
        let place = self.place(dst);
        let a = self.read_place(place, width, tags);
        let b = self.value(src, width, data_port(dst));
        let (a, b) = (self.at(a, width), self.at(b, width));
        let logic = match op {
            Arithmetic::And => Some(BinaryOp::And),
            Arithmetic::Or => Some(BinaryOp::Or),
            Arithmetic::Xor => Some(BinaryOp::Xor),
            _ => None,
        };
        if let Some(op) = logic {
            let result = self.binary(op, width, a, b);
            self.write_place(place, width, Val::of(result, width), tags);
            return self.flags_of_logic(width, result);
        }
        match op {
            Arithmetic::AddCarry | Arithmetic::SubtractBorrow => {
                let add = op == Arithmetic::AddCarry;
                let (result, carry) = self.with_carry(add, width, a, b);
                self.write_place(place, width, Val::of(result, width), tags);
                if add {
                    self.flags_of_sum(width, a, b, result, carry);
                } else {
                    self.flags_of_borrowing(width, a, b, result, carry);
                }
            }
            Arithmetic::Subtract => {
                let result = self.binary(BinaryOp::Sub, width, a, b);
                self.write_place(place, width, Val::of(result, width), tags);
                self.flags_of_difference(width, a, b, result);
            }
            _ => {
                self.sum_with_flags(width, a, b, |emit, result| {
                    emit.write_place(place, width, Val::of(result, width), tags);
                });
            }
        }
    }

    /// `a + b`, which `write` gets before the flags are set.
    fn sum_with_flags(&mut self, width: u8, a: Temp, b: Temp, write: impl FnOnce(&mut Emit, Temp)) {
        let result = self.binary(BinaryOp::Add, width, a, b);
        write(self, result);
        let carry = self.binary(BinaryOp::LtUnsigned, width, result, a);
        self.flags_of_sum(width, a, b, result, carry);
    }

    /// `a + b + CF` or `a - b - CF`, and the new carry.
    fn with_carry(&mut self, add: bool, width: u8, a: Temp, b: Temp) -> (Temp, Temp) {
        let carry = self.read_flag(Flag::Carry);
        // One bit more holds the carry.
        let wide = width + 1;
        let op = if add { BinaryOp::Add } else { BinaryOp::Sub };
        let (a, b) = (self.unary(UnaryOp::Mask, width, a), self.unary(UnaryOp::Mask, width, b));
        let partial = self.binary(op, wide, a, b);
        let result = self.binary(op, wide, partial, carry);
        let carry = self.with_number(BinaryOp::ShrLogical, wide, result, width.into());
        (self.unary(UnaryOp::Mask, width, result), carry)
    }

    fn single(&mut self, op: Single, width: u8, dst: &Operand<'_>, tags: Tags) {
        let place = self.place(dst);
        let old = self.read_place(place, width, tags);
        let a = self.at(old, width);
        let result = match op {
            Single::Increment => self.with_number(BinaryOp::Add, width, a, 1),
            Single::Decrement => self.with_number(BinaryOp::Sub, width, a, 1),
            Single::Negate => self.unary(UnaryOp::Neg, width, a),
            Single::Not => self.unary(UnaryOp::Not, width, a),
        };
        self.write_place(place, width, Val::of(result, width), tags);
        if op == Single::Not {
            return;
        }
        self.flags_of_result(width, result);
        let least = i64::MIN >> (64 - u32::from(width));
        let overflow = match op {
            Single::Decrement => self.with_number(BinaryOp::Eq, width, a, least),
            // Both overflow when the least number comes out.
            _ => self.with_number(BinaryOp::Eq, width, result, least),
        };
        self.write_flag(Flag::Overflow, overflow);
        if op == Single::Negate {
            let carry = self.with_number(BinaryOp::Ne, width, a, 0);
            self.write_flag(Flag::Carry, carry);
        }
    }

    fn shift(&mut self, op: Shift, width: u8, dst: &Operand<'_>, count: &Operand<'_>) {
        let place = self.place(dst);
        let old = self.read_place(place, width, Tags::NONE);
        let a = self.at(old, width);
        let limit = if width == 64 { 63 } else { 31 };
        match count {
            Operand::Immediate(count) => {
                let count = count & limit;
                let by = self.number(count, 8);
                let (result, carry) = self.shifted(op, width, a, by);
                self.write_place(place, width, Val::of(result, width), Tags::NONE);
                if count != 0 {
                    self.flags_of_shift(op, width, a, result, carry, None);
                }
            }
            count => {
                let count = self.value(count, 8, Port::Plain);
                let by = self.with_number(BinaryOp::And, 8, count.temp, limit);
                let (result, carry) = self.shifted(op, width, a, by);
                self.write_place(place, width, Val::of(result, width), Tags::NONE);
                self.flags_of_shift(op, width, a, result, carry, Some(by));
            }
        }
    }

    /// The shifted value, and the last bit that fell out.
    fn shifted(&mut self, op: Shift, width: u8, a: Temp, by: Temp) -> (Temp, Temp) {
        match op {
            Shift::Left => {
                let result = self.binary(BinaryOp::Shl, width, a, by);
                let bits = self.number(width.into(), 8);
                let distance = self.binary(BinaryOp::Sub, 8, bits, by);
                let carry = self.binary(BinaryOp::ShrLogical, width, a, distance);
                (result, self.with_number(BinaryOp::And, 1, carry, 1))
            }
            Shift::Right | Shift::RightArithmetic => {
                let op = if op == Shift::Right { BinaryOp::ShrLogical } else { BinaryOp::ShrArithmetic };
                let result = self.binary(op, width, a, by);
                let distance = self.with_number(BinaryOp::Sub, 8, by, 1);
                let carry = self.binary(op, width, a, distance);
                (result, self.with_number(BinaryOp::And, 1, carry, 1))
            }
            Shift::RotateLeft => {
                let by = self.unary(UnaryOp::Neg, 8, by);
                let result = self.binary(BinaryOp::RotateRight, width, a, by);
                (result, self.with_number(BinaryOp::And, 1, result, 1))
            }
            Shift::RotateRight => {
                let result = self.binary(BinaryOp::RotateRight, width, a, by);
                (result, self.top_bit(width, result))
            }
        }
    }

    /// Flags of a shift. Where the distance is not known, `by`, they stay as they are if it is zero.
    fn flags_of_shift(&mut self, op: Shift, width: u8, a: Temp, result: Temp, carry: Temp, by: Option<Temp>) {
        let rotates = matches!(op, Shift::RotateLeft | Shift::RotateRight);
        let top = self.top_bit(width, result);
        let overflow = match op {
            Shift::Left | Shift::RotateLeft => self.binary(BinaryOp::Xor, 1, top, carry),
            Shift::Right => self.top_bit(width, a),
            Shift::RightArithmetic => self.number(0, 1),
            Shift::RotateRight => {
                let next = self.with_number(BinaryOp::ShrLogical, width, result, i64::from(width) - 2);
                self.binary(BinaryOp::Xor, 1, top, next)
            }
        };
        let mut flags = vec![(Flag::Carry, carry), (Flag::Overflow, overflow)];
        if !rotates {
            let zero = self.unary(UnaryOp::IsZero, width, result);
            flags.extend([(Flag::Zero, zero), (Flag::Sign, top), (Flag::Parity, result)]);
        }
        for (flag, new) in flags {
            let value = match by {
                Some(by) => {
                    let old = self.read_flag(flag);
                    self.choose(by, new, old)
                }
                None => new,
            };
            self.write_flag(flag, value);
        }
    }

    fn multiply(&mut self, width: u8, dst: Register<'_>, src: &Operand<'_>, factor: Option<i64>) {
        let a = self.value(src, width, Port::Plain);
        let a = self.at(a, width);
        let b = match factor {
            Some(factor) => self.number(factor, width),
            None => {
                let b = self.read(dst, Port::Plain);
                self.at(b, width)
            }
        };
        let low = self.binary(BinaryOp::Mul, width, a, b);
        let high = self.binary(BinaryOp::MulHighSigned, width, a, b);
        self.write(dst, Val::of(low, width));
        self.flags_of_product(true, width, low, high);
    }

    fn multiply_wide(&mut self, signed: bool, width: u8, src: &Operand<'_>) {
        let a = self.value(src, width, Port::Plain);
        let b = self.read(self.implied(Gpr::Ax, width), Port::Plain);
        let (a, b) = (self.at(a, width), self.at(b, width));
        let low = self.binary(BinaryOp::Mul, width, a, b);
        let op = if signed { BinaryOp::MulHighSigned } else { BinaryOp::MulHighUnsigned };
        let high = self.binary(op, width, a, b);
        if width == 8 {
            let shifted = self.with_number(BinaryOp::Shl, 16, high, 8);
            let whole = self.binary(BinaryOp::Or, 16, shifted, low);
            self.write(self.implied(Gpr::Ax, 16), Val::of(whole, 16));
        } else {
            self.write(self.implied(Gpr::Ax, width), Val::of(low, width));
            self.write(self.implied(Gpr::Dx, width), Val::of(high, width));
        }
        self.flags_of_product(signed, width, low, high);
    }

    fn divide(&mut self, signed: bool, width: u8, src: &Operand<'_>) {
        let double = width * 2;
        let divisor = self.value(src, width, Port::Plain);
        let divisor = self.fit(divisor, width);
        let dividend = self.dividend(width);
        self.alternatives([&|emit| emit.push(Micro::Assume { cond: divisor, is: true }), &|emit| {
            emit.push(Micro::Assume { cond: divisor, is: false });
            emit.push(Micro::Fail { message: "division by zero".to_owned() });
        }]);
        let (divide, rest) = match signed {
            true => (BinaryOp::DivSigned, BinaryOp::RemSigned),
            false => (BinaryOp::DivUnsigned, BinaryOp::RemUnsigned),
        };
        let divisor = if signed { self.unary(UnaryOp::SignExtend, width, divisor) } else { divisor };
        let quotient = self.binary(divide, double, dividend, divisor);
        let rest = self.binary(rest, double, dividend, divisor);
        let (quotient, rest) = (Val::of(quotient, double), Val::of(rest, double));
        self.write(self.implied(Gpr::Ax, width), quotient);
        if width == 8 {
            self.write(Register { part: Part::High8, ..self.implied(Gpr::Ax, 8) }, rest);
        } else {
            self.write(self.implied(Gpr::Dx, width), rest);
        }
    }

    /// The data register and the accumulator together, or `ax`.
    fn dividend(&mut self, width: u8) -> Temp {
        if width == 8 {
            let whole = self.read(self.implied(Gpr::Ax, 16), Port::Plain);
            return self.fit(whole, 16);
        }
        let low = self.read(self.implied(Gpr::Ax, width), Port::Plain);
        let high = self.read(self.implied(Gpr::Dx, width), Port::Plain);
        let (low, high) = (self.fit(low, width), self.fit(high, width));
        let shifted = self.with_number(BinaryOp::Shl, width * 2, high, width.into());
        self.binary(BinaryOp::Or, width * 2, shifted, low)
    }

    /// CF and OF say whether the product needs its high half.
    fn flags_of_product(&mut self, signed: bool, width: u8, low: Temp, high: Temp) {
        let spare = if signed {
            self.with_number(BinaryOp::ShrArithmetic, width, low, i64::from(width) - 1)
        } else {
            self.number(0, width)
        };
        let needed = self.binary(BinaryOp::Ne, width, high, spare);
        self.write_flag(Flag::Carry, needed);
        self.write_flag(Flag::Overflow, needed);
    }

    fn exchange(&mut self, width: u8, left: &Operand<'_>, right: &Operand<'_>, locked: bool) {
        let tags = if locked { LOCKED } else { Tags::NONE };
        match (left, right) {
            (Operand::Memory(memory), Operand::Register(register))
            | (Operand::Register(register), Operand::Memory(memory)) => {
                let addr = self.address(memory);
                let (old, read) = self.load(addr, width, tags);
                let new = self.read(*register, Port::Data);
                let write = self.store(addr, width, new, tags);
                self.edge(EdgeKind::Data, read, write);
                self.write(*register, old);
            }
            _ => {
                let (a, b) = (self.place(left), self.place(right));
                let old = self.read_place(a, width, Tags::NONE);
                let new = self.read_place(b, width, Tags::NONE);
                self.write_place(a, width, new, Tags::NONE);
                self.write_place(b, width, old, Tags::NONE);
            }
        }
    }

    fn exchange_add(&mut self, width: u8, dst: &Operand<'_>, src: Register<'_>, tags: Tags) {
        let place = self.place(dst);
        let old = self.read_place(place, width, tags);
        let more = self.read(src, data_port(dst));
        let (a, b) = (self.at(old, width), self.at(more, width));
        self.sum_with_flags(width, a, b, |emit, result| {
            // The sum goes to the destination even if both are one register.
            emit.write(src, old);
            emit.write_place(place, width, Val::of(result, width), tags);
        });
    }

    /// Two ways: the destination has the expected value, or not. In the second, memory is written with what it had,
    /// as the manual says; a register stays as it is, its upper half too, as machines do.
    fn compare_exchange(&mut self, width: u8, dst: &Operand<'_>, src: Register<'_>, tags: Tags) {
        let accumulator = self.implied(Gpr::Ax, width);
        let place = self.place(dst);
        let (old, read) = match place {
            Place::Memory(addr) => {
                let (old, read) = self.load(addr, width, tags);
                (old, Some(read))
            }
            Place::Register(register) => (self.read(register, Port::Plain), None),
        };
        let expected = self.read(accumulator, Port::Plain);
        let (a, b) = (self.at(expected, width), self.at(old, width));
        let result = self.binary(BinaryOp::Sub, width, a, b);
        let equal = self.flags_of_difference(width, a, b, result);
        let new = self.read(src, data_port(dst));
        let write = |emit: &mut Emit, value: Val| match place {
            Place::Memory(addr) => {
                let write = emit.store(addr, width, value, tags);
                if let Some(read) = read {
                    emit.edge(EdgeKind::Data, read, write);
                }
            }
            Place::Register(register) => emit.write(register, value),
        };
        self.alternatives([
            &|emit| {
                emit.push(Micro::Assume { cond: equal, is: true });
                write(emit, new);
            },
            &|emit| {
                emit.push(Micro::Assume { cond: equal, is: false });
                if read.is_some() {
                    write(emit, old);
                }
                emit.write(accumulator, old);
            },
        ]);
    }

    /// One access of two registers' width; only the zero flag says how it went.
    fn compare_exchange_pair(&mut self, bits: u8, dst: &Memory<'_>, tags: Tags) {
        let half = bits / 2;
        let both = |emit: &mut Emit, high: Gpr, low: Gpr| {
            let [high, low] = [high, low].map(|gpr| {
                let value = emit.read(emit.implied(gpr, half), Port::Plain);
                emit.fit(value, half)
            });
            let high = emit.with_number(BinaryOp::Shl, bits, high, half.into());
            emit.binary(BinaryOp::Or, bits, high, low)
        };
        let addr = self.address(dst);
        let (old, read) = self.load(addr, bits, tags);
        let expected = both(self, Gpr::Dx, Gpr::Ax);
        let equal = self.binary(BinaryOp::Eq, bits, expected, old.temp);
        self.write_flag(Flag::Zero, equal);
        let new = both(self, Gpr::Cx, Gpr::Bx);
        let write = |emit: &mut Emit, value: Temp| {
            let write = emit.store(addr, bits, Val::of(value, bits), tags);
            emit.edge(EdgeKind::Data, read, write);
        };
        self.alternatives([
            &|emit| {
                emit.push(Micro::Assume { cond: equal, is: true });
                write(emit, new);
            },
            &|emit| {
                emit.push(Micro::Assume { cond: equal, is: false });
                write(emit, old.temp);
                let low = emit.unary(UnaryOp::Mask, half, old.temp);
                let high = emit.with_number(BinaryOp::ShrLogical, bits, old.temp, half.into());
                emit.write(emit.implied(Gpr::Ax, half), Val::of(low, half));
                emit.write(emit.implied(Gpr::Dx, half), Val::of(high, half));
            },
        ]);
    }

    fn bit(&mut self, op: Bit, width: u8, dst: &Operand<'_>, bit: &Operand<'_>, tags: Tags) {
        let mut place = self.place(dst);
        let bit_value = self.value(bit, width, Port::Plain);
        let number = self.at(bit_value, width);
        if let (Place::Memory(addr), Operand::Register(_)) = (place, bit) {
            place = Place::Memory(self.word_of_bit(width, addr, number));
        }
        let old = self.read_place(place, width, tags);
        let old = self.at(old, width);
        let distance = self.with_number(BinaryOp::And, width, number, i64::from(width) - 1);
        let one = self.number(1, width);
        let selected = self.binary(BinaryOp::Shl, width, one, distance);
        let new = match op {
            Bit::Test => None,
            Bit::Set => Some(BinaryOp::Or),
            Bit::Reset => Some(BinaryOp::AndNot),
            Bit::Complement => Some(BinaryOp::Xor),
        };
        if let Some(op) = new {
            let new = self.binary(op, width, old, selected);
            self.write_place(place, width, Val::of(new, width), tags);
        }
        let shifted = self.binary(BinaryOp::ShrLogical, width, old, distance);
        let carry = self.with_number(BinaryOp::And, 1, shifted, 1);
        self.write_flag(Flag::Carry, carry);
    }

    /// A bit number in a register can reach beyond the addressed word.
    fn word_of_bit(&mut self, width: u8, addr: Temp, number: Temp) -> Temp {
        let shift = i64::from(width.trailing_zeros());
        let words = self.with_number(BinaryOp::ShrArithmetic, width, number, shift);
        let words = self.unary(UnaryOp::SignExtend, width, words);
        let word = self.dialect.word;
        let bytes = self.with_number(BinaryOp::Mul, word, words, i64::from(width / 8));
        self.binary(BinaryOp::Add, word, addr, bytes)
    }

    /// The source is read whatever the condition.
    fn move_if(&mut self, condition: Condition, width: u8, dst: Register<'_>, src: &Operand<'_>) {
        let new = self.value(src, width, Port::Plain);
        let new = self.fit(new, width);
        let cond = self.condition(condition);
        let old = self.read(dst, Port::Plain);
        let old = self.fit(old, width);
        let value = self.choose(cond, new, old);
        self.write(dst, Val::of(value, width));
    }

    fn call(&mut self, target: LabelId) {
        let dst = self.temp();
        self.push(Micro::NextAddress { dst });
        self.write_whole(self.dialect.pc, dst);
        self.push(Micro::Jump { target });
    }

    fn ret(&mut self) {
        let target = self.read_whole(self.dialect.pc, Port::Plain);
        self.alternatives([
            &|emit| {
                emit.push(Micro::Assume { cond: target, is: false });
                emit.push(Micro::Halt);
            },
            &|emit| {
                emit.push(Micro::Assume { cond: target, is: true });
                let none = emit.constant(Value::ZERO);
                emit.write_whole(emit.dialect.pc, none);
                emit.push(Micro::JumpTo { target });
            },
        ]);
    }

    fn frame_pointer(&self) -> Reg {
        Reg(self.dialect.gpr(Gpr::Sp).0 - 1)
    }

    fn push_value(&mut self, src: &Operand<'_>) {
        let word = self.dialect.word;
        let value = self.value(src, word, Port::Data);
        let stack = self.dialect.gpr(Gpr::Sp);
        let old = self.read_whole(stack, Port::Addr);
        let new = self.with_number(BinaryOp::Sub, word, old, i64::from(word / 8));
        self.write_whole(stack, new);
        self.store(new, word, value, Tags::NONE);
    }

    fn pop_value(&mut self) -> Val {
        let word = self.dialect.word;
        let stack = self.dialect.gpr(Gpr::Sp);
        let old = self.read_whole(stack, Port::Addr);
        let (value, _) = self.load(old, word, Tags::NONE);
        let new = self.with_number(BinaryOp::Add, word, old, i64::from(word / 8));
        self.write_whole(stack, new);
        value
    }

    fn pop(&mut self, dst: &Operand<'_>) {
        let value = self.pop_value();
        let place = self.place(dst);
        self.write_place(place, self.dialect.word, value, Tags::NONE);
    }
}

/// What a source register is read for: data if the destination is in memory.
fn data_port(dst: &Operand<'_>) -> Port {
    if matches!(dst, Operand::Memory(_)) { Port::Data } else { Port::Plain }
}
