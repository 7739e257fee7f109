//! Why a pair is in a relation, or is not, as literals of what was chosen.
//!
//! Every operation has a reason for what it holds in what its operands hold: of several, one that needs few choices is
//! taken. What holds whatever is chosen needs none. A recursive definition holds a pair because of what it held some
//! steps before; it does not hold a pair because nothing it is made from does, the definition itself included.

use super::algebra::{Algebra, Bits, FixStep, Pair, Values, has};
use super::encoding::Encoding;
use super::sat::Lit;
use cat::ast::Test;
use cat::plan::{FixId, Node, NodeId, Sort};
use execution::EventId;
use relation::kernel as k;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;

/// How many circles are forbidden at once, and from how many events they are sought.
const CIRCLES: usize = 12;
const STARTS: usize = 64;

/// Something to give a reason for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Goal {
    node: NodeId,
    i: usize,
    j: usize,
    /// Whether it is that the pair is there.
    present: bool,
    /// The step of the fixpoint inside of which it is, if that matters.
    step: usize,
}

/// No step.
const OUTSIDE: usize = usize::MAX;

/// Gives reasons for the values of one model of the solver.
pub(super) struct Explainer<'a, 'p> {
    pub(super) algebra: &'a Algebra<'a>,
    pub(super) encoding: &'a Encoding<'p>,
    /// The literals of base relations, by pair.
    pub(super) holds: &'a dyn Fn(Lit) -> bool,
    pub(super) bounds: &'a Values,
    /// The bounds of the nodes inside of fixpoints are there, too.
    pub(super) now: &'a Values,
    pub(super) steps: &'a FxHashMap<FixId, Vec<FixStep>>,
}

impl Explainer<'_, '_> {
    /// Reasons, each enough, why a test comes out as it does.
    pub(super) fn test(&self, test: Test, node: NodeId, holds: bool) -> Vec<Vec<Lit>> {
        let now = self.value(node, OUTSIDE);
        let sort = self.sort(node);
        let there = |i, j| Goal { node, i, j, present: true, step: OUTSIDE };
        let mut reasons: Vec<Vec<Lit>> = match (test, holds) {
            (Test::Empty, false) => self
                .some(&now, sort)
                .into_iter()
                .take(CIRCLES)
                .map(|(i, j)| self.reason(vec![there(i, j)]))
                .collect(),
            (Test::Irreflexive, false) => {
                let own = self.some(&now, sort).into_iter().filter(|(i, j)| i == j).take(CIRCLES);
                own.map(|(i, j)| self.reason(vec![there(i, j)])).collect()
            }
            (Test::Acyclic, false) => self.circles(node, &now),
            (_, true) => {
                let upper = self.bounds[node.index()].clone().unwrap_or_default().upper;
                let missing = self.some(&upper, sort).into_iter();
                let missing = missing.filter(|(i, j)| !has(self.algebra.shape, sort, &now, *i, *j));
                let matters = |(i, j): &(usize, usize)| test != Test::Irreflexive || i == j;
                let goals = missing.filter(matters).map(|(i, j)| Goal { present: false, ..there(i, j) });
                vec![self.reason(goals.collect())]
            }
        };
        reasons.sort_by_key(Vec::len);
        reasons
    }

    /// Why a pair is in a relation.
    pub(super) fn pair(&self, node: NodeId, i: usize, j: usize) -> Vec<Lit> {
        self.reason(vec![Goal { node, i, j, present: true, step: OUTSIDE }])
    }

    /// The pairs of a relation, or the elements of a set.
    fn some(&self, value: &Bits, sort: Sort) -> Vec<(usize, usize)> {
        let Some(words) = value else { return Vec::new() };
        match sort {
            Sort::Set => k::elements(words).map(|i| (i, i)).collect(),
            Sort::Relation => {
                let shape = self.algebra.shape;
                (0..shape.n).flat_map(|i| k::elements(k::row(shape, words, i)).map(move |j| (i, j))).collect()
            }
        }
    }

    fn sort(&self, node: NodeId) -> Sort {
        self.algebra.plan.sorts[node.index()]
    }

    /// The value of a node in a step of a fixpoint.
    fn value(&self, node: NodeId, step: usize) -> Bits {
        if step != OUTSIDE
            && let Some(fix) = self.algebra.plan.inside[node.index()].first()
            && let Some(steps) = self.steps.get(fix)
        {
            if let Node::Var(_, binding) = self.algebra.plan.node(node) {
                let before = steps[..step].iter().rev().find(|before| before.binding == binding as usize);
                return before.and_then(|before| before.result.clone());
            }
            let inner = steps[step].inner.iter().find(|(known, _)| *known == node);
            return inner.and_then(|(_, value)| value.clone());
        }
        self.now[node.index()].as_ref().and_then(|pair| pair.lower.clone())
    }

    fn bound(&self, node: NodeId) -> Option<&Pair> {
        self.bounds[node.index()].as_ref()
    }

    /// Whether a pair is there whatever is chosen.
    fn is_certain(&self, node: NodeId, i: usize, j: usize) -> bool {
        let sort = self.sort(node);
        self.bound(node).is_some_and(|pair| has(self.algebra.shape, sort, &pair.lower, i, j))
    }

    /// Whether a pair may be there.
    fn is_possible(&self, node: NodeId, i: usize, j: usize) -> bool {
        let sort = self.sort(node);
        self.bound(node).is_none_or(|pair| has(self.algebra.shape, sort, &pair.upper, i, j))
    }

    fn has(&self, node: NodeId, step: usize, i: usize, j: usize) -> bool {
        has(self.algebra.shape, self.sort(node), &self.value(node, step), i, j)
    }

    /// Short circles of a relation, each explained.
    fn circles(&self, node: NodeId, now: &Bits) -> Vec<Vec<Lit>> {
        let Some(words) = now else { return Vec::new() };
        let shape = self.algebra.shape;
        let mut closed = words.to_vec();
        k::close(shape, &mut closed);
        let starts: Vec<usize> = (0..shape.n).filter(|i| k::has_pair(shape, &closed, *i, *i)).collect();
        let mut used = vec![false; shape.n];
        let mut result: Vec<Vec<Lit>> = Vec::new();
        for start in starts.into_iter().take(STARTS) {
            if used[start] || result.len() >= CIRCLES {
                continue;
            }
            let Some(way) = self.way(node, now, start, start) else { continue };
            way.iter().for_each(|(from, _)| used[*from] = true);
            let goals = way.iter().map(|(i, j)| Goal { node, i: *i, j: *j, present: true, step: OUTSIDE });
            result.push(self.reason(goals.collect()));
        }
        result
    }

    /// A way through a relation, of at least one step: the fewer steps that hang on choices, the better.
    fn way(&self, node: NodeId, value: &Bits, from: usize, to: usize) -> Option<Vec<(usize, usize)>> {
        let (words, shape) = (value.as_ref()?, self.algebra.shape);
        let certain = self.bound(node).and_then(|pair| pair.lower.as_ref());
        let mut parent = vec![usize::MAX; shape.n];
        let mut cost = vec![u32::MAX; shape.n];
        let mut done = vec![false; shape.n];
        let mut queue: VecDeque<(usize, u32)> = VecDeque::from([(from, 0)]);
        let mut is_start = true;
        while let Some((i, so_far)) = queue.pop_front() {
            if !is_start {
                if i == to {
                    break;
                }
                if std::mem::replace(&mut done[i], true) {
                    continue;
                }
            }
            is_start = false;
            for j in k::elements(k::row(shape, words, i)) {
                let free = certain.is_some_and(|certain| k::has_pair(shape, certain, i, j));
                let next = so_far + u32::from(!free);
                if next < cost[j] {
                    (cost[j], parent[j]) = (next, i);
                    if free {
                        queue.push_front((j, next));
                    } else {
                        queue.push_back((j, next));
                    }
                }
            }
        }
        let mut way = Vec::new();
        let mut at = to;
        loop {
            let before = *parent.get(at)?;
            if before == usize::MAX || way.len() > shape.n {
                return None;
            }
            way.push((before, at));
            at = before;
            if at == from {
                way.reverse();
                return Some(way);
            }
        }
    }

    /// Literals from which all the goals follow.
    fn reason(&self, goals: Vec<Goal>) -> Vec<Lit> {
        let mut seen: FxHashSet<Goal> = FxHashSet::default();
        let mut todo = goals;
        let mut literals = Vec::new();
        while let Some(goal) = todo.pop() {
            let Goal { node, i, j, present, .. } = goal;
            let settled = if present { self.is_certain(node, i, j) } else { !self.is_possible(node, i, j) };
            if settled || !seen.insert(goal) {
                continue;
            }
            if present {
                self.present(goal, &mut todo, &mut literals);
            } else {
                self.absent(goal, &mut todo, &mut literals);
            }
        }
        literals.sort_unstable();
        literals.dedup();
        literals
    }

    fn active(&self, i: usize) -> Lit {
        self.encoding.is_active(EventId(i as u32))
    }

    /// Why a pair is there.
    fn present(&self, goal: Goal, todo: &mut Vec<Goal>, literals: &mut Vec<Lit>) {
        let Goal { node, i, j, step, .. } = goal;
        let there = |node: NodeId, i: usize, j: usize| Goal { node, i, j, present: true, step };
        let cost = |node: NodeId, i: usize, j: usize| u32::from(!self.is_certain(node, i, j));
        match self.algebra.plan.node(node) {
            Node::Base(base) => {
                literals.extend([self.active(i), self.active(j)]);
                literals.extend(self.encoding.literals.get(&(base, i as u32, j as u32)));
            }
            Node::Full(_) | Node::Identity => literals.extend([self.active(i), self.active(j)]),
            Node::Empty(_) => {}
            Node::IdentityOn(a) => todo.push(there(a, i, i)),
            Node::Product(a, b) => todo.extend([there(a, i, i), there(b, j, j)]),
            Node::Union(a, b) => {
                let choices = [a, b].into_iter().filter(|part| self.has(*part, step, i, j));
                todo.extend(choices.min_by_key(|part| cost(*part, i, j)).map(|part| there(part, i, j)));
            }
            Node::Intersection(a, b) => todo.extend([there(a, i, j), there(b, i, j)]),
            Node::Difference(a, b) => {
                todo.push(there(a, i, j));
                todo.push(Goal { present: false, ..there(b, i, j) });
            }
            Node::Complement(a) => {
                literals.extend([self.active(i), self.active(j)]);
                todo.push(Goal { present: false, ..there(a, i, j) });
            }
            Node::Sequence(a, b) => {
                let (of_a, of_b) = (self.value(a, step), self.value(b, step));
                let shape = self.algebra.shape;
                let Some(of_a) = of_a else { return };
                let middles = k::elements(k::row(shape, &of_a, i));
                let middles = middles.filter(|m| has(shape, Sort::Relation, &of_b, *m, j));
                let best = middles.min_by_key(|m| cost(a, i, *m) + cost(b, *m, j));
                todo.extend(best.into_iter().flat_map(|m| [there(a, i, m), there(b, m, j)]));
            }
            Node::RestrictDomain(a, b) => todo.extend([there(a, i, i), there(b, i, j)]),
            Node::RestrictRange(a, b) => todo.extend([there(a, i, j), there(b, j, j)]),
            Node::Plus(a) => {
                let way = self.way(a, &self.value(a, step), i, j).unwrap_or_default();
                todo.extend(way.into_iter().map(|(from, to)| there(a, from, to)));
            }
            Node::Inverse(a) => todo.push(there(a, j, i)),
            Node::Domain(a) => {
                let of_a = self.value(a, step);
                let row = of_a.iter().flat_map(|of_a| k::elements(k::row(self.algebra.shape, of_a, i)));
                todo.extend(row.min_by_key(|j| cost(a, i, *j)).map(|j| there(a, i, j)));
            }
            Node::Range(a) => {
                let rows = (0..self.algebra.shape.n).filter(|from| self.has(a, step, *from, i));
                todo.extend(rows.min_by_key(|from| cost(a, *from, i)).map(|from| there(a, from, i)));
            }
            Node::Var(fix, binding) | Node::Fix(fix, binding) => {
                let before = self.steps.get(&fix).into_iter().flatten().enumerate();
                let sort = self.sort(node);
                let first = before
                    .filter(|(_, known)| known.binding == binding as usize)
                    .find(|(_, known)| has(self.algebra.shape, sort, &known.result, i, j));
                let body = self.algebra.plan.fixes[fix.0 as usize].bodies[binding as usize];
                todo.extend(first.map(|(step, _)| Goal { node: body, i, j, present: true, step }));
            }
        }
    }

    /// Why a pair is not there, in the end.
    fn absent(&self, goal: Goal, todo: &mut Vec<Goal>, literals: &mut Vec<Lit>) {
        let Goal { node, i, j, .. } = goal;
        let step = OUTSIDE;
        let not = |node: NodeId, i: usize, j: usize| Goal { node, i, j, present: false, step };
        let shape = self.algebra.shape;
        match self.algebra.plan.node(node) {
            Node::Base(base) => {
                let own = self.encoding.literals.get(&(base, i as u32, j as u32)).copied();
                self.one_false(own.into_iter().chain([self.active(i), self.active(j)]), literals);
            }
            Node::Full(_) | Node::Identity if i == j || self.sort(node) == Sort::Relation => {
                self.one_false([self.active(i), self.active(j)], literals);
            }
            Node::Full(_) | Node::Identity | Node::Empty(_) => {}
            Node::IdentityOn(a) => todo.extend((i == j).then(|| not(a, i, i))),
            Node::Product(a, b) => todo.extend(self.one_absent([(a, i, i), (b, j, j)])),
            Node::Union(a, b) => todo.extend([not(a, i, j), not(b, i, j)]),
            Node::Intersection(a, b) => todo.extend(self.one_absent([(a, i, j), (b, i, j)])),
            Node::Difference(a, b) => match self.has(a, step, i, j) {
                true => todo.push(Goal { present: true, ..not(b, i, j) }),
                false => todo.push(not(a, i, j)),
            },
            Node::Complement(a) => match self.has(a, step, i, j) {
                true => todo.push(Goal { present: true, ..not(a, i, j) }),
                false => self.one_false([self.active(i), self.active(j)], literals),
            },
            Node::Sequence(a, b) => {
                let middles =
                    (0..shape.n).filter(|m| self.is_possible(a, i, *m) && self.is_possible(b, *m, j));
                todo.extend(middles.filter_map(|m| self.one_absent([(a, i, m), (b, m, j)])));
            }
            Node::RestrictDomain(a, b) => todo.extend(self.one_absent([(a, i, i), (b, i, j)])),
            Node::RestrictRange(a, b) => todo.extend(self.one_absent([(a, i, j), (b, j, j)])),
            Node::Plus(a) => {
                let of_a = self.value(a, step);
                let mut reached = vec![false; shape.n];
                let mut stack = vec![i];
                let mut from = vec![i];
                while let Some(at) = stack.pop() {
                    let row = of_a.iter().flat_map(|of_a| k::elements(k::row(shape, of_a, at)));
                    for next in row {
                        if !std::mem::replace(&mut reached[next], true) {
                            stack.push(next);
                            from.push(next);
                        }
                    }
                }
                from.sort_unstable();
                from.dedup();
                for x in from {
                    let out = (0..shape.n).filter(|y| !reached[*y] && self.is_possible(a, x, *y));
                    let leads = |y: &usize| *y == j || self.is_possible(node, *y, j);
                    todo.extend(out.filter(leads).map(|y| not(a, x, y)));
                }
            }
            Node::Inverse(a) => todo.push(not(a, j, i)),
            Node::Domain(a) => {
                let may = (0..shape.n).filter(|to| self.is_possible(a, i, *to));
                todo.extend(may.map(|to| not(a, i, to)));
            }
            Node::Range(a) => {
                let may = (0..shape.n).filter(|from| self.is_possible(a, *from, i));
                todo.extend(may.map(|from| not(a, from, i)));
            }
            Node::Var(fix, binding) | Node::Fix(fix, binding) => {
                todo.push(not(self.algebra.plan.fixes[fix.0 as usize].bodies[binding as usize], i, j));
            }
        }
    }

    /// One of the literals that are false, negated.
    fn one_false(&self, all: impl IntoIterator<Item = Lit>, literals: &mut Vec<Lit>) {
        literals.extend(all.into_iter().find(|literal| !(self.holds)(*literal)).map(|literal| !literal));
    }

    /// One of the pairs that are absent: one that never is there, if there is one.
    fn one_absent(&self, pairs: [(NodeId, usize, usize); 2]) -> Option<Goal> {
        let absent = pairs.into_iter().filter(|(node, i, j)| !self.has(*node, OUTSIDE, *i, *j));
        let best = absent.min_by_key(|(node, i, j)| self.is_possible(*node, *i, *j));
        best.map(|(node, i, j)| Goal { node, i, j, present: false, step: OUTSIDE })
    }
}
