//! Programming languages: text → checked syntax tree → micro-operations.
//!
//! One module a language. This crate knows no memory model, and no litmus files either: who calls it cuts the threads
//! out of the test.

pub mod c;
