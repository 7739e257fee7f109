//! Functions of a program as the threads of a litmus test.
//!
//! A thread has the instructions of its function that access memory or decide about that; what only computes what nobody
//! looks at is left out. Maps and variables become locations: each part of one that is accessed by itself, where its
//! address is known; else all of it.
//!
//! Deviations from what a kernel would do:
//! 1. Lookups in maps find something. Two lookups of which the keys are not known find the same.
//! 2. Functions of the kernel whose effect on memory is declared nowhere (`isa::bpf::callee`, or the caller) do nothing; a result that is
//!    looked at is what the caller assumes, or else zero, and that is said.
//! 3. The context is memory of the thread's own.

mod items;
mod live;
mod locations;
mod text;

#[cfg(test)]
mod tests;

use crate::program::{Data, DataKind, Program};
use isa::bpf::callee::Effect;
use items::{Body, bodies};
use locations::Locations;
use syntax::{Diagnostic, Span};

/// How a test is made.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The name of the test.
    pub name: String,
    /// The functions that are its threads, in this order.
    pub threads: Vec<String>,
    /// Locations whose addresses every thread has in `r1`, `r2`, … when it starts, instead of a context.
    pub arguments: Vec<String>,
    /// Results of functions of the kernel.
    pub results: Vec<(String, i32)>,
    /// What functions of the kernel do to memory, beside those that `isa::bpf::callee` has.
    pub effects: Vec<(String, Effect)>,
    /// The condition; without one, any outcome.
    pub condition: Option<String>,
}

/// A thread: the function itself, and those that it calls.
struct Thread {
    bodies: Vec<Body>,
}

/// Makes a litmus test. The list says what was assumed, and, without a test, what is wrong.
#[must_use]
pub fn slice(program: &Program, options: &Options) -> (Option<String>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    for name in options.threads.iter().filter(|name| program.function(name).is_none()) {
        let message = format!("there is no function `{name}` in this program");
        let known = program.functions.iter().map(|function| &*function.name);
        let error = Diagnostic::error("bpf::unknown-function", Span::default(), message);
        diagnostics.push(error.with_suggestion(name, known));
    }
    if !diagnostics.is_empty() {
        return (None, diagnostics);
    }
    let program = with_arguments(program, &options.arguments);
    let arguments = program.data.len() - options.arguments.len()..program.data.len();
    let mut locations = Locations::default();
    // Where the address of an object turns out to be needed, the object can't be divided; then all begins again.
    loop {
        diagnostics.clear();
        let mut threads: Vec<Thread> = options
            .threads
            .iter()
            .map(|name| Thread { bodies: bodies(&program, name, &arguments, options, &mut diagnostics) })
            .collect();
        locations.enter(&program, &threads);
        for thread in &mut threads {
            live::prune(thread, &locations);
        }
        let mut needed = locations.needed_whole(&threads);
        needed.extend(threads.iter().flat_map(|thread| text::crowded(thread, &locations)));
        if needed.is_empty() {
            let items = threads.iter().flat_map(|thread| &thread.bodies).flat_map(|body| &body.items);
            diagnostics.extend(items.filter_map(|item| item.note.clone()));
            let test = text::test(&program, options, &threads, &locations);
            diagnostics.dedup();
            return (Some(test), diagnostics);
        }
        locations.keep_whole(needed);
    }
}

/// The program, with the arguments as variables behind its own.
fn with_arguments(program: &Program, arguments: &[String]) -> Program {
    let mut program = program.clone();
    program.data.extend(arguments.iter().map(|name| Data {
        name: name.clone(),
        kind: DataKind::Variable(Vec::new()),
        size: 8,
        scalars: Vec::new(),
    }));
    program
}
