//! Instructions as data.

use super::register::Register;
use crate::operand::{Symbol, Target};
use execution::BinaryOp;

/// An instruction. `name` is the mnemonic where several have the same shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instruction<'a> {
    /// `nop`, and hints: nothing that anybody can see.
    Nop { name: &'static str },
    /// `.set noreorder`
    Set { what: &'a str },
    /// `pref 0,0($4)`, `synci 0($4)`
    Cache { name: &'static str, hint: Option<i64>, address: Address<'a> },
    /// `li rd,5`
    LoadImmediate { name: &'static str, rd: Register<'a>, value: i64 },
    /// `la rd,x`
    LoadAddress { name: &'static str, rd: Register<'a>, symbol: Symbol<'a> },
    /// `lui rd,1`, `lui rd,%hi(x)`
    Upper { rd: Register<'a>, value: Immediate<'a> },
    /// `addu rd,rs,rt`
    Compute { name: &'static str, op: Op, rd: Register<'a>, rs: Register<'a>, rt: Register<'a> },
    /// `addiu rd,rs,5`
    ComputeImmediate { name: &'static str, op: Op, rd: Register<'a>, rs: Register<'a>, value: Immediate<'a> },
    /// `move rd,rs`
    Unary { name: &'static str, op: Unary, rd: Register<'a>, rs: Register<'a> },
    /// `movn rd,rs,rt`: moves if the last is (not) zero.
    MoveIf { name: &'static str, zero: bool, rd: Register<'a>, rs: Register<'a>, rt: Register<'a> },
    /// `dext rd,rs,4,8`, `ins rd,rs,4,8`
    BitField {
        name: &'static str,
        field: BitField,
        rd: Register<'a>,
        rs: Register<'a>,
        position: u8,
        size: u8,
    },
    /// `mult rs,rt`
    HighLow { name: &'static str, op: HighLow, rs: Register<'a>, rt: Register<'a> },
    /// `mflo rd`
    MoveFrom { name: &'static str, high: bool, rd: Register<'a> },
    /// `mtlo rs`
    MoveTo { name: &'static str, high: bool, rs: Register<'a> },
    /// `lw rt,0(rs)`
    Load { access: Access, rt: Register<'a>, address: Address<'a> },
    /// `sw rt,0(rs)`
    Store { access: Access, rt: Register<'a>, address: Address<'a> },
    /// `ll rt,0(rs)`
    LoadLinked { access: Access, rt: Register<'a>, address: Address<'a> },
    /// `sc rt,0(rs)`
    StoreConditional { access: Access, rt: Register<'a>, address: Address<'a> },
    /// `beq rs,rt,L`
    Branch { name: &'static str, branch: Branch, rs: Register<'a>, rt: Register<'a>, target: Target<'a> },
    /// `bgez rs,L`
    BranchZero { name: &'static str, branch: Branch, rs: Register<'a>, target: Target<'a> },
    /// `b L`, `bal L`
    Jump { name: &'static str, link: bool, slot: bool, target: Target<'a> },
    /// `jr rs`
    JumpRegister { name: &'static str, slot: bool, rs: Register<'a> },
    /// `jalr rd,rs`
    JumpLinkRegister { rd: Register<'a>, rs: Register<'a> },
    /// `sync`; the kind is a position in the table of kinds.
    Sync { kind: usize },
    /// `teq rs,rt`
    Trap { name: &'static str, test: Test, rs: Register<'a>, rt: Register<'a>, code: Option<i64> },
    /// `syscall`, `break`
    Exception { name: &'static str, code: Option<i64> },
}

/// A number, or a part of an address that the linker fills in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Immediate<'a> {
    /// A number.
    Number(i64),
    /// `%hi(x)`
    Part { part: Part, symbol: Symbol<'a> },
    /// `%hi(%neg(%gp_rel(P0)))`: the distance of the global pointer, whose part this is.
    GlobalPointer { part: &'static str, function: &'a str },
}

/// Parts of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// What is written between `%` and `(`.
    pub(super) name: &'static str,
    /// What it stands for.
    pub(super) kind: PartKind,
}

/// What a part of an address stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartKind {
    /// The whole address, in `lui`; nothing when it is added.
    High,
    /// Nothing: the parts behind have it all.
    Top,
    /// The offset of the symbol, if what it is added to has the address; else all of it.
    Low,
    /// The place of the address in a table, from which it is loaded.
    Table,
}

/// All parts of addresses.
pub(super) const PARTS: [Part; 11] = [
    Part { name: "hi", kind: PartKind::High },
    Part { name: "lo", kind: PartKind::Low },
    Part { name: "highest", kind: PartKind::Top },
    Part { name: "higher", kind: PartKind::Top },
    Part { name: "got_disp", kind: PartKind::Table },
    Part { name: "got_page", kind: PartKind::Table },
    Part { name: "got_ofst", kind: PartKind::Low },
    Part { name: "got", kind: PartKind::Table },
    Part { name: "gp_rel", kind: PartKind::Low },
    Part { name: "pcrel_hi", kind: PartKind::High },
    Part { name: "pcrel_lo", kind: PartKind::Low },
];

/// What a load or store accesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Address<'a> {
    /// `0(rs)`
    Based { base: Register<'a>, offset: Immediate<'a> },
    /// `x`, for which the assembler takes more instructions.
    Symbol(Symbol<'a>),
}

/// Size of an access, and how a load fills the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Access {
    /// The mnemonic.
    pub(super) name: &'static str,
    /// How many bits.
    pub(super) bits: u8,
    /// Whether the rest of the register is the sign; else it is zero.
    pub(super) signed: bool,
}

/// Arithmetic on two values, on words or double words. The result of a word has its sign extended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    /// An operation that the machine of micro-operations has.
    Simple(BinaryOp, u8),
    /// A shift: the distance is taken modulo the width.
    Shift(BinaryOp, u8),
    /// A shift by 32 more than the number says.
    ShiftFar(BinaryOp),
    /// Neither of both.
    Nor,
    /// The first if the second is (not) zero, else zero.
    ZeroIf { zero: bool },
}

/// Arithmetic on one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    /// The value.
    Move,
    /// Complement.
    Not,
    /// Two's complement.
    Negate(u8),
    /// The low part with its sign.
    SignExtend(u8),
    /// Leading zeros.
    CountLeadingZeros(u8),
    /// Leading ones.
    CountLeadingOnes(u8),
    /// The bytes of each half of a word in reverse order.
    ReverseInHalves,
}

/// Operations on bit fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BitField {
    /// Whether the field is inserted; else it is taken out.
    pub(super) insert: bool,
    /// Width of the registers.
    pub(super) bits: u8,
}

/// Operations with two results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HighLow {
    /// The halves of the product.
    Multiply { signed: bool, bits: u8 },
    /// Remainder and quotient.
    Divide { signed: bool, bits: u8 },
}

/// How a conditional branch branches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Branch {
    /// On what.
    pub(super) test: Test,
    /// Whether it writes the link register.
    pub(super) link: bool,
    /// What becomes of the instruction behind it.
    pub(super) slot: Slot,
}

/// What becomes of the instruction behind a branch, where instructions are not reordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// It is executed before the branch is taken, or not.
    Always,
    /// It is executed only if the branch is taken.
    Likely,
    /// It is no part of the branch.
    None,
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
