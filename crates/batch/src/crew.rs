//! The threads that a run may have: those that have nothing to do help with tests that take long.

use crate::panics;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The stack of a thread. Parsers limit their nesting for stacks of this size.
pub const STACK_BYTES: usize = 16 << 20;

/// A test that takes less needs no help: beginning costs helpers some time, too.
const PATIENCE: Duration = Duration::from_millis(1);

/// How many threads a run may have, and how many of them have nothing to do.
#[derive(Debug)]
pub struct Crew {
    threads: usize,
    idle: AtomicUsize,
}

impl Crew {
    /// A crew of so many threads, at least one.
    pub fn new(threads: usize) -> Crew {
        Crew { threads: threads.max(1), idle: AtomicUsize::new(0) }
    }

    /// How many threads there may be.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// One more thread has nothing to do.
    pub fn rest(&self) {
        self.idle.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes a thread that has nothing to do, if there is one.
    pub fn wake(&self) -> bool {
        let less = |idle: usize| idle.checked_sub(1);
        self.idle.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }
}

impl turnsole::Helpers for Crew {
    fn assist(&self, own: &mut dyn FnMut(&dyn Fn()), help: &(dyn Fn() + Sync)) {
        let start = Instant::now();
        // Whoever comes to the end of the work says so: then nobody else need begin.
        let over = AtomicBool::new(false);
        let panicked: Mutex<Option<String>> = Mutex::new(None);
        let work = || {
            if let Err(message) = panics::catch(help) {
                *panicked.lock().unwrap_or_else(PoisonError::into_inner) = Some(message);
            }
            over.store(true, Ordering::Relaxed);
            self.rest();
        };
        std::thread::scope(|scope| {
            let call = || {
                let is_needed = || !over.load(Ordering::Relaxed) && start.elapsed() >= PATIENCE;
                while self.idle.load(Ordering::Relaxed) > 0 && is_needed() && self.wake() {
                    let builder = std::thread::Builder::new().stack_size(STACK_BYTES);
                    if builder.spawn_scoped(scope, work).is_err() {
                        over.store(true, Ordering::Relaxed);
                        self.rest();
                    }
                }
            };
            own(&call);
        });
        if let Some(message) = panicked.into_inner().unwrap_or_else(PoisonError::into_inner) {
            panics::again(message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use turnsole::Helpers;

    /// Calls for help until it comes, but not for ever. How often it came.
    fn helped(crew: &Crew) -> usize {
        let came = AtomicUsize::new(0);
        let mut own = |call: &dyn Fn()| {
            let start = Instant::now();
            while came.load(Ordering::Relaxed) == 0 && start.elapsed() < Duration::from_millis(200) {
                call();
            }
        };
        crew.assist(&mut own, &|| {
            came.fetch_add(1, Ordering::Relaxed);
        });
        came.into_inner()
    }

    #[test]
    fn those_help_who_have_nothing_to_do() {
        let crew = Crew::new(3);
        assert_eq!(helped(&crew), 0);
        crew.rest();
        assert_eq!(helped(&crew), 1);
        assert_eq!(helped(&crew), 1);
        assert!(crew.wake() && !crew.wake());
    }

    #[test]
    fn a_panic_of_a_helper_is_one_of_the_test() {
        let crew = Crew::new(2);
        crew.rest();
        let tried = AtomicBool::new(false);
        let mut own = |call: &dyn Fn()| {
            while !tried.load(Ordering::Relaxed) {
                call();
            }
        };
        let result = panics::catch(|| {
            crew.assist(&mut own, &|| {
                tried.store(true, Ordering::Relaxed);
                std::panic::resume_unwind(Box::new("oh"));
            });
        });
        assert!(result.is_err());
    }
}
