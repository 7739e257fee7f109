//! Registers.

use execution::micro::Reg;
use std::fmt;

/// `r0` to `r31`, the fields of the condition register, link and count register; then what programs can't name: the
/// reservation of `lwarx`.
pub(super) const NAMES: &[&str] = &[
    "r0",
    "r1",
    "r2",
    "r3",
    "r4",
    "r5",
    "r6",
    "r7",
    "r8",
    "r9",
    "r10",
    "r11",
    "r12",
    "r13",
    "r14",
    "r15",
    "r16",
    "r17",
    "r18",
    "r19",
    "r20",
    "r21",
    "r22",
    "r23",
    "r24",
    "r25",
    "r26",
    "r27",
    "r28",
    "r29",
    "r30",
    "r31",
    "cr0",
    "cr1",
    "cr2",
    "cr3",
    "cr4",
    "cr5",
    "cr6",
    "cr7",
    "lr",
    "ctr",
    "reservation",
];

/// Where subroutines return to.
pub(super) const LINK: Reg = Reg(40);
/// The count of loops, and targets of jumps.
pub(super) const COUNT: Reg = Reg(41);
/// The address that the last load-and-reserve reserved; 0 for none.
pub(super) const RESERVATION: Reg = Reg(42);

/// A general-purpose register as an instruction names it.
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

/// A field of the condition register. It holds the sum of [`LT`], [`GT`], [`EQ`] and [`SO`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field(pub(super) u8);

/// Less.
pub(super) const LT: u8 = 8;
/// Greater.
pub(super) const GT: u8 = 4;
/// Equal.
pub(super) const EQ: u8 = 2;
/// Summary overflow; never set here.
pub(super) const SO: u8 = 1;

impl Field {
    /// Its position in the table.
    pub(super) fn reg(self) -> Reg {
        Reg(32 + u16::from(self.0))
    }
}

/// The register of that name.
pub(super) fn find(name: &str) -> Option<Reg> {
    let word = name.as_bytes();
    match word {
        [b'r' | b'R', digits @ ..] => {
            number(digits).filter(|number| *number < 32).map(|number| Reg(number.into()))
        }
        [b'c' | b'C', b'r' | b'R', digit @ b'0'..=b'7'] => Some(Field(digit - b'0').reg()),
        _ if name.eq_ignore_ascii_case("lr") => Some(LINK),
        _ if name.eq_ignore_ascii_case("ctr") => Some(COUNT),
        _ if name.eq_ignore_ascii_case("sp") => Some(Reg(1)),
        _ => None,
    }
}

/// The number of the general-purpose register that an operand names; compilers leave out the `r`.
pub(super) fn general(name: &str) -> Option<u8> {
    match find(name) {
        Some(Reg(number @ 0..32)) => Some(number as u8),
        Some(_) => None,
        None => number(name.as_bytes()).filter(|number| *number < 32),
    }
}

/// Reads a number of at most two digits, without leading zeros.
fn number(digits: &[u8]) -> Option<u8> {
    match *digits {
        [a @ b'0'..=b'9'] => Some(a - b'0'),
        [a @ b'1'..=b'9', b @ b'0'..=b'9'] => Some((a - b'0') * 10 + (b - b'0')),
        _ => None,
    }
}
