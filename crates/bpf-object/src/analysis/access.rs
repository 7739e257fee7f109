//! Accesses to memory.

use super::{Place, Registers, States, Value, of_source};
use crate::program::Function;
use isa::bpf::{AtomicOp, Instruction, Modify, Register};

/// Whether an access reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Read,
    Write,
    Both,
}

/// What an access orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Nothing.
    Plain,
    /// Nothing, although it is atomic; on x86, everything.
    Unordered,
    /// What is behind it.
    Acquire,
    /// What is before it.
    Release,
    /// Everything.
    Full,
    /// Everything, if it stores.
    Compare,
}

/// An access of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    /// Position of the instruction in the function.
    pub(crate) at: usize,
    pub(crate) kind: Kind,
    pub(crate) order: Order,
    /// Where, as far as it is known.
    pub(crate) place: Option<Place>,
    /// The register that has the address.
    pub(crate) base: Register<'static>,
    /// Distance from `base`.
    pub(crate) offset: i16,
    /// Bytes.
    pub(crate) size: u32,
    /// The registers that the value comes from.
    pub(crate) data: Registers,
    /// Whether it writes back what was there: addition of zero, and the like.
    pub(crate) is_idle: bool,
}

impl Access {
    pub(crate) fn reads(&self) -> bool {
        self.kind != Kind::Write
    }

    pub(crate) fn writes(&self) -> bool {
        self.kind != Kind::Read
    }

    /// Whether other threads may see it: what is not known may be anything.
    pub(crate) fn is_shared(&self) -> bool {
        self.place.is_none_or(|place| place.object.is_shared())
    }

    /// The place, if all of it is known and others may access it.
    pub(crate) fn location(&self) -> Option<Place> {
        self.place.filter(|place| place.object.is_shared() && place.offset.is_some())
    }
}

/// The accesses of a function that can be reached, in the order of its instructions.
pub(crate) fn accesses(function: &Function, states: &States) -> Vec<Access> {
    (0..function.lines.len()).filter_map(|at| access(function, states, at)).collect()
}

fn access(function: &Function, states: &States, at: usize) -> Option<Access> {
    let state = states.before(at)?;
    let new = |kind, order, base, offset, size, data| Access {
        at,
        kind,
        order,
        place: state.place(base, offset),
        base,
        offset,
        size,
        data,
        is_idle: false,
    };
    let nothing = Registers::default();
    Some(match *function.lines[at].instruction()? {
        Instruction::Load { size, base, offset, .. } => {
            new(Kind::Read, Order::Plain, base, offset, size.bytes(), nothing)
        }
        Instruction::LoadAcquire { size, base, offset, .. } => {
            new(Kind::Read, Order::Acquire, base, offset, size.bytes(), nothing)
        }
        Instruction::Store { size, base, offset, src } => {
            new(Kind::Write, Order::Plain, base, offset, size.bytes(), of_source(src))
        }
        Instruction::StoreRelease { size, base, offset, src } => {
            new(Kind::Write, Order::Release, base, offset, size.bytes(), Registers::one(src))
        }
        Instruction::Atomic { width, modify, base, offset, src } => {
            let order = match modify {
                Modify::Update(_) => Order::Unordered,
                Modify::Fetch(_) | Modify::Exchange => Order::Full,
                Modify::CompareExchange => Order::Compare,
            };
            let access = new(Kind::Both, order, base, offset, width.size().bytes(), Registers::one(src));
            Access { is_idle: is_idle(modify, state.register(src), width.bits()), ..access }
        }
        _ => return None,
    })
}

/// Whether the operation leaves everything as it is.
fn is_idle(modify: Modify, value: Value, bits: u32) -> bool {
    let Value::Constant(number) = value else { return false };
    let number = number << (64 - bits);
    match modify {
        Modify::Update(AtomicOp::Add | AtomicOp::Or | AtomicOp::Xor) => number == 0,
        Modify::Update(AtomicOp::And) => number == u64::MAX << (64 - bits),
        _ => false,
    }
}
