//! What events are tagged with.

use execution::micro::Tags;

/// Names of cat sets. The first four are herd7's.
pub(super) const NAMES: &[&str] =
    &["AQ", "RL", "SC", "X", "Failed", "MB", "Lock", "Unlock", "Rcu-lock", "Rcu-unlock", "Sync-rcu"];

/// `load_acquire`
pub(super) const ACQUIRE: Tags = Tags::one(0);
/// `store_release`
pub(super) const RELEASE: Tags = Tags::one(1);
/// Fully ordered: FETCH operations, exchanges, compare-exchanges that store.
pub(super) const ORDERED: Tags = Tags::one(2);
/// Part of an update: operations without FETCH, and the two accesses of a compare-exchange that stores.
pub(super) const UPDATE: Tags = Tags::one(3);
/// The read of a compare-exchange that does not store.
pub(super) const FAILED: Tags = Tags::one(4);
/// A call that acts as a full barrier.
pub(super) const BARRIER: Tags = Tags::one(5);
/// A spin lock is taken.
pub(super) const LOCK: Tags = Tags::one(6);
/// A spin lock is given back.
pub(super) const UNLOCK: Tags = Tags::one(7);
/// An RCU read-side critical section begins.
pub(super) const RCU_LOCK: Tags = Tags::one(8);
/// It ends.
pub(super) const RCU_UNLOCK: Tags = Tags::one(9);
/// A grace period.
pub(super) const RCU_SYNC: Tags = Tags::one(10);
