//! Instructions as data.

use super::register::Register;
use crate::operand::{Symbol, Target};
use execution::BinaryOp;

/// An instruction. `name` is the mnemonic where several have the same shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instruction<'a> {
    /// `nopr`
    Nop { name: &'static str },
    /// `lghi r1,5`
    LoadImmediate { name: &'static str, width: u8, r1: Register<'a>, value: i64 },
    /// `larl r1,x`
    LoadSymbol { r1: Register<'a>, symbol: Symbol<'a> },
    /// `la r1,8(r2)`
    LoadAddress { name: &'static str, r1: Register<'a>, address: Address<'a> },
    /// `lgr r1,r2`
    Unary { name: &'static str, op: Unary, r1: Register<'a>, r2: Register<'a> },
    /// `agr r1,r2`
    Compute { name: &'static str, op: Op, r1: Register<'a>, r2: Register<'a> },
    /// `agrk r1,r2,r3`
    ComputeThree { name: &'static str, op: Op, r1: Register<'a>, r2: Register<'a>, r3: Register<'a> },
    /// `aghi r1,5`
    ComputeImmediate { name: &'static str, op: Op, r1: Register<'a>, value: i64 },
    /// `sllg r1,r3,5`, `sllg r1,r3,0(r2)`
    Shift { name: &'static str, op: Op, r1: Register<'a>, r3: Register<'a>, by: Address<'a> },
    /// `sll r1,5`
    ShiftWord { name: &'static str, op: Op, r1: Register<'a>, by: Address<'a> },
    /// `lg r1,0(r2)`
    Load { name: &'static str, width: u8, signed: bool, r1: Register<'a>, address: Address<'a> },
    /// `stg r1,0(r2)`
    Store { name: &'static str, width: u8, r1: Register<'a>, address: Address<'a> },
    /// `mvghi 0(r2),5`
    StoreImmediate { name: &'static str, width: u8, address: Address<'a>, value: i64 },
    /// `laag r1,r3,0(r2)`
    Interlocked { name: &'static str, op: Op, r1: Register<'a>, r3: Register<'a>, address: Address<'a> },
    /// `agsi 0(r2),5`
    InterlockedImmediate { name: &'static str, op: Op, address: Address<'a>, value: i64 },
    /// `csg r1,r3,0(r2)`
    CompareSwap { name: &'static str, width: u8, r1: Register<'a>, r3: Register<'a>, address: Address<'a> },
    /// `cgr r1,r2`
    Compare { name: &'static str, how: Comparison, r1: Register<'a>, r2: Register<'a> },
    /// `cghi r1,5`
    CompareImmediate { name: &'static str, how: Comparison, r1: Register<'a>, value: i64 },
    /// `je L`, `brc 8,L`
    Branch { mask: u8, target: Target<'a> },
    /// `cgrje r1,r2,L`
    CompareBranch { how: Comparison, mask: u8, r1: Register<'a>, r2: Register<'a>, target: Target<'a> },
    /// `cgije r1,5,L`
    CompareBranchImmediate { how: Comparison, mask: u8, r1: Register<'a>, value: i64, target: Target<'a> },
    /// `brasl r14,L`
    Call { name: &'static str, r1: Register<'a>, target: Target<'a> },
    /// `br r14`
    BranchRegister { r2: Register<'a> },
    /// `bcr 15,0`, `bcr 14,0`
    Serialise { mask: i64 },
}

/// `8(r1,r2)`: the sum of a distance and registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address<'a> {
    /// The distance.
    pub(super) displacement: i64,
    /// The index.
    pub(super) index: Option<Register<'a>>,
    /// The base.
    pub(super) base: Option<Register<'a>>,
}

/// Arithmetic at a width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Op {
    /// What is computed.
    pub(super) op: BinaryOp,
    /// 32 or 64.
    pub(super) width: u8,
    /// What it does to the condition code.
    pub(super) code: Code,
}

/// What becomes of the condition code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    /// It stays.
    None,
    /// 0, 1, 2: zero, less, greater.
    Sign,
    /// 0, 1: zero, not zero.
    Zero,
}

/// Arithmetic on one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    /// The low part with zeros in front.
    ZeroExtend(u8),
    /// The low part with its sign.
    SignExtend(u8),
    /// The negative, which sets the condition code.
    Negate(u8),
    /// The same, which sets the condition code.
    Test(u8),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Comparison {
    /// 32 or 64.
    pub(super) width: u8,
    /// Whether they have signs.
    pub(super) signed: bool,
}

/// Masks of condition codes as they are written behind `j`, with the mask for each; the first name is the canonical one.
pub(super) const CONDITIONS: [(&str, u8); 21] = [
    ("e", 8),
    ("ne", 7),
    ("l", 4),
    ("h", 2),
    ("le", 12),
    ("he", 10),
    ("nl", 11),
    ("nh", 13),
    ("nle", 3),
    ("nhe", 5),
    ("lh", 6),
    ("nlh", 9),
    ("o", 1),
    ("no", 14),
    ("z", 8),
    ("nz", 7),
    ("m", 4),
    ("p", 2),
    ("np", 13),
    ("nm", 11),
    ("", 15),
];
