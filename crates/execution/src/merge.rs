//! Ways that differ in nothing but what a branch asked.
//!
//! A branch to the next instruction is there for its control dependency: whichever way it goes, the thread does the
//! same. Two such paths are one for which the answer does not matter, so that half as many combinations are searched.
//! Every candidate of either is a candidate of the one, and no two become the same: the value that the branch asks
//! about follows from `rf`.

use crate::path::Path;

/// How many paths are compared with each other.
const MAX_PATHS: usize = 64;

/// Makes one path of those that differ in one answer only.
pub(crate) fn merge_paths(mut paths: Vec<Path>) -> Vec<Path> {
    if paths.len() > MAX_PATHS {
        return paths;
    }
    let mut at = 0;
    while at < paths.len() {
        let partner =
            (at + 1..paths.len()).find(|other| answer_that_differs(&paths[at], &paths[*other]).is_some());
        let Some(partner) = partner else {
            at += 1;
            continue;
        };
        if let Some(answer) = answer_that_differs(&paths[at], &paths[partner]) {
            let (term, _) = paths[at].constraints.remove(answer);
            paths[at].either.push(term);
            paths.remove(partner);
            // What was no partner of an earlier path may be one now.
            at = 0;
        }
    }
    paths
}

/// The position of the only answer in which two paths differ that do the same.
fn answer_that_differs(a: &Path, b: &Path) -> Option<usize> {
    if a.constraints.len() != b.constraints.len() || a.failure.is_some() || b.failure.is_some() {
        return None;
    }
    let mut different = (0..a.constraints.len()).filter(|at| a.constraints[*at] != b.constraints[*at]);
    let (at, None) = (different.next()?, different.next()) else { return None };
    let is_opposite = a.constraints[at].0 == b.constraints[at].0;
    let ends_alike = a.registers == b.registers && a.cut == b.cut && a.either == b.either;
    (is_opposite && ends_alike && a.reads == b.reads && a.has_events_of(b)).then_some(at)
}
