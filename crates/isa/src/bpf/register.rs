//! Registers.

use super::Register;
use execution::micro::Reg;

/// `r0` to `r10`; then what programs can't name: for each function that waits for another to return, from the outermost
/// in, where it goes on and what its registers `r6` to `r10` hold.
pub(super) const NAMES: &[&str] = &[
    "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "return.1", "r6.1", "r7.1", "r8.1",
    "r9.1", "r10.1", "return.2", "r6.2", "r7.2", "r8.2", "r9.2", "r10.2", "return.3", "r6.3", "r7.3", "r8.3",
    "r9.3", "r10.3", "return.4", "r6.4", "r7.4", "r8.4", "r9.4", "r10.4", "return.5", "r6.5", "r7.5", "r8.5",
    "r9.5", "r10.5", "return.6", "r6.6", "r7.6", "r8.6", "r9.6", "r10.6", "return.7", "r6.7", "r7.7", "r8.7",
    "r9.7", "r10.7",
];

/// How many functions may wait for others: the kernel's programs have at most 8 frames.
pub(super) const MAX_CALLERS: u16 = 7;

/// How many registers a waiting function needs.
const SAVED: u16 = 6;

/// Where the `level`-th waiting function goes on; the last to call is the first.
pub(super) fn return_address(level: u16) -> Reg {
    Reg(11 + SAVED * level)
}

/// What the `level`-th waiting function has in `r6` + `index`.
pub(super) fn saved(level: u16, index: u16) -> Reg {
    Reg(12 + SAVED * level + index)
}

impl Register<'_> {
    /// Its position in the table.
    pub(super) fn reg(self) -> Reg {
        Reg(self.number.into())
    }
}

/// The number of the register of that name, and how many bits the name shows. GNU's disassembler calls `r10` `%fp`.
pub(super) fn find(name: &str) -> Option<(u8, u8)> {
    if name == "%fp" {
        return Some((10, 64));
    }
    let name = name.strip_prefix('%').unwrap_or(name);
    let (digits, width) = match name.strip_prefix(['r', 'R']) {
        Some(digits) => (digits, 64),
        None => (name.strip_prefix(['w', 'W'])?, 32),
    };
    match *digits.as_bytes() {
        [a @ b'0'..=b'9'] => Some((a - b'0', width)),
        [b'1', b'0'] => Some((10, width)),
        _ => None,
    }
}
