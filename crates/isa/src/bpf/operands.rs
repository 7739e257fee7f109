//! Reads operands.

use super::instruction::{Register, Size, Source, Target, Width};
use super::parse::{Parser, View};
use super::register;
use crate::operand::{Parsed, is_numbered};
use syntax::{Diagnostic, Span};

impl<'a> Parser<'a, '_> {
    /// Reads where a jump goes: `L`, `+5`, `+0x5 <L>`, `pc+5`, `5`.
    pub(super) fn target(&mut self) -> Parsed<Target<'a>> {
        let start = self.at.mark();
        let word = self.word_ahead();
        if word == "pc" {
            let _ = self.at.word();
            return Ok(Target::Offset(self.number32()?));
        }
        if self.at.at_number() && !is_numbered(word) {
            let offset = self.number32()?;
            if self.at.eat(b'<') {
                let name = self.at.ahead();
                let close = name.find('>').unwrap_or(0);
                self.at.eat_token(&name[..close]);
                self.at.require(b'>')?;
            }
            return Ok(Target::Offset(offset));
        }
        if word.is_empty() {
            return Err(self.at.expected("a label"));
        }
        let _ = self.at.word();
        Ok(Target::Label(word, self.at.span_from(start)))
    }

    /// `*(u32 *)(r2 + 8)`
    pub(super) fn dereference(&mut self) -> Parsed<(Size, Register<'a>, i16)> {
        self.at.require(b'*')?;
        self.pointer()
    }

    /// `(u32 *)(r2 + 8)`
    pub(super) fn pointer(&mut self) -> Parsed<(Size, Register<'a>, i16)> {
        let start = self.at.mark();
        self.at.require(b'(')?;
        let (size, signed) = self.type_name()?;
        if signed {
            return Err(self.at.bad(start, "only plain loads extend signs"));
        }
        self.at.require(b'*')?;
        self.at.require(b')')?;
        let (base, offset) = self.place()?;
        Ok((size, base, offset))
    }

    /// `(r2 + 8)`
    pub(super) fn place(&mut self) -> Parsed<(Register<'a>, i16)> {
        self.at.require(b'(')?;
        let found = self.based()?;
        self.at.require(b')')?;
        Ok(found)
    }

    /// `r2 + 8`
    pub(super) fn based(&mut self) -> Parsed<(Register<'a>, i16)> {
        let base = self.register()?;
        let start = self.at.mark();
        let offset = if matches!(self.at.peek(), Some(b'+' | b'-')) { self.signed()? } else { 0 };
        match i16::try_from(offset) {
            Ok(offset) => Ok((base, offset)),
            Err(_) => Err(self.at.bad(start, format!("`{offset}` is not between -32768 and 32767"))),
        }
    }

    /// `u32`, and whether it has a sign.
    pub(super) fn type_name(&mut self) -> Parsed<(Size, bool)> {
        let start = self.at.mark();
        let word = self.at.word();
        let signed = word.starts_with('s');
        let size = match word.strip_prefix(['u', 's']) {
            Some("8") => Size::Byte,
            Some("16") => Size::Half,
            Some("32") => Size::Word,
            Some("64") => Size::Double,
            _ => {
                self.at.rewind(start);
                return Err(self.at.expected("a type: u8, u16, u32, u64, s8, s16 or s32"));
            }
        };
        Ok((size, signed))
    }

    /// Reads a register or a constant, the second operand.
    pub(super) fn source(&mut self, width: Width) -> Parsed<Source<'a>> {
        let start = self.at.mark();
        match self.view_if()? {
            Some(view) if view.width == width => Ok(Source::Register(view.register)),
            Some(_) => Err(self.at.bad(start, mixed_widths(width))),
            None if self.at.at_number() => {
                let number = self.signed()?;
                Ok(Source::Immediate(self.immediate_value(number, width, start)?))
            }
            None => Err(self.no_source()),
        }
    }

    pub(super) fn no_source(&mut self) -> Diagnostic {
        self.at.expected("a register or a number")
    }

    pub(super) fn no_register_here(&mut self) -> Diagnostic {
        let start = self.at.mark();
        let word = self.at.word();
        let digits = word.strip_prefix(['r', 'w']).unwrap_or_default();
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return no_register(word, self.at.span_from(start));
        }
        self.at.rewind(start);
        self.at.expected("a register").with_help(REGISTERS)
    }

    /// A register of either name.
    pub(super) fn register(&mut self) -> Parsed<Register<'a>> {
        match self.view_if()? {
            Some(view) => Ok(view.register),
            None => Err(self.no_register_here()),
        }
    }

    pub(super) fn register_of(&mut self, width: Width) -> Parsed<Register<'a>> {
        let start = self.at.mark();
        match self.view_if()? {
            Some(view) if view.width == width => Ok(view.register),
            Some(_) => Err(self.at.bad(start, mixed_widths(width))),
            None => Err(self.no_register_here()),
        }
    }

    /// Reads a register if one comes next. `%r1` is a register too.
    pub(super) fn view_if(&mut self) -> Parsed<Option<View<'a>>> {
        let ahead = self.at.ahead();
        let name = ahead.strip_prefix('%').unwrap_or(ahead);
        if self.frame_pointer() {
            return Ok(Some(View { register: Register::FRAME, width: Width::W64 }));
        }
        let digits = name.get(1..).unwrap_or_default().bytes().take_while(u8::is_ascii_digit).count();
        let behind = name.get(1 + digits..).unwrap_or_default();
        let ends = match behind.as_bytes() {
            // `r1s>>=2` and `w1s<5` are written without blanks, too.
            [b's', b'<' | b'>' | b'/' | b'%', ..] => true,
            [first, ..] => !(first.is_ascii_alphanumeric() || matches!(first, b'_' | b'.' | b'$')),
            [] => true,
        };
        if digits > 0
            && ends
            && let Some((number, bits)) = register::find(&name[..1 + digits])
        {
            let whole = ahead.len() - name.len() + 1 + digits;
            self.at.eat_token(&ahead[..whole]);
            let register = Register { number, symbolic: None };
            return Ok(Some(View { register, width: if bits == 32 { Width::W32 } else { Width::W64 } }));
        }
        let symbolic = self.at.symbolic_if(self.symbolic, 11)?;
        Ok(symbolic.map(|(number, name)| View {
            register: Register { number, symbolic: Some(name) },
            width: Width::W64,
        }))
    }

    /// Reads `%fp`, as GNU's disassembler calls `r10`, if it comes next.
    fn frame_pointer(&mut self) -> bool {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let behind = self.at.ahead().strip_prefix("%fp");
        behind.is_some_and(|behind| !behind.starts_with(is_name)) && self.at.eat_token("%fp")
    }

    /// Reads a number with any number of signs and blanks in front: `+ -8`.
    pub(super) fn signed(&mut self) -> Parsed<i64> {
        let mut negative = false;
        for _ in 0..2 {
            match self.at.peek() {
                Some(b'-') => negative = !negative,
                Some(b'+') => {}
                _ => break,
            }
            let sign = &self.at.ahead()[..1];
            self.at.eat_token(sign);
        }
        let number = self.at.number()?;
        Ok(if negative { number.wrapping_neg() } else { number })
    }

    /// Reads a number of 32 bits.
    pub(super) fn number32(&mut self) -> Parsed<i32> {
        let start = self.at.mark();
        let number = self.signed()?;
        self.immediate_value(number, Width::W32, start)
    }

    /// A number as the 32 bits that an instruction has for it; operations of 64 bits extend its sign.
    pub(super) fn immediate_value(&self, number: i64, width: Width, start: usize) -> Parsed<i32> {
        let as_bits = width == Width::W32 || self.opcode.is_some();
        match (i32::try_from(number), u32::try_from(number)) {
            (Ok(value), _) => Ok(value),
            (_, Ok(bits)) if as_bits => Ok(bits as i32),
            _ => {
                let bits = if width == Width::W64 { "32 bits with a sign" } else { "32 bits" };
                let message = format!("`{number}` does not fit into {bits}");
                let help = "longer constants are loaded by `r1 = 0x123456789 ll`";
                Err(self.at.bad(start, message).with_help(help))
            }
        }
    }
}

const REGISTERS: &str = "registers are r0…r10, and w0…w10 for their lower halves";

pub(super) fn no_register(name: &str, span: Span) -> Diagnostic {
    let message = format!("there is no register `{name}`");
    Diagnostic::error("isa::unknown-register", span, message).with_help(REGISTERS)
}

pub(super) fn mixed_widths(width: Width) -> &'static str {
    match width {
        Width::W32 => "the other operand has 32 bits: both are `w` registers or none is",
        Width::W64 => "the other operand has 64 bits: both are `r` registers or none is",
    }
}
