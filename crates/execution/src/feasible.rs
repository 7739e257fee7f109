//! Which ways through a thread can't be gone, whatever its reads return.
//!
//! Terms are compared as they are written, so a way may ask for the same in two forms: a compare-and-swap that succeeds,
//! and a branch that is taken if it fails. Here equations are used to rewrite the other constraints.

use crate::term::{Term, TermId, Terms};
use crate::value::{BinaryOp, Value};
use rustc_hash::FxHashMap;

/// How often equations are sought in rewritten constraints.
const ROUNDS: usize = 4;

/// Whether constraints contradict each other. If it says no, they may still do.
pub(crate) fn contradict(terms: &mut Terms, constraints: &[(TermId, bool)]) -> bool {
    let mut constraints = constraints.to_vec();
    for _ in 0..ROUNDS {
        let equal = equations(terms, &constraints);
        if equal.is_empty() {
            return false;
        }
        let mut rewriter = Rewriter { terms, equal, done: FxHashMap::default() };
        for (term, is) in &mut constraints {
            let new = rewriter.rewrite(*term);
            match rewriter.terms.get(new) {
                Term::Const(value) if value.is_true() != *is => return true,
                _ => *term = new,
            }
        }
    }
    false
}

/// Reads that return what simpler terms are.
fn equations(terms: &mut Terms, constraints: &[(TermId, bool)]) -> FxHashMap<TermId, TermId> {
    let zero = terms.constant(Value::ZERO);
    let mut equal = FxHashMap::default();
    for (term, is) in constraints {
        let (width, a, b) = match (terms.get(*term), is) {
            (Term::Var { width, .. }, false) => (width, *term, zero),
            (Term::Binary(BinaryOp::Eq, width, a, b), true)
            | (Term::Binary(BinaryOp::Ne, width, a, b), false) => (width, a, b),
            _ => continue,
        };
        for (read, simple) in [(a, b), (b, a)] {
            let is_read = matches!(terms.get(read), Term::Var { .. });
            // Terms are made of terms with smaller numbers, so nothing is put into itself.
            let is_simple = simple < read || matches!(terms.get(simple), Term::Const(_));
            if is_read && is_simple && fits(terms, read, width) && fits(terms, simple, width) {
                equal.entry(read).or_insert(simple);
            }
        }
    }
    equal
}

/// Whether the low `width` bits are all there is of a term.
fn fits(terms: &Terms, term: TermId, width: u8) -> bool {
    match terms.get(term) {
        Term::Const(Value::Int(number)) => width >= 128 || number >> width == 0,
        Term::Const(_) => true,
        Term::Var { width: own, .. } | Term::Unary(_, own, _) | Term::Binary(_, own, ..) => own <= width,
        Term::IfThenElse(..) | Term::Illegal => false,
    }
}

struct Rewriter<'t> {
    terms: &'t mut Terms,
    equal: FxHashMap<TermId, TermId>,
    done: FxHashMap<TermId, TermId>,
}

impl Rewriter<'_> {
    /// The term with equals put for equals. Terms can be deep: no recursion.
    fn rewrite(&mut self, root: TermId) -> TermId {
        let mut todo = vec![root];
        while let Some(term) = todo.last().copied() {
            let inner = self.inner(term);
            let missing = inner.into_iter().flatten().filter(|inner| !self.done.contains_key(inner));
            let before = todo.len();
            todo.extend(missing);
            if todo.len() == before {
                todo.pop();
                if !self.done.contains_key(&term) {
                    let new = self.rebuild(term);
                    self.done.insert(term, new);
                }
            }
        }
        self.done[&root]
    }

    /// What the rewritten term is made of.
    fn inner(&self, term: TermId) -> [Option<TermId>; 3] {
        if let Some(simple) = self.equal.get(&term) {
            return [Some(*simple), None, None];
        }
        match self.terms.get(term) {
            Term::Const(_) | Term::Var { .. } | Term::Illegal => [None; 3],
            Term::Unary(_, _, a) => [Some(a), None, None],
            Term::Binary(_, _, a, b) => [Some(a), Some(b), None],
            Term::IfThenElse(a, b, c) => [Some(a), Some(b), Some(c)],
        }
    }

    fn rebuild(&mut self, term: TermId) -> TermId {
        let new = |term: &TermId| self.done.get(term).copied().unwrap_or(*term);
        if let Some(simple) = self.equal.get(&term) {
            return new(simple);
        }
        match self.terms.get(term) {
            Term::Const(_) | Term::Var { .. } | Term::Illegal => term,
            Term::Unary(op, width, a) => {
                let a = new(&a);
                self.terms.unary(op, width, a)
            }
            Term::Binary(op, width, a, b) => {
                let (a, b) = (new(&a), new(&b));
                self.terms.binary(op, width, a, b)
            }
            Term::IfThenElse(a, b, c) => {
                let [a, b, c] = [&a, &b, &c].map(new);
                self.terms.if_then_else(a, b, c)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::VarId;

    #[test]
    fn the_same_question_in_another_form_is_seen() {
        let mut terms = Terms::new();
        let [x, y, z] = [0, 1, 2].map(|var| terms.var(VarId(var), 32));
        let same = terms.binary(BinaryOp::Eq, 32, y, x);
        let difference = terms.binary(BinaryOp::Sub, 32, y, x);
        let (two, three) = (terms.constant(Value::Int(2)), terms.constant(Value::Int(3)));
        assert!(contradict(&mut terms, &[(difference, true), (same, true)]));
        assert!(!contradict(&mut terms, &[(difference, false), (same, true)]));
        assert!(!contradict(&mut terms, &[(difference, true), (same, false)]));
        // Through several equations.
        let [x_is_z, z_is_two] = [(z, x), (z, two)].map(|(a, b)| terms.binary(BinaryOp::Eq, 32, a, b));
        let y_is_three = terms.binary(BinaryOp::Eq, 32, y, three);
        let all = [(y_is_three, true), (same, true), (x_is_z, true), (z_is_two, true)];
        assert!(contradict(&mut terms, &all));
        assert!(!contradict(&mut terms, &all[1..]));
        // A comparison of low bits says nothing about the others.
        let low = terms.binary(BinaryOp::Eq, 8, y, x);
        assert!(!contradict(&mut terms, &[(difference, true), (low, true)]));
        assert!(contradict(&mut terms, &[(x, false), (x_is_z, true), (z_is_two, true)]));
    }
}
