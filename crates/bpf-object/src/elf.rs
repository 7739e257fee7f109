//! ELF objects.
//!
//! Sources: the ELF format through the crate `object`; relocations of BPF from the kernel's documentation
//! (Documentation/bpf/llvm_reloc.rst, Linux 7.3); sections of maps and programs as libbpf reads them; what GNU's assembler
//! leaves in instructions, from objects that binutils 2.40 makes.

use crate::btf::Types;
use crate::lines::Lines;
use crate::program::{Data, DataKind, Function, Program, Reference};
use crate::sections::{Code, Start, functions, in_function};
use isa::bpf::bytes::{Endian, SLOT_BYTES};
use isa::bpf::{Callee, Instruction, Target, Wide};
use object::read::elf::ElfFile64;
use object::{
    Architecture, Endianness, Object, ObjectSection, ObjectSymbol, RelocationTarget, SectionIndex,
    SectionKind, SymbolIndex, SymbolKind,
};
use std::collections::{BTreeMap, BTreeSet};
use syntax::{Diagnostic, FileId, Span};

type Elf<'a> = ElfFile64<'a, Endianness>;
type Section<'a, 'f> = object::read::elf::ElfSection64<'a, 'f, Endianness>;

/// Reads an object.
pub(crate) fn read(file: FileId, bytes: &[u8], diagnostics: &mut Vec<Diagnostic>) -> Option<Program> {
    let size = bytes.len() as u64;
    match open(file, bytes).and_then(|elf| Objects::new(file, size, elf)).and_then(Objects::program) {
        Ok((program, mut found)) => {
            diagnostics.append(&mut found);
            Some(program)
        }
        Err(error) => {
            diagnostics.push(error);
            None
        }
    }
}

type Read<T> = Result<T, Diagnostic>;

fn open(file: FileId, bytes: &[u8]) -> Read<Elf<'_>> {
    let nowhere = Span::new(file, 0, 0);
    if let Some(machine) = other_machine(bytes) {
        let message = format!("this object is for {machine}, not for BPF");
        return Err(Diagnostic::error("bpf::wrong-machine", nowhere, message)
            .with_help("compile for BPF: `clang -target bpf -O2 -g -c prog.c`"));
    }
    let elf = Elf::parse(bytes).map_err(|error| damaged(nowhere, error))?;
    if elf.architecture() != Architecture::Bpf {
        let message = "this object is for another machine, not for BPF";
        return Err(Diagnostic::error("bpf::wrong-machine", nowhere, message));
    }
    Ok(elf)
}

/// The ELF header's machine, if it is not BPF; headers that are cut off are judged later.
fn other_machine(bytes: &[u8]) -> Option<String> {
    const BPF: u16 = 247;
    let (class, order) = (*bytes.get(4)?, *bytes.get(5)?);
    let machine = [*bytes.get(18)?, *bytes.get(19)?];
    let machine = if order == 2 { u16::from_be_bytes(machine) } else { u16::from_le_bytes(machine) };
    if machine == BPF {
        return (class == 1).then(|| "a machine of 32 bits".to_owned());
    }
    let known = [
        (0, "no machine"),
        (3, "x86-32"),
        (8, "MIPS"),
        (20, "PowerPC"),
        (21, "PowerPC64"),
        (22, "s390"),
        (40, "Arm"),
        (62, "x86-64"),
        (183, "AArch64"),
        (243, "RISC-V"),
        (258, "LoongArch"),
    ];
    let name = known.iter().find(|(number, _)| *number == machine).map(|(_, name)| (*name).to_owned());
    Some(name.unwrap_or_else(|| format!("machine {machine}")))
}

fn damaged(span: Span, error: impl std::fmt::Display) -> Diagnostic {
    let message = format!("this ELF file is cut off or damaged: {error}");
    Diagnostic::error("bpf::bad-object", span, message)
}

/// No name of a section or symbol is longer.
const MAX_NAME: usize = 1024;

/// What is read of an object.
struct Objects<'a> {
    file: FileId,
    /// Bytes of the file.
    size: u64,
    elf: Elf<'a>,
    endian: Endian,
    types: Types,
    lines: Lines,
    data: Vec<Data>,
    /// Positions in `data` by section and distance from its start.
    places: BTreeMap<(usize, u64), usize>,
    functions: Vec<Function>,
    /// Names of functions by section and distance from its start.
    names: BTreeMap<(usize, u64), String>,
    /// Whether constants in instructions have the value of the relocation's symbol in them already, in bytes: GNU's
    /// assembler makes such objects.
    is_gnu: bool,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Objects<'a> {
    fn new(file: FileId, size: u64, elf: Elf<'a>) -> Read<Objects<'a>> {
        let endian = if elf.is_little_endian() { Endian::Little } else { Endian::Big };
        let nowhere = Span::new(file, 0, 0);
        let (mut btf, mut ext) = (&[][..], &[][..]);
        for section in elf.sections() {
            let name = section.name().map_err(|error| damaged(nowhere, error))?;
            match name {
                _ if name.len() > MAX_NAME => {
                    return Err(damaged(nowhere, "the name of a section has no end"));
                }
                ".BTF" => btf = section.data().map_err(|error| damaged(nowhere, error))?,
                ".BTF.ext" => ext = section.data().map_err(|error| damaged(nowhere, error))?,
                _ => {}
            }
        }
        Ok(Objects {
            file,
            size,
            endian,
            is_gnu: false,
            types: Types::read(btf, endian),
            lines: Lines::read(ext, btf, endian),
            elf,
            data: Vec::new(),
            places: BTreeMap::new(),
            functions: Vec::new(),
            names: BTreeMap::new(),
            diagnostics: Vec::new(),
        })
    }

    fn error(&self, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, Span::new(self.file, 0, 0), message)
    }

    fn damaged(&self, error: impl std::fmt::Display) -> Diagnostic {
        damaged(Span::new(self.file, 0, 0), error)
    }

    fn program(mut self) -> Read<(Program, Vec<Diagnostic>)> {
        self.read_data()?;
        let sections = self.code_sections()?;
        let starts = self.starts()?;
        let nothing = Vec::new();
        let mut found = Vec::new();
        for (index, name) in &sections {
            let starts = starts.get(&index.0).unwrap_or(&nothing);
            found.push((*index, self.functions_of(*index, name, starts)?));
        }
        if self.functions.is_empty() {
            return Err(self.error("bpf::no-code", "this object has no instructions in it"));
        }
        self.is_gnu = self.is_gnu(&found)?;
        for (index, functions) in found {
            self.link(index, functions)?;
        }
        let Objects { endian, functions, data, diagnostics, .. } = self;
        Ok((Program { endian, functions, data }, diagnostics))
    }

    /// Sections with code, in the order of the file.
    fn code_sections(&self) -> Read<Vec<(SectionIndex, String)>> {
        let is_code = |section: &Section<'_, '_>| section.kind() == SectionKind::Text && section.size() > 0;
        let code = || self.elf.sections().filter(is_code);
        if code().fold(0, |sum: u64, section| sum.saturating_add(section.size())) > self.size {
            return Err(self.damaged("its sections of code overlap"));
        }
        code().map(|section| Ok((section.index(), self.name(&section)?))).collect()
    }

    fn name(&self, section: &Section<'_, '_>) -> Read<String> {
        section.name().map(str::to_owned).map_err(|error| self.damaged(error))
    }

    fn symbol_name<'s>(&self, symbol: &impl ObjectSymbol<'s>) -> Read<String> {
        let name = symbol.name().map_err(|error| self.damaged(error))?;
        if name.len() > MAX_NAME {
            return Err(self.damaged("the name of a symbol has no end"));
        }
        Ok(name.to_owned())
    }

    /// Where functions start, by section. Of several names for one place, a global one wins.
    fn starts(&mut self) -> Read<BTreeMap<usize, Vec<Start>>> {
        let mut found: BTreeMap<(usize, u64), (bool, u64, String)> = BTreeMap::new();
        for symbol in self.elf.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text) {
            let Some(section) = symbol.section_index() else { continue };
            let name = self.symbol_name(&symbol)?;
            let known =
                found.entry((section.0, symbol.address())).or_insert((false, symbol.size(), String::new()));
            if known.2.is_empty() || symbol.is_global() && !known.0 {
                *known = (symbol.is_global(), symbol.size(), name);
            }
        }
        let mut starts: BTreeMap<usize, Vec<Start>> = BTreeMap::new();
        for ((section, address), (_, size, name)) in found {
            if address % SLOT_BYTES as u64 != 0 {
                let message = format!("the function `{name}` starts within an instruction, at {address:#x}");
                self.diagnostics.push(self.error("bpf::bad-object", message));
                continue;
            }
            let slot = |address: u64| usize::try_from(address / SLOT_BYTES as u64).unwrap_or(usize::MAX);
            let end = (size > 0).then(|| slot(address.saturating_add(size)));
            self.names.insert((section, address), name.clone());
            starts.entry(section).or_default().push(Start { slot: slot(address), end, name });
        }
        Ok(starts)
    }

    /// Reads the code of a section; gives the range of its functions in the list.
    fn functions_of(
        &mut self,
        index: SectionIndex,
        name: &str,
        starts: &[Start],
    ) -> Read<std::ops::Range<usize>> {
        let section = self.elf.section_by_index(index).map_err(|error| self.damaged(error))?;
        let bytes = section.data().map_err(|error| self.damaged(error))?;
        let base = section.file_range().map_or(0, |(start, _)| start as usize);
        let place = |slot: usize| base + slot * SLOT_BYTES..base + (slot + 1) * SLOT_BYTES;
        let linked: BTreeSet<u64> =
            section.relocations().map(|(offset, _)| offset / SLOT_BYTES as u64).collect();
        let is_linked = |slot: usize| linked.contains(&(slot as u64));
        let code = Code { section: name, bytes, file: self.file, place: &place, is_linked: &is_linked };
        let inside: Vec<Start> =
            starts.iter().filter(|start| start.slot < bytes.len() / SLOT_BYTES).cloned().collect();
        if inside.len() < starts.len() {
            let message = format!("a function starts behind the end of section `{name}`");
            self.diagnostics.push(self.error("bpf::bad-object", message));
        }
        let from = self.functions.len();
        let mut found = functions(&code, self.endian, &inside, &mut self.diagnostics);
        found.iter_mut().for_each(|function| self.lines.enter(function));
        self.functions.append(&mut found);
        Ok(from..self.functions.len())
    }

    /// Maps and variables.
    fn read_data(&mut self) -> Read<()> {
        let mut found = BTreeMap::new();
        for symbol in self.elf.symbols().filter(|symbol| symbol.kind() == SymbolKind::Data) {
            let Some(section) = symbol.section_index() else { continue };
            let name = self.symbol_name(&symbol)?;
            if !name.is_empty() {
                found.entry((section.0, symbol.address())).or_insert((name, symbol.size()));
            }
        }
        for ((index, address), (name, size)) in found {
            let section =
                self.elf.section_by_index(SectionIndex(index)).map_err(|error| self.damaged(error))?;
            let section_name = self.name(&section)?;
            if section_name == "license" || section_name == "version" {
                continue;
            }
            let data = if matches!(&*section_name, ".maps" | "maps") {
                self.map(name)
            } else {
                let bytes = section.data().map_err(|error| self.damaged(error))?;
                let range = usize::try_from(address).ok().zip(usize::try_from(size).ok());
                let initial = range.and_then(|(from, len)| bytes.get(from..from.checked_add(len)?));
                let initial = initial.unwrap_or_default().to_vec();
                let scalars = self.types.scalars_of_variable(&name);
                Data { name, kind: DataKind::Variable(initial), size, scalars }
            };
            self.places.insert((index, address), self.data.len());
            self.data.push(data);
        }
        Ok(())
    }

    fn map(&self, name: String) -> Data {
        match self.types.map(&name) {
            Some(map) => Data { name, kind: DataKind::Map(map.kind), size: map.size, scalars: map.scalars },
            None => Data { name, kind: DataKind::Map(None), size: 0, scalars: Vec::new() },
        }
    }

    /// Enters into the functions of a section what its relocations say.
    fn link(&mut self, index: SectionIndex, range: std::ops::Range<usize>) -> Read<()> {
        let section = self.elf.section_by_index(index).map_err(|error| self.damaged(error))?;
        let relocations: Vec<_> = section.relocations().collect();
        for (offset, relocation) in relocations {
            let RelocationTarget::Symbol(symbol) = relocation.target() else { continue };
            let at = usize::try_from(offset / SLOT_BYTES as u64).unwrap_or(usize::MAX);
            let Some((function, line)) = self.place_of(at, &range) else {
                let message = format!("a relocation of offset {offset:#x} is of no instruction");
                self.diagnostics.push(self.error("bpf::bad-relocation", message));
                continue;
            };
            match self.reference(symbol, function, line)? {
                Ok(reference) => self.functions[function].lines[line].reference = Some(reference),
                Err(message) => {
                    let (function, line) = (&self.functions[function], &self.functions[function].lines[line]);
                    let message = in_function(function, &line.decoded, &message);
                    self.diagnostics.push(Diagnostic::error("bpf::bad-relocation", line.span, message));
                }
            }
        }
        self.link_calls(index, range);
        Ok(())
    }

    /// The function and the line of the instruction at a slot.
    fn place_of(&self, at: usize, range: &std::ops::Range<usize>) -> Option<(usize, usize)> {
        let behind = self.functions[range.clone()]
            .partition_point(|function| function.offset as usize / SLOT_BYTES <= at);
        let function = range.start + behind.checked_sub(1)?;
        Some((function, self.functions[function].line_at(at)?))
    }

    /// Whether GCC made this, and no instruction with a relocation shows that its symbol's value is not in it.
    fn is_gnu(&self, sections: &[(SectionIndex, std::ops::Range<usize>)]) -> Read<bool> {
        let comment = self.elf.section_by_name(".comment").and_then(|section| section.data().ok());
        if !comment.is_some_and(|text| text.windows(4).any(|word| word == b"GCC:")) {
            return Ok(false);
        }
        for (index, range) in sections {
            let section = self.elf.section_by_index(*index).map_err(|error| self.damaged(error))?;
            for (offset, relocation) in section.relocations() {
                let RelocationTarget::Symbol(symbol) = relocation.target() else { continue };
                let at = usize::try_from(offset / SLOT_BYTES as u64).unwrap_or(usize::MAX);
                let Some((function, line)) = self.place_of(at, range) else { continue };
                let value = self.elf.symbol_by_index(symbol).map_err(|error| self.damaged(error))?.address();
                let constant = self.functions[function].lines[line].instruction().and_then(gnu_constant);
                if constant.is_some_and(|constant| constant < value) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// What the symbol of a relocation means for an instruction.
    fn reference(
        &self,
        symbol: SymbolIndex,
        function: usize,
        line: usize,
    ) -> Read<Result<Reference, String>> {
        let symbol = self.elf.symbol_by_index(symbol).map_err(|error| self.damaged(error))?;
        let name = self.symbol_name(&symbol)?;
        let Some(section) = symbol.section_index() else { return Ok(Ok(Reference::Kernel(name))) };
        let instruction = self.functions[function].lines[line].instruction();
        let (address, is_code) = match instruction {
            Some(known) if self.is_gnu && gnu_constant(known).is_some() => {
                (gnu_constant(known).unwrap_or_default(), matches!(known, Instruction::Call { .. }))
            }
            Some(Instruction::LoadWide { value: Wide::Number(number), .. }) => {
                (symbol.address().wrapping_add(*number), false)
            }
            // Distances of calls count from the next instruction.
            Some(Instruction::Call { callee: Callee::Local(Target::Offset(offset)) })
            | Some(Instruction::LoadWide { value: Wide::Function(Target::Offset(offset)), .. }) => {
                let slots = i64::from(*offset) + 1;
                (symbol.address().wrapping_add_signed(slots * SLOT_BYTES as i64), true)
            }
            _ => return Ok(Err("a relocation is of an instruction that refers to nothing".to_owned())),
        };
        if let Some(name) = self.names.get(&(section.0, address)) {
            return Ok(Ok(Reference::Function(name.clone())));
        }
        let in_section = self.elf.section_by_index(section).map_err(|error| self.damaged(error))?;
        let section_name = self.name(&in_section)?;
        if is_code {
            return Ok(Err(format!("no function starts at offset {address:#x} of section `{section_name}`")));
        }
        Ok(Ok(self.data_at(section, address).unwrap_or(Reference::Section(section_name, address as i64))))
    }

    /// The map or variable that has the address.
    fn data_at(&self, section: SectionIndex, address: u64) -> Option<Reference> {
        let before = self.places.range((section.0, 0)..=(section.0, address)).next_back();
        let ((_, start), position) = before?;
        let offset = address - start;
        let data = &self.data[*position];
        let inside = matches!(data.kind, DataKind::Map(_)) && offset == 0 || offset < data.size.max(1);
        inside.then_some(Reference::Data(*position, offset as i64))
    }

    /// Calls within a section that the compiler has resolved.
    fn link_calls(&mut self, index: SectionIndex, range: std::ops::Range<usize>) {
        for line in self.functions[range].iter_mut().flat_map(|function| &mut function.lines) {
            let Some(Instruction::Call { callee: Callee::Local(Target::Offset(offset)) }) =
                line.instruction()
            else {
                continue;
            };
            let slot = line.decoded.index as i64 + 1 + i64::from(*offset);
            let address = u64::try_from(slot).map(|slot| slot * SLOT_BYTES as u64);
            if line.reference.is_none()
                && let Some(name) = address.ok().and_then(|address| self.names.get(&(index.0, address)))
            {
                line.reference = Some(Reference::Function(name.clone()));
            }
        }
    }
}

/// The place in its section that an instruction means in GNU's objects: calls count from the next instruction, but in bytes.
fn gnu_constant(instruction: &Instruction<'static>) -> Option<u64> {
    match instruction {
        Instruction::LoadWide { value: Wide::Number(number), .. } => Some(*number),
        Instruction::Call { callee: Callee::Local(Target::Offset(offset)) } => {
            u64::try_from(i64::from(*offset) + 1).ok()
        }
        _ => None,
    }
}
