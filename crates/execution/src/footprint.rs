//! Where the accesses of a program may go, and whether accesses of different sizes meet.
//!
//! Addresses are known when paths are, for the most part. Where one is read from memory it is one of those that memory
//! may hold; where one is computed from what is read, it lies somewhere in the object that it is computed from.

use crate::Path;
use crate::pieces::ByteOrder;
use crate::pointers::{Pointers, Target};
use crate::structure::InitialMemory;
use crate::term::TermId;
use crate::value::{SymbolId, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What memory has under one name.
#[derive(Clone, Debug, Default)]
pub struct Object {
    /// The scalars in it: distance from the start in bytes, and width in bits; in order, none overlapping.
    pub cells: Vec<(i64, u8)>,
    /// Whether the test says how large it is. Otherwise it is as large as the accesses to it.
    pub sized: bool,
}

impl Object {
    fn end(&self) -> i64 {
        self.cells.last().map_or(0, |(offset, width)| offset.saturating_add((width / 8).into()))
    }

    /// The cell at an offset.
    pub(crate) fn cell(&self, offset: i64) -> Option<i64> {
        let at = self.cells.binary_search_by_key(&offset, |(start, _)| *start).ok()?;
        Some(i64::from(self.cells[at].1 / 8))
    }
}

/// The objects of a program.
pub type Objects<'a> = dyn Fn(SymbolId) -> Object + 'a;

/// An access that some path makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Access {
    pub(crate) target: Target,
    pub(crate) bytes: i64,
}

/// The accesses of a program, and the addresses that memory may hold.
#[derive(Clone, Debug, Default)]
pub struct Footprints {
    accesses: BTreeMap<Access, Origin>,
    pointers: Pointers,
    /// Whether some access may go to several places.
    ambiguous: bool,
}

/// Where an access comes from.
#[derive(Clone, Copy, Debug)]
struct Origin {
    thread: usize,
    instruction: u32,
    /// Whether some path makes it. Others may not be made.
    certain: bool,
}

/// Whether accesses of different sizes meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// They don't.
    No,
    /// They may, depending on addresses that are read.
    Possible,
    /// They do.
    Certain,
}

/// An access that does not fit the object that it goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The thread.
    pub thread: usize,
    /// Position of the instruction in the thread's code.
    pub instruction: u32,
    /// The object.
    pub symbol: SymbolId,
    /// Where in the object, in bytes.
    pub offset: i64,
    /// Size of the access in bytes.
    pub bytes: i64,
    /// Whether it goes beyond the object; otherwise it is not aligned.
    pub outside: bool,
}

impl Footprints {
    /// The footprints of all paths of all threads. In a `typed` program, accesses whose address is read or computed are
    /// left out: they meet their like.
    pub fn new(paths: &[Arc<Vec<Path>>], memory: &InitialMemory, typed: bool) -> Footprints {
        let all_known = paths.iter().flat_map(|paths| paths.iter()).all(|path| {
            let mut accesses = path.events.iter().filter(|event| event.kind.is_memory());
            accesses.all(|event| event.addr.is_none_or(|addr| path.terms.known(addr).is_some()))
        });
        let pointers = if all_known || typed { Pointers::default() } else { Pointers::new(paths, memory) };
        let mut all = Footprints { accesses: BTreeMap::new(), pointers, ambiguous: false };
        for (thread, paths) in paths.iter().enumerate() {
            paths.iter().for_each(|path| all.add(thread, path, typed));
        }
        all
    }

    fn add(&mut self, thread: usize, path: &Path, typed: bool) {
        for event in path.events.iter().filter(|event| event.kind.is_memory()) {
            let Some(addr) = event.addr else { continue };
            let mut add = |target: Target, certain: bool| {
                let access = Access { target, bytes: i64::from(event.width / 8).max(1) };
                let origin = Origin { thread, instruction: event.instruction, certain };
                self.accesses.entry(access).or_insert(origin).certain |= certain;
            };
            match path.terms.known(addr) {
                Some(Value::Addr { symbol, offset }) => add(Target::At(symbol, offset), true),
                Some(_) => {}
                None if typed => {}
                None => {
                    let targets = self.pointers.targets(path, addr);
                    self.ambiguous |= targets.len() > 1;
                    targets.into_iter().for_each(|target| add(target, false));
                }
            }
        }
    }

    /// Where an access of a path to that address may go. Nowhere, if it goes to no object.
    pub(crate) fn targets(&self, path: &Path, addr: TermId) -> Vec<Target> {
        self.pointers.targets(path, addr).into_iter().collect()
    }

    pub(crate) fn accesses(&self) -> impl Iterator<Item = Access> + '_ {
        self.accesses.keys().copied()
    }

    /// Whether some access may go to several places.
    pub(crate) fn are_ambiguous(&self) -> bool {
        self.ambiguous
    }

    /// Whether accesses of different sizes meet: accesses that overlap without being the same, or accesses to parts
    /// of scalars, or to several at once.
    pub fn mix(&self, objects: &Objects<'_>, memory: &InitialMemory, order: ByteOrder) -> Mix {
        if !meet(self.accesses(), objects, memory, order) {
            return Mix::No;
        }
        let certain = self.accesses.iter().filter(|(_, origin)| origin.certain).map(|(access, _)| *access);
        if meet(certain, objects, memory, order) { Mix::Certain } else { Mix::Possible }
    }

    /// The first access that does not fit its object: it must be `aligned`, and lie `inside`.
    pub fn misfit(&self, objects: &Objects<'_>, aligned: bool, inside: bool) -> Option<Misfit> {
        self.accesses.iter().find_map(|(access, origin)| {
            let Target::At(symbol, offset) = access.target else { return None };
            if !origin.certain {
                return None;
            }
            let (object, bytes) = (objects(symbol), access.bytes);
            let outside =
                inside && object.sized && !(0 <= offset && offset.saturating_add(bytes) <= object.end());
            let is_wrong = outside || (aligned && offset.rem_euclid(bytes) != 0);
            is_wrong.then_some(Misfit {
                thread: origin.thread,
                instruction: origin.instruction,
                symbol,
                offset,
                bytes,
                outside,
            })
        })
    }
}

/// See [`Footprints::mix`]. Accesses come in order.
fn meet(
    accesses: impl Iterator<Item = Access>,
    objects: &Objects<'_>,
    memory: &InitialMemory,
    order: ByteOrder,
) -> bool {
    let mut by_symbol: BTreeMap<SymbolId, Vec<(i64, i64)>> = BTreeMap::new();
    let mut inside: BTreeSet<(SymbolId, i64)> = BTreeSet::new();
    let mut sizes: BTreeSet<i64> = BTreeSet::new();
    let mut anywhere = false;
    for Access { target, bytes } in accesses {
        sizes.insert(bytes);
        match target {
            Target::At(symbol, offset) => by_symbol.entry(symbol).or_default().push((offset, bytes)),
            Target::Inside(symbol) => drop(inside.insert((symbol, bytes))),
            Target::Anywhere => anywhere = true,
        }
    }
    let overlap = |(symbol, ranges): (&SymbolId, &Vec<(i64, i64)>)| {
        ranges.windows(2).any(|pair| pair[1].0 < pair[0].0.saturating_add(pair[0].1))
            || crosses(*symbol, ranges, &objects(*symbol), memory, order)
    };
    let meets = |(symbol, bytes): &(SymbolId, i64)| {
        let other = |(offset, size): &(i64, i64)| size != bytes || offset.rem_euclid(*bytes) != 0;
        let object = objects(*symbol);
        by_symbol.get(symbol).is_some_and(|ranges| ranges.iter().any(other))
            || inside.iter().any(|(known, size)| known == symbol && size != bytes)
            || object.cells.iter().any(|(_, width)| {
                let size = i64::from(width / 8);
                size > *bytes || (object.cells.len() > 1 && size != *bytes)
            })
    };
    (anywhere && sizes.len() > 1) || by_symbol.iter().any(overlap) || inside.iter().any(meets)
}

/// Whether one of the ranges, which do not overlap, is not all of a scalar and nothing else.
fn crosses(
    symbol: SymbolId,
    ranges: &[(i64, i64)],
    object: &Object,
    memory: &InitialMemory,
    order: ByteOrder,
) -> bool {
    ranges.iter().any(|(offset, bytes)| {
        if let Some(size) = object.cell(*offset) {
            if size == *bytes {
                return false;
            }
            // What is left out of a scalar does not matter where it is the upper part, is zero, and stays so.
            let value = memory.value(Value::Addr { symbol, offset: *offset });
            let fits = matches!(value, Value::Int(bits) if *bytes >= 16 || bits >> (8 * *bytes) == 0);
            if size > *bytes {
                return order == ByteOrder::Big || !fits;
            }
        }
        // One larger than its only scalar is as large as the accesses say.
        let starts_inside = |(start, _): &(i64, u8)| start > offset && *start < offset.saturating_add(*bytes);
        let is_inside =
            |(start, width): &(i64, u8)| start < offset && *offset < start.saturating_add((width / 8).into());
        object.cells.iter().any(|cell| starts_inside(cell) || is_inside(cell))
    })
}
