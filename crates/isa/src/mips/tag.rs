//! What events are tagged with.

use execution::micro::Tags;

/// Names of cat sets.
pub(super) const NAMES: &[&str] =
    &["X", "EX", "SYNC", "SYNC.WMB", "SYNC.MB", "SYNC.ACQUIRE", "SYNC.RELEASE", "SYNC.RMB"];

/// A load-linked or a store-conditional.
pub(super) const EXCLUSIVE: Tags = Tags(0b11);

/// The kinds of `sync`: number, mnemonic, and the position of the tag.
pub(super) const SYNCS: [(i64, &str, usize); 6] = [
    (0, "sync", 2),
    (4, "sync_wmb", 3),
    (16, "sync_mb", 4),
    (17, "sync_acquire", 5),
    (18, "sync_release", 6),
    (19, "sync_rmb", 7),
];
