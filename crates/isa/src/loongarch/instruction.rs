//! Instructions as data.

use super::register::Register;
use crate::operand::{Symbol, Target};

/// An instruction. `name` is the mnemonic where several have the same shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instruction<'a> {
    /// `nop`, and hints.
    Nop { name: &'static str },
    /// `li.d rd,5`
    LoadImmediate { name: &'static str, rd: Register<'a>, value: i64 },
    /// `lu12i.w rd,5`, `pcaddi`-like forms left out: 20 bits from bit `shift` on, with the sign extended.
    Upper { name: &'static str, rd: Register<'a>, value: i64 },
    /// `la rd,x`
    LoadAddress { name: &'static str, rd: Register<'a>, symbol: Symbol<'a> },
    /// `add.d rd,rj,rk`
    Compute { name: &'static str, op: Op, rd: Register<'a>, rj: Register<'a>, rk: Register<'a> },
    /// `addi.d rd,rj,5`
    ComputeImmediate { name: &'static str, op: Op, rd: Register<'a>, rj: Register<'a>, value: i64 },
    /// `alsl.d rd,rj,rk,2`
    ShiftAdd { name: &'static str, width: u8, rd: Register<'a>, rj: Register<'a>, rk: Register<'a>, by: i64 },
    /// `bstrpick.d rd,rj,31,0`, `bstrins.d rd,rj,31,0`
    Bits { name: &'static str, field: Bits, rd: Register<'a>, rj: Register<'a>, high: i64, low: i64 },
    /// `move rd,rj`, `ext.w.b rd,rj`
    Unary { name: &'static str, op: Unary, rd: Register<'a>, rj: Register<'a> },
    /// `ld.w rd,rj,0`, `ldx.w rd,rj,rk`
    Load {
        name: &'static str,
        width: u8,
        signed: bool,
        rd: Register<'a>,
        rj: Register<'a>,
        offset: Offset<'a>,
    },
    /// `st.w rd,rj,0`, `stx.w rd,rj,rk`
    Store { name: &'static str, width: u8, rd: Register<'a>, rj: Register<'a>, offset: Offset<'a> },
    /// `ll.w rd,rj,0`, `llacq.w rd,rj`
    LoadLinked {
        name: &'static str,
        width: u8,
        acquire: bool,
        rd: Register<'a>,
        rj: Register<'a>,
        offset: i64,
    },
    /// `sc.w rd,rj,0`, `screl.w rd,rj`
    StoreConditional {
        name: &'static str,
        width: u8,
        release: bool,
        rd: Register<'a>,
        rj: Register<'a>,
        offset: i64,
    },
    /// `amadd_db.w rd,rk,rj`
    Am { am: Am, rd: Register<'a>, rk: Register<'a>, rj: Register<'a> },
    /// `dbar 0`, `ibar 0`
    Barrier { name: &'static str, hint: i64 },
    /// `beq rj,rd,L`
    Branch { name: &'static str, test: Test, rj: Register<'a>, rd: Register<'a>, target: Target<'a> },
    /// `beqz rj,L`
    BranchZero { name: &'static str, test: Test, rj: Register<'a>, target: Target<'a> },
    /// `b L`, `bl L`
    Jump { name: &'static str, link: bool, target: Target<'a> },
    /// `jirl rd,rj,0`
    JumpLink { rd: Register<'a>, rj: Register<'a>, offset: i64 },
    /// `jr rj`
    JumpRegister { rj: Register<'a> },
    /// `ret`
    Return,
    /// `syscall 0`, `break 0`
    Exception { name: &'static str, code: i64 },
}

/// What is added to the base of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offset<'a> {
    /// A number.
    Number(i64),
    /// A register.
    Register(Register<'a>),
}

/// Which field of bits, and what is done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bits {
    /// Width of the operation.
    pub(super) width: u8,
    /// Whether the field is put into the destination; else it is taken out of the source.
    pub(super) insert: bool,
}

/// Arithmetic on two values. Results of 32 bits are extended by their sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    /// An operation that the machine of micro-operations has, at a width.
    Simple(execution::BinaryOp, u8),
    /// A shift: the distance is taken modulo the width.
    Shift(execution::BinaryOp, u8),
    /// `nor`
    Nor,
    /// `orn`
    Orn,
    /// Zero if the second is zero (or is not), else the first.
    ZeroIf { zero: bool },
}

/// Arithmetic on one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    /// The same.
    Move,
    /// The low part with its sign.
    SignExtend(u8),
    /// Leading zeros.
    CountLeadingZeros(u8),
    /// The bytes in reverse order.
    ReverseBytes(u8),
}

/// A comparison, of the first with the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    /// Equal.
    Eq,
    /// Different.
    Ne,
    /// Less, signed.
    Lt,
    /// Less or equal, signed.
    Le,
    /// Greater, signed.
    Gt,
    /// Greater or equal, signed.
    Ge,
    /// Less, unsigned.
    LtUnsigned,
    /// Less or equal, unsigned.
    LeUnsigned,
    /// Greater, unsigned.
    GtUnsigned,
    /// Greater or equal, unsigned.
    GeUnsigned,
}

/// An atomic memory access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Am {
    /// What it does.
    pub(super) op: AmOp,
    /// `_db`: it is a barrier, too.
    pub(super) barrier: bool,
    /// How much it accesses.
    pub(super) width: u8,
}

/// What an atomic memory access writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AmOp {
    /// The register.
    Swap,
    /// The register, if memory equals the destination register.
    CompareSwap,
    /// The operation's result on memory and register; `unsigned` shows behind the width.
    Fetch(execution::BinaryOp),
}
