//! All cycles of given steps, up to a size.
//!
//! Cycles are found as necklaces: of all rotations of a list of steps only the least is made (Fredricksen, Kessler and
//! Maiorana), so nothing has to be remembered, and memory does not grow with the number of tests.

use crate::cycle::{Cycle, MAX_EDGES, MAX_THREADS};
use crate::edge::{Com, Edge, Kind, Reach, Span};
use crate::text::Relaxation;
use crate::tile::{self, Tiles};
use crate::vocabulary::Arch;

/// Which cycles are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Cycles of which no part could be left out: no two steps of program order follow each other, nor two
    /// communications that amount to one.
    #[default]
    Default,
    /// Of those, cycles with at most two accesses in a thread, of two locations.
    Critical,
    /// Of those, cycles without threads of one access.
    Thin,
    /// Cycles with one location.
    Uni,
    /// All cycles.
    Free,
}

impl Mode {
    /// All of them, with their names.
    pub const ALL: [(&'static str, Mode); 6] = [
        ("default", Mode::Default),
        ("sc", Mode::Default),
        ("critical", Mode::Critical),
        ("thin", Mode::Thin),
        ("uni", Mode::Uni),
        ("free", Mode::Free),
    ];
}

/// How large cycles are, and what they are made of.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The architecture.
    pub arch: Arch,
    /// Steps of which a cycle has one at least, unless there are none.
    pub relax: Vec<Relaxation>,
    /// The other steps.
    pub safe: Vec<Relaxation>,
    /// Steps that no cycle has.
    pub reject: Vec<Relaxation>,
    /// The most edges.
    pub size: usize,
    /// Only cycles with that many edges.
    pub exact_size: bool,
    /// The most threads.
    pub threads: usize,
    /// Only cycles with that many threads.
    pub exact_threads: bool,
    /// Which cycles.
    pub mode: Mode,
    /// Cycles may have several different steps of `relax`.
    pub mix: bool,
    /// The most steps of `relax`.
    pub max_relax: usize,
}

impl Wanted {
    /// Nothing but safe steps, of the usual sizes.
    pub fn new(arch: Arch, safe: Vec<Relaxation>) -> Wanted {
        Wanted {
            arch,
            relax: Vec::new(),
            safe,
            reject: Vec::new(),
            size: 6,
            exact_size: false,
            threads: 4,
            exact_threads: false,
            mode: Mode::default(),
            mix: false,
            max_relax: usize::MAX,
        }
    }
}

/// All cycles that are wanted, each once.
#[derive(Debug)]
pub struct Cycles {
    wanted: Wanted,
    steps: Vec<Relaxation>,
    /// How many of the steps are from `relax`; they come first.
    relaxed: usize,
    /// What may follow a step.
    next: Vec<Vec<usize>>,
    /// Whether a cycle may be put together from its steps in several ways.
    ambiguous: bool,
    /// The numbers of steps, from 0 on, and how far each is along the list of those that may stand there.
    path: Vec<Place>,
    edges: Vec<Edge>,
    done: bool,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    step: usize,
    /// The position in the list of what may stand here.
    position: usize,
    /// The period of the list up to here.
    period: usize,
    threads: usize,
    relaxed: usize,
}

impl Cycles {
    /// Starts the search.
    pub fn new(mut wanted: Wanted) -> Cycles {
        wanted.size = wanted.size.min(MAX_EDGES);
        wanted.threads = wanted.threads.min(MAX_THREADS);
        let (size, mode) = (wanted.size, wanted.mode);
        let tidy = |list: &[Relaxation], known: &[Relaxation]| {
            let mut list = list.to_vec();
            list.sort_by(|one, other| ranks(one).cmp(ranks(other)).then(one.cmp(other)));
            list.retain(|step| !step.is_empty() && step.len() <= size && possible(step, mode));
            list.dedup();
            list.retain(|step| !known.contains(step));
            list
        };
        let mut steps = tidy(&wanted.relax, &[]);
        let relaxed = steps.len();
        steps.extend(tidy(&wanted.safe, &steps));
        drop_twins(&mut steps, relaxed);
        let may = |one: &Relaxation, two: &Relaxation| follows(one, two, wanted.mode);
        let next =
            steps.iter().map(|one| (0..steps.len()).filter(|two| may(one, &steps[*two])).collect()).collect();
        let ambiguous = is_ambiguous(&steps);
        Cycles { wanted, steps, relaxed, next, ambiguous, path: Vec::new(), edges: Vec::new(), done: false }
    }

    /// The number of the step at a position of what may stand at the end of the path.
    fn candidate(&self, position: usize) -> Option<usize> {
        match self.path.last() {
            Some(place) => self.next[place.step].get(position).copied(),
            None => (position < self.steps.len()).then_some(position),
        }
    }

    /// Tries to make the path longer, with candidates from `position` on.
    fn extend(&mut self, mut position: usize) -> bool {
        let (threads, relaxed, period) =
            self.path.last().map_or((0, 0, 1), |last| (last.threads, last.relaxed, last.period));
        let length = self.path.len();
        let least = if length == 0 { 0 } else { self.path[length - period].step };
        if position == 0
            && let Some(last) = self.path.last()
        {
            position = self.next[last.step].partition_point(|step| *step < least);
        }
        while let Some(step) = self.candidate(position) {
            let edges = &self.steps[step];
            let place = Place {
                step,
                position,
                period: if length > 0 && step == least { period } else { length + 1 },
                threads: threads + threads_of(edges),
                relaxed: relaxed + usize::from(step < self.relaxed),
            };
            if self.edges.len() + edges.len() <= self.wanted.size
                && place.threads <= self.wanted.threads
                && place.relaxed <= self.wanted.max_relax
                && (self.wanted.mix || self.is_pure(step))
            {
                self.edges.extend_from_slice(edges);
                self.path.push(place);
                return true;
            }
            position += 1;
        }
        false
    }

    /// Whether the step goes with those of `relax` that are there.
    fn is_pure(&self, step: usize) -> bool {
        step >= self.relaxed || self.path.iter().all(|place| place.step >= self.relaxed || place.step == step)
    }

    /// Goes on to the next path: a longer one, or another of the same length.
    fn advance(&mut self) -> bool {
        if self.extend(0) {
            return true;
        }
        while let Some(place) = self.path.pop() {
            self.edges.truncate(self.edges.len() - self.steps[place.step].len());
            if self.extend(place.position + 1) {
                return true;
            }
            if self.path.is_empty() {
                break;
            }
        }
        false
    }

    /// The cycle of the path, if it is one that is wanted.
    fn found(&self) -> Option<Cycle> {
        let (first, last) = (self.path.first()?, self.path.last()?);
        let wanted = &self.wanted;
        let closes = self.path.len().is_multiple_of(last.period)
            && self.next[last.step].binary_search(&first.step).is_ok()
            && (!wanted.exact_size || self.edges.len() == wanted.size)
            && (!wanted.exact_threads || last.threads == wanted.threads)
            && (wanted.relax.is_empty() || last.relaxed > 0);
        if !closes {
            return None;
        }
        let changes = self.edges.iter().filter(|edge| edge.span == Span::Diff).count();
        let fits = match wanted.mode {
            Mode::Free => changes != 1,
            Mode::Uni => changes == 0,
            _ => changes > 1,
        };
        if !fits {
            return None;
        }
        let cycle = Cycle::new(wanted.arch, &self.edges).ok()?;
        let rejected = |step: &Relaxation| (0..self.edges.len()).any(|at| tile::lies(&cycle, step, at));
        if wanted.reject.iter().any(rejected) {
            return None;
        }
        if self.ambiguous {
            let own: Vec<usize> = self.path.iter().map(|place| place.step).collect();
            if !tile::is_first(self, &cycle, &own) {
                return None;
            }
        }
        Some(cycle)
    }
}

impl Iterator for Cycles {
    type Item = Cycle;

    fn next(&mut self) -> Option<Cycle> {
        while !self.done {
            if !self.advance() {
                self.done = true;
                return None;
            }
            let cycle = self.found();
            if cycle.is_some() {
                return cycle;
            }
        }
        None
    }
}

impl Tiles for Cycles {
    fn count(&self, _: usize) -> usize {
        self.steps.len()
    }

    fn step(&self, _: usize, number: usize) -> &Relaxation {
        &self.steps[number]
    }

    fn places(&self) -> Option<usize> {
        None
    }

    fn accepts(&self, numbers: &[usize]) -> bool {
        let relaxed = || numbers.iter().filter(|number| **number < self.relaxed);
        let joined = (0..numbers.len()).all(|at| {
            let after = numbers[(at + 1) % numbers.len()];
            self.next[numbers[at]].binary_search(&after).is_ok()
        });
        let pure = self.wanted.mix || relaxed().all(|number| Some(number) == relaxed().next());
        let count = relaxed().count();
        joined && pure && count <= self.wanted.max_relax && (self.wanted.relax.is_empty() || count > 0)
    }
}

fn ranks(step: &Relaxation) -> impl Iterator<Item = u64> + '_ {
    step.iter().map(Edge::rank)
}

fn threads_of(step: &[Edge]) -> usize {
    let leaves = |edge: &&Edge| matches!(edge.kind, Kind::Com(_, Reach::Ext | Reach::Leave));
    step.iter().filter(leaves).count()
}

/// Whether a step may be in a cycle of that mode at all.
fn possible(step: &Relaxation, mode: Mode) -> bool {
    match mode {
        Mode::Critical | Mode::Thin if step.len() == 1 => {
            let edge = &step[0];
            !edge.is_internal() || edge.span == Span::Diff || matches!(edge.kind, Kind::Update(_))
        }
        Mode::Uni => step.iter().all(|edge| edge.span == Span::Same),
        _ => true,
    }
}

/// Whether the second step may follow the first.
fn follows(one: &Relaxation, two: &Relaxation, mode: Mode) -> bool {
    let (Some(before), Some(after)) = (one.last(), two.first()) else { return false };
    if before.tgt != after.src || before.b.merge(after.a).is_none() {
        return false;
    }
    let update = |edge: &Edge| matches!(edge.kind, Kind::Update(_));
    let detour = |edge: &Edge| matches!(edge.kind, Kind::Com(_, Reach::Leave | Reach::Back));
    if mode == Mode::Free || detour(before) || detour(after) {
        return true;
    }
    match (before.kind, after.kind) {
        (Kind::Com(first, reach), Kind::Com(second, other)) => {
            // All other pairs amount to one communication.
            let kept = matches!((first, second), (Com::Fr | Com::Co, Com::Rf));
            let critical = (reach, other) == (Reach::Ext, Reach::Ext);
            kept && match mode {
                Mode::Critical => critical,
                Mode::Thin => false,
                _ => true,
            }
        }
        _ if update(before) || update(after) => !(update(before) && update(after)),
        _ if before.is_po() && after.is_po() => false,
        _ => !(matches!(mode, Mode::Critical | Mode::Thin) && before.is_internal() && after.is_internal()),
    }
}

/// Program order to the same location is a communication inside a thread: of both, one is enough.
fn drop_twins(steps: &mut Vec<Relaxation>, relaxed: usize) {
    let twin = |step: &Relaxation| {
        let [edge] = step[..] else { return None };
        let com = match (edge.kind, edge.span, edge.src, edge.tgt) {
            (Kind::Po, Span::Same, crate::edge::Dir::W, crate::edge::Dir::R) => Com::Rf,
            (Kind::Po, Span::Same, crate::edge::Dir::R, crate::edge::Dir::W) => Com::Fr,
            (Kind::Po, Span::Same, crate::edge::Dir::W, crate::edge::Dir::W) => Com::Co,
            _ => return None,
        };
        Some(vec![Edge { kind: Kind::Com(com, Reach::Int), ..edge }])
    };
    let mut index = 0;
    let kept = steps.clone();
    steps.retain(|step| {
        index += 1;
        index <= relaxed || twin(step).is_none_or(|twin| !kept.contains(&twin))
    });
}

/// Whether steps overlap: one has several edges, or says less than another.
fn is_ambiguous(steps: &[Relaxation]) -> bool {
    let bare = |edge: &Edge| (edge.kind, edge.span, edge.src, edge.tgt, edge.insert);
    let mut seen = std::collections::BTreeSet::new();
    let unsaid = |step: &Relaxation| step.iter().any(|edge| edge.a.is_unsaid() || edge.b.is_unsaid());
    steps.iter().any(|step| step.len() > 1)
        || (steps.iter().any(unsaid)
            && steps.iter().any(|step| !seen.insert(step.iter().map(bare).collect::<Vec<_>>())))
}
