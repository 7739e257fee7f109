//! Reads instructions in any of the five ways to write them.
//!
//! Four of them look like C and share one grammar; `mnemonic` has the fifth.

use super::callee;
use super::instruction::{
    AluOp, AtomicOp, Callee, Instruction, Modify, Register, Size, Source, Swap, Target, Test, Wide, Width,
};
use super::mnemonic;
use super::operands::{mixed_widths, no_register};

use crate::operand::{Operands, Parsed, is_numbered};
use execution::micro::Reg;
use std::collections::BTreeMap;
use std::fmt;
use syntax::{Diagnostic, Span};

/// Reads one instruction, at `span`; `symbolic` says which register each `%x` is.
///
/// # Errors
/// `isa::unknown-instruction`, `isa::unknown-register` or `isa::bad-operand`, at the smallest span that shows it.
pub fn parse<'a>(text: &'a str, span: Span, symbolic: &BTreeMap<String, Reg>) -> Parsed<Instruction<'a>> {
    let Line { instruction, result, .. } = any_line(text, span, symbolic)?;
    if result.is_some() {
        let message = "the old value goes to the register that has the operand";
        return Err(Diagnostic::error("isa::bad-operand", span, message));
    }
    Ok(instruction)
}

/// The same for tests, which may give results to other registers, and call functions only whose effects are declared.
pub(super) fn line<'a>(text: &'a str, span: Span, symbolic: &BTreeMap<String, Reg>) -> Parsed<Line<'a>> {
    let line = any_line(text, span, symbolic)?;
    match (line.instruction, line.callee) {
        (Instruction::Call { callee: Callee::Named(name) }, Some(at)) if callee::by_name(name).is_none() => {
            Err(unknown_function(name, at))
        }
        _ => Ok(line),
    }
}

fn any_line<'a>(text: &'a str, span: Span, symbolic: &BTreeMap<String, Reg>) -> Parsed<Line<'a>> {
    let mut parser =
        Parser { at: Operands::new(text, span), symbolic, opcode: None, result: None, callee: None };
    parser.opcode = parser.opcode();
    let instruction = parser.instruction()?;
    parser.at.end()?;
    Ok(Line { instruction, result: parser.result, callee: parser.callee })
}

/// An instruction of a test.
pub(super) struct Line<'a> {
    pub(super) instruction: Instruction<'a>,
    /// The register that gets the result, if it is not the one that the instruction gives it to.
    pub(super) result: Option<Register<'a>>,
    /// Where the name of the function stands that it calls.
    callee: Option<Span>,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.instruction.to_string();
        match (self.result, text.split_once(" = ")) {
            (Some(result), Some((_, behind))) => write!(f, "{result} = {behind}"),
            _ => f.write_str(&text),
        }
    }
}

pub(super) struct Parser<'a, 's> {
    pub(super) at: Operands<'a>,
    pub(super) symbolic: &'s BTreeMap<String, Reg>,
    /// The kernel writes the first byte in front: `(61) r1 = …`.
    pub(super) opcode: Option<u8>,
    /// [`Line::result`].
    result: Option<Register<'a>>,
    /// [`Line::callee`].
    callee: Option<Span>,
}

/// A register as an instruction names it, and how many bits the name shows.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) register: Register<'a>,
    pub(super) width: Width,
}

/// Words that begin an instruction where no register does.
const KEYWORDS: [&str; 11] =
    ["call", "callx", "exit", "goto", "gotol", "gotox", "if", "lock", "may_goto", "nospec", "store_release"];

/// Assignment operators; those that another one begins with come behind it.
const OPERATORS: [(&str, AluOp); 13] = [
    ("+=", AluOp::Add),
    ("-=", AluOp::Sub),
    ("*=", AluOp::Mul),
    ("/=", AluOp::Div),
    ("s/=", AluOp::SignedDiv),
    ("%=", AluOp::Mod),
    ("s%=", AluOp::SignedMod),
    ("|=", AluOp::Or),
    ("&=", AluOp::And),
    ("^=", AluOp::Xor),
    ("<<=", AluOp::ShiftLeft),
    (">>=", AluOp::ShiftRight),
    ("s>>=", AluOp::ShiftRightSigned),
];

/// Comparisons; those that another one begins with come behind it.
const TESTS: [(&str, Test); 11] = [
    ("==", Test::Equal),
    ("!=", Test::NotEqual),
    ("&", Test::AnyBit),
    (">=", Test::GreaterEqual),
    (">", Test::Greater),
    ("<=", Test::LessEqual),
    ("<", Test::Less),
    ("s>=", Test::SignedGreaterEqual),
    ("s>", Test::SignedGreater),
    ("s<=", Test::SignedLessEqual),
    ("s<", Test::SignedLess),
];

pub(super) fn operator_text(op: AluOp) -> &'static str {
    OPERATORS.iter().find(|(_, known)| *known == op).map_or("", |(text, _)| text)
}

pub(super) fn test_text(test: Test) -> &'static str {
    TESTS.iter().find(|(_, known)| *known == test).map_or("", |(text, _)| text)
}

/// What makes an update of the old value.
pub(super) const ATOMIC_NAMES: [(&str, AtomicOp); 4] =
    [("add", AtomicOp::Add), ("or", AtomicOp::Or), ("and", AtomicOp::And), ("xor", AtomicOp::Xor)];

impl<'a> Parser<'a, '_> {
    fn opcode(&mut self) -> Option<u8> {
        let inner = self.at.ahead().strip_prefix('(')?;
        let digits = inner.get(..2).filter(|_| inner.as_bytes().get(2) == Some(&b')'))?;
        let opcode = u8::from_str_radix(digits, 16).ok()?;
        self.at.eat_token(&format!("({digits})"));
        Some(opcode)
    }

    fn instruction(&mut self) -> Parsed<Instruction<'a>> {
        if self.at.peek() == Some(b'*') {
            return self.store();
        }
        if let Some(dst) = self.view_if()? {
            return self.assignment(dst);
        }
        let start = self.at.mark();
        let word = self.at.word();
        Ok(match word {
            "lock" => self.locked()?,
            "if" => self.jump_if()?,
            "goto" => Instruction::Jump { long: false, target: self.target()? },
            "gotol" => Instruction::Jump { long: true, target: self.target()? },
            "gotox" => Instruction::JumpRegister { dst: self.register()? },
            "may_goto" => Instruction::MayGoto { target: self.target()? },
            "call" => Instruction::Call { callee: self.callee()? },
            "callx" => Instruction::Call { callee: Callee::Register(self.register()?) },
            "exit" => Instruction::Exit,
            "nospec" => Instruction::NoSpeculation,
            "store_release" => {
                self.at.require(b'(')?;
                let (size, base, offset) = self.pointer()?;
                self.at.comma()?;
                let src = self.register()?;
                self.at.require(b')')?;
                Instruction::StoreRelease { size, base, offset, src }
            }
            "" => return Err(self.at.expected("an instruction")),
            _ => match mnemonic::instruction(self, word) {
                Some(found) => found?,
                None => return Err(self.unknown(word, start)),
            },
        })
    }

    fn unknown(&self, word: &str, start: usize) -> Diagnostic {
        let span = self.at.span_from(start);
        let digits = word.strip_prefix(['r', 'w']).unwrap_or_default();
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return no_register(word, span);
        }
        let message = format!("unknown instruction `{word}`");
        let known = mnemonic::all();
        let known = known.iter().map(String::as_str).chain(KEYWORDS);
        Diagnostic::error("isa::unknown-instruction", span, message).with_suggestion(word, known)
    }

    /// What follows the register on the left.
    fn assignment(&mut self, dst: View<'a>) -> Parsed<Instruction<'a>> {
        let (register, width) = (dst.register, dst.width);
        let found = OPERATORS.iter().find(|(text, _)| self.at.eat_token(text));
        if let Some((_, op)) = found {
            let src = self.source(width)?;
            self.writable(register)?;
            return Ok(Instruction::Alu { width, op: *op, dst: register, src });
        }
        if self.at.ahead().starts_with("==") || !self.at.eat(b'=') {
            let help = "operators are = += -= *= /= s/= %= s%= |= &= ^= <<= >>= s>>=";
            return Err(self.at.expected("an operator such as `=` or `+=`").with_help(help));
        }
        self.writable(register)?;
        self.assigned(dst)
    }

    fn writable(&self, register: Register<'_>) -> Parsed<()> {
        if register.number == 10 && register.symbolic.is_none() {
            return Err(self.at.bad(0, "`r10`, the frame pointer, can't be written"));
        }
        Ok(())
    }

    /// What follows `r1 =`.
    fn assigned(&mut self, dst: View<'a>) -> Parsed<Instruction<'a>> {
        let (register, width) = (dst.register, dst.width);
        match self.at.peek() {
            Some(b'*') => self.load(dst),
            Some(b'(') => {
                let start = self.at.mark();
                self.at.eat(b'(');
                let (size, signed) = self.type_name()?;
                self.at.require(b')')?;
                if !signed || size.bits() >= width.bits() {
                    return Err(self.at.bad(start, "moves extend the sign of `s8`, `s16` or `s32`"));
                }
                let src = self.register_of(width)?;
                Ok(Instruction::MoveSigned { width, from: size, dst: register, src })
            }
            Some(b'-') if self.at.ahead()[1..].trim_start().starts_with(['r', 'w', '%']) => {
                self.at.eat(b'-');
                let start = self.at.mark();
                let operand = self.register_of(width)?;
                if operand != register {
                    return Err(self.at.bad(start, "a register can only be negated in its place"));
                }
                Ok(Instruction::Negate { width, dst: register })
            }
            Some(b'-' | b'+' | b'0'..=b'9') => self.number_assigned(dst),
            _ => {
                let start = self.at.mark();
                match self.view_if()? {
                    Some(src) if src.width == width => {
                        Ok(Instruction::Move { width, dst: register, src: Source::Register(src.register) })
                    }
                    // LLVM writes moves of 32 bits so where it wants the upper half cleared.
                    Some(src) if width == Width::W64 => {
                        let src = Source::Register(src.register);
                        Ok(Instruction::Move { width: Width::W32, dst: register, src })
                    }
                    Some(_) => Err(self.at.bad(start, mixed_widths(width))),
                    None => self.called(dst),
                }
            }
        }
    }

    fn number_assigned(&mut self, dst: View<'a>) -> Parsed<Instruction<'a>> {
        let start = self.at.mark();
        let number = self.signed()?;
        let wide = self.at.eat_token("ll") || self.opcode == Some(0x18);
        match (wide, dst.width) {
            (true, Width::W64) => {
                Ok(Instruction::LoadWide { dst: dst.register, value: Wide::Number(number as u64) })
            }
            (true, Width::W32) => Err(self.at.bad(start, "constants of 64 bits go to `r` registers")),
            (false, width) => {
                let value = self.immediate_value(number, width, start)?;
                Ok(Instruction::Move { width, dst: dst.register, src: Source::Immediate(value) })
            }
        }
    }

    /// What has a name behind `r1 =`.
    fn called(&mut self, dst: View<'a>) -> Parsed<Instruction<'a>> {
        let start = self.at.mark();
        let word = self.at.word();
        if let Some((swap, size)) = swap(word) {
            let operand = self.register()?;
            if operand != dst.register || dst.width == Width::W32 {
                return Err(self.at.bad(start, "the bytes of an `r` register are swapped in its place"));
            }
            return Ok(Instruction::SwapBytes { swap, size, dst: operand });
        }
        if let Some(modify) = modify(word) {
            return self.fetching(dst.register, modify);
        }
        match word {
            "load_acquire" => {
                self.at.require(b'(')?;
                let (size, base, offset) = self.pointer()?;
                self.at.require(b')')?;
                self.fits(dst, size, start)?;
                Ok(Instruction::LoadAcquire { size, dst: dst.register, base, offset })
            }
            "addr_space_cast" => {
                self.at.require(b'(')?;
                let src = self.register()?;
                self.at.comma()?;
                let to = self.at.number_in(0, 0xffff)? as u16;
                self.at.comma()?;
                let from = self.at.number_in(0, 0xffff)? as u16;
                self.at.require(b')')?;
                Ok(Instruction::CastAddress { dst: dst.register, src, to, from })
            }
            _ => {
                self.at.rewind(start);
                let value = self.wide()?;
                if dst.width == Width::W32 {
                    return Err(self.at.bad(start, "constants of 64 bits go to `r` registers"));
                }
                let close = self.at.eat_token("ll") || self.opcode == Some(0x18);
                match value {
                    Wide::Symbol { name, .. } if !close => Err(self.unknown_operand(name, start)),
                    _ => Ok(Instruction::LoadWide { dst: dst.register, value }),
                }
            }
        }
    }

    fn unknown_operand(&mut self, name: &str, start: usize) -> Diagnostic {
        let digits = name.strip_prefix(['r', 'w']).unwrap_or_default();
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            self.at.rewind(start);
            let _ = self.at.word();
            return no_register(name, self.at.span_from(start));
        }
        self.at.rewind(start);
        let help = "the address of something with a name is loaded by `r1 = x ll`";
        self.at.expected("a register, a number, or an access to memory").with_help(help)
    }

    /// Reads what `lddw` loads.
    pub(super) fn wide(&mut self) -> Parsed<Wide<'a>> {
        if self.at.at_number() {
            return Ok(Wide::Number(self.signed()? as u64));
        }
        let start = self.at.mark();
        let word = self.at.word();
        if matches!(word, "map" | "subprog") && self.at.peek() == Some(b'[') {
            return self.kernel_wide(word);
        }
        if self.at.peek() != Some(b'(') {
            self.at.rewind(start);
            let symbol = self.at.symbol()?;
            return Ok(Wide::Symbol { name: symbol.name, offset: symbol.offset });
        }
        self.at.require(b'(')?;
        let value = match word {
            "map_by_fd" => Wide::Map { fd: self.number32()? },
            "map_by_idx" => Wide::MapIndex { index: self.number32()? },
            "code_addr" => Wide::Function(self.target()?),
            "var_addr" => {
                let btf = self.number32()?;
                let module = if self.at.eat(b',') { self.number32()? } else { 0 };
                Wide::Variable { btf, module }
            }
            "map_val" => {
                let inner = self.wide()?;
                self.at.require(b')')?;
                let offset = if matches!(self.at.peek(), Some(b'+' | b'-')) { self.number32()? } else { 0 };
                return match inner {
                    Wide::Map { fd } => Ok(Wide::MapValue { fd, offset }),
                    Wide::MapIndex { index } => Ok(Wide::MapIndexValue { index, offset }),
                    _ => Err(self.at.bad(start, "`map_val` takes `map_by_fd(…)` or `map_by_idx(…)`")),
                };
            }
            _ => {
                let help = "known are map_by_fd, map_by_idx, map_val, var_addr, code_addr, load_acquire, atomic_fetch_add, \
                     xchg_64, cmpxchg_64, addr_space_cast and their kin";
                return Err(self.at.bad(start, format!("`{word}` is not known here")).with_help(help));
            }
        };
        self.at.require(b')')?;
        Ok(value)
    }

    /// Reads `[id:5]`, `[id:5][0]+8`, `[idx:5]`, `[+3]` behind the kernel's words.
    fn kernel_wide(&mut self, word: &str) -> Parsed<Wide<'a>> {
        self.at.require(b'[')?;
        if word == "subprog" {
            let slots = self.number32()?;
            self.at.require(b']')?;
            return Ok(Wide::Function(Target::Offset(slots)));
        }
        let start = self.at.mark();
        let kind = self.at.word();
        self.at.require(b':')?;
        let number = self.number32()?;
        self.at.require(b']')?;
        let mut offset = None;
        if self.at.eat_token("[0]") {
            offset = Some(self.number32()?);
        }
        match (kind, offset) {
            ("id" | "fd", None) => Ok(Wide::Map { fd: number }),
            ("id" | "fd", Some(offset)) => Ok(Wide::MapValue { fd: number, offset }),
            ("idx", None) => Ok(Wide::MapIndex { index: number }),
            ("idx", Some(offset)) => Ok(Wide::MapIndexValue { index: number, offset }),
            _ => Err(self.at.bad(start, "maps are `map[id:5]`, `map[fd:5]` or `map[idx:5]`")),
        }
    }

    fn fits(&self, dst: View<'_>, size: Size, start: usize) -> Parsed<()> {
        if dst.width == Width::W32 && size == Size::Double {
            return Err(self.at.bad(start, "a value of 64 bits does not fit a `w` register"));
        }
        self.writable(dst.register)
    }

    /// `= *(u32 *)(r2 + 8)` or `= *(u32 *)skb[8]`
    fn load(&mut self, dst: View<'a>) -> Parsed<Instruction<'a>> {
        let start = self.at.mark();
        self.at.eat(b'*');
        self.at.require(b'(')?;
        let (size, signed) = self.type_name()?;
        self.at.require(b'*')?;
        self.at.require(b')')?;
        if self.at.eat_token("skb") {
            let load = self.packet(size)?;
            if signed || size == Size::Double || dst.register != Register::RESULT {
                let message = "loads from packets are of `u8`, `u16` or `u32`, to `r0`";
                return Err(self.at.bad(start, message));
            }
            return Ok(load);
        }
        let (base, offset) = self.place()?;
        self.fits(dst, size, start)?;
        if signed && (size == Size::Double || dst.width == Width::W32) {
            let message = "loads extend the sign of `s8`, `s16` or `s32` to an `r` register";
            return Err(self.at.bad(start, message));
        }
        Ok(Instruction::Load { size, signed, dst: dst.register, base, offset })
    }

    fn packet(&mut self, size: Size) -> Parsed<Instruction<'a>> {
        self.at.require(b'[')?;
        let index = self.view_if()?.map(|view| view.register);
        let offset = match self.at.peek() {
            Some(b']') if index.is_some() => 0,
            _ => self.number32()?,
        };
        self.at.require(b']')?;
        Ok(Instruction::LoadPacket { size, index, offset })
    }

    /// `*(u32 *)(r2 + 8) = …`
    fn store(&mut self) -> Parsed<Instruction<'a>> {
        let (size, base, offset) = self.dereference()?;
        self.at.require(b'=')?;
        let start = self.at.mark();
        let src = match self.view_if()? {
            Some(src) if src.width == Width::W32 && size == Size::Double => {
                return Err(self.at.bad(start, "a `w` register has no 64 bits to store"));
            }
            Some(src) => Source::Register(src.register),
            None if self.at.at_number() => {
                let number = self.signed()?;
                let width = if size == Size::Double { Width::W64 } else { Width::W32 };
                Source::Immediate(self.immediate_value(number, width, start)?)
            }
            None => return Err(self.no_source()),
        };
        Ok(Instruction::Store { size, base, offset, src })
    }

    /// `*(u32 *)(r2 + 8) += r1` behind `lock`
    fn locked(&mut self) -> Parsed<Instruction<'a>> {
        let start = self.at.mark();
        let (size, base, offset) = self.dereference()?;
        let width = self.atomic_width(size, start)?;
        let operator = self.at.mark();
        let found =
            [("+=", AtomicOp::Add), ("|=", AtomicOp::Or), ("&=", AtomicOp::And), ("^=", AtomicOp::Xor)]
                .into_iter()
                .find(|(text, _)| self.at.eat_token(text));
        let Some((_, op)) = found else {
            self.at.rewind(operator);
            return Err(self.at.expected("`+=`, `|=`, `&=` or `^=`"));
        };
        let src = self.register()?;
        Ok(Instruction::Atomic { width, modify: Modify::Update(op), base, offset, src })
    }

    fn atomic_width(&self, size: Size, start: usize) -> Parsed<Width> {
        match size {
            Size::Word => Ok(Width::W32),
            Size::Double => Ok(Width::W64),
            Size::Byte | Size::Half => Err(self.at.bad(start, "atomic updates are of `u32` or `u64`")),
        }
    }

    /// What follows `r2 = atomic_fetch_add` and the like, from the parenthesis on.
    fn fetching(&mut self, dst: Register<'a>, found: Fetching) -> Parsed<Instruction<'a>> {
        let modify = found.modify;
        self.at.require(b'(')?;
        let (width, base, offset) = match found.width {
            Some(width) => {
                let (base, offset) = self.based()?;
                (width, base, offset)
            }
            None => {
                let at = self.at.mark();
                let (size, base, offset) = self.pointer()?;
                (self.atomic_width(size, at)?, base, offset)
            }
        };
        self.at.comma()?;
        let at = self.at.mark();
        let mut src = self.register()?;
        let mut expected = src;
        if modify == Modify::CompareExchange {
            self.at.comma()?;
            src = self.register()?;
        } else {
            expected = dst;
        }
        if modify == Modify::CompareExchange && (expected, dst) != (Register::RESULT, Register::RESULT) {
            let message = "a compare-exchange compares with `r0`, and gives its result to `r0`";
            return Err(self.at.bad(if dst == Register::RESULT { at } else { 0 }, message));
        }
        if modify != Modify::CompareExchange && dst != src {
            self.result = Some(dst);
        }
        self.at.require(b')')?;
        self.writable(dst)?;
        Ok(Instruction::Atomic { width, modify, base, offset, src })
    }

    /// `if r1 s< 5 goto L`, behind `if`
    fn jump_if(&mut self) -> Parsed<Instruction<'a>> {
        let Some(View { register: dst, width }) = self.view_if()? else {
            return Err(self.no_register_here());
        };
        let found = TESTS.iter().find(|(text, _)| self.at.eat_token(text));
        let Some((_, test)) = found else {
            let help = "comparisons are == != < <= > >= s< s<= s> s>= &";
            return Err(self.at.expected("a comparison").with_help(help));
        };
        let src = self.source(width)?;
        let start = self.at.mark();
        if self.at.word() != "goto" {
            self.at.rewind(start);
            return Err(self.at.expected("`goto`"));
        }
        Ok(Instruction::JumpIf { width, test: *test, dst, src, target: self.target()? })
    }

    fn callee(&mut self) -> Parsed<Callee<'a>> {
        let start = self.at.mark();
        if matches!(self.at.peek(), Some(b'+' | b'-')) {
            return Ok(Callee::Local(Target::Offset(self.number32()?)));
        }
        if self.at.at_number() && !is_numbered(self.word_ahead()) {
            return Ok(Callee::Helper(self.number32()?));
        }
        if let Some(register) = self.view_if()? {
            return Ok(Callee::Register(register.register));
        }
        if let Some(declared) = self.declared()? {
            return Ok(declared);
        }
        match self.word_ahead() {
            "kfunc" => {
                let _ = self.at.word();
                self.at.require(b'(')?;
                let btf = self.number32()?;
                let module = if self.at.eat(b',') { self.at.number_in(-0x8000, 0x7fff)? as i16 } else { 0 };
                self.at.require(b')')?;
                Ok(Callee::Kernel { btf, module })
            }
            "kernel" if self.at.eat_token("kernel-function#") => {
                Ok(Callee::Kernel { btf: self.number32()?, module: 0 })
            }
            "unknown" if self.at.eat_token("unknown#") => Ok(Callee::Helper(self.number32()?)),
            "" => Err(self.at.expected("a function, a number, or a label")),
            "pc" => {
                let target = self.target()?;
                // The kernel knows functions of programs by names of its own.
                if self.at.eat(b'#') {
                    let _ = self.at.rest();
                }
                Ok(Callee::Local(target))
            }
            name => {
                let _ = self.at.word();
                let number = if self.at.eat(b'#') { Some(self.number32()?) } else { None };
                let known = callee::by_name(name);
                if known.is_none() && number.is_none() && !name.starts_with("bpf_") {
                    return Ok(Callee::Local(Target::Label(name, self.at.span_from(start))));
                }
                self.callee = Some(self.at.span_from(start));
                match (known.and_then(|known| known.helper), number) {
                    (Some(helper), Some(number)) if helper == number => Ok(Callee::Helper(number)),
                    _ => Ok(Callee::Named(name)),
                }
            }
        }
    }

    /// `bpf_foo with full-barrier = 1`
    fn declared(&mut self) -> Parsed<Option<Callee<'a>>> {
        let start = self.at.mark();
        let name = self.at.word();
        if name.is_empty() || self.word_ahead() != "with" {
            self.at.rewind(start);
            return Ok(None);
        }
        let _ = self.at.word();
        let start = self.at.mark();
        let Some(effect) = callee::Effect::named(self.at.dashed_word()) else {
            let known = callee::Effect::ALL.map(|(name, _)| name).join(", ");
            let error = self.at.bad(start, "expected what the function does to memory");
            return Err(error.with_help(format!("effects are {known}")));
        };
        let result = if self.at.eat(b'=') { self.number32()? } else { 0 };
        Ok(Some(Callee::Declared { name, effect, result }))
    }

    pub(super) fn word_ahead(&mut self) -> &'a str {
        let start = self.at.mark();
        let word = self.at.word();
        self.at.rewind(start);
        word
    }
}

/// A function whose effect nobody has declared.
pub(super) fn unknown_function(name: &str, span: Span) -> Diagnostic {
    let message = format!("it is not known what `{name}` does to memory");
    let help = "say what it does, as in `call bpf_foo with full-barrier = 1`; docs/bpf.md lists effects, and functions \
                that need no such word";
    let known = callee::FUNCTIONS.iter().map(|function| function.name);
    Diagnostic::error("isa::unknown-function", span, message).with_help(help).with_suggestion(name, known)
}

/// `be16`, `bswap32`
fn swap(word: &str) -> Option<(Swap, Size)> {
    let digits = word.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let swap = match &word[..word.len() - digits.len()] {
        "le" => Swap::ToLittle,
        "be" => Swap::ToBig,
        "bswap" => Swap::Always,
        _ => return None,
    };
    Some((swap, swapped_size(digits)?))
}

pub(super) fn swapped_size(digits: &str) -> Option<Size> {
    match digits {
        "16" => Some(Size::Half),
        "32" => Some(Size::Word),
        "64" => Some(Size::Double),
        _ => None,
    }
}

/// What an atomic operation does that gives the old value; the width, if its name says it.
struct Fetching {
    modify: Modify,
    width: Option<Width>,
}

fn modify(word: &str) -> Option<Fetching> {
    if let Some(rest) = word.strip_prefix("atomic64_").or_else(|| word.strip_prefix("atomic_")) {
        let modify = match rest {
            "xchg" => Modify::Exchange,
            "cmpxchg" => Modify::CompareExchange,
            _ => {
                let op = rest.strip_prefix("fetch_")?;
                Modify::Fetch(ATOMIC_NAMES.iter().find(|(name, _)| *name == op)?.1)
            }
        };
        return Some(Fetching { modify, width: None });
    }
    let (modify, rest) = match word.strip_prefix("cmpxchg") {
        Some(rest) => (Modify::CompareExchange, rest),
        None => (Modify::Exchange, word.strip_prefix("xchg")?),
    };
    let width = match rest {
        "_64" => Width::W64,
        "32_32" | "_32_32" | "_32" => Width::W32,
        _ => return None,
    };
    Some(Fetching { modify, width: Some(width) })
}
