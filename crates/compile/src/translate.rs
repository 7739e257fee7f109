//! From a test in the source language to one of the target.

use crate::mapping::{Language, Mapping};
use crate::places;
use crate::source::{self, Item, Label, Operand, Program, Unsupported, Virtual};
use crate::target::{Expander, Filling, Problem, ProblemKind};
use lang::c::Macros;
use litmus::{Arch, Binding, Cell, Literal, Place, Test, Thread};
use std::collections::{BTreeMap, BTreeSet};
use syntax::Span;

/// A test, cut into the instructions that mappings speak of. Any number of mappings can translate it.
#[derive(Clone, Debug)]
pub struct Source<'t> {
    test: &'t Test,
    language: Language,
    program: Program,
}

/// A test in the target's language.
#[derive(Clone, Debug)]
pub struct Translated {
    /// The test. It asks what the test of the source asks.
    pub test: Test,
    /// What states of the source call a register (`0:r1`), and what those of the target call it. What is not here has
    /// one name in both.
    pub columns: BTreeMap<String, String>,
    /// The instructions of the source that were translated, by name.
    pub used: Vec<String>,
}

/// Why a test is not translated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untranslated {
    /// What the reason is.
    pub reason: String,
    /// Where in the test.
    pub span: Span,
}

impl From<Unsupported> for Untranslated {
    fn from(unsupported: Unsupported) -> Untranslated {
        Untranslated { reason: unsupported.what, span: unsupported.span }
    }
}

/// Cuts a test of a language into instructions. `macros` are those of the kernel's C.
///
/// # Errors
/// What there is in the test that no mapping can say.
pub fn read<'t>(test: &'t Test, language: Language, macros: &Macros) -> Result<Source<'t>, Untranslated> {
    let fits = match language {
        Language::Bpf => test.arch == Arch::Bpf,
        Language::C11 | Language::Kernel => test.arch.is_c(),
    };
    if !fits {
        let reason = format!("the test is written in {}, not in {}", test.arch, language.word());
        return Err(Untranslated { reason, span: test.name_span });
    }
    let program = match language {
        Language::Bpf => source::bpf::program(test)?,
        Language::C11 => source::c::program(test, false, &Macros::default())?,
        Language::Kernel => source::c::program(test, true, macros)?,
    };
    Ok(Source { test, language, program })
}

impl Source<'_> {
    /// How large it is: threads, then instructions.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        let threads = &self.program.threads;
        (threads.len(), threads.iter().map(|thread| thread.items.len()).sum())
    }

    /// The language that it is written in.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// The same test, said by a mapping.
    ///
    /// # Errors
    /// What the mapping has no way to say.
    pub fn translate(&self, mapping: &Mapping) -> Result<Translated, Untranslated> {
        debug_assert_eq!(self.language, mapping.source);
        let mut used = Vec::new();
        let mut columns = Vec::new();
        let threads = self.program.threads.iter();
        let registers: Option<Vec<Assignment<'_>>> = threads.map(|thread| assign(thread, mapping)).collect();
        let registers = registers.ok_or_else(|| self.error(too_many(mapping)))?;
        for (number, registers) in (0..).zip(&registers) {
            columns.push(self.column(number, registers, mapping, &mut used)?);
        }
        let rows = columns.iter().map(|thread| thread.cells.len()).max().unwrap_or(0);
        for thread in &mut columns {
            thread.cells.resize(rows, Cell { text: String::new(), span: Span::default() });
        }
        used.sort_unstable();
        used.dedup();
        let test = self.test(columns, mapping, &registers)?;
        Ok(Translated { test, columns: self.names(mapping, &registers), used })
    }

    fn error(&self, reason: impl Into<String>) -> Untranslated {
        Untranslated { reason: reason.into(), span: self.test.name_span }
    }

    /// The code of a thread.
    fn column(
        &self,
        id: u32,
        registers: &Assignment<'_>,
        mapping: &Mapping,
        used: &mut Vec<String>,
    ) -> Result<Thread, Untranslated> {
        let thread = &self.program.threads[id as usize];
        let mut expander = Expander::new(mapping);
        let mut cells: Vec<Cell> = Vec::new();
        let mut pending = String::new();
        for item in &thread.items {
            match item {
                Item::Label(label) => pending += &format!("{}: ", name_of(*label)),
                Item::Instruction { name, operands, span } => {
                    let operands: Vec<Filling> =
                        operands.iter().map(|operand| fill(*operand, registers)).collect();
                    let mut lines = Vec::new();
                    expander
                        .expand(name, &operands, &mut lines)
                        .map_err(|problem| Untranslated { reason: reason(&problem, name), span: *span })?;
                    if !used.contains(name) {
                        used.push(name.clone());
                    }
                    for line in lines {
                        let text = std::mem::take(&mut pending) + &line.text;
                        // A label that a rule has behind its last instruction stands in front of what follows.
                        if text.ends_with(':') {
                            pending = text + " ";
                        } else {
                            cells.push(Cell { text, span: Span::default() });
                        }
                    }
                }
            }
        }
        if !pending.is_empty() {
            cells.push(Cell { text: pending.trim_end().to_owned(), span: Span::default() });
        }
        Ok(Thread { id, handler: false, annotations: Vec::new(), span: Span::default(), cells })
    }

    /// The whole test with other threads.
    fn test(
        &self,
        threads: Vec<Thread>,
        mapping: &Mapping,
        registers: &[Assignment<'_>],
    ) -> Result<Test, Untranslated> {
        let rename = |thread: u32, name: &str| {
            let known = self.program.threads.get(thread as usize)?.names.get(name)?;
            registers[thread as usize].get(&known.register).map(|name| (*name).to_owned())
        };
        let unknown = |place: Place| self.error(format!("`{}` is not translated", litmus_place(&place)));
        let mut condition = self.test.condition.clone();
        condition.prop = places::prop(&condition.prop, &rename).map_err(unknown)?;
        condition.kinds.clear();
        let filter = self.test.filter.as_ref().map(|prop| places::prop(prop, &rename));
        Ok(Test {
            arch: mapping.target,
            name: self.test.name.clone(),
            name_span: self.test.name_span,
            texname: None,
            doc: None,
            metadata: Vec::new(),
            remarks: Vec::new(),
            comments: Vec::new(),
            init: self.initial_state(registers, &rename).map_err(unknown)?,
            program: litmus::Program::Asm(threads),
            sections: Vec::new(),
            locations: places::observables(&self.test.locations, &rename).map_err(unknown)?,
            filter: filter.transpose().map_err(unknown)?,
            condition,
            tail: None,
        })
    }

    fn initial_state(
        &self,
        registers: &[Assignment<'_>],
        rename: &places::Rename<'_>,
    ) -> Result<Vec<Binding>, Place> {
        let mut all: Vec<Binding> = Vec::new();
        let span = self.test.name_span;
        for binding in &self.test.init {
            let mut binding = Binding { place: places::place(&binding.place, rename)?, ..binding.clone() };
            if let Place::Mem(name) = &binding.place
                && let Some(ty) = self.program.types.get(name)
            {
                binding.ty = Some(ty.clone());
            }
            all.push(binding);
        }
        for (name, ty) in &self.program.types {
            let place = Place::Mem(name.clone());
            let plain = ty.base == "int" && ty.pointers == 0;
            if !plain && !all.iter().any(|binding| binding.place == place) {
                all.push(Binding { ty: Some(ty.clone()), place, value: None, span });
            }
        }
        for ((thread, registers), number) in self.program.threads.iter().zip(registers).zip(0..) {
            for (register, location) in &thread.addresses {
                let Some(name) = registers.get(register) else { continue };
                let place = Place::Reg { thread: number, name: (*name).to_owned() };
                all.push(Binding { ty: None, place, value: Some(Literal::Name(location.clone())), span });
            }
            for named in thread.names.values() {
                let (Some(name), Some(ty)) = (registers.get(&named.register), &named.ty) else { continue };
                let place = Place::Reg { thread: number, name: (*name).to_owned() };
                match all.iter_mut().find(|binding| binding.place == place) {
                    Some(binding) => binding.ty = binding.ty.take().or_else(|| Some(ty.clone())),
                    None => all.push(Binding { ty: Some(ty.clone()), place, value: None, span }),
                }
            }
        }
        Ok(all)
    }

    /// What states call the registers.
    fn names(&self, mapping: &Mapping, registers: &[Assignment<'_>]) -> BTreeMap<String, String> {
        let isa = isa::by_name(mapping.target.word());
        let canonical = |name: &str| {
            let known = isa.and_then(|isa| Some(isa.registers()[isa.register(name)?.0 as usize]));
            known.unwrap_or(name).to_owned()
        };
        let mut names = BTreeMap::new();
        for ((thread, registers), number) in self.program.threads.iter().zip(registers).zip(0..) {
            for (name, named) in &thread.names {
                if let Some(register) = registers.get(&named.register) {
                    names.insert(format!("{number}:{name}"), format!("{number}:{}", canonical(register)));
                }
            }
        }
        names
    }
}

fn name_of(label: Label) -> String {
    format!("B{}", label.0)
}

/// The target's register for each register of a thread.
type Assignment<'m> = BTreeMap<Virtual, &'m str>;

/// Gives each register of a thread the one at its position in the mapping's list. Those behind the end of the list get
/// what the thread leaves free. `None` if there is too little.
fn assign<'m>(thread: &source::Thread, mapping: &'m Mapping) -> Option<Assignment<'m>> {
    let mut used: BTreeSet<Virtual> = thread.names.values().map(|named| named.register).collect();
    used.extend(thread.addresses.iter().map(|(register, _)| *register));
    for item in &thread.items {
        let Item::Instruction { operands, .. } = item else { continue };
        used.extend(operands.iter().filter_map(|operand| match operand {
            Operand::Register(register) => Some(*register),
            _ => None,
        }));
    }
    let listed = (0..).map(Virtual).zip(&mapping.registers);
    let mut free = listed.filter(|(register, _)| !used.contains(register));
    used.iter()
        .map(|register| {
            let own = mapping.registers.get(register.0 as usize);
            let name = own.or_else(|| free.next().map(|(_, name)| name))?;
            Some((*register, name.as_str()))
        })
        .collect()
}

fn fill(operand: Operand, registers: &Assignment<'_>) -> Filling {
    match operand {
        Operand::Register(register) => {
            Filling::Register(registers.get(&register).map_or_else(String::new, |name| (*name).to_owned()))
        }
        Operand::Number(number) => Filling::Number(number),
        Operand::Label(label) => Filling::Label(name_of(label)),
    }
}

fn too_many(mapping: &Mapping) -> String {
    format!("the mapping has {} registers, and a thread needs more", mapping.registers.len())
}

fn reason(problem: &Problem, name: &str) -> String {
    match &problem.kind {
        ProblemKind::Rejected(reason) => format!("`{name}` is rejected: {reason}"),
        _ => format!("`{name}` can't be said"),
    }
}

fn litmus_place(place: &Place) -> String {
    match place {
        Place::Reg { thread, name } => format!("{thread}:{name}"),
        Place::Mem(name) | Place::SymbolicReg(name) => name.clone(),
        _ => "this place".to_owned(),
    }
}
