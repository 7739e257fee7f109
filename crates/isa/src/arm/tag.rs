//! What events are tagged with.

use execution::micro::Tags;

/// Names of cat sets. A barrier without option is named without one, too.
pub(super) const NAMES: &[&str] = &[
    "X",
    "EX",
    "A",
    "L",
    "ISB",
    "DMB",
    "DMB.LD",
    "DMB.ST",
    "DMB.ISH",
    "DMB.ISHLD",
    "DMB.ISHST",
    "DMB.OSH",
    "DMB.OSHLD",
    "DMB.OSHST",
    "DMB.NSH",
    "DMB.NSHLD",
    "DMB.NSHST",
    "DSB",
    "DSB.LD",
    "DSB.ST",
    "DSB.ISH",
    "DSB.ISHLD",
    "DSB.ISHST",
    "DSB.OSH",
    "DSB.OSHLD",
    "DSB.OSHST",
    "DSB.NSH",
    "DSB.NSHLD",
    "DSB.NSHST",
];

/// A load-exclusive or a store-exclusive.
pub(super) const EXCLUSIVE: Tags = Tags(0b11);
/// Load-acquire.
pub(super) const ACQUIRE: Tags = Tags::one(2);
/// Store-release.
pub(super) const RELEASE: Tags = Tags::one(3);
/// Instruction synchronization barrier.
pub(super) const ISB: Tags = Tags::one(4);

/// Options of barriers, in the order of their tags.
pub(super) const OPTIONS: [&str; 12] =
    ["SY", "LD", "ST", "ISH", "ISHLD", "ISHST", "OSH", "OSHLD", "OSHST", "NSH", "NSHLD", "NSHST"];

/// A barrier with one of the options.
pub(super) fn barrier(synchronizes: bool, option: usize) -> Tags {
    Tags::one(if synchronizes { 17 } else { 5 } + option)
}
