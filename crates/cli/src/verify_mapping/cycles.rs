//! Tests from cycles, for who has none at hand: all that the source's model forbids, as weak as they can be.

use super::Named;
use batch::{Crew, pool};
use compile::mapping::Language;
use compile::session::Session;
use generate::minimal::{Answer, Menu, Shapes};
use generate::{Arch, Cycle, Style};
use std::ops::ControlFlow;
use syntax::FileId;

/// What the cycles of a language are made of. With more threads there is room for fewer updates on the cycle, because all
/// combinations would be millions.
fn menu(language: Language, threads: usize) -> Menu<'static> {
    let at = threads.clamp(2, 4) - 2;
    match language {
        Language::Bpf => Menu {
            arch: Arch::Bpf,
            reads: "P < Acq",
            writes: "P < Rel",
            swaps: "Ex | Lock",
            updates: "Fetch.Add | Lock.Add",
            links: [
                "Pod < DpAddrd < FenceFetchd",
                "Pod < DpAddrd DpDatad DpCtrld < FenceFetchd",
                "Pod < FenceFetchd",
                "Pod < FenceFetchd",
            ],
            room: [3, 2, 1][at],
        },
        Language::Kernel => Menu {
            arch: Arch::Kernel,
            reads: "Once < Acquire",
            writes: "Once < Release",
            swaps: "ExRelaxed < ExRelease < Ex",
            updates: if threads > 2 { KERNEL_UPDATES } else { ALL_KERNEL_UPDATES },
            links: [
                "Pod < DpAddrd FenceRmbd < FenceMbd",
                "Pod < DpAddrd DpDatad DpCtrld < FenceMbd",
                "Pod < FenceMbd",
                "Pod < FenceWmbd < FenceMbd",
            ],
            room: [2, 1, 1][at],
        },
        Language::C11 => Menu {
            arch: Arch::C11,
            reads: "Rlx < Acq < Sc",
            writes: "Rlx < Rel < Sc",
            swaps: "ExRlx < ExRel < ExAR < ExSc",
            updates: if threads > 2 { C11_UPDATES } else { ALL_C11_UPDATES },
            links: [
                "Pod < FenceAcqd < FenceScd",
                "Pod < FenceAcqd FenceReld < FenceARd < FenceScd",
                "Pod < FenceScd",
                "Pod < FenceReld < FenceScd",
            ],
            room: [2, 1, 0][at],
        },
    }
}

const KERNEL_UPDATES: &str =
    "Xchg:Once:Once < Xchg:Acquire:Once Xchg:Once:Release < Xchg:Once:Mb | St.Add:Once:Once";
const ALL_KERNEL_UPDATES: &str = "\
    Xchg:Once:Once < Xchg:Acquire:Once Xchg:Once:Release < Xchg:Once:Mb | St.Add:Once:Once | \
    Fetch.Add:Once:Once < Fetch.Add:Acquire:Once Fetch.Add:Once:Release < Fetch.Add:Once:Mb | \
    Cmpxchg:Once:Once < Cmpxchg:Acquire:Once Cmpxchg:Once:Release < Cmpxchg:Once:Mb";
const C11_UPDATES: &str = "Exch:Rlx:Rlx < Exch:Acq:Rlx Exch:Rlx:Rel < Exch:Acq:Rel < Exch:Sc:Sc";
const ALL_C11_UPDATES: &str = "\
    Exch:Rlx:Rlx < Exch:Acq:Rlx Exch:Rlx:Rel < Exch:Acq:Rel < Exch:Sc:Sc | \
    Cas:Rlx:Rlx < Cas:Acq:Rlx Cas:Rlx:Rel < Cas:Acq:Rel < Cas:Sc:Sc | \
    Fetch.Add:Rlx:Rlx < Fetch.Add:Acq:Rlx Fetch.Add:Rlx:Rel < Fetch.Add:Acq:Rel < Fetch.Add:Sc:Sc";

/// The most threads of cycles whose updates are exchanged for other ones.
const OTHER_UPDATES: usize = 2;

/// Updates with a barrier, one of which is on the cycle or beside it, and others that a mapping may say in another way.
const SAME: [(&str, &str); 4] = [
    ("atomic_fetch_add(", "atomic_fetch_or("),
    ("r4 = atomic_fetch_add((u64*)(r5 + 0), r4)", "r4 = xchg_64(r5 + 0, r4)                 "),
    ("r4 = atomic_fetch_add((u64*)(r5 + 0), r4)", "r0 = cmpxchg_64(r5 + 0, r0, r4)          "),
    ("r3 = xchg32_32(r1 + 0, r3)", "r0 = cmpxchg32_32(r1 + 0, r0, r3)"),
];

/// A cycle's test, or one with other updates: which of [`SAME`], counted from 1.
#[derive(Clone, Debug)]
pub(super) struct One {
    pub(super) cycle: Cycle,
    pub(super) other: u8,
}

/// Cycles, and how they were found.
pub(super) struct Found {
    /// Those that are minimal, and those with other updates.
    pub(super) cycles: Vec<One>,
    /// How many are minimal.
    pub(super) minimal: usize,
    /// How many cycles they stand for.
    pub(super) all: u64,
    /// How many were judged.
    pub(super) asked: u64,
}

/// All minimal forbidden cycles of a language, of at most so many threads.
///
/// # Errors
/// What is wrong with the menu, which nobody but its author can change.
pub(super) fn find(
    language: Language,
    threads: usize,
    jobs: usize,
    session: &(dyn Fn() -> Session + Sync),
) -> Result<Found, String> {
    let mut found = Found { cycles: Vec::new(), minimal: 0, all: 0, asked: 0 };
    for threads in 2..=threads {
        let shapes = Shapes::new(menu(language, threads)).map_err(|diagnostic| diagnostic.message)?;
        let items = shapes.of(threads);
        found.all += items.iter().map(|shape| shape.size()).sum::<u64>();
        pool::run(
            items.into_iter(),
            &Crew::new(jobs),
            session,
            |session, shape| {
                let mut cycles = Vec::new();
                let mut ask = |cycle: &Cycle| answer(session, cycle, language);
                let asked = shape.minimal(&mut ask, &mut |cycle| cycles.push(cycle));
                (cycles, asked)
            },
            |(cycles, asked)| {
                found.minimal += cycles.len();
                found.asked += asked;
                for cycle in cycles {
                    let others = if threads <= OTHER_UPDATES { others(&cycle) } else { Vec::new() };
                    let others = others.into_iter().map(|other| One { cycle: cycle.clone(), other });
                    let others: Vec<One> = others.collect();
                    found.cycles.push(One { cycle, other: 0 });
                    found.cycles.extend(others);
                }
                ControlFlow::Continue(())
            },
        );
    }
    Ok(found)
}

/// Which other updates fit.
fn others(cycle: &Cycle) -> Vec<u8> {
    let Some(text) = text(cycle).filter(|_| cycle.arch() == Arch::Bpf) else { return Vec::new() };
    (1..).zip(SAME).filter(|(_, (from, _))| text.contains(from)).map(|(number, _)| number).collect()
}

fn answer(session: &mut Session, cycle: &Cycle, language: Language) -> Answer {
    let named = text(cycle).and_then(|text| named(&text));
    match named.and_then(|named| session.forbids(&named.test, language)) {
        Some(true) => Answer::Forbidden,
        Some(false) => Answer::Allowed,
        None => Answer::Unknown,
    }
}

fn text(cycle: &Cycle) -> Option<String> {
    generate::test(cycle, Style { metadata: false, ..Style::default() }).ok()
}

fn named(text: &str) -> Option<Named> {
    let (test, _) = turnsole::parse(FileId(0), text);
    test.map(|test| Named { file: "a cycle".to_owned(), test })
}

/// The test of a cycle.
pub(super) fn test(one: &One) -> Option<Named> {
    let text = text(&one.cycle)?;
    let Some((from, to)) = usize::from(one.other).checked_sub(1).and_then(|at| SAME.get(at)) else {
        return named(&text);
    };
    let (first, rest) = text.split_once('\n')?;
    let word = to.split(" = ").last().and_then(|call| call.split(['(', '_']).next()).unwrap_or(to);
    let word = to.strip_prefix("atomic_").and_then(|name| name.strip_suffix('(')).unwrap_or(word);
    named(&format!("{first}-{word}\n{}", rest.replace(from, to)))
}
