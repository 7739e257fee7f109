//! How much work a program is, and which engine should do it.

use crate::Problem;
use execution::{Kind, Value};
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
}

impl Estimate {
    /// All choices together.
    pub fn bits(&self) -> f64 {
        self.ways + self.writers + self.orders
    }
}

/// Estimates the number of candidates that an engine has to go through which goes through all of them, from the longest
/// way through each thread. Costs no more than reading the program once.
pub fn estimate(problem: &Problem<'_>) -> Estimate {
    let mut estimate = Estimate::default();
    // By address: writes, and of each thread that has some, how many. Those whose address is not known may be anywhere.
    let mut writes: FxHashMap<Option<Value>, Vec<usize>> = FxHashMap::default();
    let mut reads: FxHashMap<Option<Value>, usize> = FxHashMap::default();
    for paths in problem.paths {
        estimate.ways += (paths.len().max(1) as f64).log2();
        let Some(longest) = paths.iter().max_by_key(|path| path.events.len()) else { continue };
        let mut own: FxHashMap<Option<Value>, usize> = FxHashMap::default();
        for event in longest.events.iter().filter(|event| event.kind.is_memory()) {
            let address = event.addr.and_then(|address| longest.terms.known(address));
            if event.kind.writes() {
                *own.entry(address).or_default() += 1;
            }
            if matches!(event.kind, Kind::Read | Kind::Update) {
                *reads.entry(address).or_default() += 1;
            }
        }
        let mut own: Vec<(Option<Value>, usize)> = own.into_iter().collect();
        own.sort_unstable();
        own.into_iter().for_each(|(address, count)| writes.entry(address).or_default().push(count));
    }
    let total = |counts: &Vec<usize>| counts.iter().sum::<usize>();
    let anywhere = writes.get(&None).map_or(0, total);
    let mut reads: Vec<(Option<Value>, usize)> = reads.into_iter().collect();
    reads.sort_unstable();
    for (address, count) in reads {
        let there = address.map_or(0, |_| writes.get(&address).map_or(0, total));
        // One of the writes there, or the initial one.
        estimate.writers += count as f64 * ((there + anywhere + 1) as f64).log2();
    }
    let mut writes: Vec<(Option<Value>, Vec<usize>)> = writes.into_iter().collect();
    writes.sort_unstable();
    for (_, counts) in &writes {
        let interleavings =
            log_factorial(total(counts)) - counts.iter().map(|count| log_factorial(*count)).sum::<f64>();
        estimate.orders += interleavings;
    }
    estimate
}

fn log_factorial(n: usize) -> f64 {
    (2..=n).map(|i| (i as f64).log2()).sum()
}
