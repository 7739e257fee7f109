//! Persistent sorted sets: balanced search trees (AVL) whose versions share nodes.

use std::cmp::Ordering;
use std::rc::Rc;

/// A version of a sorted set.
#[derive(Clone)]
pub struct Tree<T>(Option<Rc<Node<T>>>);

struct Node<T> {
    item: T,
    left: Tree<T>,
    right: Tree<T>,
    height: u8,
    len: usize,
}

impl<T> Default for Tree<T> {
    fn default() -> Self {
        Tree(None)
    }
}

impl<T> Tree<T> {
    /// How many items there are.
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |node| node.len)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The items, least first.
    pub fn iter(&self) -> Iter<'_, T> {
        let mut iter = Iter(Vec::new());
        iter.descend(self);
        iter
    }

    /// The item that is where `compare` says.
    pub(crate) fn find(&self, compare: impl Fn(&T) -> Ordering) -> Option<&T> {
        let mut at = self;
        while let Some(node) = &at.0 {
            at = match compare(&node.item) {
                Ordering::Equal => return Some(&node.item),
                Ordering::Less => &node.left,
                Ordering::Greater => &node.right,
            };
        }
        None
    }

    /// An item in the middle, and what is before and after it.
    pub(crate) fn middle(&self) -> Option<(&Tree<T>, &T, &Tree<T>)> {
        self.0.as_ref().map(|node| (&node.left, &node.item, &node.right))
    }

    fn height(&self) -> u8 {
        self.0.as_ref().map_or(0, |node| node.height)
    }
}

impl<T: Ord + Clone> Tree<T> {
    /// Whether the item is in the set.
    pub fn contains(&self, item: &T) -> bool {
        self.find(|other| item.cmp(other)).is_some()
    }

    /// The set with one more item, in the place of an equal one.
    #[must_use]
    pub(crate) fn with(&self, item: T) -> Tree<T> {
        let Some(node) = &self.0 else { return join(item, Tree(None), Tree(None)) };
        match item.cmp(&node.item) {
            Ordering::Equal => join(item, node.left.clone(), node.right.clone()),
            Ordering::Less => balance(node.item.clone(), node.left.with(item), node.right.clone()),
            Ordering::Greater => balance(node.item.clone(), node.left.clone(), node.right.with(item)),
        }
    }

    /// The least item, and the set without it.
    pub(crate) fn split_first(&self) -> Option<(T, Tree<T>)> {
        let node = self.0.as_ref()?;
        match node.left.split_first() {
            None => Some((node.item.clone(), node.right.clone())),
            Some((first, left)) => Some((first, balance(node.item.clone(), left, node.right.clone()))),
        }
    }

    /// The items of both sets.
    pub(crate) fn union(&self, other: &Tree<T>) -> Tree<T> {
        let (large, small) = if self.len() < other.len() { (other, self) } else { (self, other) };
        small.iter().fold(large.clone(), |all, item| all.with(item.clone()))
    }

    /// The items that satisfy a test.
    pub(crate) fn filter(&self, test: impl Fn(&T) -> bool) -> Tree<T> {
        self.iter().filter(|item| test(item)).cloned().collect()
    }
}

fn join<T>(item: T, left: Tree<T>, right: Tree<T>) -> Tree<T> {
    let height = 1 + left.height().max(right.height());
    let len = 1 + left.len() + right.len();
    Tree(Some(Rc::new(Node { item, left, right, height, len })))
}

/// Joins two trees whose heights differ by at most two, and rotates where needed.
fn balance<T: Clone>(item: T, left: Tree<T>, right: Tree<T>) -> Tree<T> {
    if left.height() > right.height() + 1
        && let Some(l) = &left.0
    {
        if let (true, Some(lr)) = (l.right.height() > l.left.height(), &l.right.0) {
            let outer = join(l.item.clone(), l.left.clone(), lr.left.clone());
            return join(lr.item.clone(), outer, join(item, lr.right.clone(), right));
        }
        return join(l.item.clone(), l.left.clone(), join(item, l.right.clone(), right));
    }
    if right.height() > left.height() + 1
        && let Some(r) = &right.0
    {
        if let (true, Some(rl)) = (r.left.height() > r.right.height(), &r.left.0) {
            let outer = join(r.item.clone(), rl.right.clone(), r.right.clone());
            return join(rl.item.clone(), join(item, left, rl.left.clone()), outer);
        }
        return join(r.item.clone(), join(item, left, r.left.clone()), r.right.clone());
    }
    join(item, left, right)
}

/// The tree of so many items that come in order.
fn build<T>(items: &mut impl Iterator<Item = T>, len: usize) -> Tree<T> {
    if len == 0 {
        return Tree(None);
    }
    let left = build(items, len / 2);
    match items.next() {
        Some(item) => join(item, left, build(items, len - len / 2 - 1)),
        None => left,
    }
}

impl<T: Ord> FromIterator<T> for Tree<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Tree<T> {
        let mut items: Vec<T> = items.into_iter().collect();
        items.sort();
        items.dedup_by(|a, b| a.cmp(&b) == Ordering::Equal);
        let len = items.len();
        build(&mut items.into_iter(), len)
    }
}

/// The items of a [`Tree`], least first.
pub struct Iter<'a, T>(Vec<&'a Node<T>>);

impl<'a, T> Iter<'a, T> {
    fn descend(&mut self, mut tree: &'a Tree<T>) {
        while let Some(node) = &tree.0 {
            self.0.push(node);
            tree = &node.left;
        }
    }
}

impl<'a, T> Iterator for Iter<'a, T> {
    type Item = &'a T;

    fn next(&mut self) -> Option<&'a T> {
        let node = self.0.pop()?;
        self.descend(&node.right);
        Some(&node.item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(tree: &Tree<u32>) -> Vec<u32> {
        tree.iter().copied().collect()
    }

    #[test]
    fn trees_stay_balanced_and_keep_their_versions() {
        let mut tree = Tree::default();
        let mut half = Tree::default();
        for i in 0..1000 {
            tree = tree.with(i);
            if i == 499 {
                half = tree.clone();
            }
        }
        assert!(tree.height() <= 14);
        assert_eq!(items(&tree), (0..1000).collect::<Vec<_>>());
        assert_eq!(items(&half), (0..500).collect::<Vec<_>>());
        assert!(tree.contains(&7) && !half.contains(&700));
    }

    #[test]
    fn items_are_taken_from_the_front() {
        let mut tree: Tree<u32> = [5, 3, 9, 3, 1].into_iter().collect();
        let mut taken = Vec::new();
        while let Some((first, rest)) = tree.split_first() {
            taken.push(first);
            tree = rest;
        }
        assert_eq!(taken, [1, 3, 5, 9]);
    }

    #[test]
    fn sets_are_united_and_filtered() {
        let even: Tree<u32> = (0..10).filter(|i| i % 2 == 0).collect();
        let small: Tree<u32> = (0..4).collect();
        assert_eq!(items(&even.union(&small)), [0, 1, 2, 3, 4, 6, 8]);
        assert_eq!(items(&even.filter(|i| small.contains(i))), [0, 2]);
        assert_eq!(even.len(), 5);
    }
}
