//! Reading operands, in AT&T's and in Intel's notation: both languages accept both, the order apart.

use super::instruction::{Memory, Operand};
use super::register::{Dialect, Part, Register, lowercase};
use crate::Context;
use crate::assemble::sub_span;
use syntax::{Diagnostic, Span};

/// The bytes that words consist of.
static IN_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        let c = byte as u8;
        table[byte] = c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.' | b'$');
        byte += 1;
    }
    table
};

/// Walks over the text of one instruction.
pub(super) struct Scanner<'a, 'c, 'x> {
    text: &'a str,
    at: usize,
    span: Span,
    pub(super) dialect: &'static Dialect,
    pub(super) cx: &'c mut Context<'x>,
    /// The width that `DWORD PTR` and its like gave.
    pub(super) pointer: Option<u8>,
    /// Whether an address in parentheses was read, a register with `%` in front, and one without.
    pub(super) parentheses: bool,
    pub(super) percent: bool,
    pub(super) bare: bool,
    /// Whether a segment or `DWORD PTR` was read: one of them is enough, and no input may nest them deeply.
    prefixed: bool,
}

impl<'a, 'c, 'x> Scanner<'a, 'c, 'x> {
    pub(super) fn new(text: &'a str, span: Span, dialect: &'static Dialect, cx: &'c mut Context<'x>) -> Self {
        Scanner {
            text,
            at: 0,
            span,
            dialect,
            cx,
            pointer: None,
            parentheses: false,
            percent: false,
            bare: false,
            prefixed: false,
        }
    }

    /// Offset of the next character that is not blank.
    pub(super) fn here(&mut self) -> usize {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        self.at
    }

    /// The span from `start` to here; of the next character if nothing was read.
    pub(super) fn span_from(&self, start: usize) -> Span {
        let end = match self.at > start {
            true => self.at,
            false => start + self.text[self.at..].chars().next().map_or(0, char::len_utf8),
        };
        sub_span(self.span, start, end)
    }

    /// What is not read yet.
    pub(super) fn rest(&mut self) -> &'a str {
        self.here();
        &self.text[self.at..]
    }

    pub(super) fn at_end(&mut self) -> bool {
        self.here() == self.text.len()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Reads that character if it comes next, behind blanks.
    pub(super) fn eat(&mut self, wanted: u8) -> bool {
        self.here();
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// Reads a word of letters, digits, `_`, `.` and `$`; empty if none comes next.
    pub(super) fn word(&mut self) -> &'a str {
        let start = self.here();
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(|byte| IN_WORD[usize::from(*byte)]) {
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    /// A diagnostic about what stands between `start` and here.
    pub(super) fn bad(&self, start: usize, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error("isa::bad-operand", self.span_from(start), message)
    }

    /// Reads one operand.
    pub(super) fn operand(&mut self) -> Result<Operand<'a>, Diagnostic> {
        self.eat(b'*');
        let start = self.here();
        match self.peek() {
            Some(b'$' | b'#') => {
                self.at += 1;
                self.immediate(start)
            }
            Some(b'%') => self.register_operand(start),
            Some(b'(' | b'[') => self.memory(Memory::default()).map(Operand::Memory),
            Some(b'0'..=b'9' | b'-' | b'+') => self.number_operand(start),
            Some(byte) if is_name_start(byte) => self.named_operand(start),
            Some(_) => Err(self.bad(start, "expected an operand")),
            None => Err(self.bad(start, "an operand is missing")),
        }
    }

    /// Reads what stands behind `$`.
    fn immediate(&mut self, start: usize) -> Result<Operand<'a>, Diagnostic> {
        if self.peek().is_some_and(is_name_start) {
            return self.address(start);
        }
        self.number(start).map(Operand::Immediate)
    }

    /// Reads a symbol and a distance from it, meant as an address.
    fn address(&mut self, start: usize) -> Result<Operand<'a>, Diagnostic> {
        let name = self.word();
        if name.is_empty() {
            return Err(self.bad(start, "expected a number or a name"));
        }
        let offset = self.distance()?;
        Ok(Operand::Address(self.cx.symbol(name), name, offset))
    }

    /// Reads `+4` or `-4`, if it comes next.
    fn distance(&mut self) -> Result<i64, Diagnostic> {
        let start = self.here();
        if matches!(self.peek(), Some(b'+' | b'-')) { self.number(start) } else { Ok(0) }
    }

    /// Reads a number in decimal or, behind `0x`, in hexadecimal, with its sign.
    fn number(&mut self, start: usize) -> Result<i64, Diagnostic> {
        let negative = self.eat(b'-');
        if !negative {
            self.eat(b'+');
        }
        let digits = self.word();
        let value = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
            Some(hexadecimal) => u64::from_str_radix(hexadecimal, 16),
            None => digits.parse(),
        };
        match value {
            Ok(value) if negative => Ok((value as i64).wrapping_neg()),
            Ok(value) => Ok(value as i64),
            Err(_) if digits.is_empty() => Err(self.bad(start, "expected a number")),
            Err(_) => {
                let message = format!("`{digits}` is not a number of at most 64 bits");
                Err(self.bad(start, message))
            }
        }
    }

    /// Reads `%eax`, `%x`, or a segment and the memory operand behind it.
    fn register_operand(&mut self, start: usize) -> Result<Operand<'a>, Diagnostic> {
        self.eat(b'%');
        let name = self.word();
        if self.peek() == Some(b':') {
            return self.segment(start, name);
        }
        self.at = start;
        self.register(start).map(Operand::Register)
    }

    fn segment(&mut self, start: usize, name: &str) -> Result<Operand<'a>, Diagnostic> {
        if !["cs", "ds", "es", "ss"].iter().any(|known| name.eq_ignore_ascii_case(known)) {
            return Err(self.bad(start, format!("segment `{name}` is not supported")));
        }
        self.at += 1;
        let start = self.here();
        match self.prefixed_operand(start)? {
            Operand::Memory(memory) => Ok(Operand::Memory(memory)),
            Operand::Immediate(displacement) => {
                Ok(Operand::Memory(Memory { displacement, ..Memory::default() }))
            }
            _ => Err(self.bad(start, "expected a memory operand behind the segment")),
        }
    }

    /// Reads a register whose `%` comes next.
    fn register(&mut self, start: usize) -> Result<Register<'a>, Diagnostic> {
        let percent = self.eat(b'%');
        let name = self.word();
        if let Some(register) = self.dialect.register(name) {
            self.percent |= percent;
            self.bare |= !percent;
            return Ok(register);
        }
        if let Some(reg) = self.cx.symbolic_registers.get(name) {
            return Ok(Register { reg: *reg, part: Part::low(self.dialect.word), name, symbolic: true });
        }
        let message = format!("unknown register `%{name}`");
        let known = self.dialect.registers.iter().copied();
        Err(Diagnostic::error("isa::unknown-register", self.span_from(start), message)
            .with_suggestion(name, known))
    }

    /// Reads a number, which may be the displacement of a memory operand.
    fn number_operand(&mut self, start: usize) -> Result<Operand<'a>, Diagnostic> {
        let displacement = self.number(start)?;
        self.here();
        match self.peek() {
            Some(b'(' | b'[') => {
                self.memory(Memory { displacement, ..Memory::default() }).map(Operand::Memory)
            }
            Some(b'+') => {
                self.at += 1;
                let start = self.here();
                let name = self.word();
                if !name.starts_with(|c: char| c.is_ascii() && is_name_start(c as u8)) {
                    return Err(self.bad(start, "expected a name"));
                }
                self.symbol(name, displacement)
            }
            _ => Ok(Operand::Immediate(displacement)),
        }
    }

    /// Reads an operand that starts with a letter.
    fn named_operand(&mut self, start: usize) -> Result<Operand<'a>, Diagnostic> {
        let name = self.word();
        // A global may be called like a register: `r8(%rip)`, `r8[rip]`.
        let is_symbol = matches!(self.peek(), Some(b'(' | b'[' | b'@'));
        if let Some(register) = self.dialect.register(name).filter(|_| !is_symbol) {
            self.bare = true;
            return Ok(Operand::Register(register));
        }
        let mut buffer = [0; 8];
        let bits = match lowercase(name, &mut buffer) {
            Some(b"byte") => 8,
            Some(b"word") => 16,
            Some(b"dword") => 32,
            Some(b"qword") => 64,
            Some(b"xmmword" | b"oword") => 128,
            Some(b"offset") => return self.offset_operand(start),
            _ => return self.symbol(name, 0),
        };
        let behind = self.at;
        if !self.word().eq_ignore_ascii_case("ptr") {
            self.at = behind;
            return self.symbol(name, 0);
        }
        self.pointer = Some(bits);
        match self.prefixed_operand(start)? {
            Operand::Memory(memory) => Ok(Operand::Memory(memory)),
            _ => Err(self.bad(start, "expected a memory operand behind `ptr`")),
        }
    }

    /// Reads the operand behind a segment or `DWORD PTR`.
    fn prefixed_operand(&mut self, start: usize) -> Result<Operand<'a>, Diagnostic> {
        if self.prefixed {
            return Err(self.bad(start, "expected a memory operand"));
        }
        self.prefixed = true;
        let operand = self.operand();
        self.prefixed = false;
        operand
    }

    /// Reads `OFFSET x`, `OFFSET FLAT:x`.
    fn offset_operand(&mut self, start: usize) -> Result<Operand<'a>, Diagnostic> {
        let before = self.here();
        if !(self.word().eq_ignore_ascii_case("flat") && self.eat(b':')) {
            self.at = before;
        }
        self.here();
        self.address(start)
    }

    /// Reads what stands behind the name of a symbol.
    fn symbol(&mut self, name: &'a str, displacement: i64) -> Result<Operand<'a>, Diagnostic> {
        let symbol = Some((self.cx.symbol(name), name));
        let table_entry = self.modifier()?;
        let displacement = displacement.wrapping_add(self.distance()?);
        let memory = Memory { symbol, displacement, table_entry, ..Memory::default() };
        self.here();
        match self.peek() {
            Some(b'(' | b'[') => self.memory(memory),
            _ => Ok(memory),
        }
        .map(Operand::Memory)
    }

    /// Reads `@GOTPCREL`, if it comes next, and says whether it did.
    fn modifier(&mut self) -> Result<bool, Diagnostic> {
        let start = self.at;
        if self.peek() != Some(b'@') {
            return Ok(false);
        }
        self.at += 1;
        match self.word() {
            "GOTPCREL" | "gotpcrel" | "GOT" => Ok(true),
            "PLT" | "plt" => Ok(false),
            other => Err(self.bad(start, format!("relocation `@{other}` is not supported"))),
        }
    }

    /// Reads `(…)` or `[…]`.
    fn memory(&mut self, mut memory: Memory<'a>) -> Result<Memory<'a>, Diagnostic> {
        let close = if self.peek() == Some(b'(') { b')' } else { b']' };
        self.parentheses |= close == b')';
        self.at += 1;
        let mut negative = false;
        loop {
            let start = self.here();
            match self.peek() {
                Some(b',') => return self.index(memory, close),
                Some(b'0'..=b'9') => self.number_term(&mut memory, negative)?,
                Some(b'-') if !negative => {
                    self.at += 1;
                    negative = true;
                    continue;
                }
                Some(byte) if byte == b'%' || is_name_start(byte) => {
                    self.name_term(&mut memory, start)?;
                    if negative {
                        return Err(self.bad(start, "only numbers can be subtracted in an address"));
                    }
                }
                _ => return Err(self.bad(start, "expected a register, a name or a number")),
            }
            negative = false;
            let start = self.here();
            match self.peek() {
                Some(byte) if byte == close => {
                    self.at += 1;
                    return Ok(memory);
                }
                Some(b'+') => self.at += 1,
                Some(b'-') => {
                    self.at += 1;
                    negative = true;
                }
                Some(b',') => return self.index(memory, close),
                _ => return Err(self.bad(start, format!("expected `{}`", char::from(close)))),
            }
        }
    }

    /// Reads a number inside brackets, which may be the factor of an index register.
    fn number_term(&mut self, memory: &mut Memory<'a>, negative: bool) -> Result<(), Diagnostic> {
        let start = self.here();
        let number = self.number(start)?;
        if self.eat(b'*') {
            let start = self.here();
            let register = self.address_register(start)?;
            return self.set_index(memory, register, number, start);
        }
        let number = if negative { number.wrapping_neg() } else { number };
        memory.displacement = memory.displacement.wrapping_add(number);
        Ok(())
    }

    /// Reads a register or a symbol inside brackets.
    fn name_term(&mut self, memory: &mut Memory<'a>, start: usize) -> Result<(), Diagnostic> {
        let before = self.at;
        let is_register = self.eat(b'%') || {
            let name = self.word();
            self.dialect.register(name).is_some()
        };
        self.at = before;
        if !is_register {
            let name = self.word();
            if memory.symbol.is_some() {
                return Err(self.bad(start, "an address has at most one name"));
            }
            memory.symbol = Some((self.cx.symbol(name), name));
            memory.table_entry |= self.modifier()?;
            return Ok(());
        }
        let register = self.address_register(start)?;
        if register.reg == self.dialect.pc && !register.symbolic {
            memory.relative = true;
        } else if self.eat(b'*') {
            let start = self.here();
            let scale = self.number(start)?;
            return self.set_index(memory, register, scale, start);
        } else if memory.base.is_none() {
            memory.base = Some(register);
        } else {
            return self.set_index(memory, register, 1, start);
        }
        Ok(())
    }

    /// Reads a register, with or without `%`.
    fn address_register(&mut self, start: usize) -> Result<Register<'a>, Diagnostic> {
        let register = self.register(start)?;
        if register.is_vector() {
            return Err(self.bad(start, "a vector register is no address"));
        }
        Ok(register)
    }

    /// Reads `,%rbx,8)`.
    fn index(&mut self, mut memory: Memory<'a>, close: u8) -> Result<Memory<'a>, Diagnostic> {
        self.eat(b',');
        let start = self.here();
        let register = self.address_register(start)?;
        let mut scale = 1;
        if self.eat(b',') {
            let start = self.here();
            // The canonical text leaves out a factor of zero, which padding has.
            scale = if self.peek() == Some(close) { 0 } else { self.number(start)? };
        }
        self.set_index(&mut memory, register, scale, start)?;
        let start = self.here();
        if self.eat(close) {
            return Ok(memory);
        }
        Err(self.bad(start, format!("expected `{}`", char::from(close))))
    }

    fn set_index(
        &mut self,
        memory: &mut Memory<'a>,
        register: Register<'a>,
        scale: i64,
        start: usize,
    ) -> Result<(), Diagnostic> {
        if memory.index.is_some() {
            return Err(self.bad(start, "an address has at most one index"));
        }
        let (0 | 1 | 2 | 4 | 8) = scale else {
            return Err(self.bad(start, "the factor of an index is 1, 2, 4 or 8"));
        };
        memory.index = Some(register);
        memory.scale = scale as u8;
        Ok(())
    }
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.')
}
