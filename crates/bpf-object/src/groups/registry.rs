//! Conformance groups of instructions.
//!
//! Sources: RFC 9669, section 2.4, and the registry “BPF Instructions” of IANA (as of 2024-11-22), whose rows are those of
//! the working group's table (ietf-wg-bpf/ebpf-docs, `rst/instruction-set-opcodes.rst`); and the tables that two tools
//! have in their tests: bpf_conformance (`opcode_names.h`) and PREVAIL (`test_marshal.cpp`).
//!
//! Deviations: none; where the tables disagree, [`classify`] gives what each says.

use super::feature::Feature;
use isa::bpf::{AluOp, Callee, Instruction, Size, Source, Test, Width};
use std::collections::BTreeSet;

/// A conformance group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// What every implementation has.
    Base32,
    /// Arithmetic, comparisons and accesses of 64 bits.
    Base64,
    /// Multiplication, division and modulo of 32 bits.
    DivMul32,
    /// The same of 64 bits.
    DivMul64,
    /// Atomic operations of 32 bits.
    Atomic32,
    /// The same of 64 bits.
    Atomic64,
    /// Loads from packets: historical.
    Packet,
}

impl Group {
    /// All of them.
    pub const ALL: [Group; 7] = [
        Group::Base32,
        Group::Base64,
        Group::DivMul32,
        Group::DivMul64,
        Group::Atomic32,
        Group::Atomic64,
        Group::Packet,
    ];

    /// The name in the registry.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Group::Base32 => "base32",
            Group::Base64 => "base64",
            Group::DivMul32 => "divmul32",
            Group::DivMul64 => "divmul64",
            Group::Atomic32 => "atomic32",
            Group::Atomic64 => "atomic64",
            Group::Packet => "packet",
        }
    }

    /// The group that it includes.
    #[must_use]
    pub fn includes(self) -> Option<Group> {
        match self {
            Group::Base64 => Some(Group::Base32),
            Group::DivMul64 => Some(Group::DivMul32),
            Group::Atomic64 => Some(Group::Atomic32),
            Group::Base32 | Group::DivMul32 | Group::Atomic32 | Group::Packet => None,
        }
    }
}

/// The fewest groups that include all of `groups`.
#[must_use]
pub fn fewest(groups: &BTreeSet<Group>) -> Vec<Group> {
    let included: BTreeSet<Group> = groups.iter().filter_map(|group| group.includes()).collect();
    groups.difference(&included).copied().collect()
}

/// A public table of opcodes and groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// The registry.
    Registry,
    /// bpf_conformance.
    Conformance,
    /// PREVAIL.
    Prevail,
}

impl Table {
    /// All of them.
    pub const ALL: [Table; 3] = [Table::Registry, Table::Conformance, Table::Prevail];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Table::Registry => "registry",
            Table::Conformance => "bpf_conformance",
            Table::Prevail => "PREVAIL",
        }
    }
}

/// What the tables say of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// All say the same.
    Agreed(Group),
    /// They say different things.
    Disputed(&'static Dispute),
    /// It is in no group that is registered.
    Unregistered(Feature),
}

/// What the tables say where they disagree.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dispute {
    /// What it is about.
    pub what: &'static str,
    /// The group in each table; `None` where it has no row.
    pub groups: [Option<Group>; 3],
    /// Why, as far as it is known.
    pub reason: &'static str,
}

impl Dispute {
    /// The group in that table.
    #[must_use]
    pub fn group(&self, table: Table) -> Option<Group> {
        self.groups[table as usize]
    }
}

/// Loads that extend the sign.
pub static SIGNED_LOADS: Dispute = Dispute {
    what: "sign-extending loads (opcodes 81, 89, 91)",
    groups: [None, Some(Group::Base32), Some(Group::Base64)],
    reason: "The registry has no row for them. RFC 9669 puts into base32 what it does not note otherwise, and it notes \
             nothing; but they extend to 64 bits, as the instructions of base64 do.",
};

/// Three opcodes.
pub static MISSED: Dispute = Dispute {
    what: "subtraction of a register, negation and `s>` of registers, of 64 bits (opcodes 1f, 87, 6d)",
    groups: [Some(Group::Base64), Some(Group::Base32), Some(Group::Base64)],
    reason: "The registry says base64, as for all their siblings; the table of bpf_conformance seems to be wrong.",
};

/// All disputes.
pub static DISPUTES: [&Dispute; 2] = [&SIGNED_LOADS, &MISSED];

/// The group of an instruction.
#[must_use]
pub fn classify(instruction: &Instruction<'_>) -> Class {
    let base = |is_wide: bool| Class::Agreed(if is_wide { Group::Base64 } else { Group::Base32 });
    match *instruction {
        Instruction::Alu { width, op, src, .. } => arithmetic(width, op, src),
        Instruction::Negate { width: Width::W64, .. } => Class::Disputed(&MISSED),
        Instruction::Negate { width: Width::W32, .. } => base(false),
        Instruction::Move { width, .. } | Instruction::MoveSigned { width, .. } => base(width == Width::W64),
        Instruction::CastAddress { .. } => Class::Unregistered(Feature::AddressSpaces),
        Instruction::SwapBytes { size, .. } => base(size == Size::Double),
        Instruction::LoadWide { .. } => base(true),
        Instruction::Load { signed: true, .. } => Class::Disputed(&SIGNED_LOADS),
        Instruction::Load { size, .. } | Instruction::Store { size, .. } => base(size == Size::Double),
        Instruction::LoadAcquire { .. } | Instruction::StoreRelease { .. } => {
            Class::Unregistered(Feature::AcquireRelease)
        }
        Instruction::LoadPacket { .. } => Class::Agreed(Group::Packet),
        Instruction::Atomic { width: Width::W32, .. } => Class::Agreed(Group::Atomic32),
        Instruction::Atomic { width: Width::W64, .. } => Class::Agreed(Group::Atomic64),
        Instruction::Jump { .. } | Instruction::Exit => base(false),
        Instruction::JumpIf {
            width: Width::W64,
            test: Test::SignedGreater,
            src: Source::Register(_),
            ..
        } => Class::Disputed(&MISSED),
        Instruction::JumpIf { width, .. } => base(width == Width::W64),
        Instruction::MayGoto { .. } => Class::Unregistered(Feature::MayGoto),
        Instruction::JumpRegister { .. } => Class::Unregistered(Feature::IndirectJump),
        Instruction::Call { callee: Callee::Register(_) } => Class::Unregistered(Feature::IndirectCall),
        Instruction::Call { .. } => base(false),
        Instruction::NoSpeculation => Class::Unregistered(Feature::NoSpeculation),
    }
}

fn arithmetic(width: Width, op: AluOp, src: Source<'_>) -> Class {
    match (width, op, src) {
        (_, AluOp::Mul | AluOp::Div | AluOp::SignedDiv | AluOp::Mod | AluOp::SignedMod, _) => {
            Class::Agreed(match width {
                Width::W32 => Group::DivMul32,
                Width::W64 => Group::DivMul64,
            })
        }
        (Width::W64, AluOp::Sub, Source::Register(_)) => Class::Disputed(&MISSED),
        (Width::W64, ..) => Class::Agreed(Group::Base64),
        (Width::W32, ..) => Class::Agreed(Group::Base32),
    }
}
