//! What each read may read.

use super::Read;
use execution::{EventId, Structure};
use relation::{Relation, kernel as k};
use smallvec::SmallVec;

/// The writes that each read may read. With `po_loc`, those that coherence forbids are left out: of `co`, or of an order of
/// these writes.
pub(super) fn candidate_reads(
    s: &Structure<'_>,
    writes: &[EventId],
    po_loc: Option<&Relation>,
    ordered: Option<&[EventId]>,
) -> Vec<Read> {
    if s.len() <= 64 {
        return short_candidate_reads(s, writes, po_loc, ordered);
    }
    let fits = |event: EventId, writer: EventId| match (s.place(event), s.place(writer)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    };
    // A write of the same instruction comes after its read.
    let same_instance = |event: EventId, writer: EventId| {
        s.thread(event) == s.thread(writer)
            && s.event(event).map(|event| event.instance) == s.event(writer).map(|event| event.instance)
    };
    s.reads()
        .map(|(event, thread, var)| {
            let all = writes.iter().copied().filter(|writer| fits(event, *writer));
            let mut writers: SmallVec<[EventId; 8]> =
                all.filter(|writer| !same_instance(event, *writer)).collect();
            if let Some(po_loc) = po_loc {
                let before = |a: EventId, b: EventId| po_loc.contains(a.index(), b.index());
                let earlier: SmallVec<[EventId; 8]> =
                    writers.iter().copied().filter(|writer| before(*writer, event)).collect();
                let is_ordered = |writer: &EventId| ordered.is_none_or(|ordered| ordered.contains(writer));
                writers.retain(|writer| {
                    let hides = |other: &EventId| {
                        other != writer && (s.thread(*writer).is_none() || before(*writer, *other))
                    };
                    let is_hidden =
                        || is_ordered(writer) && earlier.iter().filter(|e| is_ordered(e)).any(hides);
                    !before(event, *writer) && !is_hidden()
                });
            }
            let width = s.event(event).map_or(64, |event| event.width);
            Read { event, thread, var, width, writers }
        })
        .collect()
}

/// The same for at most 64 events, where a set of events is one word.
fn short_candidate_reads(
    s: &Structure<'_>,
    writes: &[EventId],
    po_loc: Option<&Relation>,
    ordered: Option<&[EventId]>,
) -> Vec<Read> {
    let set = |events: &[EventId]| events.iter().fold(0u64, |all, event| all | 1 << event.index());
    // The writes to each place, and those that may go anywhere.
    let mut there: SmallVec<[u64; 16]> = SmallVec::new();
    let (mut all, mut anywhere, mut initial) = (0u64, 0u64, 0u64);
    for write in writes.iter().copied() {
        let own = 1 << write.index();
        all |= own;
        initial |= if s.thread(write).is_none() { own } else { 0 };
        match s.place(write) {
            Some(place) => {
                there.resize(there.len().max(place as usize + 1), 0);
                there[place as usize] |= own;
            }
            None => anywhere |= own,
        }
    }
    let ordered = ordered.map_or(u64::MAX, set);
    let mut before: SmallVec<[u64; 64]> = SmallVec::new();
    if let Some(po_loc) = po_loc {
        before.resize(s.len(), 0);
        k::converse(po_loc.shape(), &mut before, po_loc.bits());
    }
    let mut reads = Vec::with_capacity(s.paths().iter().map(|path| path.reads.len()).sum());
    reads.extend(s.reads().map(|(event, thread, var)| {
        let of_place = |place: u32| there.get(place as usize).copied().unwrap_or(0) | anywhere;
        let mut writers = s.place(event).map_or(all, of_place);
        let (width, instance) =
            s.event(event).map_or((64, None), |event| (event.width, Some(event.instance)));
        // A write of the same instruction comes after its read.
        for writer in k::elements(&[writers & !initial]).map(|writer| EventId(writer as u32)) {
            if s.event(writer).map(|writer| writer.instance) == instance && s.thread(writer) == Some(thread) {
                writers &= !(1 << writer.index());
            }
        }
        if let Some(po_loc) = po_loc {
            let behind = po_loc.bits();
            let earlier = writers & before[event.index()] & ordered;
            for writer in k::elements(&[writers & ordered]) {
                let own = 1 << writer;
                let hiding = if initial & own != 0 { earlier } else { earlier & behind[writer] };
                if hiding & !own != 0 {
                    writers &= !own;
                }
            }
            writers &= !behind[event.index()];
        }
        let writers = k::elements(&[writers]).map(|writer| EventId(writer as u32)).collect();
        Read { event, thread, var, width, writers }
    }));
    reads
}
