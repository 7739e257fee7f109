//! Programs as data.

use isa::bpf::Instruction;
use isa::bpf::bytes::{Decoded, Endian};
use syntax::Span;

/// What a file holds.
#[derive(Clone, Debug)]
pub struct Program {
    /// Order of bytes.
    pub endian: Endian,
    /// Functions, in the order of the file.
    pub functions: Vec<Function>,
    /// Maps and global variables, in the order of the file.
    pub data: Vec<Data>,
}

impl Program {
    /// The function of that name.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.name == name)
    }
}

/// A function.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name; of code that no symbol names, that of the section.
    pub name: String,
    /// The section that it is in, which says what kind of program it is.
    pub section: String,
    /// Distance in bytes from the start of the section.
    pub offset: u64,
    /// Its instructions.
    pub lines: Vec<Line>,
}

impl Function {
    /// The position in `lines` of the instruction that starts at slot `slot` of the section.
    #[must_use]
    pub fn line_at(&self, slot: usize) -> Option<usize> {
        self.lines.binary_search_by_key(&slot, |line| line.decoded.index).ok()
    }

    /// The position in `lines` of where the jump at position `from` goes, if it goes anywhere in the function.
    #[must_use]
    pub fn jump(&self, from: usize, offset: i32) -> Option<usize> {
        let next = self.lines.get(from)?.decoded.index as i64 + 1;
        self.line_at(usize::try_from(next + i64::from(offset)).ok()?)
    }
}

/// An instruction in its place.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it is; its index counts slots from the start of the section.
    pub decoded: Decoded,
    /// What the linker or the loader puts in.
    pub reference: Option<Reference>,
    /// Where it comes from.
    pub source: Option<SourceLine>,
    /// Its place in the file.
    pub span: Span,
}

impl Line {
    /// The instruction, if its bytes are one.
    #[must_use]
    pub fn instruction(&self) -> Option<&Instruction<'static>> {
        self.decoded.instruction.as_ref().ok()
    }
}

/// What an instruction refers to by a relocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// A map or a global variable, by position in [`Program::data`], and a distance in bytes from its start.
    Data(usize, i64),
    /// A function of the program.
    Function(String),
    /// Something that the kernel has: a function or a variable.
    Kernel(String),
    /// A section without symbols for what is meant, and a distance in bytes from its start.
    Section(String, i64),
}

/// A line of the program's source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLine {
    /// File.
    pub file: String,
    /// Number of the line.
    pub line: u32,
    /// Column; 0 if it is not known.
    pub column: u32,
    /// The text of the line, if it is there.
    pub text: String,
}

/// A map or a global variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data {
    /// Name.
    pub name: String,
    /// What it is.
    pub kind: DataKind,
    /// Size in bytes; of a map, of one value, if it is known.
    pub size: u64,
    /// Its scalars: distance from the start, size in bytes and name of each, if types are known.
    pub scalars: Vec<Scalar>,
}

/// What a location in a section is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataKind {
    /// A map, with the number of its kind, if it is known.
    Map(Option<u32>),
    /// A global variable with its initial bytes; all zero if there are none.
    Variable(Vec<u8>),
}

/// A part of a map's value or of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// Distance in bytes from the start.
    pub offset: u64,
    /// Size in bytes.
    pub size: u64,
    /// Name from the start: `pair.a`; empty if it is all there is.
    pub name: String,
}
