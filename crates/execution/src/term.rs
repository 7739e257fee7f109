//! Values that are not known yet: terms over the values that reads return.

use crate::value::{BinaryOp, OpError, UnaryOp, Value, mask};
use rustc_hash::FxHashMap;

/// Names the value that the `n`-th read of a thread returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VarId(pub u16);

/// Names a term of a [`Terms`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TermId(pub u32);

/// A value as a function of what the thread's reads return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Term {
    /// A known value.
    Const(Value),
    /// What a read returns, at most `width` bits.
    Var {
        /// The read.
        var: VarId,
        /// Width of the read in bits.
        width: u8,
    },
    /// An operation on one term.
    Unary(UnaryOp, u8, TermId),
    /// An operation on two terms.
    Binary(BinaryOp, u8, TermId, TermId),
    /// The second if the first is true, else the third.
    IfThenElse(TermId, TermId, TermId),
    /// The result of an operation that has none; an error if a candidate needs it.
    Illegal,
}

/// How many parts one access may have.
const MAX_PARTS: usize = 16;

/// Globals are aligned to 2⁴ bytes: so many of their addresses' bits are known.
const ALIGNED_BITS: u8 = 4;

/// No more low bits than that are looked for.
const MOST_LOW_BITS: u8 = 16;

/// How deep into a term they are looked for.
const DEPTH: u8 = 6;

/// More terms than that are looked up by their hash.
const FEW: usize = 12;

/// Terms, each stored once: equal terms have equal ids.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    terms: Vec<Term>,
    /// The terms by what they are. Few terms are found faster without it.
    ids: FxHashMap<Term, TermId>,
}

impl Terms {
    /// No terms yet.
    pub fn new() -> Terms {
        Terms::default()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.terms.len()
    }

    /// Whether the same ids stand for the same terms.
    pub fn are_equal(&self, other: &Terms) -> bool {
        self.terms == other.terms
    }

    /// The term of that id.
    pub fn get(&self, id: TermId) -> Term {
        self.terms[id.0 as usize]
    }

    /// The value, if it is known.
    pub fn known(&self, id: TermId) -> Option<Value> {
        match self.get(id) {
            Term::Const(value) => Some(value),
            _ => None,
        }
    }

    fn add(&mut self, term: Term) -> TermId {
        let count = self.terms.len();
        let known = match count {
            0..=FEW => self.terms.iter().position(|known| *known == term).map(|at| TermId(at as u32)),
            _ => self.ids.get(&term).copied(),
        };
        if let Some(id) = known {
            return id;
        }
        self.terms.push(term);
        if count >= FEW {
            let first = if count == FEW { 0 } else { count };
            let numbered = self.terms.iter().enumerate().skip(first);
            self.ids.extend(numbered.map(|(at, term)| (*term, TermId(at as u32))));
        }
        TermId(count as u32)
    }

    /// The read whose value the term is, if it is one unchanged.
    pub fn copied(&self, id: TermId) -> Option<VarId> {
        match self.get(id) {
            Term::Var { var, .. } => Some(var),
            Term::Unary(UnaryOp::Mask, _, inner) => self.copied(inner),
            _ => None,
        }
    }

    /// The read that a term is computed from, if it is computed from nothing else, one step after the other.
    pub fn only_read(&self, mut id: TermId) -> Option<VarId> {
        loop {
            match self.get(id) {
                Term::Var { var, .. } => return Some(var),
                Term::Unary(_, _, inner) => id = inner,
                _ => return None,
            }
        }
    }

    /// A known value.
    pub fn constant(&mut self, value: Value) -> TermId {
        self.add(Term::Const(value))
    }

    /// What a read of `width` bits returns.
    pub fn var(&mut self, var: VarId, width: u8) -> TermId {
        self.add(Term::Var { var, width })
    }

    fn result(&mut self, value: Result<Value, OpError>) -> TermId {
        self.add(value.map_or(Term::Illegal, Term::Const))
    }

    pub(crate) fn illegal(&mut self) -> TermId {
        self.add(Term::Illegal)
    }

    /// An operation on one term, simplified.
    pub fn unary(&mut self, op: UnaryOp, width: u8, a: TermId) -> TermId {
        let a = self.without_rest(a, width);
        match (op, self.get(a)) {
            (_, Term::Illegal) => a,
            (_, Term::Const(value)) => self.result(op.apply(width, value)),
            (UnaryOp::Mask, Term::Var { width: narrow, .. }) if narrow <= width => a,
            (UnaryOp::Mask, Term::Unary(UnaryOp::Mask, narrow, _)) if narrow <= width => a,
            (UnaryOp::Mask, Term::Binary(inner, narrow, ..)) if narrow <= width || inner.is_test() => a,
            (UnaryOp::Mask, Term::Unary(..) | Term::Binary(..)) if width <= MOST_LOW_BITS => {
                match self.low_bits(a, width, DEPTH) {
                    Some(bits) => self.constant(Value::Int(bits)),
                    None => self.add(Term::Unary(op, width, a)),
                }
            }
            _ => self.add(Term::Unary(op, width, a)),
        }
    }

    /// The `width` bits of a term from bit `low` on. What was put together out of parts is taken apart again.
    pub fn extract(&mut self, a: TermId, low: u8, width: u8) -> TermId {
        let mut at = (a, low);
        // Parts are few: an access has at most 16 bytes.
        for _ in 0..2 * MAX_PARTS {
            let (term, low) = at;
            let Some(end) = low.checked_add(width) else { break };
            at = match self.get(term) {
                Term::Unary(UnaryOp::Mask, whole, inner) if end <= whole => (inner, low),
                Term::Unary(UnaryOp::Extract(first), whole, inner) if end <= whole => {
                    (inner, low.saturating_add(first))
                }
                Term::Binary(BinaryOp::Or, whole, x, y) if end <= whole => {
                    let is_outside = |(first, last): (u8, u8)| last <= low || end <= first;
                    match (is_outside(self.occupied(x, 0)), is_outside(self.occupied(y, 0))) {
                        (true, _) => (y, low),
                        (_, true) => (x, low),
                        _ => break,
                    }
                }
                Term::Binary(BinaryOp::Shl, whole, x, by) if end <= whole => match self.get(by) {
                    Term::Const(Value::Int(by)) if by <= u128::from(low) => (x, low - by as u8),
                    _ => break,
                },
                _ => break,
            };
        }
        let (term, low) = at;
        match self.occupied(term, 0) {
            (0, last) if low == 0 && last <= width && !matches!(self.get(term), Term::Const(_)) => term,
            (_, last) if last <= low && !matches!(self.get(term), Term::Illegal) => {
                self.constant(Value::ZERO)
            }
            _ if low == 0 => self.unary(UnaryOp::Mask, width, term),
            _ => self.unary(UnaryOp::Extract(low), width, term),
        }
    }

    /// Outside of which bits a term is zero, if it is a number: the first that may be set, and the end.
    fn occupied(&self, id: TermId, depth: usize) -> (u8, u8) {
        match self.get(id) {
            Term::Const(Value::Int(bits)) => (0, (128 - bits.leading_zeros()) as u8),
            Term::Var { width, .. } | Term::Unary(UnaryOp::Mask | UnaryOp::Extract(_), width, _) => {
                (0, width)
            }
            Term::Binary(op, ..) if op.is_test() => (0, 1),
            Term::Binary(BinaryOp::Shl, width, x, by) if depth < MAX_PARTS => match self.get(by) {
                Term::Const(Value::Int(by)) if by < u128::from(width) => {
                    let (first, last) = self.occupied(x, depth + 1);
                    (first + by as u8, width.min(last.saturating_add(by as u8)))
                }
                _ => (0, width),
            },
            Term::Binary(BinaryOp::Or, width, x, y) if depth < MAX_PARTS => {
                let ((a, b), (c, d)) = (self.occupied(x, depth + 1), self.occupied(y, depth + 1));
                (a.min(c), width.min(b.max(d)))
            }
            Term::Binary(_, width, ..) => (0, width),
            _ => (0, 128),
        }
    }

    /// An operation on two terms, simplified. The simplifications decide which cyclic systems of equations
    /// have a solution, so they are those of herd7: `x ^ x`, `x − x`, `x & 0`, and the neutral elements.
    pub fn binary(&mut self, op: BinaryOp, width: u8, a: TermId, b: TermId) -> TermId {
        use BinaryOp::*;
        let (a, b) = (self.without_rest(a, width), self.without_rest(b, width));
        let (ta, tb) = (self.get(a), self.get(b));
        if let (Term::Const(x), Term::Const(y)) = (ta, tb) {
            return match op.apply(width, x, y) {
                // Low bits of addresses are known, and may be all that is wanted of the result.
                Err(_) if matches!(op, Shl | And | AndNot | Or) => self.add(Term::Binary(op, width, a, b)),
                result => self.result(result),
            };
        }
        if let (And, Term::Const(Value::Int(mask))) = (op, tb)
            && mask < 1 << MOST_LOW_BITS
            && let Some(bits) = self.low_bits(a, MOST_LOW_BITS.min(128 - mask.leading_zeros() as u8), DEPTH)
        {
            return self.constant(Value::Int(bits & mask));
        }
        let zero = Term::Const(Value::ZERO);
        match op {
            _ if ta == Term::Illegal => a,
            _ if tb == Term::Illegal => b,
            Xor | Sub | Ne if a == b => self.constant(Value::ZERO),
            Eq if a == b => self.constant(Value::ONE),
            And | Mul if ta == zero || tb == zero => self.constant(Value::ZERO),
            Add | Or | Xor if ta == zero => self.unary(UnaryOp::Mask, width, b),
            Add | Sub | Or | Xor | Shl | ShrLogical | ShrArithmetic | AndNot if tb == zero => {
                self.unary(UnaryOp::Mask, width, a)
            }
            And | Or if a == b => self.unary(UnaryOp::Mask, width, a),
            _ => self.add(Term::Binary(op, width, a, b)),
        }
    }

    /// What an operation of few bits sees of a register whose low part was written: that part.
    fn without_rest(&self, id: TermId, bits: u8) -> TermId {
        if bits > MOST_LOW_BITS {
            return id;
        }
        match self.get(id) {
            Term::Binary(BinaryOp::Or, width, a, b) if bits <= width => {
                let is_zero = |term: TermId| self.low_bits(term, bits, DEPTH) == Some(0);
                if is_zero(a) {
                    b
                } else if is_zero(b) {
                    a
                } else {
                    id
                }
            }
            Term::Unary(UnaryOp::Mask, width, inner) if bits < width => {
                let seen = self.without_rest(inner, bits);
                if seen == inner { id } else { seen }
            }
            _ => id,
        }
    }

    /// The low bits of a term that has no value but for them, such as a part of an address.
    fn low_bits(&self, id: TermId, bits: u8, depth: u8) -> Option<u128> {
        let part = |value: u128| value & mask(bits);
        let depth = depth.checked_sub(1)?;
        match self.get(id) {
            Term::Const(Value::Int(value)) => Some(part(value)),
            Term::Const(Value::Addr { offset, .. }) => (bits <= ALIGNED_BITS).then(|| part(offset as u128)),
            Term::Unary(UnaryOp::Mask | UnaryOp::SignExtend, width, a) if bits <= width => {
                self.low_bits(a, bits, depth)
            }
            Term::Binary(op, width, a, b) if bits <= width => {
                self.low_bits_of(op, [a, b], bits, depth).map(part)
            }
            _ => None,
        }
    }

    fn low_bits_of(&self, op: BinaryOp, [a, b]: [TermId; 2], bits: u8, depth: u8) -> Option<u128> {
        let low = |term: TermId| self.low_bits(term, bits, depth);
        match op {
            BinaryOp::Shl => {
                let Some(Value::Int(distance)) = self.known(b) else { return None };
                let distance = u8::try_from(distance).ok().filter(|distance| *distance < bits)?;
                Some(self.low_bits(a, bits - distance, depth)? << distance)
            }
            BinaryOp::And => match (low(a), low(b)) {
                (Some(0), _) | (_, Some(0)) => Some(0),
                (a, b) => Some(a? & b?),
            },
            BinaryOp::Or => Some(low(a)? | low(b)?),
            BinaryOp::AndNot => Some(low(a)? & !low(b)?),
            _ => None,
        }
    }

    /// The second if the first is true, else the third; simplified.
    pub fn if_then_else(&mut self, cond: TermId, then: TermId, otherwise: TermId) -> TermId {
        match self.get(cond) {
            Term::Const(value) if value.is_true() => then,
            Term::Const(_) => otherwise,
            Term::Illegal => cond,
            _ if then == otherwise => then,
            _ => self.add(Term::IfThenElse(cond, then, otherwise)),
        }
    }

    /// The value of a term, given what reads return. `None` while it needs a read that is not known yet.
    ///
    /// # Errors
    /// When an operation has no result on its operands.
    pub fn eval(&self, id: TermId, vars: &impl Fn(VarId) -> Option<Value>) -> Result<Option<Value>, OpError> {
        Ok(match self.get(id) {
            Term::Const(value) => Some(value),
            Term::Var { var, width } => vars(var).map(|value| value.masked(width)),
            Term::Illegal => return Err(OpError),
            Term::Unary(op, width, a) => match self.eval(a, vars)? {
                Some(a) => Some(op.apply(width, a)?),
                None => None,
            },
            Term::Binary(op, width, a, b) => match (self.eval(a, vars)?, self.eval(b, vars)?) {
                (Some(a), Some(b)) => Some(op.apply(width, a, b)?),
                _ => None,
            },
            Term::IfThenElse(cond, then, otherwise) => match self.eval(cond, vars)? {
                Some(cond) => self.eval(if cond.is_true() { then } else { otherwise }, vars)?,
                None => None,
            },
        })
    }
}

impl BinaryOp {
    /// Whether the result is a truth value.
    pub(crate) fn is_test(self) -> bool {
        use BinaryOp::*;
        matches!(self, Eq | Ne | LtUnsigned | LeUnsigned | LtSigned | LeSigned)
    }
}
