//! What events are tagged with.

use execution::micro::Tags;

/// Names of cat sets.
pub(super) const NAMES: &[&str] = &["X", "EX", "SYNC", "LWSYNC", "EIEIO", "ISYNC"];

/// A load-and-reserve or a store-conditional.
pub(super) const EXCLUSIVE: Tags = Tags(0b11);
/// `sync`
pub(super) const SYNC: Tags = Tags::one(2);
/// `lwsync`
pub(super) const LWSYNC: Tags = Tags::one(3);
/// `eieio`
pub(super) const EIEIO: Tags = Tags::one(4);
/// `isync`
pub(super) const ISYNC: Tags = Tags::one(5);
