//! Instructions as data.

use super::register::Register;
use crate::operand::{Symbol, Target};
use execution::{BinaryOp, UnaryOp};

/// An instruction with the condition on which it is executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Instruction<'a> {
    /// When it is executed.
    pub(super) condition: Condition,
    /// What it does.
    pub(super) kind: Kind<'a>,
}

/// What an instruction does. `name` is the mnemonic where several have the same shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// `NOP`, and hints: nothing that anybody can see.
    Nop { name: &'static str },
    /// `ITTE EQ`: says on what conditions the next instructions are executed, which they say themselves, too.
    Block { pattern: &'static str, condition: Condition },
    /// `PLD [R0]`
    Preload { name: &'static str, address: Address<'a> },
    /// `ADD R0,R1,R2`
    Alu { op: AluOp, flags: bool, target: Register<'a>, left: Register<'a>, right: Operand<'a> },
    /// `CMP R0,R1`
    Compare { op: CompareOp, left: Register<'a>, right: Operand<'a> },
    /// `MOV R0,R1`; `not` for `MVN`
    Move { not: bool, flags: bool, target: Register<'a>, source: Operand<'a> },
    /// `LSL R0,R1,R2`
    Shift { op: ShiftOp, flags: bool, target: Register<'a>, source: Register<'a>, distance: Distance<'a> },
    /// `MOVW R0,#1`; `top` for `MOVT`
    MoveWide { top: bool, target: Register<'a>, value: Half<'a> },
    /// `MUL R0,R1,R2`, `MLA R0,R1,R2,R3`
    Multiply {
        op: MultiplyOp,
        flags: bool,
        target: Register<'a>,
        left: Register<'a>,
        right: Register<'a>,
        sum: Option<Register<'a>>,
    },
    /// `UMULL R0,R1,R2,R3`
    MultiplyLong {
        op: LongOp,
        flags: bool,
        low: Register<'a>,
        high: Register<'a>,
        left: Register<'a>,
        right: Register<'a>,
    },
    /// `UDIV R0,R1,R2`
    Divide { name: &'static str, op: BinaryOp, target: Register<'a>, left: Register<'a>, right: Register<'a> },
    /// `CLZ R0,R1`
    Unary { name: &'static str, op: Unary, target: Register<'a>, source: Register<'a> },
    /// `UXTB R0,R1`, `SXTAH R0,R1,R2,ROR #8`
    Extend {
        name: &'static str,
        extend: Extend,
        target: Register<'a>,
        sum: Option<Register<'a>>,
        source: Register<'a>,
        rotate: u8,
    },
    /// `UBFX R0,R1,#4,#8`; no source for `BFC`
    BitField { op: BitFieldOp, target: Register<'a>, source: Option<Register<'a>>, lsb: u8, width: u8 },
    /// `SADD16 R0,R1,R2`
    Parallel { op: Parallel, target: Register<'a>, left: Register<'a>, right: Register<'a> },
    /// `SEL R0,R1,R2`
    Select { target: Register<'a>, left: Register<'a>, right: Register<'a> },
    /// `LDR R0,[R1]`
    Load { access: Access, target: Register<'a>, address: Address<'a> },
    /// `STR R0,[R1]`
    Store { access: Access, source: Register<'a>, address: Address<'a> },
    /// `LDRD R0,R1,[R2]`, `STRD R0,R1,[R2]`
    Pair { load: bool, registers: [Register<'a>; 2], address: Address<'a> },
    /// `LDM R0, {R1,R2}`, `STMDB R0!, {R1,R2}`
    Multiple { load: bool, mode: Mode, base: Register<'a>, write_back: bool, registers: Registers },
    /// `PUSH {R4,LR}`, `POP {R4,PC}`
    Stack { load: bool, registers: Registers },
    /// `STREX R0,R1,[R2]`
    StoreExclusive { access: Access, status: Register<'a>, source: Register<'a>, address: Address<'a> },
    /// `LDREXD R0,R1,[R2]`
    LoadExclusivePair { access: Access, targets: [Register<'a>; 2], address: Address<'a> },
    /// `STREXD R0,R1,R2,[R3]`
    StoreExclusivePair {
        access: Access,
        status: Register<'a>,
        sources: [Register<'a>; 2],
        address: Address<'a>,
    },
    /// `CLREX`
    ClearExclusive,
    /// `LDR R0,=x`
    LoadSymbol { target: Register<'a>, symbol: Symbol<'a> },
    /// `LDR R0,=5`
    LoadNumber { target: Register<'a>, value: i64 },
    /// `LDR R0,L`, where a word stands at `L`.
    LoadLiteral { target: Register<'a>, label: Symbol<'a> },
    /// `.word x`
    Word { text: &'a str },
    /// `ADR R0,L`
    LabelAddress { target: Register<'a>, label: Target<'a> },
    /// `B L`, `BL L`
    Branch { link: bool, target: Target<'a> },
    /// `BX R0`, `BLX R0`
    BranchRegister { link: bool, register: Register<'a> },
    /// `CBZ R0,L`
    CompareBranch { nonzero: bool, register: Register<'a>, target: Target<'a> },
    /// `DMB ISH`; the option is a position in the table of options.
    Barrier { synchronizes: bool, option: usize },
    /// `ISB`
    InstructionBarrier,
    /// `SVC #0`
    Exception { name: &'static str, number: Option<i64> },
}

/// Conditions on the flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// Equal.
    Eq,
    /// Different.
    Ne,
    /// Carry set: higher or same.
    Cs,
    /// Carry clear: lower.
    Cc,
    /// Negative.
    Mi,
    /// Positive or zero.
    Pl,
    /// Overflow.
    Vs,
    /// No overflow.
    Vc,
    /// Higher, unsigned.
    Hi,
    /// Lower or same, unsigned.
    Ls,
    /// Greater or equal, signed.
    Ge,
    /// Less, signed.
    Lt,
    /// Greater, signed.
    Gt,
    /// Less or equal, signed.
    Le,
    /// Always.
    Al,
}

/// Names of conditions. The first of each is the canonical one.
pub(super) const CONDITIONS: [(&str, Condition); 17] = [
    ("EQ", Condition::Eq),
    ("NE", Condition::Ne),
    ("CS", Condition::Cs),
    ("HS", Condition::Cs),
    ("CC", Condition::Cc),
    ("LO", Condition::Cc),
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
];

/// Arithmetic on two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AluOp {
    /// Sum.
    Add,
    /// Sum with carry.
    Adc,
    /// Difference.
    Sub,
    /// Difference with carry.
    Sbc,
    /// The second less the first.
    Rsb,
    /// The second less the first, with carry.
    Rsc,
    /// Bitwise and.
    And,
    /// Bitwise and with the complement.
    Bic,
    /// Bitwise or.
    Orr,
    /// Bitwise or with the complement.
    Orn,
    /// Bitwise exclusive or.
    Eor,
}

/// What only sets flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CompareOp {
    /// As `SUBS`.
    Cmp,
    /// As `ADDS`.
    Cmn,
    /// As `ANDS`.
    Tst,
    /// As `EORS`.
    Teq,
}

/// Shifts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShiftOp {
    /// To the left.
    Lsl,
    /// To the right, filled with zeros.
    Lsr,
    /// To the right, filled with the sign.
    Asr,
    /// Rotation to the right.
    Ror,
    /// Rotation to the right by one bit, through the carry.
    Rrx,
}

/// How far a shift goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Distance<'a> {
    /// That many bits.
    Immediate(u8),
    /// The low byte of a register.
    Register(Register<'a>),
}

/// The last operand of arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operand<'a> {
    /// `#5`
    Immediate(i64),
    /// `R1`
    Register(Register<'a>),
    /// `R1,LSL #2`
    Shifted { register: Register<'a>, op: ShiftOp, distance: Distance<'a> },
}

/// Sixteen bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half<'a> {
    /// `#5`
    Number(i64),
    /// `#:lower16:x`: the whole address of the symbol; or `#:upper16:x`: nothing more. `relative` is what is subtracted
    /// to make it relative to the program counter.
    Symbol { upper: bool, symbol: Symbol<'a>, relative: Option<Symbol<'a>> },
}

/// Products of 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MultiplyOp {
    /// The product.
    Mul,
    /// Added to a register.
    Mla,
    /// Subtracted from a register.
    Mls,
    /// The high half of the product of signed numbers.
    Smmul,
}

/// Products of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LongOp {
    /// The mnemonic.
    pub(super) name: &'static str,
    /// Whether the factors have a sign.
    pub(super) signed: bool,
    /// Whether the product is added to the target.
    pub(super) accumulate: bool,
}

/// Arithmetic on one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    /// An operation that the machine of micro-operations has.
    Simple(UnaryOp),
    /// The bytes of each half in reverse order.
    ReverseInHalves,
    /// The bytes of the low half in reverse order, with the sign.
    ReverseSignedHalf,
}

/// What part of a register is extended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extend {
    /// Whether with its sign.
    pub(super) signed: bool,
    /// How many bits.
    pub(super) bits: u8,
}

/// Operations on bit fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BitFieldOp {
    /// Takes a field out.
    Ubfx,
    /// Takes a field out, with its sign.
    Sbfx,
    /// Inserts the low bits.
    Bfi,
    /// Clears a field.
    Bfc,
}

/// Arithmetic on the parts of a register, which sets the flags of parallel arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parallel {
    /// The mnemonic.
    pub(super) name: &'static str,
    /// Whether the parts have a sign.
    pub(super) signed: bool,
    /// Whether they are subtracted.
    pub(super) subtract: bool,
    /// Width of a part.
    pub(super) bits: u8,
}

/// What an access reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Access {
    /// The mnemonic.
    pub(super) name: &'static str,
    /// Width in bits.
    pub(super) bits: u8,
    /// Whether what is read has a sign.
    pub(super) signed: bool,
    /// Acquire or release.
    pub(super) ordered: bool,
    /// Exclusive.
    pub(super) exclusive: bool,
}

/// Where an access goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address<'a> {
    /// The base register.
    pub(super) base: Register<'a>,
    /// What is added to it.
    pub(super) offset: Offset<'a>,
    /// What happens to the base register.
    pub(super) indexing: Indexing,
}

/// What is added to the base register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offset<'a> {
    /// `#4`
    Immediate(i64),
    /// `#:lower12:x`: nothing, because the base has all of it; but for the symbol's offset.
    Symbol(Symbol<'a>),
    /// `-R1,LSL #2`
    Register { negative: bool, register: Register<'a>, shift: Option<(ShiftOp, u8)> },
}

/// What happens to the base register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Indexing {
    /// Nothing.
    Offset,
    /// `[R0,#4]!`: it becomes the address.
    Pre,
    /// `[R0],#4`: the offset is added behind the access.
    Post,
}

/// Where the registers of a multiple access go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Upwards from the base.
    IncrementAfter,
    /// Upwards from behind the base.
    IncrementBefore,
    /// Downwards from the base.
    DecrementAfter,
    /// Downwards from before the base.
    DecrementBefore,
}

/// A set of registers: bit `i` stands for `Ri`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Registers(pub(super) u16);

impl Registers {
    /// Their numbers, upwards.
    pub(super) fn numbers(self) -> impl Iterator<Item = u8> {
        (0..16).filter(move |number| self.0 >> number & 1 != 0)
    }

    /// How many there are.
    pub(super) fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether the program counter is among them.
    pub(super) fn has_program_counter(self) -> bool {
        self.0 >> 15 != 0
    }
}

impl Condition {
    /// The condition that holds where this does not.
    pub(super) fn inverted(self) -> Condition {
        use Condition::*;
        match self {
            Eq => Ne,
            Ne => Eq,
            Cs => Cc,
            Cc => Cs,
            Mi => Pl,
            Pl => Mi,
            Vs => Vc,
            Vc => Vs,
            Hi => Ls,
            Ls => Hi,
            Ge => Lt,
            Lt => Ge,
            Gt => Le,
            Le => Gt,
            Al => Al,
        }
    }
}
