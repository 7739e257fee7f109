//! Lines of source: the section `.BTF.ext`.
//!
//! Source: the kernel's documentation of the format (Documentation/bpf/btf.rst, Linux 7.3), “The .BTF.ext section”. What
//! can't be understood is left out.

use crate::btf::Reader;
use crate::program::{Function, SourceLine};
use isa::bpf::bytes::Endian;
use std::collections::BTreeMap;

/// Where instructions come from: for each section, by distance in bytes from its start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines {
    sections: BTreeMap<String, BTreeMap<u32, SourceLine>>,
}

impl Lines {
    /// Reads the section; names are in `btf`.
    pub(crate) fn read(section: &[u8], btf: &[u8], endian: Endian) -> Lines {
        let mut lines = Lines::default();
        let _ = lines.fill(Reader::new(section, endian), Reader::new(btf, endian));
        lines
    }

    fn fill(&mut self, whole: Reader<'_>, btf: Reader<'_>) -> Option<()> {
        let strings = strings(btf)?;
        let mut header = whole;
        let length = header.header()?;
        // Names of functions come first.
        header.skip(8)?;
        let (at, size) = (header.u32()?, header.u32()?);
        let mut reader = whole.part(length.checked_add(at)?, size)?;
        let record = reader.u32()?;
        while !reader.is_empty() {
            let (name, count) = (reader.u32()?, reader.u32()?);
            let section = self.sections.entry(strings.text(name)?.to_owned()).or_default();
            for _ in 0..count {
                let (offset, line) = one(&mut reader, record, strings)?;
                section.insert(offset, line);
            }
        }
        Some(())
    }

    /// Says of each instruction where it comes from.
    pub(crate) fn enter(&self, function: &mut Function) {
        let Some(section) = self.sections.get(&function.section) else { return };
        for line in &mut function.lines {
            let Ok(offset) = u32::try_from(line.decoded.index * isa::bpf::bytes::SLOT_BYTES) else { return };
            let start = function.offset as u32;
            line.source = section.range(start..=offset).next_back().map(|(_, source)| source.clone());
        }
    }
}

/// The names of `.BTF`.
fn strings(btf: Reader<'_>) -> Option<Reader<'_>> {
    let mut header = btf;
    let length = header.header()?;
    header.skip(8)?;
    let (at, size) = (header.u32()?, header.u32()?);
    btf.part(length.checked_add(at)?, size)
}

fn one(reader: &mut Reader<'_>, record: u32, strings: Reader<'_>) -> Option<(u32, SourceLine)> {
    let (offset, file, text, place) = (reader.u32()?, reader.u32()?, reader.u32()?, reader.u32()?);
    reader.skip(record.checked_sub(16)?)?;
    let line = SourceLine {
        file: strings.text(file)?.to_owned(),
        line: place >> 10,
        column: place & 0x3ff,
        text: strings.text(text)?.trim().to_owned(),
    };
    Some((offset, line))
}
