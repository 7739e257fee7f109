//! What events are tagged with.

use super::instruction::{Access, Order};
use execution::micro::Tags;

/// Names of cat sets.
pub(super) const NAMES: &[&str] = &[
    "X",
    "EX",
    "Acq",
    "Rel",
    "AcqRel",
    "Sc",
    "Fence.r.r",
    "Fence.r.w",
    "Fence.r.rw",
    "Fence.w.r",
    "Fence.w.w",
    "Fence.w.rw",
    "Fence.rw.r",
    "Fence.rw.w",
    "Fence.rw.rw",
    "Fence.tso",
    "Fence.i",
];

/// An AMO.
pub(super) const AMO: Tags = Tags::one(0);
/// A load-reserved or a store-conditional.
pub(super) const EXCLUSIVE: Tags = Tags::one(1);
/// `fence.tso`
pub(super) const FENCE_TSO: Tags = Tags::one(15);
/// `fence.i`
pub(super) const FENCE_I: Tags = Tags::one(16);

/// The annotation of an access.
pub(super) fn order(order: Order) -> Tags {
    match order {
        Order::None => Tags::NONE,
        Order::Acquire => Tags::one(2),
        Order::Release => Tags::one(3),
        Order::AcquireRelease => Tags::one(4),
    }
}

/// A fence between the accesses of two kinds. Input and output order nothing in main memory, so a fence that orders
/// only them has no tag.
pub(super) fn fence(before: Access, after: Access) -> Tags {
    let memory = |access: Access| match (access.reads(), access.writes()) {
        (true, false) => Some(0),
        (false, true) => Some(1),
        (true, true) => Some(2),
        (false, false) => None,
    };
    match (memory(before), memory(after)) {
        (Some(before), Some(after)) => Tags::one(6 + 3 * before + after),
        _ => Tags::NONE,
    }
}
