//! Registers.

use super::simd;
use execution::micro::Reg;

/// Names of the registers, in the order in which states print them. The flags and the reservation of the exclusive
/// monitor are at the end.
pub(super) static NAMES: &[&str] = &[
    "XZR",
    "X0",
    "X1",
    "X2",
    "X3",
    "X4",
    "X5",
    "X6",
    "X7",
    "X8",
    "X9",
    "X10",
    "X11",
    "X12",
    "X13",
    "X14",
    "X15",
    "X16",
    "X17",
    "X18",
    "X19",
    "X20",
    "X21",
    "X22",
    "X23",
    "X24",
    "X25",
    "X26",
    "X27",
    "X28",
    "X29",
    "X30",
    "SP",
    "V0",
    "V1",
    "V2",
    "V3",
    "V4",
    "V5",
    "V6",
    "V7",
    "V8",
    "V9",
    "V10",
    "V11",
    "V12",
    "V13",
    "V14",
    "V15",
    "V16",
    "V17",
    "V18",
    "V19",
    "V20",
    "V21",
    "V22",
    "V23",
    "V24",
    "V25",
    "V26",
    "V27",
    "V28",
    "V29",
    "V30",
    "V31",
    "CTR_EL0",
    "DCZID_EL0",
    "ELR_EL1",
    "ESR_EL1",
    "FPCR",
    "FPSR",
    "PAR_EL1",
    "SP_EL0",
    "SPSR_EL1",
    "TPIDRRO_EL0",
    "TPIDR_EL0",
    "TPIDR_EL1",
    "VBAR_EL1",
    "VNCR_EL2",
    "N",
    "Z",
    "C",
    "V",
    "RESERVATION",
];

/// Where the system registers start in [`NAMES`].
const SYSTEM: usize = 65;

/// Where the vector registers start in [`NAMES`].
pub(super) const VECTOR: u16 = 33;

/// Negative flag.
pub(super) const N: Reg = Reg(79);
/// Zero flag.
pub(super) const Z: Reg = Reg(80);
/// Carry flag.
pub(super) const C: Reg = Reg(81);
/// Overflow flag.
pub(super) const V: Reg = Reg(82);
/// The address that the thread's exclusive monitor holds; 0 if it holds none.
pub(super) const RESERVATION: Reg = Reg(83);
/// The link register.
pub(super) const LINK: Gpr = Gpr(30);

/// A general-purpose register, the stack pointer, or the zero register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gpr(pub(super) u8);

impl Gpr {
    /// The stack pointer.
    pub(super) const SP: Gpr = Gpr(31);
    /// The zero register.
    pub(super) const ZERO: Gpr = Gpr(32);

    /// Its place among the registers; none for the zero register, which makes no events.
    pub(super) fn reg(self) -> Option<Reg> {
        (self != Gpr::ZERO).then(|| Reg(u16::from(self.0) + 1))
    }

    /// The general-purpose register at that place.
    fn at(reg: Reg) -> Option<Gpr> {
        match reg.0 {
            0 => Some(Gpr::ZERO),
            1..=32 => Some(Gpr(reg.0 as u8 - 1)),
            _ => None,
        }
    }
}

/// How much of a register an operand means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    /// The low 32 bits.
    W,
    /// All 64 bits.
    X,
}

impl Width {
    /// In bits.
    pub(super) fn bits(self) -> u8 {
        match self {
            Width::W => 32,
            Width::X => 64,
        }
    }
}

/// A register as an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Register<'a> {
    /// Which.
    pub(super) gpr: Gpr,
    /// How much of it.
    pub(super) width: Width,
    /// The symbolic name by which the test calls it, without `%`.
    pub(super) symbolic: Option<&'a str>,
}

impl Register<'_> {
    /// The zero register of that width.
    pub(super) fn zero(width: Width) -> Register<'static> {
        Register { gpr: Gpr::ZERO, width, symbolic: None }
    }

    /// Whether it is the zero register.
    pub(super) fn is_zero(self) -> bool {
        self.gpr == Gpr::ZERO
    }
}

/// Reads the name of a general-purpose register, in either case.
pub(super) fn general(name: &str) -> Option<(Gpr, Width)> {
    let bytes = name.as_bytes();
    let width = match bytes.first()? {
        b'x' | b'X' => Width::X,
        b'w' | b'W' => Width::W,
        _ => return special(name),
    };
    let digits = &bytes[1..];
    let number = match digits {
        [d @ b'0'..=b'9'] => d - b'0',
        [t @ b'1'..=b'3', d @ b'0'..=b'9'] => (t - b'0') * 10 + (d - b'0'),
        _ => return special(name),
    };
    (number <= 30).then_some((Gpr(number), width))
}

fn special(name: &str) -> Option<(Gpr, Width)> {
    const SPECIAL: [(&str, Gpr, Width); 8] = [
        ("XZR", Gpr::ZERO, Width::X),
        ("WZR", Gpr::ZERO, Width::W),
        ("SP", Gpr::SP, Width::X),
        ("WSP", Gpr::SP, Width::W),
        ("LR", LINK, Width::X),
        ("FP", Gpr(29), Width::X),
        ("IP0", Gpr(16), Width::X),
        ("IP1", Gpr(17), Width::X),
    ];
    SPECIAL.iter().find(|(known, ..)| name.eq_ignore_ascii_case(known)).map(|(_, gpr, width)| (*gpr, *width))
}

/// The general-purpose register that stands for a symbolic one.
pub(super) fn allocated(reg: Reg) -> Option<Gpr> {
    Gpr::at(reg)
}

/// Whether it is a vector register.
pub(super) fn is_vector(reg: Reg) -> bool {
    (VECTOR..VECTOR + 32).contains(&reg.0)
}

/// Names of the system registers.
pub(super) fn system_names() -> impl Iterator<Item = &'static str> {
    NAMES[SYSTEM..usize::from(N.0)].iter().copied().chain(["NZCV"])
}

/// Reads the name of a system register, in either case; gives its canonical name.
pub(super) fn system(name: &str) -> Option<(Reg, &'static str)> {
    let range = SYSTEM..usize::from(N.0);
    let at = range.into_iter().find(|i| NAMES[*i].eq_ignore_ascii_case(name))?;
    Some((Reg(at as u16), NAMES[at]))
}

/// The register that a test calls `name`, and how many of its bits that name shows.
pub(super) fn find(name: &str) -> Option<(Reg, u8)> {
    if let Some((gpr, width)) = general(name) {
        return Some((gpr.reg().unwrap_or(Reg(0)), width.bits()));
    }
    if let Some((vector, width)) = simd::register(name) {
        return Some((vector.reg(), width));
    }
    system(name).map(|(reg, _)| (reg, 64))
}
