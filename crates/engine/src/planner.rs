//! How much work a program is, and which engine should do it.

use crate::{Observable, Problem};
use execution::micro::Reg;
use execution::{Path, Value};
use libm::log2;
use rustc_hash::FxHashMap;

/// How many executions there may be at most, as the binary logarithm of a number, with what makes it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    /// Choices of one way a thread.
    pub ways: f64,
    /// Choices of a write for each read, for one choice of ways.
    pub writers: f64,
    /// Orders of the writes to each location, program order kept, for one choice of ways.
    pub orders: f64,
    /// Outcomes, as far as the values of reads and the last writes tell them apart.
    pub outcomes: f64,
}

impl Estimate {
    /// All choices together.
    pub fn bits(&self) -> f64 {
        self.ways + self.writers + self.orders
    }
}

/// By address; what is not known stands under `None`, and may be anywhere.
type ByAddress<T> = FxHashMap<Option<Value>, T>;

/// Accesses to memory, one way a thread.
#[derive(Default)]
struct Accesses {
    /// Of each thread that has some, how many writes.
    writes: ByAddress<Vec<usize>>,
    reads: ByAddress<usize>,
    /// The same as for writes, for events with a location that are no accesses to memory, such as taking a lock.
    others: ByAddress<Vec<usize>>,
}

impl Accesses {
    /// How many writes a read at an address has to choose from, as a logarithm: those there, and the initial one.
    fn writers(&self, address: Option<Value>) -> f64 {
        let total = |address: Option<Value>| {
            self.writes.get(&address).map_or(0, |counts| counts.iter().sum::<usize>())
        };
        let there = address.map_or(0, |_| total(address));
        log2((there + total(None) + 1) as f64)
    }
}

/// Estimates the number of candidates that an engine has to go through which goes through all of them, from the longest
/// way through each thread. `more` is whether the model chooses more than `rf` and `co`. Costs no more than reading the
/// program once.
pub fn estimate(problem: &Problem<'_>, more: bool) -> Estimate {
    let mut estimate = Estimate::default();
    let mut accesses = Accesses::default();
    let longest: Vec<Option<&Path>> =
        problem.paths.iter().map(|paths| paths.iter().max_by_key(|path| path.events.len())).collect();
    for (paths, longest) in problem.paths.iter().zip(&longest) {
        estimate.ways += log2(paths.len().max(1) as f64);
        let Some(path) = longest else { continue };
        let (mut writes, mut others) = (ByAddress::default(), ByAddress::default());
        for event in path.events.iter().filter(|event| event.kind.has_location()) {
            let address = address(path, event);
            if event.kind.writes() {
                *writes.entry(address).or_default() += 1;
            }
            if event.kind.reads() {
                *accesses.reads.entry(address).or_default() += 1;
            }
            if !event.kind.is_memory() {
                *others.entry(address).or_default() += 1;
            }
        }
        for (own, all) in [(writes, &mut accesses.writes), (others, &mut accesses.others)] {
            sorted(own).into_iter().for_each(|(address, count)| all.entry(address).or_default().push(count));
        }
    }
    for (address, count) in sorted(accesses.reads.clone()) {
        estimate.writers += count as f64 * accesses.writers(address);
    }
    let others = if more { sorted(accesses.others.clone()) } else { Vec::new() };
    for (_, counts) in sorted(accesses.writes.clone()).iter().chain(&others) {
        let own: f64 = counts.iter().map(|count| log_factorial(*count)).sum();
        estimate.orders += log_factorial(counts.iter().sum()) - own;
    }
    let observed = problem.observed.iter().map(|observable| match *observable {
        Observable::Memory(address) => accesses.writers(Some(address)),
        Observable::Register(thread, reg) => {
            let path = longest.get(usize::from(thread)).copied().flatten();
            path.map_or(0.0, |path| register(problem, &accesses, path, thread, reg))
        }
    });
    estimate.outcomes = observed.sum();
    estimate
}

fn address(path: &Path, event: &execution::Event) -> Option<Value> {
    event.addr.and_then(|address| path.terms.known(address))
}

/// What a register may be at the end, as a logarithm.
fn register(problem: &Problem<'_>, accesses: &Accesses, path: &Path, thread: u16, reg: Reg) -> f64 {
    let Ok(term) = crate::final_register(problem, path, thread, reg) else { return 0.0 };
    if path.terms.known(term).is_some() {
        return 0.0;
    }
    let read = path.terms.copied(term).and_then(|var| path.reads.get(usize::from(var.0)));
    match read.and_then(|read| path.events.get(*read as usize)) {
        Some(event) => accesses.writers(address(path, event)),
        // Something computed.
        None => 1.0,
    }
}

fn sorted<T>(by_address: ByAddress<T>) -> Vec<(Option<Value>, T)> {
    let mut all: Vec<(Option<Value>, T)> = by_address.into_iter().collect();
    all.sort_unstable_by_key(|(address, _)| *address);
    all
}

fn log_factorial(n: usize) -> f64 {
    (2..=n).map(|i| log2(i as f64)).sum()
}

#[cfg(test)]
mod tests {
    use super::log_factorial;

    #[test]
    fn factorials() {
        assert!(log_factorial(0).abs() < 1e-9 && log_factorial(1).abs() < 1e-9);
        assert!((log_factorial(5) - libm::log2(120.0)).abs() < 1e-9);
    }
}
