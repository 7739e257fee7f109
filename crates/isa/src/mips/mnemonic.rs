//! Mnemonics.

use super::instruction::{Access, BitField, Branch, HighLow, Op, Slot, Test, Unary};
use execution::BinaryOp;

/// What a mnemonic says: the shape of the operands, and what to do with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// No operands, nothing to do.
    Nop,
    /// Anything, which says how the assembler works.
    Set,
    /// `hint,address`, or only an address.
    Cache { hint: bool },
    /// `rd,number`
    LoadImmediate,
    /// `rd,symbol`
    LoadAddress,
    /// `rd,number`
    Upper,
    /// `rd,rs,rt`; with a number in place of `rt` it is the named instruction.
    Compute(Op, Option<&'static str>),
    /// `rd,rs,number`; the number has a sign.
    ComputeSigned(Op),
    /// `rd,rs,number`; the number has no sign. With a register in its place it is the named instruction.
    ComputeUnsigned(Op, Option<&'static str>),
    /// `rd,rs`
    Unary(Unary),
    /// `rd,rs,rt`
    MoveIf { zero: bool },
    /// `rd,rs,position,size`
    BitField(BitField),
    /// `rs,rt`
    HighLow(HighLow),
    /// `rs,rt`; with three registers the quotient goes to the first.
    Divide { signed: bool, bits: u8 },
    /// `rd`
    MoveFrom { high: bool },
    /// `rs`
    MoveTo { high: bool },
    /// `rt,address`
    Load(Access),
    /// `rt,address`
    Store(Access),
    /// `rt,address`
    LoadLinked(Access),
    /// `rt,address`
    StoreConditional(Access),
    /// `rs,rt,label`
    Branch(Branch),
    /// `rs,label`
    BranchZero(Branch),
    /// `label`, or a register for `j` and `jal`.
    Jump { link: bool, slot: bool },
    /// `rs`
    JumpRegister { slot: bool },
    /// `rs`, or `rd,rs`
    JumpLinkRegister,
    /// Perhaps the number of a kind.
    Sync(Option<usize>),
    /// `rs,rt`, perhaps a number.
    Trap(Test),
    /// Perhaps a number.
    Exception,
}

const WORD: u8 = 32;
const DOUBLE: u8 = 64;

const fn compute(op: BinaryOp, bits: u8, immediate: &'static str) -> Shape {
    Shape::Compute(Op::Simple(op, bits), Some(immediate))
}

const fn only(op: BinaryOp, bits: u8) -> Shape {
    Shape::Compute(Op::Simple(op, bits), None)
}

const fn signed(op: BinaryOp, bits: u8) -> Shape {
    Shape::ComputeSigned(Op::Simple(op, bits))
}

const fn unsigned(op: BinaryOp) -> Shape {
    Shape::ComputeUnsigned(Op::Simple(op, DOUBLE), None)
}

const fn shift(op: BinaryOp, bits: u8, variable: &'static str) -> Shape {
    Shape::ComputeUnsigned(Op::Shift(op, bits), Some(variable))
}

const fn variable_shift(op: BinaryOp, bits: u8) -> Shape {
    Shape::Compute(Op::Shift(op, bits), None)
}

const fn load(name: &'static str, bits: u8, signed: bool) -> Shape {
    Shape::Load(Access { name, bits, signed })
}

const fn store(name: &'static str, bits: u8) -> Shape {
    Shape::Store(Access { name, bits, signed: false })
}

const fn branch(test: Test, slot: Slot) -> Shape {
    Shape::Branch(Branch { test, link: false, slot })
}

const fn zero(test: Test, slot: Slot) -> Shape {
    Shape::BranchZero(Branch { test, link: false, slot })
}

#[rustfmt::skip]
const TABLE: &[(&str, Shape)] = &[
    ("lw", load("lw", WORD, true)),
    ("sw", store("sw", WORD)),
    ("ori", unsigned(BinaryOp::Or)),
    ("sync", Shape::Sync(None)),
    ("li", Shape::LoadImmediate),
    ("beq", branch(Test::Eq, Slot::Always)),
    ("bne", branch(Test::Ne, Slot::Always)),
    ("nop", Shape::Nop),
    ("move", Shape::Unary(Unary::Move)),
    ("xor", compute(BinaryOp::Xor, DOUBLE, "xori")),
    ("addu", compute(BinaryOp::Add, WORD, "addiu")),
    ("jr", Shape::JumpRegister { slot: true }),
    ("b", Shape::Jump { link: false, slot: true }),
    ("ll", Shape::LoadLinked(Access { name: "ll", bits: WORD, signed: true })),
    ("sc", Shape::StoreConditional(Access { name: "sc", bits: WORD, signed: true })),
    ("lld", Shape::LoadLinked(Access { name: "lld", bits: DOUBLE, signed: true })),
    ("scd", Shape::StoreConditional(Access { name: "scd", bits: DOUBLE, signed: true })),
    // Loads and stores.
    ("lb", load("lb", 8, true)),
    ("lbu", load("lbu", 8, false)),
    ("lh", load("lh", 16, true)),
    ("lhu", load("lhu", 16, false)),
    ("lwu", load("lwu", WORD, false)),
    ("ld", load("ld", DOUBLE, true)),
    ("sb", store("sb", 8)),
    ("sh", store("sh", 16)),
    ("sd", store("sd", DOUBLE)),
    // Numbers and addresses.
    ("dli", Shape::LoadImmediate),
    ("la", Shape::LoadAddress),
    ("dla", Shape::LoadAddress),
    ("lui", Shape::Upper),
    // Arithmetic.
    ("add", compute(BinaryOp::Add, WORD, "addi")),
    ("sub", compute(BinaryOp::Sub, WORD, "subi")),
    ("subu", compute(BinaryOp::Sub, WORD, "subiu")),
    ("dadd", compute(BinaryOp::Add, DOUBLE, "daddi")),
    ("daddu", compute(BinaryOp::Add, DOUBLE, "daddiu")),
    ("dsub", only(BinaryOp::Sub, DOUBLE)),
    ("dsubu", only(BinaryOp::Sub, DOUBLE)),
    ("and", compute(BinaryOp::And, DOUBLE, "andi")),
    ("or", compute(BinaryOp::Or, DOUBLE, "ori")),
    ("nor", Shape::Compute(Op::Nor, Some("nori"))),
    ("slt", compute(BinaryOp::LtSigned, DOUBLE, "slti")),
    ("sltu", compute(BinaryOp::LtUnsigned, DOUBLE, "sltiu")),
    ("mul", only(BinaryOp::Mul, WORD)),
    ("dmul", only(BinaryOp::Mul, DOUBLE)),
    ("mulu", only(BinaryOp::Mul, WORD)),
    ("dmulu", only(BinaryOp::Mul, DOUBLE)),
    ("muh", only(BinaryOp::MulHighSigned, WORD)),
    ("muhu", only(BinaryOp::MulHighUnsigned, WORD)),
    ("dmuh", only(BinaryOp::MulHighSigned, DOUBLE)),
    ("dmuhu", only(BinaryOp::MulHighUnsigned, DOUBLE)),
    ("mod", only(BinaryOp::RemSigned, WORD)),
    ("modu", only(BinaryOp::RemUnsigned, WORD)),
    ("dmod", only(BinaryOp::RemSigned, DOUBLE)),
    ("dmodu", only(BinaryOp::RemUnsigned, DOUBLE)),
    ("seleqz", Shape::Compute(Op::ZeroIf { zero: false }, None)),
    ("selnez", Shape::Compute(Op::ZeroIf { zero: true }, None)),
    ("addi", signed(BinaryOp::Add, WORD)),
    ("addiu", signed(BinaryOp::Add, WORD)),
    ("subi", signed(BinaryOp::Sub, WORD)),
    ("subiu", signed(BinaryOp::Sub, WORD)),
    ("daddi", signed(BinaryOp::Add, DOUBLE)),
    ("daddiu", signed(BinaryOp::Add, DOUBLE)),
    ("slti", signed(BinaryOp::LtSigned, DOUBLE)),
    ("sltiu", signed(BinaryOp::LtUnsigned, DOUBLE)),
    ("andi", unsigned(BinaryOp::And)),
    ("xori", unsigned(BinaryOp::Xor)),
    ("nori", Shape::ComputeUnsigned(Op::Nor, None)),
    ("sll", shift(BinaryOp::Shl, WORD, "sllv")),
    ("srl", shift(BinaryOp::ShrLogical, WORD, "srlv")),
    ("sra", shift(BinaryOp::ShrArithmetic, WORD, "srav")),
    ("rotr", shift(BinaryOp::RotateRight, WORD, "rotrv")),
    ("dsll", shift(BinaryOp::Shl, DOUBLE, "dsllv")),
    ("dsrl", shift(BinaryOp::ShrLogical, DOUBLE, "dsrlv")),
    ("dsra", shift(BinaryOp::ShrArithmetic, DOUBLE, "dsrav")),
    ("drotr", shift(BinaryOp::RotateRight, DOUBLE, "drotrv")),
    ("dsll32", Shape::ComputeUnsigned(Op::ShiftFar(BinaryOp::Shl), None)),
    ("dsrl32", Shape::ComputeUnsigned(Op::ShiftFar(BinaryOp::ShrLogical), None)),
    ("dsra32", Shape::ComputeUnsigned(Op::ShiftFar(BinaryOp::ShrArithmetic), None)),
    ("sllv", variable_shift(BinaryOp::Shl, WORD)),
    ("srlv", variable_shift(BinaryOp::ShrLogical, WORD)),
    ("srav", variable_shift(BinaryOp::ShrArithmetic, WORD)),
    ("rotrv", variable_shift(BinaryOp::RotateRight, WORD)),
    ("dsllv", variable_shift(BinaryOp::Shl, DOUBLE)),
    ("dsrlv", variable_shift(BinaryOp::ShrLogical, DOUBLE)),
    ("dsrav", variable_shift(BinaryOp::ShrArithmetic, DOUBLE)),
    ("drotrv", variable_shift(BinaryOp::RotateRight, DOUBLE)),
    ("not", Shape::Unary(Unary::Not)),
    ("neg", Shape::Unary(Unary::Negate(WORD))),
    ("negu", Shape::Unary(Unary::Negate(WORD))),
    ("dneg", Shape::Unary(Unary::Negate(DOUBLE))),
    ("dnegu", Shape::Unary(Unary::Negate(DOUBLE))),
    ("seb", Shape::Unary(Unary::SignExtend(8))),
    ("seh", Shape::Unary(Unary::SignExtend(16))),
    ("wsbh", Shape::Unary(Unary::ReverseInHalves)),
    ("clz", Shape::Unary(Unary::CountLeadingZeros(WORD))),
    ("clo", Shape::Unary(Unary::CountLeadingOnes(WORD))),
    ("dclz", Shape::Unary(Unary::CountLeadingZeros(DOUBLE))),
    ("dclo", Shape::Unary(Unary::CountLeadingOnes(DOUBLE))),
    ("movn", Shape::MoveIf { zero: false }),
    ("movz", Shape::MoveIf { zero: true }),
    ("ext", Shape::BitField(BitField { insert: false, bits: WORD })),
    ("dext", Shape::BitField(BitField { insert: false, bits: DOUBLE })),
    ("ins", Shape::BitField(BitField { insert: true, bits: WORD })),
    ("dins", Shape::BitField(BitField { insert: true, bits: DOUBLE })),
    ("mult", Shape::HighLow(HighLow::Multiply { signed: true, bits: WORD })),
    ("multu", Shape::HighLow(HighLow::Multiply { signed: false, bits: WORD })),
    ("dmult", Shape::HighLow(HighLow::Multiply { signed: true, bits: DOUBLE })),
    ("dmultu", Shape::HighLow(HighLow::Multiply { signed: false, bits: DOUBLE })),
    ("div", Shape::Divide { signed: true, bits: WORD }),
    ("divu", Shape::Divide { signed: false, bits: WORD }),
    ("ddiv", Shape::Divide { signed: true, bits: DOUBLE }),
    ("ddivu", Shape::Divide { signed: false, bits: DOUBLE }),
    ("mfhi", Shape::MoveFrom { high: true }),
    ("mflo", Shape::MoveFrom { high: false }),
    ("mthi", Shape::MoveTo { high: true }),
    ("mtlo", Shape::MoveTo { high: false }),
    // Branches.
    ("beql", branch(Test::Eq, Slot::Likely)),
    ("bnel", branch(Test::Ne, Slot::Likely)),
    ("beqc", branch(Test::Eq, Slot::None)),
    ("bnec", branch(Test::Ne, Slot::None)),
    ("bltc", branch(Test::Lt, Slot::None)),
    ("bgec", branch(Test::Ge, Slot::None)),
    ("bltuc", branch(Test::LtUnsigned, Slot::None)),
    ("bgeuc", branch(Test::GeUnsigned, Slot::None)),
    ("blt", branch(Test::Lt, Slot::Always)),
    ("ble", branch(Test::Le, Slot::Always)),
    ("bgt", branch(Test::Gt, Slot::Always)),
    ("bge", branch(Test::Ge, Slot::Always)),
    ("bltu", branch(Test::LtUnsigned, Slot::Always)),
    ("bleu", branch(Test::LeUnsigned, Slot::Always)),
    ("bgtu", branch(Test::GtUnsigned, Slot::Always)),
    ("bgeu", branch(Test::GeUnsigned, Slot::Always)),
    ("beqz", zero(Test::Eq, Slot::Always)),
    ("bnez", zero(Test::Ne, Slot::Always)),
    ("blez", zero(Test::Le, Slot::Always)),
    ("bgtz", zero(Test::Gt, Slot::Always)),
    ("bltz", zero(Test::Lt, Slot::Always)),
    ("bgez", zero(Test::Ge, Slot::Always)),
    ("beqzl", zero(Test::Eq, Slot::Likely)),
    ("bnezl", zero(Test::Ne, Slot::Likely)),
    ("blezl", zero(Test::Le, Slot::Likely)),
    ("bgtzl", zero(Test::Gt, Slot::Likely)),
    ("bltzl", zero(Test::Lt, Slot::Likely)),
    ("bgezl", zero(Test::Ge, Slot::Likely)),
    ("beqzc", zero(Test::Eq, Slot::None)),
    ("bnezc", zero(Test::Ne, Slot::None)),
    ("blezc", zero(Test::Le, Slot::None)),
    ("bgtzc", zero(Test::Gt, Slot::None)),
    ("bltzc", zero(Test::Lt, Slot::None)),
    ("bgezc", zero(Test::Ge, Slot::None)),
    ("bltzal", Shape::BranchZero(Branch { test: Test::Lt, link: true, slot: Slot::Always })),
    ("bgezal", Shape::BranchZero(Branch { test: Test::Ge, link: true, slot: Slot::Always })),
    ("j", Shape::Jump { link: false, slot: true }),
    ("jal", Shape::Jump { link: true, slot: true }),
    ("bal", Shape::Jump { link: true, slot: true }),
    ("bc", Shape::Jump { link: false, slot: false }),
    ("balc", Shape::Jump { link: true, slot: false }),
    ("jrc", Shape::JumpRegister { slot: false }),
    ("jalr", Shape::JumpLinkRegister),
    // Fences.
    ("sync_wmb", Shape::Sync(Some(1))),
    ("sync_mb", Shape::Sync(Some(2))),
    ("sync_acquire", Shape::Sync(Some(3))),
    ("sync_release", Shape::Sync(Some(4))),
    ("sync_rmb", Shape::Sync(Some(5))),
    // The rest.
    ("ssnop", Shape::Nop),
    ("ehb", Shape::Nop),
    ("pause", Shape::Nop),
    (".set", Shape::Set),
    ("pref", Shape::Cache { hint: true }),
    ("cache", Shape::Cache { hint: true }),
    ("synci", Shape::Cache { hint: false }),
    ("teq", Shape::Trap(Test::Eq)),
    ("tne", Shape::Trap(Test::Ne)),
    ("tlt", Shape::Trap(Test::Lt)),
    ("tge", Shape::Trap(Test::Ge)),
    ("tltu", Shape::Trap(Test::LtUnsigned)),
    ("tgeu", Shape::Trap(Test::GeUnsigned)),
    ("syscall", Shape::Exception),
    ("break", Shape::Exception),
];

/// Looks a mnemonic up; it is in lower case.
pub(super) fn find(word: &str) -> Option<(&'static str, Shape)> {
    TABLE.iter().find(|(name, _)| *name == word).copied()
}

/// All mnemonics, for suggestions.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, _)| *name)
}
