//! Work on many items on several threads; results come out in the order of the items, in bounded memory.
//!
//! There is no thread for the output: whoever finishes the item that is next in line hands it over, together with the
//! finished ones behind it. A worker that runs too far ahead of a slow item waits.

use crate::crew::{Crew, STACK_BYTES};
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How many results may wait, for each thread, until an earlier one is finished.
const WINDOW_PER_THREAD: usize = 256;

/// Calls `work` on every item, on the threads of a crew, and `emit` on every result, in the order of the items.
/// Each thread has a state of its own, made by `state`. Stops early when `emit` says so. Threads for which there are no
/// more items, or that wait for an item that takes long, rest.
pub fn run<I, S, T>(
    items: impl Iterator<Item = I> + Send,
    crew: &Crew,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, I) -> T + Sync,
    mut emit: impl FnMut(T) -> ControlFlow<()> + Send,
) where
    T: Send,
{
    let threads = crew.threads();
    if threads <= 1 {
        let mut own = state();
        for item in items {
            if emit(work(&mut own, item)).is_break() {
                return;
            }
        }
        return;
    }
    let queue = Queue {
        items: Mutex::new(Items { items, next: 0 }),
        line: Mutex::new(Line::new()),
        room: Condvar::new(),
        crew,
        window: threads * WINDOW_PER_THREAD,
        emit: Mutex::new(emit),
    };
    std::thread::scope(|scope| {
        for number in 0..threads {
            let builder = std::thread::Builder::new().stack_size(STACK_BYTES);
            let worker = || queue.serve(&mut state(), &work);
            // Without this thread the others do the work; without any, this one does.
            if builder.spawn_scoped(scope, worker).is_err() && number == 0 {
                queue.serve(&mut state(), &work);
            }
        }
    });
}

struct Queue<'c, Iter, T, Emit> {
    items: Mutex<Items<Iter>>,
    line: Mutex<Line<T>>,
    /// Signalled when the line moves.
    room: Condvar,
    window: usize,
    crew: &'c Crew,
    emit: Mutex<Emit>,
}

struct Items<Iter> {
    items: Iter,
    next: usize,
}

/// Results that wait for earlier ones.
struct Line<T> {
    /// The number of the result at the front of `waiting`.
    front: usize,
    waiting: VecDeque<Option<T>>,
    /// How many items were promised to workers.
    promised: usize,
    /// Somebody is handing results over.
    emitting: bool,
    stopped: bool,
}

impl<T> Line<T> {
    fn new() -> Line<T> {
        Line { front: 0, waiting: VecDeque::new(), promised: 0, emitting: false, stopped: false }
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
    fn serve<S>(&self, state: &mut S, work: &impl Fn(&mut S, Iter::Item) -> T) {
        while self.wait_for_room() {
            let Some((number, item)) = self.next_item() else { break };
            let result = work(state, item);
            self.hand_over(number, result);
        }
        self.crew.rest();
    }

    /// Waits until one more item may be begun; false when everything is to stop.
    fn wait_for_room(&self) -> bool {
        let mut line = lock(&self.line);
        while !line.stopped && line.promised >= line.front + self.window {
            self.crew.rest();
            line = self.room.wait(line).unwrap_or_else(PoisonError::into_inner);
            // If somebody was woken in its place, there is one thread too many until that is done.
            self.crew.wake();
        }
        line.promised += 1;
        !line.stopped
    }

    fn next_item(&self) -> Option<(usize, Iter::Item)> {
        let mut items = lock(&self.items);
        let item = items.items.next()?;
        items.next += 1;
        Some((items.next - 1, item))
    }

    fn hand_over(&self, number: usize, result: T) {
        let mut line = lock(&self.line);
        line.put(number, result);
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

    proptest! {
        #[test]
        fn results_keep_the_order_of_the_items(count in 0usize..60, threads in 1usize..6, salt in 1usize..97) {
            let expected: Vec<usize> = (0..count).map(|n| n * n).collect();
            prop_assert_eq!(squares(count, threads, |n| (n * salt % 50) as u64), expected);
        }
    }
}
