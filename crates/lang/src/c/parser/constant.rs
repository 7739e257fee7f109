//! Numbers, and expressions whose value is known when the test is read.

use syntax::Span;

use super::{Failed, Parser, Result};
use crate::c::ast::{BinaryOp, Constant, ExprId, ExprKind, UnaryOp};
use crate::c::types::{TypeId, TypeKind};

/// What is wrong with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadNumber {
    Float,
    TooLarge,
    Malformed,
}

/// The value and the type of a number.
pub(super) fn number(text: &str) -> std::result::Result<(i128, TypeId), BadNumber> {
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&text[2..], 16),
        [b'0', b'b' | b'B', ..] => (&text[2..], 2),
        [b'0', _, ..] => (&text[1..], 8),
        _ => (text, 10),
    };
    let len = digits.bytes().position(|byte| !(byte as char).is_digit(radix)).unwrap_or(digits.len());
    let (digits, suffix) = digits.split_at(len);
    if suffix.starts_with(['.', 'e', 'E', 'p', 'P']) || text.starts_with('.') {
        return Err(BadNumber::Float);
    }
    if digits.is_empty() {
        return Err(BadNumber::Malformed);
    }
    let value = u128::from_str_radix(digits, radix).map_err(|_| BadNumber::TooLarge)?;
    let (unsigned, long) = match suffix.len() {
        0 => (false, false),
        _ => suffix_of(suffix).ok_or(BadNumber::Malformed)?,
    };
    // Decimal numbers without suffix are never unsigned.
    let both = radix != 10;
    let ty = if !unsigned && !long && value <= i32::MAX as u128 {
        TypeId::INT
    } else if (unsigned || both) && !long && value <= u128::from(u32::MAX) {
        TypeId::UINT
    } else if !unsigned && value <= i64::MAX as u128 {
        TypeId::I64
    } else if (unsigned || both) && value <= u128::from(u64::MAX) {
        TypeId::U64
    } else if !unsigned && value <= i128::MAX as u128 {
        TypeId::I128
    } else {
        TypeId::U128
    };
    Ok((value as i128, ty))
}

/// Whether a suffix says unsigned and long.
fn suffix_of(suffix: &str) -> Option<(bool, bool)> {
    Some(match suffix.to_ascii_lowercase().as_str() {
        "u" => (true, false),
        "l" | "ll" | "z" => (false, true),
        "ul" | "lu" | "ull" | "llu" | "uz" | "zu" => (true, true),
        _ => return None,
    })
}

/// The value of `'a'`, with its quotes.
pub(super) fn character(text: &str) -> Option<i128> {
    let inside = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let value = match inside.as_bytes() {
        [byte] if *byte != b'\\' && byte.is_ascii() => *byte,
        [b'\\', byte] => match byte {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'v' => 11,
            b'0'..=b'7' => byte - b'0',
            b'\\' | b'\'' | b'"' | b'?' => *byte,
            _ => return None,
        },
        [b'\\', b'x', digits @ ..] if digits.len() <= 2 => {
            u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?
        }
        [b'\\', digits @ ..] if digits.len() <= 3 => {
            u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()?
        }
        _ => return None,
    };
    Some(i128::from(value as i8))
}

impl Parser<'_> {
    /// The value of an integer expression, if it is known.
    pub(super) fn constant(&self, id: ExprId) -> Option<i128> {
        match self.constant_or_address(id)? {
            Constant::Int(value) => Some(value),
            Constant::Address(..) => None,
        }
    }

    /// The value of an expression, if it is known: a number, or the address of a global.
    pub(super) fn constant_or_address(&self, id: ExprId) -> Option<Constant> {
        let expr = self.expr(id);
        match expr.kind {
            ExprKind::Int(value) => Some(Constant::Int(value)),
            ExprKind::Address(global) => Some(Constant::Address(global, 0)),
            ExprKind::Convert(value) => match self.constant_or_address(value)? {
                Constant::Int(value) => Some(Constant::Int(self.wrap(value, expr.ty))),
                address => Some(address),
            },
            ExprKind::AddressOf(place) => self.constant_place(place),
            ExprKind::PointerAdd { pointer, index, size } => {
                let index = i64::try_from(self.constant(index)?).ok()?;
                let distance = index.checked_mul(size)?;
                match self.constant_or_address(pointer)? {
                    Constant::Int(value) => Some(Constant::Int(value.wrapping_add(distance.into()))),
                    Constant::Address(global, offset) => {
                        Some(Constant::Address(global, offset.checked_add(distance)?))
                    }
                }
            }
            ExprKind::Unary { op, value } => {
                let value = self.constant(value)?;
                Some(Constant::Int(match op {
                    UnaryOp::Neg => self.wrap(value.wrapping_neg(), expr.ty),
                    UnaryOp::Not => self.wrap(!value, expr.ty),
                    UnaryOp::LogicalNot => i128::from(value == 0),
                }))
            }
            ExprKind::Binary { op, left, right } => {
                let ty = self.ty(left);
                let (left, right) = (self.constant(left)?, self.constant(right)?);
                let value = self.compute(op, ty, left, right)?;
                Some(Constant::Int(self.wrap(value, expr.ty)))
            }
            ExprKind::LogicalAnd { left, right } => {
                let holds = self.constant(left)? != 0 && self.constant(right)? != 0;
                Some(Constant::Int(holds.into()))
            }
            ExprKind::LogicalOr { left, right } => {
                let holds = self.constant(left)? != 0 || self.constant(right)? != 0;
                Some(Constant::Int(holds.into()))
            }
            ExprKind::Conditional { cond, then, otherwise } => {
                let chosen = if self.constant(cond)? != 0 { then } else { otherwise };
                self.constant_or_address(chosen)
            }
            _ => None,
        }
    }

    /// The address of a place in a global.
    fn constant_place(&self, place: ExprId) -> Option<Constant> {
        match self.expr(place).kind {
            ExprKind::Deref(pointer) => self.constant_or_address(pointer),
            ExprKind::Field { place, offset } => match self.constant_place(place)? {
                Constant::Address(global, base) => {
                    Some(Constant::Address(global, base.checked_add(offset.into())?))
                }
                Constant::Int(_) => None,
            },
            _ => None,
        }
    }

    fn compute(&self, op: BinaryOp, ty: TypeId, left: i128, right: i128) -> Option<i128> {
        let unsigned_128 = matches!(self.unit.types.kind(ty), TypeKind::Int { bits: 128, signed: false });
        let bits = self.unit.types.scalar(ty)?.bits;
        let shift = u32::try_from(right).ok().filter(|shift| *shift < bits.into());
        Some(match op {
            BinaryOp::Add => left.wrapping_add(right),
            BinaryOp::Sub => left.wrapping_sub(right),
            BinaryOp::Mul => left.wrapping_mul(right),
            BinaryOp::Div if unsigned_128 => (left as u128).checked_div(right as u128)? as i128,
            BinaryOp::Rem if unsigned_128 => (left as u128).checked_rem(right as u128)? as i128,
            BinaryOp::Div => left.checked_div(right)?,
            BinaryOp::Rem => left.checked_rem(right)?,
            BinaryOp::And => left & right,
            BinaryOp::Or => left | right,
            BinaryOp::Xor => left ^ right,
            BinaryOp::AndNot => left & !right,
            BinaryOp::Shl => left.wrapping_shl(shift?),
            BinaryOp::Shr if unsigned_128 => ((left as u128) >> shift?) as i128,
            BinaryOp::Shr => left >> shift?,
            BinaryOp::Eq => i128::from(left == right),
            BinaryOp::Ne => i128::from(left != right),
            BinaryOp::Lt if unsigned_128 => i128::from((left as u128) < right as u128),
            BinaryOp::Le if unsigned_128 => i128::from(left as u128 <= right as u128),
            BinaryOp::Gt if unsigned_128 => i128::from(left as u128 > right as u128),
            BinaryOp::Ge if unsigned_128 => i128::from(left as u128 >= right as u128),
            BinaryOp::Lt => i128::from(left < right),
            BinaryOp::Le => i128::from(left <= right),
            BinaryOp::Gt => i128::from(left > right),
            BinaryOp::Ge => i128::from(left >= right),
        })
    }

    /// Reads an integer constant expression; `what` needs it.
    pub(super) fn constant_expression(&mut self, what: &str) -> Result<(i128, Span)> {
        let id = self.conditional_expression()?;
        let span = self.span_of(id);
        match self.constant(id) {
            Some(value) => Ok((value, span)),
            None => {
                self.error("c::type", span, format!("{what} must be a constant"));
                Err(Failed)
            }
        }
    }
}
