//! Which addresses values may be, where that depends on what is read from memory.
//!
//! Memory may hold, at each address, what it holds at the start and what some path stores there. That is computed for all
//! paths together until nothing new is found.

use crate::Path;
use crate::structure::InitialMemory;
use crate::term::{Term, TermId};
use crate::value::{BinaryOp, SymbolId, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Where an access goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    /// To this offset of this object.
    At(SymbolId, i64),
    /// To some multiple of its size in this object.
    Inside(SymbolId),
    /// To some multiple of its size in some object.
    Anywhere,
}

type Targets = BTreeSet<Target>;

/// What was found for other terms of the path.
type Done = BTreeMap<TermId, Targets>;

/// The addresses that memory may hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pointers {
    /// At these places.
    contents: BTreeMap<Target, Targets>,
    /// At all places.
    everywhere: Targets,
}

/// Addresses are computed in few steps. Others may be anything.
const MAX_DEPTH: usize = 64;

/// After so many rounds, addresses that are found by adding to others may be anywhere in their object.
const MAX_ROUNDS: usize = 4;

impl Pointers {
    /// What memory may hold while these paths are executed.
    pub(crate) fn new(paths: &[Arc<Vec<Path>>], memory: &InitialMemory) -> Pointers {
        let mut pointers = Pointers::default();
        for (address, value) in &memory.locations {
            if let (Value::Addr { symbol, offset }, Value::Addr { symbol: to, offset: by }) =
                (*address, *value)
            {
                pointers.contents.entry(Target::At(symbol, offset)).or_default().insert(Target::At(to, by));
            }
        }
        let mut round = 0;
        while pointers.store(paths, round >= MAX_ROUNDS) {
            round += 1;
        }
        pointers
    }

    /// Adds what the paths store. False if there is nothing new.
    fn store(&mut self, paths: &[Arc<Vec<Path>>], coarse: bool) -> bool {
        let mut is_new = false;
        for path in paths.iter().flat_map(|paths| paths.iter()) {
            for event in &path.events {
                let (Some(addr), Some(stored)) = (event.addr, event.stored()) else { continue };
                let mut values = self.targets(path, stored);
                if values.is_empty() {
                    continue;
                }
                if coarse && path.terms.known(stored).is_none() {
                    values = values.into_iter().map(somewhere).collect();
                }
                for place in self.targets(path, addr) {
                    let all = match place {
                        Target::Anywhere => &mut self.everywhere,
                        place => self.contents.entry(place).or_default(),
                    };
                    let before = all.len();
                    all.extend(&values);
                    is_new |= all.len() != before;
                }
            }
        }
        is_new
    }

    /// Which addresses a term of a path may be. None, if it is a number.
    pub(crate) fn targets(&self, path: &Path, term: TermId) -> Targets {
        self.search(path, term, 0, &mut BTreeMap::new())
    }

    fn search(&self, path: &Path, term: TermId, depth: usize, done: &mut Done) -> Targets {
        if depth > MAX_DEPTH {
            return Targets::from([Target::Anywhere]);
        }
        if let Some(known) = done.get(&term) {
            return known.clone();
        }
        let found = self.search_new(path, term, depth, done);
        done.insert(term, found.clone());
        found
    }

    fn search_new(&self, path: &Path, term: TermId, depth: usize, done: &mut Done) -> Targets {
        let mut search = |term| self.search(path, term, depth + 1, done);
        match path.terms.get(term) {
            Term::Const(Value::Addr { symbol, offset }) => Targets::from([Target::At(symbol, offset)]),
            Term::Const(_) | Term::Illegal => Targets::new(),
            Term::Var { var, .. } => {
                let read = path.events[path.reads[var.0 as usize] as usize];
                let places = read.addr.map(search).unwrap_or_default();
                let mut all = self.everywhere.clone();
                places.into_iter().for_each(|place| all.extend(self.held(place)));
                all
            }
            Term::Unary(..) if path.terms.copied(term).is_some() => match path.terms.get(term) {
                Term::Unary(_, _, inner) => search(inner),
                _ => Targets::new(),
            },
            Term::Unary(_, _, inner) => search(inner).into_iter().map(somewhere).collect(),
            Term::IfThenElse(_, then, otherwise) => &search(then) | &search(otherwise),
            Term::Binary(op, _, a, b) => {
                let all = &search(a) | &search(b);
                let number = |term| match path.terms.known(term) {
                    Some(Value::Int(by)) => Some(by as i64),
                    _ => None,
                };
                let by = match op {
                    BinaryOp::Add => number(a).or_else(|| number(b)),
                    BinaryOp::Sub => number(b).map(i64::wrapping_neg),
                    _ if op.is_test() => return Targets::new(),
                    _ => None,
                };
                all.into_iter()
                    .map(|target| by.map_or_else(|| somewhere(target), |by| moved(target, by)))
                    .collect()
            }
        }
    }

    /// What may be held there. An address in an object may be any of it.
    fn held(&self, place: Target) -> Targets {
        let belongs = |known: &Target| match (place, *known) {
            (Target::At(..), Target::At(..)) => place == *known,
            (Target::At(a, _) | Target::Inside(a), Target::At(b, _) | Target::Inside(b)) => a == b,
            _ => true,
        };
        self.contents
            .iter()
            .filter(|(known, _)| belongs(known))
            .flat_map(|(_, all)| all.iter().copied())
            .collect()
    }
}

fn moved(target: Target, by: i64) -> Target {
    match target {
        Target::At(symbol, offset) => Target::At(symbol, offset.wrapping_add(by)),
        other => other,
    }
}

/// Somewhere in the same object.
fn somewhere(target: Target) -> Target {
    match target {
        Target::At(symbol, _) => Target::Inside(symbol),
        other => other,
    }
}
