//! Mnemonics.

use super::instruction::{CONDITIONS, Code, Comparison, Op, Unary};
use execution::BinaryOp;

/// What a mnemonic says: the shape of the operands, and what to do with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// No operands that matter.
    Nop,
    /// `r1,number`, of so many bits
    LoadImmediate(u8),
    /// `r1,symbol`
    LoadSymbol,
    /// `r1,address`
    LoadAddress,
    /// `r1,r2`
    Unary(Unary),
    /// `r1,r2`
    Compute(Op),
    /// `r1,r2,r3`
    ComputeThree(Op),
    /// `r1,number`
    ComputeImmediate(Op),
    /// `r1,r3,distance`
    Shift(Op),
    /// `r1,distance`
    ShiftWord(Op),
    /// `r1,address`
    Load { width: u8, signed: bool },
    /// `r1,address`
    Store(u8),
    /// `address,number`
    StoreImmediate(u8),
    /// `r1,r3,address`
    Interlocked(Op),
    /// `address,number`
    InterlockedImmediate(Op),
    /// `r1,r3,address`
    CompareSwap(u8),
    /// `r1,r2`
    Compare(Comparison),
    /// `r1,number`
    CompareImmediate(Comparison),
    /// `mask,label`
    BranchMask,
    /// `label`
    Branch(u8),
    /// `r1,r2,label`; with no mask: `r1,r2,mask,label`
    CompareBranch(Comparison, Option<u8>),
    /// `r1,number,label`; with no mask: `r1,number,mask,label`
    CompareBranchImmediate(Comparison, Option<u8>),
    /// `r1,label`
    Call,
    /// `r2`
    BranchRegister,
    /// `mask,r2`
    BranchMaskRegister,
}

const WORD: u8 = 32;
const DOUBLE: u8 = 64;

const fn op(op: BinaryOp, width: u8, code: Code) -> Op {
    Op { op, width, code }
}

const fn two(operation: BinaryOp, width: u8, code: Code) -> Shape {
    Shape::Compute(op(operation, width, code))
}

const fn three(operation: BinaryOp, width: u8, code: Code) -> Shape {
    Shape::ComputeThree(op(operation, width, code))
}

const fn immediate(operation: BinaryOp, width: u8, code: Code) -> Shape {
    Shape::ComputeImmediate(op(operation, width, code))
}

const fn interlocked(operation: BinaryOp, width: u8, code: Code) -> Shape {
    Shape::Interlocked(op(operation, width, code))
}

const fn load(width: u8, signed: bool) -> Shape {
    Shape::Load { width, signed }
}

const fn compare(width: u8, signed: bool) -> Shape {
    Shape::Compare(Comparison { width, signed })
}

const fn compare_immediate(width: u8, signed: bool) -> Shape {
    Shape::CompareImmediate(Comparison { width, signed })
}

#[rustfmt::skip]
const TABLE: &[(&str, Shape)] = &[
    ("lg", load(DOUBLE, false)),
    ("l", load(WORD, false)),
    ("stg", Shape::Store(DOUBLE)),
    ("st", Shape::Store(WORD)),
    ("lghi", Shape::LoadImmediate(DOUBLE)),
    ("bcr", Shape::BranchMaskRegister),
    ("lgr", Shape::Unary(Unary::ZeroExtend(DOUBLE))),
    // Loads and stores.
    ("ly", load(WORD, false)),
    ("llgf", load(WORD, false)),
    ("lgf", load(WORD, true)),
    ("llgh", load(16, false)),
    ("llh", load(16, false)),
    ("lgh", load(16, true)),
    ("llgc", load(8, false)),
    ("llc", load(8, false)),
    ("lgb", load(8, true)),
    ("sty", Shape::Store(WORD)),
    ("sth", Shape::Store(16)),
    ("sthy", Shape::Store(16)),
    ("stc", Shape::Store(8)),
    ("stcy", Shape::Store(8)),
    ("mvi", Shape::StoreImmediate(8)),
    ("mviy", Shape::StoreImmediate(8)),
    ("mvhhi", Shape::StoreImmediate(16)),
    ("mvhi", Shape::StoreImmediate(WORD)),
    ("mvghi", Shape::StoreImmediate(DOUBLE)),
    // Interlocked accesses.
    ("laa", interlocked(BinaryOp::Add, WORD, Code::Sign)),
    ("laag", interlocked(BinaryOp::Add, DOUBLE, Code::Sign)),
    ("laal", interlocked(BinaryOp::Add, WORD, Code::Zero)),
    ("laalg", interlocked(BinaryOp::Add, DOUBLE, Code::Zero)),
    ("lan", interlocked(BinaryOp::And, WORD, Code::Zero)),
    ("lang", interlocked(BinaryOp::And, DOUBLE, Code::Zero)),
    ("lao", interlocked(BinaryOp::Or, WORD, Code::Zero)),
    ("laog", interlocked(BinaryOp::Or, DOUBLE, Code::Zero)),
    ("lax", interlocked(BinaryOp::Xor, WORD, Code::Zero)),
    ("laxg", interlocked(BinaryOp::Xor, DOUBLE, Code::Zero)),
    ("asi", Shape::InterlockedImmediate(op(BinaryOp::Add, WORD, Code::Sign))),
    ("agsi", Shape::InterlockedImmediate(op(BinaryOp::Add, DOUBLE, Code::Sign))),
    ("cs", Shape::CompareSwap(WORD)),
    ("csy", Shape::CompareSwap(WORD)),
    ("csg", Shape::CompareSwap(DOUBLE)),
    // Constants and addresses.
    ("lhi", Shape::LoadImmediate(WORD)),
    ("lgfi", Shape::LoadImmediate(DOUBLE)),
    ("llilf", Shape::LoadImmediate(WORD)),
    ("larl", Shape::LoadSymbol),
    ("la", Shape::LoadAddress),
    ("lay", Shape::LoadAddress),
    // Moves.
    ("lr", Shape::Unary(Unary::ZeroExtend(WORD))),
    ("llgfr", Shape::Unary(Unary::ZeroExtend(WORD))),
    ("llghr", Shape::Unary(Unary::ZeroExtend(16))),
    ("llgcr", Shape::Unary(Unary::ZeroExtend(8))),
    ("lgfr", Shape::Unary(Unary::SignExtend(WORD))),
    ("lghr", Shape::Unary(Unary::SignExtend(16))),
    ("lgbr", Shape::Unary(Unary::SignExtend(8))),
    ("lcr", Shape::Unary(Unary::Negate(WORD))),
    ("lcgr", Shape::Unary(Unary::Negate(DOUBLE))),
    ("ltr", Shape::Unary(Unary::Test(WORD))),
    ("ltgr", Shape::Unary(Unary::Test(DOUBLE))),
    // Arithmetic.
    ("ar", two(BinaryOp::Add, WORD, Code::Sign)),
    ("agr", two(BinaryOp::Add, DOUBLE, Code::Sign)),
    ("alr", two(BinaryOp::Add, WORD, Code::Zero)),
    ("algr", two(BinaryOp::Add, DOUBLE, Code::Zero)),
    ("sr", two(BinaryOp::Sub, WORD, Code::Sign)),
    ("sgr", two(BinaryOp::Sub, DOUBLE, Code::Sign)),
    ("slr", two(BinaryOp::Sub, WORD, Code::Zero)),
    ("slgr", two(BinaryOp::Sub, DOUBLE, Code::Zero)),
    ("nr", two(BinaryOp::And, WORD, Code::Zero)),
    ("ngr", two(BinaryOp::And, DOUBLE, Code::Zero)),
    ("or", two(BinaryOp::Or, WORD, Code::Zero)),
    ("ogr", two(BinaryOp::Or, DOUBLE, Code::Zero)),
    ("xr", two(BinaryOp::Xor, WORD, Code::Zero)),
    ("xgr", two(BinaryOp::Xor, DOUBLE, Code::Zero)),
    ("msr", two(BinaryOp::Mul, WORD, Code::None)),
    ("msgr", two(BinaryOp::Mul, DOUBLE, Code::None)),
    ("ark", three(BinaryOp::Add, WORD, Code::Sign)),
    ("agrk", three(BinaryOp::Add, DOUBLE, Code::Sign)),
    ("srk", three(BinaryOp::Sub, WORD, Code::Sign)),
    ("sgrk", three(BinaryOp::Sub, DOUBLE, Code::Sign)),
    ("nrk", three(BinaryOp::And, WORD, Code::Zero)),
    ("ngrk", three(BinaryOp::And, DOUBLE, Code::Zero)),
    ("ork", three(BinaryOp::Or, WORD, Code::Zero)),
    ("ogrk", three(BinaryOp::Or, DOUBLE, Code::Zero)),
    ("xrk", three(BinaryOp::Xor, WORD, Code::Zero)),
    ("xgrk", three(BinaryOp::Xor, DOUBLE, Code::Zero)),
    ("ahi", immediate(BinaryOp::Add, WORD, Code::Sign)),
    ("aghi", immediate(BinaryOp::Add, DOUBLE, Code::Sign)),
    ("afi", immediate(BinaryOp::Add, WORD, Code::Sign)),
    ("agfi", immediate(BinaryOp::Add, DOUBLE, Code::Sign)),
    ("nilf", immediate(BinaryOp::And, WORD, Code::Zero)),
    ("oilf", immediate(BinaryOp::Or, WORD, Code::Zero)),
    ("xilf", immediate(BinaryOp::Xor, WORD, Code::Zero)),
    ("sllg", Shape::Shift(op(BinaryOp::Shl, DOUBLE, Code::None))),
    ("srlg", Shape::Shift(op(BinaryOp::ShrLogical, DOUBLE, Code::None))),
    ("srag", Shape::Shift(op(BinaryOp::ShrArithmetic, DOUBLE, Code::Sign))),
    ("sllk", Shape::Shift(op(BinaryOp::Shl, WORD, Code::None))),
    ("srlk", Shape::Shift(op(BinaryOp::ShrLogical, WORD, Code::None))),
    ("srak", Shape::Shift(op(BinaryOp::ShrArithmetic, WORD, Code::Sign))),
    ("sll", Shape::ShiftWord(op(BinaryOp::Shl, WORD, Code::None))),
    ("srl", Shape::ShiftWord(op(BinaryOp::ShrLogical, WORD, Code::None))),
    ("sra", Shape::ShiftWord(op(BinaryOp::ShrArithmetic, WORD, Code::Sign))),
    // Comparisons and branches.
    ("cr", compare(WORD, true)),
    ("cgr", compare(DOUBLE, true)),
    ("clr", compare(WORD, false)),
    ("clgr", compare(DOUBLE, false)),
    ("chi", compare_immediate(WORD, true)),
    ("cghi", compare_immediate(DOUBLE, true)),
    ("cfi", compare_immediate(WORD, true)),
    ("cgfi", compare_immediate(DOUBLE, true)),
    ("clfi", compare_immediate(WORD, false)),
    ("clgfi", compare_immediate(DOUBLE, false)),
    ("brc", Shape::BranchMask),
    ("brcl", Shape::BranchMask),
    ("bras", Shape::Call),
    ("brasl", Shape::Call),
    ("br", Shape::BranchRegister),
    ("nop", Shape::Nop),
    ("nopr", Shape::Nop),
];

/// The stems of compare-and-branch, whether the second operand is a number, and how they compare.
pub(super) const COMPARE_AND_BRANCH: [(&str, bool, Comparison); 8] = [
    ("crj", false, Comparison { width: WORD, signed: true }),
    ("cgrj", false, Comparison { width: DOUBLE, signed: true }),
    ("clrj", false, Comparison { width: WORD, signed: false }),
    ("clgrj", false, Comparison { width: DOUBLE, signed: false }),
    ("cij", true, Comparison { width: WORD, signed: true }),
    ("cgij", true, Comparison { width: DOUBLE, signed: true }),
    ("clij", true, Comparison { width: WORD, signed: false }),
    ("clgij", true, Comparison { width: DOUBLE, signed: false }),
];

/// Looks a mnemonic up; it is in lower case.
pub(super) fn find(word: &str) -> Option<(&'static str, Shape)> {
    let known = TABLE.iter().find(|(name, _)| *name == word);
    known.copied().or_else(|| branch(word).map(|shape| ("", shape)))
}

fn branch(word: &str) -> Option<Shape> {
    let mask = |suffix: &str| CONDITIONS.iter().find(|(name, _)| *name == suffix).map(|(_, mask)| *mask);
    if let Some(suffix) = word.strip_prefix("jg").or_else(|| word.strip_prefix('j'))
        && let Some(mask) = mask(suffix)
    {
        return Some(Shape::Branch(mask));
    }
    COMPARE_AND_BRANCH.iter().find_map(|(stem, number, how)| {
        let suffix = word.strip_prefix(stem)?;
        let mask = if suffix.is_empty() { None } else { Some(mask(suffix)?) };
        Some(match number {
            true => Shape::CompareBranchImmediate(*how, mask),
            false => Shape::CompareBranch(*how, mask),
        })
    })
}

/// All mnemonics, for suggestions.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    const BRANCHES: [&str; 24] = [
        "j", "je", "jne", "jl", "jh", "jle", "jhe", "jnl", "jnh", "jz", "jnz", "cgrj", "cgrje", "cgrjne",
        "cgrjl", "clgrjl", "crje", "crjne", "cgij", "cgije", "cgijne", "cije", "cijne", "clgijl",
    ];
    TABLE.iter().map(|(name, _)| *name).chain(BRANCHES)
}
