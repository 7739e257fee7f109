//! Positions in the order of the writes to a location that atomic updates write, if they happen.
//!
//! An update comes right behind the write that it reads, so that a chain of updates counts. That no update gets lost is hard
//! to prove from the order of each two of them; it is easy if each has a position, and each position a value. All of it
//! follows from coherence and atomicity; it makes proofs shorter, and nothing else.

use super::encoding::Encoding;
use super::sat::{Lit, Sat};
use cat::plan::Base;
use execution::{EventId, Value};

/// Between so many and so many writes of threads it is worth its while.
const WRITES: std::ops::RangeInclusive<usize> = 3..=24;

/// The position of each write to a location.
struct Positions {
    /// By write and position, which counts from 1 and is stored from 0.
    at: Vec<Vec<Lit>>,
    /// By position: whether some write has it.
    taken: Vec<Lit>,
    writes: Vec<EventId>,
}

/// Adds positions to the writes of a location. `updates` are reads with the writes that come right behind what they read,
/// in this order.
pub(super) fn add(
    sat: &mut Sat<'_>,
    encoding: &Encoding<'_>,
    order: Base,
    writes: &[EventId],
    updates: &[(usize, EventId)],
) {
    let (initial, own): (Vec<EventId>, Vec<EventId>) =
        writes.iter().partition(|write| encoding.s.thread(**write).is_none());
    let [initial] = initial[..] else { return };
    let width = |event: EventId| encoding.s.event(event).map(|event| event.width);
    let same_width = own.windows(2).all(|pair| width(pair[0]) == width(pair[1]));
    let Some(width) = own.first().and_then(|first| width(*first)) else { return };
    let fits = encoding.s.known_addresses() && WRITES.contains(&own.len()) && updates.len() > 1 && same_width;
    if !fits {
        return;
    }
    let positions = Positions::new(sat, encoding, order, own);
    for (at, write) in updates {
        positions.link(sat, encoding, initial, *at, *write);
    }
    positions.values(sat, encoding, initial, updates, width);
}

impl Positions {
    /// Each write that happens has a position, each position up to some a write, and what has a lesser position comes before.
    fn new(sat: &mut Sat<'_>, encoding: &Encoding<'_>, order: Base, writes: Vec<EventId>) -> Positions {
        let n = writes.len();
        let at: Vec<Vec<Lit>> = (0..n).map(|_| (0..n).map(|_| sat.fresh()).collect()).collect();
        let mut taken: Vec<Lit> = Vec::with_capacity(n);
        for (i, (row, write)) in at.iter().zip(&writes).enumerate() {
            let happens = encoding.is_active(*write);
            sat.clause(row.iter().copied().chain([!happens]));
            row.iter().for_each(|here| sat.clause([!*here, happens]));
            sat.at_most_one(row);
            let column: Vec<Lit> = at.iter().map(|row| row[i]).collect();
            sat.at_most_one(&column);
            let some = sat.fresh();
            column.iter().for_each(|here| sat.clause([!*here, some]));
            sat.clause(column.into_iter().chain([!some]));
            taken.last().into_iter().for_each(|before| sat.clause([!some, *before]));
            taken.push(some);
        }
        if writes.iter().all(|write| encoding.is_active(*write) == sat.yes()) {
            taken.iter().for_each(|some| sat.clause([*some]));
        }
        // Whether a write's position is at least so much.
        let least: Vec<Vec<Lit>> = (0..n).map(|_| (0..n).map(|_| sat.fresh()).collect()).collect();
        for w in 0..n {
            for i in 0..n {
                sat.clause([!at[w][i], least[w][i]]);
                if i + 1 < n {
                    sat.clause([!least[w][i + 1], least[w][i]]);
                    sat.clause([!least[w][i], at[w][i], least[w][i + 1]]);
                    sat.clause([!at[w][i], !least[w][i + 1]]);
                } else {
                    sat.clause([!least[w][i], at[w][i]]);
                }
            }
        }
        for v in 0..n {
            for w in (0..n).filter(|w| *w != v) {
                let Some(before) = encoding.before(order, writes[v], writes[w]) else {
                    continue;
                };
                for (i, here) in at[v].iter().enumerate() {
                    match least[w].get(i + 1) {
                        Some(later) => sat.clause([!*here, !*later, before]),
                        None => sat.clause([!*here, !before]),
                    }
                }
            }
        }
        Positions { at, taken, writes }
    }

    fn of(&self, write: EventId) -> Option<&[Lit]> {
        self.writes.iter().position(|known| *known == write).map(|at| &self.at[at][..])
    }

    /// An update is right behind the write that it reads.
    fn link(
        &self,
        sat: &mut Sat<'_>,
        encoding: &Encoding<'_>,
        initial: EventId,
        read: usize,
        update: EventId,
    ) {
        let Some(own) = self.of(update) else { return };
        for (writer, rf) in &encoding.reads[read].writers {
            if *writer == initial {
                sat.clause([!*rf, own[0]]);
                sat.clause([*rf, !own[0]]);
            } else if let Some(theirs) = self.of(*writer) {
                let n = own.len();
                for i in 0..n {
                    let next = own.get(i + 1).copied();
                    sat.clause([!*rf, !theirs[i]].into_iter().chain(next));
                    if i > 0 {
                        sat.clause([!*rf, !own[i], theirs[i - 1]]);
                        sat.clause([*rf, !own[i], !theirs[i - 1]]);
                    }
                }
            }
        }
    }

    /// Each position has a value: that of its write, and the one that an update behind it reads.
    fn values(
        &self,
        sat: &mut Sat<'_>,
        encoding: &Encoding<'_>,
        initial: EventId,
        updates: &[(usize, EventId)],
        width: u8,
    ) {
        let stored: Vec<Vec<(Value, Lit)>> = self
            .writes
            .iter()
            .map(|write| {
                let domain = encoding.stored_values(*write).into_iter();
                domain.filter_map(|(value, literal)| Some((value?.masked(width), literal))).collect()
            })
            .collect();
        let mut all: Vec<Value> = stored.iter().flatten().map(|(value, _)| *value).collect();
        all.sort_unstable();
        all.dedup();
        if all.len() > 2 * self.writes.len() {
            return;
        }
        let Some(first) = encoding.s.known_stored(initial).map(|value| value.masked(width)) else { return };
        let n = self.writes.len();
        let held: Vec<Vec<Lit>> = (0..n).map(|_| all.iter().map(|_| sat.fresh()).collect()).collect();
        for (i, held) in held.iter().enumerate() {
            sat.clause(held.iter().copied().chain([!self.taken[i]]));
            sat.at_most_one(held);
            for (write, stored) in stored.iter().enumerate() {
                for (value, literal) in stored {
                    if let Ok(at) = all.binary_search(value) {
                        sat.clause([!self.at[write][i], !*literal, held[at]]);
                    }
                }
            }
        }
        for (read, update) in updates {
            let Some(own) = self.of(*update) else { continue };
            let read = &encoding.reads[*read];
            for (value, literal) in encoding.values.read(read.thread, read.var) {
                let Some(value) = value else { continue };
                if *value != first {
                    sat.clause([!own[0], !*literal]);
                }
                for i in 1..n {
                    match all.binary_search(value) {
                        Ok(at) => {
                            sat.clause([!own[i], !*literal, held[i - 1][at]]);
                            sat.clause([!own[i], *literal, !held[i - 1][at]]);
                        }
                        Err(_) => sat.clause([!own[i], !*literal]),
                    }
                }
            }
        }
    }
}
