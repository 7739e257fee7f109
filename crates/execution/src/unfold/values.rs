//! What registers and the temporaries of instructions hold: terms, and the events that these come from.

use crate::term::TermId;
use smallvec::SmallVec;

/// The memory events that a value comes from.
pub(super) type Taint = SmallVec<[u32; 4]>;

pub(super) fn add_taint(taint: &mut Taint, more: &[u32]) {
    for event in more {
        if !taint.contains(event) {
            taint.push(*event);
        }
    }
}

/// What a register holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Register {
    pub(super) term: TermId,
    /// The event that wrote it, where register events are wanted.
    pub(super) writer: Option<u32>,
    pub(super) taint: Taint,
}

/// A value inside an instruction.
#[derive(Debug)]
pub(super) struct TempValue {
    pub(super) term: TermId,
    /// Events of this instruction that it comes from.
    pub(super) from: SmallVec<[u32; 4]>,
    pub(super) taint: Taint,
}

// Numbers are copied as a slice: a small vector clones one element after the other.

impl Clone for Register {
    fn clone(&self) -> Register {
        Register { term: self.term, writer: self.writer, taint: Taint::from_slice(&self.taint) }
    }
}

impl Clone for TempValue {
    fn clone(&self) -> TempValue {
        TempValue {
            term: self.term,
            from: SmallVec::from_slice(&self.from),
            taint: Taint::from_slice(&self.taint),
        }
    }
}

/// A value computed from others.
pub(super) fn merge<const N: usize>(term: TermId, operands: [&TempValue; N]) -> TempValue {
    let mut result = TempValue { term, from: SmallVec::new(), taint: Taint::new() };
    for operand in operands {
        add_taint(&mut result.from, &operand.from);
        add_taint(&mut result.taint, &operand.taint);
    }
    result
}
