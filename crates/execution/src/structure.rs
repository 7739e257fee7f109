//! One path of each thread, together: the events of a candidate execution before `rf` and `co` are chosen.
//!
//! Events are numbered: first one initial write for each location, then the events of each thread in program order.

use crate::path::{Event, Kind, Path};
use crate::tearing::Parts;
use crate::value::Value;
use crate::{TermId, VarId};
use relation::{Relation, Set, Shape, kernel as k};
use smallvec::SmallVec;

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
    pub(crate) paths: Vec<&'p Path>,
    /// The locations that have an initial write, in order of address.
    pub(crate) locations: Vec<Location>,
    origins: Vec<Origin>,
    /// The first event of each thread, and the number of events at the end.
    pub(crate) starts: Vec<usize>,
    /// Whether every address is known before any read is.
    known_addresses: bool,
    /// The number of each event's address among all that are known before any read is; `NOWHERE` if it is not known.
    places: Vec<u32>,
    /// Of at most 64 events: those with each tag, by tag up to the last one that some event has, as a set in one word.
    tagged: SmallVec<[u64; 8]>,
    pub(crate) parts: Parts,
}

/// See [`Structure::place`].
const NOWHERE: u32 = u32::MAX;

impl<'p> Structure<'p> {
    /// Puts paths together. `memory` must list every location that a read value may point to.
    pub fn new(paths: Vec<&'p Path>, memory: &InitialMemory) -> Structure<'p> {
        let located = |path: &'p Path| path.events.iter().filter(|event| event.kind.has_location());
        let address = |path: &Path, event: &Event| event.addr.and_then(|addr| path.terms.known(addr));
        let mut known_addresses = true;
        let mut addresses: SmallVec<[Value; 8]> = SmallVec::new();
        for path in &paths {
            for event in located(path) {
                match address(path, event) {
                    Some(address) if !addresses.contains(&address) => addresses.push(address),
                    Some(_) => {}
                    None => known_addresses = false,
                }
            }
        }
        if !known_addresses {
            addresses.extend(memory.locations.iter().map(|(address, _)| *address));
        }
        addresses.sort_unstable();
        addresses.dedup();
        let count = paths.iter().map(|path| path.events.len()).sum::<usize>() + addresses.len();
        let (mut places, mut origins) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let mut locations: Vec<Location> = Vec::with_capacity(addresses.len());
        for (place, address) in addresses.iter().enumerate() {
            if let Some(value) = memory.initial(*address) {
                origins.push(Origin::Initial(locations.len() as u32));
                places.push(place as u32);
                locations.push((*address, value));
            }
        }
        let mut starts = Vec::with_capacity(paths.len() + 1);
        for (thread, path) in paths.iter().enumerate() {
            starts.push(origins.len());
            origins.extend((0..path.events.len() as u32).map(|at| Origin::Thread(thread as u16, at)));
            places.extend(path.events.iter().map(|event| match address(path, event) {
                Some(address) => addresses.binary_search(&address).map_or(NOWHERE, |place| place as u32),
                None => NOWHERE,
            }));
        }
        starts.push(origins.len());
        let tagged = if origins.len() <= 64 { tagged(&paths, &starts) } else { SmallVec::new() };
        let parts = Parts::new(&paths, &starts, origins.len());
        Structure { paths, locations, origins, starts, known_addresses, places, tagged, parts }
    }

    /// The events with a tag, if there are at most 64 events.
    pub(crate) fn tagged(&self, tag: u8) -> Option<u64> {
        let few = self.len() <= 64;
        few.then(|| self.tagged.get(usize::from(tag)).copied().unwrap_or(0))
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

    /// A number for the address of an event, if that is known before any read is: equal for equal addresses.
    pub fn place(&self, event: EventId) -> Option<u32> {
        Some(self.places[event.index()]).filter(|place| *place != NOWHERE)
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

    pub(crate) fn shape(&self) -> Shape {
        Shape::new(self.len())
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

    /// `loc`, as far as addresses are known before any read is.
    pub fn known_same_location(&self) -> Relation {
        if self.len() > 64 {
            return self.related_by(|event| self.place(event));
        }
        let mut there: SmallVec<[u64; 16]> = SmallVec::new();
        for (event, place) in self.places.iter().enumerate().filter(|(_, place)| **place != NOWHERE) {
            let place = *place as usize;
            if there.len() <= place {
                there.resize(place + 1, 0);
            }
            there[place] |= 1 << event;
        }
        let mut r = Relation::empty(self.len());
        for (row, place) in r.bits_mut().iter_mut().zip(&self.places) {
            *row = there.get(*place as usize).copied().unwrap_or(0);
        }
        r
    }

    /// `loc`, given the address of every memory event.
    pub fn same_location(&self, address: impl Fn(EventId) -> Option<Value>) -> Relation {
        self.related_by(address)
    }

    /// All pairs of events that have the same key.
    fn related_by<K: Copy + Ord>(&self, key: impl Fn(EventId) -> Option<K>) -> Relation {
        let mut by_key: Vec<(K, usize)> =
            self.events().filter_map(|event| Some((key(event)?, event.index()))).collect();
        by_key.sort_unstable();
        let mut r = Relation::empty(self.len());
        let shape = r.shape();
        for same in by_key.chunk_by(|(a, _), (b, _)| a == b) {
            let mut class = Set::empty(self.len());
            same.iter().for_each(|(_, event)| class.insert(*event));
            for (_, event) in same {
                k::row_mut(shape, r.bits_mut(), *event).copy_from_slice(class.bits());
            }
        }
        r
    }
}

/// The events with each tag, by tag, as sets in one word.
fn tagged(paths: &[&Path], starts: &[usize]) -> SmallVec<[u64; 8]> {
    let all = paths.iter().flat_map(|path| &path.events).fold(0, |all, event| all | event.tags.0);
    let mut tagged = SmallVec::from_elem(0, (u128::BITS - all.leading_zeros()) as usize);
    for (path, start) in paths.iter().zip(starts) {
        for (at, event) in path.events.iter().enumerate() {
            let mut tags = event.tags.0;
            while tags != 0 {
                tagged[tags.trailing_zeros() as usize] |= 1 << (start + at);
                tags &= tags - 1;
            }
        }
    }
    tagged
}
