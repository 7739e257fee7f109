//! Instructions as data.

use super::register::{Field, Register};
use crate::operand::{Symbol, Target};
use execution::BinaryOp;

/// An instruction. `name` is the mnemonic where several have the same shape, without the dot of `record`, which says
/// that the result is compared with zero into `cr0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instruction<'a> {
    /// `nop`
    Nop,
    /// `dcbf ra,rb`: cache management, which does nothing that we see.
    Cache { name: &'static str, ra: Register<'a>, rb: Register<'a> },
    /// `li rd,5`, `lis rd,x@ha`
    LoadImmediate { name: &'static str, shift: u8, rd: Register<'a>, value: Immediate<'a> },
    /// `add rd,ra,rb`
    Compute { name: &'static str, op: Op, record: bool, rd: Register<'a>, ra: Register<'a>, rb: Register<'a> },
    /// `addi rd,ra,5`
    ComputeImmediate {
        name: &'static str,
        op: ImmediateOp,
        record: bool,
        rd: Register<'a>,
        ra: Register<'a>,
        value: Immediate<'a>,
    },
    /// `mr rd,ra`
    Unary { name: &'static str, op: Unary, record: bool, rd: Register<'a>, ra: Register<'a> },
    /// `rlwinm rd,ra,5,0,31`
    Rotate {
        name: &'static str,
        rotate: Rotate,
        record: bool,
        rd: Register<'a>,
        ra: Register<'a>,
        numbers: Numbers,
    },
    /// `cmpw cr0,ra,rb`
    Compare { name: &'static str, compare: Compare, field: Field, ra: Register<'a>, rb: Register<'a> },
    /// `cmpwi cr0,ra,5`
    CompareImmediate { name: &'static str, compare: Compare, field: Field, ra: Register<'a>, value: i64 },
    /// `lwz rd,0(ra)`
    Load { name: &'static str, access: Access, rd: Register<'a>, address: Address<'a> },
    /// `stw rs,0(ra)`
    Store { name: &'static str, access: Access, rs: Register<'a>, address: Address<'a> },
    /// `lmw rd,0(ra)`, `stmw rs,0(ra)`: from that register to the last.
    Multiple { name: &'static str, store: bool, first: Register<'a>, address: Address<'a> },
    /// `lwarx rd,ra,rb`
    LoadReserve { name: &'static str, width: u8, rd: Register<'a>, ra: Register<'a>, rb: Register<'a> },
    /// `stwcx. rs,ra,rb`
    StoreConditional { name: &'static str, width: u8, rs: Register<'a>, ra: Register<'a>, rb: Register<'a> },
    /// `beq cr0,L`
    Branch { condition: Condition, field: Field, target: Target<'a> },
    /// `beqlr cr0`
    ReturnIf { condition: Condition, field: Field },
    /// `bdnz L`
    BranchCount { name: &'static str, zero: bool, target: Target<'a> },
    /// `b L`, `bl L`
    Jump { name: &'static str, link: bool, target: Target<'a> },
    /// `blr`, `bctr`, `bctrl`
    JumpSpecial { name: &'static str, special: Special, link: bool },
    /// `mtlr rs`
    MoveTo { name: &'static str, special: Special, rs: Register<'a> },
    /// `mflr rd`
    MoveFrom { name: &'static str, special: Special, rd: Register<'a> },
    /// `setbc rd,2`: whether a bit of the condition register is set; or is not, or minus one for one.
    SetBit { name: &'static str, reversed: bool, negative: bool, rd: Register<'a>, field: Field, bit: u8 },
    /// `mcrf cr7,cr0`
    MoveField { to: Field, from: Field },
    /// `mfcr rd`
    ReadCondition { rd: Register<'a> },
    /// `mtcrf 128,rs`
    WriteCondition { fields: u8, rs: Register<'a> },
    /// `isel rd,ra,rb,bit`; `name` holds the bit if it is one of those that name it.
    Select { name: &'static str, field: Field, bit: u8, rd: Register<'a>, ra: Register<'a>, rb: Register<'a> },
    /// `sync`
    Fence { name: &'static str, tags: execution::micro::Tags },
    /// `trap`, `sc`
    Exception { name: &'static str },
}

/// A number, or a part of an address that the linker fills in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Immediate<'a> {
    /// A number.
    Number(i64),
    /// `x@toc@ha`: the high part, which carries the whole address of the symbol.
    High { symbol: Symbol<'a>, toc: bool },
    /// `x@toc@l`: the low part, which carries the offset only.
    Low { symbol: Symbol<'a>, toc: bool },
    /// `.TOC.-.LCF0@ha`: from the function to the table of contents, which we put at 0.
    Toc { from: &'a str, high: bool },
    /// `x@PCREL`: the whole address; `x@got@pcrel`: that of its entry in the linker's table.
    Relative { symbol: Symbol<'a>, entry: bool },
}

/// What a load or store accesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Address<'a> {
    /// `0(ra)`
    Based { ra: Register<'a>, offset: Immediate<'a> },
    /// `ra,rb`
    Indexed { ra: Register<'a>, rb: Register<'a> },
}

/// How much is accessed and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Access {
    /// In bits.
    pub(super) width: u8,
    /// Whether a load fills the register with the sign.
    pub(super) signed: bool,
    /// Whether `ra` gets the address.
    pub(super) update: bool,
    /// Whether the address is the sum of two registers.
    pub(super) indexed: bool,
}

/// Arithmetic on two registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    /// An operation at a width; narrow results are extended with their sign if so said, else with zeros.
    Simple { op: BinaryOp, width: u8, signed: bool },
    /// The 64-bit product of the words.
    MultiplyWords,
    /// A shift, by a distance modulo twice the width.
    Shift { op: BinaryOp, width: u8 },
    /// An operation on the second and the first.
    Swapped(BinaryOp),
    /// The complement of the operation's result.
    Inverted(BinaryOp),
    /// The first or the complement of the second.
    OrNot,
}

/// Arithmetic on a register and a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ImmediateOp {
    /// The sum with a number shifted to the left; `r0` stands for zero.
    Add { shift: u8 },
    /// The difference from a number shifted to the left; `r0` stands for zero.
    Subtract { shift: u8 },
    /// The sum, `r0` being a register.
    AddCarrying,
    /// The number less the register.
    SubtractFrom,
    /// A logical operation with 16 bits shifted to the left.
    Logical { op: BinaryOp, shift: u8 },
    /// The product.
    Multiply,
    /// An arithmetic shift to the right.
    ShiftArithmetic { width: u8 },
}

/// Arithmetic on one register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    /// The value.
    Move,
    /// Complement.
    Not,
    /// Two's complement.
    Negate,
    /// The low part with its sign.
    SignExtend(u8),
    /// Leading zeros.
    CountLeadingZeros(u8),
    /// Trailing zeros.
    CountTrailingZeros(u8),
}

/// Numbers behind the registers of a rotation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Numbers {
    /// The numbers.
    pub(super) values: [u8; 3],
    /// How many there are.
    pub(super) count: u8,
}

/// The rotations with a mask: how their numbers give the distance and the mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rotate {
    /// Distance, first and last bit of the mask, of a word.
    Word { insert: bool },
    /// Clears bits of a word on the left.
    ClearLeftWord,
    /// Clears bits of a word on the right.
    ClearRightWord,
    /// Shifts a word to the left.
    ShiftLeftWord,
    /// Shifts a word to the right.
    ShiftRightWord,
    /// Rotates a word to the left.
    LeftWord,
    /// Distance and first bit of the mask.
    DoubleLeft,
    /// Distance and last bit of the mask.
    DoubleRight,
    /// Distance, which also says the last bit of the mask, and the first bit.
    Double { insert: bool },
    /// Clears bits on the left.
    ClearLeft,
    /// Clears bits on the right.
    ClearRight,
    /// Shifts to the left.
    ShiftLeft,
    /// Shifts to the right.
    ShiftRight,
    /// Rotates to the left.
    Left,
}

/// How to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Compare {
    /// In bits.
    pub(super) width: u8,
    /// Whether the operands have signs.
    pub(super) signed: bool,
}

/// A condition on a field of the condition register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    /// The letters behind the `b` of the branch.
    pub(super) name: &'static str,
    /// The bit.
    pub(super) bit: u8,
    /// Whether the bit must be set.
    pub(super) set: bool,
}

/// A special register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Special {
    /// The link register.
    Link,
    /// The count register.
    Count,
}

impl Rotate {
    /// Whether it works on words.
    pub(super) fn is_word(self) -> bool {
        use Rotate::*;
        match self {
            Word { .. } | ClearLeftWord | ClearRightWord | ShiftLeftWord | ShiftRightWord | LeftWord => true,
            DoubleLeft
            | DoubleRight
            | Double { .. }
            | ClearLeft
            | ClearRight
            | ShiftLeft
            | ShiftRight
            | Left => false,
        }
    }
}
