//! Reads instructions.

use super::instruction::{Address, BitField, Immediate, Instruction, Op, PARTS};
use super::mnemonic::{self, Shape};
use super::register::{self, COUNT, Register};
use super::tag::SYNCS;
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
    let Some((name, shape)) = find(word) else {
        let message = format!("unknown instruction `{word}`");
        return Err(match word {
            "" => parser.at.expected("a mnemonic"),
            _ => Diagnostic::error("isa::unknown-instruction", parser.at.span_from(start), message)
                .with_suggestion(word, mnemonic::all()),
        });
    };
    let instruction = parser.instruction(name, shape)?;
    parser.at.end()?;
    Ok(instruction)
}

fn find(word: &str) -> Option<(&'static str, Shape)> {
    if word.bytes().any(|byte| byte.is_ascii_uppercase()) {
        mnemonic::find(&word.to_ascii_lowercase())
    } else {
        mnemonic::find(word)
    }
}

/// The operation and the shape of an instruction in the table, for one that stands for another.
fn operation(name: &str) -> Option<(&'static str, Op)> {
    match mnemonic::find(name)? {
        (name, Shape::ComputeSigned(op) | Shape::ComputeUnsigned(op, _) | Shape::Compute(op, _)) => {
            Some((name, op))
        }
        _ => None,
    }
}

struct Parser<'a, 's> {
    at: Operands<'a>,
    symbolic: &'s BTreeMap<String, Reg>,
}

impl<'a> Parser<'a, '_> {
    fn instruction(&mut self, name: &'static str, shape: Shape) -> Parsed<Instruction<'a>> {
        Ok(match shape {
            Shape::Nop => Instruction::Nop { name },
            Shape::Set => Instruction::Set { what: self.at.rest() },
            Shape::Cache { hint } => {
                let hint = if hint { Some(self.number_comma(0, 31)?) } else { None };
                Instruction::Cache { name, hint, address: self.address()? }
            }
            Shape::LoadImmediate => {
                let rd = self.register_comma()?;
                Instruction::LoadImmediate { name, rd, value: self.at.number()? }
            }
            Shape::LoadAddress => {
                let rd = self.register_comma()?;
                Instruction::LoadAddress { name, rd, symbol: self.at.symbol()? }
            }
            Shape::Upper => {
                let rd = self.register_comma()?;
                Instruction::Upper { rd, value: self.immediate(-0x8000, 0xffff)? }
            }
            Shape::Compute(op, immediate) => self.compute(name, op, immediate)?,
            Shape::ComputeSigned(op) => {
                let (rd, rs) = self.one_or_two_registers()?;
                Instruction::ComputeImmediate { name, op, rd, rs, value: self.immediate(-0x8000, 0xffff)? }
            }
            Shape::ComputeUnsigned(op, register) => self.compute_unsigned(name, op, register)?,
            Shape::Unary(op) => {
                let rd = self.register()?;
                let rs = if self.at.eat(b',') { self.register()? } else { rd };
                Instruction::Unary { name, op, rd, rs }
            }
            Shape::MoveIf { zero } => {
                let (rd, rs, rt) = self.three_registers()?;
                Instruction::MoveIf { name, zero, rd, rs, rt }
            }
            Shape::BitField(field) => self.bit_field(name, field)?,
            Shape::HighLow(op) => {
                let (rs, rt) = (self.register_comma()?, self.register()?);
                Instruction::HighLow { name, op, rs, rt }
            }
            Shape::Divide { signed, bits } => self.divide(name, signed, bits)?,
            Shape::MoveFrom { high } => Instruction::MoveFrom { name, high, rd: self.register()? },
            Shape::MoveTo { high } => Instruction::MoveTo { name, high, rs: self.register()? },
            Shape::Load(access) => {
                let rt = self.register_comma()?;
                Instruction::Load { access, rt, address: self.address()? }
            }
            Shape::Store(access) => {
                let rt = self.register_comma()?;
                Instruction::Store { access, rt, address: self.address()? }
            }
            Shape::LoadLinked(access) => {
                let rt = self.register_comma()?;
                Instruction::LoadLinked { access, rt, address: self.address()? }
            }
            Shape::StoreConditional(access) => {
                let rt = self.register_comma()?;
                Instruction::StoreConditional { access, rt, address: self.address()? }
            }
            Shape::Branch(branch) => {
                let (rs, rt) = (self.register_comma()?, self.register_comma()?);
                Instruction::Branch { name, branch, rs, rt, target: self.at.target()? }
            }
            Shape::BranchZero(branch) => {
                let rs = self.register_comma()?;
                Instruction::BranchZero { name, branch, rs, target: self.at.target()? }
            }
            Shape::Jump { link, slot } => match self.register_if()? {
                Some(rs) if link => Instruction::JumpLinkRegister { rd: Register::LINK, rs },
                Some(rs) => Instruction::JumpRegister { name: "jr", slot, rs },
                None => Instruction::Jump { name, link, slot, target: self.at.target()? },
            },
            Shape::JumpRegister { slot } => Instruction::JumpRegister { name, slot, rs: self.register()? },
            Shape::JumpLinkRegister => {
                let first = self.register()?;
                if self.at.eat(b',') {
                    Instruction::JumpLinkRegister { rd: first, rs: self.register()? }
                } else {
                    Instruction::JumpLinkRegister { rd: Register::LINK, rs: first }
                }
            }
            Shape::Sync(Some(kind)) => Instruction::Sync { kind },
            Shape::Sync(None) => self.sync()?,
            Shape::Trap(test) => {
                let (rs, rt) = (self.register_comma()?, self.register()?);
                let code = if self.at.eat(b',') { Some(self.at.number_in(0, 1023)?) } else { None };
                Instruction::Trap { name, test, rs, rt, code }
            }
            Shape::Exception => {
                let code = if self.at.peek().is_some() { Some(self.at.number()?) } else { None };
                Instruction::Exception { name, code }
            }
        })
    }

    /// Reads `rd,rs,rt`, or `rd,rt`, which is `rd,rd,rt`; or with a number in place of `rt`.
    fn compute(
        &mut self,
        name: &'static str,
        op: Op,
        immediate: Option<&'static str>,
    ) -> Parsed<Instruction<'a>> {
        let (rd, rs) = self.one_or_two_registers()?;
        if let Some(rt) = self.register_if()? {
            return Ok(Instruction::Compute { name, op, rd, rs, rt });
        }
        match immediate.and_then(operation) {
            Some((name, op)) => {
                let value = self.immediate(-0x8000, 0xffff)?;
                Ok(Instruction::ComputeImmediate { name, op, rd, rs, value })
            }
            None => Err(self.expected_register()),
        }
    }

    fn compute_unsigned(
        &mut self,
        name: &'static str,
        op: Op,
        register: Option<&'static str>,
    ) -> Parsed<Instruction<'a>> {
        let (rd, rs) = self.one_or_two_registers()?;
        if let Some((name, op)) = register.and_then(operation)
            && let Some(rt) = self.register_if()?
        {
            return Ok(Instruction::Compute { name, op, rd, rs, rt });
        }
        let max = if register.is_some() || matches!(op, Op::ShiftFar(_)) { 63 } else { 0xffff };
        Ok(Instruction::ComputeImmediate { name, op, rd, rs, value: self.immediate(0, max)? })
    }

    /// Reads `rd,rs,` where more than one comma follows, and `rd,` for `rd,rd,` else.
    fn one_or_two_registers(&mut self) -> Parsed<(Register<'a>, Register<'a>)> {
        let rd = self.register_comma()?;
        let rs = if self.at.commas() > 0 { self.register_comma()? } else { rd };
        Ok((rd, rs))
    }

    fn bit_field(&mut self, name: &'static str, field: BitField) -> Parsed<Instruction<'a>> {
        let (rd, rs) = (self.register_comma()?, self.register_comma()?);
        let bits = i64::from(field.bits);
        let position = self.number_comma(0, bits - 1)?;
        let size = self.at.number_in(1, bits - position)?;
        Ok(Instruction::BitField { name, field, rd, rs, position: position as u8, size: size as u8 })
    }

    /// Reads `rs,rt` or `$0,rs,rt`: with `$0` the quotient stays in its own register.
    fn divide(&mut self, name: &'static str, signed: bool, bits: u8) -> Parsed<Instruction<'a>> {
        use super::instruction::HighLow::Divide;
        use execution::BinaryOp::{DivSigned, DivUnsigned};
        let (first, second) = (self.register_comma()?, self.register()?);
        if !self.at.eat(b',') {
            return Ok(Instruction::HighLow { name, op: Divide { signed, bits }, rs: first, rt: second });
        }
        let third = self.register()?;
        if first.is_zero() {
            return Ok(Instruction::HighLow { name, op: Divide { signed, bits }, rs: second, rt: third });
        }
        let op = Op::Simple(if signed { DivSigned } else { DivUnsigned }, bits);
        Ok(Instruction::Compute { name, op, rd: first, rs: second, rt: third })
    }

    fn sync(&mut self) -> Parsed<Instruction<'a>> {
        if self.at.peek().is_none() {
            return Ok(Instruction::Sync { kind: 0 });
        }
        let start = self.at.mark();
        let number = self.at.number()?;
        match SYNCS.iter().position(|(known, ..)| *known == number) {
            Some(kind) => Ok(Instruction::Sync { kind }),
            None => {
                let help = "kinds are 0, 4 (wmb), 16 (mb), 17 (acquire), 18 (release), 19 (rmb)";
                Err(self.at.bad(start, format!("`{number}` is no kind of `sync`")).with_help(help))
            }
        }
    }

    fn number_comma(&mut self, min: i64, max: i64) -> Parsed<i64> {
        let number = self.at.number_in(min, max)?;
        self.at.comma()?;
        Ok(number)
    }

    fn expected_register(&mut self) -> Diagnostic {
        let help = "registers are $0…$31, or zero at v0 v1 a0…a7 t0…t9 s0…s8 k0 k1 gp sp fp ra";
        self.at.expected("a register").with_help(help)
    }

    fn register(&mut self) -> Parsed<Register<'a>> {
        match self.register_if()? {
            Some(register) => Ok(register),
            None => Err(self.expected_register()),
        }
    }

    fn register_comma(&mut self) -> Parsed<Register<'a>> {
        let register = self.register()?;
        self.at.comma()?;
        Ok(register)
    }

    fn three_registers(&mut self) -> Parsed<(Register<'a>, Register<'a>, Register<'a>)> {
        Ok((self.register_comma()?, self.register_comma()?, self.register()?))
    }

    /// Reads a register if one comes next.
    fn register_if(&mut self) -> Parsed<Option<Register<'a>>> {
        if self.at.at_part() {
            return Ok(None);
        }
        let start = self.at.mark();
        if let Some((number, name)) = self.at.symbolic_if(self.symbolic, COUNT.into())? {
            return Ok(Some(Register { number, symbolic: Some(name) }));
        }
        let found = register::find(self.at.word());
        if found.is_none() {
            self.at.rewind(start);
        }
        Ok(found.map(|number| Register { number, symbolic: None }))
    }

    /// Reads a number or a part of an address.
    fn immediate(&mut self, min: i64, max: i64) -> Parsed<Immediate<'a>> {
        if !self.at.at_part() {
            if !self.at.at_number() {
                return Err(self.at.expected("a number"));
            }
            return self.at.number_in(min, max).map(Immediate::Number);
        }
        let start = self.at.mark();
        self.at.eat(b'%');
        let word = self.at.word();
        let Some(part) = PARTS.iter().find(|part| part.name == word).copied() else {
            let message = format!("relocation `%{word}` is not supported");
            let help = "supported are %hi %lo %highest %higher %got_disp %got_page %got_ofst %got %gp_rel";
            return Err(self.at.bad(start, message).with_help(help));
        };
        self.at.require(b'(')?;
        let value = if self.at.at_part() {
            // `%neg(%gp_rel(function))`
            self.named_part("neg")?;
            self.named_part("gp_rel")?;
            let function = self.at.symbol()?.name;
            self.at.require(b')')?;
            self.at.require(b')')?;
            Immediate::GlobalPointer { part: part.name, function }
        } else {
            Immediate::Part { part, symbol: self.at.symbol()? }
        };
        self.at.require(b')')?;
        Ok(value)
    }

    /// Reads `%name(`.
    fn named_part(&mut self, name: &str) -> Parsed<()> {
        let start = self.at.mark();
        if self.at.eat(b'%') && self.at.word() == name {
            return self.at.require(b'(');
        }
        Err(self.at.bad(start, format!("expected `%{name}(`")))
    }

    /// Reads a memory operand.
    fn address(&mut self) -> Parsed<Address<'a>> {
        let offset = match self.at.peek() {
            Some(b'(') => Immediate::Number(0),
            Some(b'%' | b'-' | b'+' | b'0'..=b'9') => self.immediate(-0x8000, 0xffff)?,
            _ => {
                return match self.at.symbol() {
                    Ok(symbol) => Ok(Address::Symbol(symbol)),
                    Err(_) => Err(self.at.expected("an address such as `0($4)`")),
                };
            }
        };
        self.at.require(b'(')?;
        let base = self.register()?;
        self.at.require(b')')?;
        Ok(Address::Based { base, offset })
    }
}
