//! Instructions as data, and their canonical text.

use super::register::Register;
use crate::operand::Target;
use execution::BinaryOp;
use std::fmt::{self, Display, Formatter};

/// An instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Instruction<'a> {
    /// `nop`
    Nop,
    /// `r[once] r1 x`
    Read { annotations: Vec<&'a str>, target: Register<'a>, address: Address<'a> },
    /// `w[once] x 1`
    Write { annotations: Vec<&'a str>, address: Address<'a>, value: Value<'a> },
    /// `rmw[once] r1 (add r1 1) x`
    Update { annotations: Vec<&'a str>, target: Register<'a>, value: Expression<'a>, address: Address<'a> },
    /// `f[mb]`, `f[mb] {L1} {L2}`
    Fence { annotations: Vec<&'a str>, between: Option<[Vec<&'a str>; 2]> },
    /// `call[sync]`
    Call { annotation: &'a str },
    /// `b[] r1 L`, `b[] L`
    Branch { annotations: Vec<&'a str>, condition: Option<Register<'a>>, target: Target<'a> },
    /// `mov r1 (eq r2 1)`
    Move { target: Register<'a>, value: Expression<'a> },
}

/// A register, a number, or the address of a location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// `r1`
    Register(Register<'a>),
    /// `1`
    Number(i64),
    /// `x`
    Location(&'a str),
}

/// What an access goes to: the sum of two values, if there are two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address<'a> {
    /// A register or a location.
    pub(super) base: Value<'a>,
    /// A register or a number.
    pub(super) offset: Option<Value<'a>>,
}

/// What is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expression<'a> {
    /// A value.
    Value(Value<'a>),
    /// `(add r1 1)`
    Binary { name: &'static str, op: BinaryOp, left: Value<'a>, right: Value<'a> },
}

/// Operations with their names.
pub(super) const OPERATIONS: [(&str, BinaryOp); 7] = [
    ("add", BinaryOp::Add),
    ("sub", BinaryOp::Sub),
    ("and", BinaryOp::And),
    ("or", BinaryOp::Or),
    ("xor", BinaryOp::Xor),
    ("eq", BinaryOp::Eq),
    ("neq", BinaryOp::Ne),
];

impl Display for Value<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Value::Register(register) => write!(f, "{register}"),
            Value::Number(number) => write!(f, "{number}"),
            Value::Location(name) => f.write_str(name),
        }
    }
}

impl Display for Address<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.base)?;
        self.offset.map_or(Ok(()), |offset| write!(f, "+{offset}"))
    }
}

impl Display for Expression<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Expression::Value(value) => write!(f, "{value}"),
            Expression::Binary { name, left, right, .. } => write!(f, "({name} {left} {right})"),
        }
    }
}

impl Display for Instruction<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        use Instruction::*;
        match self {
            Nop => f.write_str("nop"),
            Read { annotations, target, address } => {
                write!(f, "r[{}] {target} {address}", annotations.join(","))
            }
            Write { annotations, address, value } => {
                write!(f, "w[{}] {address} {value}", annotations.join(","))
            }
            Update { annotations, target, value, address } => {
                write!(f, "rmw[{}] {target} {value} {address}", annotations.join(","))
            }
            Fence { annotations, between: None } => write!(f, "f[{}]", annotations.join(",")),
            Fence { annotations, between: Some([from, to]) } => {
                write!(f, "f[{}] {{{}}} {{{}}}", annotations.join(","), from.join(","), to.join(","))
            }
            Call { annotation } => write!(f, "call[{annotation}]"),
            Branch { annotations, condition: None, target } => {
                write!(f, "b[{}] {target}", annotations.join(","))
            }
            Branch { annotations, condition: Some(register), target } => {
                write!(f, "b[{}] {register} {target}", annotations.join(","))
            }
            Move { target, value } => write!(f, "mov {target} {value}"),
        }
    }
}
