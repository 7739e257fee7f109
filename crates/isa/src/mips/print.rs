//! The canonical text.

use super::instruction::{Address, Immediate, Instruction};
use super::register::Register;
use super::tag::SYNCS;
use std::fmt::{self, Display, Formatter};

impl Display for Immediate<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Immediate::Number(number) => write!(f, "{number}"),
            Immediate::Part { part, symbol } => write!(f, "%{}({symbol})", part.name),
            Immediate::GlobalPointer { part, function } => write!(f, "%{part}(%neg(%gp_rel({function})))"),
        }
    }
}

impl Display for Address<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Address::Based { base, offset } => write!(f, "{offset}({base})"),
            Address::Symbol(symbol) => write!(f, "{symbol}"),
        }
    }
}

impl Display for Instruction<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        use Instruction::*;
        match self {
            Nop { name } => f.write_str(name),
            Set { what } => write!(f, ".set {what}"),
            Cache { name, hint, address } => {
                write!(f, "{name} ")?;
                hint.map_or(Ok(()), |hint| write!(f, "{hint},"))?;
                write!(f, "{address}")
            }
            LoadImmediate { name, rd, value } => write!(f, "{name} {rd},{value}"),
            LoadAddress { name, rd, symbol } => write!(f, "{name} {rd},{symbol}"),
            Upper { rd, value } => write!(f, "lui {rd},{value}"),
            Compute { name, rd, rs, rt, .. } => write!(f, "{name} {rd},{rs},{rt}"),
            ComputeImmediate { name, rd, rs, value, .. } => write!(f, "{name} {rd},{rs},{value}"),
            Unary { name, rd, rs, .. } => write!(f, "{name} {rd},{rs}"),
            MoveIf { name, rd, rs, rt, .. } => write!(f, "{name} {rd},{rs},{rt}"),
            BitField { name, rd, rs, position, size, .. } => write!(f, "{name} {rd},{rs},{position},{size}"),
            HighLow { name, op: super::instruction::HighLow::Divide { .. }, rs, rt } => {
                write!(f, "{name} $0,{rs},{rt}")
            }
            HighLow { name, rs, rt, .. } => write!(f, "{name} {rs},{rt}"),
            MoveFrom { name, rd, .. } => write!(f, "{name} {rd}"),
            MoveTo { name, rs, .. } => write!(f, "{name} {rs}"),
            Load { access, rt, address }
            | Store { access, rt, address }
            | LoadLinked { access, rt, address }
            | StoreConditional { access, rt, address } => write!(f, "{} {rt},{address}", access.name),
            Branch { name, rs, rt, target, .. } => write!(f, "{name} {rs},{rt},{target}"),
            BranchZero { name, rs, target, .. } => write!(f, "{name} {rs},{target}"),
            Jump { name, target, .. } => write!(f, "{name} {target}"),
            JumpRegister { name, rs, .. } => write!(f, "{name} {rs}"),
            JumpLinkRegister { rd: Register { number: 31, symbolic: None }, rs } => write!(f, "jalr {rs}"),
            JumpLinkRegister { rd, rs } => write!(f, "jalr {rd},{rs}"),
            Sync { kind } => f.write_str(SYNCS[*kind].1),
            Trap { name, rs, rt, code, .. } => {
                write!(f, "{name} {rs},{rt}")?;
                code.map_or(Ok(()), |code| write!(f, ",{code}"))
            }
            Exception { name, code } => {
                f.write_str(name)?;
                code.map_or(Ok(()), |code| write!(f, " {code}"))
            }
        }
    }
}
