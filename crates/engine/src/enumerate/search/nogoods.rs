//! What is learned from choices that failed.
//!
//! A *nogood* is a set of pairs that no execution has together: pairs of `rf`, of an order, or of another choice. A
//! choice that makes one complete is taken back without asking for bounds.

use super::super::machine::{Input, Literal};
use super::Search;
use super::choices::Other;
use relation::kernel as k;

/// How many nogoods are kept. What is learned first is about the choices that are made first.
const MAX_NOGOODS: usize = 256;

/// Nogoods, one behind the other.
#[derive(Debug, Default)]
pub(super) struct Nogoods {
    literals: Vec<Literal>,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Nogoods {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    fn add(&mut self, reason: &[Literal]) {
        self.literals.extend_from_slice(reason);
        self.ends.push(self.literals.len());
    }

    /// Forgets all but the first ones.
    pub(super) fn truncate(&mut self, len: usize) {
        self.ends.truncate(len);
        self.literals.truncate(self.ends.last().copied().unwrap_or(0));
    }

    fn iter(&self) -> impl Iterator<Item = &[Literal]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.literals[start..*end])
    }
}

impl Search<'_, '_> {
    /// Takes note of why a requirement has just failed.
    pub(super) fn learn(&mut self) {
        if self.guide().nogoods.len() >= MAX_NOGOODS {
            return;
        }
        let Some(mut reason) = self.machine.reason(&self.compiled.plan) else { return };
        // What always holds need not be said.
        reason.retain(|literal| !self.always_holds(literal));
        self.guide().nogoods.add(&reason);
    }

    pub(super) fn nogoods_known(&self) -> usize {
        self.guided.as_ref().map_or(0, |guide| guide.nogoods.len())
    }

    /// Whether what was learned since there were so many nogoods says that what is chosen by now is in no execution.
    pub(super) fn was_refuted(&self, known: usize) -> bool {
        self.nogoods_known() > known && self.is_nogood()
    }

    /// Whether what is chosen by now is known to be in no execution.
    pub(super) fn is_nogood(&self) -> bool {
        let Some(guide) = &self.guided else { return false };
        guide.nogoods.iter().any(|reason| reason.iter().all(|literal| self.holds(literal)))
    }

    fn holds(&self, literal: &Literal) -> bool {
        let (from, to) = (literal.from as usize, literal.to as usize);
        let Some(guide) = &self.guided else { return false };
        let chosen = match literal.input {
            Input::Rf => &guide.rf,
            Input::Co => self.order(None),
            Input::Choice(number) => match self.choices.others.get(number as usize) {
                Some(Other::Orders(_)) => self.order(Some(number as usize)),
                Some(Other::Pairs(_)) => &guide.pairs[number as usize],
                _ => return false,
            },
            Input::FinalWrites | Input::DifferentValues => return false,
        };
        k::has_pair(self.shape, chosen, from, to)
    }

    fn always_holds(&self, literal: &Literal) -> bool {
        let (from, to) = (literal.from as usize, literal.to as usize);
        let order = match literal.input {
            Input::Co => self.workspace.orders.level(self.shape, 0),
            Input::Choice(number) => match self.choices.others.get(number as usize) {
                Some(Other::Orders(_)) => self.workspace.others[number as usize].level(self.shape, 0),
                _ => return false,
            },
            _ => return false,
        };
        k::has_pair(self.shape, order, from, to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(from: u32, to: u32) -> Literal {
        Literal { input: Input::Co, from, to }
    }

    #[test]
    fn nogoods_are_kept_in_order_and_forgotten_from_the_end() {
        let mut nogoods = Nogoods::default();
        nogoods.add(&[pair(0, 1), pair(2, 3)]);
        nogoods.add(&[]);
        nogoods.add(&[pair(4, 5)]);
        let all: Vec<&[Literal]> = nogoods.iter().collect();
        assert_eq!(all, [&[pair(0, 1), pair(2, 3)][..], &[], &[pair(4, 5)]]);
        nogoods.truncate(2);
        nogoods.add(&[pair(6, 7)]);
        let all: Vec<&[Literal]> = nogoods.iter().collect();
        assert_eq!(all, [&[pair(0, 1), pair(2, 3)][..], &[], &[pair(6, 7)]]);
        nogoods.truncate(0);
        assert_eq!(nogoods.iter().count(), 0);
    }
}
