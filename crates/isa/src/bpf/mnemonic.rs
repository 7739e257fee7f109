//! The GNU assembler's normal dialect: `ldxw %r1,[%r2+8]`.

use super::instruction::{
    AluOp, AtomicOp, Instruction, Modify, Register, Size, Source, Swap, Target, Test, Width,
};
use super::parse::{ATOMIC_NAMES, Parser, swapped_size};
use crate::operand::Parsed;

/// Names of arithmetic; with `32` behind for 32 bits.
pub(super) const ALU: [(&str, AluOp); 13] = [
    ("add", AluOp::Add),
    ("sub", AluOp::Sub),
    ("mul", AluOp::Mul),
    ("div", AluOp::Div),
    ("sdiv", AluOp::SignedDiv),
    ("mod", AluOp::Mod),
    ("smod", AluOp::SignedMod),
    ("or", AluOp::Or),
    ("and", AluOp::And),
    ("xor", AluOp::Xor),
    ("lsh", AluOp::ShiftLeft),
    ("rsh", AluOp::ShiftRight),
    ("arsh", AluOp::ShiftRightSigned),
];

/// Names of conditional jumps; with `32` behind for 32 bits.
pub(super) const JUMPS: [(&str, Test); 11] = [
    ("jeq", Test::Equal),
    ("jne", Test::NotEqual),
    ("jset", Test::AnyBit),
    ("jgt", Test::Greater),
    ("jge", Test::GreaterEqual),
    ("jlt", Test::Less),
    ("jle", Test::LessEqual),
    ("jsgt", Test::SignedGreater),
    ("jsge", Test::SignedGreaterEqual),
    ("jslt", Test::SignedLess),
    ("jsle", Test::SignedLessEqual),
];

/// Letters of sizes.
pub(super) const SIZES: [(&str, Size); 4] =
    [("b", Size::Byte), ("h", Size::Half), ("w", Size::Word), ("dw", Size::Double)];

/// What a mnemonic stands for.
#[derive(Clone, Copy)]
enum Shape {
    Alu(Width, AluOp),
    Negate(Width),
    Move(Width),
    MoveSigned(Width),
    Swap(Swap),
    LoadWide,
    Load(Size, bool),
    LoadAcquire(Size),
    LoadPacket(Size, bool),
    Store(Size),
    StoreImmediate(Size),
    StoreRelease(Size),
    Atomic(Width, Modify),
    Jump(bool),
    JumpIf(Width, Test),
    Cast,
}

/// The part in front of `32`, and the width.
fn split_width(word: &str) -> (&str, Width) {
    word.strip_suffix("32").map_or((word, Width::W64), |stem| (stem, Width::W32))
}

fn find<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == name).map(|(_, found)| *found)
}

fn shape(word: &str) -> Option<Shape> {
    let (stem, width) = split_width(word);
    if let Some(op) = find(&ALU, stem) {
        return Some(Shape::Alu(width, op));
    }
    if let Some(test) = find(&JUMPS, stem) {
        return Some(Shape::JumpIf(width, test));
    }
    match stem {
        "neg" => return Some(Shape::Negate(width)),
        "mov" => return Some(Shape::Move(width)),
        "movs" => return Some(Shape::MoveSigned(width)),
        "axchg" => return Some(Shape::Atomic(width, Modify::Exchange)),
        "acmp" => return Some(Shape::Atomic(width, Modify::CompareExchange)),
        _ => {}
    }
    if let Some(op) = stem.strip_prefix("af").and_then(|op| find(&ATOMIC_NAMES, op)) {
        return Some(Shape::Atomic(width, Modify::Fetch(op)));
    }
    if let Some(op) = stem.strip_prefix('a').and_then(|op| find(&ATOMIC_NAMES, op)) {
        return Some(Shape::Atomic(width, Modify::Update(op)));
    }
    match word {
        "endle" => return Some(Shape::Swap(Swap::ToLittle)),
        "endbe" => return Some(Shape::Swap(Swap::ToBig)),
        "bswap" => return Some(Shape::Swap(Swap::Always)),
        "lddw" => return Some(Shape::LoadWide),
        "ja" => return Some(Shape::Jump(false)),
        "jal" => return Some(Shape::Jump(true)),
        "addr_space_cast" => return Some(Shape::Cast),
        // What binutils before 2.41 called them.
        "xaddw" => return Some(Shape::Atomic(Width::W32, Modify::Update(AtomicOp::Add))),
        "xadddw" => return Some(Shape::Atomic(Width::W64, Modify::Update(AtomicOp::Add))),
        _ => {}
    }
    let sized = |prefix: &str| word.strip_prefix(prefix).and_then(|size| find(&SIZES, size));
    let narrow = |prefix: &str| sized(prefix).filter(|size| *size != Size::Double);
    None.or_else(|| narrow("ldxs").map(|size| Shape::Load(size, true)))
        .or_else(|| sized("ldx").map(|size| Shape::Load(size, false)))
        .or_else(|| sized("ldacq").map(Shape::LoadAcquire))
        .or_else(|| narrow("ldabs").map(|size| Shape::LoadPacket(size, false)))
        .or_else(|| narrow("ldind").map(|size| Shape::LoadPacket(size, true)))
        .or_else(|| sized("stx").map(Shape::Store))
        .or_else(|| sized("strel").map(Shape::StoreRelease))
        .or_else(|| sized("st").map(Shape::StoreImmediate))
}

/// All mnemonics, for suggestions.
pub(super) fn all() -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut both = |stem: String| names.extend([format!("{stem}32"), stem]);
    ALU.iter().for_each(|(name, _)| both((*name).to_owned()));
    JUMPS.iter().for_each(|(name, _)| both((*name).to_owned()));
    ATOMIC_NAMES.iter().for_each(|(name, _)| both(format!("a{name}")));
    ATOMIC_NAMES.iter().for_each(|(name, _)| both(format!("af{name}")));
    ["neg", "mov", "movs", "axchg", "acmp"].iter().for_each(|name| both((*name).to_owned()));
    for (size, _) in SIZES {
        let prefixes = ["ldx", "ldxs", "ldacq", "ldabs", "ldind", "stx", "strel", "st"];
        names.extend(prefixes.iter().map(|prefix| format!("{prefix}{size}")));
    }
    names.extend(
        ["endle", "endbe", "bswap", "lddw", "ja", "jal", "addr_space_cast", "xaddw", "xadddw"]
            .map(str::to_owned),
    );
    names.retain(|name| shape(name).is_some());
    names
}

/// Reads what follows a mnemonic; `None` if the word is none.
pub(super) fn instruction<'a>(parser: &mut Parser<'a, '_>, word: &str) -> Option<Parsed<Instruction<'a>>> {
    let lower = word.to_ascii_lowercase();
    Some(operands(parser, shape(&lower)?))
}

fn operands<'a>(parser: &mut Parser<'a, '_>, shape: Shape) -> Parsed<Instruction<'a>> {
    Ok(match shape {
        Shape::Alu(width, op) => {
            let dst = destination(parser)?;
            Instruction::Alu { width, op, dst, src: operand(parser, width)? }
        }
        Shape::Negate(width) => Instruction::Negate { width, dst: last_destination(parser)? },
        Shape::Move(width) => {
            let dst = destination(parser)?;
            Instruction::Move { width, dst, src: operand(parser, width)? }
        }
        Shape::MoveSigned(width) => {
            let (dst, src) = (destination(parser)?, parser.register()?);
            parser.at.comma()?;
            let start = parser.at.mark();
            let from = match parser.signed()? {
                8 => Size::Byte,
                16 => Size::Half,
                32 if width == Width::W64 => Size::Word,
                _ => return Err(parser.at.bad(start, "signs are extended from 8, 16 or 32 bits, to more")),
            };
            Instruction::MoveSigned { width, from, dst, src }
        }
        Shape::Swap(swap) => {
            let dst = destination(parser)?;
            let start = parser.at.mark();
            let Some(size) = swapped_size(parser.at.word()) else {
                return Err(parser.at.bad(start, "the bytes of 16, 32 or 64 bits are swapped"));
            };
            Instruction::SwapBytes { swap, size, dst }
        }
        Shape::LoadWide => {
            let dst = destination(parser)?;
            Instruction::LoadWide { dst, value: parser.wide()? }
        }
        Shape::Load(size, signed) => {
            let dst = destination(parser)?;
            let (base, offset) = memory(parser)?;
            Instruction::Load { size, signed, dst, base, offset }
        }
        Shape::LoadAcquire(size) => {
            let dst = destination(parser)?;
            let (base, offset) = memory(parser)?;
            Instruction::LoadAcquire { size, dst, base, offset }
        }
        Shape::LoadPacket(size, indexed) => {
            let mut index = None;
            if indexed {
                index = Some(parser.register()?);
                parser.at.comma()?;
            }
            Instruction::LoadPacket { size, index, offset: parser.number32()? }
        }
        Shape::Store(size) => {
            let (base, offset, src) = stored(parser)?;
            Instruction::Store { size, base, offset, src: Source::Register(src) }
        }
        Shape::StoreImmediate(size) => {
            let (base, offset) = memory(parser)?;
            parser.at.comma()?;
            let start = parser.at.mark();
            let number = parser.signed()?;
            let width = if size == Size::Double { Width::W64 } else { Width::W32 };
            let value = parser.immediate_value(number, width, start)?;
            Instruction::Store { size, base, offset, src: Source::Immediate(value) }
        }
        Shape::StoreRelease(size) => {
            let (base, offset, src) = stored(parser)?;
            Instruction::StoreRelease { size, base, offset, src }
        }
        Shape::Atomic(width, modify) => {
            let (base, offset, src) = stored(parser)?;
            Instruction::Atomic { width, modify, base, offset, src }
        }
        Shape::Jump(long) => Instruction::Jump { long, target: parser.target()? },
        Shape::JumpIf(width, test) => {
            let dst = parser.register()?;
            parser.at.comma()?;
            let src = operand(parser, width)?;
            parser.at.comma()?;
            let target: Target<'a> = parser.target()?;
            Instruction::JumpIf { width, test, dst, src, target }
        }
        Shape::Cast => {
            let (dst, src) = (destination(parser)?, parser.register()?);
            parser.at.comma()?;
            let to = parser.at.number_in(0, 0xffff)? as u16;
            parser.at.comma()?;
            let from = parser.at.number_in(0, 0xffff)? as u16;
            Instruction::CastAddress { dst, src, to, from }
        }
    })
}

/// A register that is written, not the frame pointer.
fn last_destination<'a>(parser: &mut Parser<'a, '_>) -> Parsed<Register<'a>> {
    let start = parser.at.mark();
    let register = parser.register()?;
    if register.number == 10 {
        return Err(parser.at.bad(start, "`r10`, the frame pointer, can't be written"));
    }
    Ok(register)
}

fn destination<'a>(parser: &mut Parser<'a, '_>) -> Parsed<Register<'a>> {
    let register = last_destination(parser)?;
    parser.at.comma()?;
    Ok(register)
}

/// The second operand: a register by its long name, whatever the width, or a number.
fn operand<'a>(parser: &mut Parser<'a, '_>, width: Width) -> Parsed<Source<'a>> {
    match parser.view_if()? {
        Some(view) => Ok(Source::Register(view.register)),
        None => parser.source(width),
    }
}

/// `[%r2+8]`
fn memory<'a>(parser: &mut Parser<'a, '_>) -> Parsed<(Register<'a>, i16)> {
    parser.at.require(b'[')?;
    let found = parser.based()?;
    parser.at.require(b']')?;
    Ok(found)
}

/// `[%r2+8],%r1`
fn stored<'a>(parser: &mut Parser<'a, '_>) -> Parsed<(Register<'a>, i16, Register<'a>)> {
    let (base, offset) = memory(parser)?;
    parser.at.comma()?;
    Ok((base, offset, parser.register()?))
}

/// The name of a value in a table.
pub(super) fn name<T: Copy + PartialEq>(table: &[(&'static str, T)], wanted: T) -> &'static str {
    table.iter().find(|(_, value)| *value == wanted).map_or("", |(name, _)| name)
}
