//! Registers, their views, and the two dialects' tables of them.

use execution::micro::Reg;

/// Which bits of a register a name shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// `al`: bits 0 to 7.
    Low8,
    /// `ah`: bits 8 to 15.
    High8,
    /// `ax`: bits 0 to 15.
    Low16,
    /// `eax`: bits 0 to 31.
    Low32,
    /// `rax`: all bits.
    Full,
}

impl Part {
    /// How many bits it shows.
    pub(super) fn width(self) -> u8 {
        match self {
            Part::Low8 | Part::High8 => 8,
            Part::Low16 => 16,
            Part::Low32 => 32,
            Part::Full => 64,
        }
    }

    /// The low part of that many bits.
    pub(super) fn low(width: u8) -> Part {
        match width {
            8 => Part::Low8,
            16 => Part::Low16,
            32 => Part::Low32,
            _ => Part::Full,
        }
    }
}

/// A register as an operand names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Register<'a> {
    /// The whole register.
    pub(super) reg: Reg,
    /// What the operand shows of it.
    pub(super) part: Part,
    /// The canonical name; for a symbolic register its name without `%`.
    pub(super) name: &'a str,
    /// Whether it is a symbolic register: its view is chosen by the instruction.
    pub(super) symbolic: bool,
}

impl Register<'_> {
    /// Whether it belongs to the vector unit.
    pub(super) fn is_vector(&self) -> bool {
        !self.symbolic && self.name.starts_with("xmm")
    }
}

/// The general registers that instructions use without naming them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gpr {
    Ax = 0,
    Bx = 1,
    Cx = 2,
    Dx = 3,
    Sp = 7,
}

/// The flags, in the order of the register tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flag {
    Zero = 0,
    Sign = 1,
    Carry = 2,
    Overflow = 3,
    /// Holds the result that parity is taken of, not the parity.
    Parity = 4,
}

/// What differs between the two test languages.
#[derive(Debug)]
pub(super) struct Dialect {
    /// Names in the order of the states.
    pub(super) registers: &'static [&'static str],
    /// Position of the first general register.
    general: u16,
    /// Position of the register that calls keep the return address in.
    pub(super) pc: Reg,
    /// Position of the first flag.
    flags: u16,
    /// Width of a whole general register.
    pub(super) word: u8,
    /// Whether the destination comes first, and names are printed in capitals without `%`.
    pub(super) intel: bool,
}

/// The language `X86`.
pub(super) static X86: Dialect = Dialect {
    registers: &["EAX", "EBX", "ECX", "EDX", "ESI", "EDI", "EBP", "ESP", "EIP", "ZF", "SF", "CF", "OF", "PF"],
    general: 0,
    pc: Reg(8),
    flags: 9,
    word: 32,
    intel: true,
};

/// The language `X86_64`.
pub(super) static X86_64: Dialect = Dialect {
    registers: &[
        "rip", "cs", "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12",
        "r13", "r14", "r15", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "zf", "sf",
        "cf", "of", "pf",
    ],
    general: 2,
    pc: Reg(0),
    flags: 26,
    word: 64,
    intel: false,
};

const VECTOR: u16 = 18;

static LOW8: [&str; 16] = [
    "al", "bl", "cl", "dl", "sil", "dil", "bpl", "spl", "r8b", "r9b", "r10b", "r11b", "r12b", "r13b", "r14b",
    "r15b",
];
static HIGH8: [&str; 4] = ["ah", "bh", "ch", "dh"];
static LOW16: [&str; 16] = [
    "ax", "bx", "cx", "dx", "si", "di", "bp", "sp", "r8w", "r9w", "r10w", "r11w", "r12w", "r13w", "r14w",
    "r15w",
];
static LOW32: [&str; 16] = [
    "eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "esp", "r8d", "r9d", "r10d", "r11d", "r12d", "r13d",
    "r14d", "r15d",
];
static UPPER_LOW8: [&str; 4] = ["AL", "BL", "CL", "DL"];
static UPPER_HIGH8: [&str; 4] = ["AH", "BH", "CH", "DH"];
static UPPER_LOW16: [&str; 8] = ["AX", "BX", "CX", "DX", "SI", "DI", "BP", "SP"];

impl Dialect {
    /// The register that an instruction implies.
    pub(super) fn gpr(&self, gpr: Gpr) -> Reg {
        Reg(self.general + gpr as u16)
    }

    /// The register of a flag.
    pub(super) fn flag(&self, flag: Flag) -> Reg {
        Reg(self.flags + flag as u16)
    }

    /// Registers that symbolic ones may stand for: those that no instruction implies come first.
    pub(super) fn free_registers(&self) -> impl Iterator<Item = Reg> + use<> {
        let general = self.general;
        let numbered = if self.intel { 8..8 } else { 8..16 };
        numbered.chain([1, 4, 5, 6, 3, 2, 0]).map(move |gpr| Reg(general + gpr))
    }

    /// The register of that name, whatever its case; no `%` in front.
    pub(super) fn register(&self, name: &str) -> Option<Register<'static>> {
        let mut buffer = [0; 5];
        let lower = lowercase(name, &mut buffer)?;
        let (gpr, part) = match general(lower) {
            Some(found) => found,
            None => return self.special(lower),
        };
        // In 32-bit mode there are eight registers of 32 bits, and only four have low bytes.
        let fits = match part {
            Part::Full => !self.intel,
            Part::Low8 if self.intel => gpr < 4,
            _ => !self.intel || gpr < 8,
        };
        let at = gpr as usize;
        let name = match (self.intel, part) {
            (_, Part::Full) | (true, Part::Low32) => self.registers.get(self.general as usize + at),
            (false, Part::Low8) => LOW8.get(at),
            (false, Part::High8) => HIGH8.get(at),
            (false, Part::Low16) => LOW16.get(at),
            (false, Part::Low32) => LOW32.get(at),
            (true, Part::Low8) => UPPER_LOW8.get(at),
            (true, Part::High8) => UPPER_HIGH8.get(at),
            (true, Part::Low16) => UPPER_LOW16.get(at),
        }?;
        fits.then_some(Register { reg: Reg(self.general + gpr), part, name, symbolic: false })
    }

    /// Registers beside the general ones.
    fn special(&self, lower: &[u8]) -> Option<Register<'static>> {
        let at = match lower {
            b"eip" if self.intel => self.pc.0,
            b"rip" if !self.intel => self.pc.0,
            b"cs" if !self.intel => 1,
            [b'x', b'm', b'm', digit @ b'0'..=b'7'] if !self.intel => VECTOR + u16::from(digit - b'0'),
            b"zf" => self.flag(Flag::Zero).0,
            b"sf" => self.flag(Flag::Sign).0,
            b"cf" => self.flag(Flag::Carry).0,
            b"of" => self.flag(Flag::Overflow).0,
            _ => return None,
        };
        let name = self.registers.get(at as usize)?;
        Some(Register { reg: Reg(at), part: Part::low(self.word), name, symbolic: false })
    }
}

/// The name in lower case; nothing if it is too long for the buffer.
pub(super) fn lowercase<'b>(name: &str, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    let lower = buffer.get_mut(..name.len())?;
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    Some(lower)
}

/// The number of a general register and the part of it that a name shows.
fn general(name: &[u8]) -> Option<(u16, Part)> {
    match *name {
        [letter, b'l'] => Some((lettered(letter)?, Part::Low8)),
        [letter, b'h'] => Some((lettered(letter)?, Part::High8)),
        [b'r', digit @ b'8'..=b'9', ref rest @ ..] => Some((u16::from(digit - b'0'), numbered(rest)?)),
        [b'r', b'1', digit @ b'0'..=b'5', ref rest @ ..] => {
            Some((u16::from(digit - b'0') + 10, numbered(rest)?))
        }
        [a, b] => Some((word([a, b])?, Part::Low16)),
        [b'e', a, b] => Some((word([a, b])?, Part::Low32)),
        [b'r', a, b] => Some((word([a, b])?, Part::Full)),
        [a, b, b'l'] => word([a, b]).filter(|gpr| *gpr >= 4).map(|gpr| (gpr, Part::Low8)),
        _ => None,
    }
}

fn lettered(letter: u8) -> Option<u16> {
    match letter {
        b'a'..=b'd' => Some(u16::from(letter - b'a')),
        _ => None,
    }
}

fn numbered(suffix: &[u8]) -> Option<Part> {
    match suffix {
        b"" => Some(Part::Full),
        b"d" => Some(Part::Low32),
        b"w" => Some(Part::Low16),
        b"b" => Some(Part::Low8),
        _ => None,
    }
}

fn word(name: [u8; 2]) -> Option<u16> {
    match &name {
        [letter, b'x'] => lettered(*letter),
        b"si" => Some(4),
        b"di" => Some(5),
        b"bp" => Some(6),
        b"sp" => Some(7),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_and_names_agree() {
        for dialect in [&X86, &X86_64] {
            for (at, name) in dialect.registers.iter().enumerate() {
                let found = dialect.register(name).map(|register| register.reg.0 as usize);
                let hidden = name.eq_ignore_ascii_case("pf");
                assert_eq!(found, (!hidden).then_some(at), "{name}");
            }
        }
    }

    #[test]
    fn every_view_names_its_register() {
        let tables =
            [(&LOW8[..], Part::Low8), (&HIGH8, Part::High8), (&LOW16, Part::Low16), (&LOW32, Part::Low32)];
        for (names, part) in tables {
            for (at, name) in names.iter().enumerate() {
                let found = X86_64.register(name).expect(name);
                assert_eq!((found.reg.0 as usize, found.part, found.name), (at + 2, part, *name));
                assert_eq!(X86_64.register(&name.to_uppercase()), Some(found));
            }
        }
        assert_eq!(X86.register("al").map(|found| found.name), Some("AL"));
        for wrong in ["rax", "r8d", "sil", "xmm0", "exx", "e", "", "eaxx", "héh"] {
            assert_eq!(X86.register(wrong), None, "{wrong}");
        }
        for wrong in ["r16", "r8q", "axl", "eip", "xmm8", "r1"] {
            assert_eq!(X86_64.register(wrong), None, "{wrong}");
        }
    }
}
