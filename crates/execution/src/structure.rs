//! One path of each thread, together: the events of a candidate execution before `rf` and `co` are chosen.
//!
//! Events are numbered: first one initial write for each location, then the events of each thread in program order.

use crate::micro::{Names, Port};
use crate::path::{Edge, Event, Kind, Path};
use crate::value::Value;
use crate::{TermId, VarId};
use relation::{Relation, Set};

/// An event of a [`Structure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub u32);

impl EventId {
    /// The number, to index with.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// An address that memory has, and what it holds at the start.
pub type Location = (Value, Value);

/// What memory holds at the start.
#[derive(Clone, Debug, Default)]
pub struct InitialMemory {
    /// The locations that the test names, in order of address, none twice.
    pub locations: Vec<Location>,
}

impl InitialMemory {
    /// What that address holds at the start; `None` if there is no such location. What is not a location has no
    /// initial write: a read there can only read what the program wrote.
    pub fn initial(&self, address: Value) -> Option<Value> {
        let at = self.locations.binary_search_by(|(known, _)| known.cmp(&address)).ok()?;
        Some(self.locations[at].1)
    }

    /// What that address holds at the start, zero if it is no location.
    pub fn value(&self, address: Value) -> Value {
        self.initial(address).unwrap_or(Value::ZERO)
    }
}

/// Where an event of a structure comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// The initial write to `locations[_]`.
    Initial(u32),
    /// Position in the path of a thread.
    Thread(u16, u32),
}

/// One path of each thread.
#[derive(Clone, Debug)]
pub struct Structure<'p> {
    paths: Vec<&'p Path>,
    /// The locations that have an initial write, in order of address.
    locations: Vec<Location>,
    origins: Vec<Origin>,
    /// The first event of each thread, and the number of events at the end.
    starts: Vec<usize>,
    /// Whether every address is known before any read is.
    known_addresses: bool,
}

impl<'p> Structure<'p> {
    /// Puts paths together. `memory` must list every location that a read value may point to.
    pub fn new(paths: Vec<&'p Path>, memory: &InitialMemory) -> Structure<'p> {
        let mut known_addresses = true;
        let mut addresses: Vec<Value> = Vec::new();
        for path in &paths {
            for event in path.events.iter().filter(|event| event.kind.is_memory()) {
                match event.addr.and_then(|addr| path.terms.known(addr)) {
                    Some(address) => addresses.push(address),
                    None => known_addresses = false,
                }
            }
        }
        if !known_addresses {
            addresses.extend(memory.locations.iter().map(|(address, _)| *address));
        }
        addresses.sort_unstable();
        addresses.dedup();
        let locations: Vec<Location> =
            addresses.into_iter().filter_map(|address| Some((address, memory.initial(address)?))).collect();
        let mut origins: Vec<Origin> = (0..locations.len() as u32).map(Origin::Initial).collect();
        let mut starts = Vec::with_capacity(paths.len() + 1);
        for (thread, path) in paths.iter().enumerate() {
            starts.push(origins.len());
            origins.extend((0..path.events.len() as u32).map(|at| Origin::Thread(thread as u16, at)));
        }
        starts.push(origins.len());
        Structure { paths, locations, origins, starts, known_addresses }
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.origins.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.origins.is_empty()
    }

    /// All events.
    pub fn events(&self) -> impl Iterator<Item = EventId> + use<> {
        (0..self.origins.len() as u32).map(EventId)
    }

    /// The paths, one a thread.
    pub fn paths(&self) -> &[&'p Path] {
        &self.paths
    }

    /// The locations with an initial write; the `i`-th is written by event `i`.
    pub fn locations(&self) -> &[Location] {
        &self.locations
    }

    /// Whether all addresses are known before any read is.
    pub fn known_addresses(&self) -> bool {
        self.known_addresses
    }

    /// The thread of an event; none for initial writes.
    pub fn thread(&self, event: EventId) -> Option<usize> {
        match self.origins[event.index()] {
            Origin::Initial(_) => None,
            Origin::Thread(thread, _) => Some(thread.into()),
        }
    }

    /// The event in its path; none for initial writes.
    pub fn event(&self, event: EventId) -> Option<&'p Event> {
        match self.origins[event.index()] {
            Origin::Initial(_) => None,
            Origin::Thread(thread, at) => Some(&self.paths[thread as usize].events[at as usize]),
        }
    }

    /// What an event does; initial writes write.
    pub fn kind(&self, event: EventId) -> Kind {
        self.event(event).map_or(Kind::Write, |event| event.kind)
    }

    /// The event that a thread's `var`-th read is.
    pub fn read(&self, thread: usize, var: VarId) -> EventId {
        EventId(self.starts[thread] as u32 + self.paths[thread].reads[var.0 as usize])
    }

    /// The event at a position of a thread's path.
    pub fn read_event(&self, thread: usize, position: u32) -> EventId {
        EventId(self.starts[thread] as u32 + position)
    }

    /// All memory reads, each with its thread and variable, in order of event.
    pub fn reads(&self) -> impl Iterator<Item = (EventId, usize, VarId)> + '_ {
        self.paths.iter().enumerate().flat_map(move |(thread, path)| {
            (0..path.reads.len() as u16).map(move |var| (self.read(thread, VarId(var)), thread, VarId(var)))
        })
    }

    /// All memory writes, initial ones first.
    pub fn writes(&self) -> impl Iterator<Item = EventId> + '_ {
        self.events().filter(|event| self.kind(*event).writes())
    }

    /// The address of a memory event, if it is known before any read is.
    pub fn known_address(&self, event: EventId) -> Option<Value> {
        match self.origins[event.index()] {
            Origin::Initial(at) => Some(self.locations[at as usize].0),
            Origin::Thread(thread, at) => {
                let path = self.paths[thread as usize];
                path.events[at as usize].addr.and_then(|addr| path.terms.known(addr))
            }
        }
    }

    /// The value that a write stores, if it is known before any read is.
    pub fn known_stored(&self, event: EventId) -> Option<Value> {
        match self.origins[event.index()] {
            Origin::Initial(at) => Some(self.locations[at as usize].1),
            Origin::Thread(thread, at) => {
                let path = self.paths[thread as usize];
                path.events[at as usize].stored().and_then(|value| path.terms.known(value))
            }
        }
    }

    /// The address of a thread's memory event as a term of its thread.
    pub fn address_term(&self, event: EventId) -> Option<(usize, TermId)> {
        Some((self.thread(event)?, self.event(event)?.addr?))
    }

    /// The value that a thread's write stores as a term of its thread.
    pub fn stored_term(&self, event: EventId) -> Option<(usize, TermId)> {
        Some((self.thread(event)?, self.event(event)?.stored()?))
    }

    /// The predefined set of events that cat calls `name`, if it does not depend on values, `rf` or `co`.
    /// `tags` are the program's names of tags.
    pub fn set(&self, name: &str, tags: &Names) -> Option<Set> {
        if let Some(tag) = tags.iter().position(|tag| tag == name) {
            return Some(self.set_of(|event| event.tags.has(tag), false));
        }
        Some(match name {
            "_" | "EXEC" => Set::full(self.len()),
            "R" => self.set_of(|event| event.kind.reads(), false),
            "W" => self.set_of(|event| event.kind.writes(), true),
            "M" | "Exp" => self.set_of(|event| event.kind.is_memory(), true),
            "IW" => self.set_of(|_| false, true),
            "F" => self.set_of(|event| event.kind == Kind::Fence, false),
            "B" => self.set_of(|event| matches!(event.kind, Kind::Branch | Kind::Pick), false),
            "BCC" => self.set_of(|event| event.kind == Kind::Branch, false),
            "PRED" => self.set_of(|event| event.kind == Kind::Pick, false),
            "Rreg" => self.set_of(|event| matches!(event.kind, Kind::ReadReg(..)), false),
            "Wreg" => self.set_of(|event| matches!(event.kind, Kind::WriteReg(_)), false),
            "ADDR" => self.set_of(|event| matches!(event.kind, Kind::ReadReg(_, Port::Addr)), false),
            "DATA" => self.set_of(|event| matches!(event.kind, Kind::ReadReg(_, Port::Data)), false),
            "no-loc" => self.set_of(|event| !event.kind.is_memory() && !event.kind.is_register(), false),
            _ => return None,
        })
    }

    fn set_of(&self, test: impl Fn(&Event) -> bool, initial: bool) -> Set {
        let mut set = Set::empty(self.len());
        if initial {
            (0..self.locations.len()).for_each(|i| set.insert(i));
        }
        for (path, start) in self.paths.iter().zip(&self.starts) {
            for (at, event) in path.events.iter().enumerate() {
                if test(event) {
                    set.insert(start + at);
                }
            }
        }
        set
    }

    /// The predefined relation that cat calls `name`, if it does not depend on values, `rf` or `co`.
    pub fn relation(&self, name: &str) -> Option<Relation> {
        let n = self.len();
        Some(match name {
            "id" => Relation::identity(n),
            "po" => self.program_order(),
            "int" => self.same_thread(),
            "ext" => {
                let initial = self.set_of(|_| false, true);
                let both_initial = Relation::product(&initial, &initial);
                self.same_thread().union(&both_initial).complement()
            }
            "rf-reg" => self.edges(|path| &path.rf_reg),
            "addr" => self.edges(|path| &path.addr),
            "data" => self.edges(|path| &path.data),
            "ctrl" => self.edges(|path| &path.ctrl),
            "depend" => self.edges(|path| &path.addr).union(&self.edges(|path| &path.data)),
            "iico_data" => self.edges(|path| &path.iico_data),
            "iico_ctrl" => self.edges(|path| &path.iico_ctrl),
            "iico_order" => self.edges(|path| &path.iico_order),
            "sm" | "si" => Relation::identity_on(&self.set_of(|event| event.kind.is_memory(), true)),
            "same-instance" => self.same(|event| event.instance),
            "same-instr" | "same-static" => self.same(|event| event.instruction),
            "aligned" | "partial_po" | "success" | "tst" | "control" | "instr" | "equiv-spec"
            | "same-low-order-bits" => Relation::empty(n),
            _ => return None,
        })
    }

    /// Pairs of one thread with the same key; initial writes are related to themselves.
    fn same(&self, key: impl Fn(&Event) -> u32) -> Relation {
        let mut r = Relation::identity(self.len());
        for (path, start) in self.paths.iter().zip(&self.starts) {
            for (i, a) in path.events.iter().enumerate() {
                for (j, b) in path.events.iter().enumerate() {
                    if key(a) == key(b) {
                        r.insert(start + i, start + j);
                    }
                }
            }
        }
        r
    }

    fn edges(&self, of: impl Fn(&Path) -> &Vec<Edge>) -> Relation {
        let mut r = Relation::empty(self.len());
        for (path, start) in self.paths.iter().zip(&self.starts) {
            for (from, to) in of(path) {
                r.insert(start + *from as usize, start + *to as usize);
            }
        }
        r
    }

    fn program_order(&self) -> Relation {
        let mut r = Relation::empty(self.len());
        let shape = r.shape();
        for (path, start) in self.paths.iter().zip(&self.starts) {
            let mut later = Set::empty(self.len());
            let mut at = path.events.len();
            while at > 0 {
                let instance = path.events[at - 1].instance;
                let end = at;
                while at > 0 && path.events[at - 1].instance == instance {
                    at -= 1;
                }
                for i in at..end {
                    relation::kernel::row_mut(shape, r.bits_mut(), start + i).copy_from_slice(later.bits());
                }
                (at..end).for_each(|i| later.insert(start + i));
            }
        }
        r
    }

    fn same_thread(&self) -> Relation {
        let mut r = Relation::empty(self.len());
        let shape = r.shape();
        for range in self.starts.windows(2) {
            let mut all = Set::empty(self.len());
            (range[0]..range[1]).for_each(|i| all.insert(i));
            for i in range[0]..range[1] {
                relation::kernel::row_mut(shape, r.bits_mut(), i).copy_from_slice(all.bits());
            }
        }
        r
    }

    /// `loc`, given the address of every memory event.
    pub fn same_location(&self, address: impl Fn(EventId) -> Option<Value>) -> Relation {
        let mut by_address: Vec<(Value, usize)> =
            self.events().filter_map(|event| Some((address(event)?, event.index()))).collect();
        by_address.sort_unstable();
        let mut r = Relation::empty(self.len());
        let shape = r.shape();
        let mut rest = &by_address[..];
        while let Some((first, _)) = rest.first() {
            let len = rest.iter().take_while(|(address, _)| address == first).count();
            let mut class = Set::empty(self.len());
            rest[..len].iter().for_each(|(_, event)| class.insert(*event));
            for (_, event) in &rest[..len] {
                relation::kernel::row_mut(shape, r.bits_mut(), *event).copy_from_slice(class.bits());
            }
            rest = &rest[len..];
        }
        r
    }
}
