//! From a parsed test to a program with its initial state.

use crate::types::{Shape, shape};
use crate::{Model, feature};
use execution::micro::{Program, Reg};
use execution::{InitialMemory, SymbolId, Symbols, Value};
use isa::Isa;
use litmus::{Literal, Place, Test};
use smallvec::SmallVec;
use std::collections::BTreeMap;
use syntax::{Diagnostic, Span, has_errors};

/// A test made ready to run.
pub(crate) struct Prepared {
    pub(crate) language: Language,
    pub(crate) program: Program,
    pub(crate) symbols: Symbols,
    pub(crate) memory: InitialMemory,
    /// Initial values of each thread's registers.
    pub(crate) registers: Vec<Vec<(Reg, Value)>>,
    /// Declared shapes of globals.
    pub(crate) shapes: BTreeMap<SymbolId, Shape>,
    /// Declared shapes of registers.
    pub(crate) register_shapes: BTreeMap<(u16, Reg), Shape>,
    /// How states show vector registers of which the test names the lanes.
    pub(crate) views: BTreeMap<(u16, Reg), View>,
    /// What the scalars of objects are that are neither a scalar nor an array of scalars, in order of offset.
    pub(crate) parts: BTreeMap<SymbolId, Vec<Part>>,
    /// The memory of variables of threads that live there and not in their register.
    pub(crate) homes: BTreeMap<(u16, Reg), SymbolId>,
    /// What the program's own declarations initialise; the test's initial state comes first.
    pub(crate) declared_values: Vec<(Value, Value)>,
    /// Stacks of threads to which the test gives none.
    pub(crate) stacks: Vec<SymbolId>,
    /// The registers of each thread that have names of their own there: symbolic registers (without the `%`), locals.
    pub(crate) local_names: Vec<BTreeMap<String, Reg>>,
}

/// The lanes of a vector register.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// Its name with the lanes: `V0.4S`.
    pub(crate) name: String,
    /// How many lanes there are.
    pub(crate) count: u8,
    /// What each holds.
    pub(crate) shape: Shape,
}

impl View {
    /// The value of a lane.
    pub(crate) fn lane(&self, value: Value, index: u8) -> Value {
        match value {
            Value::Int(bits) => {
                let distance = u32::from(index) * u32::from(self.shape.width);
                Value::Int(bits.checked_shr(distance).unwrap_or(0)).masked(self.shape.width)
            }
            other => other,
        }
    }

    /// The value that has these lanes.
    pub(crate) fn join(&self, lanes: impl Iterator<Item = Value>) -> Value {
        let mut all = 0;
        for (index, lane) in lanes.enumerate() {
            let distance = index as u32 * u32::from(self.shape.width);
            all |= lane.masked_bits(self.shape.width).checked_shl(distance).unwrap_or(0);
        }
        Value::Int(all)
    }
}

/// A scalar inside an object.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// Distance from the start of the object, in bytes.
    pub(crate) offset: i64,
    /// Its shape.
    pub(crate) shape: Shape,
    /// What stands behind the object's name: `.next`, `[1].lock`.
    pub(crate) path: String,
}

/// What the program of a test is written in.
#[derive(Clone, Copy)]
pub(crate) enum Language {
    /// The instruction set of that name.
    Assembly(&'static dyn Isa),
    /// C.
    C,
}

impl Language {
    /// The word on the first line of tests, as `cat::predefined` knows it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Language::Assembly(isa) => isa.name(),
            Language::C => "C",
        }
    }
}

impl Prepared {
    /// A program whose initial state is not known yet.
    pub(crate) fn new(
        language: Language,
        program: Program,
        symbols: Symbols,
        local_names: Vec<BTreeMap<String, Reg>>,
    ) -> Prepared {
        Prepared {
            language,
            registers: vec![Vec::new(); program.threads.len()],
            program,
            symbols,
            memory: InitialMemory::default(),
            stacks: Vec::new(),
            shapes: BTreeMap::new(),
            register_shapes: BTreeMap::new(),
            views: BTreeMap::new(),
            parts: BTreeMap::new(),
            homes: BTreeMap::new(),
            declared_values: Vec::new(),
            local_names,
        }
    }

    /// The register that a test calls `name` in a thread.
    pub(crate) fn register(&self, thread: u32, name: &str) -> Option<Reg> {
        let local = |name: &str| self.local_names.get(thread as usize)?.get(name).copied();
        match self.language {
            Language::Assembly(isa) => isa.register(name).or_else(|| name.strip_prefix('%').and_then(local)),
            Language::C => local(name),
        }
    }

    /// The thread that uses the symbolic register `%x`, and the register that it stands for there.
    pub(crate) fn symbolic_register(&self, name: &str) -> Option<(u16, Reg)> {
        let name = name.strip_prefix('%').unwrap_or(name);
        if let Language::C = self.language {
            return None;
        }
        let mut threads = self.local_names.iter().enumerate();
        threads.find_map(|(thread, names)| Some((thread as u16, *names.get(name)?)))
    }

    /// The shape of a register's values.
    pub(crate) fn register_shape(&self, thread: u16, reg: Reg) -> Shape {
        let (width, signed) = match self.language {
            Language::Assembly(isa) => isa.default_register_type(reg),
            Language::C => (32, true),
        };
        let default = Shape { width, signed, cells: None };
        self.register_shapes.get(&(thread, reg)).copied().unwrap_or(default)
    }

    /// The lanes that a test names of a register.
    pub(crate) fn view(&self, name: &str) -> Option<View> {
        let Language::Assembly(isa) = self.language else { return None };
        let (count, width) = isa.register_lanes(name)?;
        let shape = Shape { width, signed: true, cells: None };
        Some(View { name: name.to_ascii_uppercase(), count, shape })
    }

    /// The shape of a global's values, or of its cells.
    pub(crate) fn shape(&self, symbol: SymbolId) -> Shape {
        self.shapes.get(&symbol).copied().unwrap_or(Shape::INT)
    }

    /// The addresses of an object's scalars, with their shapes.
    pub(crate) fn cells(&self, symbol: SymbolId) -> SmallVec<[(Value, Shape); 1]> {
        if let Some(parts) = self.parts.get(&symbol) {
            let cell = |part: &Part| (Value::Addr { symbol, offset: part.offset }, part.shape);
            return parts.iter().map(cell).collect();
        }
        let shape = self.shape(symbol);
        let cell = Shape { cells: None, ..shape };
        if shape.cells.is_none() {
            return SmallVec::from_buf([(Value::addr(symbol), cell)]);
        }
        (0..shape.cells.unwrap_or(1)).map(|index| (self.cell(symbol, index), cell)).collect()
    }

    /// The address of a cell.
    pub(crate) fn cell(&self, symbol: SymbolId, index: u64) -> Value {
        let part = self.parts.get(&symbol).and_then(|parts| {
            let path = format!("[{index}]");
            parts.iter().find(|part| part.path.starts_with(&path))
        });
        let offset = match part {
            Some(part) => part.offset,
            None => self.shape(symbol).bytes().wrapping_mul(index as i64),
        };
        Value::Addr { symbol, offset }
    }

    /// The address of a member as a test writes it, such as `list.next`.
    pub(crate) fn member(&self, name: &str) -> Option<Value> {
        let dots = name.char_indices().filter(|(_, letter)| *letter == '.');
        dots.map(|(at, _)| name.split_at(at)).find_map(|(object, path)| {
            let symbol = self.symbols.find(object)?;
            let part = self.parts.get(&symbol)?.iter().find(|part| part.path == path)?;
            Some(Value::Addr { symbol, offset: part.offset })
        })
    }

    /// How the address of a part of an object prints.
    pub(crate) fn part_name(&self, symbol: SymbolId, offset: i64) -> String {
        let name = self.symbols.name(symbol);
        let part = self.parts.get(&symbol).and_then(|parts| parts.iter().find(|part| part.offset == offset));
        part.map_or_else(|| format!("{name}{offset:+}"), |part| format!("{name}{}", part.path))
    }

    /// The shape of the scalar at an address.
    pub(crate) fn shape_at(&self, address: Value) -> Shape {
        let Value::Addr { symbol, offset } = address else { return Shape::INT };
        let part = self.parts.get(&symbol).and_then(|parts| parts.iter().find(|part| part.offset == offset));
        part.map_or_else(|| Shape { cells: None, ..self.shape(symbol) }, |part| part.shape)
    }

    /// A number of a test: its bits, of which those that are too many are to be cut.
    pub(crate) fn integer(&self, number: i128) -> Value {
        Value::Int(number as u128)
    }

    /// The value that a literal stands for.
    pub(crate) fn value(&mut self, literal: &Literal, span: Span) -> Result<Value, Diagnostic> {
        Ok(match literal {
            Literal::Int(int) => self.integer(int.value),
            Literal::Name(name) => Value::addr(self.symbols.intern(name)),
            Literal::Cell { name, index } => {
                let symbol = self.symbols.intern(name);
                self.cell(symbol, *index)
            }
            Literal::Offset { name, offset } => {
                Value::Addr { symbol: self.symbols.intern(name), offset: *offset as i64 }
            }
            Literal::Label { thread, name } => self.label(*thread, name, span)?,
            Literal::Instruction(text) => crate::assembly::instruction(self, text, span)?,
            other => {
                let message = format!("values such as `{other}` are not supported yet");
                let message = feature::named(message, feature::of_literal(other));
                return Err(Diagnostic::error("turnsole::unsupported-value", span, message));
            }
        })
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
pub(crate) fn prepare(
    test: &Test,
    model: &Model,
    variants: &[String],
    cache: &mut isa::Cache,
) -> (Option<Prepared>, Vec<Diagnostic>) {
    let arch = arch_name(test);
    let (program, mut diagnostics) = match (isa::by_name(arch), &test.program) {
        (Some(isa), litmus::Program::Asm(columns)) => {
            crate::assembly::read(test, isa, columns, model.bell(), cache)
        }
        (None, litmus::Program::C(program)) => crate::c::read(test, program, model, variants),
        (Some(_), _) => {
            let message = format!("the program is not in {arch} assembly");
            let unsupported = Diagnostic::error("turnsole::unsupported-language", test.name_span, message);
            return (None, vec![unsupported]);
        }
        (None, _) => {
            let known: Vec<&str> = isa::ALL.iter().map(|isa| isa.name()).chain(["C"]).collect();
            let message = format!("tests in {arch} are not supported yet");
            let help = format!("supported are {}", known.join(", "));
            let unsupported = Diagnostic::error("turnsole::unsupported-language", test.name_span, message);
            return (None, vec![unsupported.with_help(help)]);
        }
    };
    let Some(mut prepared) = program.filter(|_| !has_errors(&diagnostics)) else {
        return (None, diagnostics);
    };
    initial_state(test, &mut prepared, &mut diagnostics);
    crate::stack::give(&mut prepared);
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
        LoongArch => "LoongArch",
        Mips => "MIPS",
        Ppc => "PPC",
        Riscv => "RISCV",
        S390x => "S390X",
        X86 => "X86",
        X86_64 => "X86_64",
    }
}

fn initial_state(test: &Test, prepared: &mut Prepared, diagnostics: &mut Vec<Diagnostic>) {
    // Types first: the address of a cell depends on the width of its array's cells, declared before or after.
    // Those of C are known already.
    if let Language::Assembly(_) = prepared.language {
        for binding in &test.init {
            if let (Some(ty), Place::Mem(name)) = (&binding.ty, &binding.place) {
                let symbol = prepared.symbols.intern(name);
                prepared.shapes.insert(symbol, shape(ty));
            }
        }
    }
    for binding in &test.init {
        if let Err(diagnostic) = bind(binding, prepared) {
            diagnostics.push(diagnostic);
        }
    }
    if has_errors(diagnostics) {
        return;
    }
    if let Language::Assembly(_) = prepared.language {
        crate::assembly::code_as_memory(prepared);
    }
    let entries = crate::stack::table_entries(prepared).into_iter();
    prepared.memory.locations.extend(entries.map(|(entry, address)| (Value::addr(entry), address)));
    let declared = std::mem::take(&mut prepared.declared_values);
    prepared.memory.locations.extend(declared);
    // Whatever is named has a place in memory.
    for i in 0..prepared.symbols.names().len() {
        let cells = prepared.cells(SymbolId(i as u32));
        prepared.memory.locations.extend(cells.into_iter().map(|(address, _)| (address, Value::ZERO)));
    }
    // Of several entries for an address the first wins: those with values come first.
    prepared.memory.locations.sort_by_key(|(address, _)| *address);
    prepared.memory.locations.dedup_by_key(|(address, _)| *address);
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
            let width = register_width(prepared, name);
            let undeclared = if let Language::C = prepared.language { 64 } else { width };
            let width = declared.map_or(undeclared, |shape| shape.width).min(width);
            if let (Some(view), Some(Literal::Vector(literals))) = (prepared.view(name), &binding.value) {
                let value = vector(&view, literals, binding.span, prepared)?;
                prepared.registers[*thread as usize].push((reg, value));
            } else if let Some(literal) = &binding.value {
                if let Some(home) = prepared.homes.get(&(*thread as u16, reg)) {
                    return set_memory(*home, std::slice::from_ref(literal), binding.span, prepared);
                }
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
                    let width = declared.map_or(64, |shape| shape.width);
                    let value = prepared.value(literal, binding.span)?.masked(width);
                    prepared.registers[thread as usize].push((reg, value));
                }
            }
        }
        Place::Mem(name) => {
            let symbol = prepared.symbols.intern(name);
            let literals = match &binding.value {
                None => &[],
                Some(Literal::Vector(values)) => &values[..],
                Some(literal) => std::slice::from_ref(literal),
            };
            set_memory(symbol, literals, binding.span, prepared)?;
        }
        other => {
            let message = format!("initial states of `{other}` are not supported yet");
            let message = feature::named(message, feature::of_place(other));
            return Err(Diagnostic::error("turnsole::unsupported-place", binding.span, message));
        }
    }
    Ok(())
}

/// The value of a vector register.
pub(crate) fn vector(
    view: &View,
    literals: &[Literal],
    span: Span,
    prepared: &mut Prepared,
) -> Result<Value, Diagnostic> {
    if literals.len() != usize::from(view.count) {
        let message =
            format!("`{}` has {} lanes, and there are {} values", view.name, view.count, literals.len());
        return Err(Diagnostic::error("turnsole::size-mismatch", span, message));
    }
    let mut lanes = Vec::with_capacity(literals.len());
    for literal in literals {
        lanes.push(prepared.value(literal, span)?);
    }
    Ok(view.join(lanes.into_iter()))
}

/// Initialises the scalars of an object, in order.
fn set_memory(
    symbol: SymbolId,
    literals: &[Literal],
    span: Span,
    prepared: &mut Prepared,
) -> Result<(), Diagnostic> {
    let cells = prepared.cells(symbol);
    let last = cells.last().map_or(Shape::INT, |(_, shape)| *shape);
    for (index, literal) in literals.iter().enumerate() {
        let (address, shape) =
            cells.get(index).copied().unwrap_or_else(|| (prepared.cell(symbol, index as u64), last));
        let value = prepared.value(literal, span)?.masked(shape.width);
        prepared.memory.locations.push((address, value));
    }
    Ok(())
}

/// The bits that a register of that name shows.
fn register_width(prepared: &Prepared, name: &str) -> u8 {
    match prepared.language {
        Language::Assembly(isa) => isa.register_width(name),
        Language::C => 128,
    }
}

pub(crate) fn unknown_register(prepared: &Prepared, name: &str, span: Span) -> Diagnostic {
    let message = match prepared.language {
        Language::Assembly(isa) => format!("`{name}` is no register of {}", isa.name()),
        Language::C => format!("the thread has no variable `{name}`"),
    };
    let known = prepared.program.registers.iter();
    Diagnostic::error("turnsole::unknown-register", span, message).with_suggestion(name, known)
}
