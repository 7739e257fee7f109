//! Compare-exchanges that fail order nothing; code behind them may rely on it.

use super::{Known, warning};
use crate::analysis::{Access, Order, Registers, State, operands, results, successors};
use crate::program::Program;
use isa::bpf::{Instruction, Register, Test};
use std::collections::BTreeSet;
use syntax::Diagnostic;

/// More states of one walk are not looked at.
const MAX_STATES: usize = 4096;

pub(super) fn check(program: &Program, known: &Known<'_>, budget: &mut usize, found: &mut Vec<Diagnostic>) {
    for access in known.accesses.iter().filter(|access| access.order == Order::Compare && access.is_shared())
    {
        if let Some((load, tested)) = unordered_load(program, known, access, budget) {
            let way = if tested { "where it fails" } else { "and nothing asks whether it succeeded" };
            let message = format!(
                "the code behind this compare-exchange loads from elsewhere {way}: one that fails orders nothing"
            );
            let help = "put a barrier there, such as `atomic_fetch_or` of 0; x86, ppc64 and s390 \
                        order it all the same, arm64 and riscv64 do not";
            let warning = warning("bpf::failed-cmpxchg", known.function, access.at, &message).with_help(help);
            found.push(warning.with_label(known.function.lines[load].span, "this load"));
        }
    }
}

/// A point of the walk behind a compare-exchange.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Point {
    at: usize,
    /// What registers hold on this way.
    state: State,
    /// Registers that hold what was in memory.
    old: Registers,
    /// Registers that depend on it.
    tainted: Registers,
    /// Whether a branch has asked whether it failed.
    tested: bool,
}

/// A load of another place behind `exchange`, with nothing between them that orders both, on a way where it may have
/// failed; and whether that way is the one for failure.
fn unordered_load(
    program: &Program,
    known: &Known<'_>,
    exchange: &Access,
    budget: &mut usize,
) -> Option<(usize, bool)> {
    let old = Registers::one(Register::RESULT);
    let mut seen = BTreeSet::new();
    let mut state = known.states.before(exchange.at)?.clone();
    state.step(&known.function.lines[exchange.at], &program.data);
    let behind = successors(known.function, exchange.at).into_iter();
    let mut work: Vec<Point> =
        behind.map(|at| Point { at, state: state.clone(), old, tainted: old, tested: false }).collect();
    while let Some(point) = work.pop() {
        if *budget == 0 || seen.len() >= MAX_STATES || !seen.insert(point.clone()) {
            continue;
        }
        *budget -= 1;
        let Some(instruction) = known.function.lines[point.at].instruction() else { continue };
        // What functions of the kernel do is not known.
        if matches!(instruction, Instruction::Call { .. }) {
            continue;
        }
        let access = known.accesses.binary_search_by_key(&point.at, |access| access.at);
        if let Some(access) = access.ok().map(|index| &known.accesses[index]) {
            if matches!(access.order, Order::Full | Order::Compare | Order::Acquire) {
                continue;
            }
            let same = access.base == exchange.base && access.offset == exchange.offset
                || access.place.is_some() && access.place == exchange.place;
            if access.reads() && access.is_shared() && !same && !point.tainted.has(access.base) {
                return Some((point.at, point.tested));
            }
        }
        work.extend(next(program, known, point));
    }
    None
}

/// Where it goes on, where it may have failed.
fn next(program: &Program, known: &Known<'_>, point: Point) -> impl Iterator<Item = Point> {
    let line = &known.function.lines[point.at];
    let mut ways = point.state.ways(known.function, point.at);
    let mut after = point;
    if let Some(instruction) = line.instruction() {
        // Jumps have the way on first.
        if let Instruction::JumpIf { test: test @ (Test::Equal | Test::NotEqual), .. } = instruction
            && operands(instruction).meets(after.old)
            && ways.len() == 2
        {
            ways = vec![ways[usize::from(*test == Test::NotEqual)]];
            after.tested = true;
        }
        let written = results(instruction);
        let moved = matches!(instruction, Instruction::Move { .. }) && operands(instruction).meets(after.old);
        let tainted = operands(instruction).meets(after.tainted);
        after.old = if moved { after.old.and(written) } else { after.old.without(written) };
        after.tainted = if tainted { after.tainted.and(written) } else { after.tainted.without(written) };
    }
    after.state.step(line, &program.data);
    ways.into_iter().map(move |at| Point { at, ..after.clone() })
}
