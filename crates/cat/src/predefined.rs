//! The names that exist before any model runs.
//!
//! Source: herd7's names for events and relations. Bell files and test headers add names of their own, which are not
//! listed here: one set for each annotation and region, one relation for each scope and level.

/// What a predefined name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A set of events.
    Set,
    /// A relation over events.
    Relation,
}

/// The predefined names of an architecture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Predefined {
    /// The names of sets.
    pub sets: Vec<&'static str>,
    /// The names of relations.
    pub relations: Vec<&'static str>,
    /// Whether `Fence.p.s` is a set for all `p` and `s` made of the letters i, o, r, w.
    pub fences: bool,
    /// The sets of events with an annotation, sorted: those that a bell file declares.
    pub annotations: Vec<String>,
    /// The relations between threads of one group, sorted: scopes and levels that a bell file declares.
    pub groups: Vec<String>,
}

impl Predefined {
    /// What the name stands for, if it is predefined.
    pub fn kind(&self, name: &str) -> Option<Kind> {
        let among = |names: &[String]| names.binary_search_by(|known| known.as_str().cmp(name)).is_ok();
        let annotation = || among(&self.annotations);
        if self.sets.contains(&name) || self.fences && is_fence(name) || annotation() {
            Some(Kind::Set)
        } else {
            (self.relations.contains(&name) || among(&self.groups)).then_some(Kind::Relation)
        }
    }

    /// The same, with sets of events that carry annotations.
    #[must_use]
    pub fn with_annotations(mut self, names: Vec<String>) -> Predefined {
        self.annotations.extend(names);
        self.annotations.sort_unstable();
        self.annotations.dedup();
        self
    }

    /// The same, with relations between threads of one group.
    #[must_use]
    pub fn with_groups(mut self, names: Vec<String>) -> Predefined {
        self.groups.extend(names);
        self.groups.sort_unstable();
        self.groups.dedup();
        self
    }

    /// All names, but those of fences that are made of letters.
    pub fn names(&self) -> Vec<&str> {
        let annotations = self.annotations.iter().chain(&self.groups).map(String::as_str);
        self.sets.iter().chain(&self.relations).copied().chain(annotations).collect()
    }
}

/// The predefined names of an architecture, called as litmus tests call it; of an unknown one, those that all have.
pub fn predefined(arch: &str) -> Predefined {
    let own = ARCHITECTURES.iter().filter(|(name, ..)| *name == arch);
    collect(own, arch == "RISCV")
}

/// The predefined names of all architectures.
pub fn predefined_anywhere() -> Predefined {
    collect(ARCHITECTURES.iter(), true)
}

type Architecture = (&'static str, &'static [&'static str], &'static [&'static str]);

fn collect<'a>(own: impl Iterator<Item = &'a Architecture>, fences: bool) -> Predefined {
    let (mut sets, mut relations) = (SETS.to_vec(), RELATIONS.to_vec());
    for (_, more_sets, more_relations) in own {
        sets.extend(*more_sets);
        relations.extend(*more_relations);
    }
    for names in [&mut sets, &mut relations] {
        names.sort_unstable();
        names.dedup();
    }
    Predefined { sets, relations, fences, annotations: Vec::new(), groups: Vec::new() }
}

fn is_fence(name: &str) -> bool {
    let letters = |s: &str| !s.is_empty() && s.chars().all(|c| "iorw".contains(c));
    let parts = name.strip_prefix("Fence.").and_then(|rest| rest.split_once('.'));
    parts.is_some_and(|(before, after)| letters(before) && letters(after))
}

/// Sets that every architecture has.
const SETS: &[&str] = &[
    "ADDR",
    "B",
    "BCC",
    "CutOff",
    "DATA",
    "EXC-ENTRY",
    "EXC-RET",
    "EXEC",
    "Exp",
    "F",
    "FAULT",
    "FAULT-RD",
    "FAULT-WR",
    "FW",
    "GCS",
    "IW",
    "M",
    "NExp",
    "PRED",
    "R",
    "Rreg",
    "SPEC",
    "SPURIOUS",
    "T",
    "TLBI",
    "W",
    "Wreg",
    "no-loc",
];

/// Relations that every architecture has.
const RELATIONS: &[&str] = &[
    "PTEtoPA",
    "addr",
    "alias",
    "aligned",
    "control",
    "ctrl",
    "data",
    "depend",
    "equiv-spec",
    "ext",
    "id",
    "iico_ctrl",
    "iico_data",
    "iico_order",
    "instr",
    "int",
    "inv-domain",
    "loc",
    "partial_po",
    "pco",
    "po",
    "rf",
    "rf-reg",
    "same-instance",
    "same-instr",
    "same-low-order-bits",
    "same-static",
    "si",
    "sm",
    "success",
    "tst",
];

/// Architectures with the sets and relations that they add.
const ARCHITECTURES: &[Architecture] = &[
    ("AArch64", AARCH64, &[]),
    ("ARM", ARM, &[]),
    ("ASL", &["ASLLocal", "WPC"], &[]),
    ("BPF", BPF, &[]),
    ("C", C, &[]),
    ("CPP", C, &[]),
    ("JAVA", &["ACQ", "O", "RA", "REL", "RMW", "V"], &[]),
    ("LISA", &["Ftotal", "RMW", "X"], &["next-level"]),
    ("LoongArch", LOONGARCH, &[]),
    ("MIPS", MIPS, &[]),
    ("PPC", &["EIEIO", "EX", "ISYNC", "LWSYNC", "SYNC", "X"], &[]),
    ("RISCV", &["Acq", "AcqRel", "EX", "Fence.i", "Fence.tso", "Rel", "Sc", "X"], &[]),
    ("S390X", &["CS", "SERIAL", "X"], &[]),
    ("X86", &["LFENCE", "MFENCE", "SFENCE", "X"], &[]),
    ("X86_64", &["LFENCE", "MFENCE", "NT", "SFENCE", "UC", "WB", "WC", "WT", "X"], &[]),
];

/// The first four are herd7's.
const BPF: &[&str] =
    &["AQ", "RL", "SC", "X", "Failed", "Lock", "MB", "Rcu-lock", "Rcu-unlock", "Sync-rcu", "Unlock"];

const LOONGARCH: &[&str] = &[
    "Acq",
    "DB",
    "DBAR.r.r",
    "DBAR.r.rw",
    "DBAR.r.w",
    "DBAR.rw.r",
    "DBAR.rw.rw",
    "DBAR.rw.w",
    "DBAR.same",
    "DBAR.w.r",
    "DBAR.w.rw",
    "DBAR.w.w",
    "EX",
    "Rel",
    "X",
];

const ARM: &[&str] = &[
    "A",
    "AL",
    "DMB",
    "DMB.ISH",
    "DMB.ISHLD",
    "DMB.ISHST",
    "DMB.LD",
    "DMB.NSH",
    "DMB.NSHLD",
    "DMB.NSHST",
    "DMB.OSH",
    "DMB.OSHLD",
    "DMB.OSHST",
    "DMB.ST",
    "DSB",
    "DSB.ISH",
    "DSB.ISHLD",
    "DSB.ISHST",
    "DSB.LD",
    "DSB.NSH",
    "DSB.NSHLD",
    "DSB.NSHST",
    "DSB.OSH",
    "DSB.OSHLD",
    "DSB.OSHST",
    "DSB.ST",
    "EX",
    "ISB",
    "L",
    "X",
];

const MIPS: &[&str] = &["EX", "SYNC", "SYNC.ACQUIRE", "SYNC.MB", "SYNC.RELEASE", "SYNC.RMB", "SYNC.WMB", "X"];

const C: &[&str] = &[
    "A", "ACQ", "ACQ_REL", "CON", "LF", "LK", "LKR", "LKW", "LS", "NA", "REL", "RL", "RLX", "RMW", "RU",
    "SC", "UL", "X", "annot",
];

const AARCH64: &[&str] = &[
    "A",
    "AF",
    "AccessFlag",
    "D-MMU",
    "D-PTE",
    "DB",
    "DC.CISWC",
    "DC.CISWU",
    "DC.CIVAC",
    "DC.CIVAU",
    "DC.CSWC",
    "DC.CSWU",
    "DC.CVAC",
    "DC.CVAU",
    "DC.ISWC",
    "DC.ISWU",
    "DC.IVAC",
    "DC.IVAU",
    "DC.ZSWC",
    "DC.ZSWU",
    "DC.ZVAC",
    "DC.ZVAU",
    "DMB.ISH",
    "DMB.ISHLD",
    "DMB.ISHST",
    "DMB.LD",
    "DMB.NSH",
    "DMB.NSHLD",
    "DMB.NSHST",
    "DMB.OSH",
    "DMB.OSHLD",
    "DMB.OSHST",
    "DMB.ST",
    "DMB.SY",
    "DSB.ISH",
    "DSB.ISHLD",
    "DSB.ISHST",
    "DSB.LD",
    "DSB.NSH",
    "DSB.NSHLD",
    "DSB.NSHST",
    "DSB.OSH",
    "DSB.OSHLD",
    "DSB.OSHST",
    "DSB.ST",
    "DSB.SY",
    "E0",
    "E1",
    "E2",
    "E3",
    "EX",
    "Exclusive",
    "GCSB.DSYNC",
    "GCSCheck",
    "IC.IALLU",
    "IC.IALLUIS",
    "IC.IVAU",
    "IC.IVAUIS",
    "ISB",
    "Instr",
    "L",
    "MMU",
    "NT",
    "NoRet",
    "PA",
    "PTE",
    "PTEAF0",
    "PTEDB0",
    "PTEINV",
    "PTEMemAttr",
    "PTEV",
    "PacCheck",
    "Permission",
    "Q",
    "ReadOnly",
    "Restricted-CMODX",
    "S",
    "SVC",
    "TLBIInXS",
    "TLBIIS",
    "TagCheck",
    "Translation",
    "UndefinedInstruction",
    "X",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_a_kind() {
        let riscv = predefined("RISCV");
        assert_eq!(riscv.kind("po"), Some(Kind::Relation));
        assert_eq!(riscv.kind("Acq"), Some(Kind::Set));
        assert_eq!(riscv.kind("Fence.rw.w"), Some(Kind::Set));
        assert_eq!(riscv.kind("Fence.rw"), None);
        assert_eq!(predefined("no such architecture").kind("Acq"), None);
        assert_eq!(predefined_anywhere().kind("NoRet"), Some(Kind::Set));
    }

    #[test]
    fn no_name_is_both_a_set_and_a_relation() {
        let all = predefined_anywhere();
        assert!(all.sets.iter().all(|name| !all.relations.contains(name)));
    }
}
