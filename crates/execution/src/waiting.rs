//! Loops that only wait.
//!
//! A round of a loop, from some place in it back to that place, that wrote nothing to memory and changed no register
//! whose value is still needed there leaves everything as it was: what follows could as well have followed without that
//! round. Executions with such a round have the outcomes of those without it, so they are dropped, and nothing needs
//! to be cut. The places that are looked at are the heads of loops and both ends of the branches in them: in
//! `while (r == 0) r = x;` the value of `r` is needed at the head, but not where the body begins. Spin
//! loops, and retries of load-exclusive/store-exclusive and compare-and-swap loops, are of this kind. A
//! read-modify-write that writes back what it read, as a failing compare-and-swap may, counts as a read: who reads from
//! it could as well read from where it read.
//!
//! This is right for models that accept an execution without some reads and fences whenever they accept the execution
//! with them. What such a round would do to flags of the model is not seen, and executions are fewer.

use crate::micro::{Instruction, Micro, Reg, Tags, Thread};
use crate::path::{Event, Kind};

/// What is to be known about a program to recognise loops that only wait.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    /// The registers of the thread whose final values matter.
    pub observed: Vec<Reg>,
    /// The tag of accesses of which a store is paired with the last load before it.
    pub exclusive: Tags,
    /// Tags of events that have a location and change nothing there.
    pub passive: Tags,
}

/// A set of registers, and of the pairing of exclusive accesses, which is treated as one more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Registers(Vec<u64>);

/// What loads-exclusive write and stores-exclusive read: the place before register 0.
const MONITOR: usize = 0;

fn place(reg: Reg) -> usize {
    reg.0 as usize + 1
}

impl Registers {
    fn insert(&mut self, at: usize) {
        if self.0.len() <= at / 64 {
            self.0.resize(at / 64 + 1, 0);
        }
        self.0[at / 64] |= 1 << (at % 64);
    }

    fn contains(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 != 0)
    }

    /// Adds the members of `more` that are not in `except`; whether any was new.
    fn extend(&mut self, more: &Registers, except: &Registers) -> bool {
        if self.0.len() < more.0.len() {
            self.0.resize(more.0.len(), 0);
        }
        let mut grew = false;
        for (at, word) in more.0.iter().enumerate() {
            let new = word & !except.0.get(at).copied().unwrap_or(0) & !self.0[at];
            grew |= new != 0;
            self.0[at] |= new;
        }
        grew
    }

    fn retain(&mut self, others: &Registers) {
        for (at, word) in self.0.iter_mut().enumerate() {
            *word &= others.0.get(at).copied().unwrap_or(0);
        }
    }
}

/// What an instruction does to registers, and where it can go.
#[derive(Clone, Debug, Default)]
struct Effect {
    /// Read before the instruction has certainly written them.
    read: Registers,
    /// Written in any case.
    written: Registers,
    /// Where it can go besides the next instruction.
    targets: Vec<u32>,
    /// It never goes to the next instruction.
    leaves: bool,
    /// It can go anywhere.
    anywhere: bool,
}

impl Effect {
    fn of(instruction: &Instruction, thread: &Thread, waiting: &Waiting) -> Effect {
        let mut effect = Effect::default();
        effect.all(&instruction.micro, thread, waiting);
        effect
    }

    fn all(&mut self, micros: &[Micro], thread: &Thread, waiting: &Waiting) {
        micros.iter().for_each(|micro| self.one(micro, thread, waiting));
    }

    fn one(&mut self, micro: &Micro, thread: &Thread, waiting: &Waiting) {
        let target = |label: &crate::micro::LabelId| {
            thread.labels.get(label.0 as usize).map_or(thread.code.len() as u32, |(_, at)| *at)
        };
        let is_exclusive = |tags: &Tags| tags.0 & waiting.exclusive.0 != 0;
        match micro {
            Micro::ReadReg { reg, .. } => self.reads(place(*reg)),
            Micro::WriteReg { reg, .. } => self.written.insert(place(*reg)),
            Micro::Load { tags, .. } | Micro::Update { tags, .. } if is_exclusive(tags) => {
                self.written.insert(MONITOR);
            }
            Micro::Store { tags, .. } if is_exclusive(tags) => self.reads(MONITOR),
            Micro::Branch { target: label, .. } | Micro::Guard { target: label, .. } => {
                self.targets.push(target(label));
            }
            Micro::Jump { target: label } => {
                self.targets.push(target(label));
                self.leaves = true;
            }
            Micro::JumpTo { .. } => {
                self.anywhere = true;
                self.leaves = true;
            }
            Micro::Halt => self.leaves = true,
            Micro::Alt(ways) => self.alternatives(ways, thread, waiting),
            _ => {}
        }
    }

    fn reads(&mut self, at: usize) {
        if !self.written.contains(at) {
            self.read.insert(at);
        }
    }

    fn alternatives(&mut self, ways: &[Vec<Micro>], thread: &Thread, waiting: &Waiting) {
        let mut every: Option<(Registers, bool)> = None;
        for way in ways {
            let mut effect = Effect { written: self.written.clone(), ..Effect::default() };
            effect.all(way, thread, waiting);
            self.read.extend(&effect.read, &Registers::default());
            self.targets.extend(effect.targets);
            self.anywhere |= effect.anywhere;
            match &mut every {
                Some((written, leaves)) => {
                    written.retain(&effect.written);
                    *leaves &= effect.leaves;
                }
                None => every = Some((effect.written, effect.leaves)),
            }
        }
        if let Some((written, leaves)) = every {
            self.written = written;
            self.leaves |= leaves;
        }
    }
}

/// Places in the loops of a thread, one at least in every loop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    /// Each place with what is needed there, in order.
    places: Vec<(u32, Registers)>,
    exclusive: Tags,
    passive: Tags,
}

impl Places {
    /// The places of a thread, with what is live there.
    pub(crate) fn new(thread: &Thread, waiting: &Waiting) -> Places {
        if thread.labels.is_empty() {
            return Places::default();
        }
        let effects: Vec<Effect> =
            thread.code.iter().map(|instruction| Effect::of(instruction, thread, waiting)).collect();
        let mut places = places(&effects);
        if places.is_empty() {
            return Places::default();
        }
        places.sort_unstable();
        places.dedup();
        let live = live(&effects, waiting);
        let places = places.into_iter().map(|place| (place, live[place as usize].clone())).collect();
        Places { places, exclusive: waiting.exclusive, passive: waiting.passive }
    }

    /// Whether this is one of the places.
    pub(crate) fn contains(&self, at: u32) -> bool {
        self.find(at).is_some()
    }

    fn find(&self, at: u32) -> Option<&Registers> {
        let found = self.places.binary_search_by_key(&at, |(place, _)| *place).ok()?;
        Some(&self.places[found].1)
    }

    /// Whether a round that led back to a place has left everything as it was, given its events and the registers
    /// that it changed.
    pub(crate) fn only_waited(
        &self,
        at: u32,
        events: &[Event],
        mut changed: impl Iterator<Item = Reg>,
    ) -> bool {
        let Some(live) = self.find(at) else { return false };
        let harmless = |event: &Event| match event.kind {
            Kind::Update => event.written == event.value,
            Kind::Write => events.iter().any(|read| is_written_back(read, event)),
            Kind::Located => event.tags.0 & self.passive.0 != 0,
            Kind::Read => event.tags.0 & self.exclusive.0 == 0 || !live.contains(MONITOR),
            _ => true,
        };
        events.iter().all(harmless) && !changed.any(|reg| live.contains(place(reg)))
    }
}

/// The heads of loops, and where the branches in them lead.
fn places(effects: &[Effect]) -> Vec<u32> {
    let back = |(at, effect): (usize, &Effect)| {
        let heads = effect.targets.iter().copied().filter(move |target| *target as usize <= at);
        heads.map(|head| (head, at as u32)).collect::<Vec<_>>()
    };
    let loops: Vec<(u32, u32)> = effects.iter().enumerate().flat_map(back).collect();
    // How many loops begin and end before each instruction.
    let mut depth = vec![0i32; effects.len() + 2];
    for (head, end) in &loops {
        depth[*head as usize] += 1;
        depth[*end as usize + 1] -= 1;
    }
    let mut open = 0;
    let in_loop: Vec<bool> = depth
        .iter()
        .map(|change| {
            open += change;
            open > 0
        })
        .collect();
    let mut places: Vec<u32> = loops.into_iter().map(|(head, _)| head).collect();
    for (at, effect) in effects.iter().enumerate() {
        if in_loop[at] && !effect.targets.is_empty() && !effect.leaves {
            let ends = effect.targets.iter().copied().chain([at as u32 + 1]);
            places.extend(ends.filter(|end| in_loop[*end as usize]));
        }
    }
    places
}

/// Whether a write is the second half of a read-modify-write, and writes what the first half read.
fn is_written_back(read: &Event, write: &Event) -> bool {
    let same = (read.instance, read.addr, read.width, read.value)
        == (write.instance, write.addr, write.width, write.value);
    same && read.kind == Kind::Read
}

/// What is live before each instruction, and at the end.
fn live(effects: &[Effect], waiting: &Waiting) -> Vec<Registers> {
    let mut at_end = Registers::default();
    waiting.observed.iter().for_each(|reg| at_end.insert(place(*reg)));
    let mut all = at_end.clone();
    effects.iter().for_each(|effect| {
        all.extend(&effect.read, &Registers::default());
    });
    let mut live = vec![Registers::default(); effects.len() + 1];
    live[effects.len()] = at_end.clone();
    for (at, effect) in effects.iter().enumerate() {
        live[at].extend(&effect.read, &Registers::default());
        if effect.anywhere {
            live[at].extend(&all, &effect.written);
        } else if effect.leaves {
            // It may end the thread.
            live[at].extend(&at_end, &effect.written);
        }
    }
    let mut grew = true;
    while grew {
        grew = false;
        for (at, effect) in effects.iter().enumerate().rev() {
            let behind = (!effect.leaves).then_some(at as u32 + 1);
            for next in effect.targets.iter().copied().chain(behind) {
                // What is live before a loop of one instruction is known already.
                if let Ok([here, next]) = live.get_disjoint_mut([at, next as usize]) {
                    grew |= here.extend(next, &effect.written);
                }
            }
        }
    }
    live
}

#[cfg(test)]
mod tests;
