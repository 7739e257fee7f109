//! Leaves out what nobody looks at.

use super::Thread;
use super::items::{Body, Code, Item};
use super::locations::Locations;
use crate::analysis::{Access, Object, Registers};
use isa::bpf::{Instruction, Register};
use std::collections::BTreeMap;

/// Leaves out of a thread what only computes what nobody looks at, and what is written to a stack that nobody reads.
pub(super) fn prune(thread: &mut Thread, locations: &Locations) {
    loop {
        let before: usize = thread.bodies.iter().map(|body| body.items.len()).sum();
        for body in &mut thread.bodies {
            drop_dead(body, locations);
        }
        drop_stack(thread);
        let after: usize = thread.bodies.iter().map(|body| body.items.len()).sum();
        if before == after {
            return;
        }
    }
}

fn drop_dead(body: &mut Body, locations: &Locations) {
    let live = live_behind(body, locations);
    let mut index = 0;
    body.items.retain(|item| {
        let needed = item.writes().meets(live[index]);
        index += 1;
        needed || !item.only_computes()
    });
}

/// The registers that are looked at behind each item.
fn live_behind(body: &Body, locations: &Locations) -> Vec<Registers> {
    let places: BTreeMap<usize, usize> =
        body.items.iter().enumerate().map(|(index, item)| (item.at, index)).collect();
    // A jump leads to the first item at its target or behind it.
    let index_of = |at: usize| places.range(at..).next().map(|(_, index)| *index);
    let mut before = vec![Registers::default(); body.items.len() + 1];
    let mut behind = vec![Registers::default(); body.items.len()];
    loop {
        let mut changed = false;
        for (index, item) in body.items.iter().enumerate().rev() {
            let mut live = Registers::default();
            if falls_through(item) {
                live = live.and(before[index + 1]);
            }
            if let Code::Jump(_, to) = &item.code {
                live = live.and(index_of(*to).map(|to| before[to]).unwrap_or_default());
            }
            behind[index] = live;
            let all = live.without(item.writes()).and(reads(item, body, locations));
            changed |= all != before[index];
            before[index] = all;
        }
        if !changed {
            return behind;
        }
    }
}

fn falls_through(item: &Item) -> bool {
    !matches!(item.code, Code::Same(Instruction::Exit) | Code::Jump(Instruction::Jump { .. }, _))
}

fn reads(item: &Item, body: &Body, locations: &Locations) -> Registers {
    let place = match &item.code {
        Code::Call(_, place, _) => *place,
        _ => item.access.and_then(|access| access.place),
    };
    item.reads(locations.is_divided(place), body.has_result)
}

/// Leaves out stores to the stack, if nothing reads what they write and nobody else may know the address.
fn drop_stack(thread: &mut Thread) {
    let items = || thread.bodies.iter().flat_map(|body| &body.items);
    // The frame pointer, read by anything but an access to the stack.
    let escapes = |item: &Item| on_stack(item).is_none() && item.reads(false, false).has(Register::FRAME);
    if items().any(escapes) {
        return;
    }
    let read: Vec<Access> = items().filter(|item| !is_store(item)).filter_map(on_stack).collect();
    let is_read = |store: Access| read.iter().any(|access| overlap(store, *access));
    for body in &mut thread.bodies {
        body.items.retain(|item| {
            let store = on_stack(item).filter(|_| is_store(item));
            store.is_none_or(is_read)
        });
    }
}

fn is_store(item: &Item) -> bool {
    matches!(item.code, Code::Same(Instruction::Store { .. }))
}

/// The access to the stack that an item makes.
fn on_stack(item: &Item) -> Option<Access> {
    item.access.filter(|access| access.place.is_some_and(|place| place.object == Object::Stack))
}

/// Whether two accesses to the stack may be to the same bytes.
fn overlap(one: Access, two: Access) -> bool {
    let offset = |access: Access| access.place.and_then(|place| place.offset);
    let (Some(a), Some(b)) = (offset(one), offset(two)) else { return true };
    a < b.saturating_add(two.size.into()) && b < a.saturating_add(one.size.into())
}
