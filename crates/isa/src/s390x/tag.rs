//! What events are tagged with.

use execution::micro::Tags;

/// Names of cat sets.
pub(super) const NAMES: &[&str] = &["X", "CS", "SERIAL"];

/// An interlocked access.
pub(super) const INTERLOCKED: Tags = Tags::one(0);
/// A compare-and-swap, which serialises.
pub(super) const COMPARE_SWAP: Tags = Tags(Tags::one(0).0 | Tags::one(1).0);
/// A serialising branch.
pub(super) const SERIAL: Tags = Tags::one(2);
