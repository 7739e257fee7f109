//! Reads instructions.

use super::instruction::{Address, Expression, Instruction, OPERATIONS, Value};
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
    let mut parser = Parser { at: Operands::new(text, span), symbolic };
    let instruction = parser.instruction()?;
    parser.at.end()?;
    Ok(instruction)
}

/// All mnemonics, for suggestions.
pub(super) const MNEMONICS: [&str; 8] = ["r", "w", "rmw", "f", "b", "mov", "call", "nop"];

struct Parser<'a, 's> {
    at: Operands<'a>,
    symbolic: &'s BTreeMap<String, Reg>,
}

impl<'a> Parser<'a, '_> {
    fn instruction(&mut self) -> Parsed<Instruction<'a>> {
        let start = self.at.mark();
        let word = self.at.word();
        Ok(match word {
            "nop" => Instruction::Nop,
            "r" => {
                let annotations = self.annotations()?;
                Instruction::Read { annotations, target: self.register()?, address: self.address()? }
            }
            "w" => {
                let annotations = self.annotations()?;
                Instruction::Write { annotations, address: self.address()?, value: self.value()? }
            }
            "rmw" => {
                let (annotations, target) = (self.annotations()?, self.register()?);
                let value = self.expression()?;
                Instruction::Update { annotations, target, value, address: self.address()? }
            }
            "f" => {
                let annotations = self.annotations()?;
                let labelled = self.at.peek() == Some(b'{');
                let between = if labelled { Some([self.labels()?, self.labels()?]) } else { None };
                Instruction::Fence { annotations, between }
            }
            "b" => {
                let annotations = self.annotations()?;
                let condition = self.register_if()?;
                Instruction::Branch { annotations, condition, target: self.at.target()? }
            }
            "mov" => {
                let target = self.register()?;
                Instruction::Move { target, value: self.expression()? }
            }
            "call" => {
                let annotations = self.annotations()?;
                match annotations[..] {
                    [annotation] => Instruction::Call { annotation },
                    _ => return Err(self.at.bad(start, "`call` takes one name, such as `call[sync]`")),
                }
            }
            "" => return Err(self.at.expected("an instruction")),
            _ => {
                let message = format!("unknown instruction `{word}`");
                let span = self.at.span_from(start);
                return Err(Diagnostic::error("isa::unknown-instruction", span, message)
                    .with_suggestion(word, MNEMONICS));
            }
        })
    }

    /// Reads `[once,acquire]`.
    fn annotations(&mut self) -> Parsed<Vec<&'a str>> {
        self.at.require(b'[')?;
        let mut all = Vec::new();
        if self.at.eat(b']') {
            return Ok(all);
        }
        loop {
            self.at.eat(b'\'');
            let name = self.at.dashed_word();
            if name.is_empty() {
                return Err(self.at.expected("an annotation"));
            }
            all.push(name);
            if !self.at.eat(b',') {
                break;
            }
        }
        self.at.require(b']')?;
        Ok(all)
    }

    /// Reads `{L1,L2}`.
    fn labels(&mut self) -> Parsed<Vec<&'a str>> {
        self.at.require(b'{')?;
        let mut all = Vec::new();
        while self.at.peek() != Some(b'}') {
            let name = self.at.word();
            if name.is_empty() {
                return Err(self.at.expected("a label"));
            }
            all.push(name);
            if !self.at.eat(b',') {
                break;
            }
        }
        self.at.require(b'}')?;
        Ok(all)
    }

    fn expression(&mut self) -> Parsed<Expression<'a>> {
        if !self.at.eat(b'(') {
            return self.value().map(Expression::Value);
        }
        let start = self.at.mark();
        let word = self.at.word();
        let Some((name, op)) = OPERATIONS.iter().find(|(name, _)| *name == word) else {
            self.at.rewind(start);
            let help = format!("operations are {}", OPERATIONS.map(|(name, _)| name).join(" "));
            return Err(self.at.expected("an operation").with_help(help));
        };
        let (left, right) = (self.value()?, self.value()?);
        self.at.require(b')')?;
        Ok(Expression::Binary { name, op: *op, left, right })
    }

    fn address(&mut self) -> Parsed<Address<'a>> {
        let start = self.at.mark();
        let base = self.value()?;
        if let Value::Number(_) = base {
            return Err(self.at.bad(start, "expected a location or a register"));
        }
        if !self.at.eat(b'+') {
            return Ok(Address { base, offset: None });
        }
        let start = self.at.mark();
        match self.value()? {
            Value::Location(_) => Err(self.at.bad(start, "expected a number or a register")),
            offset => Ok(Address { base, offset: Some(offset) }),
        }
    }

    fn value(&mut self) -> Parsed<Value<'a>> {
        if let Some(register) = self.register_if()? {
            return Ok(Value::Register(register));
        }
        if matches!(self.at.peek(), Some(b'-' | b'0'..=b'9')) {
            return self.at.number().map(Value::Number);
        }
        match self.at.word() {
            "" => Err(self.at.expected("a register, a number or a location")),
            name => Ok(Value::Location(name)),
        }
    }

    fn register(&mut self) -> Parsed<Register<'a>> {
        match self.register_if()? {
            Some(register) => Ok(register),
            None => Err(self.at.expected("a register").with_help("registers are r0…r127")),
        }
    }

    /// Reads a register if one comes next.
    fn register_if(&mut self) -> Parsed<Option<Register<'a>>> {
        let start = self.at.mark();
        if let Some((number, name)) = self.at.symbolic_if(self.symbolic, 256)? {
            return Ok(Some(Register { number, symbolic: Some(name) }));
        }
        let found = register::find(self.at.word());
        if found.is_none() {
            self.at.rewind(start);
        }
        Ok(found.map(|number| Register { number, symbolic: None }))
    }
}
