//! Programs in assembly: columns of instructions, symbolic registers, code as memory.

use crate::groups;
use crate::program::{Language, Prepared};
use crate::types::shape;
use cat::bell::Bell;
use execution::micro::{Names, Program, Reg, Thread};
use execution::{Symbols, Value};
use isa::Isa;
use litmus::{Place, Test};
use std::collections::BTreeMap;
use syntax::{Diagnostic, Span, has_errors};

/// How many instructions one thread may have.
const MAX_INSTRUCTIONS: usize = 20_000;

/// Reads the columns of a test.
pub(crate) fn read(
    test: &Test,
    isa: &'static dyn Isa,
    columns: &[litmus::Thread],
    bell: Option<&Bell>,
    cache: &mut isa::Cache,
) -> (Option<Prepared>, Vec<Diagnostic>) {
    let isa = isa.wide().filter(|(bits, _)| declares_wide(test, *bits)).map_or(isa, |(_, wide)| wide);
    let mut symbols = Symbols::new();
    let mut diagnostics = Vec::new();
    let mut threads = Vec::new();
    let mut symbolic = Vec::new();
    let mut annotations = groups::defaults(bell);
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
        let (thread, more) =
            isa::assemble_annotated(isa, cells, &mut symbols, &names, &mut annotations, cache);
        diagnostics.extend(more);
        threads.push(thread);
        symbolic.push(names);
    }
    let mut more_tags = std::mem::take(&mut annotations.sets);
    if annotations.overflow {
        let message = "there are more annotations than events can carry";
        diagnostics.push(Diagnostic::error("turnsole::too-large", test.name_span, message));
    }
    if let Some(bell) = bell.filter(|_| !annotations.instructions.is_empty()) {
        let text = |span: Span| instruction_text(&threads, span);
        diagnostics.extend(groups::check(&annotations, bell, &text));
    }
    if !test.sections.is_empty() {
        let base = isa.tags().len() + more_tags.len();
        more_tags.extend(groups::mark(test, bell, &mut threads, base, &mut diagnostics));
    }
    if has_errors(&diagnostics) {
        return (None, diagnostics);
    }
    let tags = match more_tags[..] {
        [] => Names::Static(isa.tags()),
        _ => Names::Owned(isa.tags().iter().map(|&tag| tag.to_owned()).chain(more_tags).collect()),
    };
    let program = Program { threads, registers: Names::Static(isa.registers()), tags };
    (Some(Prepared::new(Language::Assembly(isa), program, symbols, symbolic)), diagnostics)
}

/// The canonical text of the instruction at a place.
fn instruction_text(threads: &[Thread], span: Span) -> String {
    let mut code = threads.iter().flat_map(|thread| &thread.code);
    code.find(|instruction| instruction.span == span).map_or_else(String::new, |found| found.text.to_string())
}

/// Whether something in memory is declared to have more than that many bits.
fn declares_wide(test: &Test, bits: u8) -> bool {
    let wide = |ty: &litmus::Type| ty.pointers == 0 && shape(ty).width > bits;
    test.init
        .iter()
        .any(|binding| matches!(binding.place, Place::Mem(_)) && binding.ty.as_ref().is_some_and(wide))
}

/// The instruction that a text stands for, as a value.
pub(crate) fn instruction(prepared: &mut Prepared, text: &str, span: Span) -> Result<Value, Diagnostic> {
    let unknown = || Diagnostic::error("isa::unknown-instruction", span, "not an instruction");
    let Language::Assembly(isa) = prepared.language else { return Err(unknown()) };
    let cell = isa::Cell { text, span };
    let (thread, diagnostics) =
        isa::assemble(isa, std::iter::once(cell), &mut prepared.symbols, &BTreeMap::new());
    match thread.code.first() {
        Some(instruction) => Ok(Value::Instruction(prepared.symbols.intern_instruction(&instruction.text))),
        None => Err(diagnostics.into_iter().next().unwrap_or_else(unknown)),
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
        let words = cell.text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '%' | '_' | '$')));
        words.filter(|word| !word.is_empty()).for_each(&mut see);
    }
    let free = isa.general_registers().filter(|reg| !used.contains(reg));
    names.into_iter().zip(free).collect()
}

/// Instructions at labels can be loaded and stored like any other value.
pub(crate) fn code_as_memory(prepared: &mut Prepared) {
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
