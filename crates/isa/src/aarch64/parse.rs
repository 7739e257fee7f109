//! From text to instruction.

use super::instruction::{Access, BitField, FieldNumbers, Instruction, Shape, SystemRegister};
use super::lexer::{Lexer, Parsed};
use super::mnemonic::{self, Form};
use super::operand::{Address, Modified, Offset, Operand};
use super::register::{self, Register, Width};
use super::simd;
use super::tag;
use execution::BinaryOp;
use execution::micro::{Reg, Tags};
use std::collections::BTreeMap;
use syntax::{Diagnostic, Span};

/// Reads one instruction, in either case, without a label.
///
/// # Errors
/// When it is none that we know, or its operands are wrong.
pub(super) fn parse<'a>(
    text: &'a str,
    span: Span,
    symbolic: &BTreeMap<String, Reg>,
) -> Parsed<Instruction<'a>> {
    let mut lexer = Lexer::new(text, span, symbolic);
    let start = lexer.mark();
    let word = lexer.word();
    let span = lexer.span_from(start);
    let mut buffer = [0u8; 16];
    let upper = upper_case(word, &mut buffer).unwrap_or_default();
    let vector = simd::at_vector(&mut lexer).then(|| simd::find(upper)).flatten();
    let instruction = match (vector, mnemonic::find(upper)) {
        (Some((name, form)), _) => Instruction::Simd(simd::parse(&mut lexer, name, form, None)?),
        (None, Some((name, form))) => operands(&mut lexer, name, form)?,
        (None, None) => match simd::find(upper) {
            Some((name, form)) => Instruction::Simd(simd::parse(&mut lexer, name, form, None)?),
            None => return Err(unknown(word, span)),
        },
    };
    lexer.end()?;
    Ok(instruction)
}

fn upper_case<'b>(word: &str, buffer: &'b mut [u8; 16]) -> Option<&'b str> {
    let target = buffer.get_mut(..word.len())?;
    target.copy_from_slice(word.as_bytes());
    target.make_ascii_uppercase();
    std::str::from_utf8(target).ok()
}

fn unknown(word: &str, span: Span) -> Diagnostic {
    let mut names = mnemonic::all();
    names.extend(simd::all().map(str::to_owned));
    let upper = word.to_ascii_uppercase();
    Diagnostic::error("isa::unknown-instruction", span, format!("unknown AArch64 instruction `{word}`"))
        .with_suggestion(&upper, names.iter().map(String::as_str))
}

fn operands<'a>(p: &mut Lexer<'a, '_>, name: &'static str, form: Form) -> Parsed<Instruction<'a>> {
    use Instruction as I;
    Ok(match form {
        Form::Nop => {
            if name == "BTI" {
                p.word();
            }
            I::Nop { name }
        }
        Form::Hint => I::Hint { number: i64::from(p.number_to(127)?) },
        Form::Prefetch => prefetch(p, name)?,
        Form::Isb => {
            p.word();
            I::Barrier { name, option: None, tags: tag::ISB }
        }
        Form::Barrier(first) => barrier(p, name, first)?,
        Form::Cache => cache(p, name)?,
        Form::ClearExclusive => I::ClearExclusive,
        Form::Jump { link } => I::Jump { name, target: p.branch_target()?, link },
        Form::JumpRegister { link } => I::JumpRegister { name, register: x_register(p)?, link },
        Form::Return => {
            let register = if p.peek().is_some() { Some(x_register(p)?) } else { None };
            I::Return { register }
        }
        Form::BranchIf(condition) => I::BranchIf { condition, target: p.branch_target()? },
        Form::CompareBranch { nonzero } => {
            I::CompareBranch { name, nonzero, register: p.register_comma()?, target: p.branch_target()? }
        }
        Form::TestBranch { nonzero } => test_branch(p, name, nonzero)?,
        Form::Exception => I::Exception { name, number: p.number()? },
        Form::Load(access) => load(p, name, access)?,
        Form::Store(access) => {
            I::Store { name, access, source: p.register_comma()?, address: address_for(p, access)? }
        }
        Form::StoreExclusive(access) => I::StoreExclusive {
            name,
            access,
            status: p.register_comma()?,
            source: p.register_comma()?,
            address: p.base_address()?,
        },
        Form::LoadPair(access) => {
            I::LoadPair { name, access, targets: pair(p)?, address: address_for(p, access)? }
        }
        Form::StorePair(access) => {
            I::StorePair { name, access, sources: pair(p)?, address: address_for(p, access)? }
        }
        Form::StoreExclusivePair(access) => I::StoreExclusivePair {
            name,
            access,
            status: p.register_comma()?,
            sources: pair(p)?,
            address: p.base_address()?,
        },
        Form::CompareSwap(atomic) => {
            let [expected, new] = pair(p)?;
            I::CompareSwap { atomic, expected, new, address: p.base_address()? }
        }
        Form::CompareSwapPair(atomic) => I::CompareSwapPair {
            atomic,
            expected: even_pair(p)?,
            new: even_pair(p)?,
            address: p.base_address()?,
        },
        Form::Swap(atomic) => {
            let [source, target] = pair(p)?;
            I::Swap { atomic, source, target, address: p.base_address()? }
        }
        Form::Fetch(op, atomic) => {
            let [source, target] = pair(p)?;
            I::Fetch { op, atomic, source, target: Some(target), address: p.base_address()? }
        }
        Form::FetchNoResult(op, atomic) => {
            I::Fetch { op, atomic, source: p.register_comma()?, target: None, address: p.base_address()? }
        }
        Form::Alu(alu) => arithmetic(p, name, alu)?,
        Form::Move => {
            let target = p.register_comma()?;
            if simd::at_vector(p) {
                let form = simd::Form::Copy { signed: false };
                return Ok(I::Simd(simd::parse(p, name, form, Some(target))?));
            }
            let start = p.mark();
            let source = p.simple_operand()?;
            same_width(p, start, target, &source)?;
            I::Move { target, source }
        }
        Form::MoveWide(kind) => {
            let target = p.register_comma()?;
            let immediate = p.number()?;
            let shift = if p.eat(b',') {
                // The canonical text has two commas.
                p.eat(b',');
                Some(p.immediate_shift()?)
            } else {
                None
            };
            I::MoveWide { name, kind, target, immediate, shift }
        }
        Form::Binary(op) => binary(p, name, op)?,
        Form::Unary(op) => I::Unary { name, op, target: p.register_comma()?, source: p.register()? },
        Form::BitField(kind) => bit_field(p, name, kind)?,
        Form::Extract => {
            let [target, high] = pair(p)?;
            let low = p.register_comma()?;
            I::Extract { target, high, low, lsb: p.number_to(target.width.bits() - 1)? }
        }
        Form::Multiply(kind) => {
            let [target, left] = pair(p)?;
            let right = p.register()?;
            let accumulator = if kind.accumulator {
                p.comma()?;
                Some(p.register()?)
            } else {
                None
            };
            I::Multiply { name, kind, target, left, right, accumulator }
        }
        Form::Select(op) => {
            let [target, then] = pair(p)?;
            let otherwise = p.register_comma()?;
            I::Select { name, op, target, then, otherwise, condition: p.condition()? }
        }
        Form::SelectSet(op) => {
            I::SelectAlias { name, op, target: p.register_comma()?, source: None, condition: p.condition()? }
        }
        Form::SelectOne(op) => {
            let [target, source] = pair(p)?;
            I::SelectAlias { name, op, target, source: Some(source), condition: p.condition()? }
        }
        Form::ConditionalCompare { negative } => {
            let left = p.register_comma()?;
            let start = p.mark();
            let right = p.simple_operand()?;
            same_width(p, start, left, &right)?;
            p.comma()?;
            let flags = p.number_to(15)?;
            p.comma()?;
            I::ConditionalCompare { name, negative, left, right, flags, condition: p.condition()? }
        }
        Form::LabelAddress => I::LabelAddress { target: p.register_comma()?, label: p.branch_target()? },
        Form::SymbolAddress => I::SymbolAddress { name, target: p.register_comma()?, symbol: p.symbol()? },
        Form::ReadSystem => I::ReadSystem { target: p.register_comma()?, system: system_register(p)? },
        Form::WriteSystem => {
            let system = system_register(p)?;
            p.comma()?;
            I::WriteSystem { system, source: p.register()? }
        }
    })
}

/// Two registers of one width, each with a comma behind.
fn pair<'a>(p: &mut Lexer<'a, '_>) -> Parsed<[Register<'a>; 2]> {
    Ok([p.register_comma()?, p.register_comma()?])
}

/// Two consecutive registers, the first of them even.
fn even_pair<'a>(p: &mut Lexer<'a, '_>) -> Parsed<[Register<'a>; 2]> {
    let start = p.mark();
    let [first, second] = pair(p)?;
    let symbolic = first.symbolic.is_some() || second.symbolic.is_some();
    if !symbolic && (first.gpr.0 % 2 != 0 || second.gpr.0 != first.gpr.0 + 1) {
        let message = format!("`{first},{second}` is not an even register and its successor");
        return Err(p.bad(start, message));
    }
    Ok([first, second])
}

fn x_register<'a>(p: &mut Lexer<'a, '_>) -> Parsed<Register<'a>> {
    let start = p.mark();
    let register = p.register()?;
    if register.width == Width::W {
        return Err(p
            .bad(start, format!("`{register}` can't hold an address"))
            .with_help("write the X register"));
    }
    Ok(register)
}

fn same_width(p: &Lexer<'_, '_>, start: usize, left: Register<'_>, right: &Operand<'_>) -> Parsed<()> {
    match right {
        Operand::Register(Modified { register, modifier }) if register.width != left.width => {
            if modifier.is_some_and(|(modifier, _)| !modifier.is_shift()) {
                return Ok(());
            }
            let message = format!("`{register}` and `{left}` have different widths");
            Err(p.bad(start, message))
        }
        _ => Ok(()),
    }
}

/// Ordered accesses have fewer addressing modes.
fn address_for<'a>(p: &mut Lexer<'a, '_>, access: Access) -> Parsed<Address<'a>> {
    let marked = |tags: Tags| access.tags.0 & tags.0 != 0;
    if marked(tag::A.with(tag::EX)) {
        return p.base_address();
    }
    let start = p.mark();
    let address = p.address()?;
    if marked(tag::Q.with(tag::L)) && !matches!(address.offset, Offset::Immediate(_)) {
        return Err(p.bad(start, "this instruction takes no index register"));
    }
    Ok(address)
}

fn load<'a>(p: &mut Lexer<'a, '_>, name: &'static str, access: Access) -> Parsed<Instruction<'a>> {
    let target = p.register_comma()?;
    if name == "LDR" && p.eat(b'=') {
        if p.at_number() {
            return Ok(Instruction::Move { target, source: p.simple_operand()? });
        }
        return Ok(Instruction::SymbolAddress { name, target, symbol: p.symbol()? });
    }
    Ok(Instruction::Load { name, access, target, address: address_for(p, access)? })
}

fn prefetch<'a>(p: &mut Lexer<'a, '_>, name: &'static str) -> Parsed<Instruction<'a>> {
    let operation = p.word();
    if operation.is_empty() {
        return Err(p.expected("a kind of prefetch, such as `PLDL1KEEP`"));
    }
    p.comma()?;
    Ok(Instruction::Prefetch { name, operation, address: p.address()? })
}

fn barrier<'a>(p: &mut Lexer<'a, '_>, name: &'static str, first: usize) -> Parsed<Instruction<'a>> {
    let start = p.mark();
    let word = p.word();
    let options = tag::BARRIER_OPTIONS;
    let Some(at) = options.iter().position(|option| option.eq_ignore_ascii_case(word)) else {
        let message = format!("`{word}` is not a kind of barrier");
        return Err(p.bad(start, message).with_help(format!("kinds are {}", options.join(" "))));
    };
    Ok(Instruction::Barrier { name, option: Some(options[at]), tags: Tags::one(first + at) })
}

fn cache<'a>(p: &mut Lexer<'a, '_>, name: &'static str) -> Parsed<Instruction<'a>> {
    let start = p.mark();
    let full = format!("{name}.{}", p.word().to_ascii_uppercase());
    let Some(at) = tag::find(&full) else {
        let names = tag::NAMES.iter().filter(|known| known.starts_with(name)).copied();
        return Err(p.bad(start, format!("unknown operation `{full}`")).with_suggestion(&full, names));
    };
    let register = if p.eat(b',') { Some(x_register(p)?) } else { None };
    let operation = &tag::NAMES[at][name.len() + 1..];
    Ok(Instruction::Cache { name, operation, register, tags: Tags::one(at) })
}

fn test_branch<'a>(p: &mut Lexer<'a, '_>, name: &'static str, nonzero: bool) -> Parsed<Instruction<'a>> {
    let register = p.register_comma()?;
    let bit = p.number_to(register.width.bits() - 1)?;
    p.comma()?;
    Ok(Instruction::TestBranch { name, nonzero, register, bit, target: p.branch_target()? })
}

fn arithmetic<'a>(
    p: &mut Lexer<'a, '_>,
    name: &'static str,
    alu: super::instruction::Alu,
) -> Parsed<Instruction<'a>> {
    let first = p.register_comma()?;
    let zero = Register::zero(first.width);
    let start = p.mark();
    let (target, left) = match alu.shape {
        Shape::Full => (first, p.register_comma()?),
        Shape::NoTarget => (zero, first),
        Shape::NoLeft => (first, zero),
    };
    if left.width != target.width {
        return Err(p.bad(start, format!("`{left}` and `{target}` have different widths")));
    }
    let start = p.mark();
    let right = p.operand()?;
    same_width(p, start, left, &right)?;
    Ok(Instruction::Alu { name, alu, target, left, right })
}

fn binary<'a>(p: &mut Lexer<'a, '_>, name: &'static str, op: BinaryOp) -> Parsed<Instruction<'a>> {
    let [target, left] = pair(p)?;
    let start = p.mark();
    let right = p.simple_operand()?;
    let divides = matches!(op, BinaryOp::DivSigned | BinaryOp::DivUnsigned);
    if divides && matches!(right, Operand::Immediate { .. }) {
        return Err(p.bad(start, "divisions take no immediate operand"));
    }
    same_width(p, start, left, &right)?;
    Ok(Instruction::Binary { name, op, target, left, right })
}

fn bit_field<'a>(p: &mut Lexer<'a, '_>, name: &'static str, kind: BitField) -> Parsed<Instruction<'a>> {
    let [target, source] = pair(p)?;
    let bits = target.width.bits();
    let first = p.number_to(bits - 1)?;
    p.comma()?;
    let start = p.mark();
    let second = p.number_to(bits)?;
    let fits = match kind.numbers {
        FieldNumbers::Raw => second < bits,
        FieldNumbers::Extract | FieldNumbers::Insert => second > 0 && first + second <= bits,
    };
    if !fits {
        return Err(p.bad(start, format!("the field does not fit into {bits} bits")));
    }
    Ok(Instruction::BitField { name, kind, target, source, first, second })
}

fn system_register(p: &mut Lexer<'_, '_>) -> Parsed<SystemRegister> {
    let start = p.mark();
    let word = p.word();
    if word.eq_ignore_ascii_case("NZCV") {
        return Ok(SystemRegister::Nzcv);
    }
    match register::system(word) {
        Some((reg, name)) => Ok(SystemRegister::Other(reg, name)),
        None => {
            let message = format!("unknown system register `{word}`");
            let known = register::system_names();
            Err(Diagnostic::error("isa::unknown-register", p.span_from(start), message)
                .with_suggestion(&word.to_ascii_uppercase(), known))
        }
    }
}
