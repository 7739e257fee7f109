//! The canonical text.

use super::instruction::{Access, Address, AmoOp, Immediate, Instruction, Load, Order};
use super::mnemonic::AMOS;
use super::register::Register;
use std::fmt::{self, Display, Formatter};

impl Display for Order {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Order::None => "",
            Order::Acquire => ".aq",
            Order::Release => ".rl",
            Order::AcquireRelease => ".aqrl",
        })
    }
}

impl Display for Access {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (position, letter) in Access::LETTERS.iter().enumerate() {
            if self.0 & (8 >> position) != 0 {
                write!(f, "{}", char::from(*letter))?;
            }
        }
        Ok(())
    }
}

impl Display for Immediate<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Immediate::Number(number) => write!(f, "{number}"),
            Immediate::Part { part, symbol } => write!(f, "%{}({symbol})", part.name),
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

impl Display for Load {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "l{}{}", self.width.letter(), if self.unsigned { "u" } else { "" })
    }
}

impl Display for AmoOp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = AMOS.iter().find(|(_, op)| op == self).map_or("", |(name, _)| *name);
        write!(f, "amo{name}")
    }
}

impl Display for Instruction<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        use Instruction::*;
        match self {
            Nop { name } | Exception { name } => f.write_str(name),
            LoadImmediate { rd, value } => write!(f, "li {rd},{value}"),
            LoadAddress { name, rd, symbol } => write!(f, "{name} {rd},{symbol}"),
            Upper { name, rd, value } => write!(f, "{name} {rd},{value}"),
            Compute { name, rd, rs1, rs2, .. } => write!(f, "{name} {rd},{rs1},{rs2}"),
            ComputeImmediate { name, rd, rs1, value, .. } => write!(f, "{name} {rd},{rs1},{value}"),
            Unary { name, rd, rs, .. } => write!(f, "{name} {rd},{rs}"),
            Load { access, order, rd, address } => write!(f, "{access}{order} {rd},{address}"),
            Store { width, order, rs2, address, scratch } => {
                write!(f, "s{}{order} {rs2},{address}", width.letter())?;
                scratch.map_or(Ok(()), |scratch| write!(f, ",{scratch}"))
            }
            LoadReserved { width, order, rd, rs1 } => write!(f, "lr.{}{order} {rd},0({rs1})", width.letter()),
            StoreConditional { width, order, rd, rs2, rs1 } => {
                write!(f, "sc.{}{order} {rd},{rs2},0({rs1})", width.letter())
            }
            Amo { op, width, order, rd, rs2, rs1 } => {
                write!(f, "{op}.{}{order} {rd},{rs2},({rs1})", width.letter())
            }
            Branch { name, rs1, rs2, target, .. } => write!(f, "{name} {rs1},{rs2},{target}"),
            BranchZero { name, rs, target, .. } => write!(f, "{name} {rs},{target}"),
            Jump { name, target, .. } => write!(f, "{name} {target}"),
            JumpLink { rd, target } => write!(f, "jal {rd},{target}"),
            JumpRegister { rs1 } => write!(f, "jr {rs1}"),
            JumpLinkRegister { rd: Register { number: 1, symbolic: None }, rs1, offset: 0 } => {
                write!(f, "jalr {rs1}")
            }
            JumpLinkRegister { rd, rs1, offset } => write!(f, "jalr {rd},{offset}({rs1})"),
            Return => f.write_str("ret"),
            Fence { before, after } => write!(f, "fence {before},{after}"),
            FenceAll => f.write_str("fence"),
            FenceTso => f.write_str("fence.tso"),
            FenceInstructions => f.write_str("fence.i"),
            ReadSystem { rd, system } => write!(f, "csrr {rd},{system}"),
        }
    }
}
