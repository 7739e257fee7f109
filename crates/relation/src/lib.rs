//! Sets of events and relations over them, as bit matrices.
//!
//! A relation over `n` elements is `n` rows of `⌈n/64⌉` words; bit `j` of row `i` says that `(i, j)` is in it.
//! Up to 64 elements a row is one word: that is the fast path, and nothing but the width changes beyond it.
//!
//! [`Set`] and [`Relation`] own their bits and are comfortable; [`kernel`] works on borrowed words, allocates
//! nothing, and is what the engines run per candidate. This crate knows no memory model.

pub mod kernel;
mod matrix;
mod set;

pub use kernel::Shape;
pub use matrix::Relation;
pub use set::Set;
