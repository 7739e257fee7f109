//! Values that are not known yet: terms over the values that reads return.

use crate::value::{BinaryOp, OpError, UnaryOp, Value};
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

    /// An operation on one term, simplified.
    pub fn unary(&mut self, op: UnaryOp, width: u8, a: TermId) -> TermId {
        match (op, self.get(a)) {
            (_, Term::Illegal) => a,
            (_, Term::Const(value)) => self.result(op.apply(width, value)),
            (UnaryOp::Mask, Term::Var { width: narrow, .. }) if narrow <= width => a,
            (UnaryOp::Mask, Term::Unary(UnaryOp::Mask, narrow, _)) if narrow <= width => a,
            (UnaryOp::Mask, Term::Binary(inner, narrow, ..)) if narrow <= width || inner.is_test() => a,
            _ => self.add(Term::Unary(op, width, a)),
        }
    }

    /// An operation on two terms, simplified. The simplifications decide which cyclic systems of equations
    /// have a solution, so they are those of herd7: `x ^ x`, `x − x`, `x & 0`, and the neutral elements.
    pub fn binary(&mut self, op: BinaryOp, width: u8, a: TermId, b: TermId) -> TermId {
        use BinaryOp::*;
        let (ta, tb) = (self.get(a), self.get(b));
        if let (Term::Const(x), Term::Const(y)) = (ta, tb) {
            return self.result(op.apply(width, x, y));
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
    fn is_test(self) -> bool {
        use BinaryOp::*;
        matches!(self, Eq | Ne | LtUnsigned | LeUnsigned | LtSigned | LeSigned)
    }
}
