//! The litmus file format: parse, print, hash; logs, lists of kinds and names, and directives in comments.
//!
//! Knows no instruction: cells of assembly and bodies of C functions stay text, with spans, for other rooms to read.

mod ast;
mod c_program;
mod condition;
mod directives;
mod display;
mod format;
mod hash;
mod header;
mod init;
mod lexer;
mod lists;
mod log;
mod parse;
mod parser;
mod places;
mod plain;
mod print;
mod program;
mod scan;
mod spans;

pub use ast::*;
pub use directives::{Expectation, Origin, Outcome, expectations};
pub use display::{Bare, Form, Numbers, Style, Styled};
pub use format::format;
pub use hash::{CodeLine, hash, hash_source};
pub use lists::{Kind, read_conditions, read_kinds, read_list, read_names, read_renames};
pub use log::{Entry, Gap, Log, LoggedState, LoggedTest, Observation, State, Validation, read_log};
pub use parse::parse;
pub use places::Places;

/// How deep propositions and values may nest.
pub const MAX_NESTING: usize = 200;
