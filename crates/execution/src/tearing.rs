//! What a single-copy atomic read can't see, if it was cut into parts: of a single-copy atomic write, some parts that both
//! access and others not, when the others come from a write that covers what it took from the first.
//!
//! Of two writes that both cover two parts of a read, one comes first, and both parts come from the same. Initial writes
//! come before all others, as one.

use crate::path::Path;
use crate::structure::{EventId, Structure};

/// The parts of accesses by event. Empty if no access was cut.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts {
    /// The first event of the access that an event belongs to, and their number.
    of: Vec<(u32, u32)>,
}

impl Parts {
    /// The parts of paths whose events start there.
    pub(crate) fn new(paths: &[&Path], starts: &[usize], events: usize) -> Parts {
        if paths.iter().all(|path| path.parts.is_empty()) {
            return Parts::default();
        }
        let mut of: Vec<(u32, u32)> = (0..events as u32).map(|event| (event, 1)).collect();
        for (path, start) in paths.iter().zip(starts) {
            for (first, count) in &path.parts {
                let first = *start as u32 + first;
                (first..first + count).for_each(|event| of[event as usize] = (first, *count));
            }
        }
        Parts { of }
    }
}

impl Structure<'_> {
    /// Whether some access was cut into parts.
    pub fn has_parts(&self) -> bool {
        !self.parts.of.is_empty()
    }

    /// The first part of the access that an event is a part of.
    pub fn first_part(&self, event: EventId) -> EventId {
        self.parts.of.get(event.index()).map_or(event, |(first, _)| EventId(*first))
    }

    /// Whether the access that a write is a part of writes to the address of a read; initial writes do.
    fn covers(&self, write: EventId, read: EventId) -> bool {
        let (first, count) = self.parts.of[write.index()];
        self.thread(write).is_none()
            || (first..first + count).any(|part| self.place(EventId(part)) == self.place(read))
    }

    /// Whether a read that reads one part from one write and another part from another is torn: each is given with its
    /// write.
    pub fn tears(&self, a: (EventId, EventId), b: (EventId, EventId)) -> bool {
        let ((a, from_a), (b, from_b)) = (a, b);
        let are_initial = || self.thread(from_a).is_none() && self.thread(from_b).is_none();
        self.has_parts()
            && self.first_part(a) == self.first_part(b)
            && self.first_part(from_a) != self.first_part(from_b)
            && !are_initial()
            && self.place(a).is_some()
            && self.place(b).is_some()
            && self.covers(from_a, b)
            && self.covers(from_b, a)
    }
}
