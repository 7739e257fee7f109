//! Instructions as data.

use super::register::Register;
use crate::operand::{Symbol, Target};

/// An instruction. `name` is the mnemonic where several have the same shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instruction<'a> {
    /// `nop`, and hints: nothing that anybody can see.
    Nop { name: &'static str },
    /// `li rd,5`
    LoadImmediate { rd: Register<'a>, value: i64 },
    /// `la rd,x`, `lla rd,x`
    LoadAddress { name: &'static str, rd: Register<'a>, symbol: Symbol<'a> },
    /// `lui rd,1`, `auipc rd,%pcrel_hi(x)`
    Upper { name: &'static str, rd: Register<'a>, value: Immediate<'a> },
    /// `add rd,rs1,rs2`
    Compute { name: &'static str, op: Op, rd: Register<'a>, rs1: Register<'a>, rs2: Register<'a> },
    /// `addi rd,rs1,5`
    ComputeImmediate { name: &'static str, op: Op, rd: Register<'a>, rs1: Register<'a>, value: Immediate<'a> },
    /// `mv rd,rs`, `seqz rd,rs`
    Unary { name: &'static str, op: Unary, rd: Register<'a>, rs: Register<'a> },
    /// `lw rd,0(rs1)`
    Load { access: Load, order: Order, rd: Register<'a>, address: Address<'a> },
    /// `sw rs2,0(rs1)`; `scratch` is the register that `sw rs2,x,t0` may destroy.
    Store {
        width: Width,
        order: Order,
        rs2: Register<'a>,
        address: Address<'a>,
        scratch: Option<Register<'a>>,
    },
    /// `lr.w rd,(rs1)`
    LoadReserved { width: Width, order: Order, rd: Register<'a>, rs1: Register<'a> },
    /// `sc.w rd,rs2,(rs1)`
    StoreConditional { width: Width, order: Order, rd: Register<'a>, rs2: Register<'a>, rs1: Register<'a> },
    /// `amoadd.w rd,rs2,(rs1)`
    Amo { op: AmoOp, width: Width, order: Order, rd: Register<'a>, rs2: Register<'a>, rs1: Register<'a> },
    /// `beq rs1,rs2,L`
    Branch { name: &'static str, test: Test, rs1: Register<'a>, rs2: Register<'a>, target: Target<'a> },
    /// `beqz rs,L`
    BranchZero { name: &'static str, test: Test, rs: Register<'a>, target: Target<'a> },
    /// `j L`, `tail L`, `call L`, `jal L`
    Jump { name: &'static str, link: bool, target: Target<'a> },
    /// `jal rd,L`
    JumpLink { rd: Register<'a>, target: Target<'a> },
    /// `jr rs1`
    JumpRegister { rs1: Register<'a> },
    /// `jalr rd,0(rs1)`
    JumpLinkRegister { rd: Register<'a>, rs1: Register<'a>, offset: i64 },
    /// `ret`
    Return,
    /// `fence rw,w`
    Fence { before: Access, after: Access },
    /// `fence`
    FenceAll,
    /// `fence.tso`
    FenceTso,
    /// `fence.i`
    FenceInstructions,
    /// `csrr rd,time`
    ReadSystem { rd: Register<'a>, system: &'a str },
    /// `ecall`, `ebreak`
    Exception { name: &'static str },
}

/// A number, or a part of an address that the linker fills in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Immediate<'a> {
    /// A number.
    Number(i64),
    /// `%hi(x)`
    Part { part: Part, symbol: Symbol<'a> },
}

/// Parts of addresses. The high part carries the whole address of the symbol, the low part only the offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// What is written between `%` and `(`.
    pub(super) name: &'static str,
    /// Whether this is the high part.
    pub(super) high: bool,
    /// Whether the symbol of the low part is the label of the instruction with the high part.
    pub(super) by_label: bool,
}

/// All parts of addresses.
pub(super) const PARTS: [Part; 5] = [
    Part { name: "hi", high: true, by_label: false },
    Part { name: "lo", high: false, by_label: false },
    Part { name: "pcrel_hi", high: true, by_label: true },
    Part { name: "pcrel_lo", high: false, by_label: true },
    Part { name: "got_pcrel_hi", high: true, by_label: true },
];

/// What a load or store accesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Address<'a> {
    /// `0(rs1)`
    Based { base: Register<'a>, offset: Immediate<'a> },
    /// `x`, which takes two instructions of the machine.
    Symbol(Symbol<'a>),
}

/// Size of an access or of arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Width {
    /// 8 bits.
    Byte,
    /// 16 bits.
    Half,
    /// 32 bits.
    Word,
    /// 64 bits.
    Double,
    /// 128 bits, in two registers.
    Quad,
}

/// What a load reads and how it fills the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Load {
    /// How much is read.
    pub(super) width: Width,
    /// Whether the rest is zero; else it is the sign.
    pub(super) unsigned: bool,
}

/// Annotation of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// None.
    None,
    /// `.aq`
    Acquire,
    /// `.rl`
    Release,
    /// `.aqrl`
    AcquireRelease,
}

/// One side of a fence: a set of kinds of access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Access(pub(super) u8);

impl Access {
    /// The letters, from bit 3 down.
    pub(super) const LETTERS: [u8; 4] = *b"iorw";

    /// Whether reads of memory are among them.
    pub(super) fn reads(self) -> bool {
        self.0 & 2 != 0
    }

    /// Whether writes to memory are among them.
    pub(super) fn writes(self) -> bool {
        self.0 & 1 != 0
    }
}

/// Arithmetic on two values. `W` at the end: on words, with the sign of the result extended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    /// An operation that the machine of micro-operations has, at a width.
    Simple(execution::BinaryOp, Width),
    /// A shift: the distance is taken modulo the width.
    Shift(execution::BinaryOp, Width),
    /// Rotation to the left.
    RotateLeft(Width),
    /// High half of the product of a signed and an unsigned number.
    MulHighSignedUnsigned,
    /// Division; by zero it gives −1.
    Divide(execution::BinaryOp, Width),
    /// The second shifted to be added to the first: `sh2add`, and `.uw` that takes the low word of the first.
    ShiftAdd { shift: u8, word: bool },
    /// The first exclusive or the complement of the second.
    Xnor,
    /// The first or the complement of the second.
    Orn,
    /// The first if the second is (not) zero, else zero.
    ZeroIf { zero: bool },
    /// The low word of the first, zero-extended, shifted to the left.
    ShiftLeftWord,
}

/// Arithmetic on one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    /// The value.
    Move,
    /// Complement.
    Not,
    /// Two's complement.
    Negate(Width),
    /// The low part with its sign.
    SignExtend(Width),
    /// The low part.
    ZeroExtend(Width),
    /// Whether it passes a test against zero.
    Test(Test),
    /// Leading zeros.
    CountLeadingZeros(Width),
    /// Trailing zeros.
    CountTrailingZeros(Width),
    /// The bytes in reverse order.
    ReverseBytes,
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

/// What an AMO writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AmoOp {
    /// The register.
    Swap,
    /// The register, if memory equals the destination register.
    CompareSwap,
    /// The operation's result on memory and register.
    Fetch(execution::BinaryOp),
}

impl Width {
    /// In bits.
    pub(super) fn bits(self) -> u8 {
        match self {
            Width::Byte => 8,
            Width::Half => 16,
            Width::Word => 32,
            Width::Double => 64,
            Width::Quad => 128,
        }
    }

    /// The letter in mnemonics.
    pub(super) fn letter(self) -> char {
        match self {
            Width::Byte => 'b',
            Width::Half => 'h',
            Width::Word => 'w',
            Width::Double => 'd',
            Width::Quad => 'q',
        }
    }
}
