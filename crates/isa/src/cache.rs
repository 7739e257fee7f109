//! Instructions that were read before.
//!
//! The tests of a batch repeat the same few instructions again and again. What an instruction means depends on its
//! text alone, where it names neither labels nor symbolic registers and has the same numbers for the global names in it.

use crate::Isa;
use crate::assemble::Context;
use execution::SymbolId;
use execution::micro::{Instruction, Reg};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use syntax::Span;

/// Instructions of any number of tests, by instruction set and text.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    sets: Vec<(&'static str, FxHashMap<Box<str>, Known>)>,
}

/// An instruction, and the global names that it was read with.
#[derive(Clone, Debug)]
struct Known {
    instruction: Instruction,
    symbols: Vec<(String, SymbolId)>,
}

/// More different instructions of one set than that are not kept.
const MOST: usize = 1 << 14;

/// The instructions that are known of an instruction set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Set(usize);

impl Cache {
    /// Those that a thread may use; `None` if its instructions mean something else elsewhere.
    pub(crate) fn set(&mut self, isa: &dyn Isa, symbolic_registers: &BTreeMap<String, Reg>) -> Option<Set> {
        if !isa.is_context_free() || !symbolic_registers.is_empty() {
            return None;
        }
        let at = self.sets.iter().position(|(name, _)| *name == isa.name()).unwrap_or_else(|| {
            self.sets.push((isa.name(), FxHashMap::default()));
            self.sets.len() - 1
        });
        Some(Set(at))
    }

    /// The instruction of that text, if it is known and means the same here.
    pub(crate) fn find(
        &self,
        set: Option<Set>,
        text: &str,
        span: Span,
        cx: &mut Context<'_>,
    ) -> Option<Instruction> {
        let known = self.sets.get(set?.0)?.1.get(text)?;
        let same = known.symbols.iter().all(|(name, id)| cx.symbol(name) == *id);
        same.then(|| Instruction { span, ..known.instruction.clone() })
    }

    /// Keeps an instruction that was just read, if it means the same everywhere.
    pub(crate) fn keep(&mut self, set: Option<Set>, text: &str, instruction: &Instruction, cx: &Context<'_>) {
        let set = set.and_then(|set| self.sets.get_mut(set.0)).map(|(_, set)| set);
        if let Some(set) = set.filter(|set| !cx.has_used_labels() && set.len() < MOST) {
            let symbols = cx.named().iter().map(|id| (cx.symbols.name(*id).to_owned(), *id)).collect();
            set.insert(text.into(), Known { instruction: instruction.clone(), symbols });
        }
    }
}
