//! Work on many items on several threads; results come out in the order of the items, in bounded memory.
//!
//! There is no thread for the output: whoever finishes the item that is next in line hands it over, together with the
//! finished ones behind it. A worker that runs too far ahead of a slow item waits.

use crate::crew::{Crew, STACK_BYTES};
use std::collections::{BTreeMap, VecDeque};
use std::iter::Fuse;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many results may wait, for each thread, until an earlier one is finished.
const WINDOW_PER_THREAD: usize = 256;

/// What became of a group of items.
pub struct Worked<T, I> {
    /// The results of the first items, in their order; at least of one.
    pub done: Vec<T>,
    /// The other items. They are worked on later, not in groups.
    pub rest: Vec<I>,
}

/// Calls `work` on every item, on the threads of a crew, and `emit` on every result, in the order of the items.
/// Each thread has a state of its own, made by `state`. Stops early when `emit` says so. Threads for which there are no
/// more items, or that wait for an item that takes long, rest.
pub fn run<I, S, T>(
    items: impl Iterator<Item = I> + Send,
    crew: &Crew,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, I) -> T + Sync,
    emit: impl FnMut(T) -> ControlFlow<()> + Send,
) where
    I: Send,
    T: Send,
{
    let one = |state: &mut S, items: Vec<I>| Worked {
        done: items.into_iter().map(|item| work(state, item)).collect(),
        rest: Vec::new(),
    };
    run_sized(items, crew, 1, state, one, emit);
}

/// The same where `work` takes items in groups: small ones, as long as items are quick.
pub fn run_groups<I, S, T>(
    items: impl Iterator<Item = I> + Send,
    crew: &Crew,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, Vec<I>) -> Worked<T, I> + Sync,
    emit: impl FnMut(T) -> ControlFlow<()> + Send,
) where
    I: Send,
    T: Send,
{
    run_sized(items, crew, MAX_GROUP, state, work, emit);
}

/// How many items a group has at most.
const MAX_GROUP: usize = 32;

/// How long a group may take, if it takes as long as the one before. Longer ones would make results wait.
const GROUP_TIME: Duration = Duration::from_millis(4);

/// How many items a worker takes at once.
struct Pace {
    size: usize,
    most: usize,
}

impl Pace {
    fn new(most: usize) -> Pace {
        Pace { size: 1, most }
    }

    /// Calls `work`, and draws conclusions from how long it takes.
    fn measure<S, T, I>(
        &mut self,
        state: &mut S,
        items: Vec<I>,
        work: &impl Fn(&mut S, Vec<I>) -> Worked<T, I>,
    ) -> Worked<T, I> {
        if self.most == 1 {
            return work(state, items);
        }
        let (start, count) = (Instant::now(), items.len());
        let worked = work(state, items);
        let each = start.elapsed().as_nanos() / count.max(1) as u128;
        let fits = GROUP_TIME.as_nanos() / each.max(1);
        self.size = match worked.rest.is_empty() {
            true => (fits as usize).clamp(1, self.most.min(4 * self.size)),
            false => 1,
        };
        worked
    }
}

fn run_sized<I, S, T>(
    items: impl Iterator<Item = I> + Send,
    crew: &Crew,
    most: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, Vec<I>) -> Worked<T, I> + Sync,
    mut emit: impl FnMut(T) -> ControlFlow<()> + Send,
) where
    I: Send,
    T: Send,
{
    let threads = crew.threads();
    if threads <= 1 {
        let (mut own, mut pace, mut items) = (state(), Pace::new(most), items.fuse());
        let mut again = VecDeque::new();
        loop {
            let group: Vec<I> = match again.pop_front() {
                Some(item) => vec![item],
                None => items.by_ref().take(pace.size).collect(),
            };
            if group.is_empty() {
                return;
            }
            let worked = pace.measure(&mut own, group, &work);
            worked.rest.into_iter().rev().for_each(|item| again.push_front(item));
            for result in worked.done {
                if emit(result).is_break() {
                    return;
                }
            }
        }
    }
    let queue = Queue {
        line: Mutex::new(Line::new(items)),
        room: Condvar::new(),
        crew,
        window: threads * WINDOW_PER_THREAD,
        emit: Mutex::new(emit),
    };
    std::thread::scope(|scope| {
        for number in 0..threads {
            let builder = std::thread::Builder::new().stack_size(STACK_BYTES);
            let worker = || queue.serve(&mut state(), Pace::new(most), &work);
            // Without this thread the others do the work; without any, this one does.
            if builder.spawn_scoped(scope, worker).is_err() && number == 0 {
                queue.serve(&mut state(), Pace::new(most), &work);
            }
        }
    });
}

struct Queue<'c, Iter: Iterator, T, Emit> {
    line: Mutex<Line<Iter, T>>,
    /// Signalled when the line moves, or a group is done.
    room: Condvar,
    window: usize,
    crew: &'c Crew,
    emit: Mutex<Emit>,
}

/// Items to be worked on, and results that wait for earlier ones.
struct Line<Iter: Iterator, T> {
    items: Fuse<Iter>,
    /// How many items were taken.
    taken: usize,
    /// What was given back, each with its number.
    again: BTreeMap<usize, Iter::Item>,
    /// How many groups of several items are worked on: some of those may come back.
    groups: usize,
    /// The number of the result at the front of `waiting`.
    front: usize,
    waiting: VecDeque<Option<T>>,
    /// Somebody is handing results over.
    emitting: bool,
    stopped: bool,
}

impl<Iter: Iterator, T> Line<Iter, T> {
    fn new(items: Iter) -> Line<Iter, T> {
        Line {
            items: items.fuse(),
            taken: 0,
            again: BTreeMap::new(),
            groups: 0,
            front: 0,
            waiting: VecDeque::new(),
            emitting: false,
            stopped: false,
        }
    }

    /// The next items, with the number of the first.
    fn next_group(&mut self, size: usize) -> Option<(usize, Vec<Iter::Item>)> {
        let group: Vec<Iter::Item> = self.items.by_ref().take(size).collect();
        let first = self.taken;
        self.taken += group.len();
        (!group.is_empty()).then_some((first, group))
    }

    fn put(&mut self, number: usize, result: T) {
        let at = number - self.front;
        while self.waiting.len() <= at {
            self.waiting.push_back(None);
        }
        self.waiting[at] = Some(result);
    }

    fn take(&mut self) -> Option<T> {
        let result = self.waiting.front_mut()?.take()?;
        self.waiting.pop_front();
        self.front += 1;
        Some(result)
    }
}

impl<Iter, T, Emit> Queue<'_, Iter, T, Emit>
where
    Iter: Iterator,
    Emit: FnMut(T) -> ControlFlow<()>,
{
    fn serve<S>(
        &self,
        state: &mut S,
        mut pace: Pace,
        work: &impl Fn(&mut S, Vec<Iter::Item>) -> Worked<T, Iter::Item>,
    ) {
        while let Some((first, group)) = self.next_group(pace.size) {
            let is_group = group.len() > 1;
            let worked = pace.measure(state, group, work);
            self.hand_over(first, worked, is_group);
        }
        self.crew.rest();
    }

    /// Waits until there is something to do; `None` when there is no more.
    fn next_group(&self, size: usize) -> Option<(usize, Vec<Iter::Item>)> {
        let mut line = lock(&self.line);
        while !line.stopped {
            if let Some((number, item)) = line.again.pop_first() {
                return Some((number, vec![item]));
            }
            if line.taken < line.front + self.window {
                let group = line.next_group(size);
                line.groups += usize::from(group.as_ref().is_some_and(|(_, group)| group.len() > 1));
                if group.is_some() || line.groups == 0 {
                    return group;
                }
            }
            self.crew.rest();
            line = self.room.wait(line).unwrap_or_else(PoisonError::into_inner);
            // If somebody was woken in its place, there is one thread too many until that is done.
            self.crew.wake();
        }
        None
    }

    fn hand_over(&self, first: usize, worked: Worked<T, Iter::Item>, is_group: bool) {
        let mut line = lock(&self.line);
        let count = worked.done.len();
        worked.done.into_iter().zip(first..).for_each(|(result, number)| line.put(number, result));
        line.again.extend((first + count..).zip(worked.rest));
        if is_group {
            line.groups -= 1;
            self.room.notify_all();
        }
        if line.emitting {
            return;
        }
        line.emitting = true;
        while !line.stopped
            && let Some(result) = line.take()
        {
            drop(line);
            let stop = (lock(&self.emit))(result).is_break();
            line = lock(&self.line);
            line.stopped |= stop;
            self.room.notify_all();
        }
        line.emitting = false;
    }
}

/// A panic elsewhere leaves nothing half-done here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn squares(count: usize, threads: usize, delay: impl Fn(usize) -> u64 + Sync) -> Vec<usize> {
        let mut out = Vec::new();
        let work = |_: &mut (), n: usize| {
            std::thread::sleep(std::time::Duration::from_micros(delay(n)));
            n * n
        };
        run(
            0..count,
            &Crew::new(threads),
            || (),
            work,
            |n| {
                out.push(n);
                ControlFlow::Continue(())
            },
        );
        out
    }

    #[test]
    fn many_items_go_through_a_small_window() {
        let expected: Vec<usize> = (0..5000).map(|n| n * n).collect();
        assert_eq!(squares(5000, 3, |_| 0), expected);
    }

    #[test]
    fn stops_when_told() {
        for threads in [1, 4] {
            let mut seen = 0;
            run(
                0..,
                &Crew::new(threads),
                || (),
                |(), n: u64| n,
                |n| {
                    seen += 1;
                    if n == 10 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                },
            );
            assert_eq!(seen, 11);
        }
    }

    #[test]
    fn what_comes_back_is_worked_on_alone() {
        for threads in [1, 2, 5] {
            let (mut out, mut alone) = (Vec::new(), 0);
            let work = |_: &mut (), items: Vec<usize>| {
                // Every group is broken up somewhere.
                let count = items.len().div_ceil(2);
                let was_alone = items.len() == 1;
                let (done, rest) = items.split_at(count);
                Worked { done: done.iter().map(|n| (*n, was_alone)).collect(), rest: rest.to_vec() }
            };
            run_sized(
                0..3000,
                &Crew::new(threads),
                MAX_GROUP,
                || (),
                work,
                |(n, was_alone)| {
                    out.push(n);
                    alone += usize::from(was_alone);
                    ControlFlow::Continue(())
                },
            );
            assert_eq!(out, (0..3000).collect::<Vec<_>>());
            assert!(alone >= 750, "{alone}");
        }
    }

    proptest! {
        #[test]
        fn groups_keep_the_order_of_the_items(count in 0usize..200, threads in 1usize..6, salt in 1usize..97) {
            let mut out = Vec::new();
            let work = |_: &mut (), items: Vec<usize>| {
                std::thread::sleep(std::time::Duration::from_micros((items[0] * salt % 50) as u64));
                let count = 1 + items[0] * salt % items.len();
                let (done, rest) = items.split_at(count);
                Worked { done: done.to_vec(), rest: rest.to_vec() }
            };
            run_groups(0..count, &Crew::new(threads), || (), work, |n| {
                out.push(n);
                ControlFlow::Continue(())
            });
            prop_assert_eq!(out, (0..count).collect::<Vec<_>>());
        }

        #[test]
        fn results_keep_the_order_of_the_items(count in 0usize..60, threads in 1usize..6, salt in 1usize..97) {
            let expected: Vec<usize> = (0..count).map(|n| n * n).collect();
            prop_assert_eq!(squares(count, threads, |n| (n * salt % 50) as u64), expected);
        }
    }
}
