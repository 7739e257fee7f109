//! Slots → instruction.

use super::{Endian, SLOT_BYTES, Slot, alu, atomic, class, jump, mode};
use crate::bpf::{
    AluOp, AtomicOp, Callee, Instruction, Modify, Register, Size, Source, Swap, Target, Test, Wide, Width,
};
use syntax::{Diagnostic, Span};

/// What is wrong with the bytes of an instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Stable name of the kind of problem.
    pub code: &'static str,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<&'static str>,
}

impl Problem {
    fn new(code: &'static str, message: String) -> Problem {
        Problem { code, message, help: None }
    }

    /// As an error at `span`.
    #[must_use]
    pub fn at(&self, span: Span) -> Diagnostic {
        let error = Diagnostic::error(self.code, span, self.message.clone());
        match self.help {
            Some(help) => error.with_help(help),
            None => error,
        }
    }
}

/// What stands at a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// Its number, from the start of the code.
    pub index: usize,
    /// The fields.
    pub slot: Slot,
    /// The fields of the second slot of `lddw`.
    pub second: Option<Slot>,
    /// What they mean.
    pub instruction: Result<Instruction<'static>, Problem>,
}

impl Decoded {
    /// How many slots it takes.
    #[must_use]
    pub fn slots(&self) -> usize {
        1 + usize::from(self.second.is_some())
    }
}

/// Reads all instructions of `code`. What is wrong with one is said in its place; the others are read. If the code does
/// not end with a whole slot, that is said besides.
pub fn decode(code: &[u8], endian: Endian) -> (Vec<Decoded>, Option<Problem>) {
    let (whole, rest) = code.as_chunks::<SLOT_BYTES>();
    let slots: Vec<Slot> = whole.iter().map(|bytes| Slot::from_bytes(*bytes, endian)).collect();
    let mut decoded = Vec::with_capacity(slots.len());
    let mut index = 0;
    while index < slots.len() {
        let one = decode_at(&slots, index);
        index += one.slots();
        decoded.push(one);
    }
    let problem = (!rest.is_empty()).then(|| {
        let bytes = code.len();
        Problem::new(
            "bpf::truncated",
            format!("the code is {bytes} bytes long, which is no multiple of {SLOT_BYTES}"),
        )
    });
    (decoded, problem)
}

/// Reads the instruction that starts at slot `index`, which must be there.
#[must_use]
pub fn decode_at(slots: &[Slot], index: usize) -> Decoded {
    let slot = slots[index];
    if slot.opcode != WIDE {
        return Decoded { index, slot, second: None, instruction: one(slot) };
    }
    let second = slots.get(index + 1).copied();
    // A slot that can't be the second half is read as an instruction of its own.
    match second.filter(|second| second.opcode == 0) {
        Some(second) => Decoded { index, slot, second: Some(second), instruction: wide(slot, second) },
        None => {
            let message = "the second half of `lddw` is missing".to_owned();
            let instruction = Err(Problem::new("bpf::truncated", message));
            Decoded { index, slot, second: None, instruction }
        }
    }
}

/// The opcode of `lddw`.
const WIDE: u8 = mode::IMM | 0x18 | class::LD;

type Read<T> = Result<T, Problem>;

fn one(slot: Slot) -> Read<Instruction<'static>> {
    match slot.class() {
        class::LD => packet(slot),
        class::LDX => load(slot),
        class::ST => store(slot),
        class::STX if slot.mode() == mode::ATOMIC => atomic(slot),
        class::STX => store(slot),
        class::JMP => jump(slot),
        class::JMP32 => jump32(slot),
        class::ALU | class::ALU64 => arithmetic(slot),
        _ => Err(invalid(slot)),
    }
}

fn arithmetic(slot: Slot) -> Read<Instruction<'static>> {
    let width = if slot.class() == class::ALU64 { Width::W64 } else { Width::W32 };
    match slot.code() {
        alu::END => return swap(slot),
        alu::MOV => return mov(slot, width),
        alu::NEG if slot.has_source_register() => return Err(invalid(slot)),
        alu::NEG => {
            unused(slot, &[Field::Src, Field::Offset, Field::Imm])?;
            return Ok(Instruction::Negate { width, dst: dst(slot)? });
        }
        _ => {}
    }
    let op = alu_op(slot)?;
    Ok(Instruction::Alu { width, op, dst: dst(slot)?, src: source(slot)? })
}

/// Which computation it is; the offset makes divisions signed.
fn alu_op(slot: Slot) -> Read<AluOp> {
    let op = match slot.code() {
        0x00 => AluOp::Add,
        0x10 => AluOp::Sub,
        0x20 => AluOp::Mul,
        0x30 => return divided(slot, AluOp::Div, AluOp::SignedDiv),
        0x40 => AluOp::Or,
        0x50 => AluOp::And,
        0x60 => AluOp::ShiftLeft,
        0x70 => AluOp::ShiftRight,
        0x90 => return divided(slot, AluOp::Mod, AluOp::SignedMod),
        0xa0 => AluOp::Xor,
        0xc0 => AluOp::ShiftRightSigned,
        _ => return Err(invalid(slot)),
    };
    unused(slot, &[Field::Offset])?;
    Ok(op)
}

fn divided(slot: Slot, unsigned: AluOp, signed: AluOp) -> Read<AluOp> {
    match slot.offset {
        0 => Ok(unsigned),
        1 => Ok(signed),
        offset => Err(reserved(slot, format!("the offset of a division is 0 or 1 (signed), not {offset}"))),
    }
}

fn mov(slot: Slot, width: Width) -> Read<Instruction<'static>> {
    if !slot.has_source_register() {
        unused(slot, &[Field::Offset])?;
        return Ok(Instruction::Move { width, dst: dst(slot)?, src: source(slot)? });
    }
    let from = match (slot.offset, width) {
        (0, _) => return Ok(Instruction::Move { width, dst: dst(slot)?, src: source(slot)? }),
        (8, _) => Size::Byte,
        (16, _) => Size::Half,
        (32, Width::W64) => Size::Word,
        (1, Width::W64) => {
            let (to, from) = ((slot.imm as u32 >> 16) as u16, slot.imm as u16);
            return Ok(Instruction::CastAddress { dst: dst(slot)?, src: src(slot)?, to, from });
        }
        (-1, Width::W64) => return Err(internal(slot, "a move of the address of data of the processor")),
        (offset, _) => return Err(reserved(slot, format!("no move has the offset {offset}"))),
    };
    unused(slot, &[Field::Imm])?;
    Ok(Instruction::MoveSigned { width, from, dst: dst(slot)?, src: src(slot)? })
}

fn swap(slot: Slot) -> Read<Instruction<'static>> {
    let swap = match (slot.class(), slot.has_source_register()) {
        (class::ALU, false) => Swap::ToLittle,
        (class::ALU, true) => Swap::ToBig,
        (_, false) => Swap::Always,
        (_, true) => return Err(invalid(slot)),
    };
    unused(slot, &[Field::Src, Field::Offset])?;
    let size = match slot.imm {
        16 => Size::Half,
        32 => Size::Word,
        64 => Size::Double,
        imm => return Err(reserved(slot, format!("bytes are swapped in 16, 32 or 64 bits, not in {imm}"))),
    };
    Ok(Instruction::SwapBytes { swap, size, dst: dst(slot)? })
}

/// What is left of the class `LD`.
fn packet(slot: Slot) -> Read<Instruction<'static>> {
    let size = slot.size();
    match slot.mode() {
        mode::ABS if size != Size::Double => {
            unused(slot, &[Field::Dst, Field::Src, Field::Offset])?;
            Ok(Instruction::LoadPacket { size, index: None, offset: slot.imm })
        }
        mode::IND if size != Size::Double => {
            unused(slot, &[Field::Dst, Field::Offset])?;
            Ok(Instruction::LoadPacket { size, index: Some(src(slot)?), offset: slot.imm })
        }
        _ => Err(invalid(slot)),
    }
}

fn load(slot: Slot) -> Read<Instruction<'static>> {
    let size = slot.size();
    let signed = match slot.mode() {
        mode::MEM => false,
        mode::MEMSX if size != Size::Double => true,
        PROBE_MEM | PROBE_MEMSX => return Err(internal(slot, "a load that may fault")),
        PROBE_MEM32 | PROBE_MEM32SX => return Err(internal(slot, "a load from an arena")),
        _ => return Err(invalid(slot)),
    };
    unused(slot, &[Field::Imm])?;
    Ok(Instruction::Load { size, signed, dst: dst(slot)?, base: src(slot)?, offset: slot.offset })
}

fn store(slot: Slot) -> Read<Instruction<'static>> {
    if slot.opcode == super::NOSPEC {
        unused(slot, &[Field::Dst, Field::Src, Field::Offset, Field::Imm])?;
        return Ok(Instruction::NoSpeculation);
    }
    match slot.mode() {
        mode::MEM => {}
        PROBE_MEM32 => return Err(internal(slot, "a store to an arena")),
        PROBE_ATOMIC if slot.class() == class::STX => {
            return Err(internal(slot, "an atomic operation on an arena"));
        }
        _ => return Err(invalid(slot)),
    }
    let (size, base, offset) = (slot.size(), dst(slot)?, slot.offset);
    let src = if slot.class() == class::STX {
        unused(slot, &[Field::Imm])?;
        Source::Register(src(slot)?)
    } else {
        unused(slot, &[Field::Src])?;
        Source::Immediate(slot.imm)
    };
    Ok(Instruction::Store { size, base, offset, src })
}

/// Modes that the kernel gives to loads and stores once it has accepted a program.
const PROBE_MEM: u8 = 0x20;
const PROBE_MEMSX: u8 = 0x40;
const PROBE_MEM32: u8 = 0xa0;
const PROBE_MEM32SX: u8 = 0xc0;
const PROBE_ATOMIC: u8 = 0xe0;

fn atomic(slot: Slot) -> Read<Instruction<'static>> {
    let (size, offset) = (slot.size(), slot.offset);
    match slot.imm {
        // The address is in the second register here, and only here.
        atomic::LOAD_ACQ => {
            return Ok(Instruction::LoadAcquire { size, dst: dst(slot)?, base: src(slot)?, offset });
        }
        atomic::STORE_REL => {
            return Ok(Instruction::StoreRelease { size, base: dst(slot)?, offset, src: src(slot)? });
        }
        _ => {}
    }
    let modify = modify(slot.imm).ok_or_else(|| {
        let imm = slot.imm;
        reserved(slot, format!("no atomic operation has the number {imm:#x}"))
    })?;
    let width = match size {
        Size::Word => Width::W32,
        Size::Double => Width::W64,
        Size::Byte | Size::Half => {
            let bits = size.bits();
            let message =
                format!("opcode {:#04x}: there is no atomic read-modify-write of {bits} bits", slot.opcode);
            return Err(Problem::new("bpf::invalid-opcode", message));
        }
    };
    Ok(Instruction::Atomic { width, modify, base: dst(slot)?, offset, src: src(slot)? })
}

fn modify(imm: i32) -> Option<Modify> {
    let op = match imm & !atomic::FETCH {
        atomic::ADD => AtomicOp::Add,
        atomic::OR => AtomicOp::Or,
        atomic::AND => AtomicOp::And,
        atomic::XOR => AtomicOp::Xor,
        _ if imm == atomic::XCHG => return Some(Modify::Exchange),
        _ if imm == atomic::CMPXCHG => return Some(Modify::CompareExchange),
        _ => return None,
    };
    Some(if imm & atomic::FETCH == 0 { Modify::Update(op) } else { Modify::Fetch(op) })
}

fn jump(slot: Slot) -> Read<Instruction<'static>> {
    let target = Target::Offset(slot.offset.into());
    match (slot.code(), slot.has_source_register()) {
        (jump::JA, false) => {
            unused(slot, &[Field::Dst, Field::Src, Field::Imm])?;
            Ok(Instruction::Jump { long: false, target })
        }
        (jump::JA, true) => {
            unused(slot, &[Field::Src, Field::Offset, Field::Imm])?;
            Ok(Instruction::JumpRegister { dst: dst(slot)? })
        }
        (jump::CALL, false) => call(slot),
        (jump::CALL, true) => {
            unused(slot, &[Field::Src, Field::Offset])?;
            Ok(Instruction::Call { callee: Callee::Register(called(slot)?) })
        }
        (jump::EXIT, false) => {
            unused(slot, &[Field::Dst, Field::Src, Field::Offset, Field::Imm])?;
            Ok(Instruction::Exit)
        }
        (jump::JCOND, false) => {
            unused(slot, &[Field::Dst, Field::Src, Field::Imm])?;
            Ok(Instruction::MayGoto { target })
        }
        _ => conditional(slot, Width::W64),
    }
}

fn jump32(slot: Slot) -> Read<Instruction<'static>> {
    if slot.code() != jump::JA {
        return conditional(slot, Width::W32);
    }
    if slot.has_source_register() {
        return Err(invalid(slot));
    }
    unused(slot, &[Field::Dst, Field::Src, Field::Offset])?;
    Ok(Instruction::Jump { long: true, target: Target::Offset(slot.imm) })
}

fn conditional(slot: Slot, width: Width) -> Read<Instruction<'static>> {
    let test = match slot.code() {
        0x10 => Test::Equal,
        0x20 => Test::Greater,
        0x30 => Test::GreaterEqual,
        0x40 => Test::AnyBit,
        0x50 => Test::NotEqual,
        0x60 => Test::SignedGreater,
        0x70 => Test::SignedGreaterEqual,
        0xa0 => Test::Less,
        0xb0 => Test::LessEqual,
        0xc0 => Test::SignedLess,
        0xd0 => Test::SignedLessEqual,
        _ => return Err(invalid(slot)),
    };
    let target = Target::Offset(slot.offset.into());
    Ok(Instruction::JumpIf { width, test, dst: dst(slot)?, src: source(slot)?, target })
}

fn call(slot: Slot) -> Read<Instruction<'static>> {
    unused(slot, &[Field::Dst])?;
    let callee = match slot.src {
        0 => Callee::Helper(slot.imm),
        1 => Callee::Local(Target::Offset(slot.imm)),
        2 => Callee::Kernel { btf: slot.imm, module: slot.offset },
        kind => return Err(reserved(slot, format!("there is no call of the kind {kind}"))),
    };
    if slot.src != 2 {
        unused(slot, &[Field::Offset])?;
    }
    Ok(Instruction::Call { callee })
}

/// The register of `callx`.
fn called(slot: Slot) -> Read<Register<'static>> {
    match u8::try_from(slot.imm) {
        Ok(0) => dst(slot),
        Ok(number) if slot.dst == 0 => register(slot, number),
        _ => Err(reserved(slot, "`callx` has a register and a constant".to_owned())),
    }
}

fn wide(slot: Slot, second: Slot) -> Read<Instruction<'static>> {
    unused(slot, &[Field::Offset])?;
    if (Slot { imm: 0, ..second }) != Slot::default() {
        return Err(reserved(slot, "the second half of `lddw` has more than a constant".to_owned()));
    }
    let (imm, next) = (slot.imm, second.imm);
    let value = match slot.src {
        0 => Wide::Number(u64::from(next as u32) << 32 | u64::from(imm as u32)),
        1 => Wide::Map { fd: imm },
        2 => Wide::MapValue { fd: imm, offset: next },
        3 => Wide::Variable { btf: imm, module: next },
        4 => Wide::Function(Target::Offset(imm)),
        5 => Wide::MapIndex { index: imm },
        6 => Wide::MapIndexValue { index: imm, offset: next },
        kind => return Err(reserved(slot, format!("there is no `lddw` of the kind {kind}"))),
    };
    if matches!(slot.src, 1 | 4 | 5) && next != 0 {
        return Err(reserved(slot, format!("the second constant of this `lddw` is 0, not {next}")));
    }
    Ok(Instruction::LoadWide { dst: dst(slot)?, value })
}

/// A field that an instruction may leave unused.
#[derive(Clone, Copy)]
enum Field {
    Dst,
    Src,
    Offset,
    Imm,
}

/// Fields that an instruction does not use must be zero.
fn unused(slot: Slot, fields: &[Field]) -> Read<()> {
    for field in fields {
        let (name, value) = match field {
            Field::Dst => ("dst", i64::from(slot.dst)),
            Field::Src => ("src", i64::from(slot.src)),
            Field::Offset => ("offset", i64::from(slot.offset)),
            Field::Imm => ("imm", i64::from(slot.imm)),
        };
        if value != 0 {
            return Err(reserved(slot, format!("the field `{name}` is not used and must be 0, not {value}")));
        }
    }
    Ok(())
}

fn register(slot: Slot, number: u8) -> Read<Register<'static>> {
    Register::new(number).ok_or_else(|| {
        let message = format!("opcode {:#04x}: there is no register r{number}", slot.opcode);
        Problem { help: Some("registers are r0 to r10"), ..Problem::new("bpf::bad-register", message) }
    })
}

fn dst(slot: Slot) -> Read<Register<'static>> {
    register(slot, slot.dst)
}

fn src(slot: Slot) -> Read<Register<'static>> {
    register(slot, slot.src)
}

/// The second operand of arithmetic and comparisons.
fn source(slot: Slot) -> Read<Source<'static>> {
    if slot.has_source_register() {
        unused(slot, &[Field::Imm])?;
        src(slot).map(Source::Register)
    } else {
        unused(slot, &[Field::Src])?;
        Ok(Source::Immediate(slot.imm))
    }
}

fn invalid(slot: Slot) -> Problem {
    let message = format!("there is no instruction with the opcode {:#04x}", slot.opcode);
    let mut problem = Problem::new("bpf::invalid-opcode", message);
    if slot.opcode == 0 {
        problem.help = Some("0x00 is the opcode of the second half of `lddw` only: is this data?");
    }
    problem
}

fn internal(slot: Slot, what: &str) -> Problem {
    Problem {
        help: Some("give the program as it is before it is loaded"),
        ..Problem::new(
            "bpf::invalid-opcode",
            format!("opcode {:#04x} is {what}, which the kernel makes for itself", slot.opcode),
        )
    }
}

fn reserved(slot: Slot, message: String) -> Problem {
    Problem::new("bpf::reserved-field", format!("opcode {:#04x}: {message}", slot.opcode))
}
