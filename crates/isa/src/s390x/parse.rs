//! Reads instructions.

use super::instruction::{Address, Instruction};
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
            Shape::LoadImmediate(width) => {
                let r1 = self.register_comma()?;
                Instruction::LoadImmediate { name, width, r1, value: self.at.number()? }
            }
            Shape::LoadSymbol => {
                let r1 = self.register_comma()?;
                Instruction::LoadSymbol { r1, symbol: self.at.symbol()? }
            }
            Shape::LoadAddress => {
                let r1 = self.register_comma()?;
                Instruction::LoadAddress { name, r1, address: self.address()? }
            }
            Shape::Unary(op) => {
                let r1 = self.register_comma()?;
                Instruction::Unary { name, op, r1, r2: self.register()? }
            }
            Shape::Compute(op) => {
                let r1 = self.register_comma()?;
                Instruction::Compute { name, op, r1, r2: self.register()? }
            }
            Shape::ComputeThree(op) => {
                let (r1, r2) = (self.register_comma()?, self.register_comma()?);
                Instruction::ComputeThree { name, op, r1, r2, r3: self.register()? }
            }
            Shape::ComputeImmediate(op) => {
                let r1 = self.register_comma()?;
                Instruction::ComputeImmediate { name, op, r1, value: self.at.number()? }
            }
            Shape::Shift(op) => {
                let (r1, r3) = (self.register_comma()?, self.register_comma()?);
                Instruction::Shift { name, op, r1, r3, by: self.based_address()? }
            }
            Shape::ShiftWord(op) => {
                let r1 = self.register_comma()?;
                Instruction::ShiftWord { name, op, r1, by: self.based_address()? }
            }
            Shape::Load { width, signed } => {
                let r1 = self.register_comma()?;
                Instruction::Load { name, width, signed, r1, address: self.address()? }
            }
            Shape::Store(width) => {
                let r1 = self.register_comma()?;
                Instruction::Store { name, width, r1, address: self.address()? }
            }
            Shape::StoreImmediate(width) => {
                let address = self.based_address()?;
                self.at.comma()?;
                Instruction::StoreImmediate { name, width, address, value: self.at.number()? }
            }
            Shape::Interlocked(op) => {
                let (r1, r3) = (self.register_comma()?, self.register_comma()?);
                Instruction::Interlocked { name, op, r1, r3, address: self.based_address()? }
            }
            Shape::InterlockedImmediate(op) => {
                let address = self.based_address()?;
                self.at.comma()?;
                Instruction::InterlockedImmediate { name, op, address, value: self.at.number()? }
            }
            Shape::CompareSwap(width) => {
                let (r1, r3) = (self.register_comma()?, self.register_comma()?);
                Instruction::CompareSwap { name, width, r1, r3, address: self.based_address()? }
            }
            Shape::Compare(how) => {
                let r1 = self.register_comma()?;
                Instruction::Compare { name, how, r1, r2: self.register()? }
            }
            Shape::CompareImmediate(how) => {
                let r1 = self.register_comma()?;
                Instruction::CompareImmediate { name, how, r1, value: self.at.number()? }
            }
            Shape::BranchMask => {
                let mask = self.mask_comma()?;
                Instruction::Branch { mask, target: self.at.target()? }
            }
            Shape::Branch(mask) => Instruction::Branch { mask, target: self.at.target()? },
            Shape::CompareBranch(how, mask) => {
                let (r1, r2) = (self.register_comma()?, self.register_comma()?);
                let mask = self.mask_unless(mask)?;
                Instruction::CompareBranch { how, mask, r1, r2, target: self.at.target()? }
            }
            Shape::CompareBranchImmediate(how, mask) => {
                let r1 = self.register_comma()?;
                let value = self.at.number()?;
                self.at.comma()?;
                let mask = self.mask_unless(mask)?;
                Instruction::CompareBranchImmediate { how, mask, r1, value, target: self.at.target()? }
            }
            Shape::Call => {
                let r1 = self.register_comma()?;
                Instruction::Call { name, r1, target: self.at.target()? }
            }
            Shape::BranchRegister => Instruction::BranchRegister { r2: self.register()? },
            Shape::BranchMaskRegister => self.branch_mask_register()?,
        })
    }

    /// `bcr mask,r2`: a serialisation, a return, or nothing.
    fn branch_mask_register(&mut self) -> Parsed<Instruction<'a>> {
        let start = self.at.mark();
        let mask = self.mask_comma()?;
        if self.at.at_number() {
            self.at.number_in(0, 0)?;
            return Ok(match mask {
                14 | 15 => Instruction::Serialise { mask: mask.into() },
                _ => Instruction::Nop { name: "nopr" },
            });
        }
        let r2 = self.register()?;
        match (mask, r2.number) {
            (14 | 15, 0) => Ok(Instruction::Serialise { mask: mask.into() }),
            (0, _) | (_, 0) => Ok(Instruction::Nop { name: "nopr" }),
            (15, _) => Ok(Instruction::BranchRegister { r2 }),
            _ => Err(self.at.bad(start, "conditional branches to registers are not supported")),
        }
    }

    fn mask_comma(&mut self) -> Parsed<u8> {
        let mask = self.at.number_in(0, 15)?;
        self.at.comma()?;
        Ok(mask as u8)
    }

    fn mask_unless(&mut self, known: Option<u8>) -> Parsed<u8> {
        known.map_or_else(|| self.mask_comma(), Ok)
    }

    fn register(&mut self) -> Parsed<Register<'a>> {
        let start = self.at.mark();
        self.at.eat(b'%');
        if let Some(number) = register::find(self.at.word()) {
            return Ok(Register { number, symbolic: None });
        }
        self.at.rewind(start);
        if let Some((number, name)) = self.at.symbolic_if(self.symbolic, 16)? {
            return Ok(Register { number, symbolic: Some(name) });
        }
        Err(self.at.expected("a register").with_help("registers are r0…r15, or %r0…%r15"))
    }

    fn register_comma(&mut self) -> Parsed<Register<'a>> {
        let register = self.register()?;
        self.at.comma()?;
        Ok(register)
    }

    /// Reads `8(r1,r2)`. Register 0 stands for no register.
    fn address(&mut self) -> Parsed<Address<'a>> {
        let displacement = if self.at.peek() == Some(b'(') { 0 } else { self.at.number()? };
        let mut address = Address { displacement, index: None, base: None };
        if self.at.eat(b'(') {
            let first = self.register()?;
            if self.at.eat(b',') {
                address.index = Some(first).filter(|register| register.number != 0);
                address.base = Some(self.register()?).filter(|register| register.number != 0);
            } else {
                address.base = Some(first).filter(|register| register.number != 0);
            }
            self.at.require(b')')?;
        }
        Ok(address)
    }

    /// Reads `8(r2)`: an address without index.
    fn based_address(&mut self) -> Parsed<Address<'a>> {
        let start = self.at.mark();
        let address = self.address()?;
        match address.index {
            None => Ok(address),
            Some(_) => Err(self.at.bad(start, "this instruction takes an address without index: `8(r2)`")),
        }
    }
}
