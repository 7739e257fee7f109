//! BPF's instructions against a second implementation: the interpreter of `rbpf`.
//!
//! Random programs without loops go to it as bytes, and to us as text in one of five syntaxes; registers and memory must be
//! the same at the end. `TURNSOLE_BPF_PROGRAMS` is the number of programs, `TURNSOLE_SEED` the first seed.
//!
//! `rbpf` has the instructions of RFC 9669 up to LLVM's `-mcpu=v3`, without atomic operations. Where it does otherwise
//! than the RFC says, programs keep away, and [`differences`] shows that it does, and that we don't:
//! 1. A remainder of 32 bits by zero: the RFC (4.1) says that the upper half of the result is zero; `rbpf` leaves the
//!    register alone.
//! 2. Comparisons of 64 bits without signs, with an immediate below zero: `imm` is a signed number (3.1), so that −1 is
//!    `0xffffffffffffffff`; `rbpf` takes it for `0xffffffff`.
//! 3. The negation of the least number of 64 bits is itself, for arithmetic wraps round (4.1); `rbpf` overflows, which
//!    is a panic where Rust checks. No test runs this one.

use isa::bpf::bytes::{Endian, encode};
use isa::bpf::{AluOp, Instruction, Register, Size, Source, Swap, Syntax, Test, Text, Wide, Width};
use testing::judge;
use testing::random::Random;
use turnsole::{Model, Options};

/// Registers with values are `r0` to `r5`; `r6` to `r9` point to memory of 8, 4, 2 and 1 bytes.
const VALUES: u8 = 6;

/// Where the memory of each size starts, as `rbpf` sees it. Each has two cells.
const PLACES: [(Size, u8, usize); 4] =
    [(Size::Double, 6, 0), (Size::Word, 7, 16), (Size::Half, 8, 24), (Size::Byte, 9, 28)];

/// Where registers are stored at the end.
const RESULTS: usize = 32;

type Code = Vec<Instruction<'static>>;

fn register(number: u8) -> Register<'static> {
    Register::new(number).expect("a register")
}

/// A random program and what it starts with.
struct Program {
    code: Code,
    registers: [u64; VALUES as usize],
    memory: [u8; 30],
    syntax: Syntax,
}

struct Builder {
    random: Random,
}

impl Builder {
    fn value(&mut self) -> u64 {
        let number = self.random.number();
        match self.random.below(5) {
            0 => number,
            1 => number % 16,
            2 => (number as i8) as u64,
            3 => 1 << (number % 64),
            _ => u64::from(number as u32),
        }
    }

    fn immediate(&mut self) -> i32 {
        self.value() as i32
    }

    fn any(&mut self) -> Register<'static> {
        register(self.random.below(VALUES.into()) as u8)
    }

    fn width(&mut self) -> Width {
        if self.random.one_in(2) { Width::W32 } else { Width::W64 }
    }

    fn source(&mut self) -> Source<'static> {
        match self.random.one_in(2) {
            true => Source::Register(self.any()),
            false => Source::Immediate(self.immediate()),
        }
    }

    fn place(&mut self) -> (Size, Register<'static>, i16) {
        let (size, base, _) = *self.random.pick(&PLACES);
        (size, register(base), (self.random.below(2) as u32 * size.bytes()) as i16)
    }

    fn push(&mut self, code: &mut Code) {
        match self.random.below(12) {
            0..=4 => self.compute(code),
            5 => {
                let (width, dst, src) = (self.width(), self.any(), self.source());
                code.push(Instruction::Move { width, dst, src });
            }
            6 => {
                let swap = *self.random.pick(&[Swap::ToLittle, Swap::ToBig]);
                let size = *self.random.pick(&[Size::Half, Size::Word, Size::Double]);
                code.push(Instruction::SwapBytes { swap, size, dst: self.any() });
            }
            7 => {
                let (dst, value) = (self.any(), Wide::Number(self.value()));
                code.push(Instruction::LoadWide { dst, value });
            }
            8 => {
                let (width, dst) = (self.width(), self.any());
                // Difference 3.
                let (op, src) = (AluOp::Or, Source::Immediate(1));
                code.push(Instruction::Alu { width: Width::W64, op, dst, src });
                code.push(Instruction::Negate { width, dst });
            }
            9 => self.branch(code),
            10 => {
                let ((size, base, offset), dst) = (self.place(), self.any());
                code.push(Instruction::Load { size, signed: false, dst, base, offset });
            }
            _ => {
                let ((size, base, offset), src) = (self.place(), self.source());
                code.push(Instruction::Store { size, base, offset, src });
            }
        }
    }

    fn compute(&mut self, code: &mut Code) {
        let (width, dst, mut src) = (self.width(), self.any(), self.source());
        let op = loop {
            let op = *self.random.pick(&AluOp::ALL);
            if !matches!(op, AluOp::SignedDiv | AluOp::SignedMod) {
                break op;
            }
        };
        if op == AluOp::Mod && width == Width::W32 {
            // Difference 1.
            match &mut src {
                Source::Immediate(value) => *value |= 1,
                Source::Register(divisor) => {
                    let (dst, src) = (*divisor, Source::Immediate(1));
                    code.push(Instruction::Alu { width: Width::W64, op: AluOp::Or, dst, src });
                }
            }
        }
        code.push(Instruction::Alu { width, op, dst, src });
    }

    /// A jump over the next instruction.
    fn branch(&mut self, code: &mut Code) {
        let (width, dst, mut src) = (self.width(), self.any(), self.source());
        let test = *self.random.pick(&Test::ALL);
        let has_sign = matches!(
            test,
            Test::SignedGreater
                | Test::SignedGreaterEqual
                | Test::SignedLess
                | Test::SignedLessEqual
                | Test::AnyBit
        );
        if let Source::Immediate(value) = &mut src
            && width == Width::W64
            && !has_sign
        {
            // Difference 2.
            *value &= i32::MAX;
        }
        let mut next = Code::new();
        self.compute(&mut next);
        let over: usize = next.iter().map(Instruction::slots).sum();
        let target = isa::bpf::Target::Offset(over as i32);
        code.push(Instruction::JumpIf { width, test, dst, src, target });
        code.append(&mut next);
    }
}

impl Program {
    fn new(seed: u64) -> Program {
        let mut b = Builder { random: Random::new(seed) };
        let length = 1 + b.random.below(16);
        let mut code = Code::new();
        while code.len() < length {
            b.push(&mut code);
        }
        let registers = std::array::from_fn(|_| b.value());
        let memory = std::array::from_fn(|_| b.random.number() as u8);
        let (_, syntax) = *b.random.pick(&Syntax::ALL);
        Program { code, registers, memory, syntax }
    }

    /// The test for us.
    fn text(&self) -> String {
        let mut text = "BPF T\n{\n".to_owned();
        for (number, value) in self.registers.iter().enumerate() {
            text += &format!("0:r{number}={};\n", *value as i64);
        }
        for ((size, base, start), name) in PLACES.iter().zip(["a", "b", "c", "d"]) {
            let bytes = size.bytes() as usize;
            let cell = |index: usize| number(&self.memory[start + index * bytes..][..bytes]);
            text +=
                &format!("uint{}_t {name}[2]={{{},{}}};\n0:r{base}={name};\n", size.bits(), cell(0), cell(1));
        }
        text += "}\n P0 ;\n";
        for instruction in &self.code {
            text += &format!(" {} ;\n", Text { instruction, syntax: self.syntax });
        }
        text + "locations [0:r0;0:r1;0:r2;0:r3;0:r4;0:r5;a;b;c;d;]\nforall (true)\n"
    }

    /// What we make of it: registers, then memory, cell by cell.
    fn ours(&self, model: &Model) -> Vec<u64> {
        let text = self.text();
        let test = judge::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let report = turnsole::simulate(&test, model, &Options::default());
        let [state] = &report.states[..] else {
            panic!("{}\n{}\n{text}", report.states.len(), judge::words(&report.diagnostics));
        };
        let values = state.values.iter().map(ToString::to_string).collect::<Vec<String>>().join(",");
        let numbers = values.split(['{', '}', ',']).filter(|part| !part.is_empty());
        numbers.map(|part| part.trim().parse::<i128>().expect("a number") as u64).collect()
    }

    /// What `rbpf` makes of it.
    fn theirs(&self) -> Vec<u64> {
        let mut memory = self.memory.to_vec();
        memory.resize(RESULTS + 8 * VALUES as usize, 0);
        let mut code = Code::new();
        for (_, base, start) in &PLACES {
            let (dst, src) = (register(*base), Source::Register(register(1)));
            code.push(Instruction::Move { width: Width::W64, dst, src });
            let src = Source::Immediate(*start as i32);
            code.push(Instruction::Alu { width: Width::W64, op: AluOp::Add, dst, src });
        }
        for (number, value) in self.registers.iter().enumerate() {
            code.push(Instruction::LoadWide { dst: register(number as u8), value: Wide::Number(*value) });
        }
        code.extend_from_slice(&self.code);
        for number in 0..VALUES {
            code.push(Instruction::Store {
                size: Size::Double,
                base: register(6),
                offset: (RESULTS + 8 * usize::from(number)) as i16,
                src: Source::Register(register(number)),
            });
        }
        code.push(Instruction::Exit);
        interpret(&code, &mut memory);
        let results = memory[RESULTS..].chunks(8).map(number);
        let cells = PLACES.iter().flat_map(|(size, _, start)| {
            let bytes = size.bytes() as usize;
            memory[*start..start + 2 * bytes].chunks(bytes).map(number).collect::<Vec<u64>>()
        });
        results.chain(cells).collect()
    }
}

/// A number of little endian.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn interpret(code: &Code, memory: &mut [u8]) -> u64 {
    let slots = code.iter().flat_map(|instruction| {
        let (first, second) = encode(instruction).expect("an instruction without names");
        [Some(first), second].into_iter().flatten()
    });
    let bytes: Vec<u8> = slots.flat_map(|slot| slot.to_bytes(Endian::Little)).collect();
    let machine = rbpf::EbpfVmRaw::new(Some(&bytes)).expect("rbpf knows these instructions");
    machine.execute_program(memory).expect("the program stays in its memory")
}

#[test]
fn random_programs_end_as_in_rbpf() {
    let count = testing::setting("TURNSOLE_BPF_PROGRAMS", 2_000);
    let first = testing::setting("TURNSOLE_SEED", 1);
    let model = judge::model("sc.cat", &Options::default()).unwrap();
    for seed in first..first + count {
        let program = Program::new(seed);
        let (ours, theirs) = (program.ours(&model), program.theirs());
        assert_eq!(ours, theirs, "seed {seed}, ours first\n{}", program.text());
    }
}

/// A program of which we know what the RFC says.
fn one(registers: [u64; 2], code: Code) -> (u64, u64) {
    let mut values = [0; VALUES as usize];
    values[..2].copy_from_slice(&registers);
    let program = Program { code, registers: values, memory: [0; 30], syntax: Syntax::Litmus };
    let model = judge::model("sc.cat", &Options::default()).unwrap();
    (program.ours(&model)[0], program.theirs()[0])
}

#[test]
fn differences() {
    let (r0, r1) = (register(0), register(1));
    let by_zero = |src| vec![Instruction::Alu { width: Width::W32, op: AluOp::Mod, dst: r0, src }];
    let wide = 0x1_2345_6789;
    assert_eq!(one([wide, 0], by_zero(Source::Register(r1))), (0x2345_6789, wide));
    assert_eq!(one([wide, 0], by_zero(Source::Immediate(0))), (0x2345_6789, wide));
    let minus_one = |test| {
        let (src, target) = (Source::Immediate(-1), isa::bpf::Target::Offset(1));
        let jump = Instruction::JumpIf { width: Width::W64, test, dst: r1, src, target };
        vec![jump, Instruction::Move { width: Width::W64, dst: r0, src: Source::Immediate(7) }]
    };
    assert_eq!(one([0, u64::MAX], minus_one(Test::Equal)), (0, 7));
    assert_eq!(one([0, u64::MAX], minus_one(Test::NotEqual)), (7, 0));
    assert_eq!(one([0, u64::MAX], minus_one(Test::Greater)), (7, 0));
    assert_eq!(one([0, 1 << 40], minus_one(Test::LessEqual)), (0, 7));
}
