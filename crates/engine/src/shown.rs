//! An execution to be looked at.

use execution::{Kind, Value};
use relation::Relation;

/// An event of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownEvent {
    /// Its thread; `None` for initial writes.
    pub thread: Option<u16>,
    /// The position of its instruction in the thread's code.
    pub instruction: u32,
    /// What it does.
    pub kind: Kind,
    /// Its address.
    pub address: Option<Value>,
    /// What it reads or writes; what an update reads.
    pub value: Option<Value>,
    /// What it stores.
    pub stored: Option<Value>,
}

/// An execution that a model accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its events, thread by thread in program order, initial writes first.
    pub events: Vec<ShownEvent>,
    /// From each write to the reads that read it.
    pub rf: Relation,
    /// The order of writes to each location, as far as the model chose one.
    pub co: Relation,
}
