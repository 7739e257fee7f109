//! The reference engine: slow and obvious, straight from the definitions.
//!
//! It builds every candidate in full and runs the model on it with the general evaluator, so it shares with the fast
//! engine only the front ends and the equations of a path. It stays in the tree for ever: everything faster is held
//! against it.

use crate::{CompiledModel, EngineError, Problem, Sink, Stats};

/// Finds all executions that the model accepts.
///
/// # Errors
/// See [`EngineError`].
pub fn run(problem: &Problem<'_>, model: &CompiledModel, sink: &mut dyn Sink) -> Result<Stats, EngineError> {
    crate::general::run(problem, model, sink)
}
