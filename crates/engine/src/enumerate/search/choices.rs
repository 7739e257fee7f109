//! What there is to choose in a structure besides `rf`.

use super::super::machine::Machine;
use crate::Observable;
use cat::plan::{Choice, NodeId, Plan};
use execution::{EventId, Structure};
use relation::{Relation, Set, Shape, kernel as k};
use smallvec::SmallVec;

/// The choices of a plan in one structure.
#[derive(Debug, Default)]
pub(super) struct Choices {
    pub(super) co: Ordered,
    /// As many as [`Plan::choices`].
    pub(super) others: Vec<Other>,
    /// Whether there is nothing to choose from, and so no execution.
    pub(super) has_none: bool,
}

/// Events that a choice puts in order.
#[derive(Debug)]
pub(super) struct Ordered {
    pub(super) events: Vec<EventId>,
    /// What the order contains whatever else is chosen.
    order: Option<Relation>,
    pub(super) by_location: bool,
    initial_first: bool,
}

/// A choice that is not `co`.
#[derive(Debug)]
pub(super) enum Other {
    Orders(Ordered),
    Pairs(Vec<Pick>),
    /// Pairs for the events of a set that is not known before addresses are.
    Unknown(NodeId),
}

/// An event, and those of which one is to be paired with it.
#[derive(Debug)]
pub(super) struct Pick {
    pub(super) event: EventId,
    pub(super) from: Vec<EventId>,
}

impl Choices {
    /// `machine` has done its static part.
    pub(super) fn new(plan: &Plan, s: &Structure<'_>, machine: &Machine) -> Choices {
        let mut result = Choices::default();
        if let Some(co) = &plan.co {
            result.co = Ordered::new(plan, co, s, machine);
        }
        for choice in &plan.choices {
            result.others.push(match choice {
                Choice::Orders(orders) => Other::Orders(Ordered::new(plan, orders, s, machine)),
                Choice::Pairs { of, .. } if !machine.was_static(*of) => Other::Unknown(*of),
                Choice::Pairs { of, from } => Other::Pairs(picks(plan, *of, *from, s, machine)),
            });
        }
        result.has_none = result.others.iter().any(|other| match other {
            Other::Orders(_) | Other::Unknown(_) => false,
            Other::Pairs(picks) => picks.iter().any(|pick| pick.from.is_empty()),
        });
        result
    }

    /// The events that a choice puts in order; `None` for `co`.
    pub(super) fn events(&self, choice: Option<usize>) -> &[EventId] {
        match choice.map(|at| &self.others[at]) {
            None => &self.co.events,
            Some(Other::Orders(ordered)) => &ordered.events,
            Some(Other::Pairs(_) | Other::Unknown(_)) => &[],
        }
    }

    /// Whether something is to be chosen that is not known yet, once bounds are.
    pub(super) fn are_unknown(&self, machine: &Machine) -> bool {
        self.others.iter().any(|other| matches!(other, Other::Unknown(of) if !machine.is_empty(*of)))
    }

    /// The pairs that may come to be in a choice.
    pub(super) fn may(&self, number: u32, s: &Structure<'_>, location: &Relation) -> Relation {
        match self.others.get(number as usize) {
            Some(Other::Orders(ordered)) => ordered.may(s, location),
            Some(Other::Pairs(picks)) => {
                let pairs = picks
                    .iter()
                    .flat_map(|pick| pick.from.iter().map(|from| (from.index(), pick.event.index())));
                Relation::from_pairs(s.len(), pairs)
            }
            Some(Other::Unknown(_)) => location.clone(),
            None => Relation::empty(s.len()),
        }
    }

    /// Whether there are choices that only the search with bounds makes.
    pub(super) fn need_bounds(&self, plan: &Plan, s: &Structure<'_>, observed: &[Observable]) -> bool {
        let last_is_known = plan.co.is_some_and(|co| co.final_last && co.initial_first);
        let may_be_last = |observable: &Observable| match observable {
            Observable::Memory(address) => {
                let there = |write: &EventId| s.known_address(*write).is_none_or(|known| known == *address);
                s.writes().filter(there).count() > 1
            }
            Observable::Register(..) => false,
        };
        let chooses = |other: &Other| match other {
            Other::Orders(ordered) => !ordered.events.is_empty(),
            Other::Pairs(picks) => !picks.is_empty(),
            Other::Unknown(_) => false,
        };
        self.others.iter().any(chooses) || (!last_is_known && observed.iter().any(may_be_last))
    }
}

impl Default for Ordered {
    fn default() -> Ordered {
        Ordered { events: Vec::new(), order: None, by_location: true, initial_first: false }
    }
}

impl Ordered {
    fn new(plan: &Plan, orders: &cat::plan::Orders, s: &Structure<'_>, machine: &Machine) -> Ordered {
        let set = machine.static_set(plan, orders.set);
        let events: Vec<EventId> = k::elements(set).map(|event| EventId(event as u32)).collect();
        let mut order: Option<Relation> = None;
        for part in plan.union_parts(orders.order) {
            let Some(pairs) = machine.static_relation(plan, part).filter(|pairs| !k::is_empty(pairs)) else {
                continue;
            };
            let sum = order.get_or_insert_with(|| Relation::empty(s.len()));
            k::union_with(sum.bits_mut(), pairs);
        }
        let (by_location, initial_first) = (orders.by_location, orders.initial_first);
        Ordered { events, order, by_location, initial_first }
    }

    /// Whether an event comes before another of its class whatever is chosen; or before itself, which can't be.
    pub(super) fn is_known(&self, s: &Structure<'_>, a: EventId, b: EventId) -> bool {
        let is_first = || s.thread(a).is_none() && s.thread(b).is_some() && s.kind(b).writes();
        (self.initial_first && is_first())
            || self.order.as_ref().is_some_and(|order| order.contains(a.index(), b.index()))
    }

    /// Whether it contains more from the start than that initial writes come first.
    pub(super) fn has_order(&self) -> bool {
        self.order.is_some()
    }

    /// Whether initial writes come first.
    pub(super) fn has_initial_first(&self) -> bool {
        self.initial_first
    }

    /// Whether all pairs of a relation are about events that are put in order together.
    pub(super) fn covers(&self, pairs: Option<&[u64]>, location: &Relation) -> bool {
        let (Some(pairs), shape) = (pairs, location.shape()) else { return false };
        let mut set = vec![0; shape.words];
        self.events.iter().for_each(|event| k::put(&mut set, event.index()));
        self.by_location
            && k::is_irreflexive(shape, pairs)
            && k::is_subset(pairs, location.bits())
            && (0..shape.n).all(|i| {
                let row = k::row(shape, pairs, i);
                k::is_empty(row) || (k::has(&set, i) && k::is_subset(row, &set))
            })
    }

    /// The events that are put in order together, where there are several.
    pub(super) fn classes(&self, location: &Relation, n: usize) -> Vec<SmallVec<[EventId; 8]>> {
        classes(&self.events, self.by_location.then_some(location), n)
    }

    /// How many events are put in order together, where there are several.
    pub(super) fn class_sizes(&self, location: &Relation, n: usize) -> SmallVec<[usize; 8]> {
        if n > 64 {
            return self.classes(location, n).iter().map(SmallVec::len).collect();
        }
        let mut sizes = SmallVec::new();
        let mut left = self.events.iter().fold(0u64, |set, event| set | 1 << event.index());
        while left != 0 {
            let first = left.trailing_zeros() as usize;
            let class = if self.by_location { left & (1 << first | location.bits()[first]) } else { left };
            left &= !class;
            if class.count_ones() > 1 {
                sizes.push(class.count_ones() as usize);
            }
        }
        sizes
    }

    /// The pairs that may come to be in the order.
    pub(super) fn may(&self, s: &Structure<'_>, location: &Relation) -> Relation {
        let mut may = Relation::empty(s.len());
        for a in &self.events {
            for b in &self.events {
                let together = !self.by_location || location.contains(a.index(), b.index());
                let is_first = self.initial_first && s.thread(*b).is_none() && s.kind(*a).writes();
                if a != b && together && !is_first {
                    may.insert(a.index(), b.index());
                }
            }
        }
        may
    }
}

fn picks(plan: &Plan, of: NodeId, from: NodeId, s: &Structure<'_>, machine: &Machine) -> Vec<Pick> {
    let shape = Shape::new(s.len());
    let pairs = machine.static_relation(plan, from);
    let others = |event: usize| match pairs {
        Some(pairs) => s.events().filter(|other| k::has_pair(shape, pairs, other.index(), event)).collect(),
        // Where addresses are not known, the general evaluator chooses.
        None => s.events().collect(),
    };
    let pick = |event: usize| Pick { event: EventId(event as u32), from: others(event) };
    k::elements(machine.static_set(plan, of)).map(pick).collect()
}

/// Events by location, or all of them together; only where there are several.
pub(super) fn classes(
    events: &[EventId],
    location: Option<&Relation>,
    n: usize,
) -> Vec<SmallVec<[EventId; 8]>> {
    if n <= 64 {
        return small_classes(events, location);
    }
    let mut seen = Set::empty(n);
    let mut result = Vec::new();
    for event in events {
        if seen.contains(event.index()) {
            continue;
        }
        let together = |other: &EventId| {
            other == event || location.is_none_or(|location| location.contains(event.index(), other.index()))
        };
        let class: SmallVec<[EventId; 8]> = events.iter().copied().filter(together).collect();
        class.iter().for_each(|event| seen.insert(event.index()));
        if class.len() > 1 {
            result.push(class);
        }
    }
    result
}

/// The same for at most 64 events.
fn small_classes(events: &[EventId], location: Option<&Relation>) -> Vec<SmallVec<[EventId; 8]>> {
    let mut left = events.iter().fold(0u64, |set, event| set | 1 << event.index());
    let mut result = Vec::new();
    for event in events {
        let own = 1 << event.index();
        if left & own == 0 {
            continue;
        }
        let together = own | location.map_or(u64::MAX, |location| location.bits()[event.index()]);
        let class = left & together;
        left &= !class;
        if class.count_ones() > 1 {
            result.push(events.iter().copied().filter(|event| class >> event.index() & 1 != 0).collect());
        }
    }
    result
}
