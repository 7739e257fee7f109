//! Names in listings and assembly: functions, labels, and what relocations mean.

use crate::program::{Data, DataKind, Program, Reference};
use isa::bpf::bytes::SLOT_BYTES;
use isa::bpf::{Callee, Instruction, Target, Wide};
use std::collections::{BTreeMap, BTreeSet};

/// The functions and maps of a file, for what refers to them by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    functions: BTreeSet<String>,
    /// Names by section and number of the first slot.
    starts: BTreeMap<(String, usize), String>,
    sections: BTreeSet<String>,
    maps: BTreeSet<String>,
}

impl Names {
    /// Enters a section with code.
    pub(crate) fn enter_section(&mut self, name: &str) {
        self.sections.insert(name.to_owned());
    }

    /// Enters a function that starts at a slot of a section.
    pub(crate) fn enter_function(&mut self, section: &str, slot: usize, name: &str) {
        self.functions.insert(name.to_owned());
        self.starts.entry((section.to_owned(), slot)).or_insert_with(|| name.to_owned());
    }

    /// Enters a map.
    pub(crate) fn enter_map(&mut self, name: &str) {
        self.maps.insert(name.to_owned());
    }

    /// Whether there is a function of that name.
    pub(crate) fn has_function(&self, name: &str) -> bool {
        self.functions.contains(name)
    }

    /// What the symbol of a relocation, with the constant that is in the instruction, refers to.
    pub(crate) fn reference(
        &self,
        symbol: &str,
        instruction: Option<&Instruction<'_>>,
        program: &mut Program,
    ) -> Reference {
        let (name, distance) = split(symbol);
        let addend = distance.wrapping_add(match instruction {
            Some(Instruction::LoadWide { value: Wide::Number(number), .. }) => *number as i64,
            // Distances of calls count from the next instruction.
            Some(
                Instruction::Call { callee: Callee::Local(Target::Offset(offset)) }
                | Instruction::LoadWide { value: Wide::Function(Target::Offset(offset)), .. },
            ) => (i64::from(*offset) + 1) * SLOT_BYTES as i64,
            _ => 0,
        });
        if self.has_function(name) {
            return Reference::Function(name.to_owned());
        }
        if self.sections.contains(name) {
            let slot = usize::try_from(addend / SLOT_BYTES as i64).unwrap_or(usize::MAX);
            return match self.starts.get(&(name.to_owned(), slot)) {
                Some(function) => Reference::Function(function.clone()),
                None if slot == 0 => Reference::Function(name.to_owned()),
                None => Reference::Section(name.to_owned(), addend),
            };
        }
        if !matches!(instruction, Some(Instruction::LoadWide { .. })) {
            return Reference::Kernel(name.to_owned());
        }
        let known = program.data.iter().position(|data| data.name == name);
        let position = known.unwrap_or_else(|| {
            let is_map = self.maps.contains(name);
            let kind = if is_map { DataKind::Map(None) } else { DataKind::Variable(Vec::new()) };
            program.data.push(Data { name: name.to_owned(), kind, size: 0, scalars: Vec::new() });
            program.data.len() - 1
        });
        Reference::Data(position, addend)
    }
}

/// `hits+0x8`: a name and a distance.
fn split(symbol: &str) -> (&str, i64) {
    let Some((name, distance)) = symbol.split_once('+') else { return (symbol, 0) };
    let digits = distance.trim_start_matches("0x");
    (name, i64::from_str_radix(digits, 16).unwrap_or(0))
}

/// `0000000000000010 <name>:`, or a line of `bpftool` such as `int name(void * ctx):`.
pub(crate) fn function_heading(line: &str) -> Option<&str> {
    let heading = line.strip_suffix(':')?;
    if let Some(name) = heading.strip_suffix('>') {
        return name.split_once('<').map(|(_, name)| name);
    }
    let (before, _) = heading.split_once('(')?;
    heading.ends_with(')').then(|| before.rsplit([' ', '*']).next().unwrap_or(before))
}

/// Whether the name is one that compilers and disassemblers give to places within functions: `.L2`, `.Ltmp7`, `LBB0_3`,
/// `L1`.
pub(crate) fn is_local_label(name: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if name.starts_with(".L") {
        return true;
    }
    match name.strip_prefix('L') {
        Some(rest) => {
            digits(rest) || rest.strip_prefix("BB").is_some_and(|rest| digits(&rest.replace('_', "")))
        }
        None => false,
    }
}

/// The symbol that a line with a relocation of a listing has.
pub(crate) fn relocation(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("R_BPF_")?;
    Some(rest.split_whitespace().nth(1).unwrap_or(""))
}
