//! The cat and bell languages: text → [`ast`] → checked, loaded [`ast::Model`] → evaluation or a plan.
//!
//! This crate knows no instruction and no litmus test.

pub mod ast;
pub mod bell;
mod check;
pub mod eval;
mod format;
mod lexer;
pub mod library;
mod load;
mod parser;
pub mod plan;
pub mod predefined;
mod print;

pub use check::{CheckOptions, check, named_variants};
pub use format::format;
pub use load::{Loader, load, load_text};
pub use parser::parse;
pub use print::{print, print_expr};
