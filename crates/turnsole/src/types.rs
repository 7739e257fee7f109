//! C types of locations and registers: how wide values are, and how they print.

use litmus::Type;

/// How a location's values are stored and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Width in bits.
    pub(crate) width: u8,
    /// Whether numbers print with a sign.
    pub(crate) signed: bool,
    /// How many cells an array has.
    pub(crate) cells: Option<u64>,
}

impl Shape {
    /// What has no declared type is an `int`.
    pub(crate) const INT: Shape = Shape { width: 32, signed: true, cells: None };

    /// Width of a cell in bytes.
    pub(crate) fn bytes(self) -> i64 {
        i64::from(self.width / 8).max(1)
    }
}

/// The shape of a declared type; `int` where it says nothing known.
pub(crate) fn shape(ty: &Type) -> Shape {
    let (width, signed) = if ty.pointers > 0 { (64, true) } else { base(&ty.base) };
    Shape { width, signed, cells: ty.array }
}

fn base(name: &str) -> (u8, bool) {
    let name = name.trim_start_matches("const ").trim_start_matches("volatile ");
    match name {
        "int8_t" | "char" | "signed char" | "atomic_char" => (8, true),
        "uint8_t" | "unsigned char" => (8, false),
        "int16_t" | "short" => (16, true),
        "uint16_t" | "unsigned short" => (16, false),
        "int32_t" | "int" | "atomic_int" | "atomic_t" | "ins_t" => (32, true),
        "uint32_t" | "unsigned" | "unsigned int" | "atomic_uint" => (32, false),
        "int64_t" | "long" | "pteval_t" | "long long" | "intptr_t" | "atomic_long" | "atomic64_t" => {
            (64, true)
        }
        "uint64_t" | "unsigned long" | "unsigned long long" | "uintptr_t" | "size_t" => (64, false),
        "__int128" | "int128_t" | "__int128_t" => (128, true),
        "__uint128" | "uint128_t" | "unsigned __int128" | "__uint128_t" => (128, false),
        _ => (32, true),
    }
}
