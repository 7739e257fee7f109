//! Instructions as hexadecimal digits: dumps of bytes, arrays in C, and what disassemblers print beside their text.
//!
//! Understood are, line by line:
//! 1. bytes (`b7 00 00 00 01 00 00 00`, `0xb7, 0x00, …`), in any grouping: digits without `0x` stand in the order of bytes;
//! 2. whole instructions as numbers (`0x00000001000000b7`), of which the lowest byte comes first;
//! 3. listings of `objdump -d` and of `bpftool prog dump xlated opcodes`: the bytes of each line, names of functions and
//!    sections, and relocations.
//!
//! Comments start with `#`, `;` or `//`. Programs are little endian.

use crate::listing::{Names, function_heading, is_local_label, relocation};
use crate::program::Program;
use crate::sections::{Code, Start, functions};
use isa::bpf::bytes::{Endian, SLOT_BYTES};
use std::collections::BTreeMap;
use std::ops::Range;
use syntax::{Diagnostic, FileId, Span};

/// Reads a hex dump.
pub(crate) fn read(
    file: FileId,
    name: &str,
    text: &[u8],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Program> {
    let Ok(text) = std::str::from_utf8(text) else {
        let span = Span::new(file, 0, 0);
        diagnostics.push(Diagnostic::error("bpf::bad-hex", span, "the hex dump is not text"));
        return None;
    };
    let mut reader = Reader { file, sections: vec![Section::new(name)] };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Err(error) = reader.line(line, at) {
            diagnostics.push(error);
            return None;
        }
        at += line.len();
    }
    reader.finish(diagnostics)
}

/// A section of a listing.
struct Section {
    name: String,
    bytes: Vec<u8>,
    /// Where each byte stands in the text.
    places: Vec<Range<usize>>,
    starts: Vec<Start>,
    /// What relocations put into the instruction at a slot.
    symbols: BTreeMap<usize, String>,
}

impl Section {
    fn new(name: &str) -> Section {
        Section {
            name: name.to_owned(),
            bytes: Vec::new(),
            places: Vec::new(),
            starts: Vec::new(),
            symbols: BTreeMap::new(),
        }
    }
}

struct Reader {
    file: FileId,
    /// Never empty.
    sections: Vec<Section>,
}

/// What a line of a listing is.
enum Shape<'a> {
    Section(&'a str),
    Function(&'a str),
    /// The symbol of a relocation.
    Relocation(&'a str),
    /// Digits from here to there in the line, if any.
    Digits(Range<usize>),
    Other,
}

impl Reader {
    fn line(&mut self, line: &str, at: usize) -> Result<(), Diagnostic> {
        match shape(line) {
            Shape::Section(name) => self.sections.push(Section::new(name)),
            Shape::Function(name) => {
                let section = self.last();
                let slot = section.bytes.len() / SLOT_BYTES;
                if section.starts.last().is_none_or(|last| last.slot < slot) {
                    section.starts.push(Start { slot, end: None, name: name.to_owned() });
                }
            }
            Shape::Relocation(symbol) => {
                let section = self.last();
                let slots = section.bytes.len() / SLOT_BYTES;
                // A listing has it behind the instruction, which may have two slots.
                let wide = |slot: usize| section.bytes.get(slot * SLOT_BYTES) == Some(&0x18);
                let slot = match slots.checked_sub(2) {
                    Some(slot) if wide(slot) => Some(slot),
                    _ => slots.checked_sub(1),
                };
                if let Some(slot) = slot {
                    section.symbols.insert(slot, symbol.to_owned());
                }
            }
            Shape::Digits(range) => self.digits(&line[range.clone()], at + range.start)?,
            Shape::Other => {}
        }
        Ok(())
    }

    fn last(&mut self) -> &mut Section {
        let last = self.sections.len() - 1;
        &mut self.sections[last]
    }

    fn digits(&mut self, text: &str, at: usize) -> Result<(), Diagnostic> {
        let file = self.file;
        let section = self.last();
        for (start, token) in tokens(text) {
            let place = at + start..at + start + token.len();
            let bytes = bytes_of(token).ok_or_else(|| {
                let span = Span::new(file, place.start, place.end);
                let shown: String = token.chars().take(40).collect();
                Diagnostic::error("bpf::bad-hex", span, format!("`{shown}` are no bytes in hexadecimal"))
                    .with_help("write bytes (`b7 00 …`) or whole instructions (`0x00000001000000b7`)")
            })?;
            section.places.extend(bytes.iter().map(|_| place.clone()));
            section.bytes.extend(bytes);
        }
        Ok(())
    }

    fn finish(self, diagnostics: &mut Vec<Diagnostic>) -> Option<Program> {
        let mut program = Program { endian: Endian::Little, functions: Vec::new(), data: Vec::new() };
        let sections = || self.sections.iter().filter(|section| !section.bytes.is_empty());
        let mut names = Names::default();
        for section in sections() {
            names.enter_section(&section.name);
            section
                .starts
                .iter()
                .for_each(|start| names.enter_function(&section.name, start.slot, &start.name));
        }
        for section in sections() {
            let place = |slot: usize| {
                let first = section.places.get(slot * SLOT_BYTES);
                let last = section.places.get(((slot + 1) * SLOT_BYTES).min(section.places.len()) - 1);
                match (first, last) {
                    (Some(first), Some(last)) => first.start..last.end,
                    _ => section.places.last().cloned().unwrap_or(0..0),
                }
            };
            let is_linked = |slot: usize| section.symbols.contains_key(&slot);
            let code = Code {
                section: &section.name,
                bytes: &section.bytes,
                file: self.file,
                place: &place,
                is_linked: &is_linked,
            };
            let mut functions = functions(&code, program.endian, &section.starts, diagnostics);
            for line in functions.iter_mut().flat_map(|function| &mut function.lines) {
                let symbol = section.symbols.get(&line.decoded.index);
                line.reference =
                    symbol.map(|symbol| names.reference(symbol, line.instruction(), &mut program));
            }
            program.functions.extend(functions);
        }
        if program.functions.is_empty() && diagnostics.is_empty() {
            let message = "there are no instructions in this text";
            let help = "expected an ELF object, or a dump of instructions in hexadecimal";
            let span = Span::new(self.file, 0, 0);
            diagnostics.push(Diagnostic::error("bpf::no-code", span, message).with_help(help));
            return None;
        }
        (!program.functions.is_empty()).then_some(program)
    }
}

fn shape(line: &str) -> Shape<'_> {
    let trimmed = line.trim();
    if let Some(name) = trimmed.strip_prefix("Disassembly of section ") {
        return Shape::Section(name.trim_end_matches(':'));
    }
    if let Some(name) = function_heading(trimmed) {
        return if is_local_label(name) { Shape::Other } else { Shape::Function(name) };
    }
    if let Some(symbol) = relocation(trimmed) {
        return Shape::Relocation(symbol);
    }
    let end = ["//", "#", ";", "/*"].iter().filter_map(|mark| line.find(mark)).min().unwrap_or(line.len());
    let code = &line[..end];
    let Some((number, rest)) = code.split_once(':') else {
        // Instructions as `bpftool` prints them have their bytes on the next line.
        return Shape::Digits(0..end);
    };
    let is_number = !number.trim().is_empty() && number.trim().bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_number || rest.trim_start().starts_with('(') {
        return Shape::Other;
    }
    let blanks = rest.len() - rest.trim_start().len();
    let start = number.len() + 1 + blanks;
    // Behind the bytes, `objdump` has the text of the instruction, `xxd` that of the bytes.
    let stop = ["\t", "  "].iter().filter_map(|gap| code[start..].find(gap)).min();
    Shape::Digits(start..stop.map_or(end, |stop| start + stop))
}

/// The words of a line, with their places; commas and braces only separate.
fn tokens(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let separates = |c: char| c.is_whitespace() || matches!(c, ',' | '{' | '}' | '|');
    let mut at = 0;
    let words = text.split_inclusive(separates).map(move |word| {
        let start = at;
        at += word.len();
        (start, word.trim_end_matches(separates))
    });
    words.filter(|(_, word)| !word.is_empty())
}

/// The bytes that a word stands for.
fn bytes_of(token: &str) -> Option<Vec<u8>> {
    if let Some(digits) = token.strip_prefix("0x").or_else(|| token.strip_prefix("0X")) {
        let digits = digits.trim_end_matches(['u', 'U', 'l', 'L']);
        let number = u64::from_str_radix(digits, 16).ok()?;
        return match digits.len() {
            1 | 2 => Some(vec![number as u8]),
            3..=16 => Some(number.to_le_bytes().to_vec()),
            _ => None,
        };
    }
    let digits: Option<Vec<u8>> = token.chars().map(|c| c.to_digit(16).map(|digit| digit as u8)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}
