//! Names of vector registers, their parts and their lanes.

use crate::aarch64::register::VECTOR;
use execution::micro::Reg;
use std::fmt::{Display, Formatter, Result};

/// A vector register: 128 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aarch64) struct Vreg(pub(super) u8);

impl Vreg {
    /// Its place among the registers.
    pub(in crate::aarch64) fn reg(self) -> Reg {
        Reg(VECTOR + u16::from(self.0))
    }

    /// The one behind it; the first follows on the last.
    pub(super) fn next(self) -> Vreg {
        Vreg((self.0 + 1) % 32)
    }
}

/// Sizes of scalars and of lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::aarch64) enum Size {
    B,
    H,
    S,
    D,
    Q,
}

impl Size {
    fn of(letter: u8) -> Option<Size> {
        Some(match letter.to_ascii_uppercase() {
            b'B' => Size::B,
            b'H' => Size::H,
            b'S' => Size::S,
            b'D' => Size::D,
            b'Q' => Size::Q,
            _ => return None,
        })
    }

    /// In bits.
    pub(super) fn bits(self) -> u8 {
        8 << self as u8
    }

    /// In bytes.
    pub(super) fn bytes(self) -> i64 {
        1 << self as u8
    }

    /// The size that is twice as wide.
    pub(super) fn double(self) -> Size {
        match self {
            Size::B => Size::H,
            Size::H => Size::S,
            Size::S => Size::D,
            Size::D | Size::Q => Size::Q,
        }
    }
}

impl Display for Size {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Size::B => "B",
            Size::H => "H",
            Size::S => "S",
            Size::D => "D",
            Size::Q => "Q",
        })
    }
}

/// A part of a register at its low end: `S0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aarch64) struct Scalar {
    pub(super) vreg: Vreg,
    pub(super) size: Size,
}

impl Display for Scalar {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}{}", self.size, self.vreg.0)
    }
}

/// How a register is divided: `4S`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aarch64) struct Arrangement {
    pub(super) count: u8,
    pub(super) size: Size,
}

impl Arrangement {
    /// All bits of its lanes.
    pub(super) fn bits(self) -> u8 {
        self.count * self.size.bits()
    }
}

impl Display for Arrangement {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}{}", self.count, self.size)
    }
}

/// A register with its lanes: `V0.4S`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aarch64) struct Vector {
    pub(super) vreg: Vreg,
    pub(super) lanes: Arrangement,
}

impl Display for Vector {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "V{}.{}", self.vreg.0, self.lanes)
    }
}

/// A lane: `V0.S[1]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aarch64) struct Element {
    pub(super) vreg: Vreg,
    pub(super) size: Size,
    pub(super) index: u8,
    /// How many lanes are written in front of the size: `V0.4S[1]`.
    pub(super) written: Option<u8>,
}

impl Display for Element {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "V{}.", self.vreg.0)?;
        self.written.map_or(Ok(()), |count| write!(f, "{count}"))?;
        write!(f, "{}[{}]", self.size, self.index)
    }
}

/// What a word can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aarch64) enum Name {
    /// `S0`
    Scalar(Scalar),
    /// `V0.4S`
    Vector(Vector),
    /// `V0.S`, to be followed by a lane's number.
    Lanes(Vreg, Size),
    /// `V0`
    Whole(Vreg),
}

fn number(digits: &str) -> Option<Vreg> {
    let plain = matches!(digits.as_bytes(), [b'0'..=b'9'] | [b'1'..=b'3', b'0'..=b'9']);
    let number = digits.parse().ok().filter(|_| plain)?;
    (number < 32).then_some(Vreg(number))
}

fn arrangement(text: &str) -> Option<Arrangement> {
    let (digits, letter) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let size = Size::of(letter.as_bytes()[0])?;
    let count: u8 = digits.parse().ok().filter(|_| !digits.starts_with(['0', '+']))?;
    let bits = u16::from(count) * u16::from(size.bits());
    matches!(bits, 64 | 128).then_some(Arrangement { count, size })
}

/// What a word names, in either case.
pub(super) fn name(word: &str) -> Option<Name> {
    let letter = *word.as_bytes().first()?;
    let rest = word.get(1..)?;
    if !letter.eq_ignore_ascii_case(&b'V') {
        return Some(Name::Scalar(Scalar { size: Size::of(letter)?, vreg: number(rest)? }));
    }
    let Some((digits, lanes)) = rest.split_once('.') else { return number(rest).map(Name::Whole) };
    let vreg = number(digits)?;
    if let [letter] = lanes.as_bytes() {
        return Size::of(*letter).filter(|size| *size < Size::Q).map(|size| Name::Lanes(vreg, size));
    }
    arrangement(lanes).map(|lanes| Name::Vector(Vector { vreg, lanes }))
}

/// The register that a test calls so, and how many of its bits that name shows.
pub(in crate::aarch64) fn register(word: &str) -> Option<(Vreg, u8)> {
    match name(word)? {
        Name::Scalar(scalar) => Some((scalar.vreg, scalar.size.bits())),
        Name::Vector(vector) => Some((vector.vreg, vector.lanes.bits())),
        Name::Whole(vreg) => Some((vreg, 128)),
        Name::Lanes(..) => None,
    }
}

/// The number of lanes and their width in bits, of a name such as `V0.4S`.
pub(in crate::aarch64) fn lanes(word: &str) -> Option<(u8, u8)> {
    match name(word)? {
        Name::Vector(Vector { lanes, .. }) => Some((lanes.count, lanes.size.bits())),
        _ => None,
    }
}
