//! Registers.

use execution::micro::Reg;
use std::fmt;

/// `r0` to `r15`; then the condition code, which programs can't name.
pub(super) const NAMES: &[&str] = &[
    "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
    "cc",
];

/// The condition code, 0 to 3.
pub(super) const CONDITION: Reg = Reg(16);

/// A general register as an instruction names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Register<'a> {
    /// Its number.
    pub(super) number: u8,
    /// The name without `%`, if the test leaves the choice to us.
    pub(super) symbolic: Option<&'a str>,
}

impl Register<'_> {
    /// Its position in the table.
    pub(super) fn reg(self) -> Reg {
        Reg(self.number.into())
    }
}

impl fmt::Display for Register<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.symbolic {
            Some(name) => write!(f, "%{name}"),
            None => f.write_str(NAMES[usize::from(self.number)]),
        }
    }
}

/// The number of the register of that name, with or without `%`.
pub(super) fn find(name: &str) -> Option<u8> {
    let digits = name.strip_prefix('%').unwrap_or(name).strip_prefix('r')?;
    match *digits.as_bytes() {
        [a @ b'0'..=b'9'] => Some(a - b'0'),
        [b'1', b @ b'0'..=b'5'] => Some(10 + (b - b'0')),
        _ => None,
    }
}
