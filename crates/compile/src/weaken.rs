//! Which barriers of a mapping are needed: the mapping with one of them weakened or left out, one after the other.

use crate::mapping::{Family, Line, Mapping};
use litmus::Arch;

/// One barrier made weaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weakening {
    /// The rule that it is in, as its mapping names it, with its order spelled out.
    pub rule: String,
    /// The instruction as it is, choices included.
    pub line: String,
    /// What stands in its place; empty if it is left out.
    pub weaker: String,
    family: usize,
    at: usize,
}

/// A mapping whose rules each have one order, so that a barrier can be weakened in one and kept in the others.
#[must_use]
pub fn split(mapping: &Mapping) -> Mapping {
    let mut split = mapping.clone();
    split.families = mapping.families.iter().flat_map(split_family).collect();
    split.refresh();
    split
}

/// All ways to weaken one barrier of a mapping that was [`split`].
#[must_use]
pub fn weakenings(mapping: &Mapping) -> Vec<Weakening> {
    let mut all = Vec::new();
    for number in mapping.reachable_families() {
        let family = &mapping.families[number];
        for (line, at) in family.lines.iter().zip(0..) {
            for weaker in weaker_lines(mapping.target, &line.text) {
                let rule = family.pattern.clone();
                all.push(Weakening { rule, line: line.text.clone(), weaker, family: number, at });
            }
        }
    }
    all
}

impl Weakening {
    /// The mapping with this barrier weakened. It must be the one that the weakening comes from.
    #[must_use]
    pub fn apply(&self, mapping: &Mapping) -> Mapping {
        let mut weaker = mapping.clone();
        weaker.families[self.family].lines[self.at].text.clone_from(&self.weaker);
        weaker
    }

    /// Whether a test that uses these instructions of the source can tell.
    #[must_use]
    pub fn concerns(&self, mapping: &Mapping, used: &[String]) -> bool {
        used.iter().any(|name| mapping.reaches(name, self.family))
    }
}

/// Words for orders: what a rule is split by.
const ORDERS: &[&str] = &[
    "relaxed",
    "acquire",
    "release",
    "full",
    "rlx",
    "acq",
    "rel",
    "acqrel",
    "sc",
    "mb",
    "rmb",
    "wmb",
    "before_atomic",
    "after_atomic",
    "after_spinlock",
    "after_unlock_lock",
];

fn split_family(family: &Family) -> Vec<Family> {
    let order =
        family.choices.iter().position(|(_, words)| words.iter().all(|word| ORDERS.contains(&word.as_str())));
    let Some(order) = order else { return vec![family.clone()] };
    let (letter, words) = &family.choices[order];
    let one = |number: usize| {
        let resolve = |text: &str| resolve(text, letter, number);
        let mut choices = family.choices.clone();
        choices.remove(order);
        let lines = family.lines.iter();
        let lines = lines.map(|line| Line { text: resolve(&line.text), span: line.span });
        Family { pattern: resolve(&family.pattern), choices, lines: lines.collect(), ..family.clone() }
    };
    (0..words.len()).map(one).collect()
}

/// A text with the choice of one letter made.
fn resolve(text: &str, letter: &str, number: usize) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('<') {
        out += before;
        let choice =
            behind.split_once('>').and_then(|(choice, behind)| Some((choice.split_once(':')?, behind)));
        match choice {
            Some(((known, words), behind)) if known == letter => {
                out += words.split('|').nth(number).unwrap_or_default();
                rest = behind;
            }
            _ => {
                out.push('<');
                rest = behind;
            }
        }
    }
    out + rest
}

/// Barriers with what is weaker, from a little to nothing. The first that fits counts.
fn table(target: Arch) -> &'static [(&'static str, &'static [&'static str])] {
    match target {
        Arch::AArch64 => &[
            ("DMB ISH", &["DMB ISHLD", "DMB ISHST", ""]),
            ("DMB ISHLD", &[""]),
            ("DMB ISHST", &[""]),
            ("STLXR", &["STXR"]),
            ("LDAXR", &["LDXR"]),
            ("LDAPR", &["LDR"]),
            ("LDAR", &["LDAPR", "LDR"]),
            ("STLR", &["STR"]),
            ("AL {", &["A {", "L {", " {"]),
            ("SWPA {", &["SWP {"]),
            ("SWPL {", &["SWP {"]),
            ("CASA {", &["CAS {"]),
            ("CASL {", &["CAS {"]),
            (">A {", &["> {"]),
            (">L {", &["> {"]),
        ],
        Arch::Riscv => &[
            ("fence rw,rw", &["fence.tso", "fence r,rw", "fence rw,w", ""]),
            ("fence iorw,iorw", &["fence.tso", ""]),
            ("fence r,rw", &["fence r,r", "fence r,w", ""]),
            ("fence rw,w", &["fence w,w", "fence r,w", ""]),
            ("fence.tso", &["fence r,rw", "fence rw,w", ""]),
            ("fence r,r", &[""]),
            ("fence w,w", &[""]),
            (".aqrl", &[".aq", ".rl", ""]),
            (".aq", &[""]),
            (".rl", &[""]),
        ],
        Arch::Ppc => &[("lwsync", &[""]), ("isync", &[""]), ("sync", &["lwsync", ""])],
        Arch::X86_64 => &[
            ("lock addl $0,-4(%rsp)", &[""]),
            ("lock orl $0,-64(%rsp)", &[""]),
            ("lock ", &[""]),
            ("mfence", &[""]),
        ],
        Arch::S390x => &[("bcr 14,0", &[""]), ("bcr 15,0", &[""])],
        Arch::LoongArch => &[
            ("_db", &[""]),
            ("dbar 0b10100", &["dbar 0b10101", "dbar 0b10110", ""]),
            ("dbar 0b10010", &["dbar 0b11010", "dbar 0b10110", ""]),
            ("dbar 0b10000", &["dbar 0b10100", "dbar 0b10010", ""]),
            ("dbar 0b10101", &[""]),
            ("dbar 0b11010", &[""]),
            ("dbar 0x700", &[""]),
        ],
        Arch::Mips => &[("sync", &["sync_acquire", "sync_release", ""])],
        Arch::Arm => &[("DMB ISH", &["DMB ISHST", ""])],
        _ => &[],
    }
}

/// The weaker forms of a line; none if it has no barrier.
fn weaker_lines(target: Arch, line: &str) -> Vec<String> {
    for (barrier, weaker) in table(target) {
        if let Some(at) = find(line, barrier) {
            let replace = |word: &&str| format!("{}{word}{}", &line[..at], &line[at + barrier.len()..]);
            return weaker.iter().map(replace).map(|line| line.trim().to_owned()).collect();
        }
    }
    Vec::new()
}

/// Where a barrier stands in a line, as a word of its own as far as it consists of letters.
fn find(line: &str, barrier: &str) -> Option<usize> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (first, last) = (barrier.chars().next()?, barrier.chars().next_back()?);
    line.match_indices(barrier).map(|(at, _)| at).find(|at| {
        // In `LDARB` and `STLRH` letters follow, in `LD<…>AL {` letters come before.
        let after = line[at + barrier.len()..].chars().next();
        let open = barrier.starts_with("LDA") || barrier.starts_with("STL");
        let before = line[..*at].chars().next_back();
        let starts = !is_word(first) || barrier.ends_with('{') || !before.is_some_and(is_word);
        let ends = !is_word(last) || open || !after.is_some_and(|c| is_word(c) || c == ',');
        starts && ends
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weaker_forms_of_lines() {
        let forms = |target, line: &str| weaker_lines(target, line).join(" / ");
        assert_eq!(forms(Arch::AArch64, "DMB ISH"), "DMB ISHLD / DMB ISHST / ");
        assert_eq!(
            forms(Arch::AArch64, "LD<o:ADD|SET>AL {s.w},{s.w},[{a}]"),
            "LD<o:ADD|SET>A {s.w},{s.w},[{a}] / LD<o:ADD|SET>L {s.w},{s.w},[{a}] / LD<o:ADD|SET> {s.w},{s.w},[{a}]"
        );
        assert_eq!(
            forms(Arch::AArch64, "LDAR<n:B|> {d.w},[{a}]"),
            "LDAPR<n:B|> {d.w},[{a}] / LDR<n:B|> {d.w},[{a}]"
        );
        assert_eq!(forms(Arch::AArch64, "ADD {d},{d},{s}"), "");
        assert_eq!(forms(Arch::Ppc, "{.different}: sync"), "{.different}: lwsync / {.different}:");
        assert_eq!(forms(Arch::Ppc, "lwsync"), "");
        assert_eq!(
            forms(Arch::Riscv, "amoadd.w.aqrl {s},{s},({a})"),
            "amoadd.w.aq {s},{s},({a}) / amoadd.w.rl {s},{s},({a}) / amoadd.w {s},{s},({a})"
        );
        assert_eq!(forms(Arch::Riscv, "fence r,rw"), "fence r,r / fence r,w / ");
    }

    #[test]
    fn orders_are_spelled_out() {
        assert_eq!(resolve("LD<o:|A>XR {t.<n:w|x>}", "o", 1), "LDAXR {t.<n:w|x>}");
        assert_eq!(resolve("<o:|||DMB ISH>", "o", 0), "");
    }
}
