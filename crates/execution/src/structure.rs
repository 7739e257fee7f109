//! One path of each thread, together: the events of a candidate execution before `rf` and `co` are chosen.
//!
//! Events are numbered: first one initial write for each location, then the events of each thread in program order.

use crate::micro::{Names, Port};
use crate::path::{Edge, Event, Kind, Path};
use crate::value::Value;
use crate::{TermId, VarId};
use relation::{Relation, Set, Shape, kernel as k};

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

/// The names that [`Structure::set`] knows.
const SETS: &[&str] = &[
    "_", "EXEC", "R", "W", "M", "Exp", "IW", "F", "B", "BCC", "PRED", "Rreg", "Wreg", "ADDR", "DATA",
    "no-loc",
];

/// The names of relations that [`Structure::relation`] knows and that are not always empty.
const RELATIONS: &[&str] = &[
    "id",
    "po",
    "int",
    "ext",
    "rf-reg",
    "addr",
    "data",
    "ctrl",
    "depend",
    "iico_data",
    "iico_ctrl",
    "iico_order",
    "sm",
    "si",
    "same-instance",
    "same-instr",
    "same-static",
];

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
            for event in path.events.iter().filter(|event| event.kind.has_location()) {
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
        let mut set = Set::empty(self.len());
        self.write_set(name, tags, set.bits_mut()).then_some(set)
    }

    /// Writes [`Structure::set`] over `out`, or returns false if there is no such set.
    pub fn write_set(&self, name: &str, tags: &Names, out: &mut [u64]) -> bool {
        out.fill(0);
        if let Some(tag) = tags.iter().position(|tag| tag == name) {
            self.select(out, false, |event| event.tags.has(tag));
            return true;
        }
        match name {
            "_" | "EXEC" => k::fill_set(self.shape(), out),
            "R" => self.select(out, false, |event| event.kind.reads()),
            "W" => self.select(out, true, |event| event.kind.writes()),
            "M" | "Exp" => self.select(out, true, |event| event.kind.is_memory()),
            "IW" => self.select(out, true, |_| false),
            "F" => self.select(out, false, |event| event.kind == Kind::Fence),
            "B" => self.select(out, false, |event| matches!(event.kind, Kind::Branch | Kind::Pick)),
            "BCC" => self.select(out, false, |event| event.kind == Kind::Branch),
            "PRED" => self.select(out, false, |event| event.kind == Kind::Pick),
            "Rreg" => self.select(out, false, |event| matches!(event.kind, Kind::ReadReg(..))),
            "Wreg" => self.select(out, false, |event| matches!(event.kind, Kind::WriteReg(_))),
            "ADDR" => self.select(out, false, |event| matches!(event.kind, Kind::ReadReg(_, Port::Addr))),
            "DATA" => self.select(out, false, |event| matches!(event.kind, Kind::ReadReg(_, Port::Data))),
            "no-loc" => self.select(out, false, |event| !event.kind.has_location() && !event.kind.is_register()),
            _ => return false,
        }
        debug_assert!(SETS.contains(&name), "{name} is not listed");
        true
    }

    /// Whether the predefined set or relation that cat calls `name`, and that is the name of no tag, is empty in every
    /// structure, `rf` and `co` and what hangs on them aside.
    pub fn is_always_empty(name: &str) -> bool {
        match name {
            "rf" | "loc" | "FW" | "co" | "pco" => false,
            _ => !SETS.contains(&name) && !RELATIONS.contains(&name),
        }
    }

    fn shape(&self) -> Shape {
        Shape::new(self.len())
    }

    /// Puts into `out` the events that pass the test, and the initial writes if they belong to it.
    fn select(&self, out: &mut [u64], initial: bool, test: impl Fn(&Event) -> bool) {
        if initial {
            (0..self.locations.len()).for_each(|i| k::put(out, i));
        }
        for (path, start) in self.paths.iter().zip(&self.starts) {
            for (at, event) in path.events.iter().enumerate() {
                if test(event) {
                    k::put(out, start + at);
                }
            }
        }
    }

    /// The predefined relation that cat calls `name`, if it does not depend on values, `rf` or `co`.
    /// `tags` are the program's names of tags.
    pub fn relation(&self, name: &str, tags: &Names) -> Option<Relation> {
        let mut r = Relation::empty(self.len());
        self.write_relation(name, tags, r.bits_mut()).then_some(r)
    }

    /// Writes [`Structure::relation`] over `out`, or returns false if there is no such relation.
    pub fn write_relation(&self, name: &str, tags: &Names, out: &mut [u64]) -> bool {
        let shape = self.shape();
        out.fill(0);
        match name {
            "id" => k::identity(shape, out),
            "po" => self.write_program_order(out),
            "int" => self.write_same_thread(out),
            "ext" => self.write_external(out),
            "rf-reg" => self.write_edges(out, |path| &path.rf_reg),
            "addr" => self.write_edges(out, |path| &path.addr),
            "data" => self.write_edges(out, |path| &path.data),
            "ctrl" => self.write_edges(out, |path| &path.ctrl),
            "depend" => {
                self.write_edges(out, |path| &path.addr);
                self.write_edges(out, |path| &path.data);
            }
            "iico_data" => self.write_edges(out, |path| &path.iico_data),
            "iico_ctrl" => self.write_edges(out, |path| &path.iico_ctrl),
            "iico_order" => self.write_edges(out, |path| &path.iico_order),
            "sm" | "si" => self.write_single_copy_atomic(tags, out),
            "same-instance" => self.write_same_instance(out),
            "same-instr" | "same-static" => self.write_same_instruction(out),
            "aligned"
            | "partial_po"
            | "success"
            | "tst"
            | "control"
            | "instr"
            | "equiv-spec"
            | "same-low-order-bits" => {}
            _ => return false,
        }
        debug_assert!(RELATIONS.contains(&name) || out.iter().all(|word| *word == 0), "{name} is not listed");
        true
    }

    /// Events of one execution of one instruction. An initial write is one of its own.
    fn write_same_instance(&self, out: &mut [u64]) {
        let shape = self.shape();
        (0..self.locations.len()).for_each(|i| k::put_pair(shape, out, i, i));
        for (path, start) in self.paths.iter().zip(&self.starts) {
            // Events of one instance stand side by side.
            let mut from = 0;
            while from < path.events.len() {
                let instance = path.events[from].instance;
                let len = path.events[from..].iter().take_while(|event| event.instance == instance).count();
                for i in from..from + len {
                    (from..from + len).for_each(|j| k::put_pair(shape, out, start + i, start + j));
                }
                from += len;
            }
        }
    }

    /// Accesses that are one single-copy atomic access: each with itself, and the two halves of an access of an
    /// exclusive pair (`LDXP`, `STXP`).
    fn write_single_copy_atomic(&self, tags: &Names, out: &mut [u64]) {
        let shape = self.shape();
        (0..self.locations.len()).for_each(|i| k::put_pair(shape, out, i, i));
        let exclusive = tags.iter().position(|tag| tag == "EX");
        for (path, start) in self.paths.iter().zip(&self.starts) {
            for (i, a) in path.events.iter().enumerate().filter(|(_, event)| event.kind.is_memory()) {
                k::put_pair(shape, out, start + i, start + i);
                let Some(next) = path.events[i + 1..].iter().position(|event| event.kind.is_memory()) else {
                    continue;
                };
                let j = i + 1 + next;
                let b = &path.events[j];
                let both = a.instance == b.instance && a.kind == b.kind;
                if both && exclusive.is_some_and(|tag| a.tags.has(tag) && b.tags.has(tag)) {
                    k::put_pair(shape, out, start + i, start + j);
                    k::put_pair(shape, out, start + j, start + i);
                }
            }
        }
    }

    /// Events of one instruction of a thread's code, however often it was executed.
    fn write_same_instruction(&self, out: &mut [u64]) {
        let shape = self.shape();
        (0..self.locations.len()).for_each(|i| k::put_pair(shape, out, i, i));
        for (path, start) in self.paths.iter().zip(&self.starts) {
            for (i, a) in path.events.iter().enumerate() {
                for (j, b) in path.events.iter().enumerate() {
                    if a.instruction == b.instruction {
                        k::put_pair(shape, out, start + i, start + j);
                    }
                }
            }
        }
    }

    fn write_edges(&self, out: &mut [u64], of: impl Fn(&Path) -> &Vec<Edge>) {
        let shape = self.shape();
        for (path, start) in self.paths.iter().zip(&self.starts) {
            for (from, to) in of(path) {
                k::put_pair(shape, out, start + *from as usize, start + *to as usize);
            }
        }
    }

    fn write_program_order(&self, out: &mut [u64]) {
        let shape = self.shape();
        let mut later = vec![0; shape.words];
        for (path, start) in self.paths.iter().zip(&self.starts) {
            later.fill(0);
            let mut at = path.events.len();
            while at > 0 {
                let instance = path.events[at - 1].instance;
                let end = at;
                while at > 0 && path.events[at - 1].instance == instance {
                    at -= 1;
                }
                (at..end).for_each(|i| k::row_mut(shape, out, start + i).copy_from_slice(&later));
                (at..end).for_each(|i| k::put(&mut later, start + i));
            }
        }
    }

    /// Program order between accesses of one location; `location` is `loc`.
    pub fn program_order_per_location(&self, location: &Relation) -> Relation {
        let mut r = Relation::empty(self.len());
        self.write_program_order(r.bits_mut());
        let shape = self.shape();
        for i in 0..shape.n {
            let same = k::row(shape, location.bits(), i);
            k::row_mut(shape, r.bits_mut(), i).iter_mut().zip(same).for_each(|(to, same)| *to &= same);
        }
        r
    }

    fn write_same_thread(&self, out: &mut [u64]) {
        let shape = self.shape();
        let mut all = vec![0; shape.words];
        for range in self.starts.windows(2) {
            all.fill(0);
            (range[0]..range[1]).for_each(|i| k::put(&mut all, i));
            (range[0]..range[1]).for_each(|i| k::row_mut(shape, out, i).copy_from_slice(&all));
        }
    }

    fn write_external(&self, out: &mut [u64]) {
        let shape = self.shape();
        let initial = self.locations.len();
        let mut others = vec![0; shape.words];
        k::fill_set(shape, &mut others);
        (0..initial).for_each(|i| k::take(&mut others, i));
        (0..initial).for_each(|i| k::row_mut(shape, out, i).copy_from_slice(&others));
        for range in self.starts.windows(2) {
            k::fill_set(shape, &mut others);
            (range[0]..range[1]).for_each(|i| k::take(&mut others, i));
            (range[0]..range[1]).for_each(|i| k::row_mut(shape, out, i).copy_from_slice(&others));
        }
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
                k::row_mut(shape, r.bits_mut(), *event).copy_from_slice(class.bits());
            }
            rest = &rest[len..];
        }
        r
    }
}
