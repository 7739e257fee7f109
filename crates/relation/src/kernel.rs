//! Operations on borrowed words. Nothing here allocates.
//!
//! Sets are `shape.words` words, relations `shape.n * shape.words` words, row by row. Bits at and beyond `n` are
//! zero in every operand, and stay zero in every result. Operands may not overlap the result, which Rust checks.

/// The size of a universe: how many elements, and how many words hold a set of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Number of elements.
    pub n: usize,
    /// Words in a set, and in a row of a relation: `⌈n/64⌉`, at least one.
    pub words: usize,
}

impl Shape {
    /// The shape of a universe of `n` elements.
    #[inline]
    pub fn new(n: usize) -> Shape {
        Shape { n, words: n.div_ceil(64).max(1) }
    }

    /// Words in a relation.
    #[inline]
    pub fn matrix(self) -> usize {
        self.n * self.words
    }
}

/// Whether element `i` is in the set.
#[inline]
pub fn has(set: &[u64], i: usize) -> bool {
    set[i / 64] >> (i % 64) & 1 != 0
}

/// Puts element `i` into the set.
#[inline]
pub fn put(set: &mut [u64], i: usize) {
    set[i / 64] |= 1 << (i % 64);
}

/// Takes element `i` out of the set.
#[inline]
pub fn take(set: &mut [u64], i: usize) {
    set[i / 64] &= !(1 << (i % 64));
}

/// The elements of a set, in rising order.
#[inline]
pub fn elements(set: &[u64]) -> impl Iterator<Item = usize> + '_ {
    set.iter().enumerate().flat_map(|(k, word)| {
        let mut word = *word;
        std::iter::from_fn(move || {
            (word != 0).then(|| {
                let bit = word.trailing_zeros() as usize;
                word &= word - 1;
                64 * k + bit
            })
        })
    })
}

/// Row `i` of a relation.
#[inline]
pub fn row(shape: Shape, r: &[u64], i: usize) -> &[u64] {
    &r[i * shape.words..(i + 1) * shape.words]
}

/// Row `i` of a relation, to write.
#[inline]
pub fn row_mut(shape: Shape, r: &mut [u64], i: usize) -> &mut [u64] {
    &mut r[i * shape.words..(i + 1) * shape.words]
}

/// Whether the pair is in the relation.
#[inline]
pub fn has_pair(shape: Shape, r: &[u64], i: usize, j: usize) -> bool {
    r[i * shape.words + j / 64] >> (j % 64) & 1 != 0
}

/// Puts a pair into the relation.
#[inline]
pub fn put_pair(shape: Shape, r: &mut [u64], i: usize, j: usize) {
    r[i * shape.words + j / 64] |= 1 << (j % 64);
}

/// `out = a ∪ b`, for sets and for relations.
#[inline]
pub fn union(out: &mut [u64], a: &[u64], b: &[u64]) {
    for (o, (a, b)) in out.iter_mut().zip(a.iter().zip(b)) {
        *o = a | b;
    }
}

/// `out = out ∪ a`.
#[inline]
pub fn union_with(out: &mut [u64], a: &[u64]) {
    for (o, a) in out.iter_mut().zip(a) {
        *o |= a;
    }
}

/// `out = a ∩ b`, for sets and for relations.
#[inline]
pub fn intersection(out: &mut [u64], a: &[u64], b: &[u64]) {
    for (o, (a, b)) in out.iter_mut().zip(a.iter().zip(b)) {
        *o = a & b;
    }
}

/// `out = a ∖ b`, for sets and for relations.
#[inline]
pub fn difference(out: &mut [u64], a: &[u64], b: &[u64]) {
    for (o, (a, b)) in out.iter_mut().zip(a.iter().zip(b)) {
        *o = a & !b;
    }
}

/// Whether there is nothing in the set or relation.
#[inline]
pub fn is_empty(a: &[u64]) -> bool {
    // Without an early exit, which would cost more than it saves: the loop vectorises.
    if a.len() <= 64 { a.iter().fold(0, |all, w| all | w) == 0 } else { a.iter().all(|w| *w == 0) }
}

/// Whether `a ⊆ b`.
#[inline]
pub fn is_subset(a: &[u64], b: &[u64]) -> bool {
    let mut pairs = a.iter().zip(b);
    if a.len() <= 64 {
        pairs.fold(0, |all, (a, b)| all | a & !b) == 0
    } else {
        pairs.all(|(a, b)| a & !b == 0)
    }
}

/// Whether `a ∩ b` is empty.
#[inline]
pub fn is_disjoint(a: &[u64], b: &[u64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a & b == 0)
}

/// `out` = the whole universe, as a set.
#[inline]
pub fn fill_set(shape: Shape, out: &mut [u64]) {
    out.fill(!0);
    let rest = shape.n % 64;
    if shape.n == 0 {
        out.fill(0);
    } else if rest != 0 {
        out[shape.words - 1] = (1 << rest) - 1;
    }
}

/// All ones if element `i` is in the one-word set, else zero.
#[inline]
fn mask(set: u64, i: usize) -> u64 {
    (set >> i & 1).wrapping_neg()
}

/// `out` = the set complement of `a`.
pub fn complement_set(shape: Shape, out: &mut [u64], a: &[u64]) {
    fill_set(shape, out);
    for (o, a) in out.iter_mut().zip(a) {
        *o &= !a;
    }
}

/// `out` = all pairs not in `a`.
pub fn complement(shape: Shape, out: &mut [u64], a: &[u64]) {
    for i in 0..shape.n {
        complement_set(shape, row_mut(shape, out, i), row(shape, a, i));
    }
}

/// `out` = the identity.
#[inline]
pub fn identity(shape: Shape, out: &mut [u64]) {
    out.fill(0);
    for i in 0..shape.n {
        put_pair(shape, out, i, i);
    }
}

/// `out` = identity on the set.
#[inline]
pub fn identity_on(shape: Shape, out: &mut [u64], set: &[u64]) {
    if shape.words == 1 {
        let set = set[0];
        out.iter_mut().enumerate().for_each(|(i, o)| *o = set & 1 << i);
        return;
    }
    out.fill(0);
    for i in elements(set) {
        put_pair(shape, out, i, i);
    }
}

/// `out` = all pairs from `a` to `b`.
#[inline]
pub fn product(shape: Shape, out: &mut [u64], a: &[u64], b: &[u64]) {
    if shape.words == 1 {
        let (a, b) = (a[0], b[0]);
        out.iter_mut().enumerate().for_each(|(i, o)| *o = b & mask(a, i));
        return;
    }
    out.fill(0);
    for i in elements(a) {
        row_mut(shape, out, i).copy_from_slice(b);
    }
}

/// `out` = `r` with first components in `set` only, that is `[set]; r`.
#[inline]
pub fn restrict_domain(shape: Shape, out: &mut [u64], set: &[u64], r: &[u64]) {
    if shape.words == 1 {
        let set = set[0];
        out.iter_mut().zip(r).enumerate().for_each(|(i, (o, r))| *o = r & mask(set, i));
        return;
    }
    for i in 0..shape.n {
        let target = row_mut(shape, out, i);
        if has(set, i) { target.copy_from_slice(row(shape, r, i)) } else { target.fill(0) }
    }
}

/// `out` = `r` with second components in `set` only, that is `r; [set]`.
#[inline]
pub fn restrict_range(shape: Shape, out: &mut [u64], r: &[u64], set: &[u64]) {
    if shape.words == 1 {
        let set = set[0];
        out.iter_mut().zip(r).for_each(|(o, r)| *o = r & set);
        return;
    }
    for i in 0..shape.n {
        intersection(row_mut(shape, out, i), row(shape, r, i), set);
    }
}

/// What the elements of a one-word set are related to.
#[inline]
pub fn image(r: &[u64], mut from: u64) -> u64 {
    let mut to = 0;
    while from != 0 {
        to |= r[from.trailing_zeros() as usize];
        from &= from - 1;
    }
    to
}

/// `out = a ; b`.
#[inline]
pub fn sequence(shape: Shape, out: &mut [u64], a: &[u64], b: &[u64]) {
    if shape.words == 1 {
        for (o, a) in out.iter_mut().zip(a) {
            *o = image(b, *a);
        }
        return;
    }
    for i in 0..shape.n {
        let target = row_mut(shape, out, i);
        target.fill(0);
        for j in elements(row(shape, a, i)) {
            union_with(target, row(shape, b, j));
        }
    }
}

/// `out` = the converse of `a`.
#[inline]
pub fn converse(shape: Shape, out: &mut [u64], a: &[u64]) {
    out.fill(0);
    if shape.words == 1 {
        for (i, row) in a.iter().enumerate() {
            let mut to = *row;
            while to != 0 {
                out[to.trailing_zeros() as usize] |= 1 << i;
                to &= to - 1;
            }
        }
        return;
    }
    for i in 0..shape.n {
        for j in elements(row(shape, a, i)) {
            put_pair(shape, out, j, i);
        }
    }
}

/// `out` = the first components of `r`.
#[inline]
pub fn domain(shape: Shape, out: &mut [u64], r: &[u64]) {
    if shape.words == 1 {
        out[0] = r.iter().enumerate().fold(0, |all, (i, row)| all | u64::from(*row != 0) << i);
        return;
    }
    out.fill(0);
    for i in 0..shape.n {
        if !is_empty(row(shape, r, i)) {
            put(out, i);
        }
    }
}

/// `out` = the second components of `r`.
#[inline]
pub fn range(shape: Shape, out: &mut [u64], r: &[u64]) {
    if shape.words == 1 {
        out[0] = r.iter().fold(0, |all, row| all | row);
        return;
    }
    out.fill(0);
    for i in 0..shape.n {
        union_with(out, row(shape, r, i));
    }
}

/// Relations over so many elements are closed by Warshall's algorithm, whose loops are short.
const FEW: usize = 16;

/// After so many passes that changed something the rest is left to Warshall's algorithm.
const PASSES: usize = 3;

/// Makes `r` transitive in place, if a few passes over its pairs, from the last element to the first, are enough for
/// that: most of what is closed leads from earlier elements to later ones.
fn close_by_passes(r: &mut [u64]) -> bool {
    for _ in 0..PASSES {
        let mut changed = false;
        for i in (0..r.len()).rev() {
            let (before, mut sum, mut todo) = (r[i], r[i], r[i]);
            while todo != 0 {
                let j = todo.trailing_zeros() as usize;
                todo &= todo - 1;
                sum |= r[j];
                // What a row that was visited in this pass leads to needs no visit of its own.
                if j > i {
                    todo &= !r[j];
                }
            }
            r[i] = sum;
            changed |= sum != before;
        }
        if !changed {
            return true;
        }
    }
    false
}

/// Makes `r` transitive in place.
#[inline]
pub fn close(shape: Shape, r: &mut [u64]) {
    if shape.words == 1 {
        if r.len() > FEW && close_by_passes(r) {
            return;
        }
        let n = r.len();
        for k in 0..n {
            let via = r[k];
            if via == 0 {
                continue;
            }
            for row in r.iter_mut() {
                // A mask instead of a branch: the loop vectorises.
                let mask = (*row >> k & 1).wrapping_neg();
                *row |= via & mask;
            }
        }
        return;
    }
    for k in 0..shape.n {
        if is_empty(row(shape, r, k)) {
            continue;
        }
        for i in 0..shape.n {
            if i != k && has_pair(shape, r, i, k) {
                let (low, high) = r.split_at_mut(i.max(k) * shape.words);
                let (target, via) = if i < k {
                    (&mut low[i * shape.words..(i + 1) * shape.words], &high[..shape.words])
                } else {
                    (&mut high[..shape.words], &low[k * shape.words..(k + 1) * shape.words])
                };
                union_with(target, via);
            }
        }
    }
}

/// Adds the identity.
#[inline]
pub fn reflexive(shape: Shape, r: &mut [u64]) {
    for i in 0..shape.n {
        put_pair(shape, r, i, i);
    }
}

/// Takes the identity away.
#[inline]
pub fn irreflexive_part(shape: Shape, r: &mut [u64]) {
    for i in 0..shape.n {
        r[i * shape.words + i / 64] &= !(1 << (i % 64));
    }
}

/// Whether no element is related to itself.
#[inline]
pub fn is_irreflexive(shape: Shape, r: &[u64]) -> bool {
    if shape.words == 1 {
        return r.iter().enumerate().fold(0, |all, (i, row)| all | row >> i & 1) == 0;
    }
    (0..shape.n).all(|i| !has_pair(shape, r, i, i))
}

/// Whether `r` has no cycle. `alive` is scratch of `shape.words` words.
///
/// Peels off elements without successors until none is left, or none can be peeled; from the last element down,
/// because most edges go up.
#[inline]
pub fn is_acyclic(shape: Shape, r: &[u64], alive: &mut [u64]) -> bool {
    if shape.words == 1 {
        let mut alive = 0u64;
        for (i, row) in r.iter().enumerate() {
            alive |= u64::from(*row != 0) << i;
        }
        loop {
            let before = alive;
            let mut todo = alive;
            while todo != 0 {
                let i = 63 - todo.leading_zeros() as usize;
                todo &= !(1 << i);
                if r[i] & alive == 0 {
                    alive &= !(1 << i);
                }
            }
            if alive == 0 {
                return true;
            }
            if alive == before {
                return false;
            }
        }
    }
    domain(shape, alive, r);
    loop {
        let mut changed = false;
        for i in (0..shape.n).rev() {
            if has(alive, i) && is_disjoint(row(shape, r, i), alive) {
                take(alive, i);
                changed = true;
            }
        }
        if is_empty(alive) {
            return true;
        }
        if !changed {
            return false;
        }
    }
}
