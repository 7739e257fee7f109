//! What events are tagged with.

use execution::micro::Tags;

/// Names of cat sets. Of `DBAR.a.b`, `a` says which accesses before it are ordered with which (`b`) behind it.
pub(super) const NAMES: &[&str] = &[
    "X",
    "EX",
    "DB",
    "Acq",
    "Rel",
    "DBAR.same",
    "DBAR.r.r",
    "DBAR.r.w",
    "DBAR.r.rw",
    "DBAR.w.r",
    "DBAR.w.w",
    "DBAR.w.rw",
    "DBAR.rw.r",
    "DBAR.rw.w",
    "DBAR.rw.rw",
];

/// An atomic memory access.
pub(super) const AM: Tags = Tags::one(0);
/// A load-linked or a store-conditional.
pub(super) const EXCLUSIVE: Tags = Tags::one(1);
/// An atomic memory access that is a barrier.
pub(super) const BARRIER: Tags = Tags::one(2);
/// `llacq`
pub(super) const ACQUIRE: Tags = Tags::one(3);
/// `screl`
pub(super) const RELEASE: Tags = Tags::one(4);

/// The hint that keeps loads of one address in order.
const SAME_ADDRESS: i64 = 0x700;

/// What `dbar` with a hint orders. In the lower four bits, a clear bit stands for accesses that are ordered: earlier
/// loads (bit 3), earlier stores, later loads, later stores (bit 0).
pub(super) fn dbar(hint: i64) -> Tags {
    if hint == SAME_ADDRESS {
        return Tags::one(5);
    }
    let bits = if (0..0x20).contains(&hint) { hint } else { 0 };
    let side = |reads: i64, writes: i64| match (bits & reads == 0, bits & writes == 0) {
        (true, false) => Some(0),
        (false, true) => Some(1),
        (true, true) => Some(2),
        (false, false) => None,
    };
    match (side(8, 4), side(2, 1)) {
        (Some(before), Some(after)) => Tags::one(6 + 3 * before + after),
        _ => Tags::NONE,
    }
}
