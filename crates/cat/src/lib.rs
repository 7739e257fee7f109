//! The cat and bell languages: text → [`ast`] → checked, loaded [`ast::Model`] → evaluation or a plan.
//!
//! This crate knows no instruction and no litmus test.

pub mod ast;
