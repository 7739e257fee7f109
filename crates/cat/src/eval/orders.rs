//! Orders, classes and bisimulations: what primitives compute that is more than one relational operation.

use super::value::ClassRelation;
use relation::{Relation, Set};

/// All total orders on `set` that extend `order`, transitively closed; none where `order` has a cycle on `set`.
/// `watch` is told now and then how many there are by now, and ends it with an error.
pub(crate) fn linearisations<E>(
    set: &Set,
    order: &Relation,
    watch: impl FnMut(usize) -> Result<(), E>,
) -> Result<Vec<Relation>, E> {
    let n = set.universe();
    let elements: Vec<usize> = set.iter().collect();
    let before = |i: usize, j: usize| order.contains(elements[i], elements[j]);
    let orders = extensions(elements.len(), before, watch)?;
    let relation = |order: Vec<usize>| {
        let pairs = later_pairs(&order).map(|(i, j)| (elements[i], elements[j]));
        Relation::from_pairs(n, pairs)
    };
    Ok(orders.into_iter().map(relation).collect())
}

/// The same for classes.
pub(crate) fn class_linearisations<E>(
    classes: &[Set],
    order: &ClassRelation,
    watch: impl FnMut(usize) -> Result<(), E>,
) -> Result<Vec<ClassRelation>, E> {
    let before = |i: usize, j: usize| order.contains(&(classes[i].clone(), classes[j].clone()));
    let orders = extensions(classes.len(), before, watch)?;
    let relation = |order: Vec<usize>| {
        later_pairs(&order).map(|(i, j)| (classes[i].clone(), classes[j].clone())).collect()
    };
    Ok(orders.into_iter().map(relation).collect())
}

/// The pairs of an element and a later one.
fn later_pairs(order: &[usize]) -> impl Iterator<Item = (usize, usize)> + '_ {
    order.iter().enumerate().flat_map(move |(at, i)| order[at + 1..].iter().map(move |j| (*i, *j)))
}

/// How many elements may be put in a place until somebody is told.
const PLACED_A_QUESTION: usize = 256;

/// All ways to write `0..k` down such that `before` is respected.
fn extensions<E>(
    k: usize,
    before: impl Fn(usize, usize) -> bool,
    mut watch: impl FnMut(usize) -> Result<(), E>,
) -> Result<Vec<Vec<usize>>, E> {
    let mut result = Vec::new();
    let mut placed = 0usize;
    let mut chosen: Vec<usize> = Vec::new();
    // For each place, the next element to try there.
    let mut tries = vec![0];
    let can_come = |i: usize, chosen: &[usize]| {
        !chosen.contains(&i) && (0..k).all(|j| chosen.contains(&j) || !before(j, i))
    };
    while let Some(at) = tries.last_mut() {
        if chosen.len() == k {
            result.push(chosen.clone());
        }
        match (*at..k).find(|i| can_come(*i, &chosen)) {
            Some(i) => {
                placed += 1;
                if placed.is_multiple_of(PLACED_A_QUESTION) {
                    watch(result.len())?;
                }
                *at = i + 1;
                chosen.push(i);
                tries.push(0);
            }
            None => {
                tries.pop();
                chosen.pop();
            }
        }
    }
    watch(result.len())?;
    Ok(result)
}

/// The connected components of the elements that the relation mentions.
pub(crate) fn components(relation: &Relation) -> Vec<Set> {
    let linked = relation.union(&relation.converse()).transitive_closure();
    let mut result: Vec<Set> = Vec::new();
    for first in linked.domain().iter() {
        if result.iter().all(|class| !class.contains(first)) {
            result.push(Set::of(relation.universe(), |i| linked.contains(first, i)));
        }
    }
    result
}

/// The pairs of classes that have related members.
pub(crate) fn lift(classes: &[Set], relation: &Relation) -> ClassRelation {
    let related = |a: &Set, b: &Set| !relation.restrict_domain(a).restrict_range(b).is_empty();
    let pairs = classes.iter().flat_map(|a| classes.iter().map(move |b| (a, b)));
    pairs.filter(|(a, b)| related(a, b)).map(|(a, b)| (a.clone(), b.clone())).collect()
}

/// All pairs between the members of related classes.
pub(crate) fn delift(n: usize, classes: &ClassRelation) -> Relation {
    classes.iter().fold(Relation::empty(n), |acc, (a, b)| acc.union(&Relation::product(a, b)))
}

/// The greatest relation inside `within` whose pairs can follow each other's steps and stay in it.
pub(crate) fn bisimulation(step: &Relation, within: &Relation) -> Relation {
    let mut current = within.clone();
    loop {
        let follows = |i: usize, j: usize, back: bool| {
            step.successors(i).all(|a| {
                step.successors(j).any(|b| if back { current.contains(b, a) } else { current.contains(a, b) })
            })
        };
        let next = Relation::of(step.universe(), |i, j| {
            current.contains(i, j) && follows(i, j, false) && follows(j, i, true)
        });
        if next == current {
            return current;
        }
        current = next;
    }
}
