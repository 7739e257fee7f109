//! Instructions on vector registers as data.

use super::register::{Arrangement, Element, Scalar, Size, Vector, Vreg};
use crate::aarch64::operand::Address;
use crate::aarch64::register::Register;
use execution::BinaryOp;
use execution::micro::Tags;

/// An instruction on vector registers. `name` is the canonical mnemonic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::aarch64) enum Simd<'a> {
    /// `LDR`, `LDUR`, `LDAPUR`.
    Load { name: &'static str, tags: Tags, target: Scalar, address: Address<'a> },
    /// `STR`, `STUR`, `STLUR`.
    Store { name: &'static str, tags: Tags, source: Scalar, address: Address<'a> },
    /// `LDP`, `LDNP`.
    LoadPair { name: &'static str, tags: Tags, targets: [Scalar; 2], address: Address<'a> },
    /// `STP`, `STNP`.
    StorePair { name: &'static str, tags: Tags, sources: [Scalar; 2], address: Address<'a> },
    /// `LD1` and its kin.
    LoadStructures { name: &'static str, tags: Tags, list: List, address: Address<'a> },
    /// `ST1` and its kin.
    StoreStructures { name: &'static str, tags: Tags, list: List, address: Address<'a> },
    /// `MOV`, `FMOV`, `DUP`, `INS`, `UMOV`, `SMOV`: between registers and lanes.
    Copy { name: &'static str, signed: bool, target: Slot<'a>, source: Slot<'a> },
    /// `MOVI` and its kin. `bits` is what the register becomes, `operand` what is written.
    Immediate { name: &'static str, target: Slot<'a>, operand: Immediate, bits: u128 },
    /// A function of two vectors, or of three with the target.
    Three { name: &'static str, op: Three, target: Slot<'a>, left: Slot<'a>, right: Slot<'a> },
    /// `EXT`: bytes out of two vectors.
    Extract { target: Vector, left: Vector, right: Vector, index: u8 },
    /// A function of one vector.
    Two { name: &'static str, op: Two, target: Slot<'a>, source: Slot<'a> },
    /// A comparison with zero: the operand is written out.
    CompareZero { name: &'static str, op: Compare, target: Slot<'a>, source: Slot<'a> },
    /// Shifts by a number.
    Shift { name: &'static str, op: Shift, target: Slot<'a>, source: Slot<'a>, distance: u8 },
    /// All lanes to one number.
    Across { name: &'static str, op: Across, target: Scalar, source: Vector },
}

/// The registers of a structure access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aarch64) struct List {
    /// How many registers make a structure: the digit in the mnemonic.
    pub(super) structure: u8,
    /// The first register; the others follow on it.
    pub(super) first: Vreg,
    /// How many there are.
    pub(super) count: u8,
    /// Which lanes.
    pub(super) lanes: Lanes,
}

/// The lanes of a structure access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aarch64) enum Lanes {
    /// `{V0.4S}`: all of them.
    All(Arrangement),
    /// `{V0.S}[1]`: one of them.
    One(Size, u8),
    /// `LD1R {V0.4S}`: one element for all of them.
    Replicated(Arrangement),
}

/// A place in a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aarch64) enum Slot<'a> {
    /// `X0`
    General(Register<'a>),
    /// `S0`
    Scalar(Scalar),
    /// `V0.S[1]`
    Element(Element),
    /// `V0.4S`
    Vector(Vector),
}

impl Slot<'_> {
    /// In bits, all lanes together.
    pub(super) fn bits(&self) -> u8 {
        match self {
            Slot::General(register) => register.width.bits(),
            Slot::Scalar(scalar) => scalar.size.bits(),
            Slot::Element(element) => element.size.bits(),
            Slot::Vector(vector) => vector.lanes.bits(),
        }
    }

    /// The lanes: one, if it has none.
    pub(super) fn lanes(&self) -> Arrangement {
        match self {
            Slot::General(register) => {
                let size = if register.width.bits() == 32 { Size::S } else { Size::D };
                Arrangement { count: 1, size }
            }
            Slot::Scalar(scalar) => Arrangement { count: 1, size: scalar.size },
            Slot::Element(element) => Arrangement { count: 1, size: element.size },
            Slot::Vector(vector) => vector.lanes,
        }
    }
}

/// The operand of `MOVI` and its kin, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aarch64) enum Immediate {
    /// A number, shifted to the left or, with ones behind it (`MSL`), moved there.
    Number { value: i64, shift: Option<(u8, bool)> },
    /// A floating-point number: the bits of its `f64`.
    Float(u64),
}

/// Functions of two vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aarch64) enum Three {
    /// On all bits at once.
    Bitwise(BinaryOp),
    /// Or with the complement of the second.
    OrNot,
    /// Bits of the left where the target has ones, else of the right.
    Select,
    /// Bits of the left where the right has ones, else of the target.
    InsertIfTrue,
    /// Bits of the left where the right has zeros, else of the target.
    InsertIfFalse,
    /// Lane by lane.
    Lanes(BinaryOp),
    /// Lane by lane, the result added to the target's or subtracted from it.
    Accumulate(BinaryOp),
    /// Lane by lane: all ones where it holds, else zeros.
    Compare(Compare),
    /// Neighbours, of the left and then of the right.
    Pairs(BinaryOp),
    /// The lanes of both in another order.
    Permute(Permute),
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aarch64) enum Compare {
    Equal,
    GreaterSigned,
    GreaterEqualSigned,
    LessSigned,
    LessEqualSigned,
    GreaterUnsigned,
    GreaterEqualUnsigned,
    /// Whether they have ones in common.
    Test,
}

/// Orders of the lanes of two vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aarch64) enum Permute {
    ZipLow,
    ZipHigh,
    UnzipEven,
    UnzipOdd,
    TransposeEven,
    TransposeOdd,
}

/// Functions of one vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aarch64) enum Two {
    Not,
    Negate,
    Absolute,
    /// How many ones, byte by byte.
    CountOnes,
    CountLeadingZeros,
    ReverseBits,
    /// The lanes of each unit of that many bits the other way round.
    ReverseIn(u8),
    /// The low half of each lane.
    Narrow,
}

/// Shifts by a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aarch64) enum Shift {
    /// In their lanes.
    Lanes(BinaryOp),
    /// Into lanes twice as wide, with the sign or with zeros.
    Widen { signed: bool },
    /// To the right, and then the low half.
    Narrow,
}

/// All lanes to one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aarch64) enum Across {
    /// At the width of the lanes.
    Fold(BinaryOp),
    /// The sum at twice the width.
    LongSum { signed: bool },
}
