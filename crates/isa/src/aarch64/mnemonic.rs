//! Mnemonics, and what operands each takes.

use super::instruction::{
    Access, Alu, AluOp, Atomic, BitField, Condition, FETCH_OPS, FetchOp, FieldNumbers, MoveWide, Multiply,
    Product, Rest, SelectOp, Shape, Unary,
};
use super::tag;
use execution::micro::Tags;
use execution::{BinaryOp, UnaryOp};

/// What follows a mnemonic, and what it means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    Nop,
    Hint,
    Prefetch,
    Isb,
    /// `DMB`, `DSB`; the number of its first tag.
    Barrier(usize),
    Cache,
    ClearExclusive,
    Jump {
        link: bool,
    },
    JumpRegister {
        link: bool,
    },
    Return,
    BranchIf(Condition),
    CompareBranch {
        nonzero: bool,
    },
    TestBranch {
        nonzero: bool,
    },
    Exception,
    Load(Access),
    Store(Access),
    StoreExclusive(Access),
    LoadPair(Access),
    StorePair(Access),
    StoreExclusivePair(Access),
    CompareSwap(Atomic),
    CompareSwapPair(Atomic),
    Swap(Atomic),
    Fetch(FetchOp, Atomic),
    FetchNoResult(FetchOp, Atomic),
    Alu(Alu),
    Move,
    MoveWide(MoveWide),
    Binary(BinaryOp),
    Unary(Unary),
    BitField(BitField),
    Extract,
    Multiply(Multiply),
    Select(SelectOp),
    /// `CSET`, `CSETM`
    SelectSet(SelectOp),
    /// `CINC`, `CINV`, `CNEG`
    SelectOne(SelectOp),
    ConditionalCompare {
        negative: bool,
    },
    LabelAddress,
    SymbolAddress,
    ReadSystem,
    WriteSystem,
}

const fn access(bits: u8, tags: Tags) -> Access {
    Access { bits, signed: false, tags, ordered: false }
}

const fn signed(bits: u8, tags: Tags) -> Access {
    Access { bits, signed: true, tags, ordered: false }
}

const fn ordered(tags: Tags) -> Access {
    Access { bits: 0, signed: false, tags, ordered: true }
}

const fn alu(op: AluOp, flags: bool) -> Form {
    Form::Alu(Alu { op, flags, shape: Shape::Full })
}

const fn compare(op: AluOp) -> Form {
    Form::Alu(Alu { op, flags: true, shape: Shape::NoTarget })
}

const fn from_zero(op: AluOp, flags: bool) -> Form {
    Form::Alu(Alu { op, flags, shape: Shape::NoLeft })
}

const fn simple(op: UnaryOp) -> Form {
    Form::Unary(Unary::Simple(op))
}

const fn field(rest: Rest, numbers: FieldNumbers) -> Form {
    Form::BitField(BitField { rest, numbers })
}

const fn multiply(product: Product, negative: bool, accumulator: bool) -> Form {
    Form::Multiply(Multiply { product, negative, accumulator })
}

const PLAIN: Tags = Tags::NONE;
const ACQUIRE_EXCLUSIVE: Tags = tag::EX.with(tag::A);
const RELEASE_EXCLUSIVE: Tags = tag::EX.with(tag::L);

/// Everything but the LSE atomics and the conditional branches, in alphabetical order.
static TABLE: &[(&str, Form)] = &[
    ("ABS", Form::Unary(Unary::Absolute)),
    ("ADC", alu(AluOp::AddCarry, false)),
    ("ADCS", alu(AluOp::AddCarry, true)),
    ("ADD", alu(AluOp::Add, false)),
    ("ADDS", alu(AluOp::Add, true)),
    ("ADR", Form::LabelAddress),
    ("ADRP", Form::SymbolAddress),
    ("AND", alu(AluOp::And, false)),
    ("ANDS", alu(AluOp::And, true)),
    ("ASR", Form::Binary(BinaryOp::ShrArithmetic)),
    ("ASRV", Form::Binary(BinaryOp::ShrArithmetic)),
    ("AUTIASP", Form::Nop),
    ("AUTIAZ", Form::Nop),
    ("AUTIBSP", Form::Nop),
    ("AUTIBZ", Form::Nop),
    ("B", Form::Jump { link: false }),
    ("BFI", field(Rest::Keep, FieldNumbers::Insert)),
    ("BFM", field(Rest::Keep, FieldNumbers::Raw)),
    ("BFXIL", field(Rest::Keep, FieldNumbers::Extract)),
    ("BIC", alu(AluOp::AndNot, false)),
    ("BICS", alu(AluOp::AndNot, true)),
    ("BL", Form::Jump { link: true }),
    ("BLR", Form::JumpRegister { link: true }),
    ("BR", Form::JumpRegister { link: false }),
    ("BRK", Form::Exception),
    ("BTI", Form::Nop),
    ("CBNZ", Form::CompareBranch { nonzero: true }),
    ("CBZ", Form::CompareBranch { nonzero: false }),
    ("CCMN", Form::ConditionalCompare { negative: true }),
    ("CCMP", Form::ConditionalCompare { negative: false }),
    ("CINC", Form::SelectOne(SelectOp::Increment)),
    ("CINV", Form::SelectOne(SelectOp::Invert)),
    ("CLREX", Form::ClearExclusive),
    ("CLS", Form::Unary(Unary::LeadingSigns)),
    ("CLZ", simple(UnaryOp::CountLeadingZeros)),
    ("CMN", compare(AluOp::Add)),
    ("CMP", compare(AluOp::Sub)),
    ("CNEG", Form::SelectOne(SelectOp::Negate)),
    ("CSDB", Form::Nop),
    ("CSEL", Form::Select(SelectOp::Copy)),
    ("CSET", Form::SelectSet(SelectOp::Increment)),
    ("CSETM", Form::SelectSet(SelectOp::Invert)),
    ("CSINC", Form::Select(SelectOp::Increment)),
    ("CSINV", Form::Select(SelectOp::Invert)),
    ("CSNEG", Form::Select(SelectOp::Negate)),
    ("CTZ", Form::Unary(Unary::TrailingZeros)),
    ("DC", Form::Cache),
    ("DGH", Form::Nop),
    ("DMB", Form::Barrier(tag::DMB)),
    ("DSB", Form::Barrier(tag::DSB)),
    ("EON", alu(AluOp::XorNot, false)),
    ("EOR", alu(AluOp::Xor, false)),
    ("ESB", Form::Nop),
    ("EXTR", Form::Extract),
    ("HINT", Form::Hint),
    ("HLT", Form::Exception),
    ("HVC", Form::Exception),
    ("IC", Form::Cache),
    ("ISB", Form::Isb),
    ("LDAPR", Form::Load(access(0, tag::Q))),
    ("LDAPRB", Form::Load(access(8, tag::Q))),
    ("LDAPRH", Form::Load(access(16, tag::Q))),
    ("LDAPUR", Form::Load(access(0, tag::Q))),
    ("LDAPURB", Form::Load(access(8, tag::Q))),
    ("LDAPURH", Form::Load(access(16, tag::Q))),
    ("LDAPURSB", Form::Load(signed(8, tag::Q))),
    ("LDAPURSH", Form::Load(signed(16, tag::Q))),
    ("LDAPURSW", Form::Load(signed(32, tag::Q))),
    ("LDAR", Form::Load(access(0, tag::A))),
    ("LDARB", Form::Load(access(8, tag::A))),
    ("LDARH", Form::Load(access(16, tag::A))),
    ("LDAXP", Form::LoadPair(access(0, ACQUIRE_EXCLUSIVE))),
    ("LDAXR", Form::Load(access(0, ACQUIRE_EXCLUSIVE))),
    ("LDAXRB", Form::Load(access(8, ACQUIRE_EXCLUSIVE))),
    ("LDAXRH", Form::Load(access(16, ACQUIRE_EXCLUSIVE))),
    ("LDIAPP", Form::LoadPair(ordered(tag::Q))),
    ("LDLAR", Form::Load(access(0, tag::A))),
    ("LDLARB", Form::Load(access(8, tag::A))),
    ("LDLARH", Form::Load(access(16, tag::A))),
    ("LDNP", Form::LoadPair(access(0, tag::NT))),
    ("LDP", Form::LoadPair(access(0, PLAIN))),
    ("LDPSW", Form::LoadPair(signed(32, PLAIN))),
    ("LDR", Form::Load(access(0, PLAIN))),
    ("LDRB", Form::Load(access(8, PLAIN))),
    ("LDRH", Form::Load(access(16, PLAIN))),
    ("LDRSB", Form::Load(signed(8, PLAIN))),
    ("LDRSH", Form::Load(signed(16, PLAIN))),
    ("LDRSW", Form::Load(signed(32, PLAIN))),
    ("LDTR", Form::Load(access(0, PLAIN))),
    ("LDTRB", Form::Load(access(8, PLAIN))),
    ("LDTRH", Form::Load(access(16, PLAIN))),
    ("LDTRSB", Form::Load(signed(8, PLAIN))),
    ("LDTRSH", Form::Load(signed(16, PLAIN))),
    ("LDTRSW", Form::Load(signed(32, PLAIN))),
    ("LDUR", Form::Load(access(0, PLAIN))),
    ("LDURB", Form::Load(access(8, PLAIN))),
    ("LDURH", Form::Load(access(16, PLAIN))),
    ("LDURSB", Form::Load(signed(8, PLAIN))),
    ("LDURSH", Form::Load(signed(16, PLAIN))),
    ("LDURSW", Form::Load(signed(32, PLAIN))),
    ("LDXP", Form::LoadPair(access(0, tag::EX))),
    ("LDXR", Form::Load(access(0, tag::EX))),
    ("LDXRB", Form::Load(access(8, tag::EX))),
    ("LDXRH", Form::Load(access(16, tag::EX))),
    ("LSL", Form::Binary(BinaryOp::Shl)),
    ("LSLV", Form::Binary(BinaryOp::Shl)),
    ("LSR", Form::Binary(BinaryOp::ShrLogical)),
    ("LSRV", Form::Binary(BinaryOp::ShrLogical)),
    ("MADD", multiply(Product::Low, false, true)),
    ("MNEG", multiply(Product::Low, true, false)),
    ("MOV", Form::Move),
    ("MOVK", Form::MoveWide(MoveWide::Keep)),
    ("MOVN", Form::MoveWide(MoveWide::Not)),
    ("MOVZ", Form::MoveWide(MoveWide::Zero)),
    ("MRS", Form::ReadSystem),
    ("MSR", Form::WriteSystem),
    ("MSUB", multiply(Product::Low, true, true)),
    ("MUL", multiply(Product::Low, false, false)),
    ("MVN", from_zero(AluOp::OrNot, false)),
    ("NEG", from_zero(AluOp::Sub, false)),
    ("NEGS", from_zero(AluOp::Sub, true)),
    ("NGC", from_zero(AluOp::SubCarry, false)),
    ("NGCS", from_zero(AluOp::SubCarry, true)),
    ("NOP", Form::Nop),
    ("ORN", alu(AluOp::OrNot, false)),
    ("ORR", alu(AluOp::Or, false)),
    ("PACIASP", Form::Nop),
    ("PACIAZ", Form::Nop),
    ("PACIBSP", Form::Nop),
    ("PACIBZ", Form::Nop),
    ("PRFM", Form::Prefetch),
    ("PRFUM", Form::Prefetch),
    ("RBIT", simple(UnaryOp::ReverseBits)),
    ("RET", Form::Return),
    ("REV", simple(UnaryOp::ReverseBytes)),
    ("REV16", Form::Unary(Unary::ReverseIn(16))),
    ("REV32", Form::Unary(Unary::ReverseIn(32))),
    ("REV64", simple(UnaryOp::ReverseBytes)),
    ("ROR", Form::Binary(BinaryOp::RotateRight)),
    ("RORV", Form::Binary(BinaryOp::RotateRight)),
    ("SB", Form::Nop),
    ("SBC", alu(AluOp::SubCarry, false)),
    ("SBCS", alu(AluOp::SubCarry, true)),
    ("SBFIZ", field(Rest::Sign, FieldNumbers::Insert)),
    ("SBFM", field(Rest::Sign, FieldNumbers::Raw)),
    ("SBFX", field(Rest::Sign, FieldNumbers::Extract)),
    ("SDIV", Form::Binary(BinaryOp::DivSigned)),
    ("SEV", Form::Nop),
    ("SEVL", Form::Nop),
    ("SMADDL", multiply(Product::LongSigned, false, true)),
    ("SMAX", Form::Binary(BinaryOp::MaxSigned)),
    ("SMC", Form::Exception),
    ("SMIN", Form::Binary(BinaryOp::MinSigned)),
    ("SMNEGL", multiply(Product::LongSigned, true, false)),
    ("SMSUBL", multiply(Product::LongSigned, true, true)),
    ("SMULH", multiply(Product::HighSigned, false, false)),
    ("SMULL", multiply(Product::LongSigned, false, false)),
    ("STILP", Form::StorePair(ordered(tag::L))),
    ("STLLR", Form::Store(access(0, tag::L))),
    ("STLLRB", Form::Store(access(8, tag::L))),
    ("STLLRH", Form::Store(access(16, tag::L))),
    ("STLR", Form::Store(access(0, tag::L))),
    ("STLRB", Form::Store(access(8, tag::L))),
    ("STLRH", Form::Store(access(16, tag::L))),
    ("STLUR", Form::Store(access(0, tag::L))),
    ("STLURB", Form::Store(access(8, tag::L))),
    ("STLURH", Form::Store(access(16, tag::L))),
    ("STLXP", Form::StoreExclusivePair(access(0, RELEASE_EXCLUSIVE))),
    ("STLXR", Form::StoreExclusive(access(0, RELEASE_EXCLUSIVE))),
    ("STLXRB", Form::StoreExclusive(access(8, RELEASE_EXCLUSIVE))),
    ("STLXRH", Form::StoreExclusive(access(16, RELEASE_EXCLUSIVE))),
    ("STNP", Form::StorePair(access(0, tag::NT))),
    ("STP", Form::StorePair(access(0, PLAIN))),
    ("STR", Form::Store(access(0, PLAIN))),
    ("STRB", Form::Store(access(8, PLAIN))),
    ("STRH", Form::Store(access(16, PLAIN))),
    ("STTR", Form::Store(access(0, PLAIN))),
    ("STTRB", Form::Store(access(8, PLAIN))),
    ("STTRH", Form::Store(access(16, PLAIN))),
    ("STUR", Form::Store(access(0, PLAIN))),
    ("STURB", Form::Store(access(8, PLAIN))),
    ("STURH", Form::Store(access(16, PLAIN))),
    ("STXP", Form::StoreExclusivePair(access(0, tag::EX))),
    ("STXR", Form::StoreExclusive(access(0, tag::EX))),
    ("STXRB", Form::StoreExclusive(access(8, tag::EX))),
    ("STXRH", Form::StoreExclusive(access(16, tag::EX))),
    ("SUB", alu(AluOp::Sub, false)),
    ("SUBS", alu(AluOp::Sub, true)),
    ("SVC", Form::Exception),
    ("SXTB", Form::Unary(Unary::SignExtend(8))),
    ("SXTH", Form::Unary(Unary::SignExtend(16))),
    ("SXTW", Form::Unary(Unary::SignExtend(32))),
    ("TBNZ", Form::TestBranch { nonzero: true }),
    ("TBZ", Form::TestBranch { nonzero: false }),
    ("TST", compare(AluOp::And)),
    ("UBFIZ", field(Rest::Zero, FieldNumbers::Insert)),
    ("UBFM", field(Rest::Zero, FieldNumbers::Raw)),
    ("UBFX", field(Rest::Zero, FieldNumbers::Extract)),
    ("UDF", Form::Exception),
    ("UDIV", Form::Binary(BinaryOp::DivUnsigned)),
    ("UMADDL", multiply(Product::LongUnsigned, false, true)),
    ("UMAX", Form::Binary(BinaryOp::MaxUnsigned)),
    ("UMIN", Form::Binary(BinaryOp::MinUnsigned)),
    ("UMNEGL", multiply(Product::LongUnsigned, true, false)),
    ("UMSUBL", multiply(Product::LongUnsigned, true, true)),
    ("UMULH", multiply(Product::HighUnsigned, false, false)),
    ("UMULL", multiply(Product::LongUnsigned, false, false)),
    ("UXTB", Form::Unary(Unary::ZeroExtend(8))),
    ("UXTH", Form::Unary(Unary::ZeroExtend(16))),
    ("UXTW", Form::Unary(Unary::ZeroExtend(32))),
    ("WFE", Form::Nop),
    ("WFI", Form::Nop),
    ("XPACLRI", Form::Nop),
    ("YIELD", Form::Nop),
];

/// The part of the table whose names start with each letter.
static BY_LETTER: [(u16, u16); 26] = {
    let mut ranges = [(0, 0); 26];
    let mut i = 0;
    while i < TABLE.len() {
        let letter = (TABLE[i].0.as_bytes()[0] - b'A') as usize;
        if ranges[letter].1 == 0 {
            ranges[letter].0 = i as u16;
        }
        ranges[letter].1 = i as u16 + 1;
        i += 1;
    }
    ranges
};

/// The canonical name and the form of a mnemonic in upper case. The name of a form that prints its own is empty.
pub(super) fn find(name: &str) -> Option<(&'static str, Form)> {
    let letter = name.bytes().next()?.checked_sub(b'A')?;
    let (start, end) = *BY_LETTER.get(usize::from(letter))?;
    let part = &TABLE[usize::from(start)..usize::from(end)];
    if let Ok(at) = part.binary_search_by(|(known, _)| (*known).cmp(name)) {
        return Some(part[at]);
    }
    let form = conditional_branch(name).or_else(|| atomic(name))?;
    Some(("", form))
}

/// `B.EQ`, or `BEQ` as compilers print it.
fn conditional_branch(name: &str) -> Option<Form> {
    let condition = name.strip_prefix("B.").or_else(|| name.strip_prefix('B'))?;
    Condition::find(condition).map(Form::BranchIf)
}

fn atomic(name: &str) -> Option<Form> {
    if let Some(rest) = name.strip_prefix("CASP") {
        return suffix(rest).filter(|atomic| atomic.bits == 0).map(Form::CompareSwapPair);
    }
    if let Some(rest) = name.strip_prefix("CAS") {
        return suffix(rest).map(Form::CompareSwap);
    }
    if let Some(rest) = name.strip_prefix("SWP") {
        return suffix(rest).map(Form::Swap);
    }
    let (kind, rest) = name.split_at_checked(2)?;
    let op = FETCH_OPS.iter().find(|op| rest.starts_with(op.name))?;
    let atomic = suffix(&rest[op.name.len()..])?;
    match kind {
        "LD" => Some(Form::Fetch(*op, atomic)),
        "ST" => (!atomic.acquire).then_some(Form::FetchNoResult(*op, atomic)),
        _ => None,
    }
}

/// The ordering and the size at the end of a mnemonic.
fn suffix(text: &str) -> Option<Atomic> {
    let (text, bits) = match text.as_bytes() {
        [.., b'B'] => (&text[..text.len() - 1], 8),
        [.., b'H'] => (&text[..text.len() - 1], 16),
        _ => (text, 0),
    };
    let (acquire, release) = match text {
        "" => (false, false),
        "A" => (true, false),
        "L" => (false, true),
        "AL" => (true, true),
        _ => return None,
    };
    Some(Atomic { bits, acquire, release })
}

/// All mnemonics, for suggestions.
pub(super) fn all() -> Vec<String> {
    const ORDERS: [&str; 4] = ["", "A", "L", "AL"];
    let mut names: Vec<String> = TABLE.iter().map(|(name, _)| (*name).to_owned()).collect();
    names.extend(Condition::ALL.iter().map(|(name, _)| format!("B.{name}")));
    for order in ORDERS {
        names.push(format!("CASP{order}"));
        for size in ["", "B", "H"] {
            names.extend(["CAS", "SWP"].map(|stem| format!("{stem}{order}{size}")));
            names.extend(FETCH_OPS.iter().map(|op| format!("LD{}{order}{size}", op.name)));
            if !order.contains('A') {
                names.extend(FETCH_OPS.iter().map(|op| format!("ST{}{order}{size}", op.name)));
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(TABLE.is_sorted_by(|(a, _), (b, _)| a < b));
    }

    #[test]
    fn every_mnemonic_is_found() {
        for name in all() {
            assert!(find(&name).is_some(), "{name}");
        }
        assert_eq!(find("STADDA"), None);
        assert_eq!(find("CASPB"), None);
    }
}
