//! The mappings that are built in.

/// A mapping that is built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shipped {
    /// Its name.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
    /// Whether it is one that was found wrong, and is kept to show it.
    pub wrong: bool,
}

macro_rules! list {
    ($($name:literal $wrong:literal)*) => {
        &[$(Shipped {
            name: $name,
            text: include_str!(concat!("../../../../mappings/", $name, ".map")),
            wrong: $wrong,
        }),*]
    };
}

/// All of them, in the order in which they are shown.
pub const SHIPPED: &[Shipped] = list! {
    "bpf-x86-64" false
    "bpf-arm64-lse" false
    "bpf-arm64-llsc" false
    "bpf-riscv64" false
    "bpf-riscv64-zacas" false
    "bpf-ppc64" false
    "bpf-ppc32" false
    "bpf-s390x" false
    "bpf-loongarch" false
    "bpf-mips64" false
    "bpf-interpreter-x86-64" false
    "bpf-interpreter-arm64-lse" false
    "bpf-interpreter-arm64-llsc" false
    "bpf-interpreter-riscv64" false
    "bpf-interpreter-ppc64" false
    "bpf-ppc64-no-sync" true
    "bpf-ppc64-trailing-sync" true
    "bpf-ppc64-lwsync-isync" true
    "bpf-riscv64-relaxed" true
    "bpf-arm64-lse-relaxed" true
    "bpf-arm64-lse-acquire" true
    "bpf-arm64-lse-release" true
    "bpf-arm64-lse-plain" true
    "bpf-x86-64-no-lock" true
    "bpf-s390x-no-serialisation" true
    "bpf-loongarch-no-barrier" true
    "linux-x86-64" false
    "linux-arm64-lse" false
    "linux-arm64-llsc" false
    "linux-riscv64" false
    "linux-riscv64-zacas" false
    "linux-ppc64" false
    "linux-s390x" false
    "linux-loongarch" false
    "linux-mips64" false
    "c11-x86-64" false
    "c11-arm64-llsc" false
    "c11-arm64-lse" false
    "c11-arm64-rcpc" false
    "c11-riscv64" false
    "c11-ppc64" false
    "c11-s390x" false
    "c11-loongarch" false
    "c11-mips64" false
    "c11-armv7" false
};

/// What mappings include.
const PARTS: &[Shipped] = list! {
    "lib/x86-64" false
    "lib/arm64" false
    "lib/riscv64" false
    "lib/ppc64" false
    "lib/s390x" false
    "lib/loongarch" false
    "lib/mips64" false
    "lib/arm" false
    "lib/bpf-riscv64" false
    "lib/linux-arm64" false
    "lib/c11-arm64" false
    "lib/interpreter" false
};

/// The mapping or part of that name.
#[must_use]
pub fn shipped(name: &str) -> Option<Shipped> {
    SHIPPED.iter().chain(PARTS).find(|one| one.name == name).copied()
}

/// All names.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().chain(PARTS).map(|one| one.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::parse;
    use syntax::FileId;

    #[test]
    fn every_mapping_is_well_formed() {
        for one in SHIPPED {
            let mut files = 0;
            let mut include = |name: &str| {
                files += 1;
                Some((FileId(files), shipped(name)?.text.to_owned()))
            };
            let (mapping, diagnostics) = parse(FileId(0), one.text, &mut include);
            assert_eq!(diagnostics, [], "{}", one.name);
            let mapping = mapping.unwrap_or_else(|| panic!("{}", one.name));
            assert_eq!(mapping.name, one.name);
            assert!(!mapping.title.is_empty());
        }
    }
}
