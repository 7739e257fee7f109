//! Reads instructions.

use super::instruction::{Instruction, Offset};
use super::mnemonic::{self, Shape};
use super::register::{self, Register};
use crate::operand::{Operands, Parsed};
use execution::micro::Reg;
use std::collections::BTreeMap;
use syntax::Span;

/// Reads one instruction; `symbolic` says which register each `%x` is.
pub(super) fn parse<'a>(
    text: &'a str,
    span: Span,
    symbolic: &BTreeMap<String, Reg>,
) -> Parsed<Instruction<'a>> {
    let mut parser = Parser { at: Operands::new(text, span), symbolic };
    let (name, shape) = parser.at.mnemonic(mnemonic::find, mnemonic::all)?;
    let instruction = parser.instruction(name, shape)?;
    parser.at.end()?;
    Ok(instruction)
}

struct Parser<'a, 's> {
    at: Operands<'a>,
    symbolic: &'s BTreeMap<String, Reg>,
}

impl<'a> Parser<'a, '_> {
    fn instruction(&mut self, name: &'static str, shape: Shape) -> Parsed<Instruction<'a>> {
        Ok(match shape {
            Shape::Nop => Instruction::Nop { name },
            Shape::LoadImmediate => {
                let rd = self.register_comma()?;
                Instruction::LoadImmediate { name, rd, value: self.at.number()? }
            }
            Shape::Upper => {
                let rd = self.register_comma()?;
                Instruction::Upper { name, rd, value: self.at.number_in(-0x8_0000, 0xf_ffff)? }
            }
            Shape::LoadAddress => {
                let rd = self.register_comma()?;
                Instruction::LoadAddress { name, rd, symbol: self.at.symbol()? }
            }
            Shape::Compute(op) => {
                let (rd, rj) = (self.register_comma()?, self.register_comma()?);
                Instruction::Compute { name, op, rd, rj, rk: self.register()? }
            }
            Shape::ComputeImmediate(op) => {
                let (rd, rj) = (self.register_comma()?, self.register_comma()?);
                Instruction::ComputeImmediate { name, op, rd, rj, value: self.at.number()? }
            }
            Shape::ShiftAdd(width) => {
                let (rd, rj, rk) = (self.register_comma()?, self.register_comma()?, self.register_comma()?);
                Instruction::ShiftAdd { name, width, rd, rj, rk, by: self.at.number_in(1, 4)? }
            }
            Shape::Bits(field) => {
                let (rd, rj) = (self.register_comma()?, self.register_comma()?);
                let high = self.at.number_in(0, i64::from(field.width) - 1)?;
                self.at.comma()?;
                let low = self.at.number_in(0, high)?;
                Instruction::Bits { name, field, rd, rj, high, low }
            }
            Shape::Unary(op) => {
                let rd = self.register_comma()?;
                Instruction::Unary { name, op, rd, rj: self.register()? }
            }
            Shape::Load { width, signed, indexed } => {
                let (rd, rj) = (self.register_comma()?, self.register_comma()?);
                Instruction::Load { name, width, signed, rd, rj, offset: self.offset(indexed)? }
            }
            Shape::Store { width, indexed } => {
                let (rd, rj) = (self.register_comma()?, self.register_comma()?);
                Instruction::Store { name, width, rd, rj, offset: self.offset(indexed)? }
            }
            Shape::LoadLinked { width, acquire } => {
                let rd = self.register_comma()?;
                let (rj, offset) = self.exclusive_address(acquire)?;
                Instruction::LoadLinked { name, width, acquire, rd, rj, offset }
            }
            Shape::StoreConditional { width, release } => {
                let rd = self.register_comma()?;
                let (rj, offset) = self.exclusive_address(release)?;
                Instruction::StoreConditional { name, width, release, rd, rj, offset }
            }
            Shape::Am(am) => {
                let (rd, rk) = (self.register_comma()?, self.register_comma()?);
                let rj = self.register()?;
                // Assemblers take a distance of zero, too.
                if self.at.eat(b',') {
                    self.at.number_in(0, 0)?;
                }
                Instruction::Am { am, rd, rk, rj }
            }
            Shape::Barrier => Instruction::Barrier { name, hint: self.at.number_in(0, 0x7fff)? },
            Shape::Branch(test) => {
                let (rj, rd) = (self.register_comma()?, self.register_comma()?);
                Instruction::Branch { name, test, rj, rd, target: self.at.target()? }
            }
            Shape::BranchZero(test) => {
                let rj = self.register_comma()?;
                Instruction::BranchZero { name, test, rj, target: self.at.target()? }
            }
            Shape::Jump { link } => Instruction::Jump { name, link, target: self.at.target()? },
            Shape::JumpLink => {
                let (rd, rj) = (self.register_comma()?, self.register_comma()?);
                Instruction::JumpLink { rd, rj, offset: self.at.number()? }
            }
            Shape::JumpRegister => Instruction::JumpRegister { rj: self.register()? },
            Shape::Return => Instruction::Return,
            Shape::Exception => Instruction::Exception { name, code: self.at.number_in(0, 0x7fff)? },
        })
    }

    fn register(&mut self) -> Parsed<Register<'a>> {
        let start = self.at.mark();
        if let Some((number, name)) = self.at.symbolic_if(self.symbolic, 32)? {
            return Ok(Register { number, symbolic: Some(name) });
        }
        match register::find(self.at.word()) {
            Some(number) => Ok(Register { number, symbolic: None }),
            None => {
                self.at.rewind(start);
                let help = "registers are $r0…$r31, or $zero $ra $tp $sp $a0…$a7 $t0…$t8 $fp $s0…$s9";
                Err(self.at.expected("a register").with_help(help))
            }
        }
    }

    fn register_comma(&mut self) -> Parsed<Register<'a>> {
        let register = self.register()?;
        self.at.comma()?;
        Ok(register)
    }

    fn offset(&mut self, indexed: bool) -> Parsed<Offset<'a>> {
        if indexed { self.register().map(Offset::Register) } else { self.at.number().map(Offset::Number) }
    }

    fn exclusive_address(&mut self, bare: bool) -> Parsed<(Register<'a>, i64)> {
        let rj = self.register()?;
        if bare {
            return Ok((rj, 0));
        }
        self.at.comma()?;
        Ok((rj, self.at.number()?))
    }
}
