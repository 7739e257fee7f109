//! BPF.
//!
//! Instructions that have no counterpart by name become two or three: operands that are numbers go into a register
//! first, 32-bit arithmetic is cut back to 32 bits. Dependencies stay as they are.

use super::{Item, Label, Named, Operand, Program, Result, Thread, Unsupported, Virtual};
use isa::Isa;
use isa::bpf::{
    AluOp, AtomicOp, Bpf, Instruction, Modify, Register, Size, Source, Swap, Target, Test as Asks, Wide,
    Width,
};
use litmus::{Cell, Place, Test};
use std::collections::BTreeMap;
use syntax::Span;

/// Cuts the threads of a test into instructions.
///
/// # Errors
/// The first thing in the test that can't be translated.
pub(crate) fn program(test: &Test) -> Result<Program> {
    let litmus::Program::Asm(threads) = &test.program else {
        return Err(Unsupported::new("this is not a test in columns", test.name_span));
    };
    let mut program = Program::default();
    for (thread, number) in threads.iter().zip(0..) {
        let mut reader = Reader::default();
        for cell in &thread.cells {
            reader.cell(cell)?;
        }
        let mut made = reader.finish();
        for place in crate::places::all(test) {
            let Place::Reg { thread, name } = place else { continue };
            if thread == number
                && let Some(register) = Bpf.register(&name)
            {
                let ty = litmus::Type { atomic: false, base: "int64_t".to_owned(), pointers: 0, array: None };
                let named = Named { register: Virtual(register.0.into()), ty: Some(ty) };
                made.names.insert(name, named);
            }
        }
        program.threads.push(made);
    }
    Ok(program)
}

/// Registers behind `r10`: two for operands, then addresses of locations that an instruction names.
const OPERAND: Virtual = Virtual(11);
const OTHER: Virtual = Virtual(12);
const ADDRESSES: u32 = 13;

#[derive(Default)]
struct Reader {
    items: Vec<Item>,
    labels: BTreeMap<String, Label>,
    addresses: Vec<String>,
    span: Span,
    exits: bool,
}

impl Reader {
    fn finish(mut self) -> Thread {
        if self.exits {
            let end = self.label(END);
            self.items.push(Item::Label(end));
        }
        let addresses = (ADDRESSES..).map(Virtual).zip(self.addresses).collect();
        Thread { items: self.items, addresses, names: BTreeMap::new() }
    }

    fn cell(&mut self, cell: &Cell) -> Result<()> {
        let (labels, text) = cell.split_labels();
        for name in labels {
            let label = self.label(name);
            self.items.push(Item::Label(label));
        }
        self.span = cell.span;
        if text.is_empty() {
            return Ok(());
        }
        let none = BTreeMap::new();
        match isa::bpf::parse(text, cell.span, &none) {
            Ok(instruction) => self.instruction(&instruction),
            Err(error) => {
                // Tests may give the old value to another register, which starts as a copy of the operand.
                let (result, same) = other_result(text).ok_or_else(|| self.error(error.message))?;
                let instruction = isa::bpf::parse(&same, cell.span, &none);
                let instruction = instruction.map_err(|error| self.error(error.message))?;
                self.fetch_to(result, &instruction)
            }
        }
    }

    fn fetch_to(&mut self, result: Virtual, instruction: &Instruction<'_>) -> Result<()> {
        match *instruction {
            Instruction::Atomic {
                width,
                modify: modify @ (Modify::Fetch(_) | Modify::Exchange),
                base,
                offset,
                src,
            } if register(base) != result => {
                self.emit("mov", [result.into(), register(src).into()]);
                self.atomic(width, modify, base, offset, result);
                Ok(())
            }
            _ => Err(self.error("an operation with its result in another register")),
        }
    }

    fn error(&self, what: impl Into<String>) -> Unsupported {
        Unsupported::new(what, self.span)
    }

    fn label(&mut self, name: &str) -> Label {
        let next = Label(self.labels.len() as u32);
        *self.labels.entry(name.to_owned()).or_insert(next)
    }

    fn emit<const N: usize>(&mut self, name: impl Into<String>, operands: [Operand; N]) {
        self.items.push(Item::Instruction {
            name: name.into(),
            operands: operands.to_vec(),
            span: self.span,
        });
    }

    /// Fills up with zeros what was computed in 32 bits.
    fn cut(&mut self, width: Width, register: Virtual) {
        if width == Width::W32 {
            self.emit("zext32", [register.into(), register.into()]);
        }
    }

    fn instruction(&mut self, instruction: &Instruction<'_>) -> Result<()> {
        use Instruction as I;
        match *instruction {
            I::Alu { width, op, dst, src } => self.alu(width, op, register(dst), src)?,
            I::Negate { width, dst } => {
                let dst = register(dst);
                self.emit("li", [OPERAND.into(), 0.into()]);
                self.emit("sub", [OPERAND.into(), dst.into()]);
                self.emit("mov", [dst.into(), OPERAND.into()]);
                self.cut(width, dst);
            }
            I::Move { width, dst, src } => {
                let dst = register(dst);
                match (width, src) {
                    (Width::W64, Source::Register(src)) => {
                        self.emit("mov", [dst.into(), register(src).into()])
                    }
                    (Width::W32, Source::Register(src)) => {
                        self.emit("zext32", [dst.into(), register(src).into()])
                    }
                    (Width::W64, Source::Immediate(number)) => self.number(dst, number.into()),
                    (Width::W32, Source::Immediate(number)) => self.number(dst, (number as u32).into()),
                }
            }
            I::MoveSigned { width, from, dst, src } => {
                let (dst, src) = (register(dst), register(src));
                self.sign_extend(from, dst, src);
                self.cut(width, dst);
            }
            I::SwapBytes { swap: Swap::ToLittle, size, dst } => self.keep(size, register(dst)),
            I::LoadWide { dst, value: Wide::Number(number) } => self.number(register(dst), number as i64),
            I::LoadWide { dst, value: Wide::Symbol { name, offset } } => {
                let at = self.addresses.iter().position(|known| known == name).unwrap_or_else(|| {
                    self.addresses.push(name.to_owned());
                    self.addresses.len() - 1
                });
                let dst = register(dst);
                self.emit("mov", [dst.into(), Virtual(ADDRESSES + at as u32).into()]);
                if offset != 0 {
                    self.emit("addi", [dst.into(), offset.into()]);
                }
            }
            I::Load { size, signed, dst, base, offset } => {
                let (dst, base) = (register(dst), register(base));
                let sign = if signed { "s" } else { "" };
                let offset = i64::from(offset);
                self.emit(format!("load{sign}{}", size.bits()), [dst.into(), base.into(), offset.into()]);
            }
            I::LoadAcquire { size, dst, base, offset } => {
                let base = self.address(base, offset);
                self.emit(format!("load_acquire_{}", size.bits()), [register(dst).into(), base.into()]);
            }
            I::Store { size, base, offset, src } => {
                let src = self.operand(src);
                let operands = [register(base).into(), src.into(), i64::from(offset).into()];
                self.emit(format!("store{}", size.bits()), operands);
            }
            I::StoreRelease { size, base, offset, src } => {
                let base = self.address(base, offset);
                self.emit(format!("store_release_{}", size.bits()), [base.into(), register(src).into()]);
            }
            I::Atomic { width, modify, base, offset, src } => {
                self.atomic(width, modify, base, offset, register(src));
            }
            I::Jump { target, .. } => {
                let target = self.target(target)?;
                self.emit("goto", [target.into()]);
            }
            I::JumpIf { width, test, dst, src, target } => {
                self.jump_if(width, test, register(dst), src, target)?
            }
            I::Exit => {
                self.exits = true;
                let end = self.label(END);
                self.emit("goto", [end.into()]);
            }
            I::NoSpeculation => {}
            I::SwapBytes { .. }
            | I::CastAddress { .. }
            | I::LoadWide { .. }
            | I::LoadPacket { .. }
            | I::MayGoto { .. }
            | I::JumpRegister { .. }
            | I::Call { .. } => return Err(self.error("this instruction is not translated")),
        }
        Ok(())
    }

    fn number(&mut self, to: Virtual, number: i64) {
        self.emit("li", [to.into(), number.into()]);
    }

    /// The second operand in a register that must not be changed.
    fn operand(&mut self, source: Source<'_>) -> Virtual {
        match source {
            Source::Register(source) => register(source),
            Source::Immediate(number) => {
                self.number(OPERAND, number.into());
                OPERAND
            }
        }
    }

    /// The address of an access that takes no distance.
    fn address(&mut self, base: Register<'_>, offset: i16) -> Virtual {
        if offset == 0 {
            return register(base);
        }
        self.emit("mov", [OTHER.into(), register(base).into()]);
        self.emit("addi", [OTHER.into(), i64::from(offset).into()]);
        OTHER
    }

    fn alu(&mut self, width: Width, op: AluOp, dst: Virtual, src: Source<'_>) -> Result<()> {
        if let (AluOp::Add, Source::Immediate(number)) = (op, src) {
            self.emit("addi", [dst.into(), i64::from(number).into()]);
            self.cut(width, dst);
            return Ok(());
        }
        let src = self.operand(src);
        let (name, shifts) = match op {
            AluOp::Add => ("add", false),
            AluOp::Sub => ("sub", false),
            AluOp::Mul => ("mul", false),
            AluOp::Or => ("or", false),
            AluOp::And => ("and", false),
            AluOp::Xor => ("xor", false),
            AluOp::ShiftLeft => ("lsh", true),
            AluOp::ShiftRight => ("rsh", true),
            AluOp::ShiftRightSigned => ("arsh", true),
            AluOp::Div | AluOp::SignedDiv | AluOp::Mod | AluOp::SignedMod => {
                return Err(self.error("divisions are not translated"));
            }
        };
        let mut src = src;
        if shifts {
            self.number(OTHER, i64::from(width.bits()) - 1);
            self.emit("and", [OTHER.into(), src.into()]);
            src = OTHER;
            if width == Width::W32 && op != AluOp::ShiftLeft {
                let extend = if op == AluOp::ShiftRight { "zext32" } else { "sext32" };
                self.emit(extend, [dst.into(), dst.into()]);
            }
        }
        self.emit(name, [dst.into(), src.into()]);
        self.cut(width, dst);
        Ok(())
    }

    /// The low part of `src`, with its sign.
    fn sign_extend(&mut self, from: Size, dst: Virtual, src: Virtual) {
        if from == Size::Word {
            return self.emit("sext32", [dst.into(), src.into()]);
        }
        self.emit("mov", [dst.into(), src.into()]);
        self.number(OTHER, 64 - i64::from(from.bits()));
        self.emit("lsh", [dst.into(), OTHER.into()]);
        self.emit("arsh", [dst.into(), OTHER.into()]);
    }

    /// Keeps the low part.
    fn keep(&mut self, size: Size, dst: Virtual) {
        match size {
            Size::Double => {}
            Size::Word => self.emit("zext32", [dst.into(), dst.into()]),
            Size::Byte | Size::Half => {
                self.number(OTHER, 64 - i64::from(size.bits()));
                self.emit("lsh", [dst.into(), OTHER.into()]);
                self.emit("rsh", [dst.into(), OTHER.into()]);
            }
        }
    }

    fn atomic(&mut self, width: Width, modify: Modify, base: Register<'_>, offset: i16, src: Virtual) {
        let base = self.address(base, offset);
        let bits = width.bits();
        match modify {
            Modify::Update(op) => self.emit(format!("atomic_{}_{bits}", word(op)), [base.into(), src.into()]),
            Modify::Fetch(op) => self.emit(format!("fetch_{}_{bits}", word(op)), [base.into(), src.into()]),
            Modify::Exchange => self.emit(format!("xchg_{bits}"), [base.into(), src.into()]),
            Modify::CompareExchange => {
                let result = register(Register::RESULT);
                self.emit(format!("cmpxchg_{bits}"), [base.into(), result.into(), src.into()]);
            }
        }
    }

    fn target(&mut self, target: Target<'_>) -> Result<Label> {
        match target {
            Target::Label(name, _) => Ok(self.label(name)),
            Target::Offset(_) => Err(self.error("jumps by distance are not translated")),
        }
    }

    fn jump_if(
        &mut self,
        width: Width,
        test: Asks,
        dst: Virtual,
        src: Source<'_>,
        target: Target<'_>,
    ) -> Result<()> {
        let target = self.target(target)?;
        if (width, test, src) == (Width::W64, Asks::Equal, Source::Immediate(0)) {
            self.emit("beqz", [dst.into(), target.into()]);
            return Ok(());
        }
        if (width, test, src) == (Width::W64, Asks::NotEqual, Source::Immediate(0)) {
            self.emit("bnez", [dst.into(), target.into()]);
            return Ok(());
        }
        let (mut a, mut b) = (dst, self.operand(src));
        if test == Asks::AnyBit {
            self.emit("mov", [OTHER.into(), a.into()]);
            self.emit("and", [OTHER.into(), b.into()]);
            self.cut(width, OTHER);
            self.emit("bnez", [OTHER.into(), target.into()]);
            return Ok(());
        }
        let (name, swapped) = match test {
            Asks::Equal => ("beq", false),
            Asks::NotEqual | Asks::AnyBit => ("bne", false),
            Asks::Greater => ("bltu", true),
            Asks::GreaterEqual => ("bgeu", false),
            Asks::Less => ("bltu", false),
            Asks::LessEqual => ("bgeu", true),
            Asks::SignedGreater => ("blts", true),
            Asks::SignedGreaterEqual => ("bges", false),
            Asks::SignedLess => ("blts", false),
            Asks::SignedLessEqual => ("bges", true),
        };
        if width == Width::W32 {
            let extend = if name.ends_with('s') { "sext32" } else { "zext32" };
            self.emit(extend, [OTHER.into(), a.into()]);
            self.emit(extend, [OPERAND.into(), b.into()]);
            (a, b) = (OTHER, OPERAND);
        }
        let (a, b) = if swapped { (b, a) } else { (a, b) };
        self.emit(name, [a.into(), b.into(), target.into()]);
        Ok(())
    }
}

/// A label that no test can have.
const END: &str = "";

fn register(register: Register<'_>) -> Virtual {
    Virtual(register.number.into())
}

fn word(op: AtomicOp) -> &'static str {
    match op {
        AtomicOp::Add => "add",
        AtomicOp::Or => "or",
        AtomicOp::And => "and",
        AtomicOp::Xor => "xor",
    }
}

/// `r1 = f(…, r2)` as its result and `r2 = f(…, r2)`.
fn other_result(text: &str) -> Option<(Virtual, String)> {
    let (result, call) = text.split_once('=')?;
    let operand = call.trim().strip_suffix(')')?.rsplit(',').next()?.trim();
    let result = Bpf.register(result.trim())?;
    Bpf.register(operand)?;
    Some((Virtual(result.0.into()), format!("{operand} = {}", call.trim())))
}
