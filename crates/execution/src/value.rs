//! Values and the operations on them.

use rustc_hash::FxHashMap;

/// A global name of a test: a memory location, or the base of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolId(pub u32);

/// The global names of a test, in order of appearance.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    names: Vec<String>,
    /// The ids of names behind the first few, which are found faster without it.
    ids: FxHashMap<String, SymbolId>,
    instructions: Vec<String>,
}

/// So many names are compared one by one.
const FEW_NAMES: usize = 8;

impl Symbols {
    /// No names yet.
    pub fn new() -> Symbols {
        Symbols::default()
    }

    /// The id of that name, new if the name is.
    pub fn intern(&mut self, name: &str) -> SymbolId {
        if let Some(id) = self.find(name) {
            return id;
        }
        let id = SymbolId(self.names.len() as u32);
        self.names.push(name.to_owned());
        if self.names.len() > FEW_NAMES {
            self.ids.insert(name.to_owned(), id);
        }
        id
    }

    /// The id of that name, if it has one.
    pub fn find(&self, name: &str) -> Option<SymbolId> {
        let few = &self.names[..self.names.len().min(FEW_NAMES)];
        // Comparing the first letters first spares most calls.
        let initial = name.as_bytes().first();
        let is_it = |known: &String| known.as_bytes().first() == initial && known == name;
        let first = few.iter().position(is_it).map(|at| SymbolId(at as u32));
        first.or_else(|| self.ids.get(name).copied())
    }

    /// The name of that id.
    pub fn name(&self, id: SymbolId) -> &str {
        &self.names[id.0 as usize]
    }

    /// The instruction of that canonical text.
    pub fn intern_instruction(&mut self, text: &str) -> InstructionId {
        let at = self.instructions.iter().position(|known| known == text).unwrap_or_else(|| {
            self.instructions.push(text.to_owned());
            self.instructions.len() - 1
        });
        InstructionId(at as u32)
    }

    /// The canonical text of an instruction.
    pub fn instruction(&self, id: InstructionId) -> &str {
        &self.instructions[id.0 as usize]
    }

    /// All names; the position is the id.
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

/// What registers and memory hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A number as bits, zero-extended from the width of the operation that made it (64-bit −1 is `2⁶⁴−1`).
    Int(u128),
    /// The address `symbol + offset`, in bytes.
    Addr {
        /// The global name.
        symbol: SymbolId,
        /// Distance from its start, in bytes.
        offset: i64,
    },
    /// The address of an instruction.
    Code {
        /// Number of the thread whose code it is.
        thread: u16,
        /// Position in the thread's code; the code's length names its end.
        index: u32,
    },
    /// An instruction as a value, such as a load from code returns.
    Instruction(InstructionId),
    /// A value that reads pass on in a circle, and that nothing determines: it comes out of thin air. Different circles
    /// of an execution have different numbers.
    Free(u32),
}

/// The text of an instruction, as interned in the [`Symbols`] of a test: equal texts have equal ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstructionId(pub u32);

impl Value {
    /// Zero.
    pub const ZERO: Value = Value::Int(0);
    /// One.
    pub const ONE: Value = Value::Int(1);

    /// The 64-bit pattern of a signed number.
    pub fn int(value: i64) -> Value {
        Value::Int(u128::from(value as u64))
    }

    /// The address of a symbol.
    pub fn addr(symbol: SymbolId) -> Value {
        Value::Addr { symbol, offset: 0 }
    }

    /// One for true, zero for false.
    pub fn bool(value: bool) -> Value {
        Value::Int(value.into())
    }

    /// Whether it counts as true: anything but the number zero.
    pub fn is_true(self) -> bool {
        self != Value::ZERO
    }

    /// Whether two values are the same in their low `width` bits; addresses count as a whole.
    #[inline]
    pub fn agrees(self, other: Value, width: u8) -> bool {
        match (self, other) {
            (Value::Int(a), Value::Int(b)) => a == b || (a ^ b) & mask(width) == 0,
            _ => self == other,
        }
    }

    /// The low `width` bits of a number; 0 for addresses.
    pub fn masked_bits(self, width: u8) -> u128 {
        match self {
            Value::Int(bits) => bits & mask(width),
            _ => 0,
        }
    }

    /// Keeps the low `width` bits of a number; addresses stay whole.
    pub fn masked(self, width: u8) -> Value {
        match self {
            Value::Int(bits) => Value::Int(bits & mask(width)),
            other => other,
        }
    }
}

/// The low `width` bits set.
#[inline]
pub(crate) fn mask(width: u8) -> u128 {
    if width >= 128 { !0 } else { (1 << width) - 1 }
}

/// Reads the low `width` bits as a signed number.
fn signed(bits: u128, width: u8) -> i128 {
    let shift = 128 - u32::from(width.min(128));
    ((bits << shift) as i128) >> shift
}

/// A number of `width` bits with its sign, as a 64-bit pattern: what is added to addresses, and masks them.
fn sign_extended(width: u8, value: Value) -> Value {
    match value {
        Value::Int(bits) if width < 64 => Value::int(signed(bits, width) as i64),
        other => other,
    }
}

/// An address with some of its low bits cleared, or its low bits alone. Globals are aligned to 16 bytes.
fn mask_address(symbol: SymbolId, offset: i64, mask: u64) -> Result<Value, OpError> {
    match mask {
        0..=15 => Ok(Value::Int(u128::from(offset as u64 & mask))),
        _ if mask | 15 == u64::MAX => Ok(Value::Addr { symbol, offset: offset & mask as i64 }),
        _ => Err(OpError),
    }
}

/// An operation that has no result on such operands, such as the product of two addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpError;

/// Operations on one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// Bitwise complement.
    Not,
    /// Two's complement.
    Neg,
    /// Zero-extension from the width: keeps the low bits. Addresses stay whole.
    Mask,
    /// Sign-extension from the width to 128 bits, to be cut by a `Mask`. Addresses stay whole.
    SignExtend,
    /// 1 if zero, else 0.
    IsZero,
    /// Number of leading zeros.
    CountLeadingZeros,
    /// Reverses the bits.
    ReverseBits,
    /// Reverses the bytes.
    ReverseBytes,
    /// The bits from that one on: a part of a value in memory. The lowest part of an address is the whole address, and
    /// the others are zero.
    Extract(u8),
}

/// Operations on two values, modulo 2^width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// Sum; also address + number.
    Add,
    /// Difference; also address − number and address − address of one symbol.
    Sub,
    /// Product, low half.
    Mul,
    /// Product of the operands taken as unsigned, high half.
    MulHighUnsigned,
    /// Product of the operands taken as signed, high half.
    MulHighSigned,
    /// Unsigned quotient; zero for a zero divisor.
    DivUnsigned,
    /// Signed quotient, rounded to zero; zero for a zero divisor.
    DivSigned,
    /// Unsigned remainder; the dividend for a zero divisor.
    RemUnsigned,
    /// Signed remainder; the dividend for a zero divisor.
    RemSigned,
    /// Bitwise and.
    And,
    /// Bitwise or.
    Or,
    /// Bitwise exclusive or.
    Xor,
    /// Bitwise and with the complement of the second.
    AndNot,
    /// Shift to the left; zero if the distance is the width or more.
    Shl,
    /// Logical shift to the right; zero if the distance is the width or more.
    ShrLogical,
    /// Arithmetic shift to the right; copies of the sign if the distance is the width or more.
    ShrArithmetic,
    /// Rotation to the right, by the distance modulo the width.
    RotateRight,
    /// 1 if equal, else 0. Defined on all values.
    Eq,
    /// 1 if different, else 0. Defined on all values.
    Ne,
    /// 1 if less, unsigned.
    LtUnsigned,
    /// 1 if less or equal, unsigned.
    LeUnsigned,
    /// 1 if less, signed.
    LtSigned,
    /// 1 if less or equal, signed.
    LeSigned,
    /// The lesser, unsigned.
    MinUnsigned,
    /// The greater, unsigned.
    MaxUnsigned,
    /// The lesser, signed.
    MinSigned,
    /// The greater, signed.
    MaxSigned,
}

impl UnaryOp {
    /// The result at a width of `width` bits.
    ///
    /// # Errors
    /// When the operation has no meaning on an address.
    pub fn apply(self, width: u8, a: Value) -> Result<Value, OpError> {
        let bits = match (self, a) {
            (_, Value::Int(bits)) => bits,
            (UnaryOp::Mask | UnaryOp::SignExtend, address) => return Ok(address),
            (UnaryOp::Extract(low), Value::Addr { .. } | Value::Code { .. } | Value::Instruction(_)) => {
                return Ok(if low == 0 { a } else { Value::ZERO });
            }
            (UnaryOp::IsZero, _) => return Ok(Value::ZERO),
            _ => return Err(OpError),
        };
        let m = mask(width);
        let low = bits & m;
        let spare = 128 - u32::from(width);
        Ok(Value::Int(match self {
            UnaryOp::Not => !bits & m,
            UnaryOp::Neg => bits.wrapping_neg() & m,
            UnaryOp::Mask => low,
            UnaryOp::SignExtend => signed(bits, width) as u128,
            UnaryOp::IsZero => u128::from(low == 0),
            UnaryOp::CountLeadingZeros => u128::from(low.leading_zeros() - spare),
            UnaryOp::ReverseBits => low.reverse_bits() >> spare,
            UnaryOp::ReverseBytes => low.swap_bytes() >> spare,
            UnaryOp::Extract(from) => bits.checked_shr(from.into()).unwrap_or(0) & m,
        }))
    }
}

impl BinaryOp {
    /// The result at a width of `width` bits.
    ///
    /// # Errors
    /// When the operation has no meaning on the operands, which happens with addresses only.
    pub fn apply(self, width: u8, a: Value, b: Value) -> Result<Value, OpError> {
        match (a, b) {
            (Value::Int(a), Value::Int(b)) => Ok(Value::Int(self.apply_bits(width, a, b))),
            _ => self.apply_address(sign_extended(width, a), sign_extended(width, b)),
        }
    }

    fn apply_address(self, a: Value, b: Value) -> Result<Value, OpError> {
        use BinaryOp::*;
        let moved = |value: Value, by: i64| match value {
            Value::Addr { symbol, offset } => Ok(Value::Addr { symbol, offset: offset.wrapping_add(by) }),
            Value::Code { thread, index } if by % 4 == 0 => {
                Ok(Value::Code { thread, index: (i64::from(index) + by / 4) as u32 })
            }
            _ => Err(OpError),
        };
        match (self, a, b) {
            (Eq, a, b) => Ok(Value::bool(a == b)),
            (Ne, a, b) => Ok(Value::bool(a != b)),
            (Xor | Sub, a, b) if a == b => Ok(Value::ZERO),
            // Comparisons are subtractions: what differs has a difference.
            (Sub, Value::Instruction(_), Value::Instruction(_)) => Ok(Value::ONE),
            (Add | Sub | Or | Xor | Shl | ShrLogical | ShrArithmetic | AndNot, a, Value::Int(0)) => Ok(a),
            (Add | Or | Xor, Value::Int(0), b) => Ok(b),
            (And | Mul, _, Value::Int(0)) | (And | Mul, Value::Int(0), _) => Ok(Value::ZERO),
            (And | Or, a, b) if a == b => Ok(a),
            (And, Value::Addr { symbol, offset }, Value::Int(m))
            | (And, Value::Int(m), Value::Addr { symbol, offset }) => mask_address(symbol, offset, m as u64),
            (AndNot, Value::Addr { symbol, offset }, Value::Int(m)) => {
                mask_address(symbol, offset, !m as u64)
            }
            // No global is at address 0.
            (LtUnsigned | LtSigned | LeUnsigned | LeSigned, Value::Addr { .. }, Value::Int(0)) => {
                Ok(Value::ZERO)
            }
            (LtUnsigned | LtSigned | LeUnsigned | LeSigned, Value::Int(0), Value::Addr { .. }) => {
                Ok(Value::ONE)
            }
            // Inside one object, the order of addresses is that of offsets.
            (
                LtUnsigned | LtSigned | LeUnsigned | LeSigned,
                Value::Addr { symbol: s, offset: x },
                Value::Addr { symbol: t, offset: y },
            ) if s == t => {
                Ok(Value::bool(if matches!(self, LtUnsigned | LtSigned) { x < y } else { x <= y }))
            }
            (Add, a, Value::Int(by)) => moved(a, by as i64),
            (Add, Value::Int(by), b) => moved(b, by as i64),
            (Sub, a, Value::Int(by)) => moved(a, (by as i64).wrapping_neg()),
            (Sub, Value::Addr { symbol: s, offset: x }, Value::Addr { symbol: t, offset: y }) if s == t => {
                Ok(Value::int(x.wrapping_sub(y)))
            }
            _ => Err(OpError),
        }
    }

    fn apply_bits(self, width: u8, a: u128, b: u128) -> u128 {
        use BinaryOp::*;
        let m = mask(width);
        let (a, b) = (a & m, b & m);
        let (sa, sb) = (signed(a, width), signed(b, width));
        let w = u128::from(width);
        let distance = b.min(127) as u32;
        let result = match self {
            Add => a.wrapping_add(b),
            Sub => a.wrapping_sub(b),
            Mul => a.wrapping_mul(b),
            // Exact for widths up to 64; wider products are cut to 128 bits first.
            MulHighUnsigned => a.wrapping_mul(b) >> width.min(127),
            MulHighSigned => (sa.wrapping_mul(sb) >> width.min(127)) as u128,
            DivUnsigned => a.checked_div(b).unwrap_or(0),
            DivSigned => {
                if sb == 0 {
                    0
                } else {
                    sa.wrapping_div(sb) as u128
                }
            }
            RemUnsigned => a.checked_rem(b).unwrap_or(a),
            RemSigned => {
                if sb == 0 {
                    a
                } else {
                    sa.wrapping_rem(sb) as u128
                }
            }
            And => a & b,
            Or => a | b,
            Xor => a ^ b,
            AndNot => a & !b,
            Shl => {
                if b >= w {
                    0
                } else {
                    a << distance
                }
            }
            ShrLogical => {
                if b >= w {
                    0
                } else {
                    a >> distance
                }
            }
            ShrArithmetic => (sa >> distance) as u128,
            RotateRight => {
                let by = (b % w) as u32;
                if by == 0 { a } else { (a >> by) | (a << (u32::from(width) - by)) }
            }
            Eq => u128::from(a == b),
            Ne => u128::from(a != b),
            LtUnsigned => u128::from(a < b),
            LeUnsigned => u128::from(a <= b),
            LtSigned => u128::from(sa < sb),
            LeSigned => u128::from(sa <= sb),
            MinUnsigned => a.min(b),
            MaxUnsigned => a.max(b),
            MinSigned => sa.min(sb) as u128,
            MaxSigned => sa.max(sb) as u128,
        };
        result & m
    }
}
