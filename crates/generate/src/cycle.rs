//! Cycles: whether edges close, where the first thread is, and how a cycle is written down.
//!
//! A cycle has no beginning. The one that is chosen makes the word of its threads least: a thread counts by what its
//! first and its last event do, in the order `W WW RR RW WR R`; among equal words, threads with fewer edges come first
//! (cut where detours leave and come back), and then the order of [`Edge::rank`] decides. Two lists of edges that differ by rotation are therefore one cycle, and
//! one test: which thread comes first and what locations are called has no meaning.

use crate::edge::{Access, Dir, Edge, Kind, Reach, Span};
use crate::vocabulary::{Arch, Vocabulary};
use std::cmp::Ordering;

/// The most edges in a cycle.
pub const MAX_EDGES: usize = 40;
/// The most threads in a test.
pub const MAX_THREADS: usize = 12;

/// Why edges are no cycle. Positions count edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// There are no edges.
    Empty,
    /// There are more than [`MAX_EDGES`] edges, or [`MAX_THREADS`] threads.
    Long,
    /// What this edge starts with is not what the one before ends with: a read and a write.
    Direction(usize),
    /// What this edge starts with is not what the one before ends with: accesses of two kinds.
    Access(usize),
    /// Only this edge changes the location, so the cycle can't come back to where it began.
    Location(usize),
    /// No edge leads to another thread.
    NoThreads,
    /// This edge leaves its thread and nothing comes back, or comes back and nothing left.
    Detour(usize),
}

/// A cycle of edges that fit, beginning where its test begins.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cycle {
    pub(crate) arch: Arch,
    pub(crate) edges: Vec<Edge>,
}

impl Cycle {
    /// The cycle of these edges, wherever they begin.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn new(arch: Arch, edges: &[Edge]) -> Result<Cycle, Broken> {
        let mut edges = edges.to_vec();
        resolve(&mut edges)?;
        forget_defaults(arch.vocabulary(), &mut edges);
        let start = first_thread(&edges);
        edges.rotate_left(start);
        Ok(Cycle { arch, edges })
    }

    /// Its edges.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Its architecture.
    pub fn arch(&self) -> Arch {
        self.arch
    }

    pub(crate) fn vocabulary(&self) -> &'static Vocabulary {
        self.arch.vocabulary()
    }

    /// Its threads, without those of detours: the edges of each, the last of which leads to the next.
    pub(crate) fn threads(&self) -> impl Iterator<Item = &[Edge]> {
        self.edges.split_inclusive(Edge::is_external)
    }

    /// The edges from the first thread on, as `Orig=` has them.
    pub fn write_edges(&self, out: &mut String) {
        write_list(self.vocabulary(), self.edges.iter(), out);
    }

    /// The edges from the least on, as `Cycle=` has them.
    pub fn write_canonical(&self, out: &mut String) {
        let start = least_rotation(&self.edges);
        let (last, first) = self.edges.split_at(start);
        write_list(self.vocabulary(), first.iter().chain(last), out);
    }
}

fn write_list<'a>(vocabulary: &Vocabulary, edges: impl Iterator<Item = &'a Edge>, out: &mut String) {
    for (index, edge) in edges.enumerate() {
        if index > 0 {
            out.push(' ');
        }
        vocabulary.write_edge(edge, out);
    }
}

/// Checks that edges close, and makes both ends of each agree on how an event accesses memory.
pub(crate) fn resolve(edges: &mut [Edge]) -> Result<(), Broken> {
    if edges.is_empty() {
        return Err(Broken::Empty);
    }
    if edges.len() > MAX_EDGES {
        return Err(Broken::Long);
    }
    for index in 0..edges.len() {
        let before = (index + edges.len() - 1) % edges.len();
        if edges[before].tgt != edges[index].src {
            return Err(Broken::Direction(index));
        }
        let access = edges[before].b.merge(edges[index].a).ok_or(Broken::Access(index))?;
        edges[before].b = access;
        edges[index].a = access;
    }
    threads(edges)?;
    let mut changes = edges.iter().enumerate().filter(|(_, edge)| edge.span == Span::Diff);
    match (changes.next(), changes.next()) {
        (Some((index, _)), None) => Err(Broken::Location(index)),
        _ => Ok(()),
    }
}

/// A default access that is said is like one that is not, where names don't tell them apart. Where they do, all accesses
/// are said as soon as one is.
fn forget_defaults(vocabulary: &Vocabulary, edges: &mut [Edge]) {
    let says = vocabulary.says_default && edges.iter().any(|edge| vocabulary.says(edge));
    for access in edges.iter_mut().flat_map(|edge| [&mut edge.a, &mut edge.b]) {
        if says && access.is_unsaid() {
            access.order = vocabulary.default;
        } else if !vocabulary.is_special(*access) {
            *access = Access::UNSAID;
        }
    }
}

fn threads(edges: &[Edge]) -> Result<(), Broken> {
    let mut threads = 0;
    let mut away = None;
    // A detour may lie across the end of the list, so count from an edge that leads to the next thread.
    let start = edges.iter().position(Edge::is_external).ok_or(Broken::NoThreads)?;
    for step in 1..=edges.len() {
        let index = (start + step) % edges.len();
        match edges[index].kind {
            Kind::Com(_, Reach::Ext) if away.is_some() => return Err(Broken::Detour(away.unwrap_or(index))),
            Kind::Com(_, Reach::Ext) => threads += 1,
            Kind::Com(_, Reach::Leave) if away.is_some() => return Err(Broken::Detour(index)),
            Kind::Com(_, Reach::Leave) => {
                threads += 1;
                away = Some(index);
            }
            Kind::Com(_, Reach::Back) if away.is_none() => return Err(Broken::Detour(index)),
            Kind::Com(_, Reach::Back) => away = None,
            _ => {}
        }
    }
    if threads > MAX_THREADS { Err(Broken::Long) } else { Ok(()) }
}

/// Where the first thread begins.
pub(crate) fn first_thread(edges: &[Edge]) -> usize {
    let len = edges.len();
    let starts = (0..len).filter(|start| edges[(start + len - 1) % len].is_external());
    starts
        .reduce(|best, other| if compare(edges, other, best) == Ordering::Less { other } else { best })
        .unwrap_or(0)
}

/// Compares two rotations of a cycle.
fn compare(edges: &[Edge], one: usize, two: usize) -> Ordering {
    let words = |start| Segments { edges, start, at: 0, ends: Edge::is_external };
    let pieces = |start| Segments { edges, start, at: 0, ends: |edge| !edge.is_internal() };
    let word = |(begin, len): (usize, usize)| {
        let end = (begin + len - 1) % edges.len();
        weight(edges[begin].src, edges[end].src, len == 1)
    };
    let ranks =
        |(begin, len): (usize, usize)| (0..len).map(move |step| edges[(begin + step) % edges.len()].rank());
    words(one).map(word).cmp(words(two).map(word)).then_with(|| {
        let pairs = pieces(one).zip(pieces(two));
        pairs
            .map(|(one, two)| one.1.cmp(&two.1).then_with(|| ranks(one).cmp(ranks(two))))
            .find(|order| *order != Ordering::Equal)
            .unwrap_or(Ordering::Equal)
    })
}

/// The pieces of a rotation: where each begins, and how many edges it has.
struct Segments<'a> {
    edges: &'a [Edge],
    start: usize,
    at: usize,
    /// Whether a piece ends with that edge.
    ends: fn(&Edge) -> bool,
}

impl Iterator for Segments<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        let all = self.edges.len();
        let begin = self.at;
        if begin >= all {
            return None;
        }
        let edge = |at: usize| &self.edges[(self.start + at) % all];
        let mut end = begin;
        while end + 1 < all && !(self.ends)(edge(end)) {
            end += 1;
        }
        self.at = end + 1;
        Some(((self.start + begin) % all, end + 1 - begin))
    }
}

/// The place of a thread in the order of words.
pub(crate) fn weight(first: Dir, last: Dir, single: bool) -> u8 {
    match (single, first, last) {
        (true, Dir::W, _) => 0,
        (false, Dir::W, Dir::W) => 1,
        (false, Dir::R, Dir::R) => 2,
        (false, Dir::R, Dir::W) => 3,
        (false, Dir::W, Dir::R) => 4,
        (true, Dir::R, _) => 5,
    }
}

/// Where the rotation begins that is least by [`Edge::print_rank`].
fn least_rotation(edges: &[Edge]) -> usize {
    let rotation = |start: usize| {
        let (last, first) = edges.split_at(start);
        first.iter().chain(last).map(Edge::print_rank)
    };
    (1..edges.len()).fold(0, |best, other| if rotation(other).lt(rotation(best)) { other } else { best })
}
