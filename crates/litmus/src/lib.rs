//! The litmus file format: parse, print, hash; logs, lists of kinds and names, and directives in comments.
//!
//! Knows no instruction: cells of assembly and bodies of C functions stay text, with spans, for other rooms to read.

mod ast;
mod spans;

pub use ast::*;

/// How deep propositions and values may nest.
pub const MAX_NESTING: usize = 200;
