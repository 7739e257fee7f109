//! Canonical text: the text that herd digests for the hash of a test, oddities included.
//!
//! 1. No comma stands before the offset of a post-indexed access: `[X1]#4`.
//! 2. Two commas stand before the shift of `MOVZ`, `MOVN` and `MOVK`.
//! 3. Bit fields are printed with X registers always.
//! 4. A shift by zero is not printed, but for `MOVZ` and its kin.
//! 5. `SUBS` to the zero register is `CMP`, `ANDS` to it `TST`, `ORN` from it `MVN`, and `NEG` is `SUB` from it.
//!    `CSINC` and `CSINV` of zero registers are `CSET` and `CSETM`, `MADD` to it is `MUL`.
//! 6. A space stands before the address of `LDUR`, and of `LDP` and `STP` where they are post-indexed.
//! 7. The first register of `LDXP` and `LDAXP` is printed as a W register always.

use super::instruction::{Alu, AluOp, Atomic, Instruction, SelectOp, Shape, SystemRegister};
use super::operand::{Address, BranchTarget, Indexing, Modified, Modifier, Offset, Operand, SymbolRef};
use super::register::{NAMES, Register, Width};
use std::fmt::{Display, Formatter, Result};

/// Names of the W registers, by number.
static W_NAMES: [&str; 33] = [
    "W0", "W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8", "W9", "W10", "W11", "W12", "W13", "W14", "W15",
    "W16", "W17", "W18", "W19", "W20", "W21", "W22", "W23", "W24", "W25", "W26", "W27", "W28", "W29", "W30",
    "WSP", "WZR",
];

impl Display for Register<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if let Some(name) = self.symbolic {
            f.write_str(if self.width == Width::W { "W%" } else { "X%" })?;
            return f.write_str(name);
        }
        f.write_str(match (self.gpr.reg(), self.width) {
            (_, Width::W) => W_NAMES[usize::from(self.gpr.0)],
            (Some(reg), Width::X) => NAMES[usize::from(reg.0)],
            (None, Width::X) => "XZR",
        })
    }
}

impl Display for BranchTarget<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            BranchTarget::Label(name, _) => f.write_str(name),
            BranchTarget::Relative(bytes, _) => write!(f, ".{bytes:+}"),
        }
    }
}

impl Display for SymbolRef<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(self.relocation)?;
        f.write_str(self.name)?;
        if self.offset == 0 { Ok(()) } else { write!(f, "{:+}", self.offset) }
    }
}

/// `,LSL #1`
fn modifier(f: &mut Formatter<'_>, modifier: Option<(Modifier, Option<u8>)>) -> Result {
    match modifier {
        None => Ok(()),
        Some((modifier, Some(0))) if modifier.is_shift() => Ok(()),
        Some((modifier, None)) => write!(f, ",{}", modifier.name()),
        Some((modifier, Some(distance))) => write!(f, ",{} #{distance}", modifier.name()),
    }
}

impl Display for Modified<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.register.fmt(f)?;
        modifier(f, self.modifier)
    }
}

impl Display for Operand<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Operand::Immediate { value, shift } => {
                write!(f, "#{value}")?;
                modifier(f, shift.map(|distance| (Modifier::Lsl, Some(distance))))
            }
            Operand::Register(modified) => modified.fmt(f),
            Operand::Symbol(symbol) => symbol.fmt(f),
        }
    }
}

impl Display for Address<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str("[")?;
        self.base.fmt(f)?;
        if self.indexing == Indexing::Post {
            f.write_str("]")?;
        }
        match &self.offset {
            Offset::Immediate(0) if self.indexing == Indexing::Offset => {}
            Offset::Immediate(bytes) if self.indexing == Indexing::Post => write!(f, "#{bytes}")?,
            Offset::Immediate(bytes) => write!(f, ",#{bytes}")?,
            Offset::Register(modified) => {
                f.write_str(",")?;
                modified.fmt(f)?;
            }
            Offset::Symbol(symbol) => write!(f, ",{symbol}")?,
        }
        f.write_str(match self.indexing {
            Indexing::Offset => "]",
            Indexing::Pre => "]!",
            Indexing::Post => "",
        })
    }
}

/// The end of an LSE mnemonic.
impl Display for Atomic {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(if self.acquire { "A" } else { "" })?;
        f.write_str(if self.release { "L" } else { "" })?;
        f.write_str(match self.bits {
            8 => "B",
            16 => "H",
            _ => "",
        })
    }
}

impl Display for SystemRegister {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            SystemRegister::Nzcv => "NZCV",
            SystemRegister::Other(_, name) => name,
        })
    }
}

/// The mnemonic, the first register and the comma behind it.
fn head(f: &mut Formatter<'_>, name: &str, register: Register<'_>) -> Result {
    f.write_str(name)?;
    f.write_str(" ")?;
    register.fmt(f)?;
    f.write_str(",")
}

/// The register as a whole.
fn whole(register: Register<'_>) -> Register<'_> {
    Register { width: Width::X, ..register }
}

/// The name of a multiplication that adds to nothing.
fn without_accumulator(name: &'static str) -> &'static str {
    match name {
        "MADD" => "MUL",
        "MSUB" => "MNEG",
        "SMADDL" => "SMULL",
        "SMSUBL" => "SMNEGL",
        "UMADDL" => "UMULL",
        "UMSUBL" => "UMNEGL",
        other => other,
    }
}

/// What herd digests where it prints something else than what it reads: `ADDR` for `ADR`, `LDUR` with X registers
/// always, bit fields for extensions.
pub(super) fn digested(text: &str) -> Option<String> {
    let (name, operands) = text.split_once(' ')?;
    let whole = |operand: &str| match operand.strip_prefix('W') {
        Some(rest) => format!("X{rest}"),
        None => operand.to_owned(),
    };
    let (field, last) = match name {
        "ADR" => return Some(format!("ADDR {operands}")),
        "LDUR" if operands.starts_with('W') => return Some(format!("LDUR {}", whole(operands))),
        "UXTB" => ("UBFM", 7),
        "UXTH" => ("UBFM", 15),
        "SXTB" => ("SBFM", 7),
        "SXTH" => ("SBFM", 15),
        _ => return None,
    };
    let (target, source) = operands.split_once(',')?;
    Some(format!("{field} {},{},#0,#{last}", whole(target), whole(source)))
}

/// The name under which an operation is printed, if it is not its own, and which operands are.
fn alias(alu: &Alu, target: Register<'_>, left: Register<'_>) -> (Option<&'static str>, Shape) {
    let Alu { op, flags, shape } = *alu;
    match (op, flags, shape) {
        (AluOp::Sub, true, Shape::Full) if target.is_zero() => (Some("CMP"), Shape::NoTarget),
        (AluOp::Sub, false, Shape::NoLeft) => (Some("SUB"), Shape::Full),
        (AluOp::Sub, true, Shape::NoLeft) => (Some("SUBS"), Shape::Full),
        (AluOp::And, true, Shape::Full) if target.is_zero() => (Some("TST"), Shape::NoTarget),
        (AluOp::OrNot, false, Shape::Full) if left.is_zero() => (Some("MVN"), Shape::NoLeft),
        _ => (None, shape),
    }
}

impl Display for Instruction<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        use Instruction::*;
        match self {
            Nop { name } => f.write_str(name),
            Hint { number } => write!(f, "HINT #{number}"),
            Prefetch { name, operation, address } => write!(f, "{name} {operation},{address}"),
            Barrier { name, option: None, .. } => f.write_str(name),
            Barrier { name, option: Some(option), .. } => write!(f, "{name} {option}"),
            Cache { name, operation, register: None, .. } => write!(f, "{name} {operation}"),
            Cache { name, operation, register: Some(register), .. } => {
                write!(f, "{name} {operation},{register}")
            }
            ClearExclusive => f.write_str("CLREX"),
            Jump { name, target, .. } => write!(f, "{name} {target}"),
            JumpRegister { name, register, .. } => write!(f, "{name} {register}"),
            Return { register: None } => f.write_str("RET"),
            Return { register: Some(register) } => write!(f, "RET {register}"),
            BranchIf { condition, target } => write!(f, "B.{} {target}", condition.name()),
            CompareBranch { name, register, target, .. } => write!(f, "{name} {register},{target}"),
            TestBranch { name, register, bit, target, .. } => write!(f, "{name} {register},#{bit},{target}"),
            Exception { name, number } => write!(f, "{name} #{number}"),
            Load { name: "LDUR", target, address, .. } => write!(f, "LDUR {target}, {address}"),
            Load { name, target: register, address, .. } | Store { name, source: register, address, .. } => {
                head(f, name, *register)?;
                address.fmt(f)
            }
            StoreExclusive { name, status, source, address, .. } => {
                write!(f, "{name} {status},{source},{address}")
            }
            LoadPair { name: name @ ("LDXP" | "LDAXP"), targets: [first, second], address, .. } => {
                let first = Register { width: Width::W, ..*first };
                write!(f, "{name} {first},{second},{address}")
            }
            LoadPair { name, targets: [first, second], address, .. }
            | StorePair { name, sources: [first, second], address, .. } => {
                let space = if address.indexing == Indexing::Post { " " } else { "" };
                write!(f, "{name} {first},{second},{space}{address}")
            }
            StoreExclusivePair { name, status, sources: [first, second], address, .. } => {
                write!(f, "{name} {status},{first},{second},{address}")
            }
            CompareSwap { atomic, expected, new, address } => {
                write!(f, "CAS{atomic} {expected},{new},{address}")
            }
            CompareSwapPair { atomic, expected, new, address } => {
                let ([e1, e2], [n1, n2]) = (expected, new);
                write!(f, "CASP{atomic} {e1},{e2},{n1},{n2},{address}")
            }
            Swap { atomic, source, target, address } => write!(f, "SWP{atomic} {source},{target},{address}"),
            Fetch { op, atomic, source, target: Some(target), address } => {
                write!(f, "LD{}{atomic} {source},{target},{address}", op.name)
            }
            Fetch { op, atomic, source, target: None, address } => {
                write!(f, "ST{}{atomic} {source},{address}", op.name)
            }
            Alu { name, alu, target, left, right } => match alias(alu, *target, *left) {
                (name_of_alias, Shape::NoTarget) => {
                    write!(f, "{} {left},{right}", name_of_alias.unwrap_or(name))
                }
                (name_of_alias, Shape::NoLeft) => {
                    write!(f, "{} {target},{right}", name_of_alias.unwrap_or(name))
                }
                (name_of_alias, Shape::Full) => {
                    write!(f, "{} {target},{left},{right}", name_of_alias.unwrap_or(name))
                }
            },
            Move { target, source } => {
                head(f, "MOV", *target)?;
                source.fmt(f)
            }
            MoveWide { name, target, immediate, shift, .. } => {
                write!(f, "{name} {target},#{immediate}")?;
                shift.map_or(Ok(()), |distance| write!(f, ",,LSL #{distance}"))
            }
            Binary { name, target, left, right, .. } => write!(f, "{name} {target},{left},{right}"),
            Unary { name, target, source, .. } => write!(f, "{name} {target},{source}"),
            BitField { name, target, source, first, second, .. } => {
                let (target, source) = (whole(*target), whole(*source));
                write!(f, "{name} {target},{source},#{first},#{second}")
            }
            Extract { target, high, low, lsb } => write!(f, "EXTR {target},{high},{low},#{lsb}"),
            Multiply { name, target, left, right, accumulator: None, .. } => {
                write!(f, "{name} {target},{left},{right}")
            }
            Multiply { name, target, left, right, accumulator: Some(accumulator), .. }
                if accumulator.is_zero() =>
            {
                write!(f, "{} {target},{left},{right}", without_accumulator(name))
            }
            Multiply { name, target, left, right, accumulator: Some(accumulator), .. } => {
                write!(f, "{name} {target},{left},{right},{accumulator}")
            }
            Select {
                op: op @ (SelectOp::Increment | SelectOp::Invert),
                target,
                then,
                otherwise,
                condition,
                ..
            } if then.is_zero() && otherwise.is_zero() => {
                let name = if *op == SelectOp::Increment { "CSET" } else { "CSETM" };
                write!(f, "{name} {target},{}", condition.inverted().name())
            }
            Select { op: SelectOp::Increment, target, then, otherwise, condition, .. }
                if then.gpr == otherwise.gpr =>
            {
                write!(f, "CINC {target},{then},{}", condition.inverted().name())
            }
            Select { name, target, then, otherwise, condition, .. } => {
                write!(f, "{name} {target},{then},{otherwise},{}", condition.name())
            }
            SelectAlias { name, target, source: None, condition, .. } => {
                write!(f, "{name} {target},{}", condition.name())
            }
            SelectAlias { name, target, source: Some(source), condition, .. } => {
                write!(f, "{name} {target},{source},{}", condition.name())
            }
            ConditionalCompare { name, left, right, flags, condition, .. } => {
                write!(f, "{name} {left},{right},#{flags},{}", condition.name())
            }
            LabelAddress { target, label } => write!(f, "ADR {target},{label}"),
            SymbolAddress { name: "LDR", target, symbol } => write!(f, "LDR {target},={symbol}"),
            SymbolAddress { name, target, symbol } => write!(f, "{name} {target},{symbol}"),
            Simd(instruction) => instruction.fmt(f),
            ReadSystem { target, system } => write!(f, "MRS {target},{system}"),
            WriteSystem { system, source } => write!(f, "MSR {system},{source}"),
        }
    }
}
