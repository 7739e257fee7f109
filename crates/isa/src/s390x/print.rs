//! The canonical text.

use super::instruction::{Address, CONDITIONS, Comparison, Instruction};
use super::mnemonic::COMPARE_AND_BRANCH;
use std::fmt::{self, Display, Formatter};

impl Display for Address<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.displacement)?;
        match (self.index, self.base) {
            (Some(index), Some(base)) => write!(f, "({index},{base})"),
            (None, Some(register)) | (Some(register), None) => write!(f, "({register})"),
            (None, None) => Ok(()),
        }
    }
}

/// The suffix for a mask, if it has one.
fn suffix(mask: u8) -> Option<&'static str> {
    CONDITIONS.iter().find(|(_, known)| *known == mask).map(|(name, _)| *name)
}

fn compare_and_branch(number: bool, how: Comparison) -> &'static str {
    let known = COMPARE_AND_BRANCH.iter().find(|(_, is_number, known)| (*is_number, *known) == (number, how));
    known.map_or("", |(stem, ..)| *stem)
}

impl Display for Instruction<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        use Instruction::*;
        match self {
            Nop { name } => f.write_str(name),
            LoadImmediate { name, r1, value, .. }
            | ComputeImmediate { name, r1, value, .. }
            | CompareImmediate { name, r1, value, .. } => write!(f, "{name} {r1},{value}"),
            LoadSymbol { r1, symbol } => write!(f, "larl {r1},{symbol}"),
            LoadAddress { name, r1, address }
            | Load { name, r1, address, .. }
            | Store { name, r1, address, .. }
            | ShiftWord { name, r1, by: address, .. } => write!(f, "{name} {r1},{address}"),
            Unary { name, r1, r2, .. } | Compute { name, r1, r2, .. } | Compare { name, r1, r2, .. } => {
                write!(f, "{name} {r1},{r2}")
            }
            ComputeThree { name, r1, r2, r3, .. } => write!(f, "{name} {r1},{r2},{r3}"),
            Shift { name, r1, r3, by: address, .. }
            | Interlocked { name, r1, r3, address, .. }
            | CompareSwap { name, r1, r3, address, .. } => write!(f, "{name} {r1},{r3},{address}"),
            StoreImmediate { name, address, value, .. }
            | InterlockedImmediate { name, address, value, .. } => {
                write!(f, "{name} {address},{value}")
            }
            Branch { mask, target } => match suffix(*mask) {
                Some(suffix) => write!(f, "j{suffix} {target}"),
                None => write!(f, "brc {mask},{target}"),
            },
            CompareBranch { how, mask, r1, r2, target } => {
                let stem = compare_and_branch(false, *how);
                match suffix(*mask).filter(|suffix| !suffix.is_empty()) {
                    Some(suffix) => write!(f, "{stem}{suffix} {r1},{r2},{target}"),
                    None => write!(f, "{stem} {r1},{r2},{mask},{target}"),
                }
            }
            CompareBranchImmediate { how, mask, r1, value, target } => {
                let stem = compare_and_branch(true, *how);
                match suffix(*mask).filter(|suffix| !suffix.is_empty()) {
                    Some(suffix) => write!(f, "{stem}{suffix} {r1},{value},{target}"),
                    None => write!(f, "{stem} {r1},{value},{mask},{target}"),
                }
            }
            Call { name, r1, target } => write!(f, "{name} {r1},{target}"),
            BranchRegister { r2 } => write!(f, "br {r2}"),
            Serialise { mask } => write!(f, "bcr {mask},0"),
        }
    }
}
