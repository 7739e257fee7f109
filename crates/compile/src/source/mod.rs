//! Front ends: a test as instructions by name ([`crate::mapping::vocabulary`]), with registers that have numbers.

pub(crate) mod bpf;
pub(crate) mod c;
mod c_atomic;
mod c_expr;
mod c_stmt;

use std::collections::BTreeMap;
use syntax::Span;

/// A register of the source, or a variable. A mapping's list of registers says what it is in the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Virtual(pub(crate) u32);

/// A label of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Label(pub(crate) u32);

/// An operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    Register(Virtual),
    Number(i64),
    Label(Label),
}

impl From<Virtual> for Operand {
    fn from(register: Virtual) -> Operand {
        Operand::Register(register)
    }
}

impl From<i64> for Operand {
    fn from(number: i64) -> Operand {
        Operand::Number(number)
    }
}

impl From<Label> for Operand {
    fn from(label: Label) -> Operand {
        Operand::Label(label)
    }
}

/// What a thread is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// An instruction, and where it stands in the test.
    Instruction { name: String, operands: Vec<Operand>, span: Span },
    /// A place to jump to.
    Label(Label),
}

/// A register that a test can name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// What it is here.
    pub(crate) register: Virtual,
    /// Its type in C, with which the target shows it; `None`: as the target does by itself.
    pub(crate) ty: Option<litmus::Type>,
}

/// A thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Thread {
    /// What it does.
    pub(crate) items: Vec<Item>,
    /// Registers that hold addresses of locations at the start, beside what the test says.
    pub(crate) addresses: Vec<(Virtual, String)>,
    /// The registers that the test may name.
    pub(crate) names: BTreeMap<String, Named>,
}

/// A test, cut into instructions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Program {
    /// One for each thread of the test.
    pub(crate) threads: Vec<Thread>,
    /// Types of locations that the test's initial state does not give, by name.
    pub(crate) types: BTreeMap<String, litmus::Type>,
}

/// Why a test can't be translated: what there is in it, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unsupported {
    pub(crate) what: String,
    pub(crate) span: Span,
}

impl Unsupported {
    pub(crate) fn new(what: impl Into<String>, span: Span) -> Unsupported {
        Unsupported { what: what.into(), span }
    }
}

pub(crate) type Result<T> = std::result::Result<T, Unsupported>;
