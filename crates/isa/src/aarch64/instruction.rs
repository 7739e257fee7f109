//! Instructions as data.

use super::operand::{Address, BranchTarget, Operand, SymbolRef};
use super::register::Register;
use super::simd::Simd;
use execution::micro::{Reg, Tags};
use execution::{BinaryOp, UnaryOp};

/// An instruction. `name` is the canonical mnemonic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Instruction<'a> {
    /// Does nothing that we simulate.
    Nop { name: &'static str },
    /// `HINT #number`: does nothing either.
    Hint { number: i64 },
    /// A prefetch: does nothing, but its operands are checked.
    Prefetch { name: &'static str, operation: &'a str, address: Address<'a> },
    /// `ISB`, `DMB`, `DSB`.
    Barrier { name: &'static str, option: Option<&'static str>, tags: Tags },
    /// `IC`, `DC`.
    Cache { name: &'static str, operation: &'static str, register: Option<Register<'a>>, tags: Tags },
    /// `CLREX`.
    ClearExclusive,
    /// `B`, `BL`.
    Jump { name: &'static str, target: BranchTarget<'a>, link: bool },
    /// `BR`, `BLR`.
    JumpRegister { name: &'static str, register: Register<'a>, link: bool },
    /// `RET`.
    Return { register: Option<Register<'a>> },
    /// `B.cond`.
    BranchIf { condition: Condition, target: BranchTarget<'a> },
    /// `CBZ`, `CBNZ`.
    CompareBranch { name: &'static str, nonzero: bool, register: Register<'a>, target: BranchTarget<'a> },
    /// `TBZ`, `TBNZ`.
    TestBranch {
        name: &'static str,
        nonzero: bool,
        register: Register<'a>,
        bit: u8,
        target: BranchTarget<'a>,
    },
    /// `SVC`, `BRK`, …: takes an exception.
    Exception { name: &'static str, number: i64 },
    /// Loads of one register.
    Load { name: &'static str, access: Access, target: Register<'a>, address: Address<'a> },
    /// Stores of one register.
    Store { name: &'static str, access: Access, source: Register<'a>, address: Address<'a> },
    /// Stores of one register that may fail.
    StoreExclusive {
        name: &'static str,
        access: Access,
        status: Register<'a>,
        source: Register<'a>,
        address: Address<'a>,
    },
    /// Loads of two registers.
    LoadPair { name: &'static str, access: Access, targets: [Register<'a>; 2], address: Address<'a> },
    /// Stores of two registers.
    StorePair { name: &'static str, access: Access, sources: [Register<'a>; 2], address: Address<'a> },
    /// Stores of two registers that may fail.
    StoreExclusivePair {
        name: &'static str,
        access: Access,
        status: Register<'a>,
        sources: [Register<'a>; 2],
        address: Address<'a>,
    },
    /// `CAS`.
    CompareSwap { atomic: Atomic, expected: Register<'a>, new: Register<'a>, address: Address<'a> },
    /// `CASP`.
    CompareSwapPair {
        atomic: Atomic,
        expected: [Register<'a>; 2],
        new: [Register<'a>; 2],
        address: Address<'a>,
    },
    /// `SWP`.
    Swap { atomic: Atomic, source: Register<'a>, target: Register<'a>, address: Address<'a> },
    /// `LDADD` and its kin; `STADD` and its kin if there is no target.
    Fetch {
        op: FetchOp,
        atomic: Atomic,
        source: Register<'a>,
        target: Option<Register<'a>>,
        address: Address<'a>,
    },
    /// Addition, subtraction and logic.
    Alu { name: &'static str, alu: Alu, target: Register<'a>, left: Register<'a>, right: Operand<'a> },
    /// `MOV`.
    Move { target: Register<'a>, source: Operand<'a> },
    /// `MOVZ`, `MOVN`, `MOVK`.
    MoveWide { name: &'static str, kind: MoveWide, target: Register<'a>, immediate: i64, shift: Option<u8> },
    /// Shifts, divisions, minima and other functions of two operands without flags.
    Binary { name: &'static str, op: BinaryOp, target: Register<'a>, left: Register<'a>, right: Operand<'a> },
    /// Functions of one register.
    Unary { name: &'static str, op: Unary, target: Register<'a>, source: Register<'a> },
    /// Bit fields; what the two numbers mean depends on `kind`.
    BitField {
        name: &'static str,
        kind: BitField,
        target: Register<'a>,
        source: Register<'a>,
        first: u8,
        second: u8,
    },
    /// `EXTR`.
    Extract { target: Register<'a>, high: Register<'a>, low: Register<'a>, lsb: u8 },
    /// Multiplications, with an accumulator if the form has one.
    Multiply {
        name: &'static str,
        kind: Multiply,
        target: Register<'a>,
        left: Register<'a>,
        right: Register<'a>,
        accumulator: Option<Register<'a>>,
    },
    /// `CSEL` and its kin.
    Select {
        name: &'static str,
        op: SelectOp,
        target: Register<'a>,
        then: Register<'a>,
        otherwise: Register<'a>,
        condition: Condition,
    },
    /// `CSET` and its kin: `shape` says which registers are written out. The condition is the one that is written.
    SelectAlias {
        name: &'static str,
        op: SelectOp,
        target: Register<'a>,
        source: Option<Register<'a>>,
        condition: Condition,
    },
    /// `CCMP`, `CCMN`.
    ConditionalCompare {
        name: &'static str,
        negative: bool,
        left: Register<'a>,
        right: Operand<'a>,
        flags: u8,
        condition: Condition,
    },
    /// `ADR`.
    LabelAddress { target: Register<'a>, label: BranchTarget<'a> },
    /// `ADRP`, and `LDR target,=symbol`.
    SymbolAddress { name: &'static str, target: Register<'a>, symbol: SymbolRef<'a> },
    /// An instruction on vector registers.
    Simd(Simd<'a>),
    /// `MRS`.
    ReadSystem { target: Register<'a>, system: SystemRegister },
    /// `MSR`.
    WriteSystem { system: SystemRegister, source: Register<'a> },
}

/// A system register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SystemRegister {
    /// The four flags.
    Nzcv,
    /// A register of its own.
    Other(Reg, &'static str),
}

/// How memory is accessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Access {
    /// In bits; 0 stands for the width of the register.
    pub(super) bits: u8,
    /// Whether a load extends the sign.
    pub(super) signed: bool,
    /// What the event is marked with.
    pub(super) tags: Tags,
    /// Of a pair, whether one access is ordered before the other.
    pub(super) ordered: bool,
}

/// Width and ordering of an LSE atomic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Atomic {
    /// In bits; 0 stands for the width of the register.
    pub(super) bits: u8,
    /// Whether the read is a load-acquire.
    pub(super) acquire: bool,
    /// Whether the write is a store-release.
    pub(super) release: bool,
}

/// The operations of `LDop`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FetchOp {
    /// As in the mnemonic.
    pub(super) name: &'static str,
    /// On the old value and the register.
    pub(super) op: BinaryOp,
}

/// All of them.
pub(super) static FETCH_OPS: [FetchOp; 8] = [
    FetchOp { name: "ADD", op: BinaryOp::Add },
    FetchOp { name: "CLR", op: BinaryOp::AndNot },
    FetchOp { name: "EOR", op: BinaryOp::Xor },
    FetchOp { name: "SET", op: BinaryOp::Or },
    FetchOp { name: "SMAX", op: BinaryOp::MaxSigned },
    FetchOp { name: "SMIN", op: BinaryOp::MinSigned },
    FetchOp { name: "UMAX", op: BinaryOp::MaxUnsigned },
    FetchOp { name: "UMIN", op: BinaryOp::MinUnsigned },
];

/// Which operation of [`Instruction::Alu`] and how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Alu {
    /// The operation.
    pub(super) op: AluOp,
    /// Whether it writes the flags.
    pub(super) flags: bool,
    /// Which operands are written out.
    pub(super) shape: Shape,
}

/// Operations of [`Instruction::Alu`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AluOp {
    Add,
    Sub,
    AddCarry,
    SubCarry,
    And,
    AndNot,
    Or,
    OrNot,
    Xor,
    XorNot,
}

/// Which operands of [`Instruction::Alu`] are written out; the others are the zero register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `ADD target,left,right`
    Full,
    /// `CMP left,right`
    NoTarget,
    /// `NEG target,right`
    NoLeft,
}

/// `MOVZ` and its kin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MoveWide {
    Zero,
    Not,
    Keep,
}

/// Functions of one register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    /// At the width of the registers.
    Simple(UnaryOp),
    /// Absolute value.
    Absolute,
    /// Number of leading bits that equal the sign, without the sign.
    LeadingSigns,
    /// Number of trailing zeros.
    TrailingZeros,
    /// Reverses the bytes in each unit of that many bits.
    ReverseIn(u8),
    /// Zero-extends from that many bits.
    ZeroExtend(u8),
    /// Sign-extends from that many bits.
    SignExtend(u8),
}

/// Kinds of bit field instructions; the numbers are `immr` and `imms`, or `lsb` and `width`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BitField {
    /// What becomes of the bits outside the field.
    pub(super) rest: Rest,
    /// What the numbers mean.
    pub(super) numbers: FieldNumbers,
}

/// What becomes of the bits outside of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    Zero,
    Sign,
    Keep,
}

/// The numbers of a bit field instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldNumbers {
    /// `immr`, `imms`
    Raw,
    /// `lsb`, `width` of the source
    Extract,
    /// `lsb` in the target, `width`
    Insert,
}

/// Kinds of multiplication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Multiply {
    /// Which product.
    pub(super) product: Product,
    /// Whether the product is subtracted from the accumulator, or negated if there is none.
    pub(super) negative: bool,
    /// Whether an accumulator is written out.
    pub(super) accumulator: bool,
}

/// Which product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Product {
    /// Low half, at the width of the registers.
    Low,
    /// 64 bits of two signed 32-bit numbers.
    LongSigned,
    /// 64 bits of two unsigned 32-bit numbers.
    LongUnsigned,
    /// The high 64 bits, signed.
    HighSigned,
    /// The high 64 bits, unsigned.
    HighUnsigned,
}

/// What a conditional select does with the second register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SelectOp {
    Copy,
    Increment,
    Invert,
    Negate,
}

/// A condition on the flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Eq,
    Ne,
    Cs,
    Cc,
    Mi,
    Pl,
    Vs,
    Vc,
    Hi,
    Ls,
    Ge,
    Lt,
    Gt,
    Le,
    Al,
    Nv,
}

impl Condition {
    /// All of them, with their names; other names of the same condition come behind.
    pub(super) const ALL: [(&'static str, Condition); 18] = [
        ("EQ", Condition::Eq),
        ("NE", Condition::Ne),
        ("CS", Condition::Cs),
        ("CC", Condition::Cc),
        ("MI", Condition::Mi),
        ("PL", Condition::Pl),
        ("VS", Condition::Vs),
        ("VC", Condition::Vc),
        ("HI", Condition::Hi),
        ("LS", Condition::Ls),
        ("GE", Condition::Ge),
        ("LT", Condition::Lt),
        ("GT", Condition::Gt),
        ("LE", Condition::Le),
        ("AL", Condition::Al),
        ("NV", Condition::Nv),
        ("HS", Condition::Cs),
        ("LO", Condition::Cc),
    ];

    /// The condition of that name, in either case.
    pub(super) fn find(name: &str) -> Option<Condition> {
        Condition::ALL.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, found)| *found)
    }

    /// Its canonical name.
    pub(super) fn name(self) -> &'static str {
        Condition::ALL[self as usize].0
    }

    /// The opposite.
    pub(super) fn inverted(self) -> Condition {
        Condition::ALL[self as usize ^ 1].1
    }
}
