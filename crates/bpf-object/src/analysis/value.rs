//! What registers hold: constants and addresses.
//!
//! A forward analysis: values that differ between two ways to an instruction are not known there. It follows what
//! compilers make of the address of a map's value: the key on the stack, a call of `bpf_map_lookup_elem`, and a test.

use super::successors;
use crate::program::{Data, DataKind, Function, Line, Program, Reference};
use isa::bpf::{AluOp, Callee, Instruction, Register, Size, Source, Test, Wide, Width};
use std::collections::BTreeMap;

/// What an address is an address of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Object {
    /// A global variable, by position in the program's data.
    Variable(usize),
    /// A value of the map of that position, with its key, if it is known.
    Element(usize, Option<u64>),
    /// The stack of this call of this function.
    Stack,
    /// What the program is called with.
    Context,
}

impl Object {
    /// Whether other threads may access it.
    pub(crate) fn is_shared(self) -> bool {
        matches!(self, Object::Variable(_) | Object::Element(..))
    }
}

/// A place in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub(crate) object: Object,
    /// Distance in bytes from the start of the object, if it is known.
    pub(crate) offset: Option<i64>,
}

/// What a register holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    /// Anything.
    #[default]
    Unknown,
    Constant(u64),
    Address(Place),
    /// The map of that position, for calls.
    Map(usize),
}

impl Value {
    /// The address of the start of an object.
    pub(crate) fn at(object: Object) -> Value {
        Value::Address(Place { object, offset: Some(0) })
    }
}

/// The register with the first argument.
const ARGUMENT: Register<'static> = Register { number: 1, symbolic: None };

/// What is known before an instruction.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct State {
    registers: [Value; 11],
    /// Values on the stack by distance from the frame pointer, with their sizes.
    stack: BTreeMap<i64, (u32, Value)>,
}

impl State {
    /// Where a function begins that others call.
    pub(crate) fn called() -> State {
        State::default().with(Register::FRAME, Value::at(Object::Stack))
    }

    /// Where a program begins.
    pub(crate) fn entry() -> State {
        State::called().with(ARGUMENT, Value::at(Object::Context))
    }

    pub(crate) fn register(&self, register: Register<'_>) -> Value {
        self.registers.get(usize::from(register.number)).copied().unwrap_or_default()
    }

    fn set(&mut self, register: Register<'_>, value: Value) {
        if let Some(slot) = self.registers.get_mut(usize::from(register.number)) {
            *slot = value;
        }
    }

    fn source(&self, source: Source<'_>) -> Value {
        match source {
            Source::Register(register) => self.register(register),
            Source::Immediate(number) => Value::Constant(i64::from(number) as u64),
        }
    }

    /// The place that `base + offset` is the address of.
    pub(crate) fn place(&self, base: Register<'_>, offset: i16) -> Option<Place> {
        match self.register(base) {
            Value::Address(place) => {
                Some(Place { offset: place.offset.map(|from| from.wrapping_add(offset.into())), ..place })
            }
            _ => None,
        }
    }

    /// What holds behind an instruction.
    pub(crate) fn step(&mut self, line: &Line, data: &[Data]) {
        if let Some(instruction) = line.instruction() {
            step(self, instruction, line.reference.as_ref(), data);
        }
    }

    /// Gives a register a value.
    pub(crate) fn with(mut self, register: Register<'_>, value: Value) -> State {
        self.set(register, value);
        self
    }

    /// Whether a test of equality comes out so that its jump is made, if that is known.
    pub(crate) fn jumps(&self, instruction: &Instruction<'_>) -> Option<bool> {
        let Instruction::JumpIf { width, test, dst, src, .. } = *instruction else { return None };
        let (a, b) = match (self.register(dst), self.source(src)) {
            (Value::Constant(a), Value::Constant(b)) => (a, b),
            // Nothing is at address 0; lookups find something.
            (Value::Address(_), Value::Constant(0)) if width == Width::W64 => (1, 0),
            _ => return None,
        };
        let mask = u64::MAX >> (64 - width.bits());
        match test {
            Test::Equal => Some(a & mask == b & mask),
            Test::NotEqual => Some(a & mask != b & mask),
            _ => None,
        }
    }

    /// Where control may go behind the instruction at `at`, before which this holds.
    pub(crate) fn ways(&self, function: &Function, at: usize) -> Vec<usize> {
        let ways = successors(function, at);
        let jumps = function.lines[at].instruction().and_then(|instruction| self.jumps(instruction));
        match (jumps, &ways[..]) {
            (Some(jumps), [next, target]) => vec![if jumps { *target } else { *next }],
            _ => ways,
        }
    }

    /// What holds on both ways. Gives whether this is less than before.
    fn join(&mut self, other: &State) -> bool {
        let before = self.clone();
        for (mine, theirs) in self.registers.iter_mut().zip(&other.registers) {
            *mine = join(*mine, *theirs);
        }
        self.stack.retain(|offset, slot| other.stack.get(offset) == Some(slot));
        *self != before
    }

    fn store(&mut self, place: Option<Place>, size: Size, value: Value) {
        let Some(Place { object, offset }) = place else {
            // What is not known may be the stack.
            self.stack.clear();
            return;
        };
        if object != Object::Stack {
            return;
        }
        let Some(offset) = offset else {
            self.stack.clear();
            return;
        };
        let end = offset.saturating_add(size.bytes().into());
        self.stack.retain(|at, (size, _)| *at >= end || at.saturating_add(i64::from(*size)) <= offset);
        self.stack.insert(offset, (size.bytes(), value));
    }

    fn load(&self, place: Option<Place>, size: Size) -> Value {
        match place {
            Some(Place { object: Object::Stack, offset: Some(offset) }) => match self.stack.get(&offset) {
                Some((stored, value)) if *stored == size.bytes() => *value,
                _ => Value::Unknown,
            },
            _ => Value::Unknown,
        }
    }
}

fn join(one: Value, two: Value) -> Value {
    match (one, two) {
        _ if one == two => one,
        (Value::Address(a), Value::Address(b)) if a.object == b.object => {
            Value::Address(Place { offset: None, ..a })
        }
        _ => Value::Unknown,
    }
}

/// What is known before each instruction of a function; nothing of those that can't be reached.
#[derive(Clone, Debug)]
pub(crate) struct States(Vec<Option<State>>);

/// Longer functions are analysed in straight lines only.
const MAX_ROUNDS: usize = 64;

impl States {
    /// Analyses a function that is run as a program: its section says so.
    pub(crate) fn of(program: &Program, function: &Function) -> States {
        let entry = if function.section == ".text" { State::called() } else { State::entry() };
        States::from(program, function, entry)
    }

    /// Analyses a function, of which that is known where it begins. Tests that come out in one way only are not taken in
    /// the other.
    pub(crate) fn from(program: &Program, function: &Function, entry: State) -> States {
        let mut states: Vec<Option<State>> = vec![None; function.lines.len()];
        let mut visits = vec![0usize; function.lines.len()];
        let mut work = Vec::new();
        if let Some(first) = states.first_mut() {
            *first = Some(entry);
            work.push(0);
        }
        while let Some(at) = work.pop() {
            let Some(mut state) = states[at].clone() else { continue };
            visits[at] += 1;
            if visits[at] > MAX_ROUNDS {
                continue;
            }
            let ways = state.ways(function, at);
            state.step(&function.lines[at], &program.data);
            for next in ways {
                let changed = match &mut states[next] {
                    Some(known) => known.join(&state),
                    unknown => {
                        *unknown = Some(state.clone());
                        true
                    }
                };
                if changed {
                    work.push(next);
                }
            }
        }
        States(states)
    }

    /// What is known before the instruction at that position, if it can be reached.
    pub(crate) fn before(&self, at: usize) -> Option<&State> {
        self.0.get(at)?.as_ref()
    }
}

/// What an instruction changes.
fn step(state: &mut State, instruction: &Instruction<'_>, reference: Option<&Reference>, data: &[Data]) {
    match *instruction {
        Instruction::LoadWide { dst, value } => {
            let value = match (reference, value) {
                (Some(Reference::Data(position, offset)), _) => address(*position, *offset, data),
                (None, Wide::Number(number)) => Value::Constant(number),
                _ => Value::Unknown,
            };
            state.set(dst, value);
        }
        Instruction::Move { width, dst, src } => {
            let value = match (state.source(src), width) {
                (value, Width::W64) => value,
                (Value::Constant(number), Width::W32) => Value::Constant(number & 0xffff_ffff),
                _ => Value::Unknown,
            };
            state.set(dst, value);
        }
        Instruction::Alu { width, op, dst, src } => {
            let value = compute(width, op, state.register(dst), state.source(src));
            state.set(dst, value);
        }
        Instruction::CastAddress { dst, src, .. } => state.set(dst, state.register(src)),
        Instruction::Load { size, signed, dst, base, offset } => {
            let loaded = state.load(state.place(base, offset), size);
            let is_whole = size == Size::Double || !signed && matches!(loaded, Value::Constant(_));
            state.set(dst, if is_whole { loaded } else { Value::Unknown });
        }
        Instruction::Store { size, base, offset, src } => {
            let value = match (state.source(src), size) {
                (value, Size::Double) => value,
                (Value::Constant(number), _) => Value::Constant(number & (u64::MAX >> (64 - size.bits()))),
                _ => Value::Unknown,
            };
            state.store(state.place(base, offset), size, value);
        }
        Instruction::Call { callee } => call(state, callee, reference),
        _ => {
            if let Instruction::StoreRelease { size, base, offset, .. } = *instruction {
                state.store(state.place(base, offset), size, Value::Unknown);
            }
            if let Instruction::Atomic { width, base, offset, .. } = *instruction {
                state.store(state.place(base, offset), width.size(), Value::Unknown);
            }
            forget(state, super::results(instruction));
        }
    }
}

fn address(position: usize, offset: i64, data: &[Data]) -> Value {
    match data.get(position).map(|data| &data.kind) {
        Some(DataKind::Map(_)) => Value::Map(position),
        Some(DataKind::Variable(_)) => {
            Value::Address(Place { object: Object::Variable(position), offset: Some(offset) })
        }
        None => Value::Unknown,
    }
}

fn compute(width: Width, op: AluOp, dst: Value, src: Value) -> Value {
    if width == Width::W32 {
        return match (dst, src) {
            (Value::Constant(a), Value::Constant(b)) => {
                constant(op, a, b).map_or(Value::Unknown, |number| Value::Constant(number & 0xffff_ffff))
            }
            _ => Value::Unknown,
        };
    }
    match (op, dst, src) {
        (_, Value::Constant(a), Value::Constant(b)) => {
            constant(op, a, b).map_or(Value::Unknown, Value::Constant)
        }
        (AluOp::Add, Value::Address(place), Value::Constant(by))
        | (AluOp::Add, Value::Constant(by), Value::Address(place)) => {
            Value::Address(Place { offset: place.offset.map(|from| from.wrapping_add(by as i64)), ..place })
        }
        (AluOp::Sub, Value::Address(place), Value::Constant(by)) => {
            Value::Address(Place { offset: place.offset.map(|from| from.wrapping_sub(by as i64)), ..place })
        }
        // An index that is not known, or nothing that shows that it is none.
        (AluOp::Add, Value::Address(place), Value::Unknown)
        | (AluOp::Add, Value::Unknown, Value::Address(place)) => {
            Value::Address(Place { offset: None, ..place })
        }
        _ => Value::Unknown,
    }
}

/// The operations that addresses are made with.
fn constant(op: AluOp, a: u64, b: u64) -> Option<u64> {
    Some(match op {
        AluOp::Add => a.wrapping_add(b),
        AluOp::Sub => a.wrapping_sub(b),
        AluOp::Mul => a.wrapping_mul(b),
        AluOp::Or => a | b,
        AluOp::And => a & b,
        AluOp::Xor => a ^ b,
        AluOp::ShiftLeft if b < 64 => a << b,
        _ => return None,
    })
}

/// `bpf_map_lookup_elem`
const LOOKUP: i32 = 1;

fn call(state: &mut State, callee: Callee<'_>, reference: Option<&Reference>) {
    let is_lookup = matches!(callee, Callee::Helper(LOOKUP)) && reference.is_none();
    let result = if is_lookup { element(state) } else { Value::Unknown };
    let arguments = (1..=5).filter_map(Register::new);
    let has_stack = arguments.clone().any(|register| {
        matches!(state.register(register), Value::Address(Place { object: Object::Stack, .. }))
    });
    // A lookup only reads the key.
    if has_stack && !is_lookup {
        state.stack.clear();
    }
    forget(state, super::Registers::ARGUMENTS);
    state.set(Register::RESULT, result);
}

/// The value that a lookup finds.
fn element(state: &State) -> Value {
    let Value::Map(map) = state.registers[1] else { return Value::Unknown };
    let key = match state.registers[2] {
        Value::Address(Place { object: Object::Stack, offset: Some(offset) }) => state.stack.get(&offset),
        _ => None,
    };
    let key = match key {
        Some((_, Value::Constant(key))) => Some(*key),
        _ => None,
    };
    Value::Address(Place { object: Object::Element(map, key), offset: Some(0) })
}

fn forget(state: &mut State, registers: super::Registers) {
    for register in (0..=9).filter_map(Register::new).filter(|register| registers.has(*register)) {
        state.set(register, Value::Unknown);
    }
}
