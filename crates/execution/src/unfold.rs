//! All ways through one thread.
//!
//! A thread runs symbolically: registers hold terms over what its reads return. A branch on a known value goes one
//! way, on an unknown one both. A loop whose exit is not known is gone through a bounded number of times; a path that
//! would go on is cut, and says so. Rounds of loops that only wait can be left out: see [`Waiting`].

mod finish;
mod held;
mod values;

pub use held::Watch;

use crate::feasible::contradict;
use crate::merge::merge_paths;
use crate::micro::{EdgeKind, Ev, Instruction, LabelId, Micro, Port, Reg, Tags, Temp, Thread};
use crate::path::{Edge, Event, Kind, Path};
use crate::term::{Term, TermId, Terms, VarId};
use crate::value::{BinaryOp, SymbolId, UnaryOp, Value};
use crate::waiting::{Places, Waiting};
use smallvec::SmallVec;
use std::sync::Arc;
use values::{Register, Taint, TempValue, add_taint, merge};

mod private;

/// What bounds the unfolding.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How often a path may jump back to the same instruction while the exit of the loop is not known.
    pub unroll: u32,
    /// How many instructions a path may execute at most, known loops included.
    pub steps: usize,
    /// How many paths a thread may have at most.
    pub paths: usize,
    /// Whether register events are wanted.
    pub register_events: bool,
    /// Leave out paths with rounds of loops that only wait.
    pub waiting: Option<Waiting>,
    /// Objects that no other thread can know of, such as the thread's stack.
    pub private: Vec<SymbolId>,
    /// What memory that nobody writes holds, such as the linker's tables.
    pub constants: Vec<(SymbolId, Value)>,
}

/// Why a thread could not be unfolded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnfoldError {
    /// A path has more than [`Limits::steps`] instructions.
    TooLong {
        /// Position of the instruction that was reached.
        instruction: u32,
    },
    /// There are more than [`Limits::paths`] paths.
    TooManyPaths,
    /// The paths take too much memory.
    OutOfMemory,
    /// It takes too long.
    Stopped,
    /// A jump to an address that is not known, or no address of code of this thread.
    BadJump {
        /// Position of the jump.
        instruction: u32,
    },
}

/// Unfolds thread `number` of `threads`: it may jump into the code of the others. `initial` lists its registers that
/// don't start as zero.
///
/// # Errors
/// When a limit is exceeded, or a jump goes nowhere.
pub fn unfold(
    threads: &[Thread],
    number: u16,
    initial: &[(Reg, Value)],
    limits: &Limits,
) -> Result<Vec<Path>, UnfoldError> {
    unfold_watched(threads, number, initial, limits, &mut |_| Ok(()))
}

/// As [`unfold`]; `watch` is told now and then how many bytes are held, and whether to go on is what it returns. The
/// last time it is told what the paths take.
///
/// # Errors
/// As [`unfold`], and what `watch` returns.
pub fn unfold_watched(
    threads: &[Thread],
    number: u16,
    initial: &[(Reg, Value)],
    limits: &Limits,
    watch: &mut Watch<'_>,
) -> Result<Vec<Path>, UnfoldError> {
    let mut terms = Terms::new();
    let mut state = State { code: number, ..State::default() };
    for (reg, value) in initial {
        let term = terms.constant(*value);
        state.set_register(*reg, Register { term, writer: None, taint: Taint::new() });
    }
    let places = match &limits.waiting {
        Some(waiting) => Places::new(&threads[number as usize], waiting),
        None => Places::default(),
    };
    let (done, todo) = (Vec::new(), Vec::new());
    let mut run = Run { threads, number, limits, places, terms, done, todo, held: 0, refused: None, watch };
    run.put_aside(state);
    while let Some(state) = run.take_up() {
        run.finish(state)?;
        if run.done.len() + run.todo.len() > limits.paths {
            return Err(UnfoldError::TooManyPaths);
        }
    }
    run.report()?;
    let terms = Arc::new(run.terms);
    let ordered = threads[number as usize].structured;
    let mut paths = merge_paths(run.done.into_iter().map(|state| state.into_path(&terms, ordered)).collect());
    // They are made where the states were, which take more.
    paths.shrink_to_fit();
    Ok(paths)
}

/// A run of the thread up to some place.
#[derive(Clone, Debug, Default)]
struct State<'a> {
    /// The thread whose code is executed.
    code: u16,
    pc: usize,
    instance: u32,
    /// Ways taken so far where there were others.
    forks: u32,
    jumps: SmallVec<[JumpBack; 4]>,
    arrivals: SmallVec<[Arrival; 1]>,
    registers: Vec<(Reg, Register)>,
    events: Vec<Event>,
    reads: Vec<u32>,
    iico_data: Vec<Edge>,
    iico_ctrl: Vec<Edge>,
    iico_order: Vec<Edge>,
    rf_reg: Vec<Edge>,
    addr: Vec<Edge>,
    data: Vec<Edge>,
    ctrl: Vec<Edge>,
    /// What the branches taken so far depend on.
    branch_taint: Taint,
    /// What the branches depend on whose ways have not met yet, by the place where they do.
    guards: SmallVec<[Guard; 2]>,
    constraints: SmallVec<[(TermId, bool); 4]>,
    cut: Option<u32>,
    failure: Option<String>,
    /// What is left of the current instruction, innermost last.
    rest: SmallVec<[&'a [Micro]; 2]>,
    temps: Vec<Option<TempValue>>,
    evs: Vec<Option<LocalEvent>>,
    next: Next,
}

/// Branches whose ways meet at one place.
#[derive(Clone, Debug)]
struct Guard {
    join: (u16, u32),
    taint: Taint,
}

/// An event of the current instruction.
#[derive(Clone, Debug)]
struct LocalEvent {
    /// Position in the path; `None` for register events where they are not wanted.
    event: Option<u32>,
    kind: Kind,
    /// What depends on it depends on these memory events.
    taint: Taint,
}

/// A target that the path jumped back to.
#[derive(Clone, Copy, Debug)]
struct JumpBack {
    target: (u16, u32),
    count: u32,
    /// [`State::forks`] when it was last jumped to.
    forks: u32,
}

/// How things were when the path last came to a place in a loop.
#[derive(Clone, Debug)]
struct Arrival {
    place: u32,
    /// How many events there were.
    events: usize,
    registers: Arc<[(Reg, Register)]>,
}

/// Where the thread goes after this instruction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Next {
    #[default]
    Behind,
    /// To an instruction of a thread's code.
    To {
        code: u16,
        target: u32,
        /// Whether the jump was taken without regard to values.
        unconditional: bool,
    },
    End,
}

/// How one micro-operation ended.
enum Step {
    Continue,
    /// This way contradicts what is known.
    Impossible,
}

/// What comes after an instruction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    /// Another one.
    On,
    /// The end of the path.
    End,
    /// Nothing: the path is dropped.
    Dropped,
}

struct Run<'a, 'w> {
    threads: &'a [Thread],
    /// The thread that is unfolded.
    number: u16,
    limits: &'a Limits,
    /// Places in the loops of the thread, if rounds that only wait are left out.
    places: Places,
    terms: Terms,
    done: Vec<State<'a>>,
    todo: Vec<State<'a>>,
    /// The bytes of `done` and `todo`.
    held: usize,
    /// What the watch said, if that is not to go on.
    refused: Option<UnfoldError>,
    watch: &'w mut Watch<'w>,
}

impl<'a> Run<'a, '_> {
    /// Runs a state to the end of the thread; forks go to `todo`.
    fn finish(&mut self, mut state: State<'a>) -> Result<(), UnfoldError> {
        loop {
            while let Some(micros) = state.rest.pop() {
                let Some((first, behind)) = micros.split_first() else { continue };
                state.rest.push(behind);
                if let Step::Impossible = self.step(&mut state, first)? {
                    return Ok(());
                }
            }
            match self.leave_instruction(&mut state) {
                Left::On => {}
                Left::End => {
                    self.keep(state);
                    return Ok(());
                }
                Left::Dropped => return Ok(()),
            }
            if let Some(error) = self.refused.take() {
                return Err(error);
            }
            let instruction: &Instruction = &self.threads[state.code as usize].code[state.pc];
            if state.instance as usize > self.limits.steps {
                return Err(UnfoldError::TooLong { instruction: state.pc as u32 });
            }
            state.rest.push(&instruction.micro);
        }
    }

    /// Moves to the next instruction.
    fn leave_instruction(&mut self, state: &mut State<'a>) -> Left {
        state.temps.clear();
        state.evs.clear();
        let started = state.instance > 0;
        match std::mem::take(&mut state.next) {
            Next::Behind if !started => {}
            Next::Behind => state.pc += 1,
            Next::End => return Left::End,
            Next::To { code, target, unconditional } => {
                let is_back = code != state.code || target as usize <= state.pc;
                if self.only_waited(state, code, target) {
                    return Left::Dropped;
                }
                if is_back && !state.count_jump((code, target), unconditional, self.limits.unroll) {
                    if self.limits.waiting.is_some() && contradict(&mut self.terms, &state.constraints) {
                        return Left::Dropped;
                    }
                    state.cut = Some(state.pc as u32);
                    return Left::End;
                }
                (state.code, state.pc) = (code, target as usize);
            }
        }
        let here = (state.code, state.pc as u32);
        if self.only_waited(state, here.0, here.1) {
            return Left::Dropped;
        }
        state.guards.retain(|guard| guard.join != here);
        state.instance += 1;
        if state.pc >= self.threads[state.code as usize].code.len() {
            return Left::End;
        }
        if self.is_place(here.0, here.1) {
            state.arrive();
        }
        Left::On
    }

    fn is_place(&self, code: u16, at: u32) -> bool {
        code == self.number && self.places.contains(at)
    }

    /// Whether the path has only waited since it last came to a place, where it is about to come again.
    fn only_waited(&self, state: &State<'_>, code: u16, at: u32) -> bool {
        if !self.is_place(code, at) {
            return false;
        }
        let Some(arrival) = state.arrivals.iter().find(|arrival| arrival.place == at) else { return false };
        let changed = state.registers.iter().filter_map(|(reg, now)| {
            let before = arrival.registers.iter().find(|(known, _)| known == reg);
            before.is_none_or(|(_, before)| before != now).then_some(*reg)
        });
        state.failure.is_none() && self.places.only_waited(at, &state.events[arrival.events..], changed)
    }

    fn step(&mut self, state: &mut State<'a>, micro: &'a Micro) -> Result<Step, UnfoldError> {
        match micro {
            Micro::Const { dst, value } => {
                let term = self.terms.constant(*value);
                state.set_temp(*dst, TempValue { term, from: SmallVec::new(), taint: Taint::new() });
            }
            Micro::Unknown { dst } => {
                let term = self.terms.illegal();
                state.set_temp(*dst, TempValue { term, from: SmallVec::new(), taint: Taint::new() });
            }
            Micro::Unary { dst, op, width, a } => {
                let a = self.temp(state, *a);
                let term = self.terms.unary(*op, *width, a.term);
                state.set_temp(*dst, TempValue { term, ..a });
            }
            Micro::Binary { dst, op, width, a, b } => {
                let (a, b) = (self.temp(state, *a), self.temp(state, *b));
                let term = self.terms.binary(*op, *width, a.term, b.term);
                state.set_temp(*dst, merge(term, [&a, &b]));
            }
            Micro::IfThenElse { dst, cond, then, otherwise } => {
                let [c, t, o] = [*cond, *then, *otherwise].map(|t| self.temp(state, t));
                let term = self.terms.if_then_else(c.term, t.term, o.term);
                state.set_temp(*dst, merge(term, [&c, &t, &o]));
            }
            Micro::Detach { dst, src } => {
                let term = self.temp(state, *src).term;
                state.set_temp(*dst, TempValue { term, from: SmallVec::new(), taint: Taint::new() });
            }
            Micro::ReadReg { dst, reg, port, ev } => self.read_register(state, *dst, *reg, *port, *ev),
            Micro::WriteReg { src, reg, ev } => self.write_register(state, *src, *reg, *ev),
            Micro::Load { dst, addr, width, tags, ev } => {
                self.read_memory(state, Kind::Read, *dst, *addr, *width, *tags, *ev);
            }
            Micro::Update { dst, addr, width, tags, ev } => {
                self.read_memory(state, Kind::Update, *dst, *addr, *width, *tags, *ev);
            }
            Micro::Store { addr, value, width, tags, ev } => {
                self.write_memory(state, *addr, *value, *width, *tags, *ev);
            }
            Micro::SetUpdate { ev, value } => self.set_update(state, *ev, *value),
            Micro::Fence { tags, ev } => {
                let event = self.new_event(state, Kind::Fence, *tags);
                state.depend_on_branches(event);
                state.set_event(*ev, Some(event), Kind::Fence, Taint::new());
            }
            Micro::Located { addr, tags, ev } => self.located(state, *addr, *tags, *ev),
            Micro::Branch { cond, target, ev } => {
                let cond = self.choice_event(state, Kind::Branch, *cond, *ev);
                add_taint(&mut state.branch_taint, &cond.taint);
                return Ok(self.branch(state, &cond, *target));
            }
            Micro::Guard { cond, target, join, ev } => {
                let cond = self.choice_event(state, Kind::Branch, *cond, *ev);
                let join = (state.code, self.target(state, *join));
                state.guard(join, &cond.taint);
                return Ok(self.branch(state, &cond, *target));
            }
            Micro::Pick { cond, ev } => {
                self.choice_event(state, Kind::Pick, *cond, *ev);
            }
            Micro::Commit { target, ev } => {
                let target = self.choice_event(state, Kind::Branch, *target, *ev);
                add_taint(&mut state.branch_taint, &target.taint);
            }
            Micro::LabelAddress { dst, label } => {
                let index = self.target(state, *label);
                let term = self.terms.constant(Value::Code { thread: state.code, index });
                state.set_temp(*dst, TempValue { term, from: SmallVec::new(), taint: Taint::new() });
            }
            Micro::NextAddress { dst } => {
                let index = state.pc as u32 + 1;
                let term = self.terms.constant(Value::Code { thread: state.code, index });
                state.set_temp(*dst, TempValue { term, from: SmallVec::new(), taint: Taint::new() });
            }
            Micro::Jump { target } => {
                let target = self.target(state, *target);
                let unconditional = !self.threads[state.code as usize].structured;
                state.next = Next::To { code: state.code, target, unconditional };
            }
            Micro::JumpTo { target } => return self.jump_to(state, *target),
            Micro::Alt(ways) => {
                let Some((first, others)) = ways.split_first() else { return Ok(Step::Impossible) };
                state.forks += u32::from(!others.is_empty());
                for way in others.iter().rev() {
                    let mut fork = state.clone();
                    fork.rest.push(way);
                    self.put_aside(fork);
                }
                state.rest.push(first);
            }
            Micro::Assume { cond, is } => {
                let term = self.temp(state, *cond).term;
                return Ok(self.assume(state, term, *is));
            }
            Micro::Edge { kind, from, to } => state.edge(*kind, *from, *to),
            Micro::Halt => state.next = Next::End,
            Micro::Fail { message } => state.failure = Some(message.clone()),
        }
        Ok(Step::Continue)
    }

    /// The value of a temp; zero if the instruction never set it.
    fn temp(&mut self, state: &State<'_>, temp: Temp) -> TempValue {
        match state.temps.get(temp.0 as usize) {
            Some(Some(value)) => value.clone(),
            _ => {
                let term = self.terms.constant(Value::ZERO);
                TempValue { term, from: SmallVec::new(), taint: Taint::new() }
            }
        }
    }

    fn target(&self, state: &State<'_>, label: LabelId) -> u32 {
        let thread = &self.threads[state.code as usize];
        thread.labels.get(label.0 as usize).map_or(thread.code.len() as u32, |(_, at)| *at)
    }

    /// A jump to a known address, or to each address that a label names.
    fn jump_to(&mut self, state: &mut State<'a>, target: Temp) -> Result<Step, UnfoldError> {
        let term = self.temp(state, target).term;
        if let Some(value) = self.terms.known(term) {
            return match value {
                Value::Code { thread, index } if self.is_code(thread, index) => {
                    state.next = Next::To { code: thread, target: index, unconditional: false };
                    Ok(Step::Continue)
                }
                _ => Err(UnfoldError::BadJump { instruction: state.pc as u32 }),
            };
        }
        let mut targets: Vec<(u16, u32)> = Vec::new();
        for (code, thread) in self.threads.iter().enumerate() {
            targets.extend(thread.labels.iter().map(|(_, at)| (code as u16, *at)));
        }
        targets.sort_unstable();
        targets.dedup();
        state.forks += 1;
        for (code, index) in targets.into_iter().rev() {
            let mut fork = state.clone();
            let address = self.terms.constant(Value::Code { thread: code, index });
            let arrived = self.terms.binary(BinaryOp::Eq, 64, term, address);
            if let Step::Continue = self.assume(&mut fork, arrived, true) {
                fork.next = Next::To { code, target: index, unconditional: true };
                self.put_aside(fork);
            }
        }
        Ok(Step::Impossible)
    }

    fn is_code(&self, thread: u16, index: u32) -> bool {
        self.threads.get(thread as usize).is_some_and(|thread| index as usize <= thread.code.len())
    }

    fn new_event(&self, state: &mut State<'_>, kind: Kind, tags: Tags) -> u32 {
        state.events.push(Event {
            kind,
            tags,
            instruction: state.pc as u32,
            instance: state.instance,
            width: 0,
            addr: None,
            value: None,
            written: None,
        });
        state.events.len() as u32 - 1
    }

    fn read_register(&mut self, state: &mut State<'_>, dst: Temp, reg: Reg, port: Port, ev: Ev) {
        let known = state.register(reg).cloned();
        let zero = || Register { term: self.terms.constant(Value::ZERO), writer: None, taint: Taint::new() };
        let Register { term, writer, taint } = known.unwrap_or_else(zero);
        let kind = Kind::ReadReg(reg, port);
        let mut from = SmallVec::new();
        let mut event = None;
        if self.limits.register_events {
            let id = self.new_event(state, kind, Tags::NONE);
            state.events[id as usize].value = Some(term);
            if let Some(writer) = writer {
                state.rf_reg.push((writer, id));
            }
            from.push(id);
            event = Some(id);
        }
        state.set_event(ev, event, kind, Taint::from_slice(&taint));
        state.set_temp(dst, TempValue { term, from, taint });
    }

    fn write_register(&mut self, state: &mut State<'_>, src: Temp, reg: Reg, ev: Ev) {
        let value = self.temp(state, src);
        let kind = Kind::WriteReg(reg);
        let mut event = None;
        if self.limits.register_events {
            let id = self.new_event(state, kind, Tags::NONE);
            state.events[id as usize].value = Some(value.term);
            state.data_edges(&value.from, id);
            event = Some(id);
        }
        state.set_event(ev, event, kind, Taint::from_slice(&value.taint));
        state.set_register(reg, Register { term: value.term, writer: event, taint: value.taint });
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of the micro-operation")]
    fn read_memory(
        &mut self,
        state: &mut State<'_>,
        kind: Kind,
        dst: Temp,
        addr: Temp,
        width: u8,
        tags: Tags,
        ev: Ev,
    ) {
        let addr = self.temp(state, addr);
        let id = self.new_event(state, kind, tags);
        let term = self.terms.var(VarId(state.reads.len() as u16), width);
        state.reads.push(id);
        let event = &mut state.events[id as usize];
        (event.width, event.addr, event.value) = (width, Some(addr.term), Some(term));
        state.data_edges(&addr.from, id);
        state.addr.extend(addr.taint.iter().map(|source| (*source, id)));
        state.depend_on_branches(id);
        let itself = Taint::from_slice(&[id]);
        state.set_event(ev, Some(id), kind, Taint::from_slice(&itself));
        let term = self.remembered(state, id, term);
        state.set_temp(dst, TempValue { term, from: Taint::from_slice(&itself), taint: itself });
    }

    fn write_memory(
        &mut self,
        state: &mut State<'_>,
        addr: Temp,
        value: Temp,
        width: u8,
        tags: Tags,
        ev: Ev,
    ) {
        let (addr, value) = (self.temp(state, addr), self.temp(state, value));
        let id = self.new_event(state, Kind::Write, tags);
        let stored = self.terms.unary(UnaryOp::Mask, width, value.term);
        let event = &mut state.events[id as usize];
        (event.width, event.addr, event.value) = (width, Some(addr.term), Some(stored));
        state.data_edges(&addr.from, id);
        state.data_edges(&value.from, id);
        state.addr.extend(addr.taint.iter().map(|source| (*source, id)));
        state.data.extend(value.taint.iter().map(|source| (*source, id)));
        state.depend_on_branches(id);
        state.set_event(ev, Some(id), Kind::Write, Taint::from_slice(&[id]));
    }

    fn located(&mut self, state: &mut State<'_>, addr: Temp, tags: Tags, ev: Ev) {
        let addr = self.temp(state, addr);
        let id = self.new_event(state, Kind::Located, tags);
        state.events[id as usize].addr = Some(addr.term);
        state.data_edges(&addr.from, id);
        state.addr.extend(addr.taint.iter().map(|source| (*source, id)));
        state.depend_on_branches(id);
        state.set_event(ev, Some(id), Kind::Located, Taint::from_slice(&[id]));
    }

    fn set_update(&mut self, state: &mut State<'_>, ev: Ev, value: Temp) {
        let value = self.temp(state, value);
        let Some(id) = state.event(ev).and_then(|local| local.event) else { return };
        let width = state.events[id as usize].width;
        let stored = self.terms.unary(UnaryOp::Mask, width, value.term);
        state.events[id as usize].written = Some(stored);
        let others = value.taint.iter().filter(|source| **source != id);
        state.data.extend(others.map(|source| (*source, id)));
        let from: SmallVec<[u32; 4]> = value.from.iter().copied().filter(|event| *event != id).collect();
        state.data_edges(&from, id);
    }

    /// Makes the event of a branch or pick, and returns the condition.
    fn choice_event(&mut self, state: &mut State<'_>, kind: Kind, cond: Temp, ev: Ev) -> TempValue {
        let cond = self.temp(state, cond);
        let id = self.new_event(state, kind, Tags::NONE);
        state.events[id as usize].value = Some(cond.term);
        state.data_edges(&cond.from, id);
        state.depend_on_branches(id);
        if kind == Kind::Branch {
            state.ctrl.extend(cond.taint.iter().map(|source| (*source, id)));
        }
        state.set_event(ev, Some(id), kind, cond.taint.clone());
        cond
    }

    /// Goes on at `target` if `cond` is true, else behind.
    fn branch(&mut self, state: &mut State<'a>, cond: &TempValue, target: LabelId) -> Step {
        let (code, target) = (state.code, self.target(state, target));
        let known = !matches!(
            self.terms.get(cond.term),
            Term::Var { .. } | Term::Unary(..) | Term::Binary(..) | Term::IfThenElse(..)
        );
        if known {
            let taken = self.terms.known(cond.term).is_none_or(Value::is_true);
            if taken {
                state.next = Next::To { code, target, unconditional: false };
            }
            return self.assume(state, cond.term, taken);
        }
        state.forks += 1;
        let mut fork = state.clone();
        if let Step::Continue = self.assume(&mut fork, cond.term, false) {
            self.put_aside(fork);
        }
        state.next = Next::To { code, target, unconditional: true };
        self.assume(state, cond.term, true)
    }

    fn assume(&mut self, state: &mut State<'_>, cond: TermId, is: bool) -> Step {
        match self.terms.get(cond) {
            Term::Const(value) if value.is_true() == is => {}
            Term::Const(_) => return Step::Impossible,
            Term::Illegal => state.failure = Some(crate::NO_RESULT.to_owned()),
            _ if state.constraints.contains(&(cond, !is)) => return Step::Impossible,
            _ if state.constraints.contains(&(cond, is)) => {}
            _ => state.constraints.push((cond, is)),
        }
        Step::Continue
    }
}

impl State<'_> {
    fn set_temp(&mut self, temp: Temp, value: TempValue) {
        let at = temp.0 as usize;
        // Most are set in their order.
        if self.temps.len() == at {
            self.temps.push(Some(value));
            return;
        }
        if self.temps.len() < at {
            self.temps.resize(at + 1, None);
        }
        self.temps[at] = Some(value);
    }

    fn set_event(&mut self, ev: Ev, event: Option<u32>, kind: Kind, taint: Taint) {
        let at = ev.0 as usize;
        if self.evs.len() == at {
            self.evs.push(Some(LocalEvent { event, kind, taint }));
            return;
        }
        if self.evs.len() < at {
            self.evs.resize(at + 1, None);
        }
        self.evs[at] = Some(LocalEvent { event, kind, taint });
    }

    fn event(&self, ev: Ev) -> Option<&LocalEvent> {
        self.evs.get(ev.0 as usize)?.as_ref()
    }

    fn register(&self, reg: Reg) -> Option<&Register> {
        self.registers.iter().find(|(known, _)| *known == reg).map(|(_, register)| register)
    }

    fn set_register(&mut self, reg: Reg, register: Register) {
        match self.registers.iter_mut().find(|(known, _)| *known == reg) {
            Some((_, old)) => *old = register,
            None => self.registers.push((reg, register)),
        }
    }

    fn data_edges(&mut self, from: &[u32], to: u32) {
        for source in from {
            if !self.iico_data.contains(&(*source, to)) {
                self.iico_data.push((*source, to));
            }
        }
    }

    fn depend_on_branches(&mut self, event: u32) {
        if self.branch_taint.is_empty() && self.guards.is_empty() {
            return;
        }
        let mut sources = Taint::from_slice(&self.branch_taint);
        self.guards.iter().for_each(|guard| add_taint(&mut sources, &guard.taint));
        self.ctrl.extend(sources.into_iter().map(|source| (source, event)));
    }

    fn guard(&mut self, join: (u16, u32), taint: &[u32]) {
        match self.guards.iter_mut().find(|guard| guard.join == join) {
            Some(guard) => add_taint(&mut guard.taint, taint),
            None => self.guards.push(Guard { join, taint: Taint::from_slice(taint) }),
        }
    }

    /// Remembers how things are at a place in a loop.
    fn arrive(&mut self) {
        let place = self.pc as u32;
        self.arrivals.retain(|arrival| arrival.place != place);
        let registers = self.registers.as_slice().into();
        self.arrivals.push(Arrival { place, events: self.events.len(), registers });
    }

    /// Counts a jump back; false if there were too many already. A conditional jump whose condition is known counts
    /// only if something was left open since the last one: loops of known length are gone through to their end.
    fn count_jump(&mut self, target: (u16, u32), unconditional: bool, limit: u32) -> bool {
        let at = match self.jumps.iter().position(|jump| jump.target == target) {
            Some(at) => at,
            None => {
                self.jumps.push(JumpBack { target, count: 0, forks: 0 });
                self.jumps.len() - 1
            }
        };
        let jump = &mut self.jumps[at];
        if unconditional || jump.forks < self.forks {
            jump.count += 1;
        }
        jump.forks = self.forks;
        jump.count <= limit
    }

    fn edge(&mut self, kind: EdgeKind, from: Ev, to: Ev) {
        let (Some(from), Some(to)) = (self.event(from).cloned(), self.event(to).cloned()) else { return };
        if let (Some(from), Some(to)) = (from.event, to.event) {
            match kind {
                EdgeKind::Data => self.data_edges(&[from], to),
                EdgeKind::Ctrl => self.iico_ctrl.push((from, to)),
                EdgeKind::Order => self.iico_order.push((from, to)),
            }
        }
        let sources = from.taint.iter().copied();
        match (kind, to.kind, to.event) {
            (EdgeKind::Data, Kind::WriteReg(reg), _) => {
                if let Some((_, register)) = self.registers.iter_mut().find(|(known, _)| *known == reg) {
                    add_taint(&mut register.taint, &from.taint);
                }
            }
            (EdgeKind::Data, kind, Some(to)) if kind.writes() => {
                self.data.extend(sources.filter(|source| *source != to).map(|source| (source, to)));
            }
            (EdgeKind::Ctrl, kind, Some(to)) if kind.is_memory() => {
                self.ctrl.extend(sources.filter(|source| *source != to).map(|source| (source, to)));
            }
            _ => {}
        }
    }
}
