//! Mnemonics.

use super::instruction::{Am, AmOp, Bits, Op, Test, Unary};
use execution::BinaryOp;

/// What a mnemonic says: the shape of the operands, and what to do with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// No operands, nothing to do.
    Nop,
    /// `rd,number`
    LoadImmediate,
    /// `rd,number` of 20 bits
    Upper,
    /// `rd,symbol`
    LoadAddress,
    /// `rd,rj,rk`
    Compute(Op),
    /// `rd,rj,number`
    ComputeImmediate(Op),
    /// `rd,rj,rk,number`
    ShiftAdd(u8),
    /// `rd,rj,high,low`
    Bits(Bits),
    /// `rd,rj`
    Unary(Unary),
    /// `rd,rj,number`; the distance is a register if `indexed`.
    Load { width: u8, signed: bool, indexed: bool },
    /// The same.
    Store { width: u8, indexed: bool },
    /// `rd,rj,number`; no number if `acquire`.
    LoadLinked { width: u8, acquire: bool },
    /// `rd,rj,number`; no number if `release`.
    StoreConditional { width: u8, release: bool },
    /// `rd,rk,rj`
    Am(Am),
    /// `number`
    Barrier,
    /// `rj,rd,label`
    Branch(Test),
    /// `rj,label`
    BranchZero(Test),
    /// `label`
    Jump { link: bool },
    /// `rd,rj,number`
    JumpLink,
    /// `rj`
    JumpRegister,
    /// No operands.
    Return,
    /// `number`
    Exception,
}

const WORD: u8 = 32;
const DOUBLE: u8 = 64;

const fn compute(op: BinaryOp, width: u8) -> Shape {
    Shape::Compute(Op::Simple(op, width))
}

const fn immediate(op: BinaryOp, width: u8) -> Shape {
    Shape::ComputeImmediate(Op::Simple(op, width))
}

const fn shift(op: BinaryOp, width: u8) -> Shape {
    Shape::Compute(Op::Shift(op, width))
}

const fn shift_immediate(op: BinaryOp, width: u8) -> Shape {
    Shape::ComputeImmediate(Op::Shift(op, width))
}

const fn load(width: u8, signed: bool) -> Shape {
    Shape::Load { width, signed, indexed: false }
}

const fn load_indexed(width: u8, signed: bool) -> Shape {
    Shape::Load { width, signed, indexed: true }
}

const fn store(width: u8) -> Shape {
    Shape::Store { width, indexed: false }
}

const fn store_indexed(width: u8) -> Shape {
    Shape::Store { width, indexed: true }
}

#[rustfmt::skip]
const TABLE: &[(&str, Shape)] = &[
    ("ld.w", load(WORD, true)),
    ("st.w", store(WORD)),
    ("ori", immediate(BinaryOp::Or, DOUBLE)),
    ("dbar", Shape::Barrier),
    ("li.w", Shape::LoadImmediate),
    ("li.d", Shape::LoadImmediate),
    ("move", Shape::Unary(Unary::Move)),
    ("nop", Shape::Nop),
    // Loads and stores.
    ("ld.b", load(8, true)),
    ("ld.h", load(16, true)),
    ("ld.d", load(DOUBLE, true)),
    ("ld.bu", load(8, false)),
    ("ld.hu", load(16, false)),
    ("ld.wu", load(WORD, false)),
    ("ldptr.w", load(WORD, true)),
    ("ldptr.d", load(DOUBLE, true)),
    ("st.b", store(8)),
    ("st.h", store(16)),
    ("st.d", store(DOUBLE)),
    ("stptr.w", store(WORD)),
    ("stptr.d", store(DOUBLE)),
    ("ldx.b", load_indexed(8, true)),
    ("ldx.h", load_indexed(16, true)),
    ("ldx.w", load_indexed(WORD, true)),
    ("ldx.d", load_indexed(DOUBLE, true)),
    ("ldx.bu", load_indexed(8, false)),
    ("ldx.hu", load_indexed(16, false)),
    ("ldx.wu", load_indexed(WORD, false)),
    ("stx.b", store_indexed(8)),
    ("stx.h", store_indexed(16)),
    ("stx.w", store_indexed(WORD)),
    ("stx.d", store_indexed(DOUBLE)),
    ("ll.w", Shape::LoadLinked { width: WORD, acquire: false }),
    ("ll.d", Shape::LoadLinked { width: DOUBLE, acquire: false }),
    ("llacq.w", Shape::LoadLinked { width: WORD, acquire: true }),
    ("llacq.d", Shape::LoadLinked { width: DOUBLE, acquire: true }),
    ("sc.w", Shape::StoreConditional { width: WORD, release: false }),
    ("sc.d", Shape::StoreConditional { width: DOUBLE, release: false }),
    ("screl.w", Shape::StoreConditional { width: WORD, release: true }),
    ("screl.d", Shape::StoreConditional { width: DOUBLE, release: true }),
    // Constants and addresses.
    ("lu12i.w", Shape::Upper),
    ("la", Shape::LoadAddress),
    ("la.local", Shape::LoadAddress),
    ("la.global", Shape::LoadAddress),
    ("la.pcrel", Shape::LoadAddress),
    ("la.got", Shape::LoadAddress),
    ("la.abs", Shape::LoadAddress),
    // Arithmetic with a number.
    ("addi.w", immediate(BinaryOp::Add, WORD)),
    ("addi.d", immediate(BinaryOp::Add, DOUBLE)),
    ("andi", immediate(BinaryOp::And, DOUBLE)),
    ("xori", immediate(BinaryOp::Xor, DOUBLE)),
    ("slti", immediate(BinaryOp::LtSigned, DOUBLE)),
    ("sltui", immediate(BinaryOp::LtUnsigned, DOUBLE)),
    ("slli.w", shift_immediate(BinaryOp::Shl, WORD)),
    ("slli.d", shift_immediate(BinaryOp::Shl, DOUBLE)),
    ("srli.w", shift_immediate(BinaryOp::ShrLogical, WORD)),
    ("srli.d", shift_immediate(BinaryOp::ShrLogical, DOUBLE)),
    ("srai.w", shift_immediate(BinaryOp::ShrArithmetic, WORD)),
    ("srai.d", shift_immediate(BinaryOp::ShrArithmetic, DOUBLE)),
    ("rotri.w", immediate(BinaryOp::RotateRight, WORD)),
    ("rotri.d", immediate(BinaryOp::RotateRight, DOUBLE)),
    // Arithmetic.
    ("add.w", compute(BinaryOp::Add, WORD)),
    ("add.d", compute(BinaryOp::Add, DOUBLE)),
    ("sub.w", compute(BinaryOp::Sub, WORD)),
    ("sub.d", compute(BinaryOp::Sub, DOUBLE)),
    ("and", compute(BinaryOp::And, DOUBLE)),
    ("or", compute(BinaryOp::Or, DOUBLE)),
    ("xor", compute(BinaryOp::Xor, DOUBLE)),
    ("andn", compute(BinaryOp::AndNot, DOUBLE)),
    ("nor", Shape::Compute(Op::Nor)),
    ("orn", Shape::Compute(Op::Orn)),
    ("slt", compute(BinaryOp::LtSigned, DOUBLE)),
    ("sltu", compute(BinaryOp::LtUnsigned, DOUBLE)),
    ("sll.w", shift(BinaryOp::Shl, WORD)),
    ("sll.d", shift(BinaryOp::Shl, DOUBLE)),
    ("srl.w", shift(BinaryOp::ShrLogical, WORD)),
    ("srl.d", shift(BinaryOp::ShrLogical, DOUBLE)),
    ("sra.w", shift(BinaryOp::ShrArithmetic, WORD)),
    ("sra.d", shift(BinaryOp::ShrArithmetic, DOUBLE)),
    ("rotr.w", compute(BinaryOp::RotateRight, WORD)),
    ("rotr.d", compute(BinaryOp::RotateRight, DOUBLE)),
    ("mul.w", compute(BinaryOp::Mul, WORD)),
    ("mul.d", compute(BinaryOp::Mul, DOUBLE)),
    ("mulh.d", compute(BinaryOp::MulHighSigned, DOUBLE)),
    ("mulh.du", compute(BinaryOp::MulHighUnsigned, DOUBLE)),
    ("div.w", compute(BinaryOp::DivSigned, WORD)),
    ("div.d", compute(BinaryOp::DivSigned, DOUBLE)),
    ("div.wu", compute(BinaryOp::DivUnsigned, WORD)),
    ("div.du", compute(BinaryOp::DivUnsigned, DOUBLE)),
    ("mod.w", compute(BinaryOp::RemSigned, WORD)),
    ("mod.d", compute(BinaryOp::RemSigned, DOUBLE)),
    ("mod.wu", compute(BinaryOp::RemUnsigned, WORD)),
    ("mod.du", compute(BinaryOp::RemUnsigned, DOUBLE)),
    ("maskeqz", Shape::Compute(Op::ZeroIf { zero: true })),
    ("masknez", Shape::Compute(Op::ZeroIf { zero: false })),
    ("alsl.w", Shape::ShiftAdd(WORD)),
    ("alsl.d", Shape::ShiftAdd(DOUBLE)),
    ("bstrpick.w", Shape::Bits(Bits { width: WORD, insert: false })),
    ("bstrpick.d", Shape::Bits(Bits { width: DOUBLE, insert: false })),
    ("bstrins.w", Shape::Bits(Bits { width: WORD, insert: true })),
    ("bstrins.d", Shape::Bits(Bits { width: DOUBLE, insert: true })),
    ("ext.w.b", Shape::Unary(Unary::SignExtend(8))),
    ("ext.w.h", Shape::Unary(Unary::SignExtend(16))),
    ("clz.w", Shape::Unary(Unary::CountLeadingZeros(WORD))),
    ("clz.d", Shape::Unary(Unary::CountLeadingZeros(DOUBLE))),
    ("revb.d", Shape::Unary(Unary::ReverseBytes(DOUBLE))),
    // Branches.
    ("beq", Shape::Branch(Test::Eq)),
    ("bne", Shape::Branch(Test::Ne)),
    ("blt", Shape::Branch(Test::Lt)),
    ("bge", Shape::Branch(Test::Ge)),
    ("bltu", Shape::Branch(Test::LtUnsigned)),
    ("bgeu", Shape::Branch(Test::GeUnsigned)),
    ("bgt", Shape::Branch(Test::Gt)),
    ("ble", Shape::Branch(Test::Le)),
    ("bgtu", Shape::Branch(Test::GtUnsigned)),
    ("bleu", Shape::Branch(Test::LeUnsigned)),
    ("beqz", Shape::BranchZero(Test::Eq)),
    ("bnez", Shape::BranchZero(Test::Ne)),
    ("bltz", Shape::BranchZero(Test::Lt)),
    ("bgez", Shape::BranchZero(Test::Ge)),
    ("bgtz", Shape::BranchZero(Test::Gt)),
    ("blez", Shape::BranchZero(Test::Le)),
    ("b", Shape::Jump { link: false }),
    ("bl", Shape::Jump { link: true }),
    ("jirl", Shape::JumpLink),
    ("jr", Shape::JumpRegister),
    ("ret", Shape::Return),
    // The rest.
    ("ibar", Shape::Barrier),
    ("syscall", Shape::Exception),
    ("break", Shape::Exception),
];

/// What atomic memory accesses do, by what follows `am`.
pub(super) const AMS: [(&str, AmOp); 8] = [
    ("swap", AmOp::Swap),
    ("cas", AmOp::CompareSwap),
    ("add", AmOp::Fetch(BinaryOp::Add)),
    ("and", AmOp::Fetch(BinaryOp::And)),
    ("or", AmOp::Fetch(BinaryOp::Or)),
    ("xor", AmOp::Fetch(BinaryOp::Xor)),
    ("max", AmOp::Fetch(BinaryOp::MaxSigned)),
    ("min", AmOp::Fetch(BinaryOp::MinSigned)),
];

/// The widths that a letter stands for.
pub(super) const LETTERS: [(&str, u8); 4] = [("b", 8), ("h", 16), ("w", WORD), ("d", DOUBLE)];

/// Looks a mnemonic up; it is in lower case.
pub(super) fn find(word: &str) -> Option<(&'static str, Shape)> {
    let known = TABLE.iter().find(|(name, _)| *name == word);
    known.copied().or_else(|| atomic(word).map(|am| ("", Shape::Am(am))))
}

fn atomic(word: &str) -> Option<Am> {
    let (stem, letter) = word.strip_prefix("am")?.split_once('.')?;
    let (name, barrier) = stem.strip_suffix("_db").map_or((stem, false), |name| (name, true));
    let (letter, unsigned) = match letter {
        "wu" => ("w", true),
        "du" => ("d", true),
        _ => (letter, false),
    };
    let (_, width) = *LETTERS.iter().find(|(known, _)| *known == letter)?;
    let (_, op) = *AMS.iter().find(|(known, _)| *known == name)?;
    let op = match op {
        AmOp::Fetch(BinaryOp::MaxSigned) if unsigned => AmOp::Fetch(BinaryOp::MaxUnsigned),
        AmOp::Fetch(BinaryOp::MinSigned) if unsigned => AmOp::Fetch(BinaryOp::MinUnsigned),
        _ if unsigned => return None,
        op => op,
    };
    let narrow = matches!(op, AmOp::Swap | AmOp::CompareSwap | AmOp::Fetch(BinaryOp::Add));
    (width >= WORD || narrow).then_some(Am { op, barrier, width })
}

/// All mnemonics, for suggestions.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    const ATOMIC: [&str; 28] = [
        "amswap.w",
        "amswap.d",
        "amadd.w",
        "amadd.d",
        "amand.w",
        "amand.d",
        "amor.w",
        "amor.d",
        "amxor.w",
        "amxor.d",
        "ammax.w",
        "ammin.w",
        "amcas.w",
        "amcas.d",
        "amswap_db.w",
        "amswap_db.d",
        "amadd_db.w",
        "amadd_db.d",
        "amand_db.w",
        "amand_db.d",
        "amor_db.w",
        "amor_db.d",
        "amxor_db.w",
        "amxor_db.d",
        "ammax_db.wu",
        "ammin_db.du",
        "amcas_db.w",
        "amcas_db.d",
    ];
    TABLE.iter().map(|(name, _)| *name).chain(ATOMIC)
}
