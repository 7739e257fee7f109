//! Mnemonics.

use super::instruction::{Access, Compare, Condition, ImmediateOp, Op, Rotate, Special, Unary};
use super::register::{EQ, GT, LT, SO};
use super::tag;
use execution::BinaryOp;
use execution::micro::Tags;

/// What a mnemonic says: the shape of the operands, and what to do with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// No operands, nothing to do.
    Nop,
    /// `ra,rb`
    Cache,
    /// `rd,number`
    LoadImmediate { shift: u8 },
    /// `rd,ra,rb`
    Compute(Op),
    /// `rd,ra,number`
    ComputeImmediate(ImmediateOp),
    /// `rd,ra`
    Unary(Unary),
    /// `rd,ra,` and so many numbers.
    Rotate(Rotate, u8),
    /// `cr,ra,rb`, the field being optional
    Compare(Compare),
    /// `cr,ra,number`, the field being optional
    CompareImmediate(Compare),
    /// `rd,address`
    Load(Access),
    /// `rs,address`
    Store(Access),
    /// `rd,address`
    Multiple { store: bool },
    /// `rd,ra,rb`
    LoadReserve { width: u8 },
    /// `rs,ra,rb`
    StoreConditional { width: u8 },
    /// `cr,label`, the field being optional
    Branch(Condition),
    /// `cr`, optional
    ReturnIf(Condition),
    /// `label`
    BranchCount { zero: bool },
    /// `label`
    Jump { link: bool },
    /// No operands.
    JumpSpecial { special: Special, link: bool },
    /// `rs`
    MoveTo(Special),
    /// `rd`
    MoveFrom(Special),
    /// `rd,bit`
    SetBit { reversed: bool, negative: bool },
    /// Two fields of the condition register.
    MoveField,
    /// `rd`, perhaps a number.
    ReadCondition,
    /// `fields,rs`
    WriteCondition,
    /// `rd,ra,rb` and the bit, unless the mnemonic names it
    Select(Option<u8>),
    /// No operands.
    Fence(Tags),
    /// No operands, or a number: 0 is the heavyweight one, 1 the lightweight one.
    Sync,
    /// No operands.
    Exception,
}

const fn word(op: BinaryOp) -> Shape {
    Shape::Compute(Op::Simple { op, width: 32, signed: true })
}

const fn double(op: BinaryOp) -> Shape {
    Shape::Compute(Op::Simple { op, width: 64, signed: true })
}

const fn shift(op: BinaryOp, width: u8) -> Shape {
    Shape::Compute(Op::Shift { op, width })
}

const fn logical(op: BinaryOp, shift: u8) -> Shape {
    Shape::ComputeImmediate(ImmediateOp::Logical { op, shift })
}

const fn access(width: u8) -> Access {
    Access { width, signed: false, update: false, indexed: false }
}

const fn compare(width: u8, signed: bool) -> Compare {
    Compare { width, signed }
}

/// The mnemonics, without the dot of record forms.
#[rustfmt::skip]
const MNEMONICS: &[(&str, Shape)] = &[
    ("li", Shape::LoadImmediate { shift: 0 }),
    ("sync", Shape::Sync),
    ("lwsync", Shape::Fence(tag::LWSYNC)),
    ("xor", double(BinaryOp::Xor)),
    ("addi", Shape::ComputeImmediate(ImmediateOp::Add { shift: 0 })),
    ("cmpw", Shape::Compare(compare(32, true))),
    ("isync", Shape::Fence(tag::ISYNC)),
    ("eieio", Shape::Fence(tag::EIEIO)),
    ("hwsync", Shape::Sync),
    ("ptesync", Shape::Fence(tag::SYNC)),
    ("lwarx", Shape::LoadReserve { width: 32 }),
    ("mr", Shape::Unary(Unary::Move)),
    ("cmpwi", Shape::CompareImmediate(compare(32, true))),
    ("nop", Shape::Nop),
    ("b", Shape::Jump { link: false }),
    ("bl", Shape::Jump { link: true }),
    ("blr", Shape::JumpSpecial { special: Special::Link, link: false }),
    ("pli", Shape::LoadImmediate { shift: 0 }),
    ("lis", Shape::LoadImmediate { shift: 16 }),
    // Arithmetic.
    ("add", double(BinaryOp::Add)),
    ("sub", double(BinaryOp::Sub)),
    ("subf", Shape::Compute(Op::Swapped(BinaryOp::Sub))),
    ("and", double(BinaryOp::And)),
    ("or", double(BinaryOp::Or)),
    ("andc", double(BinaryOp::AndNot)),
    ("orc", Shape::Compute(Op::OrNot)),
    ("nand", Shape::Compute(Op::Inverted(BinaryOp::And))),
    ("nor", Shape::Compute(Op::Inverted(BinaryOp::Or))),
    ("eqv", Shape::Compute(Op::Inverted(BinaryOp::Xor))),
    ("mullw", Shape::Compute(Op::MultiplyWords)),
    ("mulld", double(BinaryOp::Mul)),
    ("mulhw", word(BinaryOp::MulHighSigned)),
    ("mulhwu", Shape::Compute(Op::Simple { op: BinaryOp::MulHighUnsigned, width: 32, signed: false })),
    ("mulhd", double(BinaryOp::MulHighSigned)),
    ("mulhdu", double(BinaryOp::MulHighUnsigned)),
    ("divw", word(BinaryOp::DivSigned)),
    ("divwu", Shape::Compute(Op::Simple { op: BinaryOp::DivUnsigned, width: 32, signed: false })),
    ("divd", double(BinaryOp::DivSigned)),
    ("divdu", double(BinaryOp::DivUnsigned)),
    ("slw", shift(BinaryOp::Shl, 32)),
    ("srw", shift(BinaryOp::ShrLogical, 32)),
    ("sraw", shift(BinaryOp::ShrArithmetic, 32)),
    ("sld", shift(BinaryOp::Shl, 64)),
    ("srd", shift(BinaryOp::ShrLogical, 64)),
    ("srad", shift(BinaryOp::ShrArithmetic, 64)),
    ("not", Shape::Unary(Unary::Not)),
    ("neg", Shape::Unary(Unary::Negate)),
    ("extsb", Shape::Unary(Unary::SignExtend(8))),
    ("extsh", Shape::Unary(Unary::SignExtend(16))),
    ("extsw", Shape::Unary(Unary::SignExtend(32))),
    ("cntlzw", Shape::Unary(Unary::CountLeadingZeros(32))),
    ("cntlzd", Shape::Unary(Unary::CountLeadingZeros(64))),
    ("cnttzw", Shape::Unary(Unary::CountTrailingZeros(32))),
    ("cnttzd", Shape::Unary(Unary::CountTrailingZeros(64))),
    // Arithmetic with a number.
    ("addis", Shape::ComputeImmediate(ImmediateOp::Add { shift: 16 })),
    ("paddi", Shape::ComputeImmediate(ImmediateOp::Add { shift: 0 })),
    ("la", Shape::ComputeImmediate(ImmediateOp::Add { shift: 0 })),
    ("subi", Shape::ComputeImmediate(ImmediateOp::Subtract { shift: 0 })),
    ("subis", Shape::ComputeImmediate(ImmediateOp::Subtract { shift: 16 })),
    ("addic", Shape::ComputeImmediate(ImmediateOp::AddCarrying)),
    ("subfic", Shape::ComputeImmediate(ImmediateOp::SubtractFrom)),
    ("ori", logical(BinaryOp::Or, 0)),
    ("oris", logical(BinaryOp::Or, 16)),
    ("xori", logical(BinaryOp::Xor, 0)),
    ("xoris", logical(BinaryOp::Xor, 16)),
    ("andi", logical(BinaryOp::And, 0)),
    ("andis", logical(BinaryOp::And, 16)),
    ("mulli", Shape::ComputeImmediate(ImmediateOp::Multiply)),
    ("srawi", Shape::ComputeImmediate(ImmediateOp::ShiftArithmetic { width: 32 })),
    ("sradi", Shape::ComputeImmediate(ImmediateOp::ShiftArithmetic { width: 64 })),
    // Rotations.
    ("rlwinm", Shape::Rotate(Rotate::Word { insert: false }, 3)),
    ("rlwimi", Shape::Rotate(Rotate::Word { insert: true }, 3)),
    ("clrlwi", Shape::Rotate(Rotate::ClearLeftWord, 1)),
    ("clrrwi", Shape::Rotate(Rotate::ClearRightWord, 1)),
    ("slwi", Shape::Rotate(Rotate::ShiftLeftWord, 1)),
    ("srwi", Shape::Rotate(Rotate::ShiftRightWord, 1)),
    ("rotlwi", Shape::Rotate(Rotate::LeftWord, 1)),
    ("rldicl", Shape::Rotate(Rotate::DoubleLeft, 2)),
    ("rldicr", Shape::Rotate(Rotate::DoubleRight, 2)),
    ("rldic", Shape::Rotate(Rotate::Double { insert: false }, 2)),
    ("rldimi", Shape::Rotate(Rotate::Double { insert: true }, 2)),
    ("clrldi", Shape::Rotate(Rotate::ClearLeft, 1)),
    ("clrrdi", Shape::Rotate(Rotate::ClearRight, 1)),
    ("sldi", Shape::Rotate(Rotate::ShiftLeft, 1)),
    ("srdi", Shape::Rotate(Rotate::ShiftRight, 1)),
    ("rotldi", Shape::Rotate(Rotate::Left, 1)),
    // Comparisons.
    ("cmpd", Shape::Compare(compare(64, true))),
    ("cmplw", Shape::Compare(compare(32, false))),
    ("cmpld", Shape::Compare(compare(64, false))),
    ("cmpdi", Shape::CompareImmediate(compare(64, true))),
    ("cmplwi", Shape::CompareImmediate(compare(32, false))),
    ("cmpldi", Shape::CompareImmediate(compare(64, false))),
    // Reservations.
    ("lbarx", Shape::LoadReserve { width: 8 }),
    ("lqarx", Shape::LoadReserve { width: 128 }),
    ("lharx", Shape::LoadReserve { width: 16 }),
    ("ldarx", Shape::LoadReserve { width: 64 }),
    // Control flow and special registers.
    ("bdnz", Shape::BranchCount { zero: false }),
    ("bdz", Shape::BranchCount { zero: true }),
    ("bctr", Shape::JumpSpecial { special: Special::Count, link: false }),
    ("bctrl", Shape::JumpSpecial { special: Special::Count, link: true }),
    ("mtlr", Shape::MoveTo(Special::Link)),
    ("mtctr", Shape::MoveTo(Special::Count)),
    ("mflr", Shape::MoveFrom(Special::Link)),
    ("mfctr", Shape::MoveFrom(Special::Count)),
    ("mfcr", Shape::ReadCondition),
    ("mfocrf", Shape::ReadCondition),
    ("mcrf", Shape::MoveField),
    ("setbc", Shape::SetBit { reversed: false, negative: false }),
    ("setbcr", Shape::SetBit { reversed: true, negative: false }),
    ("setnbc", Shape::SetBit { reversed: false, negative: true }),
    ("setnbcr", Shape::SetBit { reversed: true, negative: true }),
    ("mtcrf", Shape::WriteCondition),
    ("mtocrf", Shape::WriteCondition),
    ("isel", Shape::Select(None)),
    ("isellt", Shape::Select(Some(LT))),
    ("iselgt", Shape::Select(Some(GT))),
    ("iseleq", Shape::Select(Some(EQ))),
    // The rest.
    ("lmw", Shape::Multiple { store: false }),
    ("stmw", Shape::Multiple { store: true }),
    ("dcbf", Shape::Cache),
    ("dcbst", Shape::Cache),
    ("dcbt", Shape::Cache),
    ("dcbtst", Shape::Cache),
    ("icbi", Shape::Cache),
    ("trap", Shape::Exception),
    ("sc", Shape::Exception),
];

/// The store-conditionals; their dot is part of the name.
const CONDITIONALS: [(&str, Shape); 5] = [
    ("stqcx.", Shape::StoreConditional { width: 128 }),
    ("stwcx.", Shape::StoreConditional { width: 32 }),
    ("stdcx.", Shape::StoreConditional { width: 64 }),
    ("stbcx.", Shape::StoreConditional { width: 8 }),
    ("sthcx.", Shape::StoreConditional { width: 16 }),
];

const SIGNED_WORD: Access = Access { signed: true, ..access(32) };
const SIGNED_HALF: Access = Access { signed: true, ..access(16) };

/// Loads and stores, with their indexed and updating forms.
#[rustfmt::skip]
const ACCESSES: [(&str, bool, Access); 48] = [
    ("lwz", false, access(32)),
    ("stw", true, access(32)),
    ("lwzx", false, indexed(access(32))),
    ("stwx", true, indexed(access(32))),
    ("ld", false, access(64)),
    ("std", true, access(64)),
    ("lwzu", false, updating(access(32))),
    ("stwu", true, updating(access(32))),
    ("lwzux", false, indexed(updating(access(32)))),
    ("stwux", true, indexed(updating(access(32)))),
    ("ldx", false, indexed(access(64))),
    ("stdx", true, indexed(access(64))),
    ("ldu", false, updating(access(64))),
    ("stdu", true, updating(access(64))),
    ("ldux", false, indexed(updating(access(64)))),
    ("stdux", true, indexed(updating(access(64)))),
    ("lbz", false, access(8)),
    ("stb", true, access(8)),
    ("lbzx", false, indexed(access(8))),
    ("stbx", true, indexed(access(8))),
    ("lbzu", false, updating(access(8))),
    ("stbu", true, updating(access(8))),
    ("lhz", false, access(16)),
    ("sth", true, access(16)),
    ("lhzx", false, indexed(access(16))),
    ("sthx", true, indexed(access(16))),
    ("lhzu", false, updating(access(16))),
    ("sthu", true, updating(access(16))),
    ("lha", false, SIGNED_HALF),
    ("lhax", false, indexed(SIGNED_HALF)),
    ("lhau", false, updating(SIGNED_HALF)),
    ("lwa", false, SIGNED_WORD),
    ("lwax", false, indexed(SIGNED_WORD)),
    ("lwaux", false, indexed(updating(SIGNED_WORD))),
    ("lbzux", false, indexed(updating(access(8)))),
    ("lhzux", false, indexed(updating(access(16)))),
    ("lq", false, access(128)),
    ("stq", true, access(128)),
    // Prefixed ones, whose addresses may be relative to the instruction.
    ("plbz", false, access(8)),
    ("plhz", false, access(16)),
    ("plha", false, SIGNED_HALF),
    ("plwz", false, access(32)),
    ("plwa", false, SIGNED_WORD),
    ("pld", false, access(64)),
    ("pstb", true, access(8)),
    ("psth", true, access(16)),
    ("pstw", true, access(32)),
    ("pstd", true, access(64)),
];

const fn indexed(access: Access) -> Access {
    Access { indexed: true, ..access }
}

const fn updating(access: Access) -> Access {
    Access { update: true, ..access }
}

/// Conditions of branches.
const CONDITIONS: [Condition; 10] = [
    Condition { name: "eq", bit: EQ, set: true },
    Condition { name: "ne", bit: EQ, set: false },
    Condition { name: "lt", bit: LT, set: true },
    Condition { name: "ge", bit: LT, set: false },
    Condition { name: "gt", bit: GT, set: true },
    Condition { name: "le", bit: GT, set: false },
    Condition { name: "so", bit: SO, set: true },
    Condition { name: "ns", bit: SO, set: false },
    Condition { name: "nl", bit: LT, set: false },
    Condition { name: "ng", bit: GT, set: false },
];

/// A mnemonic, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mnemonic {
    /// Its name without the dot; empty for what is put together of parts.
    pub(super) name: &'static str,
    /// What it says.
    pub(super) shape: Shape,
    /// Whether the result is compared with zero.
    pub(super) record: bool,
}

/// Looks a mnemonic up; it is in lower case.
pub(super) fn find(word: &str) -> Option<Mnemonic> {
    if let Some((name, store, access)) = ACCESSES.iter().find(|(name, ..)| *name == word) {
        let shape = if *store { Shape::Store(*access) } else { Shape::Load(*access) };
        return Some(Mnemonic { name, shape, record: false });
    }
    if let Some(shape) = branch(word) {
        return Some(Mnemonic { name: "", shape, record: false });
    }
    if let Some((name, shape)) = CONDITIONALS.iter().find(|(name, _)| *name == word) {
        return Some(Mnemonic { name, shape: *shape, record: false });
    }
    let stem = word.strip_suffix('.');
    let (name, shape) = MNEMONICS.iter().find(|(name, _)| *name == stem.unwrap_or(word))?;
    let record = stem.is_some();
    // `andi` and `andis` have the record form only.
    let only_record =
        matches!(shape, Shape::ComputeImmediate(ImmediateOp::Logical { op: BinaryOp::And, .. }));
    let has_record =
        matches!(shape, Shape::Compute(_) | Shape::ComputeImmediate(_) | Shape::Unary(_) | Shape::Rotate(..));
    (if record { has_record } else { !only_record }).then_some(Mnemonic { name, shape: *shape, record })
}

fn branch(word: &str) -> Option<Shape> {
    let letters = word.strip_prefix('b')?;
    let (letters, returns) = match letters.strip_suffix("lr") {
        Some(stem) => (stem, true),
        None => (letters, false),
    };
    let condition = CONDITIONS.iter().find(|condition| condition.name == letters)?;
    Some(if returns { Shape::ReturnIf(*condition) } else { Shape::Branch(*condition) })
}

/// All mnemonics, for suggestions.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    const BRANCHES: [&str; 6] = ["beq", "bne", "blt", "bge", "bgt", "ble"];
    let plain = MNEMONICS.iter().map(|(name, _)| match *name {
        "andi" => "andi.",
        "andis" => "andis.",
        name => name,
    });
    let accesses = ACCESSES.iter().map(|(name, ..)| *name);
    plain.chain(accesses).chain(CONDITIONALS.iter().map(|(name, _)| *name)).chain(BRANCHES)
}
