//! A second opinion on what was found: the execution is built anew from its choices, its equations are solved as the
//! reference engine solves them, and the general evaluator judges it.

use super::search::Search;
use crate::Observable;
use cat::plan::Base;
use execution::{EventId, Path, Structure, Value, solve};
use relation::Relation;

/// Larger executions are not judged again: the general evaluator goes through all coherence orders.
const MAX_EVENTS: usize = 24;
const MAX_WRITES: usize = 6;

/// Whether the execution in the solver's model is one, ends with these values, and is accepted; else what is wrong.
pub(super) fn certify(search: &Search<'_, '_, '_>, values: &[Value]) -> Result<(), String> {
    let (encoding, sat, problem) = (&search.encoding, &search.sat, search.problem);
    let merged = &encoding.s;
    let ways: Vec<usize> =
        (0..encoding.owners.len()).filter(|way| sat.holds(encoding.active[*way])).collect();
    if !ways.iter().map(|way| encoding.owners[*way]).eq(0..problem.paths.len()) {
        return Err("not exactly one way through each thread".to_owned());
    }
    let paths: Vec<&Path> = ways.iter().map(|way| merged.paths()[*way]).collect();
    let s = Structure::new(paths, problem.memory);
    let moved = |event: EventId| match merged.thread(event) {
        None => {
            let address = merged.known_address(event);
            s.events().find(|new| s.thread(*new).is_none() && s.known_address(*new) == address)
        }
        Some(way) => {
            let thread = ways.iter().position(|known| *known == way)?;
            Some(s.read_event(thread, event.0 - merged.read_event(way, 0).0))
        }
    };
    let mut rf = Vec::new();
    for (_, thread, var) in s.reads() {
        let read = encoding.reads.iter().find(|read| read.thread == ways[thread] && read.var == var);
        let chosen = read.and_then(|read| read.writers.iter().find(|(_, literal)| sat.holds(*literal)));
        let writer = chosen.and_then(|(writer, _)| moved(*writer));
        rf.push(writer.ok_or("a read without a write")?);
    }
    let solution = solve(&s, &rf).map_err(|error| format!("the equations have no solution: {error:?}"))?;
    let finals: Vec<(Value, EventId)> = encoding
        .last
        .iter()
        .filter(|(_, literal)| sat.holds(*literal))
        .filter_map(|(write, _)| moved(*write))
        .filter_map(|write| Some((solution.addresses[write.index()]?, write)))
        .collect();
    for (observable, value) in problem.observed.iter().zip(values) {
        let found = match *observable {
            Observable::Register(thread, reg) => {
                let path = s.paths()[usize::from(thread)];
                match crate::final_register(problem, path, thread, reg) {
                    Ok(term) => solution.eval(&s, thread.into(), term).ok(),
                    Err(value) => Some(value),
                }
            }
            Observable::Memory(address) => match finals.iter().find(|(known, _)| *known == address) {
                Some((_, write)) => solution.stored[write.index()],
                None => Some(problem.memory.value(address)),
            },
        };
        if found != Some(*value) {
            return Err(format!("{observable:?} is {found:?}, not {value:?}"));
        }
    }
    let writes = s.writes().filter(|write| s.thread(*write).is_some()).count();
    if s.len() > MAX_EVENTS || writes > MAX_WRITES {
        return Ok(());
    }
    let mut co = Relation::empty(s.len());
    for (a, b, before) in encoding.ordered(Base::Co) {
        if let (Some(a), Some(b)) = (moved(a), moved(b))
            && sat.holds(before)
            && solution.addresses[a.index()] == solution.addresses[b.index()]
        {
            co.insert(a.index(), b.index());
        }
    }
    let accepted = crate::general::accepts(problem, search.model, (&s, &rf, &solution), &finals, &co);
    match accepted {
        Ok(true) => Ok(()),
        Ok(false) => Err("the model rejects it".to_owned()),
        // What the evaluator can't say is not held against it.
        Err(_) => Ok(()),
    }
}
