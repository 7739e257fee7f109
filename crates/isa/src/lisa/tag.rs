//! What events are tagged with, beside the annotations of the test.

use execution::micro::Tags;

/// Names of cat sets.
pub(super) const NAMES: &[&str] = &["X", "RMW", "Ftotal"];

/// Both accesses of a read-modify-write.
pub(super) const UPDATE: Tags = Tags(0b11);
/// A fence that orders all accesses, not only those at labels.
pub(super) const TOTAL: Tags = Tags::one(2);
