//! Propositions about the end of an execution.

use execution::Value;

/// A proposition over the values of [`crate::Problem::observed`], by position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proposition {
    /// True or false.
    Constant(bool),
    /// A value, cut to a width, equals another, or does not.
    Value {
        /// The observed value.
        at: usize,
        /// How many bits count.
        width: u8,
        /// The other value.
        value: Value,
        /// Whether they are to be equal.
        equal: bool,
    },
    /// Two observed values, cut to a width, are equal, or not.
    Same {
        /// The one.
        at: usize,
        /// The other.
        other: usize,
        /// How many bits count.
        width: u8,
        /// Whether they are to be equal.
        equal: bool,
    },
    /// Not.
    Not(Box<Proposition>),
    /// All.
    And(Vec<Proposition>),
    /// At least one.
    Or(Vec<Proposition>),
}
