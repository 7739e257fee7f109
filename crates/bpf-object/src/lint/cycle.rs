//! Code that is right on x86 only: two functions access two places in such a way that x86 forbids the surprising outcome
//! and BPF allows it.
//!
//! Source: D. Shasha, M. Snir, “Efficient and correct execution of parallel programs that share memory”, TOPLAS 1988:
//! outcomes that no interleaving has need a cycle of program order and conflicts, which is broken if each of its edges of
//! program order is kept.
//!
//! Deviations:
//! 1. Only cycles of two functions and two places are looked for; a function may run twice.
//! 2. An edge is kept by x86 if it is not from a store to a load, or an atomic operation or a call is between them; by BPF,
//!    if one end or something between them orders it, or a dependency does. Sequences of edges are not followed.
//! 3. What functions of the kernel do is not known; they count as barriers.

use super::{Known, name_of, place_name, warning};
use crate::analysis::{Access, Order, Place, Registers, operands, results, successors};
use crate::program::Program;
use isa::bpf::Instruction;
use std::collections::{BTreeMap, BTreeSet};
use syntax::Diagnostic;

/// More states of one walk are not looked at.
const MAX_STATES: usize = 2048;

/// More accesses of one function are not looked at.
const MAX_ACCESSES: usize = 512;

/// More findings of a program are not said.
const MAX_FOUND: usize = 64;

/// Two accesses of a function to different places, one behind the other, that x86 keeps in order.
#[derive(Clone, Copy)]
struct Edge<'k, 'p> {
    known: &'k Known<'p>,
    from: &'k Access,
    to: &'k Access,
    /// Whether BPF keeps them in order, too.
    is_kept: bool,
}

pub(super) fn check(program: &Program, known: &[Known<'_>], mut budget: usize, found: &mut Vec<Diagnostic>) {
    let mut edges: BTreeMap<(Place, Place), Vec<Edge<'_, '_>>> = BTreeMap::new();
    // Of edges of a function that are alike, one is enough.
    let mut alike = BTreeSet::new();
    for (number, one) in known.iter().enumerate() {
        for (from, to, is_kept) in edges_of(one, &mut budget) {
            let Some(places) = from.location().zip(to.location()) else { continue };
            let kinds = (from.reads(), from.writes(), to.reads(), to.writes());
            if !alike.insert((number, places, kinds, is_kept)) {
                continue;
            }
            edges.entry(places).or_default().push(Edge { known: one, from, to, is_kept });
        }
    }
    let mut said = BTreeSet::new();
    for ((first, second), forth) in &edges {
        let Some(back) = edges.get(&(*second, *first)) else { continue };
        for weak in forth.iter().filter(|edge| !edge.is_kept) {
            let Some(other) = back.iter().find(|other| is_cycle(weak, other)) else { continue };
            let function = weak.known.function;
            if said.len() < MAX_FOUND && said.insert((&function.name, first, second)) {
                found.push(finding(program, weak, other, *first, *second));
            }
        }
    }
}

fn finding(
    program: &Program,
    weak: &Edge<'_, '_>,
    other: &Edge<'_, '_>,
    first: Place,
    second: Place,
) -> Diagnostic {
    let function = weak.known.function;
    let (before, behind) = (place_name(program, first), place_name(program, second));
    let verb = |access: &Access| match (access.reads(), access.writes()) {
        (true, true) => "update",
        (true, false) => "load",
        _ => "store",
    };
    let message = format!(
        "the {} of `{behind}` may come before the {} of `{before}` ({}) everywhere but on x86, and {} can see it",
        verb(weak.to),
        verb(weak.from),
        name_of(function, weak.from.at),
        name_of(other.known.function, other.to.at),
    );
    let help = match (weak.from.writes(), weak.to.writes()) {
        (_, true) => "store with `store_release`, or put an atomic operation that fetches between them",
        (false, false) => {
            "load the first with `load_acquire`, or put an atomic operation that fetches between them"
        }
        (true, false) => "put an atomic operation that fetches between them",
    };
    warning("bpf::x86-only", function, weak.to.at, &message)
        .with_help(help)
        .with_label(function.lines[weak.from.at].span, "this comes first")
        .with_label(other.known.function.lines[other.from.at].span, "and the other function does this")
        .with_label(other.known.function.lines[other.to.at].span, "and then this")
}

/// Whether each edge begins with what conflicts with the end of the other.
fn is_cycle(one: &Edge<'_, '_>, other: &Edge<'_, '_>) -> bool {
    let conflict = |a: &Access, b: &Access| a.writes() || b.writes();
    conflict(one.from, other.to) && conflict(one.to, other.from)
}

/// The edges of a function that x86 keeps, and whether BPF does on all ways between them.
fn edges_of<'k>(known: &'k Known<'_>, budget: &mut usize) -> Vec<(&'k Access, &'k Access, bool)> {
    let shared = known.accesses.iter().filter(|access| access.location().is_some());
    let mut edges = Vec::new();
    for from in shared.take(MAX_ACCESSES) {
        let mut reached: BTreeMap<usize, bool> = BTreeMap::new();
        walk(known, from, budget, &mut reached);
        for (at, is_kept) in reached {
            if let Ok(index) = known.accesses.binary_search_by_key(&at, |access| access.at) {
                edges.push((from, &known.accesses[index], is_kept));
            }
        }
    }
    edges
}

/// A point of the walk behind an access.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Point {
    at: usize,
    /// Registers that depend on what was read.
    tainted: Registers,
    /// Whether a branch depends on it.
    controlled: bool,
    /// Whether an address depends on it.
    addressed: bool,
    /// Whether x86 has a barrier on the way.
    locked: bool,
    /// Whether BPF has one.
    ordered: bool,
}

/// Finds the accesses that x86 keeps behind `from`, and whether BPF does on all ways.
fn walk(known: &Known<'_>, from: &Access, budget: &mut usize, reached: &mut BTreeMap<usize, bool>) {
    let result = known.function.lines[from.at].instruction().map(results).unwrap_or_default();
    // Whether a compare-exchange stores is not known; what its failure means is said elsewhere.
    let full = matches!(from.order, Order::Full | Order::Compare);
    let start = Point {
        at: from.at,
        tainted: result,
        controlled: false,
        addressed: false,
        locked: from.kind == crate::analysis::Kind::Both,
        ordered: full || from.order == Order::Acquire,
    };
    let mut seen = BTreeSet::new();
    let mut work: Vec<Point> =
        successors(known.function, from.at).into_iter().map(|at| Point { at, ..start }).collect();
    while let Some(point) = work.pop() {
        if *budget == 0 || seen.len() >= MAX_STATES || !seen.insert(point) {
            continue;
        }
        *budget -= 1;
        let Some(instruction) = known.function.lines[point.at].instruction() else { continue };
        let mut after = point;
        let access = known.accesses.binary_search_by_key(&point.at, |access| access.at);
        if let Some(access) = access.ok().map(|index| &known.accesses[index]) {
            enter(from, access, point, reached);
            after.addressed |= point.tainted.has(access.base);
            after.locked |= access.kind == crate::analysis::Kind::Both;
            after.ordered |= matches!(access.order, Order::Full | Order::Compare);
        }
        if let Instruction::Call { .. } = instruction {
            after.locked = true;
            after.ordered = true;
        }
        if let Instruction::JumpIf { .. } = instruction {
            after.controlled |= operands(instruction).meets(point.tainted);
        }
        let written = results(instruction);
        after.tainted = if operands(instruction).meets(point.tainted) {
            point.tainted.and(written)
        } else {
            point.tainted.without(written)
        };
        // Nothing behind tells more.
        if !(after.ordered && after.locked) {
            work.extend(successors(known.function, point.at).into_iter().map(|at| Point { at, ..after }));
        } else {
            work.extend(kept(known, point.at, after, &seen));
        }
    }
}

/// Behind a barrier of both, everything is kept: the walk goes on in one state only.
fn kept(known: &Known<'_>, at: usize, after: Point, seen: &BTreeSet<Point>) -> Vec<Point> {
    let all = Point {
        tainted: Registers::default(),
        controlled: false,
        addressed: false,
        locked: true,
        ordered: true,
        ..after
    };
    let next = successors(known.function, at).into_iter().map(|at| Point { at, ..all });
    next.filter(|point| !seen.contains(point)).collect()
}

/// Enters an access that was reached, if x86 keeps it behind `from`.
fn enter(from: &Access, to: &Access, point: Point, reached: &mut BTreeMap<usize, bool>) {
    let (Some(first), Some(second)) = (from.location(), to.location()) else { return };
    if first == second || overlap(first, from.size, second, to.size) {
        return;
    }
    let store_to_load = !from.reads() && !to.writes();
    if store_to_load && !point.locked {
        return;
    }
    let depends = point.tainted.has(to.base) || to.writes() && point.tainted.meets(to.data);
    let controls = to.writes() && (point.controlled || point.addressed);
    let orders = matches!(to.order, Order::Full | Order::Compare | Order::Release);
    let is_kept = point.ordered || depends || controls || orders;
    reached.entry(to.at).and_modify(|kept| *kept &= is_kept).or_insert(is_kept);
}

fn overlap(one: Place, size: u32, two: Place, other: u32) -> bool {
    let (Some(a), Some(b)) = (one.offset, two.offset) else { return one.object == two.object };
    one.object == two.object && a < b.saturating_add(other.into()) && b < a.saturating_add(size.into())
}
