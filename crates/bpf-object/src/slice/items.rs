//! What is left of the instructions of a function, before anything is left out for not being needed.

use super::Options;
use crate::analysis::{Access, Object, Place, Registers, State, States, Value, accesses, operands, results};
use crate::program::{Function, Program, Reference};
use crate::sections::in_function;
use isa::bpf::callee::{self, Effect};
use isa::bpf::{Callee, Instruction, Register, Source, Target, Wide, Width};
use std::collections::BTreeMap;
use std::ops::Range;
use syntax::Diagnostic;

/// An instruction of a thread.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Position of what it comes from in the function.
    pub(super) at: usize,
    pub(super) code: Code,
    /// The access that it makes.
    pub(super) access: Option<Access>,
    /// What is to be said if it stays.
    pub(super) note: Option<Diagnostic>,
}

/// What an instruction does.
#[derive(Clone, Debug)]
pub(super) enum Code {
    /// What it did.
    Same(Instruction<'static>),
    /// A jump to a position, which may depend on something.
    Jump(Instruction<'static>, usize),
    /// Loads the address of an object.
    Address(Register<'static>, Place),
    /// Calls a function of the kernel that does something, as tests call it; with the place that `r1` points to.
    Call(String, Option<Place>, Effect),
    /// Calls a function of the program, by position in the thread.
    Local(usize),
    /// A jump that is always or never made, or a call that does nothing.
    Nothing,
}

impl Item {
    /// The registers that it reads. The address of an access is not among them if the location is known.
    pub(super) fn reads(&self, is_divided: bool, result_matters: bool) -> Registers {
        let address = |base| if is_divided { Registers::default() } else { Registers::one(base) };
        match &self.code {
            Code::Same(Instruction::Exit) if result_matters => Registers::one(Register::RESULT),
            Code::Same(instruction) | Code::Jump(instruction, _) => {
                let mut all = operands(instruction);
                if let Some(access) = &self.access {
                    all = all.and(access.data).and(address(access.base));
                }
                match *instruction {
                    Instruction::Atomic { modify: isa::bpf::Modify::CompareExchange, .. } => {
                        all.and(Registers::one(Register::RESULT))
                    }
                    Instruction::LoadPacket { index, .. } => {
                        let context = Registers::one(Register { number: 6, symbolic: None });
                        all.and(context).and(index.map(Registers::one).unwrap_or_default())
                    }
                    Instruction::Call { callee: Callee::Register(register) } => {
                        all.and(Registers::one(register)).and(Registers::ARGUMENTS)
                    }
                    _ => all,
                }
            }
            Code::Call(_, place, effect) => match effect {
                Effect::Lock | Effect::TryLock | Effect::Unlock if place.is_none() || !is_divided => {
                    Registers::one(LOCK)
                }
                _ => Registers::default(),
            },
            Code::Local(_) => Registers::ARGUMENTS,
            Code::Address(..) | Code::Nothing => Registers::default(),
        }
    }

    /// The registers that it writes.
    pub(super) fn writes(&self) -> Registers {
        match &self.code {
            Code::Same(instruction) => results(instruction),
            Code::Address(dst, _) => Registers::one(*dst),
            Code::Call(..) | Code::Local(_) => Registers::one(Register::RESULT).and(Registers::ARGUMENTS),
            Code::Jump(..) | Code::Nothing => Registers::default(),
        }
    }

    /// Whether it only computes: nobody misses it if nobody looks at what it computes.
    pub(super) fn only_computes(&self) -> bool {
        let private = |access: &Access| access.place.is_some_and(|place| !place.object.is_shared());
        match &self.code {
            Code::Nothing => true,
            Code::Address(..) => true,
            Code::Same(Instruction::Load { .. }) => self.access.as_ref().is_some_and(private),
            Code::Same(instruction) => matches!(
                instruction,
                Instruction::Alu { .. }
                    | Instruction::Negate { .. }
                    | Instruction::Move { .. }
                    | Instruction::MoveSigned { .. }
                    | Instruction::CastAddress { .. }
                    | Instruction::SwapBytes { .. }
                    | Instruction::LoadWide { .. }
            ),
            Code::Call(_, _, effect) => *effect == Effect::None,
            Code::Jump(..) | Code::Local(_) => false,
        }
    }
}

/// What is left of a call that does nothing.
const NO_RESULT: Code =
    Code::Same(Instruction::Move { width: Width::W64, dst: Register::RESULT, src: Source::Immediate(0) });

/// The register with the first argument.
pub(super) const LOCK: Register<'static> = Register { number: 1, symbolic: None };

/// A function in a thread.
#[derive(Clone, Debug)]
pub(super) struct Body {
    pub(super) items: Vec<Item>,
    /// Whether its result depends on something that is not known before the thread runs.
    pub(super) has_result: bool,
}

/// More functions of one thread are not looked at.
const MAX_BODIES: usize = 64;

/// The function of that name, and those that it calls.
pub(super) fn bodies(
    program: &Program,
    name: &str,
    arguments: &Range<usize>,
    options: &Options,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Body> {
    let mut names = vec![name.to_owned()];
    let mut bodies = Vec::new();
    while let Some(name) = names.get(bodies.len()).cloned() {
        let Some(function) = program.function(&name) else { break };
        let entry = match (bodies.is_empty(), arguments.is_empty()) {
            (true, false) => with_arguments(arguments),
            (true, true) if function.section != ".text" => State::entry(),
            _ => State::called(),
        };
        let states = States::from(program, function, entry);
        let mut reader = Reader {
            program,
            function,
            states: &states,
            options,
            names: &mut names,
            diagnostics,
            note: None,
        };
        let items = reader.items();
        let has_result = !bodies.is_empty() || has_result(function, &states);
        bodies.push(Body { items, has_result });
    }
    bodies
}

fn with_arguments(arguments: &Range<usize>) -> State {
    let registers = (1..=5).filter_map(Register::new);
    arguments.clone().zip(registers).fold(State::called(), |state, (position, register)| {
        state.with(register, Value::at(Object::Variable(position)))
    })
}

/// Whether some way to the end of the function has a result that is no constant.
fn has_result(function: &Function, states: &States) -> bool {
    (0..function.lines.len()).any(|at| {
        let is_exit = matches!(function.lines[at].instruction(), Some(Instruction::Exit));
        let state = states.before(at).filter(|_| is_exit);
        state.is_some_and(|state| !matches!(state.register(Register::RESULT), Value::Constant(_)))
    })
}

struct Reader<'r> {
    program: &'r Program,
    function: &'r Function,
    states: &'r States,
    options: &'r Options,
    /// Functions of the thread, by position.
    names: &'r mut Vec<String>,
    diagnostics: &'r mut Vec<Diagnostic>,
    /// [`Item::note`] of the item that is being made.
    note: Option<Diagnostic>,
}

impl Reader<'_> {
    fn items(&mut self) -> Vec<Item> {
        let accesses: BTreeMap<usize, Access> =
            accesses(self.function, self.states).into_iter().map(|access| (access.at, access)).collect();
        let mut items = Vec::new();
        for at in 0..self.function.lines.len() {
            let Some(state) = self.states.before(at) else { continue };
            let Some(instruction) = self.function.lines[at].instruction() else {
                self.warn(at, "bpf::left-out", "this is no instruction, and left out");
                continue;
            };
            let access = accesses.get(&at).copied();
            if access.is_some_and(|access| access.place.is_none()) {
                self.warn(at, "bpf::unknown-address", "it is not known what this accesses");
            }
            let code = self.code(at, instruction, state);
            let note = self.note.take();
            items.push(Item { at, code, access, note });
        }
        items
    }

    fn code(&mut self, at: usize, instruction: &Instruction<'static>, state: &State) -> Code {
        let line = &self.function.lines[at];
        match *instruction {
            Instruction::Jump { target: Target::Offset(offset), .. } => {
                match self.function.jump(at, offset) {
                    Some(to) => Code::Jump(Instruction::Jump { long: false, target: Target::Offset(0) }, to),
                    None => Code::Nothing,
                }
            }
            Instruction::JumpIf { target: Target::Offset(offset), .. }
            | Instruction::MayGoto { target: Target::Offset(offset) } => {
                let Some(to) = self.function.jump(at, offset) else { return Code::Nothing };
                match state.jumps(instruction) {
                    Some(true) => {
                        Code::Jump(Instruction::Jump { long: false, target: Target::Offset(0) }, to)
                    }
                    Some(false) => Code::Nothing,
                    None => Code::Jump(*instruction, to),
                }
            }
            Instruction::LoadWide { dst, value } => match &line.reference {
                Some(Reference::Data(..)) => {
                    let mut after = state.clone();
                    after.step(line, &self.program.data);
                    match after.register(dst) {
                        Value::Address(place) => Code::Address(dst, place),
                        // The map itself; only lookups want it.
                        _ => Code::Same(Instruction::LoadWide { dst, value: Wide::Number(0) }),
                    }
                }
                Some(_) => {
                    self.warn(
                        at,
                        "bpf::left-out",
                        "this address is of something that is not in the test; it is 0",
                    );
                    Code::Same(Instruction::LoadWide { dst, value: Wide::Number(0) })
                }
                None => Code::Same(Instruction::LoadWide { dst, value }),
            },
            Instruction::Call { callee } => self.call(at, callee, state),
            Instruction::JumpRegister { .. } => {
                self.warn(
                    at,
                    "bpf::left-out",
                    "it is not known where this jump leads; the thread ends there",
                );
                Code::Same(Instruction::Exit)
            }
            other => Code::Same(other),
        }
    }

    fn call(&mut self, at: usize, callee: Callee<'static>, state: &State) -> Code {
        let line = &self.function.lines[at];
        let known = match (callee, &line.reference) {
            (_, Some(Reference::Function(name))) => return self.local(at, &name.clone()),
            (Callee::Helper(number), None) => callee::by_number(number),
            (_, Some(Reference::Kernel(name))) => callee::by_name(name),
            _ => None,
        };
        // A lookup of which it is known what it finds.
        let mut after = state.clone();
        after.step(line, &self.program.data);
        if let Value::Address(place) = after.register(Register::RESULT) {
            return Code::Address(Register::RESULT, place);
        }
        let name = match (callee, &line.reference) {
            (_, Some(Reference::Kernel(name))) => name.clone(),
            (Callee::Helper(number), _) => {
                known.map_or_else(|| format!("helper {number}"), |known| known.name.to_owned())
            }
            _ => "a function".to_owned(),
        };
        let place = match state.register(LOCK) {
            Value::Address(place) => Some(place),
            _ => None,
        };
        let result = self.options.results.iter().find(|(known, _)| *known == name).map(|(_, result)| *result);
        let declared = self.options.effects.iter().find(|(known, _)| *known == name);
        if let Some((_, effect)) = declared.filter(|(_, effect)| *effect != Effect::None) {
            let callee = Callee::Declared { name: &name, effect: *effect, result: result.unwrap_or(0) };
            return Code::Call(Instruction::Call { callee }.to_string(), place, *effect);
        }
        if let Some(result) = result.or(declared.map(|_| 0)) {
            let src = Source::Immediate(result);
            return Code::Same(Instruction::Move { width: Width::W64, dst: Register::RESULT, src });
        }
        match known {
            Some(known) if known.effect != Effect::None => {
                let callee = Callee::Named(known.name);
                Code::Call(Instruction::Call { callee }.to_string(), place, known.effect)
            }
            Some(_) => {
                let message = format!("this calls `{name}`: its result is taken to be 0");
                self.note = Some(self.assumed(at, &message));
                NO_RESULT
            }
            None => {
                let message = format!("this calls `{name}`: it is taken to do nothing, with the result 0");
                let warning = self.assumed(at, &message);
                self.diagnostics.push(warning);
                NO_RESULT
            }
        }
    }

    fn assumed(&self, at: usize, message: &str) -> Diagnostic {
        let span = self.function.lines[at].span;
        Diagnostic::warning("bpf::left-out", span, self.message(at, message))
            .with_help("say what it returns: --assume NAME=NUMBER, and what it does: --effect NAME=EFFECT")
    }

    fn local(&mut self, at: usize, name: &str) -> Code {
        if let Some(position) = self.names.iter().position(|known| known == name) {
            // The function of the thread itself has no label.
            if position > 0 {
                return Code::Local(position);
            }
        } else if self.names.len() < MAX_BODIES && self.program.function(name).is_some() {
            self.names.push(name.to_owned());
            return Code::Local(self.names.len() - 1);
        }
        self.warn(at, "bpf::left-out", &format!("this call of `{name}` is left out"));
        Code::Nothing
    }

    fn message(&self, at: usize, message: &str) -> String {
        in_function(self.function, &self.function.lines[at].decoded, message)
    }

    fn warn(&mut self, at: usize, code: &'static str, message: &str) {
        let message = self.message(at, message);
        self.diagnostics.push(Diagnostic::warning(code, self.function.lines[at].span, message));
    }
}
