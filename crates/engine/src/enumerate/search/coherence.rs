//! What a model's coherence says before anything is chosen.

use super::super::Compiled;
use super::super::machine::Machine;
use super::super::sequences::Sequences;
use super::{Bounds, has_updates};
use execution::Structure;
use relation::{Relation, kernel as k};

/// What coherence says of the order of accesses to each location, transitively.
pub(super) struct Coherence<'a> {
    pub(super) order: Relation,
    pub(super) implied: Implied<'a>,
}

/// Which checks may say no more than what follows from that order for `rf` and the order of writes.
#[derive(Clone, Copy)]
pub(super) enum Implied<'a> {
    Nothing,
    Check(usize),
    Sequences(&'a Sequences),
}

pub(super) fn coherence<'a>(
    compiled: &'a Compiled,
    bounds: &Bounds<'_, '_>,
    machine: &Machine,
) -> Option<Coherence<'a>> {
    if !bounds.s.known_addresses() {
        return None;
    }
    if let Some(sequences) = &compiled.sequences {
        if has_updates(bounds.s) && !sequences.has_updates {
            return None;
        }
        let order = sequences.order(&compiled.plan, machine, &bounds.location)?;
        return Some(Coherence { order, implied: Implied::Sequences(sequences) });
    }
    let initial_first = compiled.plan.co.is_some_and(|co| co.initial_first);
    if !initial_first {
        return None;
    }
    let sums = compiled.recognised.coherence.iter().map(|found| {
        let mut sum = Relation::empty(bounds.s.len());
        for part in &found.parts {
            // Whether others add something is known later.
            if let Some(value) = machine.static_relation(&compiled.plan, *part) {
                k::union_with(sum.bits_mut(), value);
            }
        }
        (found.check, sum)
    });
    let mut best: Option<Coherence<'_>> = None;
    for (check, mut sum) in sums {
        let is_per_location = sum.is_subset(&bounds.location);
        if !is_per_location {
            sum = sum.intersection(&bounds.location);
        }
        k::close(sum.shape(), sum.bits_mut());
        if best.as_ref().is_none_or(|best| best.order.is_subset(&sum)) {
            let implied = if is_per_location { Implied::Check(check) } else { Implied::Nothing };
            best = Some(Coherence { order: sum, implied });
        }
    }
    best
}

/// The checks that need not be made, bounds of what may be chosen being known. No event both reads and writes.
pub(super) fn implied(
    implied: Implied<'_>,
    compiled: &Compiled,
    machine: &Machine,
    (s, order, location): (&Structure<'_>, &Relation, &Relation),
) -> Vec<usize> {
    match implied {
        Implied::Check(check) if compiled.recognised.is_exact(check, machine) => vec![check],
        Implied::Check(_) | Implied::Nothing => Vec::new(),
        Implied::Sequences(sequences) => sequences.implied(&compiled.plan, machine, s, (order, location)),
    }
}
