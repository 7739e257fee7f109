//! Instructions that were read before.
//!
//! The tests of a batch repeat the same few instructions again and again. What an instruction means depends on its
//! text alone, where it names neither labels nor symbolic registers and has the same numbers for the global names in it.

use crate::Isa;
use crate::assemble::Context;
use execution::SymbolId;
use execution::micro::Instruction;
use rustc_hash::FxHashMap;
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

impl Cache {
    fn set(&mut self, isa: &dyn Isa) -> &mut FxHashMap<Box<str>, Known> {
        let at = self.sets.iter().position(|(name, _)| *name == isa.name()).unwrap_or_else(|| {
            self.sets.push((isa.name(), FxHashMap::default()));
            self.sets.len() - 1
        });
        &mut self.sets[at].1
    }

    /// The instruction of that text, if it is known and means the same here.
    pub(crate) fn find(
        &mut self,
        isa: &dyn Isa,
        text: &str,
        span: Span,
        cx: &mut Context<'_>,
    ) -> Option<Instruction> {
        if !isa.is_context_free() || !cx.symbolic_registers.is_empty() {
            return None;
        }
        let known = self.set(isa).get(text)?;
        let same = known.symbols.iter().all(|(name, id)| cx.symbol(name) == *id);
        same.then(|| Instruction { span, ..known.instruction.clone() })
    }

    /// Keeps an instruction that was just read, if it means the same everywhere.
    pub(crate) fn keep(&mut self, isa: &dyn Isa, text: &str, instruction: &Instruction, cx: &Context<'_>) {
        if !isa.is_context_free() || !cx.symbolic_registers.is_empty() || cx.has_used_labels() {
            return;
        }
        let set = self.set(isa);
        if set.len() < MOST {
            let symbols = cx.named().iter().map(|id| (cx.symbols.name(*id).to_owned(), *id)).collect();
            set.insert(text.into(), Known { instruction: instruction.clone(), symbols });
        }
    }
}
