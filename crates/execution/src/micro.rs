//! Micro-operations: what every source language and every instruction set is turned into.
//!
//! An instruction is a short list of [`Micro`]s over [`Temp`]s. Reads and writes of registers and of memory, fences
//! and branches make *events*; the flow of values through temps makes the intra-instruction data edges (`iico_data`)
//! between them. A temp carries with its value the events of this instruction that it comes from:
//!
//! | micro | gets a data edge from | its result comes from |
//! | --- | --- | --- |
//! | `ReadReg`, `Load` | the address, if any | itself |
//! | `Unary`, `Binary`, `IfThenElse` | (no event) | all that the operands come from |
//! | `Detach` | (no event) | nothing: the value without its past |
//! | `WriteReg`, `Store`, `Branch`, `Commit`, `Pick` | its operands | |
//!
//! Everything else is said with [`Micro::Edge`].
//!
//! For models that do not compute dependencies themselves, `addr`, `data` and `ctrl` follow from the same flow, from
//! memory reads through registers to address operands, stored values and branch conditions.

use crate::value::{BinaryOp, UnaryOp, Value};
use std::sync::Arc;
use syntax::Span;

/// A register: the position of its name in [`Program::registers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reg(pub u16);

/// A value inside an instruction. Temps are numbered from 0 in each instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Temp(pub u16);

/// An event inside an instruction, for [`Micro::Edge`]. Numbered from 0 in each instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ev(pub u16);

/// A label of a thread: the position in [`Thread::labels`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelId(pub u16);

/// What an event is marked with: bit `i` stands for the set of events that cat calls `Program::tags[i]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tags(pub u128);

impl Tags {
    /// No tag.
    pub const NONE: Tags = Tags(0);

    /// The `i`-th tag alone.
    pub const fn one(i: usize) -> Tags {
        Tags(1 << i)
    }

    /// Both.
    #[must_use]
    pub const fn with(self, other: Tags) -> Tags {
        Tags(self.0 | other.0)
    }

    /// Whether the `i`-th tag is set.
    pub const fn has(self, i: usize) -> bool {
        self.0 >> i & 1 != 0
    }
}

/// What a register read is for (the cat sets `ADDR` and `DATA`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Port {
    /// Neither of the others.
    #[default]
    Plain,
    /// The address of a memory access.
    Addr,
    /// The value to store.
    Data,
}

/// Intra-instruction causality.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EdgeKind {
    /// `iico_data`
    Data,
    /// `iico_ctrl`
    Ctrl,
    /// `iico_order`
    Order,
}

/// One micro-operation. Widths are in bits; `dst` is the temp that gets the result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named in the text of each variant")]
pub enum Micro {
    /// `dst` is a known value.
    Const { dst: Temp, value: Value },
    /// `dst` has a value that can't be known. Nothing is wrong as long as nothing needs it.
    Unknown { dst: Temp },
    /// `dst := op a`
    Unary { dst: Temp, op: UnaryOp, width: u8, a: Temp },
    /// `dst := a op b`
    Binary { dst: Temp, op: BinaryOp, width: u8, a: Temp, b: Temp },
    /// `dst := cond ? then : otherwise`, without choosing a path.
    IfThenElse { dst: Temp, cond: Temp, then: Temp, otherwise: Temp },
    /// `dst` has the value of `src`, but comes from nothing: no dependency goes through it.
    Detach { dst: Temp, src: Temp },
    /// Event `ev`: reads a register.
    ReadReg { dst: Temp, reg: Reg, port: Port, ev: Ev },
    /// Event `ev`: writes a register.
    WriteReg { src: Temp, reg: Reg, ev: Ev },
    /// Event `ev`: reads memory; the result is zero-extended from `width`.
    Load { dst: Temp, addr: Temp, width: u8, tags: Tags, ev: Ev },
    /// Event `ev`: writes the low `width` bits of `value` to memory.
    Store { addr: Temp, value: Temp, width: u8, tags: Tags, ev: Ev },
    /// Event `ev`: one event that reads and writes memory. The value that it writes is said by a later `SetUpdate`.
    Update { dst: Temp, addr: Temp, width: u8, tags: Tags, ev: Ev },
    /// What the event of an earlier `Update` writes; adds no edge.
    SetUpdate { ev: Ev, value: Temp },
    /// Event `ev`: has a location, but neither reads nor writes it. What it means is up to the model, by its tags:
    /// operations on locks, for one.
    Located { addr: Temp, tags: Tags, ev: Ev },
    /// Event `ev`: a fence or another event without location and value.
    Fence { tags: Tags, ev: Ev },
    /// Event `ev` (a branch, cat sets `B` and `BCC`): continues at `target` if `cond` is true, else behind.
    /// Everything behind it in program order is control-dependent on what `cond` comes from.
    Branch { cond: Temp, target: LabelId, ev: Ev },
    /// As `Branch`, but only what comes before `join` is control-dependent on `cond`: in structured languages a
    /// dependency ends where the ways meet again. `join` is the first place that every way goes through.
    Guard { cond: Temp, target: LabelId, join: LabelId, ev: Ev },
    /// Event `ev` (cat set `B`, but not `BCC`): a choice inside the instruction that depends on `cond`.
    /// Chooses nothing itself: an `Alt` with `Assume`s does, and `Edge`s say what hangs on it.
    Pick { cond: Temp, ev: Ev },
    /// Event `ev` (a branch, cat sets `B` and `BCC`) of a jump whose target is `target`; a `JumpTo` follows.
    /// Everything behind it in program order is control-dependent on what `target` comes from.
    Commit { target: Temp, ev: Ev },
    /// `dst` is the code address that `label` names.
    LabelAddress { dst: Temp, label: LabelId },
    /// `dst` is the code address of the next instruction.
    NextAddress { dst: Temp },
    /// Continues at `target`.
    Jump { target: LabelId },
    /// Continues at the code address in `target`. Ends the thread if that is the end of its code.
    JumpTo { target: Temp },
    /// Goes each of these ways: one execution for every one whose assumptions hold.
    Alt(Vec<Vec<Micro>>),
    /// This way is taken only if the truth value of `cond` is `is`.
    Assume { cond: Temp, is: bool },
    /// An edge beside those that values make. Ignored if one of the events is not on this way.
    Edge { kind: EdgeKind, from: Ev, to: Ev },
    /// Ends the thread.
    Halt,
    /// A run that gets here is wrong in a way that the test's author should hear about, if the model accepts it.
    Fail { message: String },
}

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Instruction {
    /// What it does; shared by all places where it stands.
    pub micro: Arc<Vec<Micro>>,
    /// Where it stands in the test.
    pub span: Span,
    /// Its canonical text.
    pub text: Arc<str>,
}

/// One thread.
#[derive(Clone, Debug, Default)]
pub struct Thread {
    /// Its instructions.
    pub code: Vec<Instruction>,
    /// Its labels, each with the position that it names in `code`: at most the length of `code`.
    pub labels: Vec<(String, u32)>,
    /// Whether it was written in a structured language, where an instruction is a whole statement. Then `po` has the
    /// events of one instruction too, where one follows from the other; and a jump back counts as a round of a loop
    /// only if something was left open since the last one, for what decides stands elsewhere.
    pub structured: bool,
}

/// A program, whatever language it was written in.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The threads.
    pub threads: Vec<Thread>,
    /// Names of the registers, in the order in which states print them.
    pub registers: Names,
    /// Names of the tags: the cat sets that they stand for.
    pub tags: Names,
}

/// A numbered list of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// Known when Turnsole was built.
    Static(&'static [&'static str]),
    /// Known when the test was read.
    Owned(Vec<String>),
    /// Known when the model was read: the same for many tests.
    Shared(Arc<Vec<String>>),
}

impl Names {
    /// The name of that number.
    pub fn get(&self, i: usize) -> Option<&str> {
        match self {
            Names::Static(names) => names.get(i).copied(),
            Names::Owned(names) => names.get(i).map(String::as_str),
            Names::Shared(names) => names.get(i).map(String::as_str),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Names::Static(names) => names.len(),
            Names::Owned(names) => names.len(),
            Names::Shared(names) => names.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|i| self.get(i))
    }
}

impl Default for Names {
    fn default() -> Names {
        Names::Static(&[])
    }
}
