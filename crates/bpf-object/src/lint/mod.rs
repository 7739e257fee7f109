//! What may go wrong in a program that runs on several processors at once.
//!
//! Each finding is a warning with a stable code. None is a proof: places in memory and ways through the program are
//! known only as far as they can be seen without running it.

mod cycle;
mod exchange;
mod pairing;

use crate::analysis::{Access, Object, Order, Place, States, accesses};
use crate::program::{DataKind, Function, Program};
use crate::sections::in_function;
use syntax::Diagnostic;

/// A function with what is known of it.
struct Known<'p> {
    function: &'p Function,
    states: States,
    accesses: Vec<Access>,
}

/// States of walks that are looked at, of all functions together: enough for all but the largest programs.
const MAX_STATES: usize = 1 << 21;

/// Looks for what may go wrong.
#[must_use]
pub fn lint(program: &Program) -> Vec<Diagnostic> {
    let known: Vec<Known<'_>> = program
        .functions
        .iter()
        .map(|function| {
            let states = States::of(program, function);
            Known { function, accesses: accesses(function, &states), states }
        })
        .collect();
    let mut found = Vec::new();
    let mut budget = MAX_STATES;
    for one in &known {
        barriers(one, &mut found);
        exchange::check(program, one, &mut budget, &mut found);
    }
    pairing::check(program, &known, &mut found);
    cycle::check(program, &known, MAX_STATES, &mut found);
    found
}

/// A warning about an instruction.
fn warning(code: &'static str, function: &Function, at: usize, message: &str) -> Diagnostic {
    let line = &function.lines[at];
    let mut message = in_function(function, &line.decoded, message);
    if let Some(source) = &line.source {
        message += &format!(" [{}:{}]", source.file, source.line);
    }
    Diagnostic::warning(code, line.span, message)
}

/// Where an instruction is, for messages about others.
fn name_of(function: &Function, at: usize) -> String {
    let line = &function.lines[at];
    let slot = line.decoded.index - function.offset as usize / isa::bpf::bytes::SLOT_BYTES;
    match &line.source {
        Some(source) => format!("`{}` at {slot} [{}:{}]", function.name, source.file, source.line),
        None => format!("`{}` at {slot}", function.name),
    }
}

/// What a place is called.
fn place_name(program: &Program, place: Place) -> String {
    let (position, key) = match place.object {
        Object::Variable(position) => (position, None),
        Object::Element(position, key) => (position, key),
        Object::Stack => return "the stack".to_owned(),
        Object::Context => return "the context".to_owned(),
    };
    let Some(data) = program.data.get(position) else { return "memory".to_owned() };
    let mut name = data.name.clone();
    if matches!(data.kind, DataKind::Map(_)) {
        name += &key.map_or_else(|| "[…]".to_owned(), |key| format!("[{key}]"));
    }
    let offset = place.offset.unwrap_or(0);
    let scalar = data.scalars.iter().find(|scalar| i64::try_from(scalar.offset) == Ok(offset));
    match scalar {
        Some(scalar) if scalar.name.is_empty() => name,
        Some(scalar) if scalar.name.starts_with('[') => format!("{name}{}", scalar.name),
        Some(scalar) => format!("{name}.{}", scalar.name),
        None if offset == 0 => name,
        None => format!("{name}{offset:+}"),
    }
}

/// Atomic operations without a result whose only purpose can be that they order something, which they don't.
fn barriers(known: &Known<'_>, found: &mut Vec<Diagnostic>) {
    for access in known.accesses.iter().filter(|access| access.order == Order::Unordered) {
        let on_stack = access.place.is_some_and(|place| place.object == Object::Stack);
        let why = match (on_stack, access.is_idle) {
            (true, _) => "on the stack, which no other thread sees,",
            (false, true) => "that changes nothing",
            (false, false) => continue,
        };
        let message = format!(
            "an atomic operation {why} can only be meant as a barrier, but without FETCH it orders nothing"
        );
        let help = "take one that fetches, such as `r1 = atomic_fetch_or(…)`; clang up to 19 and GCC drop the FETCH of \
                    `__sync_fetch_and_…` if the result is not used";
        found.push(warning("bpf::unordered-atomic", known.function, access.at, &message).with_help(help));
    }
}

#[cfg(test)]
mod tests;
