//! Canonical text: what the hash of a test is computed of.

use super::instruction::{
    Arithmetic, Bit, Condition, Fence, Flush, Instruction, Memory, Operand, Said, Shift, Single, Size,
};
use super::parse::Parsed;
use super::register::{Dialect, Register};
use std::fmt::Write as _;

/// The canonical text of an instruction.
pub(super) fn text(parsed: &Parsed<'_>, dialect: &Dialect) -> String {
    let mut printer = Printer { out: String::with_capacity(24), intel: dialect.intel };
    if parsed.lock {
        printer.mnemonic("lock; ", None);
    }
    printer.instruction(&parsed.instruction);
    printer.out
}

struct Printer {
    out: String,
    /// Capitals, no `%`, and the destination first.
    intel: bool,
}

impl Printer {
    fn instruction(&mut self, instruction: &Instruction<'_>) {
        match *instruction {
            Instruction::Nop => self.out.push_str("NOP"),
            Instruction::Fence(fence) => self.mnemonic(fence_name(fence), None),
            Instruction::Flush(flush, memory) => {
                self.mnemonic(flush_name(flush), None);
                self.operands(&[Operand::Memory(memory)], None);
            }
            Instruction::Move { size, dst, src } => self.mov(size, dst, src),
            Instruction::MoveNonTemporal { size, dst, src } => {
                self.mnemonic("movnti", Some(size));
                self.operands(&[Operand::Memory(dst), Operand::Register(src)], None);
            }
            Instruction::LoadNonTemporal { dst, src } => {
                self.mnemonic("movntdqa", None);
                self.operands(&[Operand::Register(dst), Operand::Memory(src)], None);
            }
            Instruction::Extend { signed, from, to, dst, src } => self.extend(signed, from, to, dst, src),
            Instruction::ExtendAccumulator { from } => {
                let names = match from {
                    8 => ["cbtw", "cbw"],
                    16 => ["cwtl", "cwde"],
                    _ => ["cltq", "cdqe"],
                };
                self.mnemonic(names[usize::from(self.intel)], None);
            }
            Instruction::SpreadSign { bits } => {
                let names = match bits {
                    16 => ["cwtd", "cwd"],
                    32 => ["cltd", "cdq"],
                    _ => ["cqto", "cqo"],
                };
                self.mnemonic(names[usize::from(self.intel)], None);
            }
            Instruction::LoadAddress { size, dst, src } => {
                self.sized("lea", size, &[Operand::Register(dst), Operand::Memory(src)]);
            }
            Instruction::Arithmetic { op, size, dst, src } => {
                self.sized(arithmetic_name(op), size, &[dst, src])
            }
            Instruction::Compare { size, left, right } => self.sized("cmp", size, &[left, right]),
            Instruction::Test { size, left, right } => self.sized("test", size, &[left, right]),
            Instruction::Single { op, size, dst } => self.sized(single_name(op), size, &[dst]),
            Instruction::Shift { op, size, dst, count } => self.sized(shift_name(op), size, &[dst, count]),
            Instruction::Multiply { size, dst, src, factor } => {
                let dst = Operand::Register(dst);
                match factor {
                    Some(factor) => self.sized("imul", size, &[dst, src, Operand::Immediate(factor)]),
                    None => self.sized("imul", size, &[dst, src]),
                }
            }
            Instruction::MultiplyWide { signed, size, src } => {
                self.sized(if signed { "imul" } else { "mul" }, size, &[src]);
            }
            Instruction::Divide { signed, size, src } => {
                self.sized(if signed { "idiv" } else { "div" }, size, &[src]);
            }
            Instruction::Exchange { size, left, right, locked } => {
                let name = match (locked, self.intel) {
                    (true, _) => "xchg",
                    (false, true) => "unlocked xchg",
                    (false, false) => "uxch",
                };
                self.sized(name, size, &[left, right]);
            }
            Instruction::ExchangeAdd { size, dst, src } => {
                self.sized("xadd", size, &[dst, Operand::Register(src)])
            }
            Instruction::CompareExchange { size, dst, src } => self.compare_exchange(size, dst, src),
            Instruction::CompareExchangePair { bits, dst } => {
                self.mnemonic(if bits == 128 { "cmpxchg16b" } else { "cmpxchg8b" }, None);
                self.operands(&[Operand::Memory(dst)], None);
            }
            Instruction::Bit { op, size, dst, bit } => self.sized(bit_name(op), size, &[dst, bit]),
            Instruction::Set { condition, dst } => {
                self.mnemonic("set", None);
                self.condition(if condition == Condition::AboveOrEqual { "nb" } else { condition.name() });
                self.operands(&[dst], None);
            }
            Instruction::MoveIf { condition, size, dst, src } => self.move_if(condition, size, dst, src),
            Instruction::Jump(_, label) => self.jump("jmp", "", label),
            Instruction::JumpIf(condition, _, label) => self.jump("j", condition.name(), label),
            Instruction::Call(_, label) => self.jump("call", "", label),
            Instruction::JumpTo(register) => {
                self.mnemonic("jmp", None);
                self.out.push_str(" *");
                self.register(register);
            }
            Instruction::Return => self.mnemonic("ret", None),
            Instruction::Push(src) => self.sized("push", IMPLIED, &[src]),
            Instruction::Pop(dst) => self.sized("pop", IMPLIED, &[dst]),
            Instruction::Leave => self.mnemonic("leave", None),
        }
    }

    /// Writes a mnemonic, with the letter for the width if the text had one.
    fn mnemonic(&mut self, name: &str, size: Option<Size>) {
        let start = self.out.len();
        self.out.push_str(name);
        if let Some(size) = size {
            let written = if self.intel { size.said == Said::Suffix } else { size.said != Said::Implied };
            if written {
                self.out.push(letter(size.bits));
            }
        }
        if self.intel {
            self.out[start..].make_ascii_uppercase();
        }
    }

    fn condition(&mut self, name: &str) {
        self.mnemonic(name, None);
    }

    fn sized(&mut self, name: &str, size: Size, operands: &[Operand<'_>]) {
        self.mnemonic(name, Some(size));
        // The language X86 has two blanks behind these.
        if self.intel && matches!(name, "cmp" | "inc" | "dec") {
            self.out.push(' ');
        }
        self.operands(operands, Some(size));
    }

    /// Writes operands that are given in Intel's order.
    fn operands(&mut self, operands: &[Operand<'_>], size: Option<Size>) {
        let mut separator = ' ';
        let mut one = |printer: &mut Printer, operand: &Operand<'_>| {
            printer.out.push(separator);
            separator = ',';
            printer.operand(operand, size);
        };
        if self.intel {
            operands.iter().for_each(|operand| one(self, operand));
        } else {
            operands.iter().rev().for_each(|operand| one(self, operand));
        }
    }

    fn mov(&mut self, size: Size, dst: Operand<'_>, src: Operand<'_>) {
        let vector =
            |operand: &Operand<'_>| matches!(operand, Operand::Register(register) if register.is_vector());
        let name = match size.bits {
            32 if vector(&dst) || vector(&src) => "movd",
            _ => "mov",
        };
        if name == "movd" {
            self.mnemonic(name, None);
        } else if self.intel && size.said == Said::Suffix {
            // The language X86 forgets the letter behind `MOV`.
            self.mnemonic(name, None);
        } else {
            self.mnemonic(name, Some(size));
        }
        self.operands(&[dst, src], Some(size));
    }

    fn extend(&mut self, signed: bool, from: Size, to: u8, dst: Register<'_>, src: Operand<'_>) {
        if self.intel {
            self.mnemonic(if signed { "movsx" } else { "movzx" }, None);
            self.operands(&[Operand::Register(dst), src], Some(Size { said: Said::Pointer, ..from }));
        } else {
            self.mnemonic(if signed { "movs" } else { "movz" }, None);
            self.out.push(letter(from.bits));
            self.out.push(letter(to));
            self.operands(&[Operand::Register(dst), src], None);
        }
    }

    /// The language X86_64 has the place in memory first.
    fn compare_exchange(&mut self, size: Size, dst: Operand<'_>, src: Register<'_>) {
        let src = Operand::Register(src);
        match dst {
            Operand::Memory(_) if !self.intel => self.sized("cmpxchg", size, &[src, dst]),
            _ => self.sized("cmpxchg", size, &[dst, src]),
        }
    }

    /// The language X86_64 has the destination of `cmovc` first.
    fn move_if(&mut self, condition: Condition, size: Size, dst: Register<'_>, src: Operand<'_>) {
        let carry = condition == Condition::Below;
        self.mnemonic("cmov", None);
        self.mnemonic(if carry { "c" } else { condition.name() }, Some(size));
        let dst = Operand::Register(dst);
        match src {
            Operand::Memory(_) if carry && !self.intel => self.operands(&[src, dst], Some(size)),
            _ => self.operands(&[dst, src], Some(size)),
        }
    }

    fn jump(&mut self, name: &str, condition: &str, label: &str) {
        self.mnemonic(name, None);
        self.condition(condition);
        self.out.push(' ');
        self.out.push_str(label);
    }

    fn operand(&mut self, operand: &Operand<'_>, size: Option<Size>) {
        match operand {
            Operand::Register(register) => self.register(*register),
            Operand::Immediate(value) => {
                self.out.push('$');
                self.number(*value);
            }
            Operand::Address(_, name, offset) => {
                self.out.push_str(if self.intel { "OFFSET " } else { "$" });
                self.out.push_str(name);
                self.distance(*offset);
            }
            Operand::Memory(memory) if self.intel => {
                if let Some(Size { bits, said: Said::Pointer }) = size {
                    self.out.push_str(pointer_name(bits));
                }
                self.bracketed(memory);
            }
            Operand::Memory(memory) => self.parenthesised(memory),
        }
    }

    fn register(&mut self, register: Register<'_>) {
        if register.symbolic || !(self.intel || register.is_vector()) {
            self.out.push('%');
        }
        self.out.push_str(register.name);
    }

    fn number(&mut self, value: i64) {
        match u8::try_from(value) {
            Ok(digit @ 0..10) => self.out.push(char::from(b'0' + digit)),
            _ => {
                let _ = write!(self.out, "{value}");
            }
        }
    }

    /// Writes `+4`, `-4` or nothing.
    fn distance(&mut self, value: i64) {
        if value > 0 {
            self.out.push('+');
        }
        if value != 0 {
            self.number(value);
        }
    }

    /// `[EAX+EBX*4+x+8]`.
    fn bracketed(&mut self, memory: &Memory<'_>) {
        self.out.push('[');
        let start = self.out.len();
        if let Some(base) = memory.base {
            self.register(base);
        }
        if let Some(index) = memory.index {
            self.plus(start);
            self.register(index);
            if memory.scale != 1 || memory.base.is_none() {
                self.out.push('*');
                self.number(memory.scale.into());
            }
        }
        if let Some((_, name)) = memory.symbol {
            self.plus(start);
            self.out.push_str(name);
            if memory.table_entry {
                self.out.push_str("@GOT");
            }
        }
        if self.out.len() == start {
            self.number(memory.displacement);
        } else {
            self.distance(memory.displacement);
        }
        self.out.push(']');
    }

    fn plus(&mut self, start: usize) {
        if self.out.len() > start {
            self.out.push('+');
        }
    }

    /// `x`, `8(%rax, %rbx,4)`.
    fn parenthesised(&mut self, memory: &Memory<'_>) {
        let bare = memory.base.is_none() && memory.index.is_none() && !memory.relative;
        if bare {
            self.out.push('(');
        }
        match memory.symbol {
            Some((_, name)) => {
                self.out.push_str(name);
                if memory.table_entry {
                    self.out.push_str("@GOTPCREL");
                }
                self.distance(memory.displacement);
            }
            None if bare || memory.displacement != 0 => self.number(memory.displacement),
            None => {}
        }
        if bare {
            self.out.push(')');
            return;
        }
        self.out.push('(');
        if memory.relative {
            self.out.push_str("%rip");
        }
        if let Some(base) = memory.base {
            self.register(base);
        }
        if let Some(index) = memory.index {
            self.out.push_str(", ");
            self.register(index);
            self.out.push(',');
            if memory.scale != 0 {
                self.number(memory.scale.into());
            }
        }
        self.out.push(')');
    }
}

const IMPLIED: Size = Size { bits: 32, said: Said::Implied };

fn letter(bits: u8) -> char {
    match bits {
        8 => 'b',
        16 => 'w',
        32 => 'l',
        _ => 'q',
    }
}

fn pointer_name(bits: u8) -> &'static str {
    match bits {
        8 => "BYTE PTR ",
        16 => "WORD PTR ",
        32 => "DWORD PTR ",
        _ => "QWORD PTR ",
    }
}

fn fence_name(fence: Fence) -> &'static str {
    match fence {
        Fence::Full => "mfence",
        Fence::Store => "sfence",
        Fence::Load => "lfence",
    }
}

fn flush_name(flush: Flush) -> &'static str {
    match flush {
        Flush::Plain => "clflush",
        Flush::Optimised => "clflushopt",
        Flush::WriteBack => "clwb",
    }
}

fn arithmetic_name(op: Arithmetic) -> &'static str {
    match op {
        Arithmetic::Add => "add",
        Arithmetic::AddCarry => "adc",
        Arithmetic::Subtract => "sub",
        Arithmetic::SubtractBorrow => "sbb",
        Arithmetic::And => "and",
        Arithmetic::Or => "or",
        Arithmetic::Xor => "xor",
    }
}

fn single_name(op: Single) -> &'static str {
    match op {
        Single::Increment => "inc",
        Single::Decrement => "dec",
        Single::Negate => "neg",
        Single::Not => "not",
    }
}

fn shift_name(op: Shift) -> &'static str {
    match op {
        Shift::Left => "shl",
        Shift::Right => "shr",
        Shift::RightArithmetic => "sar",
        Shift::RotateLeft => "rol",
        Shift::RotateRight => "ror",
    }
}

fn bit_name(op: Bit) -> &'static str {
    match op {
        Bit::Test => "bt",
        Bit::Set => "bts",
        Bit::Reset => "btr",
        Bit::Complement => "btc",
    }
}
