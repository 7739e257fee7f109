//! Which locations a test has.

use super::Thread;
use super::items::Code;
use crate::analysis::{Access, Object, Place};
use crate::program::{Data, DataKind, Program};
use std::collections::{BTreeMap, BTreeSet};

/// The parts of objects that are locations.
#[derive(Clone, Debug, Default)]
pub(super) struct Locations {
    /// Objects that are one location, because somebody needs their address.
    whole: BTreeSet<Object>,
    /// Parts of the others by distance from their start, with their sizes in bytes.
    parts: BTreeMap<Object, BTreeMap<i64, u32>>,
    /// Objects whose parts overlap, or whose place is not known.
    undivided: BTreeSet<Object>,
    /// Sizes of accesses to objects that are one location.
    sizes: BTreeMap<Object, u32>,
}

/// Size of a location of which nothing more is known: locks.
const LOCK_BYTES: u32 = 4;

impl Locations {
    /// Finds out how objects are accessed.
    pub(super) fn enter(&mut self, program: &Program, threads: &[Thread]) {
        self.parts.clear();
        self.undivided.clear();
        self.sizes.clear();
        let items = threads.iter().flat_map(|thread| &thread.bodies).flat_map(|body| &body.items);
        for item in items {
            if let Some(access) = &item.access
                && let Some(place) = access.place.filter(|place| place.object.is_shared())
            {
                self.part(program, place, Some(access));
            }
            if let Code::Call(_, Some(place), _) = &item.code
                && place.object.is_shared()
            {
                self.part(program, *place, None);
            }
        }
        for (object, parts) in &self.parts {
            let mut end = i64::MIN;
            for (offset, size) in parts {
                if *offset < end {
                    self.undivided.insert(*object);
                }
                end = offset.saturating_add(i64::from(*size));
            }
        }
    }

    fn part(&mut self, program: &Program, place: Place, access: Option<&Access>) {
        let size = access.map_or(LOCK_BYTES, |access| access.size);
        let smallest = self.sizes.entry(place.object).or_insert(size);
        *smallest = (*smallest).min(size);
        let Some(offset) = place.offset else {
            self.undivided.insert(place.object);
            return;
        };
        let parts = self.parts.entry(place.object).or_default();
        let known = parts.entry(offset).or_insert(size);
        if *known != size {
            self.undivided.insert(place.object);
        }
        // Parts outside of what there is are nobody's.
        let bytes = data_of(program, place.object).map_or(0, |data| data.size);
        if bytes > 0 && (offset < 0 || offset.unsigned_abs().saturating_add(size.into()) > bytes) {
            self.undivided.insert(place.object);
        }
    }

    /// Whether the place is a location of its own.
    pub(super) fn is_divided(&self, place: Option<Place>) -> bool {
        place.is_some_and(|place| {
            let object = place.object;
            object.is_shared() && !self.whole.contains(&object) && !self.undivided.contains(&object)
        })
    }

    /// The objects whose address some thread still needs, although they are divided.
    pub(super) fn needed_whole(&self, threads: &[Thread]) -> BTreeSet<Object> {
        let items = threads.iter().flat_map(|thread| &thread.bodies).flat_map(|body| &body.items);
        items
            .filter_map(|item| match &item.code {
                Code::Address(_, place) if !self.whole.contains(&place.object) => Some(place.object),
                _ => None,
            })
            .collect()
    }

    pub(super) fn keep_whole(&mut self, objects: BTreeSet<Object>) {
        self.whole.extend(objects);
    }

    /// The locations: each with its place, its size in bytes, and of how many such it is an array.
    pub(super) fn list(&self, program: &Program) -> Vec<(Place, u32, u64)> {
        let mut list = Vec::new();
        let objects: BTreeSet<Object> =
            self.parts.keys().chain(&self.whole).chain(&self.undivided).copied().collect();
        for object in objects {
            let start = Place { object, offset: Some(0) };
            if self.is_divided(Some(start)) {
                let parts = self.parts.get(&object).into_iter().flatten();
                list.extend(parts.map(|(offset, size)| (Place { object, offset: Some(*offset) }, *size, 1)));
            } else {
                let size = self.sizes.get(&object).copied().unwrap_or(8);
                let bytes = data_of(program, object).map_or(0, |data| data.size);
                list.push((start, size, bytes.div_ceil(size.into()).clamp(1, MAX_ELEMENTS)));
            }
        }
        list
    }
}

/// Larger arrays are cut: no test is about all of them.
const MAX_ELEMENTS: u64 = 64;

/// The map or variable of an object.
pub(super) fn data_of(program: &Program, object: Object) -> Option<&Data> {
    match object {
        Object::Variable(position) | Object::Element(position, _) => program.data.get(position),
        Object::Stack | Object::Context => None,
    }
}

/// Names for locations, no two of them the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    names: BTreeMap<Place, String>,
    used: BTreeSet<String>,
}

impl Names {
    /// The name of a location of the list.
    pub(super) fn of(&self, place: Place) -> &str {
        self.names.get(&place).map_or("unknown", String::as_str)
    }

    /// Gives a location a name; `is_whole` if it is all of its object.
    pub(super) fn enter(&mut self, program: &Program, place: Place, is_whole: bool) {
        let Some(data) = data_of(program, place.object) else { return };
        let mut name = clean(&data.name);
        if let Object::Element(_, Some(key)) = place.object {
            name += &format!("_{key}");
        }
        let offset = place.offset.unwrap_or(0);
        let scalar = data.scalars.iter().find(|scalar| i64::try_from(scalar.offset) == Ok(offset));
        match scalar {
            _ if is_whole => {}
            Some(scalar) if !scalar.name.is_empty() => {
                name += &format!("_{}", clean(&scalar.name).trim_matches('_'));
            }
            _ if scalar.is_some() => {}
            _ => name += &format!("_{offset}").replace('-', "m"),
        }
        let mut unique = name.clone();
        let mut number = 2;
        while !self.used.insert(unique.clone()) {
            unique = format!("{name}_{number}");
            number += 1;
        }
        self.names.insert(place, unique);
    }
}

/// A name that litmus tests understand.
fn clean(name: &str) -> String {
    let mut clean: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    // `r1` is a register, and `P1` a thread.
    let digits = clean.get(1..).unwrap_or_default();
    let is_register = clean.starts_with(['r', 'w', 'P']) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_register || clean.starts_with(|c: char| c.is_ascii_digit()) || clean.is_empty() {
        clean.insert(0, '_');
        clean.insert(0, 'v');
    }
    clean
}

/// The initial value of a location of `size` bytes.
pub(super) fn initial(program: &Program, place: Place, size: u32) -> u64 {
    let Some(Data { kind: DataKind::Variable(bytes), .. }) = data_of(program, place.object) else { return 0 };
    let from = usize::try_from(place.offset.unwrap_or(0)).unwrap_or(usize::MAX);
    let Some(bytes) = bytes.get(from..from.saturating_add(size as usize).min(bytes.len())) else { return 0 };
    let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
    match program.endian {
        isa::bpf::bytes::Endian::Little => bytes.iter().rev().fold(0, add),
        isa::bpf::bytes::Endian::Big => bytes.iter().fold(0, add),
    }
}
