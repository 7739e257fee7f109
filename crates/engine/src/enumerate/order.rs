//! A strict partial order of writes that grows while choices are made, and shrinks when they are taken back.

use relation::{Shape, kernel as k};

/// Transitively closed orders, one for each level of the search.
#[derive(Clone, Debug, Default)]
pub(super) struct Orders {
    words: Vec<u64>,
}

impl Orders {
    /// Starts with the empty order at level 0, and room for `levels` more.
    pub(super) fn reset(&mut self, shape: Shape, levels: usize) {
        self.words.clear();
        self.words.resize(shape.matrix() * (levels + 1), 0);
    }

    /// The order at a level: row `i` holds what comes after `i`.
    pub(super) fn level(&self, shape: Shape, level: usize) -> &[u64] {
        let size = shape.matrix();
        &self.words[level * size..(level + 1) * size]
    }

    /// The order at the first level, to be written: it must be closed, and without cycles.
    pub(super) fn first_mut(&mut self, shape: Shape) -> &mut [u64] {
        &mut self.words[..shape.matrix()]
    }

    /// Copies a level to the next.
    pub(super) fn push(&mut self, shape: Shape, level: usize) {
        let size = shape.matrix();
        self.words.copy_within(level * size..(level + 1) * size, (level + 1) * size);
    }

    /// Adds `a` before `b`. False if `b` is before `a`, or is it.
    pub(super) fn add(&mut self, shape: Shape, level: usize, a: usize, b: usize) -> bool {
        let size = shape.matrix();
        let order = &mut self.words[level * size..(level + 1) * size];
        if a == b || k::has_pair(shape, order, b, a) {
            return false;
        }
        if k::has_pair(shape, order, a, b) {
            return true;
        }
        if shape.words == 1 {
            let after = order[b] | 1 << b;
            for (x, row) in order.iter_mut().enumerate() {
                if x == a || *row >> a & 1 != 0 {
                    *row |= after;
                }
            }
            return true;
        }
        let mut after = k::row(shape, order, b).to_vec();
        k::put(&mut after, b);
        for x in 0..shape.n {
            if x == a || k::has_pair(shape, order, x, a) {
                k::union_with(k::row_mut(shape, order, x), &after);
            }
        }
        true
    }
}
