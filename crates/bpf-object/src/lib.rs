//! BPF programs in bytes: ELF objects, raw bytes and hex dumps; what they need of a kernel, and what may go wrong in them.
//!
//! [`read`] understands all three. [`groups`] says which conformance groups the instructions belong to, and which
//! compilers, kernels and JITs know them.
//!
//! Nothing here touches the file system.

mod analysis;
mod btf;
mod elf;
pub mod groups;
mod hex;
mod lines;
mod linked;
mod lint;
mod listing;
mod program;
mod sections;
pub mod slice;
mod text;

pub use linked::{linked, retargeted, targets};
pub use lint::lint;
pub use program::{Data, DataKind, Function, Line, Program, Reference, Scalar, SourceLine};

pub use isa::bpf::bytes::Endian;
use syntax::{Diagnostic, FileId};

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// An ELF object.
    Elf,
    /// Instructions, one behind the other.
    Raw(Endian),
    /// Instructions written as hexadecimal digits.
    Hex,
    /// Instructions as text, in any of the syntaxes.
    Text,
}

impl Format {
    /// Guesses: ELF objects start with a magic number, hex dumps and programs in text are text.
    #[must_use]
    pub fn guess(bytes: &[u8]) -> Format {
        if bytes.starts_with(b"\x7fELF") {
            return Format::Elf;
        }
        let is_text = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
        if !bytes.is_empty() && bytes.iter().all(is_text) {
            let text = std::str::from_utf8(bytes).unwrap_or_default();
            return if text::is_text(text) { Format::Text } else { Format::Hex };
        }
        Format::Raw(Endian::Little)
    }
}

/// Reads a program. What is wrong with single instructions stands at them and in the list; without a program, the list
/// says why. `name` is what code without a name is called.
#[must_use]
pub fn read(file: FileId, name: &str, bytes: &[u8], format: Format) -> (Option<Program>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let program = match format {
        Format::Elf => elf::read(file, bytes, &mut diagnostics),
        Format::Raw(endian) => sections::raw(file, name, bytes, endian, &mut diagnostics),
        Format::Hex => hex::read(file, name, bytes, &mut diagnostics),
        Format::Text => text::read(file, name, bytes, &mut diagnostics),
    };
    (program, diagnostics)
}
