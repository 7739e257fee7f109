//! Mnemonics of instructions on vector registers, and what operands each takes.

use super::instruction::{Across, Compare, Permute, Shift, Three, Two};
use crate::aarch64::tag;
use execution::BinaryOp;
use execution::micro::Tags;

/// What follows a mnemonic, and what it means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::aarch64) enum Form {
    Load(Tags),
    Store(Tags),
    LoadPair(Tags),
    StorePair(Tags),
    LoadStructures {
        structure: u8,
        replicate: bool,
        tags: Tags,
    },
    StoreStructures {
        structure: u8,
        tags: Tags,
    },
    Copy {
        signed: bool,
    },
    /// `FMOV`: a copy, or a floating-point number.
    FloatMove,
    /// `MOVI`, `MVNI`.
    Immediate {
        inverted: bool,
    },
    Three(Three),
    Extract,
    Two(Two),
    Compare(Compare),
    Shift(Shift),
    /// `UXTL`, `SXTL`: a widening shift by nothing.
    Lengthen {
        signed: bool,
    },
    Across(Across),
}

const PLAIN: Tags = Tags::NONE;

const fn load_structures(structure: u8, replicate: bool) -> Form {
    Form::LoadStructures { structure, replicate, tags: PLAIN }
}

const fn lanes(op: BinaryOp) -> Form {
    Form::Three(Three::Lanes(op))
}

const fn bitwise(op: BinaryOp) -> Form {
    Form::Three(Three::Bitwise(op))
}

const fn permute(order: Permute) -> Form {
    Form::Three(Three::Permute(order))
}

const fn pairs(op: BinaryOp) -> Form {
    Form::Three(Three::Pairs(op))
}

/// In alphabetical order.
static TABLE: &[(&str, Form)] = &[
    ("ABS", Form::Two(Two::Absolute)),
    ("ADD", lanes(BinaryOp::Add)),
    ("ADDP", pairs(BinaryOp::Add)),
    ("ADDV", Form::Across(Across::Fold(BinaryOp::Add))),
    ("AND", bitwise(BinaryOp::And)),
    ("BIC", bitwise(BinaryOp::AndNot)),
    ("BIF", Form::Three(Three::InsertIfFalse)),
    ("BIT", Form::Three(Three::InsertIfTrue)),
    ("BSL", Form::Three(Three::Select)),
    ("CLZ", Form::Two(Two::CountLeadingZeros)),
    ("CMEQ", Form::Compare(Compare::Equal)),
    ("CMGE", Form::Compare(Compare::GreaterEqualSigned)),
    ("CMGT", Form::Compare(Compare::GreaterSigned)),
    ("CMHI", Form::Compare(Compare::GreaterUnsigned)),
    ("CMHS", Form::Compare(Compare::GreaterEqualUnsigned)),
    ("CMLE", Form::Compare(Compare::LessEqualSigned)),
    ("CMLT", Form::Compare(Compare::LessSigned)),
    ("CMTST", Form::Compare(Compare::Test)),
    ("CNT", Form::Two(Two::CountOnes)),
    ("DUP", Form::Copy { signed: false }),
    ("EOR", bitwise(BinaryOp::Xor)),
    ("EXT", Form::Extract),
    ("FMOV", Form::FloatMove),
    ("INS", Form::Copy { signed: false }),
    ("LD1", load_structures(1, false)),
    ("LD1R", load_structures(1, true)),
    ("LD2", load_structures(2, false)),
    ("LD2R", load_structures(2, true)),
    ("LD3", load_structures(3, false)),
    ("LD3R", load_structures(3, true)),
    ("LD4", load_structures(4, false)),
    ("LD4R", load_structures(4, true)),
    ("LDAP1", Form::LoadStructures { structure: 1, replicate: false, tags: tag::Q }),
    ("LDAPUR", Form::Load(tag::Q)),
    ("LDNP", Form::LoadPair(tag::NT)),
    ("LDP", Form::LoadPair(PLAIN)),
    ("LDR", Form::Load(PLAIN)),
    ("LDUR", Form::Load(PLAIN)),
    ("MLA", Form::Three(Three::Accumulate(BinaryOp::Add))),
    ("MLS", Form::Three(Three::Accumulate(BinaryOp::Sub))),
    ("MOV", Form::Copy { signed: false }),
    ("MOVI", Form::Immediate { inverted: false }),
    ("MUL", lanes(BinaryOp::Mul)),
    ("MVN", Form::Two(Two::Not)),
    ("MVNI", Form::Immediate { inverted: true }),
    ("NEG", Form::Two(Two::Negate)),
    ("NOT", Form::Two(Two::Not)),
    ("ORN", Form::Three(Three::OrNot)),
    ("ORR", bitwise(BinaryOp::Or)),
    ("RBIT", Form::Two(Two::ReverseBits)),
    ("REV16", Form::Two(Two::ReverseIn(16))),
    ("REV32", Form::Two(Two::ReverseIn(32))),
    ("REV64", Form::Two(Two::ReverseIn(64))),
    ("SADDLV", Form::Across(Across::LongSum { signed: true })),
    ("SHL", Form::Shift(Shift::Lanes(BinaryOp::Shl))),
    ("SHRN", Form::Shift(Shift::Narrow)),
    ("SMAX", lanes(BinaryOp::MaxSigned)),
    ("SMAXP", pairs(BinaryOp::MaxSigned)),
    ("SMAXV", Form::Across(Across::Fold(BinaryOp::MaxSigned))),
    ("SMIN", lanes(BinaryOp::MinSigned)),
    ("SMINP", pairs(BinaryOp::MinSigned)),
    ("SMINV", Form::Across(Across::Fold(BinaryOp::MinSigned))),
    ("SMOV", Form::Copy { signed: true }),
    ("SSHLL", Form::Shift(Shift::Widen { signed: true })),
    ("SSHR", Form::Shift(Shift::Lanes(BinaryOp::ShrArithmetic))),
    ("ST1", Form::StoreStructures { structure: 1, tags: PLAIN }),
    ("ST2", Form::StoreStructures { structure: 2, tags: PLAIN }),
    ("ST3", Form::StoreStructures { structure: 3, tags: PLAIN }),
    ("ST4", Form::StoreStructures { structure: 4, tags: PLAIN }),
    ("STL1", Form::StoreStructures { structure: 1, tags: tag::L }),
    ("STLUR", Form::Store(tag::L)),
    ("STNP", Form::StorePair(tag::NT)),
    ("STP", Form::StorePair(PLAIN)),
    ("STR", Form::Store(PLAIN)),
    ("STUR", Form::Store(PLAIN)),
    ("SUB", lanes(BinaryOp::Sub)),
    ("SXTL", Form::Lengthen { signed: true }),
    ("TRN1", permute(Permute::TransposeEven)),
    ("TRN2", permute(Permute::TransposeOdd)),
    ("UADDLV", Form::Across(Across::LongSum { signed: false })),
    ("UMAX", lanes(BinaryOp::MaxUnsigned)),
    ("UMAXP", pairs(BinaryOp::MaxUnsigned)),
    ("UMAXV", Form::Across(Across::Fold(BinaryOp::MaxUnsigned))),
    ("UMIN", lanes(BinaryOp::MinUnsigned)),
    ("UMINP", pairs(BinaryOp::MinUnsigned)),
    ("UMINV", Form::Across(Across::Fold(BinaryOp::MinUnsigned))),
    ("UMOV", Form::Copy { signed: false }),
    ("USHLL", Form::Shift(Shift::Widen { signed: false })),
    ("USHR", Form::Shift(Shift::Lanes(BinaryOp::ShrLogical))),
    ("UXTL", Form::Lengthen { signed: false }),
    ("UZP1", permute(Permute::UnzipEven)),
    ("UZP2", permute(Permute::UnzipOdd)),
    ("XTN", Form::Two(Two::Narrow)),
    ("ZIP1", permute(Permute::ZipLow)),
    ("ZIP2", permute(Permute::ZipHigh)),
];

/// The canonical name and the form of a mnemonic in upper case.
pub(in crate::aarch64) fn find(name: &str) -> Option<(&'static str, Form)> {
    TABLE.binary_search_by(|(known, _)| (*known).cmp(name)).ok().map(|at| TABLE[at])
}

/// All mnemonics, for suggestions.
pub(in crate::aarch64) fn all() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, _)| *name)
}
