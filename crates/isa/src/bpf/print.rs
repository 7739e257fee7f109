//! Writes instructions.

use super::callee;
use super::instruction::{Callee, Instruction, Modify, Register, Size, Source, Swap, Target, Wide, Width};
use super::mnemonic;
use super::opcode::opcode;
use super::parse::{ATOMIC_NAMES, operator_text, test_text};
use super::syntax::Syntax;
use std::fmt;

/// An instruction as it is written in one of the syntaxes. What is printed reads back as the same instruction.
#[derive(Clone, Copy, Debug)]
pub struct Text<'i, 'a> {
    /// The instruction.
    pub instruction: &'i Instruction<'a>,
    /// How to write it.
    pub syntax: Syntax,
}

impl fmt::Display for Instruction<'_> {
    /// The canonical text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Text { instruction: self, syntax: Syntax::Litmus }.fmt(f)
    }
}

impl fmt::Display for Text<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.syntax == Syntax::Gas {
            return super::gas::write(self.instruction, f);
        }
        if self.syntax == Syntax::Kernel {
            write!(f, "({:02x}) ", opcode(self.instruction))?;
        }
        CLike { syntax: self.syntax, f }.instruction(self.instruction)
    }
}

impl fmt::Display for Register<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.symbolic {
            Some(name) => write!(f, "%{name}"),
            None => write!(f, "r{}", self.number),
        }
    }
}

/// A register by the name that shows so many bits.
struct View<'a>(Register<'a>, Width);

impl fmt::Display for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.symbolic, self.1) {
            (None, Width::W32) => write!(f, "w{}", self.0.number),
            _ => self.0.fmt(f),
        }
    }
}

/// A target; distances have a word in front, and a sign if the word ends with `+`.
pub(super) struct Place<'a> {
    pub(super) target: Target<'a>,
    /// `""`, `"+"` or `"pc+"`
    pub(super) before: &'static str,
    pub(super) hexadecimal: bool,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.target {
            Target::Label(name, _) => f.write_str(name),
            Target::Offset(offset) => {
                let word = self.before.trim_end_matches('+');
                let sign = if offset < 0 { "-" } else { &self.before[word.len()..] };
                write!(f, "{word}{sign}")?;
                number(f, i64::from(offset).abs(), self.hexadecimal)
            }
        }
    }
}

fn number(f: &mut fmt::Formatter<'_>, value: i64, hexadecimal: bool) -> fmt::Result {
    match (hexadecimal, value < 0) {
        (false, _) => write!(f, "{value}"),
        (true, false) => write!(f, "{value:#x}"),
        (true, true) => write!(f, "-{:#x}", value.unsigned_abs()),
    }
}

/// What `lddw` loads; the same in all syntaxes but the kernel's.
pub(super) struct Loaded<'a> {
    pub(super) value: Wide<'a>,
    pub(super) syntax: Syntax,
}

impl fmt::Display for Loaded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kernel = self.syntax == Syntax::Kernel;
        match self.value {
            Wide::Number(value) if self.syntax == Syntax::Litmus => write!(f, "{}", value as i64),
            Wide::Number(value) => write!(f, "{value:#x}"),
            Wide::Map { fd } if kernel => write!(f, "map[fd:{fd}]"),
            Wide::MapValue { fd, offset } if kernel => write!(f, "map[fd:{fd}][0]{offset:+}"),
            Wide::MapIndex { index } if kernel => write!(f, "map[idx:{index}]"),
            Wide::MapIndexValue { index, offset } if kernel => write!(f, "map[idx:{index}][0]{offset:+}"),
            Wide::Function(Target::Offset(slots)) if kernel => write!(f, "subprog[{slots:+}]"),
            Wide::Map { fd } => write!(f, "map_by_fd({fd})"),
            Wide::MapValue { fd, offset } => write!(f, "map_val(map_by_fd({fd})){offset:+}"),
            Wide::MapIndex { index } => write!(f, "map_by_idx({index})"),
            Wide::MapIndexValue { index, offset } => write!(f, "map_val(map_by_idx({index})){offset:+}"),
            Wide::Variable { btf, module: 0 } => write!(f, "var_addr({btf})"),
            Wide::Variable { btf, module } => write!(f, "var_addr({btf},{module})"),
            Wide::Function(target) => {
                write!(f, "code_addr({})", Place { target, before: "+", hexadecimal: false })
            }
            Wide::Symbol { name, offset: 0 } => f.write_str(name),
            Wide::Symbol { name, offset } => write!(f, "{name}{offset:+}"),
        }
    }
}

/// What is called.
pub(super) struct Called<'a> {
    pub(super) callee: Callee<'a>,
    pub(super) syntax: Syntax,
}

impl fmt::Display for Called<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kernel = self.syntax == Syntax::Kernel;
        match self.callee {
            Callee::Helper(id) if kernel => match callee::by_number(id) {
                Some(known) => write!(f, "{}#{id}", known.name),
                None => write!(f, "unknown#{id}"),
            },
            Callee::Helper(id) => number(f, id.into(), self.syntax == Syntax::Llvm),
            Callee::Local(target) => {
                let before = if kernel { "pc+" } else { "+" };
                Place { target, before, hexadecimal: self.syntax == Syntax::Llvm }.fmt(f)
            }
            Callee::Kernel { btf, module: 0 } if kernel => write!(f, "kernel-function#{btf}"),
            Callee::Kernel { btf, module: 0 } => write!(f, "kfunc({btf})"),
            Callee::Kernel { btf, module } => write!(f, "kfunc({btf},{module})"),
            Callee::Named(name) => f.write_str(name),
            Callee::Declared { name, effect, result: 0 } => write!(f, "{name} with {}", effect.name()),
            Callee::Declared { name, effect, result } => {
                write!(f, "{name} with {} = {result}", effect.name())
            }
            Callee::Register(register) => register.fmt(f),
        }
    }
}

/// The four syntaxes that look like C.
struct CLike<'f, 'g> {
    syntax: Syntax,
    f: &'f mut fmt::Formatter<'g>,
}

/// A piece of text.
enum Piece<'a> {
    /// As it is.
    Word(&'a str),
    /// A blank, where the syntax has blanks around operators.
    Blank,
    View(Register<'a>, Width),
    Source(Source<'a>, Width),
    Number(i64),
    /// `*(u32 *)(r1 + 8)`, `(u32 *)(r1 + 8)`, by the word in front.
    Access(&'static str, char, Size, Register<'a>, i16),
    /// `r1 + 8`
    Address(Register<'a>, i16),
    Target(Target<'a>),
}

impl<'a> CLike<'_, '_> {
    fn is_hexadecimal(&self) -> bool {
        self.syntax == Syntax::Llvm
    }

    fn is_dense(&self) -> bool {
        self.syntax == Syntax::PseudoC
    }

    fn pieces(&mut self, pieces: &[Piece<'a>]) -> fmt::Result {
        pieces.iter().try_for_each(|piece| self.piece(piece))
    }

    fn piece(&mut self, piece: &Piece<'a>) -> fmt::Result {
        let hexadecimal = self.is_hexadecimal();
        match *piece {
            Piece::Word(word) => self.f.write_str(word),
            Piece::Blank if self.is_dense() => Ok(()),
            Piece::Blank => self.f.write_str(" "),
            Piece::View(register, width) => write!(self.f, "{}", View(register, width)),
            Piece::Source(Source::Register(register), width) => write!(self.f, "{}", View(register, width)),
            Piece::Source(Source::Immediate(value), _) => number(self.f, value.into(), hexadecimal),
            Piece::Number(value) => number(self.f, value, hexadecimal),
            Piece::Access(before, sign, size, base, offset) => {
                let blank = if self.is_dense() { "" } else { " " };
                write!(self.f, "{before}({sign}{}{blank}*)(", size.bits())?;
                self.address(base, offset)?;
                self.f.write_str(")")
            }
            Piece::Address(base, offset) => self.address(base, offset),
            Piece::Target(target) => {
                let before = match self.syntax {
                    Syntax::Kernel => "pc+",
                    Syntax::Litmus | Syntax::Llvm => "+",
                    Syntax::PseudoC | Syntax::Gas => "",
                };
                write!(self.f, "{}", Place { target, before, hexadecimal })
            }
        }
    }

    fn address(&mut self, base: Register<'a>, offset: i16) -> fmt::Result {
        let magnitude = i64::from(offset).abs();
        let sign = if offset < 0 { '-' } else { '+' };
        match self.syntax {
            Syntax::PseudoC => write!(self.f, "{base}{offset:+}"),
            Syntax::Kernel => write!(self.f, "{base} {offset:+}"),
            Syntax::Llvm => write!(self.f, "{base} {sign} {magnitude:#x}"),
            Syntax::Litmus | Syntax::Gas => write!(self.f, "{base} {sign} {magnitude}"),
        }
    }

    /// How registers are called that hold a value of this size: LLVM calls them by the name of their lower half.
    fn view(&self, size: Size) -> Width {
        match self.syntax {
            Syntax::Llvm if size != Size::Double => Width::W32,
            _ => Width::W64,
        }
    }

    fn instruction(&mut self, instruction: &Instruction<'a>) -> fmt::Result {
        use Piece::{Access, Blank, Number, Target, View, Word};
        match *instruction {
            Instruction::Alu { width, op, dst, src } => self.pieces(&[
                View(dst, width),
                Blank,
                Word(operator_text(op)),
                Blank,
                Piece::Source(src, width),
            ]),
            Instruction::Negate { width, dst } => {
                self.pieces(&[View(dst, width), Blank, Word("="), Blank, Word("-"), View(dst, width)])
            }
            Instruction::Move { width, dst, src } => {
                self.pieces(&[View(dst, width), Blank, Word("="), Blank, Piece::Source(src, width)])
            }
            Instruction::MoveSigned { width, from, dst, src } => {
                self.pieces(&[View(dst, width), Blank, Word("="), Blank])?;
                write!(self.f, "(s{})", from.bits())?;
                self.pieces(&[View(src, width)])
            }
            Instruction::CastAddress { dst, src, to, from } => {
                self.pieces(&[View(dst, Width::W64), Blank, Word("="), Blank, Word("addr_space_cast(")])?;
                write!(self.f, "{src},")?;
                self.pieces(&[Blank, Number(to.into()), Word(","), Blank, Number(from.into()), Word(")")])
            }
            Instruction::SwapBytes { swap, size, dst } => {
                self.pieces(&[View(dst, Width::W64), Blank, Word("="), Blank])?;
                write!(self.f, "{}{} {dst}", swap_name(swap), size.bits())
            }
            Instruction::LoadWide { dst, value } => {
                self.pieces(&[View(dst, Width::W64), Blank, Word("="), Blank])?;
                let close = if self.syntax == Syntax::Kernel { "" } else { " ll" };
                write!(self.f, "{}{close}", Loaded { value, syntax: self.syntax })
            }
            Instruction::Load { size, signed, dst, base, offset } => {
                let (sign, view) = if signed { ('s', Width::W64) } else { ('u', self.view(size)) };
                self.pieces(&[
                    View(dst, view),
                    Blank,
                    Word("="),
                    Blank,
                    Access("*", sign, size, base, offset),
                ])
            }
            Instruction::LoadAcquire { size, dst, base, offset } => self.pieces(&[
                View(dst, self.view(size)),
                Blank,
                Word("="),
                Blank,
                Word("load_acquire("),
                Access("", 'u', size, base, offset),
                Word(")"),
            ]),
            Instruction::LoadPacket { size, index, offset } => self.packet(size, index, offset),
            Instruction::Store { size, base, offset, src } => self.pieces(&[
                Access("*", 'u', size, base, offset),
                Blank,
                Word("="),
                Blank,
                Piece::Source(src, self.view(size)),
            ]),
            Instruction::StoreRelease { size, base, offset, src } => self.pieces(&[
                Word("store_release("),
                Access("", 'u', size, base, offset),
                Word(","),
                Blank,
                View(src, self.view(size)),
                Word(")"),
            ]),
            Instruction::Atomic { width, modify, base, offset, src } => {
                self.atomic(width, modify, base, offset, src)
            }
            Instruction::Jump { long, target } => {
                self.pieces(&[Word(if long { "gotol " } else { "goto " }), Target(target)])
            }
            Instruction::JumpIf { width, test, dst, src, target } => self.pieces(&[
                Word("if "),
                View(dst, width),
                Blank,
                Word(test_text(test)),
                Blank,
                Piece::Source(src, width),
                Word(" goto "),
                Target(target),
            ]),
            Instruction::MayGoto { target } => self.pieces(&[Word("may_goto "), Target(target)]),
            Instruction::JumpRegister { dst } => write!(self.f, "gotox {dst}"),
            Instruction::Call { callee: Callee::Register(register) } => write!(self.f, "callx {register}"),
            Instruction::Call { callee } => {
                write!(self.f, "call {}", Called { callee, syntax: self.syntax })
            }
            Instruction::Exit => self.f.write_str("exit"),
            Instruction::NoSpeculation => self.f.write_str("nospec"),
        }
    }

    fn packet(&mut self, size: Size, index: Option<Register<'a>>, offset: i32) -> fmt::Result {
        let star = if self.is_dense() { "*" } else { " *" };
        self.pieces(&[
            Piece::View(Register::RESULT, Width::W64),
            Piece::Blank,
            Piece::Word("="),
            Piece::Blank,
        ])?;
        write!(self.f, "*(u{}{star})skb[", size.bits())?;
        if let Some(index) = index {
            write!(self.f, "{index}")?;
            self.pieces(&[Piece::Blank, Piece::Word("+"), Piece::Blank])?;
        }
        self.pieces(&[Piece::Number(offset.into()), Piece::Word("]")])
    }

    fn atomic(
        &mut self,
        width: Width,
        modify: Modify,
        base: Register<'a>,
        offset: i16,
        src: Register<'a>,
    ) -> fmt::Result {
        use Piece::{Access, Address, Blank, View, Word};
        let (size, view) = (width.size(), self.view(width.size()));
        let kernel = self.syntax == Syntax::Kernel;
        let kernel_name = |what: &'static str| match (width, what) {
            (Width::W64, "xchg") => "atomic64_xchg(",
            (Width::W64, _) => "atomic64_cmpxchg(",
            (Width::W32, "xchg") => "atomic_xchg(",
            (Width::W32, _) => "atomic_cmpxchg(",
        };
        match modify {
            Modify::Update(op) => {
                let operator = match mnemonic::name(&ATOMIC_NAMES, op) {
                    "add" => "+=",
                    "or" => "|=",
                    "and" => "&=",
                    _ => "^=",
                };
                let place = Access("*", 'u', size, base, offset);
                self.pieces(&[Word("lock "), place, Blank, Word(operator), Blank, View(src, view)])
            }
            Modify::Fetch(op) => {
                self.pieces(&[View(src, view), Blank, Word("="), Blank])?;
                let prefix = if kernel && width == Width::W64 { "atomic64" } else { "atomic" };
                write!(self.f, "{prefix}_fetch_{}(", mnemonic::name(&ATOMIC_NAMES, op))?;
                let place = Access("", 'u', size, base, offset);
                self.pieces(&[place, Word(","), Blank, View(src, view), Word(")")])
            }
            Modify::Exchange => {
                self.pieces(&[View(src, view), Blank, Word("="), Blank])?;
                let (name, place) = match width {
                    _ if kernel => (kernel_name("xchg"), Access("", 'u', size, base, offset)),
                    Width::W64 => ("xchg_64(", Address(base, offset)),
                    Width::W32 if self.syntax == Syntax::Litmus => ("xchg_32_32(", Address(base, offset)),
                    Width::W32 => ("xchg32_32(", Address(base, offset)),
                };
                self.pieces(&[Word(name), place, Word(","), Blank, View(src, view), Word(")")])
            }
            Modify::CompareExchange => {
                let result = View(Register::RESULT, view);
                self.pieces(&[result, Blank, Word("="), Blank])?;
                let (name, place) = match width {
                    _ if kernel => (kernel_name("cmpxchg"), Access("", 'u', size, base, offset)),
                    Width::W64 => ("cmpxchg_64(", Address(base, offset)),
                    Width::W32 => ("cmpxchg32_32(", Address(base, offset)),
                };
                let expected = View(Register::RESULT, view);
                let comma = || Word(",");
                let operand = View(src, view);
                self.pieces(&[
                    Word(name),
                    place,
                    comma(),
                    Blank,
                    expected,
                    comma(),
                    Blank,
                    operand,
                    Word(")"),
                ])
            }
        }
    }
}

fn swap_name(swap: Swap) -> &'static str {
    match swap {
        Swap::ToLittle => "le",
        Swap::ToBig => "be",
        Swap::Always => "bswap",
    }
}
