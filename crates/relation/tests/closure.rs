//! The transitive closure, and what is asked of it, against their definitions.

use proptest::prelude::*;
use turnsole_relation::Relation;

/// A number of elements and some pairs of them: few, so that chains are long.
fn pairs() -> impl Strategy<Value = (usize, Vec<(usize, usize)>)> {
    (1usize..=70).prop_flat_map(|n| (Just(n), proptest::collection::vec((0..n, 0..n), 0..2 * n)))
}

/// What can be reached from each element.
fn reached(n: usize, pairs: &[(usize, usize)]) -> Vec<Vec<bool>> {
    let from = |start: usize| {
        let (mut seen, mut todo) = (vec![false; n], vec![start]);
        while let Some(at) = todo.pop() {
            for (_, to) in pairs.iter().filter(|(from, _)| *from == at) {
                if !std::mem::replace(&mut seen[*to], true) {
                    todo.push(*to);
                }
            }
        }
        seen
    };
    (0..n).map(from).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn closure_is_what_can_be_reached((n, pairs) in pairs(), backwards in 0..3usize) {
        // Only forwards, only backwards, or both.
        let turned: Vec<(usize, usize)> = pairs
            .iter()
            .map(|(a, b)| match backwards {
                0 => (*a.min(b), *a.max(b)),
                1 => (*a.max(b), *a.min(b)),
                _ => (*a, *b),
            })
            .collect();
        let closed = Relation::from_pairs(n, turned.iter().copied()).transitive_closure();
        for (i, row) in reached(n, &turned).iter().enumerate() {
            for (j, expected) in row.iter().enumerate() {
                prop_assert_eq!(closed.contains(i, j), *expected, "{} to {}", i, j);
            }
        }
    }
}
