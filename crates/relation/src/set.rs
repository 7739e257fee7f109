//! Sets that own their bits.

use crate::kernel::{self, Shape};

/// A set of elements of a universe of fixed size.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Set {
    n: usize,
    bits: Vec<u64>,
}

impl Set {
    /// The empty set in a universe of `n` elements.
    pub fn empty(n: usize) -> Set {
        Set { n, bits: vec![0; Shape::new(n).words] }
    }

    /// All `n` elements.
    pub fn full(n: usize) -> Set {
        let mut set = Set::empty(n);
        kernel::fill_set(Shape::new(n), &mut set.bits);
        set
    }

    /// The elements that satisfy `test`.
    pub fn of(n: usize, mut test: impl FnMut(usize) -> bool) -> Set {
        let mut set = Set::empty(n);
        (0..n).filter(|i| test(*i)).for_each(|i| set.insert(i));
        set
    }

    /// The size of the universe.
    pub fn universe(&self) -> usize {
        self.n
    }

    /// The words, for [`kernel`].
    pub fn bits(&self) -> &[u64] {
        &self.bits
    }

    /// The words, for [`kernel`]; bits at and beyond the size of the universe must stay zero.
    pub fn bits_mut(&mut self) -> &mut [u64] {
        &mut self.bits
    }

    /// Whether `i` is in it.
    pub fn contains(&self, i: usize) -> bool {
        i < self.n && kernel::has(&self.bits, i)
    }

    /// Adds `i`.
    pub fn insert(&mut self, i: usize) {
        assert!(i < self.n, "element {i} outside a universe of {}", self.n);
        kernel::put(&mut self.bits, i);
    }

    /// Removes `i`.
    pub fn remove(&mut self, i: usize) {
        if i < self.n {
            kernel::take(&mut self.bits, i);
        }
    }

    /// How many elements it has.
    pub fn len(&self) -> usize {
        self.bits.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        kernel::is_empty(&self.bits)
    }

    /// The elements, in rising order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        kernel::elements(&self.bits)
    }

    /// `self ∪ other`.
    pub fn union(&self, other: &Set) -> Set {
        self.zip(other, |a, b| a | b)
    }

    /// `self ∩ other`.
    pub fn intersection(&self, other: &Set) -> Set {
        self.zip(other, |a, b| a & b)
    }

    /// `self ∖ other`.
    pub fn difference(&self, other: &Set) -> Set {
        self.zip(other, |a, b| a & !b)
    }

    /// The elements of the universe that are not in it.
    pub fn complement(&self) -> Set {
        Set::full(self.n).difference(self)
    }

    /// Whether every element is in `other`.
    pub fn is_subset(&self, other: &Set) -> bool {
        kernel::is_subset(&self.bits, &other.bits)
    }

    fn zip(&self, other: &Set, f: impl Fn(u64, u64) -> u64) -> Set {
        debug_assert_eq!(self.n, other.n);
        Set { n: self.n, bits: self.bits.iter().zip(&other.bits).map(|(a, b)| f(*a, *b)).collect() }
    }
}
