//! Relations that own their bits.

use crate::Set;
use crate::kernel::{self, Shape};

/// A relation over a universe of fixed size.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Relation {
    n: usize,
    bits: Vec<u64>,
}

impl Relation {
    /// The empty relation over `n` elements.
    pub fn empty(n: usize) -> Relation {
        Relation { n, bits: vec![0; Shape::new(n).matrix()] }
    }

    /// The identity over `n` elements.
    pub fn identity(n: usize) -> Relation {
        let mut r = Relation::empty(n);
        kernel::identity(Shape::new(n), &mut r.bits);
        r
    }

    /// All pairs over `n` elements.
    pub fn full(n: usize) -> Relation {
        Relation::empty(n).complement()
    }

    /// The pairs of an iterator.
    pub fn from_pairs(n: usize, pairs: impl IntoIterator<Item = (usize, usize)>) -> Relation {
        let mut r = Relation::empty(n);
        pairs.into_iter().for_each(|(i, j)| r.insert(i, j));
        r
    }

    /// The pairs that satisfy `test`.
    pub fn of(n: usize, mut test: impl FnMut(usize, usize) -> bool) -> Relation {
        let mut r = Relation::empty(n);
        for i in 0..n {
            (0..n).filter(|j| test(i, *j)).for_each(|j| kernel::put_pair(Shape::new(n), &mut r.bits, i, j));
        }
        r
    }

    /// Identity on a set.
    pub fn identity_on(set: &Set) -> Relation {
        let mut r = Relation::empty(set.universe());
        kernel::identity_on(r.shape(), &mut r.bits, set.bits());
        r
    }

    /// All pairs from `a` to `b`.
    pub fn product(a: &Set, b: &Set) -> Relation {
        let mut r = Relation::empty(a.universe());
        kernel::product(r.shape(), &mut r.bits, a.bits(), b.bits());
        r
    }

    /// The size of the universe.
    pub fn universe(&self) -> usize {
        self.n
    }

    /// The shape, for [`kernel`].
    pub fn shape(&self) -> Shape {
        Shape::new(self.n)
    }

    /// The words, for [`kernel`].
    pub fn bits(&self) -> &[u64] {
        &self.bits
    }

    /// The words, for [`kernel`]; bits at and beyond the size of the universe must stay zero.
    pub fn bits_mut(&mut self) -> &mut [u64] {
        &mut self.bits
    }

    /// Whether the pair is in it.
    pub fn contains(&self, i: usize, j: usize) -> bool {
        i < self.n && j < self.n && kernel::has_pair(self.shape(), &self.bits, i, j)
    }

    /// Adds a pair.
    pub fn insert(&mut self, i: usize, j: usize) {
        assert!(i < self.n && j < self.n, "pair ({i},{j}) outside a universe of {}", self.n);
        kernel::put_pair(Shape::new(self.n), &mut self.bits, i, j);
    }

    /// How many pairs it has.
    pub fn len(&self) -> usize {
        self.bits.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        kernel::is_empty(&self.bits)
    }

    /// The pairs, in rising order.
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        (0..self.n).flat_map(|i| self.successors(i).map(move |j| (i, j)))
    }

    /// The `j` with `(i, j)` in it, in rising order.
    pub fn successors(&self, i: usize) -> impl Iterator<Item = usize> + '_ {
        kernel::elements(kernel::row(self.shape(), &self.bits, i))
    }

    /// `self ∪ other`.
    pub fn union(&self, other: &Relation) -> Relation {
        self.zip(other, |a, b| a | b)
    }

    /// `self ∩ other`.
    pub fn intersection(&self, other: &Relation) -> Relation {
        self.zip(other, |a, b| a & b)
    }

    /// `self ∖ other`.
    pub fn difference(&self, other: &Relation) -> Relation {
        self.zip(other, |a, b| a & !b)
    }

    /// All pairs that are not in it.
    pub fn complement(&self) -> Relation {
        self.map(kernel::complement)
    }

    /// `self ; other`.
    pub fn sequence(&self, other: &Relation) -> Relation {
        self.map(|shape, out, a| kernel::sequence(shape, out, a, &other.bits))
    }

    /// The converse.
    pub fn converse(&self) -> Relation {
        self.map(kernel::converse)
    }

    /// The transitive closure.
    pub fn transitive_closure(&self) -> Relation {
        let mut r = self.clone();
        kernel::close(self.shape(), &mut r.bits);
        r
    }

    /// The relation with the identity added.
    pub fn reflexive_closure(&self) -> Relation {
        let mut r = self.clone();
        kernel::reflexive(self.shape(), &mut r.bits);
        r
    }

    /// The first components.
    pub fn domain(&self) -> Set {
        let mut set = Set::empty(self.n);
        kernel::domain(self.shape(), set.bits_mut(), &self.bits);
        set
    }

    /// The second components.
    pub fn range(&self) -> Set {
        let mut set = Set::empty(self.n);
        kernel::range(self.shape(), set.bits_mut(), &self.bits);
        set
    }

    /// The pairs that start in `set`.
    pub fn restrict_domain(&self, set: &Set) -> Relation {
        self.map(|shape, out, a| kernel::restrict_domain(shape, out, set.bits(), a))
    }

    /// The pairs that end in `set`.
    pub fn restrict_range(&self, set: &Set) -> Relation {
        self.map(|shape, out, a| kernel::restrict_range(shape, out, a, set.bits()))
    }

    /// Whether every pair is in `other`.
    pub fn is_subset(&self, other: &Relation) -> bool {
        kernel::is_subset(&self.bits, &other.bits)
    }

    /// Whether no element is related to itself.
    pub fn is_irreflexive(&self) -> bool {
        kernel::is_irreflexive(self.shape(), &self.bits)
    }

    /// Whether it has no cycle.
    pub fn is_acyclic(&self) -> bool {
        let mut scratch = vec![0; self.shape().words];
        kernel::is_acyclic(self.shape(), &self.bits, &mut scratch)
    }

    /// A shortest cycle, if there is one: elements each related to the next and the last to the first.
    /// Of several shortest ones, one that starts at the least element.
    pub fn shortest_cycle(&self) -> Option<Vec<usize>> {
        (0..self.n).filter_map(|start| self.shortest_path(start, start)).min_by_key(Vec::len)
    }

    /// A shortest way of at least one step, as the elements that it leaves.
    fn shortest_path(&self, from: usize, to: usize) -> Option<Vec<usize>> {
        let mut parent = vec![usize::MAX; self.n];
        let mut queue = std::collections::VecDeque::from([from]);
        let mut seen = Set::empty(self.n);
        while let Some(i) = queue.pop_front() {
            for j in self.successors(i) {
                if j == to {
                    let mut path = vec![i];
                    let mut at = i;
                    while at != from {
                        at = parent[at];
                        path.push(at);
                    }
                    path.reverse();
                    return Some(path);
                }
                if !seen.contains(j) {
                    seen.insert(j);
                    parent[j] = i;
                    queue.push_back(j);
                }
            }
        }
        None
    }

    fn zip(&self, other: &Relation, f: impl Fn(u64, u64) -> u64) -> Relation {
        debug_assert_eq!(self.n, other.n);
        Relation { n: self.n, bits: self.bits.iter().zip(&other.bits).map(|(a, b)| f(*a, *b)).collect() }
    }

    fn map(&self, f: impl FnOnce(Shape, &mut [u64], &[u64])) -> Relation {
        let mut r = Relation::empty(self.n);
        f(self.shape(), &mut r.bits, &self.bits);
        r
    }
}
