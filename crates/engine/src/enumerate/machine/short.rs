//! Operations over at most 64 events, where a row of a relation is one word.
//!
//! Relations come in blocks of rows, so that loops through whole blocks have no rest. What stands in the rows that fill
//! the last block up means nothing.

use super::{Machine, Op, Place, Step};
use cat::plan::Sort;
use relation::{Shape, kernel as k};

/// How many rows a block has.
const BLOCK: usize = 4;

/// As many rows in whole blocks.
fn blocks(rows: usize) -> usize {
    rows.next_multiple_of(BLOCK)
}

impl Machine {
    /// How many words there must be for a value over the small universe.
    pub(super) fn room(sort: Sort, shape: Shape) -> usize {
        match sort {
            Sort::Relation if shape.words == 1 => blocks(shape.n),
            _ => Self::wide_size(sort, shape),
        }
    }

    /// How many words the empty value takes, which stands for both sorts.
    pub(super) fn empty_room(shape: Shape) -> usize {
        Self::room(Sort::Relation, shape).max(shape.words)
    }

    /// Does one operation; whether its result is another than before. What is done most often costs no call.
    #[inline]
    pub(super) fn do_short_step(&mut self, step: &Step) -> bool {
        let rows = blocks(self.shape.n);
        match step.op {
            Op::Union if step.sort == Sort::Relation => {
                let (known, rest) = self.small.split_at_mut(step.to());
                let (a, b) = (step.a(), step.b());
                combine(&mut rest[..rows], &known[a..a + rows], &known[b..b + rows], |a, b| a | b)
            }
            Op::Intersection if step.sort == Sort::Relation => {
                let (known, rest) = self.small.split_at_mut(step.to());
                let (a, b) = (step.a(), step.b());
                combine(&mut rest[..rows], &known[a..a + rows], &known[b..b + rows], |a, b| a & b)
            }
            _ => self.do_other_step(step),
        }
    }

    fn do_other_step(&mut self, step: &Step) -> bool {
        if step.sort == Sort::Set {
            return self.do_step_to_set(step);
        }
        let (shape, n) = (self.shape, self.shape.n);
        let (known, rest) = self.small.split_at_mut(step.to());
        let to = &mut rest[..blocks(n)];
        let value = |place: Place| &known[place..place + blocks(n)];
        let (a, b) = (step.a(), step.b());
        let result = &mut self.result;
        match step.op {
            Op::Union => combine(to, value(a), value(b), |a, b| a | b),
            Op::Intersection => combine(to, value(a), value(b), |a, b| a & b),
            Op::Difference => combine(to, value(a), value(b), |a, b| a & !b),
            Op::RestrictRange => {
                let set = known[b];
                combine(to, value(a), value(a), |row, _| row & set)
            }
            Op::Sequence => sequence(to, value(a), &known[b..b + n]),
            Op::RestrictDomain => {
                let set = known[a];
                replace(to, value(b), |i, row| row & mask(set, i))
            }
            Op::Product => {
                let (from, set) = (known[a], known[b]);
                replace(&mut to[..n], value(0), |i, _| set & mask(from, i))
            }
            Op::IdentityOn => {
                let set = known[a];
                replace(&mut to[..n], value(0), |i, _| set & 1 << i)
            }
            Op::Complement => {
                let all = all(n);
                replace(&mut to[..n], value(a), |_, row| all & !row)
            }
            Op::Plus => {
                result.clear();
                result.extend_from_slice(&known[a..a + n]);
                k::close(shape, result);
                replace(to, result, |_, row| row)
            }
            Op::Inverse => {
                let a = &known[a..a + n];
                if n <= 16 { inverse::<16>(to, a) } else { inverse::<64>(to, a) }
            }
            Op::ComplementSet | Op::Domain | Op::Range | Op::Fix(_) | Op::Nothing => false,
        }
    }

    fn do_step_to_set(&mut self, step: &Step) -> bool {
        let n = self.shape.n;
        let (known, rest) = self.small.split_at_mut(step.to());
        let (a, b) = (step.a(), step.b());
        let rows = || known[a..a + n].iter();
        let new = match step.op {
            Op::Union => known[a] | known[b],
            Op::Intersection => known[a] & known[b],
            Op::Difference => known[a] & !known[b],
            Op::ComplementSet => all(n) & !known[a],
            Op::Domain => rows().enumerate().fold(0, |all, (i, row)| all | u64::from(*row != 0) << i),
            Op::Range => rows().fold(0, |all, row| all | row),
            _ => return false,
        };
        std::mem::replace(&mut rest[0], new) != new
    }

    /// Whether the union of these relations has no cycle.
    pub(super) fn is_short_acyclic(&self, places: &[Place]) -> bool {
        match self.shape.n {
            0..=16 => self.is_acyclic_with::<16>(places),
            17..=32 => self.is_acyclic_with::<32>(places),
            _ => self.is_acyclic_with::<64>(places),
        }
    }

    /// The same for at most so many events.
    ///
    /// Events without successors are taken away until none is left, or none can be; from the last one down, because
    /// most edges go up.
    fn is_acyclic_with<const MOST: usize>(&self, places: &[Place]) -> bool {
        let room = blocks(self.shape.n).min(MOST);
        let mut sum = [0u64; MOST];
        for place in places {
            unite(&mut sum[..room], &self.small[*place..*place + room]);
        }
        let mut alive = all(self.shape.n);
        for i in (0..room).rev() {
            alive &= !(u64::from(sum[i] & alive == 0) << i);
        }
        while alive != 0 {
            let before = alive;
            let mut todo = alive;
            while todo != 0 {
                let i = 63 - todo.leading_zeros() as usize;
                todo &= !(1 << i);
                if sum[i % MOST] & alive == 0 {
                    alive &= !(1 << i);
                }
            }
            if alive == before {
                return false;
            }
        }
        true
    }
}

/// The set of so many events.
fn all(n: usize) -> u64 {
    if n >= 64 { !0 } else { (1 << n) - 1 }
}

/// All ones if the event is in the set, else zero.
fn mask(set: u64, event: usize) -> u64 {
    (set >> event & 1).wrapping_neg()
}

/// `to = f(a, b)` row by row, in whole blocks; whether that changes anything.
#[inline]
fn combine(to: &mut [u64], a: &[u64], b: &[u64], f: impl Fn(u64, u64) -> u64) -> bool {
    let (to, a, b) = (to.as_chunks_mut::<BLOCK>().0, a.as_chunks::<BLOCK>().0, b.as_chunks::<BLOCK>().0);
    let mut changes = [0; BLOCK];
    for (to, (a, b)) in to.iter_mut().zip(a.iter().zip(b)) {
        for i in 0..BLOCK {
            let new = f(a[i], b[i]);
            changes[i] |= to[i] ^ new;
            to[i] = new;
        }
    }
    changes != [0; BLOCK]
}

/// `to = to ∪ a`, in whole blocks.
#[inline]
fn unite(to: &mut [u64], a: &[u64]) {
    for (to, a) in to.as_chunks_mut::<BLOCK>().0.iter_mut().zip(a.as_chunks::<BLOCK>().0) {
        (0..BLOCK).for_each(|i| to[i] |= a[i]);
    }
}

/// `to = a ; b`; whether that changes anything.
#[inline]
fn sequence(to: &mut [u64], a: &[u64], b: &[u64]) -> bool {
    let (mut changes, all) = (0, all(b.len()));
    for (to, a) in to.as_chunks_mut::<BLOCK>().0.iter_mut().zip(a.as_chunks::<BLOCK>().0) {
        if (a[0] | a[1] | a[2] | a[3]) & all == 0 {
            changes |= to[0] | to[1] | to[2] | to[3];
            *to = [0; BLOCK];
            continue;
        }
        for i in 0..BLOCK {
            let new = k::image(b, a[i] & all);
            changes |= to[i] ^ new;
            to[i] = new;
        }
    }
    changes != 0
}

/// `to = a^-1`, of at most so many events; whether that changes anything.
#[inline]
fn inverse<const MOST: usize>(to: &mut [u64], a: &[u64]) -> bool {
    let mut new = [0u64; MOST];
    for (i, row) in a.iter().enumerate() {
        let mut row = *row;
        while row != 0 {
            new[row.trailing_zeros() as usize % MOST] |= 1 << i;
            row &= row - 1;
        }
    }
    combine(to, &new, &new, |row, _| row)
}

/// `to = f(a)` row by row; whether that changes anything.
#[inline]
fn replace(to: &mut [u64], a: &[u64], f: impl Fn(usize, u64) -> u64) -> bool {
    let mut changes = 0;
    for (i, (to, a)) in to.iter_mut().zip(a).enumerate() {
        let new = f(i, *a);
        changes |= *to ^ new;
        *to = new;
    }
    changes != 0
}
