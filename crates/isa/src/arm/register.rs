//! Registers.

use execution::micro::Reg;
use std::fmt;

/// The general-purpose registers in the order in which states print them; then what programs can't name: the flags,
/// the flags of parallel arithmetic (a number of four bits), and the reservation of load-exclusives.
pub(super) const NAMES: &[&str] = &[
    "R0", "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "R10", "R11", "R12", "SP", "LR", "PC", "N",
    "Z", "C", "V", "GE", "RESADDR",
];

/// Negative.
pub(super) const N: Reg = Reg(16);
/// Zero.
pub(super) const Z: Reg = Reg(17);
/// Carry.
pub(super) const C: Reg = Reg(18);
/// Overflow.
pub(super) const V: Reg = Reg(19);
/// Greater or equal, a bit for each byte.
pub(super) const GE: Reg = Reg(20);
/// The address that the last load-exclusive reserved; 0 for none.
pub(super) const RESERVATION: Reg = Reg(21);

/// Other names.
const ALIASES: [(&str, u8); 7] =
    [("SB", 9), ("SL", 10), ("FP", 11), ("IP", 12), ("R13", 13), ("R14", 14), ("R15", 15)];

/// A general-purpose register as an instruction names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Register<'a> {
    /// Its number.
    pub(super) number: u8,
    /// The name without `%`, if the test leaves the choice to us.
    pub(super) symbolic: Option<&'a str>,
    /// Whether it is called `FP`, as herd7 prints it then.
    pub(super) is_frame: bool,
}

impl Register<'_> {
    /// The stack pointer.
    pub(super) const STACK: Register<'static> = Register::numbered(13);
    /// Where subroutines return to.
    pub(super) const LINK: Register<'static> = Register::numbered(14);

    /// The register of that number.
    pub(super) const fn numbered(number: u8) -> Register<'static> {
        Register { number, symbolic: None, is_frame: false }
    }

    /// Whether it is the program counter.
    pub(super) fn is_program_counter(self) -> bool {
        self.number == 15
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
            None if self.is_frame => f.write_str("FP"),
            None => f.write_str(NAMES[usize::from(self.number)]),
        }
    }
}

/// The number of the register of that name, in either case.
pub(super) fn find(name: &str) -> Option<u8> {
    let number = match *name.as_bytes() {
        [b'R' | b'r', a @ b'0'..=b'9'] => Some(a - b'0'),
        [b'R' | b'r', b'1', b @ b'0'..=b'5'] => Some(10 + b - b'0'),
        _ => None,
    };
    let named = || NAMES[13..16].iter().position(|known| known.eq_ignore_ascii_case(name));
    let alias = || ALIASES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    number.or_else(|| named().map(|at| at as u8 + 13)).or_else(|| alias().map(|(_, number)| *number))
}
