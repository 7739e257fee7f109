//! Reads instructions.

use super::instruction::{Access, Address, Immediate, ImmediateOp, Instruction, Numbers, Rotate};
use super::mnemonic::{self, Mnemonic, Shape};
use super::register::{self, EQ, Field, GT, LT, Register, SO};
use super::tag;
use crate::operand::{Operands, Parsed};
use execution::micro::Reg;
use std::collections::BTreeMap;
use syntax::{Diagnostic, Span};

/// Reads one instruction; `symbolic` says which register each `%x` is.
pub(super) fn parse<'a>(
    text: &'a str,
    span: Span,
    symbolic: &BTreeMap<String, Reg>,
) -> Parsed<Instruction<'a>> {
    let mut parser = Parser { at: Operands::new(text, span), symbolic };
    let start = parser.at.mark();
    let word = parser.at.word();
    let Some(mnemonic) = find(word) else {
        return Err(match word {
            "" => parser.at.expected("a mnemonic"),
            _ => unknown(word, parser.at.span_from(start)),
        });
    };
    let instruction = parser.instruction(mnemonic)?;
    parser.at.end()?;
    Ok(instruction)
}

fn unknown(word: &str, span: Span) -> Diagnostic {
    let message = format!("unknown instruction `{word}`");
    let diagnostic = Diagnostic::error("isa::unknown-instruction", span, message);
    let dotted = format!("{word}.");
    if find(&dotted).is_some() {
        return diagnostic.with_help(format!("did you mean `{dotted}`?"));
    }
    diagnostic.with_suggestion(word, mnemonic::all())
}

fn find(word: &str) -> Option<Mnemonic> {
    if word.bytes().any(|byte| byte.is_ascii_uppercase()) {
        mnemonic::find(&word.to_ascii_lowercase())
    } else {
        mnemonic::find(word)
    }
}

/// The first and last bit of a mask that is one run of bits, maybe around the end; bits are counted from the left.
fn run_of_bits(mask: u32) -> Option<[u8; 2]> {
    let plain = |mask: u32| {
        let (first, last) = (mask.leading_zeros(), 31u32.checked_sub(mask.trailing_zeros())?);
        (mask.count_ones() == last - first + 1).then_some([first as u8, last as u8])
    };
    let around = mask >> 31 == 1 && mask & 1 == 1 && mask != u32::MAX;
    if around { plain(!mask).map(|[first, last]| [last + 1, first - 1]) } else { plain(mask) }
}

struct Parser<'a, 's> {
    at: Operands<'a>,
    symbolic: &'s BTreeMap<String, Reg>,
}

impl<'a> Parser<'a, '_> {
    fn instruction(&mut self, mnemonic: Mnemonic) -> Parsed<Instruction<'a>> {
        let Mnemonic { name, shape, record } = mnemonic;
        Ok(match shape {
            Shape::Nop => Instruction::Nop,
            Shape::Cache => self.cache(name)?,
            Shape::LoadImmediate { shift } => {
                let rd = self.register_comma()?;
                Instruction::LoadImmediate { name, shift, rd, value: self.signed()? }
            }
            Shape::Compute(op) => {
                let (rd, ra, rb) = self.three_registers()?;
                Instruction::Compute { name, op, record, rd, ra, rb }
            }
            Shape::ComputeImmediate(op) => self.compute_immediate(name, op, record)?,
            Shape::Unary(op) => {
                let rd = self.register_comma()?;
                Instruction::Unary { name, op, record, rd, ra: self.register()? }
            }
            Shape::Rotate(rotate, count) => self.rotate(name, rotate, count, record)?,
            Shape::Compare(compare) => {
                let (field, ra) = (self.compare_field()?, self.register_comma()?);
                Instruction::Compare { name, compare, field, ra, rb: self.register()? }
            }
            Shape::CompareImmediate(compare) => {
                let (field, ra) = (self.compare_field()?, self.register_comma()?);
                Instruction::CompareImmediate { name, compare, field, ra, value: self.at.number()? }
            }
            Shape::Load(access) => {
                let rd = self.data_register(access.width)?;
                let address = self.address(access)?;
                self.relative(name)?;
                Instruction::Load { name, access, rd, address }
            }
            Shape::Store(access) => {
                let rs = self.data_register(access.width)?;
                let address = self.address(access)?;
                self.relative(name)?;
                Instruction::Store { name, access, rs, address }
            }
            Shape::Multiple { store } => {
                let first = self.register_comma()?;
                Instruction::Multiple { name, store, first, address: self.based()? }
            }
            Shape::LoadReserve { width } => {
                let rd = self.data_register(width)?;
                let (ra, rb) = (self.register_comma()?, self.register()?);
                // A hint whether the program will store to the reserved location soon.
                if self.at.eat(b',') {
                    self.at.number_in(0, 1)?;
                }
                Instruction::LoadReserve { name, width, rd, ra, rb }
            }
            Shape::StoreConditional { width } => {
                let rs = self.data_register(width)?;
                let (ra, rb) = (self.register_comma()?, self.register()?);
                Instruction::StoreConditional { name, width, rs, ra, rb }
            }
            Shape::Branch(condition) => {
                self.hint();
                let field = self.field_comma()?;
                Instruction::Branch { condition, field, target: self.at.target()? }
            }
            Shape::ReturnIf(condition) => {
                self.hint();
                let field = if self.at.peek().is_some() { self.field()? } else { Field(0) };
                Instruction::ReturnIf { condition, field }
            }
            Shape::BranchCount { zero } => {
                self.hint();
                Instruction::BranchCount { name, zero, target: self.at.target()? }
            }
            Shape::Jump { link } => Instruction::Jump { name, link, target: self.at.target()? },
            Shape::JumpSpecial { special, link } => Instruction::JumpSpecial { name, special, link },
            Shape::MoveTo(special) => Instruction::MoveTo { name, special, rs: self.register()? },
            Shape::MoveFrom(special) => Instruction::MoveFrom { name, special, rd: self.register()? },
            Shape::SetBit { reversed, negative } => {
                let rd = self.register_comma()?;
                let (field, bit) = self.condition_bit()?;
                Instruction::SetBit { name, reversed, negative, rd, field, bit }
            }
            Shape::MoveField => {
                let to = self.field()?;
                self.at.comma()?;
                Instruction::MoveField { to, from: self.field()? }
            }
            Shape::ReadCondition => {
                let rd = self.register()?;
                // The fields that are wanted; the others may be anything.
                if self.at.eat(b',') {
                    self.at.number_in(0, 255)?;
                }
                Instruction::ReadCondition { rd }
            }
            Shape::WriteCondition => {
                let fields = self.at.number_in(0, 255)? as u8;
                self.at.comma()?;
                Instruction::WriteCondition { fields, rs: self.register()? }
            }
            Shape::Select(bit) => self.select(name, bit)?,
            Shape::Fence(tags) => Instruction::Fence { name, tags },
            Shape::Sync => self.sync()?,
            Shape::Exception => Instruction::Exception { name },
        })
    }

    fn cache(&mut self, name: &'static str) -> Parsed<Instruction<'a>> {
        let ra = self.register_comma()?;
        let rb = self.register()?;
        // Hints behind the address: the kind of the operation.
        while self.at.eat(b',') {
            self.at.number()?;
        }
        Ok(Instruction::Cache { name, ra, rb })
    }

    /// Reads the number of `sync`: 0 is the heavyweight one, 1 the lightweight one.
    fn sync(&mut self) -> Parsed<Instruction<'a>> {
        let level = if self.at.peek().is_some() { self.at.number_in(0, 1)? } else { 0 };
        Ok(match level {
            0 => Instruction::Fence { name: "sync", tags: tag::SYNC },
            _ => Instruction::Fence { name: "lwsync", tags: tag::LWSYNC },
        })
    }

    fn compute_immediate(
        &mut self,
        name: &'static str,
        op: ImmediateOp,
        record: bool,
    ) -> Parsed<Instruction<'a>> {
        let rd = self.register_comma()?;
        // `la rd,x@toc@l(ra)` writes the sum like an address.
        if name == "la" {
            let Address::Based { ra, offset: value } = self.based()? else {
                return Err(self.at.expected("an address such as `0(r5)`"));
            };
            return Ok(Instruction::ComputeImmediate { name: "addi", op, record, rd, ra, value });
        }
        let ra = self.register_comma()?;
        let value = match op {
            ImmediateOp::Logical { .. } => Immediate::Number(self.at.number_in(0, 0xffff)?),
            ImmediateOp::ShiftArithmetic { width } => {
                Immediate::Number(self.at.number_in(0, i64::from(width) - 1)?)
            }
            _ => self.signed()?,
        };
        self.relative(name)?;
        Ok(Instruction::ComputeImmediate { name, op, record, rd, ra, value })
    }

    fn rotate(
        &mut self,
        name: &'static str,
        rotate: Rotate,
        count: u8,
        record: bool,
    ) -> Parsed<Instruction<'a>> {
        let (rd, ra) = (self.register_comma()?, self.register()?);
        let mut numbers = Numbers { values: [0; 3], count };
        let max = if rotate.is_word() { 31 } else { 63 };
        // The mask of a word may be written as such.
        let with_mask = count == 3 && self.at.commas() == 2;
        for value in numbers.values.iter_mut().take(if with_mask { 1 } else { count.into() }) {
            self.at.comma()?;
            *value = self.at.number_in(0, max)? as u8;
        }
        if with_mask {
            [numbers.values[1], numbers.values[2]] = self.mask()?;
        }
        Ok(Instruction::Rotate { name, rotate, record, rd, ra, numbers })
    }

    /// Reads a mask of a word: its first and last bit, counted from the left.
    fn mask(&mut self) -> Parsed<[u8; 2]> {
        self.at.comma()?;
        let start = self.at.mark();
        let mask = self.at.number_in(0, i64::from(u32::MAX))? as u32;
        run_of_bits(mask).ok_or_else(|| self.at.bad(start, "a mask must be one run of bits"))
    }

    fn select(&mut self, name: &'static str, bit: Option<u8>) -> Parsed<Instruction<'a>> {
        let (rd, ra, rb) = self.three_registers()?;
        let (field, bit) = match bit {
            Some(bit) => (Field(0), bit),
            None => {
                self.at.comma()?;
                self.condition_bit()?
            }
        };
        Ok(Instruction::Select { name, field, bit, rd, ra, rb })
    }

    /// Reads a bit of the condition register: `2`, `eq`, `4*cr1+eq`.
    fn condition_bit(&mut self) -> Parsed<(Field, u8)> {
        let start = self.at.mark();
        let mut field = Field(0);
        let mut word = self.at.word();
        if word == "4" && self.at.eat(b'*') {
            field = self.field()?;
            self.at.require(b'+')?;
            word = self.at.word();
        }
        let bit = match word {
            "lt" => LT,
            "gt" => GT,
            "eq" => EQ,
            "so" | "un" => SO,
            digits => match digits.parse::<u8>() {
                Ok(number) if number < 32 && field == Field(0) => {
                    field = Field(number / 4);
                    8 >> (number % 4)
                }
                _ => {
                    return Err(self
                        .at
                        .bad(start, "not a bit of the condition register, such as `4*cr1+eq`"));
                }
            },
        };
        Ok((field, bit))
    }

    /// Skips the prediction behind the mnemonic of a branch.
    fn hint(&mut self) {
        if !self.at.eat(b'+') {
            self.at.eat(b'-');
        }
    }

    /// Reads a field of the condition register.
    fn field(&mut self) -> Parsed<Field> {
        match self.field_if() {
            Some(field) => Ok(field),
            None => Err(self.at.expected("a field of the condition register, cr0 to cr7")),
        }
    }

    fn field_if(&mut self) -> Option<Field> {
        let start = self.at.mark();
        self.at.eat(b'%');
        let word = self.at.word();
        let digit = word.strip_prefix("cr").unwrap_or(word);
        match digit.as_bytes() {
            [digit @ b'0'..=b'7'] => Some(Field(digit - b'0')),
            _ => {
                self.at.rewind(start);
                None
            }
        }
    }

    /// Reads the field and the comma in front of a label, if they are there.
    fn field_comma(&mut self) -> Parsed<Field> {
        let start = self.at.mark();
        match self.field_if() {
            Some(field) if self.at.eat(b',') => Ok(field),
            _ => {
                self.at.rewind(start);
                Ok(Field(0))
            }
        }
    }

    /// Reads the field and the comma in front of what is compared, if they are there.
    fn compare_field(&mut self) -> Parsed<Field> {
        if self.at.commas() < 2 {
            return Ok(Field(0));
        }
        let field = self.field()?;
        self.at.comma()?;
        Ok(field)
    }

    fn register(&mut self) -> Parsed<Register<'a>> {
        let start = self.at.mark();
        if self.at.eat(b'%') {
            let name = self.at.word();
            if let Some(Reg(number @ 0..32)) = self.symbolic.get(name) {
                return Ok(Register { number: *number as u8, symbolic: Some(name) });
            }
            return match register::general(name) {
                Some(number) => Ok(Register { number, symbolic: None }),
                None => {
                    let message = format!("no register is left for `%{name}`");
                    Err(Diagnostic::error("isa::unknown-register", self.at.span_from(start), message))
                }
            };
        }
        match register::general(self.at.word()) {
            Some(number) => Ok(Register { number, symbolic: None }),
            None => {
                self.at.rewind(start);
                Err(self.at.expected("a register").with_help("registers are r0…r31"))
            }
        }
    }

    /// Reads the register of an access and a comma. 128 bits take an even register and the next one.
    fn data_register(&mut self, width: u8) -> Parsed<Register<'a>> {
        let start = self.at.mark();
        let register = self.register_comma()?;
        if width == 128 && register.number % 2 != 0 {
            return Err(self.at.bad(start, "an access of 128 bits takes an even register and the next one"));
        }
        Ok(register)
    }

    /// Reads what stands behind the operands of a prefixed instruction: whether the address is relative to it, which
    /// the symbol says too.
    fn relative(&mut self, name: &str) -> Parsed<()> {
        if name.starts_with('p') && self.at.eat(b',') {
            self.at.number_in(0, 1)?;
        }
        Ok(())
    }

    fn register_comma(&mut self) -> Parsed<Register<'a>> {
        let register = self.register()?;
        self.at.comma()?;
        Ok(register)
    }

    fn three_registers(&mut self) -> Parsed<(Register<'a>, Register<'a>, Register<'a>)> {
        Ok((self.register_comma()?, self.register_comma()?, self.register()?))
    }

    /// Reads a number or a part of an address.
    fn signed(&mut self) -> Parsed<Immediate<'a>> {
        if self.at.at_number() {
            return self.at.number().map(Immediate::Number);
        }
        self.relocation()
    }

    /// Reads `x@toc@ha` and its kind.
    fn relocation(&mut self) -> Parsed<Immediate<'a>> {
        let start = self.at.mark();
        if self.at.word() == ".TOC." && self.at.eat(b'-') {
            let from = self.at.word();
            let (high, _) = self.part(start)?;
            return Ok(Immediate::Toc { from, high });
        }
        self.at.rewind(start);
        if self.at.peek().is_none() {
            return Err(self.at.expected("a number"));
        }
        let symbol = self.at.symbol()?;
        if let Some(entry) = self.relative_part() {
            return Ok(Immediate::Relative { symbol, entry });
        }
        let (high, toc) = self.part(start)?;
        Ok(if high { Immediate::High { symbol, toc } } else { Immediate::Low { symbol, toc } })
    }

    /// Reads `@PCREL` or `@got@pcrel`, if it comes next: whether it is the latter.
    fn relative_part(&mut self) -> Option<bool> {
        let start = self.at.mark();
        let mut word = if self.at.eat(b'@') { self.at.word() } else { "" };
        let entry = word.eq_ignore_ascii_case("got") && self.at.eat(b'@');
        if entry {
            word = self.at.word();
        }
        if word.eq_ignore_ascii_case("pcrel") {
            return Some(entry);
        }
        self.at.rewind(start);
        None
    }

    /// Reads `@toc@ha`: whether it is the high part, and whether it is relative to the table of contents.
    fn part(&mut self, start: usize) -> Parsed<(bool, bool)> {
        let mut toc = false;
        while self.at.eat(b'@') {
            match self.at.word() {
                "toc" if !toc => toc = true,
                "ha" => return Ok((true, toc)),
                "l" => return Ok((false, toc)),
                _ => break,
            }
        }
        let help = "supported are @ha @l @toc@ha @toc@l";
        Err(self.at.bad(start, "not a part of an address that we know").with_help(help))
    }

    fn address(&mut self, access: Access) -> Parsed<Address<'a>> {
        if access.indexed {
            let ra = self.register_comma()?;
            return Ok(Address::Indexed { ra, rb: self.register()? });
        }
        self.based()
    }

    fn based(&mut self) -> Parsed<Address<'a>> {
        let offset = match self.at.peek() {
            Some(b'(') => Immediate::Number(0),
            _ if self.at.at_number() => Immediate::Number(self.at.number_in(-0x8000, 0x7fff)?),
            None => return Err(self.at.expected("an address such as `0(r5)`")),
            _ => self.relocation()?,
        };
        self.at.require(b'(')?;
        let ra = self.register()?;
        self.at.require(b')')?;
        Ok(Address::Based { ra, offset })
    }
}
