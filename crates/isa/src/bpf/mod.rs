//! BPF: RFC 9669 (“BPF Instruction Set Architecture”, 2024) and what the Linux kernel has added to it since.
//!
//! [`Instruction`] serves programs in bytes, where jumps have distances, and programs in text, where they have labels.

pub mod bytes;
mod instruction;

pub use instruction::{
    AluOp, AtomicOp, Callee, Instruction, Modify, Register, Size, Source, Swap, Target, Test, Wide, Width,
};
