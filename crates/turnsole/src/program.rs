//! From a parsed test to a program with its initial state.

use crate::types::{Shape, shape};
use execution::micro::{Names, Program, Reg};
use execution::{InitialMemory, SymbolId, Symbols, Value};
use isa::Isa;
use litmus::{Literal, Place, Test};
use std::collections::BTreeMap;
use syntax::{Diagnostic, Span, has_errors};

/// How many instructions one thread may have.
const MAX_INSTRUCTIONS: usize = 20_000;

/// A test made ready to run.
pub(crate) struct Prepared {
    pub(crate) isa: &'static dyn Isa,
    pub(crate) program: Program,
    pub(crate) symbols: Symbols,
    pub(crate) memory: InitialMemory,
    /// Initial values of each thread's registers.
    pub(crate) registers: Vec<Vec<(Reg, Value)>>,
    /// Declared shapes of globals.
    pub(crate) shapes: BTreeMap<SymbolId, Shape>,
    /// Declared shapes of registers.
    pub(crate) register_shapes: BTreeMap<(u16, Reg), Shape>,
    /// What `%x` stands for in each thread.
    pub(crate) symbolic: Vec<BTreeMap<String, Reg>>,
}

impl Prepared {
    /// The register that a test calls `name` in a thread.
    pub(crate) fn register(&self, thread: u32, name: &str) -> Option<Reg> {
        let symbolic = || self.symbolic.get(thread as usize)?.get(name.strip_prefix('%')?).copied();
        self.isa.register(name).or_else(symbolic)
    }

    /// The thread that uses the symbolic register `%x`, and the register that it stands for there.
    pub(crate) fn symbolic_register(&self, name: &str) -> Option<(u16, Reg)> {
        let name = name.strip_prefix('%').unwrap_or(name);
        let mut threads = self.symbolic.iter().enumerate();
        threads.find_map(|(thread, names)| Some((thread as u16, *names.get(name)?)))
    }

    /// The shape of a register's values.
    pub(crate) fn register_shape(&self, thread: u16, reg: Reg) -> Shape {
        let (width, signed) = self.isa.default_register_type();
        let default = Shape { width, signed, cells: None };
        self.register_shapes.get(&(thread, reg)).copied().unwrap_or(default)
    }

    /// The shape of a global's values, or of its cells.
    pub(crate) fn shape(&self, symbol: SymbolId) -> Shape {
        self.shapes.get(&symbol).copied().unwrap_or(Shape::INT)
    }

    /// The address of a cell.
    pub(crate) fn cell(&self, symbol: SymbolId, index: u64) -> Value {
        let offset = self.shape(symbol).bytes().wrapping_mul(index as i64);
        Value::Addr { symbol, offset }
    }

    /// The value that a literal stands for.
    pub(crate) fn value(&mut self, literal: &Literal, span: Span) -> Result<Value, Diagnostic> {
        Ok(match literal {
            Literal::Int(int) => Value::int(int.value as i64),
            Literal::Name(name) => Value::addr(self.symbols.intern(name)),
            Literal::Cell { name, index } => {
                let symbol = self.symbols.intern(name);
                self.cell(symbol, *index)
            }
            Literal::Offset { name, offset } => {
                Value::Addr { symbol: self.symbols.intern(name), offset: *offset as i64 }
            }
            Literal::Label { thread, name } => self.label(*thread, name, span)?,
            Literal::Instruction(text) => self.instruction(text, span)?,
            other => {
                let message = format!("values such as `{other}` are not supported yet");
                return Err(Diagnostic::error("turnsole::unsupported-value", span, message));
            }
        })
    }

    fn instruction(&mut self, text: &str, span: Span) -> Result<Value, Diagnostic> {
        let cell = isa::Cell { text, span };
        let (thread, diagnostics) =
            isa::assemble(self.isa, std::iter::once(cell), &mut self.symbols, &BTreeMap::new());
        match thread.code.first() {
            Some(instruction) => Ok(Value::Instruction(self.symbols.intern_instruction(&instruction.text))),
            None => {
                let unknown = Diagnostic::error("isa::unknown-instruction", span, "not an instruction");
                Err(diagnostics.into_iter().next().unwrap_or(unknown))
            }
        }
    }

    fn label(&self, thread: u32, name: &str, span: Span) -> Result<Value, Diagnostic> {
        let labels =
            self.program.threads.get(thread as usize).map(|thread| &thread.labels[..]).unwrap_or_default();
        match labels.iter().find(|(label, _)| label == name) {
            Some((_, index)) => Ok(Value::Code { thread: thread as u16, index: *index }),
            None => {
                let message = format!("there is no label `{name}` in thread {thread}");
                let known = labels.iter().map(|(label, _)| label.as_str());
                Err(Diagnostic::error("turnsole::undefined-label", span, message)
                    .with_suggestion(name, known))
            }
        }
    }
}

/// Prepares a test; with errors there is nothing.
pub(crate) fn prepare(test: &Test) -> (Option<Prepared>, Vec<Diagnostic>) {
    let arch = arch_name(test);
    let Some(isa) = isa::by_name(arch) else {
        let known: Vec<&str> = isa::ALL.iter().map(|isa| isa.name()).collect();
        let message = format!("tests in {arch} are not supported yet");
        let help = format!("supported are {}", known.join(", "));
        return (
            None,
            vec![
                Diagnostic::error("turnsole::unsupported-language", test.name_span, message).with_help(help),
            ],
        );
    };
    let litmus::Program::Asm(columns) = &test.program else {
        let message = format!("the program is not in {arch} assembly");
        return (None, vec![Diagnostic::error("turnsole::unsupported-language", test.name_span, message)]);
    };
    let mut symbols = Symbols::new();
    let mut diagnostics = Vec::new();
    let mut threads = Vec::new();
    let mut symbolic = Vec::new();
    for column in columns {
        if column.handler {
            let message = "fault handlers are not supported yet";
            diagnostics.push(Diagnostic::error("turnsole::unsupported-handler", column.span, message));
            continue;
        }
        if column.cells.iter().filter(|cell| !cell.text.is_empty()).count() > MAX_INSTRUCTIONS {
            let message = format!("thread {} has more than {MAX_INSTRUCTIONS} instructions", column.id);
            diagnostics.push(Diagnostic::error("turnsole::too-many-instructions", column.span, message));
            continue;
        }
        let names = symbolic_registers(test, column, isa);
        let cells = column.cells.iter().map(|cell| isa::Cell { text: &cell.text, span: cell.span });
        let (thread, more) = isa::assemble(isa, cells, &mut symbols, &names);
        diagnostics.extend(more);
        threads.push(thread);
        symbolic.push(names);
    }
    if has_errors(&diagnostics) {
        return (None, diagnostics);
    }
    let count = threads.len();
    let program =
        Program { threads, registers: Names::Static(isa.registers()), tags: Names::Static(isa.tags()) };
    let mut prepared = Prepared {
        isa,
        program,
        symbols,
        memory: InitialMemory::default(),
        registers: vec![Vec::new(); count],
        shapes: BTreeMap::new(),
        register_shapes: BTreeMap::new(),
        symbolic,
    };
    initial_state(test, &mut prepared, &mut diagnostics);
    (Some(prepared).filter(|_| !has_errors(&diagnostics)), diagnostics)
}

/// The word on the test's first line.
pub(crate) fn arch_name(test: &Test) -> &'static str {
    use litmus::Arch::*;
    match test.arch {
        AArch64 => "AArch64",
        Arm => "ARM",
        Asl => "ASL",
        Bpf => "BPF",
        C => "C",
        Cpp => "CPP",
        Java => "JAVA",
        Lisa => "LISA",
        Mips => "MIPS",
        Ppc => "PPC",
        Riscv => "RISCV",
        X86 => "X86",
        X86_64 => "X86_64",
    }
}

/// Gives each `%x` of a thread a register that the thread does not use otherwise.
fn symbolic_registers(test: &Test, column: &litmus::Thread, isa: &dyn Isa) -> BTreeMap<String, Reg> {
    let mut names: Vec<String> = Vec::new();
    let mut used: Vec<Reg> = Vec::new();
    let mut see = |word: &str| match (isa.register(word), word.find('%')) {
        (Some(reg), _) => used.push(reg),
        (None, Some(at)) if !names.iter().any(|known| *known == word[at + 1..]) => {
            names.push(word[at + 1..].to_owned());
        }
        _ => {}
    };
    if !column.cells.iter().any(|cell| cell.text.contains('%')) {
        return BTreeMap::new();
    }
    for binding in &test.init {
        match &binding.place {
            Place::Reg { thread, name } if *thread == column.id => see(name),
            _ => {}
        }
    }
    for cell in &column.cells {
        let words = cell.text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '%' || c == '_'));
        words.filter(|word| !word.is_empty()).for_each(&mut see);
    }
    let free = isa.general_registers().filter(|reg| !used.contains(reg));
    names.into_iter().zip(free).collect()
}

fn initial_state(test: &Test, prepared: &mut Prepared, diagnostics: &mut Vec<Diagnostic>) {
    // Types first: the address of a cell depends on the width of its array's cells, declared before or after.
    for binding in &test.init {
        if let (Some(ty), Place::Mem(name)) = (&binding.ty, &binding.place) {
            let symbol = prepared.symbols.intern(name);
            prepared.shapes.insert(symbol, shape(ty));
        }
    }
    for binding in &test.init {
        if let Err(diagnostic) = bind(binding, prepared) {
            diagnostics.push(diagnostic);
        }
    }
    code_as_memory(prepared);
    // Whatever is named has a place in memory.
    for i in 0..prepared.symbols.names().len() {
        let symbol = SymbolId(i as u32);
        let cells = prepared.shape(symbol).cells.unwrap_or(1);
        for index in 0..cells {
            let address = prepared.cell(symbol, index);
            prepared.memory.locations.push((address, Value::ZERO));
        }
    }
    // Of several entries for an address the first wins: those with values come first.
    prepared.memory.locations.sort_by_key(|(address, _)| *address);
    prepared.memory.locations.dedup_by_key(|(address, _)| *address);
}

/// Instructions at labels can be loaded and stored like any other value.
fn code_as_memory(prepared: &mut Prepared) {
    for (number, thread) in prepared.program.threads.iter().enumerate() {
        for (_, index) in thread.labels.iter().filter(|(name, _)| !name.starts_with('.')) {
            let Some(instruction) = thread.code.get(*index as usize) else { continue };
            let text = with_relative_target(&instruction.text, *index, &thread.labels);
            let id = prepared.symbols.intern_instruction(&text);
            let address = Value::Code { thread: number as u16, index: *index };
            prepared.memory.locations.push((address, Value::Instruction(id)));
        }
    }
}

/// A branch as a value names its target by distance: `B L1` two instructions before `L1` is `B .+8`.
fn with_relative_target(text: &str, at: u32, labels: &[(String, u32)]) -> String {
    let start = text.rfind([' ', ',']).map_or(text.len(), |space| space + 1);
    match labels.iter().find(|(name, _)| *name == text[start..]) {
        Some((_, target)) => {
            let distance = (i64::from(*target) - i64::from(at)) * 4;
            format!("{}.{distance:+}", &text[..start])
        }
        None => text.to_owned(),
    }
}

/// How many cells an array may have.
const MAX_CELLS: u64 = 4096;

fn bind(binding: &litmus::Binding, prepared: &mut Prepared) -> Result<(), Diagnostic> {
    let declared = binding.ty.as_ref().map(shape);
    if declared.is_some_and(|shape| shape.cells.is_some_and(|cells| cells > MAX_CELLS)) {
        let message = format!("an array of more than {MAX_CELLS} cells");
        return Err(Diagnostic::error("turnsole::too-large", binding.span, message));
    }
    match &binding.place {
        Place::Reg { thread, name } => {
            let Some(reg) = prepared.register(*thread, name) else {
                return Err(unknown_register(prepared, name, binding.span));
            };
            if *thread as usize >= prepared.registers.len() {
                let message = format!("there is no thread {thread}");
                return Err(Diagnostic::error("turnsole::unknown-thread", binding.span, message));
            }
            if let Some(shape) = declared {
                prepared.register_shapes.insert((*thread as u16, reg), shape);
            }
            let width = declared.map_or(64, |shape| shape.width).min(prepared.isa.register_width(name));
            if let Some(literal) = &binding.value {
                let value = prepared.value(literal, binding.span)?.masked(width);
                prepared.registers[*thread as usize].push((reg, value));
            }
        }
        Place::SymbolicReg(name) => {
            // A symbolic register that no thread uses holds nothing that matters.
            if let Some((thread, reg)) = prepared.symbolic_register(name) {
                if let Some(shape) = declared {
                    prepared.register_shapes.insert((thread, reg), shape);
                }
                if let Some(literal) = &binding.value {
                    let value = prepared.value(literal, binding.span)?;
                    prepared.registers[thread as usize].push((reg, value));
                }
            }
        }
        Place::Mem(name) => {
            let symbol = prepared.symbols.intern(name);
            let width = declared.unwrap_or(Shape::INT).width;
            match &binding.value {
                None => {}
                Some(Literal::Vector(values)) => {
                    for (index, literal) in values.iter().enumerate() {
                        let value = prepared.value(literal, binding.span)?.masked(width);
                        let address = prepared.cell(symbol, index as u64);
                        prepared.memory.locations.push((address, value));
                    }
                }
                Some(literal) => {
                    let value = prepared.value(literal, binding.span)?.masked(width);
                    prepared.memory.locations.push((Value::addr(symbol), value));
                }
            }
        }
        other => {
            let message = format!("initial states of `{other}` are not supported yet");
            return Err(Diagnostic::error("turnsole::unsupported-place", binding.span, message));
        }
    }
    Ok(())
}

pub(crate) fn unknown_register(prepared: &Prepared, name: &str, span: Span) -> Diagnostic {
    let message = format!("`{name}` is no register of {}", prepared.isa.name());
    let known = prepared.isa.registers().iter().copied();
    Diagnostic::error("turnsole::unknown-register", span, message).with_suggestion(name, known)
}
