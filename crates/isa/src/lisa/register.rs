//! Registers.

use execution::micro::Reg;
use std::fmt;

/// Names of the registers.
#[rustfmt::skip]
pub(super) const NAMES: &[&str] = &[
    "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11",
    "r12", "r13", "r14", "r15", "r16", "r17", "r18", "r19", "r20", "r21", "r22", "r23",
    "r24", "r25", "r26", "r27", "r28", "r29", "r30", "r31", "r32", "r33", "r34", "r35",
    "r36", "r37", "r38", "r39", "r40", "r41", "r42", "r43", "r44", "r45", "r46", "r47",
    "r48", "r49", "r50", "r51", "r52", "r53", "r54", "r55", "r56", "r57", "r58", "r59",
    "r60", "r61", "r62", "r63", "r64", "r65", "r66", "r67", "r68", "r69", "r70", "r71",
    "r72", "r73", "r74", "r75", "r76", "r77", "r78", "r79", "r80", "r81", "r82", "r83",
    "r84", "r85", "r86", "r87", "r88", "r89", "r90", "r91", "r92", "r93", "r94", "r95",
    "r96", "r97", "r98", "r99", "r100", "r101", "r102", "r103", "r104", "r105", "r106", "r107",
    "r108", "r109", "r110", "r111", "r112", "r113", "r114", "r115", "r116", "r117", "r118", "r119",
    "r120", "r121", "r122", "r123", "r124", "r125", "r126", "r127",
];

/// A register as an instruction names it.
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

/// The number of the register of that name: `r` and a number without leading zeros.
pub(super) fn find(name: &str) -> Option<u8> {
    let digits = name.strip_prefix('r')?;
    let plain = digits == "0" || !digits.starts_with('0');
    let number = digits.parse::<u8>().ok().filter(|_| plain && digits.bytes().all(|b| b.is_ascii_digit()))?;
    (usize::from(number) < NAMES.len()).then_some(number)
}
