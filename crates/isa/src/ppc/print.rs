//! The canonical text. Some instructions have odd blanks: hashes of tests depend on them.

use super::instruction::{self, Address, Immediate, Instruction};
use super::register::Field;
use std::fmt::{self, Display, Formatter};

impl Display for Immediate<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let toc = |toc: bool| if toc { "@toc" } else { "" };
        match self {
            Immediate::Number(number) => write!(f, "{number}"),
            Immediate::High { symbol, toc: by_toc } => write!(f, "{symbol}{}@ha", toc(*by_toc)),
            Immediate::Low { symbol, toc: by_toc } => write!(f, "{symbol}{}@l", toc(*by_toc)),
            Immediate::Relative { symbol, entry } => {
                write!(f, "{symbol}{}", if *entry { "@got@pcrel" } else { "@PCREL" })
            }
            Immediate::Toc { from, high } => write!(f, ".TOC.-{from}@{}", if *high { "ha" } else { "l" }),
        }
    }
}

impl Display for Address<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Address::Based { ra, offset } => write!(f, "{offset}({ra})"),
            Address::Indexed { ra, rb } => write!(f, "{ra},{rb}"),
        }
    }
}

/// The number of a bit of the condition register. Those of a field are numbered from the left; 0 is `lt`.
fn number_of(field: Field, bit: u8) -> u8 {
    4 * field.0 + (bit.leading_zeros() as u8).saturating_sub(4)
}

/// A field in front of other operands; the first one is left out.
struct Leading(Field);

impl Display for Leading {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0 == Field(0) { Ok(()) } else { write!(f, "cr{},", self.0.0) }
    }
}

impl Display for Instruction<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        use Instruction::*;
        let dot = |record: bool| if record { "." } else { "" };
        match self {
            Nop => f.write_str("nop"),
            Cache { name, ra, rb } => write!(f, "{name} {ra},{rb}"),
            LoadImmediate { name, rd, value, .. } => write!(f, "{name} {rd},{value}"),
            Compute { name, record, rd, ra, rb, .. } => write!(f, "{name}{} {rd},{ra},{rb}", dot(*record)),
            ComputeImmediate { name, record, rd, ra, value, .. } => {
                write!(f, "{name}{} {rd},{ra},{value}", dot(*record))
            }
            Unary { name: "extsw", record, rd, ra, .. } => write!(f, "extsw{} {rd}, {ra}", dot(*record)),
            Unary { name, record, rd, ra, .. } => write!(f, "{name}{} {rd},{ra}", dot(*record)),
            Rotate { name, rotate: instruction::Rotate::Word { .. }, record, rd, ra, numbers } => {
                let [distance, first, last] = numbers.values;
                write!(f, "{name}{} {rd},{ra},{distance}, {first},{last}", dot(*record))
            }
            Rotate { name, record, rd, ra, numbers, .. } => {
                write!(f, "{name}{} {rd},{ra}", dot(*record))?;
                numbers.values.iter().take(numbers.count.into()).try_for_each(|number| write!(f, ",{number}"))
            }
            Compare { name, field, ra, rb, .. } => write!(f, "{name} {}{ra},{rb}", Leading(*field)),
            CompareImmediate { name, field, ra, value, .. } => {
                write!(f, "{name} {}{ra},{value}", Leading(*field))
            }
            Load { name, rd, address, .. } => write!(f, "{name} {rd},{address}"),
            Store { name, rs, address, .. } => write!(f, "{name} {rs},{address}"),
            Multiple { name, first, address, .. } => write!(f, "{name} {first},{address}"),
            LoadReserve { name, rd, ra, rb, .. } => write!(f, "{name} {rd},{ra},{rb}"),
            StoreConditional { name, rs, ra, rb, .. } => write!(f, "{name} {rs},{ra},{rb}"),
            Branch { condition, field, target } => {
                write!(f, "b{}  {}{target}", condition.name, Leading(*field))
            }
            ReturnIf { condition, field: Field(0) } => write!(f, "b{}lr", condition.name),
            ReturnIf { condition, field } => write!(f, "b{}lr cr{}", condition.name, field.0),
            BranchCount { name, target, .. } | Jump { name, target, .. } => write!(f, "{name} {target}"),
            JumpSpecial { name, .. } | Fence { name, .. } | Exception { name } => f.write_str(name),
            MoveTo { name, rs, .. } => write!(f, "{name} {rs}"),
            MoveFrom { name, rd, .. } => write!(f, "{name} {rd}"),
            SetBit { name, rd, field, bit, .. } => write!(f, "{name} {rd},{}", number_of(*field, *bit)),
            MoveField { to, from } => write!(f, "mcrf cr{},cr{}", to.0, from.0),
            ReadCondition { rd } => write!(f, "mfcr {rd}"),
            WriteCondition { fields, rs } => write!(f, "mtcrf {fields},{rs}"),
            Select { name: "isel", field, bit, rd, ra, rb } => {
                write!(f, "isel {rd},{ra},{rb},{}", number_of(*field, *bit))
            }
            Select { name, rd, ra, rb, .. } => write!(f, "{name} {rd},{ra},{rb}"),
        }
    }
}
