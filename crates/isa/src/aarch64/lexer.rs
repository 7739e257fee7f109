//! Reads operands.

use super::instruction::Condition;
use super::operand::{Address, BranchTarget, Indexing, Modified, Modifier, Offset, Operand, SymbolRef};
use super::register::{self, Register, Width};
use crate::assemble::sub_span;
use execution::micro::Reg;
use std::collections::BTreeMap;
use syntax::{Diagnostic, Span};

/// The result of reading something.
pub(super) type Parsed<T> = Result<T, Diagnostic>;

/// Walks over the text of one instruction.
pub(super) struct Lexer<'a, 'c> {
    text: &'a str,
    at: usize,
    span: Span,
    symbolic: &'c BTreeMap<String, Reg>,
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$')
}

impl<'a, 'c> Lexer<'a, 'c> {
    /// Starts at the beginning of `text`, which stands at `span`.
    pub(super) fn new(text: &'a str, span: Span, symbolic: &'c BTreeMap<String, Reg>) -> Lexer<'a, 'c> {
        Lexer { text, at: 0, span, symbolic }
    }

    fn blanks(&mut self) {
        while self.text.as_bytes().get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    /// The next byte that is no blank.
    pub(super) fn peek(&mut self) -> Option<u8> {
        self.blanks();
        self.text.as_bytes().get(self.at).copied()
    }

    /// Reads `byte` if it comes next.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Reads a name; empty if none comes next.
    pub(super) fn word(&mut self) -> &'a str {
        self.blanks();
        let start = self.at;
        while self.text.as_bytes().get(self.at).is_some_and(|byte| is_name(*byte)) {
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    /// Where the next token starts.
    pub(super) fn mark(&mut self) -> usize {
        self.blanks();
        self.at
    }

    /// Goes back to a mark.
    pub(super) fn rewind(&mut self, mark: usize) {
        self.at = mark;
    }

    /// The span from a mark to here.
    pub(super) fn span_from(&self, start: usize) -> Span {
        sub_span(self.span, start, self.at.max(start))
    }

    /// What was expected does not come next.
    pub(super) fn expected(&mut self, what: &str) -> Diagnostic {
        let start = self.mark();
        let rest = &self.text[start..];
        let name = rest.bytes().take_while(|byte| is_name(*byte)).count();
        let len = if name > 0 { name } else { rest.chars().next().map_or(0, char::len_utf8) };
        let found = &rest[..len];
        let message = match found {
            "" => format!("expected {what} at the end of the instruction"),
            _ => format!("expected {what}, found `{found}`"),
        };
        Diagnostic::error("isa::bad-operand", sub_span(self.span, start, start + len), message)
    }

    /// An operand that was read is not what it should be.
    pub(super) fn bad(&self, start: usize, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error("isa::bad-operand", self.span_from(start), message)
    }

    /// Reads `,`.
    pub(super) fn comma(&mut self) -> Parsed<()> {
        if self.eat(b',') { Ok(()) } else { Err(self.expected("`,`")) }
    }

    /// Nothing may follow.
    pub(super) fn end(&mut self) -> Parsed<()> {
        if self.peek().is_none() { Ok(()) } else { Err(self.expected("the end of the instruction")) }
    }

    /// Reads a general-purpose register.
    pub(super) fn register(&mut self) -> Parsed<Register<'a>> {
        match self.register_if()? {
            Some(register) => Ok(register),
            None => Err(self.expected("a register").with_help("registers are W0…W30, X0…X30, SP, WZR, XZR")),
        }
    }

    /// Reads a general-purpose register if one comes next.
    fn register_if(&mut self) -> Parsed<Option<Register<'a>>> {
        let start = self.mark();
        let word = self.word();
        if self.text.as_bytes().get(self.at) == Some(&b'%') {
            let width = match word {
                "W" | "w" => Width::W,
                "X" | "x" | "" => Width::X,
                _ => return Err(self.bad(start, format!("`{word}%` is no kind of register"))),
            };
            self.at += 1;
            let name = self.word();
            let known = self.symbolic.get(name).copied().and_then(register::allocated);
            return match known {
                Some(gpr) => Ok(Some(Register { gpr, width, symbolic: Some(name) })),
                None => {
                    let message = format!("no register is left for `%{name}`");
                    Err(Diagnostic::error("isa::unknown-register", self.span_from(start), message))
                }
            };
        }
        let found = register::general(word);
        if found.is_none() {
            self.at = start;
        }
        Ok(found.map(|(gpr, width)| Register { gpr, width, symbolic: None }))
    }

    /// Reads a register and a comma.
    pub(super) fn register_comma(&mut self) -> Parsed<Register<'a>> {
        let register = self.register()?;
        self.comma()?;
        Ok(register)
    }

    /// Whether a number comes next, with or without `#`.
    pub(super) fn at_number(&mut self) -> bool {
        matches!(self.peek(), Some(b'#' | b'-' | b'+' | b'0'..=b'9'))
    }

    /// Reads a number, with or without `#`.
    pub(super) fn number(&mut self) -> Parsed<i64> {
        let start = self.mark();
        self.eat(b'#');
        let negative = self.eat(b'-');
        if !negative {
            self.eat(b'+');
        }
        let digits = self.word();
        let magnitude = match digits.as_bytes() {
            [b'0', b'x' | b'X', ..] => u64::from_str_radix(&digits[2..], 16),
            [b'0', b'b' | b'B', ..] => u64::from_str_radix(&digits[2..], 2),
            _ => digits.parse(),
        };
        match magnitude {
            Ok(magnitude) if negative => Ok((magnitude as i64).wrapping_neg()),
            Ok(magnitude) => Ok(magnitude as i64),
            Err(_) if !digits.starts_with(|c: char| c.is_ascii_digit()) => {
                self.at = start;
                Err(self.expected("a number"))
            }
            Err(_) => Err(self.bad(start, format!("`{digits}` is not a number of at most 64 bits"))),
        }
    }

    /// Reads a number from 0 to `max`.
    pub(super) fn number_to(&mut self, max: u8) -> Parsed<u8> {
        let start = self.mark();
        let number = self.number()?;
        match u8::try_from(number) {
            Ok(small) if small <= max => Ok(small),
            _ => Err(self.bad(start, format!("`{number}` is not between 0 and {max}"))),
        }
    }

    /// Reads a floating-point number, with or without `#`.
    pub(super) fn float(&mut self) -> Parsed<f64> {
        self.eat(b'#');
        let start = self.mark();
        let in_number = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-');
        while self.text.as_bytes().get(self.at).is_some_and(in_number) {
            self.at += 1;
        }
        let text = &self.text[start..self.at];
        text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(|| {
            let message = format!("`{text}` is not a floating-point number");
            self.bad(start, message)
        })
    }

    /// Reads a condition on the flags.
    pub(super) fn condition(&mut self) -> Parsed<Condition> {
        let start = self.mark();
        let word = self.word();
        Condition::find(word).ok_or_else(|| {
            self.at = start;
            let help = "conditions are EQ NE CS CC MI PL VS VC HI LS GE LT GT LE AL";
            self.expected("a condition").with_help(help)
        })
    }

    /// Reads where a branch goes.
    pub(super) fn branch_target(&mut self) -> Parsed<BranchTarget<'a>> {
        let start = self.mark();
        let name = self.word();
        if name == "." {
            let bytes = if self.peek().is_none() { 0 } else { self.number()? };
            if bytes % 4 != 0 {
                return Err(self.bad(start, "instructions are 4 bytes long, so branches go multiples of 4"));
            }
            return Ok(BranchTarget::Relative(bytes, self.span_from(start)));
        }
        if name.is_empty() {
            return Err(self.expected("a label"));
        }
        Ok(BranchTarget::Label(name, self.span_from(start)))
    }

    /// Reads a global name, with a relocation in front and an offset behind.
    pub(super) fn symbol(&mut self) -> Parsed<SymbolRef<'a>> {
        let relocation = self.relocation()?;
        let start = self.mark();
        let name = self.word();
        if name.is_empty() || name.as_bytes()[0].is_ascii_digit() {
            self.at = start;
            return Err(self.expected("a global name"));
        }
        let offset = if matches!(self.peek(), Some(b'+' | b'-')) { self.number()? } else { 0 };
        Ok(SymbolRef { relocation, name, offset })
    }

    fn relocation(&mut self) -> Parsed<&'static str> {
        const KNOWN: [&str; 4] = [":lo12:", ":got:", ":got_lo12:", ":pg_hi21:"];
        let start = self.mark();
        if !self.eat(b':') {
            return Ok("");
        }
        let word = self.word();
        if !self.eat(b':') {
            return Err(self.expected("`:`"));
        }
        let found = KNOWN.iter().find(|known| known[1..known.len() - 1].eq_ignore_ascii_case(word));
        found.copied().ok_or_else(|| {
            let message = format!("relocation `:{word}:` is not supported");
            self.bad(start, message).with_help("supported are :lo12: :got: :got_lo12: :pg_hi21:")
        })
    }

    /// Whether a relocation comes next, `#` in front of it or not; reads the `#`.
    fn at_relocation(&mut self) -> bool {
        let start = self.mark();
        self.eat(b'#');
        let found = self.peek() == Some(b':');
        if !found {
            self.at = start;
        }
        found
    }

    /// Reads what is done to a register: `,SXTW #2`. The comma is read already.
    fn modifier(&mut self) -> Parsed<(Modifier, Option<u8>)> {
        let start = self.mark();
        let word = self.word();
        // `LSL3` is one word, but `LSL 3` and `LSL #3` are what people write.
        let Some(modifier) = Modifier::find(word) else {
            self.at = start;
            return Err(self.expected("a shift or an extension"));
        };
        let distance = if self.at_number() {
            Some(self.number_to(63)?)
        } else if modifier.is_shift() {
            return Err(self.expected("the distance of the shift"));
        } else {
            None
        };
        Ok((modifier, distance))
    }

    fn modified(&mut self, register: Register<'a>) -> Parsed<Modified<'a>> {
        let modifier = if self.eat(b',') { Some(self.modifier()?) } else { None };
        Ok(Modified { register, modifier })
    }

    /// Reads the last operand of arithmetic.
    pub(super) fn operand(&mut self) -> Parsed<Operand<'a>> {
        if self.at_relocation() {
            return self.symbol().map(Operand::Symbol);
        }
        if !self.at_number() {
            let register = self.register_or_number()?;
            return self.modified(register).map(Operand::Register);
        }
        let value = self.number()?;
        let shift = if self.eat(b',') { Some(self.immediate_shift()?) } else { None };
        Ok(Operand::Immediate { value, shift })
    }

    /// Reads a register or a number, without a modifier.
    pub(super) fn simple_operand(&mut self) -> Parsed<Operand<'a>> {
        if self.at_number() {
            return Ok(Operand::Immediate { value: self.number()?, shift: None });
        }
        let register = self.register_or_number()?;
        Ok(Operand::Register(Modified { register, modifier: None }))
    }

    fn register_or_number(&mut self) -> Parsed<Register<'a>> {
        match self.register_if()? {
            Some(register) => Ok(register),
            None => Err(self.expected("a register or a number")),
        }
    }

    /// Reads `LSL #12`.
    pub(super) fn immediate_shift(&mut self) -> Parsed<u8> {
        let start = self.mark();
        match self.modifier()? {
            (Modifier::Lsl, Some(distance)) => Ok(distance),
            _ => Err(self.bad(start, "a number can only be shifted to the left: `LSL`")),
        }
    }

    /// Reads `LSL #8`, or `MSL #8`, which shifts ones in: the distance, and whether it does.
    pub(super) fn moving_shift(&mut self) -> Parsed<(u8, bool)> {
        let start = self.mark();
        if self.word().eq_ignore_ascii_case("MSL") {
            return Ok((self.number_to(63)?, true));
        }
        self.at = start;
        self.immediate_shift().map(|distance| (distance, false))
    }

    /// Reads a memory operand, which a register may be added to afterwards: `[X0],X1`.
    pub(super) fn address_then_register(&mut self) -> Parsed<Address<'a>> {
        self.address_and(true)
    }

    /// Reads a memory operand.
    pub(super) fn address(&mut self) -> Parsed<Address<'a>> {
        self.address_and(false)
    }

    fn address_and(&mut self, then_register: bool) -> Parsed<Address<'a>> {
        if !self.eat(b'[') {
            return Err(self.expected("a memory operand `[X…]`"));
        }
        let start = self.mark();
        let base = self.register()?;
        if base.width != Width::X || base.is_zero() {
            let help = "write the X register, or SP";
            return Err(self.bad(start, format!("`{base}` can't hold an address")).with_help(help));
        }
        let inside = if self.eat(b',') { Some(self.offset()?) } else { None };
        if !self.eat(b']') {
            return Err(self.expected("`]`"));
        }
        let start = self.mark();
        let (offset, indexing) = match inside {
            Some(offset) if self.eat(b'!') => (offset, Indexing::Pre),
            Some(offset) => (offset, Indexing::Offset),
            None if then_register && self.peek() == Some(b',') => {
                self.eat(b',');
                let added = if self.at_number() {
                    Offset::Immediate(self.number()?)
                } else {
                    Offset::Register(Modified { register: self.register()?, modifier: None })
                };
                (added, Indexing::Post)
            }
            None if self.eat(b',') || self.at_number() => (Offset::Immediate(self.number()?), Indexing::Post),
            None if self.eat(b'!') => return Err(self.bad(start, "`!` needs an offset inside the brackets")),
            None => (Offset::Immediate(0), Indexing::Offset),
        };
        Ok(Address { base, offset, indexing })
    }

    fn offset(&mut self) -> Parsed<Offset<'a>> {
        if self.at_relocation() {
            return self.symbol().map(Offset::Symbol);
        }
        if self.at_number() {
            return self.number().map(Offset::Immediate);
        }
        let register = self.register_or_number()?;
        self.modified(register).map(Offset::Register)
    }

    /// Reads `[X1]`, or `[X1,#0]`: all that atomics take.
    pub(super) fn base_address(&mut self) -> Parsed<Address<'a>> {
        let start = self.mark();
        let address = self.address()?;
        if address.offset != Offset::Immediate(0) || address.indexing != Indexing::Offset {
            return Err(self.bad(start, "this instruction takes a base register only: `[X…]`"));
        }
        Ok(address)
    }
}
