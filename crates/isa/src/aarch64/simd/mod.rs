//! Advanced SIMD and floating-point registers: loads, stores, copies, and the integer arithmetic that compilers make of
//! loops.
//!
//! Arm Architecture Reference Manual (DDI 0487), chapters B2.2 (atomicity) and C7. Deviations:
//! 1. A register of 128 bits is loaded and stored by two accesses of 64 bits without order between them, as the
//!    architecture has it without FEAT_LSE2; in tests that declare something of 128 bits in memory, by one access.
//! 2. `LD1` to `LD4` and `ST1` to `ST4` access memory element by element, without order.
//! 3. There is no floating-point arithmetic; floating-point numbers are moved only.

mod compute;
mod copy;
mod instruction;
mod memory;
mod mnemonic;
mod parse;
mod print;
mod register;
#[cfg(test)]
mod tests;

pub(super) use instruction::Simd;
pub(super) use mnemonic::{Form, all, find};
pub(super) use parse::{at_vector, parse};
pub(super) use register::{lanes, register};
