//! Reads instructions.

use super::instruction::{
    Access, AluOp, BitFieldOp, Condition, Distance, Extend, Half, Instruction, Kind, LongOp, MultiplyOp,
    Operand, Parallel, Registers, ShiftOp,
};
use super::mnemonic::{self, Mnemonic, Shape};
use super::register::{self, Register};
use super::tag;
use crate::assemble::literal;
use crate::operand::{Operands, Parsed, Symbol};
use execution::micro::Reg;
use std::collections::BTreeMap;
use syntax::{Diagnostic, Span};

/// Reads one instruction; `symbolic` says which register each `%x` is.
pub(super) fn parse<'a>(
    text: &'a str,
    span: Span,
    symbolic: &BTreeMap<String, Reg>,
) -> Parsed<Instruction<'a>> {
    if let Some(text) = literal(text) {
        return Ok(Instruction { condition: Condition::Al, kind: Kind::Word { text } });
    }
    let mut parser = Parser { at: Operands::new(text, span), symbolic };
    let start = parser.at.mark();
    let word = parser.at.word();
    let Some(mnemonic) = find(word) else {
        let message = format!("unknown instruction `{word}`");
        return Err(match word {
            "" => parser.at.expected("a mnemonic"),
            _ => Diagnostic::error("isa::unknown-instruction", parser.at.span_from(start), message)
                .with_suggestion(&word.to_ascii_uppercase(), mnemonic::all()),
        });
    };
    let kind = parser.kind(mnemonic)?;
    parser.at.end()?;
    if mnemonic.condition == Condition::Eq && is_zero_word(&kind) {
        return Ok(Instruction { condition: Condition::Al, kind: Kind::Nop { name: "NOP" } });
    }
    Ok(Instruction { condition: mnemonic.condition, kind })
}

/// Whether this is `AND R0,R0,R0`, which on the condition `EQ` is the instruction whose code is zero: it does nothing.
fn is_zero_word(kind: &Kind<'_>) -> bool {
    let zero = Register::numbered(0);
    let right = Operand::Register(zero);
    *kind == Kind::Alu { op: AluOp::And, flags: false, target: zero, left: zero, right }
}

fn find(word: &str) -> Option<Mnemonic> {
    if word.bytes().any(|byte| byte.is_ascii_lowercase()) {
        mnemonic::find(&word.to_ascii_uppercase())
    } else {
        mnemonic::find(word)
    }
}

/// Walks over the operands of one instruction.
pub(super) struct Parser<'a, 's> {
    pub(super) at: Operands<'a>,
    symbolic: &'s BTreeMap<String, Reg>,
}

/// What may stand as an immediate: any 32 bits, signed or not.
const IMMEDIATE: (i64, i64) = (-0x8000_0000, 0xffff_ffff);

impl<'a> Parser<'a, '_> {
    fn kind(&mut self, mnemonic: Mnemonic) -> Parsed<Kind<'a>> {
        let Mnemonic { name, shape, flags, .. } = mnemonic;
        Ok(match shape {
            Shape::Nop => Kind::Nop { name },
            Shape::Block => self.block(name)?,
            Shape::Preload => Kind::Preload { name, address: self.address()? },
            Shape::Alu(op) if name == "NEG" => self.negation(op, flags)?,
            Shape::Alu(op) => {
                let (target, left, right) = self.target_left_right()?;
                Kind::Alu { op, flags, target, left, right }
            }
            Shape::Compare(op) => {
                let left = self.register_comma()?;
                Kind::Compare { op, left, right: self.operand()? }
            }
            Shape::Move { not } => {
                let target = self.register_comma()?;
                Kind::Move { not, flags, target, source: self.operand()? }
            }
            Shape::Shift(op) => self.shift(op, flags)?,
            Shape::MoveWide { top } => {
                let target = self.register_comma()?;
                Kind::MoveWide { top, target, value: self.half()? }
            }
            Shape::Multiply(op) => self.multiply(op, flags)?,
            Shape::MultiplyLong { signed, accumulate } => {
                let (low, high) = (self.register_comma()?, self.register_comma()?);
                let (left, right) = (self.register_comma()?, self.register()?);
                let op = LongOp { name, signed, accumulate };
                Kind::MultiplyLong { op, flags, low, high, left, right }
            }
            Shape::Divide(op) => {
                let (target, left, right) = self.three_registers()?;
                Kind::Divide { name, op, target, left, right }
            }
            Shape::Unary(op) => {
                let target = self.register_comma()?;
                Kind::Unary { name, op, target, source: self.register()? }
            }
            Shape::Extend { extend, add } => self.extend(name, extend, add)?,
            Shape::BitField(op) => self.bit_field(op)?,
            Shape::Parallel { signed, subtract, bits } => {
                let (target, left, right) = self.three_registers()?;
                Kind::Parallel { op: Parallel { name, signed, subtract, bits }, target, left, right }
            }
            Shape::Select => {
                let (target, left, right) = self.three_registers()?;
                Kind::Select { target, left, right }
            }
            Shape::Load(access) => self.load(access)?,
            Shape::Store(access) => {
                let source = self.register_comma()?;
                Kind::Store { access, source, address: self.address_of(access)? }
            }
            Shape::Pair { load } => {
                let registers = self.pair()?;
                Kind::Pair { load, registers, address: self.address()? }
            }
            Shape::Multiple { load, mode } => {
                let base = self.register()?;
                let write_back = self.at.eat(b'!');
                self.at.comma()?;
                Kind::Multiple { load, mode, base, write_back, registers: self.registers()? }
            }
            Shape::Stack { load } => Kind::Stack { load, registers: self.registers()? },
            Shape::StoreExclusive(access) => {
                let (status, source) = (self.register_comma()?, self.register_comma()?);
                Kind::StoreExclusive { access, status, source, address: self.plain_address()? }
            }
            Shape::LoadExclusivePair(access) => {
                let targets = self.pair()?;
                Kind::LoadExclusivePair { access, targets, address: self.plain_address()? }
            }
            Shape::StoreExclusivePair(access) => {
                let status = self.register_comma()?;
                let sources = self.pair()?;
                Kind::StoreExclusivePair { access, status, sources, address: self.plain_address()? }
            }
            Shape::ClearExclusive => Kind::ClearExclusive,
            Shape::LabelAddress => {
                let target = self.register_comma()?;
                Kind::LabelAddress { target, label: self.at.target()? }
            }
            Shape::Branch { link } => Kind::Branch { link, target: self.at.target()? },
            Shape::BranchRegister { link } => match self.register_if()? {
                Some(register) => Kind::BranchRegister { link, register },
                // `BLX L` changes from one instruction set to the other, which makes no difference here.
                None if link => Kind::Branch { link, target: self.at.target()? },
                None => return Err(self.expected_register()),
            },
            Shape::CompareBranch { nonzero } => {
                let register = self.register_comma()?;
                Kind::CompareBranch { nonzero, register, target: self.at.target()? }
            }
            Shape::Barrier { synchronizes } => Kind::Barrier { synchronizes, option: self.option()? },
            Shape::CoprocessorBarrier => self.coprocessor_barrier()?,
            Shape::InstructionBarrier => {
                let start = self.at.mark();
                if self.option()? != 0 {
                    return Err(self.at.bad(start, "the only option of `ISB` is `SY`"));
                }
                Kind::InstructionBarrier
            }
            Shape::Exception => {
                let number =
                    if self.at.peek().is_some() { Some(self.immediate(0, 0xff_ffff)?) } else { None };
                Kind::Exception { name, number }
            }
        })
    }

    /// Reads `MCR p15,0,R0,c7,c10,5`, as the barriers were called before Armv7.
    fn coprocessor_barrier(&mut self) -> Parsed<Kind<'a>> {
        let start = self.at.mark();
        let coprocessor = self.at.word();
        self.at.comma()?;
        let first = self.immediate(0, 7)?;
        self.at.comma()?;
        self.register_comma()?;
        let n = self.at.word();
        self.at.comma()?;
        let m = self.at.word();
        self.at.comma()?;
        let second = self.immediate(0, 7)?;
        let is = |m_wanted: &str, second_wanted: i64| {
            coprocessor.eq_ignore_ascii_case("p15")
                && first == 0
                && n.eq_ignore_ascii_case("c7")
                && m.eq_ignore_ascii_case(m_wanted)
                && second == second_wanted
        };
        if is("c10", 5) {
            Ok(Kind::Barrier { synchronizes: false, option: 0 })
        } else if is("c10", 4) {
            Ok(Kind::Barrier { synchronizes: true, option: 0 })
        } else if is("c5", 4) {
            Ok(Kind::InstructionBarrier)
        } else {
            let help = "barriers are `p15,0,R0,c7,c10,5` (DMB), `…,c10,4` (DSB) and `…,c5,4` (ISB)";
            Err(self.at.bad(start, "no other coprocessor operations than barriers are known").with_help(help))
        }
    }

    fn block(&mut self, pattern: &'static str) -> Parsed<Kind<'a>> {
        let start = self.at.mark();
        match mnemonic::condition(&self.at.word().to_ascii_uppercase()) {
            Some(condition) => Ok(Kind::Block { pattern, condition }),
            None => {
                self.at.rewind(start);
                Err(self.at.expected("a condition such as `EQ`"))
            }
        }
    }

    /// `NEG R0,R1` is zero less the register.
    fn negation(&mut self, op: AluOp, flags: bool) -> Parsed<Kind<'a>> {
        let target = self.register_comma()?;
        Ok(Kind::Alu { op, flags, target, left: self.register()?, right: Operand::Immediate(0) })
    }

    fn shift(&mut self, op: ShiftOp, flags: bool) -> Parsed<Kind<'a>> {
        let target = self.register_comma()?;
        if op == ShiftOp::Rrx {
            let source = self.register()?;
            return Ok(Kind::Shift { op, flags, target, source, distance: Distance::Immediate(1) });
        }
        let (source, distance) = match self.register_if()? {
            Some(register) if self.at.eat(b',') => (register, self.distance(op)?),
            Some(register) => (target, Distance::Register(register)),
            None => (target, self.distance(op)?),
        };
        Ok(Kind::Shift { op, flags, target, source, distance })
    }

    fn multiply(&mut self, op: MultiplyOp, flags: bool) -> Parsed<Kind<'a>> {
        let (target, second) = (self.register_comma()?, self.register()?);
        if op == MultiplyOp::Mul && self.at.peek().is_none() {
            return Ok(Kind::Multiply { op, flags, target, left: target, right: second, sum: None });
        }
        self.at.comma()?;
        let right = self.register()?;
        let sum = match op {
            MultiplyOp::Mul | MultiplyOp::Smmul => None,
            MultiplyOp::Mla | MultiplyOp::Mls => {
                self.at.comma()?;
                Some(self.register()?)
            }
        };
        Ok(Kind::Multiply { op, flags, target, left: second, right, sum })
    }

    fn extend(&mut self, name: &'static str, extend: Extend, add: bool) -> Parsed<Kind<'a>> {
        let target = self.register_comma()?;
        let sum = if add { Some(self.register_comma()?) } else { None };
        let source = self.register()?;
        let rotate = if self.at.eat(b',') {
            let start = self.at.mark();
            if !self.at.word().eq_ignore_ascii_case("ROR") {
                self.at.rewind(start);
                return Err(self.at.expected("`ROR`"));
            }
            let start = self.at.mark();
            let rotate = self.immediate(0, 24)?;
            if rotate % 8 != 0 {
                return Err(self.at.bad(start, "the rotation must be 8, 16 or 24"));
            }
            rotate as u8
        } else {
            0
        };
        Ok(Kind::Extend { name, extend, target, sum, source, rotate })
    }

    fn bit_field(&mut self, op: BitFieldOp) -> Parsed<Kind<'a>> {
        let target = self.register_comma()?;
        let source = if op == BitFieldOp::Bfc { None } else { Some(self.register_comma()?) };
        let lsb = self.immediate(0, 31)?;
        self.at.comma()?;
        let width = self.immediate(1, 32 - lsb)?;
        Ok(Kind::BitField { op, target, source, lsb: lsb as u8, width: width as u8 })
    }

    fn load(&mut self, access: Access) -> Parsed<Kind<'a>> {
        let target = self.register_comma()?;
        if access.name == "LDR" && self.at.eat(b'=') {
            if self.at.at_number() {
                return Ok(Kind::LoadNumber { target, value: self.at.number_in(IMMEDIATE.0, IMMEDIATE.1)? });
            }
            return Ok(Kind::LoadSymbol { target, symbol: self.at.symbol()? });
        }
        let start = self.at.mark();
        if access.name == "LDR"
            && !matches!(self.at.peek(), Some(b'['))
            && self.register_if()?.is_none()
            && let Ok(label) = self.at.symbol()
        {
            return Ok(Kind::LoadLiteral { target, label });
        }
        self.at.rewind(start);
        Ok(Kind::Load { access, target, address: self.address_of(access)? })
    }

    /// Reads two registers and the comma behind; the second may be left out, it is the next one then.
    fn pair(&mut self) -> Parsed<[Register<'a>; 2]> {
        let first = self.register_comma()?;
        if matches!(self.at.peek(), Some(b'[')) {
            let start = self.at.mark();
            if first.number >= 12 {
                return Err(self
                    .at
                    .bad(start, format!("there is no register behind {first} to pair it with")));
            }
            return Ok([first, Register::numbered(first.number + 1)]);
        }
        Ok([first, self.register_comma()?])
    }

    /// Reads `{R0-R3,LR}`.
    fn registers(&mut self) -> Parsed<Registers> {
        // Some write parentheses.
        let close = if self.at.eat(b'(') { b')' } else { b'}' };
        if close == b'}' {
            self.at.require(b'{')?;
        }
        let mut bits = 0u16;
        loop {
            let first = self.register()?;
            let last = if self.at.eat(b'-') { self.register()? } else { first };
            (first.number..=last.number).for_each(|number| bits |= 1 << number);
            if !self.at.eat(b',') {
                break;
            }
        }
        self.at.require(close)?;
        Ok(Registers(bits))
    }

    /// Reads the option of a barrier; `SY` if there is none.
    fn option(&mut self) -> Parsed<usize> {
        if self.at.peek().is_none() {
            return Ok(0);
        }
        let start = self.at.mark();
        let word = self.at.word();
        tag::OPTIONS.iter().position(|known| known.eq_ignore_ascii_case(word)).ok_or_else(|| {
            self.at.rewind(start);
            let help = format!("options are {}", tag::OPTIONS.join(" "));
            self.at.expected("an option of the barrier").with_help(help)
        })
    }

    /// Reads `target,left,right`; `left` may be left out.
    fn target_left_right(&mut self) -> Parsed<(Register<'a>, Register<'a>, Operand<'a>)> {
        let target = self.register_comma()?;
        let start = self.at.mark();
        let Some(second) = self.register_if()? else { return Ok((target, target, self.operand()?)) };
        if !self.at.eat(b',') {
            return Ok((target, target, Operand::Register(second)));
        }
        if self.shift_name().is_some() {
            self.at.rewind(start);
            return Ok((target, target, self.operand()?));
        }
        Ok((target, second, self.operand()?))
    }

    /// Reads the last operand of arithmetic.
    fn operand(&mut self) -> Parsed<Operand<'a>> {
        let Some(register) = self.register_if()? else {
            return Ok(Operand::Immediate(self.immediate(IMMEDIATE.0, IMMEDIATE.1)?));
        };
        if !self.at.eat(b',') {
            return Ok(Operand::Register(register));
        }
        let Some(op) = self.shift_name() else { return Err(self.at.expected("a shift such as `LSL #2`")) };
        let distance = if op == ShiftOp::Rrx { Distance::Immediate(1) } else { self.distance(op)? };
        Ok(Operand::Shifted { register, op, distance })
    }

    /// Reads the name of a shift if one comes next.
    pub(super) fn shift_name(&mut self) -> Option<ShiftOp> {
        let start = self.at.mark();
        let word = self.at.word();
        let found = ShiftOp::ALL.iter().find(|op| op.name().eq_ignore_ascii_case(word)).copied();
        if found.is_none() {
            self.at.rewind(start);
        }
        found
    }

    /// Reads how far a shift goes.
    fn distance(&mut self, op: ShiftOp) -> Parsed<Distance<'a>> {
        match self.register_if()? {
            Some(register) => Ok(Distance::Register(register)),
            None => Ok(Distance::Immediate(self.shift_distance(op)?)),
        }
    }

    /// Reads how far a shift goes, a number.
    pub(super) fn shift_distance(&mut self, op: ShiftOp) -> Parsed<u8> {
        let max = if matches!(op, ShiftOp::Lsr | ShiftOp::Asr) { 32 } else { 31 };
        Ok(self.immediate(0, max)? as u8)
    }

    /// Reads the sixteen bits of `MOVW` and `MOVT`.
    fn half(&mut self) -> Parsed<Half<'a>> {
        self.at.eat(b'#');
        if !self.at.eat(b':') {
            return Ok(Half::Number(self.at.number_in(0, 0xffff)?));
        }
        let start = self.at.mark();
        let upper = match self.at.word() {
            "lower16" => false,
            "upper16" => true,
            _ => {
                self.at.rewind(start);
                return Err(self.at.expected("`lower16` or `upper16`"));
            }
        };
        self.at.require(b':')?;
        if !self.at.eat(b'(') {
            return Ok(Half::Symbol { upper, symbol: self.at.symbol()?, relative: None });
        }
        // `(x-(.LPC0+8))`
        let name = self.at.word();
        self.at.require(b'-')?;
        self.at.require(b'(')?;
        let relative = Some(self.at.symbol()?);
        self.at.require(b')')?;
        self.at.require(b')')?;
        Ok(Half::Symbol { upper, symbol: Symbol { name, offset: 0 }, relative })
    }

    /// Reads a number, with or without `#`.
    pub(super) fn immediate(&mut self, min: i64, max: i64) -> Parsed<i64> {
        self.at.eat(b'#');
        self.at.number_in(min, max)
    }

    fn expected_register(&mut self) -> Diagnostic {
        self.at.expected("a register").with_help("registers are R0…R12, SP, LR, PC")
    }

    pub(super) fn register(&mut self) -> Parsed<Register<'a>> {
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
        let (target, second) = (self.register_comma()?, self.register()?);
        if self.at.peek().is_none() {
            return Ok((target, target, second));
        }
        self.at.comma()?;
        Ok((target, second, self.register()?))
    }

    /// Reads a register if one comes next.
    pub(super) fn register_if(&mut self) -> Parsed<Option<Register<'a>>> {
        let start = self.at.mark();
        if let Some((number, name)) = self.at.symbolic_if(self.symbolic, 16)? {
            return Ok(Some(Register { symbolic: Some(name), ..Register::numbered(number) }));
        }
        let word = self.at.word();
        let found = register::find(word);
        if found.is_none() {
            self.at.rewind(start);
        }
        let is_frame = word.eq_ignore_ascii_case("FP");
        Ok(found.map(|number| Register { is_frame, ..Register::numbered(number) }))
    }
}
