//! The canonical text.

use super::instruction::{Am, AmOp, Instruction, Offset};
use super::mnemonic::{AMS, LETTERS};
use execution::BinaryOp;
use std::fmt::{self, Display, Formatter};

impl Display for Am {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (op, unsigned) = match self.op {
            AmOp::Fetch(BinaryOp::MaxUnsigned) => (AmOp::Fetch(BinaryOp::MaxSigned), "u"),
            AmOp::Fetch(BinaryOp::MinUnsigned) => (AmOp::Fetch(BinaryOp::MinSigned), "u"),
            op => (op, ""),
        };
        let name = AMS.iter().find(|(_, known)| *known == op).map_or("", |(name, _)| *name);
        let letter = LETTERS.iter().find(|(_, width)| *width == self.width).map_or("", |(letter, _)| *letter);
        let barrier = if self.barrier { "_db" } else { "" };
        write!(f, "am{name}{barrier}.{letter}{unsigned}")
    }
}

impl Display for Offset<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Offset::Number(number) => write!(f, "{number}"),
            Offset::Register(register) => write!(f, "{register}"),
        }
    }
}

impl Display for Instruction<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        use Instruction::*;
        match self {
            Nop { name } => f.write_str(name),
            LoadImmediate { name, rd, value } | Upper { name, rd, value } => write!(f, "{name} {rd},{value}"),
            LoadAddress { name, rd, symbol } => write!(f, "{name} {rd},{symbol}"),
            Compute { name, rd, rj, rk, .. } => write!(f, "{name} {rd},{rj},{rk}"),
            ComputeImmediate { name, rd, rj, value, .. } => write!(f, "{name} {rd},{rj},{value}"),
            ShiftAdd { name, rd, rj, rk, by, .. } => write!(f, "{name} {rd},{rj},{rk},{by}"),
            Bits { name, rd, rj, high, low, .. } => write!(f, "{name} {rd},{rj},{high},{low}"),
            Unary { name, rd, rj, .. } => write!(f, "{name} {rd},{rj}"),
            Load { name, rd, rj, offset, .. } | Store { name, rd, rj, offset, .. } => {
                write!(f, "{name} {rd},{rj},{offset}")
            }
            LoadLinked { name, acquire: true, rd, rj, .. }
            | StoreConditional { name, release: true, rd, rj, .. } => {
                write!(f, "{name} {rd},{rj}")
            }
            LoadLinked { name, rd, rj, offset, .. } | StoreConditional { name, rd, rj, offset, .. } => {
                write!(f, "{name} {rd},{rj},{offset}")
            }
            Am { am, rd, rk, rj } => write!(f, "{am} {rd},{rk},{rj}"),
            Barrier { name, hint: code } | Exception { name, code } => write!(f, "{name} {code}"),
            Branch { name, rj, rd, target, .. } => write!(f, "{name} {rj},{rd},{target}"),
            BranchZero { name, rj, target, .. } => write!(f, "{name} {rj},{target}"),
            Jump { name, target, .. } => write!(f, "{name} {target}"),
            JumpLink { rd, rj, offset } => write!(f, "jirl {rd},{rj},{offset}"),
            JumpRegister { rj } => write!(f, "jr {rj}"),
            Return => f.write_str("ret"),
        }
    }
}
