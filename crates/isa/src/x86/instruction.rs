//! Instructions as data.

use super::register::Register;
use execution::SymbolId;
use execution::micro::LabelId;

/// The width of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    /// In bits.
    pub(super) bits: u8,
    /// How the text says so.
    pub(super) said: Said,
}

/// How the text gives the width of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// By its registers, or not at all.
    Implied,
    /// By a letter behind the mnemonic, as in `movl`.
    Suffix,
    /// By words before the memory operand, as in `DWORD PTR [x]`.
    Pointer,
}

/// A place in memory: `symbol + displacement + base + index * scale`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory<'a> {
    pub(super) symbol: Option<(SymbolId, &'a str)>,
    pub(super) displacement: i64,
    pub(super) base: Option<Register<'a>>,
    pub(super) index: Option<Register<'a>>,
    pub(super) scale: u8,
    /// Whether the symbol is addressed relative to the instruction, which makes no difference to what it names.
    pub(super) relative: bool,
    /// Whether it is the entry of the global offset table that holds the symbol's address.
    pub(super) table_entry: bool,
}

/// An operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operand<'a> {
    Register(Register<'a>),
    Memory(Memory<'a>),
    Immediate(i64),
    /// The address of a symbol, moved by some bytes.
    Address(SymbolId, &'a str, i64),
}

/// Conditions on the flags. Each even one is followed by its negation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Equal,
    NotEqual,
    Below,
    AboveOrEqual,
    BelowOrEqual,
    Above,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    Greater,
    Sign,
    NotSign,
    Overflow,
    NotOverflow,
    Parity,
    NotParity,
}

/// Instructions that replace the destination by a function of both operands and set all flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    AddCarry,
    Subtract,
    SubtractBorrow,
    And,
    Or,
    Xor,
}

/// Instructions that replace the destination by a function of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Single {
    Increment,
    Decrement,
    Negate,
    Not,
}

/// Shifts and rotations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shift {
    Left,
    Right,
    RightArithmetic,
    RotateLeft,
    RotateRight,
}

/// What happens to the bit that is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bit {
    Test,
    Set,
    Reset,
    Complement,
}

/// Fences and cache flushes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fence {
    Full,
    Store,
    Load,
}

/// Instructions that flush a cache line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flush {
    Plain,
    Optimised,
    WriteBack,
}

/// An instruction. Operands stand in Intel's order: the destination first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instruction<'a> {
    Nop,
    Fence(Fence),
    Flush(Flush, Memory<'a>),
    Move {
        size: Size,
        dst: Operand<'a>,
        src: Operand<'a>,
    },
    MoveNonTemporal {
        size: Size,
        dst: Memory<'a>,
        src: Register<'a>,
    },
    LoadNonTemporal {
        dst: Register<'a>,
        src: Memory<'a>,
    },
    Extend {
        signed: bool,
        from: Size,
        to: u8,
        dst: Register<'a>,
        src: Operand<'a>,
    },
    /// `cltd` and its like: fills the data register with the accumulator's sign.
    SpreadSign {
        bits: u8,
    },
    /// `cltq` and its like: sign-extends within the accumulator.
    ExtendAccumulator {
        from: u8,
    },
    LoadAddress {
        size: Size,
        dst: Register<'a>,
        src: Memory<'a>,
    },
    Arithmetic {
        op: Arithmetic,
        size: Size,
        dst: Operand<'a>,
        src: Operand<'a>,
    },
    Compare {
        size: Size,
        left: Operand<'a>,
        right: Operand<'a>,
    },
    Test {
        size: Size,
        left: Operand<'a>,
        right: Operand<'a>,
    },
    Single {
        op: Single,
        size: Size,
        dst: Operand<'a>,
    },
    Shift {
        op: Shift,
        size: Size,
        dst: Operand<'a>,
        count: Operand<'a>,
    },
    Multiply {
        size: Size,
        dst: Register<'a>,
        src: Operand<'a>,
        factor: Option<i64>,
    },
    MultiplyWide {
        signed: bool,
        size: Size,
        src: Operand<'a>,
    },
    /// Divides the data register and the accumulator together.
    Divide {
        signed: bool,
        size: Size,
        src: Operand<'a>,
    },
    /// `xchg`, always locked on memory; `locked` is false for the pseudo-instruction `uxch`.
    Exchange {
        size: Size,
        left: Operand<'a>,
        right: Operand<'a>,
        locked: bool,
    },
    ExchangeAdd {
        size: Size,
        dst: Operand<'a>,
        src: Register<'a>,
    },
    CompareExchange {
        size: Size,
        dst: Operand<'a>,
        src: Register<'a>,
    },
    /// Compares memory with two registers, and stores two others if they are equal.
    CompareExchangePair {
        bits: u8,
        dst: Memory<'a>,
    },
    Bit {
        op: Bit,
        size: Size,
        dst: Operand<'a>,
        bit: Operand<'a>,
    },
    Set {
        condition: Condition,
        dst: Operand<'a>,
    },
    MoveIf {
        condition: Condition,
        size: Size,
        dst: Register<'a>,
        src: Operand<'a>,
    },
    Jump(LabelId, &'a str),
    JumpIf(Condition, LabelId, &'a str),
    JumpTo(Register<'a>),
    Call(LabelId, &'a str),
    Return,
    Push(Operand<'a>),
    Pop(Operand<'a>),
    Leave,
}

impl Condition {
    /// Whether it is the negation of the one before it.
    pub(super) fn is_negation(self) -> bool {
        self as u8 % 2 == 1
    }

    /// The name behind `j`, `set` or `cmov`.
    pub(super) fn name(self) -> &'static str {
        use Condition::*;
        match self {
            Equal => "e",
            NotEqual => "ne",
            Below => "b",
            AboveOrEqual => "ae",
            BelowOrEqual => "be",
            Above => "a",
            Less => "l",
            GreaterOrEqual => "ge",
            LessOrEqual => "le",
            Greater => "g",
            Sign => "s",
            NotSign => "ns",
            Overflow => "o",
            NotOverflow => "no",
            Parity => "p",
            NotParity => "np",
        }
    }

    /// The condition of that name.
    pub(super) fn named(name: &[u8]) -> Option<Condition> {
        use Condition::*;
        Some(match name {
            b"e" | b"z" => Equal,
            b"ne" | b"nz" => NotEqual,
            b"b" | b"c" | b"nae" => Below,
            b"ae" | b"nb" | b"nc" => AboveOrEqual,
            b"be" | b"na" => BelowOrEqual,
            b"a" | b"nbe" => Above,
            b"l" | b"nge" | b"lt" => Less,
            b"ge" | b"nl" => GreaterOrEqual,
            b"le" | b"ng" => LessOrEqual,
            b"g" | b"nle" | b"gt" => Greater,
            b"s" => Sign,
            b"ns" => NotSign,
            b"o" => Overflow,
            b"no" => NotOverflow,
            b"p" | b"pe" => Parity,
            b"np" | b"po" => NotParity,
            _ => return None,
        })
    }
}

impl Instruction<'_> {
    /// Whether the `lock` prefix may stand before it: a read-modify-write of memory.
    pub(super) fn lockable(&self) -> bool {
        let dst = match self {
            Instruction::Arithmetic { dst, .. }
            | Instruction::Single { dst, .. }
            | Instruction::ExchangeAdd { dst, .. }
            | Instruction::CompareExchange { dst, .. } => dst,
            Instruction::CompareExchangePair { .. } => return true,
            Instruction::Bit { op: Bit::Test, .. } => return false,
            Instruction::Bit { dst, .. } => dst,
            Instruction::Exchange { left, right, .. } => {
                return [left, right].iter().any(|operand| matches!(operand, Operand::Memory(_)));
            }
            _ => return false,
        };
        matches!(dst, Operand::Memory(_))
    }
}
