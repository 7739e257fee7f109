//! One way through one thread.

use crate::micro::{Port, Reg, Tags};
use crate::term::{TermId, Terms};
use smallvec::SmallVec;
use std::sync::Arc;

/// What an event does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Reads memory.
    Read,
    /// Writes memory.
    Write,
    /// Reads and writes memory, in one event.
    Update,
    /// A fence, or another event without location.
    Fence,
    /// Has a location, but neither reads nor writes it.
    Located,
    /// A conditional branch.
    Branch,
    /// A choice inside an instruction.
    Pick,
    /// Reads a register.
    ReadReg(Reg, Port),
    /// Writes a register.
    WriteReg(Reg),
}

impl Kind {
    /// Whether it reads memory.
    pub fn reads(self) -> bool {
        matches!(self, Kind::Read | Kind::Update)
    }

    /// Whether it writes memory.
    pub fn writes(self) -> bool {
        matches!(self, Kind::Write | Kind::Update)
    }

    /// Whether it reads or writes memory.
    pub fn is_memory(self) -> bool {
        self.reads() || self.writes()
    }

    /// Whether it has a location in memory.
    pub fn has_location(self) -> bool {
        self.is_memory() || self == Kind::Located
    }

    /// Whether it reads or writes a register.
    pub fn is_register(self) -> bool {
        matches!(self, Kind::ReadReg(..) | Kind::WriteReg(_))
    }
}

/// An event of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// What it does.
    pub kind: Kind,
    /// What it is marked with.
    pub tags: Tags,
    /// Position of its instruction in the thread's code.
    pub instruction: u32,
    /// How many instructions the path executed before this one.
    pub instance: u32,
    /// Width of the memory access in bits; 0 for other events.
    pub width: u8,
    /// The address; for events with a location only.
    pub addr: Option<TermId>,
    /// What memory or register read returns, or what is written; `None` for other events and for the written value of
    /// an update, see [`Event::written`].
    pub value: Option<TermId>,
    /// What an update writes.
    pub written: Option<TermId>,
}

impl Event {
    /// The value that the event stores to memory.
    pub fn stored(&self) -> Option<TermId> {
        match self.kind {
            Kind::Write => self.value,
            Kind::Update => self.written,
            _ => None,
        }
    }
}

/// A pair of events of a path, by position.
pub type Edge = (u32, u32);

/// One way through one thread.
#[derive(Clone, Debug)]
pub struct Path {
    /// Its events, in program order.
    pub events: Vec<Event>,
    /// The memory reads among them: the `i`-th returns what [`crate::VarId`] `i` stands for.
    pub reads: Vec<u32>,
    /// Where events that are the parts of one single-copy atomic access stand: the first, and how many there are.
    pub parts: Vec<(u32, u32)>,
    /// Intra-instruction data edges.
    pub iico_data: Vec<Edge>,
    /// Intra-instruction control edges.
    pub iico_ctrl: Vec<Edge>,
    /// Intra-instruction order edges.
    pub iico_order: Vec<Edge>,
    /// Program order between events of one instruction, see [`crate::micro::Thread::structured`].
    pub po_inside: Vec<Edge>,
    /// From each register write to the reads of what it wrote.
    pub rf_reg: Vec<Edge>,
    /// Syntactic address dependencies.
    pub addr: Vec<Edge>,
    /// Syntactic data dependencies.
    pub data: Vec<Edge>,
    /// Syntactic control dependencies.
    pub ctrl: Vec<Edge>,
    /// What must be true, or false, for the thread to go this way.
    pub constraints: SmallVec<[(TermId, bool); 4]>,
    /// What branches asked whose ways are the same: these must have a value, whatever it is.
    pub either: SmallVec<[TermId; 2]>,
    /// Registers that the path wrote, with their last values, in order of [`Reg`].
    pub registers: Vec<(Reg, TermId)>,
    /// The instruction at whose loop the path was given up, if it was.
    pub cut: Option<u32>,
    /// What is wrong with a run that goes this way.
    pub failure: Option<String>,
    /// The terms that all of these refer to; shared by the paths of a thread.
    pub terms: Arc<Terms>,
}

impl Path {
    /// Whether two threads do the same on their paths: the events, what connects them and the conditions are equal.
    /// Registers may end up with other values.
    pub fn does_the_same(&self, other: &Path) -> bool {
        self.has_events_of(other)
            && self.constraints == other.constraints
            && self.either == other.either
            && self.terms.are_equal(&other.terms)
    }

    /// Whether two threads do the same on their paths but for the constants that they store, and never ask for a value:
    /// the events and what connects them are equal, and so are all addresses, which are known.
    pub fn does_the_same_but_for_stores(&self, other: &Path) -> bool {
        let known = |path: &Path, term: Option<TermId>| term.and_then(|term| path.terms.known(term));
        let asks = |path: &Path| !path.constraints.is_empty() || !path.either.is_empty();
        let is_same = |(a, b): (&Event, &Event)| {
            let bare = |event: &Event| Event { addr: None, value: None, written: None, ..*event };
            bare(a) == bare(b)
                && a.addr.is_some() == b.addr.is_some()
                && known(self, a.addr) == known(other, b.addr)
                && (a.addr.is_none() || known(self, a.addr).is_some())
                && (a.stored().is_none() || known(self, a.stored()).is_some())
                && (b.stored().is_none() || known(other, b.stored()).is_some())
        };
        !asks(self)
            && !asks(other)
            && self.reads == other.reads
            && self.failure == other.failure
            && self.events.len() == other.events.len()
            && self.events.iter().zip(&other.events).all(is_same)
            && self.has_edges_of(other)
    }

    /// Whether the events and what connects them are equal.
    pub(crate) fn has_events_of(&self, other: &Path) -> bool {
        self.events == other.events && self.has_edges_of(other)
    }

    /// Whether what connects the events is equal.
    fn has_edges_of(&self, other: &Path) -> bool {
        self.parts == other.parts
            && self.addr == other.addr
            && self.data == other.data
            && self.ctrl == other.ctrl
            && self.iico_data == other.iico_data
            && self.iico_ctrl == other.iico_ctrl
            && self.iico_order == other.iico_order
            && self.po_inside == other.po_inside
            && self.rf_reg == other.rf_reg
    }
}
