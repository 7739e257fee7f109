//! Instructions in bytes.
//!
//! Source: RFC 9669 (“BPF Instruction Set Architecture (ISA)”, October 2024), sections 3 to 5, and the kernel's header of
//! the instruction set (`include/uapi/linux/bpf.h`, Linux 7.3) for what the RFC does not have.
//!
//! Deviations:
//! 1. Fields that an instruction does not use must be zero, as the kernel's verifier wants it; the RFC only advises so.
//! 2. `callx` names its register in the field `dst`; older compilers have put it into `imm`, which is read, too, but not
//!    written.
//! 3. Forms that the kernel makes for itself once it has accepted a program (loads that may fault, arenas) are not
//!    instructions of programs. They are named in the diagnostic.

mod decode;
mod encode;
mod slot;

pub use decode::{Decoded, Problem, decode, decode_at};
pub use encode::{Unencodable, encode};
pub use slot::{Endian, SLOT_BYTES, Slot};

/// Classes of instructions: the lower three bits of the opcode.
mod class {
    pub(super) const LD: u8 = 0;
    pub(super) const LDX: u8 = 1;
    pub(super) const ST: u8 = 2;
    pub(super) const STX: u8 = 3;
    pub(super) const ALU: u8 = 4;
    pub(super) const JMP: u8 = 5;
    pub(super) const JMP32: u8 = 6;
    pub(super) const ALU64: u8 = 7;
}

/// Modes of loads and stores: the upper three bits of the opcode.
mod mode {
    pub(super) const IMM: u8 = 0x00;
    pub(super) const ABS: u8 = 0x20;
    pub(super) const IND: u8 = 0x40;
    pub(super) const MEM: u8 = 0x60;
    pub(super) const MEMSX: u8 = 0x80;
    pub(super) const ATOMIC: u8 = 0xc0;
}

/// Codes of arithmetic: the upper four bits of the opcode.
mod alu {
    pub(super) const NEG: u8 = 0x80;
    pub(super) const MOV: u8 = 0xb0;
    pub(super) const END: u8 = 0xd0;
}

/// Codes of jumps: the upper four bits of the opcode.
mod jump {
    pub(super) const JA: u8 = 0x00;
    pub(super) const CALL: u8 = 0x80;
    pub(super) const EXIT: u8 = 0x90;
    pub(super) const JCOND: u8 = 0xe0;
}

/// Operations of atomic instructions: the field `imm`.
mod atomic {
    pub(super) const ADD: i32 = 0x00;
    pub(super) const OR: i32 = 0x40;
    pub(super) const AND: i32 = 0x50;
    pub(super) const XOR: i32 = 0xa0;
    pub(super) const FETCH: i32 = 0x01;
    pub(super) const XCHG: i32 = 0xe1;
    pub(super) const CMPXCHG: i32 = 0xf1;
    pub(super) const LOAD_ACQ: i32 = 0x100;
    pub(super) const STORE_REL: i32 = 0x110;
}

/// Bit of the opcode: the second operand is a register.
const SOURCE_REGISTER: u8 = 0x08;

/// `st` with the mode of atomic instructions: the kernel's barrier against speculation.
const NOSPEC: u8 = mode::ATOMIC | class::ST;

#[cfg(test)]
mod tests;
