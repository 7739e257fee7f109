//! Programs as text, in any of the syntaxes that `isa::bpf` reads.
//!
//! One instruction a line, with labels before it or on lines of their own, and what listings have besides: numbers of
//! instructions, headings of functions and sections. A label that something jumps to is a place in a function; another one
//! begins a function. Directives of assemblers are skipped, but for those that name a section. Comments start with `;`,
//! `//`, or `#` behind a blank. Programs are little endian.

use crate::linked::retargeted;
use crate::listing::{Names, function_heading, is_local_label, relocation};
use crate::program::{Program, Reference};
use crate::sections::{Code, Start, functions};
use isa::bpf::bytes::{Endian, SLOT_BYTES, encode};
use isa::bpf::{Callee, Instruction, Register, Source, Target, Wide, callee, parse};
use std::collections::{BTreeMap, BTreeSet};
use syntax::{Diagnostic, FileId, Span};

/// Reads a program.
pub(crate) fn read(
    file: FileId,
    name: &str,
    text: &[u8],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Program> {
    let Ok(text) = std::str::from_utf8(text) else {
        let message = "the program is not text";
        diagnostics.push(Diagnostic::error("bpf::no-code", Span::new(file, 0, 0), message));
        return None;
    };
    let mut reader = Reader {
        file,
        section: name,
        rows: Vec::new(),
        labels: BTreeMap::new(),
        sections: Vec::new(),
        names: Names::default(),
    };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        reader.line(line, at, diagnostics);
        at += line.len();
    }
    reader.end_section();
    if reader.sections.is_empty() && diagnostics.is_empty() {
        let message = "there are no instructions in this text";
        diagnostics.push(Diagnostic::error("bpf::no-code", Span::new(file, 0, 0), message));
    }
    let mut program = Program { endian: Endian::Little, functions: Vec::new(), data: Vec::new() };
    let mut names = reader.names;
    for section in &reader.sections {
        names.enter_section(section.name);
        section.starts().iter().for_each(|start| names.enter_function(section.name, start.slot, &start.name));
    }
    for section in reader.sections {
        section.assemble(file, &names, &mut program, diagnostics);
    }
    (!program.functions.is_empty()).then_some(program)
}

/// Whether the text is a program in text rather than a hex dump: its first line that says something is none of bytes.
pub(crate) fn is_text(text: &str) -> bool {
    let meaningful = text.lines().map(without_comment).map(str::trim).find(|line| {
        !line.is_empty()
            && !line.starts_with("Disassembly of section ")
            && !line.contains("file format ")
            && function_heading(line).is_none()
    });
    let Some(line) = meaningful else { return false };
    let (_, line) = without_number(line);
    let first = line.split(|c: char| c.is_whitespace() || c == ',').find(|word| !matches!(*word, "" | "{"));
    let digits = first.unwrap_or_default().trim_start_matches("0x");
    // `bpftool` prints bytes behind the text of each instruction.
    let is_bytes = digits.len() >= 2 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let has_bytes = || {
        line.starts_with('(')
            && text.lines().any(|line| {
                line.split_whitespace().count() == SLOT_BYTES
                    && line
                        .split_whitespace()
                        .all(|word| word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
            })
    };
    !is_bytes && !has_bytes()
}

/// An instruction with its place.
struct Row<'a> {
    instruction: Instruction<'a>,
    /// The symbol of its relocation, in a listing.
    symbol: Option<&'a str>,
    slot: usize,
    span: Span,
}

struct Section<'a> {
    name: &'a str,
    rows: Vec<Row<'a>>,
    /// Labels with the slots that they stand before.
    labels: BTreeMap<&'a str, usize>,
}

struct Reader<'a> {
    file: FileId,
    section: &'a str,
    rows: Vec<Row<'a>>,
    labels: BTreeMap<&'a str, usize>,
    sections: Vec<Section<'a>>,
    /// Maps that are defined.
    names: Names,
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a str, at: usize, diagnostics: &mut Vec<Diagnostic>) {
        let mut rest = without_comment(line).trim();
        if let Some(name) = rest.strip_prefix("Disassembly of section ") {
            self.end_section();
            self.section = name.trim_end_matches(':');
            return;
        }
        if let Some(name) = function_heading(rest) {
            self.label(name, line, at, diagnostics);
            return;
        }
        if let Some(symbol) = relocation(rest) {
            if let Some(last) = self.rows.last_mut() {
                last.symbol = Some(symbol);
            }
            return;
        }
        rest = without_number(rest).1;
        while let Some((name, behind)) = label(rest) {
            self.label(name, line, at, diagnostics);
            rest = behind;
        }
        if rest.is_empty() || rest.contains("file format ") {
            return;
        }
        if rest.starts_with('.') {
            let mut words = rest.split([' ', '\t', ',']).filter(|word| !word.is_empty());
            match words.next() {
                Some(".section") => {
                    self.end_section();
                    self.section = words.next().unwrap_or(".text").trim_matches('"');
                }
                Some(".text") => {
                    self.end_section();
                    self.section = ".text";
                }
                _ => {}
            }
            return;
        }
        // What is left ends where the comment, or the blanks before it, begin.
        let start = at + without_comment(line).trim_end().len() - rest.len();
        let span = Span::new(self.file, start, start + rest.len());
        match parse(rest, span, &BTreeMap::new()) {
            Ok(instruction) => {
                let slot = self.slots();
                self.rows.push(Row { instruction, symbol: None, slot, span });
            }
            Err(_) if matches!(rest, "<unknown>" | "*unknown*") => diagnostics.push(undisassembled(span)),
            Err(error) => diagnostics.push(error),
        }
    }

    fn label(&mut self, name: &'a str, line: &str, at: usize, diagnostics: &mut Vec<Diagnostic>) {
        if matches!(self.section, ".maps" | "maps") {
            self.names.enter_map(name);
        }
        if self.labels.insert(name, self.slots()).is_some() {
            let start = at + line.find(name).unwrap_or(0);
            let span = Span::new(self.file, start, start + name.len());
            let message = format!("the label `{name}` is there twice");
            diagnostics.push(Diagnostic::error("bpf::duplicate-label", span, message));
        }
    }

    fn slots(&self) -> usize {
        self.rows.last().map_or(0, |row| row.slot + row.instruction.slots())
    }

    fn end_section(&mut self) {
        let (rows, labels) = (std::mem::take(&mut self.rows), std::mem::take(&mut self.labels));
        if !rows.is_empty() {
            self.sections.push(Section { name: self.section, rows, labels });
        }
    }
}

impl Section<'_> {
    /// Makes functions of the instructions.
    fn assemble(
        &self,
        file: FileId,
        names: &Names,
        program: &mut Program,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let mut bytes = Vec::new();
        let mut spans = Vec::new();
        let mut references = BTreeMap::new();
        for row in &self.rows {
            let (instruction, symbol) = match self.resolve(row, names, program) {
                Ok(resolved) => resolved,
                Err(error) => {
                    diagnostics.push(error);
                    (Instruction::Exit, None)
                }
            };
            references.extend(symbol.map(|symbol| (row.slot, symbol)));
            match encode(&instruction) {
                Ok((first, second)) => {
                    let slots = std::iter::once(first).chain(second);
                    for slot in slots {
                        bytes.extend(slot.to_bytes(program.endian));
                        spans.push(row.span);
                    }
                }
                Err(error) => {
                    let message = format!("this instruction has no bytes: {error}");
                    diagnostics.push(Diagnostic::error("bpf::no-bytes", row.span, message));
                    bytes.extend([0; SLOT_BYTES]);
                    spans.push(row.span);
                }
            }
        }
        let place = |slot: usize| spans.get(slot).map_or(0..0, |span| span.start as usize..span.end as usize);
        let is_linked = |slot: usize| references.contains_key(&slot);
        let code = Code { section: self.name, bytes: &bytes, file, place: &place, is_linked: &is_linked };
        let before = diagnostics.len();
        let mut found = functions(&code, program.endian, &self.starts(), diagnostics);
        // What could not be read was said already.
        if before > 0 {
            diagnostics.truncate(before);
        }
        for line in found.iter_mut().flat_map(|function| &mut function.lines) {
            line.reference = references.remove(&line.decoded.index);
        }
        program.functions.append(&mut found);
    }

    /// Where functions begin: at labels that nothing jumps to.
    fn starts(&self) -> Vec<Start> {
        let jumped: BTreeSet<&str> = self
            .rows
            .iter()
            .filter_map(|row| match row.instruction {
                Instruction::Jump { target: Target::Label(name, _), .. }
                | Instruction::JumpIf { target: Target::Label(name, _), .. }
                | Instruction::MayGoto { target: Target::Label(name, _) } => Some(name),
                _ => None,
            })
            .collect();
        let mut starts: Vec<Start> = self
            .labels
            .iter()
            .filter(|(name, _)| !jumped.contains(*name) && !is_local_label(name))
            .map(|(name, slot)| Start { slot: *slot, end: None, name: (*name).to_owned() })
            .collect();
        starts.sort_by_key(|start| start.slot);
        starts.dedup_by_key(|start| start.slot);
        starts
    }

    /// The instruction without names, and what it refers to.
    fn resolve(
        &self,
        row: &Row<'_>,
        names: &Names,
        program: &mut Program,
    ) -> Result<(Instruction<'static>, Option<Reference>), Diagnostic> {
        let labels = &self.labels;
        if let Some(symbol) = row.symbol {
            // Only calls of functions have relocations, not calls of helpers by number.
            let instruction = match row.instruction {
                Instruction::Call { callee: Callee::Helper(offset) } => {
                    Instruction::Call { callee: Callee::Local(Target::Offset(offset)) }
                }
                other => other,
            };
            let reference = names.reference(symbol, Some(&instruction), program);
            return Ok((owned(instruction), Some(reference)));
        }
        let target = |target: Target<'_>| match target {
            Target::Offset(offset) => Ok((offset, None)),
            Target::Label(name, span) => match labels.get(name) {
                Some(slot) => {
                    let offset = *slot as i64 - (row.slot as i64 + 1);
                    Ok((i32::try_from(offset).unwrap_or(i32::MAX), Some(name.to_owned())))
                }
                None => {
                    let error =
                        Diagnostic::error("bpf::bad-jump", span, format!("there is no label `{name}`"));
                    Err(error.with_suggestion(name, labels.keys().copied()))
                }
            },
        };
        match row.instruction {
            Instruction::Jump { target: to, .. }
            | Instruction::JumpIf { target: to, .. }
            | Instruction::MayGoto { target: to } => {
                let (offset, _) = target(to)?;
                Ok((owned(retargeted(row.instruction, Target::Offset(offset))), None))
            }
            Instruction::Call { callee: Callee::Local(Target::Offset(offset)) } => {
                Ok((Instruction::Call { callee: Callee::Local(Target::Offset(offset)) }, None))
            }
            Instruction::Call {
                callee:
                    Callee::Named(name) | Callee::Declared { name, .. } | Callee::Local(Target::Label(name, _)),
            } => {
                // A function of the program, or of the kernel.
                if let Some(slot) = labels.get(name) {
                    let offset = *slot as i64 - (row.slot as i64 + 1);
                    let callee = Callee::Local(Target::Offset(i32::try_from(offset).unwrap_or(i32::MAX)));
                    return Ok((Instruction::Call { callee }, Some(Reference::Function(name.to_owned()))));
                }
                if names.has_function(name) {
                    return Ok((ELSEWHERE, Some(Reference::Function(name.to_owned()))));
                }
                match callee::by_name(name).and_then(|known| known.helper) {
                    Some(number) => Ok((Instruction::Call { callee: Callee::Helper(number) }, None)),
                    None => {
                        let callee = Callee::Kernel { btf: 0, module: 0 };
                        Ok((Instruction::Call { callee }, Some(Reference::Kernel(name.to_owned()))))
                    }
                }
            }
            Instruction::LoadWide { dst, value: Wide::Symbol { name, offset } } => {
                let load = Instruction::LoadWide { dst, value: Wide::Number(offset as u64) };
                let found = names.reference(name, Some(&load), program);
                Ok((owned(load), Some(found)))
            }
            Instruction::LoadWide { dst, value: Wide::Function(to) } => {
                let (offset, name) = target(to)?;
                let value = Wide::Function(Target::Offset(offset));
                Ok((owned(Instruction::LoadWide { dst, value }), name.map(Reference::Function)))
            }
            other => Ok((owned(other), None)),
        }
    }
}

/// A call of a function of another section, before a linker puts the distance in.
const ELSEWHERE: Instruction<'static> = Instruction::Call { callee: Callee::Local(Target::Offset(-1)) };

/// What a disassembler writes in place of an instruction that it does not know.
fn undisassembled(span: Span) -> Diagnostic {
    let message = "the disassembler did not know this instruction";
    Diagnostic::error("isa::unknown-instruction", span, message).with_help(
        "give the object, or a listing with the bytes of instructions, or use a newer disassembler",
    )
}

/// The same instruction, of which registers have no other names. Names are gone before.
fn owned(instruction: Instruction<'_>) -> Instruction<'static> {
    let r = |register: Register<'_>| Register { number: register.number, symbolic: None };
    let s = |source: Source<'_>| match source {
        Source::Register(register) => Source::Register(r(register)),
        Source::Immediate(number) => Source::Immediate(number),
    };
    let t = |target: Target<'_>| match target {
        Target::Offset(offset) => Target::Offset(offset),
        Target::Label(..) => Target::Offset(-1),
    };
    match instruction {
        Instruction::Alu { width, op, dst, src } => Instruction::Alu { width, op, dst: r(dst), src: s(src) },
        Instruction::Negate { width, dst } => Instruction::Negate { width, dst: r(dst) },
        Instruction::Move { width, dst, src } => Instruction::Move { width, dst: r(dst), src: s(src) },
        Instruction::MoveSigned { width, from, dst, src } => {
            Instruction::MoveSigned { width, from, dst: r(dst), src: r(src) }
        }
        Instruction::CastAddress { dst, src, to, from } => {
            Instruction::CastAddress { dst: r(dst), src: r(src), to, from }
        }
        Instruction::SwapBytes { swap, size, dst } => Instruction::SwapBytes { swap, size, dst: r(dst) },
        Instruction::LoadWide { dst, value } => Instruction::LoadWide {
            dst: r(dst),
            value: match value {
                Wide::Number(number) => Wide::Number(number),
                Wide::Map { fd } => Wide::Map { fd },
                Wide::MapValue { fd, offset } => Wide::MapValue { fd, offset },
                Wide::Variable { btf, module } => Wide::Variable { btf, module },
                Wide::Function(target) => Wide::Function(t(target)),
                Wide::MapIndex { index } => Wide::MapIndex { index },
                Wide::MapIndexValue { index, offset } => Wide::MapIndexValue { index, offset },
                Wide::Symbol { offset, .. } => Wide::Number(offset as u64),
            },
        },
        Instruction::Load { size, signed, dst, base, offset } => {
            Instruction::Load { size, signed, dst: r(dst), base: r(base), offset }
        }
        Instruction::LoadAcquire { size, dst, base, offset } => {
            Instruction::LoadAcquire { size, dst: r(dst), base: r(base), offset }
        }
        Instruction::LoadPacket { size, index, offset } => {
            Instruction::LoadPacket { size, index: index.map(r), offset }
        }
        Instruction::Store { size, base, offset, src } => {
            Instruction::Store { size, base: r(base), offset, src: s(src) }
        }
        Instruction::StoreRelease { size, base, offset, src } => {
            Instruction::StoreRelease { size, base: r(base), offset, src: r(src) }
        }
        Instruction::Atomic { width, modify, base, offset, src } => {
            Instruction::Atomic { width, modify, base: r(base), offset, src: r(src) }
        }
        Instruction::Jump { long, target } => Instruction::Jump { long, target: t(target) },
        Instruction::JumpIf { width, test, dst, src, target } => {
            Instruction::JumpIf { width, test, dst: r(dst), src: s(src), target: t(target) }
        }
        Instruction::MayGoto { target } => Instruction::MayGoto { target: t(target) },
        Instruction::JumpRegister { dst } => Instruction::JumpRegister { dst: r(dst) },
        Instruction::Call { callee } => Instruction::Call {
            callee: match callee {
                Callee::Helper(number) => Callee::Helper(number),
                Callee::Local(target) => Callee::Local(t(target)),
                Callee::Kernel { btf, module } => Callee::Kernel { btf, module },
                Callee::Named(_) | Callee::Declared { .. } => Callee::Kernel { btf: 0, module: 0 },
                Callee::Register(register) => Callee::Register(r(register)),
            },
        },
        Instruction::Exit => Instruction::Exit,
        Instruction::NoSpeculation => Instruction::NoSpeculation,
    }
}

/// A line without what stands behind a mark of comments.
fn without_comment(line: &str) -> &str {
    let hash = line
        .match_indices('#')
        .map(|(at, _)| at)
        .find(|at| line[..*at].chars().next_back().is_none_or(char::is_whitespace));
    let end = [line.find("//"), line.find(';'), line.find("/*"), hash].into_iter().flatten().min();
    &line[..end.unwrap_or(line.len())]
}

/// The number of an instruction in a listing, and the rest. Hexadecimal ones are told from labels by a tabulator.
fn without_number(line: &str) -> (&str, &str) {
    let Some((number, rest)) = line.split_once(':') else { return ("", line) };
    let is_decimal = number.bytes().all(|byte| byte.is_ascii_digit());
    let is_hex = rest.starts_with('\t') && number.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !number.is_empty() && (is_decimal || is_hex) { (number, rest.trim_start()) } else { ("", line) }
}

/// A label at the start of a line, and the rest.
fn label(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.split_once(':')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$');
    (!name.is_empty() && name.chars().all(is_name)).then(|| (name, rest.trim_start()))
}
