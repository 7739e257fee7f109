//! Types: the section `.BTF`.
//!
//! Source: the kernel's documentation of the format (Documentation/bpf/btf.rst, Linux 7.3), “BTF Type and String
//! Encoding”. What can't be understood is left out: types only make output easier to read.

use crate::program::Scalar;
use isa::bpf::bytes::Endian;
use std::collections::BTreeMap;

/// No type of a test's data has more scalars that matter.
const MAX_SCALARS: usize = 256;

/// No type is nested deeper.
const MAX_DEPTH: u32 = 24;

/// No name or line of source is longer.
const MAX_TEXT: usize = 1024;

/// A walk over numbers of 16 and 32 bits.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    endian: Endian,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], endian: Endian) -> Reader<'a> {
        Reader { bytes, endian }
    }

    /// The bytes from `at` on, `len` of them.
    pub(crate) fn part(&self, at: u32, len: u32) -> Option<Reader<'a>> {
        let (at, len) = (at as usize, len as usize);
        let bytes = self.bytes.get(at..at.checked_add(len)?)?;
        Some(Reader { bytes, ..*self })
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        let (bytes, rest) = self.bytes.split_first_chunk()?;
        self.bytes = rest;
        Some(match self.endian {
            Endian::Little => u16::from_le_bytes(*bytes),
            Endian::Big => u16::from_be_bytes(*bytes),
        })
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        let (bytes, rest) = self.bytes.split_first_chunk()?;
        self.bytes = rest;
        Some(match self.endian {
            Endian::Little => u32::from_le_bytes(*bytes),
            Endian::Big => u32::from_be_bytes(*bytes),
        })
    }

    pub(crate) fn skip(&mut self, bytes: u32) -> Option<()> {
        self.bytes = self.bytes.get(bytes as usize..)?;
        Some(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The text that ends with the next zero byte. Longer ones than names and lines are left out.
    pub(crate) fn text(&self, at: u32) -> Option<&'a str> {
        let bytes = self.bytes.get(at as usize..)?;
        let bytes = &bytes[..bytes.len().min(MAX_TEXT)];
        let end = bytes.iter().position(|byte| *byte == 0)?;
        std::str::from_utf8(&bytes[..end]).ok()
    }

    /// The header that `.BTF` and `.BTF.ext` begin with; gives how long it is.
    pub(crate) fn header(&mut self) -> Option<u32> {
        const MAGIC: u16 = 0xeb9f;
        if self.u16()? != MAGIC {
            return None;
        }
        self.u16()?;
        self.u32()
    }
}

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Type {
    /// A number or a pointer of so many bytes.
    Scalar(u64),
    /// A type by another name, or with a qualifier.
    Alias(u32),
    Array {
        element: u32,
        count: u32,
    },
    /// A structure or a union.
    Struct {
        size: u64,
        members: Vec<Member>,
    },
    Variable(u32),
    Pointer(u32),
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Member {
    name: String,
    of: u32,
    /// In bits.
    offset: u32,
    is_bits: bool,
}

/// The types of a program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Types {
    types: Vec<Type>,
    /// Types of variables by name.
    variables: BTreeMap<String, u32>,
}

impl Types {
    /// Reads the section; what does not make sense ends it.
    pub(crate) fn read(section: &[u8], endian: Endian) -> Types {
        // Type 0 is `void`.
        let mut types = Types { types: vec![Type::Other], variables: BTreeMap::new() };
        let _ = types.fill(Reader::new(section, endian));
        types
    }

    fn fill(&mut self, whole: Reader<'_>) -> Option<()> {
        let mut header = whole;
        let length = header.header()?;
        let mut part = || Some((header.u32()?, header.u32()?));
        let (types, strings) = (part()?, part()?);
        let mut reader = whole.part(length.checked_add(types.0)?, types.1)?;
        let strings = whole.part(length.checked_add(strings.0)?, strings.1)?;
        while !reader.is_empty() {
            let one = self.one(&mut reader, strings)?;
            self.types.push(one);
        }
        Some(())
    }

    fn one(&mut self, reader: &mut Reader<'_>, strings: Reader<'_>) -> Option<Type> {
        let (name, info, size) = (reader.u32()?, reader.u32()?, reader.u32()?);
        let (count, kind, flag) = (info & 0xffff, info >> 24 & 31, info >> 31 != 0);
        Some(match kind {
            // A number has a word about its sign.
            1 => {
                reader.skip(4)?;
                Type::Scalar(size.into())
            }
            2 => Type::Pointer(size),
            3 => {
                let element = reader.u32()?;
                reader.u32()?;
                Type::Array { element, count: reader.u32()? }
            }
            4 | 5 => {
                let mut members = Vec::new();
                for _ in 0..count {
                    members.push(member(reader, strings, flag)?);
                }
                Type::Struct { size: size.into(), members }
            }
            6 => {
                reader.skip(count.checked_mul(8)?)?;
                Type::Scalar(size.into())
            }
            // Type definitions, qualifiers and tags.
            8..=11 | 18 => Type::Alias(size),
            13 => {
                reader.skip(count.checked_mul(8)?)?;
                Type::Other
            }
            14 => {
                reader.skip(4)?;
                let name = strings.text(name)?.to_owned();
                self.variables.insert(name, size);
                Type::Variable(size)
            }
            15 => {
                reader.skip(count.checked_mul(12)?)?;
                Type::Other
            }
            16 => Type::Scalar(size.into()),
            17 => {
                reader.skip(4)?;
                Type::Other
            }
            19 => {
                reader.skip(count.checked_mul(12)?)?;
                Type::Scalar(size.into())
            }
            // Forward declarations and functions have nothing more.
            7 | 12 => Type::Other,
            _ => return None,
        })
    }

    /// A type without names and qualifiers.
    fn plain(&self, mut id: u32) -> Option<&Type> {
        for _ in 0..MAX_DEPTH {
            match self.types.get(id as usize)? {
                Type::Alias(of) | Type::Variable(of) => id = *of,
                plain => return Some(plain),
            }
        }
        None
    }

    fn size(&self, id: u32, depth: u32) -> Option<u64> {
        if depth > MAX_DEPTH {
            return None;
        }
        match self.plain(id)? {
            Type::Scalar(size) | Type::Struct { size, .. } => Some(*size),
            Type::Pointer(_) => Some(8),
            Type::Array { element, count } => self.size(*element, depth + 1)?.checked_mul(u64::from(*count)),
            _ => None,
        }
    }

    /// The scalars of the variable of that name.
    pub(crate) fn scalars_of_variable(&self, name: &str) -> Vec<Scalar> {
        let mut scalars = Vec::new();
        if let Some(id) = self.variables.get(name) {
            self.scalars(*id, &Place::default(), &mut scalars);
        }
        scalars
    }

    fn scalars(&self, id: u32, place: &Place, scalars: &mut Vec<Scalar>) {
        if scalars.len() >= MAX_SCALARS || place.depth > MAX_DEPTH {
            return;
        }
        match self.plain(id) {
            Some(Type::Scalar(size)) => scalars.push(place.scalar(*size)),
            Some(Type::Pointer(_)) => scalars.push(place.scalar(8)),
            Some(Type::Struct { members, .. }) => {
                for member in members.iter().filter(|member| !member.is_bits) {
                    self.scalars(member.of, &place.member(member), scalars);
                }
            }
            Some(Type::Array { element, count }) => {
                let Some(size) = self.size(*element, 0) else { return };
                for index in 0..(*count).min(MAX_SCALARS as u32) {
                    self.scalars(*element, &place.element(index, size), scalars);
                }
            }
            _ => {}
        }
    }

    /// What the map of that name is: the number of its kind, and the size and scalars of its values. Definitions of maps
    /// are structures whose members point to arrays of as many elements as the number says.
    pub(crate) fn map(&self, name: &str) -> Option<Map> {
        let Type::Struct { members, .. } = self.plain(*self.variables.get(name)?)? else { return None };
        let member = |name: &str| match self.plain(members.iter().find(|member| member.name == name)?.of)? {
            Type::Pointer(to) => Some(*to),
            _ => None,
        };
        let number = |name: &str| match self.plain(member(name)?)? {
            Type::Array { count, .. } => Some(*count),
            _ => None,
        };
        let mut scalars = Vec::new();
        let value = member("value");
        if let Some(value) = value {
            self.scalars(value, &Place::default(), &mut scalars);
        }
        let size = value.and_then(|value| self.size(value, 0)).or(number("value_size").map(u64::from));
        Some(Map { kind: number("type"), size: size.unwrap_or(0), scalars })
    }
}

/// A definition of a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Map {
    /// The number of its kind.
    pub(crate) kind: Option<u32>,
    /// Size of a value in bytes, or 0.
    pub(crate) size: u64,
    /// What a value has in it.
    pub(crate) scalars: Vec<Scalar>,
}

fn member(reader: &mut Reader<'_>, strings: Reader<'_>, has_bits: bool) -> Option<Member> {
    let (name, of, offset) = (reader.u32()?, reader.u32()?, reader.u32()?);
    // With bit fields, the offset also has their width.
    let (offset, is_bits) = if has_bits { (offset & 0xff_ffff, offset >> 24 != 0) } else { (offset, false) };
    let name = strings.text(name)?.to_owned();
    Some(Member { name, of, offset, is_bits })
}

/// A place in a variable.
#[derive(Clone, Debug, Default)]
struct Place {
    offset: u64,
    name: String,
    depth: u32,
}

impl Place {
    fn scalar(&self, size: u64) -> Scalar {
        Scalar { offset: self.offset, size, name: self.name.clone() }
    }

    fn member(&self, member: &Member) -> Place {
        let dot = if self.name.is_empty() || member.name.is_empty() { "" } else { "." };
        let name = format!("{}{dot}{}", self.name, member.name);
        Place { offset: self.offset + u64::from(member.offset / 8), name, depth: self.depth + 1 }
    }

    fn element(&self, index: u32, size: u64) -> Place {
        let offset = self.offset.saturating_add(size.saturating_mul(index.into()));
        Place { offset, name: format!("{}[{index}]", self.name), depth: self.depth + 1 }
    }
}
