//! Canonical text: the text that herd digests for the hash of a test. Registers of a list have a space between them.

use super::instruction::{Immediate, Lanes, List, Simd, Slot};
use super::register::Vreg;
use crate::aarch64::operand::Offset;
use std::fmt::{Display, Formatter, Result};

impl Display for Slot<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Slot::General(register) => register.fmt(f),
            Slot::Scalar(scalar) => scalar.fmt(f),
            Slot::Element(element) => element.fmt(f),
            Slot::Vector(vector) => vector.fmt(f),
        }
    }
}

impl Display for List {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let mut vreg: Vreg = self.first;
        for i in 0..self.count {
            f.write_str(if i == 0 { "{" } else { ", " })?;
            match self.lanes {
                Lanes::All(lanes) | Lanes::Replicated(lanes) => write!(f, "V{}.{lanes}", vreg.0)?,
                Lanes::One(size, _) => write!(f, "V{}.{size}", vreg.0)?,
            }
            vreg = vreg.next();
        }
        match self.lanes {
            Lanes::One(_, index) => write!(f, "}}[{index}]"),
            _ => f.write_str("}"),
        }
    }
}

impl Display for Immediate {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Immediate::Float(bits) => write!(f, "#{:?}", f64::from_bits(*bits)),
            Immediate::Number { value, shift: None } => write!(f, "#{value}"),
            Immediate::Number { value, shift: Some((distance, ones)) } => {
                write!(f, "#{value},{} #{distance}", if *ones { "MSL" } else { "LSL" })
            }
        }
    }
}

impl Display for Simd<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Simd::Load { name, target: register, address, .. }
            | Simd::Store { name, source: register, address, .. } => write!(f, "{name} {register},{address}"),
            Simd::LoadPair { name, targets: [first, second], address, .. }
            | Simd::StorePair { name, sources: [first, second], address, .. } => {
                write!(f, "{name} {first},{second},{address}")
            }
            Simd::LoadStructures { name, list, address, .. }
            | Simd::StoreStructures { name, list, address, .. } => {
                write!(f, "{name} {list},[{}]", address.base)?;
                match &address.offset {
                    Offset::Immediate(0) => Ok(()),
                    Offset::Immediate(bytes) => write!(f, ",#{bytes}"),
                    Offset::Register(register) => write!(f, ",{register}"),
                    Offset::Symbol(symbol) => write!(f, ",{symbol}"),
                }
            }
            Simd::Copy { name, target, source, .. } => write!(f, "{name} {target},{source}"),
            Simd::Immediate { name, target, operand, .. } => write!(f, "{name} {target},{operand}"),
            Simd::Three { name, target, left, right, .. } => write!(f, "{name} {target},{left},{right}"),
            Simd::Extract { target, left, right, index } => write!(f, "EXT {target},{left},{right},#{index}"),
            Simd::Two { name, target, source, .. } => write!(f, "{name} {target},{source}"),
            Simd::CompareZero { name, target, source, .. } => write!(f, "{name} {target},{source},#0"),
            Simd::Shift { name: name @ ("UXTL" | "SXTL"), target, source, .. } => {
                write!(f, "{name} {target},{source}")
            }
            Simd::Shift { name, target, source, distance, .. } => {
                write!(f, "{name} {target},{source},#{distance}")
            }
            Simd::Across { name, target, source, .. } => write!(f, "{name} {target},{source}"),
        }
    }
}
