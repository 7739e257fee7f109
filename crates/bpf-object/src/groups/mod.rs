//! What instructions need: conformance groups, a version of the instruction set, a kernel, a JIT.

pub mod feature;
pub mod jit;
pub mod registry;

use crate::program::{Data, DataKind, Function, Line, Reference};
use feature::{Cpu, Feature, Release};
use isa::bpf::bytes::SLOT_BYTES;
use isa::bpf::{Callee, Instruction, Width};
use jit::{Jit, Support};
use registry::{Class, DISPUTES, Dispute, Group, Table, classify, fewest};
use std::collections::{BTreeMap, BTreeSet};

/// How often something is used, and where first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// How many instructions use it.
    pub count: usize,
    /// Function of the first.
    pub function: String,
    /// Number of the first in slots from the start of the function.
    pub slot: usize,
}

/// What a program needs.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// How many instructions there are.
    pub instructions: usize,
    /// How many of them can't be understood.
    pub invalid: usize,
    /// Groups that all tables agree on.
    pub agreed: BTreeMap<Group, Use>,
    /// Instructions that tables disagree about, by position in [`DISPUTES`].
    pub disputed: BTreeMap<usize, Use>,
    /// Instructions in no group that is registered.
    pub unregistered: BTreeMap<Feature, Use>,
    /// What is needed of compilers and kernels.
    pub features: BTreeMap<Feature, Use>,
    /// Whether there is an atomic operation of 64 bits, which some machines lack.
    pub has_wide_atomics: bool,
    /// Whether all atomic operations but additions are of 64 bits.
    pub only_wide_atomics: bool,
}

/// What functions of a program need; `data` is the program's.
#[must_use]
pub fn needs<'a>(functions: impl IntoIterator<Item = &'a Function>, data: &[Data]) -> Needs {
    let mut needs = Needs { only_wide_atomics: true, ..Needs::default() };
    for function in functions {
        for line in &function.lines {
            needs.enter(function, line, data);
        }
    }
    needs
}

fn count<K: Ord>(uses: &mut BTreeMap<K, Use>, key: K, function: &Function, line: &Line) {
    let found = uses.entry(key).or_insert_with(|| Use {
        count: 0,
        function: function.name.clone(),
        slot: line.decoded.index - function.offset as usize / SLOT_BYTES,
    });
    found.count += 1;
}

impl Needs {
    fn enter(&mut self, function: &Function, line: &Line, data: &[Data]) {
        self.instructions += 1;
        let Some(instruction) = line.instruction() else {
            self.invalid += 1;
            return;
        };
        match classify(instruction) {
            Class::Agreed(group) => count(&mut self.agreed, group, function, line),
            Class::Disputed(dispute) => {
                if let Some(index) = DISPUTES.iter().position(|known| std::ptr::eq(*known, dispute)) {
                    count(&mut self.disputed, index, function, line);
                }
            }
            Class::Unregistered(feature) => count(&mut self.unregistered, feature, function, line),
        }
        count(&mut self.features, Feature::Base, function, line);
        for feature in features(instruction, line.reference.as_ref(), data) {
            count(&mut self.features, feature, function, line);
        }
        if let Instruction::Atomic { width, .. } = instruction {
            self.has_wide_atomics |= *width == Width::W64;
            let is_narrow = feature::features(instruction).contains(&Feature::Atomic) && *width == Width::W32;
            self.only_wide_atomics &= !is_narrow;
        }
    }

    /// What the tables disagree about.
    pub fn disputes(&self) -> impl Iterator<Item = (&'static Dispute, &Use)> {
        self.disputed.iter().map(|(index, found)| (DISPUTES[*index], found))
    }

    /// The fewest groups that a table says are needed.
    #[must_use]
    pub fn groups(&self, table: Table) -> Vec<Group> {
        let disputed = self.disputes().filter_map(|(dispute, _)| dispute.group(table));
        let groups: BTreeSet<Group> = self.agreed.keys().copied().chain(disputed).collect();
        fewest(&groups)
    }

    /// Whether all tables come to the same groups.
    #[must_use]
    pub fn is_agreed(&self) -> bool {
        Table::ALL.iter().all(|table| self.groups(*table) == self.groups(Table::Registry))
    }

    /// The lowest `-mcpu` that has everything.
    #[must_use]
    pub fn cpu(&self) -> Cpu {
        self.features.keys().map(|feature| feature.cpu()).max().unwrap_or(Cpu::V1)
    }

    /// The lowest `-mcpu` with which clang compiles to that, where that is another one: it makes all atomic operations of
    /// 64 bits at any version, although the kernel's documentation says that they need v3.
    #[must_use]
    pub fn cpu_of_clang(&self) -> Option<Cpu> {
        if !self.only_wide_atomics || !self.features.contains_key(&Feature::Atomic) {
            return None;
        }
        let others = self
            .features
            .keys()
            .filter(|feature| !matches!(feature, Feature::Atomic | Feature::CompareExchange));
        let cpu = others.map(|feature| feature.cpu()).max().unwrap_or(Cpu::V1);
        (cpu != self.cpu()).then_some(cpu)
    }

    /// The first kernel that accepts everything, with what it is that others do not; or what none accepts.
    ///
    /// # Errors
    /// A feature that no kernel accepts.
    pub fn kernel(&self) -> Result<(Release, Feature), Feature> {
        let mut last = (Release(3, 18), Feature::Base);
        for feature in self.features.keys() {
            let release = feature.kernel().ok_or(*feature)?;
            if release > last.0 {
                last = (release, *feature);
            }
        }
        Ok(last)
    }

    /// Whether a JIT translates everything: the worst that it says of any feature.
    #[must_use]
    pub fn jit(&self, jit: Jit) -> (Support, Feature) {
        let supports = self.features.keys().rev().map(|feature| (self.support(jit, *feature), *feature));
        // Of releases the last counts, and anything that has no release more; of features that are alike, the first.
        supports.max_by_key(|(support, _)| *support).unwrap_or((Support::Since(jit.release()), Feature::Base))
    }

    fn support(&self, jit: Jit, feature: Feature) -> Support {
        match jit.support(feature) {
            // What is translated in part may be all that is needed.
            Support::Partly(reason) if self.has_wide_atomics => Support::No(reason),
            Support::Partly(_) => {
                Support::Since(feature.kernel().unwrap_or(jit.release()).max(jit.release()))
            }
            support => support,
        }
    }
}

/// What an instruction needs, once it is linked.
fn features(instruction: &Instruction<'_>, reference: Option<&Reference>, data: &[Data]) -> Vec<Feature> {
    match (instruction, reference) {
        (Instruction::LoadWide { .. }, Some(Reference::Data(position, _))) => match data.get(*position) {
            Some(Data { kind: DataKind::Map(_), .. }) => Vec::new(),
            _ => vec![Feature::MapValue],
        },
        (Instruction::LoadWide { .. }, Some(Reference::Section(..))) => vec![Feature::MapValue],
        (Instruction::Call { callee: Callee::Local(_) }, Some(Reference::Kernel(name))) => {
            let is_library = ["__sync_", "__atomic_"].iter().any(|prefix| name.starts_with(prefix));
            vec![if is_library { Feature::LibraryCall } else { Feature::KernelCall }]
        }
        (Instruction::LoadWide { .. }, Some(Reference::Kernel(_))) => vec![Feature::KernelVariable],
        (Instruction::LoadWide { .. }, Some(Reference::Function(_))) => vec![Feature::FunctionAddress],
        _ => feature::features(instruction),
    }
}

#[cfg(test)]
mod tests;
