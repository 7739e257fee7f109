//! The names of variants: switches of architectures and models that herd7 defines.

/// Every variant of herd7, under the name that models test, and ours: `await`, and those of `bpf.cat` and
/// `cpp20.cat`. Those with a number behind a
/// colon are `sve` and `sme`.
const KNOWN: &[&str] = &[
    "acqrelasfence",
    "asl",
    "asl+aarch64",
    "asl+aarch64+udf",
    "aslv0",
    "aslv1",
    "asltype+check",
    "asltype+silence",
    "asltype+warn",
    "asymmetric",
    "await",
    "backcompat",
    "bpf-failed-acquire",
    "bpf-failed-full",
    "bpf-mca",
    "bpf-no-addr-po",
    "bpf-rcsc",
    "const-pac-field",
    "constrainedunpredictable",
    "cos-opt",
    "cpp20-literal",
    "cutoff",
    "d128",
    "deps",
    "dic",
    "dontcheckmixed",
    "eis",
    "eos",
    "ets",
    "ets2",
    "ets3",
    "exp",
    "exs",
    "fatal",
    "fpac",
    "fullscdepend",
    "handled",
    "idc",
    "ifetch",
    "imprecise",
    "instances",
    "instr",
    "lkmmv1",
    "lkmmv2",
    "lrscdiffok",
    "memtag",
    "mixed",
    "morello",
    "neon",
    "no-key-da",
    "no-key-db",
    "no-key-ia",
    "no-key-ib",
    "noptebranch",
    "normw",
    "notweakpredicated",
    "nv2",
    "oldsolver",
    "oota",
    "optrfrmw",
    "pauth1",
    "pauth2",
    "precise",
    "pte2",
    "s128",
    "shadowstack",
    "skip",
    "sme",
    "specialx0",
    "splittedrmw",
    "store-only",
    "strict",
    "success",
    "sve",
    "switchdepscresult",
    "switchdepscwrite",
    "telechat",
    "test",
    "unaligned",
    "vmsa",
    "warn",
];

/// Other names of the same variants.
const ALIASES: &[(&str, &str)] = &[
    ("amox0", "specialx0"),
    ("asynchronous", "imprecise"),
    ("cu", "constrainedunpredictable"),
    ("faulttonext", "skip"),
    ("kvm", "vmsa"),
    ("mte", "memtag"),
    ("self", "ifetch"),
    ("synchronous", "precise"),
];

/// The name by which models test a variant: lower case, without aliases.
pub fn canonical(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    alias.map_or(name, |(_, known)| (*known).to_owned())
}

/// Whether herd7 knows a variant of that canonical name. `T00` to `T99` are free for models.
pub fn is_known(canonical: &str) -> bool {
    let base = canonical.split(':').next().unwrap_or(canonical);
    let digits = canonical.strip_prefix('t').unwrap_or("");
    let free = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
    free || KNOWN.contains(&base)
}

/// The known variant that was probably meant.
pub fn suggestion(canonical: &str) -> Option<&'static str> {
    syntax::did_you_mean(canonical, KNOWN.iter().copied())
}

/// Splits a list at commas and blanks.
pub fn split(list: &str) -> impl Iterator<Item = &str> {
    list.split([',', ' ', '\t']).filter(|name| !name.is_empty())
}

/// Variants of which at most one is on.
const EXCLUSIVE: &[&[&str]] = &[&["lkmmv1", "lkmmv2"]];

/// Adds a variant to a list, as written and under its canonical name: models may test either. It takes the place of
/// those that exclude it.
pub fn add(variants: &mut Vec<String>, name: &str) {
    let canonical = canonical(name);
    for group in EXCLUSIVE.iter().filter(|group| group.contains(&&*canonical)) {
        variants.retain(|known| !group.iter().any(|other| known.eq_ignore_ascii_case(other)));
    }
    for name in [name.to_owned(), canonical] {
        if !variants.contains(&name) {
            variants.push(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_canonical() {
        let mut variants = Vec::new();
        split("MTE, S128  kvm,vmsa").for_each(|name| add(&mut variants, name));
        assert_eq!(variants, ["MTE", "memtag", "S128", "s128", "kvm", "vmsa"]);
        assert!(is_known("sve:256") && is_known("t07") && !is_known("mixd"));
        assert_eq!(suggestion("mixd"), Some("mixed"));
    }

    #[test]
    fn the_last_version_holds() {
        let mut variants = Vec::new();
        ["lkmmv2", "test", "LKMMv1"].iter().for_each(|name| add(&mut variants, name));
        assert_eq!(variants, ["test", "LKMMv1", "lkmmv1"]);
    }
}
