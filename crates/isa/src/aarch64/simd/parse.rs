//! From text to instruction.

use super::instruction::{Across, Immediate, Lanes, List, Shift, Simd, Slot, Three, Two};
use super::mnemonic::Form;
use super::register::{self, Arrangement, Element, Name, Scalar, Size, Vector};
use crate::aarch64::lexer::{Lexer, Parsed};
use crate::aarch64::operand::{Address, Indexing, Offset};
use crate::aarch64::register::Register;
use execution::micro::Tags;

/// Whether a vector register comes next, or a list of some.
pub(in crate::aarch64) fn at_vector(p: &mut Lexer<'_, '_>) -> bool {
    let first = p.peek().map(|byte| byte.to_ascii_uppercase());
    match first {
        Some(b'{') => true,
        Some(b'V' | b'B' | b'H' | b'S' | b'D' | b'Q') => {
            let start = p.mark();
            let found = register::name(p.word()).is_some();
            p.rewind(start);
            found
        }
        _ => false,
    }
}

/// Reads the operands of an instruction on vector registers. `target` is the first, if it was read already.
///
/// # Errors
/// When the operands are wrong.
pub(in crate::aarch64) fn parse<'a>(
    p: &mut Lexer<'a, '_>,
    name: &'static str,
    form: Form,
    target: Option<Register<'a>>,
) -> Parsed<Simd<'a>> {
    Ok(match form {
        Form::Load(tags) => Simd::Load { name, tags, target: scalar_comma(p)?, address: address(p, tags)? },
        Form::Store(tags) => Simd::Store { name, tags, source: scalar_comma(p)?, address: address(p, tags)? },
        Form::LoadPair(tags) => Simd::LoadPair { name, tags, targets: pair(p)?, address: p.address()? },
        Form::StorePair(tags) => Simd::StorePair { name, tags, sources: pair(p)?, address: p.address()? },
        Form::LoadStructures { structure, replicate, tags } => {
            let list = list(p, structure, replicate, tags)?;
            Simd::LoadStructures { name, tags, list, address: structure_address(p)? }
        }
        Form::StoreStructures { structure, tags } => {
            let list = list(p, structure, false, tags)?;
            Simd::StoreStructures { name, tags, list, address: structure_address(p)? }
        }
        Form::Copy { signed } => {
            let target = first_slot(p, target)?;
            copy(p, name, signed, target)?
        }
        Form::FloatMove => {
            let target = first_slot(p, target)?;
            if p.at_number() { float(p, name, target)? } else { copy(p, name, false, target)? }
        }
        Form::Immediate { inverted } => immediate(p, name, inverted)?,
        Form::Three(op) => three(p, name, op)?,
        Form::Extract => {
            let (start, target) = (p.mark(), vector_comma(p)?);
            let (left, right) = (vector_comma(p)?, vector_comma(p)?);
            if [left, right].iter().any(|other| other.lanes != target.lanes) || target.lanes.size != Size::B {
                return Err(p.bad(start, "`EXT` takes three vectors of bytes"));
            }
            Simd::Extract { target, left, right, index: p.number_to(target.lanes.count - 1)? }
        }
        Form::Two(op) => two(p, name, op)?,
        Form::Compare(op) => {
            let start = p.mark();
            let (target, left) = (slot_comma(p)?, slot_comma(p)?);
            if p.at_number() {
                p.number_to(0)?;
                same(p, start, &[target, left])?;
                return Ok(Simd::CompareZero { name, op, target, source: left });
            }
            let right = slot(p)?;
            same(p, start, &[target, left, right])?;
            Simd::Three { name, op: Three::Compare(op), target, left, right }
        }
        Form::Shift(op) => shift(p, name, op)?,
        Form::Lengthen { signed } => {
            let start = p.mark();
            let (target, source) = (vector_comma(p)?, vector(p)?);
            widens(p, start, target, source)?;
            let (op, target, source) = (Shift::Widen { signed }, Slot::Vector(target), Slot::Vector(source));
            Simd::Shift { name, op, target, source, distance: 0 }
        }
        Form::Across(op) => Simd::Across { name, op, target: scalar_comma(p)?, source: vector(p)? },
    })
}

fn first_slot<'a>(p: &mut Lexer<'a, '_>, target: Option<Register<'a>>) -> Parsed<Slot<'a>> {
    match target {
        Some(register) => Ok(Slot::General(register)),
        None => slot_comma(p),
    }
}

/// Reads a register, general or not, or a lane.
fn slot<'a>(p: &mut Lexer<'a, '_>) -> Parsed<Slot<'a>> {
    let start = p.mark();
    match register::name(p.word()) {
        Some(Name::Scalar(scalar)) => Ok(Slot::Scalar(scalar)),
        Some(Name::Lanes(vreg, size)) => {
            let index = lane(p, size)?;
            Ok(Slot::Element(Element { vreg, size, index, written: None }))
        }
        Some(Name::Vector(Vector { vreg, lanes })) if p.peek() == Some(b'[') => {
            let index = lane(p, lanes.size)?;
            Ok(Slot::Element(Element { vreg, size: lanes.size, index, written: Some(lanes.count) }))
        }
        Some(Name::Vector(vector)) => Ok(Slot::Vector(vector)),
        Some(Name::Whole(_)) => {
            let help = "say which lanes: `V0.4S`, `V0.S[1]`";
            Err(p.bad(start, "a vector register needs lanes").with_help(help))
        }
        None => {
            p.rewind(start);
            p.register().map(Slot::General)
        }
    }
}

fn slot_comma<'a>(p: &mut Lexer<'a, '_>) -> Parsed<Slot<'a>> {
    let slot = slot(p)?;
    p.comma()?;
    Ok(slot)
}

/// Reads the number of a lane in brackets.
fn lane(p: &mut Lexer<'_, '_>, size: Size) -> Parsed<u8> {
    if !p.eat(b'[') {
        return Err(p.expected("the number of a lane, such as `[0]`"));
    }
    let index = p.number_to(128 / size.bits() - 1)?;
    if p.eat(b']') { Ok(index) } else { Err(p.expected("`]`")) }
}

fn scalar(p: &mut Lexer<'_, '_>) -> Parsed<Scalar> {
    let start = p.mark();
    match register::name(p.word()) {
        Some(Name::Scalar(scalar)) => Ok(scalar),
        _ => {
            p.rewind(start);
            Err(p.expected("a register B0…, H0…, S0…, D0… or Q0…"))
        }
    }
}

fn scalar_comma(p: &mut Lexer<'_, '_>) -> Parsed<Scalar> {
    let scalar = scalar(p)?;
    p.comma()?;
    Ok(scalar)
}

fn vector(p: &mut Lexer<'_, '_>) -> Parsed<Vector> {
    let start = p.mark();
    match register::name(p.word()) {
        Some(Name::Vector(vector)) => Ok(vector),
        _ => {
            p.rewind(start);
            Err(p.expected("a vector such as `V0.4S`"))
        }
    }
}

fn vector_comma(p: &mut Lexer<'_, '_>) -> Parsed<Vector> {
    let vector = vector(p)?;
    p.comma()?;
    Ok(vector)
}

/// Two registers of one size, each with a comma behind.
fn pair(p: &mut Lexer<'_, '_>) -> Parsed<[Scalar; 2]> {
    let start = p.mark();
    let registers = [scalar_comma(p)?, scalar_comma(p)?];
    if registers[0].size != registers[1].size || registers[0].size < Size::S {
        return Err(p.bad(start, "pairs are of two registers S, D or Q"));
    }
    Ok(registers)
}

/// The address of a load or store; ordered ones take no index register.
fn address<'a>(p: &mut Lexer<'a, '_>, tags: Tags) -> Parsed<Address<'a>> {
    let start = p.mark();
    let address = p.address()?;
    if tags != Tags::NONE && !matches!(address.offset, Offset::Immediate(_)) {
        return Err(p.bad(start, "this instruction takes no index register"));
    }
    Ok(address)
}

/// `[X0]`, `[X0],#16`, `[X0],X1`.
fn structure_address<'a>(p: &mut Lexer<'a, '_>) -> Parsed<Address<'a>> {
    let start = p.mark();
    let address = p.address_then_register()?;
    let fits = address.indexing == Indexing::Post || address.offset == Offset::Immediate(0);
    if fits && address.indexing != Indexing::Pre {
        Ok(address)
    } else {
        Err(p.bad(start, "this instruction takes a base register only, and moves it afterwards: `[X0],#16`"))
    }
}

/// `{V0.4S,V1.4S}`, `{V0.4S-V3.4S}`, `{V0.S}[1]`, and a comma.
fn list(p: &mut Lexer<'_, '_>, structure: u8, replicate: bool, tags: Tags) -> Parsed<List> {
    let start = p.mark();
    if !p.eat(b'{') {
        return Err(p.expected("a list of vectors such as `{V0.4S}`"));
    }
    let word = p.word();
    let Some(first @ (Name::Vector(_) | Name::Lanes(..))) = register::name(word) else {
        return Err(p.bad(start, "expected a vector such as `V0.4S`"));
    };
    let count = list_rest(p, first)?;
    let (vreg, lanes) = match first {
        Name::Lanes(vreg, size) => (vreg, Lanes::One(size, lane(p, size)?)),
        Name::Vector(vector) if replicate => (vector.vreg, Lanes::Replicated(vector.lanes)),
        Name::Vector(vector) => (vector.vreg, Lanes::All(vector.lanes)),
        Name::Scalar(scalar) => (scalar.vreg, Lanes::One(scalar.size, 0)),
        Name::Whole(vreg) => (vreg, Lanes::One(Size::Q, 0)),
    };
    let is_one = matches!(lanes, Lanes::One(..));
    let any_number = structure == 1 && matches!(lanes, Lanes::All(_));
    if count != structure && !(any_number && (1..=4).contains(&count)) {
        return Err(p.bad(start, format!("the list has {count} registers, and should have {structure}")));
    }
    let ordered_size = !matches!(lanes, Lanes::One(Size::D, _));
    if is_one && replicate || tags != Tags::NONE && ordered_size {
        let wanted = if replicate { "whole vectors: `{V0.4S}`" } else { "a lane D: `{V0.D}[0]`" };
        return Err(p.bad(start, format!("this instruction takes {wanted}")));
    }
    p.comma()?;
    Ok(List { structure, first: vreg, count, lanes })
}

/// The registers behind the first up to `}`; gives how many there are in all.
fn list_rest(p: &mut Lexer<'_, '_>, first: Name) -> Parsed<u8> {
    let mut last = first;
    let mut count = 1;
    loop {
        if p.eat(b'}') {
            return Ok(count);
        }
        let start = p.mark();
        let is_range = p.eat(b'-');
        if !is_range && !p.eat(b',') {
            return Err(p.expected("`,` or `}`"));
        }
        let name = register::name(p.word());
        let mut steps = 0;
        while name.is_some_and(|name| name != last) && steps < if is_range { 3 } else { 1 } {
            last = following(last);
            steps += 1;
        }
        if steps == 0 || name != Some(last) || count + steps > 4 {
            return Err(p.bad(start, "a list has up to four registers in a row, with the same lanes"));
        }
        count += steps;
    }
}

fn following(name: Name) -> Name {
    match name {
        Name::Vector(Vector { vreg, lanes }) => Name::Vector(Vector { vreg: vreg.next(), lanes }),
        Name::Lanes(vreg, size) => Name::Lanes(vreg.next(), size),
        other => other,
    }
}

fn copy<'a>(p: &mut Lexer<'a, '_>, name: &'static str, signed: bool, target: Slot<'a>) -> Parsed<Simd<'a>> {
    let start = p.mark();
    let source = slot(p)?;
    let (to, from) = (target.lanes().size, source.lanes().size);
    let fits = match (&target, &source) {
        (Slot::General(_), Slot::General(_)) => false,
        (Slot::General(_), Slot::Element(_)) if name != "FMOV" => from <= to,
        (Slot::General(_), Slot::Scalar(_)) => name == "FMOV" && from == to,
        (Slot::General(_), _) => name == "FMOV" && from == to && !matches!(source, Slot::Vector(_)),
        (Slot::Scalar(_), Slot::General(_)) => name == "FMOV" && from == to,
        (Slot::Element(_) | Slot::Vector(_), Slot::General(_)) => {
            from == if to == Size::D { to } else { Size::S }
        }
        (Slot::Vector(a), Slot::Vector(b)) => a.lanes == b.lanes,
        (Slot::Scalar(_) | Slot::Element(_) | Slot::Vector(_), Slot::Element(_)) => to == from,
        (Slot::Scalar(_), Slot::Scalar(_)) => to == from,
        _ => false,
    };
    if fits {
        Ok(Simd::Copy { name, signed, target, source })
    } else {
        Err(p.bad(start, format!("`{source}` can't be copied to `{target}` by `{name}`")))
    }
}

/// `FMOV S0,#1.0`
fn float<'a>(p: &mut Lexer<'a, '_>, name: &'static str, target: Slot<'a>) -> Parsed<Simd<'a>> {
    let start = p.mark();
    let value = p.float()?;
    let lanes = target.lanes();
    let bits = match (&target, lanes.size) {
        (Slot::Scalar(_) | Slot::Vector(_), Size::S) => u128::from((value as f32).to_bits()),
        (Slot::Scalar(_) | Slot::Vector(_), Size::D) => u128::from(value.to_bits()),
        _ => return Err(p.bad(start, format!("`{target}` holds no floating-point number"))),
    };
    let operand = Immediate::Float(value.to_bits());
    Ok(Simd::Immediate { name, target, operand, bits: replicated(bits, lanes) })
}

/// The same bits in each lane.
fn replicated(bits: u128, lanes: Arrangement) -> u128 {
    (0..lanes.count).fold(0, |all, lane| all | bits << (u32::from(lane) * u32::from(lanes.size.bits())))
}

fn immediate<'a>(p: &mut Lexer<'a, '_>, name: &'static str, inverted: bool) -> Parsed<Simd<'a>> {
    let start = p.mark();
    let target = slot_comma(p)?;
    if !matches!(target, Slot::Vector(_) | Slot::Scalar(Scalar { size: Size::D, .. })) {
        return Err(p.bad(start, "expected a vector such as `V0.4S`, or a register D"));
    }
    let value = p.number()?;
    let shift = if p.eat(b',') { Some(p.moving_shift()?) } else { None };
    let (distance, ones) = shift.unwrap_or((0, false));
    let filled = if ones { (1u128 << distance) - 1 } else { 0 };
    let moved = (u128::from(value as u64) << distance) | filled;
    let lanes = target.lanes();
    let wanted = if inverted { !moved } else { moved };
    let lane = wanted & (u128::MAX >> (128 - u32::from(lanes.size.bits())));
    let operand = Immediate::Number { value, shift };
    Ok(Simd::Immediate { name, target, operand, bits: replicated(lane, lanes) })
}

/// All operands must have the same lanes.
fn same(p: &Lexer<'_, '_>, start: usize, slots: &[Slot<'_>]) -> Parsed<()> {
    let Some(first) = slots.first() else { return Ok(()) };
    let is_scalar = |slot: &Slot<'_>| matches!(slot, Slot::Scalar(Scalar { size: Size::D, .. }));
    let all_scalar = slots.iter().all(is_scalar);
    let all_vector =
        slots.iter().all(|slot| matches!(slot, Slot::Vector(_)) && slot.lanes() == first.lanes());
    if all_scalar || all_vector {
        return Ok(());
    }
    Err(p.bad(start, "the operands must be vectors with the same lanes, or all registers D"))
}

fn three<'a>(p: &mut Lexer<'a, '_>, name: &'static str, op: Three) -> Parsed<Simd<'a>> {
    let start = p.mark();
    let target = slot_comma(p)?;
    if let (Three::Pairs(fold), Slot::Scalar(target)) = (op, target) {
        return Ok(Simd::Across { name, op: Across::Fold(fold), target, source: vector(p)? });
    }
    let (left, right) = (slot_comma(p)?, slot(p)?);
    same(p, start, &[target, left, right])?;
    Ok(Simd::Three { name, op, target, left, right })
}

fn two<'a>(p: &mut Lexer<'a, '_>, name: &'static str, op: Two) -> Parsed<Simd<'a>> {
    let start = p.mark();
    let (target, source) = (slot_comma(p)?, slot(p)?);
    if op != Two::Narrow {
        same(p, start, &[target, source])?;
    } else if target.lanes().size.double() != source.lanes().size
        || target.lanes().count != source.lanes().count
    {
        return Err(p.bad(start, "the lanes of the target are half as wide as those of the source"));
    }
    Ok(Simd::Two { name, op, target, source })
}

/// The lanes of the target must be twice as wide.
fn widens(p: &Lexer<'_, '_>, start: usize, target: Vector, source: Vector) -> Parsed<()> {
    let (to, from) = (target.lanes, source.lanes);
    if from.size.double() == to.size && from.count == to.count {
        return Ok(());
    }
    Err(p.bad(start, "the lanes of the target are twice as wide as those of the source"))
}

fn shift<'a>(p: &mut Lexer<'a, '_>, name: &'static str, op: Shift) -> Parsed<Simd<'a>> {
    let start = p.mark();
    let (target, source) = (slot_comma(p)?, slot_comma(p)?);
    match (op, target, source) {
        (Shift::Widen { .. }, Slot::Vector(target), Slot::Vector(source)) => {
            widens(p, start, target, source)?
        }
        (Shift::Narrow, Slot::Vector(target), Slot::Vector(source)) => widens(p, start, source, target)?,
        (Shift::Lanes(_), ..) => same(p, start, &[target, source])?,
        _ => return Err(p.bad(start, "expected two vectors")),
    }
    let distance = p.number_to(source.lanes().size.bits())?;
    Ok(Simd::Shift { name, op, target, source, distance })
}
