//! The values of a candidate, once every read has its write.
//!
//! Written from the definition, for the reference engine: iterate until nothing new becomes known.

use crate::structure::{EventId, Structure};
use crate::value::{OpError, Value};
use crate::{Kind, Path, TermId, VarId};

/// What all reads return and where all accesses go.
#[derive(Clone, Debug)]
pub struct Solution {
    /// What each thread's reads return.
    pub reads: Vec<Vec<Value>>,
    /// The address of each memory event.
    pub addresses: Vec<Option<Value>>,
    /// The value that each write stores.
    pub stored: Vec<Option<Value>>,
}

impl Solution {
    /// The value of a term of a thread.
    ///
    /// # Errors
    /// When an operation has no result on its operands.
    pub fn eval(&self, s: &Structure<'_>, thread: usize, term: TermId) -> Result<Value, OpError> {
        let value =
            s.paths()[thread].terms.eval(term, &|var: VarId| Some(self.reads[thread][var.0 as usize]))?;
        value.ok_or(OpError)
    }

    /// What a memory event reads, or writes if it only writes.
    pub fn value(&self, s: &Structure<'_>, event: EventId) -> Option<Value> {
        match s.kind(event) {
            Kind::Read | Kind::Update => {
                let thread = s.thread(event)?;
                let path = s.paths()[thread];
                let local = path.reads.iter().position(|read| s.read_event(thread, *read) == event)?;
                Some(self.reads[thread][local])
            }
            _ => self.stored[event.index()],
        }
    }
}

/// What is said of an execution that needs a value which is none: what [`Unsolved::Illegal`] is, and a use of
/// [`Micro::Unknown`](crate::micro::Micro::Unknown).
pub const NO_RESULT: &str = "an operation has no result on its operands, or they are not known";

/// Why there is no solution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsolved {
    /// The choices contradict each other, or nothing says what some value is.
    Inconsistent,
    /// An operation has no result on its operands.
    Illegal,
}

/// Solves the equations of a candidate; `rf` gives the write of each read, in order of [`Structure::reads`].
///
/// # Errors
/// When the choices contradict each other, when a value depends on itself, and when an operation has no result.
pub fn solve(s: &Structure<'_>, rf: &[EventId]) -> Result<Solution, Unsolved> {
    let reads: Vec<_> = s.reads().collect();
    let mut known: Vec<Vec<Option<Value>>> =
        s.paths().iter().map(|path| vec![None; path.reads.len()]).collect();
    let mut circles = 0;
    loop {
        let mut changed = false;
        for ((_, thread, var), write) in reads.iter().zip(rf) {
            let at = var.0 as usize;
            if known[*thread][at].is_some() {
                continue;
            }
            let value = match s.stored_term(*write) {
                None => s.known_stored(*write),
                Some((writer, term)) => eval(s, &known, writer, term).map_err(|_| Unsolved::Illegal)?,
            };
            if let Some(value) = value {
                let width = s.event(s.read(*thread, *var)).map_or(64, |event| event.width);
                known[*thread][at] = Some(value.masked(width));
                changed = true;
            }
        }
        if !changed {
            if !name_circle(s, &mut known, &reads, rf, circles) {
                break;
            }
            circles += 1;
        }
    }
    let mut values = Vec::new();
    for thread in known {
        values.push(thread.into_iter().collect::<Option<Vec<Value>>>().ok_or(Unsolved::Inconsistent)?);
    }
    let mut solution = Solution { reads: values, addresses: Vec::new(), stored: Vec::new() };
    for event in s.events() {
        let address = match s.address_term(event) {
            Some((thread, term)) => Some(solution.eval(s, thread, term).map_err(|_| Unsolved::Illegal)?),
            None => s.known_address(event),
        };
        let stored = match s.stored_term(event) {
            Some((thread, term)) => Some(solution.eval(s, thread, term).map_err(|_| Unsolved::Illegal)?),
            None => s.known_stored(event),
        };
        solution.addresses.push(address);
        solution.stored.push(stored);
    }
    for ((event, ..), write) in reads.iter().zip(rf) {
        if solution.addresses[event.index()] != solution.addresses[write.index()] {
            return Err(Unsolved::Inconsistent);
        }
    }
    for (thread, path) in s.paths().iter().enumerate() {
        for (term, is) in &path.constraints {
            match solution.eval(s, thread, *term) {
                Ok(value) if value.is_true() == *is => {}
                Ok(_) => return Err(Unsolved::Inconsistent),
                Err(_) => return Err(Unsolved::Illegal),
            }
        }
    }
    for (thread, path) in s.paths().iter().enumerate() {
        for term in &path.either {
            solution.eval(s, thread, *term).map_err(|_| Unsolved::Illegal)?;
        }
    }
    // Nothing can be computed with a value that is not determined: such a candidate has no solution.
    let computes = |(thread, path): (usize, &&Path)| {
        path.registers.iter().all(|(_, term)| solution.eval(s, thread, *term).is_ok())
    };
    if circles > 0 && !s.paths().iter().enumerate().all(computes) {
        return Err(Unsolved::Inconsistent);
    }
    Ok(solution)
}

/// Reads that pass a value on in a circle return one that nothing determines. Gives the first circle's value this number;
/// false if there is no circle. Where something is computed in a circle, no value is known to solve it.
fn name_circle(
    s: &Structure<'_>,
    known: &mut [Vec<Option<Value>>],
    reads: &[(EventId, usize, VarId)],
    rf: &[EventId],
    number: u32,
) -> bool {
    let copied = |at: usize| {
        let (thread, term) = s.stored_term(rf[at])?;
        let var = s.paths()[thread].terms.copied(term)?;
        reads.iter().position(|(_, t, v)| (*t, *v) == (thread, var))
    };
    let unknown = |at: &usize| known[reads[*at].1][reads[*at].2.0 as usize].is_none();
    let circle = (0..reads.len()).filter(unknown).find(|start| {
        let mut at = Some(*start);
        // A circle that holds the start comes back to it within as many steps as there are reads.
        (0..reads.len()).any(|_| {
            at = at.and_then(copied);
            at == Some(*start)
        })
    });
    let Some(start) = circle else { return false };
    let (_, thread, var) = reads[start];
    known[thread][var.0 as usize] = Some(Value::Free(number));
    true
}

fn eval(
    s: &Structure<'_>,
    known: &[Vec<Option<Value>>],
    thread: usize,
    term: TermId,
) -> Result<Option<Value>, OpError> {
    s.paths()[thread].terms.eval(term, &|var: VarId| known[thread][var.0 as usize])
}
