//! Executions that were found for one order of threads that do the same, told for all orders.
//!
//! Threads do the same if their paths are equal, or equal but for the constants that they store, where nothing hangs on
//! values. An exchange of two of them makes an execution out of an execution. What is observed changes with it: what one
//! thread's registers hold is what the other's held; and what was the constant of one is that of the other. Constants are
//! recognised by their values, which is why each must be stored by one thread only.

use super::Search;
use super::outcome::Observer;
use execution::{Term, Value, VarId};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// Threads that do the same, of which one order was searched. What is observed tells them apart.
#[derive(Debug)]
pub(super) struct Exchange {
    /// How many threads there are.
    threads: usize,
    /// By thread: the observed values that its registers hold; those of different threads stand side by side. Nothing where
    /// registers are not observed.
    registers: Vec<SmallVec<[usize; 4]>>,
    /// The constants that an observed value may be.
    constants: Vec<Constants>,
}

/// A constant that each of the threads has one of, where it may be observed.
#[derive(Debug)]
struct Constants {
    /// Which of the observed values it may be.
    slot: usize,
    /// What it is, by thread.
    values: SmallVec<[Value; 8]>,
}

/// An execution to be told, but for its values and their number.
#[derive(Clone, Copy)]
struct Told<'a> {
    flags: &'a [&'a str],
    undefined: bool,
}

/// What is observed of a thread's registers: what it is there, and which observed value.
pub(super) type Profile = SmallVec<[(Held, usize); 4]>;

/// What a register that is observed holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Held {
    /// A term.
    Term(u32),
    /// What a read of a width returned.
    Read(VarId, u8),
}

impl Search<'_, '_> {
    /// What is observed of a thread's registers, as terms; what is the same in all executions is left out.
    pub(super) fn profile(&self, thread: usize) -> Profile {
        let slots = self.observers.iter().enumerate();
        let mut profile: Profile = slots
            .filter_map(|(slot, observer)| match observer {
                Observer::Register(of, term) if *of == thread => Some((Held::Term(term.0), slot)),
                _ => None,
            })
            .collect();
        profile.sort_unstable();
        profile
    }

    /// The same, but as what reads return. `None` if something else is observed.
    pub(super) fn profile_of_reads(&self, thread: usize) -> Option<Profile> {
        let terms = &self.s.paths()[thread].terms;
        let mut profile = Profile::new();
        for (slot, observer) in self.observers.iter().enumerate() {
            match observer {
                Observer::Register(of, term) if *of == thread => match terms.get(*term) {
                    Term::Var { var, width } => profile.push((Held::Read(var, width), slot)),
                    _ => return None,
                },
                _ => {}
            }
        }
        profile.sort_unstable();
        Some(profile)
    }

    /// Whether threads whose registers are observed may be exchanged: no outcome can have a value out of thin air, whose
    /// name hangs on the order of threads.
    pub(super) fn can_exchange_observed(&self) -> bool {
        let computes = |(thread, term): (usize, execution::TermId)| {
            let terms = &self.s.paths()[thread].terms;
            matches!(terms.get(term), Term::Const(_) | Term::Unary(..) | Term::Binary(..))
        };
        !self.sink.filters() && self.s.writes().all(|write| self.s.stored_term(write).is_none_or(computes))
    }

    /// Forgets about exchanges: what is found is all that there is.
    pub(super) fn forget_exchanges(&mut self) -> bool {
        self.alike.retain(|(_, first, _)| !self.exchanged.contains(first));
        self.exchanged.clear();
        !std::mem::take(&mut self.exchanges).is_empty()
    }

    /// Takes note of threads with equal paths whose registers are observed.
    pub(super) fn exchange(&mut self, threads: &[usize]) {
        let registers = threads.iter().map(|thread| slots(&self.profile(*thread))).collect();
        self.exchanges.push(Exchange { threads: threads.len(), registers, constants: Vec::new() });
    }

    /// Takes note of threads with paths that are equal but for the constants that they store. False if these can't be told
    /// from each other where they are observed.
    pub(super) fn exchange_constants(&mut self, threads: &[usize]) -> bool {
        let mut constants = Vec::new();
        for slot in 0..self.observers.len() {
            if !self.constants_at(slot, threads, &mut constants) {
                return false;
            }
        }
        let mut registers = Vec::new();
        for thread in threads {
            let Some(profile) = self.profile_of_reads(*thread) else { return false };
            registers.push(slots(&profile));
        }
        if registers.iter().all(SmallVec::is_empty) {
            registers.clear();
        }
        self.exchanges.push(Exchange { threads: threads.len(), registers, constants });
        true
    }

    /// The constants of these threads that an observed value may be. False if it may be something that looks the same.
    fn constants_at(&self, slot: usize, threads: &[usize], constants: &mut Vec<Constants>) -> bool {
        let (place, width) = match &self.observers[slot] {
            Observer::Known(_) => return true,
            Observer::Memory { writes: Some(writes), .. } => {
                let Some(first) = writes.first() else { return true };
                (self.s.place(first.event), 128)
            }
            Observer::Memory { writes: None, .. } => return false,
            Observer::Register(thread, term) => match self.s.paths()[*thread].terms.get(*term) {
                Term::Var { var, width } => {
                    let read = self.s.read(*thread, var);
                    let own = self.s.event(read).map_or(width, |event| event.width.min(width));
                    (self.s.place(read), own)
                }
                _ => return false,
            },
        };
        let writes = self.s.writes().filter(|write| self.s.place(*write) == place);
        let mut own: SmallVec<[SmallVec<[Value; 4]>; 8]> =
            SmallVec::from_elem(SmallVec::new(), threads.len());
        let mut seen: SmallVec<[Value; 16]> = SmallVec::new();
        let mut others: SmallVec<[Value; 16]> = SmallVec::new();
        for write in writes {
            let Some(value) = self.s.known_stored(write) else { return false };
            let value = value.masked(width);
            match threads.iter().position(|thread| self.s.thread(write) == Some(*thread)) {
                Some(at) => {
                    own[at].push(value);
                    seen.push(value);
                }
                None => others.push(value),
            }
        }
        let count = own.first().map_or(0, SmallVec::len);
        seen.sort_unstable();
        if own.iter().any(|own| own.len() != count)
            || seen.windows(2).any(|pair| pair[0] == pair[1])
            || others.iter().any(|other| seen.binary_search(other).is_ok())
        {
            return false;
        }
        constants.extend((0..count).map(|at| {
            let values = own.iter().map(|own| own[at]).collect();
            Constants { slot, values }
        }));
        true
    }

    /// Tells the sink of an execution, and of all that come out of it by an exchange of threads: now or later.
    pub(super) fn tell(&mut self, values: &[Value], flags: &[&str], undefined: bool, weight: u64) {
        if self.exchanges.is_empty() {
            return self.sink.execution(values, flags, undefined, weight);
        }
        let exchanges = std::mem::take(&mut self.exchanges);
        let mut orbit = values.to_vec();
        exchanges.iter().for_each(|exchange| exchange.normalise(&mut orbit));
        if flags.is_empty() && !undefined {
            let is_new = self.orbits.add(&orbit, weight);
            // Of what is known already, the search need not be told once more.
            if is_new && self.sink.outcomes_only() {
                self.tell_exchanged(&exchanges, &orbit, Told { flags, undefined }, weight);
            }
        } else {
            self.tell_exchanged(&exchanges, &orbit, Told { flags, undefined }, weight);
        }
        self.exchanges = exchanges;
        if self.orbits.found.len() >= MAX_ORBITS {
            self.tell_all();
        }
    }

    /// Whether these values were found, up to exchanges of threads.
    pub(super) fn knows_orbit(&self, values: &[Value]) -> bool {
        let mut orbit = values.to_vec();
        self.exchanges.iter().for_each(|exchange| exchange.normalise(&mut orbit));
        self.orbits.index.contains_key(&orbit)
    }

    /// Tells the sink of all executions that it was not told of.
    pub(super) fn tell_all(&mut self) {
        if self.orbits.found.is_empty() {
            return;
        }
        let orbits = std::mem::take(&mut self.orbits);
        let exchanges = std::mem::take(&mut self.exchanges);
        if !self.sink.outcomes_only() {
            for (values, weight) in &orbits.found {
                self.tell_exchanged(&exchanges, values, Told { flags: &[], undefined: false }, *weight);
            }
        }
        self.exchanges = exchanges;
    }

    fn tell_exchanged(&mut self, exchanges: &[Exchange], values: &[Value], told: Told<'_>, weight: u64) {
        let Some((exchange, others)) = exchanges.split_first() else {
            self.told = self.told.wrapping_add(1);
            self.stopped |= self.told.is_multiple_of(TOLD_A_QUESTION) && self.sink.stop();
            return self.sink.execution(values, told.flags, told.undefined, weight);
        };
        let mut changed = values.to_vec();
        exchange.for_each(values, &mut |roles, ways| {
            exchange.apply(values, roles, &mut changed);
            self.tell_exchanged(others, &changed, told, weight.saturating_mul(ways));
            !self.stopped
        });
    }
}

/// What is observed of executions, up to exchanges of threads, and how many there are.
#[derive(Debug, Default)]
pub(super) struct Orbits {
    found: Vec<(Vec<Value>, u64)>,
    index: FxHashMap<Vec<Value>, usize>,
}

impl Orbits {
    /// Whether there was none like that.
    fn add(&mut self, values: &[Value], weight: u64) -> bool {
        if let Some(at) = self.index.get(values) {
            let count = &mut self.found[*at].1;
            *count = count.saturating_add(weight);
            return false;
        }
        self.index.insert(values.to_vec(), self.found.len());
        self.found.push((values.to_vec(), weight));
        true
    }
}

/// The sink is told of no more at once.
const MAX_ORBITS: usize = 4096;

/// After it was told of so many, it is asked whether to stop.
const TOLD_A_QUESTION: u32 = 4096;

/// By thread of the search: the one that it is now. `None` where that makes no difference.
type Roles = SmallVec<[Option<usize>; 8]>;

/// Is given threads in other places, and in how many ways they come to stand there. Says whether to go on.
type Visit<'a> = dyn FnMut(&Roles, u64) -> bool + 'a;

impl Exchange {
    /// Goes through all ways to exchange threads that make a difference to these values.
    fn for_each(&self, values: &[Value], visit: &mut Visit<'_>) -> bool {
        let is_named = |thread: usize| {
            self.constants.iter().any(|constants| values[constants.slot] == constants.values[thread])
        };
        let are_observed = !self.registers.is_empty();
        let all = (0..self.threads).filter(|thread| are_observed || is_named(*thread));
        let relevant: SmallVec<[usize; 8]> = all.collect();
        let mut rest = 1u64;
        (2..=(self.threads - relevant.len()) as u64).for_each(|n| rest = rest.saturating_mul(n));
        let mut roles: Roles = SmallVec::from_elem(None, self.threads);
        let mut taken: SmallVec<[bool; 8]> = SmallVec::from_elem(false, self.threads);
        self.assign(values, &relevant, &mut roles, &mut taken, rest, visit)
    }

    /// Has the next of these threads be each of those that no other one is yet.
    fn assign(
        &self,
        values: &[Value],
        relevant: &[usize],
        roles: &mut Roles,
        taken: &mut [bool],
        ways: u64,
        visit: &mut Visit<'_>,
    ) -> bool {
        let Some((role, relevant)) = relevant.split_first() else { return visit(roles, ways) };
        // Of threads with the same values in their registers, one order stands for all.
        let is_same = |other: &usize| self.constants.is_empty() && self.look_alike(values, *other, *role);
        let same: SmallVec<[usize; 8]> = (0..*role).filter(is_same).collect();
        let first = same.last().and_then(|other| roles[*other]).map_or(0, |other| other + 1);
        let ways = ways.saturating_mul(same.len() as u64 + 1);
        for thread in first..self.threads {
            if taken[thread] {
                continue;
            }
            (taken[thread], roles[*role]) = (true, Some(thread));
            let goes_on = self.assign(values, relevant, roles, taken, ways, visit);
            (taken[thread], roles[*role]) = (false, None);
            if !goes_on {
                return false;
            }
        }
        true
    }

    /// Makes one of values that an exchange of threads makes of each other, where that is simple.
    fn normalise(&self, values: &mut [Value]) {
        if self.constants.is_empty() {
            let held = |slots: &SmallVec<[usize; 4]>| slots.iter().map(|slot| values[*slot]).collect();
            let mut held: Vec<SmallVec<[Value; 4]>> = self.registers.iter().map(held).collect();
            held.sort_unstable();
            for (slots, held) in self.registers.iter().zip(held) {
                slots.iter().zip(held).for_each(|(slot, value)| values[*slot] = value);
            }
        } else if self.registers.is_empty() {
            let mut roles: Roles = SmallVec::from_elem(None, self.threads);
            let mut next = 0..self.threads;
            for constants in &self.constants {
                let value = values[constants.slot];
                if let Some(role) = constants.values.iter().position(|constant| *constant == value)
                    && roles[role].is_none()
                {
                    roles[role] = next.next();
                }
            }
            let before = values.to_vec();
            self.apply(&before, &roles, values);
        }
    }

    /// Whether two threads' registers hold the same values.
    fn look_alike(&self, values: &[Value], a: usize, b: usize) -> bool {
        let held = |thread: usize| self.registers[thread].iter().map(|slot| values[*slot]);
        held(a).eq(held(b))
    }

    /// What is observed with threads in these roles.
    fn apply(&self, values: &[Value], roles: &Roles, changed: &mut [Value]) {
        changed.copy_from_slice(values);
        for (slots, role) in self.registers.iter().zip(roles) {
            let Some(to) = role.map(|thread| &self.registers[thread]) else { continue };
            slots.iter().zip(to).for_each(|(from, to)| changed[*to] = values[*from]);
        }
        // Constants of a slot that another thread's register has now are looked up there: they are the same in both.
        for slot in self.slots() {
            let value = changed[slot];
            let own = self.constants.iter().filter(|constants| constants.slot == slot);
            let named = own.into_iter().find_map(|constants| {
                let role = constants.values.iter().position(|constant| *constant == value)?;
                Some(constants.values[roles[role]?])
            });
            changed[slot] = named.unwrap_or(value);
        }
    }

    /// The observed values that may be constants.
    fn slots(&self) -> impl Iterator<Item = usize> {
        let mut slots: SmallVec<[usize; 16]> =
            self.constants.iter().map(|constants| constants.slot).collect();
        slots.dedup();
        slots.into_iter()
    }
}

fn slots(profile: &Profile) -> SmallVec<[usize; 4]> {
    profile.iter().map(|(_, slot)| *slot).collect()
}
