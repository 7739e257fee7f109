//! What can be mapped: the instructions of a source, by name, with the names of their operands.
//!
//! A front end cuts a test into these. All sources share the first list, instructions that move and compute, plain
//! accesses and branches; each adds its own.
//!
//! Values in registers have 64 bits. Those of 32 bits that come from a `load` are filled up with zeros, those from a
//! `loads` with their sign.

/// What tests are translated from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// BPF.
    Bpf,
    /// C11's atomics.
    C11,
    /// The Linux kernel's C.
    Kernel,
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 3] = [Language::Bpf, Language::C11, Language::Kernel];

    /// The word for it in mappings.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Language::Bpf => "BPF",
            Language::C11 => "C11",
            Language::Kernel => "Linux",
        }
    }

    /// The language of that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|language| language.word() == word)
    }

    /// The model that says what its programs may do, if no other is asked for.
    #[must_use]
    pub fn model(self) -> &'static str {
        match self {
            Language::Bpf => "bpf.cat",
            Language::C11 => "cpp20.cat",
            Language::Kernel => "linux-kernel.cat",
        }
    }
}

/// The kinds of operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A register.
    Register,
    /// A number.
    Number,
    /// A label.
    Label,
}

/// What the letter of an operand stands for: `d` a register that is written, `a` one with an address, `s`, `e` and `r`
/// others that are read (`r` is written, too), `o` a distance, `i` a number, `l` a label.
#[must_use]
pub fn kind(operand: &str) -> Kind {
    match operand {
        "o" | "i" => Kind::Number,
        "l" => Kind::Label,
        _ => Kind::Register,
    }
}

/// Names are written as in mappings: `<a|b>` stands for both. The operands follow.
const COMMON: &[(&str, &str)] = &[
    ("li", "d i"),
    ("addi", "d i"),
    ("mov", "d s"),
    ("<n:add|sub|mul|and|or|xor|lsh|rsh|arsh>", "d s"),
    ("<n:zext|sext>32", "d s"),
    ("<n:beq|bne|bltu|bgeu|blts|bges>", "a s l"),
    ("<n:beqz|bnez>", "s l"),
    ("goto", "l"),
    ("load<n:8|16|32|64>", "d a o"),
    ("loads<n:8|16|32>", "d a o"),
    ("store<n:8|16|32|64>", "a s o"),
];

const BPF: &[(&str, &str)] = &[
    ("atomic_<o:add|and|or|xor>_<n:32|64>", "a s"),
    ("fetch_<o:add|and|or|xor>_<n:32|64>", "a s"),
    ("xchg_<n:32|64>", "a s"),
    ("cmpxchg_<n:32|64>", "a r s"),
    ("load_acquire_<n:8|16|32|64>", "d a"),
    ("store_release_<n:8|16|32|64>", "a s"),
];

const C11: &[(&str, &str)] = &[
    ("c11_load_<o:rlx|acq|sc>_<n:32|64>", "d a"),
    ("c11_store_<o:rlx|rel|sc>_<n:32|64>", "a s"),
    ("c11_xchg_<o:rlx|acq|rel|acqrel|sc>_<n:32|64>", "d a s"),
    ("c11_fetch_<p:add|sub|and|or|xor>_<o:rlx|acq|rel|acqrel|sc>_<n:32|64>", "d a s"),
    ("c11_cas_<o:rlx|acq|rel|acqrel|sc>_<n:32|64>", "d a e s"),
    ("c11_fence_<o:acq|rel|acqrel|sc>", ""),
];

const KERNEL: &[(&str, &str)] = &[
    ("read_once_<n:32|64>", "d a"),
    ("write_once_<n:32|64>", "a s"),
    ("smp_load_acquire_<n:8|16|32|64>", "d a"),
    ("smp_store_release_<n:8|16|32|64>", "a s"),
    ("smp_<o:mb|rmb|wmb>", ""),
    ("smp_mb__<o:before_atomic|after_atomic|after_spinlock|after_unlock_lock>", ""),
    ("atomic_<o:add|sub|and|or|xor>_void_<n:32|64>", "a s"),
    ("atomic_fetch_<p:add|sub|and|or|xor>_<o:relaxed|acquire|release|full>_<n:32|64>", "d a s"),
    ("atomic_xchg_<o:relaxed|acquire|release|full>_<n:32|64>", "d a s"),
    ("atomic_cmpxchg_<o:relaxed|acquire|release|full>_<n:32|64>", "d a e s"),
];

fn own(language: Language) -> &'static [(&'static str, &'static str)] {
    match language {
        Language::Bpf => BPF,
        Language::C11 => C11,
        Language::Kernel => KERNEL,
    }
}

/// All instructions of a language, with their operands.
pub fn instructions(language: Language) -> impl Iterator<Item = (String, &'static str)> {
    let lists = COMMON.iter().chain(own(language));
    lists.flat_map(|(pattern, operands)| expand(pattern).into_iter().map(move |name| (name, *operands)))
}

/// The operands of the instruction of that name, in whatever language it is.
#[must_use]
pub fn operands(name: &str) -> Option<&'static str> {
    let lists = COMMON.iter().chain(BPF).chain(C11).chain(KERNEL);
    lists.into_iter().find(|(pattern, _)| matches(pattern, name)).map(|(_, operands)| *operands)
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('<') {
        None => pattern == name,
        Some((before, rest)) => {
            let Some(name) = name.strip_prefix(before) else { return false };
            let (choice, behind) = rest.split_once('>').unwrap_or((rest, ""));
            let alternatives = choice.split_once(':').map_or(choice, |(_, list)| list);
            alternatives
                .split('|')
                .any(|alternative| name.strip_prefix(alternative).is_some_and(|rest| matches(behind, rest)))
        }
    }
}

/// All names that a pattern of the lists above stands for.
fn expand(pattern: &str) -> Vec<String> {
    let Some((before, rest)) = pattern.split_once('<') else { return vec![pattern.to_owned()] };
    let (choice, behind) = rest.split_once('>').unwrap_or((rest, ""));
    let alternatives = choice.split_once(':').map_or(choice, |(_, list)| list);
    let tails = expand(behind);
    let names = alternatives.split('|');
    names.flat_map(|name| tails.iter().map(move |tail| format!("{before}{name}{tail}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instruction_is_found_by_its_name() {
        for language in Language::ALL {
            for (name, known) in instructions(language) {
                assert_eq!(operands(&name), Some(known), "{name}");
            }
        }
        assert_eq!(instructions(Language::Bpf).count(), 34 + 28);
        assert_eq!(operands("fetch_nand_32"), None);
    }
}
