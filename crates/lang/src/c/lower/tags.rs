//! What events are marked with: the cat sets of C.

use super::{KernelUpdates, Settings};
use crate::c::ast::{Mark, Order};
use execution::micro::Tags;

/// The sets that every test in C has: memory orders (`NA`: plain accesses; `A`: accesses with an order), atomic
/// updates (`RMW`, `X`), operations on locks.
pub const TAGS: &[&str] = &[
    "A", "ACQ", "ACQ_REL", "CON", "LF", "LK", "LKR", "LKW", "LS", "NA", "REL", "RL", "RLX", "RMW", "RU", "SC",
    "UL", "X",
];

/// What the halves of the kernel's updates are marked with, and the fences around them, where the annotation itself
/// marks neither.
const HALVES: [&str; 5] = ["Acquire", "Mb", "Noreturn", "Once", "Release"];

/// How many tags there may be.
const MAX_TAGS: usize = 128;

/// The tags of a program, by name.
#[derive(Clone, Debug)]
pub(super) struct Table {
    names: Vec<String>,
    /// The tags of each list of annotations of the test.
    annotations: Vec<Tags>,
}

/// The set that cat has for an annotation: its name with the first letter in upper case.
pub fn annotation_set(annotation: &str) -> String {
    let mut letters = annotation.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

impl Table {
    /// The tags of C, those of the annotations that are known, and those that occur in `lists`.
    /// `None` if there are too many.
    pub(super) fn new(settings: &Settings<'_>, lists: &[Vec<String>]) -> Option<Table> {
        let mut names: Vec<String> = TAGS.iter().map(|name| (*name).to_owned()).collect();
        for annotation in settings.annotations {
            intern(&mut names, &annotation_set(annotation));
        }
        if settings.kernel_updates == KernelUpdates::Fences && !lists.is_empty() {
            for name in HALVES {
                intern(&mut names, name);
            }
        }
        let mut sets = Vec::with_capacity(lists.len());
        for list in lists {
            sets.push(list.iter().map(|word| intern(&mut names, &annotation_set(word))).collect::<Vec<_>>());
        }
        if names.len() > MAX_TAGS {
            return None;
        }
        let all = |list: &Vec<usize>| list.iter().fold(Tags::NONE, |tags, at| tags.with(Tags::one(*at)));
        Some(Table { annotations: sets.iter().map(all).collect(), names })
    }

    /// The names, in the order of the tags.
    pub(super) fn into_names(self) -> Vec<String> {
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

fn intern(names: &mut Vec<String>, name: &str) -> usize {
    names.iter().position(|known| known == name).unwrap_or_else(|| {
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
