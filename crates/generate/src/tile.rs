//! Ways to put a cycle together from given steps: a cycle that can be put together in several ways is made once.

use crate::cycle::Cycle;
use crate::edge::{Access, Edge};
use crate::text::Relaxation;

/// Whether the step lies along the cycle from `start` on.
pub(crate) fn lies(cycle: &Cycle, step: &Relaxation, start: usize) -> bool {
    let edges = cycle.edges();
    step.len() <= edges.len()
        && step.iter().enumerate().all(|(at, edge)| matches(cycle, edge, &edges[(start + at) % edges.len()]))
}

/// Whether the edge, which may leave things unsaid, is that of the cycle.
fn matches(cycle: &Cycle, edge: &Edge, found: &Edge) -> bool {
    let vocabulary = cycle.vocabulary();
    let plain = |access: Access| if vocabulary.is_special(access) { access } else { Access::UNSAID };
    let agrees = |said: Access, found: Access| said.is_unsaid() || plain(said) == plain(found);
    let same = |edge: &Edge| (edge.kind, edge.span, edge.src, edge.tgt, edge.insert);
    same(edge) == same(found) && agrees(edge.a, found.a) && agrees(edge.b, found.b)
}

/// A set of steps that cycles are put together from.
pub(crate) trait Tiles {
    /// How many steps may stand at a place.
    fn count(&self, place: usize) -> usize;
    /// The step of that number.
    fn step(&self, place: usize, number: usize) -> &Relaxation;
    /// How many steps a cycle has, where that is given.
    fn places(&self) -> Option<usize>;
    /// Whether a list of numbers is one that would be made.
    fn accepts(&self, numbers: &[usize]) -> bool;
}

/// Whether no list of numbers before `own` gives the same cycle.
pub(crate) fn is_first(tiles: &impl Tiles, cycle: &Cycle, own: &[usize]) -> bool {
    let mut numbers = Vec::with_capacity(own.len());
    (0..cycle.edges().len()).all(|start| !earlier(tiles, cycle, own, start, 0, true, &mut numbers))
}

/// Whether there is an accepted list before `own` that covers the cycle from `start` on, of which `covered` edges are.
fn earlier(
    tiles: &impl Tiles,
    cycle: &Cycle,
    own: &[usize],
    start: usize,
    covered: usize,
    tied: bool,
    numbers: &mut Vec<usize>,
) -> bool {
    let len = cycle.edges().len();
    if covered == len {
        let complete = tiles.places().is_none_or(|places| numbers.len() == places);
        return complete && numbers[..] < *own && tiles.accepts(numbers);
    }
    let place = numbers.len();
    if tiles.places().is_some_and(|places| place >= places) || (tied && place >= own.len()) {
        return false;
    }
    // As long as the lists are equal so far, only steps up to the own one can come before it.
    let last = if tied { own[place] + 1 } else { tiles.count(place) };
    for number in 0..last.min(tiles.count(place)) {
        let step = tiles.step(place, number);
        if covered + step.len() > len || !lies(cycle, step, start + covered) {
            continue;
        }
        numbers.push(number);
        let tied = tied && number == own[place];
        let found = earlier(tiles, cycle, own, start, covered + step.len(), tied, numbers);
        numbers.pop();
        if found {
            return true;
        }
    }
    false
}
