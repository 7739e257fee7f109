//! Orders that are counted, not gone through: where no requirement is open, nothing but the outcome hangs on them.
//!
//! What an atomic update reads and what it writes stand next to each other. They are put in order as one, and so is a
//! chain of them. Where writes of the own thread may come between them, which some models allow, nothing is counted.

use super::Search;
use crate::EngineError;
use execution::EventId;
use relation::kernel as k;
use smallvec::SmallVec;

/// Ways to complete an order, by the last write where that matters.
pub(super) type Counts = SmallVec<[(Option<EventId>, u64); 1]>;

/// How many blocks are put in order at most, where some come before others: there is a number for each set of them.
const MAX_COUNTED: usize = 16;

/// Events that stand next to each other, in order.
type Block = SmallVec<[usize; 2]>;

/// The blocks of an order that is to be completed; for each, those before it as a set.
struct Blocks {
    blocks: SmallVec<[Block; 8]>,
    earlier: SmallVec<[u32; 8]>,
}

impl Search<'_, '_> {
    /// Goes on with orders that were counted by their last write.
    pub(super) fn explore_counted(
        &mut self,
        at: usize,
        ways: &[(Option<EventId>, u64)],
    ) -> Result<(), EngineError> {
        let weight = self.weight;
        for (last, count) in ways {
            self.weight = weight.saturating_mul(*count);
            let before = last.map(|last| self.set_last(last));
            self.explore(at + 1, 0)?;
            if let Some(before) = before {
                self.guide().last = before;
            }
        }
        self.weight = weight;
        Ok(())
    }

    /// Takes note that a write is the last one to its location. Returns what was known before.
    pub(super) fn set_last(&mut self, last: EventId) -> Vec<Option<EventId>> {
        let before = self.guide().last.clone();
        for observer in 0..self.observers.len() {
            if self.writes_observed(observer).contains(&last) {
                self.guide().last[observer] = Some(last);
            }
        }
        before
    }

    /// In how many ways the rest of `co` at a location can be completed with each write as the last one; `None` if
    /// that takes too long to count.
    pub(super) fn count_by_last(&self, remaining: &[u64]) -> Option<Counts> {
        if self.written.is_some() {
            return None;
        }
        let blocks = self.blocks(None, remaining)?;
        let ways = blocks.ways_by_last();
        let event = |small: usize| self.writes.iter().copied().find(|write| self.small(*write) == small);
        let ends = blocks.blocks.iter().map(|block| block.last().copied().and_then(event));
        Some(ends.zip(ways).filter(|(_, ways)| *ways > 0).collect())
    }

    /// In how many ways the rest of an order can be completed; `None` if that takes too long to count.
    pub(super) fn count_orders(&self, choice: Option<usize>, remaining: &[u64]) -> Option<u64> {
        let ways = self.blocks(choice, remaining)?.ways_by_last();
        Some(ways.iter().fold(0, |sum, ways| ways.saturating_add(sum)))
    }

    /// The blocks of what remains of an order; `None` if there are too many, or none can be told. What comes before all others is left out.
    fn blocks(&self, choice: Option<usize>, remaining: &[u64]) -> Option<Blocks> {
        let order = self.order(choice);
        let before = |a: usize, b: usize| k::has_pair(self.shape, order, a, b);
        let mut blocks: SmallVec<[Block; 8]> =
            k::elements(remaining).map(|event| Block::from_slice(&[event])).collect();
        if choice == self.coherent {
            for (writer, update, between) in self.chosen_updates() {
                let of = |event: usize| blocks.iter().position(|block| block.contains(&event));
                if let (Some(first), Some(then)) = (of(writer), of(update))
                    && first != then
                    && before(writer, update)
                {
                    if between.iter().any(|own| !before(*own, writer) && !before(update, *own)) {
                        return None;
                    }
                    let then = std::mem::take(&mut blocks[then]);
                    blocks[first].extend(then);
                }
            }
            blocks.retain(|block| !block.is_empty());
        }
        let is_before = |a: &Block, b: &Block| a.iter().any(|a| b.iter().any(|b| before(*a, *b)));
        while blocks.len() > 1 {
            let is_first =
                |block: &Block| blocks.iter().all(|other| other == block || is_before(block, other));
            let Some(first) = blocks.iter().position(is_first) else { break };
            blocks.swap_remove(first);
        }
        let is_free = || blocks.iter().all(|a| blocks.iter().all(|b| !is_before(a, b)));
        if blocks.len() > MAX_COUNTED && !is_free() {
            return None;
        }
        let earlier = blocks.iter().map(|block| {
            let others = blocks.iter().enumerate().filter(|(_, other)| *other != block);
            others.fold(0, |set, (i, other)| set | u32::from(is_before(other, block)) << (i % 32))
        });
        let earlier = earlier.collect();
        Some(Blocks { blocks, earlier })
    }
}

impl Blocks {
    /// In how many ways the blocks can be put in order with each of them as the last one.
    fn ways_by_last(&self) -> SmallVec<[u64; 8]> {
        let count = self.blocks.len();
        if self.earlier.iter().all(|earlier| *earlier == 0) {
            let ways = (2..count as u64).fold(1, u64::saturating_mul);
            return SmallVec::from_elem(ways, count);
        }
        // The ways to put a set of blocks first, for each set.
        let all = (1usize << count) - 1;
        let mut ways = vec![0u64; all + 1];
        ways[0] = 1;
        for set in 0..all {
            if ways[set] == 0 {
                continue;
            }
            for (i, earlier) in self.earlier.iter().enumerate() {
                let is_next = set >> i & 1 == 0 && *earlier as usize & !set == 0;
                if is_next {
                    ways[set | 1 << i] = ways[set | 1 << i].saturating_add(ways[set]);
                }
            }
        }
        let can_be_last = |i: usize| self.earlier.iter().all(|earlier| earlier >> i & 1 == 0);
        (0..count).map(|i| if can_be_last(i) { ways[all & !(1 << i)] } else { 0 }).collect()
    }
}
