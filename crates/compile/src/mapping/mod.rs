//! Mappings: how each instruction of a source is said in a target.
//!
//! A mapping is a text file:
//!
//! ```text
//! mapping bpf-arm64-lse: BPF -> AArch64
//! "The kernel's JIT for arm64, with LSE atomics"
//! include lib/aarch64
//! registers X7 X0 X1 X2 X3 X4 X19 X20 X21 X22 X25
//! scratch X9 X10 X11
//!
//! fetch_<o:add|or|xor>_<n:32|64> a s:
//!     LD<o:ADD|SET|EOR>AL {s.<n:w|x>},{s.<n:w|x>},[{a}]
//!
//! reject load_acquire_<n:8|16|32|64>: "not before Linux 6.15"
//! ```
//!
//! * A rule is the name of an instruction ([`vocabulary`]) with its operands, and below it, indented, the instructions
//!   of the target. `nothing` stands for none.
//! * `<o:add|or>` in the name of a rule makes one rule for each word. The same letter in its lines chooses with it, by
//!   position.
//! * `{a}` is a hole for an operand; `{t1}`, `{t2}`, … are registers from the `scratch` list; `{.again}` is a label of
//!   this rule. `{s.w}` is the view of a register that the target calls so.
//! * `use NAME {d} {a} {s}` stands for the lines of another rule.
//! * Rules behind an `include` replace those of the same name that it brings.
//! * `//` starts a comment.

mod check;
mod library;
mod parse;
mod rule;
pub mod vocabulary;

pub use library::{SHIPPED, Shipped, shipped};
pub use parse::{Include, parse};
pub use rule::{Family, Line, Template};
pub(crate) use rule::{scratch, templates};
pub use vocabulary::Language;

use std::collections::{BTreeMap, BTreeSet};
use syntax::Span;

/// A mapping.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// Its name.
    pub name: String,
    /// What it is, in a line.
    pub title: String,
    /// What tests are translated from.
    pub source: Language,
    /// The architecture that they are translated to, as litmus tests call it.
    pub target: litmus::Arch,
    /// The target's registers that stand for registers and variables of the source, in order.
    pub registers: Vec<String>,
    /// Registers that rules may use in between.
    pub scratch: Vec<String>,
    /// The rules as written.
    pub families: Vec<Family>,
    /// The mapping's first line.
    pub span: Span,
    /// For each instruction, the rule that says it: its position, and which words its choices stand for.
    rules: BTreeMap<String, (usize, Vec<usize>)>,
}

impl Mapping {
    /// The rule for an instruction: the family, and how its choices are made.
    #[must_use]
    pub fn rule(&self, name: &str) -> Option<(&Family, &[usize])> {
        let (family, choices) = self.rules.get(name)?;
        Some((&self.families[*family], choices))
    }

    /// The positions of families that take part in saying the source, in order.
    #[must_use]
    pub fn reachable_families(&self) -> Vec<usize> {
        let names = vocabulary::instructions(self.source).map(|(name, _)| name);
        let mut found = BTreeSet::new();
        for name in names {
            self.follow(&name, &mut found, &mut BTreeSet::new());
        }
        found.into_iter().collect()
    }

    /// Whether an instruction is said with the help of a family.
    #[must_use]
    pub fn reaches(&self, name: &str, family: usize) -> bool {
        let mut found = BTreeSet::new();
        self.follow(name, &mut found, &mut BTreeSet::new());
        found.contains(&family)
    }

    /// Collects the family of an instruction and those that it uses.
    fn follow(&self, name: &str, families: &mut BTreeSet<usize>, seen: &mut BTreeSet<String>) {
        let Some((number, chosen)) = self.rules.get(name) else { return };
        if !seen.insert(name.to_owned()) {
            return;
        }
        families.insert(*number);
        let family = &self.families[*number];
        for line in &family.lines {
            let Some(used) = line.text.strip_prefix("use ") else { continue };
            if let Ok(used) = family.choose(used, chosen) {
                self.follow(used.split(' ').next().unwrap_or_default(), families, seen);
            }
        }
    }

    /// To be called when families were changed.
    pub(crate) fn refresh(&mut self) {
        self.index();
    }

    /// Enters the rules of all families; later ones win.
    fn index(&mut self) {
        self.rules.clear();
        for (at, family) in self.families.iter().enumerate() {
            for choices in family.combinations() {
                self.rules.insert(family.name(&choices), (at, choices));
            }
        }
    }
}
