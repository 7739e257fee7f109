//! Reads instructions.

use super::instruction::{Access, Address, Immediate, Instruction, Order, PARTS, Width};
use super::mnemonic::{self, Mnemonic, Shape};
use super::register::{self, Register};
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
    let mut parser = Parser { at: Operands::new(text, span), symbolic, compressed: false };
    let start = parser.at.mark();
    let word = parser.at.word();
    let short = word.strip_prefix("c.").or_else(|| word.strip_prefix("C."));
    parser.compressed = short.is_some();
    let Some(mnemonic) = find(short.map_or(word, expanded)) else {
        let message = format!("unknown instruction `{word}`");
        return Err(match word {
            "" => parser.at.expected("a mnemonic"),
            _ => Diagnostic::error("isa::unknown-instruction", parser.at.span_from(start), message)
                .with_suggestion(word, mnemonic::all()),
        });
    };
    let instruction = parser.instruction(mnemonic)?;
    parser.at.end()?;
    Ok(instruction)
}

/// The instruction that a compressed one stands for, without its `c.`.
fn expanded(short: &str) -> &str {
    match short {
        "addi4spn" | "addi16sp" => "addi",
        "lwsp" => "lw",
        "ldsp" => "ld",
        "swsp" => "sw",
        "sdsp" => "sd",
        other => other,
    }
}

fn find(word: &str) -> Option<Mnemonic> {
    if word.bytes().any(|byte| byte.is_ascii_uppercase()) {
        mnemonic::find(&word.to_ascii_lowercase())
    } else {
        mnemonic::find(word)
    }
}

struct Parser<'a, 's> {
    at: Operands<'a>,
    symbolic: &'s BTreeMap<String, Reg>,
    /// Whether the mnemonic starts with `c.`: the first source of arithmetic may be the target.
    compressed: bool,
}

impl<'a> Parser<'a, '_> {
    fn instruction(&mut self, mnemonic: Mnemonic) -> Parsed<Instruction<'a>> {
        let Mnemonic { name, shape, order } = mnemonic;
        Ok(match shape {
            Shape::Nop => Instruction::Nop { name },
            Shape::LoadImmediate => self.load_immediate()?,
            Shape::LoadAddress => {
                let rd = self.register_comma()?;
                Instruction::LoadAddress { name, rd, symbol: self.at.symbol()? }
            }
            Shape::Upper => self.upper(name)?,
            Shape::Compute(op, immediate) => {
                let (rd, rs1) = self.target_and_source()?;
                match immediate {
                    Some(name) if self.at.at_number() || self.at.at_part() => {
                        Instruction::ComputeImmediate { name, op, rd, rs1, value: self.immediate()? }
                    }
                    _ => Instruction::Compute { name, op, rd, rs1, rs2: self.register()? },
                }
            }
            Shape::ComputeImmediate(op) => {
                let (rd, rs1) = self.target_and_source()?;
                Instruction::ComputeImmediate { name, op, rd, rs1, value: self.immediate()? }
            }
            Shape::Unary(op) => {
                let rd = self.register_comma()?;
                Instruction::Unary { name, op, rd, rs: self.register()? }
            }
            Shape::Load(access) => {
                let rd = self.register_comma()?;
                Instruction::Load { access, order, rd, address: self.address()? }
            }
            Shape::Store(width) => {
                let rs2 = self.register_comma()?;
                let address = self.address()?;
                let scratch = match address {
                    Address::Symbol(_) => Some(self.comma_register()?),
                    Address::Based { .. } => None,
                };
                Instruction::Store { width, order, rs2, address, scratch }
            }
            Shape::LoadReserved(width) => {
                let rd = self.register_comma()?;
                Instruction::LoadReserved { width, order, rd, rs1: self.plain_address()? }
            }
            Shape::StoreConditional(width) => {
                let (rd, rs2) = (self.register_comma()?, self.register_comma()?);
                Instruction::StoreConditional { width, order, rd, rs2, rs1: self.plain_address()? }
            }
            Shape::Amo(op, width) => {
                let start = self.at.mark();
                let (rd, rs2) = (self.register_comma()?, self.register_comma()?);
                if width == Width::Quad && (rd.number | rs2.number) % 2 != 0 {
                    let message = "pairs of registers start with an even one";
                    return Err(self.at.bad(start, message));
                }
                Instruction::Amo { op, width, order, rd, rs2, rs1: self.plain_address()? }
            }
            Shape::Branch(test) => {
                let (rs1, rs2) = (self.register_comma()?, self.register_comma()?);
                Instruction::Branch { name, test, rs1, rs2, target: self.at.target()? }
            }
            Shape::BranchZero(test) => {
                let rs = self.register_comma()?;
                Instruction::BranchZero { name, test, rs, target: self.at.target()? }
            }
            Shape::Jump { link } => Instruction::Jump { name, link, target: self.at.target()? },
            Shape::JumpLink => match self.register_if()? {
                None => Instruction::Jump { name, link: true, target: self.at.target()? },
                Some(rd) => {
                    self.at.comma()?;
                    Instruction::JumpLink { rd, target: self.at.target()? }
                }
            },
            Shape::JumpRegister => Instruction::JumpRegister { rs1: self.register()? },
            Shape::JumpLinkRegister => self.jump_link_register()?,
            Shape::Return => Instruction::Return,
            Shape::Fence => self.fence(order)?,
            Shape::FenceTso => Instruction::FenceTso,
            Shape::FenceInstructions => Instruction::FenceInstructions,
            Shape::ReadSystem => {
                let rd = self.register_comma()?;
                let system = self.at.word();
                if system.is_empty() {
                    return Err(self.at.expected("the name of a control and status register"));
                }
                Instruction::ReadSystem { rd, system }
            }
            Shape::ReadCounter => Instruction::ReadSystem { rd: self.register()?, system: &name[2..] },
            Shape::Exception => Instruction::Exception { name },
        })
    }

    fn load_immediate(&mut self) -> Parsed<Instruction<'a>> {
        let rd = self.register_comma()?;
        Ok(Instruction::LoadImmediate { rd, value: self.at.number()? })
    }

    fn upper(&mut self, name: &'static str) -> Parsed<Instruction<'a>> {
        let rd = self.register_comma()?;
        let start = self.at.mark();
        let value = self.immediate()?;
        match value {
            Immediate::Number(number) if !(-0x8_0000..=0xf_ffff).contains(&number) => {
                Err(self.at.bad(start, format!("`{number}` has more than 20 bits")))
            }
            Immediate::Part { part, .. } if !part.high => {
                let message = format!("`%{}` is a low part; `{name}` takes a high one", part.name);
                Err(self.at.bad(start, message))
            }
            _ => Ok(Instruction::Upper { name, rd, value }),
        }
    }

    fn jump_link_register(&mut self) -> Parsed<Instruction<'a>> {
        let first = self.register()?;
        if !self.at.eat(b',') {
            return Ok(Instruction::JumpLinkRegister { rd: Register::LINK, rs1: first, offset: 0 });
        }
        if let Some(rs1) = self.register_if()? {
            let offset = if self.at.eat(b',') { self.at.number()? } else { 0 };
            return Ok(Instruction::JumpLinkRegister { rd: first, rs1, offset });
        }
        let start = self.at.mark();
        match self.address()? {
            Address::Based { base, offset: Immediate::Number(offset) } => {
                Ok(Instruction::JumpLinkRegister { rd: first, rs1: base, offset })
            }
            _ => Err(self.at.bad(start, "`jalr` takes an address such as `0(x5)`")),
        }
    }

    fn fence(&mut self, order: Order) -> Parsed<Instruction<'a>> {
        debug_assert_eq!(order, Order::None);
        if self.at.peek().is_none() {
            return Ok(Instruction::FenceAll);
        }
        let before = self.access()?;
        self.at.comma()?;
        Ok(Instruction::Fence { before, after: self.access()? })
    }

    /// Reads `rw`.
    fn access(&mut self) -> Parsed<Access> {
        let start = self.at.mark();
        let word = self.at.word();
        let mut bits = 0;
        for letter in word.bytes() {
            match Access::LETTERS.iter().position(|known| known.eq_ignore_ascii_case(&letter)) {
                Some(position) => bits |= 8 >> position,
                None => bits = 16,
            }
            if bits > 15 {
                break;
            }
        }
        if word.is_empty() || bits > 15 {
            self.at.rewind(start);
            let help = "write some of the letters `iorw`: input, output, reads, writes";
            return Err(self.at.expected("kinds of accesses").with_help(help));
        }
        Ok(Access(bits))
    }

    fn register(&mut self) -> Parsed<Register<'a>> {
        match self.register_if()? {
            Some(register) => Ok(register),
            None => {
                let help = "registers are x0…x31, or zero ra sp gp tp t0…t6 s0…s11 a0…a7";
                Err(self.at.expected("a register").with_help(help))
            }
        }
    }

    /// Reads the target and the first source of arithmetic, each with a comma behind.
    fn target_and_source(&mut self) -> Parsed<(Register<'a>, Register<'a>)> {
        let rd = self.register_comma()?;
        let is_both = self.compressed && self.at.commas() == 0;
        Ok((rd, if is_both { rd } else { self.register_comma()? }))
    }

    fn register_comma(&mut self) -> Parsed<Register<'a>> {
        let register = self.register()?;
        self.at.comma()?;
        Ok(register)
    }

    fn comma_register(&mut self) -> Parsed<Register<'a>> {
        if self.at.peek().is_none() {
            let help = "a store to a global needs a register for its address: `sw a0,x,t0`";
            return Err(self.at.expected("`,`").with_help(help));
        }
        self.at.comma()?;
        self.register()
    }

    /// Reads a register if one comes next.
    fn register_if(&mut self) -> Parsed<Option<Register<'a>>> {
        let start = self.at.mark();
        if let Some((number, name)) = self.at.symbolic_if(self.symbolic, 32)? {
            return Ok(Some(Register { number, symbolic: Some(name) }));
        }
        let found = register::find(self.at.word());
        if found.is_none() {
            self.at.rewind(start);
        }
        Ok(found.map(|number| Register { number, symbolic: None }))
    }

    /// Reads a number or a part of an address.
    fn immediate(&mut self) -> Parsed<Immediate<'a>> {
        if !self.at.at_part() {
            if !self.at.at_number() {
                return Err(self.at.expected("a number"));
            }
            return self.at.number().map(Immediate::Number);
        }
        let start = self.at.mark();
        self.at.eat(b'%');
        let word = self.at.word();
        let Some(part) = PARTS.iter().find(|part| part.name == word).copied() else {
            let message = format!("relocation `%{word}` is not supported");
            let help = "supported are %hi %lo %pcrel_hi %pcrel_lo %got_pcrel_hi";
            return Err(self.at.bad(start, message).with_help(help));
        };
        self.at.require(b'(')?;
        let symbol = self.at.symbol()?;
        self.at.require(b')')?;
        Ok(Immediate::Part { part, symbol })
    }

    /// Reads a memory operand.
    fn address(&mut self) -> Parsed<Address<'a>> {
        let offset = match self.at.peek() {
            Some(b'(') => Immediate::Number(0),
            Some(b'%' | b'-' | b'+' | b'0'..=b'9') => self.immediate()?,
            _ => return self.symbol_address(),
        };
        self.at.require(b'(')?;
        let base = self.register()?;
        self.at.require(b')')?;
        Ok(Address::Based { base, offset })
    }

    fn symbol_address(&mut self) -> Parsed<Address<'a>> {
        match self.at.symbol() {
            Ok(symbol) => Ok(Address::Symbol(symbol)),
            Err(_) => Err(self.at.expected("an address such as `0(x5)`")),
        }
    }

    /// Reads the address of an atomic access: no offset, or 0.
    fn plain_address(&mut self) -> Parsed<Register<'a>> {
        let start = self.at.mark();
        match self.address()? {
            Address::Based { base, offset: Immediate::Number(0) } => Ok(base),
            _ => {
                let message = "atomic accesses take an address without offset, such as `(x5)`";
                Err(self.at.bad(start, message))
            }
        }
    }
}
