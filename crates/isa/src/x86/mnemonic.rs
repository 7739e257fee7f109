//! Mnemonics.

use super::instruction::{Arithmetic, Bit, Condition, Fence, Flush, Shift, Single};

/// What a mnemonic asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Nop,
    Fence(Fence),
    Flush(Flush),
    Move,
    /// `movd`: between a vector register and 32 bits elsewhere.
    MoveVector,
    MoveNonTemporal,
    LoadNonTemporal,
    /// Signed or not; from and to how many bits where the mnemonic says it.
    Extend(bool, Option<(u8, u8)>),
    ExtendAccumulator(u8),
    SpreadSign(u8),
    LoadAddress,
    Arithmetic(Arithmetic),
    Compare,
    Test,
    Single(Single),
    Shift(Shift),
    MultiplySigned,
    MultiplyUnsigned,
    Divide(bool),
    Exchange(bool),
    ExchangeAdd,
    CompareExchange,
    /// `cmpxchg8b`, `cmpxchg16b`: so many bits.
    CompareExchangePair(u8),
    Bit(Bit),
    Set(Condition),
    MoveIf(Condition),
    Jump,
    JumpIf(Condition),
    Call,
    Return,
    Push,
    Pop,
    Leave,
    /// `lock`
    Lock,
    /// Prefixes that change nothing: `rep` before `ret`, `notrack`, `bnd`, ….
    Prefix,
}

/// All mnemonics but those with a condition and those with a size, sorted.
static MNEMONICS: &[(&str, Op)] = &[
    ("adc", Op::Arithmetic(Arithmetic::AddCarry)),
    ("add", Op::Arithmetic(Arithmetic::Add)),
    ("and", Op::Arithmetic(Arithmetic::And)),
    ("bnd", Op::Prefix),
    ("bt", Op::Bit(Bit::Test)),
    ("btc", Op::Bit(Bit::Complement)),
    ("btr", Op::Bit(Bit::Reset)),
    ("bts", Op::Bit(Bit::Set)),
    ("call", Op::Call),
    ("cbtw", Op::ExtendAccumulator(8)),
    ("cbw", Op::ExtendAccumulator(8)),
    ("cdq", Op::SpreadSign(32)),
    ("cdqe", Op::ExtendAccumulator(32)),
    ("clflush", Op::Flush(Flush::Plain)),
    ("clflushopt", Op::Flush(Flush::Optimised)),
    ("cltd", Op::SpreadSign(32)),
    ("cltq", Op::ExtendAccumulator(32)),
    ("clwb", Op::Flush(Flush::WriteBack)),
    ("cmp", Op::Compare),
    ("cmpxchg", Op::CompareExchange),
    ("cmpxchg16b", Op::CompareExchangePair(128)),
    ("cmpxchg8b", Op::CompareExchangePair(64)),
    ("cqo", Op::SpreadSign(64)),
    ("cqto", Op::SpreadSign(64)),
    ("cwd", Op::SpreadSign(16)),
    ("cwde", Op::ExtendAccumulator(16)),
    ("cwtd", Op::SpreadSign(16)),
    ("cwtl", Op::ExtendAccumulator(16)),
    ("data16", Op::Prefix),
    ("dec", Op::Single(Single::Decrement)),
    ("div", Op::Divide(false)),
    ("endbr32", Op::Nop),
    ("endbr64", Op::Nop),
    ("idiv", Op::Divide(true)),
    ("imul", Op::MultiplySigned),
    ("inc", Op::Single(Single::Increment)),
    ("jmp", Op::Jump),
    ("lea", Op::LoadAddress),
    ("leave", Op::Leave),
    ("lfence", Op::Fence(Fence::Load)),
    ("lock", Op::Lock),
    ("mfence", Op::Fence(Fence::Full)),
    ("mov", Op::Move),
    ("movabs", Op::Move),
    ("movd", Op::MoveVector),
    ("movntdqa", Op::LoadNonTemporal),
    ("movnti", Op::MoveNonTemporal),
    ("movsbl", Op::Extend(true, Some((8, 32)))),
    ("movsbq", Op::Extend(true, Some((8, 64)))),
    ("movsbw", Op::Extend(true, Some((8, 16)))),
    ("movslq", Op::Extend(true, Some((32, 64)))),
    ("movswl", Op::Extend(true, Some((16, 32)))),
    ("movswq", Op::Extend(true, Some((16, 64)))),
    ("movsx", Op::Extend(true, None)),
    ("movsxd", Op::Extend(true, None)),
    ("movzbl", Op::Extend(false, Some((8, 32)))),
    ("movzbq", Op::Extend(false, Some((8, 64)))),
    ("movzbw", Op::Extend(false, Some((8, 16)))),
    ("movzwl", Op::Extend(false, Some((16, 32)))),
    ("movzwq", Op::Extend(false, Some((16, 64)))),
    ("movzx", Op::Extend(false, None)),
    ("mul", Op::MultiplyUnsigned),
    ("neg", Op::Single(Single::Negate)),
    ("nop", Op::Nop),
    ("not", Op::Single(Single::Not)),
    ("notrack", Op::Prefix),
    ("or", Op::Arithmetic(Arithmetic::Or)),
    ("pause", Op::Nop),
    ("pop", Op::Pop),
    ("prefetchnta", Op::Nop),
    ("prefetcht0", Op::Nop),
    ("prefetcht1", Op::Nop),
    ("prefetcht2", Op::Nop),
    ("prefetchw", Op::Nop),
    ("push", Op::Push),
    ("rep", Op::Prefix),
    ("repz", Op::Prefix),
    ("ret", Op::Return),
    ("rol", Op::Shift(Shift::RotateLeft)),
    ("ror", Op::Shift(Shift::RotateRight)),
    ("sal", Op::Shift(Shift::Left)),
    ("sar", Op::Shift(Shift::RightArithmetic)),
    ("sbb", Op::Arithmetic(Arithmetic::SubtractBorrow)),
    ("sfence", Op::Fence(Fence::Store)),
    ("shl", Op::Shift(Shift::Left)),
    ("shr", Op::Shift(Shift::Right)),
    ("sub", Op::Arithmetic(Arithmetic::Subtract)),
    ("test", Op::Test),
    ("unlocked", Op::Prefix),
    ("uxch", Op::Exchange(false)),
    ("xadd", Op::ExchangeAdd),
    ("xchg", Op::Exchange(true)),
    ("xor", Op::Arithmetic(Arithmetic::Xor)),
];

/// Mnemonics as messages suggest them.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    MNEMONICS.iter().map(|(name, _)| *name).chain(["movl", "movq", "je", "jne", "sete", "setne"])
}

/// What a mnemonic in lower case asks for, and the width that its last letter gives.
pub(super) fn mnemonic(name: &[u8]) -> Option<(Op, Option<u8>)> {
    if let Some(op) = whole(name) {
        return Some((op, None));
    }
    let (last, stem) = name.split_last()?;
    let width = match last {
        b'b' => 8,
        b'w' => 16,
        b'l' => 32,
        b'q' => 64,
        _ => return None,
    };
    let op = whole(stem)?;
    op.has_size().then_some((op, Some(width)))
}

fn whole(name: &[u8]) -> Option<Op> {
    // `mov` is most of what tests consist of.
    if name == b"mov" {
        return Some(Op::Move);
    }
    if let Ok(at) = MNEMONICS.binary_search_by(|(known, _)| known.as_bytes().cmp(name)) {
        return Some(MNEMONICS[at].1);
    }
    match name {
        [b'j', condition @ ..] => Condition::named(condition).map(Op::JumpIf),
        [b's', b'e', b't', condition @ ..] => Condition::named(condition).map(Op::Set),
        [b'c', b'm', b'o', b'v', condition @ ..] => Condition::named(condition).map(Op::MoveIf),
        _ => None,
    }
}

impl Op {
    /// Whether a letter for the size may stand behind the mnemonic.
    fn has_size(self) -> bool {
        !matches!(
            self,
            Op::Fence(_)
                | Op::Flush(_)
                | Op::CompareExchangePair(_)
                | Op::LoadNonTemporal
                | Op::MoveVector
                | Op::Extend(_, Some(_))
                | Op::ExtendAccumulator(_)
                | Op::SpreadSign(_)
                | Op::JumpIf(_)
                | Op::Set(_)
                | Op::Lock
                | Op::Prefix
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(MNEMONICS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn sizes_come_behind() {
        assert_eq!(mnemonic(b"movl"), Some((Op::Move, Some(32))));
        assert_eq!(mnemonic(b"cmovl"), Some((Op::MoveIf(Condition::Less), None)));
        assert_eq!(mnemonic(b"cmovll"), Some((Op::MoveIf(Condition::Less), Some(32))));
        assert_eq!(mnemonic(b"setb"), Some((Op::Set(Condition::Below), None)));
        assert_eq!(mnemonic(b"shl"), Some((Op::Shift(Shift::Left), None)));
        assert_eq!(mnemonic(b"retq"), Some((Op::Return, Some(64))));
        assert_eq!(mnemonic(b"jmpl"), Some((Op::Jump, Some(32))));
        assert_eq!(mnemonic(b"mfencel"), None);
        assert_eq!(mnemonic(b"l"), None);
        assert_eq!(mnemonic(b""), None);
    }
}
