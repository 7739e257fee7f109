//! Registers.

use execution::micro::Reg;
use std::fmt;

/// `x0` to `x31`; then what programs can't name: the reservation of `lr`.
pub(super) const NAMES: &[&str] = &[
    "x0",
    "x1",
    "x2",
    "x3",
    "x4",
    "x5",
    "x6",
    "x7",
    "x8",
    "x9",
    "x10",
    "x11",
    "x12",
    "x13",
    "x14",
    "x15",
    "x16",
    "x17",
    "x18",
    "x19",
    "x20",
    "x21",
    "x22",
    "x23",
    "x24",
    "x25",
    "x26",
    "x27",
    "x28",
    "x29",
    "x30",
    "x31",
    "reservation",
];

/// The address that the last `lr` reserved; 0 for none.
pub(super) const RESERVATION: Reg = Reg(32);

/// The names that the calling convention gives.
const ABI_NAMES: [&str; 32] = [
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6",
    "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
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

    /// The register behind it, the second of a pair.
    pub(super) fn next(self) -> Register<'static> {
        Register { number: (self.number + 1) % 32, symbolic: None }
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

/// The number of the register of that name.
pub(super) fn find(name: &str) -> Option<u8> {
    if let Some(digits) = name.strip_prefix(['x', 'X'])
        && let Some(number) = two_digits(digits)
    {
        return (number < 32).then_some(number);
    }
    if name == "fp" {
        return Some(8);
    }
    ABI_NAMES.iter().position(|known| known.eq_ignore_ascii_case(name)).map(|number| number as u8)
}

/// Reads a number without sign and leading zeros.
fn two_digits(digits: &str) -> Option<u8> {
    match *digits.as_bytes() {
        [a @ b'0'..=b'9'] => Some(a - b'0'),
        [a @ b'1'..=b'9', b @ b'0'..=b'9'] => Some((a - b'0') * 10 + (b - b'0')),
        _ => None,
    }
}
