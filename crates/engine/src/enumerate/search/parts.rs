//! Accesses that were cut into parts: reads don't tear.

use super::{Read, Search};
use execution::{EventId, Structure};

/// Puts reads in the order in which they choose: first those with the least choice, and the parts of one access together.
pub(super) fn order_reads(reads: &mut [Read], s: &Structure<'_>) {
    if !s.has_parts() {
        reads.sort_by_key(|read| read.writers.len());
        return;
    }
    let least = |access: EventId| {
        let parts = reads.iter().filter(|read| s.first_part(read.event) == access);
        parts.map(|read| read.writers.len()).min().unwrap_or_default()
    };
    let mut keys: Vec<(usize, EventId, usize, usize)> = reads
        .iter()
        .enumerate()
        .map(|(at, read)| {
            let access = s.first_part(read.event);
            (least(access), access, read.writers.len(), at)
        })
        .collect();
    keys.sort_unstable();
    // Where each read comes to stand.
    let mut places = vec![0; reads.len()];
    keys.iter().enumerate().for_each(|(place, (.., at))| places[*at] = place);
    for at in 0..reads.len() {
        while places[at] != at {
            let place = places[at];
            reads.swap(at, place);
            places.swap(at, place);
        }
    }
}

impl Search<'_, '_> {
    /// Whether the write of the read at `depth` and those of earlier reads tear an access.
    pub(super) fn is_torn(&self, depth: usize, writer: EventId) -> bool {
        let read = self.reads[depth].event;
        let earlier = self.reads[..depth].iter().zip(&self.rf);
        self.s.has_parts()
            && earlier
                .map(|(earlier, from)| (earlier.event, *from))
                .any(|earlier| self.s.tears(earlier, (read, writer)))
    }
}
