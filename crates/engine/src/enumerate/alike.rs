//! Threads with the same ways through them: of the choices of a way for each, one order stands for all.
//!
//! A sink is told of the others, with what is observed of registers exchanged. What threads do that go the same way is the
//! search's to know.

use crate::{Observable, Problem, Shown, Sink};
use execution::micro::Reg;
use execution::{Path, Term, TermId, Value};
use smallvec::SmallVec;

/// With fewer choices of a way for each thread it is not worth looking.
const FEW: usize = 8;

/// Threads with the same ways through them, in order.
#[derive(Debug)]
struct Class {
    threads: SmallVec<[usize; 8]>,
    /// By thread: the observed values that its registers hold. Those of different threads stand side by side.
    slots: Vec<SmallVec<[usize; 4]>>,
}

/// All classes of threads of a program.
#[derive(Debug)]
pub(super) struct Alike {
    classes: Vec<Class>,
    /// By thread: the one before it in its class.
    before: Vec<Option<usize>>,
    /// Whether registers of such threads are observed.
    are_observed: bool,
}

impl Alike {
    /// Looks for threads that have several ways through them, the same ones. Where executions are filtered, nothing may be
    /// observed of them.
    pub(super) fn new(problem: &Problem<'_>, filters: bool) -> Alike {
        let count = problem.paths.len();
        let mut all = Alike { classes: Vec::new(), before: Vec::new(), are_observed: false };
        if problem.paths.iter().fold(1usize, |all, paths| all.saturating_mul(paths.len())) < FEW {
            return all;
        }
        all.before = vec![None; count];
        let mut seen: SmallVec<[bool; 16]> = SmallVec::from_elem(false, count);
        for first in 0..count {
            if seen[first] || problem.paths[first].len() < 2 {
                continue;
            }
            let registers = registers(problem, first);
            if !registers.is_empty() && (filters || !can_exchange(problem)) {
                continue;
            }
            let is_alike = |other: &usize| !seen[*other] && are_alike(problem, first, *other, &registers);
            let mut threads: SmallVec<[usize; 8]> = SmallVec::from_elem(first, 1);
            threads.extend((first + 1..count).filter(is_alike));
            if threads.len() < 2 {
                continue;
            }
            for pair in threads.windows(2) {
                all.before[pair[1]] = Some(pair[0]);
                seen[pair[1]] = true;
            }
            let slots_of =
                |thread: &usize| self::registers(problem, *thread).iter().map(|(_, slot)| *slot).collect();
            let slots =
                if registers.is_empty() { Vec::new() } else { threads.iter().map(slots_of).collect() };
            all.are_observed |= !registers.is_empty();
            all.classes.push(Class { threads, slots });
        }
        all
    }

    /// Whether there are no such threads.
    pub(super) fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// The first way of a thread to be chosen, given those of the threads before it.
    pub(super) fn first(&self, thread: usize, chosen: &[usize]) -> usize {
        self.before.get(thread).copied().flatten().map_or(0, |before| chosen[before])
    }

    /// Takes executions in which threads go these ways, and tells of all orders of them.
    pub(super) fn sink<'a>(&'a self, sink: &'a mut dyn Sink, chosen: &[usize]) -> Arranged<'a> {
        let ways =
            self.classes.iter().map(|class| class.threads.iter().map(|thread| chosen[*thread]).collect());
        Arranged { alike: self, sink, ways: ways.collect() }
    }
}

/// The registers of a thread that are observed, and which observed values they are.
fn registers(problem: &Problem<'_>, thread: usize) -> SmallVec<[(Reg, usize); 4]> {
    let slots = problem.observed.iter().enumerate();
    let mut registers: SmallVec<[(Reg, usize); 4]> = slots
        .filter_map(|(slot, observed)| match observed {
            Observable::Register(of, reg) if usize::from(*of) == thread => Some((*reg, slot)),
            _ => None,
        })
        .collect();
    registers.sort_unstable();
    registers
}

/// Whether a thread has the ways of another through it, which has these registers observed, and the same is observed.
fn are_alike(problem: &Problem<'_>, first: usize, other: usize, own: &[(Reg, usize)]) -> bool {
    let (a, b) = (&problem.paths[first], &problem.paths[other]);
    if a.len() != b.len() || a.iter().zip(b.iter()).any(|(a, b)| a.events.len() != b.events.len()) {
        return false;
    }
    let others = registers(problem, other);
    let held = |path: &Path, thread: usize, reg: Reg| -> Result<TermId, Value> {
        crate::final_register(problem, path, thread as u16, reg)
    };
    let holds_same = |a: &Path, b: &Path| {
        let pairs = own.iter().zip(&others);
        pairs.into_iter().all(|((own, _), (reg, _))| held(a, first, *own) == held(b, other, *reg))
    };
    own.len() == others.len()
        && a.iter()
            .zip(b.iter())
            .all(|(a, b)| a.failure == b.failure && a.does_the_same(b) && holds_same(a, b))
}

/// Whether no outcome can have a value out of thin air, whose name hangs on the order of threads: nothing is stored just as
/// it was read.
fn can_exchange(problem: &Problem<'_>) -> bool {
    let computes = |path: &Path| {
        let stored = path.events.iter().filter_map(|event| event.stored());
        stored
            .into_iter()
            .all(|term| matches!(path.terms.get(term), Term::Const(_) | Term::Unary(..) | Term::Binary(..)))
    };
    problem.paths.iter().all(|paths| paths.iter().all(computes))
}

/// Tells of the executions that come out of one when threads go each other's ways.
pub(super) struct Arranged<'a> {
    alike: &'a Alike,
    sink: &'a mut dyn Sink,
    /// By class: the ways of its threads, in order.
    ways: SmallVec<[SmallVec<[usize; 8]>; 2]>,
}

impl Arranged<'_> {
    fn tell(&mut self, class: usize, values: &[Value], flags: &[&str], undefined: bool, weight: u64) {
        let alike = self.alike;
        let Some(own) = alike.classes.get(class) else {
            return self.sink.execution(values, flags, undefined, weight);
        };
        if own.slots.is_empty() {
            let weight = weight.saturating_mul(arrangements(&self.ways[class]));
            return self.tell(class + 1, values, flags, undefined, weight);
        }
        let ways = self.ways[class].clone();
        let mut roles: SmallVec<[usize; 8]> = SmallVec::new();
        for_each_arrangement(&ways, &mut roles, &mut |roles| {
            let mut changed = values.to_vec();
            for (thread, role) in roles.iter().enumerate() {
                let pairs = own.slots[thread].iter().zip(&own.slots[*role]);
                pairs.into_iter().for_each(|(to, from)| changed[*to] = values[*from]);
            }
            self.tell(class + 1, &changed, flags, undefined, weight);
        });
    }
}

/// In how many orders these ways come.
fn arrangements(ways: &[usize]) -> u64 {
    let (mut orders, mut run) = (1u64, 0u64);
    for at in 0..ways.len() {
        run = if at > 0 && ways[at] == ways[at - 1] { run + 1 } else { 1 };
        // A binomial coefficient for each run: exact at each step.
        let all = u128::from(orders) * (at as u128 + 1) / u128::from(run);
        orders = u64::try_from(all).unwrap_or(u64::MAX);
    }
    orders
}

/// Puts ways in all different orders: those that are the same stay in theirs. The visitor is given whose way each thread goes.
fn for_each_arrangement(ways: &[usize], roles: &mut SmallVec<[usize; 8]>, visit: &mut dyn FnMut(&[usize])) {
    if roles.len() == ways.len() {
        return visit(roles);
    }
    for role in 0..ways.len() {
        let comes_first = role == 0 || ways[role - 1] != ways[role] || roles.contains(&(role - 1));
        if comes_first && !roles.contains(&role) {
            roles.push(role);
            for_each_arrangement(ways, roles, visit);
            roles.pop();
        }
    }
}

impl Sink for Arranged<'_> {
    fn execution(&mut self, values: &[Value], flags: &[&str], undefined: bool, weight: u64) {
        self.tell(0, values, flags, undefined, weight);
    }

    fn look(&mut self, values: &[Value], execution: &mut dyn FnMut() -> Shown) {
        self.sink.look(values, execution);
    }

    fn outcomes_only(&self) -> bool {
        self.sink.outcomes_only()
    }

    fn knows(&self, values: &[Value]) -> bool {
        // One that came out of another one is known, but those that come out of it may not be.
        !self.alike.are_observed && self.sink.knows(values)
    }

    fn filters(&self) -> bool {
        self.sink.filters()
    }

    fn wants(&self, known: &[Option<Value>]) -> bool {
        self.sink.wants(known)
    }

    fn stop(&mut self) -> bool {
        self.sink.stop()
    }

    fn wants_portion(&mut self) -> bool {
        self.sink.wants_portion()
    }

    fn wants_small_portions(&self) -> bool {
        self.sink.wants_small_portions()
    }

    fn counts_common_work(&self) -> bool {
        self.sink.counts_common_work()
    }

    fn memory(&self) -> u64 {
        self.sink.memory()
    }
}
