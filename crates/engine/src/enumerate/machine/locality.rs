//! Cycles that coherence rules out already.
//!
//! In an execution that is coherent, `rf`, `co`, `fr` and program order per location have no cycle at any location. So
//! a cycle of these and other edges goes from location to location by others; if what may hold those, with each
//! location taken as one, has no cycle, then there is none, whatever is chosen.

use super::Machine;
use super::bounds::Open;
use relation::{Shape, kernel as k};

/// What is known of locations, over the small universe.
pub(in crate::enumerate) struct Locality<'a> {
    /// The location of each event; events without one have numbers of their own.
    pub(in crate::enumerate) location: &'a [usize],
    /// Program order per location, as coherence has it.
    pub(in crate::enumerate) po_loc: &'a [u64],
    /// The checks of the plan that ask for coherence.
    pub(in crate::enumerate) coherence: &'a [usize],
}

impl Machine {
    /// Which requirements are still open, of those that were, without those that coherence decides. The bounds from
    /// above are those that the requirements were asked about last.
    pub(in crate::enumerate) fn settle_by_locality(&self, open: Open, locality: &Locality<'_>) -> Open {
        let mut left = open;
        for at in k::elements(&[open]) {
            let Some((index, places)) = self.beyond_communication(at) else { continue };
            if !locality.coherence.contains(&index) && self.is_acyclic_over_locations(places, locality) {
                left &= !(1 << at);
            }
        }
        left
    }

    fn is_acyclic_over_locations(&self, places: &[usize], locality: &Locality<'_>) -> bool {
        let shape = self.shape;
        let over = Shape::new(locality.location.iter().map(|location| location + 1).max().unwrap_or(0));
        let mut merged = vec![0; over.matrix()];
        for a in 0..shape.n {
            let from = locality.location[a];
            for place in places {
                let row = k::row(shape, &self.small[*place..*place + shape.matrix()], a);
                for b in k::elements(row) {
                    let to = locality.location[b];
                    if from != to {
                        k::put_pair(over, &mut merged, from, to);
                    } else if !k::has_pair(shape, locality.po_loc, a, b) {
                        return false;
                    }
                }
            }
        }
        k::is_acyclic(over, &merged, &mut vec![0; over.words])
    }
}
