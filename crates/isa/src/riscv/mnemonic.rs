//! Mnemonics.

use super::instruction::{AmoOp, Load, Op, Order, Test, Unary, Width};
use execution::BinaryOp;

/// What a mnemonic says: the shape of the operands, and what to do with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// No operands, nothing to do.
    Nop,
    /// `rd,number`
    LoadImmediate,
    /// `rd,symbol`
    LoadAddress,
    /// `rd,number`, the upper 20 bits
    Upper,
    /// `rd,rs1,rs2`; with a number in place of `rs2` it is the named instruction.
    Compute(Op, Option<&'static str>),
    /// `rd,rs1,number`
    ComputeImmediate(Op),
    /// `rd,rs`
    Unary(Unary),
    /// `rd,address`
    Load(Load),
    /// `rs2,address`
    Store(Width),
    /// `rd,address`
    LoadReserved(Width),
    /// `rd,rs2,address`
    StoreConditional(Width),
    /// `rd,rs2,address`
    Amo(AmoOp, Width),
    /// `rs1,rs2,label`
    Branch(Test),
    /// `rs,label`
    BranchZero(Test),
    /// `label`
    Jump { link: bool },
    /// `label`, or `rd,label`
    JumpLink,
    /// `rs1`
    JumpRegister,
    /// `rs1`, or `rd,address`, or `rd,rs1,number`
    JumpLinkRegister,
    /// No operands.
    Return,
    /// `before,after`, or nothing
    Fence,
    /// No operands.
    FenceTso,
    /// No operands.
    FenceInstructions,
    /// `rd,name`
    ReadSystem,
    /// `rd`; reads the counter of that name.
    ReadCounter,
    /// No operands.
    Exception,
}

const WORD: Width = Width::Word;
const DOUBLE: Width = Width::Double;

const fn simple(op: BinaryOp, width: Width) -> Op {
    Op::Simple(op, width)
}

const fn compute(op: Op) -> Shape {
    Shape::Compute(op, None)
}

const fn with_immediate(op: Op, immediate: &'static str) -> Shape {
    Shape::Compute(op, Some(immediate))
}

const fn load(width: Width, unsigned: bool) -> Shape {
    Shape::Load(Load { width, unsigned })
}

/// The mnemonics that have no part to take apart.
#[rustfmt::skip]
const PLAIN: &[(&str, Shape)] = &[
    ("sw", Shape::Store(WORD)),
    ("lw", load(WORD, false)),
    ("xor", with_immediate(simple(BinaryOp::Xor, DOUBLE), "xori")),
    ("bne", Shape::Branch(Test::Ne)),
    ("add", with_immediate(simple(BinaryOp::Add, DOUBLE), "addi")),
    ("fence.i", Shape::FenceInstructions),
    ("fence", Shape::Fence),
    ("ori", Shape::ComputeImmediate(simple(BinaryOp::Or, DOUBLE))),
    ("li", Shape::LoadImmediate),
    ("sd", Shape::Store(DOUBLE)),
    ("ld", load(DOUBLE, false)),
    ("addi", Shape::ComputeImmediate(simple(BinaryOp::Add, DOUBLE))),
    ("fence.tso", Shape::FenceTso),
    ("beq", Shape::Branch(Test::Eq)),
    ("beqz", Shape::BranchZero(Test::Eq)),
    ("bnez", Shape::BranchZero(Test::Ne)),
    ("mv", Shape::Unary(Unary::Move)),
    ("move", Shape::Unary(Unary::Move)),
    ("lui", Shape::Upper),
    ("auipc", Shape::Upper),
    ("la", Shape::LoadAddress),
    ("lla", Shape::LoadAddress),
    ("ret", Shape::Return),
    ("j", Shape::Jump { link: false }),
    ("jr", Shape::JumpRegister),
    ("sext.w", Shape::Unary(Unary::SignExtend(WORD))),
    // Loads and stores.
    ("lb", load(Width::Byte, false)),
    ("lbu", load(Width::Byte, true)),
    ("lh", load(Width::Half, false)),
    ("lhu", load(Width::Half, true)),
    ("lwu", load(WORD, true)),
    ("sb", Shape::Store(Width::Byte)),
    ("sh", Shape::Store(Width::Half)),
    // Arithmetic with a number.
    ("andi", Shape::ComputeImmediate(simple(BinaryOp::And, DOUBLE))),
    ("xori", Shape::ComputeImmediate(simple(BinaryOp::Xor, DOUBLE))),
    ("slti", Shape::ComputeImmediate(simple(BinaryOp::LtSigned, DOUBLE))),
    ("sltiu", Shape::ComputeImmediate(simple(BinaryOp::LtUnsigned, DOUBLE))),
    ("slli", Shape::ComputeImmediate(Op::Shift(BinaryOp::Shl, DOUBLE))),
    ("srli", Shape::ComputeImmediate(Op::Shift(BinaryOp::ShrLogical, DOUBLE))),
    ("srai", Shape::ComputeImmediate(Op::Shift(BinaryOp::ShrArithmetic, DOUBLE))),
    ("addiw", Shape::ComputeImmediate(simple(BinaryOp::Add, WORD))),
    ("slliw", Shape::ComputeImmediate(Op::Shift(BinaryOp::Shl, WORD))),
    ("srliw", Shape::ComputeImmediate(Op::Shift(BinaryOp::ShrLogical, WORD))),
    ("sraiw", Shape::ComputeImmediate(Op::Shift(BinaryOp::ShrArithmetic, WORD))),
    ("rori", Shape::ComputeImmediate(simple(BinaryOp::RotateRight, DOUBLE))),
    ("roriw", Shape::ComputeImmediate(simple(BinaryOp::RotateRight, WORD))),
    ("slli.uw", Shape::ComputeImmediate(Op::ShiftLeftWord)),
    // Arithmetic.
    ("sub", compute(simple(BinaryOp::Sub, DOUBLE))),
    ("and", with_immediate(simple(BinaryOp::And, DOUBLE), "andi")),
    ("or", with_immediate(simple(BinaryOp::Or, DOUBLE), "ori")),
    ("slt", with_immediate(simple(BinaryOp::LtSigned, DOUBLE), "slti")),
    ("sltu", with_immediate(simple(BinaryOp::LtUnsigned, DOUBLE), "sltiu")),
    ("sll", with_immediate(Op::Shift(BinaryOp::Shl, DOUBLE), "slli")),
    ("srl", with_immediate(Op::Shift(BinaryOp::ShrLogical, DOUBLE), "srli")),
    ("sra", with_immediate(Op::Shift(BinaryOp::ShrArithmetic, DOUBLE), "srai")),
    ("addw", with_immediate(simple(BinaryOp::Add, WORD), "addiw")),
    ("subw", compute(simple(BinaryOp::Sub, WORD))),
    ("sllw", with_immediate(Op::Shift(BinaryOp::Shl, WORD), "slliw")),
    ("srlw", with_immediate(Op::Shift(BinaryOp::ShrLogical, WORD), "srliw")),
    ("sraw", with_immediate(Op::Shift(BinaryOp::ShrArithmetic, WORD), "sraiw")),
    ("mul", compute(simple(BinaryOp::Mul, DOUBLE))),
    ("mulh", compute(simple(BinaryOp::MulHighSigned, DOUBLE))),
    ("mulhu", compute(simple(BinaryOp::MulHighUnsigned, DOUBLE))),
    ("mulhsu", compute(Op::MulHighSignedUnsigned)),
    ("mulw", compute(simple(BinaryOp::Mul, WORD))),
    ("div", compute(Op::Divide(BinaryOp::DivSigned, DOUBLE))),
    ("divu", compute(Op::Divide(BinaryOp::DivUnsigned, DOUBLE))),
    ("divw", compute(Op::Divide(BinaryOp::DivSigned, WORD))),
    ("divuw", compute(Op::Divide(BinaryOp::DivUnsigned, WORD))),
    ("rem", compute(simple(BinaryOp::RemSigned, DOUBLE))),
    ("remu", compute(simple(BinaryOp::RemUnsigned, DOUBLE))),
    ("remw", compute(simple(BinaryOp::RemSigned, WORD))),
    ("remuw", compute(simple(BinaryOp::RemUnsigned, WORD))),
    ("andn", compute(simple(BinaryOp::AndNot, DOUBLE))),
    ("orn", compute(Op::Orn)),
    ("xnor", compute(Op::Xnor)),
    ("min", compute(simple(BinaryOp::MinSigned, DOUBLE))),
    ("minu", compute(simple(BinaryOp::MinUnsigned, DOUBLE))),
    ("max", compute(simple(BinaryOp::MaxSigned, DOUBLE))),
    ("maxu", compute(simple(BinaryOp::MaxUnsigned, DOUBLE))),
    ("ror", with_immediate(simple(BinaryOp::RotateRight, DOUBLE), "rori")),
    ("rorw", with_immediate(simple(BinaryOp::RotateRight, WORD), "roriw")),
    ("rol", compute(Op::RotateLeft(DOUBLE))),
    ("rolw", compute(Op::RotateLeft(WORD))),
    ("sh1add", compute(Op::ShiftAdd { shift: 1, word: false })),
    ("sh2add", compute(Op::ShiftAdd { shift: 2, word: false })),
    ("sh3add", compute(Op::ShiftAdd { shift: 3, word: false })),
    ("add.uw", compute(Op::ShiftAdd { shift: 0, word: true })),
    ("sh1add.uw", compute(Op::ShiftAdd { shift: 1, word: true })),
    ("sh2add.uw", compute(Op::ShiftAdd { shift: 2, word: true })),
    ("sh3add.uw", compute(Op::ShiftAdd { shift: 3, word: true })),
    ("czero.eqz", compute(Op::ZeroIf { zero: true })),
    ("czero.nez", compute(Op::ZeroIf { zero: false })),
    ("not", Shape::Unary(Unary::Not)),
    ("neg", Shape::Unary(Unary::Negate(DOUBLE))),
    ("negw", Shape::Unary(Unary::Negate(WORD))),
    ("sext.b", Shape::Unary(Unary::SignExtend(Width::Byte))),
    ("sext.h", Shape::Unary(Unary::SignExtend(Width::Half))),
    ("zext.b", Shape::Unary(Unary::ZeroExtend(Width::Byte))),
    ("zext.h", Shape::Unary(Unary::ZeroExtend(Width::Half))),
    ("zext.w", Shape::Unary(Unary::ZeroExtend(WORD))),
    ("seqz", Shape::Unary(Unary::Test(Test::Eq))),
    ("snez", Shape::Unary(Unary::Test(Test::Ne))),
    ("sltz", Shape::Unary(Unary::Test(Test::Lt))),
    ("sgtz", Shape::Unary(Unary::Test(Test::Gt))),
    ("clz", Shape::Unary(Unary::CountLeadingZeros(DOUBLE))),
    ("clzw", Shape::Unary(Unary::CountLeadingZeros(WORD))),
    ("ctz", Shape::Unary(Unary::CountTrailingZeros(DOUBLE))),
    ("ctzw", Shape::Unary(Unary::CountTrailingZeros(WORD))),
    ("rev8", Shape::Unary(Unary::ReverseBytes)),
    // Branches.
    ("blt", Shape::Branch(Test::Lt)),
    ("bge", Shape::Branch(Test::Ge)),
    ("bltu", Shape::Branch(Test::LtUnsigned)),
    ("bgeu", Shape::Branch(Test::GeUnsigned)),
    ("bgt", Shape::Branch(Test::Gt)),
    ("ble", Shape::Branch(Test::Le)),
    ("bgtu", Shape::Branch(Test::GtUnsigned)),
    ("bleu", Shape::Branch(Test::LeUnsigned)),
    ("bltz", Shape::BranchZero(Test::Lt)),
    ("bgez", Shape::BranchZero(Test::Ge)),
    ("blez", Shape::BranchZero(Test::Le)),
    ("bgtz", Shape::BranchZero(Test::Gt)),
    ("tail", Shape::Jump { link: false }),
    ("call", Shape::Jump { link: true }),
    ("jal", Shape::JumpLink),
    ("jalr", Shape::JumpLinkRegister),
    // The rest.
    ("nop", Shape::Nop),
    ("pause", Shape::Nop),
    ("ntl.p1", Shape::Nop),
    ("ntl.pall", Shape::Nop),
    ("ntl.s1", Shape::Nop),
    ("ntl.all", Shape::Nop),
    ("csrr", Shape::ReadSystem),
    ("rdcycle", Shape::ReadCounter),
    ("rdtime", Shape::ReadCounter),
    ("rdinstret", Shape::ReadCounter),
    ("ecall", Shape::Exception),
    ("ebreak", Shape::Exception),
    ("unimp", Shape::Exception),
];

/// What AMOs do, by what follows `amo`.
pub(super) const AMOS: [(&str, AmoOp); 10] = [
    ("swap", AmoOp::Swap),
    ("add", AmoOp::Fetch(BinaryOp::Add)),
    ("or", AmoOp::Fetch(BinaryOp::Or)),
    ("and", AmoOp::Fetch(BinaryOp::And)),
    ("xor", AmoOp::Fetch(BinaryOp::Xor)),
    ("min", AmoOp::Fetch(BinaryOp::MinSigned)),
    ("max", AmoOp::Fetch(BinaryOp::MaxSigned)),
    ("minu", AmoOp::Fetch(BinaryOp::MinUnsigned)),
    ("maxu", AmoOp::Fetch(BinaryOp::MaxUnsigned)),
    ("cas", AmoOp::CompareSwap),
];

/// The annotations, longest first.
const ORDERS: [(&str, Order); 5] = [
    (".aq.rl", Order::AcquireRelease),
    (".rl.aq", Order::AcquireRelease),
    (".aqrl", Order::AcquireRelease),
    (".aq", Order::Acquire),
    (".rl", Order::Release),
];

/// A mnemonic, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mnemonic {
    /// Its name without annotation; empty for what is put together of parts.
    pub(super) name: &'static str,
    /// What it says.
    pub(super) shape: Shape,
    /// Its annotation.
    pub(super) order: Order,
}

/// Looks a mnemonic up; it is in lower case.
pub(super) fn find(word: &str) -> Option<Mnemonic> {
    if let Some((name, shape)) = PLAIN.iter().find(|(name, _)| *name == word) {
        return Some(Mnemonic { name, shape: *shape, order: Order::None });
    }
    let (stem, order) = split_order(word);
    let shape = atomic(stem).or_else(|| {
        let (_, shape) = PLAIN.iter().find(|(name, _)| *name == stem)?;
        matches!(shape, Shape::Load(_) | Shape::Store(_)).then_some(*shape)
    })?;
    Some(Mnemonic { name: "", shape, order })
}

fn split_order(word: &str) -> (&str, Order) {
    ORDERS
        .iter()
        .find_map(|(suffix, order)| Some((word.strip_suffix(suffix)?, *order)))
        .unwrap_or((word, Order::None))
}

fn atomic(stem: &str) -> Option<Shape> {
    let (name, letter) = stem.split_once('.')?;
    let width = match letter {
        "b" => Width::Byte,
        "h" => Width::Half,
        "w" => Width::Word,
        "d" => Width::Double,
        "q" => return (name == "amocas").then_some(Shape::Amo(AmoOp::CompareSwap, Width::Quad)),
        _ => return None,
    };
    let full = width >= Width::Word;
    match name {
        "lr" => full.then_some(Shape::LoadReserved(width)),
        "sc" => full.then_some(Shape::StoreConditional(width)),
        _ => {
            let op = name.strip_prefix("amo")?;
            AMOS.iter().find(|(known, _)| *known == op).map(|(_, op)| Shape::Amo(*op, width))
        }
    }
}

/// All mnemonics, for suggestions.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    const ATOMIC: [&str; 25] = [
        "lr.w",
        "lr.d",
        "sc.w",
        "sc.d",
        "amoswap.w",
        "amoswap.d",
        "amoadd.w",
        "amoadd.d",
        "amoor.w",
        "amoor.d",
        "amoand.w",
        "amoand.d",
        "amoxor.w",
        "amoxor.d",
        "amomin.w",
        "amomin.d",
        "amomax.w",
        "amomax.d",
        "amominu.w",
        "amominu.d",
        "amomaxu.w",
        "amomaxu.d",
        "amocas.w",
        "amocas.d",
        "amocas.q",
    ];
    PLAIN.iter().map(|(name, _)| *name).chain(ATOMIC)
}
