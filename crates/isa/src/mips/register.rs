//! Registers.

use execution::micro::Reg;
use std::fmt;

/// The general-purpose registers, with four that an old calling convention adds; the registers of products and
/// quotients; then what programs can't name: the reservation of `ll`, and what a branch leaves for the instruction
/// behind it: whether it is taken, and where to.
pub(super) const NAMES: &[&str] = &[
    "$0", "$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15",
    "$16", "$17", "$18", "$19", "$20", "$21", "$22", "$23", "$24", "$25", "$26", "$27", "$28", "$29", "$30",
    "$31", "$a4", "$a5", "$a6", "$a7", "$hi", "$lo", "$res", "$taken", "$target",
];

/// How many registers instructions can name.
pub(super) const COUNT: u8 = 36;
/// High half of products, remainder.
pub(super) const HIGH: Reg = Reg(36);
/// Low half of products, quotient.
pub(super) const LOW: Reg = Reg(37);
/// The address that the last load-linked reserved; 0 for none.
pub(super) const RESERVATION: Reg = Reg(38);
/// Whether the branch in front is taken.
pub(super) const TAKEN: Reg = Reg(39);
/// Where the jump in front goes.
pub(super) const TARGET: Reg = Reg(40);

/// The names that calling conventions give.
const CONVENTIONAL: [&str; 32] = [
    "zero", "at", "v0", "v1", "a0", "a1", "a2", "a3", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7", "s0",
    "s1", "s2", "s3", "s4", "s5", "s6", "s7", "t8", "t9", "k0", "k1", "gp", "sp", "fp", "ra",
];

/// A general-purpose register as an instruction names it.
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
    /// Where subroutines return to.
    pub(super) const LINK: Register<'static> = Register { number: 31, symbolic: None };

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
    let (dollar, rest) = match name.strip_prefix('$') {
        Some(rest) => (true, rest),
        None => (false, name),
    };
    if dollar && let Some(number) = two_digits(rest) {
        return (number < 32).then_some(number);
    }
    match rest {
        "s8" => Some(30),
        "a4" | "a5" | "a6" | "a7" => Some(32 + rest.as_bytes()[1] - b'4'),
        _ => CONVENTIONAL.iter().position(|known| *known == rest).map(|number| number as u8),
    }
}

/// Reads a number without sign and leading zeros.
fn two_digits(digits: &str) -> Option<u8> {
    match *digits.as_bytes() {
        [a @ b'0'..=b'9'] => Some(a - b'0'),
        [a @ b'1'..=b'9', b @ b'0'..=b'9'] => Some((a - b'0') * 10 + (b - b'0')),
        _ => None,
    }
}
