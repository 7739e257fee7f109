//! Operands other than registers.

use super::register::Register;
use syntax::Span;

/// Where a branch goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BranchTarget<'a> {
    /// A label.
    Label(&'a str, Span),
    /// `.+8`: that many bytes from the branch.
    Relative(i64, Span),
}

/// A global name and an offset in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SymbolRef<'a> {
    /// How the linker is asked for it: `""`, `:lo12:`, `:got:`, `:got_lo12:`.
    pub(super) relocation: &'static str,
    /// The name.
    pub(super) name: &'a str,
    /// The offset.
    pub(super) offset: i64,
}

/// What is done to a register operand before it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Modifier {
    Lsl,
    Lsr,
    Asr,
    Ror,
    Uxtb,
    Uxth,
    Uxtw,
    Uxtx,
    Sxtb,
    Sxth,
    Sxtw,
    Sxtx,
}

impl Modifier {
    /// All of them, with their names.
    pub(super) const ALL: [(&'static str, Modifier); 12] = [
        ("LSL", Modifier::Lsl),
        ("LSR", Modifier::Lsr),
        ("ASR", Modifier::Asr),
        ("ROR", Modifier::Ror),
        ("UXTB", Modifier::Uxtb),
        ("UXTH", Modifier::Uxth),
        ("UXTW", Modifier::Uxtw),
        ("UXTX", Modifier::Uxtx),
        ("SXTB", Modifier::Sxtb),
        ("SXTH", Modifier::Sxth),
        ("SXTW", Modifier::Sxtw),
        ("SXTX", Modifier::Sxtx),
    ];

    /// The modifier of that name, in either case.
    pub(super) fn find(name: &str) -> Option<Modifier> {
        Modifier::ALL.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, found)| *found)
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        Modifier::ALL[self as usize].0
    }

    /// Whether it takes a distance always.
    pub(super) fn is_shift(self) -> bool {
        matches!(self, Modifier::Lsl | Modifier::Lsr | Modifier::Asr | Modifier::Ror)
    }
}

/// A register with what is done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Modified<'a> {
    /// The register.
    pub(super) register: Register<'a>,
    /// What is done, and the distance of the shift that goes with it.
    pub(super) modifier: Option<(Modifier, Option<u8>)>,
}

/// The last operand of arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operand<'a> {
    /// A number, perhaps shifted to the left.
    Immediate {
        /// The number.
        value: i64,
        /// `LSL #12`
        shift: Option<u8>,
    },
    /// A register.
    Register(Modified<'a>),
    /// `:lo12:x`
    Symbol(SymbolRef<'a>),
}

/// What is added to the base of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offset<'a> {
    /// A number of bytes.
    Immediate(i64),
    /// A register.
    Register(Modified<'a>),
    /// `:lo12:x`
    Symbol(SymbolRef<'a>),
}

/// What becomes of the base register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Indexing {
    /// It stays.
    Offset,
    /// It becomes the address of the access.
    Pre,
    /// It becomes base + offset, after the access at the base.
    Post,
}

/// A memory operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address<'a> {
    /// The base.
    pub(super) base: Register<'a>,
    /// What is added.
    pub(super) offset: Offset<'a>,
    /// What becomes of the base.
    pub(super) indexing: Indexing,
}
