//! What a cycle's test does: events with threads, locations and values, and what its condition looks at.
//!
//! Each run of events without a change of location has a location of its own. Its writes are numbered in the order in
//! which the cycle has them, which is coherence order, and each read is expected to see the write before it. A cycle with
//! one location only contradicts coherence; its writes are numbered in the order of the threads, and coherence order
//! begins behind its last edge that is no communication.

use crate::cycle::Cycle;
use crate::edge::{Access, Dir, Edge, Kind, Reach, Span};
use crate::vocabulary::{Arch, IntType, Op, SIZES};

/// Which reads and final values a condition looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Observe {
    /// Those that are needed: reads at the ends of communications, and locations with several writes.
    #[default]
    Needed,
    /// All reads of locations that are written, and all these locations.
    All,
}

/// What is done where the order of writes to a location can't be seen from the condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Observers {
    /// A thread is added that reads the location.
    #[default]
    Thread,
    /// Threads that write the location read it at their end.
    Local,
    /// The test is made without.
    None,
    /// There is no test.
    Avoid,
}

/// One access of a test, or two where it is an atomic update.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    pub(crate) dir: Dir,
    pub(crate) access: Access,
    pub(crate) location: u8,
    pub(crate) thread: u8,
    /// What is written, or expected to be read.
    pub(crate) value: u64,
    /// Of writes, what was there before.
    pub(crate) old: u64,
    /// Of atomic updates, what the instruction computes with.
    pub(crate) operand: u64,
    /// Whether the condition looks at what it reads.
    pub(crate) observed: bool,
}

/// A location.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Location {
    pub(crate) writes: u8,
    pub(crate) last: u64,
    /// Whether atomic operations of the kernel's `atomic_t` are applied to it.
    pub(crate) counter: bool,
    /// Whether accesses have a lock of their own.
    pub(crate) locked: bool,
}

/// A read that is made only for the condition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Observer {
    pub(crate) location: u8,
    pub(crate) thread: u8,
    pub(crate) value: u64,
}

/// Why there is no test of a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Impossible {
    /// An observer would be needed.
    Observers,
    /// This edge's atomic update can't write a new value.
    Value(usize),
    /// This edge needs an instruction that the architecture does not have.
    Instruction(usize),
    /// A thread needs more registers than there are.
    Registers,
}

/// All of a test but its text. Kept and filled again for the next test, since it needs memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    pub(crate) events: Vec<Event>,
    pub(crate) locations: Vec<Location>,
    pub(crate) observers: Vec<Observer>,
    pub(crate) threads: usize,
    /// Bytes of a location, 0 where accesses have no sizes.
    pub(crate) width: u8,
    /// The type of locations, where accesses have no sizes.
    pub(crate) ty: Option<IntType>,
    run: Vec<usize>,
}

impl Plan {
    pub(crate) fn fill(
        &mut self,
        cycle: &Cycle,
        observe: Observe,
        observers: Observers,
        ty: Option<IntType>,
    ) -> Result<(), Impossible> {
        let edges = &cycle.edges;
        self.width = width(edges);
        self.ty = ty.filter(|_| self.width == 0 && cycle.arch.has_types());
        self.events(edges);
        let changes = edges.iter().filter(|edge| edge.span == Span::Diff).count();
        self.locations.clear();
        self.locations.resize(changes.max(1), Location::default());
        for location in 0..self.locations.len() {
            self.run(edges, location as u8, changes == 0);
            self.values(cycle, location, changes == 0)?;
        }
        self.observe(cycle, observe);
        self.observers.clear();
        if observers != Observers::None {
            for location in 0..self.locations.len() {
                self.run(edges, location as u8, changes == 0);
                self.add_observers(location as u8, observers)?;
            }
        }
        Ok(())
    }

    /// Threads and locations of the events.
    fn events(&mut self, edges: &[Edge]) {
        self.events.clear();
        let changes = edges.iter().filter(|edge| edge.span == Span::Diff).count().max(1);
        let (mut thread, mut threads, mut back, mut location) = (0_u8, 1_u8, 0_u8, 0_usize);
        for edge in edges {
            self.events.push(Event {
                dir: edge.src,
                access: edge.a,
                location: (location % changes) as u8,
                thread,
                value: 0,
                old: 0,
                operand: 0,
                observed: false,
            });
            match edge.kind {
                Kind::Com(_, Reach::Ext) => {
                    thread = threads;
                    threads += 1;
                }
                Kind::Com(_, Reach::Leave) => {
                    back = thread;
                    thread = threads;
                    threads += 1;
                }
                Kind::Com(_, Reach::Back) => thread = back,
                _ => {}
            }
            location += usize::from(edge.span == Span::Diff);
        }
        // The last edge leads to the first thread again.
        self.threads = usize::from(threads) - 1;
    }

    /// The events of one location in coherence order.
    fn run(&mut self, edges: &[Edge], location: u8, alone: bool) {
        self.run.clear();
        let len = edges.len();
        let starts = |index: &usize| {
            let before = &edges[(index + len - 1) % len];
            if alone { !before.is_com() } else { before.span == Span::Diff }
        };
        let of = |index: &usize| self.events[*index].location == location;
        let start = if alone {
            (0..len).rev().find(starts).unwrap_or(0)
        } else {
            (0..len).find(|index| of(index) && starts(index)).unwrap_or(0)
        };
        self.run.extend((0..len).map(|step| (start + step) % len).take_while(of));
    }

    fn values(&mut self, cycle: &Cycle, location: usize, alone: bool) -> Result<(), Impossible> {
        let mut memory = 0;
        let mut last = 0;
        let mut kept = Location::default();
        for step in 0..self.run.len() {
            let index = self.run[step];
            let event = self.events[index];
            let (bits, shift) = self.part(event.access);
            let old = memory >> shift & mask(bits);
            if event.dir == Dir::R {
                self.events[index].value = old;
                // A conditional store behind the load writes the value back.
                kept.writes += u8::from(rewrites(cycle, event.access));
                continue;
            }
            let number = if alone {
                let before = |other: &&Event| other.dir == Dir::W;
                self.events[..index].iter().filter(before).count() as u64 + 1
            } else {
                last + 1
            };
            let before = &cycle.edges[(index + cycle.edges.len() - 1) % cycle.edges.len()];
            let mut value = self.spread(number, bits);
            if let Kind::Update(update) = before.kind {
                let op = cycle.vocabulary().updates[usize::from(update)].op;
                let operand = operand(op, old, &mut value, last).ok_or(Impossible::Value(index))?;
                self.events[index].operand = operand & mask(bits);
                value &= mask(bits);
                kept.counter |= matches!(op, Op::Add | Op::Or | Op::Xor);
            }
            last = last.max(number).max(if self.width == 0 { value } else { 0 });
            self.events[index].value = value;
            self.events[index].old = old;
            memory = memory & !(mask(bits) << shift) | value << shift;
            // One that is conditional is asked for like a second one.
            kept.writes += 1 + u8::from(rewrites(cycle, event.access));
        }
        let locked = locked_order(cycle);
        kept.locked = self.run.iter().any(|index| Some(self.events[*index].access.order) == locked);
        kept.last = memory;
        self.locations[location] = kept;
        Ok(())
    }

    /// The bits of an access, and where they start.
    pub(crate) fn part(&self, access: Access) -> (u32, u32) {
        match usize::from(access.size).checked_sub(1) {
            Some(size) => (u32::from(SIZES[size].bytes) * 8, u32::from(SIZES[size].offset) * 8),
            None if self.width > 0 => (u32::from(self.width) * 8, 0),
            None => (64, 0),
        }
    }

    /// The value of a write: its number, in each byte if accesses have sizes.
    fn spread(&self, number: u64, bits: u32) -> u64 {
        if self.width == 0 { number } else { number.wrapping_mul(0x0101_0101_0101_0101) & mask(bits) }
    }

    fn observe(&mut self, cycle: &Cycle, observe: Observe) {
        let edges = &cycle.edges;
        let in_c = matches!(cycle.arch, Arch::C11 | Arch::Kernel);
        for index in 0..self.events.len() {
            let (before, after) = (&edges[(index + edges.len() - 1) % edges.len()], &edges[index]);
            let seen = match after.kind {
                Kind::Update(update) => cycle.vocabulary().updates[usize::from(update)].used,
                _ => true,
            };
            let needed = before.is_com()
                || after.is_com()
                || matches!(after.kind, Kind::Update(_))
                // What stands under a condition in C may not happen.
                || (in_c && matches!(after.kind, Kind::Dep(crate::edge::Dep::Ctrl)));
            let event = &mut self.events[index];
            let written = self.locations[usize::from(event.location)].writes > 0;
            event.observed = event.dir == Dir::R && seen && (needed || (observe == Observe::All && written));
        }
    }

    /// Reads that show in which order a location was written, where nothing else does.
    fn add_observers(&mut self, location: u8, observers: Observers) -> Result<(), Impossible> {
        let events = &self.events;
        let writes: Vec<Event> =
            self.run.iter().map(|index| events[*index]).filter(|event| event.dir == Dir::W).collect();
        let seen = |pair: &[Event]| {
            pair[0].thread == pair[1].thread || {
                // An update that reads the one writes the other.
                let reads = |event: &Event| {
                    event.dir == Dir::R
                        && event.location == location
                        && event.thread == pair[1].thread
                        && event.value == pair[0].value
                        && event.observed
                };
                events.iter().any(reads)
            }
        };
        let hidden = writes.len() > 2 && writes[..writes.len() - 1].windows(2).any(|pair| !seen(pair));
        if !hidden {
            return Ok(());
        }
        match observers {
            Observers::Avoid => return Err(Impossible::Observers),
            Observers::None => {}
            Observers::Thread => {
                let thread = self.threads as u8;
                self.threads += 1;
                let read = |write: &Event| Observer { location, thread, value: write.value };
                self.observers.extend(writes[..writes.len() - 1].iter().map(read));
            }
            Observers::Local => {
                for pair in writes[..writes.len() - 1].windows(2).filter(|pair| !seen(pair)) {
                    let read = Observer { location, thread: pair[0].thread, value: pair[1].value };
                    self.observers.push(read);
                }
            }
        }
        Ok(())
    }
}

/// Whether a read with this access stores what it read.
pub(crate) fn rewrites(cycle: &Cycle, access: Access) -> bool {
    cycle.vocabulary().order_of(access).starts_with('X')
}

fn locked_order(cycle: &Cycle) -> Option<u8> {
    if cycle.arch == Arch::Kernel { cycle.vocabulary().order("Locked") } else { None }
}

pub(crate) fn mask(bits: u32) -> u64 {
    if bits >= 64 { u64::MAX } else { (1 << bits) - 1 }
}

/// The bytes of locations: enough for all accesses.
fn width(edges: &[Edge]) -> u8 {
    let sizes = edges.iter().filter_map(|edge| usize::from(edge.a.size).checked_sub(1));
    let end = sizes.map(|size| SIZES[size].bytes + SIZES[size].offset).max();
    end.map_or(0, |end| if end > 4 { 8 } else { 4 })
}

/// What the update computes with, so that `value` comes out. Where it can't, another value comes out that is greater than
/// `last`, if there is one.
fn operand(op: Op, old: u64, value: &mut u64, last: u64) -> Option<u64> {
    match op {
        Op::Swap | Op::Cas | Op::Pair => Some(*value),
        Op::Add => Some(value.wrapping_sub(old)),
        Op::Xor => (*value != old).then_some(*value ^ old),
        Op::Or => {
            if *value | old != *value {
                *value = (0..16).map(|bit| old | 1 << bit).find(|next| *next > last && *next != old)?;
            }
            Some(*value & !old)
        }
    }
}
