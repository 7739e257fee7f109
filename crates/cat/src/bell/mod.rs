//! Bell files: which annotations the instructions of a test may carry, and how threads are grouped.
//!
//! A bell file is a cat file with declarations of its own. It is used twice: [`collect`] runs it once without any
//! execution, for its declarations; and every run of a model begins with it, for the names it binds.
//!
//! Source: herd7's bell language, from its documentation and its behaviour. Deviations:
//!
//! 1. `_` as an annotation of an `instructions` line allows every tag; herd7 wants a set of tags.
//! 2. What a bell file binds is computed only where a declaration needs it, so mistakes in other bindings are found
//!    when the bell file is checked as a model, not here.

mod collect;

pub use collect::collect;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Kinds of instructions that can be annotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `R`: reads.
    Read,
    /// `W`: writes.
    Write,
    /// `RMW`: read-modify-writes.
    Rmw,
    /// `F`: fences, and calls of LISA.
    Fence,
    /// `B`: branches.
    Branch,
    /// `SRCU`: the operations of sleepable RCU.
    Srcu,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 6] = [Kind::Read, Kind::Write, Kind::Rmw, Kind::Fence, Kind::Branch, Kind::Srcu];

    /// The word of bell files.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Read => "R",
            Kind::Write => "W",
            Kind::Rmw => "RMW",
            Kind::Fence => "F",
            Kind::Branch => "B",
            Kind::Srcu => "SRCU",
        }
    }

    /// The kind that a bell file calls so. `CALL` is another word for `F`.
    pub fn from_word(word: &str) -> Option<Kind> {
        match word {
            "CALL" => Some(Kind::Fence),
            _ => Kind::ALL.into_iter().find(|kind| kind.word() == word),
        }
    }
}

/// What may stand at one place of a list of annotations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// Any tag.
    Any,
    /// One of these tags.
    Tags(BTreeSet<Arc<str>>),
}

impl Allowed {
    fn allows(&self, tag: &str) -> bool {
        match self {
            Allowed::Any => true,
            Allowed::Tags(tags) => tags.contains(tag),
        }
    }
}

/// An order of tags: scopes or levels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hierarchy {
    /// The tags, as declared.
    pub tags: Vec<Arc<str>>,
    /// Pairs of a tag and one that is narrower.
    pub narrower: BTreeSet<(Arc<str>, Arc<str>)>,
}

/// What a bell file declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bell {
    /// The title of the file.
    pub title: Option<String>,
    /// The enumerations with their tags, in the order of the file.
    pub enums: Vec<(Arc<str>, Vec<Arc<str>>)>,
    alternatives: BTreeMap<Kind, Vec<Vec<Allowed>>>,
    defaults: BTreeMap<Kind, Vec<Arc<str>>>,
    /// The scopes of threads, if there are any.
    pub scopes: Option<Hierarchy>,
    /// The levels of threads, if there are any.
    pub levels: Option<Hierarchy>,
    /// The regions of memory, if there are any.
    pub regions: Option<Vec<Arc<str>>>,
}

impl Bell {
    /// The tags that instructions may carry, in alphabetical order.
    pub fn tags(&self) -> BTreeSet<&str> {
        let places = self.alternatives.values().flatten().flatten();
        let mut tags: BTreeSet<&str> = BTreeSet::new();
        for place in places {
            match place {
                Allowed::Tags(some) => tags.extend(some.iter().map(|tag| &**tag)),
                Allowed::Any => tags.extend(self.enums.iter().flat_map(|(_, all)| all).map(|tag| &**tag)),
            }
        }
        tags
    }

    /// The names of the sets of events that carry the tags: those that a model may use even if no event of the test
    /// is in them.
    pub fn set_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.tags().into_iter().map(set_name).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The names of the relations between threads of one group: scopes and levels.
    pub fn group_names(&self) -> Vec<String> {
        let all = self.scopes.iter().chain(&self.levels).flat_map(|hierarchy| &hierarchy.tags);
        all.map(|tag| tag.to_string()).collect()
    }

    /// The lists of annotations that an instruction of that kind may carry.
    pub fn alternatives(&self, kind: Kind) -> &[Vec<Allowed>] {
        self.alternatives.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// What an instruction of that kind carries where the test says nothing.
    pub fn default_annotations(&self, kind: Kind) -> Option<&[Arc<str>]> {
        self.defaults.get(&kind).map(Vec::as_slice)
    }

    /// Whether an instruction of that kind may carry these annotations. Where the bell file declares nothing for a
    /// kind, it may carry none; where there is a default, it need not carry any.
    pub fn allows<S: AsRef<str>>(&self, kind: Kind, annotations: &[S]) -> bool {
        let alternatives = self.alternatives(kind);
        if annotations.is_empty() && (alternatives.is_empty() || self.defaults.contains_key(&kind)) {
            return true;
        }
        let fits = |places: &Vec<Allowed>| {
            places.len() == annotations.len()
                && places.iter().zip(annotations).all(|(place, tag)| place.allows(tag.as_ref()))
        };
        alternatives.iter().any(fits)
    }

    /// Whether an instruction of C may carry these annotations. C is checked less closely than LISA, for its
    /// annotations come out of a file of macros, and one annotation may become several events: a
    /// read-modify-write that is a full fence may be made of accesses and fences. So it is enough that each tag is
    /// one that some instruction may carry.
    pub fn allows_in_c<S: AsRef<str>>(&self, annotations: &[S]) -> bool {
        let known = |tag: &str| self.alternatives.values().flatten().flatten().any(|place| place.allows(tag));
        annotations.iter().all(|tag| known(tag.as_ref()))
    }

    /// Why an instruction is refused.
    pub fn mismatch(&self, instruction: &str, kind: Kind) -> String {
        format!(
            "annotation error, instruction '{instruction}' does not match the declarations of {} in the bell file",
            kind.word()
        )
    }

    /// What an instruction of that kind may carry, for people.
    pub fn describe(&self, kind: Kind) -> String {
        let place = |place: &Allowed| match place {
            Allowed::Any => "_".to_owned(),
            Allowed::Tags(tags) => {
                let tags: Vec<String> = tags.iter().map(|tag| format!("'{tag}")).collect();
                if tags.len() == 1 { tags.concat() } else { format!("{{{}}}", tags.join(", ")) }
            }
        };
        let list = |places: &Vec<Allowed>| {
            let places: Vec<String> = places.iter().map(place).collect();
            format!("{}[{}]", kind.word(), places.join(", "))
        };
        match self.alternatives(kind) {
            [] => format!("{}[]", kind.word()),
            all => all.iter().map(list).collect::<Vec<_>>().join(" or "),
        }
    }
}

/// The name of the set of events that carry an annotation: that of the annotation with a capital.
pub fn set_name(tag: &str) -> String {
    let mut chars = tag.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
