//! From the checked tree to micro-operations.
//!
//! Source: ISO/IEC 9899:2018 for what expressions and statements mean; the events of atomic operations are those that
//! herd7 makes, so that models written for it see what they expect.
//!
//! One full expression is one instruction: its accesses are unordered but for the flow of values. Sequence points split
//! it (see [`effects`]); what was computed before is kept in hidden registers.
//!
//! Deviations:
//! 1. Integers wrap: signed overflow is defined, as the kernel has it. Division by zero and shifts by a distance that is
//!    negative or too large are errors of the executions that get there.
//! 2. Operands whose evaluation takes several instructions are evaluated first, in order; C allows any order.
//! 3. What is not initialised is 0.
//! 4. Plain accesses to atomic variables are plain accesses, as in herd7; in C11 they are `memory_order_seq_cst`.
//!    Updates (`x += 1`, `x++`) of C11's atomic variables are atomic.

mod atomic;
mod code;
mod effects;
mod expr;
mod joins;
mod number;
mod stmt;
mod tags;
#[cfg(test)]
mod tests;

pub use tags::{TAGS, annotation_set, common_tags};

use super::ast::{ExprId, Function, FunctionId, Local, Unit};
use super::types::{Scalar, TypeId};
use code::Code;
use execution::micro::{LabelId, Names, Program, Reg, Tags};
use execution::{SymbolId, Symbols, Value};
use std::sync::Arc;
use syntax::{Diagnostic, Span};

/// How deep expressions and statements, macros and calls of helper functions may be nested.
const MAX_NESTING: u32 = 600;

/// How atomic updates of the kernel's dialect make events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KernelUpdates {
    /// herd7's `lkmmv1`: a fully ordered update has a fence on each side; accesses get what their half is worth.
    #[default]
    Fences,
    /// herd7's `lkmmv2`: both halves carry the annotation, and the model says what it is worth.
    Tags,
}

/// What decides how a program is lowered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings<'a> {
    /// How updates of the kernel's dialect make events.
    pub kernel_updates: KernelUpdates,
    /// Whether updates of C11 are a read and a write instead of one event (herd7's `normw`).
    pub split_updates: bool,
    /// The tags that all tests have, by name; those of C alone if there is nothing here.
    pub tags: Option<&'a Arc<Vec<String>>>,
    /// Names of variables that the threads should have even if they are declared nowhere; they hold zero.
    pub extra_names: &'a [&'a str],
}

/// A variable of a thread that tests can name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: TypeId,
    /// Its register. A variable in memory has one, too, that is never written: it gives the place among the others.
    pub reg: Reg,
    /// The private memory that holds it, if it is not the register.
    pub memory: Option<SymbolId>,
}

/// A program in micro-operations.
#[derive(Clone, Debug, Default)]
pub struct Lowered {
    /// The program.
    pub program: Program,
    /// The variables of each thread that tests can name.
    pub variables: Vec<Vec<Variable>>,
    /// Private memory of the threads and its types.
    pub private: Vec<(SymbolId, TypeId)>,
}

/// Lowers a test. Globals get their symbols by name. With errors there is nothing.
pub fn lower(
    unit: &Unit,
    settings: &Settings<'_>,
    symbols: &mut Symbols,
) -> (Option<Lowered>, Vec<Diagnostic>) {
    let span = unit.threads.first().map_or(Span::default(), |thread| thread.span);
    let Some(tags) = tags::Table::new(settings, &unit.annotations) else {
        let message = "the test and its bell file have too many annotations";
        return (None, vec![Diagnostic::error("c::too-complex", span, message)]);
    };
    let globals = unit.globals.iter().map(|global| symbols.intern(&global.name)).collect();
    let names = variable_names(unit, settings);
    if names.len() > usize::from(u16::MAX / 4) {
        let diagnostic = Diagnostic::error("c::too-complex", span, "the test has too many variables");
        return (None, vec![diagnostic]);
    }
    let mut lower = Lower {
        unit,
        symbols,
        globals,
        fixed: Fixed::new(&tags),
        tags,
        split_updates: settings.split_updates,
        kernel_updates: settings.kernel_updates,
        effects: effects::Table::new(unit),
        thread: 0,
        code: Code::default(),
        frames: Vec::new(),
        first_hidden: names.len() as u16,
        hidden: 0,
        most_hidden: 0,
        calls: 0,
        depth: 0,
        private: Vec::new(),
        diagnostics: Vec::new(),
    };
    let mut lowered = Lowered::default();
    for (number, thread) in unit.threads.iter().enumerate() {
        let variables = lower.start(number, thread, &names);
        lower.function_body(thread);
        lowered.variables.push(variables);
        lowered.program.threads.push(std::mem::take(&mut lower.code).finish());
    }
    let mut registers: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    registers.extend((0..lower.most_hidden).map(|i| format!("#{i}")));
    lowered.program.registers = Names::Owned(registers);
    lowered.program.tags = Names::Shared(lower.tags.into_names());
    lowered.private = lower.private;
    let diagnostics = lower.diagnostics;
    (Some(lowered).filter(|_| !syntax::has_errors(&diagnostics)), diagnostics)
}

/// The names of all variables that tests can name, in string order.
fn variable_names<'a>(unit: &'a Unit, settings: &Settings<'a>) -> Vec<&'a str> {
    let locals = unit.threads.iter().flat_map(|thread| &thread.locals);
    let mut names: Vec<&str> =
        locals.filter(|local| local.visible).map(|local| local.name.as_str()).collect();
    names.extend(settings.extra_names);
    names.sort_unstable();
    names.dedup();
    names
}

/// Sets of events that many operations use.
#[derive(Clone, Copy, Debug)]
struct Fixed {
    plain: Tags,
    update: Tags,
}

impl Fixed {
    fn new(tags: &tags::Table) -> Fixed {
        Fixed { plain: tags.get("NA"), update: tags.all(&["RMW", "X"]) }
    }
}

/// Where a variable lives.
#[derive(Clone, Copy, Debug)]
enum Home {
    Register(Reg),
    Memory(SymbolId),
}

/// A function that is being executed, or was inlined.
struct Frame<'a> {
    /// `None` for the thread itself.
    id: Option<FunctionId>,
    locals: &'a [Local],
    homes: Vec<Home>,
    labels: Vec<LabelId>,
    /// Where the returned value goes, and where the function ends.
    result: Option<Reg>,
    end: LabelId,
    /// Where `break` goes in each loop and switch, innermost last.
    breaks: Vec<LabelId>,
    continues: Vec<LabelId>,
}

struct Lower<'a> {
    unit: &'a Unit,
    symbols: &'a mut Symbols,
    globals: Vec<SymbolId>,
    tags: tags::Table,
    fixed: Fixed,
    split_updates: bool,
    kernel_updates: KernelUpdates,
    effects: effects::Table,
    /// The thread's number.
    thread: usize,
    code: Code,
    frames: Vec<Frame<'a>>,
    /// The first register that no variable of a test has, how many of those the thread has, and the most that any had.
    first_hidden: u16,
    hidden: u16,
    most_hidden: u16,
    /// How many calls were inlined.
    calls: u32,
    depth: u32,
    private: Vec<(SymbolId, TypeId)>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Lower<'a> {
    /// Begins a thread; returns the variables that tests can name.
    fn start(&mut self, number: usize, thread: &'a Function, names: &[&str]) -> Vec<Variable> {
        self.thread = number;
        (self.hidden, self.calls) = (0, 0);
        self.frames.clear();
        let mut variables: Vec<Variable> = Vec::new();
        let mut homes = Vec::with_capacity(thread.locals.len());
        for local in &thread.locals {
            let name = if local.visible { names.binary_search(&local.name.as_str()).ok() } else { None };
            let home = match name {
                _ if local.address_taken => {
                    let known = variables.iter().any(|known| known.name == local.name);
                    let copy = if known || !local.visible { homes.len() } else { 0 };
                    self.private_memory(&local.name, copy, local.ty)
                }
                Some(at) => Home::Register(Reg(at as u16)),
                None => Home::Register(self.hidden_register()),
            };
            homes.push(home);
            let Some(at) = name else { continue };
            let memory = match home {
                Home::Memory(symbol) => Some(symbol),
                Home::Register(_) => None,
            };
            if !variables.iter().any(|known| known.name == local.name) {
                let variable =
                    Variable { name: local.name.clone(), ty: local.ty, reg: Reg(at as u16), memory };
                variables.push(variable);
            }
        }
        self.push_frame(None, thread, homes, None);
        variables
    }

    fn push_frame(
        &mut self,
        id: Option<FunctionId>,
        function: &'a Function,
        homes: Vec<Home>,
        result: Option<Reg>,
    ) {
        let mut labels = Vec::with_capacity(function.labels.len());
        for label in &function.labels {
            labels.push(self.code.new_label(label.name.as_deref().unwrap_or("case")));
        }
        let end = self.code.new_label("end");
        let (breaks, continues) = (Vec::new(), Vec::new());
        self.frames.push(Frame {
            id,
            locals: &function.locals,
            homes,
            labels,
            result,
            end,
            breaks,
            continues,
        });
    }

    /// Memory of the current thread for a variable of that name; `copy` tells those of one name apart.
    fn private_memory(&mut self, name: &str, copy: usize, ty: TypeId) -> Home {
        let mut full = format!("{}:{name}", self.thread);
        if copy > 0 {
            full.push_str(&format!("#{copy}"));
        }
        let symbol = self.symbols.intern(&full);
        self.private.push((symbol, ty));
        Home::Memory(symbol)
    }

    /// A register of the current thread that tests can't name.
    fn hidden_register(&mut self) -> Reg {
        let reg = Reg(self.first_hidden.saturating_add(self.hidden));
        self.hidden = self.hidden.saturating_add(1);
        self.most_hidden = self.most_hidden.max(self.hidden);
        reg
    }

    fn frame(&self) -> &Frame<'a> {
        &self.frames[self.frames.len() - 1]
    }

    fn frame_mut(&mut self) -> &mut Frame<'a> {
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    fn effects(&mut self, id: ExprId) -> effects::Effects {
        let locals = self.frame().locals;
        self.effects.get(self.unit, locals, id)
    }

    /// How values of a type are held; `int` for what has no values.
    fn scalar(&self, ty: TypeId) -> Scalar {
        self.unit.types.scalar(ty).unwrap_or(Scalar { bits: 32, signed: true })
    }

    fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        let is_known = self.diagnostics.iter().any(|known| known.code == code && known.span == span);
        if self.diagnostics.len() < 20 && !is_known {
            self.diagnostics.push(Diagnostic::error(code, span, message.into()));
        }
    }

    /// Runs `body` one level deeper; false if that is too deep.
    fn nested(&mut self, span: Span, body: impl FnOnce(&mut Self)) -> bool {
        if self.depth >= MAX_NESTING {
            self.error("c::too-complex", span, "macros, functions and expressions are nested too deep here");
            return false;
        }
        if self.code.is_full() {
            self.too_large(span);
            return false;
        }
        self.depth += 1;
        body(self);
        self.depth -= 1;
        true
    }

    /// Reports once that there is too much code.
    fn too_large(&mut self, span: Span) {
        if self.diagnostics.iter().all(|known| known.code != "c::too-complex") {
            self.error(
                "c::too-complex",
                span,
                "the thread is too large once macros and functions are expanded",
            );
        }
    }

    /// The address of a global.
    fn global(&self, id: super::ast::GlobalId) -> Value {
        self.globals.get(id.0 as usize).map_or(Value::ZERO, |symbol| Value::addr(*symbol))
    }
}
