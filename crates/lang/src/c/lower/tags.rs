//! What events are marked with: the cat sets of C.

use super::{KernelUpdates, Settings};
use crate::c::ast::{Mark, Order};
use execution::micro::Tags;
use std::sync::Arc;

/// The sets that every test in C has: memory orders (`NA`: plain accesses; `A`: accesses with an order), atomic
/// updates (`RMW`, `X`), operations on locks.
pub const TAGS: &[&str] = &[
    "A", "ACQ", "ACQ_REL", "CON", "LF", "LK", "LKR", "LKW", "LS", "NA", "REL", "RL", "RLX", "RMW", "RU",
    "SC", "UL", "X",
];

/// What the halves of the kernel's updates are marked with, and the fences around them, where the annotation itself
/// marks neither.
const HALVES: [&str; 5] = ["Acquire", "Mb", "Noreturn", "Once", "Release"];

/// How many tags there may be.
const MAX_TAGS: usize = 128;

/// The tags of a program, by name.
#[derive(Clone, Debug)]
pub(super) struct Table {
    names: Arc<Vec<String>>,
    /// The tags of each list of annotations of the test.
    annotations: Vec<Tags>,
}

/// The set that cat has for an annotation: its name with the first letter in upper case.
pub fn annotation_set(annotation: &str) -> String {
    let mut letters = annotation.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

/// The names of the tags that all tests have under a model that knows these sets of annotations.
pub fn common_tags(sets: impl IntoIterator<Item = String>) -> Arc<Vec<String>> {
    let mut names: Vec<String> = TAGS.iter().map(|name| (*name).to_owned()).collect();
    for set in sets {
        if !names.contains(&set) {
            names.push(set);
        }
    }
    Arc::new(names)
}

impl Table {
    /// The common tags, and those of the annotations that occur in `lists`. `None` if there are too many.
    pub(super) fn new(settings: &Settings<'_>, lists: &[Vec<String>]) -> Option<Table> {
        let common = settings.tags.cloned();
        let mut names = common.unwrap_or_else(|| common_tags([]));
        if settings.kernel_updates == KernelUpdates::Fences && !lists.is_empty() {
            for name in HALVES {
                intern(&mut names, name);
            }
        }
        let mut annotations = Vec::with_capacity(lists.len());
        for list in lists {
            let mut tags = Tags::NONE;
            for word in list {
                let at = intern(&mut names, &annotation_set(word));
                if at >= MAX_TAGS {
                    return None;
                }
                tags = tags.with(Tags::one(at));
            }
            annotations.push(tags);
        }
        Some(Table { names, annotations }).filter(|table| table.names.len() <= MAX_TAGS)
    }

    /// The names, in the order of the tags.
    pub(super) fn into_names(self) -> Arc<Vec<String>> {
        self.names
    }

    /// The tag of that name.
    pub(super) fn get(&self, name: &str) -> Tags {
        self.names.iter().position(|known| known == name).map_or(Tags::NONE, Tags::one)
    }

    /// All tags of a list of names.
    pub(super) fn all(&self, names: &[&str]) -> Tags {
        names.iter().fold(Tags::NONE, |tags, name| tags.with(self.get(name)))
    }

    /// What marks an access or a fence.
    pub(super) fn mark(&self, mark: Mark) -> Tags {
        match mark {
            Mark::Annotations(id) => self.annotations.get(id.0 as usize).copied().unwrap_or(Tags::NONE),
            Mark::Order(order) => self.all(&[order_set(order)]),
        }
    }

    /// What marks an access of that order.
    pub(super) fn access(&self, mark: Mark) -> Tags {
        match mark {
            Mark::Annotations(_) => self.mark(mark),
            Mark::Order(order) => self.all(&[order_set(order), "A"]),
        }
    }
}

fn intern(names: &mut Arc<Vec<String>>, name: &str) -> usize {
    names.iter().position(|known| known == name).unwrap_or_else(|| {
        let names = Arc::make_mut(names);
        names.push(name.to_owned());
        names.len() - 1
    })
}

fn order_set(order: Order) -> &'static str {
    match order {
        Order::Relaxed => "RLX",
        Order::Consume => "CON",
        Order::Acquire => "ACQ",
        Order::Release => "REL",
        Order::AcqRel => "ACQ_REL",
        Order::SeqCst => "SC",
    }
}
