//! The ways through threads, kept for the next test: in a batch many threads do the same.

use execution::micro::{Micro, Program, Reg, Thread};
use execution::{Limits, Path, UnfoldError, Value};
use rustc_hash::{FxHashMap, FxHasher};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// What unfolding the threads of a test may take. A thread that was remembered counts as if it had not been.
pub(crate) struct Budget<'b> {
    /// How many bytes there may be.
    pub(crate) memory: u64,
    /// What the threads so far take.
    pub(crate) held: u64,
    /// Asked now and then whether to give up.
    pub(crate) stop: Option<&'b (dyn Fn() -> bool + Send + Sync)>,
}

/// What unfolding a thread took at most, and what its paths take.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    most: u64,
    paths: u64,
}

/// How often a thread may report what it holds until the budget is asked whether to stop.
const REPORTS_A_QUESTION: u64 = 64;

impl Budget<'_> {
    /// Unfolds a thread within the budget.
    fn unfold(
        &self,
        program: &Program,
        number: usize,
        registers: &[(Reg, Value)],
        limits: &Limits,
    ) -> Result<(Arc<Vec<Path>>, Taken), UnfoldError> {
        let (mut taken, mut reports) = (Taken::default(), 0u64);
        let mut watch = |bytes: usize| {
            taken = Taken { most: taken.most.max(bytes as u64), paths: bytes as u64 };
            reports += 1;
            if self.held.saturating_add(taken.most) > self.memory {
                return Err(UnfoldError::OutOfMemory);
            }
            let stops = reports.is_multiple_of(REPORTS_A_QUESTION) && self.stop.is_some_and(|stop| stop());
            if stops { Err(UnfoldError::Stopped) } else { Ok(()) }
        };
        let paths =
            execution::unfold_watched(&program.threads, number as u16, registers, limits, &mut watch)?;
        Ok((Arc::new(paths), taken))
    }

    /// Takes note of what a thread took.
    fn take(&mut self, taken: Taken) -> Result<(), UnfoldError> {
        if self.held.saturating_add(taken.most) > self.memory {
            return Err(UnfoldError::OutOfMemory);
        }
        self.held = self.held.saturating_add(taken.paths);
        Ok(())
    }
}

/// How many threads are remembered; then all are forgotten. One takes some kilobytes.
const MAX_THREADS: usize = 2048;

/// How many instructions a thread may have that is remembered.
const MAX_INSTRUCTIONS: usize = 64;

/// Threads that were unfolded.
#[derive(Debug, Default)]
pub(crate) struct Unfolded {
    by_hash: FxHashMap<u64, Arc<Known>>,
}

/// A thread, and its paths.
#[derive(Debug)]
struct Known {
    number: usize,
    code: Vec<Arc<Vec<Micro>>>,
    labels: Vec<u32>,
    structured: bool,
    registers: Vec<(Reg, Value)>,
    unroll: u32,
    register_events: bool,
    paths: Arc<Vec<Path>>,
    taken: Taken,
}

impl Unfolded {
    /// The paths of thread `number`; see [`execution::unfold`].
    pub(crate) fn paths(
        &mut self,
        program: &Program,
        number: usize,
        registers: &[(Reg, Value)],
        limits: &Limits,
        budget: &mut Budget<'_>,
    ) -> Result<Arc<Vec<Path>>, UnfoldError> {
        let thread = &program.threads[number];
        let has_memory = !limits.private.is_empty() || !limits.constants.is_empty();
        if limits.waiting.is_some() || has_memory || !is_on_its_own(thread, registers) {
            let (paths, taken) = budget.unfold(program, number, registers, limits)?;
            budget.take(taken)?;
            return Ok(paths);
        }
        let hash = hash(thread, number, registers);
        if let Some(known) =
            self.by_hash.get(&hash).filter(|known| known.is(thread, number, registers, limits))
        {
            budget.take(known.taken)?;
            return Ok(known.paths.clone());
        }
        let (paths, taken) = budget.unfold(program, number, registers, limits)?;
        budget.take(taken)?;
        if self.by_hash.len() >= MAX_THREADS {
            self.by_hash.clear();
        }
        let known = Known {
            number,
            code: thread.code.iter().map(|instruction| instruction.micro.clone()).collect(),
            labels: thread.labels.iter().map(|(_, at)| *at).collect(),
            structured: thread.structured,
            registers: registers.to_vec(),
            unroll: limits.unroll,
            register_events: limits.register_events,
            paths: paths.clone(),
            taken,
        };
        self.by_hash.insert(hash, Arc::new(known));
        Ok(paths)
    }
}

impl Known {
    fn is(&self, thread: &Thread, number: usize, registers: &[(Reg, Value)], limits: &Limits) -> bool {
        self.number == number
            && self.registers == registers
            && self.structured == thread.structured
            && (self.unroll, self.register_events) == (limits.unroll, limits.register_events)
            && self.labels.iter().eq(thread.labels.iter().map(|(_, at)| at))
            && self.code.iter().eq(thread.code.iter().map(|instruction| &instruction.micro))
    }
}

/// Whether a thread is short, and can't jump to the code of another.
fn is_on_its_own(thread: &Thread, registers: &[(Reg, Value)]) -> bool {
    let is_code = |value: &Value| matches!(value, Value::Code { .. });
    thread.code.len() <= MAX_INSTRUCTIONS && !registers.iter().any(|(_, value)| is_code(value))
}

/// By the text of the instructions: what they do is compared.
fn hash(thread: &Thread, number: usize, registers: &[(Reg, Value)]) -> u64 {
    let mut hasher = FxHasher::default();
    number.hash(&mut hasher);
    thread.code.iter().for_each(|instruction| instruction.text.hash(&mut hasher));
    registers.hash(&mut hasher);
    hasher.finish()
}
