//! From text to instructions.

use super::instruction::{Instruction, Memory, Operand, Said, Size};
use super::mnemonic::{Op, mnemonic, names};
use super::operand::Scanner;
use super::register::{Dialect, Part, Register, lowercase};
use crate::Context;
use execution::micro::LabelId;
use syntax::{Diagnostic, Span};

/// An instruction and whether the `lock` prefix stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parsed<'a> {
    pub(super) instruction: Instruction<'a>,
    pub(super) lock: bool,
}

/// Reads one instruction.
pub(super) fn parse<'a>(
    dialect: &'static Dialect,
    text: &'a str,
    span: Span,
    cx: &mut Context<'_>,
) -> Result<Parsed<'a>, Diagnostic> {
    let mut scanner = Scanner::new(text, span, dialect, cx);
    let prefixes = prefixes(&mut scanner)?;
    let mut parser = Parser { operands: Operands::default(), suffix: prefixes.suffix, whole: span, scanner };
    let mut instruction = parser.instruction(prefixes.op)?;
    if let Instruction::Exchange { locked, .. } = &mut instruction {
        *locked &= !prefixes.unlocked;
    }
    if prefixes.lock && !instruction.lockable() {
        let message = "`lock` needs an instruction that reads and writes memory";
        return Err(Diagnostic::error("isa::bad-prefix", span, message));
    }
    Ok(Parsed { instruction, lock: prefixes.lock })
}

struct Prefixes {
    lock: bool,
    /// Whether `unlocked` stands before `xchg`: the canonical text of `uxch` in `X86`.
    unlocked: bool,
    op: Op,
    suffix: Option<u8>,
}

/// Reads up to and with the mnemonic.
fn prefixes(scanner: &mut Scanner<'_, '_, '_>) -> Result<Prefixes, Diagnostic> {
    let mut found = Prefixes { lock: false, unlocked: false, op: Op::Nop, suffix: None };
    loop {
        let start = scanner.here();
        let word = scanner.word();
        let mut buffer = [0; 16];
        let known = lowercase(word, &mut buffer).and_then(mnemonic);
        match known {
            Some((Op::Lock, _)) => {
                found.lock = true;
                scanner.eat(b';');
            }
            Some((Op::Prefix, _)) => found.unlocked |= word.eq_ignore_ascii_case("unlocked"),
            Some((op, suffix)) => {
                (found.op, found.suffix) = (op, suffix);
                return Ok(found);
            }
            None if word.is_empty() => {
                return Err(scanner.bad(start, "expected an instruction"));
            }
            None => {
                let message = format!("unknown instruction `{word}`");
                let span = scanner.span_from(start);
                let lower = word.to_ascii_lowercase();
                return Err(Diagnostic::error("isa::unknown-instruction", span, message)
                    .with_suggestion(&lower, names()));
            }
        }
    }
}

/// At most three operands, the destination first.
#[derive(Default)]
struct Operands<'a> {
    items: [Option<(Operand<'a>, Span)>; 3],
    len: usize,
}

struct Parser<'a, 'c, 'x> {
    scanner: Scanner<'a, 'c, 'x>,
    operands: Operands<'a>,
    suffix: Option<u8>,
    whole: Span,
}

impl<'a> Parser<'a, '_, '_> {
    fn instruction(&mut self, op: Op) -> Result<Instruction<'a>, Diagnostic> {
        match op {
            Op::Jump | Op::JumpIf(_) | Op::Call => return self.jump(op),
            // Padding has operands that mean nothing, of any form.
            Op::Nop => return Ok(Instruction::Nop),
            _ => self.read_operands()?,
        }
        match op {
            Op::Fence(fence) => self.none(Instruction::Fence(fence)),
            Op::Return => Ok(Instruction::Return),
            Op::Leave => self.none(Instruction::Leave),
            Op::SpreadSign(bits) => self.none(Instruction::SpreadSign { bits }),
            Op::ExtendAccumulator(from) => self.none(Instruction::ExtendAccumulator { from }),
            Op::Flush(_)
            | Op::CompareExchangePair(_)
            | Op::Single(_)
            | Op::Set(_)
            | Op::Push
            | Op::Pop
            | Op::MultiplyUnsigned
            | Op::Divide(_) => self.unary(op),
            Op::MultiplySigned => self.multiply(),
            Op::Move => self.mov(),
            Op::MoveVector => self.move_vector(),
            Op::Shift(shift) => self.shift(shift),
            Op::Extend(signed, widths) => self.extend(signed, widths),
            _ => self.binary(op),
        }
    }

    /// Reads all operands and puts the destination first.
    fn read_operands(&mut self) -> Result<(), Diagnostic> {
        if self.scanner.at_end() {
            return Ok(());
        }
        loop {
            let start = self.scanner.here();
            let operand = self.scanner.operand()?;
            let Some(slot) = self.operands.items.get_mut(self.operands.len) else {
                return Err(self.scanner.bad(start, "too many operands"));
            };
            *slot = Some((operand, self.scanner.span_from(start)));
            self.operands.len += 1;
            if self.scanner.at_end() {
                break;
            }
            let start = self.scanner.here();
            if !self.scanner.eat(b',') {
                return Err(self.scanner.bad(start, "expected `,` or the end of the instruction"));
            }
        }
        if !self.is_intel() {
            self.operands.items[..self.operands.len].reverse();
        }
        Ok(())
    }

    /// Whether the destination stands first. Each dialect has its own order, but compilers print the other notation
    /// on demand: Intel's shows in `DWORD PTR` and in registers without `%` and addresses in brackets, AT&T's in registers with it and in a
    /// number where the destination would be.
    fn is_intel(&self) -> bool {
        let Scanner { pointer, parentheses, percent, bare, .. } = self.scanner;
        if self.scanner.dialect.intel {
            let number_first = matches!(self.operands.items[0], Some((Operand::Immediate(_), _)));
            return !(percent || number_first && self.operands.len == 2);
        }
        pointer.is_some() || bare && !percent && !parentheses && self.suffix.is_none()
    }

    fn expect_operands(&self, wanted: usize) -> Result<(), Diagnostic> {
        if self.operands.len == wanted {
            return Ok(());
        }
        let plural = if wanted == 1 { "" } else { "s" };
        let message = format!("expected {wanted} operand{plural}, found {}", self.operands.len);
        Err(Diagnostic::error("isa::bad-operand", self.whole, message))
    }

    fn none(&self, instruction: Instruction<'a>) -> Result<Instruction<'a>, Diagnostic> {
        self.expect_operands(0)?;
        Ok(instruction)
    }

    /// The `i`-th operand; the caller knows how many there are.
    fn operand(&self, i: usize) -> Result<(Operand<'a>, Span), Diagnostic> {
        self.operands
            .items
            .get(i)
            .copied()
            .flatten()
            .ok_or_else(|| Diagnostic::error("isa::bad-operand", self.whole, "an operand is missing"))
    }

    /// The `i`-th operand as something that can be written, its view chosen.
    fn place(&self, i: usize, size: Size) -> Result<Operand<'a>, Diagnostic> {
        match self.operand(i)? {
            (Operand::Register(register), _) => Ok(Operand::Register(sized(register, size.bits))),
            (Operand::Memory(memory), _) => Ok(Operand::Memory(memory)),
            (_, span) => {
                let message = "the destination is a register or a place in memory";
                let order = if self.scanner.dialect.intel { "first" } else { "last" };
                Err(Diagnostic::error("isa::bad-operand", span, message)
                    .with_help(format!("write the destination {order}")))
            }
        }
    }

    /// The `i`-th operand as a source, its view chosen.
    fn source(&self, i: usize, size: Size) -> Result<Operand<'a>, Diagnostic> {
        match self.operand(i)? {
            (Operand::Register(register), _) => Ok(Operand::Register(sized(register, size.bits))),
            (operand, _) => Ok(operand),
        }
    }

    fn register(&self, i: usize, bits: u8) -> Result<Register<'a>, Diagnostic> {
        match self.operand(i)? {
            (Operand::Register(register), _) => Ok(sized(register, bits)),
            (_, span) => Err(Diagnostic::error("isa::bad-operand", span, "expected a register")),
        }
    }

    fn memory(&self, i: usize) -> Result<Memory<'a>, Diagnostic> {
        match self.operand(i)? {
            (Operand::Memory(memory), _) => Ok(memory),
            (_, span) => Err(Diagnostic::error("isa::bad-operand", span, "expected a place in memory")),
        }
    }

    fn is_memory(&self, i: usize) -> bool {
        matches!(self.operands.items.get(i), Some(Some((Operand::Memory(_), _))))
    }

    fn reject_two_memories(&self) -> Result<(), Diagnostic> {
        if self.is_memory(0) && self.is_memory(1) {
            let message = "at most one operand can be in memory";
            return Err(Diagnostic::error("isa::bad-operand", self.whole, message));
        }
        Ok(())
    }

    /// The width of the operation, taken from the first `among` operands.
    fn size(&self, among: usize) -> Size {
        if let Some(bits) = self.suffix {
            return Size { bits, said: Said::Suffix };
        }
        let mut symbolic = false;
        for (operand, _) in self.operands.items.iter().take(among).flatten() {
            match operand {
                Operand::Register(register) if register.symbolic => symbolic = true,
                Operand::Register(register) => {
                    return Size { bits: register.part.width(), said: Said::Implied };
                }
                _ => {}
            }
        }
        match self.scanner.pointer {
            Some(bits) => Size { bits, said: Said::Pointer },
            None if symbolic => Size { bits: self.scanner.dialect.word, said: Said::Implied },
            None => Size { bits: 32, said: Said::Implied },
        }
    }

    fn jump(&mut self, op: Op) -> Result<Instruction<'a>, Diagnostic> {
        let start = self.scanner.here();
        if self.scanner.rest().starts_with(['*', '%']) {
            return self.indirect(op, start);
        }
        let name = self.scanner.word();
        if name.is_empty() {
            return Err(self.scanner.bad(start, "expected a label"));
        }
        if self.scanner.dialect.register(name).is_some() && op == Op::Jump {
            return Err(self
                .scanner
                .bad(start, "expected a label")
                .with_help("write `*` before a register that holds the target"));
        }
        let span = self.scanner.span_from(start);
        if op == Op::Call && self.scanner.rest().starts_with('@') {
            self.scanner.eat(b'@');
            self.scanner.word();
        }
        let label: LabelId = self.scanner.cx.label(name, span);
        let start = self.scanner.here();
        if !self.scanner.at_end() {
            return Err(self.scanner.bad(start, "expected the end of the instruction"));
        }
        Ok(match op {
            Op::JumpIf(condition) => Instruction::JumpIf(condition, label, name),
            Op::Call => Instruction::Call(label, name),
            _ => Instruction::Jump(label, name),
        })
    }

    /// `jmp *%rax`.
    fn indirect(&mut self, op: Op, start: usize) -> Result<Instruction<'a>, Diagnostic> {
        self.read_operands()?;
        self.expect_operands(1)?;
        if op != Op::Jump {
            return Err(self.scanner.bad(start, "only `jmp` can have its target in a register"));
        }
        self.register(0, self.scanner.dialect.word).map(Instruction::JumpTo)
    }

    fn unary(&mut self, op: Op) -> Result<Instruction<'a>, Diagnostic> {
        self.expect_operands(1)?;
        let word = Size { bits: self.scanner.dialect.word, said: Said::Implied };
        let byte = Size { bits: 8, said: Said::Implied };
        let size = self.size(1);
        Ok(match op {
            Op::Flush(flush) => Instruction::Flush(flush, self.memory(0)?),
            Op::Single(op) => Instruction::Single { op, size, dst: self.place(0, size)? },
            Op::Set(condition) => Instruction::Set { condition, dst: self.place(0, byte)? },
            Op::CompareExchangePair(bits) => Instruction::CompareExchangePair { bits, dst: self.memory(0)? },
            Op::Push => Instruction::Push(self.source(0, word)?),
            Op::Pop => Instruction::Pop(self.place(0, word)?),
            Op::Divide(signed) => Instruction::Divide { signed, size, src: self.place(0, size)? },
            _ => Instruction::MultiplyWide { signed: false, size, src: self.place(0, size)? },
        })
    }

    fn multiply(&mut self) -> Result<Instruction<'a>, Diagnostic> {
        let size = self.size(self.operands.len);
        match self.operands.len {
            1 => Ok(Instruction::MultiplyWide { signed: true, size, src: self.place(0, size)? }),
            3 => {
                let (Operand::Immediate(factor), _) = self.operand(2)? else {
                    let (_, span) = self.operand(2)?;
                    return Err(Diagnostic::error("isa::bad-operand", span, "expected a number"));
                };
                let (dst, src) = (self.register(0, size.bits)?, self.place(1, size)?);
                Ok(Instruction::Multiply { size, dst, src, factor: Some(factor) })
            }
            _ => {
                self.expect_operands(2)?;
                let (dst, src) = (self.register(0, size.bits)?, self.source(1, size)?);
                Ok(Instruction::Multiply { size, dst, src, factor: None })
            }
        }
    }

    fn mov(&mut self) -> Result<Instruction<'a>, Diagnostic> {
        self.expect_operands(2)?;
        let size = self.size(2);
        let (dst, src) = (self.place(0, size)?, self.source(1, size)?);
        self.reject_two_memories()?;
        Ok(Instruction::Move { size, dst, src })
    }

    fn move_vector(&mut self) -> Result<Instruction<'a>, Diagnostic> {
        self.expect_operands(2)?;
        let size = Size { bits: 32, said: Said::Implied };
        let (dst, src) = (self.place(0, size)?, self.source(1, size)?);
        self.reject_two_memories()?;
        let vector =
            |operand: &Operand<'_>| matches!(operand, Operand::Register(register) if register.is_vector());
        if !vector(&dst) && !vector(&src) {
            let message = "`movd` moves from or to a vector register";
            return Err(Diagnostic::error("isa::bad-operand", self.whole, message));
        }
        Ok(Instruction::Move { size, dst, src })
    }

    fn shift(&mut self, op: super::instruction::Shift) -> Result<Instruction<'a>, Diagnostic> {
        // A shift by one may leave out the distance.
        if self.operands.len == 1 {
            let size = self.size(1);
            return Ok(Instruction::Shift {
                op,
                size,
                dst: self.place(0, size)?,
                count: Operand::Immediate(1),
            });
        }
        self.expect_operands(2)?;
        let size = self.size(1);
        let count = match self.operand(1)? {
            (Operand::Immediate(count), _) => Operand::Immediate(count),
            (Operand::Register(register), _) if register.name.eq_ignore_ascii_case("cl") => {
                Operand::Register(register)
            }
            (_, span) => {
                let message = "the distance of a shift is a number or `cl`";
                return Err(Diagnostic::error("isa::bad-operand", span, message));
            }
        };
        Ok(Instruction::Shift { op, size, dst: self.place(0, size)?, count })
    }

    fn extend(&mut self, signed: bool, widths: Option<(u8, u8)>) -> Result<Instruction<'a>, Diagnostic> {
        self.expect_operands(2)?;
        let (from, to) = match widths {
            Some((from, to)) => (Size { bits: from, said: Said::Suffix }, to),
            None => {
                let from = match (self.operand(1)?.0, self.scanner.pointer) {
                    (Operand::Register(register), _) => {
                        Size { bits: register.part.width(), said: Said::Implied }
                    }
                    (_, Some(bits)) => Size { bits, said: Said::Pointer },
                    (_, None) => {
                        let (_, span) = self.operand(1)?;
                        let message = "the width of the source is not known";
                        return Err(Diagnostic::error("isa::bad-operand", span, message)
                            .with_help("write `BYTE PTR` or `WORD PTR` before it"));
                    }
                };
                (from, self.suffix.unwrap_or(self.size(1).bits))
            }
        };
        let (dst, src) = (self.register(0, to)?, self.place(1, from)?);
        Ok(Instruction::Extend { signed, from, to, dst, src })
    }

    fn binary(&mut self, op: Op) -> Result<Instruction<'a>, Diagnostic> {
        self.expect_operands(2)?;
        self.swap_if_reversed(op);
        let size = self.size(2);
        let memory_allowed_twice = matches!(op, Op::LoadAddress);
        if !memory_allowed_twice {
            self.reject_two_memories()?;
        }
        Ok(match op {
            Op::MoveNonTemporal => {
                Instruction::MoveNonTemporal { size, dst: self.memory(0)?, src: self.register(1, size.bits)? }
            }
            Op::LoadNonTemporal => {
                Instruction::LoadNonTemporal { dst: self.register(0, 64)?, src: self.memory(1)? }
            }
            Op::LoadAddress => {
                Instruction::LoadAddress { size, dst: self.register(0, size.bits)?, src: self.memory(1)? }
            }
            Op::Arithmetic(op) => {
                Instruction::Arithmetic { op, size, dst: self.place(0, size)?, src: self.source(1, size)? }
            }
            Op::Compare => {
                Instruction::Compare { size, left: self.place(0, size)?, right: self.source(1, size)? }
            }
            Op::Test => Instruction::Test { size, left: self.place(0, size)?, right: self.source(1, size)? },
            Op::Exchange(locked) => {
                let (left, right) = (self.place(0, size)?, self.place(1, size)?);
                Instruction::Exchange { size, left, right, locked }
            }
            Op::ExchangeAdd => Instruction::ExchangeAdd {
                size,
                dst: self.place(0, size)?,
                src: self.register(1, size.bits)?,
            },
            Op::CompareExchange => Instruction::CompareExchange {
                size,
                dst: self.place(0, size)?,
                src: self.register(1, size.bits)?,
            },
            Op::Bit(op) => {
                Instruction::Bit { op, size, dst: self.place(0, size)?, bit: self.source(1, size)? }
            }
            Op::MoveIf(condition) => {
                let (dst, src) = (self.register(0, size.bits)?, self.place(1, size)?);
                Instruction::MoveIf { condition, size, dst, src }
            }
            _ => return self.none(Instruction::Nop),
        })
    }

    /// The canonical texts of `cmpxchg` and `cmovc` put the operands the other way round in `X86_64`. Which way
    /// is meant shows where one of them is in memory.
    fn swap_if_reversed(&mut self, op: Op) {
        let reversed = match op {
            Op::CompareExchange => self.is_memory(1),
            Op::MoveIf(_) => self.is_memory(0),
            _ => false,
        };
        if reversed && !(self.is_memory(0) && self.is_memory(1)) {
            self.operands.items.swap(0, 1);
        }
    }
}

/// A symbolic register shows the bits that the instruction works on.
fn sized(register: Register<'_>, bits: u8) -> Register<'_> {
    if register.symbolic { Register { part: Part::low(bits), ..register } } else { register }
}
