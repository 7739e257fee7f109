//! Mnemonics: the name of an instruction, whether it sets the flags, and its condition.

use super::instruction::{
    Access, AluOp, BitFieldOp, CONDITIONS, CompareOp, Condition, Extend, Mode, MultiplyOp, ShiftOp, Unary,
};
use execution::{BinaryOp, UnaryOp};

/// What a mnemonic says: the shape of the operands, and what to do with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// No operands, nothing to do.
    Nop,
    /// A condition.
    Block,
    /// An address.
    Preload,
    /// `target,left,right`
    Alu(AluOp),
    /// `left,right`
    Compare(CompareOp),
    /// `target,source`
    Move { not: bool },
    /// `target,source,distance`
    Shift(ShiftOp),
    /// `target,#number`
    MoveWide { top: bool },
    /// `target,left,right`, and a fourth register if there is something to add to.
    Multiply(MultiplyOp),
    /// `low,high,left,right`
    MultiplyLong { signed: bool, accumulate: bool },
    /// `target,left,right`
    Divide(BinaryOp),
    /// `target,source`
    Unary(Unary),
    /// `target,source` or `target,sum,source`, perhaps with a rotation.
    Extend { extend: Extend, add: bool },
    /// `target,source,#lsb,#width`
    BitField(BitFieldOp),
    /// `target,left,right`
    Parallel { signed: bool, subtract: bool, bits: u8 },
    /// `target,left,right`
    Select,
    /// `target,address`
    Load(Access),
    /// `source,address`
    Store(Access),
    /// `first,second,address`
    Pair { load: bool },
    /// `base,{registers}`
    Multiple { load: bool, mode: Mode },
    /// `{registers}`
    Stack { load: bool },
    /// `status,source,address`
    StoreExclusive(Access),
    /// `first,second,address`
    LoadExclusivePair(Access),
    /// `status,first,second,address`
    StoreExclusivePair(Access),
    /// No operands.
    ClearExclusive,
    /// `target,label`
    LabelAddress,
    /// `label`
    Branch { link: bool },
    /// `register`
    BranchRegister { link: bool },
    /// `register,label`
    CompareBranch { nonzero: bool },
    /// Perhaps an option.
    Barrier { synchronizes: bool },
    /// Perhaps `SY`.
    InstructionBarrier,
    /// The operands of a barrier of Armv6.
    CoprocessorBarrier,
    /// Perhaps a number.
    Exception,
}

const fn plain(name: &'static str, bits: u8) -> Access {
    Access { name, bits, signed: false, ordered: false, exclusive: false }
}

const fn signed(name: &'static str, bits: u8) -> Access {
    Access { signed: true, ..plain(name, bits) }
}

const fn ordered(name: &'static str, bits: u8) -> Access {
    Access { ordered: true, ..plain(name, bits) }
}

const fn exclusive(name: &'static str, bits: u8) -> Access {
    Access { exclusive: true, ..plain(name, bits) }
}

const fn both(name: &'static str, bits: u8) -> Access {
    Access { exclusive: true, ..ordered(name, bits) }
}

const fn extend(signed: bool, bits: u8, add: bool) -> Shape {
    Shape::Extend { extend: Extend { signed, bits }, add }
}

const fn parallel(signed: bool, subtract: bool, bits: u8) -> Shape {
    Shape::Parallel { signed, subtract, bits }
}

/// The names; the last column says whether an `S` may follow.
#[rustfmt::skip]
const TABLE: &[(&str, Shape, bool)] = &[
    ("MOV", Shape::Move { not: false }, true),
    ("LDR", Shape::Load(plain("LDR", 32)), false),
    ("STR", Shape::Store(plain("STR", 32)), false),
    ("EOR", Shape::Alu(AluOp::Eor), true),
    ("ADD", Shape::Alu(AluOp::Add), true),
    ("CMP", Shape::Compare(CompareOp::Cmp), false),
    ("DMB", Shape::Barrier { synchronizes: false }, false),
    ("DSB", Shape::Barrier { synchronizes: true }, false),
    ("ISB", Shape::InstructionBarrier, false),
    ("B", Shape::Branch { link: false }, false),
    ("BX", Shape::BranchRegister { link: false }, false),
    ("SUB", Shape::Alu(AluOp::Sub), true),
    ("AND", Shape::Alu(AluOp::And), true),
    ("ORR", Shape::Alu(AluOp::Orr), true),
    ("MOVW", Shape::MoveWide { top: false }, false),
    ("MOVT", Shape::MoveWide { top: true }, false),
    ("LDREX", Shape::Load(exclusive("LDREX", 32)), false),
    ("STREX", Shape::StoreExclusive(exclusive("STREX", 32)), false),
    // Loads and stores.
    ("LDRB", Shape::Load(plain("LDRB", 8)), false),
    ("LDRH", Shape::Load(plain("LDRH", 16)), false),
    ("LDRSB", Shape::Load(signed("LDRSB", 8)), false),
    ("LDRSH", Shape::Load(signed("LDRSH", 16)), false),
    ("STRB", Shape::Store(plain("STRB", 8)), false),
    ("STRH", Shape::Store(plain("STRH", 16)), false),
    ("LDA", Shape::Load(ordered("LDA", 32)), false),
    ("LDAB", Shape::Load(ordered("LDAB", 8)), false),
    ("LDAH", Shape::Load(ordered("LDAH", 16)), false),
    ("STL", Shape::Store(ordered("STL", 32)), false),
    ("STLB", Shape::Store(ordered("STLB", 8)), false),
    ("STLH", Shape::Store(ordered("STLH", 16)), false),
    ("LDRD", Shape::Pair { load: true }, false),
    ("STRD", Shape::Pair { load: false }, false),
    ("LDM", Shape::Multiple { load: true, mode: Mode::IncrementAfter }, false),
    ("LDMIA", Shape::Multiple { load: true, mode: Mode::IncrementAfter }, false),
    ("LDMFD", Shape::Multiple { load: true, mode: Mode::IncrementAfter }, false),
    ("LDMIB", Shape::Multiple { load: true, mode: Mode::IncrementBefore }, false),
    ("LDMED", Shape::Multiple { load: true, mode: Mode::IncrementBefore }, false),
    ("LDMDA", Shape::Multiple { load: true, mode: Mode::DecrementAfter }, false),
    ("LDMFA", Shape::Multiple { load: true, mode: Mode::DecrementAfter }, false),
    ("LDMDB", Shape::Multiple { load: true, mode: Mode::DecrementBefore }, false),
    ("LDMEA", Shape::Multiple { load: true, mode: Mode::DecrementBefore }, false),
    ("STM", Shape::Multiple { load: false, mode: Mode::IncrementAfter }, false),
    ("STMIA", Shape::Multiple { load: false, mode: Mode::IncrementAfter }, false),
    ("STMEA", Shape::Multiple { load: false, mode: Mode::IncrementAfter }, false),
    ("STMIB", Shape::Multiple { load: false, mode: Mode::IncrementBefore }, false),
    ("STMFA", Shape::Multiple { load: false, mode: Mode::IncrementBefore }, false),
    ("STMDA", Shape::Multiple { load: false, mode: Mode::DecrementAfter }, false),
    ("STMED", Shape::Multiple { load: false, mode: Mode::DecrementAfter }, false),
    ("STMDB", Shape::Multiple { load: false, mode: Mode::DecrementBefore }, false),
    ("STMFD", Shape::Multiple { load: false, mode: Mode::DecrementBefore }, false),
    ("PUSH", Shape::Stack { load: false }, false),
    ("POP", Shape::Stack { load: true }, false),
    ("PLD", Shape::Preload, false),
    ("PLDW", Shape::Preload, false),
    ("PLI", Shape::Preload, false),
    // Exclusive accesses.
    ("LDREXB", Shape::Load(exclusive("LDREXB", 8)), false),
    ("LDREXH", Shape::Load(exclusive("LDREXH", 16)), false),
    ("LDREXD", Shape::LoadExclusivePair(exclusive("LDREXD", 32)), false),
    ("STREXB", Shape::StoreExclusive(exclusive("STREXB", 8)), false),
    ("STREXH", Shape::StoreExclusive(exclusive("STREXH", 16)), false),
    ("STREXD", Shape::StoreExclusivePair(exclusive("STREXD", 32)), false),
    ("LDAEX", Shape::Load(both("LDAEX", 32)), false),
    ("LDAEXB", Shape::Load(both("LDAEXB", 8)), false),
    ("LDAEXH", Shape::Load(both("LDAEXH", 16)), false),
    ("LDAEXD", Shape::LoadExclusivePair(both("LDAEXD", 32)), false),
    ("STLEX", Shape::StoreExclusive(both("STLEX", 32)), false),
    ("STLEXB", Shape::StoreExclusive(both("STLEXB", 8)), false),
    ("STLEXH", Shape::StoreExclusive(both("STLEXH", 16)), false),
    ("STLEXD", Shape::StoreExclusivePair(both("STLEXD", 32)), false),
    ("CLREX", Shape::ClearExclusive, false),
    // Arithmetic.
    ("ADC", Shape::Alu(AluOp::Adc), true),
    ("SBC", Shape::Alu(AluOp::Sbc), true),
    ("RSB", Shape::Alu(AluOp::Rsb), true),
    ("RSC", Shape::Alu(AluOp::Rsc), true),
    ("BIC", Shape::Alu(AluOp::Bic), true),
    ("ORN", Shape::Alu(AluOp::Orn), true),
    ("ADDW", Shape::Alu(AluOp::Add), false),
    ("SUBW", Shape::Alu(AluOp::Sub), false),
    ("NEG", Shape::Alu(AluOp::Rsb), true),
    ("CMN", Shape::Compare(CompareOp::Cmn), false),
    ("TST", Shape::Compare(CompareOp::Tst), false),
    ("TEQ", Shape::Compare(CompareOp::Teq), false),
    ("MVN", Shape::Move { not: true }, true),
    ("CPY", Shape::Move { not: false }, false),
    ("LSL", Shape::Shift(ShiftOp::Lsl), true),
    ("LSR", Shape::Shift(ShiftOp::Lsr), true),
    ("ASR", Shape::Shift(ShiftOp::Asr), true),
    ("ROR", Shape::Shift(ShiftOp::Ror), true),
    ("RRX", Shape::Shift(ShiftOp::Rrx), true),
    ("MUL", Shape::Multiply(MultiplyOp::Mul), true),
    ("MLA", Shape::Multiply(MultiplyOp::Mla), true),
    ("SMMUL", Shape::Multiply(MultiplyOp::Smmul), false),
    ("MLS", Shape::Multiply(MultiplyOp::Mls), false),
    ("UMULL", Shape::MultiplyLong { signed: false, accumulate: false }, true),
    ("SMULL", Shape::MultiplyLong { signed: true, accumulate: false }, true),
    ("UMLAL", Shape::MultiplyLong { signed: false, accumulate: true }, true),
    ("SMLAL", Shape::MultiplyLong { signed: true, accumulate: true }, true),
    ("UDIV", Shape::Divide(BinaryOp::DivUnsigned), false),
    ("SDIV", Shape::Divide(BinaryOp::DivSigned), false),
    ("CLZ", Shape::Unary(Unary::Simple(UnaryOp::CountLeadingZeros)), false),
    ("RBIT", Shape::Unary(Unary::Simple(UnaryOp::ReverseBits)), false),
    ("REV", Shape::Unary(Unary::Simple(UnaryOp::ReverseBytes)), false),
    ("REV16", Shape::Unary(Unary::ReverseInHalves), false),
    ("REVSH", Shape::Unary(Unary::ReverseSignedHalf), false),
    ("UXTB", extend(false, 8, false), false),
    ("UXTH", extend(false, 16, false), false),
    ("SXTB", extend(true, 8, false), false),
    ("SXTH", extend(true, 16, false), false),
    ("UXTAB", extend(false, 8, true), false),
    ("UXTAH", extend(false, 16, true), false),
    ("SXTAB", extend(true, 8, true), false),
    ("SXTAH", extend(true, 16, true), false),
    ("UBFX", Shape::BitField(BitFieldOp::Ubfx), false),
    ("SBFX", Shape::BitField(BitFieldOp::Sbfx), false),
    ("BFI", Shape::BitField(BitFieldOp::Bfi), false),
    ("BFC", Shape::BitField(BitFieldOp::Bfc), false),
    ("SADD16", parallel(true, false, 16), false),
    ("SADD8", parallel(true, false, 8), false),
    ("SSUB16", parallel(true, true, 16), false),
    ("SSUB8", parallel(true, true, 8), false),
    ("UADD16", parallel(false, false, 16), false),
    ("UADD8", parallel(false, false, 8), false),
    ("USUB16", parallel(false, true, 16), false),
    ("USUB8", parallel(false, true, 8), false),
    ("SEL", Shape::Select, false),
    // Branches and addresses.
    ("BL", Shape::Branch { link: true }, false),
    ("BLX", Shape::BranchRegister { link: true }, false),
    ("CBZ", Shape::CompareBranch { nonzero: false }, false),
    ("CBNZ", Shape::CompareBranch { nonzero: true }, false),
    ("ADR", Shape::LabelAddress, false),
    // The rest.
    ("MCR", Shape::CoprocessorBarrier, false),
    ("NOP", Shape::Nop, false),
    ("YIELD", Shape::Nop, false),
    ("WFE", Shape::Nop, false),
    ("WFI", Shape::Nop, false),
    ("SEV", Shape::Nop, false),
    ("SEVL", Shape::Nop, false),
    ("IT", Shape::Block, false),
    ("ITT", Shape::Block, false),
    ("ITE", Shape::Block, false),
    ("ITTT", Shape::Block, false),
    ("ITTE", Shape::Block, false),
    ("ITET", Shape::Block, false),
    ("ITEE", Shape::Block, false),
    ("ITTTT", Shape::Block, false),
    ("ITTTE", Shape::Block, false),
    ("ITTET", Shape::Block, false),
    ("ITTEE", Shape::Block, false),
    ("ITETT", Shape::Block, false),
    ("ITETE", Shape::Block, false),
    ("ITEET", Shape::Block, false),
    ("ITEEE", Shape::Block, false),
    ("SVC", Shape::Exception, false),
    ("UDF", Shape::Exception, false),
    ("BKPT", Shape::Exception, false),
];

/// A mnemonic, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mnemonic {
    /// Its name, without `S` and condition.
    pub(super) name: &'static str,
    /// What it says.
    pub(super) shape: Shape,
    /// Whether it sets the flags.
    pub(super) flags: bool,
    /// When it is executed.
    pub(super) condition: Condition,
}

/// Looks a mnemonic up; it is in upper case. Names are the longest that make sense: `BLS` is `B` on the condition
/// `LS`, because `BL` does not set flags.
pub(super) fn find(word: &str) -> Option<Mnemonic> {
    let word = word.strip_suffix(".W").or_else(|| word.strip_suffix(".N")).unwrap_or(word);
    let whole = TABLE.iter().find(|(name, ..)| *name == word);
    if let Some((name, shape, _)) = whole {
        return Some(Mnemonic { name, shape: *shape, flags: false, condition: Condition::Al });
    }
    let fitting = TABLE.iter().filter_map(|(name, shape, may_set)| {
        let (flags, condition) = suffixes(word.strip_prefix(name)?, *may_set)?;
        Some(Mnemonic { name, shape: *shape, flags, condition })
    });
    fitting.max_by_key(|mnemonic| mnemonic.name.len())
}

/// Reads an `S` and a condition, in either order: old assemblers have the condition first.
fn suffixes(rest: &str, may_set: bool) -> Option<(bool, Condition)> {
    if let Some(condition) = condition(rest) {
        return Some((false, condition));
    }
    if !may_set {
        return None;
    }
    match rest {
        "S" => Some((true, Condition::Al)),
        _ => {
            let rest = rest.strip_prefix('S').or_else(|| rest.strip_suffix('S'))?;
            condition(rest).map(|condition| (true, condition))
        }
    }
}

/// The condition of that name, in upper case.
pub(super) fn condition(name: &str) -> Option<Condition> {
    CONDITIONS.iter().find(|(known, _)| *known == name).map(|(_, condition)| *condition)
}

/// All mnemonics without suffixes, for suggestions.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, ..)| *name)
}
