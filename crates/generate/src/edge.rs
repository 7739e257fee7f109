//! Edges of cycles: communications, program order, fences, dependencies, and atomic updates.

/// What an event does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dir {
    /// It writes.
    W,
    /// It reads.
    R,
}

impl Dir {
    /// `R` or `W`.
    pub fn letter(self) -> char {
        match self {
            Dir::W => 'W',
            Dir::R => 'R',
        }
    }
}

/// Whether the events at both ends access the same location.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Span {
    /// They do.
    Same,
    /// They access different ones.
    Diff,
}

/// A communication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Com {
    /// Two reads from the same write.
    Hat,
    /// A read takes its value from a write.
    Rf,
    /// A read takes its value from a write before this one.
    Fr,
    /// A write comes before another in the order of their location.
    Co,
}

impl Com {
    /// The name in cycles.
    pub fn name(self) -> &'static str {
        match self {
            Com::Hat => "Hat",
            Com::Rf => "Rf",
            Com::Fr => "Fr",
            Com::Co => "Co",
        }
    }

    /// What the events at its ends do.
    pub fn dirs(self) -> (Dir, Dir) {
        match self {
            Com::Hat => (Dir::R, Dir::R),
            Com::Rf => (Dir::W, Dir::R),
            Com::Fr => (Dir::R, Dir::W),
            Com::Co => (Dir::W, Dir::W),
        }
    }
}

/// Which threads an edge connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// It stays in its thread.
    Int,
    /// It goes to the next thread of the cycle.
    Ext,
    /// It goes to a thread of its own, from which a later edge comes back.
    Leave,
    /// It comes back from such a thread.
    Back,
}

/// How an event depends on a read before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dep {
    /// Through its address.
    Addr,
    /// Through the value that it writes.
    Data,
    /// Through a branch.
    Ctrl,
    /// Through a branch with a fence behind it that waits for branches.
    CtrlFence,
}

/// What kind of edge it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A communication.
    Com(Com, Reach),
    /// A read and a write of one atomic update: an index into [`crate::Vocabulary::updates`].
    Update(u8),
    /// Program order with a fence: an index into [`crate::Vocabulary::fences`].
    Fence(u8),
    /// A dependency.
    Dep(Dep),
    /// Program order.
    Po,
    /// A region around both events and those between: an index into [`crate::Vocabulary::regions`].
    Region(u8),
}

/// How an event accesses memory: indexes into the tables of its architecture. The default is not to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Access {
    /// 0 for what the neighbours in the cycle say, else 1 more than the index into [`crate::Vocabulary::orders`].
    pub order: u8,
    /// 0 for the whole location, else 1 more than the index into [`crate::SIZES`].
    pub size: u8,
}

impl Access {
    /// Nothing is said.
    pub const UNSAID: Access = Access { order: 0, size: 0 };

    /// Whether nothing is said.
    pub fn is_unsaid(self) -> bool {
        self == Access::UNSAID
    }

    /// What both say together, if they don't contradict each other.
    pub fn merge(self, other: Access) -> Option<Access> {
        if self.is_unsaid() {
            return Some(other);
        }
        (other.is_unsaid() || self == other).then_some(self)
    }
}

/// One edge of a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge {
    /// What kind of edge.
    pub kind: Kind,
    /// Whether the location changes.
    pub span: Span,
    /// What its first event does.
    pub src: Dir,
    /// What its second event does.
    pub tgt: Dir,
    /// How its first event accesses memory.
    pub a: Access,
    /// How its second event accesses memory.
    pub b: Access,
    /// A fence in front of the first event of the edge that adds no edge: 1 more than its index.
    pub insert: u8,
}

impl Edge {
    /// An edge that says nothing about accesses.
    pub fn new(kind: Kind, span: Span, src: Dir, tgt: Dir) -> Edge {
        Edge { kind, span, src, tgt, a: Access::UNSAID, b: Access::UNSAID, insert: 0 }
    }

    /// A communication.
    pub fn com(com: Com, reach: Reach) -> Edge {
        let (src, tgt) = com.dirs();
        Edge::new(Kind::Com(com, reach), Span::Same, src, tgt)
    }

    /// Whether it leads to the next thread of the cycle.
    pub fn is_external(&self) -> bool {
        matches!(self.kind, Kind::Com(_, Reach::Ext))
    }

    /// Whether both its events belong to one thread.
    pub fn is_internal(&self) -> bool {
        !matches!(self.kind, Kind::Com(_, Reach::Ext | Reach::Leave | Reach::Back))
    }

    /// Whether it is a communication.
    pub fn is_com(&self) -> bool {
        matches!(self.kind, Kind::Com(..))
    }

    /// Whether it is program order in some form: with a fence, a dependency, or neither.
    pub fn is_po(&self) -> bool {
        matches!(self.kind, Kind::Po | Kind::Fence(_) | Kind::Dep(_) | Kind::Region(_))
    }

    /// Its place in the order by which the first thread of a test is chosen: communications, then updates, fences,
    /// dependencies, program order; of each, those to the same location first, writes before reads.
    pub(crate) fn rank(&self) -> u64 {
        let (class, sub) = match self.kind {
            Kind::Com(com, reach) => (0, com as u64 * 4 + reach as u64),
            Kind::Update(index) => (1, u64::from(index)),
            Kind::Fence(index) => (2, u64::from(index)),
            Kind::Region(index) => (3, u64::from(index)),
            Kind::Dep(dep) => (4, dep as u64),
            Kind::Po => (5, 0),
        };
        let dirs = (self.span as u64) << 2 | (self.src as u64) << 1 | self.tgt as u64;
        class << 60 | sub << 52 | dirs << 48 | self.accesses() << 16 | u64::from(self.insert)
    }

    /// Its place in the order by which a cycle is written down: accesses first, then the edge.
    pub(crate) fn print_rank(&self) -> (u64, u64) {
        let (class, sub) = match self.kind {
            Kind::Com(Com::Hat, _) => (0, 0),
            Kind::Update(index) => (1, u64::from(index)),
            Kind::Com(com, reach) => (2 + com as u64, reach as u64),
            Kind::Po => (7, 0),
            Kind::Fence(index) => (8, u64::from(index)),
            Kind::Region(index) => (9, u64::from(index)),
            Kind::Dep(dep) => (10, dep as u64),
        };
        let dirs = (self.span as u64) << 2 | (self.src as u64) << 1 | self.tgt as u64;
        (self.accesses(), class << 32 | sub << 16 | dirs << 8 | u64::from(self.insert))
    }

    fn accesses(&self) -> u64 {
        let key = |access: Access| u64::from(access.size) << 8 | u64::from(access.order);
        key(self.a) << 16 | key(self.b)
    }
}
