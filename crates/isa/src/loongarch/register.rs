//! Registers.

use execution::micro::Reg;
use std::fmt;

/// `$r0` to `$r31`; then what programs can't name: the reservation of `ll`.
pub(super) const NAMES: &[&str] = &[
    "$r0",
    "$r1",
    "$r2",
    "$r3",
    "$r4",
    "$r5",
    "$r6",
    "$r7",
    "$r8",
    "$r9",
    "$r10",
    "$r11",
    "$r12",
    "$r13",
    "$r14",
    "$r15",
    "$r16",
    "$r17",
    "$r18",
    "$r19",
    "$r20",
    "$r21",
    "$r22",
    "$r23",
    "$r24",
    "$r25",
    "$r26",
    "$r27",
    "$r28",
    "$r29",
    "$r30",
    "$r31",
    "reservation",
];

/// The address that the last `ll` reserved; 0 for none.
pub(super) const RESERVATION: Reg = Reg(32);

/// The names that the calling convention gives.
const ABI_NAMES: [&str; 32] = [
    "zero", "ra", "tp", "sp", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2", "t3", "t4",
    "t5", "t6", "t7", "t8", "u0", "fp", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8",
];

/// An integer register as an instruction names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Register<'a> {
    /// Its number.
    pub(super) number: u8,
    /// The name without `%`, if the test leaves the choice to us.
    pub(super) symbolic: Option<&'a str>,
}

impl Register<'_> {
    /// The register that always holds zero.
    pub(super) const ZERO: Register<'static> = Register { number: 0, symbolic: None };
    /// The register that calls leave the return address in.
    pub(super) const LINK: Register<'static> = Register { number: 1, symbolic: None };

    /// Whether it always holds zero.
    pub(super) fn is_zero(self) -> bool {
        self.number == 0
    }

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

/// The number of the register of that name, with or without `$`.
pub(super) fn find(name: &str) -> Option<u8> {
    let name = name.strip_prefix('$').unwrap_or(name);
    if let Some(number) = name.strip_prefix('r').and_then(two_digits) {
        return (number < 32).then_some(number);
    }
    if name == "s9" {
        return Some(22);
    }
    ABI_NAMES.iter().position(|known| *known == name).map(|number| number as u8)
}

/// Reads a number without sign and leading zeros.
fn two_digits(digits: &str) -> Option<u8> {
    match *digits.as_bytes() {
        [a @ b'0'..=b'9'] => Some(a - b'0'),
        [a @ b'1'..=b'9', b @ b'0'..=b'9'] => Some((a - b'0') * 10 + (b - b'0')),
        _ => None,
    }
}
