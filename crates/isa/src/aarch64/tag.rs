//! What events are marked with: names of cat sets.

use execution::micro::Tags;

/// The names; a tag's number is its position.
pub(super) static NAMES: &[&str] = &[
    "X",
    "EX",
    "A",
    "Q",
    "L",
    "NoRet",
    "NT",
    "ISB", //
    "DMB.SY",
    "DMB.LD",
    "DMB.ST",
    "DMB.ISH",
    "DMB.ISHLD",
    "DMB.ISHST", //
    "DMB.OSH",
    "DMB.OSHLD",
    "DMB.OSHST",
    "DMB.NSH",
    "DMB.NSHLD",
    "DMB.NSHST", //
    "DSB.SY",
    "DSB.LD",
    "DSB.ST",
    "DSB.ISH",
    "DSB.ISHLD",
    "DSB.ISHST", //
    "DSB.OSH",
    "DSB.OSHLD",
    "DSB.OSHST",
    "DSB.NSH",
    "DSB.NSHLD",
    "DSB.NSHST", //
    "IC.IALLU",
    "IC.IALLUIS",
    "IC.IVAU", //
    "DC.IVAC",
    "DC.ISW",
    "DC.CSW",
    "DC.CISW",
    "DC.ZVA",
    "DC.CVAC",
    "DC.CVAU",
    "DC.CIVAC",
];

/// Read or write of an LSE atomic.
pub(super) const X: Tags = Tags::one(0);
/// Exclusive.
pub(super) const EX: Tags = Tags::one(1);
/// Load-acquire.
pub(super) const A: Tags = Tags::one(2);
/// Load-acquirePC.
pub(super) const Q: Tags = Tags::one(3);
/// Store-release.
pub(super) const L: Tags = Tags::one(4);
/// Read of an atomic that does not return what it read.
pub(super) const NO_RET: Tags = Tags::one(5);
/// Non-temporal.
pub(super) const NT: Tags = Tags::one(6);
/// Instruction synchronization barrier.
pub(super) const ISB: Tags = Tags::one(7);

/// Where the tags of `DMB` start.
pub(super) const DMB: usize = 8;
/// Where the tags of `DSB` start.
pub(super) const DSB: usize = 20;

/// Domains and types of barriers, in the order of their tags.
pub(super) static BARRIER_OPTIONS: &[&str] =
    &["SY", "LD", "ST", "ISH", "ISHLD", "ISHST", "OSH", "OSHLD", "OSHST", "NSH", "NSHLD", "NSHST"];

/// The tag of that name.
pub(super) fn find(name: &str) -> Option<usize> {
    NAMES.iter().position(|known| *known == name)
}
