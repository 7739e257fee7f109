//! What names mean.

use rustc_hash::{FxBuildHasher, FxHashMap};
use syntax::Span;

use crate::c::ast::{FunctionId, GlobalId, Label, LabelId, Local, LocalId};
use crate::c::types::TypeId;

/// More names are not compared with a wrong one.
const MAX_COMPARED: usize = 1000;

/// What a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// A parameter of a thread: the address of a global, as this pointer.
    Parameter(GlobalId, TypeId),
    /// A variable of the function.
    Local(LocalId),
    /// A variable at file scope.
    Global(GlobalId),
    /// A type.
    Typedef(TypeId),
    /// An enumerator.
    Constant(i128),
    /// A helper function.
    Function(FunctionId),
}

/// Scopes inside each other.
#[derive(Debug)]
pub(super) struct Scopes<'a> {
    entries: FxHashMap<&'a str, (Entry, u32)>,
    /// What inner scopes hide, to be restored.
    hidden: Vec<(&'a str, Option<(Entry, u32)>)>,
    /// Where in `hidden` each scope starts.
    starts: Vec<usize>,
}

impl<'a> Scopes<'a> {
    pub(super) fn new() -> Scopes<'a> {
        Scopes {
            entries: FxHashMap::with_capacity_and_hasher(28, FxBuildHasher),
            hidden: Vec::with_capacity(16),
            starts: Vec::with_capacity(8),
        }
    }

    pub(super) fn enter(&mut self) {
        self.starts.push(self.hidden.len());
    }

    /// Forgets what was declared since the matching `enter`, and tells about it.
    pub(super) fn leave(&mut self, mut gone: impl FnMut(&'a str, Entry)) {
        let start = self.starts.pop().unwrap_or(0);
        while self.hidden.len() > start {
            let Some((name, before)) = self.hidden.pop() else { return };
            let last = match before {
                Some(before) => self.entries.insert(name, before),
                None => self.entries.remove(name),
            };
            if let Some((entry, _)) = last {
                gone(name, entry);
            }
        }
    }

    pub(super) fn find(&self, name: &str) -> Option<Entry> {
        self.entries.get(name).map(|(entry, _)| *entry)
    }

    /// What the name means, if it was declared in the innermost scope.
    pub(super) fn find_here(&self, name: &str) -> Option<Entry> {
        self.entries.get(name).filter(|(_, level)| *level == self.level()).map(|(entry, _)| *entry)
    }

    pub(super) fn declare(&mut self, name: &'a str, entry: Entry) {
        let level = self.level();
        let before = self.entries.insert(name, (entry, level));
        if !self.starts.is_empty() {
            self.hidden.push((name, before));
        }
    }

    /// All names that mean something, for “did you mean”: none if there are too many to compare.
    pub(super) fn names(&self) -> Vec<&'a str> {
        if self.entries.len() > MAX_COMPARED {
            return Vec::new();
        }
        let mut names: Vec<&str> = self.entries.keys().copied().collect();
        names.sort_unstable();
        names
    }

    /// How many scopes there are inside the file.
    pub(super) fn level(&self) -> u32 {
        self.starts.len() as u32
    }
}

/// A label, and what is known of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct LabelState {
    pub(super) id: LabelId,
    pub(super) defined: bool,
}

/// The function that is read.
#[derive(Debug, Default)]
pub(super) struct FunctionState<'a> {
    pub(super) locals: Vec<Local>,
    pub(super) labels: Vec<Label>,
    pub(super) label_names: FxHashMap<&'a str, LabelState>,
    /// Variables that are assigned without a declaration.
    pub(super) implicit: FxHashMap<&'a str, LocalId>,
    /// Variables whose scope has ended.
    pub(super) retired: FxHashMap<&'a str, LocalId>,
    pub(super) returns: Option<TypeId>,
    /// Whether it is a thread: `return` then needs no value of a type.
    pub(super) is_thread: bool,
    pub(super) loops: u32,
    /// The switches that are open, innermost last.
    pub(super) switches: Vec<Switch>,
}

/// An open switch.
#[derive(Debug)]
pub(super) struct Switch {
    pub(super) ty: TypeId,
    pub(super) cases: Vec<(i128, LabelId, Span)>,
    pub(super) default: Option<LabelId>,
}
